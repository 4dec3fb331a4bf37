"""Kinds of treadmills whose claims differ from what they can do."""

from typing import Final

from ...machine.evidence import Evidence
from ...machine.model import ValueRange
from ..personality import MONITOR, Personality
from ..profile import Profile

_FLAT: Final = Profile(incline=None)
_FROM_ZERO: Final = Profile(incline=None, speed=ValueRange(0.0, 18.0, 0.1))
_LEAST: Final = 0.6  # km/h

CLAIMS: Final = (
    Personality(
        key="no_features",
        machines="Sole F65",
        what="Its feature bits are all zero, although its control point works.",
        source="pyftms #49, #54",
        profile=_FLAT,
        faults={"no_features": True},
    ),
    Personality(
        key="no_feature_characteristic",
        machines="Sole F65",
        what="Has no characteristic for its features at all.",
        source="pyftms #54",
        profile=_FLAT,
        faults={"lacks": ["2acc"]},
    ),
    Personality(
        key="short_features",
        machines="the QZ bridge",
        what="Its features end after four bytes, so that nothing is said of targets.",
        source="QZ, virtual treadmill bridge",
        profile=_FLAT,
        values={"2ACC": bytes.fromhex("8c140000")},
    ),
    Personality(
        key="all_features",
        machines="FS-BT-D2 walking pads",
        what="Claims every target there is, resistance and power among them.",
        source="hassio-ftms #16, #20",
        profile=_FLAT,
        name="FS-BT-D2",
        faults={"all_features": True},
    ),
    Personality(
        key="monitor_only",
        machines="JTX Sprint 6",
        what="Has no control point: it can only be watched.",
        source="pyftms, JTX Sprint 6",
        faults={"lacks": ["2ad9"], "used_at_console": 30.0},
        check=MONITOR,
    ),
    Personality(
        key="no_ranges",
        machines="machines whose ranges cannot be read",
        what="Its ranges cannot be read, so that no speed is known to be safe.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"no_ranges": True, "used_at_console": 30.0},
        check=MONITOR,
    ),
    Personality(
        key="odd_range",
        machines="VISION ID 2592",
        what="Goes from 0.79 km/h, and its frames are cut at 20 bytes.",
        source="QZ, VISION ID 2592",
        profile=Profile(speed=ValueRange(0.79, 22.0, 0.1)),
        faults={"truncate_at": 20},
    ),
    Personality(
        key="starts_fast",
        machines="KingSmith R1 Pro",
        what="Its lowest speed is 2 km/h.",
        source="ph4-walkingpad, R1 Pro",
        evidence=Evidence.DOCUMENTED,
        profile=Profile(incline=None, speed=ValueRange(2.0, 10.0, 0.1)),
    ),
    Personality(
        key="too_fast",
        machines="running machines",
        what="Its lowest speed is too fast for walking backward.",
        source="composed from ranges in QZ",
        evidence=Evidence.UNTESTED,
        profile=Profile(speed=ValueRange(6.0, 20.0, 0.1)),
        check=MONITOR,
    ),
    Personality(
        key="no_status",
        machines="machines that report nothing but data",
        what="Has neither machine status nor training status: only counters tell what it does.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"no_status": True},
    ),
    Personality(
        key="zero_stops",
        machines="an owner's walking pad",
        what="Claims a minimum of 0, and a target of 0 stops its belt, which starts at 0.6 km/h.",
        source="samsonovss, comment; other clients guard against 0",
        profile=_FROM_ZERO,
        faults={"least_speed": _LEAST, "below_least": "stops"},
    ),
    Personality(
        key="zero_ignored",
        machines="an owner's walking pad",
        what="Claims a minimum of 0, and ignores targets below 0.6 km/h.",
        source="samsonovss, comment; other clients guard against 0",
        profile=_FROM_ZERO,
        faults={"least_speed": _LEAST, "below_least": "ignores"},
    ),
    Personality(
        key="zero_declined",
        machines="an owner's walking pad",
        what="Claims a minimum of 0, and declines targets below 0.6 km/h.",
        source="samsonovss, comment; other clients guard against 0",
        profile=_FROM_ZERO,
        faults={"least_speed": _LEAST, "below_least": "declines"},
    ),
    Personality(
        key="zero_clamped",
        machines="an owner's walking pad",
        what="Claims a minimum of 0, and goes 0.6 km/h at least.",
        source="samsonovss, comment; other clients guard against 0",
        profile=_FROM_ZERO,
        faults={"least_speed": _LEAST, "below_least": "clamps"},
    ),
    Personality(
        key="minimum_too_low",
        machines="composed",
        what="Claims a minimum of 0.3 km/h, and goes 0.8 km/h at least, which is half a mile per hour.",
        source="composed from the machines with a minimum of 0",
        profile=Profile(incline=None, speed=ValueRange(0.3, 12.0, 0.1)),
        faults={"least_speed": 0.8, "below_least": "ignores"},
    ),
    Personality(
        key="all_values",
        machines="FS-BT-D2",
        what="Claims every value there is, and reports neither pulse, steps nor its incline.",
        source="hassio-ftms #20",
        faults={"all_values": True, "no_inclination": True},
    ),
    Personality(
        key="unclaimed_values",
        machines="FitShow FS-135CB9 (TFX-5)",
        what="Reports pulse and incline without claiming them.",
        source="TMIW #590",
        profile=Profile(heart_rate=True),
        name="FS-135CB9",
        faults={"no_features": True},
    ),
    Personality(
        key="hidden_steps",
        machines="WELLFIT",
        what="Counts steps in bytes that nothing announces but a reserved flag.",
        source="WELLFIT, composed",
        profile=Profile(incline=None, steps=True, speed=ValueRange(0.96, 6.11, 0.32)),
        faults={"no_features": True},
    ),
    Personality(
        key="noisy_tail",
        machines="Urevo walking pads",
        what="Fills the bytes in which others count steps with something else.",
        source="QZ, Urevo frames",
        profile=_FLAT,
        faults={"noisy_tail": True},
    ),
)
