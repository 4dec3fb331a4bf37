"""The phrase for each event, and when it is spoken."""

from typing import Any

import pytest

from custom_components.retrowalk.training.events import CommandMismatch, NotObeyedEvent, SessionEvent, SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.speech.phrases import (
    Line,
    Phrase,
    Scene,
    begins_countdown,
    phrases_for,
    speaking_time,
)
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.units import Speed
from tests.support.session_events import session_event


class NewerKind:
    """A session kind that is newer than these phrases."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __str__(self) -> str:
        return self.value


def phrases_of(kind: str, scene: Scene | None = None, **data: Any) -> tuple[Phrase, ...]:
    known = kind in SessionEventKind
    event = session_event(kind, **data) if known else SessionEvent(NewerKind(kind))  # type: ignore[arg-type]
    return phrases_for(event, scene or Scene())


def keys(kind: str, scene: Scene | None = None, **data: Any) -> list[list[str]]:
    return [[line.key.removeprefix("say_") for line in phrase.lines] for phrase in phrases_of(kind, scene, **data)]


def test_the_sessions_own_kinds_are_known_by_their_value() -> None:
    [phrase] = phrases_for(SessionEvent(SessionEventKind.STARTED), Scene())
    assert phrase.lines == (Line("say_started"),)


def test_what_is_not_known_is_not_said() -> None:
    assert phrases_of("programmed") == ()
    assert phrases_of("belt_without_session") == ()


# Before the session


def test_s2_the_check_list_is_said_while_ready() -> None:
    assert keys("ready", Scene(walker="Anna")) == [
        [
            "backward",
            "walker",
            "clip_key_behind",
            "feet_beside",
            "face_away",
            "hand_on_rail",
            "music_off",
            "nobody_near",
            "press_start",
        ]
    ]
    assert phrases_of("ready", Scene(walker="Anna"))[0].lines[1] == Line("say_walker", {"walker": "Anna"})


def test_s2_forward_the_check_list_is_shorter() -> None:
    forward = Scene(direction=Direction.FORWARD)
    assert keys("ready", forward) == [["forward", "clip_key", "feet_beside", "nobody_near", "press_start"]]


def test_nobody_is_asked_for_a_key_or_a_rail_that_is_not_there() -> None:
    bare = Scene(safety_key=False, rail=False)
    assert keys("ready", bare) == [["backward", "feet_beside", "face_away", "music_off", "nobody_near", "press_start"]]
    assert keys("countdown", bare, seconds=15.0)[0] == ["countdown", "facing_away"]
    assert keys("interrupted", bare) == [["link_lost", "step_off"]]


@pytest.mark.parametrize(
    ("direction", "seconds", "numbers"),
    [
        ("backward", 10.0, {5: 4.0}),
        ("backward", 15.0, {5: 9.0}),
        ("backward", 20.0, {10: 9.0, 5: 14.0}),
        ("backward", 60.0, {10: 49.0, 5: 54.0}),
        ("forward", 3.0, {}),
        ("forward", 5.0, {}),
        ("forward", 12.0, {5: 6.0}),
        ("forward", 15.0, {10: 4.0, 5: 9.0}),
    ],
)
def test_s2_the_countdown_has_few_numbers_each_a_second_early_and_none_into_the_words_before(
    direction: str, seconds: float, numbers: dict[int, float]
) -> None:
    introduction, *rest = phrases_of("countdown", Scene(direction=Direction(direction)), seconds=seconds)
    assert introduction.lines[0] == Line("say_countdown", {"seconds": seconds})
    assert introduction.cuts
    assert {phrase.lines[0].values["seconds"]: phrase.delay for phrase in rest} == numbers
    assert all(phrase.aloud and phrase.lasts == 1.0 and len(phrase.lines) == 1 for phrase in rest)
    assert len({phrase.slot for phrase in (introduction, *rest)}) == 1 + len(rest)


def test_s2_one_press_on_the_card_leaves_time_for_the_check_list_in_the_countdown() -> None:
    backward = ["countdown", "key_clipped", "facing_away", "hand_is_on_rail"]
    assert keys("countdown", seconds=15.0) == [backward, ["number"]]
    assert keys("countdown", seconds=14.0) == [["countdown"], ["number"]]
    assert keys("countdown", Scene(direction=Direction.FORWARD), seconds=60.0)[0] == ["countdown"]


@pytest.mark.parametrize("reason", ["refused", "belt_does_not_move", "guard", "link_lost"])
def test_a_start_that_fails_is_told(reason: str) -> None:
    [phrase] = phrases_of("start_failed", reason=reason)
    assert phrase.lines == (Line("say_start_failed"),)
    assert phrase.ends


def test_s2_a_belt_that_is_not_heard_is_not_said_to_stand_still() -> None:
    [phrase] = phrases_of("start_failed", reason="belt_not_heard")
    assert phrase.lines == (Line("say_start_not_heard"),)
    assert phrase.ends


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("monitor_only", "say_settings_changed"),
        ("limits_lowered", "say_settings_changed"),
        ("settings_changed", "say_settings_changed"),
        ("locked", "say_locked"),
        ("not_announced", "say_not_announced"),
    ],
)
def test_s1_what_was_ended_by_something_that_was_saved_says_so(reason: str, why: str) -> None:
    [phrase] = phrases_of("start_failed", reason=reason)
    assert phrase.lines == (Line("say_start_failed"), Line(why))


def test_s2_the_first_words_of_a_countdown_are_known() -> None:
    first, *numbers = phrases_of("countdown", seconds=30.0)
    assert begins_countdown(first)
    assert numbers
    assert not any(begins_countdown(phrase) for phrase in numbers)


# During the session


def test_s6_a_rise_is_said_with_from_to_and_how_long_while_it_is_still_ahead() -> None:
    [phrase] = phrases_of("speed_up_soon", what="speed", start=1.5, target=2.0, seconds=40.4)
    faster = Line("say_speed_up", {"start": Speed(1.5), "target": Speed(2.0)})
    assert phrase.lines == (faster, Line("say_within", {"seconds": 40.0}))
    assert phrase.lasts < 5.0
    [phrase] = phrases_of("speed_up_soon", what="incline", start=0.0, target=0.5, seconds=0.0)
    assert phrase.lines == (Line("say_incline_up", {"start": 0.0, "target": 0.5}),)


def test_s6_a_rise_that_is_refused_is_said() -> None:
    [phrase] = phrases_of("rise_refused", what="speed", target=2.0, present=1.5)
    assert (phrase.lines, phrase.slot) == ((Line("say_speed_refused", {"present": Speed(1.5)}),), "ramp")
    [phrase] = phrases_of("rise_refused", what="incline", target=2.0, present=1.5)
    assert phrase.lines == (Line("say_incline_refused", {"present": 1.5}),)


def test_s6_a_rise_is_said_again_when_it_is_reached() -> None:
    assert phrases_of("step_changed", what="speed", target=2.0)[0].lines == (
        Line("say_speed_reached", {"target": Speed(2.0)}),
    )
    assert phrases_of("step_changed", what="incline", target=1.0)[0].lines == (
        Line("say_incline_reached", {"target": 1.0}),
    )


@pytest.mark.parametrize(
    "kind", ["started", "halfway", "last_minute", "goal_reached", "cooling_down", "paused", "resumed", "manual"]
)
def test_what_needs_no_more_than_its_name(kind: str) -> None:
    assert keys(kind) == [[kind]]
    assert not phrases_of(kind)[0].urgent


def test_s7_s10_a_belt_without_a_coach_is_told_the_time() -> None:
    assert keys("manual", reason="no_coach", minutes=1) == [["no_coach"]]
    assert keys("manual", reason="time_is_up") == [["time_is_up"]]
    assert keys("manual", reason="stops_itself") == [["stops_itself"]]
    assert not phrases_of("manual", reason="no_coach")[0].stage


def test_s18_a_deck_is_announced_before_it_moves() -> None:
    [phrase] = phrases_of("deck_lowering", seconds=5.0, start=3.0, target=0.0)
    assert phrase.lines == (Line("say_deck_lowering", {"seconds": 5.0}),)
    assert phrase.lasts < 5.0


def test_s10_a_link_that_is_back_says_whether_the_belt_is_steered() -> None:
    assert keys("link_back", Scene(state=SessionState.MANUAL)) == [["link_back", "no_coach"]]
    assert keys("link_back", Scene(state=SessionState.ACTIVE)) == [["link_back"]]


@pytest.mark.parametrize(
    ("kind", "expected", "data"),
    [
        ("interrupted", ["link_lost", "use_key"], {}),
        ("stop_failed", ["stop_failed"], {}),
        ("safety_key", ["safety_key"], {}),
        ("nobody_on_belt", ["nobody_on_belt"], {"sign": "steps"}),
        ("not_obeyed", ["not_obeyed", "use_key"], {"finding": "miles"}),
        ("guard", ["guard"], {"stops": False}),
        ("guard", ["guard", "belt_stops"], {"stops": True}),
    ],
)
def test_s3_s9_s10_s17_alarms_are_urgent(kind: str, expected: list[str], data: dict[str, Any]) -> None:
    scene = Scene(state=SessionState.STOPPING)
    assert keys(kind, scene, **data) == [expected]
    assert phrases_of(kind, scene, **data)[0].urgent


@pytest.mark.parametrize("state", [SessionState.IDLE, SessionState.FINISHED])
def test_a_key_that_is_put_away_after_a_walk_is_no_alarm(state: SessionState) -> None:
    assert phrases_of("safety_key", Scene(state=state)) == ()


# End of the session


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (44.0, [Line("say_finished")]),
        (45.0, [Line("say_finished"), Line("say_one_minute")]),
        (80.0, [Line("say_finished"), Line("say_one_minute")]),
        (286.0, [Line("say_finished"), Line("say_minutes", {"minutes": 5.0})]),
        (301.0, [Line("say_finished"), Line("say_minutes", {"minutes": 5.0})]),
    ],
)
def test_s13_the_end_is_told_with_the_minutes(seconds: float, expected: list[Line]) -> None:
    [phrase] = phrases_of("finished", Scene(moving_time=seconds), reason="completed")
    assert phrase.lines == tuple(expected)
    assert phrase.ends


def test_a_walk_given_up_after_a_lost_link_is_not_called_finished() -> None:
    assert phrases_of("finished", reason="interrupted") == ()


def test_a_stop_is_told_with_the_key_if_that_was_it() -> None:
    assert keys("stopped", reason="stopped") == [["stopped"]]
    assert keys("stopped", reason="safety_key") == [["stopped", "key_out"]]
    assert phrases_of("stopped", reason="lapsed") == ()


def test_a_walk_that_was_stopped_is_told_its_minutes_too_but_no_countdown_those_of_the_walk_before() -> None:
    scene = Scene(moving_time=300.0, state=SessionState.FINISHED)
    assert keys("stopped", scene, reason="console") == [["stopped", "minutes"]]
    ready = Scene(moving_time=300.0, state=SessionState.IDLE)
    assert keys("stopped", ready, reason="stopped") == [["stopped"]]


def test_s14_home_assistant_says_that_it_goes() -> None:
    assert keys("cooling_down", reason="shutdown") == [["shutdown"]]
    assert keys("cooling_down", reason="completed", seconds=60) == [["cooling_down"]]


def test_long_texts_take_longer() -> None:
    assert 1.5 < speaking_time("5") < 2.0
    assert 5.0 < speaking_time("Starting in 15 seconds. Key clipped. Facing away. Hand on the rail.") < 8.0


def test_s6_a_deck_below_level_is_told_without_a_minus_which_speakers_leave_out() -> None:
    [phrase] = phrases_of("speed_up_soon", what="incline", start=-2.5, target=0.0, seconds=40.0)
    assert phrase.lines == (
        Line("say_deck_to_level", {"start": 2.5}),
        Line("say_within", {"seconds": 40.0}),
    )
    [phrase] = phrases_of("speed_up_soon", what="incline", start=-1.0, target=2.0, seconds=0.0)
    assert phrase.lines == (Line("say_deck_from_below", {"start": 1.0, "target": 2.0}),)
    [phrase] = phrases_of("step_changed", what="incline", target=0.0)
    assert phrase.lines == (Line("say_deck_level"),)


def test_the_first_walk_is_guided_once_the_belt_moves_and_at_no_other_moment() -> None:
    guided = Scene(first_walk=True)
    assert keys("started", guided) == [["started", "first_walk"]]
    assert keys("started") == [["started"]]
    assert keys("halfway", guided) == keys("halfway")


def test_a_deck_that_stays_is_told_without_alarm() -> None:
    [phrase] = phrases_for(NotObeyedEvent(CommandMismatch.IGNORED, "incline"), Scene())
    assert [line.key for line in phrase.lines] == ["say_deck_stays"]
    [alarm] = phrases_for(NotObeyedEvent(CommandMismatch.IGNORED, "speed"), Scene())
    assert [line.key for line in alarm.lines] == ["say_not_obeyed", "say_use_key"]
