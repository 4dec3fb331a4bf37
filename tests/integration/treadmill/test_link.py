"""One link at a time: connected, lost, released and reconnected, whatever the Bluetooth backend does meanwhile."""

import asyncio
import logging
from typing import Any

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.machine.bluetooth import link as link_module
from custom_components.retrowalk.machine.errors import UnreachableError
from custom_components.retrowalk.machine.ftms import control_point
from custom_components.retrowalk.machine.ftms.patience import Patience
from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from tests.support.house import CONTROL, House, make_entry
from tests.support.radio import Failing, Gate

STOP = b"\x08\x01"
ON_DEMAND = {**CONTROL, "connection": "on_demand"}


@pytest.fixture
def quick_reconnect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "RECONNECT_AFTER", (0.0, 0.01))


async def test_an_unexpected_error_does_not_end_the_attempts_and_is_logged_once(
    house: House, quick_reconnect: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # bleak asserts that it still has its bus; bleak-retry-connector does not catch that.
    connecting = Failing(monkeypatch, "connect", AssertionError())
    await house.set_up(connected=False)
    await house.until(lambda: connecting.calls >= 3)
    assert isinstance(house.coordinator.link.failure, AssertionError)
    connecting.on = False
    await house.until(lambda: house.state("connection") == "connected")
    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == ["Unexpected error on the link to Treadmill; it is tried again"]


async def test_an_error_while_the_machine_is_read_frees_it_again(
    house: House, quick_reconnect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Failing(monkeypatch, "read_gatt_char", AttributeError("'NoneType' object has no attribute 'read'"))
    await house.set_up(connected=False)
    await house.until(lambda: reading.calls >= 2)
    reading.on = False
    await house.until(lambda: house.state("connection") == "connected")


async def test_s3_a_stop_that_meets_a_broken_backend_is_kept_and_goes_first_on_the_next_link(
    house: House, quick_reconnect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await house.walk()
    house.commands()
    writing = Failing(monkeypatch, "write_gatt_char", AttributeError("'NoneType' object has no attribute 'call'"))
    with pytest.raises(HomeAssistantError) as error:
        await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"
    writing.on = False
    await house.until(lambda: house.commands()[:1] == [STOP])


async def test_s3_a_stop_when_the_backend_has_forgotten_the_services_is_kept(
    house: House, quick_reconnect: None
) -> None:
    await house.set_up()
    await house.walk()
    house.commands()
    old = house.coordinator.link.driver
    old._driver._connection._client._backend.services = None  # as BlueZ leaves it, just before it reports the lost link
    with pytest.raises(HomeAssistantError) as error:
        await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"
    await house.until(lambda: house.coordinator.link.driver not in {None, old})
    assert house.commands()[0] == STOP


async def test_s3_stop_pressed_while_the_machine_is_read_is_sent_on_that_link(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up(make_entry(options=ON_DEMAND), connected=False)
    house.treadmill.press_start()
    await house.time(6)
    reading = Gate(monkeypatch, "read_gatt_char")
    await house.press("connect")
    await house.until(lambda: reading.reached > 0)
    await house.press("stop")
    assert house.commands()[0] == STOP  # reading may take half a minute
    reading.open()
    await house.until(lambda: house.state("connection") == "connected")


async def test_s3_a_stop_that_a_machine_being_read_does_not_take_is_kept_for_the_next_link(
    house: House, monkeypatch: pytest.MonkeyPatch, quick_reconnect: None
) -> None:
    await house.set_up(make_entry(options=ON_DEMAND), connected=False)
    house.treadmill.press_start()
    await house.time(6)
    reading = Gate(monkeypatch, "read_gatt_char")
    await house.press("connect")
    await house.until(lambda: reading.reached > 0)
    with monkeypatch.context() as broken:
        Failing(broken, "write_gatt_char", EOFError())
        with pytest.raises(HomeAssistantError) as error:
            await house.press("stop")
    assert error.value.translation_key == "stop_undelivered"
    assert house.commands() == []
    await house.until(lambda: STOP in house.commands())
    reading.open()
    await house.until(lambda: house.state("connection") == "connected")


async def test_s3_stop_pressed_again_while_the_first_one_is_sent_is_not_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await house.walk()
    house.faults.off = True
    await house.time(0.5)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    reading = Gate(monkeypatch, "read_gatt_char")
    house.commands()
    house.faults.off = False
    house.peripheral.step(0.1)
    await house.until(lambda: reading.reached > 0)
    sent = house.commands()
    assert sent[0] == STOP
    await house.press("stop")
    assert house.commands() == [STOP]
    reading.open()
    await house.until(lambda: house.state("connection") == "connected")


async def test_s3_a_stop_that_dies_with_its_link_is_sent_on_the_one_made_meanwhile(
    house: House, quick_reconnect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = Patience(answer=1.0, give_up=1.0, stop=0.5)
    monkeypatch.setattr(control_point, "Patience", lambda: patience)
    await house.set_up()
    await house.walk()
    old = house.coordinator.link.driver
    with monkeypatch.context() as broken:
        writing = Gate(broken, "write_gatt_char")  # never notified of the lost link
        pressing = asyncio.create_task(house.press("stop"))
        await house.until(lambda: writing.reached > 0)
    house.commands()
    house.peripheral.drop_link()
    await house.until(lambda: house.coordinator.link.driver not in {None, old})
    assert not pressing.done()
    new = house.coordinator.link.driver
    await pressing  # and raises no error
    assert set(house.commands()) <= {STOP, b"\x00"}
    assert house.coordinator.link.driver is new
    await house.time(5)
    assert house.treadmill.at_rest


async def test_s10_a_link_that_takes_long_to_come_back_is_not_given_up_before_the_belt_is_heard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await house.walk()
    house.faults.off = True
    await house.time(25)
    reading = Gate(monkeypatch, "read_gatt_char")
    house.faults.update({"off": False, "silent": True})
    house.peripheral.step(0.1)
    await house.until(lambda: reading.reached > 0)
    await house.time(4)  # reading takes time, and the belt reported nothing for half a minute
    reading.open()
    await house.until(lambda: house.state("connection") == "connected")
    driver = house.coordinator.link.driver
    await house.time(4)  # some machines report only every few seconds
    assert house.coordinator.link.driver is driver
    house.faults.silent = False
    await house.time(2)
    assert house.state("session_state") == "warm_up"  # after less than a minute the planned end is kept
    assert house.coordinator.link.driver is driver


async def test_s11_a_new_link_over_which_a_moving_belt_is_not_heard_is_given_up_too(
    house: House, quick_reconnect: None
) -> None:
    await house.set_up()
    await house.walk()
    house.faults.silent = True
    await house.time(16)
    await house.until(lambda: house.state("connection") == "connected")
    driver = house.coordinator.link.driver
    await house.time(14)
    assert house.coordinator.link.driver is driver
    await house.time(2)
    await house.until(lambda: house.coordinator.link.driver not in {None, driver})


async def test_what_was_told_on_an_earlier_link_is_not_shown_as_if_it_were_now(house: House) -> None:
    await house.set_up()
    assert house.state("speed") == "0.0"
    await house.press("disconnect")
    await house.time(30, dt=1)
    house.faults.silent = True
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    assert house.state("speed") == "unavailable"
    assert house.state("belt_moving") == "unavailable"
    house.faults.silent = False
    await house.time(2)
    assert house.state("speed") == "0.0"


async def test_unloading_while_connecting_is_quick_and_leaves_no_slot_taken(house: House) -> None:
    house.faults.connect_delay = 3600.0
    await house.set_up(connected=False)
    await house.until(lambda: house.state("connection") == "connecting")
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert loop.time() - began < 1.0
    house.faults.clear()
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")


async def test_unloading_during_the_clean_up_still_frees_the_treadmill(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    freeing = Gate(monkeypatch, "disconnect")
    await house.press("disconnect")
    await house.until(lambda: freeing.reached > 0)
    assert house.state("connection") == "released"
    assert house.peripheral.connected
    unloading = asyncio.create_task(house.hass.config_entries.async_unload(house.entry.entry_id))
    await house.settle()
    freeing.open()
    assert await unloading
    assert not house.peripheral.connected


async def test_connect_pressed_during_the_clean_up_is_shown_at_once_and_obeyed_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    freeing = Gate(monkeypatch, "disconnect")
    await house.press("disconnect")
    await house.until(lambda: freeing.reached > 0)
    await house.press("connect")
    assert house.state("connection") == "disconnected"
    freeing.open()
    await house.until(lambda: house.state("connection") == "connected")


async def test_disconnect_pressed_while_connecting_ends_the_attempt(house: House) -> None:
    house.faults.connect_delay = 3600.0
    await house.set_up(connected=False)
    await house.until(lambda: house.state("connection") == "connecting")
    await house.press("disconnect")
    await house.until(lambda: house.state("connection") == "released")
    house.faults.clear()
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")


async def test_an_unloaded_treadmill_is_not_connected_any_more(house: House) -> None:
    await house.set_up()
    coordinator = house.coordinator
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    coordinator.control.connect()
    await house.settle()
    assert coordinator.link.state == "released"
    assert not house.peripheral.connected


async def test_advertisements_during_a_failing_attempt_do_not_hurry_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that the adapter is not kept busy by a treadmill that cannot be connected but advertises a lot."""
    monkeypatch.setattr(link_module, "RECONNECT_AFTER", (3600.0,))
    house.faults.not_a_treadmill = True
    reading = Gate(monkeypatch, "connect")
    await house.set_up(connected=False)
    await house.until(lambda: reading.reached == 1)
    house.coordinator.link.on_advertisement()
    reading.open()
    await house.until(lambda: house.state("connection") == "disconnected")
    await house.settle()
    assert reading.reached == 1
    house.coordinator.link.on_advertisement()
    await house.until(lambda: reading.reached == 2)


async def test_s3_a_listener_that_fails_does_not_bar_the_stop_that_follows(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up()

    def fail(event: SessionEvent) -> None:
        raise RuntimeError(event.kind.value)

    house.coordinator.events.add(fail)
    house.faults.refuse_control = True
    await house.press("start")
    await house.press("start")
    await house.time(17)
    assert house.full_state("session").attributes["event_type"] in {"start_failed", "stopped", "stop_failed"}
    assert STOP in house.commands()
    assert "Unexpected error in a listener of start_failed" in caplog.text


async def test_a_link_lost_while_the_machine_is_read_is_made_anew(
    house: House, quick_reconnect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Gate(monkeypatch, "read_gatt_char")
    await house.set_up(connected=False)
    await house.until(lambda: reading.reached == 1)
    house.peripheral.drop_link()
    await house.until(lambda: reading.reached == 2)
    reading.open()
    await house.until(lambda: house.state("connection") == "connected")
    assert house.coordinator.link.failure is None


async def test_a_target_that_the_machine_declines_ends_neither_the_link_nor_the_walk(house: House) -> None:
    await house.set_up()
    await house.walk()
    driver = house.coordinator.link.driver
    house.faults.att_error = 0x80
    await house.set_number("target_speed", 0.8)
    await house.time(8)
    assert house.commands()[-1][0] == 0x02
    assert house.state("session_state") == "active"
    assert house.state("target_speed") == "0.5"
    assert house.coordinator.link.driver is driver


@pytest.mark.parametrize(
    "fault", [{"declines_op": [0x02]}, {"declines_op": [0x02], "declines_with": 5}, {"att_error": 0x80}]
)
async def test_s6_a_rise_that_the_machine_refuses_is_told_as_refused_and_not_as_reached(
    house: House, fault: dict[str, Any]
) -> None:
    await house.set_up()
    await house.walk()
    events: list[SessionEvent] = []
    house.coordinator.events.add(events.append)
    house.faults.update(fault)
    await house.set_number("target_speed", 0.8)
    await house.time(25)
    assert [event.kind for event in events] == [SessionEventKind.SPEED_UP_SOON, SessionEventKind.RISE_REFUSED]
    assert events[-1].data == {"what": "speed", "target": 0.8, "present": 0.5}
    assert house.full_state("session").attributes["event_type"] == "rise_refused"
    assert house.state("session_state") == "active"
    assert house.treadmill.speed == 0.5


async def test_s2_a_belt_that_falls_silent_while_it_starts_is_stopped_and_said_not_to_be_heard(house: House) -> None:
    await house.set_up()
    events: list[SessionEvent] = []
    house.coordinator.events.add(events.append)
    await house.press("start")
    await house.press("start")
    await house.time(15)
    house.faults.silent = True
    await house.time(17)
    failed = [event for event in events if event.kind is SessionEventKind.START_FAILED]
    assert [event.data for event in failed] == [{"reason": "belt_not_heard"}]
    assert STOP in house.commands()
    house.faults.silent = False
    await house.time(10)


async def test_s3_a_target_that_a_stop_overtakes_is_no_failure(house: House) -> None:
    await house.set_up()
    await house.walk()
    house.faults.update({"no_write_response_op": [0x02]})
    await house.set_number("target_speed", 0.8)
    await house.time(6)
    assert house.commands()[-1] == b"\x02\x3c\x00"
    await house.press("stop")
    await house.time(8)
    assert house.state("session_state") == "finished"
    assert set(house.commands()) == {STOP}


async def test_nothing_but_a_stop_is_kept_for_the_next_link(house: House) -> None:
    await house.set_up(make_entry(options=ON_DEMAND), connected=False)
    for kind in (CommandKind.START, CommandKind.PAUSE):
        with pytest.raises(UnreachableError):
            await house.coordinator.link.execute(Command(kind))
    assert house.state("connection") == "released"
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(3)
    assert house.commands() == []
