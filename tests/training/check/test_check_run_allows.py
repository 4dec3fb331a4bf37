"""Who may start a check run, and what its result allows (safety rules S1, S4, S8, S9)."""

from collections.abc import Callable

import pytest

from custom_components.retrowalk.machine.model import Capabilities, Command, CommandKind, ValueRange
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
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
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.check_runs import assert_stopped, at, refused, run_check
from tests.support.session_run import SessionRun, rules


def test_s9_a_check_run_is_begun_by_a_person_with_the_belt_at_rest_and_all_in_order() -> None:
    run = SessionRun()
    assert refused(lambda: run.start_check(caller=Caller.UNKNOWN)) is Refusal.NEEDS_PERSON
    run.session.apply_rules(rules(control=False))
    assert refused(run.start_check) is Refusal.MONITOR_ONLY
    run.session.apply_rules(rules(control_lock=True))
    assert refused(run.start_check) is Refusal.LOCKED
    run.session.apply_rules(rules(owner=OwnerLimits(forward_speed=0.9)))
    assert refused(run.start_check) is Refusal.NO_SPEED_CONTROL
    run.session.apply_rules(rules(owner=OwnerLimits(forward_speed=1.0)))
    assert refused(run.start_check) is Refusal.NO_SPEED_CONTROL
    run.session.apply_rules(rules())
    run.session.on_guard("door", on=True, now=run.now)
    assert refused(run.start_check) is Refusal.GUARDED
    run.session.on_guard("door", on=False, now=run.now)
    run.session.on_occupancy(True, run.now)
    assert refused(run.start_check) is Refusal.OCCUPIED
    run.session.on_occupancy(None, run.now)
    run.start()
    assert refused(run.start_check) is Refusal.BUSY
    run.stop()
    assert refused(run.start_check) is Refusal.JUST_STOPPED
    run.go(10)
    run.link(up=False)
    assert refused(run.start_check) is Refusal.NOT_CONNECTED
    run.link(up=True)
    run.now += 3
    assert refused(run.start_check) is Refusal.NO_FRESH_DATA
    assert run.command_kinds == [CommandKind.STOP]


def test_s9_a_belt_that_moves_is_not_checked() -> None:
    run = SessionRun()
    run.reports_events = False
    run.treadmill.press_start()
    run.go(1)
    assert refused(run.start_check) is Refusal.BELT_MOVES


def test_s9_a_machine_whose_speed_cannot_be_set_is_not_checked() -> None:
    limits = limits_for(Capabilities(), OwnerLimits(), Direction.FORWARD)
    with pytest.raises(ValueError, match="speed cannot be controlled"):
        CheckRun(limits, 0.0)


def test_s9_while_it_runs_nothing_but_stop_is_done() -> None:
    run, check = at(CheckPhase.HOLD)
    session = run.session
    requests: list[Callable[[], object]] = [
        run.start,
        run.resume,
        run.start_check,
        lambda: session.prepare(run.now, caller=Caller.PERSON),
        lambda: session.confirm(run.now, caller=Caller.PERSON),
        lambda: session.set_speed(3.0, caller=Caller.PERSON),
        lambda: session.lower_deck(run.now, caller=Caller.PERSON),
    ]
    for request in requests:
        assert refused(request) is Refusal.CHECKING
    assert refused(run.pause) is Refusal.NOTHING_TO_PAUSE
    assert refused(lambda: session.finish(run.now)) is Refusal.NOTHING_TO_FINISH
    assert session.belt_may_move
    assert run.sent == []
    run.stop()
    assert refused(run.start) is Refusal.CHECKING  # its belt is still coming to rest
    assert_stopped(run, check, Failure.STOPPED)


def test_s8_no_walk_ever_starts_a_belt_again() -> None:
    run = SessionRun()
    run.begin()
    run.pause()
    run.go(8)
    run.resume()
    run.resume()
    run.go(40)
    run.stop()
    assert CommandKind.START_AGAIN not in run.command_kinds
    assert CommandKind.START in run.command_kinds


@pytest.mark.parametrize(
    "held", [Refusal.NOT_CHECKED, Refusal.CHECK_OUTDATED, Refusal.CHECK_FAILED, Refusal.TAKES_MILES]
)
def test_s1_control_is_released_by_the_check_run(held: Refusal) -> None:
    run = SessionRun(rules(blocked_by=held))
    assert refused(run.start) is held
    assert refused(lambda: run.session.lower_deck(run.now, caller=Caller.PERSON)) is held
    run.stop()
    assert run.command_kinds == [CommandKind.STOP]
    run.go(10)
    assert run_check(run).failure is None  # the check run must be possible here
    run.session.apply_rules(rules())
    run.go(10)
    run.begin()


def test_s1_without_a_check_run_a_walk_at_the_console_is_only_watched() -> None:
    run = SessionRun(rules(blocked_by=Refusal.NOT_CHECKED))
    run.treadmill.press_start()
    run.go(20)
    assert run.state is SessionState.MANUAL
    assert run.session.under_way
    assert refused(run.resume) is Refusal.NOT_CHECKED
    run.treadmill.press_stop()
    run.go(10)
    assert run.state is SessionState.FINISHED
    assert run.sent == []


