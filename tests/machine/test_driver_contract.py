"""What every protocol of the catalogue keeps, on a virtual treadmill that speaks it (machine/driver.py, S3, S8).

A new row of the catalogue is tested here at once; what cannot be guessed of it is in `MACHINES`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS, Protocol, driver_for
from custom_components.retrowalk.machine.driver import Driver
from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    NoAnswerError,
    NotATreadmillError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from custom_components.retrowalk.machine.evidence import Evidence
from custom_components.retrowalk.machine.framed.driver import FramedDriver
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.protocols import PERIPHERALS
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once, turns
from tests.support.loop_time import LoopTime

START = Command(CommandKind.START)
STOP = Command(CommandKind.STOP)
PAUSE = Command(CommandKind.PAUSE)
URGENT_PAUSE = Command(CommandKind.PAUSE, urgent=True)
END = Command(CommandKind.END_SESSION)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a protocol's bytes are, by its facts and not by our code, and which machine speaks it."""

    profile: Profile
    controlled: bool = True
    """Whether it is certain how it is moved; otherwise it is only monitored."""
    stop: str = ""
    """The frame that stops the belt, as hex; of a machine that is only monitored, empty if none is known."""
    pause: str = ""
    """The frame that halts a monitored machine in the place of a stop, where that is another."""
    head: int = 0
    """Bytes in front of each frame that is written, with a number that counts up."""
    mute: dict[str, Any] = field(default_factory=lambda: {"silent": True})
    """Faults of a machine that answers no command any more."""
    bad_frames: tuple[str, ...] = ()
    """Frames of this protocol that say too little, too much, or nothing true."""


_FLAT = ValueRange(0.5, 6.0, 0.1)
IN_ENVELOPES = Machine(
    controlled=False,
    stop="6a1700000000000001005000000000000dba9d76eff543",
    pause="6a1700000000000001005000020000000dba9d76eff743",
    head=4,
    profile=Profile(speed=ValueRange(1.0, 6.0, 0.1), incline=None, steps=True),
    bad_frames=(
        "663500" + "ff" * 48 + "3543",  # without an envelope
        "4d000135663500" + "ff" * 48 + "3543",  # 65 km/h
        "4d00" * 30,
        "4d0001",
        "4d000105" + "6605050043",
    ),
)
MACHINES = {
    "ftms": Machine(
        stop="0801",
        profile=Profile(incline=ValueRange(0.0, 10.0, 0.5)),
        mute={"lost_indications": "all"},
        bad_frames=("", "84", "8c0500", "0100", "ff1f", "80", "8002", "ff"),
    ),
    "wilink": Machine(
        stop="f7a20100a3fd",
        profile=Profile(speed=_FLAT, incline=None, steps=True),
        bad_frames=(
            "f8a2013c0100022a00004f0003d1b4000000e4fd",  # a wrong sum
            "f8a20101a4fd",  # a right sum, and too short
            "f8a7aafd",
            "f8fd" * 30,
            "f8a2",
        ),
    ),
    "fitshow": Machine(
        stop="0253035003",
        profile=Profile(incline=ValueRange(0.0, 10.0, 1.0)),
        bad_frames=(
            "0251032800040001000000010000007f03",  # a wrong sum
            "02510302525003",
            "0251035203",  # running, and no speed
            "02510003",
            "02" * 60,
            "0203" * 30,
            "0250025203",  # what it can do, and nothing in it
        ),
    ),
    "pitpat": Machine(
        stop="6a1700000000000001005000000000000dba9d76eff543",
        profile=Profile(speed=ValueRange(1.0, 6.0, 0.1), incline=None, steps=True),
        bad_frames=(
            "663500" + "ff" * 48 + "3543",  # 65 km/h, with a right sum
            "66350003e803e80000000000000000000000000000000bb8802503177000050200a243",  # too short for its length
            "66050543",
            "6643" * 30,
            "6a05fdf843",
        ),
    ),
    "pitpat_envelope": IN_ENVELOPES,
    "deerrun": IN_ENVELOPES,
    "efc": Machine(
        stop="a1030105a6",
        profile=Profile(speed=ValueRange(1.0, 12.0, 0.1), incline=None, steps=True),
        bad_frames=(
            "1a0109780a0000140002000077",  # a wrong sum
            "1a010018",
            "1a020c",
            "1a01ff" + "00" * 20,
            "a1030101a2",
        ),
    ),
    "sperax": Machine(
        stop="f50a0015000000d301fa",
        profile=Profile(speed=ValueRange(0.5, 4.0, 0.1), incline=None, steps=True),
        bad_frames=(
            "f51800190000100000001000010001000f1e0000009dd5fa",  # a wrong sum
            "121314",
            "f5080019f00a59fa",
            "f5fa" * 30,
            "f5f0f0f0f0f0fa",
        ),
    ),
    "lifespan": Machine(
        controlled=False,
        profile=Profile(speed=ValueRange(0.6, 6.4, 0.1), incline=None, steps=True),
        bad_frames=("a1ff00000000", "a1aa00", "a1aa63ff0000", "02aa11180000", "a1aa00ffff00"),
    ),
    "urevo": Machine(
        controlled=False,
        profile=Profile(speed=ValueRange(1.0, 6.0, 0.1), incline=None, steps=True),
        bad_frames=(
            "0251030e007c0003002c007e0000000000d803",  # a wrong sum
            "02510b03",
            "0251030b03",
            "0251" * 20,
        ),
    ),
}


