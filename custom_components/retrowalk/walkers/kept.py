"""Treadmills that were removed, and whose sessions were kept: their walkers are offered to another treadmill."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from ..const import CONF_FIRST_ADDRESS, CONF_WALKER_ID, DOMAIN
from ..storage.damage import DAMAGE_ERRORS, as_text
from ..storage.journal import Journal
from .walker import Walker, subentries_of_walkers

_LOGGER = logging.getLogger(__name__)

_SESSIONS: Final = re.compile(rf"{DOMAIN}\.([^.]+)\.sessions(\.\d{{4}})?")
"""The names of the files with a treadmill's sessions."""
_OWN_KEYS: Final = (CONF_WALKER_ID, CONF_FIRST_ADDRESS)
"""What a subentry does not share with those of the same walker."""


@dataclass(frozen=True, kw_only=True)
class KnownWalker:
    """A walker of the house, whom a treadmill may share or take over."""

    id: str
    first_address: str
    name: str
    data: Mapping[str, Any]  # of the subentry
    treadmill: str  # name of one that they walk on, or walked on
    removed: bool = False  # whether no treadmill has them now

    def as_dict(self) -> dict[str, Any]:
        """Return the walker for the file of kept treadmills."""
        return {"id": self.id, "first_address": self.first_address, "name": self.name, "data": dict(self.data)}


@dataclass(frozen=True, kw_only=True)
class KeptTreadmill:
    """A treadmill that was removed."""

    name: str
    virtual: bool = True  # whether its sessions say nothing about walking on a real belt; assumed if unknown
    walkers: tuple[KnownWalker, ...] = ()

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored treadmill; raises one of DAMAGE_ERRORS if it is unreadable."""
        name = as_text(stored["name"])
        walkers = tuple(
            KnownWalker(
                id=as_text(row["id"]),
                first_address=as_text(row["first_address"]),
                name=as_text(row["name"]),
                data={**row["data"]},
                treadmill=name,
                removed=True,
            )
            for row in stored["walkers"]
        )
        return cls(name=name, virtual=stored["virtual"] is not False, walkers=walkers)

    def as_dict(self) -> dict[str, Any]:
        """Return the treadmill for the file."""
        return {"name": self.name, "virtual": self.virtual, "walkers": [walker.as_dict() for walker in self.walkers]}


class KeptTreadmills:
    """The file of removed treadmills; their sessions stay in the files that they had."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._file = Journal(hass, "house", "kept")
        self._stored: dict[str, Any] = {}
        self.treadmills: dict[str, KeptTreadmill] = {}
        """By the ID of the removed entry."""

    async def async_load(self) -> None:
        """Load the removed treadmills; one whose sessions are on disk is found without the file, too."""
        self._stored = await self._file.async_load() or {}
        for entry_id, stored in self._stored.items():
            try:
                self.treadmills[entry_id] = KeptTreadmill.from_dict(stored)
            except DAMAGE_ERRORS:
                _LOGGER.exception("What was kept of the removed treadmill %s is unreadable", entry_id)
        known = {entry.entry_id for entry in self._hass.config_entries.async_entries(DOMAIN)}
        for entry_id in await self._hass.async_add_executor_job(self._on_disk) - known - self.treadmills.keys():
            self.treadmills[entry_id] = KeptTreadmill(name=entry_id)

    async def async_add(self, entry_id: str, treadmill: KeptTreadmill) -> None:
        """Remember a treadmill that is removed."""
        self.treadmills[entry_id] = treadmill
        self._stored[entry_id] = treadmill.as_dict()
        await self._file.async_save(self._stored)

    async def async_replace_walker(self, walker_id: str, known: KnownWalker) -> None:
        """Put one walker in the place of another, with whom they were joined."""
        for entry_id, treadmill in [*self.treadmills.items()]:
            if any(walker.id == walker_id for walker in treadmill.walkers):
                stay = [walker for walker in treadmill.walkers if walker.id not in {walker_id, known.id}]
                joined = replace(known, treadmill=treadmill.name, removed=True)
                await self.async_add(entry_id, replace(treadmill, walkers=(*stay, joined)))

    async def async_remove(self, entry_id: str) -> None:
        """Forget a treadmill whose sessions were deleted."""
        self.treadmills.pop(entry_id, None)
        if self._stored.pop(entry_id, None) is not None:
            await self._file.async_save(self._stored)

    def _on_disk(self) -> set[str]:
        names = (path.name for path in Path(self._hass.config.path(STORAGE_DIR)).glob(f"{DOMAIN}.*"))
        return {found[1] for name in names if (found := _SESSIONS.fullmatch(name))}


def walkers_on(entry: ConfigEntry) -> list[KnownWalker]:
    """Return the walkers of a treadmill, as another one needs them."""
    found = []
    for subentry in subentries_of_walkers(entry):
        walker = Walker.from_subentry(subentry)
        found.append(
            KnownWalker(
                id=walker.id,
                first_address=walker.first_address or entry.data[CONF_ADDRESS],
                name=walker.name,
                data={key: value for key, value in subentry.data.items() if key not in _OWN_KEYS},
                treadmill=entry.title,
            )
        )
    return found
