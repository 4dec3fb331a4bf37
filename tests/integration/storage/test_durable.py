"""Files that are appended to, or put in the place of older ones: a full disk leaves what was there."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from custom_components.retrowalk.storage.durable import append_to_file, replace_file
from tests.support.disk import Disk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.mark.parametrize("write", [append_to_file, replace_file])
@pytest.mark.parametrize("before", [None, b"before"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, disk: Disk, write: Callable[[Path, bytes], None], before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    disk.full = True
    with pytest.raises(OSError, match="no space"):
        write(path, b"after")
    assert (path.read_bytes() if path.exists() else b"") == (before or b"")
    assert {each.name for each in tmp_path.iterdir()} <= {"file"}


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    path, content = tmp_path / "file", b"x" * 300_000
    replace_file(path, b"older")
    replace_file(path, content)
    append_to_file(path, b"more")
    append_to_file(tmp_path / "new", content)
    assert path.read_bytes() == content + b"more"
    assert (tmp_path / "new").read_bytes() == content
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
    assert {each.name for each in tmp_path.iterdir()} == {"file", "new"}
