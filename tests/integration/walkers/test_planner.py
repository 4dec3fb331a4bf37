"""The next session of a walker: as a sensor, in the calendar, and started with one press."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er

from custom_components.retrowalk.const import CONF_DAYS, CONF_PLAN_PAUSED, CONF_PROGRESSION, CONF_RATINGS
from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from custom_components.retrowalk.walkers.walker import GUEST, Ratings
from tests.support.house import House, make_entry, walker_subentry

NOON = datetime(2026, 11, 18, 20, tzinfo=UTC)  # a Wednesday, 12:00 in the house
WEEK = NOON - timedelta(days=1), NOON + timedelta(days=8)


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Freeze the time at Wednesday noon."""
    freezer.move_to(NOON)
    return freezer


@pytest.fixture
async def home(house: House, noon: FrozenDateTimeFactory) -> House:
    """Return a house with the walkers Anna and Bert, whose days are Monday and Thursday."""
    bert = walker_subentry("Bert", daily_goal=10.0, **{CONF_DAYS: [0, 3]})
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), bert]), connected=False)
    return house


def entity_id(house: House, walker: str, key: str) -> str:
    entries = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    (entry,) = [one for one in entries if one.config_subentry_id == walker and one.translation_key == key]
    return entry.entity_id


def shown(house: House, walker: str = "anna") -> tuple[Any, ...]:
    """Return the time of the next session and its proposal."""
    state = house.hass.states.get(entity_id(house, walker, "next_session"))
    assert state is not None
    names = ("speed", "minutes", "program", "reason")
    return state.state, *(state.attributes.get(name) for name in names)


async def switch(house: House, service: str, key: str) -> None:
    data = {"entity_id": entity_id(house, "anna", key)}
    await house.hass.services.async_call("switch", service, data, blocking=True)
    await house.settle()


async def a_week(house: House, walker: str = "anna", until: datetime = NOON, **last: Any) -> None:
    """Add seven comfortable days at 2.0 km/h; `last` changes the last of them."""
    for days in range(6, -1, -1):
        planned = {"planned": 300.0, "planned_speed": 2.0, "max_speed": 2.0, "program": "plan"}
        rated = {"discomfort_before": 1, "discomfort_after": 1}
        more = last if days == 0 else {}
        await house.store_session(walker, ended=until - timedelta(days=days), **planned | rated | more)
    await house.settle()


async def planned_events(house: House) -> list[dict[str, Any]]:
    calendar = house.entity_id("sessions")
    data = {"entity_id": calendar, "start_date_time": WEEK[0], "end_date_time": WEEK[1]}
    response = await house.hass.services.async_call("calendar", "get_events", data, blocking=True, return_response=True)
    events: list[dict[str, Any]] = response[calendar]["events"]  # type: ignore[index,call-overload,assignment]
    return [event for event in events if event["summary"].startswith(("Planned", "Geplant"))]


# The sensor


async def test_the_next_session_says_when_what_and_why(home: House) -> None:
    assert shown(home) == ("2026-11-19T02:00:00+00:00", 1.5, 5.0, "first_steps", "first_steps")  # 18:00 today
    assert shown(home, "bert")[0] == "2026-11-20T02:00:00+00:00"  # on Thursday
    await a_week(home)
    assert shown(home) == ("2026-11-19T19:45:00+00:00", 2.2, 5.0, "plan", "faster")  # tomorrow, at the usual time
    state = home.hass.states.get(entity_id(home, "anna", "next_session"))
    assert state is not None
    assert state.attributes["incline"] == 0.0


@pytest.mark.parametrize(
    ("last", "speed", "minutes", "reason"),
    [
        ({"discomfort_after": 2}, 1.8, 5.0, "ease_discomfort"),
        ({"discomfort_before": 6, "discomfort_after": 6}, 0.5, 3.0, "rest"),
        ({"discomfort_before": None}, 2.0, 5.0, "hold_unrated"),
        ({"discomfort_before": None, "discomfort_after": None, "knee": Knee.SAME}, 2.2, 5.0, "faster"),
        ({"knee": Knee.BIT_WORSE}, 1.8, 5.0, "ease_discomfort"),
        ({"outcome": Outcome.STOPPED, "stopped_by": "safety_key"}, 1.8, 5.0, "ease_key"),
    ],
)
async def test_what_happened_last_counts(
    home: House, last: dict[str, Any], speed: float, minutes: float, reason: str
) -> None:
    await a_week(home, **last)
    assert (shown(home)[1], shown(home)[2], shown(home)[4]) == (speed, minutes, reason)


