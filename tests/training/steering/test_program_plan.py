"""Programs on a machine: their plans within the limits, and whole sessions."""

import itertools
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.forecast import PlannedStep, planned_steps
from custom_components.retrowalk.training.steering.profile import stays_inside
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan, plan_for
from custom_components.retrowalk.training.steering.session_plan import SessionPlan, SessionRequest, Target
from tests.support.program_run import assert_completed, assert_safe, off_by, plan_of, program, started, to_the_end
from tests.support.session_run import SessionRun, rules

State = SessionState
EventKind = SessionEventKind
SPEED, INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE

HILLY = program(
    {"minutes": 2, "speed": 1.5, "label": "Slow"},
    {"minutes": 2, "speed": {"from": 1.5, "to": 2.5}, "label": "Faster"},
    {"minutes": 1, "incline": 1, "label": "Hill"},
    {"minutes": 3, "speed": 2.0, "incline": 0},
    {"minutes": 2, "speed": {"from": 2.0, "to": 1.0}},
)


def limits(direction: Direction = Direction.BACKWARD, *, novice: bool = False, **changes: Any) -> Limits:
    its_rules = rules(**changes)
    return limits_for(its_rules.capabilities, its_rules.owner, direction, novice=novice)


def plan_for_program(its_program: Program, **changes: Any) -> ProgramPlan:
    return ProgramPlan(its_program, limits(its_program.direction, **changes))


def refusal(call: object, *args: object, **kwargs: object) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.reason


def go_to(run: SessionRun, seconds: float) -> None:
    while run.session.moving_time < seconds:
        run.go(0.5)


def row(step: PlannedStep) -> tuple[float, ...]:
    """Return begin, length, speed from and to, and incline from and to."""
    deck = (step.incline.start, step.incline.end) if step.incline else ()
    return tuple(round(value, 2) for value in (step.begins, step.seconds, step.speed.start, step.speed.end, *deck))


def rows_of(its_program: Program, **changes: Any) -> list[tuple[float, ...]]:
    return [row(step) for step in planned_steps(plan_for_program(its_program, **changes))]


def announced(run: SessionRun) -> list[tuple[str, float, float, float]]:
    return [
        (event.data["what"], event.data["start"], event.data["target"], event.data["seconds"])
        for _, event in run.emitted
        if event.kind is EventKind.SPEED_UP_SOON
    ]


# The resulting plan


def test_a_request_with_a_program_has_its_plan() -> None:
    its_plan = plan_for(SessionRequest(program=HILLY, length=60, speed=9.0), limits())
    assert isinstance(its_plan, ProgramPlan)
    assert its_plan.length == 600
    assert type(plan_for(SessionRequest(length=300), limits())) is SessionPlan


def test_s13_warm_up_and_cool_down_lie_over_the_program() -> None:
    its_plan = plan_for_program(HILLY)
    assert its_plan.warm_up == 120
    assert its_plan.target_at(119.9) == Target(1.0, 0.0)
    assert its_plan.target_at(120) == Target(1.5, 0.0)
    assert its_plan.target_at(180) == Target(2.0, 0.0)
    assert its_plan.target_at(270) == Target(2.5, 1.0)
    assert its_plan.target_at(900) == Target(1.0, 0.0)
    assert its_plan.rises_to(60) == Target(1.5, 0.0)
    assert not its_plan.free
    its_plan.end_warm_up(60)
    assert its_plan.target_at(60) == Target(1.5, 0.0)


def test_s15_a_program_is_cut_to_what_a_session_may_last_and_a_short_one_held() -> None:
    assert plan_for_program(program({"minutes": 20, "speed": 2}), owner=OwnerLimits(reduced=True)).length == 600
    cut = plan_for_program(
        program({"minutes": 9, "speed": 2}, *[{"minutes": 2, "speed": 1}] * 3), owner=OwnerLimits(reduced=True)
    )
    assert planned_steps(cut)[-1].begins + planned_steps(cut)[-1].seconds == cut.length == 600
    short = plan_for_program(program({"seconds": 5, "speed": 2}))
    assert short.length == 60
    assert short.target_at(59) == Target(2.0, 0.0)
    assert planned_steps(short)[-1].begins + planned_steps(short)[-1].seconds == 60


