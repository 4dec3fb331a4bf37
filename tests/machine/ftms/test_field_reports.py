"""Tests that what owners reported decodes as it should, and that every frame of the vectors has its place."""

from typing import Any

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import may_be_treadmill
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.codec import (
    Features,
    MachineStatus,
    TrainingStatus,
    TreadmillData,
    decode_features,
    decode_inclination_range,
    decode_machine_status,
    decode_speed_range,
    decode_training_status,
    decode_treadmill_data,
)
from custom_components.retrowalk.machine.ftms.const import MachineFeature, StatusCode, TargetFeature, TrainingStatusCode
from custom_components.retrowalk.machine.model import ValueRange
from tests.support.frames import reported_frames


def expected_record(expect: dict[str, Any]) -> TreadmillData:
    """Return the record; the file calls the elapsed time differently."""
    return TreadmillData(**{"elapsed_time" if name == "elapsed" else name: value for name, value in expect.items()})


def expected_range(expect: dict[str, float] | None) -> ValueRange | None:
    return None if expect is None else ValueRange(**expect)


def expected_features(expect: dict[str, Any]) -> Features:
    target = expect["target_features"]
    return Features(MachineFeature(expect["machine_features"]), None if target is None else TargetFeature(target))


def decoded_and_expected(characteristic: str, data: bytes, expect: Any) -> tuple[object, object]:
    """Return what the codec says of a frame, and what its file says."""
    match characteristic:
        case "1826":
            return may_be_treadmill([], {const.SERVICE: data}), expect["may_be_treadmill"]
        case "2acc":
            return decode_features(data), expected_features(expect)
        case "2acd":
            return decode_treadmill_data(data), expected_record(expect)
        case "2ad3":
            training_status = TrainingStatusCode[expect["code"].upper()]
            return decode_training_status(data), TrainingStatus(training_status, data[1], expect["text"])
        case "2ad4":
            return decode_speed_range(data), expected_range(expect)
        case "2ad5":
            return decode_inclination_range(data), expected_range(expect)
        case "2ada":
            status = StatusCode[expect["code"].upper()]
            return decode_machine_status(data), MachineStatus(status, data[0], expect["value"])
    raise ValueError(characteristic)


@pytest.mark.parametrize(
    "frame", [pytest.param(frame, id=f"{frame['char']}-{frame['source']}") for frame in reported_frames()]
)
def test_a_reported_frame_decodes_as_its_file_says(frame: dict[str, Any]) -> None:
    decoded, expected = decoded_and_expected(frame["char"], bytes.fromhex(frame["hex"]), frame["expect"])
    assert decoded == expected
