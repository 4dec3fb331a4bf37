"""Time that jumps and runs fast, in a real Home Assistant: so that a test can live through weeks.

    time_machine:

in its configuration.yaml adds the actions `jump` (seconds), `run` (times as fast), and `tell` (answers the
seconds since 1970). Its
event loop, its wall clock and its monotonic clock go on together, so that every timer comes due as in a real life.
It must be set up before whatever is to see its time; a browser keeps its own.
"""

import asyncio
import datetime as dt
import sys
import time
from math import inf
from typing import Any

import voluptuous as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time, ulid_now

DOMAIN = "time_machine"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)
_WHOSE = ("homeassistant.", "custom_components.")
_LONGEST = 0.5
"""The seconds that the event loop can lose at once while the time runs fast."""
_SECONDS = vol.Schema({vol.Required("seconds"): vol.All(vol.Coerce(float), vol.Range(min=0))})
_TIMES = vol.Schema({vol.Required("times"): vol.All(vol.Coerce(float), vol.Range(min=1, max=120))})


class Time:
    """The real time, and by how much and how many times as fast we went on since.

    While it runs fast, nothing that the event loop does takes longer than `_LONGEST`: a busy computer slows the time
    down, and does not look like a machine that is silent for seconds.
    """

    def __init__(self) -> None:
        """Begin with the real time."""
        self._monotonic = time.monotonic
        self._wall = time.time() - time.monotonic()
        self._times = 1.0
        self._begun = self._shown = self._monotonic()

    def _elapsed(self, most: float) -> float:
        elapsed = (self._monotonic() - self._begun) * self._times
        return elapsed if self._times == 1 else min(elapsed, most)

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return self._shown + self._elapsed(_LONGEST)

    def wall(self) -> float:
        """Return the seconds since 1970."""
        return self._wall + self.monotonic()

    def now(self, zone: dt.tzinfo | None = None) -> dt.datetime:
        """Return the time in a zone, by default in the house's."""
        return dt.datetime.fromtimestamp(self.wall(), zone or dt_util.get_default_time_zone())

    def utcnow(self) -> dt.datetime:
        """Return the time in UTC."""
        return self.now(dt.UTC)

    def go_on(self, *, seconds: float = 0.0, times: float | None = None) -> None:
        """Jump, or run as many times as fast from now on."""
        self._move_on(_LONGEST, seconds)
        self._times = times or self._times

    def _move_on(self, most: float, seconds: float = 0.0) -> None:
        self._shown += self._elapsed(most) + seconds
        self._begun = self._monotonic()

    def take_over(self, loop: Any) -> None:
        """Become the time of the event loop and of whoever asks the modules for theirs."""
        loop.time = self.monotonic
        select = loop._selector.select

        def wait(timeout: float | None = None) -> Any:
            self._move_on(_LONGEST)
            events = select(timeout and timeout / self._times)
            self._move_on(inf if timeout is None else max(timeout, 0) + _LONGEST)
            return events

        loop._selector.select = wait
        clocks = {
            id(ulid_now): lambda: ulid_at_time(self.wall()),  # the IDs of contexts, which tell when a press was made
            id(time.time): self.wall,
            id(time.monotonic): self.monotonic,
            id(dt_util.now): self.now,
            id(dt_util.utcnow): self.utcnow,
        }
        # Many modules keep a clock under a name of their own.
        for module in [module for name, module in sys.modules.items() if name.startswith(_WHOSE)]:
            for name, value in list(vars(module).items()):
                if id(value) in clocks:
                    setattr(module, name, clocks[id(value)])
        time.time, time.monotonic = self.wall, self.monotonic


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Take over the time."""
    machine = Time()
    machine.take_over(asyncio.get_running_loop())

    async def jump(call: ServiceCall) -> None:
        machine.go_on(seconds=call.data["seconds"])

    async def run(call: ServiceCall) -> None:
        machine.go_on(times=call.data["times"])

    async def tell(call: ServiceCall) -> ServiceResponse:
        return {"time": machine.wall()}

    hass.services.async_register(DOMAIN, "jump", jump, _SECONDS)
    hass.services.async_register(DOMAIN, "run", run, _TIMES)
    hass.services.async_register(DOMAIN, "tell", tell, supports_response=SupportsResponse.ONLY)
    return True
