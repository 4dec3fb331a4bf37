"""Tests for what is drawn of a session while somebody walks."""

from custom_components.retrowalk.training.history.walked_curve import MOST_POINTS, WalkedCurve


def test_even_stretches_take_two_points_and_changes_one_each() -> None:
    curve = WalkedCurve()
    for second, speed in enumerate([0.5, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.0]):
        curve.add(second, speed, 0.0)
    assert [(point.second, point.speed) for point in curve.points] == [(0, 0.5), (3, 0.5), (4, 0.6), (6, 0.6), (7, 0.0)]


def test_a_pause_is_drawn_where_the_belt_rested() -> None:
    curve = WalkedCurve()
    for second, speed in [(60, 1.5), (62.04, 0.0), (62.04, 0.0), (62.04, 0.5), (63, 0.5)]:
        curve.add(second, speed, None)
    assert [tuple(point) for point in curve.points] == [
        (60, 1.5, None),
        (62.0, 0.0, None),
        (62.0, 0.0, None),
        (62.0, 0.5, None),
        (63, 0.5, None),
    ]


def test_a_change_of_the_deck_is_a_change() -> None:
    curve = WalkedCurve()
    for second, incline in [(0, 0.0), (1, 0.0), (2, 0.5), (3, 0.5)]:
        curve.add(second, 1.0, incline)
    assert [point.incline for point in curve.points] == [0.0, 0.0, 0.5, 0.5]


def test_what_the_machine_does_not_tell_is_left_out() -> None:
    curve = WalkedCurve()
    curve.add(1, None, 0.0)
    assert curve.points == []


def test_a_speed_that_flickers_for_hours_keeps_both_ends_and_a_bound() -> None:
    curve = WalkedCurve()
    for second in range(7200):
        curve.add(second, 1.0 + second % 2 / 10, 0.0)
    assert len(curve.points) <= MOST_POINTS
    assert (curve.points[0].second, curve.points[-1].second) == (0, 7199)
    seconds = [point.second for point in curve.points]
    assert seconds == sorted(seconds)
