"""What a machine claims to report is no proof, in either direction: what it sends decides."""

import json
from dataclasses import replace
from typing import Any

import pytest

from custom_components.retrowalk.machine.fields import FieldWatch, ReportedField, ReportedFields
from custom_components.retrowalk.machine.model import BeltState, Capabilities, Telemetry, ValueRange

DECK = ValueRange(0.0, 15.0, 0.5)
CLAIMS = Capabilities(reports_distance=True, reports_heart_rate=True, reports_elapsed_time=True)


def walk(watch: FieldWatch, seconds: int, *, every: float = 1.0, since: float = 0.0, **values: Any) -> None:
    for number in range(round(seconds / every) + 1):
        watch.update(Telemetry(received=since + number * every, belt=BeltState.MOVING, speed=2.0, **values))


def test_a_value_that_comes_is_offered_although_it_is_not_claimed() -> None:
    watch = FieldWatch(ReportedFields(), Capabilities())
    assert not watch.update(Telemetry(received=1.0, belt=BeltState.AT_REST, speed=0.0))
    assert watch.update(Telemetry(received=2.0, belt=BeltState.AT_REST, speed=0.0, incline=1.5, heart_rate=70))
    assert not watch.update(Telemetry(received=3.0, belt=BeltState.AT_REST, speed=0.0, incline=1.5, heart_rate=71))
    assert watch.known.seen == {ReportedField.INCLINE, ReportedField.HEART_RATE}
    assert watch.known.applied(Capabilities()) == Capabilities(reports_incline=True, reports_heart_rate=True)


def test_a_zero_that_nobody_claims_says_nothing() -> None:
    """Walking pads send an incline of 0, and others a pulse of 0."""
    watch = FieldWatch(ReportedFields(), Capabilities())
    walk(watch, 300, incline=0.0, distance=0, energy=0, steps=0, elapsed_time=0)
    assert watch.known == ReportedFields()


def test_a_value_that_is_claimed_and_does_not_come_while_the_belt_moves_is_missing() -> None:
    watch = FieldWatch(ReportedFields(), CLAIMS)
    walk(watch, 59, distance=0, elapsed_time=7)
    assert watch.known.missing == frozenset()
    walk(watch, 2, since=60.0, distance=0, elapsed_time=7)
    assert watch.known.missing == {ReportedField.HEART_RATE}
    assert watch.known.applied(CLAIMS) == replace(CLAIMS, reports_heart_rate=False)


@pytest.mark.parametrize(("every", "missing"), [(0.2, 60), (1.0, 60), (3.0, 180)])
def test_it_takes_a_minute_and_sixty_reports(every: float, missing: int) -> None:
    watch = FieldWatch(ReportedFields(), CLAIMS)
    walk(watch, missing - 6, every=every)
    assert watch.known.missing == frozenset()
    walk(watch, 12, every=every, since=missing - 6 + every)
    assert watch.known.missing == {ReportedField.DISTANCE, ReportedField.HEART_RATE, ReportedField.ELAPSED_TIME}


def test_rest_repeated_messages_and_gaps_prove_nothing() -> None:
    watch = FieldWatch(ReportedFields(), CLAIMS)
    for second in range(300):
        watch.update(Telemetry(received=float(second), belt=BeltState.AT_REST, speed=0.0))
        watch.update(Telemetry(received=1.0, belt=BeltState.MOVING, speed=2.0))
    walk(watch, 600, every=10.0, since=1000.0)
    assert watch.known.missing == frozenset()


def test_a_value_that_was_seen_once_is_never_missing_and_a_missing_one_comes_back() -> None:
    """A pulse comes only while somebody holds the bar."""
    watch = FieldWatch(ReportedFields(seen=frozenset({ReportedField.HEART_RATE})), CLAIMS)
    walk(watch, 300, distance=1, elapsed_time=1)
    assert watch.known.missing == frozenset()
    watch = FieldWatch(ReportedFields(missing=frozenset({ReportedField.HEART_RATE})), CLAIMS)
    walk(watch, 300, distance=1, elapsed_time=1)
    assert watch.known.missing == {ReportedField.HEART_RATE}
    assert watch.update(Telemetry(received=301.0, belt=BeltState.AT_REST, speed=0.0, heart_rate=80))
    assert watch.known.applied(CLAIMS) == CLAIMS


def test_s18_a_deck_whose_incline_never_comes_is_not_moved() -> None:
    stated = Capabilities(incline_range=DECK)
    watch = FieldWatch(ReportedFields(), stated)
    walk(watch, 61)
    assert watch.known.applied(stated) == Capabilities()
    watch.update(Telemetry(received=99.0, belt=BeltState.MOVING, speed=2.0, incline=0.0))
    assert watch.known.applied(stated) == Capabilities(incline_range=DECK, reports_incline=True)


@pytest.mark.parametrize("data", [None, 1, [], {"seen": 1, "missing": None}, {"seen": ["x", 3], "missing": [[]]}])
def test_what_is_no_record_of_fields_is_no_knowledge(data: Any) -> None:
    assert ReportedFields.from_dict(data) == ReportedFields()


def test_what_is_known_can_be_kept_as_json() -> None:
    known = ReportedFields(
        seen=frozenset({ReportedField.STEPS, ReportedField.INCLINE}), missing=frozenset({ReportedField.HEART_RATE})
    )
    assert ReportedFields.from_dict(json.loads(json.dumps(known.as_dict() | {"newer": 1}))) == known
