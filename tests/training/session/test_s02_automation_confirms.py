"""Where the owner lets it, an automation confirms a start after a long countdown (safety rules S2 and S16)."""

from dataclasses import replace

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import guard, refusal

State = SessionState
Told = SessionEventKind
UNATTENDED = rules(automations_confirm=True, spoken=True)


def test_s2_an_automation_confirms_where_the_owner_lets_it_after_a_long_countdown() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.start(caller=Caller.UNKNOWN)
    walk.session.start(walk.now, caller=Caller.AUTOMATION)
    walk.collect()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 30.0
    walk.go(29)
    assert walk.sent == []
    walk.go(10)
    assert walk.state is State.WARM_UP
    walk.pause()
    walk.go(20)
    walk.session.start(walk.now, caller=Caller.AUTOMATION)
    assert walk.state is State.READY
    walk.session.resume(walk.now, caller=Caller.AUTOMATION)
    walk.collect()
    assert walk.state is State.COUNTDOWN
    assert walk.data(Told.COUNTDOWN)["seconds"] == 30.0


def test_s2_whether_automations_may_confirm_takes_the_option_a_voice_and_a_guard() -> None:
    walk = SessionRun(UNATTENDED)
    assert not walk.session.automations_may_confirm
    guard(walk, on=False)
    assert walk.session.automations_may_confirm
    for missing in ({"automations_confirm": False}, {"spoken": False}):
        walk.session.apply_rules(replace(UNATTENDED, **missing))
        assert not walk.session.automations_may_confirm


def test_s2_a_longer_countdown_stays_and_a_persons_is_not_prolonged() -> None:
    walk = SessionRun(replace(UNATTENDED, countdown_backward=45.0))
    guard(walk, on=False)
    walk.start(caller=Caller.UNKNOWN)
    walk.session.confirm(walk.now, caller=Caller.AUTOMATION)
    walk.collect()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 45.0
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.count_down()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 15.0


@pytest.mark.parametrize("missing", ["option", "voice", "guard", "automation"])
def test_s2_an_automation_confirms_nothing_if_anything_is_missing(missing: str) -> None:
    walk = SessionRun(replace(UNATTENDED, automations_confirm=missing != "option", spoken=missing != "voice"))
    if missing != "guard":
        guard(walk, on=False)
    session, caller = walk.session, Caller.UNKNOWN if missing == "automation" else Caller.AUTOMATION
    walk.start()
    assert refusal(session.start, walk.now, caller=caller) is Refusal.NEEDS_PERSON
    assert refusal(session.confirm, walk.now, caller=caller) is Refusal.NEEDS_PERSON
    assert refusal(session.resume, walk.now, caller=caller) is Refusal.NEEDS_PERSON
    walk.start()
    walk.go(25)
    walk.pause()
    walk.go(20)
    assert refusal(session.resume, walk.now, caller=caller) is Refusal.NEEDS_PERSON


def test_s2_a_guard_that_is_on_forbids_it_too() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk)
    walk.start()
    assert refusal(walk.session.start, walk.now, caller=Caller.AUTOMATION) is Refusal.GUARDED


def test_s16_an_automation_takes_no_moving_belt_over() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL
    assert refusal(walk.session.resume, walk.now, caller=Caller.AUTOMATION) is Refusal.NEEDS_PERSON
