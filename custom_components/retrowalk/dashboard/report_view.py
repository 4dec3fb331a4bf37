"""The page of a walker's report, for the dashboard's button: it opens in a browser of its own, or is saved.

A new tab has no access token, so the button has Home Assistant sign the address for a few minutes (auth/sign_path). Who
signed it is who asks here: the report is made by the action, with the permissions and the privacy of that user.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import voluptuous as vol
from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..errors import ErrorKey
from ..training.report.page import POLICY

URL: Final = f"/api/{DOMAIN}/report/{{device_id}}"
_PERIOD: Final = frozenset({"weeks", "from", "to"})
"""Fields of the action that an address may hold; a path is none of them, so nothing is written."""
_SAVED: Final = "save"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # On top of the page's own policy: nobody may frame it, and it has neither an origin nor a script.
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@callback
def async_setup_report_view(hass: HomeAssistant) -> None:
    """Register the view."""
    hass.http.register_view(ReportView)


class ReportView(HomeAssistantView):
    """Returns a walker's report as a page."""

    url = URL
    name = f"api:{DOMAIN}:report"

    async def get(self, request: web.Request, device_id: str) -> web.Response:
        """Return the report of a walker's device, or one line that says why not."""
        hass, user = request.app[KEY_HASS], request[KEY_HASS_USER]
        period = {name: text for name, text in request.query.items() if name in _PERIOD}
        try:
            made = await _async_make(hass, user, {ATTR_DEVICE_ID: device_id, **period})
        except Unauthorized:
            # Not 401, which counts as a failed sign-in.
            return web.Response(status=HTTPStatus.FORBIDDEN, headers=_HEADERS)
        except vol.Invalid:
            return web.Response(status=HTTPStatus.BAD_REQUEST, headers=_HEADERS)
        except ServiceValidationError as err:
            return web.Response(status=_status(err), text=await _async_message(hass, err), headers=_HEADERS)
        headers = dict(_HEADERS)
        if _SAVED in request.query:
            headers["Content-Disposition"] = f'attachment; filename="{made["name"]}.html"'
        return web.Response(text=made["html"], content_type="text/html", charset="utf-8", headers=headers)


async def _async_make(hass: HomeAssistant, user: User, data: Mapping[str, Any]) -> Mapping[str, Any]:
    made = await hass.services.async_call(
        DOMAIN, "create_report", {**data}, blocking=True, context=Context(user_id=user.id), return_response=True
    )
    return made or {}


def _status(err: ServiceValidationError) -> HTTPStatus:
    if err.translation_domain != DOMAIN:  # there is no such device, or it is not set up
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if err.translation_key == ErrorKey.WALKER_IS_PRIVATE else HTTPStatus.BAD_REQUEST


async def _async_message(hass: HomeAssistant, err: ServiceValidationError) -> str:
    """Return an error's text in the language of the house."""
    domain = err.translation_domain or ""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", {domain})
    text = texts.get(f"component.{domain}.exceptions.{err.translation_key}.message")
    return text.format_map(err.translation_placeholders or {}) if text else str(err)
