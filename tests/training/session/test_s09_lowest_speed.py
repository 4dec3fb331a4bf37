"""A machine's minimum may be no speed: the check run finds the lowest that the belt obeys (S9)."""

from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.model import CommandKind
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.result import CheckResult, Failure
from custom_components.retrowalk.training.limits import Measured
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, SessionState
from tests.support.odd_machines import Scenario, World

MACHINES = ("stops", "ignores", "declines", "clamps")
"""What the machines of the field reports do with a target below the least that they go."""
START = 0.6


def scenario(below: str, *, claims: float = 0.0, **faults: object) -> Scenario:
    return Scenario(
        speed=(claims, 0.1),
        faults={"least_speed": START, "below_least": below, **faults},
        house={"measured": {"start_speed": START}},
    )


def speeds(world: World) -> list[float]:
    return [command.value or 0.0 for _, command in world.sent if command.kind is CommandKind.SET_SPEED]


def check(world: World, **tries: bool) -> CheckRun:
    """Play a check run to its end."""
    world.treadmill.occupied = False
    world.sent.clear()
    run = world.session.start_check(world.now, caller=Caller.PERSON, **tries)
    world.collect()
    for _ in range(400):
        world.go(1)
        if world.session.check is None and world.session.state in BETWEEN_SESSIONS:
            world.treadmill.occupied = True
            return run
    raise AssertionError(f"never over: {world.session.state} {run.phase} {run.failure}")


def take_over(world: World, found: CheckResult) -> None:
    """Let the session know what the check run measured."""
    measured = Measured(start_speed=found.start_speed, lowest=found.lowest, step=found.step, stop_step=found.stop_step)
    world.session.apply_rules(replace(world.session.rules, measured=measured))


def walk(world: World) -> None:
    """Play a backward session: a rise, a pause, a resume, and the cool-down, judged by the safety rules."""
    world.sent.clear()
    world.go(10)
    for wait, what, value in (
        (0, "start", None),
        (3, "start", None),
        (60, "set_speed", 1.2),
        (60, "set_speed", 0.0),
        (30, "pause", None),
        (20, "resume", None),
        (3, "resume", None),
        (60, "finish", None),
    ):
        world.go(wait)
        world.act(what, value)
    world.go(90)
    assert world.session.state in BETWEEN_SESSIONS
    assert world.treadmill.at_rest


@pytest.mark.parametrize("below", MACHINES)
def test_s9_a_minimum_of_zero_is_never_sent_and_the_start_speed_is_the_lowest(below: str) -> None:
    world = World(scenario(below))
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.start_speed, run.result.lowest) == (None, START, START)
    assert speeds(world) == [START, 0.7]
    take_over(world, run.result)
    walk(world)
    assert min(speeds(world)) == START
    assert max(speeds(world)) == 1.2


@pytest.mark.parametrize("below", ["ignores", "declines", "clamps"])
def test_s9_a_minimum_that_the_belt_does_not_go_down_to_is_not_the_lowest(below: str) -> None:
    world = World(scenario(below, claims=0.3))
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.lowest, run.result.step) == (None, START, 0.1)
    assert speeds(world) == [0.3, START + 0.1]
    take_over(world, run.result)
    walk(world)
    assert min(speeds(world)) == START


@pytest.mark.parametrize("tells", [False, True])
def test_s9_a_minimum_that_stops_the_belt_is_left_out_of_the_next_run(tells: bool) -> None:
    world = World(scenario("stops", claims=0.3, reports_own_stops=tells))
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.lowest) == (Failure.MINIMUM_STOPS, START)
    assert run.failure.blames_machine
    world.go(10)
    again = check(world, minimum=False)
    assert (again.failure, again.result.lowest) == (None, START)
    assert speeds(world) == [START, 0.7]
    take_over(world, again.result)
    walk(world)
    assert min(speeds(world)) == START


def test_s9_a_belt_that_goes_down_halfway_has_its_lowest_there() -> None:
    world = World(scenario("clamps", claims=0.3, starts_at=1.0))
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.start_speed, run.result.lowest) == (None, 1.0, START)
    assert speeds(world) == [0.3, 0.7]


def test_s9_a_lowest_speed_between_two_steps_is_the_next_that_can_be_asked_for() -> None:
    world = World(Scenario(speed=(0.3, 0.5), faults={"least_speed": 1.0, "below_least": "clamps", "starts_at": 1.0}))
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.lowest) == (None, 1.3)
    assert speeds(world) == [0.3, 1.3, 1.8]


def test_s9_what_looks_like_miles_at_the_minimum_is_told_by_the_next_step() -> None:
    world = World(
        Scenario(speed=(0.5, 0.1), faults={"least_speed": 0.8, "below_least": "ignores"})  # 0.8 km/h is 0.5 mph
    )
    world.go(4)
    run = check(world)
    assert (run.failure, run.result.lowest) == (None, 0.8)


@pytest.mark.parametrize("below", MACHINES)
def test_s3_the_last_step_of_a_stop_is_the_start_speed_and_never_zero(below: str) -> None:
    """A target of 0 might be ignored or declined as Stop and Pause are; the start speed is known to be obeyed."""
    world = World(scenario(below, stop_ignored=True))
    world.go(4)
    for wait, what, value in ((0, "start", None), (3, "start", None), (60, "set_speed", 1.2), (90, "stop", None)):
        world.go(wait)
        world.act(what, value)
    assert world.session.state is SessionState.STOPPING
    world.go(60)
    assert min(speeds(world)) == START
    assert any(command.urgent and command.value == START for _, command in world.sent)
    assert round(world.treadmill.speed, 2) == START


@pytest.mark.parametrize("below", MACHINES)
def test_s3_the_last_step_of_a_check_runs_stop_is_what_the_belt_started_with(below: str) -> None:
    world = World(replace(scenario(below, stop_ignored=True, overshoot=0.4, least_speed=START), house={}))
    world.go(4)
    run = world.session.start_check(world.now, caller=Caller.PERSON)
    world.collect()
    world.go(200)
    assert run.failure is not None
    assert all(kmh > 0 for kmh in speeds(world))
    world.faults.stop_ignored = False
    world.go(60)
    assert world.treadmill.at_rest
