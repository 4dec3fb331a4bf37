"""FIT workouts: as fit-tool writes them, made up byte by byte, and hostile ones."""

from collections.abc import Iterable
from random import Random
from struct import pack
from typing import Any

import pytest
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.workout_message import WorkoutMessage
from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
from fit_tool.profile.profile_type import (
    FileType,
    Intensity,
    Manufacturer,
    Sport,
    WorkoutStepDuration,
    WorkoutStepTarget,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.files.errors import LARGEST, FormatError, FormatErrorKey
from custom_components.retrowalk.training.files.fit_checksum import checksum
from custom_components.retrowalk.training.files.imported import ImportAnswers, ImportedProgram
from custom_components.retrowalk.training.files.notes import Counted, NoteKey
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import ProgramError
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step

NOTHING = 0xFFFFFFFF


def take(content: bytes, name: str | None = None) -> ImportedProgram:
    return read_workout(content, ImportAnswers(name=name, direction=Direction.FORWARD))


def refuse(content: bytes) -> FormatError:
    with pytest.raises(FormatError) as raised:
        take(content, "Mine")
    return raised.value


def told(found: ImportedProgram) -> list[tuple[NoteKey, str, dict[str, str]]]:
    return [(note.key, note.places, dict(note.placeholders)) for note in found.notes]


def held(kmh: float) -> Ramp:
    return Ramp(kmh, kmh)


# Written by fit-tool


def by_fit_tool(*steps: dict[str, Any], kind: Any = FileType.WORKOUT, sport: Any = Sport.RUNNING) -> bytes:
    builder = FitFileBuilder(auto_define=True, min_string_size=50)
    file_id = FileIdMessage()
    file_id.type = kind
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 0
    file_id.time_created = 1_790_000_000_000
    file_id.serial_number = 0x12345678
    builder.add(file_id)
    workout = WorkoutMessage()
    workout.workout_name = "Hills"
    workout.sport = sport
    workout.num_valid_steps = len(steps)
    builder.add(workout)
    for index, values in enumerate(steps):
        step = WorkoutStepMessage()
        step.message_index = index
        for name, value in values.items():
            setattr(step, name, value)
        builder.add(step)
    return bytes(builder.build().to_bytes())


def timed(seconds: float, low: float, high: float | None = None, **others: Any) -> dict[str, Any]:
    """Return a step with a speed (m/s)."""
    return {
        "duration_type": WorkoutStepDuration.TIME,
        "duration_time": seconds,
        "target_type": WorkoutStepTarget.SPEED,
        "target_value": 0,
        "custom_target_speed_low": low,
        "custom_target_speed_high": low if high is None else high,
        **others,
    }


def test_a_workout_of_fit_tool_is_read() -> None:
    found = take(
        by_fit_tool(
            timed(120, 1.0, workout_step_name="Warm up", intensity=Intensity.WARMUP),
            timed(60, 2.0, 3.0, intensity=Intensity.ACTIVE),
            timed(30, 1.0, intensity=Intensity.REST),
            {
                "duration_type": WorkoutStepDuration.REPEAT_UNTIL_STEPS_CMPLT,
                "duration_value": 1,
                "target_value": 4,
            },
            {
                "duration_type": WorkoutStepDuration.DISTANCE,
                "duration_distance": 500.0,
                "target_type": WorkoutStepTarget.SPEED,
                "custom_target_speed_low": 2.5,
                "custom_target_speed_high": 2.5,
                "intensity": Intensity.COOLDOWN,
            },
        )
    )
    assert found.program.name == "Hills"
    assert found.program.steps == (
        Step(seconds=120, speed=held(3.6), label="Warm up"),
        Group(repeat=4, steps=(Step(seconds=60, speed=held(9)), Step(seconds=30, speed=held(3.6), label="Rest"))),
        Step(seconds=200, speed=held(9), label="Cool-down"),
    )
    assert told(found) == [(NoteKey.RANGE, "2", {})]
    assert found.notes[0].counted is Counted.STEPS
    assert found.notes[0].line is None


def test_what_a_treadmill_does_not_steer_is_told_step_by_step() -> None:
    time = {"duration_type": WorkoutStepDuration.TIME, "duration_time": 60.0}
    found = take(
        by_fit_tool(
            timed(60, 1.5),
            time | {"target_type": WorkoutStepTarget.HEART_RATE, "target_value": 2},
            time | {"target_type": WorkoutStepTarget.POWER, "target_value": 3},
            time | {"target_type": WorkoutStepTarget.SPEED, "target_value": 4},
            time | {"target_type": WorkoutStepTarget.CADENCE, "target_value": 4},
            time | {"target_type": WorkoutStepTarget.OPEN},
            sport=Sport.WALKING,
        )
    )
    assert [each.speed for each in found.program.timed_steps] == [held(5.4)] * 6
    assert told(found) == [
        (NoteKey.NOT_STEERED, "2", {"name": "heart rate"}),
        (NoteKey.NOT_STEERED, "3", {"name": "power"}),
        (NoteKey.NOT_STEERED, "4", {"name": "speed zone 4"}),
        (NoteKey.NOT_STEERED, "5", {"name": "cadence"}),
        (NoteKey.NO_SPEED, "6", {}),
    ]


@pytest.mark.parametrize(
    ("kind", "sport", "key", "placeholders"),
    [
        (FileType.ACTIVITY, Sport.RUNNING, FormatErrorKey.FIT_OTHER_KIND, {"kind": "activity"}),
        (FileType.COURSE, Sport.RUNNING, FormatErrorKey.FIT_OTHER_KIND, {"kind": "course"}),
        (FileType.TOTALS, Sport.RUNNING, FormatErrorKey.FIT_OTHER_KIND, {"kind": "10"}),
        (FileType.WORKOUT, Sport.CYCLING, FormatErrorKey.NOT_A_RUN, {"sport": "cycling"}),
        (FileType.WORKOUT, Sport.GOLF, FormatErrorKey.NOT_A_RUN, {"sport": "FIT 25"}),
    ],
)
def test_another_kind_of_file_or_sport_is_refused_by_name(
    kind: Any, sport: Any, key: FormatErrorKey, placeholders: dict[str, str]
) -> None:
    error = refuse(by_fit_tool(timed(60, 1.5), kind=kind, sport=sport))
    assert (error.key, error.placeholders) == (key, placeholders)


@pytest.mark.parametrize("duration", [WorkoutStepDuration.OPEN, WorkoutStepDuration.HR_LESS_THAN])
def test_a_step_without_an_end_is_refused(duration: Any) -> None:
    error = refuse(by_fit_tool(timed(60, 1.5), {"duration_type": duration, "target_type": WorkoutStepTarget.OPEN}))
    assert (error.key, error.placeholders) == (FormatErrorKey.STEP_WITHOUT_END, {"step": "2"})


# Byte by byte


def definition(local: int, message: int, *fields: tuple[int, int, int], order: str = "<", more: bytes = b"") -> bytes:
    """Return the description of a kind of messages: number, width and base type of each field."""
    described = b"".join(bytes(field) for field in fields)
    head = bytes((0x40 | (0x20 if more else 0) | local, 0, order == ">")) + pack(f"{order}H", message)
    return head + bytes((len(fields),)) + described + more


FILE_ID = definition(0, 0, (0, 1, 0)) + b"\x00\x05"
STEP_FIELDS = ((254, 2, 0x84), (1, 1, 0), (2, 4, 0x86), (3, 1, 0), (4, 4, 0x86), (5, 4, 0x86), (6, 4, 0x86))


def fit(*messages: bytes, header: int = 14) -> bytes:
    data = b"".join(messages)
    head = pack("<BBHI4s", header, 0x20, 21194, len(data), b".FIT")
    if header == 14:
        head += pack("<H", checksum(head))
    return head + data + pack("<H", checksum(head + data))


def steps(*found: Iterable[int], order: str = "<", local: int = 2) -> bytes:
    """Return steps of index, duration type and value, target type and value, low and high speed (mm/s)."""
    written = (bytes((local,)) + pack(f"{order}HBIBIII", *each) for each in found)
    return definition(local, 27, *STEP_FIELDS, order=order) + b"".join(written)


RUNNING = definition(1, 26, (4, 1, 0), (6, 2, 0x84), (8, 6, 7)) + b"\x01\x01\x01\x00Hills\x00"
ONE = (0, 0, 60_000, 0, 0, 1000, 1000)
GOOD = fit(FILE_ID, RUNNING, steps(ONE))


@pytest.mark.parametrize("header", [12, 14])
@pytest.mark.parametrize("order", ["<", ">"])
def test_both_headers_and_both_orders_of_bytes_are_read(header: int, order: str) -> None:
    found = take(fit(FILE_ID, RUNNING, steps(ONE, order=order), header=header))
    assert found.program.steps == (Step(seconds=60, speed=held(3.6)),)
    assert found.notes == ()


def test_short_times_and_the_fields_of_developers_are_skipped() -> None:
    described = definition(3, 27, *STEP_FIELDS, more=b"\x01\x00\x03\x00")
    step = pack("<HBIBIII", *ONE)
    with_time = bytes((0x80 | 3 << 5,)) + step + b"abc"
    found = take(fit(FILE_ID, RUNNING, described, with_time))
    assert found.program.duration == 60


def test_a_second_target_may_be_the_speed() -> None:
    fields = (*STEP_FIELDS, (19, 1, 0), (21, 4, 0x86), (22, 4, 0x86))
    step = b"\x02" + pack("<HBIBIIIBII", 0, 0, 60_000, 1, 3, NOTHING, NOTHING, 0, 2000, NOTHING)
    found = take(fit(FILE_ID, RUNNING, definition(2, 27, *fields), step))
    assert found.program.steps == (Step(seconds=60, speed=held(7.2)),)
    assert told(found) == [(NoteKey.NOT_READ, "1", {"name": "heart rate"})]


def test_steps_are_taken_in_the_order_of_their_numbers() -> None:
    later, sooner = (5, 0, 30_000, 0, 0, 2000, 2000), (2, 0, 60_000, 0, 0, 1000, 1000)
    found = take(fit(FILE_ID, RUNNING, steps(later, sooner)))
    assert [each.ends for each in found.program.timed_steps] == [60, 90]
    assert told(found) == [(NoteKey.MORE_STEPS_SAID, "", {"said": "1", "found": "2"})]


def test_repeats_may_be_inside_each_other() -> None:
    again = [(index, 6, first, 2, times, NOTHING, NOTHING) for index, first, times in ((2, 1, 3), (3, 0, 2))]
    found = take(fit(FILE_ID, steps(ONE, (1, 0, 10_000, 0, 0, 2000, 2000), *again)), "Mine")
    inside = Group(repeat=3, steps=(Step(seconds=10, speed=held(7.2)),))
    assert found.program.steps == (Group(repeat=2, steps=(Step(seconds=60, speed=held(3.6)), inside)),)
    assert told(found) == [(NoteKey.NO_SPORT, "", {})]


@pytest.mark.parametrize(
    ("step", "key", "step_number"),
    [
        ((1, 6, 5, 2, 3, NOTHING, NOTHING), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 6, 1, 2, 3, NOTHING, NOTHING), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 6, NOTHING, 2, 3, NOTHING, NOTHING), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 6, 0, 2, NOTHING, NOTHING, NOTHING), FormatErrorKey.STEP_MISSING_VALUE, "2"),
        ((1, 7, 0, 2, 3, NOTHING, NOTHING), FormatErrorKey.STEP_WITHOUT_END, "2"),
        ((1, 0, NOTHING, 2, 0, NOTHING, NOTHING), FormatErrorKey.STEP_MISSING_VALUE, "2"),
        ((1, 0, 0, 2, 0, NOTHING, NOTHING), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 0, 86_400_001, 2, 0, NOTHING, NOTHING), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 1, 10_000_001, 0, 0, 1000, 1000), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 1, 0, 0, 0, 1000, 1000), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((1, 1, 1000, 2, 0, NOTHING, NOTHING), FormatErrorKey.STEP_DISTANCE_WITHOUT_SPEED, "2"),
        ((1, 0, 1000, 0, 0, 0, 0), FormatErrorKey.STEP_STANDING_REST, "2"),
        ((1, 0, 1000, 0, 0, 8400, 8400), FormatErrorKey.STEP_WRONG_VALUE, "2"),
        ((0, 0, 1000, 0, 0, 1000, 1000), FormatErrorKey.FIT_DAMAGED, None),
    ],
)
def test_an_impossible_step_is_named(step: tuple[int, ...], key: FormatErrorKey, step_number: str | None) -> None:
    error = refuse(fit(FILE_ID, RUNNING, steps(ONE, step)))
    assert (error.key, error.placeholders.get("step")) == (key, step_number)


