"""The curve of a walked session, with few points."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from custom_components.retrowalk.training.history.track_curve import CurvePoint, curve_of, mean_path, path_of
from tests.support.walked_weeks import SUNDAY, session


def walked(*speeds: float | None, begins: int = 0, marks: tuple[Mark, ...] = ()) -> Track:
    samples = [Sample(begins + number, speed, 0.5, float(number)) for number, speed in enumerate(speeds)]
    return Track.of(samples, marks)


def test_a_session_without_a_track_has_no_curve() -> None:
    assert list(curve_of(None)) == []
    assert list(curve_of(Track())) == []


def test_a_short_session_keeps_each_point() -> None:
    assert list(curve_of(walked(0.5, None, 1.5, begins=3))) == [(3, 0.5, 0.5), (4, None, 0.5), (5, 1.5, 0.5)]


def test_a_long_session_is_thinned_but_keeps_its_top_and_its_end() -> None:
    speeds = [1.0] * 600
    speeds[301] = 2.5
    points = curve_of(walked(*speeds), most=60)
    assert len(points) <= 63
    assert CurvePoint(301, 2.5, 0.5) in points
    assert (points[0].second, points[-1].second) == (0, 599)


def test_the_belt_rests_in_a_pause() -> None:
    pause = Mark(second=2, kind=MarkKind.PAUSED), Mark(second=60, kind=MarkKind.RESUMED)
    track = Track.of([Sample(0, 1.0, 0.0, 0.0), Sample(1, 1.0, 0.0, 0.3), Sample(60, 0.5, 0.0, 0.3)], pause)
    assert [point[:2] for point in curve_of(track)] == [(0, 1.0), (1, 1.0), (2, 0.0), (59, 0.0), (60, 0.5)]


def test_where_nothing_was_measured_but_the_belt_went_on_there_is_no_rest() -> None:
    track = Track.of([Sample(0, 1.0, 0.0, 0.0), Sample(60, 1.0, 0.0, 16.0)])
    assert [point[:2] for point in curve_of(track)] == [(0, 1.0), (60, 1.0)]


def test_a_session_without_a_speed_has_a_curve_all_the_same() -> None:
    assert list(curve_of(walked(None, None))) == [(0, None, 0.5), (1, None, 0.5)]


@given(
    seconds=st.sets(st.integers(0, 9000), min_size=1, max_size=200),
    speeds=st.lists(st.none() | st.floats(0, 6), min_size=200, max_size=200),
    pauses=st.sets(st.integers(0, 9000), max_size=4),
    most=st.integers(1, 80),
)
def test_any_curve_has_few_points_in_order_and_no_speed_of_its_own(
    seconds: set[int], speeds: list[float | None], pauses: set[int], most: int
) -> None:
    marks = [Mark(second=second, kind=MarkKind.PAUSED) for second in sorted(pauses)]
    samples = [Sample(second, speed, None, 0.0) for second, speed in zip(sorted(seconds), speeds, strict=False)]
    points = curve_of(Track.of(samples, marks), most)
    assert len(points) <= most + 2 + 3 * len(pauses)
    assert [point.second for point in points] == sorted({point.second for point in points})
    assert (points[0].second, points[-1].second) == (min(seconds), max(seconds))
    assert {point.speed for point in points} <= {sample.speed for sample in samples} | {0.0}
    top = max((speed for _, speed, *_ in samples if speed is not None), default=None)
    assert top is None or top in {point.speed for point in points}


def test_the_line_goes_from_edge_to_edge_below_the_top() -> None:
    assert path_of(curve_of(walked(0.0, None, 1.5, 1.5, begins=5))) == "M0,100.0L667,13.0L1000,13.0"
    assert path_of(curve_of(walked(0.0, 0.0))) == "M0,100.0L1000,100.0"


def test_fewer_than_two_known_speeds_are_no_line() -> None:
    assert path_of(()) == path_of(curve_of(walked(None, 1.0, None))) == ""
    assert path_of([CurvePoint(3, 1.0, None), CurvePoint(3, 2.0, None)]) == ""


def test_without_a_track_there_is_the_mean_speed_below_the_highest_one() -> None:
    assert mean_path(session(SUNDAY, max_speed=3.0)) == "M0,56.5H1000"
    assert mean_path(session(SUNDAY, max_speed=0.0)) == "M0,13.0H1000"
    assert mean_path(session(SUNDAY, distance=0.0)) == mean_path(session(SUNDAY, 0.0, distance=9.0)) == ""