@dataclass(frozen=True)
class Variant:
    """A protocol as some of its machines speak it."""

    protocol: Protocol
    key: str
    faults: dict[str, Any] = field(default_factory=dict)


FITSHOW = next(protocol for protocol in PROTOCOLS if protocol.key == "fitshow")
VARIANTS = [
    *(Variant(protocol, protocol.key) for protocol in PROTOCOLS),
    Variant(FITSHOW, "fitshow_any_run", {"any_run": True, "declines_op": [0x06]}),
]


class Bench:
    """One machine, its driver, and the time of both."""

    def __init__(self, variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.protocol = protocol = variant.protocol
        self.machine = MACHINES[protocol.key]
        self.peripheral = virtual_treadmill(protocol)
        self.treadmill = self.peripheral.treadmill
        self.faults = self.peripheral.faults
        self.faults.update(variant.faults)
        self.connection = VirtualConnection(self.peripheral, self.peripheral.name)
        self.listener = RecordingListener()
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.driver: Driver = driver_for(self.connection, self.listener, lambda: self.time.now)
        self._written = 0

    async def open(self, *, stop_first: Command | None = None) -> None:
        await self.time.done(at_once(self.driver.open(stop_first=stop_first)))

    async def does(self, command: Command) -> None:
        """Execute a command while time passes; raises what the driver raises."""
        await self.time.done(at_once(self.driver.execute(command)))

    async def run(self, speed: float | None = None) -> None:
        """Open the driver and let the belt run, at this speed if one is given."""
        await self.open()
        controlled = self.machine.controlled
        await (self.does(START) if controlled else self.uses_console(self.treadmill.press_start))
        await self.time.until(lambda: self.driver.telemetry.belt is BeltState.MOVING)
        if speed is not None:
            set_speed = Command(CommandKind.SET_SPEED, speed)
            await (self.does(set_speed) if controlled else self.uses_console(self.treadmill.press_speed, speed))
            await self.time.until(lambda: self.treadmill.speed == speed)
            await self.time.passes(2)
        self.written()

    async def uses_console(self, press: Callable[..., None], *values: float) -> None:
        press(*values)
        await self.time.passes(1)
        self.listener.events.clear()

    def written(self) -> list[str]:
        """Return the frames since the last call, as hex; without polls, which mean nothing."""
        new = [data[self.machine.head :].hex() for _, _, data in self.peripheral.writes[self._written :]]
        self._written = len(self.peripheral.writes)
        return [frame for frame in new if frame != self.driver.poll.hex() or not frame]

    def writes_hang(self) -> None:
        """Let every write arrive, and none be acknowledged."""
        self.connection.response = asyncio.get_running_loop().create_future()

    def writes_work(self) -> None:
        hanging, self.connection.response = self.connection.response, None
        assert hanging is not None
        if not hanging.done():
            hanging.set_result(None)

    def report(self, data: bytes) -> None:
        """Let the machine report these bytes on everything that reports."""
        for service in self.peripheral.services:
            for characteristic in service.characteristics:
                if characteristic.cccd_handle is not None:
                    self.peripheral.notify(characteristic.uuid, data)


def name_of(protocol: Protocol) -> str:
    return f"{protocol.name_prefixes[-1]} 1" if protocol.shares_its_table else "Treadmill"


def virtual_treadmill(protocol: Protocol) -> Peripheral:
    machine = VirtualTreadmill(MACHINES[protocol.key].profile)
    return PERIPHERALS[protocol.key](machine, address=virtual_address(1), name=name_of(protocol))


@pytest.fixture(params=VARIANTS, ids=lambda variant: variant.key)
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    bench = Bench(request.param, monkeypatch)
    yield bench
    bench.driver.close()
    await turns()


CONTROLLED = [variant for variant in VARIANTS if MACHINES[variant.protocol.key].controlled]
MONITORED = [variant for variant in VARIANTS if not MACHINES[variant.protocol.key].controlled]
moved = pytest.mark.parametrize("bench", CONTROLLED, ids=lambda variant: variant.key, indirect=True)
only_monitored = pytest.mark.parametrize("bench", MONITORED, ids=lambda variant: variant.key, indirect=True)


# The catalogue


def test_every_protocol_has_a_virtual_treadmill_and_known_bytes() -> None:
    keys = [protocol.key for protocol in PROTOCOLS]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(PERIPHERALS) == set(MACHINES)


def test_every_row_says_how_it_is_known_and_who_speaks_it() -> None:
    for protocol in PROTOCOLS:
        assert isinstance(protocol.evidence, Evidence)
        assert protocol.machines
        assert protocol.name
        assert protocol.name_prefixes == tuple(sorted(prefix.upper() for prefix in protocol.name_prefixes))


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.key)
def test_a_machine_gets_the_driver_of_its_own_protocol(protocol: Protocol) -> None:
    connection = VirtualConnection(virtual_treadmill(protocol), name_of(protocol))
    assert [other.key for other in PROTOCOLS if other.fits(connection)] == [protocol.key]
    assert type(driver_for(connection, RecordingListener(), lambda: 0.0)) is protocol.driver


