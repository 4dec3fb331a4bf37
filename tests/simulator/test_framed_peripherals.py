"""The virtual treadmills of makers, by raw frames: what is none is not obeyed, and their belts have faults, too."""

from collections.abc import Iterator
from typing import Any

import pytest

from custom_components.retrowalk.simulator import efc, fitshow, pitpat, sperax
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.framed import FramedPeripheral
from custom_components.retrowalk.simulator.link import LinkLost
from custom_components.retrowalk.simulator.pitpat import EnvelopedPeripheral
from custom_components.retrowalk.simulator.protocols import PERIPHERALS
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill

TAKES = 0x45
"""The handle that is written."""


def make(key: str, name: str = "Treadmill", **faults: Any) -> Any:
    peripheral = PERIPHERALS[key](VirtualTreadmill(), address=virtual_address(1), name=name)
    peripheral.faults.update(faults)
    return peripheral


def of_pitpat(command: int, kmh: float = 0.0) -> bytes:
    speed = round(kmh * 1000).to_bytes(2)
    return pitpat._summed(b"\x6a\x17" + bytes(4) + speed + bytes(4) + bytes((command | 0x08,)) + bytes(8))


def of_wilink(kind: int, value: int) -> bytes:
    return bytes((0xF7, 0xA2, kind, value, (0xA2 + kind + value) & 0xFF, 0xFD))


def of_sperax(state: int, kmh: float = 0.0) -> bytes:
    return sperax.framed(bytes((0, 0x15, state, round(kmh * 10), 0)))


MANUAL = of_wilink(2, 1)
STARTS = {
    "efc": [efc.summed(0xA1, 3, 1, 1)],
    "fitshow": [fitshow.framed(0x53, 1)],
    "pitpat": [of_pitpat(4, 0.5)],
    "sperax": [of_sperax(1)],
    "wilink": [MANUAL, of_wilink(4, 1)],
}
TWO_KMH = {
    "efc": efc.summed(0xA1, 1, 2, 1, 20),
    "fitshow": fitshow.framed(0x53, 2, 20, 0),
    "pitpat": of_pitpat(4, 2.0),
    "sperax": of_sperax(1, 2.0),
    "wilink": of_wilink(1, 20),
}
UNKNOWN = {
    "efc": efc.summed(0xA1, 9, 0),
    "fitshow": fitshow.framed(0x53, 0x20),
    "pitpat": pitpat._summed(b"\x6a\x05\x00"),
    "sperax": sperax.framed(b"\x00\x77"),
    "wilink": of_wilink(9, 9),
}


def obey(peripheral: FramedPeripheral, *frames: bytes) -> list[bytes]:
    """Let it take these frames, and return its answers."""
    return [answer for frame in frames for answer in peripheral.take(frame)]


def run(peripheral: FramedPeripheral, key: str) -> VirtualTreadmill:
    """Start the belt, and return it when it moves."""
    obey(peripheral, *STARTS[key])
    peripheral.treadmill.step(10)
    assert peripheral.treadmill.phase is Phase.RUNNING
    return peripheral.treadmill


def kinds() -> Iterator[str]:
    return (key for key, kind in PERIPHERALS.items() if issubclass(kind, FramedPeripheral))


@pytest.mark.parametrize("key", kinds())
def test_what_is_no_frame_is_neither_answered_nor_obeyed(key: str) -> None:
    peripheral = make(key)
    assert obey(peripheral, b"", b"\x00" * 7, b"\xa1\x00\x01\x02\x03\x04") == []
    assert peripheral.treadmill.phase is Phase.IDLE


@pytest.mark.parametrize("key", UNKNOWN)
def test_a_command_that_it_does_not_know_changes_nothing(key: str) -> None:
    peripheral = make(key)
    treadmill = run(peripheral, key)
    before = treadmill.target_speed
    obey(peripheral, UNKNOWN[key])
    assert (treadmill.phase, treadmill.target_speed) == (Phase.RUNNING, before)


def test_a_pitpat_knows_no_other_command_either() -> None:
    peripheral = make("pitpat")
    obey(peripheral, of_pitpat(5))
    assert peripheral.treadmill.phase is Phase.IDLE


def test_a_sperax_knows_no_other_state_either() -> None:
    peripheral = make("sperax")
    obey(peripheral, of_sperax(7))
    assert peripheral.treadmill.phase is Phase.IDLE


@pytest.mark.parametrize("key", TWO_KMH)
def test_a_speed_may_be_ignored(key: str) -> None:
    peripheral = make(key)
    treadmill = run(peripheral, key)
    peripheral.faults.ignore_speed = True
    obey(peripheral, TWO_KMH[key])
    treadmill.step(10)
    assert treadmill.speed < 1.0
    peripheral.faults.ignore_speed = False
    obey(peripheral, TWO_KMH[key])
    treadmill.step(10)
    assert treadmill.speed == pytest.approx(2.0)


