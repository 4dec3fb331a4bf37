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
        maker="KingSmith MC21",
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
        maker="KingSmith Z1",
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
        maker="KingSmith R3",
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
        maker="KingSmith MC11",
        machines="KingSmith MC11",
        what="Declines a start without an extra byte.",
        source="reported without a name; that it declines any other is our reading",
        evidence=Evidence.REPORTED,
        profile=_PAD,
        name="KS-MC11-0001",
        faults={"start_wants_parameter": True},
    ),
    Personality(
        key="urevo",
        maker="Urevo",
        machines="Urevo walking pads",
        what="Reports zeros until a frame of its maker's has come.",
        source="hassio-ftms #21",
        profile=_PAD,
        name="URTM041",
        faults={"zeros_until_activated": True},
    ),
    Personality(
        key="second_start",
        machines="Treadmills that wake up with the first start",
        what="Accepts a start and does not move, until another one comes.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"second_start_needed": True},
    ),
    Personality(
        key="time_limit",
        maker="Horizon 7.x",
        machines="Horizon 7.x",
        what="Stops the belt 30 minutes after a start over Bluetooth.",
        source="QZ #704, #1458, #2989, #3650",
        name="HORIZON_7.4AT",
        faults={"stops_after": 1800.0},
    ),
    Personality(
        key="console_dead",
        maker="Sole F63, NordicTrack T7.0",
        machines="Sole F63, NordicTrack T7.0",
        what="Its own Start does nothing while a client is connected.",
        source="QZ #3087, #1030",
        name="F63",
        faults={"console_dead_while_connected": True},
    ),
)
