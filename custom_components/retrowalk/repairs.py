"""Repair flows."""

from typing import Any

import voluptuous as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import BooleanSelector

from .blueprint_installer import FAILURES, async_get_library
from .const import DOMAIN, SUBENTRY_WALKER
from .flows.first_run import BEGIN
from .walkers.walker import walkers_of

_ALSO_EDITED = "also_edited"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Create the flow of an issue that is fixable, or opens what it asks for."""
    return UpdateBlueprintsFlow() if not data or "opens" not in data else OpenDialogFlow(data)


class OpenDialogFlow(RepairsFlow):
    """Handler that opens the dialog that an issue asks for; the issue goes away by itself."""

    def __init__(self, opens: dict[str, str | int | float | None]) -> None:
        self._opens = opens

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Say what is wrong, and offer to open the dialog or to ignore it."""
        return self.async_show_menu(step_id="init", menu_options=["open", "ignore"])

    async def async_step_open(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Open the dialog."""
        entry = self.hass.config_entries.async_get_entry(str(self._opens["entry_id"]))
        next_flow = None if entry is None else await self._async_next_flow(entry)
        return self.async_abort(reason="gone" if next_flow is None else "opened", next_flow=next_flow)

    async def async_step_ignore(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ignore the issue."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, ignore=True)
        return self.async_abort(reason="ignored")

    async def _async_next_flow(self, entry: ConfigEntry) -> tuple[FlowType, str] | None:
        opens, flows = self._opens["opens"], self.hass.config_entries
        result: Any
        if opens != "walker":
            result = await flows.options.async_init(entry.entry_id, data={BEGIN: opens})
            return FlowType.OPTIONS_FLOW, result["flow_id"]
        walker = walkers_of(entry).get(str(self._opens["walker_id"]))
        if walker is None:
            return None
        result = await flows.subentries.async_init(
            (entry.entry_id, SUBENTRY_WALKER),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": walker.subentry_id},
        )
        return FlowType.CONFIG_SUBENTRIES_FLOW, result["flow_id"]


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
            return self.async_abort(reason="not_written", description_placeholders={"error": str(err)})
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
