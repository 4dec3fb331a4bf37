"""The behavior of a session besides the safety rules."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SPEEDS, SessionRun, rules
from tests.support.session_states import at

State = SessionState


def test_a_command_that_is_declined_gives_up_the_request() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.fail_command(CommandKind.SET_SPEED, 1.1)
    assert run.session.target_speed == 1.0
    run.clear_log()
    run.go(30)
    assert run.sent == []
    run.stop()
    run.fail_command(CommandKind.SET_SPEED, 1.1)
    assert run.state is State.STOPPING


def test_the_odometer_counts_one_walk_and_begins_anew_with_the_next() -> None:
    run = SessionRun()
    run.begin()
    run.go(60)
    run.stop()
    run.go(10)
    first = run.session.odometer
    assert first.moving_time > 60
    assert first.distance == pytest.approx(run.treadmill.distance, abs=1.5)
    run.begin()
    assert run.session.odometer is not first
    assert run.session.odometer.moving_time < 20


def test_a_belt_that_nobody_heard_of_may_be_anything() -> None:
    session = SessionController(rules())
    assert not session.belt_may_move
    assert not session.controls_belt
    assert (session.target_speed, session.target_incline) == (None, None)
    assert session.limits.speed == ValueRange(SPEEDS.minimum, 3.0, SPEEDS.step)
    session.tick(5.0)
    assert session.drain() == []


def test_a_walk_is_shown_as_finished_for_a_minute() -> None:
    run = at(State.FINISHED)
    ended = run.emitted[-1][0]
    run.go(60 - (run.now - ended))
    assert run.state is State.FINISHED
    run.go(0.5)
    assert run.state is State.IDLE
