"""What the safety rules demand of a belt, its commands, words and record, whatever fails (docs/safety.md).

It is written from the rules. It knows the true belt, the bytes that arrived at the control point, the words that were
said, and what people did; it knows nothing of how the product comes to its decisions.
"""

import re
from collections.abc import Callable

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import Phase

REQUEST, SPEED, INCLINE, START, STOP_OR_PAUSE = 0x00, 0x02, 0x03, 0x07, 0x08
CEILING = {False: 3.0, True: 6.0}
"""km/h backward and forward, without other settings (S4)."""
LEAST_COUNTDOWN = {False: 10.0, True: 3.0}
"""Seconds, backward and forward (S2)."""
ANNOUNCED = 5.0
"""Seconds from the announcement of a rise to the rise (S6)."""
STEP, PACE = {False: 0.2, True: 0.5}, {False: 0.02, True: 0.25}
"""The largest rise (km/h), and the km/h that each second after it allows, backward and forward (S5)."""
FALL, FALLS_APART = 0.5, 2.0
"""The largest fall (km/h), and the seconds between two (S5)."""
STEEPEST = 3.0
"""% backward, without other settings (S4)."""
TILT, TILTS_APART, APART = 0.5, 10.0, 20.0
"""The largest change of incline (%), the seconds between two, and those between a rise of it and one of speed (S5)."""
AT_THE_MINIMUM = 10.0
"""Seconds at the minimum after a resume, counted from when the belt is there (S12)."""
AGAIN = 2.0
"""Seconds in which a start that was refused may be written again."""
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
LAG = 0.1
"""km/h by which machines that obey report less than they were told."""
NO_START = 15.0
"""Seconds for a belt to move after the start command (S2)."""
STOPS_UNSTARTED = 5.0
"""Seconds in which a belt that did not move is stopped, and that is said."""
LADDER = 5.0
"""Seconds between a stop and what takes its place on a machine that declines it."""
SEEMS_ITS_DOING = 6.0
"""Seconds after a Stop at rest in which a belt that moves may be one that a Stop starts."""
KEPT = 60.0
"""Seconds for which a Stop waits for the link (S3)."""
FOLLOWS = 8.0
"""Seconds in which a belt follows a command or a hand; faster later has no cause."""
KNOWN = 3.0
"""Seconds after which a report has told what the belt does."""
_UNSTARTED = "S2 not told that the belt does not move"
_SILENT, _UNLINKED = "S11 not told that nothing is heard", "S10 not told that the link is gone"
NEARLY = 1e-6
STOP_FAILS = r"(key|step off|remote)"
"""What somebody must hear whose Stop does not work: what stops the belt."""
TAKEN_OVER = r"console|key|Paused|Stopped|does not do what it is told"
"""What somebody must hear whose belt another hand has changed."""
_DISOBEDIENT = r"does not do what it is told"
_NOT_HEARD = r"connection is lost|not heard"
_STARTS = r"is moving|goes on|taken over|has failed|not heard|Stopped|Paused|Finished|key|lost"
_RESTS = r"\b(Stopped|Finished)\."
AT_REST = 0.15
"""km/h at which a machine may already call its belt stopped."""
LOOKS = 0.25
"""Seconds between two looks, and a little."""


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
        self.unheard = 0.0
        """Seconds for which it moved besides, of which nobody could know."""
        self.hearing = True
        """Whether reports reach Home Assistant."""
        self.running = True
        """Whether Home Assistant runs."""
        self.trembles = False
        """Whether the belt does by itself what nobody asked for."""
        self.judges_falls = False
        """Whether all that fails is noted with `disturbed`: a fall in large steps has no excuse then (S5, S9)."""
        self.shuts_down = False
        """Whether Home Assistant stops, so that the belt slows down at once (S14)."""
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
        self._hand = 0.0
        self._heading = self.treadmill.target_speed
        self._held = self._lost = False
        self._unheard_since: float | None = None
        self._started = float("-inf")
        self._unheard_start = self._nobodys = False
        self._seems_to_toggle = False  # it was started at the console right after a Stop, as if by that
        self._rested_since = clock()
        self._moves_since = clock()
        self._heard_since = clock()
        self._owed: list[tuple[str, float, float, re.Pattern[str]]] = []
        self.pressed_stop = float("-inf")
        self._due: list[tuple[str, float, Callable[[], bool]]] = []
        self._stop_written = float("-inf")
        self._hands_off: float | None = None
        self._began_at_console = False
        self._undisturbed = True
        self._fell = self._tilted = self._rose_in_incline = float("-inf")
        self._incline: float | None = None
        self._resumed = False
        self._begins_slowly = False
        self._slow_since = float("-inf")
        """When the belt had reached its minimum after its last start."""
        self._untrue: list[str] = []
        self._telling: dict[int, bool] = {}
        self.forward = False
        """Whether the walk goes forward, as it does that began at the console with nothing ready (S7)."""
        self.asked: float | None = None
        """The highest speed (km/h) that anybody has asked for, where that is known."""

    @property
    def now(self) -> float:
        return self.clock()

    def note(self, text: str) -> None:
        treadmill = self.treadmill
        self.log.append(f"{self.now - 1000:7.1f} {treadmill.phase.value:9} {treadmill.speed:5.2f} {text}")

    def story(self, text: str) -> str:
        return "\n".join([text, *self.log[-60:]])

    def fail(self, rule: str, text: str) -> None:
        raise AssertionError(self.story(f"{rule}: {text}"))

    # What people do

    def confirmed(self) -> None:
        """Note that a person on site has confirmed a start or a resume."""
        self.note("ACT confirm")
        self._confirmed = self.now
        self._stopped = self._hands_off = None
        self._held = self._began_at_console = False

    def acts(self) -> None:
        """Note that somebody asks for something else: what was to come of what they asked before need not come."""
        self._due.clear()
        self._hands_off = None
        self._began_at_console = False

    def ends_start(self) -> None:
        """Note that somebody ends what is starting: the belt may still begin to move, from now on."""
        by = self.now + NO_START + AT_ONCE + STOPS_UNSTARTED
        self._owed = [
            (what, since, by if what == _UNSTARTED else until, words) for what, since, until, words in self._owed
        ]

    def shutdown(self) -> None:
        """Note that Home Assistant stops: the walker is told that the belt slows down and stops (S14)."""
        self.note("ACT shutdown")
        self.acts()
        self.shuts_down = True
        self._owed = [owed for owed in self._owed if owed[0] not in {_SILENT, _UNLINKED}]

    def disturbed(self) -> None:
        """Note that something fails or another hand is at work: what is promised where nothing is need not come."""
        self._due.clear()
        self._undisturbed = False

    def expect(self, what: str, within: float, so: Callable[[], bool], *, whatever_failed: bool = False) -> None:
        """Demand that something is so within some seconds, unless something comes between."""
        if self._undisturbed or whatever_failed:
            self._due.append((what, self.now + within, so))

    def rests_within(self, what: str, seconds: float) -> None:
        """Demand that the belt rests within some seconds, unless something comes between."""
        self.expect(what, seconds, lambda: not self.moves)

    def hands_off(self, *, began: bool = False) -> None:
        """Note that another hand drives the belt, and that this can be heard: only a stop is sent (S7).

        What the console `began` is nobody's to steer until a person takes it over.
        """
        if self._hears:
            self._hands_off = self.now
            self._began_at_console = self._began_at_console or began

    def resumed(self) -> None:
        """Note that a person asks to go on after a pause."""
        self._resumed = True

    def withdrawn(self) -> None:
        """Note that what was confirmed does not begin."""
        self._confirmed = None

    def chosen(self, *, takes_over: bool = False) -> None:
        """Note that a person goes on: what was held after a loss may rise again (S10)."""
        hands_off, began = self._hands_off, self._began_at_console
        self.acts()
        self._held = False
        if began and not takes_over:
            self._hands_off, self._began_at_console = hands_off, began

    def stop_pressed(self) -> None:
        """Note that somebody presses Stop, now."""
        self.note("ACT stop")
        self._confirmed = None
        self._stopped = self._slower = self.pressed_stop = self.now
        self._resumed = False
        self._hands_off = None
        self._lowest = self.treadmill.speed
        # Otherwise one is on its way, perhaps on a link that is still opening.
        self._stop_owed = self.now - self._stop_written > (LOOKS if self._undisturbed else AT_ONCE)
        # Who presses Stop hears whether it works; silence that is not known yet need not be told besides.
        self._excuse_silence()
        if self.moves and not self.peripheral.connected and self.running:
            self.must_say("S3 not told that Stop does not get through", AT_ONCE, STOP_FAILS)

    def foreign(self, what: str, *, starts: bool = False) -> None:
        """Note that somebody at the console, or something else, moves the belt; `starts`: from rest."""
        self.note(f"ACT {what}")
        self._foreign = self.now
        self._target = None
        if starts:
            self._stopped = None
            self._seems_to_toggle = self._seems_to_toggle or self.now - self.pressed_stop < SEEMS_ITS_DOING

    def heads_for(self, kmh: float) -> None:
        """Note what a hand at the console has set."""
        self._hand = kmh

    @property
    def just_began(self) -> bool:
        """Whether the belt began to move a moment ago: its own start speed is nobody's hand on the console (S12)."""
        return self.now - self._moves_since < KNOWN

    @property
    def moves(self) -> bool:
        return self.treadmill.speed > 0

    # Words

    def hear(self, text: str) -> None:
        """Note what was said aloud."""
        self.note(f"said {text!r}")
        self.said.append((self.now, text))
        # Of what began to move unheard nobody knows: a session that was only ready ends with this word at once.
        unknown = self._unheard_start and self.now - self.pressed_stop < LOOKS
        if self.treadmill.speed > AT_REST and not unknown and re.search(_RESTS, text):
            # Whoever speaks would only write the failure of a listener into the log.
            self._untrue.append(f"called stopped at {self.treadmill.speed:.2f} km/h")

    def must_say(self, what: str, within: float, words: str) -> None:
        """Demand words like these within some seconds from now."""
        self._owed.append((what, self.now, self.now + within, re.compile(words)))

    def _excuse_silence(self) -> None:
        """Demand nothing for a silence that does not count as a loss yet (S11)."""
        self._owed = [owed for owed in self._owed if owed[0] != _SILENT or owed[1] < self.now - STALE]

    def told_since(self, when: float, words: str = "") -> list[tuple[float, str]]:
        """Return what was said since then that contains these words."""
        return [(said, text) for said, text in self.said if said >= when - LOOKS and re.search(words, text)]

    def _judge_words(self) -> None:
        owed, self._owed = self._owed, []
        for what, since, by, words in owed:
            if any(said >= since - LOOKS and words.search(text) for said, text in self.said):
                continue
            # What is not heard any more shows only by what it does not do (S3).
            if self.now > (by if self.hearing else max(by, since + DISOBEYED)):
                self.fail(what, f"not said within {by - since:.0f} s")
            self._owed.append((what, since, by, words))

    # Looking

    def look(self) -> None:
        """Look at the belt and at what was written."""
        now = self.now
        dt, self._looked = now - self._looked, now
        speed, before = self.treadmill.speed, self._before
        self._before = speed
        self._measure(speed, before, dt)
        if speed > 0 and before == 0:
            self._moves_since = now
        if speed == 0 and before > 0:
            self._rested_since = now
            self._excuse_silence()
        for _, uuid, data in self.peripheral.writes[self._writes :]:
            if uuid == const.CONTROL_POINT:
                self.note(f"wrote {data.hex()}")
                self._judge(data)
        self._writes = len(self.peripheral.writes)
        self._heading = self.treadmill.target_speed
        if speed > before + 0.01:
            self._judge_rise(speed)
        if self._slow_since == float("inf") and speed > self.treadmill.profile.speed.minimum - 0.05:
            self._slow_since = now
        if speed > CEILING[self.forward] + 0.05 and self._foreign == float("-inf"):
            self.fail("S4", f"the belt runs at {speed:.2f} km/h")
        self._judge_stop(speed)
        self._judge_due()
        self._judge_hearing()
        self._judge_words()
        for untrue in self._untrue:
            self.fail("S3", untrue)

    def _measure(self, speed: float, before: float, dt: float) -> None:
        """Add up the time in which the belt moves.

        Of a start that is not heard nobody can know, and while it is not heard only the machine's own clock counts,
        which does not count the way to rest.
        """
        if speed == before == 0:
            return
        seconds = dt if speed > 0 else dt / 2
        if before == 0:
            self._unheard_start = not self._hears
            # A machine that toggles is set in motion by a Stop at rest: that is nobody's walk.
            self._nobodys = self.trembles and self._stopped is not None
        self._unheard_start = self._unheard_start and not self._hears
        if self._nobodys or self._unheard_start or (not self._hears and self.treadmill.phase is not Phase.RUNNING):
            self.unheard += seconds
        else:
            self.moved += seconds

    @property
    def _hears(self) -> bool:
        """Whether Home Assistant is told what the belt does: not before it has asked for that, as a Stop goes first."""
        link = self.peripheral._link
        return link is not None and self.hearing and any(map(self._tells, link.listeners))

    def _tells(self, handle: int) -> bool:
        """Return whether reports come by a handle, not answers; it is the same characteristic for ever."""
        if (tells := self._telling.get(handle)) is None:
            tells = self._telling[handle] = self.peripheral._characteristic(handle).uuid != const.CONTROL_POINT
        return tells

    def _knows(self, since: float) -> bool:
        """Return whether Home Assistant has heard for a while what has been so since then."""
        return self.now - max(since, self._heard_since) > KNOWN and self._unheard_since is None

    def _judge(self, data: bytes) -> None:
        op = data[0]
        if op == REQUEST:
            return
        stops = op == STOP_OR_PAUSE
        stops = stops or self._is_rung(data)
        if self._stop_owed and not stops:
            self.fail("S3 first", f"{data.hex()} before the stop")
        if stops:
            self._stop_written = self.now
        self._stop_owed = self._stop_owed and not stops
        if op == START:
            self._judge_start()
        elif op == SPEED:
            self._judge_speed(int.from_bytes(data[1:3], "little") / 100)
        elif op == INCLINE:
            self._judge_incline(int.from_bytes(data[1:3], "little", signed=True) / 10)

    def _is_rung(self, data: bytes) -> bool:
        """Return whether this is the lowest speed, for a machine that is being stopped and declines everything else."""
        slowest = round(self.treadmill.profile.speed.minimum * 100)
        return data == bytes((SPEED, *slowest.to_bytes(2, "little"))) and self.now - self._stop_written < LADDER

    def _judge_due(self) -> None:
        due, self._due = self._due, []
        for what, by, so in due:
            if not so():
                if self.now > by:
                    self.fail(what, f"{self.now - by:.0f} s too late")
                self._due.append((what, by, so))

    def _judge_start(self) -> None:
        now = self.now
        if now - self._started < AGAIN and self.treadmill.phase is not Phase.RUNNING:
            return  # it was refused, and control had to be asked for first
        self._started = now
        if self._stopped is not None:
            self.fail("S3", "started after a Stop")
        if self._confirmed is None:
            self.fail("S2", "started, and nobody confirmed")
        elif now - self._confirmed < LEAST_COUNTDOWN[self.forward] - 0.5:
            self.fail("S2", f"started {now - self._confirmed:.1f} s after the confirmation")
        if self.moves and self._knows(self._moves_since):
            self.fail("S8", "started a moving belt")
        self._confirmed = None
        self._cause = now
        self._target = None
        self._begins_slowly, self._resumed = self._resumed, False
        self._slow_since = float("inf")
        self.must_say(_UNSTARTED, NO_START + AT_ONCE + STOPS_UNSTARTED, _STARTS)

    def _judge_speed(self, kmh: float) -> None:
        now = self.now
        if kmh > CEILING[self.forward] + NEARLY:
            self.fail("S4", f"{kmh} km/h commanded")
        if self.asked is not None and kmh > self.asked + NEARLY:
            self.fail("S5", f"{kmh} km/h commanded, {self.asked} asked for")
        if self.treadmill.at_rest and self._knows(self._rested_since):
            self.fail("S8", f"{kmh} km/h to a belt at rest")
        # Every belt begins with its minimum, so that this is no rise.
        begins = max(self.treadmill.console_speed, self.treadmill.profile.speed.minimum)
        before, self._target = self._target if self._target is not None else begins, kmh
        if not self._undisturbed:
            before = max(before, self._heading)  # what was commanded last was declined if the belt heads for more
        self._cause = now
        self._judge_hands(f"{kmh} km/h")
        if kmh <= before + 0.05:
            self._judge_fall(kmh, before)
            return
        if not self._undisturbed and kmh <= self.treadmill.speed + 0.05:
            return  # what was commanded before was declined, or another hand has raised it since
        if now - self._rose_in_incline < APART - 1.0:
            self.fail("S5", f"raised to {kmh} {now - self._rose_in_incline:.1f} s after the incline")
        if self._begins_slowly and now - self._slow_since < AT_THE_MINIMUM - LOOKS:
            self.fail("S12", f"raised to {kmh} {now - self._slow_since:.1f} s after it began again")
        if self._stopped is not None:
            self.fail("S3", f"raised to {kmh} after a Stop")
        if self._held:
            self.fail("S10", f"raised to {kmh} after a loss")
        if kmh - before > STEP[self.forward] + NEARLY:
            self.fail("S5", f"{before} to {kmh} in one step")
        if now - self._rose < (kmh - before) / PACE[self.forward] - 1.0:
            self.fail("S5", f"{before} to {kmh}, {now - self._rose:.1f} s after the last")
        self._rose = now
        if not any(when <= now - ANNOUNCED + 0.5 and _rises_to(text) >= kmh - NEARLY for when, text in self.said):
            self.fail("S6", f"{before} to {kmh} unannounced")
        if self.judges_falls and self.peripheral.faults.ignore_speed:
            began, by = self._moves_since, now + DISOBEDIENT
            self.expect(
                "S9 not told that a command is ignored",
                DISOBEDIENT,
                lambda: not self.moves or self._agrees(by) or bool(self.told_since(began, _DISOBEDIENT)),
                whatever_failed=True,
            )

    def _agrees(self, by: float) -> bool:
        """Return whether the belt does again what it is told, which needs no word; in the end, nearly."""
        off = abs(self._target - self.treadmill.speed) if self._target is not None else float("inf")
        return off < (LAG if self.now > by else 0.0) + NEARLY

    def _judge_fall(self, kmh: float, before: float) -> None:
        excepted = not self._undisturbed or self.shuts_down or self._stopped is not None
        if kmh > before - 0.05 or excepted or not self.judges_falls:
            return
        if before - kmh > FALL + NEARLY:
            self.fail("S5", f"{before} to {kmh} in one step")
        if self.now - self._fell < FALLS_APART - 1.0:
            self.fail("S5", f"{before} to {kmh}, {self.now - self._fell:.1f} s after the last")
        self._fell = self.now

    def _judge_hands(self, what: str) -> None:
        if self._hands_off is not None and self.now - self._hands_off > CONSOLE and self._unheard_since is None:
            self.fail("S7", f"{what} commanded, and another hand drives")

    def _judge_incline(self, percent: float) -> None:
        now, deck = self.now, self.treadmill.incline
        if percent > STEEPEST + NEARLY:
            self.fail("S4", f"{percent} % commanded")
        if self.treadmill.at_rest and self._knows(self._rested_since):
            self.fail("S18", f"{percent} % to a deck at rest")
        self._judge_hands(f"{percent} %")
        before, self._incline = self._incline if self._incline is not None else deck, percent
        since, self._tilted = now - self._tilted, now
        # What was commanded before may have been declined.
        if abs(percent - before) > TILT + NEARLY and (self._undisturbed or abs(percent - deck) > TILT + NEARLY):
            self.fail("S5", f"{before} to {percent} % in one step")
        if since < TILTS_APART - 1.0 and percent != before:
            self.fail("S5", f"{before} to {percent} %, {since:.1f} s after the last")
        if percent <= before + NEARLY:
            return
        if self._stopped is not None:
            self.fail("S3", f"raised to {percent} % after a Stop")
        if self._held:
            self.fail("S10", f"raised to {percent} % after a loss")
        if now - self._rose < APART - 1.0:
            self.fail("S5", f"raised to {percent} % {now - self._rose:.1f} s after the speed")
        self._rose_in_incline = now
        told = [text for when, text in self.said if when <= now - ANNOUNCED + 0.5]
        if not any(_tilts_to(text) >= percent - NEARLY for text in told):
            self.fail("S6", f"{before} to {percent} % unannounced")

    def _judge_rise(self, speed: float) -> None:
        latest = max(self._cause, self._foreign)
        by_hand = self.treadmill.target_speed == self._hand and self._foreign > (self._stopped or 0.0)
        if by_hand and speed <= self._hand + 0.01:
            return  # it is still on its way to what a hand has set
        if self.now - latest > FOLLOWS and not self.trembles:
            self.fail("S5", f"faster without a cause: {speed:.2f} km/h")
        if self._stopped is not None and self.now - max(self._stopped, self._foreign) > FOLLOWS and not self.trembles:
            self.fail("S3", f"faster after a Stop: {speed:.2f} km/h")

    def _judge_stop(self, speed: float) -> None:
        if self._stopped is None or not self.running:
            return
        if speed < self._lowest - 0.04 or not speed:
            self._lowest, self._slower = speed, self.now
        if self._stop_owed and (self.trembles or self._seems_to_toggle) and self.treadmill.at_rest:
            self._stop_owed = False  # it would set this belt in motion
        if not self.peripheral.connected and self.now - self.pressed_stop > KEPT:
            self._stop_owed = False  # it does not come out of the blue
        if self._stop_owed and self.peripheral.connected and self.now - self._stopped > 2.0:
            self.fail("S3", "the stop is not written")
        waited = self.now - max(self._stopped, self._slower)
        if speed > 0 and waited > DISOBEYED and not self.told_since(self._stopped, STOP_FAILS):
            self.fail("S3", f"neither at rest nor told, {waited:.0f} s")

    def _judge_hearing(self) -> None:
        if self._hears or not self.running:
            if self._unheard_since is not None:
                self._heard_since = self.now
                self._lost = False
                # Silence that is over before it counts as a loss is none.
                self._excuse_silence()
            self._unheard_since = None
            return
        if self._lost and self.now - (self._unheard_since or self.now) > STALE:
            self._held, self._lost = True, False
        if self._unheard_since is None:
            self._unheard_since = self.now
            # A link that has only just come back has told nothing yet.
            known = self.now - self._heard_since > KNOWN
            if self.moves and known and self.treadmill.phase is Phase.RUNNING:
                # Silence is known only after a while; a link that is gone is known at once.
                self._held, self._lost = self._held or not self.peripheral.connected, self.peripheral.connected
                warned = self.told_since(self._moves_since, STOP_FAILS)
                if self._stopped is not None or self.shuts_down or warned:
                    # Who has pressed Stop hears whether it works, which the ladder above demands; others were warned.
                    pass
                elif self.peripheral.connected:
                    self.must_say(_SILENT, STALE + AT_ONCE, _NOT_HEARD)
                else:
                    self.must_say(_UNLINKED, AT_ONCE, _NOT_HEARD)


def _rises_to(text: str) -> float:
    found = re.search(r"Speeding up from [\d.]+ to ([\d.]+)", text)
    return float(found[1]) if found else 0.0


def _tilts_to(text: str) -> float:
    found = re.search(r"Incline rising from [\d.-]+ to ([\d.]+)", text)
    return float(found[1]) if found else -1.0
