"""A connection to machines whose GATT table and answers are not as the specification wants them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from custom_components.retrowalk.machine.bluetooth.att import att_code
from custom_components.retrowalk.machine.bluetooth.connection import BleakConnection
from custom_components.retrowalk.machine.bluetooth.link_log import LinkLog
from custom_components.retrowalk.machine.errors import RejectedError
from custom_components.retrowalk.machine.ftms import const

STOP = b"\x08\x01"
BOTH = ("write", "write-without-response", "indicate")


class Client:
    """A bleak client of a machine with some characteristics."""

    is_connected = True

    def __init__(self, *characteristics: tuple[str, tuple[str, ...]]) -> None:
        self.services = [
            SimpleNamespace(
                characteristics=[
                    SimpleNamespace(uuid=uuid, handle=handle, properties=list(properties))
                    for handle, (uuid, properties) in enumerate(characteristics, 1)
                ]
            )
        ]
        self.written: list[tuple[int, bool]] = []
        self.refused: dict[bool, Exception] = {}
        """The errors of writes, by whether they are with response."""

    async def write_gatt_char(self, handle: int, data: bytes, *, response: bool) -> None:
        assert data == STOP
        self.written.append((handle, response))
        if (error := self.refused.get(response)) is not None:
            raise error


def connection(client: Client) -> BleakConnection:
    return BleakConnection(cast("BleakClient", client), "KS-R1", lambda _: None, LinkLog(lambda: 0.0))


@pytest.mark.parametrize(
    ("properties", "response"),
    [
        (("write", "indicate"), True),
        (("write-without-response", "indicate"), False),
        (BOTH, True),  # only a response tells that a stop has arrived
        (("indicate",), True),  # as the specification wants it
    ],
)
async def test_s3_a_write_is_of_the_kind_that_the_machine_declares(
    properties: tuple[str, ...], *, response: bool
) -> None:
    client = Client((const.CONTROL_POINT, properties))
    await connection(client).write(const.CONTROL_POINT, STOP)
    assert client.written == [(1, response)]


NOT_PERMITTED: list[Callable[[], Exception]] = [
    lambda: BleakGATTProtocolError(0x03),
    lambda: BleakGATTProtocolError(0x06),
    lambda: BleakError("Bluetooth GATT Error address=F2:52 handle=30 error=3 description=Write not permitted"),
]


@pytest.mark.parametrize("error", NOT_PERMITTED)
@pytest.mark.parametrize("properties", [("write",), ("write-without-response",), BOTH])
async def test_s3_where_the_declared_kind_is_refused_the_other_one_is_used_from_then_on(
    properties: tuple[str, ...], error: Callable[[], Exception]
) -> None:
    client, declared = Client((const.CONTROL_POINT, properties)), "write" in properties
    client.refused[declared] = error()
    connected = connection(client)
    await connected.write(const.CONTROL_POINT, STOP)
    await connected.write(const.CONTROL_POINT, STOP)
    assert client.written == [(1, declared), (1, not declared), (1, not declared)]


async def test_where_both_kinds_are_refused_the_write_was_refused() -> None:
    client = Client((const.CONTROL_POINT, BOTH))
    client.refused = {response: BleakGATTProtocolError(0x03) for response in (True, False)}
    connected = connection(client)
    with pytest.raises(RejectedError):
        await connected.write(const.CONTROL_POINT, STOP)
    client.refused.clear()
    await connected.write(const.CONTROL_POINT, STOP)
    assert client.written[-1] == (1, True)


@pytest.mark.parametrize("code", [0x08, 0x0D, 0x80, 0xFD, 0xFE])
async def test_what_a_machine_declines_for_another_reason_is_written_once(code: int) -> None:
    client = Client((const.CONTROL_POINT, ("write",)))
    client.refused[True] = BleakGATTProtocolError(code)
    with pytest.raises(RejectedError):
        await connection(client).write(const.CONTROL_POINT, STOP)
    assert client.written == [(1, True)]


async def test_of_two_control_points_the_one_that_can_be_written_is_used() -> None:
    client = Client((const.CONTROL_POINT, ("read",)), (const.CONTROL_POINT, ("write", "indicate")))
    await connection(client).write(const.CONTROL_POINT, STOP)
    assert client.written == [(2, True)]


async def test_what_a_machine_does_not_have_cannot_be_written() -> None:
    client = Client((const.TREADMILL_DATA, ("notify",)))
    with pytest.raises(RejectedError):
        await connection(client).write(const.CONTROL_POINT, STOP)
    assert client.written == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BleakGATTProtocolError(0x0F), 0x0F),
        (BleakError("Bluetooth GATT Error address=F2:52 handle=30 error=253 description=CCC config error"), 0xFD),
        (BleakError("Bluetooth GATT Error address=F2:52 handle=30 error=-1 description=Unknown error"), None),
        (BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]), 0x05),
        (BleakDBusError("org.bluez.Error.Failed", ["Operation failed with ATT error: 0x0e"]), 0x0E),
        (BleakDBusError("org.bluez.Error.Failed", ["Not connected"]), None),
        (BleakError("Characteristic 2ACC was not found! error=3"), None),
        (TimeoutError("error=3"), None),
    ],
)
def test_the_code_of_an_answer_is_known_whatever_the_backend(error: Any, code: int | None) -> None:
    assert att_code(error) == code
