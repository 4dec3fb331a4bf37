"""A house in miles, feet and pounds: nobody in it meets a metric unit, and nothing changes by being shown."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_system import METRIC_SYSTEM
from hypothesis import given
from hypothesis import strategies as st
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.config_flow import RetrowalkConfigFlow
from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_ANNOUNCER
from custom_components.retrowalk.errors import refused, translated_errors
from custom_components.retrowalk.machine.bluetooth.probe import Reading
from custom_components.retrowalk.machine.model import KM_PER_MILE
from custom_components.retrowalk.messaging.texts import Texts
from custom_components.retrowalk.programs.rows import metric_rows, shown_rows
from custom_components.retrowalk.reminders.message import ReminderContent, reminder_lines
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.units import Units
from custom_components.retrowalk.walkers.report import async_make_report
from tests.support.action_calls import Actions
from tests.support.card import Card
from tests.support.house import CAPABILITIES, CONTROL, INFO, House, make_entry, open_settings, walker_subentry
from tests.support.house_of_miles import FOLDER, METRIC, Net, use_miles
from tests.support.own_programs import own
from tests.support.program_dialog import suggested
from tests.support.speakers import MessageLog, Satellite, Speech, add_speakers

SATELLITE = {**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "assist_satellite.hall"}
MILES = Units(miles=True, pounds=True)
METRIC_ON_PURPOSE = {
    "common.column_average_speed",  # a spreadsheet of sessions is data, like a FIT file
    "common.column_top_speed",
    "common.import_note_meters_by_texts",  # what a file counts in
    "common.import_note_speed_per_second",
    "common.say_kilometers_per_hour",
    "config_subentries.program.step.lengths.description",
    "config_subentries.program.step.lengths.title",
    "config_subentries.program.step.unit.description",
    "config_subentries.program.step.unit.title",
    "config_subentries.program.step.yaml.data_description.steps",  # as actions take them
    "exceptions.distance_out_of_range.message",  # of an action that takes meters
    "exceptions.import_needs_full_speed.message",
    "exceptions.import_needs_lengths.message",
    "exceptions.import_needs_unit.message",
    "exceptions.takes_miles.message",  # what a machine takes its commands for
    *(
        f"issues.{issue}.{part}{kind}"
        for issue in ("not_obeyed_miles", "takes_miles")
        for part in ("", "fix_flow.step.init.")
        for kind in ("title", "description")
    ),
    "common.check_unit_likely",
    "common.check_unit_none",
    "exceptions.no_room_to_check.message",
    "options.error.miles",
    "options.error.no_room_to_check",
    "options.error.unit_unknown",
    "options.progress.check_hold",
    "options.step.check_console.description",
    "options.step.machine.description",
    "selector.console.options.kmh",
    "selector.lengths.options.meters",
    *(
        f"selector.personality.options.{kind}"
        for kind in ("coarse_distance", "miles_reported_only", "miles_taken_only", "odd_range", "starts_fast")
    ),
    *(f"selector.machine_units.options.{units}" for units in ("kilometers", "miles", "reports_miles", "takes_miles")),
    "selector.speed_unit.options.kmh",
}
"""Texts whose units are not the house's: of a file, of a machine, or to choose from."""


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_text_has_a_unit_of_its_own(language: str) -> None:
    texts = flat(json.loads((FOLDER / f"{language}.json").read_text()))
    metric = {key for key, text in texts.items() if METRIC.search(text)}
    metric -= {key for key in metric if key.startswith("services.")}  # fields of actions are metric, or say their unit
    assert metric <= METRIC_ON_PURPOSE


@pytest.fixture
async def miles(house: House) -> House:
    """Return a house in US units whose walker has walked backward before."""
    use_miles(house.hass)
    await house.set_up(make_entry(walkers=[walker_subentry(), own()]))
    await house.store_session("anna", minutes=12, max_speed=1.7)
    house.coordinator.next_session.choose_walker("anna")
    await house.settle()
    return house


@pytest.fixture
async def walking(miles: House) -> House:
    """Return the same house while the walker walks."""
    await miles.walk()
    return miles


# Numbers


