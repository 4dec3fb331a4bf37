"""Whole walks, from the first press to the end, on the virtual treadmill."""

import itertools
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEventKind,
    ValueRange,
)
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Refusal, RefusedError, Rules
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.session.recovery import RecoveredSession
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import INCLINES, SPEEDS, SessionRun, rules

START, STOP, PAUSE = CommandKind.START, CommandKind.STOP, CommandKind.PAUSE
SET_SPEED = CommandKind.SET_SPEED
Told = SessionEventKind
State = SessionState


def refusal(call: object, *args: object, **kwargs: object) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.reason


def ready(walk: SessionRun) -> None:
    walk.start()
    assert walk.state is State.READY


# S1: consent of the owner


def test_s1_without_control_nothing_starts_and_nothing_is_steered() -> None:
    walk = SessionRun(rules(control=False))
    assert refusal(walk.start) is Refusal.MONITOR_ONLY
    assert refusal(walk.resume) is Refusal.MONITOR_ONLY
    assert refusal(walk.session.confirm, walk.now, by_person=True) is Refusal.MONITOR_ONLY
    assert refusal(walk.session.set_speed, 2.0, by_person=True) is Refusal.MONITOR_ONLY
    assert walk.sent == []


def test_s1_without_control_a_walk_is_still_recorded_and_can_be_stopped() -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.state is State.MANUAL
    assert walk.session.odometer.moving_time > 10
    assert refusal(walk.pause) is Refusal.MONITOR_ONLY
    assert refusal(walk.resume) is Refusal.MONITOR_ONLY
    walk.stop()
    walk.go(6)
    assert set(walk.kinds) == {STOP}
    assert walk.treadmill.at_rest
    assert walk.state is State.FINISHED


@pytest.mark.parametrize("hand", ["press_stop", "pull_safety_key"])
def test_s1_while_only_watching_a_stop_at_the_console_is_not_echoed(hand: str) -> None:
    walk = SessionRun(rules(control=False))
    walk.treadmill.press_start()
    walk.go(20)
    getattr(walk.treadmill, hand)()
    walk.go(8)
    assert walk.sent == []
    assert walk.state is State.FINISHED


def test_s1_reduced_mode_keeps_backward_slow_and_level() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(reduced=True)))
    walk.begin()
    assert walk.session.set_speed(3.0, by_person=True) == 2.0
    assert walk.session.set_incline(3.0, by_person=True) == 0.0
    walk.go(120)
    assert walk.treadmill.speed == pytest.approx(2.0)
    assert walk.inclines == []


def test_s1_control_that_is_taken_away_ends_a_countdown() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.session.rules = rules(control=False)
    walk.go(1)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "monitor_only"}


def test_s1_the_treadmills_own_start_is_only_watched_once_control_is_taken_away() -> None:
    walk = SessionRun()
    ready(walk)
    walk.session.rules = rules(control=False)
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.sent == []


# S2: two acts


def test_s2_two_acts_a_countdown_and_the_belt_starts_at_its_minimum() -> None:
    walk = SessionRun()
    walk.start()
    assert walk.sent == []
    walk.start()
    assert walk.session.countdown_ends == walk.now + 15
    walk.go(14.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.kinds == [START]
    assert walk.state is State.STARTING
    walk.go(10)
    assert walk.state is State.WARM_UP
    assert walk.treadmill.speed == 1.0
    assert walk.events == [Told.READY, Told.COUNTDOWN, Told.STARTED]
    assert walk.data(Told.READY) == {"direction": "backward"}
    assert walk.data(Told.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    assert walk.session.countdown_ends is None


def test_s2_anybody_may_make_ready_but_only_a_person_confirms() -> None:
    walk = SessionRun()
    walk.start(by_person=False)
    assert walk.state is State.READY
    assert refusal(walk.start, by_person=False) is Refusal.NEEDS_PERSON
    assert walk.state is State.READY
    walk.start()
    assert walk.state is State.COUNTDOWN


@pytest.mark.parametrize(("by_person", "seconds"), [(False, 120), (True, 600)])
def test_s2_ready_lapses(by_person: bool, seconds: int) -> None:
    walk = SessionRun()
    walk.start(by_person=by_person)
    walk.go(seconds - 1)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.IDLE
    assert walk.data(Told.STOPPED) == {"reason": "lapsed"}


def test_s2_ready_waits_for_the_link_and_then_its_time_begins() -> None:
    walk = SessionRun(linked=False)
    walk.start(by_person=False)
    walk.go(44)
    walk.link(up=True)
    walk.go(119)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.IDLE


def test_s2_ready_without_a_link_fails_after_a_while() -> None:
    walk = SessionRun(linked=False)
    walk.start()
    assert refusal(walk.start) is Refusal.NOT_CONNECTED
    walk.go(45)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "not_connected"}


def test_s2_a_flapping_link_does_not_keep_ready_alive() -> None:
    walk = SessionRun()
    walk.start(by_person=False)
    for _ in range(11):
        walk.link(up=False)
        walk.go(5)
        walk.link(up=True)
        walk.go(5)
    assert walk.state is State.READY
    walk.go(10)
    assert walk.state is State.IDLE


def test_s2_two_people_pressing_start_start_once() -> None:
    walk = SessionRun()
    walk.start()
    walk.start()
    assert refusal(walk.start) is Refusal.BUSY
    assert refusal(walk.session.confirm, walk.now, by_person=True) is Refusal.BUSY
    walk.go(15)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(10)
    assert refusal(walk.start) is Refusal.BUSY
    assert walk.kinds == [START, SET_SPEED]


def test_s2_the_first_press_again_does_no_harm() -> None:
    walk = SessionRun()
    walk.start()
    walk.session.prepare(walk.now, by_person=True)
    assert walk.state is State.READY


def test_s2_telemetry_has_to_be_fresh() -> None:
    walk = SessionRun()
    ready(walk)
    walk.deaf = True
    walk.go(2.5)
    assert refusal(walk.start) is Refusal.NO_FRESH_DATA
    walk.deaf = False
    walk.hear(belt=BeltState.UNKNOWN, speed=None)
    assert refusal(walk.start) is Refusal.NO_FRESH_DATA


def test_s2_a_countdown_without_telemetry_starts_nothing() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(10)
    walk.deaf = True
    walk.go(6)
    assert walk.sent == []
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_a_countdown_waits_for_fresh_telemetry_but_not_for_long() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(12)
    walk.deaf = True
    walk.go(4)
    assert walk.state is State.COUNTDOWN
    walk.deaf = False
    walk.go(0.5)
    assert walk.state is State.STARTING


def test_s2_a_start_that_comes_late_finds_nobody_prepared() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.now += 30  # the whole house hung
    walk.go(0.5)
    assert walk.sent == []
    assert walk.data(Told.START_FAILED) == {"reason": "no_fresh_data"}


def test_s2_link_loss_ends_a_countdown_for_good() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.link(up=False)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "link_lost"}
    walk.link(up=True)
    walk.go(60)
    assert walk.sent == []


@pytest.mark.parametrize(
    "kind",
    [
        MachineEventKind.STOPPED,
        MachineEventKind.PAUSED,
        MachineEventKind.SPEED_CHANGED,
        MachineEventKind.INCLINE_CHANGED,
        MachineEventKind.RESET,
        MachineEventKind.CONTROL_LOST,
    ],
)
def test_s2_any_console_key_ends_a_countdown(kind: MachineEventKind) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.event(kind, 1.0)
    assert walk.state is State.IDLE
    walk.go(30)
    assert walk.sent == []


@pytest.mark.parametrize(
    ("direction", "chosen", "seconds"),
    [
        (Direction.BACKWARD, 0.0, 10.0),
        (Direction.BACKWARD, 30.0, 30.0),
        (Direction.BACKWARD, 600.0, 60.0),
        (Direction.FORWARD, 0.0, 3.0),
        (Direction.FORWARD, 600.0, 60.0),
    ],
)
def test_s2_the_countdown_stays_within_what_a_walker_needs(direction: Direction, chosen: float, seconds: float) -> None:
    walk = SessionRun(rules(countdown_backward=chosen, countdown_forward=chosen))
    walk.session.direction = direction
    walk.count_down()
    assert walk.data(Told.COUNTDOWN)["seconds"] == seconds


