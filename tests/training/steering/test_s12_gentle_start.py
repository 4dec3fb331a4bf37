"""The first seconds of a belt that begins to move: at the minimum on every machine (safety rule S12)."""

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
EventKind = SessionEventKind

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
    """Return a session on a machine that behaves like this."""
    habits = dict(habits)
    profile = {"acceleration": habits.pop("acceleration")} if "acceleration" in habits else {}
    run = SessionRun(rules(**changes), **profile)
    for name, value in habits.items():
        assert hasattr(run.treadmill, name)
        setattr(run.treadmill, name, value)
    return run


def run_at(run: SessionRun, kmh: float) -> SessionRun:
    """Return a backward session at a speed."""
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=1200.0, speed=kmh))
    run.start()
    run.go(27)
    run.session.set_speed(kmh, caller=Caller.PERSON)
    run.go(6 + 55 * (kmh - 1.0))
    assert run.treadmill.speed == pytest.approx(kmh)
    return run


def resumed(run: SessionRun) -> None:
    """Pause, prepare and confirm again, and wait until the belt begins to move."""
    if run.state is not State.PAUSED:
        run.pause()
        run.go(12)
    run.resume()
    run.go(3)
    run.resume()
    until_moving(run)


def until_moving(run: SessionRun) -> None:
    for _ in range(100):
        run.go(0.5)
        if run.treadmill.speed > 0:
            return
    raise AssertionError(f"did not move: {run.state}")


def watch(run: SessionRun, seconds: float) -> list[float]:
    """Return the speeds of the belt over these seconds, one each half second."""
    speeds = [run.treadmill.speed]
    for _ in range(round(seconds * 2)):
        run.go(0.5)
        speeds.append(run.treadmill.speed)
    return speeds


def longest_above(speeds: list[float], kmh: float) -> float:
    """Return the longest time (s) without a break above this speed."""
    longest = now = 0.0
    for speed in speeds:
        now = now + 0.5 if speed > kmh + 1e-6 else 0.0
        longest = max(longest, now)
    return longest


@pytest.mark.parametrize("name", MACHINES)
def test_s12_the_first_ten_seconds_after_a_resume_are_at_the_minimum(name: str) -> None:
    run = run_at(machine(MACHINES[name]), 3.0)
    resumed(run)
    run.clear_log()
    speeds = watch(run, 12)
    peak = max(speeds)
    assert run.state in {State.WARM_UP, State.ACTIVE}
    assert peak <= 3.0
    assert longest_above(speeds, 1.1) <= 4.0
    assert {kmh for _, kmh in run.speeds} <= {1.0}


# Every machine


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
    reports_events=st.booleans(),
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
    reports_events: bool,
) -> None:
    run = SessionRun(rules(), acceleration=acceleration, countdown=countdown, coast=1.0)
    treadmill = run.treadmill
    treadmill.resumes_at_last_speed, treadmill.starts_at_last_speed = resumes, starts
    treadmill.keeps_session_in_pause, treadmill.resume_delay = keeps, delay
    run.begin()
    treadmill.press_speed(before)  # a speed key on the console, and a pause there
    treadmill.speed = before
    run.go(3)
    treadmill.press_pause()
    run.go(14)
    run.reports_events = reports_events
    treadmill.deaf_after_start = deaf
    resumed(run)
    run.clear_log()
    speeds = watch(run, max(delay, 0) + 12)
    # The belt speeds up until it receives our command, and then needs time to slow down again.
    ceiling = 3.0
    obeying_after = max(deaf, 1.0) + 1.5
    peak = min(before, 1.0 + acceleration * obeying_after)
    assert longest_above(speeds, 1.1) <= obeying_after + (peak - 1.0) / min(acceleration, treadmill.profile.coast) + 2.0
    assert max(speeds) <= max(ceiling, 1.0) + acceleration * 1.5 + 0.3
    assert not [kmh for _, kmh in run.speeds if kmh > 1.1]
    assert EventKind.MANUAL not in run.event_kinds
    if run.state not in {State.WARM_UP, State.ACTIVE}:
        assert run.data(EventKind.NOT_OBEYED)["what"] == "speed"
        run.go(20)
        assert treadmill.at_rest


