"""The kinds of files that strangers' programs write, each with its right values: nothing is wrong without a word.

All files here are made up; each stands for a kind that was found in public.
"""

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
        (NoteKey.BOUNDED, "4", {"asked": "9", "becomes": "7.5"}),
        (NoteKey.NOT_STEERED, "4", {"name": "looptimehr, zonehr"}),
        (NoteKey.NOT_STEERED, "5", {"name": "hrmax, hrmin"}),
        (NoteKey.BOUNDED, "6", {"asked": "7.5", "becomes": "8"}),
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
    assert dict(told.placeholders) == {"speed": "10", "found": "11.921"}


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


def test_21_another_dialect_of_xml_is_refused_by_what_it_begins_with() -> None:
    error = refuse('<Workout><Steps><Step Duration="60" Speed="5" Incline="1"/></Steps></Workout>')
    assert (error.key, error.placeholders) == (FormatErrorKey.OTHER_FILE, {"element": "workout"})


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
