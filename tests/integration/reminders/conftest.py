"""Fixtures of walkers with reminders and their phones."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from tests.support.house import House
from tests.support.phones import Phone, Phones
from tests.support.reminded_home import Home


@pytest.fixture
async def phones(
    hass: HomeAssistant,
    house: House,
    hass_client: Any,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Phones:
    # The app's integration depends on cameras, which need a library that nothing else does.
    monkeypatch.setitem(sys.modules, "turbojpeg", SimpleNamespace(TurboJPEG=object))
    phones = Phones(hass, None, aioclient_mock)
    await phones.set_up()
    phones.client = await hass_client()
    return phones


@pytest.fixture
async def anna(hass: HomeAssistant, phones: Phones, hass_ws_client: Any, hass_admin_user: MockUser) -> Phone:
    """Return Anna's phone; Anna is at home."""
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
