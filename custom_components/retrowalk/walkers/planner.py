"""The next planned session of each walker, with its time; the pure part is in `training/coaching`."""

from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from homeassistant.util import dt as dt_util

from ..training.coaching.progression import Proposal, next_day, propose, usual_time
from ..training.history.record import SessionRecord
from ..training.limits import Direction
from ..training.rules import Rules
from ..training.steering.session_plan import SessionRequest
from .roster import WalkerRoster
from .walker import Ratings, Walker

_LOOKS_BACK = timedelta(days=365)


class PlannedSession(NamedTuple):
    """A walker's next session."""

    walker: Walker
    start: datetime
    proposal: Proposal

    @property
    def end(self) -> datetime:
        """Return the end of a session that starts on time."""
        return self.start + timedelta(minutes=self.proposal.minutes)


class Planner:
    """Proposes sessions to the walkers of a treadmill, within the rules that apply."""

    def __init__(
        self, roster: WalkerRoster, rules: Callable[[], Rules], discomfort: Callable[[str], int | None]
    ) -> None:
        """Initialize the planner; `discomfort` returns how a walker's knee is now, if that is known."""
        self._roster = roster
        self._discomfort = discomfort
        self._rules = rules
        self._known: dict[tuple[str, date], tuple[Hashable, list[SessionRecord], Proposal]] = {}
        """What was proposed last, by walker and day, with all that it came of."""

    def next(self, walker: Walker) -> PlannedSession | None:
        """Return the next planned session, or None; today's session stays until it is done."""
        roster = self._roster
        today = roster.history.day(walker.id, roster.today, roster.tz)
        walked = today.completed > 0 or walker.reaches_goal(today.minutes)
        day = next_day(walker.plan, roster.today, walked=walked)
        if day is None:
            return None
        start = datetime.combine(day, usual_time(self._records(walker), roster.tz), roster.tz)
        return PlannedSession(walker=walker, start=start, proposal=self._propose(walker, day))

    def request(self, walker: Walker) -> SessionRequest:
        """Return the request for a session that starts now, whichever day is planned."""
        proposal = self.proposal(walker)
        return SessionRequest(
            walker=walker.id,
            length=proposal.minutes * 60,
            speed=proposal.speed,
            incline=proposal.incline,
            program_name=proposal.program,
            first=self._roster.is_new(walker),
        )

    def proposal(self, walker: Walker) -> Proposal:
        """Return what is proposed for today, whichever day is planned."""
        return self._propose(walker, self._roster.today)

    def _propose(self, walker: Walker, day: date) -> Proposal:
        roster, rules = self._roster, self._rules()
        first, records = roster.is_new(walker), self._records(walker)
        limits = rules.limits(Direction.BACKWARD, novice=first)
        discomfort = self._discomfort(walker.id) if day == roster.today else None
        given = (roster.tz, walker, limits, first, discomfort)
        known = self._known.get((walker.id, day))
        if known is not None and known[:2] == (given, records):
            return known[2]  # a year of sessions would take the event loop for milliseconds, again and again
        proposal = propose(
            records,
            day=day,
            tz=roster.tz,
            plan=walker.plan,
            minutes=walker.daily_goal,
            limits=limits,
            first=first,
            discomfort=discomfort,
            progress=walker.progression,
            needs_ratings=walker.ratings is not Ratings.NONE,
        )
        self._known = {key: each for key, each in self._known.items() if key[1] >= roster.today}
        self._known[walker.id, day] = given, records, proposal
        return proposal

    def _records(self, walker: Walker) -> list[SessionRecord]:
        return self._roster.practice(walker, dt_util.utcnow() - _LOOKS_BACK)