@pytest.mark.parametrize("protocol", PROTOCOLS[1:], ids=lambda protocol: protocol.key)
def test_the_fitness_machine_service_is_used_where_a_machine_has_both(protocol: Protocol) -> None:
    peripheral = virtual_treadmill(protocol)
    standard = virtual_treadmill(PROTOCOLS[0])
    connection = VirtualConnection(peripheral, name_of(protocol))
    connection.more = VirtualConnection(standard).table
    assert type(driver_for(connection, RecordingListener(), lambda: 0.0)) is PROTOCOLS[0].driver


@pytest.mark.parametrize("protocol", PROTOCOLS[1:], ids=lambda protocol: protocol.key)
def test_swapped_roles_are_another_protocol(protocol: Protocol) -> None:
    connection = VirtualConnection(virtual_treadmill(protocol), name_of(protocol))
    connection.swapped = True
    with pytest.raises(NotATreadmillError):
        driver_for(connection, RecordingListener(), lambda: 0.0)


@pytest.mark.parametrize(
    "protocol", [protocol for protocol in PROTOCOLS if protocol.shares_its_table], ids=lambda protocol: protocol.key
)
def test_a_table_that_others_have_too_needs_a_known_name(protocol: Protocol) -> None:
    connection = VirtualConnection(virtual_treadmill(protocol), "Thermometer")
    with pytest.raises(NotATreadmillError):
        driver_for(connection, RecordingListener(), lambda: 0.0)


# Opening


