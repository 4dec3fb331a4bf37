"""The reminder of one walker, which works without an automation. `ReminderSchedule` decides when to remind."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from homeassistant.const import STATE_HOME, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..errors import ErrorKey, wrong
from ..messaging.notifications import async_phone_services
from ..programs.library import PLAN
from ..training.coaching.progression import COMEBACK, SHORT_MINUTES
from ..training.coaching.reminder_memory import ReminderMemory
from ..training.coaching.reminder_schedule import (
    REMINDS,
    ReminderDecision,
    ReminderKind,
    ReminderSchedule,
    SnoozeRefusedError,
    answered,
)
from ..training.limits import Direction
from ..training.speech.phrases import Line
from ..util import Listeners
from ..walkers.walker import Walker
from .delivery import Delivery
from .issues import ReminderIssues
from .message import KNEE_BEFORE, SKIP, SNOOZE, START, DueReminder, ReminderContent, ReminderTemplate, reminder_lines
from .settings import async_is_theirs, message_target
from .view import Place, TreadmillView

_LOGGER = logging.getLogger(__name__)

DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK = "due", "snoozed", "skipped", "missed", "comeback"
EVENTS: Final = (DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK)
_LOCATION_UNKNOWN: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})

type Listener = Callable[[str, Mapping[str, Any]], None]


class Reminder:
    """Remind one walker, and handle the answers."""

    def __init__(
        self,
        hass: HomeAssistant,
        walker: Walker,
        memory: ReminderMemory,
        host: TreadmillView,
        place: Place,
        *,
        save: Callable[[], None],
    ) -> None:
        """Initialize the reminder; `save` is called when its memory has changed."""
        self.memory = memory
        self.tag = f"{DOMAIN}_reminder_{walker.id}"
        self.walker = walker
        self._hass = hass
        self._place = place
        self._save = save
        self._issues = ReminderIssues(hass, host.entry, walker.id)
        self._listeners = Listeners[str, Mapping[str, Any]]()
        self._stop_timer: Callable[[], None] | None = None
        self._minutes_when_ready: float | None = None  # set while a session that a tap made ready is open
        self._delivery = Delivery(hass, self.tag, self, self._issues, sent_before=memory.sent > 0)

    @callback
    def async_add_listener(self, listener: Listener) -> Callable[[], None]:
        """Listen for events; return a function that removes the listener."""
        return self._listeners.add(listener)

    # Changes and time

    @callback
    def update_walker(self, walker: Walker) -> None:
        """Update the reminder after a change of the walker's settings or sessions."""
        if walker.reminder_target != self.walker.reminder_target:
            self._issues.clear()
            self._remember(replace(answered(self.memory), phoned=False))
        self.walker = walker
        self.evaluate()

    @callback
    def evaluate(self, _: datetime | None = None) -> None:
        """Do what is due now, and schedule the next evaluation."""
        self._cancel_evaluation()
        day = self.memory.day
        decision = self._schedule.evaluate(self.memory, busy=self._place.busy, away=self._away)
        self._remember(decision.memory)
        if decision.wake is not None:
            job = HassJob(self.evaluate, cancel_on_shutdown=True)
            self._stop_timer = async_track_point_in_utc_time(self._hass, job, decision.wake)
        self._issues.update(self.walker, self.target, unanswered=decision.memory.asks)
        if decision.away is not None:
            self._place.treadmill.roster.write(self.walker.id, **self.walker.away_changes(decision.away))
        if decision.missed is not None:
            self._notify(MISSED, day=day.isoformat() if day else None, in_a_row=decision.missed)
        if decision.kind in REMINDS:
            self._remind(decision)
        elif decision.kind is ReminderKind.DONE or decision.memory.day != day or not self.walker.reminder:
            self._withdraw()
        elif self._minutes_when_ready is not None and not self._place.busy:
            self._handle_ready_over()

    @callback
    def _handle_ready_over(self) -> None:
        """Handle the end of a session that a tap prepared; the walker is reminded again if nobody has walked."""
        has_walked = self._minutes_today > (self._minutes_when_ready or 0.0)
        self._minutes_when_ready = None
        if has_walked or not self._schedule.reminds_today(self.memory):
            self._withdraw()
        else:
            snooze = self._schedule.offers(self.memory)
            self._create_task(self._async_remind(self._content(self.memory), snooze))

    @callback
    def stop(self) -> None:
        """Stop the timers."""
        self._cancel_evaluation()
        self._delivery.stop_trying()

    def _cancel_evaluation(self) -> None:
        if self._stop_timer is not None:
            self._stop_timer()
            self._stop_timer = None

    @callback
    def forget(self) -> None:
        """Clean up after the walker was removed."""
        self.stop()
        self._issues.clear()
        self._withdraw()

    @callback
    def mark_answered(self) -> None:
        """Mark the message as answered: somebody has seen it."""
        self._remember(answered(self.memory))
        self._issues.update(self.walker, self.target, unanswered=False)

    # Requests of the walker

    @callback
    def snooze(self, minutes: float | None = None) -> None:
        """Snooze today's reminder, for these minutes or as usual; raise ServiceValidationError if refused."""
        try:
            memory = self._schedule.snooze(self.memory, minutes)
        except SnoozeRefusedError as err:
            raise wrong(err.reason) from err
        self._remember(memory)
        self._notify(SNOOZED, until=memory.until and memory.until.isoformat(), snoozes=memory.snoozes)
        self._withdraw()
        self.evaluate()

    @callback
    def skip(self) -> None:
        """Skip today's reminder; raise ServiceValidationError if there is none."""
        memory = self._schedule.skip(self.memory)
        if memory is None:
            raise wrong(ErrorKey.NOTHING_TO_SKIP)
        self._remember(memory)
        self._notify(SKIPPED)
        self._withdraw()
        self.evaluate()

    async def async_handle_action(self, action: str, context: Context) -> None:
        """Handle a tapped button of the current message; taps on somebody else's phone are ignored."""
        kind = next((kind for kind in (START, SNOOZE, SKIP, *KNEE_BEFORE) if action == self._action(kind)), None)
        if kind is None or not self.memory.sent or self.memory.day != self._schedule.today:
            return  # a button of another message in the house, or of another day
        if not await async_is_theirs(self._hass, context, self.walker, self.target):
            _LOGGER.warning("Ignored an answer to a reminder from somebody else's phone")
            return
        if kind not in KNEE_BEFORE and self._walked(self._schedule.today):
            self._withdraw()  # today's session is done, so the message is outdated
            return
        try:
            if kind == START:
                await self._async_prepare(self._place.treadmill)
                await self._async_say_ready()
            elif kind == SNOOZE:
                self.snooze()
            elif kind == SKIP:
                self.skip()
            else:
                self._place.treadmill.knee.tell(self.walker.id, KNEE_BEFORE[kind])
                await self._async_say_ready()
        except HomeAssistantError as err:
            self.mark_answered()
            template = await self._async_template(snooze=self._schedule.offers(self.memory))
            await self._delivery.async_send(await template.async_render_error(err))

    async def async_start(self, treadmill: TreadmillView) -> None:
        """Handle Start on the card of a treadmill: prepare a session as a tap does; the message has been answered."""
        await self._async_prepare(treadmill)
        self._delivery.withdraw()

    async def _async_prepare(self, treadmill: TreadmillView) -> None:
        """Prepare a session, as the start_session action does; this moves nothing and confirms nothing (S2)."""
        self.mark_answered()
        comes_back = self._schedule.comes_back(self.memory)
        if not treadmill.is_ready_for(self.walker.id):
            # A tap is not a press at the treadmill, so the user's context is not passed on.
            await treadmill.prepare(
                Context(),
                walker=self.walker.id,
                direction=Direction.BACKWARD,
                minutes=self._comeback_minutes if comes_back and self._comeback_minutes < SHORT_MINUTES else None,
                speed=None,
                program=COMEBACK if comes_back else PLAN,
            )
        self._minutes_when_ready = self._minutes_today

    async def _async_say_ready(self) -> None:
        asks = self.walker.asked_before and self._place.treadmill.knee.value(self.walker.id) is None
        actions = {kind: self._action(kind) for kind in KNEE_BEFORE} if asks else None
        lines = [Line("reminder_ready"), *([Line("knee_before_question")] if asks else [])]
        template = replace(await self._async_template(snooze=None), actions=actions)
        await self._delivery.async_send(await template.async_render(*lines))

    # Messages and events

    @callback
    def _remind(self, decision: ReminderDecision) -> None:
        content = self._content(decision.memory)
        self._notify(COMES_BACK if content.comeback else DUE, minutes=content.minutes, number=content.sent)
        self._create_task(self._async_remind(content, decision.snooze))

    def _content(self, memory: ReminderMemory) -> ReminderContent:
        walker, roster = self.walker, self._place.treadmill.roster
        comeback = self._schedule.comes_back(memory)
        planned = self._place.treadmill.planner.request(walker)
        return ReminderContent(
            walker=walker.name,
            day=self._schedule.today,
            sent=memory.sent,
            minutes=self._comeback_minutes if comeback else planned.length / 60,
            speed=None if comeback else planned.speed,
            streak=roster.history.streak(walker.id, roster.today, roster.tz, walker.plan),
            comeback=comeback,
        )

    def _create_task(self, work: Coroutine[Any, Any, None]) -> None:
        self._hass.async_create_task(work, f"Retrowalk reminds {self.walker.id}")

    async def _async_remind(self, content: ReminderContent, snooze: int | None) -> None:
        template = await self._async_template(snooze=snooze)
        await self._delivery.async_send(await template.async_render(*reminder_lines(content)))

    @property
    def wanted(self) -> bool:
        """Whether today's message is still of use."""
        return self._schedule.reminds_today(self.memory) and not self._schedule.quiet

    @callback
    def delivered(self, target: str) -> None:
        """Handle a message that reached a target."""
        self._remember(replace(self.memory, phoned=bool(async_phone_services(self._hass, target))))

    @callback
    def _withdraw(self) -> None:
        self._minutes_when_ready = None
        self._delivery.withdraw()

    @callback
    def _notify(self, kind: str, **data: Any) -> None:
        self._listeners.notify(kind, data)

    async def _async_template(self, *, snooze: int | None) -> ReminderTemplate:
        offered = [SKIP]
        if snooze is not None:
            offered.insert(0, SNOOZE)
        if self._place.treadmill.controlled:
            offered.insert(0, START)
        return ReminderTemplate(
            hass=self._hass,
            tag=self.tag,
            walker=self.walker.name,
            path=await self._place.treadmill.async_dashboard_path(),
            actions={kind: self._action(kind) for kind in offered},
            snooze=snooze,
        )

    def _action(self, kind: str) -> str:
        """Return the action id of a button, which is unique to this walker's current reminder."""
        return f"RETROWALK_{kind}_{self.walker.id}_{self.memory.day}_{self.memory.sent}"

    # State

    @property
    def due(self) -> DueReminder | None:
        """What today's reminder asks for; None unless it has come and waits for an answer."""
        schedule = self._schedule
        if not schedule.is_due(self.memory):
            return None
        lines = reminder_lines(self._content(self.memory))
        return DueReminder(lines=lines, snooze=schedule.offers(self.memory))

    @property
    def next_at(self) -> datetime | None:
        """When the next reminder will come; None if none is planned."""
        return self._schedule.next_at(self.memory)

    @property
    def _schedule(self) -> ReminderSchedule:
        roster = self._place.treadmill.roster
        return ReminderSchedule(
            now=dt_util.utcnow(), tz=roster.tz, settings=self.walker.reminder_settings, walked=self._walked
        )

    def _walked(self, day: date) -> bool:
        roster = self._place.treadmill.roster
        totals = roster.history.day(self.walker.id, day, roster.tz)
        return totals.completed > 0 or self.walker.reaches_goal(totals.minutes)

    @property
    def _minutes_today(self) -> float:
        """Minutes that the walker has walked today."""
        roster = self._place.treadmill.roster
        return roster.history.day(self.walker.id, self._schedule.today, roster.tz).minutes

    @property
    def _comeback_minutes(self) -> float:
        """Minutes of a comeback session."""
        return min(SHORT_MINUTES, self.walker.daily_goal)

    @property
    def _away(self) -> bool:
        """Whether the person is known to be away."""
        person = self._hass.states.get(self.walker.person) if self.walker.person else None
        return person is not None and person.state not in {STATE_HOME, *_LOCATION_UNKNOWN}

    @property
    def target(self) -> str:
        """The target that messages are sent to now."""
        walker = self.walker
        return message_target(self._hass, walker.person, walker.reminder_target, had_phone=self.memory.phoned)

    @callback
    def _remember(self, memory: ReminderMemory) -> None:
        if memory != self.memory:
            self.memory = memory
            self._save()
