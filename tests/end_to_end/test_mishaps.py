"""Failures during a session: a procedure that hangs, a lost link, a frozen proxy, a shutdown of Home Assistant.

The commands are read from the machine itself, through the proxy's control API.
"""

import asyncio
import time
from collections.abc import Callable

from tests.support.live.machine import REQUEST_CONTROL, START, STOP, Machine

SPEED_05, SPEED_10 = "023200", "026400"


async def test_stop_goes_first_while_another_procedure_hangs(machine: Machine, measured: Callable[[str], None]) -> None:
    await machine.walk_forward()
    await machine.proxy.faults(lost_indications=[0x02])
    await machine.shown.set_number("target_speed", 1.0)
    await machine.wait_command(SPEED_10)  # it is never answered
    pressed = time.monotonic()
    stop = asyncio.create_task(machine.stop())
    took = await machine.wait_command(STOP, 5.0)
    measured(f"With a procedure that hangs: {took * 1000:.1f} ms")
    await stop
    assert time.monotonic() - pressed < 9  # the procedure times out after ten seconds
    await machine.shown.wait("session_state", "finished")
    commands = await machine.commands()
    assert set(commands[commands.index(SPEED_10) + 1 :]) == {STOP}  # repeated where a busy computer is slow to obey


async def test_s10_a_lost_link_is_said_at_once_and_nothing_rises(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    await machine.walk_forward()
    sent = await machine.commands()
    dropped = time.monotonic()
    interrupted = asyncio.create_task(machine.shown.wait("session_state", "interrupted", 5))
    unavailable = asyncio.create_task(machine.shown.wait("speed", "unavailable", 5))
    back = asyncio.create_task(
        machine.shown.wait("session", lambda state: state["attributes"]["event_type"] == "link_back", 20)
    )
    await asyncio.sleep(0)
    assert await machine.proxy.drop()
    await interrupted
    measured(f"From the lost link to 'interrupted': {(time.monotonic() - dropped) * 1000:.0f} ms")
    await unavailable
    await back
    measured(f"and back after {time.monotonic() - dropped:.1f} s")
    await machine.shown.wait("speed", "0.5")
    assert (await machine.proxy.treadmill())["speed"] == 0.5
    await machine.proxy.wait_for_treadmill(lambda state: state["supervision_timeout"] == 2.0)  # while it moves (S11)
    # It was lost in the first seconds, which are at the minimum whatever the machine did (S12).
    assert set((await machine.commands())[len(sent) :]) <= {REQUEST_CONTROL, SPEED_05}
    assert await machine.shown.state("session_state") == "warm_up"  # the planned end stays, nothing rises (S10)
    await machine.stop()
    await machine.shown.wait("session_state", "finished")
    await machine.proxy.wait_for_treadmill(lambda state: state["supervision_timeout"] == 8.0)


async def test_a_frozen_proxy_is_noticed(machine: Machine, measured: Callable[[str], None]) -> None:
    await machine.walk_at_console()
    frozen = time.monotonic()
    machine.proxy.child.pause()
    try:
        await machine.shown.wait("session_state", "interrupted", 8)
        await machine.shown.wait("speed", "unavailable", 2)
        measured(f"From the proxy's last word to 'interrupted': {time.monotonic() - frozen:.1f} s")
    finally:
        machine.proxy.child.resume()
    await machine.shown.wait("session_state", "manual")
    await machine.shown.wait("speed", "0.5")
    assert await machine.commands() == []
    await machine.proxy.press("stop")
    await machine.shown.wait("session_state", "finished")


async def test_a_walk_of_the_console_survives_a_restart_of_home_assistant(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    await machine.walk_at_console()
    stopping = await machine.home_assistant.stop()
    left = await machine.proxy.treadmill()
    assert (left["running"], left["speed"]) == (True, 0.5)
    starting = await machine.home_assistant.start()
    await machine.find_entities()
    await machine.shown.wait("session_state", "manual", 30)
    await machine.shown.wait("speed", "0.5")
    measured(f"Home Assistant stopped in {stopping:.1f} s, started in {starting:.1f} s")
    assert (await machine.proxy.treadmill())["elapsed"] > left["elapsed"]
    assert await machine.commands() == []
    await machine.proxy.press("stop")
    await machine.shown.wait("belt_moving", "off")


async def test_home_assistant_stops_the_belt_that_it_steers_before_it_goes(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    await machine.renew_link()
    await machine.walk_forward()
    took = await machine.home_assistant.stop()
    state, commands = await machine.proxy.treadmill(), await machine.commands()
    measured(f"Home Assistant and its belt stopped in {took:.1f} s")
    await machine.home_assistant.start()
    assert commands[:4] == [REQUEST_CONTROL, START, SPEED_05, STOP]
    assert set(commands[4:]) <= {STOP}
    assert state["at_rest"]
    assert not state["connected"]
    assert took < 20
