"""One virtual treadmill that speaks a protocol of its maker, its driver, and the time of both."""

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS
from custom_components.retrowalk.machine.framed.driver import FramedDriver
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.protocols import PERIPHERALS
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once
from tests.support.loop_time import LoopTime

# The frame that stops, by the protocol's facts, and a name by which the machine is known to speak it.
STOPS = {
    "wilink": ("f7a20100a3fd", "WalkingPad"),
    "fitshow": ("0253035003", "FS-1A2B3C"),
    "pitpat": ("6a1700000000000001005000000000000dba9d76eff543", "PitPat-T01"),
    "efc": ("a1030105a6", "CITYSPORTS-LINKER"),
    "sperax": ("f50a0015000000d301fa", "SPERAX_P3MAX"),
}


class FramedBench:
    """The machine, and what its driver tells."""

    def __init__(self, key: str, profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
        self.treadmill = VirtualTreadmill(profile)
        self.peripheral = PERIPHERALS[key](self.treadmill, address=virtual_address(1), name=profile.name)
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.connection = VirtualConnection(self.peripheral, profile.name)
        self.listener = RecordingListener()
        protocol = next(protocol for protocol in PROTOCOLS if protocol.key == key)
        driver = protocol.driver(self.connection, self.listener, lambda: self.time.now, chosen={})
        assert isinstance(driver, FramedDriver)
        self.driver = driver
        self._written = 0

    async def open(self) -> None:
        await self.time.done(at_once(self.driver.open(stop_first=None)))

    async def does(self, command: Command) -> None:
        await self.time.done(at_once(self.driver.execute(command)))

    async def run(self) -> None:
        """Open the driver and let the belt run."""
        await self.open()
        await self.does(Command(CommandKind.START))
        await self.time.until(lambda: self.driver.telemetry.belt is BeltState.MOVING)
        await self.time.passes(3)
        self.written()

    def all_written(self) -> list[str]:
        """Return the frames since the last call, as hex."""
        new = [data.hex() for _, _, data in self.peripheral.writes[self._written :]]
        self._written = len(self.peripheral.writes)
        return new

    def written(self) -> list[str]:
        """Return the frames since the last call, as hex, without polls."""
        return [frame for frame in self.all_written() if frame != self.driver.poll.hex()]

    def hears(self, frame: str) -> bool:
        """Return whether the driver takes these bytes as a frame."""
        return self.driver.receive(bytes.fromhex(frame))

    def events(self) -> list[str]:
        return [event.kind.value for event in self.listener.events]
