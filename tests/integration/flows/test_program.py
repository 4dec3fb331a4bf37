"""The dialog for a user's own programs: as rows of steps, or as YAML."""

from http import HTTPStatus
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.setup import async_setup_component
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_DIRECTION, CONF_STEPS, SUBENTRY_PROGRAM
from custom_components.retrowalk.flows.program import CONF_AS_YAML, CONF_BEGIN_WITH, EMPTY, FILE, SAVED
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.programs.rows import FIELDS, has_groups, rows_from_steps, steps_from_rows
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from tests.support.house import CONTROL, House
from tests.support.program_curve import curve_at
from tests.support.program_dialog import Library, a_program, suggested

ROWS: list[dict[str, Any]] = [
    {"minutes": 1, "seconds": 20, "speed": 1, "label": "Warm-up"},
    {"minutes": 2, "speed": 1, "speed_to": 1.8, "incline": 0, "incline_to": 1.5},
    {"seconds": 30.5, "repeat": 3},
]
STEPS: list[dict[str, Any]] = [
    {"seconds": 80, "speed": 1, "label": "Warm-up"},
    {"minutes": 2, "speed": {"from": 1, "to": 1.8}, "incline": {"from": 0, "to": 1.5}},
    {"repeat": 3, "steps": [{"seconds": 30.5}]},
]
"""The same steps as they are stored."""
HILLS: list[dict[str, Any]] = [
    {"minutes": 1, "speed": 1},
    {
        "repeat": 2,
        "steps": [{"seconds": 90, "speed": {"from": 1, "to": 2}}, {"minutes": 1, "incline": 1}],
        "label": "Up",
    },
]
"""Steps with a group of several."""
UNROLLED: list[dict[str, Any]] = [
    {"minutes": 1, "speed": 1},
    {"minutes": 1, "seconds": 30, "speed": 1, "speed_to": 2, "label": "Up"},
    {"minutes": 1, "incline": 1, "label": "Up"},
    {"minutes": 1, "seconds": 30, "speed": 1, "speed_to": 2, "label": "Up"},
    {"minutes": 1, "incline": 1, "label": "Up"},
]
"""The same in rows."""


def answers(name: str = "Evening", steps: Any = ROWS, direction: str = "backward", **more: Any) -> dict[str, Any]:
    return {CONF_NAME: name, CONF_DIRECTION: direction, CONF_STEPS: steps, **more}


@pytest.fixture
def library(house: House) -> Library:
    return Library(house)


# Writing one


async def test_a_program_is_added_step_by_step_and_is_there_at_once(library: Library) -> None:
    await library.set_up()
    coordinator = library.house.coordinator
    result = await library.begin()
    assert suggested(result) == answers("", [])
    result = await library.answer(result, answers("  Evening   round ", direction="forward"))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert library.stored == {"Evening round": ("forward", STEPS)}
    assert (library.own, library.changes) == (["Evening round"], 1)
    assert library.house.coordinator is coordinator
    [program] = coordinator.programs.own.values()
    assert (program.duration, program.direction) == (80 + 120 + 3 * 30.5, Direction.FORWARD)
    assert curve_at(program, 140).speed == pytest.approx(1.4)


async def test_a_program_opens_as_the_rows_it_was_written_in_and_is_changed(library: Library) -> None:
    await library.set_up(a_program("Evening", STEPS, "forward"))
    result = await library.open_existing("evening")
    assert suggested(result) == answers(direction="forward")
    result = await library.answer(result, answers("Morning", [*ROWS, {"minutes": 1, "speed": 1}]))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, SAVED)
    assert library.stored == {"Morning": ("backward", [*STEPS, {"minutes": 1, "speed": 1}])}
    assert library.own == ["Morning"]

    # Saved unchanged: its own name does not count as taken, and nothing changes.
    stored, changes = library.stored, library.changes
    result = await library.open_existing("evening")
    result = await library.answer(result, suggested(result))
    assert result["reason"] == SAVED
    assert (library.stored, library.changes) == (stored, changes)


