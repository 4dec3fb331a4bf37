"""The dialog that takes a program from a file: what is asked, what is shown, and that nothing is saved before."""

import json
import re
import tempfile
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_DIRECTION, SUBENTRY_PROGRAM
from custom_components.retrowalk.flows.program import CONF_BEGIN_WITH, FILE
from custom_components.retrowalk.flows.program_import import CONF_FILE, CONF_FULL_SPEED, CONF_PATH
from custom_components.retrowalk.machine.model import Capabilities
from custom_components.retrowalk.training.files.errors import LARGEST
from tests.support.house import House
from tests.support.house_of_miles import Net, use_miles
from tests.support.program_dialog import Library, a_program, suggested
from tests.support.workout_files import fit_workout

EASY = """<rows>
  <row duration="00:02:00" speed="1.5" forcespeed="1"/>
  <row duration="00:03:00" speed="2" inclination="1" forcespeed="1"/>
</rows>"""
EASY_STEPS = [{"minutes": 2, "speed": 1.5}, {"minutes": 3, "speed": 2, "incline": 1}]
FAST = '<rows><row duration="00:20:00" speed="10" forcespeed="1"/></rows>'
LONG = '<rows><row duration="00:40:00" speed="2" forcespeed="1"/></rows>'
RUN = """<workout_file><name>Tempo</name><sportType>run</sportType><durationType>time</durationType><workout>
  <SteadyState Duration="300" Power="0.5"/><SteadyState Duration="300" Power="0.75"/>
</workout></workout_file>"""
OPEN_RUN = """<workout_file><name>Open</name><sportType>run</sportType><workout>
  <SteadyState Duration="300" Power="0.5"/><SteadyState Duration="600" Power="0.75"/>
</workout></workout_file>"""
BIKE = RUN.replace(">run<", ">bike<")
HOSTILE = """<rows><row duration="00:05:00" speed="1.5" forcespeed="1">
  <textevent timeoffset="0" message="&lt;img src=x onerror=a()&gt; ![a](http://example.com/a.png) **b** {preview}"/>
</row></rows>"""


class Import:
    """Somebody who imports a file in the dialog."""

    def __init__(self, library: Library, client: ClientSessionGenerator) -> None:
        self.library = library
        self.hass = library.hass
        self._client = client
        self._result: Any = None

    async def begin(self) -> None:
        self._result = await self.library.begin(FILE, "file")

    async def upload(self, content: str | bytes, name: str = "hills.xml") -> str:
        """Upload a file as the front end does, and return its ID."""
        data = FormData(quote_fields=False)
        data.add_field("file", BytesIO(content.encode() if isinstance(content, str) else content), filename=name)
        response = await (await self._client()).post("/api/file_upload", data=data)
        assert response.status == HTTPStatus.OK
        file_id: str = (await response.json())["file_id"]
        return file_id

    async def choose(self, content: str | bytes, name: str = "hills.xml") -> None:
        """Upload a file and submit the form."""
        await self.answer(**{CONF_FILE: await self.upload(content, name)})

    async def answer(self, **answers: Any) -> None:
        self._result = await self.library.answer(self._result, answers)

    async def reload(self) -> None:
        self._result = await self.library.answer(self._result, None)

    async def submit(self, **changes: Any) -> None:
        """Submit the form with the values that it shows, apart from these."""
        await self.answer(**self.suggested | changes)

    @property
    def step(self) -> str:
        assert self._result["type"] is FlowResultType.FORM
        return str(self._result["step_id"])

    @property
    def errors(self) -> dict[str, str]:
        return dict(self._result["errors"])

    @property
    def suggested(self) -> dict[str, Any]:
        return suggested(self._result)

    @property
    def fields(self) -> list[str]:
        return [str(key) for key in self._result["data_schema"].schema]

    @property
    def told(self) -> dict[str, str]:
        return dict(self._result["description_placeholders"])

    @property
    def preview(self) -> list[str]:
        """Return the texts of the preview, one of each block or line of a list."""
        assert self.step == "preview"
        texts = re.split(r"\n\n|<li>|<summary>", self.told["preview"])
        plain = [re.sub(r"<[^>]*>", "", text).strip() for text in texts]
        return [text for text in plain if text]

    @property
    def picture(self) -> str:
        [found] = re.findall(r"<svg.*?</svg>", self.told["preview"])
        return str(found)

    @property
    def saved(self) -> bool:
        return self._result["type"] is FlowResultType.CREATE_ENTRY


