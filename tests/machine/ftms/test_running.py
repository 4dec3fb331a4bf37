"""The speed of a treadmill that tells it as Running Speed and Cadence."""

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.ftms.running import RunningRecord, decode_running
from custom_components.retrowalk.machine.model import BeltState, Telemetry
from tests.support.driver_bench import RecordingListener, virtual_connection


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("00 0000 00", RunningRecord(0.0, None)),
        ("00 4700 64", RunningRecord(1.0, None)),  # 0.277 m/s
        ("04 0002 a0", RunningRecord(7.2, None)),  # 2 m/s, running
        ("01 8e00 64 4b00", RunningRecord(2.0, None)),  # with a stride length
        ("02 8e00 64 d2040000", RunningRecord(2.0, 123)),  # with a distance in 0.1 m
        ("03 8e00 64 4b00 d2040000", RunningRecord(2.0, 123)),
        ("03 8e00 64 4b00 d204", RunningRecord(2.0, None)),  # cut
        ("", None),
        ("00 8e00", None),
    ],
)
def test_a_measurement_is_meters_a_second(data: str, expected: RunningRecord | None) -> None:
    assert decode_running(bytes.fromhex(data)) == expected


class Bench:
    """A driver on a machine that has the measurement, with a clock of its own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.connection = virtual_connection()
        self.connection.peripheral.faults.running_speed = True
        self.listener = RecordingListener()
        self.driver = FtmsDriver(self.connection, self.listener, lambda: self.now)

    @property
    def telemetry(self) -> Telemetry:
        return self.listener.telemetry[-1]

    def tell(self, uuid: str, data: str) -> None:
        self.connection.peripheral.notify(uuid, bytes.fromhex(data))


async def opened() -> Bench:
    bench = Bench()
    await bench.driver.open(stop_first=None)
    return bench


def running(bench: Bench, data: str) -> None:
    bench.tell(const.RUNNING_MEASUREMENT, data)


async def test_the_speed_is_taken_from_it_where_treadmill_data_never_comes() -> None:
    bench = await opened()
    bench.now += 4.9
    running(bench, "00 8e00 64")
    assert bench.listener.telemetry == []
    bench.now += 0.2
    running(bench, "02 8e00 64 d2040000")
    telemetry = bench.telemetry
    assert (telemetry.speed, telemetry.distance, telemetry.belt) == (2.0, 123, BeltState.MOVING)
    assert telemetry.received == bench.now
    running(bench, "00 0000 00")
    telemetry = bench.telemetry
    assert (telemetry.speed, telemetry.distance, telemetry.belt) == (0.0, 123, BeltState.AT_REST)


async def test_treadmill_data_without_a_speed_change_nothing_about_that() -> None:
    bench = await opened()
    bench.now += 10
    bench.tell(const.TREADMILL_DATA, "0105 00 0700")
    running(bench, "00 8e00 64")
    assert bench.telemetry.speed == 2.0


async def test_a_speed_in_treadmill_data_ends_it_for_the_link() -> None:
    bench = await opened()
    bench.now += 10
    running(bench, "00 8e00 64")
    bench.tell(const.TREADMILL_DATA, "0000 6400")
    bench.now += 100
    running(bench, "00 8e00 64")
    assert bench.telemetry.speed == 1.0
