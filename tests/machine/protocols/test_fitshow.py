"""FitShow: captured frames, states, two targets in one command, forms of start and pause (docs/protocols.md)."""

from collections.abc import AsyncIterator
from functools import reduce
from operator import xor

import pytest

from custom_components.retrowalk.machine.errors import ControlRefusedError, DeclinedError, RejectedError
from custom_components.retrowalk.machine.framed.byte_order import ByteOrder
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, Quirk, Telemetry, ValueRange
from custom_components.retrowalk.machine.protocols.fitshow import FitShowDriver
from custom_components.retrowalk.simulator.fitshow import FitShowPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.protocol_bench import START, STOP, ProtocolBench, incline, speed

HILLY = Profile(speed=ValueRange(0.8, 16.0, 0.1), incline=ValueRange(-3.0, 12.0, 1.0), incline_rate=1.0)
PAUSE = Command(CommandKind.PAUSE)
URGENT_PAUSE = Command(CommandKind.PAUSE, urgent=True)

type Bench = ProtocolBench[FitShowPeripheral]


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    bench = ProtocolBench(monkeypatch, FitShowDriver, FitShowPeripheral, HILLY, "FS-1A2B3C")
    yield bench
    bench.driver.close()


def framed(payload: str) -> str:
    data = bytes.fromhex(payload)
    return bytes((2, *data, reduce(xor, data), 3)).hex()


@pytest.mark.parametrize(
    ("state", "belt"),
    [
        ("5100", BeltState.AT_REST),
        ("5101", BeltState.AT_REST),
        ("510203", BeltState.COUNTDOWN),
        ("5105e1", BeltState.AT_REST),
        ("5106", BeltState.AT_REST),
        ("5107", BeltState.AT_REST),
        ("510a", BeltState.AT_REST),
        ("510a0a0000000000000000000000", BeltState.MOVING),  # paused, and still moving
        ("51030000000000000000000000", BeltState.AT_REST),
    ],
)
async def test_each_state_is_what_the_belt_does(bench: Bench, state: str, belt: BeltState) -> None:
    bench.reports(framed(state))
    assert bench.driver.telemetry.belt is belt


@pytest.mark.parametrize(
    ("times", "counts"),
    [
        (["0400", "0500"], [4, 5]),
        (["ff00", "0001", "0101"], [255, None, 257]),
        (["2c01", "2d01"], [None, 301]),
        (["0000", "0001", "0002", "003b", "0100"], [0, 1, 2, 59, 60]),
        (["0501", "0502"], [None, 302]),
        (["0500", "0501"], [5, 301]),
    ],
    ids=[
        "fitshow",
        "fitshow past a byte",
        "fitshow while it runs",
        "anyrun",
        "anyrun while it runs",
        "anyrun on a minute",
    ],
)
async def test_the_time_tells_which_way_round_the_counters_are(
    bench: Bench, times: list[str], counts: list[int | None]
) -> None:
    seen = []
    for time in times:
        bench.reports(framed(f"51030a00{time}0000000000000000"))
        seen.append(bench.driver.telemetry.elapsed_time)
        bench.driver.telemetry = Telemetry()
    assert seen == counts


async def test_distance_and_energy_of_anyrun_are_in_no_known_unit(bench: Bench) -> None:
    for fields in ("00000000000000000000", "00010001000200030000", "00020002000400050000"):
        bench.reports(framed(f"51030a00{fields}"))
    known = bench.driver.telemetry
    assert (known.elapsed_time, known.distance, known.energy, known.steps) == (2, None, None, 5)


@pytest.mark.parametrize("payload", ["5108", "51ff", "5103", "51030a", "5104", "51", "50", "5302", "6101"])
async def test_what_is_not_known_or_not_whole_is_no_news_of_the_belt(bench: Bench, payload: str) -> None:
    bench.reports(framed(payload))
    assert bench.driver.telemetry == Telemetry()


