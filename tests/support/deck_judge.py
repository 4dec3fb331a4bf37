"""The judge of decks: what is sent to one, against the rules and the true deck (S4, S5, S6, S18)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState

if TYPE_CHECKING:
    from tests.support.odd_machines import World

NEARLY = 1e-6
SHOWN = 0.1
"""% by which a report is coarser than the deck."""


class DeckJudge:
    """Compare the inclines that are sent with what the true deck does."""

    def __init__(self, world: World, fail: Callable[[str, str], None]) -> None:
        self.world = world
        self.fail = fail
        self.sent: float | None = None  # the last target
        self.changed = float("-inf")
        self.moved_by_hand = float("-inf")

    def ceiling(self) -> float:
        """Return the steepest incline that this session may be sent to."""
        owner, request = self.world.owner, self.world.session.request
        if self.world.session.direction is Direction.FORWARD:
            return float("inf")
        if owner.reduced or (request is not None and request.first):
            return 0.0
        return min(owner.backward_incline, 10.0)

    def judge(self, value: float, announced: list[tuple[float, str, float]], speed_rose: float) -> None:
        """Judge one target of a moving belt."""
        world = self.world
        now, deck, treadmill = world.now, world.deck, world.treadmill
        assert deck is not None
        backward = world.session.direction is Direction.BACKWARD
        if value > self.ceiling() + NEARLY:
            self.fail("S4 incline", f"{value} > {self.ceiling()}")
        if backward and value < min(treadmill.incline, 0.0) - SHOWN:
            self.fail("S18 downhill", f"{value} on a deck at {treadmill.incline:.1f}")
        coarse = deck.step > 0.5 or self.sent_coarse(value)
        step = max(1.0 if coarse else 0.5, deck.step)
        known = now - world.last_report < 1.5 and now - self.moved_by_hand > 10.0
        true = treadmill.incline
        known_to_be_too_steep = true > self.ceiling() and value >= self.ceiling() - NEARLY
        undone = any(event.kind is SessionEventKind.NOT_OBEYED and when > now - 1.0 for when, event in world.emitted)
        if (
            known
            and backward
            and not undone
            and not known_to_be_too_steep
            and abs(value - true) > step + SHOWN + NEARLY
        ):
            self.fail("S5 deck step", f"{value} on a deck at {true:.2f}, step {step}")
        if backward and not undone and now - self.changed < (20.0 if deck.step > 0.5 else 10.0) - 1.0:
            self.fail("S5 deck pace", f"{now - self.changed:.1f} s after the last")
        rises = value > true + SHOWN
        if rises and known and now - speed_rose < 20.0 - 1.0:
            self.fail("S5 both rise", f"the deck {now - speed_rose:.1f} s after the belt")
        if rises and known and world.session.state is SessionState.COOL_DOWN and not self.untold:
            self.fail("S5 raised while cooling down", f"{value} on a deck at {true:.2f}")
        if rises and known:
            told = [when for when, what, top in announced if what == "incline" and top >= value - NEARLY]
            if not told or now - told[0] < 5.0 - 0.2 - NEARLY:
                self.fail("S6 deck not announced", f"{true} to {value}, told {told}")
        self.sent, self.changed = value, now

    @property
    def untold(self) -> bool:
        """Whether the true deck was moved in a way that no report tells in time."""
        odd = self.world.faults
        return bool(odd.deck_drifts or odd.incline_late)

    def sent_coarse(self, value: float) -> bool:
        """Return whether it may be a whole percent that is tried after a finer step came to nothing."""
        odd = self.world.faults
        tried = odd.coarse_inclines or odd.ignore_incline or self.world.radio["lose"]
        return bool(tried) and abs(value - round(value)) < NEARLY