def test_s9_a_countdown_ends_when_other_firmware_is_found() -> None:
    run = SessionRun()
    run.count_down()
    run.session.apply_rules(rules(blocked_by=Refusal.CHECK_OUTDATED))
    run.go(0.5)
    assert run.state is SessionState.IDLE
    assert run.data(SessionEventKind.START_FAILED) == {"reason": "check_outdated"}
    assert run.sent == []


def test_s4_a_belt_that_starts_faster_than_backward_may_go_is_not_started_backward() -> None:
    fast = rules(measured=Measured(start_speed=3.5))
    run = SessionRun(fast)
    assert refused(run.start) is Refusal.STARTS_TOO_FAST
    run.session.choose_direction(Direction.FORWARD)
    run.begin()
    limits = limits_for(fast.capabilities, fast.owner, Direction.BACKWARD, measured=fast.measured)
    assert (limits.speed, limits.too_fast, limits.ceiling) == (None, 3.5, 3.0)
    slow = limits_for(fast.capabilities, OwnerLimits(forward_speed=3.0), Direction.FORWARD, measured=fast.measured)
    assert (slow.speed, slow.too_fast, slow.ceiling) == (None, 3.5, 3.0)
    higher = OwnerLimits(backward_speed=4.0)
    assert limits_for(fast.capabilities, higher, Direction.BACKWARD, measured=fast.measured).speed is not None


@pytest.mark.parametrize(
    ("start", "minimum", "owner", "expected"),
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
    start: float | None, minimum: float, owner: OwnerLimits, expected: list[tuple[str, float | None]]
) -> None:
    its_rules = rules(owner=owner, speed=ValueRange(minimum, 12.0, 0.1), measured=Measured(start_speed=start))
    who = who_may_walk(its_rules.capabilities, its_rules.owner, its_rules.measured)
    assert [(limits.walks.value, limits.top_speed) for limits in who] == expected
    for limits in who:
        session = SessionController(its_rules)
        request = SessionRequest(direction=limits.direction, first=limits.walks is Walks.FIRST)
        if limits.top_speed is not None:
            session.prepare(0.0, caller=Caller.PERSON, request=request)
            continue
        with pytest.raises(RefusedError) as raised:
            session.prepare(0.0, caller=Caller.PERSON, request=request)
        suffix = "" if limits.walks is Walks.BACKWARD else f"_{limits.walks}"
        assert raised.value.reason == f"starts_too_fast{suffix}"
        assert raised.value.values == {"least": start or minimum, "ceiling": limits.ceiling}


def test_s4_a_first_session_is_not_the_reason_where_nobody_may_walk_backward() -> None:
    its_rules = rules(measured=Measured(start_speed=3.5))
    with pytest.raises(RefusedError) as raised:
        SessionController(its_rules).prepare(0.0, caller=Caller.PERSON, request=SessionRequest(first=True))
    assert (raised.value.reason, raised.value.values) == (Refusal.STARTS_TOO_FAST, {"least": 3.5, "ceiling": 3.0})


def test_s4_a_machine_whose_steps_are_too_large_to_rise_is_walked_at_its_minimum() -> None:
    its_rules = rules(speed=ValueRange(1.0, 12.0, 1.0))
    backward, _, _ = who_may_walk(its_rules.capabilities, its_rules.owner, its_rules.measured)
    assert backward.top_speed == 1.0


def test_s4_a_takeover_or_a_confirmation_of_a_belt_that_starts_too_fast_says_why() -> None:
    run = SessionRun()
    run.start()
    run.session.apply_rules(rules(measured=Measured(start_speed=3.5)))
    assert refused(run.start) is Refusal.STARTS_TOO_FAST


def backward(measured: Measured | None = None, **owner: float) -> Limits:
    return limits_for(rules().capabilities, OwnerLimits(**owner), Direction.BACKWARD, measured=measured)


def test_s9_the_measured_step_is_the_grid_of_every_target() -> None:
    assert backward().allowed_speed(1.3) == 1.3
    coarse = backward(Measured(step=0.5))
    assert [coarse.allowed_speed(kmh) for kmh in (1.2, 1.3, 2.9, 9.0)] == [1.0, 1.5, 3.0, 3.0]
    assert coarse.speed_up is not None
    assert (coarse.speed_up.step, coarse.speed_up.seconds) == (0.5, 25.0)
    assert backward(Measured(step=0.8)).speed_up is None  # S5: no rises by larger steps when walking backward
    assert backward(Measured(step=0.05)) == backward()  # never finer than the machine reports


def test_s9_a_walk_takes_the_steps_that_were_measured() -> None:
    run = SessionRun()
    run.treadmill.coarse_steps = 0.5
    findings = run_check(run).result
    run.session.apply_rules(rules(measured=Measured(start_speed=findings.start_speed, step=findings.step)))
    run.go(10)
    run.begin()
    run.clear_log()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(90)
    assert [kmh for _, kmh in run.speeds] == [1.5, 2.0]
    assert SessionEventKind.NOT_OBEYED not in run.event_kinds
    assert Command(CommandKind.SET_SPEED, 1.5) in [command for _, command in run.sent]
