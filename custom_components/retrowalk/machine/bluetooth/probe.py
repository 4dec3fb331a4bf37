"""Reads what a machine is and can do, to know before it is set up that it is a treadmill."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from ..driver import Connection, Driver, Listener
from ..errors import LinkLostError, NoDataError, UnansweredError, UnreachableError
from ..model import Capabilities, KnownQuirk, MachineEvent, MachineInfo, Quirk, Telemetry
from .connection import BleakConnection, disconnect
from .link_log import LinkLog

_ATTEMPTS = 2
"""A person waits in a form, and the reasons why a connection fails seldom pass by themselves."""
_READ_TIMEOUT = 20.0
_READINGS = 6
"""Links at most: one for each thing that a machine never answers, after which it answers nothing any more."""


@dataclass(frozen=True)
class Reading:
    """What was read."""

    info: MachineInfo
    capabilities: Capabilities
    quirks: Mapping[Quirk, KnownQuirk] = field(default_factory=dict)


class _Nobody(Listener):
    def on_telemetry(self, telemetry: Telemetry) -> None:
        """Ignore it."""

    def on_machine_event(self, event: MachineEvent) -> None:
        """Ignore it."""


async def read_machine(
    device: BLEDevice, name: str, *, open_driver: Callable[[Connection, Listener], Driver]
) -> Reading:
    """Connect, read and disconnect; nothing moves.

    Raises UnreachableError when it cannot be connected (off, out of range, held by another app, no free slot),
    NotATreadmillError when it is something else, and UnansweredError, NoDataError or PairingError when it is connected
    and does not tell what has to be known.
    """
    unanswered: set[str] = set()
    readings = 0
    while True:
        readings, known = readings + 1, len(unanswered)
        try:
            return await _read_once(device, name, open_driver, unanswered)
        except UnansweredError:
            if len(unanswered) == known or readings == _READINGS:
                raise


async def _read_once(
    device: BLEDevice, name: str, open_driver: Callable[[Connection, Listener], Driver], unanswered: set[str]
) -> Reading:
    try:
        client = await establish_connection(BleakClientWithServiceCache, device, name, max_attempts=_ATTEMPTS)
    except (BleakError, EOFError, OSError, TimeoutError) as err:
        raise UnreachableError(str(err) or type(err).__name__) from err
    log = LinkLog(time.monotonic)
    log.connected(client, name)
    try:
        driver = open_driver(BleakConnection(client, name, lambda _: None, log, unanswered), _Nobody())
        try:
            async with asyncio.timeout(_READ_TIMEOUT):
                await driver.open(stop_first=None)
        except TimeoutError as err:
            raise UnansweredError("the treadmill went silent while it was read") from err
        finally:
            driver.close()
        return Reading(driver.info, driver.capabilities, driver.quirks)
    except UnreachableError as err:
        if client.is_connected or isinstance(err, UnansweredError | NoDataError):
            raise
        raise LinkLostError(str(err)) from err
    finally:
        await disconnect(client)
