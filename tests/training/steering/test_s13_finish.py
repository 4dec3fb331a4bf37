"""Finish cools down and stops, whatever the session is doing (safety rule S13)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, wished
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 10), (1.4, 18), (3.0, 30)])
def test_s13_finish_cools_down_in_half_a_minute_at_most(speed: float, seconds: float) -> None:
    walk = wished(length=600.0, speed=speed)
    go_to(walk, 240)
    walk.clear_log()
    walk.session.finish(walk.now)
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    walk.go(8)
    walk.session.finish(walk.now)  # pressed again: not any later
    walk.go(40)
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(seconds, abs=1.5)
    assert walk.event_kinds.count(Told.COOLING_DOWN) == 1
    assert walk.data(Told.COOLING_DOWN)["reason"] == "finished"
    assert walk.data(Told.FINISHED) == {"reason": "finished"}
    assert Told.LAST_MINUTE not in walk.event_kinds


def test_s13_finish_shortens_a_cool_down() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 242)
    walk.session.finish(walk.now)
    assert walk.session.remaining == pytest.approx(30, abs=1)
    go_to(walk, 260)
    assert walk.session.moving_time < 262
    walk.session.finish(walk.now)
    walk.go(25)
    assert walk.state is State.FINISHED


def test_s13_finish_in_the_last_seconds_changes_nothing() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 295)
    walk.clear_log()
    walk.session.finish(walk.now)
    walk.go(15)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert Told.COOLING_DOWN not in walk.event_kinds


def test_s7_s13_finish_takes_a_belt_from_the_console_on_its_way_down() -> None:
    walk = wished(length=600.0, speed=1.5)
    go_to(walk, 200)
    walk.treadmill.press_speed(2.5)
    walk.go(10)
    assert walk.state is State.MANUAL
    walk.clear_log()
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.state is State.COOL_DOWN
    walk.go(45)
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == 1.0
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_belt_that_is_too_fast_to_be_taken_over_is_stopped_by_finish() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_speed(8.0)
    walk.go(40)
    walk.clear_log()
    walk.session.finish(walk.now)
    walk.go(20)
    assert set(walk.command_kinds) == {STOP}
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_deck_that_is_too_steep_is_left_as_it_is() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_incline(6.0)
    walk.treadmill.press_speed(2.0)
    walk.go(20)
    walk.clear_log()
    walk.session.finish(walk.now)
    walk.go(40)
    assert walk.inclines == []
    assert walk.speeds[-1][1] == 1.0
    assert walk.state is State.FINISHED


def test_s1_finish_takes_nothing_over_without_control_or_a_link() -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(10)
    assert refusal(walk.session.finish, walk.now) is Refusal.MONITOR_ONLY
    walk = SessionRun()
    walk.begin()
    walk.link(up=False)
    assert refusal(walk.session.finish, walk.now) is Refusal.NOT_CONNECTED
    walk.link(up=True)
    walk.muted = True
    walk.go(3)
    assert refusal(walk.session.finish, walk.now) is Refusal.NO_FRESH_DATA


def test_finish_ends_a_pause_at_once() -> None:
    walk = SessionRun()
    walk.paused()
    walk.clear_log()
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}
    assert walk.sent == []


def test_finish_ends_a_resume_that_is_ready_and_a_belt_that_coasts() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.session.finish(walk.now)
    assert walk.state is State.FINISHED
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.session.finish(walk.now)
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_finish_of_a_belt_that_does_not_move_yet_is_a_stop() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15.5)
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.command_kinds[-1] is STOP


def test_finish_needs_a_walk() -> None:
    walk = SessionRun()
    assert refusal(walk.session.finish, walk.now) is Refusal.NOTHING_TO_FINISH
    walk.start()
    assert refusal(walk.session.finish, walk.now) is Refusal.NOTHING_TO_FINISH


def test_finish_while_it_ends_already_changes_nothing() -> None:
    walk = SessionRun()
    walk.begin()
    walk.wind_down()
    walk.session.finish(walk.now)
    assert walk.state is State.COOL_DOWN
    walk.stop()
    walk.session.finish(walk.now)
    assert walk.state is State.STOPPING


def test_s14_a_walk_that_cools_down_is_wound_down_all_the_same() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 245)
    walk.wind_down()
    walk.go(15)
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s7_a_belt_that_comes_to_rest_in_its_cool_down_was_stopped_at_the_console() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 245)
    walk.reports_events = False
    walk.treadmill.press_stop()
    walk.go(10)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


def test_a_belt_whose_state_nobody_tells_is_not_taken_over_on_the_way_down() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    walk.report(belt=BeltState.UNKNOWN, speed=None)
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.sent[-1][1] == Command(STOP)
