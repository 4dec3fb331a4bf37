"""What a machine's numbers really mean, and the one place where they are converted (S9).

A machine may take miles, report miles, or both, whatever its protocol says. Above `CalibratedDriver` everything is true
(km/h, meters), below it everything is as the machine has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR
from enum import StrEnum
from typing import Any, Self, override

from .driver import Driver, Listener
from .incline import InclineDoubt, InclineScale
from .model import (
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    MachineUnits,
    Telemetry,
    Unit,
    ValueRange,
)

_SAME = 0.03
"""km/h by which a repeated target may differ from the one that was commanded."""
_SENT_DECIMALS = 4
_TRUE_DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
class Calibration(MachineUnits):
    """How a machine's numbers become true ones."""

    incline: InclineScale = field(default_factory=InclineScale)
    """What its inclines mean: as the owner says, and not part of what a check run found out."""

    @property
    def units(self) -> MachineUnits:
        """Its units alone."""
        return MachineUnits(takes=self.takes, tells=self.tells, counts=self.counts)

    def with_units(self, units: MachineUnits) -> Self:
        """Return it with other units."""
        return replace(self, takes=units.takes, tells=units.tells, counts=units.counts)

    def as_dict(self) -> dict[str, Any]:
        """Return the form that is stored as JSON."""
        return {name: getattr(self, name).value for name in _UNITS}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; unknown keys are left out. Raises ValueError for an unknown unit."""
        takes, tells, counts = (Unit(data.get(name, Unit.KILOMETERS)) for name in _UNITS)
        return cls(takes=takes, tells=tells, counts=counts)

    # Up: from the machine

    def capabilities(self, stated: Capabilities) -> Capabilities:
        """Return what the machine can do in true numbers, from what it states."""
        stated = replace(
            stated,
            incline_range=self.incline.range(stated.incline_range),
            reports_incline=stated.reports_incline and not self.incline.ignored,
        )
        speeds, factor = stated.speed_range, self.takes.factor
        if speeds is None or factor == 1.0:
            return stated
        return replace(stated, speed_range=speeds.times(factor))

    def telemetry(self, reported: Telemetry) -> Telemetry:
        """Return what the machine reports in true numbers."""
        if self.tells is Unit.KILOMETERS and self.counts is Unit.KILOMETERS:
            return reported
        speed, distance = reported.speed, reported.distance
        if speed is not None and self.tells is not Unit.KILOMETERS:
            speed = round(speed * self.tells.factor, _TRUE_DECIMALS)
        if distance is not None:
            distance = round(distance * self.counts.factor)
        return reported._replace(speed=speed, distance=distance)

    def event(self, reported: MachineEvent, commanded: float | None = None) -> MachineEvent:
        """Return an event of the machine in true numbers.

        A target is in the unit of targets, unless only that of its reports makes it the speed (km/h) that was
        commanded last: some machines repeat a command like that.
        """
        if reported.kind is MachineEventKind.INCLINE_CHANGED and reported.value is not None:
            return replace(reported, value=self.incline.true_target(reported.value))
        if reported.kind is not MachineEventKind.SPEED_CHANGED or reported.value is None:
            return reported
        readings = [round(reported.value * unit.factor, _TRUE_DECIMALS) for unit in (self.takes, self.tells)]
        repeats = (kmh for kmh in readings if commanded is not None and abs(kmh - commanded) <= _SAME)
        return replace(reported, value=next(repeats, readings[0]))

    # Down: to the machine

    def command(self, command: Command, stated: Capabilities) -> Command:
        """Return a command in the machine's numbers, a target rounded down to a step of its own (S4)."""
        value = command.value
        if value is None:
            return command
        if command.kind is CommandKind.START and self.tells is not Unit.KILOMETERS:
            return replace(command, value=round(value / self.tells.factor, _SENT_DECIMALS))
        if command.kind is CommandKind.SET_INCLINE:
            return replace(command, value=self.incline.sent(value, stated.incline_range))
        if command.kind is not CommandKind.SET_SPEED or self.takes is Unit.KILOMETERS:
            return command
        speeds = stated.speed_range or ValueRange(0.0, value, 10.0**-_SENT_DECIMALS)
        # Only binary noise is rounded away: half a step more would be above the limit.
        sent = speeds.snap(round(value / self.takes.factor, _TRUE_DECIMALS), rounding=ROUND_FLOOR)
        return replace(command, value=sent)


