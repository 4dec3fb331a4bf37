"""Steps as JSON, CSV and lines of a schedule, in all their spellings, and what is not a step."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.files.errors import FormatError, FormatErrorKey
from custom_components.retrowalk.training.files.imported import (
    ImportAnswers,
    ImportedProgram,
    Question,
    SpeedUnit,
    UnansweredError,
)
from custom_components.retrowalk.training.files.notes import Counted, NoteKey
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import ProgramError
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step


def take(content: str | bytes, **answers: Any) -> ImportedProgram:
    return read_workout(content, ImportAnswers(**{"name": "Mine", "direction": Direction.FORWARD} | answers))


def refuse(content: str | bytes, **answers: Any) -> FormatError:
    with pytest.raises(FormatError) as raised:
        take(content, **answers)
    return raised.value


def one(**values: object) -> Step | Group:
    """Read one step of a list in km/h."""
    (step,) = take(json.dumps([values]), unit=SpeedUnit.KMH).program.steps
    return step


def held(value: float) -> Ramp:
    return Ramp(value, value)


def told(found: ImportedProgram) -> list[tuple[NoteKey, str, dict[str, str]]]:
    return [(note.key, note.places, dict(note.placeholders)) for note in found.notes]


# Lengths


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({"seconds": 90}, 90),
        ({"sec": "90"}, 90),
        ({"duration_s": 90}, 90),
        ({"Duration (sec)": 90.5}, 90.5),
        ({"minutes": 1.5}, 90),
        ({"Time [min]": "1,5"}, 90),
        ({"durationMinutes": 2}, 120),
        ({"Dauer": "2:30"}, 150),
        ({"duration(mm:ss)": "2:30"}, 150),
        ({"mm:ss": "2:30"}, 150),
        ({"duration": {"value": 2.5, "unit": "min"}}, 150),
        ({"duration": "1:00:05"}, 3605),
        ({"duration": "90 s"}, 90),
        ({"duration": "5 min"}, 300),
        ({"length": "1.5h"}, 5400),
        ({"minutes": 2, "seconds": 30}, 150),
        ({"minutes": 2, "seconds": 0}, 120),
        ({"minutes": 0, "seconds": 30}, 30),
        ({"minutes": 5, "seconds": 300}, 300),
        ({"distance_m": 100}, 100),
        ({"distance": "0.1 km"}, 100),
        ({"meters": 100}, 100),
        ({"Distance (miles)": 0.1}, 160.934),
    ],
)
def test_a_length_is_read_in_its_unit(values: dict[str, object], seconds: float) -> None:
    assert one(**values, speed=3.6) == Step(seconds=seconds, speed=held(3.6))


@pytest.mark.parametrize(
    "values",
    [
        {"duration": "soon"},
        {"duration": "5 km"},
        {"seconds": "5 min"},
        {"seconds": -5},
        {"seconds": 0},
        {"seconds": 86_401},
        {"seconds": True},
        {"seconds": [5]},
        {"seconds": float("nan")},
        {"seconds": 1e300},
        {"seconds": 10**400},
        {"minutes": 5, "seconds": 290},
        {"minutes": 5, "seconds": 20, "hours": 1},
        {"distance": 100},
        {"distance": "100 s"},
        {"distance_m": 0},
        {"distance_km": 101},
        {"meters": 100, "distance_km": 1},
    ],
)
def test_an_impossible_length_is_named_with_its_step(values: dict[str, object]) -> None:
    error = refuse(json.dumps([{"seconds": 5}, values | {"kmh": 3}]))
    assert (error.key, error.placeholders["step"]) == (FormatErrorKey.STEP_WRONG_VALUE, "2")


def test_a_number_without_a_unit_is_taken_for_seconds_and_told() -> None:
    found = take(json.dumps([{"duration": 60, "kmh": 3}, {"duration": "2:00"}, {"duration": 30}]))
    assert [step.ends for step in found.program.timed_steps] == [60, 180, 210]
    assert told(found) == [(NoteKey.PLAIN_SECONDS, "1, 3", {"name": "duration"}), (NoteKey.NO_SPEED, "2-3", {})]
    assert [note.counted for note in found.notes] == [Counted.STEPS, Counted.STEPS]


def test_a_step_without_a_length_and_a_distance_without_a_speed_are_refused() -> None:
    assert refuse('[{"kmh": 3}]').placeholders == {"step": "1", "name": "duration"}
    assert refuse('[{"meters": 3}]').key is FormatErrorKey.STEP_DISTANCE_WITHOUT_SPEED


# Speeds and inclines


@pytest.mark.parametrize(
    ("values", "ramp"),
    [
        ({"speed_kmh": 5}, held(5)),
        ({"Speed (km/h)": "5,5"}, held(5.5)),
        ({"speedKph": 5}, held(5)),
        ({"kmh": "5"}, held(5)),
        ({"speed_mph": 3}, held(4.828)),
        ({"Speed [mph]": 3}, held(4.828)),
        ({"mph": 3}, held(4.828)),
        ({"speed": "3 mph"}, held(4.828)),
        ({"speed": "3 km/h"}, held(3)),
        ({"speed": {"value": 3, "unit": "mph"}}, held(4.828)),
        ({"speed_kmh": {"value": 3}}, held(3)),
        ({"speed_mps": 1}, held(3.6)),
        ({"speed_kmh": {"from": 2, "to": 3}}, Ramp(2, 3)),
        ({"speed_kmh": {"start": "2", "end": "3 km/h"}}, Ramp(2, 3)),
        ({"speedFromKmh": 2, "speedToKmh": 3}, Ramp(2, 3)),
        ({"start_speed_mph": 2, "end_speed_mph": 3}, Ramp(3.219, 4.828)),
    ],
)
def test_a_speed_says_its_unit_itself(values: dict[str, object], ramp: Ramp) -> None:
    found = take(json.dumps([{"seconds": 5} | values]))
    assert found.program.steps == (Step(seconds=5, speed=ramp),)
    assert found.notes == ()


@pytest.mark.parametrize("value", [None, " "])
def test_nothing_is_no_speed(value: str | None) -> None:
    found = take(json.dumps([{"seconds": 5, "speed": value, "incline": 1}]))
    assert found.program.steps == (Step(seconds=5, incline=held(1)),)
    assert [note.key for note in found.notes] == [NoteKey.NO_SPEED_AT_ALL, NoteKey.NO_SPEED]


@pytest.mark.parametrize(
    "values",
    [
        {"speed_kmh": "3 mph"},
        {"speed_kmh": "3 s"},
        {"speed_kmh": -3},
        {"speed_kmh": 31},
        {"speed_mph": 19},
        {"speed_kmh": "fast"},
        {"speed_kmh": 3, "mph": 2},
        {"speed_kmh": {"from": 2}},
        {"speed_kmh": {"from": 2, "start": 3}},
        {"speed_kmh": {"from": 2, "until": 3}},
        {"speed_kmh": 3, "speed_from_kmh": 2, "speed_to_kmh": 3},
        {"incline": 41},
        {"incline": -101},
        {"incline": "steep"},
        {"incline": "5 km/h"},
        {"kmh": 1, "repeat": 1.5},
        {"kmh": 1, "repeat": "2 min"},
    ],
)
def test_an_impossible_speed_or_incline_is_named_with_its_step(values: dict[str, object]) -> None:
    error = refuse(json.dumps([{"seconds": 5} | values]))
    assert (error.key, error.placeholders["step"]) == (FormatErrorKey.STEP_WRONG_VALUE, "1")


def test_half_a_ramp_and_a_standing_rest_are_refused() -> None:
    assert refuse('[{"seconds": 5, "speed_from_kmh": 2}]').placeholders == {"step": "1", "name": "speed to"}
    assert refuse('[{"seconds": 5, "speed_to_kmh": 2}]').placeholders == {"step": "1", "name": "speed from"}
    assert refuse('[{"seconds": 5, "kmh": 0}]').key is FormatErrorKey.STEP_STANDING_REST


@pytest.mark.parametrize("name", ["incline", "Incline (%)", "grade_percent", "Steigung", "slope", "gradient %"])
def test_an_incline_has_many_names(name: str) -> None:
    assert one(**{"seconds": 5, name: "2,5 %"}) == Step(seconds=5, incline=held(2.5))


def test_an_incline_too_deep_is_cut_and_told() -> None:
    found = take('[{"seconds": 5, "incline_from": -12, "incline_to": 3, "kmh": 2}]')
    assert found.program.steps == (Step(seconds=5, speed=held(2), incline=Ramp(-10, 3)),)
    assert told(found) == [(NoteKey.INCLINE_CUT, "1", {"asked": "-12", "becomes": "-10"})]


# The unit


@pytest.mark.parametrize(
    ("unit", "kmh"), [("km/h", 3), ("metric", 3), ("KMH", 3), ("mph", 4.828), ("Imperial", 4.828), ("miles", 4.828)]
)
def test_a_list_may_say_its_unit_for_all(unit: str, kmh: float) -> None:
    found = take(json.dumps({"units": unit, "steps": [{"seconds": 5, "speed": 3}]}))
    assert found.program.top_speed == kmh
    assert told(found) == []


def test_a_speed_without_a_unit_is_asked_for_and_shown_in_both() -> None:
    error = refuse('[{"seconds": 60, "speed": 20}, {"seconds": 60}]')
    assert isinstance(error, UnansweredError)
    assert error.question is Question.UNIT
    kmh, mph = error.results["kmh"], error.results["mph"]
    assert isinstance(kmh, ImportedProgram)
    assert (kmh.program.top_speed, kmh.unit) == (20, SpeedUnit.KMH)
    assert isinstance(mph, FormatError)  # no treadmill goes 32 km/h
    assert refuse('[{"seconds": 60, "speed": 40}]').key is FormatErrorKey.STEP_WRONG_VALUE
    assert refuse('{"unit": "leagues", "steps": [{"seconds": 60, "speed": 2}]}').key is FormatErrorKey.NEEDS_UNIT


def test_a_step_may_say_its_unit_itself() -> None:
    text = '[{"seconds": 5, "speed": 3, "unit": "mph"}, {"seconds": 5, "speed": 3, "speed_unit": "km/h"}]'
    assert [step.speed for step in take(text).program.flat()] == [held(4.828), held(3)]
    assert take("seconds,speed,unit\n5,3,mph\n").program.top_speed == 4.828
    assert refuse("seconds,speed,unit\n5,3,knots\n").key is FormatErrorKey.NEEDS_UNIT


# Lists in lists, programs in lists


def test_groups_are_read_and_repeated() -> None:
    found = take(
        json.dumps(
            {
                "name": "Hills",
                "intervals": [
                    {"name": "Warm-up", "minutes": 2, "kmh": 2},
                    {"label": "Up", "repeat": "3", "steps": [{"seconds": 30, "kmh": 3}, {"seconds": 10, "kmh": 2}]},
                    {"seconds": 5, "times": 2, "notes": "Easy"},
                ],
            }
        ),
        name=None,
    )
    assert found.program.name == "Hills"
    assert found.program.steps == (
        Step(seconds=120, speed=held(2), label="Warm-up"),
        Group(repeat=3, steps=(Step(seconds=30, speed=held(3)), Step(seconds=10, speed=held(2))), label="Up"),
        Group(repeat=2, steps=(Step(seconds=5, label="Easy"),)),
    )
    assert told(found) == [(NoteKey.NO_SPEED, "5", {})]


def test_what_is_not_known_is_told_with_its_step() -> None:
    found = take(
        json.dumps(
            {
                "title": "Hills",
                "description": "Not needed",
                "warmup": {"minutes": 5},
                "steps": [
                    {"id": 7, "kmh": 2, "seconds": 5, "name": "Go", "type": "run", "heart_rate": 120, "hr": None},
                    {"kmh": 2, "seconds": 5, "name": "3", "heart_rate": 130},
                ],
            }
        )
    )
    assert [step.label for step in found.program.flat()] == ["Go", None]
    assert told(found) == [
        (NoteKey.NOT_READ, "", {"name": "warmup"}),
        (NoteKey.NOT_READ, "1-2", {"name": "heart_rate"}),
        (NoteKey.NOT_READ, "1", {"name": "type"}),
    ]


PROGRAMS = [{"name": f"Week {week}", "steps": [{"minutes": week, "kmh": 2}]} for week in range(1, 8)]


@pytest.mark.parametrize(
    "wrapped",
    [
        PROGRAMS,
        {"workouts": PROGRAMS},
        {"version": 2, "Templates": PROGRAMS},
        {"data": {"plans": PROGRAMS}},
        {str(number): program for number, program in enumerate(PROGRAMS)},
    ],
)
def test_one_of_several_programs_is_chosen_by_its_name(wrapped: object) -> None:
    error = refuse(json.dumps(wrapped))
    assert error.placeholders == {"number": "7", "names": "Week 1, Week 2, Week 3, Week 4, Week 5, …"}
    assert refuse(json.dumps(wrapped), name=None).key is FormatErrorKey.SEVERAL_PROGRAMS
    found = take(json.dumps(wrapped), name=" week 3 ")
    assert (found.program.name, found.program.duration) == ("week 3", 180)


def test_the_only_program_needs_no_choice() -> None:
    found = take(json.dumps([PROGRAMS[1]]), name=None)
    assert (found.program.name, found.program.duration) == ("Week 2", 120)
    assert take(json.dumps({"version": 1, "data": {"workout": PROGRAMS[1]}}), name=None).program == found.program


def test_a_list_of_groups_is_one_program() -> None:
    text = '[{"repeat": 2, "steps": [{"seconds": 5, "kmh": 1}]}, {"repeat": 2, "steps": [{"seconds": 5, "kmh": 2}]}]'
    assert take(text).program.duration == 20
    mixed = '[{"steps": [{"seconds": 5, "kmh": 1}]}, {"seconds": 5, "kmh": 2}]'
    assert take(mixed).program.duration == 10


@pytest.mark.parametrize("text", ['{"a": 1}', "[1]", "[[]]", "{}", '{"programs": 3}', '{"programs": [], "plans": []}'])
def test_json_that_is_no_list_of_steps_is_refused(text: str) -> None:
    assert refuse(text).key is FormatErrorKey.NOT_A_WORKOUT


def test_json_of_nothing_is_an_empty_program() -> None:
    for text in ("[]", '{"programs": []}', '{"steps": []}'):
        with pytest.raises(ProgramError) as raised:
            take(text)
        assert raised.value.key == "program_empty"


def test_what_is_no_step_inside_a_group_is_refused() -> None:
    assert refuse('[{"seconds": 5, "kmh": 2}, {"steps": [3]}]').key is FormatErrorKey.STEP_WRONG_VALUE
    assert refuse('[{"repeat": 2, "steps": [[3]]}]').placeholders["value"] == "…"


def test_broken_and_endless_json_is_refused() -> None:
    assert refuse('[{"seconds": 5},\n{"seconds": }]').placeholders == {"line": "2"}
    deep: object = [{"seconds": 5}]
    for _ in range(10):
        deep = [{"repeat": 2, "steps": deep}]
    with pytest.raises(ProgramError) as raised:
        take(json.dumps(deep))
    assert raised.value.key == "program_too_deep"
    with pytest.raises(ProgramError) as raised:
        take(json.dumps([{"seconds": 5}] * 5000))
    assert raised.value.key == "program_too_many_steps"


def test_values_with_a_kind_are_unfolded() -> None:
    def block(goal: dict[str, object], speed: dict[str, object], incline: dict[str, object]) -> dict[str, object]:
        return {"kind": "step", "goal": goal, "speed": speed, "incline": incline, "cue": "Go", "notes": None}

    time, flat = {"kind": "time", "durationTicks": 300_000_000}, {"kind": "fixed", "percent": 1}
    ramp = {"kind": "ramp", "startKilometersPerHour": 8, "endKilometersPerHour": 6}
    down = {"kind": "ramp", "startPercent": 2, "endPercent": 0}
    zone = {"kind": "heartRateZone", "zoneNumber": 3, "initialKilometersPerHour": 6, "maximumKilometersPerHour": 8}
    found = take(
        json.dumps(
            {
                "schemaVersion": 1,
                "title": "Native",
                "blocks": [
                    block(time, {"kind": "fixed", "kilometersPerHour": 5}, flat),
                    {"kind": "repeat", "repetitions": 2, "blocks": [block(time, ramp, down)]},
                    block({"kind": "distance", "kilometers": 0.2}, zone, flat),
                ],
            }
        ),
        name=None,
    )
    assert found.program.name == "Native"
    assert found.program.steps == (
        Step(seconds=30, speed=held(5), incline=held(1), label="Go"),
        Group(repeat=2, steps=(Step(seconds=30, speed=Ramp(8, 6), incline=Ramp(2, 0), label="Go"),)),
        Step(seconds=120, speed=held(6), incline=held(1), label="Go"),
    )
    assert told(found) == [
        (NoteKey.NOT_READ, "4", {"name": "speed zoneNumber"}),
        (NoteKey.NOT_READ, "4", {"name": "speed maximumKilometersPerHour"}),
    ]
    odd = {"kind": "step", "goal": {"kind": "time", "durationTicks": "soon"}, "kmh": 3}
    assert refuse(json.dumps([odd])).key is FormatErrorKey.STEP_MISSING_VALUE


def test_lengths_that_only_grow_may_be_times_and_are_told() -> None:
    growing = take("minutes,kmh\n1,2\n2,3\n3,2\n")
    assert [note.key for note in growing.notes] == [NoteKey.GROWING]
    assert [note.key for note in take('[{"min": 1, "kmh": 2}, {"min": 2, "kmh": 2}, {"min": 5, "kmh": 2}]').notes] == [
        NoteKey.GROWING
    ]
    assert take("minutes,kmh\n1,2\n2,3\n2,2\n").notes == take("minutes,kmh\n1,2\n2,3\n").notes == ()


def test_which_minute_it_is_is_no_length() -> None:
    assert refuse("minute,kmh\n1,2\n2,3\n").key is FormatErrorKey.NO_COLUMNS
    assert refuse('[{"minute": 1, "kmh": 2}]').key is FormatErrorKey.STEP_MISSING_VALUE


# Our own


OWN = Program(
    name="Hills",
    direction=Direction.FORWARD,
    steps=(Step(seconds=90, speed=Ramp(2, 3), incline=held(-1), label="Go"), Group(repeat=2, steps=(Step(seconds=5),))),
)


def test_a_program_of_ours_comes_back_as_it_was() -> None:
    for data in (OWN.as_dict(), {"program": OWN.as_dict(), "xml": "<rows/>", "path": None}):
        found = take(json.dumps(data), name=None)
        assert (found.program, found.notes) == (OWN, ())


def test_the_direction_that_a_program_was_made_for_is_told() -> None:
    found = take(json.dumps(OWN.as_dict()), direction=Direction.BACKWARD)
    assert found.program.direction is Direction.BACKWARD
    assert told(found) == [(NoteKey.MADE_FOR_FORWARD, "", {})]
    other = take(json.dumps(OWN.as_dict() | {"direction": "backward"}))
    assert told(other) == [(NoteKey.MADE_FOR_BACKWARD, "", {})]
    with pytest.raises(ProgramError) as raised:
        take(json.dumps(OWN.as_dict() | {"direction": "up"}))
    assert raised.value.key == "program_direction"


# Tables


@pytest.mark.parametrize(
    "text",
    [
        "name,seconds,speed_kmh,incline\nWarm-up,60,2.5,0\nUp,30,3,1.5\n",
        "Name;Seconds;Speed (km/h);Incline %\r\nWarm-up;60;2,5;0\r\nUp;30;3;1,5\r\n",
        "\ufeffsep=;\nname;Dauer;Tempo km/h;Steigung\nWarm-up;1:00;2,5;0\nUp;0:30;3;1,5",
        "# mine\n\nlabel\tminutes\tkph\tgrade\nWarm-up\t1\t2.5\t0\nUp\t0.5\t3\t1.5\n",
        '"name", "seconds", "kmh", "incline"\n"Warm-up", 60, "2,5", 0\n"Up", 30, 3, "1.5 %"\n',
        "no|name|sec|km/h|incline|\n1|Warm-up|60|2.5|0|\n2|Up|30|3|1.5|\n",
    ],
)
def test_a_table_is_read_in_many_spellings(text: str) -> None:
    found = take(text.encode())
    assert found.program.steps == (
        Step(seconds=60, speed=held(2.5), incline=held(0), label="Warm-up"),
        Step(seconds=30, speed=held(3), incline=held(1.5), label="Up"),
    )
    assert found.notes == ()


def test_miles_of_a_table_are_converted_and_a_missing_unit_is_asked_for() -> None:
    assert take("seconds,speed_mph\n60,3\n").program.top_speed == 4.828
    error = refuse("seconds,speed\n60,3\n")
    assert isinstance(error, UnansweredError)
    assert (error.question, {*error.results}) == (Question.UNIT, {"kmh", "mph"})
    assert take("seconds,speed\n60,3\n", unit=SpeedUnit.MPH).program.top_speed == 4.828


def test_a_table_may_leave_out_what_is_last_in_a_line_and_tells_what_it_does_not_know() -> None:
    found = take("seconds,kmh,incline,watts\n60,2,1,\n30,2\n\n30,3,,150\n")
    assert [(step.seconds, step.speed and step.speed.end) for step in found.program.flat()] == [
        (60, 2),
        (30, 2),
        (30, 3),
    ]
    assert [(note.key, note.line, note.counted) for note in found.notes] == [
        (NoteKey.NO_INCLINE, 3, Counted.LINES),
        (NoteKey.NOT_READ, 5, Counted.LINES),
    ]


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("seconds,kmh\n60,2\n60,2,5\n", FormatErrorKey.TOO_MANY_CELLS, "3"),
        ("seconds,kmh,kmh\n60,2,5\n", FormatErrorKey.TOO_MANY_CELLS, "2"),
        ('seconds,kmh\n60,"2\n', FormatErrorKey.TOO_MANY_CELLS, "2"),
        ("seconds,kmh\n60,fast\n", FormatErrorKey.WRONG_VALUE, "2"),
        ("seconds,kmh,repeat\n60,2,3\n", FormatErrorKey.WRONG_VALUE, "2"),
        ("seconds,kmh\n\n# rest\n60,0\n", FormatErrorKey.STANDING_REST, "4"),
        ("seconds,kmh\n,2\n", FormatErrorKey.MISSING_VALUE, "2"),
        ("meters,kmh\n50,\n", FormatErrorKey.DISTANCE_WITHOUT_SPEED, "2"),
        ("Warm-up,60,2.5,0\n", FormatErrorKey.NO_COLUMNS, None),
        ("name,seconds\nUp,5\n", FormatErrorKey.NO_COLUMNS, None),
        ("name,kmh\nUp,5\n", FormatErrorKey.NO_COLUMNS, None),
        ("Dear diary\n", FormatErrorKey.NOT_A_WORKOUT, None),
        ("# only\n# words\n", FormatErrorKey.NOT_A_WORKOUT, None),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: str, key: FormatErrorKey, line: str | None) -> None:
    error = refuse(text)
    assert (error.key, error.placeholders.get("line")) == (key, line)


def test_a_table_in_another_encoding_is_read_and_told() -> None:
    found = take("name;seconds;kmh\nAufwärmen;60;2\n".encode("cp1252"))
    assert found.program.flat()[0].label == "Aufwärmen"
    assert [note.key for note in found.notes] == [NoteKey.ENCODING_GUESSED]


# Schedules


def test_a_schedule_by_the_clock_is_read() -> None:
    found = take("@boost priority=2 9:00-9:10 2.0 1.0, now-now+05:30 3.5 incline, now-now+00:30 speed -20")
    assert found.program.steps == (
        Step(seconds=600, speed=held(2), incline=held(1)),
        Step(seconds=330, speed=held(3.5)),
        Step(seconds=30, incline=held(-10)),
    )
    assert [note.key for note in found.notes] == [NoteKey.HOURLY, *[NoteKey.NOT_READ] * 2, NoteKey.INCLINE_CUT]


def test_a_schedule_may_pass_the_hour() -> None:
    assert take(":50-:10 2 0\n:10-:20:30 3 0\n").program.duration == 1830
    assert take(":00-:00 2 0\n").program.duration == 3600


@pytest.mark.parametrize(
    "line",
    [
        ":00-:05 fast 0",
        ":00-:05 0 0",
        ":00-:05 31 0",
        ":00-:05 2 41",
        ":00-:05 2 steep",
        ":00-:05 3.0+0.05/day 1",
        ":00-:05 2",
        ":00-:05 creep interval=10m step=0.1",
        ":00-:05 2 0, then 3 0",
        ":00-:5x 2 0",
        ":00-:61 2 0",
    ],
)
def test_a_schedule_of_more_than_times_and_numbers_is_refused(line: str) -> None:
    error = refuse(f"# mine\n{line}\n")
    assert (error.key, error.placeholders["line"]) == (FormatErrorKey.WRONG_VALUE, "2")


# Whatever it is


@pytest.mark.parametrize(
    "text",
    [
        "=" * 900_000,
        "@" * 900_000,
        "a=" * 450_000 + "\n",
        "seconds,kmh" + ",x" * 400_000,
        "seconds,kmh\n" + "1,1\n" * 200_000,
        '[{"seconds": 1, "kmh": ' + "1" * 900_000 + "}]",
        '[{"kmh": "' + "1" * 900_000 + '"}]',
        json.dumps([{f"a{number}": 1 for number in range(50_000)}]),
        json.dumps([{"seconds": " " * 900_000}]),
        '{"' * 400_000,
    ],
    ids=range(10),
)
def test_hostile_lists_are_refused_at_once(text: str) -> None:
    with pytest.raises((FormatError, ProgramError)) as raised:
        take(text)
    assert all(len(value) < 200 for value in raised.value.placeholders.values())


words = st.sampled_from(["seconds", "speed", "kmh", "incline", "name", "repeat", "steps", "minutes", "from", "to", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | words,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(words, inside, max_size=4),
    max_leaves=12,
)
lines = st.lists(st.lists(words | st.sampled_from(["60", "2,5", "1:30", '"', "", "-3"]), max_size=5), max_size=5)
pieces = st.sampled_from(
    [":00-:05", "9:10-9:20", "now-now+01:00", "2.5", "speed", "incline", ",", "\n", "#", "-1", "@a"]
)
heads = st.sampled_from(["seconds,kmh\n", "minutes;speed\n", '{"steps": [{"seconds": 5, '])
texts = st.one_of(
    values.map(json.dumps),
    st.tuples(lines, st.sampled_from(",;\t")).map(lambda each: "\n".join(each[1].join(line) for line in each[0])),
    st.lists(pieces, max_size=15).map(" ".join),
    st.tuples(heads, st.text()).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(texts, st.none() | st.sampled_from(SpeedUnit))
def test_whatever_it_is_it_is_a_program_or_refused(text: str, unit: SpeedUnit | None) -> None:
    try:
        found = take(text, unit=unit)
    except FormatError, ProgramError:
        return
    assert found.program.duration > 0
