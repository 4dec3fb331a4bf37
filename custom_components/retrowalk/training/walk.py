"""The walk under way, measured: what becomes its record, and what a power cut must not lose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ..machine.model import BeltState, Telemetry
from .energy import EnergyMeter
from .limits import Direction
from .odometer import GAP, Counter, Odometer
from .record import Outcome, SessionRecord

SAME_WALK = 600.0
"""Seconds after which a belt that still moves is walked on by somebody else, for all we know (issue 3)."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """One walk as it is measured. `odometer` is the session's; what was before a restart is added to it."""

    id: str  # ULID
    started: datetime
    walker: str | None
    direction: Direction
    meter: EnergyMeter
    odometer: Odometer
    planned: float | None = None  # s
    planned_speed: float | None = None  # km/h
    planned_incline: float | None = None  # %
    program: str | None = None
    weight: float | None = None  # kg
    steered: bool = False  # by us, at some time
    estimated: bool = False
    max_speed: float = 0.0
    max_incline: float = 0.0
    before_time: float = 0.0
    before_distance: float = 0.0
    before_steps: int | None = None
    before_energy: int | None = None
    _energy: Counter = field(default_factory=Counter)
    _newest: Telemetry | None = None
    _counted_time: float = 0.0  # by the odometer, until the newest telemetry
    _counted_distance: float = 0.0

    @property
    def moving_time(self) -> float:
        """Seconds for which the belt moved."""
        return self.before_time + self.odometer.moving_time

    @property
    def distance(self) -> float:
        """Metres."""
        return self.before_distance + self.odometer.distance

    @property
    def steps(self) -> int | None:
        """Steps; None where the machine does not count them."""
        return _sum(self.before_steps, self.odometer.steps)

    @property
    def machine_energy(self) -> int | None:
        """Kilocalories that the machine counted in this walk; None where it does not count them."""
        return _sum(self.before_energy, self._energy.total)

    def feed(self, telemetry: Telemetry) -> None:
        """Take in telemetry, each newer than the one before, after the session fed it to the odometer."""
        newest, odometer = self._newest, self.odometer
        self.meter.feed(telemetry)
        if newest is not None and telemetry.received - newest.received > GAP:
            # What the meter drops, the odometer may have found in the machine's counters.
            seconds, metres = odometer.moving_time - self._counted_time, odometer.distance - self._counted_distance
            self._spend(seconds, metres, newest.incline)
        self._counted_time, self._counted_distance = odometer.moving_time, odometer.distance
        self._energy.feed(telemetry.energy)
        if telemetry.belt is BeltState.MOVING:
            self.max_speed = max(self.max_speed, telemetry.speed or 0.0)
            self.max_incline = max(self.max_incline, telemetry.incline or 0.0)
        self._newest = telemetry

    def record(self, ended: datetime, outcome: Outcome, stopped_by: str | None = None) -> SessionRecord:
        """What is kept of it; `stopped_by` is the session's reason for an end that was not the planned one."""
        return SessionRecord(
            id=self.id,
            walker=self.walker,
            direction=self.direction,
            started=self.started,
            ended=ended,
            moving_time=self.moving_time,
            distance=self.distance,
            calories=self.meter.gross_kcal,
            calories_net=max(self.meter.net_kcal, 0.0),
            machine_energy=self.machine_energy,
            steps=self.steps,
            max_speed=self.max_speed,
            max_incline=self.max_incline,
            planned=self.planned,
            planned_speed=self.planned_speed,
            planned_incline=self.planned_incline,
            program=self.program,
            outcome=outcome,
            stopped_by=stopped_by,
            estimated=self.estimated or self.odometer.estimated,
            weight=self.weight,
        )

    def as_journal(self, now: datetime) -> dict[str, Any]:
        """For writing down every few seconds."""
        return {
            "record": self.record(now, Outcome.INTERRUPTED).as_dict(),
            "steered": self.steered,
            "counted": _counted(self._newest) if self._newest else {},
        }

    @classmethod
    def resumed(
        cls, journal: Mapping[str, Any], telemetry: Telemetry, *, meter: EnergyMeter, odometer: Odometer
    ) -> Self:
        """The walk of a journal, heard of again: the gap is filled from the machine's counters, and marked.

        Raises KeyError, TypeError or ValueError for what is no journal.
        """
        kept = SessionRecord.from_dict(journal["record"])
        counted = journal["counted"]
        meter.gross_kcal, meter.net_kcal = kept.calories, kept.calories_net
        walk = cls(
            id=kept.id,
            started=kept.started,
            walker=kept.walker,
            direction=kept.direction,
            meter=meter,
            odometer=odometer,
            planned=kept.planned,
            planned_speed=kept.planned_speed,
            planned_incline=kept.planned_incline,
            program=kept.program,
            weight=kept.weight,
            steered=bool(journal["steered"]),
            estimated=kept.estimated,
            max_speed=kept.max_speed,
            max_incline=kept.max_incline,
            before_time=kept.moving_time,
            before_distance=kept.distance,
            before_steps=kept.steps,
            before_energy=kept.machine_energy,
        )
        walk.before_distance += walk._fill(counted, telemetry)
        return walk

    def _fill(self, counted: Mapping[str, float | None], telemetry: Telemetry) -> float:
        """Count the time of a gap in which nothing was heard; returns the metres walked in it."""
        seconds = _grown(counted.get("elapsed_time"), telemetry.elapsed_time)
        metres = _grown(counted.get("distance"), telemetry.distance)
        if seconds:
            self.estimated = True
            self.before_time += seconds
        self._spend(seconds, metres, counted.get("incline"))
        return metres

    def _spend(self, seconds: float, metres: float, incline: float | None) -> None:
        """Count the calories of a time of which only its length and distance are known."""
        if seconds > 0:
            self.meter.add(seconds, metres / seconds * 3.6, incline or 0.0)


def _counted(telemetry: Telemetry) -> dict[str, float | None]:
    return {
        "distance": telemetry.distance,
        "elapsed_time": telemetry.elapsed_time,
        "incline": telemetry.incline,
    }


def _sum(before: int | None, since: int | None) -> int | None:
    return None if before is None and since is None else (before or 0) + (since or 0)


def _grown(before: float | None, now: float | None) -> float:
    """By how much a counter grew; one that fell began anew and tells nothing."""
    return now - before if before is not None and now is not None and now > before else 0.0
