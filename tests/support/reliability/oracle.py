"""What the safety rules demand of a belt, its commands, words and record, whatever fails (docs/safety.md).

It is written from the rules. It knows the true belt, the bytes that arrived at the control point, the words that were
said, and what people did; it knows nothing of how the product comes to its decisions.
"""

import re
from collections.abc import Callable

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import Phase

REQUEST, SPEED, START, STOP_OR_PAUSE = 0x00, 0x02, 0x07, 0x08
CEILING = 3.0
"""km/h backward, without other settings (S4)."""
LEAST_COUNTDOWN = 10.0
"""Seconds, backward (S2)."""
ANNOUNCED = 5.0
"""Seconds from the announcement of a rise to the rise (S6)."""
STEP, PACE = 0.2, 0.02
"""The largest rise (km/h), and the km/h that each second after it allows, backward (S5)."""
HOLDS_BACK = 5.0
"""Seconds without a start after a Stop (S2)."""
AT_ONCE = 2.0
"""Seconds in which a person hears that a Stop did not get through, or that the link is lost (S3, S10)."""
STALE = 5.0
"""Seconds without a report after which the link counts as lost (S11)."""
DISOBEYED = 13.0
"""Seconds without slowing in which the whole ladder is climbed and the person has heard of it (S3)."""
CONSOLE = 10.0
"""Seconds in which the person hears that the console has taken over, or a pause (S7)."""
DISOBEDIENT = 20.0
"""Seconds in which an ignored command, or miles, is found and said (S9)."""
NO_START = 15.0
"""Seconds for a belt to move after the start command (S2)."""
FOLLOWS = 8.0
"""Seconds in which a belt follows a command or a hand; faster later has no cause."""
NEARLY = 1e-6
TELLS_WHAT_TO_DO = re.compile(
    r"key|step off|remote|console|Stay off|ready again|Press|Hold|stops|slows down|stays at|keeps running|not started"
)
"""What a sentence of trouble must contain: an act, or what the belt does."""


