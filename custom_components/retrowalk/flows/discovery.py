"""Find treadmills and read what they can do, for the config flow."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Final

from homeassistant.components import bluetooth
from homeassistant.components.bluetooth import BluetoothServiceInfoBleak
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..data import RetrowalkConfigEntry
from ..machine.bluetooth.catalogue import (
    driver_for,
    is_treadmill_name,
    may_be_listed,
    may_be_treadmill,
    says_treadmill,
)
from ..machine.bluetooth.link_state import LinkState
from ..machine.bluetooth.probe import Reading, read_machine
from ..machine.errors import (
    LinkLostError,
    MachineError,
    NoDataError,
    NotATreadmillError,
    PairingError,
    UnansweredError,
)
from ..simulator.address import is_virtual_address
from ..simulator.bluetooth import scanner_source
from ..treadmill.paths import PathTrouble, async_path_trouble, async_reachability
from ..treadmill.virtual import async_plug_in
from ..util import readable
from .errors import SetUpError

_LOGGER = logging.getLogger(__name__)

READING_TIMEOUT: Final = 150.0
"""Seconds after which a reading fails; connecting alone can take 80."""
_POLL: Final = 0.2  # s
_AFTER_CONNECTING: Final[dict[type[MachineError], SetUpError]] = {
    LinkLostError: SetUpError.LINK_LOST,
    NoDataError: SetUpError.NO_DATA,
    PairingError: SetUpError.WANTS_PAIRING,
    UnansweredError: SetUpError.UNANSWERED,
}
"""What went wrong although the treadmill was connected."""
_WITHOUT_PATH: Final = {
    PathTrouble.FAILS: SetUpError.CANNOT_CONNECT,
    PathTrouble.FULL: SetUpError.NO_SLOTS,
    PathTrouble.PASSIVE: SetUpError.ONLY_HEARD,
    PathTrouble.STUCK: SetUpError.PATH_STUCK,
}
"""What went wrong before it was. An error about slots tells nothing: a device that is switched off raises it, too."""


class ReadingFailedError(Exception):
    """Error to indicate that a treadmill could not be read; `key` is the key of the text to show."""

    def __init__(self, key: SetUpError) -> None:
        super().__init__(key)
        self.key = key


@callback
def async_is_discoverable(info: BluetoothServiceInfoBleak) -> bool:
    """Return whether a device with this advertisement is discovered.

    A virtual treadmill is not: its owner adds it from the menu. Neither is what says that it is another machine.
    """
    if is_virtual_address(info.address) or says_treadmill(info.service_data) is False:
        return False
    return may_be_treadmill(info.service_uuids, info.service_data) or is_treadmill_name(info.name)


@callback
def async_candidates(hass: HomeAssistant) -> list[BluetoothServiceInfoBleak]:
    """Return every device in reach that may be a treadmill by its services or name, nearest first."""
    discovered = bluetooth.async_discovered_service_info(hass, connectable=True)
    candidates = [
        info
        for info in discovered
        if not is_virtual_address(info.address)
        and says_treadmill(info.service_data) is not False
        and (may_be_treadmill(info.service_uuids, info.service_data) or may_be_listed(info.name, info.service_uuids))
    ]
    return sorted(candidates, key=lambda info: info.rssi, reverse=True)


def advertised_name(info: BluetoothServiceInfoBleak) -> str:
    """Return the name that a device advertises as it can be read, or its address if there is none."""
    return readable(info.name) or info.address


@callback
def async_advertised_name(hass: HomeAssistant, address: str) -> str:
    """Return the name that a device advertised last, or its address if there is none."""
    info = bluetooth.async_last_service_info(hass, address, connectable=True)
    return advertised_name(info) if info is not None else address


async def async_read(
    hass: HomeAssistant,
    address: str,
    name: str,
    *,
    virtual: bool,
    personality: str | None = None,
    entry: RetrowalkConfigEntry | None,
) -> Reading:
    """Read what a treadmill can do; `entry` is its config entry, if any. Raises ReadingFailedError."""
    try:
        async with asyncio.timeout(READING_TIMEOUT):
            if (reading := await _async_entry_reading(entry)) is not None:
                return reading
            with _plugged_in(hass, address, personality, virtual=virtual):
                return await _async_read(hass, address, name)
    except NotATreadmillError as err:
        raise ReadingFailedError(SetUpError.NOT_A_TREADMILL) from err
    except (MachineError, TimeoutError) as err:
        _LOGGER.info("Could not read a treadmill: %s", type(err).__name__)
        _LOGGER.debug("Could not read %s (%s): %s; %s", name, address, err, async_reachability(hass, address))
        raise ReadingFailedError(_error_for(hass, address, err)) from err


@callback
def _error_for(hass: HomeAssistant, address: str, err: MachineError | TimeoutError) -> SetUpError:
    """Return what to tell: whether it is switched on is a question only where there was no connection."""
    for kind, key in _AFTER_CONNECTING.items():
        if isinstance(err, kind):
            return key
    trouble = async_path_trouble(hass, address)
    return SetUpError.CANNOT_CONNECT if trouble is None else _WITHOUT_PATH[trouble]


async def _async_entry_reading(entry: RetrowalkConfigEntry | None) -> Reading | None:
    """Return the reading of a loaded entry: a treadmill accepts one connection, and somebody may be walking on it."""
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    coordinator = entry.runtime_data.coordinator
    while coordinator.link_state is LinkState.CONNECTING:  # noqa: ASYNC110 - the link notifies only the coordinator
        await asyncio.sleep(_POLL)
    return coordinator.reading


async def _async_read(hass: HomeAssistant, address: str, name: str) -> Reading:
    device = bluetooth.async_ble_device_from_address(hass, address, connectable=True)
    if device is None:
        await bluetooth.async_request_active_scan(hass)
        device = bluetooth.async_ble_device_from_address(hass, address, connectable=True)
    if device is None:
        trouble = async_path_trouble(hass, address)
        raise ReadingFailedError(SetUpError.NOT_HEARD if trouble is None else _WITHOUT_PATH[trouble])
    # What it advertises, and not what its owner calls it, tells the driver what is odd about it.
    return await read_machine(device, device.name or name, open_driver=partial(driver_for, clock=monotonic))


@contextmanager
def _plugged_in(hass: HomeAssistant, address: str, personality: str | None, *, virtual: bool) -> Iterator[None]:
    """Plug in a virtual treadmill for the reading, unless it is plugged in; its entry does that permanently."""
    if not virtual or bluetooth.async_scanner_by_source(hass, scanner_source(address)) is not None:
        yield
        return
    unplug = async_plug_in(hass, address, personality)
    try:
        yield
    finally:
        unplug()
