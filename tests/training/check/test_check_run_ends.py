"""A check run is ended by people, the console, the link or the house (safety rules S3, S7, S9, S10, S14, S17)."""

import pytest

from custom_components.retrowalk.machine.model import BeltState, CommandKind, MachineEventKind
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.states import SessionState
from tests.support.check_runs import assert_stopped, at, until
from tests.support.session_run import SessionRun, rules

PHASES = [
    CheckPhase.COUNTDOWN,
    CheckPhase.STARTING,
    CheckPhase.START_SPEED,
    CheckPhase.MINIMUM,
    CheckPhase.STEP,
    CheckPhase.HOLD,
    CheckPhase.SECOND_START,
]


@pytest.mark.parametrize("phase", PHASES)
def test_s3_stop_ends_a_check_run_at_any_moment(phase: CheckPhase) -> None:
    run, check = at(phase)
    run.stop()
    assert_stopped(run, check, Failure.STOPPED)


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
    run, check = at(phase)
    run.event(kind)
    assert_stopped(run, check, failure)


@pytest.mark.parametrize("kind", [MachineEventKind.STOPPED, MachineEventKind.PAUSED])
def test_s7_a_stop_at_the_console_ends_it(kind: MachineEventKind) -> None:
    run, check = at(CheckPhase.STEP)
    run.event(kind)
    assert_stopped(run, check, Failure.CONSOLE)


@pytest.mark.parametrize(
    ("kind", "value"), [(MachineEventKind.SPEED_CHANGED, 4.0), (MachineEventKind.SPEED_CHANGED, None)]
)
def test_s7_a_speed_that_is_chosen_at_the_console_ends_it(kind: MachineEventKind, value: float | None) -> None:
    run, check = at(CheckPhase.HOLD)
    run.event(kind, value)
    assert_stopped(run, check, Failure.CONSOLE)


def test_s7_a_deck_that_is_tilted_at_the_console_ends_it() -> None:
    run, check = at(CheckPhase.MINIMUM)
    run.event(MachineEventKind.INCLINE_CHANGED, 1.0)
    assert_stopped(run, check, Failure.CONSOLE)


def test_s7_a_speed_that_a_silent_hand_has_changed_ends_it() -> None:
    run, check = at(CheckPhase.HOLD)
    run.reports_events = False
    run.treadmill.press_speed(1.6)
    run.go(8)
    assert_stopped(run, check, Failure.CONSOLE)


def test_s9_a_belt_that_was_stopped_by_a_silent_hand_ends_it() -> None:
    run, check = at(CheckPhase.STEP)
    run.reports_events = False
    run.treadmill.press_stop()
    run.go(8)
    assert_stopped(run, check, Failure.CAME_TO_REST)


def test_s9_one_report_of_rest_is_no_rest() -> None:
    run, check = at(CheckPhase.MINIMUM)
    run.report(belt=BeltState.AT_REST, speed=0.0)
    until(run, check, CheckPhase.OVER)
    assert check.failure is None


def test_s9_the_machines_echo_is_no_hand() -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.STARTING)
    run.event(MachineEventKind.STARTED)
    run.event(MachineEventKind.SPEED_CHANGED, 2.0)
    run.event(MachineEventKind.INCLINE_CHANGED, 0.0)
    until(run, check, CheckPhase.STEP)
    run.event(MachineEventKind.SPEED_CHANGED, 1.1)
    until(run, check, CheckPhase.STOPPING)
    run.event(MachineEventKind.STOPPED)
    until(run, check, CheckPhase.OVER)
    assert check.failure is None


def test_s9_a_key_that_is_pulled_while_it_stops_spoils_what_the_stop_would_have_shown() -> None:
    run, check = at(CheckPhase.STOPPING)
    run.event(MachineEventKind.SAFETY_KEY)
    until(run, check, CheckPhase.OVER)
    assert check.failure is Failure.SAFETY_KEY


def test_s9_a_belt_that_is_started_by_hand_before_its_time_is_stopped() -> None:
    run, check = at(CheckPhase.COUNTDOWN)
    run.treadmill.press_start()
    assert check.failure is Failure.CONSOLE
    run.go(30)
    assert check.failure is Failure.CONSOLE
    run, check = at(CheckPhase.COUNTDOWN)
    run.reports_events = run.reports_countdown = False
    run.treadmill.press_start()
    run.go(4)
    assert_stopped(run, check, Failure.BELT_MOVED)