class Oracle:
    """Compares what happens with the rules, five times a second."""

    def __init__(self, peripheral: Peripheral, clock: Callable[[], float]) -> None:
        self.peripheral = peripheral
        self.treadmill = peripheral.treadmill
        self.clock = clock
        self.log: list[str] = []
        self.said: list[tuple[float, str]] = []
        self.moved = 0.0
        """Seconds for which the belt moved in the session."""
        self.hearing = True
        """Whether reports reach Home Assistant."""
        self.running = True
        """Whether Home Assistant runs."""
        self.trembles = False
        """Whether the belt does by itself what nobody asked for."""
        self._writes = len(peripheral.writes)
        self._before = self.treadmill.speed
        self._looked = clock()
        self._confirmed: float | None = None
        self._stopped: float | None = None
        self._stop_owed = False
        self._slower = 0.0
        self._lowest = 0.0
        self._target: float | None = None
        self._rose = float("-inf")
        self._cause = float("-inf")
        self._foreign = float("-inf")
        self._held = False
        self._unheard_since: float | None = None
        self._owed: list[tuple[str, float, float]] = []

    @property
    def now(self) -> float:
        return self.clock()

    def note(self, text: str) -> None:
        treadmill = self.treadmill
        self.log.append(f"{self.now - 1000:7.1f} {treadmill.phase.value:9} {treadmill.speed:5.2f} {text}")

    def fail(self, rule: str, text: str) -> None:
        raise AssertionError(f"{rule}: {text}\n" + "\n".join(self.log[-60:]))

    # What people do

    def confirmed(self) -> None:
        """Note that a person on site has confirmed a start or a resume."""
        self.note("ACT confirm")
        self._confirmed = self.now
        self._stopped = None
        self._held = False

    def withdrawn(self) -> None:
        self._confirmed = None

    def chosen(self) -> None:
        """Note that a person has chosen a speed, which may rise again after a loss (S10)."""
        self._held = False

    def stop_pressed(self) -> None:
        """Note that somebody presses Stop, now."""
        self.note("ACT stop")
        self._confirmed = None
        self._stopped = self._slower = self.now
        self._lowest = self.treadmill.speed
        self._stop_owed = True
        if self.moves and not self.peripheral.connected and self.running:
            self.must_say("S3 not told that Stop does not get through", AT_ONCE)

    def foreign(self, what: str) -> None:
        """Note that somebody else, or something else, moves the belt."""
        self.note(f"ACT {what}")
        self._foreign = self.now

    @property
    def moves(self) -> bool:
        return self.treadmill.speed > 0

    # Words

    def hear(self, text: str) -> None:
        """Note what was said."""
        self.note(f"said {text!r}")
        self.said.append((self.now, text))
        self._owed = [(what, since, by) for what, since, by in self._owed if since > self.now + NEARLY]

    def must_say(self, what: str, within: float) -> None:
        """Demand words within some seconds from now."""
        self._owed.append((what, self.now, self.now + within))

    def told_since(self, when: float) -> list[str]:
        return [text for said, text in self.said if said >= when - NEARLY]

    # Looking

    def look(self) -> None:
        """Look at the belt and at what was written."""
        now = self.now
        dt, self._looked = now - self._looked, now
        speed, before = self.treadmill.speed, self._before
        self._before = speed
        if speed > 0 or before > 0:
            self.moved += dt if speed > 0 else dt / 2
        for _, uuid, data in self.peripheral.writes[self._writes :]:
            if uuid == const.CONTROL_POINT:
                self.note(f"wrote {data.hex()}")
                self._judge(data)
        self._writes = len(self.peripheral.writes)
        if speed > before + 0.01:
            self._judge_rise(speed)
        if speed > CEILING + 0.05 and now - self._foreign > DISOBEDIENT:
            self.fail("S4", f"the belt runs at {speed:.2f} km/h")
        self._judge_stop(speed)
        self._judge_hearing()
        for what, _, by in self._owed:
            if now > by:
                self.fail(what, f"nothing said in time at {now - 1000:.1f}")

    def _judge(self, data: bytes) -> None:
        op = data[0]
        if op == REQUEST:
            return
        stops = op == STOP_OR_PAUSE
        if self._stop_owed and not stops:
            self.fail("S3 first", f"{data.hex()} before the stop")
        self._stop_owed = self._stop_owed and not stops
        if op == START:
            self._judge_start()
        elif op == SPEED:
            self._judge_speed(int.from_bytes(data[1:3], "little") / 100)

    def _judge_start(self) -> None:
        now = self.now
        if self._stopped is not None:
            self.fail("S3", "started after a Stop")
        if self._confirmed is None:
            self.fail("S2", "started, and nobody confirmed")
        elif now - self._confirmed < LEAST_COUNTDOWN - 0.5:
            self.fail("S2", f"started {now - self._confirmed:.1f} s after the confirmation")
        if self.moves and self.hearing:
            self.fail("S8", "started a moving belt")
        self._confirmed = None
        self._cause = now
        self._target = None
        self.must_say("S2 not told that the belt does not move", NO_START + AT_ONCE + 5)

    def _judge_speed(self, kmh: float) -> None:
        now = self.now
        if kmh > CEILING + NEARLY:
            self.fail("S4", f"{kmh} km/h commanded")
        if self.treadmill.at_rest and self.hearing:
            self.fail("S8", f"{kmh} km/h to a belt at rest")
        # Every belt begins with its minimum, so that this is no rise.
        begins = max(self.treadmill.console_speed, self.treadmill.profile.speed.minimum)
        before, self._target = self._target if self._target is not None else begins, kmh
        self._cause = now
        if kmh <= before + 0.05:
            return
        if self._stopped is not None:
            self.fail("S3", f"raised to {kmh} after a Stop")
        if self._held:
            self.fail("S10", f"raised to {kmh} after a loss")
        if kmh - before > STEP + NEARLY:
            self.fail("S5", f"{before} to {kmh} in one step")
        if now - self._rose < (kmh - before) / PACE - 1.0:
            self.fail("S5", f"{before} to {kmh}, {now - self._rose:.1f} s after the last")
        self._rose = now
        if not any(when <= now - ANNOUNCED + 0.5 and _rises_to(text) >= kmh - NEARLY for when, text in self.said):
            self.fail("S6", f"{before} to {kmh} unannounced")

    def _judge_rise(self, speed: float) -> None:
        latest = max(self._cause, self._foreign)
        if self.now - latest > FOLLOWS and not self.trembles:
            self.fail("S5", f"faster without a cause: {speed:.2f} km/h")
        if self._stopped is not None and self.now - max(self._stopped, self._foreign) > FOLLOWS and not self.trembles:
            self.fail("S3", f"faster after a Stop: {speed:.2f} km/h")

    def _judge_stop(self, speed: float) -> None:
        if self._stopped is None or not self.running:
            return
        if speed < self._lowest - 0.04 or not speed:
            self._lowest, self._slower = speed, self.now
        if self._stop_owed and self.peripheral.connected and self.now - self._stopped > 2.0:
            self.fail("S3", "the stop is not written")
        waited = self.now - max(self._stopped, self._slower)
        if speed > 0 and waited > DISOBEYED and not self.told_since(self._stopped):
            self.fail("S3", f"neither at rest nor told, {waited:.0f} s")

    def _judge_hearing(self) -> None:
        heard = self.hearing and self.peripheral.connected
        if heard or not self.running:
            self._unheard_since = None
            return
        if self._unheard_since is None:
            self._unheard_since = self.now
            if self.moves and self.treadmill.phase is Phase.RUNNING:
                self._held = True
                self.must_say("S10 not told that the belt is not heard", AT_ONCE + (STALE if self.peripheral.connected else 0))


def _rises_to(text: str) -> float:
    found = re.search(r"Speeding up from [\d.]+ to ([\d.]+)", text)
    return float(found[1]) if found else 0.0
