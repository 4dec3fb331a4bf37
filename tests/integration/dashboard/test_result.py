"""The result of a session on the card: what it tells, whom, how long, and what may be done with it."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import CONF_PERSON, CONF_RATINGS, DOMAIN
from custom_components.retrowalk.storage.journal import Journal
from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.walkers import last_result
from custom_components.retrowalk.walkers.walker import Ratings
from tests.support.house import ADDRESS, House, make_entry, walker_subentry
from tests.support.waiting import settle


class Card:
    """What a card in a user's browser hears of results."""

    def __init__(self, house: House, client: Any) -> None:
        self.house = house
        self.client = client
        self.heard: list[dict[str, Any]] = []

    @property
    def device_id(self) -> str:
        device = dr.async_get(self.house.hass).async_get_device_by_identifier(
            (DOMAIN, ADDRESS), self.house.entry.entry_id
        )
        assert device is not None
        return device.id

    async def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command, and return the answer; the card's messages before it are kept."""
        await self.client.send_json_auto_id({"type": kind, **data})
        while (answer := await self.client.receive_json())["type"] != "result":
            self.heard.append(answer["event"])
        return answer

    async def follow(self) -> None:
        assert (await self.ask("retrowalk/session", device_id=self.device_id))["success"]
        await self.listen()

    async def listen(self) -> None:
        """Hear everything that was sent until now."""
        for _ in range(3):
            await self.house.hass.async_block_till_done(wait_background_tasks=False)
            await settle(self.house.hass)
            await self.ask("retrowalk/beat")

    async def rate(self, **answer: Any) -> dict[str, Any]:
        data = {"device_id": self.device_id, "session_id": self.result["session"], **answer}
        asked = await self.ask("call_service", domain=DOMAIN, service="rate_session", service_data=data)
        await self.listen()
        return asked

    async def delete(self) -> dict[str, Any]:
        data = {"device_id": self.device_id, "session_id": self.result["session"]}
        return await self.ask("call_service", domain=DOMAIN, service="delete_session", service_data=data)

    @property
    def results(self) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == "result"]

    @property
    def result(self) -> dict[str, Any]:
        return self.results[-1]

    @property
    def curves(self) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == "curve"]


