"""The part of Garmin's schemas for TCX that the exported files use, checked without the schemas themselves.

TrainingCenterDatabasev2.xsd and ActivityExtensionv2.xsd are in no package that tests may install. This follows what is
publicly known of them: which elements stand in which order, how often, with which attributes and values. It knows
fewer elements than they do and never more, so what passes here is valid there; what it has never heard of is an error.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
EXTENSION = "{http://www.garmin.com/xmlschemas/ActivityExtension/v2}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MANY = 10**9

type _Text = Callable[[str], bool]


def _pattern(pattern: str) -> _Text:
    return lambda text: re.fullmatch(pattern, text) is not None


def _whole(lowest: int, highest: int) -> _Text:
    return lambda text: re.fullmatch(r"\d+", text) is not None and lowest <= int(text) <= highest


def _one_of(*values: str) -> _Text:
    return lambda text: text in values


_TIME = _pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DOUBLE = _pattern(r"-?\d+(\.\d+)?")
_STRING = _pattern(r"(?s).*")
_TOKEN = _pattern(r"\S+( \S+)*")
_SHORT, _CADENCE = _whole(0, 65535), _whole(0, 254)


@dataclass(frozen=True)
class _Child:
    """An element within another; with `text` it has no elements of its own."""

    content: _Text | _Type
    least: int = 1
    most: int = 1


@dataclass(frozen=True)
class _Type:
    """What an element may contain, in this order, and its attributes, which are all required."""

    children: Mapping[str, _Child]
    attributes: Mapping[str, _Text] = field(default_factory=dict)


def _maybe(content: _Text | _Type) -> _Child:
    return _Child(content, least=0)


def _some(content: _Text | _Type, least: int = 1) -> _Child:
    return _Child(content, least, _MANY)


def _extensions(name: str, *children: tuple[str, _Text]) -> _Child:
    """Return extensions with one element of ActivityExtensionv2.xsd."""
    inner = _Type({f"{EXTENSION}{child}": _maybe(text) for child, text in children})
    return _maybe(_Type({f"{EXTENSION}{name}": _maybe(inner)}))


def _type(attributes: Mapping[str, _Text] | None = None, /, **children: _Child) -> _Type:
    return _Type({f"{TCX}{name}": child for name, child in children.items()}, attributes or {})


_RATE = _maybe(_type(Value=_Child(_whole(1, 255))))
_TRACKPOINT = _type(
    Time=_Child(_TIME),
    AltitudeMeters=_maybe(_DOUBLE),
    DistanceMeters=_maybe(_DOUBLE),
    HeartRateBpm=_RATE,
    Cadence=_maybe(_CADENCE),
    SensorState=_maybe(_one_of("Present", "Absent")),
    Extensions=_extensions("TPX", ("Speed", _DOUBLE), ("RunCadence", _CADENCE), ("Watts", _SHORT)),
)
_LAP = _type(
    {"StartTime": _TIME},
    TotalTimeSeconds=_Child(_DOUBLE),
    DistanceMeters=_Child(_DOUBLE),
    MaximumSpeed=_maybe(_DOUBLE),
    Calories=_Child(_SHORT),
    AverageHeartRateBpm=_RATE,
    MaximumHeartRateBpm=_RATE,
    Intensity=_Child(_one_of("Active", "Resting")),
    Cadence=_maybe(_CADENCE),
    TriggerMethod=_Child(_one_of("Manual", "Distance", "Location", "Time", "HeartRate")),
    Track=_some(_type(Trackpoint=_some(_TRACKPOINT)), least=0),
    Notes=_maybe(_STRING),
    Extensions=_extensions(
        "LX",
        ("AvgSpeed", _DOUBLE),
        ("MaxBikeCadence", _CADENCE),
        ("AvgRunCadence", _CADENCE),
        ("MaxRunCadence", _CADENCE),
        ("Steps", _SHORT),
        ("AvgWatts", _SHORT),
        ("MaxWatts", _SHORT),
    ),
)
_DEVICE = _type(
    {XSI_TYPE: _one_of("Device_t")},
    Name=_Child(_TOKEN),
    UnitId=_Child(_whole(0, 2**32 - 1)),
    ProductID=_Child(_SHORT),
    Version=_Child(
        _type(
            VersionMajor=_Child(_SHORT),
            VersionMinor=_Child(_SHORT),
            BuildMajor=_maybe(_SHORT),
            BuildMinor=_maybe(_SHORT),
        )
    ),
)
_ACTIVITY = _type(
    {"Sport": _one_of("Running", "Biking", "Other")},
    Id=_Child(_TIME),
    Lap=_some(_LAP),
    Notes=_maybe(_STRING),
    Creator=_maybe(_DEVICE),
)
_DATABASE = _type(Activities=_maybe(_type(Activity=_some(_ACTIVITY, least=0))))


def flaws(text: str) -> list[str]:
    """Return what is wrong with a TCX file by the schema, each with the path to its element."""
    root = ET.fromstring(text)
    if root.tag != f"{TCX}TrainingCenterDatabase":
        return [f"the outermost element is {root.tag}"]
    return [*_flaws(root, _DATABASE, "")]


def _flaws(element: ET.Element, content: _Text | _Type, path: str) -> Iterator[str]:
    if not isinstance(content, _Type):
        if len(element) or element.attrib or not content(element.text or ""):
            yield f"{path} cannot be {ET.tostring(element, 'unicode')!r:.200}"
        return
    if (element.text or "").strip():
        yield f"{path} has text"
    if element.keys() ^ content.attributes.keys():
        yield f"{path} has the attributes {element.keys()}"
    yield from (
        f"{path}@{name} cannot be {value!r}"
        for name, value in element.items()
        if not content.attributes.get(name, _STRING)(value)
    )
    names = [*content.children]
    known = [child for child in element if child.tag in content.children]
    yield from (f"{path}/{child.tag} is not known" for child in element if child.tag not in content.children)
    places = [names.index(child.tag) for child in known]
    if places != sorted(places):
        yield f"{path} has its elements in the order {[child.tag for child in known]}"
    for name, allowed in content.children.items():
        found = [child for child in known if child.tag == name]
        if not allowed.least <= len(found) <= allowed.most:
            yield f"{path} has {len(found)} {name}"
        for child in found:
            yield from _flaws(child, allowed.content, f"{path}/{name.partition('}')[2]}")
