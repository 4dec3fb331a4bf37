"""Courses, and whole walks along them: warm-up, main part, cool-down, and the end that was announced."""

import itertools
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, MachineEventKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import (
    CoolDown,
    Milestones,
    SessionPlan,
    SessionRequest,
    Target,
)
from tests.support.session_run import SessionRun, rules

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


def limits(direction: Direction = Direction.BACKWARD, *, novice: bool = False, **changes: Any) -> Limits:
    its_rules = rules(**changes)
    return limits_for(its_rules.capabilities, its_rules.owner, direction, novice=novice)


def refusal(call: object, *args: object, **kwargs: object) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.reason


def wished(walk: SessionRun | None = None, **wish: Any) -> SessionRun:
    """A walk on the belt, steered at the minimum, with a wish."""
    walk = walk or SessionRun()
    walk.session.prepare(walk.now, by_person=True, wish=SessionRequest(**wish))
    walk.start()
    walk.go(15 if walk.session.direction is Direction.BACKWARD else 5)
    while not walk.session.moving_time:
        walk.go(0.5)
    return walk


def go_to(walk: SessionRun, seconds: float) -> None:
    """To a second of the walk."""
    while walk.session.moving_time < seconds:
        before = walk.session.moving_time
        walk.go(0.5)
        assert walk.session.moving_time > before


# The plan


def test_what_was_chosen_is_told_as_the_limits_leave_it_and_of_a_free_walk_nothing() -> None:
    walk = SessionRun()
    assert walk.session.planned_target is None
    walk.session.prepare(walk.now, by_person=True, wish=SessionRequest())
    assert walk.session.planned_target is None
    walk.session.prepare(walk.now, by_person=True, wish=SessionRequest(speed=9.0))
    assert walk.session.planned_target == Target(3.0, 0.0)


@pytest.mark.parametrize(
    ("wish", "direction", "owner", "length"),
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
    wish: float, direction: Direction, owner: OwnerLimits, length: float
) -> None:
    assert SessionPlan(wish, None, None, limits(direction, owner=owner)).length == length


@pytest.mark.parametrize(("length", "warm_up"), [(60, 30), (150, 30), (300, 60), (600, 120), (1800, 120)])
def test_s13_the_warm_up_is_a_fifth_of_it(length: float, warm_up: float) -> None:
    course = SessionPlan(length, 2.0, 1.0, limits())
    assert course.warm_up == warm_up
    assert course.target_at(0) == course.target_at(warm_up - 0.1) == Target(1.0, 0.0)
    assert course.target_at(warm_up) == course.target_at(length) == Target(2.0, 1.0)


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
    course = SessionPlan(length, 2.0, 1.0, limits())
    assert course.cool_down(speed, incline) == pytest.approx(seconds)
    assert course.cool_down_starts(speed, incline) == pytest.approx(length - seconds)


def test_s13_a_course_has_three_parts() -> None:
    course = SessionPlan(300, 2.0, 0.0, limits())
    assert course.phase(0, 1.0, 0.0) is State.WARM_UP
    assert course.phase(60, 2.0, 0.0) is State.ACTIVE
    assert course.phase(239, 2.0, 0.0) is State.ACTIVE
    assert course.phase(240, 2.0, 0.0) is State.COOL_DOWN
    assert course.phase(231, 3.5, 0.0) is State.COOL_DOWN


def test_s4_a_course_stays_within_the_limits() -> None:
    assert SessionPlan(300, 9.0, 9.0, limits()).main == Target(3.0, 3.0)
    assert SessionPlan(300, 9.0, 9.0, limits(novice=True)).main == Target(2.0, 0.0)
    assert SessionPlan(300, 9.0, 9.0, limits(incline=None)).main == Target(3.0, None)
    assert SessionPlan(300, 9.0, 9.0, limits(speed=None)).main == Target(0.0, 3.0)
    course = SessionPlan(300, None, None, limits())
    assert course.free
    assert course.main == course.least
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


