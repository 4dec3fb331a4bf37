"""A deck above the limit starts nothing, and one below it is lowered first (safety rule S18)."""

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import refusal

Told = SessionEventKind
State = SessionState


def tilted(percent: float) -> SessionRun:
    walk = SessionRun()
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(1)
    return walk


def test_s18_a_deck_above_the_limit_is_not_started() -> None:
    walk = tilted(4.0)
    walk.start()
    assert refusal(walk.start) is Refusal.DECK_TOO_HIGH
    assert walk.sent == []


def test_s18_a_deck_that_is_raised_in_the_countdown_is_not_started() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.reports_events = False
    walk.treadmill.press_incline(5.0)
    walk.go(20)
    assert walk.sent == []
    assert walk.data(Told.START_FAILED) == {"reason": "deck_too_high"}


def test_s18_a_console_start_with_a_steep_deck_is_watched_only() -> None:
    walk = tilted(4.0)
    walk.start()
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    assert refusal(walk.resume) is Refusal.DECK_TOO_HIGH


def test_s18_a_deck_below_the_limit_is_lowered_first() -> None:
    walk = tilted(2.0)
    walk.begin()
    walk.session.set_speed(1.2, caller=Caller.PERSON)
    walk.go(60)
    assert [percent for _, percent in walk.inclines] == [1.5, 1.0, 0.5, 0.0]
    assert walk.speeds[1][0] > walk.inclines[-1][0]


def test_s13_a_decline_that_comes_late_does_not_keep_a_steep_belt_from_being_slowed() -> None:
    walk = SessionRun(linked=True)
    walk.begin()
    walk.session.set_incline(1.0, caller=Caller.PERSON)
    walk.go(60)
    assert walk.inclines
    walk.treadmill.press_incline(5.0)
    walk.go(15)
    assert walk.state is State.MANUAL
    walk.session.finish(walk.now)
    assert walk.state is State.COOL_DOWN  # the deck is left as it is
    walk.fail_command(CommandKind.SET_INCLINE, 1.0)
    walk.go(60)
    assert walk.command_kinds[-1] is CommandKind.STOP
    assert walk.treadmill.at_rest
