"""The virtual treadmill's side of bleak, in place of an operating system's Bluetooth."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, cast, override

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError

from .attributes import AttError, Characteristic
from .gatt import Peripheral
from .link import ConnectRefused, LinkLost

_MTU: Final = 247
_CCCD: Final = "00002902-0000-1000-8000-00805f9b34fb"


class Slots(Protocol):
    """Counts the adapter's connection slots."""

    def reserve(self, client: VirtualClient, attempt: asyncio.Future[None]) -> None:
        """Take a slot for a client that connects; `attempt` may be failed. Raises BleakError when none is free."""

    def connected(self, client: VirtualClient) -> None:
        """Note that the client's connection is up."""

    def release(self, client: VirtualClient) -> None:
        """Give the slot back, if the client has one."""


class VirtualClient(BaseBleakClient):
    """One central's side of the link."""

    def __init__(
        self, address_or_ble_device: BLEDevice | str, *, peripheral: Peripheral, slots: Slots, **kwargs: Any
    ) -> None:
        kwargs.setdefault("timeout", 10.0)
        super().__init__(address_or_ble_device, **kwargs)
        self._peripheral = peripheral
        self._slots = slots
        self._connected = False

    @property
    @override
    def name(self) -> str:
        """The treadmill's name."""
        return self._peripheral.name

    @property
    @override
    def mtu_size(self) -> int:
        """Bytes per packet, agreed at connect."""
        return _MTU

    @property
    @override
    def is_connected(self) -> bool:
        """Whether this client holds the link."""
        return self._connected

    @override
    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover the services; pairing has a call of its own."""
        attempt = self._peripheral.after(self._peripheral.faults.connect_delay)
        # Before the first await: of several clients that connect at once, no more than there are slots may go on.
        self._slots.reserve(self, attempt)
        try:
            async with asyncio.timeout(self._timeout):
                await attempt
            self._peripheral.connect(self._link_lost)
        except BaseException as error:
            self._slots.release(self)
            if isinstance(error, ConnectRefused):
                raise BleakError(f"{self.address}: {error}") from error
            raise
        self._connected = True
        self._slots.connected(self)
        self.services = _service_collection(self._peripheral)

    @override
    async def disconnect(self) -> None:
        """End the link. The disconnect callback is called for this too, as by BlueZ."""
        if self._connected:
            self._peripheral.disconnect()
            self._link_lost()

    def _link_lost(self) -> None:
        self._connected = False
        self._slots.release(self)
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    @override
    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Pair, which most treadmills never ask for."""
        with _bleak_errors(self.address):
            self._require_connection()
            if not await self._peripheral.pair():
                raise BleakError(f"{self.address}: pairing failed")

    @override
    async def unpair(self) -> None:
        """Forget the pairing."""
        self._peripheral.access.paired = False

    async def set_connection_params(
        self,
        min_interval: int,
        max_interval: int,
        latency: int,
        timeout: int,  # noqa: ASYNC109 - of the radio, in 10 ms
    ) -> None:
        """Note which supervision timeout is requested."""
        self._require_connection()
        self._peripheral.supervision_timeout = timeout / 100

    async def clear_cache(self) -> bool:
        """Return True: nothing is cached, so nothing old remains."""
        return True

    @override
    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a characteristic."""
        with _bleak_errors(self.address):
            self._require_connection()
            await self._peripheral.answers(characteristic.handle)
            return bytearray(self._peripheral.read(characteristic.handle))

    @override
    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Refuse: the only kind of descriptor holds nothing that the client does not know."""
        raise BleakError("descriptors of the virtual treadmill cannot be read")

    @override
    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        """Write a characteristic, and return when the treadmill answers; at once if no response is wanted."""
        with _bleak_errors(self.address):
            self._require_connection()
            await self._peripheral.write(characteristic.handle, bytes(data), response=response)

    @override
    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Accept a write; `start_notify` has subscribed already."""

    @override
    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Subscribe to notifications or indications."""
        with _bleak_errors(self.address):
            self._require_connection()
            await self._peripheral.answers(characteristic.handle)
            self._peripheral.subscribe(characteristic.handle, lambda data: callback(bytearray(data)))

    @override
    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        with _bleak_errors(self.address):
            self._require_connection()
            self._peripheral.unsubscribe(characteristic.handle)

    def _require_connection(self) -> None:
        # The peripheral may be connected, but to a later client than this one.
        if not self._connected:
            raise LinkLost("not connected")


@contextmanager
def _bleak_errors(address: str) -> Iterator[None]:
    """Turn the treadmill's errors into those that bleak raises."""
    try:
        yield
    except AttError as error:
        raise BleakGATTProtocolError(error.code) from error
    except LinkLost as error:
        raise BleakError(f"{address}: {error}") from error


def _service_collection(peripheral: Peripheral) -> BleakGATTServiceCollection:
    collection = BleakGATTServiceCollection()
    for service in peripheral.services:
        found = BleakGATTService(service, service.handle, service.uuid)
        collection.add_service(found)
        for item in service.characteristics:
            _add_characteristic(collection, found, item)
    return collection


def _add_characteristic(
    collection: BleakGATTServiceCollection, service: BleakGATTService, item: Characteristic
) -> None:
    properties = cast("list[CharacteristicPropertyName]", list(item.properties))
    found = BleakGATTCharacteristic(item, item.handle, item.uuid, properties, lambda: _MTU - 3, service)
    collection.add_characteristic(found)
    if item.cccd_handle is not None:
        collection.add_descriptor(BleakGATTDescriptor(item, item.cccd_handle, _CCCD, found))
