"""A check run whose page is gone stops its belt, also where the treadmill reports nothing new (S3, S9)."""

import pytest
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import CONF_CHECK
from tests.support.check_dialog import STOP, Dialog
from tests.support.house import House, make_entry
from tests.support.virtual_time import VirtualTime


async def test_s3_a_page_that_is_gone_stops_a_belt_that_reports_nothing_new(
    house: House,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    house.faults.no_counters = True  # a steady speed is all that it reports, again and again
    await house.set_up(make_entry(**{CONF_CHECK: None}))
    dialog = Dialog(house, await hass_client())
    page = await hass_ws_client(house.hass)
    await dialog.start()
    await page.send_json_auto_id({"type": "subscribe_events", "event_type": EVENT_DATA_ENTRY_FLOW_PROGRESSED})
    assert (await page.receive_json())["success"]
    await dialog.go(40)
    assert dialog.step["progress_action"] == "check_hold"
    time = VirtualTime(house, monkeypatch)
    await time.passes(5)  # it is looked at while nothing is told
    house.commands()
    await page.close()
    await house.until(lambda: EVENT_DATA_ENTRY_FLOW_PROGRESSED not in house.hass.bus.async_listeners())
    await time.passes(4)
    assert house.commands() == [STOP]
    await time.passes(8)
    assert house.treadmill.at_rest
