"""Tests of what a release consists of."""

import json
import zipfile
from pathlib import Path

import pytest

from scripts.lib.release import ARCHIVE, PACKAGE, ROOT, newest_section, problem, write_archive

VERSION = json.loads((PACKAGE / "manifest.json").read_text())["version"]


def test_the_manifest_and_the_change_log_name_the_same_version() -> None:
    version, notes = newest_section((ROOT / "CHANGELOG.md").read_text())
    assert problem(f"v{version}", VERSION, version) is None
    assert notes
    assert "\n## " not in notes


@pytest.mark.parametrize(
    ("tag", "manifest", "changelog", "says"),
    [
        ("v1.0.0", "0.9.0", "0.9.0", "v0.9.0"),
        ("0.9.0", "0.9.0", "0.9.0", "v0.9.0"),
        ("v0.9.0", "0.9.0", "0.8.0", "0.8.0"),
    ],
)
def test_a_release_whose_versions_differ_is_not_built(tag: str, manifest: str, changelog: str, says: str) -> None:
    reason = problem(tag, manifest, changelog)
    assert reason is not None
    assert says in reason


def test_the_archive_holds_the_integration_at_its_top_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_archive(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as archive:
        names = archive.namelist()
        assert json.loads(archive.read("manifest.json"))["version"] == VERSION
    assert {"__init__.py", "translations/en.json", "dashboard/www/retrowalk.js", "brand/icon.png"} <= set(names)
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_marketplace_looks_for_the_archive_that_is_built() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert (hacs["zip_release"], hacs["filename"]) == (True, ARCHIVE)
    assert ARCHIVE in (ROOT / ".github" / "workflows" / "release.yml").read_text()
