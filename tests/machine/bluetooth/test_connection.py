"""A connection to machines whose GATT table and answers are not as the specification wants them."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from custom_components.retrowalk.machine.bluetooth.att import att_code
from custom_components.retrowalk.machine.bluetooth.connection import BleakConnection
from custom_components.retrowalk.machine.bluetooth.link_log import LinkLog
from custom_components.retrowalk.machine.errors import PairingError, RejectedError, UnansweredError, UnreachableError
from custom_components.retrowalk.machine.ftms import const
from tests.support.driver_bench import at_once, turns, virtual_connection
from tests.support.loop_time import LoopTime

STOP = b"\x08\x01"
BOTH = ("write", "write-without-response", "indicate")


class Client:
    """A bleak client of a machine with some characteristics."""

    is_connected = True
    service = "00001826-0000-1000-8000-00805f9b34fb"

    def __init__(self, *characteristics: tuple[str, tuple[str, ...]]) -> None:
        self.services = [
            SimpleNamespace(
                uuid=self.service,
                characteristics=[
                    SimpleNamespace(uuid=uuid, handle=handle, properties=list(properties), service_uuid=self.service)
                    for handle, (uuid, properties) in enumerate(characteristics, 1)
                ],
            )
        ]
        self.written: list[tuple[int, bool]] = []
        self.refused: dict[bool, Exception] = {}
        """The errors of writes, by whether they are with response."""

        self.answers: dict[int, bytes | Exception | None] = {}
        """What a read or subscription of a handle is answered with; None: with nothing."""
        self.asked: list[int] = []
        self.pairs: bool | Exception | None = True
        """Whether a pairing is kept, or its error; None: it hangs."""
        self.paired = 0
        self.wants_pairing = False

    async def pair(self) -> None:
        self.paired += 1
        await turns()  # it takes a while, in which others ask, too
        if self.pairs is None:
            await asyncio.Event().wait()
        if isinstance(self.pairs, Exception):
            raise self.pairs
        self.wants_pairing = self.wants_pairing and not self.pairs

    async def read_gatt_char(self, handle: int) -> bytes:
        self.asked.append(handle)
        if self.wants_pairing:
            raise BleakGATTProtocolError(0x05)
        answer = self.answers.get(handle, b"\x01")
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, bytes)
        return answer

    async def start_notify(self, handle: int, callback: Callable[[object, bytearray], None]) -> None:
        callback(None, bytearray(await self.read_gatt_char(handle)))

    async def write_gatt_char(self, handle: int, data: bytes, *, response: bool) -> None:
        assert data == STOP
        self.written.append((handle, response))
        if (error := self.refused.get(response)) is not None:
            raise error


def connection(client: Client, unanswered: set[str] | None = None) -> BleakConnection:
    return BleakConnection(cast("BleakClient", client), "KS-R1", lambda _: None, LinkLog(lambda: 0.0), unanswered)


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> LoopTime:
    return LoopTime(virtual_connection().peripheral, monkeypatch)


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


# Reads and subscriptions


def test_what_a_machine_offers_is_what_all_of_its_characteristics_of_a_name_offer() -> None:
    connected = connection(Client((const.CONTROL_POINT, ("read",)), (const.CONTROL_POINT, ("write",))))
    assert connected.has(const.CONTROL_POINT)
    assert not connected.has(const.TREADMILL_DATA)
    assert connected.properties(const.CONTROL_POINT) == {"read", "write"}
    assert connected.properties(const.TREADMILL_DATA) == frozenset()


TWO_FEATURES = [(const.FEATURE, ("read",)), (const.FEATURE, ("read",))]
TWO_REPORTS = [(const.TREADMILL_DATA, ("notify",)), (const.TREADMILL_DATA, ("notify",))]


async def test_of_two_that_can_be_read_the_one_that_answers_is_read() -> None:
    client = Client(*TWO_FEATURES)
    client.answers = {1: BleakGATTProtocolError(0x0E), 2: b"\x02"}
    assert await connection(client).read(const.FEATURE) == b"\x02"


async def test_of_two_that_notify_the_one_that_takes_the_subscription_reports() -> None:
    client, frames = Client(*TWO_REPORTS), list[bytes]()
    client.answers = {1: BleakGATTProtocolError(0xFD), 2: b"\x07"}
    await connection(client).subscribe(const.TREADMILL_DATA, frames.append)
    assert frames == [b"\x07"]
    assert client.asked == [1, 2]


@pytest.mark.parametrize("asks", ["read", "subscribe"])
async def test_what_all_of_them_refuse_is_refused(asks: str) -> None:
    client = Client(*(TWO_FEATURES if asks == "read" else TWO_REPORTS))
    client.answers = {1: BleakGATTProtocolError(0x0E), 2: BleakGATTProtocolError(0x80)}
    with pytest.raises(RejectedError):
        await ask(connection(client), asks)
    assert client.asked == [1, 2]


async def ask(connected: BleakConnection, asks: str, *, spare: bool = False) -> None:
    if asks == "read":
        await connected.read(const.FEATURE)
    else:
        await connected.subscribe(const.TREADMILL_DATA, lambda _: None, spare=spare)


async def test_what_can_be_spared_and_was_never_answered_is_not_asked_on_the_next_link(time: LoopTime) -> None:
    client, unanswered = Client((const.FEATURE, ("read",))), set[str]()
    client.answers = {1: None}
    asking = at_once(connection(client, unanswered).read(const.FEATURE))
    assert await time.until(asking.done) == pytest.approx(4.0, abs=0.2)
    assert isinstance(asking.exception(), UnansweredError)
    with pytest.raises(RejectedError):
        await connection(client, unanswered).read(const.FEATURE)
    assert client.asked == [1]


async def test_what_cannot_be_spared_is_asked_again(time: LoopTime) -> None:
    client, unanswered = Client((const.TREADMILL_DATA, ("notify",))), set[str]()
    client.answers = {1: None}
    for _ in range(2):
        asking = at_once(ask(connection(client, unanswered), "subscribe"))
        await time.until(asking.done)
        assert isinstance(asking.exception(), UnansweredError)
    assert client.asked == [1, 1]
    assert not unanswered


class Named(Client):
    """A machine that only says who it is."""

    service = "0000180a-0000-1000-8000-00805f9b34fb"


MODEL, SERIAL = (f"0000{digits}-0000-1000-8000-00805f9b34fb" for digits in ("2a24", "2a25"))


async def test_of_the_texts_that_name_a_machine_none_is_asked_after_one_that_was_never_answered(
    time: LoopTime,
) -> None:
    client, unanswered = Named((MODEL, ("read",)), (SERIAL, ("read",))), set[str]()
    client.answers = {1: None}
    asking = at_once(connection(client, unanswered).read(MODEL))
    await time.until(asking.done)
    assert isinstance(asking.exception(), UnansweredError)
    assert unanswered == {MODEL, SERIAL}


async def test_a_link_that_dies_under_a_request_is_no_answer_that_never_came(time: LoopTime) -> None:
    client, unanswered = Client((const.FEATURE, ("read",))), set[str]()
    client.answers = {1: EOFError()}
    client.is_connected = False
    with pytest.raises(UnreachableError) as raised:
        await connection(client, unanswered).read(const.FEATURE)
    assert not isinstance(raised.value, UnansweredError)
    assert not unanswered


# Pairing


@pytest.mark.parametrize("asks", ["read", "subscribe"])
async def test_a_machine_that_wants_to_be_paired_is_paired_once_however_much_is_asked(
    time: LoopTime, asks: str
) -> None:
    client = Client((const.FEATURE, ("read",)), (const.TREADMILL_DATA, ("notify",)))
    client.wants_pairing = True
    connected = connection(client)
    asking = [at_once(ask(connected, asks)) for _ in range(3)]
    for task in asking:
        await time.done(task)
    assert client.paired == 1


@pytest.mark.parametrize("asks", ["read", "subscribe"])
async def test_a_machine_that_goes_on_wanting_it_after_it_was_paired_is_told(time: LoopTime, asks: str) -> None:
    client = Client((const.FEATURE, ("read",)), (const.TREADMILL_DATA, ("notify",)))
    client.wants_pairing, client.pairs = True, False
    with pytest.raises(PairingError, match="goes on doing so"):
        await time.done(at_once(ask(connection(client), asks)))


async def test_what_a_paired_machine_then_refuses_for_another_reason_is_refused(time: LoopTime) -> None:
    client = Client((const.FEATURE, ("read",)))
    client.wants_pairing = True
    client.answers = {1: BleakGATTProtocolError(0x0E)}
    with pytest.raises(RejectedError) as raised:
        await time.done(at_once(connection(client).read(const.FEATURE)))
    assert not isinstance(raised.value, PairingError)


@pytest.mark.parametrize("error", [BleakError("declined"), NotImplementedError()])
async def test_a_pairing_that_fails_is_told_and_not_tried_again_on_this_link(time: LoopTime, error: Exception) -> None:
    client = Client((const.FEATURE, ("read",)))
    client.wants_pairing, client.pairs = True, error
    connected = connection(client)
    for _ in range(2):
        with pytest.raises(PairingError, match="which failed"):
            await time.done(at_once(connected.read(const.FEATURE)))
    assert client.paired == 1


async def test_a_link_that_is_lost_while_it_is_paired_is_out_of_reach(time: LoopTime) -> None:
    client = Client((const.FEATURE, ("read",)))
    client.wants_pairing, client.pairs = True, BleakError("gone")
    asking = at_once(connection(client).read(const.FEATURE))
    client.is_connected = False
    with pytest.raises(UnreachableError, match="while it was paired"):
        await time.done(asking)


async def test_who_waits_for_a_pairing_that_hangs_waits_no_longer_than_the_link_lasts(time: LoopTime) -> None:
    client = Client((const.FEATURE, ("read",)))
    client.wants_pairing, client.pairs = True, None
    connected = connection(client)
    asking = at_once(connected.read(const.FEATURE))
    await turns()
    assert client.paired
    connected.close()
    with pytest.raises(UnreachableError, match="while it was paired"):
        await time.done(asking, within=1)


async def test_what_a_machine_is_called_is_not_worth_a_question_to_pair_it() -> None:
    client = Named((MODEL, ("read",)))
    client.wants_pairing = True
    with pytest.raises(RejectedError):
        await connection(client).read(MODEL)
    assert client.paired == 0


def test_a_driver_that_gives_up_its_link_says_why() -> None:
    reasons: list[str] = []
    client = cast("BleakClient", Client())
    BleakConnection(client, "KS-R1", reasons.append, LinkLog(lambda: 0.0)).drop("a poll failed")
    assert reasons == ["a poll failed"]
