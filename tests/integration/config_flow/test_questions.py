"""The questions of the setup: consent (safety rule S1), the speaker, and the walker."""

from collections.abc import Callable
from datetime import time
from time import monotonic
from typing import Any

import pytest
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_CONTROL,
    CONF_DAILY_GOAL,
    CONF_PERSON,
    CONF_RAIL,
    CONF_RATINGS,
    CONF_REMINDER,
    CONF_REMINDER_TIME,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_WEIGHT,
    DOMAIN,
)
from custom_components.retrowalk.flows import onboarding
from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from custom_components.retrowalk.training.rules import Refusal
from custom_components.retrowalk.treadmill.check_result import rules_of
from custom_components.retrowalk.treadmill.options import Options
from custom_components.retrowalk.treadmill.virtual import async_virtual_peripheral
from custom_components.retrowalk.walkers.walker import Ratings, walkers_of
from tests.support.house import ADDRESS
from tests.support.set_up_dialog import by, finish, go, suggested
from tests.support.speakers import MessageLog, Messages, add_speakers
from tests.support.waiting import let_others_run

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "no_waiting")
type Attach = Callable[[Peripheral], None]
NAME = "FS-4711"
MONITOR = {CONF_CONTROL: "monitor", CONF_SAFETY_KEY: False, CONF_RAIL: False}
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}
SILENT = {CONF_ANNOUNCE: "none"}
SILENCE = {CONF_ANNOUNCE: "none", CONF_ANNOUNCER: None, CONF_TTS: None}
ANNA = {CONF_NAME: "Anna", CONF_WEIGHT: 62.5}


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("answers", [{CONF_SAFETY_KEY: False}, {CONF_RAIL: False}])
async def test_s1_without_key_or_rail_the_owner_is_told_of_reduced_mode(
    hass: HomeAssistant, attached: Peripheral, answers: dict[str, bool]
) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, {**CONTROL, **answers})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "reduced")
    assert result["description_placeholders"]["reduced"] == "2"
    assert result["description_placeholders"]["minimum"] == "0.5"

    result = await go(hass, result, {"next_step_id": "safety"})
    assert result["data_schema"]({}) == {**CONTROL, **answers}
    result = await go(hass, result, {**CONTROL, **answers})
    result = await finish(hass, result, {"next_step_id": "announcer"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {**CONTROL, **answers, **SILENCE}


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("claims", [False, True])
async def test_s1_a_machine_that_cannot_be_controlled_is_only_monitored(
    hass: HomeAssistant, attached: Peripheral, claims: bool
) -> None:
    attached.faults.update({"no_ranges": True, "all_features": claims})
    result = await go(hass, *await by(hass, "pick"))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "monitor_only")
    result = await finish(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {CONF_CONTROL: "monitor"}


@pytest.mark.usefixtures("set_up")
async def test_s9_a_machine_that_claims_nothing_is_offered_control_which_its_check_run_releases(
    hass: HomeAssistant, attached: Peripheral
) -> None:
    attached.faults.no_features = True
    result = await go(hass, *await by(hass, "pick"))
    assert result["step_id"] == "safety"
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert rules_of(result["data"], Options.read(result["options"])).blocked_by is Refusal.NOT_CHECKED


@pytest.mark.usefixtures("set_up")
async def test_s4_a_machine_too_fast_to_walk_backward_says_so(hass: HomeAssistant, attach: Attach) -> None:
    profile = Profile(speed=ValueRange(3.5, 16.0, 0.1))
    attach(Peripheral(VirtualTreadmill(profile), address=ADDRESS, name=NAME))
    result = await go(hass, *await by(hass, "pick"))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "too_fast")
    placeholders = result["description_placeholders"]
    assert (placeholders["minimum"], placeholders["ceiling"], placeholders["highest"]) == ("3.5", "3", "5")
    result = await go(hass, result)
    assert result["step_id"] == "safety"
    result = await finish(hass, result, CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_s1_nothing_but_the_two_policies_is_taken(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    with pytest.raises(InvalidData):
        await go(hass, result, {**CONTROL, CONF_CONTROL: "everything"})


@pytest.fixture
async def message_log(hass: HomeAssistant) -> MessageLog:
    message_log = MessageLog(monotonic)
    await add_speakers(hass, notify=Messages(message_log))
    return message_log


MESSAGES = {CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "notify.anna"}


@pytest.mark.usefixtures("set_up")
async def test_a_voice_is_tried_before_the_walk(
    hass: HomeAssistant, attached: Peripheral, message_log: MessageLog
) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "announcer")
    with pytest.raises(InvalidData):
        await go(hass, result)  # silence has to be chosen
    result = await go(hass, result, MESSAGES)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_test")
    assert result["menu_options"] == ["say_test", "announcer", "walker"]
    assert result["description_placeholders"]["announcer"] == "notify.anna"

    result = await go(hass, result, {"next_step_id": "say_test"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_heard")
    assert message_log.texts == ["This is how Retrowalk speaks to you while you walk."]
    assert message_log.details == [{"title": NAME}]
    message_log.error = RuntimeError("out of order")
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "announcer_silent")
    assert result["description_placeholders"]["error"] == "out of order"
    message_log.error = None
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_heard"

    result = await go(hass, result, {"next_step_id": "walker"})
    result = await go(hass, result, ANNA)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {**CONTROL, **MESSAGES, CONF_TTS: None}


@pytest.mark.usefixtures("set_up")
async def test_a_voice_that_is_not_complete_or_does_not_please_is_chosen_again(
    hass: HomeAssistant, attached: Peripheral, message_log: MessageLog
) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    player = {CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "media_player.hall"}
    for answers, error in (({CONF_ANNOUNCE: "entity"}, "announcer_missing"), (player, "tts_missing")):
        result = await go(hass, result, answers)
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
    assert suggested(result) == {CONF_ANNOUNCE: None, CONF_ANNOUNCER: "media_player.hall", CONF_TTS: None}
    assert result["data_schema"]({}) == {CONF_ANNOUNCE: "entity"}
    result = await go(hass, result, {**player, CONF_TTS: "tts.speech"})
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_silent"
    assert result["description_placeholders"]["error"] == "media_player.hall is not available"
    result = await go(hass, result, {"next_step_id": "announcer"})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "announcer", {})
    result = await go(hass, result, SILENT)
    assert result["step_id"] == "walker"
    result = await go(hass, result, ANNA)
    assert result["options"] == {**CONTROL, **SILENCE}


async def test_a_voice_that_never_answers_does_not_hang_the_dialog(
    hass: HomeAssistant, attached: Peripheral, message_log: MessageLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onboarding, "_TEST_TIMEOUT", 0.05)
    message_log.hangs = True
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, CONTROL)
    result = await go(hass, result, MESSAGES)
    result = await go(hass, result, {"next_step_id": "say_test"})
    assert result["step_id"] == "announcer_silent"
    assert result["description_placeholders"]["error"] == "TimeoutError"


async def test_who_only_monitors_is_not_asked_for_a_voice(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    assert result["step_id"] == "walker"


@pytest.mark.usefixtures("set_up")
async def test_a_treadmill_begins_with_one_walker_who_needs_a_name(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    schema = result["data_schema"]
    reminder = {CONF_REMINDER: False, CONF_REMINDER_TIME: "18:00:00"}
    more = {CONF_RATINGS: Ratings.AFTER, **reminder}
    assert [str(key) for key in schema.schema] == [CONF_NAME, CONF_PERSON, CONF_WEIGHT, CONF_DAILY_GOAL, *more]
    assert result["errors"] == {}
    for name, error in ((" ", "name_length"), ("Guest", "name_reserved")):
        result = await go(hass, result, {**ANNA, CONF_NAME: name, CONF_PERSON: "person.nobody", CONF_DAILY_GOAL: 9})
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "walker")
        assert result["errors"] == {CONF_NAME: error, CONF_PERSON: "person_missing"}
        # Nothing has to be typed again.
        typed = {str(key): key.description["suggested_value"] for key in result["data_schema"].schema}
        answers = {CONF_NAME: name, CONF_PERSON: "person.nobody", CONF_WEIGHT: 62.5, CONF_DAILY_GOAL: 9}
        assert typed == {**answers, **more}
    result = await go(hass, result, {**ANNA, CONF_NAME: "  Anna   Maria ", CONF_DAILY_GOAL: 10, CONF_RATINGS: "none"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [walker] = walkers_of(result["result"]).values()
    assert (walker.name, walker.person, walker.weight, walker.daily_goal) == ("Anna Maria", None, 62.5, 10)
    assert walker.days == {0, 1, 2, 3, 4, 5, 6}
    assert walker.ratings is Ratings.NONE
    assert walker.paused == ()
    assert not walker.reminder


@pytest.mark.usefixtures("set_up")
async def test_the_reminder_is_set_in_the_same_breath_as_the_walker(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    result = await go(hass, result, {**ANNA, CONF_REMINDER: True, CONF_REMINDER_TIME: "21:00:00"})
    assert result["errors"] == {CONF_REMINDER_TIME: "reminder_in_quiet_time"}
    assert result["description_placeholders"]["quiet_from"] == "9:00 PM", (
        "as the form beside it writes times in English"
    )
    result = await go(hass, result, {**ANNA, CONF_REMINDER: True, CONF_REMINDER_TIME: "07:30:00"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [walker] = walkers_of(result["result"]).values()
    assert (walker.reminder, walker.reminder_time, walker.quiet_from) == (True, time(7, 30), time(21))
    assert walker.reminder_target is None


@pytest.mark.usefixtures("set_up")
async def test_no_treadmill_is_set_up_for_an_impossible_walker(hass: HomeAssistant, attached: Peripheral) -> None:
    result = await go(hass, *await by(hass, "pick"))
    result = await go(hass, result, MONITOR)
    for answers in ({CONF_WEIGHT: 19.9}, {CONF_WEIGHT: 300.1}, {CONF_DAILY_GOAL: 0}, {CONF_DAILY_GOAL: 61}):
        with pytest.raises(InvalidData):
            await go(hass, result, {**ANNA, **answers})
    result = await go(hass, result, ANNA)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_walker_of_a_new_treadmill_is_who_sets_it_up(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    """Use Home Assistant's own web API, as the dialog does, because only there a user is logged in."""
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": hass_admin_user.id}]}
    assert await async_setup_component(hass, "person", persons)
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, DOMAIN, {})  # only a test's web server accepts no paths once it runs
    client = await hass_client()
    url = "/api/config/config_entries/flow"

    async def post(path: str, answers: dict[str, Any]) -> dict[str, Any]:
        response = await client.post(f"{url}{path}", json=answers)
        answer: dict[str, Any] = await response.json()
        return answer

    result = await post("", {"handler": DOMAIN})
    path = f"/{result['flow_id']}"
    result = await post(path, {"next_step_id": "virtual"})
    assert result["step_id"] == "virtual"
    result = await post(path, {})
    while result["type"] == "progress":
        await let_others_run()
        result = await (await client.get(f"{url}{path}")).json()
    result = await post(path, CONTROL)
    assert result["step_id"] == "announcer"
    result = await post(path, SILENT)
    assert result["step_id"] == "walker"
    suggested = {
        field["name"]: (field.get("description") or {}).get("suggested_value") for field in result["data_schema"]
    }
    assert (suggested[CONF_NAME], suggested[CONF_PERSON]) == ("Anna", "person.anna")
    result = await post(path, {CONF_NAME: "Anna", CONF_PERSON: "person.anna", CONF_WEIGHT: 60})
    assert result["type"] == "create_entry"
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert [walker.person for walker in entry.runtime_data.coordinator.roster.walkers.values()] == ["person.anna"]

    peripheral = async_virtual_peripheral(hass, entry.data[CONF_ADDRESS])
    await hass.config_entries.async_remove(entry.entry_id)
    assert async_virtual_peripheral(hass, entry.data[CONF_ADDRESS]) is not peripheral  # the old one was removed
