"""The store of sessions: on a real disk, through restarts, upgrades, damage and full disks."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import atomicwrites
import pytest
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers import storage
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import mock_storage

from custom_components.retrowalk.storage.journal import Journal
from custom_components.retrowalk.walkers.store import SessionStore
from tests.support.stored_history import ENTRY, KEY, files, kept, session, start, write

JOURNAL = f"retrowalk.{ENTRY}.journal"

write_as_home_assistant_does = storage.write_utf8_file_atomic


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: these tests use a real disk."""
    return {}


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    path = Path(hass.config.path(".storage"))
    path.mkdir(exist_ok=True)
    return path


async def test_sessions_survive_a_restart(hass: HomeAssistant, folder: Path) -> None:
    store, history = await start(hass)
    assert len(history) == 0
    assert files(folder) == {}  # loading writes nothing
    records = [session("A", 2024), session("B", 2026), session("C", 2026, walker=None)]
    for record in records:
        await store.async_add(record)
    assert list(history) == records
    assert set(files(folder)) == {KEY, f"{KEY}.2024", f"{KEY}.2026"}
    store, history = await start(hass)
    assert list(history) == records
    assert store.unreadable_years == ()


async def test_a_change_writes_no_year_but_its_own(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2024), session("B", 2025), session("C", 2025)):
        await store.async_add(record)
    for change in (
        store.async_add(session("D", 2025)),
        store.async_replace(session("B", 2025, note="corrected")),
        store.async_remove("C"),
    ):
        before = files(folder)
        times = {name: (folder / name).stat().st_mtime_ns for name in before}
        await change
        after = files(folder)
        assert {name for name in after if after[name] != before.get(name)} == {f"{KEY}.2025"}
        assert {name for name in times if (folder / name).stat().st_mtime_ns != times[name]} == {f"{KEY}.2025"}
    assert await kept(hass) == {"A", "B", "D"}


async def test_replacing_and_removing_return_what_was(hass: HomeAssistant) -> None:
    store, history = await start(hass)
    await store.async_add(session("A"))
    corrected = session("A", walker="ben", note=None)
    assert await store.async_replace(corrected) == session("A")
    assert history.get("A") == corrected
    assert list((await start(hass))[1]) == [corrected]
    assert await store.async_remove("A") == corrected
    assert await kept(hass) == set()


async def test_a_session_can_move_to_another_year(hass: HomeAssistant) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2025), session("B", 2025)):
        await store.async_add(record)
    await store.async_replace(session("A", 2026))
    await store.async_remove("B")
    assert list((await start(hass))[1]) == [session("A", 2026)]


async def test_a_year_is_that_of_utc(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    await store.async_add(session("A", started=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)))
    assert f"{KEY}.2026" in files(folder)


async def test_impossible_changes_change_nothing(hass: HomeAssistant, folder: Path) -> None:
    store = SessionStore(hass, ENTRY)
    with pytest.raises(RuntimeError, match="before they are loaded"):
        await store.async_add(session("A"))
    await store.async_load()
    await store.async_add(session("A"))
    before = files(folder)
    with pytest.raises(ValueError, match="already"):
        await store.async_add(session("A", 2025))
    with pytest.raises(KeyError):
        await store.async_replace(session("B"))
    with pytest.raises(KeyError):
        await store.async_remove("B")
    assert files(folder) == before


async def test_changes_at_the_same_time_are_all_kept(hass: HomeAssistant) -> None:
    store, history = await start(hass)
    await asyncio.gather(*(store.async_add(session(f"{number:02}")) for number in range(20)))
    assert len(history) == 20
    assert len(await kept(hass)) == 20


async def test_a_change_is_carried_through_when_nobody_waits_for_it(hass: HomeAssistant) -> None:
    store, history = await start(hass)
    async with store._lock:  # so that it cannot be written before its caller is gone
        waiting = hass.async_create_task(store.async_add(session("A")))
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await store.async_add(session("B"))
    assert {record.id for record in history} == {"A", "B"} == await kept(hass)


