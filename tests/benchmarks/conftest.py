"""The house of the integration tests, for what is measured in it."""

from tests.integration.conftest import clock, hass_config_dir, house

__all__ = ["clock", "hass_config_dir", "house"]
