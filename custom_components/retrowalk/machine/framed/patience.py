"""How long a driver of a framed protocol waits for its machine."""

from dataclasses import dataclass

from ..write_patience import WRITE_WITHIN


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for a machine, in seconds."""

    first_frame: float = 3.0  # until a machine that is asked what it does is none of this protocol
    write: float = WRITE_WITHIN  # for a write that is acknowledged
    answer: float = 10.0  # for a command, until the caller is told that no answer came
    stop: float = 2.0  # for a stop's write; the session repeats it
    heard: float = 3.0  # for the next frame after a stop, or the stop counts as not delivered
