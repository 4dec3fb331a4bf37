"""Home Assistant with one treadmill, in virtual time."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time, ulid_now
from pytest_homeassistant_custom_component.common import MockConfigEntry
from ulid_transform import ulid_to_timestamp

from custom_components.retrowalk import util
from custom_components.retrowalk.const import (
    CONF_CAPABILITIES,
    CONF_CHECK,
    CONF_CONTROL,
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_INFO,
    CONF_PERSON,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_VIRTUAL,
    CONF_WEIGHT,
    DOMAIN,
    SUBENTRY_WALKER,
)
from custom_components.retrowalk.coordinator import RetrowalkCoordinator
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, ValueRange
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.treadmill.caller import ONE_PRESS
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from custom_components.retrowalk.treadmill.connection import KEPT_STOPS
from tests.support.waiting import let_others_run, settle, until

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
PASSED = StoredCheck(failure=None, firmware=INFO.firmware, at=datetime(2026, 11, 1, 12, tzinfo=UTC)).as_dict()
"""The result of a passed check run, which most tests need."""
CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}


class Clock(util.Clock):
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.began: datetime | None = None
        """The date and time at the beginning; None: the date is that of real time."""

    def __call__(self) -> float:
        return self.seconds

    @override
    def monotonic(self) -> float:
        return self.seconds

    @override
    def utcnow(self) -> datetime:
        return (self.began or dt_util.utcnow()) + timedelta(seconds=self.seconds - 1000.0)

    @override
    def wall(self) -> float:
        return time.time() + self.seconds - 1000.0


class OffsetClock(Clock):
    """A clock that is a number of seconds ahead of another one."""

    def __init__(self, clock: Clock, *, monotonic: float = 0.0, wall: float = 0.0) -> None:
        self.clock = clock
        self.ahead = monotonic
        self.wall_ahead = wall

    @override
    def monotonic(self) -> float:
        return self.clock.monotonic() + self.ahead

    @override
    def wall(self) -> float:
        return self.clock.wall() + self.wall_ahead


def walker_subentry(name: str = "Anna", **data: Any) -> dict[str, Any]:
    """Return the subentry of a walker as the flows make it; its ID is the name in lowercase."""
    return {
        "subentry_type": SUBENTRY_WALKER,
        "subentry_id": name.lower(),
        "title": name,
        "unique_id": None,
        "data": {CONF_PERSON: None, CONF_WEIGHT: 70.0, CONF_DAILY_GOAL: 5.0, CONF_DAYS: [*range(7)], **data},
    }


def make_entry(
    options: dict[str, Any] | None = None,
    walkers: Sequence[dict[str, Any]] = (),
    title: str = "Treadmill",
    **data: Any,
) -> MockConfigEntry:
    """Return an entry as the config flow makes it, with a passed check run but no walkers: most tests need none."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=ADDRESS.lower(),
        data={
            CONF_ADDRESS: ADDRESS,
            CONF_NAME: "Treadmill",
            CONF_VIRTUAL: False,
            CONF_CAPABILITIES: CAPABILITIES.as_dict(),
            CONF_INFO: INFO.as_dict(),
            CONF_CHECK: PASSED,
            **data,
        },
        options=CONTROL if options is None else options,
        subentries_data=walkers,
    )


