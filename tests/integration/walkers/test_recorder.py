"""The recorder: sessions are measured, saved to the journal, handed over, and restored after a crash."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.storage.journal import Journal
from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.treadmill import runner
from custom_components.retrowalk.walkers.store import SessionStore
from custom_components.retrowalk.walkers.walker import GUEST
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.waiting import let_others_run


def kept(house: House) -> list[SessionRecord]:
    return list(house.coordinator.roster.history)


async def ended(house: House) -> SessionRecord:
    """Wait until the one session is saved, on disk too."""
    await house.until(lambda: len(kept(house)) == 1)
    assert len(await SessionStore(house.hass, house.entry.entry_id).async_load()) == 1
    return kept(house)[0]


def the_journal(house: House) -> Journal:
    return Journal(house.hass, house.entry.entry_id)


async def journal(house: House) -> dict[str, Any] | None:
    return await the_journal(house).async_load()


async def written(house: House) -> dict[str, Any]:
    while (state := await journal(house)) is None:
        await let_others_run()
    return state


async def a_person(house: House) -> str:
    """Return the person entity of the user who presses in these tests."""
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": house.user_id}]}
    assert await async_setup_component(house.hass, "person", persons)
    return "person.anna"


async def test_a_walk_is_kept_with_what_was_measured(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", weight=80.0), walker_subentry("Ben")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(120)
    await house.press("stop")
    await house.time(6)
    record = await ended(house)
    assert record.walker == "anna"
    assert record.weight == 80.0
    assert record.direction is Direction.BACKWARD
    assert record.outcome is Outcome.STOPPED
    assert abs(record.moving_time - house.treadmill.elapsed) <= 3
    assert abs(record.distance - house.treadmill.distance) <= 1
    assert record.max_speed == 1.0
    # About 1 km/h backward costs 3.06 W/kg.
    assert record.calories == pytest.approx(80 * record.moving_time * 3.0 / 4184, rel=0.05)
    assert 0 < record.calories_net < record.calories
    assert int(house.state("session_calories")) == int(record.calories)
    assert record.machine_energy is not None
    await house.until(lambda: house.coordinator.recorder.meter is None)
    assert await journal(house) is None


async def test_choices_fall_back_after_a_walk(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Ben")]))
    await house.call("select", "select_option", "direction", option="forward")
    await house.call("select", "select_option", "walker", option="Ben")
    await house.press("start")
    await house.press("start")
    await house.time(30)
    await house.press("stop")
    await house.time(8)
    record = await ended(house)
    assert (record.direction, record.walker) == (Direction.FORWARD, "ben")
    assert house.state("direction") == "backward"
    assert house.state("walker") == "whoever"


async def test_a_walk_from_the_console_is_kept_too(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    await house.time(3)
    house.treadmill.press_start()
    await house.time(60)
    assert house.state("session_state") == "manual"
    house.treadmill.press_stop()
    await house.time(8)
    record = await ended(house)
    # Forward, as usual at the console; with one walker the session is theirs.
    assert (record.direction, record.walker, record.outcome) == (Direction.FORWARD, "anna", Outcome.CONSOLE)
    assert house.commands().count(b"\x07") == 0


async def test_s1_while_only_watching_the_chosen_direction_counts(house: House) -> None:
    await house.set_up(make_entry(options={}))
    await house.time(3)
    house.treadmill.press_start()
    await house.time(60)
    house.treadmill.press_stop()
    await house.time(8)
    record = await ended(house)
    assert (record.direction, record.walker, record.outcome) == (Direction.BACKWARD, None, Outcome.CONSOLE)
    assert house.commands() == []


async def test_a_few_seconds_are_no_walk(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.press("start")
    await house.time(20)
    await house.press("stop")
    await house.time(8)
    await house.until(lambda: house.coordinator.recorder.meter is None)
    await house.settle()
    assert kept(house) == []
    assert await journal(house) is None


async def test_a_silence_leaves_a_gap_that_the_machines_counters_fill(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.time(20)
    house.faults.silent = True
    await house.time(12)
    assert house.state("session_state") == "interrupted"
    house.faults.silent = False
    await house.time(20)
    await house.press("stop")
    await house.time(8)
    record = await ended(house)
    assert record.estimated
    assert abs(record.moving_time - house.treadmill.elapsed) <= 4
    assert abs(record.distance - house.treadmill.distance) <= 1


@pytest.fixture
async def killed(house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a house whose Home Assistant was killed half a minute into a session, which only the journal has."""
    monkeypatch.setattr(runner, "WIND_DOWN_WITHIN", 0.0)  # a killed process waits for nothing
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.time(22)
    state = await written(house)
    assert state["record"]["moving_time"] >= house.treadmill.elapsed - 10
    house.faults.off = True
    await house.time(0.5)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.forget()
    await the_journal(house).async_save(state)
    house.faults.off = False
    return house


