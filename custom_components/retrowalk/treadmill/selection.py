"""The choices for the next session: walker, direction, length, speed and program (S4)."""

from collections.abc import Callable
from dataclasses import replace
from math import isfinite

from homeassistant.core import Context, callback

from ..errors import ErrorKey, out_of_range, translated_errors, wrong
from ..programs.library import FREE, PLAN, ProgramLibrary
from ..training.coaching.presets import KNEE_WEEKS, PRESETS, fits, knee_incline, knee_week, lengths, speeds
from ..training.limits import Direction
from ..training.programs.program import Program
from ..training.session.controller import SessionController
from ..training.states import BETWEEN_SESSIONS, PREPARING
from ..training.steering.session_plan import DEFAULT_LENGTH, SHORTEST, SessionRequest
from ..walkers.planner import Planner
from ..walkers.recorder import SessionRecorder
from ..walkers.roster import WalkerRoster
from ..walkers.walker import GUEST, Walker


class NextSession:
    """The choices for one treadmill's next session; a session that was made ready keeps its own."""

    def __init__(
        self,
        session: SessionController,
        roster: WalkerRoster,
        recorder: SessionRecorder,
        *,
        planner: Planner,
        programs: ProgramLibrary,
        changed: Callable[[], object],
    ) -> None:
        """Initialize the choices; `changed` is called after a change that entities show."""
        self._session = session
        self._roster = roster
        self._recorder = recorder
        self._planner = planner
        self._programs = programs
        self._changed = changed
        self._length = DEFAULT_LENGTH / 60  # min, of a free session
        self._speed: float | None = None  # km/h, of a free session; None: the minimum, until somebody raises it
        self._program = PLAN
        self._walker_choice: str | None = None

    @property
    def chosen(self) -> str | None:
        """Return the chosen walker: a subentry ID, GUEST, or None without a choice or after its removal."""
        return self._walker_choice if self._walker_choice in {*self._roster.walkers, GUEST} else None

    @property
    def length(self) -> float:
        """Return the length (min) of the session that is prepared or under way, or else of the next one."""
        planned = None if self._session.state in BETWEEN_SESSIONS else self._session.length
        return self._chosen_length if planned is None else planned / 60

    @property
    def speed(self) -> float | None:
        """Return the speed (km/h) that was chosen for a free session; None: the minimum."""
        return self._speed if self._program == FREE else None

    @property
    def program(self) -> str:
        """Return PLAN, FREE or a program: of the session prepared or under way, or else of the next one."""
        session = self._session
        if session.state in BETWEEN_SESSIONS:
            return self._program
        return (session.request and session.request.program_name) or FREE

    @property
    def walker(self) -> Walker | None:
        """Return who walks, or would walk if a session began now; None is a guest."""
        if self._recorder.meter is not None:
            walker = self._recorder.meter.walker
        elif self._session.state in PREPARING:
            walker = self._session.walker
        else:
            walker = self.chosen
        return self._roster.walkers.get(walker) if walker else None

    @property
    def undecided(self) -> bool:
        """Return whether no walker was chosen, so that it is the person who starts (S4)."""
        session = self._session
        if session.under_way or self.chosen is not None:
            return False
        # After a session its request remains, but it is no choice for the next one.
        return session.state in BETWEEN_SESSIONS or session.request is None or session.request.open

    @property
    def starting_walker(self) -> str | None:
        """Return the walker of a session that begins.

        A session begun at the console belongs to the chosen walker, or to the only one there is.
        """
        walkers, chosen = self._roster.walkers, self.chosen
        request = self._session.request
        if request is not None and (request.walker is not None or not request.open):
            return request.walker
        if chosen is None and len(walkers) == 1:
            return next(iter(walkers))
        return chosen if chosen in walkers else None

    @callback
    def choose_direction(self, direction: Direction) -> None:
        """Choose the direction of the next session."""
        if self._fixed:
            raise wrong(ErrorKey.DIRECTION_FIXED)
        if direction is not self._session.direction:
            self._speed = None  # what is an easy walk forward is a fast one backward
        self._session.choose_direction(direction)
        self._changed()

    @callback
    def choose_length(self, minutes: float) -> None:
        """Choose the length of the next session, which makes it a free one."""
        if self._fixed:
            raise wrong(ErrorKey.LENGTH_FIXED)
        longest = self._session.rules.limits(self._session.direction).longest
        if not SHORTEST <= minutes * 60 <= longest:
            raise out_of_range(ErrorKey.MINUTES_OUT_OF_RANGE, SHORTEST / 60, longest / 60)
        self._length, self._speed, self._program = minutes, self.speed, FREE
        self._changed()

    @callback
    def choose_speed(self, kmh: float) -> None:
        """Choose the speed (km/h) of the next session, which makes it a free one."""
        if self._fixed:
            raise wrong(ErrorKey.SPEED_FIXED)
        allowed = self._session.rules.limits(self._session.direction).speed
        if allowed is not None and not allowed.minimum <= kmh <= allowed.maximum:
            raise out_of_range(ErrorKey.SPEED_OUT_OF_RANGE, allowed.minimum, allowed.maximum)
        self._speed, self._program = kmh, FREE
        self._changed()

    @callback
    def choose_program(self, program: str) -> None:
        """Choose the program of the next session: PLAN, FREE, a preset's key or a program's name."""
        if self._fixed:
            raise wrong(ErrorKey.PROGRAM_FIXED)
        self._program = program if program in {PLAN, FREE} else self._programs.find_name(program)
        if self._program != FREE:
            self._speed = None
        self._changed()

    def offered_programs(self) -> list[str]:
        """Return the programs to choose from, by the most experienced walker; others get an error when they start."""
        roster = self._roster
        completed = max((roster.completed(walker) for walker in roster.walkers.values()), default=0)
        return self._programs.selectable(self._session.rules.limits(Direction.BACKWARD), completed=completed)

    @callback
    def programs_changed(self) -> None:
        """Update the choice after programs changed: the chosen one may be removed, or spelled in another way."""
        if self._program not in {PLAN, FREE, *PRESETS}:
            subentry = self._programs.subentry_of(self._program)
            self._program = PLAN if subentry is None else self._programs.own[subentry].name
        self._changed()

    @callback
    def choose_walker(self, walker_id: str | None) -> None:
        """Choose who walks next."""
        if self._fixed:
            raise wrong(ErrorKey.WALKER_FIXED)
        self._choose_walker(walker_id)

    @callback
    def reset(self) -> None:
        """Reset the choices after a session to the defaults."""
        self._session.choose_direction(Direction.BACKWARD)
        self._length, self._speed, self._program = DEFAULT_LENGTH / 60, None, PLAN
        self._choose_walker(None)

    def request(
        self,
        context: Context,
        *,
        walker: str | None = None,
        direction: Direction | None = None,
        minutes: float | None = None,
        speed: float | None = None,
        program: Program | str | None = None,
        seen: bool = True,
    ) -> SessionRequest:
        """Return the request for a session; missing values come from the choices, and then from the caller.

        A length or a speed without a program makes a free session. `seen`: a person asks, who sees whose it will be.
        Raises ServiceValidationError if the program is unknown, or does not suit this machine or this walker.
        """
        who = self._find_walker(context, walker, seen=seen)
        confirmation = self.confirmation(context, walker=walker, seen=seen)
        if program is None:
            program = self._program if minutes is speed is None else FREE
        if isinstance(program, str):
            program = program if program in {PLAN, FREE} else self._programs.find_name(program)
        facing = direction or self._session.direction
        if program == PLAN and not minutes is speed is None:
            raise wrong(ErrorKey.PROGRAM_SETS_ITSELF, program=PLAN)
        if program == PLAN and who is not None and facing is Direction.BACKWARD:
            return self._planner.request(who)
        if program in {PLAN, FREE}:
            length = (self._length if minutes is None else minutes) * 60
            return replace(
                confirmation,
                direction=facing,
                length=length,
                speed=self._speed_for(facing, novice=confirmation.first) if speed is None else speed,
            )
        with translated_errors():
            if isinstance(program, str):
                program = self._resolve_program(program, who, direction, minutes, speed)
            program = program.facing(direction or program.direction)
        return replace(
            confirmation,
            direction=program.direction,
            length=program.duration,
            program=program,
            program_name=program.name,
        )

    def confirmation(self, context: Context, *, walker: str | None = None, seen: bool = True) -> SessionRequest:
        """Return a request with the walker only, for a user who confirms what was made ready before."""
        who, user_walker = self._find_walker(context, walker, seen=seen), self._roster.person_walker(context.user_id)
        return SessionRequest(
            walker=None if who is None else who.id,
            open=who is None and walker is None and self.chosen is None,
            first=self._roster.is_new(who),
            by_novice=user_walker is not None and self._roster.is_new(user_walker),
        )

    def check(self, request: SessionRequest) -> None:
        """Raise ServiceValidationError for a length or a speed outside the limits, instead of clamping it.

        A program is fitted to the limits, except for its length.
        """
        limits = self._session.rules.limits(request.direction, novice=request.first)
        shortest = SHORTEST if request.program is None else 0.0
        if not shortest <= request.length <= limits.longest:
            raise out_of_range(ErrorKey.MINUTES_OUT_OF_RANGE, SHORTEST / 60, limits.longest / 60)
        allowed = limits.speed
        # Without a range there can be no session, or the capabilities of the machine are not known yet.
        if request.speed is not None and allowed is None and not isfinite(request.speed):
            raise wrong(ErrorKey.NOT_A_NUMBER)
        if (
            request.speed is not None
            and allowed is not None
            and not allowed.minimum <= request.speed <= allowed.maximum
        ):
            raise out_of_range(ErrorKey.SPEED_OUT_OF_RANGE, allowed.minimum, allowed.maximum)

    def _find_walker(self, context: Context, walker: str | None, *, seen: bool) -> Walker | None:
        return self.walker_for(context.user_id, seen=seen) if walker is None else self._roster.walkers.get(walker)

    def walker_for(self, user_id: str | None, *, seen: bool = True) -> Walker | None:
        """Return the walker if this user starts; None is a guest (S4).

        It is the chosen one, or else the user's own, the only one there is, or who walked last. The last is a guess,
        which somebody has to see: without a user, or if a voice or a script acts for one (not `seen`), the walker stays
        open until a person confirms.
        """
        roster, chosen = self._roster, self.chosen
        if chosen is not None:
            return roster.walkers.get(chosen)
        if (own := roster.person_walker(user_id)) is not None:
            return own
        if len(roster.walkers) == 1:
            return next(iter(roster.walkers.values()))
        return roster.walked_last() if seen and user_id is not None else None

    def _speed_for(self, direction: Direction, *, novice: bool) -> float | None:
        """Return the speed (km/h) chosen for a free session this way, inside the limits of who walks it."""
        limits = self._session.rules.limits(direction, novice=novice)
        if self.speed is None or limits.speed is None or direction is not self._session.direction:
            return None
        return limits.allowed_speed(self.speed)

    def _choose_walker(self, walker_id: str | None) -> None:
        if self._walker_choice != walker_id:
            self._walker_choice = walker_id
            self._roster.notify()

    def preset_or_own(self, name: str, who: Walker | None) -> Program:
        """Return what a program is for a walker; raises as `request` does."""
        with translated_errors():
            return self._resolve_program(name, who, None, None, None)

    def _resolve_program(
        self, name: str, who: Walker | None, direction: Direction | None, minutes: float | None, speed: float | None
    ) -> Program:
        """Return the program of this exact name; a preset is made for the walker, at the level of their plan."""
        if name not in PRESETS:
            if minutes is not None or speed is not None:
                raise wrong(ErrorKey.PROGRAM_SETS_ITSELF, program=name)
            return self._programs.get(name, self._session.rules.limits(Direction.BACKWARD))
        needed = PRESETS[name].completed
        if needed and (who is None or self._roster.completed(who) < needed):
            raise wrong(ErrorKey.PROGRAM_TOO_EARLY, program=self._programs.display_name(name), sessions=str(needed))
        rules, facing = self._session.rules, direction or Direction.BACKWARD
        limits = rules.limits(facing, novice=self._roster.is_new(who))
        if not fits(name, limits) and fits(name, rules.limits(facing)):
            raise wrong(ErrorKey.PROGRAM_AFTER_FIRST, program=self._programs.display_name(name))
        shortest, longest = lengths(name)
        if minutes is not None and not shortest <= minutes <= longest:
            raise out_of_range(ErrorKey.MINUTES_OUT_OF_RANGE, shortest, longest)
        slowest, fastest = speeds(name, limits)
        if speed is not None and not slowest <= speed <= fastest:
            raise out_of_range(ErrorKey.SPEED_OUT_OF_RANGE, slowest, fastest)
        plan = (
            self._planner.request(who)
            if who is not None and limits.direction is Direction.BACKWARD
            else SessionRequest()
        )
        incline = plan.incline
        if name == KNEE_WEEKS and who is not None:
            incline = knee_incline(knee_week(self._roster.days_of(who, KNEE_WEEKS), self._roster.today))
        return self._programs.get(
            name, limits, minutes=minutes, speed=plan.speed if speed is None else speed, incline=incline
        )

    @property
    def _chosen_length(self) -> float:
        """Return the length of the next session (min)."""
        if self._program in PRESETS:
            return PRESETS[self._program].minutes
        if (subentry := self._programs.subentry_of(self._program)) is not None:
            return self._programs.own[subentry].duration / 60
        return DEFAULT_LENGTH / 60 if self._program == PLAN else self._length

    @property
    def _fixed(self) -> bool:
        """Return whether a session was made ready or is under way."""
        return self._session.state not in BETWEEN_SESSIONS
