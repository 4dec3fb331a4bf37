"""Kinds of treadmills that speak another protocol than the Fitness Machine Service."""

from typing import Final

from ...machine.evidence import Evidence
from ...machine.model import ValueRange
from ..personality import MONITOR, Personality
from ..profile import Profile

PROTOCOLS: Final = (
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
    Personality(
        key="pitpat",
        machines="PitPat-T01, Superun BA06, DeerRun",
        what="Speaks PitPat's protocol: a target speed would start its resting belt.",
        source="PitPat-T01, firmware 37",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="PitPat-T01", speed=ValueRange(1.0, 6.0, 0.1), incline=None, steps=True),
        protocol="pitpat",
    ),
    Personality(
        key="efc",
        machines="CITYSPORTS WP9",
        what="Speaks EFC: reports by itself, and its counters wrap.",
        source="citysports-efc-ble",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="CITYSPORTS-LINKER", speed=ValueRange(1.0, 12.0, 0.1), incline=None, steps=True),
        protocol="efc",
    ),
    Personality(
        key="sperax",
        machines="Sperax P3 Max",
        what="A target speed would start its resting belt, and its belt runs on when the link is lost.",
        source="walkingpad-controller, hass-walkingpad #3",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="SPERAX_P3MAX", speed=ValueRange(0.5, 12.0, 0.1), incline=None, steps=True),
        protocol="sperax",
    ),
    Personality(
        key="sperax_rm01",
        machines="Sperax RM-01",
        what="Starts only after it was asked for control, at a speed of its own, and goes no faster than 4 km/h.",
        source="sperax-rm01",
        profile=Profile(name="SPERAX_RM01", speed=ValueRange(0.5, 4.0, 0.1), incline=None, steps=True),
        faults={"starts_at": 1.0},
        protocol="sperax",
    ),
    Personality(
        key="lifespan",
        machines="LifeSpan TR1200, SC110",
        what="Answers one question at a time and does not say which; how it is moved is not certain.",
        source="treadspan, QZ",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="LifeSpan-TM", speed=ValueRange(0.6, 6.4, 0.1), incline=None, steps=True),
        protocol="lifespan",
        check=MONITOR,
    ),
    Personality(
        key="urevo_native",
        machines="Urevo pads whose Fitness Machine Service is missing",
        what="Is silent until it is woken, and how it is moved is not certain.",
        source="treadspan",
        evidence=Evidence.CAPTURED,
        profile=Profile(name="URTM030", speed=ValueRange(1.0, 6.0, 0.1), incline=None, steps=True),
        protocol="urevo",
        check=MONITOR,
    ),
)
