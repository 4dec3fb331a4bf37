"""What is left of a walk, of whichever kind: what the dashboard draws."""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, replace

from ..programs.program import Program
from ..programs.steps import Ramp, Step
from ..states import SessionState
from ..steering.forecast import PlannedStep, planned_steps
from ..steering.program_plan import ProgramPlan
from ..steering.session_plan import SessionPlan, Target
from .view import SessionView

_ON_COURSE = frozenset({SessionState.WARM_UP, SessionState.ACTIVE})
_AHEAD = frozenset({SessionState.READY, SessionState.COUNTDOWN, SessionState.STARTING, SessionState.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingSession:
    """A walk from a second of it on. Working it out takes a while and may be done elsewhere: nothing of it changes."""

    plan: ProgramPlan
    since: float  # s of the walk
    present: Target | None  # what the belt does then; None: the minimum
    cool_down: Ramp | None  # km/h over all that is left, once it cools down
    ends: float  # s of the walk

    @property
    def key(self) -> Hashable:
        """The same for as long as nothing changes but the time."""
        course = self.plan
        return (
            (course.program, course.warm_up, course.skipped, course.shift),
            round(self.ends),
            self.cool_down is not None,
        )

    def steps(self, before: tuple[PlannedStep, ...] = ()) -> tuple[PlannedStep, ...]:
        """The whole walk: until now as it was planned before, if it was, and from now on as it will be."""
        if self.since > 0 and not before:
            before = planned_steps(ProgramPlan(self.plan.program, self.plan.limits))
        walked = tuple(_until(step, self.since) for step in before if step.begins < self.since)
        if self.cool_down is None:
            return walked + planned_steps(copy(self.plan), since=self.since, present=self.present)
        if self.ends <= self.since:
            return walked
        last = PlannedStep(
            begins=self.since,
            seconds=self.ends - self.since,
            phase=SessionState.COOL_DOWN,
            speed=self.cool_down,
            incline=None,
            label=None,
        )
        return (*walked, last)


def remaining_session(session: SessionView, present: Target | None) -> RemainingSession | None:
    """What is left of the session's walk, on a belt that does `present`; None while nobody knows what comes."""
    course, state, remaining = session.plan, session.state, session.remaining
    if course is None or remaining is None or session.limits.speed is None:
        return None
    since = session.moving_time if session.under_way else 0.0
    cools = None
    if state is SessionState.COOL_DOWN:
        cools = Ramp(present.speed if present else course.least.speed, course.least.speed)
    elif state in _AHEAD:
        present = None  # it begins, or goes on, at the minimum
    elif state not in _ON_COURSE:
        return None
    return RemainingSession(
        plan=_as_program(course, session), since=since, present=present, cool_down=cools, ends=since + remaining
    )


def _as_program(course: SessionPlan, session: SessionView) -> ProgramPlan:
    """The course as that of a program, which one without a program is not."""
    if isinstance(course, ProgramPlan):
        return copy(course)
    speed, incline = course.main.speed, course.main.incline
    if session.state is SessionState.ACTIVE:
        # What people wished holds until the end.
        speed, incline = session.target_speed or speed, session.target_incline
    held = None if incline is None else Ramp(incline, incline)
    step = Step(seconds=course.length, speed=Ramp(speed, speed), incline=held)
    made = ProgramPlan(Program(name="walk", direction=session.direction, steps=(step,)), session.limits)
    made.warm_up = course.warm_up
    return made


def _until(step: PlannedStep, seconds: float) -> PlannedStep:
    """As much of a step as is over at a second."""
    lasts = seconds - step.begins
    if lasts >= step.seconds:
        return step
    part = lasts / step.seconds
    speed, incline = step.speed, step.incline
    return replace(
        step,
        seconds=lasts,
        speed=Ramp(speed.start, speed.at(part)),
        incline=incline and Ramp(incline.start, incline.at(part)),
    )
