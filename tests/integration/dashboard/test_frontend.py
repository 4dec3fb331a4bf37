"""The dashboard's backend: the served modules, the session's feed by WebSocket, and the presses."""

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

import custom_components.retrowalk as package
from custom_components.retrowalk.const import CONF_SAFETY_KEY, DOMAIN
from custom_components.retrowalk.dashboard import serve as frontend
from custom_components.retrowalk.dashboard import websocket
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import MOST_STEPS
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.remaining import RemainingSession
from custom_components.retrowalk.training.steering.forecast import PlannedStep
from custom_components.retrowalk.util import CLOCK
from tests.support.card import Card
from tests.support.house import CONTROL, House, OffsetClock, make_entry, walker_subentry

MODULES = sorted(frontend.FOLDER.glob("*.js"))
STYLE = frontend.FOLDER / "style.css"
CODE = {path.stem: path.read_text() for path in MODULES}
LARGEST = 66_500
"""Most bytes of the modules that load the card and the strategy, without comments and indentation; esbuild leaves 62 %
of that. Minified, 45 kB are the most there may be, and 75 kB with those that are loaded later."""
LARGEST_LATER = 53_200
"""Most bytes of the modules that are loaded once the card is there, together."""
LARGEST_STYLE = 22_500
"""Most bytes of the style, which is no JavaScript, but is loaded with the card."""
TRANSLATIONS = Path(package.__file__).parent / "translations"


# The modules


