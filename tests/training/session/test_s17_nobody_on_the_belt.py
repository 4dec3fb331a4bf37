"""A belt that nobody stands on is stopped (safety rule S17)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.belt.presence import Presence
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.session_run import SessionRun, rules

Told = SessionEventKind
STOP = CommandKind.STOP


def left(walk: SessionRun, sign: str) -> None:
    """The walker has left; what the machine or the house tell of it is told."""
    begun = walk.now
    walk.go(9)
    assert Told.NOBODY_ON_BELT not in walk.event_kinds
    walk.go(2.5)
    assert walk.event_kinds.count(Told.NOBODY_ON_BELT) == 1
    assert walk.data(Told.NOBODY_ON_BELT) == {"sign": sign}
    assert STOP not in walk.command_kinds
    walk.go(20)
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert 19.5 <= stop - begun <= 22
    assert walk.event_kinds.count(Told.NOBODY_ON_BELT) == 1
    assert walk.data(Told.STOPPED) == {"reason": "nobody_on_belt"}


def test_s17_elapsed_time_that_stands_still_tells_that_nobody_is_on_the_belt() -> None:
    walk = SessionRun()
    walk.begin()
    walk.reports["elapsed_time"] = int(walk.treadmill.elapsed)
    left(walk, "elapsed_time")


def test_s17_steps_that_are_counted_no_more_tell_that_nobody_is_on_the_belt() -> None:
    walk = SessionRun(steps=True)
    walk.begin()
    for count in range(20):
        walk.reports["steps"] = count
        walk.go(1)
    left(walk, "steps")


def test_s17_a_belt_without_weight_tells_that_nobody_is_on_it() -> None:
    walk = SessionRun()
    walk.reports["force_on_belt"] = 70
    walk.begin()
    walk.reports["force_on_belt"] = 0
    left(walk, "force")


def test_s17_the_house_tells_that_nobody_is_on_the_belt() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.on_occupancy(False, walk.now)
    left(walk, "occupancy")


@pytest.mark.parametrize("reports", [{"elapsed_time": 0}, {"steps": 0}, {"force_on_belt": 0}, {"elapsed_time": None}])
def test_s17_what_never_counted_proves_nothing(reports: dict[str, Any]) -> None:
    walk = SessionRun()
    walk.reports |= reports
    walk.begin()
    walk.go(60)
    assert Told.NOBODY_ON_BELT not in walk.event_kinds


def test_s17_who_comes_back_is_welcome_and_may_leave_again() -> None:
    walk = SessionRun()
    walk.begin()
    for _ in range(2):
        walk.session.on_occupancy(False, walk.now)
        walk.go(15)
        walk.session.on_occupancy(True, walk.now)
        walk.go(5)
    assert walk.event_kinds.count(Told.NOBODY_ON_BELT) == 2
    assert STOP not in walk.command_kinds


def test_s17_silence_is_no_absence() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.on_occupancy(False, walk.now)
    walk.go(6)
    walk.muted = True
    walk.go(12)
    walk.muted = False
    walk.go(5)
    assert Told.NOBODY_ON_BELT not in walk.event_kinds


def test_s17_a_pause_is_no_absence() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(60)
    walk.resume()
    walk.resume()
    walk.go(40)
    assert Told.NOBODY_ON_BELT not in walk.event_kinds


@pytest.mark.parametrize("control", [True, False])
def test_s17_an_empty_belt_that_the_console_has_is_stopped_if_we_may(control: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.treadmill.press_start()
    walk.go(15)
    walk.session.on_occupancy(False, walk.now)
    walk.go(40)
    assert Told.NOBODY_ON_BELT in walk.event_kinds
    assert (STOP in walk.command_kinds) is control


def test_a_counter_that_counts_now_and_then_is_not_relied_on() -> None:
    presence = Presence()
    walk = SessionRun()
    walk.begin()
    for second in range(120):
        report = walk.telemetry(received=float(second), elapsed_time=second // 20, steps=None)
        presence.update(report, occupied=None)
        assert not presence.should_announce()
