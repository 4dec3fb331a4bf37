"""A report as plain text, for a message."""

from datetime import date
from typing import Final

from ..history.report import Figures, WalkerReport
from .words import NOTHING, Word, Words, clean, shorten

MARK: Final = "Retrowalk \N{MIDDLE DOT} "
"""The beginning of every report as text, in every language."""
_MOST_NOTES = 12
_LONGEST_NOTE = 200


def write_text(report: WalkerReport, walker: str, made: date, words: Words) -> str:
    """Return a report as text."""
    total = report.total
    lines = [
        f"{MARK}{words.text(Word.TITLE, walker=clean(walker))}",
        words.text(Word.PERIOD, first=words.date_of(report.first), last=words.date_of(report.last)),
        "",
        *(f"{label}: {value}" for label, value in summary(report, words)),
        *extras(report, words),
        "",
        *(_week(words.day_of(week.first), week.figures, words) for week in report.weeks),
    ]
    if not total.sessions:
        lines += ["", words.text(Word.NO_SESSIONS)]
    if report.notes:
        lines += ["", f"{words.text(Word.NOTES)}:"]
        for note in report.notes[:_MOST_NOTES]:
            ratings = (
                f" ({rating(note.before, note.after, words)})" if (note.before, note.after) != (None, None) else ""
            )
            lines.append(f"- {words.date_of(note.day)}{ratings}: {shorten(clean(note.text), _LONGEST_NOTE)}")
        if left_out := len(report.notes) - _MOST_NOTES:
            lines += [words.text(Word.NOTES_LEFT_OUT, count=str(left_out))] if left_out > 0 else []
    lines += ["", words.text(Word.ABOUT), words.text(Word.MADE, day=words.date_of(made))]
    return "\n".join([*lines, ""])


def summary(report: WalkerReport, words: Words) -> list[tuple[str, str]]:
    """Return what all weeks come to: labels and values."""
    total = report.total
    return [
        (words.text(Word.MINUTES), words.number(total.minutes)),
        (words.text(Word.SESSIONS), str(total.sessions)),
        (words.text(Word.DISTANCE), words.shown_distance(total.distance)),
        (words.text(Word.DAYS), days_kept(total, words)),
        (words.text(Word.STREAK), str(report.streak)),
        (words.text(Word.TOP_SPEED), words.shown_speed(total.top_speed)),
        (words.text(Word.TOP_INCLINE), words.shown_incline(total.top_incline)),
        (words.text(Word.KNEE), rating(total.before, total.after, words)),
    ]


def extras(report: WalkerReport, words: Words) -> list[str]:
    """Return what else there is to know of the figures, a sentence each."""
    total = report.total
    said = [words.text(Word.GOAL, minutes=words.number(report.goal_minutes))]
    if total.by_hand:
        said.append(words.text(Word.BY_HAND, count=str(total.by_hand)))
    if total.forward_sessions:
        minutes = words.number(total.forward_minutes)
        said.append(words.text(Word.FORWARD, count=str(total.forward_sessions), minutes=minutes))
    if total.rated:
        walked = str(total.sessions + total.forward_sessions)
        said.append(words.text(Word.RATED, count=str(total.rated), all=walked))
    rated = [week for week in report.weeks if week.figures.rated]
    if len(rated) > 1:
        first, last = rated[0], rated[-1]
        said.append(
            words.text(
                Word.TREND,
                first_week=words.day_of(first.first),
                first=rating(first.figures.before, first.figures.after, words),
                last_week=words.day_of(last.first),
                last=rating(last.figures.before, last.figures.after, words),
            )
        )
    return said


def days_kept(figures: Figures, words: Words) -> str:
    """Return the days kept of the days planned."""
    if not figures.planned:
        return NOTHING
    return words.text(Word.DAYS_KEPT, kept=str(figures.kept), planned=str(figures.planned))


def rating(before: float | None, after: float | None, words: Words) -> str:
    """Return the knee discomfort before and after."""
    return f"{words.number(before)} / {words.number(after)}"


def _week(label: str, figures: Figures, words: Words) -> str:
    parts = [
        (Word.MINUTES, words.number(figures.minutes), True),
        (Word.SESSIONS, str(figures.sessions), True),
        (Word.DAYS, days_kept(figures, words), bool(figures.planned)),
        (Word.TOP_SPEED, words.shown_speed(figures.top_speed), figures.top_speed is not None),
        (Word.TOP_INCLINE, words.shown_incline(figures.top_incline), bool(figures.top_incline)),
        (Word.KNEE, rating(figures.before, figures.after, words), bool(figures.rated)),
        (Word.EFFORT, words.number(figures.effort), figures.effort is not None),
    ]
    shown = ", ".join(f"{words.text(word)} {value}" for word, value, known in parts if known)
    return f"{words.text(Word.WEEK)} {label}: {shown}"
