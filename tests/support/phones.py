"""Phones with the companion app, registered with Home Assistant's own integration; only the push service is fake."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker, AiohttpClientMockResponse

from custom_components.retrowalk.const import DOMAIN


class Phone:
    """One phone, as its owner uses it."""

    def __init__(self, phones: Phones, name: str, webhook_id: str) -> None:
        self.phones = phones
        self.name = name
        self.webhook_id = webhook_id
        self.inbox: list[dict[str, Any]] = []
        self.shown: dict[str, dict[str, Any]] = {}  # by tag

    @property
    def service(self) -> str:
        return f"mobile_app_{self.name.lower().replace(' ', '_')}"

    @property
    def texts(self) -> list[str]:
        """Return the texts of the messages since the last call."""
        texts = [push["message"] for push in self.inbox]
        self.inbox.clear()
        return texts

    @property
    def buttons(self) -> list[str]:
        [shown] = self.shown.values()
        return [action["title"] for action in shown["data"].get("actions", ())]

    def receive(self, push: dict[str, Any]) -> None:
        tag = push["data"].get("tag")
        if push["message"] == "clear_notification":
            self.shown.pop(tag, None)
        else:
            self.inbox.append({**push, "at": dt_util.now()})
            self.shown[tag] = push

    async def tap(self, title: str) -> None:
        """Tap a button of the only message, which the phone then removes."""
        [(tag, shown)] = self.shown.items()
        [action] = [action["action"] for action in shown["data"]["actions"] if action["title"] == title]
        del self.shown[tag]
        await self.send("fire_event", **_event("action", action=action, tag=tag))

    async def repeat(self, action: str) -> None:
        await self.send("fire_event", **_event("action", action=action))

    async def swipe(self) -> None:
        [tag] = self.shown
        del self.shown[tag]
        await self.send("fire_event", **_event("cleared", tag=tag))

    async def go(self, place: str) -> None:
        await self.send("update_location", location_name=place)

    async def send(self, what: str, **data: Any) -> None:
        response = await self.phones.client.post(f"/api/webhook/{self.webhook_id}", json={"type": what, "data": data})
        assert response.status == HTTPStatus.OK
        await self.phones.hass.async_block_till_done()


class Phones:
    """The phones of a home and their push service."""

    def __init__(self, hass: HomeAssistant, client: Any, pushes: AiohttpClientMocker) -> None:
        self.hass = hass
        self.client = client
        self.pushes = pushes

    async def set_up(self) -> None:
        assert await async_setup_component(self.hass, "mobile_app", {})
        assert await async_setup_component(self.hass, "notify", {})
        for adds_routes in ("calendar", "lovelace", DOMAIN):  # only possible before there is a client
            assert await async_setup_component(self.hass, adds_routes, {})
        await self.hass.async_block_till_done()

    async def add(self, name: str, user_id: str, *, only_at_home: bool = False) -> Phone:
        """Register a phone as its app does; it belongs to the person of this user.

        A phone that is reached only at home, without a push service, is not connected.
        """
        url = f"https://push.example/{name.lower().replace(' ', '_')}"
        registration = {
            "app_data": {"push_websocket_channel": True} if only_at_home else {"push_token": "token", "push_url": url},
            "app_id": "io.homeassistant.companion.android",
            "app_name": "Home Assistant",
            "app_version": "2026.11.1",
            "device_name": name,
            "device_id": name,
            "manufacturer": "Someone",
            "model": "Phone",
            "os_name": "Android",
            "os_version": "17",
            "supports_encryption": False,
            "webhook_id": name,
            "user_id": user_id,
        }
        result = await self.hass.config_entries.flow.async_init(
            "mobile_app", data=registration, context={"source": "registration"}
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY
        phone = Phone(self, name, name)
        self.pushes.post(url, side_effect=self._push(phone))
        await self.hass.async_block_till_done()
        return phone

    def _push(self, phone: Phone) -> Callable[..., Any]:
        async def push(method: str, url: Any, data: dict[str, Any]) -> Any:
            phone.receive(data)
            return AiohttpClientMockResponse(method, url, status=HTTPStatus.CREATED, json={})

        return push

    def device_of(self, phone: Phone) -> str:
        [device] = dr.async_entries_for_config_entry(dr.async_get(self.hass), self._entry_of(phone).entry_id)
        return device.id

    async def remove(self, phone: Phone) -> None:
        await self.hass.config_entries.async_remove(self._entry_of(phone).entry_id)
        await self.hass.async_block_till_done()

    def _entry_of(self, phone: Phone) -> ConfigEntry:
        entries = self.hass.config_entries.async_entries("mobile_app")
        [entry] = [entry for entry in entries if entry.data["device_name"] == phone.name]
        return entry


def _event(what: str, **data: str) -> dict[str, Any]:
    return {"event_type": f"mobile_app_notification_{what}", "event_data": data}


def clock(at: datetime) -> str:
    """Return a moment in the local time of the home."""
    return f"{dt_util.as_local(at):%d %H:%M}"
