"""Action calls by an automation or by a person, for the treadmill or for a walker."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.services import ACTIONS
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry

ON_DEMAND = {**CONTROL, "connection": "on_demand"}
REQUIRED: dict[str, dict[str, Any]] = {
    "adjust": {"speed_delta": -0.5},
    "delete_program": {"program": "Mine"},
    "edit_session": {"note": "x"},
    "export_history": {"path": "/media/walks/"},
    "export_program": {"program": "first_steps"},
    "export_session": {"path": "/media/walks/"},
    "get_sessions": {"from": "2026-11-01 00:00:00", "to": "2026-12-01 00:00:00"},
    "import_program": {"content": '<rows><row duration="00:05:00" speed="1.5"/></rows>', "name": "Mine"},
    "log_session": {"walker": "Anna", "started": "2026-11-18 03:00:00", "minutes": 5},
    "rate_session": {"discomfort_after": 1},
    "save_program": {"name": "Mine", "steps": [{"minutes": 5, "speed": 1.5}]},
}
"""The data that each action needs in addition to its device."""


class Actions:
    """A treadmill with the walkers Anna and Bert, and the callers of its actions."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass
        self.address = ADDRESS

    async def set_up(self, *, options: dict[str, Any] | None = None, connected: bool = True, **data: Any) -> None:
        self.address = data.get("address", ADDRESS)
        walkers = [walker_subentry("Anna", person="person.anna"), walker_subentry("Bert", weight=95.0)]
        walkers.append({**walker_subentry("Cleo"), "subentry_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"})
        await self.house.set_up(make_entry(options, walkers, **data), connected=connected)

    def device(self, walker: str | None = None) -> str:
        identifier = (DOMAIN, self.address if walker is None else f"{self.address}_{walker}")
        device = dr.async_get(self.hass).async_get_device_by_identifier(identifier, self.house.entry.entry_id)
        assert device is not None
        return device.id

    async def call(self, action: str, *, by: Context | None = None, of: str | None = None, **data: Any) -> Any:
        """Call an action for the treadmill or a walker; as an automation does, unless `by` says otherwise."""
        if action == "confirm_session" and self.house.entry.state is ConfigEntryState.LOADED:
            by = await self.house.a_moment_later(by)
        response = await self.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": self.device(of), **data},
            blocking=True,
            context=by or Context(),
            return_response=ACTIONS[action].response is not SupportsResponse.NONE,
        )
        await self.house.settle()
        return response

    async def refused(self, action: str, **data: Any) -> str:
        """Call an action that is refused and return the message, which must be translated."""
        with pytest.raises(ServiceValidationError) as raised:
            await self.call(action, **data)
        assert raised.value.translation_domain == DOMAIN
        assert str(raised.value) != raised.value.translation_key
        return str(raised.value.translation_key)

    def person(self) -> Context:
        return self.house.person()

    @property
    def state(self) -> str:
        return self.house.state("session_state")

    @property
    def request(self) -> SessionRequest | None:
        return self.house.coordinator.session.request

    async def store_session(self, walker: str | None, minutes: float = 5, **record: Any) -> SessionRecord:
        return await self.house.store_session(walker, minutes, **record)

    def record(self, session_id: str) -> SessionRecord | None:
        return self.house.coordinator.roster.history.get(session_id)

    def records(self) -> list[SessionRecord]:
        return list(self.house.coordinator.roster.history)
