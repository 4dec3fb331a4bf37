"""Gives the pilot the target of each moment: what the plan asks for, and what people asked for since."""

from collections.abc import Mapping
from dataclasses import replace

from ...machine.model import CommandKind
from ..limits import Limits
from ..programs.steps import Ramp
from ..rules import Caller
from .manual_ramp import ManualRamp
from .pilot import Pilot
from .program_plan import ProgramPlan
from .session_plan import SessionPlan, Target


class PlanFollower:
    """The plan and the requests of one steering. `seconds` are those of the session."""

    def __init__(
        self, limits: Limits, plan: SessionPlan, pilot: Pilot, reductions: Mapping[CommandKind, ManualRamp]
    ) -> None:
        """Begin with the `reductions` that an earlier steering of the same session left unfinished."""
        self.ramps = dict(reductions)
        """The ramps that somebody asked for and that are under way."""
        self.target = plan.least
        """The newest target of the plan that was passed to the pilot."""
        self.awaiting_resume = False
        """Whether nothing may rise until a person acts."""
        self._limits = limits
        self._plan = plan
        self._pilot = pilot
        self._declined: set[CommandKind] = set()  # since the last second
        self._declined_steps: dict[CommandKind, int] = {}
        """The steps of a program in which a rise was declined: of the speed, nothing rises; of the deck, only it."""

    # Requests

    def request(self, kind: CommandKind, value: float, seconds: float, *, warming_up: bool) -> None:
        """Hold a speed (km/h) or an incline (%) that somebody asked for, until the plan itself changes."""
        plan, axis = self._plan, axis_name(kind)
        self.ramps.pop(kind, None)
        if warming_up:
            plan.change_main(**{axis: value})
        plan.apply_request(seconds, **{axis: value})
        self.target = replace(self.target, **{axis: getattr(plan.target_at(seconds), axis)})

    def ramps_to(
        self, targets: Mapping[CommandKind, float], over: float, seconds: float, *, caller: Caller
    ) -> dict[CommandKind, ManualRamp]:
        """Return ramps to targets within a time (s); without a person they rise no further than a reduction's end."""
        ramps: dict[CommandKind, ManualRamp] = {}
        for kind, target in targets.items():
            end, before = self._limits.allowed(kind, target), self.ramps.get(kind)
            if before is not None and not before.rises and not caller.is_person:
                end = min(end, before.ramp.end)
            ramp = Ramp(self._pilot.commanded(kind), end)
            ramps[kind] = ManualRamp(begins=seconds, ends=seconds + over, ramp=ramp, at_most=not caller.is_person)
        return ramps

    @property
    def reductions(self) -> dict[CommandKind, ManualRamp]:
        """The ramps downward, as the next steering has to take them over: the plan goes on below them."""
        return {kind: replace(ramp, at_most=True) for kind, ramp in self.ramps.items() if not ramp.rises}

    def end_of(self, kind: CommandKind, setpoint: float) -> float:
        """Return where the belt will be in the end: at the end of a ramp, or else at this setpoint."""
        ramp = self.ramps.get(kind)
        return setpoint if ramp is None else ramp.leads_to(setpoint)

    # Events

    def restart_from(self, seconds: float) -> None:
        """Drop all requests and go on from the plan's target at a second."""
        self.target = self._plan.target_at(seconds)
        self.ramps.clear()

    def wait_for_person(self, seconds: float) -> None:
        """Let nothing rise until a person acts, and go on from the plan's target at a second."""
        self.target = self._plan.target_at(seconds)
        self.awaiting_resume = True

    def release(self) -> None:
        """Let the belt rise again, because a person acted."""
        self.awaiting_resume = False
        self._declined_steps.clear()

    def on_declined(self, kind: CommandKind) -> None:
        """Drop a ramp upward, and do not raise belt or deck in this step of a program: the machine declined it."""
        self._declined.add(kind)
        if kind in self.ramps and self.ramps[kind].rises:
            del self.ramps[kind]

    # Time

    def follow(self, seconds: float, *, mismatch: bool) -> None:
        """Pass the target of this second to the pilot; while the belt does not obey (`mismatch`) nothing rises."""
        if mismatch:
            self.ramps.clear()
        self._end_ramps(seconds)
        if isinstance(self._plan, ProgramPlan):
            self._follow_program(self._plan, seconds, mismatch=mismatch)
        else:
            self._follow_target(self._plan.target_at(seconds), mismatch=mismatch)
        self._follow_ramps(seconds)

    def _end_ramps(self, seconds: float) -> None:
        """Turn ramps that have ended into requests; they do not end a wait for a person (S10)."""
        for kind, ramp in [*self.ramps.items()]:
            end = ramp.ramp.end
            # A request for more than the plan asks for now would speed up what follows a slow step.
            if ramp.over(seconds) and not (ramp.at_most and self._planned(kind, seconds) < end):
                self.request(kind, end, seconds, warming_up=seconds < self._plan.warm_up)
                if ramp.rises:
                    self._set(kind, end)
                else:
                    self._pilot.cap(kind, end, end)

    def _follow_ramps(self, seconds: float) -> None:
        pilot = self._pilot
        speed, incline = pilot.setpoint_speed, pilot.setpoint_incline
        until = self._plan.cool_down_starts(
            self.end_of(CommandKind.SET_SPEED, speed),
            None if incline is None else self.end_of(CommandKind.SET_INCLINE, incline),
        )
        for kind, ramp in self.ramps.items():
            if ramp.at_most:
                pilot.cap(kind, ramp.at(seconds), ramp.ramp.end)
            else:
                self._set(kind, ramp.at(seconds))
                pilot.follow_profile(kind, ramp.ahead(seconds, until))

    def _follow_program(self, plan: ProgramPlan, seconds: float, *, mismatch: bool) -> None:
        """Take each point of a program's curve for the setpoint; its ramps are known before they begin."""
        step = plan.step_at(seconds)
        self._declined_steps |= dict.fromkeys(self._declined, step)
        self._declined.clear()
        self.target = target = plan.target_at(seconds)
        pilot, speed, incline = self._pilot, CommandKind.SET_SPEED, CommandKind.SET_INCLINE
        if self.awaiting_resume or mismatch or self._declined_steps.get(speed) == step:
            pilot.lower(target.speed, target.incline)
            return
        pilot.set_speed(target.speed)
        pilot.follow_profile(speed, plan.ahead(speed, seconds, pilot.commanded_speed, pilot.commanded_incline))
        if self._declined_steps.get(incline) == step:
            pilot.lower(None, target.incline)
        elif target.incline is not None and pilot.moves(incline):
            pilot.set_incline(target.incline)
            ahead = plan.ahead(incline, seconds, pilot.commanded(incline), pilot.commanded_speed)
            if ahead is not None and plan.slows_for_long(seconds, pilot.commanded_speed):
                ahead = replace(ahead, soon=False)  # announced now, it would have to be announced again
            pilot.follow_profile(incline, ahead)

    def _follow_target(self, target: Target, *, mismatch: bool) -> None:
        """Take a plan's target where it changed; until then what people asked for holds."""
        before, self.target = self.target, target
        speed = self._pilot.setpoint_speed if target.speed == before.speed else target.speed
        incline = self._pilot.setpoint_incline if target.incline == before.incline else target.incline
        if self.awaiting_resume or mismatch:
            self._pilot.lower(speed, incline)
            return
        self._pilot.set_speed(speed)
        if incline is not None and self._pilot.moves(CommandKind.SET_INCLINE):
            self._pilot.set_incline(incline)

    def _planned(self, kind: CommandKind, seconds: float) -> float:
        """Return what the plan asks for at a second, as the machine can do it."""
        target = self._plan.target_at(seconds)
        return self._limits.allowed(kind, target.speed if kind is CommandKind.SET_SPEED else target.incline or 0.0)

    def _set(self, kind: CommandKind, value: float) -> None:
        if kind is CommandKind.SET_SPEED:
            self._pilot.set_speed(value)
        else:
            self._pilot.set_incline(value)


def axis_name(kind: CommandKind) -> str:
    """Return what a target command changes: "speed" or "incline"."""
    return "speed" if kind is CommandKind.SET_SPEED else "incline"
