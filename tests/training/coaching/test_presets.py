"""The presets on all kinds of machines: what they are, and each run to its end on the virtual treadmill."""

import itertools
from datetime import date, timedelta

import pytest

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.coaching.presets import (
    PRESETS,
    SHAPED,
    fits,
    knee_incline,
    knee_week,
    lengths,
    made,
    offered,
    preset_program,
    speeds,
)
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.steering.forecast import planned_steps
from tests.support.program_run import assert_completed, assert_safe, off_by, plan_of, started
from tests.support.session_run import SessionRun, rules

MINIMUMS = (0.5, 0.8, 1.0, 1.6, 2.0)
STEPS = (0.1, 0.16, 0.2, 0.5)
DECK = ValueRange(0.0, 15.0, 0.5)
DECKS = (DECK, None)
BY_DAY = {(0.5, 0.1, DECK), (0.8, 0.16, None), (2.0, 0.5, DECK)}
MACHINES = [
    pytest.param(*kind, marks=() if kind in BY_DAY else pytest.mark.nightly)
    for kind in itertools.product(MINIMUMS, STEPS, DECKS)
]
"""All kinds of machines by night; by day three: the slowest, the fastest, and one of miles without a deck."""
NO_DECK = tuple(key for key in PRESETS if key != "gentle_hills")


def machine(minimum: float, step: float) -> ValueRange:
    return ValueRange(minimum, round(minimum + 60 * step, 2), step)


def limits(
    minimum: float = 1.0,
    step: float = 0.1,
    deck: ValueRange | None = DECK,
    *,
    direction: Direction = Direction.BACKWARD,
    novice: bool = False,
    **owner: float,
) -> Limits:
    capabilities = Capabilities(speed_range=machine(minimum, step), incline_range=deck)
    return limits_for(capabilities, OwnerLimits(**owner), direction, novice=novice)


def rows(program: Program) -> list[tuple[float, float, float, float, float]]:
    """Return seconds, start and end speed, and start and end incline of each step."""
    values = []
    for step in program.flat():
        assert step.speed is not None
        deck = step.incline or Ramp(0.0, 0.0)
        values.append((step.seconds, step.speed.start, step.speed.end, deck.start, deck.end))
    return values


@pytest.mark.parametrize(("minimum", "step", "deck"), MACHINES)
def test_every_preset_is_walked_to_its_end_on_every_machine(
    minimum: float, step: float, deck: ValueRange | None
) -> None:
    its_limits = limits(minimum, step, deck)
    assert offered(its_limits, completed=10) == (tuple(PRESETS) if deck else NO_DECK)
    for key in offered(its_limits, completed=10):
        program = preset_program(key, its_limits, incline=1.0)
        run = started(program, SessionRun(rules(speed=machine(minimum, step), incline=deck)))
        planned = planned_steps(plan_of(run))
        speed, incline = off_by(run, planned, within=2.5)
        assert_safe(run, its_limits)
        assert_completed(run)
        assert plan_of(run).length == program.duration == PRESETS[key].minutes * 60, key
        # The curve is off by at most one increment of the machine and its own ramp.
        assert speed <= max(step, 0.1) + 1e-6, key
        assert incline <= 0.5 + 1e-6, key
        top = max(kmh for _, kmh in run.speeds) if run.speeds else minimum
        assert top == pytest.approx(max(leg.top for leg in (planned_step.speed for planned_step in planned)), abs=step)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("minimum", MINIMUMS)
def test_every_preset_is_a_program_at_any_length(minimum: float, step: float, direction: Direction) -> None:
    for its_limits in (
        limits(minimum, step, direction=direction, backward_speed=5.0, forward_speed=25.0),
        limits(minimum, step, None, direction=direction, novice=True),
    ):
        for key in offered(its_limits, completed=10):
            lengths = (1, 1.1, 1.5, *range(2, int(PRESETS[key].longest) + 1))
            for minutes, speed in itertools.product(lengths, (None, 3.0, 60.0)):
                program = preset_program(key, its_limits, minutes=minutes, speed=speed, incline=3.0)
                assert Program.from_dict(program.as_dict()) == program
                if key not in SHAPED:
                    assert program.duration == pytest.approx(minutes * 60), (key, minutes, speed)


