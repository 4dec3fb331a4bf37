"""What is kept in a treadmill's entry, and the reload that a change of it may need (S14)."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_CAPABILITIES, CONF_INFO
from ..machine.driver import Driver
from ..machine.model import Capabilities, MachineInfo


class EntryStore:
    """One entry, and what of it holds already."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._loaded = self._now()
        self._reload_wanted = False

    @property
    def wants_reload(self) -> bool:
        """Whether something was saved that a reload applies."""
        return self._reload_wanted

    @callback
    def save(self, news: Mapping[str, Any]) -> None:
        """Keep something that holds already, so that nothing has to be reloaded for it."""
        data, options, title = self._loaded
        self._loaded = ({**data, **news}, options, title)
        self._hass.config_entries.async_update_entry(self._entry, data={**self._entry.data, **news})

    def updated_data(self, driver: Driver) -> dict[str, Any] | None:
        """The data with what the machine says of itself now, to be known while it is off; None if that is not new.

        What it fails to tell this time it is still: a read that fails now and then must not take entities away and
        bring them back, with a reload each time. Only other firmware makes it another machine.
        """
        known = self._entry.data
        info, capabilities = driver.info.as_dict(), driver.capabilities.as_dict()
        known_info = MachineInfo.from_dict(known.get(CONF_INFO, {})).as_dict()
        if info["firmware"] in {None, known_info.get("firmware")}:
            capabilities = _filled(capabilities, Capabilities.from_dict(known.get(CONF_CAPABILITIES, {})).as_dict())
        learned = {**known, CONF_CAPABILITIES: capabilities, CONF_INFO: _filled(info, known_info)}
        return None if learned == known else learned

    @callback
    def on_entry_changed(self) -> None:
        """Something was saved: a reload is wanted for settings, and not for walkers."""
        self._reload_wanted = self._reload_wanted or self._now() != self._loaded

    @callback
    def reload_if_wanted(self) -> None:
        """Nobody walks: what was saved may be applied."""
        if self._reload_wanted:
            self._reload_wanted = False
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    def _now(self) -> tuple[dict[str, Any], dict[str, Any], str]:
        return dict(self._entry.data), dict(self._entry.options), self._entry.title


def _filled(news: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What is told now, or was where nothing is told."""
    return {key: value or known.get(key, value) for key, value in news.items()}
