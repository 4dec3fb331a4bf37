"""Says stop until the belt obeys, in the words that the machine understands, and tells when it does not (S3)."""

from ...machine.model import STOP_KEPT_FOR, BeltState, Command
from ..events import EndReason, StopFailure
from ..stop_steps import StopStep
from .belt import LATE_START, REST_CONFIRMED, Belt
from .stop_escalation import NEXT_AFTER, PROOF_WITHIN, TIMES, StopEscalation

STOP_AGAIN = 1.0
"""Seconds between stops while the belt does not slow down."""
STOP_FAILS_AFTER = 5.0
HEARD = 3.5
"""Age of telemetry (s) up to which a belt counts as just heard of: slow machines report every 3 s."""
NO_START_AFTER_STOP = 5.0
"""Seconds after a stop in which nothing is started (S2)."""
_REFUSAL_TOLD_AFTER = 2.0
"""Seconds after which it is told that the machine declines everything: it may have been stopping already."""
_SHOWS_WITHIN = 2.5
"""Seconds after the machine said that it stops in which its belt gets slower."""
_SEEN_AFTER = 3.0
"""Seconds after a stop in which even a slow coast shows in what a slow machine reports."""
_TOGGLES_WITHIN = 6.0
"""Seconds after a stop at rest in which a belt that moves was set in motion by it: some machines toggle."""