# Whole walks


def test_s13_a_walk_warms_up_rises_cools_down_and_stops_in_its_length() -> None:
    walk = wished(length=300.0, speed=2.0, incline=1.0, walker="anna")
    assert walk.state is State.WARM_UP
    assert (walk.session.walker, walk.session.length) == ("anna", 300.0)
    assert walk.session.target_speed == 1.0
    go_to(walk, 59)
    assert walk.state is State.WARM_UP
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    go_to(walk, 61)
    assert walk.state is State.ACTIVE
    assert walk.session.target_speed == 2.0
    go_to(walk, 200)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.treadmill.incline == pytest.approx(1.0)
    go_to(walk, 239)
    assert walk.state is State.ACTIVE
    go_to(walk, 241)
    assert walk.state is State.COOL_DOWN
    cooled = walk.data(Told.COOLING_DOWN)
    assert cooled == {"reason": "completed", "seconds": 60, "start": 2.0, "target": 1.0}
    go_to(walk, 281)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.treadmill.incline == 0.0
    before = walk.session.remaining
    assert before is not None
    assert walk.session.planned_end(walk.now) == pytest.approx(walk.now + before)
    go_to(walk, 299.5)
    assert STOP not in walk.kinds
    walk.go(1)
    assert walk.kinds[-1] is STOP
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(302, abs=3)
    assert [kind for kind in walk.events if kind in {Told.HALFWAY, Told.LAST_MINUTE, Told.COOLING_DOWN}] == [
        Told.HALFWAY,
        Told.COOLING_DOWN,
        Told.LAST_MINUTE,
    ]
    assert walk.session.length == 300.0
    walk.go(61)
    assert (walk.session.request, walk.session.walker, walk.session.length) == (None, None, None)


@pytest.mark.parametrize("length", [60.0, 90.0, 300.0])
def test_s13_the_default_walk_ends_by_itself_too(length: float) -> None:
    walk = wished(length=length)
    walk.go(length + 10)
    assert walk.state is State.FINISHED
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(length + 2, abs=3)


def test_without_a_wish_it_is_five_minutes_at_the_minimum() -> None:
    walk = SessionRun()
    walk.begin()
    assert walk.session.request == SessionRequest(direction=Direction.BACKWARD)
    assert (walk.session.length, walk.session.walker) == (300.0, None)
    assert walk.session.remaining == pytest.approx(300 - walk.session.moving_time)


def test_s13_a_belt_that_somebody_raised_cools_down_earlier() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(backward_speed=5.0)))
    wished(walk, length=600.0, speed=4.9)
    go_to(walk, 120)
    while walk.state is State.ACTIVE:
        walk.go(0.5)
    # 20 s for each km/h above the minimum, and 20 s
    assert walk.session.moving_time == pytest.approx(600 - (20 * 3.9 + 20), abs=1)


def test_s13_a_person_who_lowered_it_has_the_shortest_cool_down() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 150)
    walk.session.set_speed(1.0, by_person=False)
    go_to(walk, 239)
    assert walk.state is State.ACTIVE
    go_to(walk, 241)
    assert walk.state is State.COOL_DOWN


def test_s5_s13_the_cool_down_falls_in_steps_that_a_walker_can_take_and_never_rises() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 240.5)
    walk.forget()
    walk.go(5)
    assert refusal(walk.session.set_speed, 3.0, by_person=True) is Refusal.COOLING_DOWN
    assert refusal(walk.session.set_incline, 1.0, by_person=True) is Refusal.COOLING_DOWN
    walk.go(70)
    falls = [kmh for _, kmh in walk.speeds]
    assert falls == sorted(falls, reverse=True)
    assert max(a - b for a, b in itertools.pairwise([3.0, *falls])) <= 0.5
    assert falls[-1] == 1.0
    assert walk.sent[-1][0] - walk.speeds[-1][0] >= 20
    assert walk.kinds[-1] is STOP