async def test_opening_reads_what_the_machine_can_and_moves_nothing(bench: Bench) -> None:
    await bench.open()
    await bench.time.passes(5)
    capabilities, profile = bench.driver.capabilities, bench.machine.profile
    controlled = bench.machine.controlled
    assert capabilities.speed_range == (profile.speed if controlled else None)
    assert capabilities.incline_range == profile.incline
    assert capabilities.can_start_and_stop is controlled
    assert capabilities.control_unproven is not controlled
    assert bench.driver.info.model == profile.model
    assert bench.driver.telemetry.belt is BeltState.AT_REST
    assert bench.driver.telemetry.speed == 0.0
    assert bench.time.now - bench.driver.telemetry.received <= 1.1
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.treadmill.at_rest
    assert bench.listener.events == []


@moved
async def test_s3_a_kept_stop_is_sent_before_anything_else(bench: Bench) -> None:
    bench.treadmill.start()
    await bench.time.passes(6)
    assert bench.treadmill.speed > 0
    await bench.open(stop_first=STOP)
    assert bench.peripheral.writes[0][2].hex() == bench.machine.stop
    assert bench.driver.stop_accepted
    await bench.time.passes(15)
    assert bench.treadmill.at_rest


@moved
async def test_s3_a_stop_while_it_is_opened_is_sent_at_once(bench: Bench) -> None:
    bench.treadmill.start()
    await bench.time.passes(6)
    opening = at_once(bench.driver.open(stop_first=None))
    await turns(2)
    stopping = at_once(bench.driver.execute(STOP))
    await turns()
    assert bench.machine.stop in [data.hex() for _, _, data in bench.peripheral.writes]
    await bench.time.done(stopping)
    await bench.time.done(opening)
    await bench.time.passes(15)
    assert bench.treadmill.at_rest


async def test_a_machine_that_says_nothing_is_not_open(bench: Bench) -> None:
    for characteristic in ("notify", "indicate"):
        bench.connection.undeliverable |= {
            item.uuid for item in bench.connection.table if characteristic in item.properties
        }
    with pytest.raises(UnreachableError):
        await bench.open()


async def test_what_was_before_the_link_is_no_event(bench: Bench) -> None:
    bench.treadmill.press_start()
    await bench.time.passes(8)
    await bench.open()
    await bench.time.passes(3)
    assert bench.listener.events == []
    assert bench.driver.telemetry.belt is BeltState.MOVING


# Commands


@moved
async def test_a_session_runs_from_start_to_stop(bench: Bench) -> None:
    await bench.run()
    assert bench.treadmill.phase is Phase.RUNNING
    await bench.does(Command(CommandKind.SET_SPEED, 2.3))
    await bench.time.passes(12)
    assert bench.treadmill.target_speed == 2.3
    assert bench.driver.telemetry.speed == 2.3
    if bench.driver.capabilities.incline_range is not None:
        await bench.does(Command(CommandKind.SET_INCLINE, 2.0))
        await bench.time.passes(8)
        assert (bench.treadmill.incline, bench.treadmill.speed) == (2.0, 2.3)
        await bench.does(Command(CommandKind.SET_SPEED, 2.4))
        await bench.time.passes(8)
        assert (bench.treadmill.incline, bench.treadmill.speed) == (2.0, 2.4)
    await bench.does(STOP)
    await bench.time.passes(12)
    assert bench.treadmill.at_rest
    assert bench.treadmill.phase is not Phase.RUNNING
    assert bench.driver.telemetry.belt is BeltState.AT_REST
    known = bench.driver.telemetry
    assert known.elapsed_time is not None
    assert (known.distance is None) is bench.faults.any_run  # in which unit it counts is not certain
    assert bench.listener.events == []


@moved
async def test_a_pause_can_be_resumed_and_ended(bench: Bench) -> None:
    await bench.run()
    await bench.does(PAUSE)
    await bench.time.passes(8)
    assert bench.treadmill.phase is Phase.PAUSED
    assert bench.treadmill.at_rest
    await bench.does(START)
    await bench.time.passes(8)
    assert bench.treadmill.phase is Phase.RUNNING
    await bench.does(URGENT_PAUSE)
    await bench.time.passes(8)
    assert bench.treadmill.at_rest
    await bench.does(END)
    await bench.time.passes(3)
    assert bench.treadmill.phase is Phase.IDLE


