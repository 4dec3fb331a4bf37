"""Steers one stretch of a walk along its course, from where we took the belt until it rests or another hand has it."""

from collections.abc import Mapping
from typing import Self

from ...machine.model import Command, CommandKind, MachineEvent
from ..belt.belt import Belt
from ..events import EndReason, SessionEvent, SessionEventKind
from ..limits import Limits
from ..rules import Caller, Refusal, RefusedError
from ..states import SessionState
from .axis import Reached, Refused, Rise
from .command_verifier import CommandMismatch, CommandVerifier
from .gentle_start import GentleStart
from .manual_ramp import ManualRamp
from .pilot import Pilot
from .plan_follower import PlanFollower, axis_name
from .program_plan import ProgramPlan
from .session_plan import CoolDown, SessionPlan, Target

STAYS_LOW = 30.0
"""Seconds besides the cool-down that must be left after a pause for the belt to rise again (S12)."""

type Output = Command | SessionEvent


class Steering:
    """What the belt is told while it is ours. `seconds` are those of the walk, `now` those of the clock."""

    def __init__(
        self,
        limits: Limits,
        course: SessionPlan,
        verification: CommandVerifier,
        belt: Belt,
        now: float,
        *,
        speed: float,
        rises: Mapping[CommandKind, float],
        falls: Mapping[CommandKind, ManualRamp] | None = None,
    ) -> None:
        """`rises` and `falls` are those of the steering before, if it had the same walk."""
        self.pilot = Pilot(limits, speed=speed, incline=belt.incline, now=now, rises=rises)
        for gauge in belt.noise_filters.values():
            gauge.on_command(now, anew=True)
        self.cool_down: CoolDown | None = None
        self._limits = limits
        self._plan = course
        self._verification = verification
        self._now = now
        self._beginning: GentleStart | None = None  # of a belt that has just begun to move
        self.gives_back = False
        """Whether the belt is steered only until what falls is down; then it goes on without us (S10)."""
        self._follower = PlanFollower(limits, course, self.pilot, falls or {})

    # How a stretch begins; one of these is called right after it was made.

    def begin(self, seconds: float, *, resuming: bool) -> None:
        """The belt has just begun to move; every walk begins at the minimum and level."""
        self.pilot.level_first(self._plan.main.incline or 0.0)
        self._beginning = GentleStart(self.pilot.speeds, self._now, calm=resuming)
        if resuming:
            ahead = self._plan.rises_to(seconds)
            needed = self._plan.cool_down(ahead.speed, ahead.incline) + STAYS_LOW
            self._follower.awaiting_resume = self._plan.length - seconds < needed

    def take_over(self, seconds: float) -> None:
        """A person gives us a moving belt: on along the course, or at its speed if nobody chose one."""
        self._plan.end_warm_up(seconds)
        if self._plan.free:
            self._follower.restart_from(seconds)

    def resume_after_loss(self, before: Self | None, belt: Belt, seconds: float) -> list[Output]:
        """We have lost sight of the belt for a while: nothing rises until a person acts, what fell goes on (S10)."""
        self._follower.wait_for_person(seconds)
        self.pilot.stay_low()
        if before is None:
            return []
        self.pilot.lower(before.pilot.setpoint_speed, before.pilot.setpoint_incline)
        down = before.cool_down
        if down is None:
            return []
        within = min(self._plan.finish(*self._present(belt)), down.ends - down.begins)
        return [self._cool_down(belt, seconds, max(down.ends, seconds + within), down.reason)]

    # What is seen of it.

    def phase(self, seconds: float) -> SessionState:
        """The part of the walk."""
        if self.cool_down is not None:
            return SessionState.COOL_DOWN
        return SessionState.WARM_UP if seconds < self._plan.warm_up else SessionState.ACTIVE

    @property
    def ends(self) -> float:
        """The second at which it ends."""
        return self.cool_down.ends if self.cool_down else self._plan.length

    @property
    def target_speed(self) -> float:
        """The speed that is steered to (km/h): the end of a ramp that somebody asked for."""
        return self._follower.end_of(CommandKind.SET_SPEED, self.pilot.setpoint_speed)

    @property
    def target_incline(self) -> float | None:
        """The incline that is steered to (%)."""
        wish = self.pilot.setpoint_incline
        return None if wish is None else self._follower.end_of(CommandKind.SET_INCLINE, wish)

    @property
    def pending_reductions(self) -> Mapping[CommandKind, ManualRamp]:
        """What somebody slows down or lowers, for whoever steers after this: a rise ends, but not a wish for less."""
        return self._follower.reductions

    @property
    def awaiting_resume(self) -> bool:
        """Whether it waits for a person before anything rises."""
        return self._follower.awaiting_resume and self.cool_down is None

    @property
    def is_starting(self) -> bool:
        """Whether the belt has just begun to move: what it does by itself is no hand on the console (S12)."""
        return self._beginning is not None

    @property
    def falling(self) -> bool:
        """Whether somebody slows or lowers it, and it is not there yet."""
        pilot = self.pilot
        inclines = (
            pilot.incline is not None and pilot.setpoint_incline is not None and pilot.setpoint_incline < pilot.incline
        )
        return pilot.setpoint_speed < pilot.speed or inclines or bool(self._follower.reductions)

    @property
    def step(self) -> float:
        """By how much (km/h) a belt may differ from what it was told."""
        return self.pilot.grain + self.pilot.noise

    @property
    def runs_away(self) -> bool:
        """Whether the belt does not come down to the minimum after its start, and has to be stopped."""
        return self._beginning is not None and self._beginning.runs_away

    def explains(self, event: MachineEvent) -> bool:
        """Whether what the machine reports may be of its own start."""
        return self._beginning is not None and self._beginning.explains(event)

    # What people ask.

    def set_speed(self, kmh: float, seconds: float) -> float:
        """Steer to a speed; in the warm-up that is a wish to begin."""
        wish = self._limits.allowed_speed(kmh)
        if wish > self.pilot.setpoint_speed:
            self._check_may_rise()
            self._plan.end_warm_up(seconds)
        self._request(CommandKind.SET_SPEED, wish, seconds)
        return self.pilot.set_speed(kmh)

    def set_incline(self, percent: float, seconds: float) -> float:
        """Steer to an incline."""
        wish = self._limits.allowed_incline(percent)
        if wish > (self.pilot.setpoint_incline or 0.0):
            self._check_may_rise()
        self._request(CommandKind.SET_INCLINE, wish, seconds)
        return self.pilot.set_incline(percent)

    def ramp_to(self, targets: Mapping[CommandKind, float], over: float, seconds: float, *, caller: Caller) -> None:
        """Go evenly to a speed (km/h) and an incline (%) in this time (s), as far as S5 allows, and stay there.

        Without a person the course goes on below it, and so does what a person slows down (S16).
        """
        ramps = self._follower.ramps_to(targets, over, seconds, caller=caller)
        if any(ramp.rises for ramp in ramps.values()):
            self._check_may_rise()
            self._plan.end_warm_up(seconds)
        self._follower.ramps |= ramps

    def resume(self) -> None:
        """A person lets the course go on after we had lost sight of the belt."""
        self._check_may_rise()
        self._follower.target = self._plan.least
        self.pilot.level_up()

    def skip(self, belt: Belt, seconds: float, *, caller: Caller) -> None:
        """On to the program's next step; the last one is followed by the cool-down."""
        course = self._plan
        if not isinstance(course, ProgramPlan) or self.cool_down is not None:
            raise RefusedError(Refusal.NOTHING_TO_SKIP)
        if not caller.is_person and course.rises_by_skipping(
            seconds, Target(self.pilot.setpoint_speed, self.pilot.setpoint_incline)
        ):
            raise RefusedError(Refusal.NEEDS_PERSON)
        if not course.skip(seconds):
            course.length = min(course.length, seconds + course.cool_down(*self._present(belt)))

    def finish(self, belt: Belt, seconds: float, *, within: float, reason: EndReason) -> SessionEvent | None:
        """Cool down in this time (s) at most, then end; None if it does so already."""
        speed, incline = self._present(belt)
        ends = min(seconds + min(self._plan.finish(speed, incline), within), self.ends)
        if self.cool_down is not None and self.cool_down.ends <= ends:
            return None
        return self._cool_down(belt, seconds, ends, reason)

    # What happens.

    def advance(self, belt: Belt, seconds: float, now: float) -> list[Output]:
        """What to send and tell now, on a belt that moves and is heard."""
        self.pilot.noise = belt.noise_filters[CommandKind.SET_SPEED].noise
        beginning = self._beginning
        if beginning is not None and (beginning.over(now) or self.pilot.speed > beginning.least):
            self._beginning = beginning = None
        if beginning is not None:
            # Its targets are not compared with what comes of them (S9): it sees to that itself.
            tell = beginning.update(belt, now)
            if beginning.failed:
                self._beginning = beginning if beginning.runs_away else None
                finding = self._verification.on_missed(beginning.least, belt.speed)
                return [not_obeyed(finding, CommandKind.SET_SPEED)]
            if tell:
                return [self.pilot.repeat(now)]
            if not beginning.there:
                return []
        out = self._verify(belt, now)
        out += self._follow(belt, seconds)
        # Nothing rises on a belt that does not follow: a hand on the console may have slowed it (S7).
        calm = beginning is not None and beginning.calm
        blocked = self.cool_down is not None or self._verification.mismatch is not None or calm
        speed, incline = belt.readings
        match self.pilot.steer(now, speed=speed, incline=incline, may_rise=not blocked):
            case Rise() as rise:
                out.append(
                    SessionEvent(
                        SessionEventKind.SPEED_UP_SOON,
                        {
                            "what": axis_name(rise.kind),
                            "start": rise.start,
                            "target": rise.target,
                            "seconds": rise.seconds,
                        },
                    )
                )
            case Reached() as reached:
                out.append(
                    SessionEvent(
                        SessionEventKind.STEP_CHANGED, {"what": axis_name(reached.kind), "target": reached.target}
                    )
                )
            case Command() as command:
                out.append(self._sent(command, belt, now))
        return out

    def declined(self, command: Command, belt: Belt) -> list[Output]:
        """A target did not reach the machine: stay at what the belt does; what falls is tried again.

        A rise is told of as refused, once; up it goes again when a person wishes that, or the course's next change.
        """
        if self._beginning is not None and not self._beginning.there:
            return []  # the minimum is told again
        self._verification.reset()
        self._follower.on_declined()
        match self.pilot.declined(command, speed=belt.speed, incline=belt.incline):
            case Refused() as refused:
                data = {"what": axis_name(refused.kind), "target": refused.target, "present": refused.present}
                return [SessionEvent(SessionEventKind.RISE_REFUSED, data)]
        return []

    def _follow(self, belt: Belt, seconds: float) -> list[Output]:
        """Give the pilot the target of this second: of the cool-down, or of the plan and what people asked for."""
        speed, incline = self._present(belt)
        begun: list[Output] = []
        course = self._plan
        if self.cool_down is None and course.phase(seconds, speed, incline) is SessionState.COOL_DOWN:
            # It is late after a silence or a pause, and is announced and slowed all the same.
            ends = max(course.length, seconds + course.finish(speed, incline))
            begun.append(self._cool_down(belt, seconds, ends, EndReason.COMPLETED))
        if self.cool_down is not None:
            self._follower.ramps.clear()
            self.pilot.lower(self.cool_down.speed_at(seconds), course.least.incline)
        else:
            self._follower.follow(seconds, mismatch=self._verification.mismatch is not None)
        return begun

    def _request(self, kind: CommandKind, value: float, seconds: float) -> None:
        self._follower.request(kind, value, seconds, warming_up=self.phase(seconds) is SessionState.WARM_UP)

    def _cool_down(self, belt: Belt, seconds: float, ends: float, reason: EndReason) -> SessionEvent:
        speed, _ = self._present(belt)
        least = self._plan.least.speed
        self.cool_down = CoolDown(seconds, ends, speed, least, reason)
        # A ramp that is under way ends where it is.
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        data = {"reason": reason.value, "seconds": round(max(ends - seconds, 0.0)), "start": speed, "target": least}
        return SessionEvent(SessionEventKind.COOLING_DOWN, data)

    def _verify(self, belt: Belt, now: float) -> list[Output]:
        found = self._verification.evaluate(belt, self._limits, now)
        if found is None:
            return []
        finding, kind = found
        out: list[Output] = [not_obeyed(finding, kind)]
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        if finding is CommandMismatch.MILES:
            self.pilot.convert_to_miles()
        elif finding is CommandMismatch.OVERSHOOT and (command := self.pilot.step_down(kind, now)) is not None:
            out.append(command)
        return out

    def _sent(self, command: Command, belt: Belt, now: float) -> Command:
        self._verification.on_command(command, belt, now)
        belt.noise_filters[command.kind].on_command(now)
        return command

    def _present(self, belt: Belt) -> tuple[float, float | None]:
        """What the belt does or will do in a moment."""
        inclines = [percent for percent in (belt.incline, self.pilot.incline) if percent is not None]
        return max(belt.speed, self.pilot.speed), max(inclines, default=None)

    def _check_may_rise(self) -> None:
        if self.cool_down is not None:
            raise RefusedError(Refusal.COOLING_DOWN)
        if self._verification.mismatch is not None:
            raise RefusedError(Refusal.NOT_OBEYED)
        self._follower.release()


def not_obeyed(finding: CommandMismatch, kind: CommandKind) -> SessionEvent:
    """Tell that the belt, or the deck, does not do what it is told (S9)."""
    return SessionEvent(SessionEventKind.NOT_OBEYED, {"finding": finding.value, "what": axis_name(kind)})
