"""A speed alone proves no walk, and nothing else alone proves rest: the session on machines of both kinds."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, MachineEventKind
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules

STOP, START = CommandKind.STOP, CommandKind.START
RESTS_WITHIN = 12.0
"""Seconds after the belt has come to rest in which that is known, where the machine counts well."""


def tells_truly(treadmill: VirtualTreadmill) -> str:
    return {Phase.RUNNING: "manual_mode", Phase.COUNTDOWN: "pre_workout", Phase.PAUSED: "post_workout"}.get(
        treadmill.phase, "idle"
    )


def repeats(walk: SessionRun) -> None:
    walk.treadmill.repeats_last_speed_at_rest = True


def snaps(walk: SessionRun) -> None:
    walk.treadmill.snaps_to_speed_at_rest = 1.0


def machine(
    kind: Callable[[SessionRun], None], *, tells: str = "all", linked: bool = True, **profile: Any
) -> SessionRun:
    """A machine that reports a speed at rest. `tells`: all, events, status or counters."""
    its_rules = profile.pop("rules", rules())
    walk = SessionRun(its_rules, linked=False, **profile)
    kind(walk)
    if tells in {"all", "status"}:
        walk.training_status = tells_truly
    walk.reports_events = tells in {"all", "events"}
    if linked:
        walk.link(up=True)
        walk.go(3)
    return walk


def seconds_until(walk: SessionRun, condition: Callable[[], bool], limit: float = 120.0) -> float:
    begun = walk.now
    while not condition():
        assert walk.now - begun < limit, "did not happen"
        walk.go(0.5)
    return walk.now - begun


def walk_at(walk: SessionRun, kmh: float, seconds: float) -> None:
    """Walk by the console, without us."""
    walk.treadmill.press_start()
    walk.go(4)
    walk.treadmill.press_speed(kmh)
    walk.go(seconds)
    assert walk.state is SessionState.MANUAL


KINDS = pytest.mark.parametrize("kind", [repeats, snaps])


# Our own session


SHOWING = pytest.mark.parametrize(
    ("kind", "tells"),
    # What snaps to a speed before anything was seen to move is told at rest by its status alone.
    [*((repeats, tells) for tells in ("all", "events", "status", "counters")), (snaps, "all"), (snaps, "status")],
)


@SHOWING
def test_s3_a_stop_is_known_to_have_worked_where_the_speed_stays(
    kind: Callable[[SessionRun], None], tells: str
) -> None:
    walk = machine(kind, tells=tells)
    walk.go(15)
    assert walk.state is SessionState.IDLE
    walk.session.choose_direction(Direction.FORWARD)
    walk.begin()
    walk.session.set_speed(3.0, caller=Caller.PERSON)
    walk.go(60)
    walked = walk.session.moving_time
    walk.clear_log()
    walk.stop()
    took = seconds_until(walk, lambda: walk.treadmill.at_rest)
    assert walk.state is SessionState.STOPPING  # not before it rests
    assert seconds_until(walk, lambda: walk.state is SessionState.FINISHED) <= RESTS_WITHIN
    assert SessionEventKind.STOP_FAILED not in walk.event_kinds
    assert walk.session.moving_time == pytest.approx(walked + took, abs=3)
    assert len(walk.command_kinds) <= took + RESTS_WITHIN + 2
    walk.clear_log()
    walk.go(300)
    assert (walk.sent, walk.event_kinds) == ([], [])
    # And the next start, at the speed that it shows.
    walk.begin()
    assert walk.treadmill.speed > 0


@KINDS
@pytest.mark.parametrize("tells", ["all", "status"])
def test_s12_our_pause_is_a_pause_where_the_speed_stays(kind: Callable[[SessionRun], None], tells: str) -> None:
    walk = machine(kind, tells=tells)
    walk.go(15)
    walk.begin()
    walk.go(40)
    walk.clear_log()
    walk.pause()
    walk.go(20)
    assert walk.state is SessionState.PAUSED
    assert not walk.session.belt_may_move
    assert walk.command_kinds == [CommandKind.PAUSE]
    walk.resume()
    walk.resume()
    walk.go(15)
    assert walk.state is SessionState.STARTING
    walk.go(6)
    assert walk.state in {SessionState.WARM_UP, SessionState.ACTIVE}
    assert walk.treadmill.speed > 0


@KINDS
@pytest.mark.parametrize("pressed", ["press_stop", "press_pause", "pull_safety_key"])
def test_s7_the_consoles_halt_is_one_where_the_speed_stays(kind: Callable[[SessionRun], None], pressed: str) -> None:
    walk = machine(kind)
    walk.go(15)
    walk.begin()
    walk.go(40)
    walk.clear_log()
    getattr(walk.treadmill, pressed)()
    walk.go(20)
    assert walk.state is (SessionState.PAUSED if pressed == "press_pause" else SessionState.FINISHED)
    assert SessionEventKind.STOP_FAILED not in walk.event_kinds
    assert SessionEventKind.NOBODY_ON_BELT not in walk.event_kinds


@KINDS
def test_s8_nothing_is_steered_before_a_belt_that_shows_a_speed_at_rest_really_moves(
    kind: Callable[[SessionRun], None],
) -> None:
    walk = machine(kind, countdown=6.0)
    walk.go(15)
    walk.begin()
    walk.go(40)
    walk.stop()
    walk.go(30)
    walk.count_down()
    walk.go(15)
    assert walk.command_kinds[-1] is START
    # Walk asserts that no target comes before the belt runs.
    for _ in range(10):
        walk.go(0.5)
        assert walk.session.belt.state is BeltState.COUNTDOWN
    seconds_until(walk, lambda: walk.state is SessionState.WARM_UP, 5)


def test_s2_a_belt_that_does_not_start_is_told_of_where_it_shows_a_speed() -> None:
    walk = machine(repeats)
    walk.begin()
    walk.go(40)
    walk.stop()
    walk.go(30)
    walk.obeys = False
    walk.count_down()
    walk.go(33)
    assert SessionEventKind.START_FAILED in walk.event_kinds
    assert walk.command_kinds[-1] is STOP


@KINDS
def test_s9_the_check_run_measures_a_stop_where_the_speed_stays(kind: Callable[[SessionRun], None]) -> None:
    walk = machine(kind)
    walk.treadmill.occupied = False
    walk.go(20)
    check = walk.start_check()
    seconds_until(walk, lambda: check.phase is CheckPhase.OVER, 240)
    assert check.failure is None
    assert check.result.stop_delay is not None
    assert check.result.stop_delay < 6


# The console's session, monitor-only too


@pytest.mark.parametrize(
    ("kind", "tells"), [(repeats, "all"), (repeats, "events"), (repeats, "status"), (snaps, "all"), (snaps, "status")]
)
@pytest.mark.parametrize("control", [True, False])
def test_s3_a_console_walk_ends_where_the_speed_stays(
    kind: Callable[[SessionRun], None], tells: str, control: bool
) -> None:
    walk = machine(kind, tells=tells, rules=rules(control=control))
    walk.go(15)
    walk_at(walk, 4.0, 60)
    walk.clear_log()
    walk.treadmill.press_stop()
    coasted = seconds_until(walk, lambda: walk.treadmill.at_rest)
    assert walk.session.under_way
    assert seconds_until(walk, lambda: not walk.session.under_way) <= RESTS_WITHIN
    walked = walk.session.moving_time
    assert walked == pytest.approx(64 - 3 + coasted, abs=3)
    walk.go(3600)
    assert walk.session.moving_time == walked
    assert SessionEventKind.BELT_WITHOUT_SESSION not in walk.event_kinds
    assert SessionEventKind.STOP_FAILED not in walk.event_kinds
    # And it is noticed when it begins anew.
    walk.treadmill.press_start()
    assert seconds_until(walk, lambda: walk.session.under_way) <= 6


def test_minutes_are_nobodys_where_nothing_tells_that_the_belt_was_stopped() -> None:
    """In doubt it moves: Start stays refused. But nobody walks for hours where all counters stand still."""
    walk = machine(repeats, tells="counters", rules=rules(control=False))
    walk_at(walk, 4.0, 60)
    walk.treadmill.press_stop()
    coasted = seconds_until(walk, lambda: walk.treadmill.at_rest)
    seconds_until(walk, lambda: not walk.session.under_way, 400)
    assert walk.session.moving_time == pytest.approx(61 + coasted, abs=3)
    walk.clear_log()
    walk.go(3600)
    assert SessionEventKind.BELT_WITHOUT_SESSION not in walk.event_kinds
    walk.session.apply_rules(rules())
    with pytest.raises(RefusedError, match=Refusal.BELT_MOVES):
        walk.start()
    walk.treadmill.press_start()
    assert seconds_until(walk, lambda: walk.session.under_way) <= 6


@pytest.mark.parametrize("answers_no", [True, False])
def test_s3_where_only_counters_tell_a_stop_ends_the_doubt(answers_no: bool) -> None:
    walk = machine(repeats, tells="counters", rules=rules(control=False))
    walk.reports_refusals = answers_no  # to a stop that is said again
    walk_at(walk, 4.0, 60)
    walk.treadmill.press_pause()
    walk.go(30)
    assert walk.state is SessionState.MANUAL
    walk.stop()
    assert walk.command_kinds == [STOP]  # it is sent, whatever is thought of the belt
    walk.go(10)
    assert SessionEventKind.STOP_FAILED in walk.event_kinds  # for all that anybody knows
    seconds_until(walk, lambda: walk.state is SessionState.FINISHED, 60 if answers_no else 300)
    walk.clear_log()
    walk.go(60)
    assert walk.sent == []


def test_s3_where_only_counters_tell_a_stop_that_was_declined_for_a_minute_ends_the_doubt_too() -> None:
    walk = machine(repeats, tells="counters")
    walk.reports_refusals = True
    walk_at(walk, 4.0, 60)
    walk.treadmill.press_stop()
    seconds_until(walk, lambda: walk.state is SessionState.STOPPING, 40)  # nobody is on the belt (S17)
    seconds_until(walk, lambda: walk.state is SessionState.FINISHED, 70)
    walk.go(5)
    walk.begin()
    assert walk.treadmill.speed > 0


# A belt that rested all along


@pytest.mark.parametrize("ran_before", [True, False])
@pytest.mark.parametrize("control", [True, False])
def test_a_belt_at_rest_is_known_at_once_on_connecting(ran_before: bool, control: bool) -> None:
    walk = machine(snaps, linked=False, rules=rules(control=control))
    if ran_before:
        walk.treadmill.press_start()
        walk.treadmill.step(100)
        walk.treadmill.press_stop()
        walk.treadmill.step(100)
    walk.link(up=True)
    walk.go(50)
    assert walk.event_kinds == []
    assert (walk.state, walk.session.moving_time) == (SessionState.IDLE, 0)
    assert walk.session.belt.state is BeltState.AT_REST
    if control:
        walk.begin()
        assert walk.treadmill.speed > 0
        # The driver has to know the speed that is shown at rest, or it would take the belt for a moving one.
        assert [command for _, command in walk.sent if command.kind is START] == [Command(START, 1.0)]


def test_s3_a_stop_pressed_at_rest_is_sent_where_the_speed_stays() -> None:
    walk = machine(snaps)
    walk.go(60)
    walk.stop()
    assert walk.command_kinds == [STOP]
    walk.go(60)
    assert walk.command_kinds == [STOP]
    assert SessionEventKind.STOP_FAILED not in walk.event_kinds


def test_rest_outlasts_a_lost_link_but_not_what_happened_meanwhile() -> None:
    walk = machine(repeats)
    walk_at(walk, 4.0, 60)
    walk.treadmill.press_stop()
    walk.go(60)
    walk.link(up=False)
    walk.go(30)
    walk.clear_log()
    walk.link(up=True)
    walk.go(1)
    assert walk.session.belt.state is BeltState.AT_REST
    walk.link(up=False)
    walk.treadmill.press_start()
    walk.go(30)
    walk.link(up=True)
    walk.go(3)
    assert walk.session.belt.state is BeltState.MOVING
    assert SessionEventKind.BELT_WITHOUT_SESSION in walk.event_kinds


@pytest.mark.parametrize("moved_before", [False, True])
def test_s17_a_status_that_is_always_idle_tells_rest_after_a_lost_link_only_where_nothing_moved_before_it(
    moved_before: bool,
) -> None:
    walk = machine(repeats)
    walk.training_status = always("idle")
    walk_at(walk, 4.0, 60)
    if not moved_before:
        walk.treadmill.press_stop()
        walk.go(30)
        assert walk.session.belt.state is BeltState.AT_REST
    walk.link(up=False)
    walk.treadmill.counters_frozen_without_walker = True
    walk.treadmill.press_start()
    walk.go(30)
    walk.treadmill.press_stop()
    walk.treadmill.occupied = not moved_before
    walk.go(30)
    walk.link(up=True)
    walk.go(60)
    assert walk.session.belt.state is (BeltState.MOVING if moved_before else BeltState.AT_REST)


# What ends a rest at once


@pytest.mark.parametrize(
    "sign",
    [{"speed": 3.1}, {"speed": 2.9}, {"elapsed_time": 9000}, {"distance": 9000}, {"training_status": "manual_mode"}],
)
def test_whatever_runs_ends_the_rest_at_once(sign: dict[str, Any]) -> None:
    walk = machine(repeats)
    walk_at(walk, 3.0, 60)
    walk.treadmill.press_stop()
    walk.go(30)
    assert walk.session.belt.state is BeltState.AT_REST
    walk.report(**sign)
    assert walk.session.belt.state is BeltState.MOVING
    assert walk.state is SessionState.MANUAL


def test_a_console_start_or_a_new_target_ends_the_rest_at_once() -> None:
    walk = machine(repeats)
    walk_at(walk, 3.0, 60)
    walk.treadmill.press_stop()
    walk.go(30)
    walk.event(MachineEventKind.SPEED_CHANGED, 3.0)
    walk.report()
    assert walk.session.belt.state is BeltState.AT_REST  # the one that it shows
    walk.event(MachineEventKind.SPEED_CHANGED, 5.0)
    walk.report()
    assert walk.session.belt.state is not BeltState.AT_REST
    walk.go(30)
    walk.event(MachineEventKind.STARTED)
    walk.report()
    assert walk.session.belt.state is BeltState.COUNTDOWN
    with pytest.raises(RefusedError):
        walk.count_down()


# A belt that moves


def moving(walk: SessionRun, seconds: float = 120.0, kmh: float = 2.0, dt: float = 1.0) -> list[BeltState]:
    """What the belt of a console walk is taken for, second by second."""
    walk.treadmill.press_start()
    walk.go(4)
    walk.treadmill.press_speed(kmh)
    states = []
    for _ in range(round(seconds / dt)):
        walk.go(dt, dt)
        states.append(walk.session.belt.state)
        assert walk.treadmill.speed > 0
    return states


def always(status: str) -> Callable[[VirtualTreadmill], str]:
    return lambda _: status


@pytest.mark.parametrize("fault", ["", "no_counters", "frozen", "coarse", "kcal"])
@pytest.mark.parametrize("status", ["idle", "post_workout", "pre_workout", "other", "manual_mode"])
@pytest.mark.parametrize("halt", [None, MachineEventKind.STOPPED, MachineEventKind.PAUSED])
def test_a_belt_that_moves_moves_whatever_its_machine_says(
    fault: str, status: str, halt: MachineEventKind | None
) -> None:
    """Sperax says idle; KingSmith repeats an old stop; CITYSPORTS counts nothing without a person; and all at once."""
    walk = SessionRun(rules(control=False))
    walk.training_status = always(status)
    if fault == "no_counters":
        walk.reports = {"distance": None, "elapsed_time": None}
    elif fault == "frozen":
        walk.reports = {"distance": 0, "elapsed_time": 0, "energy": 0, "steps": 0}
    if halt is not None:
        walk.event(halt)
    walk.treadmill.press_start()
    walk.go(4)
    if halt is not None:
        walk.event(halt)
    walk.treadmill.press_speed(1.0)
    for second in range(400):
        if fault == "coarse":
            walk.reports = {"distance": int(walk.treadmill.distance / 10) * 10, "elapsed_time": None}
        elif fault == "kcal":
            walk.reports = {"distance": None, "elapsed_time": None, "energy": int(walk.treadmill.energy)}
        walk.go(1, 1)
        assert walk.treadmill.speed > 0
        assert walk.session.belt.state is BeltState.MOVING, second


@pytest.mark.parametrize("status", [None, "idle"])
@pytest.mark.parametrize("reports", [{"distance": 0, "elapsed_time": 0}, {"distance": None, "elapsed_time": None}])
def test_s3_a_belt_that_ignores_stop_is_stopped_for_ever(status: str | None, reports: dict[str, Any]) -> None:
    """Without a person on it nothing is counted: that is no rest, whoever accepted what."""
    walk = SessionRun()
    walk.training_status = lambda _: status
    walk.reports = reports
    walk.begin()
    walk.ignores_stop = True
    walk.clear_log()
    walk.stop()
    walk.go(300)
    assert walk.state is SessionState.STOPPING
    assert sum(command.stops for _, command in walk.sent) >= 295
    assert SessionEventKind.STOP_FAILED in walk.event_kinds


@pytest.mark.parametrize("status", [None, "idle", "manual_mode"])
def test_s3_a_belt_that_ignores_stop_under_a_person_is_told_of_at_once(status: str | None) -> None:
    walk = SessionRun()
    walk.training_status = lambda _: status
    walk.begin()
    walk.go(30)
    walk.ignores_stop = True
    walk.clear_log()
    walk.stop()
    walk.go(6)
    assert SessionEventKind.STOP_FAILED in walk.event_kinds
    walk.go(300)
    assert walk.state is SessionState.STOPPING
    assert sum(command.stops for _, command in walk.sent) >= 300


def test_s17_who_steps_off_leaves_a_belt_that_moves() -> None:
    """Mobvoi and CITYSPORTS count nothing then, and perhaps say idle: all stands still, and the belt runs."""
    walk = SessionRun(rules(control=False))
    walk.training_status = always("idle")
    walk.treadmill.counters_frozen_without_walker = True
    assert set(moving(walk)) == {BeltState.MOVING}
    walk.treadmill.occupied = False
    for _ in range(900):
        walk.go(1, 1)
        assert walk.session.belt.state is BeltState.MOVING


def test_s3_a_machine_that_reports_0_after_a_stop_rests_only_then() -> None:
    """Once it has shown so, counters that stand still under an accepted Stop prove nothing any more."""
    walk = SessionRun()
    walk.treadmill.counters_frozen_without_walker = True
    walk.begin()
    walk.stop()
    walk.go(30)
    walk.begin()
    walk.go(30)
    walk.treadmill.occupied = False
    walk.ignores_stop = True
    walk.stop()
    for _ in range(120):
        walk.go(1, 1)
        assert walk.session.belt.state is BeltState.MOVING
    assert SessionEventKind.STOP_FAILED in walk.event_kinds


def test_a_clock_that_runs_on_in_a_pause_is_no_walk() -> None:
    walk = machine(repeats)
    walk.treadmill.clock_runs_in_pause = True
    walk_at(walk, 4.0, 60)
    walk.treadmill.press_pause()
    seconds_until(walk, lambda: walk.treadmill.at_rest)
    assert seconds_until(walk, lambda: walk.session.belt.state is BeltState.AT_REST) <= RESTS_WITHIN + 4
    walk.go(60)
    assert walk.session.belt.state is BeltState.AT_REST
    walk.treadmill.press_start()
    assert seconds_until(walk, lambda: walk.session.belt.state is BeltState.MOVING) <= 6


def test_a_console_start_that_leads_nowhere_leaves_the_doubt_and_then_rest() -> None:
    walk = machine(repeats, rules=rules(control=False))
    walk_at(walk, 3.0, 60)
    walk.treadmill.press_stop()
    walk.go(30)
    walk.event(MachineEventKind.STARTED)
    walk.go(19)
    assert walk.session.belt.state is BeltState.COUNTDOWN
    walk.go(3)
    assert walk.session.belt.state is not BeltState.COUNTDOWN
    walk.go(10)
    assert walk.session.belt.state is BeltState.AT_REST


def test_s3_a_belt_that_got_faster_after_a_stop_is_no_belt_that_settles() -> None:
    walk = machine(repeats)
    walk.begin()
    walk.go(30)
    walk.obeys = False
    walk.stop()
    walk.session.on_command_done(walk.sent[-1][1], walk.now)
    assert walk.session.belt.settles is False
    walk.go(3)
    walk.reports = {"speed": 4.0}
    walk.go(0.5)
    assert walk.session.belt.settles is False


def test_what_was_judged_is_not_judged_again_and_a_report_without_a_speed_says_nothing() -> None:
    walk = machine(repeats)
    walk_at(walk, 3.0, 60)
    walk.treadmill.press_stop()
    walk.go(30)
    walk.report(belt=BeltState.UNKNOWN, speed=None)
    walk.now += 1
    judged = walk.session.judge(walk.telemetry())
    assert walk.session.judge(judged) is judged
    assert (judged.belt, judged.speed) == (BeltState.AT_REST, 0.0)