async def test_who_saves_what_somebody_else_changed_meanwhile_is_told_first(library: Library) -> None:
    await library.set_up(a_program("Evening", STEPS, "forward"))
    first, second = await library.open_existing("evening"), await library.open_existing("evening")
    assert (await library.answer(first, answers("Morning", ROWS)))["reason"] == SAVED
    mine = answers("Night", [*ROWS, {"minutes": 1, "speed": 1}])
    second = await library.answer(second, mine)
    assert (second["step_id"], second["errors"]) == ("rows", {"base": "changed"})
    assert suggested(second) == {**mine, CONF_AS_YAML: False}, "nothing of it is lost"
    assert [*library.stored] == ["Morning"]
    assert (await library.answer(second, suggested(second)))["reason"] == SAVED
    assert [*library.stored] == ["Night"]


async def test_a_program_with_groups_opens_unrolled_says_so_and_stays_as_it_was_written(library: Library) -> None:
    await library.set_up(a_program("Hills", HILLS))
    result = await library.open_existing("hills")
    assert suggested(result) == answers("Hills", UNROLLED)
    shown = result["description_placeholders"]["preview"]
    assert "This program repeats several steps together." in shown
    assert "<b>6:00 · up to 2 km/h, 1 %</b>" in shown
    result = await library.answer(result, suggested(result))
    assert result["reason"] == SAVED
    assert library.stored == {"Hills": ("backward", HILLS)}
    assert library.changes == 0


async def test_a_program_with_groups_is_changed_in_rows_or_as_yaml_on_wish(library: Library) -> None:
    await library.set_up(a_program("Hills", HILLS))
    result = await library.open_existing("hills")
    yaml = await library.answer(result, {**suggested(result), CONF_AS_YAML: True})
    assert (yaml["step_id"], suggested(yaml)) == ("yaml", answers("Hills", HILLS))
    result = await library.open_existing("hills")
    changed = [*UNROLLED[:-1], {"minutes": 2, "incline": 1, "label": "Last"}]
    await library.answer(result, answers("Hills", changed))
    [(_, stored)] = library.stored.values()
    assert [step.get("label") for step in stored] == [None, "Up", "Up", "Up", "Last"]
    result = await library.open_existing("hills")
    assert suggested(result) == answers("Hills", changed)
    assert "repeats" not in result["description_placeholders"]["preview"]


