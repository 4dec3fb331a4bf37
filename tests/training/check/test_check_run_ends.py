"""What people, the console, the link or the house do ends a check run (safety rules S3, S7, S9, S10, S14, S17)."""

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
    walk.reports_events = False
    walk.treadmill.press_speed(1.6)
    walk.go(8)
    assert_stopped(walk, check, Failure.CONSOLE)


def test_s9_a_belt_that_was_stopped_by_a_silent_hand_ends_it() -> None:
    walk, check = at(CheckPhase.STEP)
    walk.reports_events = False
    walk.treadmill.press_stop()
    walk.go(8)
    assert_stopped(walk, check, Failure.CAME_TO_REST)


def test_s9_one_report_of_rest_is_no_rest() -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.report(belt=BeltState.AT_REST, speed=0.0)
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
    walk.reports_events = walk.reports_countdown = False
    walk.treadmill.press_start()
    walk.go(4)
    assert_stopped(walk, check, Failure.BELT_MOVED)


@pytest.mark.parametrize("phase", PHASES)
def test_s9_silence_ends_it(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.muted = True
    walk.go(6)
    assert walk.command_kinds[:1] == [CommandKind.STOP]
    walk.muted = False
    assert_stopped(walk, check, Failure.NO_DATA)


def test_s2_a_start_whose_time_has_passed_is_not_made_up_for() -> None:
    walk, check = at(CheckPhase.COUNTDOWN)
    walk.treadmill.step(20)
    walk.now += 20
    walk.report()
    assert_stopped(walk, check, Failure.NO_DATA)


@pytest.mark.parametrize("phase", PHASES)
def test_s10_a_lost_link_ends_it_and_the_stop_is_kept(phase: CheckPhase) -> None:
    walk, check = at(phase)
    walk.link(up=False)
    assert walk.command_kinds[:1] == [CommandKind.STOP]
    walk.go(5)
    walk.link(up=True)
    walk.treadmill.stop()  # the link sends what it kept first
    until(walk, check, CheckPhase.OVER)
    assert check.failure is Failure.LINK_LOST


def test_s10_a_link_that_stays_lost_ends_a_check_run() -> None:
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
    walk.muted = True
    walk.go(silent_for)
    walk.link(up=False)
    if comes_back:
        walk.go(8)
        walk.muted = False
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


def test_s17_somebody_on_the_belt_ends_a_check_run() -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.session.on_occupancy(True, walk.now)
    walk.collect()
    assert_stopped(walk, check, Failure.SOMEBODY_NEAR)


@pytest.mark.parametrize("change", [{"control_lock": True}, {"control": False}])
def test_s17_a_child_lock_ends_it_and_so_does_an_owner_who_takes_control_back(change: dict[str, bool]) -> None:
    walk, check = at(CheckPhase.MINIMUM)
    walk.session.apply_rules(rules(**change))
    walk.go(0.5)
    assert_stopped(walk, check, Failure.STOPPED)


def test_s9_only_what_the_machine_did_outweighs_a_run_that_was_passed_before() -> None:
    blamed = {failure for failure in Failure if failure.blames_machine}
    assert Failure.MILES in blamed
    assert Failure.SECOND_START_STOPS in blamed
    assert not {Failure.STOPPED, Failure.SAFETY_KEY, Failure.CONSOLE, Failure.LINK_LOST, Failure.NO_DATA} & blamed
