"""The data that the states of a session share: the rules, the belt, the link, and all that outlasts one state."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ...machine.model import Command, CommandKind
from ..belt.belt import FRESH, Belt
from ..belt.odometer import Odometer
from ..belt.stopper import Stopper
from ..belt.unit_monitor import UnitMonitor
from ..check.check_run import CheckRun
from ..events import (
    SessionEvent,
    StopFailedEvent,
    StopFailure,
)
from ..limits import Limits
from ..rules import Caller, Refusal, RefusedError, Rules
from ..steering.command_verifier import CommandVerifier
from ..steering.manual_ramp import ManualRamp
from ..steering.steering import Output
from ..stop_steps import StopStep
from .deck import Deck
from .guards import Guards
from .monitor import SessionMonitor
from .outbox import Outbox
from .pause import Pause
from .request import SessionTerms

if TYPE_CHECKING:
    from .transitions import Transitions


class SessionContext:
    """The parts that every state may use, and the data that outlast a state."""

    to: Transitions
    """The transitions to other states."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.linked = False
        self.occupied: bool | None = None
        """Whether a sensor sees somebody on the belt; None if unknown."""
        self.belt = Belt()
        self.deck = Deck()
        self.guards = Guards()
        self.outbox = Outbox()
        self.pause = Pause()
        self.stopper = Stopper()
        self.terms = SessionTerms()
        self.check: CheckRun | None = None
        """The check run under way; its belt may still be coming to rest."""
        self.under_way = False
        """Whether a session has begun and has not ended."""
        self.safety_key_pulled: bool | None = None
        """Whether the safety key was pulled; None while nobody knows. A belt that moves proves that it is in."""
        self.odometer = Odometer()
        self._forget_last_session()

    # Properties.

    @property
    def limits(self) -> Limits:
        """The limits of this or the next session."""
        return self.terms.limits(self.rules)

    @property
    def moving_time(self) -> float:
        """Seconds of motion in this session."""
        return self.moved_before + self.odometer.moving_time

    @property
    def slowest(self) -> float | None:
        """Return the lowest speed (km/h) if that is slower than the belt, None if not or if it rests (S8).

        It is never 0: that is no speed, and some machines ignore or decline it as they do Stop.
        """
        speeds = self.limits.speed or self.rules.speeds
        if speeds is None or not self.belt.moves:
            return None
        lowest = speeds.minimum if self.check is None else max(self.check.lowest, speeds.minimum)
        return lowest if self.belt.speed > lowest + 0.05 else None

    # Requirements. Each raises RefusedError.

    def require_control(self) -> None:
        """Refuse if the owner, the check run or the child lock does not allow control (S1, S9, S17)."""
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        self.require_no_check()
        if self.rules.blocked_by is not None:
            raise RefusedError(self.rules.blocked_by)
        self.require_unlocked()

    def require_no_check(self) -> None:
        """Refuse during a check run."""
        if self.check is not None:
            raise RefusedError(Refusal.CHECKING)

    def require_unlocked(self) -> None:
        """Refuse while the child lock is on."""
        if self.rules.control_lock:
            raise RefusedError(Refusal.LOCKED)

    def require_person(self, *, caller: Caller) -> None:
        """Refuse if the caller is not a person."""
        if not caller.is_person:
            raise RefusedError(Refusal.NEEDS_PERSON)

    def require_link(self) -> None:
        """Refuse if the link is down."""
        if not self.linked:
            raise RefusedError(Refusal.NOT_CONNECTED)

    def require_fresh(self, now: float) -> None:
        """Refuse if the last report is not fresh."""
        if self.belt.age(now) > FRESH:
            raise RefusedError(Refusal.NO_FRESH_DATA)

    # Outputs.

    def emit(self, event: SessionEvent) -> None:
        """Emit an event."""
        self.outbox.emit(event)

    def send(self, command: Command, now: float) -> None:
        """Send a command that is not a stop."""
        self.outbox.send(command, now)

    def extend(self, outputs: Iterable[Output], now: float) -> None:
        """Send the commands and emit the events of `outputs`."""
        self.outbox.extend(outputs, now)

    def send_start(self, command: Command, now: float) -> None:
        """Send the start command to a belt that is known to rest."""
        if self.safety_key_pulled:
            self.safety_key_pulled = None
        command = replace(command, value=self.belt.shown_at_rest)  # read it first: on_start() clears it
        self.belt.on_start(now)
        self.stopper.on_start(now)
        self.send(command, now)

    def send_stop(self, now: float, *, again: bool) -> None:
        """Send the stop step that works for this belt; `again`: it was already told to stop (S3)."""
        self.deck.cancel()
        works = self.rules.measured.stop_step
        self.outbox.stop(self.stopper.request(self.belt, now, works, self.slowest, again=again))

    def send_pause(self, now: float) -> None:
        """Tell the machine to pause, or to stop where a pause would end its session without a way on."""
        self.pause.on_sent(now)
        if self.pauses_by_stop:
            self.outbox.stop(Command(CommandKind.STOP))
        else:
            self.send(Command(CommandKind.PAUSE), now)

    @property
    def pauses_by_stop(self) -> bool:
        """Whether Stop takes the place of Pause; not where the machine declines it while the belt moves."""
        measured = self.rules.measured
        return measured.pause_stops and measured.stop_step is StopStep.STOP

    def end_machine_session(self, now: float) -> None:
        """End the machine's own session before ours continues: many machines resume at their last speed (S12).

        Not where that sets the belt in motion: what the machine resumes at is slowed down then.
        """
        ended = self.pause.session_ended or self.stopper.rest_toggles
        if not ended and self.linked and self.belt.rests(now):
            self.pause.on_session_end(now)
            self.stopper.on_session_end(now)
            self.belt.on_session_end(now)
            self.send(Command(CommandKind.END_SESSION), now)

    def report_stop_failure(self, failure: StopFailure) -> None:
        """Emit that a stop failed, unless it was already reported."""
        if self.stopper.report_failure(failure):
            self.emit(StopFailedEvent(failure))

    def report_stop_fails(self, now: float) -> None:
        """Emit that the belt does not obey a stop, once it is certain."""
        if failure := self.stopper.fails(self.belt, now, linked=self.linked):
            self.emit(StopFailedEvent(failure))

    # Where a session begins and ends.

    def begin_session(self) -> None:
        """Begin a new session, or continue one after a pause."""
        if self.belt.moves:
            self.safety_key_pulled = False
        if self.pause.resuming:
            self.outbox.on_belt_rest()
            self.monitor.reset()
        else:
            self._forget_last_session()
            self.under_way = True
            self.odometer = Odometer(self.belt.telemetry)
            self.terms.begin(self.rules)

    def end_session(self) -> bool:
        """End the session, even if it has not begun; return whether anybody walked."""
        walked = self.under_way and self.moving_time > 0
        self.under_way = False
        self.terms.release_limits()
        self.pause.resuming = False
        if not walked:
            self.terms.clear()
        return walked

    def _forget_last_session(self) -> None:
        """Clear the data that belong to the last session only."""
        self.moved_before = 0.0  # s, before a restart of Home Assistant
        self.rises: Mapping[CommandKind, float] = {}  # of this session's last pilot
        self.pending_reductions: Mapping[CommandKind, ManualRamp] = {}  # of this session's last steering
        self.outbox.on_belt_rest()
        self.verifier = CommandVerifier()
        self.monitor = SessionMonitor()
        self.unit_monitor: UnitMonitor | None = None  # only if this session is or was steered
