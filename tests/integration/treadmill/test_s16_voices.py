"""Voice assistants start no countdown (S2, S16), with every setup: manual, cloud, and scripts that they may run."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent, llm
from homeassistant.helpers.entityfilter import FILTER_SCHEMA
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.ftms.const import OpCode
from tests.support.house import ADDRESS, CONTROL, House, make_entry
from tests.support.voice_assistants import (
    activate_by_alexa,
    activate_by_google,
    alexa_says,
    replace_camera_library,
    set_up_alexa,
    set_up_google,
)

DOOR = "binary_sensor.door"
AUTOMATIONS = {
    **CONTROL,
    "automations_confirm": True,
    "guards": [DOOR],
    "announce": "entity",
    "announcer": "assist_satellite.hall",
}
type Way = Callable[[House], Awaitable[object]]


def device_of(house: House) -> str:
    device = dr.async_get(house.hass).async_get_device_by_identifier((DOMAIN, ADDRESS), house.entry.entry_id)
    assert device is not None
    return device.id


async def reaches_no_countdown(house: House, way: Way) -> None:
    """Check that no number of attempts, at any pace, starts a countdown."""
    house.commands()
    for _ in range(3):
        with suppress(HomeAssistantError, intent.IntentError):
            await way(house)
        await house.hass.async_block_till_done()
        await house.settle()
        assert house.state("session_state") in {"idle", "ready", "stopping"}
        await house.time(3, dt=1)
    assert OpCode.START_OR_RESUME not in {command[0] for command in house.commands()}


# Alexa and Google Assistant


@pytest.fixture(params=[False, True], ids=["", "where automations confirm"])
async def either(house: House, request: pytest.FixtureRequest) -> House:
    house.hass.states.async_set(DOOR, "off")
    await house.set_up(make_entry(AUTOMATIONS if request.param else CONTROL))
    return house


@pytest.mark.parametrize("settings", [{}, {"filter": {"include_domains": ["button"]}}])
async def test_s2_s16_alexa_by_hand(
    either: House, hass_client: ClientSessionGenerator, settings: dict[str, Any]
) -> None:
    await set_up_alexa(either.hass, **settings)
    client = await hass_client()
    for key in ("start", "resume"):
        entity_id = either.entity_id(key)
        assert await activate_by_alexa(client, entity_id) == "ActivationStarted"
        await reaches_no_countdown(either, lambda _: activate_by_alexa(client, entity_id))  # noqa: B023
        await either.press("stop")
    # A press by a person cannot be distinguished from it.
    await reaches_no_countdown(either, lambda house: house.press("start"))


async def test_s16_alexa_tells_of_its_own_presses_whatever_we_know_of_its_exposure(either: House) -> None:
    """Check Alexa as another integration may add it, with settings that cannot be read."""
    replace_camera_library()
    from homeassistant.components.alexa import SMART_HOME_SCHEMA, smart_home  # noqa: PLC0415

    hass = either.hass
    config = smart_home.AlexaConfig(hass, SMART_HOME_SCHEMA({}))
    await config.async_initialize()
    directive = alexa_says(either.entity_id("start"))

    async def activate(house: House) -> None:
        await smart_home.async_handle_message(hass, config, directive, house.person())

    await activate(either)
    await either.settle()
    assert either.state("session_state") == "ready"
    await reaches_no_countdown(either, activate)


async def test_s2_what_alexa_by_hand_may_not_press_a_person_may(house: House) -> None:
    await house.set_up()
    await set_up_alexa(house.hass, filter={"include_domains": ["light"]})
    await house.press("start")
    await house.press("start")
    assert house.state("session_state") == "countdown"


@pytest.mark.parametrize(
    "settings", [{"expose_by_default": True, "exposed_domains": ["button"]}, {"entity_config": None}]
)
async def test_s2_s16_google_by_hand(
    either: House, hass_client: ClientSessionGenerator, settings: dict[str, Any]
) -> None:
    entity_id = either.entity_id("start")
    if "entity_config" in settings:
        settings = {"entity_config": {entity_id: {"expose": True}}}
    await set_up_google(either.hass, **settings)
    client = await hass_client()
    assert await activate_by_google(client, entity_id) == "SUCCESS"
    assert either.state("session_state") == "ready"
    await reaches_no_countdown(either, lambda _: activate_by_google(client, entity_id))
    await either.press("stop")
    await reaches_no_countdown(either, lambda house: house.press("start"))


async def test_s2_what_google_by_hand_may_not_press_a_person_may(house: House) -> None:
    await house.set_up()
    await set_up_google(house.hass)
    await house.press("start")
    await house.press("start")
    assert house.state("session_state") == "countdown"


@pytest.mark.parametrize("assistant", ["alexa", "google"])
async def test_s2_a_filter_of_the_cloud_in_yaml_takes_the_place_of_its_settings(house: House, assistant: str) -> None:
    await house.set_up()
    filters = {f"{name}_user_config": {"filter": FILTER_SCHEMA({})} for name in ("alexa", "google")}
    filters[f"{assistant}_user_config"]["filter"] = FILTER_SCHEMA({"include_entities": [house.entity_id("start")]})
    house.hass.data["cloud"] = SimpleNamespace(client=SimpleNamespace(**filters))
    await reaches_no_countdown(house, lambda house: house.press("start"))


async def test_s2_a_cloud_whose_filters_leave_start_out_is_no_voice_that_presses_it(house: House) -> None:
    await house.set_up()
    light = FILTER_SCHEMA({"include_entities": ["light.hall"]})
    filters = {"alexa_user_config": {"filter": light}, "google_user_config": {"filter": FILTER_SCHEMA({})}}
    house.hass.data["cloud"] = SimpleNamespace(client=SimpleNamespace(**filters))
    await house.press("start")
    await house.time(3)
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_s2_what_cannot_be_asked_might_press_everything(house: House) -> None:
    await house.set_up()
    house.hass.data["cloud"] = object()  # of a future release
    await reaches_no_countdown(house, lambda house: house.press("start"))


@pytest.mark.parametrize("voice", ["alexa", "google", "assist"])
async def test_s2_the_card_the_button_beside_and_the_console_confirm_all_the_same(
    house: House, voice: str, hass_ws_client: WebSocketGenerator
) -> None:
    hass = house.hass
    button = "event.button"
    hass.states.async_set(button, "unknown")
    await house.set_up(make_entry({**CONTROL, "confirm_button": button}))
    match voice:
        case "alexa":
            await set_up_alexa(hass)
        case "google":
            await set_up_google(hass, entity_config={house.entity_id("start"): {"expose": True}})
        case _:
            async_expose_entity(hass, "conversation", house.entity_id("start"), True)
    client = await hass_ws_client(hass)

    async def card(press: str) -> None:
        await client.send_json_auto_id({"type": "retrowalk/beat"})
        beat = (await client.receive_json())["result"]["beat"]
        message = {"type": "retrowalk/press", "device_id": device_of(house), "press": press, "beat": beat}
        await client.send_json_auto_id(message)
        assert (await client.receive_json())["success"]

    await card("start")
    assert house.state("session_state") == "countdown", "one press is both acts"
    await house.press("stop")
    await house.time(6)
    await house.press("start")
    assert house.state("session_state") == "ready"
    await card("confirm")
    assert house.state("session_state") == "countdown"
    await house.press("stop")
    await house.time(6)
    await house.press("start")
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "warm_up"


# What runs without a person, in a person's name


SEQUENCES: dict[str, Callable[[House], dict[str, Any]]] = {
    "button": lambda house: {"action": "button.press", "target": {"entity_id": house.entity_id("start")}},
    "action": lambda house: {"action": f"{DOMAIN}.start_session", "data": {"device_id": device_of(house)}},
}
CONFIRMS: dict[str, Callable[[House], dict[str, Any]]] = {
    "button": SEQUENCES["button"],
    "action": lambda house: {"action": f"{DOMAIN}.confirm_session", "data": {"device_id": device_of(house)}},
}


async def add_scripts(house: House, how: str) -> None:
    scripts = {
        "ready": {"sequence": [{**SEQUENCES[how](house), "continue_on_error": True}]},
        "go": {"sequence": [{**CONFIRMS[how](house), "continue_on_error": True}]},
        "both": {"sequence": [{**act(house), "continue_on_error": True} for act in (SEQUENCES[how], CONFIRMS[how])]},
    }
    assert await async_setup_component(house.hass, "script", {"script": scripts})


@pytest.mark.parametrize("how", SEQUENCES)
async def test_s2_a_script_that_a_person_runs_makes_ready_at_most(house: House, how: str) -> None:
    await house.set_up()
    await add_scripts(house, how)

    async def run(house: House) -> None:
        for script in ("ready", "go"):
            await house.hass.services.async_call("script", script, context=house.person(), blocking=True)
            await house.time(3)
        for service, script in (("turn_on", "go"), ("toggle", "both")):
            await house.hass.services.async_call(
                "script", service, {"entity_id": f"script.{script}"}, context=house.person(), blocking=True
            )

    await reaches_no_countdown(house, run)


@pytest.mark.parametrize("how", SEQUENCES)
async def test_s16_a_language_model_that_may_run_a_script_makes_ready_at_most(either: House, how: str) -> None:
    hass = either.hass
    for component in ("intent", "conversation"):
        assert await async_setup_component(hass, component, {})
    await add_scripts(either, how)
    for script in ("ready", "go"):
        async_expose_entity(hass, "conversation", f"script.{script}", True)

    async def activate(house: House) -> None:
        llm_context = llm.LLMContext(
            platform="test", context=house.person(), language="en", assistant="conversation", device_id=None
        )
        api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, llm_context)
        for tool in ("ready", "go"):
            named = next(one.name for one in api.tools if one.name.endswith(tool))
            await api.async_call_tool(llm.ToolInput(tool_name=named, tool_args={}))

    await reaches_no_countdown(either, activate)


@pytest.mark.parametrize("how", SEQUENCES)
async def test_s16_what_is_said_runs_an_intent_script_and_makes_ready_at_most(either: House, how: str) -> None:
    hass = either.hass
    for component in ("intent", "conversation"):
        assert await async_setup_component(hass, component, {})
    intents = {"Ready": {"action": [SEQUENCES[how](either)]}, "Go": {"action": [CONFIRMS[how](either)]}}
    assert await async_setup_component(hass, "intent_script", {"intent_script": intents})

    async def activate(house: House) -> None:
        for name in ("Ready", "Go"):
            await intent.async_handle(hass, "test", name, context=house.person(), assistant="conversation")
            await house.time(3)

    await reaches_no_countdown(either, activate)


async def test_s2_what_stands_for_the_button_makes_ready_at_most(house: House) -> None:
    await house.set_up()
    hass, start = house.hass, house.entity_id("start")
    template = {
        "template": {"button": {"name": "Go", "press": {"action": "button.press", "target": {"entity_id": start}}}}
    }
    assert await async_setup_component(hass, "template", template)
    await hass.async_block_till_done()

    async def press(house: House) -> None:
        await hass.services.async_call(
            "button", "press", {"entity_id": "button.go"}, context=house.person(), blocking=True
        )

    await reaches_no_countdown(house, press)


@pytest.mark.parametrize("target", ["area_id", "device_id", "label_id", "all"])
async def test_s2_who_presses_all_of_a_room_presses_no_start(house: House, target: str) -> None:
    await house.set_up()
    hass = house.hass
    area = ar.async_get(hass).async_create("Cellar")
    dr.async_get(hass).async_update_device(device_of(house), area_id=area.id)
    er.async_get(hass).async_update_entity(house.entity_id("start"), labels={"walk"})
    expected = {
        "area_id": {"area_id": area.id},
        "device_id": {"device_id": device_of(house)},
        "label_id": {"label_id": "walk"},
        "all": {"entity_id": "all"},
    }[target]

    async def press(house: House) -> None:
        await hass.services.async_call("button", "press", expected, context=house.person(), blocking=True)

    await reaches_no_countdown(house, press)


async def test_s2_a_token_acts_with_its_owners_hand_and_has_to_press_twice(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    await house.set_up()
    assert await async_setup_component(house.hass, "api", {})
    client = await hass_client()

    async def press() -> int:
        response = await client.post("/api/services/button/press", json={"entity_id": house.entity_id("start")})
        return int(response.status)

    assert await press() == 200
    assert await press() != 200
    assert house.state("session_state") == "ready"
    await house.time(2)
    assert await press() == 200
    assert house.state("session_state") == "countdown"


# Everything that could raise or start


STARTS: dict[str, dict[str, Any]] = {
    "button.press start": {"domain": "button", "service": "press", "key": "start"},
    "button.press resume": {"domain": "button", "service": "press", "key": "resume"},
    "number.set_value speed": {"domain": "number", "service": "set_value", "key": "target_speed", "value": 2.0},
    "number.set_value incline": {"domain": "number", "service": "set_value", "key": "target_incline", "value": 2.0},
    "adjust": {"service": "adjust", "speed_delta": 0.5, "incline_delta": 1},
    "ramp_to": {"service": "ramp_to", "speed": 2.0, "seconds": 10},
    "ramp_to incline": {"service": "ramp_to", "incline": 2.0},
    "resume_session": {"service": "resume_session"},
    "confirm_session": {"service": "confirm_session"},
    "start_session": {"service": "start_session"},
    "skip_step": {"service": "skip_step"},
    "lower_deck": {"domain": "button", "service": "press", "key": "lower_deck"},
    "unlock": {"domain": "switch", "service": "turn_off", "key": "control_lock"},
}


def call_of(house: House, name: str) -> dict[str, Any]:
    start = dict(STARTS[name])
    domain, service = start.pop("domain", DOMAIN), start.pop("service")
    target = {"entity_id": house.entity_id(key)} if (key := start.pop("key", None)) else {"device_id": device_of(house)}
    return {"action": f"{domain}.{service}", "data": {**start, **target}}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("state", ["rest", "walk", "manual", "paused"])
async def test_s2_s16_nothing_that_a_script_does_in_a_persons_name_moves_or_raises_the_belt(
    house: House, name: str, state: str
) -> None:
    await house.set_up_for_experienced()
    if state == "manual":
        house.treadmill.press_start()
        await house.time(10)
    elif state != "rest":
        await house.walk()
        await house.set_number("target_speed", 1.0)
        await house.time(40)
        if state == "paused":
            await house.press("pause")
            await house.time(15)
    if name == "unlock":
        await house.call("switch", "turn_on", "control_lock")
    script = {"go": {"sequence": [{**call_of(house, name), "continue_on_error": True}]}}
    assert await async_setup_component(house.hass, "script", {"script": script})
    speed, incline = house.treadmill.speed, house.treadmill.incline
    for _ in range(2):
        await house.hass.services.async_call("script", "go", context=house.person(), blocking=True)
        await house.time(3)
    await house.time(30)
    assert house.treadmill.speed <= speed + 0.001
    assert house.treadmill.incline <= incline
    if name == "unlock":
        assert house.state("control_lock") == "on"


async def test_s2_nothing_else_of_a_treadmill_moves_the_belt(house: House) -> None:
    """Check that the list above contains every entity and action that could start or speed up a belt."""
    await house.set_up_for_experienced()
    keys = {
        entry.translation_key
        for entry in er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
        if entry.domain in {"button", "number", "switch"}
    }
    harmless = {"stop", "pause", "finish", "connect", "disconnect", "session_length"}
    of_walkers = {"weight", "daily_goal", "plan_paused", "progression", "reminder"}
    assert keys - harmless - of_walkers == {start["key"] for start in STARTS.values() if "key" in start}
    services = set(house.hass.services.async_services_for_domain(DOMAIN))
    moving = {start["service"] for start in STARTS.values() if "domain" not in start} | {"run_program"}
    assert moving <= services
    for key in ("direction", "walker", "program"):
        for option in house.full_state(key).attributes["options"]:
            await house.call("select", "select_option", key, by=house.person(), option=option)
    await house.time(10)
    assert house.treadmill.at_rest
    assert house.commands() == []
