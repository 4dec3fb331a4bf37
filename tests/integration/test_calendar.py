"""The calendar: past and planned sessions as events, in the language of Home Assistant, edited and deleted there."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import CONF_PERSON, DOMAIN
from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction
from tests.support.house import House, make_entry, walker_subentry

STARTED = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)  # 12:30 in the house


def a_session(
    walker: str | None = "anna", started: datetime = STARTED, minutes: float = 5, **more: Any
) -> SessionRecord:
    return SessionRecord(
        **{
            "id": f"{walker}{started:%Y%m%d%H%M}",
            "walker": walker,
            "direction": Direction.BACKWARD,
            "started": started,
            "ended": started + timedelta(minutes=minutes),
            "moving_time": minutes * 60,
            "distance": minutes * 25.08,
            "calories": minutes * 4.04,
            "calories_net": minutes * 3,
            **more,
        }
    )


@pytest.fixture
async def home(house: House) -> House:
    """Return a house with a treadmill, the walker Anna and a calendar."""
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]), connected=False)
    return house


async def events(house: House, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the events of a range, as an automation gets them."""
    entity_id = house.entity_id("sessions")
    data = {"entity_id": entity_id, "start_date_time": start, "end_date_time": end}
    response = await house.hass.services.async_call("calendar", "get_events", data, blocking=True, return_response=True)
    assert response is not None
    listed: list[dict[str, Any]] = response[entity_id]["events"]
    return listed


DAY = datetime(2026, 11, 18, 8, tzinfo=UTC), datetime(2026, 11, 19, 8, tzinfo=UTC)


async def test_a_session_is_an_event_with_who_walked_how_long_and_how_far(home: House) -> None:
    roster = home.coordinator.roster
    await roster.async_add(a_session())
    await roster.async_add(a_session(None, STARTED + timedelta(hours=1), 3, direction=Direction.FORWARD, note="Slow"))
    await roster.async_add(a_session("gone", STARTED + timedelta(hours=2), 0.2))
    assert await events(home, *DAY) == [
        {
            "start": "2026-11-18T12:30:00-08:00",
            "end": "2026-11-18T12:35:00-08:00",
            "summary": "Backward · 5 min · Anna",
            "description": "5 min · 125 m · 20 kcal (15 above resting)",
        },
        {
            "start": "2026-11-18T13:30:00-08:00",
            "end": "2026-11-18T13:33:00-08:00",
            "summary": "Forward · 3 min · Guest",
            "description": "3 min · 75 m · 12 kcal (9 above resting)\nSlow",
        },
        {
            "start": "2026-11-18T14:30:00-08:00",
            "end": "2026-11-18T14:30:12-08:00",
            "summary": "Backward · 0 min",
            "description": "0.2 min · 5 m · 1 kcal (1 above resting)",
        },
    ]


async def test_events_speak_the_language_of_the_house(home: House) -> None:
    roster = home.coordinator.roster
    await roster.async_add(a_session())
    await roster.async_add(a_session(None, STARTED + timedelta(hours=1)))
    await home.hass.config.async_update(language="de")
    listed = await events(home, *DAY)
    assert [event["summary"] for event in listed] == ["Rückwärts · 5 min · Anna", "Rückwärts · 5 min · Gast"]


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        (-10, 0, False),  # it begins when the time ends
        (-10, 1, True),
        (1, 4, True),  # within it
        (4, 60, True),
        (5, 60, False),  # it has just ended
        (0, 60, True),
    ],
)
async def test_an_event_is_there_if_any_of_it_lies_in_the_time(home: House, start: int, end: int, there: bool) -> None:
    await home.coordinator.roster.async_add(a_session())
    listed = await events(home, STARTED + timedelta(minutes=start), STARTED + timedelta(minutes=end))
    assert bool(listed) is there


async def test_a_session_of_no_length_is_an_event_too(home: House) -> None:
    await home.coordinator.roster.async_add(a_session(minutes=0))
    assert len(await events(home, STARTED, STARTED + timedelta(minutes=1))) == 1


