"""What the formats of programs have in common: lengths, and texts that are shown at a second."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from ..programs.steps import LONGEST_TEXT, MOST_REPEATS, Ramp, Step
from .markup import Element, FormatError, FormatErrorKey, one_line

LONGEST = 86_400.0
"""s; how long a session may be is decided in limits.py."""
FARTHEST = 100_000.0
"""m"""
_MS_PER_KMH = 1 / 3.6
_TEXTS = frozenset({"textevent", "textnotification"})


def constant(value: float | None) -> Ramp | None:
    """Return a ramp that is constant."""
    return None if value is None else Ramp(value, value)


def seconds_for(element: Element, meters: float, speed: Ramp | None) -> float:
    """Return how long a distance (m) takes. Raises FormatError without a speed."""
    if speed is None:
        raise FormatError(FormatErrorKey.DISTANCE_WITHOUT_SPEED, line=str(element.line))
    return _rounded(meters / _meters_per_second(speed))


def repeats(element: Element, name: str) -> int:
    """Return how often an element is repeated."""
    times = element.number(name, lowest=1, highest=MOST_REPEATS)
    if times is None or times != int(times):
        raise element.wrong(name)
    return int(times)


def is_text(element: Element) -> bool:
    """Return whether an element is a text and no part of the workout."""
    return element.name in _TEXTS


def cut(steps: tuple[Step, ...], element: Element) -> tuple[Step, ...]:
    """Return the steps of an element, cut where it has a text: the text is the label of the part that begins there.

    Texts after the end are left out; so are those at a distance whose time is not known.
    """
    texts: dict[float, str] = {}
    for event in filter(is_text, element.children):
        text = one_line(event.attributes.get("message", event.attributes.get("text", "")))
        second = _second(steps, event)
        if text and second is not None:
            # Several texts at one second are joined up to the length of a label.
            texts[second] = label(f"{texts[second]} {text}" if second in texts else text) or ""
    return tuple(_cut(steps, texts)) if texts else steps


def _cut(steps: Iterable[Step], texts: dict[float, str]) -> Iterator[Step]:
    begins = 0.0
    for step in steps:
        ends = _rounded(begins + step.seconds)
        edges = [begins, *sorted(second for second in texts if begins < second < ends), ends]
        for first, last in pairwise(edges):
            parts = (first - begins) / step.seconds, (last - begins) / step.seconds
            yield replace(
                step,
                seconds=_rounded(last - first),
                speed=_part(step.speed, *parts),
                incline=_part(step.incline, *parts),
                label=label(texts.get(first, "")),
            )
        begins = ends


def label(text: str) -> str | None:
    """Return a text as long as a label may be."""
    return text[:LONGEST_TEXT].strip() or None


def _part(ramp: Ramp | None, first: float, last: float) -> Ramp | None:
    return ramp if ramp is None or ramp.start == ramp.end else Ramp(_rounded(ramp.at(first)), _rounded(ramp.at(last)))


def _second(steps: Iterable[Step], event: Element) -> float | None:
    """Return when a text is shown, in seconds from the beginning of the steps."""
    meters = event.number("distoffset", highest=FARTHEST)
    if meters is None:
        return _rounded(event.number("timeoffset", highest=LONGEST) or 0.0)
    seconds = 0.0
    for step in steps:
        if step.speed is None:
            return None
        long = step.seconds * _meters_per_second(step.speed)
        if meters < long:
            return _rounded(seconds + step.seconds * meters / long)
        meters -= long
        seconds += step.seconds
    return None


def _meters_per_second(speed: Ramp) -> float:
    """Return the mean speed: a ramp is even in time."""
    return (speed.start + speed.end) / 2 * _MS_PER_KMH


def _rounded(value: float) -> float:
    return round(value, 3)
