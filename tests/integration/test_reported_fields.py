"""Entities follow what a treadmill claims, and what it was seen to report."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.helpers import entity_registry as er

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_FIELDS, CONF_INFO
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.house import CAPABILITIES, House, make_entry

UNCLAIMED = Capabilities(speed_range=ValueRange(0.5, 20.0, 0.1), can_start_and_stop=True)


def registered(house: House, key: str) -> str | None:
    return house.coordinator.entity_id("sensor", key)


async def soon(house: House, condition: Callable[[], object]) -> None:
    """Let time pass until a condition is met, a minute at most."""
    for _ in range(60):
        if condition():
            return
        await house.time(1)
    raise AssertionError("did not happen")


async def reload(house: House) -> None:
    assert house.entry is not None
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.settle()


async def test_a_value_that_is_not_claimed_gets_its_entity_at_once_and_keeps_it(house: House) -> None:
    house.treadmill.profile = Profile(heart_rate=True)
    house.faults.no_features = True
    await house.set_up(make_entry(**{CONF_CAPABILITIES: UNCLAIMED.as_dict()}))
    coordinator = house.coordinator
    await soon(house, lambda: registered(house, "heart_rate") is not None)
    await soon(house, lambda: house.state("heart_rate") == "68")
    assert registered(house, "incline") is None  # an incline of 0 proves nothing
    await house.walk()
    house.treadmill.press_incline(1.0)
    await soon(house, lambda: registered(house, "incline") is not None)
    await house.time(5)
    assert house.state("incline") == "1.0"
    assert house.coordinator is coordinator  # without a reload
    assert house.entry.data[CONF_FIELDS]["missing"] == []
    assert {"heart_rate", "incline"} <= set(house.entry.data[CONF_FIELDS]["seen"])
    await house.press("stop")
    await house.time(15)
    house.faults.off = True
    await reload(house)
    assert (house.state("heart_rate"), house.state("incline")) == ("unavailable", "unavailable")


async def set_up_without_contact(house: House) -> er.EntityRegistry:
    """Set up a treadmill that claims a heart rate, and whose grips nobody touches."""
    claims = replace(CAPABILITIES, reports_heart_rate=True)
    house.treadmill.profile = Profile(heart_rate=True)
    await house.set_up(make_entry(**{CONF_CAPABILITIES: claims.as_dict()}), connected=False)
    house.treadmill.profile = replace(house.treadmill.profile, heart_rate=False)
    house.faults.all_values = True
    return er.async_get(house.hass)


async def test_a_value_that_is_claimed_and_never_comes_loses_its_entity_until_it_comes(house: House) -> None:
    await set_up_without_contact(house)
    entity_id = registered(house, "heart_rate")
    assert entity_id is not None
    await soon(house, lambda: house.state("connection") == "connected")
    await house.walk()
    assert registered(house, "heart_rate") == entity_id
    await house.time(75)
    assert registered(house, "heart_rate") is None
    assert house.hass.states.get(entity_id) is None
    assert house.hass.states.get("sensor.treadmill_steps") is None
    assert house.state("distance") != "unknown"
    await house.press("stop")
    await house.time(15)
    await reload(house)
    assert registered(house, "heart_rate") is None
    await soon(house, lambda: house.state("connection") == "connected")
    house.treadmill.profile = replace(house.treadmill.profile, heart_rate=True)
    await soon(house, lambda: registered(house, "heart_rate") == entity_id)
    await soon(house, lambda: house.state("heart_rate") not in {"unknown", "unavailable"})


@pytest.mark.parametrize(
    "own",
    [
        {"new_entity_id": "sensor.my_pulse"},
        {"name": "My pulse"},
        {"area_id": "cellar"},
        {"icon": "mdi:heart"},
        {"labels": {"fitness"}},
        {"hidden_by": er.RegistryEntryHider.USER},
    ],
    ids=lambda own: next(iter(own)),
)
async def test_what_its_owner_renamed_or_placed_is_kept_until_its_value_comes(
    house: House, own: dict[str, Any]
) -> None:
    registry = await set_up_without_contact(house)
    entity_id = registered(house, "heart_rate")
    assert entity_id is not None
    before = registry.async_update_entity(entity_id, **own)
    await soon(house, lambda: house.state("connection") == "connected")
    await house.walk()
    await house.time(75)
    assert house.entry.data[CONF_FIELDS]["missing"] != []
    assert registry.async_get(before.entity_id) == before
    assert house.state("heart_rate") == "unknown"
    await house.press("stop")
    await house.time(15)
    await reload(house)
    assert registry.async_get(before.entity_id) == before
    await soon(house, lambda: house.state("connection") == "connected")
    house.treadmill.profile = replace(house.treadmill.profile, heart_rate=True)
    await soon(house, lambda: house.state("heart_rate") not in {"unknown", "unavailable"})
    assert registry.async_get(before.entity_id) == before


async def test_s18_a_deck_whose_incline_never_comes_has_no_entities_after_the_session(house: House) -> None:
    house.faults.no_inclination = True
    await house.set_up()
    coordinator = house.coordinator
    assert house.has("target_incline")
    await house.walk()
    await house.time(75)
    assert registered(house, "incline") is None
    assert house.coordinator is coordinator  # not under a walker
    await house.press("stop")
    await soon(house, lambda: house.coordinator is not coordinator)
    await house.settle()
    assert house.coordinator.session.limits.incline is None
    assert house.hass.states.get("number.treadmill_target_incline") is None or (
        house.state("target_incline") == "unavailable"
    )
    assert len(house.entry.data[CONF_FIELDS]["missing"]) == 1


async def test_other_firmware_is_watched_anew(house: House) -> None:
    fields = {"seen": ["heart_rate"], "missing": ["incline"]}
    await house.set_up(make_entry(**{CONF_FIELDS: fields, CONF_INFO: {"firmware": "0.9"}}), connected=False)
    await soon(house, lambda: registered(house, "heart_rate") is None)
    await soon(house, lambda: house.has("incline"))


@pytest.mark.parametrize("fields", [None, 7, {"seen": 3}])
async def test_damaged_knowledge_is_none(house: House, fields: object) -> None:
    await house.set_up(make_entry(**{CONF_FIELDS: fields}))
    assert house.has("incline")
