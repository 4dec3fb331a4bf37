"""The first seconds of a belt that begins to move: at the minimum, whatever its machine does (safety rule S12)."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, CommandKind, MachineEventKind
from custom_components.retrowalk.training.belt.odometer import Counter
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import OwnerLimits
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState
Told = SessionEventKind

MACHINES: Mapping[str, dict[str, Any]] = {
    "at_the_minimum": {},
    "at_its_last_speed": {"resumes_at_last_speed": True},
    "at_its_last_speed_and_fast": {"resumes_at_last_speed": True, "acceleration": 1.0},
    "and_declines_stop_in_a_pause": {
        "resumes_at_last_speed": True,
        "acceleration": 1.0,
        "keeps_session_in_pause": True,
    },
    "after_a_while": {
        "resumes_at_last_speed": True,
        "acceleration": 1.0,
        "keeps_session_in_pause": True,
        "resume_delay": 4.0,
    },
    "after_a_long_while": {"starts_at_last_speed": True, "acceleration": 1.0, "resume_delay": 9.0},
    "deaf_at_first": {
        "resumes_at_last_speed": True,
        "acceleration": 1.0,
        "keeps_session_in_pause": True,
        "deaf_after_start": 1.5,
    },
    "even_after_a_stop": {"starts_at_last_speed": True, "acceleration": 1.0},
    "even_after_a_stop_and_deaf": {"starts_at_last_speed": True, "acceleration": 0.5, "deaf_after_start": 2.0},
    "only_anew": {"starts_only_anew": True},
}


def machine(habits: Mapping[str, Any], **changes: Any) -> SessionRun:
    """A walk on a machine with these habits."""
    habits = dict(habits)
    profile = {"acceleration": habits.pop("acceleration")} if "acceleration" in habits else {}
    walk = SessionRun(rules(**changes), **profile)
    for name, value in habits.items():
        assert hasattr(walk.treadmill, name)
        setattr(walk.treadmill, name, value)
    return walk


def walked_at(walk: SessionRun, kmh: float) -> SessionRun:
    """A backward walk at a speed."""
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=1200.0, speed=kmh))
    walk.start()
    walk.go(27)
    walk.session.set_speed(kmh, caller=Caller.PERSON)
    walk.go(6 + 55 * (kmh - 1.0))
    assert walk.treadmill.speed == pytest.approx(kmh)
    return walk


def resumed(walk: SessionRun) -> None:
    """Paused by us, resumed by both acts; until the belt begins to move."""
    if walk.state is not State.PAUSED:
        walk.pause()
        walk.go(12)
    walk.resume()
    walk.go(3)
    walk.resume()
    until_moving(walk)


def until_moving(walk: SessionRun) -> None:
    for _ in range(100):
        walk.go(0.5)
        if walk.treadmill.speed > 0:
            return
    raise AssertionError(f"did not move: {walk.state}")


def watch(walk: SessionRun, seconds: float) -> list[float]:
    """The belt's speeds of so many seconds, each half second."""
    speeds = [walk.treadmill.speed]
    for _ in range(round(seconds * 2)):
        walk.go(0.5)
        speeds.append(walk.treadmill.speed)
    return speeds


def longest_above(speeds: list[float], kmh: float) -> float:
    """Seconds for which it was faster than that without a break."""
    longest = now = 0.0
    for speed in speeds:
        now = now + 0.5 if speed > kmh + 1e-6 else 0.0
        longest = max(longest, now)
    return longest


@pytest.mark.parametrize("name", MACHINES)
def test_s12_the_first_ten_seconds_after_a_resume_are_at_the_minimum(name: str) -> None:
    walk = walked_at(machine(MACHINES[name]), 3.0)
    resumed(walk)
    walk.clear_log()
    speeds = watch(walk, 12)
    peak = max(speeds)
    assert walk.state in {State.WARM_UP, State.ACTIVE}
    assert peak <= 3.0
    assert longest_above(speeds, 1.1) <= 4.0
    assert {kmh for _, kmh in walk.speeds} <= {1.0}