def test_s4_the_curve_stays_inside_the_limits() -> None:
    wild = program({"minutes": 4, "speed": {"from": 0.2, "to": 5.2}, "incline": {"from": -5, "to": 15}}, {"minutes": 4})
    its_plan = plan_for_program(wild)
    for seconds in range(480):
        target = its_plan.target_at(seconds)
        assert 1.0 <= target.speed <= 3.0
        assert target.incline is not None
        assert 0.0 <= target.incline <= 3.0
    # Even up to the limit, then held at it.
    assert its_plan.target_at(479) == Target(3.0, 3.0)
    assert plan_for_program(wild, novice=True).target_at(479) == Target(2.0, 0.0)
    assert plan_for_program(wild, incline=None).target_at(479) == Target(3.0, None)
    open_plan = plan_for_program(program({"minutes": 5}))
    assert open_plan.target_at(100) == open_plan.least == Target(1.0, 0.0)
    assert plan_for_program(wild, speed=None).target_at(479) == Target(0.0, 3.0)


def test_the_plan_tells_what_the_belt_will_do() -> None:
    steps = planned_steps(plan_for_program(HILLY))
    assert [row(step) for step in steps] == [
        (0, 120, 1.0, 1.0, 0, 0),
        (120, 42, 1.0, 1.85, 0, 0),  # as fast as allowed, to the program's present value
        (162, 78, 1.85, 2.5, 0, 0),
        (240, 9, 2.5, 2.5, 0, 0),  # speed and incline never rise within 20 s of each other
        (249, 20, 2.5, 2.5, 0, 1),
        (269, 31, 2.5, 2.5, 1, 1),
        (300, 2, 2.5, 2.0, 1, 0.88),
        (302, 14, 2.0, 2.0, 0.88, 0),
        (316, 164, 2.0, 2.0, 0, 0),
        (480, 60, 2.0, 1.5, 0, 0),
        (540, 41, 1.5, 1.0, 0, 0),
        (581, 19, 1.0, 1.0, 0, 0),
    ]
    assert [step.label for step in steps] == [None, "Faster", "Faster", *["Hill"] * 3, *[None] * 6]
    phases = [State.WARM_UP, *[State.ACTIVE] * 9, *[State.COOL_DOWN] * 2]
    assert [step.phase for step in steps] == phases
    assert steps[1].as_dict() == {
        "start": 120.0,
        "seconds": 42.0,
        "phase": "active",
        "speed": {"from": 1.0, "to": 1.85},
        "incline": {"from": 0.0, "to": 0.0},
        "label": "Faster",
    }
    level = planned_steps(plan_for_program(HILLY, incline=None))[0]
    assert level.as_dict() == {
        "start": 0.0,
        "seconds": 120.0,
        "phase": "warm_up",
        "speed": {"from": 1.0, "to": 1.0},
    }


def test_what_is_too_steep_shrinks_its_hold_then_lowers_its_peak_and_ends_in_time() -> None:
    base = {"minutes": 1, "speed": 1.0}
    # A minute and a half for 1.5 km/h is enough with a shorter hold; half a minute is not.
    assert rows_of(program(base, {"seconds": 90, "speed": 2.5}, base, {"minutes": 2}), incline=None)[2:5] == [
        (66, 72.5, 1.0, 2.5),
        (138.5, 11.5, 2.5, 2.5),
        (150, 6, 2.5, 1.0),
    ]
    late = {"minutes": 2, "seconds": 24}
    steps = rows_of(program(base, {"seconds": 36, "speed": 2.5}, base, late), incline=None)
    assert steps[1:3] == [(60, 32.5, 1.0, 1.7), (92.5, 3.5, 1.7, 1.7)]
    assert steps[-1][0] + steps[-1][1] == 300
    # A value that is behind does not rise toward a falling curve.
    falling = program(base, {"seconds": 30, "speed": 2.5}, {"seconds": 100, "speed": {"from": 2.5, "to": 1.0}}, base)
    assert rows_of(falling, incline=None)[2:6] == [
        (60, 27.5, 1.0, 1.6),
        (87.5, 2.5, 1.6, 1.6),
        (90, 60.5, 1.6, 1.6),
        (150.5, 39.5, 1.6, 1.0),
    ]


