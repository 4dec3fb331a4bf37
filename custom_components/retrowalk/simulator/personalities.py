"""The personalities of the virtual treadmill: one row for each kind of machine that people own, in `kinds/`.

A row is all that a new kind needs, with its text in the translations: it can then be chosen when a virtual treadmill
is added, walked on with scripts/demo, and the session tests run on it.
"""

import logging
from typing import Final

from ..machine.evidence import Evidence
from . import POLITE_KEY
from .kinds.answers import ANSWERS
from .kinds.claims import CLAIMS
from .kinds.commands import COMMANDS
from .kinds.decks import DECKS
from .kinds.makers import MAKERS
from .kinds.protocols import PROTOCOLS
from .kinds.reports import REPORTS
from .kinds.tables import TABLES
from .kinds.units import UNITS
from .personality import Personality

_LOGGER = logging.getLogger(__name__)

POLITE: Final = Personality(
    key=POLITE_KEY,
    machines="The virtual treadmill",
    what="Does what the specification says.",
    source="FTMS 1.0",
    evidence=Evidence.DOCUMENTED,
)
_TABLE: Final = (POLITE, *UNITS, *CLAIMS, *REPORTS, *COMMANDS, *DECKS, *ANSWERS, *TABLES, *MAKERS, *PROTOCOLS)

PERSONALITIES: Final[dict[str, Personality]] = {personality.key: personality for personality in _TABLE}
"""All of them, by key, in the order in which they are offered."""


def personality_of(key: object) -> Personality:
    """Return the personality with this key; the polite one for an entry without a key, or with one from elsewhere."""
    if isinstance(key, str) and key in PERSONALITIES:
        return PERSONALITIES[key]
    if key is not None:
        _LOGGER.warning("A virtual treadmill has a personality that is not known here, and is a polite one: %.50s", key)
    return POLITE
