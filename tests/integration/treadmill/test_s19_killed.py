"""Home Assistant is killed at every moment of a session, and the same session is restored (S4, S12, S19).

The next Home Assistant knows only the data on disk at that moment; the belt continues unchanged.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_ANNOUNCER, CONF_CONNECTION, DOMAIN
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction
from tests.support.action_calls import Actions
from tests.support.death import Death
from tests.support.house import CONTROL, Clock, House, make_entry, walker_subentry
from tests.support.speakers import MessageLog, Satellite, Speech, add_speakers

ASKS = {b"\x00"}
"""Commands that a new link may send without moving anything: the request for control."""


@pytest.fixture
async def death(house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Death:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Ben")]))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await house.settle()
    return Death(house, hass_storage, monkeypatch)


def records(house: House) -> list[SessionRecord]:
    """Return the saved sessions, without the one that makes Anna experienced."""
    return list(house.coordinator.roster.history)[1:]


async def kept(house: House) -> SessionRecord:
    await house.until(lambda: len(records(house)) == 1)
    await house.until(lambda: house.coordinator.recorder.meter is None and not house.coordinator.recorder.has_unsaved)
    assert len(records(house)) == 1
    return records(house)[0]


# Paths into each state


async def ready(house: House) -> None:
    await house.press("start")
    await house.time(3)


async def countdown(house: House) -> None:
    await ready(house)
    await house.press("start")
    await house.time(5)


async def starting(house: House) -> None:
    await countdown(house)
    await house.time(11)
    assert house.treadmill.phase is Phase.COUNTDOWN


async def warm_up(house: House) -> None:
    await house.walk()
    await house.time(10)


async def active(house: House) -> None:
    await house.walk()
    await house.time(70)


async def cool_down(house: House) -> None:
    await warm_up(house)
    await house.press("finish")
    await house.time(2)


async def stopping(house: House) -> None:
    await warm_up(house)
    await house.press("stop")


async def interrupted(house: House) -> None:
    await warm_up(house)
    house.faults.silent = True
    await house.time(12)


async def manual(house: House) -> None:
    await warm_up(house)
    house.treadmill.press_speed(1.0)
    await house.time(12)


async def coasting(house: House) -> None:
    await warm_up(house)
    await house.press("pause")


async def paused(house: House) -> None:
    await coasting(house)
    await house.time(10)


async def console_paused(house: House) -> None:
    await warm_up(house)
    house.treadmill.press_pause()
    await house.time(10)


async def resume_ready(house: House) -> None:
    await paused(house)
    await house.press("resume")
    await house.time(3)


async def resume_countdown(house: House) -> None:
    await resume_ready(house)
    await house.press("resume")
    await house.time(5)


async def resume_starting(house: House) -> None:
    await resume_countdown(house)
    await house.time(11)
    assert house.treadmill.phase is Phase.COUNTDOWN


type Drive = Callable[[House], Awaitable[None]]

MOVING: list[tuple[Drive, str]] = [
    (starting, "starting"),
    (warm_up, "warm_up"),
    (active, "active"),
    (cool_down, "cool_down"),
    (interrupted, "interrupted"),
    (manual, "manual"),
    (resume_starting, "starting"),
]
PAUSED: list[tuple[Drive, str]] = [
    (coasting, "paused"),
    (paused, "paused"),
    (console_paused, "paused"),
    (resume_ready, "ready"),
    (resume_countdown, "countdown"),
]
BEFORE: list[tuple[Drive, str]] = [(ready, "ready"), (countdown, "countdown")]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("walker", ["anna", "ben"])
@pytest.mark.parametrize(("drive", "state"), MOVING)
async def test_s19_a_belt_that_moves_is_the_same_session_and_the_walker_hears_that_nobody_coaches(
    death: Death, drive: Drive, state: str, walker: str
) -> None:
    house = death.house
    house.coordinator.next_session.choose_walker(walker)
    await house.settle()
    await drive(house)
    assert house.state("session_state") == state
    session = house.coordinator.session
    limits = session.limits
    before, metres = (session.moving_time, session.odometer.distance) if drive is resume_starting else (0.0, 0.0)
    await death.kill()
    house.faults.clear()
    elapsed = house.treadmill.elapsed
    await death.start_again()
    await house.time(10)
    session = house.coordinator.session
    assert house.state("session_state") == "manual"
    assert (session.direction, session.walker) == (Direction.BACKWARD, walker)
    assert session.limits == limits
    assert session.limits.speed.maximum == (3.0 if walker == "anna" else 2.0)
    [first] = death.no_coach()
    assert first <= 10
    assert SessionEventKind.BELT_WITHOUT_SESSION not in [event.kind for _, event in death.events]
    await house.time(125)
    assert death.no_coach() == pytest.approx([first, first + 60, first + 120], abs=2)
    assert set(house.commands()) <= ASKS
    assert house.treadmill.elapsed == pytest.approx(elapsed + 135, abs=2)
    house.treadmill.press_stop()
    await house.time(8)
    record = await kept(house)
    assert (record.walker, record.direction) == (walker, Direction.BACKWARD)
    # After a pause the machine's counters restart.
    assert record.moving_time == pytest.approx(before + house.treadmill.elapsed, abs=5)
    assert record.distance == pytest.approx(metres + house.treadmill.distance, abs=3)


@pytest.mark.parametrize(("drive", "state"), PAUSED)
async def test_s12_a_pause_survives_and_can_be_resumed(death: Death, drive: Drive, state: str) -> None:
    house = death.house
    await drive(house)
    assert house.state("session_state") == state
    limits, plan = house.coordinator.session.limits, house.coordinator.session.plan
    elapsed = house.treadmill.elapsed
    await death.kill()
    await death.start_again()
    await house.time(5)
    session = house.coordinator.session
    assert house.state("session_state") == "paused"
    assert (session.direction, session.walker, session.limits) == (Direction.BACKWARD, "anna", limits)
    assert (session.plan.length, session.plan.main) == (plan.length, plan.main)
    assert session.moving_time == pytest.approx(elapsed, abs=10)
    assert set(house.commands()) <= ASKS
    with pytest.raises(ServiceValidationError):
        await house.press("resume", by=Context())  # no person
    await house.press("resume")
    await house.press("resume")
    await house.time(30)
    assert house.state("session_state") in {"warm_up", "active"}
    await house.press("stop")
    await house.time(8)
    record = await kept(house)
    assert (record.walker, record.direction) == ("anna", Direction.BACKWARD)
    # The machine's own session ended before the start, so that its counters restart (S12).
    assert record.moving_time == pytest.approx(elapsed + house.treadmill.elapsed, abs=10)


async def test_s12_five_minutes_in_all_count_over_a_restart_and_their_end_is_told(death: Death) -> None:
    house = death.house
    await paused(house)
    await death.kill(down=200)
    await death.start_again()
    await house.time(80)
    assert house.state("session_state") == "paused"
    await house.time(15)
    assert house.state("session_state") == "finished"
    assert (SessionEventKind.FINISHED, "paused_too_long") in [
        (event.kind, event.data.get("reason")) for _, event in death.events
    ]
    record = await kept(house)
    assert (record.outcome, record.stopped_by) == (Outcome.STOPPED, "paused_too_long")


async def test_s12_a_pause_that_ended_meanwhile_is_told_to_have_ended(death: Death) -> None:
    house = death.house
    await paused(house)
    elapsed = house.treadmill.elapsed
    await death.kill(down=330)
    await death.start_again()
    await house.time(3)
    ends = [event for _, event in death.events if event.kind is SessionEventKind.FINISHED]
    assert [event.data["reason"] for event in ends] == ["paused_too_long"]
    assert house.full_state("session").attributes["event_type"] == "finished"
    assert (await kept(house)).moving_time == pytest.approx(elapsed, abs=10)
    assert set(house.commands()) <= ASKS


async def test_s19_after_a_pause_a_belt_that_moves_on_is_the_same_session(death: Death) -> None:
    house = death.house
    await paused(house)
    await death.kill()
    house.treadmill.press_start()
    house.peripheral.step(40)
    house.clock.seconds += 40
    await death.start_again()
    await house.time(10)
    assert (house.state("session_state"), house.state("walker")) == ("manual", "Anna")
    assert len(death.no_coach()) == 1
    house.treadmill.press_stop()
    await house.time(8)
    assert (await kept(house)).moving_time == pytest.approx(house.treadmill.elapsed, abs=10)


@pytest.mark.parametrize("drive", [paused, warm_up, active, manual, cool_down])
async def test_s19_counters_that_fell_are_another_session_of_nobody_known(death: Death, drive: Drive) -> None:
    house = death.house
    await drive(house)
    before = house.treadmill.elapsed
    await death.kill(down=3)
    before_metres = house.treadmill.distance
    house.treadmill.press_stop()
    house.peripheral.step(10)
    house.treadmill.press_start()
    house.peripheral.step(8)
    house.clock.seconds += 18
    assert house.treadmill.elapsed < before
    await death.start_again()
    await house.time(20)
    session = house.coordinator.session
    assert (house.state("session_state"), session.direction, session.walker) == ("manual", Direction.FORWARD, None)
    assert set(house.commands()) <= ASKS
    house.treadmill.press_stop()
    await house.time(8)
    await house.until(lambda: len(records(house)) == 2)
    first, second = records(house)
    assert (first.walker, first.direction) == ("anna", Direction.BACKWARD)
    assert first.moving_time == pytest.approx(before, abs=10)
    assert first.distance <= before_metres
    assert (second.walker, second.direction) == (None, Direction.FORWARD)
    assert second.moving_time <= house.treadmill.elapsed
    assert second.steered_backward == 0


async def test_s19_one_strange_report_does_not_make_another_session(death: Death) -> None:
    house = death.house
    await active(house)
    await death.kill()
    speed, elapsed = house.treadmill.speed, house.treadmill.elapsed
    house.treadmill.elapsed = 0.0
    await death.start_again()
    await house.time(0.5)
    house.treadmill.elapsed = elapsed
    await house.time(10)
    assert (house.state("session_state"), house.state("walker"), speed > 0) == ("manual", "Anna", True)


@pytest.mark.parametrize(("drive", "state"), BEFORE)
async def test_s2_what_was_only_made_ready_starts_nothing_and_is_forgotten(
    death: Death, drive: Drive, state: str
) -> None:
    house = death.house
    await drive(house)
    assert house.state("session_state") == state
    await death.kill()
    await death.start_again()
    await house.time(30)
    assert house.state("session_state") == "idle"
    assert set(house.commands()) <= ASKS
    assert house.treadmill.at_rest
    assert records(house) == []
    assert not house.coordinator.recorder.has_unsaved


@pytest.mark.parametrize(("drive", "state"), BEFORE)
async def test_s19_a_start_at_the_console_is_that_of_who_was_ready(death: Death, drive: Drive, state: str) -> None:
    house = death.house
    await drive(house)
    await death.kill(down=5)
    house.treadmill.press_start()
    house.peripheral.step(30)
    house.clock.seconds += 30
    await death.start_again()
    await house.time(10)
    session = house.coordinator.session
    assert (house.state("session_state"), session.walker, session.direction) == ("manual", "anna", Direction.BACKWARD)
    assert len(death.no_coach()) == 1
    house.treadmill.press_stop()
    await house.time(8)
    record = await kept(house)
    assert record.moving_time == pytest.approx(house.treadmill.elapsed, abs=10)
    assert record.steered_backward == 0


async def test_s3_a_belt_that_was_stopping_is_kept_as_it_was_measured(death: Death) -> None:
    house = death.house
    await stopping(house)
    elapsed = house.treadmill.elapsed
    await death.kill()
    await death.start_again()
    await house.time(5)
    record = await kept(house)
    assert (record.walker, record.direction) == ("anna", Direction.BACKWARD)
    assert record.moving_time == pytest.approx(elapsed, abs=10)
    assert house.state("session_state") == "idle"


async def test_s9_a_check_run_is_nobodys_walk(death: Death) -> None:
    house = death.house
    await house.coordinator.control.start_check(house.person())
    await house.time(25)
    assert house.state("session_state") == "checking"
    assert not house.treadmill.at_rest
    await death.kill()
    await death.start_again()
    await house.time(10)
    session = house.coordinator.session
    assert (house.state("session_state"), session.walker, session.direction) == ("manual", None, Direction.FORWARD)
    assert len(death.no_coach()) == 1
    assert set(house.commands()) <= ASKS
    house.treadmill.press_stop()
    await house.time(8)
    assert (await kept(house)).walker is None


async def test_s19_a_walk_that_has_ended_and_is_not_saved_yet_is_saved_then(
    death: Death, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = death.house
    await warm_up(house)
    with monkeypatch.context() as disk:
        write = Store._async_handle_write_data

        async def full(self: Store[Any], *args: Any) -> None:
            if "sessions" not in self.key:
                await write(self, *args)

        disk.setattr(Store, "_async_handle_write_data", full)
        await house.press("stop")
        await house.time(8)
        assert records(house) == []
        await death.kill()
    await death.start_again()
    await house.time(3)
    record = await kept(house)
    assert (record.walker, record.outcome) == ("anna", Outcome.STOPPED)
    assert record.moving_time == pytest.approx(house.treadmill.elapsed, abs=3)


async def test_s19_a_session_is_restored_where_links_are_made_on_demand_only(
    house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry({**CONTROL, CONF_CONNECTION: "on_demand"}, walkers=[walker_subentry("Anna")])
    await house.set_up(entry, connected=False)
    death = Death(house, hass_storage, monkeypatch)
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    await warm_up(house)
    await death.kill()
    await death.start_again()
    await house.time(10)
    assert house.state("session_state") == "manual"
    assert house.coordinator.session.direction is Direction.BACKWARD
    assert len(death.no_coach()) == 1


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a disk with space for small files only, so that no session can be saved."""
    write = Store._async_handle_write_data

    async def full(self: Store[Any], *args: Any) -> None:
        if "sessions" not in self.key:
            await write(self, *args)

    monkeypatch.setattr(Store, "_async_handle_write_data", full)