def test_a_preset_with_no_time_for_its_main_part_stays_at_the_minimum() -> None:
    assert rows(preset_program("daily_five", limits(), minutes=1)) == [(60, 1.0, 1.0, 0.0, 0.0)]
    assert rows(preset_program("builder", limits(), minutes=1.5, speed=3.0)) == [(90, 1.0, 1.0, 0.0, 0.0)]
    assert rows(preset_program("builder", limits(), minutes=2, speed=3.0))[1][:2] == (30, 3.0)


def test_presets_are_what_they_are_called() -> None:
    its_limits = limits()
    minute = 60
    level = (0.0, 0.0)
    for key in ("first_steps", "daily_five"):
        assert rows(preset_program(key, its_limits)) == [
            (minute, 1.0, 1.0, *level),
            (3 * minute, 1.5, 1.5, *level),
            (minute, 1.5, 1.0, *level),
        ]
    assert rows(preset_program("comeback", its_limits)) == [
        (36, 1.0, 1.0, *level),
        (114, 1.5, 1.5, *level),
        (30, 1.5, 1.0, *level),
    ]
    assert rows(preset_program("knee_six_weeks", its_limits, speed=2.0, incline=knee_incline(5))) == [
        (2 * minute, 1.0, 1.0, *level),
        (7 * minute, 2.0, 2.0, 1.0, 1.0),
        (minute, 2.0, 1.0, 1.0, 0.0),
    ]
    intervals = [(2 * minute, 2.0, 2.0, *level), (minute, 1.5, 1.5, *level)]
    assert rows(preset_program("intervals", its_limits)) == [
        (2 * minute, 1.0, 1.0, *level),
        (minute, 1.5, 1.5, *level),
        *intervals * 3,
        (minute, 1.5, 1.0, *level),
    ]
    hills = [(minute, 1.5, 1.5, 1.0, 1.0), (minute, 1.5, 1.5, *level)]
    assert rows(preset_program("gentle_hills", its_limits)) == [
        (2 * minute, 1.0, 1.0, *level),
        (minute, 1.5, 1.5, *level),
        *hills * 3,
        (minute, 1.5, 1.0, *level),
    ]
    assert rows(preset_program("builder", its_limits, minutes=20, speed=9, incline=9)) == [
        (2 * minute, 1.0, 1.0, *level),
        (17 * minute, 3.0, 3.0, 3.0, 3.0),
        (minute, 3.0, 1.0, 3.0, 0.0),
    ]


def test_a_preset_keeps_its_own_bounds() -> None:
    its_limits = limits()

    def main(key: str, **request: float) -> tuple[float, ...]:
        return rows(preset_program(key, its_limits, **request))[1]

    assert main("comeback", speed=2.5, minutes=20, incline=2) == (114, 1.5, 1.5, 0.0, 0.0)
    assert main("daily_five", speed=9.0)[1] == 2.5
    assert main("daily_five", speed=0.5)[1] == 1.5
    assert main("builder")[:2] == (420, 2.0)
    assert main("builder", minutes=60)[0] == 1020
    # "At most" is not rounded up.
    assert rows(preset_program("comeback", limits(1.0, 0.2)))[1][1] == 1.4
    # Fast intervals leave time for the long ramp down.
    quick = preset_program("intervals", limits(0.5, backward_speed=5.0), speed=9.0)
    assert [row[0] for row in rows(quick)] == [120, 20, *[120, 60] * 3, 100]
    quick = preset_program("intervals", limits(direction=Direction.FORWARD, forward_speed=12.0), speed=9.0)
    assert [row[0] for row in rows(quick)][:2] == [120, 10]


