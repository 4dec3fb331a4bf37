"""What a card is told of the next session, what may be chosen on it, and its - and + while somebody walks."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_CHECK, CONF_CONTROL, CONF_FIRST_RUN
from custom_components.retrowalk.dashboard import websocket
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Ramp, Step
from custom_components.retrowalk.util import CLOCK
from custom_components.retrowalk.walkers.roster import EVER
from tests.support.card import Card
from tests.support.house import CONTROL, House, OffsetClock, make_entry, walker_subentry


@pytest.fixture
async def card(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Card:
    """Return a card in a house where Anna walked yesterday and Bert never did."""
    await house.set_up(make_entry(walkers=[walker_subentry(), walker_subentry("Bert")]))
    yesterday = dt_util.as_utc(dt_util.start_of_local_day()) - timedelta(hours=12)  # also right after midnight
    await house.store_session("anna", ended=yesterday, planned=300.0, planned_speed=1.5, max_speed=1.5)
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    return card


def options(card: Card) -> list[str]:
    return [program["option"] for program in card.next["programs"]]


def top(card: Card) -> float:
    return max(step["speed"]["to"] for step in card.next["steps"])


# Who


async def test_who_walked_last_is_who_walks_next_and_a_guest_only_when_chosen(house: House, card: Card) -> None:
    assert [(walker["id"], walker["streak"]) for walker in card.next["walkers"]] == [("anna", 1), ("bert", 0)]
    assert card.next["walker"] == "anna"
    assert (card.session["walker"], card.session["nobody"]) == ("Anna", False)
    assert (await card.choose("walker", "guest"))["success"]
    assert card.next["walker"] is None
    assert house.state("walker") == "guest"
    assert (await card.choose("walker", "bert"))["success"]
    assert card.next["walker"] == "bert"
    assert house.state("walker") == "Bert", "the card and the select are one choice"


async def test_who_was_shown_is_who_walks(house: House, card: Card) -> None:
    assert (await card.press("start"))["success"]
    await card.receive()
    assert house.coordinator.session.walker == "anna"
    assert card.session["checklist"][:2] == ["Backward walk.", "For Anna."]


async def test_the_person_of_a_walker_lends_the_picture(hass: HomeAssistant, house: House, card: Card) -> None:
    hass.states.async_set("person.anna", "home", {"entity_picture": "/api/image/serve/anna"})
    subentry = house.entry.subentries["anna"]
    hass.config_entries.async_update_subentry(house.entry, subentry, data={**subentry.data, "person": "person.anna"})
    await card.receive()
    assert [walker["picture"] for walker in card.next["walkers"]] == ["/api/image/serve/anna", None]


async def test_s4_the_button_beside_the_treadmill_guesses_nobody(house: House, card: Card) -> None:
    await house.coordinator.control.prepare(Context(), walker=None, direction=None, minutes=None, speed=None)
    assert house.coordinator.session.request is not None
    assert house.coordinator.session.request.open, "nobody has seen who it is for"
    await house.time(3)
    await house.coordinator.control.press_confirm_button()
    request = house.coordinator.session.request
    assert (request.walker, request.first) == (None, True), "a guest, with the limits of a first session"


# What


async def test_the_plan_is_drawn_before_start_with_why(house: House, card: Card) -> None:
    assert (card.next["program"], card.next["direction"]) == ("plan", "backward")
    assert card.next["plan"]["reason"] == "hold_unrated"
    assert card.next["plan"]["unrated"] == house.coordinator.roster.sessions(*EVER, "anna")[-1].id
    assert card.next["plan"]["day"] == card.next["plan"]["today"]
    assert top(card) == 1.5
    assert {step["phase"] for step in card.next["steps"]} == {"warm_up", "active", "cool_down"}
    assert card.next["meters"] > 50
    assert card.next["kcal"] > 5
    assert card.next["cuts"] == []
    assert card.next["refusal"] is None


async def test_why_the_plan_is_as_it_is_is_told_to_whose_it_is(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, lisa: MockUser
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry(person="person.anna"), walker_subentry("Bert")]))
    house.coordinator.next_session.choose_walker("anna")
    hass.states.async_set("person.anna", "home", {"user_id": "somebody"})
    token = await hass.auth.async_create_refresh_token(lisa, "https://example.org")
    card = Card(hass, await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    await card.subscribe()
    assert (card.next["walker"], card.next["program"], card.next["plan"]) == ("anna", "plan", None)
    assert card.next["steps"], "what the session will be is drawn all the same"
    assert (await card.choose("walker", "bert"))["success"]
    assert card.next["plan"]["reason"] == "first_steps"
    hass.states.async_set("person.anna", "home", {"user_id": lisa.id})
    assert (await card.choose("walker", "anna"))["success"]
    assert card.next["plan"]["reason"] == "first_steps"


async def test_programs_say_how_long_and_how_fast_they_are_for_this_walker(card: Card) -> None:
    programs = {program.pop("option"): program for program in card.next["programs"]}
    assert programs["plan"] == {"minutes": 5.0, "speed": 1.5}
    assert programs["free"] == {"minutes": None, "speed": None}
    assert programs["daily_five"]["minutes"] == 5
    assert "intervals" not in programs, "it takes ten completed sessions"
    await card.choose("walker", "guest")
    assert "plan" not in options(card), "a guest has none"
    assert card.next["program"] == "free"
    assert card.next["plan"] is None


async def test_a_chosen_program_is_drawn_and_its_cuts_are_told(house: House, card: Card) -> None:
    steps = (Step(seconds=180, speed=Ramp(1.0, 1.0)), Step(seconds=240, speed=Ramp(4.0, 4.0)))
    house.coordinator.programs.save(Program(name="Fast", direction=Direction.BACKWARD, steps=steps))
    await card.receive()
    [own] = [program for program in card.next["programs"] if program["option"] == "Fast"]
    assert (own["minutes"], own["speed"]) == (7, 3.0)
    assert (await card.choose("program", "Fast"))["success"]
    assert top(card) <= 3.0
    assert "4 km/h" in card.next["cuts"][0]
    assert (await card.choose("program", "daily_five"))["success"]
    assert house.state("program") == "daily_five"
    assert card.next["program"] == "daily_five"
    assert card.next["plan"] is None
    answer = await card.choose("program", "nothing of that name")
    assert answer["error"]["translation_key"] == "program_unknown"
    assert card.next["program"] == "daily_five"


async def test_what_start_would_refuse_is_said_before(house: House, card: Card) -> None:
    house.coordinator.next_session.choose_program("intervals")
    await card.receive()
    assert card.next["refusal"]["translation_key"] == "program_too_early"
    assert card.next["steps"] == []


@pytest.mark.parametrize(
    ("options", "data"),
    [(None, {}), ({**CONTROL, CONF_CONTROL: "monitor"}, {}), (None, {CONF_CHECK: None, CONF_FIRST_RUN: True})],
    ids=["may be walked", "is only watched", "is the first thing to do"],
)
async def test_what_the_card_says_in_another_place_is_no_refusal(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    options: dict[str, Any] | None,
    data: dict[str, Any],
) -> None:
    await house.set_up(make_entry(options, walkers=[walker_subentry()], **data))
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    assert card.next["refusal"] is None
    assert card.next["steps"]


async def test_forward_has_no_plan(card: Card) -> None:
    assert (await card.choose("direction", "forward"))["success"]
    assert (card.next["direction"], card.next["program"], card.next["plan"]) == ("forward", "free", None)
    assert (await card.choose("direction", "backward"))["success"]
    assert card.next["program"] == "plan"


async def test_length_and_speed_of_a_free_session_are_chosen_and_walked(house: House, card: Card) -> None:
    assert (await card.choose("program", "free"))["success"]
    free = card.next["free"]
    assert (free["minutes"]["value"], free["speed"]["value"], free["speed"]["step"]) == (5, free["speed"]["min"], 0.1)
    assert (await card.choose("speed", 1.2))["success"]
    assert top(card) == 1.2
    assert (await card.choose("minutes", 6))["success"]
    assert card.next["free"]["speed"]["value"] == 1.2
    assert card.next["free"]["minutes"]["value"] == 6
    assert top(card) == 1.2
    assert card.next["steps"][-1]["start"] + card.next["steps"][-1]["seconds"] == 360
    await card.press("start")
    request = house.coordinator.session.request
    assert request is not None
    assert (request.length, request.speed) == (360, 1.2)
    await card.press("stop")
    assert (await card.choose("program", "plan"))["success"]
    assert (await card.choose("program", "free"))["success"]
    assert card.next["free"]["speed"]["value"] == free["speed"]["min"], "the speed was that of another choice"


async def test_a_speed_chosen_for_somebody_experienced_stays_inside_a_guests_limits(house: House, card: Card) -> None:
    await card.choose("speed", 2.8)
    assert top(card) > 2.0
    await card.choose("walker", "guest")
    assert card.next["free"]["speed"]["max"] == 2.0
    assert top(card) <= 2.0


@pytest.mark.parametrize(
    ("choice", "value", "key"),
    [
        ("speed", 9.0, "speed_out_of_range"),
        ("minutes", 500, "minutes_out_of_range"),
        ("minutes", "soon", "not_a_number"),
    ],
)
async def test_a_choice_outside_the_limits_is_refused_and_changes_nothing(
    card: Card, choice: str, value: Any, key: str
) -> None:
    before = card.next
    answer = await card.press("choose", choice=choice, value=value)
    assert answer["error"]["translation_key"] == key
    await card.receive()
    assert card.next == before


async def test_nothing_can_be_chosen_under_way(house: House, card: Card) -> None:
    await card.press("start")
    for choice, value in {
        "walker": "bert", "direction": "forward", "program": "free", "minutes": 6, "speed": 1.0
    }.items():  # fmt: skip
        answer = await card.press("choose", choice=choice, value=value)
        assert answer["error"]["translation_key"].endswith("_fixed"), choice
    assert house.coordinator.session.walker == "anna"


async def test_a_choice_takes_the_permission_for_its_entity(
    hass: HomeAssistant, house: House, card: Card, lisa: User, hass_ws_client: WebSocketGenerator
) -> None:
    token = await hass.auth.async_create_refresh_token(lisa, "http://client")
    hers = Card(hass, await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    allowed = {house.entity_id("walker"): {"read": True, "control": True}}
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": {"entity_ids": allowed}}, None)
    assert (await hers.press("choose", choice="walker", value="bert"))["success"]
    assert (await hers.press("choose", choice="program", value="free"))["error"]["code"] == "unauthorized"
    assert (await hers.press("choose", value="bert"))["error"]["code"] == "unauthorized"


async def test_s2_a_choice_or_a_step_that_comes_late_does_nothing(
    hass: HomeAssistant, house: House, card: Card
) -> None:
    beat = (await card.command("beat"))["result"]["beat"]
    hass.data[CLOCK] = OffsetClock(house.clock, monotonic=websocket.PRESS_VALID_FOR + 0.1)
    answer = await card.press("choose", beat=beat, choice="walker", value="bert")
    assert answer["error"]["code"] == "too_late"
    for press in ("faster", "slower", "steeper", "flatter"):
        assert (await card.press(press, beat=beat))["error"]["code"] == "too_late"
    assert house.state("walker") == "whoever"


async def test_the_outlook_is_computed_again_only_when_something_changed(house: House, card: Card) -> None:
    def outlooks() -> int:
        return sum(message["type"] == "next" for message in card.received)

    before = outlooks()
    await house.time(20)
    await card.receive()
    assert outlooks() == before
    await house.store_session("bert", planned=300.0, planned_speed=1.5)
    await card.receive()
    assert outlooks() == before + 1
    assert card.next["walker"] == "bert", "who walked last"


async def test_many_changes_at_once_are_one_outlook(house: House, card: Card) -> None:
    for program in ("free", "daily_five", "plan", "first_steps"):
        house.coordinator.next_session.choose_program(program)
    await card.receive()
    assert card.next["program"] == "first_steps"
    assert card.next["steps"]


# Walking


async def test_plus_and_minus_change_the_speed_by_a_step_of_the_machine(house: House, card: Card) -> None:
    await card.choose("program", "free")
    await house.walk()
    await card.receive()
    low = card.session["speed"]
    assert low["value"] == low["min"]
    assert (await card.press("faster"))["success"]
    await house.time(2)
    await card.receive()
    assert card.session["speed"]["value"] == pytest.approx(low["value"] + 0.1)
    assert "speed_up_soon" in card.events, "a rise is announced (S6)"
    assert (await card.press("slower"))["success"]
    await card.receive()
    assert card.session["speed"]["value"] == low["value"]


async def test_s16_a_step_up_on_the_card_is_a_persons_whoever_else_may_press(house: House, card: Card) -> None:
    await card.choose("program", "free")
    await house.walk()
    for _ in range(3):
        assert (await card.press("faster"))["success"]
    assert float(house.state("target_speed")) == pytest.approx(0.8)


async def test_slower_on_the_card_never_lets_the_belt_get_faster(house: House, card: Card) -> None:
    await card.choose("program", "free")
    await house.walk()
    await house.set_number("target_speed", 2.0)
    await house.time(20)
    rising = house.treadmill.speed
    assert 0.5 < rising < 1.2
    assert (await card.press("slower"))["success"]
    await house.time(60)
    assert house.treadmill.speed <= rising + 0.1, "a step may have been on its way"
    there = house.treadmill.speed
    assert (await card.press("slower"))["success"]
    await house.time(5)
    assert house.treadmill.speed == pytest.approx(there - 0.1)


async def test_flatter_on_the_card_never_lets_the_deck_get_steeper(house: House, card: Card) -> None:
    await card.choose("program", "free")
    await house.walk()
    await house.set_number("target_incline", 3.0)
    while not house.treadmill.incline:
        await house.time(1)
    assert (await card.press("flatter"))["success"]
    await house.time(60)
    assert 0 < house.treadmill.incline <= 1.0


async def test_a_speed_that_was_chosen_forward_is_not_walked_backward(house: House, card: Card) -> None:
    await card.choose("direction", "forward")
    await card.choose("speed", 5.5)
    assert card.next["free"]["speed"]["value"] == 5.5
    await card.choose("direction", "backward")
    assert (card.next["program"], card.next["free"]["speed"]["value"], top(card)) == ("free", 0.5, 0.5)
    await card.choose("direction", "forward")
    await card.choose("speed", 5.5)
    choices = house.coordinator.next_session
    assert choices.request(Context()).speed == 5.5
    assert choices.request(Context(), direction=Direction.BACKWARD).speed is None


async def test_a_session_that_was_logged_makes_nobody_the_next_walker(house: House, card: Card) -> None:
    await house.store_session("bert", outcome=Outcome.LOGGED)
    await card.receive()
    assert card.next["walker"] == "anna"


async def test_a_step_above_the_limit_is_refused(house: House, card: Card) -> None:
    await card.choose("walker", "guest")
    await house.walk()
    await house.set_number("target_speed", 2.0)
    assert (await card.press("faster"))["error"]["translation_key"] == "speed_out_of_range"
    assert (await card.press("steeper"))["error"]["translation_key"] == "incline_out_of_range"


async def test_the_deck_follows_plus_and_minus_too(house: House, card: Card) -> None:
    await house.walk()
    await card.receive()
    step = card.session["incline"]["step"]
    assert (await card.press("steeper"))["success"]
    await card.receive()
    assert card.session["incline"]["value"] == step
    assert (await card.press("flatter"))["success"]
    await card.receive()
    assert card.session["incline"]["value"] == 0


async def test_at_rest_there_is_nothing_to_step(card: Card) -> None:
    assert (card.session["speed"], card.session["incline"]) == (None, None)
    assert not (await card.press("faster"))["success"]
    assert not (await card.press("steeper"))["success"]


async def test_who_may_only_look_changes_nothing(
    hass: HomeAssistant, house: House, card: Card, hass_read_only_user: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    token = await hass.auth.async_create_refresh_token(hass_read_only_user, "http://client")
    theirs = Card(hass, await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    await house.walk()
    for press in ("faster", "slower", "steeper", "flatter"):
        assert (await theirs.press(press))["error"]["code"] == "unauthorized", press


async def test_distance_and_calories_move_finer_than_the_database_has_them(house: House, card: Card) -> None:
    assert card.meters == []
    await house.walk()
    await house.time(20)
    await card.receive()
    meters = [meter["meters"] for meter in card.meters]
    assert meters == sorted(meters)
    assert len(set(meters)) > 2
    assert any(number % 10 for number in meters), "the sensor has tens of meters"
    assert card.meters[-1]["kcal"] > 0


async def test_the_speed_follows_a_trembling_belt_more_closely_than_the_database(house: House, card: Card) -> None:
    await house.walk()
    speeds: list[str] = []
    for number in range(80):
        house.faults.overshoot = (0.0, 0.0, 0.1, 0.1, 0.1, -0.1, 0.1, 0.1)[number // 2 % 8]
        await house.time(0.5)
        speeds.append(house.state("speed"))
    await card.receive()
    last = card.meters[-80:]
    assert {meter["incline"] for meter in last} == {float(house.state("incline"))}
    fed = [meter["speed"] for meter in last]
    assert sum(one != other for one, other in pairwise(fed)) > sum(one != other for one, other in pairwise(speeds))
    assert abs(fed[-1] - house.treadmill.speed) <= 0.25


async def test_entities_look_at_what_they_show_and_not_at_each_report(house: House) -> None:
    await house.set_up()
    await house.walk()
    news: list[bool] = []
    stop = house.coordinator.async_add_listener(lambda: news.append(house.coordinator.data.news))
    await house.time(40)
    stop()
    assert len(news) >= 40
    assert len(news) / 10 < sum(news) < len(news) / 2
    house.treadmill.press_stop()
    await house.time(3)
    assert (house.state("speed"), house.state("belt_moving")) == ("0.0", "off")


async def test_what_was_walked_is_drawn_as_it_was_a_pause_included(
    hass: HomeAssistant, house: House, card: Card, hass_ws_client: WebSocketGenerator
) -> None:
    await house.walk()
    await house.time(40)
    await card.press("pause")
    await house.time(12)
    await card.press("resume")
    await house.time(25)
    await card.receive()
    seconds, speeds = [point[0] for point in card.walked], [point[1] for point in card.walked]
    assert seconds == sorted(seconds)
    assert seconds[-1] <= house.coordinator.data.moving_time + 1, "a pause takes no time of the session"
    pause = len(speeds) - 1 - speeds[::-1].index(0.0)
    assert max(speeds[:pause]) > 0 < speeds[-1], "the belt moved before the pause, rested, and moves again"
    late = Card(hass, await hass_ws_client(hass))
    await late.subscribe()
    assert late.walked[-1] == card.walked[-1]
    assert late.walked[0] == card.walked[0], "a page that is opened later draws the same"
    await house.press("stop")
    await house.time(20)
    await house.walk()
    await house.time(5)
    await card.receive()
    assert card.walked[-1][0] < 10, "the next session has a curve of its own"
