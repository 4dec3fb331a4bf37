"""A deck above the limit starts nothing, and one below it is lowered first (safety rule S18)."""

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import refusal

EventKind = SessionEventKind
State = SessionState


def tilted(percent: float) -> SessionRun:
    run = SessionRun()
    run.treadmill.incline = run.treadmill.target_incline = percent
    run.go(1)
    return run


def test_s18_a_deck_above_the_limit_is_not_started() -> None:
    run = tilted(4.0)
    run.start()
    assert refusal(run.start) is Refusal.DECK_TOO_HIGH
    assert run.sent == []


def test_s18_a_deck_that_is_raised_in_the_countdown_is_not_started() -> None:
    run = SessionRun()
    run.count_down()
    run.reports_events = False
    run.treadmill.press_incline(5.0)
    run.go(20)
    assert run.sent == []
    assert run.data(EventKind.START_FAILED) == {"reason": "deck_too_high"}


def test_s18_a_console_start_with_a_steep_deck_is_watched_only() -> None:
    run = tilted(4.0)
    run.start()
    run.treadmill.press_start()
    run.go(10)
    assert run.state is State.MANUAL
    assert refusal(run.resume) is Refusal.DECK_TOO_HIGH


def test_s18_a_deck_below_the_limit_is_lowered_first() -> None:
    run = tilted(2.0)
    run.begin()
    run.session.set_speed(1.2, caller=Caller.PERSON)
    run.go(60)
    assert [percent for _, percent in run.inclines] == [1.5, 1.0, 0.5, 0.0]
    assert run.speeds[1][0] > run.inclines[-1][0]


def test_s13_a_decline_that_comes_late_does_not_keep_a_steep_belt_from_being_slowed() -> None:
    run = SessionRun(linked=True)
    run.begin()
    run.session.set_incline(1.0, caller=Caller.PERSON)
    run.go(60)
    assert run.inclines
    run.treadmill.press_incline(5.0)
    run.go(15)
    assert run.state is State.MANUAL
    run.session.finish(run.now)
    assert run.state is State.COOL_DOWN  # the deck is left as it is
    run.fail_command(CommandKind.SET_INCLINE, 1.0)
    run.go(60)
    assert run.command_kinds[-1] is CommandKind.STOP
    assert run.treadmill.at_rest
