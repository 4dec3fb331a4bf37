"""Tests for the table of quirks: which machines a row fits, and what becomes of it."""

import json
from collections.abc import Callable, Mapping

import pytest

from custom_components.retrowalk.machine.ftms.quirks import (
    KINGSMITH_GATE,
    KINGSMITH_UNLOCK,
    KINGSMITH_UNLOCK_REPLIES,
    ROWS,
    UREVO_WRITE,
    Row,
    Speech,
    incline_source,
    known_quirks,
    speech_for,
    unlock_frame,
)
from custom_components.retrowalk.machine.model import Quirk

NOTHING: frozenset[str] = frozenset()
Z1 = frozenset({KINGSMITH_UNLOCK, KINGSMITH_UNLOCK_REPLIES})


def offers(*characteristics: str) -> Callable[[str], bool]:
    return {*characteristics}.__contains__


def speech(name: str, *characteristics: str, chosen: Mapping[Quirk, bool] | None = None) -> Speech:
    has = offers(*characteristics)
    return speech_for(name, has, known_quirks(name, has), chosen or {})


@pytest.mark.parametrize(
    ("name", "characteristics", "quirks"),
    [
        ("Virtual treadmill", NOTHING, set[Quirk]()),
        ("", NOTHING, set[Quirk]()),
        ("TASKS-1", NOTHING, set[Quirk]()),
        ("KS-Z1D", NOTHING, {Quirk.STEPS_IN_TAIL}),
        ("ks-z1d", NOTHING, {Quirk.STEPS_IN_TAIL}),
        ("WalkingPad C2", NOTHING, {Quirk.STEPS_IN_TAIL}),
        ("KS-MC11-4AF0", NOTHING, {Quirk.STEPS_IN_TAIL, Quirk.START_PARAMETER}),
        ("KS-MC21-ABCD", {KINGSMITH_GATE}, {Quirk.STEPS_IN_TAIL, Quirk.PREAMBLE, Quirk.ANSWERS_BY_STATUS}),
        ("KS-AP-RQ3-12AB", NOTHING, {Quirk.STEPS_IN_TAIL, Quirk.STOP_AT_REST}),
        ("KS-HD-Z1D", Z1, {Quirk.STEPS_IN_TAIL, Quirk.UNLOCK}),
        ("HORIZON_7.0AT", NOTHING, {Quirk.TIME_LIMIT}),
        ("URTM041", {UREVO_WRITE}, {Quirk.ACTIVATION}),
    ],
)
def test_a_machine_is_known_by_its_name_and_what_it_offers(
    name: str, characteristics: frozenset[str], quirks: set[Quirk]
) -> None:
    of_kingsmith = {Quirk.WEAK_SUBSCRIPTIONS, Quirk.LATE_SPEED}
    assert known_quirks(name, offers(*characteristics)).keys() - of_kingsmith == quirks


@pytest.mark.parametrize(("name", "characteristics"), [("KS-HD-Z1D", NOTHING), ("Other", Z1), ("KS-AP-1", Z1)])
def test_the_unlock_needs_the_name_and_the_characteristics_and_no_owner_can_ask_for_it(
    name: str, characteristics: frozenset[str]
) -> None:
    assert Quirk.UNLOCK not in known_quirks(name, offers(*characteristics))
    assert speech(name, *characteristics, chosen={Quirk.UNLOCK: True}).unlock is None


def test_a_machine_is_known_by_its_model_too() -> None:
    assert known_quirks("Treadmill", offers(), "7.4AT-01")[Quirk.TIME_LIMIT].value == 1800.0
    assert not known_quirks("Treadmill", offers(), "Other 7.4AT")
    assert not known_quirks("Treadmill", offers(), None)


def test_a_row_may_go_by_its_characteristics_alone() -> None:
    row = Row(machine="x", quirks={}, what="", why="", source="", has=("a", "b"))
    assert row.fits("any", None, offers("a", "b", "c"))
    assert not row.fits("any", None, offers("a"))
    assert not Row(machine="x", quirks={}, what="", why="", source="").fits("any", "any", offers("a"))


def test_the_frame_that_unlocks_a_z1_is_made_of_its_name() -> None:
    assert unlock_frame("KS-HD-Z1D").hex(" ") == "71 00 05 01 2e 5a 31 44 74"


@pytest.mark.parametrize("name", ["", "a", "KS-HD-Z1F", "KS-HD-Z1\u00e4", "\uffff" * 9, "\xff\xff\xff\xff"])
def test_no_name_makes_a_frame_of_an_update(name: str) -> None:
    frame = unlock_frame(name)
    assert frame[0] == 0x71
    assert len(frame) == 9


def test_the_owner_goes_before_the_table() -> None:
    assert speech("KS-MC11").start_parameter == b"\x01"
    assert speech("KS-MC11", chosen={Quirk.START_PARAMETER: False}).start_parameter == b""
    assert speech("Other", chosen={Quirk.START_PARAMETER: True}).start_parameter == b"\x01"
    assert speech("KS-HD-Z1D", *Z1).unlock is not None
    assert speech("KS-HD-Z1D", *Z1, chosen={Quirk.UNLOCK: False}).unlock is None


def test_what_a_machine_does_not_offer_is_never_written() -> None:
    everything = dict.fromkeys(Quirk, True)
    chosen = speech("KS-HD-Z1D", chosen=everything)
    assert (chosen.preamble, chosen.unlock, chosen.activation) == (None, None, None)
    assert speech("Other", KINGSMITH_GATE, chosen=everything).preamble is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.machine)
def test_each_row_says_what_why_and_from_where(row: Row) -> None:
    assert all((row.machine, row.quirks, row.what, row.why, row.source))
    assert row.names or row.models or row.has
    assert all(text == text.upper() for text in (*row.names, *row.models))
    assert row.what.endswith(".")
    assert row.why.endswith(".")


def test_no_row_can_be_reached_by_an_empty_beginning() -> None:
    assert all(all(row.names) and all(row.models) and all(row.has) for row in ROWS)
    assert not known_quirks("", offers(), "")


@pytest.mark.parametrize("row", [row for row in ROWS if Quirk.INCLINE in row.quirks], ids=lambda row: row.machine)
def test_the_source_of_a_scale_of_inclines_is_found_by_the_scale_as_it_is_stored(row: Row) -> None:
    stored = json.loads(json.dumps(row.quirks[Quirk.INCLINE]))
    source = incline_source(stored)
    assert source in {
        f"{other.machine}: {other.source}"
        for other in ROWS
        if other.quirks.get(Quirk.INCLINE) == row.quirks[Quirk.INCLINE]
    }


@pytest.mark.parametrize("scale", [0.123, [[0.0, 1.0]], None])
def test_a_scale_of_inclines_that_is_in_no_table_has_no_source(scale: object) -> None:
    assert incline_source(scale) is None