def test_s5_speed_and_incline_are_planned_one_after_the_other() -> None:
    base = {"minutes": 2, "speed": 1.5, "incline": 0}
    ramp, hill = {"from": 1.5, "to": 2.0}, {"from": 0, "to": 2}

    def second(speed: object, incline: object, minutes: float = 4) -> list[tuple[float, ...]]:
        step = {"minutes": minutes, "speed": speed, "incline": incline}
        return [row for row in rows_of(program({"minutes": 2}, base, step, base)) if 240 <= row[0] < 480]

    # Two ramps share the step.
    assert second(ramp, hill) == [(240, 120, 1.5, 2.0, 0, 0), (360, 120, 2.0, 2.0, 0, 2.0)]
    # An immediate change goes first, and the other one is still completed.
    first, *_, last = second(2.0, hill)
    assert first == (240, 22.5, 1.5, 2.0, 0, 0)
    assert (last[3], last[5]) == (2.0, 2.0)
    first, *_, last = second(ramp, 1)
    assert first[2:] == (1.5, 1.5, 0, 1)
    assert (last[3], last[5]) == (2.0, 1.0)
    # There is no time for both.
    assert all(row[4:] == (0, 0) for row in second(2.5, 1, 1) if row[0] < 300)


def test_a_machine_that_cannot_rise_is_planned_at_its_minimum() -> None:
    steps = rows_of(HILLY, speed=ValueRange(1.0, 12.0, 1.0), incline=ValueRange(0.0, 15.0, 2.0))
    assert {values[2:] for values in steps} == {(1.0, 1.0, 0, 0)}


def test_the_rest_is_planned_from_where_the_belt_is() -> None:
    its_plan = plan_for_program(HILLY)
    steps = planned_steps(its_plan, since=300, present=Target(1.0, 0.0))
    assert [row(step) for step in steps][:4] == [
        (300, 2.5, 1.0, 1.0, 0, 0),
        (302.5, 50, 1.0, 2.0, 0, 0),
        (352.5, 127.5, 2.0, 2.0, 0, 0),
        (480, 60, 2.0, 1.5, 0, 0),
    ]
    assert row(planned_steps(its_plan, since=60, present=Target(1.0, 0.0))[0]) == (60, 60, 1.0, 1.0, 0, 0)
    # In the cool-down nothing else remains, and at the end nothing at all.
    last = planned_steps(its_plan, since=570, present=Target(1.4, 0.0))
    assert {step.phase for step in last} == {State.COOL_DOWN}
    assert (last[0].speed.start, last[-1].speed.end) == (1.4, 1.0)
    assert planned_steps(its_plan, since=600, present=Target(1.0, 0.0)) == ()


# Whole sessions


def test_s6_each_ramp_is_announced_once_just_before_it_begins() -> None:
    run = started(HILLY)
    planned = planned_steps(plan_of(run))
    speed, incline = off_by(run, planned, within=2.5)
    assert_completed(run)
    assert_safe(run, limits())
    assert speed <= 0.1
    assert incline <= 0.5
    assert announced(run) == [("speed", 1.0, 2.5, 120.0), ("incline", 0.0, 1.0, 10.0)]
    assert [event.data for _, event in run.emitted if event.kind is EventKind.STEP_CHANGED] == [
        {"what": "speed", "target": 2.5},
        {"what": "incline", "target": 1.0},
    ]


