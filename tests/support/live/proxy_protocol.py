"""The server side of the ESPHome native API: plaintext frames, and the messages that every device answers.

A frame is 00, varint length, varint message type, protobuf body.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from aioesphomeapi.api_pb2 import (  # type: ignore[attr-defined]
    AuthenticationRequest,
    AuthenticationResponse,
    DeviceInfoRequest,
    DeviceInfoResponse,
    DisconnectRequest,
    DisconnectResponse,
    HelloRequest,
    HelloResponse,
    ListEntitiesDoneResponse,
    ListEntitiesRequest,
    PingRequest,
    PingResponse,
)
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO
from aioesphomeapi.model import BluetoothProxyFeature
from google.protobuf.message import DecodeError, Message

_LOGGER = logging.getLogger(__name__)

PLAINTEXT = 0x00
MAX_VARINT_BYTES = 4
MAX_FRAME = 65535
TYPE_OF_MESSAGE = {message: number for number, message in MESSAGE_TYPE_TO_PROTO.items()}

FEATURES = (
    BluetoothProxyFeature.PASSIVE_SCAN
    | BluetoothProxyFeature.ACTIVE_CONNECTIONS
    | BluetoothProxyFeature.REMOTE_CACHING  # without it the client refuses to connect
    | BluetoothProxyFeature.PAIRING
    | BluetoothProxyFeature.CACHE_CLEARING
    | BluetoothProxyFeature.RAW_ADVERTISEMENTS
    | BluetoothProxyFeature.FEATURE_STATE_AND_MODE
    | BluetoothProxyFeature.CONNECTION_PARAMS_SETTING
)
API_VERSION = (1, 12)
ESPHOME_VERSION = "2026.6.0"  # below 2026.5.1 Home Assistant raises a repair issue


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """The identity of the proxy; the two MAC addresses must be unique in a Home Assistant."""

    name: str
    mac: str
    bluetooth_mac: str


class ProtocolError(Exception):
    """Error raised when the client sends something that is not a plaintext frame."""


def encode_varint(value: int) -> bytes:
    """Return a number as little-endian groups of seven bits, with the high bit set on all but the last."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def encode_frame(message: Message) -> bytes:
    """Return a message as it is sent over the wire."""
    body: bytes = message.SerializeToString()
    head = encode_varint(len(body)) + encode_varint(TYPE_OF_MESSAGE[type(message)])
    return bytes([PLAINTEXT]) + head + body


async def _read_varint(reader: asyncio.StreamReader) -> int:
    value = 0
    for position in range(MAX_VARINT_BYTES):
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value
    raise ProtocolError(f"a number of more than {MAX_VARINT_BYTES} bytes")


async def read_frames(reader: asyncio.StreamReader) -> AsyncGenerator[Message]:
    """Yield the messages of a client until it disconnects; types unknown to aioesphomeapi are skipped."""
    while True:
        try:
            preamble = (await reader.readexactly(1))[0]
            if preamble != PLAINTEXT:
                raise ProtocolError(f"a frame that begins with {preamble:02x}; encryption is not offered")
            length = await _read_varint(reader)
            number = await _read_varint(reader)
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length} bytes")
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError, ConnectionError:
            return
        if (kind := MESSAGE_TYPE_TO_PROTO.get(number)) is None:
            _LOGGER.debug("Skipped a message of unknown type %d", number)
            continue
        try:
            yield kind.FromString(body)
        except DecodeError as error:
            raise ProtocolError(f"a corrupt {kind.__name__}: {error}") from error


class Connection:
    """One API client. The messages that every device answers are answered here; `handle` gets the others."""

    def __init__(self, identity: DeviceIdentity, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._identity = identity
        self._reader = reader
        self._writer = writer
        self.client_info = ""

    def send(self, message: Message) -> None:
        """Send a message; nothing happens if the client has disconnected."""
        if not self._writer.is_closing():
            self._writer.write(encode_frame(message))

    def close(self) -> None:
        """Close the TCP connection without a goodbye."""
        self._writer.close()

    async def run(self, handle: Callable[[Message], None]) -> None:
        """Serve the client until it disconnects."""
        try:
            async for message in read_frames(self._reader):
                if isinstance(message, DisconnectRequest):
                    self.send(DisconnectResponse())
                    break
                answer = self._answer(message)
                if answer is not None:
                    self.send(answer)
                else:
                    handle(message)
        except ProtocolError as error:
            _LOGGER.warning("Closing the connection of %r, which sent %s", self.client_info, error)
        finally:
            self._writer.close()

    def _answer(self, message: Message) -> Message | None:
        match message:
            case HelloRequest():
                self.client_info = message.client_info
                major, minor = API_VERSION
                return HelloResponse(
                    api_version_major=major,
                    api_version_minor=minor,
                    server_info="Emulated Bluetooth proxy",
                    name=self._identity.name,
                )
            case AuthenticationRequest():
                return AuthenticationResponse()
            case PingRequest():
                return PingResponse()
            case DeviceInfoRequest():
                return DeviceInfoResponse(
                    name=self._identity.name,
                    friendly_name=self._identity.name.replace("-", " ").capitalize(),
                    mac_address=self._identity.mac,
                    bluetooth_mac_address=self._identity.bluetooth_mac,
                    bluetooth_proxy_feature_flags=int(FEATURES),
                    esphome_version=ESPHOME_VERSION,
                    manufacturer="Retrowalk",
                    model="Emulated Bluetooth proxy",
                )
            case ListEntitiesRequest():
                return ListEntitiesDoneResponse()
        return None
