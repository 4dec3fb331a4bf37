"""The words of a report, and numbers, dates and units as its readers write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..units import METRIC, Units


class Word(StrEnum):
    """A text of a report; `report_month_1` to `report_month_12` are the months."""

    ABOUT = "report_about"
    AFTER = "report_after"
    BEFORE = "report_before"
    BY_HAND = "report_by_hand"
    CHART_KNEE = "report_chart_knee"
    CHART_MINUTES = "report_chart_minutes"
    CHART_SPEED = "report_chart_speed"
    DATE = "report_date"
    DAY = "report_day"
    DAYS = "report_days"
    DAYS_KEPT = "report_days_kept"
    DECIMAL_MARK = "say_decimal_mark"
    DISTANCE = "report_distance"
    EFFORT = "report_effort"
    FORWARD = "report_forward"
    GOAL = "report_goal"
    KNEE = "report_knee"
    LANGUAGE = "say_language"
    LEGEND_AFTER = "report_legend_after"
    LEGEND_BEFORE = "report_legend_before"
    MADE = "report_made"
    MINUTES = "report_minutes"
    NO_SESSIONS = "report_no_sessions"
    NOTES = "report_notes"
    NOTES_LEFT_OUT = "report_notes_left_out"
    PERIOD = "report_period"
    NOTE = "column_note"
    PROGRAM = "column_program"
    RATED = "report_rated"
    SESSION_AFTER = "column_discomfort_after"
    SESSION_ABOVE_RESTING = "session_above_resting"
    SESSION_AVERAGE_SPEED = "session_average_speed"
    SESSION_BEFORE = "column_discomfort_before"
    SESSION_CALORIES = "session_calories"
    SESSION_CURVE = "session_curve"
    SESSION_CURVE_MEAN = "session_curve_mean"
    SESSION_DIRECTION = "column_direction"
    SESSION_EFFORT = "column_effort"
    SESSION_KNEE = "column_knee"
    SESSION_MINUTES = "session_minutes"
    SESSION_OUTCOME = "column_outcome"
    SESSION_UP_TO = "session_up_to"
    SESSION_WALKER = "column_walker"
    SESSIONS_OF_ALL = "sessions_of_all"
    SESSIONS = "report_sessions"
    STREAK = "report_streak"
    TITLE = "report_title"
    TOP_INCLINE = "report_top_incline"
    TOP_SPEED = "report_top_speed"
    TOTAL = "report_total"
    TREND = "report_trend"
    TREND_ANSWERS = "trend_answers"
    TREND_FINE = "trend_fine"
    TREND_WORSE = "trend_worse"
    TREND_DAYS = "trend_days"
    TREND_INCLINE = "trend_incline"
    TREND_KNEE = "trend_knee"
    TREND_NONE_YET = "trend_none_yet"
    TREND_NONE_LATELY = "trend_none_lately"
    TREND_PRIVATE = "trend_private"
    TREND_STREAK = "trend_streak"
    TREND_TITLE = "trend_title"
    TREND_VALUES = "trend_values"
    WEEK = "report_week"


NOTHING = "\N{EN DASH}"
"""Stands for what is not known."""
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_INVISIBLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What a page cannot hold, and control characters."""
_TURNING = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
"""Characters that change the direction of what follows them."""


def clean(text: str) -> str:
    """Return a text that somebody wrote as one line that can neither hide nor turn around what stands beside it."""
    return " ".join(_TURNING.sub("", _INVISIBLE.sub(" ", text)).split())


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters, with an ellipsis if it was longer."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one language, for a house that measures in these units."""

    by_key: Mapping[str, str]
    units: Units = METRIC

    def text(self, word: Word, **values: str) -> str:
        """Return a text with its placeholders filled."""
        return self.by_key[word].format_map(values)

    @property
    def direction(self) -> str:
        """The direction in which the language is written, as in HTML."""
        return "rtl" if self.text(Word.LANGUAGE).split("-")[0] in _RIGHT_TO_LEFT else "ltr"

    def number(self, value: float | None) -> str:
        """Return a number with at most one decimal, or a dash for an unknown one."""
        return self.decimal(value).removesuffix(f"{self.text(Word.DECIMAL_MARK)}0")

    def decimal(self, value: float | None) -> str:
        """Return a number with one decimal, for a column, or a dash for an unknown one."""
        return NOTHING if value is None else f"{value:.1f}".replace(".", self.text(Word.DECIMAL_MARK))

    def date_of(self, day: date) -> str:
        """Return a date with its year."""
        return self._date_of(Word.DATE, day)

    def day_of(self, day: date) -> str:
        """Return a date without its year."""
        return self._date_of(Word.DAY, day)

    def _date_of(self, word: Word, day: date) -> str:
        return self.text(word, day=str(day.day), month=self.by_key[f"report_month_{day.month}"], year=str(day.year))

    @property
    def speed_unit(self) -> str:
        """The unit of speeds."""
        return self.units.speed_unit

    def speed(self, kmh: float | None) -> float | None:
        """Return a speed in the unit of the house."""
        return None if kmh is None else self.units.shown_speed(kmh)

    def shown_speed(self, kmh: float | None) -> str:
        """Return a speed with its unit."""
        return self._with_unit(self.speed(kmh), self.speed_unit)

    def shown_incline(self, percent: float | None) -> str:
        """Return an incline with its unit."""
        return self._with_unit(percent, "%")

    @property
    def distance_unit(self) -> str:
        """The unit of distances."""
        return self.units.distance_unit

    def distance(self, meters: float) -> float:
        """Return a distance in the unit of the house."""
        return self.units.long_distance(meters)

    def shown_distance(self, meters: float) -> str:
        """Return a distance with its unit."""
        return self._with_unit(self.distance(meters), self.distance_unit)

    def shown_session_distance(self, meters: float) -> str:
        """Return the distance of one session with its unit: in meters or feet if it is short."""
        value, unit = self.units.distance(meters)
        return f"{value:g} {unit}".replace(".", self.text(Word.DECIMAL_MARK))

    def value(self, key: str, otherwise: str) -> str:
        """Return the text of a key that is made of a stored value, or what to show if there is none."""
        return self.by_key.get(key, otherwise)

    def _with_unit(self, value: float | None, unit: str) -> str:
        return NOTHING if value is None else f"{self.number(value)} {unit}"
