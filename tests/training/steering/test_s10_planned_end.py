"""The planned end holds after a lost link, and nothing rises (safety rule S10)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, planned_run
from tests.support.session_run import SessionRun
from tests.support.session_states import refusal

State = SessionState
EventKind = SessionEventKind


def lost(run: SessionRun, seconds: float) -> None:
    run.link(up=False)
    run.go(seconds)
    run.clear_log()
    run.link(up=True)
    run.go(1)


def test_s10_after_a_short_loss_the_planned_end_holds_and_nothing_rises() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 80)
    end = run.session.planned_end(run.now)
    run.link(up=False)
    run.go(30)
    assert run.session.planned_end(run.now) == pytest.approx(end)
    run.go(10)
    run.clear_log()
    run.link(up=True)
    run.go(1)
    assert run.state is State.ACTIVE
    assert run.event_kinds == [EventKind.LINK_BACK]
    assert run.session.odometer.estimated
    assert run.session.planned_end(run.now) == pytest.approx(end, abs=2)
    held = run.treadmill.speed
    go_to(run, 239)
    assert run.speeds == []
    run.go(75)
    assert max(kmh for _, kmh in run.speeds) <= held
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.now == pytest.approx(end, abs=20)


@pytest.mark.parametrize("resumes", [True, False])
def test_s10_a_person_lets_it_rise_again(resumes: bool) -> None:
    run = planned_run(length=600.0, speed=2.0)
    go_to(run, 130)
    assert not run.session.awaiting_resume
    lost(run, 20)
    run.go(20)
    assert run.speeds == []
    assert run.session.awaiting_resume
    assert refusal(run.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    if resumes:
        run.resume()
        assert run.event_kinds[-1] is EventKind.RESUMED
    else:
        run.session.set_speed(2.0, caller=Caller.PERSON)
    assert not run.session.awaiting_resume
    run.go(90)
    assert run.treadmill.speed == pytest.approx(2.0)
    assert refusal(run.resume) is Refusal.NOTHING_TO_RESUME


def test_s10_a_loss_in_the_warm_up_ends_the_rise_that_was_planned() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 20)
    lost(run, 20)
    assert run.state is State.WARM_UP
    go_to(run, 200)
    assert run.state is State.ACTIVE
    assert run.speeds == []


def test_s10_an_end_that_passed_in_the_loss_is_announced_and_walked_down_to() -> None:
    run = planned_run(length=300.0, speed=2.0)
    go_to(run, 250)
    assert run.state is State.COOL_DOWN
    lost(run, 55)
    assert run.state is State.COOL_DOWN
    assert EventKind.COOLING_DOWN in run.event_kinds
    run.go(40)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def manual_after(run: SessionRun) -> None:
    assert run.state is State.MANUAL
    run.clear_log()
    run.go(125)
    assert run.sent == []
    details = [event.data for _, event in run.emitted if event.kind is EventKind.MANUAL]
    assert details == [{"reason": "no_coach", "minutes": 1}, {"reason": "no_coach", "minutes": 2}]


def test_s10_after_a_long_loss_the_belt_runs_without_a_coach_and_it_is_said() -> None:
    run = planned_run(length=1200.0, speed=2.0)
    go_to(run, 250)
    lost(run, 61)
    assert run.session.odometer.estimated
    assert run.session.moving_time == pytest.approx(250 + 62, abs=2)
    manual_after(run)


def test_s10_after_a_long_loss_a_belt_at_another_speed_runs_without_a_coach() -> None:
    run = planned_run(length=1200.0, speed=2.0)
    go_to(run, 250)
    run.link(up=False)
    run.treadmill.press_speed(2.4)
    run.go(10)
    run.link(up=True)
    run.go(1)
    manual_after(run)


@pytest.mark.parametrize(
    ("kind", "value"), [(MachineEventKind.SPEED_CHANGED, 2.4), (MachineEventKind.CONTROL_LOST, None)]
)
def test_s10_after_a_hand_on_the_console_the_belt_runs_without_a_coach(
    kind: MachineEventKind, value: float | None
) -> None:
    run = planned_run(length=1200.0, speed=2.0)
    go_to(run, 250)
    run.link(up=False)
    run.go(10)
    run.link(up=True)
    run.event(kind, value)
    run.go(1)
    manual_after(run)


def test_s10_our_own_late_changes_are_no_hand_on_the_console() -> None:
    run = planned_run(length=1200.0, speed=2.0)
    go_to(run, 250)
    run.link(up=False)
    run.go(10)
    run.link(up=True)
    run.event(MachineEventKind.SPEED_CHANGED, 2.0)
    run.go(1)
    assert run.state is State.ACTIVE


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ({}, {"elapsed_time": 3}, State.MANUAL),  # it started again
        ({"elapsed_time": None}, {"elapsed_time": None}, State.ACTIVE),  # the distance shows it
        ({"elapsed_time": None}, {"elapsed_time": None, "distance": 2000}, State.MANUAL),
        ({"elapsed_time": None, "distance": None}, {"elapsed_time": None, "distance": None}, State.MANUAL),
        ({"elapsed_time": None, "speed": 0.0}, {"elapsed_time": None}, State.MANUAL),
        ({}, {"speed": None}, State.MANUAL),
    ],
)
def test_s10_the_counters_have_to_have_run_on(before: dict[str, Any], after: dict[str, Any], state: State) -> None:
    run = planned_run(length=1200.0, speed=2.0)
    go_to(run, 250)
    run.report(**before)
    run.link(up=False)
    run.muted = True
    run.go(20)
    run.link(up=True)
    run.report(**after)
    assert run.state is state


def test_s10_a_console_walk_that_was_lost_is_watched_on_in_silence() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(20)
    lost(run, 20)
    run.clear_log()
    run.go(120)
    assert run.state is State.MANUAL
    assert run.event_kinds == []
