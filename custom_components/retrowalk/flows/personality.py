"""The field of the set-up that says which kind of machine a virtual treadmill plays."""

from typing import Any

import voluptuous as vol
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..const import CONF_PERSONALITY
from ..simulator.personalities import PERSONALITIES, POLITE
from ..simulator.personality import Personality


def _place(personality: Personality) -> tuple[bool, bool, str]:
    return personality is not POLITE, not personality.maker, personality.maker.lower()


def personality_fields(chosen: str | None) -> dict[vol.Marker, Any]:
    """Return the field: first the polite one, its default; then those of makers, by their names; then the others."""
    offered = [personality.key for personality in sorted(PERSONALITIES.values(), key=_place)]
    options = SelectSelectorConfig(
        options=offered,
        mode=SelectSelectorMode.DROPDOWN,
        translation_key="personality",
    )
    return {vol.Required(CONF_PERSONALITY, default=chosen or POLITE.key): SelectSelector(options)}