def test_repeats_of_repeats_are_no_trap() -> None:
    again = [(index, 6, 0, 2, 100, NOTHING, NOTHING) for index in range(1, 200)]
    for content, key in (
        (fit(FILE_ID, steps(ONE, *again[:5])), "program_too_many_steps"),
        (fit(FILE_ID, steps(ONE, *again)), "program_too_deep"),
        (fit(FILE_ID, steps(ONE, (1, 6, 0, 2, 101, NOTHING, NOTHING))), "program_repeat"),
        (fit(FILE_ID, steps()), "program_empty"),
        (fit(FILE_ID, steps(*((index, *ONE[1:]) for index in range(1001)))), "program_too_many_steps"),
    ):
        with pytest.raises(ProgramError) as raised:
            take(content, "Mine")
        assert raised.value.key == key


def test_a_treadmill_of_a_gym_is_one_and_its_other_machines_are_not() -> None:
    def gym(sub_sport: int) -> bytes:
        return definition(1, 26, (4, 1, 0), (11, 1, 0)) + bytes((1, 4, sub_sport))

    assert take(fit(FILE_ID, gym(1), steps(ONE)), "Mine").program.duration == 60
    assert refuse(fit(FILE_ID, gym(14), steps(ONE))).placeholders == {"sport": "FIT 4"}