async def start_again(house: House) -> None:
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")


async def test_after_a_kill_a_belt_that_still_moves_is_the_same_walk(killed: House) -> None:
    house = killed
    before = (await written(house))["record"]
    house.peripheral.step(60)
    house.clock.seconds += 60
    await start_again(house)
    await house.time(10)
    assert house.state("session_state") == "manual"  # nothing is steered
    assert (house.state("direction"), house.state("walker")) == ("backward", "Anna")
    assert house.coordinator.session.limits.speed.maximum == 2.0  # not those of a session begun at the console
    assert not set(house.commands()) - {b"\x00", b"\x07", b"\x02\x32\x00"}
    house.treadmill.press_stop()
    await house.time(8)
    record = await ended(house)
    assert record.id == before["id"]
    assert record.walker == "anna"
    assert record.direction is Direction.BACKWARD
    assert record.estimated
    assert abs(record.moving_time - house.treadmill.elapsed) <= 5
    assert abs(record.distance - house.treadmill.distance) <= 2


async def test_after_a_kill_a_belt_at_rest_closes_the_walk_with_what_was_measured(killed: House) -> None:
    house = killed
    before = (await written(house))["record"]
    house.treadmill.press_stop()
    house.peripheral.step(20)
    await start_again(house)
    await house.time(3)
    record = await ended(house)
    assert (record.id, record.outcome) == (before["id"], Outcome.INTERRUPTED)
    assert record.moving_time == before["moving_time"]
    assert await journal(house) is None


async def test_after_a_kill_a_belt_that_says_pre_workout_at_rest_closes_the_walk_too(killed: House) -> None:
    house = killed
    before = (await written(house))["record"]
    house.treadmill.press_stop()
    house.peripheral.step(20)
    await start_again(house)
    house.faults.pre_workout_at_rest = True
    await house.time(20)
    record = await ended(house)
    assert (record.id, record.moving_time) == (before["id"], before["moving_time"])
    await house.press("start")
    await house.press("start")
    await house.time(40)
    await house.press("stop")
    await house.time(30)
    await house.until(lambda: len(kept(house)) == 2)
    assert kept(house)[0] == record
    assert kept(house)[1].moving_time == pytest.approx(house.treadmill.elapsed, abs=4)


async def test_after_a_kill_a_treadmill_that_stays_away_closes_the_walk_in_ten_minutes(killed: House) -> None:
    house = killed
    house.faults.off = True
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.settle()
    assert kept(house) == []
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(minutes=11))
    assert (await ended(house)).outcome is Outcome.INTERRUPTED


async def test_a_journal_older_than_ten_minutes_is_closed_at_once(killed: House) -> None:
    house = killed
    state = await written(house)
    state["record"]["started"] = state["record"]["ended"] = (datetime.now(UTC) - timedelta(minutes=11)).isoformat()
    await the_journal(house).async_save(state)
    house.faults.off = True
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    assert (await ended(house)).outcome is Outcome.INTERRUPTED


async def test_a_walk_that_was_kept_already_is_not_kept_twice(killed: House) -> None:
    house = killed
    state = await written(house)
    store = SessionStore(house.hass, house.entry.entry_id)
    await store.async_load()
    await store.async_add(SessionRecord.from_dict(state["record"]))
    house.treadmill.press_stop()
    house.peripheral.step(20)
    await start_again(house)
    await house.time(3)
    assert len(kept(house)) == 1
    assert await journal(house) is None


