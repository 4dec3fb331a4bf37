"""The page on which people see a treadmill, wherever they have put its card; their dashboards are only read."""

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
    """The path of a page with the card of an entity's treadmill that everybody may open, else with the entity."""
    entity = er.async_get(hass).async_get(entity_id)
    card = await _async_view_with_card(hass, entity.device_id) if entity and entity.device_id else None
    return card or f"/{_OVERVIEW}?more-info-entity-id={entity_id}"


async def _async_view_with_card(hass: HomeAssistant, device_id: str) -> str | None:
    if "lovelace" not in hass.config.components:
        return None
    # Where there are no pages, what it needs may not be installed.
    from homeassistant.components.lovelace.const import LOVELACE_DATA  # noqa: PLC0415

    for url, dashboard in tuple(hass.data[LOVELACE_DATA].dashboards.items()):
        if dashboard.config is not None and dashboard.config.get("require_admin"):
            continue
        try:
            view = _view_path(await dashboard.async_load(force=False), device_id)
        except Exception as err:  # noqa: BLE001 - other people's code and data must not cost a reminder
            _LOGGER.debug("The dashboard %s cannot be read: %r", url, err)
            continue
        if view is not None:
            return f"/{url or _OVERVIEW}/{view}"
    return None


def _view_path(config: Mapping[str, Any], device_id: str) -> str | None:
    """The path of the view that shows a treadmill's card."""
    strategy = config.get("strategy")
    if isinstance(strategy, Mapping):
        ours = strategy.get("type") == STRATEGY and strategy.get("device_id") in {None, device_id}
        return device_id if ours else None  # www/strategy.js calls its views so
    for number, view in enumerate(config.get("views") or ()):
        if isinstance(view, Mapping) and _has_card(view, device_id):
            return str(view.get("path") or number)
    return None


def _has_card(part: object, device_id: str) -> bool:
    """Whether the card is in a view, in whichever of its sections and stacks."""
    if isinstance(part, Mapping):
        if part.get("type") == CARD:
            return part.get("device_id") in {None, device_id}
        return any(_has_card(inner, device_id) for inner in part.values())
    return isinstance(part, list) and any(_has_card(inner, device_id) for inner in part)
