"""Home Assistant stops or the entry is unloaded close to a lost link: every exit, loss and state (S14)."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState

from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.storage.journal import Journal
from tests.support.house import House
from tests.support.virtual_time import VirtualTime

STOP = b"\x08\x01"
IN_TIME = 19.9
"""Seconds: fifteen for the belt, and a moment to release the treadmill; Home Assistant allows twenty."""


async def _starting(house: House) -> None:
    await house.press("start")
    await house.press("start")
    await house.time(15.5)
    assert house.state("session_state") == "starting"


async def _active(house: House) -> None:
    await house.walk()
    await house.set_number("target_speed", 0.8)
    await house.time(30)
    assert house.state("session_state") in {"warm_up", "active"}


async def _cool_down(house: House) -> None:
    await _active(house)
    await house.call("button", "press", "finish", by=house.person())
    assert house.state("session_state") == "cool_down"


async def _coasting(house: House) -> None:
    await _active(house)
    house.faults.stop_ignored = True  # the belt has not slowed down yet
    await house.press("pause")
    assert house.state("session_state") == "paused"
    house.faults.stop_ignored = False


async def _stopping(house: House) -> None:
    await _active(house)
    house.faults.stop_ignored = True
    await house.press("stop")
    assert house.state("session_state") == "stopping"
    house.faults.stop_ignored = False


async def _unheard(house: House) -> None:
    await _active(house)
    house.faults.silent = True
    await house.time(6)
    assert house.state("session_state") == "interrupted"
    house.faults.silent = False


async def _checking(house: House) -> None:
    await house.coordinator.control.start_check(house.person())
    await house.time(25)
    assert house.state("session_state") == "checking"
    assert house.treadmill.speed > 0


async def _manual(house: House) -> None:
    await house.walk()
    house.treadmill.press_speed(2.5)
    await house.time(2)
    assert house.state("session_state") == "manual"


async def _at_console(house: House) -> None:
    house.treadmill.press_start()
    await house.time(12)
    assert house.state("session_state") == "manual"


async def unload(house: House) -> None:
    await house.hass.config_entries.async_unload(house.entry.entry_id)


async def reload(house: House) -> None:
    await house.hass.config_entries.async_reload(house.entry.entry_id)


async def remove(house: House) -> None:
    await house.hass.config_entries.async_remove(house.entry.entry_id)


async def shut_down(house: House) -> None:
    await house.hass.async_stop(force=True)


STATES = (_starting, _active, _cool_down, _coasting, _stopping, _unheard, _checking)
WAYS = (unload, reload, remove, shut_down)
LOSSES = (0.1, 1.0, 3.0, 10.0, -0.5, -3.0)
"""Seconds between the loss and the exit; negative values are losses after the exit began."""
BACK = (0.5, 5.0, 12.0, None)
"""Seconds after the loss at which a reconnect is possible; None: never."""


def _sample() -> list[Any]:
    """Return a small sample that contains every pair of values; all 672 combinations would take an hour."""
    everything = list(itertools.product(STATES, WAYS, LOSSES, BACK))
    random.Random(14).shuffle(everything)
    covered: set[tuple[object, ...]] = set()
    chosen = []
    for case in everything:
        pairs = {(one, two, case[one], case[two]) for one, two in itertools.combinations(range(4), 2)}
        if len(pairs - covered) >= 2:
            covered |= pairs
            chosen.append(case)
    return chosen


def _name(case: object) -> str:
    return getattr(case, "__name__", str(case)).strip("_")


async def lose(house: House) -> None:
    house.faults.off = True
    house.peripheral.step(0.1)
    await house.settle()


def machine_writes(house: House) -> list[bytes]:
    return [data for _, uuid, data in house.peripheral.writes if uuid == ftms.CONTROL_POINT]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("state", "way", "loss", "back"), _sample(), ids=_name)
async def test_s14_leaving_within_moments_of_a_lost_link_stops_the_belt_that_is_ours(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    state: Callable[[House], Awaitable[None]],
    way: Callable[[House], Awaitable[None]],
    loss: float,
    back: float | None,
) -> None:
    await house.set_up()
    await state(house)
    time = VirtualTime(house, monkeypatch)
    coordinator, kinds = house.coordinator, list[str]()
    coordinator.events.add(lambda event: kinds.append(event.kind.value))
    if loss > 0:
        await lose(house)
        await time.passes(loss)
    writes = len(machine_writes(house))

    leaving = asyncio.create_task(way(house))
    begun = house.clock.seconds
    while not (coordinator._leaving and coordinator._leaving.done()):
        await time.passes(0.1)
        passed = house.clock.seconds - begun
        assert passed <= IN_TIME
        if loss < 0 and passed >= -loss and not house.faults.off and (back is None or passed < -loss + back):
            await lose(house)
        if back is not None and passed >= (back if loss > 0 else back - loss):
            house.faults.off = False
    if way is unload and state not in {_starting, _checking} and not house.treadmill.at_rest:
        assert await Journal(house.hass, house.entry.entry_id).async_load() is not None  # the session is saved
    if back is not None:
        assert STOP in machine_writes(house)[writes:]
    else:
        stopped_before = house.treadmill.at_rest and "stopped" in kinds
        assert stopped_before or {"stop_failed", "interrupted"} & set(kinds)  # the walker was notified
    assert coordinator.link._attempt is None or coordinator.link._attempt.done()
    house.faults.off = False
    if back is None:
        house.treadmill.press_stop()
    await time.passes(5)  # a belt may still coast after a timely exit
    async with asyncio.timeout(60):
        while not leaving.done():
            await time.passes(0.5)
    await leaving
    assert house.treadmill.at_rest
    assert not coordinator.runner.ticking
    names = {task.get_name() for task in asyncio.all_tasks()}
    if way is not reload:
        assert not [name for name in names if name.startswith(("Retrowalk", "Link to", "FTMS"))]
        assert not house.peripheral.connected


@pytest.mark.parametrize("way", WAYS, ids=_name)
@pytest.mark.parametrize("state", [_manual, _at_console], ids=_name)
async def test_s14_a_belt_of_the_console_is_not_touched_whenever_its_link_was_lost(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    state: Callable[[House], Awaitable[None]],
    way: Callable[[House], Awaitable[None]],
) -> None:
    await house.set_up()
    await state(house)
    time = VirtualTime(house, monkeypatch)
    coordinator = house.coordinator
    await lose(house)
    await time.passes(1)
    assert house.state("session_state") == "interrupted"
    house.commands()
    leaving = asyncio.create_task(way(house))
    await time.passes(0.5)
    assert coordinator._leaving.done()  # and the exit waited for nothing
    house.faults.off = False
    async with asyncio.timeout(60):
        while not leaving.done():
            await time.passes(0.5)
    await time.passes(3)
    assert house.commands() == []
    assert house.treadmill.speed > 0


async def test_s14_a_treadmill_that_nobody_heard_for_hours_is_waited_for_where_its_link_was_lost_a_moment_ago(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check the end of a long link: a connected treadmill does not advertise, so Home Assistant has forgotten it."""
    await house.set_up()
    await _active(house)
    time = VirtualTime(house, monkeypatch)
    await lose(house)
    await time.passes(1)
    with monkeypatch.context() as forgotten:
        forgotten.setattr(type(house.coordinator.connection), "in_reach", property(lambda _: False))
        leaving = asyncio.create_task(unload(house))
        await time.passes(4)
        house.faults.off = False
        await time.until(leaving.done, within=IN_TIME)
    assert STOP in house.commands()
    assert house.treadmill.at_rest
    assert house.entry.state is ConfigEntryState.NOT_LOADED


