"""Actions of treadmills, sessions and walkers."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import Context, HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_device_and_config_entry

from .actions.base import Action, Request
from .actions.files import FILE_ACTIONS
from .actions.history import HISTORY_ACTIONS
from .actions.programs import PROGRAM_ACTIONS
from .actions.reminders import REMINDER_ACTIONS
from .actions.report import REPORT_ACTIONS
from .actions.session import SESSION_ACTIONS
from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .data import RetrowalkData

ACTIONS: Final[Mapping[str, Action]] = {
    **SESSION_ACTIONS,
    **HISTORY_ACTIONS,
    **PROGRAM_ACTIONS,
    **FILE_ACTIONS,
    **REMINDER_ACTIONS,
    **REPORT_ACTIONS,
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_async_run, action),
            schema=vol.Schema(
                {vol.Required(ATTR_DEVICE_ID): cv.string, **action.fields},
                # An unknown field is an error, but not one for which a stop may be refused.
                extra=vol.ALLOW_EXTRA if action.for_everybody else vol.PREVENT_EXTRA,
            ),
            supports_response=action.response,
        )


async def _async_run(action: Action, call: ServiceCall) -> ServiceResponse:
    """Resolve the target of a call, check the caller's permission, and run the action."""
    device, treadmill = _resolve_target(call, leaving=action.for_everybody)
    coordinator, user = treadmill.coordinator, None
    if not action.for_everybody:
        user = await async_check_user(
            call.hass, call.context, coordinator, for_administrators=action.for_administrators
        )
    roster = coordinator.roster
    walkers = (walker for walker in roster.walkers.values() if roster.identifier(walker.id) in device.identifiers)
    request = Request(
        coordinator=coordinator,
        control=treadmill.control,
        reminders=treadmill.reminders,
        walker=next(walkers, None),
        user=user,
        context=call.context,
        data=call.data,
        return_response=call.return_response,
    )
    return await action.handler(request)


def _resolve_target(call: ServiceCall, *, leaving: bool) -> tuple[dr.DeviceEntry, RetrowalkData]:
    """Return the target device and its treadmill; with `leaving` also one whose belt is brought to rest (S3, S14)."""
    hass, device_id = call.hass, call.data[ATTR_DEVICE_ID]
    if leaving:
        found = dr.async_get_device_and_config_entry_for_domain(
            hass, device_id, domain=DOMAIN, include_child_devices=False
        )
        if found[0] is not None and found[1] is not None and found[1].state is ConfigEntryState.UNLOAD_IN_PROGRESS:
            return found[0], found[1].runtime_data
    device, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id, include_child_devices=False)
    return device, entry.runtime_data


async def async_check_user(
    hass: HomeAssistant, context: Context, coordinator: RetrowalkCoordinator, *, for_administrators: bool = False
) -> User | None:
    """Return the user of a call if they have permission; calls of automations have no user and are allowed."""
    if context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    if for_administrators and not user.is_admin:
        raise Unauthorized(context=context)
    entity_id = coordinator.entity_id("sensor", "session_state")
    if not (user.is_admin or (entity_id and user.permissions.check_entity(entity_id, POLICY_CONTROL))):
        raise Unauthorized(context=context, entity_id=entity_id, permission=POLICY_CONTROL)
    return user
