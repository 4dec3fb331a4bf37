"""What comes after the set-up: it leads from one thing to the next, can be left, and is taken up again."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, override

import pytest
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry, FlowType
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.blueprint_installer import FOLDER
from custom_components.retrowalk.const import (
    CONF_CHECK,
    CONF_CONTROL,
    CONF_FIRST_RUN,
    CONF_INSTALL_BLUEPRINTS,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_VIRTUAL,
    DOMAIN,
)
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.util import CLOCK, Clock
from custom_components.retrowalk.walkers.walker import walkers_of
from tests.support.house import House, make_entry, walker_subentry
from tests.support.set_up_dialog import finish, start_virtual
from tests.support.waiting import until


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a configuration folder without blueprints, as in a new house."""
    shutil.rmtree(Path(hass_tmp_config_dir) / "blueprints", ignore_errors=True)
    return hass_tmp_config_dir


CONTROL = {CONF_CONTROL: "control", CONF_SAFETY_KEY: True, CONF_RAIL: True}
type Step = dict[str, Any]


async def answer(hass: HomeAssistant, step: Step, **answers: Any) -> Any:
    return await hass.config_entries.options.async_configure(step["flow_id"], answers)


async def shown(hass: HomeAssistant, step: Step) -> Any:
    """Fetch a dialog as a browser that takes it over."""
    return await hass.config_entries.options.async_configure(step["flow_id"])


async def choose(hass: HomeAssistant, step: Step, option: str) -> Any:
    return await answer(hass, step, next_step_id=option)


