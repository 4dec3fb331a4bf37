"""Tests for recognizing advertisements of treadmills and choosing the driver."""

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import driver_for, may_be_treadmill, may_be_treadmill_name
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
    assert may_be_treadmill_name(name) is expected
