"""The person who confirms may be the one who walks, whoever was named: the lower limits of the two apply (S4)."""

import pytest

from custom_components.retrowalk.machine.model import Capabilities, CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller, Refusal, Rules
from custom_components.retrowalk.training.session.recovery import request_as_dict, request_from_dict
from custom_components.retrowalk.training.session.request import SessionTerms
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_run import program
from tests.support.session_run import SessionRun
from tests.support.session_states import refusal

CAPABILITIES = Capabilities(speed_range=ValueRange(0.5, 12.0, 0.1), can_start_and_stop=True)
RULES = Rules(control=True, owner=OwnerLimits(), capabilities=CAPABILITIES)
ANNA = SessionRequest(walker="anna", speed=2.8)
BEGINNER = SessionRequest(walker="anna", by_novice=True)
HILLY = program(*({"minutes": 5, "speed": 2.8, "incline": 2} for _ in range(3)))


def test_s4_a_beginner_who_confirms_for_somebody_experienced_has_the_limits_of_a_beginner() -> None:
    intent = SessionTerms()
    intent.accept(ANNA, RULES)
    assert intent.limits(RULES).speed.maximum == 3.0
    assert intent.limits(RULES, by=BEGINNER).speed.maximum == 2.0
    intent.confirm(BEGINNER, RULES)
    intent.begin(RULES)
    assert intent.limits(RULES).speed.maximum == 2.0
    assert intent.plan.main.speed == 2.0
    assert intent.request.walker == "anna"  # the walker was shown and spoken


def test_s4_somebody_experienced_who_confirms_takes_no_limits_from_a_beginner() -> None:
    intent = SessionTerms()
    intent.accept(SessionRequest(walker="bert", first=True), RULES)
    intent.confirm(SessionRequest(walker="anna"), RULES)
    assert intent.limits(RULES).speed.maximum == 2.0


def test_s4_who_confirms_for_nobody_else_has_their_own_limits() -> None:
    intent = SessionTerms()
    intent.accept(SessionRequest(open=True, first=True), RULES)
    intent.confirm(SessionRequest(walker="anna"), RULES)
    assert (intent.request.walker, intent.limits(RULES).speed.maximum) == ("anna", 3.0)


@pytest.mark.parametrize(("kept", "now"), [(True, False), (False, True)])
def test_s4_s19_the_limits_of_who_confirmed_hold_over_a_restart(kept: bool, now: bool) -> None:
    written = request_as_dict(SessionRequest(walker="anna", first=kept))
    assert request_from_dict(written, direction=Direction.BACKWARD, walker="anna", first=now).first
    del written["first"]  # as earlier versions stored it
    assert request_from_dict(written, direction=Direction.BACKWARD, walker="anna", first=now).first is now


def test_s4_a_beginner_who_names_somebody_experienced_in_confirming_has_the_limits_of_a_beginner() -> None:
    intent = SessionTerms()
    intent.accept(SessionRequest(open=True, first=True, speed=2.8), RULES)
    intent.confirm(BEGINNER, RULES)
    assert (intent.request.walker, intent.limits(RULES).speed.maximum) == ("anna", 2.0)


@pytest.mark.parametrize("program", [None, HILLY])
def test_s4_a_beginner_who_confirms_after_a_pause_has_the_limits_of_a_beginner(program: Program | None) -> None:
    run = SessionRun()
    run.session.prepare(
        run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna", length=900, speed=2.8, program=program)
    )
    run.start()
    run.go(200)
    assert run.session.limits.speed.maximum == 3.0
    run.pause()
    run.go(10)
    run.resume()
    run.clear_log()
    run.session.confirm(run.now, caller=Caller.PERSON, request=BEGINNER)
    assert run.session.limits.speed.maximum == 2.0
    run.go(300)
    assert run.state is SessionState.ACTIVE
    assert 1.0 < max(kmh for _, kmh in run.speeds) <= 2.0
    assert not any(run.inclines)
    targets = [event.data["target"] for _, event in run.emitted if event.kind is SessionEventKind.SPEED_UP_SOON]
    assert targets
    assert max(targets) <= 2.0
    assert run.session.walker == "anna"


