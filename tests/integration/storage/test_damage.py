"""Damaged or newer rows and fields never keep a treadmill from loading, and the next save does not lose them."""

import json
import random
from copy import deepcopy
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_INFO, DOMAIN, SUBENTRY_WALKER
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, ValueRange
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.session_history import SessionHistory
from custom_components.retrowalk.training.limits import Direction, limits_for
from custom_components.retrowalk.training.rules import Refusal
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from custom_components.retrowalk.treadmill.options import ControlPolicy, Options
from custom_components.retrowalk.walkers.walker import Walker
from tests.support.house import CAPABILITIES, CONTROL, INFO, PASSED, House, make_entry, open_settings, walker_subentry

STRANGE: list[Any] = [
    *(None, True, 5, -1, 1e300, 2**70, float("nan"), float("inf"), float("-inf")),
    *("", "nonsense", "2026", "9999-12-31T23:59:59+00:00", "0001-01-01"),
    *([], [None], [[]], ["2026-01-01"], [["2026-01-01", 5]], {}, {"minimum": "low"}),
]

OPTIONS: dict[str, Any] = {
    **CONTROL,
    "connection": "always",
    "idle_seconds": 60,
    "backward_speed": 3.0,
    "backward_incline": 3.0,
    "forward_speed": 6.0,
    "countdown_backward": 15,
    "countdown_forward": 5,
    "announce": "none",
    "announcer": "media_player.hall",
    "tts": "tts.speech",
    "guards": ["binary_sensor.door"],
    "guard_stops": True,
    "occupancy": "binary_sensor.belt",
    "confirm_button": "button.beside",
    "automations_confirm": False,
    "energy_model": "lcda",
    "backward_factor": 1.45,
    "install_blueprints": False,
    "keep_files": True,
    "files_folder": "/media/retrowalk",
    "files_format": "tcx",
}
HARMLESS = {
    *("connection", "idle_seconds", "tts", "energy_model", "backward_factor", "install_blueprints"),
    *("keep_files", "files_folder", "files_format"),
}
WALKER: dict[str, Any] = {
    **walker_subentry()["data"],
    "person": "person.anna",
    "plan_paused": [["2026-01-01", "2026-01-05"]],
    "progression": True,
    "reminder": True,
    "reminder_time": "18:00:00",
    "reminder_target": "notify.hall",
    "quiet_from": "21:00:00",
}


def a_record(session_id: str = "01", **values: Any) -> dict[str, Any]:
    now = dt_util.utcnow()
    known = {"walker": "anna", "direction": Direction.BACKWARD, "moving_time": 300.0, "distance": 100.0}
    return SessionRecord(
        id=session_id, started=now, ended=now, calories=20.0, calories_net=15.0, **{**known, **values}
    ).as_dict()


@pytest.mark.parametrize("name", OPTIONS)
def test_s1_a_damaged_option_has_its_default_and_moves_no_belt(name: str) -> None:
    intact = Options.read(OPTIONS)
    assert intact.control is ControlPolicy.CONTROL
    assert intact.damaged == ()
    for value in STRANGE:
        read = Options.read({**OPTIONS, name: value})
        assert set(read.damaged) <= {name}
        if read.damaged and name not in HARMLESS:
            assert read.control is ControlPolicy.MONITOR
        assert 10 <= read.countdown_backward <= 60
        assert 3 <= read.countdown_forward <= 60
        rules = read.rules(CAPABILITIES)
        for direction in Direction:
            speed = rules.limits(direction).speed
            assert speed is None or speed.maximum <= (5.0 if direction is Direction.BACKWARD else 20.0)
        assert read.estimate.meter(70.0, backward=True) is not None


def walker_of(data: dict[str, Any]) -> Walker:
    return Walker.from_subentry(
        ConfigSubentry(data=MappingProxyType(data), subentry_type=SUBENTRY_WALKER, title="Anna", unique_id=None)
    )


