"""Repair flows."""

import voluptuous as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector

from .blueprint_installer import FAILURES, async_get_library

_ALSO_EDITED = "also_edited"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Create the fix flow of an issue; only the one about blueprints is fixable."""
    return UpdateBlueprintsFlow()


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
