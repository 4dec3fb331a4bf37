"""Benchmark of a notification with everything, beside the usual integration: an entity for each field, no more.

Both run in one Home Assistant, with the same frames on the same way from the same Bluetooth stack, and both are
measured with all that a state costs in a house: the recorder stores it, as it does in every house, and one open
dashboard is sent it. Of the usual integration it costs nothing else: pyftms decodes, a DataUpdateCoordinator tells its
entities, and each writes its state. It steers no belt, watches no safety, measures no session and keeps none.
"""

import logging
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import pytest
from bleak import BleakClient
from bleak_retry_connector import establish_connection
from homeassistant.components import bluetooth
from homeassistant.components.recorder import Recorder
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator
from pytest_homeassistant_custom_component.common import MockEntityPlatform
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.gym import Gym, frames
from tests.support.pyftms_decoder import PYFTMS_NAME, decode_with_pyftms

ADDRESS = "F2:52:57:FF:00:00"
SECONDS, ROUNDS, PER_SECOND = 5, 5, 4
UNITS: dict[str, tuple[SensorDeviceClass | None, str | None]] = {
    "speed_instant": (SensorDeviceClass.SPEED, "km/h"),
    "speed_average": (SensorDeviceClass.SPEED, "km/h"),
    "distance_total": (SensorDeviceClass.DISTANCE, "m"),
    "inclination": (None, "%"),
    "ramp_angle": (None, "°"),
    "elevation_gain_positive": (SensorDeviceClass.DISTANCE, "m"),
    "elevation_gain_negative": (SensorDeviceClass.DISTANCE, "m"),
    "energy_total": (SensorDeviceClass.ENERGY, "kcal"),
    "heart_rate": (None, "bpm"),
    "time_elapsed": (SensorDeviceClass.DURATION, "s"),
    "time_remaining": (SensorDeviceClass.DURATION, "s"),
    "power_output": (SensorDeviceClass.POWER, "W"),
}
"""Of the fields that Home Assistant knows a class or a unit of."""


class PlainEntity(CoordinatorEntity[DataUpdateCoordinator[dict[str, Any]]], SensorEntity):
    """An entity of one field, as the usual integration has it."""

    _attr_has_entity_name = True
    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(self, coordinator: DataUpdateCoordinator[dict[str, Any]], field: str) -> None:
        super().__init__(coordinator)
        self._attr_name = field
        self._attr_unique_id = f"plain_{field}"
        self._attr_device_class, self._attr_native_unit_of_measurement = UNITS.get(field, (None, None))
        if self._attr_device_class is SensorDeviceClass.ENERGY:
            self._attr_state_class = SensorStateClass.TOTAL_INCREASING
        self._attr_device_info = DeviceInfo(identifiers={("plain", ADDRESS)}, name="Plain")
        self.field = field

    @property
    def native_value(self) -> float | None:
        value: float | None = self.coordinator.data.get(self.field)
        return value


@pytest.fixture
def mock_recorder_before_hass(quiet: None, async_test_recorder: Any) -> None:
    """Set up the database before Home Assistant; the time is the real one, which costs less to read."""


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep the database from logging each of its statements, as it does in a test only."""
    logger = logging.getLogger("sqlalchemy.engine")
    level = logger.level
    logger.setLevel(logging.WARNING)
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)
    logger.setLevel(level)


class Plain:
    """The usual integration of one treadmill."""

    def __init__(self, gym: Gym) -> None:
        self.hass = gym.hass
        self.peripheral = Peripheral(VirtualTreadmill(), address=ADDRESS, name="Plain")
        gym.detach.append(async_attach(gym.hass, self.peripheral, run=False))
        self.coordinator = DataUpdateCoordinator[dict[str, Any]](
            gym.hass, logging.getLogger("plain"), config_entry=None, name="plain"
        )
        self.coordinator.data = {}
        self.entities = [PlainEntity(self.coordinator, field) for field in PYFTMS_NAME.values()]

    async def set_up(self) -> BleakClient:
        platform = MockEntityPlatform(self.hass, domain="sensor", platform_name="plain")
        await platform.async_add_entities(self.entities)
        device = bluetooth.async_ble_device_from_address(self.hass, ADDRESS, connectable=True)
        assert device is not None
        client = await establish_connection(BleakClient, device, "Plain")
        await client.start_notify(const.TREADMILL_DATA, self.receive)
        return client

    def receive(self, _: object, data: bytearray) -> None:
        self.coordinator.async_set_updated_data({**self.coordinator.data, **decode_with_pyftms(bytes(data))})


@pytest.mark.benchmark
async def test_a_notification_costs_less_than_with_an_entity_for_each_field(
    recorder_mock: Recorder,
    gym: Gym,
    hass_ws_client: WebSocketGenerator,
    figure: Callable[[str, float], None],
) -> None:
    """Test that both show what the frames say; of the times nothing is asserted."""
    hass = gym.hass
    await gym.add()
    plain = Plain(gym)
    client = await plain.set_up()
    dashboard = await hass_ws_client(hass)
    await dashboard.send_json_auto_id({"type": "subscribe_entities"})
    assert (await dashboard.receive_json())["success"]
    sent = frames()
    entries, ours_only = gym.entries, gym.peripherals

    async def walk(entries: list[Any], peripherals: list[Peripheral], sent: Iterator[bytes]) -> float:
        """Return the seconds of computing for each notification, the commit of its states included."""
        gym.entries, gym.peripherals = entries, peripherals
        begun = process_time()
        await gym.walk(SECONDS, sent)
        await async_wait_recording_done(hass)  # a commit every five seconds, as in a house
        return (process_time() - begun) / (SECONDS * PER_SECOND)

    ours, theirs, idle = [], [], []
    for _ in range(ROUNDS + 1):
        ours.append(await walk(entries, ours_only, sent))
        theirs.append(await walk([], [plain.peripheral], sent))
        idle.append(await walk([], [Peripheral(VirtualTreadmill(), address=ADDRESS, name="")], sent))
    gym.entries, gym.peripherals = entries, ours_only
    shown = {entity.field: hass.states.get(entity.entity_id) for entity in plain.entities}
    assert shown["power_output"] is not None
    assert shown["power_output"].state == "unknown"
    assert shown["speed_instant"] is not None
    assert float(shown["speed_instant"].state) > 1.9
    assert entries[0].runtime_data.coordinator.data.telemetry is not None
    await client.disconnect()
    wait = min(idle[1:])
    figure("notification_in_a_house", (min(ours[1:]) - wait) * 1e6)
    figure("plain_notification", (min(theirs[1:]) - wait) * 1e6)
    figure("share_of_plain", (min(ours[1:]) - wait) / (min(theirs[1:]) - wait))
