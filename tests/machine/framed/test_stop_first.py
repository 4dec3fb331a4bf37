"""S3 on every framed protocol: at any moment a stop is the next frame, only stops and questions follow, and it works.

Random commands, polls, hanging writes and repeated stops; the oracle looks at what was written and at the true belt.
"""

import asyncio
import random
from contextlib import suppress

import pytest

from custom_components.retrowalk.machine.errors import MachineError
from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import at_once, turns
from tests.support.framed_bench import STOPS, FramedBench

STOP = Command(CommandKind.STOP)
HALTS_WITHIN = 15.0
"""Seconds in which a belt that was told to stop rests."""


class Story:
    """One machine, and somebody who presses everything."""

    def __init__(self, key: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stop, name = STOPS[key]
        self.chance = random.Random(f"{key} {seed}")
        profile = Profile(name=name, speed=ValueRange(0.5, 4.0, 0.1), incline=None, steps=True)
        self.bench = FramedBench(key, profile, monkeypatch)
        self.tasks: list[asyncio.Task[None]] = []

    def presses(self, command: Command) -> None:
        async def press() -> None:
            with suppress(MachineError):
                await self.bench.driver.execute(command)

        self.tasks.append(at_once(press()))

    async def goes(self) -> None:
        """Let time pass, mostly a little, so that the next press comes at any moment of the polls."""
        await self.bench.time.passes(self.chance.choice([0.0, 0.05, 0.1, 0.3, 0.7, 0.75, 1.3, 4.0]))

    async def stops(self) -> None:
        """Stop, perhaps several times, perhaps while writes hang, and judge what is written until the belt rests."""
        hangs = self.chance.random() < 0.2
        if hangs:
            self.bench.connection.response = asyncio.get_running_loop().create_future()
        for _ in range(self.chance.choice([1, 1, 2, 5])):
            self.bench.all_written()
            self.presses(STOP)
            await turns()
            assert self.bench.all_written()[:1] == [self.stop], "a stop is the next frame"
            await self.bench.time.passes(self.chance.choice([0.05, 0.2, 0.5, 0.9]))
            self.only_stops()
        response, self.bench.connection.response = self.bench.connection.response, None
        if response is not None and not response.done():
            response.set_result(None)
        for _ in range(round(HALTS_WITHIN)):
            await self.bench.time.passes(1)
            self.only_stops()
        assert self.bench.treadmill.at_rest, "a stop is not lost"

    def only_stops(self) -> None:
        assert set(self.bench.written()) <= {self.stop}, "nothing follows a stop"

    async def end(self) -> None:
        self.bench.driver.close()
        for task in self.tasks:
            await self.bench.time.done(task)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("key", STOPS)
async def test_s3_a_stop_is_first_alone_and_works_at_any_moment(
    key: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(key, seed, monkeypatch)
    await story.bench.open()
    for _ in range(3):
        story.presses(Command(CommandKind.START))
        await story.bench.time.passes(8)
        for _ in range(story.chance.randrange(5)):
            story.presses(
                story.chance.choice(
                    [
                        Command(CommandKind.SET_SPEED, round(story.chance.uniform(0.5, 3.0), 1)),
                        Command(CommandKind.SET_SPEED, 0.5, urgent=True),
                        Command(CommandKind.PAUSE),
                        Command(CommandKind.START),
                    ]
                )
            )
            await story.goes()
        await story.stops()
    await story.end()
