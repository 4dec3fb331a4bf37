"""A phone with the companion app: the real integration, and a fake push service that keeps the messages."""

import sys
from types import ModuleType
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

_PUSH = "https://push.example/send"


class PushedPhone:
    """The messages of a phone, and taps on their buttons."""

    def __init__(self, hass: HomeAssistant, pushes: AiohttpClientMocker, device_id: str) -> None:
        self._hass = hass
        self._pushes = pushes
        self.device_id = device_id

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Return all messages, the oldest first."""
        return [body for _, url, body, _ in self._pushes.mock_calls if str(url) == _PUSH]

    @property
    def messages(self) -> list[str]:
        return [message["message"] for message in self.sent]

    @property
    def buttons(self) -> dict[str, str]:
        """Return the actions of the newest buttons by title."""
        shown = [message for message in self.sent if "actions" in message.get("data", {})][-1]
        return {button["title"]: button["action"] for button in shown["data"]["actions"]}

    def tap(self, title: str) -> None:
        self._hass.bus.async_fire("mobile_app_notification_action", {"action": self.buttons[title]})


async def add_phone(
    hass: HomeAssistant, pushes: AiohttpClientMocker, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> PushedPhone:
    # The app's integration can show camera images, and scaling them needs a system library.
    scaler = ModuleType("turbojpeg")
    scaler.TurboJPEG = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "turbojpeg", scaler)
    pushes.post(_PUSH, json={}, status=201)
    entry = MockConfigEntry(
        domain="mobile_app",
        title="Phone",
        data={
            "app_data": {"push_token": "token", "push_url": _PUSH},
            "app_id": "io.homeassistant.test",
            "app_name": "Home Assistant",
            "app_version": "1.0",
            "device_id": "phone",
            "device_name": "Phone",
            "manufacturer": "Test",
            "model": "Test",
            "os_name": "Test",
            "os_version": "1.0",
            "supports_encryption": False,
            "user_id": user_id,
            "webhook_id": "phone",
        },
    )
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "mobile_app", {})
    await hass.async_block_till_done()
    [device] = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return PushedPhone(hass, pushes, device.id)
