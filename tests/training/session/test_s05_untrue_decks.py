"""What is reported of a deck may be untrue: nothing rises but what was asked for and announced (S4, S5, S6, S13, S18).

The oracle knows the true deck and the rules only. Each deck obeys; its reports are what is wrong.
"""

from contextlib import suppress
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import STEERING, SessionState
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import lower, refusal

PERSON = Caller.PERSON
FINE = ValueRange(0.0, 15.0, 0.1)
HALVES = ValueRange(0.0, 15.0, 0.5)
WHOLE = ValueRange(0.0, 12.0, 1.0)
BELOW = ValueRange(-6.0, 15.0, 0.5)
ZERO = 1e-9
"""% that is reported as 0 and is a fault all the same."""
LIMIT = 3.0
"""% backward without other settings (S4)."""
FOLLOWS_WITHIN = 25.0
"""Seconds after a target in which a deck may still rise to it."""


class TrueDeck(SessionRun):
    """A session whose true deck is watched."""

    def __init__(self, deck: ValueRange = HALVES, direction: Direction = Direction.BACKWARD, **habits: Any) -> None:
        super().__init__(rules(incline=deck), linked=False, incline_rate=0.25)
        self.session.choose_direction(direction)
        self.habits(**habits)
        self.by_hand = float("-inf")
        self.sent_at = float("-inf")
        self.link(up=True)
        self.go(3)

    def habits(self, **habits: Any) -> None:
        for name, value in habits.items():
            setattr(self.treadmill, name, value)

    def stands(self, percent: float) -> None:
        """Let the deck stand somewhere before anything is reported of it."""
        self.treadmill.incline = self.treadmill.target_incline = percent

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            before = self.treadmill.incline
            super().go(dt, dt)
            if self.treadmill.incline > before + 1e-9:
                self.judge_rise(before)

    def collect(self) -> None:
        seen = len(self.sent)
        super().collect()
        for when, command in self.sent[seen:]:
            if command.kind is CommandKind.SET_INCLINE:
                self.judge_target(when, command.value or 0.0)

    def judge_target(self, when: float, percent: float) -> None:
        self.sent_at = when
        backward = self.session.direction is Direction.BACKWARD
        assert percent <= LIMIT or not backward, "S4"
        if percent <= self.treadmill.incline + 0.05:
            return
        assert self.state is not SessionState.COOL_DOWN, f"S5: {percent} in the cool-down of a deck at {self.deck}"
        told = [
            at
            for at, event in self.emitted
            if event.kind is SessionEventKind.SPEED_UP_SOON
            and event.data["what"] == "incline"
            and event.data["target"] >= percent - 1e-9
        ]
        assert told, f"S6: {percent} on a deck at {self.deck} was never announced"
        assert when - told[0] >= 5.0

    def judge_rise(self, before: float) -> None:
        cause = max(self.by_hand, self.sent_at)
        assert self.now - cause <= FOLLOWS_WITHIN, f"S5: rises from {before} without a cause"

    @property
    def deck(self) -> float:
        return round(self.treadmill.incline, 2)

    def try_to(self, act: Any, *args: Any, **kwargs: Any) -> None:
        with suppress(RefusedError):
            act(*args, **kwargs)
        self.collect()

    def started(self) -> bool:
        """Start it as a person would, who lowers the deck where that is the advice; return whether it runs."""
        for _ in range(2):
            try:
                self.start()
                self.start()
                break
            except RefusedError:
                self.try_to(self.session.lower_deck, self.now, caller=PERSON)
                self.go(60)
        if self.state is not SessionState.COUNTDOWN:
            return False
        self.go(30)
        return self.state in STEERING

    def _do(self, command: Command) -> bool:
        if command.kind is CommandKind.SET_INCLINE:  # a person may lower the deck of a resting belt
            self.treadmill.set_incline(command.value or 0.0)
            return True
        return super()._do(command)


UNTRUE: dict[str, dict[str, Any]] = {
    "says 1": {"incline_stuck_at": 1.0},
    "says 2": {"incline_stuck_at": 2.0},
    "says 2.9": {"incline_stuck_at": 2.9},
    "says 8": {"incline_stuck_at": 8.0},
    "says 0": {"incline_stuck_at": ZERO},
    "says what it was": {"incline_remembered": 2.5},
    "says a little": {"incline_stuck_at": 0.4},
    "says it late": {"incline_late": 12.0},
    "says it very late": {"incline_late": 30.0},
    "says its target": {"reports_target_incline": True},
    "says it with the wrong sign": {"incline_mirrored": True},
}


