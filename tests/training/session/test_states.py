"""The states of a session as objects: what no state may do by itself, and that all of them can be reached."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.session import controller
from custom_components.retrowalk.training.session.state import State
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, SessionState
from custom_components.retrowalk.training.steering.session_plan import Target
from tests.support.session_run import SessionRun
from tests.support.session_states import at, refusal


def coasting() -> SessionRun:
    run = SessionRun()
    run.begin()
    run.pause()
    assert run.session.belt_may_move
    return run


def cooling_down() -> SessionRun:
    run = SessionRun()
    run.begin()
    run.session.finish(run.now)
    run.collect()
    assert run.session.remaining is not None
    return run


def winding_down() -> SessionRun:
    run = at(SessionState.COOL_DOWN)
    assert run.session.remaining is None
    return run


def check_stopping() -> SessionRun:
    run = at(SessionState.CHECKING)
    run.stop()
    assert run.session.check is not None
    return run


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


def rests_for_one_report(run: SessionRun) -> SessionRun:
    """Report rest once, which may be an error, so that the state of the belt is unknown."""
    run.report(belt=BeltState.AT_REST, speed=0.0)
    return run


def kinds_of_state(base: type[State] = State) -> Iterator[type[State]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of_state(kind)


def test_every_state_that_a_session_can_be_in_is_tested_here() -> None:
    leaves = {kind.__name__ for kind in kinds_of_state() if not kind.__subclasses__()}
    # A check run is stopped like everything else, and is measured too.
    assert leaves | {"Stopping"} == set(REACHED)


def test_s3_no_state_has_a_stop_of_its_own() -> None:
    final = [name for name, value in vars(State).items() if getattr(value, "__final__", False)]
    assert "stop" in final
    assert [(kind, name) for kind in kinds_of_state() for name in final if name in vars(kind)] == []


@pytest.mark.parametrize("name", REACHED)
def test_s3_stop_works_from_every_state(name: str) -> None:
    state, reach = REACHED[name]
    run = reach()
    assert run.state is state
    run.clear_log()
    run.stop()
    assert run.sent[0] == (run.now, Command(CommandKind.STOP))
    run.link(up=True)
    run.go(20)
    assert run.treadmill.at_rest
    assert run.state in BETWEEN_SESSIONS
    assert set(run.command_kinds) == {CommandKind.STOP}


def test_only_one_place_changes_the_state() -> None:
    places: list[str] = []
    for path in sorted(Path(controller.__file__).parent.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                places += [f"{path.stem}.{function.name}" for node in ast.walk(function) if changes_the_state(node)]
    assert places == ["controller.__init__", "controller._go"]


def changes_the_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="_state", ctx=ast.Store() | ast.Del()):
            return True
        case ast.Call(func=ast.Name(id="setattr") | ast.Attribute(attr="__setattr__")):
            return True
    return False


@pytest.mark.parametrize("act", ["finish", "wind_down"])
def test_s13_s14_a_steered_belt_that_may_rest_is_stopped_and_not_slowed(act: str) -> None:
    # S8: a target speed could start a belt that rests.
    run = rests_for_one_report(at(SessionState.WARM_UP))
    run.clear_log()
    getattr(run.session, act)(run.now)
    run.collect()
    assert run.state is SessionState.STOPPING
    assert run.command_kinds == [CommandKind.STOP]


def test_s14_a_belt_that_cools_down_and_may_rest_is_left_to_its_end() -> None:
    run = rests_for_one_report(cooling_down())
    run.clear_log()
    run.wind_down()
    assert run.state is SessionState.COOL_DOWN
    assert run.sent == []


def test_s10_a_belt_that_is_heard_again_and_does_not_move_is_stopped_by_finish() -> None:
    run = at(SessionState.INTERRUPTED)
    run.report()
    assert run.state is SessionState.INTERRUPTED  # reported before the link was lost
    run.link(up=True)
    rests_for_one_report(run)
    run.session.finish(run.now)
    run.collect()
    assert run.state is SessionState.STOPPING


def test_s9_the_check_run_does_not_begin_while_the_deck_is_lowered() -> None:
    run = at(SessionState.IDLE)
    run.treadmill.incline = run.treadmill.target_incline = 5.0
    run.go(3)
    run.session.lower_deck(run.now, caller=Caller.PERSON)
    assert refusal(run.start_check) is Refusal.BUSY


def test_a_target_that_fails_before_the_belt_moves_is_no_failed_start() -> None:
    run = at(SessionState.STARTING)
    run.clear_log()
    run.fail_command(CommandKind.SET_INCLINE, 1.0)
    assert run.state is SessionState.STARTING
    assert (run.sent, run.emitted) == ([], [])


def test_s17_a_guard_that_is_on_or_cannot_be_read_is_seen_from_outside() -> None:
    session = at(SessionState.IDLE).session
    assert not session.guarded
    session.on_guard("door", on=None, now=0.0)
    assert session.guarded
    session.on_guard("door", on=False, now=0.0)
    assert not session.guarded


def test_s14_a_belt_that_is_being_stopped_is_not_stopped_anew_because_home_assistant_goes() -> None:
    run = at(SessionState.STOPPING)
    run.clear_log()
    run.wind_down()
    assert run.state is SessionState.STOPPING
    assert run.sent == []


def test_what_the_belt_was_told_is_seen_only_while_it_is_steered() -> None:
    run = at(SessionState.IDLE)
    assert run.session.commanded is None
    run.begin()
    assert run.session.commanded == Target(1.0, 0.0)
