"""Steers one stretch of a walk along its course, from where we took the belt until it rests or another hand has it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Self

from ...machine.model import Command, CommandKind, MachineEvent
from ..belt.belt import Belt
from ..events import SessionEvent, SessionEventKind
from ..limits import Limits
from ..programs.steps import Ramp
from ..rules import Refusal, RefusedError
from ..states import SessionState
from .axis import Reached, Refused, Rise
from .command_verifier import CommandMismatch, CommandVerifier
from .gentle_start import GentleStart
from .manual_ramp import ManualRamp
from .pilot import Pilot
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
        for gauge in belt.gauges.values():
            gauge.disturbed(now, anew=True)
        self.cool_down: CoolDown | None = None
        self._limits = limits
        self._plan = course
        self._verification = verification
        self._now = now
        self._beginning: GentleStart | None = None  # of a belt that has just begun to move
        self._awaiting_resume = False  # nothing rises until a person acts
        self._declined = False
        self._stays: int | None = None  # a step of the program that the machine declined: nothing rises in it
        self._ramps = dict(falls or {})
        self.gives_back = False
        """Whether the belt is steered only until what falls is down; then it goes on without us (S10)."""
        self._target = course.least  # the newest of the course's targets that was taken for a wish

    # How a stretch begins; one of these is called right after it was made.

    def begin(self, seconds: float, *, resuming: bool) -> None:
        """The belt has just begun to move; every walk begins at the minimum and level."""
        self.pilot.level_first(self._plan.main.incline or 0.0)
        self._beginning = GentleStart(self.pilot.speeds, self._now, calm=resuming)
        if resuming:
            ahead = self._plan.rises_to(seconds)
            needed = self._plan.cool_down(ahead.speed, ahead.incline) + STAYS_LOW
            self._awaiting_resume = self._plan.length - seconds < needed

    def take_over(self, seconds: float) -> None:
        """A person gives us a moving belt: on along the course, or at its speed if nobody chose one."""
        self._plan.end_warm_up(seconds)
        if self._plan.free:
            self._target = self._plan.target_at(seconds)
            self._ramps.clear()

    def resume_after_loss(self, before: Self | None, belt: Belt, seconds: float) -> list[Output]:
        """We have lost sight of the belt for a while: nothing rises until a person acts, what fell goes on (S10)."""
        self._target = self._plan.target_at(seconds)
        self._awaiting_resume = True
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
        return self._end_of(CommandKind.SET_SPEED, self.pilot.setpoint_speed)

    @property
    def target_incline(self) -> float | None:
        """The incline that is steered to (%)."""
        wish = self.pilot.setpoint_incline
        return None if wish is None else self._end_of(CommandKind.SET_INCLINE, wish)

    @property
    def pending_reductions(self) -> Mapping[CommandKind, ManualRamp]:
        """What somebody slows down or lowers, for whoever steers after this: a rise ends, but not a wish for less."""
        falling = ((kind, ramping) for kind, ramping in self._ramps.items() if not ramping.rises)
        return {kind: replace(ramping, at_most=True) for kind, ramping in falling}

    @property
    def awaiting_resume(self) -> bool:
        """Whether it waits for a person before anything rises."""
        return self._awaiting_resume and self.cool_down is None

    @property
    def begins(self) -> bool:
        """Whether the belt has just begun to move: what it does by itself is no hand on the console (S12)."""
        return self._beginning is not None

    @property
    def falling(self) -> bool:
        """Whether somebody slows or lowers it, and it is not there yet."""
        pilot = self.pilot
        inclines = (
            pilot.incline is not None and pilot.setpoint_incline is not None and pilot.setpoint_incline < pilot.incline
        )
        return (
            pilot.setpoint_speed < pilot.speed or inclines or any(not ramping.rises for ramping in self._ramps.values())
        )

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
        self._keep(CommandKind.SET_SPEED, wish, seconds)
        return self.pilot.set_speed(kmh)

    def set_incline(self, percent: float, seconds: float) -> float:
        """Steer to an incline."""
        wish = self._limits.allowed_incline(percent)
        if wish > (self.pilot.setpoint_incline or 0.0):
            self._check_may_rise()
        self._keep(CommandKind.SET_INCLINE, wish, seconds)
        return self.pilot.set_incline(percent)

    def ramp_to(self, targets: Mapping[CommandKind, float], over: float, seconds: float, *, by_person: bool) -> None:
        """Go evenly to a speed (km/h) and an incline (%) in this time (s), as far as S5 allows, and stay there.

        Without a person the course goes on below it, and so does what a person slows down (S16).
        """
        ramps: dict[CommandKind, ManualRamp] = {}
        for kind, target in targets.items():
            end, before = self._limits.allowed(kind, target), self._ramps.get(kind)
            if before is not None and not before.rises and not by_person:
                end = min(end, before.ramp.end)
            ramp = Ramp(self.pilot.commanded(kind), end)
            ramps[kind] = ManualRamp(begins=seconds, ends=seconds + over, ramp=ramp, at_most=not by_person)
        if any(ramping.rises for ramping in ramps.values()):
            self._check_may_rise()
            self._plan.end_warm_up(seconds)
        self._ramps |= ramps

    def go_on(self) -> None:
        """A person lets the course go on after we had lost sight of the belt."""
        self._check_may_rise()
        self._target = self._plan.least
        self.pilot.level_up()

    def skip(self, belt: Belt, seconds: float, *, by_person: bool) -> None:
        """On to the program's next step; the last one is followed by the cool-down."""
        course = self._plan
        if not isinstance(course, ProgramPlan) or self.cool_down is not None:
            raise RefusedError(Refusal.NOTHING_TO_SKIP)
        if not by_person and course.rises_by_skipping(
            seconds, Target(self.pilot.setpoint_speed, self.pilot.setpoint_incline)
        ):
            raise RefusedError(Refusal.NEEDS_PERSON)
        if not course.skip(seconds):
            course.length = min(course.length, seconds + course.cool_down(*self._present(belt)))

    def finish(self, belt: Belt, seconds: float, *, within: float, reason: str) -> SessionEvent | None:
        """Cool down in this time (s) at most, then end; None if it does so already."""
        speed, incline = self._present(belt)
        ends = min(seconds + min(self._plan.finish(speed, incline), within), self.ends)
        if self.cool_down is not None and self.cool_down.ends <= ends:
            return None
        return self._cool_down(belt, seconds, ends, reason)

    # What happens.

    def advance(self, belt: Belt, seconds: float, now: float) -> list[Output]:
        """What to send and tell now, on a belt that moves and is heard."""
        self.pilot.noise = belt.gauges[CommandKind.SET_SPEED].noise
        beginning = self._beginning
        if beginning is not None and (beginning.over(now) or self.pilot.speed > beginning.least):
            self._beginning = beginning = None
        if beginning is not None:
            # Its targets are not compared with what comes of them (S9): it sees to that itself.
            tell = beginning.update(belt, now)
            if beginning.failed:
                self._beginning = beginning if beginning.runs_away else None
                finding = self._verification.missed(beginning.least, belt.speed)
                return [not_obeyed(finding, CommandKind.SET_SPEED)]
            if tell:
                return [self.pilot.repeat(now)]
            if not beginning.there:
                return []
        out = self._verify(belt, now)
        out += self._follow(belt, seconds)
        # Nothing rises on a belt that does not follow: a hand on the console may have slowed it (S7).
        calm = beginning is not None and beginning.calm
        blocked = self.cool_down is not None or self._verification.finding is not None or calm
        speed, incline = belt.readings
        match self.pilot.steer(now, speed=speed, incline=incline, may_rise=not blocked):
            case Rise() as rise:
                out.append(
                    SessionEvent(
                        SessionEventKind.SPEED_UP_SOON,
                        {
                            "what": _what(rise.kind),
                            "start": rise.start,
                            "target": rise.target,
                            "seconds": rise.seconds,
                        },
                    )
                )
            case Reached() as reached:
                out.append(
                    SessionEvent(SessionEventKind.STEP_CHANGED, {"what": _what(reached.kind), "target": reached.target})
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
        self._declined = True
        self._ramps = dict(self.pending_reductions)
        match self.pilot.declined(command, speed=belt.speed, incline=belt.incline):
            case Refused() as refused:
                data = {"what": _what(refused.kind), "target": refused.target, "present": refused.present}
                return [SessionEvent(SessionEventKind.RISE_REFUSED, data)]
        return []

    def _follow(self, belt: Belt, seconds: float) -> list[Output]:
        """Take the course's target for a wish whenever it changes; what people wished meanwhile holds till then."""
        speed, incline = self._present(belt)
        begun: list[Output] = []
        course = self._plan
        if self.cool_down is None and course.phase(seconds, speed, incline) is SessionState.COOL_DOWN:
            # Late after a silence or a pause: it is announced and slowed all the same.
            ends = max(course.length, seconds + course.finish(speed, incline))
            begun.append(self._cool_down(belt, seconds, ends, "completed"))
        if self.cool_down is not None:
            self._ramps.clear()
            self.pilot.lower(self.cool_down.speed_at(seconds), course.least.incline)
            return begun
        if self._verification.finding is not None:
            self._ramps.clear()
        self._end_ramps(seconds)
        if isinstance(course, ProgramPlan):
            self._trace(course, seconds)
        else:
            self._take(course.target_at(seconds))
        self._climb(seconds)
        return begun

    def _end_ramps(self, seconds: float) -> None:
        """What has come to its end is a wish like any other; the hold after a lost link is a person's to lift (S10)."""
        for kind, ramping in [*self._ramps.items()]:
            end = ramping.ramp.end
            # As a wish for more than the course asks for now, it would make faster what comes after a slow step.
            if ramping.over(seconds) and not (ramping.at_most and self._asked(kind, seconds) < end):
                self._keep(kind, end, seconds)
                if ramping.rises:
                    self._wish(kind, end)
                else:
                    self.pilot.cap(kind, end, end)

    def _climb(self, seconds: float) -> None:
        """Follow the ramps that somebody asked for."""
        until = self._plan.cool_down_starts(self.target_speed, self.target_incline)
        for kind, ramping in self._ramps.items():
            if ramping.at_most:
                self.pilot.cap(kind, ramping.at(seconds), ramping.ramp.end)
            else:
                self._wish(kind, ramping.at(seconds))
                self.pilot.follow_profile(kind, ramping.ahead(seconds, until))

    def _keep(self, kind: CommandKind, wish: float, seconds: float) -> None:
        """Somebody wants this of one of the two: it holds until the course itself wants another."""
        course, what = self._plan, _what(kind)
        self._ramps.pop(kind, None)
        if self.phase(seconds) is SessionState.WARM_UP:
            course.change_main(**{what: wish})
        course.apply_request(seconds, **{what: wish})
        self._target = replace(self._target, **{what: getattr(course.target_at(seconds), what)})

    def _asked(self, kind: CommandKind, seconds: float) -> float:
        """What the course asks for, as the machine can do it."""
        target = self._plan.target_at(seconds)
        return self._limits.allowed(kind, target.speed if kind is CommandKind.SET_SPEED else target.incline or 0.0)

    def _wish(self, kind: CommandKind, value: float) -> None:
        wish = self.pilot.set_speed if kind is CommandKind.SET_SPEED else self.pilot.set_incline
        wish(value)

    def _end_of(self, kind: CommandKind, wish: float) -> float:
        ramping = self._ramps.get(kind)
        return wish if ramping is None else ramping.leads_to(wish)

    def _trace(self, course: ProgramPlan, seconds: float) -> None:
        """Follow a program's curve: each of its points is a wish, and its ramps are known before they begin."""
        if self._declined:
            self._declined, self._stays = False, course.step_at(seconds)
        self._target = target = course.target_at(seconds)
        if self._awaiting_resume or self._verification.finding is not None or course.step_at(seconds) == self._stays:
            self.pilot.lower(target.speed, target.incline)
            return
        self.pilot.set_speed(target.speed)
        kinds = [CommandKind.SET_SPEED]
        if target.incline is not None:
            self.pilot.set_incline(target.incline)
            kinds.append(CommandKind.SET_INCLINE)
        for kind in kinds:
            self.pilot.follow_profile(kind, course.ahead(kind, seconds, self.pilot.commanded(kind)))

    def _take(self, target: Target) -> None:
        before, self._target = self._target, target
        speed = self.pilot.setpoint_speed if target.speed == before.speed else target.speed
        incline = self.pilot.setpoint_incline if target.incline == before.incline else target.incline
        if self._awaiting_resume or self._verification.finding is not None:
            self.pilot.lower(speed, incline)
            return
        self.pilot.set_speed(speed)
        if incline is not None:
            self.pilot.set_incline(incline)

    def _cool_down(self, belt: Belt, seconds: float, ends: float, reason: str) -> SessionEvent:
        speed, _ = self._present(belt)
        least = self._plan.least.speed
        self.cool_down = CoolDown(seconds, ends, speed, least, reason)
        # A ramp that is under way ends where it is.
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        data = {"reason": reason, "seconds": round(max(ends - seconds, 0.0)), "start": speed, "target": least}
        return SessionEvent(SessionEventKind.COOLING_DOWN, data)

    def _verify(self, belt: Belt, now: float) -> list[Output]:
        found = self._verification.evaluate(belt, self._limits, now)
        if found is None:
            return []
        finding, kind = found
        out: list[Output] = [not_obeyed(finding, kind)]
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        if finding is CommandMismatch.MILES:
            self.pilot.go_in_miles()
        elif finding is CommandMismatch.OVERSHOOT and (command := self.pilot.step_down(kind, now)) is not None:
            out.append(command)
        return out

    def _sent(self, command: Command, belt: Belt, now: float) -> Command:
        self._verification.sent(command, belt, now)
        belt.gauges[command.kind].disturbed(now)
        return command

    def _present(self, belt: Belt) -> tuple[float, float | None]:
        """What the belt does or will do in a moment."""
        inclines = [percent for percent in (belt.incline, self.pilot.incline) if percent is not None]
        return max(belt.speed, self.pilot.speed), max(inclines, default=None)

    def _check_may_rise(self) -> None:
        if self.cool_down is not None:
            raise RefusedError(Refusal.COOLING_DOWN)
        if self._verification.finding is not None:
            raise RefusedError(Refusal.NOT_OBEYED)
        self._awaiting_resume, self._stays = False, None


def not_obeyed(finding: CommandMismatch, kind: CommandKind) -> SessionEvent:
    """Tell that the belt, or the deck, does not do what it is told (S9)."""
    return SessionEvent(SessionEventKind.NOT_OBEYED, {"finding": finding.value, "what": _what(kind)})


def _what(kind: CommandKind) -> str:
    return "speed" if kind is CommandKind.SET_SPEED else "incline"