async def open_again(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Open the options and choose what comes next, after what was open before was closed."""
    options = hass.config_entries.options
    for flow in options.async_progress_by_handler(entry.entry_id):
        options.async_abort(flow["flow_id"])
    step: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert step["menu_options"] == ["first_run", "settings", "machine", "check"]
    return await choose(hass, step, "first_run")


@pytest.fixture
async def added(hass: HomeAssistant, enable_bluetooth: None) -> AsyncIterator[Any]:
    """Set up a virtual treadmill, and return the end of that dialog."""
    result = await finish(hass, await start_virtual(hass), CONTROL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    await until(lambda: entry.runtime_data.coordinator.link.state is LinkState.CONNECTED)
    yield result
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


def first_run(house: House) -> Any:
    """Return an entry whose set-up is just over."""
    return make_entry(walkers=[walker_subentry()], **{CONF_FIRST_RUN: True})


async def test_the_set_up_leads_to_what_comes_next_and_asks_for_the_room(hass: HomeAssistant, added: Any) -> None:
    kind, flow_id = added["next_flow"]
    assert kind == FlowType.OPTIONS_FLOW
    entry = added["result"]
    step = await shown(hass, {"flow_id": flow_id})
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "added")
    assert step["description_placeholders"]["name"] == "Virtual treadmill"
    area = ar.async_get(hass).async_create("Cellar")
    step = await answer(hass, step, area=area.id)
    assert (step["type"], step["step_id"]) == (FlowResultType.MENU, "first_run")
    assert step["menu_options"] == ["dashboard", "first_walk", "first_reminder", "later"]  # it needs no check run
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.data[CONF_ADDRESS]), entry.entry_id)
    assert device is not None
    assert device.area_id == area.id


async def test_a_page_that_opens_the_options_anew_takes_the_place_of_what_follows(
    hass: HomeAssistant, added: Any
) -> None:
    """The page of 2026.10 and 2026.11 does, where a dialog is followed by the options."""
    options, entry = hass.config_entries.options, added["result"]
    step: Any = await options.async_init(entry.entry_id)
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "added")
    assert [flow["flow_id"] for flow in options.async_progress_by_handler(entry.entry_id)] == [step["flow_id"]]
    assert (await options.async_init(entry.entry_id))["step_id"] == "init"  # later it is the usual menu


class LaterClock(Clock):
    """The clock of a moment in which nobody opens a page."""

    @override
    def monotonic(self) -> float:
        return super().monotonic() + 11.0


async def test_what_follows_waits_for_its_page_only_for_a_moment(hass: HomeAssistant, added: Any) -> None:
    hass.data[CLOCK] = LaterClock()
    step: Any = await hass.config_entries.options.async_init(added["result"].entry_id)
    assert step["step_id"] == "init"


async def test_a_room_is_chosen_for_a_device_that_is_gone_meanwhile_and_it_goes_on(
    hass: HomeAssistant, added: Any
) -> None:
    step = await shown(hass, {"flow_id": added["next_flow"][1]})
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), added["result"].entry_id):
        dr.async_get(hass).async_remove_device(device.id)
    step = await answer(hass, step, area=ar.async_get(hass).async_create("Cellar").id)
    assert (step["type"], step["step_id"]) == (FlowResultType.MENU, "first_run")


async def test_a_reminder_of_the_only_walker_who_is_removed_meanwhile_is_not_asked_for(
    hass: HomeAssistant, house: House
) -> None:
    await house.set_up(first_run(house))
    step = await choose(hass, await open_again(hass, house.entry), "first_reminder")
    hass.config_entries.async_remove_subentry(house.entry, "anna")
    step = await answer(hass, step, reminder=True, reminder_time="07:30:00")
    assert (step["type"], step["step_id"]) == (FlowResultType.MENU, "first_run")


async def test_the_first_walk_is_chosen_and_nothing_moves(hass: HomeAssistant, added: Any) -> None:
    entry = added["result"]
    coordinator = entry.runtime_data.coordinator
    step = await open_again(hass, entry)
    step = await choose(hass, step, "first_walk")
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "first_walk")
    assert coordinator.next_session.program == "plan"
    step = await answer(hass, step)
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "walk_chosen")
    assert coordinator.next_session.program == "first_walk"
    assert coordinator.data.state is SessionState.IDLE
    assert not coordinator.data.belt_moving


async def test_a_reminder_is_set_and_no_longer_listed(hass: HomeAssistant, added: Any) -> None:
    entry = added["result"]
    step = await choose(hass, await open_again(hass, entry), "first_reminder")
    late = {"reminder": True, "reminder_time": "22:00:00"}
    step = await answer(hass, step, **late)
    assert step["errors"] == {"reminder_time": "reminder_in_quiet_time"}
    step = await answer(hass, step, **{**late, "reminder_time": "07:30:00"})
    assert (step["step_id"], step["menu_options"]) == ("first_run", ["dashboard", "first_walk", "later"])
    [walker] = entry.runtime_data.coordinator.roster.walkers.values()
    await hass.async_block_till_done()
    [walker] = entry.runtime_data.coordinator.roster.walkers.values()
    assert (walker.reminder, f"{walker.reminder_time:%H:%M}", f"{walker.quiet_from:%H:%M}") == (True, "07:30", "21:00")


async def test_a_reminder_of_somebody_who_is_removed_meanwhile_is_nobody_elses(
    hass: HomeAssistant, house: House
) -> None:
    walkers = [walker_subentry("Anna"), walker_subentry("Bert"), walker_subentry("Cleo")]
    await house.set_up(make_entry(walkers=walkers, **{CONF_FIRST_RUN: True}))
    assert house.entry is not None
    step = await choose(hass, await open_again(hass, house.entry), "first_reminder")
    wanted = {"reminder": True, "reminder_time": "07:30:00"}
    hass.config_entries.async_remove_subentry(house.entry, "anna")
    step = await answer(hass, step, walker="anna", **wanted)
    assert (step["step_id"], step["errors"]) == ("first_reminder", {"base": "walker_gone"})
    hass.config_entries.async_remove_subentry(house.entry, "cleo")
    step = await answer(hass, step, walker="cleo", **wanted)
    assert step["errors"] == {"base": "walker_gone"}
    assert [str(field) for field in step["data_schema"].schema] == ["reminder", "reminder_time"], "Bert is the only one"
    dora = {**walker_subentry("Dora"), "data": MappingProxyType(walker_subentry("Dora")["data"])}
    hass.config_entries.async_add_subentry(house.entry, ConfigSubentry(**dora))
    hass.config_entries.async_remove_subentry(house.entry, "bert")
    step = await answer(hass, step, **wanted)
    assert step["errors"] == {"base": "walker_gone"}, "the form was about Bert"
    assert not walkers_of(house.entry)["dora"].reminder


async def test_the_quiet_time_is_the_chosen_walkers_and_written_as_the_house_does(
    hass: HomeAssistant, house: House
) -> None:
    walkers = [walker_subentry("Anna"), walker_subentry("Bert", quiet_from="12:30:00")]
    await house.set_up(make_entry(walkers=walkers, **{CONF_FIRST_RUN: True}))
    step = await choose(hass, await open_again(hass, house.entry), "first_reminder")
    assert step["description_placeholders"]["quiet_from"] == "9:00 PM"
    step = await answer(hass, step, walker="bert", reminder=True, reminder_time="13:00:00")
    assert step["errors"] == {"reminder_time": "reminder_in_quiet_time"}
    assert step["description_placeholders"]["quiet_from"] == "12:30 PM"
    hass.config.language = "de"
    step = await answer(hass, step, walker="bert", reminder=True, reminder_time="13:00:00")
    assert step["description_placeholders"]["quiet_from"] == "12:30"


async def test_blueprints_are_offered_once_and_installed_by_a_choice(hass: HomeAssistant, added: Any) -> None:
    entry = added["result"]
    assert await async_setup_component(hass, "automation", {})
    step = await open_again(hass, entry)
    assert step["menu_options"] == ["dashboard", "first_walk", "first_reminder", "blueprints", "later"]
    assert not await hass.async_add_executor_job(Path(hass.config.path("blueprints/automation/retrowalk")).exists)
    step = await choose(hass, step, "blueprints")
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "blueprints_added")
    assert entry.options[CONF_INSTALL_BLUEPRINTS] is True
    shipped = {f"{DOMAIN}/{path.name}" for path in FOLDER.glob("*.yaml")}
    installed = Path(hass.config.path("blueprints/automation"))
    await until(lambda: all((installed / name).exists() for name in shipped))  # with the reload, when it comes
    await hass.async_block_till_done()
    assert shipped <= {*await async_get_blueprints(hass).async_get_blueprints()}
    step = await open_again(hass, entry)
    assert step["menu_options"] == ["dashboard", "first_walk", "first_reminder", "later"]


async def test_it_is_left_at_any_point_and_taken_up_after_a_restart(hass: HomeAssistant, added: Any) -> None:
    entry = added["result"]
    step = await shown(hass, {"flow_id": added["next_flow"][1]})
    hass.config_entries.options.async_abort(step["flow_id"])  # the browser was closed
    await hass.config_entries.async_reload(entry.entry_id)
    step = await open_again(hass, entry)
    assert step["menu_options"] == ["dashboard", "first_walk", "first_reminder", "later"]
    step = await choose(hass, step, "later")
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "later")
    assert (await open_again(hass, entry))["menu_options"] == ["dashboard", "first_walk", "first_reminder", "later"]


async def test_a_dialog_of_a_treadmill_that_is_not_set_up_says_so(hass: HomeAssistant, added: Any) -> None:
    entry = added["result"]
    step = await shown(hass, {"flow_id": added["next_flow"][1]})
    await hass.config_entries.async_unload(entry.entry_id)
    step = await answer(hass, step)
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_a_real_treadmill_begins_with_its_check_run(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()], **{CONF_CHECK: None, CONF_FIRST_RUN: True}))
    step = await open_again(house.hass, house.entry)
    assert step["menu_options"] == ["check", "dashboard", "first_reminder", "later"]  # nobody walks before the check
    step = await choose(house.hass, step, "check")
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "check")


async def test_who_only_monitors_is_asked_for_dashboard_and_reminder(house: House) -> None:
    await house.set_up(make_entry({CONF_CONTROL: "monitor"}, walkers=[walker_subentry()], **{CONF_FIRST_RUN: True}))
    step: Any = await house.hass.config_entries.options.async_init(house.entry.entry_id)
    assert step["menu_options"] == ["first_run", "settings", "machine"]
    step = await choose(house.hass, step, "first_run")
    assert step["menu_options"] == ["dashboard", "first_reminder", "later"]


async def test_what_is_done_is_over_for_good(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = make_entry(walkers=[walker_subentry(reminder=True)], **{CONF_FIRST_RUN: True})
    await house.set_up(entry)
    await house.store_session("anna")
    step = await open_again(house.hass, entry)
    assert step["menu_options"] == ["dashboard", "later"]
    step = await choose(house.hass, step, "dashboard")
    # The page was loaded before the set-up and does not know our dashboard: with a target, the link loads it anew.
    assert 'target="_self"' in step["description_placeholders"]["link"]

    async def path() -> str:
        return "/retrowalk/0123"

    monkeypatch.setattr(entry.runtime_data.reminders, "async_dashboard_path", path)
    step = await answer(house.hass, step)
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "all_done")
    assert step["description_placeholders"]["path"] == "/retrowalk/0123"
    assert entry.data[CONF_FIRST_RUN] is False
    await house.settle()
    assert entry.state is ConfigEntryState.LOADED
    step = await house.hass.config_entries.options.async_init(entry.entry_id)
    assert step["menu_options"] == ["settings", "machine", "check"]


async def test_a_first_walk_cannot_be_chosen_while_somebody_walks(house: House) -> None:
    await house.set_up(first_run(house))
    step = await choose(house.hass, await open_again(house.hass, house.entry), "first_walk")
    await house.walk()
    step = await answer(house.hass, step)
    assert (step["step_id"], step["errors"]) == ("first_walk", {"base": "program_fixed"})
    assert house.coordinator.data.under_way


async def test_s4_the_first_walk_is_two_minutes_at_the_slowest_speed_and_ends_no_limits(house: House) -> None:
    await house.set_up(first_run(house))
    house.coordinator.next_session.choose_program("first_walk")
    await house.walk()
    await house.time(150)
    [record] = house.coordinator.roster.store.history
    assert (record.program, record.completed) == ("first_walk", True)
    assert record.moving_time == pytest.approx(120, abs=3)
    assert record.max_speed == pytest.approx(0.5)
    assert house.coordinator.roster.is_new(house.coordinator.roster.walkers["anna"])
    step = await open_again(house.hass, house.entry)
    assert step["menu_options"] == ["dashboard", "first_reminder", "later"]


async def test_a_treadmill_of_an_older_version_has_no_first_run(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    step: Any = await house.hass.config_entries.options.async_init(house.entry.entry_id)
    assert step["menu_options"] == ["settings", "machine", "check"]


async def test_s9_a_session_that_waits_is_cancelled_from_the_check_runs_dialog(house: House) -> None:
    await house.set_up(first_run(house))
    await house.press("start")
    assert house.state("session_state") == "ready"
    house.commands()
    options = house.hass.config_entries.options
    step: Any = await options.async_init(house.entry.entry_id, data={"begin_first_run": "check"})
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "check_busy")
    step = await answer(house.hass, step)
    assert (step["type"], step["step_id"]) == (FlowResultType.FORM, "check")  # all is asked anew, nothing moves
    assert house.state("session_state") in {"idle", "finished"}
    commands = house.commands()
    assert commands[0] == b"\x08\x01"  # Stop
    assert b"\x07" not in commands  # no start
    assert house.treadmill.at_rest


async def test_s9_the_check_run_of_a_virtual_treadmill_asks_nothing_about_a_console(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    # A virtual one in virtual time: its address is that of the house's own machine.
    await house.set_up(make_entry(walkers=[walker_subentry()], **{CONF_CHECK: None}))
    house.coordinator._entry_store.save({CONF_VIRTUAL: True, CONF_FIRST_RUN: True})
    client = await hass_client()
    path = "/api/config/config_entries/options/flow"
    step = await (await client.post(path, json={"handler": house.entry.entry_id})).json()
    path = f"{path}/{step['flow_id']}"
    step = await (await client.post(path, json={"next_step_id": "check"})).json()
    acknowledged = dict.fromkeys(("nobody_on_belt", "key_in", "beside_it"), True)
    step = await (await client.post(path, json=acknowledged)).json()
    while step["type"] == "progress":
        await house.settle()
        step = await (await client.get(path)).json()
    assert step["step_id"] == "check_start"
    step = await (await client.post(path, json={})).json()
    shown = set()
    for _ in range(120):
        if step["type"] != "progress":
            break
        shown.add(step["progress_action"])
        assert step["description_placeholders"]["steps"] == "10"
        await house.time(2)
        step = await (await client.get(path)).json()
    assert "check_hold_virtual" in shown
    assert (step["type"], step["step_id"]) == ("form", "check_passed")
    step = await (await client.post(path, json={})).json()
    assert (step["type"], step["step_id"]) == ("menu", "first_run"), "on to what is still to do"
