"""A home in which walkers are reminded."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.retrowalk.const import CONF_FIRST_ADDRESS, CONF_VIRTUAL, CONF_WALKER_ID, DOMAIN
from tests.support.action_calls import Actions
from tests.support.house import ADDRESS, CONTROL, House, make_entry, walker_subentry
from tests.support.phones import Phones
from tests.support.phones import clock as shown_by_clock

ANNA = {"person": "person.anna", "reminder": True}
OTHER = "F2:52:57:00:00:77"
"""The address of a further treadmill."""
MONDAY = datetime(2026, 11, 2)  # noqa: DTZ001 - local time of the home


def notifications(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the notifications that Home Assistant shows."""
    return [{**shown} for shown in persistent_notification._async_get_or_create_notifications(hass).values()]


class Home:
    """A home in which walkers are reminded."""

    def __init__(self, house: House, phones: Phones, freezer: FrozenDateTimeFactory) -> None:
        self.house = house
        self.hass = house.hass
        self.phones = phones
        self.freezer = freezer
        self.events: list[tuple[str, str, str]] = []  # time, walker, event
        self.last_states: dict[str, str] = {}

    async def set_up(self, *walkers: dict[str, Any], connected: bool = False) -> None:
        await self.at(9)
        walkers = walkers or (walker_subentry("Anna", **ANNA),)
        await self.house.set_up(make_entry(walkers=walkers), connected=connected)
        await self.hass.async_block_till_done()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            if state is None or state.domain != "event" or state.attributes.get("event_type") is None:
                return
            # After a restart the last event is restored, which is not a new event.
            if state.entity_id.endswith("_reminder_events") and self.last_states.get(state.entity_id) != state.state:
                self.last_states[state.entity_id] = state.state
                name = state.entity_id.removeprefix("event.").removesuffix("_reminder_events")
                self.events.append((shown_by_clock(dt_util.now()), name, state.attributes["event_type"]))

        self.hass.bus.async_listen("state_changed", changed)

    async def at(self, hour: int, minute: int = 0, *, day: int = 0) -> None:
        """Move the clock to this time, this many days after Monday."""
        local = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
        await self.move_to(local.replace(tzinfo=dt_util.get_default_time_zone()))

    async def move_to(self, moment: datetime) -> None:
        self.freezer.move_to(moment)
        async_fire_time_changed(self.hass, moment)
        await self.hass.async_block_till_done()
        await self.house.settle()

    def new_events(self) -> list[tuple[str, str]]:
        """Return the events since the last call, with their times."""
        new = [(at, what) for at, _, what in self.events]
        self.events.clear()
        return new

    @property
    def local(self) -> datetime:
        return dt_util.now().replace(tzinfo=None)

    async def store_session(self, walker: str, minutes: float = 5, **record: Any) -> None:
        await self.house.store_session(walker, minutes, **record)
        await self.hass.async_block_till_done()

    async def act(self, action: str, *, of: str | None = "anna", by: Context | None = None, **data: Any) -> None:
        await Actions(self.house).call(action, of=of, by=by, **data)
        await self.hass.async_block_till_done()

    async def refused(self, action: str, *, of: str | None = "anna", **data: Any) -> str:
        return await Actions(self.house).refused(action, of=of, **data)

    def entity_id(self, domain: str, key: str, walker: str = "anna") -> str:
        entity_id = er.async_get(self.hass).async_get_entity_id(domain, DOMAIN, f"{ADDRESS.lower()}_{walker}_{key}")
        assert entity_id is not None
        return entity_id

    def state(self, domain: str, key: str) -> str:
        state = self.hass.states.get(self.entity_id(domain, key))
        assert state is not None
        return state.state

    async def call(self, service: str, domain: str, key: str, **data: Any) -> None:
        name = service.partition(".")[2]
        target = {"entity_id": self.entity_id(domain, key)}
        await self.hass.services.async_call(domain, name, {**target, **data}, blocking=True)
        await self.hass.async_block_till_done()

    async def stop(self) -> None:
        assert await self.hass.config_entries.async_unload(self.house.entry.entry_id)
        await self.hass.async_block_till_done()

    async def start(self) -> None:
        assert await self.hass.config_entries.async_setup(self.house.entry.entry_id)
        await self.hass.async_block_till_done()

    async def restart(self, *, until: tuple[int, int] | None = None) -> None:
        await self.stop()
        if until is not None:
            await self.at(until[1], day=until[0])
        await self.start()

    def issues(self) -> set[str]:
        issues = ir.async_get(self.hass).issues.values()
        return {issue.translation_key for issue in issues if issue.domain == DOMAIN and issue.active}


async def set_up_other(home: Home, walker: dict[str, Any] | None = None, *, virtual: bool) -> MockConfigEntry:
    """Set up a further treadmill on which somebody, by default Anna, walks, too."""
    shared = {CONF_WALKER_ID: "anna", CONF_FIRST_ADDRESS: ADDRESS}
    walker = walker or walker_subentry("Anna", **ANNA, **shared)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Other",
        unique_id=OTHER.lower(),
        data={**make_entry().data, CONF_ADDRESS: OTHER, CONF_VIRTUAL: virtual},
        options=CONTROL,
        subentries_data=[walker | {"subentry_id": f"{walker['subentry_id']}_on_other"}],
    )
    entry.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    await home.hass.async_block_till_done()
    return entry
