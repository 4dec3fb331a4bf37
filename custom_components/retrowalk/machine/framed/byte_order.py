"""Which way round a machine's counters are, where modules differ: found out by how its time counts."""

from typing import Literal


class ByteOrder:
    """The order of one machine on one link, by two bytes of its time that count seconds from the first or the last."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None
        self._known: Literal["little", "big"] | None = None

    def take(self, first: int, second: int) -> Literal["little", "big"] | None:
        """Take in the bytes of a time, and return the order, as far as it is known.

        Of a little-endian number of seconds the first byte counts, of minutes and seconds the second. A time below
        256 s reads as little-endian until it counts.
        """
        before, self._before = self._before, (first, second)
        if self._known is None and before is not None and (first, second) > before:  # one that falls begins anew
            match (first != before[0], second != before[1]):
                case (True, False):
                    self._known = "little"
                case (False, True):
                    self._known = "big"
        return self._known or ("little" if second == 0 else None)
