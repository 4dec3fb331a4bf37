"""Sessions with a requested length and speed."""

from typing import Any

from custom_components.retrowalk.training.limits import Direction, Limits, limits_for
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules


def limits(direction: Direction = Direction.BACKWARD, *, novice: bool = False, **changes: Any) -> Limits:
    its_rules = rules(**changes)
    return limits_for(its_rules.capabilities, its_rules.owner, direction, novice=novice)


def wished(walk: SessionRun | None = None, **wish: Any) -> SessionRun:
    """A walk on the belt, steered at the minimum, with a wish."""
    walk = walk or SessionRun()
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(**wish))
    walk.start()
    walk.go(15 if walk.session.direction is Direction.BACKWARD else 5)
    while not walk.session.moving_time:
        walk.go(0.5)
    return walk


def go_to(walk: SessionRun, seconds: float) -> None:
    """To a second of the walk."""
    while walk.session.moving_time < seconds:
        before = walk.session.moving_time
        walk.go(0.5)
        assert walk.session.moving_time > before


def resume(walk: SessionRun) -> None:
    walk.resume()
    walk.resume()
    walk.go(15)
    while not walk.treadmill.speed:
        walk.go(0.5)
    walk.go(1)
