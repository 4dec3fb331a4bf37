"""Home Assistant is killed, and another one starts from the data on disk at that moment."""

from copy import deepcopy
from typing import Any

import pytest

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from tests.support.house import House


class Death:
    """Kills the house's Home Assistant, and starts another one from the data on disk."""

    def __init__(self, house: House, disk: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.events: list[tuple[float, SessionEvent]] = []
        self._disk = disk
        self._monkeypatch = monkeypatch

    async def kill(self, *, down: float = 30.0) -> None:
        """Cut the power for `down` s, without any wind-down."""
        house, disk = self.house, self._disk
        await house.settle()
        kept = deepcopy({key: value for key, value in disk.items() if key.startswith(DOMAIN)})
        dying = house.coordinator

        async def die() -> None:
            dying.runner.leaving = True
            dying.runner.set_ticking(on=False)
            await dying.link.close()

        self._monkeypatch.setattr(dying, "async_leave", die)
        house.commands()
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
        await house.settle()
        assert house.commands() == []
        house.forget()
        for key in [key for key in disk if key.startswith(DOMAIN)]:
            del disk[key]
        disk |= kept
        house.peripheral.step(down)
        house.clock.seconds += down

    async def start_again(self, *, connected: bool = True) -> None:
        house = self.house
        assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        house.coordinator.events.add(lambda event: self.events.append((house.clock(), event)))
        began = house.clock()
        house.peripheral.step(0.1)
        if connected:
            await house.until(lambda: house.state("connection") == "connected")
        self.began = began

    def no_coach(self) -> list[float]:
        """Return when the walker was notified of a session without coaching, in s after the start."""
        kind = SessionEventKind.MANUAL
        return [
            when - self.began
            for when, event in self.events
            if event.kind is kind and event.data.get("reason") == "no_coach"
        ]
