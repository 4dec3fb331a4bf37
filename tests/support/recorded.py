"""Virtual time for the treadmill and the wall clock, with statistics compiled when they are due."""

import random
from datetime import datetime, timedelta

from freezegun.api import TickingDateTimeFactory
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.simulator import frames
from tests.support.house import House

FRAME = 0.5
"""Seconds between two frames of the machine."""
PERIOD = timedelta(minutes=5)
"""The interval of Home Assistant's short-term statistics."""


class RecordedTime:
    """Virtual time for a machine that sends two frames a second and whose values may be noisy."""

    def __init__(self, house: House, wall: TickingDateTimeFactory, trembles: float = 0.0) -> None:
        """Initialize the time; `trembles` is the largest error of the values (km/h, and % for the deck)."""
        self.house = house
        self._wall = wall
        self._trembles = trembles
        self._random = random.Random(3)

    async def time(self, seconds: float) -> None:
        """Let time pass; statistics are compiled every five minutes."""
        house = self.house
        treadmill = house.treadmill
        for _ in range(round(seconds / FRAME)):
            most = 0.0 if treadmill.at_rest else self._trembles
            house.faults.overshoot = self._random.uniform(-most, most)
            treadmill.target_incline = self._random.uniform(0.0, most)
            begun = _period(dt_util.utcnow())
            self._wall.tick(FRAME)
            await house.time(FRAME, FRAME)
            if not house.clock.seconds.is_integer():
                # The virtual treadmill itself sends a frame every full second.
                for frame in frames.treadmill_data(treadmill, house.faults):
                    house.peripheral.notify(ftms.TREADMILL_DATA, frame)
                await house.settle()
            if _period(dt_util.utcnow()) != begun:
                await self._compile(begun)

    async def until(self, state: str, patience: float) -> None:
        """Let time pass until the session is in a state."""
        for _ in range(round(patience)):
            if self.house.state("session_state") == state:
                return
            await self.time(1)
        raise AssertionError(f"{self.house.state('session_state')} instead of {state}")

    async def skip(self, until: datetime) -> None:
        """Advance the wall clock while nothing happens, and compile the statistics that are due."""
        while (begun := _period(dt_util.utcnow())) < _period(until):
            self._wall.move_to(begun + PERIOD)
            await self._compile(begun)
        self._wall.move_to(until)

    async def _compile(self, begun: datetime) -> None:
        do_adhoc_statistics(self.house.hass, start=begun)
        await async_wait_recording_done(self.house.hass)


def _period(time: datetime) -> datetime:
    return time.replace(minute=time.minute - time.minute % 5, second=0, microsecond=0)
