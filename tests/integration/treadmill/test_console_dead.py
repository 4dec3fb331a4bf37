"""Tests for a treadmill whose own Start is dead while it is connected: it is left alone, and its owner is told once."""

from typing import Any

import pytest
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from tests.support.house import CONTROL, House, make_entry

DEAD = {**CONTROL, "quirks": {"console_dead": True}}


def told(house: House) -> ir.IssueEntry | None:
    assert house.entry is not None
    return ir.async_get(house.hass).async_get_issue(DOMAIN, f"console_dead_{house.entry.entry_id}")


async def test_it_is_connected_for_a_session_only_and_released_soon_after_it(house: House) -> None:
    house.peripheral.faults.update({"console_dead_while_connected": True})
    await house.set_up(make_entry(DEAD), connected=False)
    await house.time(5)
    assert house.state("connection") == "released"
    await house.press("start")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(3)
    await house.press("start")
    await house.time(40)
    assert house.treadmill.speed > 0
    await house.time(20)
    assert house.state("connection") == "connected"  # it is not left while anybody walks
    await house.press("stop")
    await house.time(15)
    assert house.treadmill.at_rest
    await house.time(15)
    assert house.state("connection") == "released"
    house.peripheral.step(0.1)
    house.treadmill.press_start()
    await house.time(10)
    assert house.treadmill.speed > 0


async def test_its_owner_is_told_why_and_only_once(house: House) -> None:
    await house.set_up(make_entry(DEAD), connected=False)
    assert told(house) is not None
    assert house.entry is not None
    ir.async_delete_issue(house.hass, DOMAIN, f"console_dead_{house.entry.entry_id}")
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.settle()
    assert told(house) is None


@pytest.mark.parametrize(
    ("options", "data"),
    [
        (CONTROL, {}),
        ({**DEAD, "connection": "always"}, {}),
        ({**CONTROL, "quirks": {"console_dead": False}}, {"quirks": {"console_dead": True}}),
    ],
    ids=["any other", "always connected", "the owner knows better"],
)
async def test_any_other_stays_connected_and_nobody_is_told(
    house: House, options: dict[str, Any], data: dict[str, Any]
) -> None:
    await house.set_up(make_entry(options, **data))
    await house.time(30)
    assert house.state("connection") == "connected"
    assert told(house) is None


async def test_our_table_is_enough(house: House) -> None:
    await house.set_up(make_entry(CONTROL, quirks={"console_dead": True}), connected=False)
    await house.time(5)
    assert house.state("connection") == "released"
    assert told(house) is not None


async def test_s10_a_second_session_takes_control_at_once(house: House) -> None:
    house.peripheral.faults.update({"console_dead_while_connected": True})
    await house.set_up(make_entry(DEAD), connected=False)
    for _ in range(2):
        await house.press("start")
        await house.until(lambda: house.state("connection") == "connected")
        await house.time(3)
        await house.press("start")
        await house.time(40)
        assert house.treadmill.speed > 0
        await house.press("stop")
        await house.time(30)
        assert house.treadmill.at_rest
        assert house.state("connection") == "released"


async def test_s1_a_pulled_safety_key_ends_the_session_and_frees_the_console_only_at_rest(house: House) -> None:
    house.peripheral.faults.update({"console_dead_while_connected": True})
    await house.set_up(make_entry(DEAD), connected=False)
    await house.press("start")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(3)
    await house.press("start")
    await house.time(40)
    house.treadmill.pull_safety_key()
    while not house.treadmill.at_rest:
        await house.time(0.5)
        assert house.state("connection") == "connected"
    await house.time(40)
    assert house.state("connection") == "released"
    assert house.treadmill.at_rest
    house.treadmill.insert_safety_key()
    await house.time(20)
    assert house.treadmill.at_rest  # nothing that was meant before is done now
