"""Tells whether the tail of a machine's Treadmill Data counts the walker's steps, or is noise.

Flag 13 is reserved. Some machines announce two or three more bytes by it, and count steps there; others fill them with
something else. What is believed has to count up with the walk for a while, as steps do and no clock does, and nothing
may ever speak against it. All times are in seconds.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

_WINDOW: Final = 10.0
_WINDOWS: Final = 4
"""How many windows in a row have to show steps."""
_FEWEST: Final = 2
"""Steps in a window of somebody who walks, however slowly."""
_UNEVEN: Final = 1.5
"""How much more than in the window with the fewest there may be in another, and as many steps for rounding."""
_FASTEST: Final = 4.0
"""Steps per second that nobody makes."""
_LENGTHS: Final = (0.15, 1.2)
"""Meters that a step is long."""
_APART: Final = 5.0
"""Seconds between two frames beyond which nobody knows what happened between them."""
_COASTS: Final = 5.0
"""Seconds after which a belt has come to rest, and with it its walker; or has begun to count anew."""
_LIKE: Final = 0.02
"""Part by which a count may differ from a clock and still be one."""


@dataclass(frozen=True, slots=True)
class TailFrame:
    """What one frame says, with its tail."""

    received: float
    tail: int
    moving: bool
    distance: int | None
    elapsed_time: int | None


class StepTail:
    """The tail of one machine."""

    def __init__(self, *, trusted: bool) -> None:
        """`trusted`: it is known that this machine counts steps there."""
        self.counts = trusted
        """Whether the tail counts steps, as far as it is known."""
        self._trusted = trusted
        self._noise = False
        self._last: TailFrame | None = None
        self._first: TailFrame | None = None  # since when it may count steps
        self._since = float("-inf")  # when the belt began to move, or came to rest
        self._begun = 0.0  # of the present window
        self._begun_at = 0
        self._moved = 0.0
        self._frames = 0
        self._gains: deque[int] = deque(maxlen=_WINDOWS)

    def update(self, frame: TailFrame) -> int | None:
        """Take in a frame; return the steps that it reports, or None.

        At the moment when the tail is found out, these are the steps at which the watch began, so that a counter that
        takes in what is returned has counted all of them after the next frame.
        """
        if self._trusted:
            return frame.tail
        if self._noise:
            return None
        counted = self.counts
        self._watch(frame)
        if not self.counts:
            return None
        return frame.tail if counted or self._first is None else self._first.tail

    def _watch(self, frame: TailFrame) -> None:
        last, first, self._last = self._last, self._first, frame
        if last is None or frame.moving != last.moving:
            self._since = frame.received
        if last is None or first is None or not 0 <= frame.received - last.received <= _APART:
            self._begin(frame)
        elif frame.tail < last.tail:
            self._fall(frame, last)
        elif self._is_too_many(frame, last):
            self._give_up()
        elif frame.moving and last.moving:
            self._count(frame, last, first)

    def _fall(self, frame: TailFrame, last: TailFrame) -> None:
        """Take in that it counts less: with the machine's other counters, or while a session begins or ends."""
        fell = any(
            before is not None and after is not None and after < before
            for before, after in ((last.distance, frame.distance), (last.elapsed_time, frame.elapsed_time))
        )
        if fell or not frame.moving or frame.received - self._since <= _COASTS:
            self._begin(frame)
        else:
            self._give_up()

    def _is_too_many(self, frame: TailFrame, last: TailFrame) -> bool:
        """Return whether nobody makes so many steps: on a belt at rest, none."""
        gained, seconds = frame.tail - last.tail, frame.received - last.received
        if not frame.moving and not last.moving and frame.received - self._since > _COASTS:
            return gained > 0
        return gained > _FASTEST * seconds + 2

    def _count(self, frame: TailFrame, last: TailFrame, first: TailFrame) -> None:
        self._moved += frame.received - last.received
        self._frames += 1
        if self._moved - self._begun < _WINDOW:
            return
        self._gains.append(frame.tail - self._begun_at)
        self._begun, self._begun_at = self._moved, frame.tail
        self.counts = self.counts or (self._looks_like_steps() and not self._is_something_else(frame, first))

    def _looks_like_steps(self) -> bool:
        """Return whether the last windows show steps, about as many each."""
        fewest, most = min(self._gains), max(self._gains)
        return len(self._gains) == _WINDOWS and fewest >= _FEWEST and most <= _UNEVEN * fewest + _UNEVEN

    def _is_something_else(self, frame: TailFrame, first: TailFrame) -> bool:
        """Return whether it goes with a clock, with the number of frames or with the distance, or does not fit it."""
        gained = frame.tail - first.tail
        others = [self._moved, 2 * self._moved, self._moved / 2, self._frames, 2 * self._frames]
        for before, after in ((first.elapsed_time, frame.elapsed_time), (first.distance, frame.distance)):
            if before is not None and after is not None and after > before:
                others += [after - before, 2 * (after - before)]
        if any(abs(gained - other) <= _UNEVEN + _LIKE * gained for other in others):
            return True
        if first.distance is None or frame.distance is None or frame.distance == first.distance:
            return False  # it counts no distance
        return not _LENGTHS[0] <= (frame.distance - first.distance) / gained <= _LENGTHS[1]

    def _begin(self, frame: TailFrame) -> None:
        """Begin to watch, or begin anew after what proves nothing."""
        self._first = frame
        self._moved = self._begun = 0.0
        self._begun_at, self._frames = frame.tail, 0
        self._gains.clear()

    def _give_up(self) -> None:
        self._noise, self.counts = True, False