async def test_the_target_speed_has_the_unit_of_the_house_and_the_steps_of_the_machine(walking: House) -> None:
    shown = walking.full_state("target_speed")
    allowed = walking.coordinator.data.limits.speed
    assert allowed is not None
    assert (shown.state, shown.attributes["unit_of_measurement"]) == ("0.31", "mph")
    assert [shown.attributes[name] for name in ("min", "max", "step")] == [0.31, 1.86, 0.06]
    assert shown.attributes["max"] * KM_PER_MILE <= allowed.maximum
    await walking.set_number("target_speed", 1.0)
    assert (walking.coordinator.data.target_speed, walking.state("target_speed")) == (1.6, "0.99")


async def test_setting_a_target_to_what_it_shows_changes_nothing(walking: House) -> None:
    allowed = walking.coordinator.data.limits.speed
    assert allowed is not None
    for number in range(0, round((allowed.maximum - allowed.minimum) / allowed.step) + 1, 3):
        kmh = allowed.snap(allowed.minimum + number * allowed.step)
        await walking.set_number("target_speed", MILES.shown_on(allowed, kmh))
        assert walking.coordinator.data.target_speed == kmh
        await walking.set_number("target_speed", float(walking.state("target_speed")))
        assert walking.coordinator.data.target_speed == kmh


async def test_s4_the_highest_that_a_slider_shows_is_not_above_the_limit(walking: House) -> None:
    highest = walking.full_state("target_speed").attributes["max"]
    await walking.set_number("target_speed", highest)
    assert walking.coordinator.data.target_speed == 3.0
    with pytest.raises(ServiceValidationError):
        await walking.set_number("target_speed", highest + 0.01)


async def test_a_weight_is_in_pounds_and_stays_metric_in_the_records(miles: House) -> None:
    shown = miles.full_state("weight")
    assert (shown.state, shown.attributes["unit_of_measurement"]) == ("154.3", "lb")
    await miles.set_number("weight", 154.3)
    assert miles.coordinator.roster.walkers["anna"].weight == 70.0
    await miles.set_number("weight", 160)
    assert miles.coordinator.roster.walkers["anna"].weight == pytest.approx(72.6, abs=0.05)
    assert miles.state("weight") == "160.0"


async def test_entities_follow_when_the_house_changes_its_units(walking: House) -> None:
    await walking.hass.config.async_update(unit_system="metric")
    await walking.settle()
    assert walking.hass.config.units is METRIC_SYSTEM
    assert (walking.state("target_speed"), walking.state("weight")) == ("0.5", "70.0")
    assert walking.full_state("target_speed").attributes["max"] == 3.0
    await walking.hass.config.async_update(unit_system="us_customary")
    await walking.settle()
    assert (walking.state("target_speed"), walking.state("weight")) == ("0.31", "154.3")


async def test_a_unit_that_somebody_chose_for_the_entity_is_converted_by_home_assistant(walking: House) -> None:
    entity_id = walking.entity_id("target_speed")
    options = {"unit_of_measurement": "km/h"}
    er.async_get(walking.hass).async_update_entity_options(entity_id, "number", options)
    await walking.settle()
    assert walking.full_state("target_speed").attributes["unit_of_measurement"] == "km/h"
    await walking.set_number("target_speed", 1.7)
    assert walking.coordinator.data.target_speed == 1.7


# Forms


def limits_of(result: Any) -> tuple[dict[str, float], dict[str, Any]]:
    """Return what the form of the settings shows as limits, and its fields."""
    group = result["data_schema"].schema["limits"].schema
    return group({}), group.schema


async def test_limits_are_in_miles_and_saving_them_changes_nothing(house: House) -> None:
    use_miles(house.hass)
    stored = {**CONTROL, "backward_speed": 2.7, "forward_speed": 5.5}
    entry = make_entry(stored)
    entry.add_to_hass(house.hass)
    result = await open_settings(house.hass, entry.entry_id)
    shown, fields = limits_of(result)
    assert (shown["backward_speed"], shown["forward_speed"]) == (1.68, 3.42)
    config = fields["backward_speed"].config
    assert (config["min"], config["max"], config["unit_of_measurement"]) == (0.31, 3.1, "mph")
    answers = {name: group.schema({}) for name, group in result["data_schema"].schema.items()}
    await house.hass.config_entries.options.async_configure(result["flow_id"], answers)
    assert {key: entry.options[key] for key in ("backward_speed", "forward_speed")} == {
        "backward_speed": 2.7,
        "forward_speed": 5.5,
    }


