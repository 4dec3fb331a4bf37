"""A stop that every machine understands, and one that is said again whatever the speed signal does (S3)."""

import itertools
import random
from dataclasses import replace
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
from custom_components.retrowalk.training.events import SessionEventKind as Told
from custom_components.retrowalk.training.limits import Direction, Measured
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState as State
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.session_run import SessionRun, rules

STOP, PAUSE, SPEED = CommandKind.STOP, CommandKind.PAUSE, CommandKind.SET_SPEED
R3 = {"stop_only_at_rest": True, "tells_own_stops": True}
"""KingSmith R3: declines Stop while it moves and in its countdown; wants Pause, then Stop once it reports 0 km/h."""


def walking(faults: dict[str, Any] | None = None, *, at: float = 1.0, **profile: Any) -> SessionRun:
    """A walk at a speed on a machine of a kind, with nothing sent so far."""
    its_rules = profile.pop("its_rules", None)
    walk = SessionRun(its_rules, **profile)
    walk_at(walk, at)
    assert walk.treadmill.speed == pytest.approx(at)
    walk.faults.update(faults or {})
    walk.clear_log()
    return walk


def walk_at(walk: SessionRun, kmh: float, interval: float = 0.5) -> None:
    """Walk forward, where speed rises quickly, for a while at a speed."""
    walk.session.choose_direction(Direction.FORWARD)
    walk.begin()
    walk.session.set_speed(kmh, caller=Caller.PERSON)
    walk.go(30, dt=interval)


def said(walk: SessionRun) -> list[CommandKind]:
    """What was said of the ladder, repeats left out."""
    return [kind for kind, _ in itertools.groupby(command.kind for _, command in walk.sent if command.stops)]


def until_rest(walk: SessionRun, within: float = 20.0) -> float:
    """Let time pass until the session has seen the belt come to rest; returns how long that took."""
    began = walk.now
    while walk.state not in {State.IDLE, State.FINISHED}:
        walk.go(0.5)
        assert walk.now - began <= within, f"{walk.state} at {walk.treadmill.speed} km/h"
    assert walk.treadmill.at_rest
    return walk.now - began


# A machine that declines Stop


def test_s3_a_machine_that_declines_stop_while_it_moves_is_paused_at_once_and_its_session_ended_at_rest() -> None:
    walk = walking(R3)
    walk.stop()
    assert walk.sent == [(walk.now, Command(STOP)), (walk.now, Command(PAUSE, urgent=True))]
    assert until_rest(walk) <= 6
    assert said(walk) == [STOP, PAUSE, STOP]
    assert walk.treadmill.phase is Phase.IDLE
    assert Told.STOP_FAILED not in walk.event_kinds


def test_s3_a_machine_that_declines_stop_in_its_countdown_is_paused_there() -> None:
    walk = SessionRun(countdown=4.0)
    walk.faults.update(R3)
    walk.count_down()
    walk.go(16.5)
    assert walk.treadmill.phase is Phase.COUNTDOWN
    walk.clear_log()
    walk.stop()
    assert walk.command_kinds == [STOP, PAUSE]
    until_rest(walk)
    assert walk.treadmill.distance == 0
    assert walk.treadmill.phase is Phase.IDLE


def test_s3_a_machine_that_declines_stop_is_paused_while_only_watching_too() -> None:
    walk = SessionRun(rules(control=False))
    walk.faults.update(R3)
    walk.treadmill.press_start()
    walk.go(10)
    walk.stop()
    assert walk.command_kinds == [STOP, PAUSE]
    until_rest(walk)
    assert walk.treadmill.phase is Phase.IDLE


def test_s3_a_stop_on_a_belt_at_rest_is_declined_and_nothing_else_is_said() -> None:
    walk = SessionRun()
    walk.stop()
    walk.go(10)
    assert (walk.command_kinds, walk.emitted) == ([STOP], [])


