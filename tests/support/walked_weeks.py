"""Weeks of one walker for reports: chosen ones, and random ones."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

import custom_components.retrowalk as package
from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.history.report import WalkerReport, first_day, make_report
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.report.words import Words

TRANSLATIONS = Path(package.__file__).parent / "translations"
WORDS = {
    language: Words(by_key=json.loads((TRANSLATIONS / f"{language}.json").read_text())["common"])
    for language in ("en", "de")
}
BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = date(2026, 11, 29)
"""The last day of most reports, which is today."""


def session(day: date, minutes: float = 5.0, **others: Any) -> SessionRecord:
    """Return a session on an evening in Berlin."""
    started = datetime.combine(day, others.pop("at", time(18)), BERLIN)
    values: dict[str, Any] = {
        "id": f"{started.isoformat()} {minutes}",
        "walker": "anna",
        "direction": Direction.BACKWARD,
        "started": started,
        "ended": started + timedelta(minutes=minutes),
        "moving_time": minutes * 60,
        "distance": minutes * 25,
        "calories": 20.0,
        "calories_net": 12.0,
        "max_speed": 1.5,
        "planned": 300.0,
    }
    return SessionRecord(**values | others)


def report(records: list[SessionRecord], **others: Any) -> WalkerReport:
    """Return the report of the last twelve weeks, unless other days are asked for."""
    values: dict[str, Any] = {
        "plan": WeeklyPlan(),
        "goal_minutes": 5.0,
        "first": first_day(others.get("last", SUNDAY), 12),
        "last": SUNDAY,
        "today": SUNDAY,
        "tz": BERLIN,
    }
    return make_report(records, **values | others)


RATINGS = st.none() | st.integers(0, 10)
HISTORIES = st.lists(
    st.builds(
        SessionRecord,
        id=st.uuids().map(str),
        walker=st.just("anna"),
        direction=st.sampled_from(Direction),
        started=st.integers(0, 145 * 86_400).map(
            lambda seconds: datetime(2026, 8, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        ),
        ended=st.just(datetime(2026, 12, 25, tzinfo=UTC)),
        moving_time=st.floats(0, 1e6),
        distance=st.floats(0, 1e6),
        calories=st.just(1.0),
        calories_net=st.just(1.0),
        # A damaged file may hold any number here.
        max_speed=st.floats(-1, 30) | st.sampled_from([-1e9, 1e9]),
        max_incline=st.floats(-10, 40) | st.just(1e9),
        planned=st.none() | st.floats(1, 7200),
        outcome=st.sampled_from(Outcome),
        discomfort_before=RATINGS,
        discomfort_after=RATINGS | st.sampled_from([-1e9, 1e9]),
        effort=RATINGS,
        # A file's text may hold what no page can.
        note=st.none() | st.text(st.characters(categories=None), max_size=300),
    ),
    max_size=40,
    unique_by=lambda record: record.id,
)
PLANS = st.builds(
    WeeklyPlan,
    days=st.frozensets(st.integers(0, 6)),
    goal_minutes=st.floats(0, 60),
    paused=st.lists(
        st.tuples(st.dates(date(2026, 8, 1), date(2026, 12, 24)), st.none() | st.dates(date(2026, 8, 1))), max_size=3
    ).map(tuple),
)
DAYS = st.tuples(st.dates(date(2026, 8, 1), SUNDAY), st.integers(0, 125)).map(
    lambda drawn: (drawn[0], min(drawn[0] + timedelta(days=drawn[1]), SUNDAY))
)
"""The first and the last day of a report."""
