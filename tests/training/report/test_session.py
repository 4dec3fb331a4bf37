"""A session in words, for the list and the calendar, and what somebody who edits the words means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.report.session import (
    FigureChangedError,
    amounts,
    figures,
    lines,
    program,
    ratings,
    read_note,
    short_amounts,
)
from custom_components.retrowalk.training.report.words import NOTHING, Words
from custom_components.retrowalk.training.units import Units
from tests.support.walked_weeks import HISTORIES, SUNDAY, WORDS, session

EN, DE = WORDS["en"], WORDS["de"]
MILES = Words(by_key=EN.by_key, units=Units(miles=True))
NOTES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), min_size=1)


def test_a_session_in_one_line() -> None:
    assert amounts(session(SUNDAY), EN) == "5 min · 125 m · 20 kcal (12 above resting) · up to 1.5 km/h"
    assert amounts(session(SUNDAY, max_incline=2.5), DE).endswith(" · bis 1,5 km/h · 2,5 %")
    assert short_amounts(session(SUNDAY), EN) == "5 min · 125 m · up to 1.5 km/h"
    assert amounts(session(SUNDAY, distance=0.0, calories=0.0, max_speed=0.0), EN) == "5 min"
    assert amounts(session(SUNDAY, distance=1234.0), EN).startswith("5 min · 1.23 km · ")
    assert amounts(session(SUNDAY), MILES).startswith("5 min · 410 ft · ")
    assert amounts(session(SUNDAY, distance=1000.0), MILES).startswith("5 min · 0.62 mi · ")


def test_all_figures_of_a_session_and_none_that_are_not_known() -> None:
    assert figures(session(SUNDAY, program="Kettle", max_incline=1.0), EN) == [
        ("Minutes", "5"),
        ("Distance", "125 m"),
        ("Above resting", "12 kcal"),
        ("Top speed", "1.5 km/h"),
        ("Average speed", "1.5 km/h"),
        ("Top incline", "1 %"),
        ("Program", "Kettle"),
        ("End", "Completed"),
    ]
    bare = session(SUNDAY, 0.0, distance=0.0, calories_net=0.0, max_speed=0.0, outcome=Outcome.LOGGED)
    assert figures(bare, EN) == [("Minutes", "0"), ("End", "Entered by hand")]


def test_a_program_has_its_name() -> None:
    assert program(session(SUNDAY), EN) is None
    assert program(session(SUNDAY, program="Kettle\u202e\n"), EN) == "Kettle"
    named = Words(by_key={**EN.by_key, "program_daily_five": "Daily five"})
    assert program(session(SUNDAY, program="daily_five"), named) == "Daily five"


def test_ratings_and_the_lines_of_an_event() -> None:
    rated = session(SUNDAY, knee=Knee.BIT_WORSE, discomfort_after=3, effort=0)
    assert ratings(rated, EN) == f"Knee: A bit worse · Knee before / after: {NOTHING} / 3 · Effort: 0"
    assert ratings(session(SUNDAY), EN) == ""
    assert lines(rated, EN, personal=True) == [amounts(rated, EN), ratings(rated, EN)]
    assert lines(rated, EN, personal=False) == [amounts(rated, EN)]
    logged = session(SUNDAY, program="Kettle", outcome=Outcome.LOGGED)
    assert lines(logged, EN, personal=True)[1:] == ["Program: Kettle", "Entered by hand"]


@given(HISTORIES)
def test_every_session_can_be_told(records: list[SessionRecord]) -> None:
    for record in records:
        assert amounts(record, EN)
        assert figures(record, MILES)
        assert lines(record, DE, personal=True)


@given(HISTORIES, NOTES)
def test_a_note_below_the_figures_is_read_back(records: list[SessionRecord], note: str) -> None:
    for record in records:
        told = lines(record, EN, personal=True)
        if note.strip() in {line.strip() for line in told}:
            continue
        assert read_note("\n".join([*told, note]), told) == note.strip()
        assert read_note("\n".join(told), told) == ""


TOLD = ["5 min · 125 m", "Program: Kettle", "Entered by hand"]


@pytest.mark.parametrize(
    "line", ["6 min · 125 m", "5.5 min · 125 m", "program: Builder", "Program:", "5 min · 130,5 m", "5 min, 125 m"]
)
def test_a_changed_figure_is_no_note(line: str) -> None:
    with pytest.raises(FigureChangedError):
        read_note(f"{line}\nA note", TOLD)


def test_a_line_that_was_taken_out_is_no_change() -> None:
    assert read_note("Programs are fun\nEntered by hand", TOLD) == "Programs are fun"
    assert read_note("\n".join([*TOLD, "5 min · 130 m"]), TOLD) == "5 min · 130 m"  # all figures are there
