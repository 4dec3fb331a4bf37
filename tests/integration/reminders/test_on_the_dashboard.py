"""A walker's reminder on the dashboard: what it shows, what may be chosen there, a test, Start, and for whom."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_FIRST_ADDRESS, CONF_WALKER_ID, DOMAIN
from custom_components.retrowalk.dashboard import websocket
from custom_components.retrowalk.reminders.manager import SIGNAL_REMINDERS
from custom_components.retrowalk.util import CLOCK
from tests.support.house import ADDRESS, OffsetClock, make_entry, walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import ANNA, OTHER, Home, notifications, set_up_other

TEST = {"title": "Test: Anna, time to walk", "message": "This is how Anna is reminded to walk."}


class Dashboard:
    """The dashboard's WebSocket connection in a browser."""

    def __init__(self, home: Home, client: Any) -> None:
        self.home = home
        self.client = client
        self.received: list[dict[str, Any]] = []

    def device(self, walker: str | None = "anna") -> str:
        roster = self.home.house.coordinator.roster
        if walker is None:
            identifier = (DOMAIN, self.home.house.coordinator.address)
        else:
            identifier = roster.identifier(roster.walkers[walker])
        device = dr.async_get(self.home.hass).async_get_device_by_identifier(identifier, self.home.house.entry.entry_id)
        assert device is not None
        return device.id

    async def command(self, kind: str, **data: Any) -> dict[str, Any]:
        await self.client.send_json_auto_id({"type": f"retrowalk/{kind}", **data})
        while True:
            answer: dict[str, Any] = await self.client.receive_json()
            if answer["type"] == "result":
                await self.home.hass.async_block_till_done()
                return answer
            self.received.append(answer["event"])

    async def ask(self, what: str, walker: str = "anna", **data: Any) -> str | None:
        """Ask for something and return the key of the refusal, if any."""
        answer = await self.command(f"reminder/{what}", device_id=self.device(walker), **data)
        error = answer.get("error", {})
        key: str | None = error.get("translation_key") or error.get("code")
        return key

    async def start(self, walker: str = "anna", **data: Any) -> str | None:
        beat = (await self.command("beat"))["result"]["beat"]
        return await self.ask("start", walker, beat=beat, **data)

    async def follow(self, **data: Any) -> None:
        answer = await self.command("reminders", **{"device_id": self.device(None), **data})
        assert answer["success"], answer

    async def walkers(self) -> dict[str, dict[str, Any]]:
        """Return what is shown now, by walker."""
        await self.home.hass.async_block_till_done()
        await self.command("beat")  # what was sent before has arrived then
        return {walker["name"]: walker for walker in self.received[-1]["walkers"]}

    async def shown(self, walker: str = "Anna") -> dict[str, Any]:
        return (await self.walkers())[walker]


@pytest.fixture
async def dashboard(home: Home, anna: Phone, hass_ws_client: WebSocketGenerator) -> Dashboard:
    """Return the dashboard of an administrator who is Anna."""
    return Dashboard(home, await hass_ws_client(home.hass))


async def of_user(home: Home, user: User, hass_ws_client: WebSocketGenerator) -> Dashboard:
    token = await home.hass.auth.async_create_refresh_token(user, "http://client")
    return Dashboard(home, await hass_ws_client(home.hass, home.hass.auth.async_create_access_token(token)))


async def test_it_shows_the_reminder_of_a_walker(home: Home, anna: Phone, dashboard: Dashboard) -> None:
    await home.set_up()
    await dashboard.follow(device_id=dashboard.device("anna"))
    assert await dashboard.shown() == {
        "device_id": dashboard.device("anna"),
        "name": "Anna",
        "reads": True,
        "own": True,
        "on": True,
        "time": "18:00",
        "days": [*range(7)],
        "target": None,
        "targets": [
            {"value": "persistent_notification", "label": "A notification in Home Assistant"},
            {"value": "person.anna", "label": "Anna: all phones"},
            {"value": home.phones.device_of(anna), "label": "Phone: Anna phone"},
        ],
        "next": "2026-11-02T18:00",
        "paused": False,
        "paused_until": None,
        "due": None,
    }
    assert dashboard.received[-1]["today"] == "2026-11-02"
    await home.call("switch.turn_off", "switch", "reminder")
    assert (await dashboard.shown())["next"] is None
    await home.call("switch.turn_on", "switch", "reminder")
    await home.call("time.set_value", "time", "reminder_time", time="19:30:00")
    assert (await dashboard.shown())["next"] == "2026-11-02T19:30"
    await home.act("pause_plan", until="2026-11-04")
    shown = await dashboard.shown()
    assert (shown["paused"], shown["paused_until"], shown["next"]) == (True, "2026-11-04", "2026-11-05T19:30")
    await home.act("resume_plan")
    await home.act("pause_plan")
    shown = await dashboard.shown()
    assert (shown["paused"], shown["paused_until"], shown["next"]) == (True, None, None)


