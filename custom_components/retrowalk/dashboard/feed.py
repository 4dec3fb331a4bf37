"""What the dashboard's card is told of one treadmill: its walk, its walker's week, and what there is to say aloud."""

from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry
from ..messaging.texts import Texts
from ..training.events import ReadyEvent, SessionEvent
from ..training.history.streak import monday_of
from ..training.session.remaining import RemainingSession
from ..training.speech.phrases import Phrase, phrases_for
from ..training.speech.spoken import Spoken
from ..training.states import SessionState
from ..training.steering.forecast import PlannedStep
from ..training.steering.session_plan import Target
from ..treadmill.options import ControlPolicy
from ..walkers.roster import WalkerRoster
from ..walkers.walker import Walker

_NOT_IN_CHECKLIST = frozenset({Spoken.BACKWARD, Spoken.FORWARD, Spoken.WALKER, Spoken.PRESS_START})
"""What is said before a walk but is no part of the check-list."""
_STATES_WITHOUT_PLAN = frozenset({SessionState.IDLE, SessionState.FINISHED, SessionState.MANUAL, SessionState.CHECKING})

type _Message = dict[str, Any]


class SessionFeed:
    """One card's view of a treadmill. It outlives a reload of the entry, and costs the database nothing."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        texts: Texts,
        send: Callable[[_Message], None],
        user_id: str,
    ) -> None:
        """`texts` are in the language of the user who looks; `send` is called with each message."""
        self._hass = hass
        self._entry = entry
        self._texts = texts
        self._send = send
        self._user_id = user_id
        self._coordinator: RetrowalkCoordinator | None = None
        self._unsubscribe: list[Callable[[], None]] = []
        self._steps: tuple[PlannedStep, ...] = ()
        self._step_data: list[_Message] = []  # the steps
        self._steps_key: Hashable = None  # the key of what the steps are of, or will be in a moment
        self._to_draw: RemainingSession | None = None  # what is to be drawn next
        self._drawing = False
        self._last_message: _Message = {}
        self._stop_following = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        self._attach()

    @callback
    def close(self) -> None:
        """Tell nothing any more."""
        self._stop_following()
        self._detach()

    @callback
    def _entry_changed(self, _: ConfigEntryChange, entry: RetrowalkConfigEntry) -> None:
        if entry.entry_id == self._entry.entry_id:
            self._attach()

    @callback
    def _attach(self) -> None:
        """Listen to the entry's coordinator; after a reload that is another one."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return
        coordinator = self._entry.runtime_data.coordinator
        if coordinator is self._coordinator:
            return
        self._detach()
        self._coordinator = coordinator
        self._unsubscribe = [
            coordinator.async_add_listener(self._handle_update),
            coordinator.roster.async_add_listener(self._handle_update),
            coordinator.events.add(self._handle_event),
        ]
        self._last_message, self._steps_key = {}, None  # what was being drawn was given up with the entry
        self._handle_update()

    @callback
    def _detach(self) -> None:
        for leave in self._unsubscribe:
            leave()
        self._unsubscribe, self._coordinator = [], None

    @callback
    def _handle_update(self) -> None:
        """Tell what is new; what the belt will do is worked out anew only when that has changed."""
        coordinator = self._coordinator
        if coordinator is None:
            return
        snapshot = coordinator.data
        telemetry = snapshot.telemetry
        present = None
        if telemetry is not None and telemetry.speed is not None:
            present = Target(telemetry.speed, telemetry.incline)
        ahead = coordinator.remaining(present)
        if ahead is not None and ahead.key != self._steps_key:
            self._to_draw, self._steps_key = ahead, ahead.key
            if not self._drawing:
                name = f"Retrowalk draws the walk on {coordinator.name}"
                self._entry.async_create_background_task(self._hass, self._draw(), name)
        elif ahead is None and snapshot.state in _STATES_WITHOUT_PLAN:
            self._steps, self._step_data, self._to_draw, self._steps_key = (), [], None, None
        self._send_update(coordinator)

    async def _draw(self) -> None:
        """Work out what the belt will do, one at a time: of a hundred changes in a second the last one counts (S3)."""
        self._drawing = True
        try:
            while (ahead := self._to_draw) is not None:
                self._to_draw = None
                steps, written = await self._hass.async_add_executor_job(_planned_steps, ahead, self._steps)
                if ahead.key == self._steps_key and self._coordinator is not None:
                    self._steps, self._step_data = steps, written
                    self._send_update(self._coordinator)
        finally:
            self._drawing = False

    @callback
    def _send_update(self, coordinator: RetrowalkCoordinator) -> None:
        snapshot = coordinator.data
        news: _Message = {
            "type": "session",
            "language": self._texts.language,
            "program": snapshot.program,
            "length": round(snapshot.length * 60),
            "steps": self._step_data,
            "moving": snapshot.belt_moving is True and snapshot.under_way,
            "state": snapshot.state.value,
            "control": coordinator.options.control is ControlPolicy.CONTROL,
            "held": snapshot.awaiting_resume,
            "coasting": snapshot.coasting,
            "checklist": self._checklist(coordinator),
            "walker": walker.name if (walker := self._walker(coordinator)) else None,
            "nobody": walker is None and snapshot.undecided and bool(coordinator.roster.walkers),
            "week": self._week(coordinator.roster, walker or _only_walker(coordinator.roster)),
        }
        if news != self._last_message:
            self._last_message = news
            # Seconds of the walk and when they were true: the card goes on counting by itself.
            clock = {"moving_time": round(snapshot.moving_time, 1), "at": dt_util.utcnow().timestamp()}
            self._send({**news, **clock})

    def _checklist(self, coordinator: RetrowalkCoordinator) -> list[str]:
        """What to look to before a walk, as the announcer says it (S2)."""
        [phrase] = phrases_for(ReadyEvent(coordinator.data.direction), coordinator.scene())
        return [self._texts.render((line,)) for line in phrase.lines if line.key not in _NOT_IN_CHECKLIST]

    def _walker(self, coordinator: RetrowalkCoordinator) -> Walker | None:
        """Who walks; where nobody said who, it would be who looks (S4). None is a guest."""
        snapshot, roster = coordinator.data, coordinator.roster
        if snapshot.undecided:
            return roster.person_walker(self._user_id)
        return roster.walkers.get(snapshot.walker) if snapshot.walker else None

    def _week(self, people: WalkerRoster, walker: Walker | None) -> _Message | None:
        """The days of a walker from Monday to Sunday; None for a guest among several walkers."""
        if walker is None:
            return None
        history, today = people.history, people.today
        days = []
        for number in range(7):
            day = monday_of(today) + timedelta(days=number)
            found = history.day(walker.id, day, people.tz)
            days.append(
                {
                    "date": day.isoformat(),
                    "minutes": round(found.minutes, 1),
                    "reached": walker.reaches_goal(found.minutes) or found.completed > 0,
                    "planned": walker.plan.expects(day),
                }
            )
        return {
            "walker": walker.name,
            "goal": walker.daily_goal,
            "today": today.isoformat(),
            "days": days,
            "streak": history.streak(walker.id, today, people.tz, walker.plan),
        }

    @callback
    def _handle_event(self, event: SessionEvent) -> None:
        """Pass on what happened, with the words for it; the numbers of a countdown the card says by itself."""
        coordinator = self._coordinator
        if coordinator is None:
            return
        phrases = [phrase for phrase in phrases_for(event, coordinator.scene()) if not phrase.delay]
        self._send({"type": "event", "event": event.kind.value, "say": [self._spoken(phrase) for phrase in phrases]})

    def _spoken(self, phrase: Phrase) -> _Message:
        cuts = phrase.urgent or phrase.cuts or phrase.ends or phrase.stage
        return {"text": self._texts.render(phrase.lines), "cuts": cuts, "lasts": phrase.lasts}


def _planned_steps(
    ahead: RemainingSession, before: tuple[PlannedStep, ...]
) -> tuple[tuple[PlannedStep, ...], list[_Message]]:
    steps = ahead.steps(before)
    return steps, [step.as_dict() for step in steps]


def _only_walker(people: WalkerRoster) -> Walker | None:
    """Whose days they are where nobody else walks."""
    return next(iter(people.walkers.values())) if len(people.walkers) == 1 else None