async def test_modules_are_served_to_anybody_and_kept_for_a_month(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client_no_auth()
    for path in [*MODULES, STYLE]:
        response = await client.get(f"{frontend.URL}/{path.name}?v=of-last-year")
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/css" if path == STYLE else "text/javascript")
        assert response.headers["Cache-Control"] == "public, max-age=2678400"
        assert await response.text() == path.read_text()


async def test_pages_load_the_first_module_once(hass: HomeAssistant, house: House) -> None:
    hass.config.components.add("frontend")
    hass.data[DATA_EXTRA_MODULE_URL] = set()
    await house.set_up(connected=False)
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    version = (await async_get_integration(hass, DOMAIN)).version
    assert hass.data[DATA_EXTRA_MODULE_URL] == {f"/api/retrowalk/static/retrowalk.js?v={version}"}


async def test_the_set_up_works_without_the_frontend(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert DATA_EXTRA_MODULE_URL not in hass.data


def loaded(when: str) -> set[str]:
    """Return the modules of one of the lists in the first module."""
    names = re.search(rf"const {when} = \[(.*?)\];", CODE["retrowalk"], re.DOTALL)
    assert names is not None
    return set(re.findall(r'"(\w+)"', names[1]))


def bare_bytes(names: set[str]) -> int:
    bare = re.compile(r"^\s+|^\s*//[^\n]*$|/\*\*.*?\*/", re.MULTILINE | re.DOTALL)
    return sum(len(bare.sub("", CODE[name]).encode()) for name in names)


def test_the_modules_are_small() -> None:
    assert bare_bytes({"retrowalk", *loaded("names")}) <= LARGEST
    assert bare_bytes(loaded("later")) <= LARGEST_LATER
    assert STYLE.stat().st_size <= LARGEST_STYLE


def test_only_the_first_module_loads_others_and_all_of_them_by_its_version() -> None:
    assert loaded("names") | loaded("later") == CODE.keys() - {"retrowalk"}
    assert not loaded("names") & loaded("later")
    for name, code in CODE.items():
        assert not re.search(r"^\s*import\b", code, re.MULTILINE), name
        assert ("import(" in code) is (name == "retrowalk")
    assert "import(`./${name}.js${version}`)" in CODE["retrowalk"]
    assert "fetch(new URL(`style.css${version}`, import.meta.url))" in CODE["retrowalk"]
    assert {path.name for path in frontend.FOLDER.iterdir()} == {"style.css", *(path.name for path in MODULES)}


def test_every_text_of_the_card_is_there_and_none_is_left_over() -> None:
    texts = json.loads((TRANSLATIONS / "en.json").read_text())["selector"]["card"]["options"]
    used = set(re.findall(r'\b(?:text|texts\.get)\(\s*"(\w+)"|data-text="(\w+)"', "".join(CODE.values())))
    used = {key for keys in used for key in keys if key} | {"treadmill", "walker"}
    used |= {
        key for keys in re.findall(r'text\([^"()]+ \? "(\w+)" : "(\w+)"\)', "".join(CODE.values())) for key in keys
    }
    used |= {"why_faster", "why_steeper", "why_hold_earning"}
    used |= {f"knee_{answer}" for answer in ("better", "same", "bit_worse", "worse")}
    acts = re.search(r"const PRESSES = {(.*?)};", CODE["buttons"], re.DOTALL)
    assert acts is not None
    said = re.search(r"const SAID = \[(.*)\];", CODE["buttons"])
    assert said is not None
    used |= set(re.findall(r'"(\w+)"', acts[1] + said[1])) | {"lock", "planned", "left", "walked"}
    used |= {
        f"{when}_{what}_{way}" for when in ("next", "now") for what in ("speed", "incline") for way in ("up", "down")
    }
    names = re.search(r"const ADJUSTMENTS = {.*?const NAMES = {(.*?)};", CODE["adjust"], re.DOTALL)
    assert names is not None
    used |= set(re.findall(r'"(\w+)"', names[0]))
    used |= {f"{card}_card_about" for card in ("report", "reminder", "sessions", "trends", "programs")}
    used |= {f"program_{name}" for name in re.findall(r'\bbutton\("(\w+)"', CODE["programs"])}
    used |= {f"layout_{name}" for name in ("full", "compact")} | {f"hide_{name}" for name in ("week", "values")}
    used |= {"layout", "hide"}  # settings of the card
    used |= {"open_repairs", "open_options"}  # dashboard/remedy.py
    used |= {"program_copy"}  # dashboard/editor.py sends it with the programs
    assert used == set(texts)


def test_every_press_of_the_card_is_accepted_by_the_backend() -> None:
    acts = re.search(r"const PRESSES = {(.*?)};", CODE["buttons"], re.DOTALL)
    assert acts is not None
    assert 'awaitingResume ? "manual" : ' in CODE["buttons"], "after a lost link the same may be pressed"
    assert re.search(r"^\s*manual: \[", acts[1], re.MULTILINE)
    steps = re.search(r"const ADJUSTMENTS = {(.*?)};", CODE["adjust"], re.DOTALL)
    assert steps is not None
    presses = {"stop", "choose", *re.findall(r'"(\w+)"', acts[1]), *re.findall(r'"(\w+)"', steps[1])}
    assert 'press("choose", ' in CODE["chips"]
    assert presses == set(websocket._PRESSES)


# The session


@pytest.fixture
async def card(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Card:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    return Card(hass, await hass_ws_client(hass))


async def test_a_card_receives_a_session_from_ready_to_its_end(house: House, card: Card) -> None:
    await card.subscribe()
    assert card.session["steps"] == []
    assert card.session["state"] == "idle"
    assert card.session["length"] == 300
    await house.call("select", "select_option", "program", by=house.person(), option="first_steps")
    await house.walk()
    await card.receive()
    steps = card.session["steps"]
    assert [step["start"] for step in steps] == sorted(step["start"] for step in steps)
    assert steps[-1]["start"] + steps[-1]["seconds"] == 300
    assert card.session["moving"] is True
    assert card.session["checklist"][:3] == [
        "Backward walk.",
        "For Anna.",
        "Clip the safety key to the back of your waist.",
    ], "who walks, and which way, belongs to what is checked"
    assert "Then press Start." not in card.session["checklist"]
    assert card.events == ["ready", "countdown", "started"]
    received = len(card.sessions)
    await house.time(20)
    await card.receive()
    assert len(card.sessions) == received, "the card counts by itself"
    await house.press("stop")
    await house.time(15)
    await card.receive()
    assert card.session["steps"] == []
    assert card.session["moving"] is False
    assert card.session["moving_time"] > 20
    assert card.events[-1] == "stopped"


async def test_a_session_that_is_made_ready_after_another_has_not_been_walked_yet(house: House, card: Card) -> None:
    await card.subscribe()
    await house.walk()
    await house.time(40)
    await house.press("stop")
    await house.time(10)
    await card.receive()
    first = card.session["session"]
    assert (card.session["state"], first is None) == ("finished", False)
    assert card.session["moving_time"] > 40
    await house.press("start")
    await card.receive()
    assert (card.session["state"], card.session["session"], card.session["moving_time"]) == ("ready", None, 0)
    assert card.session["steps"][0]["start"] == 0
    await house.press("start")
    await house.time(25)
    await card.receive()
    assert card.session["session"] not in {None, first}
    assert card.session["moving_time"] < 10


async def test_a_check_run_after_a_session_shows_none_of_its_time(house: House, card: Card) -> None:
    await house.walk()
    await house.time(20)
    await house.press("stop")
    await house.time(80, dt=1)
    await card.subscribe()
    assert (card.session["state"], card.session["moving_time"]) == ("idle", 0)
    house.coordinator.session.start_check(house.clock(), caller=Caller.PERSON)
    house.coordinator.runner.dispatch()
    await card.receive()
    assert (card.session["state"], card.session["moving_time"]) == ("checking", 0)


@pytest.mark.parametrize("key", [True, False])
async def test_s3_a_card_knows_how_the_belt_is_stopped_without_us(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator, key: bool
) -> None:
    await house.set_up(make_entry({**CONTROL, CONF_SAFETY_KEY: key}))
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    assert card.session["safety_key"] is key


async def test_a_card_knows_whether_the_console_took_over_or_nobody_ever_steered(house: House, card: Card) -> None:
    await card.subscribe()
    house.treadmill.press_start()
    await house.time(10)
    await card.receive()
    assert (card.session["state"], card.session["steered"]) == ("manual", False)
    await house.press("resume")
    await house.time(2)
    house.treadmill.press_speed(0.9)
    await house.time(8)
    await card.receive()
    assert (card.session["state"], card.session["steered"]) == ("manual", True)


async def test_a_session_without_a_program_has_planned_steps_that_follow_the_targets(house: House, card: Card) -> None:
    await card.subscribe()
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(2)
    await card.receive()
    fastest = max(max(step["speed"].values()) for step in card.session["steps"])
    assert fastest == 1.0
    await house.press("pause")
    await house.time(8)
    await card.receive()
    assert card.session["state"] == "paused"
    assert card.session["steps"][0]["start"] == 0


async def test_phrases_are_in_the_language_of_the_user(house: House, card: Card) -> None:
    await card.subscribe(language="de")
    assert card.session["language"] == "de"
    assert "Stell die Füße neben das Band." in card.session["checklist"]
    await house.press("start")
    await house.press("start")
    await card.receive()
    phrases = [phrase for event in card.received if event["type"] == "event" for phrase in event["say"]]
    assert any(phrase["text"].startswith("Start in 15 Sekunden.") and phrase["cuts"] for phrase in phrases)
    assert not any(phrase["text"] in {"5", "10"} for phrase in phrases), "the card counts down by itself"


async def test_the_week_is_that_of_the_present_or_expected_walker(
    hass: HomeAssistant, house: House, card: Card, hass_admin_user: MockUser
) -> None:
    await card.subscribe()
    assert card.session["walker"] == "Anna", "nobody else walks here"
    assert card.session["week"]["walker"] == "Anna"
    assert [day["minutes"] for day in card.session["week"]["days"]] == [0] * 13
    await house.store_session("anna", 6)
    await card.receive()
    week = card.session["week"]
    today = week["days"][6]  # a week begins on another day in each country, so there are those around today
    assert today["date"] == week["today"]
    assert week["days"] == sorted(week["days"], key=lambda day: day["date"])
    assert today == {"date": week["today"], "minutes": 6.0, "reached": True, "planned": True}
    assert (week["streak"], week["goal"]) == (1, 5.0)
    house.coordinator.next_session.choose_walker("anna")
    await card.receive()
    assert card.session["walker"] == "Anna"
    house.coordinator.next_session.choose_walker(None)
    hass.states.async_set("person.anna", "home", {"user_id": hass_admin_user.id})
    entry = house.entry
    hass.config_entries.async_update_subentry(
        entry, entry.subentries["anna"], data={**entry.subentries["anna"].data, "person": "person.anna"}
    )
    await card.receive()
    assert card.session["walker"] == "Anna", "the user who looks would be the walker"


async def test_s10_after_a_lost_link_a_card_may_let_the_walk_rise_again(house: House, card: Card) -> None:
    await house.walk()
    await house.time(20)
    await card.subscribe()
    assert card.session["held"] is False
    house.peripheral.drop_link()
    await house.time(2)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    await card.receive()
    assert (card.session["state"], card.session["held"]) == ("warm_up", True)
    assert (await card.press("resume"))["success"]
    await card.receive()
    assert card.session["held"] is False


async def test_a_guest_among_several_has_no_week(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry(), walker_subentry("Bert")]))
    card = Card(hass, await hass_ws_client(hass))
    await card.subscribe()
    assert card.session["week"] is None


async def test_a_card_stays_subscribed_across_a_reload(hass: HomeAssistant, house: House, card: Card) -> None:
    await card.subscribe()
    before = len(card.received)
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    late = Card(hass, card.client)
    await late.command("session", device_id=late.device_id)
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.entry.state is ConfigEntryState.LOADED
    await card.receive()
    assert len(card.received) >= before + 2, "both subscriptions get the session"
    coordinator = house.coordinator
    listeners = len(coordinator.events)
    await card.client.close()
    await house.until(lambda: len(coordinator.events) == listeners - 2)


async def test_only_who_may_see_the_treadmill_sees_its_session(
    hass: HomeAssistant, house: House, card: Card, lisa: User, hass_ws_client: WebSocketGenerator
) -> None:
    token = await hass.auth.async_create_refresh_token(lisa, "http://client")
    access = hass.auth.async_create_access_token(token)
    hers = Card(hass, await hass_ws_client(hass, access))
    await hers.subscribe()
    assert hers.session["state"] == "idle"
    sensor = house.entity_id("session_state")
    policy = {"entities": {"entity_ids": {sensor: {"read": True}}}}
    lisa.__dict__["permissions"] = PolicyPermissions(policy, None)
    assert (await hers.command("session", device_id=hers.device_id))["success"]
    refused = await hers.press("start")
    assert refused["error"]["code"] == "unauthorized", "a user who may only read starts nothing"
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": {"entity_ids": {}}}, None)
    assert (await hers.command("session", device_id=hers.device_id))["error"]["code"] == "unauthorized"


async def test_s3_who_may_only_look_may_stop_by_card_and_by_action(
    hass: HomeAssistant, house: House, card: Card, hass_read_only_user: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    token = await hass.auth.async_create_refresh_token(hass_read_only_user, "http://client")
    theirs = Card(hass, await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    for press in ("start", "confirm", "pause", "finish"):
        assert (await theirs.press(press))["error"]["code"] == "unauthorized", press
    action = {"type": "call_service", "domain": DOMAIN, "service": "stop"}
    for send in (
        lambda: theirs.press("stop"),
        lambda: theirs.send({**action, "service_data": {"device_id": theirs.device_id}}),
        # Invalid data in the call does not refuse a stop either.
        lambda: theirs.send(
            {**action, "service_data": {"device_id": theirs.device_id, "walker": "nobody", "why": None}}
        ),
    ):
        await house.walk()
        house.commands()
        answer = await send()
        assert answer["success"], answer
        assert house.commands()[0] == b"\x08\x01"
        await house.time(15)
        assert house.treadmill.at_rest


async def test_an_unknown_treadmill_is_not_found(card: Card) -> None:
    assert (await card.command("session", device_id="nowhere"))["error"]["code"] == "not_found"


async def test_a_subscription_adds_nothing_to_the_database(hass: HomeAssistant, house: House, card: Card) -> None:
    before = hass.states.async_all()
    await card.subscribe()
    await card.press("stop")
    changed = {state.entity_id for state in hass.states.async_all()} - {state.entity_id for state in before}
    assert changed == set()


# Presses


async def test_one_press_of_start_is_both_acts_while_the_treadmill_is_connected(house: House, card: Card) -> None:
    assert (await card.press("start"))["success"]
    assert house.state("session_state") == "countdown"
    assert (await card.press("stop"))["success"]
    assert house.state("session_state") == "idle"


async def test_without_a_connection_start_makes_ready_and_confirm_is_another_press(house: House, card: Card) -> None:
    await house.press("disconnect")
    await house.until(lambda: house.state("connection") != "connected")
    assert (await card.press("start"))["success"]
    assert house.state("session_state") == "ready"
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    assert (await card.press("confirm"))["success"]
    assert house.state("session_state") == "countdown"


async def test_pause_resume_and_finish(house: House, card: Card) -> None:
    await house.walk()
    assert (await card.press("pause"))["success"]
    await house.time(8)
    assert house.state("session_state") == "paused"
    assert (await card.press("resume"))["success"]
    assert house.state("session_state") == "countdown"
    await house.time(30)
    assert house.state("session_state") == "warm_up"
    assert (await card.press("finish"))["success"]
    assert house.state("session_state") == "cool_down"


async def test_a_refusal_contains_its_translation_key(house: House, card: Card) -> None:
    answer = await card.press("confirm")
    error = answer["error"]
    assert (error["translation_domain"], error["translation_key"]) == (DOMAIN, "nothing_to_confirm")
    assert error["code"] == "service_validation_error"


async def test_s2_a_start_that_comes_late_does_nothing(house: House, card: Card) -> None:
    """Check that a press delivered late, after the person may have left, is ignored."""
    beat = (await card.command("beat"))["result"]["beat"]
    now = house.clock.seconds
    house.hass.data[CLOCK] = OffsetClock(house.clock, monotonic=websocket.PRESS_VALID_FOR + 0.1)
    house.commands()
    for press in ("start", "confirm", "resume"):
        for late in (beat, now + 1e6, "soon", [beat], True, None):
            answer = await card.command("press", device_id=card.device_id, press=press, beat=late)
            assert answer["error"]["code"] == "too_late", (press, late)
        assert (await card.command("press", device_id=card.device_id, press=press))["error"]["code"] == "too_late"
    assert house.state("session_state") == "idle"
    assert house.commands() == []
    assert (await card.press("start"))["success"]


@pytest.mark.parametrize("press", ["pause", "finish", "stop"])
async def test_s3_what_leads_to_rest_is_carried_out_however_late_it_comes(house: House, card: Card, press: str) -> None:
    await house.walk()
    beat = (await card.command("beat"))["result"]["beat"]
    house.hass.data[CLOCK] = OffsetClock(house.clock, monotonic=600)
    assert (await card.press(press, beat=beat))["success"]
    await house.time(45)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("beat", [{}, {"beat": None}, {"beat": "soon"}, {"beat": [1]}, {"beat": 1e300}])
async def test_s3_a_stop_of_the_card_needs_no_beat(house: House, card: Card, beat: dict[str, Any]) -> None:
    await house.walk()
    house.commands()
    assert (await card.command("press", device_id=card.device_id, press="stop", **beat))["success"]
    assert house.commands()[0] == b"\x08\x01"


async def test_a_beat_contains_the_time(card: Card) -> None:
    result = (await card.command("beat"))["result"]
    time = dt_util.utc_from_timestamp(result["time"])
    assert abs(time - dt_util.utcnow()) < timedelta(seconds=5)


async def test_a_press_on_a_treadmill_that_is_not_set_up_is_refused_in_words(
    hass: HomeAssistant, house: House, card: Card
) -> None:
    await hass.config_entries.async_unload(house.entry.entry_id)
    answer = await card.press("stop")
    assert not answer["success"]
    assert answer["error"]["message"]


async def test_s3_a_hundred_changes_of_a_long_program_hold_nothing_up_and_are_not_drawn_each(
    house: House, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Allow as long as reading the program 20 times takes, which scales with the machine's speed."""
    steps = [{"seconds": 1.5, "speed": 1 + i % 8 / 10, "incline": i % 3 / 2} for i in range(MOST_STEPS)]
    unit = min(seconds_of(lambda: Program.from_dict({"name": "Long", "steps": steps})) for _ in range(5))
    house.coordinator.programs.save(Program.from_dict({"name": "Long", "steps": steps}))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await card.subscribe()
    await house.call("select", "select_option", "program", by=house.person(), option="Long")
    await house.walk()
    await house.set_number("target_speed", 1.2)
    await card.receive()
    computed: list[RemainingSession] = []
    steps_of = RemainingSession.steps

    def count(remaining: RemainingSession, before: tuple[PlannedStep, ...] = ()) -> tuple[PlannedStep, ...]:
        computed.append(remaining)
        return steps_of(remaining, before)

    monkeypatch.setattr(RemainingSession, "steps", count)
    coordinator, session = house.coordinator, house.coordinator.session

    def change() -> None:
        for i in range(100):
            session.set_speed(1.0 + i % 5 / 10, caller=Caller.PERSON)
            coordinator.runner.dispatch()

    assert min(seconds_of(change) for _ in range(3)) < 20 * unit
    program = session.program
    assert program is not None
    await house.until(lambda: bool(computed) and computed[-1].plan.shift == program.shift)
    async with asyncio.timeout(30):
        while len(card.session["steps"]) <= 10:  # they are computed in another thread
            await card.receive()
    assert len(computed) <= 4


def seconds_of(work: Callable[[], object]) -> float:
    """Return the seconds of CPU time that work takes in this thread, since other processes use the machine too."""
    started = thread_time()
    work()
    return thread_time() - started
