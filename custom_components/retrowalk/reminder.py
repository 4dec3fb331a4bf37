"""Reminds one walker, with no automation at all. When, is for training to say; this hears and sends."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import STATE_HOME, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .options import ControlPolicy
from .pages import async_page_of
from .phones import (
    IN_HOUSE,
    Message,
    UndeliverableError,
    async_deliver,
    async_phones_of,
    async_withdraw,
)
from .programs import PLAN
from .refusals import wrong
from .reminder_issues import ReminderIssues
from .reminder_text import SKIP, SNOOZE, START, Ask, Sheet, lines_of
from .training.limits import Direction
from .training.progression import COMEBACK, SHORT_MINUTES
from .training.reminding import REMINDS, Kind, Look, Memory, NoSnoozeError, Reminding, answered
from .training.states import SessionState
from .training.wording import Line
from .walker import Walker

if TYPE_CHECKING:
    from .reminders import Reminders

_LOGGER = logging.getLogger(__name__)

DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK = "due", "snoozed", "skipped", "missed", "comeback"
EVENTS: Final = (DUE, SNOOZED, SKIPPED, MISSED, COMES_BACK)
_NOWHERE: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})

type Listener = Callable[[str, Mapping[str, Any]], None]


class Reminder:
    """A walker's reminder: today's, and what comes of it."""

    def __init__(self, reminders: Reminders, walker: Walker, memory: Memory) -> None:
        self.memory = memory
        self.tag = f"{DOMAIN}_reminder_{reminders.entry.entry_id}_{walker.id}"
        self._reminders = reminders
        self._hass = reminders.hass
        self._walker = walker
        self._issues = ReminderIssues(reminders.hass, reminders.entry, walker.id)
        self._listeners: set[Listener] = set()
        self._stop_waiting: Callable[[], None] | None = None
        self._shown_on: str | None = None  # where a message may still be seen
        self._sent_before = memory.sent > 0  # by the run of Home Assistant before, to whom it would go now

    @callback
    def async_add_listener(self, listener: Listener) -> Callable[[], None]:
        """Hear of each event; returns how to stop."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    # What happens

    @callback
    def change(self, walker: Walker) -> None:
        """Take over what the walker has set, or walked."""
        if walker.reminder_target != self._walker.reminder_target:
            self._issues.clear()
            self._remember(answered(self.memory))
        self._walker = walker
        self.look()

    @callback
    def look(self, _: datetime | None = None) -> None:
        """See what there is to do now, and when to look again."""
        self.rest()
        day = self.memory.day
        look = self._reminding.look(self.memory, busy=self._reminders.coordinator.in_use, away=self._away)
        self._remember(look.memory)
        if look.wake is not None:
            job = HassJob(self.look, cancel_on_shutdown=True)
            self._stop_waiting = async_track_point_in_utc_time(self._hass, job, look.wake)
        self._issues.look(self._walker, self._target, asks=look.memory.asks)
        if look.away is not None:
            self._reminders.coordinator.people.write(self._walker.id, **self._walker.away_changes(look.away))
        if look.missed is not None:
            self._tell(MISSED, day=day.isoformat() if day else None, in_a_row=look.missed)
        if look.kind in REMINDS:
            self._remind(look)
        elif look.kind is Kind.DONE or look.memory.day != day or not self._walker.reminder:
            self._take_back()

    @callback
    def rest(self) -> None:
        """Wait for nothing."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    @callback
    def forget(self) -> None:
        """The walker has gone."""
        self.rest()
        self._issues.clear()
        self._take_back()

    @callback
    def arrived(self) -> None:
        """Somebody has seen the message."""
        self._remember(answered(self.memory))
        self._issues.look(self._walker, self._target, asks=False)

    # What the walker asks for

    @callback
    def snooze(self, minutes: float | None = None) -> None:
        """Put today's reminder off, by so many minutes or as usual; raises ServiceValidationError."""
        try:
            memory = self._reminding.snooze(self.memory, minutes)
        except NoSnoozeError as err:
            raise wrong(err.reason.value) from err
        self._remember(memory)
        self._tell(SNOOZED, until=memory.until and memory.until.isoformat(), snoozes=memory.snoozes)
        self._take_back()
        self.look()

    @callback
    def skip(self) -> None:
        """Leave today's reminder out; raises ServiceValidationError."""
        memory = self._reminding.skip(self.memory)
        if memory is None:
            raise wrong("nothing_to_skip")
        self._remember(memory)
        self._tell(SKIPPED)
        self._take_back()
        self.look()

    async def async_tapped(self, action: str) -> None:
        """Do what a button below the present message is for."""
        if not self.memory.sent or self.memory.day != self._reminding.today:
            return
        if action in {self._action(what) for what in (START, SNOOZE, SKIP)} and self._walked(self._reminding.today):
            self._take_back()  # it is done already, and its message is an old one
            return
        try:
            if action == self._action(START):
                await self._async_make_ready()
            elif action == self._action(SNOOZE):
                self.snooze()
            elif action == self._action(SKIP):
                self.skip()
        except HomeAssistantError as err:
            self.arrived()
            sheet = await self._async_sheet(snooze=None)
            await self._async_send(await sheet.async_refuse(err))

    async def _async_make_ready(self) -> None:
        """As start_session does, for this walker: it moves nothing, and confirms nothing (S2)."""
        self.arrived()
        coordinator = self._reminders.coordinator
        session = coordinator.session
        if session.state is not SessionState.READY or session.walker != self._walker.id:
            # A tap is no hand at the treadmill, so it is not passed on whose phone it was.
            await coordinator.async_make_ready(
                Context(),
                walker=self._walker.id,
                direction=Direction.BACKWARD,
                minutes=None,
                speed=None,
                program=COMEBACK if self._reminding.comes_back(self.memory) else PLAN,
            )
        sheet = replace(await self._async_sheet(snooze=None), actions=None)
        await self._async_send(await sheet.async_write(Line("reminder_ready")))

    # How it is told

    @callback
    def _remind(self, look: Look) -> None:
        walker, people = self._walker, self._reminders.coordinator.people
        comeback = look.kind is Kind.COMEBACK
        planned = self._reminders.coordinator.planner.wish(walker)
        ask = Ask(
            walker=walker.name,
            day=self._reminding.today,
            sent=look.memory.sent,
            minutes=SHORT_MINUTES if comeback else planned.length / 60,
            speed=None if comeback else planned.speed,
            streak=people.ledger.streak(walker.id, people.today, people.tz, walker.plan),
            comeback=comeback,
        )
        self._tell(COMES_BACK if comeback else DUE, minutes=ask.minutes, number=ask.sent)
        self._hass.async_create_task(self._async_remind(ask, look.snooze), f"Retrowalk reminds {walker.name}")

    async def _async_remind(self, ask: Ask, snooze: int | None) -> None:
        sheet = await self._async_sheet(snooze=snooze)
        await self._async_send(await sheet.async_write(*lines_of(ask)))

    async def _async_send(self, message: Message) -> None:
        target = self._target
        try:
            await async_deliver(self._hass, target, message)
        except UndeliverableError as err:
            _LOGGER.warning("The reminder of %s does not arrive: %s", self._walker.name, err)
            self._issues.lost(self._walker, target)
        else:
            self._shown_on = target
            self._issues.found()

    @callback
    def _take_back(self) -> None:
        target, self._shown_on = self._shown_on, None
        if target is None and self._sent_before:
            # Known only now: when this was made, the phones were not there yet.
            target = self._target
        self._sent_before = False
        if target is not None:
            self._hass.async_create_task(
                async_withdraw(self._hass, target, self.tag), f"Retrowalk takes back a reminder of {self._walker.name}"
            )

    @callback
    def _tell(self, kind: str, **data: Any) -> None:
        for listener in tuple(self._listeners):
            listener(kind, data)

    async def _async_sheet(self, *, snooze: int | None) -> Sheet:
        coordinator = self._reminders.coordinator
        offered = [START] * (coordinator.options.control is ControlPolicy.CONTROL)
        offered += [SNOOZE] * (snooze is not None)
        shown = coordinator.entity_id("button", "start") or coordinator.entity_id("sensor", "session_state")
        return Sheet(
            hass=self._hass,
            tag=self.tag,
            walker=self._walker.name,
            page=await async_page_of(self._hass, shown) if shown else None,
            actions={what: self._action(what) for what in [*offered, SKIP]},
            snooze=snooze,
        )

    def _action(self, what: str) -> str:
        """The id of a button: of this walker's present reminder, and of no other."""
        return f"RETROWALK_{what}_{self._walker.id}_{self.memory.day}_{self.memory.sent}"

    # What is so

    @property
    def _reminding(self) -> Reminding:
        people = self._reminders.coordinator.people
        return Reminding(now=dt_util.utcnow(), tz=people.tz, wishes=self._walker.reminding, walked=self._walked)

    def _walked(self, day: date) -> bool:
        people = self._reminders.coordinator.people
        totals = people.ledger.day(self._walker.id, day, people.tz)
        return totals.completed > 0 or self._walker.reaches_goal(totals.minutes)

    @property
    def _away(self) -> bool:
        """Whether the walker's person is not at home; somebody of whom that is not known may be."""
        person = self._hass.states.get(self._walker.person) if self._walker.person else None
        return person is not None and person.state not in {STATE_HOME, *_NOWHERE}

    @property
    def _target(self) -> str:
        return target_of(self._hass, self._walker)

    @callback
    def _remember(self, memory: Memory) -> None:
        if memory != self.memory:
            self.memory = memory
            self._reminders.keep()


@callback
def target_of(hass: HomeAssistant, walker: Walker) -> str:
    """Whom a walker's messages go to: as chosen, else the person's phones, else whoever looks at Home Assistant."""
    if walker.reminder_target is not None:
        return walker.reminder_target
    return walker.person if walker.person and async_phones_of(hass, walker.person) else IN_HOUSE
