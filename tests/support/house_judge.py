"""A judge of a whole house: what the true belt and deck did, and whether the rules let them (docs/safety.md).

It looks at the virtual treadmill itself, is told what people and consoles do, and reads of the product only the public
state of the session and what is kept of it.
"""

from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import STEERING, SessionState
from tests.support.energy_facts import backward_kcal
from tests.support.odd_house import STEP, OddHouse
from tests.support.true_belt import lowest_of

FIRST, EXPERIENCED = 2.0, 3.0
"""km/h: the ceilings of backward sessions without other settings (S4)."""
STEEPEST = 3.0
"""%: the same of the deck."""
CHECKING = 2.5
"""km/h above the speed that it starts with: nobody is on the belt, but it must not race."""
FORWARD = 6.0
"""km/h: the ceiling of forward sessions, whose rises may be quick (S5)."""
COUNTDOWN, COUNTDOWN_FORWARD = 10.0, 3.0
"""Seconds that a countdown has at least (S2)."""
AT_LOWEST = 10.0
"""Seconds at the lowest speed after each start (S12)."""
RESTS_WITHIN = 40.0
"""Seconds after a stop, with every step of the escalation (S3)."""
KEPT = 58.0
"""Seconds for which a stop is surely kept for the link."""
CONSOLE = 30.0
"""Seconds after a press at the console in which the belt follows it, and then the program again."""
_RISES_IN = 4.5
"""Seconds: within them lies one step of the machine."""
_NEARLY = 0.05
_CONTROLLED = STEERING | {SessionState.STARTING, SessionState.STOPPING, SessionState.INTERRUPTED}


