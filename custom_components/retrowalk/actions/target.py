"""The target of an action: a treadmill or a walker, named by a device, an entity, an area, a floor or a label."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, NamedTuple

import voluptuous as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ENTITY_MATCH_ALL, ENTITY_MATCH_NONE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import CONF_VIRTUAL, DOMAIN
from ..data import RetrowalkConfigEntry, RetrowalkData
from ..errors import ErrorKey, wrong
from ..training.states import BETWEEN_SESSIONS
from ..walkers.walker import Walker

_DIRECT = (ATTR_DEVICE_ID, ATTR_ENTITY_ID)
_ALL = ENTITY_MATCH_ALL


def _forgiving(validator: Any) -> Callable[[Any], Any]:
    """Return a validator that takes what is invalid for nothing."""
    schema = vol.Schema(validator)

    def validate(value: Any) -> Any:
        try:
            return schema(value)
        except vol.Invalid:
            return ENTITY_MATCH_NONE

    return validate


FORGIVING_TARGET: Final = {key: _forgiving(validator) for key, validator in cv.TARGET_SERVICE_FIELDS.items()}
"""The schema of a target of which an invalid part names nothing, so that the others still count (S3)."""


_RELOADS: Final = (ConfigEntryState.UNLOAD_IN_PROGRESS, ConfigEntryState.SETUP_IN_PROGRESS)
"""In these a treadmill can be stopped, but nothing else: the stop is kept for its next link."""


@dataclass(slots=True)
class Target:
    """A treadmill that a target names, and its walkers that the target names."""

    entry: RetrowalkConfigEntry
    itself: bool = False  # the treadmill's own device is named
    walkers: list[Walker] = field(default_factory=list)

    @property
    def walker(self) -> Walker | None:
        """The walker that is named; of several the one whose session is under way, if it is one of them."""
        under_way = self.treadmill.coordinator.data.walker
        return next((walker for walker in self.walkers if walker.id == under_way), next(iter(self.walkers), None))

    @property
    def treadmill(self) -> RetrowalkData:
        """The parts of the treadmill."""
        return self.entry.runtime_data


class Place(NamedTuple):
    """A treadmill that somebody who is named walks on; the device of a walker of several is below only one of them."""

    entry: RetrowalkConfigEntry
    walker: Walker

    @property
    def in_use(self) -> bool:
        """Whether a session was made ready there or is under way, or the belt moves."""
        now = self.entry.runtime_data.coordinator.data
        return now.state not in BETWEEN_SESSIONS or now.belt_may_move

    @property
    def rank(self) -> tuple[bool, ...]:
        """How likely it is meant: it is theirs now, waits for somebody, is a real one, is the one walked on last."""
        coordinator = self.entry.runtime_data.coordinator
        now, last = coordinator.data, coordinator.roster.last_treadmill(self.walker.id)
        theirs = self.in_use and self.walker.id in {now.made_for, now.walker}
        virtual = bool(self.entry.data.get(CONF_VIRTUAL))
        return theirs, self.in_use and now.open, not virtual, last == self.entry.entry_id


class TargetResolver:
    """Finds out which treadmills and walkers a call names.

    Areas, floors, labels and "all" name places and groups: with a treadmill in them, its walkers are not meant.
    """

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any], *, stop: bool = False) -> None:
        """Take the data of a call.

        With `stop` a treadmill counts whose belt is brought to rest already (S14), or that is set up just now, and a
        walker means all of theirs in use (S3).
        """
        self._hass = hass
        self._data = data
        self._stop = stop
        self._usable = {ConfigEntryState.LOADED, *(_RELOADS if stop else ())}
        self._direct = self._devices({key: data[key] for key in _DIRECT if data.get(key, _ALL) != _ALL})
        self._all = self._devices(data)

    @callback
    def all(self) -> list[Target]:
        """Return every treadmill that is named and loaded; raise if there is none."""
        targets = self._targets(self._direct)
        for entry_id, target in self._targets(self._all - self._direct).items():
            target.walkers = [] if target.itself else target.walkers
            targets.setdefault(entry_id, target)
        if not targets:
            self.check_loaded(self._all)
            for device_id in TargetSelection(dict(self._data)).device_ids:  # it is not one of ours
                async_get_device_and_config_entry(self._hass, DOMAIN, device_id, include_child_devices=False)
            raise wrong(ErrorKey.TARGET_MISSING)
        return [*targets.values()]

    @callback
    def one(self) -> Target:
        """Return the one treadmill that is named; raise if there are several, or several of its walkers."""
        targets = self.all()
        self.check_loaded(self._direct)
        if len(targets) > 1:
            raise wrong(ErrorKey.SEVERAL_TREADMILLS, names=_names(target.entry.title for target in targets))
        if len(walkers := targets[0].walkers) > 1:
            raise wrong(ErrorKey.SEVERAL_WALKERS, names=_names(walker.name for walker in walkers))
        return targets[0]

    @callback
    def check_loaded(self, devices: Iterable[str] | None = None) -> None:
        """Raise Home Assistant's own error if a treadmill among the devices, by default all named, is not loaded."""
        for device_id in sorted(self._all if devices is None else devices):
            device, entry = _owner(self._hass, device_id)
            if device is not None and self._places(device):
                continue  # a walker who walks on another one, too
            if entry is not None and not self._is_usable(entry):
                async_get_device_and_config_entry(self._hass, DOMAIN, device_id, include_child_devices=False)

    def _is_usable(self, entry: RetrowalkConfigEntry) -> bool:
        return entry.state in self._usable and hasattr(entry, "runtime_data")

    def _devices(self, data: Mapping[str, Any]) -> set[str]:
        """Return the IDs of the devices that Home Assistant finds in a target, ours or not."""
        registry = er.async_get(self._hass)
        if data.get(ATTR_ENTITY_ID) == _ALL:
            entries = [entry for entry in registry.entities.values() if entry.platform == DOMAIN]
            return {entry.device_id for entry in entries if entry.device_id}
        selection = TargetSelection(dict(data))
        found = async_extract_referenced_entity_ids(self._hass, selection, primary_entities_only=False)
        named = map(registry.async_get, found.referenced | found.indirectly_referenced)
        ours = {entry.device_id for entry in named if entry and entry.platform == DOMAIN and entry.device_id}
        return found.referenced_devices | ours

    def _targets(self, device_ids: Iterable[str]) -> dict[str, Target]:
        targets: dict[str, Target] = {}
        named = {entry.entry_id for device, entry in self._owned(self._all) if not self._places(device)}
        for device, entry in self._owned(device_ids):
            places = self._places(device)
            for place in self._meant(places, named):
                targets.setdefault(place.entry.entry_id, Target(place.entry)).walkers.append(place.walker)
            if not places and self._is_usable(entry):
                targets.setdefault(entry.entry_id, Target(entry)).itself = True
        return targets

    def _owned(self, device_ids: Iterable[str]) -> Iterator[tuple[dr.DeviceEntry, RetrowalkConfigEntry]]:
        for device_id in sorted(device_ids):
            device, entry = _owner(self._hass, device_id)
            if device is not None and entry is not None:
                yield device, entry

    def _places(self, device: dr.DeviceEntry) -> list[Place]:
        """Return the treadmills on which the walker of a device walks; none if it is not a walker's."""
        places = []
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if self._is_usable(entry):
                roster = entry.runtime_data.coordinator.roster
                walkers = (each for each in roster.walkers.values() if roster.identifier(each) in device.identifiers)
                places += [Place(entry, walker) for walker in walkers]
        return places

    def _meant(self, places: list[Place], named: Container[str]) -> list[Place]:
        """Return the treadmills of a walker that are meant: those that are named, too, or else the likeliest."""
        if meant := [place for place in places if place.entry.entry_id in named]:
            return meant
        if self._stop and (meant := [place for place in places if place.in_use]):
            return meant
        return [max(places, key=attrgetter("rank"))] if places else []


def _owner(hass: HomeAssistant, device_id: str) -> tuple[dr.DeviceEntry | None, RetrowalkConfigEntry | None]:
    return dr.async_get_device_and_config_entry_for_domain(hass, device_id, domain=DOMAIN, include_child_devices=False)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
