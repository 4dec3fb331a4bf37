"""The blueprint that stops the belt when a door opens (safety rule S17)."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import Input, load_yaml

from custom_components.retrowalk.blueprint_installer import FOLDER
from custom_components.retrowalk.training.states import AT_REST, SessionState
from tests.support.action_calls import Actions
from tests.support.blueprint_automations import BlueprintAutomations, turns
from tests.support.house import House

from .conftest import Asked


@pytest.mark.parametrize(
    ("how", "locked", "state"),
    [("stop", False, "stopping"), ("finish", False, "cool_down"), ("finish", True, "stopping")],
)
async def test_a_door_that_opens_stops_the_walk(
    automations: BlueprintAutomations, hass: HomeAssistant, how: str, locked: bool, state: str, asked: Asked
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "unavailable")
    hass.states.async_set("person.child", "not_home")
    await automations.make(
        "stop_when_door_opens",
        **{"treadmill": Actions(house).device(), **asked("session_state")},
        sensors=["binary_sensor.door", "person.child"],
        how=how,
        also=[{"event": "told", "event_data": {"who": "{{ what }}"}}],
    )
    notified: list[Any] = []
    hass.bus.async_listen("told", lambda event: notified.append(event.data["who"]))
    await house.walk()
    await house.time(30)
    if locked:
        await house.call("switch", "turn_on", "control_lock")
    hass.states.async_set("binary_sensor.door", "on")  # only available again
    await turns()
    assert house.state("session_state") in {"warm_up", "active"}
    hass.states.async_set("person.child", "home", {"friendly_name": "Emma"})
    await turns()
    assert house.state("session_state") == state
    assert notified == ["Emma"]
    await house.time(45)
    assert house.treadmill.at_rest
    hass.states.async_set("binary_sensor.door", "off")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert notified == ["Emma"]  # without a walker


async def test_a_door_that_opens_ends_a_countdown(
    automations: BlueprintAutomations, hass: HomeAssistant, asked: Asked
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "off")
    await automations.make(
        "stop_when_door_opens",
        **{"treadmill": Actions(house).device(), **asked("session_state")},
        sensors=["binary_sensor.door"],
        how="finish",
    )
    await house.press("start")
    await house.press("start")
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert house.state("session_state") == "idle"


def test_s17_a_door_stops_whatever_the_belt_may_be_doing() -> None:
    blueprint = load_yaml(str(FOLDER / "stop_when_door_opens.yaml"))
    [condition] = blueprint["conditions"]
    assert condition["value_template"] == "{{ states(session_state) in moving }}"
    assert blueprint["variables"]["given"] == Input("session_state")
    # A belt about to move, but not one that was paused, perhaps to open the door.
    assert {*blueprint["variables"]["moving"]} == {*SessionState} - AT_REST - {SessionState.PAUSED} | {
        SessionState.COUNTDOWN
    }


async def bring_to(house: House, state: SessionState) -> None:
    match state:
        case SessionState.CHECKING:
            await house.coordinator.control.start_check(house.person())
            await house.time(4)
        case SessionState.STARTING:
            await house.press("start")
            await house.press("start")
            await house.time(15.5)
        case SessionState.MANUAL:
            house.treadmill.press_start()
            await house.time(10)
        case _:
            await house.walk()
    if state is SessionState.COOL_DOWN:
        await house.set_number("target_speed", 1.0)
        await house.time(15)
        await house.press("finish")
    elif state is SessionState.STOPPING:
        await house.press("stop")
    elif state is SessionState.INTERRUPTED:
        house.faults.silent = True
        await house.time(6)
    assert house.state("session_state") == state


@pytest.mark.parametrize(
    "state",
    [
        SessionState.STARTING,
        SessionState.WARM_UP,
        SessionState.COOL_DOWN,
        SessionState.STOPPING,
        SessionState.MANUAL,
        SessionState.INTERRUPTED,
        SessionState.CHECKING,
    ],
)
async def test_s17_a_door_that_opens_stops_a_belt_that_may_move(
    automations: BlueprintAutomations, hass: HomeAssistant, state: SessionState, asked: Asked
) -> None:
    house = automations.house
    await automations.set_up()
    hass.states.async_set("binary_sensor.door", "off")
    await automations.make(
        "stop_when_door_opens",
        **{"treadmill": Actions(house).device(), **asked("session_state")},
        sensors=["binary_sensor.door"],
    )
    await bring_to(house, state)
    house.commands()
    hass.states.async_set("binary_sensor.door", "on")
    await turns()
    assert b"\x08\x01" in house.commands()
    assert house.state("session_state") == "stopping"
    await house.time(15)
    assert house.treadmill.at_rest
