"""What somebody without the rights for it reaches: every action, every WebSocket command, every address.

Each is in a table here with the right that it takes, and a new one that is in none fails.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import WSMsgType
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.dashboard import serve
from custom_components.retrowalk.dashboard.websocket import _PRESSES
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import REQUIRED, Actions

ANYBODY, READ, CONTROL, ADMINISTRATOR = "anybody", "read", "control", "administrator"
HAS: dict[str, set[str]] = {
    "no_rights": {ANYBODY},
    "read_only": {ANYBODY, READ},
    "ordinary": {ANYBODY, READ, CONTROL},
    "administrator": {ANYBODY, READ, CONTROL, ADMINISTRATOR},
}
"""The rights of each kind of user."""
ACTION_TAKES: dict[str, str] = {
    "stop": ANYBODY,
    "rate_session": READ,
    "delete_session": READ,
    "adjust": CONTROL,
    "confirm_session": CONTROL,
    "create_report": CONTROL,
    "edit_session": CONTROL,
    "export_program": CONTROL,
    "finish_session": CONTROL,
    "get_sessions": CONTROL,
    "get_track": CONTROL,
    "list_programs": CONTROL,
    "log_session": CONTROL,
    "pause_plan": CONTROL,
    "pause_session": CONTROL,
    "ramp_to": CONTROL,
    "resume_plan": CONTROL,
    "resume_session": CONTROL,
    "run_program": CONTROL,
    "skip_today": CONTROL,
    "skip_step": CONTROL,
    "snooze_reminder": CONTROL,
    "start_session": CONTROL,
    "delete_program": ADMINISTRATOR,
    "export_history": ADMINISTRATOR,
    "export_session": ADMINISTRATOR,
    "import_program": ADMINISTRATOR,
    "save_program": ADMINISTRATOR,
}
_DRAFT = {"direction": "backward", "rows": [{"minutes": 1, "speed": 1.0}]}
COMMAND_TAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "beat": (ANYBODY, {}),
    "session": (READ, {}),
    "done": (READ, {}),
    "knee": (READ, {"walker": "bert", "discomfort": 3}),
    "programs": (READ, {}),
    "reminders": (READ, {}),
    "sessions": (READ, {}),
    "trends": (READ, {}),
    "press": (CONTROL, {"press": "start"}),
    "reminder/choose": (CONTROL, {"on": True}),
    "reminder/start": (CONTROL, {}),
    "reminder/test": (CONTROL, {}),
    "first_run_over": (ADMINISTRATOR, {}),
    "program/delete": (ADMINISTRATOR, {"program": "x"}),
    "program/draw": (ADMINISTRATOR, _DRAFT),
    "program/open": (ADMINISTRATOR, {}),
    "program/save": (ADMINISTRATOR, {"name": "Mine", **_DRAFT}),
}
"""Of each command the right that it takes, and what is sent with it."""
SLOWING = {"stop": ANYBODY, "pause": CONTROL, "finish": CONTROL}
"""Presses on the card that bring the belt to rest; all others take the right to control."""
REFUSALS = {"unauthorized", "not_found"}

type UserOf = Callable[[str], Awaitable[User]]


@pytest.fixture
async def user_of(
    hass: HomeAssistant, lisa: MockUser, hass_read_only_user: MockUser, hass_admin_user: MockUser
) -> UserOf:
    """Return the user of each kind."""

    async def find(kind: str) -> User:
        if kind == "no_rights":
            lisa.mock_policy({})
        return {"administrator": hass_admin_user, "read_only": hass_read_only_user}.get(kind, lisa)

    return find


async def token_of(hass: HomeAssistant, user: User) -> str:
    return hass.auth.async_create_access_token(await hass.auth.async_create_refresh_token(user, CLIENT_ID))


def everything(actions: Actions) -> tuple[Any, ...]:
    """Return whatever a call could have changed."""
    entry = actions.house.entry
    subentries = [(each.subentry_id, each.title, dict(each.data)) for each in entry.subentries.values()]
    knee = {walker: actions.house.coordinator.knee.value(walker) for walker in ("anna", "bert")}
    return actions.records(), dict(entry.data), dict(entry.options), subentries, actions.state, knee


# Actions


def test_every_action_is_in_the_table() -> None:
    assert ACTION_TAKES.keys() == ACTIONS.keys()
    for name, action in ACTIONS.items():
        flags = {
            ANYBODY: action.for_everybody,
            READ: action.for_readers,
            ADMINISTRATOR: action.for_administrators,
        }
        assert [right for right, is_set in flags.items() if is_set] == [*{ACTION_TAKES[name]} - {CONTROL}], name


@pytest.mark.parametrize("kind", HAS)
async def test_no_action_is_carried_out_for_who_has_no_right_to_it(
    actions: Actions, user_of: UserOf, kind: str
) -> None:
    await actions.set_up(connected=False)
    await actions.store_session("anna")
    user = await user_of(kind)
    for name, right in ACTION_TAKES.items():
        if right in HAS[kind] and kind != "no_rights":
            continue
        before = everything(actions)
        data = REQUIRED.get(name, {})
        if right in HAS[kind]:
            await actions.call(name, by=Context(user_id=user.id), **data)
            continue
        with pytest.raises(Unauthorized):
            await actions.call(name, by=Context(user_id=user.id), **data)
        assert everything(actions) == before, name


@pytest.mark.parametrize("kind", ["ordinary", "administrator"])
async def test_who_has_the_right_is_refused_no_action_for_lack_of_one(
    actions: Actions, user_of: UserOf, kind: str
) -> None:
    await actions.set_up(connected=False)
    user = await user_of(kind)
    for name, right in ACTION_TAKES.items():
        if right not in HAS[kind]:
            continue
        await actions.store_session("cleo")
        try:
            await actions.call(name, by=Context(user_id=user.id), **REQUIRED.get(name, {}))
        except Unauthorized:
            # What belongs to everybody is deleted by administrators.
            assert (name, kind) == ("delete_session", "ordinary")
        except HomeAssistantError:
            pass  # there is nothing to do just now


# Entities

USES: dict[str, dict[str, dict[str, Any]]] = {
    "button": {"press": {}},
    "number": {"set_value": {"value": 1}},
    "select": {"select_option": {"option": "backward"}, "select_next": {}},
    "switch": {"turn_on": {}, "turn_off": {}, "toggle": {}},
    "time": {"set_value": {"time": "07:00:00"}},
}
"""What can be done with the entities of each platform that take anything."""


@pytest.mark.parametrize("kind", ["no_rights", "read_only"])
async def test_no_entity_is_used_by_who_has_no_right_to_it(actions: Actions, user_of: UserOf, kind: str) -> None:
    await actions.set_up()
    user, before = await user_of(kind), everything(actions)
    registered = er.async_entries_for_config_entry(er.async_get(actions.hass), actions.house.entry.entry_id)
    there = [each for each in registered if actions.hass.states.get(each.entity_id)]
    assert {each.domain for each in there} - {"binary_sensor", "calendar", "event", "sensor"} == USES.keys()
    actions.house.commands()
    for entity in there:
        for service, data in USES.get(entity.domain, {}).items():
            target = {"entity_id": entity.entity_id, **data}
            with pytest.raises(Unauthorized):
                await actions.hass.services.async_call(
                    entity.domain, service, target, blocking=True, context=Context(user_id=user.id)
                )
    await actions.house.time(3)
    assert (everything(actions), actions.house.commands()) == (before, [])


# WebSocket commands


async def test_every_command_is_in_the_table(hass: HomeAssistant, actions: Actions) -> None:
    await actions.set_up(connected=False)
    package = f"custom_components.{DOMAIN}"
    ours = {name for name, (handler, _) in hass.data["websocket_api"].items() if handler.__module__.startswith(package)}
    assert ours == {f"{DOMAIN}/{name}" for name in COMMAND_TAKES}
    assert SLOWING.keys() < _PRESSES


@pytest.mark.parametrize("kind", HAS)
async def test_no_command_is_answered_to_who_has_no_right_to_it(
    hass: HomeAssistant, actions: Actions, user_of: UserOf, hass_ws_client: WebSocketGenerator, kind: str
) -> None:
    await actions.set_up(connected=False)
    await actions.store_session("anna", note="Knee!")
    await actions.store_session("bert")  # nobody's, so that anybody may be done with its result
    client = await hass_ws_client(hass, await token_of(hass, await user_of(kind)))

    async def ask(command: str, **data: Any) -> dict[str, Any]:
        await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **data})
        while (answer := await client.receive_json())["type"] != "result":
            pass
        return answer

    async def beat() -> float:
        return (await ask("beat"))["result"]["beat"]

    for name, (right, data) in COMMAND_TAKES.items():
        before = everything(actions)
        of = {} if name == "beat" else {"device_id": actions.device("bert" if "reminder/" in name else None)}
        fresh = {"beat": await beat()} if name in {"press", "reminder/start"} else {}
        answer = await ask(name, **of, **data, **fresh)
        if right not in HAS[kind]:
            assert (answer["success"], answer.get("error", {}).get("code") in REFUSALS) == (False, True), name
            assert everything(actions) == before, name
        else:
            assert answer.get("error", {}).get("code") != "unauthorized", name
    await actions.house.press("stop")
    for press in sorted(_PRESSES):
        before = everything(actions)
        chosen = {"choice": "minutes", "value": 7} if press == "choose" else {}
        answer = await ask("press", device_id=actions.device(), press=press, beat=await beat(), **chosen)
        refused = answer.get("error", {}).get("code") == "unauthorized"
        assert refused is (SLOWING.get(press, CONTROL) not in HAS[kind]), press
        assert not refused or everything(actions) == before, press


@pytest.mark.parametrize("expected_lingering_timers", [True])  # Home Assistant's heartbeat of the socket
async def test_nobody_asks_anything_without_signing_in(
    hass: HomeAssistant, actions: Actions, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "websocket_api", {})
    await actions.set_up(connected=False)
    client = await hass_client_no_auth()
    socket = await client.ws_connect("/api/websocket")
    assert (await socket.receive_json())["type"] == "auth_required"
    await socket.send_json({"id": 1, "type": f"{DOMAIN}/session", "device_id": actions.device()})
    assert (await socket.receive_json())["type"] == "auth_invalid"
    assert (await socket.receive()).type is WSMsgType.CLOSE
    await hass.async_block_till_done()


# Addresses

ADDRESSES = {
    f"/api/{DOMAIN}/report/{{device_id}}",
    f"/api/{DOMAIN}/session/{{device_id}}/{{session_id}}",
    serve.URL,
}


async def test_every_address_takes_a_user_except_the_cards_own_files(
    hass: HomeAssistant, actions: Actions, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna", note="Knee!")
    resources = {resource.canonical for resource in hass.http.app.router.resources()}
    assert {each for each in resources if DOMAIN in each} == ADDRESSES
    client = await hass_client_no_auth()
    for address in ADDRESSES - {serve.URL}:
        path = address.format(device_id=actions.device("anna"), session_id=record.id)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            answer = await client.request(method, path)
            assert answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED}, (method, path)
            assert b"Knee!" not in await answer.read()


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/.", "/..", "/../serve.py", "/%2e%2e/serve.py", "/..%2fserve.py", "/..%5cserve.py"),
        *("/%2e%2e%2f%2e%2e%2fmanifest.json", "//etc/passwd", "/%2fetc%2fpasswd", "/card.js/../../serve.py"),
        *("/card.js%00.py", "/.DS_Store"),
    ],
)
async def test_beside_the_cards_files_nothing_is_served_and_no_folder_is_listed(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, path: str
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client_no_auth()
    answer = await client.get(f"{serve.URL}{path}", allow_redirects=False)
    assert answer.status in {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.BAD_REQUEST,
    }
    body = await answer.text()
    assert not [found for found in ("card.js", "StaticPathConfig", '"domain"', "root:") if found in body]


def test_the_cards_files_are_code_and_style_and_hold_no_secret() -> None:
    files = [path for path in serve.FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".js", ".css"}
    assert not [path for path in serve.FOLDER.rglob("*") if path.is_symlink() or path.name.startswith(".")]
    for path in files:
        text = path.read_text().lower()
        # No token, no key, no house: the files are the same in every installation, and anybody may read them.
        told = ("bearer ", "api_key", "apikey", "password", "secret", "access_token", "authsig=")
        assert [word for word in told if word in text] == [], path.name
