"""Finish cools down and stops in every state of the session (safety rule S13)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, planned_run
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, refusal

State = SessionState
EventKind = SessionEventKind
STOP = CommandKind.STOP


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 10), (1.4, 18), (3.0, 30)])
def test_s13_finish_cools_down_in_half_a_minute_at_most(speed: float, seconds: float) -> None:
    run = planned_run(length=600.0, speed=speed)
    go_to(run, 240)
    run.clear_log()
    run.session.finish(run.now)
    begun = run.now
    assert run.state is State.COOL_DOWN
    run.go(8)
    run.session.finish(run.now)  # a second press does not delay the end
    run.go(40)
    stop = next(when for when, command in run.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(seconds, abs=1.5)
    assert run.event_kinds.count(EventKind.COOLING_DOWN) == 1
    assert run.data(EventKind.COOLING_DOWN)["reason"] == "finished"
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}
    assert EventKind.LAST_MINUTE not in run.event_kinds


def test_s13_finish_shortens_a_cool_down() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 242)
    run.session.finish(run.now)
    assert run.session.remaining == pytest.approx(30, abs=1)
    go_to(run, 260)
    assert run.session.moving_time < 262
    run.session.finish(run.now)
    run.go(25)
    assert run.state is State.FINISHED


def test_s13_finish_in_the_last_seconds_changes_nothing() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 295)
    run.clear_log()
    run.session.finish(run.now)
    run.go(15)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert EventKind.COOLING_DOWN not in run.event_kinds


def test_s7_s13_finish_takes_a_belt_from_the_console_on_its_way_down() -> None:
    run = planned_run(length=600.0, speed=1.5)
    go_to(run, 200)
    run.treadmill.press_speed(2.5)
    run.go(10)
    assert run.state is State.MANUAL
    run.clear_log()
    run.session.finish(run.now)
    run.collect()
    assert run.state is State.COOL_DOWN
    run.go(45)
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == 1.0
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_belt_that_is_too_fast_to_be_taken_over_is_stopped_by_finish() -> None:
    run = SessionRun()
    run.begin()
    run.treadmill.press_speed(8.0)
    run.go(40)
    run.clear_log()
    run.session.finish(run.now)
    run.go(20)
    assert set(run.command_kinds) == {STOP}
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_deck_that_is_too_steep_is_left_as_it_is() -> None:
    run = SessionRun()
    run.begin()
    run.treadmill.press_incline(6.0)
    run.treadmill.press_speed(2.0)
    run.go(20)
    run.clear_log()
    run.session.finish(run.now)
    run.go(40)
    assert run.inclines == []
    assert run.speeds[-1][1] == 1.0
    assert run.state is State.FINISHED


def test_s1_finish_takes_nothing_over_without_control_or_a_link() -> None:
    run = SessionRun(rules(control=False))
    run.treadmill.press_start()
    run.go(10)
    assert refusal(run.session.finish, run.now) is Refusal.MONITOR_ONLY
    run = SessionRun()
    run.begin()
    run.link(up=False)
    assert refusal(run.session.finish, run.now) is Refusal.NOT_CONNECTED
    run.link(up=True)
    run.muted = True
    run.go(3)
    assert refusal(run.session.finish, run.now) is Refusal.NO_FRESH_DATA


def test_s13_finish_of_a_manual_belt_whose_last_report_is_old_is_refused_and_touches_nothing() -> None:
    run = at(State.MANUAL)
    run.muted = True
    run.go(2.5)
    assert run.state is State.MANUAL
    run.clear_log()
    assert refusal(run.session.finish, run.now) is Refusal.NO_FRESH_DATA
    run.collect()
    assert (run.state, run.sent) == (State.MANUAL, [])


def test_finish_ends_a_pause_at_once() -> None:
    run = SessionRun()
    run.paused()
    run.clear_log()
    run.session.finish(run.now)
    run.collect()
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}
    assert run.sent == []


def test_finish_ends_a_resume_that_is_ready_and_a_belt_that_coasts() -> None:
    run = SessionRun()
    run.paused()
    run.resume()
    run.session.finish(run.now)
    assert run.state is State.FINISHED
    run = SessionRun()
    run.begin()
    run.pause()
    run.session.finish(run.now)
    run.go(8)
    assert run.state is State.FINISHED
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}


def test_finish_of_a_belt_that_does_not_move_yet_is_a_stop() -> None:
    run = SessionRun()
    run.count_down()
    run.go(15.5)
    run.session.finish(run.now)
    run.collect()
    assert run.command_kinds[-1] is STOP


def test_finish_needs_a_walk() -> None:
    run = SessionRun()
    assert refusal(run.session.finish, run.now) is Refusal.NOTHING_TO_FINISH
    run.start()
    assert refusal(run.session.finish, run.now) is Refusal.NOTHING_TO_FINISH


def test_finish_while_it_ends_already_changes_nothing() -> None:
    run = SessionRun()
    run.begin()
    run.wind_down()
    run.session.finish(run.now)
    assert run.state is State.COOL_DOWN
    run.stop()
    run.session.finish(run.now)
    assert run.state is State.STOPPING


def test_s14_a_walk_that_cools_down_is_wound_down_all_the_same() -> None:
    run = planned_run(length=300.0, speed=3.0)
    go_to(run, 245)
    run.wind_down()
    run.go(15)
    assert run.treadmill.at_rest
    assert run.data(EventKind.STOPPED) == {"reason": "shutdown"}


def test_s7_a_belt_that_comes_to_rest_in_its_cool_down_was_stopped_at_the_console() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 245)
    run.reports_events = False
    run.treadmill.press_stop()
    run.go(10)
    assert run.state is State.FINISHED
    assert run.data(EventKind.STOPPED) == {"reason": "console"}


def test_a_belt_whose_state_nobody_tells_is_not_taken_over_on_the_way_down() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(20)
    run.report(belt=BeltState.UNKNOWN, speed=None)
    run.session.finish(run.now)
    run.collect()
    assert run.sent[-1][1] == Command(STOP)
