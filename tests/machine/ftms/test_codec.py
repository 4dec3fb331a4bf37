"""Tests for the FTMS codec: real frames, the wording of the standard, and arbitrary bytes from the radio."""

import math
import random
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.ftms import treadmill_data
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
    encode_pause,
    encode_request_control,
    encode_start,
    encode_stop,
    encode_target_inclination,
    encode_target_speed,
)
from custom_components.retrowalk.machine.ftms.const import (
    PAUSE,
    STOP,
    MachineFeature,
    OpCode,
    ResultCode,
    StatusCode,
    TargetFeature,
    TrainingStatusCode,
)
from custom_components.retrowalk.machine.model import ValueRange
from tests.support.frames import recorded_frames
from tests.support.treadmill_data import (
    PACE_BITS,
    SPEED_BIT,
    STEPS_BIT,
    Raw,
    fields_of,
    raw_records,
    reference_bytes,
    reference_record,
    reference_values,
    whole_lengths,
)

FRAMES = recorded_frames()

# Names in the file that differ from ours.
FIELD_OF = {
    "avg_speed": "average_speed",
    "elevation_pos": "elevation_gain",
    "elevation_neg": "elevation_loss",
    "met": "metabolic_equivalent",
    "elapsed": "elapsed_time",
    "remaining": "remaining_time",
    "force": "force_on_belt",
}


def frames_of(characteristic: str) -> list[Any]:
    """Return every real frame of a characteristic as test parameters."""
    return [
        pytest.param(frame, id=f"{frame.get('hex', frame.get('indicate'))}-{frame.get('source', frame.get('meaning'))}")
        for frame in FRAMES
        if frame.get("char") == characteristic
    ]


def expected_record(frame: dict[str, Any], **changes: Any) -> TreadmillData:
    """Return the complete record of a frame; fields missing from its expectation are absent."""
    values = {FIELD_OF.get(name, name): value for name, value in frame["expect"].items() if name != "tail"}
    return TreadmillData(**(values | changes))


def frame_from(source: str) -> dict[str, Any]:
    """Return the frame of one source."""
    (frame,) = (frame for frame in FRAMES if frame.get("source") == source)
    return frame


def test_every_ftms_frame_is_tested() -> None:
    """Test that every characteristic in the file has a test here."""
    assert {frame["char"] for frame in FRAMES if "char" in frame} == {"2acc", "2acd", "2ad3", "2ad9", "2ada"}


# --- Treadmill Data: real frames ---


@pytest.mark.parametrize("frame", frames_of("2acd"))
def test_real_treadmill_data(frame: dict[str, Any]) -> None:
    """Test that a real frame gives exactly the expected record; a Urevo's tail holds no steps."""
    means_steps = "tail" not in frame["expect"]
    assert decode_treadmill_data(bytes.fromhex(frame["hex"]), steps=means_steps) == expected_record(frame)


def test_tail_is_read_as_steps_unless_told_otherwise() -> None:
    """Test that the tail is read as steps by default: the bytes alone do not distinguish a Urevo from a KingSmith."""
    frame = frame_from("Urevo E1L URTM041")
    tail = bytes.fromhex(frame["expect"]["tail"])
    steps = int.from_bytes(tail, "little")
    assert decode_treadmill_data(bytes.fromhex(frame["hex"])) == expected_record(frame, steps=steps)


def test_real_split_record_is_joined() -> None:
    """Test that the two halves of a real record give one record with the fields of both."""
    first, second = frame_from("Matrix TouchXL split 1/2"), frame_from("Matrix TouchXL split 2/2")
    merger = RecordMerger()
    assert merger.feed(bytes.fromhex(first["hex"]), 10.0) is None
    joined = {"expect": first["expect"] | second["expect"]}
    assert merger.feed(bytes.fromhex(second["hex"]), 10.1) == expected_record(joined, more_data=False)


# --- Treadmill Data: as the standard has it ---


