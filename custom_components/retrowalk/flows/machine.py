"""How the treadmill is understood: what its owner says where the check run cannot find it out, or is wrong."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import PERCENTAGE
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..const import (
    CONF_CAPABILITIES,
    CONF_INCLINE,
    CONF_INCLINE_FACTOR,
    CONF_INCLINE_OFFSET,
    CONF_INCLINE_TABLE,
    CONF_INCLINE_TARGETS_TRUE,
    CONF_UNITS,
)
from ..machine.calibration import StatedUnits
from ..machine.incline import InclineMeaning, InclineScale, read_table, write_table
from ..machine.model import Capabilities, Quirk
from ..programs.words import Words
from ..treadmill.check_result import StoredCheck, quirks_of
from ..treadmill.options import FACTOR_MAX, FACTOR_MIN, OFFSET_MAX, Options
from .check_result import unit_proof_text
from .quirks import BEHAVIOR, async_found_text, async_incline_text, quirk_answers, quirk_fields


class MachineFlow(OptionsFlow):
    """Handle the step of the options that says how the treadmill is understood."""

    async def async_step_machine(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the machine's numbers mean, and how it behaves."""
        options = Options.read(self.config_entry.options)
        errors = {} if user_input is None else _errors(user_input)
        if user_input is not None and not errors:
            answers = dict(user_input)
            quirks = quirk_answers(options, answers.pop(BEHAVIOR))
            return self.async_create_entry(data={**self.config_entry.options, **answers, **quirks})
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_UNITS, default=options.units.value): _choice(list(StatedUnits), "machine_units")
        }
        stated = Capabilities.from_dict(self.config_entry.data.get(CONF_CAPABILITIES, {}))
        known = quirks_of({}, self.config_entry.data)[Quirk.INCLINE].value
        if stated.incline_range is not None or stated.reports_incline or CONF_INCLINE in self.config_entry.options:
            kept = self.config_entry.options if user_input is None else user_input
            fields |= _incline_fields(kept, InclineScale.known(known))
        fields[vol.Required(BEHAVIOR)] = section(vol.Schema(quirk_fields(options)), {"collapsed": True})
        found = await async_found_text(self.hass, quirks_of({}, self.config_entry.data))
        if (check := StoredCheck.from_data(self.config_entry.data)) is not None:
            words, is_stated = await Words.async_load(self.hass), options.units.calibration is not None
            found += unit_proof_text(words, check.findings, stated=is_stated)
        return self.async_show_form(
            step_id="machine",
            data_schema=vol.Schema(fields),
            errors=errors,
            description_placeholders={"found": found, "known_incline": await async_incline_text(self.hass, known)},
        )


def _incline_fields(kept: Mapping[str, Any], known: InclineScale) -> dict[vol.Marker, Any]:
    """Return the questions for the machine's inclines; what is known of such machines is proposed."""
    factor = kept.get(CONF_INCLINE_FACTOR, round(known.factor, 4))
    suggested = {"suggested_value": kept.get(CONF_INCLINE_TABLE) or write_table(known.table) or None}
    return {
        vol.Required(CONF_INCLINE, default=kept.get(CONF_INCLINE, InclineMeaning.FOUND_OUT.value)): _choice(
            list(InclineMeaning), "machine_incline"
        ),
        vol.Optional(CONF_INCLINE_FACTOR, default=factor): _number(FACTOR_MIN, FACTOR_MAX),
        vol.Optional(CONF_INCLINE_OFFSET, default=kept.get(CONF_INCLINE_OFFSET, 0.0)): _number(
            -OFFSET_MAX, OFFSET_MAX, PERCENTAGE
        ),
        vol.Optional(CONF_INCLINE_TABLE, description=suggested): TextSelector(TextSelectorConfig(multiline=True)),
        vol.Optional(CONF_INCLINE_TARGETS_TRUE, default=kept.get(CONF_INCLINE_TARGETS_TRUE, False)): BooleanSelector(),
    }


def _errors(answers: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with the answers: a table has to be one where it is chosen."""
    if answers.get(CONF_INCLINE) != InclineMeaning.TABLE:
        return {}
    try:
        read_table(answers.get(CONF_INCLINE_TABLE) or "")
    except ValueError:
        return {CONF_INCLINE_TABLE: "incline_table"}
    return {}


def _choice(options: list[str], key: str) -> SelectSelector:
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key=key))


def _number(low: float, high: float, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=low, max=high, step="any", mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)