async def test_what_is_due_is_shown_until_it_is_answered(home: Home, anna: Phone, dashboard: Dashboard) -> None:
    await home.set_up()
    await dashboard.follow(language="de")
    await home.at(18)
    shown = await dashboard.shown()
    assert shown["due"] == {
        "title": "Anna, Zeit für deine Rückwärtsrunde",
        "text": "5 Minuten rückwärts, und der Tag ist geschafft. Geplant: 1,5 km/h.",
        "snooze": 15,
        "start": True,
    }
    await home.act("snooze_reminder")
    shown = await dashboard.shown()
    assert (shown["due"], shown["next"]) == (None, "2026-11-02T18:15")
    await home.at(18, 15)
    assert (await dashboard.shown())["due"]["snooze"] == 30
    await home.act("skip_today")
    shown = await dashboard.shown()
    assert (shown["due"], shown["next"]) == (None, "2026-11-03T18:00")
    await home.at(18, day=1)
    assert (await dashboard.shown())["due"] is not None
    await home.store_session("anna")
    shown = await dashboard.shown()
    assert (shown["due"], shown["next"]) == (None, "2026-11-04T18:00")


async def test_days_and_target_are_chosen_as_in_the_dialog(home: Home, anna: Phone, dashboard: Dashboard) -> None:
    await home.set_up(walker_subentry("Anna", **ANNA, reminder_target="notify.gone"))
    await dashboard.follow()
    assert (await dashboard.shown())["targets"][-1] == {
        "value": "notify.gone",
        "label": "No longer available: notify.gone",
    }
    assert await dashboard.ask("choose", days=[4, 2, 2]) is None
    shown = await dashboard.shown()
    assert (shown["days"], shown["next"]) == ([2, 4], "2026-11-04T18:00")
    assert await dashboard.ask("choose", days=[]) == "no_days"
    for days in ([7], [-1], ["mon"], 1):
        assert await dashboard.ask("choose", days=days) == "invalid_format"
    assert await dashboard.ask("choose", target="notify.nowhere", days=[0]) == "reminder_target_missing"
    assert await dashboard.ask("choose", target="notify.gone") is None  # as it is now
    assert (await dashboard.shown())["days"] == [2, 4], "a refusal changes nothing"
    assert await dashboard.ask("choose", target=home.phones.device_of(anna)) is None
    assert (await dashboard.shown())["target"] == home.phones.device_of(anna)
    assert await dashboard.ask("choose", target=None) is None
    walker = home.house.coordinator.roster.walkers["anna"]
    assert (walker.reminder_target, walker.days, walker.person) == (None, {2, 4}, "person.anna")


async def test_whether_and_when_are_chosen_as_with_the_entities(home: Home, dashboard: Dashboard) -> None:
    await home.set_up()
    await dashboard.follow()
    assert await dashboard.ask("choose", on=False) is None
    assert home.state("switch", "reminder") == "off"
    assert await dashboard.ask("choose", on=True, time="19:30") is None
    shown = await dashboard.shown()
    assert (shown["on"], shown["time"], shown["next"]) == (True, "19:30", "2026-11-02T19:30")
    assert home.state("time", "reminder_time") == "19:30:00"
    assert await dashboard.ask("choose", time="23:00", on=False) == "reminder_in_quiet_time"
    for wrong in ({"time": "25:00"}, {"time": 7}, {"on": "yes"}):
        assert await dashboard.ask("choose", **wrong) == "invalid_format"
    shown = await dashboard.shown()
    assert (shown["on"], shown["time"]) == (True, "19:30"), "a refusal changes nothing"


