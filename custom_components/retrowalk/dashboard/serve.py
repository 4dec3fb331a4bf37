"""Serve the dashboard's card and strategy as plain modules; nothing is stored in Lovelace."""

from pathlib import Path

from homeassistant.components.http import StaticPathConfig  # type: ignore[attr-defined]  # for integrations it is
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from ..const import DOMAIN

# Under /api/, because the frontend's service worker does not cache that.
URL = f"/api/{DOMAIN}/static"
FOLDER = Path(__file__).parent / "www"


async def async_setup_frontend(hass: HomeAssistant) -> None:
    """Serve the modules and, if there is a frontend, have each page load the first of them."""
    await hass.http.async_register_static_paths([StaticPathConfig(URL, str(FOLDER), cache_headers=True)])
    if "frontend" in hass.config.components:
        # Without the frontend integration its requirements may not be installed.
        from homeassistant.components.frontend import add_extra_js_url  # noqa: PLC0415

        # The version is in the query and not in the path, so that a page from before an update still gets its files.
        # Browsers cache them for a month, so the first module loads the others with the same version.
        version = (await async_get_integration(hass, DOMAIN)).version
        add_extra_js_url(hass, f"{URL}/retrowalk.js?v={version}")
