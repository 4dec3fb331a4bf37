"""Past sessions and a walker's last weeks on the dashboard: what is shown of them, to whom, and what may be done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import CONF_PERSON, DOMAIN, SUBENTRY_WALKER
from custom_components.retrowalk.dashboard import past
from custom_components.retrowalk.training.history.record import Knee, Outcome
from custom_components.retrowalk.training.history.track_rows import Sample
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.report.words import NOTHING
from custom_components.retrowalk.walkers.roster import EVER
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.waiting import settle

CELLAR = "F2:52:57:00:00:77"


class Dashboard:
    """The dashboard in a user's browser: it follows one list, or one walker's weeks."""

    def __init__(self, house: House, client: Any) -> None:
        self.house = house
        self.client = client
        self.heard: list[dict[str, Any]] = []
        self.list: int | None = None  # the subscription

    def device(self, walker: str | None = None) -> str:
        roster = self.house.coordinator.roster
        identifier = roster.identifier(roster.walkers[walker]) if walker else (DOMAIN, self.house.coordinator.address)
        [device] = dr.async_get(self.house.hass).async_get_devices(identifiers={identifier})
        return device.id

    async def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command and return the answer; what is heard before it is kept."""
        await self.client.send_json_auto_id({"type": kind, **data})
        while (answer := await self.client.receive_json())["type"] != "result":
            self.heard.append(answer["event"])
        return answer

    async def listen(self) -> None:
        """Hear everything that was sent until now."""
        for _ in range(3):
            await self.house.hass.async_block_till_done(wait_background_tasks=False)
            await settle(self.house.hass)
            await self.ask("retrowalk/beat")

    async def follow(self, **data: Any) -> list[dict[str, Any]]:
        """Follow another list, and return its sessions."""
        if self.list is not None:
            assert (await self.ask("unsubscribe_events", subscription=self.list))["success"]
        answer = await self.ask("retrowalk/sessions", **{"device_id": self.device(), **data})
        assert answer["success"], answer
        self.list = answer["id"]
        return await self.sessions()

    async def sessions(self) -> list[dict[str, Any]]:
        await self.listen()
        sessions: list[dict[str, Any]] = self.heard[-1]["sessions"]
        return sessions

    async def trends(self, walker: str = "anna", **data: Any) -> dict[str, Any]:
        answer = await self.ask("retrowalk/trends", device_id=self.device(walker), **data)
        assert answer["success"], answer
        await self.listen()
        return self.heard[-1]

    async def act(self, service: str, session: dict[str, Any], **data: Any) -> dict[str, Any]:
        """Call an action as the list does, and return the answer."""
        data = {"device_id": self.device(), "session_id": session["id"], **data}
        answer = await self.ask("call_service", domain=DOMAIN, service=service, service_data=data)
        await self.listen()
        return answer


@pytest.fixture
async def home(hass: HomeAssistant, house: House) -> House:
    await house.set_up(make_entry(walkers=[walker_subentry(), walker_subentry("Bert")]), connected=False)
    return house


@pytest.fixture
async def dashboard(home: House, hass_ws_client: WebSocketGenerator) -> Dashboard:
    return Dashboard(home, await hass_ws_client(home.hass))


async def as_user(home: House, user: User, hass_ws_client: WebSocketGenerator) -> Dashboard:
    """Return the dashboard of another user."""
    token = await home.hass.auth.async_create_refresh_token(user, CLIENT_ID)
    return Dashboard(home, await hass_ws_client(home.hass, home.hass.auth.async_create_access_token(token)))


async def make_annas(home: House, user: User) -> None:
    """Link the walker Anna to a user."""
    home.hass.states.async_set("person.anna", "home", {"user_id": user.id})
    home.coordinator.roster.write("anna", **{CONF_PERSON: "person.anna"})
    await home.settle()


