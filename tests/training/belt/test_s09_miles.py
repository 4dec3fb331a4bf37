"""A console that is switched to miles during a session, and counters that only look like it (safety rule S9)."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    CommandKind,
    MachineUnits,
    Telemetry,
    Unit,
    ValueRange,
)
from custom_components.retrowalk.training.belt.unit_detector import Scale
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState
EventKind = SessionEventKind


class Counting(SessionRun):
    """A treadmill with a distance counter that a test controls."""

    def __init__(self, *args: Any, counts: Callable[[float], float] = float, **profile: Any) -> None:
        self.counts = counts
        super().__init__(*args, **profile)

    def telemetry(self, **changes: Any) -> Telemetry:
        return super().telemetry(**{"distance": int(self.counts(self.treadmill.distance)), **changes})


def grain(metres: int) -> Callable[[float], float]:
    return lambda distance: distance // metres * metres


def walking(
    speed: float = 2.0,
    *,
    length: float = 600.0,
    counts: Callable[[float], float] = float,
    step: float = 0.1,
    tells: Unit = Unit.KILOMETERS,
) -> Counting:
    its_rules = rules(speed=ValueRange(0.8, 12.0, step), units=MachineUnits(tells=tells))
    run = Counting(its_rules, counts=counts)
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=speed))
    run.start()
    run.go(30)
    run.session.set_speed(speed, caller=Caller.PERSON)
    run.go(170)
    assert run.treadmill.speed == pytest.approx(speed)
    run.clear_log()
    return run


def both(run: SessionRun) -> None:
    """Take and report miles; the commanded value now means that many miles."""
    run.treadmill.kmh_per_unit = KM_PER_MILE


def both_at_the_same_speed(run: SessionRun) -> None:
    run.treadmill.target_speed /= KM_PER_MILE
    both(run)


def reports_only(run: SessionRun) -> None:
    run.treadmill.reported_in = KM_PER_MILE


def seconds_until_detected(run: SessionRun, dt: float = 0.5) -> float:
    begun = run.now
    while EventKind.NOT_OBEYED not in run.event_kinds and run.now < begun + 200:
        run.go(dt, dt)
    return run.now - begun


@pytest.mark.sampled(5)
@pytest.mark.parametrize("dt", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("metres", [1, 5])
@pytest.mark.parametrize("speed", [1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("switch", [both, both_at_the_same_speed, reports_only])
def test_s9_a_console_switched_to_miles_is_noticed_within_a_minute(
    switch: Callable[[SessionRun], None], speed: float, metres: int, dt: float
) -> None:
    run = walking(speed, counts=grain(metres))
    switch(run)
    assert seconds_until_detected(run, dt) <= 60
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "miles", "what": "speed"}
    with pytest.raises(RefusedError) as refused:
        run.session.set_speed(3.0, caller=Caller.PERSON)
    assert refused.value.reason is Refusal.NOT_OBEYED
    # It is slowed to the minimum, gently, and stopped: a check run finds out what its numbers mean now.
    run.go(35)
    assert run.treadmill.speed <= max(speed, 0.8 * KM_PER_MILE) + 0.1
    run.go(15)
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert EventKind.SPEED_UP_SOON not in run.event_kinds
    assert run.data(EventKind.COOLING_DOWN)["reason"] == "not_obeyed"
    assert run.data(EventKind.STOPPED) == {"reason": "not_obeyed"}
    assert run.treadmill.at_rest
    assert run.session.odometer.distance == pytest.approx(run.treadmill.distance, abs=metres + 1)
    assert run.session.odometer.speed_scale is Scale.MORE


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
        run = walking(speed, counts=grain(10))
        run.go(wait)
        switch(run)
        assert seconds_until_detected(run, 1.0) <= within


def test_s9_falls_are_no_larger_in_miles() -> None:
    run = walking(3.0)
    both(run)
    seconds_until_detected(run)
    before = run.treadmill.target_speed * KM_PER_MILE
    run.sent.clear()
    run.go(30)
    for _, mph in run.speeds:
        assert before - mph * KM_PER_MILE <= 0.5 + 1e-6
        before = mph * KM_PER_MILE
    assert run.treadmill.speed <= 3.05


@pytest.mark.parametrize(("tells", "scale"), [(Unit.MILES, Scale.LESS), (Unit.KILOMETERS, Scale.SAME)])
def test_s9_only_a_machine_that_told_miles_is_found_to_be_slower_than_it_seems(tells: Unit, scale: Scale) -> None:
    run = walking(tells=tells)
    run.treadmill.kmh_per_unit = 1 / KM_PER_MILE
    run.go(60)
    assert run.session.odometer.speed_scale is scale
    assert (EventKind.NOT_OBEYED in run.event_kinds) is (scale is Scale.LESS)


def late(distance: float) -> float:
    return max(distance - 25, 0)


def bursts(distance: float) -> float:
    """Stand still for a while, then catch up."""
    return distance if distance % 60 < 30 else distance // 60 * 60 + 30


def jumps(distance: float) -> float:
    return distance + 12 * (distance // 70)


@pytest.mark.sampled(5)
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
    run = Counting(counts=counts)
    index = 0

    def tremble() -> float:
        nonlocal index
        index += 1
        return most * (-1) ** (index // 2)

    run.speed_noise = tremble
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=400.0, speed=speed))
    run.start()
    run.go(430, 1.0)
    assert EventKind.NOT_OBEYED not in run.event_kinds
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s9_a_counter_that_runs_on_through_a_pause_is_no_unit() -> None:
    run = walking()
    run.pause()
    run.go(15)
    run.treadmill.distance += 30
    run.resume()
    run.resume()
    run.go(100)
    assert EventKind.NOT_OBEYED not in run.event_kinds


def test_s7_s9_a_speed_that_the_console_reports_to_be_pressed_is_left_to_it() -> None:
    run = walking()
    run.treadmill.press_speed(2.5)
    assert run.state is State.MANUAL
    run.go(10)
    both(run)
    run.clear_log()
    assert seconds_until_detected(run) <= 60
    assert run.state is State.MANUAL
    run.go(60)
    assert run.sent == []
    assert run.session.odometer.speed_scale is Scale.MORE


def test_s7_s9_a_walk_that_only_the_console_runs_is_not_judged() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(20)
    both(run)
    run.go(100)
    assert EventKind.NOT_OBEYED not in run.event_kinds


def test_s9_machines_that_take_miles_and_report_kilometres_are_found_at_the_next_command() -> None:
    run = walking(2.0)
    run.true_speed = True
    both_at_the_same_speed(run)
    run.session.set_speed(2.2, caller=Caller.PERSON)
    assert seconds_until_detected(run) <= 15
    run.go(20)
    assert run.treadmill.speed <= 2.2
    assert CommandKind.STOP not in run.command_kinds


# S4, S9: overshoot


@pytest.mark.parametrize(
    ("step", "more", "detected"),
    [(0.5, 0.5, True), (0.5, 0.3, True), (0.5, 0.2, False), (0.2, 0.3, True), (0.1, 0.2, True), (0.1, 0.1, False)],
)
def test_s9_an_overshoot_is_more_than_a_step_or_two_tenths(step: float, more: float, detected: bool) -> None:
    run = SessionRun(rules(speed=ValueRange(1.0, 12.0, step)), acceleration=1.0)
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=600.0, speed=2.0, first=True))
    run.start()
    run.go(30)
    run.session.set_speed(2.0, caller=Caller.PERSON)
    while run.treadmill.target_speed < 2.0 - step - 0.01:
        run.go(0.5)
    run.treadmill.overshoot = more
    run.go(40)
    assert (EventKind.NOT_OBEYED in run.event_kinds) is detected
    if detected:
        assert run.data(EventKind.NOT_OBEYED)["finding"] == "overshoot"
        assert run.treadmill.speed <= 2.0
