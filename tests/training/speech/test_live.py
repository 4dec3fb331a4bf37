"""What a live notification tells of a session, and how often."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.retrowalk.training.events import StopFailure
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.steps import Ramp
from custom_components.retrowalk.training.speech.live import LivePace, LiveSession, live_lines
from custom_components.retrowalk.training.speech.phrases import Line
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.forecast import PlannedStep
from custom_components.retrowalk.training.units import Speed

ENDS = datetime(2026, 11, 2, 18, 5, tzinfo=UTC)


def session(state: SessionState = SessionState.ACTIVE, seconds: float = 0.0, **more: Any) -> LiveSession:
    values: dict[str, Any] = {"length": 300.0, "ends": ENDS, "speed": 1.4, "safety_key": True, "walker": None, **more}
    return LiveSession(state=state, seconds=seconds, direction=Direction.BACKWARD, **values)


def step(
    begins: float, ends: float, speed: tuple[float, float], incline: tuple[float, float] | None = None
) -> PlannedStep:
    return PlannedStep(
        begins=begins,
        seconds=ends - begins,
        phase=SessionState.ACTIVE,
        speed=Ramp(*speed),
        incline=None if incline is None else Ramp(*incline),
        label=None,
    )


WALK = (
    step(0, 20, (0.5, 0.8)),
    step(20, 40, (0.8, 1.5)),
    step(40, 100, (1.5, 1.5)),
    step(100, 110, (1.5, 1.52)),
    step(110, 250, (1.5, 1.5), (0.0, 0.0)),
    step(250, 300, (1.5, 0.5)),
)
HILL = (
    step(0, 60, (1.0, 1.0), (2.0, 2.0)),
    step(60, 80, (1.0, 1.0), (2.0, 4.0)),
    step(80, 120, (1.0, 2.0), (4.0, 4.0)),
    step(120, 140, (2.0, 2.0), (4.0, 0.0)),
)


@pytest.mark.parametrize(
    ("steps", "seconds", "told"),
    [
        (WALK, 0, [("live_now_speed_up", {"to": Speed(1.5)})]),
        (WALK, 30, [("live_now_speed_up", {"to": Speed(1.5)})]),
        (
            WALK,
            40,
            [("live_pace", {"speed": Speed(1.4)}), ("live_next_speed_down", {"to": Speed(0.5), "left": "0:50"})],
        ),
        (WALK, 250, [("live_now_speed_down", {"to": Speed(0.5)})]),
        (
            HILL,
            59,
            [
                ("live_pace_uphill", {"speed": Speed(1.4), "incline": 2.0}),
                ("live_next_incline_up", {"to": 4.0, "left": "1:20"}),
            ],
        ),
        (HILL, 90, [("live_now_speed_up", {"to": Speed(2.0)})]),
        (HILL, 130, [("live_now_incline_down", {"to": 0.0})]),
        ((step(0, 60, (1.0, 1.0)),), 5, [("live_pace", {"speed": Speed(1.4)})]),
        (WALK, 300, [("live_pace", {"speed": Speed(1.4)})]),
        ((), 30, [("live_pace", {"speed": Speed(1.4)})]),
    ],
)
def test_the_speed_is_told_and_what_changes_next(
    steps: tuple[PlannedStep, ...], seconds: float, told: list[tuple[str, dict[str, float | str]]]
) -> None:
    incline = 2.0 if steps is HILL else None
    assert live_lines(session(seconds=seconds, incline=incline), steps) == tuple(Line(*line) for line in told)


@pytest.mark.parametrize(
    ("told_of", "keys"),
    [
        (session(SessionState.MANUAL), ["live_pace"]),
        (session(SessionState.MANUAL, speed=None), ["say_started"]),
        (session(SessionState.COOL_DOWN), ["say_cooling_down"]),
        (session(SessionState.STOPPING), ["say_belt_stops"]),
        (session(SessionState.PAUSED), ["say_belt_stops"]),
        (session(SessionState.INTERRUPTED), ["say_link_lost", "say_use_key"]),
        (session(SessionState.INTERRUPTED, safety_key=False), ["say_link_lost", "say_step_off"]),
        (session(SessionState.STOPPING, stop_failure=StopFailure.NOT_DELIVERED), ["say_stop_failed"]),
        (session(stop_failure=StopFailure.NOT_OBEYED), ["say_stop_not_obeyed"]),
    ],
)
def test_what_is_more_pressing_is_told_instead(told_of: LiveSession, keys: list[str]) -> None:
    steps = () if told_of.state is SessionState.MANUAL else WALK
    assert [line.key for line in live_lines(told_of, steps)] == keys


def test_the_bar_has_few_positions() -> None:
    assert session(seconds=29).progress == (0, 300)
    assert session(seconds=31).progress == (30, 300)
    assert session(seconds=400).progress == (300, 300)
    assert {session(seconds=second, length=1800.0).progress for second in range(1800)} == {
        (second, 1800) for second in range(0, 1800, 90)
    }
    assert session(length=None).progress is None
    assert session(length=0.5).progress is None


def send(pace: LivePace, until: float, *, urgent: bool) -> int:
    """Send as often as allowed for some seconds, and return how often."""
    now, sent = 0.0, 0
    while now <= until:
        pace.sent(now, urgent=urgent)
        sent += 1
        now += pace.due_in(now, urgent=urgent)
    return sent


def test_messages_become_rarer_and_another_state_is_told_soon() -> None:
    pace = LivePace()
    assert pace.due_in(100, urgent=False) == 0
    pace.sent(100, urgent=True)
    assert pace.due_in(105, urgent=False) == 10
    assert pace.due_in(101, urgent=True) == 2
    assert pace.due_in(104, urgent=True) == 0
    pace.sent(700, urgent=False)
    assert pace.due_in(700, urgent=False) == 20
    assert pace.due_in(900, urgent=False) == 0


def test_the_longest_session_leaves_phones_room_for_other_messages() -> None:
    assert send(LivePace(), 1800, urgent=False) <= 100
    assert send(LivePace(), 7200, urgent=False) <= 150
    assert send(LivePace(), 7200, urgent=True) <= 200
