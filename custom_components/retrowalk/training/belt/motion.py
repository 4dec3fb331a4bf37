"""Tells whether a belt moves whose machine reports a speed: some repeat their last speed at rest, for hours.

A speed alone proves no movement. Nothing else alone proves rest: some machines report "idle" while the belt moves, some
count nothing while nobody is on it, some count in steps of ten meters, some repeat an old "stopped" to whoever
connects. So rest takes three things that agree for a while: somebody stopped the belt (the machine reports it, or
accepted our Stop), or its Training Status has left "running"; every counter that was seen to run stands still for
longer than it ever did; and the speed does not change at all. A machine that counts nothing is never taken to rest
while it reports a speed. In doubt the belt moves, and whatever grows, changes or starts ends the rest at once.
"""

from ...machine.model import BeltState, CommandKind, MachineEvent, MachineEventKind, Telemetry
from .counters import COARSE_FOR, Counters

HALTED_FOR = 4.0
"""Least seconds for which everything stands still after a halt until the belt counts as at rest."""
REPORTED_IDLE_FOR = 8.0
"""The same where nobody is known to have stopped it: only its Training Status reports it."""
STOOD_BEFORE_FOR = 60.0
"""The same where everything stood still before a halt that the machine declines: perhaps there is nothing to stop.

Where the machine accepts the halt and nothing changes, perhaps it ignores it and nobody walks: see
`NOBODY_WALKS_AFTER`.
"""
UNPROVEN_FOR = 10.0
"""The same where it is not known how often the machine counts, if the belt would have run far enough by then."""
NOBODY_WALKS_AFTER = 300.0
"""Seconds for which everything stands still after which nobody walks, whatever the belt does."""
STARTS_WITHIN = 20.0
"""Seconds after a start in which a belt that repeats its speed may begin to move; later, in doubt, it moves."""
STATUS_LEADS_BY = 2.0
"""Seconds by which the status of a started belt may report that it runs before anything shows that it moves."""
_HALT_HOLDS = 30.0  # s in which a belt comes to rest; if its counters run after that, it was not halted
_COASTS_FOR = 10.0  # s after a halt in which not everything needs to stand still, besides the time for its coast:
_COAST = 0.4  # km/h per s
_SNAPS_WITHIN = 2.0  # s after a halt; some fall back to a speed that is above the one before
_SNAP_SHOWS_WITHIN = 3.0  # s; by then a clock has run on, or stood for long enough
_HELD_FOR = 2.0  # s
_SILENCE = 5.0  # s
_ZERO_FOR = 2.0  # s
_COARSE_SHOWS_WITHIN = 30.0  # m by the speed: a step of ten before the halt, and a little more after it
_CLOCK_RUNS_ON = 6.0  # m by the speed that were not counted, so that a clock which runs proves nothing

_IDLE = frozenset({"idle", "pre_workout", "post_workout"})
_TELLS_NOTHING = frozenset({None, "other"})
_STILL = frozenset({BeltState.AT_REST, BeltState.COUNTDOWN})
_CLOCK = frozenset({"elapsed_time"})
_HALTS = {
    MachineEventKind.STOPPED: CommandKind.STOP,
    MachineEventKind.SAFETY_KEY: CommandKind.STOP,
    MachineEventKind.PAUSED: CommandKind.PAUSE,
}


