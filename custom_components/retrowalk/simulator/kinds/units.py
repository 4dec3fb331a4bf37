"""Kinds of treadmills that count in miles."""

from typing import Final

from ...machine.evidence import Evidence
from ..personality import Personality

UNITS: Final = (
    Personality(
        key="miles_taken_only",
        maker="Horizon 7.0AT, T202, Sole TM4800",
        machines="Horizon 7.0AT and T202, 3G Pro Runner X, Sole TM4800",
        what="Takes speeds in miles per hour and tells true kilometers per hour; stops after 30 minutes like Horizons.",
        source="QZ #4716, #4904, #3382, #4000; 30 minutes: #1458",
        name="HORIZON 7.0AT",
        faults={"miles_taken_only": True, "stops_after": 1800.0},
    ),
    Personality(
        key="miles",
        maker="DBT FS-BT-T4",
        machines="DBT FS-BT-T4",
        what="Takes and reports speeds in miles per hour, whatever the specification says.",
        source="QZ, FS-BT-T4",
        name="FS-BT-T4",
        faults={"miles": True},
    ),
    Personality(
        key="miles_throughout",
        machines="consoles set to miles",
        what="Takes and reports miles per hour, and counts meters in step with them: only its console shows it.",
        source="composed from QZ #4716",
        evidence=Evidence.UNTESTED,
        faults={"miles": True, "distance_in_miles": True},
    ),
    Personality(
        key="miles_reported_only",
        maker="Bowflex T9, Kettler",
        machines="Bowflex T9, Kettler",
        what="Takes kilometers per hour and reports miles per hour.",
        source="QZ, Bowflex T9 and Kettler",
        faults={"miles_reported_only": True},
    ),
)
