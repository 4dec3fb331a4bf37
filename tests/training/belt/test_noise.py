"""A noisy speed is not mistaken for use of the console, and does not hide it (safety rules S5, S7, S9)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, cycle
from math import pi, sin
from random import Random

import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState
EventKind = SessionEventKind


def trembling(step: float, tremble: Callable[[], float], *, speed: float = 2.0, length: float = 300.0) -> SessionRun:
    """Return a session in its main part on a belt with steps of `step` km/h."""
    run = SessionRun(rules(speed=ValueRange(1.0, 12.0, step)))
    run.speed_noise = tremble
    run.reports["distance"] = None  # the distance would show that the speed is off by a third (S9)
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=speed))
    run.start()
    run.go(30)
    run.session.set_speed(speed, caller=Caller.PERSON)
    return run


def uniform(seed: int, most: float) -> Callable[[], float]:
    random = Random(seed)
    return lambda: random.uniform(-most, most)


@pytest.mark.parametrize("dt", [0.5, 1.0])
@pytest.mark.parametrize(("step", "most"), [(0.1, 0.15), (0.01, 0.03), (0.5, 0.3), (0.1, 0.05)])
def test_s7_noise_is_not_a_hand(step: float, most: float, dt: float) -> None:
    ended = []
    seeds = 20 if dt == 1.0 else 5
    for seed in range(seeds):
        run = trembling(step, uniform(seed, most))
        run.go(330, dt)
        if run.event_kinds[-1] is EventKind.FINISHED and run.data(EventKind.FINISHED) == {"reason": "completed"}:
            ended.append(seed)
        assert EventKind.MANUAL not in run.event_kinds
        assert EventKind.NOT_OBEYED not in run.event_kinds
    assert len(ended) == seeds


@pytest.mark.parametrize(
    "waves",
    [
        lambda: (0.15 * (-1) ** index for index in count()),
        lambda: (0.15 * sin(2 * pi * index / 8) for index in count()),
        lambda: cycle([0.0, 0.1, 0.0, -0.1]),
        lambda: cycle([-0.1]),  # it always reports slightly less than the actual speed
    ],
    ids=["up and down", "a wave", "in tenths", "too little"],
)
def test_s7_noise_that_comes_again_and_again_is_not_a_hand(waves: Callable[[], Iterator[float]]) -> None:
    wave = waves()
    run = trembling(0.1, lambda: next(wave))
    run.go(75, 1.0)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.go(270, 1.0)
    assert EventKind.MANUAL not in run.event_kinds
    assert EventKind.NOT_OBEYED not in run.event_kinds
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("dt", [0.5, 1.0])
@pytest.mark.parametrize(
    ("step", "most", "pressed"),
    [
        (0.1, 0.0, 0.2),
        (0.1, 0.0, -0.2),
        (0.1, 0.15, 0.5),
        (0.1, 0.15, -0.5),
        (0.01, 0.03, 0.2),
        (0.01, 0.03, -0.2),
        (0.5, 0.0, 0.5),  # one step, where a step is large
        (0.5, 0.0, -0.5),
        (0.5, 0.05, -0.5),
        (0.5, 0.3, 1.0),
        (0.5, 0.3, -1.0),
        (0.2, 0.0, 0.2),
    ],
)
def test_s7_a_silent_press_is_a_hand_within_four_seconds(step: float, most: float, pressed: float, dt: float) -> None:
    for seed in range(4):
        run = trembling(step, uniform(seed, most), length=600.0)
        run.treadmill.profile = replace(run.treadmill.profile, acceleration=1.0)
        run.go(120 + seed, dt)
        assert run.treadmill.speed == pytest.approx(2.0)
        run.reports_events = False
        run.treadmill.press_speed(2.0 + pressed)
        run.clear_log()
        run.go(4, dt)
        assert run.state is State.MANUAL
        run.go(60, dt)
        assert run.sent == []


def test_s7_what_a_console_reports_counts_at_once_in_noise_too() -> None:
    run = trembling(0.1, uniform(1, 0.15))
    run.go(60)
    run.treadmill.press_speed(run.treadmill.target_speed + 0.1)
    assert run.state is State.MANUAL


# S5: a rise is measured from the actual belt speed


def steps_of(run: SessionRun, seconds: float, dt: float = 0.5) -> list[float]:
    """Return the size of each rise of the belt speed."""
    rises, low, before = [], run.treadmill.speed, run.treadmill.target_speed
    for _ in range(round(seconds / dt)):
        was = run.treadmill.speed
        run.go(dt, dt)
        target = run.treadmill.target_speed
        if target > before and run.speeds and run.speeds[-1][0] == run.now:
            rises.append(round(target - min(was, low), 6))
        before, low = target, run.treadmill.speed
    return rises


@pytest.mark.parametrize("waits", [*range(0, 25, 2)])
def test_s5_after_a_silent_minus_the_next_rise_is_one_step_from_what_the_belt_does(waits: int) -> None:
    run = trembling(0.5, lambda: 0.0, speed=3.0, length=900.0)
    while not run.speeds:
        run.go(0.5)
    run.go(1 + waits)
    run.reports_events = False
    run.treadmill.press_speed(1.0)
    assert all(rise <= 0.5 for rise in steps_of(run, 120))
    announced = [event.data for _, event in run.emitted if event.kind is EventKind.SPEED_UP_SOON]
    assert run.state is State.MANUAL or announced[-1]["start"] == 1.0 or run.treadmill.speed > 1.5


def test_s5_after_a_silent_minus_the_next_rise_of_the_deck_is_one_step_from_where_it_is() -> None:
    run = SessionRun()
    run.begin()
    run.reports_events = False
    run.session.set_incline(2.0, caller=Caller.PERSON)
    while len(run.inclines) < 3:
        run.go(0.5)
    run.go(5)
    run.treadmill.press_incline(0.5)
    run.go(60)
    assert [percent for _, percent in run.inclines][3:5] == [1.0, 1.5]
    assert run.treadmill.incline == 2.0


@pytest.mark.parametrize(("step", "less"), [(0.1, 0.1), (0.01, 0.1), (0.2, 0.2), (0.5, 0.1), (0.5, 0.5)])
def test_s5_a_machine_that_always_reports_less_is_raised_all_the_same(step: float, less: float) -> None:
    run = trembling(step, lambda: -less, speed=3.0, length=900.0)
    assert all(rise <= max(step, 0.1) + less + 1e-6 for rise in steps_of(run, 240))
    assert run.treadmill.speed == pytest.approx(3.0)
    assert EventKind.MANUAL not in run.event_kinds


@pytest.mark.parametrize(("step", "most"), [(0.1, 0.15), (0.5, 0.3), (0.2, 0.2)])
def test_s5_a_trembling_sensor_slows_no_rise(step: float, most: float) -> None:
    quiet, loud = (trembling(step, uniform(3, noise), speed=3.0, length=900.0) for noise in (0.0, most))
    for run in (quiet, loud):
        run.go(240)
        assert run.treadmill.speed == pytest.approx(3.0)
    assert loud.speeds[-1][0] <= quiet.speeds[-1][0] + 15
    assert {kmh for _, kmh in loud.speeds} == {kmh for _, kmh in quiet.speeds}
