"""Kinds of treadmills with odd answers."""

from typing import Final

from ...machine.evidence import Evidence
from ..personality import Personality
from ..profile import Profile

_FLAT: Final = Profile(incline=None)

ANSWERS: Final = (
    Personality(
        key="no_indications",
        machines="cheap modules",
        what="Obeys and never answers.",
        source="QZ, FTMS clients",
        profile=_FLAT,
        faults={"no_indications_at_all": True},
    ),
    Personality(
        key="slow_answers",
        machines="weak links",
        what="Answers a second late.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"indication_delay": 1.0},
    ),
    Personality(
        key="declines_control",
        maker="KingSmith MC21",
        machines="KingSmith MC21",
        what="Declines to be controlled and obeys all the same.",
        source="UrbanTech, MC21",
        evidence=Evidence.DOCUMENTED,
        name="KS-MC21",
        profile=_FLAT,
        faults={"refuse_control": True, "control_not_needed": True},
    ),
    Personality(
        key="write_without_response",
        maker="CITYSPORTS",
        machines="CITYSPORTS walking pads, as they declare",
        what="Its control point declares Write Without Response only.",
        source="flutter_ftms #9, CITYSPORTS log",
        faults={"control_without_response": True},
    ),
)
