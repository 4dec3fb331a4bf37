"""Machines in all units: checked, walked on, recorded and shown truly, and never above a limit (S4, S5, S9)."""

from dataclasses import dataclass
from typing import Any

import pytest
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import CONF_CHECK, CONF_FIELDS
from custom_components.retrowalk.machine.model import KM_PER_MILE, MachineUnits, Unit
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from tests.support.check_dialog import Dialog
from tests.support.house import CONTROL, House, make_entry, walker_subentry

KM, MI = Unit.KILOMETERS, Unit.MILES
FIRST = 2.0
"""km/h, the limit of a first session."""


@dataclass(frozen=True)
class Kind:
    """A kind of machine: its faults, the units that they mean, and what its console shows while it is checked."""

    faults: dict[str, bool]
    units: MachineUnits
    console: str

    async def check(self, house: House, dialog: Dialog) -> None:
        """Pass the check run of this machine, never above the limit."""
        house.faults.update(self.faults)
        await dialog.start()
        fastest = held = 0.0
        while dialog.step["type"] == "progress":
            await house.time(2)
            fastest = max(fastest, house.treadmill.speed)
            await dialog.refresh()
            if dialog.step.get("progress_action") == "check_hold":
                held = house.treadmill.speed
        assert fastest <= 6.0
        assert dialog.step["step_id"] == "check_console", dialog.step
        shown = round(held / (KM_PER_MILE if self.console == "mph" else 1.0), 1)
        answer = {"console": "nothing"} if self.console == "nothing" else {"console_speed": shown}
        await dialog.submit(**{"console": self.console, **answer})
        assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed"), dialog.step
        await dialog.close()
        await house.time(10)


def units(takes: Unit = KM, tells: Unit = KM, counts: Unit = KM) -> MachineUnits:
    return MachineUnits(takes=takes, tells=tells, counts=counts)


KINDS = {
    "kilometers": Kind({}, units(), "kmh"),
    "takes miles": Kind({"miles_taken_only": True}, units(takes=MI), "mph"),
    "takes miles, console in kilometers": Kind({"miles_taken_only": True}, units(takes=MI), "kmh"),
    "miles": Kind({"miles": True}, units(MI, MI), "mph"),
    "miles throughout": Kind({"miles": True, "distance_in_miles": True}, units(MI, MI, MI), "mph"),
    "reports miles": Kind({"miles_reported_only": True}, units(tells=MI), "mph"),
}
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
async def dialog(house: House, hass_client: ClientSessionGenerator) -> Dialog:
    """Return the dialog of a treadmill that was not checked."""
    assert await async_setup_component(house.hass, "config", {})
    await house.set_up(make_entry(CONTROL, walkers=[walker_subentry()], **{CONF_CHECK: None}))
    return Dialog(house, await hass_client())


def stored(house: House) -> StoredCheck:
    assert house.entry is not None
    check = StoredCheck.from_data(house.entry.data)
    assert check is not None
    return check


class Walk:
    """A session, judged by the true belt while time passes."""

    def __init__(self, house: House, limit: float) -> None:
        self.house = house
        self.limit = limit
        self.fastest = 0.0
        self.least = house.treadmill.profile.speed.minimum * house.treadmill.kmh_per_unit

    async def go(self, seconds: float) -> None:
        """Let time pass; the belt never goes above the limit, and rises by at most 0.2 km/h in 5 s (S4, S5)."""
        house = self.house
        history: list[float] = []
        for _ in range(round(seconds)):
            await house.time(1, dt=1.0)
            speed = house.treadmill.speed
            self.fastest = max(self.fastest, speed)
            assert speed <= self.limit + 1e-6
            history.append(speed)
            if house.state("session_state") in {"warm_up", "active", "cool_down"} and len(history) > 5:
                assert speed - max(history[-6], self.least) <= 0.2 + 1e-6

    async def shown_truly(self) -> None:
        """Assert that what the entities show is what the belt does."""
        house = self.house
        assert float(house.state("speed")) == pytest.approx(house.treadmill.speed, abs=0.05)
        assert house.full_state("speed").attributes["unit_of_measurement"] == "km/h"


