"""Tests that faults are named and checked, and leave no trace when cleared."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from custom_components.retrowalk.simulator.faults import BelowLeast, Faults, OptionalBytes, OptionalInteger, Uuids


def test_a_new_treadmill_has_no_fault() -> None:
    assert Faults().active() == {}


def test_faults_are_set_by_name_as_json_gives_them() -> None:
    faults = Faults()
    faults.update(
        json.loads(
            '{"refuse_control": true, "indication_delay": 2, "lost_indications": [0, 7],'
            ' "no_write_response_op": [8], "truncate_at": 20, "att_error": 5}'
        )
    )
    assert faults.refuse_control is True
    assert faults.indication_delay == 2.0
    assert faults.lost_indications == frozenset({0, 7})
    assert faults.no_write_response_op == {8}
    assert (faults.truncate_at, faults.att_error) == (20, 5)


def test_what_is_active_can_be_taken_back_in() -> None:
    faults = Faults()
    faults.update(
        {"lost_indications": [7, 2], "miles": True, "connect_delay": 1.5, "identity": "00ff", "twice": ["2ACD"]}
    )
    again = Faults()
    again.update(json.loads(json.dumps(faults.active())))
    assert again == faults
    faults.update({"lost_indications": "all"})
    assert faults.active()["lost_indications"] == "all"


def test_all_indications_can_be_lost() -> None:
    faults = Faults()
    faults.update({"lost_indications": "all"})
    assert faults.loses_indication(0x07)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("refuse_control", 1),
        ("refuse_control", "true"),
        ("indication_delay", True),
        ("indication_delay", -1),
        ("indication_delay", float("inf")),
        ("indication_delay", "soon"),
        ("att_error", 256),
        ("att_error", True),
        ("truncate_at", 1.5),
        ("lost_indications", "some"),
        ("lost_indications", [300]),
        ("no_write_response_op", 8),
        ("no_write_response_op", "all"),
        ("twice", "2acd"),
        ("twice", ["2acd0"]),
        ("unreadable", [0x2ACD]),
        ("identity", 12),
        ("identity", "no hex"),
        ("update", True),
        ("below_least", "refuses"),
        ("below_least", ["stops"]),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_set(name: str, value: object) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=name):
        faults.update({"miles": True, name: value})
    assert faults.active() == {}


@pytest.mark.parametrize("identity", [None, b"\x00\xff"])
def test_bytes_are_taken_as_they_are_or_taken_back(identity: bytes | None) -> None:
    faults = Faults()
    faults.update({"identity": "00ff"})
    faults.update({"identity": identity})
    assert faults.identity == identity


def test_clear_switches_everything_off() -> None:
    other: dict[Any, object] = {
        bool: True,
        float: 1.0,
        BelowLeast: "stops",
        OptionalInteger: 1,
        OptionalBytes: "ff",
        Uuids: ["2acd"],
    }
    faults = Faults()
    faults.update({field.name: other.get(field.type, [1]) for field in fields(Faults)})
    assert set(faults.active()) == {field.name for field in fields(Faults)}
    faults.clear()
    assert faults == Faults()


def test_every_fault_has_a_test_of_its_name() -> None:
    modules = "".join(path.read_text() for path in Path(__file__).parent.glob("test_gatt_faults*.py"))
    tested = re.findall(r"^(?:async )?def test_(\w+)", modules, re.MULTILINE)
    for field in fields(Faults):
        assert any(name.startswith(field.name) for name in tested), field.name
