"""Who may read and subscribe to what on the virtual treadmill, and what is never answered."""

from ..machine.ftms.const import DEVICE_INFORMATION
from .attributes import AttCode, AttError, Characteristic, short
from .faults import Faults
from .link import Link


class Access:
    """The security of one treadmill, whose bond outlasts its links, and its answers that never come."""

    def __init__(self, faults: Faults) -> None:
        self.paired = False
        """Whether a central has paired; a treadmill remembers it."""
        self._faults = faults

    def check(self, characteristic: Characteristic) -> None:
        """Raise AttError for a characteristic that only a paired central may use."""
        if short(characteristic) in self._faults.wants_pairing and not self.paired:
            raise AttError(self._faults.pairing_error or AttCode.INSUFFICIENT_AUTHENTICATION)

    def check_read(self, characteristic: Characteristic) -> None:
        """Raise AttError for a characteristic that cannot be read."""
        if "read" not in characteristic.properties:
            raise AttError(AttCode.READ_NOT_PERMITTED)
        self.check(characteristic)
        if short(characteristic) in self._faults.unreadable:
            raise AttError(AttCode.UNLIKELY_ERROR)

    async def answers(self, link: Link, characteristic: Characteristic | None = None) -> None:
        """Return when a read or a subscription is answered, or a write of which nothing else is known.

        A request that is never answered bars all that follow, because a server owes one answer at a time.
        """
        if characteristic is not None and short(characteristic) in self._faults.unanswered:
            link.stuck = True
        if link.stuck:
            await link.never_answer()

    async def pair(self, link: Link) -> bool:
        """Pair, and return whether the treadmill agreed."""
        if self._faults.pairing_hangs:
            await link.never_answer()
        self.paired = not self._faults.cannot_pair
        return self.paired

    def identity(self, characteristic: Characteristic, value: bytes) -> bytes:
        """Return what is read of a characteristic: of the Device Information Service, what the fault says."""
        told = self._faults.identity
        return value if told is None or characteristic.uuid not in DEVICE_INFORMATION else told
