"""What the formats of programs have in common: lengths, and texts that are shown at a second."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from ..programs.steps import DEEPEST_DESCENT, LONGEST_TEXT, MOST_REPEATS, Group, Ramp, Step, unrolled
from .errors import FormatErrorKey, one_line, shown
from .markup import Element
from .notes import NoteKey, Notes, Place

DEEPEST_READ = -100.0
"""%; what is below the deepest descent of a program is cut to it, and a number below this is no incline."""
HIGHEST_FRACTION = 0.4
"""An incline up to here is a fraction and not a percentage (as QZ reads it)."""
LONGEST = 86_400.0
"""s; how long a session may be is decided in limits.py."""
FARTHEST = 100_000.0
"""m"""
_MS_PER_KMH = 1 / 3.6
_TEXTS = frozenset({"textevent", "textnotification"})


def constant(value: float | None) -> Ramp | None:
    """Return a ramp that is constant."""
    return None if value is None else Ramp(value, value)


def seconds_for(place: Place, meters: float, speed: Ramp | None) -> float:
    """Return how long a distance (m) takes. Raises FormatError without a speed."""
    if speed is None:
        raise place.error(FormatErrorKey.DISTANCE_WITHOUT_SPEED)
    return _rounded(meters / _meters_per_second(speed))


def not_too_deep(percent: float, place: Place, notes: Notes) -> float:
    """Return an incline that a program may have; one below that is cut, and noted."""
    if percent >= DEEPEST_DESCENT:
        return percent
    notes.add(NoteKey.INCLINE_CUT, place, asked=number(percent), becomes=number(DEEPEST_DESCENT))
    return DEEPEST_DESCENT


def number(value: float) -> str:
    """Return a number as a note shows it."""
    return f"{round(value, 3):g}"


def repeats(element: Element, name: str) -> int:
    """Return how often an element is repeated."""
    times = element.number(name, lowest=1, highest=MOST_REPEATS)
    if times is None or times != int(times):
        raise element.wrong(name)
    return int(times)


def is_text(element: Element) -> bool:
    """Return whether an element is a text and no part of the workout."""
    return element.name in _TEXTS


def cut(steps: tuple[Step, ...], element: Element, notes: Notes) -> tuple[Step, ...]:
    """Return the steps of an element, cut where it has a text: the text is the label of the part that begins there.

    Texts after the end are lost, so are those at a distance whose time is not known and what is too long for a label.
    """
    texts: dict[float, str] = {}
    ends = _rounded(sum(step.seconds for step in steps))
    for event in filter(is_text, element.children):
        if not (text := text_of(event)):
            continue
        second = _second(steps, event)
        if second is None or second >= ends:
            lost(event, notes)
            continue
        whole = f"{texts[second]} {text}" if second in texts else text
        texts[second] = label(whole) or ""
        if len(texts[second]) < len(whole):
            lost(event, notes)
    return tuple(_cut(steps, texts)) if texts else steps


def text_of(event: Element) -> str:
    """Return what a text says; empty where it says nothing."""
    return one_line(event.attributes.get("message", event.attributes.get("text", "")))


def lost(event: Element, notes: Notes) -> None:
    """Note a text, or the end of one, that no step can show."""
    if text := text_of(event):
        notes.add(NoteKey.TEXT_LOST, event.place, text=shown(text))


def not_read(element: Element, known: frozenset[str], notes: Notes) -> None:
    """Note the attributes of an element that say something and are not read, and so its children that are no texts."""
    not_read_around(element, known, notes)
    for child in element.children:
        if not is_text(child):
            notes.add(NoteKey.NOT_READ, child.place, name=shown(child.name))


def not_read_around(element: Element, known: frozenset[str], notes: Notes) -> None:
    """Note the attributes and the text of an element that say something and are not read."""
    for name, value in element.attributes.items():
        if name not in known and value.strip():
            notes.add(NoteKey.NOT_READ, element.place, name=shown(name))
    if text := one_line(element.text):
        notes.add(NoteKey.TEXT_LOST, element.place, text=shown(text))


def note_growth(steps: tuple[Step | Group, ...], notes: Notes) -> None:
    """Note steps that each are longer than the one before: they may be times from the beginning."""
    lengths = [step.seconds for step in steps if isinstance(step, Step)]
    if len(lengths) > 2 and all(first < last for first, last in pairwise(lengths)):
        notes.add(NoteKey.GROWING)


def steers(steps: tuple[Step | Group, ...]) -> bool:
    """Return whether any step has a speed or an incline."""
    return any(step.speed or step.incline for step in unrolled(steps, None))


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
