"""A pause brings the belt to rest; resuming is a start (safety rule S12)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at, found, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
Told = SessionEventKind
State = SessionState


def test_s12_a_pause_brings_the_belt_to_rest_and_resuming_is_a_start() -> None:
    walk = SessionRun()
    walk.begin()
    walked = walk.session.odometer.moving_time
    walk.pause()
    assert walk.command_kinds[-1] is PAUSE
    assert walk.data(Told.PAUSED) == {"by": "home_assistant"}
    assert walk.session.belt_may_move
    assert refusal(walk.resume) is Refusal.COMING_TO_REST
    walk.go(8)
    assert not walk.session.belt_may_move
    assert refusal(walk.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert refusal(walk.start, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    walk.start()
    assert walk.state is State.READY
    assert refusal(walk.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    walk.resume()
    assert walk.state is State.COUNTDOWN
    walk.go(30)
    assert walk.state is State.WARM_UP
    assert Told.RESUMED in walk.event_kinds
    assert walk.event_kinds.count(Told.STARTED) == 1
    assert walk.session.odometer.moving_time > walked


def test_s12_readying_again_does_not_forget_the_paused_walk() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.session.choose_direction(Direction.FORWARD)
    walk.session.prepare(walk.now, caller=Caller.PERSON)
    walk.start()
    walk.go(30)
    assert walk.event_kinds.count(Told.STARTED) == 1
    assert walk.session.direction is Direction.BACKWARD


def test_s12_the_treadmills_own_start_confirms_a_resume() -> None:
    walk = SessionRun()
    walk.paused()
    walked = walk.session.odometer.moving_time
    walk.resume()
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.WARM_UP
    assert walk.event_kinds[-1] is Told.RESUMED
    assert walk.session.odometer.moving_time > walked


def test_s12_a_coasting_belt_that_reports_rest_once_is_not_at_rest() -> None:
    walk = SessionRun(coast=0.1)
    walk.begin()
    walk.pause()
    walk.report(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(walk.resume) is Refusal.COMING_TO_REST
    walk.go(2)
    assert walk.state is State.PAUSED
    walk.go(12)
    assert walk.state is State.PAUSED
    walk.resume()
    assert walk.state is State.READY


def test_s12_a_pause_ends_after_five_minutes() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(291.5)
    assert walk.state is State.PAUSED
    walk.go(1)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}


def test_s12_a_resume_that_nobody_confirms_ends_after_five_minutes() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(200)
    walk.resume()
    walk.go(91.5)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}


def test_s12_a_resume_that_waited_for_the_link_makes_a_pause_no_longer() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(200)
    walk.link(up=False)
    walk.resume()
    walk.link(up=True)
    walk.go(91.5)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.FINISHED


def test_s12_a_resume_that_fails_ends_the_walk_and_keeps_it() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.resume()
    walk.link(up=False)
    assert walk.state is State.FINISHED
    assert walk.event_kinds[-2:] == [Told.START_FAILED, Told.FINISHED]


def test_s12_a_pause_that_is_ignored_becomes_a_stop() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.pause()
    walk.go(8)
    assert walk.command_kinds[-1] is PAUSE
    walk.go(1)
    assert walk.command_kinds[-1] is STOP
    assert walk.state is State.STOPPING


def test_s12_a_pause_that_is_declined_becomes_a_stop_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.pause()
    walk.fail_command(PAUSE)
    assert walk.command_kinds[-1] is STOP


def test_s12_a_pause_that_works_though_nobody_said_so_is_one() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.go(1)
    walk.fail_command(PAUSE)
    walk.go(8)
    assert walk.state is State.PAUSED
    walk.fail_command(PAUSE)
    assert walk.state is State.PAUSED


def test_s12_a_belt_that_coasts_for_long_is_still_pausing() -> None:
    walk = SessionRun(coast=0.05)
    walk.begin()
    walk.pause()
    walk.go(25)
    assert walk.state is State.PAUSED
    assert STOP not in walk.command_kinds


def test_pausing_needs_a_walk() -> None:
    for state in (State.IDLE, State.READY, State.STARTING, State.PAUSED, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).pause) is Refusal.NOTHING_TO_PAUSE
    walk = at(State.MANUAL)
    walk.pause()
    assert walk.state is State.PAUSED


def test_resuming_needs_something_to_resume() -> None:
    for state in (State.IDLE, State.STARTING, State.ACTIVE, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).resume) is Refusal.NOTHING_TO_RESUME


def test_s12_a_pause_from_before_a_restart_is_resumed_with_its_course() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=100.0), walk.now)
    walk.go(5)
    assert (walk.state, walk.session.walker, walk.session.moving_time) == (State.PAUSED, "anna", 100.0)
    assert walk.session.paused_for(walk.now) == 105.0
    assert walk.command_kinds == []
    walk.resume()
    walk.resume()
    assert walk.session.paused_for(walk.now) == 105.0
    walk.go(30)
    assert walk.session.paused_for(walk.now) is None
    assert walk.state is State.ACTIVE
    assert walk.data(Told.RESUMED) == {}
    walk.go(200)
    assert walk.state is State.FINISHED
    assert walk.session.moving_time == pytest.approx(300, abs=5)


def test_s12_the_five_minutes_of_a_pause_go_on_over_a_restart() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=290.0), walk.now)
    walk.go(9)
    assert walk.state is State.PAUSED
    walk.go(3)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}
