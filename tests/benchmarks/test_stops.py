"""Benchmark of Stop: from the call of an action to the bytes, while others want the event loop or the link.

Each Stop is called in the very turn of the event loop in which the others are due, after them: the worst moment.
Asserted are order and number, and that no load delays a Stop by more than a ratio of one beside which nothing happens.
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Callable, Iterator
from statistics import median
from time import thread_time
from typing import Any, override

import pytest
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.errors import ErrorKey
from custom_components.retrowalk.machine.errors import MachineError
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.machine.model import Command, CommandKind
from tests.support.effort import FIGURES
from tests.support.house import ADDRESS, CONTROL, House, make_entry

EACH = 250 if FIGURES else 25
"""Stops beside each of four loads: a thousand where figures are wanted."""
QUEUED = 20
PER_SECOND = 100
STOP = b"\x08\x01"
SLOWER = {"saturated": 3.0, "hanging": 3.0, "automations": 10.0}
"""By which ratio the median beside a load may be above the one beside nothing: of a hundred automations only that is
waited for whose press was first, and no queue of the link."""
TURNS = 500

type Write = tuple[float, str, bytes]


class Stamped(list[Write]):
    """What was written, and when by the computing time of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    @override
    def append(self, write: Write) -> None:
        self.at.append(thread_time())
        super().append(write)

    @override
    def clear(self) -> None:
        self.at.clear()
        super().clear()


