"""The files of a busy year's sessions: by month, through upgrades, downgrades, damage, power cuts and full disks."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import storage
from homeassistant.util.file import WriteError

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.walkers.session_files import MOST_SESSIONS, NUMBERS, name_of, number_of_month
from custom_components.retrowalk.walkers.store import SessionStore
from tests.support.stored_history import ENTRY, KEY, files, kept, session, start, write

write_as_home_assistant_does = storage.write_utf8_file_atomic
JUNE = f"{KEY}.2606"


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: these tests use a real disk."""
    return {}


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    path = Path(hass.config.path(".storage"))
    path.mkdir(exist_ok=True)
    return path


def on(month: int, session_id: str, **others: Any) -> SessionRecord:
    started = datetime(2026, month, 3, 8, tzinfo=UTC)
    return session(session_id, started=started, ended=started + timedelta(minutes=5), **others)


def busy_year(count: int = MOST_SESSIONS) -> list[SessionRecord]:
    """Return sessions of January to May."""
    return [on(1 + number * 5 // count, f"01J{number:05}") for number in range(count)]


def write_busy_year(folder: Path, count: int = MOST_SESSIONS, **header: Any) -> list[SessionRecord]:
    records = busy_year(count)
    write(folder, 2026, [record.as_dict() for record in records], **header)
    return records


def as_older_versions_read(folder: Path) -> list[Any]:
    """Return the rows as 0.5.0 to 0.10.0 read them: of each file with a number of four digits, in the index or not."""
    index = json.loads((folder / KEY).read_text())["data"]["years"] if (folder / KEY).exists() else []
    names = {path.name for path in folder.iterdir() if re.fullmatch(rf"{re.escape(KEY)}\.\d{{4}}", path.name)}
    assert {f"{KEY}.{number}" for number in index} <= names  # none is said to be lost
    assert all(number in NUMBERS for number in index)
    rows = []
    for name in sorted(names):
        content = json.loads((folder / name).read_text())
        assert (content["version"], content["key"]) == (1, name)
        rows += content["data"]["sessions"]
    return rows


def changed_files(before: dict[str, bytes], folder: Path) -> set[str]:
    return {name for name, content in files(folder).items() if content != before.get(name)}


async def test_a_full_year_goes_on_by_month(hass: HomeAssistant, folder: Path) -> None:
    records = write_busy_year(folder)
    store, history = await start(hass)
    before = files(folder)
    await store.async_add(on(6, "A"))
    assert changed_files(before, folder) == {KEY, JUNE}  # the index only once
    before = files(folder)
    await store.async_add(on(6, "B"))
    await store.async_add(session("C", 2025))
    assert changed_files(before, folder) == {KEY, JUNE, f"{KEY}.2025"}
    assert [*history] == [session("C", 2025), *records, on(6, "A"), on(6, "B")]
    store, again = await start(hass)
    assert [*again] == [*history]
    assert store.unreadable_years == ()


async def test_a_session_stays_in_its_file_until_it_is_another_months(hass: HomeAssistant, folder: Path) -> None:
    records = write_busy_year(folder)
    store, _ = await start(hass)
    await store.async_add(on(6, "A"))
    for corrected, written in (
        (on(6, "A", note="slow"), {JUNE}),
        (on(1, records[0].id, note="slow"), {f"{KEY}.2026"}),
        (on(7, "A"), {JUNE, f"{KEY}.2607", KEY}),
    ):
        before = files(folder)
        await store.async_replace(corrected)
        assert changed_files(before, folder) == written
    await store.async_remove(records[1].id)
    before = files(folder)
    await store.async_add(on(8, "B"))  # the year has room again
    assert changed_files(before, folder) == {f"{KEY}.2026"}
    assert await kept(hass) == {record.id for record in records} - {records[1].id} | {"A", "B"}


async def test_a_year_of_0_10_0_that_has_grown_too_large_is_divided_once(hass: HomeAssistant, folder: Path) -> None:
    records = busy_year(MOST_SESSIONS + 1)
    rows = [record.as_dict() | {"shoes": "red"} for record in records]
    strange = [5, {"id": "B"}]
    write(folder, 2026, [*rows, *strange], data={"sessions": [*rows, *strange], "newer": "part"})
    (folder / KEY).write_text(json.dumps({"version": 1, "minor_version": 1, "key": KEY, "data": {"years": [2026]}}))
    store, history = await start(hass)
    assert [*history] == records
    year = json.loads((folder / f"{KEY}.2026").read_text())["data"]
    assert year == {"sessions": strange, "newer": "part"}
    assert files(folder).keys() == {KEY, f"{KEY}.2026", *(f"{KEY}.260{month}" for month in range(1, 6))}
    assert sorted(as_older_versions_read(folder), key=str) == sorted([*rows, *strange], key=str)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert await kept(hass) == {record.id for record in records}
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    await store.async_remove(records[0].id)
    assert await kept(hass) == {record.id for record in records[1:]}


async def test_what_an_older_version_adds_and_moves_after_a_downgrade_is_found(
    hass: HomeAssistant, folder: Path
) -> None:
    records = write_busy_year(folder, MOST_SESSIONS + 20)
    await start(hass)
    assert len(as_older_versions_read(folder)) == MOST_SESSIONS + 20
    # The older version adds a session to its year, and moves one there that it corrects.
    month = json.loads((folder / f"{KEY}.2601").read_text())
    corrected = month["data"]["sessions"].pop(0) | {"note": "by 0.10.0"}
    (folder / f"{KEY}.2601").write_text(json.dumps(month))
    write(folder, 2026, [on(6, "A").as_dict(), corrected])
    store, history = await start(hass)
    assert {record.id for record in history} == {record.id for record in records} | {"A"}
    assert history.get(records[0].id).note == "by 0.10.0"
    assert store.unreadable_years == ()


@pytest.mark.parametrize("writes", range(8))
async def test_a_power_cut_while_a_year_is_divided_loses_nothing_and_brings_nothing_back(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    records = write_busy_year(folder, MOST_SESSIONS + 1)
    left = iter(range(writes))

    def until_the_cut(*args: Any, **kwargs: Any) -> None:
        if next(left, None) is None:
            raise WriteError("no power")
        write_as_home_assistant_does(*args, **kwargs)

    with monkeypatch.context() as disk:
        disk.setattr(storage, "write_utf8_file_atomic", until_the_cut)
        _, history = await start(hass)
        assert [*history] == records
    store, history = await start(hass)
    assert [*history] == records
    assert len(as_older_versions_read(folder)) == len(records)  # each of them once
    await store.async_remove(records[0].id)
    assert await kept(hass) == {record.id for record in records[1:]}


async def test_on_a_full_disk_a_large_year_stays_whole_until_there_is_room(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = write_busy_year(folder, MOST_SESSIONS + 1)
    before = files(folder)

    def full(*_: Any, **__: Any) -> None:
        raise WriteError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(storage, "write_utf8_file_atomic", full)
        store, history = await start(hass)
        assert files(folder) == before
        with pytest.raises(HomeAssistantError, match="not_saved"):
            await store.async_add(on(6, "A"))
    assert [*history] == records
    await store.async_add(on(6, "A"))
    assert await kept(hass) == {record.id for record in records} | {"A"}


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 1, "data": {"sessions": 5}}'])
async def test_a_damaged_month_loses_only_itself_and_is_named(
    hass: HomeAssistant, folder: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    records = write_busy_year(folder)
    store, _ = await start(hass)
    await store.async_add(on(6, "A"))
    await store.async_add(on(7, "B"))
    (folder / JUNE).write_text(content)
    store, history = await start(hass)
    assert {record.id for record in history} == {record.id for record in records} | {"B"}
    assert store.unreadable_years == (2606,)
    assert "2026-06" in caplog.text
    assert [(folder / name).read_text() for name in files(folder) if name.startswith(f"{JUNE}.")] == [content]
    await store.async_add(on(6, "C"))
    assert await kept(hass) == {record.id for record in records} | {"B", "C"}


async def test_all_of_a_walker_go_to_another_and_all_are_deleted(hass: HomeAssistant, folder: Path) -> None:
    records = write_busy_year(folder)
    store, history = await start(hass)
    await store.async_add(on(6, "A"))
    await store.async_add(on(6, "B", walker="ben"))
    await store.async_reassign("anna", "carl")
    assert {record.walker for record in history} == {"ben", "carl"}
    assert [*(await start(hass))[1]] == [*history]
    assert len(history) == len(records) + 2
    await SessionStore(hass, ENTRY).async_delete_all()
    assert files(folder) == {}


async def test_a_session_that_was_removed_after_half_a_move_does_not_come_back(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_2026(path: str, *others: Any, **more: Any) -> None:
        if path.endswith("2026"):
            write_as_home_assistant_does(path, *others, **more)

    for restart in (False, True):
        store, _ = await start(hass)
        await store.async_add(session("A", 2025))
        with monkeypatch.context() as disk:
            disk.setattr(storage, "write_utf8_file_atomic", only_2026)
            with pytest.raises(HomeAssistantError, match="not_saved"):
                await store.async_replace(session("A", 2026))
        if restart:
            store, _ = await start(hass)
        await store.async_remove("A")
        assert await kept(hass) == set()


async def test_a_file_that_takes_nothing_does_not_keep_others_from_being_saved(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_2025(path: str, *others: Any, **more: Any) -> None:
        if path.endswith("2025"):
            raise WriteError("bad block")
        write_as_home_assistant_does(path, *others, **more)

    store, _ = await start(hass)
    await store.async_add(session("A", 2025))
    with monkeypatch.context() as disk:
        disk.setattr(storage, "write_utf8_file_atomic", not_2025)
        with pytest.raises(HomeAssistantError, match="not_saved"):
            await store.async_remove("A")
        await store.async_add(session("B", 2026))
    assert await kept(hass) == {"A", "B"}


def test_numbers_of_months_are_told_from_years() -> None:
    found = set()
    for year in range(1900, 9000):
        for month in (1, 6, 12):
            number = number_of_month(datetime(year, month, 1, tzinfo=UTC))
            assert number in NUMBERS
            if 2021 <= year < 2100:
                assert name_of(number) == f"{year}-{month:02}"
                found.add(number)
            else:
                assert number == year
    assert found.isdisjoint(range(1900, 2101))  # no year that anybody walks in has the number of a month
    assert [name_of(year) for year in range(1900, 2101)] == [str(year) for year in range(1900, 2101)]
