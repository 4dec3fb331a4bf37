"""A virtual treadmill: belt, deck and console, without any transport and without a clock of its own.

Time passes only in `VirtualTreadmill.step`, so the same calls always give the same belt. It is controlled from two
sides: by a client (`start`, `set_speed` ..., which return a result code of FTMS) and by a person at the console
(`press_start`, `press_speed` ..., which are reported to `listener`, because a server reports only those).
"""

import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from random import Random

from ..machine.ftms.const import ResultCode
from ..machine.model import MachineEvent, MachineEventKind
from .console_display import ConsoleDisplay
from .deck import DeckReports, goal_of_deck, toward, within
from .habits import Habits
from .profile import Profile

_SUBSTEP = 0.1  # s; fine enough that a step of any length gives the same belt
_ROUNDING = 1e-9
_DECIMALS = 6  # of sums of time: a thousand steps of 0.1 s must be 100 s, not 99.9999999999986 s

_RESTING_HEART_RATE = 68.0  # bpm
_HEART_RATE_LAG = 30.0  # s until two thirds of a change are reached


class Phase(StrEnum):
    """What the console does; the belt follows with its inertia."""

    IDLE = "idle"
    COUNTDOWN = "countdown"
    RUNNING = "running"
    PAUSED = "paused"


class VirtualTreadmill(Habits):
    """The belt and its console. Counters belong to a session, and begin anew with a start that does not resume."""

    def __init__(self, profile: Profile | None = None) -> None:
        super().__init__()
        self.profile = profile or Profile()
        self.listener: Callable[[MachineEvent], None] | None = None
        """Called with everything that is done at the console; values in the console's units."""

        self.time = 0.0
        """Virtual seconds since the treadmill was made."""
        self.phase = Phase.IDLE
        self.countdown = 0.0
        """Seconds left of the countdown."""
        self.safety_key_in = True
        self.occupied = True
        """Whether somebody walks on the belt; steps are counted only then."""

        self.speed = 0.0
        """The real speed of the belt (km/h)."""
        self.incline = 0.0
        """The real incline of the deck (%)."""
        self.target_speed = 0.0
        """The target of the console, in the console's units; 0 while not running."""
        self.target_incline = 0.0
        self._deck = DeckReports()
        self.display = ConsoleDisplay()

        self.distance = 0.0
        """Meters in this session."""
        self.energy = 0.0
        """Kilocalories in this session, by the machine's own crude estimate."""
        self.elapsed = 0.0
        """Seconds in this session, frozen while paused."""
        self.pulse = _RESTING_HEART_RATE
        self._steps = 0.0

        self.kmh_per_unit = 1.0
        """What one unit on the console is in km/h: 1, or KM_PER_MILE for a console set to miles."""
        self.reported_in: float | None = None
        """What one unit of the reported speed is in km/h; None: as on the console."""
        self._tremble = 0.0  # -1 to 1
        self._random = Random(self.profile.serial)  # the same treadmill always trembles alike
        self._last_speed = 0.0
        self._returns_to = 0.0  # the last speed, that the belt goes back to by itself
        self._running = 0.0  # s since the belt was last started
        self._speed_when_run = 0.0
        self._by_client = False
        self.console_dead = False
        """Whether Start at the console does nothing."""

    # Reports

    @property
    def reported_speed(self) -> float:
        """The speed that it reports: as on the console, with the sensor's noise.

        At rest some machines report another one.
        """
        if self.snaps_to_speed_at_rest:
            return self.target_speed if self.phase is Phase.RUNNING else self.snaps_to_speed_at_rest
        if self.phase is not Phase.RUNNING and self.repeats_last_speed_at_rest:
            return self._speed_when_run
        if self.at_rest:
            return 0.0
        return max(self.speed / (self.reported_in or self.kmh_per_unit) + self.speed_noise * self._tremble, 0.01)

    @property
    def reported_incline(self) -> float | None:
        """The incline that it reports, in its own measure; None where it reports none."""
        return None if self.profile.incline is None else self._deck.told(self, self.incline, self.target_incline)

    @property
    def console_speed(self) -> float:
        """The belt's speed in the console's units."""
        return self.speed / self.kmh_per_unit

    @property
    def running_for(self) -> float:
        """Seconds since the belt was last set in motion."""
        return self._running

    @property
    def at_rest(self) -> bool:
        """Whether the belt stands still."""
        return self.speed == 0.0

    @property
    def steps(self) -> int | None:
        """Steps in this session, or None where the machine does not count them."""
        return int(self._steps) if self.profile.steps else None

    @property
    def heart_rate(self) -> int | None:
        """Heart rate in bpm, or None where the machine does not measure it."""
        return round(self.pulse) if self.profile.heart_rate else None

    # Commands of a client

    def start(self) -> ResultCode:
        """Begin the countdown to a new session, or to the rest of a paused one."""
        if not self.safety_key_in or self.phase in {Phase.COUNTDOWN, Phase.RUNNING} or not self.at_rest:
            return ResultCode.OPERATION_FAILED
        anew = self.phase is Phase.IDLE
        if self.starts_only_anew and not anew:
            return ResultCode.OPERATION_FAILED
        if anew:
            self._reset_counters()
        returns = self.starts_at_last_speed or (self.resumes_at_last_speed and not anew)
        self._returns_to = self._last_speed if returns else 0.0
        self.phase = Phase.COUNTDOWN
        self.countdown = self.profile.countdown
        self._by_client = True
        return ResultCode.SUCCESS

    def stop(self) -> ResultCode:
        """End the session; the belt coasts to rest, the counters stay to be read."""
        if self.phase is Phase.IDLE or (self.keeps_session_in_pause and self.phase is Phase.PAUSED):
            return ResultCode.OPERATION_FAILED
        self._leave_running(Phase.IDLE)
        return ResultCode.SUCCESS

    def pause(self) -> ResultCode:
        """Let the belt coast to rest and keep the session."""
        if self.phase not in {Phase.COUNTDOWN, Phase.RUNNING}:
            return ResultCode.OPERATION_FAILED
        self._leave_running(Phase.PAUSED)
        return ResultCode.SUCCESS

    def restart(self) -> bool:
        """Run at the speed before the last stop or pause, as machines do that toggle; return whether there was one."""
        if self.phase not in {Phase.IDLE, Phase.PAUSED} or not self._last_speed or not self.safety_key_in:
            return False
        self.phase = Phase.RUNNING
        self.target_speed = self._last_speed
        return True

    def set_speed(self, speed: float) -> ResultCode:
        """Aim at a speed (the console's units), rounded to the machine's steps; only while the belt runs."""
        if not within(self.profile.speed, speed):
            return ResultCode.INVALID_PARAMETER
        if self.phase is not Phase.RUNNING:
            return ResultCode.OPERATION_FAILED
        if self._running < self.deaf_after_start:
            return ResultCode.SUCCESS
        if speed < self.least_speed - _ROUNDING and self.below_least != "clamps":
            return self._refuse_slower()
        grid = self.profile.speed
        snapped = replace(grid, step=self.coarse_steps or grid.step).snap(speed)
        self.target_speed = max(snapped, self.least_speed)
        return ResultCode.SUCCESS

    def _refuse_slower(self) -> ResultCode:
        """Do what this machine does with a target below the least that its belt goes."""
        if self.below_least == "declines":
            return ResultCode.INVALID_PARAMETER
        if self.below_least == "stops":
            self._leave_running(Phase.IDLE)
        return ResultCode.SUCCESS

    def start_again(self) -> None:
        """Begin anew with the speed of a start, as some machines do when a moving belt is started."""
        self.target_speed = self.starts_at or max(self.profile.speed.minimum, self.least_speed)

    def set_incline(self, percent: float) -> ResultCode:
        """Aim at an incline, rounded to the machine's steps; also at rest, so that a deck can be lowered."""
        if self.profile.incline is None:
            return ResultCode.NOT_SUPPORTED
        if not within(self.profile.incline, percent):
            return ResultCode.INVALID_PARAMETER
        if not self.safety_key_in:
            return ResultCode.OPERATION_FAILED
        goal = goal_of_deck(self, self.profile.incline.snap(percent))
        if goal is None:
            return ResultCode.INVALID_PARAMETER
        if not self.ignore_incline:
            self.target_incline = goal
        return ResultCode.SUCCESS

    def reset(self) -> ResultCode:
        """Forget the session and let the belt come to rest."""
        self._leave_running(Phase.IDLE)
        self._reset_counters()
        return ResultCode.SUCCESS

    # Keys of the console

    def press_start(self) -> None:
        """Start, or resume. Does nothing while the belt moves, the key is out, or a client keeps the console dead."""
        if not self.console_dead and self.start() is ResultCode.SUCCESS:
            self._by_client = False
            self._report(MachineEventKind.STARTED)

    def press_stop(self) -> None:
        """End the session."""
        if self.stop() is ResultCode.SUCCESS:
            self._report(MachineEventKind.STOPPED)

    def press_pause(self) -> None:
        """Pause the session."""
        if self.pause() is ResultCode.SUCCESS:
            self._report(MachineEventKind.PAUSED)

    def report_stopped(self, *, paused: bool) -> None:
        """Report that it stopped or paused, whoever stopped it."""
        self._report(MachineEventKind.PAUSED if paused else MachineEventKind.STOPPED)

    def press_speed(self, speed: float) -> None:
        """Choose a speed (the console's units); the console offers none outside its range."""
        if self.set_speed(self.profile.speed.snap(speed)) is ResultCode.SUCCESS:
            self._report(MachineEventKind.SPEED_CHANGED, self.target_speed)

    def press_incline(self, percent: float) -> None:
        """Choose an incline; the console knows its own deck, and offers none outside its range."""
        if self.profile.incline is not None and self.safety_key_in:
            self.target_incline = self.profile.incline.snap(percent)
            self._report(MachineEventKind.INCLINE_CHANGED, self.target_incline * (self.incline_told_times or 1.0))

    def pull_safety_key(self) -> None:
        """Cut the belt's power: it stops faster than by Stop, and the deck stays where it is."""
        if not self.safety_key_in:
            return
        self.safety_key_in = False
        self._leave_running(Phase.IDLE)
        self.target_incline = self.incline
        self._report(MachineEventKind.SAFETY_KEY)

    def insert_safety_key(self) -> None:
        """Put the key back, which starts nothing."""
        self.safety_key_in = True

    # Time

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass. Raises ValueError when they would run backward."""
        if dt < 0 or not math.isfinite(dt):
            raise ValueError(f"time cannot pass by {dt} s")
        while dt > _ROUNDING:
            part = min(dt, _SUBSTEP)
            self._advance(part)
            dt -= part

    def _advance(self, dt: float) -> None:
        self.time = round(self.time + dt, _DECIMALS)
        self._tremble = self._random.uniform(-1.0, 1.0)
        before = self.speed
        goal, rate = self._belt_goal()
        self.speed = toward(before, goal, rate * dt)
        if self.safety_key_in:
            self.incline = toward(self.incline, self.target_incline, self.profile.incline_rate * dt)
            if self.phase is Phase.RUNNING:
                self.target_incline += self.deck_drifts / 60 * dt
        self._deck.follow(self.incline)
        kmh = (before + self.speed) / 2
        self._count(kmh, dt)
        self.display.show(self.target_speed, self.console_speed, dt)
        counts = self.occupied or not self.counters_frozen_without_walker
        if counts and (self.phase is Phase.RUNNING or (self.phase is Phase.PAUSED and self.clock_runs_in_pause)):
            self.elapsed = round(self.elapsed + dt, _DECIMALS)
        if self.phase is Phase.RUNNING:
            self._speed_when_run = self.speed / (self.reported_in or self.kmh_per_unit)
            self._running = round(self._running + dt, _DECIMALS)
            self._return_to_last_speed()
            if self._by_client and 0 < self.stops_after <= self.elapsed:
                self.press_stop()
        elif self.phase is Phase.COUNTDOWN:
            self.countdown = max(round(self.countdown - dt, _DECIMALS), 0.0)
            if self.countdown == 0.0:
                self.phase = Phase.RUNNING
                self._running = 0.0
                self.start_again()
                self._return_to_last_speed()

    def _return_to_last_speed(self) -> None:
        if self._returns_to and self._running >= self.resume_delay:
            self.target_speed, self._returns_to = self._returns_to, 0.0

    def _belt_goal(self) -> tuple[float, float]:
        """Return where the belt is heading (km/h) and how fast it gets there (km/h per s)."""
        if not self.safety_key_in:
            return 0.0, self.profile.safety_stop
        if self.phase is not Phase.RUNNING:
            return 0.0, self.profile.coast
        goal = min(self.target_speed + self.overshoot, self.profile.speed.maximum)
        return goal * self.kmh_per_unit, self.profile.acceleration

    def _count(self, kmh: float, dt: float) -> None:
        meters = kmh / 3.6 * dt
        if self.occupied or not self.counters_frozen_without_walker:
            self.distance += meters
        if self.occupied:
            # The rule of thumb that consoles use: a kilocalorie per kilogram and kilometer, some more uphill.
            self.energy += meters / 1000 * self.profile.walker_weight * (1 + 0.08 * max(self.incline, 0.0))
            self._steps += meters / (0.35 + 0.07 * kmh)  # steps lengthen with speed: 0.56 m at 3 km/h
        effort = 12.0 * kmh + 3.0 * max(self.incline, 0.0) if self.occupied and kmh else 0.0
        goal = min(_RESTING_HEART_RATE + effort, 185.0)
        self.pulse += (goal - self.pulse) * min(dt / _HEART_RATE_LAG, 1.0)

    def _leave_running(self, phase: Phase) -> None:
        if self.target_speed:
            self._last_speed = self.target_speed
        self.phase = phase
        self.countdown = 0.0
        self.target_speed = 0.0
        if self.zeros_at_stop:
            self._reset_counters()

    def _reset_counters(self) -> None:
        self.distance = self.energy = self.elapsed = self._steps = 0.0

    def _report(self, kind: MachineEventKind, value: float | None = None) -> None:
        if self.listener is not None:
            self.listener(MachineEvent(kind, value))
