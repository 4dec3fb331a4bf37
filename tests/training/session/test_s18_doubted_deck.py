"""A deck whose reports cannot be true is lowered only where nothing can rise then (S18)."""

import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.belt.belt import Belt
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.session.deck import DECK_NOTICE, Deck
from tests.support.check_runs import refused
from tests.support.session_run import SessionRun, rules

LEVEL_IS_LEAST = ValueRange(0.0, 15.0, 0.5)
DECLINING = ValueRange(-6.0, 15.0, 0.5)


def doubted(deck: ValueRange, stands: float, told: float | None) -> SessionRun:
    """Return a run whose deck really stands somewhere, and is reported to be where it cannot be."""
    run = SessionRun(rules(incline=deck), incline_rate=1.0)
    run.treadmill.incline = run.treadmill.target_incline = stands
    run.reports |= {"incline_doubted": True, "incline": told}
    run.go(3)
    run.clear_log()
    return run


@pytest.mark.parametrize("stands", [0.0, 0.5, 3.0, 10.0])
@pytest.mark.parametrize("told", [0.0, -3.0, 2.5, 65.0])
def test_s18_a_doubted_deck_is_asked_to_be_level_which_never_raises_it(stands: float, told: float) -> None:
    run = doubted(LEVEL_IS_LEAST, stands, told)
    belt, deck = run.session.belt, Deck()
    event = deck.announce(LEVEL_IS_LEAST, belt, run.now)
    assert event.kind is SessionEventKind.DECK_LOWERING
    assert deck.busy(run.now)
    assert deck.due(LEVEL_IS_LEAST, belt, run.now + DECK_NOTICE - 0.1, may=True) is None
    run.go(DECK_NOTICE)
    command = deck.due(LEVEL_IS_LEAST, belt, run.now, may=True)
    assert command is not None
    assert command.value == 0.0
    assert command.value <= stands
    assert deck.due(LEVEL_IS_LEAST, belt, run.now, may=True) is None


@pytest.mark.parametrize("stands", [-6.0, -1.0, 0.0, 3.0])
@pytest.mark.parametrize("told", [0.5, 2.5, 65.0])
def test_s18_a_doubted_deck_that_declines_is_never_moved_as_it_may_rise(stands: float, told: float) -> None:
    run = doubted(DECLINING, stands, told)
    assert refused(lambda: run.session.lower_deck(run.now, caller=Caller.PERSON)) is Refusal.NOTHING_TO_LOWER
    run.collect()
    run.go(DECK_NOTICE + 5)
    assert run.sent == []
    assert run.treadmill.incline == stands


def test_s18_a_doubt_that_comes_after_the_announcement_moves_no_declining_deck() -> None:
    run = SessionRun(rules(incline=DECLINING))
    run.treadmill.incline = run.treadmill.target_incline = 3.0
    run.go(3)
    belt, deck = run.session.belt, Deck()
    deck.announce(DECLINING, belt, run.now)
    run.reports |= {"incline_doubted": True}
    run.go(DECK_NOTICE)
    assert deck.due(DECLINING, belt, run.now, may=True) is None


def test_s18_a_deck_that_reports_nothing_is_not_lowered() -> None:
    run = doubted(LEVEL_IS_LEAST, 3.0, None)
    assert refused(lambda: Deck().announce(LEVEL_IS_LEAST, run.session.belt, run.now)) is Refusal.NOTHING_TO_LOWER
    assert refused(lambda: Deck().announce(LEVEL_IS_LEAST, Belt(), run.now)) is Refusal.BELT_MOVES
