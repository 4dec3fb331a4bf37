"""The Device Information Service: what a machine says it is."""

from typing import Final

from .driver import Connection
from .errors import RejectedError
from .model import MachineInfo

_LONGEST_TEXT: Final = 100
"""Characters of what a machine says of itself; no maker, model or version has as many."""
_FIELDS: Final = {
    "manufacturer": "00002a29-0000-1000-8000-00805f9b34fb",
    "model": "00002a24-0000-1000-8000-00805f9b34fb",
    "serial": "00002a25-0000-1000-8000-00805f9b34fb",
    "hardware": "00002a27-0000-1000-8000-00805f9b34fb",
    "firmware": "00002a26-0000-1000-8000-00805f9b34fb",
    "software": "00002a28-0000-1000-8000-00805f9b34fb",
}


async def read_information(connection: Connection) -> MachineInfo:
    """Read it. Raises UnreachableError; what the machine has not, or refuses, is not known."""
    return MachineInfo(**{name: await _read_text(connection, uuid) for name, uuid in _FIELDS.items()})


async def _read_text(connection: Connection, characteristic: str) -> str | None:
    if not connection.has(characteristic):
        return None
    try:
        data = await connection.read(characteristic)
    except RejectedError:
        return None
    # Makers pad with zeros, and fill what they left empty with 0xFF.
    text = data.decode("utf-8", "ignore").strip("\0").partition("\0")[0]
    return "".join(character for character in text if character.isprintable())[:_LONGEST_TEXT].strip() or None
