"""The dialog of the check run, through Home Assistant's HTTP interface, and its results (S1, S9)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS, EVENT_STATE_CHANGED
from homeassistant.core import Context, Event
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.retrowalk.const import (
    CONF_CHECK,
    CONF_CONTROL,
    CONF_FIRST_RUN,
    CONF_INFO,
    CONF_PERSONALITY,
    CONF_VIRTUAL,
    DOMAIN,
)
from custom_components.retrowalk.flows import check_run as check_flow
from custom_components.retrowalk.machine.model import Unit
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure, SecondStart
from custom_components.retrowalk.treadmill import virtual
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from tests.support.check_dialog import ALL, PAUSE, START, START_AGAIN, STOP, Dialog
from tests.support.house import CONTROL, INFO, PASSED, House, make_entry
from tests.support.house_of_miles import Net, text_of, use_miles
from tests.support.waiting import let_others_run

FIRST_SESSION = 2.0
"""km/h: the ceiling of a first backward session (S4)."""


@pytest.fixture
async def dialog(house: House, hass_client: ClientSessionGenerator) -> Dialog:
    """Return the dialog of a treadmill that was not checked."""
    assert await async_setup_component(house.hass, "config", {})
    await house.set_up(make_entry(**{CONF_CHECK: None}))
    return Dialog(house, await hass_client())


def stored_check(house: House) -> StoredCheck | None:
    assert house.entry is not None
    return StoredCheck.from_data(house.entry.data)


def issue(house: House) -> ir.IssueEntry | None:
    assert house.entry is not None
    return ir.async_get(house.hass).async_get_issue(DOMAIN, f"check_{house.entry.entry_id}")


async def refused(house: House) -> str:
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    return str(error.value.translation_key)


async def test_s1_control_is_released_by_the_check_run(house: House, dialog: Dialog) -> None:
    due = issue(house)
    assert due is not None
    assert (due.translation_key, due.severity, due.is_fixable) == ("not_checked", ir.IssueSeverity.WARNING, True)
    assert await refused(house) == "not_checked"
    await house.press("stop")
    assert house.commands()[-1] == STOP
    await house.time(10)

    await dialog.pass_it()
    placeholders = dialog.step["description_placeholders"]
    assert {"start_speed": "0.5", "step": "0.1"}.items() <= placeholders.items()
    assert placeholders["second_start"] == "it continues as before"
    assert placeholders["who"].splitlines() == [
        "- **Backward:** 0.5 to 3 km/h, for anyone who has completed a first session of 3 minutes.",
        "- **First backward session:** 0.5 to 2 km/h, level.",
        "- **Forward:** 0.5 to 6 km/h.",
    ]
    assert issue(house) is None
    check = stored_check(house)
    assert check is not None
    assert (check.failure, check.firmware, check.findings.second_start) == (None, "1.0.0", SecondStart.NOTHING)
    await house.time(10)
    await house.walk()


async def test_s9_what_the_belt_does_is_shown_and_the_treadmill_is_told_no_more_than_that(
    house: House, dialog: Dialog
) -> None:
    changes: list[str] = []
    house.hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, lambda event: changes.append(event.data["flow_id"]))
    await dialog.run()
    shown = [f"check_{phase}" for phase in CheckPhase if phase is not CheckPhase.OVER]
    assert set(dialog.actions) <= set(shown)
    assert {"check_hold", "check_second_start", "check_countdown", "check_starting"} <= set(dialog.actions)
    assert dialog.actions == sorted(dialog.actions, key=shown.index)
    assert changes.count(dialog.step["flow_id"]) >= 6  # a browser is notified of each
    assert house.commands() == [b"\x00", START, b"\x02\x32\x00", b"\x02\x3c\x00", START_AGAIN, PAUSE, START, STOP]
    assert house.treadmill.at_rest
    assert house.state("session_state") == "idle"
    assert house.state("distance") in {"0", "0.0"}  # a check run is not a session
    assert stored_check(house) is None  # until the question about the console is answered
    assert await refused(house) == "not_checked"


@pytest.mark.parametrize(
    ("door", "mat", "error"),
    [(None, "off", "guard_unreadable"), ("on", "off", "guarded"), ("off", "on", "occupied")],
)
async def test_s17_who_is_refused_a_check_run_is_told_why(
    house: House, hass_client: ClientSessionGenerator, door: str | None, mat: str, error: str
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    watched = {"guards": ["binary_sensor.door"], "occupancy": "binary_sensor.mat"}
    await house.set_up(make_entry({**CONTROL, **watched}, **{CONF_CHECK: None}))
    for entity_id, state in (("binary_sensor.door", door), ("binary_sensor.mat", mat)):
        if state is not None:
            house.hass.states.async_set(entity_id, state)
    await house.settle()
    dialog = Dialog(house, await hass_client())
    await dialog.to_start()
    await dialog.submit()
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_start", {"base": error})
    texts = await async_get_translations(house.hass, "en", "options", {DOMAIN})
    assert f"component.{DOMAIN}.options.error.{error}" in texts
    assert house.commands() == []


async def test_s9_a_treadmill_that_says_something_new_of_itself_is_waited_for_over_the_reload(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    known = {**INFO.as_dict(), "firmware": "0.9"}
    options = {**CONTROL, "connection": "on_demand", "idle_seconds": 30}
    await house.set_up(make_entry(options, **{CONF_INFO: known, CONF_CHECK: None}), connected=False)
    before = house.coordinator
    dialog = Dialog(house, await hass_client())
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await dialog.submit(**ALL)
    for _ in range(200):
        await let_others_run(0.02)
        house.peripheral.step(0.5)
        house.clock.seconds += 0.5
        await house.settle()
        if (await dialog.refresh())["type"] != "progress":
            break
    assert house.coordinator is not before
    assert (dialog.step["type"], dialog.step["step_id"], dialog.step["errors"]) == ("form", "check_start", {})
    await house.time(60)  # the link is held while the dialog is open
    await dialog.submit()
    assert dialog.step["type"] == "progress", dialog.step
    await dialog.go(200)
    assert dialog.step["step_id"] == "check_console"


async def test_s9_all_three_warnings_have_to_be_acknowledged(house: House, dialog: Dialog) -> None:
    await dialog.open()
    await dialog.submit(next_step_id="check")
    for missing in check_flow.ACKNOWLEDGED:
        await dialog.submit(**{**ALL, missing: False})
        assert (dialog.step["step_id"], dialog.step["errors"]) == ("check", {"base": "not_acknowledged"})
    assert house.commands() == []


async def test_s2_one_press_is_never_two_acts(house: House, dialog: Dialog) -> None:
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await dialog.submit(**ALL)  # already connected, so there is no progress step
    await house.time(30)
    await dialog.refresh()
    assert dialog.step["step_id"] == "check_start"
    assert house.state("session_state") == "idle"
    assert house.commands() == []


async def test_s2_what_is_sent_while_it_connects_starts_nothing(house: House, dialog: Dialog) -> None:
    await house.press("disconnect")
    house.faults.connect_delay = 5.0
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await dialog.submit(**ALL)
    assert dialog.step["progress_action"] == "check_connect"
    await dialog.submit()
    for _ in range(10):
        await house.time(2)
        await dialog.submit()
        if dialog.step["type"] != "progress":
            break
    assert dialog.step["step_id"] == "check_start"
    assert house.commands() == []


async def test_s9_a_treadmill_that_does_not_connect_is_said(
    house: House, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_flow, "CONNECT_TIMEOUT", 0.05)
    house.faults.off = True
    house.peripheral.step(0.1)
    await house.settle()
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await dialog.submit(**ALL)
    await house.until(lambda: dialog.step["type"] != "progress" or dialog.house.treadmill.at_rest)
    while dialog.step["type"] == "progress":
        await house.hass.async_block_till_done()
        await dialog.refresh()
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check", {"base": "not_connected"})


async def test_s9_the_link_is_held_while_the_dialog_is_open(house: House, dialog: Dialog) -> None:
    await dialog.to_start()
    await house.time(300, dt=2)
    assert house.state("connection") == "connected"
    await house.time(500, dt=2)
    assert house.state("connection") == "released"
    await dialog.submit()
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_start", {"base": "not_connected"})
    assert house.commands() == []


async def test_s2_a_check_run_needs_a_person_in_front_of_a_browser(house: House, dialog: Dialog) -> None:
    await dialog.to_start()
    # As another integration or a script could call it: without a request there is no user.
    step = await house.hass.config_entries.options.async_configure(dialog.step["flow_id"], {})
    assert step["errors"] == {"base": "needs_person"}
    with pytest.raises(ServiceValidationError, match="person"):
        await house.coordinator.control.start_check(Context())
    assert house.commands() == []


async def test_s9_while_it_runs_a_session_is_refused_and_stop_works(house: House, dialog: Dialog) -> None:
    await dialog.start()
    assert house.state("session_state") == "checking"
    await dialog.go(20)
    assert await refused(house) == "checking"
    assert house.state("session_state") == "checking"
    house.commands()
    await house.press("stop", by=Context())
    assert house.commands() == [STOP]
    await dialog.go(20)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": "stopped"})
    assert house.treadmill.at_rest
    assert stored_check(house) is None
    await dialog.submit()
    assert dialog.step["step_id"] == "check"


async def test_s3_closing_the_dialog_stops_the_belt(house: House, dialog: Dialog) -> None:
    await dialog.start()
    await dialog.go(30)
    assert not house.treadmill.at_rest
    house.commands()
    await dialog.close()
    assert house.commands() == [STOP]
    await house.time(6)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "idle"
    assert stored_check(house) is None
    await house.time(130, dt=2)
    assert house.state("connection") == "released"  # the link is no longer held


async def test_s3_a_page_that_is_gone_stops_the_belt(
    house: House, dialog: Dialog, hass_ws_client: WebSocketGenerator
) -> None:
    """Home Assistant's page deletes no dialog that follows another one, and a closed tab deletes none."""
    page = await hass_ws_client(house.hass)
    await dialog.start()
    await page.send_json_auto_id({"type": "subscribe_events", "event_type": EVENT_DATA_ENTRY_FLOW_PROGRESSED})
    assert (await page.receive_json())["success"]
    await dialog.go(30)
    assert not house.treadmill.at_rest
    house.commands()
    await page.close()
    await house.until(lambda: EVENT_DATA_ENTRY_FLOW_PROGRESSED not in house.hass.bus.async_listeners())
    await house.time(4)
    assert house.commands() == [STOP]
    await house.time(6)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "idle"
    assert stored_check(house) is None
    assert house.hass.config_entries.options.async_progress() == []
    await house.time(130, dt=2)
    assert house.state("connection") == "released"  # the link is no longer held


