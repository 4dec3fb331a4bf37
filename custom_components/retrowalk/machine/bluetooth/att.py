"""Which error of the Attribute Protocol a Bluetooth backend tells: each of them has its own way."""

import re
from typing import Final

from bleak.exc import BleakError, BleakGATTProtocolError

WRITE_NOT_PERMITTED: Final = 0x03
_INSUFFICIENT_AUTHENTICATION: Final = 0x05
_REQUEST_NOT_SUPPORTED: Final = 0x06
WANTS_OTHER_WRITE: Final = frozenset({WRITE_NOT_PERMITTED, _REQUEST_NOT_SUPPORTED})
"""What answers a write of the kind that a characteristic does not take."""

WANTS_PAIRING: Final = frozenset({_INSUFFICIENT_AUTHENTICATION, 0x0C, 0x0F})
"""What answers a request that needs a paired or encrypted link."""

_OF_PROXY: Final = re.compile(r"\bGATT Error\b.*\berror=(\d{1,3})\b")
_OF_BLUEZ: Final = re.compile(r"\bATT error: 0x([0-9a-fA-F]{1,2})\b")
_NOT_PAIRED: Final = "Not paired"  # BlueZ has this one text for 0x05, 0x0C and 0x0F


def att_code(error: BaseException) -> int | None:
    """Return the code with which the machine itself answered; None where something else failed."""
    if not isinstance(error, BleakError):
        return None
    if isinstance(error, BleakGATTProtocolError):
        return int(error.code)
    text = str(error)
    if _NOT_PAIRED in text:
        return _INSUFFICIENT_AUTHENTICATION
    if found := _OF_PROXY.search(text):
        return int(found[1])
    found = _OF_BLUEZ.search(text)
    return int(found[1], 16) if found else None
