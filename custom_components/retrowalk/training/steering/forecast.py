"""What the belt will do along a program: its steering, tried out beforehand on a belt that obeys at once.

So it shows what really happens: where a rise is too steep (S5) the constant stretch after it shrinks, and where none is
left the peak drops; speed and incline rise one after the other; the cool-down begins when it has to.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...machine.model import BeltState, Command, CommandKind, Telemetry
from ..belt.belt import Belt
from ..programs.steps import Ramp
from ..states import SessionState
from .axis import RISE_NOTICE
from .command_verifier import CommandVerifier
from .program_plan import ProgramPlan
from .session_plan import Target
from .steering import Steering

_TICK = 1.0  # s
_CHANGE = 2.0  # s over which a command is drawn: belts take about so long for the largest

_PAUSE = 3.0  # times the time between two commands, after which the next one is another change
_NEARLY = 0.5  # of a command, by which an even line may be off it

type _Points = list[tuple[float, float]]  # a second of the session, and the value from then on


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A part of a session in which speed (km/h) and incline (%) change evenly; times in s of the session."""

    begins: float
    seconds: float
    phase: SessionState
    speed: Ramp
    incline: Ramp | None
    label: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the form for response data."""
        data: dict[str, Any] = {"start": round(self.begins, 1), "seconds": round(self.seconds, 1)}
        data |= {"phase": self.phase.value, "speed": _range_of(self.speed)}
        if self.incline is not None:
            data["incline"] = _range_of(self.incline)
        return data if self.label is None else data | {"label": self.label}


def _range_of(ramp: Ramp) -> dict[str, float]:
    return {"from": round(ramp.start, 2), "to": round(ramp.end, 2)}


def planned_steps(plan: ProgramPlan, *, since: float = 0.0, present: Target | None = None) -> tuple[PlannedStep, ...]:
    """Return what is left of a session at a second, on a belt that then does `present`; by default all of it.

    The steps follow each other without a gap up to the session's end; at the end none are left.
    """
    present = present or plan.least
    speed, incline = [(since, present.speed)], [(since, present.incline or 0.0)]
    cools = plan.length
    for seconds, found in _tried(plan, since, present):
        if isinstance(found, Command):
            (speed if found.kind is CommandKind.SET_SPEED else incline).append((seconds, found.value or 0.0))
        else:
            cools = found
    begins = [stretch.begins - plan.skipped for stretch in plan.program.timed_steps]
    parts = sorted({since, *(begin for begin in (plan.warm_up, *begins) if since < begin < cools), cools, plan.length})
    limits = plan.limits
    lines = [
        _bends(points, parts, _NEARLY * (pace.step if pace else 0.0))
        for points, pace in ((speed, limits.speed_up), (incline, limits.incline_pace))
    ]
    marks = sorted({seconds for line in lines for seconds, _ in line}.union(parts))
    return tuple(_steps(plan, [mark for mark in marks if mark >= since], cools, *lines))


def _tried(plan: ProgramPlan, since: float, present: Target) -> Iterator[tuple[float, Command | float]]:
    """Yield each command with its second, and when the cool-down begins."""
    belt = Belt(deck_shown=True)
    speed = max(present.speed, plan.least.speed)  # a belt that has just begun to move gets there by itself
    _move(belt, since, speed, present.incline)
    steering = Steering(plan.limits, plan, CommandVerifier(), belt, since, speed=speed, rises={})
    seconds = since
    while seconds < plan.length:
        _move(belt, seconds, steering.pilot.commanded_speed, steering.pilot.commanded_incline)
        cooled = steering.cool_down
        done = steering.advance(belt, seconds, seconds)
        if cooled is not steering.cool_down and steering.cool_down is not None:
            yield seconds, steering.cool_down.begins
        yield from ((seconds, found) for found in done if isinstance(found, Command))
        still = not done and steering.cool_down is None and steering.pilot.has_arrived
        constant = (
            plan.constant_until(seconds, steering.pilot.commanded_speed, steering.pilot.commanded_incline)
            if still
            else seconds
        )
        # Nothing happens before it is time to announce what comes next.
        seconds = max(seconds + _TICK, constant - RISE_NOTICE - _TICK)


def _move(belt: Belt, seconds: float, speed: float, incline: float | None) -> None:
    belt.observe(Telemetry(received=seconds, belt=BeltState.MOVING, speed=speed, incline=incline), seconds)


def _bends(points: _Points, parts: list[float], tolerance: float) -> _Points:
    """Draw even lines through the single commands, each in one direction and in one part of the session.

    Slow commands become lines through the middle of their steps; quick ones follow the belt, which is always on its
    way.
    """
    bends = [points[0]]
    for run in _runs(points, parts):
        place = bisect_right(parts, run[0][0])
        early, late = 0.0, _CHANGE
        slow = len(run) > 1 and run[1][0] - run[0][0] > _CHANGE
        if slow:
            early, late = (run[1][0] - run[0][0]) / 2, (run[-1][0] - run[-2][0]) / 2
        part, ends = parts[place - 1], parts[min(place, len(parts) - 1)]
        begin = max(run[0][0] - early, part, bends[-1][0])
        if begin - part <= _CHANGE and bends[-1][0] <= part:
            begin = part
        end = max(min(run[-1][0] + late, ends), begin + _TICK)
        middles = [
            (when, (before + value) / 2 if slow else before) for when, before, value in run if begin < when < end
        ]
        bends += _straightened([(begin, run[0][1]), *middles, (end, run[-1][2])], tolerance)
    return [*bends, (max(parts[-1], bends[-1][0]), points[-1][1])]


def _runs(points: _Points, parts: list[float]) -> Iterator[list[tuple[float, float, float]]]:
    """Yield the commands that belong together, each with its second, from what and to what."""
    run: list[tuple[float, float, float]] = []
    for (_, before), (when, value) in pairwise(points):
        if run:
            last, start, end = run[-1]
            apart = max(_CHANGE, _PAUSE * (last - run[-2][0])) if len(run) > 1 else float("inf")
            same = bisect_right(parts, when) == bisect_right(parts, last) and (value > before) == (end > start)
            if not same or when - last > apart:
                yield run
                run = []
        run.append((when, before, value))
    if run:
        yield run


def _straightened(bends: _Points, tolerance: float) -> _Points:
    """Return as few bends as draw the same line, within a tolerance."""
    kept, first = [bends[0]], 0
    for last in range(2, len(bends)):
        skipped = bends[first + 1 : last]
        if any(abs(_between(bends[first], bends[last], at) - value) > tolerance for at, value in skipped):
            first = last - 1
            kept.append(bends[first])
    return [*kept, bends[-1]]


def _between(first: tuple[float, float], last: tuple[float, float], seconds: float) -> float:
    return Ramp(first[1], last[1]).at((seconds - first[0]) / (last[0] - first[0]))


def _at(line: _Points, seconds: float) -> float:
    place = bisect_left(line, seconds, key=lambda bend: bend[0])
    if not 0 < place < len(line):
        return line[min(place, len(line) - 1)][1]
    return _between(line[place - 1], line[place], seconds)


def _steps(
    plan: ProgramPlan, marks: list[float], cools: float, speed: _Points, incline: _Points
) -> Iterator[PlannedStep]:
    stretches = plan.program.timed_steps
    for begin, end in pairwise(marks):
        phase, label = SessionState.ACTIVE, None
        if begin >= cools:
            phase = SessionState.COOL_DOWN
        elif begin < plan.warm_up:
            phase = SessionState.WARM_UP
        else:
            label = stretches[plan.step_at(begin)].label
        yield PlannedStep(
            begins=begin,
            seconds=end - begin,
            phase=phase,
            speed=Ramp(_at(speed, begin), _at(speed, end)),
            incline=Ramp(_at(incline, begin), _at(incline, end)) if plan.least.incline is not None else None,
            label=label,
        )
