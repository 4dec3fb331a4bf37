"""What was found out of a treadmill's deck in use, as the entry keeps it: its steps, and whether it can be believed.

It holds for the firmware, and for what the machine's inclines were taken to mean: who says something else decides anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..machine.incline import InclineScale
from ..training.steering.deck_trial import COARSER

type Meaning = list[Any] | None
"""What the inclines mean, as JSON has it; None: what the machine says, and nobody has said so."""


def meaning_of(scale: InclineScale, *, stated: bool) -> Meaning:
    """Return the meaning of a scale; `stated`: the owner says so."""
    return [*scale.as_list(), stated] if stated or scale != InclineScale() else None


@dataclass(frozen=True, kw_only=True)
class KnownDeck:
    """What is known of one deck."""

    step: float | None = None
    """The step (%) that it was found to make; None where its machine is right."""
    doubted: bool = False
    """Whether it reported inclines that cannot be true."""

    @classmethod
    def read(cls, kept: object, firmware: str | None, meaning: Meaning) -> Self:
        """Return what an entry keeps; nothing of other firmware, in another meaning, or where it is damaged."""
        if not isinstance(kept, Mapping) or kept.get("firmware") != firmware or kept.get("meaning") != meaning:
            return cls()
        step = kept.get("step")
        return cls(step=step if step in COARSER else None, doubted=kept.get("doubted") is True)

    def as_dict(self, firmware: str | None, meaning: Meaning) -> dict[str, Any] | None:
        """Return the form that is stored as JSON; None where nothing is known."""
        known: dict[str, Any] = {} if self.step is None else {"step": self.step}
        if self.doubted:
            known["doubted"] = True
        if meaning is not None:
            known["meaning"] = meaning
        return {**known, "firmware": firmware} if self != KnownDeck() else None
