"""Writes a finished session as TCX: plain XML that Strava and others take, for people who want to read the file.

TCX knows running, biking and other sports; the notes name the session. It has no place for pauses or ratings: each
`Track` is one stretch between pauses. What is in it is decided in `summary`; the order is that of Garmin's schema.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ..history.record import SessionRecord
from ..history.track import Track
from .markup import attribute_text
from .summary import Part, Summary
from .timeline import Point, Stretch

_NAMESPACE = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
_EXTENSION = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HIGHEST = 65535
"""Of calories or steps."""


def write_tcx(record: SessionRecord, title: str, *, track: Track | None = None) -> str:
    """Return the text of a TCX file, to be saved as UTF-8; `title` names the session."""
    session = Summary.of(record, track)
    return "\n".join([*_lines(session, title), ""])


def _lines(session: Summary, title: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<TrainingCenterDatabase xmlns="{_NAMESPACE}" xmlns:xsi="{_XSI}" xmlns:ns3="{_EXTENSION}">'
    yield "  <Activities>"
    yield '    <Activity Sport="Other">'
    yield f"      <Id>{_time(session.whole.started)}</Id>"
    for lap in session.laps:
        yield from _lap(session, lap)
    yield f"      <Notes>{attribute_text(title)}</Notes>"
    yield '      <Creator xsi:type="Device_t">'
    yield "        <Name>Retrowalk</Name>"
    yield "        <UnitId>0</UnitId>"
    yield "        <ProductID>0</ProductID>"
    yield "        <Version><VersionMajor>0</VersionMajor><VersionMinor>0</VersionMinor></Version>"
    yield "      </Creator>"
    yield "    </Activity>"
    yield "  </Activities>"
    yield "</TrainingCenterDatabase>"


def _lap(session: Summary, lap: Part) -> Iterator[str]:
    amounts, rates = lap.amounts, lap.heart_rate
    yield f'      <Lap StartTime="{_time(lap.started)}">'
    yield f"        <TotalTimeSeconds>{amounts.moving / 1000:.3f}</TotalTimeSeconds>"
    yield f"        <DistanceMeters>{amounts.distance / 100:.2f}</DistanceMeters>"
    if lap.top_speed is not None:
        yield f"        <MaximumSpeed>{lap.top_speed / 1000:.3f}</MaximumSpeed>"
    yield f"        <Calories>{min(amounts.calories, _HIGHEST)}</Calories>"
    if rates is not None:
        yield f"        <AverageHeartRateBpm><Value>{rates.average}</Value></AverageHeartRateBpm>"
        yield f"        <MaximumHeartRateBpm><Value>{rates.highest}</Value></MaximumHeartRateBpm>"
    yield "        <Intensity>Active</Intensity>"
    yield "        <TriggerMethod>Manual</TriggerMethod>"
    for points in _pieces(lap, session.stretches):
        yield "        <Track>"
        yield from (f"          {_trackpoint(session.whole.started, point)}" for point in points)
        yield "        </Track>"
    if lap.label is not None:
        yield f"        <Notes>{attribute_text(lap.label)}</Notes>"
    yield f"        <Extensions><ns3:LX>{''.join(_averages(lap))}</ns3:LX></Extensions>"
    yield "      </Lap>"


def _averages(lap: Part) -> Iterator[str]:
    if lap.average_speed is not None:
        yield f"<ns3:AvgSpeed>{lap.average_speed / 1000:.3f}</ns3:AvgSpeed>"
    if lap.average_cadence is not None:
        yield f"<ns3:AvgRunCadence>{lap.average_cadence}</ns3:AvgRunCadence>"
    if lap.cadence is not None:
        yield f"<ns3:MaxRunCadence>{lap.cadence.highest}</ns3:MaxRunCadence>"
    if lap.amounts.steps is not None:
        yield f"<ns3:Steps>{min(lap.amounts.steps, _HIGHEST)}</ns3:Steps>"


def _pieces(lap: Part, stretches: Sequence[Stretch]) -> Iterator[Sequence[Point]]:
    """Yield the points of a lap by the stretches of the timer that they belong to."""
    for begin, end in stretches:
        if points := [point for point in lap.points if begin <= point.second <= end]:
            yield points


def _trackpoint(started: datetime, point: Point) -> str:
    rate, measured = "", ""
    if point.heart_rate is not None:
        rate = f"<HeartRateBpm><Value>{point.heart_rate}</Value></HeartRateBpm>"
    if point.speed is not None:
        measured += f"<ns3:Speed>{point.speed / 1000:.3f}</ns3:Speed>"
    if point.cadence is not None:
        measured += f"<ns3:RunCadence>{point.cadence}</ns3:RunCadence>"
    extensions = f"<Extensions><ns3:TPX>{measured}</ns3:TPX></Extensions>" if measured else ""
    time = _time(started + timedelta(seconds=point.second))
    meters = f"<DistanceMeters>{point.distance / 100:.2f}</DistanceMeters>"
    return f"<Trackpoint><Time>{time}</Time>{meters}{rate}{extensions}</Trackpoint>"


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
