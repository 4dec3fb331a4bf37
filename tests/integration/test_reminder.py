"""Reminders, as a household sees them: phones, notifications, repairs; nobody has written an automation."""

import sys
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.retrowalk.const import DOMAIN

from .actions import Actions
from .house import CONTROL, House, a_walker, make_entry
from .phones import Phone, Phones, clock

MONDAY = datetime(2026, 11, 2)  # noqa: DTZ001 - by the clock of the house


class Home:
    """A house whose people are reminded."""

    def __init__(self, house: House, phones: Phones, freezer: FrozenDateTimeFactory) -> None:
        self.house = house
        self.hass = house.hass
        self.phones = phones
        self.freezer = freezer
        self.events: list[tuple[str, str, str]] = []  # when, of whom, what

    async def set_up(self, *walkers: dict[str, Any], connected: bool = False) -> None:
        await self.at(9)
        walkers = walkers or (a_walker("Anna", person="person.anna", reminder=True),)
        await self.house.set_up(make_entry(walkers=walkers), connected=connected)
        await self.hass.async_block_till_done()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            if state is not None and state.domain == "event" and state.entity_id.endswith("_reminder"):
                name = state.entity_id.removeprefix("event.").removesuffix("_reminder")
                self.events.append((clock(dt_util.now()), name, state.attributes["event_type"]))

        self.hass.bus.async_listen("state_changed", changed)

    async def at(self, hour: int, minute: int = 0, *, day: int = 0) -> None:
        """Let it be that late, so many days after Monday."""
        local = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
        await self.move_to(local.replace(tzinfo=dt_util.get_default_time_zone()))

    async def move_to(self, moment: datetime) -> None:
        self.freezer.move_to(moment)
        async_fire_time_changed(self.hass, moment)
        await self.hass.async_block_till_done()
        await self.house.settle()

    def told(self) -> list[tuple[str, str]]:
        """The events since the last look: when and what."""
        told = [(at, what) for at, _, what in self.events]
        self.events.clear()
        return told

    def issues(self) -> set[str]:
        issues = ir.async_get(self.hass).issues.values()
        return {issue.translation_key for issue in issues if issue.domain == DOMAIN and issue.active}


@pytest.fixture
async def phones(
    hass: HomeAssistant,
    house: House,
    hass_client: Any,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Phones:
    # The app's integration pulls in cameras, and they a library that only they need.
    monkeypatch.setitem(sys.modules, "turbojpeg", SimpleNamespace(TurboJPEG=object))
    phones = Phones(hass, None, aioclient_mock)
    await phones.set_up()
    phones.client = await hass_client()
    return phones


@pytest.fixture
async def anna(hass: HomeAssistant, phones: Phones, hass_ws_client: Any, hass_admin_user: MockUser) -> Phone:
    """Anna's phone; Anna is at home."""
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "person/create", "name": "Anna", "user_id": hass_admin_user.id})
    assert (await client.receive_json())["success"]
    phone = await phones.add("Anna phone", hass_admin_user.id)
    await phone.go("home")
    assert hass.states.get("person.anna").state == "home"
    return phone


@pytest.fixture
async def home(house: House, phones: Phones, freezer: FrozenDateTimeFactory) -> Home:
    return Home(house, phones, freezer)


async def test_first(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.at(17, 59)
    assert anna.texts == []
    await home.at(18)
    print(anna.shown)
    print(anna.texts, home.told())
    assert 0
