"""An emulated ESPHome Bluetooth proxy with virtual treadmills in its range, as a process of its own.

    python -m tests.support.live.proxy --port 6053 --control-port 6054

Home Assistant's own ESPHome integration connects to --port; a test controls the treadmills through the JSON API
on --control-port (proxy_control.py). Both listen on 127.0.0.1 only. The treadmills move in real time, whatever Home
Assistant does.
"""

import argparse
import asyncio
import logging
import signal
from contextlib import AsyncExitStack

from aiohttp import web

from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.live.proxy_control import ControlApi
from tests.support.live.proxy_protocol import Connection, DeviceIdentity
from tests.support.live.proxy_radio import Radio

_LOGGER = logging.getLogger(__name__)

HOST = "127.0.0.1"
STEP = 0.05
"""Seconds between two moves of the treadmills."""
ADVERTISING_INTERVAL = 0.5


class Proxy:
    """The TCP server with its clients and the radio."""

    def __init__(self, identity: DeviceIdentity, radio: Radio) -> None:
        self.identity = identity
        self.radio = radio
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, port: int) -> None:
        """Accept clients."""
        self._server = await asyncio.start_server(self._serve, HOST, port)

    def close_connections(self) -> int:
        """Close the TCP connection of every client without a goodbye and return their number."""
        closed = list(self.connections)
        for connection in closed:
            connection.close()
            self.radio.forget(connection)
        return len(closed)

    async def close(self) -> None:
        """Stop listening and end all connections."""
        if self._server is not None:
            self._server.close()
            self.close_connections()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self.identity, reader, writer)
        self.connections.add(connection)
        try:
            await connection.run(lambda message: self.radio.handle(connection, message))
        finally:
            self.connections.discard(connection)
            self.radio.forget(connection)


async def keep_moving(radio: Radio) -> None:
    """Advance the treadmills by the elapsed time, forever."""
    loop = asyncio.get_running_loop()
    last = loop.time()
    while True:
        await asyncio.sleep(STEP)
        last, previous = loop.time(), last
        for peripheral in radio.peripherals.values():
            peripheral.step(last - previous)


async def keep_advertising(radio: Radio) -> None:
    """Advertise at the usual interval, forever."""
    while True:
        radio.advertise()
        await asyncio.sleep(ADVERTISING_INTERVAL)


def treadmill_address(index: int) -> str:
    """Return the address of a treadmill: static random, and not one that the integration recognizes as virtual."""
    return f"C4:2B:AD:7E:00:{index:02X}"


def virtual_treadmills(number: int) -> list[Peripheral]:
    """Return treadmills with numbered names and addresses."""
    return [
        Peripheral(
            VirtualTreadmill(),
            address=treadmill_address(index),
            name="Treadmill" if index == 0 else f"Treadmill {index + 1}",
        )
        for index in range(number)
    ]


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    identity = DeviceIdentity(options.name, options.mac, options.bluetooth_mac)
    radio = Radio(virtual_treadmills(options.treadmills), options.slots)
    for peripheral in radio.peripherals.values():
        peripheral.listen_for_advertising(radio.advertise)
    proxy = Proxy(identity, radio)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        runner = web.AppRunner(ControlApi(proxy).application(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, HOST, options.control_port)
        await site.start()
        await proxy.listen(options.port)
        stack.push_async_callback(proxy.close)
        endless = [tasks.create_task(keep_moving(radio)), tasks.create_task(keep_advertising(radio))]
        _LOGGER.info("%s listens on port %d, control on %d", options.name, options.port, options.control_port)
        await stop.wait()
        for task in endless:
            task.cancel()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=6053, help="ESPHome native API")
    parser.add_argument("--control-port", type=int, default=6054, help="JSON API for tests")
    parser.add_argument("--name", default="treadmill-proxy", help="name of the ESPHome device")
    parser.add_argument("--mac", default="02:7E:AD:00:00:10", help="of the device; unique in a Home Assistant")
    parser.add_argument("--bluetooth-mac", default="02:7E:AD:00:00:11", help="of its adapter; unique as well")
    parser.add_argument("--slots", type=int, default=3, help="connections at the same time")
    parser.add_argument("--treadmills", type=int, default=1, help="how many are in range")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.INFO)
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
