"""A ramp that is requested during a session."""

from itertools import pairwise

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.programs.steps import Ramp
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.manual_ramp import ManualRamp
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_run import program, started
from tests.support.session_run import SessionRun, rules

SPEED, INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE
EventKind = SessionEventKind


def walking(request: SessionRequest | None = None, **changes: object) -> SessionRun:
    run = SessionRun(rules(**changes))
    run.session.prepare(run.now, caller=Caller.PERSON, request=request or SessionRequest(length=900))
    run.start()
    run.go(30)
    run.skip_warm_up()
    return run


def ramp(run: SessionRun, speed: float | None = None, incline: float | None = None, *, over: float = 60.0) -> None:
    run.session.ramp_to(speed, incline, over=over, caller=Caller.PERSON)


def commands(run: SessionRun, kind: CommandKind, since: float) -> list[tuple[float, float]]:
    return [
        (round(at - since, 1), command.value or 0.0) for at, command in run.sent if command.kind is kind and at >= since
    ]


def test_a_manual_ramp_rises_evenly_and_stays_there() -> None:
    run = walking()
    since = run.now
    ramp(run, 2.0, over=120)
    assert run.session.target_speed == 2.0  # the end of the ramp, at once
    run.go(60)
    assert run.session.target_speed == 2.0
    assert run.treadmill.speed == pytest.approx(1.5, abs=0.11)
    run.go(65)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(2.0)
    speeds = commands(run, SPEED, since)
    assert [value for _, value in speeds] == pytest.approx([1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0])
    for at, value in speeds:
        assert value == pytest.approx(1.0 + at / 120, abs=0.11)


def test_s6_a_manual_ramp_is_announced_once_up_to_its_top() -> None:
    run = walking()
    run.emitted.clear()
    ramp(run, 1.5, over=60)
    run.go(80)
    assert run.event_kinds == [EventKind.SPEED_UP_SOON, EventKind.STEP_CHANGED]
    assert run.data(EventKind.SPEED_UP_SOON)["target"] == 1.5
    assert run.data(EventKind.SPEED_UP_SOON)["seconds"] == pytest.approx(55, abs=2)


def test_s5_what_is_asked_too_quickly_takes_its_time() -> None:
    run = walking()
    since = run.now
    ramp(run, 2.0, over=0)
    run.go(90)
    speeds = commands(run, SPEED, since)
    assert speeds[0] == (5.5, 1.1)
    assert [later - earlier for (earlier, _), (later, _) in pairwise(speeds)] == [5] * 9
    assert run.treadmill.speed == pytest.approx(2.0)


def test_a_manual_ramp_falls_evenly() -> None:
    run = walking()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(90)
    since = run.now
    run.session.ramp_to(1.5, None, over=50, caller=Caller.UNKNOWN)  # any caller may request less
    run.go(60)
    assert commands(run, SPEED, since) == [(5.5, 1.9), (15.5, 1.8), (25.5, 1.7), (35.5, 1.6), (45.5, 1.5)]


def test_s4_a_manual_ramp_stays_inside_the_limits() -> None:
    run = walking()
    ramp(run, 9.0, 9.0, over=30)
    assert run.session.target_speed == 3.0
    assert run.session.target_incline == 3.0


def test_s5_speed_and_incline_rise_one_after_the_other() -> None:
    run = walking()
    since = run.now
    ramp(run, 1.3, 1.0, over=30)
    run.go(200)
    assert run.treadmill.speed == pytest.approx(1.3)
    assert run.treadmill.incline == pytest.approx(1.0)
    changed = commands(run, SPEED, since), commands(run, INCLINE, since)
    assert min(abs(first - second) for first, _ in changed[0] for second, _ in changed[1]) >= 20


@pytest.mark.parametrize("changed", ["speed", "incline"])
def test_whoever_wants_something_else_ends_it(changed: str) -> None:
    run = walking()
    ramp(run, 2.0, 2.0, over=300)
    run.go(60)
    if changed == "speed":
        run.session.set_speed(1.2, caller=Caller.PERSON)
    else:
        run.session.set_incline(0.0, caller=Caller.PERSON)
    run.go(400)
    assert run.treadmill.speed == pytest.approx(1.2 if changed == "speed" else 2.0)
    assert run.treadmill.incline == pytest.approx(2.0 if changed == "speed" else 0.0)


