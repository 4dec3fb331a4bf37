"""Writes a finished session as TCX: plain XML that Strava and others take, for people who want to read the file.

TCX knows running, biking and other sports; the notes name the session. The track is two points (see `summary`).
"""

from datetime import datetime

from ..history.record import SessionRecord
from .markup import attribute_text
from .summary import Summary

_NAMESPACE = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
_MOST_CALORIES = 65535


def write_tcx(record: SessionRecord, title: str) -> str:
    """Return the text of a TCX file, to be saved as UTF-8; `title` names the session."""
    session = Summary.of(record)
    started, ended = _time(session.started), _time(session.ended)
    top_speed = "" if session.top_speed is None else f"\n        <MaximumSpeed>{session.top_speed:.3f}</MaximumSpeed>"
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="{_NAMESPACE}">
  <Activities>
    <Activity Sport="Other">
      <Id>{started}</Id>
      <Lap StartTime="{started}">
        <TotalTimeSeconds>{session.moving:.1f}</TotalTimeSeconds>
        <DistanceMeters>{session.distance:.1f}</DistanceMeters>{top_speed}
        <Calories>{min(round(session.calories), _MOST_CALORIES)}</Calories>
        <Intensity>Active</Intensity>
        <TriggerMethod>Manual</TriggerMethod>
        <Track>
          <Trackpoint><Time>{started}</Time><DistanceMeters>0.0</DistanceMeters></Trackpoint>
          <Trackpoint><Time>{ended}</Time><DistanceMeters>{session.distance:.1f}</DistanceMeters></Trackpoint>
        </Track>
      </Lap>
      <Notes>{attribute_text(title)}</Notes>
    </Activity>
  </Activities>
</TrainingCenterDatabase>
"""


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