@pytest.mark.parametrize("console", [False, True])
def test_s12_a_console_that_was_at_eight_is_not_resumed_to(console: bool) -> None:
    run = run_at(machine({"resumes_at_last_speed": True, "acceleration": 1.0}), 2.0)
    run.treadmill.press_speed(8.0)
    run.go(20)
    assert run.treadmill.speed == 8.0
    run.treadmill.press_pause()
    run.go(30)
    assert run.state is State.PAUSED
    if console:  # its own Start confirms the prepared session
        run.resume()
        run.go(3)
        run.treadmill.press_start()
        until_moving(run)
    else:
        resumed(run)
    assert max(watch(run, 12)) <= 1.1
    assert run.state is State.ACTIVE


@pytest.mark.parametrize("name", ["even_after_a_stop", "even_after_a_stop_and_deaf", "after_a_long_while"])
def test_s12_a_first_start_does_not_go_to_the_speed_of_the_session_before(name: str) -> None:
    run = run_at(machine(MACHINES[name]), 3.0)
    run.stop()
    run.go(30)
    run.count_down()
    until_moving(run)
    speeds = watch(run, 9)
    assert max(speeds) <= 1.0 + 1e-6 if name == "even_after_a_stop" else max(speeds) <= 2.0
    assert run.state is State.WARM_UP


def test_s12_a_belt_that_does_not_come_down_after_a_pause_is_stopped_and_it_is_said_why() -> None:
    run = run_at(machine({"starts_at_last_speed": True, "acceleration": 0.5}), 1.5)
    run.treadmill.deaf_after_start = 60.0
    resumed(run)
    run.clear_log()
    run.go(14)
    assert run.event_kinds[:1] == [EventKind.NOT_OBEYED]
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "overshoot", "what": "speed"}
    assert CommandKind.STOP in run.command_kinds
    assert len(run.speeds) >= 8  # it was sent repeatedly
    run.go(10)
    assert run.treadmill.at_rest
    assert run.data(EventKind.STOPPED) == {"reason": "not_obeyed"}


def test_s4_s12_a_belt_that_resumes_beyond_the_ceiling_is_stopped_at_once() -> None:
    habits = {"starts_at_last_speed": True, "acceleration": 1.0}
    run = run_at(machine(habits, owner=OwnerLimits(backward_speed=2.0)), 2.0)
    run.treadmill.deaf_after_start = 60.0
    run.treadmill.press_speed(6.0)
    run.go(10)
    run.stop()
    run.go(30)
    run.count_down()
    until_moving(run)
    run.clear_log()
    assert max(watch(run, 10)) <= 2.6
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "overshoot", "what": "speed"}
    assert CommandKind.STOP in run.command_kinds


def test_s12_a_resumed_belt_that_reports_every_three_seconds_is_waited_for() -> None:
    habits = {"starts_at_last_speed": True, "acceleration": 0.2}
    run = run_at(machine(habits, owner=OwnerLimits(backward_speed=5.0)), 3.0)
    run.treadmill.press_speed(5.0)
    run.go(10)
    run.pause()
    run.go(20)
    run.treadmill.deaf_after_start = 12.0
    resumed(run)
    run.treadmill.speed = 4.5
    run.treadmill.deaf_after_start = 0.0
    run.muted = True
    run.go(1)
    for _ in range(12):
        run.muted = False
        run.go(0.5)
        run.muted = True
        run.go(2.5)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert EventKind.NOT_OBEYED not in run.event_kinds


