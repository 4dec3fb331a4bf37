"""A report as text and as a page: words, numbers and dates of the house, and notes that may be hostile."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any, override
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.history.report import WalkerReport
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.report import page, text
from custom_components.retrowalk.training.report.charts import bars, lines
from custom_components.retrowalk.training.report.page import POLICY, write_page
from custom_components.retrowalk.training.report.text import write_text
from custom_components.retrowalk.training.report.words import NOTHING, Word, Words, clean, shorten
from custom_components.retrowalk.training.units import Units
from tests.support.walked_weeks import DAYS, HISTORIES, PLANS, SUNDAY, WORDS, report, session

EN, DE = WORDS["en"], WORDS["de"]
ELEMENTS = frozenset(
    {
        *("html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "dl", "div", "dt", "dd"),
        *("figure", "figcaption", "svg", "text", "line", "rect", "circle", "polyline", "section", "ul", "li", "span"),
        *("bdi", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "footer"),
    }
)
"""Every element of a page; none of them runs or loads anything."""
HOSTILE = '</style></title><script>alert(1)</script><img src=x onerror="alert(2)">&amp;\u202e\x00\ud800 ]]>'


class Elements(HTMLParser):
    """The elements and attributes of a page, as browsers read it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def parse(html: str) -> ET.Element:
    """Return a page that is well-formed, and has only the elements that it may have."""
    found = Elements(html)
    assert found.names <= ELEMENTS
    assert not [name for name in found.attributes if name.startswith("on") or name in {"style", "href", "src"}]
    return ET.fromstring(html)


def whole(element: ET.Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def a_report(**others: Any) -> WalkerReport:
    return report([session(SUNDAY, **others)])


# The words of the house


@pytest.mark.parametrize(
    ("words", "number", "date_of", "day_of"),
    [(EN, "1234.5", "Nov 9, 2026", "Nov 9"), (DE, "1234,5", "9. Nov. 2026", "9. Nov.")],
    ids=["en", "de"],
)
def test_numbers_and_dates_are_those_of_the_language(words: Words, number: str, date_of: str, day_of: str) -> None:
    assert words.number(1234.48) == number
    assert (words.number(2.0), words.number(None)) == ("2", NOTHING)
    assert (words.date_of(date(2026, 11, 9)), words.day_of(date(2026, 11, 9))) == (date_of, day_of)


def test_units_are_those_of_the_house() -> None:
    miles = replace(EN, units=Units(miles=True))
    assert (EN.shown_speed(3.2), EN.shown_distance(4828.032)) == ("3.2 km/h", "4.8 km")
    assert (miles.shown_speed(3.218688), miles.shown_distance(4828.032)) == ("2 mph", "3 mi")
    assert (miles.shown_speed(None), miles.speed(None)) == (NOTHING, None)
    assert EN.shown_incline(1.5) == "1.5 %"
    found = parse(write_page(a_report(max_speed=3.218688), "Anna", SUNDAY, miles))
    assert "Top speed (mph)" in whole(found)
    assert "Distance (mi)" in whole(found.find(".//thead"))
    assert [whole(cell) for cell in found.findall(".//tfoot//td")][4] == "2.0"


def test_every_word_has_its_text_and_no_text_is_left_over() -> None:
    wanted = {*Word, *(f"report_month_{month}" for month in range(1, 13))}
    for words in (EN, DE):
        assert {key for key in words.by_key if key.startswith("report_")} == {
            key for key in wanted if key.startswith("report_")
        }
        assert wanted <= set(words.by_key)


def test_a_language_that_is_written_from_right_to_left_turns_the_page_but_not_the_charts() -> None:
    assert (EN.direction, DE.direction) == ("ltr", "ltr")
    hebrew = Words(by_key={**EN.by_key, "say_language": "he"})
    found = parse(write_page(a_report(), "Anna", SUNDAY, hebrew))
    assert (found.get("lang"), found.get("dir")) == ("he", "rtl")
    charts = found.find(".//div[@class='charts']")
    assert charts is not None
    assert charts.get("dir") == "ltr"


# What walkers wrote


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  two\n\tlines ", "two lines"),
        ("a\u202eb\u2066c\u200fd", "abcd"),  # what would turn the rest of the line around
        ("a\x00b\x1bc\x85d\ud800e\ufffff\ufdd0g", "a b c d e f g"),
        ("שלום, 你好, 👩‍🦯", "שלום, 你好, 👩‍🦯"),
    ],
)
def test_a_note_becomes_one_line_without_what_no_page_can_hold(written: str, shown: str) -> None:
    assert clean(written) == shown


