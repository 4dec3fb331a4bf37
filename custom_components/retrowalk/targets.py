"""Targets of triggers and conditions: our own entities only, of a treadmill or of a walker."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.automation import DomainSpec

from .const import DOMAIN

BINARY_SENSORS: dict[str, DomainSpec] = {Platform.BINARY_SENSOR: DomainSpec()}
EVENTS: dict[str, DomainSpec] = {Platform.EVENT: DomainSpec()}
SENSORS: dict[str, DomainSpec] = {Platform.SENSOR: DomainSpec()}

TREADMILL = frozenset({"session_state", "connection", "training_status"})
"""Translation keys of a treadmill's enum sensors, by which the automation editor finds its device."""
WALKER = frozenset({"weight"})
"""Translation key of the weight, by which the automation editor finds a walker's device."""


@dataclass(frozen=True, kw_only=True)
class TargetEntity:
    """The one entity of a device that a trigger or condition uses.

    The automation editor filters entities only by domain and device class, which distinguishes neither the events nor
    the binary sensors of a treadmill from those of a walker. So triggers.yaml and conditions.yaml filter by a sibling
    that it can distinguish, and a user who selects that sibling means its device.
    """

    domain: str
    key: str
    siblings: frozenset[str] = frozenset()

    def filter(self, hass: HomeAssistant, entity_ids: AbstractSet[str]) -> set[str]:
        """Return the IDs of the entities that are selected directly or by a sibling."""
        registry = er.async_get(hass)
        found = set()
        for entity_id in entity_ids:
            entry = registry.async_get(entity_id)
            if entry is None or entry.platform != DOMAIN:
                continue
            if self._matches(entry):
                found.add(entity_id)
            elif entry.translation_key in self.siblings and entry.device_id is not None:
                siblings = er.async_entries_for_device(registry, entry.device_id)
                found |= {sibling.entity_id for sibling in siblings if self._matches(sibling)}
        return found

    def _matches(self, entry: er.RegistryEntry) -> bool:
        return (entry.platform, entry.domain, entry.translation_key) == (DOMAIN, self.domain, self.key)


class OwnEntitiesMixin:
    """Limit a trigger or condition to entities of this integration."""

    _hass: HomeAssistant
    _wanted: ClassVar[TargetEntity]

    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities that the trigger or condition uses."""
        return self._wanted.filter(self._hass, entities)
