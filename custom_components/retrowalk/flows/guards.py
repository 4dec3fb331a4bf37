"""Asking what the house tells of the treadmill, and who may confirm: a group of the settings (S2, S17)."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
from homeassistant.const import Platform
from homeassistant.helpers.selector import BooleanSelector, EntitySelector, EntitySelectorConfig

from ..const import CONF_AUTOMATIONS_CONFIRM, CONF_CONFIRM_BUTTON, CONF_GUARD_STOPS, CONF_GUARDS, CONF_OCCUPANCY
from ..treadmill.options import Options
from .errors import GuardsError

_ON_OR_OFF = [Platform.BINARY_SENSOR, "input_boolean"]
_GUARDS = EntitySelectorConfig(domain=[*_ON_OR_OFF, "person", Platform.DEVICE_TRACKER], multiple=True)
_OCCUPANCY = EntitySelectorConfig(domain=_ON_OR_OFF)
_BUTTONS = EntitySelectorConfig(domain=[Platform.EVENT, Platform.BINARY_SENSOR])


def guards_fields(options: Options) -> dict[vol.Marker, Any]:
    """The fields, with what was answered before."""
    entities = {
        CONF_GUARDS: list(options.guards),
        CONF_OCCUPANCY: options.occupancy,
        CONF_CONFIRM_BUTTON: options.confirm_button,
    }
    # Suggested and not a default, which would come back when a field is emptied.
    marks = {key: vol.Optional(key, description={"suggested_value": value}) for key, value in entities.items()}
    return {
        marks[CONF_GUARDS]: EntitySelector(_GUARDS),
        vol.Required(CONF_GUARD_STOPS, default=options.guard_stops): BooleanSelector(),
        marks[CONF_OCCUPANCY]: EntitySelector(_OCCUPANCY),
        marks[CONF_CONFIRM_BUTTON]: EntitySelector(_BUTTONS),
        vol.Required(CONF_AUTOMATIONS_CONFIRM, default=options.automations_confirm): BooleanSelector(),
    }


def guards_answers(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept: what was left empty is none."""
    return {
        **user_input,
        CONF_GUARDS: user_input.get(CONF_GUARDS, []),
        CONF_OCCUPANCY: user_input.get(CONF_OCCUPANCY),
        CONF_CONFIRM_BUTTON: user_input.get(CONF_CONFIRM_BUTTON),
    }


def guards_errors(options: Options) -> dict[str, str]:
    """What is missing before automations may confirm (S2)."""
    if not options.automations_confirm:
        return {}
    if not options.guards:
        return {"base": GuardsError.GUARD_MISSING}
    if not options.spoken:
        return {"base": GuardsError.VOICE_MISSING}
    return {}
