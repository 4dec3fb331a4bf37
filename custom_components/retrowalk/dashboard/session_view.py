"""A session as a workout file, for the card's button: the browser saves it, and nothing is written here.

A download has no access token, so the button has Home Assistant sign the address for a few minutes (auth/sign_path).
Who signed it is who asks here.
"""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from ..const import DOMAIN
from ..walkers.privacy import async_is_own
from ..walkers.session_file import FORMATS, SessionFormat, async_session_file
from ..walkers.walker import GUEST
from .access import async_entry_of, async_may_read

URL: Final = f"/api/{DOMAIN}/session/{{device_id}}/{{session_id}}"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@callback
def async_setup_session_view(hass: HomeAssistant) -> None:
    """Register the view."""
    hass.http.register_view(SessionView)


class SessionView(HomeAssistantView):
    """Returns a session as a file: FIT, or what the query's `format` says."""

    url = URL
    name = f"api:{DOMAIN}:session"

    async def get(self, request: web.Request, device_id: str, session_id: str) -> web.Response:
        """Return the file of a session of a treadmill, named by the device of it or of one of its walkers."""
        hass, user = request.app[KEY_HASS], request[KEY_HASS_USER]
        wanted = request.query.get("format", SessionFormat.FIT)
        if wanted not in FORMATS:
            return web.Response(status=HTTPStatus.BAD_REQUEST, headers=_HEADERS)
        entry = async_entry_of(hass, device_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        roster = entry.runtime_data.coordinator.roster
        record = roster.get(session_id)
        if record is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        owner = roster.walkers.get(record.walker or GUEST)
        if not (async_may_read(hass, user, entry) and async_is_own(hass, user, owner)):
            # Not 401, which counts as a failed sign-in.
            return web.Response(status=HTTPStatus.FORBIDDEN, headers=_HEADERS)
        file = await async_session_file(hass, record, wanted, roster)
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"'}
        return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)
