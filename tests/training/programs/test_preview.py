"""What a program will be on a machine, before somebody saves it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.preview import CutKind, Preview, PreviewStep, preview
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.steering.profile import stays_inside

MACHINE = Capabilities(speed_range=ValueRange(1.0, 16.0, 0.1), incline_range=ValueRange(-3.0, 12.0, 0.5))


def held(value: float) -> Ramp:
    return Ramp(value, value)


def backward(incline: float = 3.0) -> Limits:
    return limits_for(MACHINE, OwnerLimits(backward_incline=incline), Direction.BACKWARD)


FORWARD = limits_for(MACHINE, OwnerLimits(forward_speed=10.0), Direction.FORWARD)


def walk(*steps: Step | Group, direction: Direction = Direction.BACKWARD) -> Program:
    return Program(name="Hills", direction=direction, steps=steps)


def kinds(seen: Preview) -> dict[CutKind, tuple[int, ...]]:
    return {cut.kind: cut.steps for cut in seen.cuts}


def test_a_program_that_fits_is_shown_as_it_is_written() -> None:
    program = walk(
        Step(seconds=120, speed=held(1.0), label="Easy"), Step(seconds=240), Step(seconds=60, incline=held(0))
    )
    seen = preview(program, backward(), FORWARD)
    assert (seen.name, seen.direction, seen.minutes) == ("Hills", Direction.BACKWARD, 7.0)
    assert (seen.top_speed, seen.top_incline, seen.cuts) == (1.0, 0.0, ())
    assert seen.meters == pytest.approx(7 * 60 / 3.6)
    assert seen.steps == (
        PreviewStep(number=1, minutes=2.0, speed=held(1.0), incline=None, label="Easy"),
        PreviewStep(number=2, minutes=4.0, speed=held(1.0), incline=None, label=None),
        PreviewStep(number=3, minutes=1.0, speed=held(1.0), incline=held(0), label=None),
    )
    assert not seen.forward_helps


def test_the_curve_shows_how_long_a_rise_takes() -> None:
    seen = preview(walk(Step(seconds=300, speed=held(1.0)), Step(seconds=300, speed=held(2.5))), backward())
    assert seen.curve[0].speed == 1.0
    assert 370 < next(point.seconds for point in seen.curve if point.speed == 2.5) < 400
    assert [(point.seconds, point.speed) for point in seen.asked] == [(0, 1), (300, 1), (300, 2.5), (600, 2.5)]


def test_speeds_of_a_run_are_cut_backward_and_kept_forward() -> None:
    run = Group(repeat=3, steps=(Step(seconds=90, speed=held(9)), Step(seconds=120, speed=held(2))))
    seen = preview(walk(Step(seconds=300, speed=held(2.5)), run), backward(), FORWARD)
    (cut,) = (each for each in seen.cuts if each.kind is CutKind.TOO_FAST)
    assert (cut.steps, cut.asked, cut.becomes, cut.forward) == ((2, 4, 6), 9, 3.0, 9)
    assert cut.forward_helps
    assert seen.forward_helps
    assert seen.top_speed <= 3.0


def test_forward_may_cut_less_without_keeping_all() -> None:
    slow = limits_for(MACHINE, OwnerLimits(), Direction.FORWARD)
    seen = preview(walk(Step(seconds=600, speed=held(9))), backward(), slow)
    (cut,) = (each for each in seen.cuts if each.kind is CutKind.TOO_FAST)
    assert (cut.becomes, cut.forward, cut.forward_helps) == (3.0, 6.0, True)


def test_forward_is_not_offered_where_it_does_not_help_or_is_what_was_asked_for() -> None:
    steep = walk(Step(seconds=600, speed=held(0.5), incline=held(20)))
    seen = preview(steep, backward(incline=10.0))
    assert [cut.forward for cut in seen.cuts] == [None] * len(seen.cuts)
    assert not seen.forward_helps
    assert [cut.forward_helps for cut in preview(steep, backward(), FORWARD).cuts if cut.kind is CutKind.TOO_SLOW] == [
        False
    ]
    forward = walk(Step(seconds=600, speed=held(12)), direction=Direction.FORWARD)
    assert [(cut.kind, cut.becomes, cut.forward) for cut in preview(forward, FORWARD, FORWARD).cuts] == [
        (CutKind.TOO_FAST, 10.0, None)
    ]


def test_inclines_are_cut_to_what_the_deck_and_the_direction_allow() -> None:
    seen = preview(
        walk(Step(seconds=600, speed=held(1), incline=held(8)), Step(seconds=300, incline=held(-2))),
        backward(),
        FORWARD,
    )
    cuts = {cut.kind: cut for cut in seen.cuts}
    assert (cuts[CutKind.TOO_STEEP].steps, cuts[CutKind.TOO_STEEP].becomes) == ((1,), 3.0)
    assert (cuts[CutKind.TOO_LOW].steps, cuts[CutKind.TOO_LOW].becomes, cuts[CutKind.TOO_LOW].forward) == ((2,), 0, -2)


def test_a_peak_that_is_too_short_is_told() -> None:
    seen = preview(
        walk(Step(seconds=300, speed=held(1)), Step(seconds=20, speed=held(2.5)), Step(seconds=120, speed=held(1))),
        backward(),
    )
    (cut,) = seen.cuts
    assert (cut.kind, cut.steps, cut.asked) == (CutKind.SPEED_NOT_REACHED, (2,), 2.5)
    assert 1.0 <= cut.becomes < 2.0


def test_a_session_that_may_not_last_as_long_ends_early() -> None:
    limits = limits_for(MACHINE, OwnerLimits(reduced=True), Direction.BACKWARD)
    seen = preview(walk(Step(seconds=1200, speed=held(1)), Step(seconds=60, speed=held(1.5))), limits, FORWARD)
    cut = seen.cuts[0]
    assert (cut.kind, cut.steps, cut.asked, cut.becomes, cut.forward) == (CutKind.TOO_LONG, (), 21.0, 10.0, 21.0)
    assert seen.minutes == 10.0


def test_a_machine_that_nobody_can_steer_shows_what_to_set_by_hand() -> None:
    limits = limits_for(Capabilities(), OwnerLimits(), Direction.BACKWARD)
    seen = preview(
        walk(
            Step(seconds=60),
            Step(seconds=60, speed=Ramp(2, 3), incline=held(-2)),
            Step(seconds=60, incline=held(0)),
        ),
        limits,
        limits,
    )
    assert kinds(seen) == {CutKind.NO_SPEED: (2, 3), CutKind.NO_INCLINE: (2,)}
    assert seen.top_speed == 3
    assert not seen.forward_helps


ramps = st.tuples(st.floats(0.1, 30), st.floats(0.1, 30)).map(lambda ends: Ramp(*ends))
slopes = st.tuples(st.floats(-10, 40), st.floats(-10, 40)).map(lambda ends: Ramp(*ends))
steps = st.builds(Step, seconds=st.integers(1, 300), speed=st.none() | ramps, incline=st.none() | slopes)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=6), st.sampled_from(Direction))
def test_whatever_the_program_the_preview_is_whole_and_inside_the_limits(
    found: list[Step], direction: Direction
) -> None:
    program = walk(*found, direction=direction)
    limits = backward() if direction is Direction.BACKWARD else FORWARD
    seen = preview(program, limits, FORWARD)
    assert limits.top_speed is not None
    assert seen.top_speed <= limits.top_speed
    assert seen.curve[0].seconds == 0
    assert all(first.seconds <= last.seconds for first, last in pairwise(seen.curve))
    assert 0 <= seen.meters <= seen.minutes * 60 * limits.top_speed / 3.6 + 1e-6
    cut = {CutKind.TOO_FAST, CutKind.TOO_SLOW, CutKind.TOO_STEEP, CutKind.TOO_LOW} & kinds(seen).keys()
    assert stays_inside(program, limits) is not bool(cut)