async def record_of(house: House) -> SessionRecord:
    [record] = house.coordinator.roster.history
    return record


@pytest.mark.sampled(2)
@ALL
async def test_a_session_on_a_machine_of_any_unit_is_walked_shown_and_recorded_truly(
    house: House, dialog: Dialog, kind: Kind
) -> None:
    await kind.check(house, dialog)
    check = stored(house)
    assert (check.failure, check.calibration.units) == (None, kind.units)
    factor = kind.units.takes.factor
    assert check.findings.start_speed == pytest.approx(0.5 * factor, abs=0.02)
    limits = house.coordinator.session.rules.capabilities.speed_range
    assert limits is not None
    assert (limits.minimum, limits.step) == (pytest.approx(0.5 * factor), pytest.approx(0.1 * factor))

    await house.set_number("session_length", 4)
    house.commands()
    walk = Walk(house, FIRST)
    await house.walk()
    assert house.treadmill.speed == pytest.approx(0.5 * factor, abs=0.01)
    # More than is allowed is cut to the limit, whatever the machine takes it for.
    with pytest.raises(ServiceValidationError):
        await house.set_number("target_speed", 3.0)
    highest = float(house.full_state("target_speed").attributes["max"])
    assert highest <= FIRST
    await house.set_number("target_speed", highest)
    await walk.go(150)
    assert walk.fastest > FIRST - 0.2
    await walk.shown_truly()
    assert float(house.state("target_speed")) == pytest.approx(house.treadmill.speed, abs=0.05)
    sent = [int.from_bytes(data[1:3], "little") for data in house.commands() if data[0] == 2]
    assert min(sent) == 50  # never below the machine's own minimum
    assert max(sent) * factor <= FIRST * 100
    await house.press("pause")
    await walk.go(15)
    before = house.treadmill.distance  # its own session is ended, and it counts anew
    await house.press("resume")
    await house.press("resume")
    await walk.go(30)
    while house.state("session_state") != "finished":
        await walk.go(5)
    assert house.treadmill.at_rest
    record = await record_of(house)
    true = before * (house.treadmill.distance < before) + house.treadmill.distance
    assert record.distance == pytest.approx(true, abs=4)
    assert record.max_speed == pytest.approx(walk.fastest, abs=0.02)
    net = record.calories / max(record.distance, 1.0)
    assert 0.05 < net < 0.3  # kcal per meter; of speeds in miles it would be far off
    assert house.coordinator.session.rules.blocked_by is None


@ALL
async def test_what_was_found_out_outlasts_a_restart(house: House, dialog: Dialog, kind: Kind) -> None:
    await kind.check(house, dialog)
    assert house.entry is not None
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    house.commands()
    await house.walk()
    assert house.state("session_state") == "warm_up"
    assert house.treadmill.speed == pytest.approx(0.5 * kind.units.takes.factor, abs=0.01)
    await Walk(house, FIRST).shown_truly()
    await house.press("stop")
    await house.time(10)


SWITCHED: dict[str, tuple[str, dict[str, Any]]] = {
    "kilometers to miles": ("kilometers", {"miles": True}),
    "kilometers to miles reported": ("kilometers", {"miles_reported_only": True}),
    "miles to kilometers": ("miles", {"miles": False}),
    "reported miles to kilometers": ("reports miles", {"miles_reported_only": False}),
}


