"""The emulated proxy by itself, with the API client that Home Assistant uses."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aioesphomeapi import APIClient, BluetoothProxyFeature
from aioesphomeapi.api_pb2 import (  # type: ignore[attr-defined]
    BluetoothDeviceConnectionResponse,
    BluetoothDeviceRequest,
    BluetoothGATTNotifyDataResponse,
    BluetoothGATTNotifyRequest,
    BluetoothGATTNotifyResponse,
    BluetoothGATTWriteDescriptorRequest,
    BluetoothGATTWriteRequest,
    BluetoothGATTWriteResponse,
)
from aioesphomeapi.ble_defs import BLEConnectionError
from aioesphomeapi.core import BluetoothConnectionDroppedError, BluetoothGATTAPIError
from aioesphomeapi.model import BluetoothDeviceRequestType, BluetoothScannerState

from custom_components.retrowalk.machine.ftms import const
from tests.support.live.proxy import treadmill_address
from tests.support.live.proxy_link import address_to_int
from tests.support.live.proxy_process import ControlError, ProxyProcess
from tests.support.live.proxy_protocol import encode_frame, read_frames

ADDRESS = treadmill_address(0)
NUMBER = address_to_int(ADDRESS)
RANDOM_ADDRESS = 1
CONNECTED = (True, 0)
NOTIFY, INDICATE = b"\x01\x00", b"\x02\x00"


class Client:
    """An API client that holds a link to the treadmill, and the messages it received."""

    def __init__(self, api: APIClient) -> None:
        self.api = api
        self.link_states: asyncio.Queue[tuple[bool, int]] = asyncio.Queue()
        self.handles: dict[str, int] = {}
        self.descriptors: dict[str, int] = {}

    async def connect(self, *, has_cache: bool = False) -> tuple[bool, int]:
        """Connect to the treadmill and return whether that worked, and the error code."""
        await self.api.bluetooth_device_connect(
            NUMBER,
            lambda connected, _mtu, error: self.link_states.put_nowait((connected, error)),
            feature_flags=BluetoothProxyFeature.REMOTE_CACHING,
            has_cache=has_cache,
            address_type=RANDOM_ADDRESS,
            timeout=5.0,
        )
        return await self.next_link_state()

    async def discover(self) -> None:
        for service in (await self.api.bluetooth_gatt_get_services(NUMBER)).services:
            for characteristic in service.characteristics:
                self.handles[characteristic.uuid] = characteristic.handle
                for descriptor in characteristic.descriptors:
                    self.descriptors[characteristic.uuid] = descriptor.handle

    async def subscribe(self, uuid: str, value: bytes) -> asyncio.Queue[bytes]:
        """Enable notifications in both required places."""
        values: asyncio.Queue[bytes] = asyncio.Queue()
        handle = self.handles[uuid]
        await self.api.bluetooth_gatt_start_notify(NUMBER, handle, lambda _, data: values.put_nowait(bytes(data)))
        await self.api.bluetooth_gatt_write_descriptor(NUMBER, self.descriptors[uuid], value)
        return values

    async def write(self, uuid: str, data: bytes) -> None:
        await self.api.bluetooth_gatt_write(NUMBER, self.handles[uuid], data, response=True)

    async def next_link_state(self) -> tuple[bool, int]:
        async with asyncio.timeout(5):
            return await self.link_states.get()


async def next_value(values: asyncio.Queue[bytes]) -> bytes:
    async with asyncio.timeout(5):
        return await values.get()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def until_written(proxy: ProxyProcess) -> None:
    async with asyncio.timeout(5):
        while not await proxy.writes():
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProxyProcess]:
    """Return a proxy for this module only, so that Home Assistant never connects to its treadmill."""
    async with ProxyProcess(tmp_path_factory.mktemp("proxy") / "proxy.log") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def api(proxy: ProxyProcess) -> AsyncIterator[APIClient]:
    """Return a client of the proxy's API that only this test uses."""
    await proxy.reset()
    api = APIClient("127.0.0.1", proxy.port, password=None)
    await api.connect(login=True)
    yield api
    await api.disconnect()
    await proxy.wait_for_treadmill(lambda state: not state["connected"])


