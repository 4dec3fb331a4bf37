"""S3: nothing that a user writes or presses blocks the event loop, which the next Stop needs.

Time is measured in units of one reading of the longest possible program, taken in the same run: a slow machine is
slow in both. The shortest of several runs counts.
"""

from collections.abc import Callable
from time import thread_time
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.errors import MESSAGES, ProgramError
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import DEEPEST, MOST_STEPS
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.session.remaining import remaining_session
from custom_components.retrowalk.training.steering.profile import Profile
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_run import plan_of, program, started
from tests.support.session_run import SessionRun, rules
from tests.support.workout_files import read

HUGE = 10**5000
LEAF = {"seconds": 1, "speed": 1.5}
LONGEST = [
    {"seconds": 1.7, "speed": {"from": 1.2 + i % 9 / 10, "to": 1.3 + i % 7 / 10}, "incline": i % 5 / 2}
    for i in range(MOST_STEPS)
]


def held(work: Callable[[], object]) -> float:
    """Return how long (s) work blocks the loop, in time of this thread only, as others use the machine too."""
    begun = thread_time()
    work()
    return thread_time() - begun


def least(work: Callable[[], object], times: int = 3) -> float:
    return min(held(work) for _ in range(times))


@pytest.fixture(scope="module")
def unit() -> float:
    return least(lambda: program(*LONGEST), times=5)


def refused(steps: Any) -> str:
    with pytest.raises(ProgramError) as raised:
        Program.from_dict({"name": "Test", "steps": steps})
    assert len(str(raised.value)) < 400
    return raised.value.key


def shared(width: int, levels: int) -> list[Any]:
    """Return steps as YAML aliases create them: each group holds one list many times."""
    steps: list[Any] = [LEAF] * width
    for _ in range(levels):
        steps = [{"repeat": 1, "steps": steps}] * width
    return steps


@pytest.mark.parametrize("width", [16, 1000])
def test_s3_a_program_has_one_budget_for_all_its_steps_however_they_are_shared(width: int, unit: float) -> None:
    steps = shared(width, DEEPEST - 1)
    assert refused(steps) == "program_too_many_steps"
    assert least(lambda: refused(steps)) < 5 * unit


def test_s3_a_program_that_is_in_itself_is_refused() -> None:
    steps: list[Any] = []
    steps.append({"steps": steps})
    assert refused(steps) == "program_too_deep"


