"""What the next session will be, before anybody starts it: its steps, the cuts, about how far and how many calories."""

from dataclasses import replace
from math import ceil
from typing import NamedTuple

from ..history.energy import EnergyMeter
from ..limits import Limits
from ..steering.forecast import PlannedStep
from ..steering.session_plan import SessionPlan, SessionRequest
from .preview import Cut, preview
from .program import Program
from .steps import Ramp, Step

_PIECE = 10.0  # s over which a ramp counts as its mean


class Outlook(NamedTuple):
    """What comes of a request; empty where the speed cannot be steered."""

    steps: tuple[PlannedStep, ...] = ()
    meters: float = 0.0
    kcal: float = 0.0  # gross
    cuts: tuple[Cut, ...] = ()


def outlook(request: SessionRequest, limits: Limits, meter: EnergyMeter) -> Outlook:
    """Return what a session will be that begins at rest; `meter` is new, and the walker's."""
    if limits.speed is None:
        return Outlook()
    found = preview(request.program or _as_program(request, limits), limits)
    for step in found.planned:
        _spend(meter, step)
    cuts = found.cuts
    if request.program is None:  # its only step has no number for the walker
        cuts = tuple(replace(cut, steps=()) for cut in cuts)
    return Outlook(steps=found.planned, meters=found.meters, kcal=meter.gross_kcal, cuts=cuts)


def _as_program(request: SessionRequest, limits: Limits) -> Program:
    """Return a session of one speed as a program of one step, as it is asked for."""
    plan = SessionPlan(request.length, request.speed, request.incline, limits)
    speed = plan.main.speed if request.speed is None else request.speed
    incline = plan.main.incline if request.incline is None else request.incline
    held = None if incline is None else Ramp(incline, incline)
    return Program(
        name="walk",
        direction=limits.direction,
        steps=(Step(seconds=plan.length, speed=Ramp(speed, speed), incline=held),),
    )


def _spend(meter: EnergyMeter, step: PlannedStep) -> None:
    pieces = max(ceil(step.seconds / _PIECE), 1)
    for number in range(pieces):
        part = (number + 0.5) / pieces
        meter.add(step.seconds / pieces, step.speed.at(part), step.incline.at(part) if step.incline else 0.0)