class Stopper:
    """The stops of one treadmill: what is said, when it was said, and whether it was told that they fail."""

    def __init__(self) -> None:
        self.escalation = StopEscalation()
        self.reported: set[StopFailure] = set()
        """The failures that somebody knows of, since somebody asked for a stop."""
        self.reason = EndReason.STOPPED
        """Why the belt is stopped, or was the last time."""
        self._said = float("-inf")
        self._since = float("-inf")
        self._start_until = float("-inf")
        self._start_said = float("-inf")
        self._heading = 0.0
        self._counters: tuple[int | None, int | None] = (None, None)  # when the stop began
        self._marked: StopStep | None = None  # what was said when the belt's speed was marked
        self._obeyed_at = self._declined_at = float("-inf")
        self._climbed = 0  # rungs that the machine took often enough, and that did not help
        self._refused = False  # the machine declined all that can be said
        self._declines_unmoved = False  # declined by a machine of whose belt nothing is known
        # A belt that rests is told to stop too: what brought it there may only have paused its session.
        self._rest_said = float("-inf")
        self._rest_times = 0
        self._rest_taken = False
        self._rest_toggles = False  # a stop at rest sets this belt in motion

    def begin(self, belt: Belt, now: float, *, reason: EndReason, heading: float) -> None:
        """A belt is to be stopped, on its way to a speed (km/h) that it was told before."""
        # Some machines do not hear a stop in their countdown. Rest is believed, but a belt that moves then is stopped.
        self._start_until = now + LATE_START if belt.about_to_move(now) else float("-inf")
        belt.on_start_void()
        belt.watch_slowing()
        self._note_toggle(belt, now)
        self._since, self._heading = now, heading
        self._counters = _counters(belt)
        self._rest_times, self._rest_taken = 0, False
        self._climbed = 0
        self._refused = self._declines_unmoved = False
        belt.slowing.mark(heading)
        self.reason = reason
        self.on_request()

    def start_may_follow(self, now: float) -> bool:
        """Whether a belt that moves now obeys what was said to it at rest: a start before the stop, or the stop."""
        return now < self._start_until or now - self._rest_said < _TOGGLES_WITHIN

    def on_start(self, now: float) -> None:
        """A new start: a belt that moves now obeys that one."""
        self._start_until = self._rest_said = float("-inf")
        self._start_said = now

    def on_request(self) -> None:
        """Somebody asks for a stop, perhaps again: whether it fails is news to them."""
        self.reported.clear()

    def just_sent(self, now: float) -> bool:
        """Whether it is too early for a start."""
        return now - self._said < NO_START_AFTER_STOP

    def lapsed(self, now: float) -> bool:
        """Whether a stop that waits for the link has waited long enough."""
        return now - self._said > STOP_KEPT_FOR

    def has_no_reports(self, belt: Belt, now: float) -> bool:
        """Whether stop was said for long enough to a belt that is not heard to move: some say nothing at rest."""
        return min(now - self._since, belt.unmoved_for(now)) > STOP_KEPT_FOR

    # What is said; `slowest` is the lowest speed (km/h), where it would slow the belt down

    def request(self, belt: Belt, now: float, works: StopStep, slowest: float | None, *, again: bool) -> Command | None:
        """What to say to a belt that is to stop; `works`: what the check run found. None: it would start the belt.

        `again`: it was to stop already.
        """
        if not again:
            self.escalation.begin(works)
        return self._say(self._pick(belt, now, slowest), belt, now, slowest)

    def next_command(self, belt: Belt, now: float, slowest: float | None) -> Command | None:
        """What to say again, or instead: the belt neither slows down nor is just heard to be at rest."""
        rungs = self.escalation
        self._note_toggle(belt, now)
        if self._may_wake(belt, now):
            return None
        if _at_rest(belt, now):
            done = self._is_ended or now - self._rest_said < STOP_AGAIN
            return None if done else self._say(StopStep.STOP, belt, now, slowest)
        if belt.got_faster:
            rungs.excluded.add(rungs.current)
            rungs.escalate()
        elif belt.slows(now) or now - self._said < self._again(belt) or self._is_unproven(belt, now):
            return None
        elif self._does_not_help(belt, now):
            rungs.escalate()
            self._climbed += 1
        rung = self._pick(belt, now, slowest)
        if rung is StopStep.SLOWEST and not self._runs_on(belt, now):
            return None  # a target speed might wake a belt that was about to stop (S8)
        if rung is StopStep.SLOWEST and not self._is_counted(belt):
            rung = StopStep.STOP  # perhaps it rests and only repeats its speed
        return self._say(rung, belt, now, slowest)

    def on_accepted(self, command: Command) -> None:
        """The machine says that it does it."""
        self.escalation.on_accepted(StopStep.of(command))

    def on_stopping(self, now: float) -> None:
        """The machine says that it stops, whoever told it: what it declines after that is no news."""
        self._obeyed_at = now

    def on_declined(self, command: Command, belt: Belt, now: float, slowest: float | None) -> Command | None:
        """The machine declines what was said; returns what to say instead, at once.

        Of a belt at rest it says nothing: there is nothing to stop. Nor of one that is about to stop.
        """
        if belt.state is BeltState.AT_REST:
            # Nor can it be what sets this belt in motion.
            self._rest_taken, self._rest_said = False, float("-inf")
            return None
        if belt.state is BeltState.UNKNOWN:
            self._declines_unmoved = True
            return None
        if (
            belt.settles
            or belt.slowing.slowed
            or now - self._obeyed_at < NEXT_AFTER
            or not self.escalation.is_news(StopStep.of(command))
        ):
            return None
        self._declined_at = now
        instead = self.escalation.on_declined(slowest)
        self._refused = self._refused or instead is None
        # A target speed has to wait: see `due`.
        return self._say(instead, belt, now, slowest) if instead is StopStep.PAUSE else None

    def _pick(self, belt: Belt, now: float, slowest: float | None) -> StopStep | None:
        """The rung to say, as the belt is now."""
        if self._may_wake(belt, now):
            return None
        if _at_rest(belt, now):
            return StopStep.STOP
        if belt.slows(now):
            return StopStep.STOP  # somebody asks once more; no rung is climbed
        if belt.age(now) > HEARD:
            pauses = self.escalation.current is StopStep.PAUSE and belt.moves and not belt.slowing.slowed
            return StopStep.PAUSE if pauses else StopStep.STOP
        return self.escalation.pick(slowest)

    def _say(self, rung: StopStep | None, belt: Belt, now: float, slowest: float | None) -> Command | None:
        if rung is None:
            return None
        self._said = now
        if rung is StopStep.STOP and _stands(belt, now) and not self._is_started(belt, now):
            self._rest_said = now
        if rung is StopStep.STOP and _at_rest(belt, now):
            self._rest_taken = True
            self._rest_times += 1
        elif not belt.slows(now):
            if rung is not self._marked:
                belt.slowing.unmark()
            self._marked = rung
            self.escalation.on_sent(rung, now)
            belt.slowing.mark(self._heading)
        return rung.command(slowest)

    # What comes of it

    @property
    def _is_ended(self) -> bool:
        """Whether the session of a machine whose belt rests has ended, as far as it can be ended."""
        paused = not self.escalation.only_stopped
        return not paused or self._rest_toggles or self._rest_taken or self._rest_times >= TIMES

    def is_over(self, now: float) -> bool:
        """Whether a belt that surely rests has nothing more to be told, and was not set in motion by what it was."""
        return self._is_ended and now - self._rest_said >= REST_CONFIRMED

    def fails(self, belt: Belt, now: float, *, linked: bool) -> StopFailure | None:
        """What has to be told now: the stop does not work. Once is enough."""
        patience = _REFUSAL_TOLD_AFTER if self._refused else STOP_FAILS_AFTER
        if belt.stands_still or belt.settles or now - self._since < patience or belt.slows(now):
            return None
        if belt.state is BeltState.UNKNOWN and self._declines_unmoved:
            return None  # it answers, and says that there is nothing to stop
        heard = linked and belt.age(now) <= 2 * HEARD
        return self.report_failure(StopFailure.NOT_OBEYED if heard else StopFailure.NOT_DELIVERED)

    def report_failure(self, failure: StopFailure) -> StopFailure | None:
        """A failure, if it is news; it is none afterwards."""
        if failure in self.reported:
            return None
        self.reported.add(failure)
        return failure

    def _does_not_help(self, belt: Belt, now: float) -> bool:
        """Whether the machine takes what is said, and the belt was heard to go on for long enough."""
        heard = belt.telemetry is not None and belt.age(now) <= HEARD
        since = max(self.escalation.since, belt.moves_since)
        seen = heard and belt.moves and now - belt.age(now) - since >= min(_SEEN_AFTER, NEXT_AFTER)
        unproven = belt.settles or (belt.slowing.seems_slower and now - since < NEXT_AFTER + HEARD)
        return seen and not unproven and self.escalation.has_failed(now, belt.moves_since)

    def _again(self, belt: Belt) -> float:
        """Seconds between two: where none helped, and the belt gets slower and faster, each may undo the one before."""
        undone = self._climbed >= len(StopStep) - 1 and belt.slowing.swings
        return PROOF_WITHIN if undone else STOP_AGAIN

    def _runs_on(self, belt: Belt, now: float) -> bool:
        """Whether a belt was seen to run on since the machine declined what was said, if it did."""
        after = now - belt.age(now) - self._declined_at
        if belt.slowing.is_steady:
            return after >= STOP_AGAIN
        # It takes longer to see that it slows down already, and declines what it is about.
        return after >= (PROOF_WITHIN if belt.slowing.seems_slower else _SHOWS_WITHIN)

    def _is_counted(self, belt: Belt) -> bool:
        """Whether the machine has counted on since the stop began, as far as it counts."""
        counters = _counters(belt)
        return counters == (None, None) or counters != self._counters

    def _is_unproven(self, belt: Belt, now: float) -> bool:
        """Whether the belt may well be obeying: what is said twice makes some machines go on again."""
        if now - self._obeyed_at < _SHOWS_WITHIN:
            return True
        seems_slower = belt.moves and belt.slowing.seems_slower
        if self.escalation.current is StopStep.PAUSE:
            return belt.settles or (seems_slower and now - self._said < PROOF_WITHIN)
        return seems_slower and belt.slowing.is_steady and now - self._said < 2 * STOP_AGAIN

    def _is_started(self, belt: Belt, now: float) -> bool:
        """Whether a belt that stands still was started, and would move by that."""
        unheard = belt.moves_since < self._start_said and now - self._start_said < LATE_START
        return unheard or now < self._start_until or belt.was_started(now)

    def _may_wake(self, belt: Belt, now: float) -> bool:
        """Whether a stop would do nothing but set this belt in motion: it toggles, stands still and was not started."""
        return self._rest_toggles and _stands(belt, now) and not self._is_started(belt, now)

    def _note_toggle(self, belt: Belt, now: float) -> None:
        if belt.moves and now - self._rest_said < _TOGGLES_WITHIN:
            self._rest_toggles, self._rest_said = True, float("-inf")


def _stands(belt: Belt, now: float) -> bool:
    return belt.stands_still and belt.age(now) < HEARD


def _at_rest(belt: Belt, now: float) -> bool:
    # Also one that says "pre-workout" for so long that it leads nowhere: or it would be told to stop without end.
    return (belt.state is BeltState.AT_REST or belt.rests(now)) and belt.age(now) < HEARD


def _counters(belt: Belt) -> tuple[int | None, int | None]:
    telemetry = belt.telemetry
    return (telemetry.distance, telemetry.elapsed_time) if telemetry else (None, None)