async def test_sessions_are_listed_newest_first_with_words_and_what_may_be_corrected(
    home: House, dashboard: Dashboard
) -> None:
    assert await dashboard.follow() == []
    assert dashboard.heard[-1]["empty"] == "No walk yet. Five minutes are a good start."
    now = dt_util.utcnow()
    await home.store_session(None, 3, ended=now - timedelta(days=1), direction=Direction.FORWARD)
    rated = {"knee": Knee.BIT_WORSE, "discomfort_after": 3, "effort": 4, "note": "Slow"}
    await home.store_session("anna", 5, ended=now, max_speed=1.5, program="daily_five", **rated)
    annas, guests = await dashboard.sessions()
    assert annas["started"] == f"{dt_util.as_local(now - timedelta(minutes=5)):%Y-%m-%dT%H:%M}"
    assert (annas["who"], annas["text"]) == (
        "Anna · Backward",
        "5 min · 125 m · up to 1.5 km/h",
    )
    assert annas["said"] == f"Knee: A bit worse · Knee before / after: {NOTHING} / 3 · Effort: 4 · Slow"
    assert ["Program", "Daily five"] in annas["figures"]
    assert ["Average speed", "1.5 km/h"] in annas["figures"]
    assert annas["values"] == {"walker": "Anna", "direction": "backward", "discomfort_before": None, **rated}
    assert (guests["who"], guests["values"]) == (
        "Guest · Forward",
        {"walker": "guest", "direction": "forward", "note": ""},
    )
    assert dashboard.heard[-1]["walkers"] == [["", "Everybody"], ["anna", "Anna"], ["bert", "Bert"], ["guest", "Guest"]]
    fields = {field["name"]: field for field in dashboard.heard[-1]["fields"]}
    assert fields["knee"]["options"][:2] == [[None, NOTHING], ["better", "Better"]]
    assert fields["note"] == {"name": "note", "action": "edit_session", "label": "Note", "options": None}
    assert {field["action"] for field in fields.values()} == {"edit_session", "rate_session"}
    assert set(annas["values"]) == set(fields)


async def test_a_curve_is_what_was_measured_or_else_the_mean_speed(home: House, dashboard: Dashboard) -> None:
    tracks = home.coordinator.roster.store.tracks
    tracked = await home.store_session("anna", ended=dt_util.utcnow() - timedelta(hours=1), max_speed=1.5)
    tracks.add(tracked.id, [Sample(second, second / 10, 0.0, float(second)) for second in range(16)])
    await home.store_session("anna", ended=dt_util.utcnow() - timedelta(hours=2), max_speed=3.0)
    await home.store_session("anna", distance=0, ended=dt_util.utcnow() - timedelta(hours=3), outcome=Outcome.LOGGED)
    measured, mean, nothing = await dashboard.follow()
    assert measured["curve"].startswith("M0,100.0L67,94.2L133,88.4L")
    assert measured["curve"].endswith("L1000,13.0")
    assert measured["about"].startswith("What was walked: 5 min")
    assert (mean["curve"], mean["measured"]) == ("M0,56.5H1000", False)
    assert mean["about"].startswith("The average speed: 5 min")
    assert nothing["curve"] == ""
    assert ["End", "Entered by hand"] in nothing["figures"]
    # It is read once, also for other lists.
    await tracks.async_remove(tracked.id)
    assert (await dashboard.follow(most=1))[0]["curve"] == measured["curve"]


async def test_pages_and_one_walker(home: House, dashboard: Dashboard) -> None:
    now = dt_util.utcnow()
    for number in range(12):
        await home.store_session(("anna", None, "bert")[number % 3], ended=now - timedelta(hours=number))
    assert len(await dashboard.follow()) == 10
    assert dashboard.heard[-1]["more"]
    assert len(await dashboard.follow(most=12)) == 12
    assert not dashboard.heard[-1]["more"]
    assert [session["who"] for session in await dashboard.follow(walker="bert")] == ["Bert · Backward"] * 4
    assert [session["who"] for session in await dashboard.follow(walker="guest", most=2)] == ["Guest · Backward"] * 2
    assert dashboard.heard[-1]["more"]
    started = [session["started"] for session in await dashboard.follow(walker="guest")]
    assert started == sorted(started, reverse=True)
    assert await dashboard.follow(walker="nobody") == []
    assert not (await dashboard.ask("retrowalk/sessions", device_id=dashboard.device(), most=0))["success"]


async def test_a_correction_a_rating_and_delete_are_shown_at_once(home: House, dashboard: Dashboard) -> None:
    await home.store_session("anna")
    await home.store_session("bert", ended=dt_util.utcnow() - timedelta(days=1))
    session, _ = await dashboard.follow()
    assert (await dashboard.act("edit_session", session, walker="Bert", direction="forward"))["success"]
    assert (await dashboard.sessions())[0]["values"] == {"walker": "Bert", "direction": "forward", "note": ""}
    assert (await dashboard.act("edit_session", session, walker="Anna", direction="backward"))["success"]
    assert (await dashboard.act("rate_session", session, knee="same"))["success"]
    assert (await dashboard.act("rate_session", session, effort=2))["success"]
    [shown, _] = await dashboard.sessions()
    assert (shown["said"], shown["values"]["knee"]) == ("Knee: Same · Effort: 2", "same")
    assert (await dashboard.act("delete_session", session))["success"]
    assert [one["who"] for one in await dashboard.sessions()] == ["Bert · Backward"]


