"""Which of our entities a target of an automation means: a treadmill's or a walker's, never anybody else's."""

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
"""By keys: what the automation editor knows a treadmill by, its enumerations."""
WALKER = frozenset({"weight"})
"""By key: what the automation editor knows a walker by, the only weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntity:
    """The one entity of a device that a trigger or condition looks at.

    The automation editor can tell entities apart by domain and device class only, and that tells neither the two
    events nor the binary sensors of a treadmill from those of a walker. So it offers what has a sibling that it can
    tell (in triggers.yaml and conditions.yaml), and who picks that sibling itself means the device as well.
    """

    domain: str
    key: str
    siblings: frozenset[str] = frozenset()

    def filter(self, hass: HomeAssistant, entity_ids: AbstractSet[str]) -> set[str]:
        """The entity ids that are wanted or meant."""
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
    """A trigger or condition for which only our own entities count."""

    _hass: HomeAssistant
    _wanted: ClassVar[TargetEntity]

    def entity_filter(self, entities: set[str]) -> set[str]:
        """Keep what is wanted."""
        return self._wanted.filter(self._hass, entities)
