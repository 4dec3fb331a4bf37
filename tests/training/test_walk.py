"""The walk under way: what is measured of it, written down, and found again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.training.energy import EnergyMeter, EnergyModel
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.odometer import Odometer
from custom_components.retrowalk.training.record import Outcome
from custom_components.retrowalk.training.walk import Walk

BEGAN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def telemetry(received: float, **values: Any) -> Telemetry:
    return Telemetry(**{"received": received, "belt": BeltState.MOVING, "speed": 3.6, **values})


def a_meter() -> EnergyMeter:
    return EnergyMeter(EnergyModel.LCDA, 70.0, backward=True)


def begin(**values: Any) -> Walk:
    return Walk(
        id="01",
        started=BEGAN,
        walker="anna",
        direction=Direction.BACKWARD,
        meter=a_meter(),
        odometer=Odometer(),
        **values,
    )


def feed(walk: Walk, *reports: Telemetry) -> Walk:
    for report in reports:
        walk.odometer.feed(report)  # as the session does, before
        walk.feed(report)
    return walk


def steady(seconds: int) -> list[Telemetry]:
    """A report each second at 1 m/s; the machine counts metres, seconds, steps and kilocalories."""
    return [
        telemetry(float(second), distance=second, elapsed_time=second, steps=2 * second, energy=second)
        for second in range(seconds + 1)
    ]


def test_what_was_planned_survives_a_restart() -> None:
    planned = {"planned": 300.0, "planned_speed": 2.0, "planned_incline": 1.0, "program": "plan"}
    walk = feed(begin(**planned), *steady(10))
    journal = walk.as_journal(BEGAN + timedelta(seconds=10))
    found = Walk.resumed(journal, telemetry(12), meter=a_meter(), odometer=Odometer())
    record = found.record(BEGAN + timedelta(seconds=12), Outcome.STOPPED, "safety_key")
    assert {name: getattr(record, name) for name in planned} == planned
    assert (record.stopped_by, journal["record"]["stopped_by"]) == ("safety_key", None)


def test_a_walk_is_measured_from_what_the_machine_tells() -> None:
    walk = feed(begin(planned=300.0, weight=70.0), *steady(60), telemetry(61, speed=1.0, incline=2.0, distance=60))
    record = walk.record(BEGAN + timedelta(seconds=61), Outcome.STOPPED)
    assert (record.moving_time, record.distance, record.steps, record.machine_energy) == (61.0, 60.0, 120, 60)
    assert (record.max_speed, record.max_incline, record.planned, record.weight) == (3.6, 2.0, 300.0, 70.0)
    assert (record.walker, record.direction, record.outcome) == ("anna", Direction.BACKWARD, Outcome.STOPPED)
    assert 0 < record.calories_net < record.calories
    assert not record.estimated


def test_what_a_machine_does_not_count_is_not_known() -> None:
    record = feed(begin(), telemetry(0), telemetry(1)).record(BEGAN, Outcome.STOPPED)
    assert (record.steps, record.machine_energy) == (None, None)


def test_a_belt_at_rest_is_neither_fast_nor_steep() -> None:
    walk = feed(begin(), telemetry(0, belt=BeltState.AT_REST, speed=9.0, incline=9.0), telemetry(1, speed=None))
    assert (walk.max_speed, walk.max_incline) == (0.0, 0.0)


def test_a_gap_that_the_odometer_fills_costs_calories_too() -> None:
    heard = feed(begin(), *steady(120))
    reports = steady(120)
    walk = feed(begin(), *reports[:31])
    walk.odometer.bridge(60.0)  # as the session does after a lost link
    feed(walk, *reports[90:])
    assert walk.moving_time == heard.moving_time
    assert walk.meter.gross_kcal == pytest.approx(heard.meter.gross_kcal, rel=0.01)
    assert walk.record(BEGAN, Outcome.STOPPED).estimated


def test_a_walk_is_found_again_and_the_gap_is_filled_from_the_counters() -> None:
    uncut = feed(begin(), *steady(200))
    before = feed(begin(planned=300.0, weight=70.0), *steady(100))
    before.steered = True
    journal = before.as_journal(BEGAN + timedelta(seconds=100))
    after = steady(200)[160:]
    walk = Walk.resumed(journal, after[0], meter=a_meter(), odometer=Odometer())
    feed(walk, *after)
    assert (walk.moving_time, walk.distance) == (200.0, 200.0)
    assert (walk.steps, walk.machine_energy) == (280, 140)  # what was not heard of these is not made up
    assert (walk.id, walk.started, walk.walker, walk.planned, walk.steered) == ("01", BEGAN, "anna", 300.0, True)
    assert walk.estimated
    assert walk.meter.gross_kcal == pytest.approx(uncut.meter.gross_kcal, rel=0.01)
    # Written down once more, it is still the same walk.
    again = walk.record(BEGAN + timedelta(seconds=200), Outcome.INTERRUPTED)
    assert again.calories == walk.meter.gross_kcal


@pytest.mark.parametrize("now", [telemetry(500), telemetry(500, distance=3, elapsed_time=3)])
def test_counters_that_are_not_there_or_began_anew_fill_nothing(now: Telemetry) -> None:
    journal = feed(begin(), *steady(100)).as_journal(BEGAN)
    walk = Walk.resumed(journal, now, meter=a_meter(), odometer=Odometer())
    assert (walk.moving_time, walk.distance, walk.estimated) == (100.0, 100.0, False)


def test_a_walk_of_which_nothing_was_heard_is_written_down_too() -> None:
    journal = begin().as_journal(BEGAN)
    walk = Walk.resumed(journal, telemetry(0, distance=50), meter=a_meter(), odometer=Odometer())
    assert (walk.moving_time, walk.distance) == (0.0, 0.0)


@pytest.mark.parametrize("journal", [{}, {"record": {}, "counted": {}}, {"record": {"id": 1}, "counted": {}}])
def test_what_is_no_journal_is_refused(journal: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Walk.resumed(journal, telemetry(0), meter=a_meter(), odometer=Odometer())
