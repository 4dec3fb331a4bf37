"""The speed that a treadmill tells as Running Speed and Cadence, where its Treadmill Data never comes."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

_SILENT_FOR = 5.0
"""Seconds on a link without a speed in Treadmill Data before this one counts; that one is always preferred."""
_PER_METER = 256
_STRIDE_LENGTH = 1 << 0
_TOTAL_DISTANCE = 1 << 1


@dataclass(frozen=True, slots=True)
class RunningRecord:
    """One measurement: km/h and, if it is told, meters."""

    speed: float
    distance: int | None


def decode_running(data: bytes) -> RunningRecord | None:
    """Decode RSC Measurement (2A53); None for what is none. Never raises."""
    if len(data) < 4:
        return None
    flags, speed = struct.unpack_from("<BH", data)
    distance, at = None, 6 if flags & _STRIDE_LENGTH else 4
    if flags & _TOTAL_DISTANCE and len(data) >= at + 4:
        distance = struct.unpack_from("<I", data, at)[0] // 10
    return RunningRecord(round(speed / _PER_METER * 3.6, 2), distance)


class RunningSpeed:
    """The second choice of one link."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._needed = True

    def spare(self) -> None:
        """Take in that Treadmill Data told a speed: from now on only that counts on this link."""
        self._needed = False

    def feed(self, data: bytes) -> RunningRecord | None:
        """Take in a measurement, and return it where nothing else tells the speed."""
        silent = self._needed and self._clock() - self._since >= _SILENT_FOR
        return decode_running(data) if silent else None
