"""Steers one part of a session along its plan, from where we took the belt until it rests or the console has it."""

from collections.abc import Mapping
from typing import Self

from ...machine.model import Command, CommandKind, MachineEvent
from ..belt.belt import Belt
from ..events import (
    CommandMismatch,
    CoolingDownEvent,
    EndReason,
    NotObeyedEvent,
    RiseRefusedEvent,
    RiseSoonEvent,
    SessionEvent,
    StepChangedEvent,
)
from ..limits import Limits
from ..rules import Caller, Refusal, RefusedError
from ..states import SessionState
from .axis import Reached, Refused, Rise
from .command_verifier import CommandVerifier
from .deck_judge import DeckJudge
from .gentle_start import GentleStart
from .manual_ramp import ManualRamp
from .pilot import Pilot
from .plan_follower import PlanFollower, axis_name
from .program_plan import ProgramPlan
from .session_plan import FINISHES_WITHIN, CoolDown, SessionPlan, Target

STAYS_LOW = 30.0
"""Seconds besides the cool-down that must be left after a pause for the belt to rise again (S12)."""

type Output = Command | SessionEvent


class Steering:
    """What is sent to the belt while we steer it. `seconds` are those of the session, `now` those of the clock."""

    def __init__(
        self,
        limits: Limits,
        plan: SessionPlan,
        verification: CommandVerifier,
        belt: Belt,
        now: float,
        *,
        speed: float,
        rises: Mapping[CommandKind, float],
        reductions: Mapping[CommandKind, ManualRamp] | None = None,
    ) -> None:
        """`rises` and `reductions` come from the steering before, if it had the same session."""
        self.pilot = Pilot(limits, speed=speed, incline=belt.known_deck, now=now, rises=rises)
        for gauge in belt.noise_filters.values():
            gauge.on_command(now, anew=True)
        self.cool_down: CoolDown | None = None
        self._limits = limits
        self._plan = plan
        self._verification = verification
        self._now = now
        self._start: GentleStart | None = None  # while the belt has just begun to move
        self.gives_back = False
        """Whether the belt is steered only until what falls is down; then it goes on without us (S10)."""
        self._follower = PlanFollower(limits, plan, self.pilot, reductions or {})
        self._deck = DeckJudge(self.pilot, verification, limits, belt.incline)

    # Beginnings; one of these is called right after it was made

    def begin(self, seconds: float, *, resuming: bool) -> None:
        """Begin with a belt that has just begun to move; every session begins at the minimum and level."""
        self.pilot.level_first(self._plan.main.incline or 0.0)
        self._start = GentleStart(self.pilot.speeds, self._now, calm=resuming, late=self._limits.late_speed)
        if resuming:
            ahead = self._plan.rises_to(seconds)
            needed = self._plan.cool_down(ahead.speed, ahead.incline) + STAYS_LOW
            self._follower.awaiting_resume = self._plan.length - seconds < needed

    def take_over(self, seconds: float) -> None:
        """Take over a moving belt from a person: go on along the plan, or at its speed if nobody chose one."""
        self._plan.end_warm_up(seconds)
        if self._plan.free:
            self._follower.restart_from(seconds)

    def resume_after_loss(self, before: Self | None, belt: Belt, seconds: float) -> list[Output]:
        """Go on after a lost link: nothing rises until a person acts, what was falling goes on (S10)."""
        self._follower.wait_for_person(seconds)
        self.pilot.stay_low()
        if before is None:
            return []
        self.pilot.lower(before.pilot.setpoint_speed, before.pilot.setpoint_incline)
        self.pilot.remember_sent(before.pilot)
        self.pilot.levels_first = before.pilot.levels_first
        down = before.cool_down
        if down is None:
            return []
        within = min(self._plan.finish(*self._present(belt)), down.ends - down.begins)
        return [self._cool_down(belt, seconds, max(down.ends, seconds + within), down.reason)]

    # State

    def phase(self, seconds: float) -> SessionState:
        """Return the part of the session."""
        if self.cool_down is not None:
            return SessionState.COOL_DOWN
        return SessionState.WARM_UP if seconds < self._plan.warm_up else SessionState.ACTIVE

    @property
    def ends(self) -> float:
        """The second at which it ends."""
        return self.cool_down.ends if self.cool_down else self._plan.length

    @property
    def target_speed(self) -> float:
        """The speed (km/h) that was asked for: the end of a ramp, or the setpoint."""
        return self._follower.end_of(CommandKind.SET_SPEED, self.pilot.setpoint_speed)

    @property
    def target_incline(self) -> float | None:
        """The incline (%) that was asked for."""
        setpoint = self.pilot.setpoint_incline
        return None if setpoint is None else self._follower.end_of(CommandKind.SET_INCLINE, setpoint)

    @property
    def pending_reductions(self) -> Mapping[CommandKind, ManualRamp]:
        """The ramps downward, for whoever steers afterward: a rise ends, a request for less does not."""
        return self._follower.reductions

    @property
    def awaiting_resume(self) -> bool:
        """Whether it waits for a person before anything rises."""
        return self._follower.awaiting_resume and self.cool_down is None

    @property
    def is_starting(self) -> bool:
        """Whether the belt has just begun to move, so that what it does is no change at the console (S12)."""
        return self._start is not None

    @property
    def falling(self) -> bool:
        """Whether somebody slows or lowers it, and it is not there yet."""
        pilot = self.pilot
        commanded, setpoint = pilot.commanded_incline, pilot.setpoint_incline
        lowers = commanded is not None and setpoint is not None and setpoint < commanded
        return pilot.setpoint_speed < pilot.commanded_speed or lowers or bool(self._follower.reductions)

    @property
    def step(self) -> float:
        """By how much (km/h) a belt may differ from what was commanded."""
        return self.pilot.grain + self.pilot.noise

    @property
    def runs_away(self) -> bool:
        """Whether the belt does not come down to the minimum after its start, and has to be stopped."""
        return self._start is not None and self._start.runs_away

    def explains(self, event: MachineEvent) -> bool:
        """Return whether an event may come from the machine's own start."""
        return self._start is not None and self._start.explains(event)

    # Requests

    def set_speed(self, kmh: float, seconds: float) -> float:
        """Steer to a speed (km/h); in the warm-up a higher one ends it."""
        allowed = self._limits.allowed_speed(kmh)
        if allowed > self.pilot.setpoint_speed:
            self._check_may_rise()
            self._plan.end_warm_up(seconds)
        self._request(CommandKind.SET_SPEED, allowed, seconds)
        return self.pilot.set_speed(kmh)

    def set_incline(self, percent: float, seconds: float) -> float:
        """Steer to an incline (%)."""
        allowed = self._limits.allowed_incline(percent)
        if allowed > (self.pilot.setpoint_incline or 0.0):
            self._check_may_rise()
            self._check_deck_follows()
        self._request(CommandKind.SET_INCLINE, allowed, seconds)
        return self.pilot.set_incline(percent)

    def ramp_to(self, targets: Mapping[CommandKind, float], over: float, seconds: float, *, caller: Caller) -> None:
        """Go evenly to a speed (km/h) and an incline (%) in this time (s), as far as S5 allows, and stay there.

        Without a person the plan goes on below it, and so does what a person slows down (S16).
        """
        ramps = self._follower.ramps_to(targets, over, seconds, caller=caller)
        if any(ramp.rises for ramp in ramps.values()):
            self._check_may_rise()
            if CommandKind.SET_INCLINE in ramps and ramps[CommandKind.SET_INCLINE].rises:
                self._check_deck_follows()
            self._plan.end_warm_up(seconds)
        self._follower.ramps |= ramps

    def resume(self) -> None:
        """Let the plan go on after we had lost sight of the belt, because a person asked for it."""
        self._check_may_rise()
        self._follower.target = self._plan.least
        self.pilot.level_up()

    def skip(self, belt: Belt, seconds: float, *, caller: Caller) -> None:
        """Go to the program's next step; the last one is followed by the cool-down."""
        plan = self._plan
        if not isinstance(plan, ProgramPlan) or self.cool_down is not None:
            raise RefusedError(Refusal.NOTHING_TO_SKIP)
        if not caller.is_person and plan.rises_by_skipping(
            seconds, Target(self.pilot.setpoint_speed, self.pilot.setpoint_incline)
        ):
            raise RefusedError(Refusal.NEEDS_PERSON)
        if not plan.skip(seconds):
            plan.length = min(plan.length, seconds + plan.cool_down(*self._present(belt)))

    def finish(self, belt: Belt, seconds: float, *, within: float, reason: EndReason) -> SessionEvent | None:
        """Cool down in this time (s) at most, then end; return None if it does so already."""
        speed, incline = self._present(belt)
        ends = min(seconds + min(self._plan.finish(speed, incline), within), self.ends)
        if self.cool_down is not None and self.cool_down.ends <= ends:
            return None
        return self._cool_down(belt, seconds, ends, reason)

    # Time and events

    def advance(self, belt: Belt, seconds: float, now: float) -> list[Output]:
        """Return what to send and to report now, on a belt that moves and whose reports are fresh."""
        self.pilot.noise = belt.noise_filters[CommandKind.SET_SPEED].noise
        start = self._start
        if start is not None and (start.over(now) or self.pilot.commanded_speed > start.least):
            self._start = start = None
        if start is not None:
            # Its targets are not verified as others are (S9): it does that itself.
            repeat = start.update(belt, now)
            if start.failed:
                self._start = start if start.runs_away else None
                mismatch = self._verification.on_missed(start.least, belt.speed)
                return [not_obeyed(mismatch, CommandKind.SET_SPEED)]
            if repeat:
                return [self.pilot.repeat(now)]
            if not start.at_minimum:
                return []
        out = self._verify(belt, now)
        if self._verification.mismatch is CommandMismatch.MILES:
            # Nobody knows what its numbers mean: it ends gently, and a check run finds out (S9).
            ended = self.finish(belt, seconds, within=FINISHES_WITHIN, reason=EndReason.NOT_OBEYED)
            out += [] if ended is None else [ended]
        out += self._follow(belt, seconds)
        # Nothing rises on a belt that does not follow: the console may have slowed it (S7).
        calm = start is not None and start.calm
        blocked = self.cool_down is not None or self._verification.mismatch is not None or calm
        speed, incline = belt.readings
        match self.pilot.steer(now, speed=speed, incline=incline, may_rise=not blocked):
            case Rise() as rise:
                out.append(RiseSoonEvent(axis_name(rise.kind), rise.start, rise.target, rise.seconds))
            case Reached() as reached:
                out.append(StepChangedEvent(axis_name(reached.kind), reached.target))
            case Command() as command:
                out.append(self._sent(command, belt, now))
        return out

    def on_accepted(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine accepted a command at `now` (s): its effect shows from then on."""
        self.pilot.on_accepted(kind, now)
        self._verification.on_accepted(kind, now)

    def on_failed(self, command: Command, belt: Belt, *, declined: bool) -> list[Output]:
        """Take in that a target was declined, or never answered: stay at what the belt does; what falls is tried again.

        A rise is reported as refused, once; it rises again when a person asks for it, or the plan changes.
        """
        if self._start is not None and not self._start.at_minimum:
            return []  # the minimum is commanded again
        if (told := self._deck.on_declined(command, belt.incline)) is not None:
            return [*told]
        if declined:
            self._verification.reset(command.kind)
        self._follower.on_declined(command.kind)
        match self.pilot.on_declined(command, speed=belt.speed, incline=belt.incline):
            case Refused() as refused:
                return [RiseRefusedEvent(axis_name(refused.kind), refused.target, refused.present)]
        return []

    def _follow(self, belt: Belt, seconds: float) -> list[Output]:
        """Give the pilot the target of this second: of the cool-down, or of the plan and people's requests."""
        speed, incline = self._present(belt)
        begun: list[Output] = []
        plan = self._plan
        if self.cool_down is None and plan.phase(seconds, speed, incline) is SessionState.COOL_DOWN:
            # Late after a gap or a pause, it is announced and slowed all the same.
            ends = max(plan.length, seconds + plan.finish(speed, incline))
            begun.append(self._cool_down(belt, seconds, ends, EndReason.COMPLETED))
        if self.cool_down is not None:
            self._follower.ramps.clear()
            self.pilot.lower(self.cool_down.speed_at(seconds), plan.least.incline)
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
        self.pilot.lower(self.pilot.commanded_speed, self.pilot.commanded_incline)
        return CoolingDownEvent(reason, round(max(ends - seconds, 0.0)), speed, least)

    def _verify(self, belt: Belt, now: float) -> list[Output]:
        found = self._verification.evaluate(belt, self._limits, now, self.pilot.under_way)
        if found is None:
            return []
        mismatch, kind = found
        deck = belt.readings[1]
        if kind is CommandKind.SET_INCLINE and deck is not None:
            if (told := self._deck.on_mismatch(mismatch, deck)) is not None:
                return [*told]
            self._verification.mismatch = mismatch
        out: list[Output] = [not_obeyed(mismatch, kind)]
        self.pilot.lower(self.pilot.commanded_speed, self.pilot.commanded_incline)
        if mismatch is CommandMismatch.MILES:
            self.pilot.convert_to_miles()
        elif mismatch is CommandMismatch.OVERSHOOT and (command := self.pilot.step_down(kind, now)) is not None:
            out.append(command)
        return out

    def _sent(self, command: Command, belt: Belt, now: float) -> Command:
        self._verification.on_command(command, belt, now)
        belt.noise_filters[command.kind].on_command(now)
        return command

    def _present(self, belt: Belt) -> tuple[float, float | None]:
        """Return what the belt does or will do in a moment (km/h, %)."""
        inclines = [percent for percent in (belt.incline, self.pilot.commanded_incline) if percent is not None]
        return max(belt.speed, self.pilot.commanded_speed), max(inclines, default=None)

    def _check_may_rise(self) -> None:
        if self._verification.mismatch is not None:
            raise RefusedError(Refusal.NOT_OBEYED)
        if self.cool_down is not None:
            raise RefusedError(Refusal.COOLING_DOWN)
        self._follower.release()

    def _check_deck_follows(self) -> None:
        if self._verification.deck.given_up:
            raise RefusedError(Refusal.DECK_DOES_NOT_FOLLOW)


def not_obeyed(mismatch: CommandMismatch, kind: CommandKind) -> SessionEvent:
    """Return the event that reports that belt or deck do not obey (S9)."""
    return NotObeyedEvent(mismatch, axis_name(kind))