async def test_it_tells_its_speeds_and_inclines(bench: Bench) -> None:
    await bench.open()
    assert bench.driver.capabilities.speed_range == ValueRange(0.8, 16.0, 0.1)
    assert bench.driver.capabilities.incline_range == ValueRange(-3.0, 12.0, 1.0)


async def test_a_machine_that_does_not_tell_walks_in_a_safe_range_and_stays_level(bench: Bench) -> None:
    bench.peripheral.faults.no_ranges = True
    await bench.open()
    assert bench.driver.capabilities.speed_range == ValueRange(1.0, 6.0, 0.1)
    assert bench.driver.capabilities.incline_range is None


@pytest.mark.parametrize(
    ("told", "speeds"), [("5002000000", None), ("50020aa000", None), ("50020a", None), ("5002b40800", (0.8, 18.0))]
)
async def test_a_range_that_is_none_is_not_believed(
    bench: Bench, told: str, speeds: tuple[float, float] | None
) -> None:
    bench.peripheral.faults.no_ranges = True
    bench.reports(framed(told))
    await bench.open()
    known = bench.driver.capabilities.speed_range
    assert known is not None
    assert (known.minimum, known.maximum) == (speeds or (1.0, 6.0))


async def test_a_speed_is_sent_with_the_incline_that_is_there(bench: Bench) -> None:
    await bench.open()
    bench.treadmill.set_incline(4.0)
    await bench.time.passes(8)
    await bench.does(START)
    await bench.time.until(lambda: bench.treadmill.phase is Phase.RUNNING)
    await bench.time.passes(3)
    bench.written()
    await bench.does(speed(1.2))
    assert bench.written() == [framed("53020c04")]
    await bench.time.passes(5)
    assert (bench.treadmill.speed, bench.treadmill.incline) == (1.2, 4.0)


async def test_an_incline_is_sent_with_the_speed_that_was_commanded(bench: Bench) -> None:
    await bench.run()
    await bench.time.passes(3)
    await bench.does(speed(3.0))
    await bench.does(incline(-2.0))  # while the belt still gets faster
    assert bench.written() == [framed("53021e00"), framed("53021efe")]
    await bench.does(speed(2.9))  # while the deck still tilts
    assert bench.written() == [framed("53021dfe")]
    await bench.time.passes(15)
    assert (bench.treadmill.speed, bench.treadmill.incline) == (2.9, -2.0)


async def test_s7_what_the_console_chose_is_kept_and_told(bench: Bench) -> None:
    await bench.run()
    await bench.does(incline(2.0))
    await bench.time.passes(6)
    bench.treadmill.press_incline(5.0)
    await bench.time.passes(8)
    assert ("incline_changed", 3.0) in bench.events()
    bench.written()
    await bench.does(speed(1.5))
    assert bench.written() == [framed("53020f05")]


async def test_s8_a_target_needs_a_running_belt(bench: Bench) -> None:
    await bench.open()
    for command in (speed(1.0), incline(1.0)):
        with pytest.raises(RejectedError):
            await bench.does(command)
    assert [frame for frame in bench.written() if frame.startswith("0253")] == []


async def test_no_incline_is_sent_by_chance_while_it_is_not_known(bench: Bench) -> None:
    await bench.open()
    with pytest.raises(DeclinedError):
        await bench.does(Command(CommandKind.SET_SPEED, 0.8, urgent=True))
    assert [frame for frame in bench.written() if frame.startswith("0253")] == []