async def test_a_page_that_comes_back_at_once_goes_on(
    house: House, dialog: Dialog, hass_ws_client: WebSocketGenerator
) -> None:
    page = await hass_ws_client(house.hass)
    follow = {"type": "subscribe_events", "event_type": EVENT_DATA_ENTRY_FLOW_PROGRESSED}
    await dialog.start()
    await page.send_json_auto_id(follow)
    number = (await page.receive_json())["id"]
    await dialog.go(20)
    await page.send_json_auto_id({"type": "unsubscribe_events", "subscription": number})
    while EVENT_DATA_ENTRY_FLOW_PROGRESSED in house.hass.bus.async_listeners():
        await page.receive_json()
    await house.time(1)
    await page.send_json_auto_id(follow)
    await house.until(lambda: EVENT_DATA_ENTRY_FLOW_PROGRESSED in house.hass.bus.async_listeners())
    await dialog.go(200)
    assert dialog.step["step_id"] == "check_console"


async def test_s9_a_dialog_that_is_closed_afterwards_changes_nothing(house: House, dialog: Dialog) -> None:
    await dialog.pass_it()
    house.commands()
    await dialog.close()
    assert house.commands() == []
    assert stored_check(house) is not None


async def test_s9_the_safety_key_ends_it(house: House, dialog: Dialog) -> None:
    await dialog.start()
    await dialog.go(30)
    house.treadmill.pull_safety_key()
    await dialog.go(20)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": "safety_key"})


