"""The actions of finished sessions: log, edit, rate, delete, get."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from tests.support.action_calls import REQUIRED, Actions

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


async def test_a_walk_made_elsewhere_is_logged(actions: Actions, noon: FrozenDateTimeFactory) -> None:
    await actions.set_up(connected=False)
    response = await actions.call(
        "log_session", of="anna", started="2026-11-18 03:00:00", minutes=6, distance=200, note=" In the hall "
    )
    (record,) = actions.records()
    assert (record.walker, record.direction, record.outcome) == ("anna", Direction.BACKWARD, Outcome.LOGGED)
    assert (record.started, record.ended) == (NOON - timedelta(hours=1), NOON - timedelta(minutes=54))
    assert (record.moving_time, record.distance, record.weight, record.note) == (360, 200, 70.0, "In the hall")
    assert 20 < record.calories < 40
    assert 0 < record.calories_net < record.calories
    assert response == {
        "id": record.id,
        "walker": "Anna",
        "direction": "backward",
        "started": "2026-11-18T03:00:00-08:00",
        "ended": "2026-11-18T03:06:00-08:00",
        "minutes": 6.0,
        "planned_minutes": None,
        "distance": 200.0,
        "calories": round(record.calories, 1),
        "calories_net": round(record.calories_net, 1),
        "machine_energy": None,
        "steps": None,
        "max_speed": 0.0,
        "max_incline": 0.0,
        "program": None,
        "outcome": "logged",
        "completed": True,
        "estimated": False,
        "discomfort_before": None,
        "discomfort_after": None,
        "effort": None,
        "knee": None,
        "note": "In the hall",
    }
    json.dumps(response)
    await actions.call("log_session", walker="guest", direction="forward", started=NOON - timedelta(hours=9), minutes=3)
    guest = actions.records()[0]
    assert (guest.walker, guest.direction, guest.distance, guest.calories) == (None, Direction.FORWARD, 0, 0)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"walker": None}, "walker_missing"),
        ({"walker": "Carl"}, "walker_unknown"),
        ({"minutes": -1}, "logged_minutes_out_of_range"),
        ({"minutes": 0}, "logged_minutes_out_of_range"),
        ({"minutes": 601}, "logged_minutes_out_of_range"),
        ({"minutes": "nan"}, "logged_minutes_out_of_range"),
        ({"started": "2026-11-18 03:56:00"}, "started_out_of_range"),  # it would end in the future
        ({"started": "0001-01-01 00:00:00"}, "started_out_of_range"),
        ({"started": "9999-12-31 23:59:59"}, "started_out_of_range"),
        ({"distance": -1}, "distance_out_of_range"),
        ({"distance": 2100}, "distance_out_of_range"),
        ({"distance": "nan"}, "distance_out_of_range"),
        ({"note": "x" * 501}, "note_too_long"),
    ],
)
async def test_an_impossible_session_is_not_logged(
    actions: Actions, noon: FrozenDateTimeFactory, data: dict[str, Any], refusal: str
) -> None:
    await actions.set_up(connected=False)
    request = {key: value for key, value in {**REQUIRED["log_session"], **data}.items() if value is not None}
    assert await actions.refused("log_session", **request) == refusal
    assert actions.records() == []


async def test_editing_walker_and_direction_recalculates_the_calories(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna", 6, note="old")
    response = await actions.call("edit_session", note=" new ")
    assert (response["id"], response["note"]) == (record.id, "new")
    edited = actions.record(record.id)
    assert edited is not None
    assert (edited.calories, edited.walker) == (record.calories, "anna")
    await actions.call("edit_session", session_id=record.id, walker="Bert")
    edited = actions.record(record.id)
    assert edited is not None
    assert (edited.walker, edited.weight) == ("bert", 95.0)
    assert edited.calories == pytest.approx(record.calories * 95 / 70)
    await actions.call("edit_session", session_id=record.id, walker="guest", direction="forward", note="")
    edited = actions.record(record.id)
    assert edited is not None
    assert (edited.walker, edited.weight, edited.direction, edited.note) == (None, 70.0, Direction.FORWARD, None)
    assert edited.calories < record.calories
    await actions.call("edit_session", session_id=record.id, walker="anna", direction="backward")
    edited = actions.record(record.id)
    assert edited is not None
    assert (edited.calories, edited.calories_net) == pytest.approx((record.calories, record.calories_net))
    await actions.call("edit_session", session_id=record.id, walker="anna", direction="backward")
    assert actions.record(record.id) == edited


async def test_a_session_is_rated(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    await actions.store_session("bert")
    response = await actions.call("rate_session", of="anna", discomfort_before=3, discomfort_after=0, note="Easy")
    assert (response["id"], response["discomfort_before"], response["discomfort_after"]) == (record.id, 3, 0)
    rated = actions.record(record.id)
    assert rated is not None
    assert (rated.discomfort_before, rated.discomfort_after, rated.note) == (3, 0, "Easy")
    await actions.call("rate_session", session_id=record.id, discomfort_after="10")
    rated = actions.record(record.id)
    assert rated is not None
    assert (rated.discomfort_before, rated.discomfort_after, rated.note) == (3, 10, "Easy")
    assert rated.effort is None
    response = await actions.call("rate_session", of="anna", effort=4)
    assert (response["effort"], response["discomfort_before"], response["note"]) == (4, 3, "Easy")
    rated = actions.record(record.id)
    assert rated is not None
    assert (rated.effort, rated.discomfort_after) == (4, 10)


async def test_better_or_the_same_is_a_rating_that_can_be_taken_back(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.store_session("anna")
    assert (await actions.call("rate_session", of="anna", effort=3))["knee"] is None
    response = await actions.call("rate_session", of="anna", knee="same")
    assert (response["knee"], response["effort"], response["discomfort_after"]) == ("same", 3, None)
    assert (await actions.call("rate_session", of="anna", note="Stairs"))["knee"] == "same"
    assert (await actions.call("rate_session", of="anna", knee="none"))["knee"] is None
    response = await actions.call("rate_session", of="anna", knee="worse", discomfort_after=4)
    assert (response["knee"], response["discomfort_after"]) == ("worse", 4)
    response = await actions.call("rate_session", of="anna", knee=None, discomfort_after=None, effort=None)
    assert (response["knee"], response["discomfort_after"], response["effort"]) == (None, None, None)


async def test_two_corrections_at_once_are_both_kept(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    await asyncio.gather(
        actions.call("rate_session", discomfort_before=2),
        actions.call("rate_session", discomfort_after=4),
        actions.call("edit_session", direction="forward"),
    )
    edited = actions.record(record.id)
    assert edited is not None
    assert (edited.discomfort_before, edited.discomfort_after, edited.direction) == (2, 4, Direction.FORWARD)


@pytest.mark.parametrize(
    ("action", "data", "refusal"),
    [
        ("edit_session", {}, "nothing_to_change"),
        ("edit_session", {"walker": "Carl"}, "walker_unknown"),
        ("edit_session", {"note": "x" * 501}, "note_too_long"),
        ("rate_session", {}, "nothing_to_change"),
        ("rate_session", {"discomfort_before": -1}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": 11}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": 2.5}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": "nan"}, "discomfort_out_of_range"),
        ("rate_session", {"effort": 11}, "effort_out_of_range"),
        ("rate_session", {"effort": 0.5}, "effort_out_of_range"),
        ("rate_session", {"effort": -1, "discomfort_after": 1}, "effort_out_of_range"),
        ("rate_session", {"note": "x" * 501}, "note_too_long"),
        ("rate_session", {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY", "discomfort_after": 1}, "session_unknown"),
        ("edit_session", {"session_id": "", "note": "x"}, "session_unknown"),
        ("delete_session", {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"}, "session_unknown"),
        ("get_sessions", {"from": "2026-12-01 00:00:00", "to": "2026-11-01 00:00:00"}, "from_after_to"),
        ("get_sessions", {**REQUIRED["get_sessions"], "walker": "Carl"}, "walker_unknown"),
    ],
)
async def test_an_invalid_edit_changes_nothing(
    actions: Actions, action: str, data: dict[str, Any], refusal: str
) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    assert await actions.refused(action, by=actions.person(), **data) == refusal
    assert actions.records() == [record]


async def test_without_a_session_there_is_no_last_one(actions: Actions) -> None:
    await actions.set_up(connected=False)
    for action in ("edit_session", "rate_session", "delete_session", "export_session"):
        assert await actions.refused(action, **REQUIRED.get(action, {})) == "no_session"


async def test_a_walkers_device_changes_only_the_walkers_sessions(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    for action in ("edit_session", "rate_session", "delete_session", "export_session"):
        data = {"session_id": record.id, **REQUIRED.get(action, {})}
        assert await actions.refused(action, of="bert", **data) == "session_of_somebody_else"
        assert await actions.refused(action, of="bert", **REQUIRED.get(action, {})) == "no_session"
    assert actions.records() == [record]


async def test_a_session_is_deleted(actions: Actions) -> None:
    await actions.set_up(connected=False)
    annas, berts = await actions.store_session("anna"), await actions.store_session("bert")
    await actions.call("delete_session", of="anna", by=actions.person())
    assert actions.records() == [berts]
    assert (await actions.refused("delete_session", session_id=annas.id)) == "session_unknown"
    async with actions.house.coordinator.roster.store._lock:
        # All find the session, but only one can delete it.
        both = [
            asyncio.ensure_future(actions.call(action, **data))
            for action, data in (("delete_session", {}), ("delete_session", {}), ("rate_session", {"note": "late"}))
        ]
        await actions.house.settle()
    results = await asyncio.gather(*both, return_exceptions=True)
    assert [getattr(result, "translation_key", None) for result in results] == [None, *["session_unknown"] * 2]
    assert actions.records() == []


async def test_a_session_that_is_deleted_while_it_is_corrected_stays_deleted(actions: Actions) -> None:
    await actions.set_up(connected=False)
    await actions.store_session("anna")
    async with actions.house.coordinator.roster.change_lock:
        late = asyncio.ensure_future(actions.refused("rate_session", discomfort_after=1))
        await actions.house.settle()
        await actions.call("delete_session")
    assert await late == "session_unknown"
    assert actions.records() == []


async def test_sessions_are_returned_by_period_and_walker(actions: Actions, noon: FrozenDateTimeFactory) -> None:
    await actions.set_up(connected=False)
    first = await actions.store_session("anna", ended=NOON - timedelta(days=2), planned=300.0)
    second = await actions.store_session(None, ended=NOON - timedelta(days=1))
    third = await actions.store_session("bert", ended=NOON)
    gone = await actions.store_session("removed", ended=NOON)

    async def ids(**data: Any) -> list[str]:
        period = {"from": "2026-11-16T00:00:00-08:00", "to": datetime(2026, 11, 19, tzinfo=UTC)}
        response = await actions.call("get_sessions", **{**period, **data})
        return [session["id"] for session in response["sessions"]]

    assert await ids() == [first.id, second.id, *sorted([third.id, gone.id])]
    assert await ids(of="anna") == [first.id]
    assert await ids(walker="Bert") == [third.id]
    assert await ids(walker="guest") == [second.id]
    assert await ids(**{"from": "2026-11-17 00:00:00", "to": "2026-11-18 00:00:00"}) == [second.id]
    response = await actions.call("get_sessions", **REQUIRED["get_sessions"])
    assert [session["walker"] for session in response["sessions"]][:2] == ["Anna", "guest"]
    assert {session["walker"] for session in response["sessions"][2:]} == {"Bert", None}
    assert response["sessions"][0]["planned_minutes"] == 5.0
    json.dumps(response)
