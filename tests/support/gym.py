"""Any number of treadmills that are walked on in one Home Assistant, for the benchmarks."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from time import process_time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk import util
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.house import Clock, make_entry, walker_subentry
from tests.support.waiting import until

PER_SECOND = 4
"""Notifications of each treadmill."""


def frames() -> Iterator[bytes]:
    """Yield what a machine sends that walks at 2 km/h and trembles: speed, distance, energy, pulse and time."""
    for number in count():
        seconds = number // PER_SECOND
        yield (
            b"\x8c\x05"
            + (200 + (0, 6, -4, 3)[number % 4]).to_bytes(2, "little")
            + (number * 5 // 36).to_bytes(3, "little")
            + (10).to_bytes(2, "little")
            + b"\xff\x7f"
            + (seconds // 15).to_bytes(2, "little")
            + b"\xff\xff\xff"
            + bytes([90 + seconds % 7])
            + seconds.to_bytes(2, "little")
        )


class Gym:
    """Any number of treadmills in one Home Assistant."""

    def __init__(self, hass: HomeAssistant, clock: Clock) -> None:
        hass.data[util.CLOCK] = clock
        self.hass = hass
        self.clock = clock
        self.peripherals: list[Peripheral] = []
        self.entries: list[MockConfigEntry] = []
        self.detach: list[Callable[[], None]] = []

    async def add(self) -> None:
        number = len(self.entries)
        address = f"F2:52:57:00:{number // 256:02X}:{number % 256:02X}"
        peripheral = Peripheral(VirtualTreadmill(), address=address, name="Treadmill")
        self.peripherals.append(peripheral)
        self.detach.append(async_attach(self.hass, peripheral, run=False))
        made = make_entry(walkers=[walker_subentry("Anna", subentry_id=f"anna{number}")], **{CONF_ADDRESS: address})
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=f"Treadmill {number}",
            unique_id=address.lower(),
            data=dict(made.data),
            options=dict(made.options),
            subentries_data=[{**walker_subentry(f"Anna {number}"), "subentry_id": f"anna{number}"}],
        )
        registry = er.async_get(self.hass)
        for key in ("machine_energy", "training_status", "signal_strength"):
            registry.async_get_or_create("sensor", DOMAIN, f"{address.lower()}_{key}")  # otherwise it is disabled
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        self.entries.append(entry)
        coordinator = entry.runtime_data.coordinator
        await until(lambda: coordinator.link.state is LinkState.CONNECTED)
        peripheral.treadmill.press_start()
        for _ in range(8):
            peripheral.step(0.5)
            self.clock.seconds += 0.5
            await asyncio.sleep(0)

    async def walk(self, seconds: int, sent: Iterator[bytes]) -> float:
        """Let all machines report, and return the seconds of computing for each notification.

        What the loop's turns cost without any is left out, which one machine alone would have to bear.
        """
        steps = seconds * PER_SECOND
        begun = process_time()
        for _ in range(steps):
            await _turns()
        empty = process_time() - begun
        begun = process_time()
        for number in range(steps):
            frame = next(sent)
            self.clock.seconds += 1 / PER_SECOND
            for peripheral in self.peripherals:
                peripheral.notify(const.TREADMILL_DATA, frame)
            if number % PER_SECOND == 0:
                for entry in self.entries:
                    entry.runtime_data.coordinator.runner.tick()
            await _turns()
        return (process_time() - begun - empty) / (steps * len(self.peripherals))


async def _turns() -> None:
    """Let the loop do what a notification asks for."""
    for _ in range(3):
        await asyncio.sleep(0)


@asynccontextmanager
async def open_gym(hass: HomeAssistant, clock: Clock) -> AsyncIterator[Gym]:
    """Open a gym without a treadmill, and let all come to rest at its end."""
    assert await async_setup_component(hass, "homeassistant", {})
    hass.loop.set_debug(False)  # as in production
    gym = Gym(hass, clock)
    yield gym
    for peripheral in gym.peripherals:
        peripheral.treadmill.press_stop()
    for _ in range(60):
        gym.clock.seconds += 1
        for peripheral in gym.peripherals:
            peripheral.step(1.0)
        await asyncio.sleep(0)
        for entry in gym.entries:
            entry.runtime_data.coordinator.runner.tick()
        await asyncio.sleep(0)
    for entry in gym.entries:
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
    for detach in gym.detach:
        detach()
    gc.unfreeze()
