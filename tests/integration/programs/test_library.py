"""The programs of a treadmill: selected, given to an action, run, skipped, ramped, and changed without a reload."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.programs.program import Program
from tests.support.action_calls import Actions
from tests.support.house import CAPABILITIES, House, make_entry, walker_subentry
from tests.support.own_programs import EVENING, own, walk_to_the_end

TWO = [{"minutes": 2, "speed": 1.0, "label": "First"}, {"minutes": 4, "speed": 1.3, "label": "Second"}]


async def set_up(house: House, *subentries: dict[str, Any], **data: Any) -> None:
    """Set up a treadmill with Anna, who is not a beginner."""
    person = walker_subentry(person="person.anna")
    await house.set_up(make_entry(walkers=[person, *subentries], **data))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await house.settle()


def options(house: House) -> list[str]:
    offered: list[str] = house.full_state("program").attributes["options"]
    return offered


async def choose(house: House, option: str) -> None:
    await house.call("select", "select_option", "program", option=option)


# By an action


async def test_the_planned_steps_are_returned_when_a_session_is_prepared(house: House, actions: Actions) -> None:
    await set_up(house)
    response = await actions.call("run_program", walker="Anna", **EVENING)
    steps = response.pop("steps")
    session = {"state": "ready", "walker": "Anna", "direction": "backward", "program": "Evening", "minutes": 5}
    [cut] = response.pop("cuts")
    assert cut["text"].startswith("Step 1: 1 km/h is not reached: a session begins and ends at the lowest speed")
    assert response == session
    assert steps[0] == {"start": 0, "seconds": 60, "phase": "warm_up", "speed": {"from": 0.5, "to": 0.5}} | {
        "incline": {"from": 0, "to": 0}
    }
    assert [step["start"] + step["seconds"] for step in steps[:-1]] == [step["start"] for step in steps[1:]]
    assert steps[-1]["start"] + steps[-1]["seconds"] == 300
    assert {step.get("label") for step in steps} >= {"Up", "Easy"}
    assert max(step["speed"]["to"] for step in steps) == pytest.approx(1.4)


async def test_what_the_limits_cut_is_returned_with_the_reason(house: House, actions: Actions) -> None:
    await set_up(house)
    house.hass.config.language = "de"
    response = await actions.call("run_program", walker="Anna", steps=[{"minutes": 1, "speed": 9}])
    [fast, late] = response["cuts"]
    assert fast == {
        "kind": "too_fast",
        "steps": [1],
        "asked": 9,
        "becomes": 3,
        "text": "Schritt 1: 9 km/h ist hier zu schnell. Daraus werden 3 km/h.",
    }
    assert (late["kind"], late["asked"], late["becomes"]) == ("speed_not_reached", 3, 0.5)
    assert {step["phase"] for step in response["steps"]} == {"warm_up", "cool_down"}


async def test_a_preset_is_made_for_the_limits_and_not_cut(house: House, actions: Actions) -> None:
    await set_up(house)
    assert (await actions.call("run_program", walker="Anna", program="daily_five"))["cuts"] == []


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({}, "program_or_steps"),
        ({"program": "daily_five", "steps": TWO}, "program_or_steps"),
        ({"program": "Nordic"}, "program_unknown"),
        ({"program": "plan"}, "program_unknown"),
        ({"program": "intervals"}, "program_too_early"),
        ({"steps": []}, "program_empty"),
        ({"steps": "fast"}, "program_empty"),
        ({"steps": TWO, "name": "Plan"}, "program_name_reserved"),
        ({"steps": [{"speed": 2}]}, "program_no_length"),
        ({"steps": [{"minutes": 2, "speed": 99}]}, "program_speed"),
        ({"steps": [{"minutes": 20}, {"minutes": 20}]}, "program_too_long"),
        ({"steps": TWO, "walker": "Carl"}, "walker_unknown"),
    ],
)
async def test_what_cannot_be_walked_is_refused_in_words(
    house: House,
    actions: Actions,
    data: dict[str, Any],
    refusal: str,
) -> None:
    await set_up(house)
    assert await actions.refused("run_program", by=house.person(), **data) == refusal
    assert house.state("session_state") == "idle"


async def test_s4_hills_wait_for_the_first_session_and_the_refusal_calls_them_what_the_select_does(
    house: House, actions: Actions
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    with pytest.raises(ServiceValidationError) as error:
        await actions.call("run_program", by=house.person(), walker="Anna", program="gentle_hills")
    assert error.value.translation_key == "program_after_first"
    assert str(error.value).startswith("Gentle hills is available after your first backward session")
    await house.store_session("anna")
    await actions.call("run_program", by=house.person(), walker="Anna", program="gentle_hills")
    assert house.state("session_state") == "ready"


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"program": "plan", "minutes": 7}, "program_sets_itself"),
        ({"program": "plan", "speed": 1.5}, "program_sets_itself"),
        ({"program": "daily_five", "minutes": 6}, "minutes_out_of_range"),
        ({"program": "daily_five", "minutes": "nan"}, "minutes_out_of_range"),
        ({"program": "gentle_hills", "minutes": 9}, "minutes_out_of_range"),
        ({"program": "comeback", "speed": 1.6}, "speed_out_of_range"),
        ({"program": "builder", "speed": 3.1}, "speed_out_of_range"),
        ({"program": "builder", "minutes": 21}, "minutes_out_of_range"),
        ({"program": "long", "direction": "backward"}, "program_too_long"),
    ],
)
async def test_a_length_and_a_speed_that_a_program_does_not_take_are_refused(
    house: House, actions: Actions, data: dict[str, Any], refusal: str
) -> None:
    forty = own("Long", direction="forward", steps=[{"minutes": 40, "speed": 3.0}])
    await set_up(house, forty)
    assert await actions.refused("start_session", walker="Anna", **data) == refusal
    assert house.state("session_state") == "idle"


async def test_s4_a_beginner_is_refused_a_presets_speed_above_the_first_sessions_ceiling(
    house: House, actions: Actions
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    assert (
        await actions.refused("start_session", walker="Anna", program="daily_five", speed=2.5) == "speed_out_of_range"
    )
    await actions.call("start_session", walker="Anna", program="daily_five", speed=2.0)


async def test_the_knee_weeks_have_their_hill_from_the_fifth_week_on(house: House, actions: Actions) -> None:
    await set_up(house)
    day = dt_util.utcnow()
    for days in (34, 20, 6):
        await house.store_session("anna", 10, program="knee_six_weeks", ended=day - timedelta(days=days))
    response = await actions.call("run_program", walker="Anna", program="knee_six_weeks")
    assert max(step["incline"]["to"] for step in response["steps"]) == 1
    await actions.call("stop")
    response = await actions.call("run_program", walker="guest", program="knee_six_weeks")
    assert max(step["incline"]["to"] for step in response["steps"]) == 0


async def test_the_peak_of_a_program_is_no_level_of_the_plan(house: House, actions: Actions) -> None:
    await set_up(house)
    await house.store_session("anna", planned=300, planned_speed=2.0, max_speed=2.0)
    await house.settle()
    planned = house.full_state("next_session").attributes["speed"]
    assert planned == 2.0
    await actions.call("start_session", walker="Anna", program="first_steps")
    await house.press("start")
    await walk_to_the_end(house, 7)
    record = house.coordinator.roster.history.last("anna")
    assert (record.program, record.planned_speed, record.max_speed) == ("first_steps", None, pytest.approx(1.5))
    assert house.full_state("next_session").attributes["speed"] == planned


async def test_a_program_longer_than_the_limits_allow_is_refused(house: House, actions: Actions) -> None:
    long = own("Long", steps=[{"minutes": 12, "speed": 1.0}])
    entry = make_entry({"control": "control", "safety_key": False, "rail": False}, [walker_subentry(), long])
    await house.set_up(entry)
    assert await actions.refused("run_program", program="long") == "minutes_out_of_range"
    await choose(house, "Long")
    with pytest.raises(ServiceValidationError, match="10"):
        await house.press("start")
    assert house.state("session_state") == "idle"


async def test_a_start_session_may_name_a_program_too(house: House, actions: Actions) -> None:
    await set_up(house, own())
    assert await actions.refused("start_session", program="evening", minutes=7) == "program_sets_itself"
    response = await actions.call("start_session", program=" evening")
    assert (response["program"], response["minutes"]) == ("Evening", 5)
    assert house.state("program") == "Evening"
    await actions.call("stop")
    response = await actions.call("start_session", program="daily_five", minutes=4, speed=2.0)
    assert (response["program"], response["minutes"]) == ("daily_five", 4)
    assert house.coordinator.session.program.main.speed == pytest.approx(2.0)
    await actions.call("stop")
    response = await actions.call("start_session", program="evening", direction="forward")
    assert response["direction"] == "forward"


# By the select


async def test_presets_and_own_programs_are_offered(house: House) -> None:
    await set_up(house, own(), own("Morning"))
    presets = ["first_walk", "first_steps", "daily_five", "comeback", "knee_six_weeks", "builder", "gentle_hills"]
    assert options(house) == ["plan", "free", *presets, "Evening", "Morning"]
    assert house.state("program") == "plan"
    for _ in range(9):
        await house.store_session("anna", planned=300)
    await house.settle()
    assert "intervals" in options(house)


async def test_what_the_machine_cannot_do_is_not_offered(house: House) -> None:
    house.treadmill.profile = Profile(incline=None)
    flat = {**CAPABILITIES.as_dict(), "incline_range": None, "reports_incline": False}
    await house.set_up(make_entry(capabilities=flat))
    assert "gentle_hills" not in options(house)


async def test_a_preset_is_chosen_walked_and_recorded(house: House) -> None:
    await set_up(house)
    await choose(house, "daily_five")
    assert float(house.state("session_length")) == 5
    await house.press("start")
    assert house.state("program") == "daily_five"
    with pytest.raises(ServiceValidationError, match="Stop"):
        await choose(house, "free")
    await house.press("start")
    await walk_to_the_end(house, 7)
    record = house.coordinator.roster.history.last("anna")
    assert (record.program, record.completed, record.max_speed) == ("daily_five", True, pytest.approx(1.5))
    assert house.state("program") == "plan"  # a choice is for one session


async def test_an_own_program_is_chosen_and_its_steps_are_shown(hass: HomeAssistant, house: House) -> None:
    await set_up(house, own(steps=TWO))
    assert house.state("program_step") == "unknown"
    await choose(house, "Evening")
    assert float(house.state("session_length")) == 6
    await house.walk()
    step = house.full_state("program_step")
    assert step.state == "1"
    attributes = {"program": "Evening", "number": 1, "steps": 2, "label": "First"}
    assert {key: step.attributes[key] for key in attributes} == attributes
    await house.time(125)
    step = house.full_state("program_step")
    assert (step.state, step.attributes["label"]) == ("2", "Second")
    await house.press("stop")
    await house.time(10)
    assert house.state("program_step") == "unknown"


async def test_a_length_that_is_chosen_makes_a_free_walk(house: House) -> None:
    await set_up(house)
    await choose(house, "daily_five")
    await house.set_number("session_length", 8)
    assert house.state("program") == "free"
    await house.press("start")
    assert house.coordinator.session.program is None
    assert house.coordinator.session.length == 480


async def test_free_does_not_follow_the_plan(house: House) -> None:
    await set_up(house)
    await choose(house, "free")
    await house.press("start")
    assert house.coordinator.session.request.program_name is None
    assert house.coordinator.session.planned_target is None


# Stored as subentries


async def test_programs_come_change_and_go_without_a_reload_also_under_a_walker(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(house)
    coordinator, entry = house.coordinator, house.entry
    await house.walk()
    coordinator.programs.save(Program.from_dict(EVENING))
    await house.settle()
    assert "Evening" in options(house)
    coordinator.programs.save(Program.from_dict({**EVENING, "name": "EVENING", "steps": TWO}))
    await house.settle()
    assert options(house)[-1] == "EVENING"
    (subentry,) = [each for each in entry.subentries.values() if each.subentry_type == "program"]
    assert (subentry.title, subentry.data["steps"]) == ("EVENING", TWO)
    await house.press("stop")
    await house.time(70)
    await choose(house, "EVENING")
    coordinator.programs.delete("evening")
    await house.settle()
    assert (house.state("program"), options(house)[-1]) == ("plan", "gentle_hills")
    assert house.coordinator is coordinator


async def test_a_program_that_home_assistant_renamed_stays_a_choice(house: House) -> None:
    await set_up(
        house, own("free", subentry_id="one"), own("Hills", subentry_id="two"), own("hills", subentry_id="three")
    )
    assert options(house)[-3:] == ["free (2)", "Hills", "hills (2)"]
    assert len(set(options(house))) == len(options(house))
    await choose(house, "Hills")
    subentry = house.entry.subentries["two"]
    house.hass.config_entries.async_update_subentry(house.entry, subentry, title="HILLS")
    await house.settle()
    assert house.state("program") == "HILLS"


async def test_a_program_that_cannot_be_read_is_left_out(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await set_up(house, own(steps=[{"minutes": -1}]), own("Morning"))
    assert options(house)[-1] == "Morning"
    assert "Could not read the program Evening: Step 1" in caplog.text


async def test_deleting_what_is_not_ones_own_is_refused(house: House) -> None:
    await set_up(house)
    with pytest.raises(ServiceValidationError) as error:
        house.coordinator.programs.delete("daily_five")
    assert error.value.translation_key == "program_not_own"


# During a session


async def test_a_step_is_skipped_by_a_person_where_it_goes_up(house: House, actions: Actions) -> None:
    await set_up(house, own(steps=[*TWO, {"minutes": 4, "speed": 1.0}]))
    await choose(house, "Evening")
    await house.walk()
    await house.time(70)
    assert await actions.refused("skip_step") == "needs_person"
    await actions.call("skip_step", by=house.person())
    await house.time(1)
    assert house.state("program_step") == "2"
    await actions.call("skip_step")  # any caller may skip to a slower step
    await house.time(1)
    assert house.state("program_step") == "3"


async def test_without_a_program_there_is_nothing_to_skip(house: House, actions: Actions) -> None:
    await set_up(house)
    assert await actions.refused("skip_step", by=house.person()) == "not_steering"
    await choose(house, "free")
    await house.walk()
    assert await actions.refused("skip_step", by=house.person()) == "nothing_to_skip"


async def test_a_ramp_is_walked_evenly(house: House, actions: Actions) -> None:
    await set_up(house)
    await house.set_number("session_length", 10)
    await house.walk()
    await actions.call("ramp_to", by=house.person(), speed=1.5, seconds=100)
    assert house.state("target_speed") == "1.5"
    await house.time(50)
    assert house.treadmill.speed == pytest.approx(1.0, abs=0.11)
    await house.time(60)
    assert house.treadmill.speed == pytest.approx(1.5)
    await actions.call("ramp_to", speed=1.0, seconds=20)  # any caller may slow down
    await house.time(30)
    assert house.treadmill.speed == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({}, "nothing_to_change"),
        ({"speed": 3.1}, "speed_out_of_range"),
        ({"speed": 0.3}, "speed_out_of_range"),
        ({"speed": "nan"}, "speed_out_of_range"),
        ({"incline": 4}, "incline_out_of_range"),
        ({"speed": 1.0, "seconds": -1}, "seconds_out_of_range"),
        ({"speed": 1.0, "seconds": "nan"}, "seconds_out_of_range"),
    ],
)
async def test_a_ramp_that_cannot_be_is_refused_and_changes_nothing(
    house: House,
    actions: Actions,
    data: dict[str, Any],
    refusal: str,
) -> None:
    await set_up(house)
    await choose(house, "free")
    await house.walk()
    assert await actions.refused("ramp_to", by=house.person(), **data) == refusal
    assert house.state("target_speed") == "0.5"


async def test_s16_less_is_less_than_now_while_a_ramp_rises(house: House, actions: Actions) -> None:
    await set_up(house)
    await house.set_number("session_length", 10)
    await house.walk()
    await actions.call("ramp_to", by=house.person(), speed=2.0, seconds=120)
    await house.time(60)
    speed = house.treadmill.speed
    await actions.call("adjust", speed_delta=-0.2)  # any caller may request less
    await house.time(20)
    assert house.treadmill.speed == pytest.approx(speed - 0.2, abs=0.11)


async def test_s16_a_ramp_upward_needs_a_person(house: House, actions: Actions) -> None:
    await set_up(house)
    assert await actions.refused("ramp_to", speed=1.0) == "not_steering"
    await choose(house, "free")
    await house.walk()
    assert await actions.refused("ramp_to", speed=1.0) == "needs_person"
    assert await actions.refused("ramp_to", of="anna", speed=1.0) == "needs_person"
