"""The actions that prepare and confirm a session."""

import asyncio
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.action_calls import ON_DEMAND, REQUIRED, Actions


async def test_an_automation_makes_ready_and_nothing_moves(actions: Actions) -> None:
    await actions.set_up()
    actions.house.commands()
    response = await actions.call("start_session", walker="anna ", direction="backward", minutes=7.5, speed=1.5)
    session = {"walker": "Anna", "direction": "backward", "program": "free", "minutes": 7.5}
    assert response == {"state": "ready", **session}
    assert actions.state == "ready"
    assert actions.request == SessionRequest(
        walker="anna", direction=Direction.BACKWARD, length=450, speed=1.5, first=True
    )
    await actions.house.time(60)
    assert (actions.state, actions.house.commands()) == ("ready", [])
    assert await actions.refused("confirm_session") == "needs_person"
    stale = Context(user_id=actions.house.user_id, id=ulid_at_time(dt_util.utcnow().timestamp() - 3))
    assert await actions.refused("confirm_session", by=stale) == "needs_person"
    assert actions.state == "ready"
    await actions.call("confirm_session", by=actions.person())
    assert actions.state == "countdown"
    await actions.house.time(23)
    assert actions.state == "warm_up"
    assert actions.house.commands()


async def test_s2_while_the_start_button_is_exposed_the_action_confirms_no_more_than_the_button(
    actions: Actions,
) -> None:
    await actions.set_up()
    await actions.call("start_session", by=actions.person())
    async_expose_entity(actions.hass, "conversation", actions.house.entity_id("start"), True)
    assert await actions.refused("confirm_session", by=actions.person()) == "needs_person"
    async_expose_entity(actions.hass, "conversation", actions.house.entity_id("start"), False)
    await actions.call("confirm_session", by=actions.person())
    assert actions.state == "countdown"


async def test_fields_that_are_left_out_come_from_the_selects(actions: Actions) -> None:
    await actions.set_up()
    session = {"walker": "guest", "direction": "backward", "program": "free", "minutes": 5}
    assert await actions.call("start_session") == {"state": "ready", **session}
    assert actions.request == SessionRequest(first=True, open=True)
    await actions.call("stop")
    await actions.house.time(6)
    await actions.store_session("bert")
    await actions.house.call("select", "select_option", "direction", option="forward")
    await actions.house.call("select", "select_option", "walker", option="Bert")
    response = await actions.call("start_session")
    assert response == {**session, "state": "ready", "walker": "Bert", "direction": "forward"}
    assert actions.request == SessionRequest(walker="bert", direction=Direction.FORWARD)


async def test_s4_who_calls_walks_if_nobody_is_chosen(actions: Actions, hass_admin_user: MockUser) -> None:
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": hass_admin_user.id}]}
    assert await async_setup_component(actions.hass, "person", persons)
    await actions.set_up()
    assert (await actions.call("start_session", by=actions.person()))["walker"] == "Anna"


async def test_s4_first_sessions_are_slow_until_three_minutes_were_walked_on_this_belt(actions: Actions) -> None:
    await actions.set_up()
    await actions.store_session("anna", 2)
    await actions.store_session("anna", 9, direction=Direction.FORWARD)
    await actions.store_session("anna", 9, outcome=Outcome.LOGGED)
    await actions.store_session("anna", 4, planned=600.0)
    assert await actions.refused("start_session", of="anna", speed=2.5) == "speed_out_of_range"
    await actions.store_session("anna", 3)
    await actions.call("start_session", of="anna", speed=2.5)
    assert actions.request == SessionRequest(walker="anna", speed=2.5)


