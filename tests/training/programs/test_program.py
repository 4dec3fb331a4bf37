"""Programs as users write them: what is accepted, what is refused and how, and the curve over time."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import MESSAGES, ProgramError
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.step_format import read_steps
from custom_components.retrowalk.training.programs.steps import DEEPEST, Group, Ramp, Step
from tests.support.program_curve import CurvePoint, curve_at

WRITTEN: dict[str, Any] = {
    "name": "Daily five",
    "direction": "backward",
    "steps": [
        {"minutes": 1, "speed": 1.5},
        {"seconds": 90, "speed": {"from": 1.5, "to": 2}, "incline": 1, "label": "Faster"},
        {
            "repeat": 3,
            "steps": [{"seconds": 30, "speed": 2.5}, {"seconds": 30, "speed": 1.5, "label": "Slow"}],
            "label": "Turns",
        },
    ],
}
NAN, INF = float("nan"), float("inf")


def refused(*steps: object, **changes: Any) -> ProgramError:
    with pytest.raises(ProgramError) as error:
        Program.from_dict({"name": "Test", "steps": list(steps)} | changes)
    assert "{" not in str(error.value)
    assert "step" in error.value.placeholders
    return error.value


def key_and_step(*steps: object, **changes: Any) -> tuple[str, str]:
    error = refused(*steps, **changes)
    return error.key, error.placeholders["step"]


def made(*steps: Any) -> Program:
    return Program.from_dict({"name": "Test", "steps": list(steps)})


def nested(depth: int) -> Any:
    return {"repeat": 2, "steps": [nested(depth - 1)]} if depth else {"seconds": 1}


# Reading and writing


def test_a_program_is_what_was_written() -> None:
    program = Program.from_dict(WRITTEN)
    assert program == Program(
        name="Daily five",
        steps=(
            Step(seconds=60, speed=Ramp(1.5, 1.5)),
            Step(seconds=90, speed=Ramp(1.5, 2.0), incline=Ramp(1.0, 1.0), label="Faster"),
            Group(
                repeat=3,
                steps=(
                    Step(seconds=30, speed=Ramp(2.5, 2.5)),
                    Step(seconds=30, speed=Ramp(1.5, 1.5), label="Slow"),
                ),
                label="Turns",
            ),
        ),
    )
    assert program.direction is Direction.BACKWARD
    assert program.as_dict() == WRITTEN
    assert json.loads(json.dumps(program.as_dict())) == WRITTEN


def test_who_writes_by_hand_is_understood() -> None:
    program = Program.from_dict(
        {
            "name": "  Mine ",
            "direction": "forward",
            "steps": (
                {"minutes": 1, "seconds": 30.5, "speed": 2, "label": " "},
                {"minutes": 0.5, "speed": {"to": 3, "from": 2.0}, "incline": None},
                {"seconds": 5, "repeat": 2.0},
                {"steps": [{"seconds": 10}]},
            ),
        }
    )
    assert program.name == "Mine"
    assert program.direction is Direction.FORWARD
    assert program.flat() == (
        Step(seconds=90.5, speed=Ramp(2.0, 2.0)),
        Step(seconds=30.0, speed=Ramp(2.0, 3.0)),
        Step(seconds=5.0),
        Step(seconds=5.0),
        Step(seconds=10.0),
    )
    assert Program.from_dict(program.as_dict()) == program
    assert program.as_dict()["steps"][0] == {"seconds": 90.5, "speed": 2}
    assert read_steps([{"seconds": 5}]) == (Step(seconds=5.0),)


def test_groups_are_unrolled_and_give_their_label() -> None:
    program = Program.from_dict(WRITTEN)
    assert [step.label for step in program.flat()] == [None, "Faster", *["Turns", "Slow"] * 3]
    inner = {"repeat": 2, "steps": [{"seconds": 1}]}
    assert [step.label for step in made({"repeat": 2, "label": "Outer", "steps": [inner]}).flat()] == ["Outer"] * 4


# Refusals


@pytest.mark.parametrize("data", [None, [], "steps", 5])
def test_what_is_no_program_is_refused(data: object) -> None:
    with pytest.raises(ProgramError) as error:
        Program.from_dict(data)
    assert (error.value.key, error.value.placeholders) == ("program_not_a_program", {"step": ""})


@pytest.mark.parametrize("name", [None, "", "  ", 5, "x" * 101])
def test_a_program_needs_a_name(name: object) -> None:
    assert refused({"seconds": 5}, name=name).key == "program_name"


def test_what_is_not_known_in_a_program_is_named() -> None:
    error = refused({"seconds": 5}, colour="red")
    assert (error.key, error.placeholders["key"]) == ("program_unknown_key_above", "colour")
    assert str(error) == "colour is not valid in a program. Valid: name, direction, steps."
    assert refused({"seconds": 5}, direction="sideways").placeholders == {"step": "", "value": "sideways"}
    assert refused({"seconds": 5}, direction=[]).key == "program_direction"


@pytest.mark.parametrize("steps", [None, [], "", {}, 5, {"seconds": 5}, "steps"])
def test_a_program_without_steps_is_refused(steps: object) -> None:
    assert refused(steps=steps).key == "program_empty"


@pytest.mark.parametrize(
    ("step", "key"),
    [
        (5, "program_not_a_step"),
        (None, "program_not_a_step"),
        ({}, "program_no_length"),
        ({"speed": 2}, "program_no_length"),
        ({"seconds": 0}, "program_length"),
        ({"minutes": 0.0}, "program_length"),
        ({"seconds": 0.0001}, "program_length"),
        ({"seconds": -5}, "program_length"),
        ({"minutes": -1, "seconds": 90}, "program_length"),
        ({"seconds": NAN}, "program_number"),
        ({"seconds": INF}, "program_number"),
        ({"minutes": 10**400}, "program_number"),
        ({"seconds": True}, "program_number"),
        ({"seconds": "1,5"}, "program_number"),
        ({"seconds": 5, "speed": NAN}, "program_number"),
        ({"seconds": 5, "speed": "fast"}, "program_number"),
        ({"seconds": 5, "speed": {"from": 1, "to": False}}, "program_number"),
        ({"seconds": 5, "speed": {"from": 1}}, "program_ramp"),
        ({"seconds": 5, "speed": {"from": 1, "to": 2, "over": 3}}, "program_ramp"),
        ({"seconds": 5, "speed": 0}, "program_speed"),
        ({"seconds": 5, "speed": -2}, "program_speed"),
        ({"seconds": 5, "speed": {"from": 1, "to": 31}}, "program_speed"),
        ({"seconds": 5, "incline": -11}, "program_incline"),
        ({"seconds": 5, "incline": {"from": 0, "to": 41}}, "program_incline"),
        ({"seconds": 5, "label": 5}, "program_label"),
        ({"seconds": 5, "label": "x" * 101}, "program_label"),
        ({"seconds": 5, "sped": 2}, "program_unknown_key"),
        ({"seconds": 5, 7: 2}, "program_unknown_key"),
        ({"repeat": 2, "steps": []}, "program_group_empty"),
        ({"repeat": 2, "steps": 5}, "program_group_empty"),
        ({"repeat": 2, "steps": [{"seconds": 5}], "speed": 2}, "program_unknown_key"),
        ({"repeat": 0, "steps": [{"seconds": 5}]}, "program_repeat"),
        ({"repeat": 101, "steps": [{"seconds": 5}]}, "program_repeat"),
        ({"repeat": 1.5, "steps": [{"seconds": 5}]}, "program_repeat"),
        ({"repeat": True, "steps": [{"seconds": 5}]}, "program_repeat"),
        ({"repeat": "twice", "steps": [{"seconds": 5}]}, "program_repeat"),
        ({"repeat": INF, "seconds": 5}, "program_repeat"),
        ({"repeat": NAN, "seconds": 5}, "program_repeat"),
    ],
)
def test_nonsense_is_refused_with_its_step(step: object, key: str) -> None:
    assert key_and_step({"seconds": 5}, {"seconds": 5}, step) == (key, "3")
    assert key_and_step({"repeat": 2, "steps": [step]}) == (key, "1.1")
    assert key_and_step({"seconds": 5}, {"repeat": 2, "steps": [{"repeat": 2, "steps": [{"seconds": 1}, step]}]}) == (
        key,
        "2.1.2",
    )


def test_messages_say_what_to_do() -> None:
    assert (
        str(refused({"seconds": 5}, {"seconds": -5}))
        == "Step 2: -5 s is not a valid length. Enter more than 0 seconds."
    )
    assert str(refused({"repeat": 2, "steps": [{"minutes": 1, "sped": 2}]})) == (
        "Step 1.1: sped is not valid here. Valid: minutes, seconds, speed, incline, label, repeat."
    )
    assert len(str(refused({"seconds": "x" * 1000}))) < 200
    assert all(text.endswith(".") for text in MESSAGES.values())


def test_s15_a_program_is_no_longer_than_a_session_may_be() -> None:
    assert made({"minutes": 30}).duration == 1800
    error = refused({"minutes": 15}, {"minutes": 15}, {"seconds": 6})
    assert (error.key, error.placeholders) == ("program_too_long", {"step": "", "minutes": "30.1", "maximum": "30"})
    assert refused({"minutes": 121}, direction="forward").placeholders["maximum"] == "120"
    Program.from_dict({"name": "Long", "direction": "forward", "steps": [{"minutes": 120}]})


def test_a_program_has_at_most_a_thousand_steps() -> None:
    assert len(made({"repeat": 100, "steps": [{"seconds": 1}] * 10}).flat()) == 1000
    assert refused({"repeat": 100, "steps": [{"seconds": 1}] * 10}, {"seconds": 1}).key == "program_too_many_steps"
    assert refused(*[{"seconds": 1}] * 1001).key == "program_too_many_steps"
    # The steps are counted without expanding the groups.
    bomb: Any = {"seconds": 1}
    for _ in range(DEEPEST):
        bomb = {"repeat": 100, "steps": [bomb]}
    assert refused(bomb).key == "program_too_many_steps"


def test_groups_are_not_nested_forever() -> None:
    assert len(made(nested(DEEPEST)).flat()) == 32
    assert key_and_step(nested(DEEPEST + 1)) == ("program_too_deep", "1.1.1.1.1.1")
    deep: Any = {"seconds": 1}
    for _ in range(100_000):
        deep = {"steps": [deep]}
    assert refused(deep).key == "program_too_deep"
    while deep:
        deep = deep.get("steps", [None])[0]


def test_programs_that_are_made_otherwise_are_looked_at_as_well() -> None:
    deep: Step | Group = Step(seconds=1.0)
    for _ in range(DEEPEST + 2):
        deep = Group(repeat=1, steps=(deep,))
    for steps, key in (
        ((), "program_empty"),
        ((Group(repeat=1, steps=()),), "program_group_empty"),
        ((Step(seconds=NAN),), "program_number"),
        ((Step(seconds=5, speed=Ramp(1.0, INF)),), "program_number"),
        ((Step(seconds=5, label=""),), "program_label"),
        ((Group(repeat=0, steps=(Step(seconds=1),)),), "program_repeat"),
        ((deep,), "program_too_deep"),
    ):
        with pytest.raises(ProgramError) as error:
            Program(name="Test", steps=steps)
        assert error.value.key == key


# The curve


def test_the_curve_is_exact() -> None:
    program = Program.from_dict(WRITTEN)
    assert program.duration == 60 + 90 + 3 * 60
    for seconds, target in (
        (-5, CurvePoint(1.5, None)),
        (0, CurvePoint(1.5, None)),
        (59.999, CurvePoint(1.5, None)),
        (60, CurvePoint(1.5, 1.0)),
        (105, CurvePoint(1.75, 1.0)),
        (150, CurvePoint(2.5, 1.0)),  # what a step leaves out stays unchanged
        (180, CurvePoint(1.5, 1.0)),
        (329.999, CurvePoint(1.5, 1.0)),
        (330, CurvePoint(1.5, 1.0)),
        (1e9, CurvePoint(1.5, 1.0)),
    ):
        assert curve_at(program, seconds) == target
    assert made({"repeat": 100, "seconds": 0.1}).duration == 10.0
    assert curve_at(made({"seconds": 10, "speed": {"from": 1, "to": 2}}), 10) == CurvePoint(2.0, None)


values = st.floats(0.1, 20).map(lambda value: round(value, 2))


@given(
    start=values,
    end=values,
    seconds=st.floats(1, 1800).map(lambda value: round(value, 1)),
    times=st.lists(st.floats(0, 1), min_size=2, max_size=20).map(sorted),
)
def test_a_ramp_goes_one_way_and_never_beyond_its_ends(
    start: float, end: float, seconds: float, times: list[float]
) -> None:
    program = made({"seconds": seconds, "speed": {"from": start, "to": end}})
    speeds = [curve_at(program, part * seconds).speed or 0.0 for part in times]
    assert speeds == sorted(speeds, reverse=end < start)
    assert all(min(start, end) <= speed <= max(start, end) for speed in speeds)
    assert curve_at(program, 0).speed == start
    assert curve_at(program, seconds).speed == end
    assert all(stretch.ends > stretch.begins for stretch in program.timed_steps)


ramps = st.none() | st.builds(Ramp, values, values)
labels = st.none() | st.text(min_size=1, max_size=9).map(lambda text: f"a{text}z")
steps = st.builds(
    Step,
    seconds=st.floats(0.1, 60).map(lambda value: round(value, 3)),
    speed=ramps,
    incline=ramps,
    label=labels,
)
tree = st.recursive(
    steps,
    lambda inside: st.builds(
        Group, repeat=st.integers(1, 3), steps=st.lists(inside, min_size=1, max_size=3).map(tuple), label=labels
    ),
    max_leaves=5,
)


@given(steps=st.lists(tree, min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_again(steps: tuple[Step | Group, ...]) -> None:
    try:
        program = Program(name="Any", direction=Direction.FORWARD, steps=steps)
    except ProgramError as error:
        refusal = error
        program = None
    if program is None:
        assert refusal.key in {"program_too_deep", "program_too_long"}
    else:
        assert Program.from_dict(json.loads(json.dumps(program.as_dict()))) == program


@pytest.mark.parametrize("key", ["speed", "incline"])
def test_a_row_with_an_end_is_a_ramp(key: str) -> None:
    rows = [{"minutes": 1, "speed": 1, key: 1, f"{key}_to": 2}]
    assert steps_of(rows) == steps_of([{"minutes": 1, "speed": 1, key: {"from": 1, "to": 2}}])


def test_a_ramp_without_a_beginning_begins_where_the_step_before_it_ends() -> None:
    held = [{"minutes": 1, "speed": 1}, {"minutes": 1}, {"minutes": 1, "speed_to": 2}, {"minutes": 1, "speed_to": 1.5}]
    written = [{"from": 1, "to": 2}, {"from": 2, "to": 1.5}]
    assert steps_of(held)[2:] == steps_of([{"minutes": 1, "speed": ramp} for ramp in written])
    group = [{"repeat": 2, "steps": [{"minutes": 1, "speed": {"from": 1, "to": 3}}]}, {"minutes": 1, "speed_to": 2}]
    assert steps_of(group)[1] == steps_of([{"minutes": 1, "speed": {"from": 3, "to": 2}}])[0]


def test_empty_fields_of_a_row_are_as_if_they_were_not_there() -> None:
    empty = dict.fromkeys(("seconds", "speed_to", "incline", "incline_to", "repeat", "label"))
    assert steps_of([{"minutes": 1, "speed": 1, **empty}]) == steps_of([{"minutes": 1, "speed": 1}])


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"speed_to": 2}, "program_ramp_without_begin"),
        ({"speed": 1, "incline_to": 2}, "program_ramp_without_begin"),
        ({"speed": {"from": 1, "to": 2}, "speed_to": 2}, "program_number"),
        ({"speed": 1, "speed_to": "2"}, "program_number"),
        ({"speed": 1, "speed_to": 99}, "program_speed"),
        ({"speed_to": 2, "steps": []}, "program_unknown_key"),
    ],
)
def test_an_impossible_row_is_refused(row: dict[str, Any], key: str) -> None:
    assert refused({"minutes": 1, **row} if "steps" not in row else row).key == key


def steps_of(rows: list[dict[str, Any]]) -> tuple[Step | Group, ...]:
    return Program.from_dict({"name": "Mine", "direction": "backward", "steps": rows}).steps
