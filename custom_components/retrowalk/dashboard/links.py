"""Find the dashboard view that shows a treadmill's card; dashboards are only read."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

STRATEGY: Final = "custom:retrowalk"
CARD: Final = "custom:retrowalk-card"
_OVERVIEW: Final = "lovelace"

_LOGGER = logging.getLogger(__name__)


async def async_dashboard_path(hass: HomeAssistant, entity_id: str) -> str:
    """Return the path of a view with the card of an entity's treadmill, or else of the entity's dialog.

    Dashboards for administrators only are left out.
    """
    entity = er.async_get(hass).async_get(entity_id)
    path = await _async_view_with_card(hass, entity.device_id) if entity and entity.device_id else None
    return path or f"/{_OVERVIEW}?more-info-entity-id={entity_id}"


async def _async_view_with_card(hass: HomeAssistant, device_id: str) -> str | None:
    if "lovelace" not in hass.config.components:
        return None
    # Without the Lovelace integration its requirements may not be installed.
    from homeassistant.components.lovelace.const import LOVELACE_DATA  # noqa: PLC0415

    for url, dashboard in tuple(hass.data[LOVELACE_DATA].dashboards.items()):
        if dashboard.config is not None and dashboard.config.get("require_admin"):
            continue
        try:
            view_path = _view_path(await dashboard.async_load(force=False), device_id)
        except Exception as err:  # noqa: BLE001 - a dashboard of another integration must not stop a reminder
            _LOGGER.debug("Could not read the dashboard %s: %r", url, err)
            continue
        if view_path is not None:
            return f"/{url or _OVERVIEW}/{view_path}"
    return None


def _view_path(config: Mapping[str, Any], device_id: str) -> str | None:
    """Return the path of the view that shows a treadmill's card, or None."""
    strategy = config.get("strategy")
    if isinstance(strategy, Mapping):
        is_ours = strategy.get("type") == STRATEGY and strategy.get("device_id") in {None, device_id}
        return device_id if is_ours else None  # the path of a view that www/strategy.js makes
    for number, view in enumerate(config.get("views") or ()):
        if isinstance(view, Mapping) and _has_card(view, device_id):
            return str(view.get("path") or number)
    return None


def _has_card(part: object, device_id: str) -> bool:
    """Return whether a view contains the card, in any of its sections and stacks."""
    if isinstance(part, Mapping):
        if part.get("type") == CARD:
            return part.get("device_id") in {None, device_id}
        return any(_has_card(inner, device_id) for inner in part.values())
    return isinstance(part, list) and any(_has_card(inner, device_id) for inner in part)