async def test_a_test_goes_where_the_reminder_goes(home: Home, anna: Phone, dashboard: Dashboard) -> None:
    await home.set_up()
    assert await dashboard.ask("test") is None
    [sent] = anna.inbox
    assert {key: sent[key] for key in TEST} == TEST
    assert sent["data"]["url"] == "/lovelace?more-info-entity-id=button.treadmill_start"
    assert await dashboard.ask("choose", target="persistent_notification") is None
    assert await dashboard.ask("test") is None
    [shown] = notifications(home.hass)
    assert shown["title"] == TEST["title"]
    assert "[Open the dashboard](/lovelace?" in shown["message"]
    home.hass.config_entries.async_update_subentry(
        home.house.entry,
        home.house.entry.subentries["anna"],
        data={**home.house.entry.subentries["anna"].data, "reminder_target": "notify.gone"},
    )
    await home.hass.async_block_till_done()
    assert await dashboard.ask("test") == "test_not_sent"
    assert home.new_events() == [], "a test is no reminder"


async def test_s2_start_on_the_dashboard_makes_ready_and_moves_nothing(
    home: Home, anna: Phone, dashboard: Dashboard
) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    home.house.commands()
    assert await dashboard.start() is None
    assert home.house.state("session_state") == "ready"
    request = home.house.coordinator.session.request
    assert request is not None
    assert (request.walker, request.program_name, request.length) == ("anna", "first_steps", 300)
    assert anna.shown == {}, "the message on the phone is answered"
    assert await dashboard.start() is None  # it is ready already
    assert home.house.state("session_state") == "ready"
    assert home.house.commands() == []
    await home.house.press("stop")
    await home.hass.async_block_till_done()
    assert len(anna.shown) == 1, "nobody has come, so the message is there again"


async def test_start_on_the_card_of_a_treadmill_makes_this_one_ready(
    home: Home, anna: Phone, dashboard: Dashboard
) -> None:
    await home.set_up(connected=True)
    here, there = home.house.entry, await set_up_other(home, virtual=False)
    home.house.entry = there
    await home.store_session("anna", 5)  # so that she is reminded to walk there
    home.house.entry = here
    await home.at(18, day=1)
    assert await dashboard.start() == "not_in_reach"
    assert await dashboard.start(treadmill=dashboard.device(None)) is None
    session = home.house.coordinator.session
    assert (session.state, session.walker, home.house.state("session_state")) == ("ready", "anna", "ready")
    assert anna.shown == {}
    await home.hass.config_entries.async_unload(there.entry_id)


@pytest.mark.parametrize("where", ["here", "there"])
async def test_start_takes_the_permission_for_the_treadmill_that_it_makes_ready(
    home: Home, anna: Phone, dashboard: Dashboard, lisa: MockUser, hass_ws_client: WebSocketGenerator, where: str
) -> None:
    bert = walker_subentry("Bert", reminder=True)
    await home.set_up(walker_subentry("Anna", **ANNA), bert, connected=True)
    shared = {CONF_WALKER_ID: "bert", CONF_FIRST_ADDRESS: ADDRESS, "reminder": True}
    other = await set_up_other(home, walker_subentry("Bert", **shared), virtual=False)
    await home.at(18)
    [treadmill] = dr.async_get(home.hass).async_get_devices(identifiers={(DOMAIN, OTHER)})
    allowed = {home.house.entity_id("session_state"): {"read": True, "control": True}}
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": {"entity_ids": allowed}}, None)
    lisas = await of_user(home, lisa, hass_ws_client)
    refusal = await lisas.start("bert", **({} if where == "here" else {"treadmill": treadmill.id}))
    assert refusal == (None if where == "here" else "unauthorized")
    states = home.house.state("session_state"), other.runtime_data.coordinator.session.state
    assert states == (("ready" if where == "here" else "idle"), "idle")
    assert await dashboard.start("anna", treadmill=treadmill.id) == "walker_missing", "she does not walk there"
    await home.hass.config_entries.async_unload(other.entry_id)