class MotionDetector:
    """Judges the telemetry of one machine, over all its links."""

    def __init__(self) -> None:
        self._state = BeltState.UNKNOWN  # as it was judged last
        self._judgement = Telemetry()
        self._tally = Counters()
        self._speed: float | None = None
        self._speed_since = self._changed_before = 0.0
        self._received = float("-inf")
        self._proved: tuple[float, float] = (0.0, 0.0)  # when something changed last, and the way by then
        self._proved_by_more = 0.0  # than a clock
        self._coasts_until = 0.0  # at the latest, by its speed when something showed last that it moves
        # Of this link.
        self._first = True  # nothing was reported yet
        self._linked: tuple[float, float] = (0.0, 0.0)  # when that was, and the way by then
        self._fresh = True  # nothing has changed
        # Of the machine's Training Status.
        self._status: str | None = None
        self._reported_running = False  # so that its absence means something
        self._idle_since = self._runs_since = 0.0
        # Of the newest halt.
        self._halt: CommandKind | None = None
        self._halted: tuple[float, float] = (0.0, 0.0)  # when, and the way by then
        self._renewed = 0.0  # when it was last repeated
        self._obeyed = False  # the machine reported it, or accepted our command
        self._declined = False  # the machine declined a command
        self._ran = False  # something was counted until then
        self._from = 0.0  # km/h
        self._zero_since: float | None = None  # since when it has come down from a speed
        self._reports_zero: set[CommandKind] = set()  # the halts after which it is known to report 0
        # Of a belt at rest that reports a speed.
        self._at_rest = False
        self._rests_since = 0.0
        self._clock_runs_on = False  # also at rest
        self._started: float | None = None

    @property
    def shown_at_rest(self) -> float | None:
        """The speed (km/h) that is reported of a belt that was judged to rest."""
        return self._speed if self._at_rest else None

    def judge(self, telemetry: Telemetry) -> Telemetry:
        """Return telemetry with its belt state and speed replaced where they are known to be wrong.

        Telemetry that was already judged is not judged again.
        """
        if telemetry is not self._judgement:
            self._judgement = self._judge(telemetry)
        return self._judgement

    def _judge(self, telemetry: Telemetry) -> Telemetry:
        now = telemetry.received
        self._update_status(telemetry.training_status, now)
        if telemetry.speed is None:
            return telemetry  # a new link without a report
        changed = self._update(telemetry)
        if telemetry.belt is not BeltState.MOVING:
            self._learn_zero(telemetry, now)
            self._state = telemetry.belt
            return telemetry
        self._zero_since = None
        if changed or (self._runs and not self._leads(now)):
            self._prove(now, changed=changed)
        elif self._started is not None and self._halt is None:
            if now - self._started > STARTS_WITHIN:
                self._started = None
        elif not self._at_rest and self._rests(now):
            self._at_rest, self._started = True, None
            proved = self._proved_by_more if self._clock_runs_on else self._proved[0]
            halted = self._halted[0] if self._ran_until_halted else 0.0
            self._rests_since = max(proved, self._linked[0], halted, self._idle_since)
        return self._judged(telemetry)

    def settles(self) -> bool:
        """Return whether a halted belt with a reported speed will soon be known to rest: no reason for an alarm yet."""
        now, tally = self._received, self._tally
        faster = (self._speed or 0.0) > self._from and self._speed_since > self._halted[0] + _SNAPS_WITHIN
        if self._halt in self._reports_zero | {None} or self._runs or not self._ran or faster:
            return False
        coasts_for = _COASTS_FOR + self._from / _COAST
        coasts = now - self._halted[0] < coasts_for and (self._left_running or tally.one_stands(now, _HELD_FOR))
        # A slow belt counts a meter in seven seconds, so that its distance takes long to show that it stands.
        counted_on = self._proved[0] - self._halted[0] >= HALTED_FOR + self._from / _COAST
        told = self._left_running and tally.clock_stands(now, _HELD_FOR) and not counted_on
        told = told and now - self._halted[0] < coasts_for + COARSE_FOR
        return tally.known() and (coasts or told or tally.all_stand(now, _HELD_FOR))

    def snaps(self) -> bool:
        """Return whether the reported speed jumped at a halt, and had no time yet to show that the belt moves by it."""
        since, halted = self._speed_since, self._halted[0]
        # A belt that really gets faster does so in more than one step.
        once = self._halt is not None and self._changed_before <= halted and since - halted <= _SNAPS_WITHIN
        return (
            once and self._tally.known() and self._proved[0] <= since and self._received - since <= _SNAP_SHOWS_WITHIN
        )

    def on_machine_event(self, event: MachineEvent, now: float) -> None:
        """Take in an event of the machine."""
        if event.kind in _HALTS:
            self._be_halted(_HALTS[event.kind], now)
        elif event.kind is MachineEventKind.SPEED_CHANGED and event.value != self._speed:
            self._prove(now, changed=True)

    def on_accepted(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine accepted a command."""
        if kind in {CommandKind.STOP, CommandKind.PAUSE}:
            self._be_halted(kind, now)

    def on_declined(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine declined a command: a declined Stop may mean that there is nothing to stop."""
        if kind is not CommandKind.STOP:
            return
        if self._halt is None:
            self._be_halted(kind, now)
            self._ran = self._obeyed = False
        self._declined = True

    def on_start(self, now: float) -> None:
        """Take in a start, by us or at the console: an earlier halt means nothing any more."""
        self._started = now if self._at_rest else self._started
        self._at_rest = False
        self._forget_halt()

    def on_link_lost(self) -> None:
        """Take in that the link was lost: what was reported on it means nothing afterward."""
        self._first = self._fresh = True
        self._started = None
        self._forget_halt()
        self._tally.pause()

    @property
    def _runs(self) -> bool:
        """Whether the machine's Training Status reports that it runs."""
        return self._status not in _IDLE | _TELLS_NOTHING

    def _leads(self, now: float) -> bool:
        """Return whether it has reported that it runs for so short a time that its started belt may not move yet."""
        return self._started is not None and now - self._runs_since < STATUS_LEADS_BY

    @property
    def _left_running(self) -> bool:
        """Whether the Training Status reports no running any more, and is known to report it."""
        return self._status in _IDLE and self._reported_running

    @property
    def _unproven(self) -> bool:
        """Whether nothing on this link or before it shows that it moves, and its Training Status denies it."""
        return self._fresh and self._status in _IDLE and self._state is not BeltState.MOVING

    @property
    def _ran_until_halted(self) -> bool:
        """Whether it moved until it was halted: counters ran, or could not have shown it any more."""
        tally, way = self._tally, self._halted[1] - self._proved[1]
        return self._ran or (not tally.known() and way < tally.grain(ran=not self._fresh))

    def _update_status(self, status: str | None, now: float) -> None:
        if self._runs and status in _IDLE:
            self._idle_since = now
        ran, self._status = self._runs, status
        if self._runs and not ran:
            self._runs_since = now
        self._reported_running = self._reported_running or self._runs

    def _update(self, telemetry: Telemetry) -> bool:
        """Compare with the report before, and return whether this one shows a belt that moves now."""
        now, tally = telemetry.received, self._tally
        silence, self._received = now - self._received, now
        if silence > _SILENCE:
            tally.pause()
        else:
            tally.way += (self._speed or 0.0) / 3.6 * silence
        counted = tally.values
        grew = tally.update(telemetry)
        if grew - _CLOCK or telemetry.speed != self._speed:
            self._proved_by_more = now
        if grew == _CLOCK and self._clock_means_nothing(now):
            grew -= _CLOCK
        changed = telemetry.speed != self._speed
        if grew or changed or (self._first and tally.values != counted):
            # Not by the speed at its halt: some fall back to another one before it is known that they are halted.
            fastest = max(self._speed or 0.0, telemetry.speed or 0.0)
            self._coasts_until = max(self._coasts_until, now + fastest / _COAST)
        if changed:
            self._changed_before = self._speed_since
            self._speed, self._speed_since = telemetry.speed, now
        if self._first:
            # It shows what happened without a link.
            self._first, self._linked = False, (now, tally.way)
            self._at_rest = self._at_rest and not grew and not changed
            return False
        return bool(grew) or changed

    def _clock_means_nothing(self, now: float) -> bool:
        """Return whether only the clock runs on: on some machines it does so in a pause."""
        halted = self._obeyed or self._left_running
        runs_on = halted and not self._at_rest and self._tally.only_clock_runs(now, HALTED_FOR, _CLOCK_RUNS_ON)
        self._clock_runs_on = self._clock_runs_on or runs_on
        return self._clock_runs_on

    def _learn_zero(self, telemetry: Telemetry, now: float) -> None:
        """Learn whether the machine reports 0 after a halt: if so, a reported speed is a real one."""
        if self._state is BeltState.MOVING and telemetry.belt is BeltState.AT_REST:
            self._zero_since = now
        if self._zero_since is not None and now - self._zero_since >= _ZERO_FOR and self._halt is not None:
            self._reports_zero.add(self._halt)
        self._at_rest, self._started, self._clock_runs_on = False, None, False
        self._tally.pause()

    def _prove(self, now: float, *, changed: bool) -> None:
        """Take in a proof that the belt moves."""
        if changed:
            self._proved = now, self._tally.way
            # A distance in coarse steps that is not known yet needs its way to show that only the clock runs on.
            early = self._tally.way - self._halted[1] <= _COARSE_SHOWS_WITHIN
            by_more = self._proved_by_more == now or not (early or self._tally.known(but=_CLOCK))
            holds = self._halt is not None and now - self._renewed <= _HALT_HOLDS
            # A belt that coasts may still count something after it seemed to rest: it remains halted.
            moves_anew = self._state in _STILL and not (holds and self._speed_since < now)
            if moves_anew or (by_more and not holds):
                self._forget_halt()
            elif self._halt is not None and self._speed_since < now:
                self._ran = True  # what is counted in its coast shows that it ran until then
        elif self._at_rest:
            self._forget_halt()
        self._fresh = self._at_rest = self._clock_runs_on = False
        self._started = None

    def _rests(self, now: float) -> bool:
        """Return whether enough shows, for long enough, that it does not move."""
        tally = self._tally
        if now < self._coasts_until:
            return False  # although its clock stands
        but = _CLOCK if self._clock_runs_on else frozenset()
        if tally.known(but=but):
            least = self._patience()
            constant = now - max(self._speed_since, self._proved[0])
            return least is not None and constant >= least and tally.all_stand(now, least, but=but)
        halted = self._halt is not None and self._halt not in self._reports_zero
        stopped = self._unproven or (halted and tally.counted)
        if not tally.counts or not (stopped if self._fresh else tally.ever_ran and (halted or self._left_running)):
            return False
        since, way = max(self._linked, self._proved, self._halted if halted else self._linked)
        return now - since >= UNPROVEN_FOR and tally.way - way >= tally.grain(ran=not self._fresh)

    def _patience(self) -> float | None:
        """Return for how long (s) everything has to stand still; None where nothing shows that it was stopped."""
        if self._left_running:
            return REPORTED_IDLE_FOR if self._halt is None else HALTED_FOR
        if self._unproven:
            return REPORTED_IDLE_FOR
        if self._halt is None or self._halt in self._reports_zero:
            return None
        if self._ran:
            return HALTED_FOR
        return STOOD_BEFORE_FOR if self._declined else NOBODY_WALKS_AFTER

    def _forget_halt(self) -> None:
        self._halt = None
        self._obeyed = self._declined = self._ran = False

    def _be_halted(self, kind: CommandKind, now: float) -> None:
        if self._halt is None or not self._obeyed:
            self._halted, self._obeyed = (now, self._tally.way), True
            self._ran = self._tally.known() and not self._tally.all_stand(now, _SILENCE)
            self._from = self._speed or 0.0
        self._halt, self._renewed = kind, now

    def _judged(self, telemetry: Telemetry) -> Telemetry:
        now = telemetry.received
        if self._at_rest or self._started is not None:
            self._tally.pause()
            self._state = BeltState.AT_REST if self._at_rest else BeltState.COUNTDOWN
            return telemetry._replace(belt=self._state, speed=0.0, uncounted_since=self._rests_since)
        if self._unproven and self._tally.counts:
            self._state = BeltState.UNKNOWN
            return telemetry._replace(belt=self._state)
        self._state = BeltState.MOVING
        constant = now - self._speed_since >= NOBODY_WALKS_AFTER
        nobody = constant and self._tally.known() and self._tally.all_stand(now, NOBODY_WALKS_AFTER)
        return telemetry._replace(uncounted_since=self._proved[0]) if nobody else telemetry
