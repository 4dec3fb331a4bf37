"""How long to wait for a machine that is controlled by the standard's control point."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait, in seconds."""

    answer: float = 10.0  # until the caller is told that no answer came
    give_up: float = 30.0  # until the link is given up, as the profile demands (FTMP 4.4.14.3)
    stop: float = 2.0  # for a stop's write and for its answer each; the session repeats it
    first_answer: float = 2.0  # for an answer on a link on which no indication ever came
    owed_answer: float = 1.0  # for an answer that keeps a strict machine from taking a stop
    hung: float = 5.0  # for what a strict machine that is ours owes to a stop, until a new link is tried
    asking: float = 8.0  # for control, until a stop that waits for it counts as sent and not answered
