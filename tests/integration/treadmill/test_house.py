"""Entities of the house: guards, occupancy and the confirm button; the child lock; the deck (S17, S18)."""

from dataclasses import asdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity, async_should_expose
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_INFO
from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.house import CAPABILITIES, CONTROL, House, make_entry

DOOR, EMMA, MAT, BUTTON = "binary_sensor.door", "person.emma", "binary_sensor.mat", "event.button"
NAMES = {DOOR: "Cellar door", EMMA: "Emma"}


def set_state(house: House, entity_id: str, state: str) -> None:
    """Set the state of an entity of the house."""
    house.hass.states.async_set(entity_id, state, {"friendly_name": NAMES[entity_id]} if entity_id in NAMES else {})


async def set_up(house: House, **options: Any) -> None:
    await house.set_up(make_entry({**CONTROL, **options}))


async def refusal(house: House, key: str = "start") -> ServiceValidationError:
    with pytest.raises(ServiceValidationError) as error:
        await house.press(key)
    return error.value


# S17: start guards


async def test_s17_while_a_guard_is_on_nothing_is_confirmed_and_it_is_named(house: House) -> None:
    set_state(house, DOOR, "on")
    set_state(house, EMMA, "home")
    await set_up(house, guards=[DOOR, EMMA])
    await house.press("start")
    error = await refusal(house)
    assert error.translation_key == "guarded"
    assert error.translation_placeholders is not None
    assert set(error.translation_placeholders["guards"].split(", ")) == {"Cellar door", "Emma"}
    set_state(house, DOOR, "off")
    set_state(house, EMMA, "school")
    await house.settle()
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_s17_a_guard_that_turns_on_ends_a_countdown(house: House) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR])
    await house.press("start")
    await house.press("start")
    await house.time(5)
    set_state(house, DOOR, "on")
    await house.settle()
    assert house.state("session_state") == "idle"
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"], event["guard"]) == ("start_failed", "guard", DOOR)
    await house.time(30)
    assert house.commands() == []


@pytest.mark.parametrize("stops", [False, True])
async def test_s17_in_a_walk_it_is_an_event_and_stops_the_belt_if_so_set(house: House, stops: bool) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR], guard_stops=stops)
    await house.walk()
    set_state(house, DOOR, "on")
    await house.settle()
    event = house.full_state("session").attributes
    assert event["event_type"] == ("cooling_down" if stops else "guard")
    assert house.state("session_state") == ("cool_down" if stops else "warm_up")
    await house.time(30)
    assert house.treadmill.at_rest is stops


async def test_s1_while_only_watching_it_is_an_event_and_the_belt_is_left_to_the_console(house: House) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR], guard_stops=True, control="monitor")
    house.treadmill.press_start()
    await house.time(20)
    house.commands()
    set_state(house, DOOR, "on")
    await house.time(20)
    event = house.full_state("session").attributes
    assert (event["event_type"], event["stops"]) == ("guard", False)
    assert (house.state("session_state"), house.commands()) == ("manual", [])
    await house.come_to_rest()


@pytest.mark.parametrize("state", [STATE_UNAVAILABLE, STATE_UNKNOWN, None])
async def test_s17_a_guard_that_cannot_be_read_forbids_a_start_and_is_named(house: House, state: str | None) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR])
    if state is None:
        house.hass.states.async_remove(DOOR)
    else:
        set_state(house, DOOR, state)
    await house.settle()
    await house.press("start")
    error = await refusal(house)
    assert error.translation_key == "guard_unreadable"
    assert error.translation_placeholders == {"guards": DOOR if state is None else "Cellar door"}
    set_state(house, DOOR, "off")
    await house.settle()
    await house.press("start")
    assert house.state("session_state") == "countdown"
    set_state(house, DOOR, STATE_UNAVAILABLE)
    await house.settle()
    assert house.state("session_state") == "idle"


async def test_s17_a_guard_that_is_not_there_yet_forbids_a_start(house: House) -> None:
    await set_up(house, guards=[DOOR])
    await house.press("start")
    assert (await refusal(house)).translation_key == "guard_unreadable"


async def test_s17_a_guard_that_cannot_be_read_ends_no_walk(house: House) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR], guard_stops=True)
    await house.walk()
    set_state(house, DOOR, STATE_UNAVAILABLE)
    await house.time(10)
    set_state(house, DOOR, "off")
    await house.time(10)
    assert house.state("session_state") == "warm_up"