def of_a_walk(**more: Any) -> dict[str, Any]:
    """Return the journal of a walk."""
    ended = dt_util.utcnow()
    record = SessionRecord(
        id=ulid_now(),
        walker="anna",
        direction=Direction.BACKWARD,
        started=ended - timedelta(minutes=5),
        ended=ended,
        moving_time=300.0,
        distance=125.0,
        calories=20.0,
        calories_net=15.0,
    )
    return {"record": record.as_dict(), "steered": False, "counted": {}, **more}


@pytest.mark.parametrize(
    "state",
    [
        {"record": {"id": "x"}},
        {"record": "nonsense"},
        {},
        {"nothing": "of a walk"},
        of_a_walk(counted=5),
        of_a_walk(paused="2026-11-02T12:00:00"),
    ],
    ids=["half", "nonsense", "empty", "of something else", "counters", "time"],
)
async def test_a_journal_that_makes_no_sense_is_thrown_away(house: House, state: dict[str, Any]) -> None:
    await house.set_up()
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await the_journal(house).async_save(state)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    assert kept(house) == []
    assert await journal(house) is None


async def test_unloading_while_the_console_has_the_belt_loses_nothing(house: House) -> None:
    await house.set_up()
    await house.time(3)
    house.treadmill.press_start()
    await house.time(33)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.clock.seconds += 1
    await start_again(house)
    await house.time(20)
    house.treadmill.press_stop()
    await house.time(8)
    record = await ended(house)
    assert abs(record.moving_time - house.treadmill.elapsed) <= 5


async def test_a_walk_that_cannot_be_saved_is_told_and_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await house.walk()
    await house.time(20)
    with monkeypatch.context() as disk:
        disk.setattr("homeassistant.helpers.storage.Store._async_handle_write_data", _full_disk)
        await house.press("stop")
        await house.time(8)
        issues = ir.async_get(house.hass)
        issue = f"not_saved_{house.entry.entry_id}"
        await house.until(lambda: issues.async_get_issue(DOMAIN, issue) is not None)
        assert kept(house) == []
    async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=61))
    await ended(house)
    await house.until(lambda: issues.async_get_issue(DOMAIN, issue) is None)


async def _full_disk(*_: Any) -> None:
    """Write nothing, like a full disk, which Home Assistant only logs."""


async def test_a_reload_waits_for_the_walk_that_is_being_saved(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.set_up()
    await house.walk()
    await house.time(20)
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, "countdown_backward": 20})
    written, may_write = asyncio.Event(), asyncio.Event()
    write = Store._async_handle_write_data

    async def slow_disk(self: Store[Any], *args: Any) -> None:
        if "sessions" in self.key:
            written.set()
            await may_write.wait()
        await write(self, *args)

    monkeypatch.setattr(Store, "_async_handle_write_data", slow_disk)
    before = house.coordinator
    await house.press("stop")
    await house.time(8)
    await written.wait()
    await house.settle()
    state = house.entry.state
    may_write.set()
    assert state is ConfigEntryState.UNLOAD_IN_PROGRESS
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED and house.coordinator is not before)
    assert len(kept(house)) == 1
    assert await journal(house) is None


async def test_walks_that_cannot_be_saved_are_tried_again_together_and_not_after_a_reload(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    async def full_disk(self: Store[Any], *_: Any) -> None:
        if "sessions" in self.key:
            attempts.append(self.key)

    await house.set_up()
    with monkeypatch.context() as disk:
        disk.setattr(Store, "_async_handle_write_data", full_disk)
        for number in (1, 2):
            await house.walk()
            await house.time(20)
            await house.press("stop")
            await house.time(8)
            await house.until(lambda number=number: len(attempts) == number)
            await house.time(8)
        async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=61))
        await house.until(lambda: len(attempts) == 4)
        await house.settle()
        assert len(attempts) == 4  # each of the two once
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)  # tries a last time
    assert len(await SessionStore(house.hass, house.entry.entry_id).async_load()) == 2


