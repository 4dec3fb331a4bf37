"""A sample of the fault matrix on a real Home Assistant: a walk of the console, a fault of the radio, and Stop.

The whole matrix is played in virtual time (tests/integration/treadmill/test_fault_matrix.py).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.live.homeassistant_client import CommandError
from tests.support.live.machine import PAUSE, REQUEST_CONTROL, STOP, Machine

WITHIN = 13.0
"""Seconds from Stop to a belt at rest, or to the words that it does not obey."""

WOKEN_WITHIN = 7.0
"""Seconds after a stop in which a belt at rest that moves is stopped again, and a little."""


async def drop(machine: Machine) -> None:
    await machine.proxy.drop()


async def proxy_gone(machine: Machine) -> None:
    await machine.proxy.close_tcp()


def fault(**values: Any) -> Callable[[Machine], Awaitable[None]]:
    async def begin(machine: Machine) -> None:
        await machine.proxy.faults(**values)

    return begin


COMMANDS = [0x02, 0x03, 0x07, 0x08]
BY_NIGHT = {"ATT_error", "late_indications", "doubled_indications"}
"""Faults that are played by day in virtual time alone."""
FAULTS = {
    "link_drop": drop,
    "proxy_down": proxy_gone,
    "silent": fault(silent=True),
    "result_04": fault(declines_op=COMMANDS),
    "ATT_error": fault(att_error=0x0E),
    "no_indications": fault(no_indications_at_all=True),
    "late_indications": fault(indication_delay=2.5),
    "doubled_indications": fault(doubled_indications=True),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] * (name in BY_NIGHT)) for name in FAULTS]
)
async def test_s3_whatever_fails_a_stop_goes_first_and_the_belt_rests_or_the_person_is_told(
    machine: Machine, measured: Callable[[str], None], name: str
) -> None:
    await machine.walk_at_console()
    await FAULTS[name](machine)
    pressed = time.monotonic()
    told = ""
    try:
        await machine.shown.press("stop")
    except CommandError as refused:
        told = refused.message
    state = await machine.proxy.treadmill()
    while not state["at_rest"] and not told and time.monotonic() - pressed < WITHIN:
        told = await failure(machine)
        await asyncio.sleep(0.1)
        state = await machine.proxy.treadmill()
    took = time.monotonic() - pressed
    assert state["at_rest"] or told, f"{took:.1f} s after Stop the belt moves, and nobody was told"
    measured(f"{name}: {'at rest' if state['at_rest'] else 'told'} after {took:.1f} s")
    # Nothing but stops was written, beside the request for control that some machines demand first.
    assert set(await machine.commands()) <= {STOP, PAUSE, REQUEST_CONTROL}
    # Once all is well again the belt rests.
    await machine.proxy.clear_faults()
    if not state["at_rest"]:
        await machine.shown.wait("connection", "connected", 30)
        await machine.stop()
    # A belt that moves soon after a stop that arrived late may be woken by it, and is stopped again (S3).
    await asyncio.sleep(WOKEN_WITHIN)


async def failure(machine: Machine) -> str:
    """Return which notice tells of a stop that failed; empty where there is none."""
    issues = await machine.home_assistant.client.issues()
    found = [issue for issue in issues if issue["issue_id"].startswith("stop_failed")]
    return str(found[0]["translation_key"]) if found else ""
