"""Takes frames out of what a machine reports: whole ones, several in one notification, one in several, and noise."""

from collections.abc import Callable, Iterator

_MOST_KEPT = 64
"""Bytes of an unfinished frame; no frame that we know is as long."""
_MOST_READ = 128
"""Bytes of one notification; more than a machine can send at once."""
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
            # Three frames in one notification may have a right sum together, but mean what each of them says.
            frames, rest = self._split(data)
            return frames if not rest and sum(map(len, frames)) == len(data) else [data]
        if now - self._since > _JOINS_WITHIN:
            self._rest = b""
        frames, self._rest = self._split(self._rest + data[:_MOST_READ])
        self._since = now
        return frames

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return the whole frames, and what may be the beginning of one."""
        frames = []
        while (found := self._first(data)) is not None:
            begin, stop = found
            frames.append(data[begin:stop])
            data = data[stop:]
        # A byte that begins frames may be in one, too: as long as none is whole, the first may go on.
        begin = next((index for index in self._begins(data) if len(data) - index < _MOST_KEPT), len(data))
        return frames, data[begin:]

    def _first(self, data: bytes) -> tuple[int, int] | None:
        """Return where the first whole frame is."""
        for begin in self._begins(data):
            for stop in self._ends(data, begin):
                if self._is_whole(data[begin:stop]):
                    return begin, stop
        return None

    def _begins(self, data: bytes) -> Iterator[int]:
        return (index for index, byte in enumerate(data) if byte == self._start)

    def _ends(self, data: bytes, begin: int) -> Iterator[int]:
        return (index + 1 for index in range(begin, min(begin + _MOST_KEPT, len(data))) if data[index] == self._end)