async def test_s9_a_lost_link_ends_it_and_the_stop_goes_first_on_the_next_one(house: House, dialog: Dialog) -> None:
    await dialog.start()
    await dialog.go(30)
    house.commands()
    house.peripheral.drop_link()
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")
    assert house.commands()[0] == STOP
    await dialog.go(30)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": "link_lost"})
    assert house.treadmill.at_rest


async def test_s9_a_failed_run_closes_control_that_was_released_before(house: House, dialog: Dialog) -> None:
    await dialog.pass_it()
    await dialog.close()
    house.faults.ignore_speed = True
    await house.time(10)
    step = await dialog.run()
    assert (step["step_id"], step["errors"]) == ("check_failed", {"base": "ignores"})
    repair = issue(house)
    assert repair is not None
    assert repair.translation_key == "check_failed"
    await house.time(10)
    assert await refused(house) == "check_failed"

    house.faults.clear()
    await dialog.submit()
    await dialog.close()
    await dialog.pass_it()
    assert issue(house) is None


async def test_s9_a_run_that_was_cut_short_leaves_what_was_released_before(house: House, dialog: Dialog) -> None:
    await dialog.pass_it()
    await dialog.close()
    before = stored_check(house)
    await house.time(10)
    await dialog.start()
    await dialog.go(30)
    await dialog.close()
    await house.time(20)
    assert stored_check(house) == before
    await house.walk()


