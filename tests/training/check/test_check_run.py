"""The check run: what it measures, what ends it, and what its findings allow (safety rules S1, S4, S8, S9)."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEventKind,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.simulator.treadmill import KMH_PER_MPH, Phase
from custom_components.retrowalk.training.belt.unit_detector import Unit, UnitDetector
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import (
    AfterPause,
    CheckResult,
    Failure,
    SecondStart,
    read_console,
)
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import (
    Direction,
    Limits,
    Measured,
    OwnerLimits,
    Walks,
    limits_for,
    who_may_walk,
)
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules


def until(walk: SessionRun, check: CheckRun, phase: CheckPhase) -> None:
    for _ in range(600):
        if check.phase is phase:
            return
        walk.go(0.5)
    raise AssertionError(f"never came to {phase}, but to {check.phase}: {check.failure}")


def run(walk: SessionRun, **how: Any) -> CheckRun:
    """A check run from its beginning to its end."""
    walk.forget()
    check = walk.start_check(**how)
    until(walk, check, CheckPhase.OVER)
    return check


def refused(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as told:
        ask()
    return told.value.reason


# What a good machine shows


def test_s9_a_machine_that_does_what_it_is_told_passes_and_is_measured() -> None:
    walk = SessionRun()
    began = walk.now
    check = run(walk)
    assert check.failure is None
    assert walk.now - began < 120
    assert [(command.kind, command.value) for _, command in walk.sent] == [
        (CommandKind.START, None),
        (CommandKind.SET_SPEED, 1.0),
        (CommandKind.SET_SPEED, 1.1),
        (CommandKind.START_AGAIN, None),
        (CommandKind.PAUSE, None),
        (CommandKind.START, None),
        (CommandKind.STOP, None),
    ]
    assert check.findings == CheckResult(
        start_speed=1.0,
        step=0.1,
        held_speed=1.1,
        unit=Unit.KILOMETERS,
        second_start=SecondStart.NOTHING,
        after_pause=AfterPause.MINIMUM,
        stop_delay=0.5,
        stop_coast=1.5,
    )
    assert walk.state is SessionState.IDLE
    assert walk.session.check is None
    assert walk.treadmill.at_rest


def test_s9_the_findings_can_be_kept_as_json() -> None:
    findings = run(SessionRun()).findings
    assert CheckResult.from_dict({**findings.as_dict(), "something_newer": 1}) == findings
    assert CheckResult.from_dict({"unit": None, "second_start": None, "after_pause": None}) == CheckResult(
        second_start=None,  # type: ignore[arg-type]
        after_pause=None,  # type: ignore[arg-type]
    )
    assert CheckResult.from_dict({"start_speed": 1.0}).after_pause is AfterPause.UNKNOWN


def test_s9_it_is_no_walk() -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.HOLD)
    assert not walk.session.under_way
    assert walk.session.odometer.distance == 0
    assert walk.session.remaining is None
    until(walk, check, CheckPhase.OVER)
    assert walk.session.odometer.distance == 0
    assert walk.events == [SessionEventKind.STOPPED]


def test_s9_the_start_speed_is_measured_before_anything_is_asked_for() -> None:
    walk = SessionRun()
    walk.treadmill.starts_at = 2.5
    check = run(walk)
    assert (check.failure, check.findings.start_speed) == (None, 2.5)
    assert walk.speeds[0][1] == 1.0
    assert walk.speeds[0][0] - walk.sent[0][0] > 10


@pytest.mark.parametrize(
    ("coarse", "least", "step"), [(0.2, 1.0, 0.2), (0.5, 1.0, 0.5), (0.5, 0.8, 0.5), (0.8, 1.0, 0.8), (0.16, 0.8, 0.2)]
)
def test_s9_the_smallest_step_is_the_one_that_the_machine_really_makes(
    coarse: float, least: float, step: float
) -> None:
    walk = SessionRun(rules(speed=ValueRange(least, 12.0, 0.1)))
    walk.treadmill.coarse_steps = coarse
    check = run(walk)
    assert (check.failure, check.findings.step) == (None, step)


def test_s9_a_machine_that_rounds_down_makes_its_steps_where_they_are() -> None:
    walk = SessionRun()
    treadmill, really = walk.treadmill, walk.treadmill.set_speed
    treadmill.set_speed = lambda kmh: really(int(kmh * 2 + 1e-6) / 2)  # type: ignore[method-assign]
    check = run(walk)
    assert (check.failure, check.findings.step) == (None, 0.5)
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_s9_finer_steps_than_anybody_asks_for_are_not_tried() -> None:
    check = run(SessionRun(rules(speed=ValueRange(1.0, 12.0, 0.01))))
    assert (check.failure, check.findings.step) == (None, 0.1)


def test_s9_a_big_step_is_tried_once() -> None:
    walk = SessionRun(rules(speed=ValueRange(1.0, 12.0, 1.0)))
    check = run(walk)
    assert (check.failure, check.findings.step) == (None, 1.0)
    walk = SessionRun(rules(speed=ValueRange(1.0, 12.0, 1.0)))
    walk.treadmill.coarse_steps = 11.0
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0, 2.0]


def test_s9_a_second_start_that_changes_the_speed_is_found() -> None:
    walk = SessionRun()
    walk.on_second_start = walk.treadmill.start_again
    check = run(walk)
    assert (check.failure, check.findings.second_start) == (None, SecondStart.CHANGES_SPEED)


def test_s9_a_second_start_that_makes_it_run_ends_the_run_at_once() -> None:
    walk = SessionRun(acceleration=2.0)
    walk.on_second_start = lambda: walk.treadmill.set_speed(8.0)
    check = walk.start_check()
    until(walk, check, CheckPhase.SECOND_START)
    until(walk, check, CheckPhase.STOPPING)
    assert walk.treadmill.speed < 3.5
    until(walk, check, CheckPhase.OVER)
    assert (check.failure, check.findings.second_start) == (None, SecondStart.CHANGES_SPEED)


@pytest.mark.parametrize("tells", [True, False])
def test_s9_a_second_start_that_stops_needs_another_run_without_it(tells: bool) -> None:
    walk = SessionRun()
    walk.on_second_start = walk.treadmill.press_stop if tells else walk.treadmill.stop
    check = run(walk)
    assert (check.failure, check.findings.second_start) == (Failure.SECOND_START_STOPS, SecondStart.STOPS)
    assert walk.kinds.count(CommandKind.START) == 1  # it is not started again by itself
    walk.go(10)
    check = run(walk, second_start=False)
    assert (check.failure, check.findings.second_start) == (None, SecondStart.STOPS)
    assert CommandKind.START_AGAIN not in walk.kinds
    assert check.findings.stop_coast is not None


def test_s9_a_second_start_that_is_declined_does_nothing() -> None:
    walk = SessionRun()
    walk.on_second_start = lambda: walk.fails(CommandKind.START_AGAIN)
    assert run(walk).findings.second_start is SecondStart.NOTHING


# A pause, and the start after it


@pytest.mark.parametrize("habits", [{"resumes_at_last_speed": True}, {"starts_at_last_speed": True}])
def test_s9_s12_a_machine_that_resumes_fast_passes_and_it_is_found(habits: dict[str, Any]) -> None:
    walk = SessionRun()
    for name, value in habits.items():
        setattr(walk.treadmill, name, value)
    began = walk.now
    check = run(walk)
    assert (check.failure, check.findings.after_pause) == (None, AfterPause.FASTER)
    assert walk.now - began < 125
    assert check.findings.stop_coast is not None


def test_s9_s12_so_is_one_that_wants_a_session_of_its_own_to_be_ended_first() -> None:
    walk = SessionRun()
    walk.treadmill.starts_only_anew = True
    started, walk.treadmill.start = walk.treadmill.start, lambda: ResultCode.SUCCESS  # type: ignore[method-assign]

    def start() -> ResultCode:
        if started() is not ResultCode.SUCCESS:
            walk.fails(CommandKind.START)
        return ResultCode.SUCCESS

    walk.treadmill.start = start  # type: ignore[method-assign]
    check = run(walk)
    assert (check.failure, check.findings.after_pause) == (None, AfterPause.MINIMUM)
    ends = walk.kinds.index(CommandKind.END_SESSION)
    assert walk.kinds[ends - 1] is CommandKind.START
    assert walk.kinds[ends + 1 :] == [CommandKind.START, CommandKind.STOP]
    assert walk.sent[ends + 1][0] - walk.sent[ends][0] >= 3


@pytest.mark.parametrize("how", ["declines", "does_not_move", "falls_silent", "comes_to_rest", "never_says_so"])
def test_s9_s12_one_that_does_not_start_after_a_pause_needs_another_run_without_it(how: str) -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.PAUSING)
    walk.go(1)
    if how == "falls_silent":
        walk.go(2)
        assert walk.treadmill.at_rest
        walk.deaf = True
    elif how == "never_says_so":
        walk.reports["belt"] = BeltState.UNKNOWN
    else:
        until(walk, check, CheckPhase.RESUMING)
    if how == "declines":
        walk.treadmill.stop()
        for _ in range(2):
            until(walk, check, CheckPhase.RESUMING)
            walk.treadmill.stop()
            walk.fails(CommandKind.START)
            walk.go(0.5)
    elif how == "does_not_move":
        walk.treadmill.stop()
    elif how == "comes_to_rest":
        walk.go(5)
        walk.treadmill.stop()
    for _ in range(120):
        walk.go(0.5)
    assert (check.failure, check.findings.after_pause) == (Failure.PAUSE_ENDS, AfterPause.NOTHING)
    assert check.failure.blames_machine
    walk.deaf, walk.reports = False, {}
    walk.stop()
    walk.go(10)
    check = run(walk, pause=False)
    assert (check.failure, check.findings.after_pause) == (None, AfterPause.NOTHING)
    assert CommandKind.PAUSE not in walk.kinds
    assert check.findings.stop_coast is not None


def test_s9_a_pause_that_is_declined_or_ignored_ends_in_the_stop() -> None:
    for declines in (True, False):
        walk = SessionRun()
        answer = ResultCode.OPERATION_FAILED if declines else ResultCode.SUCCESS
        walk.treadmill.pause = lambda answer=answer: answer  # type: ignore[misc]
        check = walk.start_check()
        until(walk, check, CheckPhase.OVER)
        assert (check.failure, check.findings.after_pause) == (None, AfterPause.UNKNOWN)
        assert check.findings.stop_coast is not None


def test_s9_a_link_that_falls_silent_while_the_belt_comes_to_rest_is_not_the_machines_fault() -> None:
    walk = SessionRun(coast=0.05)
    check = walk.start_check()
    until(walk, check, CheckPhase.PAUSING)
    walk.deaf = True
    walk.go(8)
    assert check.failure is Failure.NO_DATA


def test_s12_where_a_resume_is_fast_a_pause_ends_the_machines_own_session_too() -> None:
    walk = SessionRun(rules(measured=Measured(resumes_fast=True)))
    walk.treadmill.resumes_at_last_speed = walk.treadmill.keeps_session_in_pause = True
    walk.begin()
    walk.treadmill.press_pause()
    walk.go(20)
    assert walk.state is SessionState.PAUSED
    assert walk.kinds.count(CommandKind.END_SESSION) == 1  # once, though it declines
    walk.treadmill.keeps_session_in_pause = False
    walk.resume()
    assert walk.state is SessionState.READY
    assert walk.kinds.count(CommandKind.END_SESSION) == 2
    assert walk.treadmill.phase is Phase.IDLE
    walk.go(3)
    walk.resume()
    walk.go(30)
    assert SessionEventKind.RESUMED in walk.events


def test_s12_its_console_then_starts_slowly_too() -> None:
    walk = SessionRun(rules(measured=Measured(resumes_fast=True)), acceleration=1.0)
    walk.treadmill.resumes_at_last_speed = True
    walk.begin()
    walk.treadmill.press_speed(5.0)
    walk.go(10)
    walk.treadmill.press_pause()
    walk.go(20)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.treadmill.speed == 1.0
    assert walk.state is SessionState.MANUAL


# Miles


def test_s9_a_machine_that_takes_and_reports_miles_counts_too_far() -> None:
    walk = SessionRun()
    walk.treadmill.kmh_per_unit = KMH_PER_MPH
    check = run(walk)
    assert (check.failure, check.findings.unit) == (Failure.MILES, Unit.MILES)
    assert CommandKind.START_AGAIN not in walk.kinds


def test_s9_a_machine_that_takes_miles_and_reports_kilometres_is_off() -> None:
    walk = SessionRun()
    walk.treadmill.kmh_per_unit, walk.true_speed = KMH_PER_MPH, True
    assert run(walk).failure is Failure.MILES
    assert [kmh for _, kmh in walk.speeds] == [1.0]


def test_s9_a_machine_that_takes_kilometres_and_reports_miles_is_off() -> None:
    walk = SessionRun()
    reports = walk.telemetry
    walk.telemetry = lambda **changes: reports(speed=round(walk.treadmill.speed / KMH_PER_MPH, 2), **changes)  # type: ignore[method-assign]
    assert run(walk).failure is Failure.MILES


def test_s9_miles_throughout_are_given_away_by_the_console_alone() -> None:
    walk = SessionRun()
    walk.treadmill.kmh_per_unit = walk.metre = KMH_PER_MPH
    check = run(walk)
    assert (check.failure, check.findings.unit) == (None, Unit.KILOMETERS)
    shown = round(walk.speeds[-1][1], 1)
    assert read_console(check.findings, shown, Unit.MILES) is Failure.MILES
    assert read_console(check.findings, round(shown * KMH_PER_MPH, 1), Unit.KILOMETERS) is Failure.MILES


@pytest.mark.parametrize("held", [0.6, 0.9, 1.1, 1.3, 2.0])
def test_s9_a_console_in_either_unit_agrees_with_the_speed_that_it_shows(held: float) -> None:
    findings = CheckResult(held_speed=held, unit=Unit.KILOMETERS)
    assert read_console(findings, held, Unit.KILOMETERS) is None
    assert read_console(findings, round(held / KMH_PER_MPH, 1), Unit.MILES) is None
    assert read_console(findings, held, Unit.MILES) is Failure.MILES
    assert read_console(findings, held + 3, Unit.KILOMETERS) is Failure.CONSOLE_DIFFERS
    assert read_console(findings, 0.0, Unit.KILOMETERS) is Failure.CONSOLE_DIFFERS


def test_s9_without_distance_and_console_nobody_knows_the_unit() -> None:
    assert read_console(CheckResult(held_speed=1.1), None, Unit.KILOMETERS) is Failure.UNIT_UNKNOWN
    assert read_console(CheckResult(held_speed=1.1), 1.1, Unit.KILOMETERS) is None
    assert read_console(CheckResult(held_speed=1.1, unit=Unit.KILOMETERS), None, Unit.KILOMETERS) is None


@pytest.mark.parametrize("distance", [None, 0])
def test_s9_a_machine_that_counts_no_distance_is_held_for_a_while_and_then_stopped(distance: int | None) -> None:
    walk = SessionRun()
    walk.reports = {"distance": distance}
    check = run(walk)
    assert (check.failure, check.findings.unit) == (None, None)
    when = [moment for moment, _ in walk.sent]
    assert when[3] - when[2] > 90


@pytest.mark.parametrize("grain", [1, 10])
@pytest.mark.parametrize("factor", [1.0, KMH_PER_MPH])
def test_s9_the_unit_shows_whatever_the_grain_of_the_counter(grain: int, factor: float) -> None:
    metres = UnitDetector()
    for second in range(120):
        distance = int(second * 1.1 / 3.6 * factor / grain) * grain + 300
        metres.update(Telemetry(received=float(second), belt=BeltState.MOVING, speed=1.1, distance=distance))
    assert metres.unit is (Unit.KILOMETERS if factor == 1.0 else Unit.MILES)


def test_s9_a_counter_that_begins_anew_or_counts_nonsense_tells_nothing_wrong() -> None:
    metres = UnitDetector()
    metres.update(Telemetry(received=0.0, speed=None, distance=5))
    for second in range(1, 30):
        distance = 5 + second if second < 5 else second - 5
        metres.update(Telemetry(received=float(second), speed=3.6, distance=distance))
    assert metres.unit is Unit.KILOMETERS
    metres = UnitDetector()
    for second in range(30):
        metres.update(Telemetry(received=float(second), speed=3.6, distance=second * 3))
    assert metres.unit is None


# What bad machines show


def test_s9_a_machine_that_goes_too_fast_for_every_target_fails() -> None:
    walk = SessionRun()
    walk.treadmill.overshoot = 0.3
    assert run(walk).failure is Failure.IGNORES  # it begins with 1.3 km/h, and stays there
    walk = SessionRun()
    walk.treadmill.starts_at, walk.treadmill.overshoot = 2.0, 0.3
    assert run(walk).failure is Failure.MISSES


def test_s9_a_machine_that_ignores_the_minimum_fails() -> None:
    walk = SessionRun()
    walk.treadmill.starts_at = 2.0
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0]


def test_s9_a_machine_that_ignores_every_step_fails() -> None:
    walk = SessionRun()
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_s9_the_steps_stay_inside_the_owners_limit() -> None:
    walk = SessionRun(rules(owner=OwnerLimits(forward_speed=1.2)))
    walk.treadmill.set_speed = lambda kmh: ResultCode.SUCCESS  # type: ignore[method-assign]
    assert run(walk).failure is Failure.IGNORES
    assert [kmh for _, kmh in walk.speeds] == [1.0, 1.1, 1.2]


def test_s9_a_belt_that_does_not_come_where_its_own_steps_lead_fails() -> None:
    walk = SessionRun()
    really = walk.treadmill.set_speed
    walk.treadmill.set_speed = lambda kmh: really({1.0: 1.0, 1.1: 1.4, 1.4: 1.8}[kmh])  # type: ignore[method-assign]
    assert run(walk).failure is Failure.MISSES


def test_s9_a_belt_that_runs_away_is_stopped_before_it_settles() -> None:
    walk = SessionRun(acceleration=2.0)
    really = walk.treadmill.set_speed
    walk.treadmill.set_speed = lambda kmh: really(9.0)  # type: ignore[method-assign]
    check = walk.start_check()
    until(walk, check, CheckPhase.STOPPING)
    assert check.failure is Failure.MISSES
    assert walk.treadmill.speed < 4.0


@pytest.mark.parametrize(
    ("kind", "phase", "failure"),
    [
        (CommandKind.START, CheckPhase.STARTING, Failure.START_REFUSED),
        (CommandKind.SET_SPEED, CheckPhase.MINIMUM, Failure.SPEED_REFUSED),
        (CommandKind.STOP, CheckPhase.STOPPING, Failure.STOP_FAILED),
    ],
)
def test_s9_a_command_that_is_declined_ends_it(kind: CommandKind, phase: CheckPhase, failure: Failure) -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, phase)
    walk.fails(kind)
    assert walk.state is SessionState.STOPPING
    until(walk, check, CheckPhase.OVER)
    assert check.failure is failure


def test_s9_a_stop_that_the_belt_does_not_obey_is_told_and_fails() -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.SECOND_START)
    walk.obeys = False
    walk.go(30)
    assert SessionEventKind.STOP_FAILED in walk.events
    assert walk.kinds.count(CommandKind.STOP) > 5
    walk.obeys = True
    until(walk, check, CheckPhase.OVER)
    assert check.failure is Failure.STOP_FAILED


def test_s9_a_belt_that_never_moves_is_stopped() -> None:
    walk = SessionRun()
    walk.obeys = False
    check = run(walk)
    assert check.failure is Failure.DOES_NOT_MOVE
    assert walk.kinds[:2] == [CommandKind.START, CommandKind.STOP]


# What ends it

PHASES = [
    CheckPhase.COUNTDOWN,
    CheckPhase.STARTING,
    CheckPhase.START_SPEED,
    CheckPhase.MINIMUM,
    CheckPhase.STEP,
    CheckPhase.HOLD,
    CheckPhase.SECOND_START,
]


def at(phase: CheckPhase) -> tuple[SessionRun, CheckRun]:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, phase)
    walk.forget()
    return walk, check


def assert_stopped(walk: SessionRun, check: CheckRun, failure: Failure) -> None:
    assert walk.kinds[:1] == [CommandKind.STOP]
    until(walk, check, CheckPhase.OVER)
    assert check.failure is failure
    walk.go(60)
    assert set(walk.kinds) == {CommandKind.STOP}
    assert walk.state in {SessionState.IDLE, SessionState.FINISHED}
    assert walk.treadmill.at_rest


@pytest.mark.parametrize("phase", PHASES)
def test_s3_stop_ends_it_at_any_moment(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.stop()
    assert_stopped(walk, check, Failure.STOPPED)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (MachineEventKind.SAFETY_KEY, Failure.SAFETY_KEY),
        (MachineEventKind.CONTROL_LOST, Failure.CONSOLE),
        (MachineEventKind.RESET, Failure.CONSOLE),
    ],
)
def test_s9_what_happens_at_the_machine_ends_it(phase: CheckPhase, kind: MachineEventKind, failure: Failure) -> None:
    walk, check = at(phase)
    walk.event(kind)
    assert_stopped(walk, check, failure)


@pytest.mark.parametrize("kind", [MachineEventKind.STOPPED, MachineEventKind.PAUSED])
def test_s7_a_stop_at_the_console_ends_it(kind: MachineEventKind) -> None:
    walk, check = at(CheckPhase.STEP)
    walk.event(kind)
    assert_stopped(walk, check, Failure.CONSOLE)


@pytest.mark.parametrize(
    ("kind", "value"), [(MachineEventKind.SPEED_CHANGED, 4.0), (MachineEventKind.SPEED_CHANGED, None)]
)
def test_s7_a_speed_that_is_chosen_at_the_console_ends_it(kind: MachineEventKind, value: float | None) -> None:
    walk, check = at(CheckPhase.HOLD)
    walk.event(kind, value)
    assert_stopped(walk, check, Failure.CONSOLE)


def test_s7_a_deck_that_is_tilted_at_the_console_ends_it() -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.event(MachineEventKind.INCLINE_CHANGED, 1.0)
    assert_stopped(walk, check, Failure.CONSOLE)


def test_s7_a_speed_that_a_silent_hand_has_changed_ends_it() -> None:
    walk, check = at(CheckPhase.HOLD)
    walk.tells_events = False
    walk.treadmill.press_speed(1.6)
    walk.go(8)
    assert_stopped(walk, check, Failure.CONSOLE)


def test_s9_a_belt_that_was_stopped_by_a_silent_hand_ends_it() -> None:
    walk, check = at(CheckPhase.STEP)
    walk.tells_events = False
    walk.treadmill.press_stop()
    walk.go(8)
    assert_stopped(walk, check, Failure.CAME_TO_REST)


def test_s9_one_report_of_rest_is_no_rest() -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.hear(belt=BeltState.AT_REST, speed=0.0)
    until(walk, check, CheckPhase.OVER)
    assert check.failure is None


def test_s9_the_machines_echo_is_no_hand() -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.STARTING)
    walk.event(MachineEventKind.STARTED)
    walk.event(MachineEventKind.SPEED_CHANGED, 2.0)
    walk.event(MachineEventKind.INCLINE_CHANGED, 0.0)
    until(walk, check, CheckPhase.STEP)
    walk.event(MachineEventKind.SPEED_CHANGED, 1.1)
    until(walk, check, CheckPhase.STOPPING)
    walk.event(MachineEventKind.STOPPED)
    until(walk, check, CheckPhase.OVER)
    assert check.failure is None


def test_s9_a_key_that_is_pulled_while_it_stops_spoils_what_the_stop_would_have_shown() -> None:
    walk, check = at(CheckPhase.STOPPING)
    walk.event(MachineEventKind.SAFETY_KEY)
    until(walk, check, CheckPhase.OVER)
    assert check.failure is Failure.SAFETY_KEY


def test_s9_a_belt_that_is_started_by_hand_before_its_time_is_stopped() -> None:
    walk, check = at(CheckPhase.COUNTDOWN)
    walk.treadmill.press_start()
    assert check.failure is Failure.CONSOLE
    walk.go(30)
    assert check.failure is Failure.CONSOLE
    walk, check = at(CheckPhase.COUNTDOWN)
    walk.tells_events = walk.tells_countdown = False
    walk.treadmill.press_start()
    walk.go(4)
    assert_stopped(walk, check, Failure.BELT_MOVED)


@pytest.mark.parametrize("phase", PHASES)
def test_s9_silence_ends_it(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.deaf = True
    walk.go(6)
    assert walk.kinds[:1] == [CommandKind.STOP]
    walk.deaf = False
    assert_stopped(walk, check, Failure.NO_DATA)


def test_s2_a_start_whose_time_has_passed_is_not_made_up_for() -> None:
    walk, check = at(CheckPhase.COUNTDOWN)
    walk.treadmill.step(20)
    walk.now += 20
    walk.hear()
    assert_stopped(walk, check, Failure.NO_DATA)


@pytest.mark.parametrize("phase", PHASES)
def test_s10_a_lost_link_ends_it_and_the_stop_is_kept(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.link(up=False)
    assert walk.kinds[:1] == [CommandKind.STOP]
    walk.go(5)
    walk.link(up=True)
    walk.treadmill.stop()  # the link sends what it kept first
    until(walk, check, CheckPhase.OVER)
    assert check.failure is Failure.LINK_LOST


def test_s10_a_link_that_stays_lost_ends_it_too() -> None:
    walk, check = at(CheckPhase.HOLD)
    walk.link(up=False)
    walk.go(70)
    assert check.phase is CheckPhase.OVER
    assert check.failure is Failure.LINK_LOST
    assert walk.state is SessionState.INTERRUPTED


@pytest.mark.parametrize("goes_on_for", [0.0, 1.0])
@pytest.mark.parametrize("silent_for", [0.0, 15.0])
@pytest.mark.parametrize("comes_back", [True, False])
def test_s10_a_link_that_is_lost_in_its_last_stop_is_not_the_machines_fault(
    goes_on_for: float, silent_for: float, comes_back: bool
) -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.STOPPING)
    walk.go(goes_on_for)
    walk.deaf = True
    walk.go(silent_for)
    walk.link(up=False)
    if comes_back:
        walk.go(8)
        walk.deaf = False
        walk.link(up=True)
    walk.go(70)
    assert (check.phase, check.failure) == (CheckPhase.OVER, Failure.LINK_LOST)
    assert not check.failure.blames_machine


def test_s9_a_link_that_is_lost_excuses_no_stop_that_the_belt_was_seen_to_ignore() -> None:
    walk = SessionRun()
    check = walk.start_check()
    until(walk, check, CheckPhase.SECOND_START)
    walk.obeys = False
    until(walk, check, CheckPhase.STOPPING)
    walk.go(12)
    walk.link(up=False)
    walk.go(70)
    assert (check.phase, check.failure) == (CheckPhase.OVER, Failure.STOP_FAILED)


@pytest.mark.parametrize("phase", PHASES)
def test_s14_home_assistant_goes(phase: CheckPhase) -> None:
    walk, check = at(phase)
    assert walk.session.controls_belt
    walk.wind_down()
    assert_stopped(walk, check, Failure.STOPPED)


@pytest.mark.parametrize("phase", PHASES)
def test_s17_a_guard_that_turns_on_ends_it(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.session.on_guard("door", on=True, now=walk.now)
    walk.collect()
    assert_stopped(walk, check, Failure.SOMEBODY_NEAR)


def test_s17_somebody_on_the_belt_ends_it() -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.session.on_occupancy(True, walk.now)
    walk.collect()
    assert_stopped(walk, check, Failure.SOMEBODY_NEAR)


@pytest.mark.parametrize("change", [{"control_lock": True}, {"control": False}])
def test_s17_a_child_lock_ends_it_and_so_does_an_owner_who_takes_control_back(change: dict[str, bool]) -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.session.rules = rules(**change)
    walk.go(0.5)
    assert_stopped(walk, check, Failure.STOPPED)


def test_s9_only_what_the_machine_did_outweighs_a_run_that_was_passed_before() -> None:
    blamed = {failure for failure in Failure if failure.blames_machine}
    assert Failure.MILES in blamed
    assert Failure.SECOND_START_STOPS in blamed
    assert not {Failure.STOPPED, Failure.SAFETY_KEY, Failure.CONSOLE, Failure.LINK_LOST, Failure.NO_DATA} & blamed


# Who may, and what may not be done meanwhile


def test_s9_a_check_run_is_begun_by_a_person_with_the_belt_at_rest_and_all_in_order() -> None:
    walk = SessionRun()
    assert refused(lambda: walk.start_check(by_person=False)) is Refusal.NEEDS_PERSON
    walk.session.rules = rules(control=False)
    assert refused(walk.start_check) is Refusal.MONITOR_ONLY
    walk.session.rules = rules(control_lock=True)
    assert refused(walk.start_check) is Refusal.LOCKED
    walk.session.rules = rules(owner=OwnerLimits(forward_speed=0.9))
    assert refused(walk.start_check) is Refusal.NO_SPEED_CONTROL
    walk.session.rules = rules(owner=OwnerLimits(forward_speed=1.0))
    assert refused(walk.start_check) is Refusal.NO_SPEED_CONTROL
    walk.session.rules = rules()
    walk.session.on_guard("door", on=True, now=walk.now)
    assert refused(walk.start_check) is Refusal.GUARDED
    walk.session.on_guard("door", on=False, now=walk.now)
    walk.session.on_occupancy(True, walk.now)
    assert refused(walk.start_check) is Refusal.OCCUPIED
    walk.session.on_occupancy(None, walk.now)
    walk.start()
    assert refused(walk.start_check) is Refusal.BUSY
    walk.stop()
    assert refused(walk.start_check) is Refusal.JUST_STOPPED
    walk.go(10)
    walk.link(up=False)
    assert refused(walk.start_check) is Refusal.NOT_CONNECTED
    walk.link(up=True)
    walk.now += 3
    assert refused(walk.start_check) is Refusal.NO_FRESH_DATA
    assert walk.kinds == [CommandKind.STOP]


def test_s9_a_belt_that_moves_is_not_checked() -> None:
    walk = SessionRun()
    walk.tells_events = False
    walk.treadmill.press_start()
    walk.go(1)
    assert refused(walk.start_check) is Refusal.BELT_MOVES


def test_s9_a_machine_whose_speed_cannot_be_set_is_not_checked() -> None:
    limits = limits_for(Capabilities(), OwnerLimits(), Direction.FORWARD)
    with pytest.raises(ValueError, match="speed cannot be controlled"):
        CheckRun(limits, 0.0)


def test_s9_while_it_runs_nothing_but_stop_is_done() -> None:
    walk, check = at(CheckPhase.HOLD)
    session = walk.session
    asks: list[Callable[[], object]] = [
        walk.start,
        walk.resume,
        walk.start_check,
        lambda: session.prepare(walk.now, by_person=True),
        lambda: session.confirm(walk.now, by_person=True),
        lambda: session.set_speed(3.0, by_person=True),
        lambda: session.lower_deck(walk.now, by_person=True),
    ]
    for ask in asks:
        assert refused(ask) is Refusal.CHECKING
    assert refused(walk.pause) is Refusal.NOTHING_TO_PAUSE
    assert refused(lambda: session.finish(walk.now)) is Refusal.NOTHING_TO_FINISH
    assert session.belt_may_move
    assert walk.sent == []
    walk.stop()
    assert refused(walk.start) is Refusal.CHECKING  # its belt is still coming to rest
    assert_stopped(walk, check, Failure.STOPPED)


def test_s8_no_walk_ever_starts_a_belt_again() -> None:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    walk.go(8)
    walk.resume()
    walk.resume()
    walk.go(40)
    walk.stop()
    assert CommandKind.START_AGAIN not in walk.kinds
    assert CommandKind.START in walk.kinds


# What the findings allow


@pytest.mark.parametrize(
    "held", [Refusal.NOT_CHECKED, Refusal.CHECK_OUTDATED, Refusal.CHECK_FAILED, Refusal.TAKES_MILES]
)
def test_s1_control_is_released_by_the_check_run(held: Refusal) -> None:
    walk = SessionRun(rules(blocked_by=held))
    assert refused(walk.start) is held
    assert refused(lambda: walk.session.lower_deck(walk.now, by_person=True)) is held
    walk.stop()
    assert walk.kinds == [CommandKind.STOP]
    walk.go(10)
    assert run(walk).failure is None  # which must be possible, then
    walk.session.rules = rules()
    walk.go(10)
    walk.begin()


def test_s1_without_a_check_run_a_walk_at_the_console_is_only_watched() -> None:
    walk = SessionRun(rules(blocked_by=Refusal.NOT_CHECKED))
    walk.treadmill.press_start()
    walk.go(20)
    assert walk.state is SessionState.MANUAL
    assert walk.session.under_way
    assert refused(walk.resume) is Refusal.NOT_CHECKED
    walk.treadmill.press_stop()
    walk.go(10)
    assert walk.state is SessionState.FINISHED
    assert walk.sent == []


def test_s9_a_countdown_ends_when_other_firmware_is_found() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.session.rules = rules(blocked_by=Refusal.CHECK_OUTDATED)
    walk.go(0.5)
    assert walk.state is SessionState.IDLE
    assert walk.data(SessionEventKind.START_FAILED) == {"reason": "check_outdated"}
    assert walk.sent == []


def test_s4_a_belt_that_starts_faster_than_backward_may_go_is_not_started_backward() -> None:
    fast = rules(measured=Measured(start_speed=3.5))
    walk = SessionRun(fast)
    assert refused(walk.start) is Refusal.STARTS_TOO_FAST
    walk.session.direction = Direction.FORWARD
    walk.begin()
    limits = limits_for(fast.capabilities, fast.owner, Direction.BACKWARD, measured=fast.measured)
    assert (limits.speed, limits.too_fast, limits.ceiling) == (None, 3.5, 3.0)
    slow = limits_for(fast.capabilities, OwnerLimits(forward_speed=3.0), Direction.FORWARD, measured=fast.measured)
    assert (slow.speed, slow.too_fast, slow.ceiling) == (None, 3.5, 3.0)
    higher = OwnerLimits(backward_speed=4.0)
    assert limits_for(fast.capabilities, higher, Direction.BACKWARD, measured=fast.measured).speed is not None


@pytest.mark.parametrize(
    ("start", "minimum", "owner", "said"),
    [
        (1.0, 1.0, OwnerLimits(), [("backward", 3.0), ("first", 2.0), ("forward", 6.0)]),
        (2.5, 1.0, OwnerLimits(), [("backward", 3.0), ("first", None), ("forward", 6.0)]),
        (None, 2.5, OwnerLimits(), [("backward", 3.0), ("first", None), ("forward", 6.0)]),
        (3.5, 1.0, OwnerLimits(), [("backward", None), ("forward", 6.0)]),
        (3.5, 1.0, OwnerLimits(backward_speed=5.0), [("backward", 5.0), ("first", None), ("forward", 6.0)]),
        (1.0, 1.0, OwnerLimits(reduced=True), [("reduced", 2.0), ("forward", 6.0)]),
        (2.5, 1.0, OwnerLimits(reduced=True), [("reduced", None), ("forward", 6.0)]),
        (7.0, 1.0, OwnerLimits(), [("backward", None), ("forward", None)]),
    ],
)
def test_s4_who_may_walk_and_how_fast_is_said_by_the_limits_that_refuse(
    start: float | None, minimum: float, owner: OwnerLimits, said: list[tuple[str, float | None]]
) -> None:
    its_rules = rules(owner=owner, speed=ValueRange(minimum, 12.0, 0.1), measured=Measured(start_speed=start))
    who = who_may_walk(its_rules.capabilities, its_rules.owner, its_rules.measured)
    assert [(limits.walks.value, limits.top_speed) for limits in who] == said
    for limits in who:
        session = SessionController(its_rules)
        wish = SessionRequest(direction=limits.direction, first=limits.walks is Walks.FIRST)
        if limits.top_speed is not None:
            session.prepare(0.0, by_person=True, wish=wish)
            continue
        with pytest.raises(RefusedError) as told:
            session.prepare(0.0, by_person=True, wish=wish)
        suffix = "" if limits.walks is Walks.BACKWARD else f"_{limits.walks}"
        assert told.value.reason == f"starts_too_fast{suffix}"
        assert told.value.values == {"least": start or minimum, "ceiling": limits.ceiling}


def test_s4_a_first_session_is_not_the_reason_where_nobody_may_walk_backward() -> None:
    its_rules = rules(measured=Measured(start_speed=3.5))
    with pytest.raises(RefusedError) as told:
        SessionController(its_rules).prepare(0.0, by_person=True, wish=SessionRequest(first=True))
    assert (told.value.reason, told.value.values) == (Refusal.STARTS_TOO_FAST, {"least": 3.5, "ceiling": 3.0})


def test_s4_a_machine_whose_steps_are_too_large_to_rise_is_walked_at_its_minimum() -> None:
    its_rules = rules(speed=ValueRange(1.0, 12.0, 1.0))
    backward, _, _ = who_may_walk(its_rules.capabilities, its_rules.owner, its_rules.measured)
    assert backward.top_speed == 1.0


def test_s4_a_takeover_or_a_confirmation_of_a_belt_that_starts_too_fast_says_why() -> None:
    walk = SessionRun()
    walk.start()
    walk.session.rules = rules(measured=Measured(start_speed=3.5))
    assert refused(walk.start) is Refusal.STARTS_TOO_FAST


def backward(measured: Measured | None = None, **owner: float) -> Limits:
    return limits_for(rules().capabilities, OwnerLimits(**owner), Direction.BACKWARD, measured=measured)


def test_s9_the_measured_step_is_the_grid_of_every_target() -> None:
    assert backward().allowed_speed(1.3) == 1.3
    coarse = backward(Measured(step=0.5))
    assert [coarse.allowed_speed(kmh) for kmh in (1.2, 1.3, 2.9, 9.0)] == [1.0, 1.5, 3.0, 3.0]
    assert coarse.speed_up is not None
    assert (coarse.speed_up.step, coarse.speed_up.seconds) == (0.5, 25.0)
    assert backward(Measured(step=0.8)).speed_up is None  # S5: larger steps do not rise backward
    assert backward(Measured(step=0.05)) == backward()  # never finer than the machine says


def test_s9_a_walk_takes_the_steps_that_were_measured() -> None:
    walk = SessionRun()
    walk.treadmill.coarse_steps = 0.5
    findings = run(walk).findings
    walk.session.rules = rules(measured=Measured(start_speed=findings.start_speed, step=findings.step))
    walk.go(10)
    walk.begin()
    walk.forget()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(90)
    assert [kmh for _, kmh in walk.speeds] == [1.5, 2.0]
    assert SessionEventKind.NOT_OBEYED not in walk.events
    assert Command(CommandKind.SET_SPEED, 1.5) in [command for _, command in walk.sent]