def test_s13_in_the_cool_down_one_may_still_go_slower() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 242)
    assert walk.session.set_speed(1.5, by_person=False) == 1.5
    walk.go(6)
    assert walk.treadmill.speed <= 2.0
    go_to(walk, 262)
    assert walk.session.target_speed == 1.5


def test_a_ramp_that_is_under_way_ends_with_the_cool_down() -> None:
    walk = wished(length=300.0)
    go_to(walk, 225)
    walk.session.set_speed(3.0, by_person=True)
    go_to(walk, 235)
    while walk.state is State.ACTIVE:
        walk.go(0.5)
    walk.forget()
    present = walk.treadmill.target_speed
    walk.go(60)
    assert max([kmh for _, kmh in walk.speeds], default=0.0) <= present
    assert Told.STEP_CHANGED not in walk.events


def test_the_target_of_a_cool_down_is_where_it_leads_not_each_step_of_the_way() -> None:
    walk = wished(length=300.0, speed=3.0)
    assert walk.session.displayed_target_speed == 1.0
    go_to(walk, 200)
    assert walk.session.displayed_target_speed == 3.0
    go_to(walk, 255)
    assert walk.session.displayed_target_speed == 1.0 < walk.session.target_speed
    walk.go(60)
    assert walk.session.displayed_target_speed is None


# The warm-up


def test_a_person_ends_the_warm_up_by_going_faster() -> None:
    walk = wished(length=300.0, speed=2.0, incline=0.5)
    walk.go(10)
    assert refusal(walk.session.set_speed, 1.5, by_person=False) is Refusal.NEEDS_PERSON
    assert walk.session.set_speed(1.5, by_person=True) == 1.5
    assert walk.state is State.ACTIVE
    go_to(walk, 130)
    assert walk.session.target_speed == 1.5  # the course does not come back to its own
    assert walk.treadmill.incline == 0.5


def test_s16_who_wishes_the_minimum_in_the_warm_up_stays_there() -> None:
    walk = wished(length=300.0, speed=2.0)
    walk.session.set_speed(1.0, by_person=False)
    go_to(walk, 200)
    assert walk.state is State.ACTIVE
    assert [kmh for _, kmh in walk.speeds] == [1.0]


def test_s16_slower_is_slower_than_now_not_than_wished_and_needs_nobody() -> None:
    walk = wished(length=600.0, speed=1.0)
    go_to(walk, 130)
    walk.session.set_speed(3.0, by_person=True)
    go_to(walk, 180)
    now = walk.treadmill.speed
    assert 1.4 < now < 2.5  # on its way up
    walk.forget()
    assert walk.session.slow_down(0.3) == pytest.approx(now - 0.3)
    go_to(walk, 300)
    assert [kmh for _, kmh in walk.speeds] == [pytest.approx(now - 0.3)]
    assert walk.session.slow_down(5.0) == 1.0
    go_to(walk, 310)
    assert walk.treadmill.speed == pytest.approx(1.0)


def test_s16_slower_in_the_warm_up_stays_at_the_minimum() -> None:
    walk = wished(length=300.0, speed=2.0)
    assert walk.session.slow_down(0.3) == 1.0
    go_to(walk, 200)
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    walk.stop()
    assert refusal(walk.session.slow_down, 0.3) is Refusal.NOT_STEERING


def test_an_incline_that_was_wished_in_the_warm_up_stays() -> None:
    walk = wished(length=300.0, speed=1.2)
    walk.session.set_incline(1.0, by_person=True)
    assert walk.state is State.WARM_UP
    go_to(walk, 150)
    assert walk.session.target_incline == 1.0


