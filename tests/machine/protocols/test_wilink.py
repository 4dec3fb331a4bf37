"""KingSmith WiLink: captured frames, the states of a pad, its pace and its modes (docs/protocols.md)."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, Telemetry, ValueRange
from custom_components.retrowalk.machine.protocols.wilink import WiLinkDriver
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.simulator.wilink import WiLinkPeripheral
from tests.support.frames import vectors_of
from tests.support.protocol_bench import START, STOP, ProtocolBench, speed

COMMANDS = {vector["meaning"]: vector["write"] for vector in vectors_of("wilink") if "write" in vector}
PAD = Profile(speed=ValueRange(0.5, 6.0, 0.1), incline=None, steps=True)


@pytest.fixture
async def pad(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProtocolBench[WiLinkPeripheral]]:
    bench = ProtocolBench(monkeypatch, WiLinkDriver, WiLinkPeripheral, PAD, "WalkingPad")
    yield bench
    bench.driver.close()


def status(*, state: int = 1, tenths: int = 10, mode: int = 1, key: int = 0) -> str:
    body = bytes((0xA2, state, tenths, mode, *bytes(9), 0, 0, key, 0))
    return bytes((0xF8, *body, sum(body) & 0xFF, 0xFD)).hex()


@pytest.mark.parametrize(
    ("state", "tenths", "belt"),
    [
        (0, 0, BeltState.AT_REST),
        (5, 0, BeltState.AT_REST),
        (9, 0, BeltState.COUNTDOWN),
        (1, 0, BeltState.AT_REST),
        (1, 5, BeltState.MOVING),
        (0, 5, BeltState.MOVING),  # it still coasts
        (9, 5, BeltState.MOVING),
        (3, 0, BeltState.UNKNOWN),
        (8, 0, BeltState.UNKNOWN),
        (255, 0, BeltState.UNKNOWN),
        (3, 5, BeltState.MOVING),
    ],
)
async def test_each_state_is_what_the_belt_does_and_an_unknown_one_is_no_rest(
    pad: ProtocolBench[WiLinkPeripheral], state: int, tenths: int, belt: BeltState
) -> None:
    pad.reports(status(state=state, tenths=tenths))
    assert (pad.driver.telemetry.belt, pad.driver.telemetry.speed) == (belt, tenths / 10)


async def test_it_asks_about_every_three_quarters_of_a_second_and_keeps_the_pace(
    pad: ProtocolBench[WiLinkPeripheral],
) -> None:
    await pad.run()
    for tenths in range(6, 12):
        await pad.does(speed(tenths / 10))
    times = [when for when, _, _ in pad.peripheral.writes]
    assert min(after - before for before, after in pairwise(times)) >= 0.69
    asked = [when for when, _, data in pad.peripheral.writes if data.hex() == COMMANDS["ask"]]
    assert max(after - before for before, after in pairwise(asked)) <= 2.5
    assert pad.treadmill.target_speed == 1.1


async def test_the_commands_are_the_captured_ones(pad: ProtocolBench[WiLinkPeripheral]) -> None:
    await pad.open()
    await pad.does(START)
    assert pad.written() == [COMMANDS["manual mode"], COMMANDS["start"]]
    await pad.time.until(lambda: pad.driver.telemetry.belt is BeltState.MOVING)
    await pad.does(speed(2.5))
    assert pad.written() == [COMMANDS["speed 2.5"]]


async def test_a_pad_in_its_manual_mode_is_only_started(pad: ProtocolBench[WiLinkPeripheral]) -> None:
    await pad.run()
    await pad.does(STOP)
    await pad.time.passes(5)
    pad.written()
    await pad.does(START)
    assert pad.written() == [COMMANDS["start"]]


async def test_a_start_that_the_pad_missed_is_sent_once_more(
    pad: ProtocolBench[WiLinkPeripheral], monkeypatch: pytest.MonkeyPatch
) -> None:
    await pad.open()
    missed: list[bytes] = []
    take = pad.peripheral.take

    def misses_the_first_start(data: bytes) -> object:
        if data.hex() == COMMANDS["start"] and not missed:
            missed.append(data)
            return ()
        return take(data)

    monkeypatch.setattr(pad.peripheral, "take", misses_the_first_start)
    await pad.does(START)
    await pad.time.until(lambda: pad.treadmill.phase is Phase.RUNNING, within=10)
    assert pad.written().count(COMMANDS["start"]) == 2


async def test_standby_ends_a_session_and_stops_where_a_speed_of_zero_does_not(
    pad: ProtocolBench[WiLinkPeripheral],
) -> None:
    await pad.run()
    pad.peripheral.faults.stop_alone_ignored = True
    await pad.does(STOP)
    assert pad.treadmill.phase is Phase.RUNNING
    await pad.does(Command(CommandKind.PAUSE, urgent=True))
    await pad.time.passes(5)
    assert pad.treadmill.at_rest
    assert pad.written()[-1] == "f7a20202a6fd"


@pytest.mark.parametrize(("name", "least", "most"), [("WalkingPad", 0.5, 6.0), ("R1 Pro", 2.0, 10.0)])
async def test_its_speeds_are_taken_for_granted_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, least: float, most: float
) -> None:
    pad = ProtocolBench(monkeypatch, WiLinkDriver, WiLinkPeripheral, PAD, name)
    await pad.open()
    can = pad.driver.capabilities
    assert can.speed_range == ValueRange(least, most, 0.1)
    assert can.incline_range is None
    assert not can.reports_energy
    assert not can.reports_incline
    pad.driver.close()


async def test_a_key_of_the_remote_while_the_belt_moves_is_a_change_at_the_console(
    pad: ProtocolBench[WiLinkPeripheral],
) -> None:
    await pad.run()
    pad.treadmill.press_speed(1.5)
    await pad.time.passes(2)
    assert [kind for kind, _ in pad.events()] == ["speed_changed"]


async def test_the_newest_key_before_the_link_is_no_event(pad: ProtocolBench[WiLinkPeripheral]) -> None:
    pad.peripheral._key = 3
    await pad.run()
    await pad.time.passes(3)
    assert pad.events() == []


@pytest.mark.parametrize(
    "frame",
    ["", "f8", "f8a2013c0100022a00004f0003d1b4000000e4fd", "f8a20101a4fd", "f8a7aa51fd", "f8a2" * 40, "fd" * 30],
)
async def test_a_frame_that_is_none_says_nothing(pad: ProtocolBench[WiLinkPeripheral], frame: str) -> None:
    pad.reports(frame)
    assert pad.driver.telemetry == Telemetry()


async def test_frames_that_come_together_or_in_parts_are_understood(pad: ProtocolBench[WiLinkPeripheral]) -> None:
    first, second = status(tenths=11), status(tenths=12)
    pad.reports(first + second)
    assert [telemetry.speed for telemetry in pad.listener.telemetry] == [1.1, 1.2]
    third = status(tenths=13)
    pad.reports(third[:14])
    pad.reports(third[14:])
    assert pad.driver.telemetry.speed == 1.3
