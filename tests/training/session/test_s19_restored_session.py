"""A session that is restored after a restart goes on paused or watched, and the walker is told (safety rule S19)."""

import pytest

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import found

Told = SessionEventKind
State = SessionState


def test_s19_who_walks_on_after_a_restart_hears_at_once_and_each_minute_that_nobody_coaches() -> None:
    walk = SessionRun()
    walk.session.restore(found(), walk.now)
    walk.treadmill.press_start()
    began = walk.now
    walk.go(130)
    told = [when - began for when, event in walk.emitted if event.data.get("reason") == "no_coach"]
    assert told == pytest.approx([0, 60, 120], abs=1)
    assert Told.BELT_WITHOUT_SESSION not in walk.event_kinds
    assert walk.command_kinds == []


def test_s19_where_nobody_ever_coached_nobody_is_missed() -> None:
    walk = SessionRun(rules(control=False))
    walk.session.restore(found(coached=False), walk.now)
    walk.treadmill.press_start()
    walk.go(70)
    assert not [event for _, event in walk.emitted if event.data.get("reason") == "no_coach"]


def test_s19_a_pause_that_turns_out_to_be_another_session_is_forgotten_without_a_word() -> None:
    walk = SessionRun()
    walk.session.restore(found(paused=100.0), walk.now)
    walk.treadmill.press_start()
    walk.go(10)
    walk.clear_log()
    walk.session.discard_restored(walk.now)
    walk.collect()
    assert walk.emitted == []
    walk.go(2)
    assert (walk.state, walk.session.direction, walk.session.walker) == (State.MANUAL, Direction.FORWARD, None)