@pytest_asyncio.fixture(loop_scope="session")
async def client(api: APIClient) -> Client:
    """Return a client that is connected to the treadmill and knows its characteristics."""
    client = Client(api)
    assert await client.connect() == CONNECTED
    await client.discover()
    return client


async def test_it_introduces_itself_as_a_proxy_that_connects(api: APIClient) -> None:
    info = await api.device_info()
    assert info.name == "treadmill-proxy"
    assert info.mac_address != info.bluetooth_mac_address
    features = BluetoothProxyFeature(info.bluetooth_proxy_feature_flags)
    assert BluetoothProxyFeature.ACTIVE_CONNECTIONS | BluetoothProxyFeature.REMOTE_CACHING in features
    assert await api.list_entities_services() == ([], [])


async def test_it_reports_its_scanner_at_once_and_what_it_hears(api: APIClient) -> None:
    states: list[BluetoothScannerState | None] = []
    advertisements: dict[int, bytes] = {}
    api.subscribe_bluetooth_scanner_state(lambda state: states.append(state.state))
    api.subscribe_bluetooth_le_raw_advertisements(
        lambda response: advertisements.update((one.address, one.data) for one in response.advertisements)
    )
    await until(lambda: NUMBER in advertisements)
    assert states == [BluetoothScannerState.RUNNING]
    assert bytes.fromhex("06 16 2618 01 0100") in advertisements[NUMBER]  # service data: an available treadmill


async def test_features_can_be_read(client: Client) -> None:
    features = await client.api.bluetooth_gatt_read(NUMBER, client.handles[const.FEATURE])
    assert len(features) == 8
    assert any(features)


async def test_treadmill_data_comes_every_second(client: Client, proxy: ProxyProcess) -> None:
    data = await client.subscribe(const.TREADMILL_DATA, NOTIFY)
    frames = [await next_value(data) for _ in range(2)]
    assert all(len(frame) >= 4 for frame in frames)
    assert (await proxy.treadmill())["subscribed"] == [const.TREADMILL_DATA]


async def test_a_control_point_write_is_answered_by_an_indication(client: Client, proxy: ProxyProcess) -> None:
    answers = await client.subscribe(const.CONTROL_POINT, INDICATE)
    await client.write(const.CONTROL_POINT, bytes([const.OpCode.REQUEST_CONTROL]))
    assert await next_value(answers) == bytes.fromhex("80 00 01")
    assert [write["hex"] for write in await proxy.writes(uuid=const.CONTROL_POINT)] == ["00"]


async def test_the_indication_never_overtakes_the_write_response(client: Client, proxy: ProxyProcess) -> None:
    handle, descriptor = client.handles[const.CONTROL_POINT], client.descriptors[const.CONTROL_POINT]
    await client.api.bluetooth_device_disconnect(NUMBER)
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    connect = BluetoothDeviceRequestType.CONNECT_V3_WITH_CACHE
    writer.write(encode_frame(BluetoothDeviceRequest(address=NUMBER, request_type=connect)))
    messages = read_frames(reader)
    async with asyncio.timeout(5):
        assert isinstance(await anext(messages), BluetoothDeviceConnectionResponse)
    for request in (
        BluetoothGATTNotifyRequest(address=NUMBER, handle=handle, enable=True),
        BluetoothGATTWriteDescriptorRequest(address=NUMBER, handle=descriptor, data=INDICATE),
        BluetoothGATTWriteRequest(address=NUMBER, handle=handle, response=True, data=b"\x00"),
    ):
        writer.write(encode_frame(request))
    async with asyncio.timeout(5):
        order = [type(await anext(messages)) for _ in range(4)]
    assert order == [
        BluetoothGATTNotifyResponse,
        BluetoothGATTWriteResponse,  # for the descriptor
        BluetoothGATTWriteResponse,
        BluetoothGATTNotifyDataResponse,
    ]
    await messages.aclose()
    writer.close()
    await writer.wait_closed()


async def test_the_belt_moves_as_told(client: Client, proxy: ProxyProcess) -> None:
    answers = await client.subscribe(const.CONTROL_POINT, INDICATE)
    for command in ("00", "07"):
        await client.write(const.CONTROL_POINT, bytes.fromhex(command))
        assert (await next_value(answers))[2] == const.ResultCode.SUCCESS
    state = await proxy.wait_for_treadmill(lambda state: state["running"] and state["speed"] > 0)
    assert state["phase"] == "running"


