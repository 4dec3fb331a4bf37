"""What all entities of a treadmill share, and all of a walker."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable
from typing import override

from homeassistant.const import CONF_ADDRESS
from homeassistant.core import callback
from homeassistant.helpers.device_registry import (
    CONNECTION_BLUETOOTH,
    DeviceEntryType,
    DeviceInfo,
    async_get_device_id_by_identifier,
    format_mac,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .data import RetrowalkConfigEntry
from .errors import ErrorKey, wrong
from .treadmill.snapshot import Snapshot
from .walkers.privacy import async_is_own_context
from .walkers.walker import Walker


class RetrowalkEntity(CoordinatorEntity[RetrowalkCoordinator]):
    """An entity of a treadmill; writes its state only when its own value changed."""

    _attr_has_entity_name = True
    _attr_available = True

    def __init__(self, coordinator: RetrowalkCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        entry = coordinator.config_entry
        address = entry.data[CONF_ADDRESS]
        info = coordinator.info
        self._attr_unique_id = f"{format_mac(address)}_{description.key}"
        self._attr_translation_key = description.key
        self._attr_device_info = DeviceInfo(
            connections={(CONNECTION_BLUETOOTH, address)},
            identifiers={(DOMAIN, address)},
            name=entry.title,
            manufacturer=info.manufacturer,
            model=info.model,
            serial_number=info.serial,
            hw_version=info.hardware,
            sw_version=info.firmware or info.software,
        )
        self._written = self._update_attrs(coordinator.data)

    @property
    @override
    def available(self) -> bool:
        """Whether its value is known to be true now; buttons, selects and events always are available."""
        return self._attr_available

    @abstractmethod
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        """Take the entity's attributes from the snapshot; returns all that others can see of it."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        shown = self._update_attrs(self.coordinator.data)
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()


def walker_unique_id(address: str, walker: Walker, key: str) -> str:
    """What identifies one of a walker's entities, by the key of its description."""
    return f"{format_mac(address)}_{walker.id}_{key}"


class WalkerEntity(Entity):
    """An entity of a walker; known as long as the walker is, and written only when its own value changed.

    It looks again when the walker or a session changed and when a day begins, not with every frame of the treadmill.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, coordinator: RetrowalkCoordinator, walker: Walker, description: EntityDescription) -> None:
        self.entity_description = description
        self.roster = people = coordinator.roster
        self.planner = coordinator.planner
        self.walker = walker
        entry = coordinator.config_entry
        address = entry.data[CONF_ADDRESS]
        self._attr_unique_id = walker_unique_id(address, walker, description.key)
        self._attr_translation_key = description.key
        self._attr_device_info = DeviceInfo(
            identifiers={people.identifier(walker.id)},
            name=walker.name,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=async_get_device_id_by_identifier(
                coordinator.hass, (DOMAIN, address), config_entry_id=entry.entry_id
            ),
        )
        self._written: Hashable = None

    async def async_check_own(self) -> None:
        """Raise ServiceValidationError where who asks may not change this walker's affairs."""
        if not await async_is_own_context(self.hass, self._context, self.walker):
            raise wrong(ErrorKey.WALKER_IS_PRIVATE, walker=self.walker.name)

    @abstractmethod
    def _update_attrs(self) -> Hashable:
        """Take the entity's attributes from the walker; returns all that others can see of it."""

    @override
    async def async_added_to_hass(self) -> None:
        self._written = self._update_attrs()  # Home Assistant writes it now
        self.async_on_remove(self.roster.async_add_listener(self._handle_change))

    @callback
    def _handle_change(self) -> None:
        walker = self.roster.walkers.get(self.walker.id)
        if walker is None:
            return  # gone; Home Assistant removes the device and us with it
        self.walker = walker
        shown = self._update_attrs()
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()


@callback
def async_add_walkers(
    entry: RetrowalkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[Walker], Iterable[WalkerEntity]],
) -> None:
    """Add a platform's entities of every walker, also of those who come later."""

    @callback
    def welcome(walker: Walker) -> None:
        async_add_entities(entities_of(walker), config_subentry_id=walker.id)

    entry.async_on_unload(entry.runtime_data.coordinator.roster.async_add_walker_listener(welcome))
