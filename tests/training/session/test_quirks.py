"""Tests for what the session makes of a machine's quirks, and that none of them makes anything less safe."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEvent, MachineEventKind
from custom_components.retrowalk.training.check.result import CheckResult, Failure
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import ENDS_BEFORE, Direction, Measured, OwnerLimits
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.session_run import SessionRun, rules

SECOND = Measured(second_start=True)
START = CommandKind.START


def started(measured: Measured, faults: dict[str, Any] | None = None, **request: Any) -> SessionRun:
    """Return a session whose countdown has just ended, on a machine with these faults."""
    run = SessionRun(rules(measured=measured, owner=OwnerLimits(backward_speed=3.0)))
    run.faults.update(faults or {})
    asked = SessionRequest(direction=Direction.BACKWARD, length=300.0, speed=None, **request)
    run.session.start(run.now, caller=Caller.PERSON, request=asked)
    run.go(3)
    run.session.start(run.now, caller=Caller.PERSON, request=asked)
    run.go(15)
    assert run.state is SessionState.STARTING
    assert run.command_kinds.count(START) == 1
    return run


# A second start


def test_a_machine_that_needs_a_second_start_gets_it_and_is_walked_on() -> None:
    run = started(SECOND, {"second_start_needed": True})
    run.go(12)
    assert run.command_kinds.count(START) == 2
    assert run.state is SessionState.WARM_UP
    assert run.treadmill.speed > 0


def test_without_the_quirk_it_is_stopped_and_told() -> None:
    run = started(Measured(), {"second_start_needed": True})
    run.go(20)
    assert run.command_kinds.count(START) == 1
    assert CommandKind.STOP in run.command_kinds
    assert SessionEventKind.START_FAILED in run.event_kinds


def test_a_polite_machine_is_not_started_again() -> None:
    run = started(SECOND)
    run.go(30)
    assert run.command_kinds.count(START) == 1
    assert run.state is SessionState.WARM_UP


def test_a_belt_that_never_moves_is_started_twice_at_most_and_stopped_in_time() -> None:
    run = started(SECOND)
    run.obeys = False
    run.treadmill.stop()
    run.go(30)
    assert run.command_kinds.count(START) == 2
    stop = next(when for when, command in run.sent if command.kind is CommandKind.STOP)
    begun = next(when for when, command in run.sent if command.kind is START)
    assert stop - begun <= 17


@pytest.mark.parametrize("what", ["guard", "lock", "link", "key", "stop", "silence", "countdown"])
def test_nothing_is_started_again_once_anything_speaks_against_it(what: str) -> None:
    run = started(SECOND, {"second_start_needed": True})
    run.go(1)
    match what:
        case "guard":
            run.session.on_guard("door", on=True, now=run.now)
        case "lock":
            run.session.lock(on=True, caller=Caller.PERSON)
        case "link":
            run.link(up=False)
        case "key":
            run.session.on_machine_event(MachineEvent(MachineEventKind.SAFETY_KEY), run.now)
        case "stop":
            run.session.stop(run.now)
        case "silence":
            run.muted = True
        case _:
            run.training_status = lambda _: "pre_workout"
            run.reports = {"belt": "countdown"}
    run.go(30)
    assert run.command_kinds.count(START) == 1
    assert run.treadmill.at_rest


def test_a_second_start_that_is_declined_ends_nothing() -> None:
    run = started(SECOND, {"second_start_needed": True})
    run.go(6)
    assert run.command_kinds.count(START) == 2
    run.session.on_command_failed(Command(START), run.now)
    run.go(6)
    assert run.state is SessionState.WARM_UP


def test_the_check_run_finds_out_that_a_second_start_is_needed() -> None:
    run = SessionRun()
    run.faults.update({"second_start_needed": True})
    check = run.session.start_check(run.now, caller=Caller.PERSON, pause=False)
    run.go(240)
    assert check.failure is None
    assert check.result.second_start_needed is True
    stored = CheckResult.from_dict(check.result.as_dict())
    assert stored.second_start_needed is True


def test_the_check_run_finds_out_that_one_start_is_enough() -> None:
    run = SessionRun()
    check = run.session.start_check(run.now, caller=Caller.PERSON)
    run.go(240)
    assert (check.failure, check.result.second_start_needed) == (None, False)


def test_a_belt_that_does_not_move_after_two_starts_fails_the_check_run() -> None:
    run = SessionRun()
    run.obeys = False
    check = run.session.start_check(run.now, caller=Caller.PERSON)
    run.go(60)
    assert check.failure is Failure.DOES_NOT_MOVE
    assert run.command_kinds.count(START) == 2
    assert check.result.second_start_needed is None


@pytest.mark.parametrize("damaged", ["yes", 1, None, []])
def test_a_damaged_finding_of_the_start_is_none(damaged: object) -> None:
    assert CheckResult.from_dict({"second_start_needed": damaged}).second_start_needed is None


# The machine's own limit of time


LIMITED = Measured(time_limit=1800.0)


@pytest.mark.parametrize("direction", Direction)
def test_no_session_is_as_long_as_its_machine_lets_the_belt_run(direction: Direction) -> None:
    assert rules(measured=LIMITED).limits(direction).longest == 29 * 60
    assert rules(measured=replace(LIMITED, time_limit=100000.0)).limits(direction).longest == direction.longest
    assert rules(measured=replace(LIMITED, time_limit=30.0)).limits(direction).longest >= 60.0


def test_a_session_winds_down_before_its_machine_stops_the_belt() -> None:
    run = SessionRun(rules(measured=LIMITED, owner=OwnerLimits(forward_speed=6.0)))
    run.treadmill.stops_after = 1800.0
    request = SessionRequest(direction=Direction.FORWARD, length=3600.0, speed=5.0)
    run.session.start(run.now, caller=Caller.PERSON, request=request)
    run.go(3)
    run.session.start(run.now, caller=Caller.PERSON, request=request)
    run.go(1830)
    told = run.event_kinds
    for kind in (SessionEventKind.LAST_MINUTE, SessionEventKind.COOLING_DOWN, SessionEventKind.FINISHED):
        assert kind in told
    assert SessionEventKind.PAUSED not in told
    assert run.data(SessionEventKind.FINISHED)["reason"] == "completed"
    assert run.treadmill.elapsed < 1800 - ENDS_BEFORE / 2
    falls = [value for _, value in run.speeds[-8:]]
    assert falls == sorted(falls, reverse=True)


def test_who_walks_on_at_the_console_is_told_that_the_machine_stops_by_itself() -> None:
    run = SessionRun(rules(measured=LIMITED, owner=OwnerLimits(forward_speed=6.0)))
    request = SessionRequest(direction=Direction.FORWARD, length=29 * 60.0, speed=3.0)
    run.session.start(run.now, caller=Caller.PERSON, request=request)
    run.go(3)
    run.session.start(run.now, caller=Caller.PERSON, request=request)
    run.go(60)
    run.treadmill.press_speed(4.0)
    run.go(29 * 60)
    assert run.state is SessionState.MANUAL
    assert run.data(SessionEventKind.MANUAL)["reason"] == "stops_itself"


# A pause that is a stop


def test_a_pause_is_a_stop_where_it_would_end_the_machines_session_anyway() -> None:
    run = started(Measured(pause_stops=True))
    run.go(30)
    run.clear_log()
    run.session.pause(run.now)
    run.go(10)
    assert run.state is SessionState.PAUSED
    assert run.command_kinds[0] is CommandKind.STOP
    assert CommandKind.PAUSE not in run.command_kinds
    run.session.resume(run.now, caller=Caller.PERSON)
    run.go(3)
    run.session.start(run.now, caller=Caller.PERSON)
    run.go(40)
    assert run.treadmill.speed > 0
    assert run.state in {SessionState.WARM_UP, SessionState.ACTIVE}


def test_a_pause_stays_a_pause_where_the_machine_declines_stop_while_it_moves() -> None:
    run = started(Measured(pause_stops=True, stop_step=StopStep.PAUSE), {"stop_only_at_rest": True})
    run.go(30)
    run.session.pause(run.now)
    run.go(10)
    assert run.state is SessionState.PAUSED
    assert run.treadmill.at_rest


def test_a_pause_that_is_a_stop_and_is_declined_becomes_a_stop_that_insists() -> None:
    run = started(Measured(pause_stops=True))
    run.go(30)
    run.faults.update({"stop_only_at_rest": True})
    run.session.pause(run.now)
    run.go(15)
    assert run.treadmill.at_rest
    assert CommandKind.PAUSE in run.command_kinds


# A target in the spin-up


def test_no_target_comes_while_the_belt_spins_up_and_the_minimum_after_it() -> None:
    run = started(Measured(late_speed=3.0))
    run.go(12)
    moved = next(when for when, event in run.emitted if event.kind is SessionEventKind.STARTED)
    assert run.speeds[0][0] - moved >= 3.0
    assert run.speeds[0][1] == 1.0


def test_a_belt_that_is_too_fast_is_slowed_at_once_whatever_is_known() -> None:
    run = started(Measured(late_speed=3.0))
    run.treadmill.starts_at, run.treadmill.profile = 2.5, replace(run.treadmill.profile, acceleration=2.0)
    run.go(12)
    moved = next(when for when, event in run.emitted if event.kind is SessionEventKind.STARTED)
    assert run.speeds[0][0] - moved <= 1.0


def test_no_number_makes_a_target_wait_for_long() -> None:
    assert rules(measured=Measured(late_speed=600.0)).limits(Direction.BACKWARD).late_speed == 5.0
