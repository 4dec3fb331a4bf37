"""The rest of a session, with or without a program, as the dashboard draws it."""

from collections.abc import Hashable, Iterator
from copy import copy
from dataclasses import dataclass, replace

from ..programs.program import Program
from ..programs.steps import Ramp, Step
from ..states import SessionState
from ..steering.forecast import PlannedStep, planned_steps
from ..steering.program_plan import ProgramPlan
from ..steering.session_plan import AT_THE_END, CoolDown, SessionPlan, Target
from .view import SessionView

_ON_PLAN = frozenset({SessionState.WARM_UP, SessionState.ACTIVE})
_AHEAD = frozenset({SessionState.READY, SessionState.COUNTDOWN, SessionState.STARTING, SessionState.PAUSED})


@dataclass(frozen=True, kw_only=True)
class RemainingSession:
    """The rest of a session from `since` on. It is immutable, so that another thread may compute its steps."""

    plan: ProgramPlan
    since: float  # s of the session
    present: Target | None  # speed and incline at `since`; None: the minimum
    cool_down: CoolDown | None  # during the cool-down
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
        walked = tuple(part for step in before for part in self._walked(step))
        if self.cool_down is None:
            return walked + planned_steps(copy(self.plan), since=self.since, present=self.present)
        return walked + tuple(_slowing(self.cool_down, self.since))

    def _walked(self, step: PlannedStep) -> Iterator[PlannedStep]:
        """Yield what is over of a step, in its true phases: the cool-down may begin at another time than planned."""
        turn = self.since if self.cool_down is None else self.cool_down.begins
        if step.begins + step.seconds <= min(turn, self.since) and step.phase is not SessionState.COOL_DOWN:
            yield step  # as it is: there may be thousands
        elif step.begins < self.since:
            before, after = _part(step, 0.0, min(turn, self.since)), _part(step, turn, self.since)
            if before.seconds > 0:
                yield replace(before, phase=SessionState.ACTIVE) if step.phase is SessionState.COOL_DOWN else before
            if after.seconds > 0:
                yield replace(after, phase=SessionState.COOL_DOWN)


def remaining_session(session: SessionView, present: Target | None) -> RemainingSession | None:
    """Return the rest of a session with the present speed and incline, or None if it is unknown."""
    plan, state, remaining = session.plan, session.state, session.remaining
    if plan is None or remaining is None or session.limits.speed is None:
        return None
    since = session.moving_time if session.under_way else 0.0
    cool_down = None
    if state is SessionState.COOL_DOWN:
        cool_down = session.cool_down
    elif state in _AHEAD:
        present = None  # it begins or continues at the minimum
    elif state not in _ON_PLAN:
        return None
    elif present is not None:
        present = session.settled(present)
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


def _slowing(cool_down: CoolDown, since: float) -> Iterator[PlannedStep]:
    """Yield what is left of a cool-down: the way down, and the minimum at the end."""
    low = max(cool_down.ends - AT_THE_END, since)
    for begins, ends in ((since, low), (low, cool_down.ends)):
        if begins < ends:
            yield PlannedStep(
                begins=begins,
                seconds=ends - begins,
                phase=SessionState.COOL_DOWN,
                speed=Ramp(cool_down.speed_at(begins), cool_down.least),
                incline=None,
                label=None,
            )


def _part(step: PlannedStep, begins: float, ends: float) -> PlannedStep:
    """Return the part of a step between two seconds of the session; without seconds, if there is none."""
    begins, ends = max(begins, step.begins), min(ends, step.begins + step.seconds)
    if begins >= ends:
        return replace(step, seconds=0.0)
    part = [(second - step.begins) / step.seconds for second in (begins, ends)]
    speed, incline = step.speed, step.incline
    return replace(
        step,
        begins=begins,
        seconds=ends - begins,
        speed=Ramp(*map(speed.at, part)),
        incline=incline and Ramp(*map(incline.at, part)),
    )