async def test_s17_the_treadmills_own_start_is_not_steered_while_a_guard_is_on(house: House) -> None:
    set_state(house, DOOR, "on")
    await set_up(house, guards=[DOOR])
    await house.press("start")
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "manual"
    assert house.commands() == []


async def test_s14_guards_are_not_heard_any_more_after_unloading(house: House) -> None:
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR], occupancy=MAT, confirm_button=BUTTON)
    coordinator = house.coordinator
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    set_state(house, DOOR, "on")
    await house.settle()
    assert not coordinator.session.guarded


# S17: occupancy of the belt


async def test_s17_an_empty_belt_is_said_and_stopped(house: House) -> None:
    set_state(house, MAT, "on")
    await set_up(house, occupancy=MAT)
    await house.walk()
    set_state(house, MAT, "off")
    await house.time(12)
    assert house.full_state("session").attributes["event_type"] == "nobody_on_belt"
    await house.time(20)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("state", [STATE_UNAVAILABLE, STATE_UNKNOWN])
async def test_s17_a_mat_that_cannot_be_read_says_nothing(house: House, state: str) -> None:
    set_state(house, MAT, "on")
    await set_up(house, occupancy=MAT)
    await house.walk()
    set_state(house, MAT, state)
    await house.time(40)
    assert house.state("session_state") == "warm_up"


async def test_s17_one_sensor_may_be_both(house: House) -> None:
    set_state(house, MAT, "on")
    await set_up(house, occupancy=MAT, guards=[MAT])
    await house.press("start")
    assert (await refusal(house)).translation_key == "guarded"


# S17: the child lock


async def test_s17_with_the_child_lock_only_stop_works(house: House) -> None:
    await set_up(house)
    await house.call("switch", "turn_on", "control_lock")  # without a user: any caller may
    assert house.state("control_lock") == "on"
    assert (await refusal(house)).translation_key == "locked"
    await house.press("stop")
    assert OpCode.STOP_OR_PAUSE in {command[0] for command in house.commands()}
    await house.time(6)
    await house.call("switch", "turn_off", "control_lock", by=house.person())
    assert house.state("control_lock") == "off"
    await house.press("start")
    assert house.state("session_state") == "ready"


async def test_s17_locking_does_not_stop_a_belt_but_leaves_only_stop(house: House) -> None:
    await set_up(house)
    await house.walk()
    await house.call("switch", "turn_on", "control_lock")
    await house.time(20)
    assert house.state("session_state") == "warm_up"
    assert not house.treadmill.at_rest
    for key in ("pause", "finish", "resume"):
        assert (await refusal(house, key)).translation_key == "locked"
    with pytest.raises(ServiceValidationError):
        await house.set_number("target_speed", 0.5)
    await house.press("stop")
    await house.time(10)
    assert house.treadmill.at_rest


async def test_s17_locking_ends_a_countdown(house: House) -> None:
    await set_up(house)
    await house.press("start")
    await house.press("start")
    await house.call("switch", "turn_on", "control_lock")
    await house.time(20)
    assert house.state("session_state") == "idle"
    assert house.commands() == []


async def test_s17_the_lock_holds_over_a_restart_and_reloads_nothing(house: House) -> None:
    await set_up(house)
    coordinator = house.coordinator
    await house.call("switch", "turn_on", "control_lock")
    await house.time(2)
    assert house.coordinator is coordinator
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    assert house.coordinator is not coordinator
    assert house.state("control_lock") == "on"
    await house.time(2)
    assert (await refusal(house)).translation_key == "locked"


@pytest.mark.parametrize("who", ["nobody", "an automation of a person", "an assistant"])
async def test_s17_only_a_person_opens_the_lock(house: House, who: str) -> None:
    await set_up(house)
    await house.call("switch", "turn_on", "control_lock")
    by = house.person()
    if who == "nobody":
        by = Context()
    elif who == "an automation of a person":
        by = Context(user_id=house.user_id, parent_id=Context().id)
    else:
        async_expose_entity(house.hass, "conversation", house.entity_id("control_lock"), True)
    with pytest.raises(ServiceValidationError) as error:
        await house.call("switch", "turn_off", "control_lock", by=by)
    assert error.value.translation_key == "unlock_needs_person"
    assert house.state("control_lock") == "on"