async def test_s9_a_link_lost_in_its_last_stop_leaves_what_was_released_before(house: House, dialog: Dialog) -> None:
    await dialog.pass_it()
    await dialog.close()
    before = stored_check(house)
    await house.time(10)
    await dialog.start()
    check = house.coordinator.session.check
    assert check is not None
    while check.phase is not CheckPhase.STOPPING:
        await house.time(0.5)
    house.peripheral.drop_link()
    await house.settle()
    await house.until(lambda: house.state("connection") == "connected")
    await dialog.go(30)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": "link_lost"})
    assert stored_check(house) == before
    await dialog.close()
    await house.time(10)
    await house.walk()


async def test_s9_units_that_are_not_what_the_owner_says_hold_control(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    await house.set_up(make_entry({**CONTROL, "units": "kilometers"}, **{CONF_CHECK: None}))
    dialog = Dialog(house, await hass_client())
    house.faults.miles_taken_only = True
    step = await dialog.run()
    assert (step["step_id"], step["errors"]) == ("check_failed", {"base": "miles"})
    commands = house.commands()
    # Its start speed may be its lowest; one step above that there is no doubt.
    assert commands[:5] == [b"\x00", START, b"\x02\x32\x00", b"\x02\x5a\x00", STOP]
    assert {*commands[4:]} == {STOP}
    await house.time(10)
    assert await refused(house) == "takes_miles"
    repair = issue(house)
    assert repair is not None
    assert repair.translation_key == "takes_miles"


async def test_s9_a_treadmill_that_0_8_0_held_for_its_miles_is_offered_a_check_run_that_releases_it(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    findings = {"start_speed": 0.81, "held_speed": None, "unit": None, "step": None, "stop_rung": "stop"}
    held = {**PASSED, "failure": "miles", "findings": findings}
    del held["calibration"]
    await house.set_up(make_entry(**{CONF_CHECK: held}))
    repair = issue(house)
    assert repair is not None
    assert (repair.translation_key, repair.is_fixable) == ("takes_miles", True)
    assert repair.data is not None
    assert repair.data["opens"] == "check"
    assert await refused(house) == "takes_miles"
    house.faults.miles_taken_only = True
    dialog = Dialog(house, await hass_client())
    await dialog.run()
    await dialog.submit(console="mph", console_speed=0.6)
    assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed")
    units = dialog.step["description_placeholders"]["units"]
    assert units == "\n- It takes speeds in **mph** and reports them in **km/h**."
    assert issue(house) is None


@pytest.mark.parametrize(
    ("answer", "failure", "takes"),
    [
        ({"console": "mph", "console_speed": 0.6}, None, Unit.MILES),
        ({"console": "kmh", "console_speed": 1.0}, None, Unit.MILES),
        ({"console": "kmh", "console_speed": 3.0}, Failure.CONSOLE_DIFFERS, Unit.KILOMETERS),
        ({"console": "nothing"}, None, Unit.KILOMETERS),  # without a display only the distance is compared
    ],
)
async def test_s9_miles_throughout_show_on_the_console_only(
    house: House, dialog: Dialog, answer: dict[str, Any], failure: Failure | None, takes: Unit
) -> None:
    house.faults.miles = house.faults.distance_in_miles = True
    await dialog.run()
    assert dialog.step["step_id"] == "check_console"
    await dialog.submit(console="kmh")
    assert dialog.step["errors"] == {"console_speed": "console_speed_missing"}
    await dialog.submit(**answer)
    check = stored_check(house)
    assert check is not None
    assert (check.failure, check.calibration.takes) == (failure, takes)
    if failure is None:
        assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed")
    else:
        assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": failure})


async def test_s8_a_treadmill_that_toggles_is_checked_once_more_without_a_second_start(
    house: House, dialog: Dialog
) -> None:
    house.faults.toggles_on_start = True
    step = await dialog.run()
    assert (step["step_id"], step["errors"]) == ("check_failed", {"base": "second_start_stops"})
    await house.time(10)
    assert await refused(house) == "check_failed"
    await dialog.close()
    house.commands()
    await dialog.pass_it()
    assert house.commands().count(START) == 2  # and once after the pause
    assert dialog.step["description_placeholders"]["second_start"] == "it stops"


async def test_s4_a_start_speed_above_the_ceiling_leaves_forward_only_and_says_why(
    house: House, dialog: Dialog
) -> None:
    house.faults.starts_at = 3.5
    await dialog.pass_it()
    assert dialog.step["description_placeholders"]["start_speed"] == "3.5"
    assert dialog.step["description_placeholders"]["who"].splitlines() == [
        "- **Backward:** nobody. The settings allow 3 km/h, and the lowest speed of this belt is 3.5 km/h.",
        "- **Forward:** 0.5 to 6 km/h.",
    ]
    await house.time(10)
    assert await refused(house) == "starts_too_fast"
    await house.call("select", "select_option", "direction", option="forward")
    await house.press("start")
    assert house.state("session_state") == "ready"


async def test_s4_a_start_speed_above_the_first_sessions_ceiling_is_said_with_who_may_walk(
    house: House, dialog: Dialog
) -> None:
    house.faults.starts_at = 2.5
    await dialog.pass_it()
    who = dialog.step["description_placeholders"]["who"].splitlines()
    assert [line.partition(":**")[0] for line in who] == [
        "- **Backward",
        "- **First backward session",
        "- **Forward",
    ]
    assert "It is limited to 2 km/h, and the lowest speed of this belt is 2.5 km/h" in who[1]
    await house.time(10)
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "starts_too_fast_first"
    assert error.value.translation_placeholders == {"least": "2.5", "ceiling": "2", "speed_unit": "km/h"}


async def test_s9_the_measured_step_is_used_after_a_restart_too(house: House, dialog: Dialog) -> None:
    house.faults.coarse_steps = 0.5
    step = await dialog.run()
    assert step["step_id"] == "check_console", step
    await dialog.submit(console="kmh", console_speed=1.0)
    assert dialog.step["description_placeholders"]["step"] == "0.5"
    limits = house.coordinator.session.limits.speed
    assert limits is not None
    assert (limits.minimum, limits.step) == (0.5, 0.5)
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.settle()
    limits = house.coordinator.session.limits.speed
    assert limits is not None
    assert (limits.minimum, limits.step) == (0.5, 0.5)


async def test_s9_a_belt_that_does_not_obey_in_a_walk_is_an_issue_until_a_check_run_is_passed(
    house: House, dialog: Dialog
) -> None:
    await dialog.pass_it()
    await dialog.close()
    await house.time(10)
    await house.walk()
    house.faults.ignore_speed = True
    await house.set_number("target_speed", 1.0)
    await house.time(60)
    issues, name = ir.async_get(house.hass), f"not_obeyed_{house.entry.entry_id}"
    repair = issues.async_get_issue(DOMAIN, name)
    assert repair is not None
    assert repair.severity is ir.IssueSeverity.ERROR
    await house.come_to_rest()
    await house.time(70)
    assert issues.async_get_issue(DOMAIN, name) is not None
    await dialog.pass_it()
    assert issues.async_get_issue(DOMAIN, name) is None


async def test_s9_other_firmware_needs_another_check_run(house: House) -> None:
    old = {**INFO.as_dict(), "firmware": "0.9.0"}
    await house.set_up(make_entry(**{CONF_INFO: old, CONF_CHECK: {**PASSED, "firmware": "0.9.0"}}), connected=False)
    # The firmware is read as soon as it is connected; a waiting session does not start.
    await house.until(lambda: house.entry.data[CONF_INFO]["firmware"] == "1.0.0")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    assert await refused(house) == "check_outdated"
    repair = issue(house)
    assert repair is not None
    assert repair.translation_key == "check_outdated"


async def test_s9_other_firmware_that_shows_when_a_session_is_ready_holds_it(house: House) -> None:
    old = {**INFO.as_dict(), "firmware": "0.9.0"}
    entry = make_entry(
        {**CONTROL, "connection": "on_demand"}, **{CONF_INFO: old, CONF_CHECK: {**PASSED, "firmware": "0.9.0"}}
    )
    await house.set_up(entry, connected=False)
    changes: list[Event] = []
    house.hass.bus.async_listen(EVENT_STATE_CHANGED, changes.append)
    await house.press("start")
    # The session is prepared and the treadmill connected for it; the firmware ends it with a reason (S1).
    await house.until(lambda: issue(house) is not None)
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED)
    await house.settle()
    states = [
        event.data["new_state"] for event in changes if event.data["entity_id"] == house.entity_id("session_state")
    ]
    assert "ready" in [state.state for state in states if state]
    sessions = [event.data["new_state"] for event in changes if event.data["entity_id"] == house.entity_id("session")]
    ended = [state.attributes for state in sessions if state and state.attributes.get("event_type") == "start_failed"]
    assert {attributes["reason"] for attributes in ended} == {"check_outdated"}
    assert await refused(house) == "check_outdated"
    assert house.commands() == []


async def test_s1_who_only_monitors_is_not_asked_for_a_check_run(house: House) -> None:
    await house.set_up(make_entry({CONF_CONTROL: "monitor"}, **{CONF_CHECK: None}))
    assert issue(house) is None
    menu = await house.hass.config_entries.options.async_init(house.entry.entry_id)
    assert (menu["type"], menu["menu_options"]) == ("menu", ["settings", "machine"])


async def test_s9_the_virtual_treadmill_has_passed_it(house: House) -> None:
    address = virtual_address(0)
    await house.set_up(make_entry(**{CONF_CHECK: None, CONF_VIRTUAL: True, CONF_ADDRESS: address}), connected=False)
    assert issue(house) is None
    assert house.coordinator.session.rules.released
    failed = {**PASSED, "failure": "misses"}
    house.hass.config_entries.async_update_entry(house.entry, data={**house.entry.data, CONF_CHECK: failed})
    # After a failed run it is blocked like any other treadmill.
    await house.until(lambda: not house.coordinator.session.rules.released)


async def test_s9_a_virtual_treadmill_that_plays_an_odd_machine_has_to_pass_it(house: House) -> None:
    odd = {CONF_CHECK: None, CONF_VIRTUAL: True, CONF_ADDRESS: virtual_address(0), CONF_PERSONALITY: "miles"}
    await house.set_up(make_entry(**odd), connected=False)
    assert issue(house) is not None
    assert not house.coordinator.session.rules.released


@pytest.mark.parametrize("key", ["miles_taken_only", "miles", "miles_throughout", "miles_reported_only"])
async def test_s4_a_virtual_treadmill_in_miles_is_checked_and_then_walked_on_in_true_kilometers(
    house: House, hass_client: ClientSessionGenerator, key: str
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    house.faults.update(PERSONALITIES[key].faults)
    await house.set_up(make_entry(**{CONF_CHECK: None}))
    house.hass.data[virtual._PERIPHERALS] = {house.peripheral.address: (key, house.peripheral)}
    house.coordinator._entry_store.save({CONF_VIRTUAL: True, CONF_PERSONALITY: key})
    await house.settle()
    dialog = Dialog(house, await hass_client())
    await dialog.run()
    assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed"), dialog.step
    await house.time(20)

    await house.walk()
    await house.set_number("target_speed", 1.5)
    for _ in range(60):
        await house.time(1)
        assert house.treadmill.speed <= FIRST_SESSION
    assert house.treadmill.speed == pytest.approx(1.5, abs=0.17)  # its step is a tenth of a mile per hour
    assert float(house.state("speed")) == pytest.approx(house.treadmill.speed, abs=0.06)  # it is shown in tenths
    await house.press("stop")
    await house.time(10)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"


async def test_s9_an_answer_that_comes_after_an_update_is_about_the_firmware_before(
    house: House, dialog: Dialog
) -> None:
    await dialog.run()
    house.treadmill.profile = replace(house.treadmill.profile, firmware="2.0.0")
    house.peripheral.drop_link()
    await house.until(lambda: house.entry.data[CONF_INFO]["firmware"] == "2.0.0")
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED)
    await dialog.submit(console="kmh", console_speed=0.6)
    check = stored_check(house)
    assert check is not None
    assert check.firmware == "1.0.0"
    repair = issue(house)
    assert repair is not None
    assert repair.translation_key == "check_outdated"


async def test_s9_a_treadmill_that_is_not_set_up_is_not_checked(house: House, dialog: Dialog) -> None:
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await dialog.submit(**ALL)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check", {"base": "not_loaded"})


async def test_s9_a_treadmill_that_is_unloaded_before_the_start_is_not_started(house: House, dialog: Dialog) -> None:
    await dialog.to_start()
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await dialog.submit()
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_start", {"base": "not_loaded"})


async def test_s9_a_result_is_not_shown_of_a_treadmill_that_is_unloaded_meanwhile(house: House, dialog: Dialog) -> None:
    await dialog.start()
    house.coordinator._entry_store.save({CONF_FIRST_RUN: True})
    await dialog.go(200)
    await dialog.submit(console="kmh", console_speed=0.6)
    assert dialog.step["step_id"] == "check_passed"
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    await dialog.submit()
    assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "not_loaded")


