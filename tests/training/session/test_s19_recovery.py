"""After a restart: the first reports show whether the session from before is still under way (S4, S19)."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.training.history.record_fields import grown, is_number
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.session.recovery import (
    Recovery,
    Verdict,
    request_as_dict,
    request_from_dict,
    request_from_record,
)
from custom_components.retrowalk.training.steering.session_plan import DEFAULT_LENGTH, SessionRequest

COUNTED = {"elapsed_time": 100, "distance": 50, "incline": 0.0}
RAMP = {"name": "Hill", "direction": "backward", "steps": [{"seconds": 60, "speed": 1.5}]}


def report(at: float, belt: BeltState = BeltState.MOVING, **counters: Any) -> Telemetry:
    return Telemetry(received=at, belt=belt, **counters)


def verdicts(recovery: Recovery, *reports: Telemetry) -> list[Verdict | None]:
    return [recovery.evaluate(report) for report in reports]


def test_s19_counters_that_ran_on_are_the_same_session() -> None:
    assert verdicts(Recovery(COUNTED, begins=False), report(0, elapsed_time=130, distance=60)) == [Verdict.SAME]
    assert verdicts(Recovery(COUNTED, begins=False), report(0, elapsed_time=100)) == [Verdict.SAME]


@pytest.mark.parametrize("counters", [{"elapsed_time": 99}, {"distance": 3}, {"elapsed_time": 130, "distance": 3}])
def test_s19_counters_that_fell_are_another_session(counters: dict[str, int]) -> None:
    recovery = Recovery(COUNTED, begins=False)
    assert verdicts(recovery, report(0, **counters), report(1, **counters)) == [None, Verdict.ANOTHER]


def test_s19_one_report_of_zeros_among_good_ones_decides_nothing() -> None:
    recovery = Recovery(COUNTED, begins=False)
    reports = report(0, elapsed_time=0, distance=0), report(1, elapsed_time=140, distance=70)
    assert verdicts(recovery, *reports) == [None, Verdict.SAME]


def test_s19_counters_are_waited_for_where_the_machine_had_them() -> None:
    recovery = Recovery(COUNTED, begins=False)
    assert verdicts(recovery, report(0), report(1), report(3)) == [None, None, Verdict.SAME]
    recovery = Recovery(COUNTED, begins=False)
    assert verdicts(recovery, report(0), report(1, elapsed_time=5), report(2, elapsed_time=6)) == [
        None,
        None,
        Verdict.ANOTHER,
    ]
    assert Recovery({}, begins=False).evaluate(report(0)) is Verdict.SAME  # this one counts nothing


def test_s19_a_belt_that_was_about_to_start_begins_its_counters_anew() -> None:
    assert Recovery(COUNTED, begins=True).evaluate(report(0, elapsed_time=5, distance=1)) is Verdict.SAME


def test_s19_rest_has_to_last_and_after_a_start_for_longer() -> None:
    rest = BeltState.AT_REST
    recovery = Recovery(COUNTED, begins=False)
    assert verdicts(recovery, report(0, rest), report(1.5, rest), report(2, rest)) == [None, None, Verdict.RESTED]
    recovery = Recovery(COUNTED, begins=False)
    reports = report(0, rest), report(1, elapsed_time=140)
    assert verdicts(recovery, *reports) == [None, Verdict.SAME]  # a single 0 of a belt that moves
    recovery = Recovery(COUNTED, begins=True)
    still = [report(second, BeltState.COUNTDOWN) for second in (0, 10, 19, 20)]
    assert verdicts(recovery, *still) == [None, None, None, Verdict.RESTED]
    assert recovery.evaluate(report(21, BeltState.UNKNOWN)) is None


@pytest.mark.parametrize("damaged", ["many", None, True, [1], float("nan"), 1e300])
def test_s19_counters_that_cannot_be_read_are_none(damaged: Any) -> None:
    assert Recovery({"elapsed_time": damaged}, begins=False).evaluate(report(0, elapsed_time=3)) is Verdict.SAME
    assert not is_number(damaged)
    assert grown(damaged, 5) == 0.0


def test_a_counter_grew_or_began_anew() -> None:
    assert (grown(3, 10), grown(10, 3), grown(3, None)) == (7.0, 0.0, 0.0)
    # About to begin: it fell, or shows no more than there was time for.
    assert (grown(10, 3, 5.0), grown(10, 30, 40.0), grown(None, 30, 0.0)) == (3.0, 30.0, 30.0)
    # After a pause it continues.
    assert (grown(10, 30, 0.0), grown(10, 3, 0.0)) == (20.0, 3.0)


@pytest.mark.parametrize(
    "requested",
    [
        SessionRequest(length=600.0, speed=2.0, incline=1.0, program_name="plan"),
        SessionRequest(direction=Direction.FORWARD),
        SessionRequest(program=Program.from_dict(RAMP), program_name="Hill"),
    ],
)
def test_a_request_survives_a_restart(requested: SessionRequest) -> None:
    kept = request_from_dict(request_as_dict(requested), direction=requested.direction, walker=None, first=False)
    assert kept == requested


@pytest.mark.parametrize(
    "damage",
    [
        {"length": None},
        {"length": "long"},
        {"speed": "fast"},
        {"incline": float("inf")},
        {"program_name": 5},
        {"program": {"steps": "many"}},
    ],
)
def test_a_request_that_cannot_be_understood_is_none(damage: dict[str, Any]) -> None:
    kept = {**request_as_dict(SessionRequest()), **damage}
    with pytest.raises((KeyError, TypeError, ValueError)):
        request_from_dict(kept, direction=Direction.BACKWARD, walker=None, first=True)


@pytest.mark.parametrize("kept", [None, "nothing", {}])
def test_what_is_no_request_is_none(kept: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        request_from_dict(kept, direction=Direction.BACKWARD, walker=None, first=True)


def test_without_a_request_the_record_shows_what_is_known() -> None:
    request = request_from_record(Direction.FORWARD, "anna", 120.0, first=True)
    assert (request.direction, request.walker, request.length, request.first) == (
        Direction.FORWARD,
        "anna",
        120.0,
        True,
    )
    assert request_from_record(Direction.BACKWARD, None, None, first=False).length == DEFAULT_LENGTH