async def test_a_walkers_device_names_the_walker(actions: Actions) -> None:
    await actions.set_up()
    assert (await actions.call("start_session", of="bert"))["walker"] == "Bert"
    await actions.call("stop", of="anna")
    assert actions.state == "idle"
    assert (await actions.call("start_session", of="bert", walker="bert"))["walker"] == "Bert"
    await actions.call("stop")
    assert (await actions.call("start_session", walker="01KA9V3Q5W8RZ7D2M4N6P8T0XY"))["walker"] == "Cleo"
    await actions.call("stop")
    for guest in ("guest", "Gast"):
        await actions.house.call("select", "select_option", "walker", option="Bert")
        assert (await actions.call("start_session", walker=guest))["walker"] == "guest"
        await actions.call("stop")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"walker": "Carl"}, "walker_unknown"),
        ({"of": "anna", "walker": "Bert"}, "two_walkers"),
        ({"of": "anna", "walker": "guest"}, "two_walkers"),
        ({"minutes": -5}, "minutes_out_of_range"),
        ({"minutes": 0}, "minutes_out_of_range"),
        ({"minutes": 30.5}, "minutes_out_of_range"),
        ({"minutes": "nan"}, "minutes_out_of_range"),
        ({"minutes": "inf", "direction": "forward"}, "minutes_out_of_range"),
        ({"speed": 0.4}, "speed_out_of_range"),
        ({"speed": 2.1}, "speed_out_of_range"),  # a first session
        ({"speed": -1}, "speed_out_of_range"),
        ({"speed": "nan"}, "speed_out_of_range"),
        ({"speed": 6.1, "direction": "forward"}, "speed_out_of_range"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    actions: Actions, data: dict[str, Any], refusal: str
) -> None:
    await actions.set_up()
    assert await actions.refused("start_session", by=actions.person(), **data) == refusal
    assert (actions.state, actions.request) == ("idle", None)
    assert actions.house.state("direction") == "backward"
    assert actions.house.state("walker") == "whoever"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("start_session", {"direction": "sideways"}),
        ("start_session", {"minutes": "many"}),
        ("start_session", {"steps": []}),
        ("log_session", {**REQUIRED["log_session"], "started": "yesterday"}),
        ("get_sessions", {"from": "2026-11-01 00:00:00"}),
    ],
)
async def test_invalid_fields_are_refused_by_the_schema(actions: Actions, action: str, data: dict[str, Any]) -> None:
    await actions.set_up(connected=False)
    with pytest.raises(vol.Invalid):
        await actions.call(action, **data)


async def test_any_speed_may_be_requested_of_a_machine_with_unknown_capabilities(actions: Actions) -> None:
    await actions.set_up(options=ON_DEMAND, capabilities=Capabilities().as_dict(), connected=False)
    await actions.call("start_session", speed=15)
    assert actions.state == "ready"


async def test_a_belt_that_is_too_fast_is_not_made_ready(actions: Actions) -> None:
    fast = Capabilities(speed_range=ValueRange(4.0, 20.0, 0.1), can_start_and_stop=True)
    await actions.set_up(options=ON_DEMAND, capabilities=fast.as_dict(), connected=False)
    assert await actions.refused("start_session", speed=4.0) == "starts_too_fast"


async def test_of_two_starts_at_once_the_second_is_refused(actions: Actions) -> None:
    await actions.set_up()
    calls = (
        actions.call("start_session", walker="Anna", by=actions.person()),
        actions.call("start_session", walker="Bert", by=actions.person()),
    )
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert first["walker"] == "Anna"
    assert isinstance(second, ServiceValidationError)
    assert second.translation_key == "already_ready"
    assert actions.request is not None
    assert actions.request.walker == "anna"


async def test_a_start_while_somebody_walks_is_refused(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.walk()
    assert await actions.refused("start_session", walker="Bert") == "busy"
    assert await actions.refused("confirm_session", by=actions.person()) == "nothing_to_confirm"


async def test_nothing_is_confirmed_that_was_not_made_ready(actions: Actions) -> None:
    await actions.set_up()
    assert await actions.refused("confirm_session", by=actions.person()) == "nothing_to_confirm"


async def test_a_treadmill_out_of_reach_is_not_made_ready(actions: Actions) -> None:
    await actions.set_up(address="F2:52:57:00:00:99", connected=False)
    assert await actions.refused("start_session") == "not_in_reach"
    assert actions.state == "idle"


async def test_a_treadmill_that_is_only_watched_starts_nothing_but_stops(actions: Actions) -> None:
    await actions.set_up(options={})
    for action in ("start_session", "adjust", "resume_session"):
        assert await actions.refused(action, by=actions.person(), **REQUIRED.get(action, {})) == "monitor_only"
    await actions.call("stop")
