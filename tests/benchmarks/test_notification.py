"""Benchmark of one notification: processing by the session, then reading the displayed values."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import Command
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_run import program
from tests.support.session_run import SessionRun, rules

ROUNDS = 9
HILLY = program(
    {"minutes": 2, "speed": 1.5},
    {"minutes": 2, "speed": {"from": 1.5, "to": 2.5}, "incline": {"from": 0, "to": 2}},
    {"minutes": 2, "speed": {"from": 2.5, "to": 1.5}, "incline": 0},
)
SHOWN = (
    "state",
    "direction",
    "limits",
    "length",
    "program",
    "remaining",
    "moving_time",
    "displayed_target_speed",
    "target_incline",
    "awaiting_resume",
    "belt_may_move",
    "controls_belt",
    "safety_key_pulled",
    "under_way",
)
"""What a snapshot takes of the session."""

type Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class Recorder:
    """A replacement for the session that records its input."""

    def __init__(self, session: SessionController) -> None:
        self._session = session
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._session, name)
        if not callable(value) or name == "drain":
            return value

        def record_call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, args, kwargs))
            return value(*args, **kwargs)

        return record_call


def recorded(request: SessionRequest) -> tuple[list[Call], list[Command]]:
    """Return all input of a session from start to end, and what it sent."""
    run = SessionRun(rules(), linked=False)
    recorder = Recorder(run.session)
    run.session = recorder  # type: ignore[assignment]
    run.link(up=True)
    run.go(3)
    run.session.prepare(run.now, caller=Caller.PERSON, request=request)
    run.start()
    run.go(600)
    assert run.treadmill.at_rest
    return recorder.calls, [command for _, command in run.sent]


def replay(calls: list[Call], recorded_commands: list[Command]) -> tuple[float, list[Command]]:
    """Replay the input to a new session; return the seconds of computing and what it sends.

    An answer is given to the very command that was sent, as the runner does: to the new session's own.
    """
    session = SessionController(rules())
    places = {id(command): place for place, command in enumerate(recorded_commands)}
    steps: list[tuple[Callable[..., Any], tuple[Any, ...], int | None, dict[str, Any]]] = [
        (getattr(session, name), args, places.get(id(args[0])) if args else None, kwargs)
        for name, args, kwargs in calls
    ]
    sent: list[Command] = []
    begun = process_time()
    for call, args, answered, kwargs in steps:
        if answered is None:
            call(*args, **kwargs)
        else:
            call(sent[answered], *args[1:], **kwargs)
        sent += [output for output in session.drain() if isinstance(output, Command)]
        for name in SHOWN:
            getattr(session, name)
    return process_time() - begun, sent


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "request_", [SessionRequest(length=300.0, speed=2.0), SessionRequest(program=HILLY)], ids=["steady", "program"]
)
def test_a_notification_costs_little(request_: SessionRequest, figure: Callable[[str, float], None]) -> None:
    calls, sent = recorded(request_)
    notifications = sum(name == "observe" for name, _, _ in calls)
    times = []
    for _ in range(ROUNDS):
        seconds, replayed = replay(calls, sent)
        assert replayed == sent
        times.append(seconds / notifications)
    figure("session_program" if request_.program else "session_steady", min(times) * 1e6)
