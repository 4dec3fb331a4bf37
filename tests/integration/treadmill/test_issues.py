"""Repair issues that sessions create, and the options that affect calories."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.training.events import CommandMismatch
from custom_components.retrowalk.training.history.energy import EnergyModel, model_power_per_kg
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.treadmill.issues import CommandMismatchIssue
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.session_events import session_event


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: the years are files on disk."""
    return {}


def issue(house: House, key: str) -> ir.IssueEntry | None:
    assert house.entry is not None
    return ir.async_get(house.hass).async_get_issue(DOMAIN, f"{key}_{house.entry.entry_id}")


async def text_of(house: House, repair: ir.IssueEntry) -> str:
    """Return the text of an issue, with every placeholder filled."""
    texts = await async_get_translations(house.hass, "en", "issues", {DOMAIN})
    prefix = f"component.{DOMAIN}.issues.{repair.translation_key}"
    description = "fix_flow.step.init.description" if repair.is_fixable else "description"
    return " ".join(texts[f"{prefix}.{part}"] for part in ("title", description)).format(
        **(repair.translation_placeholders or {})
    )


# S9: a belt that does not obey


async def disobey(house: House, finding: CommandMismatch) -> None:
    """Walk on a belt that does not obey until it is detected, and end the session as planned."""
    await house.walk()
    house.faults.ignore_speed = finding is CommandMismatch.IGNORED
    house.commands()
    await house.set_number("target_speed", 1.5)
    while OpCode.SET_TARGET_SPEED not in {command[0] for command in house.commands()}:
        await house.time(0.5)
    house.faults.overshoot = 0.6 if finding is CommandMismatch.OVERSHOOT else 0.0
    await house.time(60)
    house.faults.clear()
    await house.press("finish")
    await house.time(50)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("finding", [CommandMismatch.IGNORED, CommandMismatch.OVERSHOOT])
async def test_s9_what_was_found_is_told_until_a_session_ends_well(house: House, finding: CommandMismatch) -> None:
    await house.set_up()
    await disobey(house, finding)
    repair = issue(house, "not_obeyed")
    assert repair is not None
    assert repair.translation_key == f"not_obeyed_{finding.value}"
    assert "Treadmill" in await text_of(house, repair)
    assert repair.is_persistent  # a restart does not prove that it obeys
    # A session that is stopped, or ended at the console, proves nothing.
    await house.time(60)
    await house.walk()
    await house.press("stop")
    await house.time(70)
    assert issue(house, "not_obeyed") is not None
    await house.walk()
    await house.press("finish")
    await house.time(50)
    assert issue(house, "not_obeyed") is None


@pytest.mark.parametrize("fault", ["miles", "miles_reported_only"])
async def test_s9_a_console_switched_to_miles_in_use_is_noticed_and_the_belt_slowed(house: House, fault: str) -> None:
    await house.set_up()
    await house.set_number("session_length", 5)
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(75, dt=1.0)
    assert house.treadmill.speed == pytest.approx(1.5)
    setattr(house.faults, fault, True)
    for _ in range(60):
        if issue(house, "not_obeyed") is not None:
            break
        await house.time(1, dt=1.0)
    repair = issue(house, "not_obeyed")
    assert repair is not None
    assert repair.translation_key == "not_obeyed_miles"
    await house.time(15, dt=1.0)
    assert house.treadmill.speed <= 1.5
    await house.time(240, dt=1.0)
    assert house.state("session_state") in {"finished", "idle"}
    assert house.treadmill.at_rest
    [record] = house.coordinator.roster.history
    assert record.distance == pytest.approx(house.treadmill.distance, abs=3)
    assert record.outcome is Outcome.STOPPED


@pytest.mark.parametrize("finding", list(CommandMismatch))
async def test_s9_each_finding_has_its_words(house: House, finding: CommandMismatch) -> None:
    await house.set_up()
    event = session_event("not_obeyed", finding=finding)
    CommandMismatchIssue(house.hass, house.entry).on_session_event(event)
    repair = issue(house, "not_obeyed")
    assert repair is not None
    text = await text_of(house, repair)
    assert "check run" in text
    assert ("miles" in text) is (finding is CommandMismatch.MILES)