@pytest.fixture
async def dialog(
    house: House, hass_client: ClientSessionGenerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Import:
    # Home Assistant empties a folder of a fixed name there, which other tests may use at the same time.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Import(Library(house), hass_client)


@pytest.fixture
def media(dialog: Import, tmp_path: Path) -> Path:
    """Return the media folder, which Home Assistant allows; the configuration folder is not allowed."""
    folder, config = tmp_path / "media", tmp_path / "config"
    folder.mkdir()
    config.mkdir()
    dialog.hass.config.config_dir = str(config)
    dialog.hass.config.media_dirs = {"local": str(folder)}
    dialog.hass.config.allowlist_external_dirs = {str(folder)}
    return folder


# From the file to the preview


async def test_an_uploaded_file_is_shown_and_saved_only_when_the_preview_is_submitted(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    assert (dialog.fields, dialog.suggested, dialog.errors) == ([CONF_FILE, CONF_PATH], {}, {})
    await dialog.choose(EASY, "Evening hills.xml")
    assert dialog.library.stored == {}
    assert dialog.fields == [CONF_NAME, CONF_DIRECTION]
    assert dialog.suggested == {CONF_NAME: "Evening hills", CONF_DIRECTION: "backward"}
    assert dialog.preview[0] == "5 min · 109 m · 2 km/h and 1 % at most"
    assert "Step by step: 2 steps" in dialog.preview
    assert dialog.preview[-2:] == ["2 min at 1.5 km/h", "3 min at 2 km/h, 1 % incline"]
    await dialog.submit()
    assert dialog.saved
    assert dialog.library.stored == {"Evening hills": ("backward", EASY_STEPS)}
    assert dialog.library.own == ["Evening hills"]


async def test_a_file_in_an_allowed_folder_is_read(dialog: Import, media: Path) -> None:
    await dialog.library.set_up()
    (media / "tempo.xml").write_text(EASY)
    await dialog.begin()
    await dialog.answer(**{CONF_PATH: f" {media}/tempo.xml "})
    assert dialog.suggested[CONF_NAME] == "tempo"
    await dialog.submit(**{CONF_NAME: "  Mine  too "})
    assert dialog.library.stored == {"Mine too": ("backward", EASY_STEPS)}


async def test_a_fit_workout_is_uploaded_or_read_by_its_path(dialog: Import, media: Path) -> None:
    await dialog.library.set_up()
    content = fit_workout("Easy", (120, 1.8), (180, 2.52))
    (media / "easy.fit").write_bytes(content)
    for name in ("Easy", "Easy 2"):
        await dialog.begin()
        if name == "Easy":
            await dialog.choose(content, "easy.fit")
        else:
            await dialog.answer(**{CONF_PATH: f"{media}/easy.fit"})
        assert dialog.suggested == {CONF_NAME: name, CONF_DIRECTION: "backward"}
        await dialog.submit()
    steps = [{"minutes": 2, "speed": 1.8}, {"minutes": 3, "speed": 2.52}]
    assert dialog.library.stored == {"Easy": ("backward", steps), "Easy 2": ("backward", steps)}


async def test_one_file_is_chosen_one_way(dialog: Import, media: Path) -> None:
    await dialog.library.set_up()
    (media / "tempo.xml").write_text(EASY)
    await dialog.begin()
    await dialog.answer()
    assert dialog.errors == {CONF_FILE: "file_missing"}
    await dialog.answer(**{CONF_PATH: "  "})
    assert dialog.errors == {CONF_FILE: "file_missing"}
    both = {CONF_FILE: await dialog.upload(EASY, "uploaded.xml"), CONF_PATH: f"{media}/tempo.xml"}
    await dialog.answer(**both)
    assert (dialog.step, dialog.errors, dialog.suggested) == ("file", {CONF_FILE: "one_file"}, both)
    # The upload is still there.
    await dialog.answer(**{CONF_FILE: both[CONF_FILE]})
    assert dialog.suggested[CONF_NAME] == "uploaded"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "This is not a workout file"),
        ("<gpx/>", "This file begins with gpx"),
        ("<rows><row duration='00:01:00' speed='NaN'/></rows>", "Line 1 of the file: speed cannot be NaN."),
        ("<rows/>", "The program has no steps."),
        (BIKE, "This workout is for another sport (bike)"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><rows/>', "The file contains something that no workout needs"),
        (" " * (LARGEST + 1), "The file is larger than"),
        (" " * (LARGEST * 3), "The file is larger than"),
        (b"\xff\xfe\x00\x01\xff", "The text of this file cannot be read."),
        (FAST.replace("20:00", "20:00:00:00"), "Line 1 of the file: duration cannot be"),
    ],
    ids=range(10),
)
async def test_a_wrong_file_is_refused_in_one_line_and_the_dialog_goes_on(
    dialog: Import, content: str | bytes, problem: str
) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(content)
    assert (dialog.step, dialog.errors, dialog.suggested) == ("file", {CONF_FILE: "invalid"}, {})
    assert dialog.told["problem"].startswith(problem)
    assert len(dialog.told["problem"].splitlines()) == 1
    await dialog.choose(EASY)
    assert dialog.step == "preview"
    assert dialog.library.stored == {}