@pytest.fixture
async def card(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Card:
    await house.set_up(make_entry(walkers=[walker_subentry(), walker_subentry("Bert")]))
    return Card(house, await hass_ws_client(hass))


async def as_user(card: Card, hass_ws_client: WebSocketGenerator, user: User) -> Card:
    """Return the card of another user."""
    token = await card.house.hass.auth.async_create_refresh_token(user, CLIENT_ID)
    return Card(
        card.house, await hass_ws_client(card.house.hass, card.house.hass.auth.async_create_access_token(token))
    )


async def walk(card: Card, seconds: float = 30, walker: str = "anna") -> None:
    """Walk as somebody, and stop."""
    card.house.coordinator.next_session.choose_walker(walker)
    await card.house.walk()
    await card.house.time(seconds)
    await card.house.press("stop")
    await card.house.time(15)
    await card.listen()


async def store(card: Card, walker: str | None = "anna", minutes: float = 6, **more: Any) -> SessionRecord:
    record = await card.house.store_session(walker, minutes, **more)
    await card.listen()
    return record


async def test_a_walk_becomes_its_result_with_the_curve_that_was_walked(card: Card) -> None:
    await card.follow()
    assert card.result["session"] is None
    await walk(card)
    result = card.result
    assert (result["walker"], result["completed"], result["goal"]) == ("Anna", False, False)
    assert result["seconds"] >= 30
    assert result["top_speed"] == 0.5
    assert result["next"]["reason"] == "ease_aborted"
    assert result["rated"] == {"knee": None, "discomfort_before": None, "discomfort_after": None, "effort": None}
    assert (result["own"], result["backward"], result["deletes"]) == (True, True, True)
    assert result["asks"] is False, "under a minute is no session to ask about, on the phone neither"
    [curve] = card.curves
    assert curve["session"] == result["session"]
    heights = [float(point.split(",")[1]) for point in curve["curve"].removeprefix("M").split("L")]
    assert min(heights) == pytest.approx(100 * (1 - 1 / 1.15), abs=0.1), "its top speed is just below the top"
    assert max(heights) > min(heights)
    assert all("points" not in message for message in card.heard if message["type"] != "walked")


async def test_figures_streak_goal_and_what_the_plan_makes_of_it(card: Card) -> None:
    await card.follow()
    await store(card)
    result = card.result
    figures = {key: result[key] for key in ("seconds", "distance", "calories", "goal", "completed")}
    assert figures == {"seconds": 360, "distance": 150, "calories": 18, "goal": True, "completed": True}
    assert result["week"]["streak"] == 1
    assert sum(day["reached"] for day in result["week"]["days"]) == 1
    assert card.curves == [], "a session without a track has no curve"


async def test_a_rating_is_shown_on_every_card_and_can_be_taken_back(
    card: Card, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    await card.follow()
    other = await as_user(card, hass_ws_client, lisa)
    await other.follow()
    await store(card)
    await other.listen()
    assert (await other.rate(knee="same"))["success"], "a walker without a person belongs to everybody"
    await card.listen()
    assert card.result["rated"]["knee"] == other.result["rated"]["knee"] == "same"
    assert (await card.rate(knee=None))["success"]
    assert card.result["rated"]["knee"] is None


async def test_it_stays_until_somebody_is_done(card: Card, hass_ws_client: WebSocketGenerator) -> None:
    await card.follow()
    await store(card)
    late = Card(card.house, await hass_ws_client(card.house.hass))
    await late.follow()
    assert late.result["session"] == card.result["session"] is not None
    assert (await late.ask("retrowalk/done", device_id=late.device_id))["success"]
    await card.listen()
    assert card.result == {"type": "result", "session": None}
    assert (await late.ask("retrowalk/done", device_id=late.device_id))["success"], "twice is no error"


async def test_it_stays_while_the_next_session_is_only_ready_and_goes_when_it_begins(card: Card) -> None:
    await card.follow()
    await store(card)
    await card.house.press("start")
    await card.listen()
    assert card.result["session"] is not None
    await card.house.press("stop")
    await card.house.time(8)
    await card.house.walk()
    await card.house.time(12)
    await card.listen()
    assert card.result["session"] is None


async def test_a_reload_right_after_a_session_keeps_its_result(hass: HomeAssistant, card: Card) -> None:
    await card.follow()
    record = await store(card)
    assert await hass.config_entries.async_reload(card.house.entry.entry_id)
    await card.listen()
    assert card.result["session"] == record.id


async def restart(card: Card) -> None:
    """Restart Home Assistant, which then knows only what is on the disk."""
    hass, entry_id = card.house.hass, card.house.entry.entry_id
    assert await hass.config_entries.async_unload(entry_id)
    hass.data.pop(last_result._SHOWN, None)
    assert await hass.config_entries.async_setup(entry_id)
    await card.listen()


async def test_a_restart_keeps_the_result_until_somebody_is_done(card: Card) -> None:
    await card.follow()
    record = await store(card)
    await restart(card)
    assert card.result["session"] == record.id
    assert (await card.rate(knee="same"))["success"]
    assert (await card.ask("retrowalk/done", device_id=card.device_id))["success"]
    await card.listen()
    await restart(card)
    assert card.house.coordinator.result.record is None


async def test_a_restart_in_the_next_session_brings_no_old_result_back(card: Card) -> None:
    await store(card)
    await card.house.walk()
    await card.listen()
    await card.house.press("stop")
    await card.house.time(8)
    await restart(card)
    assert card.house.coordinator.result.record is None


@pytest.mark.parametrize("stored", [{"session": 5}, {"session": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"}, {"newer": True}])
async def test_a_stored_result_that_makes_no_sense_shows_none(card: Card, stored: dict[str, Any]) -> None:
    hass, entry = card.house.hass, card.house.entry
    await Journal(hass, entry.entry_id, last_result.JOURNAL).async_save(stored)
    await restart(card)
    assert card.house.coordinator.result.record is None


async def test_a_removed_treadmill_leaves_no_result(card: Card) -> None:
    await store(card)
    hass, entry_id = card.house.hass, card.house.entry.entry_id
    assert await hass.config_entries.async_remove(entry_id)
    assert await Journal(hass, entry_id, last_result.JOURNAL).async_load() is None
    assert entry_id not in hass.data[last_result._SHOWN]


@pytest.mark.parametrize(("seconds", "asks"), [(59, False), (61, True)])
async def test_only_a_session_of_a_minute_is_asked_about(card: Card, seconds: float, asks: bool) -> None:
    await card.follow()
    await store(card, minutes=seconds / 60)
    assert card.result["asks"] is asks
    assert card.result["rated"] is not None, "it may be rated all the same"


async def test_an_entry_by_hand_is_no_result_and_neither_is_a_deleted_session(card: Card) -> None:
    await card.follow()
    await store(card, outcome=Outcome.LOGGED)
    assert card.result["session"] is None
    record = await store(card)
    assert card.result["session"] == record.id
    await card.house.coordinator.roster.async_remove(record.id)
    await card.listen()
    assert card.result["session"] is None


async def test_the_wrong_walker_is_corrected(card: Card) -> None:
    await card.follow()
    await store(card, None)
    assert (card.result["walker"], card.result["rated"], card.result["next"]) == (None, None, None)
    assert card.result["week"] is None
    assert card.result["walkers"] == ["Anna", "Bert", "guest"]
    data = {"device_id": card.device_id, "session_id": card.result["session"], "walker": "Bert"}
    assert (await card.ask("call_service", domain=DOMAIN, service="edit_session", service_data=data))["success"]
    await card.listen()
    assert (card.result["walker"], card.result["week"]["streak"]) == ("Bert", 1)
    assert card.result["next"]["reason"]


async def test_who_has_no_complaints_is_not_asked_but_may_rate(card: Card) -> None:
    card.house.coordinator.roster.write("anna", **{CONF_RATINGS: Ratings.NONE})
    await card.follow()
    await store(card)
    assert card.result["asks"] is False
    assert card.result["rated"] is not None


async def test_a_paused_plan_has_no_next_session(card: Card) -> None:
    roster = card.house.coordinator.roster
    roster.write("anna", **roster.walkers["anna"].pause_changes(pause=True, today=roster.today))
    await card.follow()
    await store(card)
    assert card.result["next"] is None


async def test_nobody_else_sees_or_changes_how_a_persons_knee_is(
    hass: HomeAssistant,
    card: Card,
    lisa: MockUser,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    hass.states.async_set("person.anna", "home", {"user_id": "somebody"})
    card.house.coordinator.roster.write("anna", **{CONF_PERSON: "person.anna"})
    lisas = await as_user(card, hass_ws_client, lisa)
    await lisas.follow()
    await store(card, knee=Knee.WORSE, discomfort_after=7, effort=3)
    await lisas.listen()
    assert (lisas.result["rated"], lisas.result["own"], lisas.result["asks"]) == (None, False, False)
    assert lisas.result["deletes"] is False
    assert lisas.result["walkers"] == ["Bert", "guest"]
    assert lisas.result["next"] is None, "why the plan is as it is tells of a knee"
    assert not (await lisas.rate(knee="better"))["success"]
    assert (await file_of(await hass_client_no_auth(), lisas, lisa))[0] == HTTPStatus.FORBIDDEN
    refused = await lisas.ask("retrowalk/done", device_id=card.device_id)
    assert refused["error"]["code"] == "unauthorized", "whose it is has not seen it yet"
    assert card.house.coordinator.result.record is not None
    hass.states.async_set("person.anna", "home", {"user_id": lisa.id})
    assert (await lisas.rate(knee="better"))["success"]
    assert lisas.result["rated"]["knee"] == "better"
    assert lisas.result["deletes"] is True
    assert (await lisas.ask("retrowalk/done", device_id=card.device_id))["success"]
    assert lisas.result["session"] is None


async def test_who_may_only_look_rates_and_deletes_what_is_theirs(
    hass: HomeAssistant, card: Card, hass_read_only_user: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    hass.states.async_set("person.anna", "home", {"user_id": hass_read_only_user.id})
    card.house.coordinator.roster.write("anna", **{CONF_PERSON: "person.anna"})
    annas = await as_user(card, hass_ws_client, hass_read_only_user)
    await annas.follow()
    await store(card, "bert")
    await annas.listen()
    assert (annas.result["deletes"], annas.result["own"]) == (False, True)
    assert (await annas.rate(knee="same"))["success"], "a walker who is no person belongs to everybody"
    berts = annas.result["session"]
    assert (await annas.delete())["error"]["message"] == "Unauthorized"
    assert card.house.coordinator.roster.history.get(berts) is not None
    record = await store(card)
    await annas.listen()
    assert (await annas.rate(knee="worse"))["success"]
    assert annas.result["rated"]["knee"] == "worse"
    assert (await annas.delete())["success"]
    assert card.house.coordinator.roster.history.get(record.id) is None


async def file_of(
    browser: TestClient,
    card: Card,
    user: User,
    *,
    session: str | None = None,
    device: str | None = None,
    query: str = "",
) -> tuple[HTTPStatus, bytes]:
    """Return what the address of the shown session's file answers to a user who has signed it."""
    hass = card.house.hass
    token = next(iter(user.refresh_tokens.values()), None)
    token = token or await hass.auth.async_create_refresh_token(user, CLIENT_ID)
    path = f"/api/retrowalk/session/{device or card.device_id}/{session or card.result['session']}{query}"
    response = await browser.get(async_sign_path(hass, path, timedelta(minutes=5), refresh_token_id=token.id))
    return HTTPStatus(response.status), await response.read()


async def test_a_session_is_saved_by_the_browser_and_nothing_is_written(
    card: Card, lisa: MockUser, hass_client_no_auth: ClientSessionGenerator, hass_ws_client: WebSocketGenerator
) -> None:
    await card.follow()
    await store(card)
    browser = await hass_client_no_auth()
    status, content = await file_of(browser, card, lisa)
    assert (status, content[8:12]) == (HTTPStatus.OK, b".FIT")
    status, content = await file_of(browser, card, lisa, query="?format=tcx")
    assert (status, b"TrainingCenterDatabase" in content) == (HTTPStatus.OK, True)
    assert (await file_of(browser, card, lisa, query="?format=exe"))[0] == HTTPStatus.BAD_REQUEST
    assert (await file_of(browser, card, lisa, session="01KA9V3Q5W8RZ7D2M4N6P8T0XY"))[0] == HTTPStatus.NOT_FOUND
    assert (await file_of(browser, card, lisa, device="nothing"))[0] == HTTPStatus.NOT_FOUND
    path = f"/api/retrowalk/session/{card.device_id}/{card.result['session']}"
    assert (await browser.get(path)).status == HTTPStatus.UNAUTHORIZED
    lisa.__dict__["permissions"] = PolicyPermissions({}, None)
    assert (await file_of(browser, card, lisa))[0] == HTTPStatus.FORBIDDEN
    refused = await (await as_user(card, hass_ws_client, lisa)).ask("retrowalk/done", device_id=card.device_id)
    assert refused["error"]["code"] == "not_found"
    assert await card.house.hass.config_entries.async_unload(card.house.entry.entry_id)
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": True}, None)
    assert (await file_of(browser, card, lisa))[0] == HTTPStatus.NOT_FOUND
