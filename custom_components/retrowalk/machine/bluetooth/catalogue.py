"""The protocols: which are spoken, what may come from a treadmill, and which driver speaks to what was found.

A protocol is one row (docs/adding-a-treadmill.md). Of a machine that speaks several, the first that fits is used.
"""

import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..driver import Connection, Driver, Listener
from ..errors import NotATreadmillError
from ..evidence import Evidence
from ..ftms import const as ftms
from ..ftms.driver import FtmsDriver
from ..ftms.quirks import ROWS as QUIRK_ROWS
from ..model import Quirk
from ..protocols import efc, fitshow, lifespan, pitpat, pitpat_envelope, sperax, urevo, wilink
from ..protocols.efc import EfcDriver
from ..protocols.fitshow import FitShowDriver
from ..protocols.lifespan import LifeSpanDriver
from ..protocols.pitpat import PitPatDriver
from ..protocols.pitpat_envelope import DeerRunDriver, EnvelopedDriver
from ..protocols.sperax import SperaxDriver
from ..protocols.urevo import UrevoDriver
from ..protocols.wilink import WiLinkDriver

# Fitness machine types in the service data's bit field; bit 0 is the treadmill (FTMS 1.0, 3.1.2).
_TREADMILL = 1 << 0


class DriverClass(typing.Protocol):
    """Makes a driver."""

    def __call__(
        self,
        connection: Connection,
        listener: Listener,
        clock: Callable[[], float],
        *,
        chosen: Mapping[Quirk, bool],
    ) -> Driver:
        """Return a driver; `clock` gives monotonic seconds, `chosen` is what the owner knows better."""
        ...


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A protocol that Retrowalk speaks."""

    key: str
    name: str
    """As its maker calls it."""
    driver: DriverClass
    has_its_table: Callable[[Connection], bool]
    """Whether a machine's GATT table is that of the protocol, with the roles of its characteristics."""
    evidence: Evidence
    """How it is known."""
    machines: str
    """Who is known to speak it."""
    service: str
    name_prefixes: tuple[str, ...] = ()
    """First letters, in capitals, of names of machines whose advertisement may offer no service of a treadmill.

    A name proves nothing (a maker's bikes share it): the GATT table decides.
    """
    sure_names: tuple[str, ...] = ()
    """First letters, as they are written, of names that only treadmills have: Home Assistant offers them by the name.

    The manifest has the same; at least three letters, because Home Assistant's matchers need as many.
    """
    listed_by_service: bool = False
    """Whether a device that offers only the service is listed in the set-up, where somebody looks for a treadmill."""
    shares_its_table: bool = False
    """Whether other protocols have the same table, so that the name has to be known, too."""

    def fits(self, connection: Connection) -> bool:
        """Return whether a machine speaks it, as far as its name and its GATT table tell."""
        return self.has_its_table(connection) and (not self.shares_its_table or self.names(connection.name))

    def names(self, name: str) -> bool:
        """Return whether a machine of this name may speak it."""
        return name.upper().startswith(self.name_prefixes)


