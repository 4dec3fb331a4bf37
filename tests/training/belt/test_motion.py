"""On both kinds of machines, speed alone does not prove a session, and nothing else alone proves rest."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, MachineEventKind, ValueRange
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


def true_training_status(treadmill: VirtualTreadmill) -> str:
    return {Phase.RUNNING: "manual_mode", Phase.COUNTDOWN: "pre_workout", Phase.PAUSED: "post_workout"}.get(
        treadmill.phase, "idle"
    )


def repeats(run: SessionRun) -> None:
    run.treadmill.repeats_last_speed_at_rest = True


def snaps(run: SessionRun) -> None:
    run.treadmill.snaps_to_speed_at_rest = 1.0


def machine(
    kind: Callable[[SessionRun], None], *, reporting: str = "all", linked: bool = True, **profile: Any
) -> SessionRun:
    """Return a machine that reports a speed at rest. `reporting`: all, events, status or counters."""
    its_rules = profile.pop("rules", rules())
    run = SessionRun(its_rules, linked=False, **profile)
    kind(run)
    if reporting in {"all", "status"}:
        run.training_status = true_training_status
    run.reports_events = reporting in {"all", "events"}
    if linked:
        run.link(up=True)
        run.go(3)
    return run


def seconds_until(run: SessionRun, condition: Callable[[], bool], limit: float = 120.0) -> float:
    begun = run.now
    while not condition():
        assert run.now - begun < limit, "did not happen"
        run.go(0.5)
    return run.now - begun


def walk_at(run: SessionRun, kmh: float, seconds: float) -> None:
    """Run a session from the console, without steering."""
    run.treadmill.press_start()
    run.go(4)
    run.treadmill.press_speed(kmh)
    run.go(seconds)
    assert run.state is SessionState.MANUAL


KINDS = pytest.mark.parametrize("kind", [repeats, snaps])


# Our own session


SHOWING = pytest.mark.parametrize(
    ("kind", "reporting"),
    # A machine that snaps to a speed before any movement was seen is known to be at rest by its status alone.
    [
        *((repeats, reporting) for reporting in ("all", "events", "status", "counters")),
        (snaps, "all"),
        (snaps, "status"),
    ],
)


@SHOWING
def test_s3_a_stop_is_known_to_have_worked_where_the_speed_stays(
    kind: Callable[[SessionRun], None], reporting: str
) -> None:
    run = machine(kind, reporting=reporting)
    run.go(15)
    assert run.state is SessionState.IDLE
    run.session.choose_direction(Direction.FORWARD)
    run.begin()
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(60)
    moving_time = run.session.moving_time
    run.clear_log()
    run.stop()
    took = seconds_until(run, lambda: run.treadmill.at_rest)
    assert run.state is SessionState.STOPPING  # not before the belt is at rest
    assert seconds_until(run, lambda: run.state is SessionState.FINISHED) <= RESTS_WITHIN
    assert SessionEventKind.STOP_FAILED not in run.event_kinds
    assert run.session.moving_time == pytest.approx(moving_time + took, abs=3)
    assert len(run.command_kinds) <= took + RESTS_WITHIN + 2
    run.clear_log()
    run.go(300)
    assert (run.sent, run.event_kinds) == ([], [])
    # The next session starts at the speed that the machine shows.
    run.begin()
    assert run.treadmill.speed > 0


@KINDS
@pytest.mark.parametrize("reporting", ["all", "status"])
def test_s12_our_pause_is_a_pause_where_the_speed_stays(kind: Callable[[SessionRun], None], reporting: str) -> None:
    run = machine(kind, reporting=reporting)
    run.go(15)
    run.begin()
    run.go(40)
    run.clear_log()
    run.pause()
    run.go(20)
    assert run.state is SessionState.PAUSED
    assert not run.session.belt_may_move
    assert run.command_kinds == [CommandKind.PAUSE]
    run.resume()
    run.resume()
    run.go(15)
    assert run.state is SessionState.STARTING
    run.go(6)
    assert run.state in {SessionState.WARM_UP, SessionState.ACTIVE}
    assert run.treadmill.speed > 0


@KINDS
@pytest.mark.parametrize("pressed", ["press_stop", "press_pause", "pull_safety_key"])
def test_s7_the_consoles_halt_is_one_where_the_speed_stays(kind: Callable[[SessionRun], None], pressed: str) -> None:
    run = machine(kind)
    run.go(15)
    run.begin()
    run.go(40)
    run.clear_log()
    getattr(run.treadmill, pressed)()
    run.go(20)
    assert run.state is (SessionState.PAUSED if pressed == "press_pause" else SessionState.FINISHED)
    assert SessionEventKind.STOP_FAILED not in run.event_kinds
    assert SessionEventKind.NOBODY_ON_BELT not in run.event_kinds


@KINDS
def test_s8_nothing_is_steered_before_a_belt_that_shows_a_speed_at_rest_really_moves(
    kind: Callable[[SessionRun], None],
) -> None:
    run = machine(kind, countdown=6.0)
    run.go(15)
    run.begin()
    run.go(40)
    run.stop()
    run.go(30)
    run.count_down()
    run.go(15)
    assert run.command_kinds[-1] is START
    # SessionRun asserts that no target is sent before the belt runs.
    for _ in range(10):
        run.go(0.5)
        assert run.session.belt.state is BeltState.COUNTDOWN
    seconds_until(run, lambda: run.state is SessionState.WARM_UP, 5)


def test_s2_a_belt_that_does_not_start_is_told_of_where_it_shows_a_speed() -> None:
    run = machine(repeats)
    run.begin()
    run.go(40)
    run.stop()
    run.go(30)
    run.obeys = False
    run.count_down()
    run.go(33)
    assert SessionEventKind.START_FAILED in run.event_kinds
    assert run.command_kinds[-1] is STOP


@KINDS
def test_s9_the_check_run_measures_a_stop_where_the_speed_stays(kind: Callable[[SessionRun], None]) -> None:
    run = machine(kind)
    run.treadmill.occupied = False
    run.go(20)
    check = run.start_check()
    seconds_until(run, lambda: check.phase is CheckPhase.OVER, 240)
    assert check.failure is None
    assert check.result.stop_delay is not None
    assert check.result.stop_delay < 6


# The console's session, also in monitor-only mode


@pytest.mark.parametrize(
    ("kind", "reporting"),
    [(repeats, "all"), (repeats, "events"), (repeats, "status"), (snaps, "all"), (snaps, "status")],
)
@pytest.mark.parametrize("control", [True, False])
def test_s3_a_console_walk_ends_where_the_speed_stays(
    kind: Callable[[SessionRun], None], reporting: str, control: bool
) -> None:
    run = machine(kind, reporting=reporting, rules=rules(control=control))
    run.go(15)
    walk_at(run, 4.0, 60)
    run.clear_log()
    run.treadmill.press_stop()
    coasted = seconds_until(run, lambda: run.treadmill.at_rest)
    assert run.session.under_way
    assert seconds_until(run, lambda: not run.session.under_way) <= RESTS_WITHIN
    moving_time = run.session.moving_time
    assert moving_time == pytest.approx(64 - 3 + coasted, abs=3)
    run.go(3600)
    assert run.session.moving_time == moving_time
    assert SessionEventKind.BELT_WITHOUT_SESSION not in run.event_kinds
    assert SessionEventKind.STOP_FAILED not in run.event_kinds
    # It is noticed when the console starts again.
    run.treadmill.press_start()
    assert seconds_until(run, lambda: run.session.under_way) <= 6


def test_minutes_are_nobodys_where_nothing_tells_that_the_belt_was_stopped() -> None:
    """Assume movement in doubt and refuse Start, but count no hours of walking while all counters stand still."""
    run = machine(repeats, reporting="counters", rules=rules(control=False))
    walk_at(run, 4.0, 60)
    run.treadmill.press_stop()
    coasted = seconds_until(run, lambda: run.treadmill.at_rest)
    seconds_until(run, lambda: not run.session.under_way, 400)
    assert run.session.moving_time == pytest.approx(61 + coasted, abs=3)
    run.clear_log()
    run.go(3600)
    assert SessionEventKind.BELT_WITHOUT_SESSION not in run.event_kinds
    run.session.apply_rules(rules())
    with pytest.raises(RefusedError, match=Refusal.BELT_MOVES):
        run.start()
    run.treadmill.press_start()
    assert seconds_until(run, lambda: run.session.under_way) <= 6


@pytest.mark.parametrize("answers_no", [True, False])
def test_s3_where_only_counters_tell_a_stop_ends_the_doubt(answers_no: bool) -> None:
    run = machine(repeats, reporting="counters", rules=rules(control=False))
    run.reports_refusals = answers_no  # to a repeated stop
    walk_at(run, 4.0, 60)
    run.treadmill.press_pause()
    run.go(30)
    assert run.state is SessionState.MANUAL
    run.stop()
    assert run.command_kinds == [STOP]  # it is sent, regardless of the assumed belt state
    run.go(10)
    assert SessionEventKind.STOP_FAILED in run.event_kinds  # as far as is known
    seconds_until(run, lambda: run.state is SessionState.FINISHED, 60 if answers_no else 300)
    run.clear_log()
    run.go(60)
    assert run.sent == []


def test_s3_where_only_counters_tell_a_stop_that_was_declined_for_a_minute_ends_the_doubt_too() -> None:
    run = machine(repeats, reporting="counters")
    run.reports_refusals = True
    walk_at(run, 4.0, 60)
    run.treadmill.press_stop()
    seconds_until(run, lambda: run.state is SessionState.STOPPING, 40)  # nobody is on the belt (S17)
    seconds_until(run, lambda: run.state is SessionState.FINISHED, 70)
    run.go(5)
    run.begin()
    assert run.treadmill.speed > 0


# A belt that was at rest all along


@pytest.mark.parametrize("ran_before", [True, False])
@pytest.mark.parametrize("control", [True, False])
def test_a_belt_at_rest_is_known_at_once_on_connecting(ran_before: bool, control: bool) -> None:
    run = machine(snaps, linked=False, rules=rules(control=control))
    if ran_before:
        run.treadmill.press_start()
        run.treadmill.step(100)
        run.treadmill.press_stop()
        run.treadmill.step(100)
    run.link(up=True)
    run.go(50)
    assert run.event_kinds == []
    assert (run.state, run.session.moving_time) == (SessionState.IDLE, 0)
    assert run.session.belt.state is BeltState.AT_REST
    if control:
        run.begin()
        assert run.treadmill.speed > 0
        # The driver must know the speed shown at rest, or it would assume that the belt is moving.
        assert [command for _, command in run.sent if command.kind is START] == [Command(START, 1.0)]


def test_s3_a_stop_pressed_at_rest_is_sent_where_the_speed_stays() -> None:
    run = machine(snaps)
    run.go(60)
    run.stop()
    assert run.command_kinds == [STOP]
    run.go(60)
    assert run.command_kinds == [STOP]
    assert SessionEventKind.STOP_FAILED not in run.event_kinds


def test_rest_outlasts_a_lost_link_but_not_what_happened_meanwhile() -> None:
    run = machine(repeats)
    walk_at(run, 4.0, 60)
    run.treadmill.press_stop()
    run.go(60)
    run.link(up=False)
    run.go(30)
    run.clear_log()
    run.link(up=True)
    run.go(1)
    assert run.session.belt.state is BeltState.AT_REST
    run.link(up=False)
    run.treadmill.press_start()
    run.go(30)
    run.link(up=True)
    run.go(3)
    assert run.session.belt.state is BeltState.MOVING
    assert SessionEventKind.BELT_WITHOUT_SESSION in run.event_kinds


@pytest.mark.parametrize("moved_before", [False, True])
def test_s17_a_status_that_is_always_idle_tells_rest_after_a_lost_link_only_where_nothing_moved_before_it(
    moved_before: bool,
) -> None:
    run = machine(repeats)
    run.training_status = always("idle")
    walk_at(run, 4.0, 60)
    if not moved_before:
        run.treadmill.press_stop()
        run.go(30)
        assert run.session.belt.state is BeltState.AT_REST
    run.link(up=False)
    run.treadmill.counters_frozen_without_walker = True
    run.treadmill.press_start()
    run.go(30)
    run.treadmill.press_stop()
    run.treadmill.occupied = not moved_before
    run.go(30)
    run.link(up=True)
    run.go(60)
    assert run.session.belt.state is (BeltState.MOVING if moved_before else BeltState.AT_REST)


# What ends a rest immediately


@pytest.mark.parametrize(
    "sign",
    [{"speed": 3.1}, {"speed": 2.9}, {"elapsed_time": 9000}, {"distance": 9000}, {"training_status": "manual_mode"}],
)
def test_whatever_runs_ends_the_rest_at_once(sign: dict[str, Any]) -> None:
    run = machine(repeats)
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    assert run.session.belt.state is BeltState.AT_REST
    run.report(**sign)
    assert run.session.belt.state is BeltState.MOVING
    assert run.state is SessionState.MANUAL


def test_a_console_start_or_a_new_target_ends_the_rest_at_once() -> None:
    run = machine(repeats)
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    run.event(MachineEventKind.SPEED_CHANGED, 3.0)
    run.report()
    assert run.session.belt.state is BeltState.AT_REST  # the speed that it shows
    run.event(MachineEventKind.SPEED_CHANGED, 5.0)
    run.report()
    assert run.session.belt.state is not BeltState.AT_REST
    run.go(30)
    run.event(MachineEventKind.STARTED)
    run.report()
    assert run.session.belt.state is BeltState.COUNTDOWN
    with pytest.raises(RefusedError):
        run.count_down()


# A belt that moves


def moving(run: SessionRun, seconds: float = 120.0, kmh: float = 2.0, dt: float = 1.0) -> list[BeltState]:
    """Return the judged belt state of a session from the console, second by second."""
    run.treadmill.press_start()
    run.go(4)
    run.treadmill.press_speed(kmh)
    states = []
    for _ in range(round(seconds / dt)):
        run.go(dt, dt)
        states.append(run.session.belt.state)
        assert run.treadmill.speed > 0
    return states


def always(status: str) -> Callable[[VirtualTreadmill], str]:
    return lambda _: status


@pytest.mark.sampled(3)
@pytest.mark.parametrize("fault", ["", "no_counters", "frozen", "coarse", "kcal"])
@pytest.mark.parametrize("status", ["idle", "post_workout", "pre_workout", "other", "manual_mode"])
@pytest.mark.parametrize("halt", [None, MachineEventKind.STOPPED, MachineEventKind.PAUSED])
def test_a_belt_that_moves_moves_whatever_its_machine_says(
    fault: str, status: str, halt: MachineEventKind | None
) -> None:
    """Cover Sperax reporting idle, KingSmith repeating Stop, CITYSPORTS counting nothing when empty, and all three."""
    run = SessionRun(rules(control=False))
    run.training_status = always(status)
    if fault == "no_counters":
        run.reports = {"distance": None, "elapsed_time": None}
    elif fault == "frozen":
        run.reports = {"distance": 0, "elapsed_time": 0, "energy": 0, "steps": 0}
    if halt is not None:
        run.event(halt)
    run.treadmill.press_start()
    run.go(4)
    if halt is not None:
        run.event(halt)
    run.treadmill.press_speed(1.0)
    for second in range(400):
        if fault == "coarse":
            run.reports = {"distance": int(run.treadmill.distance / 10) * 10, "elapsed_time": None}
        elif fault == "kcal":
            run.reports = {"distance": None, "elapsed_time": None, "energy": int(run.treadmill.energy)}
        run.go(1, 1)
        assert run.treadmill.speed > 0
        assert run.session.belt.state is BeltState.MOVING, second


@pytest.mark.parametrize("status", [None, "idle"])
@pytest.mark.parametrize("reports", [{"distance": 0, "elapsed_time": 0}, {"distance": None, "elapsed_time": None}])
def test_s3_a_belt_that_ignores_stop_is_stopped_for_ever(status: str | None, reports: dict[str, Any]) -> None:
    """Do not take missing counts without a person for rest, regardless of what was accepted."""
    run = SessionRun()
    run.training_status = lambda _: status
    run.reports = reports
    run.begin()
    run.ignores_stop = True
    run.clear_log()
    run.stop()
    run.go(300)
    assert run.state is SessionState.STOPPING
    assert sum(command.stops for _, command in run.sent) >= 295
    assert SessionEventKind.STOP_FAILED in run.event_kinds


@pytest.mark.parametrize("status", [None, "idle", "manual_mode"])
def test_s3_a_belt_that_ignores_stop_under_a_person_is_told_of_at_once(status: str | None) -> None:
    run = SessionRun()
    run.training_status = lambda _: status
    run.begin()
    run.go(30)
    run.ignores_stop = True
    run.clear_log()
    run.stop()
    run.go(6)
    assert SessionEventKind.STOP_FAILED in run.event_kinds
    run.go(300)
    assert run.state is SessionState.STOPPING
    assert sum(command.stops for _, command in run.sent) >= 300


def test_s17_who_steps_off_leaves_a_belt_that_moves() -> None:
    """Cover Mobvoi and CITYSPORTS: nothing is counted, the status may be idle, and the belt still runs."""
    run = SessionRun(rules(control=False))
    run.training_status = always("idle")
    run.treadmill.counters_frozen_without_walker = True
    assert set(moving(run)) == {BeltState.MOVING}
    run.treadmill.occupied = False
    for _ in range(900):
        run.go(1, 1)
        assert run.session.belt.state is BeltState.MOVING


def test_s3_a_machine_that_reports_0_after_a_stop_rests_only_then() -> None:
    """Ignore counters that stand still after an accepted Stop once the machine has reported 0."""
    run = SessionRun()
    run.treadmill.counters_frozen_without_walker = True
    run.begin()
    run.stop()
    run.go(30)
    run.begin()
    run.go(30)
    run.treadmill.occupied = False
    run.ignores_stop = True
    run.stop()
    for _ in range(120):
        run.go(1, 1)
        assert run.session.belt.state is BeltState.MOVING
    assert SessionEventKind.STOP_FAILED in run.event_kinds


def test_a_clock_that_runs_on_in_a_pause_is_no_walk() -> None:
    run = machine(repeats)
    run.treadmill.clock_runs_in_pause = True
    walk_at(run, 4.0, 60)
    run.treadmill.press_pause()
    seconds_until(run, lambda: run.treadmill.at_rest)
    assert seconds_until(run, lambda: run.session.belt.state is BeltState.AT_REST) <= RESTS_WITHIN + 4
    run.go(60)
    assert run.session.belt.state is BeltState.AT_REST
    run.treadmill.press_start()
    assert seconds_until(run, lambda: run.session.belt.state is BeltState.MOVING) <= 6


def test_a_console_start_that_leads_nowhere_leaves_the_doubt_and_then_rest() -> None:
    run = machine(repeats, rules=rules(control=False))
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    run.event(MachineEventKind.STARTED)
    run.go(19)
    assert run.session.belt.state is BeltState.COUNTDOWN
    run.go(3)
    assert run.session.belt.state is not BeltState.COUNTDOWN
    run.go(10)
    assert run.session.belt.state is BeltState.AT_REST


def test_s3_a_belt_that_got_faster_after_a_stop_is_no_belt_that_settles() -> None:
    run = machine(repeats)
    run.begin()
    run.go(30)
    run.obeys = False
    run.stop()
    run.session.on_command_done(run.sent[-1][1], run.now)
    assert run.session.belt.settles is False
    run.go(3)
    run.reports = {"speed": 4.0}
    run.go(0.5)
    assert run.session.belt.settles is False


def test_s8_a_status_that_runs_ahead_of_its_started_belt_is_no_movement_yet() -> None:
    run = machine(repeats)
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    run.event(MachineEventKind.STARTED)
    for _ in range(4):
        run.now += 0.5
        run.report(training_status="manual_mode")
        assert run.session.belt.state is BeltState.COUNTDOWN
    run.now += 0.5
    run.report(training_status="manual_mode")
    assert run.session.belt.state is BeltState.MOVING


def test_what_counts_after_a_start_is_movement_at_once() -> None:
    run = machine(repeats)
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    run.event(MachineEventKind.STARTED)
    run.report(training_status="manual_mode", distance=9000)
    assert run.session.belt.state is BeltState.MOVING


def slow_walk_told_to_stop() -> SessionRun:
    """Stop a belt that counts a meter in seven seconds."""
    run = machine(repeats, rules=rules(speed=ValueRange(0.5, 12.0, 0.1)))
    run.begin()
    run.go(60)
    run.clear_log()
    return run


def test_s3_a_slow_belt_has_time_to_show_by_its_distance_that_it_rests() -> None:
    run = slow_walk_told_to_stop()
    run.stop()
    seconds_until(run, lambda: run.state is SessionState.FINISHED, limit=25)
    assert SessionEventKind.STOP_FAILED not in run.event_kinds
    assert len(run.sent) <= 25


@pytest.mark.parametrize(
    "frozen",
    [
        {"elapsed_time": None},  # no clock agrees with the status
        {"training_status": None},  # no word of its own
    ],
)
def test_s3_neither_the_status_nor_a_clock_that_stands_puts_off_the_alarm_alone(frozen: dict[str, Any]) -> None:
    run = slow_walk_told_to_stop()
    run.ignores_stop = True
    run.stop()
    run.reports = {"training_status": "idle", "elapsed_time": int(run.treadmill.elapsed), **frozen}
    run.go(16)
    assert run.treadmill.speed > 0
    assert SessionEventKind.STOP_FAILED in run.event_kinds


def test_s3_a_distance_that_grows_after_a_stop_is_told_of_whatever_clock_and_status_say() -> None:
    run = slow_walk_told_to_stop()
    run.ignores_stop = True
    run.stop()
    run.reports = {"training_status": "idle", "elapsed_time": int(run.treadmill.elapsed)}
    run.go(16)
    assert SessionEventKind.STOP_FAILED in run.event_kinds
    run.go(60)
    assert run.session.belt.state is BeltState.MOVING


def test_what_was_judged_is_not_judged_again_and_a_report_without_a_speed_says_nothing() -> None:
    run = machine(repeats)
    walk_at(run, 3.0, 60)
    run.treadmill.press_stop()
    run.go(30)
    run.report(belt=BeltState.UNKNOWN, speed=None)
    run.now += 1
    judged = run.session.judge(run.telemetry())
    assert run.session.judge(judged) is judged
    assert (judged.belt, judged.speed) == (BeltState.AT_REST, 0.0)
