"""A person lowers the deck of a belt at rest (safety rule S18)."""

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEventKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SPEEDS, SessionRun, rules
from tests.support.session_states import guard, lower, refusal, tilted

State = SessionState
EventKind = SessionEventKind


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
    run = Resting()
    run.treadmill.incline = run.treadmill.target_incline = percent
    run.go(3)
    return run


@pytest.mark.parametrize("state", [State.IDLE, State.READY])
def test_s18_a_person_lowers_the_deck_and_it_is_said_before(state: State) -> None:
    run = resting()
    if state is State.READY:
        run.start()
        assert refusal(run.start) is Refusal.DECK_TOO_HIGH
    lower(run)
    assert run.data(EventKind.DECK_LOWERING) == {"seconds": 5.0, "start": 6.0, "target": 0.0}
    run.go(4.5)
    assert run.sent == []
    run.go(0.5)
    assert run.sent == [(run.now, Command(CommandKind.SET_INCLINE, 0.0))]
    run.go(15)
    assert run.treadmill.incline == 0.0
    assert run.state is state
    assert run.command_kinds == [CommandKind.SET_INCLINE]


def test_s18_only_a_person_may_and_only_a_deck_that_is_up() -> None:
    run = resting()
    assert refusal(lower, run, caller=Caller.UNKNOWN) is Refusal.NEEDS_PERSON
    guard(run)
    assert refusal(lower, run) is Refusal.GUARDED
    guard(run, on=False)
    run.link(up=False)
    assert refusal(lower, run) is Refusal.NOT_CONNECTED
    assert refusal(lower, resting(0.0)) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, SessionRun(rules(incline=None))) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, tilted(control=False)) is Refusal.MONITOR_ONLY


def test_s18_a_moving_belts_deck_is_not_lowered_by_it() -> None:
    run = SessionRun()
    run.begin()
    assert refusal(lower, run) is Refusal.BELT_MOVES
    run = resting()
    run.treadmill.press_start()
    assert refusal(lower, run) is Refusal.BELT_MOVES


@pytest.mark.parametrize("what", ["stop", "guard", "lock", "start", "link"])
def test_s18_what_happens_meanwhile_keeps_the_deck_where_it_is(what: str) -> None:
    run = resting()
    lower(run)
    run.go(2)
    match what:
        case "stop":
            run.stop()
        case "guard":
            guard(run)
        case "lock":
            run.session.apply_rules(rules(control_lock=True))
        case "start":
            run.treadmill.press_start()
        case "link":
            run.link(up=False)
    run.go(20)
    assert CommandKind.SET_INCLINE not in run.command_kinds
    assert run.treadmill.incline == 6.0


def test_s18_nothing_is_confirmed_while_the_deck_begins_to_move() -> None:
    run = resting(2.0)
    run.start()
    lower(run)
    assert refusal(run.start) is Refusal.BUSY
    run.go(6)
    assert refusal(run.start) is Refusal.BUSY
    run.go(5)
    run.start()
    assert run.state is State.COUNTDOWN
    assert SPEEDS.minimum == 1.0


@pytest.mark.parametrize("told", [6.0, -2.0])
def test_s18_a_deck_whose_reports_cannot_be_true_is_lowered_where_nothing_can_rise(told: float) -> None:
    run = resting(told)
    run.reports["incline_doubted"] = True
    run.go(3)
    lower(run)
    assert run.data(EventKind.DECK_LOWERING)["target"] == 0.0
    run.go(6)
    assert run.sent[-1][1] == Command(CommandKind.SET_INCLINE, 0.0)


def test_s18_a_deck_whose_reports_cannot_be_true_stays_where_level_may_be_above_it() -> None:
    run = Resting(rules(incline=ValueRange(-3.0, 10.0, 0.5)))
    run.treadmill.incline = run.treadmill.target_incline = 6.0
    run.reports["incline_doubted"] = True
    run.go(3)
    assert refusal(lower, run) is Refusal.NOTHING_TO_LOWER
    run.go(10)
    assert run.sent == []
