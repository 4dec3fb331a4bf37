"""A treadmill that ends walks after half an hour, of which nobody knew, is found out in use (S15)."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_TIME_LIMIT, DOMAIN
from custom_components.retrowalk.machine.model import Quirk
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.treadmill.check_result import quirks_of
from custom_components.retrowalk.treadmill.quirks import QuirkOrigin
from custom_components.retrowalk.treadmill.time_limit import learned_limit
from tests.support.card import Card
from tests.support.house import CONTROL, House, make_entry, walker_subentry


def longest(house: House, direction: Direction = Direction.FORWARD) -> float:
    return house.coordinator.session.rules.limits(direction).longest


def told(house: House) -> bool:
    issue = f"time_limit_{house.entry.entry_id}"
    return ir.async_get(house.hass).async_get_issue(DOMAIN, issue) is not None


async def walk_forward(house: House, minutes: int, *, until: float) -> None:
    await house.call("select", "select_option", "direction", option="forward")
    await house.set_number("session_length", minutes)
    await house.walk()
    await house.time(until, dt=2)
    await house.press("stop")
    await house.time(20)


async def test_two_walks_that_the_treadmill_ended_alike_limit_the_next(house: House) -> None:
    house.faults.stops_after = 1800.0
    await house.set_up()
    assert longest(house) == 7200
    await walk_forward(house, 60, until=1830)
    assert learned_limit(house.entry.data) is None
    assert (longest(house), told(house)) == (7200, False)
    await walk_forward(house, 60, until=1830)
    assert learned_limit(house.entry.data) == 1800
    assert (longest(house), told(house)) == (1740, True)
    assert longest(house, Direction.BACKWARD) == 1740
    await walk_forward(house, 29, until=1790)
    assert house.state("session_state") in {"finished", "idle"}
    assert learned_limit(house.entry.data) == 1800


async def learn(house: House, limit: float = 1800.0) -> None:
    """Load the treadmill anew as one of which the limit was learned."""
    ends = {"ends": [limit - 1, limit], "firmware": house.coordinator.info.firmware}
    house.hass.config_entries.async_update_entry(house.entry, data={**house.entry.data, CONF_TIME_LIMIT: ends})
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")


async def test_it_is_known_after_a_restart_and_the_owner_knows_better(house: House) -> None:
    await house.set_up()
    await learn(house)
    assert longest(house) == 1740
    assert quirks_of({}, house.entry.data)[Quirk.TIME_LIMIT].origin is QuirkOrigin.LEARNED
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, "quirks": {"time_limit": False}})
    await house.settle()
    assert (longest(house), told(house)) == (7200, False)


async def test_a_walk_that_goes_on_beyond_it_proves_it_wrong(house: House) -> None:
    await house.set_up()
    await learn(house, 600.0)
    assert learned_limit(house.entry.data) == 600
    house.hass.config_entries.async_update_entry(house.entry, options={**CONTROL, "quirks": {"time_limit": False}})
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")
    await walk_forward(house, 20, until=650)
    assert learned_limit(house.entry.data) is None
    assert not told(house)


async def test_the_card_says_why_a_session_is_no_longer(
    house: House, hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    await house.store_session("anna")
    await learn(house)
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    await house.set_number("session_length", 28)
    await card.receive()
    assert card.next["cuts"] == []
    await house.set_number("session_length", 29)
    await card.receive()
    assert card.next["cuts"] == [
        "The treadmill stops by itself after 30 minutes. The session ends gently after at most 29 minutes."
    ]


@pytest.mark.parametrize(
    "kept",
    [None, 5, {"ends": 5}, {"ends": ["x", True, 1800]}, {"ends": [1800, 1800], "firmware": "of another"}],
    ids=str,
)
async def test_what_is_damaged_or_of_other_firmware_limits_nothing(house: House, kept: Any) -> None:
    await house.set_up(make_entry(**{CONF_TIME_LIMIT: kept}))
    assert longest(house) == 7200