@pytest.mark.parametrize("name", WALKER)
def test_a_damaged_field_of_a_walker_has_its_default(name: str) -> None:
    assert walker_of(WALKER).damaged == ()
    today = dt_util.now().date()
    for value in STRANGE:
        walker = walker_of({**WALKER, name: value})
        assert set(walker.damaged) <= {name}
        assert walker.plan.goal_minutes <= 1000
        assert (
            walker.reminder_settings.at < walker.reminder_settings.quiet_from
            or not walker.damaged
            or name == "quiet_from"
        )
        walker.is_paused(today)
        periods = walker.pause_changes(pause=True, today=today)["plan_paused"]
        if name == "plan_paused" and isinstance(value, list):
            assert all(row in periods for row in walker.unreadable_pauses)  # it is not lost by the next pause
        if name == "person" and walker.damaged:
            assert walker.person is not None  # a damaged person does not open the walker to everybody


def test_damaged_capabilities_and_findings_count_as_unknown() -> None:
    for value in STRANGE:
        for name in CAPABILITIES.as_dict():
            read = Capabilities.from_dict({**CAPABILITIES.as_dict(), name: value})
            assert isinstance(getattr(read, name), bool | ValueRange | None)
            limits_for(read, Options().rules(read).owner, Direction.BACKWARD)
        for name in INFO.as_dict():
            assert isinstance(getattr(MachineInfo.from_dict({**INFO.as_dict(), name: value}), name), str | None)
        Capabilities.from_dict(value)
        MachineInfo.from_dict(value)
        data = {CONF_CAPABILITIES: CAPABILITIES.as_dict(), CONF_INFO: INFO.as_dict(), CONF_CHECK: value}
        assert StoredCheck.from_data(data) is None
        for name in PASSED:
            check = StoredCheck.from_data({**data, CONF_CHECK: {**PASSED, name: value}})
            assert check is None or isinstance(check, StoredCheck)
        for field in fields(StoredCheck.from_data({**data, CONF_CHECK: PASSED}).findings):
            findings = {**PASSED["findings"], field.name: value}
            check = StoredCheck.from_data({**data, CONF_CHECK: {**PASSED, "findings": findings}})
            if check is not None:
                assert isinstance(check.findings.start_speed, int | float | None)
                assert isinstance(check.findings.step, int | float | None)


@pytest.mark.parametrize("name", a_record())
def test_a_damaged_field_of_a_session_never_breaks_a_sum(name: str) -> None:
    zone = dt_util.get_time_zone("Pacific/Auckland")
    for value in STRANGE:
        try:
            record = SessionRecord.from_dict({**a_record(), name: value})
        except KeyError, TypeError, ValueError:
            continue
        history = SessionHistory([record])
        history.index(zone)
        history.totals(record.walker)
        assert json.loads(json.dumps(record.as_dict()))
        assert isinstance(record.ends_beginning, bool)


def issue(hass: HomeAssistant, what: str, entry_id: str) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{what}_{entry_id}")


async def test_an_entry_with_only_damaged_data_loads_and_creates_an_issue(house: House) -> None:
    walkers = [{**walker_subentry("Anna"), "data": {name: {"strange": 1} for name in WALKER}}]
    programs = [
        {"subentry_type": "program", "subentry_id": "p", "title": "Hill", "unique_id": None, "data": {"steps": 5}}
    ]
    options = {name: {"strange": 1} for name in OPTIONS}
    data = {CONF_CAPABILITIES: [1], CONF_INFO: "x", CONF_CHECK: {"failure": "a newer one"}, "control_lock": {}}
    entry = make_entry(options, [*walkers, *programs], **data)
    await house.set_up(entry, connected=False)
    # The machine is read again, and the entry is then reloaded.
    await house.until(lambda: house.coordinator.fields.capabilities == CAPABILITIES)
    await house.until(lambda: entry.state is ConfigEntryState.LOADED)
    assert house.coordinator.options.control is ControlPolicy.MONITOR
    assert house.coordinator.session.rules.blocked_by is Refusal.NOT_CHECKED
    repair = issue(house.hass, "damaged", entry.entry_id)
    assert repair is not None
    for name in ("control", "guards", "weight", "Hill"):
        assert f"`{name}`" in repair.translation_placeholders["what"]
    result = await open_settings(house.hass, entry.entry_id)
    assert result["data_schema"] is not None
    await house.hass.config_entries.async_remove(entry.entry_id)
    assert issue(house.hass, "damaged", entry.entry_id) is None


