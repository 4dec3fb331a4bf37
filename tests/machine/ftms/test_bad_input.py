"""A net for bad input: whatever comes over the radio, no decoder raises, and each returns what its contract says.

20,000 inputs in a normal run; `pytest tests/machine/ftms/test_bad_input.py --fuzz 1000000` tries a million. The inputs
of a number are always the same, so that a failure comes back.
"""

import math
import random
from collections.abc import Callable, Iterator

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import may_be_treadmill
from custom_components.retrowalk.machine.errors import DeclinedError
from custom_components.retrowalk.machine.ftms import const, treadmill_data
from custom_components.retrowalk.machine.ftms.codec import (
    ControlResponse,
    Features,
    MachineStatus,
    RecordMerger,
    TrainingStatus,
    TreadmillData,
    decode_control_response,
    decode_features,
    decode_inclination_range,
    decode_machine_status,
    decode_speed_range,
    decode_training_status,
    decode_treadmill_data,
)
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEvent, Telemetry, ValueRange
from tests.support.bad_input import LONGEST, MESSAGES, a_bit_flipped, bad_inputs
from tests.support.driver_bench import STOP, RecordingListener, virtual_connection
from tests.support.frames import recorded_frames

# What each field can hold at most, by the standard: the lowest and the highest value.
BOUNDS: dict[str, tuple[float, float]] = {
    "speed": (0, 655.35),
    "average_speed": (0, 655.35),
    "distance": (0, 0xFFFFFF),
    "inclination": (-3276.8, 3276.6),
    "ramp_angle": (-3276.8, 3276.6),
    "elevation_gain": (0, 6553.5),
    "elevation_loss": (0, 6553.4),
    "energy": (0, 0xFFFE),
    "energy_per_hour": (0, 0xFFFE),
    "energy_per_minute": (0, 0xFE),
    "heart_rate": (0, 0xFF),
    "metabolic_equivalent": (0, 25.5),
    "elapsed_time": (0, 0xFFFF),
    "remaining_time": (0, 0xFFFE),
    "force_on_belt": (-0x8000, 0x7FFE),
    "power": (-0x8000, 0x7FFE),
    "steps": (0, 0xFFFF),
}
WHOLE = {
    "distance",
    "energy",
    "energy_per_hour",
    "energy_per_minute",
    "heart_rate",
    "elapsed_time",
    "remaining_time",
    "force_on_belt",
    "power",
    "steps",
}


def every_bit_flipped(data: bytes) -> Iterator[bytes]:
    return (a_bit_flipped(data, bit) for bit in range(8 * len(data)))


def check_treadmill_data(data: bytes) -> None:
    record = decode_treadmill_data(data)
    assert type(record) is TreadmillData
    assert record.more_data is (len(data) >= 2 and bool(data[0] & 1))
    assert record.speed is None or not record.more_data
    for name, (lowest, highest) in BOUNDS.items():
        value = getattr(record, name)
        assert value is None or (type(value) is (int if name in WHOLE else float) and lowest <= value <= highest)
    assert decode_treadmill_data(data, steps=False).steps is None


def check_training_status(data: bytes) -> None:
    status = decode_training_status(data)
    assert type(status) is TrainingStatus
    assert (status.code is None) == (status.raw is None) == (len(data) < 2)
    assert status.text is None or 0 < len(status.text) <= len(data)


def check_machine_status(data: bytes) -> None:
    status = decode_machine_status(data)
    assert type(status) is MachineStatus
    assert status.raw == (data[0] if data else None)
    assert status.value is None or (status.code is not None and math.isfinite(status.value))


def check_features(data: bytes) -> None:
    features = decode_features(data)
    assert type(features) is Features
    assert features.machine == int.from_bytes(data[:4], "little")
    assert (features.target is None) == (len(data) <= 4)


def check_control_response(data: bytes) -> None:
    response = decode_control_response(data)
    assert type(response) is ControlResponse
    assert (response.op_code is None) == (data[:1] != b"\x80" or len(data) < 2)
    assert response.result is None or response.op_code is not None


def check_range(decode: Callable[[bytes], ValueRange | None]) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        values = decode(data)
        assert values is None or len(data) >= 6
        if values is not None:
            assert values.minimum <= values.maximum
            assert values.step > 0
            for wanted in (-1e6, 0.0, values.minimum, values.maximum, 1e6):
                assert values.minimum <= values.snap(wanted) <= values.maximum

    return check


def check_service_data(data: bytes) -> None:
    """A machine that tells no type is offered, whatever else it says."""
    assert may_be_treadmill([], {const.SERVICE: data}) or any(data[1:3])


