"""One person is one walker in the house: several treadmills share plan, streak, record, reminder and entities."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigEntryDisabler
from homeassistant.const import CONF_ADDRESS
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk.const import CONF_VIRTUAL, DOMAIN, SUBENTRY_WALKER
from custom_components.retrowalk.flows.reminder import CONF_SEND_TEST
from custom_components.retrowalk.storage.journal import Journal
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track_rows import Sample
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.walkers import household as household_module
from custom_components.retrowalk.walkers.household import async_household
from custom_components.retrowalk.walkers.roster import WalkerRoster
from custom_components.retrowalk.walkers.walker import Walker, subentries_of_walkers
from tests import compatibility
from tests.compatibility.household import POWER_IS_BACK
from tests.compatibility.surface import WALKER
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry
from tests.support.set_up_dialog import go

CELLAR = "F2:52:57:00:00:77"
NOON = datetime(2026, 11, 18, 20, tzinfo=UTC)  # a Wednesday; 12:00 in the house


class Sharing:
    """A house with a treadmill upstairs and one in the cellar, both switched off."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass
        self.upstairs = make_entry(walkers=[walker_subentry("Anna", person="person.anna")])
        self.cellar = self.entry(CELLAR, "Cellar")

    def entry(self, address: str, title: str, **data: Any) -> MockConfigEntry:
        data = {**make_entry().data, CONF_ADDRESS: address, **data}
        return MockConfigEntry(domain=DOMAIN, title=title, unique_id=address.lower(), data=data, options=CONTROL)

    async def set_up(self, *entries: MockConfigEntry) -> None:
        for entry in entries or (self.upstairs, self.cellar):
            entry.add_to_hass(self.hass)
            assert await self.hass.config_entries.async_setup(entry.entry_id)
            await self.settle()

    async def settle(self) -> None:
        await self.hass.async_block_till_done()
        await self.house.settle()

    async def share(self, entry: MockConfigEntry | None = None, walker_id: str = "anna") -> Any:
        """Choose somebody in the dialog of a further treadmill."""
        flows = self.hass.config_entries.subentries
        result: Any = await flows.async_init(
            ((entry or self.cellar).entry_id, SUBENTRY_WALKER), context={"source": SOURCE_USER}
        )
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "share")
        result = await flows.async_configure(result["flow_id"], {"who": walker_id})
        await self.settle()
        return result

    async def shared(self, **cellar: Any) -> None:
        if cellar:
            self.cellar = self.entry(CELLAR, "Cellar", **cellar)
        await self.set_up()
        assert (await self.share())["type"] is FlowResultType.CREATE_ENTRY

    def roster(self, entry: MockConfigEntry) -> WalkerRoster:
        roster: WalkerRoster = entry.runtime_data.coordinator.roster
        return roster

    def anna_on(self, entry: MockConfigEntry) -> Walker:
        return self.roster(entry).walkers["anna"]

    async def walk(
        self, entry: MockConfigEntry, minutes: float = 5, walker: str = "anna", **more: Any
    ) -> SessionRecord:
        """Store a completed session, as the treadmill does at its end."""
        ended = more.pop("ended", dt_util.utcnow())
        record = SessionRecord(
            id=ulid_now(),
            walker=walker,
            direction=Direction.BACKWARD,
            started=ended - timedelta(minutes=minutes),
            ended=ended,
            moving_time=minutes * 60,
            distance=minutes * 25,
            calories=minutes * 4,
            calories_net=minutes * 3,
            planned=minutes * 60,
            **more,
        )
        await self.roster(entry).async_add(record)
        await self.settle()
        return record

    def entity_ids(self) -> dict[tuple[str, str], str]:
        """Return Anna's entities by domain and unique ID."""
        registry = er.async_get(self.hass)
        return {
            (entity.domain, entity.unique_id): entity.entity_id
            for entity in registry.entities.values()
            if entity.platform == DOMAIN and entity.unique_id.startswith(f"{ADDRESS.lower()}_anna_")
        }

    def devices(self) -> list[dr.DeviceEntry]:
        return dr.async_get(self.hass).async_get_devices(identifiers={(DOMAIN, f"{ADDRESS}_anna")})

    def state(self, key: str, domain: str = "sensor") -> str:
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id(domain, DOMAIN, f"{ADDRESS.lower()}_anna_{key}")
        assert entity_id is not None
        state = self.hass.states.get(entity_id)
        assert state is not None
        return state.state

    async def remove(self, entry: MockConfigEntry) -> None:
        await self.hass.config_entries.async_remove(entry.entry_id)
        await self.settle()

    async def restart(self, *entries: MockConfigEntry) -> None:
        """Unload all, forget what is in memory, and set up again."""
        for entry in entries:
            assert await self.hass.config_entries.async_unload(entry.entry_id)
        del self.hass.data[household_module._HOUSEHOLD]
        for entry in entries:
            assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.settle()

    def files(self) -> list[str]:
        storage = Path(self.hass.config.path(".storage"))
        return sorted(path.name for path in storage.glob(f"{DOMAIN}*"))


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: removed treadmills are found on disk."""
    return {}


@pytest.fixture
async def sharing(house: House, freezer: FrozenDateTimeFactory) -> Any:
    freezer.move_to(NOON)
    house.hass.states.async_set("person.anna", "home", {"user_id": house.user_id})
    sharing = Sharing(house)
    yield sharing
    for entry in house.hass.config_entries.async_entries(DOMAIN):
        await house.hass.config_entries.async_unload(entry.entry_id)


async def test_a_shared_walker_has_one_device_and_one_record_of_all_treadmills(sharing: Sharing) -> None:
    await sharing.set_up()
    before = sharing.entity_ids()
    [device] = sharing.devices()
    await sharing.share()
    assert sharing.entity_ids() == before
    assert [each.id for each in sharing.devices()] == [device.id]
    assert sharing.roster(sharing.cellar).walkers.keys() == {"anna"}
    await sharing.walk(sharing.upstairs, 3)
    await sharing.walk(sharing.cellar, 4)
    assert (sharing.state("today"), sharing.state("streak")) == ("7.0", "1")
    assert sharing.state("goal_reached", "binary_sensor") == "on"
    for entry in (sharing.upstairs, sharing.cellar):
        roster = sharing.roster(entry)
        assert roster.history.day("anna", date(2026, 11, 18), roster.tz).minutes == 7
        assert len(roster.sessions(*_EVER, "anna")) == 2
        assert len(roster.sessions(*_EVER)) == 1  # those of this treadmill


async def test_a_restart_changes_nothing(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    await sharing.walk(sharing.cellar, 4)
    ids, [device] = sharing.entity_ids(), sharing.devices()
    await sharing.restart(sharing.cellar, sharing.upstairs)
    assert sharing.state("today") == "7.0"
    assert sharing.entity_ids() == ids
    [after] = sharing.devices()
    assert (after.id, after.config_entry_id) == (device.id, sharing.upstairs.entry_id)


async def test_every_change_applies_on_all_treadmills(sharing: Sharing) -> None:
    await sharing.shared()
    number = er.async_get(sharing.hass).async_get_entity_id("number", DOMAIN, f"{ADDRESS.lower()}_anna_daily_goal")
    await sharing.hass.services.async_call("number", "set_value", {"entity_id": number, "value": 8}, blocking=True)
    await sharing.settle()
    assert [sharing.anna_on(entry).daily_goal for entry in (sharing.upstairs, sharing.cellar)] == [8, 8]
    [subentry] = subentries_of_walkers(sharing.cellar)
    result: Any = await sharing.cellar.start_subentry_reconfigure_flow(sharing.hass, subentry.subentry_id)
    answers = {"name": "Hannah", "weight": 61, "daily_goal": 6, "days": ["sun"], "person": "person.anna"}
    answers |= {"reminder": True, "reminder_time": "17:00:00", "quiet_from": "20:00:00", CONF_SEND_TEST: False}
    result = await sharing.hass.config_entries.subentries.async_configure(result["flow_id"], answers)
    assert result["reason"] == "reconfigure_successful"
    await sharing.settle()
    for entry in (sharing.upstairs, sharing.cellar):
        anna = sharing.anna_on(entry)
        assert (anna.name, anna.weight, anna.days, anna.reminder) == ("Hannah", 61, {6}, True)
    assert sharing.devices()[0].name == "Hannah"
    # Home Assistant's own rename knows one subentry only.
    sharing.hass.config_entries.async_update_subentry(sharing.cellar, subentry, title="Anne")
    await sharing.settle()
    assert (sharing.anna_on(sharing.upstairs).name, sharing.devices()[0].name) == ("Anne", "Anne")


async def test_the_first_session_on_each_treadmill_has_its_limits(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 5)
    new = {entry.title: sharing.roster(entry).is_new(sharing.anna_on(entry)) for entry in _both(sharing)}
    assert new == {"Treadmill": False, "Cellar": True}


async def test_nobody_gets_faster_on_a_real_treadmill_by_a_virtual_one(sharing: Sharing) -> None:
    await sharing.shared(**{CONF_VIRTUAL: True})
    await sharing.walk(sharing.upstairs, 5, ended=NOON - timedelta(days=1), planned_speed=1.5, max_speed=1.5)
    await sharing.walk(sharing.cellar, 5, max_speed=2.5, planned_speed=2.5)
    [real, virtual] = [
        entry.runtime_data.coordinator.planner.request(sharing.anna_on(entry)) for entry in _both(sharing)
    ]
    assert real.speed == 1.5
    assert virtual.speed is not None
    assert len(sharing.roster(sharing.upstairs).practice(sharing.anna_on(sharing.upstairs))) == 1
    assert len(sharing.roster(sharing.cellar).practice(sharing.anna_on(sharing.cellar))) == 2
    assert sharing.roster(sharing.upstairs).completed(sharing.anna_on(sharing.upstairs)) == 1
    assert sharing.roster(sharing.cellar).completed(sharing.anna_on(sharing.cellar)) == 2
    assert sharing.state("streak") == "2"  # what was done is not lost either


@pytest.mark.parametrize("first", ["upstairs", "cellar"])
async def test_a_removed_treadmill_takes_no_walker_and_no_session_with_it(sharing: Sharing, first: str) -> None:
    await sharing.shared()
    upstairs = await sharing.walk(sharing.upstairs, 3)
    cellar = await sharing.walk(sharing.cellar, 4)
    for entry, record in ((sharing.upstairs, upstairs), (sharing.cellar, cellar)):
        tracks = sharing.roster(entry).store.tracks
        tracks.add(record.id, [Sample(second, 1.0, None, second / 4) for second in range(5)])
        await tracks.async_close(record)
    ids, [device] = sharing.entity_ids(), sharing.devices()
    gone, stays = (sharing.upstairs, sharing.cellar) if first == "upstairs" else (sharing.cellar, sharing.upstairs)
    await sharing.remove(gone)
    for _ in range(2):
        assert (sharing.state("today"), sharing.state("streak")) == ("7.0", "1")
        assert sharing.entity_ids() == ids
        [after] = sharing.devices()
        assert (after.id, after.config_entry_id) == (device.id, stays.entry_id)
        for record in (upstairs, cellar):
            assert await sharing.roster(stays).async_get_track(record.id) is not None
        await sharing.restart(stays)
    # What was walked there can still be corrected and deleted.
    other = upstairs if first == "upstairs" else cellar
    await sharing.roster(stays).async_remove(other.id)
    await sharing.settle()
    assert sharing.state("today") == ("4.0" if first == "upstairs" else "3.0")


async def test_a_later_set_up_offers_who_walked_on_removed_treadmills(sharing: Sharing) -> None:
    await sharing.set_up(sharing.upstairs)
    await sharing.walk(sharing.upstairs, 5)
    ids = sharing.entity_ids()
    await sharing.remove(sharing.upstairs)
    assert sharing.entity_ids() == {}
    await sharing.set_up(sharing.cellar)
    await sharing.share()
    assert sharing.entity_ids() == ids
    assert (sharing.state("today"), sharing.state("streak")) == ("5.0", "1")
    anna = sharing.anna_on(sharing.cellar)
    assert (anna.name, anna.person, anna.weight) == ("Anna", "person.anna", 70)
    assert sharing.roster(sharing.cellar).is_new(anna)


async def test_a_treadmill_without_sessions_is_removed_without_a_trace(sharing: Sharing) -> None:
    await sharing.set_up()
    await sharing.remove(sharing.upstairs)
    assert async_household(sharing.hass).known_walkers() == []
    assert [name for name in sharing.files() if sharing.upstairs.entry_id in name or "kept" in name] == []


async def test_what_was_kept_can_be_deleted_for_good(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    await sharing.walk(sharing.cellar, 4)
    await sharing.remove(sharing.upstairs)
    flows = sharing.hass.config_entries.flow
    result: Any = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["menu_options"] == ["search", "virtual", "kept"]
    result = await go(sharing.hass, result, {"next_step_id": "kept"})
    [options] = [field.config["options"] for field in result["data_schema"].schema.values()]
    assert options == [{"value": sharing.upstairs.entry_id, "label": "Treadmill · Anna · 2026 · 1"}]
    result = await go(sharing.hass, result, {"treadmills": []})
    assert result["errors"] == {"treadmills": "nothing_chosen"}
    result = await go(sharing.hass, result, {"treadmills": [sharing.upstairs.entry_id]})
    assert result["reason"] == "kept_deleted"
    await sharing.settle()
    assert sharing.state("today") == "4.0"
    assert [name for name in sharing.files() if sharing.upstairs.entry_id in name or "kept" in name] == []
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["menu_options"] == ["search", "virtual"]


async def test_who_removes_a_treadmill_is_told_that_its_sessions_were_kept(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    await sharing.remove(sharing.upstairs)
    await sharing.remove(sharing.cellar)  # without sessions: there is nothing to tell
    [notice] = sharing.hass.data["persistent_notification"].values()
    assert notice["title"] == "Treadmill"
    assert "kept for their walkers: 1." in notice["message"]


async def test_tracks_of_removed_treadmills_are_thinned_as_others(
    sharing: Sharing, freezer: FrozenDateTimeFactory
) -> None:
    await sharing.shared()
    record = await sharing.walk(sharing.upstairs, 3)
    tracks = sharing.roster(sharing.upstairs).store.tracks
    tracks.add(record.id, [Sample(second, 1.0, None, second / 4) for second in range(60)])
    await tracks.async_close(record)
    await sharing.remove(sharing.upstairs)
    freezer.move_to(NOON + timedelta(days=400))
    roster = sharing.roster(sharing.cellar)
    await roster._async_tidy()
    track = await roster.async_get_track(record.id)
    assert track is not None
    assert track.interval == 5


async def test_a_disabled_treadmill_gives_its_walkers_to_another_one(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    ids, [device] = sharing.entity_ids(), sharing.devices()
    by_user = ConfigEntryDisabler.USER
    await sharing.hass.config_entries.async_set_disabled_by(sharing.upstairs.entry_id, by_user)
    await sharing.settle()
    assert sharing.state("today") == "3.0"
    await sharing.hass.config_entries.async_set_disabled_by(sharing.upstairs.entry_id, None)
    await sharing.settle()
    assert sharing.state("today") == "3.0"
    assert sharing.entity_ids() == ids
    assert [each.id for each in sharing.devices()] == [device.id]
    assert sharing.roster(sharing.upstairs).hosted == set()


async def test_a_walker_removed_from_one_treadmill_walks_on_the_other(sharing: Sharing) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    ids = sharing.entity_ids()
    [subentry] = subentries_of_walkers(sharing.upstairs)
    sharing.hass.config_entries.async_remove_subentry(sharing.upstairs, subentry.subentry_id)
    await sharing.settle()
    assert sharing.entity_ids() == ids
    assert sharing.state("today") == "3.0"
    assert len(sharing.devices()) == 1


async def test_a_session_is_corrected_from_either_treadmill(sharing: Sharing) -> None:
    await sharing.shared()
    record = await sharing.walk(sharing.upstairs, 3)
    changed = await sharing.roster(sharing.cellar).async_change(record.id, lambda each: replace(each, note="good"))
    assert changed.note == "good"
    assert sharing.roster(sharing.upstairs).get(record.id) == changed
    assert sharing.roster(sharing.cellar).store.history.get(record.id) is None
    of_bert = await sharing.walk(sharing.upstairs, 3, walker="bert")
    assert sharing.roster(sharing.cellar).get(of_bert.id) is None  # Bert does not walk there


async def test_damage_in_one_place_leaves_the_rest(sharing: Sharing, caplog: pytest.LogCaptureFixture) -> None:
    await sharing.shared()
    await sharing.walk(sharing.upstairs, 3)
    await sharing.walk(sharing.cellar, 4)
    await sharing.remove(sharing.upstairs)
    storage = Path(sharing.hass.config.path(".storage"))
    kept = storage / f"{DOMAIN}.house.kept"
    file = json.loads(kept.read_text())
    kept.write_text(json.dumps({**file, "data": {sharing.upstairs.entry_id: {"name": 5}}}))
    await sharing.restart(sharing.cellar)
    assert sharing.state("today") == "7.0"
    kept.write_text("{")
    await sharing.restart(sharing.cellar)
    assert sharing.state("today") == "7.0"  # the sessions are found without it
    (storage / f"{DOMAIN}.{sharing.upstairs.entry_id}.sessions.2026").write_text("{")
    await sharing.restart(sharing.cellar)
    assert sharing.state("today") == "4.0"
    caplog.clear()


async def test_a_person_is_not_added_twice(sharing: Sharing) -> None:
    await sharing.set_up()
    flows = sharing.hass.config_entries.subentries
    result: Any = await flows.async_init((sharing.cellar.entry_id, SUBENTRY_WALKER), context={"source": SOURCE_USER})
    result = await flows.async_configure(result["flow_id"], {"who": "somebody_new"})
    assert result["step_id"] == "user"
    answers = {"name": "Me", "weight": 61, "daily_goal": 6, "days": ["sun"], "person": "person.anna"}
    answers |= {"reminder": False, "reminder_time": "17:00:00", "quiet_from": "20:00:00", CONF_SEND_TEST: False}
    result = await flows.async_configure(result["flow_id"], answers)
    assert result["errors"] == {"person": "person_elsewhere"}
    del answers["person"]
    result = await flows.async_configure(result["flow_id"], {**answers, "name": "Anna"})
    assert result["type"] is FlowResultType.CREATE_ENTRY  # another Anna
    await sharing.settle()
    taken = await sharing.share()
    assert taken["errors"] == {"who": "name_taken"}


async def test_a_session_that_was_not_saved_yet_is_kept_with_a_removed_treadmill(sharing: Sharing) -> None:
    await sharing.shared()
    record = await sharing.walk(sharing.upstairs, 3)
    await sharing.roster(sharing.upstairs).async_remove(record.id)
    saved = await sharing.walk(sharing.upstairs, 4)
    await sharing.hass.config_entries.async_unload(sharing.upstairs.entry_id)
    waiting = {"unkept": [record.as_dict(), {}, saved.as_dict()]}
    await Journal(sharing.hass, sharing.upstairs.entry_id).async_save(waiting)
    await sharing.remove(sharing.upstairs)
    assert sharing.state("today") == "7.0", "one that was saved after all is there once"


async def test_a_walker_of_0_5_0_is_shared_and_keeps_ids_and_sessions(
    sharing: Sharing, freezer: FrozenDateTimeFactory
) -> None:
    hass, disk = sharing.hass, Path(compatibility.__file__).parent / "0.5.0" / "disk"
    freezer.move_to(POWER_IS_BACK)
    storage = Path(hass.config.path(".storage"))
    storage.mkdir(exist_ok=True)
    for path in disk.glob(f"{DOMAIN}*"):
        (storage / path.name).write_text(path.read_text())
    kept = json.loads((disk / "entry.json").read_text())
    fields = ("data", "domain", "entry_id", "options", "title", "unique_id")
    old = MockConfigEntry(**{name: kept[name] for name in fields}, subentries_data=kept["subentries"])
    await sharing.set_up(old)

    def ids() -> set[tuple[str, str, str | None]]:
        entities = er.async_get(hass).entities.values()
        return {
            each.unique_id: (each.entity_id, each.device_id) for each in entities if f"_{WALKER}_" in each.unique_id
        }

    before, sessions = ids(), sharing.roster(old).sessions(*_EVER, WALKER)
    assert before
    assert sessions
    await sharing.set_up(sharing.cellar)
    await sharing.share(walker_id=WALKER)
    assert ids() == before
    await sharing.remove(old)
    assert ids() == before
    assert {each.id for each in sharing.roster(sharing.cellar).sessions(*_EVER, WALKER)} >= {
        each.id for each in sessions
    }


_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _both(sharing: Sharing) -> Iterator[MockConfigEntry]:
    return iter((sharing.upstairs, sharing.cellar))
