"""Speed and incline in one command: neither is ever moved by a command for the other (S5, S7, S8)."""

from collections.abc import Callable, Iterator
from typing import override

import pytest

from custom_components.retrowalk.machine.errors import RejectedError, SupersededError
from custom_components.retrowalk.machine.framed.target import KeptTarget
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.machine.protocols.fitshow import FitShowDriver
from custom_components.retrowalk.machine.protocols.wilink import WiLinkDriver
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.fitshow import FitShowPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from custom_components.retrowalk.simulator.wilink import WiLinkPeripheral
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once
from tests.support.loop_time import LoopTime

START, STOP, PAUSE = (Command(kind) for kind in (CommandKind.START, CommandKind.STOP, CommandKind.PAUSE))


class Doubled(FitShowPeripheral):
    """It counts inclines twice (NoblePro)."""

    shown = 2

    @override
    def _fields(self) -> bytes:
        fields = super()._fields()
        return fields[:1] + bytes((round(self.treadmill.incline * self.shown) & 0xFF,)) + fields[2:]


class Bench:
    def __init__(self, kind: type[FitShowPeripheral], monkeypatch: pytest.MonkeyPatch) -> None:
        profile = Profile(speed=ValueRange(0.5, 6.0, 0.1), incline=ValueRange(0.0, 12.0, 1.0))
        self.machine = VirtualTreadmill(profile)
        self.peripheral = kind(self.machine, address=virtual_address(1), name="FS-123456")
        self.time, self.listener = LoopTime(self.peripheral, monkeypatch), RecordingListener()
        self.connection = VirtualConnection(self.peripheral, "FS-123456")
        self.driver = FitShowDriver(self.connection, self.listener, lambda: self.time.now)

    async def does(self, command: Command) -> None:
        await self.time.done(at_once(self.driver.execute(command)))

    async def speed(self, kmh: float) -> None:
        await self.does(Command(CommandKind.SET_SPEED, kmh))

    async def incline(self, percent: float) -> None:
        await self.does(Command(CommandKind.SET_INCLINE, percent))

    async def runs(self) -> None:
        await self.does(START)
        await self.time.until(lambda: self.driver.telemetry.belt is BeltState.MOVING)
        await self.time.passes(3)

    def targets(self) -> list[tuple[int, int]]:
        """Return what was sent as speed (0.1 km/h) and incline (%)."""
        return [(data[3], data[4]) for _, _, data in self.peripheral.writes if data[:3] == b"\x02\x53\x02"]


Make = Callable[[type[FitShowPeripheral]], Bench]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    made = []

    def new(kind: type[FitShowPeripheral]) -> Bench:
        made.append(Bench(kind, monkeypatch))
        return made[-1]

    yield new
    for bench in made:
        bench.driver.close()


@pytest.fixture
async def bench(make: Make) -> Bench:
    bench = make(FitShowPeripheral)
    await bench.time.done(at_once(bench.driver.open(stop_first=None)))
    await bench.runs()
    return bench


@pytest.mark.parametrize("halt", [STOP, PAUSE, Command(CommandKind.PAUSE, urgent=True), None], ids=str)
async def test_what_was_on_its_way_at_a_halt_is_not_taken_up_by_the_next_walk(
    bench: Bench, halt: Command | None
) -> None:
    await bench.speed(1.0)
    await bench.incline(8.0)
    await bench.speed(4.0)
    await bench.time.passes(1)
    if halt is None:
        bench.machine.press_stop()
    else:
        await bench.does(halt)
    await bench.time.until(lambda: bench.machine.at_rest)
    bench.machine.target_incline = 0.0  # it levels its deck by itself
    await bench.time.passes(6)
    await bench.runs()
    sent = len(bench.targets())
    await bench.speed(0.6)
    await bench.time.passes(1)
    await bench.incline(0.0)
    assert [deck for _, deck in bench.targets()[sent:]] == [0, 0]
    assert all(tenths <= 6 for tenths, _ in bench.targets()[sent:])
    assert {event.kind.value for event in bench.listener.events} == (set() if halt else {"paused", "stopped"})


async def test_the_lowest_speed_in_the_place_of_a_stop_ends_a_rise_of_the_deck(bench: Bench) -> None:
    await bench.speed(2.0)
    await bench.incline(10.0)
    await bench.time.passes(6)
    risen = bench.machine.incline
    assert 1.0 < risen < 9.0
    await bench.does(Command(CommandKind.SET_SPEED, 0.5, urgent=True))
    await bench.time.passes(10)
    assert bench.machine.incline <= risen + 1.0
    sent = len(bench.targets())
    await bench.speed(0.6)
    await bench.incline(0.0)
    assert max(deck for _, deck in bench.targets()[sent:]) <= risen + 1.0
    assert max(tenths for tenths, _ in bench.targets()[sent:]) <= 6