def test_a_walk_without_an_incline_ends_its_warm_up_too() -> None:
    walk = wished(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    walk.session.set_speed(1.5, by_person=True)
    assert walk.state is State.ACTIVE
    go_to(walk, 290)
    assert walk.treadmill.speed == pytest.approx(1.0)
    walk = wished(SessionRun(rules(incline=None)), length=300.0, speed=2.0)
    go_to(walk, 150)
    assert walk.treadmill.speed == pytest.approx(2.0)


# S4: who walks


def test_s4_a_first_walk_is_slow_and_level() -> None:
    walk = wished(length=300.0, speed=3.0, incline=2.0, first=True)
    go_to(walk, 200)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.inclines == []
    assert walk.session.set_speed(3.0, by_person=True) == 2.0


def test_s4_a_wish_is_fixed_when_it_is_made_ready_and_gone_afterwards() -> None:
    walk = SessionRun()
    walk.start()
    wish = SessionRequest(direction=Direction.FORWARD, walker="bert", length=120.0)
    walk.session.prepare(walk.now, by_person=False, wish=wish)
    assert walk.session.request is wish
    assert walk.session.direction is Direction.FORWARD
    assert walk.session.remaining == 120.0
    assert walk.session.planned_end(walk.now) is None
    walk.stop()
    assert walk.session.request is None
    assert walk.session.direction is Direction.BACKWARD
    assert walk.session.remaining is None


def test_start_takes_a_wish_for_its_first_press() -> None:
    walk = SessionRun()
    walk.session.start(walk.now, by_person=True, wish=SessionRequest(walker="anna"))
    walk.session.start(walk.now, by_person=True, wish=SessionRequest(walker="bert"))
    assert walk.state is State.COUNTDOWN
    assert walk.session.walker == "anna"


# Finish


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 10), (1.4, 18), (3.0, 30)])
def test_s13_finish_cools_down_in_half_a_minute_at_most(speed: float, seconds: float) -> None:
    walk = wished(length=600.0, speed=speed)
    go_to(walk, 240)
    walk.forget()
    walk.session.finish(walk.now)
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    walk.go(8)
    walk.session.finish(walk.now)  # pressed again: not any later
    walk.go(40)
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(seconds, abs=1.5)
    assert walk.events.count(Told.COOLING_DOWN) == 1
    assert walk.data(Told.COOLING_DOWN)["reason"] == "finished"
    assert walk.data(Told.FINISHED) == {"reason": "finished"}
    assert Told.LAST_MINUTE not in walk.events


def test_s13_finish_shortens_a_cool_down() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 242)
    walk.session.finish(walk.now)
    assert walk.session.remaining == pytest.approx(30, abs=1)
    go_to(walk, 260)
    assert walk.session.moving_time < 262
    walk.session.finish(walk.now)
    walk.go(25)
    assert walk.state is State.FINISHED


def test_s13_finish_in_the_last_seconds_changes_nothing() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 295)
    walk.forget()
    walk.session.finish(walk.now)
    walk.go(15)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert Told.COOLING_DOWN not in walk.events


def test_s7_s13_finish_takes_a_belt_from_the_console_on_its_way_down() -> None:
    walk = wished(length=600.0, speed=1.5)
    go_to(walk, 200)
    walk.treadmill.press_speed(2.5)
    walk.go(10)
    assert walk.state is State.MANUAL
    walk.forget()
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.state is State.COOL_DOWN
    walk.go(45)
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == 1.0
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_belt_that_is_too_fast_to_be_taken_over_is_stopped_by_finish() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_speed(8.0)
    walk.go(40)
    walk.forget()
    walk.session.finish(walk.now)
    walk.go(20)
    assert set(walk.kinds) == {STOP}
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_s4_s13_a_deck_that_is_too_steep_is_left_as_it_is() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_incline(6.0)
    walk.treadmill.press_speed(2.0)
    walk.go(20)
    walk.forget()
    walk.session.finish(walk.now)
    walk.go(40)
    assert walk.inclines == []
    assert walk.speeds[-1][1] == 1.0
    assert walk.state is State.FINISHED


