"""Where real machines differ from the Fitness Machine Service: one table, and what it says of one machine.

A row is found by the beginning of the advertised name or of the model (Device Information), by characteristics that
the machine offers, or by both; where both are given, both have to fit. All rows that fit apply, the first one first.
A row only proposes: what was measured in a check run goes before it, and what the owner chose before everything.
Adding a machine is one row; docs/protocols.md tells the same in sentences.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ..model import KnownQuirk, Quirk
from .const import short_uuid


class MakerWrite(NamedTuple):
    """Bytes for a characteristic of the maker's; `replies` is the one that answers, if any does."""

    characteristic: str
    data: bytes
    replies: str | None = None


class Row(NamedTuple):
    """One kind of machine: how it is found, how it differs, and how we know."""

    machine: str
    quirks: Mapping[Quirk, Any]
    what: str
    why: str
    source: str
    names: tuple[str, ...] = ()  # capital letters
    models: tuple[str, ...] = ()  # capital letters
    has: tuple[str, ...] = ()  # characteristics, all of them

    def fits(self, name: str, model: str | None, has: Callable[[str], bool]) -> bool:
        """Return whether this machine is one of the kind."""
        known = name.upper().startswith(self.names) or (model or "").upper().startswith(self.models)
        anonymous = not self.names and not self.models and bool(self.has)
        return (known or anonymous) and all(map(has, self.has))


KINGSMITH_GATE: Final = "d18d2c10-c44c-11e8-a355-529269fb1459"
KINGSMITH_UNLOCK: Final = "24e2521c-f63b-48ed-85be-c5330d00fdf7"
KINGSMITH_UNLOCK_REPLIES: Final = "24e2521c-f63b-48ed-85be-c5330b00fdf7"
UREVO_WRITE: Final = short_uuid(0xFFF2)

_PREAMBLE = MakerWrite(KINGSMITH_GATE, bytes.fromhex("01000d00060b0f0d"))
_ACTIVATION = MakerWrite(UREVO_WRITE, bytes.fromhex("02510b03"))
_HALF_AN_HOUR = 1800.0
_SPIN_UP = 3.0
"""Seconds; nothing rises in the first 5 s of a session anyway."""

