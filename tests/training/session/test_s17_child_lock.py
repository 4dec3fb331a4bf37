"""With the child lock only a stop works (safety rule S17)."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import at, refusal

State = SessionState
EventKind = SessionEventKind
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
    run = SessionRun(rules(control_lock=True))
    session, now = run.session, run.now
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
    run.stop()
    assert run.command_kinds == [STOP]


def test_s17_switched_on_in_a_walk_it_stops_nothing_by_itself() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(10)
    run.session.apply_rules(rules(control_lock=True))
    assert refusal(run.session.set_speed, 1.0, caller=Caller.PERSON) is Refusal.LOCKED
    run.go(80)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.stop()
    run.go(8)
    assert run.state is State.FINISHED


def test_s17_the_child_lock_ends_a_countdown_and_confirms_no_start_at_the_console() -> None:
    run = SessionRun()
    run.count_down()
    run.session.apply_rules(rules(control_lock=True))
    run.go(1)
    assert run.data(EventKind.START_FAILED) == {"reason": "locked"}
    run.session.apply_rules(rules())
    run.start()
    run.session.apply_rules(rules(control_lock=True))
    run.treadmill.press_start()
    run.go(15)
    assert run.state is State.MANUAL


@pytest.mark.parametrize(
    "state",
    [State.STARTING, State.WARM_UP, State.MANUAL, State.INTERRUPTED, State.PAUSED, State.STOPPING, State.COOL_DOWN],
)
def test_s17_with_the_child_lock_no_walk_is_finished_whatever_else_forbids_it(state: SessionState) -> None:
    run = at(state)
    run.session.apply_rules(rules(control_lock=True, control=False))
    run.collect()
    run.clear_log()
    assert refusal(run.session.finish, run.now) is Refusal.LOCKED
    run.collect()
    assert (run.sent, run.emitted) == ([], [])