def test_s2_no_start_within_five_seconds_after_a_stop() -> None:
    walk = SessionRun()
    walk.stop()
    walk.go(0.5)
    walk.start()
    assert refusal(walk.start) is Refusal.JUST_STOPPED
    walk.go(4.5)
    walk.start()
    assert walk.state is State.COUNTDOWN


def test_s2_a_belt_that_does_not_move_is_stopped_and_it_is_said() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.forget()
    walk.go(15)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.kinds == [STOP]
    assert walk.data(Told.START_FAILED) == {"reason": "belt_does_not_move"}
    walk.go(3)
    assert walk.state is State.IDLE


@pytest.mark.parametrize("heard", [0, 4, 9])
def test_s2_a_belt_that_is_not_heard_while_it_starts_is_stopped_and_that_is_said(heard: float) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15)
    walk.obeys = False
    walk.treadmill.stop()
    walk.go(heard)
    walk.deaf = True
    walk.forget()
    walk.go(15 - heard)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.kinds[0] == STOP
    assert walk.data(Told.START_FAILED) == {"reason": "belt_not_heard"}


def test_s2_a_link_lost_while_it_starts_is_no_reason_to_wait_longer() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.go(3)
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED
    walk.go(2)
    walk.link(up=True)
    walk.deaf = True
    walk.link(up=False)
    walk.forget()
    walk.go(10)
    assert walk.sent == []
    walk.go(1)
    assert STOP in walk.kinds
    assert walk.data(Told.START_FAILED) == {"reason": "belt_not_heard"}
    assert walk.state is State.STOPPING


def test_s2_a_start_that_was_declined_is_stopped_and_it_is_said() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.obeys = False
    walk.go(15)
    walk.fails(START)
    assert walk.kinds == [START, STOP]
    assert walk.data(Told.START_FAILED) == {"reason": "refused"}
    walk.fails(STOP)
    assert Told.STOP_FAILED not in walk.events  # nothing had to be stopped


def test_s2_a_start_whose_failure_is_told_late_changes_nothing() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(1.5, by_person=True)
    walk.fails(START)
    assert walk.session.target_speed == 1.5


def test_s2_the_treadmills_own_start_confirms_what_was_made_ready() -> None:
    walk = SessionRun()
    walk.start(by_person=False)
    walk.treadmill.press_start()
    assert refusal(walk.start) is Refusal.BELT_MOVES
    walk.go(12)
    assert walk.state is State.WARM_UP
    assert walk.session.direction is Direction.BACKWARD
    assert [command for _, command in walk.sent] == [Command(SET_SPEED, 1.0)]
    assert Told.STARTED in walk.events


def test_s2_a_belt_that_ran_before_we_were_connected_was_confirmed_by_nobody() -> None:
    walk = SessionRun(linked=False)
    walk.treadmill.press_start()
    walk.treadmill.step(10)
    walk.start()
    walk.link(up=True)
    walk.go(30)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s2_a_belt_that_began_to_move_while_nobody_listened_was_confirmed_by_nobody() -> None:
    walk = SessionRun()
    walk.start()
    walk.deaf = True
    walk.tells_events = False
    walk.treadmill.press_start()
    walk.go(20)
    walk.deaf = False
    walk.go(5)
    assert walk.state is State.MANUAL


def test_s2_nor_one_that_began_to_move_while_the_link_flapped() -> None:
    walk = SessionRun(countdown=1.0)
    walk.start()
    walk.link(up=False)
    walk.treadmill.press_start()
    walk.go(2)
    walk.link(up=True)
    walk.go(5)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_a_treadmill_without_speed_control_is_not_made_ready() -> None:
    assert refusal(SessionRun(rules(speed=None)).start) is Refusal.NO_SPEED_CONTROL
    assert refusal(SessionRun(rules(speed=ValueRange(4.0, 12.0, 0.1))).start) is Refusal.STARTS_TOO_FAST


def test_a_treadmill_whose_speed_turns_out_not_to_be_controllable_is_not_started() -> None:
    walk = SessionRun(linked=False)
    walk.session.rules = Rules(control=True)  # nothing is known of it yet
    walk.start()
    walk.link(up=True)
    walk.go(3)
    walk.session.rules = Rules(control=True, capabilities=Capabilities(incline_range=INCLINES))
    assert refusal(walk.start) is Refusal.NO_SPEED_CONTROL
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.NO_SPEED_CONTROL


# S3: stop always works


def at(state: State) -> SessionRun:
    """A walk in a state, by a way that leads there."""
    walk = SessionRun()
    match state:
        case State.READY:
            walk.start()
        case State.COUNTDOWN:
            walk.count_down()
        case State.STARTING:
            walk.count_down()
            walk.go(15)
        case State.WARM_UP:
            walk.begin()
        case State.ACTIVE:
            walk.begin()
            walk.skip_warm_up()
        case State.COOL_DOWN:
            walk.begin()
            walk.session.set_speed(2.0, by_person=True)
            walk.go(60)
            walk.wind_down()
        case State.STOPPING:
            walk.begin()
            walk.obeys = False
            walk.stop()
        case State.MANUAL:
            walk.treadmill.press_start()
            walk.go(10)
        case State.PAUSED:
            walk.paused()
        case State.INTERRUPTED:
            walk.begin()
            walk.link(up=False)
        case State.FINISHED:
            walk.begin()
            walk.stop()
            walk.go(8)
        case State.CHECKING:
            walk.start_check()
            walk.go(30)
    assert walk.state is state
    walk.obeys = True
    return walk


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_is_said_at_once_in_every_state(state: State, control: bool) -> None:
    walk = at(state)
    walk.session.rules = rules(control=control)
    walk.forget()
    walk.stop()
    assert walk.sent[0] == (walk.now, Command(STOP))
    walk.go(12)
    assert set(walk.kinds) == {STOP}
    if walk.linked:
        assert walk.treadmill.at_rest
        assert walk.state in {State.IDLE, State.FINISHED}


