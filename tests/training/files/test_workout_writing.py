"""Programs as QZ files: the written file can be read again, and QZ can run it."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.coaching.presets import PRESETS, preset_program
from custom_components.retrowalk.training.files.qz import write_qz
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Group, Ramp, Step
from tests.support.program_curve import curve_at
from tests.support.workout_files import read


def held(value: float) -> Ramp:
    return Ramp(value, value)


def again(program: Program) -> Program:
    return read(write_qz(program), name=program.name, direction=program.direction)


def test_a_program_is_written_as_qz_writes_it() -> None:
    program = Program(
        name="Hills",
        steps=(
            Step(seconds=60, speed=held(1.5)),
            Step(seconds=90, speed=Ramp(1.5, 2.25), incline=held(1), label='Lift "your" feet & <look>'),
            Group(repeat=3, steps=(Step(seconds=30, speed=held(2)), Step(seconds=20)), label="Again"),
            Step(seconds=3661),
        ),
        direction=Direction.FORWARD,
    )
    assert write_qz(program) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<rows>\n"
        '  <row duration="00:01:00" speed="1.5" forcespeed="1"/>\n'
        '  <row duration="00:01:30" speedfrom="1.5" speedto="2.25" forcespeed="1" inclination="1">'
        '<textevent timeoffset="0" message="Lift &quot;your&quot; feet &amp; &lt;look&gt;"/></row>\n'
        '  <repeat times="3">\n'
        '    <row duration="00:00:30" speed="2" forcespeed="1"><textevent timeoffset="0" message="Again"/></row>\n'
        '    <row duration="00:00:20"><textevent timeoffset="0" message="Again"/></row>\n'
        "  </repeat>\n"
        '  <row duration="01:01:01"/>\n'
        "</rows>\n"
    )
    assert again(program).flat() == program.flat()


def test_groups_in_groups_are_unrolled_as_qz_cannot_repeat_them() -> None:
    inner = Group(repeat=2, steps=(Step(seconds=10, speed=held(2)), Step(seconds=20, speed=held(1))))
    program = Program(name="Deep", steps=(Group(repeat=3, steps=(inner, Step(seconds=5)), label="Again"),))
    text = write_qz(program)
    assert text.count("<repeat") == 1
    assert text.count("<row ") == 5
    assert again(program).flat() == program.flat()


def test_a_group_of_broken_seconds_is_unrolled_so_that_the_end_time_stays() -> None:
    program = Program(name="Odd", steps=(Group(repeat=10, steps=(Step(seconds=10.3, speed=held(2)),)), Step(seconds=7)))
    assert "<repeat" not in write_qz(program)
    assert again(program).duration == 110 == program.duration
    assert [step.seconds for step in again(program).flat()][:4] == [10, 11, 10, 10]


def test_what_is_shorter_than_a_second_may_vanish() -> None:
    program = Program(name="Short", steps=(Step(seconds=0.2, speed=held(1), label="a"), Step(seconds=5, speed=held(2))))
    assert again(program).steps == (Step(seconds=5, speed=held(2)),)


def test_what_vanishes_still_sets_the_speed_of_what_follows() -> None:
    short = Step(seconds=0.2, speed=Ramp(1, 2), incline=held(1))
    group = Group(repeat=2, steps=(Step(seconds=5),))
    program = Program(name="Short", steps=(short, Step(seconds=0.1, incline=held(2)), group, Step(seconds=5)))
    first, *others = again(program).steps
    assert first == Step(seconds=5, speed=held(2), incline=held(2))
    assert others == [Step(seconds=5), Step(seconds=5)]


def test_after_a_ramp_a_step_says_itself_where_it_goes_on() -> None:
    """Repeat the values after a ramp: QZ ends it a tenth early, and stairs end below the top."""
    ramp = Step(seconds=60, speed=Ramp(1, 2), incline=Ramp(0, 1))
    steps = again(Program(name="Ramp", steps=(ramp, Step(seconds=5), Step(seconds=5)))).steps
    assert steps[-2:] == (Step(seconds=5, speed=held(2), incline=held(1)), Step(seconds=5))


@pytest.mark.parametrize(
    ("before", "group", "kept"),
    [
        (Step(seconds=9, speed=Ramp(1, 2)), (Step(seconds=5),), False),
        (Step(seconds=9, speed=Ramp(1, 2)), (Step(seconds=5, speed=held(1)),), True),
        (Step(seconds=9, incline=Ramp(1, 2)), (Step(seconds=5, speed=held(1)),), False),
        (Step(seconds=9), (Step(seconds=5), Step(seconds=5, speed=Ramp(1, 2))), False),
        (Step(seconds=9), (Step(seconds=5), Step(seconds=5, incline=Ramp(1, 2))), False),
        (Step(seconds=9), (Step(seconds=5), Step(seconds=5, speed=held(1))), True),
    ],
)
def test_a_group_stays_one_where_each_repeat_is_like_the_other(before: Step, group: tuple[Step], kept: bool) -> None:
    program = Program(name="Group", steps=(before, Group(repeat=3, steps=group), Step(seconds=2)))
    assert ("<repeat" in write_qz(program)) is kept
    read = again(program)
    assert read.duration == program.duration
    assert curve_at(read, 25) == curve_at(program, 25)


def test_an_inclined_ramp_becomes_stairs() -> None:
    program = Program(name="Hill", steps=(Step(seconds=60, speed=Ramp(1, 2), incline=Ramp(0, 1), label="Up"),))
    assert again(program).steps == (
        Step(seconds=30, speed=Ramp(1, 1.5), incline=held(0.25), label="Up"),
        Step(seconds=30, speed=Ramp(1.5, 2), incline=held(0.75)),
    )
    steep = Program(name="Wall", steps=(Step(seconds=3, incline=Ramp(-10, 40)), Step(seconds=60, incline=Ramp(1, 0))))
    steps = again(steep).flat()
    assert [step.seconds for step in steps] == [1, 1, 1, 30, 30]
    assert [step.incline.start for step in steps if step.incline] == pytest.approx([-1.667, 15, 31.667, 0.75, 0.25])


def test_qz_never_divides_by_nothing() -> None:
    """Avoid a zero divisor: QZ divides a ramp into tenths of km/h, and its duration by their number."""
    ramps = [Ramp(1.5, 1.6), Ramp(1.5, 1.4), Ramp(1.2, 1.1), Ramp(1, 1.3), Ramp(1, 20)]
    steps = tuple(Step(seconds=seconds, speed=ramp) for ramp in ramps for seconds in (1, 2, 3, 60))
    text = write_qz(Program(name="Ramps", steps=steps))
    rows = re.findall(r'duration="00:(\d\d):(\d\d)" speedfrom="([\d.]+)" speedto="([\d.]+)"', text)
    assert len(rows) == text.count("speedfrom") == 6
    for minutes, seconds, start, end in rows:
        assert int(abs(float(end) - float(start)) / 0.1) > 0
        assert int(minutes) * 60 + int(seconds) > 1
    small = Program(name="Small", steps=(Step(seconds=61, speed=Ramp(1.5, 1.6), label="A bit faster"),))
    assert again(small).steps == (
        Step(seconds=30, speed=held(1.5), label="A bit faster"),
        Step(seconds=31, speed=held(1.6)),
    )


def test_only_rows_and_texts_have_attributes() -> None:
    """Use no other attributes: QZ takes every other element that has them for a row."""
    program = Program(name="Names", steps=(Step(seconds=10, label="a"), Group(repeat=2, steps=(Step(seconds=10),))))
    tags = re.findall(r"<([a-z]+) ", write_qz(program))
    assert set(tags) <= {"row", "repeat", "textevent"}


def test_a_label_that_xml_cannot_hold_is_written_without_what_it_cannot() -> None:
    program = Program(name="Odd", steps=(Step(seconds=10, label="Look\0 \x1bahead\n\ud800 'now'"),))
    assert again(program).flat()[0].label == "Look ahead 'now'"


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_survives_the_way_through_qz(key: str) -> None:
    capabilities = Capabilities(speed_range=ValueRange(0.8, 16.0, 0.1), incline_range=ValueRange(0.0, 15.0, 0.5))
    program = preset_program(key, limits_for(capabilities, OwnerLimits(), Direction.BACKWARD), incline=1.0)
    read = again(program)
    assert read.duration == program.duration
    for second in range(int(program.duration)):
        wanted, there = curve_at(program, second + 0.5), curve_at(read, second + 0.5)
        assert there.speed == pytest.approx(wanted.speed, abs=0.08)
        assert there.incline == pytest.approx(wanted.incline, abs=0.26)


# Random programs

whole = st.integers(2, 120).map(float)
speeds = st.integers(5, 60).map(lambda tenth: tenth / 10)
inclines = st.integers(-10, 30).map(lambda half: half / 2)
labels = st.one_of(st.none(), st.sampled_from(["Faster", "Schneller, bitte", "<&\"'>"]))


def ramps(values: st.SearchStrategy[float], least: float) -> st.SearchStrategy[Ramp]:
    """Return constant values, and ramps that are not too small."""
    uneven = st.tuples(values, values).filter(lambda ends: abs(ends[1] - ends[0]) > least)
    return st.one_of(values.map(held), uneven.map(lambda ends: Ramp(*ends)))


def plain_programs(speed: st.SearchStrategy[Ramp | None]) -> st.SearchStrategy[Program]:
    """Return programs that a file can express: whole seconds, no nested groups, no inclined ramps."""
    incline = st.one_of(st.none(), inclines.map(held))
    step = st.builds(Step, seconds=whole, speed=speed, incline=incline, label=labels)
    group = st.builds(Group, repeat=st.integers(1, 4), steps=st.lists(step, min_size=1, max_size=3).map(tuple))
    steps = st.lists(st.one_of(step, group), min_size=1, max_size=4).map(tuple)
    return st.builds(Program, name=st.just("Any"), direction=st.just(Direction.FORWARD), steps=steps)


@settings(max_examples=150, deadline=None)
@given(st.one_of(plain_programs(ramps(speeds, 0.16)), plain_programs(st.one_of(st.none(), speeds.map(held)))))
def test_what_qz_can_say_is_read_as_it_was(program: Program) -> None:
    assert again(program) == program
    assert write_qz(again(program)) == write_qz(program)


@pytest.mark.parametrize(("seconds", "repeats", "steps"), [(120.0, 1, 20), (36.0, 100, 2), (7.0, 1, 1000)])
def test_a_file_has_no_more_steps_than_a_program_may_have(seconds: float, repeats: int, steps: int) -> None:
    climb = Step(seconds=seconds, speed=Ramp(1.0, 1.1), incline=Ramp(0.0, 15.0))
    parts = (Group(repeat=repeats, steps=(climb,) * steps),) if repeats > 1 else (climb,) * steps
    program = Program(name="Any", direction=Direction.FORWARD, steps=parts)
    read = again(program)
    assert 400 <= len(read.flat()) <= 1000
    assert read.duration == program.duration
    assert max(each.incline.end for each in read.flat() if each.incline) >= 7.5


any_steps = st.builds(
    Step,
    seconds=st.floats(0.5, 90).map(lambda seconds: round(seconds, 3)),
    speed=st.one_of(st.none(), ramps(st.floats(0.5, 8), 0)),
    incline=st.one_of(st.none(), ramps(st.floats(-5, 15), 0)),
    label=labels,
)
any_parts = st.recursive(
    any_steps,
    lambda parts: st.builds(
        Group, repeat=st.integers(1, 3), steps=st.lists(parts, min_size=1, max_size=2).map(tuple), label=labels
    ),
    max_leaves=3,
)
any_programs = st.builds(
    Program,
    name=st.just("Any"),
    direction=st.just(Direction.FORWARD),
    steps=st.lists(any_parts, min_size=1, max_size=3).map(tuple),
).filter(lambda program: program.duration > 1)


@settings(max_examples=60, deadline=None)
@given(any_programs)
@example(program=Program(name="Any", steps=(Group(repeat=2, steps=(Step(seconds=1.906, speed=Ramp(1, 6)),)),)))
@example(  # its stairs of 0.5 % would be more than 1000 steps
    program=Program(
        name="Any",
        direction=Direction.FORWARD,
        steps=(
            Group(
                repeat=9,
                steps=(
                    Step(seconds=52.0, speed=Ramp(1.0, 2.0), incline=Ramp(0.0, 13.0)),
                    Step(seconds=59.5, speed=Ramp(1.0, 2.0), incline=Ramp(12.0, -3.0)),
                ),
            ),
        ),
    )
)
def test_any_program_keeps_its_end_and_its_curve(program: Program) -> None:
    read = again(program)
    # A file that would have more than 1000 steps gets coarser stairs, and thus at least about 400 steps.
    off_by = 0.26 if len(read.flat()) <= 400 else 8.0
    edges = [stretch.begins + off for stretch in program.timed_steps for off in (-1e-6, 0)]
    assert abs(read.duration - program.duration) <= 0.5
    for second in range(int(program.duration)):
        # QZ uses whole seconds only, so a step may begin a little sooner or later.
        near_by = [second + off / 20 for off in range(-22, 23)]
        # The ends of a short, steep step lie between them.
        near_by += [edge for edge in edges if near_by[0] <= edge <= near_by[-1]]
        around = [curve_at(program, each) for each in near_by]
        there = curve_at(read, second + 0.01)
        for value, near, slack in (
            (there.speed, [each.speed for each in around], 0.08),
            (there.incline, [each.incline for each in around], off_by),
        ):
            known = [each for each in near if each is not None]
            if value is None:
                assert None in near
            else:
                assert min(known) - slack <= value <= max(known) + slack
