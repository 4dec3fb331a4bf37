"""The adapters and proxies that hear a treadmill: why none of them can connect to it, and which one is preferred."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from bleak import BleakClient
from homeassistant.components import bluetooth
from homeassistant.components.bluetooth import BluetoothReachabilityIntent
from homeassistant.core import HomeAssistant, callback

_CHOOSES = "_async_get_best_available_backend_and_device"
_BACKEND = "_async_get_backend_for_ble_device"
"""How Home Assistant's client chooses a path; without them the preference has no effect."""


class PathTrouble(StrEnum):
    """Why nothing that hears a treadmill connects to it."""

    PASSIVE = "link_path_passive"  # they only listen
    FULL = "link_path_full"  # all of their connection slots are taken
    STUCK = "link_path_stuck"  # slots are free, and yet the connection is not even tried
    FAILS = "link_path_fails"  # it is tried in vain


class Path(NamedTuple):
    """An adapter or proxy that hears a treadmill."""

    source: str
    name: str
    signal: int  # dBm
    connectable: bool
    free: int | None  # connection slots; None where it does not count them
    ready: bool  # it takes a connection

    @property
    def described(self) -> str:
        """Return its name with the signal, for people."""
        return f"{self.name} ({self.signal} dBm)"


@callback
def async_paths(hass: HomeAssistant, address: str) -> list[Path]:
    """Return what hears a treadmill now, the best signal first."""
    found: list[Path] = []
    for heard in bluetooth.async_scanner_devices_by_address(hass, address, connectable=False):
        scanner = heard.scanner
        allocations = scanner.get_allocations()
        free = None if allocations is None or allocations.slots <= 0 else allocations.free
        connector = scanner.connector
        ready = scanner.connectable and (connector is None or connector.can_connect())
        found.append(
            Path(scanner.source, scanner.name, heard.advertisement.rssi, scanner.connectable, free=free, ready=ready)
        )
    return sorted(found, key=lambda path: path.signal, reverse=True)


@callback
def async_path_trouble(hass: HomeAssistant, address: str) -> PathTrouble | None:
    """Return why a treadmill that is heard cannot be connected; None where it is not heard."""
    paths = async_paths(hass, address)
    connectable = [path for path in paths if path.connectable]
    if not paths:
        return None
    if not connectable:
        return PathTrouble.PASSIVE
    if all(path.free == 0 for path in connectable):
        return PathTrouble.FULL
    return PathTrouble.FAILS if any(path.ready for path in connectable) else PathTrouble.STUCK


@callback
def async_heard_by(hass: HomeAssistant, address: str) -> str:
    """Return the names of what hears a treadmill, for people."""
    return ", ".join(path.described for path in async_paths(hass, address)) or "-"


@callback
def async_reachability(hass: HomeAssistant, address: str) -> str:
    """Return Home Assistant's own explanation, in English."""
    return bluetooth.async_address_reachability_diagnostics(hass, address, BluetoothReachabilityIntent.CONNECTION)


@callback
def async_sources(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of all adapters and proxies that can connect, by their source."""
    return {scanner.source: scanner.name for scanner in bluetooth.async_current_scanners(hass) if scanner.connectable}


class PreferredPath:
    """Lets the first try of a connection go through the adapter or proxy that the owner prefers."""

    def __init__(self, address: str, source: str | None, *, hurried: Callable[[], bool]) -> None:
        """`hurried` returns whether a stop waits, for which the best path is the quickest one (S3)."""
        self._address = address
        self._source = source
        self._hurried = hurried

    def steer(self, client: BleakClient) -> None:
        """Prefer the path for this client; where it is not there, is full or fails, Home Assistant chooses."""
        choose, backend_of = getattr(client, _CHOOSES, None), getattr(client, _BACKEND, None)
        if self._source is None or choose is None or backend_of is None:
            return
        tried = False

        def preferred(manager: Any) -> Any:
            nonlocal tried
            if not tried and not self._hurried():
                tried = True
                for heard in manager.async_scanner_devices_by_address(self._address, True):
                    scanner = heard.scanner
                    if scanner.source == self._source and (backend := backend_of(manager, scanner, heard.ble_device)):
                        return backend
            return choose(manager)

        setattr(client, _CHOOSES, preferred)
