"""Placeholder until the real flow lands (being written by a helper: overwrite this)."""

from homeassistant.config_entries import ConfigFlow

from .const import DOMAIN


class RetrowalkConfigFlow(ConfigFlow, domain=DOMAIN):
    """Placeholder."""