@pytest.mark.parametrize(
    ("group", "rows"),
    [
        ({"repeat": 2, "steps": [{"minutes": 1}, {"minutes": 2}]}, [{"minutes": 1}, {"minutes": 2}] * 2),
        ({"repeat": 2, "steps": [{"minutes": 1}], "label": "Twice"}, [{"minutes": 1, "label": "Twice", "repeat": 2}]),
        (
            {"repeat": 2, "steps": [{"minutes": 1, "label": "Own"}], "label": "Twice"},
            [{"minutes": 1, "label": "Own"}] * 2,
        ),
        ({"repeat": 2, "steps": [{"repeat": 3, "steps": [{"minutes": 1}]}]}, [{"minutes": 1, "repeat": 3}] * 2),
    ],
)
async def test_groups_inside_each_other_and_their_labels_are_unrolled(
    library: Library, group: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    await library.set_up(a_program("Grouped", [group]))
    assert suggested(await library.open_existing("grouped"))[CONF_STEPS] == rows


async def test_what_was_entered_goes_on_in_yaml_and_comes_back_in_rows(library: Library) -> None:
    await library.set_up()
    # Unfinished: no name yet.
    entered = [*ROWS, {"minutes": 1, "speed_to": 2}]
    result = await library.answer(await library.begin(), answers("", entered, **{CONF_AS_YAML: True}))
    assert (result["step_id"], result["errors"]) == ("yaml", {})
    shown = suggested(result)
    assert shown[CONF_STEPS] == [
        {"minutes": 1, "seconds": 20, "speed": 1, "label": "Warm-up"},
        {"minutes": 2, "speed": {"from": 1, "to": 1.8}, "incline": {"from": 0, "to": 1.5}},
        {"seconds": 30.5, "repeat": 3},
        {"minutes": 1, "speed_to": 2},
    ]
    result = await library.answer(result, {**shown, CONF_NAME: "Evening", CONF_STEPS: shown[CONF_STEPS][:3]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert library.stored == {"Evening": ("backward", STEPS)}
    [program_id] = library.house.coordinator.programs.own
    assert suggested(await library.open_existing(program_id)) == answers()


async def test_a_reloaded_page_shows_the_values_that_the_form_opened_with(library: Library) -> None:
    await library.set_up(a_program("Evening", STEPS))
    result = await library.open_existing("evening")
    yaml = await library.answer(await library.open_existing("evening"), answers(**{CONF_AS_YAML: True}))
    for form in (result, yaml):
        again = await library.answer(form, None)
        assert (again["step_id"], suggested(again)) == (form["step_id"], suggested(form))


# Copying another one


async def test_a_program_of_ones_own_is_copied_under_a_free_name(library: Library) -> None:
    await library.set_up(a_program("Evening", STEPS, "forward"), a_program("evening 2", HILLS))
    form = await library.open_new()
    assert library.copies(form)[-2:] == ["evening", "evening 2"]
    result = await library.begin("evening")
    assert suggested(result) == answers("Evening 3", direction="forward")
    assert (await library.answer(result, suggested(result)))["type"] is FlowResultType.CREATE_ENTRY
    assert list(library.stored) == ["Evening", "evening 2", "Evening 3"]
    assert library.stored["Evening 3"] == library.stored["Evening"]

    result = await library.begin("evening 2")
    assert suggested(result) == answers("evening 2 2", UNROLLED)


async def test_a_copy_of_a_long_name_has_a_name_that_can_be_kept(library: Library) -> None:
    await library.set_up(a_program("x" * 100, STEPS))
    result = await library.begin("x" * 100)
    assert (await library.answer(result, suggested(result)))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_preset_is_copied_as_this_treadmill_walks_it_inside_its_limits(library: Library) -> None:
    await library.set_up()
    presets = ["first_walk", "first_steps", "daily_five", "comeback"]
    presets += ["knee_six_weeks", "builder", "intervals", "gentle_hills"]
    assert library.copies(await library.open_new()) == [EMPTY, FILE, *presets]
    result = await library.begin("first_steps")
    shown = suggested(result)
    assert (shown[CONF_NAME], shown[CONF_DIRECTION]) == ("First steps", "backward")
    assert [row["speed"] for row in shown[CONF_STEPS]] == [0.5, 1.5, 1.5]
    assert shown[CONF_STEPS][-1]["speed_to"] == 0.5
    assert (await library.answer(result, shown))["type"] is FlowResultType.CREATE_ENTRY
    programs = library.house.coordinator.programs
    [copy] = programs.own.values()
    limits = library.house.coordinator.session.limits
    assert copy.steps == programs.get("first_steps", limits).steps
    assert copy.duration == 300


async def test_a_preset_whose_name_is_reserved_is_copied_with_a_number(library: Library) -> None:
    await library.set_up()
    result = await library.begin("intervals")
    shown = suggested(result)
    assert shown[CONF_NAME] == "Intervals 2"
    assert len(shown[CONF_STEPS]) == 9, "three times fast and slow, and what is around them"
    assert (await library.answer(result, shown))["type"] is FlowResultType.CREATE_ENTRY
    programs = library.house.coordinator.programs
    [copy] = programs.own.values()
    assert copy.flat() == programs.get("intervals", library.house.coordinator.session.limits).flat()


async def test_what_may_be_copied_says_how_long_and_how_fast_it_is(library: Library) -> None:
    library.hass.config.language = "de"
    await library.set_up(a_program("Evening", STEPS), a_program("By hand", [{"seconds": 65.4}]))
    [selector] = (await library.open_new())["data_schema"].schema.values()
    labels = {option["value"]: option["label"] for option in selector.config["options"]}
    assert labels[EMPTY] == "Einem leeren Programm"
    assert labels["first_steps"] == "Erste Schritte · 5:00 · bis 1,5 km/h"
    assert labels["gentle_hills"] == "Sanfte Hügel · 10:00 · bis 1,5 km/h, 1 %"
    assert labels["evening"] == "Evening · 4:52 · bis 1,8 km/h, 1,5 %"
    assert labels["by hand"] == "By hand · 1:05"


async def test_the_name_of_a_copy_is_in_the_language_of_home_assistant(library: Library) -> None:
    library.hass.config.language = "de"
    await library.set_up()
    assert suggested(await library.begin("first_steps"))[CONF_NAME] == "Erste Schritte"


async def test_presets_follow_the_options_and_are_offered_only_where_they_fit(library: Library) -> None:
    level = Capabilities(speed_range=ValueRange(1.0, 6.0, 0.2), can_start_and_stop=True)
    options = {**CONTROL, "rail": False}  # 2 km/h and 10 minutes at most
    await library.set_up_unloaded(options=options, **{CONF_CAPABILITIES: level.as_dict()})
    offered = library.copies(await library.open_new())
    assert offered == [EMPTY, FILE, "first_walk", "first_steps", "daily_five", "comeback", "knee_six_weeks", "builder"]
    shown = suggested(await library.begin("builder"))
    assert max(row["speed"] for row in shown[CONF_STEPS]) == 2.0
    assert not any("incline" in row for row in shown[CONF_STEPS])


async def test_only_own_programs_are_offered_if_the_machine_accepts_no_speed(library: Library) -> None:
    await library.set_up_unloaded(a_program("Evening", STEPS), **{CONF_CAPABILITIES: Capabilities().as_dict()})
    assert library.copies(await library.open_new()) == [EMPTY, FILE, "evening"]


@pytest.mark.parametrize("gone", ["evening", "intervals"])
async def test_a_program_that_was_removed_meanwhile_is_not_copied_and_the_dialog_goes_on(
    library: Library, gone: str
) -> None:
    await library.set_up_unloaded(a_program("Evening", STEPS))
    entry, entries = library.house.entry, library.hass.config_entries
    assert entry is not None
    form = await library.open_new()
    assert gone in library.copies(form)
    entries.async_remove_subentry(entry, "evening")
    entries.async_update_entry(entry, data={**entry.data, CONF_CAPABILITIES: Capabilities().as_dict()})
    form = await library.answer(form, {CONF_BEGIN_WITH: gone})
    assert (form["step_id"], form["errors"]) == ("user", {CONF_BEGIN_WITH: "program_gone"})
    assert library.copies(form) == [EMPTY, FILE]
    assert (await library.answer(form, {CONF_BEGIN_WITH: EMPTY}))["step_id"] == "rows"


# Invalid answers


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("  ", "name_length"),
        ("x" * 101, "name_length"),
        ("Plan", "name_reserved"),
        (" FREE ", "name_reserved"),
        ("daily_five", "name_reserved"),
        ("unavailable", "name_reserved"),
        (" eVENing  round ", "name_taken"),
    ],
)
async def test_an_invalid_name_is_reported_and_can_be_corrected(library: Library, name: str, error: str) -> None:
    await library.set_up(a_program("Evening round", STEPS), a_program("Rows", STEPS), a_program("Groups", HILLS))
    forms = [
        (await library.begin(), ROWS),
        (await library.open_existing("rows"), ROWS),
        (await library.open_existing("groups"), UNROLLED),
    ]
    for number, (form, steps) in enumerate(forms):
        result = await library.answer(form, answers(name, steps))
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {CONF_NAME: error})
        assert suggested(result)[CONF_NAME] == name
        assert suggested(result)[CONF_STEPS] == steps
        result = await library.answer(result, answers(f"Free {number}", steps))
        assert result["type"] in {FlowResultType.CREATE_ENTRY, FlowResultType.ABORT}
    assert set(library.stored) == {"Evening round", "Free 0", "Free 1", "Free 2"}


