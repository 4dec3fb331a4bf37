"""Actions for the device of somebody who walks on two treadmills: it is below one, and means the one they are on."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.retrowalk.const import CONF_FIRST_ADDRESS, CONF_WALKER_ID, DOMAIN
from tests.support.action_calls import REQUIRED, Actions
from tests.support.house import ADDRESS, CONTROL, make_entry, walker_subentry

CELLAR = "F2:52:57:00:00:02"
STOP, PAUSE = b"\x08\x01", b"\x08\x02"


class TwoTreadmills(Actions):
    """Anna's device is below a treadmill in the cellar, which is out of reach; she shares the one that is here."""

    cellar: MockConfigEntry

    async def set_up_both(self, **cellar: Any) -> None:
        self.cellar = make_entry(CONTROL, [walker_subentry("Anna")], address=CELLAR, **cellar)
        self.cellar.add_to_hass(self.hass)
        self.hass.config_entries.async_update_entry(self.cellar, unique_id=CELLAR.lower(), title="Cellar")
        assert await self.hass.config_entries.async_setup(self.cellar.entry_id)
        shared = {CONF_WALKER_ID: "anna", CONF_FIRST_ADDRESS: CELLAR}
        await self.house.set_up(make_entry(CONTROL, [walker_subentry("Anna", **shared), walker_subentry("Bert")]))
        assert self.device_of_anna

    @property
    def device_of_anna(self) -> str:
        [device] = dr.async_get(self.hass).async_get_devices(identifiers={(DOMAIN, f"{CELLAR}_anna")})
        assert device.config_entry_id == self.cellar.entry_id
        return device.id

    def treadmill(self, address: str = ADDRESS) -> str:
        [device] = dr.async_get(self.hass).async_get_devices(identifiers={(DOMAIN, address)})
        return device.id

    async def call_for(self, action: str, target: dict[str, Any], *, by: Context | None = None, **data: Any) -> Any:
        result = await self.hass.services.async_call(
            DOMAIN, action, {**REQUIRED.get(action, {}), **data}, target=target, blocking=True, context=by or Context()
        )
        await self.house.settle()
        return result

    async def anna_walks(self) -> None:
        self.house.coordinator.next_session.choose_walker("anna")
        await self.house.walk()
        assert self.house.coordinator.data.walker == "anna"
        self.house.commands()


@pytest.fixture
async def both(house: Any) -> TwoTreadmills:
    both = TwoTreadmills(house)
    await both.set_up_both()
    return both


@pytest.mark.parametrize(("action", "command"), [("stop", STOP), ("pause_session", PAUSE)])
async def test_s3_her_device_stops_and_pauses_the_belt_that_she_is_on(
    both: TwoTreadmills, action: str, command: bytes
) -> None:
    await both.anna_walks()
    await both.call_for(action, {"device_id": both.device_of_anna})
    assert command in both.house.commands()


async def test_s3_her_device_stops_the_belt_that_she_is_on_though_the_other_treadmill_is_not_loaded(
    both: TwoTreadmills,
) -> None:
    await both.anna_walks()
    assert await both.hass.config_entries.async_unload(both.cellar.entry_id)
    assert both.cellar.state is ConfigEntryState.NOT_LOADED
    await both.call_for("stop", {"device_id": both.device_of_anna})
    assert STOP in both.house.commands()


async def test_s3_her_device_stops_what_moves_whoever_it_was_made_ready_for(
    both: TwoTreadmills, hass_read_only_user: MockUser
) -> None:
    both.house.coordinator.next_session.choose_walker("bert")
    await both.house.walk()
    both.house.commands()
    await both.call_for("stop", {"device_id": both.device_of_anna}, by=Context(user_id=hass_read_only_user.id))
    assert STOP in both.house.commands()


async def test_her_device_finishes_adjusts_and_resumes_where_she_is(both: TwoTreadmills) -> None:
    await both.anna_walks()
    anna = {"device_id": both.device_of_anna}
    await both.call_for("adjust", anna, by=both.person(), speed_delta=0.1)
    assert both.house.coordinator.session.target_speed == pytest.approx(0.6)
    await both.call_for("finish_session", anna)
    assert both.state == "cool_down"


async def test_her_device_confirms_what_waits_for_her_or_for_anybody(both: TwoTreadmills) -> None:
    await both.call_for("start_session", {"device_id": both.treadmill()})
    assert both.state == "ready"
    await both.house.time(3)
    await both.call_for("confirm_session", {"device_id": both.device_of_anna}, by=both.person())
    assert (both.state, both.house.coordinator.data.walker) == ("countdown", "anna")


async def test_a_treadmill_and_her_device_are_she_on_this_treadmill(both: TwoTreadmills) -> None:
    await both.call_for("start_session", {"device_id": [both.device_of_anna, both.treadmill()]})
    assert (both.state, both.house.coordinator.data.made_for) == ("ready", "anna")


async def test_her_device_and_the_area_of_a_treadmill_are_she_on_this_treadmill(both: TwoTreadmills) -> None:
    area = ar.async_get(both.hass).async_create("Gym").id
    dr.async_get(both.hass).async_update_device(both.treadmill(), area_id=area)
    await both.call_for("start_session", {"device_id": both.device_of_anna, "area_id": area})
    assert (both.state, both.house.coordinator.data.made_for) == ("ready", "anna")


async def test_an_area_with_her_device_and_another_treadmill_of_hers_names_only_that_treadmill(
    both: TwoTreadmills,
) -> None:
    area = ar.async_get(both.hass).async_create("Gym").id
    for device in (both.treadmill(), both.device_of_anna):
        dr.async_get(both.hass).async_update_device(device, area_id=area)
    await both.call_for("start_session", {"area_id": area}, walker="Bert")
    assert (both.state, both.house.coordinator.data.made_for) == ("ready", "bert")


async def test_where_nothing_is_under_way_her_device_means_the_treadmill_that_she_walked_on_last(
    both: TwoTreadmills,
) -> None:
    await both.store_session("anna")
    await both.call_for("start_session", {"device_id": both.device_of_anna})
    assert (both.state, both.house.coordinator.data.made_for) == ("ready", "anna")


async def test_a_virtual_treadmill_is_not_meant_where_there_is_a_real_one(house: Any) -> None:
    both = TwoTreadmills(house)
    await both.set_up_both(virtual=True)
    await both.call_for("start_session", {"device_id": both.device_of_anna})
    assert (both.state, both.house.coordinator.data.made_for) == ("ready", "anna")


async def test_two_treadmills_and_her_device_are_still_two(both: TwoTreadmills) -> None:
    two = {"device_id": [both.device_of_anna, both.treadmill(), both.treadmill(CELLAR)]}
    with pytest.raises(HomeAssistantError, match="several treadmills"):
        await both.call_for("start_session", two)
    assert both.state == "idle"
