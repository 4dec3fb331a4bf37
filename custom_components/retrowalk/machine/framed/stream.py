"""Takes frames out of what a machine reports: whole ones, several in one notification, one in several, and noise."""

from collections.abc import Callable, Iterator

_MOST_KEPT = 64
"""Bytes of an unfinished frame; no frame that we know is as long."""
_JOINS_WITHIN = 1.0
"""Seconds after which the rest of an unfinished frame does not come any more."""


class FrameStream:
    """The frames of one characteristic."""

    def __init__(self, start: int, end: int, is_whole: Callable[[bytes], bool]) -> None:
        """`start` and `end` are the bytes around a frame; `is_whole` checks its length and sum."""
        self._start = start
        self._end = end
        self._is_whole = is_whole
        self._rest = b""
        self._since = 0.0

    def feed(self, data: bytes, now: float) -> list[bytes]:
        """Take a notification that came at `now` (s), and return the frames that are whole by now."""
        if self._is_whole(data):  # almost always
            self._rest = b""
            return [data]
        if now - self._since > _JOINS_WITHIN:
            self._rest = b""
        frames, self._rest = self._split(self._rest + data[:_MOST_KEPT])
        self._since = now
        return frames

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return the whole frames, and what may be the beginning of one."""
        frames = []
        while (begin := data.find(self._start)) >= 0:
            data = data[begin:]
            frame = next((data[:stop] for stop in self._ends(data) if self._is_whole(data[:stop])), None)
            if frame is not None:
                frames.append(frame)
                data = data[len(frame) :]
            elif not self._may_go_on(data):
                data = data[1:]
            else:
                return frames, data
        return frames, b""

    def _ends(self, data: bytes) -> Iterator[int]:
        return (index + 1 for index, byte in enumerate(data) if byte == self._end)

    def _may_go_on(self, data: bytes) -> bool:
        """Return whether these bytes may be the beginning of a frame: nothing behind their first begins another."""
        return self._start not in data[1:] and len(data) < _MOST_KEPT
