"""The columns of the fault matrix: where a session is when something fails."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.reliability.world import TARGET, World


async def ready(world: World) -> None:
    await world.press("start")
    await world.passes(3)
    assert world.state == "ready"


async def starting(world: World) -> None:
    await world.confirm()
    await world.wait("starting", 20)
    await world.passes(1)
    assert world.house.treadmill.phase is Phase.COUNTDOWN


async def walking(world: World) -> None:
    await starting(world)
    await world.wait("warm_up", 15)


async def ramp(world: World) -> None:
    await walking(world)
    await world.passes(8)
    await world.choose(TARGET)
    assert await world.passes(40, lambda: world.house.treadmill.speed > 0.65)


async def steady(world: World) -> None:
    await ramp(world)
    assert await world.passes(60, lambda: world.house.treadmill.speed >= TARGET - 0.01)
    await world.passes(4)


async def paused(world: World) -> None:
    await walking(world)
    await world.passes(12)
    await world.press("pause")
    await world.passes(8)
    assert world.state == "paused"
    assert world.house.treadmill.at_rest


async def resuming(world: World) -> None:
    await paused(world)
    await world.confirm("resume")
    await world.wait("starting", 20)
    await world.passes(1)


async def cooling(world: World) -> None:
    await steady(world)
    await world.press("finish")
    await world.passes(3)
    assert world.state == "cool_down"


async def result(world: World) -> None:
    await walking(world)
    await world.passes(12)
    await world.stop()
    await world.wait("finished", 20)
    await world.passes(4)


@dataclass(frozen=True)
class State:
    """One column."""

    title: str
    drive: Callable[[World], Awaitable[None]]
    then: Callable[[World], Awaitable[None]] | None = None
    """What the person does a moment after the fault."""

    @property
    def moves(self) -> bool:
        """Whether the belt moves, or is about to, when something fails."""
        return self.drive in {starting, ramp, steady, resuming, cooling}


async def _start(world: World) -> None:
    if world.state == "ready":
        await world.confirm()


async def _resume(world: World) -> None:
    if world.state == "paused":
        await world.confirm("resume")


STATES = (
    State("ready", ready, _start),
    State("starting", starting),
    State("ramp", ramp),
    State("steady", steady),
    State("paused", paused, _resume),
    State("resuming", resuming),
    State("cooling down", cooling),
    State("result", result),
)
