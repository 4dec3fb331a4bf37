"""One treadmill's Bluetooth link: made when wanted, made anew when lost, given up when released.

Making one can take over a minute, so nobody waits for it: `connect` returns at once and `Listener.on_link` tells.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from typing import Protocol, override

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from .driver import Connection, Driver, Listener
from .errors import ControlRefusedError, MachineError, RejectedError, UnreachableError
from .model import BeltState, Command, CommandKind, Telemetry

_LOGGER = logging.getLogger(__name__)

RECONNECT_AFTER = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts (S10); an advertisement ends a wait."""
SILENCE_LIMIT = 15.0
"""Seconds without telemetry from a moving belt after which the link is given up (S11)."""
STOP_KEPT = 60.0
"""Seconds for which an undelivered stop is kept, to be sent first on the next link (S3)."""
_OPEN_TIMEOUT = 20.0
_CLOSE_TIMEOUT = 4.0
"""With the 15 s that a belt has for coming to rest it must fit into the 20 s that Home Assistant gives (S14)."""


class LinkState(StrEnum):
    """What the link is doing."""

    DISCONNECTED = "disconnected"  # wanted, but there is none
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RELEASED = "released"  # not wanted: other apps may have the treadmill


class LinkListener(Listener, Protocol):
    """Who hears what the machine says and how the link fares."""

    def on_link(self, state: LinkState) -> None:
        """The link's state changed."""
        ...


class BleakConnection(Connection):
    """An open bleak client, its errors translated in this one place."""

    def __init__(self, client: BleakClient, name: str, drop: Callable[[str], None]) -> None:
        """`drop` gives the link up, with a reason for the log."""
        self.name = name
        self._client = client
        self._drop = drop

    @override
    def has(self, characteristic: str) -> bool:
        with self._translated():
            return self._client.services.get_characteristic(characteristic) is not None

    @override
    async def read(self, characteristic: str) -> bytes:
        with self._translated():
            return bytes(await self._client.read_gatt_char(characteristic))

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        with self._translated():
            await self._client.write_gatt_char(characteristic, data, response=True)

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None]) -> None:
        with self._translated():
            await self._client.start_notify(characteristic, lambda _, data: receive(bytes(data)))

    @override
    def drop(self, reason: str) -> None:
        self._drop(reason)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as err:
            # Backends raise more than BleakError when a link dies under them: EOFError, AttributeError, KeyError.
            # A stop that ends in one of them has to be kept like any other that was not delivered.
            if self._client.is_connected and isinstance(err, BleakError):
                raise RejectedError(str(err)) from err
            raise UnreachableError(str(err) or type(err).__name__) from err


