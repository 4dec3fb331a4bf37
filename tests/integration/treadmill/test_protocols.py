"""Treadmills of other protocols in a real Home Assistant: found, set up, checked, walked on backward, and stopped."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import PASSED, Personality
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.treadmill.check_result import StoredCheck
from tests.support.check_dialog import ALL, Dialog
from tests.support.driver_bench import turns
from tests.support.effort import rows
from tests.support.house import ADDRESS, CONTROL, Clock, House
from tests.support.set_up_dialog import finish, go, offered, start
from tests.support.waiting import real_seconds

OTHERS = {key: row for key, row in PERSONALITIES.items() if row.protocol != "ftms" and row.check == PASSED}
DAILY = OTHERS.keys() - {"fitshow_any_run"}
"""All but one that looks for its service for long, and is walked on in test_every_machine.py."""
FIRST_SESSION = 2.0
"""km/h: the ceiling of a first backward session (S4)."""
STOPS = {
    "wilink": {"f7a20100a3fd"},
    "fitshow": {"0253035003"},
    "pitpat": {"6a1700000000000001005000000000000dba9d76eff543"},
    "efc": {"a1030105a6"},
    "sperax": {"f50a0015000000d301fa"},
}
"""The frames that stop a belt, by the protocols' facts."""


@pytest.fixture(params=rows(OTHERS, every=len(OTHERS), kept=DAILY))
async def personality(request: pytest.FixtureRequest) -> Personality:
    its: Personality = request.param
    return its


