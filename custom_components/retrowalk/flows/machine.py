"""How the treadmill is understood: what its owner says where the check run cannot find it out, or is wrong."""

from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..const import CONF_UNITS
from ..machine.calibration import StatedUnits
from ..treadmill.check_result import quirks_of
from ..treadmill.options import Options
from .quirks import BEHAVIOR, async_found_text, quirk_answers, quirk_fields


class MachineFlow(OptionsFlow):
    """Handle the step of the options that says how the treadmill is understood."""

    async def async_step_machine(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the machine's numbers mean, and how it behaves."""
        options = Options.read(self.config_entry.options)
        if user_input is not None:
            answers = dict(user_input)
            quirks = quirk_answers(options, answers.pop(BEHAVIOR))
            return self.async_create_entry(data={**self.config_entry.options, **answers, **quirks})
        units = SelectSelectorConfig(
            options=list(StatedUnits), mode=SelectSelectorMode.LIST, translation_key="machine_units"
        )
        fields = {
            vol.Required(CONF_UNITS, default=options.units.value): SelectSelector(units),
            vol.Required(BEHAVIOR): section(vol.Schema(quirk_fields(options)), {"collapsed": True}),
        }
        found = await async_found_text(self.hass, quirks_of({}, self.config_entry.data))
        return self.async_show_form(
            step_id="machine", data_schema=vol.Schema(fields), description_placeholders={"found": found}
        )