@given(raw_records(), st.binary(max_size=4))
def test_any_record_of_the_standard(record: tuple[set[int], Raw], extra: bytes) -> None:
    """Test that any set of fields with any numbers is read as written, despite trailing bytes and reserved bits."""
    bits, raw = record
    data, _ = reference_bytes(bits, raw)
    expected = TreadmillData(more_data=SPEED_BIT not in bits, **reference_values(fields_of(bits), raw))
    assert decode_treadmill_data(data) == expected
    reserved = bytes([data[0], data[1] | 0xC0])
    if not bits & PACE_BITS:  # else trailing bytes may fit the other width of the pace
        assert decode_treadmill_data(reserved + data[2:] + extra) == expected


@given(raw_records(wide_pace=True), st.sampled_from(sorted(PACE_BITS)))
def test_any_record_with_the_newer_pace(record: tuple[set[int], Raw], pace_bit: int) -> None:
    """Test that the length of a record shows whether its pace has one or two bytes, with and without steps."""
    bits, raw = record
    bits = bits | {pace_bit}
    data, _ = reference_bytes(bits, raw, wide_pace=True)
    expected = reference_values(fields_of(bits), raw)
    assert decode_treadmill_data(data) == TreadmillData(more_data=SPEED_BIT not in bits, **expected)

    data, _ = reference_bytes(bits | {STEPS_BIT}, raw, wide_pace=True)
    assert decode_treadmill_data(data) == TreadmillData(more_data=SPEED_BIT not in bits, **expected)
    with_steps = TreadmillData(more_data=SPEED_BIT not in bits, steps=0x1234, **expected)
    assert decode_treadmill_data(data + b"\x34\x12\x00") == with_steps


@given(raw_records())
def test_cut_record_keeps_the_fields_that_came(record: tuple[set[int], Raw]) -> None:
    """Test that at every length, complete fields are kept and the record is marked as truncated."""
    bits, raw = record
    data, ends = reference_bytes(bits, raw)
    for length in range(2, len(data)):
        whole = [name for name, end in ends if end <= length]
        expected = TreadmillData(more_data=SPEED_BIT not in bits, truncated=True, **reference_values(whole, raw))
        assert decode_treadmill_data(data[:length]) == expected


def often(data: bytes, *, steps: bool = True) -> set[TreadmillData]:
    """Return all that a message is decoded to: the first times, and once its layout has been compiled."""
    return {decode_treadmill_data(data, steps=steps) for _ in range(treadmill_data._OFTEN + 2)}


@given(st.integers(0, 0xFFFF), st.binary(max_size=44), st.booleans())
def test_any_bytes_are_always_read_as_the_standard_reads_them(flags: int, rest: bytes, steps: bool) -> None:
    data = flags.to_bytes(2, "little") + rest
    assert often(data, steps=steps) == {reference_record(data, steps=steps)}
    assert decode_treadmill_data(bytearray(data), steps=steps) == reference_record(data, steps=steps)


@pytest.mark.parametrize("first", range(7))
def test_flag_words_at_their_own_lengths_and_one_off(first: int) -> None:
    chance = random.Random(first)
    for flags in range(first, 0x4000, 101):
        for length in whole_lengths(flags):
            for cut in (length - 1, length, length + 1):
                data = flags.to_bytes(2, "little") + bytes(chance.choice((0, 255, 127, 3)) for _ in range(44))
                assert often(data[: max(cut, 2)]) == {reference_record(data[: max(cut, 2)])}


def test_a_layout_that_comes_often_is_compiled_and_one_that_does_not_is_not() -> None:
    treadmill_data._layout.cache_clear()
    often(bytes.fromhex("8404 6400 000000 ffff ffff ff 0000"))
    compiled, rare = treadmill_data._layout(0x0484, 14, True), treadmill_data._layout(0, 4, True)
    decode_treadmill_data(b"\x00\x00\x64\x00")
    assert (compiled.read.__name__, rare.read.__name__) == ("read", "_read")


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x01", b"\xff"])
def test_message_without_flags_says_nothing(data: bytes) -> None:
    """Test that half a flag word is not read as one."""
    assert decode_treadmill_data(data) == TreadmillData(truncated=True)


