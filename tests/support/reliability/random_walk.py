"""Random walks of one person on a machine on which everything may fail: told by a seed, judged by the oracle.

Half of the walks are undisturbed, so that what the rules promise where nothing fails is seen, too. A walk that breaks a
rule is made as short as it can be: what is left out of it changes nothing of the rest.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, STEERING, SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.reliability.bench import Walk
from tests.support.reliability.oracle import CONSOLE, TAKEN_OVER, Oracle

type Act = tuple[str, Any]
"""What happens, and with which value."""

COMMANDS = [0x02, 0x03, 0x07, 0x08]
FAULTS: dict[str, dict[str, Any]] = {
    "off": {"off": True},
    "silent": {"silent": True},
    "failed": {"declines_op": COMMANDS},
    "not permitted": {"declines_op": COMMANDS, "declines_with": 5},
    "ATT error": {"att_error": 0x0E},
    "unanswered": {"no_write_response_op": COMMANDS},
    "no indications": {"no_indications_at_all": True},
    "late indications": {"indication_delay": 2.5},
    "doubled indications": {"doubled_indications": True},
    "ignores speeds": {"ignore_speed": True},
    "ignores Stop": {"stop_ignored": True},
    "knows Pause only": {"stop_alone_ignored": True},
    "stops at rest only": {"stop_only_at_rest": True},
    "miles": {"miles": True},
    "toggles": {"toggles_on_stop": True, "toggles_on_pause": True},
    "malformed": {"malformed_data": True},
    "no status": {"no_status": True},
    "no counters": {"no_counters": True},
    "noise": {"speed_noise": 0.1},
    "never starts": {"second_start_needed": True},
}
MENDED_WITHIN = 100.0
"""Seconds after a Stop in which everything is over once nothing fails any more."""
MOST_ACTS = 12
RESTS_AFTER_FINISH = 40.0
"""Seconds for the cool-down of `finish` (30) and the way to rest (S13)."""
PAUSE_ENDS = 303.0
"""Seconds after which a pause has ended its session, and a little (S12)."""
RESTS_AFTER_SHUTDOWN = 18.0
"""Seconds for slowing down and stopping when Home Assistant stops (S14), and a little."""
LADDER_CLIMBED = 18.0
"""Seconds after a Stop in which a belt rests that obeys another command than Stop (S3)."""
KEY_ENDS = 10.0
"""Seconds in which a session is over whose key is out (S7)."""
NO_START = 5.0
"""Seconds after a Stop in which nobody can confirm a start (S2)."""

SECONDS = (0.2, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
# How often each happens, beside the others, and with which values.
PERSON: dict[str, tuple[int, tuple[Any, ...]]] = {
    "wait": (8, SECONDS),
    "start": (4, (0.2, 3.0, 10.0, 16.0, 20.0, 40.0)),
    "automation_starts": (1, (4.0,)),
    "pause": (3, (None,)),
    "resume": (4, (0.2, 16.0, 20.0, 30.0)),
    "finish": (1, (0.0, 45.0)),
    "stop": (3, (0.0, 0.4, 6.0)),
    "choose": (7, (0.5, 0.8, 1.2, 2.0, 3.0, 9.0)),
    "tilt": (3, (0.0, 1.0, 9.0)),
    "wait_long": (1, (310.0,)),
}
HAND: dict[str, tuple[int, tuple[Any, ...]]] = {
    "console_start": (1, (None,)),
    "console_stop": (1, (None,)),
    "console_pause": (1, (None,)),
    "console_speed": (2, (-1.0, -0.3, 0.3, 0.6, 1.0)),
    "key_out": (1, (None,)),
    "key_in": (2, (None,)),
    "another_client": (1, (-0.3, 0.0, 0.5)),
}
TROUBLE: dict[str, tuple[int, tuple[Any, ...]]] = {
    "breaks": (8, tuple(sorted(FAULTS))),
    "mended": (5, (None,)),
    "link_drops": (3, (None,)),
}
# What shows soonest how the rules fare after something: half of the time it follows.
SHOWN_BY: dict[str, tuple[Act, ...]] = {
    "ignores speeds": (("choose", 2.0), ("wait", 30.0)),
    "ignores Stop": (("stop", 16.0),),
    "knows Pause only": (("stop", 6.0), ("wait", 16.0)),
    "never starts": (("stop", 6.0), ("start", 40.0)),
    "no status": (("console_stop", None), ("wait", 8.0)),
    "off": (("wait", 2.0), ("stop", 6.0)),
    "silent": (("wait", 16.0),),
    "link_drops": (("stop", 6.0),),
    "pause": (("resume", 20.0), ("choose", 2.0), ("wait", 16.0)),
    "console_start": (("wait", 16.0), ("choose", 2.0), ("wait", 16.0)),
    "key_out": (("wait", 16.0),),
    "another_client": (("wait", 16.0),),
}


def story(seed: int) -> list[Act]:
    """Return what happens in a walk: always the same for a seed."""
    random = Random(seed)
    table = {**PERSON, **[{}, HAND, TROUBLE, {**HAND, **TROUBLE}][seed % 4]}
    names = [name for name, (times, _) in table.items() for _ in range(times)]
    acts: list[Act] = []
    if random.random() < 0.9:
        acts.append(("begin", random.choice((None, None, None, 60.0, 120.0))))
    if random.random() < 0.7:
        acts += [("choose", random.choice((1.0, 2.0, 9.0))), ("wait", random.choice((8.0, 16.0, 30.0)))]
    for _ in range(random.randint(2, MOST_ACTS)):
        name = random.choice(names)
        value = random.choice(table[name][1])
        acts.append((name, value))
        if random.random() < 0.5:
            acts += SHOWN_BY.get(value if name == "breaks" else name, ())
    acts.append(("end", random.choice(("stop", "stop", "shutdown", "left alone"))))
    return acts


class Walker:
    """Somebody who walks, presses and waits, while things fail."""

    def __init__(self) -> None:
        self.walk = Walk()
        self.oracle: Oracle = self.walk.oracle
        self.oracle.judges_falls = True

    def does(self, acts: Sequence[Act]) -> None:
        """Let all of it happen. Raises AssertionError where a rule is broken."""
        try:
            for name, value in acts:
                getattr(self, name)(value)
        finally:
            self.walk.end()

    @property
    def session(self) -> Any:
        return self.walk.session

    @property
    def steered(self) -> bool:
        return self.walk.state in STEERING and self.oracle.moves and self.walk.linked and self.oracle.hearing

    def goes_on_no_longer(self) -> bool:
        return self.walk.state not in {SessionState.PAUSED, *STEERING}

    def rests(self) -> bool:
        return not self.oracle.moves

    # The person

    def wait(self, seconds: float) -> None:
        self.walk.go(seconds)

    wait_long = wait

    def begin(self, length: float | None) -> None:
        """Begin a session, and wait until the belt moves."""
        request = SessionRequest() if length is None else SessionRequest(length=length)
        self.oracle.acts()
        self.prepare(Caller.PERSON, request)
        self.walk.go(3)
        self.confirm()
        if length is not None and self.walk.state is SessionState.COUNTDOWN:
            self.oracle.rests_within("S15 the planned end has passed", 15 + 5 + length + 20)
        self.walk.go(26)

    def start(self, seconds: float) -> None:
        self.oracle.acts()
        if self.walk.state is not SessionState.READY:
            self.prepare(Caller.PERSON)
            self.walk.go(3)
        self.confirm()
        self.walk.go(seconds)

    def prepare(self, caller: Caller, request: SessionRequest | None = None) -> None:
        """Make a session ready, which goes backward."""
        refused = len(self.walk.refused)
        self.walk.ask(lambda: self.session.prepare(self.walk.now, caller=caller, request=request))
        self.oracle.forward = self.oracle.forward and len(self.walk.refused) > refused

    def confirm(self, caller: Caller = Caller.PERSON) -> None:
        """Confirm what is ready."""
        walk = self.walk
        if walk.state is not SessionState.READY:
            return
        if caller.is_person:
            self.oracle.confirmed()
        refused = len(walk.refused)
        walk.ask(lambda: self.session.start(walk.now, caller=caller))
        if len(walk.refused) > refused:
            self.oracle.withdrawn()
        elif caller.is_person and walk.now - self.oracle.pressed_stop < NO_START:
            self.oracle.fail("S2", f"confirmed {walk.now - self.oracle.pressed_stop:.1f} s after a Stop")

    def automation_starts(self, seconds: float) -> None:
        """Let an automation press Start twice: it makes ready at most (S2)."""
        if self.walk.state is not SessionState.READY:
            self.prepare(Caller.AUTOMATION)
        self.walk.go(seconds)
        self.confirm(Caller.AUTOMATION)
        self.walk.go(16)

    def pause(self, _: None) -> None:
        self.oracle.acts()
        steered = self.steered
        self.walk.ask(lambda: self.session.pause(self.walk.now))
        if steered and self.walk.state is SessionState.PAUSED:
            self.oracle.expect(
                "S12 paused for more than 5 min", PAUSE_ENDS, lambda: self.walk.state is not SessionState.PAUSED
            )

    def resume(self, seconds: float) -> None:
        self.oracle.acts()
        paused, refused = self.walk.state is SessionState.PAUSED, len(self.walk.refused)
        if self.walk.state is not SessionState.READY:
            self.oracle.chosen(takes_over=True)
            self.walk.ask(lambda: self.session.resume(self.walk.now, caller=Caller.PERSON))
            self.walk.go(3)
        if paused and len(self.walk.refused) == refused:
            self.oracle.resumed()
        self.confirm()
        self.walk.go(seconds)

    def finish(self, seconds: float) -> None:
        self.oracle.acts()
        self.oracle.ends_start()
        steered, refused = self.steered, len(self.walk.refused)
        self.walk.ask(lambda: self.session.finish(self.walk.now))
        if steered and len(self.walk.refused) == refused:
            self.oracle.rests_within("S13 finished", RESTS_AFTER_FINISH)
        self.walk.go(seconds)

    def stop(self, seconds: float) -> None:
        self.oracle.acts()
        self.walk.stop()
        if self.walk.peripheral.faults.stop_alone_ignored and self.walk.linked and not self.oracle.trembles:
            self.oracle.expect("S3 the ladder is not climbed", LADDER_CLIMBED, self.rests, whatever_failed=True)
        self.walk.go(seconds)
        if seconds == 0.4:  # somebody who is quick
            self.start(0.2)

    def choose(self, kmh: float) -> None:
        self.oracle.chosen()
        self.walk.ask(lambda: self.session.set_speed(kmh, caller=Caller.PERSON))

    def tilt(self, percent: float) -> None:
        self.oracle.chosen()
        self.walk.ask(lambda: self.session.set_incline(percent, caller=Caller.PERSON))

    # What fails

    def breaks(self, name: str) -> None:
        faults = self.walk.peripheral.faults
        self.oracle.note(f"FAULT {name}")
        self.oracle.disturbed()
        faults.clear()
        faults.update(FAULTS[name])
        if name == "miles":
            self.oracle.foreign(name)
        self.oracle.trembles = self.oracle.trembles or name == "toggles"
        self.oracle.hearing = not faults.silent
        self.walk.do(self.walk.peripheral._follow_faults)

    def mended(self, _: None) -> None:
        self.oracle.note("MENDED")
        self.oracle.disturbed()
        if self.walk.peripheral.faults.miles:
            self.oracle.foreign("kilometers again")
        self.walk.peripheral.faults.clear()
        self.oracle.hearing = True
        self.walk.do(self.walk.peripheral._follow_faults)

    def link_drops(self, _: None) -> None:
        self.oracle.note("FAULT link drop")
        self.oracle.disturbed()
        self.walk.do(self.walk.peripheral.drop_link)

    # At the machine

    def by_hand(self, what: str, press: Any, *, starts: bool = False, takes_control: bool = False) -> None:
        steered, before = self.steered, self.walk.treadmill.target_speed
        ready = self.walk.state is SessionState.READY
        between = self.walk.state in BETWEEN_SESSIONS and not ready
        self.oracle.disturbed()
        self.oracle.foreign(what, starts=starts)
        self.walk.do(press)
        self.oracle.heads_for(self.walk.treadmill.target_speed)
        told = not self.walk.peripheral.faults.no_status  # otherwise only a lasting change shows
        changed = told and (takes_control or self.walk.treadmill.target_speed != before)
        if steered and changed and not self.oracle.just_began:
            self.oracle.must_say(f"S7 not told: {what}", CONSOLE, TAKEN_OVER)
        if starts and between:
            self.oracle.forward = True
        if starts and ready:
            self.oracle.acts()
        elif changed and (steered or starts) and not self.oracle.just_began:
            self.oracle.hands_off(began=not steered)

    def console_start(self, _: None) -> None:
        self.by_hand("console start", self.walk.treadmill.press_start, starts=True)

    def console_stop(self, _: None) -> None:
        self.by_hand("console stop", self.walk.treadmill.press_stop)

    def console_pause(self, _: None) -> None:
        self.by_hand("console pause", self.walk.treadmill.press_pause)

    def console_speed(self, change: float) -> None:
        treadmill = self.walk.treadmill
        if treadmill.target_speed:
            self.by_hand("console speed", lambda: treadmill.press_speed(treadmill.target_speed + change))

    def key_out(self, _: None) -> None:
        ends = self.steered and not self.walk.peripheral.faults.active()
        self.by_hand("key out", self.walk.treadmill.pull_safety_key)
        if ends:
            self.oracle.expect(
                "S7 the session goes on without its key", KEY_ENDS, self.goes_on_no_longer, whatever_failed=True
            )

    def key_in(self, _: None) -> None:
        self.walk.treadmill.insert_safety_key()

    def another_client(self, change: float) -> None:
        treadmill = self.walk.treadmill
        if treadmill.target_speed:
            faults = self.walk.peripheral.faults
            takes_control, faults.control_lost = not faults.control_lost, True
            self.by_hand(
                "another client",
                lambda: treadmill.press_speed(treadmill.target_speed + change),
                takes_control=takes_control,
            )
            self.walk.do(self.walk.peripheral._follow_faults)

    # The end

    def end(self, how: str) -> None:
        """End while things still fail, then mend all of it and stop: the belt rests, and the session is over."""
        walk = self.walk
        if how == "shutdown":
            steered = self.steered
            self.oracle.shutdown()
            self.walk.do(lambda: self.session.wind_down(walk.now))
            if steered:
                self.oracle.rests_within("S14 left running", RESTS_AFTER_SHUTDOWN)
            walk.go(20)
        elif how == "stop":
            walk.stop()
            walk.go(20)
        self.mended(None)
        walk.treadmill.insert_safety_key()
        walk.stop()
        walk.go(MENDED_WITHIN, lambda: walk.is_over)
        if not walk.is_over:
            self.oracle.fail("S3", f"never over: {walk.state}")


def broken_by(acts: Sequence[Act]) -> AssertionError | None:
    """Return how a walk breaks a rule, if it does."""
    try:
        Walker().does(acts)
    except AssertionError as error:
        return error
    return None


def shortest(acts: list[Act]) -> list[Act]:
    """Return a walk that breaks a rule without what is not needed for that."""
    for index in reversed(range(len(acts))):
        fewer = acts[:index] + acts[index + 1 :]
        if broken_by(fewer) is not None:
            acts = fewer
    return acts


def check(seed: int) -> None:
    """Take the walk of a seed. Raises AssertionError with its shortest form where it breaks a rule."""
    acts = story(seed)
    if broken_by(acts) is not None:
        acts = shortest(acts)
        raise AssertionError(f"seed {seed}, shortest: {acts!r}\n{broken_by(acts)}")
