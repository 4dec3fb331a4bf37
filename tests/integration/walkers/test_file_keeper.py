"""Files of sessions that are kept: when they are written, what stays, and who is told."""

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.storage import file_access
from custom_components.retrowalk.training.events import ExportedEvent
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.walkers import file_keeper
from tests.support.action_calls import Actions
from tests.support.house import CONTROL, House, make_entry, walker_subentry

ENDED = datetime(2026, 11, 18, 12, 5, tzinfo=UTC)
ANNA = {"ended": ENDED, "id": "01KA9V3Q5W8RZ7D2M4N6P8T0AN"}
OF_ANNA = "retrowalk_2026-11-18_04-00_p8t0an"  # in California
RETRY = timedelta(minutes=10, seconds=1)


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: a restart finds what is on the disk."""
    return {}


class Keeping:
    """A treadmill that keeps files in a folder of the media folder."""

    def __init__(self, house: House, actions: Actions, media: Path) -> None:
        self.house = house
        self.hass = house.hass
        self.actions = actions
        self.folder = media / "walks"
        self.folder.mkdir(parents=True)
        self.told: list[dict[str, Any]] = []

    async def set_up(self, session_format: str = "fit", **options: Any) -> None:
        kept = {"keep_files": True, "files_folder": str(self.folder), "files_format": session_format}
        walkers = [walker_subentry("Anna"), walker_subentry("Bert")]
        await self.house.set_up(make_entry({**CONTROL, **kept, **options}, walkers), connected=False)
        async_track_state_change_event(self.hass, [self.house.entity_id("session")], self._note)

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        before, now = event.data["old_state"], event.data["new_state"]
        if before is None or now is None or before.state in {now.state, "unavailable"}:
            return  # the same event again, as after a reload
        if now.attributes["event_type"] == "exported":
            self.told.append({key: now.attributes.get(key) for key in ("path", "format", "session_id", "walker")})

    async def reload(self) -> None:
        assert await self.hass.config_entries.async_reload(self.house.entry.entry_id)
        await self.done()

    async def done(self) -> None:
        await self.hass.async_block_till_done()
        await self.house.settle()

    async def store_session(self, walker: str | None = "anna", minutes: float = 5, **record: Any) -> None:
        await self.actions.store_session(walker, minutes, **record)
        await self.done()

    async def later(self, freezer: FrozenDateTimeFactory) -> None:
        freezer.tick(RETRY)
        async_fire_time_changed(self.hass, dt_util.utcnow())
        await self.done()

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def issue(self) -> ir.IssueEntry | None:
        return ir.async_get(self.hass).async_get_issue(DOMAIN, f"files_not_kept_{self.house.entry.entry_id}")

    async def text(self) -> str:
        """Return the text of the issue with its placeholders filled."""
        issue = self.issue
        assert issue is not None
        texts = await async_get_translations(self.hass, "en", "issues", {DOMAIN})
        description = texts[f"component.{DOMAIN}.issues.{issue.translation_key}.fix_flow.step.init.description"]
        return description.format(**(issue.translation_placeholders or {}))


@pytest.fixture
async def keeping(house: House, actions: Actions, tmp_path: Path) -> Keeping:
    media = tmp_path / "media"
    house.hass.config.allowlist_external_dirs = {str(media)}
    return Keeping(house, actions, media)


def fit(path: Path) -> dict[str, dict[str, Any]]:
    """Return the last message of each kind; any flaw of the file is an error."""
    with fitdecode.FitReader(
        BytesIO(path.read_bytes()), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    ) as reader:
        messages = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    return {each.name: {field.name: field.value for field in each.fields} for each in messages}


def samples(path: Path) -> int:
    with fitdecode.FitReader(BytesIO(path.read_bytes())) as reader:
        return sum(isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record" for frame in reader)


async def test_a_walk_leaves_its_file_and_tells_once_that_it_is_there(keeping: Keeping, house: House) -> None:
    await keeping.set_up()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    house.coordinator.next_session.choose_walker("anna")
    seen: list[bool] = []
    house.coordinator.events.add(
        lambda event: seen.append(Path(event.path).is_file()) if isinstance(event, ExportedEvent) else None
    )
    await house.walk()
    await house.time(30)
    await house.press("stop")
    await house.time(8)
    await keeping.done()
    [record] = keeping.actions.records()
    [name] = keeping.names
    assert name == f"retrowalk_{dt_util.as_local(record.started):%Y-%m-%d_%H-%M}_{record.id[-6:].lower()}.fit"
    path = keeping.folder / name
    assert fit(path)["session"]["total_timer_time"] == pytest.approx(record.moving_time, abs=0.001)
    assert samples(path) > 20  # second by second
    assert keeping.told == [{"path": str(path), "format": "fit", "session_id": record.id, "walker": "Anna"}]
    assert seen == [True]
    assert keeping.issue is None


async def test_a_belt_that_moved_for_a_moment_leaves_no_file(keeping: Keeping, house: House) -> None:
    await keeping.set_up()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    house.treadmill.press_start()
    await house.time(5)
    house.treadmill.press_stop()
    await house.time(15)
    await keeping.done()
    assert keeping.actions.records() == []
    assert (keeping.names, keeping.told) == ([], [])


async def test_without_the_option_there_are_no_files(keeping: Keeping) -> None:
    await keeping.set_up(keep_files=False)
    await keeping.store_session()
    await keeping.reload()
    assert (keeping.names, keeping.told, keeping.issue) == ([], [], None)


async def test_a_session_entered_by_hand_leaves_no_file_and_no_export_by_hand_is_told(keeping: Keeping) -> None:
    await keeping.set_up()
    await keeping.actions.call("log_session", walker="Anna", started="2026-11-18 03:00:00", minutes=5)
    await keeping.done()
    [record] = keeping.actions.records()
    assert record.outcome is Outcome.LOGGED
    await keeping.actions.call("rate_session", session_id=record.id, discomfort_after=3)
    await keeping.done()
    assert keeping.names == []
    await keeping.actions.call("export_session", path=f"{keeping.folder}/mine.fit")
    assert keeping.names == ["mine.fit"]
    assert keeping.told == []


async def test_guests_are_named_as_guests_and_the_format_is_the_chosen_one(keeping: Keeping) -> None:
    await keeping.set_up("tcx")
    await keeping.store_session(None, **ANNA)
    assert keeping.names == [f"{OF_ANNA}.tcx"]
    assert b"<TrainingCenterDatabase" in (keeping.folder / f"{OF_ANNA}.tcx").read_bytes()
    assert [(told["walker"], told["format"]) for told in keeping.told] == [("guest", "tcx")]


async def test_a_correction_goes_into_the_file_and_is_not_told_again(keeping: Keeping) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    path = keeping.folder / f"{OF_ANNA}.fit"
    assert fit(path)["sport"]["name"] == "Backward walk"
    await keeping.actions.call("edit_session", session_id=ANNA["id"], direction="forward")
    await keeping.done()
    assert fit(path)["sport"]["name"] == "Walk"
    before = path.read_bytes()
    await keeping.actions.call("edit_session", session_id=ANNA["id"], note="It rained.")
    await keeping.done()
    assert path.read_bytes() == before
    assert keeping.names == [path.name]
    assert len(keeping.told) == 1


async def test_a_correction_leaves_a_file_alone_that_somebody_changed_or_removed(keeping: Keeping) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    await keeping.store_session("bert", **{**ANNA, "id": "01KA9V3Q5W8RZ7D2M4N6P8T0BE"})
    path, other = keeping.folder / f"{OF_ANNA}.fit", keeping.folder / f"{OF_ANNA[:-2]}be.fit"
    changed = path.read_bytes()[:-1]
    path.write_bytes(changed)
    other.unlink()
    for session_id in (ANNA["id"], "01KA9V3Q5W8RZ7D2M4N6P8T0BE"):
        await keeping.actions.call("edit_session", session_id=session_id, direction="forward")
    await keeping.done()
    assert keeping.names == [path.name]
    assert path.read_bytes() == changed


async def test_a_correction_that_cannot_be_written_leaves_the_file_as_it_was(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    before = (keeping.folder / f"{OF_ANNA}.fit").read_bytes()
    fill(monkeypatch)
    await keeping.actions.call("edit_session", session_id=ANNA["id"], direction="forward")
    await keeping.done()
    assert (keeping.folder / f"{OF_ANNA}.fit").read_bytes() == before
    assert "The file of a session keeps what it has" in caplog.text
    assert str(keeping.actions.record(ANNA["id"]).direction) == "forward"


async def test_a_rating_goes_into_the_file(keeping: Keeping) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    path = keeping.folder / f"{OF_ANNA}.fit"
    assert "workout_rpe" not in fit(path)["session"]
    await keeping.actions.call("rate_session", session_id=ANNA["id"], effort=4, discomfort_after=2)
    await keeping.done()
    assert fit(path)["session"]["workout_rpe"] == 40
    assert len(keeping.told) == 1


async def test_a_deleted_session_keeps_its_file(keeping: Keeping) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    await keeping.actions.call("delete_session", session_id=ANNA["id"])
    await keeping.done()
    assert keeping.names == [f"{OF_ANNA}.fit"]


def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Fill the disk for files of sessions; returns a callback that frees some space."""
    write = file_access.write_utf8_file_atomic
    full = [True]

    def writes(*args: Any, **kwargs: Any) -> None:
        if full:
            raise WriteError(OSError(errno.ENOSPC, "No space left on device"))
        write(*args, **kwargs)

    monkeypatch.setattr(file_access, "write_utf8_file_atomic", writes)
    return full.clear