@pytest.mark.parametrize("state", list(State))
def test_s3_stop_is_said_without_a_link_in_every_state(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.forget()
    walk.stop()
    assert walk.kinds == [STOP]
    walk.go(61)
    assert walk.kinds == [STOP]
    assert walk.state is not State.STOPPING


def test_s3_stop_is_said_again_until_the_belt_slows() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.forget()
    walk.stop()
    walk.go(10)
    times = [when for when, _ in walk.sent]
    assert set(walk.kinds) == {STOP}
    assert [b - a for a, b in itertools.pairwise(times)] == [1.0] * 10
    walk.obeys = True
    walk.go(1)
    walk.forget()
    walk.go(10)
    assert walk.sent == []
    assert walk.state is State.FINISHED


def test_s3_a_stop_that_fails_is_told_once_and_again_when_somebody_presses_again() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(4.5)
    assert Told.STOP_FAILED not in walk.events
    walk.go(20)
    assert walk.events.count(Told.STOP_FAILED) == 1
    walk.stop()
    walk.go(2)
    assert walk.events.count(Told.STOP_FAILED) == 2


def test_s3_a_stop_that_was_declined_or_did_not_arrive_is_told_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.fails(STOP)
    walk.fails(STOP)
    assert walk.events.count(Told.STOP_FAILED) == 1


def test_s3_a_stop_without_a_link_is_told_at_once_where_the_belt_may_move() -> None:
    walk = SessionRun()
    walk.begin()
    walk.link(up=False)
    walk.forget()
    walk.stop()
    assert walk.events == [Told.STOP_FAILED]


def test_s3_a_link_that_is_lost_while_stopping_is_told_and_the_stop_kept() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.link(up=False)
    assert walk.kinds[-2:] == [STOP, STOP]
    walk.go(5.5)
    assert walk.events[-1] is Told.STOP_FAILED
    walk.obeys = True
    walk.link(up=True)
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.treadmill.at_rest


def test_s3_a_stop_is_kept_for_a_minute_since_the_link_was_lost() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(70)
    walk.link(up=False)
    walk.go(59)
    assert walk.state is State.STOPPING
    walk.go(2)
    assert walk.state is State.INTERRUPTED


def test_s3_without_a_link_a_belt_nobody_has_seen_moving_is_given_up_after_a_minute() -> None:
    walk = SessionRun(linked=False)
    walk.stop()
    assert walk.state is State.STOPPING
    walk.go(61)
    assert walk.state is State.IDLE
    assert walk.data(Told.STOPPED) == {"reason": "not_connected"}


def test_s3_a_link_that_flaps_while_stopping_does_not_end_it_early() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    for _ in range(5):
        walk.link(up=False)
        walk.go(3)
        walk.link(up=True)
        walk.go(3)
    assert walk.state is State.STOPPING
    walk.obeys = True
    walk.go(8)
    assert walk.state is State.FINISHED


def test_s3_a_single_report_of_rest_does_not_end_the_stopping() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    walk.go(6)
    assert walk.state is State.STOPPING
    assert len(walk.kinds) >= 6


def test_s3_frozen_telemetry_does_not_end_the_stopping() -> None:
    walk = SessionRun()
    walk.begin()
    walk.deaf = True
    walk.obeys = False
    walk.stop()
    walk.go(30)
    assert walk.state is State.STOPPING
    assert walk.kinds.count(STOP) > 25
    assert Told.STOP_FAILED in walk.events


def test_s3_a_machine_that_falls_silent_at_rest_has_stopped() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    while not walk.treadmill.at_rest:
        walk.go(0.5)
    walk.deaf = True
    walk.go(6)
    assert walk.state is State.FINISHED


def test_s3_noise_is_not_taken_for_slowing_down() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.deaf = True
    walk.stop()
    for turn in range(20):
        walk.go(0.5)
        walk.hear(speed=1.0 if turn % 2 else 0.9)
    assert walk.kinds.count(STOP) >= 7
    assert Told.STOP_FAILED in walk.events


def test_s3_a_belt_that_speeds_up_again_is_told_again() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    walk.go(1)
    walk.obeys = False
    walk.forget()
    walk.deaf = True
    for speed in (0.5, 0.9, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4):
        walk.go(0.5)
        walk.hear(belt=BeltState.MOVING, speed=speed)
    assert STOP in walk.kinds


@pytest.mark.parametrize("lag", [3.0, 6.0, 15.0])
def test_s3_stop_while_starting_holds_when_the_belt_begins_to_move_afterwards(lag: float) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = lag
    walk.go(16)
    assert walk.kinds == [START]
    walk.stop()
    walk.go(5)
    walk.go(30)
    assert walk.treadmill.at_rest
    assert walk.state is State.IDLE
    assert set(walk.kinds[1:]) == {STOP}
    assert Told.BELT_WITHOUT_SESSION not in walk.events


def test_s3_a_stop_in_the_machines_countdown_is_said_until_it_is_heard() -> None:
    walk = SessionRun(countdown=8.0)
    walk.count_down()
    walk.go(16)
    walk.obeys = False
    walk.stop()
    walk.go(3)
    assert walk.kinds[-3:] == [STOP] * 3
    assert Told.STOP_FAILED not in walk.events
    walk.obeys = True
    walk.go(4)
    assert walk.state is State.IDLE
    assert walk.treadmill.at_rest


def test_s3_a_start_that_timed_out_is_stopped_when_the_belt_moves_later() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = 25.0
    walk.go(15)
    walk.go(20)
    assert walk.state is State.IDLE
    walk.go(20)
    assert walk.treadmill.at_rest
    assert Told.BELT_WITHOUT_SESSION not in walk.events


def test_s3_a_late_start_is_stopped_in_the_next_ready_too() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.start_lag = 10.0
    walk.go(16)
    walk.stop()
    walk.go(4)
    ready(walk)
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state is State.IDLE


def test_s3_stop_after_the_consoles_start_stops_what_begins_to_move() -> None:
    walk = SessionRun()
    ready(walk)
    walk.treadmill.press_start()
    walk.obeys = False
    walk.stop()
    assert walk.state is State.STOPPING
    walk.go(6)
    walk.obeys = True
    walk.go(10)
    assert walk.treadmill.at_rest


def test_s3_stop_at_rest_only_says_it() -> None:
    walk = SessionRun()
    walk.stop()
    assert walk.kinds == [STOP]
    assert walk.state is State.IDLE
    assert walk.told == []


@pytest.mark.parametrize("silence", [3, 30])
@pytest.mark.parametrize("control", [True, False])
def test_s3_stop_on_a_machine_that_is_silent_at_rest_only_says_it(silence: float, control: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.deaf = True
    walk.go(silence)
    walk.stop()
    assert (walk.kinds, walk.state) == ([STOP], State.IDLE)
    assert not walk.session.belt_may_move
    walk.go(60)
    assert (walk.kinds, walk.told) == ([STOP], [])


def test_s7_a_console_start_after_a_stop_on_a_machine_that_was_silent_at_rest_is_left_to_walk() -> None:
    walk = SessionRun(rules(control=False))
    walk.deaf = True
    walk.go(30)
    walk.stop()
    walk.go(300)
    walk.forget()
    walk.treadmill.press_start()
    for _ in range(40):
        walk.deaf = walk.treadmill.speed == 0
        walk.go(0.5)
    assert (walk.state, walk.sent) == (State.MANUAL, [])
    assert walk.treadmill.speed > 0


def test_s3_a_stop_in_a_pause_ends_it_also_where_the_machine_is_silent_at_rest() -> None:
    walk = SessionRun()
    walk.paused()
    walk.deaf = True
    walk.go(30)
    walk.forget()
    walk.stop()
    assert (walk.kinds, walk.state) == ([STOP], State.FINISHED)
    assert walk.data(Told.STOPPED) == {"reason": "stopped"}


def test_s3_a_stop_on_a_machine_that_has_said_nothing_yet_ends_after_a_minute() -> None:
    walk = SessionRun(linked=False)
    walk.deaf = True
    walk.link(up=True)
    walk.stop()
    walk.go(59)
    assert walk.state is State.STOPPING
    assert walk.kinds.count(STOP) > 55
    walk.go(2)
    assert walk.state is State.IDLE
    assert not walk.session.belt_may_move
    assert walk.data(Told.STOPPED) == {"reason": "stopped"}


def test_s3_a_belt_that_was_seen_moving_and_is_not_heard_any_more_is_out_of_sight_after_a_minute() -> None:
    walk = SessionRun()
    walk.begin()
    walk.stop()
    walk.deaf = True
    walk.go(30)
    for up in (False, True):  # a link that flaps makes it no longer
        walk.link(up=up)
        walk.go(15)
    assert walk.state is State.STOPPING
    walk.go(1)
    assert walk.state is State.INTERRUPTED
    walk.go(601)
    assert walk.state is State.FINISHED


def test_s3_a_belt_that_is_heard_to_move_is_told_to_stop_for_as_long_as_it_takes() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.stop()
    walk.go(300)
    assert walk.state is State.STOPPING
    assert walk.kinds.count(STOP) > 290


def test_a_stop_between_two_walks_does_not_end_the_last_one_twice() -> None:
    walk = at(State.FINISHED)
    walk.link(up=False)  # what was heard before proves nothing
    walk.link(up=True)
    walk.forget()
    walk.stop()
    walk.go(5)
    assert walk.state is State.IDLE
    assert walk.events == [Told.STOPPED]


def test_a_stop_that_failed_at_rest_is_told_when_nothing_was_heard() -> None:
    walk = SessionRun(linked=False)
    walk.stop()
    walk.fails(STOP)
    assert walk.events == [Told.STOP_FAILED]


# S4: limits belong to the session


def test_s4_the_direction_is_fixed_when_it_is_made_ready() -> None:
    walk = SessionRun()
    ready(walk)
    walk.session.direction = Direction.FORWARD
    assert walk.session.direction is Direction.BACKWARD
    walk.start()
    assert walk.data(Told.COUNTDOWN) == {"seconds": 15.0, "direction": "backward"}
    walk.go(30)
    assert walk.session.limits.direction is Direction.BACKWARD
    walk.stop()
    walk.go(8)
    assert walk.session.direction is Direction.BACKWARD
    walk.go(61)
    assert walk.state is State.IDLE
    assert walk.session.direction is Direction.FORWARD


def test_s4_the_direction_may_be_chosen_as_soon_as_a_walk_has_finished() -> None:
    walk = at(State.FINISHED)
    walk.session.direction = Direction.FORWARD
    assert walk.session.direction is Direction.FORWARD
    assert walk.session.limits.direction is Direction.FORWARD


def test_s4_who_confirms_what_names_nobody_walks_it() -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, by_person=False, wish=SessionRequest(open=True, first=True))
    assert (walk.session.walker, walk.session.limits.speed.maximum) == (None, 2.0)
    walk.session.start(walk.now, by_person=True, wish=SessionRequest(walker="anna", direction=Direction.FORWARD))
    assert walk.state is State.COUNTDOWN
    assert (walk.session.walker, walk.session.direction) == ("anna", Direction.BACKWARD)
    assert walk.session.limits.speed.maximum == 3.0


@pytest.mark.parametrize("confirms_at", ["button", "console"])
def test_s4_a_confirmation_that_is_refused_changes_neither_who_walks_nor_their_limits(confirms_at: str) -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, by_person=False, wish=SessionRequest(open=True, first=True))
    walk.deaf = True
    walk.go(3)
    anna, ben = SessionRequest(walker="anna"), SessionRequest(walker="ben", first=True)
    assert refusal(walk.session.confirm, walk.now, by_person=True, wish=anna) is Refusal.NO_FRESH_DATA
    assert (walk.session.walker, walk.session.limits.speed.maximum) == (None, 2.0)
    walk.deaf = False
    walk.go(3)
    if confirms_at == "button":
        walk.session.confirm(walk.now, by_person=True, wish=ben)
        assert (walk.state, walk.session.walker) == (State.COUNTDOWN, "ben")
    else:
        walk.treadmill.press_start()
        walk.go(10)
        assert (walk.state, walk.session.walker) == (State.WARM_UP, None)
    assert walk.session.limits.speed.maximum == 2.0


