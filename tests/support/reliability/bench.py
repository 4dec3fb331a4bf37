"""A walk without Home Assistant, byte by byte in virtual time, judged by the oracle of the fault matrix.

It is quick enough for thousands of random walks. Words are said in the moment in which they are true.
"""

from typing import override

from custom_components.retrowalk.const import CONF_VIRTUAL
from custom_components.retrowalk.machine.calibration import Calibration
from custom_components.retrowalk.machine.model import Command
from custom_components.retrowalk.simulator.link import ConnectRefused
from custom_components.retrowalk.simulator.personalities import POLITE
from custom_components.retrowalk.training.events import SessionEvent
from custom_components.retrowalk.training.rules import RefusedError
from custom_components.retrowalk.training.speech.phrases import Scene, phrases_for
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS
from custom_components.retrowalk.treadmill.check_result import rules_of
from tests.support.personality_run import OPTIONS, RECONNECTS, PersonalityRun
from tests.support.reliability.oracle import Oracle
from tests.support.reliability.words import rendered

PRESS_LASTS = 5.0
"""Seconds in which the press of a button is answered."""


class Witness:
    """Passes on to the oracle what happens on the bench."""

    def __init__(self, run: Walk) -> None:
        self.run = run
        self.failure: BaseException | None = None
        self.oracle = Oracle(run.peripheral, lambda: run.now)

    def on_event(self, event: SessionEvent) -> None:
        session = self.run.session
        scene = Scene(direction=session.direction, state=session.state, moving_time=session.moving_time)
        for phrase in phrases_for(event, scene):
            if not phrase.aloud:
                self.oracle.hear(" ".join(rendered(line.key, line.values) for line in phrase.lines))

    def on_command(self, command: Command) -> None:
        """Judge nothing: the bytes that arrive are judged."""

    def before_stop(self) -> None:
        self.oracle.stop_pressed()

    def after_stop(self) -> None:
        """Judge nothing: the oracle looks by itself."""

    def watch(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.oracle.look()


class Walk(PersonalityRun):
    """One polite machine that may fail in any way, and one person."""

    def __init__(self) -> None:
        self._calibration = Calibration()
        super().__init__(POLITE)
        self.data[CONF_VIRTUAL] = True  # it has passed its check run
        self.session.apply_rules(rules_of(self.data, OPTIONS))
        self.oracle = self.judge.oracle
        self.refused: list[str] = []
        self._pressed_at = float("-inf")
        self.go(6)

    @override
    def make_judge(self) -> Witness:
        return Witness(self)

    @override
    def calibration(self) -> Calibration:
        return self._calibration  # asked for with every report, and always the same

    @override
    def _connect(self) -> None:
        try:
            super()._connect()
        except ConnectRefused:
            self._connect_at = self.now + RECONNECTS

    @override
    def stop(self) -> None:
        self._pressed_at = self.now
        super().stop()

    @override
    def failed(self, command: Command, *, declined: bool) -> None:
        """Tell a person whose Stop came to nothing, as the error of their press does."""
        if command.stops and self.now - self._pressed_at < PRESS_LASTS:
            self.oracle.hear(rendered("say_stop_failed", {}))

    def ask(self, work: object) -> None:
        """Ask for something as a person does; what is refused is said to them."""
        try:
            self.do(work)
        except RefusedError as err:
            self.refused.append(err.reason.value)

    @property
    def is_over(self) -> bool:
        return self.at_rest() and self.state in BETWEEN_SESSIONS
