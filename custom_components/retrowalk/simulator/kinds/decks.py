"""Kinds of treadmills with odd decks; the belt of each is polite."""

from typing import Final

from ...machine.evidence import Evidence
from ...machine.model import ValueRange
from ..personality import Personality
from ..profile import Profile

DECKS: Final = (
    Personality(
        key="incline_6_5",
        machines="a machine of QZ #2511",
        what="Reports six and a half times its incline.",
        source="QZ #2511",
        faults={"incline_told_times": 6.5},
    ),
    Personality(
        key="incline_doubled",
        machines="NoblePro, Kettler",
        what="Takes and reports twice its incline.",
        source="QZ",
        faults={"incline_told_times": 2.0, "incline_taken_times": 2.0},
    ),
    Personality(
        key="incline_whole",
        machines="NoblePro, Sole F85",
        what="Its deck obeys whole percents only, whatever its range says.",
        source="QZ #4041, #4880, #2385",
        faults={"coarse_inclines": 1.0},
    ),
    Personality(
        key="incline_ignored",
        machines="machines whose deck is for the console only",
        what="Accepts a target incline, and its deck stays.",
        source="reported",
        faults={"ignore_incline": True},
    ),
    Personality(
        key="incline_declining",
        machines="WELLFIT",
        what="Its deck goes from 6 % below level to 40 %.",
        source="QZ #5113",
        profile=Profile(incline=ValueRange(-6.0, 40.0, 1.0)),
    ),
    Personality(
        key="incline_drifts",
        machines="worn decks",
        what="Its deck rises by itself, by half a percent a minute.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"deck_drifts": 0.5},
    ),
    Personality(
        key="incline_stuck",
        machines="Egofit",
        what="Reports the same incline whatever its deck does.",
        source="QZ",
        faults={"incline_stuck_at": 2.0},
        shows_deck=False,
    ),
    Personality(
        key="incline_stuck_level",
        machines="machines with a deck that their reports leave out",
        what="Always reports that it is level.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"incline_stuck_at": 1e-9},
    ),
    Personality(
        key="incline_remembered",
        machines="machines that level themselves when they are switched on",
        what="Reports the incline of its last session until its deck moves.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"incline_remembered": 2.0},
        shows_deck=False,
    ),
    Personality(
        key="incline_late",
        machines="machines with a slow sensor",
        what="Reports where its deck was twelve seconds ago.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"incline_late": 12.0},
    ),
)
