"""What the states of a session share: the rules, the belt, the link, and what outlasts a single state."""

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
from .deck import Deck
from .guards import Guards
from .monitor import SessionMonitor
from .outbox import Outbox
from .pause import Pause
from .request import SessionTerms

if TYPE_CHECKING:
    from .transitions import Transitions


class SessionContext:
    """The parts that every state may use. A state that is left takes nothing with it but what it leaves here."""

    to: Transitions
    """The ways to other states."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.linked = False
        self.occupied: bool | None = None
        """Whether the house sees somebody on the belt; None: it does not know."""
        self.belt = Belt()
        self.deck = Deck()
        self.guards = Guards()
        self.outbox = Outbox()
        self.pause = Pause()
        self.stopper = Stopper()
        self.terms = SessionTerms()
        self.check: CheckRun | None = None
        """The check run that is under way; its belt may still be coming to rest."""
        self.under_way = False
        """Whether a session has begun and has not ended."""
        self.safety_key_pulled = False
        self.odometer = Odometer()
        self._forget_last_session()

    # What is known.

    @property
    def limits(self) -> Limits:
        """The limits of this session, or of the next one while there is none."""
        return self.terms.limits(self.rules)

    @property
    def moving_time(self) -> float:
        """Seconds for which the belt has moved in this session."""
        return self.moved_before + self.odometer.moving_time

    @property
    def slowest(self) -> float | None:
        """The lowest speed (km/h), where it would slow the belt down; None before it moves (S8)."""
        speeds = self.limits.speed or self.rules.capabilities.speed_range
        faster = speeds is not None and self.belt.moves and self.belt.speed > speeds.minimum + 0.05
        return speeds.minimum if speeds is not None and faster else None

    # What is asked of whoever asks. Each raises RefusedError.

    def require_control(self) -> None:
        """Refuse unless the belt may be moved: the owner wants it, and nothing speaks against it (S1, S9, S17)."""
        if not self.rules.control:
            raise RefusedError(Refusal.MONITOR_ONLY)
        self.require_no_check()
        if self.rules.blocked_by is not None:
            raise RefusedError(self.rules.blocked_by)
        self.require_unlocked()

    def require_no_check(self) -> None:
        """Refuse while a check run has the belt."""
        if self.check is not None:
            raise RefusedError(Refusal.CHECKING)

    def require_unlocked(self) -> None:
        """Refuse while the child lock is on."""
        if self.rules.control_lock:
            raise RefusedError(Refusal.LOCKED)

    def require_person(self, *, caller: Caller) -> None:
        """Refuse what automations and voices ask."""
        if not caller.is_person:
            raise RefusedError(Refusal.NEEDS_PERSON)

    def require_link(self) -> None:
        """Refuse without a link."""
        if not self.linked:
            raise RefusedError(Refusal.NOT_CONNECTED)

    def require_fresh(self, now: float) -> None:
        """Refuse while it is not known what the belt does."""
        if self.belt.age(now) > FRESH:
            raise RefusedError(Refusal.NO_FRESH_DATA)

    # What goes out.

    def emit(self, event: SessionEvent) -> None:
        """Tell an event."""
        self.outbox.emit(event)

    def send(self, command: Command, now: float) -> None:
        """Send a command that is not a stop."""
        self.outbox.send(command, now)

    def extend(self, outputs: Iterable[Output], now: float) -> None:
        """Send or tell what others made."""
        self.outbox.extend(outputs, now)

    def send_start(self, command: Command, now: float) -> None:
        """Start a belt that surely rests."""
        self.safety_key_pulled = False
        command = replace(command, value=self.belt.shown_at_rest)  # it is not known any more once the belt was started
        self.belt.on_start(now)
        self.stopper.on_start(now)
        self.send(command, now)

    def send_stop(self, now: float, *, again: bool) -> None:
        """Send what stops this belt, as far as it is known; `again`: it was to stop already (S3)."""
        self.deck.cancel()
        works = self.rules.measured.stop_step
        self.outbox.stop(self.stopper.request(self.belt, now, works, self.slowest, again=again))

    def send_pause(self, now: float) -> None:
        """Tell the machine to pause."""
        self.pause.on_sent(now)
        self.send(Command(CommandKind.PAUSE), now)

    def end_machine_session(self, now: float) -> None:
        """Let the machine begin anew before a session goes on: many resume at their last speed (S12)."""
        if not self.pause.session_ended and self.linked and self.belt.rests(now):
            self.pause.on_session_end(now)
            self.belt.on_session_end(now)
            self.send(Command(CommandKind.END_SESSION), now)

    def report_stop_failure(self, failure: StopFailure) -> None:
        """Tell that a stop does not work, unless that is known."""
        if self.stopper.report_failure(failure):
            self.emit(StopFailedEvent(failure))

    def report_stop_fails(self, now: float) -> None:
        """Tell that the belt does not obey a stop, once that is sure."""
        if failure := self.stopper.fails(self.belt, now, linked=self.linked):
            self.emit(StopFailedEvent(failure))

    # Where a session begins and ends.

    def begin_session(self) -> None:
        """Count anew, unless a session goes on after a pause."""
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
        """End the session under way, or what was made ready; return whether anybody walked."""
        walked = self.under_way and self.moving_time > 0
        self.under_way = False
        self.terms.release_limits()
        self.pause.resuming = False
        if not walked:
            self.terms.clear()
        return walked

    def _forget_last_session(self) -> None:
        """Forget what tells nothing about the next session."""
        self.moved_before = 0.0  # s, in a session that a restart cut in two
        self.rises: Mapping[CommandKind, float] = {}  # of this session's last pilot
        self.pending_reductions: Mapping[CommandKind, ManualRamp] = {}  # of this session's last steering
        self.outbox.on_belt_rest()
        self.verifier = CommandVerifier()
        self.monitor = SessionMonitor()
        self.unit_monitor: UnitMonitor | None = None  # of a session that we steer, or steered
