"""One Bluetooth link that the emulated proxy holds for an API client: GATT requests one at a time, and values."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from aioesphomeapi.api_pb2 import (  # type: ignore[attr-defined]
    BluetoothDeviceConnectionResponse,
    BluetoothGATTCharacteristic,
    BluetoothGATTDescriptor,
    BluetoothGATTErrorResponse,
    BluetoothGATTGetServicesDoneResponse,
    BluetoothGATTGetServicesRequest,
    BluetoothGATTGetServicesResponse,
    BluetoothGATTNotifyDataResponse,
    BluetoothGATTNotifyRequest,
    BluetoothGATTNotifyResponse,
    BluetoothGATTReadDescriptorRequest,
    BluetoothGATTReadRequest,
    BluetoothGATTReadResponse,
    BluetoothGATTService,
    BluetoothGATTWriteDescriptorRequest,
    BluetoothGATTWriteRequest,
    BluetoothGATTWriteResponse,
    BluetoothSetConnectionParamsRequest,
    BluetoothSetConnectionParamsResponse,
)
from aioesphomeapi.ble_defs import BLEConnectionError
from google.protobuf.message import Message

from custom_components.retrowalk.simulator.attributes import AttCode, AttError, Characteristic
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.link import ConnectRefused, LinkLost
from tests.support.live.proxy_protocol import Connection

_LOGGER = logging.getLogger(__name__)

GATT_REQUESTS = (
    BluetoothGATTGetServicesRequest,
    BluetoothGATTReadRequest,
    BluetoothGATTWriteRequest,
    BluetoothGATTReadDescriptorRequest,
    BluetoothGATTWriteDescriptorRequest,
    BluetoothGATTNotifyRequest,
    BluetoothSetConnectionParamsRequest,
)
MTU = 247
CONFIGURATION_DESCRIPTOR = "00002902-0000-1000-8000-00805f9b34fb"
PROPERTIES = {"read": 0x02, "write-without-response": 0x04, "write": 0x08, "notify": 0x10, "indicate": 0x20}


def address_to_int(address: str) -> int:
    """Return a Bluetooth address as the API encodes it: as one number."""
    return int(address.replace(":", ""), 16)


def _halves(uuid: str) -> list[int]:
    number = UUID(uuid).int
    return [number >> 64, number & (1 << 64) - 1]


class Link:
    """A link between a client and a peripheral, from the reservation of its slot to its end."""

    def __init__(self, connection: Connection, peripheral: Peripheral, on_lost: Callable[[Link, int], None]) -> None:
        self.connection = connection
        self.address = address_to_int(peripheral.address)
        self.connected = False
        self._peripheral = peripheral
        self._on_lost = on_lost
        self._requests: asyncio.Queue[Any] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._by_handle = {c.handle: c for service in peripheral.services for c in service.characteristics}
        self._by_descriptor = {c.cccd_handle: c for c in self._by_handle.values() if c.cccd_handle is not None}
        self._forwarded: set[int] = set()  # handles whose values the client requested from the proxy
        self._configured: dict[int, bytes] = {}  # configuration descriptors that the client wrote
        self._writing: int | None = None
        self._held_back: list[Message] = []  # values of the handle being written: they follow the write's response

    @property
    def subscribed(self) -> list[str]:
        """Return the characteristics whose values reach the client."""
        handles = [
            self._by_descriptor[descriptor].handle for descriptor, value in self._configured.items() if any(value)
        ]
        return [self._by_handle[handle].uuid for handle in handles if handle in self._forwarded]

    def start(self) -> None:
        """Connect, then serve requests."""
        self._task = asyncio.create_task(self._run(), name=f"link to {self._peripheral.address}")
        self._task.add_done_callback(self._report)

    def end(self) -> None:
        """Disconnect on the client's behalf; the caller notifies the client."""
        if self.connected:
            self._peripheral.disconnect()
        self._stop()

    def request(self, message: Any) -> None:
        """Queue a GATT request; a link carries out one at a time."""
        self._requests.put_nowait(message)

    def send_connected(self) -> None:
        if self.connected:
            self.connection.send(BluetoothDeviceConnectionResponse(address=self.address, connected=True, mtu=MTU))

    def _stop(self) -> None:
        self.connected = False
        if self._task is not None:
            self._task.cancel()

    @staticmethod
    def _report(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("The %s failed", task.get_name(), exc_info=error)

    async def _run(self) -> None:
        try:
            await self._peripheral.after(self._peripheral.faults.connect_delay)
            self._peripheral.connect(self._lost)
        except ConnectRefused as refused:
            _LOGGER.info("%s: %s", self._peripheral.address, refused)
            self._on_lost(self, BLEConnectionError.ESP_GATT_CONN_FAIL_ESTABLISH)
            return
        self.connected = True
        self.send_connected()
        while True:
            await self._serve(await self._requests.get())

    def _lost(self) -> None:
        if self.connected:
            self._stop()
            self._on_lost(self, BLEConnectionError.ESP_GATT_CONN_TIMEOUT)

    async def _serve(self, message: Any) -> None:
        handle = getattr(message, "handle", 0)
        self._writing = handle
        try:
            answers = await self._answers(message)
        except AttError as error:
            answers = [BluetoothGATTErrorResponse(address=self.address, handle=handle, error=error.code)]
        except LinkLost:
            answers = []  # the client was notified: `_lost` was called
        if not self.connected:
            return
        held_back, self._held_back, self._writing = self._held_back, [], None
        for answer in answers + held_back:
            self.connection.send(answer)

    async def _answers(self, message: Any) -> list[Message]:
        match message:
            case BluetoothGATTGetServicesRequest():
                return [*self._services(), BluetoothGATTGetServicesDoneResponse(address=self.address)]
            case BluetoothGATTReadRequest():
                data = self._peripheral.read(message.handle)
                return [BluetoothGATTReadResponse(address=self.address, handle=message.handle, data=data)]
            case BluetoothGATTWriteRequest():
                await self._peripheral.write(message.handle, message.data)
                answer = BluetoothGATTWriteResponse(address=self.address, handle=message.handle)
                return [answer] if message.response else []
            case BluetoothGATTReadDescriptorRequest():
                self._configured_by(message.handle)
                data = self._configured.get(message.handle, b"\0\0")
                return [BluetoothGATTReadResponse(address=self.address, handle=message.handle, data=data)]
            case BluetoothGATTWriteDescriptorRequest():
                self._configure(message.handle, message.data)
                return [BluetoothGATTWriteResponse(address=self.address, handle=message.handle)]
            case BluetoothGATTNotifyRequest():
                if message.enable:
                    self._forwarded.add(message.handle)
                else:
                    # As in a real proxy, values are no longer forwarded; the peripheral is not notified.
                    self._forwarded.discard(message.handle)
                return [BluetoothGATTNotifyResponse(address=self.address, handle=message.handle)]
            case BluetoothSetConnectionParamsRequest():
                self._peripheral.supervision_timeout = message.timeout / 100
                return [BluetoothSetConnectionParamsResponse(address=self.address)]
        return []

    def _services(self) -> list[Message]:
        """Return one message for each service."""
        return [
            BluetoothGATTGetServicesResponse(
                address=self.address,
                services=[
                    BluetoothGATTService(
                        uuid=_halves(service.uuid),
                        handle=service.handle,
                        characteristics=[self._characteristic(c) for c in service.characteristics],
                    )
                ],
            )
            for service in self._peripheral.services
        ]

    @staticmethod
    def _characteristic(characteristic: Characteristic) -> BluetoothGATTCharacteristic:
        descriptor = characteristic.cccd_handle
        uuid = _halves(CONFIGURATION_DESCRIPTOR)
        return BluetoothGATTCharacteristic(
            uuid=_halves(characteristic.uuid),
            handle=characteristic.handle,
            properties=sum(PROPERTIES[name] for name in characteristic.properties),
            descriptors=[] if descriptor is None else [BluetoothGATTDescriptor(uuid=uuid, handle=descriptor)],
        )

    def _configured_by(self, descriptor: int) -> Characteristic:
        try:
            return self._by_descriptor[descriptor]
        except KeyError:
            raise AttError(AttCode.INVALID_HANDLE) from None

    def _configure(self, descriptor: int, value: bytes) -> None:
        """Write a client characteristic configuration descriptor: 0000 off, 0100 notify, 0200 indicate."""
        handle = self._configured_by(descriptor).handle
        self._configured[descriptor] = value
        if any(value):
            self._peripheral.subscribe(handle, lambda data: self._value(handle, data))
        else:
            self._peripheral.unsubscribe(handle)

    def _value(self, handle: int, data: bytes) -> None:
        """Forward a notification or indication of the peripheral."""
        if not self.connected or handle not in self._forwarded:
            return
        message = BluetoothGATTNotifyDataResponse(address=self.address, handle=handle, data=data)
        if handle == self._writing:
            self._held_back.append(message)
        else:
            self.connection.send(message)