@pytest.mark.parametrize(("key", "op_code"), [("pitpat", 4), ("sperax", 1), ("fitshow", 1)])
def test_a_command_may_be_declined(key: str, op_code: int) -> None:
    peripheral = make(key, declines_op=[op_code])
    obey(peripheral, *STARTS[key])
    assert peripheral.treadmill.phase is Phase.IDLE


def test_a_sperax_that_wants_to_be_taken_over_starts_only_then() -> None:
    peripheral = make("sperax", "SPERAX_RM01")
    obey(peripheral, *STARTS["sperax"])
    assert peripheral.treadmill.phase is Phase.IDLE
    obey(peripheral, sperax.framed(b"\x00\x00"), *STARTS["sperax"])
    assert peripheral.treadmill.phase is not Phase.IDLE


def test_an_efc_that_was_paused_says_so_while_it_coasts() -> None:
    peripheral = make("efc")
    treadmill = run(peripheral, "efc")
    treadmill.pause()
    assert peripheral._state() == 3


def test_an_enveloped_pad_obeys_nothing_without_an_envelope() -> None:
    peripheral = EnvelopedPeripheral(VirtualTreadmill(), address=virtual_address(1), name="Pad")
    obey(peripheral, *STARTS["pitpat"])
    assert peripheral.treadmill.phase is Phase.IDLE


def test_a_walking_pad_that_ignores_stops_does_not_go_to_standby_either() -> None:
    peripheral = make("wilink", stop_ignored=True)
    treadmill = run(peripheral, "wilink")
    obey(peripheral, of_wilink(2, 2))
    assert treadmill.phase is Phase.RUNNING


def test_a_urevo_that_was_paused_says_so_when_it_rests() -> None:
    peripheral = make("urevo")
    treadmill = peripheral.treadmill
    treadmill.start()
    treadmill.step(10)
    treadmill.pause()
    coasts = peripheral.status()
    treadmill.step(20)
    assert (coasts[2], treadmill.at_rest) == (4, True)
    assert peripheral.status()[2] != 4


def test_a_lifespan_tells_what_it_is_asked_and_nothing_else() -> None:
    peripheral = make("lifespan")
    treadmill = peripheral.treadmill

    def answer(question: int) -> bytes:
        [told] = obey(peripheral, bytes((0xA1, question, 0, 0, 0)))
        return told

    assert answer(0x77)[1] == 0xFF
    assert answer(0x91)[2] == 1
    treadmill.start()
    treadmill.step(10)
    treadmill.set_speed(6.0)
    treadmill.step(120)
    assert answer(0x91)[2] == 3
    whole, hundredths = answer(0x85)[2:4]
    assert whole + hundredths / 100 == int(treadmill.distance / 10) / 100
    treadmill.pause()
    treadmill.step(20)
    assert answer(0x91)[2] == 5


START, PAUSE, STOP = fitshow.framed(0x53, 1), fitshow.framed(0x53, 6), fitshow.framed(0x53, 3)


def of_belt(**faults: Any) -> tuple[FramedPeripheral, VirtualTreadmill]:
    """Return a treadmill whose belt runs at 2 km/h."""
    peripheral = make("fitshow", **faults)
    treadmill = run(peripheral, "fitshow")
    obey(peripheral, TWO_KMH["fitshow"])
    treadmill.step(10)
    return peripheral, treadmill


def test_a_start_may_stop_a_moving_belt() -> None:
    peripheral, treadmill = of_belt(toggles_on_start=True)
    obey(peripheral, START)
    treadmill.step(10)
    assert treadmill.at_rest


def test_a_start_may_take_a_moving_belt_back_to_its_first_speed() -> None:
    peripheral, treadmill = of_belt(restarts_on_start=True)
    obey(peripheral, START)
    treadmill.step(10)
    assert 0 < treadmill.speed < 1.0


@pytest.mark.parametrize(("fault", "frame"), [("toggles_on_stop", STOP), ("toggles_on_pause", PAUSE)])
def test_a_second_halt_may_make_the_belt_go_on(fault: str, frame: bytes) -> None:
    peripheral, treadmill = of_belt(**{fault: True})
    obey(peripheral, frame)
    treadmill.step(1)
    obey(peripheral, frame)
    treadmill.step(10)
    assert treadmill.speed == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("fault", "frame"),
    [("stop_ignored", STOP), ("stop_alone_ignored", STOP), ("stop_ignored", PAUSE), ("pause_declined", PAUSE)],
)
def test_a_halt_may_be_ignored(fault: str, frame: bytes) -> None:
    peripheral, treadmill = of_belt(**{fault: True})
    obey(peripheral, frame)
    treadmill.step(10)
    assert treadmill.speed == pytest.approx(2.0)


async def test_a_write_that_the_machine_refuses_or_that_ends_the_link_moves_nothing() -> None:
    peripheral = make("fitshow", att_error=0x80)
    peripheral.connect(lambda: None)
    await peripheral.write(TAKES, START, response=False)
    assert peripheral.treadmill.phase is Phase.IDLE
    peripheral.faults.clear()
    peripheral.faults.off = True
    with pytest.raises(LinkLost):
        await peripheral.write(TAKES, START, response=False)
    assert peripheral.treadmill.phase is Phase.IDLE
