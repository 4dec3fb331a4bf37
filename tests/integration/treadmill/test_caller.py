"""Callers that may move the belt (S2, S16, S17): each kind uses its real path, and is refused where it has to be."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from homeassistant.components.conversation import async_converse
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.ftms.const import OpCode
from tests.support.house import CONTROL, Clock, House, make_entry
from tests.support.speakers import MessageLog, Satellite, Speech, add_speakers

DOOR = "binary_sensor.door"
AUTOMATIONS = {
    **CONTROL,
    "automations_confirm": True,
    "guards": [DOOR],
    "announce": "entity",
    "announcer": "assist_satellite.hall",
}
type Press = Callable[[House, str], Awaitable[None]]
"""Presses a button in a way other than directly by a person."""


@pytest.fixture(autouse=True)
def sentences(house: House, tmp_path: Path) -> None:
    """Add sentences that press buttons, as users do; Assist's own sentences press none."""
    house.hass.config.config_dir = str(tmp_path)
    folder = tmp_path / "custom_sentences" / "en"
    folder.mkdir(parents=True)
    (folder / "press.yaml").write_text(
        "language: en\nintents: {HassTurnOn: {data: [{sentences: ['press {name}'], "
        "requires_context: {domain: button}}]}}\n"
    )


# Ways to press


async def set_up_assist(house: House) -> None:
    for component in ("intent", "conversation"):
        assert await async_setup_component(house.hass, component, {})


def expose(house: House, *keys: str) -> None:
    for key in keys:
        async_expose_entity(house.hass, "conversation", house.entity_id(key), True)


async def press_by_voice(house: House, key: str, context: Context) -> None:
    await set_up_assist(house)
    expose(house, key)
    answer = await async_converse(house.hass, f"press {house.full_state(key).name}", None, context, language="en")
    # Assist understood it, and pressed.
    assert answer.response.error_code in {None, intent.IntentResponseErrorCode.FAILED_TO_HANDLE}
    await house.settle()


async def by_assist(house: House, key: str) -> None:
    """Press by Assist, for a person signed in on a phone: their user ID, no parent, at this moment."""
    await press_by_voice(house, key, house.person())


async def by_satellite(house: House, key: str) -> None:
    """Press by a voice satellite, for an unknown person."""
    await press_by_voice(house, key, Context())


async def by_intent(house: House, key: str) -> None:
    """Press by an intent that another agent handles."""
    await set_up_assist(house)
    expose(house, key)
    slots = {"name": {"value": house.full_state(key).name}}
    try:
        await intent.async_handle(
            house.hass, "test", intent.INTENT_TURN_ON, slots, context=house.person(), assistant="conversation"
        )
    finally:
        await house.settle()


async def by_language_model(house: House, key: str) -> None:
    """Press by a language model with the tool that Assist provides."""
    await set_up_assist(house)
    expose(house, key)
    asks = llm.LLMContext(
        platform="test", context=house.person(), language="en", assistant="conversation", device_id=None
    )
    api = await llm.async_get_api(house.hass, llm.LLM_API_ASSIST, asks)
    tool = next(tool.name for tool in api.tools if tool.name.endswith("HassTurnOn"))
    await api.async_call_tool(llm.ToolInput(tool_name=tool, tool_args={"name": house.full_state(key).name}))
    await house.settle()


async def by_automation(house: House, key: str) -> None:
    """Press by an automation, triggered by an entity that a person changed."""
    hass = house.hass
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "id": "walk",
                "triggers": {"trigger": "event", "event_type": "phone_tapped"},
                "actions": {"action": "button.press", "target": {"entity_id": house.entity_id(key)}},
            }
        },
    )
    hass.bus.async_fire("phone_tapped", context=house.person())
    await hass.async_block_till_done()


async def by_delayed_script(house: House, key: str) -> None:
    """Press by a script that a person ran and that waits before the press."""
    hass = house.hass
    press = {"action": "button.press", "target": {"entity_id": house.entity_id(key)}}
    sequence = [{"delay": {"milliseconds": 2200}}, {**press, "continue_on_error": True}]
    assert await async_setup_component(hass, "script", {"script": {"walk_later": {"sequence": sequence}}})
    await hass.services.async_call("script", "walk_later", context=house.person(), blocking=True)
    await house.settle()


async def by_queued_press(house: House, key: str) -> None:
    """Press with delay, for example by a phone without a network: the context is as old as the press."""
    await house.press(key, by=house.person(age=2.5))


