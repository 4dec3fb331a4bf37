"""The permissions of the actions, by user and device."""

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import REQUIRED, Actions


@pytest.mark.parametrize("attended", [False, True])
async def test_actions_that_move_nothing_are_open_to_automations_and_persons(
    actions: Actions, noon: FrozenDateTimeFactory, attended: bool
) -> None:
    await actions.set_up(connected=False)
    by = actions.person() if attended else Context()
    await actions.call("start_session", by=by)
    await actions.call("stop", by=by)
    for action in ("log_session", "edit_session", "rate_session", "get_sessions", "delete_session"):
        await actions.call(action, by=by, **REQUIRED.get(action, {}))
    assert (actions.state, actions.records()) == ("idle", [])


THEIRS = ("rate_session", "delete_session")
"""What whoever may only see the treadmill may do with sessions that are theirs, beside Stop."""


def test_nothing_else_is_open_to_who_may_only_look() -> None:
    open_actions = {name for name, action in ACTIONS.items() if action.for_readers or action.for_everybody}
    assert open_actions == {"stop", *THEIRS}


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in ("stop", *THEIRS)])
async def test_a_read_only_user_may_not(actions: Actions, hass_read_only_user: MockUser, action: str) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    with pytest.raises(Unauthorized):
        await actions.call(action, by=Context(user_id=hass_read_only_user.id), **REQUIRED.get(action, {}))
    with pytest.raises(UnknownUser):
        await actions.call(action, by=Context(user_id="nobody"), **REQUIRED.get(action, {}))
    assert (actions.records(), actions.state) == ([record], "idle")


@pytest.mark.parametrize("action", THEIRS)
async def test_who_may_not_even_look_changes_no_session(actions: Actions, lisa: MockUser, action: str) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("anna")
    lisa.mock_policy({})
    for user_id, error in ((lisa.id, Unauthorized), ("nobody", UnknownUser)):
        with pytest.raises(error):
            await actions.call(action, by=Context(user_id=user_id), **REQUIRED.get(action, {}))
    assert actions.records() == [record]


async def test_only_administrators_delete_what_is_nobodys(actions: Actions, lisa: MockUser) -> None:
    await actions.set_up(connected=False)
    record = await actions.store_session("bert")
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
    with pytest.raises(Unauthorized) as error:
        await actions.call("start_session", by=lisas)
    assert error.value.entity_id == state


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


async def test_a_user_cannot_change_the_sessions_of_another_person(
    actions: Actions, lisa: MockUser, hass_admin_user: MockUser
) -> None:
    anna = MockUser(groups=lisa.groups).add_to_hass(actions.hass)
    users = {"anna": anna.id, "lisa": lisa.id}
    persons = [{"id": name, "name": name.title(), "user_id": user_id} for name, user_id in users.items()]
    assert await async_setup_component(actions.hass, "person", {"person": persons})
    await actions.set_up(connected=False)
    stranger = MockUser(groups=lisa.groups).add_to_hass(actions.hass)
    annas, berts, guests = [await actions.store_session(who) for who in ("anna", "bert", None)]
    for user in (lisa, stranger):
        refusal = await actions.refused(
            "rate_session", by=Context(user_id=user.id), session_id=annas.id, discomfort_after=9
        )
        assert refusal == "session_is_private"
        for record in (berts, guests):
            await actions.call("edit_session", by=Context(user_id=user.id), session_id=record.id, note="mine")
    assert actions.record(annas.id) == annas
    for user in (anna, hass_admin_user):
        await actions.call("edit_session", by=Context(user_id=user.id), session_id=annas.id, note=user.id)
        edited = actions.record(annas.id)
        assert edited is not None
        assert edited.note == user.id


async def test_a_device_that_is_none_of_ours_is_refused(actions: Actions) -> None:
    await actions.set_up(connected=False)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(actions.hass)
    device = dr.async_get(actions.hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "1")}
    )
    for action in ACTIONS:
        for device_id, refusal in ((device.id, "service_device_wrong_domain"), ("nothing", "service_device_not_found")):
            with pytest.raises(ServiceValidationError) as error:
                await actions.call(action, device_id=device_id, **REQUIRED.get(action, {}))
            assert error.value.translation_key == refusal
        response = ACTIONS[action].response is SupportsResponse.ONLY
        with pytest.raises(ServiceValidationError, match="includes no treadmill"):
            await actions.hass.services.async_call(
                DOMAIN, action, REQUIRED.get(action, {}), blocking=True, return_response=response
            )


async def test_actions_are_there_without_a_treadmill_and_say_that_it_is_not_loaded(actions: Actions) -> None:
    assert await async_setup_component(actions.hass, DOMAIN, {})
    assert set(actions.hass.services.async_services_for_domain(DOMAIN)) == set(ACTIONS)
    await actions.set_up(connected=False)
    assert await actions.hass.config_entries.async_unload(actions.house.entry.entry_id)
    for action in ACTIONS:
        with pytest.raises(ServiceValidationError) as error:
            await actions.call(action, **REQUIRED.get(action, {}))
        assert error.value.translation_key == "service_config_entry_not_loaded"
    assert await actions.hass.config_entries.async_setup(actions.house.entry.entry_id)
    await actions.house.settle()
