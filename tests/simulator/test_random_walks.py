"""Random walks on a machine on which everything may fail, judged by the oracle of the fault matrix.

`RANDOM_FAULTS` sets how many; a walk that broke a rule once is a case of its own below.
"""

from typing import Any, override

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import STEERING, SessionState
from tests.support.effort import NIGHTLY, runs
from tests.support.reliability.bench import Walk
from tests.support.reliability.oracle import CONSOLE, TAKEN_OVER

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
}
WALKS = runs("RANDOM_FAULTS", 300, 50_000)
WAITS = (0.2, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
MENDED_WITHIN = 100.0
"""Seconds after a Stop in which everything is over once nothing fails any more."""


class RandomWalk(RuleBasedStateMachine):
    """Somebody who walks, presses and waits, while things fail."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()
        self.oracle = self.walk.oracle

    @property
    def session(self) -> Any:
        return self.walk.session

    @property
    def steered(self) -> bool:
        return self.walk.state in STEERING and self.oracle.moves and self.walk.linked and self.oracle.hearing

    def confirm(self) -> None:
        """Confirm what is ready."""
        walk = self.walk
        if walk.state is not SessionState.READY:
            return
        self.oracle.confirmed()
        refused = len(walk.refused)
        walk.ask(lambda: self.session.start(walk.now, caller=Caller.PERSON))
        if len(walk.refused) > refused:
            self.oracle.withdrawn()

    # The person

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: float) -> None:
        self.walk.go(seconds)

    @rule(seconds=st.sampled_from((0.2, 3.0, 10.0, 16.0, 20.0, 40.0)))
    def start(self, seconds: float) -> None:
        if self.walk.state is not SessionState.READY:
            self.walk.ask(lambda: self.session.prepare(self.walk.now, caller=Caller.PERSON))
            self.walk.go(3)
        self.confirm()
        self.walk.go(seconds)

    @rule()
    def pause(self) -> None:
        self.walk.ask(lambda: self.session.pause(self.walk.now))

    @rule(seconds=st.sampled_from((0.2, 16.0, 30.0)))
    def resume(self, seconds: float) -> None:
        if self.walk.state is not SessionState.READY:
            self.oracle.chosen()
            self.walk.ask(lambda: self.session.resume(self.walk.now, caller=Caller.PERSON))
            self.walk.go(3)
        self.confirm()
        self.walk.go(seconds)

    @rule()
    def finish(self) -> None:
        self.walk.ask(lambda: self.session.finish(self.walk.now))

    @rule()
    def stop(self) -> None:
        self.walk.stop()

    @rule(kmh=st.sampled_from((0.5, 0.8, 1.2, 2.0, 3.0, 9.0)))
    def choose(self, kmh: float) -> None:
        self.oracle.chosen()
        self.walk.ask(lambda: self.session.set_speed(kmh, caller=Caller.PERSON))

    # What fails

    @rule(name=st.sampled_from(sorted(FAULTS)))
    def breaks(self, name: str) -> None:
        faults = self.walk.peripheral.faults
        self.oracle.note(f"FAULT {name}")
        faults.clear()
        faults.update(FAULTS[name])
        if name == "miles":
            self.oracle.foreign(name)
        self.oracle.trembles = self.oracle.trembles or name == "toggles"
        self.oracle.hearing = not faults.silent
        self.walk.do(self.walk.peripheral._follow_faults)

    @rule()
    def mended(self) -> None:
        self.oracle.note("MENDED")
        if self.walk.peripheral.faults.miles:
            self.oracle.foreign("kilometers again")
        self.walk.peripheral.faults.clear()
        self.oracle.hearing = True
        self.walk.do(self.walk.peripheral._follow_faults)

    @rule()
    def link_drops(self) -> None:
        self.oracle.note("FAULT link drop")
        self.walk.do(self.walk.peripheral.drop_link)

    # At the machine

    def by_hand(self, what: str, press: Any, *, starts: bool = False) -> None:
        steered, before = self.steered, self.walk.treadmill.target_speed
        self.oracle.foreign(what, starts=starts)
        self.walk.do(press)
        told = not self.walk.peripheral.faults.no_status  # otherwise only a lasting change shows
        if steered and told and self.walk.treadmill.target_speed != before:
            self.oracle.must_say(f"S7 not told: {what}", CONSOLE, TAKEN_OVER)

    @rule()
    def console_start(self) -> None:
        self.by_hand("console start", self.walk.treadmill.press_start, starts=True)

    @rule()
    def console_stop(self) -> None:
        self.by_hand("console stop", self.walk.treadmill.press_stop)

    @rule()
    def console_pause(self) -> None:
        self.by_hand("console pause", self.walk.treadmill.press_pause)

    @rule(change=st.sampled_from((-1.0, -0.3, 0.3, 0.6, 1.0)))
    def console_speed(self, change: float) -> None:
        treadmill = self.walk.treadmill
        if treadmill.target_speed:
            self.by_hand("console speed", lambda: treadmill.press_speed(treadmill.target_speed + change))

    @rule()
    def key_out(self) -> None:
        self.by_hand("key out", self.walk.treadmill.pull_safety_key)

    @rule()
    def key_in(self) -> None:
        self.walk.treadmill.insert_safety_key()

    @rule(change=st.sampled_from((-0.3, 0.5)))
    @precondition(lambda self: self.walk.treadmill.target_speed)
    def another_client(self, change: float) -> None:
        treadmill = self.walk.treadmill
        self.walk.peripheral.faults.control_lost = True
        self.by_hand("another client", lambda: treadmill.press_speed(treadmill.target_speed + change))

    # The end

    @override
    def teardown(self) -> None:
        try:
            self.ends()
        finally:
            self.walk.end()

    def ends(self) -> None:
        """Stop while things still fail, then mend all of it: the belt rests, and the session is over."""
        walk = self.walk
        walk.stop()
        walk.go(20)
        self.mended()
        walk.treadmill.insert_safety_key()
        walk.stop()
        walk.go(MENDED_WITHIN, lambda: walk.is_over)
        assert walk.is_over, self.oracle.story(f"never over: {walk.state}")


def test_s3_s4_s5_s10_a_random_walk_keeps_the_rules_whatever_fails() -> None:
    run_state_machine_as_test(
        RandomWalk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=not NIGHTLY,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