@pytest.mark.parametrize("phase", PHASES)
def test_s9_silence_ends_it(phase: CheckPhase) -> None:
    run, check = at(phase)
    run.muted = True
    run.go(6)
    assert run.command_kinds[:1] == [CommandKind.STOP]
    run.muted = False
    assert_stopped(run, check, Failure.NO_DATA)


def test_s2_a_belt_that_tells_nothing_of_itself_any_more_is_not_started() -> None:
    run, check = at(CheckPhase.COUNTDOWN)
    run.reports = {"belt": BeltState.UNKNOWN, "speed": None}
    run.go(30)
    assert run.command_kinds[:1] == [CommandKind.STOP]
    assert_stopped(run, check, Failure.NO_DATA)


def test_s2_a_start_whose_time_has_passed_is_not_made_up_for() -> None:
    run, check = at(CheckPhase.COUNTDOWN)
    run.treadmill.step(20)
    run.now += 20
    run.report()
    assert_stopped(run, check, Failure.NO_DATA)


@pytest.mark.parametrize("phase", PHASES)
def test_s10_a_lost_link_ends_it_and_the_stop_is_kept(phase: CheckPhase) -> None:
    run, check = at(phase)
    run.link(up=False)
    assert run.command_kinds[:1] == [CommandKind.STOP]
    run.go(5)
    run.link(up=True)
    run.treadmill.stop()  # the link first delivers what it had buffered
    until(run, check, CheckPhase.OVER)
    assert check.failure is Failure.LINK_LOST


def test_s10_a_link_that_stays_lost_ends_a_check_run() -> None:
    run, check = at(CheckPhase.HOLD)
    run.link(up=False)
    run.go(70)
    assert check.phase is CheckPhase.OVER
    assert check.failure is Failure.LINK_LOST
    assert run.state is SessionState.INTERRUPTED


@pytest.mark.parametrize("continues_for", [0.0, 1.0])
@pytest.mark.parametrize("silent_for", [0.0, 15.0])
@pytest.mark.parametrize("reconnects", [True, False])
def test_s10_a_link_that_is_lost_in_its_last_stop_is_not_the_machines_fault(
    continues_for: float, silent_for: float, reconnects: bool
) -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.STOPPING)
    run.go(continues_for)
    run.muted = True
    run.go(silent_for)
    run.link(up=False)
    if reconnects:
        run.go(8)
        run.muted = False
        run.link(up=True)
    run.go(70)
    assert (check.phase, check.failure) == (CheckPhase.OVER, Failure.LINK_LOST)
    assert not check.failure.blames_machine


def test_s9_a_link_that_is_lost_excuses_no_stop_that_the_belt_was_seen_to_ignore() -> None:
    run = SessionRun()
    check = run.start_check()
    until(run, check, CheckPhase.SECOND_START)
    run.obeys = False
    until(run, check, CheckPhase.STOPPING)
    run.go(12)
    run.link(up=False)
    run.go(70)
    assert (check.phase, check.failure) == (CheckPhase.OVER, Failure.STOP_FAILED)


@pytest.mark.parametrize("phase", PHASES)
def test_s14_home_assistant_goes(phase: CheckPhase) -> None:
    run, check = at(phase)
    assert run.session.controls_belt
    run.wind_down()
    assert_stopped(run, check, Failure.STOPPED)


@pytest.mark.parametrize("phase", PHASES)
def test_s17_a_guard_that_turns_on_ends_it(phase: CheckPhase) -> None:
    run, check = at(phase)
    run.session.on_guard("door", on=True, now=run.now)
    run.collect()
    assert_stopped(run, check, Failure.SOMEBODY_NEAR)


def test_s17_somebody_on_the_belt_ends_a_check_run() -> None:
    run, check = at(CheckPhase.MINIMUM)
    run.session.on_occupancy(True, run.now)
    run.collect()
    assert_stopped(run, check, Failure.SOMEBODY_NEAR)


@pytest.mark.parametrize("change", [{"control_lock": True}, {"control": False}])
def test_s17_a_child_lock_ends_it_and_so_does_an_owner_who_takes_control_back(change: dict[str, bool]) -> None:
    run, check = at(CheckPhase.MINIMUM)
    run.session.apply_rules(rules(**change))
    run.go(0.5)
    assert_stopped(run, check, Failure.STOPPED)


def test_s9_only_what_the_machine_did_outweighs_a_run_that_was_passed_before() -> None:
    blamed = {failure for failure in Failure if failure.blames_machine}
    assert Failure.MILES in blamed
    assert Failure.SECOND_START_STOPS in blamed
    assert not {Failure.STOPPED, Failure.SAFETY_KEY, Failure.CONSOLE, Failure.LINK_LOST, Failure.NO_DATA} & blamed
