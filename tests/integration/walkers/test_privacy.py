"""A walker who is linked to a person is private: nobody else logs, reads notes, pauses or skips for them."""

import re
from typing import Any

import pytest
from homeassistant.components.calendar import CalendarEntity
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.actions.base import ATTR_SESSION_ID, ATTR_WALKER
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.entity import WalkerEntity, walker_unique_id
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import Actions

LOGGED = {"started": "2026-11-18 03:00:00", "minutes": 5}
SPAN = {"from": "2000-01-01 00:00:00", "to": "2100-01-01 00:00:00"}
CHANGES: dict[str, dict[str, Any]] = {
    "create_report": {},
    "log_session": LOGGED,
    "pause_plan": {},
    "resume_plan": {},
    "skip_today": {},
    "snooze_reminder": {},
}
"""Actions that are refused for another person's walker."""
MAY: dict[str, str] = {
    "run_program": "makes ready, and moves nothing (S2)",
    "start_session": "makes ready, and moves nothing (S2)",
    "edit_session": "by the session; and by who shall have it, see below",
    "export_history": "nobody but administrators, and automations for their owner",
    "get_sessions": "without what the walker says of them, see below",
}
BY_SESSION: dict[str, dict[str, Any]] = {
    "edit_session": {"note": "mine"},
    "rate_session": {"discomfort_after": 9},
}
DELETES = frozenset({"delete_session"})
"""What can be tried once only; see test_permissions."""
READS_BY_SESSION = frozenset({"get_track"})
"""Actions that read one session, and are refused to whom its walker is nobody."""
FOR_ADMINISTRATORS = {"export_session"}
ENTITIES: dict[str, tuple[str, dict[str, Any]]] = {
    "plan_paused": ("switch.turn_on", {}),
    "reminder": ("switch.turn_on", {}),
    "progression": ("switch.turn_off", {}),
    "reminder_time": ("time.set_value", {"time": "07:00:00"}),
    "weight": ("number.set_value", {"value": 40}),
    "daily_goal": ("number.set_value", {"value": 60}),
}


@pytest.fixture
async def annas(actions: Actions, lisa: MockUser) -> Context:
    """Return the context of Anna; Anna and Lisa have users of their own, and Lisa is no walker."""
    anna = MockUser(groups=lisa.groups).add_to_hass(actions.hass)
    users = {"anna": anna.id, "lisa": lisa.id}
    persons = [{"id": name, "name": name.title(), "user_id": user_id} for name, user_id in users.items()]
    assert await async_setup_component(actions.hass, "person", {"person": persons})
    await actions.set_up(connected=False)
    return Context(user_id=anna.id)


def people_of(annas: Context, lisa: MockUser, admin: MockUser) -> dict[str, Context]:
    return {
        "anna": annas,
        "lisa": Context(user_id=lisa.id),
        "admin": Context(user_id=admin.id),
        "automation": Context(),
    }


async def attempt(actions: Actions, action: str, **data: Any) -> str | None:
    """Run an action, and return the translation key of its error."""
    try:
        await actions.call(action, **data)
    except ServiceValidationError as err:
        return str(err.translation_key)
    return None


def test_every_action_that_names_a_walker_or_a_session_is_in_a_table() -> None:
    named = {name for name, action in ACTIONS.items() if ATTR_WALKER in {str(key) for key in action.fields}}
    assert named == CHANGES.keys() | MAY.keys()
    by_session = {name for name, action in ACTIONS.items() if ATTR_SESSION_ID in {str(key) for key in action.fields}}
    assert by_session == BY_SESSION.keys() | DELETES | READS_BY_SESSION | FOR_ADMINISTRATORS
    assert all(ACTIONS[name].for_administrators for name in (*FOR_ADMINISTRATORS, "export_history"))


@pytest.mark.parametrize("named", ["by_name", "by_device"])
@pytest.mark.parametrize("action", CHANGES)
async def test_nobody_else_acts_for_a_walker_who_is_a_person(
    actions: Actions, annas: Context, lisa: MockUser, hass_admin_user: MockUser, action: str, named: str
) -> None:
    whose = {"walker": "Anna"} if named == "by_name" else {"of": "anna"}
    for who, context in people_of(annas, lisa, hass_admin_user).items():
        error = await attempt(actions, action, by=Context(user_id=context.user_id), **whose, **CHANGES[action])
        assert (error == "walker_is_private") is (who == "lisa"), (who, error)
    assert await attempt(actions, action, by=Context(user_id=lisa.id), walker="Bert", **CHANGES[action]) in {
        None,
        "nothing_to_snooze",
        "nothing_to_skip",
    }


@pytest.mark.parametrize("action", BY_SESSION)
async def test_nobody_else_changes_what_a_person_walked(
    actions: Actions, annas: Context, lisa: MockUser, hass_admin_user: MockUser, action: str
) -> None:
    record = await actions.store_session("anna")
    for who, context in people_of(annas, lisa, hass_admin_user).items():
        data = {**BY_SESSION[action], "session_id": record.id}
        error = await attempt(actions, action, by=Context(user_id=context.user_id), **data)
        assert error == ("session_is_private" if who == "lisa" else None)