async def test_a_walker_without_complaints_goes_on_without_ratings(home: House) -> None:
    await a_week(home, discomfort_before=None, discomfort_after=None)
    assert shown(home)[4] == "hold_unrated"
    home.coordinator.roster.write("anna", **{CONF_RATINGS: Ratings.NONE})
    await home.settle()
    assert (shown(home)[1], shown(home)[4]) == (2.2, "faster")


async def test_a_day_that_is_over_was_missed(home: House, noon: FrozenDateTimeFactory) -> None:
    await a_week(home)
    noon.move_to(NOON + timedelta(days=1, hours=11))  # today's session is still due
    home.coordinator.roster._new_day(NOON)
    assert shown(home) == ("2026-11-19T19:45:00+00:00", 2.2, 5.0, "plan", "faster")
    noon.move_to(NOON + timedelta(days=1, hours=13))
    home.coordinator.roster._new_day(NOON)
    assert shown(home) == ("2026-11-20T19:45:00+00:00", 1.8, 5.0, "plan", "ease_missed")


async def test_a_paused_plan_has_no_next_session(home: House) -> None:
    await switch(home, "turn_on", "plan_paused")
    assert shown(home) == (STATE_UNKNOWN, None, None, None, None)
    assert [event["summary"] for event in await planned_events(home)] == ["Planned: Backward · 5 min · Bert"]
    await switch(home, "turn_off", "plan_paused")
    assert shown(home)[0] == "2026-11-19T02:00:00+00:00"
    assert home.entry.subentries["anna"].data[CONF_PLAN_PAUSED] == []


async def test_without_progression_the_plan_is_kept_as_it_was(home: House) -> None:
    coordinator = home.coordinator
    progression = entity_id(home, "anna", "progression")
    await a_week(home)
    assert home.hass.states.is_state(progression, "on")
    await switch(home, "turn_off", "progression")
    assert home.hass.states.is_state(progression, "off")
    assert home.entry.subentries["anna"].data[CONF_PROGRESSION] is False
    assert shown(home)[1:] == (2.0, 5.0, "plan", "hold_off")
    await switch(home, "turn_on", "progression")
    assert shown(home)[1:] == (2.2, 5.0, "plan", "faster")
    assert home.coordinator is coordinator  # nothing was reloaded


async def test_the_proposal_is_not_recorded(home: House) -> None:
    entity = home.hass.data["sensor"].get_entity(entity_id(home, "anna", "next_session"))
    assert set(entity.extra_state_attributes) == entity._unrecorded_attributes


# The calendar


async def test_the_calendar_shows_what_is_planned_next(home: House) -> None:
    await a_week(home)
    assert await planned_events(home) == [
        {
            "start": "2026-11-19T11:45:00-08:00",
            "end": "2026-11-19T11:50:00-08:00",
            "summary": "Planned: Backward · 5 min · Anna",
            "description": "2.2 km/h\nIt went well for long enough: a little faster.",
        },
        {
            "start": "2026-11-19T18:00:00-08:00",
            "end": "2026-11-19T18:05:00-08:00",
            "summary": "Planned: Backward · 5 min · Bert",
            "description": "1.5 km/h\nThe first sessions are slow and level.",
        },
    ]
    state = home.full_state("sessions")
    assert (state.state, state.attributes["message"]) == ("off", "Planned: Backward · 5 min · Anna")


async def test_plans_speak_the_language_of_the_house(home: House) -> None:
    await home.hass.config.async_update(language="de")
    await home.hass.async_block_till_done()
    assert home.full_state("sessions").attributes["message"] == "Geplant: Rückwärts · 5 min · Anna"
    (anna, _) = await planned_events(home)
    assert anna["summary"] == "Geplant: Rückwärts · 5 min · Anna"
    assert anna["description"] == "1,5 km/h\nDie ersten Trainings sind langsam und eben."


