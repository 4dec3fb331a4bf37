"""The meter of a session in progress, its journal, and its restoration."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import KM_PER_MILE, BeltState, Telemetry
from custom_components.retrowalk.training.belt.odometer import Odometer
from custom_components.retrowalk.training.belt.unit_detector import Scale
from custom_components.retrowalk.training.history.energy import EnergyMeter, EnergyModel
from custom_components.retrowalk.training.history.meter import SessionMeter
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState

BEGAN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def telemetry(received: float, **values: Any) -> Telemetry:
    return Telemetry(**{"received": received, "belt": BeltState.MOVING, "speed": 3.6, **values})


def a_meter() -> EnergyMeter:
    return EnergyMeter(EnergyModel.LCDA, 70.0, backward=True)


def begin(**values: Any) -> SessionMeter:
    known = {"direction": Direction.BACKWARD, "meter": a_meter(), "odometer": Odometer()}
    return SessionMeter(id="01", started=BEGAN, walker="anna", **{**known, **values})


def feed(session: SessionMeter, *reports: Telemetry) -> SessionMeter:
    for report in reports:
        session.odometer.update(report)  # as the session does before it updates the meter
        session.update(report)
    return session


def steady(seconds: int) -> list[Telemetry]:
    """Return a report each second at 1 m/s; the machine counts meters, seconds, steps and kilocalories."""
    return [
        telemetry(float(second), distance=second, elapsed_time=second, steps=2 * second, energy=second)
        for second in range(seconds + 1)
    ]


def test_what_was_planned_survives_a_restart() -> None:
    planned = {"planned": 300.0, "planned_speed": 2.0, "planned_incline": 1.0, "program": "plan"}
    session = feed(begin(**planned), *steady(10))
    journal = session.as_journal(BEGAN + timedelta(seconds=10))
    report = SessionMeter.resumed(journal, telemetry(12), meter=a_meter(), odometer=Odometer())
    record = report.record(BEGAN + timedelta(seconds=12), Outcome.STOPPED, "safety_key")
    assert {name: getattr(record, name) for name in planned} == planned
    assert (record.stopped_by, journal["record"]["stopped_by"]) == ("safety_key", None)


def test_a_zero_that_is_no_rest_costs_no_calories() -> None:
    whole = feed(begin(), *steady(60))
    zeros = [
        report._replace(speed=0.0, belt=BeltState.AT_REST) if at % 20 == 7 else report
        for at, report in enumerate(steady(60))
    ]
    session = feed(begin(), *zeros)
    assert session.moving_time == whole.moving_time == 60.0
    assert session.calories == pytest.approx(whole.calories)


def test_a_walk_is_measured_from_what_the_machine_tells() -> None:
    session = feed(begin(planned=300.0, weight=70.0), *steady(60), telemetry(61, speed=1.0, incline=2.0, distance=60))
    record = session.record(BEGAN + timedelta(seconds=61), Outcome.STOPPED)
    assert (record.moving_time, record.distance, record.steps, record.machine_energy) == (61.0, 60.0, 120, 60)
    assert (record.max_speed, record.max_incline, record.planned, record.weight) == (3.6, 2.0, 300.0, 70.0)
    assert (record.walker, record.direction, record.outcome) == ("anna", Direction.BACKWARD, Outcome.STOPPED)
    assert 0 < record.calories_net < record.calories
    assert not record.estimated


def test_what_a_machine_does_not_count_is_not_known() -> None:
    record = feed(begin(), telemetry(0), telemetry(1)).record(BEGAN, Outcome.STOPPED)
    assert (record.steps, record.machine_energy) == (None, None)


@pytest.mark.parametrize(
    ("machine", "total"), [([None, None], 100), ([0, 0], 100), ([5, 35], 30)], ids=["no steps", "always 0", "steps"]
)
def test_the_walkers_own_sensor_counts_the_steps_that_the_machine_does_not(
    machine: list[int | None], total: int
) -> None:
    session = begin()
    for now, steps in enumerate(machine):
        session.sensed.update(4000 + 100 * now, 60.0 * now)
        feed(session, telemetry(60.0 * now, steps=steps))
    assert session.steps == total
    journal = session.as_journal(BEGAN + timedelta(seconds=60))
    report = SessionMeter.resumed(journal, telemetry(70), meter=a_meter(), odometer=Odometer())
    for now, value in ((70.0, 4200), (100.0, 4220)):
        report.sensed.update(value, now)
    assert report.steps == total + 20
    assert report.newest is None
    assert feed(report, telemetry(101)).newest == telemetry(101)


def test_a_speed_that_is_reported_in_miles_is_recorded_in_kilometers() -> None:
    session = begin()
    session.odometer.speed_scale = Scale.MORE
    feed(session, telemetry(0, speed=1.0), telemetry(1, speed=1.0))
    assert session.max_speed == pytest.approx(KM_PER_MILE)
    assert session.meter.gross_kcal > feed(begin(), telemetry(0, speed=1.0), telemetry(1, speed=1.0)).meter.gross_kcal


def test_a_belt_at_rest_is_neither_fast_nor_steep() -> None:
    session = feed(begin(), telemetry(0, belt=BeltState.AT_REST, speed=9.0, incline=9.0), telemetry(1, speed=None))
    assert (session.max_speed, session.max_incline) == (0.0, 0.0)


def test_a_gap_that_the_odometer_fills_costs_calories_too() -> None:
    complete = feed(begin(), *steady(120))
    reports = steady(120)
    session = feed(begin(), *reports[:31])
    feed(session, *reports[90:])
    assert session.moving_time == complete.moving_time
    assert session.meter.gross_kcal == pytest.approx(complete.meter.gross_kcal, rel=0.01)
    assert session.record(BEGAN, Outcome.STOPPED).estimated


def test_a_walk_is_found_again_and_the_gap_is_filled_from_the_counters() -> None:
    uncut = feed(begin(), *steady(200))
    before = feed(begin(planned=300.0, weight=70.0), *steady(100))
    before.steered = True
    journal = before.as_journal(BEGAN + timedelta(seconds=100))
    after = steady(200)[160:]
    session = SessionMeter.resumed(journal, after[0], meter=a_meter(), odometer=Odometer())
    feed(session, *after)
    assert (session.moving_time, session.distance) == (200.0, 200.0)
    assert (session.steps, session.machine_energy) == (
        280,
        140,
    )  # steps and energy that were not reported are not invented
    assert (session.id, session.started, session.walker, session.planned, session.steered) == (
        "01",
        BEGAN,
        "anna",
        300.0,
        True,
    )
    assert session.estimated
    assert session.meter.gross_kcal == pytest.approx(uncut.meter.gross_kcal, rel=0.01)
    # After it is saved once more, it is still the same session.
    again = session.record(BEGAN + timedelta(seconds=200), Outcome.INTERRUPTED)
    assert again.calories == session.meter.gross_kcal


@pytest.mark.parametrize("now", [telemetry(500), telemetry(500, distance=3, elapsed_time=3)])
def test_counters_that_are_not_there_or_began_anew_fill_nothing(now: Telemetry) -> None:
    journal = feed(begin(), *steady(100)).as_journal(BEGAN)
    session = SessionMeter.resumed(journal, now, meter=a_meter(), odometer=Odometer())
    assert (session.moving_time, session.distance, session.estimated) == (100.0, 100.0, False)


def test_a_walk_of_which_nothing_was_heard_is_written_down_too() -> None:
    journal = begin().as_journal(BEGAN)
    session = SessionMeter.resumed(journal, telemetry(0, distance=50), meter=a_meter(), odometer=Odometer())
    assert (session.moving_time, session.distance) == (0.0, 0.0)


@pytest.mark.parametrize("journal", [{}, {"record": {}, "counted": {}}, {"record": {"id": 1}, "counted": {}}])
def test_what_is_no_journal_is_refused(journal: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        SessionMeter.resumed(journal, telemetry(0), meter=a_meter(), odometer=Odometer())


def test_s4_what_was_steered_is_told_apart_from_what_the_console_did() -> None:
    session = begin()
    states = [SessionState.WARM_UP] * 60 + [SessionState.MANUAL] * 60 + [SessionState.STOPPING] * 2
    for report, state in zip(steady(122)[1:], states, strict=True):
        feed(session, report)
        session.on_state(state)
    record = session.record(BEGAN, Outcome.STOPPED)
    assert (record.moving_time, record.steered_backward, record.steered_walker) == (121.0, 59.0, "anna")
    assert session.steered


def test_s4_the_way_from_our_stop_to_rest_is_steered_and_a_silence_is_not() -> None:
    session = feed(begin(), telemetry(0, elapsed_time=0), telemetry(1, elapsed_time=1))
    session.on_state(SessionState.ACTIVE)
    feed(session, telemetry(61, elapsed_time=61))  # its counters went on without reports
    assert session.moving_time == 61.0
    session.on_state(SessionState.ACTIVE)
    feed(session, telemetry(62, elapsed_time=62))
    session.on_state(SessionState.STOPPING)
    assert session.record(BEGAN, Outcome.STOPPED).steered_backward == 2.0


def test_s4_what_was_steered_survives_a_restart_and_what_was_not_heard_adds_nothing() -> None:
    before = feed(begin(), *steady(30))
    before.on_state(SessionState.ACTIVE)
    before.steered_time = 30.0
    journal = before.as_journal(BEGAN + timedelta(seconds=30))
    session = SessionMeter.resumed(journal, steady(200)[200], meter=a_meter(), odometer=Odometer())
    session.on_state(SessionState.ACTIVE)
    assert session.moving_time == 200.0
    assert session.record(BEGAN, Outcome.STOPPED).steered_backward == 30.0


def test_s4_what_was_steered_forward_is_not_steered_backward() -> None:
    session = feed(begin(direction=Direction.FORWARD), telemetry(0), telemetry(1))
    session.on_state(SessionState.ACTIVE)
    assert session.record(BEGAN, Outcome.STOPPED).steered_backward == 0.0


def test_s19_a_machine_that_counts_metres_only_tells_the_seconds_of_a_restart_by_its_speed() -> None:
    journal = feed(begin(), *(telemetry(second, distance=second) for second in range(31))).as_journal(BEGAN)
    report = telemetry(90, distance=90)
    assert report.speed == 3.6
    session = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=Odometer())
    session.bridge(journal["counted"], report, away=62.0)
    assert (session.moving_time, session.distance, session.estimated) == (90.0, 90.0, True)
    short = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=Odometer())
    short.bridge(journal["counted"], report, away=20.0)
    assert short.moving_time == 50.0  # no more than the elapsed time


@pytest.mark.parametrize(("before", "after", "meters"), [(3.6, 1.8, 30.0), (1.8, 3.6, 30.0), (3.6, 0.0, 60.0)])
def test_s19_a_machine_that_counts_seconds_only_tells_the_meters_of_a_restart_by_its_slower_speed(
    before: float, after: float, meters: float
) -> None:
    reports = [telemetry(second, elapsed_time=second, speed=before) for second in range(31)]
    journal = feed(begin(), *reports).as_journal(BEGAN)
    kept = journal["record"]
    session = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=Odometer())
    session.bridge(journal["counted"], telemetry(90, elapsed_time=90, speed=after), away=62.0)
    assert session.moving_time == 90.0
    assert session.distance == pytest.approx(kept["distance"] + meters)
    slower = a_meter()
    slower.add(60.0, meters / 60 * 3.6, 0.0)
    assert session.calories == pytest.approx(kept["calories"] + slower.gross_kcal)


def test_s19_the_journal_of_an_older_version_fills_the_meters_by_the_speed_after_the_restart() -> None:
    journal = feed(begin(), *(telemetry(second, elapsed_time=second) for second in range(31))).as_journal(BEGAN)
    del journal["counted"]["speed"]
    session = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=Odometer())
    session.bridge(journal["counted"], telemetry(90, elapsed_time=90, speed=1.8), away=62.0)
    assert session.distance == pytest.approx(60.0)


@pytest.mark.parametrize(("away", "most"), [(62.0, 62.0), (0.0, 600.0)])
def test_s19_a_machine_clock_that_jumps_meanwhile_adds_no_more_than_the_restart_took(away: float, most: float) -> None:
    journal = feed(begin(), *steady(30)).as_journal(BEGAN)
    session = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=Odometer())
    session.bridge(journal["counted"], telemetry(90, distance=90, elapsed_time=9000), away=away)
    assert session.moving_time == 30.0 + most  # where our own clock was set back, the longest restart


def test_s19_what_was_heard_before_it_was_known_whose_it_is_counts_once() -> None:
    journal = feed(begin(), *steady(30)).as_journal(BEGAN)
    odometer = Odometer()
    for report in steady(63)[60:]:
        odometer.update(report)
    session = SessionMeter.resumed(journal, None, meter=a_meter(), odometer=odometer)
    session.bridge({**journal["counted"], "incline": "steep"}, steady(63)[63])
    assert (session.moving_time, session.distance) == (63.0, 63.0)


def test_what_was_counted_of_a_belt_that_only_repeated_its_speed_is_taken_back() -> None:
    session = feed(begin(), *steady(60))
    kept = session.record(BEGAN, Outcome.STOPPED)
    frozen = {"distance": 60, "elapsed_time": 60, "steps": 120, "energy": 60}
    feed(session, *(telemetry(60.0 + second, **frozen) for second in range(1, 9)))
    assert session.moving_time == 68.0
    feed(
        session,
        *(
            telemetry(68.0 + second, speed=0.0, belt=BeltState.AT_REST, uncounted_since=60.0, **frozen)
            for second in (1, 2)
        ),
    )
    after = session.record(BEGAN, Outcome.STOPPED)
    assert after == kept
    # The session continues from there.
    feed(session, *(telemetry(70.0 + second, distance=60 + second) for second in range(11)))
    assert session.moving_time == 70.0


def test_a_walk_that_is_first_heard_of_at_rest_has_nothing_to_take_back() -> None:
    session = feed(begin(), telemetry(5.0, uncounted_since=1.0))
    assert (session.moving_time, session.meter.gross_kcal) == (0.0, 0.0)


def test_how_the_knee_was_before_survives_a_restart() -> None:
    session = feed(begin(discomfort_before=2), *steady(10))
    journal = session.as_journal(BEGAN + timedelta(seconds=10))
    resumed = SessionMeter.resumed(journal, telemetry(12), meter=a_meter(), odometer=Odometer())
    assert resumed.record(BEGAN + timedelta(seconds=12), Outcome.STOPPED).discomfort_before == 2


def test_the_calories_of_a_gap_are_added_when_its_counters_come_after_the_state() -> None:
    whole = feed(begin(), *steady(40))
    gap = telemetry(40.0, belt=BeltState.AT_REST, speed=None), telemetry(40.5, distance=40, elapsed_time=40)
    bridged = feed(begin(), *steady(10), *gap)
    assert bridged.moving_time == pytest.approx(whole.moving_time, abs=1)
    assert bridged.calories == pytest.approx(whole.calories, rel=0.03)
    assert bridged.record(BEGAN, Outcome.STOPPED).estimated
