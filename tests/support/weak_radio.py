"""A radio that loses, doubles and tears what a machine of a maker's own protocol and its driver say to each other."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from custom_components.retrowalk.simulator.gatt import Peripheral


@dataclass(frozen=True, kw_only=True)
class Air:
    """What happens to a frame on its way: shares from 0 to 1, and delays from and to (s)."""

    told_lost: float = 0.0
    told_twice: float = 0.0
    told_in_halves: float = 0.0
    told_late: tuple[float, float] = (0.0, 0.0)
    written_lost: float = 0.0
    """Of what is written without an acknowledgment: nobody hears that it is gone."""
    written_twice: float = 0.0
    written_late: tuple[float, float] = (0.0, 0.0)


class WeakRadio:
    """The air between a virtual treadmill and its driver; good, until it is told otherwise."""

    def __init__(self, peripheral: Peripheral, seed: int) -> None:
        self.air = Air()
        self._peripheral = peripheral
        self._random = random.Random(seed)
        self._deliver, self._write = peripheral._deliver, peripheral.write
        peripheral._deliver = self._tell  # type: ignore[method-assign]
        peripheral.write = self._written  # type: ignore[method-assign]

    def _happens(self, share: float) -> bool:
        return self._random.random() < share

    def _tell(self, link: object, uuid: str, data: bytes) -> None:
        if self._happens(self.air.told_lost):
            return
        parts = [data]
        if len(data) > 1 and self._happens(self.air.told_in_halves):
            cut = self._random.randrange(1, len(data))
            parts = [data[:cut], data[cut:]][: self._random.randint(1, 2)]
        for part in parts * (2 if self._happens(self.air.told_twice) else 1):
            self._after(self._random.uniform(*self.air.told_late), lambda part=part: self._deliver(link, uuid, part))

    def _after(self, seconds: float, deliver: Callable[[], None]) -> None:
        if seconds:
            self._peripheral._clock.call_after(seconds, deliver)
        else:
            deliver()

    async def _written(self, handle: int, data: bytes, *, response: bool = True) -> None:
        self._peripheral.faults.write_delay = self._random.uniform(*self.air.written_late)
        if not response and self._happens(self.air.written_lost):
            return
        await self._write(handle, data, response=response)
        if not response and self._happens(self.air.written_twice):
            await self._write(handle, data, response=response)
