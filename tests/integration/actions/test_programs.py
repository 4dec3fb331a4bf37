"""The actions of programs: list, save, delete, import and export."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.const import SUBENTRY_PROGRAM
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.coaching.presets import PRESETS
from custom_components.retrowalk.training.files.errors import LARGEST
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.program import Program
from tests.support.action_calls import ON_DEMAND, Actions
from tests.support.workout_files import fit_workout, read

STEPS: list[dict[str, Any]] = [
    {"minutes": 1, "speed": 1.5, "label": "Warm-up"},
    {"repeat": 2, "steps": [{"seconds": 90, "speed": {"from": 1.5, "to": 2}}, {"minutes": 1, "incline": 1}]},
]
QZ = """<?xml version="1.0" encoding="UTF-8"?>
<rows>
  <row duration="00:01:00" speed="1.5" forcespeed="1"/>
  <repeat times="3"><row duration="00:00:30" speedfrom="1.5" speedto="2" inclination="1"/></repeat>
</rows>"""
ZWO = """<workout_file><name>Hills</name><sportType>run</sportType><durationType>time</durationType><workout>
  <Warmup Duration="60" PowerLow="0.5" PowerHigh="0.75"/><SteadyState Duration="240" Power="0.75"/>
</workout></workout_file>"""


def own_programs(actions: Actions) -> dict[str, Program]:
    """Return the own programs by name, after a check that the entry stores the same ones."""
    programs = actions.house.coordinator.programs
    stored = [each for each in actions.house.entry.subentries.values() if each.subentry_type == SUBENTRY_PROGRAM]
    assert {each.title for each in stored} == {program.name for program in programs.own.values()}
    assert len(stored) == len(programs.own)
    return {program.name: program for program in programs.own.values()}


async def listed(actions: Actions) -> dict[str, dict[str, Any]]:
    response = await actions.call("list_programs")
    json.dumps(response)
    return {each["name"]: each for each in response["programs"]}


@pytest.fixture
def media(actions: Actions, tmp_path: Path) -> Path:
    """Return the media folder, which Home Assistant allows; the configuration folder is not allowed."""
    folder, config = tmp_path / "media", tmp_path / "config"
    folder.mkdir()
    config.mkdir()
    actions.hass.config.config_dir = str(config)
    actions.hass.config.media_dirs = {"local": str(folder)}
    actions.hass.config.allowlist_external_dirs = {str(folder)}
    return folder


# List, save and delete


async def test_the_presets_and_own_programs_are_listed(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="Mine", steps=STEPS)
    await actions.call("save_program", name="Fast", direction="forward", steps=[{"minutes": 40, "speed": 5}])
    await actions.call("save_program", name="Too fast", steps=[{"minutes": 5, "speed": {"from": 1, "to": 3.1}}])
    await actions.call("save_program", name="Too steep", steps=[{"minutes": 5, "speed": 2, "incline": 3.5}])
    programs = await listed(actions)
    assert list(programs) == [*PRESETS, "Mine", "Fast", "Too fast", "Too steep"]
    days = {name: program["days_a_week"] for name, program in programs.items() if "days_a_week" in program}
    assert days == {"knee_six_weeks": 3}
    assert programs["Mine"] == {
        "name": "Mine",
        "kind": "own",
        "direction": "backward",
        "minutes": 6,
        "fits": True,
        "steps": STEPS,
    }
    assert (programs["Fast"]["direction"], programs["Fast"]["minutes"], programs["Fast"]["fits"]) == (
        "forward",
        40,
        True,
    )
    assert [programs[name]["fits"] for name in ("Too fast", "Too steep")] == [False, False]
    assert {programs[key]["kind"] for key in PRESETS} == {"preset"}
    assert all(programs[key]["fits"] and programs[key]["steps"] for key in PRESETS)
    assert programs["intervals"]["minutes"] == 13
    assert Program.from_dict({"name": "x", "steps": programs["intervals"]["steps"]}).duration == 13 * 60


async def test_what_fits_follows_the_machine_and_the_owners_limits(actions: Actions) -> None:
    flat = Capabilities(speed_range=ValueRange(0.5, 20.0, 0.1), can_start_and_stop=True)
    options = {**ON_DEMAND, "rail": False}  # slow, level and short (S1)
    await actions.set_up(options=options, capabilities=flat.as_dict(), connected=False)
    for name, steps in (
        ("Long", [{"minutes": 11, "speed": 1}]),
        ("Slow", [{"minutes": 5, "speed": 2}]),
        ("Hill", STEPS),
    ):
        await actions.call("save_program", name=name, steps=steps)
    programs = await listed(actions)
    assert {name for name, each in programs.items() if not each["fits"]} == {
        "gentle_hills",
        "intervals",
        "Long",
        "Hill",
    }
    assert (programs["gentle_hills"]["minutes"], programs["gentle_hills"]["steps"]) == (10, [])


async def test_a_machine_that_is_not_known_yet_fits_nothing(actions: Actions) -> None:
    await actions.set_up(options=ON_DEMAND, capabilities=Capabilities().as_dict(), connected=False)
    await actions.call("save_program", name="Mine", steps=STEPS)
    assert not any(each["fits"] for each in (await listed(actions)).values())


async def test_a_script_saves_a_program_as_a_person_writes_it_and_it_outlives_a_reload(actions: Actions) -> None:
    await actions.set_up(connected=False)
    script = parse_yaml(f"""
        script:
          save:
            sequence:
              - action: retrowalk.save_program
                data:
                  device_id: {actions.device()}
                  name: " Ten with a hill "
                  steps:
                    - minutes: 1
                      speed: 1.5
                      label: Warm-up
                    - repeat: 2
                      steps:
                        - {{seconds: 90, speed: {{from: 1.5, to: 2}}}}
                        - {{minutes: 1, incline: 1}}
                response_variable: saved
              - stop: done
                response_variable: saved
    """)
    assert isinstance(script, dict)
    assert await async_setup_component(actions.hass, "script", script)
    saved = await actions.hass.services.async_call("script", "save", blocking=True, return_response=True)
    expected = Program.from_dict({"name": "Ten with a hill", "steps": STEPS})
    assert saved["name"] == "Ten with a hill"
    assert saved["steps"] == STEPS
    assert own_programs(actions) == {"Ten with a hill": expected}
    json.dumps(actions.house.entry.as_dict(), default=str)
    await actions.hass.config_entries.async_reload(actions.house.entry.entry_id)
    await actions.house.settle()
    assert own_programs(actions) == {"Ten with a hill": expected}


async def test_a_program_of_the_same_name_is_replaced(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="Mine", steps=STEPS)
    (first,) = actions.house.coordinator.programs.own
    await actions.call("save_program", name="MINE", direction="forward", steps={"seconds": 90, "speed": 4})
    assert [*actions.house.coordinator.programs.own] == [first]
    assert own_programs(actions)["MINE"].as_dict() == {
        "name": "MINE",
        "direction": "forward",
        "steps": [{"seconds": 90, "speed": 4}],
    }
    await asyncio.gather(*(actions.call("save_program", name="Twice", steps=STEPS) for _ in range(2)))
    assert set(own_programs(actions)) == {"MINE", "Twice"}


async def test_s14_a_program_is_saved_and_deleted_while_somebody_walks(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.walk()
    coordinator = actions.house.coordinator
    counts: list[int] = []
    coordinator.programs.async_add_listener(lambda: counts.append(len(coordinator.programs.own)))
    await actions.call("save_program", by=actions.person(), name="Mine", steps=STEPS)
    await actions.call("delete_program", by=actions.person(), program="mine")
    await actions.house.time(2)
    assert actions.house.coordinator is coordinator
    assert (counts, actions.state) == ([1, 0], "warm_up")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"name": "Plan"}, "program_name_reserved"),
        ({"name": " intervals "}, "program_name_reserved"),
        ({"name": "unknown"}, "program_name_reserved"),
        ({"name": " "}, "program_name"),
        ({"name": "x" * 101}, "program_name"),
        ({"steps": []}, "program_empty"),
        ({"steps": None}, "program_empty"),
        ({"steps": "- minutes: 1"}, "program_not_a_step"),
        ({"steps": [5]}, "program_not_a_step"),
        ({"steps": [{"speed": 2}]}, "program_no_length"),
        ({"steps": [{"minutes": 0, "speed": 2}]}, "program_length"),
        ({"steps": [{"minutes": "1", "speed": 2}]}, "program_number"),
        ({"steps": [{"minutes": 1, "speed": -2}]}, "program_speed"),
        ({"steps": [{"minutes": 1, "speed": float("nan")}]}, "program_number"),
        ({"steps": [{"minutes": 1, "incline": 50}]}, "program_incline"),
        ({"steps": [{"minutes": 1, "speed": {"from": 1}}]}, "program_ramp"),
        ({"steps": [{"minutes": 1, "sped": 1}]}, "program_unknown_key"),
        ({"steps": [{"repeat": 1000, "minutes": 1}]}, "program_repeat"),
        ({"steps": [{"minutes": 31, "speed": 1}]}, "program_too_long"),
    ],
)
async def test_an_invalid_program_is_not_saved(actions: Actions, data: dict[str, Any], refusal: str) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="Mine", steps=STEPS)
    before = own_programs(actions)
    assert await actions.refused("save_program", **{"name": "Mine", "steps": STEPS} | data) == refusal
    assert own_programs(actions) == before


async def test_own_programs_are_deleted_and_presets_are_not(actions: Actions) -> None:
    await actions.set_up(connected=False)
    for name in ("Mine", "Other"):
        await actions.call("save_program", name=name, steps=STEPS)
    await actions.call("delete_program", program=" MINE ")
    assert set(own_programs(actions)) == {"Other"}
    for name in ("mine", "intervals", "plan", ""):
        assert await actions.refused("delete_program", program=name) == "program_not_own"
    assert set(own_programs(actions)) == {"Other"}


async def test_only_administrators_change_programs_and_write_files(
    actions: Actions, lisa: MockUser, media: Path
) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="Mine", steps=STEPS)
    lisas = Context(user_id=lisa.id)
    for action, data in (
        ("save_program", {"name": "Lisa's", "steps": STEPS}),
        ("delete_program", {"program": "Mine"}),
        ("import_program", {"content": QZ, "name": "Lisa's"}),
        ("export_program", {"program": "Mine", "path": f"{media}/"}),
    ):
        with pytest.raises(Unauthorized):
            await actions.call(action, by=lisas, **data)
    assert set(own_programs(actions)) == {"Mine"}
    assert list(media.iterdir()) == []
    assert "programs" in await actions.call("list_programs", by=lisas)
    assert "xml" in await actions.call("export_program", by=lisas, program="Mine")
    await actions.call("export_program", by=actions.person(), program="Mine", path=f"{media}/")
    assert [path.name for path in media.iterdir()] == ["mine.xml"]


# Import


async def test_a_qz_program_is_imported(actions: Actions) -> None:
    await actions.set_up(connected=False)
    response = await actions.call("import_program", content=QZ, name=" Hills ", direction="forward")
    preview, warnings = response.pop("preview"), response.pop("warnings")
    assert response == {
        "name": "Hills",
        "kind": "own",
        "direction": "forward",
        "minutes": 2.5,
        "fits": True,
        "steps": [
            {"minutes": 1, "speed": 1.5},
            {"repeat": 3, "steps": [{"seconds": 30, "speed": {"from": 1.5, "to": 2}, "incline": 1}]},
        ],
        "saved": True,
    }
    assert preview == {
        "minutes": 2.5,
        "distance": 46,
        "top_speed": 1.6,
        "top_incline": 1,
        "full_speed_kmh": None,
        "lengths": None,
        "unit": None,
        "steps": ["1 min at 1.5 km/h", *["30 s at 1.5 to 2 km/h, 1 % incline"] * 3],
    }
    assert [warning["text"].partition(".")[0] for warning in warnings] == [
        "In QZ some of these speeds are only suggestions (no forcespeed)",
        "Line 3: There is no incline, so it stays as it was before",
        (
            "Steps 2-4: 2 km/h is not reached: a session begins and ends at the lowest speed, "
            "and the belt speeds up only slowly"
        ),
        "Step 4: 1 % is not reached: a session begins and ends level, and the deck rises only slowly",
    ]
    assert own_programs(actions) == {"Hills": read(QZ, name="Hills", direction=Direction.FORWARD)}


async def test_a_zwift_run_is_imported_with_its_full_speed(actions: Actions) -> None:
    await actions.set_up(connected=False)
    assert await actions.refused("import_program", content=ZWO) == "import_needs_full_speed"
    for speed in (0, -1, 31, "nan"):
        assert await actions.refused("import_program", content=ZWO, full_speed_kmh=speed) == "import_full_speed"
    assert own_programs(actions) == {}
    response = await actions.call("import_program", content=ZWO, full_speed_kmh=4)
    assert (response["name"], response["minutes"]) == ("Hills", 5)
    assert response["steps"] == [{"minutes": 1, "speed": {"from": 2, "to": 3}}, {"minutes": 4, "speed": 3}]
    await actions.call("import_program", content=ZWO, full_speed_kmh=4, name="Slower")
    assert set(own_programs(actions)) == {"Hills", "Slower"}


async def test_an_import_tells_what_it_cuts_and_changes_and_where(actions: Actions) -> None:
    await actions.set_up(connected=False)
    fast = '<rows>\n<row duration="00:10:00" speed="9" inclination="-12" forcespeed="1"/></rows>'
    response = await actions.call("import_program", content=fast, name="Fast")
    json.dumps(response)
    assert response["warnings"] == [
        {
            "line": 2,
            "text": "Line 2: An incline of -12 % is lower than a program can have. It becomes -10 %.",
        },
        {"line": None, "text": "Step 1: 9 km/h is too fast here. It becomes 3 km/h."},
        {"line": None, "text": "Step 1: -10 % is too low here. It becomes 0 %."},
    ]
    assert response["preview"]["top_speed"] == 3
    assert response["preview"]["steps"][0] == "10 min at 9 km/h, -10 % incline"
    forward = await actions.call("import_program", content=fast, name="Forward", direction="forward")
    assert forward["warnings"][1]["text"] == "Step 1: 9 km/h is too fast here. It becomes 6 km/h."


async def test_a_dry_run_answers_like_an_import_and_saves_nothing(actions: Actions) -> None:
    await actions.set_up(connected=False)
    only_shown = await actions.call("import_program", content=QZ, name="Hills", dry_run=True)
    assert own_programs(actions) == {}
    imported = await actions.call("import_program", content=QZ, name="Hills")
    assert (only_shown.pop("saved"), imported.pop("saved")) == (False, True)
    assert only_shown == imported
    before = own_programs(actions)
    again = {"content": QZ.replace("1.5", "1.4"), "name": "hills", "dry_run": True}
    assert await actions.refused("import_program", **again) == "program_exists"
    assert (await actions.call("import_program", **again, replace=True))["saved"] is False
    assert await actions.refused("import_program", content="<gpx/>", dry_run=True) == "import_other_file"
    assert own_programs(actions) == before


async def test_an_import_that_has_to_ask_names_the_field_and_both_results(actions: Actions) -> None:
    await actions.set_up(connected=False)
    data = {
        "content": ZWO.replace("<durationType>time</durationType>", "").replace('"60"', '"300"'),
        "full_speed_kmh": 4,
    }
    with pytest.raises(ServiceValidationError) as error:
        await actions.call("import_program", **data)
    assert str(error.value) == (
        "The file does not say whether its lengths are seconds or meters. Set lengths to seconds "
        "(9 min · 408 m · 3 km/h at most) or to meters (12 min · 540 m · 3 km/h at most)"
    )
    assert own_programs(actions) == {}
    response = await actions.call("import_program", **data, lengths="meters")
    assert (response["minutes"], response["preview"]["lengths"]) == (12, "meters")
    with pytest.raises(vol.Invalid):
        await actions.call("import_program", **data, lengths="miles")


async def test_an_import_replaces_a_program_of_the_same_name_only_on_request(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="Hills", steps=STEPS)
    before = own_programs(actions)
    for data in ({"content": QZ, "name": "hills"}, {"content": ZWO, "full_speed_kmh": 4}):
        assert await actions.refused("import_program", **data) == "program_exists"
    assert own_programs(actions) == before
    both = [actions.call("import_program", content=QZ, name="New") for _ in range(2)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(getattr(result, "translation_key", "") for result in results) == ["", "program_exists"]
    await actions.call("import_program", content=QZ, name="Hills", replace=True)
    assert own_programs(actions) == {"Hills": read(QZ, name="Hills"), "New": read(QZ, name="New")}


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({}, "import_one_source"),
        ({"content": QZ, "path": "x.xml"}, "import_one_source"),
        ({"content": ""}, "import_not_a_workout"),
        ({"content": QZ, "name": " "}, "import_no_name"),
        ({"content": QZ, "name": "x" * 101}, "program_name"),
        ({"content": QZ, "name": "Free"}, "program_name_reserved"),
        ({"content": "<rows/>"}, "program_empty"),
        ({"content": "<rows><row duration='00:31:00' speed='1'/></rows>"}, "import_only_forward"),
        ({"content": "<rows><row duration='00:01:00' speed='NaN'/></rows>"}, "import_wrong_value"),
        ({"content": "<rows><row duration='00:01:00' speed='-1'/></rows>"}, "import_wrong_value"),
        ({"content": "<gpx/>"}, "import_other_file"),
        ({"content": "<rows><row"}, "import_not_xml"),
        ({"content": '<!DOCTYPE x [<!ENTITY a "b">]><rows>&a;</rows>'}, "import_unsafe"),
        ({"content": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><rows/>'}, "import_unsafe"),
        ({"content": "<rows>" * 100}, "import_unsafe"),
        ({"content": f"<rows>{'<row/>' * 10_000}</rows>"}, "import_unsafe"),
        ({"content": "<rows>" + " " * 10_000_000}, "import_too_large"),
        ({"content": "<\0r\0o\0w\0s\0/\0>\0"}, "import_wrong_encoding"),
        ({"content": "<rows a='\ud800'/>"}, "import_wrong_encoding"),
    ],
    ids=range(19),
)
async def test_hostile_and_broken_files_are_refused_in_one_line(
    actions: Actions, data: dict[str, Any], refusal: str
) -> None:
    await actions.set_up(connected=False)
    name = {"name": "A file"} if "content" in data else {}
    with pytest.raises(HomeAssistantError) as error:
        await actions.call("import_program", **name | data)
    assert error.value.translation_key == refusal
    assert len(str(error.value).splitlines()) == 1
    assert "{" not in str(error.value)
    assert own_programs(actions) == {}


async def test_a_program_is_imported_from_a_file(actions: Actions, media: Path) -> None:
    await actions.set_up(connected=False)
    (media / "walks").mkdir()
    (media / "walks" / "hills.zwo").write_text(f"\ufeff{ZWO}", encoding="utf-8")
    await actions.call("import_program", path=f"{media}/walks/../walks/hills.zwo", full_speed_kmh=4)
    actions.hass.config.allowlist_external_dirs.add(actions.hass.config.path("www"))
    here = Path(actions.hass.config.path("www"))
    here.mkdir()
    (here / "hills.xml").write_text(QZ)
    await actions.call("import_program", path="www/hills.xml", name="Mine")
    assert set(own_programs(actions)) == {"Hills", "Mine"}


async def test_a_fit_workout_is_imported_by_its_path_only(actions: Actions, media: Path) -> None:
    await actions.set_up(connected=False)
    (media / "easy.fit").write_bytes(fit_workout("Easy", (120, 1.8), (180, 2.52)))
    response = await actions.call("import_program", path=f"{media}/easy.fit")
    assert (response["name"], response["minutes"]) == ("Easy", 5)
    text = (media / "easy.fit").read_bytes().decode("latin-1")
    refusal = await actions.refused("import_program", content=text, name="Mine")
    assert refusal.startswith("import_")
    assert set(own_programs(actions)) == {"Easy"}


async def test_only_files_that_home_assistant_allows_are_read(actions: Actions, media: Path, tmp_path: Path) -> None:
    await actions.set_up(connected=False)
    config = Path(actions.hass.config.config_dir)
    for place in (config / "hills.xml", tmp_path / "media2" / "hills.xml", media / ".hidden" / "hills.xml"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(QZ)
    (media / ".hills.xml").write_text(QZ)
    (media / "link.xml").symlink_to(config / "hills.xml")
    (media / "folder").symlink_to(config)
    os.mkfifo(media / "pipe.xml")
    (media / "large.xml").write_text(" " * (LARGEST + 1))
    (media / "latin.xml").write_bytes(b"<rows a='\x8d'/>")
    for named, refusal in (
        (str(config / "hills.xml"), "file_not_allowed"),
        ("hills.xml", "file_not_allowed"),
        ("../media2/hills.xml", "file_not_allowed"),
        (f"{media}/../config/hills.xml", "file_not_allowed"),
        (f"{media}/../media2/hills.xml", "file_not_allowed"),
        (f"{media}/link.xml", "file_not_allowed"),
        (f"{media}/folder/hills.xml", "file_not_allowed"),
        (f"{media}/.hidden/hills.xml", "file_not_allowed"),
        (f"{media}/.hills.xml", "file_not_allowed"),
        (f"{media}/\0.xml", "file_not_allowed"),
        (f"{media}/\ud800.xml", "file_not_allowed"),
        ("", "file_not_allowed"),
        ("/etc/passwd", "file_not_allowed"),
        (f"{media}/missing.xml", "file_unreadable"),
        (f"{media}/{'x' * 300}.xml", "file_unreadable"),
        (f"{media}/pipe.xml", "file_unreadable"),
        (str(media), "file_unreadable"),
        (f"{media}/large.xml", "import_too_large"),
        (f"{media}/latin.xml", "import_wrong_encoding"),
    ):
        assert await actions.refused("import_program", path=named, name="Mine") == refusal, named
    actions.hass.config.allowlist_external_dirs = {"/proc"}
    assert await actions.refused("import_program", path="/proc/self/mem", name="Mine") == "file_unreadable"
    # Allowing the whole configuration folder does not include hidden folders in it.
    actions.hass.config.allowlist_external_dirs = {str(config)}
    (config / ".storage").mkdir()
    (config / ".storage" / "auth").write_text(QZ)
    assert await actions.refused("import_program", path=".storage/auth", name="Mine") == "file_not_allowed"
    assert own_programs(actions) == {}
    await actions.call("import_program", path="hills.xml", name="Mine")
    assert set(own_programs(actions)) == {"Mine"}


# Export


async def test_an_imported_program_is_exported_unchanged(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.call("import_program", content=QZ, name="Hills")
    exported = await actions.call("export_program", program="hills")
    assert exported["path"] is None
    assert exported["program"] == own_programs(actions)["Hills"].as_dict()
    assert read(exported["xml"], name="Hills") == own_programs(actions)["Hills"]
    # The response of one action is accepted by another.
    await actions.call("save_program", **exported["program"] | {"name": "Copy"})
    await actions.call("import_program", content=exported["xml"], name="Again")
    assert {(program.steps, program.direction) for program in own_programs(actions).values()} == {
        (own_programs(actions)["Hills"].steps, Direction.BACKWARD)
    }


@pytest.mark.parametrize("preset", PRESETS)
async def test_presets_are_exported_as_they_are_on_this_machine(actions: Actions, preset: str) -> None:
    await actions.set_up(connected=False)
    exported = await actions.call("export_program", program=preset.upper())
    program = Program.from_dict(exported["program"])
    assert (program.name, program.duration) == (preset, PRESETS[preset].minutes * 60)
    assert read(exported["xml"], name=preset).duration == program.duration


async def test_a_program_that_is_not_there_or_does_not_fit_is_not_exported(actions: Actions, media: Path) -> None:
    flat = Capabilities(speed_range=ValueRange(0.5, 20.0, 0.1), can_start_and_stop=True)
    await actions.set_up(options=ON_DEMAND, capabilities=flat.as_dict(), connected=False)
    assert await actions.refused("export_program", program="Mine", path=f"{media}/") == "program_unknown"
    assert await actions.refused("export_program", program="gentle_hills") == "program_does_not_fit"
    assert list(media.iterdir()) == []


async def test_a_program_is_written_to_a_file(actions: Actions, media: Path) -> None:
    await actions.set_up(connected=False)
    await actions.call("save_program", name="../Hügel & Täler", steps=STEPS)
    exported = await actions.call("export_program", program="../hügel & täler", path=str(media))
    path = media / "hugel_taler.xml"
    assert exported["path"] == str(path)
    assert path.read_text() == exported["xml"]
    assert path.stat().st_mode & 0o777 == 0o644
    # Writing the same file again is allowed, but not replacing another one.
    await actions.call("export_program", program="../Hügel & Täler", path=str(path))
    assert await actions.refused("export_program", program="intervals", path=str(path)) == "file_exists"
    assert path.read_text() == exported["xml"]
    await actions.call("export_program", program="intervals", path=str(path), replace=True)
    assert "speedfrom" in path.read_text()
    assert path.read_text() != exported["xml"]
    await actions.call("export_program", program="intervals", path=f"{media}/new/folder/")
    assert [entry.name for entry in (media / "new" / "folder").iterdir()] == ["intervals.xml"]


async def test_a_speed_that_is_no_number_is_refused_for_a_machine_that_is_not_known_yet(actions: Actions) -> None:
    await actions.set_up(options=ON_DEMAND, capabilities=Capabilities().as_dict(), connected=False)
    for value in (float("nan"), float("inf")):
        assert await actions.refused("start_session", speed=value) == "not_a_number"


async def test_s3_a_name_of_megabytes_is_not_repeated_whole(actions: Actions) -> None:
    await actions.set_up(connected=False)
    with pytest.raises(HomeAssistantError) as error:
        await actions.call("run_program", program="x" * 10**6)
    assert error.value.translation_placeholders is not None
    assert len(error.value.translation_placeholders["program"]) < 3000