@pytest.mark.parametrize("way", [unload, shut_down], ids=_name)
async def test_s14_leaving_over_a_link_that_is_dead_and_does_not_know_it_stops_the_belt_over_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch, way: Callable[[House], Awaitable[None]]
) -> None:
    """Check a link that is dead, as out of range, which the stack reports only after 8 to 90 s."""
    await house.set_up()
    await _active(house)
    assert house.treadmill.speed > 0.5  # otherwise it would be slowed down first
    time = VirtualTime(house, monkeypatch)
    house.faults.update({"silent": True, "no_write_response_op": [0, 2, 8]})
    house.commands()
    leaving = asyncio.create_task(way(house))
    begun = house.clock.seconds
    await time.until(lambda: STOP in house.commands(), within=4)  # without effect; once the exit waited 10 s for it
    house.faults.clear()
    await time.until(lambda: house.treadmill.at_rest, within=IN_TIME - 4)
    await time.until(leaving.done, within=IN_TIME - (house.clock.seconds - begun))
    assert not house.peripheral.connected


async def test_s14_leaving_is_not_held_up_by_an_attempt_that_hangs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await _active(house)
    time = VirtualTime(house, monkeypatch)
    house.faults.connect_delay = 3600.0
    await lose(house)
    await time.passes(2)
    leaving = asyncio.create_task(unload(house))
    await time.passes(5)
    house.commands()
    house.faults.update({"off": False, "connect_delay": 0.0})
    assert await time.until(lambda: STOP in house.commands(), within=5) <= 1.05
    await time.until(leaving.done, within=10)
    assert house.treadmill.at_rest
    assert not house.peripheral.connected
