"""What all entities of a treadmill share."""

from abc import abstractmethod
from collections.abc import Hashable
from typing import override

from homeassistant.const import CONF_ADDRESS
from homeassistant.core import callback
from homeassistant.helpers.device_registry import CONNECTION_BLUETOOTH, DeviceInfo, format_mac
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .treadmill.snapshot import Snapshot


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
        self._written = self._show(coordinator.data)

    @property
    @override
    def available(self) -> bool:
        """Whether its value is known to be true now; buttons, selects and events always are available."""
        return self._attr_available

    @abstractmethod
    def _show(self, snapshot: Snapshot) -> Hashable:
        """Take the entity's attributes from the snapshot; returns all that others can see of it."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        shown = self._show(self.coordinator.data)
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()
