"""Sends stops until the belt obeys, in the form that its machine understands, and reports when it does not (S3)."""

from ...machine.model import STOP_KEPT_FOR, BeltState, Command
from ..events import EndReason, StopFailure
from ..stop_steps import StopStep
from .belt import LATE_START, REST_CONFIRMED, Belt
from .stop_escalation import NEXT_AFTER, PROOF_WITHIN, TIMES, StopEscalation

STOP_AGAIN = 1.0
"""Seconds between stops while the belt does not slow down."""
STOP_FAILS_AFTER = 5.0
RECENT = 3.5
"""Greatest age of telemetry (s) that counts as fresh here: slow machines report every 3 s."""
NO_START_AFTER_STOP = 5.0
"""Seconds after a stop in which nothing is started (S2)."""
_REFUSAL_REPORTED_AFTER = 2.0
"""Seconds until it is reported that the machine declines everything: it may already have been stopping."""
_SHOWS_WITHIN = 2.5
"""Seconds after the machine reported that it stops in which its belt gets slower."""
_SEEN_AFTER = 3.0
"""Seconds after a stop in which even a slow coast shows in the reports of a slow machine."""
_LINKS_EXCUSE = 15.0
"""Seconds after a link came back in which one that comes back again is no reason to wait longer for the stop."""
_TOGGLES_WITHIN = 6.0
"""Seconds after a stop at rest in which that stop explains a belt that moves: some machines toggle."""
_WAKES_WITHIN = 3.0
"""The same after the end of the machine's own session; later a Start at a console that says nothing may move it."""


