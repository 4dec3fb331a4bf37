"""What the belt does, as far as the machine reports it: at rest, about to move, slowing down, or unknown."""

from ...machine.model import BeltState, CommandKind, MachineEvent, MachineEventKind, Telemetry
from .deceleration import DecelerationDetector
from .motion import MotionDetector
from .noise import NoiseFilter, Reading
from .report_interval import LATEST, ReportInterval

FRESH = 2.0
"""Greatest age of telemetry (s) for a start (S2)."""
STALE = LATEST
"""Age of telemetry (s) from which on it proves nothing; for a moving belt see `Belt.lost`."""
MOVES_WITHIN = 15.0
"""Seconds after the start command in which the belt has to move (S2)."""
IDLES_WITHIN = 3.0
"""Seconds after the end of the machine's own session in which a reported countdown is none."""
LATE_START = 20.0
"""Seconds after a start in which a resting belt may still begin to move, so that rest is not believed."""
HEADS_FOR = 15.0
"""Seconds in which a belt reaches a speed that was chosen at the console."""
REST_CONFIRMED = 2.0
"""Seconds for which a belt must report rest: some machines send a single 0 while running."""

_DECK_JUMP = 2.0  # %
_FASTEST_DECK, _SLOWEST_DECK = 1.0, 0.25  # % a second
_DECK_SHOWS = 0.25
"""% by which a reported incline has to change to show that it is the deck's; a sensor trembles by less."""
_NEARLY_LEVEL = 0.5
"""% off level from which the first step leads to level itself, whatever the deck really does (S5)."""

_STILL = frozenset({BeltState.AT_REST, BeltState.COUNTDOWN})