CHECKS: dict[str, Callable[[bytes], None]] = {
    "treadmill data": check_treadmill_data,
    "training status": check_training_status,
    "machine status": check_machine_status,
    "features": check_features,
    "control response": check_control_response,
    "speed range": check_range(decode_speed_range),
    "inclination range": check_range(decode_inclination_range),
    "service data": check_service_data,
}


def check_all(data: bytes) -> None:
    for name, check in CHECKS.items():
        try:
            check(data)
        except Exception as error:
            error.add_note(f"{name} of {data.hex() or 'no bytes'}")
            raise


@pytest.mark.timeout(3600)
def test_no_bad_input_raises_or_gives_what_it_may_not(pytestconfig: pytest.Config) -> None:
    for data in bad_inputs(pytestconfig.getoption("--fuzz")):
        check_all(data)
    kept = treadmill_data._layout.cache_info()
    assert kept.currsize <= kept.maxsize == 64  # layouts of a hostile machine do not pile up


@pytest.mark.parametrize("message", MESSAGES, ids=bytes.hex)
def test_no_bit_of_a_known_frame_and_no_end_of_it_matters_more(message: bytes) -> None:
    """Test each frame with every single bit flipped, at every length, and with bytes behind it."""
    for data in every_bit_flipped(message):
        check_all(data)
    for length in range(len(message)):
        check_all(message[:length])
    for tail in (b"\x00", b"\xff" * 3, bytes(LONGEST - len(message))):
        check_all(message + tail)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("word", range(0, 0x10000, 0x800))
def test_every_flag_word_is_read_at_every_length(word: int) -> None:
    for flags in range(word, word + 0x800, 7):
        for length in (0, 1, 5, 18, 31, 62):
            check_treadmill_data(flags.to_bytes(2, "little") + b"\xff" * length)


@pytest.mark.parametrize("frame", [frame["hex"] for frame in recorded_frames() if frame.get("char") == "2acd"])
def test_a_flipped_bit_behind_the_flags_changes_one_field_at_most(frame: str) -> None:
    message = bytes.fromhex(frame)
    before = decode_treadmill_data(message)
    for bit in range(16, 8 * len(message)):
        after = decode_treadmill_data(a_bit_flipped(message, bit))
        assert sum(getattr(before, name) != getattr(after, name) for name in TreadmillData._fields) <= 1


@pytest.mark.timeout(3600)
def test_split_records_from_bad_input_stay_whole(pytestconfig: pytest.Config) -> None:
    """Test that the merger holds exactly what announces more, and never returns a part."""
    merger, chance, now = RecordMerger(), random.Random(1), 0.0
    for data in bad_inputs(pytestconfig.getoption("--fuzz")):
        now += chance.uniform(0, 3)
        record = merger.feed(data, now)
        assert (record is None) == decode_treadmill_data(data).more_data, data.hex()
        assert record is None or not record.more_data, data.hex()


class Sieve(RecordingListener):
    """A listener that looks at what comes and keeps nothing of it."""

    def on_telemetry(self, telemetry: Telemetry) -> None:
        assert telemetry.speed is None or telemetry.speed >= 0
        assert telemetry.heart_rate is None or 0 < telemetry.heart_rate < 255

    def on_machine_event(self, event: MachineEvent) -> None:
        assert event.value is None or math.isfinite(event.value)


@pytest.mark.timeout(3600)
async def test_bad_notifications_raise_nothing_in_the_driver_and_write_nothing(pytestconfig: pytest.Config) -> None:
    connection = virtual_connection()
    driver = FtmsDriver(connection, Sieve(), lambda: connection.peripheral.time)
    await driver.open(stop_first=None)
    notified = (const.TREADMILL_DATA, const.TRAINING_STATUS, const.MACHINE_STATUS, const.CONTROL_POINT)
    for data in bad_inputs(pytestconfig.getoption("--fuzz") // 10):
        for characteristic in notified:
            connection.peripheral.notify(characteristic, data)
    assert connection.commands() == []
    with pytest.raises(DeclinedError):  # by a belt at rest; it arrives all the same
        await driver.execute(Command(CommandKind.STOP))
    assert connection.commands()[0] == STOP


@pytest.mark.timeout(3600)
async def test_bad_answers_to_reads_raise_nothing_in_the_driver(pytestconfig: pytest.Config) -> None:
    read = (const.FEATURE, const.SPEED_RANGE, const.INCLINATION_RANGE, const.TRAINING_STATUS, const.MODEL_NUMBER)
    for data in bad_inputs(pytestconfig.getoption("--fuzz") // 200):
        connection = virtual_connection()
        connection.values = dict.fromkeys(read, data)
        driver = FtmsDriver(connection, Sieve(), lambda: 0.0)
        await driver.open(stop_first=None)
        name = driver.info.model
        assert name is None or (name.isprintable() and name == name.strip()), data.hex()