def mutated(data: Any, chance: random.Random) -> Any:
    """Return the data with one value that is invalid or missing."""
    if isinstance(data, dict) and data and chance.random() < 0.9:
        name = chance.choice([*data])
        if chance.random() < 0.2:
            return {key: value for key, value in data.items() if key != name}
        return {**data, name: mutated(data[name], chance)}
    if isinstance(data, list) and data and chance.random() < 0.9:
        number = chance.randrange(len(data))
        return [*data[:number], mutated(data[number], chance), *data[number + 1 :]]
    return deepcopy(chance.choice(STRANGE[:6] + STRANGE[9:]))


async def test_with_any_damage_in_the_files_the_entry_loads_and_nothing_is_lost(
    house: House, hass_storage: dict[str, Any]
) -> None:
    entry = make_entry(walkers=[walker_subentry("Anna")])
    await house.set_up(entry, connected=False)
    hass, key = house.hass, f"{DOMAIN}.{entry.entry_id}"
    year = dt_util.utcnow().year
    rows = [a_record(f"0{number}") for number in range(4)]
    sound = {
        f"{key}.sessions": {"years": [year]},
        f"{key}.sessions.{year}": {"sessions": rows, "newer": "part"},
        f"{key}.journal": {
            "record": a_record("05"),
            "steered": True,
            "counted": {"elapsed_time": 5, "distance": 5, "incline": 0.0},
            "begins": False,
            "paused": dt_util.utcnow().isoformat(),
            "wish": {"direction": "backward", "length": 300.0, "speed": 2.0},
            "unkept": [a_record("06")],
        },
        f"{key}.reminders": {"anna": {"sent": 1}},
    }
    chance = random.Random(12)
    for turn in range(40):
        assert await hass.config_entries.async_unload(entry.entry_id)
        for name in [name for name in hass_storage if name.startswith(DOMAIN)]:
            del hass_storage[name]
        files = deepcopy(sound)
        damaged = chance.choice([*files])
        files[damaged] = mutated(files[damaged], chance)
        for name, data in files.items():
            hass_storage[name] = {"version": 1, "minor_version": 1, "key": name, "data": data}
        assert await hass.config_entries.async_setup(entry.entry_id), turn
        await house.settle()
        await house.until(lambda: not house.coordinator.recorder._handover.pending)
        history = house.coordinator.roster.history
        readable = {row["id"] for row in rows} if damaged.endswith(("journal", "reminders")) else set()
        assert readable <= {record.id for record in history}, turn
        await house.store_session("anna")
        if (
            damaged.endswith(f".{year}")
            and isinstance(files[damaged], dict)
            and isinstance(files[damaged].get("sessions"), list)
        ):
            written = hass_storage[damaged]["data"]
            for row in files[damaged]["sessions"]:
                assert row in written["sessions"], (turn, row)
            assert written.get("newer") == files[damaged].get("newer")


async def test_what_a_newer_version_keeps_of_a_session_survives_a_correction(
    house: House, hass_storage: dict[str, Any]
) -> None:
    entry = make_entry(walkers=[walker_subentry("Anna")])
    entry.add_to_hass(house.hass)
    year = dt_util.utcnow().year
    name = f"{DOMAIN}.{entry.entry_id}.sessions.{year}"
    newer = {**a_record("01"), "cadence": 120}
    unknown = {**a_record("02"), "outcome": "a newer one"}
    hass_storage[f"{DOMAIN}.{entry.entry_id}.sessions"] = {
        "version": 1,
        "minor_version": 1,
        "key": "x",
        "data": {"years": [year]},
    }
    hass_storage[name] = {"version": 1, "minor_version": 7, "key": name, "data": {"sessions": [newer, unknown, newer]}}
    house.entry = entry
    assert await house.hass.config_entries.async_setup(entry.entry_id)
    await house.settle()
    assert issue(house.hass, "unreadable_years", entry.entry_id) is not None
    roster = house.coordinator.roster
    assert [record.id for record in roster.history] == ["01"]
    await roster.async_change("01", lambda record: replace(record, note="Slow"))
    first, *others = hass_storage[name]["data"]["sessions"]
    assert (first["cadence"], first["note"]) == (120, "Slow")
    assert others == [unknown, newer]