PROTOCOLS: Final = (
    Protocol(
        key="ftms",
        name="Fitness Machine Service",
        driver=FtmsDriver,
        has_its_table=FtmsDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="most treadmills with Bluetooth",
        service=ftms.SERVICE,
        # Some offer the service only for a minute after power-on.
        name_prefixes=("FS-", "HORIZON", "KS-", "MRK-T", "NOBLEPRO", "TM FIT", "TP1", "URTM"),
        # Horizon, NoblePro and modules of FitShow (FS-) are in bikes and rowers, too.
        sure_names=("KS-", "MRK-T", "TM Fit", "URTM"),
    ),
    Protocol(
        key="wilink",
        name="KingSmith WiLink",
        driver=WiLinkDriver,
        has_its_table=WiLinkDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="WalkingPad A1, A1 Pro, C2, P1, K12, R1 Pro",
        service=wilink.SERVICE,
        name_prefixes=("R1 PRO", "WALKINGPAD"),
        sure_names=("R1 Pro", "WalkingPad"),
        listed_by_service=True,  # its number belongs to another company, whose devices are not offered for that
    ),
    Protocol(
        key="fitshow",
        name="FitShow, FitHome",
        driver=FitShowDriver,
        has_its_table=FitShowDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="Sportstech F15, F31, WP100, HomeTro, and others with a module of FitShow",
        service=fitshow.SERVICE,
        name_prefixes=("FITHOME", "FITSHOW", "FS-", "HOMETRO", "NOBLEPRO", "SPORTSTECH", "SW"),
        shares_its_table=True,
    ),
    Protocol(
        key="pitpat",
        name="PitPat, Superun",
        driver=PitPatDriver,
        has_its_table=PitPatDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="PitPat-T01 with the service fba0: DeerRun, Superun BA06, BA09",
        service=pitpat.SERVICE,
        name_prefixes=("DEERRUN", "PITPAT-T", "SUPERUN"),
        sure_names=("PITPAT-T", "PitPat-T"),  # PITPAT-S is a bike
        listed_by_service=True,
    ),
    Protocol(
        key="pitpat_envelope",
        name="PitPat in an envelope",
        driver=EnvelopedDriver,
        has_its_table=EnvelopedDriver.fits,
        evidence=Evidence.DOCUMENTED,
        machines="PitPat-T01 with the service ffff: Superun BA04",
        service=pitpat_envelope.SERVICE,
        name_prefixes=("PITPAT-T", "SUPERUN"),
        shares_its_table=True,
    ),
    Protocol(
        key="deerrun",
        name="DeerRun",
        driver=DeerRunDriver,
        has_its_table=DeerRunDriver.fits,
        evidence=Evidence.DOCUMENTED,
        machines="older DeerRun pads, with the service fff0",
        service=pitpat_envelope.DEERRUN_SERVICE,
        name_prefixes=("DEERRUN", "PITPAT-T"),
        shares_its_table=True,
    ),
    Protocol(
        key="efc",
        name="EFC (EQiSports)",
        driver=EfcDriver,
        has_its_table=EfcDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="CITYSPORTS WP9",
        service=efc.SERVICE,
        name_prefixes=("CITYSPORTS",),
        sure_names=("CITYSPORTS",),
        listed_by_service=True,
    ),
    Protocol(
        key="sperax",
        name="Sperax",
        driver=SperaxDriver,
        has_its_table=SperaxDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="Sperax P3 Max, RM-01 without a hyphen in its Bluetooth name, RM-02",
        service=sperax.SERVICE,
        name_prefixes=("SPERAX_P3", "SPERAX_RM-02", "SPERAX_RM01"),
        sure_names=("SPERAX_P3", "SPERAX_RM-02", "SPERAX_RM01"),
        shares_its_table=True,
    ),
    Protocol(
        key="lifespan",
        name="LifeSpan",
        driver=LifeSpanDriver,
        has_its_table=LifeSpanDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="LifeSpan TR1200, SC110, with the console Omni",
        service=lifespan.SERVICE,
        name_prefixes=("LIFESPAN",),
        shares_its_table=True,
    ),
    Protocol(
        key="urevo",
        name="Urevo",
        driver=UrevoDriver,
        has_its_table=UrevoDriver.fits,
        evidence=Evidence.CAPTURED,
        machines="Urevo pads whose Fitness Machine Service is missing",
        service=urevo.SERVICE,
        name_prefixes=("URTM",),
        shares_its_table=True,
    ),
)


def may_be_treadmill(service_uuids: Iterable[str], service_data: Mapping[str, bytes]) -> bool:
    """Return whether an advertisement may come from a treadmill: it offers FTMS and does not exclude one.

    Machines swap the two bytes of the type or send only one, so any byte may hold the bit; without service data, or
    with a type of zero, the GATT table decides after connecting (docs/protocols.md). The services of other protocols
    are also those of lamps and thermometers, so that they say nothing.
    """
    says = says_treadmill(service_data)
    return ftms.SERVICE in service_data or ftms.SERVICE in service_uuids if says is None else says


def says_treadmill(service_data: Mapping[str, bytes]) -> bool | None:
    """Return whether an advertisement says that it is of a treadmill, or of another machine; None: it does not say."""
    machine_type = service_data.get(ftms.SERVICE, b"")[1:3]
    return any(byte & _TREADMILL for byte in machine_type) if any(machine_type) else None


def is_treadmill_name(name: str) -> bool:
    """Return whether only treadmills have such a name, so that it is offered although nobody looks for one."""
    return any(name.upper().startswith(sure.upper()) for protocol in PROTOCOLS for sure in protocol.sure_names)


def may_be_listed(name: str, service_uuids: Iterable[str]) -> bool:
    """Return whether a device may be a treadmill by its name, or by a service that others have, too."""
    offered = set(service_uuids)
    return any(
        protocol.names(name) or (protocol.listed_by_service and protocol.service in offered) for protocol in PROTOCOLS
    )


def known_beginning(name: str) -> str:
    """Return as much of a name as a row of a protocol or of a quirk knows: it is shared by many, and tells nobody's."""
    known = {prefix for protocol in PROTOCOLS for prefix in protocol.name_prefixes}
    known |= {prefix for row in QUIRK_ROWS for prefix in row.names}
    return max((prefix for prefix in known if name.upper().startswith(prefix)), key=len, default="")


def driver_for(
    connection: Connection,
    listener: Listener,
    clock: Callable[[], float],
    chosen: Mapping[Quirk, bool] = MappingProxyType({}),
) -> Driver:
    """Return the driver for the machine's GATT table; `chosen` is what its owner knows better than our table.

    Raises NotATreadmillError where none fits.
    """
    for protocol in PROTOCOLS:
        if protocol.fits(connection):
            return protocol.driver(connection, listener, clock, chosen=chosen)
    raise NotATreadmillError("this device offers no treadmill service that Retrowalk knows")
