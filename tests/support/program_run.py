"""Programs on the virtual treadmill, and assertions for every command (S4-S6)."""

import itertools
from typing import Any

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Limits
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import STEERING, SessionState
from custom_components.retrowalk.training.steering.forecast import PlannedStep
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan
from custom_components.retrowalk.training.steering.session_plan import SessionRequest, Target
from tests.support.session_run import SessionRun

NEARLY = 1e-6
STARTED_UP = 10.0  # s for a belt to get from rest to its minimum
KINDS = {CommandKind.SET_SPEED: "speed", CommandKind.SET_INCLINE: "incline"}


def program(*steps: dict[str, Any], direction: Direction = Direction.BACKWARD) -> Program:
    return Program.from_dict({"name": "Test", "direction": direction.value, "steps": list(steps)})


def started(its_program: Program, run: SessionRun | None = None, **request: Any) -> SessionRun:
    """Return a session with this program, with the belt just moving."""
    run = run or SessionRun()
    request = {"direction": its_program.direction, "program": its_program} | request
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(**request))
    run.start()
    run.go(15 if its_program.direction is Direction.BACKWARD else 5)
    while not run.session.moving_time:
        run.go(0.5)
    return run


def plan_of(run: SessionRun) -> ProgramPlan:
    assert run.session.program is not None
    return run.session.program


def to_the_end(run: SessionRun) -> None:
    length = plan_of(run).length
    while run.state in STEERING and run.session.moving_time <= length + 5:
        run.go(0.5)
    run.go(30)


def assert_safe(run: SessionRun, limits: Limits) -> None:
    """Assert that no command is above the limits, and that rises keep their steps, pace and announcements."""
    assert limits.speed is not None
    rose = dict.fromkeys(KINDS, float("-inf"))
    last: dict[CommandKind, tuple[float, float]] = {
        CommandKind.SET_SPEED: (float("-inf"), limits.speed.minimum),
        CommandKind.SET_INCLINE: (float("-inf"), limits.allowed_incline(0.0) if limits.incline else 0.0),
    }
    for when, command in run.sent:
        kind, value = command.kind, command.value
        if kind not in KINDS or value is None:
            continue
        allowed = limits.speed if kind is CommandKind.SET_SPEED else limits.incline
        assert allowed is not None
        assert allowed.minimum <= value <= allowed.maximum
        assert allowed.snap(value) == value
        then, before = last[kind]
        rises = value > before + NEARLY
        pace = limits.incline_pace
        if kind is CommandKind.SET_SPEED:
            pace = limits.speed_up if rises else limits.speed_down
        assert pace is not None
        assert abs(value - before) <= pace.step + NEARLY
        assert when - then >= pace.seconds
        if rises:
            assert all(when - at >= 20 for other, at in rose.items() if other is not kind)
            rose[kind] = when
            announced = [
                (at, event.data)
                for at, event in run.emitted
                if event.kind is SessionEventKind.SPEED_UP_SOON and event.data["what"] == KINDS[kind] and at <= when
            ]
            assert announced, "a rise that nobody announced"
            at, data = announced[-1]
            assert when - at >= 5, "announced too late"
            assert value <= data["target"] + NEARLY, "announced less"
            if at >= then:
                assert when - at <= 20, "announced too early"
        last[kind] = (when, value)
    for kind in KINDS:
        assert_announced_once(run, kind)
        assert_begins_as_announced(run, kind)


def assert_begins_as_announced(run: SessionRun, kind: CommandKind) -> None:
    """Assert that a rise begins where the announcement says: no step down comes between the two (S6)."""
    steps = [(at, command.value or 0.0) for at, command in run.sent if command.kind is kind]
    for at, event in run.emitted:
        if event.kind is not SessionEventKind.SPEED_UP_SOON or event.data["what"] != KINDS[kind]:
            continue
        last = next((value for when, value in reversed(steps) if when <= at), None)
        following = next((value for when, value in steps if when > at), None)
        assert following is None or last is None or following >= last - NEARLY, (at, event.data, steps)


def assert_announced_once(run: SessionRun, kind: CommandKind) -> None:
    """Assert that a rise is announced again only after the first ramp has ended, or for a higher target."""
    what = KINDS[kind]
    levels = [command.value or 0.0 for _, command in run.sent if command.kind is kind]
    falls = [
        when
        for (_, before), (when, command) in itertools.pairwise(
            [(0.0, None), *((at, command) for at, command in run.sent if command.kind is kind)]
        )
        if before is None or (command.value or 0.0) < (before.value or 0.0)
    ]
    announced = [
        (at, event)
        for at, event in run.emitted
        if event.kind in {SessionEventKind.SPEED_UP_SOON, SessionEventKind.STEP_CHANGED}
    ]
    announced = [(at, event) for at, event in announced if event.data["what"] == what]
    for (first, before), (second, after) in itertools.pairwise(announced):
        if before.kind is after.kind is SessionEventKind.SPEED_UP_SOON:
            further = after.data["target"] > before.data["target"] + NEARLY
            assert further or any(first <= fall <= second for fall in falls), (first, second, levels)


def assert_announced_from_where_it_begins(run: SessionRun, kind: CommandKind) -> None:
    """Assert that each rise was announced after the last fall, whoever asked for that one (S6)."""
    steps = [(at, command.value or 0.0) for at, command in run.sent if command.kind is kind]
    words = [at for at, event in run.emitted if event.kind is SessionEventKind.SPEED_UP_SOON]
    fell = float("-inf")
    for (_, before), (at, value) in itertools.pairwise(steps):
        if value < before - NEARLY:
            fell = at
        elif value > before + NEARLY:
            assert any(fell <= word <= at - 5 for word in words), (fell, at, before, value)


def assert_completed(run: SessionRun) -> None:
    length = plan_of(run).length if run.session.program else run.session.length
    assert length is not None
    assert run.state is SessionState.FINISHED
    assert run.treadmill.at_rest
    assert run.data(SessionEventKind.FINISHED) == {"reason": "completed"}
    assert length <= run.session.moving_time <= length + 10


def planned_at(steps: tuple[PlannedStep, ...], seconds: float) -> Target:
    """Return the target planned for a second of the session."""
    step = next((step for step in steps if seconds < step.begins + step.seconds), steps[-1])
    part = min(max((seconds - step.begins) / step.seconds, 0.0), 1.0)
    return Target(step.speed.at(part), step.incline.at(part) if step.incline else None)


def off_by(run: SessionRun, steps: tuple[PlannedStep, ...], *, within: float) -> tuple[float, float]:
    """Run to the end; return how far speed (km/h) and incline (%) are off the plan at most, within some seconds."""
    speed = incline = 0.0
    while run.state in STEERING:
        run.go(0.5)
        seconds = run.session.moving_time
        near = [planned_at(steps, seconds + shift / 2) for shift in range(-round(2 * within), round(2 * within) + 1)]
        if STARTED_UP < seconds < plan_of(run).length:
            speed = max(speed, min(abs(run.treadmill.speed - planned.speed) for planned in near))
            incline = max(incline, min(abs(run.treadmill.incline - (planned.incline or 0.0)) for planned in near))
    run.go(30)
    return speed, incline