ROWS: Final = (
    Row(
        machine="KingSmith MC21",
        names=("KS-",),
        has=(KINGSMITH_GATE,),
        quirks={Quirk.PREAMBLE: _PREAMBLE, Quirk.ANSWERS_BY_STATUS: True},
        what="A frame of the maker's goes before every command; a status counts as its answer.",
        why="Without it the machine answers 'control not permitted'. It often answers by Machine Status only.",
        source="UrbanTech 1.0.8 and walkingpad-controller 0.5.1 (read in their source)",
    ),
    Row(
        machine="KingSmith Z1",
        names=("KS-HD-Z1",),
        has=(KINGSMITH_UNLOCK, KINGSMITH_UNLOCK_REPLIES),
        quirks={Quirk.UNLOCK: KINGSMITH_UNLOCK_REPLIES},
        what="A frame made of its name is sent first, and nothing within 400 ms of another write.",
        why="Until then the machine answers nothing and reports nothing.",
        source="z1-walkingpad-mcp (checked by its author on a KS-HD-Z1D; the owner of a Z1F reports no answer)",
    ),
    Row(
        machine="KingSmith R3",
        names=("KS-AP-", "KS-R3"),
        quirks={Quirk.STOP_AT_REST: True},
        what="A moving belt is sent Pause first, and Stop once it rests.",
        why="It declines Stop while the belt moves and in its countdown.",
        source="walkingpad-controller 0.6.0 (its change log)",
    ),
    Row(
        machine="KingSmith MC11",
        names=("KS-MC11",),
        quirks={Quirk.START_PARAMETER: b"\x01"},
        what="Start carries an extra byte, 01.",
        why="It is started so; that it declines a start without it is our reading.",
        source="a report without a name",
    ),
    Row(
        machine="KingSmith, with FTMS",
        names=("KS-", "WALKINGPAD"),
        quirks={Quirk.STEPS_IN_TAIL: True, Quirk.WEAK_SUBSCRIPTIONS: True, Quirk.LATE_SPEED: _SPIN_UP},
        what="Steps are read from the tail of its reports; subscriptions are apart, the training status last; "
        "the first target waits until the belt has come up to speed.",
        why="Flag 13 carries steps. It loses subscriptions that follow each other within 30 ms, and weak links with "
        "the one to the training status. A target in its spin-up ends the link.",
        source="walkingpad-controller (the steps, read in its source); the rest from notes on KingSmith machines, and "
        "that it is true of all of them is our reading",
    ),
    Row(
        machine="CITYSPORTS",
        names=("CITYSPORTS", "CS-WP"),
        quirks={Quirk.LATE_SPEED: _SPIN_UP},
        what="The first target waits until the belt has come up to speed.",
        why="It ignores a target that comes earlier.",
        source="citysports-efc-ble 0.1.3 (its notes)",
    ),
    Row(
        machine="Vitalwalk TM11GY",
        names=("TM11GY",),
        models=("TM11GY",),
        quirks={Quirk.START_TOGGLES: True},
        what="The check run starts no moving belt.",
        why="A start stops a moving belt.",
        source="QZ #5100 (reported)",
    ),
    Row(
        machine="Horizon 7.x and kin",
        names=("HORIZON",),
        models=("HORIZON", "7.0AT", "7.4AT", "7.8AT"),
        quirks={Quirk.TIME_LIMIT: _HALF_AN_HOUR},
        what="The walker is warned, and the belt winds down before the machine stops it.",
        why="It stops the belt 30 minutes after a start over Bluetooth. That all Horizons do so is our reading.",
        source="QZ #704 (7.8), #1458 (7.0AT), #2989 and #3650 (7.4) (reported)",
    ),
    Row(
        machine="Sole F63",
        names=("F63",),
        models=("F63",),
        quirks={Quirk.CONSOLE_DEAD: True},
        what="The link is released soon after use.",
        why="The console's own Start does nothing while an app is connected.",
        source="QZ #3087 (reported)",
    ),
    Row(
        machine="NordicTrack T7.0",
        names=("T7.0", "NORDICTRACK T7"),
        models=("T7.0", "T 7.0"),
        quirks={Quirk.CONSOLE_DEAD: True},
        what="The link is released soon after use.",
        why="The console's own Start does nothing while an app is connected.",
        source="QZ #1030 (reported)",
    ),
    Row(
        machine="Urevo",
        names=("URTM",),
        has=(UREVO_WRITE,),
        quirks={Quirk.ACTIVATION: _ACTIVATION},
        what="A frame of the maker's is sent after connecting, and after each reset.",
        why="Until then its reports are zeros.",
        source="hassio-ftms #21 (reported)",
    ),
    Row(
        machine="NoblePro",
        names=("NOBLEPRO",),
        quirks={Quirk.INCLINE: 0.5},
        what="Half of the incline that it reports is shown, and proposed in the options; until its owner has chosen, "
        "nothing moves its deck.",
        why="It reports twice the incline.",
        source="QZ (read in its source), #4041",
    ),
    Row(
        machine="Kettler",
        names=("KETTLER",),
        quirks={Quirk.INCLINE: 2 / 3},
        what="Two thirds of what it reports are shown, and proposed; its deck waits for the owner's word, too.",
        why="It reports one and a half times the incline.",
        source="QZ (read in its source)",
    ),
    Row(
        machine="Tunturi, T01, iConcept",
        names=("TUNTURI", "T01_", "ICONCEPT"),
        quirks={Quirk.INCLINE: ((0.0, 0.0), (6.0, 1.0), (13.0, 2.0), (20.0, 3.0), (26.0, 4.0), (33.0, 5.0))},
        what="The incline is shown by a table, which the options propose; its deck waits for the owner's word, too.",
        why="It reports 6 to 7 % for each percent.",
        source="QZ #2511 (reported), and its source",
    ),
)
"""The table: the machines that we know of. We do not have them."""