@moved
@pytest.mark.parametrize("command", [URGENT_PAUSE, Command(CommandKind.SET_SPEED, 0.0, urgent=True)])
async def test_s3_what_takes_the_place_of_a_stop_works(bench: Bench, command: Command) -> None:
    await bench.run(2.0)
    bench.faults.stop_alone_ignored = True
    await bench.does(STOP)
    await bench.time.passes(3)
    assert bench.treadmill.speed == 2.0
    lowest = bench.machine.profile.speed.minimum
    await bench.does(command if command.value is None else replace(command, value=lowest))
    await bench.time.passes(10)
    assert bench.treadmill.speed == (0.0 if command.value is None else lowest)


@moved
async def test_s8_a_start_is_not_sent_to_a_moving_belt(bench: Bench) -> None:
    bench.faults.toggles_on_start = True
    await bench.run(2.0)
    await bench.does(START)
    await bench.time.passes(5)
    assert bench.written() == []
    assert bench.treadmill.speed == 2.0


@moved
async def test_s8_a_speed_does_not_start_a_belt_at_rest(bench: Bench) -> None:
    await bench.open()
    with pytest.raises(RejectedError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.0))
    await bench.time.passes(6)
    assert bench.treadmill.at_rest


@moved
@pytest.mark.parametrize("asked", [6.01, 19.999, 25.6, 655.0, 1e9, 2.3456])
async def test_a_target_is_never_more_than_the_machine_can_nor_a_step_more_than_was_asked(
    bench: Bench, asked: float
) -> None:
    await bench.run()
    speeds, deck = bench.machine.profile.speed, bench.machine.profile.incline
    most = min(asked + speeds.step, speeds.maximum)
    with suppress(RejectedError, ValueError):
        await bench.does(Command(CommandKind.SET_SPEED, asked))
    await bench.time.passes(2)
    assert bench.treadmill.target_speed <= most + 1e-6
    with suppress(ControlRefusedError, RejectedError, ValueError):
        await bench.does(Command(CommandKind.SET_INCLINE, asked))
    await bench.time.passes(2)
    assert bench.treadmill.target_incline <= (0.0 if deck is None else min(asked + deck.step, deck.maximum) + 1e-6)


@moved
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
async def test_a_target_that_is_none_is_an_error_of_ours(bench: Bench, value: float | None) -> None:
    await bench.run()
    with pytest.raises(ValueError, match="not"):
        await bench.does(Command(CommandKind.SET_SPEED, value))
    assert bench.treadmill.target_speed == bench.machine.profile.speed.minimum


# Stop overtakes everything (S3)


@moved
async def test_s3_a_stop_overtakes_a_write_that_hangs(bench: Bench) -> None:
    await bench.run(2.0)
    bench.writes_hang()
    under_way = at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, 2.1)))
    await bench.time.passes(1)
    waits = at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, 2.2)))
    await turns()
    bench.written()
    stopping = at_once(bench.driver.execute(STOP))
    await turns()
    assert bench.written()[0] == bench.machine.stop
    bench.writes_work()
    for superseded in (under_way, waits):
        with pytest.raises(SupersededError):
            await bench.time.done(superseded)
    await bench.time.done(stopping)
    await bench.time.passes(12)
    assert set(bench.written()) <= {bench.machine.stop}
    assert bench.treadmill.at_rest


@moved
async def test_s3_a_stop_overtakes_the_pace_and_everything_that_waits(bench: Bench) -> None:
    await bench.run(2.0)
    commands = [at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, 2.0 + 0.1 * n))) for n in range(1, 5)]
    await turns(1)
    bench.written()
    stopping = at_once(bench.driver.execute(STOP))
    await turns()
    assert bench.written()[0] == bench.machine.stop
    results = await bench.time.done(asyncio.gather(*commands, return_exceptions=True))
    assert all(isinstance(result, SupersededError) for result in results)
    await bench.time.done(stopping)
    await bench.time.passes(12)
    assert set(bench.written()) <= {bench.machine.stop}
    assert bench.treadmill.at_rest


