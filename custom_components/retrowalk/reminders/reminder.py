"""Reminds one walker, with no automation at all. When, is for training to say; this hears and sends."""

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
from ..messaging.notifications import PERSISTENT_NOTIFICATION, async_phone_services, async_phone_users
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
from ..walkers.privacy import async_is_own_context
from ..walkers.walker import Walker
from .delivery import Delivery
from .issues import ReminderIssues
from .message import SKIP, SNOOZE, START, ReminderContent, ReminderTemplate, reminder_lines
from .view import TreadmillView

_LOGGER = logging.getLogger(__name__)

DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK = "due", "snoozed", "skipped", "missed", "comeback"
EVENTS: Final = (DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK)
_LOCATION_UNKNOWN: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})

type Listener = Callable[[str, Mapping[str, Any]], None]


class Reminder:
    """A walker's reminder: today's, and what comes of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        walker: Walker,
        memory: ReminderMemory,
        treadmill: TreadmillView,
        *,
        save: Callable[[], None],
    ) -> None:
        """`save` is called when there is something new to remember."""
        self.memory = memory
        self.tag = f"{DOMAIN}_reminder_{treadmill.entry.entry_id}_{walker.id}"
        self.walker = walker
        self._hass = hass
        self._treadmill = treadmill
        self._save = save
        self._issues = ReminderIssues(hass, treadmill.entry, walker.id)
        self._listeners = Listeners[str, Mapping[str, Any]]()
        self._stop_timer: Callable[[], None] | None = None
        self._minutes_when_ready: float | None = None  # set while a session that a tap made ready is open
        self._delivery = Delivery(hass, self.tag, self, self._issues, before=memory.sent > 0)

    @callback
    def async_add_listener(self, listener: Listener) -> Callable[[], None]:
        """Hear of each event; returns how to stop."""
        return self._listeners.add(listener)

    # What happens

    @callback
    def update_walker(self, walker: Walker) -> None:
        """Take over what the walker has set, or walked."""
        if walker.reminder_target != self.walker.reminder_target:
            self._issues.clear()
            self._remember(replace(answered(self.memory), phoned=False))
        self.walker = walker
        self.evaluate()

    @callback
    def evaluate(self, _: datetime | None = None) -> None:
        """See what there is to do now, and when to look again."""
        self._cancel_evaluation()
        day = self.memory.day
        look = self._schedule.evaluate(self.memory, busy=self._treadmill.in_use(), away=self._away)
        self._remember(look.memory)
        if look.wake is not None:
            job = HassJob(self.evaluate, cancel_on_shutdown=True)
            self._stop_timer = async_track_point_in_utc_time(self._hass, job, look.wake)
        self._issues.update(self.walker, self.target, asks=look.memory.asks)
        if look.away is not None:
            self._treadmill.roster.write(self.walker.id, **self.walker.away_changes(look.away))
        if look.missed is not None:
            self._notify(MISSED, day=day.isoformat() if day else None, in_a_row=look.missed)
        if look.kind in REMINDS:
            self._remind(look)
        elif look.kind is ReminderKind.DONE or look.memory.day != day or not self.walker.reminder:
            self._withdraw()
        elif self._minutes_when_ready is not None and not self._treadmill.in_use():
            self._handle_ready_over()

    @callback
    def _handle_ready_over(self) -> None:
        """A session that a tap made ready is over: nobody came, and may be asked again, or somebody walked a little."""
        came = self._minutes_today > (self._minutes_when_ready or 0.0)
        self._minutes_when_ready = None
        if came or not self._schedule.reminds_today(self.memory):
            self._withdraw()
        else:
            snooze = self._schedule.offers(self.memory)
            self._create_task(self._async_remind(self._content(self.memory), snooze))

    @callback
    def stop(self) -> None:
        """Wait for nothing."""
        self._cancel_evaluation()
        self._delivery.stop_trying()

    def _cancel_evaluation(self) -> None:
        if self._stop_timer is not None:
            self._stop_timer()
            self._stop_timer = None

    @callback
    def forget(self) -> None:
        """The walker has gone."""
        self.stop()
        self._issues.clear()
        self._withdraw()

    @callback
    def mark_answered(self) -> None:
        """Somebody has seen the message."""
        self._remember(answered(self.memory))
        self._issues.update(self.walker, self.target, asks=False)

    # What the walker asks for

    @callback
    def snooze(self, minutes: float | None = None) -> None:
        """Put today's reminder off, by so many minutes or as usual; raises ServiceValidationError."""
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
        """Leave today's reminder out; raises ServiceValidationError."""
        memory = self._schedule.skip(self.memory)
        if memory is None:
            raise wrong(ErrorKey.NOTHING_TO_SKIP)
        self._remember(memory)
        self._notify(SKIPPED)
        self._withdraw()
        self.evaluate()

    async def async_handle_action(self, action: str, context: Context) -> None:
        """Do what a button below the present message is for; what another's phone says of it means nothing."""
        if not self.memory.sent or self.memory.day != self._schedule.today:
            return
        if not await self._async_is_theirs(context):
            _LOGGER.warning("Somebody else's phone answers %s's reminder; it is left as it is", self.walker.name)
            return
        if action in {self._action(what) for what in (START, SNOOZE, SKIP)} and self._walked(self._schedule.today):
            self._withdraw()  # it is done already, and its message is an old one
            return
        try:
            if action == self._action(START):
                await self._async_make_ready()
            elif action == self._action(SNOOZE):
                self.snooze()
            elif action == self._action(SKIP):
                self.skip()
        except HomeAssistantError as err:
            self.mark_answered()
            sheet = await self._async_template(snooze=self._schedule.offers(self.memory))
            await self._delivery.async_send(await sheet.async_render_error(err))

    async def _async_is_theirs(self, context: Context) -> bool:
        """Whether a tap is the walker's, or comes from a phone that the message was sent to."""
        phones = async_phone_users(self._hass, self.target)
        return context.user_id in phones or await async_is_own_context(self._hass, context, self.walker)

    async def _async_make_ready(self) -> None:
        """As start_session does, for this walker: it moves nothing, and confirms nothing (S2)."""
        self.mark_answered()
        comes_back = self._schedule.comes_back(self.memory)
        if not self._treadmill.is_ready_for(self.walker.id):
            # A tap is no press at the treadmill, so it is not passed on whose phone it was.
            await self._treadmill.prepare(
                Context(),
                walker=self.walker.id,
                direction=Direction.BACKWARD,
                minutes=self._comeback_minutes if comes_back and self._comeback_minutes < SHORT_MINUTES else None,
                speed=None,
                program=COMEBACK if comes_back else PLAN,
            )
        self._minutes_when_ready = self._minutes_today
        sheet = replace(await self._async_template(snooze=None), actions=None)
        await self._delivery.async_send(await sheet.async_render(Line("reminder_ready")))

    # How it is told

    @callback
    def _remind(self, look: ReminderDecision) -> None:
        ask = self._content(look.memory)
        self._notify(COMES_BACK if ask.comeback else DUE, minutes=ask.minutes, number=ask.sent)
        self._create_task(self._async_remind(ask, look.snooze))

    def _content(self, memory: ReminderMemory) -> ReminderContent:
        walker, people = self.walker, self._treadmill.roster
        comeback = self._schedule.comes_back(memory)
        planned = self._treadmill.planner.request(walker)
        return ReminderContent(
            walker=walker.name,
            day=self._schedule.today,
            sent=memory.sent,
            minutes=self._comeback_minutes if comeback else planned.length / 60,
            speed=None if comeback else planned.speed,
            streak=people.history.streak(walker.id, people.today, people.tz, walker.plan),
            comeback=comeback,
        )

    def _create_task(self, work: Coroutine[Any, Any, None]) -> None:
        self._hass.async_create_task(work, f"Retrowalk reminds {self.walker.name}")

    async def _async_remind(self, ask: ReminderContent, snooze: int | None) -> None:
        sheet = await self._async_template(snooze=snooze)
        await self._delivery.async_send(await sheet.async_render(*reminder_lines(ask)))

    @property
    def wanted(self) -> bool:
        """Whether a message of today is of any use now."""
        return self._schedule.reminds_today(self.memory) and not self._schedule.quiet

    @callback
    def delivered(self, target: str) -> None:
        """A message has arrived there."""
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
        if self._treadmill.controlled:
            offered.insert(0, START)
        return ReminderTemplate(
            hass=self._hass,
            tag=self.tag,
            walker=self.walker.name,
            path=await self._treadmill.async_dashboard_path(),
            actions={what: self._action(what) for what in offered},
            snooze=snooze,
        )

    def _action(self, what: str) -> str:
        """The id of a button: of this walker's present reminder, and of no other."""
        return f"RETROWALK_{what}_{self.walker.id}_{self.memory.day}_{self.memory.sent}"

    # What is so

    @property
    def _schedule(self) -> ReminderSchedule:
        people = self._treadmill.roster
        return ReminderSchedule(
            now=dt_util.utcnow(), tz=people.tz, settings=self.walker.reminder_settings, walked=self._walked
        )

    def _walked(self, day: date) -> bool:
        people = self._treadmill.roster
        totals = people.history.day(self.walker.id, day, people.tz)
        return totals.completed > 0 or self.walker.reaches_goal(totals.minutes)

    @property
    def _minutes_today(self) -> float:
        """What the walker has walked today."""
        people = self._treadmill.roster
        return people.history.day(self.walker.id, self._schedule.today, people.tz).minutes

    @property
    def _comeback_minutes(self) -> float:
        """Minutes of a comeback."""
        return min(SHORT_MINUTES, self.walker.daily_goal)

    @property
    def _away(self) -> bool:
        """Whether the walker's person is not at home; somebody of whom that is not known may be."""
        person = self._hass.states.get(self.walker.person) if self.walker.person else None
        return person is not None and person.state not in {STATE_HOME, *_LOCATION_UNKNOWN}

    @property
    def target(self) -> str:
        """Where messages go now."""
        return message_target(self._hass, self.walker, phoned=self.memory.phoned)

    @callback
    def _remember(self, memory: ReminderMemory) -> None:
        if memory != self.memory:
            self.memory = memory
            self._save()


@callback
def message_target(hass: HomeAssistant, walker: Walker, *, phoned: bool = False) -> str:
    """Whom a walker's messages go to: as chosen, else the person's phones, else whoever looks at Home Assistant.

    `phoned`: they came to the person's phones before, so that it is missed when there is none any more.
    """
    if walker.reminder_target is not None:
        return walker.reminder_target
    return (
        walker.person
        if walker.person and (phoned or async_phone_services(hass, walker.person))
        else PERSISTENT_NOTIFICATION
    )
