"""Tests that each fault of a table, of reads and of pairing does what its name says."""

import asyncio

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.attributes import AttError
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.link import LinkLost
from tests.simulator.conftest import REQUEST_CONTROL, STOP, Central


def table(peripheral: Peripheral) -> list[tuple[str, int, tuple[str, ...]]]:
    return [
        (item.uuid[4:8], item.handle, item.properties)
        for service in peripheral.services
        for item in service.characteristics
    ]


def test_twice(peripheral: Peripheral) -> None:
    peripheral.faults.twice = frozenset({"2acd", "2a29"})
    uuids = [uuid for uuid, *_ in table(peripheral)]
    assert {uuid for uuid in uuids if uuids.count(uuid) == 2} == {"2acd", "2a29"}
    assert len({handle for _, handle, _ in table(peripheral)}) == len(uuids)


def test_first_of_two_is_empty(peripheral: Peripheral) -> None:
    peripheral.faults.update({"twice": ["2acd"], "first_of_two_is_empty": True})
    assert [properties for uuid, _, properties in table(peripheral) if uuid == "2acd"] == [(), ("notify",)]


def test_two_services(peripheral: Peripheral) -> None:
    peripheral.faults.update({"two_services": True, "twice": ["2acd"]})
    assert [service.uuid for service in peripheral.services].count(const.SERVICE) == 2
    handles = [handle for _, handle, _ in table(peripheral)]
    assert len(set(handles)) == len(handles)


def test_unreadable(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.unreadable = frozenset({"2a29"})
    with pytest.raises(AttError) as raised:
        central.read(const.MANUFACTURER_NAME)
    assert raised.value.code == 0x0E
    assert central.read(const.MODEL_NUMBER)


async def test_unanswered(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.unanswered = frozenset({"2a29"})
    await peripheral.answers(central.handle(const.MODEL_NUMBER))
    first = asyncio.ensure_future(peripheral.answers(central.handle(const.MANUFACTURER_NAME)))
    later = asyncio.ensure_future(peripheral.answers(central.handle(const.MODEL_NUMBER)))
    stop = asyncio.ensure_future(central.write(STOP))
    await asyncio.sleep(0)
    assert not {first.done(), later.done(), stop.done()} - {False}
    peripheral.disconnect()
    results = await asyncio.gather(first, later, stop, return_exceptions=True)
    assert [type(result) for result in results] == [LinkLost] * 3
    central.connect()
    await peripheral.answers(central.handle(const.MODEL_NUMBER))


async def refusals(central: Central, peripheral: Peripheral) -> list[int | None]:
    """Return the errors that reading, subscribing and writing meet."""
    found: list[int | None] = []
    for ask in (
        lambda: central.read(const.FEATURE),
        lambda: central.subscribe(const.TREADMILL_DATA),
        lambda: central.write(REQUEST_CONTROL),
    ):
        try:
            answer = ask()
            if answer is not None and not isinstance(answer, bytes):
                await answer
            found.append(None)
        except AttError as error:
            found.append(error.code)
    return found


async def test_wants_pairing(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.wants_pairing = frozenset({"2acc", "2acd", "2ad9"})
    assert await refusals(central, peripheral) == [0x05] * 3
    assert await peripheral.pair()
    assert await refusals(central, peripheral) == [None] * 3


async def test_pairing_error(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"wants_pairing": ["2acc", "2acd", "2ad9"], "pairing_error": 0x0F})
    assert await refusals(central, peripheral) == [0x0F] * 3


async def test_cannot_pair(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"wants_pairing": ["2acd"], "cannot_pair": True})
    assert not await peripheral.pair()
    assert await refusals(central, peripheral) == [None, 0x05, None]


async def test_pairing_hangs(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.pairing_hangs = True
    pairing = asyncio.ensure_future(peripheral.pair())
    await asyncio.sleep(0)
    assert not pairing.done()
    peripheral.disconnect()
    with pytest.raises(LinkLost):
        await pairing


async def test_pairing_takes(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"wants_pairing": ["2acc"], "pairing_takes": 5.0})
    pairing = asyncio.ensure_future(peripheral.pair())
    await asyncio.sleep(0)
    peripheral.step(4)
    peripheral.drop_link()
    central.connect()
    peripheral.step(2)
    with pytest.raises(LinkLost):
        await pairing
    assert not peripheral.access.paired
    pairing = asyncio.ensure_future(peripheral.pair())
    await asyncio.sleep(0)
    peripheral.step(5)
    assert await pairing
