"""What is chosen for the next walk, and what comes of it: who walks, which way, how long and how fast (S4)."""

from collections.abc import Callable

from homeassistant.core import Context, callback

from .diary import Diary
from .people import People
from .planner import Planner
from .refusals import out_of_range, wrong
from .training.course import DEFAULT_LENGTH, SHORTEST, Wish
from .training.limits import Direction, limits_for
from .training.session import Session
from .training.states import PREPARING, SessionState
from .walker import Walker

_BETWEEN_WALKS = frozenset({SessionState.IDLE, SessionState.FINISHED})


class Choices:
    """The choices of one treadmill; a walk that was made ready keeps its own."""

    def __init__(
        self, session: Session, people: People, diary: Diary, planner: Planner, changed: Callable[[], object]
    ) -> None:
        """`changed` is called when something was chosen that others show."""
        self._session = session
        self._people = people
        self._diary = diary
        self._planner = planner
        self._changed = changed
        self._length: float | None = None  # min; None: nobody chose one

    @property
    def length(self) -> float:
        """Minutes of the walk that is planned or under way, else of the next one."""
        planned = None if self._session.state in _BETWEEN_WALKS else self._session.length
        return self._chosen_length / 60 if planned is None else planned / 60

    @property
    def walks(self) -> Walker | None:
        """Who walks, or would if it began now; None is a guest."""
        if self._diary.walk is not None:
            walker = self._diary.walk.walker
        elif self._session.state in PREPARING:
            walker = self._session.walker
        else:
            walker = self._people.chosen
        return self._people.walkers.get(walker) if walker else None

    @property
    def begins(self) -> str | None:
        """Who walks the walk that begins: as it was made ready; at the console the choice, or the only one there is."""
        walkers, chosen = self._people.walkers, self._people.chosen
        wish = self._session.wish
        if wish is not None and (wish.walker is not None or not wish.open):
            return wish.walker
        if chosen is None and len(walkers) == 1:
            return next(iter(walkers))
        return chosen if chosen in walkers else None

    @callback
    def choose_direction(self, direction: Direction) -> None:
        """Choose the direction of the next walk."""
        if self._fixed:
            raise wrong("direction_fixed")
        self._session.direction = direction
        self._changed()

    @callback
    def choose_length(self, minutes: float) -> None:
        """Choose how long the next walk takes; one that is under way keeps its end."""
        if self._fixed:
            raise wrong("length_fixed")
        self._length = minutes
        self._changed()

    @callback
    def choose_walker(self, walker_id: str | None) -> None:
        """Choose who walks next."""
        if self._fixed:
            raise wrong("walker_fixed")
        self._people.choose(walker_id)

    @callback
    def fall_back(self) -> None:
        """Choices are for one walk; the next one begins as always."""
        self._session.direction = Direction.BACKWARD
        self._length = None
        self._people.choose(None)

    def wish(
        self,
        context: Context,
        *,
        walker: str | None = None,
        direction: Direction | None = None,
        minutes: float | None = None,
        speed: float | None = None,
    ) -> Wish:
        """The walk that is meant: what is not said comes from the choices, and then from who asks."""
        people = self._people
        who = people.walker_for(context.user_id) if walker is None else people.walkers.get(walker)
        backward = (direction or self._session.direction) is Direction.BACKWARD
        if who is not None and backward and minutes is speed is self._length is None:
            return self._planner.wish(who)  # the walker's plan
        return Wish(
            direction=direction or self._session.direction,
            walker=None if who is None else who.id,
            open=who is None and walker is None and people.chosen is None,
            length=self._chosen_length if minutes is None else minutes * 60,
            speed=speed,
            first=people.is_new(who),
        )

    def check(self, wish: Wish) -> None:
        """Refuse what the limits would have to change: who names a length or a speed shall get it or hear of it."""
        rules = self._session.rules
        limits = limits_for(rules.capabilities, rules.owner, wish.direction, novice=wish.first, measured=rules.measured)
        if not SHORTEST <= wish.length <= limits.longest:
            raise out_of_range("minutes", SHORTEST / 60, limits.longest / 60)
        speeds = limits.speed
        # Without a range there is no walk, or nobody knows yet what the machine can do.
        if wish.speed is not None and speeds is not None and not speeds.minimum <= wish.speed <= speeds.maximum:
            raise out_of_range("speed", speeds.minimum, speeds.maximum)

    @property
    def _chosen_length(self) -> float:
        """Seconds."""
        return DEFAULT_LENGTH if self._length is None else self._length * 60

    @property
    def _fixed(self) -> bool:
        """Whether a walk was made ready or is under way."""
        return self._session.state not in _BETWEEN_WALKS