def test_s1_finish_takes_nothing_over_without_control_or_a_link() -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(10)
    assert refusal(walk.session.finish, walk.now) is Refusal.MONITOR_ONLY
    walk = SessionRun()
    walk.begin()
    walk.link(up=False)
    assert refusal(walk.session.finish, walk.now) is Refusal.NOT_CONNECTED
    walk.link(up=True)
    walk.deaf = True
    walk.go(3)
    assert refusal(walk.session.finish, walk.now) is Refusal.NO_FRESH_DATA


def test_finish_ends_a_pause_at_once() -> None:
    walk = SessionRun()
    walk.paused()
    walk.forget()
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}
    assert walk.sent == []


def test_finish_ends_a_resume_that_is_ready_and_a_belt_that_coasts() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.session.finish(walk.now)
    assert walk.state is State.FINISHED
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.session.finish(walk.now)
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "finished"}


def test_finish_of_a_belt_that_does_not_move_yet_is_a_stop() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15.5)
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.kinds[-1] is STOP


def test_finish_needs_a_walk() -> None:
    walk = SessionRun()
    assert refusal(walk.session.finish, walk.now) is Refusal.NOTHING_TO_FINISH
    walk.start()
    assert refusal(walk.session.finish, walk.now) is Refusal.NOTHING_TO_FINISH


def test_finish_while_it_ends_already_changes_nothing() -> None:
    walk = SessionRun()
    walk.begin()
    walk.wind_down()
    walk.session.finish(walk.now)
    assert walk.state is State.COOL_DOWN
    walk.stop()
    walk.session.finish(walk.now)
    assert walk.state is State.STOPPING


def test_s14_a_walk_that_cools_down_is_wound_down_all_the_same() -> None:
    walk = wished(length=300.0, speed=3.0)
    go_to(walk, 245)
    walk.wind_down()
    walk.go(15)
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s7_a_belt_that_comes_to_rest_in_its_cool_down_was_stopped_at_the_console() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 245)
    walk.tells_events = False
    walk.treadmill.press_stop()
    walk.go(10)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


# What a pause does to a course


def resume(walk: SessionRun) -> None:
    walk.resume()
    walk.resume()
    walk.go(15)
    while not walk.treadmill.speed:
        walk.go(0.5)
    walk.go(1)


def test_s12_after_a_pause_the_course_goes_on_where_it_was() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 150)
    walk.pause()
    walk.go(20)
    left = walk.session.remaining
    assert walk.session.planned_end(walk.now) is None
    walk.forget()
    resume(walk)
    assert walk.session.remaining == pytest.approx(left, abs=2)
    begun = walk.now
    go_to(walk, 230)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.speeds[0][1] == 1.0
    assert walk.speeds[1][0] - begun >= 10
    walk.go(90)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.session.moving_time == pytest.approx(302, abs=3)


def test_s12_with_little_time_left_it_stays_at_the_minimum() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 215)
    walk.pause()
    walk.go(20)
    walk.forget()
    resume(walk)
    walk.go(100)
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s12_unless_a_person_raises_it() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 212)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.session.set_speed(1.1, by_person=True)
    go_to(walk, 239)
    assert walk.treadmill.speed == pytest.approx(1.1)


def test_s12_what_a_person_wishes_after_a_pause_is_not_raised_by_the_course() -> None:
    walk = wished(length=600.0, speed=2.0, incline=0.5)
    go_to(walk, 150)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.session.set_speed(1.2, by_person=True)
    walk.go(100)
    assert walk.treadmill.speed == pytest.approx(1.2)
    assert walk.treadmill.incline == pytest.approx(0.5)


def test_s12_a_pause_in_the_cool_down_ends_after_it_too() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 280)
    walk.pause()
    walk.go(20)
    resume(walk)
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s12_a_pause_whose_coasting_passes_the_end_leaves_the_cool_down_only() -> None:
    walk = wished(length=60.0)
    go_to(walk, 59)
    walk.pause()
    walk.go(20)
    assert walk.session.remaining == 0.0
    resume(walk)
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.events.count(Told.COOLING_DOWN) == 2


