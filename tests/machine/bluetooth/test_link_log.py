"""Tests for the log of a treadmill's link."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bleak import BleakClient
from bleak.exc import BleakError

from custom_components.retrowalk.machine.bluetooth.connection import BleakConnection
from custom_components.retrowalk.machine.bluetooth.link_log import (
    MOST_BYTES,
    MOST_EVENTS,
    MOST_FRAMES,
    LinkLog,
    Way,
)
from custom_components.retrowalk.machine.errors import RejectedError
from custom_components.retrowalk.machine.ftms import const as ftms

VENDOR = "24e2521c-f63b-48ed-85be-c5330a00fdf7"


@pytest.fixture
def log() -> LinkLog:
    return LinkLog(lambda: 12.5)


class _Declining:
    """A connected client that declines everything."""

    is_connected = True
    services = (
        SimpleNamespace(
            characteristics=[
                SimpleNamespace(uuid=uuid, handle=handle, properties=["read", "write"])
                for handle, uuid in enumerate((ftms.FEATURE, ftms.CONTROL_POINT))
            ]
        ),
    )

    async def read_gatt_char(self, _: int) -> bytearray:
        raise BleakError("Insufficient Authentication")

    write_gatt_char = start_notify = read_gatt_char


def test_a_flood_of_endless_frames_costs_a_fixed_amount(log: LinkLog) -> None:
    for number in range(3000):
        log.frame(Way.REPORT, ftms.TREADMILL_DATA, bytes(5000))
        log.frame(Way.READ, f"{number:08x}{VENDOR[8:]}", bytes(5000))
        log.failed(VENDOR, "x" * 5000)
        log.reason = "x" * 5000
        log.changed("connected")
    assert (len(log.reports), len(log.exchanges), len(log.events)) == (MOST_FRAMES, MOST_FRAMES, MOST_EVENTS)
    assert len(log.values) < 100
    frames = [*log.reports, *log.exchanges]
    assert max(len(frame.data) for frame in frames) == MOST_BYTES
    assert max(len(frame.error or "") for frame in frames) <= 500
    assert max(len(event.reason or "") for event in log.events) <= 500


def test_reports_do_not_crowd_out_what_was_written_and_answered(log: LinkLog) -> None:
    log.frame(Way.WRITE, ftms.CONTROL_POINT, b"\x00")
    log.frame(Way.REPORT, ftms.CONTROL_POINT, b"\x80\x00\x01")
    for _ in range(1000):
        log.frame(Way.REPORT, ftms.TREADMILL_DATA, b"\x00\x00\x00\x00")
    assert [(frame.at, frame.way, frame.characteristic, frame.data) for frame in log.exchanges] == [
        (12.5, Way.WRITE, "2AD9", b"\x00"),
        (12.5, Way.ANSWER, "2AD9", b"\x80\x00\x01"),
    ]


def test_what_is_asked_again_and_again_does_not_crowd_out_commands(log: LinkLog) -> None:
    log.poll = b"\x51"
    log.frame(Way.WRITE, VENDOR, b"\x53\x03")
    for _ in range(MOST_FRAMES):
        log.frame(Way.WRITE, VENDOR, b"\x51")
    assert [frame.data for frame in log.exchanges] == [b"\x53\x03"]
    assert len(log.reports) == MOST_FRAMES


def test_what_names_one_machine_is_neither_kept_nor_logged(log: LinkLog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log.frame(Way.READ, ftms.SERIAL_NUMBER, b"SN-4711")
    assert not log.exchanges
    assert not log.values
    assert not caplog.records


def test_frames_are_logged_at_debug(log: LinkLog, caplog: pytest.LogCaptureFixture) -> None:
    log.name = "KS-R1"
    caplog.set_level(logging.INFO)
    log.frame(Way.REPORT, ftms.TREADMILL_DATA, b"\x01")
    caplog.set_level(logging.DEBUG)
    log.frame(Way.REPORT, ftms.TREADMILL_DATA, b"\x00\x00\x32\x00")
    assert caplog.messages == ["KS-R1: report 2ACD 00003200"]


def test_a_new_state_takes_its_reason_once(log: LinkLog) -> None:
    log.reason = "the connection ended"
    log.changed("disconnected")
    log.changed("connecting")
    assert [(event.state, event.reason) for event in log.events] == [
        ("disconnected", "the connection ended"),
        ("connecting", None),
    ]


def test_a_machine_of_endless_characteristics_is_listed_in_part(log: LinkLog) -> None:
    offered = SimpleNamespace(uuid=VENDOR, handle=3, properties=["notify"])
    service = SimpleNamespace(uuid=ftms.SERVICE, characteristics=[offered] * 1000)
    log.connected(cast("BleakClient", SimpleNamespace(services=[service])), "KS-R1")
    assert len(log.gatt) == 200
    assert log.gatt[0] == {"service": "1826", "characteristic": VENDOR, "handle": 3, "properties": ["notify"]}


def test_a_link_that_dies_while_it_is_listed_harms_nothing(log: LinkLog) -> None:
    class Dead:
        @property
        def services(self) -> Any:
            raise BleakError("Service Discovery has not been performed yet")

    log.connected(cast("BleakClient", Dead()), "KS-R1")
    assert log.gatt == []


async def test_what_a_machine_declines_is_kept_with_its_reason(log: LinkLog) -> None:
    connection = BleakConnection(cast("BleakClient", _Declining()), "KS-R1", lambda _: None, log)
    with pytest.raises(RejectedError):
        await connection.read(ftms.FEATURE)
    assert [(frame.way, frame.characteristic, frame.error) for frame in log.exchanges] == [
        (Way.FAILED, "2ACC", "Insufficient Authentication")
    ]


async def test_a_write_is_kept_before_it_is_answered(log: LinkLog) -> None:
    class Hanging(_Declining):
        async def write_gatt_char(self, _: int, __: bytes, *, response: bool) -> None:
            await asyncio.Event().wait()

    connection = BleakConnection(cast("BleakClient", Hanging()), "KS-R1", lambda _: None, log)
    write = asyncio.create_task(connection.write(ftms.CONTROL_POINT, b"\x08\x01"))
    await asyncio.sleep(0)
    write.cancel()
    assert [(frame.way, frame.data) for frame in log.exchanges] == [(Way.WRITE, b"\x08\x01")]