class Link:
    """The link to one treadmill."""

    def __init__(
        self,
        name: str,
        *,
        device_provider: Callable[[], BLEDevice | None],
        open_driver: Callable[[Connection, Listener], Driver],
        listener: LinkListener,
        clock: Callable[[], float],
    ) -> None:
        """`device_provider` gives the best path to the treadmill now; `clock` gives monotonic seconds."""
        self.name = name
        self.state = LinkState.RELEASED
        self.driver: Driver | None = None
        self.last_error: str | None = None
        self.up_since = float("-inf")
        """When the link came up that is up now, or was last."""
        self._device_provider = device_provider
        self._open_driver = open_driver
        self._listener = listener
        self._clock = clock
        self._wanted = asyncio.Event()
        self._hurry = asyncio.Event()  # ends a wait between attempts
        self._ended = asyncio.Event()  # of the newest link
        self._attempt: asyncio.Task[bool] | None = None
        self._lost = False  # the attempt's link was up and has ended
        self._cleaning_up = False  # the attempt is over and frees the treadmill
        self._closed = False
        self._puzzled = False  # an unexpected error was logged since a link was up
        self._stop_until: float | None = None
        self._stops_kept = 0

    # What others ask of the link. All but `execute` and `close` return at once.

    def connect(self) -> None:
        """Want a link from now on; nothing more once the link was closed."""
        if self._closed:
            return
        self._wanted.set()
        self._hurry.set()
        if self.state is LinkState.RELEASED:
            self._set_state(LinkState.DISCONNECTED)

    def release(self) -> None:
        """Give the link up and stay away until `connect`, so that other apps may have the treadmill."""
        self._wanted.clear()
        self._stop_until = None
        if (attempt := self._under_way) is not None:
            attempt.cancel()
        else:
            self._set_state(LinkState.RELEASED)

    def seen(self) -> None:
        """The treadmill advertised: an attempt is worth while now.

        Not because of what it advertises during an attempt that fails, or one that can be heard and not be connected
        would be tried without end.
        """
        if self._attempt is None or self._attempt.done() or self._lost:
            self._hurry.set()

    def check(self, telemetry: Telemetry) -> None:
        """Give up a link over which a moving belt has not been heard for too long (a frozen proxy looks alive).

        `telemetry` may be older than the link: a new one has the same time to tell something.
        """
        silence = self._clock() - max(telemetry.received, self.up_since)
        if self.driver is not None and telemetry.belt is BeltState.MOVING and silence > SILENCE_LIMIT:
            self._end_link(self._ended, f"nothing heard for {silence:.0f} s while the belt moves")

    async def execute(self, command: Command) -> None:
        """Send a command to the treadmill and wait for its answer.

        A stop is kept for a while when it cannot be delivered, and goes first on the next link. Raises what
        `Driver.execute` raises.
        """
        stopping = command.kind is CommandKind.STOP
        driver = self.driver
        if driver is None:
            if stopping:
                self._keep_stop()
            raise UnreachableError("there is no link to the treadmill")
        try:
            await driver.execute(command)
        except (UnreachableError, RejectedError) as err:
            if not stopping:
                raise
            if self.driver is not None and self.driver is not driver:
                # The link was made anew while the stop was dying with the old one.
                await self.execute(command)
                return
            self._keep_stop()
            if self.driver is driver:
                # A procedure that hangs may bar even a stop on this link; a new link has no past.
                self._end_link(self._ended, f"a stop could not be delivered: {err}")
            raise
        if stopping:
            self._stop_until = None

    async def run(self) -> None:
        """Keep the link as it is wanted, until cancelled."""
        failures = 0
        try:
            while True:
                await self._wanted.wait()
                self._hurry.clear()
                self._lost = self._cleaning_up = False
                self._attempt = asyncio.create_task(self._one_link(), name=f"Link to {self.name}")
                await asyncio.wait({self._attempt})
                was_up = self._was_up(self._attempt)
                if not self._wanted.is_set():
                    failures = 0
                    self._set_state(LinkState.RELEASED)
                    continue
                failures = 0 if was_up else failures + 1
                self._set_state(LinkState.DISCONNECTED)
                delay = RECONNECT_AFTER[min(max(failures - 1, 0), len(RECONNECT_AFTER) - 1)]
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._hurry.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Give the link up for good; returns when the treadmill is free for others."""
        self._closed = True
        self.release()
        if self._attempt is not None:
            await asyncio.wait({self._attempt}, timeout=_CLOSE_TIMEOUT)

    @property
    def _under_way(self) -> asyncio.Task[bool] | None:
        """The link that is being made or is up. A clean-up must not be disturbed, or the treadmill stays taken."""
        return None if self._attempt is None or self._attempt.done() or self._cleaning_up else self._attempt

    def _was_up(self, attempt: asyncio.Task[bool]) -> bool:
        """What an attempt came to. No error may end the attempts: the next one may well succeed."""
        if attempt.cancelled():
            return False
        error = attempt.exception()
        if error is None:
            return attempt.result()
        self.last_error = str(error) or type(error).__name__
        level = logging.DEBUG if self._puzzled else logging.ERROR
        _LOGGER.log(level, "Unexpected error on the link to %s; it is tried again", self.name, exc_info=error)
        self._puzzled = True
        return False

    async def _one_link(self) -> bool:
        """Make a link and keep it until it ends; whether it ever was up."""
        device = self._device_provider()
        if device is None:
            self.last_error = "the treadmill has not been seen lately"
            return False
        self._set_state(LinkState.CONNECTING)
        loop = asyncio.get_running_loop()
        ended = self._ended = asyncio.Event()

        def lost(_: BleakClient) -> None:
            # Backends may call from a thread of theirs.
            loop.call_soon_threadsafe(ended.set)

        client: BleakClient | None = None
        driver: Driver | None = None
        try:
            client = await establish_connection(
                BleakClientWithServiceCache,
                device,
                self.name,
                disconnected_callback=lost,
                ble_device_callback=lambda: self._device_provider() or device,
            )
            # Bound to its own link: what an old one has left over must not end a new one.
            drop = partial(self._end_link, ended)
            driver = self._open_driver(BleakConnection(client, device.name or self.name, drop), self._listener)
            await self._open(driver, ended)
            self.last_error = None
            self._puzzled = False
            self._set_state(LinkState.CONNECTED)
            await ended.wait()
            self._lost = True
            return True
        except (BleakError, EOFError, MachineError, OSError, TimeoutError) as err:
            self.last_error = str(err) or type(err).__name__
            _LOGGER.debug("No link to %s: %s", self.name, self.last_error)
            return False
        finally:
            self._cleaning_up = True
            self.driver = None
            if driver is not None:
                driver.close()
            try:
                # Told before the clean-up, which may take seconds: a lost link is news at once.
                self._set_state(LinkState.DISCONNECTED if self._wanted.is_set() else LinkState.RELEASED)
            finally:
                if client is not None:
                    await disconnect(client)

    async def _open(self, driver: Driver, ended: asyncio.Event) -> None:
        """Get a machine ready for use; gives up when its link is lost, or when it takes too long."""
        opening = asyncio.create_task(self._read(driver))
        ending = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({opening, ending}, timeout=_OPEN_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                raise UnreachableError("the link was lost, or went silent, while the treadmill was read")
            await opening
        finally:
            opening.cancel()
            ending.cancel()
            opening.add_done_callback(_forget)

    async def _read(self, driver: Driver) -> None:
        """Read what the machine is. A stop that waits goes first; one that comes meanwhile is sent before all else."""
        sent = self._stops_kept
        await driver.open(stop_first=self.stop_waits)
        while self.stop_waits and sent != self._stops_kept:
            sent = self._stops_kept
            with contextlib.suppress(ControlRefusedError):  # it would refuse on any link
                await driver.execute(Command(CommandKind.STOP))
        self._stop_until = None
        self.up_since = self._clock()
        self.driver = driver

    @property
    def stop_waits(self) -> bool:
        """Whether a stop waits to be sent first on the next link."""
        return self._stop_until is not None and self._clock() < self._stop_until

    def _keep_stop(self) -> None:
        self._stop_until = self._clock() + STOP_KEPT
        self._stops_kept += 1
        self.connect()

    def _end_link(self, ended: asyncio.Event, reason: str) -> None:
        _LOGGER.debug("Giving up the link to %s: %s", self.name, reason)
        ended.set()

    def _set_state(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            self._listener.on_link(state)


def _forget(task: asyncio.Task[None]) -> None:
    """Nobody waits any more for how it ended."""
    if not task.cancelled():
        task.exception()


async def disconnect(client: BleakClient) -> None:
    """Free the treadmill and the adapter's slot; a link that is gone already is fine."""
    with contextlib.suppress(BleakError, EOFError, OSError, TimeoutError):
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            await client.disconnect()
