"""Speed and incline rise gently, apart from each other, and are announced first (safety rules S5 and S6)."""

import itertools

from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from tests.support.program_run import program, started
from tests.support.session_run import SessionRun, rules

EventKind = SessionEventKind
State = SessionState


def test_s5_s6_a_request_is_reached_in_announced_small_steps() -> None:
    run = SessionRun()
    run.begin()
    run.clear_log()
    assert run.session.set_speed(1.5, caller=Caller.PERSON) == 1.5
    begun = run.now
    run.go(60)
    assert run.treadmill.speed == 1.5
    assert [kmh for _, kmh in run.speeds] == [1.1, 1.2, 1.3, 1.4, 1.5]
    times = [when for when, _ in run.speeds]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 5
    assert run.event_kinds == [EventKind.SPEED_UP_SOON, EventKind.STEP_CHANGED]
    assert run.data(EventKind.STEP_CHANGED) == {"what": "speed", "target": 1.5}
    announced, reached = (when for when, _ in run.emitted)
    assert reached - times[-1] <= 1
    assert times[0] - announced == 5
    assert announced - begun <= 1
    assert run.data(EventKind.SPEED_UP_SOON) == {"what": "speed", "start": 1.0, "target": 1.5, "seconds": 20.0}


def test_s5_s6_an_incline_is_reached_in_announced_small_steps() -> None:
    run = SessionRun()
    run.begin()
    assert run.session.set_incline(1.0, caller=Caller.PERSON) == 1.0
    assert run.session.target_incline == 1.0
    run.go(60)
    assert [percent for _, percent in run.inclines] == [0.5, 1.0]
    assert run.data(EventKind.SPEED_UP_SOON)["what"] == "incline"


def test_s5_nothing_rises_on_a_belt_that_does_not_follow() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(12)
    sent = len(run.speeds)
    run.reports_events = False
    run.treadmill.press_speed(1.0)
    run.treadmill.target_speed = 0.4
    run.go(15)
    assert run.state is State.MANUAL
    assert len(run.speeds) <= sent + 1


def test_s5_speed_and_incline_rise_apart_over_a_hand_on_the_console_too() -> None:
    run = SessionRun()
    run.begin()
    run.clear_log()
    run.session.set_incline(0.5, caller=Caller.PERSON)
    while not run.inclines:
        run.go(0.5)
    run.treadmill.press_speed(1.2)
    run.go(1)
    run.resume()
    run.session.set_speed(1.5, caller=Caller.PERSON)
    run.go(40)
    assert run.speeds[0][0] - run.inclines[-1][0] >= 20


def test_s12_a_fast_start_is_told_the_minimum_at_once_and_again() -> None:
    run = SessionRun(acceleration=1.0)
    run.count_down()
    run.go(18.5)
    run.treadmill.target_speed = 2.2
    run.go(15)
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.0]
    assert run.state is State.WARM_UP


def test_s12_after_a_pause_the_belt_stays_at_the_minimum_for_a_while() -> None:
    run = SessionRun()
    run.session.choose_direction(Direction.FORWARD)
    run.begin()
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(30)
    run.pause()
    run.go(15)
    run.resume()
    run.go(0.5)
    run.resume()
    run.go(5)
    run.clear_log()
    run.session.apply_rules(rules())
    while run.state is not State.ACTIVE:
        run.go(0.5)
    moved = run.now
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(40)
    assert run.emitted[0][1].kind is EventKind.RESUMED
    assert run.speeds[0][1] == 1.0
    assert run.speeds[1][0] - moved >= 10
    assert run.treadmill.speed == 3.0


def test_s6_a_rise_that_was_announced_is_announced_again_from_below_if_somebody_slows_the_belt_first() -> None:
    its_program = program({"seconds": 90, "speed": 1.5}, {"seconds": 120, "speed": 2.0})
    run = started(its_program)
    while not any(event.data["target"] == 2.0 for _, event in soon(run)):
        run.go(0.5)
    assert run.session.commanded.speed == 1.5
    slowed = run.now
    run.session.set_speed(1.3, caller=Caller.PERSON)
    run.go(60)
    fell = next(at for at, kmh in run.speeds if at > slowed and kmh == 1.3)
    first_rise = next(at for at, kmh in run.speeds if at > fell)
    at, word = next((at, event.data) for at, event in soon(run) if at > fell)
    assert (word["start"], word["target"]) == (1.3, 1.8)
    assert first_rise - at >= 5


def soon(run: SessionRun) -> list[tuple[float, SessionEvent]]:
    return [(at, event) for at, event in run.emitted if event.kind is SessionEventKind.SPEED_UP_SOON]
