"""The floods of a hostile treadmill: far more notifications than anybody needs, as long as an attribute may be."""

import math
from collections.abc import Callable, Iterator

from ..machine.ftms import const
from ..machine.ftms.const import StatusCode
from .faults import Faults

_LONGEST = 512
"""Bytes of an attribute at most."""
_STATUSES = (
    bytes((StatusCode.STARTED_OR_RESUMED_BY_USER,)),
    bytes((StatusCode.TARGET_SPEED_CHANGED, 0x64, 0x00)),
    bytes((0x80,)),  # unknown
    b"",
)


class Flood:
    """What one treadmill sends beside its reports."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._owed = self._owed_statuses = 0.0
        self._count = 0

    def frames(self, dt: float, report: Callable[[], bytes]) -> Iterator[tuple[str, bytes]]:
        """Yield what is sent in `dt` seconds: the report again and again, and statuses that mean nothing."""
        if not self._faults.flood and not self._faults.status_flood:
            return
        self._owed += dt * self._faults.flood
        self._owed_statuses += dt * self._faults.status_flood
        for _ in range(math.floor(self._owed)):
            yield const.TREADMILL_DATA, self.padded(report())
        for _ in range(math.floor(self._owed_statuses)):
            self._count += 1
            yield const.MACHINE_STATUS, self.padded(_STATUSES[self._count % len(_STATUSES)])
        self._owed %= 1
        self._owed_statuses %= 1

    def padded(self, frame: bytes) -> bytes:
        """Return a frame as it is sent: with the fault, filled up to the longest."""
        return frame.ljust(_LONGEST, b"\xa5") if self._faults.endless_frames and frame else frame
