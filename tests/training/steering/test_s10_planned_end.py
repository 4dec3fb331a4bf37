"""The planned end holds after a lost link, and nothing rises (safety rule S10)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.planned_sessions import go_to, wished
from tests.support.session_run import SessionRun
from tests.support.session_states import refusal

State = SessionState
Told = SessionEventKind


def lost(walk: SessionRun, seconds: float) -> None:
    walk.link(up=False)
    walk.go(seconds)
    walk.clear_log()
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
    walk.clear_log()
    walk.link(up=True)
    walk.go(1)
    assert walk.state is State.ACTIVE
    assert walk.event_kinds == [Told.LINK_BACK]
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
    assert refusal(walk.resume, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    if resumes:
        walk.resume()
        assert walk.event_kinds[-1] is Told.RESUMED
    else:
        walk.session.set_speed(2.0, caller=Caller.PERSON)
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
    assert Told.COOLING_DOWN in walk.event_kinds
    walk.go(40)
    assert walk.data(Told.FINISHED) == {"reason": "completed"}


def manual_after(walk: SessionRun) -> None:
    assert walk.state is State.MANUAL
    walk.clear_log()
    walk.go(125)
    assert walk.sent == []
    told = [event.data for _, event in walk.emitted if event.kind is Told.MANUAL]
    assert told == [{"reason": "no_coach", "minutes": 1}, {"reason": "no_coach", "minutes": 2}]


def test_s10_after_a_long_loss_the_belt_runs_without_a_coach_and_it_is_said() -> None:
    walk = wished(length=1200.0, speed=2.0)
    go_to(walk, 250)
    lost(walk, 61)
    assert walk.session.odometer.estimated
    assert walk.session.moving_time == pytest.approx(250 + 62, abs=2)
    manual_after(walk)


def test_s10_after_a_long_loss_a_belt_at_another_speed_runs_without_a_coach() -> None:
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
def test_s10_after_a_hand_on_the_console_the_belt_runs_without_a_coach(
    kind: MachineEventKind, value: float | None
) -> None:
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
    walk.report(**before)
    walk.link(up=False)
    walk.muted = True
    walk.go(20)
    walk.link(up=True)
    walk.report(**after)
    assert walk.state is state


def test_s10_a_console_walk_that_was_lost_is_watched_on_in_silence() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(20)
    lost(walk, 20)
    walk.clear_log()
    walk.go(120)
    assert walk.state is State.MANUAL
    assert walk.event_kinds == []