async def test_s2_a_start_that_comes_late_does_nothing(home: Home, dashboard: Dashboard) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    beat = (await dashboard.command("beat"))["result"]["beat"]
    home.hass.data[CLOCK] = OffsetClock(home.house.clock, monotonic=websocket.PRESS_VALID_FOR + 0.1)
    for late in (beat, None, "soon"):
        assert await dashboard.ask("start", beat=late) == "too_late"
    assert await dashboard.ask("start") == "too_late"
    assert home.house.state("session_state") == "idle"


async def test_a_treadmill_that_is_only_watched_offers_no_start(home: Home, dashboard: Dashboard) -> None:
    await home.at(9)
    await home.house.set_up(make_entry({"control": "monitor"}, walkers=[walker_subentry("Anna", **ANNA)]))
    await home.hass.async_block_till_done()
    await dashboard.follow()
    await home.at(18)
    assert (await dashboard.shown())["due"]["start"] is False
    assert await dashboard.start() is not None


async def test_the_reminder_of_a_person_is_theirs(
    home: Home, anna: Phone, lisa: MockUser, hass_read_only_user: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    await home.set_up(walker_subentry("Anna", **ANNA), walker_subentry("Bert", reminder=True), connected=True)
    await home.at(18)
    lisas = await of_user(home, lisa, hass_ws_client)
    await lisas.follow()
    shown = await lisas.walkers()
    assert shown["Anna"] == {"device_id": lisas.device("anna"), "name": "Anna", "reads": False, "own": False}
    assert shown["Bert"]["due"] is not None, "who is linked to nobody is everybody's"
    for what, data in (("choose", {"days": [1]}), ("test", {})):
        assert await lisas.ask(what, **data) == "walker_is_private"
    assert await lisas.start() == "walker_is_private"
    assert await lisas.ask("choose", "bert", days=[0]) is None
    theirs = await of_user(home, hass_read_only_user, hass_ws_client)
    await theirs.follow()
    assert not any(walker["own"] for walker in (await theirs.walkers()).values())
    for what, data in (("choose", {"days": [1]}), ("test", {})):
        assert await theirs.ask(what, "bert", **data) == "unauthorized"
    assert await theirs.start("bert") == "unauthorized"
    assert home.house.state("session_state") == "idle"
    assert home.house.coordinator.roster.walkers["bert"].days == {0}


async def test_a_command_for_no_walker_is_refused_in_words(home: Home, dashboard: Dashboard) -> None:
    await home.set_up()
    answer = await dashboard.command("reminder/test", device_id=dashboard.device(None))
    assert answer["error"]["translation_key"] == "walker_missing"
    assert (await dashboard.command("reminders", device_id="nowhere"))["error"]["code"] == "not_found"
    answer = await dashboard.command("reminder/test", device_id="nowhere")
    assert answer["error"]["message"]


async def test_the_dashboard_follows_across_a_reload_and_ends_with_its_connection(
    hass: HomeAssistant, home: Home, dashboard: Dashboard
) -> None:
    await home.set_up()
    await dashboard.follow()
    before = len(dashboard.received)
    await home.restart()
    await home.call("time.set_value", "time", "reminder_time", time="20:00:00")
    assert (await dashboard.shown())["time"] == "20:00"
    await home.at(20)
    assert (await dashboard.shown())["due"] is not None
    assert len(dashboard.received) > before
    listeners = len(home.house.coordinator.roster._listeners)
    await dashboard.client.close()
    await home.house.until(lambda: len(home.house.coordinator.roster._listeners) == listeners - 1)


async def test_a_treadmill_that_is_not_loaded_tells_nothing_until_it_is_again(
    home: Home, anna: Phone, dashboard: Dashboard
) -> None:
    await home.set_up()
    await dashboard.follow()
    await dashboard.walkers()
    entry = home.house.entry
    assert await home.hass.config_entries.async_unload(entry.entry_id)
    heard = len(dashboard.received)
    async_dispatcher_send(home.hass, SIGNAL_REMINDERS)  # another treadmill's reminders have changed
    await dashboard.command("beat")
    assert len(dashboard.received) == heard
    assert await home.hass.config_entries.async_setup(entry.entry_id)
    assert "Anna" in await dashboard.walkers()
    assert len(dashboard.received) > heard
