"""Benchmark of how closely the virtual belt follows a program's planned curve, and of the cost of planning."""

import math
from time import perf_counter

import pytest

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.coaching.presets import PRESETS, preset_program
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.steering.forecast import planned_steps
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan
from tests.support.effort import FIGURES
from tests.support.program_run import STARTED_UP, off_by, plan_of, planned_at, program, started
from tests.support.session_run import SessionRun, rules

DECK = ValueRange(0.0, 15.0, 0.5)
ACCELERATION = 0.25  # km/h per s
HILLY = program(
    {"minutes": 2, "speed": 1.5},
    {"minutes": 2, "speed": {"from": 1.5, "to": 2.5}},
    {"minutes": 1, "incline": 1},
    {"repeat": 2, "steps": [{"minutes": 2, "speed": 2.8}, {"minutes": 1, "speed": 2.0, "incline": 0}]},
    {"minutes": 4, "speed": {"from": 2.0, "to": 3.0}, "incline": {"from": 0, "to": 2}},
    {"minutes": 3, "speed": {"from": 3.0, "to": 1.0}, "incline": {"from": 2, "to": 0}},
)
TRIED = list(PRESETS) if FIGURES else []
MACHINES = [(0.5, 0.1), (0.8, 0.16), (1.0, 0.1), (1.0, 0.2), (1.0, 0.5), (1.6, 0.1), (2.0, 0.5)][:: 1 if FIGURES else 4]


def root_mean_square(its_program: Program, run: SessionRun) -> float:
    """Return the RMS deviation of the speed from the plan at each half second, in km/h, without tolerance."""
    run = started(its_program, run)
    planned, squares = planned_steps(plan_of(run)), []
    length = plan_of(run).length
    while run.session.moving_time < length - 1:
        run.go(0.5)
        seconds = run.session.moving_time
        if seconds > STARTED_UP:
            squares.append((run.treadmill.speed - planned_at(planned, seconds).speed) ** 2)
    return math.sqrt(sum(squares) / len(squares))


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_tracking(capsys: pytest.CaptureFixture[str]) -> None:
    """Test that the belt deviates from the plan by at most one step of the machine and its own ramp."""
    own_ramp = 0.5 / ACCELERATION + 0.5  # s that the belt needs for the largest command, and until it is reported
    lines = []
    for minimum, step in MACHINES:
        speeds = ValueRange(minimum, round(minimum + 60 * step, 2), step)
        its_rules = rules(speed=speeds, incline=DECK)
        limits = limits_for(
            Capabilities(speed_range=speeds, incline_range=DECK), OwnerLimits(), Direction.BACKWARD, novice=False
        )
        speed = incline = rms = 0.0
        for its_program in (HILLY, *(preset_program(key, limits) for key in TRIED)):
            run = started(its_program, SessionRun(its_rules, acceleration=ACCELERATION))
            off = off_by(run, planned_steps(plan_of(run)), within=own_ramp)
            speed, incline = max(speed, off[0]), max(incline, off[1])
            rms = max(rms, root_mean_square(its_program, SessionRun(its_rules, acceleration=ACCELERATION)))
        assert speed <= max(step, 0.1) + 1e-6
        assert incline <= DECK.step + 1e-6
        lines.append(f"{minimum:8.1f} {step:6.2f} {speed:10.3f} {rms:8.3f} {incline:10.2f}")

    limits = limits_for(
        Capabilities(speed_range=ValueRange(1.0, 12.0, 0.1), incline_range=DECK), OwnerLimits(), Direction.BACKWARD
    )
    most = Program.from_dict({"name": "Most", "steps": [{"seconds": 0.9, "speed": 1 + i % 2} for i in range(1000)]})
    costs = []
    for its_program in (HILLY, most):
        begin = perf_counter()
        plan = ProgramPlan(its_program, limits)
        planned = planned_steps(plan)
        costs.append(f"{len(its_program.flat()):5d} steps: {1000 * (perf_counter() - begin):7.1f} ms")
        assert planned
    with capsys.disabled():
        print(  # noqa: T201
            "\nOff the plan, the worst of all presets and a hilly program (km/h, %):"
            "\n minimum   step  off speed   r.m.s. off incline\n" + "\n".join(lines) + "\nPlanning:",
            *costs,
            sep="\n  ",
        )
