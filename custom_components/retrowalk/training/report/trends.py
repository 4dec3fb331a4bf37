"""A walker's last weeks as small charts for the dashboard, or an invitation to whoever has not walked yet."""

from collections.abc import Sequence
from html import escape
from typing import Final

from ..history.report import WalkerReport
from .charts import Values, bars, figure, key, lines, split_bars
from .text import days_kept, rating, summary
from .words import Word, Words

WEEKS: Final = 6
MOST_DISCOMFORT: Final = 10.0
_DAYS: Final = 7.0
_TOLD: Final = (Word.MINUTES, Word.SESSIONS, Word.DAYS, Word.STREAK)


def write_trends(report: WalkerReport, words: Words, *, ever: bool) -> str:
    """Return the weeks as HTML without styles; `ever` says whether this walker has walked at all."""
    total = report.total
    if not total.sessions:
        said = [words.text(Word.TREND_NONE_LATELY if ever else Word.TREND_NONE_YET)]
        if total.forward_sessions:
            minutes = words.number(total.forward_minutes)
            forward = words.text(Word.FORWARD, count=str(total.forward_sessions), minutes=minutes)
            said = [words.text(Word.NO_SESSIONS), forward]
        return f"<p>{escape(' '.join(said))}</p>"
    labels = {words.text(word) for word in _TOLD}
    told = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in summary(report, words)
        if label in labels
    )
    head = escape(words.text(Word.TREND_TITLE))
    charts = "".join(_charts(report, words))
    return f'<p class="period">{head}</p><dl>{told}</dl><div class="charts" dir="ltr">{charts}</div>'


def knee_legend(words: Words) -> str:
    """Return what the two lines of the knee are called."""
    return f"{key('before', words.text(Word.LEGEND_BEFORE))} {key('after', words.text(Word.LEGEND_AFTER))}"


def _charts(report: WalkerReport, words: Words) -> list[str]:
    weeks = [week.figures for week in report.weeks]
    first, last = (escape(words.day_of(week.first)) for week in (report.weeks[0], report.weeks[-1]))
    speeds = [words.speed(week.top_speed) for week in weeks]
    inclines = [week.top_incline for week in weeks]

    def chart(title: str, content: str, values: Sequence[str], legend: str = "") -> str:
        about = words.text(Word.TREND_VALUES, title=title.removesuffix(":"), values=", ".join(values))
        return figure(title, content, legend, about)

    def numbers(values: Values) -> list[str]:
        return [words.number(value) for value in values]

    minutes = [week.minutes for week in weeks]
    found = [
        chart(words.text(Word.CHART_MINUTES), bars(minutes, first, last), numbers(minutes)),
        chart(
            words.text(Word.TREND_DAYS),
            bars([week.kept for week in weeks], first, last, _DAYS),
            [days_kept(week, words) for week in weeks],
        ),
        chart(
            words.text(Word.CHART_SPEED, unit=words.speed_unit),
            lines([("after", speeds)], first, last),
            numbers(speeds),
        ),
        chart(
            words.text(Word.TREND_STREAK),
            bars([week.streak for week in report.weeks], first, last),
            [str(week.streak) for week in report.weeks],
        ),
    ]
    if any(inclines):
        content = lines([("after", inclines)], first, last)
        found.append(chart(words.text(Word.TREND_INCLINE), content, numbers(inclines)))
    fine, worse = [week.knee_fine for week in weeks], [week.knee_worse for week in weeks]
    if any(fine) or any(worse):
        legend = f"{key('bar', words.text(Word.TREND_FINE))} {key('second', words.text(Word.TREND_WORSE))}"
        told = [words.text(Word.DAYS_KEPT, kept=str(a), planned=str(a + b)) for a, b in zip(fine, worse, strict=True)]
        found.append(chart(words.text(Word.TREND_ANSWERS), split_bars(fine, worse, first, last), told, legend))
    if report.total.rated:
        knee = [("before", [week.before for week in weeks]), ("after", [week.after for week in weeks])]
        content = lines(knee, first, last, MOST_DISCOMFORT)
        told = [rating(week.before, week.after, words) for week in weeks]
        found.append(chart(words.text(Word.TREND_KNEE), content, told, knee_legend(words)))
    return found
