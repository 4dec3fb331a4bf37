"""Kinds of treadmills whose makers want more than the standard."""

from typing import Final

from ...machine.evidence import Evidence
from ...machine.model import ValueRange
from ..personality import Personality
from ..profile import Profile

_PAD: Final = Profile(incline=None, speed=ValueRange(1.0, 6.0, 0.1))

MAKERS: Final = (
    Personality(
        key="kingsmith_mc21",
        machines="KingSmith MC21",
        what="Wants a frame of its maker's before each command, and answers by its status only.",
        source="UrbanTech 1.0.8, walkingpad-controller 0.5.1",
        evidence=Evidence.DOCUMENTED,
        profile=_PAD,
        name="KS-MC21-0001",
        faults={"wants_preamble": True, "answers_by_status": True},
    ),
    Personality(
        key="kingsmith_z1",
        machines="KingSmith Z1",
        what="Is silent until it is unlocked, and loses what comes too close.",
        source="z1-walkingpad-mcp",
        evidence=Evidence.DOCUMENTED,
        profile=_PAD,
        name="KS-HD-Z1D",
        faults={"locked": True, "loses_close_subscriptions": True, "weak_status_subscription": True},
    ),
    Personality(
        key="kingsmith_r3",
        machines="KingSmith R3",
        what="Declines Stop while it moves and in its countdown; a target in its spin-up ends the link.",
        source="walkingpad-controller 0.6.0",
        evidence=Evidence.DOCUMENTED,
        profile=_PAD,
        name="KS-AP-R3Q-0001",
        faults={"stop_only_at_rest": True, "reports_own_stops": True, "drop_link_on_speed_in_spin_up": 2.0},
    ),
    Personality(
        key="kingsmith_mc11",
        machines="KingSmith MC11",
        what="Declines a start without an extra byte.",
        source="walkingpad-controller 0.5.1",
        evidence=Evidence.DOCUMENTED,
        profile=_PAD,
        name="KS-MC11-0001",
        faults={"start_wants_parameter": True},
    ),
    Personality(
        key="urevo",
        machines="Urevo walking pads",
        what="Reports zeros until a frame of its maker's has come.",
        source="hassio-ftms #21",
        profile=_PAD,
        name="URTM041",
        faults={"zeros_until_activated": True},
    ),
)
