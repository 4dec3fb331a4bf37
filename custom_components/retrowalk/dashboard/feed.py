"""The feed of the dashboard card: one treadmill's session, its walker's week, and what to announce."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, override

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry
from ..messaging.texts import Texts
from ..programs.words import Words
from ..training.coaching.progression import SORE
from ..training.events import ReadyEvent, SessionEvent
from ..training.limits import Direction
from ..training.session.remaining import RemainingSession
from ..training.speech.phrases import Line, Phrase, phrases_for
from ..training.speech.spoken import Spoken
from ..training.states import BETWEEN_SESSIONS, SessionState
from ..training.steering.forecast import PlannedStep
from ..treadmill.options import ControlPolicy
from ..treadmill.snapshot import Snapshot
from ..walkers.knee_before import ANSWERS
from ..walkers.privacy import async_is_own
from ..walkers.roster import WalkerRoster
from ..walkers.walker import Walker
from .entry_feed import EntryFeed, Unsubscribe
from .first_run import first_run_of
from .next_feed import NextSessionFeed, speed_target, target
from .result import ResultFeed
from .week import week_of

_NOT_IN_CHECKLIST = frozenset({Spoken.PRESS_START})
"""Lines that are announced before a session but are not part of the checklist."""
_STATES_WITHOUT_PLAN = frozenset({SessionState.IDLE, SessionState.FINISHED, SessionState.MANUAL, SessionState.CHECKING})

_ASKED_IN = BETWEEN_SESSIONS | {SessionState.READY}

type _Message = dict[str, Any]


class SessionFeed(EntryFeed):
    """Send one card the state of a treadmill. It adds nothing to the database."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        texts: Texts,
        send: Callable[[_Message], None],
        user: User,
        *,
        words: Words,
    ) -> None:
        """Initialize the feed; texts and words are in the user's language, `send` is called with each message."""
        super().__init__(hass, entry, send)
        self._texts = texts
        self._user = user
        self._steps: tuple[PlannedStep, ...] = ()
        self._step_data: list[_Message] = []  # the steps as they are sent
        self._steps_key: Hashable = None  # the key of the session whose steps are computed, or about to be
        self._pending: RemainingSession | None = None  # what to compute next
        self._computing = False
        self._last_meter: _Message = {}
        self._walked_of: str | None = None  # the session whose curve was sent
        self._next = NextSessionFeed(hass, entry, words, send, user)
        self._attach()

    @override
    def _listen(self, coordinator: RetrowalkCoordinator) -> list[Unsubscribe]:
        self._steps_key = None  # the entry's unload has canceled what was being computed
        changed = partial(self._changed, coordinator)
        return [
            coordinator.async_add_listener(partial(self._handle_update, coordinator)),
            coordinator.roster.async_add_listener(changed),
            coordinator.programs.async_add_listener(changed),
            coordinator.events.add(partial(self._handle_event, coordinator)),
            ResultFeed(self._hass, self._entry, coordinator, self._user, self._send).close,
        ]

    @override
    @callback
    def _changed(self, coordinator: RetrowalkCoordinator) -> None:
        """Send what follows from changed walkers, sessions or programs."""
        self._next.reset()
        self._handle_update(coordinator)

    @callback
    def _handle_update(self, coordinator: RetrowalkCoordinator) -> None:
        """Send what has changed; the planned steps are computed again only when the session has changed."""
        snapshot = coordinator.data
        remaining = coordinator.remaining(snapshot.present)
        if remaining is not None and remaining.key != self._steps_key:
            self._pending, self._steps_key = remaining, remaining.key
            if not self._computing:
                name = f"Retrowalk planned steps of {coordinator.name}"
                self._entry.async_create_background_task(self._hass, self._async_compute_steps(), name)
        elif remaining is None and snapshot.state in _STATES_WITHOUT_PLAN:
            self._steps, self._step_data, self._pending, self._steps_key = (), [], None, None
        self._send_update(coordinator)
        self._send_meter(coordinator)
        self._next.update(coordinator)

    async def _async_compute_steps(self) -> None:
        """Compute the planned steps, one job at a time: only the last of many changes in a second matters (S3)."""
        self._computing = True
        try:
            while (remaining := self._pending) is not None:
                self._pending = None
                steps, step_data = await self._hass.async_add_executor_job(_planned_steps, remaining, self._steps)
                if remaining.key == self._steps_key and self._coordinator is not None:
                    self._steps, self._step_data = steps, step_data
                    self._send_update(self._coordinator)
        finally:
            self._computing = False

    @callback
    def _send_update(self, coordinator: RetrowalkCoordinator) -> None:
        snapshot = coordinator.data
        message: _Message = {
            "type": "session",
            "session": snapshot.session,
            "language": self._texts.language,
            "program": snapshot.program,
            "length": round(snapshot.length * 60),
            "steps": self._step_data,
            "moving": snapshot.belt_moving is True and snapshot.under_way,
            "state": snapshot.state.value,
            "steered": snapshot.steered,
            "safety_key": coordinator.options.safety_key,
            "control": coordinator.options.control is ControlPolicy.CONTROL,
            "held": snapshot.awaiting_resume,
            "coasting": snapshot.coasting,
            "checklist": self._checklist(coordinator),
            "walker": walker.name if (walker := self._walker(coordinator)) else None,
            "nobody": walker is None and snapshot.undecided and bool(coordinator.roster.walkers),
            "week": week_of(coordinator.roster, walker or _only_walker(coordinator.roster)),
            "knee": self._knee(coordinator, walker),
            "speed": speed_target(snapshot.limits, snapshot.target_speed),
            "incline": _incline_target(snapshot),
            "todo": first_run_of(coordinator, self._texts, self._user),
        }
        # The moving time and when it was measured: the card goes on counting by itself.
        walked = snapshot.moving_time if snapshot.under_way or snapshot.state is SessionState.FINISHED else 0.0
        self._tell(message, moving_time=round(walked, 1), at=dt_util.utcnow().timestamp())

    @callback
    def _send_meter(self, coordinator: RetrowalkCoordinator) -> None:
        """Send what is measured of the session under way, finer than the database needs it, and what was before."""
        snapshot, session = coordinator.data, coordinator.recorder.meter
        if not snapshot.under_way or session is None:
            return
        points = session.walked.points
        if session.id != self._walked_of:
            self._walked_of = session.id
            self._send({"type": "walked", "points": list(points)})
        kcal = None if snapshot.calories is None else round(snapshot.calories, 1)
        readings = snapshot.readings
        meter = {
            "type": "meter",
            "meters": round(snapshot.distance),
            "kcal": kcal,
            "speed": readings and readings.speed,
            "incline": readings and readings.incline,
            "pulse": readings and readings.heart_rate,
            "point": next(reversed(points), None),
        }
        if meter != self._last_meter:
            self._last_meter = meter
            self._send(meter)

    def _knee(self, coordinator: RetrowalkCoordinator, walker: Walker | None) -> _Message | None:
        """Return the question before a session, for who watches a knee, and the answer; it holds nothing up."""
        snapshot = coordinator.data
        if walker is None or not walker.asked_before or snapshot.direction is not Direction.BACKWARD:
            return None
        if snapshot.state not in _ASKED_IN or snapshot.under_way or not async_is_own(self._hass, self._user, walker):
            return None
        value = coordinator.knee.value(walker.id)
        text = "knee_before_rest" if value is not None and value >= SORE else "knee_before_question"
        return {
            "walker": walker.id,
            "value": value,
            "text": self._texts.render((Line(text),)),
            "answers": [(answer, self._texts.render((Line(f"knee_before_{answer}"),))) for answer in ANSWERS],
        }

    def _checklist(self, coordinator: RetrowalkCoordinator) -> list[str]:
        """Return the checklist before a session, in the announcer's words (S2)."""
        [phrase] = phrases_for(ReadyEvent(coordinator.data.direction), coordinator.scene())
        return [self._texts.render((line,)) for line in phrase.lines if line.key not in _NOT_IN_CHECKLIST]

    def _walker(self, coordinator: RetrowalkCoordinator) -> Walker | None:
        """Return the walker, or None for a guest; if none is chosen, the user who looks would be the walker (S4)."""
        snapshot, roster = coordinator.data, coordinator.roster
        if snapshot.undecided:
            return coordinator.next_session.walker_for(self._user.id)
        return roster.walkers.get(snapshot.walker) if snapshot.walker else None

    @callback
    def _handle_event(self, coordinator: RetrowalkCoordinator, event: SessionEvent) -> None:
        """Send an event with its phrases; the card counts down by itself."""
        phrases = [phrase for phrase in phrases_for(event, coordinator.scene()) if not phrase.delay]
        self._send({"type": "event", "event": event.kind.value, "say": [self._spoken(phrase) for phrase in phrases]})

    def _spoken(self, phrase: Phrase) -> _Message:
        cuts = phrase.urgent or phrase.cuts or phrase.ends or phrase.stage
        return {"text": self._texts.render(phrase.lines), "cuts": cuts, "lasts": phrase.lasts}


def _planned_steps(
    remaining: RemainingSession, before: tuple[PlannedStep, ...]
) -> tuple[tuple[PlannedStep, ...], list[_Message]]:
    steps = remaining.steps(before)
    return steps, [step.as_dict() for step in steps]


def _incline_target(snapshot: Snapshot) -> _Message | None:
    """Return the target incline with its range, or None where the deck is not steered."""
    limits, percent = snapshot.limits, snapshot.target_incline
    if percent is None or limits.incline is None or limits.incline_pace is None:
        return None
    return target(limits.incline, percent)


def _only_walker(roster: WalkerRoster) -> Walker | None:
    """Return the walker if there is only one."""
    return next(iter(roster.walkers.values())) if len(roster.walkers) == 1 else None
