"""The personalities of the virtual treadmill: one row for each kind of machine that people own.

A row is all that a new kind needs, with its text in the translations: it can then be chosen when a virtual treadmill
is added, walked on with scripts/demo, and the session tests run on it.
"""

import logging
from typing import Final

from ..machine.evidence import Evidence
from ..machine.model import ValueRange
from .personality import MONITOR, Personality
from .profile import Profile

_LOGGER = logging.getLogger(__name__)

POLITE: Final = Personality(
    key="polite",
    machines="The virtual treadmill",
    what="Does what the specification says.",
    source="FTMS 1.0",
    evidence=Evidence.DOCUMENTED,
)
_FLAT: Final = Profile(incline=None)

_TABLE: Final = (
    POLITE,
    # Units
    Personality(
        key="miles_taken_only",
        machines="Horizon 7.0AT and T202, 3G Pro Runner X, Sole TM4800",
        what="Takes speeds in miles per hour and reports true kilometers per hour.",
        source="QZ #4716, #4904, #3382, #4000",
        name="HORIZON 7.0AT",
        faults={"miles_taken_only": True},
        check="miles",
    ),
    Personality(
        key="miles",
        machines="DBT FS-BT-T4",
        what="Takes and reports speeds in miles per hour, whatever the specification says.",
        source="QZ, FS-BT-T4",
        name="FS-BT-T4",
        faults={"miles": True},
        check="miles",
    ),
    Personality(
        key="miles_reported_only",
        machines="Bowflex T9, Kettler",
        what="Takes kilometers per hour and reports miles per hour.",
        source="QZ, Bowflex T9",
        faults={"miles_reported_only": True},
        check="miles",
    ),
    # What it says that it can do
    Personality(
        key="no_features",
        machines="Sole F65",
        what="Its feature bits are all zero, although its control point works.",
        source="pyftms #49, #54",
        profile=_FLAT,
        faults={"no_features": True},
        check=MONITOR,
    ),
    # Counters and reports
    Personality(
        key="frozen_counters",
        machines="CITYSPORTS walking pads, Mobvoi",
        what="Counts nothing, not even time, while nobody is on the belt.",
        source="QZ, CITYSPORTS log",
        profile=Profile(incline=None, speed=ValueRange(1.0, 6.0, 0.1)),
        faults={"counters_frozen_without_walker": True},
    ),
    Personality(
        key="repeats_last_speed",
        machines="BH i.Boxster, Egofit M2",
        what="At rest it goes on reporting the speed that it ran with; only its status and counters tell.",
        source="QZ #604",
        faults={"repeats_last_speed_at_rest": True},
    ),
    # Other protocols than the Fitness Machine Service
    Personality(
        key="wilink",
        machines="KingSmith WalkingPad A1, A1 Pro, C2, P1, K12",
        what="Speaks WiLink: answers when asked, misses frames that come too fast, moves in its manual mode only.",
        source="ph4-walkingpad",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="WalkingPad", speed=ValueRange(0.5, 6.0, 0.1), incline=None, steps=True),
        protocol="wilink",
    ),
    Personality(
        key="wilink_r1",
        machines="KingSmith WalkingPad R1 Pro",
        what="Speaks WiLink, and walks from 2 to 10 km/h.",
        source="ph4-walkingpad #1",
        profile=Profile(name="R1 Pro", speed=ValueRange(2.0, 10.0, 0.1), incline=None, steps=True),
        protocol="wilink",
    ),
    Personality(
        key="fitshow",
        machines="HomeTro, and others with a module of FitShow",
        what="Speaks FitShow: takes speed and incline in one command.",
        source="QZ, FitShow",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="FS-1A2B3C", speed=ValueRange(0.8, 16.0, 0.1)),
        protocol="fitshow",
    ),
    Personality(
        key="fitshow_flat",
        machines="Sportstech F15, F31, WP100",
        what="Speaks FitShow, has no incline, and pauses only by the newer of two commands.",
        source="esphome-treadmill-f15, QZ",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="SPORTSTECH F15", speed=ValueRange(0.8, 14.0, 0.1), incline=None),
        faults={"declines_op": [0x06]},
        protocol="fitshow",
    ),
)

PERSONALITIES: Final[dict[str, Personality]] = {personality.key: personality for personality in _TABLE}
"""All of them, by key, in the order in which they are offered."""


def personality_of(key: object) -> Personality:
    """Return the personality with this key; the polite one for an entry without a key, or with one from elsewhere."""
    if isinstance(key, str) and key in PERSONALITIES:
        return PERSONALITIES[key]
    if key is not None:
        _LOGGER.warning("A virtual treadmill has a personality that is not known here, and is a polite one: %.50s", key)
    return POLITE
