"""A session restored after a restart continues paused or without coaching, and the walker is notified (S19)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import recovered_session

EventKind = SessionEventKind
State = SessionState


def test_s19_who_walks_on_after_a_restart_hears_at_once_and_each_minute_that_nobody_coaches() -> None:
    run = SessionRun()
    run.session.restore(recovered_session(), run.now)
    run.treadmill.press_start()
    began = run.now
    run.go(130)
    emitted_at = [when - began for when, event in run.emitted if event.data.get("reason") == "no_coach"]
    assert emitted_at == pytest.approx([0, 60, 120], abs=1)
    assert EventKind.BELT_WITHOUT_SESSION not in run.event_kinds
    assert run.command_kinds == []


def test_s19_where_nobody_ever_coached_nobody_is_missed() -> None:
    run = SessionRun(rules(control=False))
    run.session.restore(recovered_session(coached=False), run.now)
    run.treadmill.press_start()
    run.go(70)
    assert not [event for _, event in run.emitted if event.data.get("reason") == "no_coach"]


def test_s19_a_pause_that_turns_out_to_be_another_session_is_forgotten_without_a_word() -> None:
    run = SessionRun()
    run.session.restore(recovered_session(paused=100.0), run.now)
    run.treadmill.press_start()
    run.go(10)
    run.clear_log()
    run.session.discard_restored(run.now)
    run.collect()
    assert run.emitted == []
    run.go(2)
    assert (run.state, run.session.direction, run.session.walker) == (State.MANUAL, Direction.FORWARD, None)
