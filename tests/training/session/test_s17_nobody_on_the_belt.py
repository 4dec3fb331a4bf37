"""An empty belt is stopped (safety rule S17)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.belt.presence import Presence
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.session_run import SessionRun, rules

EventKind = SessionEventKind
STOP = CommandKind.STOP


def left(run: SessionRun, sign: str) -> None:
    """Assert that a belt that is empty according to this sign is announced and stopped."""
    begun = run.now
    run.go(9)
    assert EventKind.NOBODY_ON_BELT not in run.event_kinds
    run.go(2.5)
    assert run.event_kinds.count(EventKind.NOBODY_ON_BELT) == 1
    assert run.data(EventKind.NOBODY_ON_BELT) == {"sign": sign}
    assert STOP not in run.command_kinds
    run.go(20)
    stop = next(when for when, command in run.sent if command.kind is STOP)
    assert 19.5 <= stop - begun <= 22
    assert run.event_kinds.count(EventKind.NOBODY_ON_BELT) == 1
    assert run.data(EventKind.STOPPED) == {"reason": "nobody_on_belt"}


def test_s17_elapsed_time_that_stands_still_tells_that_nobody_is_on_the_belt() -> None:
    run = SessionRun()
    run.begin()
    run.reports["elapsed_time"] = int(run.treadmill.elapsed)
    left(run, "elapsed_time")


def test_s17_steps_that_are_counted_no_more_tell_that_nobody_is_on_the_belt() -> None:
    run = SessionRun(steps=True)
    run.begin()
    for count in range(20):
        run.reports["steps"] = count
        run.go(1)
    left(run, "steps")


def test_s17_a_belt_without_weight_tells_that_nobody_is_on_it() -> None:
    run = SessionRun()
    run.reports["force_on_belt"] = 70
    run.begin()
    run.reports["force_on_belt"] = 0
    left(run, "force")


def test_s17_the_house_tells_that_nobody_is_on_the_belt() -> None:
    run = SessionRun()
    run.begin()
    run.session.on_occupancy(False, run.now)
    left(run, "occupancy")


@pytest.mark.parametrize("reports", [{"elapsed_time": 0}, {"steps": 0}, {"force_on_belt": 0}, {"elapsed_time": None}])
def test_s17_what_never_counted_proves_nothing(reports: dict[str, Any]) -> None:
    run = SessionRun()
    run.reports |= reports
    run.begin()
    run.go(60)
    assert EventKind.NOBODY_ON_BELT not in run.event_kinds


def test_s17_who_comes_back_is_welcome_and_may_leave_again() -> None:
    run = SessionRun()
    run.begin()
    for _ in range(2):
        run.session.on_occupancy(False, run.now)
        run.go(15)
        run.session.on_occupancy(True, run.now)
        run.go(5)
    assert run.event_kinds.count(EventKind.NOBODY_ON_BELT) == 2
    assert STOP not in run.command_kinds


def test_s17_silence_is_no_absence() -> None:
    run = SessionRun()
    run.begin()
    run.session.on_occupancy(False, run.now)
    run.go(6)
    run.muted = True
    run.go(12)
    run.muted = False
    run.go(5)
    assert EventKind.NOBODY_ON_BELT not in run.event_kinds


def test_s17_a_pause_is_no_absence() -> None:
    run = SessionRun()
    run.paused()
    run.go(60)
    run.resume()
    run.resume()
    run.go(40)
    assert EventKind.NOBODY_ON_BELT not in run.event_kinds


@pytest.mark.parametrize("control", [True, False])
def test_s17_an_empty_belt_that_the_console_has_is_stopped_if_we_may(control: bool) -> None:
    run = SessionRun(rules(control=control))
    run.treadmill.press_start()
    run.go(15)
    run.session.on_occupancy(False, run.now)
    run.go(40)
    assert EventKind.NOBODY_ON_BELT in run.event_kinds
    assert (STOP in run.command_kinds) is control


def test_a_counter_that_counts_now_and_then_is_not_relied_on() -> None:
    presence = Presence()
    run = SessionRun()
    run.begin()
    for second in range(120):
        report = run.telemetry(received=float(second), elapsed_time=second // 20, steps=None)
        presence.update(report, occupied=None)
        assert not presence.should_announce()
