"""What a live notification tells of the session under way, and how often: a phone counts down by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from ..events import StopFailedEvent, StopFailure
from ..limits import Direction
from ..programs.steps import Ramp
from ..states import SessionState
from ..steering.forecast import PlannedStep
from ..units import Speed
from .phrases import Line, stop_failure
from .spoken import Spoken

_EVEN: Final = 0.05
"""A change of speed (km/h) or incline (%) that nobody notices."""
_SHORTEST_PART: Final = 30.0
_PARTS: Final = 20
"""Seconds between two positions of the bar at least, and the positions of a longer session."""
_APART: Final = 15.0
_SLOWER: Final = 30.0
"""Seconds between two messages, and the part of the session that they may be apart: phones take a few hundred a day."""
_URGENT_APART: Final = 3.0
_MOST_URGENT: Final = 40
"""Seconds between two messages of another state, and how many of them a session may have."""


@dataclass(frozen=True, kw_only=True)
class LiveSession:
    """A session on a belt that may move, as it is told."""

    state: SessionState
    walker: str | None  # None: a guest
    direction: Direction
    seconds: float  # of motion
    length: float | None  # s; None without a plan
    ends: datetime | None  # when the belt will stop as planned
    speed: float | None  # km/h that the belt was told, or does at the console
    incline: float | None = None  # %
    safety_key: bool  # the walker wears one
    stop_failure: StopFailure | None = None

    @property
    def progress(self) -> tuple[int, int] | None:
        """Return how many seconds of how many are over, in a few positions; None without a plan."""
        if self.length is None or self.length < 1:
            return None
        part = max(_SHORTEST_PART, self.length / _PARTS)
        return min(int(self.seconds // part * part), int(self.length)), int(self.length)


class _Change(NamedTuple):
    what: str
    begins: float
    to: float
    rises: bool

    @property
    def key(self) -> str:
        return f"{self.what}_{'up' if self.rises else 'down'}"

    @property
    def value(self) -> float | Speed:
        return Speed(self.to) if self.what == "speed" else self.to


def live_lines(session: LiveSession, steps: Sequence[PlannedStep]) -> tuple[Line, ...]:
    """Return what is told of a session with these planned steps, which are empty without a plan."""
    if session.stop_failure is not None:
        return (stop_failure(StopFailedEvent(session.stop_failure)),)
    match session.state:
        case SessionState.STOPPING | SessionState.PAUSED:
            return (Line(Spoken.BELT_STOPS),)
        case SessionState.INTERRUPTED:
            return (Line(Spoken.LINK_LOST), Line(Spoken.USE_KEY if session.safety_key else Spoken.STEP_OFF))
        case SessionState.COOL_DOWN:
            return (Line(Spoken.COOLING_DOWN),)
    ahead = [step for step in steps if step.begins + step.seconds > session.seconds]
    change = min((found for what in ("speed", "incline") for found in _changes(ahead, what)), default=None, key=_begin)
    if change is None:
        return (_pace(session),)
    if change.begins <= session.seconds:
        return (Line(f"live_now_{change.key}", {"to": change.value}),)
    left = round(steps[-1].begins + steps[-1].seconds - change.begins)
    values: dict[str, float | str | Speed] = {"to": change.value, "left": f"{left // 60}:{left % 60:02}"}
    return (_pace(session), Line(f"live_next_{change.key}", values))


def _begin(change: _Change) -> float:
    return change.begins


def _pace(session: LiveSession) -> Line:
    if session.speed is None:
        return Line(Spoken.STARTED)  # a machine that does not report it
    if session.incline:
        return Line("live_pace_uphill", {"speed": Speed(session.speed), "incline": session.incline})
    return Line("live_pace", {"speed": Speed(session.speed)})


def _changes(steps: Sequence[PlannedStep], what: str) -> Iterator[_Change]:
    """Yield the changes of speed or incline; parts that go on in one direction are one change."""
    ramps = [(step.begins, ramp) for step in steps if (ramp := _ramp(step, what)) is not None]
    for sign, parts in groupby(ramps, key=lambda part: _sign(part[1])):
        found = list(parts)
        if sign:
            yield _Change(what, found[0][0], found[-1][1].end, rises=sign > 0)


def _ramp(step: PlannedStep, what: str) -> Ramp | None:
    return step.speed if what == "speed" else step.incline


def _sign(ramp: Ramp) -> int:
    by = ramp.end - ramp.start
    return 0 if abs(by) < _EVEN else 1 if by > 0 else -1


class LivePace:
    """How often a session's message may be sent: soon if its state changed, and the rarer the longer it lasts."""

    def __init__(self) -> None:
        self._first = self._last = float("-inf")
        self._urgent = 0

    def due_in(self, now: float, *, urgent: bool) -> float:
        """Return the seconds until a message may be sent."""
        if self._last == float("-inf"):
            return 0.0
        hurries = urgent and self._urgent < _MOST_URGENT
        apart = _URGENT_APART if hurries else max(_APART, (now - self._first) / _SLOWER)
        return max(self._last + apart - now, 0.0)

    def sent(self, now: float, *, urgent: bool) -> None:
        """Count a message."""
        self._first = now if self._last == float("-inf") else self._first
        self._last = now
        self._urgent += urgent