def test_a_file_of_two_workouts_is_refused() -> None:
    error = refuse(fit(FILE_ID, RUNNING, RUNNING, steps(ONE)))
    assert (error.key, error.placeholders) == (FormatErrorKey.FIT_OTHER_KIND, {"kind": "2 workouts"})


def test_names_and_notes_are_labels_as_long_as_one_may_be() -> None:
    fields = (*STEP_FIELDS, (0, 8, 7), (8, 120, 7))

    def named(name: str, note: str) -> bytes:
        return b"\x02" + pack("<HBIBIII8s120s", *ONE, name.encode(), note.encode())

    def labels(name: str, note: str) -> list[str | None]:
        found = take(fit(FILE_ID, RUNNING, definition(2, 27, *fields), named(name, note)))
        return [found.program.flat()[0].label, *(note.placeholders["text"] for note in found.notes)]

    assert labels("Easy", "Look ahead") == ["Easy: Look ahead"]
    assert labels("Easy", "Easy") == ["Easy"]
    assert labels("", "") == [None]
    assert labels("Easy", "long " * 23) == [("Easy: " + "long " * 19)[:100].strip(), "Easy: " + "long " * 6 + "long"]


@pytest.mark.parametrize(
    "content",
    [
        GOOD[:-1],
        GOOD[:20],
        GOOD + b"\0",
        GOOD + GOOD,
        GOOD[:-2] + b"\0\0",
        b"\x0d" + GOOD[1:],
        GOOD[:4] + b"\xff\xff\xff\xff" + GOOD[8:],
        fit(FILE_ID, RUNNING, b"\x05\0\0\0"),
        fit(FILE_ID, definition(2, 27, *STEP_FIELDS), b"\x02\0\0"),
        fit(b"\x42\0\x02\0\0\0"),
        fit(b"\x42\0"),
        fit(definition(0, 0, (0, 1, 0), more=b"\xff")),
        b"\x0e\x20\0\0\xff\xff\xff\x7f.FIT",
        b"\0" * 8 + b".FIT",
    ],
)
def test_a_damaged_file_is_refused(content: bytes) -> None:
    assert refuse(content).key is FormatErrorKey.FIT_DAMAGED


