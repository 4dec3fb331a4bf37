"""The plan of a session: its length, its parts and its targets (safety rules S4, S13, S15)."""

import pytest

from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import (
    CoolDown,
    Milestones,
    SessionPlan,
    SessionRequest,
    Target,
)
from tests.support.planned_sessions import limits
from tests.support.session_run import SessionRun

State = SessionState


def test_what_was_chosen_is_told_as_the_limits_leave_it_and_of_a_free_walk_nothing() -> None:
    run = SessionRun()
    assert run.session.planned_target is None
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest())
    assert run.session.planned_target is None
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(speed=9.0))
    assert run.session.planned_target == Target(3.0, 0.0)


@pytest.mark.parametrize(
    ("requested", "direction", "owner", "length"),
    [
        (300, Direction.BACKWARD, OwnerLimits(), 300),
        (7200, Direction.BACKWARD, OwnerLimits(), 1800),
        (7200, Direction.BACKWARD, OwnerLimits(reduced=True), 600),
        (9000, Direction.FORWARD, OwnerLimits(), 7200),
        (9000, Direction.FORWARD, OwnerLimits(reduced=True), 7200),
        (5, Direction.BACKWARD, OwnerLimits(), 60),
        (-5, Direction.BACKWARD, OwnerLimits(), 60),
        (float("inf"), Direction.BACKWARD, OwnerLimits(), 1800),
        (float("nan"), Direction.BACKWARD, OwnerLimits(), 60),
    ],
)
def test_s15_the_length_stays_within_what_a_session_may_last(
    requested: float, direction: Direction, owner: OwnerLimits, length: float
) -> None:
    assert SessionPlan(requested, None, None, limits(direction, owner=owner)).length == length


@pytest.mark.parametrize(("length", "warm_up"), [(60, 30), (150, 30), (300, 60), (600, 120), (1800, 120)])
def test_s13_the_warm_up_is_a_fifth_of_it(length: float, warm_up: float) -> None:
    plan = SessionPlan(length, 2.0, 1.0, limits())
    assert plan.warm_up == warm_up
    assert plan.target_at(0) == plan.target_at(warm_up - 0.1) == Target(1.0, 0.0)
    assert plan.target_at(warm_up) == plan.target_at(length) == Target(2.0, 1.0)


@pytest.mark.parametrize(
    ("length", "speed", "incline", "seconds"),
    [
        (300, 1.0, 0.0, 60),
        (299, 1.0, 0.0, 30),
        (60, 1.0, None, 30),
        (300, 3.0, 0.0, 60),
        (300, 3.5, 0.0, 70),
        (120, 3.0, 0.0, 60),
        (300, 2.0, 4.0, 80),
        (300, 0.5, -3.0, 60),
        (60, 9.0, 15.0, 60),
    ],
)
def test_s13_the_cool_down_is_as_long_as_the_way_down(
    length: float, speed: float, incline: float | None, seconds: float
) -> None:
    plan = SessionPlan(length, 2.0, 1.0, limits())
    assert plan.cool_down(speed, incline) == pytest.approx(seconds)
    assert plan.cool_down_starts(speed, incline) == pytest.approx(length - seconds)


def test_s13_a_plan_has_three_parts() -> None:
    plan = SessionPlan(300, 2.0, 0.0, limits())
    assert plan.phase(0, 1.0, 0.0) is State.WARM_UP
    assert plan.phase(60, 2.0, 0.0) is State.ACTIVE
    assert plan.phase(239, 2.0, 0.0) is State.ACTIVE
    assert plan.phase(240, 2.0, 0.0) is State.COOL_DOWN
    assert plan.phase(231, 3.5, 0.0) is State.COOL_DOWN


def test_s4_a_plan_stays_within_the_limits() -> None:
    assert SessionPlan(300, 9.0, 9.0, limits()).main == Target(3.0, 3.0)
    assert SessionPlan(300, 9.0, 9.0, limits(novice=True)).main == Target(2.0, 0.0)
    assert SessionPlan(300, 9.0, 9.0, limits(incline=None)).main == Target(3.0, None)
    assert SessionPlan(300, 9.0, 9.0, limits(speed=None)).main == Target(0.0, 3.0)
    plan = SessionPlan(300, None, None, limits())
    assert plan.free
    assert plan.main == plan.least
    assert limits(Direction.FORWARD, novice=True) == limits(Direction.FORWARD)


def test_a_machine_without_an_incline_needs_no_time_for_it() -> None:
    assert SessionPlan(300, 2.0, None, limits(incline=None)).cool_down(1.0, 5.0) == 60


def test_s13_a_cool_down_goes_down_evenly_and_then_stays() -> None:
    cool_down = CoolDown(240.0, 300.0, 3.0, 1.0, "completed")
    assert [cool_down.speed_at(seconds) for seconds in (240, 260, 279, 280, 300)] == pytest.approx(
        [3.0, 2.0, 1.05, 1.0, 1.0]
    )
    assert CoolDown(240.0, 250.0, 3.0, 1.0, "guard").speed_at(240) == 1.0


def test_the_time_is_told_once_and_never_late() -> None:
    def kinds(length: float, *seconds: float, coached: bool = True) -> list[str]:
        milestones = Milestones()
        return [event.kind.value for at in seconds for event in milestones.due(length, at, coached=coached)]

    assert kinds(300, 0, 149, 150, 151, 239, 240, 241, 300) == ["halfway", "last_minute"]
    assert kinds(300, 149, 156, 246, 247) == []
    assert kinds(120, 59, 60, 61, 119) == ["halfway"]
    assert kinds(300, 299, 300, 301, coached=False) == ["manual"]
