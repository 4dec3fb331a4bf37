"""The calendar: past and planned sessions as events, in the language of Home Assistant."""

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.training.history.record import SessionRecord
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
            "description": "125 m · 20 kcal",
        },
        {
            "start": "2026-11-18T13:30:00-08:00",
            "end": "2026-11-18T13:33:00-08:00",
            "summary": "Forward · 3 min · Guest",
            "description": "75 m · 12 kcal\nSlow",
        },
        {
            "start": "2026-11-18T14:30:00-08:00",
            "end": "2026-11-18T14:30:12-08:00",
            "summary": "Backward · 0 min",
            "description": "5 m · 1 kcal",
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


async def test_the_calendar_page_can_only_read(home: House, hass_client: ClientSessionGenerator) -> None:
    await home.coordinator.roster.async_add(a_session())
    client = await hass_client()
    start, end = (time.isoformat() for time in DAY)
    entity_id = home.entity_id("sessions")
    response = await client.get(f"/api/calendars/{entity_id}", params={"start": start, "end": end})
    assert response.status == HTTPStatus.OK
    (event,) = await response.json()
    assert (event["summary"], event["uid"]) == ("Backward · 5 min · Anna", a_session().id)
    assert home.full_state("sessions").attributes.get("supported_features") in {None, 0}


async def test_a_day_is_found_among_thousands_of_sessions(hass: HomeAssistant, home: House) -> None:
    history = home.coordinator.roster.history
    for number in range(10_000):
        history.add(a_session(started=STARTED - timedelta(hours=7 * number)))
    entity = hass.data["calendar"].get_entity(home.entity_id("sessions"))
    listed = await entity.async_get_events(hass, *DAY)
    assert {event.start.date() for event in listed} <= {date(2026, 11, 18), date(2026, 11, 19)}
    assert len(listed) == 2
    assert len(await entity.async_get_events(hass, datetime(2000, 1, 1, tzinfo=UTC), DAY[1])) == 10_000