def test_where_the_minimum_is_above_a_presets_speed_it_is_flat() -> None:
    its_limits = limits(1.6)
    assert rows(preset_program("intervals", its_limits)) == [(780, 1.6, 1.6, 0.0, 0.0)]
    assert rows(preset_program("gentle_hills", its_limits)) == [(600, 1.6, 1.6, 0.0, 0.0)]
    assert rows(preset_program("comeback", limits(1.6, deck=None))) == [(180, 1.6, 1.6, 0.0, 0.0)]
    assert len(rows(preset_program("daily_five", its_limits, speed=2.0))) == 3
    # The same holds where nothing may rise.
    assert rows(preset_program("daily_five", limits(1.0, 1.0))) == [(300, 1.0, 1.0, 0.0, 0.0)]


def test_intervals_stay_below_the_ceiling() -> None:
    program = preset_program("intervals", limits(novice=True), speed=3.0)
    assert max(row[1] for row in rows(program)) == 2.0
    assert rows(program)[1][1] == 1.5


def test_presets_are_offered_when_they_are_earned_and_possible() -> None:
    assert "intervals" not in offered(limits(), completed=9)
    assert "intervals" in offered(limits(), completed=10)
    assert "gentle_hills" in offered(limits())
    for deck in (None, ValueRange(0.0, 15.0, 2.0), ValueRange(0.0, 0.5, 0.1)):
        assert "gentle_hills" not in offered(limits(deck=deck)), deck
    assert "gentle_hills" not in offered(limits(novice=True))
    # Thirteen minutes are too long for a walker without a safety key or handrail (S1).
    assert "intervals" not in offered(limits(reduced=True), completed=10)
    assert offered(limits(minimum=4.0)) == ()
    with pytest.raises(ValueError, match="gentle_hills does not fit"):
        preset_program("gentle_hills", limits(deck=None))
    assert not fits("comeback", limits(minimum=4.0))


@pytest.mark.parametrize("key", PRESETS)
def test_what_a_preset_may_be_asked_to_be_is_what_it_is_then(key: str) -> None:
    its_limits = limits(minimum=0.5)
    for minutes in lengths(key):
        program = made(key, its_limits, minutes=minutes)
        assert program is not None
        assert program.duration == pytest.approx(minutes * 60)
    slowest, fastest = speeds(key, its_limits)
    assert slowest <= fastest <= 3.0
    for kmh in (slowest, fastest):
        program = made(key, its_limits, speed=kmh)
        assert program is not None
        # Intervals are faster than the steps between them, where the limits allow it.
        assert kmh in {step.speed.end for step in program.flat() if step.speed} or key == "intervals"


def test_a_preset_that_does_not_fit_is_none() -> None:
    assert made("gentle_hills", limits(deck=None)) is None
    assert made("daily_five", limits(deck=None)) is not None
    nothing = limits_for(Capabilities(), OwnerLimits(), Direction.BACKWARD)
    assert made("daily_five", nothing) is None


def test_the_knee_weeks_are_counted_from_the_first_walk_and_anew_after_three_weeks_without() -> None:
    monday = date(2026, 11, 2)
    assert knee_week([], monday) == 1
    days = [monday + timedelta(days=number) for number in (0, 2, 4, 7, 9, 14, 28)]
    assert [knee_week(days[:2], monday + timedelta(days=number)) for number in (2, 6, 7, 13, 14)] == [1, 1, 2, 2, 3]
    assert knee_week(days, monday + timedelta(days=28)) == 5
    assert knee_week(days, monday + timedelta(days=28 + 21)) == 8
    assert knee_week(days, monday + timedelta(days=28 + 22)) == 1
    assert knee_week([monday - timedelta(days=40), *days], days[-1]) == 5


def test_the_knee_weeks_have_a_hill_from_the_fifth_on() -> None:
    assert [knee_incline(week) for week in range(1, 7)] == [0, 0, 0, 0, 1, 1]
    assert PRESETS["knee_six_weeks"].days == 3


def test_presets_are_programs_as_people_write_them() -> None:
    for key, direction in itertools.product(PRESETS, Direction):
        program = preset_program(key, limits(direction=direction))
        assert program.direction is direction
        assert Program.from_dict(program.as_dict()) == program
        assert all(isinstance(step, Step | Group) for step in program.steps)