class HouseJudge:
    """Compares what happens on one treadmill with the rules."""

    def __init__(self, house: OddHouse) -> None:
        self.house = house
        self.log: list[str] = []
        self.experienced = False
        """Whether Anna has walked backward for three minutes."""
        self.checking = False
        """Whether somebody runs the check run."""
        self.events: list[SessionEvent] = []
        self.moved = self.meters = self.observed = self.observed_meters = 0.0
        self.begun = 0
        self.kcal = 0.0
        self.walks = 0
        """How many belts were steered."""
        self._harmless: set[bytes] = set()
        self._coordinator: object | None = None
        self._confirmed: float | None = None
        self._started_here = False  # at the console
        self._touched = float("-inf")  # when somebody used the console
        self._before = 0.0
        self._state: SessionState | None = None
        self._since = 0.0  # of that state
        self._speed_then = 0.0
        self._moving_since = 0.0
        self._history: list[float] = []
        self._stopped: float | None = None  # when a Stop has come, that has to be obeyed
        self._owed: float | None = None  # since when it can be obeyed
        self._steered = 0.0
        house.looks.append(self.look)

    @property
    def now(self) -> float:
        return self.house.clock.seconds

    def note(self, what: str) -> None:
        house = self.house
        state = house.session_state.value if house.session_state else "not loaded"
        treadmill = house.treadmill
        self.log.append(f"{self.now:8.1f} {state:11} {treadmill.phase.value:9} {treadmill.speed:5.2f} {what}")

    def fail(self, rule: str, text: str) -> None:
        self.note(f"BROKEN {rule}: {text}")
        raise AssertionError(f"{rule}: {text}\n" + "\n".join(self.log[-70:]))

    @property
    def lowest(self) -> float:
        """The true speed (km/h) that the belt starts with."""
        return lowest_of(self.house.treadmill)

    @property
    def told(self) -> list[SessionEventKind]:
        return [event.kind for event in self.events]

    async def passes_check(self) -> None:
        """Let the owner pass the check run; what was written before it moves nothing."""
        house = self.house
        self._harmless = {data for _, _, data in house.peripheral.writes}
        self.checking = True
        check = await house.check()
        self.checking = False
        if check.failure is not None:
            self.fail("check run", check.failure)
        await house.reloaded()
        await house.linked()

    def moves_in(self, written: int) -> list[str]:
        """Return what was written since then, besides what is written to each new link."""
        new = {data for _, _, data in self.house.peripheral.writes[written:]}
        return [data.hex() for data in new - self._harmless]

    # What people do

    def confirms(self) -> None:
        """Note that a person confirms what is ready."""
        self._confirmed = self.now
        self.note("may confirm")

    def withdraws(self, why: str) -> None:
        """Note something that ends a countdown, and forbids a start."""
        if self._confirmed is not None and self.house.treadmill.phase in {Phase.IDLE, Phase.PAUSED}:
            self.note(f"withdrawn: {why}")
            self._confirmed = None

    def console(self, *, starts: bool = False) -> None:
        """Note that somebody uses the console."""
        self._touched = self.now
        self._started_here = self._started_here or starts
        if starts:
            self._stopped = self._owed = None
        self.withdraws("the console")

    def stops(self) -> None:
        """Note a Stop of anybody."""
        self.withdraws("stop")
        self._stopped = self.now
        self._owed = None
        self.events.clear()

    # The belt

    def _listen(self) -> None:
        house = self.house
        if house.loaded and house.coordinator is not self._coordinator:
            self._coordinator = house.coordinator
            house.coordinator.events.add(self._on_event)

    def _on_event(self, event: SessionEvent) -> None:
        self.events.append(event)
        self.note(f"  told {event.kind.value} {dict(event.data)}")

    def look(self) -> None:
        """Look at belt and deck."""
        self._listen()
        house, treadmill = self.house, self.house.treadmill
        state, speed = house.session_state, treadmill.speed
        if state is not self._state:
            self._state, self._since, self._speed_then = state, self.now, max(speed, self._before)
            self.note("state")
        self._count(speed)
        self._judge_start(speed)
        self._judge_ceiling(speed)
        self._judge_rise(speed)
        self._judge_stop(speed)
        self._judge_deck()
        self._before = speed
        self._history = [*self._history[-round(_RISES_IN / STEP) :], speed]

    def _count(self, speed: float) -> None:
        house = self.house
        if speed == 0:
            return
        self.moved += STEP
        meters = (speed + self._before) / 2 / 3.6 * STEP
        self.meters += meters
        self.kcal += backward_kcal(70.0, (speed + self._before) / 2, max(house.treadmill.incline, 0.0), STEP)
        if house.peripheral.connected and not house.faults.silent and self._state in STEERING | {SessionState.MANUAL}:
            self.observed += STEP
            self.observed_meters += meters
        if self._state in STEERING:
            self._steered += STEP

    def _judge_start(self, speed: float) -> None:
        if speed == 0:
            if self._before > 0:
                self._confirmed, self._started_here, self._steered = None, False, 0.0
            return
        if self._before > 0:
            return
        self.begun += 1
        self._moving_since = self.now
        self.note("the belt begins to move")
        if self.checking or self._started_here:
            return
        if self._confirmed is None:
            self.fail("S2", "the belt moves and nobody confirmed")
        elif self.now - self._confirmed < (COUNTDOWN if self._backward else COUNTDOWN_FORWARD):
            self.fail("S2", f"moves {self.now - self._confirmed:.1f} s after the confirmation")
        self.walks += 1

    @property
    def _by_hand(self) -> bool:
        return self._started_here or self.now - self._touched < CONSOLE

    @property
    def _backward(self) -> bool:
        house = self.house
        return not house.loaded or house.coordinator.session.direction is Direction.BACKWARD

    @property
    def ceiling(self) -> float:
        """The highest speed of the session under way (km/h)."""
        house = self.house
        if not self._backward:
            return FORWARD
        anna = house.loaded and house.coordinator.session.walker == "anna"
        return EXPERIENCED if anna and self.experienced else FIRST

    def _judge_ceiling(self, speed: float) -> None:
        if self.checking or self._state is SessionState.CHECKING:
            if speed > max(self.lowest, 0.5) + CHECKING:
                self.fail("S9", f"{speed:.2f} km/h in a check run")
            return
        if self._state in _CONTROLLED and not self._by_hand and speed > max(self.ceiling, self.lowest) + _NEARLY:
            self.fail("S4", f"{speed:.2f} km/h of {self.ceiling}")

    def _judge_rise(self, speed: float) -> None:
        if speed <= self._before + 0.01 or self._by_hand or self.checking or self._state is SessionState.CHECKING:
            return
        if self._state not in STEERING | {SessionState.STARTING}:
            if speed > max(self._speed_then, self.lowest) + 0.3:
                self.fail("S10/S19", f"faster, to {speed:.2f} km/h, and nobody steers")
            return
        if not self._backward:
            return
        if self.now - self._moving_since < AT_LOWEST and speed > self.lowest + 0.15:
            self.fail("S12", f"{speed:.2f} km/h {self.now - self._moving_since:.1f} s after a start")
        then = max(self._history[0] if self._history else 0.0, self.lowest)
        treadmill = self.house.treadmill
        step = max(treadmill.profile.speed.step, treadmill.coarse_steps) * treadmill.kmh_per_unit
        if speed - then > max(0.2, step) + 0.12:
            self.fail("S5", f"{then:.2f} to {speed:.2f} km/h within {_RISES_IN} s")

    def _judge_stop(self, speed: float) -> None:
        if self._stopped is None:
            return
        house = self.house
        up = house.peripheral.connected and not house.faults.off and not house.faults.silent
        if not up:
            self._owed = None
        elif self._owed is None and self.now - self._stopped < KEPT:
            self._owed = self.now
        if speed == 0:
            self._stopped = self._owed = None
            return
        failed = any(event.kind is SessionEventKind.STOP_FAILED for event in self.events)
        if self._owed is not None and self.now - self._owed > RESTS_WITHIN and not failed:
            self.fail("S3", f"{speed:.2f} km/h {self.now - self._owed:.0f} s after a stop, and nobody is told")

    def _judge_deck(self) -> None:
        if self._state not in STEERING or not self._backward:
            return
        deck = self.house.treadmill.incline
        highest = STEEPEST if self.ceiling == EXPERIENCED else 0.0
        if not -_NEARLY <= deck <= highest + _NEARLY and not self.house.treadmill.deck_drifts:
            self.fail("S4 deck", f"{deck:.2f} %")

    # What is kept

    def begins(self) -> None:
        """Forget what was before."""
        self.moved = self.meters = self.observed = self.observed_meters = self.kcal = 0.0
        self.begun = self.walks = 0

    def judge_records(self, records: list[SessionRecord]) -> None:
        """Compare what is kept with what was walked; sessions of less than 10 s are not kept."""
        for each in records:
            self.note(
                f"kept {each.started:%H:%M:%S} {each.walker} {each.direction.value} {each.moving_time:.0f} s"
                f" {each.distance:.0f} m, {each.outcome.value}, {each.stopped_by}, estimated {each.estimated}"
            )
        kept, meters = sum(each.moving_time for each in records), sum(each.distance for each in records)
        least, most = self.observed * 0.93 - 15 * (self.begun + 1), self.moved * 1.07 + 4 * (len(records) + 1)
        if not least <= kept <= most:
            self.fail("record", f"{kept:.0f} s kept, {self.observed:.0f} s seen, {self.moved:.0f} s walked")
        least = self.observed_meters * 0.9 - 12 * (self.begun + 1)
        most = self.meters * 1.1 + 4 * (len(records) + 1)
        if not least <= meters <= most:
            self.fail("record", f"{meters:.0f} m kept, {self.observed_meters:.0f} m seen, {self.meters:.0f} m walked")
