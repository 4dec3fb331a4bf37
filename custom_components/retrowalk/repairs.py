"""Repair flows."""

from typing import Any

import voluptuous as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .blueprint_installer import FAILURES, async_get_library
from .const import DOMAIN, SUBENTRY_WALKER
from .data import RetrowalkData
from .flows.first_run import async_follow
from .util import plain
from .walkers.household import async_household
from .walkers.joining import async_join
from .walkers.roster import EVER
from .walkers.walker import walkers_of

_ALSO_EDITED = "also_edited"
_STAYS = "stays"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Create the flow of an issue that is fixable, or opens what it asks for."""
    if not data or "opens" not in data:
        return UpdateBlueprintsFlow()
    return JoinWalkersFlow(data) if data["opens"] == "join" else OpenDialogFlow(data)


class _IgnorableFlow(RepairsFlow):
    """A flow that offers to ignore its issue."""

    def __init__(self, opens: dict[str, str | int | float | None]) -> None:
        self._opens = opens

    async def async_step_ignore(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ignore the issue."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, ignore=True)
        return self.async_abort(reason="ignored")


class OpenDialogFlow(_IgnorableFlow):
    """Handler that opens the dialog that an issue asks for; the issue goes away by itself."""

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Say what is wrong, and offer to open the dialog or to ignore it."""
        return self.async_show_menu(step_id="init", menu_options=["open", "ignore"])

    async def async_step_open(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Open the dialog."""
        entry = self.hass.config_entries.async_get_entry(str(self._opens["entry_id"]))
        next_flow = None if entry is None else await self._async_next_flow(entry)
        return self.async_abort(reason="gone" if next_flow is None else "opened", next_flow=next_flow)

    async def _async_next_flow(self, entry: ConfigEntry) -> tuple[FlowType, str] | None:
        opens, flows = self._opens["opens"], self.hass.config_entries
        if opens != "walker":
            return FlowType.OPTIONS_FLOW, await async_follow(self.hass, entry.entry_id, str(opens))
        walker = walkers_of(entry).get(str(self._opens["walker_id"]))
        if walker is None:
            return None
        result: Any = await flows.subentries.async_init(
            (entry.entry_id, SUBENTRY_WALKER),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": walker.subentry_id},
        )
        return FlowType.CONFIG_SUBENTRIES_FLOW, result["flow_id"]


class JoinWalkersFlow(_IgnorableFlow):
    """Handler that joins two walkers who are one person, if somebody says so."""

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Say what was found, and offer to join them or to leave them."""
        return self.async_show_menu(step_id="init", menu_options=["join", "ignore"])

    async def async_step_join(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask whose plan, reminder and entities stay, and join the two."""
        both = {str(self._opens[key]) for key in ("one", "other")}
        household = async_household(self.hass)
        await household.async_ready()
        known = {known.id: known for known in household.known_walkers() if known.id in both and not known.removed}
        if known.keys() != both:
            return self.async_abort(reason="gone")
        errors: dict[str, str] = {}
        if user_input is not None:
            stays = user_input[_STAYS]
            [goes] = both - {stays}
            if any(self._in_use(entry_id) for walker_id in both for entry_id in household.treadmills_of(walker_id)):
                errors["base"] = "in_use"
            elif await async_join(self.hass, stays, goes):
                return self.async_create_entry(data={})
            else:
                return self.async_abort(reason="gone")
        sessions = {walker_id: len(household.history.between(*EVER, walker_id)) for walker_id in known}
        options = [
            SelectOptionDict(value=each.id, label=f"{each.name} ({each.treadmill}) · {sessions[each.id]}")
            for each in known.values()
        ]
        most = max(known, key=lambda walker_id: sessions[walker_id])
        choice = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
        schema = vol.Schema({vol.Required(_STAYS, default=most): choice})
        return self.async_show_form(step_id="join", data_schema=schema, errors=errors)

    def _in_use(self, entry_id: str) -> bool:
        """Return whether somebody uses a treadmill; a session under way is not saved yet."""
        entry = self.hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return False
        data: RetrowalkData = entry.runtime_data
        return data.coordinator.in_use


class UpdateBlueprintsFlow(RepairsFlow):
    """Handler that updates installed blueprints, edited ones only if the user chooses so."""

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go to the confirmation, the only step."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, bool] | None = None) -> RepairsFlowResult:
        """Show the updates and the edited blueprints, and ask for confirmation."""
        library = async_get_library(self.hass)
        try:
            if user_input is not None:
                await library.async_update(also_edited=user_input.get(_ALSO_EDITED, False))
                return self.async_create_entry(data={})
            updates = await library.async_compare()
        except FAILURES as err:
            return self.async_abort(reason="not_written", description_placeholders={"error": plain(str(err))})
        edited = [update.blueprint.name for update in updates.values() if update.edited]
        names = "\n".join(f"- {update.blueprint.name}" for update in updates.values() if not update.edited)
        ask = {vol.Required(_ALSO_EDITED, default=False): BooleanSelector()} if edited else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema(ask),
            description_placeholders={
                "names": names or "-",
                "edited": "\n".join(f"- {name}" for name in edited) or "-",
            },
        )
