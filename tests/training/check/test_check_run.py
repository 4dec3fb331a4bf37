"""What the check run measures on a machine that works (safety rule S9)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import BeltState, CommandKind, ValueRange
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.belt.unit_detector import Scale
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import AfterPause, CheckResult, Failure, SecondStart
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Measured
from custom_components.retrowalk.training.states import SessionState
from tests.support.check_runs import run_check, until
from tests.support.session_run import SessionRun, rules


def test_s9_a_machine_that_does_what_it_is_told_passes_and_is_measured() -> None:
    run = SessionRun()
    began = run.now
    check = run_check(run)
    assert check.failure is None
    assert run.now - began < 120
    assert [(command.kind, command.value) for _, command in run.sent] == [
        (CommandKind.START, None),
        (CommandKind.SET_SPEED, 1.0),
        (CommandKind.SET_SPEED, 1.1),
        (CommandKind.START_AGAIN, None),
        (CommandKind.PAUSE, None),
        (CommandKind.START, None),
        (CommandKind.STOP, None),
    ]
    assert check.result == CheckResult(
        start_speed=1.0,
        second_start_needed=False,
        step=0.1,
        held_speed=1.1,
        counted=Scale.SAME,
        second_start=SecondStart.NOTHING,
        after_pause=AfterPause.MINIMUM,
        stop_delay=0.5,
        stop_coast=1.5,
    )
    assert run.state is SessionState.IDLE
    assert run.session.check is None
    assert run.treadmill.at_rest


def test_s9_the_findings_can_be_kept_as_json() -> None:
    findings = run_check(SessionRun()).result
    assert CheckResult.from_dict({**findings.as_dict(), "something_newer": 1}) == findings
    assert CheckResult.from_dict({"unit": None, "second_start": None, "after_pause": None}) == CheckResult(
        second_start=None,  # type: ignore[arg-type]
        after_pause=None,  # type: ignore[arg-type]
    )
    assert CheckResult.from_dict({"start_speed": 1.0}).after_pause is AfterPause.UNKNOWN


def test_s9_a_check_run_is_no_session() -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.HOLD)
    assert not run.session.under_way
    assert run.session.odometer.distance == 0
    assert run.session.remaining is None
    until(run, check, CheckPhase.OVER)
    assert run.session.odometer.distance == 0
    assert run.event_kinds == [SessionEventKind.STOPPED]


def test_s9_the_start_speed_is_measured_before_anything_is_asked_for() -> None:
    run = SessionRun()
    run.treadmill.starts_at = 2.5
    check = run_check(run)
    assert (check.failure, check.result.start_speed) == (None, 2.5)
    assert run.speeds[0][1] == 1.0
    assert run.speeds[0][0] - run.sent[0][0] > 10


@pytest.mark.parametrize(
    ("coarse", "least", "step"), [(0.2, 1.0, 0.2), (0.5, 1.0, 0.5), (0.5, 0.8, 0.5), (0.8, 1.0, 0.8), (0.16, 0.8, 0.2)]
)
def test_s9_the_smallest_step_is_the_one_that_the_machine_really_makes(
    coarse: float, least: float, step: float
) -> None:
    run = SessionRun(rules(speed=ValueRange(least, 12.0, 0.1)))
    run.treadmill.coarse_steps = coarse
    check = run_check(run)
    assert (check.failure, check.result.step) == (None, step)


def test_s9_a_machine_that_rounds_down_makes_its_steps_where_they_are() -> None:
    run = SessionRun()
    treadmill, really = run.treadmill, run.treadmill.set_speed
    treadmill.set_speed = lambda kmh: really(int(kmh * 2 + 1e-6) / 2)  # type: ignore[method-assign]
    check = run_check(run)
    assert (check.failure, check.result.step) == (None, 0.5)
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.1, 1.5]


def test_s9_finer_steps_than_anybody_asks_for_are_not_tried() -> None:
    check = run_check(SessionRun(rules(speed=ValueRange(1.0, 12.0, 0.01))))
    assert (check.failure, check.result.step) == (None, 0.1)


def test_s9_a_big_step_is_tried_once() -> None:
    run = SessionRun(rules(speed=ValueRange(1.0, 12.0, 1.0)))
    check = run_check(run)
    assert (check.failure, check.result.step) == (None, 1.0)
    run = SessionRun(rules(speed=ValueRange(1.0, 12.0, 1.0)))
    run.treadmill.coarse_steps = 11.0
    assert run_check(run).failure is Failure.IGNORES
    assert [kmh for _, kmh in run.speeds] == [1.0, 2.0]


def test_s9_a_second_start_that_changes_the_speed_is_found() -> None:
    run = SessionRun()
    run.on_second_start = run.treadmill.start_again
    check = run_check(run)
    assert (check.failure, check.result.second_start) == (None, SecondStart.CHANGES_SPEED)


def test_s9_a_second_start_that_makes_it_run_ends_the_run_at_once() -> None:
    run = SessionRun(acceleration=2.0)
    run.on_second_start = lambda: run.treadmill.set_speed(8.0)
    check = run.start_check()
    until(run, check, CheckPhase.SECOND_START)
    until(run, check, CheckPhase.STOPPING)
    assert run.treadmill.speed < 3.5
    until(run, check, CheckPhase.OVER)
    assert (check.failure, check.result.second_start) == (None, SecondStart.CHANGES_SPEED)


@pytest.mark.parametrize("reports_events", [True, False])
def test_s9_a_second_start_that_stops_needs_another_run_without_it(reports_events: bool) -> None:
    run = SessionRun()
    run.on_second_start = run.treadmill.press_stop if reports_events else run.treadmill.stop
    check = run_check(run)
    assert (check.failure, check.result.second_start) == (Failure.SECOND_START_STOPS, SecondStart.STOPS)
    assert run.command_kinds.count(CommandKind.START) == 1  # it is not started again automatically
    run.go(10)
    check = run_check(run, second_start=False)
    assert (check.failure, check.result.second_start) == (None, SecondStart.STOPS)
    assert CommandKind.START_AGAIN not in run.command_kinds
    assert check.result.stop_coast is not None


def test_s9_a_second_start_that_is_declined_does_nothing() -> None:
    run = SessionRun()
    run.on_second_start = lambda: run.fail_command(CommandKind.START_AGAIN)
    assert run_check(run).result.second_start is SecondStart.NOTHING


@pytest.mark.parametrize("habits", [{"resumes_at_last_speed": True}, {"starts_at_last_speed": True}])
def test_s9_s12_a_machine_that_resumes_fast_passes_and_it_is_found(habits: dict[str, Any]) -> None:
    run = SessionRun()
    for name, value in habits.items():
        setattr(run.treadmill, name, value)
    began = run.now
    check = run_check(run)
    assert (check.failure, check.result.after_pause) == (None, AfterPause.FASTER)
    assert run.now - began < 125
    assert check.result.stop_coast is not None


def test_s9_s12_a_machine_that_wants_its_own_session_ended_first_passes_and_it_is_found() -> None:
    run = SessionRun()
    run.treadmill.starts_only_anew = True
    started, run.treadmill.start = run.treadmill.start, lambda: ResultCode.SUCCESS  # type: ignore[method-assign]

    def start() -> ResultCode:
        if started() is not ResultCode.SUCCESS:
            run.fail_command(CommandKind.START)
        return ResultCode.SUCCESS

    run.treadmill.start = start  # type: ignore[method-assign]
    check = run_check(run)
    assert (check.failure, check.result.after_pause) == (None, AfterPause.MINIMUM)
    ends = run.command_kinds.index(CommandKind.END_SESSION)
    assert run.command_kinds[ends - 1] is CommandKind.START
    assert run.command_kinds[ends + 1 :] == [CommandKind.START, CommandKind.STOP]
    assert run.sent[ends + 1][0] - run.sent[ends][0] >= 3


@pytest.mark.parametrize("how", ["declines", "does_not_move", "falls_silent", "comes_to_rest", "never_says_so"])
def test_s9_s12_a_machine_that_does_not_start_after_a_pause_needs_another_run_without_it(how: str) -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.PAUSING)
    run.go(1)
    if how == "falls_silent":
        run.go(2)
        assert run.treadmill.at_rest
        run.muted = True
    elif how == "never_says_so":
        run.reports["belt"] = BeltState.UNKNOWN
    else:
        until(run, check, CheckPhase.RESUMING)
    if how == "declines":
        run.treadmill.stop()
        for _ in range(2):
            until(run, check, CheckPhase.RESUMING)
            run.treadmill.stop()
            run.fail_command(CommandKind.START)
            run.go(0.5)
    elif how == "does_not_move":
        run.treadmill.stop()
    elif how == "comes_to_rest":
        run.go(5)
        run.treadmill.stop()
    for _ in range(120):
        run.go(0.5)
    assert (check.failure, check.result.after_pause) == (Failure.PAUSE_ENDS, AfterPause.NOTHING)
    assert check.failure.blames_machine
    run.muted, run.reports = False, {}
    run.stop()
    run.go(10)
    check = run_check(run, pause=False)
    assert (check.failure, check.result.after_pause) == (None, AfterPause.NOTHING)
    assert CommandKind.PAUSE not in run.command_kinds
    assert check.result.stop_coast is not None


def test_s9_a_pause_that_is_declined_or_ignored_ends_in_the_stop() -> None:
    for declines in (True, False):
        run = SessionRun()
        answer = ResultCode.OPERATION_FAILED if declines else ResultCode.SUCCESS
        run.treadmill.pause = lambda answer=answer: answer  # type: ignore[misc]
        check = run.start_check()
        until(run, check, CheckPhase.OVER)
        assert (check.failure, check.result.after_pause) == (None, AfterPause.UNKNOWN)
        assert check.result.stop_coast is not None


def test_s9_a_link_that_falls_silent_while_the_belt_comes_to_rest_is_not_the_machines_fault() -> None:
    run = SessionRun(coast=0.05)
    check = run.start_check()
    until(run, check, CheckPhase.PAUSING)
    run.muted = True
    run.go(8)
    assert check.failure is Failure.NO_DATA


def test_s12_where_a_resume_is_fast_a_pause_ends_the_machines_own_session_too() -> None:
    run = SessionRun(rules(measured=Measured(resumes_fast=True)))
    run.treadmill.resumes_at_last_speed = run.treadmill.keeps_session_in_pause = True
    run.begin()
    run.treadmill.press_pause()
    run.go(20)
    assert run.state is SessionState.PAUSED
    assert run.command_kinds.count(CommandKind.END_SESSION) == 1  # only once, though the machine declines
    run.treadmill.keeps_session_in_pause = False
    run.resume()
    assert run.state is SessionState.READY
    assert run.command_kinds.count(CommandKind.END_SESSION) == 2
    assert run.treadmill.phase is Phase.IDLE
    run.go(3)
    run.resume()
    run.go(30)
    assert SessionEventKind.RESUMED in run.event_kinds


def test_s12_where_a_resume_is_fast_the_console_starts_slowly_too() -> None:
    run = SessionRun(rules(measured=Measured(resumes_fast=True)), acceleration=1.0)
    run.treadmill.resumes_at_last_speed = True
    run.begin()
    run.treadmill.press_speed(5.0)
    run.go(10)
    run.treadmill.press_pause()
    run.go(20)
    run.treadmill.press_start()
    run.go(15)
    assert run.treadmill.speed == 1.0
    assert run.state is SessionState.MANUAL