# S15: a belt that the console took over is told the time


def test_s15_a_belt_that_the_console_took_over_is_told_the_time_not_stopped() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 100)
    walk.treadmill.press_speed(2.5)
    assert walk.state is State.MANUAL
    assert walk.session.remaining is None
    assert walk.session.planned_end(walk.now) is None
    walk.forget()
    walk.go(400)
    assert walk.state is State.MANUAL
    assert walk.sent == []
    assert walk.events == [Told.HALFWAY, Told.LAST_MINUTE, Told.MANUAL]
    assert walk.data(Told.MANUAL) == {"reason": "time_is_up"}


def test_s15_resuming_takes_up_what_is_left_of_the_course() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 100)
    walk.treadmill.press_speed(1.5)
    walk.go(10)
    walk.resume()
    assert walk.state is State.ACTIVE
    go_to(walk, 180)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.go(130)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s15_after_its_end_a_walk_that_is_resumed_lasts_as_long_as_one_may() -> None:
    walk = wished(length=60.0)
    go_to(walk, 20)
    walk.treadmill.press_speed(1.5)
    walk.go(100)
    walk.resume()
    assert walk.state is State.ACTIVE
    assert walk.session.remaining == pytest.approx(1800 - walk.session.moving_time)
    assert walk.session.length == 60.0
    walk.go(1800)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def test_s15_so_does_one_that_began_at_the_console() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    assert (walk.session.request, walk.session.length, walk.session.remaining) == (None, None, None)
    walk.resume()
    assert walk.session.remaining == pytest.approx(7200, abs=30)
    assert walk.session.length is None
    walk.forget()
    walk.go(200)
    assert walk.events == []


# S10: the planned end


def lost(walk: SessionRun, seconds: float) -> None:
    walk.link(up=False)
    walk.go(seconds)
    walk.forget()
    walk.link(up=True)
    walk.go(1)


def test_s10_after_a_short_loss_the_planned_end_holds_and_nothing_rises() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 80)
    end = walk.session.planned_end(walk.now)
    walk.link(up=False)
    walk.go(30)
    assert walk.session.planned_end(walk.now) == pytest.approx(end)
    walk.go(10)
    walk.forget()
    walk.link(up=True)
    walk.go(1)
    assert walk.state is State.ACTIVE
    assert walk.events == [Told.LINK_BACK]
    assert walk.session.odometer.estimated
    assert walk.session.planned_end(walk.now) == pytest.approx(end, abs=2)
    held = walk.treadmill.speed
    go_to(walk, 239)
    assert walk.speeds == []
    walk.go(75)
    assert max(kmh for _, kmh in walk.speeds) <= held
    assert walk.data(Told.FINISHED) == {"reason": "completed"}
    assert walk.now == pytest.approx(end, abs=20)


@pytest.mark.parametrize("resumes", [True, False])
def test_s10_a_person_lets_it_rise_again(resumes: bool) -> None:
    walk = wished(length=600.0, speed=2.0)
    go_to(walk, 130)
    assert not walk.session.awaiting_resume
    lost(walk, 20)
    walk.go(20)
    assert walk.speeds == []
    assert walk.session.awaiting_resume
    assert refusal(walk.resume, by_person=False) is Refusal.NEEDS_PERSON
    if resumes:
        walk.resume()
        assert walk.events[-1] is Told.RESUMED
    else:
        walk.session.set_speed(2.0, by_person=True)
    assert not walk.session.awaiting_resume
    walk.go(90)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert refusal(walk.resume) is Refusal.NOTHING_TO_RESUME


def test_s10_a_loss_in_the_warm_up_ends_the_rise_that_was_planned() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 20)
    lost(walk, 20)
    assert walk.state is State.WARM_UP
    go_to(walk, 200)
    assert walk.state is State.ACTIVE
    assert walk.speeds == []


