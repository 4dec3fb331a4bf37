"""Random programs on random machines within random limits: the rules hold (S4-S6, S13, S15)."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, CommandKind, ValueRange
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for, speed_grain
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.rules import Caller, RefusedError
from custom_components.retrowalk.training.states import STEERING
from custom_components.retrowalk.training.steering.forecast import planned_steps
from tests.support.effort import runs
from tests.support.program_run import (
    assert_announced_from_where_it_begins,
    assert_completed,
    assert_safe,
    plan_of,
    started,
    to_the_end,
)
from tests.support.session_run import SessionRun, rules

EXAMPLES = runs("RANDOM_WALKS", 120, 5000) // 3

machine_speeds = st.builds(
    lambda low, steps, step: ValueRange(low, round(low + steps * step, 2), step),
    st.sampled_from([0.5, 0.8, 1.0, 1.6, 2.0]),
    st.integers(10, 120),
    st.sampled_from([0.01, 0.1, 0.16, 0.2, 0.5, 1.0]),
)
machine_inclines = st.none() | st.builds(
    lambda low, step: ValueRange(low, low + 15.0, step),
    st.sampled_from([-3.0, 0.0, 1.0]),
    st.sampled_from([0.1, 0.5, 1.0, 2.0]),
)
owners = st.builds(
    OwnerLimits,
    backward_speed=st.floats(2, 20),
    backward_incline=st.floats(0, 20),
    forward_speed=st.floats(2, 20),
    reduced=st.booleans(),
)


def ramps(values: st.SearchStrategy[float]) -> st.SearchStrategy[Ramp | None]:
    held = values.map(lambda value: Ramp(value, value))
    return st.none() | held | held | st.builds(Ramp, values, values)


steps = st.builds(
    Step,
    seconds=st.floats(1, 240).map(lambda seconds: round(seconds, 1)),
    speed=ramps(st.floats(0.1, 8).map(lambda kmh: round(kmh, 2))),
    incline=ramps(st.floats(-5, 15).map(lambda percent: round(percent, 1))),
)
groups = st.builds(Group, repeat=st.integers(1, 3), steps=st.lists(steps, min_size=1, max_size=3).map(tuple))


programs = st.builds(
    Program,
    name=st.just("Any"),
    direction=st.sampled_from(list(Direction)),
    steps=st.lists(steps | steps | groups, min_size=1, max_size=6)
    .map(tuple)
    .filter(lambda parts: sum(seconds_of(step) for step in parts) <= Direction.BACKWARD.longest),
)


def seconds_of(step: Step | Group) -> float:
    return step.seconds if isinstance(step, Step) else step.repeat * sum(map(seconds_of, step.steps))


@pytest.mark.parametrize("novice", [False, True], ids=["experienced", "first_session"])
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(  # the mean of the last seconds was below a belt that had just risen, and looked like a change at the console
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=29.9, speed=None, incline=None),
            Step(seconds=1.0, speed=Ramp(1.25, 6.0), incline=None),
            Step(seconds=65.0, speed=None, incline=None),
        ),
    ),
    speed=ValueRange(1.6, 3.36, 0.16),
    incline=None,
    owner=OwnerLimits(backward_speed=2.0, backward_incline=0.0, forward_speed=4.0, reduced=False),
    acceleration=0.5,
)
@given(
    program=programs,
    speed=machine_speeds,
    incline=machine_inclines,
    owner=owners,
    acceleration=st.sampled_from([0.25, 0.5, 2.0]),
)
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(Group(repeat=3, steps=(Step(seconds=71.0, speed=Ramp(1.0, 7.0), incline=None),)),),
    ),
    speed=ValueRange(0.8, 10.8, 1.0),
    incline=None,
    owner=OwnerLimits(forward_speed=7.0),
    acceleration=0.25,
).via("a belt that was still slowing down had 1.6 times the speed of its target, and was taken for one in miles")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Group(
                repeat=3,
                steps=(
                    Step(seconds=116.5, speed=Ramp(0.33, 0.33), incline=Ramp(3.0, 3.0)),
                    Step(seconds=232.1, speed=Ramp(1.94, 6.4), incline=None),
                ),
            ),
        ),
    ),
    speed=ValueRange(0.5, 10.5, 0.1),
    incline=ValueRange(-3.0, 12.0, 0.1),
    owner=OwnerLimits(forward_speed=6.125),
    acceleration=0.25,
).via("the incline was announced before the belt slowed down, and again after it")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=28.8, speed=Ramp(1.29, 1.29), incline=Ramp(1.6, 1.6)),
            Step(seconds=28.3, speed=Ramp(0.13, 1.11), incline=Ramp(5.5, 5.5)),
            Step(seconds=32.5, speed=Ramp(6.54, 6.54), incline=None),
            Step(seconds=37.8, speed=Ramp(6.81, 6.81), incline=None),
        ),
    ),
    speed=ValueRange(0.5, 12.0, 0.1),
    incline=ValueRange(-3.0, 12.0, 0.1),
    owner=OwnerLimits(forward_speed=8.0),
    acceleration=0.25,
).via("what can be reached before the cool-down went up and down, and with it whether the rise was still due")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=10.0, speed=Ramp(0.28, 0.6), incline=None),
            Step(seconds=33.3, speed=Ramp(1.48, 6.37), incline=Ramp(-2.4, 1.2)),
            Step(seconds=89.3, speed=Ramp(1.42, 6.45), incline=Ramp(2.2, 2.2)),
            Step(seconds=157.0, speed=Ramp(1.28, 1.28), incline=Ramp(1.9, -0.5)),
            Step(seconds=38.0, speed=Ramp(0.29, 0.29), incline=Ramp(-1.7, 5.6)),
            Step(seconds=86.6, speed=Ramp(0.64, 0.64), incline=Ramp(-2.8, -1.8)),
        ),
    ),
    speed=ValueRange(1.0, 12.0, 0.1),
    incline=ValueRange(0.0, 12.0, 0.1),
    owner=OwnerLimits(forward_speed=8.0),
    acceleration=0.25,
).via("the belt rose to a speed that was over half a second later, and had to be announced again from there")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=23.6, speed=Ramp(1.55, 1.55), incline=Ramp(2.6, 2.6)),
            Step(seconds=105.0, speed=Ramp(5.74, 5.74), incline=None),
            Step(seconds=96.6, speed=Ramp(4.29, 4.29), incline=Ramp(4.4, 0.9)),
            Step(seconds=62.5, speed=Ramp(1.47, 1.47), incline=Ramp(0.9, 0.9)),
            Step(seconds=46.1, speed=Ramp(6.09, 6.09), incline=None),
            Step(seconds=96.1, speed=Ramp(0.69, 6.48), incline=Ramp(5.5, 5.5)),
        ),
    ),
    speed=ValueRange(0.5, 12.1, 0.2),
    incline=ValueRange(-3.0, 12.0, 1.0),
    owner=OwnerLimits(forward_speed=6.125),
    acceleration=0.25,
).via("a rise was announced whose first step would have come when the curve already fell")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=52.3, speed=None, incline=None),
            Step(seconds=5.2, speed=Ramp(1.4, 2.81), incline=None),
            Step(seconds=4.1, speed=Ramp(3.1, 3.73), incline=None),
            Step(seconds=38.4, speed=Ramp(1.96, 1.96), incline=None),
        ),
    ),
    speed=ValueRange(2.0, 3.8, 0.1),
    incline=None,
    owner=OwnerLimits(),
    acceleration=0.25,
).via("a rise was announced beyond one that was under way, and its first step would have come after a fall")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=41.9, speed=None, incline=None),
            Step(seconds=6.8, speed=Ramp(1.06, 1.66), incline=None),
            Step(seconds=7.2, speed=Ramp(1.08, 2.66), incline=None),
            Step(seconds=11.5, speed=Ramp(4.37, 4.37), incline=None),
        ),
    ),
    speed=ValueRange(1.0, 53.0, 0.5),
    incline=None,
    owner=OwnerLimits(),
    acceleration=0.25,
).via("the rise after a fall was announced before the fall, and from above it")
@example(
    program=Program(
        name="Any",
        direction=Direction.BACKWARD,
        steps=(
            Step(seconds=50.4, speed=Ramp(1.99, 1.99), incline=None),
            Step(seconds=4.2, speed=Ramp(0.34, 2.1), incline=Ramp(2.2, 1.8)),
            Step(seconds=30.7, speed=Ramp(2.1, 2.1), incline=Ramp(1.8, 1.8)),
        ),
    ),
    speed=ValueRange(1.6, 11.7, 0.1),
    incline=ValueRange(0.0, 15.0, 0.5),
    owner=OwnerLimits(),
    acceleration=0.25,
).via("the same where the fall is inside a step")
@example(
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Step(seconds=50.3, speed=Ramp(2.94, 1.42), incline=Ramp(8.0, 12.8)),
            Step(seconds=82.1, speed=Ramp(3.75, 2.75), incline=Ramp(12.8, 12.8)),
            Step(seconds=17.6, speed=Ramp(6.31, 6.31), incline=Ramp(3.3, 3.3)),
            Step(seconds=13.4, speed=Ramp(3.56, 3.56), incline=Ramp(3.3, 3.3)),
            Step(seconds=7.2, speed=Ramp(2.92, 1.41), incline=Ramp(3.3, 3.3)),
            Step(seconds=34.3, speed=Ramp(0.38, 0.38), incline=Ramp(6.7, 6.7)),
        ),
    ),
    speed=ValueRange(0.8, 15.8, 1.0),
    incline=ValueRange(-3.0, 12.0, 0.1),
    owner=OwnerLimits(),
    acceleration=0.25,
).via("a rise was announced, and the deck made the cool-down begin before its first step")
def test_s4_s5_s6_s13_every_program_is_walked_safely_to_its_end(
    novice: bool,
    program: Program,
    speed: ValueRange,
    incline: ValueRange | None,
    owner: OwnerLimits,
    acceleration: float,
) -> None:
    capabilities = Capabilities(speed_range=speed, incline_range=incline)
    limits = limits_for(capabilities, owner, program.direction, novice=novice)
    run = SessionRun(rules(speed=speed, incline=incline, owner=owner), acceleration=acceleration)
    run = started(program, run, first=novice)
    assert plan_of(run).length == min(limits.longest, max(60.0, program.duration))
    planned = planned_steps(plan_of(run))
    assert planned[0].begins == 0
    to_the_end(run)
    assert_safe(run, limits)
    assert_completed(run)


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    program=programs,
    speed=machine_speeds,
    presses=st.lists(st.tuples(st.integers(1, 60), st.sampled_from([-1, -1, 1])), min_size=1, max_size=8),
)
def test_s6_whatever_is_pressed_a_rise_is_announced_from_where_it_begins(
    program: Program, speed: ValueRange, presses: list[tuple[int, int]]
) -> None:
    limits = limits_for(Capabilities(speed_range=speed), OwnerLimits(), program.direction)
    if limits.speed is None:
        return
    run = started(program, SessionRun(rules(speed=speed, incline=None), acceleration=0.5))
    for seconds, way in presses:
        run.go(seconds)
        with suppress(RefusedError):
            kmh = (run.session.target_speed or 0.0) + way * speed_grain(limits.speed)
            run.session.set_speed(kmh, caller=Caller.PERSON)
    if run.state in STEERING:  # it may be over by now
        to_the_end(run)
    run.go(30)
    assert_announced_from_where_it_begins(run, CommandKind.SET_SPEED)
    assert all(kmh <= limits.speed.maximum for _, kmh in run.speeds)
    assert run.treadmill.at_rest