def test_s4_who_confirms_after_a_pause_does_not_become_the_walker_of_a_guests_session() -> None:
    run = SessionRun()
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=SessionRequest(open=True, first=True))
    run.session.confirm(run.now, caller=Caller.PERSON)  # the button beside the treadmill
    run.go(40)
    run.pause()
    run.go(10)
    run.resume()
    run.session.confirm(run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    assert run.session.walker is None
    assert run.session.limits.speed.maximum == 2.0
    run.go(60)
    assert run.session.limits.speed.maximum == 2.0


def test_s4_a_beginner_who_confirms_after_a_pause_and_a_restart_has_the_limits_of_a_beginner() -> None:
    intent = SessionTerms()
    intent.restore(ANNA, RULES, planned=True)
    assert intent.plan.main.speed == 2.8
    intent.confirm(BEGINNER, RULES)
    assert (intent.plan.main.speed, intent.limits(RULES).speed.maximum) == (2.0, 2.0)


def watched(request: SessionRequest) -> SessionRun:
    """Return a session that was made ready and then begun at the console while a guard was on: nobody confirmed it."""
    run = SessionRun()
    run.session.on_guard("door", on=True, now=run.now)
    run.session.prepare(run.now, caller=Caller.PERSON, request=request)
    run.treadmill.press_start()
    run.go(10)
    assert run.state is SessionState.MANUAL
    run.session.on_guard("door", on=False, now=run.now)
    return run


@pytest.mark.parametrize("program", [None, HILLY])
def test_s4_s7_a_beginner_who_takes_over_what_nobody_confirmed_has_the_limits_of_a_beginner(
    program: Program | None,
) -> None:
    run = watched(SessionRequest(walker="anna", length=900, speed=2.8, program=program))
    assert run.session.limits.speed.maximum == 3.0
    run.session.resume(run.now, caller=Caller.PERSON, request=BEGINNER)
    assert (run.session.walker, run.session.limits.speed.maximum) == ("anna", 2.0)
    run.clear_log()
    run.go(300)
    speeds = [command.value for _, command in run.sent if command.kind is CommandKind.SET_SPEED]
    assert max(speeds) == 2.0
    assert run.treadmill.incline == 0.0


@pytest.mark.parametrize("by", [None, SessionRequest(walker="anna"), SessionRequest(walker="carl", first=True)])
def test_s4_s7_who_is_no_beginner_takes_over_with_the_limits_that_were_shown(by: SessionRequest | None) -> None:
    run = watched(SessionRequest(walker="anna", length=900, speed=2.8))
    run.session.resume(run.now, caller=Caller.PERSON, request=by)
    assert (run.session.walker, run.session.limits.speed.maximum) == ("anna", 3.0)


def test_s4_s7_taking_over_changes_nobody_who_walks() -> None:
    run = watched(SessionRequest(open=True, first=True, length=900))
    run.session.resume(run.now, caller=Caller.PERSON, request=SessionRequest(walker="anna"))
    assert (run.session.walker, run.session.limits.speed.maximum) == (None, 2.0)


def test_s4_s7_a_takeover_that_is_refused_leaves_the_limits_as_they_were() -> None:
    run = watched(SessionRequest(walker="anna", length=900))
    run.treadmill.press_speed(2.8)
    run.go(30)
    assert refusal(run.session.resume, run.now, caller=Caller.PERSON, request=BEGINNER) is Refusal.TOO_FAST
    assert (run.state, run.session.limits.speed.maximum) == (SessionState.MANUAL, 3.0)
    run.session.resume(run.now, caller=Caller.PERSON, request=ANNA)
    run.go(10)
    assert run.session.target_speed == 2.8
