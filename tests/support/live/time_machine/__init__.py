"""Time that jumps and runs fast, in a real Home Assistant: so that a test can live through weeks.

    time_machine:

in its configuration.yaml adds the actions `jump` (seconds), `run` (times as fast), `pass` (seconds, times as fast:
answers once they have passed, and the time runs as always again), and `tell` (answers the seconds since 1970). Its
event loop, its wall clock and its monotonic clock go on together, so that every timer comes due as in a real life.
It must be set up before whatever is to see its time; a browser keeps its own. It goes on after a restart.
"""

import asyncio
import datetime as dt
import sys
import time
from math import inf
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time, ulid_now
from jwt import PyJWT

DOMAIN = "time_machine"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)
_WHOSE = ("homeassistant.", "custom_components.")
_LONGEST = 0.5
"""The seconds that the event loop can lose at once while the time runs fast."""
_SECONDS = vol.Schema({vol.Required("seconds"): vol.All(vol.Coerce(float), vol.Range(min=0))})
_TIMES = vol.Schema({vol.Required("times"): vol.All(vol.Coerce(float), vol.Range(min=1, max=120))})
_BOTH = _SECONDS.extend(_TIMES.schema)


class Time:
    """The real time, and by how much and how many times as fast we went on since.

    While it runs fast, nothing that the event loop does takes longer than `_LONGEST`: a busy computer slows the time
    down, and does not look like a machine that is silent for seconds.
    """

    def __init__(self, ahead: float) -> None:
        """Begin some seconds ahead of the real time."""
        self._monotonic = time.monotonic
        self._real = time.time
        self._wall = time.time() - time.monotonic() + ahead
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

    @property
    def ahead(self) -> float:
        """Return by how many seconds it is later than in real time."""
        return self.wall() - self._real()

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
        # Many modules keep a clock under a name of their own. Others are imported meanwhile, in threads.
        for module in [module for name, module in list(sys.modules.items()) if name.startswith(_WHOSE)]:
            for name, value in list(vars(module).items()):
                if id(value) in clocks:
                    setattr(module, name, clocks[id(value)])
        time.time, time.monotonic = self.wall, self.monotonic
        # Tokens and signed addresses are given in this time and expire in the real one, where they are from the future.
        vars(PyJWT)["_validate_iat"]  # there is such a check
        PyJWT._validate_iat = lambda *_args, **_options: None


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Take over the time."""
    kept = Path(hass.config.path(f".{DOMAIN}"))
    ahead = await hass.async_add_executor_job(lambda: float(kept.read_text()) if kept.exists() else 0.0)
    machine = Time(ahead)
    machine.take_over(asyncio.get_running_loop())

    async def go_on(*, seconds: float = 0.0, times: float | None = None) -> None:
        machine.go_on(seconds=seconds, times=times)
        await hass.async_add_executor_job(kept.write_text, str(machine.ahead))

    async def jump(call: ServiceCall) -> None:
        await go_on(seconds=call.data["seconds"])

    async def run(call: ServiceCall) -> None:
        await go_on(times=call.data["times"])

    async def let_pass(call: ServiceCall) -> None:
        machine.go_on(times=call.data["times"])
        await asyncio.sleep(call.data["seconds"])
        machine.go_on(times=1)
        await go_on()

    async def tell(call: ServiceCall) -> ServiceResponse:
        return {"time": machine.wall()}

    hass.services.async_register(DOMAIN, "jump", jump, _SECONDS)
    hass.services.async_register(DOMAIN, "run", run, _TIMES)
    hass.services.async_register(DOMAIN, "pass", let_pass, _BOTH)
    hass.services.async_register(DOMAIN, "tell", tell, supports_response=SupportsResponse.ONLY)
    return True