@pytest.mark.parametrize("entered", [1.24, 1.5, 1.86, 1.9, 2.0, 3.1])
async def test_s4_a_limit_is_never_above_what_was_entered(house: House, entered: float) -> None:
    use_miles(house.hass)
    entry = make_entry({**CONTROL, "backward_speed": 2.5})
    entry.add_to_hass(house.hass)
    result = await open_settings(house.hass, entry.entry_id)
    answers = {name: group.schema({}) for name, group in result["data_schema"].schema.items()}
    answers["limits"]["backward_speed"] = entered
    await house.hass.config_entries.options.async_configure(result["flow_id"], answers)
    assert entry.options["backward_speed"] <= entered * KM_PER_MILE
    shown, _ = limits_of(await open_settings(house.hass, entry.entry_id))
    assert shown["backward_speed"] == entered


async def open_subentry(house: House, kind: str, subentry_id: str) -> Any:
    assert house.entry is not None
    return await house.hass.config_entries.subentries.async_init(
        (house.entry.entry_id, kind), context={"source": "reconfigure", "subentry_id": subentry_id}
    )


async def test_a_walker_and_a_program_are_the_same_after_saving_what_their_forms_show(miles: House) -> None:
    assert miles.entry is not None
    before = {key: dict(subentry.data) for key, subentry in miles.entry.subentries.items()}
    walker = await open_subentry(miles, "walker", "anna")
    answers = suggested(walker)
    assert answers["weight"] == 154.3
    await miles.hass.config_entries.subentries.async_configure(
        walker["flow_id"], walker["data_schema"]({key: value for key, value in answers.items() if value is not None})
    )
    program = await open_subentry(miles, "program", "evening")
    rows = suggested(program)["steps"]
    assert [(row["speed"], row.get("speed_to")) for row in rows] == [(0.62, None), (0.62, 0.87), (0.62, None)]
    await miles.hass.config_entries.subentries.async_configure(
        program["flow_id"], {**suggested(program), "as_yaml": False}
    )
    assert dict(miles.entry.subentries["evening"].data) == before["evening"]
    assert miles.entry.subentries["anna"].data["weight"] == 70.0


async def test_a_step_that_is_too_fast_is_told_in_miles(miles: House) -> None:
    program = await open_subentry(miles, "program", "evening")
    answers = {**suggested(program), "as_yaml": False, "steps": [{"minutes": 1, "speed": 20}]}
    result = await miles.hass.config_entries.subentries.async_configure(program["flow_id"], answers)
    problem = result["description_placeholders"]["problem"]
    assert problem == "Step 1: 20 mph is not a valid speed. Enter more than 0 and at most 18.64."
    assert suggested(result)["steps"] == [{"minutes": 1, "speed": 20}]


SPEEDS = st.integers(min_value=1, max_value=30_000).map(lambda thousandths: thousandths / 1000)
ROWS = st.fixed_dictionaries(
    {"minutes": st.integers(1, 5)},
    optional={"speed": SPEEDS, "speed_to": SPEEDS, "incline": st.floats(-3, 10), "label": st.just("3 km/h")},
)


@given(st.lists(ROWS, max_size=4))
def test_rows_that_nobody_changed_are_the_same(rows: list[dict[str, Any]]) -> None:
    assert metric_rows(shown_rows(rows, MILES), MILES) == rows


@pytest.mark.parametrize("wrong", [None, "fast", True, [1], {"from": 1}, float("nan")])
def test_what_is_no_number_stays_for_the_program_to_refuse(wrong: Any) -> None:
    [row] = metric_rows([{"minutes": 1, "speed": wrong}], MILES)
    assert row["speed"] is wrong


# Actions


async def test_actions_take_kilometers_as_before_unless_they_say_miles(actions: Actions) -> None:
    use_miles(actions.house.hass)
    await actions.house.set_up(make_entry(walkers=[walker_subentry()]))
    await actions.house.store_session("anna")
    await actions.call("start_session", walker="Anna", minutes=5, speed=1.5)
    assert actions.request.speed == 1.5
    await actions.call("stop")
    await actions.house.time(6)
    await actions.call("start_session", walker="Anna", minutes=5, speed=0.93, unit="mph")
    assert actions.request.speed == 1.5
    await actions.call("stop")
    await actions.house.time(6)
    with pytest.raises(ServiceValidationError) as error:
        await actions.call("start_session", walker="Anna", minutes=5, speed=2.5, unit="mph")
    assert error.value.translation_placeholders == {"lowest": "0.31", "highest": "1.86", "speed_unit": "mph"}


