"""The field of the set-up that says which kind of machine a virtual treadmill plays."""

from typing import Any

import voluptuous as vol
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..const import CONF_PERSONALITY
from ..simulator.personalities import PERSONALITIES, POLITE


def personality_fields(chosen: str | None) -> dict[vol.Marker, Any]:
    """Return the field, with the polite one as its default: who does not care presses on."""
    options = SelectSelectorConfig(
        options=list(PERSONALITIES), mode=SelectSelectorMode.DROPDOWN, translation_key="personality"
    )
    return {vol.Required(CONF_PERSONALITY, default=chosen or POLITE.key): SelectSelector(options)}