@pytest.fixture
async def house(
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
    personality: Personality,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OtherHouse]:
    """Return a house with such a treadmill in range, whose timers run on the treadmill's time."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "config", {})
    peripheral = personality.make_peripheral(ADDRESS)
    house = OtherHouse(hass, peripheral, clock, hass_admin_user.id)
    timers = Timers(house, monkeypatch)
    timers.run()
    detach = async_attach(hass, peripheral, run=False)
    house.timers = timers
    yield house
    timers.run()
    entry = house.entry
    if entry is not None and entry.state is ConfigEntryState.LOADED:
        await house.come_to_rest()
        await hass.config_entries.async_unload(entry.entry_id)
    detach()


class Timers:
    """The timers of the event loop: on the treadmill's time, and on real time where a dialog waits for them.

    While somebody walks they are on virtual time alone: real time on a busy computer would let frames follow each other
    faster than the treadmill can take them.
    """

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self._house = house
        self._loop = house.hass.loop
        self._offset = 0.0
        self._running: float | None = None
        monkeypatch.setattr(self._loop, "slow_callback_duration", float("inf"))
        monkeypatch.setattr(self._loop, "time", self._time, raising=False)

    def run(self) -> None:
        self._running = real_seconds()

    def freeze(self) -> None:
        self._offset, self._running = self._time() - self._house.clock.seconds, None

    def _time(self) -> float:
        real = 0.0 if self._running is None else real_seconds() - self._running
        return self._house.clock.seconds + self._offset + real


class OtherHouse(House):
    """A house with a treadmill of another protocol."""

    timers: Timers


async def found_and_set_up(house: OtherHouse) -> None:
    result = await start(house.hass, "search")
    assert (ADDRESS, house.peripheral.name) in [(address, label.split(" (")[0]) for address, label in offered(result)]
    reading = asyncio.ensure_future(go(house.hass, result, {CONF_ADDRESS: ADDRESS}))
    while not reading.done():
        house.peripheral.step(0.1)  # some say what they do only as time passes
        await turns()
    result = await reading
    assert result["step_id"] == "safety", result
    await finish(house.hass, result, CONTROL)
    [entry] = house.hass.config_entries.async_entries("retrowalk")
    house.entry = entry
    await house.until(lambda: entry.state is ConfigEntryState.LOADED)
    await house.settle()
    if house.state("connection") != "connected":
        house.coordinator.connection.connect()
    house.timers.freeze()
    for _ in range(10):
        await house.time(1)
    assert house.state("connection") == "connected"


async def checked(house: House, client: ClientSessionGenerator) -> None:
    dialog = Dialog(house, await client())
    await dialog.open()
    await dialog.close()  # it asked for an area
    await dialog.open()
    await dialog.submit(next_step_id="check")
    await dialog.submit(**ALL)
    while dialog.step["type"] == "progress":
        await house.settle()
        await dialog.refresh()
    assert dialog.step["step_id"] == "check_start", dialog.step
    await dialog.submit()
    await dialog.go(200)
    assert dialog.step.get("step_id") == "check_console", dialog.step
    held = round(house.treadmill.profile.speed.minimum + 0.1, 1)
    await dialog.submit(console="kmh", console_speed=held)
    assert house.entry is not None
    stored = StoredCheck.from_data(house.entry.data)
    assert stored is not None
    assert stored.failure is None
    await dialog.close()
    await house.time(20)
    assert house.treadmill.at_rest


async def presses(house: House, key: str) -> None:
    """Press a button, while time passes: a polled treadmill answers in a second or so."""
    pressing = asyncio.ensure_future(house.press(key))
    for _ in range(60):
        if pressing.done():
            break
        await house.time(0.5)
    await pressing


async def walks(house: House, seconds: float) -> None:
    """Let time pass, and watch the true belt."""
    for _ in range(round(seconds)):
        await house.time(1)
        assert house.treadmill.speed <= FIRST_SESSION + 0.05, "S4"
        assert house.treadmill.incline == 0.0


async def test_it_is_found_checked_walked_on_and_stopped(
    house: OtherHouse, personality: Personality, hass_client: ClientSessionGenerator
) -> None:
    await found_and_set_up(house)
    assert house.treadmill.phase is Phase.IDLE
    assert house.state("speed") == "0.0"
    assert house.has("target_incline") is (personality.profile.incline is not None)
    await checked(house, hass_client)

    lowest = personality.profile.speed.minimum
    await house.walk()
    await walks(house, 12)
    assert house.treadmill.speed == pytest.approx(lowest, abs=0.01)
    wanted = min(lowest + 0.3, FIRST_SESSION)
    await house.set_number("target_speed", wanted)
    await walks(house, 45)
    assert house.treadmill.speed == pytest.approx(wanted)
    assert float(house.state("speed")) == pytest.approx(wanted, abs=0.01)
    assert house.coordinator.data.distance > 0  # its entity follows in steps of 50 m

    await presses(house, "pause")
    await house.time(12)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "paused"
    await presses(house, "resume")
    await presses(house, "resume")
    await walks(house, 40)
    assert house.treadmill.speed >= lowest - 0.01

    written = len(house.peripheral.writes)
    await presses(house, "stop")
    poll = house.coordinator.link.driver.poll
    first = next(data for _, _, data in house.peripheral.writes[written:] if data != poll)
    assert first.hex() in STOPS[personality.protocol]
    await house.time(10)
    assert house.treadmill.at_rest
    assert house.state("session_state") == "finished"


@pytest.mark.sampled(3)
async def test_s3_a_stop_without_a_link_is_kept_and_goes_first(
    house: OtherHouse, personality: Personality, hass_client: ClientSessionGenerator
) -> None:
    await found_and_set_up(house)
    await checked(house, hass_client)
    await house.walk()
    house.peripheral.drop_link()
    house.faults.held_by_other_central = True
    await house.settle()
    await house.time(3)
    written = len(house.peripheral.writes)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    assert not house.treadmill.at_rest
    house.faults.held_by_other_central = False
    for _ in range(40):
        await house.time(1)
        if house.treadmill.at_rest:
            break
    assert house.treadmill.at_rest
    assert house.peripheral.writes[written][2].hex() in STOPS[personality.protocol]


@pytest.mark.sampled(3)
async def test_s7_a_stop_at_its_console_ends_the_steering(
    house: OtherHouse, personality: Personality, hass_client: ClientSessionGenerator
) -> None:
    await found_and_set_up(house)
    await checked(house, hass_client)
    await house.walk()
    await house.time(5)
    written = len(house.peripheral.writes)
    house.treadmill.press_stop()
    await house.time(15)
    assert house.treadmill.at_rest
    assert house.state("session_state") in {"paused", "finished"}
    poll = house.coordinator.link.driver.poll
    sent = {data.hex() for _, _, data in house.peripheral.writes[written:] if data != poll}
    assert sent <= STOPS[personality.protocol]  # nothing else, and no stop does harm