class Stops:
    """A treadmill that is walked on and stopped, again and again."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass
        self.writes = house.peripheral.writes = Stamped()
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    async def set_up(self) -> None:
        await self.house.set_up(make_entry({**CONTROL, "countdown_forward": 3}))
        await self.house.call("select", "select_option", "direction", option="forward")
        self.hass.loop.set_debug(False)  # as in production
        entry_id = self.house.coordinator.config_entry.entry_id
        device = dr.async_get(self.hass).async_get_device_by_identifier((DOMAIN, ADDRESS), entry_id)
        assert device is not None
        self.calls = [
            (DOMAIN, "stop", {"device_id": device.id}),
            ("button", "press", {"entity_id": self.house.entity_id("stop")}),
        ]
        gc.collect()
        gc.freeze()  # as Home Assistant does once it has started

    async def walk(self) -> None:
        """Start as a person does, until the belt moves and is steered."""
        house = self.house
        await house.call("select", "select_option", "direction", option="forward")
        for _ in range(2):
            await house.call("button", "press", "start", by=house.person())
            await house.time(3, dt=1.0)
        for _ in range(20):
            if house.treadmill.speed > 0 and house.coordinator.session.controls_belt:
                return
            await house.time(1, dt=1.0)
        raise AssertionError(house.state("session_state"))

    async def stop(self, number: int, before: Callable[[], object], after: Callable[[], object]) -> float:
        """Call Stop after what is due in the same turn of the loop and before something else; return its seconds."""
        domain, service, data = self.calls[number % len(self.calls)]
        services, by = self.hass.services, self.house.person()
        self.writes.clear()
        begun = thread_time()
        before()
        call = self.hass.async_create_task(
            services.async_call(domain, service, data, blocking=True, context=by), eager_start=False
        )
        after()
        turns = 0
        while not (at := [each for each, write in zip(self.writes.at, self.writes, strict=True) if is_command(write)]):
            assert (turns := turns + 1) < TURNS, "lost"
            await asyncio.sleep(0)
        await self.house.time(2, dt=1.0)  # the machine answers
        with contextlib.suppress(HomeAssistantError):
            await call
        if (error := call.exception()) is not None:  # the link is gone; its stop was kept, and came first on the next
            assert isinstance(error, HomeAssistantError)
            assert error.translation_key == ErrorKey.STOP_UNDELIVERED
        written = [data for _, uuid, data in self.writes if uuid == const.CONTROL_POINT]
        # Nothing came before it, nor after it; one who has no control on a new link asks for it, and stops again.
        assert written[0] == STOP
        assert set(written) <= {STOP, bytes([OpCode.REQUEST_CONTROL])}
        return at[0] - begun

    async def comes_to_rest(self) -> None:
        house = self.house
        house.faults.clear()
        await house.time(6, dt=1.0)
        assert house.treadmill.at_rest
        assert not house.coordinator.session.belt_may_move

    async def measure(
        self,
        *,
        prepare: Callable[[], None] = lambda: None,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> list[float]:
        """Return the seconds of each Stop, from the smallest."""
        taken = []
        for number in range(EACH):
            await self.walk()
            prepare()
            await self.house.settle()
            taken.append(await self.stop(number, before, after))
            await self.comes_to_rest()
        return sorted(taken)

    def queue_targets(self) -> None:
        """Ask for many targets at once, of which the machine answers none yet."""

        async def ask(speed: float) -> None:
            with contextlib.suppress(MachineError):
                await self.house.coordinator.link.execute(Command(CommandKind.SET_SPEED, speed))

        for number in range(QUEUED):
            self.hass.async_create_task(ask(1.0 + number / 10))

    async def set_up_automations(self) -> None:
        """Make a hundred automations, each of which presses something of the treadmill."""
        house, speed = self.house, self.house.entity_id("target_speed")
        deeds = [
            {"action": "number.set_value", "target": {"entity_id": speed}, "data": {"value": 1.0}},
            {"action": "number.set_value", "target": {"entity_id": speed}, "data": {"value": 0.8}},
            {"action": "button.press", "target": {"entity_id": house.entity_id("connect")}},
            {"action": "button.press", "target": {"entity_id": house.entity_id("start")}},
            {"action": f"{DOMAIN}.adjust", "data": {**self.calls[0][2], "speed_delta": -0.1}},
        ]
        automations = [
            {
                "alias": f"Presser {number}",
                "mode": "parallel",
                "triggers": {"trigger": "event", "event_type": f"press_{number}"},
                "actions": {**deeds[number % len(deeds)], "continue_on_error": True},
            }
            for number in range(PER_SECOND)
        ]
        assert await async_setup_component(self.hass, AUTOMATION, {AUTOMATION: automations})
        await house.settle()

    def press(self, *numbers: int) -> None:
        """Trigger automations."""
        for number in numbers:
            self.hass.bus.async_fire(f"press_{number % PER_SECOND}")


def is_command(write: Write) -> bool:
    return write[1] == const.CONTROL_POINT


@pytest.fixture
def stops(house: House) -> Iterator[Stops]:
    logging.disable(logging.CRITICAL)  # a test writes its log in the event loop
    yield Stops(house)
    logging.disable(logging.NOTSET)
    gc.unfreeze()


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
async def test_each_of_a_thousand_stops_goes_first(stops: Stops, figure: Callable[[str, float], None]) -> None:
    await stops.set_up()
    house, faults = stops.house, stops.house.faults
    numbers = iter(range(10**6))

    def answers_late() -> None:
        faults.indication_delay = 1.0
        stops.queue_targets()

    def hangs() -> None:
        faults.no_write_response_op = frozenset({OpCode.SET_TARGET_SPEED})
        stops.queue_targets()

    def presses() -> None:
        stops.press(next(numbers))

    def a_second_of_presses() -> None:
        for number in range(PER_SECOND - 2):
            stops.hass.loop.call_soon(stops.press, number)

    taken = {
        "alone": await stops.measure(),
        "saturated": await stops.measure(prepare=answers_late),
        "hanging": await stops.measure(prepare=hangs),
        "dropping": await stops.measure(prepare=stops.queue_targets, before=house.peripheral.drop_link),
    }
    await stops.set_up_automations()
    taken["automations"] = await stops.measure(prepare=a_second_of_presses, before=presses, after=presses)
    for load, seconds in taken.items():
        figure(f"stop_{load}_p50", median(seconds) * 1000)
        figure(f"stop_{load}_p99", seconds[round(len(seconds) * 0.99) - 1] * 1000)
    for load, ratio in SLOWER.items():
        assert median(taken[load]) < ratio * median(taken["alone"]), load
