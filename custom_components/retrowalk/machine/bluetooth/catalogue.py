"""Which advertisements may be a treadmill's, and which driver speaks to what was found."""

from collections.abc import Callable, Iterable, Mapping

from ..driver import Connection, Driver, Listener
from ..errors import NotATreadmillError
from ..ftms import const as ftms
from ..ftms.driver import FtmsDriver

# Fitness machine types in the service data's bit field; bit 0 is the treadmill (FTMS 1.0, 3.1.2).
_TREADMILL = 1 << 0

# How names of treadmills begin that may advertise no service, or only for a minute after they were switched on.
# A name proves nothing (a maker's bikes share it): the GATT table decides.
_NAME_PREFIXES = ("FS-", "HORIZON", "KS-", "MRK-T", "NOBLEPRO", "TM FIT", "TP1", "URTM")


def may_be_treadmill(service_uuids: Iterable[str], service_data: Mapping[str, bytes]) -> bool:
    """Whether an advertisement is worth a look: it offers FTMS and does not say that it is only something else.

    Machines swap the two bytes of the type or send one, so any byte may hold the bit; without service data the
    GATT table decides after connecting.
    """
    data = service_data.get(ftms.SERVICE)
    if data is not None and len(data) > 1:
        return any(byte & _TREADMILL for byte in data[1:3])
    return data is not None or ftms.SERVICE in service_uuids


def may_be_treadmill_name(name: str) -> bool:
    """Whether a device of this name is worth a look, although its advertisement does not offer FTMS."""
    return name.upper().startswith(_NAME_PREFIXES)


def driver_for(connection: Connection, listener: Listener, clock: Callable[[], float]) -> Driver:
    """The driver that fits the machine's GATT table; raises NotATreadmillError where none does."""
    if FtmsDriver.fits(connection):
        return FtmsDriver(connection, listener, clock)
    raise NotATreadmillError("this device offers no treadmill service that Retrowalk knows")
