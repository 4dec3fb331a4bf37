"""The adapter or proxy that the owner prefers for a treadmill, in the form of the settings."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode

from ..const import CONF_PROXY
from ..treadmill.options import Options
from ..treadmill.paths import async_sources

ANY: Final = "any"


@callback
def proxy_fields(hass: HomeAssistant, options: Options) -> dict[vol.Marker, Any]:
    """Return the field, where there is a choice; one that is not there at present is kept."""
    sources = async_sources(hass)
    if len(sources) < 2 and options.proxy is None:
        return {}
    if options.proxy is not None:
        sources.setdefault(options.proxy, options.proxy)
    choices = [SelectOptionDict(value=ANY, label=ANY)]  # translated
    choices += [SelectOptionDict(value=source, label=name) for source, name in sources.items()]
    config = SelectSelectorConfig(options=choices, mode=SelectSelectorMode.DROPDOWN, translation_key=CONF_PROXY)
    return {vol.Required(CONF_PROXY, default=options.proxy or ANY): SelectSelector(config)}


def proxy_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer as it is stored, if it was asked for."""
    chosen = answers.get(CONF_PROXY)
    return {} if chosen is None else {CONF_PROXY: None if chosen == ANY else chosen}
