"""What a card shows before a session: who may walk, the programs, and what will happen, drawn before Start."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry
from ..errors import refused
from ..machine.model import ValueRange
from ..programs.library import FREE, PLAN
from ..programs.words import Words
from ..training.history.energy import DEFAULT_WEIGHT, EnergyMeter
from ..training.limits import ENDS_BEFORE, Direction, Limits, speed_grain
from ..training.programs.outlook import Outlook, outlook
from ..training.rules import RefusedError, Rules
from ..training.session.readiness import no_speed_error
from ..training.states import BETWEEN_SESSIONS
from ..training.steering.session_plan import SHORTEST, SessionRequest
from ..treadmill.first_run import is_first_run
from ..walkers.privacy import async_is_own
from ..walkers.walker import Walker
from .remedy import refusal

_WHOLE_MINUTE: Final = 1.0

type _Message = dict[str, Any]
type _Job = tuple[SessionRequest, Limits, EnergyMeter]


class NextSessionFeed:
    """Send one user what the next session will be; computed again only when a choice, a walker or a rule changed."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        words: Words,
        send: Callable[[_Message], None],
        user: User,
    ) -> None:
        """Initialize the feed; `words` are in the language of the user."""
        self._hass = hass
        self._entry = entry
        self._words = words
        self._send = send
        self._user = user
        self._context = Context(user_id=user.id)
        self._key: object = None  # of what was sent last, or is computed
        self._pending: tuple[_Message, _Job, list[str]] | None = None
        self._computing = False

    @callback
    def reset(self) -> None:
        """Compute it again at the next update: a walker, a session or a program changed, or a new day began."""
        self._key = self._pending = None

    @callback
    def update(self, coordinator: RetrowalkCoordinator) -> None:
        """Send the next session if something about it changed; during a session nobody sees it."""
        snapshot, chosen = coordinator.data, coordinator.next_session
        if snapshot.state not in BETWEEN_SESSIONS:
            self.reset()
            return
        choices = (chosen.chosen, snapshot.direction, snapshot.program, snapshot.length, snapshot.speed)
        key = (choices, snapshot.rules, self._reads_tasks)
        if key == self._key:
            return
        self._key = key
        who = chosen.walker_for(self._context.user_id)
        message = self._choices(coordinator, who)
        try:
            request = chosen.request(self._context)
            chosen.check(request)
        except ServiceValidationError as err:
            self._pending = None
            self._send({**message, **_outlook(Outlook(), self._words), "refusal": refusal(err, self._user)})
            return
        limits = snapshot.rules.limits(request.direction, novice=request.first)
        message |= {"direction": request.direction.value, "refusal": self._told_before(snapshot.rules, limits)}
        weight = DEFAULT_WEIGHT if who is None else who.weight
        meter = coordinator.options.estimate.meter(weight, backward=request.direction is Direction.BACKWARD)
        self._pending = (message, (request, limits, meter), self._notes(snapshot.rules, limits, request.length))
        if not self._computing:
            name = f"Retrowalk outlook of {coordinator.name}"
            self._entry.async_create_background_task(self._hass, self._async_compute(), name)

    async def _async_compute(self) -> None:
        """Compute in the executor, one job at a time: only the last of many changes matters."""
        self._computing = True
        try:
            while self._pending is not None:
                (message, job, notes), self._pending = self._pending, None
                found = await self._hass.async_add_executor_job(outlook, *job)
                if self._pending is None and self._key is not None:
                    outcome = _outlook(found, self._words)
                    self._send({**message, **outcome, "cuts": [*notes, *outcome["cuts"]]})
        finally:
            self._computing = False

    def _notes(self, rules: Rules, limits: Limits, length: float) -> list[str]:
        """Return why a session (s) is no longer: the treadmill would stop the belt by itself soon after it."""
        limit = rules.measured.time_limit
        if limit is None or length < limits.longest or limit - limits.longest > 2 * ENDS_BEFORE:
            return []
        return [self._words.say("outlook_stops_itself", minutes=limit / 60, ends=limits.longest / 60)]

    def _told_before(self, rules: Rules, limits: Limits) -> _Message | None:
        """Return what Start would refuse because of the treadmill, if anything."""
        if not rules.control:
            return None
        if rules.blocked_by is not None:
            if self._reads_tasks:
                return None  # the check run is one of them
            found = RefusedError(rules.blocked_by)
        elif limits.too_fast is not None:
            found = no_speed_error(limits)
        else:
            return None
        return refusal(refused(self._hass, found), self._user)

    @property
    def _reads_tasks(self) -> bool:
        """Whether the card lists for this user what is to do after the set-up."""
        return self._user.is_admin and is_first_run(self._entry)

    def _choices(self, coordinator: RetrowalkCoordinator, who: Walker | None) -> _Message:
        snapshot, roster = coordinator.data, coordinator.roster
        # A guest has no plan, and nobody has one for walking forward.
        planner = None if snapshot.direction is Direction.FORWARD else who
        program = FREE if snapshot.program == PLAN and planner is None else snapshot.program
        return {
            "type": "next",
            "walker": None if who is None else who.id,
            "direction": snapshot.direction.value,
            "program": program,
            "walkers": [self._walker(coordinator, walker) for walker in roster.walkers.values()],
            "programs": self._programs(coordinator, who, planner),
            "free": self._free(coordinator, who),
            "plan": self._plan(coordinator, planner) if planner is not None and program == PLAN else None,
        }

    def _walker(self, coordinator: RetrowalkCoordinator, walker: Walker) -> _Message:
        roster = coordinator.roster
        person = self._hass.states.get(walker.person) if walker.person else None
        return {
            "id": walker.id,
            "name": walker.name,
            "picture": person.attributes.get("entity_picture") if person else None,
            "streak": roster.history.streak(walker.id, roster.today, roster.tz, walker.plan),
        }

    @staticmethod
    def _programs(coordinator: RetrowalkCoordinator, who: Walker | None, planner: Walker | None) -> list[_Message]:
        """Return the plan, a free session, and the programs that this walker may walk, with minutes and top speed."""
        chosen = coordinator.next_session
        found: list[_Message] = []
        if planner is not None:
            proposal = coordinator.planner.proposal(planner)
            found.append({"option": PLAN, "minutes": proposal.minutes, "speed": proposal.speed})
        found.append({"option": FREE, "minutes": None, "speed": None})
        for name in chosen.offered_programs():
            try:
                program = chosen.preset_or_own(name, who)
            except ServiceValidationError:
                continue  # not for this walker, or not yet
            limits = coordinator.data.rules.limits(program.direction, novice=coordinator.roster.is_new(who))
            top = min(program.top_speed or 0.0, limits.top_speed or 0.0)
            found.append({"option": name, "minutes": round(program.duration / 60, 1), "speed": top or None})
        return found

    @staticmethod
    def _free(coordinator: RetrowalkCoordinator, who: Walker | None) -> _Message:
        """Return the length and the speed of a free session, and what they may be."""
        snapshot = coordinator.data
        limits = snapshot.rules.limits(snapshot.direction, novice=coordinator.roster.is_new(who))
        minutes = ValueRange(SHORTEST / 60, limits.longest / 60, _WHOLE_MINUTE)
        speed = speed_target(limits, snapshot.speed or 0.0)
        return {"minutes": target(minutes, snapshot.length), "speed": speed}

    def _plan(self, coordinator: RetrowalkCoordinator, who: Walker) -> _Message | None:
        """Return the day that the plan is for, and why it is as it is, which tells of a knee: for whose it is."""
        if not async_is_own(self._hass, self._user, who):
            return None
        planned, today = coordinator.planner.next(who), coordinator.roster.today
        day = planned.start.date().isoformat() if planned else None
        proposal = coordinator.planner.proposal(who)
        why = {"reason": proposal.reason.value, "comfortable": proposal.comfortable, "unrated": proposal.unrated}
        return {"day": day, "today": today.isoformat(), **why}


def speed_target(limits: Limits, kmh: float | None) -> _Message | None:
    """Return a target speed with its range, in steps that the machine makes; None where it cannot be changed."""
    if kmh is None or limits.speed is None or limits.top_speed is None:
        return None
    return target(ValueRange(limits.speed.minimum, limits.top_speed, speed_grain(limits.speed)), kmh)


def target(allowed: ValueRange, value: float) -> _Message:
    """Return a value with the range that it may be in."""
    inside = min(max(value, allowed.minimum), allowed.maximum)
    return {"value": round(inside, 2), "min": allowed.minimum, "max": allowed.maximum, "step": allowed.step}


def _outlook(found: Outlook, words: Words) -> _Message:
    return {
        "steps": [step.as_dict() for step in found.steps],
        "meters": round(found.meters),
        "kcal": round(found.kcal),
        "cuts": [words.cut(cut) for cut in found.cuts],
    }