# Whatever the machine does


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    resumes=st.booleans(),
    starts=st.booleans(),
    keeps=st.booleans(),
    acceleration=st.sampled_from([0.25, 0.5, 1.0, 2.0]),
    delay=st.sampled_from([0.0, 0.0, 1.0, 3.0, 6.0, 9.0]),
    deaf=st.sampled_from([0.0, 0.0, 0.5, 1.5, 3.0]),
    before=st.floats(1.0, 9.0).map(lambda kmh: round(kmh, 1)),
    countdown=st.sampled_from([1.0, 3.0, 6.0]),
    tells=st.booleans(),
)
def test_s12_after_any_resume_the_belt_is_at_the_minimum_or_is_stopped(
    resumes: bool,
    starts: bool,
    keeps: bool,
    acceleration: float,
    delay: float,
    deaf: float,
    before: float,
    countdown: float,
    tells: bool,
) -> None:
    walk = SessionRun(rules(), acceleration=acceleration, countdown=countdown, coast=1.0)
    treadmill = walk.treadmill
    treadmill.resumes_at_last_speed, treadmill.starts_at_last_speed = resumes, starts
    treadmill.keeps_session_in_pause, treadmill.resume_delay = keeps, delay
    walk.begin()
    treadmill.press_speed(before)  # a hand on the console, and a pause there
    treadmill.speed = before
    walk.go(3)
    treadmill.press_pause()
    walk.go(14)
    walk.reports_events = tells
    treadmill.deaf_after_start = deaf
    resumed(walk)
    walk.clear_log()
    speeds = watch(walk, max(delay, 0) + 12)
    # What it gains until it hears us, and what it then needs to come down again.
    ceiling = 3.0
    heard = max(deaf, 1.0) + 1.5
    peak = min(before, 1.0 + acceleration * heard)
    assert longest_above(speeds, 1.1) <= heard + (peak - 1.0) / min(acceleration, treadmill.profile.coast) + 2.0
    assert max(speeds) <= max(ceiling, 1.0) + acceleration * 1.5 + 0.3
    assert not [kmh for _, kmh in walk.speeds if kmh > 1.1]
    assert Told.MANUAL not in walk.event_kinds
    if walk.state not in {State.WARM_UP, State.ACTIVE}:
        assert walk.data(Told.NOT_OBEYED)["what"] == "speed"
        walk.go(20)
        assert treadmill.at_rest


@pytest.mark.parametrize("console", [False, True])
def test_s12_a_console_that_was_at_eight_is_not_resumed_to(console: bool) -> None:
    walk = walked_at(machine({"resumes_at_last_speed": True, "acceleration": 1.0}), 2.0)
    walk.treadmill.press_speed(8.0)
    walk.go(20)
    assert walk.treadmill.speed == 8.0
    walk.treadmill.press_pause()
    walk.go(30)
    assert walk.state is State.PAUSED
    if console:  # its own Start confirms what was made ready
        walk.resume()
        walk.go(3)
        walk.treadmill.press_start()
        until_moving(walk)
    else:
        resumed(walk)
    assert max(watch(walk, 12)) <= 1.1
    assert walk.state is State.ACTIVE


@pytest.mark.parametrize("name", ["even_after_a_stop", "even_after_a_stop_and_deaf", "after_a_long_while"])
def test_s12_a_first_start_does_not_go_to_the_speed_of_the_session_before(name: str) -> None:
    walk = walked_at(machine(MACHINES[name]), 3.0)
    walk.stop()
    walk.go(30)
    walk.count_down()
    until_moving(walk)
    speeds = watch(walk, 9)
    assert max(speeds) <= 1.0 + 1e-6 if name == "even_after_a_stop" else max(speeds) <= 2.0
    assert walk.state is State.WARM_UP


