"""What a form shows of a program from a file: for every program and machine, only what the front end lets through."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.programs.import_preview import MOST_LINES, ImportPreview
from custom_components.retrowalk.programs.picture import WIDTH, picture
from custom_components.retrowalk.training.files.imported import ImportedProgram
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.programs.preview import preview
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.rules import Rules
from tests.support.program_words import words

LET_THROUGH = {
    "svg": {"xmlns", "width", "height"},
    "path": {"stroke", "d"},
    "ha-alert": {"alert-type"},
} | {key: set[str]() for key in ("p", "b", "div", "ul", "ol", "li", "summary")}
"""The elements and attributes that the front end keeps in a description, as far as they are used."""


def rules(speed: ValueRange | None, incline: ValueRange | None, **owner: float) -> Rules:
    capabilities = Capabilities(speed_range=speed, incline_range=incline, can_start_and_stop=True)
    return Rules(control=True, capabilities=capabilities, owner=OwnerLimits(**owner))


MACHINE = rules(ValueRange(0.5, 20.0, 0.1), ValueRange(0.0, 15.0, 0.5))


def shown(steps: tuple[Step | Group, ...], machine: Rules = MACHINE, **program: Direction) -> ImportPreview:
    return ImportPreview.of(ImportedProgram(program=Program(name="Any", steps=steps, **program)), machine)


def colors(preview: ImportPreview) -> set[str]:
    return set(re.findall(r"--([a-z-]+)-color\b", preview.html(words())))


speeds = st.none() | st.builds(Ramp, st.floats(0.1, 30), st.floats(0.1, 30))
inclines = st.none() | st.builds(Ramp, st.floats(-10, 40), st.floats(-10, 40))
labels = st.none() | st.text(min_size=1, max_size=30).filter(lambda text: text.strip() != "")
flat_steps = st.builds(Step, seconds=st.floats(0.1, 300), speed=speeds, incline=inclines, label=labels)
groups = st.builds(lambda step, times: Group(repeat=times, steps=(step,)), flat_steps, st.integers(1, 30))
machines = st.builds(
    rules,
    st.sampled_from((None, ValueRange(0.5, 20.0, 0.1), ValueRange(1.0, 6.0, 0.5), ValueRange(7.0, 12.0, 0.1))),
    st.sampled_from((None, ValueRange(0.0, 15.0, 0.5), ValueRange(-6.0, 40.0, 0.5), ValueRange(0.0, 15.0, 2.0))),
)


@settings(deadline=None, max_examples=50)  # each tries a whole session out beforehand
@given(
    steps=st.lists(flat_steps | groups, min_size=1, max_size=6).map(tuple),
    machine=machines,
    language=st.sampled_from(("en", "de")),
    again=st.booleans(),
)
def test_every_program_on_every_machine_is_shown_and_nothing_is_lost_on_the_way_to_the_front_end(
    steps: tuple[Step | Group, ...], machine: Rules, language: str, again: bool
) -> None:
    seconds = sum(each.seconds if isinstance(each, Step) else each.repeat * each.steps[0].seconds for each in steps)
    if round(seconds, 3) > Direction.FORWARD.longest:
        return
    preview = shown(steps, machine, direction=Direction.FORWARD)
    html = preview.html(words(language), again=again)
    for block in html.split("\n\n"):
        assert "\n" not in block
        assert re.match(r"<(p|div|details)\b", block)  # where Markdown is left alone
    root = ET.fromstring(f"<all>{without_controls(html).replace('<details open>', '<details>')}</all>")
    for element in root.iter():
        if element.tag not in {"all", "details"}:
            name = element.tag.rpartition("}")[2]
            assert set(element.attrib) <= LET_THROUGH[name]
    assert len(list(root.iter("li"))) <= MOST_LINES + 20
    json.dumps(preview.as_dict(words(language)))
    assert all(warning["text"] for warning in preview.warnings(words(language)))


def without_controls(text: str) -> str:
    """Return a text without the characters that XML cannot hold, which HTML can."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def test_each_path_is_made_of_lines_that_enclose_nothing() -> None:
    steps = Step(seconds=300, speed=Ramp(9, 1), incline=Ramp(-10, 10)), Step(seconds=300, speed=Ramp(1, 1))
    html = shown(steps).html(words())
    paths = re.findall(r' d="([^"]*)"', html)
    assert len(paths) == 6  # what is walked, what is cut, and an axis, of the speed and of the incline
    for path in paths:
        assert re.fullmatch(r"(M\d+(\.5)? [\d.]+[VH][\d.]+)+", path)
        places = [float(place) for place in re.findall(r"M([\d.]+)", path)]
        assert all(0 <= place < WIDTH for place in places)


@pytest.mark.parametrize(
    ("steps", "machine", "seen"),
    [
        ((Step(seconds=600, speed=Ramp(0.5, 0.5)),), MACHINE, {"primary", "secondary-text"}),
        ((Step(seconds=600, speed=Ramp(9, 9)),), MACHINE, {"primary", "secondary-text", "error"}),
        ((Step(seconds=600, incline=Ramp(-5, -5)),), MACHINE, {"primary", "secondary-text", "error"}),
        ((Step(seconds=600),), rules(None, None), {"secondary-text"}),
        ((Step(seconds=600, speed=Ramp(0.5, 0.5), incline=Ramp(9, 9)),), rules(ValueRange(0.5, 20.0, 0.1), None),
         {"primary", "secondary-text", "error"}),
    ],
)  # fmt: skip
def test_what_is_asked_for_and_not_walked_is_red(steps: tuple[Step, ...], machine: Rules, seen: set[str]) -> None:
    preview = shown(steps, machine)
    assert colors(preview) == seen
    assert ("Red:" in preview.html(words())) is ("error" in seen)


def test_only_a_picture_with_inclines_explains_them() -> None:
    level, uphill = Step(seconds=300, speed=Ramp(1, 1)), Step(seconds=300, speed=Ramp(1, 1), incline=Ramp(2, 2))
    assert "Gray:" not in shown((level,)).html(words())
    assert "Gray:" in shown((level, uphill)).html(words())


def test_numbers_and_lengths_are_written_as_people_write_them() -> None:
    english, german = words(), words("de")
    assert [english.number(value) for value in (0, -0.001, 900, 1.5, 2.625, -10, 100.004)] == [
        "0", "0", "900", "1.5", "2.62", "-10", "100"
    ]  # fmt: skip
    assert (german.number(2.5), german.number(1000)) == ("2,5", "1000")
    lengths = {0.1: "0.1 s", 59.96: "1 min", 60: "1 min", 90.5: "1 min 30.5 s", 7200: "120 min"}
    assert {seconds: english.length(seconds) for seconds in lengths} == lengths
    assert [english.distance(meters) for meters in (0, 999.4, 999.6, 1000, 12345)] == [
        "0 m", "999 m", "1 km", "1 km", "12.35 km"
    ]  # fmt: skip


@pytest.mark.parametrize(("longest", "red"), [(1800.0, False), (600.0, True)])
def test_what_a_program_asks_for_after_the_session_is_drawn_as_cut(longest: float, red: bool) -> None:
    program = Program(name="Long", steps=(Step(seconds=1200, speed=Ramp(2.0, 2.0)), Step(seconds=300)))
    limits = replace(MACHINE.limits(Direction.BACKWARD), longest=longest)
    [drawn] = re.findall(r'error-color\) [^"]*" d="([^"]*)"', picture(preview(program, limits)))
    assert ("M180.5 90.0V0.0" in drawn) is red, "from the axis up, in the fifteenth minute"
