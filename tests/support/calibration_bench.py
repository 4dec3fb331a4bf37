"""A calibrated driver above a raw one, without a machine."""

from typing import override

from custom_components.retrowalk.machine.calibration import CalibratedDriver, Calibration
from custom_components.retrowalk.machine.driver import Driver, Listener
from custom_components.retrowalk.machine.model import (
    Capabilities,
    Command,
    MachineEvent,
    MachineInfo,
    Telemetry,
    ValueRange,
)

STATED = Capabilities(speed_range=ValueRange(0.5, 12.0, 0.1), can_start_and_stop=True)


class RawDriver(Driver):
    """A driver that keeps what it is sent."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.info = MachineInfo()
        self.capabilities = Capabilities()
        self.telemetry = Telemetry()
        self.sent: list[Command] = []
        self.closed = False

    @override
    async def open(self, *, stop_first: Command | None) -> None:
        self.capabilities = STATED
        self.info = MachineInfo(model="Odd")
        if stop_first is not None:
            self.sent.append(stop_first)
            self.stop_accepted = True

    @override
    async def execute(self, command: Command) -> None:
        self.sent.append(command)

    @override
    def close(self) -> None:
        self.closed = True


class Ear(Listener):
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Telemetry] = []
        self.events: list[MachineEvent] = []

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self.heard.append(telemetry)

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.events.append(event)


class CalibrationBench:
    """A calibrated driver, the raw one below it and the listener above."""

    def __init__(self, calibration: Calibration) -> None:
        self.ear = Ear()
        self.raw: RawDriver | None = None
        self.calibration = calibration
        self.driver = CalibratedDriver(self._open, self.ear, lambda: self.calibration)

    def _open(self, listener: Listener) -> Driver:
        self.raw = RawDriver(listener)
        return self.raw

    @property
    def below(self) -> RawDriver:
        assert self.raw is not None
        return self.raw
