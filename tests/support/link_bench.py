"""A link to a virtual treadmill through bleak's own client, in virtual time and without Home Assistant."""

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self, override

import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from habluetooth.usage import ORIGINAL_BLEAK_CLIENT

from custom_components.retrowalk.machine.bluetooth import link as link_module
from custom_components.retrowalk.machine.bluetooth.catalogue import driver_for
from custom_components.retrowalk.machine.bluetooth.kept_stop import KeptStop
from custom_components.retrowalk.machine.bluetooth.link import Link
from custom_components.retrowalk.machine.bluetooth.link_log import LinkLog
from custom_components.retrowalk.machine.bluetooth.link_state import LinkListener, LinkState
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEvent, Telemetry
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.client import Slots, VirtualClient
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.maker import MakerPeripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import at_once, turns
from tests.support.loop_time import LoopTime


class Client(ORIGINAL_BLEAK_CLIENT):  # type: ignore[misc, valid-type]
    """bleak's own client; what Home Assistant's adds to it is added, too."""

    async def set_connection_params(self, *params: int) -> None:
        await self._backend.set_connection_params(*params)


class Adapter(Slots):
    """An adapter that has always a slot, and knows who holds one."""

    def __init__(self) -> None:
        self.held: list[VirtualClient] = []

    @override
    def reserve(self, client: VirtualClient, attempt: asyncio.Future[None]) -> None:
        self.held.append(client)

    @override
    def connected(self, client: VirtualClient) -> None:
        assert client in self.held

    @override
    def release(self, client: VirtualClient) -> None:
        if client in self.held:
            self.held.remove(client)


class LinkBench(LinkListener):
    """The treadmill, the adapter, the link and what it tells; its seconds pass only when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, peripheral: Peripheral | None = None, **faults: Any) -> None:
        """`peripheral` is the treadmill, one with the Fitness Machine Service without it."""
        self.peripheral: Peripheral = peripheral or MakerPeripheral(
            VirtualTreadmill(), address=virtual_address(1), name="Virtual treadmill"
        )
        self.peripheral.faults.update(faults)
        self.treadmill = self.peripheral.treadmill
        self.time = LoopTime(self.peripheral, monkeypatch)
        self.adapter = Adapter()
        self.heard = True
        """Whether a scanner hears it."""
        self.states: list[LinkState] = []
        self.telemetry = Telemetry()
        self.events: list[MachineEvent] = []
        self.kept = KeptStop(lambda: self.time.now)
        self.link = self.make_link()
        self._written = 0
        self._running: asyncio.Task[None] | None = None
        monkeypatch.setattr(link_module, "establish_connection", self._establish)
        monkeypatch.setattr(link_module, "BleakClientWithServiceCache", Client)

    def make_link(self) -> Link:
        """Return a new link, as after a reload; the stop that waits is the same."""
        return Link(
            "Treadmill",
            device_provider=lambda: (
                BLEDevice(self.peripheral.address, self.peripheral.name, {}) if self.heard else None
            ),
            open_driver=lambda connection, listener: driver_for(connection, listener, lambda: self.time.now),
            listener=self,
            clock=lambda: self.time.now,
            log=LinkLog(lambda: self.time.now),
            kept=self.kept,
        )

    async def _establish(
        self,
        make: Callable[..., BleakClient],
        device: BLEDevice,
        name: str,
        *,
        disconnected_callback: Callable[[BleakClient], None],
        ble_device_callback: Callable[[], BLEDevice],
    ) -> BleakClient:
        """Try once, where the stack would try several times."""
        assert ble_device_callback().address == device.address

        backend = partial(VirtualClient, peripheral=self.peripheral, slots=self.adapter)
        backend.__name__ = "virtual"  # type: ignore[attr-defined]
        client = make(device, disconnected_callback=disconnected_callback, backend=backend)
        await client.connect()
        return client

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()
        assert not self.adapter.held

    def start(self) -> None:
        """Run the link, which is not wanted yet."""
        self._running = asyncio.create_task(self.link.run())

    async def end(self) -> None:
        """End the link, as an entry that is unloaded does."""
        assert self._running is not None
        self._running.cancel()
        await self.time.done(asyncio.create_task(asyncio.wait({self._running})))

    # What the link tells

    @override
    def on_link(self, state: LinkState) -> None:
        self.states.append(state)

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.events.append(event)

    # What a test does

    @property
    def connected(self) -> bool:
        return self.link.state is LinkState.CONNECTED

    async def connect(self) -> None:
        self.link.connect()
        await self.until_connected()

    async def until_connected(self) -> float:
        return await self.time.until(lambda: self.connected)

    async def passes(self, seconds: float) -> None:
        """Let time pass; once a second the link is looked after, as the runner does."""
        for _ in range(round(seconds)):
            await self.time.passes(1.0, dt=0.25)
            self.link.check(self.telemetry)
        await turns()

    async def walk(self) -> None:
        """Let the belt run, started at its console."""
        self.treadmill.press_start()
        await self.passes(6)
        assert self.treadmill.speed > 0

    def stop(self) -> asyncio.Task[None]:
        """Press Stop; what it raises is the result."""
        return at_once(self.link.execute(Command(CommandKind.STOP)))

    def commands(self) -> list[bytes]:
        """Return the commands at the control point since the last call."""
        new = [data for _, uuid, data in self.peripheral.writes[self._written :] if uuid == const.CONTROL_POINT]
        self._written = len(self.peripheral.writes)
        return new