async def test_a_program_of_an_action_is_saved_in_the_unit_it_says(actions: Actions) -> None:
    await actions.house.set_up(make_entry())
    steps = [{"minutes": 1, "speed": 1}, {"minutes": 1, "speed": {"from": 1, "to": 1.24}}, {"minutes": 1, "incline": 1}]
    saved = await actions.call("save_program", name="Mine", steps=steps, unit="mph")
    assert [step.get("speed") for step in saved["steps"]] == [1.61, {"from": 1.61, "to": 2}, None]
    assert saved["steps"][2]["incline"] == 1


# What is read and said


@pytest.mark.parametrize("language", ["en", "de"])
async def test_nobody_reads_a_metric_unit_in_a_form(house: House, language: str) -> None:
    hass, net = house.hass, Net()
    use_miles(hass, language)
    flow = RetrowalkConfigFlow()
    flow.hass = hass
    flow._reading = Reading(INFO, CAPABILITIES)
    for step in ("monitor_only", "too_fast", "safety", "reduced", "announcer", "walker"):
        net.form(await getattr(flow, f"async_step_{step}")(), "config")
    await house.set_up(make_entry(walkers=[walker_subentry(), own()]))
    assert house.entry is not None
    net.form(await open_settings(hass, house.entry.entry_id), "options")
    net.form(await open_subentry(house, "walker", "anna"), "config_subentries", "walker")
    net.form(await open_subentry(house, "program", "evening"), "config_subentries", "program")
    assert len(net.read) > 100
    assert net.caught == []
    assert any("1.86" in text or "1,86" in text for text in net.read)
    assert any("7 ft" in text for text in net.read)


@pytest.mark.parametrize(
    ("language", "ceiling", "least"), [("en", "1.86 mph", "2.17 mph"), ("de", "1,86 mph", "2,17 mph")]
)
async def test_nobody_reads_a_metric_unit_in_an_error(miles: House, language: str, ceiling: str, least: str) -> None:
    net, chosen = Net(), miles.coordinator.next_session
    use_miles(miles.hass, language)
    for request in (lambda: chosen.choose_speed(9), lambda: chosen.choose_speed(0.1)):
        with pytest.raises(ServiceValidationError) as error:
            request()
        net.error(error.value)
    for refusal in (Refusal.STARTS_TOO_FAST, Refusal.STARTS_TOO_FAST_FIRST, Refusal.STARTS_TOO_FAST_FORWARD):
        net.error(refused(miles.hass, RefusedError(refusal, least=3.5, ceiling=3.0)))
    with pytest.raises(ServiceValidationError) as error, translated_errors():
        Program.from_dict({"name": "A", "steps": [{"minutes": 1, "speed": 99}]})
    net.error(error.value)
    assert net.caught == []
    assert any(ceiling in text and least in text for text in net.read)


@pytest.mark.parametrize(
    ("language", "rise", "reached"),
    [
        ("en", "Speeding up from 0.31 to 0.5 miles per hour. Within 10 seconds.", "0.5 miles per hour reached."),
        (
            "de",
            "Gleich schneller: von 0,31 auf 0,5 Meilen pro Stunde. Innerhalb von 10 Sekunden.",
            "0,5 Meilen pro Stunde erreicht.",
        ),
    ],
)
async def test_s6_a_rise_is_said_in_miles(house: House, tmp_path: Path, language: str, rise: str, reached: str) -> None:
    use_miles(house.hass, language)
    house.hass.config.config_dir = str(tmp_path)
    log = MessageLog(house.clock)
    await add_speakers(house.hass, tts=Speech())
    await add_speakers(house.hass, integration="satellites", assist_satellite=Satellite(log))
    await house.set_up(make_entry(SATELLITE, walkers=[walker_subentry()]))
    await house.walk()
    await house.set_number("target_speed", 0.5)
    await house.time(25)
    assert house.coordinator.data.target_speed == 0.8
    assert rise in log.texts
    assert reached in log.texts
    assert [text for text in log.texts if METRIC.search(text)] == []


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_calendar_and_the_report_are_in_miles(miles: House, language: str) -> None:
    hass, net = miles.hass, Net()
    await hass.config.async_update(language=language)
    await miles.settle()
    now = dt_util.utcnow()
    data = {
        "entity_id": miles.entity_id("sessions"),
        "start_date_time": now - timedelta(days=1),
        "end_date_time": now + timedelta(days=8),
    }
    listed: Any = await hass.services.async_call("calendar", "get_events", data, blocking=True, return_response=True)
    net.add(*(event["description"] for event in listed[data["entity_id"]]["events"]))
    pace = {"en": "0.93 mph", "de": "0,93 mph"}[language]
    assert [event for event in listed[data["entity_id"]]["events"] if event["description"].startswith(f"{pace}\n")]
    walker = miles.coordinator.roster.walkers["anna"]
    today = miles.coordinator.roster.today
    report = await async_make_report(hass, miles.coordinator.roster, walker, today - timedelta(days=6), today)
    net.add(report.text, re.sub("<style>.*?</style>", "", report.html, flags=re.DOTALL))
    assert net.caught == []
    assert [text for text in net.read if re.search(r"984 ft · \d+ kcal", text)]
    assert [text for text in net.read if re.search(r"0[.,]\d\d mph", text)]


