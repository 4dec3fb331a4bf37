"""Stop steps that work on every machine and are repeated whatever the speed signal shows (S3)."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.belt.deceleration import DecelerationDetector
from custom_components.retrowalk.training.belt.stop_escalation import StopEscalation
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import CheckResult, Failure
from custom_components.retrowalk.training.events import SessionEventKind as EventKind
from custom_components.retrowalk.training.limits import Direction, Measured
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState as State
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.session_run import SessionRun, rules

STOP, PAUSE, SPEED = CommandKind.STOP, CommandKind.PAUSE, CommandKind.SET_SPEED
R3 = {"stop_only_at_rest": True, "reports_own_stops": True}
"""KingSmith R3: declines Stop while it moves and in its countdown; needs Pause, then Stop once it reports 0 km/h."""


def walking(faults: dict[str, Any] | None = None, *, at: float = 1.0, **profile: Any) -> SessionRun:
    """Return a session at a speed on a machine of this kind, with an empty log."""
    its_rules = profile.pop("its_rules", None)
    run = SessionRun(its_rules, **profile)
    walk_at(run, at)
    assert run.treadmill.speed == pytest.approx(at)
    run.faults.update(faults or {})
    run.clear_log()
    return run


def walk_at(run: SessionRun, kmh: float, interval: float = 0.5) -> None:
    """Begin a forward session, in which speed rises quickly, and bring the belt to a speed."""
    run.session.choose_direction(Direction.FORWARD)
    run.begin()
    run.session.set_speed(kmh, caller=Caller.PERSON)
    run.go(30, dt=interval)


def stop_steps(run: SessionRun) -> list[CommandKind]:
    """Return the stop steps that were sent, without repeats."""
    return [kind for kind, _ in itertools.groupby(command.kind for _, command in run.sent if command.stops)]


def until_rest(run: SessionRun, within: float = 20.0) -> float:
    """Let time pass until the session has seen the belt come to rest, and return how long that took."""
    began = run.now
    while run.state not in {State.IDLE, State.FINISHED}:
        run.go(0.5)
        assert run.now - began <= within, f"{run.state} at {run.treadmill.speed} km/h"
    assert run.treadmill.at_rest
    return run.now - began


# A machine that declines Stop


def test_s3_a_machine_that_declines_stop_while_it_moves_is_paused_at_once_and_its_session_ended_at_rest() -> None:
    run = walking(R3)
    run.stop()
    assert run.sent == [(run.now, Command(STOP)), (run.now, Command(PAUSE, urgent=True))]
    assert until_rest(run) <= 6
    assert stop_steps(run) == [STOP, PAUSE, STOP]
    assert run.treadmill.phase is Phase.IDLE
    assert EventKind.STOP_FAILED not in run.event_kinds


def test_s3_a_machine_that_declines_stop_in_its_countdown_is_paused_there() -> None:
    run = SessionRun(countdown=4.0)
    run.faults.update(R3)
    run.count_down()
    run.go(16.5)
    assert run.treadmill.phase is Phase.COUNTDOWN
    run.clear_log()
    run.stop()
    assert run.command_kinds == [STOP, PAUSE]
    until_rest(run)
    assert run.treadmill.distance == 0
    assert run.treadmill.phase is Phase.IDLE


def test_s3_a_machine_that_declines_stop_is_paused_while_only_watching_too() -> None:
    run = SessionRun(rules(control=False))
    run.faults.update(R3)
    run.treadmill.press_start()
    run.go(10)
    run.stop()
    assert run.command_kinds == [STOP, PAUSE]
    until_rest(run)
    assert run.treadmill.phase is Phase.IDLE


def test_s3_a_stop_on_a_belt_at_rest_is_declined_and_nothing_else_is_said() -> None:
    run = SessionRun()
    run.stop()
    run.go(10)
    assert (run.command_kinds, run.emitted) == ([STOP], [])


def test_s3_a_second_stop_that_a_coasting_machine_declines_climbs_no_rung() -> None:
    run = walking(at=2.0, coast=0.25)
    run.stop()
    run.go(0.5)
    run.stop()  # Operation Failed: it has stopped already
    until_rest(run)
    assert set(run.command_kinds) == {STOP}
    assert EventKind.STOP_FAILED not in run.event_kinds


def test_s3_a_stop_that_is_declined_because_the_console_stopped_it_just_now_climbs_no_rung() -> None:
    run = walking(at=2.0)
    run.treadmill.press_stop()
    until_rest(run)
    assert set(run.command_kinds) == {STOP}


def test_s3_where_pause_is_declined_too_the_belt_gets_slow_and_it_is_told() -> None:
    run = walking({"stop_only_at_rest": True, "pause_declined": True}, at=2.5)
    run.stop()
    assert run.command_kinds == [STOP, PAUSE]
    run.go(1)
    assert run.sent[-1] == (run.now, Command(SPEED, 1.0, urgent=True))
    run.go(12)
    assert run.treadmill.speed == 1.0
    assert run.state is State.STOPPING
    assert run.data(EventKind.STOP_FAILED) == {"reason": "not_obeyed"}
    assert run.event_kinds == [EventKind.STOP_FAILED]


def test_s3_a_machine_that_declines_everything_at_its_lowest_speed_is_told_within_three_seconds() -> None:
    run = walking({"stop_only_at_rest": True, "pause_declined": True})
    run.stop()
    run.go(3)
    assert run.data(EventKind.STOP_FAILED) == {"reason": "not_obeyed"}
    assert run.speeds == []  # it has that speed already
    assert stop_steps(run)[:4] == [STOP, PAUSE, STOP, PAUSE]  # and is sent further stops


def test_s8_no_target_speed_before_the_belt_moves() -> None:
    run = SessionRun(countdown=6.0)
    run.faults.update({"stop_only_at_rest": True, "pause_declined": True})
    run.count_down()
    run.go(16)
    run.stop()
    run.go(5)
    assert (run.speeds, run.event_kinds[-1]) == ([], EventKind.COUNTDOWN)


# A machine that accepts Stop and continues


def test_s3_a_machine_that_takes_three_stops_and_does_not_get_slower_in_four_seconds_is_paused() -> None:
    run = walking({"stop_alone_ignored": True}, at=2.0)
    run.stop()
    began = run.now
    run.go(5)
    assert [when - began for when, command in run.sent if command.kind is STOP][:4] == [0.0, 1.0, 2.0, 3.0]
    assert [when - began for when, command in run.sent if command.kind is PAUSE] == [4.0]
    until_rest(run)
    assert run.treadmill.phase is not Phase.RUNNING


def test_s3_where_stop_and_pause_are_ignored_the_belt_gets_slow() -> None:
    run = walking({"stop_ignored": True}, at=2.5)
    run.stop()
    run.go(20)
    assert stop_steps(run)[:3] == [STOP, PAUSE, SPEED]
    assert run.treadmill.speed == 1.0
    assert run.event_kinds == [EventKind.STOP_FAILED]


# Machines that toggle


def test_s3_a_pause_that_made_the_belt_faster_is_never_said_again() -> None:
    run = walking({"stop_alone_ignored": True, "faster_on_pause": True}, at=2.0)
    run.stop()
    run.go(30)
    assert run.command_kinds.count(PAUSE) == 1
    assert run.treadmill.speed == 1.0
    run.faults.stop_alone_ignored = False
    until_rest(run)
    run.go(70)
    run.begin()
    run.faults.update({"stop_only_at_rest": True})
    run.clear_log()
    run.stop()
    run.go(5)
    assert PAUSE not in run.command_kinds
    # A requested pause of such a belt is a stop.
    run.faults.stop_only_at_rest = False
    until_rest(run)
    run.go(70)
    run.begin()
    run.clear_log()
    run.pause()
    assert (run.command_kinds, run.state) == ([STOP], State.STOPPING)


def test_s12_a_pause_that_makes_the_belt_faster_is_answered_with_a_stop() -> None:
    run = walking({"faster_on_pause": True}, at=2.0)
    run.pause()
    until_rest(run)
    assert run.command_kinds.count(PAUSE) <= 2
    assert run.treadmill.speed == 0


@pytest.mark.parametrize("fault", ["toggles_on_stop", "toggles_on_pause"])
@pytest.mark.parametrize("coast", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("declines", [False, True])
def test_s3_a_machine_that_goes_on_where_it_is_told_twice_comes_to_rest(
    fault: str, coast: float, declines: bool
) -> None:
    run = walking({fault: True, "stop_only_at_rest": declines and fault == "toggles_on_pause"}, at=2.5, coast=coast)
    run.stop()
    until_rest(run, within=25)
    run.go(20)
    assert run.treadmill.at_rest
    assert run.state in {State.IDLE, State.FINISHED}


def test_s3_a_stop_at_rest_that_sets_the_belt_in_motion_is_answered_and_never_said_again() -> None:
    run = walking({"stop_alone_ignored": True}, at=2.0)
    run.stop()
    while run.treadmill.speed > 0.3:
        run.go(0.5)
    run.faults.update({"stop_alone_ignored": False, "toggles_on_stop": True})
    run.go(40)
    assert run.treadmill.at_rest
    assert run.state in {State.IDLE, State.FINISHED}
    run.clear_log()
    run.stop()
    run.go(10)
    assert (run.command_kinds, run.treadmill.at_rest) == ([], True)


def test_s3_a_stop_between_walks_that_sets_the_belt_in_motion_is_answered() -> None:
    run = walking()
    run.stop()
    until_rest(run)
    run.go(30)
    run.faults.toggles_on_stop = True
    run.clear_log()
    run.stop()
    run.go(20)
    assert run.treadmill.at_rest
    assert run.state in {State.IDLE, State.FINISHED}
    assert run.command_kinds.count(STOP) <= 3


# Results of the check run


def checked(faults: dict[str, Any]) -> tuple[SessionRun, CheckResult, Failure | None]:
    run = SessionRun()
    run.faults.update(faults)
    check = run.start_check(second_start=False)
    for _ in range(600):
        if check.phase is CheckPhase.OVER:
            break
        run.go(0.5)
    return run, check.result, check.failure


@pytest.mark.parametrize(
    ("faults", "rung"), [({}, StopStep.STOP), (R3, StopStep.PAUSE), ({"stop_alone_ignored": True}, StopStep.PAUSE)]
)
def test_s9_the_check_run_learns_which_rung_works(faults: dict[str, Any], rung: StopStep) -> None:
    run, findings, failure = checked(faults)
    assert (failure, findings.stop_step) == (None, rung)
    assert findings.stop_delay is not None
    assert findings.stop_delay <= 1.0
    assert run.treadmill.at_rest
    kept = findings.as_dict()
    assert CheckResult.from_dict(kept) == findings
    del kept["stop_rung"]  # as 0.5.0 stored it
    assert CheckResult.from_dict(kept).stop_step is StopStep.STOP
    assert CheckResult.from_dict({**kept, "stop_rung": None}).stop_step is StopStep.STOP


@pytest.mark.parametrize("faults", [{"stop_ignored": True}, {"stop_only_at_rest": True, "pause_declined": True}])
def test_s9_a_machine_that_only_gets_slow_does_not_pass(faults: dict[str, Any]) -> None:
    run = SessionRun()
    run.faults.update(faults)
    check = run.start_check(second_start=False)
    while check.phase is not CheckPhase.STOPPING:
        run.go(0.5)
    run.go(15)
    assert check.failure is Failure.STOP_FAILED


def test_s3_what_the_check_run_found_is_tried_first() -> None:
    run = walking(R3, its_rules=rules(measured=Measured(stop_step=StopStep.PAUSE)))
    run.stop()
    assert run.command_kinds == [PAUSE]
    until_rest(run)
    assert stop_steps(run) == [PAUSE, STOP]
    assert run.treadmill.phase is Phase.IDLE


def test_s3_at_rest_a_stop_is_said_whatever_the_check_run_found() -> None:
    run = SessionRun(rules(measured=Measured(stop_step=StopStep.PAUSE)))
    run.stop()
    assert run.command_kinds == [STOP]


def test_s3_a_link_that_is_lost_on_the_way_keeps_what_works() -> None:
    run = walking(R3, its_rules=rules(measured=Measured(stop_step=StopStep.PAUSE)))
    run.obeys = False
    run.stop()
    run.link(up=False)
    assert run.command_kinds == [PAUSE, PAUSE]


def test_s3_a_machine_that_was_stopped_for_good_by_its_pause_is_told_so_three_times() -> None:
    run = walking(R3)
    run.stop()
    while run.treadmill.speed > 0.3:
        run.go(0.5)
    run.treadmill.phase = Phase.IDLE  # it declines Stop now: there is nothing to stop
    run.clear_log()
    until_rest(run)
    assert 1 <= run.command_kinds.count(STOP) <= 3
    assert run.event_kinds == [EventKind.STOPPED]


# Reports


def test_s3_a_status_that_says_stopped_counts_as_obeyed() -> None:
    run = walking(at=2.0, coast=0.25)
    run.faults.reports_own_stops = True
    run.stop()
    run.go(1.5)
    assert run.command_kinds == [STOP]
    until_rest(run)


def test_s3_a_belt_of_which_nothing_is_known_and_that_declines_stop_has_nothing_to_stop() -> None:
    run = SessionRun(linked=False)
    run.muted = True
    run.link(up=True)
    run.stop()
    run.go(61)
    assert (run.state, run.event_kinds) == (State.IDLE, [EventKind.STOPPED])
    assert run.session.stop_failure is None


def test_s3_not_delivered_and_not_obeyed_are_two_failures_and_each_is_told_once() -> None:
    run = walking({"stop_ignored": True})
    run.stop()
    run.go(6)
    run.link(up=False)
    run.session.on_command_failed(Command(STOP), run.now)
    run.collect()
    run.go(20)
    reasons = [event.data["reason"] for _, event in run.emitted if event.kind is EventKind.STOP_FAILED]
    assert reasons == ["not_obeyed", "not_delivered"]


def test_s3_a_stop_that_only_ends_what_was_made_ready_is_no_alarm_without_a_link() -> None:
    run = SessionRun(linked=False)
    run.start()
    run.stop()
    run.fail_command(STOP)
    assert run.event_kinds == [EventKind.READY, EventKind.STOPPED]
    assert run.session.stop_failure is None


def test_s3_a_stop_that_is_declined_and_then_obeyed_is_no_alarm() -> None:
    for faults in (R3, {"stop_only_at_rest": True}):
        run = walking(faults, at=3.0, coast=0.25)
        run.stop()
        until_rest(run, 25)
        assert EventKind.STOP_FAILED not in run.event_kinds


# Any speed signal


def trembling(by: float, grain: float = 0.1, seed: int = 1) -> Any:
    dice = random.Random(seed)
    return lambda: dice.uniform(-by, by)


@pytest.mark.parametrize("by", [0.05, 0.1, 0.15, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_s3_a_stop_that_got_lost_is_said_again_on_a_belt_that_trembles(by: float, seed: int) -> None:
    run = SessionRun()
    run.speed_noise = trembling(by, seed=seed)
    run.begin()
    run.go(5)
    run.clear_log()
    run.obeys = False
    run.stop()
    run.go(8)
    times = [when for when, command in run.sent if command.stops]
    assert max(after - before for before, after in itertools.pairwise(times)) <= 1.0
    [failed_at] = [when for when, event in run.emitted if event.kind is EventKind.STOP_FAILED]
    assert failed_at - times[0] <= 5.5


@pytest.mark.parametrize("by", [0.1, 0.2])
def test_s12_a_pause_that_got_lost_is_said_again_on_a_belt_that_trembles(by: float) -> None:
    run = SessionRun()
    run.speed_noise = trembling(by)
    run.begin()
    run.go(5)
    run.clear_log()
    run.obeys = False
    run.pause()
    run.go(3)
    run.obeys = True
    assert run.command_kinds.count(PAUSE) >= 2
    run.go(8)
    assert run.state is State.PAUSED
    assert run.treadmill.at_rest


def longest_doubt(noise: float, interval: float) -> float:
    """Return how long (s) a belt whose speed only fluctuates may count as slowing by chance.

    No rule gives this in seconds. The few reports before a stop may by chance vary less than those after it, so one
    of these may seem slower by more than the noise. Whether the belt really slows is certain once the slowest
    possible coast (0.2 km/h/s) would have lowered the reported speed by that much again: the margin of noise in both
    directions (at least that of a steady belt) and one grain. The next report may be even lower, so wait for one more.
    """
    if noise == 0:
        return 0.0
    margin = max(1.25 * 2 * noise + 0.05, 0.21)
    tick = 0.1
    return (margin + 0.1) / 0.2 + interval + interval + tick


def play(noise: float, interval: float, coast: float, grain: float, lost: float, start: float, seed: int) -> None:
    """Simulate a belt that continues until a stop is received, and then coasts, as the oracle."""
    dice = random.Random(seed)
    slowing, now = DecelerationDetector(), 0.0
    phase = dice.uniform(0, interval)
    truth, stopped = start, None
    requested_at, detected_after, false = 20.0, None, 0.0
    while truth > 0.3 and now < 60:
        now = round(now + 0.1, 1)
        if now == requested_at:
            slowing.watch(moves=True)
        if stopped is None and now >= requested_at + lost:
            stopped = now
        if stopped is not None:
            truth = max(start - coast * (now - stopped), 0.0)
        if (now + phase) % interval < 0.1:
            value = max(truth + dice.uniform(-noise, noise), 0.0)
            slowing.update(round(round(value / grain) * grain, 2), now)
        if now <= requested_at:
            continue
        slows = slowing.slows(now)
        if stopped is None:
            false += 0.1 * slows
        elif slows and detected_after is None:
            detected_after = now - stopped
    assert false <= longest_doubt(noise, interval), f"a trembling belt slows for {false:.1f} s"
    if start > 0.3 + coast * (4 + interval):
        assert detected_after is not None
        assert detected_after <= max((2.5 * noise + 0.5) / coast, 1.0) + 2 * interval, (
            f"seen only after {detected_after} s"
        )


@settings(max_examples=300, deadline=None)
@given(
    noise=st.sampled_from([0.0, 0.0, 0.05, 0.1, 0.2]),
    interval=st.sampled_from([0.2, 0.5, 1.0, 2.0, 3.0]),
    coast=st.sampled_from([0.25, 0.4, 0.5, 1.0, 2.0]),
    grain=st.sampled_from([0.01, 0.1]),
    lost=st.sampled_from([0.0, 1.0, 5.0, 20.0]),
    start=st.sampled_from([1.0, 2.0, 3.0, 6.0]),
    seed=st.integers(0, 10_000),
)
@example(noise=0.2, interval=3.0, coast=0.25, grain=0.01, lost=20.0, start=1.0, seed=1855).via("one low report")
@example(noise=0.2, interval=3.0, coast=0.25, grain=0.1, lost=20.0, start=2.0, seed=6297).via("two low reports")
@example(noise=0.05, interval=3.0, coast=0.25, grain=0.01, lost=20.0, start=1.0, seed=3384).via("four that fall")
def test_s3_trembling_never_counts_as_slowing_and_a_slow_coast_always_does(
    noise: float, interval: float, coast: float, grain: float, lost: float, start: float, seed: int
) -> None:
    play(noise, interval, coast, grain, lost, start, seed)


@settings(max_examples=60, deadline=None)
@given(
    noise=st.sampled_from([0.0, 0.05, 0.1, 0.2]),
    interval=st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    coast=st.sampled_from([0.25, 0.5, 1.0]),
    lost=st.integers(0, 9),
    kind=st.sampled_from([{}, R3, {"stop_alone_ignored": True}, {"toggles_on_pause": True, **R3}]),
    seed=st.integers(0, 10_000),
)
def test_s3_every_kind_of_machine_stops_whatever_is_lost_and_however_its_speed_trembles(
    noise: float, interval: float, coast: float, lost: int, kind: dict[str, Any], seed: int
) -> None:
    run = SessionRun(coast=coast)
    run.speed_noise = trembling(noise, seed=seed)
    walk_at(run, 2.5, interval)
    assume(run.treadmill.speed > 2)  # else the noise was taken for a key on the console
    run.faults.update(kind)
    run.obeys = lost == 0
    run.clear_log()
    run.stop()
    for second in range(60):
        if second == lost:
            run.obeys = True
        reports = interval <= 1 or second % interval == 0
        run.muted = not reports
        run.go(1, dt=min(interval, 1.0))
        if run.state in {State.IDLE, State.FINISHED}:
            break
    assert run.treadmill.at_rest
    assert run.state in {State.IDLE, State.FINISHED}
    if kind == {}:
        slow = [when for when, command in run.sent if command.kind is not STOP]
        assert slow == [] or lost >= 3
    if lost >= 8:
        assert EventKind.STOP_FAILED in run.event_kinds


def test_s3_a_coast_on_a_machine_that_reports_every_three_seconds_gets_no_pause() -> None:
    run = walking(at=3.0, coast=0.25)
    run.stop()
    for second in range(15):
        run.muted = second % 3 != 0
        run.go(1, dt=1.0)
    assert set(run.command_kinds) == {STOP}
    assert EventKind.STOP_FAILED not in run.event_kinds


# The escalation by itself


def test_s3_when_every_rung_made_the_belt_faster_stop_is_what_is_left() -> None:
    rungs = StopEscalation()
    rungs.begin(StopStep.PAUSE)
    rungs.excluded.update(StopStep)
    assert rungs.pick(1.0) is StopStep.STOP


def test_s3_a_target_without_a_speed_is_passed_over() -> None:
    rungs = StopEscalation()
    rungs.begin(StopStep.SLOWEST)
    assert rungs.pick(None) is StopStep.STOP


def test_s3_a_belt_that_was_stopped_as_it_began_is_not_taken_for_one_that_toggles() -> None:
    # It moved after a stop at rest, due to the start before it; from then on no stop was sent to a belt at rest.
    run = SessionRun(countdown=3.0, acceleration=1.0)
    run.reports_countdown = False
    run.count_down()
    run.go(17, dt=1.0)
    while run.treadmill.at_rest:
        run.treadmill.step(0.1)
        run.now += 0.1
    run.stop()  # no movement reported yet
    until_rest(run)
    run.go(10)
    run.count_down()
    run.go(16)
    assert run.treadmill.phase is Phase.COUNTDOWN
    run.clear_log()
    run.stop()
    assert stop_steps(run) == [STOP]
    assert run.treadmill.phase is Phase.IDLE
    until_rest(run, within=25.0)
    run.clear_log()
    run.stop()
    assert stop_steps(run) == [STOP]


def test_s3_a_belt_that_toggles_and_calls_its_rest_a_countdown_comes_to_rest() -> None:
    # Stop was sent in its "countdown" each second, and set it in motion each time, forever.
    run = walking({"toggles_on_stop": True}, coast=1.0)
    run.training_status = lambda treadmill: "pre_workout" if treadmill.at_rest else "manual_mode"
    run.reports = {}
    original = run.telemetry

    def pre_workout(**changes: Any) -> Any:
        telemetry = original(**changes)
        return telemetry._replace(belt=BeltState.COUNTDOWN) if telemetry.belt is BeltState.AT_REST else telemetry

    run.telemetry = pre_workout  # type: ignore[method-assign]
    run.stop()
    until_rest(run, within=60.0)
    moved = run.session.moving_time
    run.go(20)
    assert run.session.moving_time == moved
    assert run.treadmill.at_rest


@pytest.mark.parametrize("interval", [0.5, 1.0])
@pytest.mark.parametrize("coast", [0.2, 0.5])
def test_s3_a_belt_that_was_heard_only_after_its_stop_is_seen_to_slow_down(interval: float, coast: float) -> None:
    # The very first stop waited for the link: every step was tried and an alarm raised although the belt obeyed.
    run = SessionRun(linked=False, coast=coast, acceleration=1.0)
    run.treadmill.press_start()
    run.go(4)
    run.treadmill.press_speed(5.0)
    run.go(10)
    run.stop()
    run.treadmill.stop()  # the link sends it first
    run.link(up=True)
    run.clear_log()
    run.go(5.0 / coast + 4, dt=interval)
    assert run.treadmill.at_rest
    assert set(stop_steps(run)) <= {STOP, PAUSE}  # it declines the one that comes while it coasts
    assert len(run.sent) <= 10
    assert EventKind.STOP_FAILED not in run.event_kinds


def test_s9_a_stop_that_is_said_to_a_belt_at_rest_is_measured_from_when_it_was_said() -> None:
    run = SessionRun()
    run.on_second_start = run.treadmill.stop
    check = run.start_check()
    while check.phase is not CheckPhase.OVER:
        run.go(0.5)
    assert check.failure is Failure.SECOND_START_STOPS
    assert check.result.stop_delay is not None
    assert 0 <= check.result.stop_delay <= 1


def test_s3_a_machine_that_took_the_stop_that_was_kept_for_the_link_is_told_nothing_else() -> None:
    run = walking(at=2.0, coast=0.25)
    run.link(up=False)
    run.stop()
    run.treadmill.stop()  # the stop that waited for the link was sent first
    run.link(up=True)
    run.session.on_command_done(Command(STOP), run.now)
    run.go(0.5)
    run.stop()
    until_rest(run)
    assert set(run.command_kinds) == {STOP}


def test_s3_what_is_declined_before_the_link_is_up_climbs_no_rung() -> None:
    run = walking(R3)
    run.link(up=False)
    run.stop()
    run.clear_log()
    run.session.on_command_failed(Command(STOP), run.now, declined=True)
    run.collect()
    assert (run.sent, run.emitted) == ([], [])


def test_s8_a_belt_that_perhaps_only_repeats_its_speed_is_told_no_speed() -> None:
    run = walking({"stop_only_at_rest": True, "pause_declined": True}, at=2.5)
    run.reports = {"speed": 2.5, "distance": 100, "elapsed_time": 100, "training_status": "manual_mode"}
    run.go(1)
    run.stop()
    run.go(6)
    assert run.speeds == []


@pytest.mark.parametrize("reports_events", [True, False])
def test_s3_a_belt_that_gets_faster_by_its_console_just_before_its_stop_is_stopped_by_it_later(
    *, reports_events: bool
) -> None:
    # Stop was blamed for it and never sent again, even to a machine that declines everything else.
    run = SessionRun(acceleration=0.25)
    run.reports_events = reports_events
    run.reports = {"distance": None, "elapsed_time": None}  # with counters, the session would wait for them
    run.treadmill.press_start()
    run.go(30)
    run.treadmill.press_speed(4.0)
    run.treadmill.step(1.5)
    run.now += 1.5
    run.stop()
    run.go(0.1, dt=0.1)
    assert run.treadmill.speed > 1.3
    assert (PAUSE in run.command_kinds) is not reports_events
    until_rest(run, within=25.0)
    run.go(70)
    run.faults.pause_declined = True
    run.treadmill.press_start()
    run.go(30)
    run.clear_log()
    run.stop()
    until_rest(run, within=10.0)
    assert STOP in run.command_kinds


@pytest.mark.parametrize("coast", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("interval", [1.0, 2.0, 3.0])
def test_s3_a_machine_that_goes_on_with_each_second_word_and_slows_too_little_to_be_seen_comes_to_rest(
    coast: float, interval: float
) -> None:
    # Each command, sent every second, undid the one before, forever.
    run = walking({"toggles_on_stop": True, "toggles_on_pause": True}, at=2.0, coast=coast)
    run.speed_noise = lambda: 0.2 * (2 * (run.now * 0.618034 % 1) - 1)
    run.go(20, dt=interval)
    run.stop()
    for _ in range(90):
        run.go(interval, dt=interval)
        if run.state in {State.IDLE, State.FINISHED}:
            break
    assert run.treadmill.at_rest
    run.go(20)
    assert run.treadmill.at_rest


def test_s3_s7_a_console_start_after_a_stop_that_was_declined_at_rest_is_the_consoles() -> None:
    run = SessionRun()
    run.go(10)
    run.stop()
    run.go(1)
    run.treadmill.press_start()
    run.clear_log()
    run.go(20)
    assert run.sent == []
    assert run.state is State.MANUAL
    run.stop()
    until_rest(run)
    run.clear_log()
    run.stop()
    assert run.command_kinds == [STOP]


def test_s3_a_stop_ends_where_the_machine_says_pre_workout_at_rest() -> None:
    run = SessionRun()
    run.begin()
    run.go(20)
    run.stop()
    run.go(3)
    assert run.treadmill.at_rest
    run.reports = {"belt": BeltState.COUNTDOWN}
    run.go(20)
    assert run.state is State.FINISHED
    run.clear_log()
    run.go(10)
    assert run.sent == []
