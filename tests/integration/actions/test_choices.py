"""The editors offer the walkers and programs of the house beside those that everybody has."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components import retrowalk
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import Actions
from tests.support.house import House, make_entry, walker_subentry
from tests.support.own_programs import own

SERVICES = load_yaml_dict(str(Path(retrowalk.__file__).parent / "services.yaml"))
PRESETS: list[str] = SERVICES["run_program"]["fields"]["program"]["selector"]["select"]["options"]
"""What everybody has."""


class Editor:
    """What the editor of automations shows of an action."""

    def __init__(self, hass: HomeAssistant, socket: WebSocketGenerator) -> None:
        self.hass = hass
        self._socket = socket

    async def shown(self) -> dict[str, Any]:
        client = await self._socket(self.hass)
        await client.send_json_auto_id({"type": "get_services"})
        services: dict[str, Any] = (await client.receive_json())["result"][DOMAIN]
        return services

    async def options(self, action: str, field: str) -> list[str]:
        options: list[str] = (await self.shown())[action]["fields"][field]["selector"]["select"]["options"]
        return options


@pytest.fixture
def editor(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Editor:
    return Editor(hass, hass_ws_client)


async def test_walkers_and_own_programs_are_offered_by_name(house: House, editor: Editor) -> None:
    walkers = [walker_subentry("bert"), walker_subentry("Anna"), own("Evening"), own("amble", subentry_id="2")]
    await house.set_up(make_entry(walkers=walkers))
    for action in ("start_session", "run_program"):
        assert await editor.options(action, "walker") == ["guest", "Anna", "bert"]
    assert await editor.options("start_session", "program") == ["plan", "free", *PRESETS, "amble", "Evening"]
    assert await editor.options("run_program", "program") == [*PRESETS, "amble", "Evening"]
    for action in ("create_report", "snooze_reminder", "skip_today", "pause_plan", "resume_plan"):
        assert await editor.options(action, "walker") == ["Anna", "bert"]  # a guest has no plan
    assert await editor.options("delete_program", "program") == ["amble", "Evening"]
    assert await editor.options("export_program", "program") == [*PRESETS, "amble", "Evening"]


async def test_who_comes_goes_or_gets_another_name_is_offered_at_once(house: House, editor: Editor) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    entries = house.hass.config_entries
    dora = ConfigSubentry(**{**walker_subentry("Dora"), "subentry_id": "dora"})
    entries.async_add_subentry(house.entry, dora)
    assert await editor.options("log_session", "walker") == ["guest", "Anna", "Dora"]
    entries.async_update_subentry(house.entry, house.entry.subentries["dora"], title="Dorothea")
    assert await editor.options("log_session", "walker") == ["guest", "Anna", "Dorothea"]
    entries.async_remove_subentry(house.entry, "dora")
    assert await editor.options("log_session", "walker") == ["guest", "Anna"]
    await entries.async_remove(house.entry.entry_id)
    assert await editor.options("log_session", "walker") == ["guest"]


async def test_a_saved_program_is_offered_and_a_deleted_one_no_more(house: House, editor: Editor) -> None:
    actions = Actions(house)
    await actions.set_up()
    await actions.call("save_program", name="Mine", steps=[{"minutes": 5, "speed": 1.5}])
    assert await editor.options("run_program", "program") == [*PRESETS, "Mine"]
    await actions.call("delete_program", program="Mine")
    assert await editor.options("run_program", "program") == PRESETS


async def test_one_person_on_two_treadmills_is_offered_once_and_a_name_like_a_key_too(
    house: House, editor: Editor
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), own("builder")]))
    other = make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Bert")], address="F2:52:57:00:00:02")
    other.add_to_hass(house.hass)
    house.hass.config_entries.async_update_entry(other, title="Another")
    assert await editor.options("run_program", "walker") == ["guest", "Anna", "Bert"]
    assert await editor.options("run_program", "program") == PRESETS


async def test_everything_else_is_described_as_it_is_written(
    house: House, hass: HomeAssistant, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that a description of ours differs from Home Assistant's own in nothing but the names."""
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), own("Evening")]))
    ours = (await async_get_all_descriptions(hass))[DOMAIN]
    assert ours.keys() == ACTIONS.keys()
    for key in ("service_description_cache", "all_service_descriptions_cache"):
        monkeypatch.delitem(hass.data, key)
    written = (await async_get_all_descriptions(hass))[DOMAIN]
    named = [
        (action, field) for action in written for field in ("walker", "program") if field in ours[action]["fields"]
    ]
    assert named
    for action, field in named:
        for described in (ours, written):
            del described[action]["fields"][field]["selector"]["select"]["options"]
        for text in ("name", "description"):
            assert ours[action].pop(text, "") == ""  # they are translated
    assert ours == written


async def test_a_name_of_the_house_is_accepted_by_the_action(house: House, editor: Editor) -> None:
    actions = Actions(house)
    await actions.set_up()
    await actions.call("save_program", name="Mine", steps=[{"minutes": 5, "speed": 1.0}])
    walker = (await editor.options("run_program", "walker"))[1]
    program = (await editor.options("run_program", "program"))[-1]
    await actions.call("run_program", walker=walker, program=program)
    assert house.state("session_state") == "ready"
    assert (house.coordinator.session.walker, house.coordinator.next_session.program) == ("anna", "Mine")
