"""Actions by target: a device, an entity, an area, a floor or a label names the treadmill or the walker."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
import voluptuous as vol
from homeassistant.auth.permissions import PolicyPermissions
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ENTITY_MATCH_ALL, ENTITY_MATCH_NONE
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import label_registry as lr
from homeassistant.helpers.device_registry import format_mac
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import REQUIRED, Actions
from tests.support.house import ADDRESS, CONTROL, make_entry, walker_subentry

STOP = b"\x08\x01"
OF_TREADMILL = {"list_programs", "save_program", "delete_program", "import_program", "export_program"}
OF_WALKER = {"create_report", "snooze_reminder", "skip_today", "pause_plan", "resume_plan"}
WAYS = ["device", "devices", "entity", "uuid", "area", "floor", "label", "label of the area", "everything"]

type Target = Mapping[str, Any]


class Rooms:
    """A house whose treadmill is in the area Gym on the floor Cellar, with a lamp beside it."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions
        self.hass = actions.hass
        self.devices = dr.async_get(self.hass)
        self.areas = ar.async_get(self.hass)
        self.floor = fr.async_get(self.hass).async_create("Cellar").floor_id
        self.area = self.areas.async_create("Gym", floor_id=self.floor).id
        self.label = lr.async_get(self.hass).async_create("Sport").label_id
        other = MockConfigEntry(domain="other")
        other.add_to_hass(self.hass)
        self.lamp = self.devices.async_get_or_create(config_entry_id=other.entry_id, identifiers={("other", "1")}).id
        er.async_get(self.hass).async_get_or_create(
            "light", "other", "1", device_id=self.lamp, object_id_base="lamp", config_entry=other
        )
        self.put(self.lamp)
        self.put(actions.device())

    def put(self, device_id: str) -> None:
        self.devices.async_update_device(device_id, area_id=self.area)

    def target(self, way: str, walker: str | None = None) -> Target:
        device = self.actions.device(walker)
        registry = er.async_get(self.hass)
        entity = next(entry for entry in er.async_entries_for_device(registry, device) if entry.entity_category is None)
        match way:
            case "device":
                return {"device_id": device}
            case "devices":
                return {"device_id": [device]}
            case "entity":
                return {"entity_id": entity.entity_id}
            case "uuid":
                return {"entity_id": [entity.id]}
            case "area":
                return {"area_id": self.area}
            case "floor":
                return {"floor_id": [self.floor]}
            case "label":
                self.devices.async_update_device(device, labels={self.label})
                return {"label_id": self.label}
            case "label of the area":
                self.areas.async_update(self.area, labels={self.label})
                return {"label_id": self.label}
        return {"entity_id": ENTITY_MATCH_ALL}

    async def add_treadmill(self, title: str) -> MockConfigEntry:
        """Add another treadmill to the gym, which is out of reach."""
        entry = make_entry(CONTROL, [walker_subentry("Dora")], address="F2:52:57:00:00:02")
        entry.add_to_hass(self.hass)
        self.hass.config_entries.async_update_entry(entry, unique_id="f2:52:57:00:00:02", title=title)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.actions.house.settle()
        device = self.devices.async_get_device_by_identifier((DOMAIN, "F2:52:57:00:00:02"), entry.entry_id)
        assert device is not None
        self.put(device.id)
        return entry

    async def call(self, action: str, target: Target, *, by: Context | None = None, **data: Any) -> Any:
        if action == "confirm_session":
            by = await self.actions.house.a_moment_later(by)
        response = await self.hass.services.async_call(
            DOMAIN,
            action,
            {**REQUIRED.get(action, {}), **data},
            target=dict(target),
            blocking=True,
            context=by or Context(),
            return_response=ACTIONS[action].response is not SupportsResponse.NONE,
        )
        await self.actions.house.settle()
        return response

    async def refusal(self, action: str, target: Target, **data: Any) -> str | None:
        """Call an action and return why it was refused, or None."""
        try:
            await self.call(action, target, **data)
        except ServiceValidationError as err:
            return None if str(err) == err.translation_key else err.translation_key
        return None


@pytest.fixture
async def rooms(actions: Actions) -> Rooms:
    await actions.set_up(connected=False)
    return Rooms(actions)


# What the automation editor offers


async def test_the_editor_offers_them_for_a_treadmill_and_for_a_walker(
    rooms: Rooms, hass_ws_client: WebSocketGenerator
) -> None:
    assert await async_setup_component(rooms.hass, "websocket_api", {})
    client = await hass_ws_client(rooms.hass)

    async def offered(**target: Any) -> set[str]:
        await client.send_json_auto_id({"type": "get_services_for_target", "target": target})
        result = (await client.receive_json())["result"]
        return {name.removeprefix(f"{DOMAIN}.") for name in result if name.startswith(f"{DOMAIN}.")}

    assert await offered(device_id=rooms.actions.device()) == ACTIONS.keys() - OF_WALKER
    assert await offered(device_id=rooms.actions.device("anna")) == ACTIONS.keys() - OF_TREADMILL
    assert await offered(device_id=rooms.lamp) == set()
    rooms.put(rooms.actions.device("anna"))
    assert await offered(area_id=rooms.area) == ACTIONS.keys()
    assert await offered(floor_id=rooms.floor) == ACTIONS.keys()


