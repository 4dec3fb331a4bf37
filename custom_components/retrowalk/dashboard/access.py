"""Which treadmill a card is of, and who may see it."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


@callback
def async_entry_of(hass: HomeAssistant, device_id: str) -> ConfigEntry | None:
    """Return the config entry of a device, loaded or not."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device and device.config_entry_id else None
    return entry if entry is not None and entry.domain == DOMAIN else None


@callback
def async_may_read(hass: HomeAssistant, user: User, entry: ConfigEntry) -> bool:
    """Return whether a user may read the session state of a treadmill."""
    return _may(hass, user, entry, POLICY_READ)


@callback
def async_may_control(hass: HomeAssistant, user: User, entry: ConfigEntry) -> bool:
    """Return whether a user may control a treadmill, as far as its session state tells."""
    return _may(hass, user, entry, POLICY_CONTROL)


def _may(hass: HomeAssistant, user: User, entry: ConfigEntry, policy: str) -> bool:
    unique_id = f"{dr.format_mac(entry.data[CONF_ADDRESS])}_session_state"
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    return user.is_admin or (entity_id is not None and user.permissions.check_entity(entity_id, policy))
