"""The rest of a session, with or without a program, as the dashboard draws it."""

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

_ON_PLAN = frozenset({SessionState.WARM_UP, SessionState.ACTIVE})
_AHEAD = frozenset({SessionState.READY, SessionState.COUNTDOWN, SessionState.STARTING, SessionState.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingSession:
    """The rest of a session from `since` on. It is immutable, so that another thread may compute its steps."""

    plan: ProgramPlan
    since: float  # s of the session
    present: Target | None  # speed and incline at `since`; None: the minimum
    cool_down: Ramp | None  # km/h until the end, during the cool-down
    ends: float  # s of the session

    @property
    def key(self) -> Hashable:
        """A key that changes with everything but the time."""
        plan = self.plan
        return (
            (plan.program, plan.warm_up, plan.skipped, plan.shift),
            round(self.ends),
            self.cool_down is not None,
        )

    def steps(self, before: tuple[PlannedStep, ...] = ()) -> tuple[PlannedStep, ...]:
        """Return the steps of the whole session: those `before` until `since`, and the planned ones after it."""
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
    """Return the rest of a session with the present speed and incline, or None if it is unknown."""
    plan, state, remaining = session.plan, session.state, session.remaining
    if plan is None or remaining is None or session.limits.speed is None:
        return None
    since = session.moving_time if session.under_way else 0.0
    cool_down = None
    if state is SessionState.COOL_DOWN:
        cool_down = Ramp(present.speed if present else plan.least.speed, plan.least.speed)
    elif state in _AHEAD:
        present = None  # it begins or continues at the minimum
    elif state not in _ON_PLAN:
        return None
    return RemainingSession(
        plan=_as_program(plan, session), since=since, present=present, cool_down=cool_down, ends=since + remaining
    )


def _as_program(plan: SessionPlan, session: SessionView) -> ProgramPlan:
    """Return the plan as a program plan."""
    if isinstance(plan, ProgramPlan):
        return copy(plan)
    speed, incline = plan.main.speed, plan.main.incline
    if session.state is SessionState.ACTIVE:
        # The targets that people set stay until the end.
        speed, incline = session.target_speed or speed, session.target_incline
    held = None if incline is None else Ramp(incline, incline)
    step = Step(seconds=plan.length, speed=Ramp(speed, speed), incline=held)
    program_plan = ProgramPlan(Program(name="walk", direction=session.direction, steps=(step,)), session.limits)
    program_plan.warm_up = plan.warm_up
    return program_plan


def _until(step: PlannedStep, seconds: float) -> PlannedStep:
    """Return the part of a step that is over at `seconds` of the session."""
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