async def test_s17_the_lock_is_not_exposed_by_itself(house: House) -> None:
    await set_up(house)
    assert not async_should_expose(house.hass, "conversation", house.entity_id("control_lock"))


async def test_s17_who_only_monitors_has_no_lock_and_is_not_locked_out(house: House) -> None:
    await house.set_up(make_entry({}, control_lock=True))
    assert not house.has("control_lock")
    assert not house.coordinator.session.rules.control_lock


# S2: the confirm button


async def test_s2_the_chosen_button_confirms_what_is_ready(house: House) -> None:
    set_state(house, BUTTON, fired(-60))
    await set_up(house, confirm_button=BUTTON)
    set_state(house, BUTTON, fired())
    await house.settle()
    assert house.state("session_state") == "idle"  # it makes no session ready
    await house.time(5)
    await house.press("start", by=Context())
    set_state(house, BUTTON, fired())
    await house.settle()
    assert house.state("session_state") == "countdown"
    await house.time(3)
    set_state(house, BUTTON, fired())
    await house.time(25)
    assert house.state("session_state") == "warm_up"  # it ends no session either


async def test_s2_s12_after_a_pause_it_takes_two_presses(house: House) -> None:
    set_state(house, BUTTON, fired(-60))
    await set_up(house, confirm_button=BUTTON)
    await house.walk()
    await house.press("pause")
    await house.time(20)
    assert house.state("session_state") == "paused"
    set_state(house, BUTTON, fired())
    await house.settle()
    assert house.state("session_state") == "ready"
    set_state(house, BUTTON, fired(0.1))  # the release of the same press
    await house.settle()
    assert house.state("session_state") == "ready"
    await house.time(3)
    set_state(house, BUTTON, fired(0.2))
    await house.settle()
    assert house.state("session_state") == "countdown"


async def test_s2_a_sensor_that_turns_on_is_a_press(house: House) -> None:
    button = "binary_sensor.pedal"
    set_state(house, button, "off")
    await set_up(house, confirm_button=button)
    await house.press("start", by=Context())
    for state in ("on", "on", "off"):
        set_state(house, button, state)
    await house.settle()
    assert house.state("session_state") == "countdown"


@pytest.mark.parametrize("before", [STATE_UNAVAILABLE, STATE_UNKNOWN, None])
@pytest.mark.parametrize("button", [BUTTON, "binary_sensor.pedal"])
async def test_s2_what_comes_into_reach_again_is_no_press(house: House, before: str | None, button: str) -> None:
    if before is not None:
        set_state(house, button, before)
    await set_up(house, confirm_button=button)
    await house.press("start", by=Context())
    set_state(house, button, fired() if button == BUTTON else "on")
    await house.settle()
    house.hass.states.async_remove(button)
    await house.settle()
    assert house.state("session_state") == "ready"


async def test_s2_an_old_press_is_none(house: House) -> None:
    last = fired()
    set_state(house, BUTTON, last)
    await set_up(house, confirm_button=BUTTON)
    await house.press("start", by=Context())
    house.hass.states.async_set(BUTTON, last, {"event_type": "other"})
    for state in (fired(-60), fired(60), "pressed", STATE_UNAVAILABLE):
        set_state(house, BUTTON, state)
        await house.settle()
    assert house.state("session_state") == "ready"
    assert house.commands() == []


async def test_s2_s17_the_button_does_not_overrule_a_guard(house: House, caplog: pytest.LogCaptureFixture) -> None:
    set_state(house, BUTTON, fired(-60))
    set_state(house, DOOR, "on")
    await set_up(house, confirm_button=BUTTON, guards=[DOOR])
    await house.press("start", by=Context())
    set_state(house, BUTTON, fired())
    await house.settle()
    assert house.state("session_state") == "ready"
    assert "The confirm button of Treadmill was refused" in caplog.text


