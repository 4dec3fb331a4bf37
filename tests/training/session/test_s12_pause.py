"""A pause brings the belt to rest; resuming is a start (safety rule S12)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, CommandKind, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Measured
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, recovered_session, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
EventKind = SessionEventKind
State = SessionState


def test_s12_a_pause_brings_the_belt_to_rest_and_resuming_is_a_start() -> None:
    run = SessionRun()
    run.begin()
    moving_time = run.session.odometer.moving_time
    run.pause()
    assert run.command_kinds[-1] is PAUSE
    assert run.data(EventKind.PAUSED) == {"by": "home_assistant"}
    assert run.session.belt_may_move
    assert refusal(run.resume) is Refusal.COMING_TO_REST
    run.go(8)
    assert not run.session.belt_may_move
    assert refusal(run.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    assert refusal(run.start, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    run.start()
    assert run.state is State.READY
    assert refusal(run.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    run.resume()
    assert run.state is State.COUNTDOWN
    run.go(30)
    assert run.state is State.WARM_UP
    assert EventKind.RESUMED in run.event_kinds
    assert run.event_kinds.count(EventKind.STARTED) == 1
    assert run.session.odometer.moving_time > moving_time


def test_s12_readying_again_does_not_forget_the_paused_walk() -> None:
    run = SessionRun()
    run.paused()
    run.resume()
    run.session.choose_direction(Direction.FORWARD)
    run.session.prepare(run.now, caller=Caller.PERSON)
    run.start()
    run.go(30)
    assert run.event_kinds.count(EventKind.STARTED) == 1
    assert run.session.direction is Direction.BACKWARD


def test_s12_the_treadmills_own_start_confirms_a_resume() -> None:
    run = SessionRun()
    run.paused()
    moving_time = run.session.odometer.moving_time
    run.resume()
    run.treadmill.press_start()
    run.go(15)
    assert run.state is State.WARM_UP
    assert run.event_kinds[-1] is EventKind.RESUMED
    assert run.session.odometer.moving_time > moving_time


def test_s12_a_coasting_belt_that_reports_rest_once_is_not_at_rest() -> None:
    run = SessionRun(coast=0.1)
    run.begin()
    run.pause()
    run.report(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(run.resume) is Refusal.COMING_TO_REST
    run.go(2)
    assert run.state is State.PAUSED
    run.go(12)
    assert run.state is State.PAUSED
    run.resume()
    assert run.state is State.READY


def test_s12_a_pause_ends_after_five_minutes() -> None:
    run = SessionRun()
    run.paused()
    run.go(291.5)
    assert run.state is State.PAUSED
    run.go(1)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "paused_too_long"}


def test_s12_a_resume_that_nobody_confirms_ends_after_five_minutes() -> None:
    run = SessionRun()
    run.paused()
    run.go(200)
    run.resume()
    run.go(91.5)
    assert run.state is State.READY
    run.go(1)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "paused_too_long"}


def test_s12_a_resume_that_waited_for_the_link_makes_a_pause_no_longer() -> None:
    run = SessionRun()
    run.paused()
    run.go(200)
    run.link(up=False)
    run.resume()
    run.link(up=True)
    run.go(91.5)
    assert run.state is State.READY
    run.go(1)
    assert run.state is State.FINISHED


def test_s12_a_resume_that_fails_ends_the_walk_and_keeps_it() -> None:
    run = SessionRun()
    run.paused()
    run.resume()
    run.resume()
    run.link(up=False)
    assert run.state is State.FINISHED
    assert run.event_kinds[-2:] == [EventKind.START_FAILED, EventKind.FINISHED]


def test_s12_a_pause_that_is_ignored_becomes_a_stop() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.pause()
    run.go(8)
    assert run.command_kinds[-1] is PAUSE
    run.go(1)
    assert run.command_kinds[-1] is STOP
    assert run.state is State.STOPPING


def test_s12_a_pause_that_is_declined_becomes_a_stop_at_once() -> None:
    run = SessionRun()
    run.begin()
    run.obeys = False
    run.pause()
    run.fail_command(PAUSE)
    assert run.command_kinds[-1] is STOP


def test_s12_a_pause_that_works_though_nobody_said_so_is_one() -> None:
    run = SessionRun()
    run.begin()
    run.pause()
    run.go(1)
    run.fail_command(PAUSE)
    run.go(8)
    assert run.state is State.PAUSED
    run.fail_command(PAUSE)
    assert run.state is State.PAUSED


def test_s12_a_belt_that_coasts_for_long_is_still_pausing() -> None:
    run = SessionRun(coast=0.05)
    run.begin()
    run.pause()
    run.go(25)
    assert run.state is State.PAUSED
    assert STOP not in run.command_kinds


def test_pausing_needs_a_walk() -> None:
    for state in (State.IDLE, State.READY, State.STARTING, State.PAUSED, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).pause) is Refusal.NOTHING_TO_PAUSE
    run = at(State.MANUAL)
    run.pause()
    assert run.state is State.PAUSED


def test_resuming_needs_something_to_resume() -> None:
    for state in (State.IDLE, State.STARTING, State.ACTIVE, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).resume) is Refusal.NOTHING_TO_RESUME


def test_s12_a_pause_from_before_a_restart_is_resumed_with_its_plan() -> None:
    run = SessionRun()
    run.session.restore(recovered_session(paused=100.0), run.now)
    run.go(5)
    assert (run.state, run.session.walker, run.session.moving_time) == (State.PAUSED, "anna", 100.0)
    assert run.session.paused_for(run.now) == 105.0
    assert run.command_kinds == []
    run.resume()
    run.resume()
    assert run.session.paused_for(run.now) == 105.0
    run.go(30)
    assert run.session.paused_for(run.now) is None
    assert run.state is State.ACTIVE
    assert run.data(EventKind.RESUMED) == {}
    run.go(200)
    assert run.state is State.FINISHED
    assert run.session.moving_time == pytest.approx(300, abs=5)


def test_s12_the_five_minutes_of_a_pause_go_on_over_a_restart() -> None:
    run = SessionRun()
    run.session.restore(recovered_session(paused=290.0), run.now)
    run.go(9)
    assert run.state is State.PAUSED
    run.go(3)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "paused_too_long"}


def test_s2_a_belt_that_the_end_of_its_own_session_sets_in_motion_is_stopped() -> None:
    """Some machines toggle: Stop at rest makes them go again, and then it is ended so only once."""
    run = SessionRun()
    run.faults.toggles_on_stop = True
    for ends in (1, 0):
        run.paused()
        run.clear_log()
        run.resume()
        assert run.command_kinds == [CommandKind.END_SESSION] * ends
        if ends:
            run.go(1)
            assert run.command_kinds[-1] is STOP
            run.go(40)
            assert run.treadmill.at_rest
            assert EventKind.RESUMED not in run.event_kinds
    run.go(3)
    run.resume()
    run.go(30)
    assert run.state is State.WARM_UP


def test_s2_a_paused_belt_whose_session_is_ended_at_once_is_not_taken_up_where_that_moves_it() -> None:
    run = SessionRun(rules(measured=Measured(resumes_fast=True)))
    run.faults.toggles_on_stop = True
    run.begin()
    run.pause()
    run.go(12)
    assert run.command_kinds[-2:] == [CommandKind.END_SESSION, STOP]
    assert EventKind.STOPPED in run.event_kinds
    assert run.treadmill.at_rest


def test_s12_a_start_that_the_console_pauses_before_the_belt_moves_rests_at_once() -> None:
    run = at(State.STARTING)
    run.event(MachineEventKind.PAUSED)
    assert (run.state, run.session.belt_may_move) == (State.PAUSED, False)


def test_s12_finish_stops_a_belt_that_comes_to_rest() -> None:
    run = at(State.ACTIVE)
    run.pause()
    run.clear_log()
    run.session.finish(run.now)
    run.collect()
    assert (run.state, run.command_kinds) == (State.STOPPING, [STOP])
    run.go(8)
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}


def test_s12_a_belt_that_a_pause_made_faster_is_stopped_the_next_time_it_is_to_pause() -> None:
    run = SessionRun()
    run.faults.faster_on_pause = True
    run.begin()
    run.pause()
    run.go(60)
    assert run.treadmill.at_rest
    run.begin()
    run.clear_log()
    run.pause()
    assert (run.command_kinds, run.state) == ([STOP], State.STOPPING)
