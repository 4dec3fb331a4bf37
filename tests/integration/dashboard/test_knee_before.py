"""The question before a session, for walkers who watch a knee: whom it is put to, and what becomes of the answer."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_PERSON, CONF_RATINGS
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.walkers.walker import Ratings
from tests.support.card import Card
from tests.support.house import House, make_entry, walker_subentry

ASKED = {CONF_RATINGS: Ratings.BOTH}


@pytest.fixture
async def card(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Card:
    await house.set_up(make_entry(walkers=[walker_subentry(**ASKED), walker_subentry("Bert")]))
    house.coordinator.next_session.choose_walker("anna")
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    return card


async def tell(card: Card, discomfort: Any, walker: str = "anna") -> dict[str, Any]:
    data = {"device_id": card.device_id, "walker": walker, "discomfort": discomfort}
    answer = await card.command("knee", **data)
    await card.receive()
    return answer


async def walked(house: House) -> SessionRecord:
    """Walk for a while, stop, and return the record."""
    await house.walk()
    await house.time(20)
    await house.press("stop")
    await house.time(15)
    await house.hass.async_block_till_done()
    record = house.coordinator.result.record
    assert record is not None
    return record


async def test_one_tap_is_stored_with_the_session_that_begins_next_and_with_no_other(house: House, card: Card) -> None:
    knee = card.session["knee"]
    assert (knee["walker"], knee["value"]) == ("anna", None)
    assert knee["text"].startswith("How is your knee before you walk?")
    assert knee["answers"] == [[0, "Good · 0"], [2, "A little · 2"], [4, "Some · 4"], [6, "Bad · 6"]]
    assert (await tell(card, 2))["success"]
    assert card.session["knee"]["value"] == 2
    record = await walked(house)
    assert (record.discomfort_before, record.knee) == (2, None)
    await card.receive()
    assert card.session["knee"]["value"] is None
    assert (await walked(house)).discomfort_before is None


async def test_start_waits_for_no_answer_and_the_moving_belt_asks_nothing(house: House, card: Card) -> None:
    await house.press("start")
    await card.receive()
    assert (card.session["state"], card.session["knee"]["value"]) == ("ready", None)
    await house.press("start")
    await card.receive()
    assert (card.session["state"], card.session["knee"]) == ("countdown", None)
    await house.time(25)
    await card.receive()
    assert card.session["knee"] is None


async def test_an_answer_is_taken_back_and_a_late_one_is_of_the_session_under_way(house: House, card: Card) -> None:
    await tell(card, 4)
    await tell(card, None)
    assert card.session["knee"]["value"] is None
    await house.walk()
    house.coordinator.knee.tell("anna", 1)
    house.coordinator.knee.tell("bert", 5)
    await house.press("stop")
    await house.time(15)
    await house.hass.async_block_till_done()
    assert house.coordinator.knee.value("anna") is None
    assert house.coordinator.knee.value("bert") == 5


async def test_a_bad_knee_makes_the_plan_of_today_a_rest(house: House, card: Card) -> None:
    await house.store_session("anna", minutes=6, ended=dt_util.utcnow() - timedelta(days=1))
    anna = house.coordinator.roster.walkers["anna"]
    assert house.coordinator.planner.proposal(anna).reason != "rest"
    await tell(card, 6)
    assert card.session["knee"]["text"].startswith("That is a lot.")
    proposal = house.coordinator.planner.proposal(anna)
    assert (proposal.reason, proposal.minutes) == ("rest", 3)
    await tell(card, 2)
    assert house.coordinator.planner.proposal(anna).reason != "rest"


async def test_an_answer_of_this_morning_is_not_one_of_tonight(
    house: House, card: Card, freezer: FrozenDateTimeFactory
) -> None:
    await tell(card, 3)
    freezer.tick(timedelta(hours=1, minutes=59))
    assert house.coordinator.knee.value("anna") == 3
    freezer.tick(timedelta(minutes=2))
    assert house.coordinator.knee.value("anna") is None


async def test_only_who_watches_a_knee_is_asked_and_only_before_a_backward_walk(house: House, card: Card) -> None:
    house.coordinator.next_session.choose_walker("bert")
    await card.receive()
    assert card.session["knee"] is None
    house.coordinator.next_session.choose_walker("guest")
    await card.receive()
    assert card.session["knee"] is None
    house.coordinator.next_session.choose_walker("anna")
    await house.call("select", "select_option", "direction", by=house.person(), option="forward")
    await card.receive()
    assert card.session["knee"] is None


async def test_nobody_else_sees_or_tells_how_a_persons_knee_is(
    hass: HomeAssistant, house: House, card: Card, hass_read_only_user: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    await tell(card, 3)
    token = hass.auth.async_create_access_token(
        await hass.auth.async_create_refresh_token(hass_read_only_user, CLIENT_ID)
    )
    other = Card(hass, await hass_ws_client(hass, token))
    await other.subscribe()
    assert other.session["knee"]["value"] == 3, "a walker without a person belongs to everybody"
    hass.states.async_set("person.anna", "home", {"user_id": "somebody"})
    house.coordinator.roster.write("anna", **{CONF_PERSON: "person.anna"})
    await hass.async_block_till_done()
    await other.receive()
    assert other.session["knee"] is None
    assert (await tell(other, 9))["error"]["code"] == "not_found"
    assert house.coordinator.knee.value("anna") == 3
    hass.states.async_set("person.anna", "home", {"user_id": hass_read_only_user.id})
    assert (await tell(other, 1))["success"], "hers, without the right to control"
    assert house.coordinator.knee.value("anna") == 1


@pytest.mark.parametrize("discomfort", [-1, 11, 2.5, "2"])
async def test_an_answer_that_is_none_is_refused(house: House, card: Card, discomfort: Any) -> None:
    assert (await tell(card, discomfort))["error"]["code"] == "invalid_format"
    assert (await tell(card, 1, walker="nobody"))["error"]["code"] == "not_found"
    assert house.coordinator.knee.value("anna") is None


async def test_an_answer_survives_a_restart_in_the_session(house: House, card: Card) -> None:
    await tell(card, 2)
    await house.walk()
    await house.time(10)
    assert house.coordinator.recorder.meter is not None
    assert house.coordinator.recorder.meter.as_journal(dt_util.utcnow())["record"]["discomfort_before"] == 2