def test_s3_a_second_stop_that_a_coasting_machine_declines_climbs_no_rung() -> None:
    walk = walking(at=2.0, coast=0.25)
    walk.stop()
    walk.go(0.5)
    walk.stop()  # Operation Failed: it has stopped already
    until_rest(walk)
    assert set(walk.command_kinds) == {STOP}
    assert Told.STOP_FAILED not in walk.event_kinds


def test_s3_a_stop_that_is_declined_because_the_console_stopped_it_just_now_climbs_no_rung() -> None:
    walk = walking(at=2.0)
    walk.treadmill.press_stop()
    until_rest(walk)
    assert set(walk.command_kinds) == {STOP}


def test_s3_where_pause_is_declined_too_the_belt_gets_slow_and_it_is_told() -> None:
    walk = walking({"stop_only_at_rest": True, "pause_declined": True}, at=2.5)
    walk.stop()
    assert walk.command_kinds == [STOP, PAUSE]
    walk.go(1)
    assert walk.sent[-1] == (walk.now, Command(SPEED, 1.0, urgent=True))
    walk.go(12)
    assert walk.treadmill.speed == 1.0
    assert walk.state is State.STOPPING
    assert walk.data(Told.STOP_FAILED) == {"reason": "not_obeyed"}
    assert walk.event_kinds == [Told.STOP_FAILED]


def test_s3_a_machine_that_declines_everything_at_its_lowest_speed_is_told_within_three_seconds() -> None:
    walk = walking({"stop_only_at_rest": True, "pause_declined": True})
    walk.stop()
    walk.go(3)
    assert walk.data(Told.STOP_FAILED) == {"reason": "not_obeyed"}
    assert walk.speeds == []  # it is there already
    assert said(walk)[:4] == [STOP, PAUSE, STOP, PAUSE]  # and goes on being told


def test_s8_no_target_speed_before_the_belt_moves() -> None:
    walk = SessionRun(countdown=6.0)
    walk.faults.update({"stop_only_at_rest": True, "pause_declined": True})
    walk.count_down()
    walk.go(16)
    walk.stop()
    walk.go(5)
    assert (walk.speeds, walk.event_kinds[-1]) == ([], Told.COUNTDOWN)


# A machine that accepts Stop and goes on


def test_s3_a_machine_that_takes_three_stops_and_does_not_get_slower_in_four_seconds_is_paused() -> None:
    walk = walking({"stop_alone_ignored": True}, at=2.0)
    walk.stop()
    began = walk.now
    walk.go(5)
    assert [when - began for when, command in walk.sent if command.kind is STOP][:4] == [0.0, 1.0, 2.0, 3.0]
    assert [when - began for when, command in walk.sent if command.kind is PAUSE] == [4.0]
    until_rest(walk)
    assert walk.treadmill.phase is not Phase.RUNNING


def test_s3_where_stop_and_pause_are_ignored_the_belt_gets_slow() -> None:
    walk = walking({"stop_ignored": True}, at=2.5)
    walk.stop()
    walk.go(20)
    assert said(walk)[:3] == [STOP, PAUSE, SPEED]
    assert walk.treadmill.speed == 1.0
    assert walk.event_kinds == [Told.STOP_FAILED]


# Machines that toggle


def test_s3_a_pause_that_made_the_belt_faster_is_never_said_again() -> None:
    walk = walking({"stop_alone_ignored": True, "faster_on_pause": True}, at=2.0)
    walk.stop()
    walk.go(30)
    assert walk.command_kinds.count(PAUSE) == 1
    assert walk.treadmill.speed == 1.0
    walk.faults.stop_alone_ignored = False
    until_rest(walk)
    walk.go(70)
    walk.begin()
    walk.faults.update({"stop_only_at_rest": True})
    walk.clear_log()
    walk.stop()
    walk.go(5)
    assert PAUSE not in walk.command_kinds
    # Whoever wants a pause of such a belt gets a stop.
    walk.faults.stop_only_at_rest = False
    until_rest(walk)
    walk.go(70)
    walk.begin()
    walk.clear_log()
    walk.pause()
    assert (walk.command_kinds, walk.state) == ([STOP], State.STOPPING)