FINE: dict[str, Any] = {"minutes": 1, "speed": 1}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "The program has no steps. Add at least one step with a length."),
        ([FINE, {"speed": 1}], "Step 2 has no length. Add minutes or seconds."),
        ([FINE, {"minutes": 0, "seconds": 0}], "Step 2: 0 s is not a valid length. Enter more than 0 seconds."),
        ([{"minutes": 2, "seconds": -1}], "Step 1: -1 s is not a valid length. Enter more than 0 seconds."),
        (
            [FINE, {**FINE, "speed": 0, "repeat": 2}],
            "Step 2: 0 km/h is not a valid speed. Enter more than 0 and at most 30.",
        ),
        ([{**FINE, "speed": 0}], "Step 1: 0 km/h is not a valid speed. Enter more than 0 and at most 30."),
        ([{**FINE, "speed_to": 31}], "Step 1: 31 km/h is not a valid speed. Enter more than 0 and at most 30."),
        ([{**FINE, "incline": 41}], "Step 1: 41 % is not a valid incline. Enter a number from -10 to 40."),
        (
            [{**FINE, "incline": 0, "incline_to": -11}],
            "Step 1: -11 % is not a valid incline. Enter a number from -10 to 40.",
        ),
        ([{**FINE, "repeat": 0}], "Step 1: 0 is not a number of repeats. Enter a whole number from 1 to 100."),
        (
            [{**FINE, "repeat": 1.5}],
            "Step 1: 1.5 is not a number of repeats. Enter a whole number from 1 to 100.",
        ),
        ([{**FINE, "label": "x" * 101}], "Step 1: the label must be text of 1 to 100 characters."),
        (
            [{**FINE, "minutes": "1"}],
            "Step 1: 1 is not a number. Enter minutes as a number with a point, for example 1.5.",
        ),
        ([FINE] * 31, "The program takes 31 min; at most 30 min are allowed. Shorten or remove steps."),
        (
            [{"seconds": 1, "repeat": 100}] * 11,
            "The program has more than 1000 steps, its repeats included. Remove some, or repeat less often.",
        ),
    ],
)
async def test_errors_in_the_rows_are_reported_and_the_answers_stay(
    library: Library, rows: list[dict[str, Any]], problem: str
) -> None:
    await library.set_up(a_program("Rows", STEPS))
    for form in (await library.begin(), await library.open_existing("rows")):
        result = await library.answer(form, answers(steps=rows))
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "rows")
        assert result["errors"] == {CONF_STEPS: "invalid"}
        assert result["description_placeholders"] == {"problem": problem, "preview": ""}
        assert suggested(result) == answers(steps=rows, **{CONF_AS_YAML: False})
    assert library.stored == {"Rows": ("backward", STEPS)}
    assert (await library.answer(result, answers()))["reason"] == SAVED


async def test_a_form_without_any_steps_says_so_in_words(library: Library) -> None:
    await library.set_up()
    rows = await library.begin()
    yaml = await library.answer(await library.begin(), answers(**{CONF_AS_YAML: True}))
    for form in (rows, yaml):
        result = await library.answer(form, {CONF_NAME: "Evening", CONF_DIRECTION: "backward"})
        assert result["errors"] == {CONF_STEPS: "invalid"}
        assert result["description_placeholders"]["problem"].startswith("The program has no steps.")


@pytest.mark.parametrize("key", ["speed", "incline"])
async def test_a_ramp_without_a_start_begins_where_the_step_before_it_ends(library: Library, key: str) -> None:
    await library.set_up()
    rows = [{**FINE, key: 1}, {"minutes": 1, f"{key}_to": 2}]
    result = await library.answer(await library.begin(), answers(steps=rows))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert library.stored == {"Evening": ("backward", [rows[0], {"minutes": 1, key: {"from": 1, "to": 2}}])}


async def test_a_ramp_without_a_start_and_without_a_step_before_it_is_reported(library: Library) -> None:
    await library.set_up()
    result = await library.answer(await library.begin(), answers(steps=[{"minutes": 1}, {"minutes": 1, "speed_to": 2}]))
    assert result["errors"] == {CONF_STEPS: "invalid"}
    problem = "Step 2: it is not clear where the ramp of speed begins. Enter speed too."
    assert result["description_placeholders"] == {"problem": problem, "preview": ""}


async def test_what_the_limits_cut_is_said_before_and_after_it_is_saved(library: Library) -> None:
    await library.set_up(a_program("Kettle", [{"minutes": 3, "speed": {"from": 1, "to": 9}}]))
    result = await library.open_existing("kettle")
    shown = result["description_placeholders"]["preview"]
    assert "<b>3:00 · up to 9 km/h</b>" in shown
    assert "Step 1: 9 km/h is too fast here. It becomes 3 km/h." in shown
    assert "<svg" in shown
    assert "Red: requested, but the belt will not do it." in shown
    # A wrong name: what is in the form is drawn again.
    again = await library.answer(result, answers("", [{"minutes": 3, "speed": 1, "speed_to": 1.6}]))
    shown = again["description_placeholders"]["preview"]
    assert "<b>3:00 · up to 1.6 km/h</b>" in shown
    assert "Step 1: 1.6 km/h is not reached" in shown
    saved = await library.answer(again, answers("Kettle", [{"minutes": 3, "speed": 1, "speed_to": 1.6}]))
    assert (saved["reason"], "1.6 km/h is not reached" in saved["description_placeholders"]["summary"]) == (SAVED, True)
    new = await library.answer(await library.begin(), answers(steps=[{"minutes": 3, "speed": 0.5}]))
    assert (new["description"], new["description_placeholders"]) == (
        SAVED, {"summary": "<p><b>3:00 · up to 0.5 km/h</b></p>"}
    )  # fmt: skip


async def test_all_errors_are_reported_at_once_in_the_language_of_home_assistant(library: Library) -> None:
    library.hass.config.language = "de"
    await library.set_up()
    result = await library.answer(await library.begin(), answers("plan", [FINE, {"speed": 1}]))
    assert result["errors"] == {CONF_NAME: "name_reserved", CONF_STEPS: "invalid"}
    assert result["description_placeholders"]["problem"].startswith("Schritt 2 hat keine Länge.")


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("minutes: 1", "The program has no steps."),
        (None, "The program has no steps."),
        ([FINE, "two"], "Step 2 is not a step."),
        ([FINE, {"repeat": 2, "steps": [FINE, {"minuets": 1}]}], "Step 2.2: minuets is not valid here."),
        ([{"repeat": 2, "steps": []}], "Step 1: the group has no steps."),
        ([{"minutes": 1, "speed": {"from": 1}}], "Step 1: enter speed as one number, or as from and to."),
    ],
)
async def test_errors_in_the_yaml_are_reported_and_the_answers_stay(library: Library, steps: Any, problem: str) -> None:
    await library.set_up(a_program("Hills", HILLS))
    form = await library.open_existing("hills")
    form = await library.answer(form, {**suggested(form), CONF_AS_YAML: True})
    result = await library.answer(form, answers("Hills", steps))
    assert (result["step_id"], result["errors"]) == ("yaml", {CONF_STEPS: "invalid"})
    assert result["description_placeholders"]["problem"].startswith(problem)
    assert suggested(result) == answers("Hills", steps)
    assert library.stored == {"Hills": ("backward", HILLS)}


@pytest.mark.parametrize("rows", [[{"pace": 5}], [{"speed": "fast"}], [{"label": 5}], "text"])
async def test_answers_that_the_form_does_not_offer_are_refused(library: Library, rows: Any) -> None:
    await library.set_up()
    form = await library.begin()
    with pytest.raises(InvalidData):
        await library.answer(form, answers(steps=rows))
    with pytest.raises(InvalidData):
        await library.answer(form, answers(direction="sideways"))
    assert library.stored == {}


async def test_an_unreadable_program_opens_as_it_is_and_can_be_corrected(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    steps = [{"minutes": 1, "pace": 5}]
    await library.set_up(a_program("Odd", steps))
    assert library.own == []
    assert "Could not read the program Odd" in caplog.text
    result = await library.open_existing("odd", "yaml")
    assert (suggested(result)[CONF_STEPS], result["errors"]) == (steps, {CONF_STEPS: "invalid"})
    assert result["description_placeholders"]["problem"].startswith("Step 1: pace is not valid here.")
    result = await library.answer(result, answers("Odd", [FINE]))
    assert result["reason"] == SAVED
    assert (library.stored, library.own) == ({"Odd": ("backward", [FINE])}, ["Odd"])


# During a session, and while the entry is not loaded


async def test_s14_programs_come_change_and_go_while_the_belt_moves_and_nothing_reloads(library: Library) -> None:
    await library.set_up(connected=True)
    house, coordinator = library.house, library.house.coordinator
    await house.walk()
    house.commands()
    await library.answer(await library.begin(), answers())
    assert library.own == ["Evening"]
    [program_id] = coordinator.programs.own
    await library.answer(await library.open_existing(program_id), answers("Morning"))
    assert library.own == ["Morning"]
    assert library.hass.config_entries.async_remove_subentry(house.entry, program_id)
    await house.settle()
    assert (library.own, library.changes) == ([], 3)
    await house.time(2)
    assert house.coordinator is coordinator
    assert house.state("session_state") in {"warm_up", "active"}
    assert not house.treadmill.at_rest
    assert house.commands() == []
    # No reload was postponed until now either.
    await house.come_to_rest()
    await house.time(60)
    assert house.coordinator is coordinator


async def test_programs_are_there_after_a_restart(library: Library) -> None:
    await library.set_up()
    await library.answer(await library.begin(), answers())
    entry = library.house.entry
    assert entry is not None
    assert await library.hass.config_entries.async_unload(entry.entry_id)
    # Programs can be added while the entry is not loaded.
    await library.answer(await library.begin("first_steps"), answers("Unloaded"))
    assert await library.hass.config_entries.async_setup(entry.entry_id)
    await library.house.settle()
    assert entry.state is ConfigEntryState.LOADED
    assert library.own == ["Evening", "Unloaded"]


# The HTTP interface


async def test_the_http_interface_serves_the_form_and_accepts_a_program(
    library: Library, hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "config", {})
    await library.set_up()
    assert library.house.entry is not None
    client, url = await hass_client(), "/api/config/config_entries/subentries/flow"
    response = await client.post(url, json={"handler": [library.house.entry.entry_id, SUBENTRY_PROGRAM]})
    assert response.status == HTTPStatus.OK
    form = await response.json()
    [field] = form["data_schema"]
    assert field["selector"]["select"]["options"][0] == {"value": EMPTY, "label": "An empty program"}
    url = f"{url}/{form['flow_id']}"

    form = await (await client.post(url, json={CONF_BEGIN_WITH: "first_steps"})).json()
    fields = {each["name"]: each for each in form["data_schema"]}
    assert list(fields) == [CONF_NAME, CONF_DIRECTION, CONF_STEPS, CONF_AS_YAML]
    rows = fields[CONF_STEPS]["selector"]["object"]
    assert (rows["multiple"], rows["translation_key"], rows["description_field"]) == (True, "program_step", "label")
    assert list(rows["fields"]) == list(FIELDS)
    for name, unit in FIELDS.items():
        selector = rows["fields"][name]["selector"]
        if unit is None:
            assert "text" in selector
        else:
            number = selector["number"]
            assert (number["mode"], number["step"], number["unit_of_measurement"]) == ("box", "any", unit)
    assert len(fields[CONF_STEPS]["description"]["suggested_value"]) == 3

    # As the frontend sends it: numbers as typed, and without empty fields.
    done = await (await client.post(url, json=answers())).json()
    assert done["type"] == "create_entry"
    await library.house.settle()
    assert library.stored == {"Evening": ("backward", STEPS)}

    # The YAML form has neither fields nor bounds.
    [program_id] = library.house.coordinator.programs.own
    handler = [library.house.entry.entry_id, SUBENTRY_PROGRAM]
    form = await (
        await client.post(
            "/api/config/config_entries/subentries/flow", json={"handler": handler, "subentry_id": program_id}
        )
    ).json()
    assert form["step_id"] == "rows"
    url = f"/api/config/config_entries/subentries/flow/{form['flow_id']}"
    form = await (await client.post(url, json=answers(**{CONF_AS_YAML: True}))).json()
    assert form["step_id"] == "yaml"
    assert form["data_schema"][-1]["selector"] == {"object": {"multiple": False}}
    done = await (await client.post(url, json=answers(steps=HILLS))).json()
    assert done["reason"] == SAVED
    assert library.stored == {"Evening": ("backward", HILLS)}


# Rows and steps

lengths = st.floats(0.001, 100).map(lambda value: round(value, 3))
values = st.floats(0.1, 20).map(lambda value: round(value, 2))
ramps = st.none() | st.builds(Ramp, values, values)
labels = st.none() | st.text("abc ", min_size=1, max_size=9).map(lambda text: f"a{text}z")
steps_ = st.builds(Step, seconds=lengths, speed=ramps, incline=ramps, label=labels)
singles = steps_ | st.builds(lambda step, repeat: Group(repeat=repeat, steps=(step,)), steps_, st.integers(1, 3))


nested = st.recursive(
    singles,
    lambda inside: st.builds(
        Group, repeat=st.integers(1, 3), steps=st.lists(inside, min_size=1, max_size=3).map(tuple), label=labels
    ),
    max_leaves=4,
)


@given(steps=st.lists(nested, min_size=1, max_size=3).map(tuple), changed=st.booleans())
def test_rows_and_steps_convert_without_loss(steps: tuple[Step | Group, ...], *, changed: bool) -> None:
    """Check that the walked program is the same, and that a program whose rows nobody changed keeps its groups."""
    program = Program(name="Any", direction=Direction.FORWARD, steps=steps)
    assume(program.duration + 3 < Direction.BACKWARD.longest)  # the direction of rows that have none
    written = program.as_dict()[CONF_STEPS]
    rows = rows_from_steps(written)
    assert all(set(row) <= set(FIELDS) for row in rows)
    assert all(0 < row.get("seconds", 1) < 60 for row in rows)
    if not has_groups(written):
        assert len(rows) == len(steps)
    if changed:
        assert Program.from_dict({CONF_NAME: "Any", CONF_STEPS: steps_from_rows(rows)}).flat() == program.flat()
        rows[0]["seconds"] = rows[0].get("seconds", 0) + 0.5
        data = {**program.as_dict(), CONF_STEPS: steps_from_rows(rows, written)}
        assert Program.from_dict(data).duration > program.duration
    else:
        assert steps_from_rows(rows, written) == written
