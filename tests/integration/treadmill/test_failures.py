"""Failures of treadmills and links, and how users see them."""

import pytest
from homeassistant.components.bluetooth import async_last_service_info
from homeassistant.config_entries import SOURCE_BLUETOOTH
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.bluetooth import link as link_module
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.machine.ftms import control_point
from custom_components.retrowalk.machine.ftms.patience import Patience
from tests.support.driver_bench import at_once
from tests.support.house import ADDRESS, House, make_entry
from tests.support.waiting import let_others_run


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts that use the real clock to a fraction of a second."""
    brief = Patience(answer=0.05, give_up=0.2, stop=0.05)
    monkeypatch.setattr(control_point, "Patience", lambda: brief)


@pytest.fixture
def quick_reconnect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "RECONNECT_AFTER", (0.0, 0.01))


async def test_the_entry_loads_while_the_treadmill_is_off_and_connects_when_it_wakes_up(house: House) -> None:
    house.faults.off = True
    await house.set_up(connected=False)
    assert house.state("connection") != "connected"
    assert house.state("speed") == "unavailable"
    assert house.state("session_state") == "idle"
    assert house.has("target_incline")  # known from the last time
    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    assert house.state("speed") == "0.0"


async def test_start_of_a_treadmill_that_was_never_seen_is_refused_in_words(house: House) -> None:
    await house.set_up(make_entry(address="F2:52:57:00:00:99"), connected=False)
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "not_in_reach"
    assert house.state("session_state") == "idle"


async def test_ready_lapses_when_the_treadmill_does_not_connect_within_45_seconds(house: House) -> None:
    await house.set_up(make_entry(options={**make_entry().options, "connection": "on_demand"}), connected=False)
    house.faults.held_by_other_central = True
    assert house.state("connection") == "released"
    await house.press("start")
    assert house.state("session_state") == "ready"
    await house.until(lambda: house.state("connection") == "connecting")
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "not_connected"
    await house.time(46, dt=2)
    assert house.state("session_state") == "idle"
    event = house.full_state("session").attributes
    assert (event["event_type"], event["reason"]) == ("start_failed", "not_connected")
    assert house.commands() == []


async def test_a_treadmill_held_by_another_app_connects_as_soon_as_it_is_free(
    house: House, quick_reconnect: None
) -> None:
    house.faults.held_by_other_central = True
    await house.set_up(connected=False)
    await house.until(lambda: house.state("connection") == "connecting")
    house.faults.held_by_other_central = False
    await house.until(lambda: house.state("connection") == "connected")


async def test_control_refused_ends_the_start_and_is_told(house: House) -> None:
    await house.set_up()
    house.faults.refuse_control = True
    await house.press("start")
    await house.press("start")
    await house.time(17)
    event = house.full_state("session").attributes
    assert house.treadmill.at_rest
    assert (event["event_type"], event.get("reason")) == ("start_failed", "refused")
    await house.time(6)
    assert house.state("session_state") == "idle"


async def test_a_pause_that_is_refused_becomes_a_stop(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.refuse_control = True
    house.peripheral.drop_link()
    await house.until(lambda: house.state("connection") != "connected")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(1)
    assert house.state("session_state") == "warm_up"
    with pytest.raises(HomeAssistantError) as error:
        await house.press("pause")
    assert error.value.translation_key == "control_refused"
    assert b"\x08\x01" in house.commands()


async def test_a_lost_indication_is_told_and_the_walk_holds_its_speed(house: House, impatient: None) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({"lost_indications": [0x02]})
    await house.set_number("target_speed", 1.0)
    for _ in range(20):
        await house.time(1)
        if b"\x02\x3c\x00" in house.commands():
            break
    # The answer is missing in real time; the machine obeyed without it, and nothing rises further by itself.
    await house.until(lambda: float(house.state("target_speed")) <= 0.6)
    await house.time(12)
    assert house.state("speed") == "0.6"
    assert float(house.state("target_speed")) <= 0.6


async def test_a_procedure_that_is_never_answered_gives_the_link_up_and_makes_it_anew(
    house: House, impatient: None, quick_reconnect: None
) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({"no_write_response_op": [0x02]})
    await house.set_number("target_speed", 1.0)
    await house.time(6)
    await house.until(lambda: house.state("session_state") in {"interrupted", "manual"})
    house.faults.clear()
    await house.until(lambda: house.state("connection") == "connected")
    house.commands()
    await house.time(30)
    assert house.state("session_state") == "active"
    assert house.commands() == []


async def test_malformed_frames_change_nothing(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.malformed_data = True
    await house.time(20)
    assert house.state("session_state") == "warm_up"
    assert house.state("speed") == "0.5"
    assert house.state("connection") == "connected"


@pytest.mark.parametrize("fault", [{"split_records": True}, {"truncate_at": 20}])
async def test_split_and_cut_records_are_read(house: House, fault: dict[str, object]) -> None:
    house.faults.update(fault)
    await house.set_up()
    await house.walk()
    await house.time(60)
    assert house.state("speed") == "0.5"
    assert int(house.state("distance")) >= 0


async def test_s10_a_disconnect_while_moving_is_told_at_once_and_nothing_resumes(
    house: House, quick_reconnect: None
) -> None:
    await house.set_up()
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(12)
    house.commands()
    house.faults.off = True
    house.peripheral.step(0.1)
    await house.settle()
    assert house.state("session_state") == "interrupted"
    assert house.state("connection") in {"disconnected", "connecting"}
    assert house.state("speed") == "unavailable"
    assert house.state("belt_moving") == "unavailable"
    assert house.state("stop") != "unavailable"
    assert house.full_state("session").attributes["event_type"] == "interrupted"

    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(60)
    assert house.commands() == []
    assert house.state("session_state") == "active"
    await house.press("stop")
    assert b"\x08\x01" in house.commands()
    await house.time(6)
    assert house.treadmill.at_rest


@pytest.mark.parametrize(("interval", "at_least", "at_most"), [(0.2, 2.5, 3.0), (1.0, 2.5, 3.0), (2.0, 4.0, 5.5)])
async def test_s11_a_silent_machine_counts_as_lost_after_twice_its_interval_and_its_link_ends_after_15(
    house: House, quick_reconnect: None, interval: float, at_least: float, at_most: float
) -> None:
    await house.set_up()
    await house.walk()
    house.faults.report_interval = interval
    await house.time(15)
    assert house.state("session_state") == "warm_up"
    house.faults.silent = True
    before = house.coordinator.link.driver
    received = house.coordinator.runner.telemetry.received
    while house.state("session_state") == "warm_up":
        assert house.clock.seconds - received <= at_most
        assert house.state("speed") == "0.5"
        await house.time(0.5)
    assert house.clock.seconds - received >= at_least
    assert house.state("session_state") == "interrupted"
    assert house.coordinator.link.driver is before
    assert house.state("belt_moving") == "unavailable"
    assert house.full_state("session").attributes["event_type"] == "interrupted"
    assert house.state("speed") == "unavailable"
    assert house.state("connection") == "connected"
    await house.press("stop")  # may still get through
    assert house.commands()[-1] == b"\x08\x01"
    await house.time(11)
    assert house.peripheral.treadmill.at_rest


async def test_s11_a_machine_that_reports_every_three_seconds_is_not_taken_for_lost(house: House) -> None:
    await house.set_up()
    house.faults.report_interval = 3.0
    house.treadmill.press_start()
    kinds: list[str] = []
    house.coordinator.events.add(lambda event: kinds.append(event.kind.value))
    for _ in range(60):
        await house.time(1)
        assert house.state("session_state") != "interrupted"
    assert house.state("session_state") == "manual"
    assert "interrupted" not in kinds
    await house.come_to_rest()


async def test_s11_a_frozen_proxy_is_given_up_and_the_link_made_anew(house: House, quick_reconnect: None) -> None:
    await house.set_up()
    await house.walk()
    before = house.coordinator.link.driver
    house.faults.silent = True
    await house.time(14)
    assert house.coordinator.link.driver is before
    await house.time(2)
    await house.until(lambda: house.coordinator.link.driver not in {before, None})


async def test_s14_whatever_breaks_while_the_walk_is_kept_the_belt_rests_and_the_link_ends(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up()
    await house.walk()

    async def breaks() -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(house.coordinator.files, "async_close", breaks)
    link, unloading = house.coordinator.link, at_once(house.hass.config_entries.async_unload(house.entry.entry_id))
    while not unloading.done():
        await house.time(0.5)
        await let_others_run()
    assert unloading.result()
    assert house.treadmill.at_rest
    assert link.state is LinkState.RELEASED
    assert "Unexpected error saving the session" in caplog.text


async def test_not_a_treadmill_any_more_is_not_connected(house: House) -> None:
    house.faults.not_a_treadmill = True
    await house.set_up(connected=False)
    await house.until(lambda: house.coordinator.link.failure is not None)
    assert "no treadmill" in str(house.coordinator.link.failure)
    assert house.state("connection") != "connected"


async def test_two_entries_for_one_address_cannot_be(house: House) -> None:
    await house.set_up()
    flows = house.hass.config_entries.flow
    for flow in flows.async_progress():
        flows.async_abort(flow["flow_id"])
    again = async_last_service_info(house.hass, ADDRESS)
    result = await flows.async_init(DOMAIN, context={"source": SOURCE_BLUETOOTH}, data=again)
    assert (result["type"], result["reason"]) == ("abort", "already_configured")
