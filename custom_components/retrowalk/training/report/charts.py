"""The small charts of a report and of the dashboard, as SVG without scripts: one value a week, or two."""

from collections.abc import Sequence
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 240, 110
_LEFT, _RIGHT, _TOP, _BOTTOM = 24, 236, 8, 92
_LABELS = 104

type Values = Sequence[float | None]


def figure(title: str, content: str, legend: str = "", about: str = "") -> str:
    """Return a chart with its title, which is also what it is called without a picture, unless `about` tells more."""
    return (
        f'<figure><figcaption dir="auto">{escape(title)} {legend}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(about or title)}">{content}</svg></figure>'
    )


def key(name: str, text: str) -> str:
    """Return what a line is called, with its mark on the same line."""
    return (
        '<span class="legend"><svg class="key" viewBox="0 0 8 8" aria-hidden="true">'
        f'<circle class="{name}" cx="4" cy="4" r="2.6"/></svg>\N{NO-BREAK SPACE}{escape(text)}</span>'
    )


def bars(values: Values, first: str, last: str, top: float | None = None) -> str:
    """Return the content of a chart with a bar for each week."""
    top = top or _scale(values)
    return "".join([*_axes(top, first, last), *_bars("bar", values, top)])


def split_bars(lower: Sequence[float], upper: Sequence[float], first: str, last: str) -> str:
    """Return the content of a chart with a bar for each week, the upper part of which is `second`."""
    sums = [low + high for low, high in zip(lower, upper, strict=True)]
    top = _scale(sums)
    return "".join([*_axes(top, first, last), *_bars("second", sums, top), *_bars("bar", lower, top)])


def _bars(name: str, values: Values, top: float) -> list[str]:
    width = (_RIGHT - _LEFT) / len(values)
    return [
        f'<rect class="{name}" x="{_LEFT + number * width + width * 0.15:.1f}" y="{_y(value, top):.1f}" '
        f'width="{width * 0.7:.1f}" height="{_BOTTOM - _y(value, top):.1f}"/>'
        for number, value in enumerate(values)
        if value
    ]


def lines(series: Sequence[tuple[str, Values]], first: str, last: str, top: float | None = None) -> str:
    """Return the content of a chart with a line for each series; a week without a value leaves a gap."""
    top = top or _scale([value for _, values in series for value in values])
    drawn = []
    for name, values in series:
        width = (_RIGHT - _LEFT) / len(values)
        stretch: list[str] = []
        for number, value in enumerate([*values, None]):
            if value is not None:
                x, y = _LEFT + (number + 0.5) * width, _y(value, top)
                stretch.append(f"{x:.1f},{y:.1f}")
                drawn.append(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>')
            elif stretch:
                drawn.insert(0, f'<polyline class="{name}" points="{" ".join(stretch)}"/>')
                stretch = []
    return "".join([*_axes(top, first, last), *drawn])


def _axes(top: float, first: str, last: str) -> list[str]:
    grid = [
        f'<line class="grid" x1="{_LEFT}" y1="{_y(value, top):.1f}" x2="{_RIGHT}" y2="{_y(value, top):.1f}"/>'
        f'<text x="{_LEFT - 4}" y="{_y(value, top) + 3:.1f}" text-anchor="end">{value:g}</text>'
        for value in (0.0, top)
    ]
    return [
        *grid,
        f'<text x="{_LEFT}" y="{_LABELS}">{first}</text>',
        f'<text x="{_RIGHT}" y="{_LABELS}" text-anchor="end">{last}</text>',
    ]


def _scale(values: Values) -> float:
    """Return a round number at or above every value: 1, 2, 3 … 10, 20, 30 and so on."""
    most = max((value for value in values if value is not None), default=0.0)
    if most <= 1:
        return 1.0
    step = 10.0 ** ceil(log10(most) - 1)
    return ceil(most / step) * step


def _y(value: float, top: float) -> float:
    return _BOTTOM - min(max(value / top, 0.0), 1.0) * (_BOTTOM - _TOP)
