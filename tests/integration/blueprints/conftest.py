"""Fixtures of a new house with a phone, a recipient of messages, and a Sunday at noon."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from tests.support.action_calls import Actions
from tests.support.house import House
from tests.support.one_phone import PushedPhone, add_phone
from tests.support.speakers import MessageLog, Messages, add_speakers


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a configuration folder without blueprints, as in a new house."""
    shutil.rmtree(Path(hass_tmp_config_dir) / "blueprints", ignore_errors=True)
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: these tests use a real disk."""
    return {}


@pytest.fixture
async def phone(
    hass: HomeAssistant, house: House, aioclient_mock: AiohttpClientMocker, monkeypatch: pytest.MonkeyPatch
) -> PushedPhone:
    return await add_phone(hass, aioclient_mock, house.user_id, monkeypatch)


@pytest.fixture
async def message_log(hass: HomeAssistant, house: House) -> MessageLog:
    """Return the messages that are sent through notify.anna."""
    message_log = MessageLog(house.clock)
    await add_speakers(hass, notify=Messages(message_log))
    return message_log


type Asked = Callable[..., dict[str, str]]


@pytest.fixture(params=["device", "entities"])
def asked(request: pytest.FixtureRequest, house: House) -> Asked:
    """Return what gives a blueprint its treadmill: a device, or the entities that earlier versions asked for."""

    def inputs(*keys: str) -> dict[str, str]:
        if request.param == "device":
            return {"treadmill": Actions(house).device()}
        return {key: house.entity_id(key) for key in keys}

    return inputs


@pytest.fixture(params=["device", "entities"])
def asked_walker(request: pytest.FixtureRequest, house: House) -> Asked:
    """Return what gives a blueprint its walker, Anna: a device, or the entities that earlier versions asked for."""

    def inputs(*keys: str) -> dict[str, str]:
        if request.param == "device":
            return {"walker": Actions(house).device("anna")}
        return {key: house.entity_id(key) for key in keys}

    return inputs


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    freezer.move_to(datetime(2026, 11, 8, 12, tzinfo=dt_util.UTC))  # a Sunday
    return freezer
