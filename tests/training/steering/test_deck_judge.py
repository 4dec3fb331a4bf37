"""What becomes of a deck that does not do what it is told, where a session goes on with what is known of it."""

from custom_components.retrowalk.machine.model import Capabilities, Command, CommandKind, ValueRange
from custom_components.retrowalk.training.belt.noise import Reading
from custom_components.retrowalk.training.events import CommandMismatch
from custom_components.retrowalk.training.limits import Direction, Limits, OwnerLimits, limits_for
from custom_components.retrowalk.training.steering.command_verifier import CommandVerifier
from custom_components.retrowalk.training.steering.deck_judge import DeckJudge
from custom_components.retrowalk.training.steering.pilot import Pilot

SPEEDS, INCLINES = ValueRange(0.5, 6.0, 0.1), ValueRange(0.0, 15.0, 0.5)
DECK = Reading(level=0.0, noise=0.0)


def limits(incline: ValueRange | None = INCLINES) -> Limits:
    return limits_for(Capabilities(speed_range=SPEEDS, incline_range=incline), OwnerLimits(), Direction.BACKWARD)


def judged(its_limits: Limits, known: CommandVerifier | None = None) -> tuple[DeckJudge, Pilot]:
    incline = None if its_limits.incline is None else 0.0
    pilot = Pilot(its_limits, speed=0.5, incline=incline, now=0.0)
    return DeckJudge(pilot, known or CommandVerifier(), its_limits, incline), pilot


def test_s9_a_deck_that_was_given_up_is_led_no_higher_when_the_session_is_steered_anew() -> None:
    known = CommandVerifier()
    known.deck.given_up, known.deck.sent = True, 2.0
    pilot = Pilot(limits(), speed=0.5, incline=1.0, now=0.0)
    pilot.set_incline(2.0)
    DeckJudge(pilot, known, limits(), 1.0)
    assert pilot.setpoint_incline is not None
    assert pilot.setpoint_incline <= 1.0


def test_a_deck_that_was_told_nothing_cannot_disobey() -> None:
    judge, _ = judged(limits())
    assert judge.on_mismatch(CommandMismatch.IGNORED, DECK) == []


def test_a_machine_without_a_deck_has_none_to_judge() -> None:
    judge, pilot = judged(limits(None))
    assert judge.on_mismatch(CommandMismatch.IGNORED, DECK) == []
    assert judge.on_declined(Command(CommandKind.SET_INCLINE, 1.0), 0.0) is None
    assert pilot.use_deck_step(1.0, 0.0) is None
    pilot.hold_deck(0.0, None)
    assert pilot.setpoint_incline is None


def test_an_incline_that_was_declined_before_the_step_was_found_is_no_news() -> None:
    known = CommandVerifier()
    known.deck.step = 1.0
    judge, _ = judged(limits(), known)
    assert judge.on_declined(Command(CommandKind.SET_INCLINE, 0.5), 0.0) == []
    assert judge.on_declined(Command(CommandKind.SET_INCLINE, 1.0), 0.0) is None