async def test_s9_the_issue_of_a_treadmill_is_gone_with_the_treadmill(house: House) -> None:
    await house.set_up()
    await disobey(house, CommandMismatch.IGNORED)
    assert issue(house, "not_obeyed") is not None
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert issue(house, "not_obeyed") is None


# Years that cannot be read


async def test_years_that_cannot_be_read_are_told_with_their_files_until_they_can(house: House) -> None:
    entry = make_entry(walkers=[walker_subentry()])
    folder = Path(house.hass.config.path(".storage"))
    folder.mkdir(exist_ok=True)
    files = {year: folder / f"{DOMAIN}.{entry.entry_id}.sessions.{year}" for year in (2024, 2025)}
    for path in files.values():
        path.write_text('{"version": 1, "minor_version": 1, "data": {"sessions": 5}}')
    await house.set_up(entry)
    repair = issue(house, "unreadable_years")
    assert repair is not None
    assert repair.translation_key == "unreadable_years"
    text = await text_of(house, repair)
    assert "2024, 2025" in text
    for path in files.values():
        assert f"`{path.name}`" in text
        assert [aside.read_text()[-5:] for aside in folder.glob(f"{path.name}.*")] == [": 5}}"]
        path.write_text('{"version": 1, "minor_version": 1, "data": {"sessions": []}}')
    await house.hass.config_entries.async_reload(entry.entry_id)
    assert issue(house, "unreadable_years") is None


async def test_years_that_cannot_be_read_are_gone_with_their_treadmill(house: House) -> None:
    entry = make_entry()
    folder = Path(house.hass.config.path(".storage"))
    folder.mkdir(exist_ok=True)
    (folder / f"{DOMAIN}.{entry.entry_id}.sessions.2024").write_text("[]")
    await house.set_up(entry)
    assert issue(house, "unreadable_years") is not None
    await house.hass.config_entries.async_remove(entry.entry_id)
    assert issue(house, "unreadable_years") is None


# Calories


@pytest.mark.parametrize(
    ("model", "factor"), [(EnergyModel.LCDA, 1.0), (EnergyModel.LCDA, 2.0), (EnergyModel.ACSM, 1.45), ("article", 1.45)]
)
async def test_calories_are_estimated_as_the_owner_wants(house: House, model: str, factor: float) -> None:
    options = {**CONTROL, "energy_model": str(model), "backward_factor": factor}
    await house.set_up(make_entry(options, walkers=[walker_subentry(weight=80.0)]))
    house.coordinator.next_session.choose_walker("anna")

    def watts_per_kg(kmh: float, *, backward: bool) -> float:
        return model_power_per_kg(EnergyModel(model), kmh, 0.0, backward=backward, backward_factor=factor)

    await house.walk()
    await house.time(60)
    await house.press("stop")
    await house.time(6)
    await house.until(lambda: len(house.coordinator.roster.history) == 1)
    [record] = house.coordinator.roster.history
    expected = watts_per_kg(0.5, backward=True) * 80 * record.moving_time / 4184
    assert record.calories == pytest.approx(expected, rel=0.05)

    registry = dr.async_get(house.hass)
    device = registry.async_get_device_by_identifier((DOMAIN, house.coordinator.address), house.entry.entry_id)
    assert device is not None

    async def act(action: str, **data: Any) -> float:
        response = await house.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": device.id, **data},
            blocking=True,
            context=Context(),
            return_response=True,
        )
        assert response is not None
        return float(str(response["calories"]))

    logged = await act(
        "log_session", walker="Anna", started="2026-01-01 08:00:00", minutes=6, distance=200, direction="backward"
    )
    assert logged == pytest.approx(watts_per_kg(2.0, backward=True) * 80 * 360 / 4184, abs=0.1)
    turned = await act("edit_session", session_id=record.id, direction="forward")
    mean = record.distance / record.moving_time * 3.6
    ratio = watts_per_kg(mean, backward=False) / watts_per_kg(mean, backward=True)
    assert turned == pytest.approx(record.calories * ratio, abs=0.1)
