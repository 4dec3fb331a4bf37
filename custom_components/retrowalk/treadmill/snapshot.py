"""Everything that the entities of one treadmill show at one moment."""

from collections.abc import Hashable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from operator import attrgetter

from homeassistant.core import callback

from ..machine.bluetooth.link_state import LinkState
from ..machine.model import BeltState, Telemetry
from ..training.check.phase import CheckPhase
from ..training.events import CountdownEvent, SessionEvent
from ..training.history.totals import Totals
from ..training.limits import Direction, Limits
from ..training.rules import Rules
from ..training.session.view import SessionView
from ..training.states import SessionState
from ..training.steering.session_plan import Target
from ..util import Clock
from ..walkers.recorder import SessionRecorder
from .connection import ConnectionManager
from .display_filter import DisplayFilter, FeedFilter
from .selection import NextSession

_ENDS_SHIFT = 5.0  # s
_LOOK = 5.0
"""Seconds after which entities look at a snapshot anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStep:
    """A step of the program under way, counted from 1 with the groups unrolled."""

    program: str
    number: int
    steps: int
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One immutable view of a treadmill; entities take their values from it and hold none of their own."""

    link: LinkState
    signal: int | None  # dBm, of the newest advertisement
    telemetry: Telemetry | None  # None without a link, and while a moving belt is not heard (S11)
    readings: Telemetry | None  # the same, calmed less: for what follows a belt within seconds and is stored nowhere
    state: SessionState
    direction: Direction
    limits: Limits
    rules: Rules  # of the next session; the part that applies at once also of this one
    countdown_ends: datetime | None
    session: str | None  # the ID of the session that these are of: this one, or the last until the next is made ready
    moving_time: float  # s
    distance: float  # m
    calories: float  # kcal, gross
    shown: Totals  # of the same session, in the steps that are stored
    walker: str | None  # of this session or the next; None: a guest
    made_for: str | None  # the walker whom the session was made ready for; None: a guest
    open: bool  # the session was made ready for no walker, or not made ready at all
    undecided: bool  # no walker was chosen, so that it is the person who starts (S4)
    length: float  # min, of this session or the next
    speed: float | None  # km/h, chosen for the next session if that is a free one; None: the minimum
    program: str  # of this session or the next: plan, free, a preset's key or a name
    step: ProgramStep | None  # of the program under way
    ends: datetime | None  # when the belt will stop as planned
    target_speed: float | None  # km/h
    target_incline: float | None  # %
    awaiting_resume: bool  # nothing rises until a person resumes (S10)
    steered: bool  # by us, at some time of this session
    under_way: bool  # a session has begun and has not ended; pauses included
    belt_may_move: bool
    coasting: bool  # the session is paused, and the belt is not known to rest yet
    safety_key_pulled: bool | None  # None while nobody knows
    locked: bool  # the child lock
    check: CheckPhase | None  # of the check run under way
    news: bool = field(default=True, compare=False)  # entities have to look; not for what none of them shows

    @property
    def belt_moving(self) -> bool | None:
        """Return whether the belt moves, or None if that is unknown."""
        if self.telemetry is None or self.telemetry.belt is BeltState.UNKNOWN:
            return None
        return self.telemetry.belt is BeltState.MOVING

    @property
    def present(self) -> Target | None:
        """Return what the belt does, or None if that is unknown."""
        known = self.telemetry
        return None if known is None or known.speed is None else Target(known.speed, known.incline)


_SHOWN_BY_NONE = frozenset({"telemetry", "readings", "moving_time", "distance", "calories", "news"})
"""What changes with every report, and is shown in coarse steps or not at all."""
_shown_of = attrgetter(*(each.name for each in fields(Snapshot) if each.name not in _SHOWN_BY_NONE))
_shown_readings_of = attrgetter("speed", "incline", "heart_rate", "belt", "training_status")


