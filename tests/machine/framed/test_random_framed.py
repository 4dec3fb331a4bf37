"""Random walks on machines of framed protocols: with lost writes, cut and joined frames, a console, and lost links.

The oracle looks at the true deck and belt and at what was written, not at what the driver believes.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, override

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import driver_for
from custom_components.retrowalk.machine.driver import Driver
from custom_components.retrowalk.machine.errors import MachineError
from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.fitshow import FitShowPeripheral
from custom_components.retrowalk.simulator.framed import FramedPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from custom_components.retrowalk.simulator.wilink import WiLinkPeripheral
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once, turns
from tests.support.loop_time import LoopTime

NEWS_TAKES = 4.0
"""Seconds until a driver has to know what a console did: a few polls, of which some get lost."""
STOPS = {bytes.fromhex("0253035003"), bytes.fromhex("f7a20100a3fd")}


def is_target(frame: bytes) -> bool:
    return frame[:3] == b"\x02\x53\x02" or (frame[:3] == b"\xf7\xa2\x01" and frame[3] > 0)


def is_start(frame: bytes) -> bool:
    return frame[:3] in {b"\x02\x53\x01", b"\xf7\xa2\x04"}


class BadRadio(VirtualConnection):
    """A connection that loses writes, and cuts and joins what is reported."""

    def __init__(
        self, peripheral: FramedPeripheral, chance: random.Random, after: Callable[[bytes, Any], None]
    ) -> None:
        super().__init__(peripheral, peripheral.name)
        self.chance, self.after = chance, after
        self.loses = self.cuts = 0.0
        self.held = b""

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        machine = self.peripheral.treadmill
        before = (machine.target_speed, machine.target_incline, machine.speed, machine.phase)
        if self.chance.random() < self.loses:
            self.after(data, None)
            return
        await super().write(characteristic, data)
        self.after(data, before)

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        def cut(data: bytes) -> None:
            if self.chance.random() >= self.cuts:
                receive(self.held + data)
                self.held = b""
                return
            match self.chance.randrange(3):
                case 0:
                    self.held += data  # joined with the next
                case 1:
                    at = self.chance.randrange(len(data) + 1)
                    receive(data[:at])
                    receive(data[at:])
                case _:
                    receive(bytes(byte ^ (1 << self.chance.randrange(8)) for byte in data[:3]) + data[3:])

        await super().subscribe(characteristic, cut, spare=spare)


class Walk:
    """One machine, its driver, and somebody at both."""

    def __init__(self, kind: type[FramedPeripheral], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        deck = ValueRange(-3.0 if seed % 3 == 0 else 0.0, 12.0, 1.0) if kind is FitShowPeripheral else None
        machine = VirtualTreadmill(Profile(speed=ValueRange(0.5, 6.0, 0.1), incline=deck))
        name = "FS-123456" if kind is FitShowPeripheral else "WalkingPad"
        self.peripheral = kind(machine, address=virtual_address(1), name=name)
        self.machine = machine
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.console_incline = self.console_speed = self.commanded = self.lost = self.rest = -1e9  # moments
        self.inclines: set[float] = set()  # that may be on the way
        self.writes: list[bytes] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.broken: list[str] = []
        self.counts = dict.fromkeys(("speed", "incline", "stop", "start"), 0)

    def driver(self) -> Driver:
        self.connection = BadRadio(self.peripheral, self.chance, self.judge)
        self.connection.loses = self.loses
        self.connection.cuts = self.cuts
        return driver_for(self.connection, RecordingListener(), lambda: self.time.now)

    def judge(self, frame: bytes, before: Any) -> None:
        """Judge a frame that was written, with the machine as it was before; None: it was lost."""
        self.writes.append(frame)
        now = self.time.now
        if before is None:
            self.lost = now
            return
        speed, incline, moving, _ = before
        if is_target(frame):
            self.rule(now - self.rest < NEWS_TAKES, "S8: a target for a belt at rest")
            if self.meant is CommandKind.SET_SPEED and now - self.console_incline > NEWS_TAKES:
                aims = self.machine.target_incline
                stays = abs(aims - self.machine.incline) <= 1.0  # on a new link nobody knows where it was going
                self.rule(stays or aims in {incline, *self.inclines}, "the deck was moved")
            if (
                self.meant is CommandKind.SET_INCLINE
                and min(now - self.console_speed, now - self.lost, now - self.started) > NEWS_TAKES
            ):
                fastest = max(speed, self.wanted_speed) + 1e-6
                self.rule(self.machine.target_speed <= fastest, "the belt was made faster")
        if is_start(frame) and moving > 0:
            self.rule(now - self.moves < NEWS_TAKES, "S8: a start for a moving belt")

    def rule(self, kept: bool, words: str) -> None:
        if not kept:
            frames = [frame.hex() for frame in self.writes if len(frame) > 4][-6:]
            self.broken.append(f"{self.time.now:.1f}: {words}; {frames}")

    async def passes(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            await self.time.passes(0.1)
            now = self.time.now
            if not self.machine.at_rest:
                self.rest = 1e9
            elif self.rest > now:
                self.rest = now
            if self.machine.at_rest:
                self.moves = 1e9
            elif self.moves > now:
                self.moves = now

    def command(self, command: Command) -> None:
        self.meant = command.kind
        self.tasks.append(at_once(self.run(command)))

    async def run(self, command: Command) -> None:
        with suppress(MachineError, ValueError):
            await self.active.execute(command)

    async def open(self) -> bool:
        self.active = self.driver()
        try:
            await self.time.done(at_once(self.active.open(stop_first=None)))
        except MachineError:
            self.active.close()
            return False
        return True

    async def act(self) -> None:
        chance, machine, now = self.chance, self.machine, self.time.now
        match chance.choices(
            [
                "speed",
                "incline",
                "stop",
                "start",
                "pause",
                "console speed",
                "console incline",
                "console stop",
                "console start",
                "key",
                "link",
            ],
            [8, 5, 2, 4, 1, 1, 2, 1, 1, 0.5, 0.7],
        )[0]:
            case "speed":
                self.counts["speed"] += 1
                self.wanted_speed = round(chance.uniform(0.5, 3.0), 1)
                self.command(Command(CommandKind.SET_SPEED, self.wanted_speed))
            case "incline" if machine.profile.incline is not None:
                self.counts["incline"] += 1
                incline = float(chance.randrange(0, 6))
                self.inclines = {incline}
                self.command(Command(CommandKind.SET_INCLINE, incline))
            case "stop":
                self.counts["stop"] += 1
                self.inclines = set()
                self.wanted_speed = 0.0
                written = len(self.writes)
                self.command(Command(CommandKind.STOP))
                await turns(2)
                assert STOPS & set(self.writes[written : written + 1]), "S3: Stop goes at once"
            case "start":
                self.counts["start"] += 1
                self.command(Command(CommandKind.START))
                self.started = now
            case "pause":
                self.inclines = set()
                self.command(Command(CommandKind.PAUSE))
            case "console speed" if machine.speed > 0:
                self.console_speed = now
                self.wanted_speed = 0.0
                machine.press_speed(round(chance.uniform(0.5, 4.0), 1))
            case "console incline" if machine.profile.incline is not None and machine.speed > 0:
                self.console_incline = now
                self.inclines = set()
                machine.press_incline(float(chance.randrange(0, 12)))
            case "console stop":
                self.inclines = set()
                machine.press_stop()
            case "console start":
                machine.press_start()
                self.started = now
            case "key":
                machine.pull_safety_key()
                self.inclines = set()
                await self.passes(3)
                machine.insert_safety_key()
            case "link":
                self.active.close()
                self.peripheral.drop_link()
                self.inclines = set()
                await self.passes(2)
                while not await self.open():
                    self.peripheral.drop_link()
                    await self.passes(1)

    async def goes(self, steps: int) -> None:
        self.loses = self.chance.choice([0.0, 0.0, 0.05])
        self.cuts = self.chance.choice([0.0, 0.1, 0.3])
        self.wanted_speed, self.started, self.meant, self.moves = 0.0, -1e9, None, 1e9
        while not await self.open():
            self.peripheral.drop_link()
        for _ in range(steps):
            await self.act()
            await self.passes(self.chance.choice([0.0, 0.1, 0.3, 1.0, 4.0, 9.0]))
            if self.chance.random() < 0.7:  # mostly, one at a time
                for task in self.tasks:
                    await self.done(task)
                self.tasks.clear()
        self.connection.loses = 0.0
        self.command(Command(CommandKind.STOP))
        await self.passes(16)
        assert self.machine.at_rest, "S3: stopped"
        self.active.close()
        await turns()
        assert self.broken == []

    async def done(self, task: asyncio.Task[None]) -> None:
        while not task.done():
            await self.passes(0.1)
        task.result()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", [WiLinkPeripheral, FitShowPeripheral], ids=["wilink", "fitshow"])
async def test_no_walk_moves_what_nobody_meant(
    kind: type[FramedPeripheral], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(kind, seed, monkeypatch)
    await walk.goes(25)
