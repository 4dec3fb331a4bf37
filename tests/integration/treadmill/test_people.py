"""Who may move the belt (S1, S2, S16), and who controls it (S7)."""

import asyncio

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError

from custom_components.retrowalk.training.rules import Caller
from tests.support.house import CONTROL, House, make_entry


async def test_s1_monitor_only_offers_to_watch_and_to_stop(house: House) -> None:
    await house.set_up(make_entry(options={}))
    offered = {key for key in ("start", "pause", "resume", "stop", "connect", "disconnect") if house.has(key)}
    assert offered == {"stop", "connect", "disconnect"}
    assert not house.has("target_speed")
    assert not house.has("target_incline")
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("speed") == "0.5"
    assert house.state("session_state") == "manual"
    assert house.commands() == []


async def test_s1_without_key_and_rail_backward_is_slow_and_level(house: House) -> None:
    await house.set_up(make_entry(options={**CONTROL, "rail": False}))
    await house.walk()
    assert house.full_state("target_speed").attributes["max"] == 2.0
    await house.set_number("target_speed", 2.0)
    await house.time(120, dt=1)
    assert house.state("speed") == "2.0"
    assert house.full_state("target_incline").attributes["max"] == 0.0


async def test_s4_a_request_above_the_ceiling_is_refused_by_the_form_and_clamped_in_the_session(house: House) -> None:
    await house.set_up_for_experienced()
    await house.walk()
    assert house.full_state("target_speed").attributes["max"] == 3.0
    with pytest.raises(ServiceValidationError):
        await house.set_number("target_speed", 3.5)
    assert house.coordinator.session.set_speed(19.0, caller=Caller.PERSON) == 3.0


async def test_s4_a_guest_walks_slowly_and_level(house: House) -> None:
    await house.set_up()
    await house.walk()
    assert house.full_state("target_speed").attributes["max"] == 2.0
    assert house.full_state("target_incline").attributes["max"] == 0.0


async def test_s2_presses_without_a_person_make_ready_and_no_more(house: House) -> None:
    await house.set_up()
    nobody = Context()
    await house.press("start", by=nobody)
    assert house.state("session_state") == "ready"
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start", by=nobody)
    assert error.value.translation_key == "needs_person"
    await house.time(30)
    assert house.commands() == []
    assert house.state("session_state") == "ready"
    await house.time(95, dt=1)
    assert house.state("session_state") == "idle"  # lapsed after two minutes


@pytest.mark.parametrize(
    "who",
    ["a parent context", "an old press", "not a context of Home Assistant's making"],
)
async def test_s2_a_user_id_alone_does_not_confirm(house: House, who: str) -> None:
    await house.set_up()
    await house.press("start")
    await house.time(6)
    context = {
        "a parent context": Context(user_id=house.user_id, parent_id=Context().id),
        "an old press": house.person(age=3),  # and still another press than the one that made the session ready
        "not a context of Home Assistant's making": Context(user_id=house.user_id, id="made-up"),
    }[who]
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start", by=context)
    assert error.value.translation_key == "needs_person"
    assert house.commands() == []


async def test_s2_system_users_do_not_confirm(house: House) -> None:
    await house.set_up()
    system = await house.hass.auth.async_create_system_user("Supervisor", group_ids=[GROUP_ID_ADMIN])
    await house.press("start")
    with pytest.raises(ServiceValidationError):
        await house.press("start", by=Context(user_id=system.id))


