"""What an import asks, and what it tells of a ZWO or QZ file: each change by its name and line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.files.errors import FormatError, FormatErrorKey
from custom_components.retrowalk.training.files.imported import (
    ForwardOnlyError,
    ImportAnswers,
    ImportedProgram,
    Lengths,
    Question,
    UnansweredError,
)
from custom_components.retrowalk.training.files.notes import MOST_NOTES, Counted, NoteKey, ranges
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import ProgramError
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from custom_components.retrowalk.training.units import Speed

TIME = "<durationType>time</durationType>"


def take(content: str | bytes, **answers: Any) -> ImportedProgram:
    given_ = {"name": "Mine", "direction": Direction.FORWARD, "full_speed_kmh": 8.0} | answers
    return read_workout(content, ImportAnswers(**given_))


def refuse(content: str | bytes, **answers: Any) -> FormatError:
    with pytest.raises(FormatError) as raised:
        take(content, **answers)
    return raised.value


def run(blocks: str, above: str = TIME) -> str:
    return f"<workout_file><name>Run</name><sportType>run</sportType>{above}<workout>{blocks}</workout></workout_file>"


def told(found: ImportedProgram) -> list[tuple[NoteKey, str, dict[str, str]]]:
    return [(note.key, note.places, dict(note.placeholders)) for note in found.notes]


def held(value: float) -> Ramp:
    return Ramp(value, value)


# Places


@pytest.mark.parametrize(("numbers", "text"), [([3], "3"), ([1, 2], "1-2"), ([1, 3, 4, 5, 9], "1, 3-5, 9"), ([], "")])
def test_places_are_told_as_ranges(numbers: list[int], text: str) -> None:
    assert ranges(numbers) == text


def test_a_note_knows_its_first_line_and_one_about_the_file_has_none() -> None:
    blocks = '\n<FreeRide Duration="60"/>\n<SteadyState Duration="60" Power="1"/>\n<FreeRide Duration="60"/>'
    first, second = take(run(blocks, f"{TIME}<thresholdSecPerKm>450</thresholdSecPerKm>"), full_speed_kmh=None).notes
    assert (first.key, first.line, first.places, first.counted) == (NoteKey.FULL_SPEED_FROM_FILE, None, "", None)
    assert (second.key, second.line, second.places, second.counted) == (NoteKey.NO_SPEED, 2, "2, 4", Counted.LINES)


def test_nobody_gets_hundreds_of_notes() -> None:
    strange = " ".join(f'a{number}="1"' for number in range(500))
    found = take(rows(f'<row duration="00:01:00" speed="3" forcespeed="1" {strange}/>'))
    assert len(found.notes) == MOST_NOTES + 1
    assert (found.notes[-1].key, found.notes[-1].placeholders) == (NoteKey.MORE, {"number": "400"})


# What a ZWO file leaves open


def test_the_full_speed_is_asked_for_before_the_lengths_and_the_name_last() -> None:
    text = run('<SteadyState Duration="60" Power="1"/>', "").replace("<name>Run</name>", "")

    def question(**answers: Any) -> Question:
        error = refuse(text, **{"name": None, "full_speed_kmh": None} | answers)
        assert isinstance(error, UnansweredError)
        return error.question

    assert question() is Question.FULL_SPEED
    assert question(full_speed_kmh=8.0) is Question.LENGTHS
    assert question(full_speed_kmh=8.0, lengths=Lengths.SECONDS) is Question.NAME


def test_both_readings_are_whole_programs_even_without_a_name() -> None:
    error = refuse(run('<SteadyState Duration="60" Power="1"/>', "").replace("Run<", "<"), name=None)
    assert isinstance(error, UnansweredError)
    assert {key: isinstance(each, ImportedProgram) for key, each in error.results.items()} == {
        "seconds": True,
        "meters": True,
    }


def test_nothing_is_asked_that_would_not_help() -> None:
    assert refuse(run('\n<SteadyState Duration="60" Power="0"/>', "")).placeholders == {"line": "2"}
    with pytest.raises(ProgramError):
        take(run('<SteadyState Duration="86000" Power="0.01"/>', ""))
    free = run('<FreeRide Duration="60"/>', "")
    error = refuse(free)
    assert isinstance(error, UnansweredError)
    assert isinstance(error.results["meters"], FormatError)


@pytest.mark.parametrize(
    ("said", "lengths"),
    [("time", "seconds"), ("Time", "seconds"), (" DISTANCE ", "meters"), ("metres", "meters"), ("seconds", "seconds")],
)
def test_the_kind_of_lengths_of_the_file_decides(said: str, lengths: str) -> None:
    text = run('<SteadyState Duration="60" Power="1"/>', f"<DurationType>{said}</DurationType>")
    assert take(text).lengths == lengths
    for answer in Lengths:
        found = take(text, lengths=answer)
        assert found.lengths == lengths
        assert [note.key for note in found.notes] == ([NoteKey.LENGTHS_AGAINST_ANSWER] if answer != lengths else [])


def test_a_kind_of_lengths_that_is_none_is_named() -> None:
    error = refuse(run('<FreeRide Duration="60"/>', "<durationType>laps</durationType>"))
    assert error.placeholders == {"line": "1", "name": "durationtype", "value": "laps"}
    empty = run('<SteadyState Duration="60" Power="1"/>', "<durationType/>")
    assert refuse(empty).key is FormatErrorKey.NEEDS_LENGTHS


def test_texts_that_contradict_each_other_prove_nothing_and_those_against_the_file_are_told() -> None:
    both = (
        '<SteadyState Duration="60" Power="1"><textevent timeoffset="1" message="a"/></SteadyState>'
        '<SteadyState Duration="60" Power="1"><textevent distoffset="1" message="b"/></SteadyState>'
    )
    assert refuse(run(both, "")).key is FormatErrorKey.NEEDS_LENGTHS
    assert NoteKey.LENGTHS_AGAINST_TEXTS not in [note.key for note in take(run(both)).notes]
    at_distance = '<SteadyState Duration="60" Power="1"><textevent distoffset="1" message="b"/></SteadyState>'
    found = take(run(at_distance))
    assert (found.lengths, [note.key for note in found.notes]) == (Lengths.SECONDS, [NoteKey.LENGTHS_AGAINST_TEXTS])
    between = run('<textevent timeoffset="9" message="c"/><SteadyState Duration="60" Power="1"/>', "")
    assert [note.key for note in take(between).notes] == [NoteKey.SECONDS_BY_TEXTS, NoteKey.TEXT_LOST]


def test_no_sport_is_told() -> None:
    text = run('<SteadyState Duration="60" Power="1" pace="2"/>').replace("<sportType>run</sportType>", "")
    assert told(take(text)) == [(NoteKey.NO_SPORT, "", {})]
    for sport in ("Running", "WALK", "treadmill run"):
        assert take(run("<Ramp Duration='6' Power='1'/>").replace(">run<", f">{sport}<")).notes == ()


@pytest.mark.parametrize(("written", "full"), [("", None), ("0", None), ("360", 10.0)])
def test_a_threshold_of_nothing_is_none(written: str, full: float | None) -> None:
    text = run('<SteadyState Duration="60" Power="1"/>', f"{TIME}<thresholdSecPerKm>{written}</thresholdSecPerKm>")
    if full is None:
        assert refuse(text, full_speed_kmh=None).key is FormatErrorKey.NEEDS_FULL_SPEED
    else:
        assert take(text, full_speed_kmh=None).full_speed_kmh == full
        assert take(text, full_speed_kmh=full).notes == ()


@pytest.mark.parametrize("written", ["fast", "-1", "100", "nan"])
def test_a_threshold_that_is_none_is_named(written: str) -> None:
    error = refuse(run("", f"{TIME}<thresholdSecPerKm>{written}</thresholdSecPerKm>"), full_speed_kmh=None)
    assert error.placeholders["name"] == "thresholdsecperkm"


# What a ZWO file becomes


@pytest.mark.parametrize(
    ("block", "steps", "note"),
    [
        (
            '<SteadyState Duration="60" PowerLow="0.5" PowerHigh="1"/>',
            [(held(6), None)],
            (NoteKey.RANGE, {}),
        ),
        (
            '<Cooldown Duration="60" PowerLow="0.5" PowerHigh="1"/>',
            [(Ramp(8, 4), None)],
            (NoteKey.COOL_DOWN_TURNED, {}),
        ),
        (
            '<Ramp Duration="60" SpeedLow="1" SpeedHigh="2"/>',
            [(Ramp(3.6, 7.2), None)],
            (NoteKey.SPEED_PER_SECOND, {}),
        ),
        (
            '<Warmup Duration="60" Speed="1"/>',
            [(held(3.6), None)],
            (NoteKey.SPEED_PER_SECOND, {}),
        ),
        (
            '<IntervalsT Repeat="1" OnDuration="30" OffDuration="30" OnSpeed="2" OffSpeed="1"/>',
            [(held(7.2), None), (held(3.6), None)],
            (NoteKey.SPEED_PER_SECOND, {}),
        ),
        (
            '<SteadyState Duration="60" Power="1" Incline="0.02"/>',
            [(held(8), held(2))],
            (NoteKey.INCLINE_FRACTION, {"percent": "2"}),
        ),
        (
            '<SteadyState Duration="60" Power="1" Slope="0.3"/>',
            [(held(8), held(0.3))],
            (NoteKey.INCLINE_PERCENT, {"name": "slope"}),
        ),
        (
            '<SteadyState Duration="60" Power="1" Incline="-0.3"/>',
            [(held(8), held(-10))],
            (NoteKey.INCLINE_FRACTION, {"percent": "-30"}),
        ),
        (
            '<SteadyState Duration="60" Power="1" Cadence="170"/>',
            [(held(8), None)],
            (NoteKey.NOT_READ, {"name": "cadence"}),
        ),
        (
            '<SteadyState Duration="60" Power="1"><gameplayevent duration="4"/></SteadyState>',
            [(held(8), None)],
            (NoteKey.NOT_READ, {"name": "gameplayevent"}),
        ),
        (
            '<FreeRide Duration="60" FlatRoad="1" Zone=""/>',
            [(None, None)],
            (NoteKey.NO_SPEED, {}),
        ),
        (
            '<SteadyState Duration="60" Slope="4"/>',
            [(None, held(4))],
            (NoteKey.NO_SPEED, {}),
        ),
        (
            '<IntervalsT Repeat="1" OnDuration="0" OffDuration="60" OffPower="0.5" OffIncline="3"/>',
            [(held(4), held(3))],
            (NoteKey.PART_LEFT_OUT, {"name": "onduration"}),
        ),
    ],
)
def test_what_a_block_becomes_is_told_with_its_line(
    block: str, steps: list[tuple[Ramp | None, Ramp | None]], note: tuple[NoteKey, dict[str, str]]
) -> None:
    found = take(run(f"\n\n{block}"))
    assert [(step.speed, step.incline) for step in found.program.flat()] == steps
    assert (note[0], "3", note[1]) in told(found)
    assert {each.key for each in found.notes} <= {note[0], NoteKey.INCLINE_CUT, NoteKey.NO_SPEED_AT_ALL}


@pytest.mark.parametrize(
    "block",
    [
        '<SteadyState Duration="60" Power="0"/>',
        '<SteadyState Duration="60" Speed="0"/>',
        '<IntervalsT Repeat="2" OnDuration="30" OffDuration="30" OnPower="1" OffPower="0"/>',
        '<Warmup Duration="60" PowerLow="0" PowerHigh="1"/>',
        '<SteadyState Duration="60" PowerLow="0" PowerHigh="0"/>',
    ],
)
def test_a_standing_rest_is_refused_with_its_line(block: str) -> None:
    error = refuse(run(f"\n{block}"))
    assert (error.key, error.placeholders) == (FormatErrorKey.STANDING_REST, {"line": "2"})


def test_intervals_of_nothing_and_a_second_workout_are_refused() -> None:
    nothing = '<IntervalsT Repeat="2" OnDuration="0" OffDuration="0" OnPower="1" OffPower="1"/>'
    assert refuse(run(nothing)).placeholders["name"] == "onduration"
    two = run('<FreeRide Duration="5"/></workout><workout><FreeRide Duration="5"/>')
    assert refuse(two).placeholders == {"line": "1", "element": "workout"}


def test_a_distance_without_a_speed_goes_on_with_the_one_before() -> None:
    in_meters = "<durationType>distance</durationType>"
    found = take(run('<SteadyState Duration="80" Power="0.9"/>\n<FreeRide Duration="200"/>', in_meters))
    assert [step.ends for step in found.program.timed_steps] == [40, 140]
    assert told(found) == [(NoteKey.NO_SPEED, "2", {})]
    assert refuse(run('<FreeRide Duration="200"/>', in_meters)).key is FormatErrorKey.DISTANCE_WITHOUT_SPEED


def test_an_empty_attribute_says_nothing() -> None:
    found = take(rows('<row duration="00:01:00" speed="5" inclination="" maxspeed=" " forcespeed="1"/>'))
    assert (found.program.steps, found.notes) == ((Step(seconds=60, speed=held(5)),), ())


def test_an_attribute_in_two_spellings_may_not_contradict_itself() -> None:
    same = '<SteadyState Duration="60" DURATION="60" Power="1"/>'
    assert take(run(same)).program.duration == 60
    error = refuse(run('<SteadyState Duration="60" duration="90" Power="1"/>'))
    assert error.placeholders == {"line": "1", "name": "duration", "value": "90"}


def test_texts_that_no_step_can_show_are_told() -> None:
    long = "long " * 30
    block = (
        '<SteadyState Duration="60" Power="1">\n<textevent timeoffset="60" message="Too late"/>\n'
        f'<textevent timeoffset="5" message="{long}"/>\n<textevent timeoffset="5" message="more"/>\n'
        '<textevent timeoffset="99"/></SteadyState><textevent timeoffset="99" message=" "/>'
    )
    assert [(note.key, note.places, note.placeholders["text"]) for note in take(run(block)).notes] == [
        (NoteKey.TEXT_LOST, "2", "Too late"),
        (NoteKey.TEXT_LOST, "3", "long long long long long long long long…"),
        (NoteKey.TEXT_LOST, "4", "more"),
    ]


# QZ


def rows(*each: str) -> str:
    return "\n".join(["<rows>", *each, "</rows>"])


def test_a_speed_beside_a_zone_is_followed_and_the_zone_is_told() -> None:
    found = take(rows('<row duration="00:01:00" speed="6" zonehr="2" fanspeed="3"/>'))
    assert found.program.steps == (Step(seconds=60, speed=held(6)),)
    assert told(found) == [
        (NoteKey.NOT_FORCED, "", {}),
        (NoteKey.NOT_READ, "2", {"name": "fanspeed"}),
        (NoteKey.NOT_READ, "2", {"name": "zonehr"}),
    ]


def test_bounds_hold_for_a_ramp_and_in_each_repeat() -> None:
    found = take(
        rows(
            '<row duration="00:01:00" speedfrom="4" speedto="8" minspeed="5" maxspeed="7" forcespeed="1"/>',
            '<repeat times="2"><repeat times="2"><row duration="00:00:10" maxspeed="6" minspeed="0"/></repeat>',
            '<row duration="00:00:20" speed="9" forcespeed="1"/></repeat>',
            '<repeat times="2"><row duration="00:00:30" speed="5" maxspeed="8" forcespeed="1"/></repeat>',
        )
    )
    flat = [(step.seconds, step.speed) for step in found.program.flat()]
    once = [(10, held(6)), (10, None), (20, held(9))]
    assert flat == [(60, Ramp(5, 7)), *once, *once, (30, held(5)), (30, held(5))]
    assert isinstance(found.program.steps[-1], Group)
    assert {step.speed.top for step in found.program.timed_steps if step.speed and step.ends - step.begins == 10} == {6}
    assert told(found) == [
        (NoteKey.BOUNDED, "2", {"asked": Speed(4, 8), "becomes": Speed(5, 7)}),
        (NoteKey.BOUNDED, "3", {"asked": Speed(7), "becomes": Speed(6)}),
        (NoteKey.NO_SPEED, "3", {}),
        (NoteKey.BOUNDED, "3", {"asked": Speed(9), "becomes": Speed(6)}),
    ]


def test_bounds_that_cannot_be_kept_are_named_and_bound_nothing_without_a_speed() -> None:
    error = refuse(rows('<row duration="00:01:00" speed="6" minspeed="8" maxspeed="7"/>'))
    assert error.placeholders == {"line": "2", "name": "minspeed", "value": "8"}
    found = take(rows('<row duration="00:01:00" maxspeed="7"/>', '<row duration="00:01:00" speed="5" forcespeed="1"/>'))
    assert [step.speed for step in found.program.flat()] == [None, held(5)]


@pytest.mark.parametrize(("written", "percent"), [("-200", None), ("-10", -10), ("-10.5", -10), ("-100", -10)])
def test_an_inclination_is_none_or_cut(written: str, percent: float | None) -> None:
    found = take(rows(f'<row duration="00:01:00" speed="5" inclination="{written}" forcespeed="1"/>'))
    assert found.program.steps == (Step(seconds=60, speed=held(5), incline=None if percent is None else held(percent)),)
    assert bool(found.notes) is (written not in {"-200", "-10"})


def test_an_incline_alone_steers_and_rows_of_nothing_stay_at_the_lowest_speed() -> None:
    steep = take(rows('<row duration="00:01:00" inclination="3" resistance="5"/>'))
    assert told(steep) == [
        (NoteKey.NO_SPEED_AT_ALL, "", {}),
        (NoteKey.NOT_STEERED, "2", {"name": "resistance"}),
    ]
    assert told(take(rows('<row duration="00:01:00"/>'))) == [
        (NoteKey.NO_SPEED_AT_ALL, "", {}),
        (NoteKey.NO_SPEED, "2", {}),
    ]


# Directions


def test_a_program_too_long_for_backward_comes_with_what_it_is_forward() -> None:
    text = rows('<row duration="00:40:00" speed="5" inclination="-20" forcespeed="1"/>')
    error = refuse(text, direction=Direction.BACKWARD)
    assert isinstance(error, ForwardOnlyError)
    assert error.forward == take(text)
    assert error.forward.program.direction is Direction.FORWARD
    nameless = refuse(text, direction=Direction.BACKWARD, name=" ")
    assert isinstance(nameless, UnansweredError)
    with pytest.raises(ProgramError) as raised:
        take(rows('<row duration="02:01:00" speed="5"/>'), direction=Direction.BACKWARD)
    assert raised.value.placeholders["maximum"] == "120"


names = st.sampled_from(["Duration", "Power", "PowerLow", "PowerHigh", "OnDuration", "OffDuration", "Repeat", "Slope"])
more_names = st.sampled_from(["OnPower", "OffPower", "Speed", "Incline", "OnSlope", "pace", "Cadence", "SpeedLow"])
numbers = st.sampled_from(["0", "1", "0.5", "60", "-1", "", "0.02", "1e3", "x", "3"])
blocks = st.tuples(
    st.sampled_from(["SteadyState", "Warmup", "Cooldown", "IntervalsT", "FreeRide", "Ramp", "textevent", "SolidState"]),
    st.dictionaries(names | more_names, numbers, max_size=6),
    st.sampled_from(["", "<textevent timeoffset='1' message='a'/>", "<textevent distoffset='1' message='a'/>", "<x/>"]),
)
row_names = st.sampled_from(["duration", "speed", "speedfrom", "speedto", "maxspeed", "minspeed", "distance", "zonehr"])
row_values = st.sampled_from(["00:01:00", "5", "0.4", "0", "-1", "x"])
attributes = st.dictionaries(row_names, row_values, max_size=4)


def written(name: str, values: dict[str, str], inside: str) -> str:
    return f"<{name} {' '.join(f'{key}="{value}"' for key, value in values.items())}>{inside}</{name}>"


zwo_files = st.tuples(st.lists(blocks, max_size=4), st.sampled_from(["", TIME, TIME.replace("time", "distance")])).map(
    lambda each: run("".join(written(*block) for block in each[0]), each[1])
)
qz_files = st.lists(st.tuples(attributes, st.booleans()), max_size=5).map(
    lambda found: rows(
        *(
            f"<repeat times='2'>{written('row', values, '')}</repeat>" if repeated else written("row", values, "")
            for values, repeated in found
        )
    )
)


@settings(max_examples=400, deadline=None)
@given(
    zwo_files | qz_files,
    st.none() | st.sampled_from(Lengths),
    st.none() | st.sampled_from([4.0, 12.0, 40.0]),
    st.sampled_from(Direction),
)
def test_whatever_it_is_it_is_a_program_a_question_or_refused(
    text: str, lengths: Lengths | None, full_speed: float | None, direction: Direction
) -> None:
    answers: dict[str, Any] = {"lengths": lengths, "full_speed_kmh": full_speed, "direction": direction}
    try:
        found = take(text, **answers)
    except UnansweredError as unanswered:
        open_ = unanswered
    except FormatError, ProgramError:
        return
    else:
        assert found.program.duration > 0
        assert not any(note.places for note in found.notes if note.counted is None)
        return
    assert open_.question in {Question.LENGTHS, Question.FULL_SPEED}
    assert {*open_.results} in (set(), {*Lengths})