async def test_s9_a_virtual_treadmill_that_is_unloaded_at_the_end_of_its_run_is_not_judged(
    house: House, dialog: Dialog
) -> None:
    await dialog.start()
    house.coordinator._entry_store.save({CONF_VIRTUAL: True})
    for _ in range(150):
        if house.coordinator.session.check is None:
            break
        await house.time(2)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    step = await dialog.refresh()
    assert (step["type"], step["reason"]) == ("abort", "not_loaded")


async def test_s14_a_dialog_that_is_closed_while_the_treadmill_is_unloaded_ends_quietly(
    house: House, dialog: Dialog, caplog: pytest.LogCaptureFixture
) -> None:
    await dialog.start()
    await dialog.go(20)
    assert house.treadmill.speed > 0
    unload = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await house.until(lambda: house.entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS)
    await dialog.close()
    while not unload.done():
        await house.time(0.5)
        await let_others_run()
    assert house.treadmill.speed == 0
    await house.settle()
    assert not [record for record in caplog.records if record.exc_info]


async def test_s9_an_answer_that_cannot_be_kept_is_asked_for_again(house: House, dialog: Dialog) -> None:
    await dialog.run()
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    answer = {"console": "kmh", "console_speed": 0.6}
    await dialog.submit(**answer)
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_console", {"base": "not_loaded"})
    await house.hass.config_entries.async_setup(house.entry.entry_id)
    await dialog.submit(**answer)
    assert (dialog.step["type"], dialog.step["reason"]) == ("abort", "check_passed")


