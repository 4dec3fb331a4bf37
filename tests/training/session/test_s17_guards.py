"""A guard forbids a start, and slows or stops the belt if the owner chose that (safety rule S17)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import guard, refusal

State = SessionState
EventKind = SessionEventKind
STOP = CommandKind.STOP


def test_s17_while_a_guard_is_on_nothing_is_confirmed() -> None:
    run = SessionRun()
    guard(run)
    run.start()
    assert refusal(run.start) is Refusal.GUARDED
    assert run.state is State.READY
    guard(run, on=False)
    run.start()
    assert run.state is State.COUNTDOWN


def test_s17_while_a_guard_is_on_the_treadmills_own_start_confirms_nothing() -> None:
    run = SessionRun()
    run.start()
    guard(run)
    run.treadmill.press_start()
    run.go(15)
    assert run.state is State.MANUAL
    assert run.sent == []


def test_s17_while_a_guard_is_on_no_session_is_resumed() -> None:
    run = SessionRun()
    run.paused()
    guard(run)
    run.resume()
    assert refusal(run.resume) is Refusal.GUARDED


def test_s17_a_guard_that_turns_on_ends_a_countdown() -> None:
    run = SessionRun()
    run.count_down()
    run.go(10)
    guard(run)
    assert run.state is State.IDLE
    assert run.data(EventKind.START_FAILED) == {"reason": "guard", "guard": "door"}
    guard(run, on=False)
    run.go(20)
    assert run.sent == []


def test_s17_in_a_walk_it_is_told_once_each_time() -> None:
    run = SessionRun()
    run.begin()
    run.clear_log()
    guard(run)
    guard(run)
    run.go(20)
    assert run.event_kinds == [EventKind.GUARD]
    assert run.data(EventKind.GUARD) == {"guard": "door", "stops": False}
    assert run.sent == []
    guard(run, on=False)
    guard(run)
    assert run.event_kinds == [EventKind.GUARD] * 2


def test_s17_each_guard_is_told_and_each_has_to_be_off() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    guard(run, "child")
    run.go(15)
    run.clear_log()
    guard(run, "door")  # another one was on before the session began
    assert run.data(EventKind.GUARD) == {"guard": "door", "stops": False}
    run.stop()
    run.go(20)
    run.start()
    with pytest.raises(RefusedError) as refused:
        run.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARDED, ("child", "door"))
    guard(run, "child", on=False)
    with pytest.raises(RefusedError) as refused:
        run.start()
    assert refused.value.guards == ("door",)
    guard(run, "door", on=False)
    run.start()
    assert run.state is State.COUNTDOWN


@pytest.mark.parametrize("before", [None, True, False])
def test_s17_a_guard_that_cannot_be_read_forbids_a_start(before: bool | None) -> None:
    run = SessionRun()
    guard(run, on=before)
    guard(run, on=None)
    run.start()
    with pytest.raises(RefusedError) as refused:
        run.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARD_UNREADABLE, ("door",))
    guard(run, on=False)
    run.start()
    assert run.state is State.COUNTDOWN
    guard(run, on=None)
    assert run.data(EventKind.START_FAILED) == {"reason": "guard", "guard": "door"}


def test_s17_a_guard_that_cannot_be_read_ends_no_walk() -> None:
    run = SessionRun(rules(guard_stops=True))
    guard(run, on=False)
    run.begin()
    run.clear_log()
    guard(run, on=None)
    guard(run, on=False)
    assert (run.state, run.emitted) == (State.WARM_UP, [])
    guard(run, on=None)
    guard(run, on=True)  # it had turned on meanwhile
    assert run.state is State.COOL_DOWN


def test_s17_a_guard_that_flickers_has_not_turned_on_again() -> None:
    run = SessionRun(rules(guard_stops=True))
    guard(run)
    run.treadmill.press_start()
    run.go(15)
    run.clear_log()
    guard(run, on=None)
    guard(run, on=True)
    assert (run.state, run.emitted) == (State.MANUAL, [])


def test_s17_at_rest_nothing_is_told() -> None:
    run = SessionRun()
    guard(run)
    assert run.emitted == []


def test_s17_a_guard_that_may_stop_slows_and_stops_the_belt() -> None:
    run = SessionRun(rules(guard_stops=True))
    run.begin()
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(150)
    run.clear_log()
    guard(run)
    begun = run.now
    assert run.state is State.COOL_DOWN
    assert run.data(EventKind.COOLING_DOWN)["reason"] == "guard"
    run.go(25)
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == [2.5, 2.0, 1.5, 1.0]
    stop = next(when for when, command in run.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(10, abs=1)
    assert run.data(EventKind.STOPPED) == {"reason": "guard"}


def test_s17_a_guard_that_may_stop_slows_and_stops_a_belt_that_the_console_has() -> None:
    run = SessionRun(rules(guard_stops=True))
    run.treadmill.press_start()
    run.go(15)
    run.treadmill.press_speed(2.0)
    run.go(10)
    run.clear_log()
    guard(run)
    run.go(25)
    assert CommandKind.SET_SPEED in run.command_kinds
    assert run.treadmill.at_rest
    assert run.data(EventKind.STOPPED) == {"reason": "guard"}


@pytest.mark.parametrize("without", [{"control": False}, {"blocked_by": Refusal.NOT_CHECKED}])
def test_s1_a_guard_is_only_told_of_where_the_belt_is_not_ours_to_move(without: dict[str, Any]) -> None:
    run = SessionRun(rules(guard_stops=True, **without))
    run.treadmill.press_start()
    run.go(25)
    run.clear_log()
    guard(run)
    run.go(25)
    assert run.event_kinds == [EventKind.GUARD]
    assert run.data(EventKind.GUARD) == {"guard": "door", "stops": False}
    assert (run.state, run.sent) == (State.MANUAL, [])


def test_s17_what_we_steer_is_stopped_also_when_control_was_taken_away_meanwhile() -> None:
    run = SessionRun(rules(guard_stops=True))
    run.begin()
    run.session.apply_rules(rules(guard_stops=True, control=False))
    guard(run)
    run.go(25)
    assert run.treadmill.at_rest
    assert run.data(EventKind.STOPPED) == {"reason": "guard"}


def test_s17_a_guard_that_may_stop_stops_a_belt_that_is_starting_or_out_of_sight() -> None:
    run = SessionRun(rules(guard_stops=True))
    run.count_down()
    run.go(16)
    guard(run)
    assert run.command_kinds == [CommandKind.START, STOP]
    run = SessionRun(rules(guard_stops=True))
    run.begin()
    run.link(up=False)
    guard(run)
    assert run.sent[-1][1] == Command(STOP)


def test_s17_a_belt_that_is_wound_down_is_not_slowed_twice() -> None:
    run = SessionRun(rules(guard_stops=True))
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(60)
    run.wind_down()
    run.clear_log()
    guard(run)
    assert run.event_kinds == [EventKind.GUARD]
    assert run.state is State.COOL_DOWN


@pytest.mark.parametrize("changes", [{"speed": 8.0}, {"belt": BeltState.AT_REST, "speed": 0.0}])
def test_s4_s8_a_guard_stops_at_once_what_is_too_fast_to_be_slowed_in_steps_or_may_rest(
    changes: dict[str, Any],
) -> None:
    run = SessionRun(rules(guard_stops=True))
    run.treadmill.press_start()
    run.go(15)
    run.report(**changes)
    run.clear_log()
    guard(run)
    assert (run.state, run.command_kinds) == (State.STOPPING, [STOP])
