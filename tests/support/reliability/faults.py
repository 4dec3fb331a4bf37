"""The rows of the fault matrix: what fails, at what, and how it is mended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntryState

from custom_components.retrowalk.simulator import bluetooth
from custom_components.retrowalk.simulator.bluetooth import async_attach
from tests.support.reliability.oracle import AT_ONCE, CONSOLE, TAKEN_OVER
from tests.support.reliability.world import World

SHOWS = 60.0
"""Seconds in which it shows that a belt does not do what it is told (S9)."""
COMMANDS = frozenset({0x02, 0x03, 0x07, 0x08})
type Act = Callable[[World], Awaitable[None]]


async def nothing(world: World) -> None:
    """Do nothing: it has passed, or it stays."""


@dataclass(frozen=True)
class Fault:
    """One row."""

    title: str
    begins: Act
    ends: Act = nothing
    watch: float = 0.0
    """Seconds for which it is watched longer before Stop is pressed: it shows only with time."""


def of_machine(title: str, *, watch: float = 0.0, **faults: Any) -> Fault:
    """Return a fault that the virtual treadmill plays by itself."""

    async def begins(world: World) -> None:
        world.oracle.note(f"FAULT {title}")
        world.house.faults.update(faults)
        world.oracle.hearing = not world.house.faults.silent
        if world.house.treadmill.at_rest and any(name.startswith("toggles") for name in faults):
            world.oracle.trembles = True  # a Stop at rest, which is never refused, sets this belt in motion
        world.house.peripheral._follow_faults()

    async def ends(world: World) -> None:
        world.oracle.note(f"MENDED {title}")
        world.house.faults.clear()
        world.oracle.hearing = True
        world.house.peripheral._follow_faults()

    return Fault(title, begins, ends, watch)


def by_hand(title: str, press: Callable[[World], object], ends: Act = nothing) -> Fault:
    """Return what a person does at the machine, who hears of it where it moves."""

    async def begins(world: World) -> None:
        moves = world.oracle.moves
        world.oracle.foreign(title)
        press(world)
        if moves:
            world.oracle.must_say(f"S7 not told: {title}", CONSOLE, TAKEN_OVER)

    return Fault(title, begins, ends)


async def _drop(world: World) -> None:
    world.oracle.note("FAULT link drop")
    world.house.peripheral.drop_link()


async def _proxy_down(world: World) -> None:
    world.oracle.note("FAULT proxy down")
    world.house.detach()


async def _proxy_back(world: World) -> None:
    world.oracle.note("MENDED proxy")
    world.house.detach = async_attach(world.house.hass, world.house.peripheral, run=False)


async def _no_slot(world: World) -> None:
    world.oracle.note("FAULT no slot")
    world.monkeypatch.setattr(bluetooth, "_SLOTS", 0)
    world.house.peripheral.drop_link()


async def _slot(world: World) -> None:
    world.oracle.note("MENDED slot")
    world.monkeypatch.setattr(bluetooth, "_SLOTS", 3)


async def _miles(world: World) -> None:
    world.oracle.foreign("console set to miles")
    world.house.faults.miles = True
    if world.oracle.moves:
        world.oracle.must_say("S9 not told of miles", SHOWS, r"does not do what it is told|console|Stopped|Finished")


async def _kilometers(world: World) -> None:
    world.house.faults.miles = False


async def _taken_over(world: World) -> None:
    """Another client takes control, and sets a speed."""
    world.oracle.foreign("another client takes control")
    world.house.faults.control_lost = True
    world.house.peripheral._follow_faults()
    if world.oracle.moves:
        world.oracle.must_say("S7 not told: another client", CONSOLE, TAKEN_OVER)
        world.house.treadmill.press_speed(world.house.treadmill.target_speed + 0.5)


async def _given_back(world: World) -> None:
    world.house.faults.control_lost = False


async def _phone(world: World) -> None:
    """A phone's app takes the link at once when it is free."""
    world.oracle.note("FAULT a phone takes the link")
    world.house.faults.held_by_other_central = True
    world.house.peripheral.drop_link()


async def _phone_gone(world: World) -> None:
    world.house.faults.held_by_other_central = False


async def _leave(world: World) -> None:
    """Home Assistant stops, and comes back later."""
    house = world.house
    world.oracle.note("FAULT Home Assistant stops")
    if world.oracle.moves and world.state in {"starting", "warm_up", "active", "cool_down"}:
        world.oracle.must_say("S14 not told", AT_ONCE, r"Home Assistant is stopping|Stopped|Paused")
    await world.done(house.hass.config_entries.async_unload(house.entry.entry_id))
    world.oracle.withdrawn()
    world.oracle.running = False
    assert house.treadmill.at_rest, "S14: it runs on\n" + "\n".join(world.oracle.log[-30:])


async def _kill(world: World) -> None:
    """Home Assistant is killed, and comes back later."""
    world.oracle.note("FAULT Home Assistant is killed")
    await world.death.kill(down=0.0)
    world.oracle.withdrawn()
    world.oracle.running = False


async def _come_back(world: World) -> None:
    house = world.house
    if house.entry.state is not ConfigEntryState.LOADED:
        world.oracle.note("MENDED Home Assistant starts")
        await world.done(house.hass.config_entries.async_setup(house.entry.entry_id))
        world.oracle.running = True
        if world.oracle.moves:
            world.oracle.must_say("S19 not told that nobody coaches", 10.0, r"without a coach")


async def _key_in(world: World) -> None:
    world.house.treadmill.insert_safety_key()


FAULTS = (
    Fault("link drop", _drop),
    of_machine("unreachable", off=True),
    Fault("proxy down", _proxy_down, _proxy_back),
    of_machine("silent", silent=True),
    of_machine("result 04, operation failed", declines_op=COMMANDS),
    of_machine("result 05, control not permitted", declines_op=COMMANDS, declines_with=5),
    of_machine("ATT error", att_error=0x0E),
    of_machine("indications lost", no_indications_at_all=True),
    of_machine("indications late", indication_delay=2.5),
    of_machine("indications doubled", doubled_indications=True),
    of_machine("ignores speeds", watch=SHOWS, ignore_speed=True),
    of_machine("ignores Stop", stop_ignored=True),
    Fault("miles", _miles, _kilometers, SHOWS),
    of_machine("toggles", toggles_on_stop=True, toggles_on_pause=True, toggles_on_start=True),
    by_hand("safety key", lambda world: world.house.treadmill.pull_safety_key(), _key_in),
    by_hand("console Stop", lambda world: world.house.treadmill.press_stop()),
    by_hand("console Pause", lambda world: world.house.treadmill.press_pause()),
    by_hand("console speed", lambda world: world.house.treadmill.press_speed(world.house.treadmill.target_speed + 0.6)),
    Fault("second central", _taken_over, _given_back),
    Fault("no slot", _no_slot, _slot),
    Fault("Home Assistant stops", _leave, _come_back),
    Fault("kill -9", _kill, _come_back),
    # More than the issue asks for.
    Fault("a phone holds the link", _phone, _phone_gone),
    of_machine("writes unanswered", no_write_response_op=COMMANDS),
)