class Stopper:
    """The stops of one treadmill: what was sent and when, and which failures were reported."""

    def __init__(self) -> None:
        self.escalation = StopEscalation()
        self.reported: set[StopFailure] = set()
        """The failures that were reported since somebody asked for a stop."""
        self.reason = EndReason.STOPPED
        """Why the belt is stopped, or was stopped last."""
        self._asked = self._sent = float("-inf")
        self._since = self._linked_at = float("-inf")
        self._start_until = float("-inf")
        self._start_said = float("-inf")
        self._heading = 0.0
        self._counters: tuple[int | None, int | None] = (None, None)  # when the step before was first sent
        self._marked: StopStep | None = None  # the step that was sent when the belt's speed was marked
        self._stopping_at = self._declined_at = float("-inf")
        self._escalations = 0  # steps that the machine accepted often enough, and that did not help
        self._refused = False  # the machine declined everything that can be sent
        self._declines_unmoved = False  # declined by a machine that has not reported its belt yet
        # A belt at rest is sent Stop, too: what brought it there may only have paused the machine's session.
        self._rest_sent = float("-inf")
        self._rest_times = 0
        self._rest_accepted = False
        self.rest_toggles = False
        """Whether a stop at rest sets this belt in motion."""
        self._withheld = float("-inf")  # the last stop that was asked for at rest and would have set the belt in motion
        self._session_ended = float("-inf")  # the machine's own, at rest
        self._waits = False  # the last stop did not reach the machine

    def begin(self, belt: Belt, now: float, *, reason: EndReason, heading: float) -> None:
        """Begin to stop a belt; `heading` is the speed (km/h) that it is already on its way to."""
        # Some machines ignore Stop in their countdown. Rest is believed, but a belt that moves then is stopped.
        self._start_until = now + LATE_START if belt.about_to_move(now) else float("-inf")
        belt.on_start_void()
        belt.watch_slowing()
        self._note_toggle(belt, now)
        self._since, self._heading = now, heading
        self._counters = _counters(belt)
        self._rest_times, self._rest_accepted = 0, False
        self._escalations = 0
        self._refused = self._declines_unmoved = False
        belt.slowing.mark(heading)
        self.reason = reason
        self.on_request()

    def start_may_follow(self, now: float) -> bool:
        """Return whether a belt that moves now obeys an earlier start, or a stop that toggled it at rest.

        Or it began to move as somebody asked for a stop, which was not sent because it still seemed to rest.
        """
        return now < self._start_until or self._may_toggle(now) or now - self._withheld < NO_START_AFTER_STOP

    def on_start(self, now: float) -> None:
        """Take in a new start: a belt that moves now obeys that one."""
        self._start_until = self._rest_sent = self._session_ended = float("-inf")
        self._start_said = now

    def on_session_end(self, now: float) -> None:
        """Take in that the machine's own session is ended at rest, with what is a stop to it."""
        self._session_ended = now

    def on_console_start(self) -> None:
        """Take in that the console starts the belt: it is not the end of the machine's session that moves it."""
        self._session_ended = float("-inf")

    def on_request(self) -> None:
        """Take in that somebody asks for a stop, perhaps again: a failure is news to them."""
        self.reported.clear()

    def just_sent(self, now: float) -> bool:
        """Return whether a stop was asked for or sent so recently that nothing may start yet."""
        return now - max(self._asked, self._sent) < NO_START_AFTER_STOP

    def lapsed(self, now: float) -> bool:
        """Return whether a stop that waits for the link has waited long enough."""
        return now - self._sent > STOP_KEPT_FOR

    def has_no_reports(self, belt: Belt, now: float) -> bool:
        """Return whether stops were sent for long enough to a belt that reports no movement; some report no rest.

        A belt that was not seen to move could report nothing else before the link was back.
        """
        since = self._since if belt.moves else max(self._since, self._linked_at)
        return min(now - since, belt.unmoved_for(now)) > STOP_KEPT_FOR

    # What is sent; `slowest` is the lowest speed (km/h), where it would slow the belt down

    def request(self, belt: Belt, now: float, works: StopStep, slowest: float | None, *, again: bool) -> Command | None:
        """Return the command for a belt that is to stop; None where a stop would start it.

        `works` is the step that the check run found; `again`: the belt was already to stop.
        """
        self._asked = now
        if not again:
            self.escalation.begin(works)
        self._withheld = now if self._may_wake(belt, now) else float("-inf")
        return self._send(self._pick(belt, now, slowest), belt, now, slowest)

    def next_command(self, belt: Belt, now: float, slowest: float | None) -> Command | None:
        """Return the command to repeat or to escalate with, while the belt neither slows down nor reports rest."""
        escalation = self.escalation
        self._note_toggle(belt, now)
        if self._may_wake(belt, now):
            return None
        if _at_rest(belt, now):
            done = self._is_ended or now - self._rest_sent < STOP_AGAIN
            return None if done else self._send(StopStep.STOP, belt, now, slowest)
        if belt.got_faster:
            escalation.excluded.add(escalation.current)
            escalation.escalate()
        elif belt.slows(now) or now - self._sent < self._again(belt) or self._is_unproven(belt, now):
            return None
        elif self._does_not_help(belt, now):
            escalation.escalate()
            self._escalations += 1
        step = self._pick(belt, now, slowest)
        if step is StopStep.SLOWEST and not self._runs_on(belt, now):
            return None  # a target speed might start a belt that was about to rest (S8)
        if step is StopStep.SLOWEST and (belt.settles or not self._is_counted(belt)):
            step = StopStep.STOP  # perhaps it rests and only repeats its speed
        return self._send(step, belt, now, slowest)

    def on_accepted(self, command: Command) -> None:
        """Take in that the machine accepted a command."""
        self.escalation.on_accepted(StopStep.of(command))

    def on_stopping(self, now: float) -> None:
        """Take in that the machine reported to stop, whoever stopped it: what it declines afterward is no news."""
        self._stopping_at = now

    def on_link_up(self, now: float) -> None:
        """Take in that the link is back: only what is delivered from now on can be obeyed, or not."""
        if now - self._linked_at > _LINKS_EXCUSE:
            self._linked_at = now

    def on_not_delivered(self) -> None:
        """Take in that a stop did not reach the machine: it cannot be what sets a belt at rest in motion either."""
        self._rest_accepted, self._rest_sent = False, float("-inf")
        self._waits = True

    def on_delivered(self, belt: Belt, now: float) -> None:
        """Take in that the machine accepted a stop: one that had waited for the link may only now wake a belt."""
        if self._waits and not belt.moves and not self._is_started(belt, now):
            self._rest_sent = now
        self._waits = False

    def on_declined(self, command: Command, belt: Belt, now: float, slowest: float | None) -> Command | None:
        """Take in that the machine declined a stop; return the command to send instead, at once.

        At rest there is nothing to stop, and a belt that is about to rest needs nothing else either.
        """
        if belt.state is BeltState.AT_REST and not self.is_unheard(belt, now):
            self._rest_accepted, self._rest_sent = False, float("-inf")
            return None
        if belt.state is BeltState.UNKNOWN:
            self._declines_unmoved = True
            return None
        if belt.settles or belt.slowing.slowed or now - self._stopping_at < NEXT_AFTER:
            return None
        if not self.escalation.is_news(step := StopStep.of(command)):
            if self._is_counted(belt):  # or it obeys, and only repeats its speed
                self.escalation.on_declined_again(step)
            return None
        self._declined_at = now
        instead = self.escalation.on_declined(slowest)
        self._refused = self._refused or instead is None
        # A target speed has to wait: see `next_command`.
        return self._send(instead, belt, now, slowest) if instead is StopStep.PAUSE else None

    def _pick(self, belt: Belt, now: float, slowest: float | None) -> StopStep | None:
        """Return the step to send, as the belt is now."""
        if self._may_wake(belt, now):
            return None
        if _at_rest(belt, now):
            return StopStep.STOP
        if belt.slows(now):
            return StopStep.STOP  # somebody asks once more; that is no reason to escalate
        if belt.age(now) > RECENT:
            moves = belt.moves or self.is_unheard(belt, now)
            pauses = self.escalation.current is StopStep.PAUSE and moves and not belt.slowing.slowed
            return StopStep.PAUSE if pauses else StopStep.STOP
        return self.escalation.pick(slowest)

    def _send(self, step: StopStep | None, belt: Belt, now: float, slowest: float | None) -> Command | None:
        if step is None:
            return None
        self._sent = now
        if step is StopStep.STOP and _stands(belt, now) and not self._is_started(belt, now):
            self._rest_sent = now
        if step is StopStep.STOP and _at_rest(belt, now):
            self._rest_accepted = True
            self._rest_times += 1
        elif not belt.slows(now):
            if step is not self._marked:
                belt.slowing.unmark()
                if step is not StopStep.SLOWEST:
                    self._counters = _counters(belt)
            self._marked = step
            self.escalation.on_sent(step, now)
            belt.slowing.mark(self._heading)
        return step.command(slowest)

    # What comes of it

    @property
    def _is_ended(self) -> bool:
        """Whether the session of a machine whose belt rests has ended, as far as it can be ended."""
        paused = not self.escalation.only_stopped
        return not paused or self.rest_toggles or self._rest_accepted or self._rest_times >= TIMES

    def is_over(self, now: float) -> bool:
        """Return whether a belt at rest needs no more stops, and was not set in motion by the last one."""
        return self._is_ended and now - self._rest_sent >= REST_CONFIRMED

    def is_unheard(self, belt: Belt, now: float) -> bool:
        """Return whether the belt was told to start before the stop, and has not been heard since: it may move."""
        started = self._start_until > float("-inf")
        return started and belt.age(now) > RECENT and now - belt.age(now) <= self._since

    def fails(self, belt: Belt, now: float, *, linked: bool) -> StopFailure | None:
        """Return the failure to report now, each once: the stop does not work."""
        patience = _REFUSAL_REPORTED_AFTER if self._refused else STOP_FAILS_AFTER
        if belt.moves and belt.slowing.seems_slower and belt.age(now) <= RECENT:
            patience = max(patience, 2 * RECENT)  # its next report tells
        waited = now - max(self._since, self._linked_at)
        stands = belt.stands_still and not self.is_unheard(belt, now)
        settles = belt.settles and belt.age(now) <= 3 * RECENT  # it is not seen to otherwise
        if stands or settles or waited < patience or belt.slows(now):
            return None
        if belt.state is BeltState.UNKNOWN and self._declines_unmoved:
            return None  # it answers, so that there is nothing to stop
        recent = linked and belt.age(now) <= 2 * RECENT and not self.is_unheard(belt, now)
        return self.report_failure(StopFailure.NOT_OBEYED if recent else StopFailure.NOT_DELIVERED)

    def report_failure(self, failure: StopFailure) -> StopFailure | None:
        """Return a failure if it is news; from then on it is none."""
        if failure in self.reported:
            return None
        self.reported.add(failure)
        return failure

    def _does_not_help(self, belt: Belt, now: float) -> bool:
        """Return whether the machine accepts what is sent, and the belt was seen to go on for long enough."""
        recent = belt.telemetry is not None and belt.age(now) <= RECENT
        since = max(self.escalation.since, belt.moves_since)
        seen = recent and belt.moves and now - belt.age(now) - since >= min(_SEEN_AFTER, NEXT_AFTER)
        unproven = belt.settles or (belt.slowing.seems_slower and now - since < NEXT_AFTER + RECENT)
        return seen and not unproven and self.escalation.has_failed(now, belt.moves_since)

    def _again(self, belt: Belt) -> float:
        """Return the seconds between two stops; longer where each may undo the one before."""
        undone = self._escalations >= len(StopStep) - 1 and belt.slowing.swings
        return PROOF_WITHIN if undone else STOP_AGAIN

    def _runs_on(self, belt: Belt, now: float) -> bool:
        """Return whether a belt was seen to run on since the machine declined a stop, if it did."""
        after = now - belt.age(now) - self._declined_at
        if belt.slowing.is_steady:
            return after >= STOP_AGAIN
        # A trembling belt takes longer to show that it slows down, and that its machine declines for that reason.
        return after >= (PROOF_WITHIN if belt.slowing.seems_slower else _SHOWS_WITHIN)

    def _is_counted(self, belt: Belt) -> bool:
        """Return whether the machine has counted on since the stop began, as far as it counts."""
        counters = _counters(belt)
        return counters == (None, None) or counters != self._counters

    def _is_unproven(self, belt: Belt, now: float) -> bool:
        """Return whether the belt may well be obeying: some machines run again when a stop is repeated."""
        if now - self._stopping_at < _SHOWS_WITHIN:
            return True
        seems_slower = belt.moves and belt.slowing.seems_slower
        if self.escalation.current is StopStep.PAUSE:
            return belt.settles or (seems_slower and now - self._sent < PROOF_WITHIN)
        return seems_slower and belt.slowing.is_steady and now - self._sent < 2 * STOP_AGAIN

    def _is_started(self, belt: Belt, now: float) -> bool:
        """Return whether a belt that stands still was started, and would move because of that."""
        unmoved = belt.moves_since < self._start_said and now - self._start_said < LATE_START
        return unmoved or now < self._start_until or belt.was_started(now)

    def _may_wake(self, belt: Belt, now: float) -> bool:
        """Return whether a stop would only set this belt in motion: it toggles, stands still and was not started."""
        return self.rest_toggles and _stands(belt, now) and not self._is_started(belt, now)

    def _note_toggle(self, belt: Belt, now: float) -> None:
        if belt.moves and self._may_toggle(now):
            self.rest_toggles = True
            self._rest_sent = self._session_ended = float("-inf")

    def _may_toggle(self, now: float) -> bool:
        return now - self._rest_sent < _TOGGLES_WITHIN or now - self._session_ended < _WAKES_WITHIN


def _stands(belt: Belt, now: float) -> bool:
    return belt.stands_still and belt.age(now) < RECENT


def _at_rest(belt: Belt, now: float) -> bool:
    # A "pre-workout" that never ends counts as rest, or the belt would be sent stops without end.
    return (belt.state is BeltState.AT_REST or belt.rests(now)) and belt.age(now) < RECENT


def _counters(belt: Belt) -> tuple[int | None, int | None]:
    telemetry = belt.telemetry
    return (telemetry.distance, telemetry.elapsed_time) if telemetry else (None, None)