def test_s4_a_confirmation_is_judged_by_the_limits_of_who_confirms() -> None:
    walk = SessionRun()
    walk.treadmill.incline = 2.0
    walk.go(3)
    walk.session.prepare(walk.now, by_person=False, wish=SessionRequest(open=True))
    novice = SessionRequest(walker="ben", first=True)
    assert refusal(walk.session.confirm, walk.now, by_person=True, wish=novice) is Refusal.DECK_TOO_HIGH
    walk.session.confirm(walk.now, by_person=True, wish=SessionRequest(walker="anna"))
    assert (walk.state, walk.session.walker) == (State.COUNTDOWN, "anna")


def test_s4_whoever_confirms_a_walk_of_somebody_does_not_become_its_walker() -> None:
    walk = SessionRun()
    walk.session.prepare(walk.now, by_person=False, wish=SessionRequest(walker="anna", first=True))
    walk.session.confirm(walk.now, by_person=True, wish=SessionRequest(walker="ben"))
    assert walk.session.walker == "anna"
    assert walk.session.limits.speed.maximum == 2.0


def test_s4_s7_a_walk_found_again_after_a_restart_is_steered_by_nobody_and_limited_as_before() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.session.direction is Direction.FORWARD
    found = RecoveredSession(
        request=SessionRequest(walker="anna", length=300.0, first=True), walked=100.0, planned=True
    )
    walk.session.restore(found, walk.now)
    walk.go(20)
    assert (walk.state, walk.kinds, walk.session.under_way) == (State.MANUAL, [], True)
    assert (walk.session.walker, walk.session.direction, walk.session.length) == ("anna", Direction.BACKWARD, 300.0)
    assert walk.session.limits.speed.maximum == 2.0
    assert 120 < walk.session.moving_time < 130
    walk.resume()
    walk.go(200)
    assert walk.state is State.FINISHED
    assert not walk.session.under_way
    assert walk.session.moving_time == pytest.approx(300, abs=5)


def test_s15_a_walk_found_again_that_nobody_planned_has_no_end() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    walk.go(10)
    walk.session.restore(
        RecoveredSession(request=SessionRequest(direction=Direction.FORWARD), walked=100.0, planned=False), walk.now
    )
    walk.go(300)
    assert walk.session.length is None
    assert Told.HALFWAY not in walk.events


def test_s4_a_walk_keeps_its_limits_when_the_owner_changes_them() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.rules = rules(owner=OwnerLimits(backward_speed=5.0))
    assert walk.session.set_speed(5.0, by_person=True) == 3.0
    walk.pause()
    walk.go(8)
    walk.resume()
    walk.go(1)
    walk.resume()
    walk.go(30)
    assert walk.session.set_speed(5.0, by_person=True) == 3.0
    walk.stop()
    walk.go(8)
    assert walk.session.limits.allowed_speed(5.0) == 5.0


def test_s4_a_console_that_went_beyond_the_limits_has_to_come_back_by_itself() -> None:
    walk = SessionRun()
    walk.begin()
    walk.forget()
    walk.treadmill.press_speed(5.0)
    walk.go(20)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.TOO_FAST
    walk.treadmill.press_speed(3.5)
    walk.go(10)
    walk.resume()
    walk.go(10)
    assert [kmh for _, kmh in walk.speeds] == [3.0]


def test_s4_a_machine_that_starts_above_the_limit_is_slowed_at_once() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(backward_speed=2.0)), acceleration=1.0)
    walk.count_down()
    walk.go(18.5)
    walk.treadmill.target_speed = 4.0  # it has its own idea of a start
    walk.go(10)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.0]


# S5 and S6: gently, and announced


def test_s5_s6_a_wish_is_reached_in_announced_small_steps() -> None:
    walk = SessionRun()
    walk.begin()
    walk.forget()
    assert walk.session.set_speed(1.5, by_person=True) == 1.5
    begun = walk.now
    walk.go(60)
    assert walk.treadmill.speed == 1.5
    assert [kmh for _, kmh in walk.speeds] == [1.1, 1.2, 1.3, 1.4, 1.5]
    times = [when for when, _ in walk.speeds]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 5
    assert walk.events == [Told.SPEED_UP_SOON, Told.STEP_CHANGED]
    assert walk.data(Told.STEP_CHANGED) == {"what": "speed", "target": 1.5}
    announced, reached = (when for when, _ in walk.told)
    assert reached - times[-1] <= 1
    assert times[0] - announced == 5
    assert announced - begun <= 1
    assert walk.data(Told.SPEED_UP_SOON) == {"what": "speed", "start": 1.0, "target": 1.5, "seconds": 20.0}


def test_s5_s6_so_is_an_incline() -> None:
    walk = SessionRun()
    walk.begin()
    assert walk.session.set_incline(1.0, by_person=True) == 1.0
    assert walk.session.target_incline == 1.0
    walk.go(60)
    assert [percent for _, percent in walk.inclines] == [0.5, 1.0]
    assert walk.data(Told.SPEED_UP_SOON)["what"] == "incline"


def test_s5_nothing_rises_on_a_belt_that_does_not_follow() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(12)
    sent = len(walk.speeds)
    walk.tells_events = False
    walk.treadmill.press_speed(1.0)
    walk.treadmill.target_speed = 0.4
    walk.go(15)
    assert walk.state is State.MANUAL
    assert len(walk.speeds) <= sent + 1


def test_s5_speed_and_incline_rise_apart_over_a_hand_on_the_console_too() -> None:
    walk = SessionRun()
    walk.begin()
    walk.forget()
    walk.session.set_incline(0.5, by_person=True)
    while not walk.inclines:
        walk.go(0.5)
    walk.treadmill.press_speed(1.2)
    walk.go(1)
    walk.resume()
    walk.session.set_speed(1.5, by_person=True)
    walk.go(40)
    assert walk.speeds[0][0] - walk.inclines[-1][0] >= 20


def test_s12_a_fast_start_is_told_the_minimum_at_once_and_again() -> None:
    walk = SessionRun(acceleration=1.0)
    walk.count_down()
    walk.go(18.5)
    walk.treadmill.target_speed = 2.2
    walk.go(15)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.0]
    assert walk.state is State.WARM_UP


def test_s12_after_a_pause_the_belt_stays_at_the_minimum_for_a_while() -> None:
    walk = SessionRun()
    walk.session.direction = Direction.FORWARD
    walk.begin()
    walk.session.set_speed(3.0, by_person=True)
    walk.go(30)
    walk.pause()
    walk.go(15)
    walk.resume()
    walk.go(0.5)
    walk.resume()
    walk.go(5)
    walk.forget()
    walk.session.rules = rules()
    while walk.state is not State.ACTIVE:
        walk.go(0.5)
    moved = walk.now
    walk.session.set_speed(3.0, by_person=True)
    walk.go(40)
    assert walk.told[0][1].kind is Told.RESUMED
    assert walk.speeds[0][1] == 1.0
    assert walk.speeds[1][0] - moved >= 10
    assert walk.treadmill.speed == 3.0


# S7: the console wins


