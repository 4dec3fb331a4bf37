"""The session under way, measured: what becomes its record, and what a power cut must not lose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import hypot
from typing import Any, Self

from ...machine.model import BeltState, Telemetry
from ..belt.odometer import GAP, Counter, Odometer, Trail, gap_goes_on
from ..belt.unit_detector import Scale
from ..limits import Direction
from ..states import STEERING, SessionState
from .energy import EnergyMeter
from .record import Outcome, SessionRecord
from .record_fields import grown, is_number
from .step_count import StepCount
from .walked_curve import WalkedCurve

_UNHEARD = 60.0
"""Seconds before a restart for which a machine may not have been heard."""
SAME_SESSION = 600.0
"""Seconds after which a belt that still moves counts as used by somebody else."""


@dataclass(slots=True, kw_only=True)
class SessionMeter:
    """One session as it is measured. `odometer` counts since the last restart, and the rest is added."""

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
    discomfort_before: int | None = None  # of the knee, 0-10
    steered: bool = False  # by us, at some time
    steered_time: float = 0.0  # s
    estimated: bool = False
    max_speed: float = 0.0
    max_incline: float = 0.0
    elevation_gain: float | None = None  # m; None where no incline is reported
    incline_doubted: bool = False
    before_time: float = 0.0
    before_distance: float = 0.0
    before_steps: int | None = None
    before_energy: int | None = None
    sensed: StepCount = field(default_factory=StepCount)  # the walker's own step sensor
    walked: WalkedCurve = field(default_factory=WalkedCurve)
    _energy: Counter = field(default_factory=Counter)
    _trail: Trail = field(default_factory=Trail)
    _newest: Telemetry | None = None
    _counted_time: float = 0.0  # by the odometer, until the newest telemetry
    _counted_distance: float = 0.0
    _seen_until: float = 0.0  # s of moving, when `coached` was last called
    _ours: bool = False  # we steered the belt, up to its stop if it was stopped

    @property
    def moving_time(self) -> float:
        """Seconds for which the belt moved."""
        return self.before_time + self.odometer.moving_time

    @property
    def distance(self) -> float:
        """Meters."""
        return self.before_distance + self.odometer.distance

    @property
    def calories(self) -> float:
        """Kilocalories, gross."""
        return self.meter.gross_kcal

    @property
    def steps(self) -> int | None:
        """Steps as the machine counts them, or else the walker's own sensor; None where neither does."""
        counted = self.odometer.steps
        return _sum(self.before_steps, counted if counted or self.sensed.total is None else self.sensed.total)

    @property
    def newest(self) -> Telemetry | None:
        """The newest telemetry, with the speed in km/h."""
        return self._newest

    @property
    def machine_energy(self) -> int | None:
        """Kilocalories that the machine counted in this session; None where it does not count them."""
        return _sum(self.before_energy, self._energy.total)

    def update(self, telemetry: Telemetry) -> None:
        """Take in telemetry, each newer than the one before, after the odometer has taken it in."""
        newest, odometer = self._newest, self.odometer
        if newest is not None and gap_goes_on(newest, telemetry):
            return
        if odometer.speed_scale is not Scale.SAME and telemetry.speed is not None:
            telemetry = telemetry._replace(speed=telemetry.speed * odometer.speed_scale.factor)
        self.meter.update(telemetry)
        if newest is not None and telemetry.received - newest.received > GAP:
            # The meter leaves a gap out; the odometer may have filled it from the machine's counters.
            seconds, meters = odometer.moving_time - self._counted_time, odometer.distance - self._counted_distance
            self._spend(seconds, meters, newest.trusted_incline)
        elif newest is not None and newest.belt is not BeltState.MOVING:
            # It only seemed to rest: the odometer has counted that.
            seconds = odometer.moving_time - self._counted_time
            self.meter.add(seconds, telemetry.speed or 0.0, telemetry.trusted_incline or 0.0)
        if telemetry.uncounted_since is None:
            self._trail.add(telemetry.received, self.meter.gross_kcal, self.meter.net_kcal)
        elif (counted := self._trail.at(telemetry.uncounted_since)) is not None:
            self.meter.gross_kcal, self.meter.net_kcal = counted
        if newest is not None:
            self._climb(odometer.distance - self._counted_distance, newest.trusted_incline)
        self._counted_time, self._counted_distance = odometer.moving_time, odometer.distance
        self._energy.update(telemetry.energy, telemetry.received)
        if telemetry.belt is BeltState.MOVING:
            self.max_speed = max(self.max_speed, telemetry.speed or 0.0)
            self.max_incline = max(self.max_incline, telemetry.trusted_incline or 0.0)
            self.incline_doubted = self.incline_doubted or telemetry.incline_doubted
        self._newest = telemetry
        self.walked.add(self.moving_time, telemetry.speed, telemetry.trusted_incline)

    def on_state(self, state: SessionState) -> None:
        """Take in the state of the session, to tell what we steer from what the console, or nobody, does (S4).

        The way from our stop to rest belongs to what was steered; a gap without reports does not.
        """
        passed, self._seen_until = self.moving_time - self._seen_until, self.moving_time
        self._ours = state in STEERING or (self._ours and state is SessionState.STOPPING)
        self.steered = self.steered or self._ours
        if self._ours and passed <= GAP:
            self.steered_time += passed

    def record(self, ended: datetime, outcome: Outcome, stopped_by: str | None = None) -> SessionRecord:
        """Return the record; `stopped_by` is the reason for an end that was not the planned one."""
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
            elevation_gain=self.elevation_gain,
            incline_doubted=self.incline_doubted,
            planned=self.planned,
            planned_speed=self.planned_speed,
            planned_incline=self.planned_incline,
            program=self.program,
            outcome=outcome,
            stopped_by=stopped_by,
            estimated=self.estimated or self.odometer.estimated,
            weight=self.weight,
            discomfort_before=self.discomfort_before,
            steered_backward=self.steered_time if self.direction is Direction.BACKWARD else 0.0,
            steered_walker=self.walker,
        )

    def as_journal(self, now: datetime) -> dict[str, Any]:
        """Return the form that is saved every few seconds."""
        return {
            "record": self.record(now, Outcome.INTERRUPTED).as_dict(),
            "steered": self.steered,
            "counted": _counted(self._newest) if self._newest else {},
        }

    @classmethod
    def resumed(
        cls,
        journal: Mapping[str, Any],
        telemetry: Telemetry | None,
        *,
        meter: EnergyMeter,
        odometer: Odometer,
    ) -> Self:
        """Return the session of a journal, whose belt reports again (see `bridge`), or not yet.

        Raises KeyError, TypeError or ValueError for what is no journal.
        """
        kept = SessionRecord.from_dict(journal["record"])
        meter.gross_kcal, meter.net_kcal = kept.calories, kept.calories_net
        session = cls(
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
            discomfort_before=kept.discomfort_before,
            steered=bool(journal["steered"]),
            steered_time=kept.steered_backward or 0.0,
            estimated=kept.estimated,
            max_speed=kept.max_speed,
            max_incline=kept.max_incline,
            elevation_gain=kept.elevation_gain,
            incline_doubted=kept.incline_doubted,
            before_time=kept.moving_time,
            before_distance=kept.distance,
            before_steps=None if kept.steps is None else int(kept.steps),
            before_energy=None if kept.machine_energy is None else int(kept.machine_energy),
        )
        if telemetry is not None:
            session.bridge(journal["counted"], telemetry)
        session._seen_until = session.moving_time
        return session

    def bridge(
        self,
        counted: Mapping[str, Any],
        telemetry: Telemetry,
        *,
        anew: float | None = None,
        away: float = float("inf"),
    ) -> None:
        """Fill a restart of `away` s from the machine's counters, and mark it as estimated.

        What was reported since is already counted. `anew`: the counters were about to begin anew (see `grown`).
        """
        heard = self.odometer.moving_time
        ran, most = grown(counted.get("elapsed_time"), telemetry.elapsed_time, anew), away or SAME_SESSION
        # A machine may not have been heard for a while before, too; a clock that jumped says much more than that.
        seconds = (ran if ran <= most + _UNHEARD else most) - heard
        meters = grown(counted.get("distance"), telemetry.distance, anew) - self.odometer.distance
        if telemetry.elapsed_time is None and meters > 0 and telemetry.speed:
            seconds = min(meters / (telemetry.speed / 3.6), away)  # it counts meters only
        elif telemetry.distance is None:
            # It counts seconds only; the slower of the speeds on both sides is what was surely walked.
            speeds = [speed for speed in (counted.get("speed"), telemetry.speed) if is_number(speed) and speed > 0]
            meters = max(seconds, 0.0) * min(speeds, default=0.0) / 3.6
        if seconds > 0:
            self.estimated = True
            self.before_time += seconds
        self.before_distance += max(meters, 0.0)
        incline = counted["incline"] if is_number(counted.get("incline")) else None
        self._spend(seconds, max(meters, 0.0), incline)
        self._climb(meters, incline)
        self._seen_until = self.moving_time

    def _spend(self, seconds: float, meters: float, incline: float | None) -> None:
        """Add the calories of a time of which only length and distance are known."""
        if seconds > 0:
            self.meter.add(seconds, meters / seconds * 3.6, incline or 0.0)

    def _climb(self, meters: float, incline: float | None) -> None:
        """Add the elevation gain of a distance; an incline that is not reported, or not trusted, adds nothing."""
        if incline is not None:
            # A distance is measured along the belt.
            self.elevation_gain = (self.elevation_gain or 0.0) + max(meters * incline, 0.0) / hypot(incline, 100)


def _counted(telemetry: Telemetry) -> dict[str, float | None]:
    return {
        "distance": telemetry.distance,
        "elapsed_time": telemetry.elapsed_time,
        "speed": telemetry.speed,
        "incline": telemetry.trusted_incline,
    }


def _sum(before: int | None, since: int | None) -> int | None:
    return None if before is None and since is None else (before or 0) + (since or 0)