def test_a_file_of_nothing_or_of_endless_messages_is_refused() -> None:
    assert refuse(fit()).key is FormatErrorKey.FIT_DAMAGED
    with pytest.raises(ProgramError) as raised:
        take(fit(FILE_ID, definition(3, 99), b"\x03" * 900_000), "Mine")
    assert raised.value.key == "program_too_many_steps"


def test_a_speed_of_no_numbers_is_none() -> None:
    found = take(fit(FILE_ID, RUNNING, steps((0, 0, 60_000, 0, 0, NOTHING, NOTHING))))
    assert [note.key for note in found.notes] == [NoteKey.NO_SPEED_AT_ALL, NoteKey.NO_SPEED]


def test_a_file_far_too_large_is_refused() -> None:
    assert refuse(GOOD + bytes(LARGEST)).key is FormatErrorKey.TOO_LARGE


def test_values_that_are_none_or_several_are_left_out() -> None:
    fields = ((254, 2, 0x84), (1, 1, 0), (2, 4, 0x86), (7, 2, 0), (5, 4, 0x88), (9, 3, 0x0D), (8, 4, 7))
    step = b"\x02" + pack("<HBIHf3s4s", 0, 0, 60_000, 0, 1.0, b"abc", b"\xff\xfe\0\0")
    found = take(fit(FILE_ID, RUNNING, definition(2, 27, *fields), step))
    assert [(each.speed, each.label) for each in found.program.timed_steps] == [(None, "\ufffd\ufffd")]


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(random: Random, changes: int) -> None:
    again = (2, 6, 0, 2, 3, NOTHING, NOTHING)
    data = bytearray(b"".join((FILE_ID, RUNNING, steps(ONE, (1, 1, 5000, 0, 0, 900, 1100), again))))
    for _ in range(changes):
        data[random.randrange(len(data))] = random.randrange(256)
    try:
        found = take(fit(bytes(data)), "Mine")
    except FormatError, ProgramError:
        return
    assert found.program.duration > 0
