"""The dialog of the check run with a machine whose minimum is no speed (safety rule S9)."""

from dataclasses import replace

import pytest
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_VIRTUAL
from custom_components.retrowalk.machine.calibration import Calibration
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.check.result import CheckResult
from custom_components.retrowalk.training.rules import Refusal, Rules
from custom_components.retrowalk.treadmill.check_result import StoredCheck, with_check
from custom_components.retrowalk.treadmill.options import Options
from tests.support.check_dialog import START, Dialog
from tests.support.house import CAPABILITIES, PASSED, House, make_entry

LEAST = 0.6


async def open_dialog(house: House, client: ClientSessionGenerator, *, claims: float, below: str) -> Dialog:
    """Return the dialog of a treadmill that claims a minimum below the least that its belt goes."""
    speeds = ValueRange(claims, 18.0, 0.1)
    house.treadmill.profile = Profile(speed=speeds)
    house.faults.update({"least_speed": LEAST, "below_least": below})
    assert await async_setup_component(house.hass, "config", {})
    capabilities = replace(CAPABILITIES, speed_range=speeds).as_dict()
    await house.set_up(make_entry(**{CONF_CHECK: None, CONF_CAPABILITIES: capabilities}))
    return Dialog(house, await client())


def speed_commands(house: House) -> list[float]:
    return [int.from_bytes(data[1:3], "little") / 100 for data in house.commands() if data[:1] == b"\x02"]


def kept(house: House) -> StoredCheck:
    assert house.entry is not None
    check = StoredCheck.from_data(house.entry.data)
    assert check is not None
    return check


async def answer(dialog: Dialog) -> None:
    assert dialog.step["step_id"] == "check_console", dialog.step
    await dialog.submit(console="kmh", console_speed=LEAST + 0.1)
    assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed"), dialog.step


@pytest.mark.parametrize("below", ["stops", "ignores", "declines", "clamps"])
async def test_s9_with_a_minimum_of_zero_the_start_speed_is_kept_and_walked_from(
    house: House, hass_client: ClientSessionGenerator, below: str
) -> None:
    dialog = await open_dialog(house, hass_client, claims=0.0, below=below)
    house.commands()
    await dialog.run()
    assert speed_commands(house) == [LEAST, LEAST + 0.1]
    await answer(dialog)
    assert (kept(house).failure, kept(house).findings.lowest) == (None, LEAST)
    await house.time(10)
    await house.walk()
    assert house.full_state("target_speed").attributes["min"] == LEAST
    await house.press("finish")
    await house.time(60)
    assert house.treadmill.at_rest
    assert min(speed_commands(house)) == LEAST


async def test_s9_a_minimum_that_stops_the_belt_is_left_out_of_the_next_check_run(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    dialog = await open_dialog(house, hass_client, claims=0.3, below="stops")
    house.commands()
    step = await dialog.run()
    assert (step["step_id"], step["errors"]) == ("check_failed", {"base": "minimum_stops"})
    assert speed_commands(house) == [0.3]
    assert kept(house).findings.lowest == LEAST
    await house.time(10)
    await dialog.close()
    await dialog.run()
    assert speed_commands(house) == [LEAST, LEAST + 0.1]
    await answer(dialog)
    await house.time(10)
    await house.walk()
    assert min(speed_commands(house), default=LEAST) == LEAST


async def test_s9_with_a_minimum_of_zero_nothing_is_released_before_the_start_speed_is_known(house: House) -> None:
    capabilities = replace(CAPABILITIES, speed_range=ValueRange(0.0, 18.0, 0.1)).as_dict()
    house.treadmill.profile = Profile(speed=ValueRange(0.0, 18.0, 0.1))
    await house.set_up(make_entry(**{CONF_CAPABILITIES: capabilities}))
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "not_checked"
    assert START not in house.commands()


def test_s9_a_virtual_treadmill_with_a_minimum_of_zero_has_to_be_checked_too() -> None:
    for least, blocked_by in ((0.0, Refusal.NOT_CHECKED), (0.5, None)):
        rules = Rules(control=True, capabilities=Capabilities(speed_range=ValueRange(least, 18.0, 0.1)))
        assert with_check(rules, {CONF_VIRTUAL: True}, Options(), Calibration()).blocked_by is blocked_by


async def test_s9_a_check_run_of_an_earlier_version_lends_its_start_speed(house: House) -> None:
    found = CheckResult(start_speed=LEAST).as_dict()
    del found["lowest"]
    house.treadmill.profile = Profile(speed=ValueRange(0.0, 18.0, 0.1))
    house.faults.update({"least_speed": LEAST, "below_least": "stops"})
    capabilities = replace(CAPABILITIES, speed_range=ValueRange(0.0, 18.0, 0.1)).as_dict()
    await house.set_up(make_entry(**{CONF_CAPABILITIES: capabilities, CONF_CHECK: PASSED | {"findings": found}}))
    await house.walk()
    assert house.full_state("target_speed").attributes["min"] == LEAST
