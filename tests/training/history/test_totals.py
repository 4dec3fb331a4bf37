"""The totals of a session, as they are measured and as they are shown."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.totals import SessionTotals, Totals
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, PREPARING, SessionState

NAMES = [field.name for field in fields(Totals) if not field.name.endswith("_speed")]
"""What only grows."""
PARTS = {"elevation_gain": 10}
"""In how many parts of its unit a total is shown, unless that is 1."""
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
FIRST = SessionRecord(
    id="first",
    walker=None,
    direction=Direction.BACKWARD,
    started=NOON,
    ended=NOON,
    moving_time=54.7,
    distance=88.6,
    calories=7.9,
    calories_net=5.0,
    steps=139,
    machine_energy=6,
    max_speed=6.25,
    elevation_gain=2.66,
)
SECOND = replace(
    FIRST,
    id="second",
    moving_time=3.0,
    distance=2.0,
    calories=0.4,
    steps=4,
    machine_energy=0,
    max_speed=2.5,
    elevation_gain=None,
)
SPEEDS = {"average_speed": 5.83, "top_speed": 6.25}
DOWN = Totals(moving_time=54, distance=88, calories=7, steps=139, machine_energy=6, elevation_gain=2.6, **SPEEDS)
ROUNDED = replace(DOWN, moving_time=55, distance=89, calories=8, elevation_gain=2.7)


def after(seconds: float) -> SessionRecord:
    """Return a session of so many seconds at 3.6 km/h."""
    return replace(FIRST, moving_time=seconds, distance=seconds, max_speed=3.6)


def walking(first: SessionRecord = FIRST) -> SessionTotals:
    """Return the totals of a session that has been in the same state since the belt began to move."""
    totals = SessionTotals()
    totals.measured = replace(
        first, moving_time=0, distance=0, calories=0, steps=None, machine_energy=None, elevation_gain=None
    )
    totals.update(SessionState.ACTIVE, rests=False, over=False)
    totals.measured = first
    totals.update(SessionState.ACTIVE, rests=False, over=False)
    return totals


def test_before_the_first_session_all_are_0() -> None:
    totals = SessionTotals()
    totals.update(SessionState.IDLE, rests=True, over=True)
    assert (totals.session, totals.exact, totals.shown) == (None, Totals(), Totals())


def test_while_the_belt_moves_they_are_shown_after_20_seconds_and_then_once_a_minute() -> None:
    totals = walking(after(0))
    shown = []
    for second in range(241):
        totals.measured = after(second + 0.9)
        totals.update(SessionState.ACTIVE, rests=False, over=False)
        shown.append(totals.shown.distance)
    assert sorted({*shown}) == [0, 20, 80, 140, 200]
    assert [shown.index(meters) for meters in (20, 80, 140, 200)] == [20, 80, 140, 200]
    assert (totals.shown.average_speed, totals.shown.top_speed) == (3.6, 3.6)
    assert (totals.session, totals.exact.distance, totals.exact.moving_time) == ("first", 240.9, 240.9)


def test_speeds_are_not_known_before_the_belt_moves() -> None:
    totals = walking(after(0))
    totals.update(SessionState.STOPPING, rests=True, over=False)
    assert (totals.shown.average_speed, totals.shown.top_speed) == (None, None)


def test_what_a_restart_finds_is_shown_at_once() -> None:
    totals = SessionTotals()
    totals.measured = after(10)
    totals.update(SessionState.MANUAL, rests=False, over=False)
    assert (totals.shown.distance, totals.shown.moving_time, totals.shown.average_speed) == (10, 10, 3.6)


def test_a_change_of_state_alone_is_no_reason_to_show_more() -> None:
    totals = walking(after(10))
    totals.update(SessionState.COOL_DOWN, rests=False, over=False)
    assert totals.shown.distance == 0


def test_a_pause_shows_them_finely_once_the_belt_rests() -> None:
    totals = walking()
    totals.update(SessionState.PAUSED, rests=False, over=False)
    totals.measured = replace(FIRST, moving_time=57.2, distance=91.0)
    totals.update(SessionState.PAUSED, rests=False, over=False)
    assert (totals.shown.moving_time, totals.shown.distance) == (54, 88)
    assert totals.shown.elevation_gain == 2.6
    totals.update(SessionState.PAUSED, rests=True, over=False)
    assert (totals.shown.moving_time, totals.shown.distance) == (57, 91)


def test_after_the_end_they_are_rounded_and_stay() -> None:
    totals = walking()
    for state in (SessionState.FINISHED, SessionState.IDLE, SessionState.CHECKING):
        totals.update(state, rests=True, over=True)
        assert totals.shown == ROUNDED


def test_a_session_that_is_made_ready_begins_at_0() -> None:
    totals = walking()
    totals.update(SessionState.FINISHED, rests=True, over=True)
    totals.update(SessionState.READY, rests=True, over=True)
    assert (totals.session, totals.exact, totals.shown) == (None, Totals(), Totals())
    totals.update(SessionState.IDLE, rests=True, over=True)
    assert totals.shown == Totals(), "it lapsed, and the last session does not come back"


def test_a_session_that_is_ready_to_go_on_keeps_its_totals() -> None:
    totals = walking()
    totals.update(SessionState.READY, rests=True, over=False)
    assert (totals.session, totals.shown) == ("first", DOWN)


def test_between_two_sessions_0_is_shown_once() -> None:
    totals = walking()
    totals.measured = SECOND
    totals.update(SessionState.MANUAL, rests=False, over=False)
    assert totals.shown == Totals()
    totals.update(SessionState.MANUAL, rests=False, over=False)
    assert totals.shown == Totals(
        moving_time=3, distance=2, calories=0, steps=4, machine_energy=0, average_speed=2.4, top_speed=2.5
    )


def test_a_count_that_turns_out_to_be_lower_is_shown_once_it_is_exceeded() -> None:
    totals = walking()
    totals.measured = replace(FIRST, distance=40.0)
    totals.update(SessionState.STOPPING, rests=False, over=False)
    assert (totals.exact.distance, totals.shown.distance) == (40.0, 88)


AMOUNTS = st.floats(0, 1000)
UPDATES = st.tuples(
    st.sampled_from(["a", "b"]),
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    st.none() | st.integers(0, 3000),
    st.none() | st.integers(0, 99),
    st.none() | AMOUNTS,
    st.sampled_from(SessionState),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(UPDATES, max_size=30))
def test_whatever_is_measured_they_fall_only_to_0_and_only_for_another_session(
    updates: list[tuple[str, float, float, float, int | None, int | None, float | None, SessionState, bool, bool]],
) -> None:
    totals, shown = SessionTotals(), [(None, Totals())]
    for session, seconds, meters, calories, steps, energy, gain, state, rests, ready in updates:
        totals.measured = replace(
            FIRST,
            id=session,
            moving_time=seconds,
            distance=meters,
            calories=calories,
            steps=steps,
            machine_energy=energy,
            elevation_gain=gain,
        )
        over = state in BETWEEN_SESSIONS or (ready and state in PREPARING)
        totals.update(state, rests=rests, over=over)
        shown.append((totals.session, totals.shown))
        assert all((getattr(totals.shown, name) * PARTS.get(name, 1)).is_integer() for name in NAMES)
    for (before, older), (after, newer) in pairwise(shown):
        falls = any(getattr(newer, name) < getattr(older, name) for name in NAMES)
        assert not falls or (newer == Totals() and after != before)
