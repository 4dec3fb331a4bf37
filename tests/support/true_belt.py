"""A judge that knows the true belt and the safety rules, and nothing of how the product keeps them (docs/safety.md).

It is told what the session sends and says, looks at the belt itself five times a second, and raises with the rule.
"""

from typing import Protocol

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import STEERING, SessionState

BACKWARD = 3.0
"""km/h: the ceiling of a backward session without other settings (S4)."""
CHECKING = 2.5
"""km/h above the speed that it starts with: nobody is on the belt, but it must not race."""
ANNOUNCED = 5.0
"""Seconds from the announcement of a rise to the rise (S6)."""
AFTER_START = 10.0
"""Seconds at the lowest speed after each start (S12)."""
STEEPEST = 0.0
"""% below level, backward: never downhill."""
TILTED = 3.0
"""%: the ceiling of a backward session without other settings (S4)."""
TILTS_WITHIN = 25.0
"""Seconds after a target in which a deck may still rise to it."""
NEARLY = 1e-6
_REST_WITHIN = 40.0
"""Seconds after a stop, with every step of the escalation (S3)."""


def lowest_of(treadmill: VirtualTreadmill) -> float:
    """Return the true speed (km/h) that a belt starts with."""
    least = max(treadmill.profile.speed.minimum, treadmill.least_speed)
    return (treadmill.starts_at or least) * treadmill.kmh_per_unit


class Run(Protocol):
    """What is judged: a belt, and the session that moves it."""

    treadmill: VirtualTreadmill
    sent: list[tuple[float, Command]]
    log: list[str]

    @property
    def now(self) -> float:
        """Monotonic seconds."""

    @property
    def session(self) -> SessionController:
        """The session under way."""

    @property
    def state(self) -> SessionState:
        """Its state."""

    @property
    def told(self) -> list[SessionEventKind]:
        """What it has told so far."""


