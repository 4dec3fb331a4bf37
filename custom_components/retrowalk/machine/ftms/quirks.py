"""Where real machines differ from the Fitness Machine Service, by their advertised name (docs/protocols.md).

Only what the codec and the driver act on is listed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How one family of machines differs; the defaults are the specification."""

    steps_in_tail: bool = False  # flag 13 of Treadmill Data carries steps (KingSmith); others put noise there
    start_parameter: bytes = b""  # extra byte that Start wants


_STANDARD = Quirks()

# The first prefix that fits wins; the longer ones come first.
_BY_NAME: tuple[tuple[str, Quirks], ...] = (
    ("KS-MC11", Quirks(steps_in_tail=True, start_parameter=b"\x01")),
    ("KS-", Quirks(steps_in_tail=True)),
    ("WALKINGPAD", Quirks(steps_in_tail=True)),
)


def quirks_for(name: str) -> Quirks:
    """Return the quirks of the machine that advertises this name."""
    upper = name.upper()
    return next((quirks for prefix, quirks in _BY_NAME if upper.startswith(prefix)), _STANDARD)