async def test_an_overdue_session_hides_nobody_elses(home: House, noon: FrozenDateTimeFactory) -> None:
    """Check that at 19:00 Anna's session is still due, but the next event is Bert's."""
    noon.move_to(NOON + timedelta(hours=7))
    home.coordinator.roster._new_day(NOON)
    await home.settle()
    assert shown(home)[0] == "2026-11-19T02:00:00+00:00"
    assert home.full_state("sessions").attributes["message"] == "Planned: Backward · 5 min · Bert"
    assert len(await planned_events(home)) == 2


async def test_a_climb_is_shown_with_its_incline(home: House) -> None:
    await a_week(home, planned_incline=1.0, discomfort_before=None)
    (anna, _) = await planned_events(home)
    assert anna["description"].startswith("2 km/h · 1 %\n")


async def test_a_machine_that_takes_no_speed_has_plans_of_minutes(house: House, noon: FrozenDateTimeFactory) -> None:
    await house.set_up(
        make_entry({"connection": "on_demand"}, walkers=[walker_subentry("Anna")], capabilities={}), connected=False
    )
    (anna,) = await planned_events(house)
    assert anna["description"] == "The first sessions are slow and level."
    assert shown(house)[1:] == (None, 5.0, "first_steps", "first_steps")


# One press


async def ended(house: House) -> SessionRecord:
    history = house.coordinator.roster.history
    await house.until(lambda: house.coordinator.recorder.meter is None and bool(history))
    record = history.last("anna")
    assert record is not None
    return record


async def test_start_takes_the_proposal_and_the_record_keeps_it(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    request = house.coordinator.session.request
    assert request == SessionRequest(
        walker="anna", length=300.0, speed=1.5, incline=0.0, program_name="first_steps", first=True
    )
    await house.time(300)
    record = await ended(house)
    assert (record.planned, record.planned_speed, record.planned_incline) == (300.0, 1.5, 0.0)
    assert (record.program, record.stopped_by, record.outcome) == ("first_steps", None, Outcome.COMPLETED)
    assert record.max_speed == 1.5
    await house.until(lambda: shown(house)[4] == "hold_unrated")
    assert shown(house)[1:] == (1.5, 5.0, "plan", "hold_unrated")


@pytest.mark.parametrize("end", ["stop", "key", "finish"])
async def test_who_ended_a_walk_is_kept(house: House, end: str) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.time(20)
    if end == "key":
        house.treadmill.pull_safety_key()
    else:
        await house.press(end)
    await house.time(45)
    record = await ended(house)
    reason = {"stop": "stopped", "key": "safety_key", "finish": "finished"}[end]
    assert (record.stopped_by, record.outcome, record.planned_speed) == (reason, Outcome.STOPPED, 1.5)
    await house.until(lambda: shown(house)[4] == ("ease_key" if end == "key" else "ease_aborted"))
    assert shown(house)[1] == 1.4


async def test_what_is_said_goes_before_the_plan(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    coordinator = house.coordinator

    async def started() -> SessionRequest:
        await house.press("start")
        request = coordinator.session.request
        await house.press("stop")
        assert request is not None
        return request

    assert (await started()).program_name == "first_steps"  # of the only walker there is
    coordinator.next_session.choose_walker(GUEST)
    assert (await started()).speed is None
    coordinator.next_session.choose_walker("anna")
    assert (await started()).program_name == "first_steps"
    await house.call("number", "set_value", "session_length", value=4)
    assert await started() == SessionRequest(walker="anna", length=240.0, first=True)
    await house.call("select", "select_option", "direction", option="forward")
    assert (await started()).direction is Direction.FORWARD


async def test_the_plan_of_another_day_is_not_walked_a_day_early(home: House) -> None:
    """Check that the progress of tomorrow does not apply today."""
    await a_week(home)
    planner, anna = home.coordinator.planner, home.coordinator.roster.walkers["anna"]
    assert (shown(home)[1], planner.request(anna).speed) == (2.2, 2.0)


async def test_years_of_sessions_cost_little(home: House) -> None:
    history, planner = home.coordinator.roster.history, home.coordinator.planner
    record = await home.store_session("anna")
    for number in range(10_000):
        before = timedelta(hours=7 * number)
        history.add(replace(record, id=f"{number}", started=record.started - before, ended=record.ended - before))
    took = []
    for _ in range(5):
        began = perf_counter()
        planner.next(home.coordinator.roster.walkers["anna"])
        took.append(perf_counter() - began)
    assert min(took) < 0.02  # eight years of sessions, of which the last year counts