async def test_who_is_another_person_sees_figures_only_and_changes_nothing(
    home: House, dashboard: Dashboard, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    tracks = home.coordinator.roster.store.tracks
    record = await home.store_session("anna", knee=Knee.WORSE, note="Mine", ended=dt_util.utcnow() - timedelta(hours=1))
    tracks.add(record.id, [Sample(second, 1.0, 0.0, float(second)) for second in range(16)])
    await home.store_session("bert")
    hers = await as_user(home, lisa, hass_ws_client)
    assert [session["own"] for session in await hers.follow()] == [True, True], (
        "walkers without a person are everybody's"
    )
    await make_annas(home, MockUser(groups=lisa.groups).add_to_hass(home.hass))
    _, annas = await hers.sessions()
    assert (annas["own"], annas["values"], annas["said"], annas["measured"]) == (False, None, "", False)
    assert "Mine" not in str(hers.heard[-1]["sessions"])
    assert not any(session["deletes"] for session in hers.heard[-1]["sessions"])
    [walkers] = [field["options"] for field in hers.heard[-1]["fields"] if field["name"] == "walker"]
    assert walkers == [["Bert", "Bert"], ["guest", "Guest"]]
    assert (await hers.act("rate_session", annas, knee="same"))["error"]["translation_key"] == "session_is_private"
    assert not (await hers.act("delete_session", annas))["success"]
    private = "Only Anna and administrators can see the progress of Anna."
    assert await hers.trends() == {"html": None, "said": private}
    assert [(one["own"], one["deletes"]) for one in await dashboard.follow()] == [(True, True)] * 2, (
        "administrators can"
    )


async def test_who_may_only_look_corrects_nothing_and_who_may_not_look_sees_nothing(
    home: House, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    await home.store_session("anna", note="Mine")
    looks = {"entities": {"entity_ids": {home.entity_id("session_state"): {"read": True}}}}
    lisa.__dict__["permissions"] = PolicyPermissions(looks, None)
    hers = await as_user(home, lisa, hass_ws_client)
    [session] = await hers.follow()
    assert (session["own"], session["values"]) == (True, None)
    assert ["Note", "Mine"] in session["figures"]
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": {"entity_ids": {}}}, None)
    for kind, device in (("sessions", hers.device()), ("trends", hers.device("anna"))):
        assert (await hers.ask(f"retrowalk/{kind}", device_id=device))["error"]["code"] == "unauthorized"
        assert (await hers.ask(f"retrowalk/{kind}", device_id="nothing"))["error"]["code"] == "not_found"


async def test_whose_session_it_is_rates_and_deletes_it_without_the_right_to_control(
    home: House, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    await make_annas(home, lisa)
    await home.store_session("anna")
    await home.store_session("bert", ended=dt_util.utcnow() - timedelta(hours=1))
    looks = {"entities": {"entity_ids": {home.entity_id("session_state"): {"read": True}}}}
    lisa.__dict__["permissions"] = PolicyPermissions(looks, None)
    hers = await as_user(home, lisa, hass_ws_client)
    session, berts = await hers.follow()
    assert (session["deletes"], set(session["values"])) == (
        True,
        {"knee", "discomfort_before", "discomfort_after", "effort"},
    )
    assert (berts["deletes"], berts["values"]) == (False, None)
    assert (await hers.act("rate_session", session, knee="same"))["success"]
    assert (await hers.sessions())[0]["values"]["knee"] == "same"
    assert (await hers.act("delete_session", session))["success"]
    assert [one["who"] for one in await hers.sessions()] == ["Bert · Backward"]


async def test_it_speaks_the_users_language_in_the_units_of_the_house(home: House, dashboard: Dashboard) -> None:
    await home.hass.config.async_update(unit_system="us_customary")
    await home.store_session("anna", knee=Knee.BETTER, max_speed=1.5)
    [session] = await dashboard.follow(language="de")
    assert session["text"] == "5 min · 410 ft · bis 0,9 mph"
    assert session["said"] == "Knie: Besser"
    assert (await dashboard.follow(language="../../x"))[0]["said"] == "Knee: Better"
    html = (await dashboard.trends(language="de"))["html"]
    assert "Höchste Geschwindigkeit (mph)" in html


async def test_the_last_six_weeks_follow_the_sessions_or_invite(home: House, dashboard: Dashboard) -> None:
    assert (await dashboard.trends())["html"] == "<p>No walk yet. Five minutes are a good start.</p>"
    await home.store_session("anna", ended=dt_util.utcnow() - timedelta(days=60))
    await dashboard.listen()
    assert dashboard.heard[-1]["html"] == "<p>No walk in the last six weeks. Five minutes are a good start.</p>"
    await home.store_session("anna", max_speed=1.5, max_incline=1, discomfort_before=2, discomfort_after=1)
    await dashboard.listen()
    html = dashboard.heard[-1]["html"]
    assert html.count("<figure>") == 6
    assert 'aria-label="Minutes per week, week by week: 0, 0, 0, 0, 0, 5"' in html
    unrated = ", ".join([f"{NOTHING} / {NOTHING}"] * 5)
    assert f'aria-label="Knee discomfort, week by week: {unrated}, 2 / 1"' in html
    heard = len(dashboard.heard)
    await home.store_session("bert")
    await dashboard.listen()
    assert len(dashboard.heard) == heard, "what is the same is not sent again"
    assert await dashboard.ask("retrowalk/trends", device_id=dashboard.device()) is not None
    await dashboard.listen()
    assert dashboard.heard[-1] == {"html": None}, "a treadmill's device names no walker"


async def test_both_go_on_after_a_reload_and_end_with_the_page(home: House, dashboard: Dashboard) -> None:
    await dashboard.follow()
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.store_session("anna")
    assert len(await dashboard.sessions()) == 1
    assert (await dashboard.ask("unsubscribe_events", subscription=dashboard.list))["success"]
    heard = len(dashboard.heard)
    await home.store_session("anna")
    await dashboard.listen()
    assert len(dashboard.heard) == heard


async def test_two_treadmills_list_the_sessions_of_a_walker_they_share(home: House, dashboard: Dashboard) -> None:
    data = {**make_entry().data, CONF_ADDRESS: CELLAR}
    cellar = MockConfigEntry(domain=DOMAIN, title="Cellar", unique_id=CELLAR.lower(), data=data, options=CONTROL)
    cellar.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(cellar.entry_id)
    flows = home.hass.config_entries.subentries
    flow: Any = await flows.async_init((cellar.entry_id, SUBENTRY_WALKER), context={"source": SOURCE_USER})
    await flows.async_configure(flow["flow_id"], {"who": "anna"})
    await home.settle()
    upstairs = home.entry
    await home.store_session("anna", ended=dt_util.utcnow() - timedelta(hours=2))
    await home.store_session("bert", ended=dt_util.utcnow() - timedelta(hours=3))
    home.entry = cellar
    await home.store_session("anna", ended=dt_util.utcnow() - timedelta(hours=1))
    await home.store_session(None)
    below = await dashboard.follow()
    assert [one["who"] for one in below] == ["Guest · Backward", "Anna · Backward", "Anna · Backward · Treadmill"]
    assert (await dashboard.act("edit_session", below[2], note="From below"))["success"]
    home.entry = upstairs
    above = await dashboard.follow()
    assert [one["who"] for one in above] == ["Anna · Backward · Cellar", "Anna · Backward", "Bert · Backward"]
    assert above[1]["values"]["note"] == "From below"
    assert len(await dashboard.follow(walker="anna")) == 2
    home.entry = cellar
    assert await dashboard.follow(walker="bert") == [], "he walks upstairs alone"
    home.entry = upstairs
    await dashboard.follow(walker="anna")
    assert (await dashboard.act("delete_session", above[0]))["success"]
    assert len(await dashboard.sessions()) == 1
    await home.hass.config_entries.async_remove(cellar.entry_id)


async def test_a_long_list_is_told_whole_and_few_of_its_curves_are_kept(
    home: House, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST", 2)
    monkeypatch.setattr(past, "_ROWS_AT_ONCE", 2)
    stored = [
        await home.store_session("anna", ended=dt_util.utcnow() - timedelta(days=number)) for number in range(3, 8)
    ]
    assert [session["id"] for session in await dashboard.follow()] == [record.id for record in stored]
    assert len(home.hass.data[past._CURVES]) == 2
    assert [session["id"] for session in await dashboard.follow()] == [record.id for record in stored]


async def test_what_changes_while_a_list_is_made_is_in_it(home: House, dashboard: Dashboard) -> None:
    await home.store_session("anna")
    assert [session["said"] for session in await dashboard.follow()] == [""]
    roster = home.coordinator.roster
    await roster.async_replace(replace(roster.sessions(*EVER)[0], note="Slow"))
    roster.notify()  # a list is made, with a curve from the disk
    roster.notify()
    assert [session["said"] for session in await dashboard.sessions()] == ["Slow"]


async def test_a_list_that_is_closed_while_it_is_made_is_not_told(home: House, dashboard: Dashboard) -> None:
    await home.store_session("anna")
    answer = await dashboard.ask("retrowalk/sessions", device_id=dashboard.device())
    assert (await dashboard.ask("unsubscribe_events", subscription=answer["id"]))["success"]
    heard = len(dashboard.heard)
    await dashboard.listen()
    assert len(dashboard.heard) == heard
