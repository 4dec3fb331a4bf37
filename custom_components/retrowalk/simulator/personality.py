"""What makes one virtual treadmill like the machines that people own: a personality."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ..machine.evidence import Evidence
from .faults import Faults
from .gatt import Peripheral
from .profile import Profile
from .protocols import PERIPHERALS
from .treadmill import VirtualTreadmill

NO_FAULTS: Final[Mapping[str, object]] = MappingProxyType({})
NO_VALUES: Final[Mapping[str, bytes]] = MappingProxyType({})

PASSED: Final = "passed"
MONITOR: Final = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personality:
    """One kind of machine. What people read of it is in the translations, under `selector.personality.options`."""

    key: str
    maker: str = ""
    """Maker and models by which its owner looks for it: its text begins with them. Empty: no maker's in particular."""
    machines: str
    """Who is known to be so."""
    what: str
    """What is odd about it, in one sentence."""
    source: str
    evidence: Evidence = Evidence.REPORTED
    profile: Profile = field(default_factory=Profile)
    name: str | None = None
    """The name that it advertises; None: that of its profile."""
    faults: Mapping[str, object] = NO_FAULTS
    """What `Faults.update` takes."""
    values: Mapping[str, bytes] = NO_VALUES
    """What reading a characteristic returns instead, by the four digits of its UUID."""
    service_data: bytes | None = None
    """What it advertises of the Fitness Machine Service; None: a treadmill, b"": nothing."""
    protocol: str = "ftms"
    """Key of its row in `machine/bluetooth/catalogue.py`."""
    check: str = PASSED
    """What its check run finds: passed, monitor (it cannot be controlled at all), or the failure's name."""
    shows_deck: bool = True
    """Whether its reports show where the deck is; otherwise nothing starts backward until they do."""
    pauses: bool = True
    """Whether a pause can be resumed; otherwise it ends the session."""
    tells_speed: bool = True
    """Whether it says what its belt does; otherwise it can be stopped, and nothing else."""

    def make_faults(self) -> Faults:
        """Return its faults. Raises ValueError where one of them does not exist."""
        faults = Faults()
        faults.update(self.faults)
        return faults

    def make_peripheral(self, address: str) -> Peripheral:
        """Return a treadmill like this."""
        return PERIPHERALS[self.protocol](
            VirtualTreadmill(self.profile),
            address=address,
            name=self.name or self.profile.name,
            faults=self.make_faults(),
            values=self.values,
            service_data=self.service_data,
        )