class Belt:
    """The belt as the machine reports it, or as `MotionDetector` judges it where the report cannot be true."""

    def __init__(self, *, deck_shown: bool = False) -> None:
        """`deck_shown`: its reports are known to follow the deck."""
        self.telemetry: Telemetry | None = None
        self.came_from_rest = False
        """Whether it was at rest, without a gap in the reports, until now or until it began to move just now."""
        self._still_since: float | None = None  # when the present way of standing still was first reported
        self._start_until = float("-inf")
        self._ended_at = float("-inf")
        self._idles = False  # it reports a countdown at rest
        self.slowing = DecelerationDetector()
        """Measures whether it slows down, since `watch_slowing`."""
        self.moves_since = float("-inf")
        """When the present or latest movement was first reported."""
        self._moved_at = float("-inf")
        self._headed = 0.0, float("-inf")
        self.noise_filters = {CommandKind.SET_SPEED: NoiseFilter(), CommandKind.SET_INCLINE: NoiseFilter()}
        """The reports of the speed and incline sensors while the belt moves."""
        self._deck_until = float("-inf")
        self._deck_shown = deck_shown
        self._deck_first: float | None = None  # the first incline (%) that was reported
        self._rhythm = ReportInterval()
        self._motion = MotionDetector()

    @property
    def state(self) -> BeltState:
        """The state that was reported last."""
        return self.telemetry.belt if self.telemetry else BeltState.UNKNOWN

    @property
    def moves(self) -> bool:
        """Whether it was last reported to move."""
        return self.state is BeltState.MOVING

    @property
    def stands_still(self) -> bool:
        """Whether it was last reported not to move; `rests` is the surer answer."""
        return self.state in _STILL

    @property
    def speed(self) -> float:
        """The last reported speed (km/h)."""
        return (self.telemetry.speed if self.telemetry else None) or 0.0

    @property
    def incline(self) -> float | None:
        """The last reported incline (%); None where it is not reported, or cannot be true."""
        return self.telemetry.trusted_incline if self.telemetry else None

    @property
    def known_deck(self) -> float | None:
        """The incline (%) that a deck can be moved away from; None where nobody knows that it really is there.

        Targets are absolute: a step down from an incline that is not the deck's own would raise it. A number that has
        never changed may be any: stuck, or of an earlier session.
        """
        incline = self.incline
        return incline if incline is None or self._deck_shown or abs(incline) <= _NEARLY_LEVEL else None

    @property
    def deck_doubted(self) -> bool:
        """Whether what is reported of the deck cannot be true."""
        return self.telemetry is not None and self.telemetry.incline_doubted

    def deck_moves(self, now: float) -> bool:
        """Return whether the deck may still be on its way: its incline jumped, so that it is only a target."""
        return now < self._deck_until

    @property
    def readings(self) -> tuple[Reading | None, Reading | None]:
        """The measured speed (km/h) and incline (%) while it moves, without noise."""
        return self.noise_filters[CommandKind.SET_SPEED].reading(), self.noise_filters[
            CommandKind.SET_INCLINE
        ].reading()

    def age(self, now: float) -> float:
        """Return the seconds since the last report."""
        return now - self.telemetry.received if self.telemetry else float("inf")

    def lost(self, now: float) -> bool:
        """Return whether the reports have stopped for so long that the link counts as lost (S11)."""
        return self.age(now) > (self._rhythm.patience if self.moves else STALE)

    def rests(self, now: float) -> bool:
        """Return whether it is at rest: reported for a while, or reported last before the machine fell silent."""
        telemetry = self.telemetry
        if telemetry is None or self._still_since is None or now < self._start_until:
            return False
        if telemetry.belt is BeltState.COUNTDOWN:
            # A countdown without an end: some machines report "pre-workout" all day (docs/protocols.md).
            return telemetry.received - self._still_since >= MOVES_WITHIN
        return telemetry.received - self._still_since >= REST_CONFIRMED or self.age(now) > STALE

    def never_left_rest(self, now: float) -> bool:
        """Return whether it is and was at rest and its reports are fresh, so that there is nothing to stop."""
        return self.state is BeltState.AT_REST and self.came_from_rest and self.age(now) <= FRESH

    def about_to_move(self, now: float) -> bool:
        """Return whether it stands still but was started, by us or at the console (S8)."""
        return self.was_started(now) or (self.state is BeltState.COUNTDOWN and not self.rests(now))

    def was_started(self, now: float) -> bool:
        """Return whether it was started, by us or at the console, and has not moved since."""
        return now < self._start_until

    def slows(self, now: float) -> bool:
        """Return whether it is clearly slower than at `watch_slowing`, and still slowing down."""
        return self.slowing.slows(now)

    def unmoved_for(self, now: float) -> float:
        """Return the seconds since it was last reported to move."""
        return now - self._moved_at

    @property
    def shown_at_rest(self) -> float | None:
        """The speed (km/h) that the machine reports although the belt rests; None where it reports none."""
        return self._motion.shown_at_rest

    @property
    def settles(self) -> bool:
        """Whether it was halted and will soon be known to rest, although the machine reports a speed."""
        return self._motion.settles()

    @property
    def got_faster(self) -> bool:
        """Whether a command made it faster; some machines only report another speed at rest."""
        return self.moves and self.slowing.got_faster and not self.settles and not self._motion.snaps()

    @property
    def walked(self) -> bool:
        """Whether it moves and somebody may walk on it; not if no counter has changed for minutes."""
        return self.moves and self.telemetry is not None and self.telemetry.uncounted_since is None

    def judge(self, telemetry: Telemetry) -> Telemetry:
        """Return telemetry with the belt state that it really stands for; `observe` takes either."""
        return self._motion.judge(telemetry)

    def on_machine_event(self, event: MachineEvent, now: float) -> None:
        """Take in an event of the machine."""
        self._motion.on_machine_event(event, now)
        if event.kind is MachineEventKind.SPEED_CHANGED and event.value is not None:
            self._headed = event.value, now

    def heading(self, now: float) -> float:
        """Return the speed (km/h) that the console set a moment ago and the belt may not have reached yet; else 0."""
        kmh, reported = self._headed
        return kmh if now - reported < HEADS_FOR else 0.0

    def lowest_speed(self, now: float) -> float:
        """Return the speed (km/h) that it has, or a lower one to which the console has set it a moment ago (S5)."""
        return min(self.speed, self.heading(now) or self.speed)

    def on_accepted(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine accepted a command."""
        self._motion.on_accepted(kind, now)

    def on_declined(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine declined a command."""
        self._motion.on_declined(kind, now)

    def observe(self, telemetry: Telemetry, now: float) -> None:
        """Take in telemetry."""
        telemetry = self._motion.judge(telemetry)
        before = self.telemetry
        idles = self._idles or now - self._ended_at < IDLES_WITHIN
        self._idles = idles and telemetry.belt is BeltState.COUNTDOWN
        if self._idles:
            telemetry = telemetry._replace(belt=BeltState.AT_REST)
        if before is None or before.belt not in _STILL or telemetry.received - before.received > STALE:
            self.came_from_rest = False
            self._still_since = None
        elif before.belt is not telemetry.belt:
            self._still_since = None
        self._watch_deck(before, telemetry)
        self.telemetry = telemetry
        if telemetry.belt in _STILL:
            self._rhythm.on_rest()
            if self._still_since is None:
                self._still_since = telemetry.received
            counts_down = telemetry.belt is BeltState.COUNTDOWN
            rests = self.rests(telemetry.received)
            self.came_from_rest = self.came_from_rest or counts_down or rests
            if rests:
                self.slowing.reset()
        elif telemetry.belt is BeltState.MOVING:
            self._start_until = float("-inf")
            self._moved_at = telemetry.received
            if before is None or self.came_from_rest:
                self.moves_since = telemetry.received
            incline = telemetry.trusted_incline
            for kind, value in ((CommandKind.SET_SPEED, telemetry.speed), (CommandKind.SET_INCLINE, incline)):
                if value is not None:
                    self.noise_filters[kind].update(value, telemetry.received)
            self._rhythm.on_moving(telemetry.received)
            self.slowing.update(self.speed, telemetry.received)

    def _watch_deck(self, before: Telemetry | None, telemetry: Telemetry) -> None:
        """Notice an incline that changes at all, and one that comes nearer to level faster than any deck moves."""
        if (told := telemetry.trusted_incline) is not None:
            self._deck_first = told if self._deck_first is None else self._deck_first
            self._deck_shown = self._deck_shown or abs(told - self._deck_first) >= _DECK_SHOWS
        if before is None or before.incline is None or telemetry.incline is None:
            return
        change, seconds = abs(before.incline) - abs(telemetry.incline), telemetry.received - before.received
        if change > _DECK_JUMP + _FASTEST_DECK * seconds:
            self._deck_until = telemetry.received + change / _SLOWEST_DECK

    def on_start(self, now: float) -> None:
        """Take in a start, by us or at the console."""
        self._start_until = now + LATE_START
        self._ended_at, self._idles = float("-inf"), False
        self._motion.on_start(now)
        self.came_from_rest = self.came_from_rest or self.stands_still
        for gauge in self.noise_filters.values():
            gauge.reset()

    def on_session_end(self, now: float) -> None:
        """Take in that the machine was told to end its own session while the belt rests."""
        self._ended_at = now

    def on_start_void(self) -> None:
        """Drop a start that was not obeyed yet: the machine reported that it stopped."""
        self._start_until = float("-inf")

    def watch_slowing(self) -> None:
        """Begin to measure whether it slows down and comes to rest."""
        self._still_since = None
        self.slowing.watch(moves=self.moves)

    def on_link_lost(self, *, under_way: bool) -> None:
        """Forget what was seen before the link was lost: it proves nothing afterward.

        `under_way`: a session is, so that the machine was hardly switched off and on meanwhile.
        """
        self._motion.on_link_lost()
        self._lose_sight()
        if not under_way:
            self._forget_deck()

    def reset(self) -> None:
        """Forget everything: nobody knows what the belt does."""
        self.telemetry = None
        self._lose_sight()
        self._forget_deck()

    def _forget_deck(self) -> None:
        self._deck_shown, self._deck_first = False, None

    def _lose_sight(self) -> None:
        self._rhythm = ReportInterval()
        self.came_from_rest = False
        self._still_since = None
