"""Tests that our codec and the virtual treadmill's frames, which were written independently, agree."""

import pytest

from custom_components.retrowalk.machine.ftms import codec, const
from custom_components.retrowalk.machine.ftms.const import StatusCode, TrainingStatusCode
from custom_components.retrowalk.machine.ftms.events import event_of
from custom_components.retrowalk.machine.model import MachineEvent, MachineEventKind, ValueRange
from custom_components.retrowalk.simulator import frames
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.profile import Profile
from tests.simulator.conftest import Central, make_peripheral


@pytest.fixture
def peripheral() -> Peripheral:
    """Return a treadmill with all features."""
    profile = Profile(incline=ValueRange(-3.0, 15.0, 0.5), heart_rate=True, steps=True)
    return make_peripheral(profile)


@pytest.mark.parametrize("split", [False, True])
async def test_records(central: Central, peripheral: Peripheral, split: bool) -> None:
    peripheral.faults.split_records = split
    await central.start_belt()
    await central.command(codec.encode_target_speed(3.2))
    await central.command(codec.encode_target_inclination(-1.5))
    peripheral.step(120)
    treadmill = peripheral.treadmill
    merger = codec.RecordMerger()
    records = [merger.feed(data, 0.0) for data in central.of(const.TREADMILL_DATA)]
    record = records[-1]
    assert record is not None
    assert (record.speed, record.inclination) == (3.2, -1.5)
    assert (record.distance, record.energy) == (int(treadmill.distance), int(treadmill.energy))
    assert (record.elapsed_time, record.heart_rate) == (127, treadmill.heart_rate)
    assert record.steps == treadmill.steps
    assert (record.ramp_angle, record.energy_per_hour, record.energy_per_minute) == (None, None, None)
    assert not record.truncated


async def test_every_speed_of_the_grid(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    for tenths in range(5, 201):
        assert await central.command(codec.encode_target_speed(tenths / 10)) == b"\x80\x02\x01"
        peripheral.step(1)
        assert peripheral.treadmill.target_speed == tenths / 10
    peripheral.step(60)
    record = codec.decode_treadmill_data(central.of(const.TREADMILL_DATA)[-1])
    assert record.speed == 20.0


def test_capabilities(central: Central, peripheral: Peripheral) -> None:
    features = codec.decode_features(central.read(const.FEATURE))
    assert features.target == const.TargetFeature.SPEED | const.TargetFeature.INCLINATION
    assert const.MachineFeature.STEP_COUNT in features.machine
    assert codec.decode_speed_range(central.read(const.SPEED_RANGE)) == peripheral.treadmill.profile.speed
    assert codec.decode_inclination_range(central.read(const.INCLINATION_RANGE)) == peripheral.treadmill.profile.incline


async def test_statuses(central: Central, peripheral: Peripheral) -> None:
    await central.start_belt()
    treadmill = peripheral.treadmill
    treadmill.press_speed(2.5)
    treadmill.press_incline(-1.0)
    treadmill.press_stop()
    peripheral.step(10)
    statuses = [codec.decode_machine_status(data) for data in central.of(const.MACHINE_STATUS)]
    assert [(status.code, status.value) for status in statuses] == [
        (StatusCode.TARGET_SPEED_CHANGED, 2.5),
        (StatusCode.TARGET_INCLINE_CHANGED, -1.0),
        (StatusCode.STOPPED_OR_PAUSED_BY_USER, const.STOP),
    ]
    training = [codec.decode_training_status(data) for data in central.of(const.TRAINING_STATUS)]
    assert [(status.code, status.text) for status in training] == [
        (TrainingStatusCode.PRE_WORKOUT, "3"),
        (TrainingStatusCode.PRE_WORKOUT, "2"),
        (TrainingStatusCode.PRE_WORKOUT, "1"),
        (TrainingStatusCode.MANUAL_MODE, None),
        (TrainingStatusCode.POST_WORKOUT, None),
        (TrainingStatusCode.IDLE, None),
    ]


@pytest.mark.parametrize("kind", MachineEventKind)
def test_each_event_of_the_machine_is_told_as_what_it_is(kind: MachineEventKind) -> None:
    event = MachineEvent(kind, 2.0 if kind.value.endswith("_changed") else None)
    status = codec.decode_machine_status(frames.machine_status(event))
    assert status is not None
    assert event_of(status) == event