def test_s16_a_ramp_upward_needs_a_person() -> None:
    run = walking()
    for speed, incline in ((1.5, None), (None, 1.0), (0.9, 1.0)):
        with pytest.raises(RefusedError) as refused:
            run.session.ramp_to(speed, incline, over=60, caller=Caller.UNKNOWN)
        assert refused.value.reason is Refusal.NEEDS_PERSON
    run.go(30)
    assert run.treadmill.speed == pytest.approx(1.0)


DIP = program({"minutes": 3, "speed": 2.0}, {"minutes": 2, "speed": 1.2}, {"minutes": 5, "speed": 2.0})
HILL = program(
    {"minutes": 5, "speed": 1.5, "incline": 2},
    {"minutes": 2, "speed": 1.5, "incline": 0},
    {"minutes": 5, "speed": 1.5, "incline": 2},
)


def go_to(run: SessionRun, seconds: float) -> None:
    while run.session.moving_time < seconds:
        run.go(0.5)


def pause(run: SessionRun) -> None:
    run.pause()
    run.go(15)
    run.resume()
    run.resume()
    run.go(20)


@pytest.mark.parametrize("speed", [2.0, 1.8])
def test_s16_an_automations_ramp_that_ends_in_a_dip_makes_nothing_faster(speed: float) -> None:
    run = started(DIP)
    go_to(run, 170)
    run.session.ramp_to(speed, None, over=30, caller=Caller.UNKNOWN)
    assert run.session.target_speed == speed
    go_to(run, 230)
    assert run.treadmill.speed == pytest.approx(1.2)  # the program's own, and reported as such
    assert run.session.target_speed == pytest.approx(1.2)
    go_to(run, 400)
    assert run.treadmill.speed == pytest.approx(speed)
    assert max(event.data["target"] for _, event in run.emitted if event.kind is EventKind.SPEED_UP_SOON) == 2.0
    assert run.data(EventKind.SPEED_UP_SOON)["target"] == speed


def test_s16_an_automations_ramp_of_the_incline_makes_nothing_steeper() -> None:
    run = started(HILL)
    go_to(run, 295)
    assert run.treadmill.incline == 2.0
    run.session.ramp_to(None, 1.5, over=30, caller=Caller.UNKNOWN)
    go_to(run, 410)
    assert run.treadmill.incline == 0.0
    go_to(run, 520)
    assert run.treadmill.incline == 1.5


def test_s16_an_automations_ramp_holds_a_program_that_rises() -> None:
    run = started(program({"minutes": 3, "speed": 1.5}, {"minutes": 7, "speed": {"from": 1.5, "to": 2.9}}))
    go_to(run, 210)
    present = run.session.target_speed
    assert present is not None
    run.emitted.clear()
    run.session.ramp_to(present, None, over=60, caller=Caller.UNKNOWN)
    go_to(run, 269)
    assert run.treadmill.speed == pytest.approx(present)
    assert EventKind.SPEED_UP_SOON not in run.event_kinds
    go_to(run, 330)
    assert run.treadmill.speed == pytest.approx(present + 0.2, abs=0.051)  # and continues from there


def test_s16_an_automation_takes_nothing_back_of_what_a_person_slows_down() -> None:
    for act in ("ramp", "wish"):
        run = walking(SessionRequest(length=900, speed=2.0))
        go_to(run, 200)
        ramp(run, 1.2, over=60)
        run.go(20)
        if act == "ramp":
            run.session.ramp_to(1.6, None, over=30, caller=Caller.UNKNOWN)
        else:
            assert run.session.set_speed(1.6, caller=Caller.UNKNOWN) == 1.2
        run.go(60)
        assert run.treadmill.speed == pytest.approx(1.2), act
        assert run.session.target_speed == pytest.approx(1.2), act
    steep = walking(SessionRequest(length=900, speed=1.5, incline=3.0))
    go_to(steep, 300)
    ramp(steep, incline=0.0, over=60)
    steep.go(20)
    present = steep.session.target_incline
    assert present == 0.0
    assert steep.session.set_incline(1.0, caller=Caller.UNKNOWN) == 0.0
    steep.go(60)
    assert steep.treadmill.incline == 0.0


def test_s16_an_automations_ramp_leaves_a_persons_other_ramp_alone() -> None:
    run = started(HILL)
    go_to(run, 220)
    assert run.treadmill.incline == 2.0
    ramp(run, incline=0.0, over=60)
    run.go(10)
    run.session.ramp_to(1.2, None, over=10, caller=Caller.UNKNOWN)
    run.go(70)
    assert run.treadmill.incline == 0.0
    assert run.treadmill.speed == pytest.approx(1.2)