def test_s7_a_speed_set_at_the_console_ends_steering_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(12)
    walk.forget()
    walk.treadmill.press_speed(3.0)
    assert walk.state is State.MANUAL
    assert walk.events == [Told.MANUAL]
    assert walk.session.target_speed is None
    assert refusal(walk.session.set_speed, 1.0, by_person=True) is Refusal.NOT_STEERING
    walk.go(120)
    assert walk.sent == []


def test_s7_so_does_an_incline_and_control_taken_by_another_app() -> None:
    for kind, value in ((MachineEventKind.INCLINE_CHANGED, 4.0), (MachineEventKind.CONTROL_LOST, None)):
        walk = SessionRun()
        walk.begin()
        walk.event(kind, value)
        assert walk.state is State.MANUAL


def test_s7_our_own_changes_are_not_the_consoles() -> None:
    walk = SessionRun()
    walk.session.direction = Direction.FORWARD
    walk.begin()
    walk.forget()
    walk.event(MachineEventKind.SPEED_CHANGED, 1.0)
    walk.session.set_speed(2.0, by_person=True)
    while len(walk.speeds) < 2:
        walk.go(0.5)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    walk.event(MachineEventKind.SPEED_CHANGED, 1.5)  # late
    walk.event(MachineEventKind.SPEED_CHANGED, None)
    walk.event(MachineEventKind.RESET)
    walk.event(MachineEventKind.STARTED)
    assert walk.state is State.ACTIVE
    walk.go(10)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    assert walk.state is State.ACTIVE
    walk.event(MachineEventKind.SPEED_CHANGED, 1.5)
    assert walk.state is State.MANUAL


def test_s7_what_we_chose_in_the_last_walk_may_be_the_consoles_choice_in_this_one() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_incline(0.5, by_person=True)
    walk.go(30)
    walk.stop()
    walk.go(8)
    walk.treadmill.incline = walk.treadmill.target_incline = 0.0
    walk.begin()
    walk.treadmill.press_incline(0.5)
    assert walk.state is State.MANUAL


def test_s7_the_start_speed_that_a_machine_reports_is_not_the_consoles() -> None:
    walk = at(State.STARTING)
    walk.event(MachineEventKind.SPEED_CHANGED, 1.6)
    assert walk.state is State.STARTING
    walk.event(MachineEventKind.CONTROL_LOST)
    assert walk.state is State.MANUAL
    walk.go(12)
    assert walk.state is State.MANUAL
    assert walk.treadmill.speed == 1.0


def test_s7_a_console_that_reports_nothing_is_seen_by_the_speed() -> None:
    walk = SessionRun()
    walk.begin()
    walk.forget()
    walk.tells_events = False
    walk.treadmill.press_speed(2.0)
    walk.go(2.5)
    assert walk.state is State.WARM_UP
    walk.go(6)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s7_so_it_is_while_we_ramp() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(3.0, by_person=True)
    walk.go(32)
    assert walk.state is State.ACTIVE
    walk.tells_events = False
    walk.treadmill.press_speed(1.0)
    walk.forget()
    walk.go(12)
    assert walk.state is State.MANUAL
    assert len(walk.sent) <= 1


def test_s7_a_short_difference_is_not_the_consoles() -> None:
    walk = SessionRun()
    walk.begin()
    walk.go(10)
    for _ in range(3):
        walk.hear(speed=1.4)
        walk.go(1)
    walk.hear(belt=BeltState.MOVING, speed=None)
    assert walk.state is State.WARM_UP


def test_s7_a_stop_at_the_console_ends_the_walk() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_stop()
    assert walk.state is State.STOPPING
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


@pytest.mark.parametrize("told", [True, False])
def test_s7_a_pause_at_the_console_pauses_the_walk(told: bool) -> None:
    walk = SessionRun()
    walk.begin()
    walk.tells_events = told
    walk.treadmill.press_pause()
    walk.go(8)
    assert walk.state is State.PAUSED
    assert walk.data(Told.PAUSED) == {"by": "console"}
    assert walk.kinds == [START, SET_SPEED]


def test_s7_a_pause_that_the_console_did_not_mean_leaves_the_belt_to_it() -> None:
    walk = SessionRun()
    walk.begin()
    walk.event(MachineEventKind.PAUSED)
    walk.go(10)
    assert walk.state is State.MANUAL
    assert walk.kinds == [START, SET_SPEED]


def test_s7_a_pause_at_the_console_before_the_belt_moves_is_one() -> None:
    walk = at(State.STARTING)
    walk.treadmill.press_pause()
    walk.go(5)
    assert walk.state is State.PAUSED


def test_s7_a_resume_at_the_console_is_watched_only() -> None:
    walk = SessionRun()
    walk.paused()
    walk.forget()
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s7_manual_ends_when_the_belt_rests() -> None:
    walk = at(State.MANUAL)
    walk.treadmill.press_pause()  # says nothing here
    walk.tells_events = False
    walk = at(State.MANUAL)
    walk.tells_events = False
    walk.treadmill.press_stop()
    walk.go(8)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "console"}
    walk.go(61)
    assert walk.state is State.IDLE


def test_s7_a_console_start_on_an_idle_belt_is_a_forward_walk() -> None:
    walk = at(State.MANUAL)
    assert Told.BELT_WITHOUT_SESSION in walk.events
    assert walk.session.direction is Direction.FORWARD
    walk.resume()
    assert walk.session.limits.direction is Direction.FORWARD
    walk.stop()
    walk.go(70)
    assert walk.session.direction is Direction.BACKWARD


@pytest.mark.parametrize(("events", "countdown"), [(True, True), (True, False), (False, True), (False, False)])
def test_s7_a_console_start_in_our_countdown_is_watched_and_nothing_is_started_on_top(
    events: bool, countdown: bool
) -> None:
    walk = SessionRun()
    walk.count_down()
    walk.tells_events, walk.tells_countdown = events, countdown
    walk.treadmill.press_start()
    walk.go(30)
    assert walk.state is State.MANUAL
    assert walk.sent == []
    assert walk.session.direction is Direction.BACKWARD
    assert walk.session.odometer.moving_time > 20


def test_s2_a_belt_heard_to_start_when_the_link_is_gone_is_not_steered() -> None:
    walk = SessionRun()
    ready(walk)
    walk.link(up=False)
    for _ in range(5):
        walk.now += 1
        walk.hear(belt=BeltState.AT_REST, speed=0.0)
    walk.hear(belt=BeltState.MOVING, speed=0.5)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s7_a_person_takes_over_from_the_console_at_its_speed() -> None:
    walk = SessionRun()
    walk.begin()
    walk.treadmill.press_speed(1.7)
    walk.go(10)
    assert refusal(walk.resume, by_person=False) is Refusal.NEEDS_PERSON
    walk.forget()
    walk.resume()
    assert walk.state is State.ACTIVE
    assert walk.events == [Told.RESUMED]
    assert walk.session.target_speed == 1.7
    walk.go(30)
    assert walk.sent == []


def test_s7_taking_over_needs_a_belt_that_is_heard_to_move() -> None:
    walk = at(State.MANUAL)
    walk.deaf = True
    walk.go(3)
    assert refusal(walk.resume) is Refusal.NO_FRESH_DATA
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(walk.resume) is Refusal.NOTHING_TO_RESUME
    walk.session._link = False
    assert refusal(walk.resume) is Refusal.NOT_CONNECTED


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN, State.STARTING, State.ACTIVE, State.MANUAL])
def test_s7_the_safety_key_ends_everything(state: State) -> None:
    walk = at(state)
    walk.treadmill.pull_safety_key()
    assert walk.session.safety_key_pulled
    assert Told.SAFETY_KEY in walk.events
    walk.go(8)
    assert walk.state in {State.IDLE, State.FINISHED}
    assert walk.data(Told.STOPPED) == {"reason": "safety_key"}


def test_s7_the_safety_key_ends_a_pause_so_that_nothing_resumes() -> None:
    walk = SessionRun()
    walk.paused()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.FINISHED
    assert refusal(walk.resume) is Refusal.NOTHING_TO_RESUME
    assert walk.data(Told.STOPPED) == {"reason": "safety_key"}


def test_s7_so_it_does_while_the_belt_coasts_and_while_a_resume_is_ready() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.STOPPING
    walk.go(8)
    assert walk.state is State.FINISHED
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.event(MachineEventKind.SAFETY_KEY)
    assert walk.state is State.FINISHED


