"""A deck that takes coarser steps than it says, or does not follow: found out, kept and told (S9)."""

import pytest
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_DECK, CONF_INFO, DOMAIN
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.limits import Measured
from custom_components.retrowalk.treadmill.check_result import deck_step_of, rules_of
from custom_components.retrowalk.treadmill.options import Options
from tests.support.house import CAPABILITIES, CONTROL, House, make_entry

FINE = ValueRange(0.0, 15.0, 0.1)


async def walk_forward(house: House) -> None:
    house.peripheral.treadmill.profile = Profile(incline=FINE)
    stated = {**CAPABILITIES.as_dict(), "incline_range": {"minimum": 0.0, "maximum": 15.0, "step": 0.1}}
    await house.set_up(make_entry({**CONTROL, "countdown_forward": 3}, **{CONF_CAPABILITIES: stated}))
    await house.time(2)
    await house.call("select", "select_option", "direction", by=house.person(), option="forward")
    await house.press("start")
    await house.time(3)
    await house.press("start")
    await house.time(30)


@pytest.mark.parametrize("up", [False, True])
async def test_s9_whole_percents_are_found_out_and_kept(house: House, up: bool) -> None:
    house.faults.coarse_inclines, house.faults.coarse_inclines_up = 1.0, up
    await walk_forward(house)
    await house.set_number("target_incline", 2.0)
    await house.time(90)
    assert house.treadmill.incline == 2.0
    assert house.entry.data[CONF_DECK] == {"step": 1.0, "firmware": house.entry.data[CONF_INFO]["firmware"]}
    assert house.coordinator.session.rules.measured.incline_step == 1.0
    assert house.treadmill.speed > 0
    assert not house.coordinator.runner.quiet
    assert rules_of(house.entry.data, Options.read(house.entry.options)).measured.incline_step == 1.0


async def test_s9_an_ignored_incline_makes_no_repair_and_the_speed_still_rises(house: House) -> None:
    house.faults.ignore_incline = True
    await walk_forward(house)
    await house.set_number("target_incline", 2.0)
    await house.time(90)
    repair = ir.async_get(house.hass).async_get_issue(DOMAIN, f"not_obeyed_{house.entry.entry_id}")
    assert repair is None
    assert CONF_DECK not in house.entry.data
    await house.set_number("target_speed", 2.0)
    await house.time(20)
    assert house.treadmill.speed == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("kept", "step"),
    [
        ({"step": 1.0, "firmware": "1"}, 1.0),
        ({"step": 1.0, "firmware": "2"}, None),
        ({"step": 7.0, "firmware": "1"}, None),
        ({"step": "much", "firmware": "1"}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_was_kept_holds_for_its_firmware_and_damage_is_none(kept: object, step: float | None) -> None:
    data = {CONF_INFO: {"firmware": "1"}, CONF_DECK: kept, CONF_CHECK: None}
    assert deck_step_of(data) == step
    assert Measured().incline_step is None
    assert Capabilities.from_dict({"incline_range": {"minimum": 0, "maximum": 9, "step": 1}}).incline_range is not None