@pytest.mark.parametrize(("acceleration", "after"), [(0.25, 33), (0.5, 21), (2.0, 21)])
def test_s6_a_deck_that_waits_until_a_faster_belt_has_slowed_down_is_announced_once(
    acceleration: float, after: float
) -> None:
    # It was announced before the belt slowed, which outlasted the announcement; then it was announced again.
    its_program = program(
        {"minutes": 2, "speed": 8.0}, {"minutes": 4, "speed": 1.0, "incline": 3.0}, direction=Direction.FORWARD
    )
    owner = OwnerLimits(forward_speed=8.0)
    run = started(its_program, SessionRun(rules(owner=owner), acceleration=acceleration))
    to_the_end(run)
    assert [(what, end) for what, _, end, _ in announced(run)] == [("speed", 8.0), ("incline", 3.0)]
    slowed = next(when for (_, before), (when, kmh) in itertools.pairwise(run.speeds) if kmh < before)
    assert run.inclines[0][0] - slowed >= after
    assert_safe(run, limits(Direction.FORWARD, owner=owner))
    assert_completed(run)


def test_s6_a_deck_does_not_wait_for_a_belt_that_slows_down_a_little() -> None:
    its_program = program(
        {"minutes": 2, "speed": 3.0}, {"minutes": 4, "speed": 1.0, "incline": 3.0}, direction=Direction.FORWARD
    )
    run = started(its_program, SessionRun(acceleration=1.0))
    to_the_end(run)
    slowed = next(when for (_, before), (when, kmh) in itertools.pairwise(run.speeds) if kmh < before)
    assert run.inclines[0][0] - slowed <= 2
    assert_safe(run, limits(Direction.FORWARD))


def test_s5_a_belt_that_is_on_its_way_up_is_not_taken_for_one_that_stays_behind() -> None:
    # Each step was based on the belt's speed right after the one before. So the ramp ended a step below what had
    # been sent, and the way down began with two steps in one.
    speed = ValueRange(1.0, 12.0, 0.5)
    its_program = program(
        {"minutes": 2, "speed": 1.0},
        {"minutes": 3, "speed": {"from": 1.5, "to": 5.0}},
        {"minutes": 3, "speed": 1.0},
        direction=Direction.FORWARD,
    )
    run = started(its_program, SessionRun(rules(speed=speed), acceleration=0.25))
    to_the_end(run)
    up = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]
    assert [kmh for _, kmh in run.speeds] == [*up, *reversed(up[:-1])]
    assert_safe(run, limits(Direction.FORWARD, speed=speed))
    assert_completed(run)


def test_s6_what_cannot_be_reached_is_not_announced() -> None:
    run = started(
        program({"minutes": 2}, {"seconds": 21, "speed": 3.0}, {"minutes": 2, "speed": 1.0}, {"seconds": 4, "speed": 2})
    )
    to_the_end(run)
    assert announced(run) == [("speed", 1.0, 1.4, 15.0)]
    assert max(kmh for _, kmh in run.speeds) == 1.4
    assert_completed(run)


def test_s6_a_rise_just_before_the_cool_down_does_not_begin() -> None:
    run = started(program({"seconds": 236, "speed": 1.0}, {"seconds": 64, "speed": 2.0}))
    to_the_end(run)
    assert announced(run) == []
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert_completed(run)


@pytest.mark.parametrize("asked", [5.0, 6.0, 7.0, 8.0])
def test_s6_what_the_cool_down_leaves_of_a_rise_is_announced_once(asked: float) -> None:
    # The higher it rises, the sooner the cool-down begins: what can be reached was found out by a few rounds of
    # trying, which ended here and there. So a rise was announced that began half a minute later.
    its_program = program({"minutes": 3, "speed": 1.0}, {"minutes": 2, "speed": asked}, direction=Direction.FORWARD)
    owner = OwnerLimits(forward_speed=8.0)
    run = started(its_program, SessionRun(rules(owner=owner), acceleration=0.25))
    to_the_end(run)
    assert announced(run) == [("speed", 1.0, 5.0, 14.0)]
    assert max(kmh for _, kmh in run.speeds) == 5.0
    assert_safe(run, limits(Direction.FORWARD, owner=owner))
    assert_completed(run)