async def test_s7_a_console_that_slows_a_belt_on_its_way_is_not_overruled_by_an_incline(bench: Bench) -> None:
    await bench.speed(4.0)
    await bench.time.passes(3)
    bench.machine.press_speed(1.0)
    await bench.time.passes(9)
    await bench.incline(2.0)
    assert bench.targets()[-1][0] <= 11


async def test_s8_a_target_that_waits_is_not_sent_to_a_belt_that_the_console_stopped(bench: Bench) -> None:
    bench.peripheral.faults.silent = True  # so that a command waits for its answer, and the others for their turn
    waiting = [at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, speed))) for speed in (1.0, 2.0)]
    await bench.time.passes(1)
    bench.machine.press_stop()
    await bench.time.passes(5)
    assert bench.machine.at_rest
    sent = len(bench.targets())
    bench.peripheral.faults.silent = False
    await bench.time.passes(3)
    with pytest.raises((RejectedError, SupersededError)):
        await bench.time.done(waiting[1])
    await bench.time.passes(5)
    assert len(bench.targets()) == sent
    assert bench.machine.at_rest


@pytest.mark.parametrize("percent", [1.0, 2.0, 3.0])
async def test_an_incline_that_is_shown_twice_is_not_doubled_by_every_speed(make: Make, percent: float) -> None:
    bench = make(Doubled)
    await bench.time.done(at_once(bench.driver.open(stop_first=None)))
    await bench.runs()
    await bench.incline(percent)
    for tenths in range(6, 14):
        await bench.time.passes(12)
        await bench.speed(tenths / 10)
    await bench.time.passes(20)
    assert bench.machine.incline == percent
    assert bench.listener.events == []
    bench.machine.press_incline(percent + 1)
    await bench.time.passes(15)
    assert [event.kind.value for event in bench.listener.events] == ["incline_changed"]
    for tenths in range(6, 14):
        await bench.speed(tenths / 10)
        await bench.time.passes(12)
    assert bench.machine.incline == percent + 1


async def test_an_incline_of_the_console_that_is_shown_twice_does_not_run_away(make: Make) -> None:
    bench = make(Doubled)
    await bench.time.done(at_once(bench.driver.open(stop_first=None)))
    await bench.runs()
    bench.machine.press_incline(1.0)
    await bench.time.passes(15)
    for tenths in range(6, 20):
        await bench.speed(tenths / 10)
        await bench.time.passes(12)
    assert bench.machine.incline <= 2.0


async def test_a_deck_that_goes_no_further_than_it_can_stays_there(bench: Bench) -> None:
    bench.machine.profile = Profile(speed=ValueRange(0.5, 6.0, 0.1), incline=ValueRange(0.0, 3.0, 1.0))
    await bench.incline(3.0)
    await bench.time.passes(20)
    for tenths in (10, 12, 14):
        await bench.speed(tenths / 10)
        await bench.time.passes(15)
    assert bench.machine.incline == 3.0
    assert bench.listener.events == []


@pytest.mark.parametrize("phase", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
async def test_s3_a_pad_that_is_stopped_again_and_again_is_asked_what_it_does(
    phase: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = VirtualTreadmill(Profile(speed=ValueRange(0.5, 6.0, 0.1), incline=None))
    peripheral = WiLinkPeripheral(machine, address=virtual_address(1), name="WalkingPad")
    time, connection = LoopTime(peripheral, monkeypatch), VirtualConnection(peripheral, "WalkingPad")
    driver = WiLinkDriver(connection, RecordingListener(), lambda: time.now)
    await time.done(at_once(driver.open(stop_first=None)))
    await time.done(at_once(driver.execute(START)))
    await time.passes(8 + phase)
    peripheral.faults.stop_ignored = True
    stops = []
    for _ in range(20):
        stops.append(at_once(driver.execute(STOP)))
        await time.passes(1)
        assert time.now - driver.telemetry.received <= 3.0
    await time.passes(3)
    assert [stop.exception() for stop in stops] == [None] * 20
    driver.close()


def test_a_target_that_a_deck_goes_no_further_toward_is_given_up() -> None:
    target = KeptTarget(tolerance=0.5)
    target.see(0.0, 0.0)
    target.want(10.0, 1.0)
    for second in range(2, 20):
        target.see(min(second * 0.5, 4.0), float(second))
    assert target.value == 4.0
