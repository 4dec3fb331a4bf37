"""Sessions with a requested length and speed."""

from typing import Any

from custom_components.retrowalk.training.limits import Direction, Limits, limits_for
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules


def limits(direction: Direction = Direction.BACKWARD, *, novice: bool = False, **changes: Any) -> Limits:
    its_rules = rules(**changes)
    return limits_for(its_rules.capabilities, its_rules.owner, direction, novice=novice)


def planned_run(run: SessionRun | None = None, **request: Any) -> SessionRun:
    """Return a session with this request, steered, with the belt just moving."""
    run = run or SessionRun()
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(**request))
    run.start()
    run.go(15 if run.session.direction is Direction.BACKWARD else 5)
    while not run.session.moving_time:
        run.go(0.5)
    return run


def go_to(run: SessionRun, seconds: float) -> None:
    """Let time pass up to this second of the session."""
    while run.session.moving_time < seconds:
        before = run.session.moving_time
        run.go(0.5)
        assert run.session.moving_time > before


def resume(run: SessionRun) -> None:
    run.resume()
    run.resume()
    run.go(15)
    while not run.treadmill.speed:
        run.go(0.5)
    run.go(1)
