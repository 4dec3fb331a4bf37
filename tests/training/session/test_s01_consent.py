"""Without the owner's consent nothing is steered, and a reduced mode keeps backward slow (safety rule S1)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import ready, refusal

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
EventKind = SessionEventKind
State = SessionState


def test_s1_without_control_nothing_starts_and_nothing_is_steered() -> None:
    run = SessionRun(rules(control=False))
    assert refusal(run.start) is Refusal.MONITOR_ONLY
    assert refusal(run.resume) is Refusal.MONITOR_ONLY
    assert refusal(run.session.confirm, run.now, caller=Caller.PERSON) is Refusal.MONITOR_ONLY
    assert refusal(run.session.set_speed, 2.0, caller=Caller.PERSON) is Refusal.MONITOR_ONLY
    assert run.sent == []


def test_s1_without_control_a_walk_is_still_recorded_and_can_be_stopped() -> None:
    run = SessionRun(rules(control=False))
    run.treadmill.press_start()
    run.go(20)
    assert run.state is State.MANUAL
    assert run.session.odometer.moving_time > 10
    assert refusal(run.pause) is Refusal.MONITOR_ONLY
    assert refusal(run.resume) is Refusal.MONITOR_ONLY
    run.stop()
    run.go(6)
    assert set(run.command_kinds) == {STOP}
    assert run.treadmill.at_rest
    assert run.state is State.FINISHED


@pytest.mark.parametrize("console_action", ["press_stop", "pull_safety_key"])
def test_s1_while_only_watching_a_stop_at_the_console_is_not_echoed(console_action: str) -> None:
    run = SessionRun(rules(control=False))
    run.treadmill.press_start()
    run.go(20)
    getattr(run.treadmill, console_action)()
    run.go(8)
    assert run.sent == []
    assert run.state is State.FINISHED


def test_s1_reduced_mode_keeps_backward_slow_and_level() -> None:
    run = SessionRun(rules(owner=OwnerLimits(reduced=True)))
    run.begin()
    assert run.session.set_speed(3.0, caller=Caller.PERSON) == 2.0
    assert run.session.set_incline(3.0, caller=Caller.PERSON) == 0.0
    run.go(120)
    assert run.treadmill.speed == pytest.approx(2.0)
    assert run.inclines == []


def test_s1_control_that_is_taken_away_ends_a_countdown() -> None:
    run = SessionRun()
    run.count_down()
    run.session.apply_rules(rules(control=False))
    run.go(1)
    assert run.state is State.IDLE
    assert run.data(EventKind.START_FAILED) == {"reason": "monitor_only"}


def test_s1_the_treadmills_own_start_is_only_watched_once_control_is_taken_away() -> None:
    run = SessionRun()
    ready(run)
    run.session.apply_rules(rules(control=False))
    run.treadmill.press_start()
    run.go(10)
    assert run.state is State.MANUAL
    assert run.sent == []


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        ({"control": False}, Refusal.MONITOR_ONLY),
        ({"blocked_by": Refusal.NOT_CHECKED}, Refusal.NOT_CHECKED),
        ({"control_lock": True}, Refusal.LOCKED),
    ],
)
def test_s1_a_pause_is_not_resumed_once_control_is_taken_away(without: dict[str, Any], reason: Refusal) -> None:
    run = SessionRun()
    run.paused()
    run.session.apply_rules(rules(**without))
    run.clear_log()
    assert refusal(run.resume) is reason
    assert refusal(run.start) is reason
    assert (run.state, run.sent) == (State.PAUSED, [])