async def test_a_flat_machine_takes_no_incline(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = Profile(speed=ValueRange(0.8, 14.0, 0.1), incline=None)
    bench = ProtocolBench(monkeypatch, FitShowDriver, FitShowPeripheral, flat, "SPORTSTECH F15")
    await bench.run()
    assert bench.driver.capabilities.incline_range is None
    with pytest.raises(ControlRefusedError):
        await bench.does(incline(1.0))
    await bench.does(speed(1.0))
    assert bench.written() == [framed("53020a00")]
    assert bench.driver.telemetry.incline is None
    bench.driver.close()


async def test_the_other_form_of_a_start_is_tried_and_remembered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    take = bench.peripheral.take
    long = framed("5301" + "00" * 8)
    monkeypatch.setattr(bench.peripheral, "take", lambda data: () if data.hex() == long else take(data))
    await bench.run()
    await bench.does(STOP)
    await bench.time.passes(8)
    bench.written()
    await bench.does(START)
    assert bench.written() == [framed("5301")]


@pytest.mark.parametrize(("declined", "obeyed"), [(0x06, "530a"), (0x0A, "5306")])
async def test_the_other_form_of_a_pause_is_tried_and_remembered(bench: Bench, declined: int, obeyed: str) -> None:
    bench.peripheral.faults.declines_op = frozenset({declined})
    await bench.run()
    await bench.does(PAUSE)
    await bench.time.until(lambda: bench.driver.telemetry.belt is BeltState.AT_REST, within=15)
    assert bench.treadmill.phase is Phase.PAUSED
    await bench.does(START)
    await bench.time.until(lambda: bench.treadmill.phase is Phase.RUNNING)
    bench.written()
    await bench.does(PAUSE)
    assert bench.written() == [framed(obeyed)]


async def test_s3_a_pause_in_the_place_of_a_stop_takes_turns_while_the_belt_runs_on(bench: Bench) -> None:
    bench.peripheral.faults.declines_op = frozenset({0x06})
    await bench.run()
    for _ in range(2):
        await bench.does(URGENT_PAUSE)
        await bench.time.passes(1)
    assert list(dict.fromkeys(bench.written())) == [framed("5306"), framed("530a")]
    await bench.time.passes(5)
    assert bench.treadmill.at_rest


async def test_s3_a_pause_in_the_place_of_a_stop_proves_nothing_of_its_number_while_the_belt_rests(
    bench: Bench,
) -> None:
    await bench.open()
    bench.written()
    for _ in range(2):
        await bench.does(URGENT_PAUSE)
        await bench.time.passes(1)
    assert set(bench.written()) == {framed("5306")}


async def test_s7_the_safety_key_is_an_event(bench: Bench) -> None:
    await bench.run()
    bench.treadmill.pull_safety_key()
    await bench.time.passes(4)
    assert ("safety_key", None) in bench.events()


async def test_s7_a_pause_and_a_stop_at_the_console_are_told_apart(bench: Bench) -> None:
    await bench.run()
    bench.treadmill.press_pause()
    await bench.time.passes(8)
    assert bench.events() == [("paused", None)]
    bench.treadmill.press_start()
    await bench.time.passes(8)
    bench.treadmill.press_stop()
    await bench.time.passes(8)
    assert [kind for kind, _ in bench.events()] == ["paused", "started", "paused", "stopped"]


async def test_frames_that_come_together_or_in_parts_are_understood(bench: Bench) -> None:
    one, two = framed("51030b0001000100000000000000"), framed("51030c0003000200030003000300")
    bench.reports("03" + one + two)
    assert [telemetry.speed for telemetry in bench.listener.telemetry] == [1.1, 1.2]
    three = framed("51030d0002000100000000000000")
    bench.reports(three[:10])
    bench.reports(three[10:])
    assert bench.driver.telemetry.speed == 1.3


async def test_a_noblepro_module_counts_inclines_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ProtocolBench(monkeypatch, FitShowDriver, FitShowPeripheral, HILLY, "NOBLEPRO CONNECT")
    assert {quirk: known.value for quirk, known in bench.driver.quirks.items()} == {Quirk.INCLINE: 0.5}
    bench.driver.close()


async def test_other_modules_are_taken_at_their_word(bench: Bench) -> None:
    assert not bench.driver.quirks


def test_a_time_that_begins_anew_does_not_tell_its_order() -> None:
    order = ByteOrder()
    assert order.take(0, 1) is None  # 256 seconds, or one
    assert order.take(0, 0) == "little"
    assert order.take(1, 0) == "little"
    assert order.take(2, 0) == "little"


def test_a_time_whose_bytes_both_count_does_not_tell_its_order() -> None:
    order = ByteOrder()
    assert order.take(1, 1) is None
    assert order.take(2, 2) is None