async def test_s4_who_confirms_what_nobody_was_named_for_walks_it(house: House) -> None:
    await house.set_up(
        make_entry(walkers=[walker_subentry("Anna", person=await a_person(house)), walker_subentry("Ben")])
    )
    await house.store_session("anna")
    await house.press("start", by=Context())  # an automation has no walker
    assert house.state("walker") == "whoever"
    await house.press("start")
    assert house.state("walker") == "Anna"
    assert house.full_state("session_state").state == "countdown"
    await house.time(30)
    # Hers are the limits too: she has walked before.
    assert house.full_state("target_speed").attributes["max"] == 3.0
    await house.press("stop")
    await house.time(8)
    await house.until(lambda: len(kept(house)) == 2)
    assert kept(house)[-1].walker == "anna"
    assert house.state("walker") == "whoever"


async def test_s4_a_guest_who_was_chosen_stays_one_whoever_confirms(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", person=await a_person(house))]))
    house.coordinator.next_session.choose_walker(GUEST)
    await house.press("start", by=Context())
    await house.press("start")
    assert house.state("walker") == "guest"
    assert house.coordinator.session.walker is None


async def test_a_walk_that_runs_its_course_is_kept_as_completed_with_its_plan(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.call("number", "set_value", "session_length", value=2)
    await house.walk()
    assert house.state("walker") == "Anna"
    with pytest.raises(ServiceValidationError) as error:
        await house.call("number", "set_value", "session_length", value=3)
    assert error.value.translation_key == "length_fixed"
    await house.time(130)
    record = await ended(house)
    assert (record.planned, record.outcome, record.completed) == (120.0, Outcome.COMPLETED, True)
    assert record.moving_time == pytest.approx(120, abs=6)
    assert house.state("session_length") == "5.0"


async def test_the_daily_goal_is_told_once_while_walking(house: House) -> None:
    kinds: list[str] = []
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    house.coordinator.events.add(lambda event: kinds.append(event.kind.value))
    await house.store_session("anna", 4)
    house.coordinator.next_session.choose_walker("anna")
    assert house.coordinator.roster.walkers["anna"].daily_goal == 5
    await house.walk()
    await house.time(30)
    assert "goal_reached" not in kinds
    await house.time(20)  # 4 minutes before, 45 s now: a stop costs a few seconds of five minutes
    assert house.full_state("session").attributes["event_type"] == "goal_reached"
    await house.time(30)
    await house.press("stop")
    await house.time(8)
    assert kinds.count("goal_reached") == 1


async def test_no_goal_is_reached_by_a_guest_or_forward(house: House) -> None:
    kinds: list[str] = []
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", daily_goal=1.0)]))
    house.coordinator.events.add(lambda event: kinds.append(event.kind.value))
    house.coordinator.next_session.choose_walker(GUEST)
    await house.walk()
    await house.time(70)
    await house.press("stop")
    await house.time(8)
    house.coordinator.next_session.choose_walker("anna")
    await house.call("select", "select_option", "direction", option="forward")
    await house.press("start")
    await house.press("start")
    await house.time(90)
    assert house.state("session_state") == "active"
    assert "goal_reached" not in kinds


async def test_s4_s13_who_takes_up_a_walk_after_a_kill_has_its_limits_and_its_end(killed: House) -> None:
    house = killed
    house.peripheral.step(30)
    house.clock.seconds += 30
    await start_again(house)
    await house.time(5)
    await house.press("resume")
    await house.time(2)
    assert house.state("session_state") in {"warm_up", "active"}
    assert house.full_state("target_speed").attributes["max"] == 2.0
    length, moved = house.coordinator.session.length, house.treadmill.elapsed
    assert length == 300
    await house.time(length - moved + 10)
    record = await ended(house)
    assert (record.outcome, record.planned, record.walker) == (Outcome.COMPLETED, 300.0, "anna")
    assert record.moving_time == pytest.approx(300, abs=8)
