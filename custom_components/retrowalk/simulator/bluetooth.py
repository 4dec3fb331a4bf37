"""Joins a virtual treadmill to Home Assistant's Bluetooth, as a remote adapter that hears only this treadmill.

Everything above the radio is the real thing: discovery, connection slots, bleak-retry-connector and BleakClient meet
the same scanner and client interfaces as with a Bluetooth proxy.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, cast, override

from bleak.backends.client import BaseBleakClient
from bleak.exc import BleakError
from bleak_retry_connector.bluez import Allocations
from habluetooth import get_manager
from homeassistant.components.bluetooth import (
    MONOTONIC_TIME,
    BaseHaRemoteScanner,
    BluetoothScanningMode,
    HaBluetoothConnector,
    async_register_scanner,
)
from homeassistant.core import HomeAssistant, callback

from .client import VirtualClient
from .gatt import Peripheral
from .link import ConnectRefused

ADVERTISING_INTERVAL: Final = 1.0  # s
TICK: Final = 0.1  # s between steps of a treadmill in real time
LONGEST_STEP: Final = 1.0  # s; a stalled event loop must not make the belt leap

_SLOTS: Final = 3  # connections at a time, as of a usual proxy
_RSSI: Final = -50  # dBm
_ADDRESS_TYPE_RANDOM: Final = 1


def scanner_source(address: str) -> str:
    """Return the address of the adapter that hears the treadmill at `address`; unique because that one is."""
    return f"CE{address[2:]}"


@callback
def async_attach(
    hass: HomeAssistant, peripheral: Peripheral, *, source: str | None = None, run: bool
) -> Callable[[], None]:
    """Let Home Assistant's Bluetooth receive and reach the treadmill until the returned function is called.

    With `run`, its time passes as real time does; without, only by `peripheral.step`. Attach a treadmill once at a
    time: two scanners cannot share a source. Detaching drops an open link.
    """
    attachment = _Attachment(hass, peripheral, source or scanner_source(peripheral.address), run=run)
    attachment.async_start()
    return attachment.async_stop


class _Attachment:
    """One treadmill's radio: the scanner, its slots and the timer that advertises and lets time pass."""

    def __init__(self, hass: HomeAssistant, peripheral: Peripheral, source: str, *, run: bool) -> None:
        self.peripheral = peripheral
        self.source = source
        self.slots: dict[VirtualClient, asyncio.Future[None] | None] = {}
        """Clients that hold a connection slot, with what they wait for while they connect."""
        self._hass = hass
        self._run = run
        self._attached = False
        self._scanner = VirtualScanner(self)
        self._detach: list[Callable[[], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._last_step = 0.0
        self._last_advertisement = 0.0

    @callback
    def async_start(self) -> None:
        """Register the scanner and start advertising."""
        self._attached = True
        self._detach = [async_register_scanner(self._hass, self._scanner), self._scanner.async_setup()]
        self.peripheral.listen_for_advertising(self._advertise)
        self._last_step = self._hass.loop.time()
        self._tick()

    @callback
    def async_stop(self) -> None:
        """Fall silent: drop the link, fail connection attempts, stop every timer."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._attached = False
        self.peripheral.listen_for_advertising(None)
        for attempt in self.slots.values():
            if attempt is not None and not attempt.done():
                attempt.set_exception(ConnectRefused("the virtual treadmill was unloaded"))
        if self.slots:
            self.peripheral.drop_link()
        while self._detach:
            self._detach.pop()()

    def can_connect(self) -> bool:
        """Return whether a connection slot is free."""
        return self._attached and len(self.slots) < _SLOTS

    def allocations(self) -> Allocations:
        """Return who holds the connection slots."""
        addresses = [client.address for client in self.slots]
        return Allocations(self.source, _SLOTS, _SLOTS - len(addresses), addresses)

    def reserve(self, client: VirtualClient, attempt: asyncio.Future[None]) -> None:
        """Take a connection slot. Raises BleakError when none is free."""
        if not self.can_connect():
            raise BleakError("no free connection slot")
        self.slots[client] = attempt
        self._report_allocations()

    def connected(self, client: VirtualClient) -> None:
        """Note that the connection of a slot is up."""
        self.slots[client] = None

    def release(self, client: VirtualClient) -> None:
        """Give the slot back."""
        self.slots.pop(client, None)
        self._report_allocations()

    def _report_allocations(self) -> None:
        # After detaching, the manager has forgotten this source and must not learn of it again.
        if self._attached:
            get_manager().async_on_allocation_changed(self.allocations())

    def _tick(self) -> None:
        loop = self._hass.loop
        self._timer = loop.call_later(TICK if self._run else ADVERTISING_INTERVAL, self._tick)
        now = loop.time()
        if self._run:
            elapsed, self._last_step = now - self._last_step, now
            self.peripheral.step(min(elapsed, LONGEST_STEP))
        if now - self._last_advertisement >= ADVERTISING_INTERVAL:
            self._advertise()

    def _advertise(self) -> None:
        if not self.peripheral.advertising:
            return
        self._last_advertisement = self._hass.loop.time()
        self._scanner.receive(self.peripheral.address, self.peripheral.advertisement())


class VirtualScanner(BaseHaRemoteScanner):
    """A scanner that hears one virtual treadmill."""

    def __init__(self, attachment: _Attachment) -> None:
        self._attachment = attachment
        connector = HaBluetoothConnector(
            # Called like the class that the field's type names.
            client=cast(
                "type[BaseBleakClient]",
                partial(VirtualClient, peripheral=attachment.peripheral, slots=attachment),
            ),
            source=attachment.source,
            can_connect=attachment.can_connect,
        )
        super().__init__(
            attachment.source,
            attachment.peripheral.name,
            connector,
            connectable=True,
            requested_mode=BluetoothScanningMode.ACTIVE,
            current_mode=BluetoothScanningMode.ACTIVE,
        )

    @override
    def get_allocations(self) -> Allocations:
        """Return who holds the connection slots, so that errors name them as they would for a proxy."""
        return self._attachment.allocations()

    def receive(self, address: str, data: bytes) -> None:
        """Pass an advertisement on to Home Assistant."""
        self._async_on_raw_advertisement(address, _RSSI, data, {"address_type": _ADDRESS_TYPE_RANDOM}, MONOTONIC_TIME())
