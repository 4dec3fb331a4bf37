"""Calories from the mean speed, for sessions added or corrected manually."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.retrowalk.training.history.edits import Calories, reckon, with_direction, with_walker
from custom_components.retrowalk.training.history.energy import EnergyModel, Estimate, model_power_per_kg, power_per_kg
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction

USUAL = Estimate()
BACKWARD, FORWARD = Direction.BACKWARD, Direction.FORWARD
STARTED = datetime(2026, 11, 18, 12, tzinfo=UTC)


def a_record(**more: Any) -> SessionRecord:
    return SessionRecord(
        **{
            "id": "1",
            "walker": "anna",
            "direction": BACKWARD,
            "started": STARTED,
            "ended": STARTED + timedelta(minutes=6),
            "moving_time": 360.0,
            "distance": 200.0,  # 2 km/h
            "calories": 30.0,
            "calories_net": 20.0,
            "weight": 60.0,
            **more,
        }
    )


def test_a_walk_by_hand_costs_what_its_mean_speed_costs() -> None:
    calories = reckon(USUAL, BACKWARD, 70.0, 360.0, 200.0)
    assert calories.gross == pytest.approx(power_per_kg(2.0, 0.0, backward=True) * 70 * 360 / 4184)
    assert calories.net == pytest.approx(calories.gross - 70 * 0.1)  # 1 kcal per kg and hour
    assert reckon(USUAL, FORWARD, 70.0, 360.0, 200.0).gross < calories.gross


@pytest.mark.parametrize(("seconds", "metres"), [(360.0, 0.0), (0.0, 0.0), (0.0, 5.0)])
def test_without_time_or_distance_nothing_is_made_up(seconds: float, metres: float) -> None:
    assert reckon(USUAL, BACKWARD, 70.0, seconds, metres) == Calories(gross=0.0, net=0.0)


def test_the_other_way_costs_in_proportion_to_what_was_measured() -> None:
    record = a_record()
    turned = with_direction(USUAL, record, FORWARD)
    ratio = power_per_kg(2.0, 0.0, backward=False) / power_per_kg(2.0, 0.0, backward=True)
    assert (turned.direction, turned.walker, turned.weight) == (FORWARD, "anna", 60.0)
    assert turned.calories == pytest.approx(30.0 * ratio)
    assert turned.calories_net < 20.0 * ratio
    back = with_direction(USUAL, turned, BACKWARD)
    assert (back.calories, back.calories_net) == pytest.approx((30.0, 20.0))


def test_somebody_else_costs_by_weight() -> None:
    other = with_walker(USUAL, a_record(), "bert", 90.0)
    assert (other.walker, other.weight, other.direction) == ("bert", 90.0, BACKWARD)
    assert (other.calories, other.calories_net) == pytest.approx((45.0, 30.0))
    unweighed = with_walker(USUAL, a_record(weight=None), None, 35.0)
    assert (unweighed.walker, unweighed.weight) == (None, 35.0)
    assert (unweighed.calories, unweighed.calories_net) == pytest.approx((15.0, 10.0))


@pytest.mark.parametrize("lost", [{"distance": 0.0}, {"moving_time": 0.0, "distance": 0.0}])
def test_where_the_speed_is_not_known_calories_stay(lost: dict[str, float]) -> None:
    record = a_record(**lost)
    turned = with_direction(USUAL, record, FORWARD)
    assert (turned.direction, turned.calories, turned.calories_net) == (FORWARD, 30.0, 20.0)
    assert with_walker(USUAL, record, "bert", 90.0).calories == 30.0


@pytest.mark.parametrize("model", list(EnergyModel))
def test_the_energy_of_an_edited_session_is_estimated_as_the_owner_wants(model: EnergyModel) -> None:
    estimate = Estimate(model=model, backward_factor=1.8)
    backward, forward = (
        model_power_per_kg(model, 2.0, 0.0, backward=backward, backward_factor=1.8) for backward in (True, False)
    )
    calories = reckon(estimate, BACKWARD, 70.0, 360.0, 200.0)
    assert calories.gross == pytest.approx(backward * 70 * 360 / 4184)
    turned = with_direction(estimate, a_record(), FORWARD)
    assert turned.calories == pytest.approx(30.0 * forward / backward)
    other = with_walker(estimate, a_record(), "bert", 90.0)
    assert other.calories == pytest.approx(45.0)