# A disk that loses data


def fail(*_: object, **__: object) -> None:
    raise WriteError("No space left on device")


def write_nothing(*_: object, **__: object) -> None:
    """Report success, and write nothing."""


def tear(path: str, data: bytes, *others: Any, **more: Any) -> None:
    write_as_home_assistant_does(path, data[: len(data) // 2], *others, **more)


def mangle(path: str, data: bytes, *others: Any, **more: Any) -> None:
    data = data.replace(b"300.25", b"300.24").replace(b'"sessions": []', b'"sessions": [5]')
    write_as_home_assistant_does(path, data, *others, **more)


def refuse(*_: object, **__: object) -> None:
    raise PermissionError


@pytest.mark.parametrize("writes", [fail, write_nothing, tear, mangle, refuse])
@pytest.mark.parametrize("kind", ["add", "replace", "remove"])
async def test_what_is_not_on_disk_is_said_and_changes_nothing(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, writes: Callable[..., None], kind: str
) -> None:
    store, history = await start(hass)
    await store.async_add(session("A"))

    def change(store: SessionStore) -> Any:
        if kind == "add":
            return store.async_add(session("B"))
        return store.async_replace(session("A", note="new")) if kind == "replace" else store.async_remove("A")

    with monkeypatch.context() as disk:
        disk.setattr(storage, "write_utf8_file_atomic", writes)
        with pytest.raises(HomeAssistantError) as raised:
            await change(store)
    assert (raised.value.translation_domain, raised.value.translation_key) == ("retrowalk", "not_saved")
    assert list(history) == [session("A")]
    if writes in (fail, write_nothing, refuse):
        assert list((await start(hass))[1]) == [session("A")]  # unchanged
    await change(store)  # the disk works again, and nothing was lost
    assert list((await start(hass))[1]) == list(history)
    assert len(history) == {"add": 2, "replace": 1, "remove": 0}[kind]


async def test_a_disk_that_cannot_be_read_back_has_not_saved(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, history = await start(hass)

    def into_a_folder(path: str, *_: Any, **__: Any) -> None:
        Path(path).mkdir()

    monkeypatch.setattr(storage, "write_utf8_file_atomic", into_a_folder)
    with pytest.raises(HomeAssistantError, match="not_saved"):
        await store.async_add(session("A"))
    assert len(history) == 0


async def test_half_a_move_leaves_the_session_once(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a session in both years, after a power cut between two writes, counts once."""
    store, history = await start(hass)
    await store.async_add(session("A", 2025))

    def only_2026(path: str, *others: Any, **more: Any) -> None:
        if path.endswith("2026"):
            write_as_home_assistant_does(path, *others, **more)

    with monkeypatch.context() as disk:
        disk.setattr(storage, "write_utf8_file_atomic", only_2026)
        with pytest.raises(HomeAssistantError, match="not_saved"):
            await store.async_replace(session("A", 2026))
    assert list(history) == [session("A", 2025)]
    store, history = await start(hass)
    assert list(history) == [session("A", 2025)]
    await store.async_replace(session("A", 2026))
    assert list((await start(hass))[1]) == [session("A", 2026)]


async def test_while_home_assistant_stops_a_session_is_still_kept(hass: HomeAssistant, folder: Path) -> None:
    store, history = await start(hass)
    journal = Journal(hass, ENTRY)
    await journal.async_save({"id": "A"})
    hass.set_state(CoreState.stopping)
    await store.async_add(session("A"))
    await journal.async_clear()
    assert len(history) == 1
    assert files(folder) == {}  # not yet: Home Assistant writes in its final stage
    assert (folder / JOURNAL).exists()  # and until then the journal has it
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire("homeassistant_final_write")
    await hass.async_block_till_done()
    assert await kept(hass) == {"A"}


# Files of other versions


async def test_an_older_version_is_brought_up_to_date(hass: HomeAssistant, folder: Path) -> None:
    """Read version 1.0, which stored no net calories, no filled gaps, no plan and no reason of a stop."""
    old = session("A", weight=70.0).as_dict()
    unweighed = session("B").as_dict()
    for row in (old, unweighed):
        for later in ("calories_net", "estimated", "planned_speed", "planned_incline", "stopped_by"):
            del row[later]
    write(folder, 2026, [old, unweighed], minor_version=0)
    store, history = await start(hass)
    assert store.unreadable_years == ()
    first, second = history
    assert first.calories_net == pytest.approx(18.36 - 70 * 300.25 / 3600)
    assert second.calories_net == 18.36
    assert not first.estimated
    on_disk = json.loads((folder / f"{KEY}.2026").read_text())
    assert (on_disk["version"], on_disk["minor_version"]) == (1, 1)
    assert on_disk["data"]["sessions"][0]["calories_net"] == first.calories_net
    assert list((await start(hass))[1]) == [first, second]


async def test_what_a_newer_version_added_is_not_lost(hass: HomeAssistant, folder: Path) -> None:
    write(folder, 2026, [session("A").as_dict() | {"shoes": "red"}], minor_version=7)
    store, history = await start(hass)
    assert list(history) == [session("A")]
    await store.async_add(session("B"))
    rows = json.loads((folder / f"{KEY}.2026").read_text())["data"]["sessions"]
    assert [row.get("shoes") for row in rows] == ["red", None]


@pytest.mark.parametrize("content", ["", "{", '{"version": 1, "data": {"sessions": [{"id"', "\0\0\0"])
async def test_a_damaged_year_is_put_aside_and_the_others_stay(
    hass: HomeAssistant, folder: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2024), session("B", 2025), session("C", 2026)):
        await store.async_add(record)
    (folder / f"{KEY}.2025").write_text(content)
    store, history = await start(hass)
    assert {record.id for record in history} == {"A", "C"}
    assert store.unreadable_years == (2025,)
    aside = [name for name in files(folder) if ".corrupt." in name]  # named by Home Assistant
    assert [(folder / name).read_text() for name in aside] == [content]
    assert [issue.translation_key for issue in ir.async_get(hass).issues.values()] == ["storage_corruption"]
    assert "2025" in caplog.text
    await store.async_add(session("D", 2025))
    store, history = await start(hass)
    assert {record.id for record in history} == {"A", "C", "D"}
    assert store.unreadable_years == ()


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "5",
        "null",
        '"x"',
        '{"version": 1}',
        '{"version": 1, "minor_version": 1, "data": []}',
        '{"version": 1, "minor_version": 1, "data": {"sessions": 5}}',
        '{"version": 1, "minor_version": 0, "data": {"sessions": {"A": 5}}}',
        '{"version": 1, "minor_version": 1, "data": {"sessions": {"A": 5}}}',
        '{"version": 9, "minor_version": 1, "data": {}}',
    ],
)
async def test_a_year_that_is_something_else_is_put_aside_too(hass: HomeAssistant, folder: Path, content: str) -> None:
    write(folder, 2024, [session("A", 2024).as_dict()])
    (folder / f"{KEY}.2025").write_text(content)
    store, history = await start(hass)
    assert list(history) == [session("A", 2024)]
    assert store.unreadable_years == (2025,)
    aside = [name for name in files(folder) if ".unreadable." in name]
    assert [(folder / name).read_text() for name in aside] == [content]
    await store.async_add(session("B", 2025))
    assert await kept(hass) == {"A", "B"}


async def test_one_damaged_row_of_the_first_days_does_not_take_the_others_with_it(
    hass: HomeAssistant, folder: Path
) -> None:
    old = {key: value for key, value in session("A", 2025).as_dict().items() if key != "calories_net"}
    rows = [5, old, {**old, "id": "B", "weight": "heavy"}]
    (folder / f"{KEY}.2025").write_text(json.dumps({"version": 1, "minor_version": 0, "data": {"sessions": rows}}))
    store, history = await start(hass)
    assert [record.id for record in history] == ["A"]
    assert store.unreadable_years == (2025,)
    await store.async_add(session("C", 2025))
    assert await kept(hass) == {"A", "C"}
    on_disk = json.loads((folder / f"{KEY}.2025").read_text())["data"]["sessions"]
    assert rows[0] in on_disk
    assert any(isinstance(row, dict) and row.get("weight") == "heavy" for row in on_disk)


async def test_an_unreadable_year_that_cannot_be_put_aside_is_not_overwritten(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, 2025, [], version=9)
    before = files(folder)

    with monkeypatch.context() as disk:
        disk.setattr(Path, "rename", refuse)
        store, history = await start(hass)
    assert store.unreadable_years == (2025,)
    with pytest.raises(HomeAssistantError, match="not_saved"):
        await store.async_add(session("A", 2025))
    assert len(history) == 0
    assert files(folder) == before
    await store.async_add(session("B", 2026))


async def test_sessions_that_are_not_understood_are_told_and_kept_as_they_are(
    hass: HomeAssistant, folder: Path
) -> None:
    strange = [5, {"id": "B"}, session("C").as_dict() | {"direction": "sideways"}]
    write(folder, 2026, [session("A").as_dict(), *strange])
    store, history = await start(hass)
    assert list(history) == [session("A")]
    assert store.unreadable_years == (2026,)
    await store.async_add(session("D"))
    rows = json.loads((folder / f"{KEY}.2026").read_text())["data"]["sessions"]
    assert rows == [session("A").as_dict(), session("D").as_dict(), *strange]


async def test_a_year_that_was_taken_away_is_told(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2024), session("B", 2025)):
        await store.async_add(record)
    (folder / f"{KEY}.2024").unlink()
    store, history = await start(hass)
    assert list(history) == [session("B", 2025)]
    assert store.unreadable_years == (2024,)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"version": 1, "data": {"years": ["x"]}}', '{"version": 9}'])
async def test_years_are_found_without_their_list(hass: HomeAssistant, folder: Path, content: str | None) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2024), session("B", 2025)):
        await store.async_add(record)
    if content is None:
        (folder / KEY).unlink()
    else:
        (folder / KEY).write_text(content)
    store, history = await start(hass)
    assert {record.id for record in history} == {"A", "B"}
    await store.async_add(session("C", 2026))
    assert await kept(hass) == {"A", "B", "C"}
    assert json.loads((folder / KEY).read_text())["data"] == {"years": [2024, 2025, 2026]}


async def test_another_treadmills_sessions_are_left_alone(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    await store.async_add(session("A"))
    other = SessionStore(hass, "01JOTHER")
    assert len(await other.async_load()) == 0
    await other.async_add(session("B"))
    await other.async_delete_all()
    assert not list(folder.glob("*01JOTHER*"))
    assert await kept(hass) == {"A"}


async def test_nothing_is_left_of_a_removed_treadmill(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    for record in (session("A", 2024), session("B", 2025)):
        await store.async_add(record)
    (folder / f"{KEY}.2024").write_text("{")
    await start(hass)
    assert any("corrupt" in name for name in files(folder))
    (folder / f"{KEY}.unremovable").mkdir()
    await SessionStore(hass, ENTRY).async_delete_all()  # the entry need not be loaded
    assert files(folder) == {}
    await store.async_delete_all()
    with pytest.raises(RuntimeError, match="before they are loaded"):
        await store.async_add(session("C"))


async def test_it_works_with_the_storage_that_other_tests_have(hass: HomeAssistant) -> None:
    with mock_storage() as stored:
        store, _ = await start(hass)
        await store.async_add(session("A", 2025))
        await store.async_add(session("B", 2026))
        assert stored[KEY]["data"] == {"years": [2025, 2026]}
        assert await kept(hass) == {"A", "B"}
        stored[f"{KEY}.2025"] = {"nothing": "of ours"}
        store, history = await start(hass)
        assert (store.unreadable_years, list(history)) == ((2025,), [session("B", 2026)])
        await store.async_delete_all()
        assert stored == {}


# The journal


async def test_the_journal_keeps_the_session_in_progress(hass: HomeAssistant, folder: Path) -> None:
    assert await Journal(hass, ENTRY).async_load() is None
    journal = Journal(hass, ENTRY)
    for second in (5, 10):
        await journal.async_save({"id": "A", "moving_time": second})
        # It is written when the call returns, not later.
        assert json.loads((folder / JOURNAL).read_text())["data"]["moving_time"] == second
        assert await Journal(hass, ENTRY).async_load() == {"id": "A", "moving_time": second}
    await journal.async_clear()
    assert not (folder / JOURNAL).exists()
    assert await Journal(hass, ENTRY).async_load() is None
    await journal.async_clear()


async def test_a_torn_write_leaves_the_state_before(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that a crash before the rename of the new file leaves the old one unchanged."""
    journal = Journal(hass, ENTRY)
    await journal.async_save({"moving_time": 5})

    def power_cut(source: str, target: str) -> None:
        assert Path(source) != Path(target)
        assert json.loads(Path(target).read_text())["data"] == {"moving_time": 5}
        raise OSError("power cut")

    with monkeypatch.context() as disk:
        disk.setattr(atomicwrites, "replace_atomic", power_cut)
        await journal.async_save({"moving_time": 10})  # the session continues, with or without a disk
    assert await Journal(hass, ENTRY).async_load() == {"moving_time": 5}
    await journal.async_save({"moving_time": 15})
    assert await Journal(hass, ENTRY).async_load() == {"moving_time": 15}


async def test_a_walk_goes_on_without_a_disk(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(hass, ENTRY)
    for writes in (fail, refuse):
        monkeypatch.setattr(storage, "write_utf8_file_atomic", writes)
        await journal.async_save({"moving_time": 5})
    assert await journal.async_load() is None
    assert "Could not write" in caplog.text


async def test_what_a_killed_write_leaves_lying_about_is_no_year(hass: HomeAssistant, folder: Path) -> None:
    store, _ = await start(hass)
    await store.async_add(session("A"))
    (folder / "tmpabcdef").write_text('{"version"')
    (folder / f"{KEY}.2025.tmp").write_text('{"version"')
    store, history = await start(hass)
    assert list(history) == [session("A")]
    assert store.unreadable_years == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 9, "data": {}}', '{"version": 1, "data": 5}'])
async def test_a_damaged_journal_is_none(hass: HomeAssistant, folder: Path, content: str) -> None:
    (folder / JOURNAL).write_text(content)
    journal = Journal(hass, ENTRY)
    assert await journal.async_load() is None
    await journal.async_save({"moving_time": 5})
    assert await journal.async_load() == {"moving_time": 5}


async def test_a_journal_of_another_version_is_given_as_it_is(hass: HomeAssistant, folder: Path) -> None:
    (folder / JOURNAL).write_text('{"version": 1, "minor_version": 3, "data": {"moving_time": 5}}')
    assert await Journal(hass, ENTRY).async_load() == {"moving_time": 5}


async def test_a_save_under_way_does_not_outlive_the_journal(hass: HomeAssistant, folder: Path) -> None:
    journal = Journal(hass, ENTRY)
    await asyncio.gather(journal.async_save({"moving_time": 5}), journal.async_clear())
    assert not (folder / JOURNAL).exists()


async def test_a_journal_that_cannot_be_removed_stops_nothing(hass: HomeAssistant, folder: Path) -> None:
    (folder / JOURNAL).mkdir()
    await Journal(hass, ENTRY).async_clear()
