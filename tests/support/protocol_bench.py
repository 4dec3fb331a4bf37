"""One driver of a framed protocol on a virtual treadmill that speaks it, in the loop's virtual time."""

import pytest

from custom_components.retrowalk.machine.framed.driver import FramedDriver
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.framed import FramedPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once
from tests.support.loop_time import LoopTime

START = Command(CommandKind.START)
STOP = Command(CommandKind.STOP)


def speed(kmh: float) -> Command:
    return Command(CommandKind.SET_SPEED, kmh)


def incline(percent: float) -> Command:
    return Command(CommandKind.SET_INCLINE, percent)


class ProtocolBench[P: FramedPeripheral]:
    """A machine and its driver."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        driver: type[FramedDriver],
        peripheral: type[P],
        profile: Profile,
        name: str = "Treadmill",
    ) -> None:
        self.peripheral = peripheral(VirtualTreadmill(profile), address=virtual_address(1), name=name)
        self.treadmill = self.peripheral.treadmill
        self.connection = VirtualConnection(self.peripheral, name)
        self.listener = RecordingListener()
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.driver = driver(self.connection, self.listener, lambda: self.time.now)
        self._written = 0

    async def open(self) -> None:
        await self.time.done(at_once(self.driver.open(stop_first=None)))

    async def does(self, command: Command) -> None:
        await self.time.done(at_once(self.driver.execute(command)))

    async def run(self) -> None:
        await self.open()
        await self.does(START)
        await self.time.until(lambda: self.driver.telemetry.belt is BeltState.MOVING)
        self.written()

    def reports(self, frame: str) -> None:
        """Let the machine report a frame, and nothing of its own."""
        self.driver._receive(bytes.fromhex(frame))

    def written(self) -> list[str]:
        """Return the frames since the last call, as hex, without polls."""
        new = [data.hex() for _, _, data in self.peripheral.writes[self._written :] if data != self.driver.poll]
        self._written = len(self.peripheral.writes)
        return new

    def events(self) -> list[tuple[str, float | None]]:
        return [(event.kind.value, event.value) for event in self.listener.events]
