"""The check run: a few minutes with nobody on the belt that show whether a machine obeys (S9).

Start, minimum, one step up, a while at that speed, a second start, a pause and a start after it, stop. The run decides
what comes next and measures what came of it. The session owns it, sends what it asks for, and stops the belt as soon as
the run is `due` to stop: a stop, a lost link, a key or silence end it at any moment.
"""

from ...machine.model import BeltState, Command, CommandKind, MachineEvent, MachineEventKind, MachineUnits
from ..belt.belt import FRESH, MOVES_WITHIN, STALE, Belt
from ..belt.stop_escalation import StopEscalation
from ..limits import Limits
from .pause_check import PauseCheck
from .phase import AFTER_HOLD, CheckPhase, repeats
from .result import AfterPause, CheckResult, Failure, SecondStart, UnitProof
from .speed_trial import Aim, SpeedTrial
from .start_check import StartCheck
from .steady_speed import SteadySpeed
from .step_search import NOISE
from .stop_timing import StopTiming

STARTS_AFTER = 5.0
"""Seconds between the person's press and the start, to step back."""
SHOWN_FOR = 15.0
"""Least seconds for which the console can be read."""
LONGEST_HOLD = 90.0
"""Seconds after which a distance that never changed shows nothing."""
LONGEST_COUNT = 240.0
"""Seconds in which a counter in tens of meters changes twice, at the slowest speeds."""
_FAR_OFF = 1.0  # km/h above every target, which no command explains


