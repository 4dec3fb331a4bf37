"""Base entities of a treadmill and of a walker."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import override

from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import (
    CONNECTION_BLUETOOTH,
    DeviceEntryType,
    DeviceInfo,
    async_get_device_id_by_identifier,
    format_mac,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .data import RetrowalkConfigEntry
from .errors import ErrorKey, wrong
from .machine.model import Capabilities
from .treadmill.snapshot import Snapshot
from .walkers.privacy import async_is_own_context
from .walkers.roster import WalkerRoster
from .walkers.walker import Walker


class RetrowalkEntity(CoordinatorEntity[RetrowalkCoordinator]):
    """Base entity of a treadmill, which writes its state only when its own value changed."""

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
        """Return whether the present value is known; buttons, selects and events are always available."""
        return self._attr_available

    @abstractmethod
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        """Update the entity's attributes from the snapshot, and return all values that its state shows."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self.coordinator.data.news:  # not four times a second for a meter more
            self.follow()

    @callback
    def follow(self) -> None:
        """Show what the snapshot says."""
        shown = self._update_attrs(self.coordinator.data)
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()


@callback
def _walker_model(hass: HomeAssistant) -> str | None:
    """Return what a walker's device is, in the house's language; the announcer has loaded these texts."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.walker_model")


def walker_unique_id(roster: WalkerRoster, walker: Walker, key: str) -> str:
    """Return the unique ID of a walker's entity, by the key of its description; no change of treadmills changes it."""
    return f"{format_mac(roster.first_address(walker))}_{walker.id}_{key}"


class WalkerEntity(Entity):
    """Base entity of a walker, which writes its state only when its own value changed.

    It updates when the walker or a session changed and when a day begins, not with every report of the treadmill.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, coordinator: RetrowalkCoordinator, walker: Walker, description: EntityDescription) -> None:
        self.entity_description = description
        self.roster = roster = coordinator.roster
        self.planner = coordinator.planner
        self.walker = walker
        entry = coordinator.config_entry
        address = entry.data[CONF_ADDRESS]
        self._attr_unique_id = walker_unique_id(roster, walker, description.key)
        self._attr_translation_key = description.key
        self._attr_device_info = DeviceInfo(
            identifiers={roster.identifier(walker)},
            name=walker.name,
            model=_walker_model(coordinator.hass),
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=async_get_device_id_by_identifier(
                coordinator.hass, (DOMAIN, address), config_entry_id=entry.entry_id
            ),
        )
        self._written: Hashable = None

    async def async_check_own(self) -> None:
        """Raise ServiceValidationError if the user may not change this walker's data."""
        if not await async_is_own_context(self.hass, self._context, self.walker):
            raise wrong(ErrorKey.WALKER_IS_PRIVATE, walker=self.walker.name)

    @abstractmethod
    def _update_attrs(self) -> Hashable:
        """Update the entity's attributes from the walker, and return all values that its state shows."""

    @override
    async def async_added_to_hass(self) -> None:
        self._written = self._update_attrs()  # Home Assistant writes the state after this
        self.async_on_remove(self.roster.async_add_listener(self._handle_change))

    @callback
    def _handle_change(self) -> None:
        walker = self.roster.walkers.get(self.walker.id)
        if walker is None:
            return  # removed; Home Assistant removes the device with its entities, or another treadmill takes them
        self.walker = walker
        shown = self._update_attrs()
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()


@callback
def async_offer(
    entry: RetrowalkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    domain: str,
    entities: Mapping[str, tuple[Callable[[Capabilities], bool], Callable[[], RetrowalkEntity]]],
) -> None:
    """Add those of a platform's entities, by key, that the treadmill offers, as soon as it does; remove the others.

    One that its owner has made their own stays, without a value: a pulse may come with the first touch of the grips.
    """
    coordinator = entry.runtime_data.coordinator
    registry = er.async_get(coordinator.hass)
    added: set[str] = set()

    @callback
    def follow() -> None:
        offered = {key for key, (is_offered, _) in entities.items() if is_offered(coordinator.fields.capabilities)}
        for key in entities.keys() - offered:
            known = registry.async_get(coordinator.entity_id(domain, key) or "")
            if known is None:
                continue
            if _is_owners(registry, known):
                offered.add(key)
            else:
                registry.async_remove(known.entity_id)
        async_add_entities([make() for key, (_, make) in entities.items() if key in offered - added])
        added.clear()
        added.update(offered)

    follow()
    entry.async_on_unload(coordinator.fields.async_add_listener(follow))


@callback
def _is_owners(registry: er.EntityRegistry, known: er.RegistryEntry) -> bool:
    """Return whether somebody changed what an entity is called, where it belongs or how it is shown."""
    chosen = (known.name, known.icon, known.area_id, known.device_class, known.labels, known.categories)
    by_user = (known.hidden_by is er.RegistryEntryHider.USER, known.disabled_by is er.RegistryEntryDisabler.USER)
    called = any(isinstance(alias, str) for alias in known.aliases)
    return any((*chosen, *by_user, called)) or known.entity_id != registry.async_regenerate_entity_id(known)


@callback
def async_add_walkers(
    entry: RetrowalkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[Walker], Iterable[WalkerEntity]],
) -> None:
    """Add a platform's entities for every walker, present and future."""

    @callback
    def welcome(walker: Walker) -> None:
        async_add_entities(entities_of(walker), config_subentry_id=walker.subentry_id)

    entry.async_on_unload(entry.runtime_data.coordinator.roster.async_add_walker_listener(welcome))