async def test_s2_a_button_exposed_to_an_assistant_confirms_nothing(house: House) -> None:
    await house.set_up()
    async_expose_entity(house.hass, "conversation", house.entity_id("start"), True)
    await house.press("start")
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "needs_person"
    async_expose_entity(house.hass, "conversation", house.entity_id("start"), False)
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_s2_the_countdown_is_shown_with_its_end(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.press("start")
    ends = house.full_state("session_state").attributes["countdown_ends"]
    assert ends
    event = house.full_state("session").attributes
    assert (event["event_type"], event["seconds"], event["direction"]) == ("countdown", 15, "backward")
    await house.time(16)
    assert "countdown_ends" not in house.full_state("session_state").attributes


async def test_s16_without_a_person_speed_may_fall_but_not_rise(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.set_number("target_speed", 1.0)
    await house.time(40)
    with pytest.raises(ServiceValidationError) as error:
        await house.set_number("target_speed", 1.2, by=Context())
    assert error.value.translation_key == "needs_person"
    await house.set_number("target_speed", 0.6, by=Context())
    await house.time(5)
    assert house.state("speed") == "0.6"


@pytest.mark.parametrize("key", ["target_speed", "target_incline"])
async def test_s16_a_number_exposed_to_an_assistant_raises_nothing(house: House, key: str) -> None:
    await house.set_up_for_experienced()
    await house.walk()
    async_expose_entity(house.hass, "conversation", house.entity_id(key), True)
    with pytest.raises(ServiceValidationError) as error:
        await house.set_number(key, 1.0)
    assert error.value.translation_key == "needs_person"
    async_expose_entity(house.hass, "conversation", house.entity_id(key), False)
    await house.set_number(key, 1.0)
    assert house.state(key) == "1.0"


async def test_s5_s6_a_rise_is_announced_and_walked_in_single_steps(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.commands()
    await house.set_number("target_speed", 1.0)
    await house.time(1)
    event = house.full_state("session").attributes
    assert (event["event_type"], event["start"], event["target"]) == ("speed_up_soon", 0.5, 1.0)
    await house.time(3.5)
    assert house.commands() == []
    await house.time(30)
    assert house.commands() == [b"\x02" + (speed * 10).to_bytes(2, "little") for speed in (6, 7, 8, 9, 10)]


async def test_s7_a_speed_set_at_the_console_wins(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(12)
    house.treadmill.press_speed(0.9)
    await house.settle()
    assert house.state("session_state") == "manual"
    assert house.state("target_speed") == "unavailable"
    house.commands()
    await house.time(60)
    assert house.commands() == []
    assert house.state("speed") == "0.9"
    await house.set_number("target_speed", 1.2)  # Home Assistant itself skips unavailable entities
    assert house.state("session_state") == "manual"
    await house.press("resume")
    assert house.state("session_state") == "active"
    assert house.state("target_speed") == "0.9"


async def test_s7_the_safety_key_ends_the_walk_and_is_shown_until_the_next_start(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.treadmill.pull_safety_key()
    await house.time(4)
    assert house.treadmill.at_rest
    assert house.state("safety_key") == "on"
    assert house.state("session_state") == "finished"
    house.treadmill.insert_safety_key()
    await house.time(120, dt=1)
    assert house.state("safety_key") == "on"
    assert b"\x07" not in house.commands()[2:]
    await house.walk()
    assert house.state("safety_key") == "off"


async def test_s12_pause_comes_to_rest_and_resume_needs_two_acts(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.press("pause")
    assert house.commands()[-1] == b"\x08\x02"
    await house.time(5)
    assert house.state("session_state") == "paused"
    assert house.treadmill.at_rest
    await house.press("resume")
    assert house.state("session_state") == "ready"
    with pytest.raises(ServiceValidationError):
        await house.press("resume", by=Context())
    await house.press("resume")
    assert house.state("session_state") == "countdown"
    await house.time(20)
    assert house.state("session_state") == "warm_up"
    # The machine's own session ends and the lowest speed is commanded, so that it begins slowly at any last speed.
    assert house.commands() == [b"\x08\x01", b"\x07", b"\x02\x32\x00"]


async def test_the_treadmills_own_start_confirms_what_was_made_ready(house: House) -> None:
    await house.set_up()
    await house.time(3)
    await house.press("start", by=Context())
    house.treadmill.press_start()
    await house.time(6)
    assert house.state("session_state") == "warm_up"
    assert house.commands() == [b"\x00", b"\x02\x32\x00"]


async def test_direction_is_chosen_before_and_fixed_while_walking(house: House) -> None:
    await house.set_up()
    await house.call("select", "select_option", "direction", option="forward")
    await house.press("start")
    with pytest.raises(ServiceValidationError) as error:
        await house.call("select", "select_option", "direction", option="backward")
    assert error.value.translation_key == "direction_fixed"
    await house.press("start")
    await house.time(5.5)  # forward counts five seconds
    assert b"\x07" in house.commands()
    await house.time(10)
    assert house.full_state("target_speed").attributes["max"] == 6.0


async def test_presses_in_the_wrong_order_say_what_to_do(house: House) -> None:
    await house.set_up()
    for key, expected in (("pause", "nothing_to_pause"), ("resume", "nothing_to_resume")):
        with pytest.raises(ServiceValidationError) as error:
            await house.press(key)
        assert error.value.translation_key == expected
    await house.walk()
    for key, expected in (("start", "busy"), ("resume", "nothing_to_resume")):
        with pytest.raises(ServiceValidationError) as error:
            await house.press(key)
        assert error.value.translation_key == expected
    assert house.state("session_state") == "warm_up"


async def test_two_people_pressing_start_at_once_start_one_walk(house: House) -> None:
    await house.set_up()
    await house.press("start")
    presses = await asyncio.gather(house.press("start"), house.press("start"), return_exceptions=True)
    assert [type(press).__name__ for press in presses].count("ServiceValidationError") == 1
    await house.time(17)
    assert house.commands().count(b"\x07") == 1
