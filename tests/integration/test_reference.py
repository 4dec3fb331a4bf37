"""What the pages of the reference say is so in a real Home Assistant: entities, settings, triggers, conditions."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.condition import async_validate_condition_config
from homeassistant.helpers.selector import Selector
from homeassistant.helpers.trigger import async_validate_trigger_config

from scripts.lib import reference
from scripts.lib.reference_settings import Field, default_of, fields_of
from tests.support.house import House, make_entry, open_settings, walker_subentry


async def test_entities_are_of_the_device_and_the_category_that_the_page_says(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    written = {(each.platform, each.key): each for each in reference.entities()}
    registered = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    assert len(registered) > 40
    devices = dr.async_get(house.hass)
    for entity in registered:
        each = written.pop((entity.domain, entity.translation_key or ""))
        device = devices.async_get(entity.device_id or "")
        assert device is not None
        assert (device.entry_type is dr.DeviceEntryType.SERVICE) is each.walker, each
        assert (entity.entity_category.value if entity.entity_category else "") == each.category
        assert (entity.disabled_by is None) is each.enabled
        assert entity.original_name == each.name
    assert {key for _, key in written} <= {"heart_rate", "steps"}  # this machine measures neither


async def test_the_settings_are_those_of_the_page(house: House) -> None:
    await house.set_up(make_entry({}))
    assert house.entry.state is ConfigEntryState.LOADED
    form = await open_settings(house.hass, house.entry.entry_id)
    schema = form["data_schema"]
    assert schema is not None
    seen = 0
    for group, section in schema.schema.items():
        shown: dict[str, Field] = {each.key: each for each in fields_of(f"settings.{group}", reference.TEXTS)}
        for marker, selector in section.schema.schema.items():
            each = shown.pop(str(marker.schema))
            if each.key not in {"live_targets", "proxy"}:  # these list what is in the house
                assert each.values == _values(selector)
                assert each.default == default_of(marker, selector, reference.TEXTS["selector"])
            seen += 1
        assert shown == {}
    assert seen > 20


def _values(selector: Selector[Any]) -> str:
    return reference.values({selector.selector_type: selector.config}, reference.TEXTS["selector"])


@pytest.mark.parametrize("name", reference.described("triggers.yaml"))
async def test_the_example_of_a_trigger_is_one_that_home_assistant_accepts(
    hass: HomeAssistant, house: House, name: str
) -> None:
    await house.set_up(make_entry())
    config = cv.TRIGGER_SCHEMA([reference.automation_example("trigger", name)])
    assert await async_validate_trigger_config(hass, config)


@pytest.mark.parametrize("name", reference.described("conditions.yaml"))
async def test_the_example_of_a_condition_is_one_that_home_assistant_accepts(
    hass: HomeAssistant, house: House, name: str
) -> None:
    await house.set_up(make_entry())
    config = cv.CONDITION_SCHEMA(reference.automation_example("condition", name))
    assert await async_validate_condition_config(hass, config)
