"""The fields of guards, occupancy and confirmation, a group of the settings (S2, S17)."""

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
    """Return the fields with the earlier answers."""
    entities = {
        CONF_GUARDS: list(options.guards),
        CONF_OCCUPANCY: options.occupancy,
        CONF_CONFIRM_BUTTON: options.confirm_button,
    }
    # Suggested values, because a default would come back when a field is emptied.
    markers = {key: vol.Optional(key, description={"suggested_value": value}) for key, value in entities.items()}
    return {
        markers[CONF_GUARDS]: EntitySelector(_GUARDS),
        vol.Required(CONF_GUARD_STOPS, default=options.guard_stops): BooleanSelector(),
        markers[CONF_OCCUPANCY]: EntitySelector(_OCCUPANCY),
        markers[CONF_CONFIRM_BUTTON]: EntitySelector(_BUTTONS),
        vol.Required(CONF_AUTOMATIONS_CONFIRM, default=options.automations_confirm): BooleanSelector(),
    }


def guards_answers(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are stored, with None for empty fields."""
    return {
        **user_input,
        CONF_GUARDS: user_input.get(CONF_GUARDS, []),
        CONF_OCCUPANCY: user_input.get(CONF_OCCUPANCY),
        CONF_CONFIRM_BUTTON: user_input.get(CONF_CONFIRM_BUTTON),
    }


def guards_errors(options: Options) -> dict[str, str]:
    """Return the error that keeps automations from confirming, if any (S2)."""
    if not options.automations_confirm:
        return {}
    if not options.guards:
        return {"base": GuardsError.GUARD_MISSING}
    if not options.spoken:
        return {"base": GuardsError.VOICE_MISSING}
    return {}
