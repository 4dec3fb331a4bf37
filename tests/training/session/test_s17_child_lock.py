"""With the child lock only a stop works (safety rule S17)."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


def test_s17_anybody_locks_and_a_person_unlocks() -> None:
    session = SessionRun().session
    session.lock(on=False, caller=Caller.UNKNOWN)  # it is off
    session.lock(on=True, caller=Caller.UNKNOWN)
    session.lock(on=True, caller=Caller.UNKNOWN)
    assert refusal(session.lock, on=False, caller=Caller.UNKNOWN) is Refusal.UNLOCK_NEEDS_PERSON
    assert session.rules.control_lock
    session.lock(on=False, caller=Caller.PERSON)
    assert not session.rules.control_lock


def test_s17_with_the_child_lock_only_stop_works() -> None:
    walk = SessionRun(rules(control_lock=True))
    session, now = walk.session, walk.now
    for call in (
        lambda: session.start(now, caller=Caller.PERSON),
        lambda: session.prepare(now, caller=Caller.PERSON),
        lambda: session.confirm(now, caller=Caller.PERSON),
        lambda: session.resume(now, caller=Caller.PERSON),
        lambda: session.pause(now),
        lambda: session.finish(now),
        lambda: session.set_speed(1.0, caller=Caller.PERSON),
        lambda: session.set_incline(1.0, caller=Caller.PERSON),
        lambda: session.lower_deck(now, caller=Caller.PERSON),
    ):
        assert refusal(call) is Refusal.LOCKED
    walk.stop()
    assert walk.command_kinds == [STOP]


def test_s17_switched_on_in_a_walk_it_stops_nothing_by_itself() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(10)
    walk.session.apply_rules(rules(control_lock=True))
    assert refusal(walk.session.set_speed, 1.0, caller=Caller.PERSON) is Refusal.LOCKED
    walk.go(80)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.stop()
    walk.go(8)
    assert walk.state is State.FINISHED


def test_s17_the_child_lock_ends_a_countdown_and_confirms_no_start_at_the_console() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.session.apply_rules(rules(control_lock=True))
    walk.go(1)
    assert walk.data(Told.START_FAILED) == {"reason": "locked"}
    walk.session.apply_rules(rules())
    walk.start()
    walk.session.apply_rules(rules(control_lock=True))
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL
