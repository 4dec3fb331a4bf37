"""The editor of programs on the dashboard: what it lists, opens, draws, saves and deletes, and for whom."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.core import HomeAssistant
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM
from hypothesis import given
from hypothesis import strategies as st
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_DIRECTION, CONF_STEPS, SUBENTRY_PROGRAM
from custom_components.retrowalk.dashboard import editor
from custom_components.retrowalk.programs.rows import metric_rows, rows_from_steps, shown_rows, steps_from_rows
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.units import Units
from tests.support.card import Card
from tests.support.house import House, make_entry, walker_subentry
from tests.support.program_dialog import a_program
from tests.support.program_words import words

HILLS: list[dict[str, Any]] = [
    {"minutes": 1, "speed": 1},
    {"repeat": 2, "steps": [{"seconds": 90, "speed": {"from": 1, "to": 1.5}}, {"minutes": 1, "incline": 1}]},
]
ROWS: list[dict[str, str]] = [
    {"minutes": "1", "speed": "0.5"},
    {"minutes": "2", "seconds": "", "speed": "", "speed_to": "1.6", "label": "Faster"},
    {"minutes": "1", "speed": "0,5", "incline": ""},
]
"""As they are typed: the end of a ramp without its beginning, empty fields, and a decimal comma."""
STEPS: list[dict[str, Any]] = [
    {"minutes": 1, "speed": 0.5},
    {"minutes": 2, "speed": {"from": 0.5, "to": 1.6}, "label": "Faster"},
    {"minutes": 1, "speed": 0.5},
]


class Editor(Card):
    """The editor in a browser."""

    async def programs(self, **data: Any) -> dict[str, Any]:
        """Return the newest list, subscribed to at the first call."""
        if not self.received:
            assert (await self.command("programs", device_id=self.device_id, **data))["success"]
        await self.hass.async_block_till_done()
        await self.command("beat")  # what was sent before has arrived then
        return self.received[-1]

    async def program(self, what: str, **data: Any) -> Any:
        """Return the answer to a command for one program, or the key of the refusal."""
        answer = await self.command(f"program/{what}", device_id=self.device_id, **data)
        await self.hass.async_block_till_done()
        if answer["success"]:
            return answer["result"]
        return answer["error"].get("translation_key") or answer["error"]["code"]

    async def draw(self, rows: list[Any], **data: Any) -> Any:
        return await self.program("draw", rows=rows, **{"direction": "backward", **data})

    async def save(self, name: str, rows: list[Any], **data: Any) -> Any:
        return await self.program("save", name=name, rows=rows, **{"direction": "backward", **data})


@pytest.fixture
async def owner(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Editor:
    """Return the editor of an administrator, with one program."""
    await house.set_up(make_entry(walkers=[walker_subentry(), a_program("Hills", HILLS)]))
    return Editor(hass, await hass_ws_client(hass))


def stored(house: House) -> dict[str, tuple[str, Any]]:
    """Return the direction and the steps of each own program."""
    programs = house.entry.get_subentries_of_type(SUBENTRY_PROGRAM)
    return {each.title: (each.data[CONF_DIRECTION], each.data[CONF_STEPS]) for each in programs}


# The list


async def test_programs_are_listed_with_their_figures_in_the_users_language(owner: Editor) -> None:
    listed = await owner.programs(language="de")
    assert listed["editable"] is True
    assert listed["own"] == [{"id": "hills", "name": "Hills", "summary": "6:00 · bis 1,5 km/h, 1 %"}]
    labels = {each["id"]: each["label"] for each in listed["copies"]}
    assert labels[""] == "Eine Kopie von …"
    assert labels["first_steps"] == "Erste Schritte · 5:00 · bis 1,5 km/h"
    assert labels["hills"] == "Hills · 6:00 · bis 1,5 km/h, 1 %"
    assert listed["directions"] == [{"id": "backward", "label": "Rückwärts"}, {"id": "forward", "label": "Vorwärts"}]
    [length, speed, incline, label] = listed["groups"]
    assert [field["unit"] for field in length] == ["min", "s"]
    assert [(field["key"], field["unit"]) for field in (*speed, *incline)] == [
        ("speed", ""), ("speed_to", "km/h"), ("incline", ""), ("incline_to", "%")
    ]  # fmt: skip
    assert speed[1]["name"] == "Geschwindigkeit am Ende"
    assert label == [{"key": "label", "name": "Bezeichnung", "unit": ""}]


async def test_the_list_follows_what_is_saved_anywhere(house: House, owner: Editor) -> None:
    before = await owner.programs()
    house.coordinator.programs.save(Program.from_dict({"name": "Evening", "steps": STEPS}))
    assert [each["name"] for each in (await owner.programs())["own"]] == ["Hills", "Evening"]
    received = len(owner.received)
    await house.walk()
    await house.time(10)
    await owner.programs()
    assert len(owner.received) == received, "a session changes no program"
    assert before["copies"][0] == (await owner.programs())["copies"][0]


async def test_there_is_no_list_of_a_treadmill_that_is_not_there(owner: Editor) -> None:
    assert (await owner.command("programs", device_id="nothing"))["error"]["code"] == "not_found"


# Opening


async def test_an_own_program_opens_with_every_step_that_is_walked(owner: Editor) -> None:
    opened = await owner.program("open", program="hills", language="de")
    assert (opened["program"], opened["name"], opened["direction"]) == ("hills", "Hills", "backward")
    up = {"minutes": "1", "seconds": "30", "speed": "1", "speed_to": "1,5"}
    hill = {"minutes": "1", "incline": "1"}
    assert opened["rows"] == [{"minutes": "1", "speed": "1"}, up, hill, up, hill]
    assert opened["note"].startswith("Dieses Programm wiederholt mehrere Schritte zusammen.")


async def test_a_preset_opens_as_a_copy_under_a_free_name(owner: Editor) -> None:
    opened = await owner.program("open", program="intervals", copy=True)
    assert (opened["program"], opened["name"]) == (None, "Intervals 2")
    assert len(opened["rows"]) == 9
    own = await owner.program("open", program="hills", copy=True)
    assert (own["program"], own["name"]) == (None, "Hills 2")


async def test_a_new_program_begins_with_a_minute_at_the_lowest_speed(owner: Editor) -> None:
    new = await owner.program("open")
    assert new == {
        "program": None,
        "name": "",
        "direction": "backward",
        "rows": [{"minutes": "1", "speed": "0.5"}],
        "note": None,
        "seen": None,
    }


@pytest.mark.parametrize("program", ["nothing", "anna"])
async def test_a_program_that_is_not_there_is_not_opened(owner: Editor, program: str) -> None:
    assert await owner.program("open", program=program) == "program_gone"


# Drawing


async def test_what_is_typed_is_drawn_with_what_the_limits_cut(owner: Editor) -> None:
    drawn = await owner.draw(ROWS)
    assert (drawn["row"], drawn["text"]) == (None, "4:00 · up to 1.6 km/h")
    assert drawn["cuts"] == []
    svg = ET.fromstring(f"<svg>{drawn['svg']}</svg>")
    assert [each.get("class") for each in svg.iter("path")] == ["asked", "walked"]
    assert [(each.get("x"), each.get("width")) for each in svg.iter("rect")] == [
        ("0.0", "250.0"), ("250.0", "500.0"), ("750.0", "250.0")
    ]  # fmt: skip
    fast = await owner.draw([{"minutes": "5", "speed": "9", "incline": "20"}], language="de")
    assert fast["cuts"][0] == "Schritt 1: 9 km/h ist hier zu schnell. Daraus werden 3 km/h."
    classes = re.findall(r'class="(\w+)"', fast["svg"])
    assert classes == ["asked", "walked", "steep", "incline"]


async def test_forward_has_limits_of_its_own(owner: Editor) -> None:
    rows = [{"minutes": "40", "speed": "5"}]
    assert (await owner.draw(rows))["row"] is None
    assert (await owner.draw(rows))[
        "text"
    ] == "The program takes 40 min; at most 30 min are allowed. Shorten or remove steps."
    assert "svg" in await owner.draw(rows, direction="forward")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"minutes": "", "seconds": ""}, "Step 2 has no length. Add minutes or seconds."),
        ({"minutes": "1", "speed": "fast"}, "Step 2: fast is not a number."),
        ({"minutes": "1", "speed": "1.2.3"}, "Step 2: 1.2.3 is not a number."),
        ({"minutes": "1", "speed": "nan"}, "Step 2: nan is not a number."),
        ({"minutes": "1", "speed": "0"}, "Step 2: 0 km/h is not a valid speed."),
        ({"minutes": "1", "incline": "41"}, "Step 2: 41 % is not a valid incline."),
        ({"minutes": "1", "pace": "5"}, "6:00"),
        ({"minutes": ["1"]}, "Step 2: … is not a number."),
    ],
)
async def test_what_is_wrong_is_told_with_its_row_and_not_saved(
    house: House, owner: Editor, row: dict[str, Any], text: str
) -> None:
    rows = [{"minutes": "5", "speed": "1"}, row]
    drawn = await owner.draw(rows)
    if "svg" in drawn:
        assert drawn["text"].startswith(text), "a field that is not known is left out"
        return
    assert drawn["row"] == 1
    assert drawn["text"].startswith(text)
    assert await owner.save("Evening", rows) == drawn
    assert list(stored(house)) == ["Hills"]


async def test_a_program_without_rows_is_told_in_words(owner: Editor) -> None:
    text = "The program has no steps. Add at least one step with a length."
    assert await owner.draw([]) == {"row": None, "text": text}


# Saving


async def test_a_program_of_too_many_rows_is_told_in_words(owner: Editor) -> None:
    rows = [{"minutes": "0.05"}] * 20_000
    too_many = "The program has more than 1000 steps, its repeats included. Remove some, or repeat less often."
    assert await owner.draw(rows) == {"row": None, "text": too_many}


async def test_a_program_is_saved_as_the_form_saves_it_and_may_be_chosen_at_once(house: House, owner: Editor) -> None:
    coordinator = house.coordinator
    saved = await owner.save("  Evening   round ", ROWS)
    assert saved["name"] == "Evening round"
    assert stored(house)["Evening round"] == ("backward", STEPS)
    assert house.entry.subentries[saved["program"]].title == "Evening round"
    assert "Evening round" in house.full_state("program").attributes["options"]
    assert house.coordinator is coordinator, "nothing was reloaded"


async def test_a_program_is_changed_in_its_place(house: House, owner: Editor) -> None:
    saved = await owner.save("Valleys", ROWS, program="hills", direction="forward")
    assert saved == {"program": "hills", "name": "Valleys", "said": None}
    assert stored(house) == {"Valleys": ("forward", STEPS)}


async def test_a_program_whose_rows_nobody_changed_keeps_its_groups(house: House, owner: Editor) -> None:
    opened = await owner.program("open", program="hills", language="de")
    assert await owner.save("Valleys", opened["rows"], program="hills") == {
        "program": "hills",
        "name": "Valleys",
        "said": None,
    }
    assert stored(house) == {"Valleys": ("backward", HILLS)}


async def test_in_a_house_of_miles_rows_are_in_mph_and_what_nobody_changes_stays(house: House, owner: Editor) -> None:
    owner.hass.config.units = US_CUSTOMARY_SYSTEM
    [_, speed, *_] = (await owner.programs())["groups"]
    assert [field["unit"] for field in speed] == ["", "mph"]
    opened = await owner.program("open", program="hills")
    assert [row.get("speed") for row in opened["rows"]] == ["0.62", "0.62", None, "0.62", None]
    await owner.save("Hills", opened["rows"], program="hills")
    assert stored(house) == {"Hills": ("backward", HILLS)}
    await owner.save("Evening", [{"minutes": "1", "speed": "0.31"}, {"minutes": "2", "speed_to": "1"}])
    assert stored(house)["Evening"][1] == [
        {"minutes": 1, "speed": 0.5}, {"minutes": 2, "speed": {"from": 0.5, "to": 1.61}}
    ]  # fmt: skip


async def test_a_program_that_was_deleted_meanwhile_is_saved_as_a_new_one(house: House, owner: Editor) -> None:
    house.coordinator.programs.delete("Hills")
    await house.settle()
    saved = await owner.save("Hills", ROWS, program="hills")
    assert saved["program"] != "hills"
    assert stored(house) == {"Hills": ("backward", STEPS)}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("Plan", "program_name_reserved"), (" daily_five ", "program_name_reserved"), ("hILLS", "program_name_taken")],
)
async def test_a_name_that_stands_for_something_else_is_refused(
    house: House, owner: Editor, name: str, refusal: str
) -> None:
    assert await owner.save(name, ROWS) == refusal
    assert list(stored(house)) == ["Hills"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
async def test_a_program_needs_a_name(house: House, owner: Editor, name: str) -> None:
    text = "Give the program a name of 1 to 100 characters."
    assert await owner.save(name, ROWS) == {"row": None, "text": text}
    assert list(stored(house)) == ["Hills"]


async def test_s14_a_program_is_saved_while_somebody_walks_and_the_belt_is_told_nothing(
    house: House, owner: Editor
) -> None:
    await house.walk()
    house.commands()
    await owner.save("Evening", ROWS)
    await owner.program("delete", program="hills")
    assert list(stored(house)) == ["Evening"]
    assert house.commands() == []
    assert not house.treadmill.at_rest


# Deleting


async def test_a_program_is_deleted_once(house: House, owner: Editor) -> None:
    assert await owner.program("delete", program="hills", language="de") is None
    assert stored(house) == {}
    assert await owner.program("delete", program="hills") == "program_gone"
    assert await owner.program("delete", program="anna") == "program_gone"
    assert "anna" in house.entry.subentries


# For whom


@pytest.fixture
async def guest(
    hass: HomeAssistant, house: House, owner: Editor, hass_ws_client: WebSocketGenerator, hass_read_only_user: MockUser
) -> Editor:
    """Return the editor of somebody who is no administrator."""
    return await of_user(hass, hass_read_only_user, hass_ws_client)


async def of_user(hass: HomeAssistant, user: User, hass_ws_client: WebSocketGenerator) -> Editor:
    token = await hass.auth.async_create_refresh_token(user, "http://client")
    return Editor(hass, await hass_ws_client(hass, hass.auth.async_create_access_token(token)))


async def test_only_administrators_write_programs(house: House, guest: Editor) -> None:
    listed = await guest.programs()
    assert (listed["editable"], [each["name"] for each in listed["own"]]) == (False, ["Hills"])
    assert await guest.program("open", program="hills") == "unauthorized"
    assert await guest.draw(ROWS) == "unauthorized"
    assert await guest.save("Evening", ROWS) == "unauthorized"
    assert await guest.program("delete", program="hills") == "unauthorized"
    assert stored(house) == {"Hills": ("backward", HILLS)}


async def test_who_may_not_see_the_treadmill_sees_no_list(
    hass: HomeAssistant, owner: Editor, hass_ws_client: WebSocketGenerator
) -> None:
    user = MockUser().add_to_hass(hass)
    user._permissions = PolicyPermissions({}, None)  # type: ignore[arg-type]
    blind = await of_user(hass, user, hass_ws_client)
    assert (await blind.command("programs", device_id=blind.device_id))["error"]["code"] == "unauthorized"


async def test_while_the_treadmill_is_not_loaded_it_is_told_and_nothing_is_lost(
    hass: HomeAssistant, house: House, owner: Editor
) -> None:
    await owner.programs()
    await hass.config_entries.async_unload(house.entry.entry_id)
    for refusal in (
        await owner.program("open"),
        await owner.draw(ROWS),
        await owner.save("Evening", ROWS),
        await owner.program("delete", program="hills"),
    ):
        assert refusal == "service_config_entry_not_loaded"
    assert list(stored(house)) == ["Hills"]
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    assert (await owner.save("Evening", ROWS))["name"] == "Evening"
    assert [each["name"] for each in (await owner.programs())["own"]] == ["Hills", "Evening"]


# Rows and programs

lengths = st.floats(0.001, 100).map(lambda value: round(value, 3))
values = st.floats(0.1, 20).map(lambda value: round(value, 4))
ramps = st.none() | st.builds(Ramp, values, values)
WORDS = {language: words(language) for language in ("en", "de")}
labels = st.none() | st.text("abc, .", min_size=1, max_size=9).map(lambda text: f"a{text}z")
plain = st.builds(Step, seconds=lengths, speed=ramps, incline=ramps, label=labels)
nested = st.recursive(
    plain,
    lambda inside: st.builds(
        Group, repeat=st.integers(1, 3), steps=st.lists(inside, min_size=1, max_size=3).map(tuple), label=labels
    ),
    max_leaves=4,
)


@given(
    steps=st.lists(nested, min_size=1, max_size=3).map(tuple), language=st.sampled_from([*WORDS]), miles=st.booleans()
)
def test_a_program_and_the_rows_of_the_editor_convert_without_loss(
    steps: tuple[Step | Group, ...], language: str, *, miles: bool
) -> None:
    program = Program(name="Any", direction=Direction.FORWARD, steps=steps)
    written = program.as_dict()[CONF_STEPS]
    units = Units(miles=miles)
    shown = [editor._shown(row, WORDS[language]) for row in shown_rows(rows_from_steps(written, repeats=False), units)]
    assert len(shown) == len(program.flat())
    typed = metric_rows(map(editor._typed, shown), units)
    assert steps_from_rows(typed, written, repeats=False) == written
    again = {**program.as_dict(), CONF_STEPS: steps_from_rows(typed, repeats=False)}
    assert Program.from_dict(again).flat() == program.flat()


async def test_what_two_administrators_wrote_meanwhile_is_both_there(house: House, owner: Editor) -> None:
    first, second = await owner.program("open", program="hills"), await owner.program("open", program="hills")
    saved = await owner.program("save", **{**_draft(first), "rows": ROWS})
    assert (saved["program"], saved["name"], saved["said"]) == ("hills", "Hills", None)
    mine = {**_draft(second), "rows": [{"minutes": "3", "speed": "1"}]}
    saved = await owner.program("save", **mine)
    assert (saved["name"], saved["program"]) != ("Hills", "hills")
    assert saved["name"] == "Hills 2"
    assert (
        saved["said"]
        == "Hills was changed by someone else since you opened it. Yours was saved as Hills 2, and both are kept."
    )
    assert stored(house)["Hills 2"] == ("backward", [{"minutes": 3, "speed": 1.0}])
    assert len(stored(house)["Hills"][1]) == len(ROWS)
    # Whoever opens it anew changes what is there.
    third = await owner.program("open", program="hills")
    saved = await owner.program("save", **{**_draft(third), "name": "Valleys"})
    assert (saved["program"], saved["name"], saved["said"]) == ("hills", "Valleys", None)


async def test_what_somebody_else_changed_is_not_deleted_unseen(house: House, owner: Editor) -> None:
    opened = await owner.program("open", program="hills")
    assert (await owner.program("save", **{**_draft(opened), "rows": ROWS}))["program"] == "hills"
    assert await owner.program("delete", program="hills", seen=opened["seen"]) == "program_changed"
    assert "Hills" in stored(house)
    opened = await owner.program("open", program="hills")
    assert await owner.program("delete", program="hills", seen=opened["seen"]) is None
    assert stored(house) == {}


def _draft(opened: dict[str, Any]) -> dict[str, Any]:
    """Return what the editor sends of what it opened."""
    return {key: value for key, value in opened.items() if key != "note"}
