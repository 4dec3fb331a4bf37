"""The Bluetooth half of the emulated proxy: advertisements, connection slots, and the clients' links to peripherals.

Home Assistant's client expects a proxy to follow these rules:
- the client gets the scanner's state at once when it subscribes to advertisements;
- the list of allocated addresses is as long as limit minus free, and an address is in it before the link is tried;
- from the second connection on, the client requests no services: the handles of an address must not change;
- the client enables notifications twice, once at the proxy and once in the peripheral's own configuration descriptor.
"""

import logging
from typing import Any

from aioesphomeapi.api_pb2 import (  # type: ignore[attr-defined]
    BluetoothConnectionsFreeResponse,
    BluetoothDeviceClearCacheResponse,
    BluetoothDeviceConnectionResponse,
    BluetoothDevicePairingResponse,
    BluetoothDeviceRequest,
    BluetoothDeviceUnpairingResponse,
    BluetoothGATTErrorResponse,
    BluetoothLERawAdvertisement,
    BluetoothLERawAdvertisementsResponse,
    BluetoothScannerSetModeRequest,
    BluetoothScannerStateResponse,
    SubscribeBluetoothConnectionsFreeRequest,
    SubscribeBluetoothLEAdvertisementsRequest,
    UnsubscribeBluetoothLEAdvertisementsRequest,
)
from aioesphomeapi.ble_defs import BLEConnectionError
from aioesphomeapi.model import BluetoothDeviceRequestType, BluetoothScannerMode, BluetoothScannerState
from google.protobuf.message import Message

from custom_components.retrowalk.simulator.gatt import Peripheral
from tests.support.live.proxy_link import GATT_REQUESTS, Link, address_to_int
from tests.support.live.proxy_protocol import Connection

_LOGGER = logging.getLogger(__name__)

RSSI = -60
ADVERTISEMENTS_PER_MESSAGE = 16
NOT_CONNECTED = -1
PUBLIC_ADDRESS, RANDOM_ADDRESS = 0, 1


