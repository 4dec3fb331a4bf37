"""A Home Assistant with one treadmill in it, and a time that passes only when a test says so."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk.const import (
    CONF_CAPABILITIES,
    CONF_CONTROL,
    CONF_INFO,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_VIRTUAL,
    DOMAIN,
)
from custom_components.retrowalk.coordinator import RetrowalkCoordinator
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, ValueRange
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import Phase

ADDRESS = "F2:52:57:00:00:01"
CAPABILITIES = Capabilities(
    speed_range=ValueRange(0.5, 20.0, 0.1),
    incline_range=ValueRange(0.0, 15.0, 0.5),
    can_start_and_stop=True,
    reports_incline=True,
    reports_distance=True,
    reports_energy=True,
    reports_elapsed_time=True,
)
INFO = MachineInfo(
    manufacturer="Retrowalk",
    model="Virtual treadmill",
    serial="V0001",
    hardware="1.0",
    firmware="1.0.0",
    software="1.0.0",
)
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}


class Clock:
    """Monotonic seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def make_entry(options: dict[str, Any] | None = None, **data: Any) -> MockConfigEntry:
    """An entry as the config flow makes it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Treadmill",
        unique_id=ADDRESS.lower(),
        data={
            CONF_ADDRESS: ADDRESS,
            CONF_NAME: "Treadmill",
            CONF_VIRTUAL: False,
            CONF_CAPABILITIES: CAPABILITIES.as_dict(),
            CONF_INFO: INFO.as_dict(),
            **data,
        },
        options=CONTROL if options is None else options,
    )


class House:
    """What a test sees and does: entities by key, presses by a person or by nobody, and the treadmill itself."""

    def __init__(self, hass: HomeAssistant, peripheral: Peripheral, clock: Clock, user_id: str) -> None:
        self.hass = hass
        self.peripheral = peripheral
        self.treadmill = peripheral.treadmill
        self.faults = peripheral.faults
        self.clock = clock
        self.user_id = user_id
        self.entry: MockConfigEntry | None = None
        self.commands_seen = 0

    @property
    def coordinator(self) -> RetrowalkCoordinator:
        assert self.entry is not None
        coordinator: RetrowalkCoordinator = self.entry.runtime_data
        return coordinator

    async def set_up(self, entry: MockConfigEntry | None = None, *, connected: bool = True) -> None:
        self.entry = entry or make_entry()
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()
        if connected:
            await self.until(lambda: self.state("connection") == "connected")
            await self.time(1)

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def until(self, condition: Callable[[], bool], patience: float = 30.0) -> None:
        """Give the event loop turns until something is so; no time passes for the treadmill.

        Delays of Home Assistant's own pass in real time, and take longer on a busy machine.
        """
        gives_up = monotonic() + patience
        turn = 0
        while not condition():
            assert monotonic() < gives_up, "did not happen"
            turn += 1
            await asyncio.sleep(0 if turn % 10 else 0.001)

    async def time(self, seconds: float, dt: float = 0.5) -> None:
        """Let time pass for the treadmill, the link and the session alike."""
        for _ in range(round(seconds / dt)):
            self.peripheral.step(dt)
            self.clock.seconds += dt
            await self.settle()
            if self.entry is not None and hasattr(self.entry, "runtime_data"):
                self.coordinator._tick()
                await self.settle()

    async def come_to_rest(self) -> None:
        """Leave the treadmill as a test should: standing still, so that unloading has nothing to wait for."""
        self.faults.clear()
        for _ in range(30):
            if self.treadmill.at_rest and not self.coordinator.session.belt_may_move:
                return
            if self.treadmill.phase is not Phase.IDLE:
                self.treadmill.press_stop()
            await self.time(1)

    def entity_id(self, key: str) -> str:
        registry = er.async_get(self.hass)
        for entry in er.async_entries_for_config_entry(registry, self.entry.entry_id):
            if entry.unique_id.endswith(f"_{key}") and entry.translation_key == key:
                return entry.entity_id
        raise KeyError(key)

    def has(self, key: str) -> bool:
        try:
            self.entity_id(key)
        except KeyError:
            return False
        return True

    def full_state(self, key: str) -> State:
        state = self.hass.states.get(self.entity_id(key))
        assert state is not None
        return state

    def state(self, key: str) -> str:
        return self.full_state(key).state

    def person(self) -> Context:
        return Context(user_id=self.user_id)

    async def call(self, domain: str, service: str, key: str, *, by: Context | None = None, **data: Any) -> None:
        await self.hass.services.async_call(
            domain, service, {"entity_id": self.entity_id(key), **data}, blocking=True, context=by or Context()
        )
        await self.settle()

    async def press(self, key: str, *, by: Context | None = None) -> None:
        """Press a button; as a person, unless `by` says otherwise."""
        await self.call("button", "press", key, by=by or self.person())

    async def wish(self, key: str, value: float, *, by: Context | None = None) -> None:
        await self.call("number", "set_value", key, by=by or self.person(), value=value)

    async def walk(self) -> None:
        """Start as a person does, until the belt is steered at its minimum speed."""
        await self.press("start")
        await self.press("start")
        assert self.state("session_state") == "countdown"
        await self.time(15)
        await self.time(8)
        assert self.state("session_state") == "active"

    def commands(self) -> list[bytes]:
        """What was written to the control point, and was not asked for before."""
        written = [data for _, uuid, data in self.peripheral.writes if uuid == ftms.CONTROL_POINT]
        new = written[self.commands_seen :]
        self.commands_seen = len(written)
        return new
