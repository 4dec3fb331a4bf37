"""A report as one HTML page that holds everything itself: no script, no network, one sheet of paper.

What walkers wrote is escaped and isolated, so that it can change neither the page nor the direction of its lines. The
page is well-formed XML, too.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from html import escape
from typing import Final

from ..history.report import MOST_WEEKS, Figures, Note, WalkerReport
from .charts import bars, figure, lines
from .style import STYLE
from .text import days_kept, extras, rating, summary
from .trends import MOST_DISCOMFORT, knee_legend
from .words import Word, Words, clean

MARK: Final = 'content="Retrowalk report"'
"""In the first lines of every page, in every language."""
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""The page's content security policy: nothing is loaded, and nothing runs."""
_MOST_NOTES_ON_PAPER = 10


def write_page(report: WalkerReport, walker: str, made: date, words: Words) -> str:
    """Return a report as HTML."""
    title = escape(words.text(Word.TITLE, walker=clean(walker)))
    period = escape(words.text(Word.PERIOD, first=words.date_of(report.first), last=words.date_of(report.last)))
    language, direction = escape(words.text(Word.LANGUAGE)), words.direction
    tiles = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in summary(report, words)
    )
    empty = "" if report.total.sessions else f"<p>{escape(words.text(Word.NO_SESSIONS))}</p>"
    facts = escape(" ".join(extras(report, words)))
    return f"""<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8"/>
<meta name="generator" {MARK}/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="robots" content="noindex"/>
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}"/>
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header><h1 dir="auto">{title}</h1><p class="soft">{period}</p></header>
<dl>{tiles}</dl>
{empty}<div class="charts" dir="ltr">{_charts(report, words)}</div>
<div class="wide">{_table(report, words)}</div>
<p class="soft">{facts}</p>
{_notes(report.notes, _notes_on_paper(len(report.weeks)), words)}<footer><p>{escape(words.text(Word.ABOUT))}</p>
<p>{escape(words.text(Word.MADE, day=words.date_of(made)))}</p></footer>
</main>
</body>
</html>
"""


def _charts(report: WalkerReport, words: Words) -> str:
    weeks = [week.figures for week in report.weeks]
    first, last = (escape(words.day_of(week.first)) for week in (report.weeks[0], report.weeks[-1]))
    knee = [("before", [week.before for week in weeks]), ("after", [week.after for week in weeks])]
    legend = knee_legend(words)
    speeds = [words.speed(week.top_speed) for week in weeks]
    return "".join(
        [
            figure(words.text(Word.CHART_MINUTES), bars([week.minutes for week in weeks], first, last)),
            figure(words.text(Word.CHART_SPEED, unit=words.speed_unit), lines([("after", speeds)], first, last)),
            figure(words.text(Word.CHART_KNEE), lines(knee, first, last, MOST_DISCOMFORT), legend),
        ]
    )


def _table(report: WalkerReport, words: Words) -> str:
    columns = (
        (Word.SESSIONS, ""),
        (Word.MINUTES, ""),
        (Word.DISTANCE, words.distance_unit),
        (Word.DAYS, ""),
        (Word.TOP_SPEED, words.speed_unit),
        (Word.TOP_INCLINE, "%"),
        (Word.BEFORE, ""),
        (Word.AFTER, ""),
        (Word.EFFORT, ""),
    )
    labels = [words.text(Word.WEEK), *(f"{words.text(word)} {unit and f'({unit})'}".strip() for word, unit in columns)]
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    rows = "".join(_row(words.day_of(week.first), week.figures, words) for week in report.weeks)
    total = _row(words.text(Word.TOTAL), report.total, words)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot>{total}</tfoot></table>"


def _row(label: str, figures: Figures, words: Words) -> str:
    cells = (
        str(figures.sessions),
        words.decimal(figures.minutes),
        words.decimal(words.distance(figures.distance)),
        days_kept(figures, words),
        words.decimal(words.speed(figures.top_speed)),
        words.decimal(figures.top_incline),
        words.decimal(figures.before),
        words.decimal(figures.after),
        words.decimal(figures.effort),
    )
    shown = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(label)}</th>{shown}</tr>'


def _notes_on_paper(weeks: int) -> int:
    """Return how many notes, of two lines at most, the sheet has room for: a note takes as much as 25/11 weeks."""
    return min(_MOST_NOTES_ON_PAPER, (MOST_WEEKS + 3 - weeks) * 11 // 25)


def _notes(notes: Sequence[Note], on_paper: int, words: Words) -> str:
    """Return the notes: whole and all of them on a screen, the newest ones in short on paper."""
    if not notes:
        return ""
    items = []
    for number, note in enumerate(notes):
        rated = (note.before, note.after) != (None, None)
        ratings = f" ({escape(rating(note.before, note.after, words))})" if rated else ""
        only = "" if number < on_paper else ' class="screen"'
        items.append(
            f'<li{only}><span class="soft">{escape(words.date_of(note.day))}{ratings}</span> '
            f'<bdi dir="auto">{escape(clean(note.text))}</bdi></li>'
        )
    left_out = ""
    if len(notes) > on_paper:
        said = words.text(Word.NOTES_LEFT_OUT, count=str(len(notes) - on_paper))
        left_out = f'<p class="soft paper">{escape(said)}</p>'
    return f"<section><h2>{escape(words.text(Word.NOTES))}</h2><ul>{''.join(items)}</ul>{left_out}</section>\n"
