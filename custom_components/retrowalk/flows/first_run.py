"""The dialog of a first run: what comes after the set-up. It can be left, and taken up again in the options."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_INSTALL_BLUEPRINTS, CONF_REMINDER, CONF_REMINDER_TIME, DOMAIN
from ..data import RetrowalkData
from ..reminders.settings import time_errors
from ..training.coaching.presets import FIRST_WALK
from ..treadmill.first_run import open_tasks
from ..treadmill.options import want_blueprints
from ..util import clock_of, plain, time_of_day
from ..walkers.household import async_household
from ..walkers.walker import walkers_of
from .check_run import CheckFlow
from .errors import FirstRunAbort, FirstRunError

BEGIN: Final = "begin_first_run"
"""In the data of a dialog that follows another one."""
_FOLLOWING: HassKey[dict[str, tuple[str, str, float]]] = HassKey(f"{DOMAIN}_following_dialogs")
"""By entry ID: the step of a dialog that follows another one, its flow ID, and until when it may be taken over."""
_TAKEN_OVER_WITHIN: Final = 10.0  # s
CONF_AREA: Final = "area"
CONF_WALKER: Final = "walker"
_RELOADING_LINK: Final = {"link": '<a href="/config/lovelace/dashboards" target="_self">', "link_end": "</a>"}
"""A link with a target loads the page anew; one that was loaded before the set-up does not know our dashboard."""


async def async_follow(hass: HomeAssistant, entry_id: str, begin: str) -> str:
    """Open the options at a step, to follow another dialog, and return the flow ID.

    Home Assistant's page (2026.10 and 2026.11) opens the options anew instead of showing that flow; see `async_begin`.
    """
    flow = await hass.config_entries.options.async_init(entry_id, data={BEGIN: begin})
    until = clock_of(hass).monotonic() + _TAKEN_OVER_WITHIN
    hass.data.setdefault(_FOLLOWING, {})[entry_id] = begin, flow["flow_id"], until
    return flow["flow_id"]


@callback
def async_begin(hass: HomeAssistant, entry_id: str, user_input: Mapping[str, Any] | None) -> str | None:
    """Return the step with which the options begin: their own, or that of the dialog whose place they take."""
    if user_input is not None:
        return user_input.get(BEGIN)
    begin, flow_id, until = hass.data.get(_FOLLOWING, {}).pop(entry_id, ("", "", 0.0))
    options = hass.config_entries.options
    if not any(flow["flow_id"] == flow_id for flow in options.async_progress_by_handler(entry_id)):
        return None
    if clock_of(hass).monotonic() > until:
        return None
    options.async_abort(flow_id)
    return begin


class FirstRunFlow(CheckFlow):
    """Handle what is still to do after the set-up; nothing here moves the belt, apart from the check run."""

    _only_walker = ""  # whose reminder a form without a choice is about

    async def async_step_added(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what comes next, and ask for the room, as Home Assistant does where no dialog follows a set-up."""
        if user_input is not None and self._shown == "added":
            if area := user_input.get(CONF_AREA):
                self._move_to(area)
            return await self.async_step_first_run()
        return self._form("added", {vol.Optional(CONF_AREA): AreaSelector()}, {}, self._names())

    @override
    async def async_step_first_run(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what is still to do."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason=FirstRunAbort.NOT_LOADED)
        coordinator, path = self._coordinator, await self._async_path()
        tasks = open_tasks(entry, coordinator.data.rules, coordinator.roster, has_dashboard=path is not None)
        if not tasks:
            coordinator.end_first_run()
            return self.async_abort(reason=FirstRunAbort.ALL_DONE, description_placeholders=self._names(path))
        # Nobody has to want blueprints: they are offered, but not a part of what is to do.
        offered = ["blueprints"] if self._may_offer_blueprints() else []
        return self.async_show_menu(
            step_id="first_run", menu_options=[*tasks, *offered, "later"], description_placeholders=self._names()
        )

    async def async_step_later(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Leave the rest for later."""
        return self.async_abort(reason=FirstRunAbort.LATER, description_placeholders=self._names())

    async def async_step_blueprints(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Install the blueprints; the change of the options reloads the treadmill, so this ends the dialog."""
        options = {**self.config_entry.options, CONF_INSTALL_BLUEPRINTS: True}
        self.hass.config_entries.async_update_entry(self.config_entry, options=options)
        return self.async_abort(reason=FirstRunAbort.BLUEPRINTS_ADDED, description_placeholders=self._names())

    async def async_step_dashboard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say how to add the dashboard: only a person can, on a page of Home Assistant."""
        if user_input is not None and self._shown == "dashboard":
            return await self.async_step_first_run()
        return self._form("dashboard", {}, {}, {**self._names(), **_RELOADING_LINK})

    async def async_step_first_walk(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the first walk for the next session; the belt starts with the presses of any session (S2)."""
        errors: dict[str, str] = {}
        if user_input is not None and self._shown == "first_walk":
            try:
                self._require_loaded()
                self._coordinator.next_session.choose_program(FIRST_WALK)
            except ServiceValidationError as err:
                errors["base"] = str(err.translation_key)
            else:
                path = await self._async_path()
                reason = FirstRunAbort.WALK_CHOSEN if path is None else FirstRunAbort.WALK_CHOSEN_ON_DASHBOARD
                return self.async_abort(reason=reason, description_placeholders=self._names(path))
        return self._form("first_walk", {}, errors, self._names())

    async def async_step_first_reminder(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask when a walker wants to be reminded."""
        errors: dict[str, str] = {}
        walkers = walkers_of(self.config_entry)
        if not walkers:  # removed meanwhile
            return await self.async_step_first_run()
        first = asked = next(iter(walkers.values()))
        if user_input is not None and self._shown == "first_reminder":
            walker = walkers.get(user_input.get(CONF_WALKER, self._only_walker))
            if walker is None:
                errors["base"] = FirstRunError.WALKER_GONE
            else:
                asked = walker
                errors |= time_errors(time.fromisoformat(user_input[CONF_REMINDER_TIME]), walker.quiet_from)
            if walker is not None and not errors:
                changes = {key: user_input[key] for key in (CONF_REMINDER, CONF_REMINDER_TIME)}
                async_household(self.hass).write(walker.id, **changes)
                return await self.async_step_first_run()
        self._only_walker = first.id
        fields: dict[vol.Marker, Any] = {}
        if len(walkers) > 1:
            options = [SelectOptionDict(value=walker.id, label=walker.name) for walker in walkers.values()]
            choice = SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
            fields[vol.Required(CONF_WALKER, default=first.id)] = SelectSelector(choice)
        fields[vol.Required(CONF_REMINDER, default=True)] = BooleanSelector()
        fields[vol.Required(CONF_REMINDER_TIME, default=first.reminder_time.isoformat())] = TimeSelector()
        placeholders = {**self._names(), "quiet_from": time_of_day(self.hass, asked.quiet_from)}
        return self._form("first_reminder", fields, errors, placeholders)

    # Helpers

    def _may_offer_blueprints(self) -> bool:
        entries = self.hass.config_entries.async_entries(DOMAIN)
        return AUTOMATION in self.hass.config.components and not want_blueprints(entries)

    async def _async_path(self) -> str | None:
        """Return the path of a dashboard with the treadmill's card; None without one."""
        data: RetrowalkData = self.config_entry.runtime_data
        path = await data.reminders.async_dashboard_path()
        return None if path is None or "?" in path else path  # otherwise the dialog of an entity

    def _names(self, path: str | None = None) -> dict[str, str]:
        return {"name": plain(self.config_entry.title), "path": path or ""}

    def _move_to(self, area: str) -> None:
        """Put the treadmill's device into a room."""
        registry, entry = dr.async_get(self.hass), self.config_entry
        device = registry.async_get_device_by_identifier((DOMAIN, entry.data[CONF_ADDRESS]), entry.entry_id)
        if device is not None:
            registry.async_update_device(device.id, area_id=area)