@moved
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6, 0.75, 0.9])
async def test_s3_a_stop_is_obeyed_at_any_moment_of_the_polls(bench: Bench, delay: float) -> None:
    await bench.run(2.0)
    await bench.time.passes(delay)
    await bench.does(STOP)
    await bench.time.passes(3)
    assert bench.treadmill.speed < 1.5


@moved
async def test_s3_a_stop_that_is_repeated_leaves_room_to_hear_what_it_did(bench: Bench) -> None:
    await bench.run(2.0)
    bench.faults.stop_ignored = True
    bench.written()
    repeated = [asyncio.ensure_future(bench.driver.execute(STOP))]
    for _ in range(10):
        await bench.time.passes(1)
        assert bench.time.now - bench.driver.telemetry.received <= 2.1
        repeated.append(at_once(bench.driver.execute(STOP)))
    assert bench.written().count(bench.machine.stop) >= 5
    bench.faults.stop_ignored = False
    await bench.does(STOP)
    await bench.time.done(asyncio.gather(*repeated))
    await bench.time.passes(8)
    assert bench.treadmill.at_rest


@moved
async def test_s3_a_command_during_a_stop_is_superseded(bench: Bench) -> None:
    await bench.run(2.0)
    bench.writes_hang()
    stopping = at_once(bench.driver.execute(STOP))
    with pytest.raises(SupersededError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.1))
    bench.writes_work()
    await bench.time.done(stopping)


@moved
async def test_s3_a_stop_whose_write_hangs_was_not_delivered(bench: Bench) -> None:
    await bench.run(2.0)
    bench.writes_hang()
    with pytest.raises(UnreachableError):
        await bench.does(STOP)


# What goes wrong


@moved
async def test_a_rejected_write_is_rejected(bench: Bench) -> None:
    await bench.run(2.0)
    bench.connection.rejects = True
    for command in (Command(CommandKind.SET_SPEED, 2.1), STOP):
        with pytest.raises(RejectedError):
            await bench.does(command)


@moved
async def test_a_dropped_link_is_unreachable(bench: Bench) -> None:
    await bench.run(2.0)
    bench.peripheral.drop_link()
    for command in (Command(CommandKind.SET_SPEED, 2.1), STOP):
        with pytest.raises(UnreachableError):
            await bench.does(command)


@moved
async def test_a_command_without_an_answer_says_so(bench: Bench) -> None:
    await bench.run(2.0)
    bench.faults.update(bench.machine.mute)
    with pytest.raises(NoAnswerError):
        await bench.does(Command(CommandKind.SET_SPEED, 2.1))


@moved
async def test_closing_ends_what_waits_and_silences_the_old_link(bench: Bench) -> None:
    await bench.run(2.0)
    bench.writes_hang()
    waiting = [at_once(bench.driver.execute(command)) for command in (Command(CommandKind.SET_SPEED, 2.1), PAUSE, STOP)]
    await turns()
    bench.driver.close()
    results = await bench.time.done(asyncio.gather(*waiting, return_exceptions=True), within=5)
    assert all(isinstance(result, UnreachableError | SupersededError) for result in results)
    assert isinstance(results[-1], UnreachableError)
    heard = len(bench.listener.telemetry)
    written = len(bench.peripheral.writes)
    await bench.time.passes(5)
    assert len(bench.listener.telemetry) == heard
    assert len(bench.peripheral.writes) == written
    with pytest.raises(UnreachableError):
        await bench.does(STOP)


# What is only monitored