@pytest.mark.parametrize(("language", "pace"), [("en", "Planned: 0.93 mph."), ("de", "Geplant: 0,93 mph.")])
async def test_a_reminder_says_the_pace_in_miles(miles: House, language: str, pace: str) -> None:
    content = ReminderContent(
        walker="Anna", day=date(2026, 11, 2), sent=1, minutes=5, speed=1.5, streak=3, comeback=False
    )
    texts = await Texts.async_load(miles.hass, language)
    assert pace in texts.render(reminder_lines(content))


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_card_gets_its_texts_in_miles(
    miles: House, hass_ws_client: WebSocketGenerator, language: str
) -> None:
    assert await async_setup_component(miles.hass, "http", {})
    card = Card(miles.hass, await hass_ws_client(miles.hass))
    await card.subscribe(language=language)
    await card.choose("program", "Evening")
    fast = own("Fast", steps=[{"minutes": 3, "speed": 5.5}])
    assert miles.entry is not None
    subentry = ConfigSubentry(
        data=MappingProxyType(fast["data"]), subentry_type="program", title="Fast", unique_id=None
    )
    miles.hass.config_entries.async_add_subentry(miles.entry, subentry)
    await miles.settle()
    await card.choose("program", "Fast")
    assert re.search(r"3[.,]42 mph", card.next["cuts"][0])
    assert not METRIC.search(json.dumps(card.received).replace('"meters":', ""))


async def test_a_walkers_whole_way_is_in_miles_and_the_belts_speed_has_two_decimals(miles: House) -> None:
    total = miles.full_state("total_distance")
    assert (float(total.state), total.attributes["unit_of_measurement"]) == (pytest.approx(0.186, abs=0.001), "mi")
    speed = er.async_get(miles.hass).async_get(miles.entity_id("speed"))
    assert speed is not None
    assert speed.options["sensor"]["suggested_display_precision"] == 2


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_editor_of_programs_is_in_miles_and_saves_what_it_opened(
    miles: House, hass_ws_client: WebSocketGenerator, language: str
) -> None:
    assert await async_setup_component(miles.hass, "http", {})
    card = Card(miles.hass, await hass_ws_client(miles.hass))
    about = {"device_id": card.device_id, "language": language}
    assert (await card.command("programs", **about))["success"]
    await card.command("beat")
    fields = {field["key"]: field for group in card.received[-1]["groups"] for field in group}
    assert fields["speed_to"]["unit"] == "mph"
    assert not METRIC.search(json.dumps(card.received))
    opened = (await card.command("program/open", program="evening", **about))["result"]
    mark = "." if language == "en" else ","
    assert [row["speed"] for row in opened["rows"]] == [f"0{mark}62"] * 3
    draft = {**about, "program": "evening", "direction": "backward", "rows": opened["rows"]}
    drawn = (await card.command("program/draw", **draft))["result"]
    assert not METRIC.search(json.dumps(drawn))
    wrong = (await card.command("program/draw", **{**draft, "rows": [{"minutes": "1", "speed": "20"}]}))["result"]
    assert (wrong["row"], "20 mph" in wrong["text"]) == (0, True)
    before = dict(miles.coordinator.programs.own)
    assert (await card.command("program/save", name="Evening", **draft))["success"]
    await miles.settle()
    assert dict(miles.coordinator.programs.own) == before