_UNITS = ("takes", "tells", "counts")


class StatedUnits(StrEnum):
    """What the owner says of a machine's units."""

    FOUND_OUT = "found_out"  # nothing: the check run finds them out
    KILOMETERS = "kilometers"
    TAKES_MILES = "takes_miles"  # and reports km/h
    REPORTS_MILES = "reports_miles"  # and takes km/h; its distance is true
    MILES = "miles"  # takes and reports them; its distance is true
    MILES_THROUGHOUT = "miles_throughout"  # its distance, too

    @property
    def calibration(self) -> Calibration | None:
        """What that means; None where it has to be found out."""
        return _STATED.get(self)


_STATED: Mapping[StatedUnits, Calibration] = {
    StatedUnits.KILOMETERS: Calibration(),
    StatedUnits.TAKES_MILES: Calibration(takes=Unit.MILES),
    StatedUnits.REPORTS_MILES: Calibration(tells=Unit.MILES),
    StatedUnits.MILES: Calibration(takes=Unit.MILES, tells=Unit.MILES),
    StatedUnits.MILES_THROUGHOUT: Calibration(takes=Unit.MILES, tells=Unit.MILES, counts=Unit.MILES),
}


class CalibratedDriver(Driver, Listener):
    """Any driver, with true numbers above it."""

    def __init__(
        self,
        open_driver: Callable[[Listener], Driver],
        listener: Listener,
        calibration: Callable[[], Calibration],
        closed: Callable[[], None] = lambda: None,
        doubt: InclineDoubt | None = None,
    ) -> None:
        """`open_driver` makes the driver of the machine; `calibration` may change while the belt rests.

        `closed` is called when the connection is gone. `doubt` outlasts the link: a machine that told impossible
        inclines is not believed on the next one either.
        """
        self._doubt = doubt or InclineDoubt()
        self._closed = closed
        self._listener = listener
        self._calibration = calibration
        self._commanded: float | None = None  # km/h
        self._driver = open_driver(self)
        self._stated: tuple[Capabilities, Calibration] | None = None  # what the capabilities were made of
        self._take_over()
        self.telemetry = self._true(self._driver.telemetry)

    @property
    @override
    def stated(self) -> Capabilities:
        return self._driver.stated

    @override
    async def open(self, *, stop_first: Command | None) -> None:
        await self._driver.open(stop_first=None if stop_first is None else self._down(stop_first))
        self._take_over()
        self.telemetry = self._true(self._driver.telemetry)

    @override
    async def execute(self, command: Command) -> None:
        if command.kind is CommandKind.SET_SPEED:
            self._commanded = command.value
        await self._driver.execute(self._down(command))

    @override
    def close(self) -> None:
        self._driver.close()
        self._closed()

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self._take_over()
        self.telemetry = self._true(telemetry)
        self._listener.on_telemetry(self.telemetry)

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        calibration = self._calibration()
        if event.kind is not MachineEventKind.INCLINE_CHANGED or not calibration.incline.ignored:
            self._listener.on_machine_event(calibration.event(event, self._commanded))

    def _true(self, reported: Telemetry) -> Telemetry:
        calibration = self._calibration()
        telemetry = calibration.telemetry(reported)
        return self._doubt.judge(telemetry, self.capabilities.incline_range, calibration.incline)

    def _down(self, command: Command) -> Command:
        return self._calibration().command(command, self._driver.stated)

    def _take_over(self) -> None:
        """Take over what the driver knows by now."""
        driver, calibration = self._driver, self._calibration()
        self.quirks, self.poll = driver.quirks, driver.poll
        self.info = driver.info
        self.stop_accepted = driver.stop_accepted
        self.control_wants_pairing = driver.control_wants_pairing
        stated = driver.stated
        if self._stated is None or self._stated[0] is not stated or self._stated[1] is not calibration:
            self._stated = stated, calibration
            self.capabilities = calibration.capabilities(stated)
