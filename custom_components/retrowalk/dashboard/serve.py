"""The dashboard's card and strategy, as the browser gets them: plain modules, and nothing in Lovelace's storage."""

from pathlib import Path

from homeassistant.components.http import StaticPathConfig  # type: ignore[attr-defined]  # for integrations it is
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from ..const import DOMAIN

# Under /api/, where the front end's service worker keeps nothing.
URL = f"/api/{DOMAIN}/static"
FOLDER = Path(__file__).parent / "www"


async def async_setup_frontend(hass: HomeAssistant) -> None:
    """Serve the modules, once a run, and have every page load the first of them, if there are pages."""
    await hass.http.async_register_static_paths([StaticPathConfig(URL, str(FOLDER), cache_headers=True)])
    if "frontend" in hass.config.components:
        # Where there are no pages, what it needs may not be installed.
        from homeassistant.components.frontend import add_extra_js_url  # noqa: PLC0415

        # In the query, not in the path: a page from before an update still asks for the old one. Browsers keep it
        # for a month, so the first module asks for the others by the same version.
        version = (await async_get_integration(hass, DOMAIN)).version
        add_extra_js_url(hass, f"{URL}/retrowalk.js?v={version}")