def test_s16_an_automations_ramp_in_the_warm_up_keeps_it_slow() -> None:
    run = walking(SessionRequest(length=900, speed=2.0))
    flat = SessionRun()
    flat.session.prepare(flat.now, caller=Caller.PERSON, request=SessionRequest(length=900, speed=2.0))
    flat.start()
    flat.go(30)
    flat.session.ramp_to(1.0, None, over=10, caller=Caller.UNKNOWN)
    flat.go(200)
    assert flat.treadmill.speed == pytest.approx(1.0)
    run.go(200)
    assert run.treadmill.speed == pytest.approx(2.0)


def test_s10_an_automations_ramp_does_not_lift_the_hold() -> None:
    run = started(DIP)
    go_to(run, 135)
    run.link(up=False)
    run.go(10)
    run.link(up=True)
    run.go(3)
    assert run.treadmill.speed < 1.5
    held = run.session.target_speed
    run.session.ramp_to(held, None, over=60, caller=Caller.UNKNOWN)
    run.clear_log()
    go_to(run, 520)
    assert EventKind.SPEED_UP_SOON not in run.event_kinds
    assert max(kmh for _, kmh in run.speeds) <= held


@pytest.mark.parametrize("caller", [Caller.PERSON, Caller.UNKNOWN])
def test_s12_a_pause_does_not_forget_what_somebody_slows_down(caller: Caller) -> None:
    run = started(program({"minutes": 9, "speed": 2.0}))
    go_to(run, 200)
    run.session.ramp_to(1.2, None, over=120, caller=caller)
    go_to(run, 300)
    pause(run)
    run.emitted.clear()
    run.go(120)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert [event.data["target"] for _, event in run.emitted if event.kind is EventKind.SPEED_UP_SOON] == [1.2]


def test_s12_a_pause_in_a_slow_step_does_not_forget_what_comes_after_it() -> None:
    run = started(DIP)
    go_to(run, 175)
    ramp(run, 1.5, over=60)
    go_to(run, 200)
    pause(run)
    go_to(run, 280)
    assert run.treadmill.speed == pytest.approx(1.2)
    go_to(run, 420)
    assert run.treadmill.speed == pytest.approx(1.5)


def test_s12_what_somebody_raises_has_ended_with_a_pause() -> None:
    run = started(program({"minutes": 9, "speed": 1.2}))
    go_to(run, 200)
    ramp(run, 2.0, over=120)
    go_to(run, 220)
    pause(run)
    go_to(run, 400)
    assert run.treadmill.speed == pytest.approx(1.2)


def test_s10_a_lost_link_does_not_forget_what_somebody_slows_down() -> None:
    run = started(program({"minutes": 9, "speed": 2.0}))
    go_to(run, 200)
    ramp(run, 1.2, over=120)
    go_to(run, 230)
    run.link(up=False)
    run.go(10)
    run.link(up=True)
    go_to(run, 330)
    assert run.treadmill.speed == pytest.approx(1.2)
    run.resume()
    go_to(run, 400)
    assert run.treadmill.speed == pytest.approx(1.2)


def test_a_slow_down_that_the_machine_declines_goes_on_and_is_not_forgotten() -> None:
    run = started(program({"minutes": 5, "speed": 2.0}, {"minutes": 4, "speed": 2.2}))
    go_to(run, 200)
    ramp(run, 1.2, over=120)
    go_to(run, 230)
    run.fail_command(SPEED, 1.7)
    go_to(run, 290)
    assert run.treadmill.speed == pytest.approx(1.4)
    go_to(run, 400)
    assert run.treadmill.speed == pytest.approx(1.2)


def test_s7_who_takes_over_what_nobody_planned_keeps_its_speed() -> None:
    run = walking(SessionRequest(length=900))
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(90)
    ramp(run, 1.2, over=120)
    run.go(20)
    run.treadmill.press_speed(2.4)
    run.go(10)
    assert run.state is SessionState.MANUAL
    run.resume()
    run.go(60)
    assert run.treadmill.speed == pytest.approx(2.4)