def fired(seconds: float = 0.0) -> str:
    """Return the state of an event entity that fired this long from now."""
    return (dt_util.utcnow() + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


# S18: the deck


async def test_s18_a_person_lowers_the_deck_of_a_belt_at_rest(house: House) -> None:
    house.treadmill.incline = house.treadmill.target_incline = 6.0
    await set_up(house)
    await house.time(2)
    for nobody in (Context(), Context(user_id=house.user_id, parent_id=Context().id)):
        with pytest.raises(ServiceValidationError) as error:
            await house.press("lower_deck", by=nobody)
        assert error.value.translation_key == "needs_person"
    await house.press("lower_deck")
    event = house.full_state("session").attributes
    assert (event["event_type"], event["seconds"]) == ("deck_lowering", 5.0)
    assert house.commands() == []
    await house.time(6)
    assert OpCode.SET_TARGET_INCLINATION in {command[0] for command in house.commands()}
    await house.time(30)
    assert house.state("incline") == "0.0"
    assert (await refusal(house, "lower_deck")).translation_key == "nothing_to_lower"


async def test_s18_a_guard_keeps_the_deck_where_it_is(house: House) -> None:
    house.treadmill.incline = house.treadmill.target_incline = 6.0
    set_state(house, DOOR, "off")
    await set_up(house, guards=[DOOR])
    await house.time(2)
    await house.press("lower_deck")
    set_state(house, DOOR, "on")
    await house.time(10)
    assert house.commands() == []
    assert (await refusal(house, "lower_deck")).translation_key == "guarded"


async def test_s5_s18_a_deck_below_level_is_raised_to_it_in_small_steps_or_not_walked_on(house: House) -> None:
    low = ValueRange(-6.0, 15.0, 0.5)
    house.peripheral.treadmill.profile = Profile(incline=low)
    house.treadmill.incline = house.treadmill.target_incline = -5.0
    deck = {**CAPABILITIES.as_dict(), "incline_range": asdict(low)}
    await house.set_up(make_entry(**{CONF_CAPABILITIES: deck}))
    await house.time(2)
    await house.press("start")
    assert (await refusal(house, "start")).translation_key == "deck_too_low"
    house.treadmill.press_incline(-1.5)
    await house.time(10)
    assert (await refusal(house, "start")).translation_key == "deck_too_low"  # a guest walks level
    await house.press("stop")
    await house.call("select", "select_option", "direction", by=house.person(), option="forward")
    await house.time(6)
    await house.press("start")
    await house.press("start")
    steps, before = [], -1.5
    for _ in range(120):
        await house.time(0.5)
        if house.treadmill.target_incline != before:
            steps.append((house.clock.seconds, house.treadmill.target_incline))
            before = house.treadmill.target_incline
    assert [percent for _, percent in steps] == [-1.0, -0.5, 0.0]
    assert all(after - then >= 9.5 for (then, _), (after, _) in pairwise(steps))
    assert house.state("incline") == "0.0"


async def test_s18_where_nothing_can_be_lowered_there_is_no_button(house: House) -> None:
    house.peripheral.treadmill.profile = VirtualTreadmill(Profile(incline=None)).profile
    flat = {**CAPABILITIES.as_dict(), "incline_range": None}
    await house.set_up(make_entry(**{CONF_CAPABILITIES: flat, CONF_INFO: {"firmware": "1.0.0"}}), connected=False)
    assert not house.has("lower_deck")
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED)


async def test_s1_who_only_monitors_lowers_nothing(house: House) -> None:
    await house.set_up(make_entry({}))
    assert not house.has("lower_deck")


async def test_s17_an_event_that_somebody_fires_frees_no_guard_and_is_no_press(house: House) -> None:
    set_state(house, DOOR, "on")
    set_state(house, BUTTON, fired(-60))
    await set_up(house, guards=[DOOR], confirm_button=BUTTON)
    forged: tuple[Any, ...] = (None, {"entity_id": DOOR, "state": "off"}, "off")
    for state in forged:
        house.hass.bus.async_fire("state_changed", {"entity_id": DOOR, "old_state": None, "new_state": state})
    await house.press("start")
    assert (await refusal(house)).translation_key == "guarded"
    set_state(house, DOOR, "off")
    for before, after in ((None, None), ({"state": fired(-60)}, {"state": fired()}), (fired(-60), fired())):
        house.hass.bus.async_fire("state_changed", {"entity_id": BUTTON, "old_state": before, "new_state": after})
    await house.settle()
    assert house.state("session_state") == "ready"
    set_state(house, BUTTON, fired())
    await house.settle()
    assert house.state("session_state") == "countdown"
