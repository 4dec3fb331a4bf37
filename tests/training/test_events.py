"""The events of a session: records store their values and events fire them, so they never change."""

import pytest

from custom_components.retrowalk.training.events import (
    CoolingDownEvent,
    EndReason,
    ManualEvent,
    ManualReason,
    SessionEvent,
    SessionEventKind,
    StartFailedEvent,
)
from custom_components.retrowalk.training.rules import Refusal
from tests.support.session_events import SAMPLES

FIRED = {
    "ready": {"direction": "backward"},
    "countdown": {"seconds": 15.0, "direction": "backward"},
    "started": {},
    "speed_up_soon": {"what": "speed", "start": 1.0, "target": 2.0, "seconds": 50.0},
    "step_changed": {"what": "speed", "target": 2.0},
    "rise_refused": {"what": "speed", "target": 2.0, "present": 1.5},
    "halfway": {"seconds": 150},
    "last_minute": {"seconds": 60},
    "goal_reached": {},
    "cooling_down": {"reason": "completed", "seconds": 30, "start": 2.0, "target": 1.0},
    "finished": {"reason": "finished"},
    "stopped": {"reason": "stopped"},
    "paused": {"by": "console"},
    "resumed": {},
    "manual": {},
    "interrupted": {},
    "link_back": {},
    "start_failed": {"reason": "refused"},
    "stop_failed": {"reason": "not_delivered"},
    "safety_key": {},
    "guard": {"guard": "door", "stops": True},
    "nobody_on_belt": {"sign": "steps"},
    "not_obeyed": {"finding": "miles", "what": "speed"},
    "deck_lowering": {"seconds": 5.0, "start": 3.0, "target": 0.0},
    "belt_without_session": {},
    "exported": {
        "path": "/media/walk.fit",
        "format": "fit",
        "session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY",
        "walker": "Anna",
    },
}
"""What automations get with each kind of event."""


def test_every_kind_fires_the_same_keys_as_ever() -> None:
    assert [kind.value for kind in SessionEventKind] == list(FIRED)
    for kind, event in SAMPLES.items():
        assert event.kind is kind
        assert event.data == FIRED[kind]
        assert list(event.data) == list(FIRED[kind])
        # Plain values: neither an enumeration nor anything else that only this version knows.
        assert {type(value) for value in event.data.values()} <= {str, int, float, bool}


@pytest.mark.parametrize(
    ("event", "fired"),
    [
        (ManualEvent(ManualReason.NO_COACH), {"reason": "no_coach"}),
        (ManualEvent(ManualReason.NO_COACH, minutes=0), {"reason": "no_coach", "minutes": 0}),
        (ManualEvent(ManualReason.TIME_IS_UP), {"reason": "time_is_up"}),
        (CoolingDownEvent(EndReason.SHUTDOWN), {"reason": "shutdown"}),
        (StartFailedEvent(EndReason.GUARD, "door"), {"reason": "guard", "guard": "door"}),
        (StartFailedEvent(Refusal.LOCKED), {"reason": "locked"}),
    ],
)
def test_what_is_not_known_is_not_fired(event: SessionEvent, fired: dict[str, object]) -> None:
    assert event.data == fired


def test_end_reasons_keep_their_stored_values() -> None:
    assert [reason.value for reason in EndReason] == [
        "completed",
        "finished",
        "stopped",
        "console",
        "safety_key",
        "guard",
        "nobody_on_belt",
        "not_obeyed",
        "paused_too_long",
        "interrupted",
        "shutdown",
        "check",
        "lapsed",
        "not_connected",
        "link_lost",
        "no_fresh_data",
        "refused",
        "belt_does_not_move",
        "belt_not_heard",
        "limits_lowered",
        "settings_changed",
        "not_announced",
    ]


def test_end_reasons_tell_what_kind_of_end_it_was() -> None:
    assert {reason.value for reason in EndReason if reason.planned} == {"completed", "finished"}
    assert {reason.value for reason in EndReason if reason.unsafe} == {"safety_key", "guard", "nobody_on_belt"}
    assert {reason.value for reason in EndReason if reason.unintended} == {
        "shutdown",
        "not_connected",
        "link_lost",
        "no_fresh_data",
    }


def test_a_record_of_another_version_may_keep_a_reason_that_is_not_known() -> None:
    assert EndReason.parse("console") is EndReason.CONSOLE
    assert EndReason.parse("monitor_only") is None
    assert EndReason.parse(None) is None
