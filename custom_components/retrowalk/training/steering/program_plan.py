"""What a program becomes on a machine, inside the limits of a session: a plan that follows its curve.

The program's seconds are those of the session: warm-up and cool-down lie over its beginning and its end. Whatever the
limits, the pace of rises (S5) or people's requests, it ends when it was to end, unless steps are skipped.
"""

from itertools import takewhile

from ...machine.model import CommandKind
from ..limits import Limits
from ..programs.program import Program
from ..programs.steps import Ramp
from .axis import EPSILON, NEVER, NOTICE_LAPSES, RISE_NOTICE, Ahead
from .profile import Profile, ProfileLeg, slope
from .session_plan import SessionPlan, SessionRequest, Target

_BEFORE_END = 1e-3  # s


def plan_for(request: SessionRequest, limits: Limits) -> SessionPlan:
    """Return the plan for a request."""
    if request.program is not None:
        return ProgramPlan(request.program, limits)
    return SessionPlan(request.length, request.speed, request.incline, limits)


class ProgramPlan(SessionPlan):
    """The plan of a program. A request shifts what is left of it: too fast in one step is too fast in all."""

    def __init__(self, program: Program, limits: Limits) -> None:
        """Take the program's length, as far as a session may last (S15)."""
        self.program = program
        self.limits = limits
        self._asked = self._curve = Profile(program, limits)
        self._faster = self._uphill = 0.0  # km/h and % by which people shifted it
        self._skipped = 0.0  # s of the program
        super().__init__(program.duration, program.top_speed or 0.0, None, limits)

    @property
    def skipped(self) -> float:
        """Seconds of the program that were skipped, by which it is ahead of the session."""
        return self._skipped

    @property
    def shift(self) -> tuple[float, float]:
        """By how much (km/h, %) people shifted what is left of it."""
        return self._faster, self._uphill

    def constant_until(self, seconds: float, speed: float, incline: float | None) -> float:
        """Return until when (s of the session) its target stays the same and no cool-down begins from this."""
        until = self.warm_up
        if seconds >= self.warm_up:
            leg = self._curve.leg_at(seconds + self._skipped)
            even = leg.speed.start == leg.speed.end and (leg.incline is None or leg.incline.start == leg.incline.end)
            until = leg.ends - self._skipped if even else seconds
            if even and self._curve.is_last(leg):
                until = self.length
        return min(until, self.cool_down_starts(speed, incline))

    def step_at(self, seconds: float) -> int:
        """Return which of the program's flat steps a second of the session belongs to, from 0."""
        return self._curve.leg_at(seconds + self._skipped).step

    # The curve

    def target_at(self, seconds: float) -> Target:
        """Return the target at a second of the session, cool-down aside; it may lie between the machine's steps."""
        return self.least if seconds < self.warm_up else self.rises_to(seconds)

    def rises_to(self, seconds: float) -> Target:
        """Return what the program asks for at a second of the session, warm-up or not."""
        leg = self._curve.leg_at(seconds + self._skipped)
        part = leg.part(seconds + self._skipped)
        return Target(leg.speed.at(part), leg.incline.at(part) if leg.incline else None)

    def ahead(self, kind: CommandKind, seconds: float, commanded: float, other: float | None = None) -> Ahead | None:
        """Return the ramp up from what was last commanded, at a second of the session or soon after it.

        `other` is what was commanded for the other axis, which may make the cool-down begin sooner.

        None where it does not rise; a belt that stayed behind does not rise any more once the curve falls. What rises
        only after a fall below that is announced once the belt is down, or it would be announced from the wrong level.
        """
        soon = seconds + RISE_NOTICE
        legs = takewhile(lambda leg: leg.begins <= soon + self._skipped, self._curve.legs_from(seconds + self._skipped))
        begins = [leg.begins - self._skipped for leg in legs]
        before = seconds
        for begin in (seconds, *sorted(begin for begin in (*begins, self.warm_up) if seconds < begin <= soon)):
            if begin > before and self._falls_below(kind, before, begin, commanded):
                return None
            if (found := self._rise(kind, seconds, begin, commanded, other)) is not None:
                return found
            before = begin
        return None

    def _falls_below(self, kind: CommandKind, seconds: float, until: float, level: float) -> bool:
        """Return whether an even part of it, or what comes next, asks for less than a level."""
        return min(self._asks(kind, each) for each in (seconds, until - _BEFORE_END, until)) < level

    def slows_for_long(self, seconds: float, speed: float) -> bool:
        """Return whether the belt may slow down for longer than a rise may be late that is announced at a second.

        Nothing rises on a belt that does not have its speed yet. How quickly it slows down is its own: a fall has to
        leave time to spare.
        """
        kind, pace, begins = CommandKind.SET_SPEED, slope(self.limits.speed_down), seconds + RISE_NOTICE
        return (
            speed - self._asks(kind, begins) > pace * (NOTICE_LAPSES - RISE_NOTICE)
            or speed - self._asks(kind, begins + NOTICE_LAPSES) > pace * NOTICE_LAPSES
        )

    def _rise(
        self, kind: CommandKind, now: float, seconds: float, commanded: float, other: float | None
    ) -> Ahead | None:
        """Return how the step of a second rises from there, seen from now.

        None while it falls or stays, and where it falls again before the machine could have made a step.
        """
        if seconds < self.warm_up:
            return None
        clock = now + self._skipped
        top, reached, ends, before = commanded, clock, clock, NEVER
        for leg in self._curve.rest_of_step(seconds + self._skipped):
            ramp = _of(leg, kind)
            if ramp is None or ramp.end < ramp.start:
                break
            if ramp.start < before - EPSILON and (top > commanded or self.limits.allowed(kind, ramp.start) < commanded):
                break
            before, ends = ramp.end, leg.ends
            if (value := self.limits.allowed(kind, ramp.end)) > top:
                top, reached = value, max(leg.begins if ramp.start == ramp.end else leg.ends, clock)
        if top <= commanded:
            return None
        pace = self.limits.speed_up if kind is CommandKind.SET_SPEED else self.limits.incline_pace
        falls = self._falls(kind, top, reached) - self._skipped
        if falls < seconds + (pace.seconds if pace else 0.0):
            return None

        def cools(level: float) -> float:
            speed, incline = (level, other) if kind is CommandKind.SET_SPEED else (other or 0.0, level)
            return self.cool_down_starts(speed, incline) - now

        soon = max(seconds, min(now + RISE_NOTICE, ends - self._skipped - _BEFORE_END))
        rises = self._asks(kind, soon) > commanded
        return Ahead(top=top, lasts=reached - clock, ends=falls - now, soon=rises, cools=cools)

    def _falls(self, kind: CommandKind, top: float, reached: float) -> float:
        """Return when (s of the program) it falls, or is below a level again that it has reached."""
        for leg in self._curve.legs_from(reached):
            ramp = _of(leg, kind)
            if ramp is not None and leg.ends > reached and (ramp.end < ramp.start or ramp.start < top - EPSILON):
                return leg.begins
        return float("inf")

    def _asks(self, kind: CommandKind, seconds: float) -> float:
        target = self.target_at(seconds)
        return self.limits.allowed(kind, target.speed if kind is CommandKind.SET_SPEED else (target.incline or 0.0))

    # Requests

    def change_main(self, **changes: float) -> None:
        """Ignore the change: there is no main part but the program."""

    def apply_request(self, seconds: float, *, speed: float | None = None, incline: float | None = None) -> None:
        """Shift the rest of the program to what is asked for now; a request for more ends the warm-up."""
        now = self.target_at(seconds)
        if (speed or 0.0) > now.speed or (incline or 0.0) > (now.incline or 0.0):
            self.end_warm_up(seconds)
            now = self.target_at(seconds)
        if seconds < self.warm_up:
            return
        asked = self._asked.leg_at(seconds + self._skipped)
        part = asked.part(seconds + self._skipped)
        # A request for what the machine does anyway does not mean the value that was rounded to it.
        if speed is not None and speed != self._asks(CommandKind.SET_SPEED, seconds):
            self._faster = _shift(self._faster, asked.speed.at(part), now.speed, speed)
        if (
            incline is not None
            and asked.incline is not None
            and incline != self._asks(CommandKind.SET_INCLINE, seconds)
        ):
            self._uphill = _shift(self._uphill, asked.incline.at(part), now.incline or 0.0, incline)
        self._curve = Profile(self.program, self.limits, speed=self._faster, incline=self._uphill)

    def next_at(self, seconds: float) -> float | None:
        """Return the second of the session at which the next step would begin; None in the last one.

        After the warm-up comes what is left of its step, if anything is.
        """
        *_, last = self._curve.rest_of_step(seconds + self._skipped)
        ends = last.ends - self._skipped
        if seconds < self.warm_up < ends:
            return seconds
        return None if self._curve.is_last(last) else ends

    def skip(self, seconds: float) -> bool:
        """Go to the next step, so that the session ends earlier by what is left of this one; False if there is none."""
        begins = self.next_at(seconds)
        self.end_warm_up(seconds)
        if begins is None:
            return False
        self._skipped += begins - seconds
        self.length -= begins - seconds
        return True

    def rises_by_skipping(self, seconds: float, setpoint: Target) -> bool:
        """Return whether the next step rises above this one, or above the present setpoint."""
        begins, now = self.next_at(seconds), self.target_at(seconds)
        speed, incline = min(now.speed, setpoint.speed), min(now.incline or 0.0, setpoint.incline or 0.0)
        return begins is not None and any(
            leg.speed.top > speed or (leg.incline is not None and leg.incline.top > incline)
            for leg in self._curve.rest_of_step(begins + self._skipped)
        )


def _of(leg: ProfileLeg, kind: CommandKind) -> Ramp | None:
    return leg.speed if kind is CommandKind.SET_SPEED else leg.incline


def _shift(shifted: float, asked: float, now: float, wanted: float) -> float:
    """Return by how much a curve has to be shifted for a request, if it is shifted already.

    Speed and incline wait for each other by how far they rise (S5), so that the curve may already be ahead of what was
    asked for. A request for less than now never shifts it up.
    """
    return min(wanted - asked, shifted + wanted - now) if wanted < now else wanted - asked