def test_s12_a_belt_that_does_not_come_down_after_a_pause_is_stopped_and_it_is_said_why() -> None:
    walk = walked_at(machine({"starts_at_last_speed": True, "acceleration": 0.5}), 1.5)
    walk.treadmill.deaf_after_start = 60.0
    resumed(walk)
    walk.clear_log()
    walk.go(14)
    assert walk.event_kinds[:1] == [Told.NOT_OBEYED]
    assert walk.data(Told.NOT_OBEYED) == {"finding": "overshoot", "what": "speed"}
    assert CommandKind.STOP in walk.command_kinds
    assert len(walk.speeds) >= 8  # it was told again and again
    walk.go(10)
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "not_obeyed"}


def test_s4_s12_a_belt_that_resumes_beyond_the_ceiling_is_stopped_at_once() -> None:
    habits = {"starts_at_last_speed": True, "acceleration": 1.0}
    walk = walked_at(machine(habits, owner=OwnerLimits(backward_speed=2.0)), 2.0)
    walk.treadmill.deaf_after_start = 60.0
    walk.treadmill.press_speed(6.0)
    walk.go(10)
    walk.stop()
    walk.go(30)
    walk.count_down()
    until_moving(walk)
    walk.clear_log()
    assert max(watch(walk, 10)) <= 2.6
    assert walk.data(Told.NOT_OBEYED) == {"finding": "overshoot", "what": "speed"}
    assert CommandKind.STOP in walk.command_kinds


def test_s12_a_resumed_belt_that_reports_every_three_seconds_is_waited_for() -> None:
    habits = {"starts_at_last_speed": True, "acceleration": 0.2}
    walk = walked_at(machine(habits, owner=OwnerLimits(backward_speed=5.0)), 3.0)
    walk.treadmill.press_speed(5.0)
    walk.go(10)
    walk.pause()
    walk.go(20)
    walk.treadmill.deaf_after_start = 12.0
    resumed(walk)
    walk.treadmill.speed = 4.5
    walk.treadmill.deaf_after_start = 0.0
    walk.muted = True
    walk.go(1)
    for _ in range(12):
        walk.muted = False
        walk.go(0.5)
        walk.muted = True
        walk.go(2.5)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert Told.NOT_OBEYED not in walk.event_kinds


