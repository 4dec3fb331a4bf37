"""The rows of a track under way: written as they come, torn by a power cut, and joined to the track."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from custom_components.retrowalk.training.history.track_rows import (
    MOST_MARKS,
    MOST_SAMPLES,
    Row,
    joined,
    read_rows,
    write_rows,
)


def a_sample(second: int, meters: float | None = None, steps: int | None = None) -> Sample:
    return Sample(second, 3.6, None, float(second) if meters is None else meters, None, steps)


def paused(second: int) -> Mark:
    return Mark(second=second, kind=MarkKind.PAUSED)


def resumed(second: int) -> Mark:
    return Mark(second=second, kind=MarkKind.RESUMED)


def a_step(second: int, number: int) -> Mark:
    return Mark(second=second, kind=MarkKind.STEP, step=number)


SAMPLES = st.builds(
    Sample,
    st.integers(0, 10**6),
    st.none() | st.integers(0, 3000).map(lambda value: value / 100),
    st.none() | st.integers(-100, 400).map(lambda value: value / 10),
    st.integers(0, 10**6).map(lambda value: value / 10),
    st.none() | st.integers(30, 240),
    st.none() | st.integers(0, 10**5),
)
MARKS = st.builds(
    Mark,
    second=st.integers(0, 10**6),
    kind=st.sampled_from(MarkKind),
    step=st.none() | st.integers(1, 1000),
    label=st.none() | st.text(min_size=1, max_size=100),
)
ROWS = st.lists(SAMPLES | MARKS, max_size=20)


@given(ROWS)
def test_rows_are_read_as_they_were_written(rows: list[Row]) -> None:
    assert read_rows(write_rows(rows)) == rows


@given(ROWS, ROWS, st.data())
def test_a_torn_row_takes_no_other_with_it(rows: list[Row], more: list[Row], data: st.DataObject) -> None:
    written = write_rows(rows)
    torn = written[: data.draw(st.integers(0, len(written)))]
    kept = read_rows(torn)
    assert kept == rows[: len(kept)]
    assert len(kept) >= torn.count(b"\n") - 1
    assert read_rows(torn + write_rows(more)) == kept + more


@given(st.binary(max_size=200), ROWS)
def test_damage_before_a_row_does_not_cost_the_row(damage: bytes, rows: list[Row]) -> None:
    read = read_rows(damage + write_rows(rows))
    assert read[len(read) - len(rows) :] == rows
    joined(Track(), read)


def test_lines_that_are_no_rows_are_left_out() -> None:
    lines = [
        *(
            "[1]",
            "7",
            "{}",
            '"text of four"',
            "[1,2,3]",
            "[1,2,3,4,5,6,7]",
            "[null,1,1,1]",
            "[1,1,1,null]",
            "[1,1,1,-1]",
        ),
        *("[-1,1,1,1]", '[-1,"paused",null,""]', '[1,"paused"]', '[1,"danced",null,""]', "[true,1,1,1]", "[1,1,1,1.5]"),
        "[" * 50_000,
    ]
    assert read_rows("\n".join(lines).encode()) == []


@given(
    st.lists(SAMPLES, max_size=20), st.lists(MARKS, max_size=20, unique_by=lambda mark: mark.second), st.integers(0, 40)
)
def test_what_was_joined_before_changes_nothing_when_it_comes_again(
    samples: list[Sample], marks: list[Mark], part: int
) -> None:
    in_order = sorted([*samples, *marks], key=lambda row: row.second)
    rows, more = in_order[:part], in_order[part:]
    track = joined(Track(), rows)
    assert joined(track, more) == joined(Track(), in_order)
    assert joined(track, rows) == track
    assert joined(joined(track, more), more) == joined(track, more)


def test_a_distance_that_falls_was_not_walked_before_either() -> None:
    meters, steps = (5.0, 8.0, 9.0, 6.0, 7.0), (10, 16, None, 12, 14)
    samples = [a_sample(second, meters[second], steps[second]) for second in range(5)]
    track = joined(joined(Track(), samples[:3]), samples[3:])
    assert track.distance == (5.0, 6.0, 6.0, 6.0, 7.0)
    assert track.steps == (10, 12, None, 12, 14)


def test_a_pause_and_a_step_are_marked_once() -> None:
    rows: list[Row] = [resumed(0), a_step(0, 1), paused(5), paused(9), a_step(9, 1), resumed(12), resumed(13)]
    track = joined(Track(), [*rows, paused(11), a_step(20, 2), paused(30)])
    assert track.marks == (a_step(0, 1), paused(5), resumed(12), a_step(20, 2), paused(30))


def test_a_session_of_many_hours_stays_small() -> None:
    hours = 13
    track = Track()
    for begin in range(0, hours * 3600, 3600):
        track = joined(track, [a_sample(second) for second in range(begin, begin + 3600)])
    assert track.interval == 4
    assert MOST_SAMPLES / 2 < len(track) <= MOST_SAMPLES
    assert (track.seconds[0], track.seconds[-1]) == (0, hours * 3600 - 1)
    marks = joined(Track(), [a_step(second, second) for second in range(MOST_MARKS + 5)]).marks
    assert len(marks) == MOST_MARKS
