"""Actions of treadmills, sessions and walkers."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv

from .actions.base import Action, Request
from .actions.choices import async_setup_choices
from .actions.files import FILE_ACTIONS
from .actions.history import HISTORY_ACTIONS
from .actions.programs import PROGRAM_ACTIONS
from .actions.reminders import REMINDER_ACTIONS
from .actions.report import REPORT_ACTIONS
from .actions.session import SESSION_ACTIONS
from .actions.target import FORGIVING_TARGET, Target, TargetResolver
from .const import DOMAIN
from .coordinator import RetrowalkCoordinator

ACTIONS: Final[Mapping[str, Action]] = {
    **SESSION_ACTIONS,
    **HISTORY_ACTIONS,
    **PROGRAM_ACTIONS,
    **FILE_ACTIONS,
    **REMINDER_ACTIONS,
    **REPORT_ACTIONS,
}


async def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, and offer the walkers and programs of the house for them."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_async_run, action),
            schema=vol.Schema(
                # An unknown field or an invalid part of the target is an error, but not one for which a stop may be
                # refused.
                {**(FORGIVING_TARGET if action.for_everybody else cv.TARGET_SERVICE_FIELDS), **action.fields},
                extra=vol.ALLOW_EXTRA if action.for_everybody else vol.PREVENT_EXTRA,
            ),
            supports_response=action.response,
        )
    await async_setup_choices(hass)


async def _async_run(action: Action, call: ServiceCall) -> ServiceResponse:
    """Resolve the target of a call, check the caller's permission, and run the action."""
    resolver = TargetResolver(call.hass, call.data, stop=action.for_everybody)
    if not action.for_all:
        return await action.handler(await _async_request(action, call, resolver.one()))

    async def run(target: Target) -> None:
        await action.handler(await _async_request(action, call, target))

    # All at once and to the end: no belt waits for another one, and none is left out because another one fails.
    results = await asyncio.gather(*map(run, resolver.all()), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    resolver.check_loaded()
    return None


async def _async_request(action: Action, call: ServiceCall, target: Target) -> Request:
    """Return the request for one treadmill; raise if the caller may not make it."""
    treadmill, user = target.treadmill, None
    if not action.for_everybody:
        user = await async_check_user(
            call.hass,
            call.context,
            treadmill.coordinator,
            for_administrators=action.for_administrators,
            policy=POLICY_READ if action.for_readers else POLICY_CONTROL,
        )
    return Request(
        coordinator=treadmill.coordinator,
        control=treadmill.control,
        reminders=treadmill.reminders,
        walker=target.walker,
        user=user,
        context=call.context,
        data=call.data,
        return_response=call.return_response,
    )


async def async_check_user(
    hass: HomeAssistant,
    context: Context,
    coordinator: RetrowalkCoordinator,
    *,
    for_administrators: bool = False,
    policy: str = POLICY_CONTROL,
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
    if not (user.is_admin or (entity_id and user.permissions.check_entity(entity_id, policy))):
        raise Unauthorized(context=context, entity_id=entity_id, permission=policy)
    return user
