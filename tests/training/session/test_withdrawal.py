"""What the owner saves holds at once for what has not begun (S1, S2)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import EndReason
from custom_components.retrowalk.training.events import SessionEventKind as Told
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


def ready(walk: SessionRun) -> None:
    walk.start()


def counting(walk: SessionRun) -> None:
    walk.count_down()
    walk.go(5)


def resumed(walk: SessionRun) -> None:
    walk.paused()
    walk.resume()
    assert walk.state is State.READY


def resuming(walk: SessionRun) -> None:
    resumed(walk)
    walk.resume()
    walk.go(3)
    assert walk.state is State.COUNTDOWN


@pytest.mark.parametrize("reason", CHANGES)
@pytest.mark.parametrize("until", [ready, counting, resumed, resuming])
def test_s1_what_is_saved_ends_what_was_made_ready(until: Callable[[SessionRun], None], reason: str) -> None:
    walk = SessionRun()
    until(walk)
    walk.clear_log()
    walk.session.apply_rules(CHANGES[reason](walk.session.rules))
    walk.go(0.5)
    assert walk.data(Told.START_FAILED)["reason"] == reason
    assert walk.state in {State.IDLE, State.FINISHED}
    walk.go(90)
    assert CommandKind.START not in walk.command_kinds
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("until", [ready, counting])
def test_s1_any_limit_that_is_lowered_ends_it(until: Callable[[SessionRun], None], lower: str) -> None:
    walk = SessionRun(rules(incline=INCLINES))
    until(walk)
    walk.session.apply_rules(replace(walk.session.rules, owner=LOWER[lower]))
    walk.go(0.5)
    assert walk.data(Told.START_FAILED)["reason"] == "limits_lowered"


@pytest.mark.parametrize("until", [ready, counting])
def test_s4_more_is_for_the_next_walk_and_ends_nothing(until: Callable[[SessionRun], None]) -> None:
    walk = SessionRun()
    until(walk)
    state = walk.state
    walk.session.apply_rules(replace(walk.session.rules, owner=OwnerLimits(backward_speed=5.0, backward_incline=10.0)))
    walk.go(1)
    assert walk.state is state


@pytest.mark.parametrize("reason", CHANGES)
def test_s1_a_belt_that_was_started_and_does_not_move_yet_is_stopped(reason: str) -> None:
    walk = SessionRun()
    walk.start_lag = 5.0
    walk.count_down()
    walk.go(15)
    assert walk.state is State.STARTING
    walk.session.apply_rules(CHANGES[reason](walk.session.rules))
    walk.go(0.5)
    assert walk.data(Told.START_FAILED)["reason"] == reason
    assert walk.command_kinds[-1] is CommandKind.STOP
    walk.go(30)
    assert walk.treadmill.at_rest
    assert walk.state in {State.IDLE, State.FINISHED}


def test_s1_a_belt_that_was_started_and_moves_with_the_next_report_is_stopped() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15)
    while walk.treadmill.speed == 0 and walk.state is State.STARTING:
        walk.treadmill.step(0.1)
    walk.session.apply_rules(replace(walk.session.rules, control=False))
    walk.report()
    assert Told.STARTED not in walk.event_kinds
    assert walk.command_kinds[-1] is CommandKind.STOP
    walk.go(20)
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("reason", CHANGES)
def test_s14_what_has_begun_goes_on_by_the_rules_it_began_with(reason: str) -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.apply_rules(CHANGES[reason](walk.session.rules))
    walk.go(5)
    assert walk.state in {State.WARM_UP, State.ACTIVE}


def test_s2_what_is_withdrawn_says_why_and_nothing_else_is_touched() -> None:
    walk = SessionRun()
    walk.session.withdraw(walk.now, reason=EndReason.SETTINGS_CHANGED)
    assert walk.session.drain() == []
    walk.start()
    walk.session.withdraw(walk.now, reason=EndReason.SETTINGS_CHANGED)
    walk.collect()
    assert walk.data(Told.START_FAILED) == {"reason": "settings_changed"}
    walk.begin()
    walk.clear_log()
    walk.session.withdraw(walk.now, reason=EndReason.SETTINGS_CHANGED)
    walk.collect()
    assert walk.emitted == []
    assert walk.state is State.WARM_UP
