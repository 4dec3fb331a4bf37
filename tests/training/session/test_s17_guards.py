"""A guard forbids a start, and slows or stops the belt where the owner wants that (safety rule S17)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import guard, refusal

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


def test_s17_while_a_guard_is_on_nothing_is_confirmed() -> None:
    walk = SessionRun()
    guard(walk)
    walk.start()
    assert refusal(walk.start) is Refusal.GUARDED
    assert walk.state is State.READY
    guard(walk, on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN


def test_s17_while_a_guard_is_on_the_treadmills_own_start_confirms_nothing() -> None:
    walk = SessionRun()
    walk.start()
    guard(walk)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s17_while_a_guard_is_on_no_session_is_resumed() -> None:
    walk = SessionRun()
    walk.paused()
    guard(walk)
    walk.resume()
    assert refusal(walk.resume) is Refusal.GUARDED


def test_s17_a_guard_that_turns_on_ends_a_countdown() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(10)
    guard(walk)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "guard", "guard": "door"}
    guard(walk, on=False)
    walk.go(20)
    assert walk.sent == []


def test_s17_in_a_walk_it_is_told_once_each_time() -> None:
    walk = SessionRun()
    walk.begin()
    walk.clear_log()
    guard(walk)
    guard(walk)
    walk.go(20)
    assert walk.event_kinds == [Told.GUARD]
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    assert walk.sent == []
    guard(walk, on=False)
    guard(walk)
    assert walk.event_kinds == [Told.GUARD] * 2


def test_s17_each_guard_is_told_and_each_has_to_be_off() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    guard(walk, "child")
    walk.go(15)
    walk.clear_log()
    guard(walk, "door")  # another one was on before the walk began
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    walk.stop()
    walk.go(20)
    walk.start()
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARDED, ("child", "door"))
    guard(walk, "child", on=False)
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert refused.value.guards == ("door",)
    guard(walk, "door", on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN


@pytest.mark.parametrize("before", [None, True, False])
def test_s17_a_guard_that_cannot_be_read_forbids_a_start(before: bool | None) -> None:
    walk = SessionRun()
    guard(walk, on=before)
    guard(walk, on=None)
    walk.start()
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARD_UNREADABLE, ("door",))
    guard(walk, on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN
    guard(walk, on=None)
    assert walk.data(Told.START_FAILED) == {"reason": "guard", "guard": "door"}


def test_s17_a_guard_that_cannot_be_read_ends_no_walk() -> None:
    walk = SessionRun(rules(guard_stops=True))
    guard(walk, on=False)
    walk.begin()
    walk.clear_log()
    guard(walk, on=None)
    guard(walk, on=False)
    assert (walk.state, walk.emitted) == (State.WARM_UP, [])
    guard(walk, on=None)
    guard(walk, on=True)  # it had turned on meanwhile
    assert walk.state is State.COOL_DOWN


def test_s17_a_guard_that_flickers_has_not_turned_on_again() -> None:
    walk = SessionRun(rules(guard_stops=True))
    guard(walk)
    walk.treadmill.press_start()
    walk.go(15)
    walk.clear_log()
    guard(walk, on=None)
    guard(walk, on=True)
    assert (walk.state, walk.emitted) == (State.MANUAL, [])


def test_s17_at_rest_nothing_is_told() -> None:
    walk = SessionRun()
    guard(walk)
    assert walk.emitted == []


def test_s17_a_guard_that_may_stop_slows_and_stops_the_belt() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(150)
    walk.clear_log()
    guard(walk)
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    assert walk.data(Told.COOLING_DOWN)["reason"] == "guard"
    walk.go(25)
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == [2.5, 2.0, 1.5, 1.0]
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(10, abs=1)
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


def test_s17_a_guard_that_may_stop_slows_and_stops_a_belt_that_the_console_has() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.treadmill.press_start()
    walk.go(15)
    walk.treadmill.press_speed(2.0)
    walk.go(10)
    walk.clear_log()
    guard(walk)
    walk.go(25)
    assert CommandKind.SET_SPEED in walk.command_kinds
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


@pytest.mark.parametrize("without", [{"control": False}, {"blocked_by": Refusal.NOT_CHECKED}])
def test_s1_a_guard_is_only_told_of_where_the_belt_is_not_ours_to_move(without: dict[str, Any]) -> None:
    walk = SessionRun(rules(guard_stops=True, **without))
    walk.treadmill.press_start()
    walk.go(25)
    walk.clear_log()
    guard(walk)
    walk.go(25)
    assert walk.event_kinds == [Told.GUARD]
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    assert (walk.state, walk.sent) == (State.MANUAL, [])


def test_s17_what_we_steer_is_stopped_also_when_control_was_taken_away_meanwhile() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.apply_rules(rules(guard_stops=True, control=False))
    guard(walk)
    walk.go(25)
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


def test_s17_a_guard_that_may_stop_stops_a_belt_that_is_starting_or_out_of_sight() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.count_down()
    walk.go(16)
    guard(walk)
    assert walk.command_kinds == [CommandKind.START, STOP]
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.link(up=False)
    guard(walk)
    assert walk.sent[-1][1] == Command(STOP)


def test_s17_a_belt_that_is_wound_down_is_not_slowed_twice() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(60)
    walk.wind_down()
    walk.clear_log()
    guard(walk)
    assert walk.event_kinds == [Told.GUARD]
    assert walk.state is State.COOL_DOWN
