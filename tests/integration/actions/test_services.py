"""Actions: who may ask for what, what comes of it, and what is said when it cannot be."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_at_time
from homeassistant.util.yaml import parse_yaml
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.retrowalk import services
from custom_components.retrowalk.actions.files import FORMATS
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.services import ACTIONS
from custom_components.retrowalk.training.coaching.presets import PRESETS
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.step_format import read_steps
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.action_calls import Actions
from tests.support.house import CONTROL, a_walker, make_entry

FOLDER = Path(services.__file__).parent
ON_DEMAND = {**CONTROL, "connection": "on_demand"}
LANGUAGES = sorted(path.stem for path in (FOLDER / "translations").glob("*.json"))
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
REQUIRED: dict[str, dict[str, Any]] = {
    "adjust": {"speed_delta": -0.5},
    "delete_program": {"program": "Mine"},
    "edit_session": {"note": "x"},
    "export_program": {"program": "first_steps"},
    "export_session": {"path": "/media/walks/"},
    "get_sessions": {"from": "2026-11-01 00:00:00", "to": "2026-12-01 00:00:00"},
    "import_program": {"content": '<rows><row duration="00:05:00" speed="1.5"/></rows>', "name": "Mine"},
    "log_session": {"walker": "Anna", "started": "2026-11-18 03:00:00", "minutes": 5},
    "rate_session": {"discomfort_after": 1},
    "save_program": {"name": "Mine", "steps": [{"minutes": 5, "speed": 1.5}]},
}
"""What each action needs besides its device."""


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    freezer.move_to(NOON)
    return freezer


# Ready, and confirmed


async def test_an_automation_makes_ready_and_nothing_moves(actions: Actions) -> None:
    await actions.set_up()
    actions.house.commands()
    response = await actions.call("start_session", walker="anna ", direction="backward", minutes=7.5, speed=1.5)
    walk = {"walker": "Anna", "direction": "backward", "program": "free", "minutes": 7.5}
    assert response == {"state": "ready", **walk}
    assert actions.state == "ready"
    assert actions.wish == SessionRequest(
        walker="anna", direction=Direction.BACKWARD, length=450, speed=1.5, first=True
    )
    await actions.house.time(60)
    assert (actions.state, actions.house.commands()) == ("ready", [])
    assert await actions.refused("confirm_session") == "needs_person"
    stale = Context(user_id=actions.house.user_id, id=ulid_at_time(dt_util.utcnow().timestamp() - 3))
    assert await actions.refused("confirm_session", by=stale) == "needs_person"
    assert actions.state == "ready"
    await actions.call("confirm_session", by=actions.person())
    assert actions.state == "countdown"
    await actions.house.time(23)
    assert actions.state == "warm_up"
    assert actions.house.commands()


async def test_s2_while_the_start_button_is_exposed_the_action_confirms_no_more_than_the_button(
    actions: Actions,
) -> None:
    await actions.set_up()
    await actions.call("start_session", by=actions.person())
    async_expose_entity(actions.hass, "conversation", actions.house.entity_id("start"), True)
    assert await actions.refused("confirm_session", by=actions.person()) == "needs_person"
    async_expose_entity(actions.hass, "conversation", actions.house.entity_id("start"), False)
    await actions.call("confirm_session", by=actions.person())
    assert actions.state == "countdown"


async def test_what_is_not_said_comes_from_the_selects(actions: Actions) -> None:
    await actions.set_up()
    walk = {"walker": "guest", "direction": "backward", "program": "free", "minutes": 5}
    assert await actions.call("start_session") == {"state": "ready", **walk}
    assert actions.wish == SessionRequest(first=True, open=True)
    await actions.call("stop")
    await actions.house.time(6)
    await actions.walked("bert")
    await actions.house.call("select", "select_option", "direction", option="forward")
    await actions.house.call("select", "select_option", "walker", option="Bert")
    response = await actions.call("start_session")
    assert response == {**walk, "state": "ready", "walker": "Bert", "direction": "forward"}
    assert actions.wish == SessionRequest(walker="bert", direction=Direction.FORWARD)


async def test_s4_who_calls_walks_if_nobody_is_chosen(actions: Actions, hass_admin_user: MockUser) -> None:
    persons = {"person": [{"id": "anna", "name": "Anna", "user_id": hass_admin_user.id}]}
    assert await async_setup_component(actions.hass, "person", persons)
    await actions.set_up()
    assert (await actions.call("start_session", by=actions.person()))["walker"] == "Anna"


async def test_s4_first_sessions_are_slow_until_three_minutes_were_walked_on_this_belt(actions: Actions) -> None:
    await actions.set_up()
    await actions.walked("anna", 2)
    await actions.walked("anna", 9, direction=Direction.FORWARD)
    await actions.walked("anna", 9, outcome=Outcome.LOGGED)
    await actions.walked("anna", 4, planned=600.0)
    assert await actions.refused("start_session", of="anna", speed=2.5) == "speed_out_of_range"
    await actions.walked("anna", 3)
    await actions.call("start_session", of="anna", speed=2.5)
    assert actions.wish == SessionRequest(walker="anna", speed=2.5)


async def test_a_walkers_device_names_the_walker(actions: Actions) -> None:
    await actions.set_up()
    assert (await actions.call("start_session", of="bert"))["walker"] == "Bert"
    await actions.call("stop", of="anna")
    assert actions.state == "idle"
    assert (await actions.call("start_session", of="bert", walker="bert"))["walker"] == "Bert"
    await actions.call("stop")
    assert (await actions.call("start_session", walker="01KA9V3Q5W8RZ7D2M4N6P8T0XY"))["walker"] == "Cleo"
    await actions.call("stop")
    for guest in ("guest", "Gast"):
        await actions.house.call("select", "select_option", "walker", option="Bert")
        assert (await actions.call("start_session", walker=guest))["walker"] == "guest"
        await actions.call("stop")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"walker": "Carl"}, "walker_unknown"),
        ({"of": "anna", "walker": "Bert"}, "two_walkers"),
        ({"of": "anna", "walker": "guest"}, "two_walkers"),
        ({"minutes": -5}, "minutes_out_of_range"),
        ({"minutes": 0}, "minutes_out_of_range"),
        ({"minutes": 30.5}, "minutes_out_of_range"),
        ({"minutes": "nan"}, "minutes_out_of_range"),
        ({"minutes": "inf", "direction": "forward"}, "minutes_out_of_range"),
        ({"speed": 0.4}, "speed_out_of_range"),
        ({"speed": 2.1}, "speed_out_of_range"),  # a first session
        ({"speed": -1}, "speed_out_of_range"),
        ({"speed": "nan"}, "speed_out_of_range"),
        ({"speed": 6.1, "direction": "forward"}, "speed_out_of_range"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    actions: Actions, data: dict[str, Any], said: str
) -> None:
    await actions.set_up()
    assert await actions.refused("start_session", by=actions.person(), **data) == said
    assert (actions.state, actions.wish) == ("idle", None)
    assert actions.house.state("direction") == "backward"
    assert actions.house.state("walker") == "whoever"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("start_session", {"direction": "sideways"}),
        ("start_session", {"minutes": "many"}),
        ("start_session", {"steps": []}),
        ("log_session", {**REQUIRED["log_session"], "started": "yesterday"}),
        ("get_sessions", {"from": "2026-11-01 00:00:00"}),
    ],
)
async def test_what_means_nothing_is_refused_before_anything_else(
    actions: Actions, action: str, data: dict[str, Any]
) -> None:
    await actions.set_up(connected=False)
    with pytest.raises(vol.Invalid):
        await actions.call(action, **data)


async def test_of_a_machine_that_is_not_known_yet_any_speed_may_be_wished(actions: Actions) -> None:
    await actions.set_up(options=ON_DEMAND, capabilities=Capabilities().as_dict(), connected=False)
    await actions.call("start_session", speed=15)
    assert actions.state == "ready"


async def test_a_belt_that_is_too_fast_is_not_made_ready(actions: Actions) -> None:
    fast = Capabilities(speed_range=ValueRange(4.0, 20.0, 0.1), can_start_and_stop=True)
    await actions.set_up(options=ON_DEMAND, capabilities=fast.as_dict(), connected=False)
    assert await actions.refused("start_session", speed=4.0) == "starts_too_fast"


async def test_of_two_starts_at_once_the_second_is_refused(actions: Actions) -> None:
    await actions.set_up()
    calls = (
        actions.call("start_session", walker="Anna", by=actions.person()),
        actions.call("start_session", walker="Bert", by=actions.person()),
    )
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert first["walker"] == "Anna"
    assert isinstance(second, ServiceValidationError)
    assert second.translation_key == "already_ready"
    assert actions.wish is not None
    assert actions.wish.walker == "anna"


async def test_a_start_while_somebody_walks_is_refused(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.walk()
    assert await actions.refused("start_session", walker="Bert") == "busy"
    assert await actions.refused("confirm_session", by=actions.person()) == "nothing_to_confirm"


async def test_nothing_is_confirmed_that_was_not_made_ready(actions: Actions) -> None:
    await actions.set_up()
    assert await actions.refused("confirm_session", by=actions.person()) == "nothing_to_confirm"


async def test_a_treadmill_out_of_reach_is_not_made_ready(actions: Actions) -> None:
    await actions.set_up(address="F2:52:57:00:00:99", connected=False)
    assert await actions.refused("start_session") == "not_in_reach"
    assert actions.state == "idle"


async def test_a_treadmill_that_is_only_watched_starts_nothing_but_stops(actions: Actions) -> None:
    await actions.set_up(options={})
    for action in ("start_session", "adjust", "resume_session"):
        assert await actions.refused(action, by=actions.person(), **REQUIRED.get(action, {})) == "monitor_only"
    await actions.call("stop")


# A walk


async def test_a_walk_is_paused_resumed_and_finished_by_actions(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session", of="anna", by=actions.person())
    await actions.call("confirm_session", of="anna", by=actions.person())
    await actions.house.time(23)
    assert actions.state == "warm_up"
    await actions.call("pause_session", of="anna")
    await actions.house.time(10)
    assert actions.state == "paused"
    assert await actions.refused("resume_session") == "needs_person"
    await actions.call("resume_session", by=actions.person())
    assert actions.state == "ready"
    assert await actions.refused("start_session", walker="Bert") == "already_ready"
    await actions.call("confirm_session", by=actions.person())
    await actions.house.time(23)
    assert actions.state in {"warm_up", "active"}
    await actions.call("finish_session", of="anna")
    assert actions.state == "cool_down"
    await actions.house.time(40)
    assert actions.state == "finished"
    for action, said in (
        ("pause_session", "nothing_to_pause"),
        ("resume_session", "nothing_to_resume"),
        ("finish_session", "nothing_to_finish"),
        ("adjust", "not_steering"),
    ):
        assert await actions.refused(action, by=actions.person(), **REQUIRED.get(action, {})) == said


async def test_somebody_elses_walk_is_not_touched_except_by_stop(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session", of="anna")
    for action in ("confirm_session", "pause_session", "resume_session", "finish_session", "adjust"):
        said = await actions.refused(action, by=actions.person(), of="bert", **REQUIRED.get(action, {}))
        assert said == "somebody_else_walks"
    assert actions.state == "ready"
    actions.house.commands()
    await actions.call("stop", of="bert")
    assert actions.state == "idle"
    assert actions.house.commands()


async def test_who_is_shown_as_walking_is_meant_by_the_device(actions: Actions) -> None:
    await actions.house.set_up(make_entry(walkers=[a_walker("Anna")]))
    await actions.call("start_session")
    actions.house.treadmill.press_start()
    await actions.house.time(20)
    # Nobody said who walks, and the only walker there is does.
    assert (actions.house.state("walker"), actions.state, actions.wish.walker) == ("Anna", "warm_up", None)
    await actions.call("adjust", of="anna", by=actions.person(), speed_delta=0.1)
    await actions.call("pause_session", of="anna")
    assert actions.state == "paused"


async def test_while_nobody_is_named_every_walkers_device_is_meant(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session")
    await actions.call("confirm_session", of="bert", by=actions.person())
    assert (actions.state, actions.house.state("walker")) == ("countdown", "Bert")  # who is named there walks
    assert await actions.refused("finish_session", of="anna") == "somebody_else_walks"


async def test_a_belt_that_runs_by_its_console_is_whose_walk_is_shown(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.call("select", "select_option", "walker", option="Bert")
    actions.house.treadmill.press_start()
    await actions.house.time(8)
    assert (actions.house.state("walker"), actions.wish) == ("Bert", None)
    assert await actions.refused("pause_session", of="anna") == "somebody_else_walks"
    await actions.call("pause_session", of="bert")
    assert actions.state == "paused"


async def test_s3_a_stop_that_does_not_arrive_is_told(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.walk()
    actions.house.faults.att_error = 0x80
    with pytest.raises(HomeAssistantError) as told:
        await actions.call("stop")
    assert told.value.translation_key == "stop_undelivered"


async def test_a_belt_that_runs_by_its_console_is_nobodys(actions: Actions) -> None:
    await actions.set_up()
    actions.house.treadmill.press_start()
    await actions.house.time(8)
    assert (actions.state, actions.wish) == ("manual", None)
    await actions.call("pause_session", of="anna")
    assert actions.state == "paused"


async def test_targets_are_adjusted(actions: Actions) -> None:
    await actions.set_up()
    await actions.walked("anna")
    await actions.call("start_session", of="anna", by=actions.person())
    await actions.call("confirm_session", by=actions.person())
    await actions.house.time(23)
    session = actions.house.coordinator.session
    assert (session.target_speed, session.target_incline) == (0.5, 0.0)
    await actions.call("adjust", by=actions.person(), speed_delta=1.5, incline_delta=1)
    assert (session.target_speed, session.target_incline) == (2.0, 1.0)
    for data, said in (
        ({}, "nothing_to_change"),
        ({"speed_delta": 1.1}, "speed_out_of_range"),
        ({"speed_delta": "nan"}, "speed_out_of_range"),
        ({"speed_delta": -0.5, "incline_delta": 2.5}, "incline_out_of_range"),
    ):
        assert await actions.refused("adjust", by=actions.person(), **data) == said
    # Without a person nothing rises, and what would go down with it stays too.
    assert await actions.refused("adjust", speed_delta=-0.5, incline_delta=0.5) == "needs_person"
    assert await actions.refused("adjust", speed_delta=0.1, incline_delta=-0.5) == "needs_person"
    assert (session.target_speed, session.target_incline) == (2.0, 1.0)
    await actions.call("adjust", speed_delta=-0.5, incline_delta=-0.5)
    assert (session.target_speed, session.target_incline) == (1.5, 0.5)
    await actions.call("adjust", incline_delta=-0.5)
    assert (session.target_speed, session.target_incline) == (1.5, 0.0)
    await actions.call("adjust", speed_delta=-9, incline_delta=-9)
    assert (session.target_speed, session.target_incline) == (0.5, 0.0)


async def test_an_incline_that_the_machine_has_not_is_refused_with_all_that_came_with_it(actions: Actions) -> None:
    flat = Capabilities(speed_range=ValueRange(0.5, 20.0, 0.1), can_start_and_stop=True)
    await actions.set_up()
    session = actions.house.coordinator.session
    session.apply_rules(actions.house.coordinator.options.rules(flat))
    await actions.house.walk()
    await actions.call("adjust", by=actions.person(), speed_delta=0.5)
    assert await actions.refused("adjust", by=actions.person(), speed_delta=-0.1, incline_delta=0.5) == "not_steering"
    assert session.target_speed == 1.0


# What was walked


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
        "note": "In the hall",
    }
    json.dumps(response)
    await actions.call("log_session", walker="guest", direction="forward", started=NOON - timedelta(hours=9), minutes=3)
    guest = actions.records()[0]
    assert (guest.walker, guest.direction, guest.distance, guest.calories) == (None, Direction.FORWARD, 0, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"walker": None}, "walker_missing"),
        ({"walker": "Carl"}, "walker_unknown"),
        ({"minutes": -1}, "logged_minutes_out_of_range"),
        ({"minutes": 0}, "logged_minutes_out_of_range"),
        ({"minutes": 601}, "logged_minutes_out_of_range"),
        ({"minutes": "nan"}, "logged_minutes_out_of_range"),
        ({"started": "2026-11-18 03:56:00"}, "started_out_of_range"),  # it would not be over yet
        ({"started": "0001-01-01 00:00:00"}, "started_out_of_range"),
        ({"started": "9999-12-31 23:59:59"}, "started_out_of_range"),
        ({"distance": -1}, "distance_out_of_range"),
        ({"distance": 2100}, "distance_out_of_range"),
        ({"distance": "nan"}, "distance_out_of_range"),
        ({"note": "x" * 501}, "note_too_long"),
    ],
)
async def test_a_walk_that_cannot_have_been_is_not_logged(
    actions: Actions, noon: FrozenDateTimeFactory, data: dict[str, Any], said: str
) -> None:
    await actions.set_up(connected=False)
    asked = {key: value for key, value in {**REQUIRED["log_session"], **data}.items() if value is not None}
    assert await actions.refused("log_session", **asked) == said
    assert actions.records() == []


async def test_who_walked_and_which_way_is_corrected_and_calories_follow(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("anna", 6, note="old")
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
    record = await actions.walked("anna")
    await actions.walked("bert")
    response = await actions.call("rate_session", of="anna", discomfort_before=3, discomfort_after=0, note="Easy")
    assert (response["id"], response["discomfort_before"], response["discomfort_after"]) == (record.id, 3, 0)
    kept = actions.record(record.id)
    assert kept is not None
    assert (kept.discomfort_before, kept.discomfort_after, kept.note) == (3, 0, "Easy")
    await actions.call("rate_session", session_id=record.id, discomfort_after="10")
    kept = actions.record(record.id)
    assert kept is not None
    assert (kept.discomfort_before, kept.discomfort_after, kept.note) == (3, 10, "Easy")


async def test_two_corrections_at_once_are_both_kept(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("anna")
    await asyncio.gather(
        actions.call("rate_session", discomfort_before=2),
        actions.call("rate_session", discomfort_after=4),
        actions.call("edit_session", direction="forward"),
    )
    kept = actions.record(record.id)
    assert kept is not None
    assert (kept.discomfort_before, kept.discomfort_after, kept.direction) == (2, 4, Direction.FORWARD)


@pytest.mark.parametrize(
    ("action", "data", "said"),
    [
        ("edit_session", {}, "nothing_to_change"),
        ("edit_session", {"walker": "Carl"}, "walker_unknown"),
        ("edit_session", {"note": "x" * 501}, "note_too_long"),
        ("rate_session", {}, "nothing_to_change"),
        ("rate_session", {"discomfort_before": -1}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": 11}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": 2.5}, "discomfort_out_of_range"),
        ("rate_session", {"discomfort_after": "nan"}, "discomfort_out_of_range"),
        ("rate_session", {"note": "x" * 501}, "note_too_long"),
        ("rate_session", {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY", "discomfort_after": 1}, "session_unknown"),
        ("edit_session", {"session_id": "", "note": "x"}, "session_unknown"),
        ("delete_session", {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"}, "session_unknown"),
        ("get_sessions", {"from": "2026-12-01 00:00:00", "to": "2026-11-01 00:00:00"}, "from_after_to"),
        ("get_sessions", {**REQUIRED["get_sessions"], "walker": "Carl"}, "walker_unknown"),
    ],
)
async def test_a_correction_that_cannot_be_changes_nothing(
    actions: Actions, action: str, data: dict[str, Any], said: str
) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("anna")
    assert await actions.refused(action, by=actions.person(), **data) == said
    assert actions.records() == [record]


async def test_without_a_session_there_is_no_last_one(actions: Actions) -> None:
    await actions.set_up(connected=False)
    for action in ("edit_session", "rate_session", "delete_session", "export_session"):
        assert await actions.refused(action, **REQUIRED.get(action, {})) == "no_session"


async def test_a_walkers_device_changes_only_the_walkers_sessions(actions: Actions) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("anna")
    for action in ("edit_session", "rate_session", "delete_session", "export_session"):
        data = {"session_id": record.id, **REQUIRED.get(action, {})}
        assert await actions.refused(action, of="bert", **data) == "session_of_somebody_else"
        assert await actions.refused(action, of="bert", **REQUIRED.get(action, {})) == "no_session"
    assert actions.records() == [record]


async def test_a_session_is_deleted(actions: Actions) -> None:
    await actions.set_up(connected=False)
    annas, berts = await actions.walked("anna"), await actions.walked("bert")
    await actions.call("delete_session", of="anna", by=actions.person())
    assert actions.records() == [berts]
    assert (await actions.refused("delete_session", session_id=annas.id)) == "session_unknown"
    async with actions.house.coordinator.roster.store._lock:
        # Both find it, one after the other is to write.
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
    await actions.walked("anna")
    async with actions.house.coordinator.roster._changing:
        late = asyncio.ensure_future(actions.refused("rate_session", discomfort_after=1))
        await actions.house.settle()
        await actions.call("delete_session")
    assert await late == "session_unknown"
    assert actions.records() == []


async def test_sessions_are_told_by_period_and_walker(actions: Actions, noon: FrozenDateTimeFactory) -> None:
    await actions.set_up(connected=False)
    first = await actions.walked("anna", ended=NOON - timedelta(days=2), planned=300.0)
    second = await actions.walked(None, ended=NOON - timedelta(days=1))
    third = await actions.walked("bert", ended=NOON)
    gone = await actions.walked("removed", ended=NOON)

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


# Who may


@pytest.mark.parametrize("attended", [False, True])
async def test_what_moves_nothing_is_for_automations_and_persons_alike(
    actions: Actions, noon: FrozenDateTimeFactory, attended: bool
) -> None:
    await actions.set_up(connected=False)
    by = actions.person() if attended else Context()
    await actions.call("start_session", by=by)
    await actions.call("stop", by=by)
    for action in ("log_session", "edit_session", "rate_session", "get_sessions", "delete_session"):
        await actions.call(action, by=by, **REQUIRED.get(action, {}))
    assert (actions.state, actions.records()) == ("idle", [])


@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "stop"])
async def test_who_may_only_look_may_do_nothing_else_than_stop(
    actions: Actions, hass_read_only_user: MockUser, action: str
) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("anna")
    with pytest.raises(Unauthorized):
        await actions.call(action, by=Context(user_id=hass_read_only_user.id), **REQUIRED.get(action, {}))
    with pytest.raises(UnknownUser):
        await actions.call(action, by=Context(user_id="nobody"), **REQUIRED.get(action, {}))
    assert (actions.records(), actions.state) == ([record], "idle")


async def test_only_administrators_delete(actions: Actions, lisa: MockUser) -> None:
    await actions.set_up(connected=False)
    record = await actions.walked("bert")
    lisas = Context(user_id=lisa.id)
    with pytest.raises(Unauthorized):
        await actions.call("delete_session", by=lisas)
    assert actions.records() == [record]
    assert "sessions" in await actions.call("get_sessions", by=lisas, **REQUIRED["get_sessions"])
    await actions.call("rate_session", by=lisas, discomfort_after=1)


async def test_control_of_the_treadmill_is_by_entity(actions: Actions, lisa: MockUser) -> None:
    await actions.set_up(connected=False)
    lisas = Context(user_id=lisa.id)
    state = actions.house.entity_id("session_state")
    lisa.mock_policy({"entities": {"entity_ids": {state: {"control": True}}}})
    await actions.call("start_session", by=lisas)
    await actions.call("stop", by=lisas)
    lisa.mock_policy({"entities": {"entity_ids": {state: {"read": True}}}})
    with pytest.raises(Unauthorized) as told:
        await actions.call("start_session", by=lisas)
    assert told.value.entity_id == state


@pytest.mark.parametrize("who", ["read_only", "no_rights", "inactive", "deleted", "system", "nobody"])
async def test_s3_everybody_may_stop(actions: Actions, lisa: MockUser, hass_read_only_user: MockUser, who: str) -> None:
    hass, house = actions.hass, actions.house
    await actions.set_up()
    await house.walk()
    house.commands()
    lisas = Context(user_id=lisa.id)
    match who:
        case "read_only":
            lisas = Context(user_id=hass_read_only_user.id)
        case "no_rights":
            lisa.mock_policy({})
        case "inactive":
            await hass.auth.async_deactivate_user(lisa)
        case "deleted":
            await hass.auth.async_remove_user(lisa)
        case "system":
            lisas = Context(user_id=(await hass.auth.async_create_system_user("somebody")).id)
        case "nobody":
            lisas = Context(user_id="nobody")
    await actions.call("stop", by=lisas)
    assert house.commands()[0] == b"\x08\x01"
    await house.time(15)
    assert house.treadmill.at_rest


async def test_who_signs_in_as_another_does_not_change_what_somebody_walked(
    actions: Actions, lisa: MockUser, hass_admin_user: MockUser
) -> None:
    anna = MockUser(groups=lisa.groups).add_to_hass(actions.hass)
    users = {"anna": anna.id, "lisa": lisa.id}
    persons = [{"id": name, "name": name.title(), "user_id": user_id} for name, user_id in users.items()]
    assert await async_setup_component(actions.hass, "person", {"person": persons})
    await actions.set_up(connected=False)
    stranger = MockUser(groups=lisa.groups).add_to_hass(actions.hass)
    annas, berts, guests = [await actions.walked(who) for who in ("anna", "bert", None)]
    for user in (lisa, stranger):
        said = await actions.refused(
            "rate_session", by=Context(user_id=user.id), session_id=annas.id, discomfort_after=9
        )
        assert said == "session_is_private"
        for record in (berts, guests):
            await actions.call("edit_session", by=Context(user_id=user.id), session_id=record.id, note="mine")
    assert actions.record(annas.id) == annas
    for user in (anna, hass_admin_user):
        await actions.call("edit_session", by=Context(user_id=user.id), session_id=annas.id, note=user.id)
        kept = actions.record(annas.id)
        assert kept is not None
        assert kept.note == user.id


# Of what


async def test_a_device_that_is_none_of_ours_is_refused(actions: Actions) -> None:
    await actions.set_up(connected=False)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(actions.hass)
    device = dr.async_get(actions.hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "1")}
    )
    for action in ACTIONS:
        for device_id, said in ((device.id, "service_device_wrong_domain"), ("nothing", "service_device_not_found")):
            with pytest.raises(ServiceValidationError) as told:
                await actions.call(action, device_id=device_id, **REQUIRED.get(action, {}))
            assert told.value.translation_key == said
        response = ACTIONS[action].response is SupportsResponse.ONLY
        with pytest.raises(vol.Invalid):
            await actions.hass.services.async_call(
                DOMAIN, action, REQUIRED.get(action, {}), blocking=True, return_response=response
            )


async def test_actions_are_there_without_a_treadmill_and_say_that_it_is_not_loaded(actions: Actions) -> None:
    assert await async_setup_component(actions.hass, DOMAIN, {})
    assert set(actions.hass.services.async_services_for_domain(DOMAIN)) == set(ACTIONS)
    await actions.set_up(connected=False)
    assert await actions.hass.config_entries.async_unload(actions.house.entry.entry_id)
    for action in ACTIONS:
        with pytest.raises(ServiceValidationError) as told:
            await actions.call(action, **REQUIRED.get(action, {}))
        assert told.value.translation_key == "service_config_entry_not_loaded"
    assert await actions.hass.config_entries.async_setup(actions.house.entry.entry_id)
    await actions.house.settle()


# The contract: what the editors show is what is accepted


async def test_every_action_and_field_is_described_and_nothing_else_is(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    shown = (await async_get_all_descriptions(hass))[DOMAIN]
    assert set(shown) == set(ACTIONS)
    icons = json.loads((FOLDER / "icons.json").read_text())["services"]
    assert set(icons) == set(ACTIONS)
    assert all(icon["service"].startswith("mdi:") for icon in icons.values())
    for name, action in ACTIONS.items():
        fields = shown[name]["fields"]
        assert list(fields) == ["device_id", *map(str, action.fields)]
        required = {"device_id"} | {str(key) for key in action.fields if isinstance(key, vol.Required)}
        assert {key for key, field in fields.items() if field.get("required")} == required
        for key in action.fields:
            given = None if isinstance(key.default, vol.Undefined) else key.default()
            assert fields[str(key)].get("default") == given
        optional = {"optional": action.response is SupportsResponse.OPTIONAL}
        assert shown[name].get("response") == (None if action.response is SupportsResponse.NONE else optional)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_field_has_a_selector_a_name_a_description_and_an_example_that_works(
    hass: HomeAssistant, language: str
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    shown = (await async_get_all_descriptions(hass))[DOMAIN]
    loaded = json.loads((FOLDER / "translations" / f"{language}.json").read_text())
    texts = loaded["services"]
    assert set(texts) == set(ACTIONS)
    for name in ACTIONS:
        assert texts[name]["name"]
        assert texts[name]["description"]
        assert set(texts[name]) == {"name", "description", "fields"}
        assert list(texts[name]["fields"]) == list(shown[name]["fields"])
        schema = hass.services.async_services_for_domain(DOMAIN)[name].schema
        examples = {}
        for key, field in texts[name]["fields"].items():
            about = shown[name]["fields"][key]
            assert ("example" in field) != ("example" in about)  # one language's word, or everybody's notation
            example = (
                field["example"] if "example" in field else parse_yaml(str(about["example"]))
            )  # as the editor does
            assert example
            examples[key] = example
        schema(examples)
        for key, field in texts[name]["fields"].items():
            assert all(field[kind] for kind in ("name", "description"))
            chooser, example = shown[name]["fields"][key]["selector"], examples[key]
            selector(chooser)(float(example) if "number" in chooser else example)
            if options := chooser.get("select", {}).get("options"):
                assert set(loaded["selector"][chooser["select"]["translation_key"]]["options"]) == set(options)
                assert set(options) in ({*Direction}, {*FORMATS}, {*PRESETS})
    assert read_steps(parse_yaml(str(shown["save_program"]["fields"]["steps"]["example"])))
    assert read_workout(parse_yaml(str(shown["import_program"]["fields"]["content"]["example"])), name="Mine")
