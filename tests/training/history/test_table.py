"""The table of sessions: what a spreadsheet reads back, and that nothing in it is a formula."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.history.table import Column, Separator, write_table
from custom_components.retrowalk.training.limits import Direction

BERLIN = ZoneInfo("Europe/Berlin")
STARTED = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
RECORD = SessionRecord(
    id="01KA9V3Q5W8RZ7D2M4N6P8T0AN",
    walker="anna",
    direction=Direction.BACKWARD,
    started=STARTED,
    ended=STARTED + timedelta(seconds=400),
    moving_time=330.0,
    distance=137.54,
    calories=21.6,
    calories_net=16.0,
    steps=412,
    max_speed=2.0,
    max_incline=1.5,
    program="first_steps",
    outcome=Outcome.STOPPED,
    discomfort_before=3,
    discomfort_after=2,
    knee=Knee.BETTER,
    effort=4,
    note='Knee "fine", shoes; new',
)
WORDS = {"direction_backward": "Rückwärts", "outcome_stopped": "Beendet", "program_first_steps": "Erste Schritte"}
WALKERS = {"anna": "Änne", None: "Gast"}


def table(*records: SessionRecord, separator: Separator = Separator.COMMA) -> bytes:
    headings = {column: column.value for column in Column}
    return write_table(records, headings=headings, words=WORDS, walkers=WALKERS, tz=BERLIN, separator=separator)


def read(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows as a spreadsheet reads them."""
    return [*csv.DictReader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)]


def test_a_row_has_local_times_translated_words_and_plain_numbers() -> None:
    [row] = read(table(RECORD))
    assert list(row) == list(Column)
    assert row == {
        "date": "2026-11-19",
        "started": "00:30",
        "walker": "Änne",
        "direction": "Rückwärts",
        "minutes": "5.5",
        "distance": "137.5",
        "average_speed": "1.5",
        "top_speed": "2.0",
        "top_incline": "1.5",
        "calories": "22",
        "program": "Erste Schritte",
        "outcome": "Beendet",
        "steps": "412",
        "discomfort_before": "3",
        "discomfort_after": "2",
        "knee": "better",
        "effort": "4",
        "note": 'Knee "fine", shoes; new',
        "id": "01KA9V3Q5W8RZ7D2M4N6P8T0AN",
    }


def test_a_semicolon_comes_with_a_decimal_comma() -> None:
    content = table(RECORD, separator=Separator.SEMICOLON)
    [row] = read(content, ";")
    assert (row["minutes"], row["distance"], row["average_speed"]) == ("5,5", "137,5", "1,5")
    assert row["note"] == RECORD.note
    assert content.startswith(b"\xef\xbb\xbfdate;started;")  # Excel knows UTF-8 by these three bytes
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == 2


def test_without_sessions_there_are_only_the_headings() -> None:
    assert table() == "\ufeff".encode() + ",".join(Column).encode() + b"\r\n"


def test_what_is_not_known_stays_empty() -> None:
    bare = SessionRecord(
        id="01",
        walker="gone",
        direction=Direction.FORWARD,
        started=STARTED,
        ended=STARTED,
        moving_time=0.0,
        distance=0.0,
        calories=0.0,
        calories_net=0.0,
    )
    [measured, logged, guest] = read(table(bare, replace(bare, outcome=Outcome.LOGGED), replace(bare, walker=None)))
    unknown = {"walker", "program", "steps", "discomfort_before", "discomfort_after", "knee", "effort", "note"}
    assert {column for column, value in measured.items() if not value} == unknown
    by_hand = {"distance", "average_speed", "top_speed", "top_incline"}
    assert {column for column, value in logged.items() if not value} == unknown | by_hand
    assert guest["walker"] == "Gast"
    # What has no translation is written as it is.
    assert (measured["direction"], logged["outcome"]) == ("forward", "logged")


def test_a_distance_that_was_entered_by_hand_gives_an_average_speed() -> None:
    [row] = read(table(replace(RECORD, outcome=Outcome.LOGGED)))
    assert (row["distance"], row["average_speed"], row["top_speed"]) == ("137.5", "1.5", "")


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\tx", "\rx", "\nx", "\0=1", '=HYPERLINK("x")'),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\u3000\uff20x"),  # in full width
    ],
)
def test_no_text_is_a_formula(text: str) -> None:
    [row] = read(table(replace(RECORD, note=text, program=text)))
    assert row["note"] == row["program"] == "'" + text.replace("\0", "")


def test_a_negative_number_is_a_number() -> None:
    [row] = read(table(replace(RECORD, max_incline=-2.0)))
    assert row["top_incline"] == "-2.0"


def test_half_a_surrogate_pair_spoils_nothing() -> None:
    [row] = read(table(replace(RECORD, note="a\ud800b")))
    assert row["note"] == "a?b"


texts = st.one_of(st.none(), st.text(max_size=40), st.text("=+-@'\";,\r\n\t aé", max_size=12))


@given(
    notes=st.lists(texts, max_size=5),
    program=texts,
    separator=st.sampled_from(Separator),
    moving=st.floats(0, 36000),
    distance=st.floats(0, 1e5),
)
@example(notes=["a\r\nb", "\r"], program="'", separator=Separator.COMMA, moving=0.0, distance=1.0)
def test_a_spreadsheet_reads_back_what_was_written(
    notes: list[str | None], program: str | None, separator: Separator, moving: float, distance: float
) -> None:
    records = [
        replace(RECORD, note=note, program=program, moving_time=moving, distance=distance, id=f"{number}")
        for number, note in enumerate(notes)
    ]
    semicolon = separator is Separator.SEMICOLON
    rows = read(table(*records, separator=separator), ";" if semicolon else ",")
    assert [row["id"] for row in rows] == [record.id for record in records]
    for row, record in zip(rows, records, strict=True):
        assert None not in row  # no value too many
        for text, written in ((record.note, row["note"]), (record.program, row["program"])):
            plain = (text or "").replace("\0", "").encode(errors="replace").decode()
            assert written in {plain, f"'{plain}"}
            assert not written.lstrip().startswith(("=", "+", "-", "@"))
        minutes, meters = (float(row[key].replace(",", ".")) for key in ("minutes", "distance"))
        assert minutes == pytest.approx(record.moving_time / 60, abs=0.006)
        assert meters == pytest.approx(record.distance, abs=0.06)