def test_s6_a_rise_ends_where_the_curve_begins_to_fall() -> None:
    # Only when it had fallen below the belt it was taken for over, though nothing rises on a curve that falls.
    its_program = program(
        {"seconds": 120, "speed": 1.0},
        {"seconds": 45, "incline": 3},
        {"minutes": 2, "incline": {"from": 4, "to": 1}},
        {"minutes": 2, "incline": 0},
        direction=Direction.FORWARD,
    )
    incline = ValueRange(0.0, 15.0, 1.0)
    run = started(its_program, SessionRun(rules(incline=incline)))
    to_the_end(run)
    assert announced(run) == [("incline", 0.0, 2.0, 20.0)]
    assert max(percent for _, percent in run.inclines) == 2.0
    assert_safe(run, limits(Direction.FORWARD, incline=incline))


def test_s6_what_ends_before_the_machine_could_make_a_step_is_no_rise() -> None:
    # Where the incline goes first, the speed stays as it was for 20 s or more, and then goes on from lower down. The
    # belt rose once in the last half second, and once more, with a word of its own, from there.
    its_plan = plan_for_program(
        program(
            {"seconds": 43, "speed": 5.0, "incline": 1.0},
            {"seconds": 90, "speed": {"from": 1.5, "to": 6.0}, "incline": 2.0},
            {"minutes": 4, "speed": 1.0},
            direction=Direction.FORWARD,
        )
    )
    its_plan.warm_up = 82.5  # half a second before the speed goes on from 1.5 km/h
    assert its_plan.target_at(82.9) == Target(5.0, 2.0)
    assert its_plan.target_at(83.0) == Target(1.5, 2.0)
    assert its_plan.ahead(SPEED, 77.9, 1.0) is None
    for seconds in (78.0, 82.9):
        ahead = its_plan.ahead(SPEED, seconds, 1.0)
        assert ahead is not None
        assert (ahead.top, ahead.soon) == (6.0, True)
        assert seconds + ahead.ends == 133.0
    assert its_plan.ahead(SPEED, 77.0, 6.0) is None


def test_s12_after_a_pause_it_goes_on_where_it_was() -> None:
    run = started(HILLY)
    go_to(run, 220)
    assert run.treadmill.speed > 2.2
    run.pause()
    run.go(10)
    run.clear_log()
    run.resume()
    run.resume()
    run.go(20)
    begun = run.now - (run.session.moving_time - 220)
    run.go(90)
    # Ten seconds at the minimum, five of notice, then a single ramp, as far as there is time for it.
    assert run.speeds[0][1] == 1.0
    assert run.speeds[1][0] - begun >= 15
    assert announced(run) == [("speed", 1.0, 2.1, 50.0)]
    assert run.session.target_speed == 2.0
    to_the_end(run)
    assert_safe(run, limits())
    assert_completed(run)


def test_s12_with_little_left_it_stays_at_the_minimum() -> None:
    run = started(HILLY)
    go_to(run, 515)
    run.pause()
    run.go(10)
    run.clear_log()
    run.resume()
    run.resume()
    run.go(30)
    assert run.state is State.ACTIVE
    to_the_end(run)
    assert [kmh for _, kmh in run.speeds] == [1.0]
    assert_completed(run)


def test_s7_the_console_wins_and_who_takes_over_goes_on_along_the_program() -> None:
    run = started(HILLY)
    go_to(run, 150)
    run.treadmill.press_speed(2.8)
    run.go(10)
    assert run.state is State.MANUAL
    run.clear_log()
    run.go(50)
    assert run.sent == []
    run.resume()
    assert run.state is State.ACTIVE
    run.go(5)
    assert run.session.target_speed == pytest.approx(2.3, abs=0.11)
    to_the_end(run)
    assert_completed(run)


def test_s3_stop_ends_a_program_at_once() -> None:
    run = started(HILLY)
    go_to(run, 200)
    run.stop()
    run.go(15)
    assert run.treadmill.at_rest
    assert run.data(EventKind.STOPPED) == {"reason": "stopped"}


