"""Tests that each fault does what its name says."""

import asyncio

import pytest

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.attributes import AttError
from custom_components.retrowalk.simulator.frames import MALFORMED
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.link import ConnectRefused, LinkLost
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.simulator.conftest import PAUSE, REQUEST_CONTROL, START, STOP, Central, connected_central

SPEED_2 = b"\x02\xc8\x00"


def test_off(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.off = True
    peripheral.step(0.1)
    assert central.links_lost == 1
    assert not peripheral.advertising
    with pytest.raises(ConnectRefused):
        central.connect()
    peripheral.faults.clear()
    central.connect()


async def test_off_fails_a_write(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.off = True
    with pytest.raises(LinkLost):
        await central.write(REQUEST_CONTROL)
    assert central.links_lost == 1


def test_held_by_other_central(peripheral: Peripheral) -> None:
    peripheral.faults.held_by_other_central = True
    with pytest.raises(ConnectRefused):
        Central(peripheral).connect()


async def test_connect_delay_is_waited_for_in_virtual_time(peripheral: Peripheral) -> None:
    assert peripheral.after(0).done()
    waiting = peripheral.after(3.0)
    peripheral.step(2.9)
    assert not waiting.done()
    peripheral.step(0.1)
    assert waiting.done()


async def test_declines_with_is_another_result_code(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"declines_op": [0x02], "declines_with": 5})
    await central.command(REQUEST_CONTROL)
    assert await central.command(SPEED_2) == b"\x80\x02\x05"


async def test_declines_op(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.declines_op = frozenset({0x02})
    await central.command(REQUEST_CONTROL)
    await central.command(START)
    peripheral.step(10)
    assert await central.command(SPEED_2) == b"\x80\x02\x04"
    peripheral.step(10)
    assert peripheral.treadmill.speed == pytest.approx(peripheral.treadmill.profile.speed.minimum)


async def test_drop_link_on_speed_during_countdown(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.drop_link_on_speed_during_countdown = True
    await central.command(REQUEST_CONTROL)
    await central.command(START)
    with pytest.raises(LinkLost):
        await central.write(SPEED_2)
    assert central.links_lost == 1


def test_not_a_treadmill(peripheral: Peripheral) -> None:
    peripheral.faults.not_a_treadmill = True
    central = Central(peripheral)
    central.connect()
    uuids = {item.uuid[4:8] for item in peripheral.services[0].characteristics}
    assert uuids == {"2acc", "2ad2", "2ad3", "2ad9", "2ada"}
    assert b"\x06\x16\x26\x18\x01\x20\x00" in peripheral.advertisement()
    peripheral.step(2)


def test_no_features(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.no_features = True
    assert central.read(const.FEATURE) == bytes(8)


def test_all_features(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.all_features = True
    assert central.read(const.FEATURE)[4:] == b"\xff\x03\x00\x00"


def test_no_ranges(central: Central, peripheral: Peripheral) -> None:
    handle = central.handle(const.SPEED_RANGE)
    peripheral.faults.no_ranges = True
    with pytest.raises(AttError):
        peripheral.read(handle)
    uuids = {item.uuid for item in peripheral.services[0].characteristics}
    assert not uuids & {const.SPEED_RANGE, const.INCLINATION_RANGE}


async def test_refuse_control(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.refuse_control = True
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x05"
    assert await central.command(START) == b"\x80\x07\x05"


async def test_control_not_needed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"control_not_needed": True, "refuse_control": True})
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x05"
    assert await central.command(START) == b"\x80\x07\x01"


async def test_control_lost(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.control_lost = True
    peripheral.step(5)
    assert central.of(const.MACHINE_STATUS) == [b"\xff"]
    assert await central.command(STOP) == b"\x80\x08\x05"
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x05"
    peripheral.faults.clear()
    assert await central.command(STOP) == b"\x80\x08\x05"
    assert await central.command(REQUEST_CONTROL) == b"\x80\x00\x01"
    assert await central.command(STOP) == b"\x80\x08\x01"


async def test_no_write_response_op(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.update({"no_write_response_op": [0x08]})
    write = asyncio.ensure_future(central.write(STOP))
    await asyncio.sleep(0)
    peripheral.step(60)
    await asyncio.sleep(0)
    assert not write.done()
    assert peripheral.treadmill.phase is Phase.RUNNING
    assert await central.command(SPEED_2) == b"\x80\x02\x01"
    peripheral.drop_link()
    with pytest.raises(LinkLost):
        await write


async def test_a_cancelled_write_leaves_nothing_behind(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"no_write_response_op": [0x00]})
    write = asyncio.ensure_future(central.write(REQUEST_CONTROL))
    await asyncio.sleep(0)
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    peripheral.drop_link()


async def test_att_error(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"att_error": 0x0F})
    with pytest.raises(AttError) as raised:
        await central.write(REQUEST_CONTROL)
    assert raised.value.code == 0x0F


async def test_write_delay_holds_a_write_up_which_never_overtakes_another(
    central: Central, peripheral: Peripheral
) -> None:
    peripheral.faults.write_delay = 2.0
    first = asyncio.ensure_future(central.write(REQUEST_CONTROL))
    await asyncio.sleep(0)
    peripheral.faults.write_delay = 0.0
    second = asyncio.ensure_future(central.write(STOP))
    await asyncio.sleep(0)
    peripheral.step(1.9)
    assert peripheral.writes == []
    peripheral.step(0.2)
    await asyncio.gather(first, second)
    assert [data for _, _, data in peripheral.writes] == [REQUEST_CONTROL, STOP]


async def test_write_delay_ends_with_the_link(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.write_delay = 2.0
    write = asyncio.ensure_future(central.write(REQUEST_CONTROL))
    await asyncio.sleep(0)
    peripheral.drop_link()
    with pytest.raises(LinkLost):
        await write
    assert peripheral.writes == []


async def test_indication_delay(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.indication_delay = 2.0
    assert await central.command(REQUEST_CONTROL) is None
    peripheral.step(1.9)
    assert not central.of(const.CONTROL_POINT)
    with pytest.raises(AttError) as raised:
        await central.write(START)
    assert raised.value.code == 0xFE
    peripheral.step(0.1)
    assert central.of(const.CONTROL_POINT) == [b"\x80\x00\x01"]


async def test_a_delayed_indication_does_not_reach_the_next_link(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.indication_delay = 2.0
    await central.write(REQUEST_CONTROL)
    peripheral.drop_link()
    again = connected_central(peripheral)
    peripheral.step(3)
    assert not again.of(const.CONTROL_POINT)


@pytest.mark.parametrize("lost", [[0x07], "all"])
async def test_lost_indications(central: Central, peripheral: Peripheral, lost: object) -> None:
    await central.command(REQUEST_CONTROL)
    peripheral.faults.update({"lost_indications": lost})
    assert await central.command(START) is None
    assert peripheral.treadmill.phase is Phase.COUNTDOWN
    # The server sent it, so for the server the procedure is over.
    assert await central.command(STOP) == (None if lost == "all" else b"\x80\x08\x01")


async def test_indication_to_wrong_op(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.indication_to_wrong_op = True
    assert await central.command(REQUEST_CONTROL) == b"\x80\x07\x01"
    assert await central.command(START) == b"\x80\x08\x01"


async def test_no_indications_at_all(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.no_indications_at_all = True
    assert await central.command(REQUEST_CONTROL) is None
    assert await central.command(START) is None
    assert peripheral.treadmill.phase is Phase.COUNTDOWN


async def test_strict_procedures(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.strict_procedures = True
    await central.write(SPEED_2)
    with pytest.raises(AttError) as raised:
        await central.write(STOP)
    assert raised.value.code == 0xFE


async def test_ignore_speed(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.ignore_speed = True
    assert await central.command(SPEED_2) == b"\x80\x02\x01"
    peripheral.step(60)
    assert peripheral.treadmill.speed == 0.5


async def test_overshoot(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.overshoot = 0.7
    await central.command(SPEED_2)
    peripheral.step(60)
    assert peripheral.treadmill.speed == pytest.approx(2.7)


async def test_miles(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.miles = True
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(60)
    before = peripheral.treadmill.distance
    peripheral.step(120)
    record = central.of(const.TREADMILL_DATA)[-1]
    assert int.from_bytes(record[2:4], "little") == 200
    assert peripheral.treadmill.distance - before == pytest.approx(2 * 1609.344 / 30)


async def actual_and_reported(central: Central, peripheral: Peripheral) -> tuple[float, int]:
    """Return the belt's actual and reported speed after a command to set 2 km/h."""
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(60)
    reported = int.from_bytes(central.of(const.TREADMILL_DATA)[-1][2:4], "little")
    return round(peripheral.treadmill.speed, 2), reported


async def test_miles_taken_only(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.miles_taken_only = True
    assert await actual_and_reported(central, peripheral) == (3.22, 322)


async def test_miles_reported_only(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.miles_reported_only = True
    assert await actual_and_reported(central, peripheral) == (2.0, 124)


async def test_speed_noise(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.speed_noise = 0.2
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(60)
    reported = [int.from_bytes(record[2:4], "little") for record in central.of(const.TREADMILL_DATA)[-20:]]
    assert peripheral.treadmill.speed == 2.0
    assert 180 <= min(reported) < 190
    assert 210 < max(reported) <= 220
    peripheral.treadmill.press_stop()
    peripheral.step(20)
    assert central.of(const.TREADMILL_DATA)[-1][2:4] == bytes(2)


async def test_distance_in_miles_fits_the_speed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.miles = peripheral.faults.distance_in_miles = True
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(60)
    before = int.from_bytes(central.of(const.TREADMILL_DATA)[-1][4:7], "little")
    peripheral.step(120)
    record = central.of(const.TREADMILL_DATA)[-1]
    assert int.from_bytes(record[2:4], "little") == 200
    assert int.from_bytes(record[4:7], "little") - before == pytest.approx(2000 / 30, abs=1)


async def test_starts_at(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.starts_at = 2.5
    await central.start_belt()
    peripheral.step(20)
    assert peripheral.treadmill.speed == 2.5


async def test_coarse_steps(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.coarse_steps = 0.5
    await central.start_belt()
    assert await central.command(b"\x02\xdc\x00") == b"\x80\x02\x01"  # 2.2 km/h
    peripheral.step(20)
    assert peripheral.treadmill.speed == 2.0


async def test_restarts_on_start(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(20)
    assert await central.command(START) == b"\x80\x07\x04"
    peripheral.faults.restarts_on_start = True
    assert await central.command(START) == b"\x80\x07\x01"
    peripheral.step(20)
    assert peripheral.treadmill.speed == 0.5


async def test_toggles_on_start(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.toggles_on_start = True
    assert await central.command(START) == b"\x80\x07\x01"
    peripheral.step(10)
    assert peripheral.treadmill.at_rest
    assert await central.command(START) == b"\x80\x07\x01"
    assert peripheral.treadmill.phase is Phase.COUNTDOWN


@pytest.mark.parametrize("command", [STOP, PAUSE])
async def test_stop_ignored(central: Central, peripheral: Peripheral, command: bytes) -> None:
    await central.start_belt()
    peripheral.faults.stop_ignored = True
    assert await central.command(command) == b"\x80\x08\x01"
    peripheral.step(10)
    assert peripheral.treadmill.phase is Phase.RUNNING


DECLINED, TAKEN = b"\x80\x08\x04", b"\x80\x08\x01"


async def test_stop_alone_ignored(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.stop_alone_ignored = True
    assert await central.command(STOP) == TAKEN
    peripheral.step(10)
    assert peripheral.treadmill.phase is Phase.RUNNING
    assert await central.command(PAUSE) == TAKEN
    assert peripheral.treadmill.phase is Phase.PAUSED


async def test_stop_only_at_rest(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.stop_only_at_rest = True
    await central.command(REQUEST_CONTROL)
    await central.command(START)
    peripheral.step(1)
    assert await central.command(STOP) == DECLINED  # during the countdown
    peripheral.step(10)
    assert await central.command(STOP) == DECLINED
    assert await central.command(PAUSE) == TAKEN
    assert await central.command(STOP) == DECLINED  # the belt is still moving
    peripheral.step(5)
    assert peripheral.treadmill.at_rest
    assert await central.command(STOP) == TAKEN
    assert peripheral.treadmill.phase is Phase.IDLE


async def test_reports_own_stops(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.reports_own_stops = True
    await central.command(PAUSE)
    await central.command(STOP)
    assert central.of(const.MACHINE_STATUS) == [b"\x02\x02", b"\x02\x01"]


async def test_pause_declined(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    peripheral.faults.pause_declined = True
    assert await central.command(PAUSE) == DECLINED
    assert peripheral.treadmill.phase is Phase.RUNNING


@pytest.mark.parametrize(("fault", "command"), [("toggles_on_stop", STOP), ("toggles_on_pause", PAUSE)])
async def test_toggles_on_stop_or_pause(central: Central, peripheral: Peripheral, fault: str, command: bytes) -> None:
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.faults.update({fault: True})
    for phase in (Phase.IDLE if command == STOP else Phase.PAUSED, Phase.RUNNING):
        assert await central.command(command) == TAKEN
        assert peripheral.treadmill.phase is phase
    peripheral.step(20)
    assert peripheral.treadmill.speed == 2.0


async def test_toggles_on_pause_only_what_ran(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"toggles_on_pause": True, "toggles_on_stop": True})
    await central.command(REQUEST_CONTROL)
    assert await central.command(PAUSE) == DECLINED
    assert await central.command(STOP) == DECLINED


async def test_faster_on_pause(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.faults.faster_on_pause = True
    assert await central.command(PAUSE) == TAKEN
    peripheral.step(20)
    assert peripheral.treadmill.speed == 3.0


async def test_resumes_at_last_speed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.resumes_at_last_speed = True
    await central.start_belt()
    await central.command(SPEED_2)
    await central.command(PAUSE)
    peripheral.step(10)
    await central.command(START)
    peripheral.step(60)
    assert peripheral.treadmill.speed == 2.0


async def paused_at_2(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(20)
    await central.command(PAUSE)
    peripheral.step(10)


async def test_starts_at_last_speed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.starts_at_last_speed = True
    await paused_at_2(central, peripheral)
    await central.command(STOP)
    await central.command(START)
    peripheral.step(30)
    assert peripheral.treadmill.speed == 2.0


async def test_resume_delay(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.resumes_at_last_speed = True
    peripheral.faults.resume_delay = 5.0
    await paused_at_2(central, peripheral)
    await central.command(START)
    peripheral.step(7)
    assert peripheral.treadmill.speed == 0.5
    peripheral.step(20)
    assert peripheral.treadmill.speed == 2.0


async def test_deaf_after_start(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.deaf_after_start = 60.0
    await central.start_belt()
    assert await central.command(SPEED_2) == b"\x80\x02\x01"
    peripheral.step(20)
    assert peripheral.treadmill.speed == 0.5


async def test_keeps_session_in_pause(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.keeps_session_in_pause = True
    await paused_at_2(central, peripheral)
    assert await central.command(STOP) == b"\x80\x08\x04"
    assert peripheral.treadmill.phase is Phase.PAUSED


async def test_starts_only_anew(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.starts_only_anew = True
    await paused_at_2(central, peripheral)
    assert await central.command(START) == b"\x80\x07\x04"
    await central.command(STOP)
    assert await central.command(START) == b"\x80\x07\x01"


async def test_silent(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    reports_before = len(central.of(const.TREADMILL_DATA))
    peripheral.faults.silent = True
    peripheral.step(10)
    assert len(central.of(const.TREADMILL_DATA)) == reports_before


@pytest.mark.parametrize(("interval", "reports"), [(0.0, 30), (0.2, 150), (3.0, 10)])
async def test_report_interval(central: Central, peripheral: Peripheral, interval: float, reports: int) -> None:
    await central.start_belt()
    peripheral.faults.report_interval = interval
    peripheral.step(3.0)
    reports_before = len(central.of(const.TREADMILL_DATA))
    peripheral.step(30)
    assert len(central.of(const.TREADMILL_DATA)) - reports_before == reports


def test_malformed_data(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.malformed_data = True
    peripheral.step(len(MALFORMED))
    frames = central.of(const.TREADMILL_DATA)
    assert tuple(frames[::2]) == MALFORMED
    assert all(len(frame) == 18 for frame in frames[1::2])


async def test_split_records(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    whole = central.of(const.TREADMILL_DATA)[-1]
    peripheral.faults.split_records = True
    peripheral.step(1)
    first, second = central.of(const.TREADMILL_DATA)[-2:]
    assert first[0] & 1
    assert not second[0] & 1
    assert second[2:4] == whole[2:4]
    assert len(first) + len(second) == len(whole) + 2


def test_truncate_at(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.truncate_at = 9
    peripheral.step(1)
    assert central.of(const.TREADMILL_DATA) == [bytes.fromhex("8c04 0000 000000 0000")]


async def test_stale_status_on_subscribe(peripheral: Peripheral) -> None:
    peripheral.faults.stale_status_on_subscribe = True
    central = connected_central(peripheral)
    await asyncio.sleep(0)
    assert central.of(const.MACHINE_STATUS) == [b"\x02\x01"]


async def test_pre_workout_at_rest(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.pre_workout_at_rest = True
    peripheral.step(5)
    assert central.of(const.TRAINING_STATUS) == [b"\x00\x0e"]
    peripheral.treadmill.press_start()
    peripheral.step(10)
    peripheral.treadmill.press_stop()
    peripheral.step(10)
    assert central.of(const.TRAINING_STATUS)[4:] == [b"\x00\x0d", b"\x00\x0f", b"\x00\x0e"]


def speed_of(central: Central) -> int:
    """Return the speed in the newest frame (0.01 km/h)."""
    return int.from_bytes(central.of(const.TREADMILL_DATA)[-1][2:4], "little")


async def run_and_stop(central: Central, peripheral: Peripheral, stop: bytes = STOP) -> None:
    await central.start_belt()
    await central.command(SPEED_2)
    peripheral.step(20)
    await central.command(stop)
    peripheral.step(10)
    assert peripheral.treadmill.at_rest


async def test_repeats_last_speed_at_rest(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.repeats_last_speed_at_rest = True
    peripheral.step(2)
    assert speed_of(central) == 0  # the belt has not run yet
    await run_and_stop(central, peripheral)
    assert speed_of(central) == 200
    frames = central.of(const.TREADMILL_DATA)
    peripheral.step(5)
    assert central.of(const.TREADMILL_DATA)[len(frames) :] == frames[-1:] * 5


async def test_snaps_to_speed_at_rest(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.snaps_to_speed_at_rest = 1.0
    peripheral.step(2)
    assert speed_of(central) == 100
    await run_and_stop(central, peripheral)
    assert speed_of(central) == 100
    await central.command(START)
    peripheral.step(4)
    assert speed_of(central) == 50  # the target


def test_no_status(peripheral: Peripheral) -> None:
    peripheral.faults.no_status = True
    known = {item.uuid for service in peripheral.services for item in service.characteristics}
    assert known.isdisjoint({const.TRAINING_STATUS, const.MACHINE_STATUS})
    assert const.TREADMILL_DATA in known


async def test_training_status_idle_while_moving(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.training_status_idle_while_moving = True
    await central.start_belt()
    assert central.of(const.TRAINING_STATUS) == []
    assert peripheral.treadmill.speed > 0


async def test_counters_frozen_without_walker(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.counters_frozen_without_walker = True
    await central.start_belt()
    peripheral.treadmill.occupied = False
    peripheral.step(1)
    frames = central.of(const.TREADMILL_DATA)
    peripheral.step(5)
    assert central.of(const.TREADMILL_DATA)[len(frames) :] == frames[-1:] * 5
    assert peripheral.treadmill.speed > 0


@pytest.mark.parametrize(("runs", "passed"), [(True, 9), (False, 0)])
async def test_clock_runs_in_pause(central: Central, peripheral: Peripheral, runs: bool, passed: int) -> None:
    peripheral.faults.clock_runs_in_pause = runs
    await run_and_stop(central, peripheral, PAUSE)
    before = peripheral.treadmill.elapsed
    peripheral.step(9)
    assert peripheral.treadmill.elapsed - before == pytest.approx(passed)


async def write_kinds(central: Central, peripheral: Peripheral, data: bytes) -> list[int | bool]:
    """Return how the control point takes a write with response, and one without: the error, or whether it answered."""
    handle, results = central.handle(const.CONTROL_POINT), list[int | bool]()
    for response in (True, False):
        before = len(central.of(const.CONTROL_POINT))
        try:
            await peripheral.write(handle, data, response=response)
        except AttError as error:
            results.append(error.code)
            continue
        await asyncio.sleep(0)
        results.append(len(central.of(const.CONTROL_POINT)) > before)
    return results


async def test_a_polite_control_point_takes_writes_with_response(central: Central, peripheral: Peripheral) -> None:
    assert await write_kinds(central, peripheral, REQUEST_CONTROL) == [True, False]


async def test_control_without_response(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.control_without_response = True
    [control_point] = [
        item for item in peripheral.services[0].characteristics if item.handle == central.handle(const.CONTROL_POINT)
    ]
    assert control_point.properties == ("write-without-response", "indicate")
    assert await write_kinds(central, peripheral, REQUEST_CONTROL) == [0x03, True]


async def test_refuses_write_requests(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.refuses_write_requests = True
    assert await write_kinds(central, peripheral, REQUEST_CONTROL) == [0x03, True]


async def test_what_is_wrong_with_a_write_without_response_is_told_nobody(
    central: Central, peripheral: Peripheral
) -> None:
    peripheral.faults.update({"control_without_response": True, "no_write_response_op": [0x07]})
    await peripheral.write(central.handle(const.CONTROL_POINT), b"", response=False)
    await peripheral.write(central.handle(const.CONTROL_POINT), START, response=False)
    assert peripheral.treadmill.phase is Phase.IDLE


def test_identity(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"identity": "ff80"})
    assert central.read(const.MANUFACTURER_NAME) == central.read(const.SERIAL_NUMBER) == b"\xff\x80"
    assert len(central.read(const.FEATURE)) == 8


def test_no_speed(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.no_speed = True
    peripheral.treadmill.press_start()
    peripheral.step(10)
    assert central.of(const.TREADMILL_DATA)[-1].hex() == "0105" + "00" + "0700"


def test_flood(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.flood = 500.0
    peripheral.step(2)
    assert len(central.of(const.TREADMILL_DATA)) == pytest.approx(1002, abs=2)


def test_status_flood(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.status_flood = 250.0
    peripheral.step(2)
    assert len(central.of(const.MACHINE_STATUS)) == pytest.approx(500, abs=2)
    assert central.of(const.TREADMILL_DATA) == central.of(const.TREADMILL_DATA)[:2]


def test_endless_frames(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.update({"endless_frames": True, "status_flood": 4.0})
    peripheral.step(1)
    assert {len(data) for _, data in central.notifications if data} == {512}


def test_running_speed(peripheral: Peripheral) -> None:
    peripheral.faults.update({"running_speed": True, "silent": True})
    central = connected_central(peripheral)
    central.subscribe(const.RUNNING_MEASUREMENT)
    peripheral.treadmill.press_start()
    peripheral.step(30)
    speed = peripheral.treadmill.speed
    assert speed > 0
    assert central.of(const.TREADMILL_DATA) == []
    assert central.of(const.RUNNING_MEASUREMENT)[-1] == bytes([0, round(speed / 3.6 * 256), 0, 100])


async def test_coarse_distance(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.coarse_distance = 10.0
    await central.start_belt()
    peripheral.step(120)
    counts = [int.from_bytes(frame[4:7], "little") for frame in central.of(const.TREADMILL_DATA)]
    assert set(counts) == {0, 10}


async def test_no_counters(central: Central, peripheral: Peripheral) -> None:
    peripheral.faults.no_counters = True
    await central.start_belt()
    assert central.of(const.TREADMILL_DATA)[-1].hex() == "08003200" + "0000ff7f"