async def open_settings(hass: HomeAssistant, entry_id: str) -> ConfigFlowResult:
    """Open the form of the settings, after the menu that is shown first if the belt may be moved."""
    result = await hass.config_entries.options.async_init(entry_id)
    if result["type"] is FlowResultType.MENU:
        result = await hass.config_entries.options.async_configure(result["flow_id"], {"next_step_id": "settings"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "settings")
    return result


class House:
    """Home Assistant for a test: entities by key, button presses with or without a person, and the treadmill itself."""

    def __init__(self, hass: HomeAssistant, peripheral: Peripheral, clock: Clock, user_id: str) -> None:
        hass.data[util.CLOCK] = clock
        self.hass = hass
        self.peripheral = peripheral
        self.treadmill = peripheral.treadmill
        self.faults = peripheral.faults
        self.clock = clock
        self.user_id = user_id
        self.entry: MockConfigEntry | None = None
        self.commands_read = 0
        self.detach: Callable[[], None] = lambda: None
        """Takes the treadmill's adapter away."""

    @property
    def coordinator(self) -> RetrowalkCoordinator:
        assert self.entry is not None
        coordinator: RetrowalkCoordinator = self.entry.runtime_data.coordinator
        return coordinator

    def forget(self) -> None:
        """Lose what Home Assistant has in its memory beside the entry, as when its process is killed."""
        self.hass.data.pop(KEPT_STOPS, None)

    async def set_up(self, entry: MockConfigEntry | None = None, *, connected: bool = True) -> None:
        self.entry = entry or make_entry()
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()
        if connected:
            await self.until(lambda: self.state("connection") == "connected")
            await self.time(1)

    async def set_up_for_experienced(self) -> None:
        """Set up with a selected walker who has walked backward before: no first-session limits (S4)."""
        await self.set_up(make_entry(walkers=[walker_subentry()]))
        await self.store_session("anna")
        self.coordinator.next_session.choose_walker("anna")
        await self.settle()

    async def store_session(self, walker: str | None, minutes: float = 5, **record: Any) -> SessionRecord:
        """Store a session as the coordinator does when a session has ended: today, also in a test after midnight."""
        length = timedelta(minutes=minutes)
        ended = record.pop("ended", max(dt_util.utcnow(), dt_util.as_utc(dt_util.start_of_local_day()) + length))
        stored = SessionRecord(
            **{
                "id": ulid_now(),
                "walker": walker,
                "direction": Direction.BACKWARD,
                "started": ended - length,
                "ended": ended,
                "moving_time": minutes * 60,
                "distance": minutes * 25,
                "calories": minutes * 4,
                "calories_net": minutes * 3,
                "weight": 70.0,
                **record,
            }
        )
        await self.coordinator.roster.async_add(stored)
        return stored

    async def settle(self) -> None:
        """Give the event loop turns until all inputs are handled."""
        await settle(self.hass)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is met; no time passes for the treadmill."""
        await until(condition)

    async def time(self, seconds: float, dt: float = 0.5) -> None:
        """Let time pass for the treadmill, the link and the session."""
        for _ in range(round(seconds / dt)):
            self.peripheral.step(dt)
            self.clock.seconds += dt
            await self.settle()
            if self.entry is not None and hasattr(self.entry, "runtime_data"):
                self.coordinator.runner.tick()
                self.coordinator.announcer.wake()  # its own timer runs in real time
                await self.settle()

    async def come_to_rest(self) -> None:
        """Bring the treadmill to rest at the end of a test, so that unloading does not have to wait."""
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

    def person(self, age: float = 0.0) -> Context:
        """Return the context of a signed-in person's action, now or a number of seconds ago."""
        return Context(user_id=self.user_id, id=ulid_at_time(self.clock.wall() - age))

    async def call(self, domain: str, service: str, key: str, *, by: Context | None = None, **data: Any) -> None:
        await self.hass.services.async_call(
            domain, service, {"entity_id": self.entity_id(key), **data}, blocking=True, context=by or Context()
        )
        await self.settle()

    async def press(self, key: str, *, by: Context | None = None) -> None:
        """Press a button, as a person unless `by` says otherwise; two presses at once would count as one."""
        if key in {"start", "resume"}:
            by = await self.a_moment_later(by)
        await self.call("button", "press", key, by=by or self.person())

    async def a_moment_later(self, by: Context | None) -> Context | None:
        """Let a moment pass before a confirmation, or it would be the same press (S2)."""
        if self.entry is None or self.entry.state is not ConfigEntryState.LOADED:
            return by
        wait = ONE_PRESS - (self.clock.seconds - self.coordinator.control._presses._arrived)
        if self.coordinator.session.state is not SessionState.READY or wait <= 0:
            return by
        await self.time(wait)
        return by and Context(by.user_id, by.parent_id, ulid_at_time(ulid_to_timestamp(by.id) / 1000 + wait))

    async def set_number(self, key: str, value: float, *, by: Context | None = None) -> None:
        await self.call("number", "set_value", key, by=by or self.person(), value=value)

    async def walk(self) -> None:
        """Start as a person does, and wait until the belt is steered at its minimum speed."""
        await self.press("start")
        await self.press("start")
        assert self.state("session_state") == "countdown"
        await self.time(15)
        await self.time(8)
        for _ in range(20):
            if self.state("session_state") == "warm_up":
                return
            # On a busy machine the start has not been answered yet.
            await let_others_run()
            await self.time(0.5)
        raise AssertionError(self.state("session_state"))

    def commands(self) -> list[bytes]:
        """Return the commands at the control point since the last call."""
        written = [data for _, uuid, data in self.peripheral.writes if uuid == ftms.CONTROL_POINT]
        new = written[self.commands_read :]
        self.commands_read = len(written)
        return new
