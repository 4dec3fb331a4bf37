"""What the parts of a program's dialog share: the names that are free, and the limits of the treadmill."""

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow

from ..programs.library import RESERVED_NAMES, free_name, taken_names
from ..training.limits import Direction, Limits
from ..training.programs.steps import LONGEST_TEXT
from ..training.rules import Rules
from ..treadmill.check_result import rules_of
from ..treadmill.options import Options
from .errors import ProgramFormError


class ProgramDialog(ConfigSubentryFlow):
    """A dialog that knows the names of the treadmill's programs and its limits."""

    def _rules(self) -> Rules:
        """Return the rules of the treadmill, even if the entry is not loaded."""
        entry = self._get_entry()
        return rules_of(entry.data, Options.read(entry.options))

    def _limits(self) -> Limits:
        """Return the limits for a walker with backward sessions."""
        return self._rules().limits(Direction.BACKWARD)

    def _name_error(self, name: str) -> ProgramFormError | None:
        """Return what is wrong with a name, or None."""
        if not 1 <= len(name) <= LONGEST_TEXT:
            return ProgramFormError.NAME_LENGTH
        if name.casefold() in RESERVED_NAMES:
            return ProgramFormError.NAME_RESERVED
        own_id = self._get_reconfigure_subentry().subentry_id if self.source == SOURCE_RECONFIGURE else None
        is_taken = name.casefold() in taken_names(self._get_entry(), own_id)
        return ProgramFormError.NAME_TAKEN if is_taken else None

    def _free_name(self, name: str) -> str:
        """Return this name, with the first free number if it is taken."""
        return free_name(self._get_entry(), name)