async def by_clock_that_is_ahead(house: House, key: str) -> None:
    await house.press(key, by=house.person(age=-60))


async def by_nobody(house: House, key: str) -> None:
    await house.press(key, by=Context())


ASSISTANTS: list[Press] = [by_assist, by_satellite, by_intent, by_language_model]
UNATTENDED: list[Press] = [by_automation, by_queued_press, by_clock_that_is_ahead, by_nobody]
LATE: list[Press] = [by_delayed_script]  # waits in real time


async def attempt(press: Press, house: House, key: str) -> None:
    """Press, and ignore the error of a refusal."""
    with suppress(HomeAssistantError, intent.IntentError):
        await press(house, key)
    await house.settle()


# Refusals


@pytest.mark.parametrize("press", ASSISTANTS + UNATTENDED + LATE)
async def test_s2_s16_who_is_no_person_makes_ready_at_most(house: House, press: Press) -> None:
    await house.set_up()
    await attempt(press, house, "start")
    assert house.state("session_state") == "ready"
    await attempt(press, house, "start")
    await house.time(20)
    assert house.state("session_state") == "ready"
    assert house.commands() == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("key", ["start", "resume"])
@pytest.mark.parametrize("press", ASSISTANTS + UNATTENDED)
async def test_s2_s12_s16_who_is_no_person_resumes_nothing_after_a_pause(house: House, press: Press, key: str) -> None:
    await house.set_up()
    await house.walk()
    await house.press("pause")
    await house.time(15)
    assert house.state("session_state") == "paused"
    house.commands()
    for _ in range(2):
        await attempt(press, house, key)
    await house.time(20)
    assert house.state("session_state") == "paused"
    # Neither do they confirm a session that a person has resumed.
    async_expose_entity(house.hass, "conversation", house.entity_id(key), False)
    assert house.commands() == []
    await house.press("resume")
    assert house.state("session_state") == "ready"
    assert house.commands() == [b"\x08\x01"]  # the machine's own session has ended (S12)
    await attempt(press, house, key)
    await house.time(20)
    assert house.state("session_state") == "ready"
    assert house.commands() == []


@pytest.mark.parametrize("press", ASSISTANTS + UNATTENDED)
async def test_s7_s16_who_is_no_person_takes_no_belt_from_the_console(house: House, press: Press) -> None:
    await house.set_up()
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "manual"
    await attempt(press, house, "resume")
    assert house.state("session_state") == "manual"
    assert house.commands() == []


@pytest.mark.parametrize("press", [*ASSISTANTS, by_automation, by_nobody])
async def test_s3_s16_who_is_no_person_may_stop(house: House, press: Press) -> None:
    await house.set_up()
    await house.walk()
    await attempt(press, house, "stop")
    await house.time(15)
    assert house.treadmill.at_rest


async def test_s16_the_actions_follow_the_same_rule(house: House) -> None:
    await house.set_up()
    device = dr.async_get(house.hass).async_get_device_by_identifier(
        (DOMAIN, house.coordinator.address), house.entry.entry_id
    )
    assert device is not None

    async def act(action: str, context: Context) -> None:
        await house.hass.services.async_call(DOMAIN, action, {"device_id": device.id}, blocking=True, context=context)

    await act("start_session", Context())
    assert house.state("session_state") == "ready"
    expose(house, "start")
    for context in (Context(), house.person(), house.person(age=3)):
        with pytest.raises(ServiceValidationError) as error:
            await act("confirm_session", context)
        assert error.value.translation_key == "needs_person"
    async_expose_entity(house.hass, "conversation", house.entity_id("start"), False)
    with pytest.raises(ServiceValidationError) as error:
        await act("confirm_session", house.person())
    assert error.value.translation_key == "one_press"
    await house.time(2)
    await act("confirm_session", house.person())
    assert house.state("session_state") == "countdown"


async def test_s16_an_exposed_target_is_lowered_and_not_raised(house: House) -> None:
    await house.set_up_for_experienced()
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(60)
    expose(house, "target_speed", "target_incline")
    for context in (house.person(), Context(), Context(user_id=house.user_id, parent_id=Context().id)):
        for key, more in (("target_speed", 1.2), ("target_incline", 1.0)):
            with pytest.raises(ServiceValidationError) as error:
                await house.set_number(key, more, by=context)
            assert error.value.translation_key == "needs_person"
    await house.set_number("target_speed", 0.6, by=Context())
    await house.time(10)
    assert house.state("speed") == "0.6"


# Allowed callers


