"""The owner's choices about how a treadmill behaves: yes, no, or as found."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from custom_components.retrowalk.flows.quirks import SHOWN
from custom_components.retrowalk.machine.model import Quirk
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.house import CONTROL, House, make_entry


async def opened(house: House) -> ConfigFlowResult:
    assert house.entry is not None
    flow = house.hass.config_entries.options
    result = await flow.async_init(house.entry.entry_id)
    return await flow.async_configure(result["flow_id"], {"next_step_id": "machine"})


async def choose(house: House, **choices: str) -> None:
    result = await opened(house)
    answers: dict[str, Any] = {"units": "found_out", "behavior": choices}
    await house.hass.config_entries.options.async_configure(result["flow_id"], answers)
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)


def stop_step(house: House) -> StopStep:
    return house.coordinator.session.rules.measured.stop_step


async def test_a_choice_holds_at_once_and_can_be_taken_back(house: House) -> None:
    await house.set_up()
    assert stop_step(house) is StopStep.STOP
    await choose(house, stop_at_rest="yes", second_start="yes", late_speed="no")
    assert house.entry is not None
    assert house.entry.options["quirks"] == {"stop_at_rest": True, "second_start": True, "late_speed": False}
    assert stop_step(house) is StopStep.PAUSE
    assert house.coordinator.session.rules.measured.second_start
    assert not house.coordinator.session.rules.blocked_by
    await choose(house, stop_at_rest="found", second_start="found", late_speed="found")
    assert house.entry.options["quirks"] == {}
    assert stop_step(house) is StopStep.STOP


async def test_the_dialog_shows_what_was_chosen_and_what_is_found(house: House) -> None:
    options = {**CONTROL, "quirks": {"second_start": True, "unlock": False}}
    house.treadmill.profile = replace(house.treadmill.profile, model="7.4AT")  # our table knows it
    await house.set_up(make_entry(options, quirks={"time_limit": 1800.0}))
    await house.until(lambda: house.state("connection") == "connected")
    result = await opened(house)
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["found"] == "- Stops by itself after 30 minutes (a known model)"
    assert result["data_schema"] is not None
    fields = result["data_schema"].schema["behavior"].schema.schema
    defaults = {str(field): field.default() for field in fields}
    assert defaults.pop("second_start") == "yes"
    assert set(defaults.values()) == {"found"}
    await house.hass.config_entries.options.async_configure(
        result["flow_id"], {"units": "found_out", "behavior": {"second_start": "no"}}
    )
    assert house.entry is not None
    # What is not shown stays.
    assert house.entry.options["quirks"] == {"second_start": False, "unlock": False}


async def test_an_ordinary_machine_has_nothing_to_tell(house: House) -> None:
    await house.set_up()
    result = await opened(house)
    assert result["description_placeholders"] == {
        "found": "Nothing out of the ordinary.",
        "known_incline": "",
    }


async def test_a_stop_is_a_stop_whatever_is_chosen(house: House) -> None:
    await house.set_up()
    await choose(house, **dict.fromkeys((quirk.value for quirk in SHOWN if quirk is not Quirk.CONSOLE_DEAD), "yes"))
    await house.walk()
    house.commands()
    await house.press("stop")
    await house.time(15)
    assert house.treadmill.at_rest
    assert house.commands()[0] in {b"\x08\x01", b"\x08\x02"}