def test_no_value_of_a_speed_has_float_noise() -> None:
    """Test that every speed is the float of its decimal text: 2.01, not 2.0100000000000002."""
    for raw in range(0x10000):
        decoded = decode_treadmill_data(b"\x00\x00" + raw.to_bytes(2, "little"))
        assert decoded.speed == float(f"{raw // 100}.{raw % 100:02}")


@pytest.mark.parametrize(
    ("tail", "steps"),
    [
        pytest.param("", None, id="announced but missing"),
        pytest.param("34", None, id="half"),
        pytest.param("3412", 0x1234, id="without the zero byte"),
        pytest.param("341200", 0x1234, id="as KingSmith sends them"),
        pytest.param("34120056", 0x1234, id="with more behind"),
    ],
)
def test_steps_tail(tail: str, steps: int | None) -> None:
    """Test that steps are two bytes of tail; bit 13 is reserved, so a record without them is not truncated."""
    data = bytes.fromhex("0020 2c01" + tail)
    assert decode_treadmill_data(data) == TreadmillData(speed=3.0, steps=steps)
    assert decode_treadmill_data(data, steps=False) == TreadmillData(speed=3.0)


def test_steps_are_not_read_from_a_cut_record() -> None:
    """Test that the remainder of a standard field is not taken for steps."""
    assert decode_treadmill_data(bytes.fromhex("0420 2c01 3412")) == TreadmillData(speed=3.0, truncated=True)


def test_layouts_of_a_hostile_machine_do_not_pile_up() -> None:
    """Test that every flag word can be read and that the cache of layouts is bounded."""
    for flags in range(0x10000):
        assert isinstance(decode_treadmill_data(flags.to_bytes(2, "little") + bytes(18)), TreadmillData)
    kept = treadmill_data._layout.cache_info()
    assert kept.currsize == kept.maxsize == 64


# --- Joining split records ---


@given(raw_records(), st.data())
def test_any_split_is_joined(record: tuple[set[int], Raw], data: st.DataObject) -> None:
    """Test that a record split into two or three parts is the same as in one piece."""
    bits, raw = record
    bits = bits | {SPEED_BIT}
    whole, _ = reference_bytes(bits, raw)
    part_of = {bit: 2 if bit == SPEED_BIT else data.draw(st.integers(0, 2)) for bit in sorted(bits)}
    parts = [{bit for bit, number in part_of.items() if number == part} for part in range(3)]
    merger = RecordMerger()
    for part in parts[:-1]:
        assert merger.feed(reference_bytes(part, raw)[0], 1.0) is None
    assert merger.feed(reference_bytes(parts[-1], raw)[0], 1.0) == decode_treadmill_data(whole)


DISTANCE_PART = bytes.fromhex("0500 640000")
AVERAGE_PART = bytes.fromhex("0300 c800")
LAST_PART = bytes.fromhex("0000 2c01")


def test_undivided_record_is_given_at_once() -> None:
    """Test that an undivided record is returned immediately."""
    assert RecordMerger().feed(LAST_PART, 0.0) == TreadmillData(speed=3.0)


def test_record_is_emitted_once() -> None:
    """Test that fields of a finished record do not reappear in the next one."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART, 0.0)
    assert merger.feed(LAST_PART, 0.1) == TreadmillData(speed=3.0, distance=100)
    assert merger.feed(LAST_PART, 0.2) == TreadmillData(speed=3.0)


@pytest.mark.parametrize(
    ("age", "distance"), [pytest.param(2.0, 100, id="just in time"), pytest.param(2.01, None, id="too late")]
)
def test_old_part_is_dropped(age: float, distance: int | None) -> None:
    """Test that parts are joined for two seconds, counted from the first one."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART, 5.0)
    merger.feed(AVERAGE_PART, 6.9)
    average = 2.0 if distance else None
    assert merger.feed(LAST_PART, 5.0 + age) == TreadmillData(speed=3.0, distance=distance, average_speed=average)


