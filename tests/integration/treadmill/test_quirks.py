"""Tests for which quirks are in force: the owner goes before the check run, that before the table."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.model import KnownQuirk, Quirk
from custom_components.retrowalk.training.check.result import AfterPause, CheckResult, SecondStart
from custom_components.retrowalk.training.limits import Measured
from custom_components.retrowalk.training.stop_steps import StopStep
from custom_components.retrowalk.treadmill.options import ControlPolicy, Options
from custom_components.retrowalk.treadmill.quirks import (
    QuirkInForce,
    QuirkOrigin,
    measured_for,
    quirks_in_force,
    read_quirks,
    stored_quirks,
    told_quirks,
)

PAUSES = CheckResult(stop_delay=0.5, stop_step=StopStep.PAUSE)
STOPS = CheckResult(stop_delay=0.5)


def stop_at_rest(chosen: bool | None, findings: CheckResult | None, *, known: bool) -> tuple[Any, QuirkOrigin]:
    found = quirks_in_force(
        {} if chosen is None else {Quirk.STOP_AT_REST: chosen}, findings, {Quirk.STOP_AT_REST: True} if known else {}
    )[Quirk.STOP_AT_REST]
    return bool(found.value), found.origin


def test_the_owner_goes_before_the_check_run_and_that_before_the_table() -> None:
    assert stop_at_rest(None, None, known=False) == (False, QuirkOrigin.STANDARD)
    assert stop_at_rest(None, None, known=True) == (True, QuirkOrigin.TABLE)
    assert stop_at_rest(None, CheckResult(), known=True) == (True, QuirkOrigin.TABLE)  # it did not get that far
    assert stop_at_rest(None, STOPS, known=True) == (False, QuirkOrigin.MEASURED)
    assert stop_at_rest(None, PAUSES, known=False) == (True, QuirkOrigin.MEASURED)
    assert stop_at_rest(True, STOPS, known=False) == (True, QuirkOrigin.OWNER)
    assert stop_at_rest(False, PAUSES, known=True) == (False, QuirkOrigin.OWNER)


@pytest.mark.parametrize(
    ("findings", "quirk", "value"),
    [
        (CheckResult(second_start=SecondStart.STOPS), Quirk.START_TOGGLES, True),
        (CheckResult(second_start=SecondStart.NOTHING), Quirk.START_TOGGLES, None),
        (CheckResult(after_pause=AfterPause.NOTHING), Quirk.PAUSE_STOPS, True),
        (CheckResult(after_pause=AfterPause.FASTER), Quirk.PAUSE_STOPS, None),
    ],
)
def test_a_check_run_proves_for_and_against(findings: CheckResult, quirk: Quirk, value: bool | None) -> None:
    assert quirks_in_force({}, findings, {quirk: True})[quirk] == QuirkInForce(value, QuirkOrigin.MEASURED)


def test_a_yes_takes_the_number_that_is_known_best() -> None:
    yes = {Quirk.TIME_LIMIT: True}
    assert quirks_in_force(yes, None, {})[Quirk.TIME_LIMIT].value == 1800.0
    assert quirks_in_force(yes, None, {Quirk.TIME_LIMIT: 600.0})[Quirk.TIME_LIMIT].value == 600.0


def test_the_lowest_speed_stays_the_way_to_stop_where_it_was_measured() -> None:
    slowest = CheckResult(stop_delay=1.0, stop_step=StopStep.SLOWEST)
    assert measured_for(quirks_in_force({}, slowest, {}), slowest).stop_step is StopStep.SLOWEST
    no = quirks_in_force({Quirk.STOP_AT_REST: False}, slowest, {})
    assert measured_for(no, slowest).stop_step is StopStep.STOP
    assert measured_for(quirks_in_force({}, None, {}), None) == Measured()


def test_what_the_session_has_to_know_is_stored_and_read_again() -> None:
    known = {
        Quirk.TIME_LIMIT: KnownQuirk(1800.0, "why", "source"),
        Quirk.INCLINE: KnownQuirk(((0.0, 0.0), (6.0, 1.0)), "why", "source"),
        Quirk.START_PARAMETER: KnownQuirk(b"\x01", "why", "source"),
    }
    stored = stored_quirks(known)
    assert stored == {"time_limit": 1800.0, "incline": [[0.0, 0.0], [6.0, 1.0]]}
    assert read_quirks(stored) == {Quirk.TIME_LIMIT: 1800.0, Quirk.INCLINE: [[0.0, 0.0], [6.0, 1.0]]}


@pytest.mark.parametrize("stored", [None, 5, [], {"of a newer version": 1}, {"time_limit": "soon"}, {"time_limit": -1}])
def test_what_cannot_be_read_is_not_known(stored: Any) -> None:
    assert read_quirks(stored) == {}


def test_the_owners_choices_are_read_and_damaged_ones_end_control() -> None:
    stored = {"control": "control", "quirks": {"second_start": True, "of a newer version": False}}
    options = Options.read(stored)
    assert (options.control, options.quirks) == (ControlPolicy.CONTROL, {Quirk.SECOND_START: True})
    damaged = Options.read({"control": "control", "quirks": {"second_start": "perhaps"}})
    assert (damaged.control, damaged.quirks, damaged.damaged) == (ControlPolicy.MONITOR, {}, ("quirks",))


def test_diagnostics_tell_what_applies_and_from_where() -> None:
    known = {
        Quirk.STOP_AT_REST: KnownQuirk(True, "It declines Stop.", "somebody"),
        Quirk.START_PARAMETER: KnownQuirk(b"\x01", "It wants it.", "somebody else"),
    }
    chosen = {Quirk.START_PARAMETER: False, Quirk.TIME_LIMIT: True}
    assert told_quirks(chosen, quirks_in_force(chosen, STOPS, {Quirk.STOP_AT_REST: True}), known) == [
        {
            "quirk": "start_parameter",
            "value": False,
            "from": "owner",
            "why": "It wants it.",
            "source": "somebody else",
        },
        {"quirk": "stop_at_rest", "value": False, "from": "measured", "why": "It declines Stop.", "source": "somebody"},
        {"quirk": "time_limit", "value": 1800.0, "from": "owner"},
    ]