async def test_an_upload_that_is_gone_is_asked_for_again(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.answer(**{CONF_FILE: "0" * 32})  # nothing was uploaded since Home Assistant started
    assert dialog.errors == {CONF_FILE: "upload_gone"}
    read = await dialog.upload("<gpx/>")
    await dialog.answer(**{CONF_FILE: read})
    assert dialog.errors == {CONF_FILE: "invalid"}
    await dialog.answer(**{CONF_FILE: read})  # it was removed when it was read
    assert (dialog.errors, dialog.suggested) == ({CONF_FILE: "upload_gone"}, {})
    with pytest.raises(InvalidData):
        await dialog.answer(**{CONF_FILE: "../../etc/passwd"})
    await dialog.choose(EASY)
    assert dialog.step == "preview"


async def test_the_same_file_is_uploaded_twice(dialog: Import) -> None:
    await dialog.library.set_up()
    for name in ("hills", "hills 2"):
        await dialog.begin()
        await dialog.choose(EASY)
        assert dialog.suggested[CONF_NAME] == name
        await dialog.submit()
    assert list(dialog.library.stored) == ["hills", "hills 2"]


async def test_only_files_that_home_assistant_allows_are_read(dialog: Import, media: Path) -> None:
    await dialog.library.set_up()
    (Path(dialog.hass.config.config_dir) / "hills.xml").write_text(EASY)
    (media / "wrong.xml").write_text("<gpx/>")
    await dialog.begin()
    for path, problem in (
        ("hills.xml", "Home Assistant cannot use hills.xml"),
        ("/etc/passwd", "Home Assistant cannot use /etc/passwd"),
        (f"{media}/missing.xml", f"There is no file {media}/missing.xml"),
        (f"{media}/wrong.xml", "This file begins with gpx"),
    ):
        await dialog.answer(**{CONF_PATH: path})
        assert (dialog.errors, dialog.suggested) == ({CONF_PATH: "invalid"}, {CONF_PATH: path})
        assert dialog.told["problem"].startswith(problem)


# What a file leaves open


async def test_a_run_in_percent_asks_how_fast_100_percent_is(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(RUN, "tempo.zwo")
    assert (dialog.step, dialog.fields, dialog.suggested) == (CONF_FULL_SPEED, [CONF_FULL_SPEED], {})
    await dialog.answer()
    assert dialog.errors == {CONF_FULL_SPEED: "answer_missing"}
    await dialog.answer(**{CONF_FULL_SPEED: 300})
    assert (dialog.errors, dialog.suggested) == ({CONF_FULL_SPEED: "invalid"}, {CONF_FULL_SPEED: 300})
    assert dialog.told["problem"].startswith("Enter the speed that stands for 100%")
    await dialog.answer(**{CONF_FULL_SPEED: 4})
    assert dialog.suggested == {CONF_NAME: "Tempo", CONF_DIRECTION: "backward", CONF_FULL_SPEED: 4}
    await dialog.submit()
    assert dialog.library.stored == {"Tempo": ("backward", [{"minutes": 5, "speed": 2}, {"minutes": 5, "speed": 3}])}


async def test_lengths_are_asked_with_what_comes_of_either_answer(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(OPEN_RUN, "open.zwo")
    await dialog.answer(**{CONF_FULL_SPEED: 4})
    assert (dialog.step, dialog.suggested) == ("lengths", {})
    assert dialog.told["seconds"] == "15 min · 667 m · 3 km/h at most"
    assert dialog.told["meters"] == "21 min · 900 m · 3 km/h at most"
    await dialog.answer()
    assert dialog.errors == {"lengths": "answer_missing"}
    await dialog.answer(lengths="meters")
    assert dialog.step == "preview"
    await dialog.submit()
    assert dialog.library.stored == {"Open": ("backward", [{"minutes": 9, "speed": 2}, {"minutes": 12, "speed": 3}])}


async def test_an_answer_with_which_the_file_cannot_be_read_is_refused_and_the_other_one_works(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(OPEN_RUN.replace('"600"', '"6000"'), "open.zwo")
    await dialog.answer(**{CONF_FULL_SPEED: 4})
    assert dialog.told["meters"].startswith("The program takes 129 min")
    await dialog.answer(lengths="meters")
    assert (dialog.step, dialog.errors, dialog.suggested) == ("lengths", {"lengths": "invalid"}, {"lengths": "meters"})
    assert dialog.told["problem"] == dialog.told["meters"]
    await dialog.answer(lengths="seconds")
    assert (dialog.step, dialog.suggested[CONF_DIRECTION]) == ("preview", "forward")


async def test_one_of_several_programs_is_chosen(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    steps = {"steps": [{"seconds": 300, "speed_kmh": 2}]}
    programs = [
        {"name": "Easy", **steps},
        {"name": "Hard", **steps},
        {"name": "hard", **steps},
        {"name": "Hills", **steps},
    ]
    await dialog.choose(json.dumps(programs), "templates.json")
    [choice] = dialog._result["data_schema"].schema.values()
    assert (dialog.step, choice.config["options"], dialog.suggested) == ("program", ["Easy", "Hills"], {})
    await dialog.reload()
    await dialog.answer()
    assert dialog.errors == {"program": "answer_missing"}
    await dialog.answer(program="Hills")
    await dialog.submit()
    assert dialog.library.stored == {"Hills": ("backward", [{"minutes": 5, "speed": 2}])}


async def test_one_of_several_that_cannot_be_read_is_refused_and_another_one_works(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    easy, broken = (
        {"name": name, "steps": [{"seconds": 300, "speed_kmh": kmh}]} for name, kmh in (("E", 2), ("B", -2))
    )
    await dialog.choose(json.dumps([easy, broken]), "templates.json")
    await dialog.answer(program="B")
    assert (dialog.step, dialog.errors) == ("program", {"program": "invalid"})
    assert dialog.told["problem"]
    await dialog.answer(program="E")
    assert dialog.step == "preview"


async def test_several_programs_of_which_none_has_a_name_are_refused(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(json.dumps([{"steps": [{"seconds": 300, "speed_kmh": 2}]}] * 2), "templates.json")
    assert (dialog.step, dialog.errors) == ("file", {"file": "invalid"})
    assert dialog.told["problem"]


async def test_the_unit_of_a_list_is_asked_with_what_comes_of_either_answer(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose("name,seconds,speed,incline\nWarm-up,300,1,0\nWalk,300,1.5,1\n", "walk.csv")
    assert (dialog.step, dialog.suggested) == ("unit", {})
    assert dialog.told["kmh"] == "10 min · 208 m · 1.5 km/h and 1 % at most"
    assert dialog.told["mph"] == "10 min · 335 m · 2.41 km/h and 1 % at most"
    await dialog.reload()
    await dialog.answer(unit="kmh")
    await dialog.submit()
    [(direction, steps)] = dialog.library.stored.values()
    assert (direction, [step["speed"] for step in steps]) == ("backward", [1, 1.5])
    assert list(dialog.library.stored) == ["walk"]


# The direction


async def test_what_is_too_fast_backward_is_told_and_forward_offered(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(FAST)
    assert dialog.suggested[CONF_DIRECTION] == "backward"
    assert dialog.preview[0].startswith("The file asks for 10 km/h. Backward it becomes 3 km/h here, forward 6 km/h.")
    assert "Step 1: 10 km/h is too fast here. It becomes 3 km/h." in dialog.preview
    assert "--error-color" in dialog.picture
    await dialog.submit(**{CONF_DIRECTION: "forward"})
    # What was not shown is not saved.
    assert (dialog.step, dialog.errors, dialog.library.stored) == ("preview", {}, {})
    assert dialog.preview[0].startswith("You made a change")
    assert "Step 1: 10 km/h is too fast here. It becomes 6 km/h." in dialog.preview
    await dialog.submit()
    assert dialog.library.stored == {"hills": ("forward", [{"minutes": 20, "speed": 10}])}


async def test_what_is_too_long_backward_is_forward_and_says_so(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(LONG)
    assert dialog.suggested == {CONF_NAME: "hills", CONF_DIRECTION: "forward"}
    assert dialog.preview[0].startswith("This takes 40 min. Backward a program may take 30 min")
    await dialog.submit(**{CONF_DIRECTION: "backward"})
    assert (dialog.step, dialog.errors) == ("preview", {CONF_DIRECTION: "invalid"})
    assert dialog.told["problem"].startswith("The program takes 40 min. Backward at most 30 min are allowed.")
    await dialog.submit(**{CONF_DIRECTION: "forward"})
    assert dialog.library.stored == {"hills": ("forward", [{"minutes": 40, "speed": 2}])}


async def test_another_full_speed_is_shown_before_it_is_saved(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(RUN, "tempo.zwo")
    await dialog.answer(**{CONF_FULL_SPEED: 12})
    assert dialog.preview[0].startswith("The file asks for 9 km/h.")
    await dialog.submit(**{CONF_FULL_SPEED: 4})
    assert dialog.preview[:2] == [
        "You made a change. This is the new preview; “Save” keeps it.",
        "10 min · 315 m · 3 km/h at most",
    ]
    await dialog.submit(**{CONF_FULL_SPEED: -3})
    assert (dialog.step, dialog.errors) == ("preview", {CONF_FULL_SPEED: "invalid"})
    await dialog.submit(**{CONF_FULL_SPEED: 4})
    assert dialog.saved
    [(_, steps)] = dialog.library.stored.values()
    assert [step["speed"] for step in steps] == [2, 3]


# The name


@pytest.mark.parametrize(
    ("name", "error"),
    [("", "name_length"), (" ", "name_length"), ("x" * 101, "name_length"), ("plan", "name_reserved"),
     ("EVENING", "name_taken")],
)  # fmt: skip
async def test_a_name_that_cannot_be_used_is_reported_and_the_preview_stays(
    dialog: Import, name: str, error: str
) -> None:
    await dialog.library.set_up(a_program("Evening", EASY_STEPS))
    await dialog.begin()
    await dialog.choose(EASY, "evening.xml")
    assert dialog.suggested[CONF_NAME] == "evening 2"
    before = dialog.told["preview"]
    await dialog.submit(**{CONF_NAME: name})
    assert (dialog.step, dialog.errors, dialog.suggested[CONF_NAME]) == ("preview", {CONF_NAME: error}, name)
    assert dialog.told["preview"] == before
    assert list(dialog.library.stored) == ["Evening"]
    await dialog.submit(**{CONF_NAME: "Morning"})
    assert list(dialog.library.stored) == ["Evening", "Morning"]


async def test_a_name_that_is_taken_meanwhile_is_not_taken_twice(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(EASY)
    other = Import(dialog.library, dialog._client)
    await other.begin()
    await other.choose(EASY)
    await other.submit()
    await dialog.submit()
    assert dialog.errors == {CONF_NAME: "name_taken"}


@pytest.mark.parametrize("name", ["  .xml", f"{'x' * 200}.xml", "Free.xml", "free", "ä ö.xml"])
async def test_a_file_of_any_name_gets_a_name_that_can_be_saved(dialog: Import, name: str) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(EASY, name)
    await dialog.submit()
    assert dialog.saved
    assert len(dialog.library.stored) == 1


# The front end


async def test_a_reloaded_page_shows_each_form_as_it_was(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.reload()
    assert (dialog.step, dialog.errors) == ("file", {})
    await dialog.choose(OPEN_RUN, "open.zwo")
    await dialog.reload()
    assert (dialog.step, dialog.errors) == (CONF_FULL_SPEED, {})
    await dialog.answer(**{CONF_FULL_SPEED: 4})
    told = dialog.told
    await dialog.reload()
    assert (dialog.step, dialog.told) == ("lengths", told)
    await dialog.answer(lengths="seconds")
    told, suggested_before = dialog.told, dialog.suggested
    await dialog.reload()
    assert (dialog.step, dialog.told, dialog.suggested) == ("preview", told, suggested_before)
    await dialog.submit()
    assert dialog.saved


async def test_what_a_file_contains_is_text_and_nothing_else(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(HOSTILE)
    html = dialog.told["preview"]
    assert "<img" not in html
    assert "&lt;img src=x onerror=a()&gt; ![a](http://example.com/a.png) **b** {preview}: 5 min at 1.5 km/h" in html
    # The front end leaves out Markdown in a block of HTML, and a block ends with an empty line.
    assert all(re.match(r"<(p|div|ul|details)\b", block) and "\n" not in block for block in html.split("\n\n"))


async def test_the_texts_are_in_the_language_of_home_assistant(dialog: Import) -> None:
    dialog.hass.config.language = "de"
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose("<gpx/>")
    assert dialog.told["problem"].startswith("Diese Datei beginnt mit gpx")
    await dialog.choose(EASY.replace("1.5", "1.55"))
    assert dialog.preview[0].startswith("5 min · ")
    assert "2 min mit 1,55 km/h" in dialog.preview


async def test_many_steps_are_not_all_written_out(dialog: Import) -> None:
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(f"<rows>{'<row duration="00:00:10" speed="1.5" forcespeed="1"/>' * 100}</rows>")
    assert "Step by step: 100 steps" in dialog.preview
    assert dialog.told["preview"].count("10 s at 1.5 km/h") == 30
    assert dialog.preview[-1].endswith("and 70 more")
    assert len(dialog.told["preview"]) < 20_000


async def test_a_program_is_imported_while_the_treadmill_is_not_loaded_and_cannot_be_steered(dialog: Import) -> None:
    await dialog.library.set_up_unloaded(**{CONF_CAPABILITIES: Capabilities().as_dict()})
    assert await async_setup_component(dialog.hass, "file_upload", {})
    await dialog.begin()
    await dialog.choose(EASY)
    assert any("The speed cannot be set on this treadmill." in text for text in dialog.preview)
    await dialog.submit()
    assert dialog.library.stored == {"hills": ("backward", EASY_STEPS)}
    assert dialog.library.house.entry is not None
    assert dialog.library.house.entry.state is ConfigEntryState.NOT_LOADED


async def test_s14_a_program_is_imported_while_the_belt_moves_and_nothing_reloads(dialog: Import) -> None:
    await dialog.library.set_up(connected=True)
    house, coordinator = dialog.library.house, dialog.library.house.coordinator
    await house.walk()
    house.commands()
    await dialog.begin()
    await dialog.choose(EASY)
    await dialog.submit()
    assert dialog.library.own == ["hills"]
    await house.time(2)
    assert house.coordinator is coordinator
    assert not house.treadmill.at_rest
    assert house.commands() == []


async def test_the_http_interface_serves_the_forms_and_imports_a_file(
    dialog: Import, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(dialog.hass, "config", {})
    await dialog.library.set_up()
    assert dialog.library.house.entry is not None
    client, url = await hass_client(), "/api/config/config_entries/subentries/flow"
    handler = [dialog.library.house.entry.entry_id, SUBENTRY_PROGRAM]
    begun = await (await client.post(url, json={"handler": handler})).json()
    url = f"{url}/{begun['flow_id']}"
    asked = await (await client.post(url, json={CONF_BEGIN_WITH: FILE})).json()
    assert asked["data_schema"][0]["selector"] == {"file": {"accept": ".zwo,.xml,.fit,.json,.csv,.txt"}}
    assert not any(field.get("required") for field in asked["data_schema"])
    asked = await (await client.post(url, json={CONF_FILE: await dialog.upload(RUN, "tempo.zwo")})).json()
    [field] = asked["data_schema"]
    assert field["selector"]["number"]["unit_of_measurement"] == "km/h"
    asked = await (await client.post(url, json={CONF_FULL_SPEED: 4})).json()
    assert (asked["step_id"], asked["last_step"]) == ("preview", True)
    answers = {field["name"]: field["description"]["suggested_value"] for field in asked["data_schema"]}
    done = await (await client.post(url, json=answers)).json()
    assert done["type"] == "create_entry"
    await dialog.library.house.settle()
    assert list(dialog.library.stored) == ["Tempo"]


@pytest.mark.parametrize("language", ["en", "de"])
async def test_in_a_house_in_miles_a_file_is_asked_about_and_shown_in_miles(dialog: Import, language: str) -> None:
    use_miles(dialog.hass, language)
    net = Net()
    await dialog.library.set_up()
    await dialog.begin()
    await dialog.choose(RUN, "run.zwo")
    assert dialog.step == CONF_FULL_SPEED
    net.form(dialog._result, "config_subentries", "program")
    await dialog.answer(**{CONF_FULL_SPEED: 50})
    net.form(dialog._result, "config_subentries", "program")
    await dialog.answer(**{CONF_FULL_SPEED: 3})
    net.form(dialog._result, "config_subentries", "program")
    assert dialog.suggested[CONF_FULL_SPEED] == 3
    net.add(*dialog.preview)
    assert net.caught == []
    assert any("18.64" in text for text in net.read)  # the highest that may be entered
    assert any("mph" in text for text in dialog.preview)
    await dialog.submit()
    assert dialog.saved
    [(_, steps)] = dialog.library.stored.values()
    assert [step["speed"] for step in steps] == [pytest.approx(3 * each * 1.609344, abs=0.01) for each in (0.5, 0.75)]
