"""The virtual treadmills of all protocols, by the key that a protocol has in the catalogue."""

from typing import Final

from .efc import EfcPeripheral
from .fitshow import FitShowPeripheral
from .gatt import Peripheral
from .lifespan import LifeSpanPeripheral
from .maker import MakerPeripheral
from .pitpat import DeerRunPeripheral, EnvelopedPeripheral, PitPatPeripheral
from .sperax import SperaxPeripheral
from .urevo import UrevoPeripheral
from .wilink import WiLinkPeripheral

PERIPHERALS: Final[dict[str, type[Peripheral]]] = {
    "ftms": MakerPeripheral,
    "wilink": WiLinkPeripheral,
    "fitshow": FitShowPeripheral,
    "pitpat": PitPatPeripheral,
    "pitpat_envelope": EnvelopedPeripheral,
    "deerrun": DeerRunPeripheral,
    "efc": EfcPeripheral,
    "sperax": SperaxPeripheral,
    "lifespan": LifeSpanPeripheral,
    "urevo": UrevoPeripheral,
}