class SnapshotBuilder:
    """Builds snapshots from the parts of a treadmill, and remembers the times that must not shift every second."""

    def __init__(
        self,
        session: SessionView,
        *,
        connection: ConnectionManager,
        recorder: SessionRecorder,
        selection: NextSession,
        clock: Clock,
    ) -> None:
        self._session = session
        self._connection = connection
        self._recorder = recorder
        self._selection = selection
        self._clock = clock
        self._stored = DisplayFilter()
        self._readings = FeedFilter()
        self._ends: datetime | None = None
        self._countdown_ends: datetime | None = None
        self._last: Snapshot | None = None
        self._shown: Hashable = None
        self._news_at = float("-inf")

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Remember when a countdown ends."""
        if isinstance(event, CountdownEvent):
            self._countdown_ends = self._clock.utcnow() + timedelta(seconds=event.seconds)

    def build(self, telemetry: Telemetry | None) -> Snapshot:
        """Return the snapshot of this moment; `telemetry` is the newest that was received."""
        session, link, now = self._session, self._connection.link, self._clock.monotonic()
        totals = self._recorder.totals
        if (
            link.state is not LinkState.CONNECTED
            or telemetry is None
            or telemetry.received < link.up_since  # received on an earlier link
            or session.belt_lost(now)
        ):
            telemetry = None
        walker = self._selection.walker
        snapshot = Snapshot(
            link=link.state,
            signal=self._connection.signal,
            telemetry=self._stored.update(telemetry, now),
            readings=self._readings.update(telemetry, now),
            state=session.state,
            direction=session.direction,
            limits=session.limits,
            rules=session.rules,
            countdown_ends=self._countdown_ends if session.state is SessionState.COUNTDOWN else None,
            session=totals.session,
            moving_time=totals.exact.moving_time,
            distance=totals.exact.distance,
            calories=totals.exact.calories,
            shown=totals.shown,
            walker=None if walker is None else walker.id,
            made_for=session.walker,
            open=session.request is None or session.request.open,
            undecided=self._selection.undecided,
            length=self._selection.length,
            speed=self._selection.speed,
            program=self._selection.program,
            step=self._step(),
            ends=self._session_ends(now),
            target_speed=session.displayed_target_speed,
            target_incline=session.target_incline,
            awaiting_resume=session.awaiting_resume,
            steered=self._recorder.meter is not None and self._recorder.meter.steered,
            under_way=session.under_way,
            belt_may_move=session.belt_may_move,
            coasting=session.state is SessionState.PAUSED and session.belt_may_move,
            safety_key_pulled=session.safety_key_pulled,
            locked=session.rules.control_lock,
            check=session.check.phase if session.check else None,
        )
        if not self._is_news(snapshot, now):
            object.__setattr__(snapshot, "news", False)  # a copy of so many values would cost more than the look
        return snapshot

    def _is_news(self, snapshot: Snapshot, now: float) -> bool:
        """Return whether entities have to look: some of them hold a value for a while, but not for ever."""
        telemetry = snapshot.telemetry
        shown = _shown_of(snapshot), telemetry and _shown_readings_of(telemetry)
        before, self._last = self._last, snapshot
        if shown == self._shown and (snapshot == before or 0 <= now - self._news_at < _LOOK):
            return False  # one that says nothing new is not published
        self._shown, self._news_at = shown, now
        return True

    def _step(self) -> ProgramStep | None:
        """Return the step of the program that the session is in."""
        plan = self._session.program if self._session.under_way else None
        if plan is None:
            return None
        number, steps = plan.step_at(self._session.moving_time), plan.program.flat()
        return ProgramStep(program=plan.program.name, number=number + 1, steps=len(steps), label=steps[number].label)

    def _session_ends(self, now: float) -> datetime | None:
        """Return when the belt will stop, unchanged by small shifts, because the frontend counts down by itself."""
        ends = self._session.planned_end(now)
        if ends is None:
            self._ends = None
        else:
            at = self._clock.utcnow() + timedelta(seconds=ends - now)
            if self._ends is None or abs((at - self._ends).total_seconds()) >= _ENDS_SHIFT:
                self._ends = at.replace(microsecond=0)
        return self._ends
