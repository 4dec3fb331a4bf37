"""The target of an action: a treadmill or a walker, named by a device, an entity, an area, a floor or a label."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ENTITY_MATCH_ALL, ENTITY_MATCH_NONE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from ..const import DOMAIN
from ..data import RetrowalkConfigEntry, RetrowalkData
from ..errors import ErrorKey, wrong
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


class TargetResolver:
    """Finds out which treadmills and walkers a call names.

    Areas, floors, labels and "all" name places and groups: with a treadmill in them, its walkers are not meant.
    """

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any], *, leaving: bool = False) -> None:
        """Take the data of a call; with `leaving` a treadmill whose belt is brought to rest counts, too (S3, S14)."""
        self._hass = hass
        self._data = data
        self._usable = {ConfigEntryState.LOADED, *([ConfigEntryState.UNLOAD_IN_PROGRESS] if leaving else [])}
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
            _, entry = _owner(self._hass, device_id)
            if entry is not None and entry.state not in self._usable:
                async_get_device_and_config_entry(self._hass, DOMAIN, device_id, include_child_devices=False)

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
        for device_id in sorted(device_ids):
            device, entry = _owner(self._hass, device_id)
            if device is None or entry is None or entry.state not in self._usable:
                continue
            roster = entry.runtime_data.coordinator.roster
            walkers = [each for each in roster.walkers.values() if roster.identifier(each) in device.identifiers]
            target = targets.setdefault(entry.entry_id, Target(entry))
            target.walkers += walkers
            target.itself |= not walkers
        return targets


def _owner(hass: HomeAssistant, device_id: str) -> tuple[dr.DeviceEntry | None, RetrowalkConfigEntry | None]:
    return dr.async_get_device_and_config_entry_for_domain(hass, device_id, domain=DOMAIN, include_child_devices=False)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
