"""Counts the steps of a session with a sensor that counts the steps of a person: a watch or a phone."""

FASTEST = 5.0
"""Steps a second; what is more was walked at another time and arrived late, or is no count of steps."""
_MOST = 1e7


class StepCount:
    """The growth of a counter since the session began. The counter may begin anew, as many do at midnight."""

    def __init__(self) -> None:
        self.total: int | None = None
        """Steps; None as long as the sensor has not shown any count."""
        self._began = 0.0  # when it showed its first
        self._last = 0

    def update(self, value: float | None, now: float) -> None:
        """Take in what the sensor shows; None for no number."""
        if value is None or not 0 <= value <= _MOST:
            return
        count = int(value)
        if self.total is None:
            self.total, self._began, self._last = 0, now, count
            return
        grown = count - self._last if count >= self._last else count
        self._last = count
        if self.total + grown <= FASTEST * (now - self._began):
            self.total += grown