@only_monitored
@pytest.mark.parametrize("kind", CommandKind)
async def test_a_machine_that_nobody_is_sure_how_to_move_is_told_nothing(bench: Bench, kind: CommandKind) -> None:
    await bench.run(2.0)
    told = {frame for frame in bench.written() if bench.treadmill.speed}
    value = 2.0 if kind in {CommandKind.SET_SPEED, CommandKind.SET_INCLINE} else None
    for command in (Command(kind, value), Command(kind, value, urgent=True)):
        if bench.machine.stop and value is None and (command.stops or kind is CommandKind.END_SESSION):
            continue
        with pytest.raises(ControlRefusedError):
            await bench.does(command)
    await bench.time.passes(15)
    assert set(bench.written()) <= told | questions(bench)
    assert bench.treadmill.speed == 2.0


@only_monitored
@pytest.mark.parametrize("command", [STOP, URGENT_PAUSE], ids=lambda command: command.kind)
async def test_s3_what_is_known_to_stop_a_monitored_machine_is_sent_at_once(bench: Bench, command: Command) -> None:
    if not bench.machine.stop:
        assert isinstance(bench.driver, FramedDriver)
        assert not bench.driver.can_be_stopped
        return
    await bench.run(2.0)
    stopping = at_once(bench.driver.execute(command))
    await turns()
    assert bench.written()[0] == (bench.machine.stop if command is STOP else bench.machine.pause)
    await bench.time.done(stopping)
    await bench.time.passes(15)
    assert bench.treadmill.at_rest


@only_monitored
async def test_a_kept_stop_does_not_keep_a_machine_that_cannot_be_stopped_from_being_watched(bench: Bench) -> None:
    await bench.open(stop_first=STOP)
    assert bench.driver.stop_accepted is bool(bench.machine.stop)
    await bench.time.passes(10)
    assert set(bench.written()) <= questions(bench) | {bench.machine.stop}


def questions(bench: Bench) -> set[str]:
    """Return the frames that a monitored machine is asked with, by its facts."""
    asked = {"lifespan": ("82", "87", "88", "89", "91")}.get(bench.protocol.key, ())
    return {f"a1{question}000000" for question in asked} | {"02510b03"}


# The console


async def test_s7_a_stop_at_the_console_is_an_event(bench: Bench) -> None:
    await bench.run(2.0)
    bench.treadmill.press_stop()
    await bench.time.passes(10)
    kinds = [event.kind.value for event in bench.listener.events]
    assert kinds
    assert set(kinds) <= {"stopped", "paused", "speed_changed"}
    assert bench.driver.telemetry.belt is BeltState.AT_REST


async def test_s7_a_start_at_the_console_is_an_event(bench: Bench) -> None:
    await bench.open()
    await bench.time.passes(2)
    bench.treadmill.press_start()
    await bench.time.passes(8)
    assert "started" in [event.kind.value for event in bench.listener.events]


# Bad input


@pytest.mark.sampled(3)
@pytest.mark.parametrize("chunk", range(4))
async def test_no_bytes_make_a_driver_raise_or_believe_the_impossible(bench: Bench, chunk: int) -> None:
    await bench.run(2.0)
    known = [bytes.fromhex(frame) for frame in bench.machine.bad_frames]
    known += [data for _, _, data in bench.peripheral.writes[-20:]]
    chance = random.Random(chunk)
    for _ in range(500):
        data = bytearray(chance.choice(known) if chance.random() < 0.7 else chance.randbytes(chance.randrange(60)))
        for _ in range(chance.randrange(3)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        bench.report(bytes(data[: chance.randrange(1, 70)]))
    bench.peripheral.treadmill.set_speed(2.0)
    bench.time.now += 10.0
    await bench.time.passes(10)
    assert bench.driver.telemetry.speed is not None
    assert bench.driver.telemetry.belt is BeltState.MOVING
    await (bench.does(STOP) if bench.machine.controlled else bench.uses_console(bench.treadmill.press_stop))
    await bench.time.passes(12)
    assert bench.treadmill.at_rest
    assert bench.driver.telemetry.belt is BeltState.AT_REST


async def test_whole_frames_between_broken_ones_are_still_understood(bench: Bench) -> None:
    bench.faults.malformed_data = True
    await bench.run(2.0)
    assert bench.driver.telemetry.speed == 2.0