def test_s12_a_belt_that_is_slow_to_come_down_is_waited_for() -> None:
    run = run_at(machine({"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 0.1}), 3.0)
    run.pause()
    run.go(10)
    run.treadmill.deaf_after_start = 20.0
    resumed(run)
    run.treadmill.speed = 2.5  # it did not rise that slowly
    run.treadmill.deaf_after_start = 0.0
    run.clear_log()
    run.go(22)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert run.state is State.ACTIVE
    assert EventKind.NOT_OBEYED not in run.event_kinds


def test_s12_what_the_machine_tells_of_its_own_start_is_no_hand_on_the_console() -> None:
    habits = {"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 1.0}
    run = run_at(machine(habits), 3.0)
    run.pause()
    run.go(10)
    run.treadmill.deaf_after_start = 1.0
    resumed(run)
    run.event(MachineEventKind.SPEED_CHANGED, 3.0)
    run.go(5)
    assert run.state is State.ACTIVE
    assert run.treadmill.speed == 1.0
    run.event(MachineEventKind.INCLINE_CHANGED, None)
    assert run.state is State.ACTIVE
    run.event(MachineEventKind.SPEED_CHANGED, 1.3)
    assert run.state is State.MANUAL


def test_s12_a_minimum_that_is_declined_is_told_again() -> None:
    habits = {"resumes_at_last_speed": True, "keeps_session_in_pause": True, "acceleration": 1.0}
    run = run_at(machine(habits), 3.0)
    run.obeys = True
    run.pause()
    run.go(20)
    run.resume()
    run.resume()
    run.go(18)
    run.obeys = False
    until_moving(run)
    run.fail_command(CommandKind.SET_SPEED, 1.0)
    run.obeys = True
    assert max(watch(run, 12)) <= 2.5
    assert run.treadmill.speed == pytest.approx(1.0)
    assert run.session.target_speed == pytest.approx(3.0)


def test_s12_a_belt_that_starts_below_the_minimum_is_told_it_once_more() -> None:
    run = SessionRun()
    run.count_down()
    run.go(15)
    run.treadmill.starts_at = 0.5
    run.treadmill.deaf_after_start = 3.0
    run.go(15)
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.0]
    assert run.treadmill.speed == 1.0


# The machine's own session


def sessions_ended(run: SessionRun) -> int:
    return run.command_kinds.count(CommandKind.END_SESSION)


def test_s12_the_machines_own_session_is_ended_before_the_start_and_nothing_is_lost() -> None:
    run = run_at(SessionRun(), 2.0)
    run.pause()
    run.go(10)
    counted = run.session.odometer.distance
    assert counted > 20
    assert sessions_ended(run) == 0  # a pause may still be ended at the console
    resumed(run)
    assert sessions_ended(run) == 1
    assert run.treadmill.distance < 1
    run.go(60)
    assert run.session.odometer.distance == pytest.approx(counted + run.treadmill.distance, abs=1)


def test_s12_a_machine_that_declines_to_end_its_session_is_asked_again_and_resumed() -> None:
    run = run_at(machine({"keeps_session_in_pause": True}), 2.0)
    resumed(run)
    assert sessions_ended(run) == 2
    assert EventKind.STOP_FAILED not in run.event_kinds
    assert EventKind.RESUMED in run.event_kinds


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
    run = SessionRun()
    run.paused()
    run.resume()
    run.event(kind)
    assert run.state is State.READY
    run.fail_command(CommandKind.END_SESSION)
    run.resume()
    run.event(kind)
    assert run.state is State.COUNTDOWN
    run.event(kind)  # it reports it once
    assert run.state is not State.COUNTDOWN


def test_s2_a_stop_at_the_console_in_the_countdown_of_a_resume_ends_it() -> None:
    run = SessionRun()
    run.paused()
    run.resume()
    run.go(3)
    run.resume()
    run.event(MachineEventKind.STOPPED)
    assert run.state is State.FINISHED


def test_s12_a_machine_that_says_pre_workout_at_rest_is_not_about_to_move() -> None:
    run = SessionRun()
    run.paused()
    run.resume()
    run.reports["belt"] = BeltState.COUNTDOWN
    run.go(3)
    run.resume()
    run.go(14)
    assert run.state is State.COUNTDOWN
    run.go(2)
    assert run.state is State.STARTING
    del run.reports["belt"]
    run.go(12)
    assert run.state is State.WARM_UP


def test_s12_a_link_that_was_away_when_it_was_made_ready_ends_it_before_the_countdown() -> None:
    run = SessionRun()
    run.paused()
    run.link(up=False)
    run.resume()
    assert sessions_ended(run) == 0
    run.link(up=True)
    run.go(3)
    run.resume()
    assert run.state is State.COUNTDOWN
    assert sessions_ended(run) == 1


def test_s12_a_coarse_counter_that_begins_anew_loses_nothing() -> None:
    counter = Counter()
    for second, value in enumerate([0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 10, 20]):
        counter.update(value, float(second))
    assert counter.total == 30
    counter = Counter()
    for second, value in enumerate([0, 10, 0, 0, 0, 10, 20]):  # a few frames of zeros, as some machines send them
        counter.update(value, float(second))
    assert counter.total == 20