def walk(run: TrueDeck) -> None:
    """Walk with everything that moves a deck, to the end."""
    run.try_to(run.session.set_incline, 2.0, caller=PERSON)
    run.go(100)
    run.try_to(run.session.set_speed, 1.4, caller=PERSON)
    run.go(40)
    run.try_to(run.session.set_incline, 1.0, caller=PERSON)
    run.go(60)
    run.try_to(run.pause)
    run.go(15)
    run.try_to(run.resume)
    run.try_to(run.resume)
    run.go(60)
    run.try_to(run.session.set_incline, 3.0, caller=PERSON)
    run.go(80)
    run.try_to(run.session.finish, run.now)
    run.go(80)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("deck", [FINE, WHOLE, BELOW])
@pytest.mark.parametrize("habits", UNTRUE.values(), ids=UNTRUE)
def test_s5_a_deck_whose_reports_are_untrue_rises_for_nothing_that_was_not_announced(
    habits: dict[str, Any], deck: ValueRange, direction: Direction
) -> None:
    run = TrueDeck(deck, direction, **habits)
    if run.started():
        walk(run)
    assert run.treadmill.at_rest


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("deck", [FINE, HALVES, WHOLE])
@pytest.mark.parametrize("frozen", [1.0, 3.0])
def test_s13_reports_that_freeze_in_use_leave_no_deck_to_be_raised_by_the_cool_down(
    frozen: float, deck: ValueRange, direction: Direction
) -> None:
    run = TrueDeck(deck, direction)
    assert run.started()
    run.try_to(run.session.set_incline, frozen, caller=PERSON)
    run.go(150)
    assert run.deck == frozen
    run.habits(incline_stuck_at=frozen)
    run.try_to(run.session.set_incline, frozen - 1.0, caller=PERSON)
    run.go(120)
    run.session.finish(run.now)
    run.go(100)
    assert run.treadmill.at_rest
    assert run.deck < frozen


def test_s13_a_deck_that_never_says_that_it_rose_is_taken_back_to_level() -> None:
    run = TrueDeck(incline_stuck_at=ZERO)
    assert run.started()
    run.session.set_incline(2.0, caller=PERSON)
    run.go(30)
    assert run.deck > 0
    run.go(90)
    assert run.deck == 0.0
    assert run.data(SessionEventKind.NOT_OBEYED) == {"finding": "ignored", "what": "incline"}
    assert refusal(run.session.set_incline, 1.0, caller=PERSON) is Refusal.DECK_DOES_NOT_FOLLOW


@pytest.mark.parametrize("habits", [{"incline_stuck_at": 2.0}, {"incline_remembered": 2.0}])
def test_s18_a_deck_whose_tilt_has_never_changed_is_not_walked_on_backward(habits: dict[str, Any]) -> None:
    run = TrueDeck(**habits)
    run.start()
    assert refusal(run.start) is Refusal.DECK_UNPROVEN
    assert run.sent == []
    lower(run)
    run.go(20)
    assert run.deck == 0.0


def test_s18_lowering_the_deck_shows_that_it_is_where_it_says() -> None:
    run = TrueDeck(incline_stuck_at=0.0)
    run.link(up=False)
    run.stands(2.0)
    run.link(up=True)
    run.go(3)
    run.start()
    assert refusal(run.start) is Refusal.DECK_UNPROVEN
    lower(run)
    run.go(60)
    run.start()
    assert run.state is SessionState.COUNTDOWN


def test_s18_a_deck_that_was_seen_to_move_is_leveled_as_ever() -> None:
    run = TrueDeck()
    run.treadmill.press_incline(2.0)
    run.by_hand = run.now
    run.go(20)
    run.start()
    run.start()
    run.go(70)
    assert run.deck == 0.0


def test_s10_a_link_lost_in_a_session_leaves_what_its_deck_has_shown() -> None:
    run = TrueDeck()
    assert run.started()
    run.session.set_incline(2.0, caller=PERSON)
    run.go(100)
    assert run.deck == 2.0
    run.link(up=False)
    run.go(8)
    run.link(up=True)
    run.go(5)
    run.session.finish(run.now)
    run.go(60)
    assert run.deck < 1.0


def test_s18_forward_a_tilt_that_has_never_changed_is_left_alone_and_said() -> None:
    run = TrueDeck(direction=Direction.FORWARD, incline_stuck_at=8.0)
    assert run.started()
    assert refusal(run.session.set_incline, 9.0, caller=PERSON) is Refusal.DECK_UNKNOWN
    run.session.finish(run.now)
    run.go(60)
    assert CommandKind.SET_INCLINE not in run.command_kinds
    assert run.treadmill.at_rest


def test_each_of_these_reports_is_one_that_the_virtual_treadmill_plays() -> None:
    for habits in UNTRUE.values():
        Faults().update(habits)
