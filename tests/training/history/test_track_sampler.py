"""What of a session belongs in its track: one sample a second while the belt moves, its rests, and its steps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.training.history.step_count import StepCount
from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample
from custom_components.retrowalk.training.history.track_rows import Row
from custom_components.retrowalk.training.history.track_sampler import Moment, TrackSampler, plausible_heart_rate

BEGAN = 1000.0


def moment(now: float, meters: float = 0.0, *, belt: BeltState = BeltState.MOVING, **more: Any) -> Moment:
    reported = {name: more.pop(name) for name in ("speed", "incline", "heart_rate") if name in more}
    telemetry = Telemetry(received=more.pop("received", now), belt=belt, **{"speed": 3.6, **reported})
    return Moment(telemetry=telemetry, distance=meters, **more)


def samples(rows: list[Row]) -> list[Sample]:
    return [row for row in rows if isinstance(row, Sample)]


def sample(sampler: TrackSampler, *seconds: float, **more: Any) -> list[Row]:
    return [row for second in seconds for row in sampler.take(BEGAN + second, moment(BEGAN + second, second, **more))]


@given(st.lists(st.floats(-0.12, 0.12), min_size=60, max_size=60), st.floats(0.0, 1.0))
def test_ticks_that_are_not_exact_give_one_sample_for_each_second(early: list[float], phase: float) -> None:
    rows = sample(TrackSampler(BEGAN), *(max(tick + phase + off, 0.0) for tick, off in enumerate(early)))
    seconds = [row.second for row in samples(rows)]
    assert seconds == [*range(seconds[0], seconds[0] + len(seconds))]
    assert len(seconds) >= 59
    assert all(abs(row.second - row.distance) <= 1 for row in samples(rows))


@given(st.lists(st.floats(0.0, 3.0), max_size=100))
def test_seconds_rise_and_are_those_of_the_clock_however_ticks_come(steps: list[float]) -> None:
    now, sampler, last = 0.0, TrackSampler(BEGAN), -1
    for step in steps:
        now += step
        for row in samples(sample(sampler, now)):
            assert row.second > last
            assert abs(row.second - now) <= 1
            last = row.second
    assert now - last < 2


def test_a_value_holds_while_the_machine_is_slow_and_not_while_it_is_silent() -> None:
    sampler = TrackSampler(BEGAN)
    taken = [sampler.take(BEGAN + second, moment(BEGAN + second, received=BEGAN)) for second in range(20)]
    assert [row.second for rows in taken for row in samples(rows)] == [0, 1, 2, 3, 4, 5]
    assert TrackSampler(BEGAN).take(BEGAN, Moment(telemetry=None, distance=0.0)) == []


def test_a_pause_is_marked_where_the_belt_rests_and_has_one_sample() -> None:
    sampler, rest = TrackSampler(BEGAN), {"belt": BeltState.AT_REST, "paused": True}
    rows = sample(sampler, 0, 1) + sample(sampler, 2, paused=True) + sample(sampler, 3, 4, 5, **rest)
    rows += sample(sampler, 6, 7, belt=BeltState.COUNTDOWN) + sample(sampler, 8)
    assert [row for row in rows if isinstance(row, Mark)] == [
        Mark(second=3, kind=MarkKind.PAUSED),
        Mark(second=8, kind=MarkKind.RESUMED),
    ]
    assert [(row.second, row.speed) for row in samples(rows)] == [(0, 3.6), (1, 3.6), (2, 3.6), (3, 0.0), (8, 3.6)]


def test_a_belt_that_falls_silent_in_a_pause_rests_too() -> None:
    sampler = TrackSampler(BEGAN)
    rows = sample(sampler, 0)
    for second in range(1, 9):
        rows += sampler.take(BEGAN + second, moment(BEGAN + second, received=BEGAN, paused=True))
    assert rows[-1] == Mark(second=6, kind=MarkKind.PAUSED)


def test_a_rest_that_is_no_pause_is_not_marked() -> None:
    rows = sample(TrackSampler(BEGAN), 0, 1, 2, belt=BeltState.AT_REST)
    assert rows == [Sample(0, 0.0, None, 0.0)]


def test_a_pause_from_before_a_restart_is_not_marked_again() -> None:
    sampler = TrackSampler(BEGAN, paused=True)
    rows = sample(sampler, 90, 91, belt=BeltState.AT_REST, paused=True)
    assert rows == []
    assert sample(sampler, 95)[1:] == [Mark(second=95, kind=MarkKind.RESUMED)]


def test_steps_of_the_program_are_marked_once_the_belt_moves() -> None:
    sampler, first, second = TrackSampler(BEGAN), (1, None), (2, "Faster")
    rows = sample(sampler, 0, belt=BeltState.AT_REST, step=first)
    rows += sample(sampler, 1, 2, step=first) + sample(sampler, 3, 4, step=second) + sample(sampler, 5)
    assert [row for row in rows if isinstance(row, Mark)] == [
        Mark(second=1, kind=MarkKind.STEP, step=1),
        Mark(second=3, kind=MarkKind.STEP, step=2, label="Faster"),
    ]


@pytest.mark.parametrize(
    ("machine", "sensor", "known"),
    [(91, 70, 91), (None, 70.4, 70), (0, 70, 70), (255, None, None), (None, float("nan"), None), (29, 241, None)],
)
def test_the_machines_heart_rate_comes_first_if_it_is_one(
    machine: int | None, sensor: float | None, known: int | None
) -> None:
    now = moment(BEGAN, heart_rate=machine)
    taken = TrackSampler(BEGAN).take(BEGAN, Moment(telemetry=now.telemetry, distance=1.0, steps=7, heart_rate=sensor))
    assert taken == [Sample(0, 3.6, None, 1.0, known, 7)]
    assert plausible_heart_rate(None) is None


def test_the_end_has_what_the_record_has() -> None:
    sampler = TrackSampler(BEGAN)
    sample(sampler, 0, 1)
    end = moment(BEGAN + 1.4, 1.9, belt=BeltState.AT_REST, incline=2.0, steps=4)
    assert sampler.end(BEGAN + 1.4, end) == [Sample(2, 0.0, 2.0, 1.9, None, 4)]


def test_a_rest_that_has_all_needs_no_end_and_a_belt_that_is_not_heard_has_no_speed() -> None:
    sampler = TrackSampler(BEGAN)
    rested = moment(BEGAN + 2, 2.0, belt=BeltState.AT_REST)
    assert sampler.end(BEGAN, Moment(telemetry=None, distance=0.0)) == []
    sample(sampler, 0, 1)
    sampler.take(BEGAN + 2, rested)
    assert sampler.end(BEGAN + 9, rested) == []
    filled = Moment(telemetry=rested.telemetry, distance=7.0)
    assert sampler.end(BEGAN + 9, filled) == [Sample(9, None, None, 7.0)]
    assert TrackSampler(BEGAN).end(BEGAN + 3, moment(BEGAN + 3, 1.0)) == [Sample(3, 3.6, None, 1.0)]


def counted(*shown: tuple[float, float | None]) -> int | None:
    steps = StepCount()
    for now, value in shown:
        steps.update(value, BEGAN + now)
    return steps.total


def test_steps_grow_with_the_counter_of_a_person() -> None:
    assert counted() is None
    assert counted((0, None), (1, float("nan")), (2, -5), (3, 1e12)) is None
    assert counted((0, 4000)) == 0
    assert counted((0, 4000), (60, 4100), (70, None), (120, 4200.7)) == 200


def test_a_counter_that_begins_anew_at_midnight_goes_on() -> None:
    assert counted((0, 9000), (60, 9100), (120, 20), (180, 120)) == 220


def test_steps_that_nobody_can_have_walked_in_the_session_are_left_out() -> None:
    # The watch is late with those of the morning, and later corrects a few.
    assert counted((0, 4000), (10, 7000), (60, 7090)) == 90
    assert counted((0, 4000), (60, 4100), (61, 4090), (120, 4190)) == 200
