"""A person lowers the deck of a belt at rest (safety rule S18)."""

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEventKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SPEEDS, SessionRun, rules
from tests.support.session_states import guard, lower, refusal, tilted

State = SessionState
Told = SessionEventKind


class Resting(SessionRun):
    """The deck of a resting belt may move here."""

    def _do(self, command: Command) -> None:
        if command.kind is CommandKind.SET_INCLINE and self.treadmill.at_rest:
            self.treadmill.set_incline(command.value or 0.0)
            self.notice_incline(command.value)
        else:
            super()._do(command)

    def notice_incline(self, value: float | None) -> None:
        self.event(MachineEventKind.INCLINE_CHANGED, value)


def resting(percent: float = 6.0) -> SessionRun:
    walk = Resting()
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(3)
    return walk


@pytest.mark.parametrize("state", [State.IDLE, State.READY])
def test_s18_a_person_lowers_the_deck_and_it_is_said_before(state: State) -> None:
    walk = resting()
    if state is State.READY:
        walk.start()
        assert refusal(walk.start) is Refusal.DECK_TOO_HIGH
    lower(walk)
    assert walk.data(Told.DECK_LOWERING) == {"seconds": 5.0, "start": 6.0, "target": 0.0}
    walk.go(4.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.sent == [(walk.now, Command(CommandKind.SET_INCLINE, 0.0))]
    walk.go(15)
    assert walk.treadmill.incline == 0.0
    assert walk.state is state
    assert walk.command_kinds == [CommandKind.SET_INCLINE]


def test_s18_only_a_person_may_and_only_a_deck_that_is_up() -> None:
    walk = resting()
    assert refusal(lower, walk, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    guard(walk)
    assert refusal(lower, walk) is Refusal.GUARDED
    guard(walk, on=False)
    walk.link(up=False)
    assert refusal(lower, walk) is Refusal.NOT_CONNECTED
    assert refusal(lower, resting(0.0)) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, SessionRun(rules(incline=None))) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, tilted(control=False)) is Refusal.MONITOR_ONLY


def test_s18_a_moving_belts_deck_is_not_lowered_by_it() -> None:
    walk = SessionRun()
    walk.begin()
    assert refusal(lower, walk) is Refusal.BELT_MOVES
    walk = resting()
    walk.treadmill.press_start()
    assert refusal(lower, walk) is Refusal.BELT_MOVES


@pytest.mark.parametrize("what", ["stop", "guard", "lock", "start", "link"])
def test_s18_what_happens_meanwhile_keeps_the_deck_where_it_is(what: str) -> None:
    walk = resting()
    lower(walk)
    walk.go(2)
    match what:
        case "stop":
            walk.stop()
        case "guard":
            guard(walk)
        case "lock":
            walk.session.apply_rules(rules(control_lock=True))
        case "start":
            walk.treadmill.press_start()
        case "link":
            walk.link(up=False)
    walk.go(20)
    assert CommandKind.SET_INCLINE not in walk.command_kinds
    assert walk.treadmill.incline == 6.0


def test_s18_nothing_is_confirmed_while_the_deck_begins_to_move() -> None:
    walk = resting(2.0)
    walk.start()
    lower(walk)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(6)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(5)
    walk.start()
    assert walk.state is State.COUNTDOWN
    assert SPEEDS.minimum == 1.0
