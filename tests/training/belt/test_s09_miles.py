"""A console that is switched to miles in the middle of a walk, and counters that only look like it (safety rule S9)."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import KM_PER_MILE, CommandKind, Telemetry, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState
Told = SessionEventKind


class Counting(SessionRun):
    """Its counter counts as a test says."""

    def __init__(self, *args: Any, counts: Callable[[float], float] = float, **profile: Any) -> None:
        self.counts = counts
        super().__init__(*args, **profile)

    def telemetry(self, **changes: Any) -> Telemetry:
        return super().telemetry(**{"distance": int(self.counts(self.treadmill.distance)), **changes})


def grain(metres: int) -> Callable[[float], float]:
    return lambda distance: distance // metres * metres


def walking(
    speed: float = 2.0, *, length: float = 600.0, counts: Callable[[float], float] = float, step: float = 0.1
) -> Counting:
    walk = Counting(rules(speed=ValueRange(0.8, 12.0, step)), counts=counts)
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=speed))
    walk.start()
    walk.go(30)
    walk.session.set_speed(speed, caller=Caller.PERSON)
    walk.go(170)
    assert walk.treadmill.speed == pytest.approx(speed)
    walk.clear_log()
    return walk


def both(walk: SessionRun) -> None:
    """It takes and reports miles; what it was told is that many of them now."""
    walk.treadmill.kmh_per_unit = KM_PER_MILE


def both_at_the_same_speed(walk: SessionRun) -> None:
    walk.treadmill.target_speed /= KM_PER_MILE
    both(walk)


def reports_only(walk: SessionRun) -> None:
    walk.treadmill.reported_in = KM_PER_MILE


def found_within(walk: SessionRun, dt: float = 0.5) -> float:
    begun = walk.now
    while Told.NOT_OBEYED not in walk.event_kinds and walk.now < begun + 200:
        walk.go(dt, dt)
    return walk.now - begun


@pytest.mark.parametrize("dt", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("metres", [1, 5])
@pytest.mark.parametrize("speed", [1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("switch", [both, both_at_the_same_speed, reports_only])
def test_s9_a_console_switched_to_miles_is_noticed_within_a_minute(
    switch: Callable[[SessionRun], None], speed: float, metres: int, dt: float
) -> None:
    walk = walking(speed, counts=grain(metres))
    switch(walk)
    assert found_within(walk, dt) <= 60
    assert walk.data(Told.NOT_OBEYED) == {"finding": "miles", "what": "speed"}
    walk.go(20)
    # Slowed once, and to what was meant: never faster than that, as far as the machine can.
    assert walk.treadmill.speed <= max(speed, 0.8 * KM_PER_MILE) + 0.1
    with pytest.raises(RefusedError) as refused:
        walk.session.set_speed(3.0, caller=Caller.PERSON)
    assert refused.value.reason is Refusal.NOT_OBEYED
    walk.go(500)
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert Told.SPEED_UP_SOON not in walk.event_kinds
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.treadmill.at_rest
    assert walk.session.odometer.distance == pytest.approx(walk.treadmill.distance, abs=metres + 1)
    assert walk.session.odometer.in_miles


@pytest.mark.parametrize(
    ("speed", "switch", "within"),
    [
        (1.0, both, 60),
        (2.0, both, 50),
        (3.0, both, 50),
        (2.0, reports_only, 60),
        (3.0, reports_only, 60),
        (1.0, reports_only, 110),  # ten meters take 36 s
    ],
)
def test_s9_a_console_switched_to_miles_is_noticed_with_a_counter_of_ten_meters(
    speed: float, switch: Callable[[SessionRun], None], within: float
) -> None:
    for wait in range(0, 40, 7):
        walk = walking(speed, counts=grain(10))
        walk.go(wait)
        switch(walk)
        assert found_within(walk, 1.0) <= within


def test_s9_falls_are_no_larger_in_miles() -> None:
    walk = walking(3.0)
    both(walk)
    found_within(walk)
    before = walk.treadmill.target_speed * KM_PER_MILE
    walk.sent.clear()
    walk.go(30)
    for _, mph in walk.speeds:
        assert before - mph * KM_PER_MILE <= 0.5 + 1e-6
        before = mph * KM_PER_MILE
    assert walk.treadmill.speed <= 3.05


def late(distance: float) -> float:
    return max(distance - 25, 0)


def bursts(distance: float) -> float:
    """It stands still for a while, and then makes up for it."""
    return distance if distance % 60 < 30 else distance // 60 * 60 + 30


def jumps(distance: float) -> float:
    return distance + 12 * (distance // 70)


@pytest.mark.parametrize("speed", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("most", [0.0, 0.15])
@pytest.mark.parametrize(
    "counts",
    [
        lambda distance: 0,
        float,
        late,
        bursts,
        jumps,
        grain(10),
        grain(100),
        lambda distance: distance * 1.1,
        lambda distance: distance * 0.9,
        lambda distance: grain(10)(distance * 1.1),
        lambda distance: distance if distance < 40 else distance - 40,
        lambda distance: distance % 37,
        lambda distance: distance * 1.2 + 3,
    ],
)
def test_s9_a_counter_that_is_only_bad_is_no_unit(counts: Callable[[float], float], most: float, speed: float) -> None:
    walk = Counting(counts=counts)
    index = 0

    def tremble() -> float:
        nonlocal index
        index += 1
        return most * (-1) ** (index // 2)

    walk.speed_noise = tremble
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=400.0, speed=speed))
    walk.start()
    walk.go(430, 1.0)
    assert Told.NOT_OBEYED not in walk.event_kinds
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s9_a_counter_that_runs_on_through_a_pause_is_no_unit() -> None:
    walk = walking()
    walk.pause()
    walk.go(15)
    walk.treadmill.distance += 30
    walk.resume()
    walk.resume()
    walk.go(100)
    assert Told.NOT_OBEYED not in walk.event_kinds


def test_s7_s9_a_speed_that_the_console_reports_to_be_pressed_is_left_to_it() -> None:
    walk = walking()
    walk.treadmill.press_speed(2.5)
    assert walk.state is State.MANUAL
    walk.go(10)
    both(walk)
    walk.clear_log()
    assert found_within(walk) <= 60
    assert walk.state is State.MANUAL
    walk.go(60)
    assert walk.sent == []
    assert walk.session.odometer.in_miles


def test_s7_s9_a_walk_that_only_the_console_runs_is_not_judged() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    both(walk)
    walk.go(100)
    assert Told.NOT_OBEYED not in walk.event_kinds


def test_s9_machines_that_take_miles_and_report_kilometres_are_found_at_the_next_command() -> None:
    walk = walking(2.0)
    walk.true_speed = True
    both_at_the_same_speed(walk)
    walk.session.set_speed(2.2, caller=Caller.PERSON)
    assert found_within(walk) <= 15
    walk.go(20)
    assert walk.treadmill.speed <= 2.2
    assert CommandKind.STOP not in walk.command_kinds


# S4, S9: an overshoot


@pytest.mark.parametrize(
    ("step", "more", "found"),
    [(0.5, 0.5, True), (0.5, 0.3, True), (0.5, 0.2, False), (0.2, 0.3, True), (0.1, 0.2, True), (0.1, 0.1, False)],
)
def test_s9_an_overshoot_is_more_than_a_step_or_two_tenths(step: float, more: float, found: bool) -> None:
    walk = SessionRun(rules(speed=ValueRange(1.0, 12.0, step)), acceleration=1.0)
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=600.0, speed=2.0, first=True))
    walk.start()
    walk.go(30)
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    while walk.treadmill.target_speed < 2.0 - step - 0.01:
        walk.go(0.5)
    walk.treadmill.overshoot = more
    walk.go(40)
    assert (Told.NOT_OBEYED in walk.event_kinds) is found
    if found:
        assert walk.data(Told.NOT_OBEYED)["finding"] == "overshoot"
        assert walk.treadmill.speed <= 2.0