async def test_s2_a_persons_fresh_press_confirms(house: House) -> None:
    await house.set_up()
    await by_nobody(house, "start")
    await house.press("start")
    assert house.state("session_state") == "countdown"
    await house.time(25)
    assert house.state("session_state") == "warm_up"


async def test_s2_the_consoles_own_start_confirms(house: House) -> None:
    await house.set_up()
    await by_nobody(house, "start")
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "warm_up"
    assert OpCode.START_OR_RESUME not in {command[0] for command in house.commands()}


async def tap(house: House, key: str = "start", age: float = 0.0) -> None:
    """Press once, whenever the last press was."""
    await house.call("button", "press", key, by=house.person(age))


@pytest.mark.parametrize("pause", [0.0, 0.5, 1.5])
async def test_s2_two_presses_of_one_instant_are_one(house: House, pause: float) -> None:
    await house.set_up()
    if pause:
        await tap(house)
        await house.time(pause)
        results = await asyncio.gather(tap(house), return_exceptions=True)
    else:
        results = await asyncio.gather(tap(house), tap(house), return_exceptions=True)
    assert [error.translation_key for error in results if isinstance(error, ServiceValidationError)] == ["one_press"]
    assert house.state("session_state") == "ready"
    await house.time(2)
    await tap(house)
    assert house.state("session_state") == "countdown"


async def test_s2_taps_that_waited_and_come_in_a_burst_are_one_press_by_their_own_time_too(house: House) -> None:
    await house.set_up()
    await tap(house, age=0.3)  # created a moment before it arrived, like the next one
    await house.time(2)
    with pytest.raises(ServiceValidationError) as error:
        await tap(house, age=1.9)
    assert error.value.translation_key == "one_press"
    for _ in range(5):
        with suppress(ServiceValidationError):
            await tap(house, age=1.9)
    assert house.state("session_state") == "ready"
    assert house.commands() == []


