"""Names of walkers and programs in the names of files: they stay within their folder, and are files on any disk."""

import re
from pathlib import Path

import pytest

from tests.support.action_calls import Actions

HOSTILE = {
    "up": "../../etc/passwd",
    "root": "/etc/passwd",
    "backslash": "..\\..\\windows\\x",
    "drive": "C:x",
    "stream": "x.xml:y",
    "wildcard": '*?"<>|',
    "dots": "..",
    "hidden": ".storage",
    "home": "~root",
    "variable": "$HOME `id` $(id) ; rm -rf",
    "lines": "a\r\nX-Set: 1",
    "backward": "a\u202efdp.exe",
    "picture": "\N{RUNNER}",
    "device": "CON",
    "numbered_device": "lpt1",
    "long": "x" * 100,
}


@pytest.fixture
async def media(actions: Actions, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    actions.hass.config.allowlist_external_dirs = {str(folder)}
    await actions.set_up(connected=False)
    await actions.store_session("bert", note="of Bert")
    return folder


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_name_is_a_harmless_file_within_the_folder(
    actions: Actions, media: Path, tmp_path: Path, name: str
) -> None:
    house = actions.house
    actions.hass.config_entries.async_update_subentry(house.entry, house.entry.subentries["bert"], title=name)
    await house.settle()
    before = {*tmp_path.iterdir()}
    written = [await actions.call("create_report", of="bert", path=f"{media}/")]
    written.append(await actions.call("export_history", of="bert", path=f"{media}/"))
    written.append(await actions.call("export_session", of="bert", path=f"{media}/"))
    await actions.call("save_program", name=name, steps=[{"minutes": 5, "speed": 1}])
    written.append(await actions.call("export_program", program=name, path=f"{media}/"))
    for answer in written:
        path = Path(answer["path"])
        assert path.parent == media
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*\.(html|csv|fit|xml)", path.name), path.name
        assert not re.fullmatch(r"con|prn|aux|nul|(com|lpt)\d", path.stem), path.name
    assert {*tmp_path.iterdir()} == before
    assert len([*media.iterdir()]) == len(written)


async def test_a_name_of_any_length_can_be_exported(actions: Actions, media: Path) -> None:
    house = actions.house
    actions.hass.config_entries.async_update_subentry(house.entry, house.entry.subentries["bert"], title="x" * 5000)
    await house.settle()
    answer = await actions.call("create_report", of="bert", path=f"{media}/")
    assert Path(answer["path"]).is_file()