def test_s12_a_pause_that_makes_the_belt_faster_is_answered_with_a_stop() -> None:
    walk = walking({"faster_on_pause": True}, at=2.0)
    walk.pause()
    until_rest(walk)
    assert walk.command_kinds.count(PAUSE) <= 2
    assert walk.treadmill.speed == 0


@pytest.mark.parametrize("fault", ["toggles_on_stop", "toggles_on_pause"])
@pytest.mark.parametrize("coast", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("declines", [False, True])
def test_s3_a_machine_that_goes_on_where_it_is_told_twice_comes_to_rest(
    fault: str, coast: float, declines: bool
) -> None:
    walk = walking({fault: True, "stop_only_at_rest": declines and fault == "toggles_on_pause"}, at=2.5, coast=coast)
    walk.stop()
    until_rest(walk, within=25)
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state in {State.IDLE, State.FINISHED}


def test_s3_a_stop_at_rest_that_sets_the_belt_in_motion_is_answered_and_never_said_again() -> None:
    walk = walking({"stop_alone_ignored": True}, at=2.0)
    walk.stop()
    while walk.treadmill.speed > 0.3:
        walk.go(0.5)
    walk.faults.update({"stop_alone_ignored": False, "toggles_on_stop": True})
    walk.go(40)
    assert walk.treadmill.at_rest
    assert walk.state in {State.IDLE, State.FINISHED}
    walk.clear_log()
    walk.stop()
    walk.go(10)
    assert (walk.command_kinds, walk.treadmill.at_rest) == ([], True)


def test_s3_a_stop_between_walks_that_sets_the_belt_in_motion_is_answered() -> None:
    walk = walking()
    walk.stop()
    until_rest(walk)
    walk.go(30)
    walk.faults.toggles_on_stop = True
    walk.clear_log()
    walk.stop()
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state in {State.IDLE, State.FINISHED}
    assert walk.command_kinds.count(STOP) <= 3


# What the check run learns


def checked(faults: dict[str, Any]) -> tuple[SessionRun, CheckResult, Failure | None]:
    walk = SessionRun()
    walk.faults.update(faults)
    check = walk.start_check(second_start=False)
    for _ in range(600):
        if check.phase is CheckPhase.OVER:
            break
        walk.go(0.5)
    return walk, check.result, check.failure


@pytest.mark.parametrize(
    ("faults", "rung"), [({}, StopStep.STOP), (R3, StopStep.PAUSE), ({"stop_alone_ignored": True}, StopStep.PAUSE)]
)
def test_s9_the_check_run_learns_which_rung_works(faults: dict[str, Any], rung: StopStep) -> None:
    walk, findings, failure = checked(faults)
    assert (failure, findings.stop_step) == (None, rung)
    assert findings.stop_delay is not None
    assert findings.stop_delay <= 1.0
    assert walk.treadmill.at_rest
    kept = findings.as_dict()
    assert CheckResult.from_dict(kept) == findings
    del kept["stop_rung"]  # as 0.5.0 kept it
    assert CheckResult.from_dict(kept).stop_step is StopStep.STOP
    assert CheckResult.from_dict({**kept, "stop_rung": None}).stop_step is StopStep.STOP


@pytest.mark.parametrize("faults", [{"stop_ignored": True}, {"stop_only_at_rest": True, "pause_declined": True}])
def test_s9_a_machine_that_only_gets_slow_does_not_pass(faults: dict[str, Any]) -> None:
    walk = SessionRun()
    walk.faults.update(faults)
    check = walk.start_check(second_start=False)
    while check.phase is not CheckPhase.STOPPING:
        walk.go(0.5)
    walk.go(15)
    assert check.failure is Failure.STOP_FAILED


def test_s3_what_the_check_run_found_is_tried_first() -> None:
    walk = walking(R3, its_rules=rules(measured=Measured(stop_step=StopStep.PAUSE)))
    walk.stop()
    assert walk.command_kinds == [PAUSE]
    until_rest(walk)
    assert said(walk) == [PAUSE, STOP]
    assert walk.treadmill.phase is Phase.IDLE


def test_s3_at_rest_a_stop_is_said_whatever_the_check_run_found() -> None:
    walk = SessionRun(rules(measured=Measured(stop_step=StopStep.PAUSE)))
    walk.stop()
    assert walk.command_kinds == [STOP]


def test_s3_a_link_that_is_lost_on_the_way_keeps_what_works() -> None:
    walk = walking(R3, its_rules=rules(measured=Measured(stop_step=StopStep.PAUSE)))
    walk.obeys = False
    walk.stop()
    walk.link(up=False)
    assert walk.command_kinds == [PAUSE, PAUSE]


def test_s3_a_machine_that_was_stopped_for_good_by_its_pause_is_told_so_three_times() -> None:
    walk = walking(R3)
    walk.stop()
    while walk.treadmill.speed > 0.3:
        walk.go(0.5)
    walk.treadmill.phase = Phase.IDLE  # it declines Stop now: there is nothing to stop
    walk.clear_log()
    until_rest(walk)
    assert 1 <= walk.command_kinds.count(STOP) <= 3
    assert walk.event_kinds == [Told.STOPPED]


# What is told


def test_s3_a_status_that_says_stopped_counts_as_obeyed() -> None:
    walk = walking(at=2.0, coast=0.25)
    walk.faults.tells_own_stops = True
    walk.stop()
    walk.go(1.5)
    assert walk.command_kinds == [STOP]
    until_rest(walk)


def test_s3_a_belt_of_which_nothing_is_known_and_that_declines_stop_has_nothing_to_stop() -> None:
    walk = SessionRun(linked=False)
    walk.muted = True
    walk.link(up=True)
    walk.stop()
    walk.go(61)
    assert (walk.state, walk.event_kinds) == (State.IDLE, [Told.STOPPED])
    assert walk.session.stop_failure is None


def test_s3_not_delivered_and_not_obeyed_are_two_failures_and_each_is_told_once() -> None:
    walk = walking({"stop_ignored": True})
    walk.stop()
    walk.go(6)
    walk.link(up=False)
    walk.session.on_command_failed(Command(STOP), walk.now)
    walk.collect()
    walk.go(20)
    reasons = [event.data["reason"] for _, event in walk.emitted if event.kind is Told.STOP_FAILED]
    assert reasons == ["not_obeyed", "not_delivered"]


def test_s3_a_stop_that_only_ends_what_was_made_ready_is_no_alarm_without_a_link() -> None:
    walk = SessionRun(linked=False)
    walk.start()
    walk.stop()
    walk.fail_command(STOP)
    assert walk.event_kinds == [Told.READY, Told.STOPPED]
    assert walk.session.stop_failure is None


def test_s3_a_stop_that_is_declined_and_then_obeyed_is_no_alarm() -> None:
    for faults in (R3, {"stop_only_at_rest": True}):
        walk = walking(faults, at=3.0, coast=0.25)
        walk.stop()
        until_rest(walk, 25)
        assert Told.STOP_FAILED not in walk.event_kinds


# Whatever the speed signal does


def trembling(by: float, grain: float = 0.1, seed: int = 1) -> Any:
    dice = random.Random(seed)
    return lambda: dice.uniform(-by, by)


@pytest.mark.parametrize("by", [0.05, 0.1, 0.15, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_s3_a_stop_that_got_lost_is_said_again_on_a_belt_that_trembles(by: float, seed: int) -> None:
    walk = SessionRun()
    walk.speed_noise = trembling(by, seed=seed)
    walk.begin()
    walk.go(5)
    walk.clear_log()
    walk.obeys = False
    walk.stop()
    walk.go(8)
    times = [when for when, command in walk.sent if command.stops]
    assert max(after - before for before, after in itertools.pairwise(times)) <= 1.0
    [told] = [when for when, event in walk.emitted if event.kind is Told.STOP_FAILED]
    assert told - times[0] <= 5.5


@pytest.mark.parametrize("by", [0.1, 0.2])
def test_s12_a_pause_that_got_lost_is_said_again_on_a_belt_that_trembles(by: float) -> None:
    walk = SessionRun()
    walk.speed_noise = trembling(by)
    walk.begin()
    walk.go(5)
    walk.clear_log()
    walk.obeys = False
    walk.pause()
    walk.go(3)
    walk.obeys = True
    assert walk.command_kinds.count(PAUSE) >= 2
    walk.go(8)
    assert walk.state is State.PAUSED
    assert walk.treadmill.at_rest


def longest_doubt(noise: float, interval: float) -> float:
    """How long (s) a belt that only trembles may count as slowing: by chance, and therefore not for long.

    No rule says so in seconds. The few reports before a stop may by chance tremble less than those after it, so that
    one seems slower by more than the noise. Whether the belt still falls shows when the slowest coast that there is
    (0.2 km/h/s) would have been reported to be as much lower again: by the margin of a noise that goes up and down (at
    least that of a steady belt) and a grain. The next report may be lower still, and is waited for once more.
    """
    if noise == 0:
        return 0.0
    margin = max(1.25 * 2 * noise + 0.05, 0.21)
    tick = 0.1
    return (margin + 0.1) / 0.2 + interval + interval + tick


def play(noise: float, interval: float, coast: float, grain: float, lost: float, start: float, seed: int) -> None:
    """The oracle: a belt that goes on until a stop gets through, and then coasts."""
    dice = random.Random(seed)
    slowing, now = DecelerationDetector(), 0.0
    phase = dice.uniform(0, interval)
    truth, stopped = start, None
    asked, seen, false = 20.0, None, 0.0
    while truth > 0.3 and now < 60:
        now = round(now + 0.1, 1)
        if now == asked:
            slowing.watch(moves=True)
        if stopped is None and now >= asked + lost:
            stopped = now
        if stopped is not None:
            truth = max(start - coast * (now - stopped), 0.0)
        if (now + phase) % interval < 0.1:
            value = max(truth + dice.uniform(-noise, noise), 0.0)
            slowing.update(round(round(value / grain) * grain, 2), now)
        if now <= asked:
            continue
        slows = slowing.slows(now)
        if stopped is None:
            false += 0.1 * slows
        elif slows and seen is None:
            seen = now - stopped
    assert false <= longest_doubt(noise, interval), f"a trembling belt slows for {false:.1f} s"
    if start > 0.3 + coast * (4 + interval):
        assert seen is not None
        assert seen <= max((2.5 * noise + 0.5) / coast, 1.0) + 2 * interval, f"seen only after {seen} s"


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
    walk = SessionRun(coast=coast)
    walk.speed_noise = trembling(noise, seed=seed)
    walk_at(walk, 2.5, interval)
    assume(walk.treadmill.speed > 2)  # else the noise was taken for a hand
    walk.faults.update(kind)
    walk.obeys = lost == 0
    walk.clear_log()
    walk.stop()
    for second in range(60):
        if second == lost:
            walk.obeys = True
        reports = interval <= 1 or second % interval == 0
        walk.muted = not reports
        walk.go(1, dt=min(interval, 1.0))
        if walk.state in {State.IDLE, State.FINISHED}:
            break
    assert walk.treadmill.at_rest
    assert walk.state in {State.IDLE, State.FINISHED}
    if kind == {}:
        slow = [when for when, command in walk.sent if command.kind is not STOP]
        assert slow == [] or lost >= 3
    if lost >= 8:
        assert Told.STOP_FAILED in walk.event_kinds


def test_s3_a_coast_on_a_machine_that_reports_every_three_seconds_gets_no_pause() -> None:
    walk = walking(at=3.0, coast=0.25)
    walk.stop()
    for second in range(15):
        walk.muted = second % 3 != 0
        walk.go(1, dt=1.0)
    assert set(walk.command_kinds) == {STOP}
    assert Told.STOP_FAILED not in walk.event_kinds


# The ladder by itself


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
    # It moved after a stop at rest, by the start before it; from then on a stop was kept from any belt at rest.
    walk = SessionRun(countdown=3.0, acceleration=1.0)
    walk.reports_countdown = False
    walk.count_down()
    walk.go(17, dt=1.0)
    while walk.treadmill.at_rest:
        walk.treadmill.step(0.1)
        walk.now += 0.1
    walk.stop()  # not heard to move yet
    until_rest(walk)
    walk.go(10)
    walk.count_down()
    walk.go(16)
    assert walk.treadmill.phase is Phase.COUNTDOWN
    walk.clear_log()
    walk.stop()
    assert said(walk) == [STOP]
    assert walk.treadmill.phase is Phase.IDLE
    until_rest(walk, within=25.0)
    walk.clear_log()
    walk.stop()
    assert said(walk) == [STOP]


def test_s3_a_belt_that_toggles_and_calls_its_rest_a_countdown_comes_to_rest() -> None:
    # Stop was said to its "countdown" each second, and set it in motion each time: for ever.
    walk = walking({"toggles_on_stop": True}, coast=1.0)
    walk.training_status = lambda treadmill: "pre_workout" if treadmill.at_rest else "manual_mode"
    walk.reports = {}
    heard = walk.telemetry

    def pre_workout(**changes: Any) -> Any:
        found = heard(**changes)
        return replace(found, belt=BeltState.COUNTDOWN) if found.belt is BeltState.AT_REST else found

    walk.telemetry = pre_workout  # type: ignore[method-assign]
    walk.stop()
    until_rest(walk, within=60.0)
    moved = walk.session.moving_time
    walk.go(20)
    assert walk.session.moving_time == moved
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("interval", [0.5, 1.0])
@pytest.mark.parametrize("coast", [0.2, 0.5])
def test_s3_a_belt_that_was_heard_only_after_its_stop_is_seen_to_slow_down(interval: float, coast: float) -> None:
    # A stop that waited for the link, the first of all: each rung was climbed and an alarm told while it obeyed.
    walk = SessionRun(linked=False, coast=coast, acceleration=1.0)
    walk.treadmill.press_start()
    walk.go(4)
    walk.treadmill.press_speed(5.0)
    walk.go(10)
    walk.stop()
    walk.treadmill.stop()  # the link sends it first
    walk.link(up=True)
    walk.clear_log()
    walk.go(5.0 / coast + 4, dt=interval)
    assert walk.treadmill.at_rest
    assert set(said(walk)) <= {STOP, PAUSE}  # it declines the one that comes while it coasts
    assert len(walk.sent) <= 10
    assert Told.STOP_FAILED not in walk.event_kinds


def test_s9_a_stop_that_is_said_to_a_belt_at_rest_is_measured_from_when_it_was_said() -> None:
    walk = SessionRun()
    walk.on_second_start = walk.treadmill.stop
    check = walk.start_check()
    while check.phase is not CheckPhase.OVER:
        walk.go(0.5)
    assert check.failure is Failure.SECOND_START_STOPS
    assert check.result.stop_delay is not None
    assert 0 <= check.result.stop_delay <= 1


def test_s3_a_machine_that_took_the_stop_that_was_kept_for_the_link_is_told_nothing_else() -> None:
    walk = walking(at=2.0, coast=0.25)
    walk.link(up=False)
    walk.stop()
    walk.treadmill.stop()  # what the link kept was sent first
    walk.link(up=True)
    walk.session.on_command_done(Command(STOP), walk.now)
    walk.go(0.5)
    walk.stop()
    until_rest(walk)
    assert set(walk.command_kinds) == {STOP}


def test_s3_what_is_declined_before_the_link_is_up_climbs_no_rung() -> None:
    walk = walking(R3)
    walk.link(up=False)
    walk.stop()
    walk.clear_log()
    walk.session.on_command_failed(Command(STOP), walk.now, declined=True)
    walk.collect()
    assert (walk.sent, walk.emitted) == ([], [])


def test_s8_a_belt_that_perhaps_only_repeats_its_speed_is_told_no_speed() -> None:
    walk = walking({"stop_only_at_rest": True, "pause_declined": True}, at=2.5)
    walk.reports = {"speed": 2.5, "distance": 100, "elapsed_time": 100, "training_status": "manual_mode"}
    walk.go(1)
    walk.stop()
    walk.go(6)
    assert walk.speeds == []


@pytest.mark.parametrize("tells", [True, False])
def test_s3_a_belt_that_gets_faster_by_its_console_just_before_its_stop_is_stopped_by_it_later(*, tells: bool) -> None:
    # Stop was blamed for it and never said again, also to a machine that declines all else.
    walk = SessionRun(acceleration=0.25)
    walk.reports_events = tells
    walk.reports = {"distance": None, "elapsed_time": None}  # where it counts, it is waited for what it counts
    walk.treadmill.press_start()
    walk.go(30)
    walk.treadmill.press_speed(4.0)
    walk.treadmill.step(1.5)
    walk.now += 1.5
    walk.stop()
    walk.go(0.1, dt=0.1)
    assert walk.treadmill.speed > 1.3
    assert (PAUSE in walk.command_kinds) is not tells
    until_rest(walk, within=25.0)
    walk.go(70)
    walk.faults.pause_declined = True
    walk.treadmill.press_start()
    walk.go(30)
    walk.clear_log()
    walk.stop()
    until_rest(walk, within=10.0)
    assert STOP in walk.command_kinds


@pytest.mark.parametrize("coast", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("interval", [1.0, 2.0, 3.0])
def test_s3_a_machine_that_goes_on_with_each_second_word_and_slows_too_little_to_be_seen_comes_to_rest(
    coast: float, interval: float
) -> None:
    # What is said each second undid what was said before it, for ever.
    walk = walking({"toggles_on_stop": True, "toggles_on_pause": True}, at=2.0, coast=coast)
    walk.speed_noise = lambda: 0.2 * (2 * (walk.now * 0.618034 % 1) - 1)
    walk.go(20, dt=interval)
    walk.stop()
    for _ in range(90):
        walk.go(interval, dt=interval)
        if walk.state in {State.IDLE, State.FINISHED}:
            break
    assert walk.treadmill.at_rest
    walk.go(20)
    assert walk.treadmill.at_rest


def test_s3_s7_a_console_start_after_a_stop_that_was_declined_at_rest_is_the_consoles() -> None:
    walk = SessionRun()
    walk.go(10)
    walk.stop()
    walk.go(1)
    walk.treadmill.press_start()
    walk.clear_log()
    walk.go(20)
    assert walk.sent == []
    assert walk.state is State.MANUAL
    walk.stop()
    until_rest(walk)
    walk.clear_log()
    walk.stop()
    assert walk.command_kinds == [STOP]


def test_s3_a_stop_ends_where_the_machine_says_pre_workout_at_rest() -> None:
    walk = SessionRun()
    walk.begin()
    walk.go(20)
    walk.stop()
    walk.go(3)
    assert walk.treadmill.at_rest
    walk.reports = {"belt": BeltState.COUNTDOWN}
    walk.go(20)
    assert walk.state is State.FINISHED
    walk.clear_log()
    walk.go(10)
    assert walk.sent == []