def test_s13_finish_cools_down_in_half_a_minute() -> None:
    run = started(HILLY)
    go_to(run, 270)
    run.session.finish(run.now)
    run.go(45)
    assert run.treadmill.at_rest
    assert run.data(EventKind.FINISHED) == {"reason": "finished"}
    assert run.session.moving_time < 310


def test_s10_after_a_lost_link_nothing_rises_until_a_person_acts() -> None:
    run = started(HILLY)
    go_to(run, 160)
    run.link(up=False)
    run.go(20)
    run.link(up=True)
    run.clear_log()
    run.go(40)
    assert run.state is State.ACTIVE
    assert run.speeds == []
    run.resume()
    run.go(60)
    assert run.treadmill.speed > 2.0
    to_the_end(run)
    assert_completed(run)


def test_a_program_is_planned_without_being_changed() -> None:
    its_plan = plan_for_program(HILLY)
    before = [its_plan.target_at(seconds) for seconds in range(600)]
    assert planned_steps(its_plan) == planned_steps(its_plan)
    assert [its_plan.target_at(seconds) for seconds in range(600)] == before


def test_s9_a_machine_that_does_not_obey_is_not_raised_any_more() -> None:
    run = started(HILLY)
    go_to(run, 130)
    run.treadmill.overshoot = 0.6
    run.go(20)
    assert EventKind.NOT_OBEYED in run.event_kinds
    run.clear_log()
    to_the_end(run)
    assert announced(run) == []
    assert run.state is State.FINISHED


def test_what_the_machine_declines_is_left_until_the_next_step() -> None:
    run = started(HILLY)
    go_to(run, 140)
    run.fail_command(SPEED, 1.4)
    run.clear_log()
    go_to(run, 239)
    assert run.speeds == []
    go_to(run, 295)
    assert announced(run)[0][0::2] == ("speed", 2.5)
    assert run.treadmill.speed > 2.0


# Requests during the program


