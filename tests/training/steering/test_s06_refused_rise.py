"""S6: a rise that the machine refuses is told as refused, once, and never as reached; steering holds."""

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind as Told
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import STEERING, SessionState
from tests.support.program_run import program, started
from tests.support.session_run import SessionRun

SPEED, INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE


class Refusing(SessionRun):
    """A treadmill that declines what goes up, `answers` s after it was asked."""

    kinds_declined: tuple[CommandKind, ...] = ()
    answers = 0.5
    falls_too = False

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            for when, command in self.sent:
                if command.kind in self.kinds_declined and self.now - dt < when + self.answers <= self.now:
                    self.fails(command.kind, command.value)
            super().go(dt, dt)

    def collect(self) -> None:
        before = len(self.sent)
        obeys, self.obeys = self.obeys, False
        super().collect()
        self.obeys = obeys
        for _, command in self.sent[before:]:
            rises = command.value is not None and command.value > self._does(command.kind)
            if self.linked and self.obeys and not (command.kind in self.kinds_declined and (rises or self.falls_too)):
                self._do(command)

    def _does(self, kind: CommandKind) -> float:
        return self.treadmill.speed if kind is SPEED else self.treadmill.incline


@pytest.mark.parametrize("answers", [0.5, 2.0, 10.0])
@pytest.mark.parametrize(("kind", "what"), [(SPEED, "speed"), (INCLINE, "incline")])
def test_s6_a_rise_that_is_refused_is_told_once_and_never_as_reached(
    kind: CommandKind, what: str, answers: float
) -> None:
    walk = Refusing()
    walk.begin()
    walk.skip_warm_up()
    walk.kinds_declined, walk.answers = (kind,), answers
    walk.clear_log()
    if kind is SPEED:
        walk.session.set_speed(2.0, caller=Caller.PERSON)
    else:
        walk.session.set_incline(2.0, caller=Caller.PERSON)
    walk.go(60)
    told = [event for event in walk.event_kinds if event in {Told.SPEED_UP_SOON, Told.STEP_CHANGED, Told.RISE_REFUSED}]
    assert told == [Told.SPEED_UP_SOON, Told.RISE_REFUSED]
    present = 1.0 if kind is SPEED else 0.0
    assert walk.data(Told.RISE_REFUSED) == {"what": what, "target": 2.0, "present": present}
    assert walk.state in STEERING
    assert walk.session.target_speed == 1.0
    assert walk.session.target_incline == 0.0
    walk.clear_log()
    walk.go(60)
    assert not [command for _, command in walk.sent if command.kind is kind], "until a person acts"
    walk.kinds_declined = ()
    walk.session.set_speed(1.2, caller=Caller.PERSON)
    walk.go(60)
    assert walk.treadmill.speed == pytest.approx(1.2)
    assert walk.data(Told.STEP_CHANGED) == {"what": "speed", "target": 1.2}


def test_s6_a_program_tries_again_with_its_next_step_and_is_told_once_for_each() -> None:
    walk = started(
        program(
            {"minutes": 2, "speed": 1.0},
            {"minutes": 2, "speed": 1.3},
            {"minutes": 2, "speed": 1.5},
            {"minutes": 3, "speed": 1.0},
        ),
        Refusing(),
    )
    assert isinstance(walk, Refusing)
    walk.kinds_declined = (SPEED,)
    walk.clear_log()
    while walk.state in STEERING and walk.session.moving_time < 400:
        walk.go(1)
    assert [event for event in walk.event_kinds if event is Told.STEP_CHANGED] == []
    refused = [event.data for _, event in walk.emitted if event.kind is Told.RISE_REFUSED]
    assert refused == [
        {"what": "speed", "target": 1.3, "present": 1.0},
        {"what": "speed", "target": 1.5, "present": 1.0},
    ]
    assert walk.state is SessionState.ACTIVE
    assert len(walk.speeds) == 2


def test_s10_what_falls_is_tried_again_though_the_machine_declines_it() -> None:
    walk = Refusing()
    walk.begin()
    walk.session.set_speed(2.0, caller=Caller.PERSON)
    walk.go(80)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.kinds_declined, walk.falls_too = (SPEED,), True
    walk.session.set_speed(1.2, caller=Caller.PERSON)
    walk.go(5)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.kinds_declined = ()
    walk.go(10)
    assert walk.treadmill.speed == pytest.approx(1.2)
    assert Told.RISE_REFUSED not in walk.event_kinds
