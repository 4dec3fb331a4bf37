"""A house with one treadmill in virtual time, in which something fails while somebody walks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, override

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.const import CONF_ANNOUNCE, CONF_ANNOUNCER
from custom_components.retrowalk.training.history.record import SessionRecord
from tests.support.death import Death
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.reliability.oracle import Oracle
from tests.support.speakers import MessageLog, Messages, add_speakers
from tests.support.virtual_time import VirtualTime

DT = 0.2
"""Seconds between two looks at the belt."""
TARGET = 1.2
"""km/h that the walker chooses."""
BETWEEN = {"idle", "finished"}


class Ears(MessageLog):
    """Hears each announcement for the oracle."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.oracle: Oracle | None = None

    @override
    async def note(self, text: str, **details: Any) -> None:
        if self.oracle is not None:
            self.oracle.hear(text)
        await super().note(text, **details)


class World:
    """One walker, one treadmill, one Home Assistant, and the oracle that looks at all of it."""

    def __init__(self, house: House, disk: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.monkeypatch = monkeypatch
        self.time = VirtualTime(house, monkeypatch, real=False)
        self.death = Death(house, disk, monkeypatch)
        self.ears = Ears(house.clock)
        self.oracle = Oracle(house.peripheral, house.clock)
        self.refused: list[tuple[float, str]] = []
        """What was asked for and refused, with the words that the person read."""

    @property
    def state(self) -> str:
        try:
            return self.house.state("session_state")
        except KeyError, AssertionError:
            return "not there"

    async def set_up(self) -> None:
        """Set up the treadmill of somebody who has walked backward before."""
        house = self.house
        await add_speakers(house.hass, notify=Messages(self.ears))
        await house.set_up(
            make_entry({**CONTROL, CONF_ANNOUNCE: "entity", CONF_ANNOUNCER: "notify.anna"}, walkers=[walker_subentry()])
        )
        await house.store_session("anna")
        house.coordinator.next_session.choose_walker("anna")
        self.ears.oracle = self.oracle
        await self.passes(1)

    # Time

    async def passes(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, at most until something is so; return whether it is."""
        for _ in range(round(seconds / DT)):
            if until():
                return True
            self.house.peripheral.step(DT)
            self.house.clock.seconds = round(self.house.clock.seconds + DT, 3)
            await self.house.settle()
            self.oracle.look()
        return until()

    async def done(self, work: Coroutine[Any, Any, Any], within: float = 40.0) -> None:
        """Let time pass until something is done; what is refused is told to the person who asked for it."""
        task = asyncio.ensure_future(work)
        await self.house.settle()
        self.oracle.look()
        await self.passes(within, task.done)
        assert task.done(), "never done\n" + "\n".join(self.oracle.log[-40:])
        refused = task.exception()
        if refused is None:
            return
        assert isinstance(refused, HomeAssistantError), refused
        assert refused.translation_key, refused
        self.refused.append((self.oracle.now, str(refused)))
        self.oracle.note(f"refused {refused}")

    # People

    async def press(self, key: str) -> None:
        await self.done(self.house.call("button", "press", key, by=self.house.person()))

    async def confirm(self, key: str = "start") -> None:
        """Press Start or Resume, and again to confirm."""
        if self.state != "ready":
            await self.press(key)
            await self.passes(3)
        if self.state == "ready":
            self.oracle.confirmed()
            await self.press(key)

    async def choose(self, kmh: float) -> None:
        self.oracle.chosen()
        self.oracle.asked = kmh
        self.oracle.note(f"ACT speed {kmh}")
        call = self.house.call("number", "set_value", "target_speed", by=self.house.person(), value=kmh)
        await self.done(call)

    async def stop(self) -> None:
        self.oracle.stop_pressed()
        await self.press("stop")

    async def wait(self, state: str, within: float) -> None:
        assert await self.passes(within, lambda: self.state == state), "\n".join(
            [f"{self.state}, not {state}", *self.oracle.log[-40:]]
        )

    # The end

    @property
    def over(self) -> bool:
        return self.house.treadmill.at_rest and self.state in BETWEEN

    def records(self) -> list[SessionRecord]:
        """Return what was saved, without the session that makes Anna experienced."""
        return list(self.house.coordinator.roster.history)[1:]
