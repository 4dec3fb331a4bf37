"""Steers one stretch of a walk along its course, from where we took the belt until it rests or another hand has it."""

from collections.abc import Mapping
from dataclasses import replace

from ..machine.model import Command, CommandKind
from .belt import Belt
from .course import CoolDown, Course, Target
from .limits import Limits
from .pilot import Pilot, Reached, Rise
from .plan import ProgramCourse
from .program import Ramp
from .ramp import Ramping
from .states import Refusal, RefusedError, SessionEvent, SessionEventKind, SessionState
from .verify import Finding, Verification

SETTLES = 5.0
"""Seconds after the first movement in which the belt reaches its start speed: some gain 0.25 km/h a second."""
RESUMES_SLOWLY = 10.0
"""Seconds at the minimum after a pause (S12)."""
STAYS_LOW = 30.0
"""Seconds besides the cool-down that must be left after a pause for the belt to rise again (S12)."""

type Output = Command | SessionEvent


class Steering:
    """What the belt is told while it is ours. `seconds` are those of the walk, `now` those of the clock."""

    def __init__(
        self,
        limits: Limits,
        course: Course,
        verification: Verification,
        belt: Belt,
        now: float,
        *,
        speed: float,
        rises: Mapping[CommandKind, float],
    ) -> None:
        self.pilot = Pilot(limits, speed=speed, incline=belt.incline, now=now, rises=rises)
        self.cool_down: CoolDown | None = None
        self._limits = limits
        self._course = course
        self._verification = verification
        self._since = now
        self._settled = True
        self._calm = 0.0  # s at the beginning in which nothing rises
        self._held = False  # nothing rises until a person acts
        self._declined = False
        self._stays: int | None = None  # a step of the program that the machine declined: nothing rises in it
        self._ramping: Ramping | None = None
        self._target = course.least  # the newest of the course's targets that was taken for a wish

    # How a stretch begins; one of these is called right after it was made.

    def begin(self, seconds: float, *, resuming: bool) -> None:
        """The belt has just begun to move; every walk begins at the minimum and level."""
        self.pilot.level_first()
        self._settled = False
        if resuming:
            self._calm = RESUMES_SLOWLY
            ahead = self._course.rises_to(seconds)
            needed = self._course.cool_down(ahead.speed, ahead.incline) + STAYS_LOW
            self._held = self._course.length - seconds < needed

    def take_over(self, seconds: float) -> None:
        """A person gives us a moving belt: on along the course, or at its speed if nobody chose one."""
        self._course.end_warm_up(seconds)
        if self._course.free:
            self._target = self._course.target_at(seconds)

    def hold(self, seconds: float) -> None:
        """We have lost sight of the belt for a while: nothing rises until a person acts (S10)."""
        self._target = self._course.target_at(seconds)
        self._held, self._ramping = True, None

    # What is seen of it.

    def phase(self, seconds: float) -> SessionState:
        """The part of the walk."""
        if self.cool_down is not None:
            return SessionState.COOL_DOWN
        return SessionState.WARM_UP if seconds < self._course.warm_up else SessionState.ACTIVE

    @property
    def ends(self) -> float:
        """The second at which it ends."""
        return self.cool_down.ends if self.cool_down else self._course.length

    @property
    def speed_wish(self) -> float:
        """The speed that is steered to (km/h): the end of a ramp that somebody asked for."""
        return self._end_of(CommandKind.SET_SPEED, self.pilot.speed_wish)

    @property
    def incline_wish(self) -> float | None:
        """The incline that is steered to (%)."""
        wish = self.pilot.incline_wish
        return None if wish is None else self._end_of(CommandKind.SET_INCLINE, wish)

    @property
    def held(self) -> bool:
        """Whether it waits for a person before anything rises."""
        return self._held and self.cool_down is None

    # What people ask.

    def wish_speed(self, kmh: float, seconds: float) -> float:
        """Steer to a speed; in the warm-up that is a wish to begin."""
        self._end_ramp(CommandKind.SET_SPEED)
        wish = self._limits.allowed_speed(kmh)
        warming_up = self.phase(seconds) is SessionState.WARM_UP
        if wish > self.pilot.speed_wish:
            self._check_may_rise()
            if warming_up:
                self._course.end_warm_up(seconds)
        elif warming_up:
            self._course.change_main(speed=wish)
        self._course.wish(seconds, speed=wish)
        # It holds until the course itself wants another.
        self._target = replace(self._target, speed=self._course.target_at(seconds).speed)
        return self.pilot.wish_speed(kmh)

    def wish_incline(self, percent: float, seconds: float) -> float:
        """Steer to an incline."""
        self._end_ramp(CommandKind.SET_INCLINE)
        wish = self._limits.allowed_incline(percent)
        if wish > (self.pilot.incline_wish or 0.0):
            self._check_may_rise()
        if self.phase(seconds) is SessionState.WARM_UP:
            self._course.change_main(incline=wish)
        self._course.wish(seconds, incline=wish)
        self._target = replace(self._target, incline=self._course.target_at(seconds).incline)
        return self.pilot.wish_incline(percent)

    def ramp_to(self, targets: Mapping[CommandKind, float], over: float, seconds: float) -> None:
        """Go evenly to a speed (km/h) and an incline (%) in this time (s), as far as S5 allows, and stay there."""
        pilot, limits = self.pilot, self._limits
        ramps: dict[CommandKind, Ramp] = {}
        for kind, target in targets.items():
            end = limits.allowed_speed(target) if kind is CommandKind.SET_SPEED else limits.allowed_incline(target)
            ramps[kind] = Ramp(pilot.commanded(kind), end)
        if any(ramp.end > ramp.start for ramp in ramps.values()):
            self._check_may_rise()
            self._course.end_warm_up(seconds)
        self._ramping = Ramping(seconds, seconds + over, ramps)

    def go_on(self) -> None:
        """A person lets the course go on after we had lost sight of the belt."""
        self._check_may_rise()
        self._target = self._course.least

    def skip(self, belt: Belt, seconds: float, *, by_person: bool) -> None:
        """On to the program's next step; the last one is followed by the cool-down."""
        course = self._course
        if not isinstance(course, ProgramCourse) or self.cool_down is not None:
            raise RefusedError(Refusal.NOTHING_TO_SKIP)
        if not by_person and course.rises_by_skipping(seconds):
            raise RefusedError(Refusal.NEEDS_PERSON)
        if not course.skip(seconds):
            course.length = min(course.length, seconds + course.cool_down(*self._present(belt)))

    def finish(self, belt: Belt, seconds: float, *, within: float, reason: str) -> SessionEvent | None:
        """Cool down in this time (s) at most, then end; None if it does so already."""
        speed, incline = self._present(belt)
        ends = min(seconds + min(self._course.finish(speed, incline), within), self.ends)
        if self.cool_down is not None and self.cool_down.ends <= ends:
            return None
        return self._cool_down(belt, seconds, ends, reason)

    # What happens.

    def advance(self, belt: Belt, seconds: float, now: float) -> list[Output]:
        """What to send and tell now, on a belt that moves and is heard."""
        if not self._settled:
            if now - self._since < SETTLES and belt.speed <= self._limits.allowed_speed(belt.speed) + 0.05:
                return []
            self._settled = True
            command = self.pilot.settle(belt.speed, now)
            return [] if command is None else [self._sent(command, belt, now)]
        out = self._verify(belt, now)
        out += self._follow(belt, seconds)
        # Nothing rises on a belt that does not follow: a hand on the console may have slowed it (S7).
        calm = now - self._since < self._calm
        blocked = self.cool_down is not None or self._verification.finding is not None or calm
        match self.pilot.steer(now, present=belt.speed, may_rise=self.pilot.on_target(belt.speed) and not blocked):
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

    def declined(self, belt: Belt) -> None:
        """A target did not reach the machine: stay at what the belt does."""
        self._verification.forget()
        self._declined, self._ramping = True, None
        self.pilot.hold(speed=belt.speed, incline=belt.incline)

    def _follow(self, belt: Belt, seconds: float) -> list[Output]:
        """Take the course's target for a wish whenever it changes; what people wished meanwhile holds till then."""
        speed, incline = self._present(belt)
        begun: list[Output] = []
        course = self._course
        if self.cool_down is None and course.phase(seconds, speed, incline) is SessionState.COOL_DOWN:
            # Late after a silence or a pause: it is announced and slowed all the same.
            ends = max(course.length, seconds + course.finish(speed, incline))
            begun.append(self._cool_down(belt, seconds, ends, "completed"))
        if self.cool_down is not None:
            self.pilot.lower(self.cool_down.speed_at(seconds), course.least.incline)
        elif isinstance(course, ProgramCourse):
            self._trace(course, seconds)
        else:
            self._take(course.target_at(seconds))
        self._climb(seconds)
        return begun

    def _climb(self, seconds: float) -> None:
        """Follow the ramp that somebody asked for; at its end it is a wish like any other."""
        ramping = self._ramping
        if ramping is None:
            return
        if self.cool_down is not None or self._verification.finding is not None:
            self._ramping = None
        elif ramping.over(seconds):
            for kind, ramp in ramping.ramps.items():
                wish = self.wish_speed if kind is CommandKind.SET_SPEED else self.wish_incline
                wish(ramp.end, seconds)
        else:
            until = self._course.cool_down_starts(self.speed_wish, self.incline_wish)
            for kind in ramping.ramps:
                pilot_wish = self.pilot.wish_speed if kind is CommandKind.SET_SPEED else self.pilot.wish_incline
                pilot_wish(ramping.at(kind, seconds))
                self.pilot.follow(kind, ramping.ahead(kind, seconds, until))

    def _end_ramp(self, kind: CommandKind) -> None:
        """Somebody wants something else of one of the two; the other goes on."""
        if self._ramping is not None:
            self._ramping = self._ramping.without(kind)

    def _end_of(self, kind: CommandKind, wish: float) -> float:
        ramp = self._ramping.ramps.get(kind) if self._ramping is not None else None
        return wish if ramp is None else ramp.end

    def _trace(self, course: ProgramCourse, seconds: float) -> None:
        """Follow a program's curve: each of its points is a wish, and its ramps are known before they begin."""
        if self._declined:
            self._declined, self._stays = False, course.step_at(seconds)
        self._target = target = course.target_at(seconds)
        if self._held or self._verification.finding is not None or course.step_at(seconds) == self._stays:
            self.pilot.lower(target.speed, target.incline)
            return
        self.pilot.wish_speed(target.speed)
        kinds = [CommandKind.SET_SPEED]
        if target.incline is not None:
            self.pilot.wish_incline(target.incline)
            kinds.append(CommandKind.SET_INCLINE)
        for kind in kinds:
            self.pilot.follow(kind, course.ahead(kind, seconds, self.pilot.commanded(kind)))

    def _take(self, target: Target) -> None:
        before, self._target = self._target, target
        speed = self.pilot.speed_wish if target.speed == before.speed else target.speed
        incline = self.pilot.incline_wish if target.incline == before.incline else target.incline
        if self._held or self._verification.finding is not None:
            self.pilot.lower(speed, incline)
            return
        self.pilot.wish_speed(speed)
        if incline is not None:
            self.pilot.wish_incline(incline)

    def _cool_down(self, belt: Belt, seconds: float, ends: float, reason: str) -> SessionEvent:
        speed, _ = self._present(belt)
        least = self._course.least.speed
        self.cool_down = CoolDown(seconds, ends, speed, least, reason)
        # A ramp that is under way ends where it is.
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        data = {"reason": reason, "seconds": round(max(ends - seconds, 0.0)), "start": speed, "target": least}
        return SessionEvent(SessionEventKind.COOLING_DOWN, data)

    def _verify(self, belt: Belt, now: float) -> list[Output]:
        found = self._verification.look(belt, self._limits, now)
        if found is None:
            return []
        finding, kind = found
        out: list[Output] = [SessionEvent(SessionEventKind.NOT_OBEYED, {"finding": finding.value, "what": _what(kind)})]
        self.pilot.lower(self.pilot.speed, self.pilot.incline)
        if finding is not Finding.IGNORED and (command := self.pilot.step_down(kind, now)) is not None:
            out.append(command)
        return out

    def _sent(self, command: Command, belt: Belt, now: float) -> Command:
        self._verification.sent(command, belt, now)
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
        self._held, self._stays = False, None


def _what(kind: CommandKind) -> str:
    return "speed" if kind is CommandKind.SET_SPEED else "incline"