def test_s3_as_many_steps_as_there_may_be_are_read_in_groups_too() -> None:
    groups = [{"steps": [LEAF] * 10, "repeat": 1}] * (MOST_STEPS // 10)
    assert len(program(*groups).flat()) == MOST_STEPS
    assert refused([*groups, LEAF]) == "program_too_many_steps"
    assert refused([LEAF] * (MOST_STEPS + 1)) == "program_too_many_steps"


def deep() -> Any:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    return value


def laughing() -> Any:
    value: Any = ["ha"] * 10
    for _ in range(9):
        value = [value] * 10
    return value


@pytest.mark.parametrize(
    "value",
    [HUGE, -HUGE, 1 << 20_000, float("nan"), float("inf"), deep(), laughing(), "9" * 10**6, {}, object()],
    ids=["huge", "less", "bits", "nan", "inf", "deep", "laughing", "long", "mapping", "object"],
)
@pytest.mark.parametrize("key", ["seconds", "minutes", "speed", "incline", "repeat", "label", "from", "steps"])
def test_s3_what_is_no_number_and_no_text_is_refused_in_words(key: str, value: Any) -> None:
    step: dict[str, Any] = {"speed": {"from": value, "to": 1}} if key == "from" else {key: value}
    assert refused([LEAF, {"seconds": 1} | step]) in MESSAGES


def test_s3_huge_keys_names_and_directions_are_refused_in_words() -> None:
    assert refused([{"seconds": 1, HUGE: 1}]) == "program_unknown_key"
    assert refused([{"seconds": 1, "speed": dict.fromkeys(range(100_000))}]) == "program_ramp"
    for data, key in (
        ({HUGE: 1}, "program_unknown_key_above"),
        ({"name": HUGE, "steps": [LEAF]}, "program_name"),
        ({"name": "x" * 10**6, "steps": [LEAF]}, "program_name"),
        ({"name": "x", "direction": HUGE, "steps": [LEAF]}, "program_direction"),
        ({"name": "x", "direction": deep(), "steps": [LEAF]}, "program_direction"),
        ({"name": "x", "direction": None, "steps": [LEAF]}, "program_direction"),
    ):
        with pytest.raises(ProgramError) as raised:
            Program.from_dict(data)
        assert raised.value.key == key


def test_a_message_shows_a_huge_number_by_its_size() -> None:
    with pytest.raises(ProgramError, match=r"Step 1: -1e500\d is not a number of repeats"):
        Program.from_dict({"name": "x", "steps": [{"seconds": 1, "repeat": -HUGE}]})


def test_s3_files_stop_at_the_first_step_too_many(unit: float) -> None:
    text_event = '<textevent timeoffset="1" message="Hello"/>'
    blocks = (
        '<IntervalsT Repeat="100" OnDuration="5" OffDuration="5" OnPower="1" OffPower="0.5">'
        + text_event
        + "</IntervalsT>"
    ) * 1500
    zwo = f"<workout_file><name>x</name><sportType>run</sportType><workout>{blocks}</workout></workout_file>"
    rows = "<rows>" + '<row duration="00:00:01" speed="1.5"/>' * 4000 + "</rows>"

    def tried(content: str) -> None:
        with pytest.raises(ProgramError) as raised:
            read(content, name="x", full_speed_kmh=3.0)
        assert raised.value.key == "program_too_many_steps"

    for content in (zwo, rows):
        assert least(lambda content=content: tried(content)) < 20 * unit  # type: ignore[misc]


@pytest.fixture
def run() -> SessionRun:
    """Return a session in the middle of the longest program."""
    run = started(program(*LONGEST))
    run.go(400)
    return run


CHANGES: dict[str, Callable[[SessionRun, int], object]] = {
    "speed": lambda run, i: run.session.set_speed(1.5 + i % 5 / 10, caller=Caller.PERSON),
    "incline": lambda run, i: run.session.set_incline(i % 3 / 2, caller=Caller.PERSON),
    "slower": lambda run, _: run.session.slow_down(0.1),
    "ramp": lambda run, i: run.session.ramp_to(1.5 + i % 5 / 10, 0.5, over=60, caller=Caller.PERSON),
    "skip": lambda run, _: run.session.skip_step(caller=Caller.PERSON),
    "tick": lambda run, _: run.session.tick(run.now),
}


@pytest.mark.parametrize("what", CHANGES)
def test_s3_a_hundred_changes_of_a_long_program_in_a_second_hold_nothing_up(
    run: SessionRun, unit: float, what: str
) -> None:
    """Stay below 100 ms for a hundred changes; reading the program once takes about 6 ms."""

    def change() -> None:
        for i in range(100):
            CHANGES[what](run, i)
            ahead = remaining_session(run.session, None)
            assert ahead is not None
            assert ahead.key
            run.collect()

    assert least(change) < 16 * unit


def test_s3_a_hundred_times_ready_with_a_long_program_hold_nothing_up(unit: float) -> None:
    run = SessionRun()
    its_program = program(*LONGEST)

    def change() -> None:
        for i in range(100):
            facing = Direction.FORWARD if i % 2 else Direction.BACKWARD
            request = SessionRequest(direction=facing, program=its_program.facing(facing))
            run.session.prepare(run.now, caller=Caller.PERSON, request=request)

    assert least(change) < 16 * unit


def test_s3_a_change_works_out_no_step_that_nobody_looks_at(run: SessionRun, monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[int] = []
    make = Profile._made

    def made(curve: Profile, step: int) -> Any:
        worked_out.append(step)
        return make(curve, step)

    monkeypatch.setattr(Profile, "_made", made)
    for i in range(100):
        run.session.set_speed(1.5 + i % 5 / 10, caller=Caller.PERSON)
    assert 0 < len(worked_out) <= 300


def test_what_is_worked_out_late_is_what_it_would_have_been_from_the_beginning() -> None:
    """Defer an incline that a rising speed leaves no time for, over as many steps as needed."""
    steps = [{"seconds": 10, "speed": 1.1 + i / 10, "incline": 1.0 + i % 4 / 2} for i in range(15)]
    its_program = program({"seconds": 30, "incline": 0.5}, *steps, {"seconds": 300, "speed": 2.0, "incline": 3.0})
    limits = rules(speed=ValueRange(1.0, 12.0, 0.1)).limits(Direction.BACKWARD)
    ends = its_program.duration
    forward = list(Profile(its_program, limits).legs_from(0.0))
    for seconds in range(int(ends), -1, -1):
        late = Profile(its_program, limits).leg_at(float(seconds))
        assert late in forward
        assert late.begins <= seconds <= late.ends
    assert any(leg.incline is not None and leg.incline.end == 0.5 and leg.step > 5 for leg in forward), "it waits"


def test_a_program_the_other_way_round_is_the_same_but_may_not_last_as_long() -> None:
    forward = program({"minutes": 31, "speed": 2.0}, direction=Direction.FORWARD)
    assert forward.facing(Direction.FORWARD) is forward
    with pytest.raises(ProgramError) as raised:
        forward.facing(Direction.BACKWARD)
    assert raised.value.key == "program_too_long"
    backward = program(*LONGEST)
    turned = backward.facing(Direction.FORWARD)
    assert (turned.direction, backward.direction) == (Direction.FORWARD, Direction.BACKWARD)
    assert turned.timed_steps == backward.timed_steps
    assert turned == program(*LONGEST, direction=Direction.FORWARD)
    assert isinstance(ProgramPlan(turned, rules().limits(Direction.FORWARD)), ProgramPlan)


def test_a_program_without_a_speed_is_walked_at_the_minimum() -> None:
    run = started(program({"minutes": 5, "incline": 1.0}))
    assert plan_of(run).main.speed == 1.0
