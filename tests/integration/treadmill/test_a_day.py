"""A day in a house: nothing grows (memory, tasks, timers, listeners, files).

Somebody walks each hour, the link is lost each minute, a phone is reminded and puts it off, a dashboard comes and goes,
the calendar and a report are read, and the settings are reloaded.
"""

import logging
import tracemalloc
from collections.abc import Iterator
from typing import Any, override

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import RefreshToken
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser

from tests.support.action_calls import Actions
from tests.support.day import WALK_EVERY, Day
from tests.support.house import House, make_entry, walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import ANNA

from ..reminders.conftest import anna, phones

__all__ = ["anna", "phones"]

BYTES_A_WALK = 20_000
"""What a walk may leave in the memory: its record, and what is shown of it."""

VISITS, RELOADS = 10, 50
"""The minute of each hour in which somebody looks at the dashboard, and saves the settings."""
LOOKS = ("session", "sessions", "trends", "reminders", "programs")
"""What a dashboard follows."""


class BusyDay(Day):
    """A day in which much more happens than walks."""

    def __init__(
        self,
        house: House,
        phone: Phone,
        session: RefreshToken,
        freezer: FrozenDateTimeFactory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        super().__init__(house, freezer, monkeypatch)
        self.phone = phone
        self.session = session  # of who looks at the dashboard
        self.reminded = 0
        self.seen = 0

    @override
    async def minute(self) -> None:
        """Let a minute pass, each hour with what happens in a house."""
        self.freezer.move_to(self.house.clock.utcnow())
        match self.minutes % WALK_EVERY:
            case minute if minute == VISITS:
                await self.visit()
            case minute if minute == RELOADS:
                await self.reload()
        await super().minute()
        await self.answer()
        self.phone.phones.pushes.mock_calls.clear()

    @override
    async def walk(self) -> None:
        """Walk as one of two walkers."""
        self.house.coordinator.next_session.choose_walker("anna" if self.walks % 3 == 2 else "bert")
        await super().walk()

    async def answer(self) -> None:
        """Put a reminder off, as often as it comes; any other message is swiped away."""
        self.reminded += len(self.phone.texts)
        for tag in [*self.phone.shown]:
            actions = {action["action"] for action in self.phone.shown[tag]["data"].get("actions", ())}
            for snooze in (action for action in actions if "SNOOZE" in action):
                await self.phone.repeat(snooze)
        self.phone.shown.clear()

    async def visit(self) -> None:
        """Look at the dashboard, the calendar and a report."""
        house, client = self.house, self.phone.phones.client
        socket = await client.ws_connect("/api/websocket")
        assert (await socket.receive_json())["type"] == "auth_required"
        token = house.hass.auth.async_create_access_token(self.session)
        await socket.send_json({"type": "auth", "access_token": token})
        assert (await socket.receive_json())["type"] == "auth_ok"
        actions = Actions(house)
        for number, kind in enumerate(LOOKS, 1):
            await socket.send_json({"id": number, "type": f"retrowalk/{kind}", "device_id": actions.device()})
        await self.passes(3)
        answered = set[int]()
        while len(answered) < len(LOOKS):
            message = await socket.receive_json()
            assert message.get("success", True), message
            answered.add(message["id"])
        await socket.close()
        self.seen += 1
        report = await actions.call("create_report", of="anna", weeks=4)
        assert "<html" in report["html"] if "html" in report else report
        [calendar] = house.hass.states.async_entity_ids("calendar")
        await house.hass.services.async_call(
            "calendar",
            "get_events",
            {"entity_id": calendar, "duration": {"days": 7}},
            blocking=True,
            return_response=True,
        )

    async def reload(self) -> None:
        """Save the settings, which reloads the treadmill."""
        assert await self.house.hass.config_entries.async_reload(self.house.entry.entry_id)
        await self.passes(5)


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Use real files: the mock of storage keeps all that was ever written."""
    return {}


@pytest.fixture
def traced() -> Iterator[None]:
    """Trace what is allocated, and keep no log: a test's log grows by itself."""
    logging.disable(logging.WARNING)
    tracemalloc.start()
    yield
    tracemalloc.stop()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("hours", [pytest.param(3, id="hours"), pytest.param(24, id="day", marks=pytest.mark.nightly)])
async def test_a_day_of_walks_reminders_visits_and_lost_links_leaves_nothing_behind(
    house: House,
    hass_storage: dict[str, Any],
    anna: Phone,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    traced: None,
    hours: int,
) -> None:
    session = await house.hass.auth.async_create_refresh_token(hass_admin_user, CLIENT_ID)
    day = BusyDay(house, anna, session, freezer, monkeypatch)
    freezer.move_to(house.clock.utcnow())
    walkers = [walker_subentry(**ANNA, reminder_time="17:20:00"), walker_subentry("Bert")]
    await house.set_up(make_entry(walkers=walkers))
    await house.store_session("bert")
    for _ in range(61):
        await day.minute()
    before = day.load()
    for _ in range(60 * hours - 61):
        await day.minute()
    after = day.load()
    # The first hour of a process may hold more: a connection that closes, what is loaded once.
    assert after.tasks <= before.tasks, f"{before} {after}"
    assert after.listeners <= before.listeners, f"{before} {after}"
    assert after.files <= before.files, f"{before} {after}"
    assert after.timers <= before.timers + 2
    walks = after.walks - before.walks
    assert walks >= hours - 2
    assert after.bytes - before.bytes <= BYTES_A_WALK * walks + 50_000, f"{before} {after}"
    assert len(house.coordinator.roster.history) == after.walks + 1
    assert (day.seen, day.reminded > 0) == (hours, True)