class TrueBelt:
    """Compares what the belt does with what it may do."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.failure: BaseException | None = None
        self.moving = 0.0
        """Seconds for which the belt moved in the session under way."""
        self.meters = 0.0
        self.top = 0.0
        self._before = 0.0
        self._started: float | None = None  # when the belt began to move
        self._start_speed = 0.0
        self._cause = float("-inf")
        self._announced: list[tuple[float, float]] = []
        self._last_sent: float | None = None
        self._deck_before = 0.0
        self._deck_sent = float("-inf")
        self._deck_announced: list[tuple[float, float]] = []
        self._stopped: float | None = None
        self._rested_since_stop = False
        self._sent_before = 0

    def fail(self, rule: str, text: str) -> None:
        raise AssertionError(f"{rule}: {text}\n" + "\n".join(self._run.log[-40:]))

    # What the session says and sends

    def on_event(self, event: SessionEvent) -> None:
        if event.kind is SessionEventKind.SPEED_UP_SOON:
            said = self._announced if event.data["what"] == "speed" else self._deck_announced
            said.append((self._run.now, event.data["target"]))

    def on_command(self, command: Command) -> None:
        run = self._run
        if command.stops:
            return
        if self._stopped is not None and command.kind in {CommandKind.START, CommandKind.SET_SPEED}:
            self.fail("S3 after a stop", f"{command.kind.value} {command.value}")
        if not run.session.rules.control:
            self.fail("S1", f"{command.kind.value} to a machine that is only monitored")
        if run.session.rules.blocked_by is not None and run.state is not SessionState.CHECKING:
            self.fail("S9", f"{command.kind.value} although {run.session.rules.blocked_by}")
        if command.kind in {CommandKind.START, CommandKind.START_AGAIN}:
            self._cause = run.now
            self._last_sent = None
        if command.kind is CommandKind.SET_SPEED:
            self._judge_speed(command.value or 0.0)
        if command.kind is CommandKind.SET_INCLINE:
            self._judge_incline(command.value or 0.0)

    def _judge_incline(self, percent: float) -> None:
        run = self._run
        self._deck_sent = run.now
        if percent > TILTED + NEARLY:
            self.fail("S4", f"{percent} %")
        if percent <= run.treadmill.incline + 0.05:
            return
        if run.state is SessionState.COOL_DOWN:
            self.fail("S5", f"{percent} % in the cool-down of a deck at {run.treadmill.incline:.1f}")
        announced = [when for when, target in self._deck_announced if target >= percent - NEARLY]
        if not any(run.now - when >= ANNOUNCED - 1.0 for when in announced):
            self.fail("S6", f"{percent} % on a deck at {run.treadmill.incline:.1f}, announced {self._deck_announced}")

    def _judge_speed(self, kmh: float) -> None:
        run = self._run
        if kmh <= 0:
            self.fail("S8", "zero is no speed")
        if run.treadmill.at_rest:
            self.fail("S8", f"{kmh} km/h to a belt at rest")
        self._cause = run.now
        if run.state is SessionState.CHECKING:
            return
        if kmh > BACKWARD + NEARLY:
            self.fail("S4", f"{kmh} km/h")
        rises = self._last_sent is not None and kmh > self._last_sent + NEARLY
        announced = [when for when, target in self._announced if target >= kmh - NEARLY]
        if rises and not any(run.now - when >= ANNOUNCED - 1.0 for when in announced):
            self.fail("S6", f"{self._last_sent} to {kmh}, announced {self._announced}")
        self._last_sent = kmh

    # A stop

    def before_stop(self) -> None:
        self._sent_before = len(self._run.sent)

    def after_stop(self) -> None:
        run = self._run
        sent = [command for _, command in run.sent[self._sent_before :]]
        if not sent or not sent[0].stops:
            self.fail("S3 first", f"{sent}")
        self._stopped = run.now
        self._rested_since_stop = run.treadmill.at_rest

    def next_session(self) -> None:
        """Forget the session before."""
        self.moving = self.meters = self.top = 0.0
        self._stopped = None
        self._announced.clear()
        self._deck_announced.clear()
        self._last_sent = None

    def by_hand(self) -> None:
        """Take in that somebody changes the speed at the console, for which nobody but that person is to blame."""
        self._cause = self._run.now

    def next_start(self) -> None:
        """Forget what was said before a start after a pause."""
        self._announced.clear()
        self._deck_announced.clear()
        self._last_sent = None

    # The belt

    def watch(self) -> None:
        """Look at the belt."""
        run, treadmill = self._run, self._run.treadmill
        if self.failure is not None:
            raise self.failure
        speed, before = treadmill.speed, self._before
        self._before = speed
        if speed > 0:
            self.moving += 0.2
            self.meters += (speed + before) / 2 / 3.6 * 0.2
            self.top = max(self.top, speed)
        if speed > 0 and before == 0:
            self._started = run.now
        if speed == 0:
            self._started = None
        self._watch_ceiling(speed)
        if speed > before + 0.01:
            self._watch_rise(speed)
        self._watch_stop(speed)
        deck, flatter = treadmill.incline, self._deck_before
        self._deck_before = deck
        if deck > flatter + NEARLY and not treadmill.deck_drifts and run.now - self._deck_sent > TILTS_WITHIN:
            self.fail("S5", f"the deck rises by itself: {deck:.1f} %")
        if run.state in STEERING and deck > TILTED + 0.05:
            self.fail("S4", f"the deck is at {deck:.1f} %")
        if run.state in STEERING and deck < STEEPEST - 0.05:
            self.fail("never downhill", f"{deck:.1f} %")

    def _watch_ceiling(self, speed: float) -> None:
        run = self._run
        lowest = lowest_of(run.treadmill)
        if run.state is SessionState.CHECKING and speed > max(lowest, 0.5) + CHECKING:
            self.fail("S9", f"{speed:.2f} km/h in a check run that starts at {lowest:.2f}")
        if run.state in STEERING and speed > BACKWARD + 0.05:
            self.fail("S4", f"{speed:.2f} km/h")

    def _watch_rise(self, speed: float) -> None:
        run = self._run
        if run.state is SessionState.CHECKING or run.state not in {*STEERING, SessionState.STARTING}:
            return
        if run.now - self._cause > 25.0:
            self.fail("S5", f"faster without a cause: {speed:.2f} km/h")
        if self._started is not None and run.now - self._started < AFTER_START and run.treadmill.phase is Phase.RUNNING:
            lowest = lowest_of(run.treadmill)
            if speed > lowest + 0.15:
                self.fail("S12", f"{speed:.2f} km/h {run.now - self._started:.1f} s after a start at {lowest:.2f}")

    def _watch_stop(self, speed: float) -> None:
        run = self._run
        if self._stopped is None:
            return
        self._rested_since_stop = self._rested_since_stop or speed == 0
        if self._rested_since_stop and speed > 0:
            self.fail("S3", "moves again after a stop")
        late = run.now - self._stopped > _REST_WITHIN
        if late and speed > 0 and SessionEventKind.STOP_FAILED not in run.told:
            self.fail("S3", "neither at rest nor told")
