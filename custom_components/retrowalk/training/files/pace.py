"""A pace in somebody's list: how long a kilometer or a mile takes."""

import re
from collections.abc import Iterator

METERS = {"km": 1000.0, "mi": 1609.344}
_NAMES = ("pace", "targetpace", "allure", "ritmo", "passo")
_DISTANCES = {
    **dict.fromkeys(("km", "perkm", "kilometer", "perkilometer", "perkilometre", "k"), METERS["km"]),
    **dict.fromkeys(("mi", "permi", "mile", "permile", "miles"), METERS["mi"]),
}
_TIMES = {
    **dict.fromkeys(("min", "minutes", "minute"), 60.0),
    **dict.fromkeys(("s", "sec", "secs", "seconds"), 1.0),
}
_PACE = re.compile(
    r"(?:(\d{1,2}):([0-5]\d)|(\d{1,4}(?:[.,]\d{1,6})?))\s*(min|sec|s)?\s*(?:/|per)?\s*(km|k|mile|miles|mi)?", re.ASCII
)


def pace_columns() -> Iterator[tuple[str, float | None, float | None]]:
    """Yield the plain names of columns of a pace, the meters that they name, and the seconds of one in them."""
    for name in _NAMES:
        yield name, None, None
        yield from ((f"{name}{time}", None, seconds) for time, seconds in _TIMES.items())
    for name in ("", *_NAMES):
        for distance, meters in _DISTANCES.items():
            if name:
                yield f"{name}{distance}", meters, None
            yield from (
                (f"{name}{time}{distance}", meters, seconds) for time, seconds in _TIMES.items() if name or time != "s"
            )


def read_pace(text: str, seconds: float | None) -> tuple[float, float | None] | None:
    """Return how long a distance takes (s) and the meters of it, if they are named; None for what is no pace.

    `seconds` is what one of a plain number is.
    """
    if (found := _PACE.fullmatch(text.strip().lower())) is None:
        return None
    minutes, rest, number, time, distance = found.groups()
    if number is None:
        total: float = int(minutes) * 60 + int(rest)
    elif one := (_TIMES[time] if time else seconds):
        total = float(number.replace(",", ".")) * one
    else:
        return None
    return (total, _DISTANCES.get(distance or "")) if total else None
