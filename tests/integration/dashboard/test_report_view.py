"""The page of a walker's report: who may see it, by token or by a signed address, and with which headers."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.auth.models import RefreshToken, User
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from tests.support.action_calls import Actions


@pytest.fixture
async def walked(hass: HomeAssistant, actions: Actions, lisa: MockUser) -> Actions:
    """Return a treadmill on which Anna, who is a person, and Bert have walked."""
    assert await async_setup_component(hass, "auth", {})
    await actions.set_up(connected=False)
    await actions.store_session("anna", note="Knee!", discomfort_after=3)
    await actions.store_session("bert", note="of Bert")
    return actions


async def make_token(hass: HomeAssistant, user: User) -> RefreshToken:
    return await hass.auth.async_create_refresh_token(user, CLIENT_ID)


async def open_signed(
    client: TestClient, walked: Actions, user: User, walker: str | None, query: str = ""
) -> tuple[int, str]:
    """Open a walker's report as a new tab does, with an address that a user has signed."""
    path = f"/api/retrowalk/report/{walked.device(walker)}{query}"
    token = await make_token(walked.hass, user)
    address = async_sign_path(walked.hass, path, timedelta(minutes=5), refresh_token_id=token.id)
    response = await client.get(address)
    return response.status, await response.text()


async def test_nobody_sees_a_report_without_a_token_or_a_signature(
    walked: Actions, hass_client_no_auth: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    client, path = await hass_client_no_auth(), f"/api/retrowalk/report/{walked.device('anna')}"
    signed = async_sign_path(
        walked.hass, path, timedelta(minutes=5), refresh_token_id=(await make_token(walked.hass, hass_admin_user)).id
    )
    late = async_sign_path(
        walked.hass, path, timedelta(minutes=-5), refresh_token_id=(await make_token(walked.hass, hass_admin_user)).id
    )
    other = signed.replace(walked.device("anna"), walked.device("bert"))
    for address in (path, f"{path}?authSig=nonsense", late, other, f"{signed}&weeks=6"):
        response = await client.get(address)
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert "Knee!" not in await response.text()
    assert (await client.get(signed)).status == HTTPStatus.OK


async def test_a_signed_address_opens_the_page_without_a_token(
    walked: Actions, hass_client_no_auth: ClientSessionGenerator, hass_ws_client: WebSocketGenerator
) -> None:
    socket = await hass_ws_client(walked.hass)
    path = f"/api/retrowalk/report/{walked.device('anna')}?weeks=6"
    await socket.send_json_auto_id({"type": "auth/sign_path", "path": path, "expires": 300})
    signed = (await socket.receive_json())["result"]["path"]
    response = await (await hass_client_no_auth()).get(signed)
    assert response.status == HTTPStatus.OK
    assert response.content_type == "text/html"
    assert response.charset == "utf-8"
    html = await response.text()
    assert "Knee!" in html
    assert html.count("<tr>") == 8
    assert "of Bert" not in html


async def test_the_page_is_not_kept_framed_or_let_run_anything(
    walked: Actions, hass_client: ClientSessionGenerator
) -> None:
    client, path = await hass_client(), f"/api/retrowalk/report/{walked.device('anna')}"
    for query, saved in (("", False), ("?save=1&weeks=6", True)):
        response = await client.get(path + query)
        assert response.status == HTTPStatus.OK
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'", "sandbox", "base-uri 'none'"} <= set(policy)
        assert not [part for part in policy if part.startswith(("script-src", "img-src", "connect-src"))]
        disposition = response.headers.get("Content-Disposition", "")
        assert disposition.startswith('attachment; filename="retrowalk_anna_20') is saved
        assert disposition.endswith('.html"') is saved


async def test_a_user_sees_their_own_report_and_that_of_nobody_else(
    walked: Actions, hass_client_no_auth: ClientSessionGenerator, lisa: MockUser, hass_admin_user: MockUser
) -> None:
    hass, client = walked.hass, await hass_client_no_auth()
    anna = MockUser(groups=lisa.groups).add_to_hass(hass)
    hass.states.async_set("person.anna", "home", {"user_id": anna.id})
    for user, may in ((anna, True), (hass_admin_user, True), (lisa, False)):
        status, shown = await open_signed(client, walked, user, "anna")
        assert (status, "Knee!" in shown) == ((HTTPStatus.OK, True) if may else (HTTPStatus.FORBIDDEN, False))
        assert (await open_signed(client, walked, user, "bert"))[0] == HTTPStatus.OK
    status, shown = await open_signed(client, walked, lisa, "anna")
    assert shown.startswith("Anna is linked to a person")
    hass.config.language = "de"
    status, shown = await open_signed(client, walked, lisa, "anna")
    assert shown.startswith("Anna ist mit einer Person verknüpft")


async def test_who_may_not_control_the_treadmill_sees_no_report(
    walked: Actions, hass_client_no_auth: ClientSessionGenerator, lisa: MockUser
) -> None:
    hass, client = walked.hass, await hass_client_no_auth()
    group = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    readers = MockUser(groups=[group]).add_to_hass(hass)
    lisa.mock_policy({})
    for user in (readers, lisa):
        assert await open_signed(client, walked, user, "bert") == (HTTPStatus.FORBIDDEN, "")


async def test_a_deleted_user_sees_nothing_by_an_address_that_is_signed(
    walked: Actions, hass_client_no_auth: ClientSessionGenerator, lisa: MockUser
) -> None:
    path = f"/api/retrowalk/report/{walked.device('bert')}"
    token = await make_token(walked.hass, lisa)
    signed = async_sign_path(walked.hass, path, timedelta(minutes=5), refresh_token_id=token.id)
    client = await hass_client_no_auth()
    assert (await client.get(signed)).status == HTTPStatus.OK
    await walked.hass.auth.async_remove_user(lisa)
    assert (await client.get(signed)).status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("of", "query", "status", "said"),
    [
        ("anna", "?weeks=0", HTTPStatus.BAD_REQUEST, "A report covers 1 to 26 weeks."),
        ("anna", "?weeks=many", HTTPStatus.BAD_REQUEST, ""),
        ("anna", "?from=2026-11-02&to=2026-11-01", HTTPStatus.BAD_REQUEST, "The end of the period"),
        ("anna", "?path=/media/x.html&weeks=1", HTTPStatus.OK, "<!DOCTYPE html>"),  # an address writes nothing
        (None, "", HTTPStatus.BAD_REQUEST, "No walker was provided."),
        ("nobody", "", HTTPStatus.NOT_FOUND, ""),
    ],
)
async def test_an_address_that_cannot_be_is_answered_in_words(
    walked: Actions, hass_client: ClientSessionGenerator, of: str | None, query: str, status: int, said: str
) -> None:
    device = "nobody" if of == "nobody" else walked.device(of)
    response = await (await hass_client()).get(f"/api/retrowalk/report/{device}{query}")
    assert response.status == status
    assert (await response.text()).startswith(said)
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_treadmill_that_is_not_set_up_has_no_report(
    walked: Actions, hass_client: ClientSessionGenerator
) -> None:
    device = walked.device("anna")
    assert walked.house.entry is not None
    await walked.hass.config_entries.async_unload(walked.house.entry.entry_id)
    response = await (await hass_client()).get(f"/api/retrowalk/report/{device}")
    assert response.status == HTTPStatus.NOT_FOUND