def test_a_long_text_is_shortened() -> None:
    assert shorten("four", 4) == "four"
    assert shorten("one two", 5) == "one…"


def test_a_hostile_note_and_name_are_shown_as_they_were_written_and_do_nothing() -> None:
    html = write_page(a_report(note=HOSTILE), HOSTILE, SUNDAY, EN)
    found = parse(html)
    assert "<script" not in html
    written = '</style></title><script>alert(1)</script><img src=x onerror="alert(2)">&amp; ]]>'
    note = found.find(".//li/bdi")
    assert note is not None
    assert (note.text, note.get("dir")) == (written, "auto")
    assert whole(found.find(".//title")) == whole(found.find(".//h1")) == f"Backward walking: {written}"
    assert written in write_text(a_report(note=HOSTILE), HOSTILE, SUNDAY, EN)


# The page


def test_a_page_has_a_row_for_each_week_and_one_for_all() -> None:
    walked = [
        session(SUNDAY, 6, discomfort_before=4, discomfort_after=3, effort=5, max_speed=2.1, max_incline=0.5),
        session(SUNDAY - timedelta(days=1)),
    ]
    found = parse(write_page(report(walked), "Anna", SUNDAY, EN))
    rows = [[whole(cell) for cell in row] for row in found.iter("tr")]
    assert len(rows) == 14
    assert rows[0] == [
        *("Week of", "Sessions", "Minutes", "Distance (km)", "Days kept", "Top speed (km/h)", "Top incline (%)"),
        *("Knee before", "Knee after", "Effort"),
    ]
    assert rows[1] == ["Sep 7", "0", "0.0", "0.0", *[NOTHING] * 6]
    assert rows[-2] == ["Nov 23", "2", "11.0", "0.3", "2 of 2", "2.1", "0.5", "4.0", "3.0", "5.0"]
    assert rows[-1] == ["Total", *rows[-2][1:]]
    assert whole(found.find(".//header/p")) == "Sep 7, 2026 to Nov 29, 2026"
    assert "does not diagnose" in whole(found.find(".//footer"))


def test_a_page_needs_nothing_but_itself() -> None:
    html = write_page(a_report(note="x"), "Anna", SUNDAY, DE)
    assert "http" not in re.sub(r'http-equiv=|lang="', "", html)
    assert not re.search(r"url\(|@import|<link|<script", html)
    style = parse(html).find(".//style")
    assert style is not None
    assert style.text is not None
    assert f"'sha256-{b64encode(sha256(style.text.encode()).digest()).decode()}'" in POLICY
    assert "script-src" not in POLICY
    assert POLICY.startswith("default-src 'none'; ")
    policy = parse(html).find(".//meta[@http-equiv]")
    assert policy is not None
    assert policy.get("content") == POLICY


def test_paper_has_room_for_the_newest_notes_only_and_says_so() -> None:
    walked = [session(SUNDAY - timedelta(days=days), note=f"note {days}") for days in range(20)]
    for weeks, room in ((3, 10), (6, 10), (12, 7), (26, 1)):
        shown = report(walked, first=SUNDAY - timedelta(days=7 * weeks - 1))
        found = parse(write_page(shown, "Anna", SUNDAY, EN))
        items = list(found.iter("li"))
        assert [item.get("class") for item in items] == [None] * room + ["screen"] * (20 - room)
        left_out = found.find(".//p[@class='soft paper']")
        assert whole(left_out) == f"Older notes that are not shown here: {20 - room}"
    few = parse(write_page(report(walked[:7]), "Anna", SUNDAY, EN))
    assert few.find(".//p[@class='soft paper']") is None
    assert parse(write_page(report([session(SUNDAY)]), "Anna", SUNDAY, EN)).find(".//ul") is None


def test_weeks_without_a_session_are_said_to_be_so() -> None:
    for words, said in ((EN, "no backward sessions"), (DE, "keine Trainings rückwärts")):
        assert said in whole(parse(write_page(report([]), "Anna", SUNDAY, words)))
        assert said in write_text(report([]), "Anna", SUNDAY, words)


def test_the_marks_by_which_files_are_recognized_are_at_the_beginning() -> None:
    shown = a_report()
    for words in (EN, DE):
        assert page.MARK in write_page(shown, "Anna" * 500, SUNDAY, words)[:1000]
        assert write_text(shown, "Anna", SUNDAY, words).startswith(text.MARK)


# The text


