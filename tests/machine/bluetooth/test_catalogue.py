"""Tests for recognizing advertisements of treadmills and choosing the driver."""

import json
from pathlib import Path

import pytest

from custom_components import retrowalk
from custom_components.retrowalk.machine.bluetooth.catalogue import (
    PROTOCOLS,
    driver_for,
    is_treadmill_name,
    known_beginning,
    may_be_listed,
    may_be_treadmill,
    says_treadmill,
)
from custom_components.retrowalk.machine.errors import NotATreadmillError
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from tests.support.driver_bench import RecordingListener, virtual_connection

HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("01 0100", True),  # as the standard defines it
        ("00 0100", True),  # a treadmill that is not available now is still a treadmill
        ("01 0001", True),  # bytes swapped
        ("01 01", True),  # one byte
        ("01 0300", True),  # treadmill and cross trainer
        ("01 2000", False),  # an indoor bike
        ("01 02", False),  # a cross trainer
        ("01", True),  # no machine type: connect and check
        ("", True),
        ("01 0000", True),  # a type of zero is none
        ("01 00", True),
        ("01 0000 02", True),  # what comes after the type is not part of it
    ],
)
def test_the_service_data_says_what_kind_of_machine_it_is(data: str, *, expected: bool) -> None:
    assert may_be_treadmill([const.SERVICE], {const.SERVICE: bytes.fromhex(data)}) is expected
    assert may_be_treadmill([], {const.SERVICE: bytes.fromhex(data)}) is expected


def test_the_service_alone_is_worth_a_look() -> None:
    assert may_be_treadmill([HEART_RATE, const.SERVICE], {})


def test_another_service_is_not() -> None:
    assert not may_be_treadmill([HEART_RATE], {HEART_RATE: b"\x01\x01\x00"})
    assert not may_be_treadmill([], {})


def test_the_fitness_machine_service_with_treadmill_data_has_a_driver() -> None:
    assert isinstance(driver_for(virtual_connection(), RecordingListener(), lambda: 0.0), FtmsDriver)


def test_without_treadmill_data_there_is_none() -> None:
    connection = virtual_connection()
    connection.peripheral.faults.not_a_treadmill = True
    with pytest.raises(NotATreadmillError):
        driver_for(connection, RecordingListener(), lambda: 0.0)


@pytest.mark.parametrize(("name", "expected"), [("KS-Z1D", True), ("ks-z1d", True), ("My KS-Z1D", False), ("", False)])
def test_some_machines_are_known_by_the_beginning_of_their_name(name: str, *, expected: bool) -> None:
    assert may_be_listed(name, []) is expected


@pytest.mark.parametrize(
    ("name", "sure"),
    [("WalkingPad", True), ("KS-R1AC", True), ("URTM030", True), ("FS-4711", False), ("HORIZON_5.0U", False)],
)
def test_a_name_that_bikes_have_too_is_listed_and_not_offered(name: str, *, sure: bool) -> None:
    assert may_be_listed(name, [])
    assert is_treadmill_name(name) is sure


def test_the_service_of_wilink_is_listed_because_other_devices_have_its_number() -> None:
    wilink = "0000fe00-0000-1000-8000-00805f9b34fb"
    assert may_be_listed("Pad", [wilink])
    assert not may_be_treadmill([wilink], {})
    assert not may_be_listed("Lamp", ["0000fff0-0000-1000-8000-00805f9b34fb"])


@pytest.mark.parametrize(("data", "says"), [("01 0100", True), ("01 2000", False), ("01 0000", None), ("", None)])
def test_what_an_advertisement_says_of_its_machine(data: str, says: bool | None) -> None:
    assert says_treadmill({const.SERVICE: bytes.fromhex(data)}) is says
    assert says_treadmill({}) is None


def test_the_manifest_has_the_names_and_services_of_the_catalogue_and_no_others() -> None:
    manifest = json.loads((Path(str(retrowalk.__file__)).parent / "manifest.json").read_text())
    matchers = manifest["bluetooth"]
    assert all(matcher.pop("connectable") is True for matcher in matchers)
    names = {name for protocol in PROTOCOLS for name in protocol.sure_names}
    assert {matcher["local_name"] for matcher in matchers if "local_name" in matcher} == {f"{name}*" for name in names}
    assert min(map(len, names)) >= 3  # Home Assistant's matchers take no shorter ones
    assert [matcher for matcher in matchers if "local_name" not in matcher] == [
        {"service_data_uuid": const.SERVICE},
        {"service_uuid": const.SERVICE},
    ]
    for protocol in PROTOCOLS:
        assert all(protocol.names(name) for name in protocol.sure_names), protocol.key


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("WalkingPad of Anna", "WALKINGPAD"), ("walkingpad", "WALKINGPAD"), ("Anna's belt", ""), ("", "")],
)
def test_of_a_name_only_the_beginning_is_told_that_many_machines_share(name: str, beginning: str) -> None:
    assert known_beginning(name) == beginning