async def test_a_write_before_subscribing_is_refused_with_its_att_error(client: Client) -> None:
    with pytest.raises(BluetoothGATTAPIError) as refused:
        await client.write(const.CONTROL_POINT, bytes([const.OpCode.REQUEST_CONTROL]))
    assert refused.value.error.error == 0xFD


async def test_the_client_sees_a_link_that_the_treadmill_drops(client: Client, proxy: ProxyProcess) -> None:
    assert await proxy.drop()
    connected, error = await client.next_link_state()
    assert not connected
    assert error != 0
    with pytest.raises(BluetoothGATTAPIError) as refused:
        await client.api.bluetooth_gatt_read(NUMBER, client.handles[const.FEATURE])
    assert refused.value.error.error == -1


async def test_a_dropped_link_ends_a_write_that_waits_for_its_response(client: Client, proxy: ProxyProcess) -> None:
    await client.subscribe(const.CONTROL_POINT, INDICATE)
    await proxy.faults(no_write_response_op=[const.OpCode.REQUEST_CONTROL])
    write = asyncio.create_task(client.write(const.CONTROL_POINT, bytes([const.OpCode.REQUEST_CONTROL])))
    await until_written(proxy)
    assert not write.done()
    await proxy.drop()
    with pytest.raises(BluetoothConnectionDroppedError):
        await write


async def test_another_supervision_timeout_can_be_asked_for(client: Client, proxy: ProxyProcess) -> None:
    assert (await proxy.treadmill())["supervision_timeout"] is None
    await client.api.bluetooth_device_set_connection_params(NUMBER, 7, 9, 0, 200)
    assert (await proxy.treadmill())["supervision_timeout"] == 2.0


async def test_a_second_connect_needs_no_discovery(client: Client) -> None:
    await client.api.bluetooth_device_disconnect(NUMBER)
    assert not (await client.next_link_state())[0]
    assert await client.connect(has_cache=True) == CONNECTED
    assert await client.api.bluetooth_gatt_read(NUMBER, client.handles[const.FEATURE])


async def test_slots_are_counted_from_the_reservation_on(api: APIClient) -> None:
    slots: list[tuple[int, int, list[int]]] = []
    api.subscribe_bluetooth_connections_free(lambda *report: slots.append(report))
    assert await Client(api).connect() == CONNECTED
    await api.bluetooth_device_disconnect(NUMBER)
    await until(lambda: len(slots) == 3)
    assert slots == [(3, 3, []), (2, 3, [NUMBER]), (3, 3, [])]


async def test_a_treadmill_that_is_off_refuses_and_frees_the_slot(api: APIClient, proxy: ProxyProcess) -> None:
    await proxy.faults(off=True)
    assert await Client(api).connect() == (False, BLEConnectionError.ESP_GATT_CONN_FAIL_ESTABLISH)
    assert (await proxy.proxy_state())["links"] == []


async def test_the_treadmill_walks_on_without_a_client(proxy: ProxyProcess) -> None:
    await proxy.reset()
    await proxy.press("start")
    await proxy.wait_for_treadmill(lambda state: state["distance"] > 0)
    await proxy.press("speed", 5.0)
    state = await proxy.press("pull_safety_key")
    assert not state["safety_key_in"]
    await proxy.reset()
    assert (await proxy.treadmill())["at_rest"]


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("GET", "/treadmills/7", None, "unknown treadmill '7'"),
        ("POST", "/treadmills/0/console", {"press": "warp"}, "unknown button 'warp'"),
        ("POST", "/treadmills/0/console", {"press": "speed"}, "speed needs a number"),
        ("POST", "/treadmills/0/faults", {"gremlins": True}, "unknown fault: gremlins"),
        ("POST", "/proxy", {"action": "explode"}, "unknown action 'explode'"),
        ("POST", "/proxy", [], "must be a JSON object"),
    ],
)
async def test_what_the_control_api_does_not_know_it_refuses(
    proxy: ProxyProcess, method: str, path: str, body: object, reason: str
) -> None:
    with pytest.raises(ControlError, match="400") as refused:
        await proxy.request(method, path, body)
    assert reason in str(refused.value)