# Every action


@pytest.mark.sampled(3)
@pytest.mark.parametrize("way", WAYS)
async def test_every_action_takes_every_kind_of_target_as_it_takes_a_device(rooms: Rooms, way: str) -> None:
    actions = rooms.actions
    for action in ACTIONS:
        outcomes = []
        for target in (rooms.target("device"), rooms.target(way)):
            await actions.call("save_program", **REQUIRED["save_program"])
            await actions.store_session("anna")
            data = {"walker": "Anna"} if action in OF_WALKER else {}
            more = {"program": "first_steps"} if action == "run_program" else {}
            outcomes.append(await rooms.refusal(action, target, **data, **more, **_new_name(action, len(outcomes))))
            await actions.call("stop")
        assert outcomes[0] == outcomes[1], action
        assert outcomes[0] not in {"target_missing", "several_walkers", "several_treadmills"}


def _new_name(action: str, number: int) -> dict[str, str]:
    return {"name": f"Mine {number}"} if action == "import_program" else {}


@pytest.mark.parametrize("way", ["device", "devices", "entity", "uuid", "label"])
async def test_a_walker_is_named_by_the_target(rooms: Rooms, way: str) -> None:
    target = rooms.target(way, "bert")
    assert (await rooms.call("start_session", target))["walker"] == "Bert"
    assert await rooms.refusal("pause_plan", target) is None
    registry = er.async_get(rooms.hass)
    switches = [
        registry.async_get_entity_id("switch", DOMAIN, f"{format_mac(ADDRESS)}_{walker}_plan_paused") or ""
        for walker in ("anna", "bert")
    ]
    assert [rooms.hass.states.is_state(switch, "on") for switch in switches] == [False, True]


async def test_a_treadmill_together_with_its_walker_is_that_walker(rooms: Rooms) -> None:
    both = {"device_id": [rooms.actions.device(), rooms.actions.device("bert")]}
    assert (await rooms.call("start_session", both))["walker"] == "Bert"


async def test_a_walker_and_the_area_of_the_treadmill_are_that_walker(rooms: Rooms) -> None:
    both = {"device_id": rooms.actions.device("bert"), "area_id": rooms.area}
    assert (await rooms.call("start_session", both))["walker"] == "Bert"


async def test_an_area_with_the_treadmill_names_none_of_the_walkers_in_it(rooms: Rooms) -> None:
    rooms.put(rooms.actions.device("bert"))
    data = {"walker": "Anna"}
    assert (await rooms.call("start_session", rooms.target("area"), **data))["walker"] == "Anna"


async def test_an_area_with_only_a_walker_in_it_names_the_walker(rooms: Rooms) -> None:
    office = rooms.areas.async_create("Office").id
    rooms.devices.async_update_device(rooms.actions.device("bert"), area_id=office)
    assert (await rooms.call("start_session", {"area_id": office}))["walker"] == "Bert"


# What is refused


async def test_several_walkers_are_refused_with_their_names(rooms: Rooms) -> None:
    two = {"device_id": [rooms.actions.device("bert"), rooms.actions.device("anna")]}
    with pytest.raises(ServiceValidationError, match=r"several walkers: Anna, Bert\. Select one"):
        await rooms.call("start_session", two)
    assert rooms.actions.state == "idle"


async def test_several_treadmills_are_refused_with_their_names(rooms: Rooms) -> None:
    await rooms.add_treadmill("Attic")
    for action in sorted(ACTIONS.keys() - {"stop", "pause_session", "finish_session"}):
        with pytest.raises(ServiceValidationError, match=r"several treadmills: Attic, Treadmill\. Select one"):
            await rooms.call(action, rooms.target("area"))
    assert rooms.actions.state == "idle"


@pytest.mark.parametrize(
    "target",
    [{}, {"device_id": []}, {"area_id": "nowhere"}, {"label_id": ENTITY_MATCH_NONE}, {"entity_id": "light.lamp"}],
)
async def test_a_target_without_anything_of_ours_is_refused(rooms: Rooms, target: Target) -> None:
    for action in ("stop", "adjust", "skip_today", "list_programs"):
        assert await rooms.refusal(action, target) == "target_missing"


async def test_what_is_no_target_is_refused(rooms: Rooms) -> None:
    with pytest.raises(vol.Invalid):
        await rooms.call("adjust", {"device_id": 5})


