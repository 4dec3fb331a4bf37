"""Saved settings apply at once to everything that has not begun (S1, S2)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import EndReason
from custom_components.retrowalk.training.events import SessionEventKind as EventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.rules import Refusal, Rules
from custom_components.retrowalk.training.states import SessionState as State
from tests.support.session_run import INCLINES, SessionRun, rules

CHANGES: dict[str, Callable[[Rules], Rules]] = {
    "monitor_only": lambda now: replace(now, control=False),
    "not_checked": lambda now: replace(now, blocked_by=Refusal.NOT_CHECKED),
    "check_outdated": lambda now: replace(now, blocked_by=Refusal.CHECK_OUTDATED),
    "locked": lambda now: replace(now, control_lock=True),
    "limits_lowered": lambda now: replace(now, owner=OwnerLimits(reduced=True)),
}
LOWER: dict[str, OwnerLimits] = {
    "slower": OwnerLimits(backward_speed=2.5),
    "flatter": OwnerLimits(backward_incline=1.0),
    "impossible": OwnerLimits(backward_speed=0.5),
}


def ready(run: SessionRun) -> None:
    run.start()


def counting(run: SessionRun) -> None:
    run.count_down()
    run.go(5)


def resumed(run: SessionRun) -> None:
    run.paused()
    run.resume()
    assert run.state is State.READY


def resuming(run: SessionRun) -> None:
    resumed(run)
    run.resume()
    run.go(3)
    assert run.state is State.COUNTDOWN


@pytest.mark.parametrize("reason", CHANGES)
@pytest.mark.parametrize("until", [ready, counting, resumed, resuming])
def test_s1_what_is_saved_ends_what_was_made_ready(until: Callable[[SessionRun], None], reason: str) -> None:
    run = SessionRun()
    until(run)
    run.clear_log()
    run.session.apply_rules(CHANGES[reason](run.session.rules))
    run.go(0.5)
    assert run.data(EventKind.START_FAILED)["reason"] == reason
    assert run.state in {State.IDLE, State.FINISHED}
    run.go(90)
    assert CommandKind.START not in run.command_kinds
    assert run.treadmill.at_rest


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("until", [ready, counting])
def test_s1_any_limit_that_is_lowered_ends_it(until: Callable[[SessionRun], None], lower: str) -> None:
    run = SessionRun(rules(incline=INCLINES))
    until(run)
    run.session.apply_rules(replace(run.session.rules, owner=LOWER[lower]))
    run.go(0.5)
    assert run.data(EventKind.START_FAILED)["reason"] == "limits_lowered"


@pytest.mark.parametrize("until", [ready, counting])
def test_s4_more_is_for_the_next_walk_and_ends_nothing(until: Callable[[SessionRun], None]) -> None:
    run = SessionRun()
    until(run)
    state = run.state
    run.session.apply_rules(replace(run.session.rules, owner=OwnerLimits(backward_speed=5.0, backward_incline=10.0)))
    run.go(1)
    assert run.state is state


@pytest.mark.parametrize("reason", CHANGES)
def test_s1_a_belt_that_was_started_and_does_not_move_yet_is_stopped(reason: str) -> None:
    run = SessionRun()
    run.start_lag = 5.0
    run.count_down()
    run.go(15)
    assert run.state is State.STARTING
    run.session.apply_rules(CHANGES[reason](run.session.rules))
    run.go(0.5)
    assert run.data(EventKind.START_FAILED)["reason"] == reason
    assert run.command_kinds[-1] is CommandKind.STOP
    run.go(30)
    assert run.treadmill.at_rest
    assert run.state in {State.IDLE, State.FINISHED}


def test_s1_a_belt_that_was_started_and_moves_with_the_next_report_is_stopped() -> None:
    run = SessionRun()
    run.count_down()
    run.go(15)
    while run.treadmill.speed == 0 and run.state is State.STARTING:
        run.treadmill.step(0.1)
    run.session.apply_rules(replace(run.session.rules, control=False))
    run.report()
    assert EventKind.STARTED not in run.event_kinds
    assert run.command_kinds[-1] is CommandKind.STOP
    run.go(20)
    assert run.treadmill.at_rest


@pytest.mark.parametrize("reason", CHANGES)
def test_s14_what_has_begun_goes_on_by_the_rules_it_began_with(reason: str) -> None:
    run = SessionRun()
    run.begin()
    run.session.apply_rules(CHANGES[reason](run.session.rules))
    run.go(5)
    assert run.state in {State.WARM_UP, State.ACTIVE}


def test_s2_what_is_withdrawn_says_why_and_nothing_else_is_touched() -> None:
    run = SessionRun()
    run.session.withdraw(run.now, reason=EndReason.SETTINGS_CHANGED)
    assert run.session.drain() == []
    run.start()
    run.session.withdraw(run.now, reason=EndReason.SETTINGS_CHANGED)
    run.collect()
    assert run.data(EventKind.START_FAILED) == {"reason": "settings_changed"}
    run.begin()
    run.clear_log()
    run.session.withdraw(run.now, reason=EndReason.SETTINGS_CHANGED)
    run.collect()
    assert run.emitted == []
    assert run.state is State.WARM_UP
