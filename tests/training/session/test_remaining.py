"""What is left of a walk, as the dashboard draws it: on course, changed by people, cooling down, or not known."""

import itertools

import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.remaining import RemainingSession, remaining_session
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.forecast import PlannedStep
from custom_components.retrowalk.training.steering.session_plan import SessionRequest, Target
from tests.support.planned_sessions import go_to, wished
from tests.support.program_run import course_of, program, started, to_the_end
from tests.support.session_run import SessionRun, rules

HILL = ({"minutes": 2, "speed": 1.0}, {"minutes": 2, "speed": 1.5, "incline": 1}, {"minutes": 2, "speed": 1.0})


def ahead(walk: SessionRun) -> RemainingSession:
    telemetry = walk.telemetry()
    found = remaining_session(walk.session, Target(telemetry.speed or 0.0, telemetry.incline))
    assert found is not None
    return found


def assert_whole(steps: tuple[PlannedStep, ...], length: float) -> None:
    """From the first second to the last, without a gap."""
    assert steps[0].begins == 0
    for one, following in itertools.pairwise(steps):
        assert one.begins + one.seconds == pytest.approx(following.begins)
    assert steps[-1].begins + steps[-1].seconds == pytest.approx(length)


def top(steps: tuple[PlannedStep, ...]) -> float:
    return max(step.speed.top for step in steps)


def test_nothing_remains_without_a_session_or_on_a_machine_without_a_range() -> None:
    assert remaining_session(SessionRun().session, None) is None
    walk = SessionRun()
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest())
    assert remaining_session(walk.session, None) is not None
    walk.session.apply_rules(rules(speed=None))
    assert remaining_session(walk.session, None) is None


def test_a_walk_that_is_ready_is_seen_whole_with_and_without_a_program() -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=300, speed=1.5, incline=1.0))
    steps = ahead(walk).steps()
    assert_whole(steps, 300)
    assert top(steps) == 1.5
    assert max(step.incline.top for step in steps if step.incline) == 1.0
    assert steps[0].phase is SessionState.WARM_UP
    assert steps[-1].phase is SessionState.COOL_DOWN
    flat = SessionRun(rules(incline=None))
    flat.session.prepare(flat.now, caller=Caller.PERSON, request=SessionRequest(length=300, speed=1.5))
    assert {step.incline for step in ahead(flat).steps()} == {None}
    mine = SessionRun()
    mine.session.prepare(mine.now, caller=Caller.PERSON, request=SessionRequest(program=program(*HILL)))
    assert_whole(ahead(mine).steps(), 360)


def test_what_remains_stays_the_same_until_something_changes() -> None:
    walk = started(program(*HILL))
    first = ahead(walk)
    steps = first.steps()
    walk.go(30)
    assert ahead(walk).key == first.key
    # Who looks only now sees the same walk.
    assert_whole(ahead(walk).steps(), 360)
    go_to(walk, 150)
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(5)
    faster = ahead(walk)
    assert faster.key != first.key
    changed = faster.steps(steps)
    assert_whole(changed, 360)
    assert top(changed) == pytest.approx(2.0)
    assert changed[0] == steps[0], "what is over stays as it was"
    assert walk.session.skip_step(caller=Caller.PERSON) is None
    skipped = ahead(walk)
    assert skipped.key != faster.key
    assert_whole(skipped.steps(changed), course_of(walk).length)


def test_what_people_wish_of_a_walk_without_a_program_holds_to_its_end() -> None:
    walk = wished(length=300)
    assert top(ahead(walk).steps()) == 1.0
    walk.session.set_speed(1.6, caller=Caller.PERSON)
    walk.go(1)
    assert walk.state is SessionState.ACTIVE
    assert top(ahead(walk).steps()) == pytest.approx(1.6)


def test_a_cool_down_is_a_line_to_the_end_whenever_that_is() -> None:
    walk = started(program(*HILL))
    steps = ahead(walk).steps()
    go_to(walk, 200)
    walk.session.finish(walk.now)
    walk.go(1)
    assert walk.state is SessionState.COOL_DOWN
    found = ahead(walk)
    cooling = found.steps(steps)
    assert_whole(cooling, found.ends)
    assert found.ends < 235
    assert cooling[-1].phase is SessionState.COOL_DOWN
    assert cooling[-1].speed.end == 1.0
    blind = remaining_session(walk.session, None)
    assert blind is not None
    assert blind.cool_down is not None
    assert blind.cool_down.start == 1.0
    over = RemainingSession(plan=found.plan, since=200, present=None, cool_down=found.cool_down, ends=200)
    assert_whole(over.steps(steps), 200)


def test_a_paused_walk_goes_on_at_the_minimum_and_one_that_is_over_has_no_outlook() -> None:
    walk = started(program(*HILL))
    go_to(walk, 150)
    walk.pause()
    walk.go(8)
    found = ahead(walk)
    assert found.present is None
    assert_whole(found.steps(), 360)
    walk = started(program(*HILL))
    to_the_end(walk)
    assert remaining_session(walk.session, None) is None


def test_a_lost_link_leaves_nothing_known() -> None:
    walk = started(program(*HILL))
    walk.go(5)
    walk.link(up=False)
    assert walk.state is SessionState.INTERRUPTED
    assert remaining_session(walk.session, None) is None


def test_the_range_may_be_as_coarse_as_a_machine_has_it() -> None:
    walk = SessionRun(rules(speed=ValueRange(1.0, 6.0, 0.5)))
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=300, speed=1.5))
    assert_whole(ahead(walk).steps(), 300)
