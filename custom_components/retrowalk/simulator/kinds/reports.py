"""Kinds of treadmills with odd reports."""

from typing import Final

from ...machine.evidence import Evidence
from ...machine.model import ValueRange
from ..personality import MONITOR, Personality
from ..profile import Profile

_FLAT: Final = Profile(incline=None)

REPORTS: Final = (
    Personality(
        key="frozen_counters",
        machines="CITYSPORTS walking pads, Mobvoi",
        what="Counts nothing, not even time, while nobody is on the belt.",
        source="QZ, CITYSPORTS log",
        profile=Profile(incline=None, speed=ValueRange(1.0, 6.0, 0.1)),
        faults={"counters_frozen_without_walker": True},
    ),
    Personality(
        key="no_counters",
        machines="machines that know their speed only",
        what="Reports its speed and nothing else.",
        source="composed",
        evidence=Evidence.UNTESTED,
        profile=_FLAT,
        faults={"no_counters": True},
    ),
    Personality(
        key="no_speed",
        machines="composed",
        what="Reports its time and its heart rate, and never how fast its belt is.",
        source="composed",
        evidence=Evidence.UNTESTED,
        profile=_FLAT,
        faults={"no_speed": True},
        check=MONITOR,
        tells_speed=False,
    ),
    Personality(
        key="coarse_distance",
        machines="consoles that count 0.01 km",
        what="Its distance goes in steps of ten meters.",
        source="docs/protocols.md, reported",
        faults={"coarse_distance": 10.0},
    ),
    Personality(
        key="zeros_at_stop",
        machines="CITYSPORTS walking pads, FitShow controllers",
        what="A stop or a pause zeroes all its counters at once.",
        source="CITYSPORTS log, TMIW #124",
        profile=_FLAT,
        faults={"zeros_at_stop": True},
    ),
    Personality(
        key="single_zeros",
        machines="Merach, Domyos",
        what="Reports a speed of 0 now and then while the belt runs.",
        source="QZ #1699",
        faults={"zeros_every": 20.0},
    ),
    Personality(
        key="repeats_last_speed",
        machines="BH i.Boxster, Egofit M2",
        what="At rest it goes on reporting the speed that it ran with; only its status and counters tell.",
        source="QZ #604",
        faults={"repeats_last_speed_at_rest": True},
    ),
    Personality(
        key="split_records",
        machines="Matrix, Technogym",
        what="Sends each record in two frames.",
        source="TMIW, Matrix and Technogym frames",
        evidence=Evidence.CAPTURED,
        faults={"split_records": True},
    ),
    Personality(
        key="truncated",
        machines="Matrix",
        what="Its frames are cut after 20 bytes, as many as the smallest link takes.",
        source="TMIW, Matrix frames",
        evidence=Evidence.CAPTURED,
        profile=Profile(heart_rate=True, steps=True),
        faults={"truncate_at": 20},
    ),
    Personality(
        key="heart_rate_255",
        machines="consoles with hand grips",
        what="Reports a heart rate of 255 where there is none.",
        source="TMIW #364, flutter_ftms #24",
        profile=Profile(heart_rate=True),
        faults={"no_pulse": True},
    ),
    Personality(
        key="steps_in_tail",
        machines="KingSmith walking pads",
        what="Sends steps behind its records, in bits that the specification keeps free.",
        source="walkingpad-controller",
        evidence=Evidence.DOCUMENTED,
        profile=Profile(incline=None, steps=True, speed=ValueRange(1.0, 6.0, 0.1)),
        name="KS-ST-A1P",
    ),
    Personality(
        key="slow_reports",
        machines="machines of several makers",
        what="Reports every three seconds only.",
        source="docs/protocols.md: 0.2 to 3 s",
        faults={"report_interval": 3.0},
    ),
    Personality(
        key="trembling_speed",
        machines="machines that measure their belt",
        what="The reported speed trembles by a tenth.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"speed_noise": 0.1},
    ),
    Personality(
        key="idle_while_moving",
        machines="Sperax walking pads",
        what="Its training status is idle while the belt moves.",
        source="QZ, Sperax",
        profile=_FLAT,
        faults={"training_status_idle_while_moving": True},
    ),
    Personality(
        key="pre_workout_all_day",
        machines="not named in the report",
        what="Its training status at rest is that of a countdown, all day.",
        source="docs/protocols.md, reported",
        faults={"pre_workout_at_rest": True},
    ),
    Personality(
        key="stale_status",
        machines="KingSmith walking pads",
        what="Repeats an old stop as soon as somebody listens.",
        source="walkingpad-controller",
        evidence=Evidence.DOCUMENTED,
        name="KS-HD-1",
        profile=_FLAT,
        faults={"stale_status_on_subscribe": True},
    ),
    Personality(
        key="elapsed_wraps",
        machines="hassio-ftms owners",
        what="Its clock begins again at 100 minutes; here already at 100 seconds.",
        source="hassio-ftms #15",
        faults={"elapsed_wraps_at": 100.0},
    ),
)