def incline_source(value: Any) -> str | None:
    """Return why and from where our table has a scale of inclines, as it was stored; None where it has none such."""

    def plain(scale: Any) -> Any:
        return [list(row) for row in scale] if isinstance(scale, tuple | list) else scale

    rows = (row for row in ROWS if Quirk.INCLINE in row.quirks and plain(row.quirks[Quirk.INCLINE]) == plain(value))
    return next((f"{row.machine}: {row.source}" for row in rows), None)


_IF_CHOSEN: Final[Mapping[Quirk, Any]] = {
    Quirk.PREAMBLE: _PREAMBLE,
    Quirk.START_PARAMETER: b"\x01",
    Quirk.ANSWERS_BY_STATUS: True,
    Quirk.STEPS_IN_TAIL: True,
    Quirk.WEAK_SUBSCRIPTIONS: True,
    Quirk.ACTIVATION: _ACTIVATION,
}
"""What an owner's Yes means where no row fits. None for the unlock: it is only for machines that fit its row."""


def known_quirks(name: str, has: Callable[[str], bool], model: str | None = None) -> Mapping[Quirk, KnownQuirk]:
    """Return what the table knows of a machine; of two rows for one quirk the first counts."""
    known: dict[Quirk, KnownQuirk] = {}
    for row in ROWS:
        if row.fits(name, model, has):
            for quirk, value in row.quirks.items():
                known.setdefault(quirk, KnownQuirk(value, row.why, f"{row.machine}: {row.source}"))
    return known


class Speech(NamedTuple):
    """How a machine is spoken to; the defaults are the specification."""

    preamble: MakerWrite | None = None
    unlock: MakerWrite | None = None
    activation: MakerWrite | None = None
    start_parameter: bytes = b""
    answers_by_status: bool = False
    steps_in_tail: bool = False
    weak_subscriptions: bool = False


def speech_for(
    name: str, has: Callable[[str], bool], known: Mapping[Quirk, KnownQuirk], chosen: Mapping[Quirk, bool]
) -> Speech:
    """Return how to speak to a machine: as its owner chose, or as the table knows.

    A characteristic that the machine does not have is never written, whatever was chosen.
    """

    def value(quirk: Quirk) -> Any:
        found = known[quirk].value if quirk in known else None
        match chosen.get(quirk):
            case False:
                return None
            case True:
                return found or _IF_CHOSEN.get(quirk)
            case _:
                return found

    def write(quirk: Quirk) -> MakerWrite | None:
        found = value(quirk)
        return found if isinstance(found, MakerWrite) and has(found.characteristic) else None

    replies = value(Quirk.UNLOCK)
    return Speech(
        preamble=write(Quirk.PREAMBLE),
        unlock=None if replies is None else MakerWrite(KINGSMITH_UNLOCK, unlock_frame(name), replies),
        activation=write(Quirk.ACTIVATION),
        start_parameter=value(Quirk.START_PARAMETER) or b"",
        answers_by_status=bool(value(Quirk.ANSWERS_BY_STATUS)),
        steps_in_tail=bool(value(Quirk.STEPS_IN_TAIL)),
        weak_subscriptions=bool(value(Quirk.WEAK_SUBSCRIPTIONS)),
    )


def unlock_frame(name: str) -> bytes:
    """Return the frame that unlocks a KingSmith Z1: made of the last four bytes of its name, with a sum."""
    key = int.from_bytes(name.encode()[-4:], "little") + 1 & 0xFFFFFFFF
    frame = bytes((0x71, 0x00, 0x05, 0x01)) + key.to_bytes(4, "little")
    return frame + bytes((sum(frame) & 0xFF,))