async def test_past_sessions_do_not_turn_it_on_and_a_guests_write_nothing(home: House) -> None:
    states: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        states.append(event.data["entity_id"])

    assert (home.state("sessions"), home.full_state("sessions").name) == ("off", "Treadmill Sessions")
    home.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    now = dt_util.utcnow()
    await home.coordinator.roster.async_add(a_session(None, started=now - timedelta(minutes=4), ended=now))
    await home.settle()
    assert home.state("sessions") == "off"
    assert home.entity_id("sessions") not in states
    await home.coordinator.roster.async_add(a_session(started=now - timedelta(minutes=4), ended=now))
    await home.settle()
    assert home.state("sessions") == "off"
    assert states.count(home.entity_id("sessions")) == 1  # the next one is another


async def test_whoever_looks_at_the_calendar_sees_a_new_session_at_once(
    home: House, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(home.hass)
    start, end = (time.isoformat() for time in DAY)
    await client.send_json_auto_id(
        {"type": "calendar/event/subscribe", "entity_id": home.entity_id("sessions"), "start": start, "end": end}
    )
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"]["events"] == []
    await home.coordinator.roster.async_add(a_session())
    shown = (await client.receive_json())["event"]["events"]
    assert [event["summary"] for event in shown] == ["Backward · 5 min · Anna"]
    await home.coordinator.roster.async_remove(a_session().id)
    assert (await client.receive_json())["event"]["events"] == []


async def test_the_calendar_page_names_each_session_by_its_id(home: House, hass_client: ClientSessionGenerator) -> None:
    await home.coordinator.roster.async_add(a_session())
    client = await hass_client()
    start, end = (time.isoformat() for time in DAY)
    entity_id = home.entity_id("sessions")
    response = await client.get(f"/api/calendars/{entity_id}", params={"start": start, "end": end})
    assert response.status == HTTPStatus.OK
    (event,) = await response.json()
    assert (event["summary"], event["uid"]) == ("Backward · 5 min · Anna", a_session().id)


class Dialog:
    """Home Assistant's dialog of an event, as it sends what somebody does in it."""

    def __init__(self, home: House, client: Any) -> None:
        self.home = home
        self.client = client

    async def shown(self, uid: str) -> dict[str, Any]:
        """Return the event as the dialog is filled with it: with times to the second."""
        entity = self.home.hass.data["calendar"].get_entity(self.home.entity_id("sessions"))
        now = dt_util.utcnow()
        listed = await entity.async_get_events(self.home.hass, STARTED - timedelta(days=1), now + timedelta(days=9))
        [event] = [event for event in listed if event.uid == uid]
        return {
            "summary": event.summary,
            "description": event.description,
            "dtstart": event.start.replace(microsecond=0, tzinfo=None).isoformat(),
            "dtend": event.end.replace(microsecond=0, tzinfo=None).isoformat(),
        }

    async def save(self, uid: str, **changes: Any) -> str | None:
        """Save an event with changes, and return the error that is shown."""
        return await self._send("update", uid, event={**await self.shown(uid), **changes})

    async def delete(self, uid: str) -> str | None:
        return await self._send("delete", uid)

    async def _send(self, command: str, uid: str, **more: Any) -> str | None:
        await self.client.send_json_auto_id(
            {
                "type": f"calendar/event/{command}",
                "entity_id": self.home.entity_id("sessions"),
                "uid": uid,
                "recurrence_id": "",
                "recurrence_range": "",
                **more,
            }
        )
        answer = await self.client.receive_json()
        return None if answer["success"] else answer["error"]["message"]


@pytest.fixture
async def dialog(home: House, hass_ws_client: WebSocketGenerator) -> Dialog:
    return Dialog(home, await hass_ws_client(home.hass))


async def as_user(home: House, user: User, hass_ws_client: WebSocketGenerator) -> Dialog:
    """Return the dialog of another user."""
    token = await home.hass.auth.async_create_refresh_token(user, CLIENT_ID)
    return Dialog(home, await hass_ws_client(home.hass, home.hass.auth.async_create_access_token(token)))


def a_whole_session(**more: Any) -> SessionRecord:
    """Return a session with everything that can be told of one, at times with fractions of a second."""
    started = STARTED + timedelta(seconds=17, microseconds=654_321)
    return a_session(
        started=started,
        **{
            "max_speed": 1.5,
            "max_incline": 1.0,
            "program": "daily_five",
            "knee": Knee.SAME,
            "discomfort_before": 2,
            "discomfort_after": 1,
            "effort": 4,
            "note": "Left knee\n\nStairs: fine",
            **more,
        },
    )


FIGURES = "5 min · 125 m · 20 kcal (15 above resting) · up to 1.5 km/h · 1 %\nProgram: Daily five"
RATED = "Knee: Same · Knee before / after: 2 / 1 · Effort: 4"


async def test_an_event_carries_all_figures_the_ratings_and_the_note(home: House, dialog: Dialog) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    assert (await dialog.shown(record.id))["description"] == f"{FIGURES}\n{RATED}\nLeft knee\n\nStairs: fine"
    await home.hass.config.async_update(language="de", unit_system="us_customary")
    assert (await dialog.shown(record.id))["description"].splitlines()[:3] == [
        "5 min · 411 ft · 20 kcal (15 über dem Ruhebedarf) · bis 0,9 mph · 1 %",
        "Programm: Tägliche Fünf",
        "Knie: Gleich · Knie vorher / nachher: 2 / 1 · Anstrengung: 4",
    ]


async def test_a_session_of_a_program_of_ones_own_entered_by_hand_says_so(home: House, dialog: Dialog) -> None:
    record = a_session(program="Kettle", outcome=Outcome.LOGGED, distance=0.0, calories=0.0, calories_net=0.0)
    await home.coordinator.roster.async_add(record)
    assert (await dialog.shown(record.id))["description"] == "5 min\nProgram: Kettle\nEntered by hand"


@pytest.mark.parametrize(
    ("description", "note"),
    [
        (f"{FIGURES}\n{RATED}\nBetter on the stairs", "Better on the stairs"),
        (f"{FIGURES}\r\n{RATED}\r\n\r\n  Two lines\r\nof it ", "Two lines\nof it"),
        (f"A note on top\n{FIGURES}\n{RATED}", "A note on top"),
        ("Only this", "Only this"),  # the figures come back by themselves
        (f"{FIGURES}\n{RATED}", None),
        ("", None),
    ],
)
async def test_the_note_of_a_session_can_be_edited_below_its_figures(
    home: House, dialog: Dialog, description: str, note: str | None
) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    assert await dialog.save(record.id, description=description) is None
    changed = home.coordinator.roster.get(record.id)
    assert changed == replace(record, note=note)
    assert (await dialog.shown(record.id))["description"].startswith(f"{FIGURES}\n{RATED}")


async def test_who_walked_and_which_way_are_edited_in_the_title(home: House, dialog: Dialog) -> None:
    record = a_whole_session(weight=70.0)
    await home.coordinator.roster.async_add(record)
    assert await dialog.save(record.id, summary="forward · 5 min · guest") is None
    changed = home.coordinator.roster.get(record.id)
    assert changed is not None
    assert (changed.walker, changed.direction, changed.note) == (None, Direction.FORWARD, record.note)
    assert await dialog.save(record.id, summary="Walk") == (
        "The title says who walked and in which direction. It can be one of these: Backward · 5 min · Anna, "
        "Backward · 5 min · Guest, Forward · 5 min · Anna, Forward · 5 min · Guest."
    )


async def test_saving_an_event_as_it_is_changes_nothing(home: House, dialog: Dialog) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    assert await dialog.save(record.id) is None
    # A time that was typed again has no seconds.
    assert await dialog.save(record.id, dtstart="2026-11-18T12:30:00", dtend="2026-11-18T12:35:00") is None
    assert home.coordinator.roster.get(record.id) == record


MEASURED = "Times, figures and ratings stay as they are here."


@pytest.mark.parametrize(
    "changes",
    [
        {"dtstart": "2026-11-18T12:20:00"},
        {"dtend": "2026-11-18T12:45:00"},
        {"dtstart": "2026-11-18", "dtend": "2026-11-19"},
        {"rrule": "FREQ=DAILY"},
        {"location": "Cellar"},
        {"description": FIGURES.replace("125 m", "250 m")},
        {"description": f"{FIGURES}\n{RATED.replace('Same', 'Worse')}\nLeft knee"},
        {"description": f"{FIGURES.replace('Daily five', 'Builder')}\n{RATED}"},
        {"description": "Changed too", "dtend": "2026-11-18T12:45:00"},
    ],
)
async def test_what_was_measured_cannot_be_edited_and_nothing_is_saved_by_halves(
    home: House, dialog: Dialog, changes: dict[str, str]
) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    assert (await dialog.save(record.id, **changes) or "").startswith(MEASURED)
    assert home.coordinator.roster.get(record.id) == record


async def test_errors_are_told_in_the_language_of_the_house(home: House, dialog: Dialog) -> None:
    await home.hass.config.async_update(language="de")
    assert await dialog.delete("planned.anna") == (
        "Dieses Training ist nur geplant. Ändere die Tage der Person oder pausiere den Plan."
    )


async def test_an_error_that_is_not_ours_is_told_in_home_assistants_words(home: House, dialog: Dialog) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    home.hass.services.async_remove(DOMAIN, "delete_session")  # as at a restart
    assert "delete_session" in (await dialog.delete(record.id) or "")
    assert home.coordinator.roster.get(record.id) == record


async def test_a_planned_session_is_neither_edited_nor_deleted(home: House, dialog: Dialog) -> None:
    planned = "This session is only planned. Change the walker's days, or pause the plan."
    assert await dialog.save("planned.anna", description="Later") == planned
    assert await dialog.delete("planned.anna") == planned


async def test_a_session_is_deleted_in_the_calendar_and_then_is_no_more(home: House, dialog: Dialog) -> None:
    record = a_whole_session()
    await home.coordinator.roster.async_add(record)
    assert await dialog.delete(record.id) is None
    assert home.coordinator.roster.get(record.id) is None
    assert (await dialog.delete(record.id) or "").startswith(f"There is no session {record.id} on this treadmill.")


async def test_a_person_deletes_their_own_sessions_as_they_do_on_the_dashboard(
    home: House, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    roster, record = home.coordinator.roster, a_whole_session()
    await roster.async_add(record)
    home.hass.states.async_set("person.anna", "home", {"user_id": lisa.id})
    roster.write("anna", **{CONF_PERSON: "person.anna"})
    await home.settle()
    hers = await as_user(home, lisa, hass_ws_client)
    assert await hers.delete(record.id) is None
    assert roster.get(record.id) is None


async def test_only_administrators_delete_and_only_their_own_person_edits(
    home: House, lisa: MockUser, hass_ws_client: WebSocketGenerator
) -> None:
    roster, record = home.coordinator.roster, a_whole_session()
    await roster.async_add(record)
    hers = await as_user(home, lisa, hass_ws_client)
    assert await hers.delete(record.id) == (
        "Only administrators and the person who walked it can delete this session. "
        "Ask one of them, or correct the session instead."
    )
    assert await hers.save(record.id, description="Hers") is None, "a walker without a person belongs to everybody"
    assert (changed := roster.get(record.id)) is not None
    assert changed.note == "Hers"

    home.hass.states.async_set("person.anna", "home", {"user_id": home.user_id})
    roster.write("anna", **{CONF_PERSON: "person.anna"})
    await home.settle()
    assert (await hers.shown(record.id))["description"] == FIGURES, "others look at the calendar, too"
    assert (await hers.save(record.id, summary="Backward · 5 min · Guest") or "").startswith(
        "This session belongs to Anna"
    )
    private = "The calendar does not show notes and ratings of Anna"
    assert (await hers.save(record.id, description="Again") or "").startswith(private)
    mine = Dialog(home, await hass_ws_client(home.hass))
    assert (await mine.save(record.id, description="Again") or "").startswith(private)
    assert roster.get(record.id) == changed

    lisa.is_active = False
    assert (await mine.shown(record.id))["description"].endswith(f"{RATED}\nHers"), "there is nobody to hide it from"
    assert await mine.save(record.id, description="Mine") is None


async def test_a_day_is_found_among_thousands_of_sessions(hass: HomeAssistant, home: House) -> None:
    history = home.coordinator.roster.history
    for number in range(10_000):
        history.add(a_session(started=STARTED - timedelta(hours=7 * number)))
    entity = hass.data["calendar"].get_entity(home.entity_id("sessions"))
    listed = await entity.async_get_events(hass, *DAY)
    assert {event.start.date() for event in listed} <= {date(2026, 11, 18), date(2026, 11, 19)}
    assert len(listed) == 2
    assert len(await entity.async_get_events(hass, datetime(2000, 1, 1, tzinfo=UTC), DAY[1])) == 10_000