def test_s7_the_key_is_shown_until_the_next_start() -> None:
    walk = at(State.ACTIVE)
    walk.treadmill.pull_safety_key()
    walk.go(8)
    walk.treadmill.insert_safety_key()
    walk.count_down()
    assert walk.session.safety_key_pulled
    walk.go(15)
    assert not walk.session.safety_key_pulled


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("is_ready", [True, False])
def test_s7_so_it_is_until_the_next_start_at_the_console(control: bool, is_ready: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.treadmill.press_start()
    walk.go(20)
    walk.treadmill.pull_safety_key()
    walk.go(90)
    assert (walk.state, walk.session.safety_key_pulled) == (State.IDLE, True)
    walk.treadmill.insert_safety_key()
    if is_ready and control:
        ready(walk)
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.treadmill.speed > 0
    assert not walk.session.safety_key_pulled


def test_s7_a_late_echo_of_our_own_stop_does_not_end_the_next_ready() -> None:
    walk = SessionRun()
    walk.stop()
    ready(walk)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.READY
    walk.go(6)
    walk.event(MachineEventKind.STARTED)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.IDLE


def test_s7_a_late_echo_of_our_own_pause_does_not_end_the_next_ready() -> None:
    walk = SessionRun(coast=5.0)
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.PAUSED)
    walk.go(3)
    walk.resume()
    walk.event(MachineEventKind.PAUSED)
    assert walk.state is State.READY


# S8: never start a moving belt


def test_s8_a_moving_belt_is_not_made_ready() -> None:
    walk = at(State.FINISHED)
    walk.session._belt.telemetry = walk.telemetry(belt=BeltState.MOVING, speed=1.0)
    assert refusal(walk.start) is Refusal.BELT_MOVES


def test_s8_a_belt_in_its_own_countdown_is_not_started() -> None:
    walk = SessionRun()
    ready(walk)
    walk.tells_events = False
    walk.treadmill.press_start()
    walk.go(1)
    assert refusal(walk.start) is Refusal.BELT_MOVES


def test_s8_a_machine_that_says_countdown_all_day_can_be_started() -> None:
    walk = SessionRun()
    walk.deaf = True
    for _ in range(16):
        walk.go(1)
        walk.hear(belt=BeltState.COUNTDOWN)
    walk.start()
    walk.start()
    for _ in range(15):
        walk.go(1)
        walk.hear(belt=BeltState.COUNTDOWN)
    assert walk.kinds == [START]


def test_s8_a_single_report_of_rest_is_no_reason_to_start() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(12)
    walk.deaf = True
    for belt in (BeltState.UNKNOWN, BeltState.AT_REST):
        walk.go(1.5)
        walk.hear(belt=belt)
    assert walk.sent == []
    assert walk.state is State.COUNTDOWN


def test_s8_no_speed_is_sent_to_a_belt_that_reports_rest() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(5.5)
    walk.forget()
    walk.deaf = True
    walk.go(0.5)
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    walk.go(1.5)
    assert walk.sent == []
    walk.deaf = False
    walk.go(5)
    assert walk.state is State.ACTIVE
    assert walk.speeds


def test_s8_not_even_a_lower_one() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(1.5, by_person=True)
    walk.go(60)
    walk.forget()
    walk.session.set_speed(1.0, by_person=True)
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.kinds == [CommandKind.SET_SPEED]


# S10 and S11: the link, and silence


def test_s10_link_loss_is_said_at_once_and_nothing_rises_by_itself_afterwards() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(12)
    walk.forget()
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED
    assert walk.events == [Told.INTERRUPTED]
    walk.go(20)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(60)
    assert walk.state is State.ACTIVE
    assert walk.events == [Told.INTERRUPTED, Told.LINK_BACK]
    assert walk.sent == []


@pytest.mark.parametrize("state", [State.STARTING, State.MANUAL])
def test_s10_so_it_is_in_other_states_in_which_the_belt_may_move(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED


def test_s10_link_loss_while_a_paused_belt_coasts_is_said() -> None:
    walk = at(State.ACTIVE)
    walk.pause()
    walk.link(up=False)
    assert walk.state is State.INTERRUPTED


@pytest.mark.parametrize("state", [State.IDLE, State.READY, State.PAUSED, State.FINISHED])
def test_s10_at_rest_a_lost_link_is_no_interruption(state: State) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(3)
    assert walk.state is state


def test_s10_a_belt_that_came_to_rest_meanwhile_has_finished() -> None:
    walk = at(State.ACTIVE)
    walk.link(up=False)
    walk.treadmill.press_stop()
    walk.go(10)
    walk.link(up=True)
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    assert walk.state is State.INTERRUPTED  # one report proves nothing
    walk.go(3)
    assert walk.state is State.FINISHED
    assert walk.events[-2:] == [Told.LINK_BACK, Told.FINISHED]


def test_s10_a_belt_that_starts_after_the_link_came_back_is_at_the_minimum() -> None:
    walk = SessionRun(countdown=10.0)
    walk.tells_countdown = False
    walk.count_down()
    walk.go(16)
    walk.link(up=False)
    walk.link(up=True)
    walk.go(15)
    assert walk.state is State.WARM_UP
    assert walk.session.awaiting_resume
    assert [kmh for _, kmh in walk.speeds] == [1.0]
    assert Told.BELT_WITHOUT_SESSION not in walk.events


def test_s10_an_interruption_ends_after_ten_minutes_and_then_nobody_knows_the_belt() -> None:
    walk = at(State.INTERRUPTED)
    walk.go(600)
    assert walk.state is State.INTERRUPTED
    walk.go(1)
    assert walk.state is State.FINISHED
    assert not walk.session.belt_may_move
    walk.start()
    assert walk.state is State.READY


def test_s10_what_the_console_does_after_silence_counts() -> None:
    walk = at(State.ACTIVE)
    walk.deaf = True
    walk.go(6)
    assert walk.state is State.INTERRUPTED
    walk.event(MachineEventKind.CONTROL_LOST)
    assert walk.state is State.INTERRUPTED
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.STOPPING


@pytest.mark.parametrize("state", [State.ACTIVE, State.MANUAL])
def test_s11_silence_of_a_moving_belt_counts_as_link_lost(state: State) -> None:
    walk = at(state)
    walk.deaf = True
    walk.go(5)
    assert walk.state is state
    walk.go(0.5)
    assert walk.state is State.INTERRUPTED
    walk.deaf = False
    walk.hear(belt=BeltState.UNKNOWN, speed=None)
    assert walk.state is State.INTERRUPTED
    walk.go(1)
    assert walk.state is state


def test_s11_reports_with_old_times_are_silence() -> None:
    walk = at(State.ACTIVE)
    walk.deaf = True
    old = walk.now
    for _ in range(6):
        walk.go(1)
        walk.hear(received=old)
    assert walk.state is State.INTERRUPTED


def test_s11_a_driver_that_begins_anew_confuses_nothing() -> None:
    walk = at(State.INTERRUPTED)
    walk.link(up=True)
    walk.hear(received=0.0, belt=BeltState.UNKNOWN, speed=None)
    walk.go(3)
    assert walk.state is State.WARM_UP


# S12: paused is at rest


def test_s12_a_pause_brings_the_belt_to_rest_and_resuming_is_a_start() -> None:
    walk = SessionRun()
    walk.begin()
    walked = walk.session.odometer.moving_time
    walk.pause()
    assert walk.kinds[-1] is PAUSE
    assert walk.data(Told.PAUSED) == {"by": "home_assistant"}
    assert walk.session.belt_may_move
    assert refusal(walk.resume) is Refusal.COMING_TO_REST
    walk.go(8)
    assert not walk.session.belt_may_move
    assert refusal(walk.resume, by_person=False) is Refusal.NEEDS_PERSON
    assert refusal(walk.start, by_person=False) is Refusal.NEEDS_PERSON
    walk.start()
    assert walk.state is State.READY
    assert refusal(walk.resume, by_person=False) is Refusal.NEEDS_PERSON
    walk.resume()
    assert walk.state is State.COUNTDOWN
    walk.go(30)
    assert walk.state is State.WARM_UP
    assert Told.RESUMED in walk.events
    assert walk.events.count(Told.STARTED) == 1
    assert walk.session.odometer.moving_time > walked


def test_s12_readying_again_does_not_forget_the_paused_walk() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.session.direction = Direction.FORWARD
    walk.session.prepare(walk.now, by_person=True)
    walk.start()
    walk.go(30)
    assert walk.events.count(Told.STARTED) == 1
    assert walk.session.direction is Direction.BACKWARD


def test_s12_the_treadmills_own_start_confirms_a_resume() -> None:
    walk = SessionRun()
    walk.paused()
    walked = walk.session.odometer.moving_time
    walk.resume()
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.WARM_UP
    assert walk.events[-1] is Told.RESUMED
    assert walk.session.odometer.moving_time > walked


def test_s12_a_coasting_belt_that_reports_rest_once_is_not_at_rest() -> None:
    walk = SessionRun(coast=0.1)
    walk.begin()
    walk.pause()
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    assert refusal(walk.resume) is Refusal.COMING_TO_REST
    walk.go(2)
    assert walk.state is State.PAUSED
    walk.go(12)
    assert walk.state is State.PAUSED
    walk.resume()
    assert walk.state is State.READY


def test_s12_a_pause_ends_after_five_minutes() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(291.5)
    assert walk.state is State.PAUSED
    walk.go(1)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}