async def test_s12_a_resume_is_two_presses_too(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.press("pause")
    await house.time(15)
    await tap(house, "resume")
    for key in ("resume", "start"):
        with pytest.raises(ServiceValidationError) as error:
            await tap(house, key)
        assert error.value.translation_key == "one_press"
    await house.time(2)
    await tap(house, "resume")
    assert house.state("session_state") == "countdown"


# Automations, if the owner allows them


@pytest.fixture
async def message_log(house: House, clock: Clock) -> MessageLog:
    """Set up a speaker, and return what it announces."""
    message_log = MessageLog(clock)
    await add_speakers(house.hass, tts=Speech())
    await add_speakers(house.hass, integration="satellites", assist_satellite=Satellite(message_log))
    house.hass.states.async_set(DOOR, "off")
    return message_log


@pytest.mark.parametrize("press", UNATTENDED + LATE)
async def test_s2_an_automation_confirms_if_the_owner_lets_it_after_thirty_seconds(
    house: House, press: Press, message_log: MessageLog
) -> None:
    await house.set_up(make_entry(AUTOMATIONS))
    await attempt(press, house, "start")
    await house.time(2)
    await attempt(press, house, "start")
    assert house.state("session_state") == "countdown"
    assert house.full_state("session").attributes["seconds"] == 30
    await house.time(28)
    assert house.commands() == []
    await house.time(12)
    assert house.state("session_state") == "warm_up"


@pytest.mark.parametrize("press", ASSISTANTS)
async def test_s16_assistants_do_not_even_then(house: House, press: Press) -> None:
    house.hass.states.async_set(DOOR, "off")
    await house.set_up(make_entry(AUTOMATIONS))
    for _ in range(3):
        await attempt(press, house, "start")
    await house.time(35)
    assert house.state("session_state") == "ready"
    assert house.commands() == []


@pytest.mark.parametrize("state", ["on", "unavailable"])
async def test_s17_no_automation_confirms_while_a_guard_is_on_or_cannot_be_read(
    house: House, state: str, message_log: MessageLog
) -> None:
    house.hass.states.async_set(DOOR, state)
    await house.set_up(make_entry(AUTOMATIONS))
    await by_nobody(house, "start")
    with pytest.raises(ServiceValidationError) as error:
        await by_nobody(house, "start")
    assert error.value.translation_key == ("guarded" if state == "on" else "guard_unreadable")


@pytest.mark.parametrize("missing", ["guards", "announcer", "automations_confirm"])
async def test_s2_no_automation_confirms_where_anything_is_missing_that_the_form_asks_for(
    house: House, missing: str
) -> None:
    house.hass.states.async_set(DOOR, "off")
    await house.set_up(make_entry({key: value for key, value in AUTOMATIONS.items() if key != missing}))
    await by_nobody(house, "start")
    with pytest.raises(ServiceValidationError) as error:
        await by_nobody(house, "start")
    assert error.value.translation_key == "needs_person"


async def test_s2_the_countdown_of_an_automation_is_spoken(house: House, message_log: MessageLog) -> None:
    await house.set_up(make_entry(AUTOMATIONS))
    await by_nobody(house, "start")
    await house.time(20)
    await by_nobody(house, "start")
    await house.time(32)
    spoken = [text for _, text in message_log.entries]
    assert "Starting in 30 seconds" in spoken[1]
    assert spoken[2:4] == ["10", "5"]


async def test_s2_an_automation_confirms_nothing_while_the_announcer_is_away(house: House) -> None:
    house.hass.states.async_set(DOOR, "off")
    await house.set_up(make_entry(AUTOMATIONS))
    await by_nobody(house, "start")
    for state in (None, "unavailable"):
        if state:
            house.hass.states.async_set(AUTOMATIONS["announcer"], state)
        with pytest.raises(ServiceValidationError) as error:
            await by_nobody(house, "start")
        assert error.value.translation_key == "announcer_fails"
    await house.press("start")  # a person sees
    assert house.state("session_state") == "countdown"


async def test_s2_an_automation_confirms_nothing_through_a_speaker_whose_voice_is_away(house: House) -> None:
    house.hass.states.async_set(DOOR, "off")
    house.hass.states.async_set("media_player.hall", "idle")
    await house.set_up(make_entry({**AUTOMATIONS, "announcer": "media_player.hall", "tts": "tts.speech"}))
    await by_nobody(house, "start")
    with pytest.raises(ServiceValidationError) as error:
        await by_nobody(house, "start")
    assert error.value.translation_key == "announcer_fails"
    assert house.state("session_state") == "ready"


async def test_s2_a_script_whose_call_nobody_saw_confirms_nothing(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.time(3)
    context = Context(user_id=house.user_id)
    house.hass.bus.async_fire("script_started", {"entity_id": "script.walk", "name": "Walk"}, context=context)
    data = {"entity_id": house.entity_id("start")}
    with pytest.raises(ServiceValidationError):
        await house.hass.services.async_call("button", "press", data, blocking=True, context=context)
    assert house.state("session_state") == "ready"
    assert house.commands() == []


async def not_begun(house: House, reason: str) -> None:
    """Check that the session ended and announced the reason, and that the belt never starts."""
    attributes = house.full_state("session").attributes
    assert (attributes["event_type"], attributes["reason"]) == ("start_failed", reason)
    assert house.state("session_state") == "idle"
    await house.time(40)
    assert OpCode.START_OR_RESUME not in {command[0] for command in house.commands()}
    assert house.treadmill.at_rest


@pytest.mark.parametrize("when", ["at once", "later"])
async def test_s2_a_phrase_that_fails_ends_the_countdown_of_an_automation(
    house: House, message_log: MessageLog, when: str
) -> None:
    await house.set_up(make_entry(AUTOMATIONS))
    await by_nobody(house, "start")
    await house.time(5)
    if when == "at once":
        message_log.error = HomeAssistantError("asleep")
    await by_nobody(house, "start")
    await house.until(lambda: len(message_log.entries) == 2)
    if when == "at once":
        await house.until(lambda: house.state("session_state") == "idle")  # no time has passed
    else:
        await house.time(10)
        assert house.state("session_state") == "countdown"
        message_log.error = HomeAssistantError("asleep")
        await house.time(11)
    await not_begun(house, "not_announced")


async def test_s2_a_countdown_of_an_automation_ends_while_nobody_knows_whether_its_phrase_was_heard(
    house: House, message_log: MessageLog
) -> None:
    await house.set_up(make_entry(AUTOMATIONS))
    await by_nobody(house, "start")
    await house.time(5)
    message_log.hangs = True
    await by_nobody(house, "start")
    await house.time(14)
    assert house.state("session_state") == "countdown"
    await house.time(2)
    await not_begun(house, "not_announced")
    message_log.go_on()


async def test_s2_a_persons_countdown_goes_on_whatever_the_announcer_does(
    house: House, message_log: MessageLog
) -> None:
    await house.set_up(make_entry(AUTOMATIONS))
    message_log.error = HomeAssistantError("asleep")
    await house.walk()
