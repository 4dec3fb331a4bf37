"""What the parts of a program's dialog share: the names that are free, and the limits of the treadmill."""

from typing import Final

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow

from ..const import CONF_CAPABILITIES, SUBENTRY_PROGRAM
from ..machine.model import Capabilities
from ..programs.library import RESERVED_NAMES
from ..training.limits import Direction, Limits
from ..training.programs.steps import LONGEST_TEXT
from ..training.rules import Rules
from ..treadmill.check_result import with_check
from ..treadmill.options import Options
from .errors import ProgramFormError

_LONGEST_NUMBER: Final = 4
"""Characters that a number after a name may take, with its space."""


class ProgramDialog(ConfigSubentryFlow):
    """A dialog that knows the names of the treadmill's programs and its limits."""

    def _rules(self) -> Rules:
        """Return the rules of the treadmill, even if the entry is not loaded."""
        entry = self._get_entry()
        capabilities = Capabilities.from_dict(entry.data.get(CONF_CAPABILITIES, {}))
        return with_check(Options.read(entry.options).rules(capabilities), entry.data)

    def _limits(self) -> Limits:
        """Return the limits for a walker with backward sessions."""
        return self._rules().limits(Direction.BACKWARD)

    def _name_error(self, name: str) -> ProgramFormError | None:
        """Return what is wrong with a name, or None."""
        if not 1 <= len(name) <= LONGEST_TEXT:
            return ProgramFormError.NAME_LENGTH
        if name.casefold() in RESERVED_NAMES:
            return ProgramFormError.NAME_RESERVED
        return ProgramFormError.NAME_TAKEN if name.casefold() in self._taken_names() else None

    def _taken_names(self) -> set[str]:
        """Return the names of the other programs in lower case."""
        own_id = self._get_reconfigure_subentry().subentry_id if self.source == SOURCE_RECONFIGURE else None
        programs = self._get_entry().get_subentries_of_type(SUBENTRY_PROGRAM)
        return {subentry.title.casefold() for subentry in programs if subentry.subentry_id != own_id}

    def _free_name(self, name: str) -> str:
        """Return this name, with the first free number if it is taken."""
        taken, free, number = self._taken_names() | RESERVED_NAMES, name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name[: LONGEST_TEXT - _LONGEST_NUMBER]} {number}"
        return free


def one_line(name: str) -> str:
    """Return a name as it is kept, without needless spaces."""
    return " ".join(name.split())
