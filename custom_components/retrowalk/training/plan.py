"""What a program becomes on a machine, inside the limits of a walk: a course that follows its curve.

The program's seconds are those of the walk: warm-up and cool-down lie over its beginning and its end. Whatever the
limits, the pace of rises (S5) or people do to it, it ends when it was to end, unless steps are skipped.
"""

from collections.abc import Iterator

from ..machine.model import CommandKind
from .course import Course, Target, Wish
from .curve import Curve, Leg
from .forecast import PlannedStep, forecast
from .limits import Limits
from .pilot import RISE_NOTICE, Ahead
from .program import Program, Ramp

NO_STEP = -1


def course_for(wish: Wish, limits: Limits) -> Course:
    """The course of what somebody wants."""
    if wish.program is not None:
        return ProgramCourse(wish.program, limits)
    return Course(wish.length, wish.speed, wish.incline, limits)


class ProgramCourse(Course):
    """The course of a program. A wish shifts what is left of it: too fast in one step is too fast in all."""

    def __init__(self, program: Program, limits: Limits) -> None:
        """The length is the program's, as far as a session may last (S15)."""
        self.program = program
        self._limits = limits
        self._asked = self._curve = Curve(program, limits)
        self._faster = self._uphill = 0.0  # km/h and % by which people shifted it
        self._skipped = 0.0  # s of the program
        speed = max(leg.speed.top for leg in self._curve.legs)
        super().__init__(program.duration, speed, None, limits)

    def steps(self, since: float = 0.0, present: Target | None = None) -> tuple[PlannedStep, ...]:
        """What the belt will do from a second on, where it does this at it: the whole walk, unless said otherwise."""
        labels = {step: stretch.label for step, stretch in enumerate(self.program.stretches)}
        legs = self._rest(since)
        return forecast(self, self._limits, legs, labels, since=since, present=present or self.least)

    def _rest(self, since: float) -> Iterator[Leg]:
        """The legs that are left of the walk, in its seconds; the warm-up is one, and what runs short lasts longer."""
        warm, curve = max(self.warm_up, since), self._curve
        if since < self.warm_up:
            least, level = self.least.speed, self.least.incline
            flat = None if level is None else Ramp(level, level)
            yield Leg(begins=since, ends=warm, step=NO_STEP, speed=Ramp(least, least), incline=flat)
        for leg in curve.legs[curve.index_at(warm + self._skipped) :]:
            begins = max(leg.begins - self._skipped, warm)
            ends = self.length if leg is curve.legs[-1] else min(leg.ends - self._skipped, self.length)
            if begins < ends:
                yield leg.cut(begins, ends, self._skipped)

    def step_at(self, seconds: float) -> int:
        """Which of the program's flat steps a second of the walk belongs to, from 0."""
        return self._curve.leg_at(seconds + self._skipped).step

    # The curve.

    def target_at(self, seconds: float) -> Target:
        """The target at a second of the walk, cool-down aside; between the machine's steps."""
        return self.least if seconds < self.warm_up else self.rises_to(seconds)

    def rises_to(self, seconds: float) -> Target:
        """What the program asks for at a second of the walk, warm-up or not."""
        leg = self._curve.leg_at(seconds + self._skipped)
        part = leg.part(seconds + self._skipped)
        return Target(leg.speed.at(part), leg.incline.at(part) if leg.incline else None)

    def ahead(self, kind: CommandKind, seconds: float, commanded: float) -> Ahead | None:
        """The ramp that goes up from what was last commanded, at a second of the walk or soon after it.

        None where it does not rise: also what stayed behind does not, once the curve falls.
        """
        soon = seconds + RISE_NOTICE
        top, lasts = self._top(kind, seconds)
        if self._snap(kind, top) <= commanded and self._begins_anew(seconds, soon):
            top, lasts = self._top(kind, soon)
            lasts += RISE_NOTICE
        elif self._begins_anew(seconds, soon):
            soon = seconds
        if self._snap(kind, top) <= commanded:
            return None
        return Ahead(top=self._snap(kind, top), lasts=lasts, soon=self._snap(kind, self._value(kind, soon)) > commanded)

    def _begins_anew(self, seconds: float, soon: float) -> bool:
        """Whether another step, or the first after the warm-up, begins between two seconds."""
        return seconds < self.warm_up <= soon or self.step_at(seconds) != self.step_at(soon)

    def _top(self, kind: CommandKind, seconds: float) -> tuple[float, float]:
        """How far up the present step still goes, and in how many seconds it is there; nowhere while it falls."""
        top, reached = float("-inf"), 0.0
        if seconds < self.warm_up:
            return top, reached
        for leg in self._curve.rest_of_step(seconds + self._skipped):
            ramp = _of(leg, kind)
            if ramp is None or ramp.end < ramp.start:
                break
            if ramp.end > top:
                top, at = ramp.end, leg.begins if ramp.start == ramp.end else leg.ends
                reached = max(at - seconds - self._skipped, 0.0)
        return top, reached

    def _value(self, kind: CommandKind, seconds: float) -> float:
        target = self.target_at(seconds)
        return target.speed if kind is CommandKind.SET_SPEED else (target.incline or 0.0)

    def _snap(self, kind: CommandKind, value: float) -> float:
        if value == float("-inf"):
            return value
        limits = self._limits
        return limits.allowed_speed(value) if kind is CommandKind.SET_SPEED else limits.allowed_incline(value)

    # What people do to it.

    def change_main(self, **changes: float) -> None:
        """There is no main part but the program."""

    def wish(self, seconds: float, *, speed: float | None = None, incline: float | None = None) -> None:
        """Shift the rest of the program, so that it asks for this now; more than the warm-up ends the warm-up."""
        now = self.target_at(seconds)
        if (speed or 0.0) > now.speed or (incline or 0.0) > (now.incline or 0.0):
            self.end_warm_up(seconds)
        if seconds < self.warm_up:
            return
        asked = self._asked.leg_at(seconds + self._skipped)
        part = asked.part(seconds + self._skipped)
        if speed is not None:
            self._faster = speed - asked.speed.at(part)
        if incline is not None and asked.incline is not None:
            self._uphill = incline - asked.incline.at(part)
        self._curve = Curve(self.program, self._limits, speed=self._faster, incline=self._uphill)

    def next_at(self, seconds: float) -> float | None:
        """The second of the walk at which the next step would begin; None in the last one.

        After the warm-up comes what is left of its step, if anything is.
        """
        *_, last = self._curve.rest_of_step(seconds + self._skipped)
        ends = last.ends - self._skipped
        if seconds < self.warm_up < ends:
            return seconds
        return None if last is self._curve.legs[-1] else ends

    def skip(self, seconds: float) -> bool:
        """Go to the next step, so that the walk ends earlier by what is left of this one; False: there is none."""
        begins = self.next_at(seconds)
        self.end_warm_up(seconds)
        if begins is None:
            return False
        self._skipped += begins - seconds
        self.length -= begins - seconds
        return True

    def rises_by_skipping(self, seconds: float) -> bool:
        """Whether the next step goes further up than the belt is asked to be now."""
        begins, now = self.next_at(seconds), self.target_at(seconds)
        return begins is not None and any(
            leg.speed.top > now.speed or (leg.incline is not None and leg.incline.top > (now.incline or 0.0))
            for leg in self._curve.rest_of_step(begins + self._skipped)
        )


def _of(leg: Leg, kind: CommandKind) -> Ramp | None:
    return leg.speed if kind is CommandKind.SET_SPEED else leg.incline
