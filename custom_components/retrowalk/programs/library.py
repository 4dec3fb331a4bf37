"""The programs of one treadmill: those that everybody has, and those that its people wrote, kept as subentries."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import CONF_DIRECTION, CONF_STEPS, DOMAIN, SUBENTRY_PROGRAM
from ..errors import ErrorKey, wrong
from ..storage.damage import DAMAGE_ERRORS
from ..training.coaching.presets import PRESETS, made, offered
from ..training.limits import Limits
from ..training.programs.program import Program
from ..util import Listeners, first_free

PLAN: Final = "plan"
"""No program: the walker's plan."""
FREE: Final = "free"
"""No program: one speed for some minutes."""
RESERVED_NAMES: Final = frozenset({PLAN, FREE, *PRESETS, "unknown", "unavailable"})
"""No program of somebody's is called that, in small letters."""

type _Read = dict[str, tuple[str, Mapping[str, Any], Program]]  # by subentry id: what was read, and what came of it

_LOGGER = logging.getLogger(__name__)


class ProgramLibrary:
    """What may be walked on a treadmill besides a plan; tells its listeners when that changes."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._listeners = Listeners[()]()
        self._read: _Read = {}
        self.own: Mapping[str, Program] = programs_of(entry, self._read)
        """By subentry id, the oldest first."""

    @property
    def damaged(self) -> list[str]:
        """What people call those that cannot be read."""
        written = (one for one in self._entry.subentries.values() if one.subentry_type == SUBENTRY_PROGRAM)
        return [one.title for one in written if one.subentry_id not in self.own]

    def selectable(self, limits: Limits, *, completed: int) -> list[str]:
        """The presets for this machine, these limits and so many completed sessions by key; then one's own by name."""
        return [*offered(limits, completed=completed), *(program.name for program in self.own.values())]

    def find_name(self, name: str) -> str:
        """The preset's key or the own program's exact name that is meant. Raises ServiceValidationError."""
        meant = name.strip().casefold()
        known = [*PRESETS, *(program.name for program in self.own.values())]
        for exact in known:
            if exact.casefold() == meant:
                return exact
        raise wrong(ErrorKey.PROGRAM_UNKNOWN, program=name, known=", ".join(known))

    @callback
    def display_name(self, name: str) -> str:
        """What people read on the select for a preset's key; an own program is called what it is called."""
        hass = self._hass
        texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
        return texts.get(f"component.{DOMAIN}.entity.select.program.state.{name}", name)

    def subentry_of(self, name: str) -> str | None:
        """The subentry that keeps an own program of this name, capital or small; None: there is none."""
        meant = name.strip().casefold()
        return next((key for key, program in self.own.items() if program.name.casefold() == meant), None)

    def get(
        self,
        name: str,
        limits: Limits,
        *,
        minutes: float | None = None,
        speed: float | None = None,
        incline: float | None = None,
    ) -> Program:
        """The program that is meant; a preset is made for these limits, and for this main part if one is named.

        Raises ServiceValidationError where there is none of that name, or the machine or the limits do not allow it.
        """
        exact = self.find_name(name)
        if (subentry := self.subentry_of(exact)) is not None:
            return self.own[subentry]
        program = made(exact, limits, minutes=minutes, speed=speed, incline=incline)
        if program is None:
            raise wrong(ErrorKey.PROGRAM_DOES_NOT_FIT, program=self.display_name(exact))
        return program

    @callback
    def save(self, program: Program) -> None:
        """Keep a program, in place of one of the same name. It holds at once; nothing is reloaded."""
        data = MappingProxyType(program_data(program))
        if (subentry_id := self.subentry_of(program.name)) is not None:
            subentry = self._entry.subentries[subentry_id]
            self._hass.config_entries.async_update_subentry(self._entry, subentry, title=program.name, data=data)
        else:
            subentry = ConfigSubentry(data=data, subentry_type=SUBENTRY_PROGRAM, title=program.name, unique_id=None)
            self._hass.config_entries.async_add_subentry(self._entry, subentry)

    @callback
    def delete(self, name: str) -> None:
        """Forget an own program. Raises ServiceValidationError where there is none of that name."""
        if (subentry_id := self.subentry_of(name)) is None:
            raise wrong(ErrorKey.PROGRAM_NOT_OWN, program=name)
        self._hass.config_entries.async_remove_subentry(self._entry, subentry_id)

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear of every change; returns how to stop."""
        return self._listeners.add(listener)

    @callback
    def refresh(self) -> None:
        """Take over what changed in the subentries, without a reload (S14)."""
        before, self.own = self.own, programs_of(self._entry, self._read)
        if self.own != before:
            self._listeners.notify()


def programs_of(entry: ConfigEntry, read: _Read | None = None) -> dict[str, Program]:
    """The programs that people wrote, by subentry id, the oldest first; only what is not `read` yet is read."""
    read = {} if read is None else read
    for gone in read.keys() - entry.subentries.keys():
        del read[gone]
    found: dict[str, Program] = {}
    taken = set(RESERVED_NAMES)
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_PROGRAM:
            known = read.get(subentry.subentry_id)
            if known is not None and known[:2] == (subentry.title, subentry.data):
                program = known[2]
            else:
                try:
                    program = program_of(subentry)
                except DAMAGE_ERRORS as err:
                    # Only a newer version, or a hand in the files, can have written it.
                    _LOGGER.warning("The program %s cannot be used: %s", subentry.title, err)
                    continue
            name = first_free(program.name, taken)
            taken.add(name.casefold())
            read[subentry.subentry_id] = subentry.title, subentry.data, program
            found[subentry.subentry_id] = program if name == program.name else replace(program, name=name)
    return found


def program_of(subentry: ConfigSubentry) -> Program:
    """The program that a subentry keeps. Raises ProgramError."""
    return Program.from_dict({CONF_NAME: subentry.title, **subentry.data})


def program_data(program: Program) -> dict[str, Any]:
    """What a subentry keeps of a program besides its name, which is its title."""
    written = program.as_dict()
    return {CONF_DIRECTION: written[CONF_DIRECTION], CONF_STEPS: written[CONF_STEPS]}