async def test_a_full_disk_costs_no_session_and_is_a_repair_until_the_files_are_written(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    await keeping.set_up()
    free = fill(monkeypatch)
    await keeping.store_session(**ANNA)
    await keeping.store_session("bert", **{**ANNA, "id": "01KA9V3Q5W8RZ7D2M4N6P8T0BE"})
    assert len(keeping.actions.records()) == 2
    assert (keeping.names, keeping.told) == ([], [])
    text = await keeping.text()
    assert "2 of them could not be written" in text
    assert str(keeping.folder) in text
    await keeping.later(freezer)
    assert keeping.issue is not None
    free()
    await keeping.later(freezer)
    assert keeping.issue is None
    assert keeping.names == [f"{OF_ANNA}.fit", f"{OF_ANNA[:-2]}be.fit"]
    assert [told["walker"] for told in keeping.told] == ["Anna", "Bert"]
    await keeping.later(freezer)
    assert len(keeping.told) == 2


async def test_a_missing_folder_is_not_made_again_and_the_next_session_brings_both_files(keeping: Keeping) -> None:
    await keeping.set_up()
    keeping.folder.rmdir()
    await keeping.store_session(**ANNA)
    assert not keeping.folder.exists()  # the disk may be mounted there later
    assert keeping.issue is not None
    assert keeping.issue.translation_key == "files_folder_missing"
    assert str(keeping.folder) in await keeping.text()
    keeping.folder.mkdir()
    await keeping.store_session("bert", 6)
    assert keeping.issue is None
    assert len(keeping.names) == 2
    assert [told["walker"] for told in keeping.told] == ["Anna", "Bert"]


async def test_a_folder_that_is_not_allowed_any_more_is_a_repair(keeping: Keeping) -> None:
    await keeping.set_up()
    keeping.hass.config.allowlist_external_dirs = set()
    await keeping.store_session(**ANNA)
    assert keeping.issue is not None
    assert keeping.issue.translation_key == "files_not_allowed"
    assert "allowlist_external_dirs" in await keeping.text()
    assert keeping.names == []


@pytest.mark.parametrize("content", [b"a poem", b"another .FIT file"])
async def test_a_foreign_file_is_never_overwritten_and_holds_up_no_other(keeping: Keeping, content: bytes) -> None:
    await keeping.set_up()
    path = keeping.folder / f"{OF_ANNA}.fit"
    path.write_bytes(content)
    await keeping.store_session(**ANNA)
    await keeping.store_session("bert", **{**ANNA, "id": "01KA9V3Q5W8RZ7D2M4N6P8T0BE"})
    assert path.read_bytes() == content
    assert [told["walker"] for told in keeping.told] == ["Bert"]
    assert keeping.issue is not None
    assert keeping.issue.translation_key == "files_name_taken"
    assert str(path) in await keeping.text()
    path.rename(path.with_name("poem.txt"))
    await keeping.reload()
    assert [told["walker"] for told in keeping.told] == ["Bert", "Anna"]
    assert keeping.issue is None


async def test_a_rating_that_comes_before_the_file_is_in_it(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    await keeping.set_up()
    free = fill(monkeypatch)
    await keeping.store_session(**ANNA)
    await keeping.actions.call("edit_session", session_id=ANNA["id"], direction="forward")
    free()
    await keeping.later(freezer)
    assert fit(keeping.folder / f"{OF_ANNA}.fit")["sport"]["name"] == "Walk"
    assert len(keeping.told) == 1


async def test_a_correction_that_comes_while_the_file_is_written_is_in_it(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.set_up()
    write, roster = file_keeper.async_session_file, keeping.house.coordinator.roster
    corrections = [lambda record: replace(record, direction=Direction.FORWARD)]

    async def writes(*args: Any) -> Any:
        file = await write(*args)
        if corrections:
            await roster.async_change(ANNA["id"], corrections.pop())
        return file

    monkeypatch.setattr(file_keeper, "async_session_file", writes)
    await keeping.store_session(**ANNA)
    assert fit(keeping.folder / f"{OF_ANNA}.fit")["sport"]["name"] == "Walk"
    assert len(keeping.told) == 1


async def test_a_session_that_is_deleted_before_its_file_is_written_leaves_none(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    await keeping.set_up()
    free = fill(monkeypatch)
    await keeping.store_session(**ANNA)
    await keeping.actions.call("delete_session", session_id=ANNA["id"])
    free()
    await keeping.later(freezer)
    assert (keeping.names, keeping.told, keeping.issue) == ([], [], None)


async def test_what_has_no_file_yet_gets_it_after_a_restart_once_automations_listen(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.set_up()
    free = fill(monkeypatch)
    await keeping.store_session(**ANNA)
    assert await keeping.hass.config_entries.async_unload(keeping.house.entry.entry_id)
    free()
    keeping.hass.set_state(CoreState.starting)
    assert await keeping.hass.config_entries.async_setup(keeping.house.entry.entry_id)
    await keeping.done()
    assert (keeping.names, keeping.told) == ([], [])
    keeping.hass.set_state(CoreState.running)
    keeping.hass.bus.async_fire("homeassistant_started")
    await keeping.done()
    assert keeping.names == [f"{OF_ANNA}.fit"]
    assert len(keeping.told) == 1
    await keeping.reload()
    assert len(keeping.told) == 1


async def test_a_session_that_a_restart_ends_gets_its_file_afterward(keeping: Keeping, house: House) -> None:
    await keeping.set_up()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    house.treadmill.press_start()
    await house.time(30)
    house.coordinator.files.hold()  # as when Home Assistant ends
    house.treadmill.press_stop()
    await house.time(15)
    await keeping.done()
    assert len(keeping.actions.records()) == 1
    assert (keeping.names, keeping.told) == ([], [])
    await keeping.reload()
    assert len(keeping.names) == 1
    assert len(keeping.told) == 1


async def test_files_that_are_not_wanted_any_more_are_not_written(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.set_up()
    free = fill(monkeypatch)
    await keeping.store_session(**ANNA)
    free()
    entry = keeping.house.entry
    for wanted in (False, True):
        keeping.hass.config_entries.async_update_entry(entry, options={**entry.options, "keep_files": wanted})
        await keeping.done()
        await keeping.reload()
        assert (keeping.names, keeping.told, keeping.issue) == ([], [], None)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 1, "minor_version": 1, "key": "k", "data": {"sessions": [1]}}']
)
async def test_a_damaged_list_of_what_is_due_stops_nothing(keeping: Keeping, content: str) -> None:
    await keeping.set_up()
    entry = keeping.house.entry
    assert await keeping.hass.config_entries.async_unload(entry.entry_id)
    path = Path(keeping.hass.config.path(".storage", f"{DOMAIN}.{entry.entry_id}.files"))
    path.write_text(content)
    assert await keeping.hass.config_entries.async_setup(entry.entry_id)
    await keeping.done()
    await keeping.store_session(**ANNA)
    assert keeping.names == [f"{OF_ANNA}.fit"]


async def test_a_session_that_can_never_be_written_holds_up_no_other(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await keeping.set_up()
    write = file_keeper.async_session_file

    async def writes(hass: HomeAssistant, record: Any, *args: Any) -> Any:
        if record.walker == "anna":
            raise ZeroDivisionError
        return await write(hass, record, *args)

    monkeypatch.setattr(file_keeper, "async_session_file", writes)
    await keeping.store_session(**ANNA)
    await keeping.store_session("bert")
    assert [told["walker"] for told in keeping.told] == ["Bert"]
    assert f"Unexpected error writing the file of session {ANNA['id']}" in caplog.text


async def test_a_removed_treadmill_leaves_its_files_and_sessions_and_nothing_else(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.set_up()
    await keeping.store_session(**ANNA)
    fill(monkeypatch)
    await keeping.store_session("bert")
    assert keeping.issue is not None
    entry = keeping.house.entry
    await keeping.hass.config_entries.async_remove(entry.entry_id)
    await keeping.done()
    assert keeping.names == [f"{OF_ANNA}.fit"]
    storage = Path(keeping.hass.config.path(".storage"))
    ours = f"{DOMAIN}.{entry.entry_id}."
    kept = {path.name.removeprefix(ours) for path in storage.glob(f"{ours}*")}
    assert kept - {"tracks"} == {"sessions", f"sessions.{dt_util.utcnow().year}"}
    assert ir.async_get(keeping.hass).issues.get((DOMAIN, f"files_not_kept_{entry.entry_id}")) is None
