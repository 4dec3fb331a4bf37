"""Kinds of treadmills with odd tables of characteristics, and with more frames than anybody needs."""

from typing import Final

from ...machine.evidence import Evidence
from ..personality import MONITOR, Personality
from ..profile import Profile

_FLAT: Final = Profile(incline=None)

TABLES: Final = (
    Personality(
        key="twice",
        machines="modules with a table put together from two",
        what="Has the characteristic of its data twice.",
        source="composed from reports of duplicate characteristics",
        evidence=Evidence.UNTESTED,
        faults={"twice": ["2acd"]},
    ),
    Personality(
        key="first_is_empty",
        machines="modules with a table put together from two",
        what="Has data and control point twice, of which the first is an empty shell.",
        source="composed from reports of duplicate characteristics",
        evidence=Evidence.UNTESTED,
        faults={"twice": ["2acd", "2ad9"], "first_of_two_is_empty": True},
    ),
    Personality(
        key="two_services",
        machines="modules with a table put together from two",
        what="Has the whole Fitness Machine Service twice.",
        source="composed from reports of duplicate characteristics",
        evidence=Evidence.UNTESTED,
        faults={"two_services": True},
    ),
    Personality(
        key="unreadable_identity",
        machines="composed",
        what="Answers every question about its maker, model and firmware with an error.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"unreadable": ["2a24", "2a25", "2a26", "2a27", "2a28", "2a29"]},
    ),
    Personality(
        key="unanswered",
        machines="composed",
        what="Never answers when it is asked for its serial number, and nothing after that on the same link.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"unanswered": ["2a25"]},
    ),
    Personality(
        key="garbled_identity",
        machines="composed",
        what="Its maker, model and firmware are bytes that are no text.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"identity": "c3 28 80 fe ff 00 01 1b 5b 33 31 6d"},
    ),
    Personality(
        key="wants_pairing",
        machines="composed from the specification",
        what="Tells its data and takes commands only once it is paired.",
        source="Bluetooth Core, Insufficient Authentication",
        evidence=Evidence.DOCUMENTED,
        faults={"wants_pairing": ["2acd", "2ad9"]},
    ),
    Personality(
        key="refuses_write_requests",
        machines="modules whose control point declares what it does not take",
        what="Declares that it acknowledges commands, and takes only those that ask for no acknowledgment.",
        source="composed from flutter_ftms #9",
        evidence=Evidence.UNTESTED,
        faults={"refuses_write_requests": True},
    ),
    Personality(
        key="running_speed",
        maker="Technogym",
        machines="Technogym, and others that are foot pods as well",
        what="Tells its speed as a foot pod does, too.",
        source="TMIW #461",
        profile=_FLAT,
        faults={"running_speed": True},
    ),
    Personality(
        key="flood",
        machines="composed",
        what="Repeats each report thirty times a second.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"flood": 30.0},
    ),
    Personality(
        key="status_flood",
        machines="composed",
        what="Says thirty times a second that it was started or set at its console, so that nobody may start it here.",
        source="composed",
        evidence=Evidence.UNTESTED,
        faults={"status_flood": 30.0},
        check=MONITOR,
    ),
)