def test_a_report_as_text() -> None:
    walked = [
        session(SUNDAY, 6, discomfort_before=4, discomfort_after=3, effort=5, max_incline=0.5, note="Went well"),
        session(SUNDAY - timedelta(days=7), 5, discomfort_after=6, outcome=Outcome.LOGGED, note="Stiff\nknee"),
        session(SUNDAY - timedelta(days=9), 20, direction=Direction.FORWARD),
    ]
    shown = report(walked, first=SUNDAY - timedelta(days=13), goal_minutes=5.5)
    assert (
        write_text(shown, "Anna", SUNDAY, EN)
        == f"""\
Retrowalk · Backward walking: Anna
Nov 16, 2026 to Nov 29, 2026

Minutes: 11
Sessions: 2
Distance: 0.3 km
Days kept: 2 of 10
Days in a row: 1
Top speed: 1.5 km/h
Top incline: 0.5 %
Knee before / after: 4 / 4.5
Daily goal: 5.5 min.
Entered by hand: 1 of the sessions.
Forward sessions, not counted here: 1 (20 min).
Sessions with a rating of the knee: 2 of 3.
Knee before / after in the first rated week (Nov 16): {NOTHING} / 6; in the last one (Nov 23): 4 / 3.

Week of Nov 16: Minutes 5, Sessions 1, Days kept 1 of 3, Top speed 1.5 km/h, Knee before / after {NOTHING} / 6
Week of Nov 23: Minutes 6, Sessions 1, Days kept 1 of 7, Top speed 1.5 km/h, Top incline 0.5 %, \
Knee before / after 4 / 3, Effort 5

Notes:
- Nov 29, 2026 (4 / 3): Went well
- Nov 22, 2026 ({NOTHING} / 6): Stiff knee

{EN.text(Word.ABOUT)}
Made by Retrowalk in Home Assistant on Nov 29, 2026
"""
    )


def test_a_text_is_short_enough_for_a_message() -> None:
    walked = [session(SUNDAY - timedelta(days=days), note="word " * 100) for days in range(84)]
    written = write_text(report(walked), "Anna", SUNDAY, DE)
    assert len(written) < 6000
    assert written.count("\n- ") == 12
    assert "Ältere Notizen, die hier nicht gezeigt werden: 72" in written
    assert "nicht gezeigt" not in write_text(report(walked[:12]), "Anna", SUNDAY, DE)


# The charts


def test_a_chart_reaches_from_nothing_to_a_round_number() -> None:
    for values, top in (
        ([0.4], "1"),
        ([0.0, None], "1"),
        ([2.1], "3"),
        ([10.0], "10"),
        ([35.0, 12.0], "40"),
        ([], "1"),
    ):
        chart = ET.fromstring(f"<svg>{bars(values or [None], 'a', 'b')}</svg>")
        assert [label.text for label in chart.iter("text")] == ["0", top, "a", "b"]
    assert lines([("x", [7.0])], "a", "b", 10.0).count(">10<") == 1


def test_a_week_without_a_value_leaves_a_gap() -> None:
    chart = ET.fromstring(f"<svg>{lines([('x', [1.0, 2.0, None, 3.0, None])], 'a', 'b')}</svg>")
    assert len([*chart.iter("circle")]) == 3
    assert sorted(len(line.get("points", "").split()) for line in chart.iter("polyline")) == [1, 2]
    assert len([*ET.fromstring(f"<svg>{bars([1.0, None, 0.0, 2.0], 'a', 'b')}</svg>").iter("rect")]) == 2


@given(HISTORIES, PLANS, DAYS, st.sampled_from(["en", "de"]), st.booleans(), st.text(st.characters(categories=None)))
def test_any_history_is_a_whole_page_and_a_text(
    records: list[SessionRecord], plan: WeeklyPlan, days: tuple[date, date], language: str, miles: bool, name: str
) -> None:
    shown = report(records, plan=plan, first=days[0], last=days[1])
    words = replace(WORDS[language], units=Units(miles=miles))
    html = write_page(shown, name, SUNDAY, words)
    found = parse(html)
    assert len([*found.iter("tr")]) == len(shown.weeks) + 2
    assert [note.text or "" for note in found.iter("bdi")] == [clean(note.text) for note in shown.notes]
    assert whole(found.find(".//title")) == words.text(Word.TITLE, walker=clean(name)).strip()
    for coordinate in re.findall(r' (?:x|y|y1|y2|cx|cy|width|height)="([^"]+)"', html):
        assert coordinate == "device-width" or 0 <= float(coordinate) <= 240
    html.encode()
    written = write_text(shown, name, SUNDAY, words)
    written.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", written)