def test_s12_a_belt_that_is_slow_to_come_down_is_waited_for() -> None:
    walk = walked_at(machine({"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 0.1}), 3.0)
    walk.pause()
    walk.go(10)
    walk.treadmill.deaf_after_start = 20.0
    resumed(walk)
    walk.treadmill.speed = 2.5  # it did not come up so slowly
    walk.treadmill.deaf_after_start = 0.0
    walk.clear_log()
    walk.go(22)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.state is State.ACTIVE
    assert Told.NOT_OBEYED not in walk.event_kinds


def test_s12_what_the_machine_tells_of_its_own_start_is_no_hand_on_the_console() -> None:
    habits = {"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 1.0}
    walk = walked_at(machine(habits), 3.0)
    walk.pause()
    walk.go(10)
    walk.treadmill.deaf_after_start = 1.0
    resumed(walk)
    walk.event(MachineEventKind.SPEED_CHANGED, 3.0)
    walk.go(5)
    assert walk.state is State.ACTIVE
    assert walk.treadmill.speed == 1.0
    walk.event(MachineEventKind.INCLINE_CHANGED, None)
    assert walk.state is State.ACTIVE
    walk.event(MachineEventKind.SPEED_CHANGED, 1.3)
    assert walk.state is State.MANUAL


def test_s12_a_minimum_that_is_declined_is_told_again() -> None:
    habits = {"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 1.0}
    walk = walked_at(machine(habits), 3.0)
    walk.obeys = True
    walk.pause()
    walk.go(20)
    walk.resume()
    walk.resume()
    walk.go(18)
    walk.obeys = False
    until_moving(walk)
    walk.fail_command(CommandKind.SET_SPEED, 1.0)
    walk.obeys = True
    assert max(watch(walk, 12)) <= 2.5
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.session.target_speed == pytest.approx(3.0)


def test_s12_a_belt_that_starts_below_the_minimum_is_told_it_once_more() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15)
    walk.treadmill.starts_at = 0.5
    walk.treadmill.deaf_after_start = 3.0
    walk.go(15)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.0]
    assert walk.treadmill.speed == 1.0


# The machine's own session


def sessions_ended(walk: SessionRun) -> int:
    return walk.command_kinds.count(CommandKind.END_SESSION)


def test_s12_the_machines_own_session_is_ended_before_the_start_and_nothing_is_lost() -> None:
    walk = walked_at(SessionRun(), 2.0)
    walk.pause()
    walk.go(10)
    counted = walk.session.odometer.distance
    assert counted > 20
    assert sessions_ended(walk) == 0  # a pause may still be ended at the console
    resumed(walk)
    assert sessions_ended(walk) == 1
    assert walk.treadmill.distance < 1
    walk.go(60)
    assert walk.session.odometer.distance == pytest.approx(counted + walk.treadmill.distance, abs=1)


def test_s12_a_machine_that_declines_to_end_its_session_is_asked_again_and_resumed() -> None:
    walk = walked_at(machine({"keeps_session_in_pause": True}), 2.0)
    resumed(walk)
    assert sessions_ended(walk) == 2
    assert Told.STOP_FAILED not in walk.event_kinds
    assert Told.RESUMED in walk.event_kinds


@pytest.mark.parametrize(
    "kind",
    [
        MachineEventKind.STOPPED,
        MachineEventKind.PAUSED,
        MachineEventKind.RESET,
        MachineEventKind.SPEED_CHANGED,
    ],
)
def test_s12_the_echo_of_an_ended_machine_session_is_no_hand_on_its_console(kind: MachineEventKind) -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.event(kind)
    assert walk.state is State.READY
    walk.fail_command(CommandKind.END_SESSION)
    walk.resume()
    walk.event(kind)
    assert walk.state is State.COUNTDOWN
    walk.event(kind)  # it says it once
    assert walk.state is not State.COUNTDOWN


def test_s2_a_stop_at_the_console_in_the_countdown_of_a_resume_ends_it() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.go(3)
    walk.resume()
    walk.event(MachineEventKind.STOPPED)
    assert walk.state is State.FINISHED


def test_s12_a_machine_that_says_pre_workout_at_rest_is_not_about_to_move() -> None:
    walk = SessionRun()
    walk.paused()
    walk.resume()
    walk.reports["belt"] = BeltState.COUNTDOWN
    walk.go(3)
    walk.resume()
    walk.go(14)
    assert walk.state is State.COUNTDOWN
    walk.go(2)
    assert walk.state is State.STARTING
    del walk.reports["belt"]
    walk.go(12)
    assert walk.state is State.WARM_UP


def test_s12_a_link_that_was_away_when_it_was_made_ready_ends_it_before_the_countdown() -> None:
    walk = SessionRun()
    walk.paused()
    walk.link(up=False)
    walk.resume()
    assert sessions_ended(walk) == 0
    walk.link(up=True)
    walk.go(3)
    walk.resume()
    assert walk.state is State.COUNTDOWN
    assert sessions_ended(walk) == 1


def test_s12_a_coarse_counter_that_begins_anew_loses_nothing() -> None:
    counter = Counter()
    for second, value in enumerate([0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 10, 20]):
        counter.update(value, float(second))
    assert counter.total == 30
    counter = Counter()
    for second, value in enumerate([0, 10, 0, 0, 0, 10, 20]):  # a few frames of zeros, as some machines send them
        counter.update(value, float(second))
    assert counter.total == 20
