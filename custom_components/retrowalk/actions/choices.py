"""What the editors offer as the walker and the program of an action: what everybody has, and what this house has.

A name may also be typed. services.yaml has what everybody has; Home Assistant asks for descriptions when a page is
opened.
"""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.selector import validate_selector
from homeassistant.helpers.service import async_set_service_schema
from homeassistant.util.yaml import load_yaml_dict

from ..const import DOMAIN, SUBENTRY_PROGRAM, SUBENTRY_WALKER
from .base import ATTR_PROGRAM, ATTR_WALKER

_FILE: Final = Path(__file__).parent.parent / "services.yaml"
_NAMED: Final = {ATTR_WALKER: SUBENTRY_WALKER, ATTR_PROGRAM: SUBENTRY_PROGRAM}
"""Fields that name a subentry, and the type of the subentry."""

type _Names = dict[str, list[str]]


async def async_setup_choices(hass: HomeAssistant) -> None:
    """Offer the walkers and programs of the house, present and future."""
    choices = _Choices(hass, await hass.async_add_executor_job(load_yaml_dict, _FILE))
    choices.refresh()
    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, choices.on_change)


class _Choices:
    """The descriptions of the actions that name a walker or a program."""

    def __init__(self, hass: HomeAssistant, written: Mapping[str, Any]) -> None:
        self._hass = hass
        self._written = {
            action: description
            for action, description in written.items()
            if not action.startswith(".") and description.get("fields", {}).keys() & _NAMED
        }
        self._offered: _Names = {}

    @callback
    def on_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Handle a change of a config entry, of which the subentries are a part."""
        if entry.domain == DOMAIN:
            self.refresh()

    @callback
    def refresh(self) -> None:
        """Describe the actions anew if a walker or a program has come, gone or changed its name."""
        names = self._names()
        if names == self._offered:
            return
        self._offered = names
        for action, written in self._written.items():
            description = deepcopy(dict(written))
            for name, field in description["fields"].items():
                options = field["selector"].get("select", {}).get("options", [])
                options += [own for own in names.get(name, []) if own not in options]
                field["selector"] = validate_selector(field["selector"])
            async_set_service_schema(self._hass, DOMAIN, action, description)

    def _names(self) -> _Names:
        subentries = [
            (subentry.subentry_type, subentry.title)
            for entry in self._hass.config_entries.async_entries(DOMAIN)
            for subentry in entry.subentries.values()
        ]
        return {
            field: sorted({title for kind, title in subentries if kind == wanted}, key=str.casefold)
            for field, wanted in _NAMED.items()
        }
