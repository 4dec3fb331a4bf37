"""Counters of a machine that begin anew while one walks, because its console has too few digits."""


class Unwrapped:
    """One counter, without its wraps; a machine that forgets its session begins at 0 all the same."""

    def __init__(self, modulus: int) -> None:
        """`modulus` is the first value that it cannot show."""
        self._modulus = modulus
        self._last = 0
        self._before = 0

    def take(self, value: int) -> int:
        """Take in what it shows, and return what it has counted."""
        if self._last - value > self._modulus / 2 and self._last > self._modulus * 0.9:
            self._before += self._modulus
        elif value < self._last:
            self._before = 0
        self._last = value
        return self._before + value