def test_s10_an_end_that_passed_in_the_loss_is_announced_and_walked_down_to() -> None:
    walk = wished(length=300.0, speed=2.0)
    go_to(walk, 250)
    assert walk.state is State.COOL_DOWN
    lost(walk, 55)
    assert walk.state is State.COOL_DOWN
    assert Told.COOLING_DOWN in walk.events
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def manual_after(walk: SessionRun) -> None:
    assert walk.state is State.MANUAL
    walk.forget()
    walk.go(125)
    assert walk.sent == []
    told = [event.data for _, event in walk.told if event.kind is Told.MANUAL]
    assert told == [{"reason": "no_coach", "minutes": 1}, {"reason": "no_coach", "minutes": 2}]


def test_s10_after_a_long_loss_the_belt_runs_without_a_coach_and_it_is_said() -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    lost(walk, 61)
    assert walk.session.odometer.estimated
    assert walk.session.moving_time == pytest.approx(250 + 62, abs=2)
    manual_after(walk)


def test_s10_so_it_does_at_another_speed() -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    walk.link(up=False)
    walk.treadmill.press_speed(2.4)
    walk.go(10)
    walk.link(up=True)
    walk.go(1)
    manual_after(walk)


@pytest.mark.parametrize(
    ("kind", "value"), [(MachineEventKind.SPEED_CHANGED, 2.4), (MachineEventKind.CONTROL_LOST, None)]
)
def test_s10_so_it_does_after_a_hand_on_the_console(kind: MachineEventKind, value: float | None) -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    walk.link(up=False)
    walk.go(10)
    walk.link(up=True)
    walk.event(kind, value)
    walk.go(1)
    manual_after(walk)


def test_s10_our_own_late_changes_are_no_hand_on_the_console() -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    walk.link(up=False)
    walk.go(10)
    walk.link(up=True)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    walk.go(1)
    assert walk.state is State.ACTIVE


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ({}, {"elapsed_time": 3}, State.MANUAL),  # it began anew
        ({"elapsed_time": None}, {"elapsed_time": None}, State.ACTIVE),  # the distance tells
        ({"elapsed_time": None}, {"elapsed_time": None, "distance": 2000}, State.MANUAL),
        ({"elapsed_time": None, "distance": None}, {"elapsed_time": None, "distance": None}, State.MANUAL),
        ({"elapsed_time": None, "speed": 0.0}, {"elapsed_time": None}, State.MANUAL),
        ({}, {"speed": None}, State.MANUAL),
    ],
)
def test_s10_the_counters_have_to_have_run_on(before: dict[str, Any], after: dict[str, Any], state: State) -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    walk.hear(**before)
    walk.link(up=False)
    walk.deaf = True
    walk.go(20)
    walk.link(up=True)
    walk.hear(**after)
    assert walk.state is state


def test_s10_a_console_walk_that_was_lost_is_watched_on_in_silence() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    lost(walk, 20)
    walk.forget()
    walk.go(120)
    assert walk.state is State.MANUAL
    assert walk.events == []


def test_a_belt_whose_state_nobody_tells_is_not_taken_over_on_the_way_down() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    walk.hear(belt=BeltState.UNKNOWN, speed=None)
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.sent[-1][1] == Command(STOP)


def test_s13_on_a_machine_whose_deck_goes_below_level_nobody_is_raised_to_it() -> None:
    walk = SessionRun(rules(incline=ValueRange(-3.0, 12.0, 0.5)))
    walk.session.direction = Direction.FORWARD
    walk.treadmill.incline = walk.treadmill.target_incline = -2.0
    wished(walk, direction=Direction.FORWARD, length=300.0, speed=3.0, incline=-2.0)
    walk.go(310)
    assert walk.state is State.FINISHED
    assert walk.inclines == []
