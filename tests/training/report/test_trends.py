"""A walker's last weeks as charts: what is drawn, what is told without a picture, and what invites."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given

from custom_components.retrowalk.training.history.record import Knee, SessionRecord
from custom_components.retrowalk.training.history.report import first_day
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.report.trends import WEEKS, write_trends
from custom_components.retrowalk.training.report.words import Words
from custom_components.retrowalk.training.units import Units
from tests.support.walked_weeks import HISTORIES, PLANS, SUNDAY, WORDS, report, session

EN, DE = WORDS["en"], WORDS["de"]
WEEK = timedelta(days=7)


def write(records: list[SessionRecord], words: Words = EN, *, ever: bool = True, **others: Any) -> ET.Element:
    """Return the last six weeks as elements: they are well-formed."""
    weeks = report(records, first=first_day(SUNDAY, WEEKS), **others)
    return ET.fromstring(f"<main>{write_trends(weeks, words, ever=ever)}</main>")


def told(found: ET.Element) -> list[str]:
    """Return what the charts are called, without pictures."""
    return [svg.get("aria-label", "") for svg in found.iter("svg") if svg.get("role") == "img"]


def test_six_weeks_of_everything() -> None:
    records = [
        session(
            SUNDAY - number * WEEK,
            minutes=10.0 - number,
            max_speed=2.0 - number / 10,
            max_incline=float(not number),
            discomfort_before=number,
            discomfort_after=number // 2,
            knee=Knee.WORSE if number == 3 else Knee.SAME,
        )
        for number in range(7)
    ]
    found = write(records, plan=WeeklyPlan(days=frozenset({6})))
    assert told(found) == [
        "Minutes per week, week by week: 5, 6, 7, 8, 9, 10",
        "Days kept per week, week by week: 1 of 1, 1 of 1, 1 of 1, 1 of 1, 1 of 1, 1 of 1",
        "Top speed (km/h), week by week: 1.5, 1.6, 1.7, 1.8, 1.9, 2",
        "Days in a row, week by week: 2, 3, 4, 5, 6, 7",
        "Top incline (%), week by week: 0, 0, 0, 0, 0, 1",
        "Knee after sessions, week by week: 1 of 1, 1 of 1, 0 of 1, 1 of 1, 1 of 1, 1 of 1",
        "Knee discomfort, week by week: 5 / 2, 4 / 2, 3 / 1, 2 / 1, 1 / 0, 0 / 0",
    ]
    assert len(found.findall(".//rect[@class='second']")) == 6
    figures = {term.text: value.text for term, value in zip(found.iter("dt"), found.iter("dd"), strict=True)}
    assert figures == {"Minutes": "45", "Sessions": "6", "Days kept": "6 of 6", "Days in a row": "7"}


def test_what_is_not_known_is_not_drawn() -> None:
    assert len(told(write([session(SUNDAY)]))) == 4
    assert len(told(write([session(SUNDAY, knee=Knee.WORSE)]))) == 5


def test_whoever_has_not_walked_is_invited() -> None:
    assert "".join(write([], ever=False).itertext()) == "No walk yet. Five minutes are a good start."
    old = [session(SUNDAY - 8 * WEEK)]
    assert "".join(write(old).itertext()) == "No walk in the last six weeks. Five minutes are a good start."
    assert "".join(write(old, DE).itertext()).endswith("Fünf Minuten sind ein guter Anfang.")
    forward = "".join(write([session(SUNDAY, direction=Direction.FORWARD)]).itertext())
    assert forward == ("There are no backward sessions in these weeks. Forward sessions, not counted here: 1 (5 min).")


@given(HISTORIES, PLANS)
def test_any_history_is_drawn_well_formed(records: list[SessionRecord], plan: WeeklyPlan) -> None:
    for words in (EN, Words(by_key=DE.by_key, units=Units(miles=True))):
        found = write(records, words, plan=plan)
        assert {element.tag for element in found.iter()} <= {
            *("main", "p", "dl", "div", "dt", "dd", "figure", "figcaption", "svg", "text", "line", "rect"),
            *("circle", "polyline", "span"),
        }
