"""Whatever comes over the radio, no driver of a framed protocol raises or believes what cannot be.

The inputs are those of tests/machine/ftms/test_bad_input.py, with sums that are right in half of them; `--fuzz` sets
their number, too.
"""

import random
from functools import reduce
from operator import xor

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS, Protocol
from custom_components.retrowalk.machine.framed.driver import FramedDriver
from custom_components.retrowalk.machine.model import Telemetry
from custom_components.retrowalk.machine.protocols.lifespan import LifeSpanDriver
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.protocols import PERIPHERALS
from custom_components.retrowalk.simulator.sperax import framed
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.bad_input import bad_inputs
from tests.support.driver_bench import RecordingListener, VirtualConnection


def driver_of(protocol: Protocol) -> FramedDriver | None:
    peripheral = PERIPHERALS[protocol.key](VirtualTreadmill(), address=virtual_address(1), name="Treadmill")
    driver = protocol.driver(VirtualConnection(peripheral), RecordingListener(), lambda: 0.0, chosen={})
    return driver if isinstance(driver, FramedDriver) else None


def as_wilink(data: bytes, chance: random.Random) -> bytes:
    body = bytes((chance.choice((0xA2, 0xA7)), *data[:16].ljust(chance.choice((16, 5)), b"\0")))
    return bytes((0xF8, *body, sum(body) & 0xFF, 0xFD))


def as_fitshow(data: bytes, chance: random.Random) -> bytes:
    body = bytes((chance.choice((0x50, 0x51, 0x53)), *data[: chance.randrange(1, 20)]))
    return bytes((0x02, *body, reduce(xor, body), 0x03))


def as_pitpat(data: bytes, chance: random.Random) -> bytes:
    body = data[:48].ljust(chance.choice((48, 30, 3)), b"\0")
    frame = bytes((chance.choice((0x66, 0x68)), len(body) + 4, *body))
    return bytes((*frame, reduce(xor, frame[1:]), 0x43))


def as_enveloped(data: bytes, chance: random.Random) -> bytes:
    frame = as_pitpat(data, chance)
    return bytes((0x4D, 0x00, chance.randrange(256), len(frame), *frame))


def as_efc(data: bytes, chance: random.Random) -> bytes:
    kind, size = chance.choice(((1, 9), (2, 12), (5, 12), (1, 3)))
    body = bytes((0x1A, kind, size, *data[:size].ljust(size, b"\0")))
    return bytes((*body, reduce(xor, body)))


def as_sperax(data: bytes, chance: random.Random) -> bytes:
    return framed(bytes((0, chance.choice((0x19, 0x19, 0x0E, 0xD0)), *data[:17].ljust(chance.choice((17, 2)), b"\0"))))


def as_lifespan(data: bytes, chance: random.Random) -> bytes:
    return bytes((0xA1, chance.choice((0xAA, 0xAA, 0xFF)), *data[:4].ljust(4, b"\0")))


def as_urevo(data: bytes, chance: random.Random) -> bytes:
    body = bytes((0x02, 0x51, *data[:15].ljust(chance.choice((15, 2)), b"\0")))
    return bytes((*body, sum(body) & 0xFF ^ 0x5A, 0x03))


AS_ITS_MACHINE = {
    "wilink": as_wilink,
    "fitshow": as_fitshow,
    "pitpat": as_pitpat,
    "pitpat_envelope": as_enveloped,
    "deerrun": as_enveloped,
    "efc": as_efc,
    "sperax": as_sperax,
    "lifespan": as_lifespan,
    "urevo": as_urevo,
}
"""What a machine would frame some bytes as."""


def check(known: Telemetry) -> None:
    assert known.speed is None or 0 <= known.speed <= 25.5
    assert known.incline is None or -128 <= known.incline <= 127
    counted = (known.distance, known.energy, known.heart_rate, known.steps, known.elapsed_time)
    assert all(value is None or (type(value) is int and value >= 0) for value in counted)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.key)
async def test_no_bytes_make_a_framed_driver_raise(protocol: Protocol, pytestconfig: pytest.Config) -> None:
    driver = driver_of(protocol)
    if driver is None:
        return  # of the Fitness Machine Service, which has tests of its own
    chance = random.Random(protocol.key)
    for data in bad_inputs(pytestconfig.getoption("--fuzz")):
        sent = AS_ITS_MACHINE[protocol.key](data, chance) if chance.random() < 0.5 else data
        if isinstance(driver, LifeSpanDriver):
            driver.question = chance.choice((b"\xa1\x82", b"\xa1\x87", b"\xa1\x88", b"\xa1\x89", b"\xa1\x91", b""))
        assert driver.receive(sent) in {True, False}
        check(driver.telemetry)
    assert driver.telemetry != Telemetry()