async def test_s9_a_run_whose_end_nobody_hears_of_is_not_waited_for_for_ever(
    house: House, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dialog.to_start()
    monkeypatch.setattr(check_flow, "RUN_TIMEOUT", 0.05)
    await dialog.submit()
    while dialog.step["type"] == "progress":
        await dialog.refresh()
    assert (dialog.step["step_id"], dialog.step["errors"]) == ("check_failed", {"base": "no_data"})
    await dialog.close()
    await house.time(10)
    commands = house.commands()
    assert commands[0] == STOP
    assert START not in commands
    assert house.state("session_state") == "idle"


async def test_s14_home_assistant_stops_the_belt_when_it_goes_during_a_check_run(house: House, dialog: Dialog) -> None:
    await dialog.start()
    await dialog.go(30)
    house.commands()
    leaving = house.hass.async_create_task(house.coordinator.async_leave())
    await house.settle()
    assert house.commands() == [STOP]
    for _ in range(12):
        house.peripheral.step(0.5)
        house.clock.seconds += 0.5
        await house.settle()
    await leaving
    assert house.treadmill.at_rest


async def test_the_issue_goes_with_the_treadmill(house: House, dialog: Dialog) -> None:
    assert issue(house) is not None
    entry, house.entry = house.entry, None
    await house.hass.config_entries.async_remove(entry.entry_id)
    assert ir.async_get(house.hass).async_get_issue(DOMAIN, f"check_{entry.entry_id}") is None


def test_a_stored_check_can_be_read_again() -> None:
    again = StoredCheck.from_data({CONF_CHECK: PASSED})
    assert again is not None
    assert again.as_dict() == PASSED


async def test_in_a_house_in_miles_the_result_of_a_check_run_is_in_miles(house: House, dialog: Dialog) -> None:
    use_miles(house.hass)
    await dialog.pass_it()
    net, told = Net(), dialog.step["description_placeholders"]
    net.add(*(text_of(language, "options", "abort", "check_passed").format_map(told) for language in ("en", "de")))
    assert (len(net.read), net.caught) == (2, [])
    assert (told["start_speed"], told["step"], told["speed_unit"]) == ("0.31", "0.06", "mph")
    assert "- **Backward:** 0.31 to 1.86 mph, for anyone who has completed a first session of 3 minutes." in told["who"]
    assert "- **First backward session:** 0.31 to 1.24 mph, level." in told["who"]