async def test_a_lamp_beside_the_treadmill_harms_nothing(rooms: Rooms) -> None:
    both = {"device_id": [rooms.lamp, rooms.actions.device()], "entity_id": "light.lamp"}
    assert (await rooms.call("start_session", both))["state"] == "ready"


async def test_permissions_are_checked_by_every_way(
    rooms: Rooms, hass_read_only_user: MockUser, lisa: MockUser
) -> None:
    for way in WAYS:
        for user, action in ((hass_read_only_user, "start_session"), (lisa, "save_program")):
            with pytest.raises(Exception, match="Unauthorized"):
                await rooms.call(action, rooms.target(way), by=Context(user_id=user.id))
    assert rooms.actions.state == "idle"


# Stop, pause and finish go to all


@pytest.mark.parametrize("way", WAYS)
async def test_s3_everybody_may_stop_by_every_way(actions: Actions, hass_read_only_user: MockUser, way: str) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    await actions.house.walk()
    actions.house.commands()
    await rooms.call("stop", rooms.target(way), by=Context(user_id=hass_read_only_user.id), nonsense=1)
    assert STOP in actions.house.commands()
    await actions.house.come_to_rest()


@pytest.mark.parametrize("wrong", [{"area_id": 5}, {"entity_id": "nonsense"}, {"label_id": [None]}, {"floor_id": {}}])
async def test_s3_an_invalid_part_of_a_target_does_not_keep_a_stop_from_the_others(
    actions: Actions, wrong: Target
) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    await actions.house.walk()
    actions.house.commands()
    with pytest.raises(vol.Invalid):
        await rooms.call("pause_session", {"device_id": actions.device(), **wrong})
    await rooms.call("stop", {"device_id": actions.device(), **wrong})
    assert STOP in actions.house.commands()
    await actions.house.come_to_rest()


@pytest.mark.parametrize("named", [["anna", "bert"], ["bert"], ["bert", None]])
async def test_s3_stop_does_not_ask_which_walkers_are_meant(actions: Actions, named: list[str | None]) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    await actions.house.walk()
    actions.house.commands()
    await rooms.call("stop", {"device_id": [actions.device(each) for each in named]})
    assert STOP in actions.house.commands()
    await actions.house.come_to_rest()


@pytest.mark.parametrize(("action", "command"), [("stop", STOP), ("pause_session", b"\x08\x02")])
async def test_s3_of_several_treadmills_each_is_told_though_another_one_fails(
    actions: Actions, action: str, command: bytes
) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    other = await rooms.add_treadmill("Attic")
    await actions.house.walk()
    actions.house.commands()
    assert await rooms.hass.config_entries.async_unload(other.entry_id)
    assert await rooms.refusal(action, rooms.target("area")) == "service_config_entry_not_loaded"
    assert command in actions.house.commands()
    await actions.house.come_to_rest()


@pytest.mark.parametrize(("action", "command"), [("pause_session", b"\x08\x02"), ("finish_session", None)])
async def test_a_treadmill_that_the_caller_may_not_control_keeps_no_other_one_running(
    actions: Actions, lisa: MockUser, action: str, command: bytes | None
) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    other = await rooms.add_treadmill("Attic")
    await actions.house.walk()
    actions.house.commands()
    allowed = {actions.house.entity_id("session_state"): {"control": True}}
    lisa.__dict__["permissions"] = PolicyPermissions({"entities": {"entity_ids": allowed}}, None)
    with pytest.raises(Unauthorized):
        await rooms.call(action, rooms.target("area"), by=Context(user_id=lisa.id))
    assert actions.state == ("paused" if command else "cool_down")
    assert command is None or command in actions.house.commands()
    await actions.house.come_to_rest()
    assert await rooms.hass.config_entries.async_unload(other.entry_id)


async def test_pause_and_finish_go_to_the_walker_under_way_of_several(actions: Actions) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    actions.house.coordinator.next_session.choose_walker("anna")
    await actions.house.walk()
    other = {"device_id": [actions.device("bert")]}
    assert await rooms.refusal("finish_session", other) == "somebody_else_walks"
    both = {"device_id": [actions.device("bert"), actions.device("anna")]}
    assert await rooms.refusal("finish_session", both) is None
    await actions.house.come_to_rest()


async def test_s14_stop_by_area_reaches_a_belt_whose_entry_is_unloaded(actions: Actions) -> None:
    await actions.set_up()
    rooms = Rooms(actions)
    await actions.house.walk()
    leaving = asyncio.create_task(rooms.hass.config_entries.async_unload(actions.house.entry.entry_id))
    await asyncio.sleep(0)
    assert actions.house.entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS
    await rooms.call("stop", rooms.target("area"))
    await actions.house.time(20)
    await leaving