@pytest.mark.parametrize(("kind", "switch"), SWITCHED.values(), ids=SWITCHED)
async def test_s9_a_console_that_is_switched_later_ends_the_session_gently_and_makes_a_check_run_due(
    house: House, dialog: Dialog, kind: str, switch: dict[str, Any]
) -> None:
    await KINDS[kind].check(house, dialog)
    await house.set_number("session_length", 10)
    await house.walk()
    await house.set_number("target_speed", float(house.full_state("target_speed").attributes["max"]))
    await Walk(house, FIRST).go(120)
    before = house.treadmill.speed
    house.faults.update(switch)
    speeds = []
    for _ in range(160):
        await house.time(1, dt=1.0)
        speeds.append(house.treadmill.speed)
        if house.state("session_state") == "finished":
            break
    assert house.state("session_state") == "finished"
    assert house.treadmill.at_rest
    # At once it is as much faster as a mile is longer; from then on it only falls.
    assert max(speeds) <= before * KM_PER_MILE + 0.1
    check = stored(house)
    assert check.failure is not None
    assert check.failure.value == "miles"
    await house.time(70)
    with pytest.raises(ServiceValidationError) as refused:
        await house.press("start")
    assert refused.value.translation_key == "takes_miles"
    # The check run that is due finds out what it is now.
    now = {"kilometers to miles": "miles", "kilometers to miles reported": "reports miles"}
    await Kind({}, units(), "kmh").check(house, dialog)
    assert stored(house).failure is None
    name = next(name for name, each in SWITCHED.items() if each == (kind, switch))
    expected = KINDS[now.get(name, "kilometers")]
    assert stored(house).calibration.units == expected.units
    await house.walk()
    await Walk(house, FIRST).shown_truly()
    await house.press("stop")
    await house.time(10)


@pytest.mark.parametrize("kind", ["kilometers", "takes miles"])
async def test_s18_a_deck_whose_incline_never_comes_is_not_moved_after_the_units_were_found_out(
    house: House, hass_client: ClientSessionGenerator, kind: str
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    house.faults.no_incline_reported = True
    fields = {"seen": [], "missing": ["incline"]}
    await house.set_up(make_entry(CONTROL, walkers=[walker_subentry()], **{CONF_CHECK: None, CONF_FIELDS: fields}))
    assert house.coordinator.session.rules.capabilities.incline_range is None
    await KINDS[kind].check(house, Dialog(house, await hass_client()))
    assert stored(house).failure is None
    assert house.coordinator.session.rules.capabilities.incline_range is None


@pytest.mark.parametrize(
    "faults", [{}, {"miles": True, "distance_in_miles": True}, {"miles": True, "no_counters": True}]
)
async def test_s4_a_console_that_shows_nothing_lets_no_limit_be_passed_and_the_owner_hears_how_to_lift_it(
    house: House, dialog: Dialog, faults: dict[str, bool]
) -> None:
    await Kind(faults, units(), "nothing").check(house, dialog)
    proof = "none" if faults.get("no_counters") else "likely"
    assert stored(house).findings.unit_proof == proof
    told = dialog.step["description_placeholders"]["units"]
    assert "repeat the check run and enter what the console" in told
    assert ("its distance fits both" in told) is (proof == "likely")
    assert "**First backward session:** 0.5 to 1.2 km/h" in dialog.step["description_placeholders"]["who"]
    await house.set_number("session_length", 4)
    await house.walk()
    assert float(house.full_state("target_speed").attributes["max"]) == 1.2
    await house.set_number("target_speed", 1.2)
    walk = Walk(house, FIRST)
    await walk.go(120)
    assert walk.fastest == pytest.approx(1.2 * house.treadmill.kmh_per_unit, abs=0.01)
    await house.press("stop")
    await house.time(20)
    assert house.entry is not None
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    house.forget()
    assert house.coordinator.session.rules.measured.unit_unsure


@pytest.mark.parametrize(("counters", "lifted"), [(True, True), (False, False)])
async def test_s9_a_word_for_kilometers_lifts_it_where_the_distance_fits(
    house: House, dialog: Dialog, counters: bool, lifted: bool
) -> None:
    await Kind({"no_counters": not counters}, units(), "nothing").check(house, dialog)
    assert house.entry is not None
    options = house.hass.config_entries.options
    form = await options.async_init(house.entry.entry_id)
    form = await options.async_configure(form["flow_id"], {"next_step_id": "machine"})
    assert "Nothing " in form["description_placeholders"]["found"]
    await options.async_configure(form["flow_id"], {"units": "kilometers", "behavior": {}, "incline": "found_out"})
    await house.settle()
    house.forget()
    await house.time(6)
    rules = house.coordinator.session.rules
    assert rules.blocked_by is None
    assert rules.measured.unit_unsure is not lifted