async def test_nobody_else_gives_a_person_a_session(actions: Actions, annas: Context, lisa: MockUser) -> None:
    record = await actions.store_session("bert")
    lisas = Context(user_id=lisa.id)
    assert await attempt(actions, "edit_session", by=lisas, session_id=record.id, walker="Anna") == "walker_is_private"
    assert actions.record(record.id) == record
    assert await attempt(actions, "edit_session", by=annas, session_id=record.id, walker="Anna") is None


async def test_what_a_person_says_of_a_session_is_told_to_nobody_else(
    actions: Actions, annas: Context, lisa: MockUser, hass_admin_user: MockUser
) -> None:
    await actions.store_session("anna", note="Knee!", discomfort_before=1, discomfort_after=7, effort=4)
    await actions.store_session("bert", note="Fine")
    for who, context in people_of(annas, lisa, hass_admin_user).items():
        answer = await actions.call("get_sessions", by=Context(user_id=context.user_id), **SPAN)
        hers, his = answer["sessions"]
        shown = hers["note"], hers["discomfort_before"], hers["discomfort_after"], hers["effort"]
        assert shown == ((None,) * 4 if who == "lisa" else ("Knee!", 1, 7, 4))
        assert his["note"] == "Fine"
        assert hers["minutes"] == 5


async def test_the_calendar_which_everybody_reads_has_no_persons_notes(actions: Actions, annas: Context) -> None:
    await actions.store_session("anna", note="Knee!")
    await actions.store_session("bert", note="Fine")
    entity_id = actions.house.entity_id("sessions")
    calendar = actions.hass.data["calendar"].get_entity(entity_id)
    assert isinstance(calendar, CalendarEntity)
    now = dt_util.now()
    events = await calendar.async_get_events(
        actions.hass, now.replace(year=now.year - 1), now.replace(year=now.year + 1)
    )
    texts = " ".join(event.description or "" for event in events)
    assert "Knee!" not in texts
    assert "Fine" in texts


async def test_of_what_a_person_says_entities_which_everybody_sees_tell_how_the_knee_was_and_nothing_else(
    actions: Actions, annas: Context
) -> None:
    said = {"note": "Knee!", "discomfort_before": 6, "discomfort_after": 9, "effort": 8}
    await actions.store_session("anna", **said)
    await actions.house.settle()
    told = {state.entity_id: f"{state.state} {dict(state.attributes)}" for state in actions.hass.states.async_all()}
    assert [entity_id for entity_id, text in told.items() if "Knee!" in text] == []
    roster = actions.house.coordinator.roster
    unique_id = walker_unique_id(roster, roster.walkers["anna"], "knee_discomfort")
    assert er.async_get(actions.hass).async_get_entity_id("sensor", DOMAIN, unique_id) == "sensor.anna_knee_discomfort"
    assert [entity_id for entity_id, text in told.items() if re.match(r"9(\.0)? ", text)] == [
        "sensor.anna_knee_discomfort"
    ]
    assert [entity_id for entity_id, text in told.items() if re.match(r"[68](\.0)? ", text)] == []


def test_every_entity_that_changes_a_walker_is_in_the_table() -> None:
    from custom_components.retrowalk import number, switch, time  # noqa: PLC0415

    changing = [switch.PLAN_PAUSED, switch.REMINDER, switch.PROGRESSION, time.REMINDER_TIME, *number.WALKER_NUMBERS]
    assert {description.key for description in changing} == ENTITIES.keys()
    assert {kind.__module__.rpartition(".")[2] for kind in WalkerEntity.__subclasses__()} >= {"switch", "time"}


@pytest.mark.parametrize("key", ENTITIES)
async def test_nobody_else_changes_what_a_walker_who_is_a_person_has_set(
    actions: Actions, annas: Context, lisa: MockUser, hass_admin_user: MockUser, key: str
) -> None:
    what, data = ENTITIES[key]
    domain, service = what.split(".")
    registry = er.async_get(actions.hass)
    walkers = actions.house.coordinator.roster.walkers

    async def change(walker: str, by: Context) -> None:
        unique_id = walker_unique_id(actions.house.coordinator.roster, walkers[walker], key)
        entity_id = registry.async_get_entity_id(domain, DOMAIN, unique_id)
        await actions.hass.services.async_call(
            domain, service, {"entity_id": entity_id, **data}, blocking=True, context=by
        )
        await actions.house.settle()

    before = walkers["anna"]
    with pytest.raises(ServiceValidationError) as error:
        await change("anna", Context(user_id=lisa.id))
    assert error.value.translation_key == "walker_is_private"
    assert actions.house.coordinator.roster.walkers["anna"] == before
    await change("bert", Context(user_id=lisa.id))
    for context in (Context(), Context(user_id=hass_admin_user.id), annas):
        await change("anna", context)
    assert actions.house.coordinator.roster.walkers["anna"] != before