def test_repeated_first_part_begins_a_new_record() -> None:
    """Test that after a lost last part, the next first part replaces the old one and has its full time."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART + AVERAGE_PART[2:], 0.0)
    merger.feed(AVERAGE_PART, 0.5)
    merger.feed(bytes.fromhex("0500 650000"), 1.5)
    merger.feed(bytes.fromhex("0500 660000"), 1.9)
    assert merger.feed(LAST_PART, 3.5) == TreadmillData(speed=3.0, distance=102)


def test_last_part_may_repeat_a_field() -> None:
    """Test that the last part does not begin a new record: its numbers are newer, the rest is kept."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART, 0.0)
    merger.feed(AVERAGE_PART, 0.1)
    last = bytes.fromhex("0400 2c01 650000")
    assert merger.feed(last, 0.2) == TreadmillData(speed=3.0, distance=101, average_speed=2.0)


def test_reset_drops_the_part() -> None:
    """Test that nothing old is joined after a lost link."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART, 0.0)
    merger.reset()
    assert merger.feed(LAST_PART, 0.1) == TreadmillData(speed=3.0)


def test_joined_record_is_truncated_if_a_part_was() -> None:
    """Test that a truncated first part marks its own record, but not the next one."""
    merger = RecordMerger()
    merger.feed(DISTANCE_PART[:-1], 0.0)
    assert merger.feed(LAST_PART, 0.1) == TreadmillData(speed=3.0, truncated=True)
    assert merger.feed(LAST_PART, 0.2) == TreadmillData(speed=3.0)


def test_merger_is_told_about_steps() -> None:
    """Test that the merger passes on the meaning of bit 13."""
    data = bytes.fromhex("0020 2c01 341200")
    assert RecordMerger().feed(data, 0.0) == TreadmillData(speed=3.0, steps=0x1234)
    assert RecordMerger(steps=False).feed(data, 0.0) == TreadmillData(speed=3.0)


# --- Training Status ---

TRAINING_STATUS_OF = {
    "idle": TrainingStatusCode.IDLE,
    "manual/running": TrainingStatusCode.MANUAL_MODE,
    "running": TrainingStatusCode.MANUAL_MODE,
    "pre-workout": TrainingStatusCode.PRE_WORKOUT,
    "post-workout": TrainingStatusCode.POST_WORKOUT,
    "countdown 3": TrainingStatusCode.PRE_WORKOUT,
    "reserved bits": TrainingStatusCode.OTHER,
    "empty read": None,
}


@pytest.mark.parametrize("frame", frames_of("2ad3"))
def test_real_training_status(frame: dict[str, str]) -> None:
    """Test that a real frame decodes to what its recorder saw; a countdown has its number as text."""
    meaning = frame["meaning"].partition(" (")[0].partition(",")[0]
    data = bytes.fromhex(frame["hex"])
    text = meaning.removeprefix("countdown ") if meaning.startswith("countdown") else None
    raw = data[1] if data else None
    assert decode_training_status(data) == TrainingStatus(TRAINING_STATUS_OF[meaning], raw, text)


@pytest.mark.parametrize("code", TrainingStatusCode)
def test_every_training_status(code: TrainingStatusCode) -> None:
    """Test that every code of the standard is known."""
    assert decode_training_status(bytes([0, code])) == TrainingStatus(code, code, None)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"\x01", TrainingStatus(None, None, None), id="flags only"),
        pytest.param(b"\x00\x10", TrainingStatus(TrainingStatusCode.OTHER, 0x10, None), id="reserved code"),
        pytest.param(b"\x00\x01abc", TrainingStatus(TrainingStatusCode.IDLE, 1, None), id="text not announced"),
        pytest.param(b"\x02\x01abc", TrainingStatus(TrainingStatusCode.IDLE, 1, "abc"), id="long text"),
        pytest.param(b"\x01\x01Gr\xc3\xbcezi\0\0", TrainingStatus(TrainingStatusCode.IDLE, 1, "Grüezi"), id="padded"),
        pytest.param(
            b"\x01\x01\xff3", TrainingStatus(TrainingStatusCode.IDLE, 1, "\N{REPLACEMENT CHARACTER}3"), id="no UTF-8"
        ),
    ],
)
def test_odd_training_status(data: bytes, status: TrainingStatus) -> None:
    """Test that texts are read as announced and nothing is rejected."""
    assert decode_training_status(data) == status


# --- Machine Status ---

MACHINE_STATUS_OF = {
    "started/resumed": (StatusCode.STARTED_OR_RESUMED_BY_USER, None),
    "started + stray byte": (StatusCode.STARTED_OR_RESUMED_BY_USER, None),
    "stopped by user": (StatusCode.STOPPED_OR_PAUSED_BY_USER, STOP),
    "safety key": (StatusCode.STOPPED_BY_SAFETY_KEY, None),
    "reset": (StatusCode.RESET, None),
    "control lost": (StatusCode.CONTROL_PERMISSION_LOST, None),
}


@pytest.mark.parametrize("frame", frames_of("2ada"))
def test_real_machine_status(frame: dict[str, str]) -> None:
    """Test that a real frame decodes to what its recorder saw."""
    meaning, data = frame["meaning"], bytes.fromhex(frame["hex"])
    if meaning.startswith("target speed "):
        code, value = StatusCode.TARGET_SPEED_CHANGED, float(meaning.removeprefix("target speed "))
    else:
        code, value = MACHINE_STATUS_OF[meaning]
    assert decode_machine_status(data) == MachineStatus(code, data[0], value)


@pytest.mark.parametrize(
    ("data", "code", "value"),
    [
        pytest.param("0202", StatusCode.STOPPED_OR_PAUSED_BY_USER, PAUSE, id="paused"),
        pytest.param("0207", StatusCode.STOPPED_OR_PAUSED_BY_USER, 7, id="stopped in an unknown way"),
        pytest.param("02", StatusCode.STOPPED_OR_PAUSED_BY_USER, None, id="stopped or paused"),
        pytest.param("0590", StatusCode.TARGET_SPEED_CHANGED, None, id="half a speed"),
        pytest.param("050000", StatusCode.TARGET_SPEED_CHANGED, 0.0, id="no speed"),
        pytest.param("06f6ff", StatusCode.TARGET_INCLINE_CHANGED, -1.0, id="downhill"),
        pytest.param("0603", StatusCode.TARGET_INCLINE_CHANGED, None, id="half an incline"),
        pytest.param("1401", None, None, id="spin down, which is for bikes"),
    ],
)
def test_machine_status(data: str, code: StatusCode | None, value: float | None) -> None:
    """Test that complete parameters are read and the code is always kept."""
    status = decode_machine_status(bytes.fromhex(data))
    assert status == MachineStatus(code, int(data[:2], 16), value)


def test_empty_machine_status() -> None:
    """Test that an empty message decodes to a status without a code."""
    assert decode_machine_status(b"") == MachineStatus(None, None, None)


# --- Features ---


@pytest.mark.parametrize("frame", frames_of("2acc"))
def test_real_features(frame: dict[str, Any]) -> None:
    """Test that a real frame gives the expected words."""
    features = decode_features(bytes.fromhex(frame["hex"]))
    assert features == Features(MachineFeature(frame["machine_features"]), TargetFeature(frame["target_features"]))


def test_features_tell_words_apart() -> None:
    """Test that reserved bits do not hide known ones and that the two words are not confused."""
    features = decode_features(bytes.fromhex("080000ff 01000080"))
    assert MachineFeature.INCLINATION in features.machine
    assert MachineFeature.AVERAGE_SPEED not in features.machine
    assert TargetFeature.SPEED in features.target
    assert TargetFeature.INCLINATION not in features.target


@pytest.mark.parametrize(
    ("data", "machine", "target"),
    [("0810000002", 0x1008, 2), ("0000000003000000ff", 0, 3)],
)
def test_features_of_odd_length(data: str, machine: int, target: int) -> None:
    """Test that missing bits are not set and extra bytes are ignored."""
    assert decode_features(bytes.fromhex(data)) == Features(MachineFeature(machine), TargetFeature(target))


@pytest.mark.parametrize(("data", "machine"), [("", 0), ("0810", 0x1008), ("8c140000", 0x148C)])
def test_features_without_targets_say_nothing_of_them(data: str, machine: int) -> None:
    """Test that a message that ends before the second word is not one that declines every target."""
    assert decode_features(bytes.fromhex(data)) == Features(MachineFeature(machine), None)


# --- Control Point ---

COMMANDS = {
    "00": encode_request_control,
    "01": lambda: bytes([OpCode.RESET]),
    "07": encode_start,
    "0801": encode_stop,
    "0802": encode_pause,
    "029001": lambda: encode_target_speed(4.0),
}


@pytest.mark.parametrize("frame", frames_of("2ad9"))
def test_real_control_exchange(frame: dict[str, str]) -> None:
    """Test that commands are encoded as recorded and that the response gives the command and its result."""
    assert COMMANDS[frame["write"]]().hex() == frame["write"]
    answer = bytes.fromhex(frame["indicate"])
    expected = ControlResponse(OpCode(bytes.fromhex(frame["write"])[0]), ResultCode(answer[-1]))
    assert decode_control_response(answer) == expected


@pytest.mark.parametrize(("written", "encode"), COMMANDS.items())
def test_commands(written: str, encode: Callable[[], bytes]) -> None:
    """Test that every command has the bytes that the standard defines."""
    assert encode().hex() == written


@pytest.mark.parametrize("result", ResultCode)
def test_every_result(result: ResultCode) -> None:
    """Test that every result of the standard is known and that trailing parameters are ignored."""
    response = decode_control_response(bytes([0x80, 0x02, result, 0x00]))
    assert response == ControlResponse(OpCode.SET_TARGET_SPEED, result)
    assert isinstance(response.op_code, OpCode)
    assert isinstance(response.result, ResultCode)


@pytest.mark.parametrize(
    ("data", "response"),
    [
        pytest.param("", ControlResponse(None, None), id="empty"),
        pytest.param("80", ControlResponse(None, None), id="response to nothing"),
        pytest.param("8007", ControlResponse(OpCode.START_OR_RESUME, None), id="without a result"),
        pytest.param("801366", ControlResponse(0x13, 0x66), id="unknown procedure and result"),
        pytest.param("020701", ControlResponse(None, None), id="no response"),
    ],
)
def test_odd_control_response(data: str, response: ControlResponse) -> None:
    """Test that unknown codes stay numbers and missing ones are None."""
    assert decode_control_response(bytes.fromhex(data)) == response


@pytest.mark.parametrize("tenths", range(5, 201))
def test_every_step_of_speed_is_sent_exactly(tenths: int) -> None:
    """Test that no step from 0.5 to 20.0 km/h is sent as 0.01 less, as truncation would do with 2.3."""
    kmh = tenths / 10
    assert encode_target_speed(kmh) == bytes([0x02]) + struct.pack("<H", tenths * 10)
    assert tenths * 10 == round(kmh * 100)


@given(st.integers(0, 0xFFFF))
def test_speed_comes_back(hundredths: int) -> None:
    """Test that a speed that is sent comes back as the same number in the status that announces it."""
    kmh = float(Decimal(hundredths).scaleb(-2))
    assert decode_machine_status(b"\x05" + encode_target_speed(kmh)[1:]).value == kmh


@given(st.integers(-0x8000, 0x7FFF))
def test_inclination_comes_back(tenths: int) -> None:
    """Test that an inclination that is sent comes back as the same number in the status that announces it."""
    percent = float(Decimal(tenths).scaleb(-1))
    encoded = encode_target_inclination(percent)
    assert encoded[0] == OpCode.SET_TARGET_INCLINATION
    assert decode_machine_status(b"\x06" + encoded[1:]).value == percent


@pytest.mark.parametrize(
    ("percent", "encoded"), [(1.5, "030f00"), (-1.0, "03f6ff"), (0.3, "030300"), (0.7, "030700"), (1.24, "030c00")]
)
def test_inclination(percent: float, encoded: str) -> None:
    """Test that inclinations are signed and rounded to the nearest tenth."""
    assert encode_target_inclination(percent).hex() == encoded


@pytest.mark.parametrize("kmh", [-0.01, 655.36, 1e300, math.inf, -math.inf, math.nan])
def test_speed_that_cannot_be_sent(kmh: float) -> None:
    """Test that a speed outside the range of the field raises an error."""
    with pytest.raises(ValueError, match="does not fit"):
        encode_target_speed(kmh)


@pytest.mark.parametrize("percent", [-3276.9, 3276.8, math.inf, -math.inf, math.nan])
def test_inclination_that_cannot_be_sent(percent: float) -> None:
    """Test that an inclination outside the range of the field raises an error."""
    with pytest.raises(ValueError, match="does not fit"):
        encode_target_inclination(percent)


# --- Ranges ---


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param((100, 600, 10), ValueRange(1.0, 6.0, 0.1), id="KingSmith Z1"),
        pytest.param((0, 1, 1), ValueRange(0.0, 0.01, 0.01), id="smallest"),
        pytest.param((50, 65535, 0), ValueRange(0.5, 655.35, 0.1), id="no step"),
        pytest.param((50, 2000, 2560), ValueRange(0.5, 20.0, 0.1), id="a step out of the range"),
        pytest.param((50, 65535, 65535), ValueRange(0.5, 655.35, 0.1), id="a step of everything"),
        pytest.param((100, 100, 10), ValueRange(1.0, 1.0, 0.1), id="one speed"),
        pytest.param((600, 100, 10), None, id="upside down"),
        pytest.param((0, 0, 10), None, id="all zero"),
    ],
)
def test_speed_range(words: tuple[int, int, int], expected: ValueRange | None) -> None:
    """Test that a range is in km/h and that an invalid one is None."""
    data = struct.pack("<HHH", *words)
    assert decode_speed_range(data) == expected
    assert decode_speed_range(data + b"\x00") == expected
    assert decode_speed_range(data[:-1]) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param((0, 150, 5), ValueRange(0.0, 15.0, 0.5), id="uphill"),
        pytest.param((-30, 150, 10), ValueRange(-3.0, 15.0, 1.0), id="downhill too"),
        pytest.param((0, 120, 0), ValueRange(0.0, 12.0, 0.5), id="no step"),
        pytest.param((0, 120, 0xFFFF), ValueRange(0.0, 12.0, 6553.5), id="the step is unsigned"),
        pytest.param((50, 10, 5), None, id="upside down"),
        pytest.param((0, 0, 5), None, id="flat"),
        pytest.param((-50, -10, 5), None, id="never uphill"),
    ],
)
def test_inclination_range(words: tuple[int, int, int], expected: ValueRange | None) -> None:
    """Test that a range is in percent, may be negative, and that an invalid one is None."""
    data = struct.pack("<hhH", *words)
    assert decode_inclination_range(data) == expected
    assert decode_inclination_range(data + b"\x00") == expected
    assert decode_inclination_range(data[:-1]) is None


# --- Arbitrary bytes from the radio ---


@given(st.lists(st.tuples(st.binary(max_size=64), st.floats(0, 3))))
def test_no_sequence_raises(messages: list[tuple[bytes, float]]) -> None:
    """Test that the merger holds exactly the messages that announce more, and never returns a partial record."""
    merger, now = RecordMerger(), 0.0
    for data, pause in messages:
        now += pause
        record = merger.feed(data, now)
        assert (record is None) == decode_treadmill_data(data).more_data
        assert record is None or not record.more_data


@given(st.binary(max_size=64))
def test_numbers_are_of_the_announced_kind(data: bytes) -> None:
    """Test that whole numbers stay whole and that all numbers are finite."""
    record = decode_treadmill_data(data)
    floats = ("speed", "average_speed", "inclination", "ramp_angle", "elevation_gain", "elevation_loss")
    for name in TreadmillData._fields:
        value = getattr(record, name)
        if value is not None:
            kind = bool if name in {"more_data", "truncated"} else int
            assert type(value) is (float if name in (*floats, "metabolic_equivalent") else kind)
            assert math.isfinite(value)
