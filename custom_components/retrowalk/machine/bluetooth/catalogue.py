"""Which advertisements may come from a treadmill, and which driver speaks to what was found."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ..driver import Connection, Driver, Listener
from ..errors import NotATreadmillError
from ..ftms import const as ftms
from ..ftms.driver import FtmsDriver
from ..model import Quirk

# Fitness machine types in the service data's bit field; bit 0 is the treadmill (FTMS 1.0, 3.1.2).
_TREADMILL = 1 << 0

# First letters of treadmill names whose advertisement may offer no service, or only for a minute after power-on.
# A name proves nothing (a maker's bikes share it): the GATT table decides (docs/protocols.md).
_NAME_PREFIXES = ("FS-", "HORIZON", "KS-", "MRK-T", "NOBLEPRO", "TM FIT", "TP1", "URTM")


def may_be_treadmill(service_uuids: Iterable[str], service_data: Mapping[str, bytes]) -> bool:
    """Return whether an advertisement may come from a treadmill: it offers FTMS and does not exclude one.

    Machines swap the two bytes of the type or send only one, so any byte may hold the bit; without service data, or
    with a type of zero, the GATT table decides after connecting (docs/protocols.md).
    """
    data = service_data.get(ftms.SERVICE)
    machine_type = b"" if data is None else data[1:3]
    if any(machine_type):
        return any(byte & _TREADMILL for byte in machine_type)
    return data is not None or ftms.SERVICE in service_uuids


def may_be_treadmill_name(name: str) -> bool:
    """Return whether a device of this name may be a treadmill, although its advertisement does not offer FTMS."""
    return name.upper().startswith(_NAME_PREFIXES)


def driver_for(
    connection: Connection,
    listener: Listener,
    clock: Callable[[], float],
    chosen: Mapping[Quirk, bool] = MappingProxyType({}),
) -> Driver:
    """Return the driver for the machine's GATT table; `chosen` is what its owner knows better than our table.

    Raises NotATreadmillError where none fits.
    """
    if FtmsDriver.fits(connection):
        return FtmsDriver(connection, listener, clock, chosen=chosen)
    raise NotATreadmillError("this device offers no treadmill service that Retrowalk knows")
