"""Selects of a treadmill: the choices for the next session."""

from collections.abc import Hashable
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .programs.library import FREE, PLAN
from .training.limits import Direction
from .training.rules import Rules
from .treadmill.snapshot import Snapshot
from .walkers.walker import GUEST, WHOEVER

PARALLEL_UPDATES = 0

DIRECTION = SelectEntityDescription(key="direction", options=[direction.value for direction in Direction])
WALKER = SelectEntityDescription(key="walker")
PROGRAM = SelectEntityDescription(key="program")


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(
        [
            DirectionSelect(coordinator, DIRECTION),
            WalkerSelect(coordinator, WALKER),
            ProgramSelect(coordinator, PROGRAM),
        ]
    )


class DirectionSelect(RetrowalkEntity, SelectEntity):
    """The direction of the next session, which no treadmill reports."""

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        self._attr_current_option = snapshot.direction.value
        return self._attr_current_option

    @override
    async def async_select_option(self, option: str) -> None:
        self.coordinator.next_session.choose_direction(Direction(option))


class WalkerSelect(RetrowalkEntity, SelectEntity):
    """The walker of the next session."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.roster.async_add_listener(self.follow))

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        roster = self.coordinator.roster
        # Without walkers there is nothing to choose.
        self._labels = {**({WHOEVER: None} if roster.walkers else {}), **roster.labels()}
        self._attr_options = list(self._labels)
        # The snapshot may still contain a walker who has just been removed.
        who = None if snapshot.undecided else snapshot.walker or GUEST
        self._attr_current_option = next((label for label, walker in self._labels.items() if walker == who), GUEST)
        return self._attr_current_option, *self._attr_options

    @override
    async def async_select_option(self, option: str) -> None:
        self.coordinator.next_session.choose_walker(self._labels[option])


class ProgramSelect(RetrowalkEntity, SelectEntity):
    """The program of the next session: the plan, a free session, or a program."""

    _rules: Rules | None = None  # the rules that the options are based on

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        coordinator = self.coordinator
        for source in (coordinator.roster, coordinator.programs):
            self.async_on_remove(source.async_add_listener(self._update_options))

    def _update_options(self) -> None:
        self._rules = None
        self.follow()

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        if self._rules is not snapshot.rules:
            self._rules = snapshot.rules
            self._attr_options = [PLAN, FREE, *self.coordinator.next_session.offered_programs()]
        # A program that was named in an action, or belongs to the plan, may not be among the options.
        offered = snapshot.program in self.options
        self._attr_current_option = snapshot.program if offered else FREE
        return self._attr_current_option, *self.options

    @override
    async def async_select_option(self, option: str) -> None:
        self.coordinator.next_session.choose_program(option)
