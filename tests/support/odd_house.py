"""A house with any treadmill of the table, in which every timer runs on the treadmill's virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, override

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.retrowalk import PLATFORMS
from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK, CONF_INFO, DOMAIN
from custom_components.retrowalk.machine.model import Unit
from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure
from custom_components.retrowalk.training.check.unit_finding import find_units, prove
from custom_components.retrowalk.training.events import SessionEvent
from custom_components.retrowalk.training.rules import Refusal
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.treadmill.check_result import StoredCheck, firmware_of
from tests.support.house import CONTROL, Clock, House, make_entry, walker_subentry

STEP = 0.2
"""Seconds of virtual time."""
_ENOUGH = 300.0
"""Seconds in which whatever is waited for happens, or never."""
_TRIES = 12
_MOST_RUNS = 4
"""Check runs until one shows everything: each may leave out one thing more."""


class OddHouse(House):
    """Home Assistant with one treadmill; time passes only in `time` and `during`."""

    def __init__(
        self, hass: HomeAssistant, peripheral: Peripheral, clock: Clock, user_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(hass, peripheral, clock, user_id)
        self.looks: list[Callable[[], None]] = []
        """Called after each step of time."""
        self.events: list[tuple[float, SessionEvent]] = []
        self.name = peripheral.name
        self.console_read = True
        """Whether the owner reads the console in a check run; otherwise it shows nothing."""
        self._monkeypatch = monkeypatch
        self._detach: Callable[[], None] = lambda: None
        begun = hass.loop.time() - clock.seconds
        monkeypatch.setattr(hass.loop, "slow_callback_duration", float("inf"))
        monkeypatch.setattr(hass.loop, "time", lambda: begun + clock.seconds, raising=False)

    @property
    def loaded(self) -> bool:
        return self.entry is not None and self.entry.state is ConfigEntryState.LOADED

    @property
    def session_state(self) -> SessionState | None:
        """The state of the session; None while the entry is not loaded."""
        return self.coordinator.session.state if self.loaded else None

    @override
    async def time(self, seconds: float, dt: float = STEP) -> None:
        for _ in range(round(seconds / dt)):
            self.peripheral.step(dt)
            self.clock.seconds = round(self.clock.seconds + dt, 3)
            await self.settle()
            for look in self.looks:
                look()

    async def during[T](self, work: Awaitable[T]) -> T:
        """Wait for work that takes time."""
        task = asyncio.ensure_future(work)
        await self.settle()
        begun = self.clock.seconds
        while not task.done():
            assert self.clock.seconds - begun < _ENOUGH, "did not happen"
            await self.time(STEP)
        return await task

    async def comes(self, condition: Callable[[], bool], within: float = _ENOUGH) -> bool:
        """Let time pass until a condition is met, and return whether it was."""
        begun = self.clock.seconds
        while not condition():
            if self.clock.seconds - begun > within:
                return False
            await self.time(STEP)
        return True

    @override
    async def call(self, domain: str, service: str, key: str, *, by: Any = None, **data: Any) -> None:
        entity_id = self.entity_id(key)
        calling = self.hass.services.async_call(
            domain, service, {"entity_id": entity_id, **data}, blocking=True, context=by or Context()
        )
        await self.during(calling)

    # The radio

    def attach(self) -> None:
        """Put the treadmill in range."""
        self._detach = async_attach(self.hass, self.peripheral, run=False)

    async def leave(self) -> None:
        """End the test: the belt rests, and the entry is unloaded."""
        self.looks.clear()
        if self.loaded and self.entry is not None:
            self.treadmill.pull_safety_key()
            await self.time(20)
            await self.during(self.hass.config_entries.async_unload(self.entry.entry_id))
        self._detach()

    # The entry

    async def begin(self, options: dict[str, Any] | None = None) -> None:
        """Set the treadmill up, with Anna as its walker, and link it; nothing is known of it."""
        entry = make_entry(
            {**CONTROL, **(options or {})},
            walkers=[walker_subentry()],
            **{CONF_CHECK: None, CONF_CAPABILITIES: {}, CONF_INFO: {}},
        )
        await self.set_up_entry(entry)
        await self.linked()
        await self.time(20)  # what it told is stored, with a reload; even the oddest is known to rest by now
        await self.linked()

    async def set_up_entry(self, entry: MockConfigEntry) -> None:
        """Set up an entry of the treadmill."""
        integration = await async_get_integration(self.hass, DOMAIN)
        # Imports and files take real time, much of it on a busy machine.
        await integration.async_get_platforms(PLATFORMS)
        assert await async_setup_component(self.hass, DOMAIN, {})
        self.entry = entry
        entry.add_to_hass(self.hass)
        assert await self.during(self.hass.config_entries.async_setup(entry.entry_id))

    async def linked(self) -> None:
        """Wait for the link."""
        assert await self.comes(lambda: self.loaded), "not loaded"
        if self.state("connection") != "connected":
            self.coordinator.connection.connect()
        assert await self.comes(lambda: self.loaded and self.state("connection") == "connected"), "no link"

    async def reloaded(self) -> None:
        """Wait until what was saved is loaded."""
        await self.time(5)
        assert await self.comes(lambda: self.loaded), "not loaded"

    def save(self, **options: Any) -> None:
        """Save options as the dialog does."""
        assert self.entry is not None
        self.hass.config_entries.async_update_entry(self.entry, options={**self.entry.options, **options})

    @property
    def check_result(self) -> StoredCheck | None:
        assert self.entry is not None
        return StoredCheck.from_data(self.entry.data)

    async def check(self, meanwhile: Callable[[CheckRun], None] = lambda _: None) -> CheckRun:
        """Run the check run, again where it left something out, and read the console as its dialog asks."""
        self.treadmill.occupied = False
        for _ in range(_MOST_RUNS):
            before = self.check_result
            check = await self._one_check(meanwhile)
            await self.time(20)
            stored = self.check_result
            if check.failure is None or stored is None or stored == before or not check.failure.blames_machine:
                break
        self.treadmill.occupied = True
        return check

    async def _one_check(self, meanwhile: Callable[[CheckRun], None]) -> CheckRun:
        await self.linked()
        check = await self._begin_check()
        assert self.entry is not None
        firmware, shown = firmware_of(self.entry.data), None
        begun = self.clock.seconds
        while check.phase is not CheckPhase.OVER:
            assert self.clock.seconds - begun < _ENOUGH, "the check run has no end"
            meanwhile(check)
            await self.time(STEP)
            if check.phase is CheckPhase.HOLD:
                shown = round(self.treadmill.console_speed, 1)
        await self.time(1)
        if check.failure is None and await self.comes(lambda: self.loaded):
            unit = Unit.KILOMETERS if self.treadmill.kmh_per_unit == 1.0 else Unit.MILES
            shown = shown if self.console_read else None
            found = find_units(check.result, shown, unit, present=check.units, stated=check.stated)
            if isinstance(found, Failure):
                check.fail(found)
                found = check.units
            else:
                check.unit_proof = prove(check.result, shown, found, check.units)
            self.coordinator.save_check(check, firmware, found)
        return check

    async def _begin_check(self) -> CheckRun:
        """Begin the check run, as soon as the treadmill has been heard."""
        control = self.coordinator.control
        for _ in range(_TRIES):
            try:
                return await self.during(control.start_check(self.person()))
            except ServiceValidationError as err:
                if err.translation_key != Refusal.NO_FRESH_DATA:
                    raise
            await self.time(0.8)
        return await self.during(control.start_check(self.person()))

    # Killed and back

    async def killed(self, disk: dict[str, Any], down: float) -> None:
        """Cut the power of Home Assistant for some seconds; what was on its disk is all that it knows afterward."""
        await self.settle()
        kept = deepcopy({key: value for key, value in disk.items() if key.startswith(DOMAIN)})
        dying = self.coordinator

        async def die() -> None:
            dying.runner.leaving = True
            dying.runner.set_ticking(on=False)
            await dying.link.close()

        assert self.entry is not None
        self._monkeypatch.setattr(dying, "async_leave", die)
        assert await self.during(self.hass.config_entries.async_unload(self.entry.entry_id))
        self.forget()
        for key in [key for key in disk if key.startswith(DOMAIN)]:
            del disk[key]
        disk |= kept
        await self.time(down)

    async def back(self) -> None:
        """Start Home Assistant again."""
        assert self.entry is not None
        assert await self.during(self.hass.config_entries.async_setup(self.entry.entry_id))

    # People

    async def starts(self) -> None:
        """Make a backward session ready and confirm it, as a person does."""
        await self.press("start")
        assert await self.comes(lambda: self.loaded and self.state("connection") == "connected", 60), "no link"
        await self.time(2.5)
        await self.press("start")
