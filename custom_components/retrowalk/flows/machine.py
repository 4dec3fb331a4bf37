"""How the treadmill is understood: what its owner says where the check run cannot find it out, or is wrong."""

from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..const import CONF_UNITS
from ..machine.calibration import StatedUnits
from ..treadmill.options import Options


class MachineFlow(OptionsFlow):
    """Handle the step of the options that says how the treadmill is understood."""

    async def async_step_machine(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the machine's numbers mean."""
        if user_input is not None:
            return self.async_create_entry(data={**self.config_entry.options, **user_input})
        options = Options.read(self.config_entry.options)
        units = SelectSelectorConfig(
            options=list(StatedUnits), mode=SelectSelectorMode.LIST, translation_key="machine_units"
        )
        fields = {vol.Required(CONF_UNITS, default=options.units.value): SelectSelector(units)}
        return self.async_show_form(step_id="machine", data_schema=vol.Schema(fields))
