"""The programs of one treadmill: the presets, and its own programs, which are stored as subentries."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2s
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import CONF_DIRECTION, CONF_STEPS, DOMAIN, SUBENTRY_PROGRAM
from ..errors import ErrorKey, wrong
from ..storage.damage import DAMAGE_ERRORS
from ..training.coaching.presets import PRESETS, made, offered
from ..training.limits import Limits
from ..training.programs.program import Program
from ..training.programs.steps import LONGEST_TEXT
from ..util import Listeners, first_free

PLAN: Final = "plan"
"""The choice of the walker's plan instead of a program."""
FREE: Final = "free"
"""The choice of one speed for some minutes instead of a program."""
RESERVED_NAMES: Final = frozenset({PLAN, FREE, *PRESETS, "unknown", "unavailable"})
"""Names that an own program must not have, in lower case."""
_LONGEST_NUMBER: Final = 4
"""Characters that a number after a name may take, with its space."""

type _Cache = dict[str, tuple[str, Mapping[str, Any], Program]]  # by subentry id: title, data, and the program

_LOGGER = logging.getLogger(__name__)


class ProgramLibrary:
    """The presets and own programs of a treadmill; listeners are called when they change."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._listeners = Listeners[()]()
        self._cache: _Cache = {}
        self.own: Mapping[str, Program] = programs_of(entry, self._cache)
        """Own programs by subentry id, oldest first."""

    @property
    def damaged(self) -> list[str]:
        """Titles of own programs that cannot be read."""
        subentries = self._entry.get_subentries_of_type(SUBENTRY_PROGRAM)
        return [subentry.title for subentry in subentries if subentry.subentry_id not in self.own]

    def selectable(self, limits: Limits, *, completed: int) -> list[str]:
        """Return the keys of the presets that fit these limits and completed sessions, then the own programs' names."""
        return [*offered(limits, completed=completed), *(program.name for program in self.own.values())]

    def find_name(self, name: str) -> str:
        """Return the preset's key or the own program's exact name; raise ServiceValidationError if there is none."""
        folded = name.strip().casefold()
        known = [*PRESETS, *(program.name for program in self.own.values())]
        for exact in known:
            if exact.casefold() == folded:
                return exact
        raise wrong(ErrorKey.PROGRAM_UNKNOWN, program=name, known=", ".join(known))

    @callback
    def display_name(self, name: str) -> str:
        """Return the translated name of a preset; an own program's name is returned unchanged."""
        hass = self._hass
        texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
        return texts.get(f"component.{DOMAIN}.entity.select.program.state.{name}", name)

    def subentry_of(self, name: str) -> str | None:
        """Return the subentry id of the own program with this name, ignoring case, or None."""
        folded = name.strip().casefold()
        return next((key for key, program in self.own.items() if program.name.casefold() == folded), None)

    def get(
        self,
        name: str,
        limits: Limits,
        *,
        minutes: float | None = None,
        speed: float | None = None,
        incline: float | None = None,
    ) -> Program:
        """Return a program by name; a preset is made for these limits and, if given, this main part.

        Raises ServiceValidationError if the name is unknown, or the machine or the limits do not allow the program.
        """
        exact = self.find_name(name)
        if (subentry := self.subentry_of(exact)) is not None:
            return self.own[subentry]
        program = made(exact, limits, minutes=minutes, speed=speed, incline=incline)
        if program is None:
            raise wrong(ErrorKey.PROGRAM_DOES_NOT_FIT, program=self.display_name(exact))
        return program

    @callback
    def save(self, program: Program, replaced: str | None = None) -> str:
        """Save a program without a reload, and return its subentry id.

        It replaces the own program with the subentry id `replaced`, or else the one of the same name.
        """
        data = MappingProxyType(program_data(program))
        known = replaced if replaced in self._entry.subentries else self.subentry_of(program.name)
        if known is not None:
            subentry = self._entry.subentries[known]
            self._hass.config_entries.async_update_subentry(self._entry, subentry, title=program.name, data=data)
        else:
            subentry = ConfigSubentry(data=data, subentry_type=SUBENTRY_PROGRAM, title=program.name, unique_id=None)
            self._hass.config_entries.async_add_subentry(self._entry, subentry)
        return subentry.subentry_id

    def changed(self, subentry_id: str | None, seen: str | None) -> Program | None:
        """Return an own program as somebody else saved it since its `digest` was seen; None if nobody did."""
        own = self.own.get(subentry_id or "")
        return None if own is None or seen is None or seen == digest(own) else own

    @callback
    def delete(self, name: str) -> None:
        """Delete an own program; raise ServiceValidationError if the name is unknown."""
        if (subentry_id := self.subentry_of(name)) is None:
            raise wrong(ErrorKey.PROGRAM_NOT_OWN, program=name)
        self._hass.config_entries.async_remove_subentry(self._entry, subentry_id)

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Listen for changes; return a function that removes the listener."""
        return self._listeners.add(listener)

    @callback
    def refresh(self) -> None:
        """Apply changes of the subentries without a reload (S14)."""
        before, self.own = self.own, programs_of(self._entry, self._cache)
        if self.own != before:
            self._listeners.notify()


def programs_of(entry: ConfigEntry, cache: _Cache | None = None) -> dict[str, Program]:
    """Return the own programs by subentry id, oldest first; those in the cache are not read again."""
    cache = {} if cache is None else cache
    for subentry_id in cache.keys() - entry.subentries.keys():
        del cache[subentry_id]
    found: dict[str, Program] = {}
    taken = set(RESERVED_NAMES)
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_PROGRAM:
            known = cache.get(subentry.subentry_id)
            if known is not None and known[:2] == (subentry.title, subentry.data):
                program = known[2]
            else:
                try:
                    program = program_of(subentry)
                except DAMAGE_ERRORS as err:
                    # A newer version wrote it, or somebody edited the file by hand.
                    _LOGGER.warning("Could not read the program %s: %s", subentry.title, err)
                    continue
            name = first_free(program.name, taken)
            taken.add(name.casefold())
            cache[subentry.subentry_id] = subentry.title, subentry.data, program
            found[subentry.subentry_id] = program if name == program.name else replace(program, name=name)
    return found


def taken_names(entry: ConfigEntry, own_id: str | None = None) -> set[str]:
    """Return the names of the programs of a treadmill in lower case, but for the one with this subentry id."""
    programs = entry.get_subentries_of_type(SUBENTRY_PROGRAM)
    return {subentry.title.casefold() for subentry in programs if subentry.subentry_id != own_id}


def digest(program: Program) -> str:
    """Return a short text that differs for every other state of a program."""
    return blake2s(json_bytes(program.as_dict()), digest_size=8).hexdigest()


def free_name(entry: ConfigEntry, name: str) -> str:
    """Return a name for a new program, with the first free number if it is taken."""
    taken, free, number = taken_names(entry) | RESERVED_NAMES, name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name[: LONGEST_TEXT - _LONGEST_NUMBER]} {number}"
    return free


def one_line(name: str) -> str:
    """Return a name as it is kept, without needless spaces."""
    return " ".join(name.split())


def program_of(subentry: ConfigSubentry) -> Program:
    """Return the program of a subentry; raise ProgramError if it is invalid."""
    return Program.from_dict({CONF_NAME: subentry.title, **subentry.data})


def program_data(program: Program) -> dict[str, Any]:
    """Return the data of a program's subentry; its name is the subentry's title."""
    data = program.as_dict()
    return {CONF_DIRECTION: data[CONF_DIRECTION], CONF_STEPS: data[CONF_STEPS]}
