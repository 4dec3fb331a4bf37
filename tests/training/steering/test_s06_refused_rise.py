"""S6: a rise that the machine declines is reported as refused once, never as complete; steering holds."""

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.training.events import SessionEventKind as EventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import STEERING, SessionState
from tests.support.program_run import program, started
from tests.support.session_run import SessionRun

SPEED, INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE


class Refusing(SessionRun):
    """A treadmill that declines rises, `answers` s after the command."""

    kinds_declined: tuple[CommandKind, ...] = ()
    answers = 0.5
    falls_too = False

    def __init__(self) -> None:
        self.declined: list[tuple[float, Command]] = []
        super().__init__()

    def go(self, seconds: float, dt: float = 0.5) -> None:
        for _ in range(round(seconds / dt)):
            due = [command for when, command in self.declined if self.now - dt < when + self.answers <= self.now]
            for command in due:
                self.session.on_command_failed(command, self.now, declined=True)
                self.collect()
            super().go(dt, dt)

    def collect(self) -> None:
        before = len(self.sent)
        obeys, self.obeys = self.obeys, False
        super().collect()
        self.obeys = obeys
        for _, command in self.sent[before:]:
            rises = command.value is not None and command.value > self._does(command.kind)
            if command.kind in self.kinds_declined and (rises or self.falls_too):
                self.declined.append((self.now, command))
            elif self.linked and self.obeys:
                assert self._do(command)
                self.session.on_command_done(command, self.now)

    def _does(self, kind: CommandKind) -> float:
        return self.treadmill.speed if kind is SPEED else self.treadmill.incline


@pytest.mark.parametrize("answers", [0.5, 2.0, 10.0])
@pytest.mark.parametrize(("kind", "what"), [(SPEED, "speed"), (INCLINE, "incline")])
def test_s6_a_rise_that_is_refused_is_told_once_and_never_as_reached(
    kind: CommandKind, what: str, answers: float
) -> None:
    run = Refusing()
    run.begin()
    run.skip_warm_up()
    run.kinds_declined, run.answers = (kind,), answers
    run.clear_log()
    if kind is SPEED:
        run.session.set_speed(2.0, caller=Caller.PERSON)
    else:
        run.session.set_incline(2.0, caller=Caller.PERSON)
    run.go(60)
    kinds = [
        event
        for event in run.event_kinds
        if event in {EventKind.SPEED_UP_SOON, EventKind.STEP_CHANGED, EventKind.RISE_REFUSED}
    ]
    assert kinds == [EventKind.SPEED_UP_SOON, EventKind.RISE_REFUSED]
    present = 1.0 if kind is SPEED else 0.0
    assert run.data(EventKind.RISE_REFUSED) == {"what": what, "target": 2.0, "present": present}
    assert run.state in STEERING
    assert run.session.target_speed == 1.0
    assert run.session.target_incline == 0.0
    run.clear_log()
    run.go(60)
    assert not [command for _, command in run.sent if command.kind is kind], "until a person acts"
    run.kinds_declined = ()
    run.session.set_speed(1.2, caller=Caller.PERSON)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert run.data(EventKind.STEP_CHANGED) == {"what": "speed", "target": 1.2}


def test_s6_a_program_tries_again_with_its_next_step_and_is_told_once_for_each() -> None:
    run = started(
        program(
            {"minutes": 2, "speed": 1.0},
            {"minutes": 2, "speed": 1.3},
            {"minutes": 2, "speed": 1.5},
            {"minutes": 3, "speed": 1.0},
        ),
        Refusing(),
    )
    assert isinstance(run, Refusing)
    run.kinds_declined = (SPEED,)
    run.clear_log()
    while run.state in STEERING and run.session.moving_time < 400:
        run.go(1)
    assert [event for event in run.event_kinds if event is EventKind.STEP_CHANGED] == []
    refused = [event.data for _, event in run.emitted if event.kind is EventKind.RISE_REFUSED]
    assert refused == [
        {"what": "speed", "target": 1.3, "present": 1.0},
        {"what": "speed", "target": 1.5, "present": 1.0},
    ]
    assert run.state is SessionState.ACTIVE
    assert len(run.speeds) == 2


def test_s10_what_falls_is_tried_again_though_the_machine_declines_it() -> None:
    run = Refusing()
    run.begin()
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.go(80)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.kinds_declined, run.falls_too = (SPEED,), True
    run.session.set_speed(1.2, caller=Caller.PERSON)
    run.go(5)
    assert run.treadmill.speed == pytest.approx(2.0)
    run.kinds_declined = ()
    run.go(10)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert EventKind.RISE_REFUSED not in run.event_kinds
