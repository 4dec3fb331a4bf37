"""Fixtures: a virtual treadmill and a central that records what it receives."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill

REQUEST_CONTROL = b"\x00"
START = b"\x07"
STOP = b"\x08\x01"
PAUSE = b"\x08\x02"


def make_peripheral(profile: Profile | None = None) -> Peripheral:
    return Peripheral(VirtualTreadmill(profile), address=virtual_address(1), name="Virtual treadmill")


@dataclass
class Central:
    """A client of one peripheral, without bleak."""

    peripheral: Peripheral
    notifications: list[tuple[str, bytes]] = field(default_factory=list)
    links_lost: int = 0

    def connect(self) -> None:
        self.peripheral.connect(self._lost)

    def _lost(self) -> None:
        self.links_lost += 1

    def handle(self, uuid: str) -> int:
        return next(
            item.handle for service in self.peripheral.services for item in service.characteristics if item.uuid == uuid
        )

    def read(self, uuid: str) -> bytes:
        return self.peripheral.read(self.handle(uuid))

    def subscribe(self, *uuids: str) -> None:
        for uuid in uuids:
            self.peripheral.subscribe(self.handle(uuid), self._keeper(uuid))

    def _keeper(self, uuid: str) -> Callable[[bytes], None]:
        return lambda data: self.notifications.append((uuid, data))

    async def write(self, data: bytes) -> None:
        await self.peripheral.write(self.handle(const.CONTROL_POINT), data)

    async def command(self, data: bytes) -> bytes | None:
        """Write to the control point and return the indication that follows within one iteration of the loop."""
        before = len(self.of(const.CONTROL_POINT))
        await self.write(data)
        await asyncio.sleep(0)
        return next(iter(self.of(const.CONTROL_POINT)[before:]), None)

    def of(self, uuid: str) -> list[bytes]:
        return [data for name, data in self.notifications if name == uuid]

    async def start_belt(self) -> None:
        """Take control and start; afterward the belt runs at its minimum."""
        assert await self.command(REQUEST_CONTROL) == b"\x80\x00\x01"
        assert await self.command(START) == b"\x80\x07\x01"
        self.peripheral.step(10)


@pytest.fixture
def peripheral() -> Peripheral:
    return make_peripheral()


@pytest.fixture
def central(peripheral: Peripheral) -> Central:
    """Return a central that is connected and subscribed to everything."""
    return connected_central(peripheral)


def connected_central(peripheral: Peripheral) -> Central:
    central = Central(peripheral)
    central.connect()
    central.subscribe(*(uuid for uuid in SUBSCRIBABLE if uuid in _uuids(peripheral)))
    return central


SUBSCRIBABLE = (const.TREADMILL_DATA, const.TRAINING_STATUS, const.CONTROL_POINT, const.MACHINE_STATUS)


def _uuids(peripheral: Peripheral) -> set[str]:
    return {item.uuid for service in peripheral.services for item in service.characteristics}