def test_a_request_shifts_the_rest_of_the_program() -> None:
    run = started(HILLY)
    go_to(run, 200)
    assert run.session.target_speed == pytest.approx(2.2, abs=0.1)
    now = plan_of(run).target_at(run.session.moving_time).speed
    assert run.session.set_speed(round(now - 0.3, 1), caller=Caller.UNKNOWN) == round(now - 0.3, 1)
    run.go(5)
    assert run.session.target_speed == pytest.approx(now - 0.3, abs=0.11)
    go_to(run, 290)
    assert run.treadmill.speed == pytest.approx(2.2, abs=0.05)
    go_to(run, 400)
    assert run.treadmill.speed == pytest.approx(1.7, abs=0.05)
    # The opposite needs a person, and is reported.
    assert refusal(run.session.set_speed, 2.2, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    run.session.set_speed(2.2, caller=Caller.PERSON)
    run.go(60)
    assert announced(run)[-1] == ("speed", 1.7, 2.2, 20.0)
    assert run.treadmill.speed == pytest.approx(2.2)
    to_the_end(run)
    assert_safe(run, limits())
    assert_completed(run)


def test_an_incline_that_is_requested_shifts_the_hills() -> None:
    run = started(HILLY)
    go_to(run, 285)
    assert run.treadmill.incline == 1.0
    run.session.set_incline(2.0, caller=Caller.PERSON)
    go_to(run, 320)
    assert run.treadmill.incline == 1.0
    to_the_end(run)
    assert run.treadmill.incline == 0.0
    assert_completed(run)


def test_more_speed_in_the_warm_up_begins_the_program() -> None:
    run = started(HILLY)
    go_to(run, 20)
    run.session.set_speed(1.0, caller=Caller.UNKNOWN)
    run.go(0.5)
    assert run.state is State.WARM_UP
    run.session.set_speed(1.3, caller=Caller.PERSON)
    assert run.state is State.ACTIVE
    run.go(30)
    assert run.treadmill.speed == pytest.approx(1.3)
    go_to(run, 290)
    assert run.treadmill.speed == pytest.approx(2.3)
    other = started(HILLY)
    go_to(other, 20)
    other.session.set_incline(1.0, caller=Caller.PERSON)
    other.go(1)
    assert other.state is State.ACTIVE
    level = started(HILLY, SessionRun(rules(incline=None)))
    go_to(level, 130)
    plan_of(level).apply_request(130, incline=2.0)
    assert plan_of(level).target_at(130).incline is None


def test_a_shift_keeps_the_limits() -> None:
    its_plan = plan_for_program(HILLY)
    its_plan.apply_request(200, speed=3.0, incline=3.0)
    assert its_plan.target_at(239).speed == 3.0
    assert its_plan.target_at(270) == Target(3.0, 3.0)
    assert its_plan.target_at(400).speed == pytest.approx(2.8)
    its_plan.apply_request(200, speed=1.0, incline=0.0)
    assert its_plan.target_at(200).speed == pytest.approx(1.0)
    assert its_plan.target_at(500) == Target(1.0, 0.0)


def test_s16_a_request_for_what_it_does_anyway_shifts_nothing() -> None:
    """Check that roundings do not add up."""
    its_plan = plan_for_program(
        program({"minutes": 4, "speed": {"from": 1, "to": 3}, "incline": {"from": 0, "to": 3}}, {"minutes": 4}),
        speed=ValueRange(1.0, 10.0, 0.5),
    )
    before = [its_plan.target_at(seconds) for seconds in range(480)]
    for seconds in (130, 155, 170, 200):
        target = its_plan.target_at(seconds)
        its_plan.apply_request(
            seconds,
            speed=its_plan.limits.allowed_speed(target.speed),
            incline=its_plan.limits.allowed_incline(target.incline or 0.0),
        )
    assert [its_plan.target_at(seconds) for seconds in range(480)] == before


def test_s16_less_of_the_incline_shifts_it_down_where_it_no_longer_waits_for_the_speed() -> None:
    its_plan = plan_for_program(program({"minutes": 2, "speed": 1.0}, {"minutes": 4, "speed": 2.0, "incline": 2}))
    assert its_plan.target_at(121) == Target(2.0, 0.0)
    its_plan.apply_request(121, speed=1.0)
    assert its_plan.target_at(121) == Target(1.0, 2.0)
    its_plan.apply_request(121, incline=0.5)
    assert its_plan.target_at(121) == its_plan.target_at(300) == Target(1.0, 0.5)


# Skipping


def test_skipping_leads_to_the_next_step_and_an_earlier_end() -> None:
    run = started(HILLY)
    go_to(run, 260)
    assert plan_of(run).step_at(run.session.moving_time) == 2
    run.session.skip_step(caller=Caller.PERSON)
    assert plan_of(run).step_at(run.session.moving_time) == 3
    assert plan_of(run).length == pytest.approx(560, abs=1)
    assert run.session.length == 600
    run.go(1)
    assert run.session.remaining == pytest.approx(299, abs=1.5)
    rest = planned_steps(plan_of(run), since=run.session.moving_time, present=Target(2.5, 0.0))
    assert rest[-1].begins + rest[-1].seconds == pytest.approx(560, abs=1)
    to_the_end(run)
    assert_safe(run, limits())
    assert_completed(run)


def test_skipping_the_warm_up_begins_what_lies_under_it() -> None:
    long_first = program({"minutes": 3, "speed": 1.5}, {"minutes": 7, "speed": 2.0})
    run = started(long_first)
    go_to(run, 30)
    run.session.skip_step(caller=Caller.PERSON)
    assert run.state is State.ACTIVE
    assert plan_of(run).step_at(run.session.moving_time) == 0
    assert plan_of(run).length == 600
    # A warm-up that is a step of its own is skipped with its step.
    other = started(HILLY)
    go_to(other, 30)
    other.session.skip_step(caller=Caller.PERSON)
    assert plan_of(other).step_at(other.session.moving_time) == 1
    assert plan_of(other).length == pytest.approx(510, abs=1)
    to_the_end(other)
    assert_safe(other, limits())
    assert_completed(other)


def test_s13_skipping_the_last_step_cools_down() -> None:
    run = started(HILLY)
    go_to(run, 490)
    run.session.skip_step(caller=Caller.UNKNOWN)
    run.go(1)
    assert run.state is State.COOL_DOWN
    assert run.session.remaining == pytest.approx(59, abs=1.5)
    assert refusal(run.session.skip_step, caller=Caller.PERSON) is Refusal.NOTHING_TO_SKIP
    run.go(80)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s16_skipping_to_more_needs_a_person() -> None:
    run = started(HILLY)
    go_to(run, 130)
    assert refusal(run.session.skip_step, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    go_to(run, 250)
    assert run.treadmill.incline == 0
    run.session.skip_step(caller=Caller.UNKNOWN)
    hill = started(program({"minutes": 3, "speed": 1.5}, {"minutes": 3, "incline": 1}))
    go_to(hill, 150)
    assert refusal(hill.session.skip_step, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON


def test_s16_skipping_to_more_than_the_belt_is_steered_to_needs_a_person() -> None:
    run = started(
        program({"minutes": 2, "speed": 1.2}, {"minutes": 4, "speed": 2.5, "incline": 1}, {"minutes": 4, "speed": 2.0})
    )
    go_to(run, 150)
    run.fail_command(SPEED, 1.5)  # it stays slower than the program
    go_to(run, 180)
    assert run.treadmill.speed < 2.0
    assert refusal(run.session.skip_step, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    run.session.skip_step(caller=Caller.PERSON)
    level = started(program({"minutes": 5, "speed": 1.5, "incline": 2}, {"minutes": 4, "incline": 1}))
    go_to(level, 154)
    level.fail_command(INCLINE, 1.0)
    go_to(level, 230)
    assert level.treadmill.incline < 1.0
    assert refusal(level.session.skip_step, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON


def test_without_a_program_there_is_nothing_to_skip() -> None:
    run = SessionRun()
    assert run.session.program is None
    assert refusal(run.session.skip_step, caller=Caller.PERSON) is Refusal.NOT_STEERING
    run.begin()
    assert run.session.program is None
    assert refusal(run.session.skip_step, caller=Caller.PERSON) is Refusal.NOTHING_TO_SKIP


@pytest.mark.parametrize(
    ("step", "changes", "stays"),
    [
        ({"minutes": 5, "speed": 3.0, "incline": 3.0}, {}, True),
        ({"minutes": 5, "speed": {"from": 1.0, "to": 3.0}}, {}, True),
        ({"minutes": 5}, {}, True),
        ({"minutes": 5, "speed": {"from": 3.0, "to": 0.9}}, {}, False),
        ({"minutes": 5, "speed": {"from": 1.0, "to": 3.1}}, {}, False),
        ({"minutes": 5, "speed": 2.1}, {"novice": True}, False),
        ({"minutes": 5, "incline": 3.5}, {}, False),
        ({"minutes": 5, "incline": -1}, {}, False),
        ({"minutes": 11, "speed": 1.0}, {"owner": OwnerLimits(reduced=True)}, False),
        ({"minutes": 5, "speed": 1.0}, {"speed": None}, False),
        ({"minutes": 5, "speed": 1.0, "incline": 0}, {"incline": None}, True),
        ({"minutes": 5, "speed": 1.0, "incline": 1}, {"incline": None}, False),
        # An incline that must not rise under a walker stays at its start value (S5).
        ({"minutes": 5, "speed": 1.0}, {"speed": ValueRange(1.0, 10.0, 1.0)}, True),
        ({"minutes": 5, "speed": 2.0}, {"speed": ValueRange(1.0, 10.0, 1.0)}, False),
        ({"minutes": 5, "speed": 1.0, "incline": 2}, {"incline": ValueRange(0.0, 10.0, 2.0)}, False),
    ],
)
def test_what_stays_inside_the_limits_can_be_walked_as_it_is_written(
    step: dict[str, Any], changes: dict[str, Any], stays: bool
) -> None:
    assert stays_inside(program(step), limits(**changes)) is stays
