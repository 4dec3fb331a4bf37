"""If the owner allows it, an automation confirms a start after a long countdown (safety rules S2 and S16)."""

from dataclasses import replace

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import guard, refusal

State = SessionState
EventKind = SessionEventKind
UNATTENDED = rules(automations_confirm=True, spoken=True)


def test_s2_an_automation_confirms_where_the_owner_lets_it_after_a_long_countdown() -> None:
    run = SessionRun(UNATTENDED)
    guard(run, on=False)
    run.start(caller=Caller.UNKNOWN)
    run.session.start(run.now, caller=Caller.AUTOMATION)
    run.collect()
    assert run.data(EventKind.COUNTDOWN)["seconds"] == 30.0
    run.go(29)
    assert run.sent == []
    run.go(10)
    assert run.state is State.WARM_UP
    run.pause()
    run.go(20)
    run.session.start(run.now, caller=Caller.AUTOMATION)
    assert run.state is State.READY
    run.session.resume(run.now, caller=Caller.AUTOMATION)
    run.collect()
    assert run.state is State.COUNTDOWN
    assert run.data(EventKind.COUNTDOWN)["seconds"] == 30.0


def test_s2_whether_automations_may_confirm_takes_the_option_a_voice_and_a_guard() -> None:
    run = SessionRun(UNATTENDED)
    assert not run.session.automations_may_confirm
    guard(run, on=False)
    assert run.session.automations_may_confirm
    for missing in ({"automations_confirm": False}, {"spoken": False}):
        run.session.apply_rules(replace(UNATTENDED, **missing))
        assert not run.session.automations_may_confirm


def test_s2_a_longer_countdown_stays_and_a_persons_is_not_prolonged() -> None:
    run = SessionRun(replace(UNATTENDED, countdown_backward=45.0))
    guard(run, on=False)
    run.start(caller=Caller.UNKNOWN)
    run.session.confirm(run.now, caller=Caller.AUTOMATION)
    run.collect()
    assert run.data(EventKind.COUNTDOWN)["seconds"] == 45.0
    run = SessionRun(UNATTENDED)
    guard(run, on=False)
    run.count_down()
    assert run.data(EventKind.COUNTDOWN)["seconds"] == 15.0


@pytest.mark.parametrize("missing", ["option", "voice", "guard", "automation"])
def test_s2_an_automation_confirms_nothing_if_anything_is_missing(missing: str) -> None:
    run = SessionRun(replace(UNATTENDED, automations_confirm=missing != "option", spoken=missing != "voice"))
    if missing != "guard":
        guard(run, on=False)
    session, caller = run.session, Caller.UNKNOWN if missing == "automation" else Caller.AUTOMATION
    run.start()
    assert refusal(session.start, run.now, caller=caller) is Refusal.NEEDS_PERSON
    assert refusal(session.confirm, run.now, caller=caller) is Refusal.NEEDS_PERSON
    assert refusal(session.resume, run.now, caller=caller) is Refusal.NEEDS_PERSON
    run.start()
    run.go(25)
    run.pause()
    run.go(20)
    assert refusal(session.resume, run.now, caller=caller) is Refusal.NEEDS_PERSON


def test_s2_a_guard_that_is_on_forbids_it_too() -> None:
    run = SessionRun(UNATTENDED)
    guard(run)
    run.start()
    assert refusal(run.session.start, run.now, caller=Caller.AUTOMATION) is Refusal.GUARDED


def test_s16_an_automation_takes_no_moving_belt_over() -> None:
    run = SessionRun(UNATTENDED)
    guard(run, on=False)
    run.treadmill.press_start()
    run.go(15)
    assert run.state is State.MANUAL
    assert refusal(run.session.resume, run.now, caller=Caller.AUTOMATION) is Refusal.NEEDS_PERSON