class CheckRun:
    """One check run."""

    def __init__(
        self,
        limits: Limits,
        now: float,
        *,
        second_start: bool = True,
        pause: bool = True,
        minimum: bool = True,
        units: MachineUnits | None = None,
        stated: bool = False,
    ) -> None:
        """`second_start`, `pause`, `minimum`: whether to try them; not where they are known to stop the belt.

        `units`: as what the machine is understood until now; `stated`: because its owner says so.
        """
        self.phase = CheckPhase.COUNTDOWN
        self.failure: Failure | None = None
        self.units, self.stated = units or MachineUnits(), stated
        self.unit_proof = UnitProof.SURE  # as found out from the result and the console
        self._trial = SpeedTrial(limits, self.units, stated=stated, minimum=minimum)
        self._asks_second_start = second_start
        self._pause = PauseCheck() if pause else None
        self._since = now  # of the present phase, or of the last command in it
        self._steady = SteadySpeed()
        self._start = StartCheck()
        self._held: float | None = None
        self._second_start = SecondStart.UNKNOWN if second_start else SecondStart.STOPS
        self._after_pause = AfterPause.UNKNOWN if pause else AfterPause.NOTHING
        self._stop = StopTiming()

    @property
    def due(self) -> bool:
        """Whether the belt has to be stopped now."""
        return self.failure is not None or self.phase is CheckPhase.STOPPING

    @property
    def result(self) -> CheckResult:
        """What was measured so far."""
        return CheckResult(
            start_speed=self._trial.start_speed,
            lowest=self._trial.lowest.found,
            second_start_needed=self._start.second_needed,
            step=self._trial.search.step,
            held_speed=self._held,
            reported=self._trial.units.scale,
            counted=self._trial.units.counted,
            unit_proof=self.unit_proof,
            second_start=self._second_start,
            after_pause=self._after_pause,
            stop_delay=self._stop.delay,
            stop_coast=self._stop.coast,
            stop_step=self._stop.step,
        )

    @property
    def lowest(self) -> float:
        """The lowest speed (km/h) that the belt obeys, as far as it is known."""
        return self._trial.lowest.value

    def fail(self, failure: Failure) -> None:
        """Fail the run; the first reason counts."""
        self.failure = self.failure or failure

    def advance(self, belt: Belt, now: float) -> Command | None:
        """Return the command to send now. A run that is `due` to stop asks for nothing more."""
        if self.due:
            return None
        pausing = self.phase is CheckPhase.PAUSING
        if belt.lost(now) and not (pausing and belt.stands_still):
            self.fail(Failure.NO_DATA)
            return None
        if pausing:
            return self._wait_paused(belt, now)
        self._update(belt)
        in_phase = now - self._since
        match self.phase:
            case CheckPhase.COUNTDOWN:
                return self._count_down(belt, in_phase, now)
            case CheckPhase.STARTING:
                return self._wait_for_movement(belt, in_phase, now)
            case CheckPhase.SECOND_START:
                return self._judge_second_start(belt, in_phase, now)
            case CheckPhase.RESUMING:
                self._judge_resume(belt, in_phase, now)
            case _:
                return self._judge_speed(belt, in_phase, now)
        return None

    def _judge_speed(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        """Judge the speed of a belt that was sent to one, once it has settled."""
        if belt.rests(now):
            if not self._minimum_stops():
                self.fail(Failure.CAME_TO_REST)
            return None
        trial = self._trial
        if belt.speed > trial.most(belt.speed) + _FAR_OFF:
            self.fail(Failure.MISSES)
            return None
        if not belt.moves or not (self.phase is CheckPhase.HOLD or self._steady.has_settled(in_phase)):
            return None
        match self.phase:
            case CheckPhase.START_SPEED:
                return self._aim(trial.begin(belt.speed), belt, now)
            case CheckPhase.MINIMUM:
                return self._aim(trial.judge_minimum(belt.speed), belt, now)
            case CheckPhase.STEP:
                return self._aim(trial.judge_step(belt.speed), belt, now)
            case _:
                return self._judge_distance(belt, in_phase, now)

    def on_machine_event(self, event: MachineEvent) -> None:
        """Take in an event of the machine: a change at its console ends the run."""
        kind, phase = event.kind, self.phase
        if kind is MachineEventKind.SAFETY_KEY:
            self.fail(Failure.SAFETY_KEY)
        elif phase in {CheckPhase.STOPPING, CheckPhase.PAUSING}:
            pass  # it reports that it obeys
        elif kind is MachineEventKind.STARTED and phase is not CheckPhase.COUNTDOWN:
            pass  # some report our start as if it came from the console
        elif kind in {MachineEventKind.STOPPED, MachineEventKind.PAUSED} and phase is CheckPhase.SECOND_START:
            self._starts_and_stops()
        elif kind in {MachineEventKind.STOPPED, MachineEventKind.PAUSED} and self._minimum_stops():
            pass  # it reports that it stops
        elif not repeats(event, phase, self._trial.units.sent):
            self.fail(Failure.CONSOLE)

    def on_declined(self, kind: CommandKind) -> None:
        """Take in that a command was declined or did not arrive; a second start may well be declined."""
        if self._pause is not None and self.phase in {CheckPhase.PAUSING, CheckPhase.RESUMING}:
            self._pause.on_declined(kind)
        elif kind is CommandKind.START:
            self.fail(Failure.START_REFUSED)
        elif kind is CommandKind.SET_SPEED and not self._doubts_minimum:
            self.fail(Failure.SPEED_REFUSED)
        elif kind is CommandKind.STOP:
            self.fail(Failure.STOP_FAILED)

    # The stop

    def on_stop(self, now: float) -> None:
        """Take in that Stop was sent, at the run's end or before it."""
        if self.phase is not CheckPhase.STOPPING:
            self.fail(Failure.STOPPED)
            self.phase = CheckPhase.STOPPING
        self._stop.begin(now)

    def watch_stop(self, belt: Belt, escalation: StopEscalation, now: float) -> None:
        """Measure how the belt obeys the stop, and which step of the escalation works; called with each report."""
        if not self._stop.update(belt, escalation, now):
            self.fail(Failure.STOP_FAILED)

    def close(self) -> None:
        """End the run: the belt rests, or the session has lost sight of it."""
        self.phase = CheckPhase.OVER
        if not self._stop.at_rest:
            self.fail(Failure.STOP_FAILED)

    # Up to the speed that is held

    def _count_down(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        if belt.moves or belt.about_to_move(now):
            self.fail(Failure.BELT_MOVED)
        elif in_phase > STARTS_AFTER + STALE:
            self.fail(Failure.NO_DATA)
        elif in_phase >= STARTS_AFTER and belt.age(now) <= FRESH and belt.rests(now):
            self._enter(CheckPhase.STARTING, now)
            return Command(CommandKind.START)
        return None

    def _wait_for_movement(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        if belt.moves:
            self._enter(CheckPhase.START_SPEED, now)
        elif self._start.gives_up(in_phase):
            self.fail(Failure.DOES_NOT_MOVE)
        return self._start.advance(belt, in_phase, now)

    @property
    def _doubts_minimum(self) -> bool:
        """Whether what the belt does now may come of a minimum that is none."""
        return self.phase is CheckPhase.MINIMUM and self._trial.lowest.doubted

    def _minimum_stops(self) -> bool:
        """Fail if the machine's minimum is what stopped the belt. It is not started again, as after a second start."""
        if not self._doubts_minimum:
            return False
        self._trial.lowest.stops_belt()
        self.fail(Failure.MINIMUM_STOPS)
        return True

    def _judge_distance(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        units = self._trial.units
        if abs(units.seen(belt.speed - (self._held or 0.0))) > self._trial.search.grain + NOISE:
            if self._steady.is_steady:
                self.fail(Failure.CONSOLE)  # we did not change it
        elif units.enough or in_phase >= (LONGEST_COUNT if units.counts else LONGEST_HOLD):
            if in_phase < SHOWN_FOR:
                return None
            if self._asks_second_start:
                self._enter(CheckPhase.SECOND_START, now)
                return Command(CommandKind.START_AGAIN)
            return self._begin_pause(belt, now)
        return None

    def _judge_second_start(self, belt: Belt, in_phase: float, now: float) -> Command | None:
        held = self._held or 0.0
        if belt.rests(now):
            self._starts_and_stops()
        elif belt.moves and (self._steady.has_settled(in_phase) or belt.speed > held + _FAR_OFF):
            changed = abs(belt.speed - held) > NOISE
            self._second_start = SecondStart.CHANGES_SPEED if changed else SecondStart.NOTHING
            if not changed:
                return self._begin_pause(belt, now)
            self._enter(CheckPhase.STOPPING, now)
        return None

    def _starts_and_stops(self) -> None:
        # It is not started again: a belt must not seem to begin to move by itself. The next run measures the stop.
        self._second_start = SecondStart.STOPS
        self.fail(Failure.SECOND_START_STOPS)

    # The pause, and the start after it

    def _begin_pause(self, belt: Belt, now: float) -> Command | None:
        self._enter(CheckPhase.STOPPING if self._pause is None else CheckPhase.PAUSING, now)
        return None if self._pause is None else self._pause.begin(belt, now)

    def _wait_paused(self, belt: Belt, now: float) -> Command | None:
        """Wait until the belt rests, then start it; one that cannot be paused is only stopped."""
        trial = self._pause
        if trial is None or trial.gives_up(belt, now):
            self._enter(CheckPhase.STOPPING, now)
            return None
        if trial.fails(belt, now):
            self._pause_ends()
            return None
        command = trial.advance(belt, now)
        if command is not None and command.kind is CommandKind.START:
            self._enter(CheckPhase.RESUMING, now)
        return command

    def _judge_resume(self, belt: Belt, in_phase: float, now: float) -> None:
        """Measure how fast the belt resumes; before the pause it was faster than the minimum."""
        trial, least = self._pause, self._trial.search.least * self._trial.units.scale.factor
        if trial is not None and trial.take_refusal():
            self._enter(CheckPhase.PAUSING, now)
        elif trial is None or belt.rests(now) or (in_phase > MOVES_WITHIN and not belt.moves):
            self._pause_ends()
        elif belt.moves and trial.update(belt, now):
            faster = trial.fastest > (least + (self._held or least)) / 2
            self._after_pause = AfterPause.FASTER if faster else AfterPause.MINIMUM
            self._enter(CheckPhase.STOPPING, now)

    def _pause_ends(self) -> None:
        self._after_pause = AfterPause.NOTHING
        self.fail(Failure.PAUSE_ENDS)

    # Helpers

    def _enter(self, phase: CheckPhase, now: float) -> None:
        self.phase, self._since = phase, now
        self._steady.reset()

    def _aim(self, judgment: Aim | Failure | None, belt: Belt, now: float) -> Command | None:
        """Send the next speed, fail, or hold the present speed."""
        if isinstance(judgment, Aim):
            self._enter(judgment.phase, now)
            return Command(CommandKind.SET_SPEED, judgment.kmh)
        if judgment is not None:
            self.fail(judgment)
            return None
        self._held = belt.speed
        self._enter(CheckPhase.HOLD, now)
        return None

    def _update(self, belt: Belt) -> None:
        """Take in the newest report."""
        telemetry = belt.telemetry
        if telemetry is None or telemetry.belt is not BeltState.MOVING:
            self._steady.reset()
            return
        if self.phase not in AFTER_HOLD:  # a belt at rest in its pause would seem to travel
            self._trial.units.update(telemetry)
        self._steady.update(belt.speed, telemetry.received)
