"""What the editors offer as the walker and the program of an action: what everybody has, and what this house has.

A name may also be typed. services.yaml has what everybody has; Home Assistant asks for descriptions when a page is
opened.
"""

from collections.abc import Mapping
from functools import cache
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
type _Descriptions = Mapping[str, Mapping[str, Any]]
"""Of the actions, by their name."""


async def async_setup_choices(hass: HomeAssistant) -> None:
    """Offer the walkers and programs of the house, present and future."""
    choices = _Choices(hass, await hass.async_add_executor_job(_written))
    choices.refresh()
    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, choices.on_change)


@cache
def _written() -> _Descriptions:
    """Return what services.yaml says of the actions that name a walker or a program, which nobody may change."""
    return {
        action: {**description, "fields": {name: _valid(field) for name, field in description["fields"].items()}}
        for action, description in load_yaml_dict(_FILE).items()
        if not action.startswith(".") and description.get("fields", {}).keys() & _NAMED
    }


def _valid(field: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**field, "selector": validate_selector(field["selector"])}


def _with(names: list[str], field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the description of a field that offers these names, too."""
    select = field["selector"]["select"]
    own = [name for name in names if name not in select["options"]]
    return _valid({**field, "selector": {"select": {**select, "options": [*select["options"], *own]}}})


class _Choices:
    """The descriptions of the actions that name a walker or a program."""

    def __init__(self, hass: HomeAssistant, written: _Descriptions) -> None:
        self._hass = hass
        self._written = written
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
            fields = {
                name: _with(names[name], field) if name in names else field for name, field in written["fields"].items()
            }
            async_set_service_schema(self._hass, DOMAIN, action, {**written, "fields": fields})

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
