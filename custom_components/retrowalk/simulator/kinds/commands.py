"""Kinds of treadmills that make something else of a command."""

from typing import Final

from ...machine.evidence import Evidence
from ..personality import Personality
from ..profile import Profile

_FLAT: Final = Profile(incline=None)

COMMANDS: Final = (
    Personality(
        key="speed_ignored",
        maker="Sole F85, TM4500",
        machines="Sole F85, TM4500",
        what="Says Success to every speed and stays at the one that it starts with.",
        source="QZ #2385, #3074",
        faults={"ignore_speed": True},
        check="ignores",
    ),
    Personality(
        key="speed_declined",
        machines="machines that only start and stop",
        what="Declines every speed.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"declines_op": [2]},
        check="speed_refused",
    ),
    Personality(
        key="coarse_steps",
        machines="consoles with steps of a half",
        what="Goes in steps of 0.5 km/h, although it says 0.1.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"coarse_steps": 0.5},
    ),
    Personality(
        key="overshoots",
        machines="worn machines",
        what="Runs 0.4 km/h faster than every target.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"overshoot": 0.4},
        check="misses",
    ),
    Personality(
        key="starts_elsewhere",
        machines="machines that start faster than their range says",
        what="Starts at 1 km/h, although its lowest speed is 0.5.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"starts_at": 1.0},
    ),
    Personality(
        key="deaf_after_start",
        maker="Horizon 7.8AT",
        machines="Horizon 7.8AT",
        what="Says Success to a speed in the first seconds and does not follow.",
        source="QZ #1757",
        faults={"deaf_after_start": 4.0},
    ),
    Personality(
        key="drops_link",
        maker="CITYSPORTS, KingSmith",
        machines="CITYSPORTS, KingSmith",
        what="Ends the link when a speed comes before the belt moves.",
        source="walkingpad-controller",
        evidence=Evidence.DOCUMENTED,
        profile=_FLAT,
        faults={"drop_link_on_speed_during_countdown": True},
    ),
    Personality(
        key="toggles_on_start",
        maker="Vitalwalk TM11GY",
        machines="TM11GY",
        what="A start while the belt moves stops it.",
        source="QZ #5100",
        faults={"toggles_on_start": True},
    ),
    Personality(
        key="stop_only_at_rest",
        maker="KingSmith R3",
        machines="KingSmith R3",
        what="Declines Stop while the belt moves and obeys Pause; the answer to Stop gets lost.",
        source="walkingpad-controller 0.6.0",
        evidence=Evidence.DOCUMENTED,
        name="KS-AP-RQ3",
        profile=_FLAT,
        faults={"stop_only_at_rest": True, "reports_own_stops": True},
    ),
    Personality(
        key="pause_ends_session",
        maker="FitShow",
        machines="FitShow controllers",
        what="Obeys Pause as if it were Stop.",
        source="QZ, FitShow",
        name="FS-A2B4C6",
        faults={"pause_ends_session": True},
    ),
    Personality(
        key="pause_declined",
        machines="walking pads without a pause",
        what="Declines Pause.",
        source="composed",
        evidence=Evidence.UNTESTED,
        profile=_FLAT,
        faults={"pause_declined": True},
        pauses=False,
    ),
    Personality(
        key="resumes_fast",
        machines="not named in the report",
        what="After a pause it goes back to its last speed by itself.",
        source="docs/protocols.md, reported",
        faults={"resumes_at_last_speed": True},
    ),
    Personality(
        key="starts_only_anew",
        machines="walking pads with one session",
        what="Declines a start after a pause; only a stop lets it begin again.",
        source="composed",
        evidence=Evidence.UNTESTED,
        profile=_FLAT,
        faults={"starts_only_anew": True},
    ),
)
