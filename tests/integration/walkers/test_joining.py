"""One person who is two walkers, as up to 0.6.1, is found, and joined if somebody says so."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.repairs import JoinWalkersFlow, async_create_fix_flow
from custom_components.retrowalk.storage.journal import Journal
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track_rows import Sample
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.walkers import household as household_module
from custom_components.retrowalk.walkers.household import async_household
from custom_components.retrowalk.walkers.joining import async_join
from custom_components.retrowalk.walkers.roster import EVER, WalkerRoster
from custom_components.retrowalk.walkers.store import SessionStore
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry

CELLAR = "F2:52:57:00:00:77"
NOON = datetime(2026, 11, 18, 20, tzinfo=UTC)  # a Wednesday; 12:00 in the house
ISSUE = f"walker_twice_{'anna'}_{'anne'}"


class Twins:
    """A house with two treadmills, on which one person is two walkers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass
        self.upstairs = make_entry(walkers=[walker_subentry("Anna", person="person.anna")])
        self.cellar = self.other(person="person.anna")

    def other(self, title: str = "Anna", subentry_id: str = "anne", **data: Any) -> MockConfigEntry:
        """Return the treadmill in the cellar, with one walker."""
        walker = {**walker_subentry(title, **data), "subentry_id": subentry_id}
        return MockConfigEntry(
            domain=DOMAIN,
            title="Cellar",
            unique_id=CELLAR.lower(),
            data={**make_entry().data, CONF_ADDRESS: CELLAR},
            options=CONTROL,
            subentries_data=[walker],
        )

    async def set_up(self, *entries: MockConfigEntry) -> None:
        for entry in entries or (self.upstairs, self.cellar):
            entry.add_to_hass(self.hass)
            assert await self.hass.config_entries.async_setup(entry.entry_id)
            await self.settle()

    async def settle(self) -> None:
        await self.hass.async_block_till_done()
        await self.house.settle()

    def roster(self, entry: ConfigEntry) -> WalkerRoster:
        roster: WalkerRoster = entry.runtime_data.coordinator.roster
        return roster

    async def walk(self, entry: ConfigEntry, walker: str, minutes: float = 5, **more: Any) -> SessionRecord:
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

    def issue(self) -> ir.IssueEntry | None:
        return ir.async_get(self.hass).async_get_issue(DOMAIN, ISSUE)

    def entity_ids(self, walker: str, address: str) -> dict[str, str]:
        beginning = f"{address.lower()}_{walker}_"
        entities = er.async_get(self.hass).entities.values()
        return {each.unique_id: each.entity_id for each in entities if each.unique_id.startswith(beginning)}

    def state(self, key: str) -> str:
        entity_id = er.async_get(self.hass).async_get_entity_id("sensor", DOMAIN, f"{ADDRESS.lower()}_anna_{key}")
        assert entity_id is not None
        state = self.hass.states.get(entity_id)
        assert state is not None
        return state.state

    async def flow(self) -> JoinWalkersFlow:
        """Return the repair's flow, opened by somebody."""
        issue = self.issue()
        assert issue is not None
        flow = await async_create_fix_flow(self.hass, issue.issue_id, issue.data)
        assert isinstance(flow, JoinWalkersFlow)
        flow.hass, flow.handler, flow.flow_id, flow.context = self.hass, DOMAIN, "flow", {"issue_id": issue.issue_id}
        assert (await flow.async_step_init())["menu_options"] == ["join", "ignore"]
        return flow

    async def restart(self) -> None:
        """Unload all, forget what is in memory, and set up again."""
        for entry in (self.upstairs, self.cellar):
            assert await self.hass.config_entries.async_unload(entry.entry_id)
        del self.hass.data[household_module._HOUSEHOLD]
        for entry in (self.upstairs, self.cellar):
            assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.settle()


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: sessions are files on disk."""
    return {}


@pytest.fixture
async def twins(house: House, freezer: FrozenDateTimeFactory) -> AsyncIterator[Twins]:
    freezer.move_to(NOON)
    house.hass.states.async_set("person.anna", "home", {"user_id": house.user_id})
    twins = Twins(house)
    yield twins
    for entry in house.hass.config_entries.async_entries(DOMAIN):
        await house.hass.config_entries.async_unload(entry.entry_id)


async def test_two_walkers_of_one_person_are_offered_to_be_joined_and_nothing_is_done_by_itself(twins: Twins) -> None:
    await twins.set_up()
    issue = twins.issue()
    assert issue is not None
    assert issue.translation_placeholders == {"name": "Anna", "one": "Treadmill", "other": "Cellar"}
    assert twins.roster(twins.upstairs).walkers.keys() == {"anna"}
    assert twins.roster(twins.cellar).walkers.keys() == {"anne"}


@pytest.mark.parametrize(
    ("title", "person", "found"),
    [
        ("Anna", None, True),
        ("ANNA", None, True),
        ("Mum", "person.anna", True),
        ("Anna", "person.bert", False),  # another person of that name
        ("Bert", None, False),
    ],
)
async def test_a_person_or_a_name_tells_that_they_may_be_one(
    twins: Twins, title: str, person: str | None, found: bool
) -> None:
    twins.cellar = twins.other(title, person=person)
    await twins.set_up()
    assert (twins.issue() is not None) is found


async def test_one_walker_of_both_treadmills_is_no_twin(twins: Twins) -> None:
    twins.cellar = twins.other(person="person.anna", walker_id="anna", first_address=ADDRESS)
    await twins.set_up()
    assert ir.async_get(twins.hass).issues.keys() == set()


async def test_joined_walkers_have_one_plan_and_all_sessions_and_the_entities_stay(
    twins: Twins, freezer: FrozenDateTimeFactory
) -> None:
    twins.cellar = twins.other(
        person="person.anna", step_sensor="sensor.steps", plan_paused=[["2026-11-02", "2026-11-08"]]
    )
    await twins.set_up()
    await twins.walk(twins.upstairs, "anna", 5, ended=NOON - timedelta(days=1))
    theirs = await twins.walk(
        twins.cellar,
        "anne",
        5,
        note="Good",
        discomfort_after=2,
        steered_walker="anne",
        steered_backward=300.0,
    )
    old = await twins.walk(twins.cellar, "anne", 4, ended=datetime(2025, 6, 1, 12, tzinfo=UTC))
    guest = await twins.walk(twins.cellar, "somebody", 3)
    tracks = twins.roster(twins.cellar).store.tracks
    tracks.add(theirs.id, [Sample(second, 1.0, None, second / 4) for second in range(5)])
    await tracks.async_close(theirs)
    assert not twins.roster(twins.cellar).is_new(twins.roster(twins.cellar).walkers["anne"])
    ids = twins.entity_ids("anna", ADDRESS)
    assert twins.entity_ids("anne", CELLAR)
    assert (twins.state("today"), twins.state("streak")) == ("0.0", "1")

    flow = await twins.flow()
    form = await flow.async_step_join()
    assert form["type"] == "form"
    assert (await flow.async_step_join({"stays": "anna"}))["type"] == "create_entry"
    await twins.settle()
    for _ in range(2):  # again after a restart
        assert (twins.state("today"), twins.state("streak")) == ("5.0", "2")
        assert twins.entity_ids("anna", ADDRESS) == ids
        assert twins.entity_ids("anne", CELLAR) == {}
        for entry in (twins.upstairs, twins.cellar):
            roster = twins.roster(entry)
            assert roster.walkers.keys() == {"anna"}
            assert (roster.walkers["anna"].person, roster.walkers["anna"].step_sensor) == (
                "person.anna",
                "sensor.steps",
            )
            assert roster.walkers["anna"].paused == ((date(2026, 11, 2), date(2026, 11, 8)),)
            assert [record.moving_time / 60 for record in roster.sessions(*EVER, "anna")] == [4, 5, 5]
        joined = twins.roster(twins.cellar).get(theirs.id)
        assert joined is not None
        assert (joined.walker, joined.note, joined.discomfort_after) == ("anna", "Good", 2)
        assert await twins.roster(twins.cellar).async_get_track(theirs.id) is not None
        other = twins.roster(twins.cellar).store.history.get(guest.id)
        assert other is not None
        assert other.walker == "somebody"
        # As after a correction, nobody is experienced on a treadmill by joining (S4).
        assert twins.roster(twins.cellar).is_new(twins.roster(twins.cellar).walkers["anna"])
        assert twins.issue() is None
        [device] = [each for each in dr.async_get(twins.hass).devices if each.name == "Anna"]
        assert device.config_entry_id == twins.upstairs.entry_id
        await twins.restart()
    assert async_household(twins.hass).entry_id_of(old.id) == twins.cellar.entry_id


async def test_the_other_one_may_stay(twins: Twins) -> None:
    await twins.set_up()
    await twins.walk(twins.upstairs, "anna", 5)
    ids = twins.entity_ids("anne", CELLAR)
    flow = await twins.flow()
    await flow.async_step_join({"stays": "anne"})
    await twins.settle()
    assert twins.entity_ids("anne", CELLAR) == ids
    assert twins.entity_ids("anna", ADDRESS) == {}
    assert twins.roster(twins.upstairs).walkers.keys() == {"anne"}
    assert len(twins.roster(twins.upstairs).sessions(*EVER, "anne")) == 1


async def test_nobody_is_joined_while_a_session_waits(twins: Twins) -> None:
    await twins.set_up()
    flow = await twins.flow()
    await twins.house.until(lambda: twins.upstairs.runtime_data.coordinator.data.link == "connected")
    twins.house.entry = twins.upstairs
    await twins.house.press("start")
    assert twins.upstairs.runtime_data.coordinator.in_use
    form = await flow.async_step_join({"stays": "anna"})
    assert form["errors"] == {"base": "in_use"}
    assert twins.roster(twins.cellar).walkers.keys() == {"anne"}
    await twins.house.press("stop")
    await twins.house.time(10)
    assert (await flow.async_step_join({"stays": "anna"}))["type"] == "create_entry"


async def test_sessions_that_wait_in_the_journal_of_a_treadmill_that_is_not_set_up_are_joined_too(twins: Twins) -> None:
    await twins.set_up()
    ended = dt_util.utcnow()
    saved = [
        SessionRecord(
            id=ulid_now(),
            walker=walker,
            direction=Direction.BACKWARD,
            started=ended - timedelta(minutes=5 + number),
            ended=ended - timedelta(minutes=number),
            moving_time=300,
            distance=125,
            calories=20,
            calories_net=15,
        ).as_dict()
        for number, walker in enumerate(("anne", "anne", None, "carl"))
    ]
    assert await twins.hass.config_entries.async_unload(twins.cellar.entry_id)
    state = {"record": saved[0], "steered": 1.0, "counted": {}, "begins": False, "paused": None, "unkept": saved[1:]}
    await Journal(twins.hass, twins.cellar.entry_id).async_save(state)
    assert (await (await twins.flow()).async_step_join({"stays": "anna"}))["type"] == "create_entry"
    assert await twins.hass.config_entries.async_setup(twins.cellar.entry_id)
    await twins.settle()
    recorder = twins.cellar.runtime_data.coordinator.recorder
    assert recorder._unfinished.record.walker == "anna"
    await recorder._async_close_expired()
    await twins.settle()
    found = {record.id: record.walker for record in async_household(twins.hass).history}
    assert [found[row["id"]] for row in saved] == ["anna", "anna", None, "carl"]
    assert len(twins.roster(twins.upstairs).sessions(*EVER, "anna")) == 2


async def test_a_treadmill_that_is_not_set_up_and_has_no_journal_is_joined_like_any_other(twins: Twins) -> None:
    await twins.set_up()
    old = await twins.walk(twins.cellar, "anne")
    assert await twins.hass.config_entries.async_unload(twins.cellar.entry_id)
    assert (await (await twins.flow()).async_step_join({"stays": "anna"}))["type"] == "create_entry"
    assert [each.id for each in twins.roster(twins.upstairs).sessions(*EVER, "anna")] == [old.id]


async def test_who_is_gone_meanwhile_is_not_joined(twins: Twins) -> None:
    await twins.set_up()
    flow = await twins.flow()
    twins.hass.config_entries.async_remove_subentry(twins.cellar, "anne")
    await twins.settle()
    assert twins.issue() is None
    assert (await flow.async_step_join({"stays": "anna"}))["reason"] == "gone"
    assert not await async_join(twins.hass, "anna", "anne")


async def test_two_people_of_one_name_stay_two_after_they_were_ignored(twins: Twins) -> None:
    await twins.set_up()
    flow = await twins.flow()
    assert (await flow.async_step_ignore())["reason"] == "ignored"
    await twins.restart()
    issue = twins.issue()
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_a_full_disk_or_a_power_cut_in_between_loses_nothing_and_it_is_offered_again(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    await twins.set_up()
    await twins.walk(twins.cellar, "anne", 5)
    await twins.walk(twins.cellar, "anne", 4, ended=datetime(2025, 6, 1, 12, tzinfo=UTC))
    write, written = SessionStore._async_write, list[int]()

    async def once(self: SessionStore, *added: SessionRecord, removed: str | None = None) -> None:
        if written:
            raise HomeAssistantError("the disk is full")
        written.append(len(added))
        await write(self, *added, removed=removed)

    monkeypatch.setattr(SessionStore, "_async_write", once)
    with pytest.raises(HomeAssistantError):
        await async_join(twins.hass, "anna", "anne")
    monkeypatch.setattr(SessionStore, "_async_write", write)
    await twins.restart()
    assert twins.issue() is not None
    sessions = async_household(twins.hass).history
    assert (len(sessions.between(*EVER, "anna")), len(sessions.between(*EVER, "anne"))) == (1, 1)
    assert await async_join(twins.hass, "anna", "anne")
    await twins.settle()
    assert len(async_household(twins.hass).history.between(*EVER, "anna")) == 2


async def test_a_removed_treadmill_offers_the_one_who_stays(twins: Twins) -> None:
    await twins.set_up()
    await twins.walk(twins.cellar, "anne", 5)
    await twins.walk(twins.upstairs, "anna", 5)
    flow = await twins.flow()
    await flow.async_step_join({"stays": "anna"})
    await twins.settle()
    await twins.hass.config_entries.async_remove(twins.cellar.entry_id)
    await twins.hass.config_entries.async_remove(twins.upstairs.entry_id)
    [known] = async_household(twins.hass).known_walkers()
    assert (known.id, known.name) == ("anna", "Anna")
