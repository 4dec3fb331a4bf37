"""The states of a session as objects: what no state may do for itself, and that all of them can be reached."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.training.session import controller
from custom_components.retrowalk.training.session.state import State
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, SessionState
from tests.support.session_run import SessionRun
from tests.support.session_states import at


def coasting() -> SessionRun:
    walk = SessionRun()
    walk.begin()
    walk.pause()
    assert walk.session.belt_may_move
    return walk


def cooling_down() -> SessionRun:
    walk = SessionRun()
    walk.begin()
    walk.session.finish(walk.now)
    walk.collect()
    assert walk.session.remaining is not None
    return walk


def winding_down() -> SessionRun:
    walk = at(SessionState.COOL_DOWN)
    assert walk.session.remaining is None
    return walk


def check_stopping() -> SessionRun:
    walk = at(SessionState.CHECKING)
    walk.stop()
    assert walk.session.check is not None
    return walk


REACHED: dict[str, tuple[SessionState, Callable[[], SessionRun]]] = {
    "Idle": (SessionState.IDLE, lambda: at(SessionState.IDLE)),
    "Finished": (SessionState.FINISHED, lambda: at(SessionState.FINISHED)),
    "Ready": (SessionState.READY, lambda: at(SessionState.READY)),
    "Countdown": (SessionState.COUNTDOWN, lambda: at(SessionState.COUNTDOWN)),
    "Starting": (SessionState.STARTING, lambda: at(SessionState.STARTING)),
    "Steered": (SessionState.COOL_DOWN, cooling_down),
    "Manual": (SessionState.MANUAL, lambda: at(SessionState.MANUAL)),
    "Coasting": (SessionState.PAUSED, coasting),
    "Paused": (SessionState.PAUSED, lambda: at(SessionState.PAUSED)),
    "Interrupted": (SessionState.INTERRUPTED, lambda: at(SessionState.INTERRUPTED)),
    "Stopping": (SessionState.STOPPING, lambda: at(SessionState.STOPPING)),
    "WindingDown": (SessionState.COOL_DOWN, winding_down),
    "Checking": (SessionState.CHECKING, lambda: at(SessionState.CHECKING)),
    "CheckStopping": (SessionState.STOPPING, check_stopping),
}


def kinds_of_state(base: type[State] = State) -> Iterator[type[State]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of_state(kind)


def test_every_state_that_a_session_can_be_in_is_tested_here() -> None:
    leaves = {kind.__name__ for kind in kinds_of_state() if not kind.__subclasses__()}
    # A check run is stopped as everything else is, and measured besides.
    assert leaves | {"Stopping"} == set(REACHED)


def test_s3_no_state_has_a_stop_of_its_own() -> None:
    final = [name for name, value in vars(State).items() if getattr(value, "__final__", False)]
    assert "stop" in final
    assert [(kind, name) for kind in kinds_of_state() for name in final if name in vars(kind)] == []


@pytest.mark.parametrize("name", REACHED)
def test_s3_stop_works_from_every_state(name: str) -> None:
    state, reach = REACHED[name]
    walk = reach()
    assert walk.state is state
    walk.forget()
    walk.stop()
    assert walk.sent[0] == (walk.now, Command(CommandKind.STOP))
    walk.link(up=True)
    walk.go(20)
    assert walk.treadmill.at_rest
    assert walk.state in BETWEEN_SESSIONS
    assert set(walk.kinds) == {CommandKind.STOP}


def test_only_one_place_changes_the_state() -> None:
    found: list[str] = []
    for path in sorted(Path(controller.__file__).parent.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                found += [f"{path.stem}.{function.name}" for node in ast.walk(function) if changes_the_state(node)]
    assert found == ["controller.__init__", "controller._go"]


def changes_the_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="_state", ctx=ast.Store() | ast.Del()):
            return True
        case ast.Call(func=ast.Name(id="setattr") | ast.Attribute(attr="__setattr__")):
            return True
    return False
