"""Two users of one treadmill: the person who confirms may be the one who walks, whoever was named (S4)."""

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context
from homeassistant.setup import async_setup_component
from homeassistant.util.ulid import ulid_at_time
from pytest_homeassistant_custom_component.common import MockUser

from tests.support.action_calls import Actions
from tests.support.house import House, make_entry, walker_subentry


@pytest.fixture
async def annas(house: House, lisa: MockUser) -> str:
    """Return Anna's walker: Anna has walked before, Lisa has not. The tablet on the wall is linked to nobody."""
    persons = [
        {"id": "anna", "name": "Anna", "user_id": house.user_id},
        {"id": "lisa", "name": "Lisa", "user_id": lisa.id},
    ]
    assert await async_setup_component(house.hass, "person", {"person": persons})
    walkers = [walker_subentry("Anna", person="person.anna"), walker_subentry("Lisa", person="person.lisa")]
    await house.set_up(make_entry(walkers=walkers))
    await house.store_session("anna")
    return house.user_id


def of(house: House, user: MockUser) -> Context:
    return Context(user_id=user.id, id=ulid_at_time(house.clock.wall()))


def top(house: House) -> float:
    """Return the speed limit (km/h) of the session; the target's entity shows it once there is a target."""
    speeds = house.coordinator.data.limits.speed
    assert speeds is not None
    return speeds.maximum


@pytest.mark.parametrize("ready_by", ["anna", "lisa", "nobody"])
async def test_s4_a_beginner_who_confirms_a_walk_of_somebody_experienced_walks_as_a_beginner(
    house: House, actions: Actions, annas: str, lisa: MockUser, ready_by: str
) -> None:
    by = {"anna": house.person(), "lisa": of(house, lisa), "nobody": Context()}[ready_by]
    await actions.call("start_session", by=by, walker="Anna", speed=2.8, minutes=5)
    assert top(house) == 3.0
    await house.press("start", by=of(house, lisa))
    assert house.state("session_state") == "countdown"
    assert top(house) == 2.0
    await house.time(180, dt=1)
    assert house.treadmill.speed <= 2.0
    assert house.state("session_state") == "active"
    assert house.full_state("target_speed").attributes["max"] == 2.0


@pytest.mark.parametrize("who", ["Anna herself", "a tablet"])
async def test_s4_who_confirms_for_a_beginner_takes_no_limits_from_her(
    house: House, actions: Actions, annas: str, who: str
) -> None:
    tablet = MockUser(is_owner=True).add_to_hass(house.hass)
    await actions.call("start_session", walker="Anna", speed=2.8, minutes=5)
    await house.press("start", by=house.person() if who == "Anna herself" else of(house, tablet))
    assert house.state("session_state") == "countdown"
    assert top(house) == 3.0
    await house.press("stop")


@pytest.mark.parametrize("key", ["resume", "start"])
async def test_s4_a_beginner_who_resumes_a_walk_of_somebody_experienced_walks_as_a_beginner(
    house: House, actions: Actions, annas: str, lisa: MockUser, key: str
) -> None:
    await actions.call("start_session", by=house.person(), walker="Anna", speed=2.8, minutes=5)
    await house.press("start")
    await house.time(23)
    await house.press("pause")
    await house.time(10)
    assert (house.state("session_state"), top(house)) == ("paused", 3.0)
    for _ in range(2):
        await house.press(key, by=of(house, lisa))
    assert house.state("session_state") == "countdown"
    assert (house.state("walker"), top(house)) == ("Anna", 2.0)


async def test_s4_a_beginner_who_names_somebody_experienced_in_confirming_walks_as_a_beginner(
    house: House, actions: Actions, annas: str, lisa: MockUser
) -> None:
    await actions.call("start_session", speed=2.0, minutes=5)
    assert house.coordinator.session.request.open
    await actions.call("confirm_session", of="anna", by=of(house, lisa))
    assert (house.state("session_state"), house.state("walker"), top(house)) == ("countdown", "Anna", 2.0)


@pytest.mark.parametrize("ready_by", ["a voice service", "a script of the tablet", "an exposed button"])
async def test_s4_nobody_is_guessed_where_no_person_sees_it(
    house: House, actions: Actions, annas: str, lisa: MockUser, ready_by: str
) -> None:
    tablet = MockUser(is_owner=True).add_to_hass(house.hass)
    if ready_by == "a voice service":
        cloud = MockUser(is_owner=True, system_generated=True).add_to_hass(house.hass)
        await house.press("start", by=of(house, cloud))
    elif ready_by == "an exposed button":
        async_expose_entity(house.hass, "conversation", house.entity_id("start"), True)
        await house.press("start", by=of(house, tablet))
    else:
        action = {"action": "retrowalk.start_session", "target": {"device_id": actions.device()}}
        assert await async_setup_component(house.hass, "script", {"script": {"walk": {"sequence": [action]}}})
        await house.hass.services.async_call("script", "walk", {}, blocking=True, context=of(house, tablet))
    session = house.coordinator.session
    assert (session.state, session.walker, session.request.open) == ("ready", None, True)
    assert top(house) == 2.0
    await house.coordinator.control.press_confirm_button()
    assert (session.state, session.walker, top(house)) == ("countdown", None, 2.0)


async def test_s4_who_walked_last_is_guessed_where_a_person_sees_it(
    house: House, actions: Actions, annas: str, lisa: MockUser
) -> None:
    tablet = MockUser(is_owner=True).add_to_hass(house.hass)
    await house.press("start", by=of(house, tablet))
    assert (house.coordinator.session.walker, top(house)) == ("anna", 3.0)


@pytest.mark.parametrize("by_card", [True, False])
async def test_s4_s7_a_beginner_who_resumes_what_somebody_experienced_began_at_the_console_walks_as_a_beginner(
    house: House, actions: Actions, annas: str, lisa: MockUser, by_card: bool
) -> None:
    await actions.call("start_session", by=house.person(), walker="Anna", speed=2.8, minutes=5)
    house.coordinator.on_guard("door", True)
    house.treadmill.press_start()
    await house.time(10)
    assert (house.state("session_state"), top(house)) == ("manual", 3.0)
    house.coordinator.on_guard("door", False)
    if by_card:
        await house.coordinator.control.resume(of(house, lisa), None, by_card=True)
    else:
        await house.press("resume", by=of(house, lisa))
    assert (house.state("walker"), top(house)) == ("Anna", 2.0)
    await house.time(120, dt=1)
    assert house.treadmill.speed <= 2.0
    await house.press("stop")
