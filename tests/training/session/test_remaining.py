"""The rest of a session as the dashboard draws it: on plan, changed by people, cooling down, or unknown."""

import itertools
from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.remaining import RemainingSession, remaining_session
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.forecast import PlannedStep
from custom_components.retrowalk.training.steering.session_plan import AT_THE_END, SessionRequest, Target
from tests.support.planned_sessions import go_to, planned_run
from tests.support.program_run import plan_of, program, started, to_the_end
from tests.support.session_run import SessionRun, rules

HILL = ({"minutes": 2, "speed": 1.0}, {"minutes": 2, "speed": 1.5, "incline": 1}, {"minutes": 2, "speed": 1.0})


def ahead(run: SessionRun) -> RemainingSession:
    telemetry = run.telemetry()
    remaining = remaining_session(run.session, Target(telemetry.speed or 0.0, telemetry.incline))
    assert remaining is not None
    return remaining


def assert_whole(steps: tuple[PlannedStep, ...], length: float) -> None:
    """Assert that the steps cover the session without a gap."""
    assert steps[0].begins == 0
    for one, following in itertools.pairwise(steps):
        assert one.begins + one.seconds == pytest.approx(following.begins)
    assert steps[-1].begins + steps[-1].seconds == pytest.approx(length)


def top(steps: tuple[PlannedStep, ...]) -> float:
    return max(step.speed.top for step in steps)


def test_nothing_remains_without_a_session_or_on_a_machine_without_a_range() -> None:
    assert remaining_session(SessionRun().session, None) is None
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest())
    assert remaining_session(run.session, None) is not None
    run.session.apply_rules(rules(speed=None))
    assert remaining_session(run.session, None) is None


def test_a_walk_that_is_ready_is_seen_whole_with_and_without_a_program() -> None:
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300, speed=1.5, incline=1.0))
    steps = ahead(run).steps()
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
    run = started(program(*HILL))
    first = ahead(run)
    steps = first.steps()
    run.go(30)
    assert ahead(run).key == first.key
    # A dashboard that is opened only now shows the same session.
    assert_whole(ahead(run).steps(), 360)
    go_to(run, 150)
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(5)
    faster = ahead(run)
    assert faster.key != first.key
    changed = faster.steps(steps)
    assert_whole(changed, 360)
    assert top(changed) == pytest.approx(2.0)
    assert changed[0] == steps[0], "what is over stays as it was"
    assert run.session.skip_step(caller=Caller.PERSON) is None
    skipped = ahead(run)
    assert skipped.key != faster.key
    assert_whole(skipped.steps(changed), plan_of(run).length)


def test_what_people_request_of_a_session_without_a_program_holds_to_its_end() -> None:
    run = planned_run(length=300)
    assert top(ahead(run).steps()) == 1.0
    run.session.set_speed(1.6, caller=Caller.PERSON)
    run.go(1)
    assert run.state is SessionState.ACTIVE
    assert top(ahead(run).steps()) == pytest.approx(1.6)


def test_a_cool_down_is_the_way_down_that_is_steered_and_the_minimum_at_the_end() -> None:
    run = started(program(*HILL))
    steps = ahead(run).steps()
    go_to(run, 200)
    run.session.finish(run.now)
    run.go(1)
    assert run.state is SessionState.COOL_DOWN
    remaining = ahead(run)
    cooling = remaining.steps(steps)
    assert_whole(cooling, remaining.ends)
    assert remaining.ends < 235
    assert cooling[-1].phase is SessionState.COOL_DOWN
    assert (cooling[-1].speed.start, cooling[-1].speed.end) == (1.0, 1.0)
    assert cooling[-1].seconds == AT_THE_END
    assert cooling[-2].speed.end == 1.0
    blind = remaining_session(run.session, None)
    assert blind is not None
    assert blind.steps(steps) == cooling, "what is measured changes nothing about the way down"
    low = RemainingSession(
        plan=remaining.plan, since=remaining.ends - 11, present=None, cool_down=remaining.cool_down, ends=remaining.ends
    )
    assert_whole(low.steps(steps), remaining.ends)
    assert (low.steps(steps)[-1].seconds, low.steps(steps)[-1].speed.start) == (pytest.approx(11), 1.0)
    run.go(3)
    assert_whole(ahead(run).steps(cooling), remaining.ends)
    assert remaining.cool_down is not None
    over = replace(remaining, since=200, cool_down=replace(remaining.cool_down, ends=200), ends=200)
    assert_whole(over.steps(steps), 200)


@pytest.mark.parametrize("moment", [90, 200, 290])
def test_what_was_walked_keeps_its_phases_on_a_dashboard_that_is_opened_in_the_cool_down(moment: int) -> None:
    """Check a walk that is finished early: the plan, which is all that a new dashboard knows, cools down elsewhere."""
    run = planned_run(length=300, speed=1.6)
    go_to(run, moment)
    run.session.finish(run.now)
    run.go(5)
    assert run.state is SessionState.COOL_DOWN
    cool_down = run.session.cool_down
    assert cool_down is not None
    steps = ahead(run).steps()
    assert_whole(steps, cool_down.ends)
    for step in steps:
        assert (step.phase is SessionState.COOL_DOWN) == (step.begins + 0.01 >= cool_down.begins), step
    assert steps[0].phase is SessionState.WARM_UP


@pytest.mark.parametrize("noise", [-0.06, 0.05])
def test_the_noise_of_a_speed_is_no_change_ahead(noise: float) -> None:
    run = planned_run(length=300, speed=1.5)
    go_to(run, 150)
    remaining = remaining_session(run.session, Target(1.5 + noise, None))
    assert remaining is not None
    [walking] = [step for step in remaining.steps() if step.begins == remaining.since]
    assert walking.speed.start == walking.speed.end == pytest.approx(1.5)
    unknown = remaining_session(run.session, None)
    assert unknown is not None
    assert unknown.present is None
    slower = remaining_session(run.session, Target(0.9, None))
    assert slower is not None
    assert slower.present == Target(0.9, None), "a belt that is not there yet is on its way"


def test_a_paused_walk_goes_on_at_the_minimum_and_one_that_is_over_has_no_outlook() -> None:
    run = started(program(*HILL))
    go_to(run, 150)
    run.pause()
    run.go(8)
    remaining = ahead(run)
    assert remaining.present is None
    assert_whole(remaining.steps(), 360)
    run = started(program(*HILL))
    to_the_end(run)
    assert remaining_session(run.session, None) is None


def test_a_lost_link_leaves_nothing_known() -> None:
    run = started(program(*HILL))
    run.go(5)
    run.link(up=False)
    assert run.state is SessionState.INTERRUPTED
    assert remaining_session(run.session, None) is None


def test_the_range_may_be_as_coarse_as_a_machine_has_it() -> None:
    run = SessionRun(rules(speed=ValueRange(1.0, 6.0, 0.5)))
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300, speed=1.5))
    assert_whole(ahead(run).steps(), 300)