def test_s12_so_does_a_resume_that_nobody_confirms() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(200)
    walk.resume()
    walk.go(91.5)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}


def test_s12_nor_does_a_resume_that_waited_for_the_link_make_a_pause_longer() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(200)
    walk.link(up=False)
    walk.resume()
    walk.link(up=True)
    walk.go(91.5)
    assert walk.state is State.READY
    walk.go(1)
    assert walk.state is State.FINISHED


def test_s12_a_resume_that_fails_ends_the_walk_and_keeps_it() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.resume()
    walk.link(up=False)
    assert walk.state is State.FINISHED
    assert walk.events[-2:] == [Told.START_FAILED, Told.FINISHED]


def test_s12_a_pause_that_is_ignored_becomes_a_stop() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.pause()
    walk.go(8)
    assert walk.kinds[-1] is PAUSE
    walk.go(1)
    assert walk.kinds[-1] is STOP
    assert walk.state is State.STOPPING


def test_s12_a_pause_that_is_declined_becomes_a_stop_at_once() -> None:
    walk = SessionRun()
    walk.begin()
    walk.obeys = False
    walk.pause()
    walk.fails(PAUSE)
    assert walk.kinds[-1] is STOP


def test_s12_a_pause_that_works_though_nobody_said_so_is_one() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.go(1)
    walk.fails(PAUSE)
    walk.go(8)
    assert walk.state is State.PAUSED
    walk.fails(PAUSE)
    assert walk.state is State.PAUSED


def test_s12_a_belt_that_coasts_for_long_is_still_pausing() -> None:
    walk = SessionRun(coast=0.05)
    walk.begin()
    walk.pause()
    walk.go(25)
    assert walk.state is State.PAUSED
    assert STOP not in walk.kinds


def test_pausing_needs_a_walk() -> None:
    for state in (State.IDLE, State.READY, State.STARTING, State.PAUSED, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).pause) is Refusal.NOTHING_TO_PAUSE
    walk = at(State.MANUAL)
    walk.pause()
    assert walk.state is State.PAUSED


def test_resuming_needs_something_to_resume() -> None:
    for state in (State.IDLE, State.STARTING, State.ACTIVE, State.STOPPING, State.INTERRUPTED):
        assert refusal(at(state).resume) is Refusal.NOTHING_TO_RESUME


# S14: Home Assistant has to go


def test_s14_a_steered_belt_is_slowed_to_the_minimum_and_stopped_in_time() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(3.0, by_person=True)
    walk.go(150)
    walk.forget()
    walk.wind_down()
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    assert walk.session.controls_belt
    assert refusal(walk.session.set_speed, 2.0, by_person=True) is Refusal.NOT_STEERING
    walk.wind_down()
    walk.go(15)
    assert walk.sent[0][1] == Command(CommandKind.SET_SPEED, 1.0)
    assert walk.kinds.count(CommandKind.SET_SPEED) == 1
    assert walk.sent[1][1] == Command(STOP)
    assert walk.sent[1][0] - begun <= 10
    assert walk.treadmill.at_rest
    assert not walk.session.controls_belt
    assert walk.data(Told.COOLING_DOWN) == {"reason": "shutdown"}
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_does_not_slow_down_is_stopped_all_the_same() -> None:
    walk = at(State.ACTIVE)
    walk.session.set_speed(3.0, by_person=True)
    walk.go(150)
    walk.obeys = False
    walk.wind_down()
    walk.forget()
    walk.go(9.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.kinds == [STOP]


def test_s14_a_belt_at_the_minimum_is_stopped_without_slowing() -> None:
    walk = at(State.ACTIVE)
    walk.forget()
    walk.wind_down()
    walk.go(8)
    assert set(walk.kinds) == {STOP}
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("state", [State.READY, State.COUNTDOWN])
def test_s14_what_is_being_prepared_ends(state: State) -> None:
    walk = at(state)
    walk.wind_down()
    assert walk.state is State.IDLE
    assert walk.sent == []
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}


def test_s14_a_belt_that_is_starting_is_stopped() -> None:
    walk = at(State.STARTING)
    walk.wind_down()
    assert walk.kinds == [START, STOP]
    assert walk.session.controls_belt


def test_s14_a_belt_that_falls_silent_while_we_wind_down_is_stopped_without_waiting_for_it() -> None:
    walk = at(State.COOL_DOWN)
    walk.deaf = True
    walk.forget()
    walk.go(3)
    assert walk.kinds == [STOP]  # it took 10 s
    assert walk.state is State.STOPPING


@pytest.mark.parametrize("state", [State.STARTING, State.WARM_UP, State.ACTIVE])
def test_s14_a_belt_of_ours_whose_link_was_just_lost_is_told_to_stop_and_the_walker_that_it_is_not(
    state: State,
) -> None:
    walk = at(state)
    walk.link(up=False)
    walk.forget()
    assert walk.state is State.INTERRUPTED
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.kinds == [STOP]  # the link keeps it, and sends it first when it is back
    assert walk.events == [Told.STOP_FAILED]
    assert walk.session.controls_belt
    walk.fails(STOP)
    walk.link(up=True)
    walk.treadmill.stop()  # the kept one
    walk.go(8)
    assert walk.events == [Told.STOP_FAILED, Told.STOPPED]
    assert walk.data(Told.STOPPED) == {"reason": "shutdown"}
    assert not walk.session.controls_belt


def test_s14_a_belt_whose_console_was_used_while_it_was_not_heard_is_not_touched() -> None:
    walk = at(State.ACTIVE)
    walk.deaf = True
    walk.go(6)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.4)
    walk.link(up=False)
    walk.forget()
    assert not walk.session.controls_belt
    walk.wind_down()
    assert walk.sent == []


def test_s14_a_belt_of_the_console_whose_link_was_lost_is_not_touched() -> None:
    walk = at(State.MANUAL)
    walk.link(up=False)
    walk.forget()
    assert walk.state is State.INTERRUPTED
    assert not walk.session.controls_belt
    walk.wind_down()
    assert (walk.state, walk.sent, walk.told) == (State.INTERRUPTED, [], [])


@pytest.mark.parametrize("state", [State.IDLE, State.MANUAL, State.PAUSED, State.FINISHED])
def test_s14_what_is_not_ours_is_not_touched(state: State) -> None:
    walk = at(state)
    walk.forget()
    assert not walk.session.controls_belt
    walk.wind_down()
    assert walk.state is state
    assert walk.sent == []


def test_s14_a_belt_that_we_steered_and_do_not_hear_any_more_is_stopped() -> None:
    walk = at(State.ACTIVE)
    walk.deaf = True
    walk.go(6)
    assert walk.state is State.INTERRUPTED
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.kinds[-1] is STOP
    assert walk.state is State.STOPPING


def test_s14_a_belt_that_coasts_into_our_pause_is_stopped() -> None:
    walk = at(State.ACTIVE)
    walk.pause()
    assert walk.session.controls_belt
    walk.wind_down()
    assert walk.kinds[-1] is STOP


def test_s14_a_console_that_wins_while_we_wind_down_keeps_the_belt() -> None:
    walk = at(State.COOL_DOWN)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.4)
    assert walk.state is State.MANUAL
    walk.forget()
    walk.go(20)
    assert walk.sent == []


def test_s14_a_belt_that_comes_to_rest_while_we_wind_down_has_stopped() -> None:
    walk = at(State.COOL_DOWN)
    walk.tells_events = False
    walk.deaf = True
    for _ in range(3):
        walk.go(1)
        walk.hear(belt=BeltState.AT_REST, speed=0.0)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}


