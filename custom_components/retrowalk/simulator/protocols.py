"""The virtual treadmills of all protocols, by the key that a protocol has in the catalogue."""

from typing import Final

from .fitshow import FitShowPeripheral
from .gatt import Peripheral
from .maker import MakerPeripheral
from .pitpat import PitPatPeripheral
from .wilink import WiLinkPeripheral

PERIPHERALS: Final[dict[str, type[Peripheral]]] = {
    "ftms": MakerPeripheral,
    "wilink": WiLinkPeripheral,
    "fitshow": FitShowPeripheral,
    "pitpat": PitPatPeripheral,
}
