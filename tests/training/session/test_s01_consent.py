"""Without the owner's consent nothing is steered, and a reduced mode keeps backward slow (safety rule S1)."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
Told = SessionEventKind
State = SessionState


def test_s1_without_control_nothing_starts_and_nothing_is_steered() -> None:
    walk = SessionRun(rules(control=False))
    assert refusal(walk.start) is Refusal.MONITOR_ONLY
    assert refusal(walk.resume) is Refusal.MONITOR_ONLY
    assert refusal(walk.session.confirm, walk.now, caller=Caller.PERSON) is Refusal.MONITOR_ONLY
    assert refusal(walk.session.set_speed, 2.0, caller=Caller.PERSON) is Refusal.MONITOR_ONLY
    assert walk.sent == []


def test_s1_without_control_a_walk_is_still_recorded_and_can_be_stopped() -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.state is State.MANUAL
    assert walk.session.odometer.moving_time > 10
    assert refusal(walk.pause) is Refusal.MONITOR_ONLY
    assert refusal(walk.resume) is Refusal.MONITOR_ONLY
    walk.stop()
    walk.go(6)
    assert set(walk.command_kinds) == {STOP}
    assert walk.treadmill.at_rest
    assert walk.state is State.FINISHED


@pytest.mark.parametrize("hand", ["press_stop", "pull_safety_key"])
def test_s1_while_only_watching_a_stop_at_the_console_is_not_echoed(hand: str) -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(20)
    getattr(walk.treadmill, hand)()
    walk.go(8)
    assert walk.sent == []
    assert walk.state is State.FINISHED


def test_s1_reduced_mode_keeps_backward_slow_and_level() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(reduced=True)))
    walk.begin()
    assert walk.session.set_speed(3.0, caller=Caller.PERSON) == 2.0
    assert walk.session.set_incline(3.0, caller=Caller.PERSON) == 0.0
    walk.go(120)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.inclines == []


def test_s1_control_that_is_taken_away_ends_a_countdown() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.session.apply_rules(rules(control=False))
    walk.go(1)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "monitor_only"}


def test_s1_the_treadmills_own_start_is_only_watched_once_control_is_taken_away() -> None:
    walk = SessionRun()
    ready(walk)
    walk.session.apply_rules(rules(control=False))
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.sent == []
