"""What a walker shall walk next: when, what and why."""

from collections.abc import Hashable
from dataclasses import asdict
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription

from .coordinator import RetrowalkCoordinator
from .entity import WalkerEntity
from .walkers.walker import Walker

NEXT_SESSION = SensorEntityDescription(key="next_session", device_class=SensorDeviceClass.TIMESTAMP)


class NextSessionSensor(WalkerEntity, SensorEntity):
    """The next planned session; unknown while nothing is planned. The proposal is for cards, not for the recorder."""

    _unrecorded_attributes = frozenset({"minutes", "speed", "incline", "program", "reason"})

    def __init__(self, coordinator: RetrowalkCoordinator, walker: Walker) -> None:
        super().__init__(coordinator, walker, NEXT_SESSION)
        self._planner = coordinator.planner

    @override
    def _show(self) -> Hashable:
        planned = self._planner.next(self.walker)
        self._attr_native_value = planned.start if planned else None
        self._attr_extra_state_attributes = asdict(planned.proposal) if planned else {}
        return planned