class Radio:
    """The proxy's Bluetooth chip, with at most `slots` links at a time, all of them to `peripherals`."""

    def __init__(self, peripherals: list[Peripheral], slots: int) -> None:
        self.peripherals = {address_to_int(peripheral.address): peripheral for peripheral in peripherals}
        self.slots = slots
        self.links: dict[int, Link] = {}
        self._listeners: set[Connection] = set()
        self._slot_watchers: set[Connection] = set()
        self._mode = BluetoothScannerMode.PASSIVE

    @property
    def listeners(self) -> int:
        """Return how many clients listen to advertisements."""
        return len(self._listeners)

    # Advertisements

    def advertise(self) -> None:
        """Send the current advertisement of each peripheral to every listener."""
        for connection in self._listeners:
            self._send_advertisements(connection)

    def _send_advertisements(self, connection: Connection) -> None:
        advertisements = [
            BluetoothLERawAdvertisement(
                address=address,
                rssi=RSSI,
                address_type=RANDOM_ADDRESS if address >> 46 == 0b11 else PUBLIC_ADDRESS,
                data=peripheral.advertisement(),
            )
            for address, peripheral in self.peripherals.items()
            if peripheral.advertising
        ]
        for start in range(0, len(advertisements), ADVERTISEMENTS_PER_MESSAGE):
            batch = advertisements[start : start + ADVERTISEMENTS_PER_MESSAGE]
            connection.send(BluetoothLERawAdvertisementsResponse(advertisements=batch))

    def _scanner_state(self) -> Message:
        return BluetoothScannerStateResponse(
            state=BluetoothScannerState.RUNNING, mode=self._mode, configured_mode=self._mode
        )

    # Messages of clients

    def handle(self, connection: Connection, message: Message) -> None:
        """Act on one message of a client; messages unrelated to Bluetooth are ignored."""
        match message:
            case SubscribeBluetoothLEAdvertisementsRequest():
                self._listeners.add(connection)
                connection.send(self._scanner_state())
                self._send_advertisements(connection)
            case UnsubscribeBluetoothLEAdvertisementsRequest():
                self._listeners.discard(connection)
            case BluetoothScannerSetModeRequest():
                self._mode = BluetoothScannerMode(message.mode)
                for listener in self._listeners:
                    listener.send(self._scanner_state())
            case SubscribeBluetoothConnectionsFreeRequest():
                self._slot_watchers.add(connection)
                connection.send(self._free_slots())
            case BluetoothDeviceRequest():
                self._device_request(connection, message)
            case _ if isinstance(message, GATT_REQUESTS):
                self._gatt_request(connection, message)
            case _:
                _LOGGER.debug("Ignored %s", type(message).__name__)

    def forget(self, connection: Connection) -> None:
        """End the links of a client that has disconnected, as a real proxy does."""
        self._listeners.discard(connection)
        self._slot_watchers.discard(connection)
        for link in [link for link in self.links.values() if link.connection is connection]:
            self._end(link)

    def _gatt_request(self, connection: Connection, message: Any) -> None:
        link = self.links.get(message.address)
        if link is not None and link.connection is connection and link.connected:
            link.request(message)
        else:
            handle = getattr(message, "handle", 0)
            connection.send(BluetoothGATTErrorResponse(address=message.address, handle=handle, error=NOT_CONNECTED))

    def _device_request(self, connection: Connection, message: Any) -> None:
        address = message.address
        match BluetoothDeviceRequestType(message.request_type):
            case BluetoothDeviceRequestType.CONNECT_V3_WITH_CACHE | BluetoothDeviceRequestType.CONNECT_V3_WITHOUT_CACHE:
                self._connect(connection, address)
            case BluetoothDeviceRequestType.DISCONNECT:
                self._disconnect(connection, address)
            case BluetoothDeviceRequestType.PAIR:
                connection.send(BluetoothDevicePairingResponse(address=address, paired=True))
            case BluetoothDeviceRequestType.UNPAIR:
                connection.send(BluetoothDeviceUnpairingResponse(address=address, success=True))
            case BluetoothDeviceRequestType.CLEAR_CACHE:
                connection.send(BluetoothDeviceClearCacheResponse(address=address, success=True))
            case other:
                _LOGGER.warning("Ignored a device request of kind %s", other.name)

    # Links

    def _connect(self, connection: Connection, address: int) -> None:
        existing = self.links.get(address)
        peripheral = self.peripherals.get(address)
        if existing is not None and existing.connection is connection:
            existing.send_connected()
        elif existing is not None or peripheral is None:
            refused = BLEConnectionError.ESP_GATT_CONN_FAIL_ESTABLISH
            connection.send(BluetoothDeviceConnectionResponse(address=address, connected=False, error=refused))
        elif len(self.links) >= self.slots:
            connection.send(self._free_slots())
            connection.send(BluetoothDeviceConnectionResponse(address=address, connected=False))
        else:
            link = self.links[address] = Link(connection, peripheral, self._lost)
            self._send_free_slots()
            link.start()

    def _disconnect(self, connection: Connection, address: int) -> None:
        link = self.links.get(address)
        ours = link is not None and link.connection is connection
        if ours:
            self.links.pop(address).end()
        # As real proxies do: first the end of the link, then the free slot; the other order means a lost link.
        connection.send(BluetoothDeviceConnectionResponse(address=address, connected=False))
        if ours:
            self._send_free_slots()

    def _end(self, link: Link) -> None:
        self.links.pop(link.address, None)
        link.end()
        self._send_free_slots()

    def _lost(self, link: Link, error: int) -> None:
        """Handle a link that broke or failed, without a request of the client."""
        if self.links.get(link.address) is link:
            del self.links[link.address]
            link.connection.send(BluetoothDeviceConnectionResponse(address=link.address, connected=False, error=error))
            self._send_free_slots()

    def _free_slots(self) -> Message:
        free = self.slots - len(self.links)
        return BluetoothConnectionsFreeResponse(free=free, limit=self.slots, allocated=list(self.links))

    def _send_free_slots(self) -> None:
        for connection in self._slot_watchers:
            connection.send(self._free_slots())
