"""The kinds of files that strangers' programs write, each with its right values: nothing is wrong without a word.

All files here are made up; each stands for a kind that was found in public.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.retrowalk.training.files.errors import FormatError, FormatErrorKey
from custom_components.retrowalk.training.files.imported import (
    ForwardOnlyError,
    ImportAnswers,
    ImportedProgram,
    Lengths,
    Question,
    SpeedUnit,
    UnansweredError,
)
from custom_components.retrowalk.training.files.notes import NoteKey
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import ProgramError
from custom_components.retrowalk.training.programs.steps import Ramp
from custom_components.retrowalk.training.units import Speed


def take(content: str | bytes, **answers: Any) -> ImportedProgram:
    return read_workout(content, ImportAnswers(**{"name": "Mine", "direction": Direction.FORWARD} | answers))


def refuse(content: str | bytes, **answers: Any) -> FormatError:
    with pytest.raises(FormatError) as raised:
        take(content, **answers)
    return raised.value


def asked(content: str | bytes, question: Question, **answers: Any) -> UnansweredError:
    error = refuse(content, **answers)
    assert isinstance(error, UnansweredError)
    assert error.question is question
    return error


def minutes(result: object) -> float:
    """Return the minutes of what comes of an answer."""
    assert isinstance(result, ImportedProgram)
    return round(result.program.duration / 60, 1)


def notes(found: ImportedProgram) -> dict[NoteKey, str]:
    return {note.key: note.places for note in found.notes}


def speeds(found: ImportedProgram) -> list[float | None]:
    """Return the speed at the beginning of each step."""
    return [each.speed and each.speed.start for each in found.program.timed_steps]


def run(blocks: str, above: str = "", name: str = "<name>Run</name>") -> str:
    return f"<workout_file>{name}<sportType>run</sportType>{above}<workout>{blocks}</workout></workout_file>"


def rows(*each: str) -> str:
    return "\n".join(["<rows>", *each, "</rows>"])


def test_1_a_long_run_for_qz_is_offered_forward_where_backward_is_too_short() -> None:
    text = rows(*(f'<row duration="00:02:00" speed="{5 + step % 4 * 0.9}" inclination="1"/>' for step in range(20)))
    error = refuse(text, direction=Direction.BACKWARD)
    assert isinstance(error, ForwardOnlyError)
    assert error.placeholders == {"minutes": "40", "maximum": "30"}
    assert minutes(error.forward) == 40.0
    assert error.forward.program == take(text).program


def test_2_a_bike_ride_of_resistance_is_refused() -> None:
    text = rows(*(f'<row duration="00:00:20" resistance="{step}" cadence="80"/>' for step in range(1, 33)))
    assert refuse(text).key is FormatErrorKey.STEERS_NOTHING


def test_3_a_descent_below_what_a_program_may_have_is_cut_and_told() -> None:
    text = rows(
        '<row distance="0.05" speed="6" inclination="2.5" latitude="45.1" longitude="7.6"/>',
        '<row distance="0.05" speed="6" inclination="-19.9917" latitude="45.2" longitude="7.6"/>',
    )
    found = take(text)
    assert [each.incline and each.incline.start for each in found.program.timed_steps] == [2.5, -10.0]
    (cut,) = (note for note in found.notes if note.key is NoteKey.INCLINE_CUT)
    assert (cut.line, dict(cut.placeholders)) == (3, {"asked": "-19.992", "becomes": "-10"})
    assert {note.placeholders["name"]: note.places for note in found.notes if note.key is NoteKey.NOT_READ} == {
        "latitude": "2-3",
        "longitude": "2-3",
    }


@pytest.mark.parametrize("number", [3, 80])
def test_4_and_5_a_file_of_heart_rate_zones_is_refused(number: int) -> None:
    text = rows(*('<row duration="00:01:00" zonehr="2" maxspeed="9" forcespeed="1"/>' for _ in range(number)))
    assert refuse(text).key is FormatErrorKey.STEERS_NOTHING


def test_6_heart_rate_rows_among_others_are_told_and_never_exceed_their_own_ceiling() -> None:
    found = take(
        rows(
            '<row duration="00:05:00" speed="6" forcespeed="1"/>',
            '<row duration="00:05:00" speed="9" forcespeed="1"/>',
            '<row duration="00:10:00" zonehr="2" maxspeed="7.5" looptimehr="10"/>',
            '<row duration="00:05:00" hrmin="120" hrmax="140"/>',
            '<row duration="00:05:00" zonehr="1" minspeed="8"/>',
        )
    )
    assert found.program.duration == 1800
    assert speeds(found) == [6, 9, 7.5, 7.5, 8]
    told = [(note.key, note.places, dict(note.placeholders)) for note in found.notes]
    assert told == [
        (NoteKey.BOUNDED, "4", {"asked": Speed(9), "becomes": Speed(7.5)}),
        (NoteKey.NOT_STEERED, "4", {"name": "looptimehr, zonehr"}),
        (NoteKey.NOT_STEERED, "5", {"name": "hrmax, hrmin"}),
        (NoteKey.BOUNDED, "6", {"asked": Speed(7.5), "becomes": Speed(8)}),
        (NoteKey.NOT_STEERED, "6", {"name": "zonehr"}),
    ]


def test_7_a_seed_before_heart_rate_rows_is_held_and_told() -> None:
    found = take(
        rows(
            '<repeat times="2">',
            '<row duration="00:00:10" speed="11.5" forcespeed="1"/>',
            '<row duration="00:02:00" zonehr="4"/>',
            '<row duration="00:00:10" speed="8" forcespeed="1"/>',
            '<row duration="00:01:00" zonehr="1" maxspeed="7"/>',
            "</repeat>",
        )
    )
    assert speeds(found) == [11.5, 11.5, 8, 7] * 2
    assert notes(found)[NoteKey.NOT_STEERED] == "4, 6"


def test_8_a_bike_workout_is_refused_before_anything_is_asked() -> None:
    text = "<workout_file><sportType>bike</sportType><workout><Ramp Duration='600' Power='1'/></workout></workout_file>"
    assert refuse(text, name=None).placeholders == {"sport": "bike"}


LONG_RUN = run(
    '<Warmup Duration="1000" PowerLow="0.5" PowerHigh="1" pace="1"/><SteadyState Duration="3000" Power="1" pace="1"/>'
    '<IntervalsT Repeat="4" OnDuration="200" OffDuration="100" OnPower="1" OffPower="0.5" pace="1"/>'
)


def test_9_a_run_without_a_kind_of_lengths_asks_and_shows_both() -> None:
    error = asked(LONG_RUN, Question.LENGTHS, full_speed_kmh=10.0)
    assert minutes(error.results["seconds"]) == 86.7
    assert minutes(error.results["meters"]) == 35.6
    assert take(LONG_RUN, full_speed_kmh=10.0, lengths=Lengths.METERS) == error.results["meters"]
    backward = asked(LONG_RUN, Question.LENGTHS, full_speed_kmh=10.0, direction=Direction.BACKWARD, name=None).results
    assert {key: type(each) for key, each in backward.items()} == dict.fromkeys(Lengths, ForwardOnlyError)


def test_9_a_reading_that_is_far_too_long_is_shown_beside_the_other_one() -> None:
    text = run('<SteadyState Duration="9000" Power="1"/>')
    results = asked(text, Question.LENGTHS, full_speed_kmh=12.0).results
    assert isinstance(results["seconds"], ProgramError)
    assert minutes(results["meters"]) == 45.0


def test_10_texts_at_a_distance_prove_meters() -> None:
    text = run('<SteadyState Duration="400" Power="1"><textevent distoffset="100" message="Long steps"/></SteadyState>')
    found = take(text, full_speed_kmh=6.0)
    assert (found.lengths, found.program.duration) == (Lengths.METERS, 240.0)
    assert [(each.begins, each.label) for each in found.program.timed_steps] == [(0, None), (60, "Long steps")]
    assert notes(found) == {NoteKey.METERS_BY_TEXTS: ""}


def test_11_a_threshold_gives_the_full_speed() -> None:
    text = run(
        '<SteadyState Duration="300" Power=".6667"><textevent timeoffset="5" message="07:34/km"/></SteadyState>',
        "<thresholdSecPerKm>302</thresholdSecPerKm>",
    )
    found = take(text)
    assert found.full_speed_kmh == pytest.approx(3600 / 302, abs=0.001)
    assert speeds(found)[0] == pytest.approx(7.95, abs=0.01)  # 7:34 a kilometer, as its own text says
    assert notes(found) == {NoteKey.FULL_SPEED_FROM_FILE: "", NoteKey.SECONDS_BY_TEXTS: ""}
    other = take(text, full_speed_kmh=10.0)
    assert speeds(other)[0] == 6.667
    (told,) = (note for note in other.notes if note.key is NoteKey.FULL_SPEED_AGAINST_FILE)
    assert dict(told.placeholders) == {"speed": Speed(10), "found": Speed(11.921)}


def test_12_several_paces_are_told_as_one() -> None:
    blocks = "".join(f'<SteadyState Duration="60" Power="1" pace="{pace}"/>' for pace in (0, 1, 4))
    found = take(run(blocks, "<durationType>time</durationType>"), full_speed_kmh=8.0)
    assert speeds(found) == [8, 8, 8]
    assert [dict(note.placeholders) for note in found.notes] == [{"paces": "0, 1, 4"}]


def test_13_an_empty_name_is_asked_for() -> None:
    text = run('<SteadyState Duration="60" Power="1"/>', "<durationType>time</durationType>", "<name/>")
    asked(text, Question.NAME, name=None, full_speed_kmh=6.0)
    assert take(text, name=" Mine ", full_speed_kmh=6.0).program.name == "Mine"


def test_14_rows_in_a_file_of_any_name_are_told_by_their_content() -> None:
    assert minutes(take(rows(*['<row duration="00:01:00" speed="5"/>'] * 61))) == 61.0


def test_15_broken_xml_is_refused_with_its_line() -> None:
    assert refuse("<workout_file>\n<name>A < B & C</name></workout_file>").placeholders == {"line": "2"}
    assert refuse('<rows>\n<row duration="00:01:00" speed="3">\n</rows>').placeholders == {"line": "3"}


def test_16_a_distance_steered_by_power_is_refused() -> None:
    error = refuse(rows('<row duration="00:01:00" speed="5"/>', "", '<row distance="1" powerzone="2"/>'))
    assert (error.key, error.placeholders) == (FormatErrorKey.DISTANCE_WITHOUT_SPEED, {"line": "4"})


def test_17_stairs_of_incline_are_read() -> None:
    found = take(rows(*(f'<row duration="00:01:00" speed="8" inclination="{up}" forcespeed="1"/>' for up in (1, 2, 4))))
    assert [each.incline and each.incline.start for each in found.program.timed_steps] == [1, 2, 4]
    assert found.notes == ()


def test_18_a_tempo_run_with_ramps_is_read() -> None:
    found = take(
        rows(
            '<row duration="00:05:00" speedfrom="5" speedto="8" forcespeed="1"/>',
            '<row duration="00:15:00" speed="9.5" forcespeed="1"/>',
            '<row duration="00:05:00" speedfrom="8" speedto="4" forcespeed="1"/>',
        )
    )
    assert (minutes(found), found.program.top_speed, found.notes) == (25.0, 9.5, ())


def test_19_a_distance_in_a_heart_rate_zone_is_refused() -> None:
    assert refuse(rows('<row distance="10" zonehr="3"/>')).key is FormatErrorKey.DISTANCE_WITHOUT_SPEED


def test_20_speeds_in_meters_a_second_are_read_and_told() -> None:
    text = run('<SteadyState Duration="60" Speed="1.667"/>', "<durationType>time</durationType>")
    found = take(text)
    assert speeds(found) == [pytest.approx(6.001)]
    assert (found.full_speed_kmh, notes(found)) == (None, {NoteKey.SPEED_PER_SECOND: "1"})


def test_21_xml_of_something_else_is_refused_by_what_it_begins_with() -> None:
    error = refuse("<?xml version='1.0'?>\n<TrainingCenterDatabase><Workouts/></TrainingCenterDatabase>")
    assert error.placeholders == {"element": "trainingcenterdatabase"}


def test_22_seconds_without_a_kind_of_lengths_are_asked_for_too() -> None:
    text = run('<SteadyState Duration="360" Power="0.5"/>')
    results = asked(text, Question.LENGTHS, full_speed_kmh=8.0).results
    assert (minutes(results["seconds"]), minutes(results["meters"])) == (6.0, 5.4)
    assert minutes(take(text, full_speed_kmh=8.0, lengths=Lengths.SECONDS)) == 6.0


def test_23_hills_without_an_easy_part_are_read_as_what_is_left() -> None:
    found = take(
        run(
            '<SteadyState Duration="60" Power="0.5"/>\n'
            '<IntervalsT Repeat="3" OnDuration="60" OffDuration="0" OnSlope="4" OffSlope="0"/>\n'
            '<IntervalsT Repeat="2" OnDuration="60" OffDuration="9" OnPower="1" OffPower="0.5" OnSlope="6" Slope="1"/>',
            "<durationType>time</durationType>",
        ),
        full_speed_kmh=8.0,
    )
    assert speeds(found) == [4, 4, 4, 4, 8, 4, 8, 4]
    inclines = [each.incline and each.incline.start for each in found.program.timed_steps]
    assert inclines == [None, 4, 4, 4, 6, 1, 6, 1]
    assert notes(found) == {NoteKey.NO_INCLINE: "1", NoteKey.PART_LEFT_OUT: "2", NoteKey.NO_SPEED: "2"}


def test_24_rows_of_a_distance_take_their_time() -> None:
    found = take(
        rows(
            '<row distance="1.5" speed="6" forcespeed="1"/>',
            '<repeat times="4"><row distance="0.4" speed="12" forcespeed="1"/><row distance="0.2" speed="6"/></repeat>',
        )
    )
    assert minutes(found) == 31.0


TEMPLATES = """[
 {"name": "Week 1", "description": "Walk and jog", "difficulty": "beginner", "tags": ["run"], "segments": [
   {"name": "Warm-up", "duration": 300, "speed": 5.5, "incline": 0},
   {"name": "Jog", "duration": 60, "speed": 9.0, "incline": 0},
   {"name": "Walk", "duration": 90, "speed": 5.5, "incline": 2}]},
 {"name": "Week 2", "segments": [{"name": "Jog", "duration": 1200, "speed": 9.5, "incline": 0}]}
]"""


def test_25_a_file_of_programs_asks_for_one_of_them_and_for_its_unit() -> None:
    error = refuse(TEMPLATES)
    assert (error.key, error.placeholders) == (
        FormatErrorKey.SEVERAL_PROGRAMS,
        {"number": "2", "names": "Week 1, Week 2"},
    )
    results = asked(TEMPLATES, Question.UNIT, name="week 1").results
    assert isinstance(results["kmh"], ImportedProgram)
    assert isinstance(results["mph"], ImportedProgram)
    assert (speeds(results["kmh"]), speeds(results["mph"])) == ([5.5, 9, 5.5], [8.851, 14.484, 8.851])
    found = take(TEMPLATES, name="week 1", unit=SpeedUnit.KMH)
    assert [(step.ends - step.begins, step.label) for step in found.program.timed_steps] == [
        (300, "Warm-up"),
        (60, "Jog"),
        (90, "Walk"),
    ]
    assert {note.key: dict(note.placeholders) for note in found.notes} == {NoteKey.PLAIN_SECONDS: {"name": "duration"}}


def test_26_lines_of_a_schedule_are_read_where_they_follow_each_other() -> None:
    found = take("# mine\n:00-:05  3.0  5.0\n:05-:07:30 4.5 0  # faster\n:07:30-:20 speed 1\n")
    assert [(step.begins, step.ends) for step in found.program.timed_steps] == [(0, 300), (300, 450), (450, 1200)]
    assert speeds(found) == [3, 4.5, 4.5]
    assert notes(found) == {NoteKey.HOURLY: ""}
    error = refuse(":00-:05 3.0 10.0\n:30-:35 3.0 10.0\n")
    assert (error.key, error.placeholders) == (FormatErrorKey.SCHEDULE_GAP, {"line": "2"})


NATIVE: Mapping[str, str] = {
    "json": '{"title": "Intervals", "unit": "km/h", "blocks": [{"cue": "Warm up", "minutes": 5, "speed": 5},'
    ' {"repetitions": 2, "blocks": [{"cue": "Fast", "seconds": 30, "speed": 8, "incline": {"from": 2, "to": 0}},'
    ' {"seconds": 20, "speed": {"from": 8, "to": 6}}]}]}',
    "csv": "\ufeffname;duration;speed (km/h);incline %\nWarm-up;5:00;5,0;0\nFast;0:30;8,5;2\n",
    "qz": rows('<row duration="00:05:00" speed="5" forcespeed="1"/>'),
}


def test_27_native_lists_are_read_with_their_notes() -> None:
    found = take(NATIVE["json"], name=None)
    assert (found.program.name, round(found.program.duration), speeds(found)) == ("Intervals", 400, [5, 8, 8, 8, 8])
    assert [step.label for step in found.program.timed_steps] == ["Warm up", "Fast", None, "Fast", None]
    table = take(NATIVE["csv"])
    assert (minutes(table), speeds(table), table.notes) == (5.5, [5, 8.5], ())
    assert minutes(take(NATIVE["qz"])) == 5.0
    assert take(NATIVE["qz"].encode(), direction=Direction.BACKWARD).notes == ()


# More strange files, each of a kind that was read wrongly without a word before


def told(found: ImportedProgram) -> list[tuple[NoteKey, str, dict[str, str]]]:
    return [(note.key, note.places, dict(note.placeholders)) for note in found.notes]


def test_what_belongs_to_another_kind_of_block_is_told() -> None:
    found = take(
        run(
            '<SteadyState Duration="60" Power="1" Repeat="5" OnPower="0.5"/>\n<FreeRide Duration="60" Power="0.7"/>',
            "<durationType>time</durationType>",
        ),
        full_speed_kmh=8,
    )
    assert told(found) == [
        (NoteKey.NOT_READ, "1", {"name": "repeat"}),
        (NoteKey.NOT_READ, "1", {"name": "onpower"}),
        (NoteKey.NOT_READ, "2", {"name": "power"}),
        (NoteKey.NO_SPEED, "2", {}),
    ]


def test_blocks_beside_the_workout_and_words_between_blocks_are_told() -> None:
    stray = "<durationType>time</durationType>\n<SteadyState Duration='9' Power='1'/>\n"
    found = take(run("Walk 5 min<SteadyState Duration='60' Power='1'/>", stray), full_speed_kmh=8)
    assert found.program.duration == 60
    assert told(found) == [
        (NoteKey.NOT_READ, "2", {"name": "steadystate"}),
        (NoteKey.TEXT_LOST, "3", {"text": "Walk 5 min"}),
    ]


def test_an_incline_that_goes_on_is_told() -> None:
    found = take(
        rows(
            '<row duration="00:01:00" speed="6" inclination="5" forcespeed="1"/>',
            '<row duration="00:01:00" speed="3" forcespeed="1"/>',
            '<row duration="00:01:00" speed="3" inclination="-200" forcespeed="1"/>',
        )
    )
    assert [each.incline and each.incline.start for each in found.program.timed_steps] == [5, 5, 5]
    assert told(found) == [(NoteKey.NO_INCLINE, "3-4", {})]


def test_rows_that_say_a_thing_twice_are_told() -> None:
    found = take(
        rows(
            '<row duration="00:10:00" distance="0.5" speed="6" forcespeed="1"/>',
            '<row duration="00:05:00" distance="0.5" speed="6" forcespeed="1"/>',
            '<row duration="00:01:00" speed="6" speedfrom="2" speedto="4" forcespeed="1"/>',
        )
    )
    assert [each.ends - each.begins for each in found.program.timed_steps] == [300, 300, 60]
    assert told(found) == [(NoteKey.NOT_READ, "2", {"name": "duration"}), (NoteKey.NOT_READ, "4", {"name": "speed"})]


def test_what_stands_around_the_rows_is_told() -> None:
    found = take(
        '<rows device="treadmill" unit="mph">\n<repeat times="2" rest="30">Easy<row duration="00:01:00" speed="6" '
        'forcespeed="1"/></repeat></rows>'
    )
    assert told(found) == [
        (NoteKey.NOT_READ, "1", {"name": "unit"}),
        (NoteKey.NOT_READ, "2", {"name": "rest"}),
        (NoteKey.TEXT_LOST, "2", {"text": "Easy"}),
    ]


def test_rows_steer_nothing_with_what_stands_for_nothing() -> None:
    found = take(rows('<row duration="00:01:00" speed="6" zonehr="0" cadence="-1" power="-1" forcespeed="1"/>'))
    assert found.notes == ()


def test_an_ampersand_as_older_programs_write_it_is_read() -> None:
    found = take(
        run("<FreeRide Duration='60'/>", name="<name>Hills & dales &amp; R&#38;D</name>"), name=None, lengths="seconds"
    )
    assert found.program.name == "Hills & dales & R&D"


def test_names_with_a_namespace_are_read() -> None:
    found = take(
        '<z:rows xmlns:z="urn:z" xmlns:xsi="urn:xsi" xsi:schemaLocation="urn:z z.xsd">'
        '<z:row duration="00:01:00" z:speed="6" forcespeed="1"/></z:rows>'
    )
    assert (speeds(found), found.notes) == ([6], ())


def steps_as_json(*steps: Mapping[str, Any], **above: Any) -> str:
    return json.dumps({"name": "Mine", **above, "steps": steps})


A_MINUTE = {"seconds": 60, "speed_kmh": 5}


@pytest.mark.parametrize(
    "above",
    [{"sport": "cycling"}, {"type": "Virtual Ride"}, {"activityType": "indoor_cycling"}, {"sport": "Schwimmen"}],
)
def test_a_list_for_another_sport_is_refused(above: dict[str, str]) -> None:
    assert refuse(steps_as_json(A_MINUTE, **above)).key is FormatErrorKey.NOT_A_RUN
    inside = json.dumps({**above, "workout_doc": {"steps": [A_MINUTE]}})
    assert refuse(inside).key is FormatErrorKey.NOT_A_RUN
    assert take(steps_as_json(A_MINUTE, type="Run", category="cycle of 5")).program.duration == 60


def test_a_list_deep_inside_of_mappings_that_are_named_like_texts_is_read() -> None:
    assert take(json.dumps({"type": {"category": {"steps": [A_MINUTE]}}})).program.duration == 60
    assert refuse(json.dumps({"type": {"category": {}}})).key is FormatErrorKey.NOT_A_WORKOUT


def test_a_list_inside_of_another_mapping_keeps_its_name_and_unit() -> None:
    found = take(
        json.dumps({"title": "Easy", "units": "imperial", "doc": {"steps": [{"seconds": 60, "speed": 5}]}}), name=None
    )
    assert (found.program.name, speeds(found)) == ("Easy", [8.047])


def test_what_a_group_says_about_itself_is_told() -> None:
    found = take(steps_as_json({"repeat": 2, "label": "Hills", "duration_s": 9, "speed_kmh": 9, "steps": [A_MINUTE]}))
    assert (found.program.duration, speeds(found)) == (120, [5, 5])
    assert told(found) == [
        (NoteKey.NOT_READ, "1", {"name": "speed_kmh"}),
        (NoteKey.NOT_READ, "1", {"name": "duration_s"}),
    ]


def test_a_list_tells_what_goes_on_as_before() -> None:
    found = take(
        steps_as_json(
            {"seconds": 60, "speed_kmh": 5, "incline": 3}, {"seconds": 60, "incline": 0}, {"seconds": 60, "kmh": 4}
        )
    )
    assert told(found) == [(NoteKey.NO_SPEED, "2", {}), (NoteKey.NO_INCLINE, "3", {})]


@pytest.mark.parametrize("text", [steps_as_json({"seconds": 60, "level": 3}), "seconds,speed_kmh,power\n60,,200\n"])
def test_a_list_that_steers_nothing_is_refused(text: str) -> None:
    assert refuse(text).key is FormatErrorKey.STEERS_NOTHING


def test_a_distance_beside_a_time_is_told_unless_it_says_the_same() -> None:
    found = take(
        steps_as_json(
            {"seconds": 600, "speed_kmh": 6, "distance_km": 1},
            {"seconds": 600, "speed_kmh": 6, "distance_km": 3},
            {"seconds": 600, "speed_kmh": 6, "distance": 8},
        )
    )
    assert found.program.duration == 1800
    assert told(found) == [
        (NoteKey.NOT_READ, "2", {"name": "distance_km"}),
        (NoteKey.NOT_READ, "3", {"name": "distance"}),
    ]


@pytest.mark.parametrize(
    ("name", "value", "kmh"),
    [
        ("pace", "6:00/km", 10),
        ("pace", "10:00 /mi", 9.656),
        ("pace (min/km)", "5:30", 10.909),
        ("pace (min/km)", "5,5", 10.909),
        ("min/mile", 10, 9.656),
        ("paceSecPerKm", 360, 10),
        ("target pace", "6 min/km", 10),
        ("allure", {"value": "6:00", "units": "min/km"}, 10),
    ],
)
def test_a_pace_is_a_speed(name: str, value: object, kmh: float) -> None:
    found = take(steps_as_json({"seconds": 60, name: value}))
    assert (speeds(found), found.notes) == ([kmh], ())


def test_a_pace_without_a_distance_is_asked_and_an_impossible_one_is_refused() -> None:
    text = steps_as_json({"seconds": 60, "pace": "6:00"})
    asked(text, Question.UNIT)
    assert speeds(take(text, unit=SpeedUnit.KMH)) == [10]
    assert speeds(take(text, unit=SpeedUnit.MPH)) == [16.093]
    for name, value in (
        ("pace", 6),
        ("pace", "easy"),
        ("pace", "0:00"),
        ("pace", True),
        ("pace", [6]),
        ("pace", {"value": 75, "units": "%pace"}),
        ("pace min/km", "6:00/mi"),
        ("pace min/km", "0:30"),
    ):
        assert refuse(steps_as_json({"seconds": 60, name: value})).key is FormatErrorKey.STEP_WRONG_VALUE
    both = take(steps_as_json({"seconds": 60, "speed_kmh": 5, "pace": "6:00/km"}))
    assert (speeds(both), told(both)) == ([5], [(NoteKey.NOT_READ, "1", {"name": "pace"})])
    assert speeds(take("minutes,pace (min/km)\n5,6:00\n")) == [10]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("PT5M", 300), ("PT1H30M", 5400), ("PT1M30.5S", 90.5), ("1m30s", 90), ("5 min 30 sec", 330), ("1h 5min", 3900)],
)
def test_a_span_of_time_is_read(written: str, seconds: float) -> None:
    found = take(steps_as_json({"duration": written, "speed_kmh": 5}))
    assert (found.program.duration, found.notes) == (seconds, ())


@pytest.mark.parametrize("written", ["PT", "P1D", "5m", "1h30", "PT0S", "m s"])
def test_what_may_be_another_span_is_refused(written: str) -> None:
    assert refuse(steps_as_json({"duration": written, "speed_kmh": 5})).key is FormatErrorKey.STEP_WRONG_VALUE


def test_a_unit_that_no_program_has_is_refused() -> None:
    assert refuse(steps_as_json({"seconds": 60, "speed": 1.5}, unit="m/s")).placeholders["value"] == "m/s"
    assert refuse(steps_as_json({"seconds": 60, "speed": 1.5, "unit": "m/s"})).placeholders["value"] == "m/s"
    asked(steps_as_json({"seconds": 60, "speed": 1.5}, units=3), Question.UNIT)


def test_steps_whose_values_are_in_a_mapping_of_data_are_read() -> None:
    found = take(
        steps_as_json(
            {"type": "fixed", "data": {"speed": 2, "duration_s": 180}},
            {"type": "ramp", "data": {"startSpeed": 2, "endSpeed": 5, "duration_s": 360}},
        ),
        unit=SpeedUnit.KMH,
    )
    assert [(each.seconds, each.speed) for each in found.program.flat()] == [(180, Ramp(2, 2)), (360, Ramp(2, 5))]
    assert found.notes == ()


def test_the_sum_below_a_table_is_no_step() -> None:
    found = take("segment,minutes,speed_kmh\nWarm up,5,3\nRun,10,6\nTotal:,15,\n")
    assert found.program.duration == 900
    assert told(found) == [(NoteKey.NOT_READ, "4", {"name": "Total: 15"})]


def test_columns_in_other_languages_are_read() -> None:
    for head in (
        "durée (min),vitesse (km/h),pente (%)",
        "durata min,velocità km/h,pendenza",
        "duur (min),snelheid kmh,helling",
    ):
        found = take(f"{head}\n5,4,1\n")
        assert (found.program.duration, speeds(found), found.notes) == (300, [4], ())


def test_steps_of_qz_are_read_in_kmh_and_with_fractions_of_incline() -> None:
    text = (
        "<Workout><Name>Test</Name><Description>x</Description><Steps>\n"
        '<Step Duration="120" Speed="6.0" Incline="0.00"/>\n<Step Duration="120" Speed="8.5" Incline="-0.05"/>\n'
        '<Step Duration="60" Inclination="2"/></Steps></Workout>'
    )
    found = take(text, name=None)
    assert (found.program.name, found.program.duration, speeds(found)) == ("Test", 300, [6, 8.5, 8.5])
    assert [each.incline and each.incline.start for each in found.program.timed_steps] == [0, -5, 2]
    assert told(found) == [
        (NoteKey.PLAIN_SECONDS, "2-4", {"name": "duration"}),
        (NoteKey.INCLINE_FRACTION, "3", {"percent": "-5"}),
        (NoteKey.NO_SPEED, "4", {}),
    ]


@pytest.mark.parametrize(
    ("inside", "key"),
    [
        ("", FormatErrorKey.NOT_A_WORKOUT),
        ("<Steps/><Steps/>", FormatErrorKey.UNKNOWN_ELEMENT),
        ("<Intervals/>", FormatErrorKey.UNKNOWN_ELEMENT),
        ("<Steps><Repeat/></Steps>", FormatErrorKey.UNKNOWN_ELEMENT),
        ("<Steps><Step><Target/></Step></Steps>", FormatErrorKey.UNKNOWN_ELEMENT),
        ('<Steps><Step Duration="60" Power="200"/></Steps>', FormatErrorKey.STEERS_NOTHING),
        ('<Steps><Step Duration="60" Speed="5" Repeat="3"/></Steps>', FormatErrorKey.WRONG_VALUE),
    ],
)
def test_other_workouts_of_steps_are_refused(inside: str, key: FormatErrorKey) -> None:
    assert refuse(f"<Workout>{inside}</Workout>").key is key


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("<!DOCTYPE html><html><title>404</title></html>", FormatErrorKey.WEB_PAGE),
        ("\n<HTML lang='en'/>", FormatErrorKey.WEB_PAGE),
        ("[COURSE HEADER]\nMINUTES WATTS\n[END COURSE HEADER]", FormatErrorKey.NOT_A_RUN),
        (b"PK\x03\x04" + bytes(range(99)), FormatErrorKey.PACKED),
        (b"\x1f\x8b\x08" + bytes(range(99)), FormatErrorKey.PACKED),
        (b"\xff\xfe\x00", FormatErrorKey.WRONG_ENCODING),
        (b"\x89PNG\r\n\x1a\x01", FormatErrorKey.WRONG_ENCODING),
        (b"caf\x8d", FormatErrorKey.WRONG_ENCODING),
    ],
)
def test_what_is_no_workout_at_all_is_named(content: str | bytes, key: FormatErrorKey) -> None:
    assert refuse(content).key is key


def test_other_encodings_are_read_and_a_guess_is_told() -> None:
    text = run("<FreeRide Duration='60'/>", "<durationType>time</durationType>", "<name>Für Łódź</name>")
    declared = '<?xml version="1.0" encoding="{}"?>'
    for encoding, head in (
        ("utf-16", ""),
        ("utf-16", declared.format("UTF-16")),
        ("iso-8859-2", declared.format("ISO-8859-2")),
    ):
        found = take((head + text).encode(encoding), name=None)
        assert found.program.name == "Für Łódź"
        assert NoteKey.ENCODING_GUESSED not in notes(found)
    western = text.replace("Für Łódź", "Zoë für")
    found = take(western.encode("cp1252"), name=None)
    assert found.program.name == "Zoë für"
    assert NoteKey.ENCODING_GUESSED in notes(found)
    assert take((declared.format("iso-8859-99") + text).encode()).program.duration == 60
    assert refuse((declared.format("iso-8859-99") + western).encode("cp1252")).key is FormatErrorKey.WRONG_ENCODING
