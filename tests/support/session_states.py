"""Sessions in a given state, and what a refused request raises."""

from typing import Any

import pytest

from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.session.recovery import RecoveredSession
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState


def refusal(call: object, *args: object, **kwargs: object) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.reason


def ready(walk: SessionRun) -> None:
    walk.start()
    assert walk.state is State.READY


def at(state: State) -> SessionRun:
    """A walk in a state, by a way that leads there."""
    walk = SessionRun()
    match state:
        case State.READY:
            walk.start()
        case State.COUNTDOWN:
            walk.count_down()
        case State.STARTING:
            walk.count_down()
            walk.go(15)
        case State.WARM_UP:
            walk.begin()
        case State.ACTIVE:
            walk.begin()
            walk.skip_warm_up()
        case State.COOL_DOWN:
            walk.begin()
            walk.session.set_speed(2.0, caller=Caller.PERSON)
            walk.go(60)
            walk.wind_down()
        case State.STOPPING:
            walk.begin()
            walk.obeys = False
            walk.stop()
        case State.MANUAL:
            walk.treadmill.press_start()
            walk.go(10)
        case State.PAUSED:
            walk.paused()
        case State.INTERRUPTED:
            walk.begin()
            walk.link(up=False)
        case State.FINISHED:
            walk.begin()
            walk.stop()
            walk.go(8)
        case State.CHECKING:
            walk.start_check()
            walk.go(30)
    assert walk.state is state
    walk.obeys = True
    return walk


def found(**changes: Any) -> RecoveredSession:
    known = {"request": SessionRequest(walker="anna", length=300.0, speed=2.0), "moving_time": 100.0, "planned": True}
    return RecoveredSession(**{**known, **changes})


def guard(walk: SessionRun, name: str = "door", *, on: bool | None = True) -> None:
    walk.session.on_guard(name, on=on, now=walk.now)
    walk.collect()


def tilted(percent: float = 6.0, **its: Any) -> SessionRun:
    walk = SessionRun(rules(**its))
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(3)
    return walk


def lower(walk: SessionRun, *, caller: Caller = Caller.PERSON) -> None:
    walk.session.lower_deck(walk.now, caller=caller)
    walk.collect()