async def test_two_walks_that_cannot_be_saved_both_survive_two_restarts(
    death: Death, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = death.house
    issues, issue = ir.async_get(house.hass), f"not_saved_{house.entry.entry_id}"
    elapsed_times = []
    with monkeypatch.context() as disk:
        full_disk(disk)
        for walker in ("anna", "ben"):
            house.coordinator.next_session.choose_walker(walker)
            await warm_up(house)
            await house.press("stop")
            await house.time(8)
            await house.until(lambda: issues.async_get_issue(DOMAIN, issue) is not None)
            elapsed_times.append(house.treadmill.elapsed)
            assert records(house) == []
            await death.kill()
            await death.start_again()
            await house.time(8)
    assert records(house) == []
    await death.kill()
    await death.start_again()
    await house.until(lambda: not house.coordinator.recorder.has_unsaved)
    assert [record.walker for record in records(house)] == ["anna", "ben"]
    for record, seconds in zip(records(house), elapsed_times, strict=True):
        assert record.moving_time == pytest.approx(seconds, abs=3)
        assert record.outcome is Outcome.STOPPED
    assert issues.async_get_issue(DOMAIN, issue) is None


async def test_a_program_goes_on_where_it_was_once_a_person_resumes_it(death: Death) -> None:
    house = death.house
    await house.call("select", "select_option", "program", option="daily_five")
    await warm_up(house)
    plan = house.coordinator.session.program
    assert plan is not None
    await death.kill()
    await death.start_again()
    await house.time(5)
    session = house.coordinator.session
    assert session.program is not None
    assert session.program.program == plan.program
    assert house.state("program") == "daily_five"
    await house.press("resume")
    assert house.state("session_state") in {"warm_up", "active"}
    remaining = session.remaining
    assert remaining == pytest.approx(plan.length - session.moving_time, abs=1)
    await house.time(remaining + 8)
    record = await kept(house)
    assert (record.program, record.outcome) == ("daily_five", Outcome.COMPLETED)


async def test_s19_the_walker_hears_it_aloud(
    house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    message_log = MessageLog(clock)
    await add_speakers(house.hass, tts=Speech())
    await add_speakers(house.hass, integration="satellites", assist_satellite=Satellite(message_log))
    options = {**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "assist_satellite.hall"}
    await house.set_up(make_entry(options, walkers=[walker_subentry("Anna")]))
    death = Death(house, hass_storage, monkeypatch)
    await warm_up(house)
    await death.kill()
    await death.start_again()
    message_log.since_now()
    await house.time(130)
    spoken_at = [when for when, text in message_log.entries if "without a coach" in text]
    assert spoken_at == pytest.approx([0, 60, 120], abs=10)
    assert spoken_at[0] <= 10


async def test_s4_only_what_was_steered_backward_here_ends_the_first_sessions_limits(death: Death) -> None:
    house = death.house
    roster = house.coordinator.roster
    ben = roster.walkers["ben"]
    now = dt_util.utcnow()
    # At the console, added by hand, forward, too short, and of another walker: no correction changes that.
    actions = Actions(house)
    at = (now - timedelta(hours=2)).isoformat()
    await actions.call("log_session", walker="Ben", started=at, minutes=30, distance=800)
    await house.store_session("ben", outcome=Outcome.CONSOLE)
    await house.store_session("ben", outcome=Outcome.COMPLETED, moving_time=170.0)
    forward = await house.store_session("ben", direction=Direction.FORWARD)
    await actions.call("edit_session", session_id=forward.id, direction="backward")
    annas = await house.store_session("anna")
    guests = await house.store_session(None)
    for record in (annas, guests):
        await actions.call("edit_session", session_id=record.id, walker="Ben")
    assert roster.is_new(ben)
    # Ben is removed, and added again with the same name.
    house.hass.config_entries.async_remove_subentry(house.entry, "ben")
    subentry = ConfigSubentry(
        data=MappingProxyType(walker_subentry("Ben")["data"]), subentry_type="walker", title="Ben", unique_id=None
    )
    house.hass.config_entries.async_add_subentry(house.entry, subentry)
    await house.settle()
    assert roster.is_new(roster.walkers[subentry.subentry_id])
    assert roster.is_new(None)
    # Three minutes of a session that was mostly controlled at the console.
    house.coordinator.next_session.choose_walker(subentry.subentry_id)
    await manual(house)
    await house.time(260)
    house.treadmill.press_stop()
    await house.time(8)
    await house.until(lambda: roster.history.last(subentry.subentry_id) is not None)
    record = roster.history.last(subentry.subentry_id)
    assert record.completed
    assert record.steered_backward < 40
    assert roster.is_new(roster.walkers[subentry.subentry_id])
    # And a steered session.
    house.coordinator.next_session.choose_walker(subentry.subentry_id)
    await house.walk()
    await house.time(320)
    await house.until(lambda: not roster.is_new(roster.walkers[subentry.subentry_id]))