def test_s14_link_loss_while_we_wind_down_leaves_a_stop_behind() -> None:
    walk = at(State.COOL_DOWN)
    walk.forget()
    walk.link(up=False)
    assert walk.kinds == [STOP]
    assert walk.events == [Told.INTERRUPTED]
    assert walk.state is State.STOPPING


# S16: raising needs a person


def test_s16_only_a_person_raises() -> None:
    walk = SessionRun()
    walk.begin()
    session = walk.session
    assert refusal(session.set_speed, 1.5, by_person=False) is Refusal.NEEDS_PERSON
    assert refusal(session.set_incline, 1.0, by_person=False) is Refusal.NEEDS_PERSON
    session.set_speed(2.0, by_person=True)
    session.set_incline(2.0, by_person=True)
    assert session.set_speed(1.5, by_person=False) == 1.5
    assert session.set_speed(1.5, by_person=False) == 1.5
    assert session.set_incline(1.0, by_person=False) == 1.0
    assert (session.target_speed, session.target_incline) == (1.5, 1.0)


def test_s16_no_incline_is_wished_where_there_is_none() -> None:
    walk = SessionRun(rules(incline=None))
    walk.begin()
    assert walk.session.target_incline is None
    assert refusal(walk.session.set_incline, 1.0, by_person=True) is Refusal.NOT_STEERING


# S18: the deck


def tilted(percent: float) -> SessionRun:
    walk = SessionRun()
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(1)
    return walk


def test_s18_a_deck_above_the_limit_is_not_started() -> None:
    walk = tilted(4.0)
    walk.start()
    assert refusal(walk.start) is Refusal.DECK_TOO_HIGH
    assert walk.sent == []


def test_s18_nor_one_that_is_raised_in_the_countdown() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.tells_events = False
    walk.treadmill.press_incline(5.0)
    walk.go(20)
    assert walk.sent == []
    assert walk.data(Told.START_FAILED) == {"reason": "deck_too_high"}


def test_s18_a_console_start_with_a_steep_deck_is_watched_only() -> None:
    walk = tilted(4.0)
    walk.start()
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.DECK_TOO_HIGH


def test_s18_a_deck_below_the_limit_is_lowered_first() -> None:
    walk = tilted(2.0)
    walk.begin()
    walk.session.set_speed(1.2, by_person=True)
    walk.go(60)
    assert [percent for _, percent in walk.inclines] == [1.5, 1.0, 0.5, 0.0]
    assert walk.speeds[1][0] > walk.inclines[-1][0]


def test_s13_a_decline_that_comes_late_does_not_keep_a_steep_belt_from_being_slowed() -> None:
    walk = SessionRun(linked=True)
    walk.begin()
    walk.session.set_incline(1.0, by_person=True)
    walk.go(60)
    assert walk.inclines
    walk.treadmill.press_incline(5.0)
    walk.go(15)
    assert walk.state is State.MANUAL
    walk.session.finish(walk.now)
    assert walk.state is State.COOL_DOWN  # the deck is left as it is
    walk.fails(CommandKind.SET_INCLINE, 1.0)
    walk.go(60)
    assert walk.kinds[-1] is CommandKind.STOP
    assert walk.treadmill.at_rest


# And the rest


def test_a_command_that_is_declined_gives_up_the_wish() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.fails(CommandKind.SET_SPEED, 1.1)
    assert walk.session.target_speed == 1.0
    walk.forget()
    walk.go(30)
    assert walk.sent == []
    walk.stop()
    walk.fails(CommandKind.SET_SPEED, 1.1)
    assert walk.state is State.STOPPING


def test_the_odometer_counts_one_walk_and_begins_anew_with_the_next() -> None:
    walk = SessionRun()
    walk.begin()
    walk.go(60)
    walk.stop()
    walk.go(10)
    first = walk.session.odometer
    assert first.moving_time > 60
    assert first.distance == pytest.approx(walk.treadmill.distance, abs=1.5)
    walk.begin()
    assert walk.session.odometer is not first
    assert walk.session.odometer.moving_time < 20


def test_a_belt_that_nobody_heard_of_may_be_anything() -> None:
    session = SessionController(rules())
    assert not session.belt_may_move
    assert not session.controls_belt
    assert (session.target_speed, session.target_incline) == (None, None)
    assert session.limits.speed == ValueRange(SPEEDS.minimum, 3.0, SPEEDS.step)
    session.tick(5.0)
    assert session.drain() == []


def test_s7_a_stop_at_the_console_ends_a_pause() -> None:
    walk = SessionRun()
    walk.paused()
    walk.forget()
    walk.treadmill.press_stop()
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}
    assert walk.kinds == []
    walk.go(10)
    with pytest.raises(RefusedError):
        walk.resume()


@pytest.mark.parametrize("control", [True, False])
def test_s7_so_does_one_while_the_belt_comes_to_rest(control: bool) -> None:
    walk = SessionRun(rules(control=control), coast=0.05)
    walk.treadmill.press_start()
    walk.go(20)
    walk.treadmill.press_pause()
    walk.go(1)
    assert (walk.state, walk.treadmill.at_rest) == (State.PAUSED, False)
    walk.forget()
    walk.treadmill.press_stop()
    walk.go(40)
    assert walk.state is State.FINISHED
    assert walk.data(Told.STOPPED) == {"reason": "console"}
    assert (walk.kinds == []) is not control  # while only watching nothing is ever sent


def test_s7_a_machine_that_calls_our_pause_a_stop_stays_paused() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.STOPPED)
    walk.go(8)
    walk.event(MachineEventKind.RESET)
    assert walk.state is State.PAUSED


def test_s7_one_that_has_called_it_a_pause_means_a_hand_by_its_stop() -> None:
    walk = SessionRun(coast=5.0)
    walk.begin()
    walk.pause()
    walk.event(MachineEventKind.PAUSED)
    walk.go(3)
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.FINISHED


def found(**changes: Any) -> RecoveredSession:
    known = {"request": SessionRequest(walker="anna", length=300.0, speed=2.0), "walked": 100.0, "planned": True}
    return RecoveredSession(**{**known, **changes})


def test_s12_a_pause_from_before_a_restart_is_resumed_with_its_course() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=100.0), walk.now)
    walk.go(5)
    assert (walk.state, walk.session.walker, walk.session.moving_time) == (State.PAUSED, "anna", 100.0)
    assert walk.session.paused_for(walk.now) == 105.0
    assert walk.kinds == []
    walk.resume()
    walk.resume()
    assert walk.session.paused_for(walk.now) == 105.0
    walk.go(30)
    assert walk.session.paused_for(walk.now) is None
    assert walk.state is State.ACTIVE
    assert walk.data(Told.RESUMED) == {}
    walk.go(200)
    assert walk.state is State.FINISHED
    assert walk.session.moving_time == pytest.approx(300, abs=5)


def test_s12_the_five_minutes_of_a_pause_go_on_over_a_restart() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=290.0), walk.now)
    walk.go(9)
    assert walk.state is State.PAUSED
    walk.go(3)
    assert walk.state is State.FINISHED
    assert walk.data(Told.FINISHED) == {"reason": "paused_too_long"}


def test_s19_who_walks_on_after_a_restart_hears_at_once_and_each_minute_that_nobody_coaches() -> None:
    walk = SessionRun()
    walk.session.restore(found(), walk.now)
    walk.treadmill.press_start()
    began = walk.now
    walk.go(130)
    told = [when - began for when, event in walk.told if event.data.get("reason") == "no_coach"]
    assert told == pytest.approx([0, 60, 120], abs=1)
    assert Told.BELT_WITHOUT_SESSION not in walk.events
    assert walk.kinds == []


def test_s19_where_nobody_ever_coached_nobody_is_missed() -> None:
    walk = SessionRun(rules(control=False))
    walk.session.restore(found(coached=False), walk.now)
    walk.treadmill.press_start()
    walk.go(70)
    assert not [event for _, event in walk.told if event.data.get("reason") == "no_coach"]


def test_s19_a_pause_that_turns_out_to_be_another_session_is_forgotten_without_a_word() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=100.0), walk.now)
    walk.treadmill.press_start()
    walk.go(10)
    walk.forget()
    walk.session.discard_restored(walk.now)
    walk.collect()
    assert walk.told == []
    walk.go(2)
    assert (walk.state, walk.session.direction, walk.session.walker) == (State.MANUAL, Direction.FORWARD, None)
