"""Sessions in a given state, and the refusal of requests."""

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


def ready(run: SessionRun) -> None:
    run.start()
    assert run.state is State.READY


def at(state: State) -> SessionRun:
    """Return a session in this state."""
    run = SessionRun()
    match state:
        case State.READY:
            run.start()
        case State.COUNTDOWN:
            run.count_down()
        case State.STARTING:
            run.count_down()
            run.go(15)
        case State.WARM_UP:
            run.begin()
        case State.ACTIVE:
            run.begin()
            run.skip_warm_up()
        case State.COOL_DOWN:
            run.begin()
            run.session.set_speed(2.0, caller=Caller.PERSON)
            run.go(60)
            run.wind_down()
        case State.STOPPING:
            run.begin()
            run.obeys = False
            run.stop()
        case State.MANUAL:
            run.treadmill.press_start()
            run.go(10)
        case State.PAUSED:
            run.paused()
        case State.INTERRUPTED:
            run.begin()
            run.link(up=False)
        case State.FINISHED:
            run.begin()
            run.stop()
            run.go(8)
        case State.CHECKING:
            run.start_check()
            run.go(30)
    assert run.state is state
    run.obeys = True
    return run


def recovered_session(**changes: Any) -> RecoveredSession:
    known = {"request": SessionRequest(walker="anna", length=300.0, speed=2.0), "moving_time": 100.0, "planned": True}
    return RecoveredSession(**{**known, **changes})


def guard(run: SessionRun, name: str = "door", *, on: bool | None = True) -> None:
    run.session.on_guard(name, on=on, now=run.now)
    run.collect()


def tilted(percent: float = 6.0, **its: Any) -> SessionRun:
    run = SessionRun(rules(**its))
    run.treadmill.incline = run.treadmill.target_incline = percent
    run.go(3)
    return run


def lower(run: SessionRun, *, caller: Caller = Caller.PERSON) -> None:
    run.session.lower_deck(run.now, caller=caller)
    run.collect()