def test_s16_less_than_the_present_point_of_a_rising_ramp_may_be_asked_by_anybody() -> None:
    run = walking()
    ramp(run, 2.0, over=300)
    run.go(150)
    assert run.treadmill.speed > 1.3
    assert run.session.set_speed(1.2, caller=Caller.UNKNOWN) == 1.2
    ramp(run, incline=3.0, over=120)
    run.go(90)
    assert run.treadmill.incline > 1.5
    assert run.session.set_incline(1.0, caller=Caller.UNKNOWN) == 1.0
    run.go(200)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert run.treadmill.incline == 1.0


def test_where_a_ramp_leads_and_where_the_belt_is_on_the_way_are_two_things() -> None:
    run = walking()
    ramp(run, 2.0, over=120)
    run.go(60)
    on_the_way = run.session.setpoint
    assert on_the_way is not None
    assert (run.session.target_speed, on_the_way.speed) == (2.0, pytest.approx(1.5, abs=0.11))
    run.stop()
    assert run.session.setpoint is None


def test_without_a_deck_there_is_no_incline_to_go_to() -> None:
    run = walking(incline=None)
    with pytest.raises(RefusedError) as refused:
        ramp(run, incline=1.0)
    assert refused.value.reason is Refusal.NOT_STEERING


def test_in_the_warm_up_it_begins_the_main_part_only_where_it_rises() -> None:
    run = SessionRun()
    run.begin()
    run.session.ramp_to(1.0, None, over=10, caller=Caller.UNKNOWN)
    run.go(2)
    assert run.state is SessionState.WARM_UP
    ramp(run, 1.2, over=10)
    assert run.state is SessionState.ACTIVE


def test_the_cool_down_goes_before_a_manual_ramp() -> None:
    run = walking(SessionRequest(length=300))
    ramp(run, 2.0, over=600)
    run.go(294)
    assert run.treadmill.at_rest
    assert run.state is SessionState.FINISHED


def test_s10_a_lost_link_ends_a_manual_ramp() -> None:
    run = walking()
    ramp(run, 2.0, over=120)
    run.go(34)
    speed = run.treadmill.speed
    run.link(up=False)
    run.go(5)
    run.link(up=True)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(speed)


def test_what_the_machine_declines_ends_it() -> None:
    run = walking()
    ramp(run, 2.0, over=120)
    run.go(34)
    speed = run.treadmill.speed
    run.fail_command(SPEED, 1.4)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(speed, abs=0.01)


def test_s9_a_machine_that_does_not_obey_ends_a_manual_ramp() -> None:
    run = walking()
    ramp(run, 2.0, over=120)
    run.go(30)
    run.obeys = False
    run.go(40)
    assert EventKind.NOT_OBEYED in run.event_kinds
    run.obeys = True
    since = run.now
    run.go(60)
    assert not [value for _, value in commands(run, SPEED, since) if value > run.treadmill.speed + 0.1]


def test_a_manual_ramp_shifts_what_is_left_of_a_program() -> None:
    written = program({"minutes": 4, "speed": 1.5}, {"minutes": 4, "speed": 1.8})
    run = walking(SessionRequest(program=written))
    run.go(45)
    assert run.treadmill.speed == pytest.approx(1.5)
    ramp(run, 1.2, over=30)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(1.2)
    run.go(180)
    assert run.treadmill.speed == pytest.approx(1.5)  # 0.3 less than in the program


def test_a_manual_ramp_leaves_the_incline_of_a_program_alone() -> None:
    written = program({"minutes": 2, "speed": 1.2, "incline": 0}, {"minutes": 6, "incline": 1})
    run = walking(SessionRequest(program=written))
    ramp(run, 1.4, over=40)
    run.go(220)
    assert run.treadmill.speed == pytest.approx(1.4)
    assert run.treadmill.incline == pytest.approx(1.0)


def test_a_ramp_is_where_it_should_be_at_any_second() -> None:
    rise = ManualRamp(begins=10, ends=20, ramp=Ramp(1.0, 2.0))
    assert [rise.at(at) for at in (0, 10, 15, 20, 30)] == [1.0, 1.0, 1.5, 2.0, 2.0]
    fall = ManualRamp(begins=10, ends=20, ramp=Ramp(2.0, 1.0), at_most=True)
    assert fall.ahead(15, 99) is None
    assert [fall.leads_to(kmh) for kmh in (0.8, 1.5)] == [0.8, 1.0]
    assert ManualRamp(begins=10, ends=10, ramp=Ramp(2.0, 1.0)).at(10) == 1.0
