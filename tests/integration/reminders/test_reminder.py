"""Reminders, as a household sees them: phones, notifications, repairs; nobody has written an automation."""

import asyncio
import json
import sys
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.dashboard import LovelaceStorage
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.messaging import notifications as phones_module
from custom_components.retrowalk.reminders import delivery as post_module
from custom_components.retrowalk.training.limits import Direction
from tests.support.action_calls import Actions
from tests.support.house import ADDRESS, Clock, House, a_walker, make_entry
from tests.support.phones import Phone, Phones
from tests.support.phones import clock as shown_by_clock
from tests.support.speakers import Heard, Messages, add_speakers

ANNA = {"person": "person.anna", "reminder": True}
MONDAY = datetime(2026, 11, 2)  # noqa: DTZ001 - by the clock of the house


EXPECTED_MESSAGES = [
    ("02 18:00", "5 minutes backward, and today is done. Planned: 1.5 km/h."),
    ("02 18:15", "5 minutes backward: that is all for today. Planned: 1.5 km/h."),
    ("02 18:45", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h."),
    ("04 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h. Your streak: 2 days."),
    ("05 18:00", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("06 18:00", "Just 3 minutes today, as slowly as you like."),
    ("08 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h."),
    ("12 18:00", "Your treadmill is free. 5 minutes backward? Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 18:15", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 18:45", "5 minutes backward, and today is done. Planned: 1.5 km/h. Your streak: 2 days."),
    ("12 19:45", "5 minutes backward: that is all for today. Planned: 1.5 km/h. Your streak: 2 days."),
    ("13 18:00", "A good moment for 5 minutes backward. Planned: 1.5 km/h. Your streak: 2 days."),
    ("14 18:00", "Just 3 minutes today, as slowly as you like."),
    ("15 18:00", "It has been a few days. 3 minutes, slowly, are enough today."),
]
"""Friday and Sunday are two in a row: on the Saturday between them Anna was not at home."""


def notifications(hass: HomeAssistant) -> list[dict[str, Any]]:
    """What Home Assistant itself shows."""
    return [{**shown} for shown in persistent_notification._async_get_or_create_notifications(hass).values()]


class Home:
    """A house whose people are reminded."""

    def __init__(self, house: House, phones: Phones, freezer: FrozenDateTimeFactory) -> None:
        self.house = house
        self.hass = house.hass
        self.phones = phones
        self.freezer = freezer
        self.events: list[tuple[str, str, str]] = []  # when, of whom, what
        self.seen: dict[str, str] = {}

    async def set_up(self, *walkers: dict[str, Any], connected: bool = False) -> None:
        await self.at(9)
        walkers = walkers or (a_walker("Anna", **ANNA),)
        await self.house.set_up(make_entry(walkers=walkers), connected=connected)
        await self.hass.async_block_till_done()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            if state is None or state.domain != "event" or state.attributes.get("event_type") is None:
                return
            # After a restart the last event is restored: that is none.
            if state.entity_id.endswith("_reminder") and self.seen.get(state.entity_id) != state.state:
                self.seen[state.entity_id] = state.state
                name = state.entity_id.removeprefix("event.").removesuffix("_reminder")
                self.events.append((shown_by_clock(dt_util.now()), name, state.attributes["event_type"]))

        self.hass.bus.async_listen("state_changed", changed)

    async def at(self, hour: int, minute: int = 0, *, day: int = 0) -> None:
        """Let it be that late, so many days after Monday."""
        local = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
        await self.move_to(local.replace(tzinfo=dt_util.get_default_time_zone()))

    async def move_to(self, moment: datetime) -> None:
        self.freezer.move_to(moment)
        async_fire_time_changed(self.hass, moment)
        await self.hass.async_block_till_done()
        await self.house.settle()

    def told(self) -> list[tuple[str, str]]:
        """The events since the last look: when and what."""
        told = [(at, what) for at, _, what in self.events]
        self.events.clear()
        return told

    @property
    def local(self) -> datetime:
        return dt_util.now().replace(tzinfo=None)

    async def walked(self, walker: str, minutes: float = 5, **record: Any) -> None:
        await self.house.walked(walker, minutes, **record)
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


@pytest.fixture
async def phones(
    hass: HomeAssistant,
    house: House,
    hass_client: Any,
    aioclient_mock: AiohttpClientMocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Phones:
    # The app's integration pulls in cameras, and they a library that only they need.
    monkeypatch.setitem(sys.modules, "turbojpeg", SimpleNamespace(TurboJPEG=object))
    phones = Phones(hass, None, aioclient_mock)
    await phones.set_up()
    phones.client = await hass_client()
    return phones


@pytest.fixture
async def anna(hass: HomeAssistant, phones: Phones, hass_ws_client: Any, hass_admin_user: MockUser) -> Phone:
    """Anna's phone; Anna is at home."""
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "person/create", "name": "Anna", "user_id": hass_admin_user.id})
    assert (await client.receive_json())["success"]
    phone = await phones.add("Anna phone", hass_admin_user.id)
    await phone.go("home")
    assert hass.states.get("person.anna").state == "home"
    return phone


@pytest.fixture
async def home(house: House, phones: Phones, freezer: FrozenDateTimeFactory) -> Home:
    return Home(house, phones, freezer)


# A fortnight


async def test_a_fortnight_gives_exactly_the_expected_messages(home: Home, anna: Phone) -> None:
    await home.set_up()
    sent: list[tuple[str, str]] = []
    told: list[tuple[str, str]] = []

    async def pass_until(day: int, hour: int, minute: int = 0) -> None:
        """Live until then; at each quarter of an hour somebody could be reminded."""
        end = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
        while home.local < end:
            step = timedelta(minutes=15) if home.local.hour in {17, 18, 19, 20, 23} else timedelta(hours=1)
            await home.move_to((home.local + step).replace(tzinfo=dt_util.get_default_time_zone()))
        sent.extend((shown_by_clock(push["at"]), push["message"]) for push in anna.inbox)
        anna.inbox.clear()
        told.extend(home.told())

    await pass_until(0, 18)  # Monday: two snoozes, then a walk
    await anna.tap("Snooze 15 min")
    assert anna.shown == {}
    await pass_until(0, 18, 15)
    await anna.tap("Snooze 30 min")
    await pass_until(0, 18, 45)
    await home.walked("anna")
    assert anna.shown == {}
    await pass_until(1, 12)  # Tuesday: walked before the reminder
    await home.walked("anna")
    await pass_until(2, 23, 45)  # Wednesday: forgotten
    assert list(anna.shown) != []
    await pass_until(3, 18)  # Thursday: skipped
    await anna.tap("Skip today")
    await pass_until(4, 18)  # Friday: a comeback, three minutes are enough
    await home.walked("anna", minutes=3, planned=180.0)
    assert anna.shown == {}
    await pass_until(5, 12)  # Saturday: not at home
    await anna.go("elsewhere")
    await pass_until(6, 10)
    await anna.go("home")
    await pass_until(6, 18)  # Sunday: reminded, walked
    await home.walked("anna")
    await pass_until(7, 9)  # Monday to Wednesday: ill
    await home.act("pause_plan", until="2026-11-11")
    await pass_until(10, 18)  # Thursday: three snoozes, and no walk
    for buttons, hour, minute in (
        (["Start", "Snooze 15 min", "Skip today"], 18, 15),
        (["Start", "Snooze 30 min", "Skip today"], 18, 45),
        (["Start", "Snooze 60 min", "Skip today"], 19, 45),
    ):
        assert anna.buttons == buttons
        await anna.tap(buttons[1])
        await pass_until(10, hour, minute)
    assert anna.buttons == ["Start", "Skip today"]
    await pass_until(13, 18)  # Friday and Saturday: forgotten; Sunday: walked
    await home.walked("anna", minutes=3, planned=180.0)
    await pass_until(14, 12)

    assert sent == EXPECTED_MESSAGES
    assert told == [
        ("02 18:00", "due"),
        ("02 18:00", "snoozed"),
        ("02 18:15", "due"),
        ("02 18:15", "snoozed"),
        ("02 18:45", "due"),
        ("04 18:00", "due"),
        ("05 00:00", "missed"),
        ("05 18:00", "due"),
        ("05 18:00", "skipped"),
        ("06 18:00", "comeback"),
        ("08 18:00", "due"),
        ("12 18:00", "due"),
        ("12 18:00", "snoozed"),
        ("12 18:15", "due"),
        ("12 18:15", "snoozed"),
        ("12 18:45", "due"),
        ("12 18:45", "snoozed"),
        ("12 19:45", "due"),
        ("13 00:00", "missed"),
        ("13 18:00", "due"),
        ("14 00:00", "missed"),
        ("14 18:00", "comeback"),
        ("15 00:00", "missed"),
        ("15 18:00", "comeback"),
    ]
    assert home.house.entry.subentries["anna"].data["plan_paused"] == [
        ["2026-11-07", "2026-11-07"],
        ["2026-11-09", "2026-11-11"],
    ]
    assert home.issues() == set()


# Not when


@pytest.mark.parametrize("why", ["off", "walked", "goal", "unplanned", "paused", "away", "in_use", "skipped", "quiet"])
async def test_no_reminder_comes(home: Home, anna: Phone, why: str) -> None:
    settings: dict[str, dict[str, Any]] = {
        "off": {"reminder": False},
        "unplanned": {"days": [1, 2]},
        "paused": {"plan_paused": [["2026-11-01", None]]},
        "quiet": {"quiet_from": "18:00:00"},
    }
    await home.set_up(a_walker("Anna", **{**ANNA, **settings.get(why, {})}), connected=why == "in_use")
    match why:
        case "walked":
            await home.walked("anna", minutes=3, planned=180.0)
        case "goal":
            await home.walked("anna", minutes=4.8, planned=900.0)
        case "away":
            await anna.go("elsewhere")
        case "in_use":
            await home.house.press("start")
            assert home.house.state("session_state") == "ready"
        case "skipped":
            await home.act("skip_today")
    await home.at(18)
    await home.at(18, 1)
    assert anna.texts == []
    assert [what for _, what in home.told()] == (["skipped"] if why == "skipped" else [])


async def test_a_walk_forward_or_a_short_one_is_no_reason_to_be_quiet(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.walked("anna", minutes=20, direction=Direction.FORWARD)
    await home.walked("anna", minutes=2, planned=600.0)
    await home.at(18)
    assert len(anna.texts) == 1


async def test_who_comes_home_is_reminded_then(home: Home, anna: Phone) -> None:
    await home.set_up()
    await anna.go("elsewhere")
    await home.at(18)
    await home.at(19, 20)
    assert anna.texts == []
    await anna.go("home")
    assert len(anna.texts) == 1
    await anna.go("elsewhere")
    await anna.go("home")
    assert anna.texts == []
    await home.at(12, day=1)
    await anna.go("elsewhere")
    await home.at(18, day=1)
    await home.at(21, day=1)
    await anna.go("home")
    await home.at(23, day=1)
    assert anna.texts == []


async def test_nobody_is_reminded_while_the_belt_is_in_use_but_after_that(home: Home, anna: Phone) -> None:
    await home.set_up(a_walker("Anna", **ANNA), a_walker("Bert"), connected=True)
    await home.at(17, 59)
    await home.house.call("select", "select_option", "walker", option="Bert")
    await home.house.press("start")
    await home.at(18)
    assert anna.texts == []
    await home.house.press("stop")
    await home.hass.async_block_till_done()
    assert len(anna.texts) == 1


async def test_whoever_walks_across_the_reminders_time_is_not_reminded_of_it(
    home: Home, anna: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.set_up(connected=True)
    await home.at(17, 57)
    house = home.house
    await house.call("select", "select_option", "walker", option="Anna")
    await house.walk()
    await house.time(280)
    await home.at(18, 2)
    may_write = asyncio.Event()
    write = Store._async_handle_write_data

    async def slow_disk(self: Store[Any], *args: Any) -> None:
        if "sessions" in self.key:
            await may_write.wait()
        await write(self, *args)

    monkeypatch.setattr(Store, "_async_handle_write_data", slow_disk)
    while house.state("session_state") != "finished":
        await house.time(2)
    await house.time(10)
    assert house.coordinator.roster.ledger.last("anna") is None  # it is still being written
    assert (anna.texts, home.told()) == ([], [])
    may_write.set()
    await house.until(lambda: not house.coordinator.recorder.keeping)
    await home.hass.async_block_till_done()
    assert float(home.state("sensor", "today")) > 4.7
    await home.at(20)
    assert (anna.texts, home.told()) == ([], [])


async def test_a_button_of_a_day_that_is_done_does_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    start = shown["data"]["actions"][0]["action"]
    await home.walked("anna")
    assert list(anna.shown) == []
    await anna.repeat(start)  # on another phone, that heard of nothing
    assert home.house.state("session_state") == "idle"


# Restarts and clocks


async def test_what_was_sent_before_a_restart_is_taken_back_from_phones_that_came_later(
    home: Home, anna: Phone
) -> None:
    await home.set_up()
    await home.at(18)
    assert len(anna.shown) == 1
    await home.stop()
    hass, app = home.hass, home.hass.services._services["notify"].pop(anna.service)
    hass.set_state(CoreState.starting)
    await home.start()  # before the app's integration
    hass.services._services["notify"][anna.service] = app
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    await home.walked("anna")
    assert list(anna.shown) == []


async def test_a_restart_forgets_nothing(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.at(18)
    assert len(anna.texts) == 1
    await home.restart()
    await home.at(18, 5)
    assert anna.texts == []
    await anna.tap("Snooze 15 min")
    await home.restart()
    await home.at(18, 19)
    assert anna.texts == []
    await home.at(18, 20)
    assert anna.buttons == ["Start", "Snooze 30 min", "Skip today"]
    await home.restart()
    await anna.tap("Skip today")
    await home.restart()
    await home.at(20)
    assert anna.texts == ["5 minutes backward: that is all for today. Planned: 1.5 km/h."]
    assert home.told() == [
        ("02 18:00", "due"),
        ("02 18:05", "snoozed"),
        ("02 18:20", "due"),
        ("02 18:20", "skipped"),
    ]


@pytest.mark.parametrize(("day", "hour", "comes"), [(0, 20, True), (0, 21, False), (1, 9, False)])
async def test_what_was_missed_while_home_assistant_was_down_is_sent_once_if_still_sensible(
    home: Home, anna: Phone, day: int, hour: int, comes: bool
) -> None:
    await home.set_up()
    await home.restart(until=(day, hour))
    assert len(anna.texts) == comes
    await home.restart()
    await home.at(hour, 30, day=day)
    assert anna.texts == []
    await home.at(18, day=1)
    assert len(anna.texts) == 1


async def test_reminders_wait_until_home_assistant_knows_who_is_at_home(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.stop()
    await home.at(18, 30)
    home.hass.set_state(CoreState.starting)
    await home.start()
    assert anna.texts == []
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.hass.async_block_till_done()
    assert len(anna.texts) == 1


async def test_the_clocks_of_the_house_are_changed(home: Home, anna: Phone) -> None:
    await home.hass.config.async_set_time_zone("Europe/Berlin")
    await home.set_up()
    seen = []
    moment = datetime(2027, 3, 27, 12, tzinfo=UTC)  # the clocks go forward on the 28th
    while moment < datetime(2027, 3, 30, tzinfo=UTC):
        await home.move_to(moment)
        moment += timedelta(minutes=30)
    seen += [f"{push['at'].astimezone(UTC):%d %H:%M}" for push in anna.inbox]
    anna.inbox.clear()
    moment = datetime(2027, 10, 30, 12, tzinfo=UTC)  # and back on the 31st
    while moment < datetime(2027, 11, 2, tzinfo=UTC):
        await home.move_to(moment)
        moment += timedelta(minutes=30)
    seen += [f"{push['at'].astimezone(UTC):%d %H:%M}" for push in anna.inbox]
    assert seen == ["27 17:00", "28 16:00", "29 16:00", "30 16:00", "31 17:00", "01 17:00"]


async def test_a_house_that_moves_reminds_by_its_new_clock(home: Home, anna: Phone) -> None:
    await home.set_up()
    await home.hass.config.async_update(time_zone="America/Denver")
    await home.hass.async_block_till_done()
    moment = datetime(2026, 11, 3, 1, tzinfo=UTC)  # 18:00 there, 17:00 in Los Angeles
    await home.move_to(moment - timedelta(minutes=1))
    assert anna.texts == []
    await home.move_to(moment)
    assert len(anna.texts) == 1
    await home.move_to(moment + timedelta(hours=1))
    assert anna.texts == []


# Start


async def test_s2_a_tap_on_start_makes_ready_and_moves_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    actions = shown["data"]["actions"]
    page = "/lovelace?more-info-entity-id=button.treadmill_start"
    assert (actions[0]["uri"], shown["data"]["clickAction"], shown["data"]["url"]) == (page, page, page)
    assert len({action["action"] for action in actions}) == 3
    anna.texts.clear()
    home.house.commands()
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert home.house.state("session_state") == "ready"
    assert session.request is not None
    assert (session.request.walker, session.request.program_name, session.request.length) == (
        "anna",
        "first_steps",
        300,
    )
    assert anna.texts[-1].startswith("Ready.")
    assert anna.buttons == []
    for _ in range(3):  # however often it is tapped, on whatever phone
        await anna.repeat(actions[0]["action"])
        await home.house.time(10)
    assert home.house.state("session_state") == "ready"
    assert [text[:6] for text in anna.texts] == ["Ready."] * 3
    assert home.house.commands() == []
    assert home.house.treadmill.at_rest
    await home.house.time(120)  # a tap is nobody's hand: ready for two minutes, not for ten
    assert home.house.state("session_state") == "idle"
    assert [what for _, what in home.told()] == ["due"]


@pytest.mark.parametrize(
    ("dashboard", "page"),
    [
        ({"strategy": {"type": "custom:retrowalk"}}, "/walk-here/{device}"),
        ({"strategy": {"type": "custom:retrowalk", "device_id": "{device}"}}, "/walk-here/{device}"),
        ({"strategy": {"type": "custom:retrowalk", "device_id": "another"}}, None),
        ({"strategy": {"type": "original-states"}}, None),
        ({"views": [{}, {"cards": [{"type": "custom:retrowalk-card"}]}]}, "/walk-here/1"),
        (
            {
                "views": [
                    {"path": "gym", "cards": [{"cards": [{"type": "custom:retrowalk-card", "device_id": "{device}"}]}]}
                ]
            },
            "/walk-here/gym",
        ),
        ({"views": [{"cards": [{"type": "custom:retrowalk-card", "device_id": "another"}]}]}, None),
        ({"views": [{"cards": [{"type": "tile", "entity": "sun.sun"}]}]}, None),
        ({"views": None}, None),
        ({"views": [[{"type": "custom:retrowalk-card"}], "gym", {"path": 7, "cards": "none"}]}, None),
        ({"views": 5}, None),
        (None, None),
    ],
)
async def test_a_tap_on_start_opens_the_card_where_there_is_one(
    home: Home, anna: Phone, dashboard: dict[str, Any] | None, page: str | None
) -> None:
    await home.set_up(connected=True)
    device = Actions(home.house).device()
    for url, admins in (("only-admins", True), ("walk-here", False)):
        made = LovelaceStorage(home.hass, {"id": url, "url_path": url, "title": "Walk", "require_admin": admins})
        home.hass.data[LOVELACE_DATA].dashboards[url] = made
        if dashboard is not None:
            await made.async_save(json.loads(json.dumps(dashboard).replace("{device}", device)))
    await home.at(18)
    [shown] = anna.shown.values()
    opens = (page or "/lovelace?more-info-entity-id=button.treadmill_start").format(device=device)
    assert shown["data"]["actions"][0]["uri"] == shown["data"]["url"] == opens


async def test_a_comeback_begins_with_three_minutes(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    for day in range(3):
        await home.at(9, day=day)
        await home.at(18, day=day)
    assert anna.texts[-1] == "Back on the belt? 3 slow minutes count as a whole day."
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert session.request is not None
    assert (session.request.program_name, session.request.length) == ("comeback", 180)


async def test_a_start_that_cannot_be_is_told_on_the_phone_and_may_be_tried_again(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    await home.house.call("switch", "turn_on", "control_lock")
    anna.inbox.clear()
    await anna.tap("Start")
    assert anna.texts == ["The child lock is on, so only Stop works. Turn off the child lock of the treadmill first."]
    assert anna.buttons == ["Start", "Snooze 15 min", "Skip today"]
    await home.house.call("switch", "turn_off", "control_lock", by=home.house.person())
    await anna.tap("Start")
    assert home.house.state("session_state") == "ready"


async def test_who_was_ready_and_did_not_come_is_asked_again_and_who_walked_a_little_is_not(
    home: Home, anna: Phone
) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    await anna.tap("Start")
    assert anna.texts[-1].startswith("Ready.")
    await home.house.time(125)  # nobody confirms
    await home.hass.async_block_till_done()
    assert home.house.state("session_state") == "idle"
    assert anna.texts == ["5 minutes backward, and today is done. Planned: 1.5 km/h."]
    assert anna.buttons == ["Start", "Snooze 15 min", "Skip today"]
    assert [what for _, what in home.told()] == ["due"]  # it is the same reminder
    await anna.tap("Start")
    assert anna.texts[-1].startswith("Ready.")
    await home.house.press("start")
    await home.house.time(40)
    await home.house.press("stop")
    await home.house.time(8)
    await home.house.until(lambda: not home.house.coordinator.in_use)
    await home.hass.async_block_till_done()
    assert (anna.texts, anna.shown) == ([], {})


async def test_a_comeback_asks_no_more_than_the_goal(home: Home, anna: Phone) -> None:
    await home.set_up(a_walker("Anna", **ANNA, daily_goal=1.0), connected=True)
    for day in range(3):
        await home.at(9, day=day)
        await home.at(18, day=day)
    assert anna.texts[-1] == "Just one minute today, as slowly as you like."
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert session.request is not None
    assert (session.request.program_name, session.request.length) == ("comeback", 60)


async def test_a_treadmill_that_is_only_watched_offers_no_start(home: Home, anna: Phone) -> None:
    await home.at(9)
    await home.house.set_up(make_entry({}, [a_walker("Anna", **ANNA)]), connected=False)
    await home.at(18)
    assert anna.buttons == ["Snooze 15 min", "Skip today"]
    [shown] = anna.shown.values()
    assert shown["data"]["url"].endswith("sensor.treadmill_session")


async def test_a_button_of_an_old_message_means_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    old = [action["action"] for action in shown["data"]["actions"]]
    await anna.tap("Snooze 15 min")
    await home.at(18, 15)
    home.told()
    for action in [*old, "RETROWALK_START_anna", ""]:
        await anna.repeat(action)
    await home.at(9, day=1)
    [*today] = [action.replace("_1", "_2") for action in old]
    for action in today:
        await anna.repeat(action)
    assert home.house.state("session_state") == "idle"
    assert home.told() == [("03 09:00", "missed")]


async def test_a_snooze_that_comes_too_late_is_told(home: Home, anna: Phone) -> None:
    await home.set_up(a_walker("Anna", **{**ANNA, "reminder_time": "20:30:00"}))
    await home.at(20, 30)
    assert "Snooze 15 min" in anna.buttons
    await home.at(20, 50)
    anna.inbox.clear()
    await anna.tap("Snooze 15 min")
    assert anna.texts == ["It would come in the quiet time. Choose fewer minutes, walk now, or skip today."]
    assert anna.buttons == ["Start", "Skip today"]


# Two walkers, several phones


async def test_two_walkers_have_their_own_reminders(home: Home, anna: Phone, lisa: MockUser) -> None:
    bert_phone = await home.phones.add("Bert phone", lisa.id)
    bert = a_walker(
        "Bert",
        reminder=True,
        reminder_time="18:30:00",
        reminder_target=home.phones.device_of(bert_phone),
        daily_goal=10.0,
    )
    await home.set_up(a_walker("Anna", **ANNA), bert)
    await home.at(18)
    await home.at(18, 30)
    assert (len(anna.inbox), len(bert_phone.inbox)) == (1, 1)
    assert (anna.inbox[0]["title"], bert_phone.inbox[0]["title"]) == ("Anna, time to walk", "Bert, time to walk")
    await bert_phone.tap("Skip today")
    assert [event[1:] for event in home.events] == [("anna", "due"), ("bert", "due"), ("bert", "skipped")]
    await home.walked("bert", 10)
    assert list(anna.shown) != []
    await home.walked("anna")
    assert anna.shown == {}
    # Bert goes: nothing of his is left, Anna's goes on.
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.at(18, day=1)
    await home.at(18, 30, day=1)
    assert (len(anna.texts), len(bert_phone.texts)) == (2, 1)


async def test_a_persons_phones_are_looked_up_each_time(home: Home, anna: Phone, hass_admin_user: MockUser) -> None:
    await home.set_up(a_walker("Anna", **{**ANNA, "reminder_target": "person.anna"}))
    await home.at(18)
    new = await home.phones.add("New phone", hass_admin_user.id)
    await home.at(18, day=1)
    assert (len(anna.texts), len(new.texts)) == (2, 1)
    await new.tap("Skip today")
    assert anna.shown == {}
    await home.phones.remove(anna)
    await home.at(18, day=2)
    assert len(new.texts) == 1
    assert home.issues() == set()


# Other targets


async def test_without_a_phone_home_assistant_shows_it(home: Home) -> None:
    await home.hass.config.async_update(language="de")
    await home.set_up(a_walker("Anna", reminder=True))
    await home.at(18)
    [shown] = notifications(home.hass)
    assert shown["title"] == "Anna, Zeit für deine Rückwärtsrunde"
    assert shown["message"] == "5 Minuten rückwärts, und der Tag ist geschafft. Geplant: 1,5 km/h."
    await home.walked("anna")
    assert notifications(home.hass) == []


async def test_a_notify_entity_gets_a_plain_message(home: Home, clock: Clock) -> None:
    heard = Heard(clock)
    await add_speakers(home.hass, notify=Messages(heard))
    await home.set_up(a_walker("Anna", reminder=True, reminder_target="notify.anna"))
    await home.at(18)
    text = "5 minutes backward, and today is done. Planned: 1.5 km/h."
    assert (heard.texts, heard.details) == ([text], [{"title": "Anna, time to walk"}])


# Repairs


@pytest.mark.parametrize("target", ["notify.nowhere", "0123456789abcdef0123456789abcdef", "person.nobody", "light.x"])
async def test_a_target_that_is_not_there_is_told_and_the_event_stays(home: Home, target: str) -> None:
    await home.set_up(a_walker("Anna", reminder=True, reminder_target=target))
    await home.at(18)
    assert home.told() == [("02 18:00", "due")]
    assert home.issues() == {"reminder_lost"}
    home.house.coordinator.roster.write("anna", reminder_target="persistent_notification")
    await home.hass.async_block_till_done()
    assert home.issues() == set()
    await home.at(18, day=1)
    assert len(notifications(home.hass)) == 1


async def test_an_app_that_was_removed_is_told_until_it_is_back(
    home: Home, anna: Phone, hass_admin_user: MockUser
) -> None:
    await home.set_up(a_walker("Anna", **{**ANNA, "reminder_target": "person.anna"}))
    await home.at(18)
    assert len(anna.texts) == 1
    await home.phones.remove(anna)
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    [issue] = [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]
    assert issue.translation_placeholders == {"name": "Anna", "target": "Anna"}
    assert home.told()[-1] == ("03 18:00", "due")
    await home.restart()
    assert home.issues() == {"reminder_lost"}
    back = await home.phones.add("Other phone", hass_admin_user.id)
    await home.at(0, day=2)
    assert home.issues() == set()
    await home.at(18, day=2)
    assert len(back.texts) == 1


async def test_whoever_chose_no_target_and_loses_the_app_is_told_and_reminded_in_the_house(
    home: Home, anna: Phone, hass_admin_user: MockUser
) -> None:
    await home.set_up()
    await home.at(18)
    assert (len(anna.texts), home.issues()) == (1, set())
    await home.phones.remove(anna)
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    assert len(notifications(home.hass)) == 1
    await home.restart()
    await home.at(9, day=2)
    assert home.issues() == {"reminder_lost"}
    back = await home.phones.add("Other phone", hass_admin_user.id)
    await home.at(18, day=2)
    assert (len(back.texts), home.issues()) == (1, set())


async def test_what_did_not_arrive_is_tried_again(home: Home, clock: Clock) -> None:
    heard = Heard(clock)
    await add_speakers(home.hass, notify=Messages(heard))
    await home.set_up(a_walker("Anna", reminder=True, reminder_target="notify.anna"))
    heard.error = HomeAssistantError("out of paper")
    await home.at(18)
    await home.at(18, 16)
    assert (len(heard.texts), home.issues()) == (2, {"reminder_lost"})  # tried twice
    await home.restart()
    assert home.issues() == {"reminder_lost"}, "a restart repairs nothing"
    await home.at(18, day=1)
    heard.error = None
    await home.at(18, 16, day=1)
    assert (len(heard.texts), home.issues()) == (4, set())
    assert [what for _, what in home.told() if what == "due"] == ["due", "due"]
    await home.at(18, 32, day=1)
    assert len(heard.texts) == 4
    heard.error = HomeAssistantError("out of paper")
    await home.at(18, day=2)
    await home.act("skip_today")
    heard.error = None
    await home.at(18, 16, day=2)
    assert len(heard.texts) == 5


async def test_what_was_taken_back_on_its_way_is_taken_back_when_it_has_arrived(
    home: Home, anna: Phone, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.set_up()
    arrives = asyncio.Event()
    deliver = post_module.async_deliver

    async def slowly(*arguments: Any) -> None:
        await deliver(*arguments)
        await arrives.wait()  # another phone takes its time

    monkeypatch.setattr(post_module, "async_deliver", slowly)
    home.freezer.move_to(datetime(2026, 11, 2, 18, tzinfo=dt_util.get_default_time_zone()))
    async_fire_time_changed(home.hass, dt_util.utcnow())
    await home.house.until(lambda: bool(anna.shown))
    await anna.phones.client.post(
        f"/api/webhook/{anna.webhook_id}",
        json={
            "type": "fire_event",
            "data": {
                "event_type": "mobile_app_notification_action",
                "event_data": {"action": anna.shown[next(iter(anna.shown))]["data"]["actions"][-1]["action"]},
            },
        },
    )
    await home.house.until(lambda: not anna.shown)
    withdrawn: list[str] = []

    async def withdraw(_: HomeAssistant, target: str, tag: str) -> None:
        withdrawn.append(target)

    monkeypatch.setattr(post_module, "async_withdraw", withdraw)
    arrives.set()
    await home.hass.async_block_till_done()
    assert withdrawn == ["person.anna"]


async def test_a_target_that_fails_is_told_until_it_works(home: Home, clock: Clock) -> None:
    heard = Heard(clock)
    await add_speakers(home.hass, notify=Messages(heard))
    await home.set_up(a_walker("Anna", reminder=True, reminder_target="notify.anna"))
    heard.error = HomeAssistantError("out of paper")
    await home.at(18)
    assert home.issues() == {"reminder_lost"}
    await home.at(0, day=1)
    assert home.issues() == {"reminder_lost"}
    heard.error = None
    await home.at(18, day=1)
    assert home.issues() == set()


async def test_one_phone_of_several_is_enough(home: Home, anna: Phone, hass_admin_user: MockUser) -> None:
    unconnected = await home.phones.add("Old phone", hass_admin_user.id, only_at_home=True)
    await home.set_up()
    await home.at(18)
    assert len(anna.texts) == 1
    assert home.issues() == set()
    home.house.coordinator.roster.write("anna", reminder_target=home.phones.device_of(unconnected))
    await home.at(18, day=1)
    assert home.issues() == {"reminder_lost"}
    await home.walked("anna")  # what cannot be taken back stays
    assert anna.texts == []


async def test_a_target_that_breaks_or_hangs_holds_nothing_up(
    home: Home, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(clock)
    await add_speakers(home.hass, notify=Messages(heard))
    await home.set_up(a_walker("Anna", reminder=True, reminder_target="notify.anna"))
    heard.error = ValueError("a mistake")
    await home.at(18)
    assert home.issues() == {"reminder_lost"}
    heard.error = None
    await home.at(18, day=1)
    assert home.issues() == set()
    monkeypatch.setattr(phones_module, "_PATIENCE", 0.0)
    heard.hangs = True
    await home.at(18, day=2)
    heard.go_on()
    assert home.issues() == {"reminder_lost"}


@pytest.mark.parametrize("answer", ["swipe", "tap", "walk", "off", "target", "act"])
async def test_three_without_an_answer_ask_whether_they_arrive(home: Home, anna: Phone, answer: str) -> None:
    await home.set_up()
    for day in range(3):
        await home.at(9, day=day)
        assert home.issues() == set()
        await home.at(18, day=day)
    await home.at(9, day=3)
    assert home.issues() == {"reminder_unanswered"}
    await home.restart()
    await home.at(18, day=3)
    assert home.issues() == {"reminder_unanswered"}
    match answer:
        case "swipe":
            await anna.swipe()
        case "tap":
            await anna.tap("Snooze 15 min")
        case "walk":
            await home.walked("anna")
        case "off":
            await home.call("switch.turn_off", "switch", "reminder")
        case "target":
            home.house.coordinator.roster.write("anna", reminder_target="person.anna")
        case "act":
            await home.act("skip_today")
    await home.hass.async_block_till_done()
    assert home.issues() == set()
    await home.at(9, day=4)
    assert home.issues() == set()


async def test_a_walker_or_a_treadmill_that_goes_takes_the_repairs_along(
    home: Home, hass_storage: dict[str, Any]
) -> None:
    lost = {"reminder": True, "reminder_target": "notify.nowhere"}
    await home.set_up(a_walker("Anna", **lost), a_walker("Bert", **lost))
    await home.at(18)
    assert len([issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]) == 2
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.hass.async_block_till_done()
    assert len([issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]) == 1
    entry_id = home.house.entry.entry_id
    key = f"{DOMAIN}.{entry_id}.reminders"
    assert set(hass_storage[key]["data"]) == {"anna"}
    await home.hass.config_entries.async_remove(entry_id)
    home.house.entry = None
    assert key not in hass_storage
    assert home.issues() == set()


async def test_what_was_kept_and_cannot_be_read_is_begun_anew(
    home: Home, anna: Phone, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await home.set_up()
    await home.stop()
    hass_storage[f"{DOMAIN}.{home.house.entry.entry_id}.reminders"]["data"] = {"anna": {"since": 5}}
    await home.start()
    assert "cannot be understood" in caplog.text
    await home.at(18)
    assert len(anna.texts) == 1


# What the walker sets and asks for


async def test_the_switch_and_the_time_are_the_walkers(home: Home, anna: Phone) -> None:
    await home.set_up(a_walker("Anna", person="person.anna"))
    assert home.state("switch", "reminder") == "off"
    assert home.state("time", "reminder_time") == "18:00:00"
    assert home.state("event", "reminder") == "unknown"
    await home.call("switch.turn_on", "switch", "reminder")
    await home.call("time.set_value", "time", "reminder_time", time="10:30:00")
    data = home.house.entry.subentries["anna"].data
    assert (data["reminder"], data["reminder_time"]) == (True, "10:30:00")
    assert (home.state("switch", "reminder"), home.state("time", "reminder_time")) == ("on", "10:30:00")
    with pytest.raises(ServiceValidationError) as told:
        await home.call("time.set_value", "time", "reminder_time", time="21:00:00")
    assert told.value.translation_key == "reminder_in_quiet_time"
    await home.at(10, 30)
    assert len(anna.texts) == 1
    await home.call("switch.turn_off", "switch", "reminder")
    assert anna.shown == {}


async def test_a_reminder_is_put_off_and_left_out_by_actions(home: Home, anna: Phone) -> None:
    await home.set_up()
    assert await home.refused("snooze_reminder") == "nothing_to_snooze"
    await home.at(18)
    await home.act("snooze_reminder", minutes=40)
    assert anna.shown == {}
    state = home.hass.states.get(home.entity_id("event", "reminder"))
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["snoozes"]) == ("snoozed", 1)
    assert state.attributes["until"] == "2026-11-03T02:40:00+00:00"
    assert await home.refused("snooze_reminder", minutes=0) == "snooze_out_of_range"
    assert await home.refused("snooze_reminder", minutes=200) == "snooze_too_late"
    await home.at(18, 40)
    assert anna.buttons == ["Start", "Snooze 30 min", "Skip today"]
    await home.act("snooze_reminder")
    await home.act("snooze_reminder")
    assert await home.refused("snooze_reminder") == "no_more_snoozes"
    await home.act("skip_today")
    assert await home.refused("skip_today") == "nothing_to_skip"
    assert await home.refused("snooze_reminder") == "nothing_to_snooze"
    await home.at(20)
    assert len(anna.texts) == 2


async def test_a_plan_rests_until_a_day_or_until_it_is_resumed(home: Home, anna: Phone) -> None:
    await home.set_up()
    for until in ("2026-11-01", "2027-11-04"):
        assert await home.refused("pause_plan", until=until) == "until_out_of_range"
    await home.act("pause_plan", until="2026-11-03")
    assert home.state("switch", "plan_paused") == "on"
    await home.call("switch.turn_on", "switch", "plan_paused")  # it is: nothing changes
    await home.act("pause_plan", until="2026-11-04")
    assert home.house.entry.subentries["anna"].data["plan_paused"] == [["2026-11-02", "2026-11-04"]]
    for day in range(3):
        await home.at(18, day=day)
        assert home.state("switch", "plan_paused") == "on"
    await home.at(0, day=3)
    assert home.state("switch", "plan_paused") == "off"
    assert anna.texts == []
    await home.at(18, day=3)
    assert len(anna.texts) == 1
    await home.at(9, day=4)
    await home.act("pause_plan")
    await home.at(18, day=4)
    await home.at(12, day=6)
    await home.act("resume_plan")
    assert home.house.entry.subentries["anna"].data["plan_paused"][1:] == [["2026-11-06", "2026-11-07"]]
    await home.at(18, day=6)
    assert len(anna.texts) == 1
    assert [what for _, what in home.told() if what == "missed"] == ["missed"]


async def test_whose_plan_it_is(home: Home, anna: Phone, lisa: MockUser) -> None:
    await home.set_up(a_walker("Anna", **ANNA), a_walker("Bert", reminder=True))
    assert await home.refused("skip_today", of=None) == "walker_missing"
    assert await home.refused("skip_today", of=None, by=Context(user_id=home.house.user_id), walker="guest") == (
        "guest_has_no_plan"
    )
    assert await home.refused("skip_today", of=None, walker="Carl") == "walker_unknown"
    await home.act("skip_today", of=None, by=Context(user_id=home.house.user_id))
    await home.act("skip_today", of=None, walker="bert")
    assert [event[1:] for event in home.events] == [("anna", "skipped"), ("bert", "skipped")]
    home.hass.config_entries.async_remove_subentry(home.house.entry, "bert")
    await home.hass.async_block_till_done()
    await home.act("pause_plan", of=None)
    assert home.state("switch", "plan_paused") == "on"


# The dialog


async def test_the_dialog_offers_what_there_is_and_sends_a_test(home: Home, anna: Phone, clock: Clock) -> None:
    heard = Heard(clock)
    await add_speakers(home.hass, notify=Messages(heard))
    await home.set_up(a_walker("Anna", person="person.anna", reminder_target="notify.gone"))
    asked = await home.house.entry.start_subentry_reconfigure_flow(home.hass, "anna")
    options = asked["data_schema"].schema["reminder_target"].config["options"]
    assert {option["value"]: option["label"] for option in options} == {
        "persistent_notification": "A notification in Home Assistant",
        "person.anna": "Anna: all phones",
        home.phones.device_of(anna): "Phone: Anna phone",
        "notify.anna": "Anna",
        "notify.gone": "Not there any more: notify.gone",
    }
    answers = {
        "name": "Anna",
        "person": "person.anna",
        "weight": 70,
        "daily_goal": 5,
        "days": ["mon"],
        "reminder": True,
        "reminder_time": "07:30:00",
        "quiet_from": "21:30:00",
        "send_test": True,
    }

    async def answer(**changes: Any) -> Any:
        given = {key: value for key, value in {**answers, **changes}.items() if value is not None}
        result = await home.hass.config_entries.subentries.async_configure(asked["flow_id"], given)
        await home.hass.async_block_till_done()
        return result

    result = await answer(reminder_target="notify.gone")
    assert result["errors"] == {"reminder_target": "test_not_sent"}
    result = await answer(reminder_target="notify.gone", quiet_from="07:30:00")
    assert result["errors"] == {"reminder_time": "reminder_in_quiet_time"}
    heard.error = HomeAssistantError("out of paper")
    assert (await answer(reminder_target="notify.anna"))["errors"] == {"reminder_target": "test_not_sent"}
    heard.error = None
    assert anna.texts == []
    assert (await answer())["reason"] == "reconfigure_successful"
    assert anna.texts == ["This is how Anna is reminded to walk."]
    walker = home.house.coordinator.roster.walkers["anna"]
    assert (walker.reminder, walker.reminder_target) == (True, None)
    assert (walker.reminder_time, walker.quiet_from) == (time(7, 30), time(21, 30))


async def test_a_target_that_went_while_the_dialog_was_open_is_told(
    home: Home, anna: Phone, hass_admin_user: MockUser
) -> None:
    await home.set_up(a_walker("Bert"))
    flows = home.hass.config_entries.subentries
    asked = await flows.async_init((home.house.entry.entry_id, "walker"), context={"source": "user"})
    await home.phones.remove(anna)
    answers = {"name": "Carl", "weight": 70, "daily_goal": 5, "days": ["mon"], "reminder": True}
    times = {"reminder_time": "07:30:00", "quiet_from": "21:30:00"}
    asked = await flows.async_configure(asked["flow_id"], {**answers, **times, "reminder_target": "person.anna"})
    assert asked["errors"] == {"reminder_target": "target_missing"}
    result = await flows.async_configure(asked["flow_id"], {**answers, **times, "send_test": True})
    await home.hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert [shown["message"] for shown in notifications(home.hass)] == ["This is how Carl is reminded to walk."]


async def test_a_button_is_answered_by_the_walkers_phone_or_by_the_one_that_got_the_message(
    home: Home, anna: Phone, lisa: MockUser
) -> None:
    lisas = await home.phones.add("Lisa's phone", lisa.id)
    await home.set_up()
    await home.at(18)
    [message] = anna.shown.values()
    skip = message["data"]["actions"][-1]["action"]
    await lisas.repeat(skip)
    assert home.told() == [("02 18:00", "due")]  # what another's phone says means nothing
    assert anna.shown != {}
    await anna.tap("Skip today")
    assert home.told() == [("02 18:00", "skipped")]


async def test_a_phone_in_the_hall_that_a_walker_chose_may_answer(home: Home, anna: Phone, lisa: MockUser) -> None:
    tablet = await home.phones.add("Hall", lisa.id)
    target = home.phones.device_of(tablet)
    await home.set_up(a_walker("Anna", **ANNA, reminder_target=target))
    await home.at(18)
    home.told()
    await tablet.tap("Skip today")
    assert home.told() == [("02 18:00", "skipped")]
