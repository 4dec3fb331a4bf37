"""One treadmill's Bluetooth link: made when wanted, made anew when lost, given up when released.

Making a link can take over a minute, so nobody waits for it: `connect` returns at once, and `LinkListener.on_link`
reports.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from ..driver import Connection, Driver, Listener
from ..errors import ControlRefusedError, DeclinedError, MachineError, RejectedError, UnreachableError
from ..model import BeltState, Command, Telemetry
from .connection import CLOSE_TIMEOUT, BleakConnection, forget, free
from .haste import ConnectDeadline
from .kept_stop import KeptStop
from .link_log import LinkLog
from .link_state import LinkListener, LinkState
from .supervision import Supervision

_LOGGER = logging.getLogger(__name__)

RECONNECT_AFTER = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts (S10); an advertisement ends a wait."""
SILENCE_LIMIT = 15.0
"""Seconds without telemetry of a moving belt after which the link is given up (S11)."""
_OPEN_WITHIN, _STOP_WITHIN = 20.0, 60.0  # s; the latter where a stop goes first, which takes long on a slow link


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
        log: LinkLog,
        kept: KeptStop | None = None,
        steer: Callable[[BleakClient], None] = lambda _: None,
        name_of: Callable[[BLEDevice], str | None] = lambda device: device.name,
    ) -> None:
        """`device_provider` returns the best path to the treadmill now; `clock` gives monotonic seconds.

        `steer` may choose the path of a client that has yet to connect; `name_of` returns what a machine advertises.
        `kept` outlasts this link: a stop that waits when it is closed goes first on the link that follows (S3).
        """
        self.name = name
        self._log = log
        self._steer, self._name_of = steer, name_of
        self.state = LinkState.RELEASED
        self.driver: Driver | None = None
        self.failure: Exception | None = None
        """What kept the last attempt from being a link; None once there was one."""
        self.up_since = float("-inf")
        """When the present or last link came up."""
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
        self._error_logged = False  # an unexpected error was logged since a link was up
        self._opening: Driver | None = None  # of a machine that is being read
        self._connection: Connection | None = None  # the newest
        self._supervision: Supervision | None = None  # of the link that is up
        self._talked_to = False  # the last link ended because we wanted that
        self._haste = ConnectDeadline(wanted=lambda: self.stop_waits, cut=self._cut_short)
        self._unanswered: set[str] = set()  # what this machine never answers, and is not asked any more
        self._kept = kept or KeptStop(clock)
        self.stop_accepted: Command | None = None
        """The kept stop that the machine accepted on this link; what it declines afterward is no news."""

    # Requests. All but `execute` and `close` return at once.

    def connect(self) -> None:
        """Keep a link from now on; do nothing after `close`."""
        if self._closed:
            return
        self._wanted.set()
        self._hurry.set()
        if self.state is LinkState.RELEASED:
            self._set_state(LinkState.DISCONNECTED)

    def release(self) -> None:
        """Give up the link and stay away until `connect`, so that other apps may have the treadmill."""
        self._kept.drop()
        self._give_up()

    def _give_up(self) -> None:
        self._wanted.clear()
        if not self._cancel():
            self._set_state(LinkState.RELEASED)

    def on_advertisement(self) -> None:
        """Take in an advertisement: an attempt is worthwhile now.

        Advertisements during an attempt that fails do not count: a machine that advertises but cannot be connected
        would be tried without end. Where a stop waits, see `ConnectDeadline`.
        """
        self._haste.on_advertisement()
        if self._attempt is None or self._attempt.done() or self._lost:
            self._hurry.set()

    def check(self, telemetry: Telemetry) -> None:
        """Give up a link whose moving belt has sent no reports for too long (a frozen proxy looks alive).

        Called once a second. `telemetry` may be older than the link: a new link has the same time to report something.
        """
        if self._supervision is not None:
            self._supervision.follow(moving=telemetry.belt is BeltState.MOVING)
        silence = self._clock() - max(telemetry.received, self.up_since)
        if self.driver is not None and telemetry.belt is BeltState.MOVING and silence > SILENCE_LIMIT:
            self._end_link(self._ended, f"no telemetry for {silence:.0f} s while the belt moves")

    async def execute(self, command: Command) -> None:
        """Send a command to the treadmill and wait for its answer.

        A stop that cannot be delivered is kept for a while and goes first on the next link; it does not wait for a
        machine that is still being read. Raises what `Driver.execute` raises.
        """
        stopping = command.stops
        driver = self.driver
        if driver is None and stopping:
            self._keep_stop(command)
            driver = self._opening
        if driver is None:
            raise UnreachableError("there is no link to the treadmill")
        try:
            await driver.execute(command)
        except DeclinedError:
            self._kept.drop()  # it was delivered
            raise
        except (UnreachableError, RejectedError) as err:
            if not stopping:
                raise
            if self.driver is not None and self.driver is not driver:
                # The link was made anew while the stop was dying with the old one.
                await self.execute(command)
                return
            self._keep_stop(command)
            pairs = driver is self._opening and self._connection is not None and self._connection.pairs
            if driver in {self.driver, self._opening} and not pairs:
                # A procedure that hangs may bar even a stop on this link; a new link has no past.
                self._end_link(self._ended, f"a stop could not be delivered: {err}")
            raise
        if stopping:
            self._kept.drop()

    async def run(self) -> None:
        """Keep the link as it is wanted, until cancelled."""
        failures = 0
        try:
            while True:
                await self._wanted.wait()
                self._hurry.clear()
                self._lost = self._cleaning_up = False
                self._haste.begins(talked_to=self._talked_to)
                self._talked_to = False
                self._attempt = asyncio.create_task(self._one_link(), name=f"Link to {self.name}")
                await asyncio.wait({self._attempt})
                was_up = self._was_up(self._attempt)
                if not self._wanted.is_set():
                    failures = 0
                    self._set_state(LinkState.RELEASED)
                    continue
                failures = 0 if was_up else failures + 1
                self._set_state(LinkState.DISCONNECTED)
                # A treadmill that a stop waits for may be there without an advertisement: some scanners pause.
                steps = 0 if self.stop_waits else max(failures - 1, 0)
                delay = RECONNECT_AFTER[min(steps, len(RECONNECT_AFTER) - 1)]
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._hurry.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Give up the link for good; return when the treadmill is free for others."""
        self._closed = True
        self._give_up()
        if self._attempt is not None:
            await asyncio.wait({self._attempt}, timeout=CLOSE_TIMEOUT)

    def _cancel(self) -> bool:
        """End the link that is being made or is up, and return whether there is one.

        One that cleans up is left to it, or the treadmill might stay taken.
        """
        return self._attempt is not None and not self._cleaning_up and self._attempt.cancel()

    def _was_up(self, attempt: asyncio.Task[bool]) -> bool:
        """Return whether an attempt had a link. No error may end the attempts: the next one may well succeed."""
        if attempt.cancelled():
            return False
        error = attempt.exception()
        if error is None:
            return attempt.result()
        self.failure = error if isinstance(error, Exception) else None
        level = logging.DEBUG if self._error_logged else logging.ERROR
        _LOGGER.log(level, "Unexpected error on the link to %s; it is tried again", self.name, exc_info=error)
        self._error_logged = True
        return False

    async def _one_link(self) -> bool:
        """Make a link and keep it until it ends; return whether it ever was up."""
        device = self._device_provider()
        if device is None:
            self.failure = UnreachableError(reason := "the treadmill has not been seen lately")
            self._log.reason = reason
            return False
        self._set_state(LinkState.CONNECTING)
        loop = asyncio.get_running_loop()
        ended = self._ended = asyncio.Event()

        def lost(_: BleakClient) -> None:
            # Backends may call from a thread of theirs.
            loop.call_soon_threadsafe(ended.set)

        client: BleakClient | None = None

        def make(*args: Any, **kwargs: Any) -> BleakClientWithServiceCache:
            nonlocal client  # at once, so that an attempt that is given up leaves no half-made link behind
            client = made = BleakClientWithServiceCache(*args, **kwargs)
            self._steer(made)
            self._haste.track(made)
            return made

        driver: Driver | None = None
        try:
            client = await establish_connection(
                # Called like the class that the parameter's type names.
                cast("type[BleakClientWithServiceCache]", make),
                device,
                self.name,
                disconnected_callback=lost,
                ble_device_callback=lambda: self._device_provider() or device,
            )
            self._haste.succeeded()
            # Bound to its own link: leftovers of an old link must not end a new one.
            drop = partial(self._end_link, ended)
            self._log.connected(client, name := self._name_of(device) or self.name)
            connection = self._connection = BleakConnection(client, name, drop, self._log, self._unanswered)
            driver = self._open_driver(connection, self._listener)
            self._log.quirks, self._log.poll = driver.quirks, driver.poll
            await self._open(driver, ended)
            self._log.quirks = driver.quirks  # its model may have told more
            self.failure, self._error_logged = None, False
            self._supervision = Supervision(client)
            self._set_state(LinkState.CONNECTED)
            await ended.wait()
            self._log.reason = self._log.reason or "the connection ended"
            self._lost = True
            return True
        except (BleakError, EOFError, MachineError, OSError, TimeoutError) as err:
            self.failure, self._log.reason = err, str(err) or type(err).__name__
            _LOGGER.debug("No link to %s: %s", self.name, self._log.reason)
            return False
        finally:
            self._cleaning_up = True
            self._haste.ends()
            self.driver = self._opening = None
            if driver is not None:
                driver.close()
                connection.close()
            if self._supervision is not None:
                self._supervision.close()
            self._supervision = None
            try:
                # Reported before the clean-up, which may take seconds: a lost link is news at once.
                self._set_state(LinkState.DISCONNECTED if self._wanted.is_set() else LinkState.RELEASED)
            finally:
                if client is not None:
                    await free(client, hurried=lambda: self.stop_waits)

    async def _open(self, driver: Driver, ended: asyncio.Event) -> None:
        """Get a machine ready for use; give up when its link is lost, or when it takes too long."""
        opening = asyncio.create_task(self._read(driver))
        ending = asyncio.create_task(ended.wait())
        within = _STOP_WITHIN if self.stop_waits else _OPEN_WITHIN
        try:
            await asyncio.wait({opening, ending}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                raise UnreachableError("the link was lost, or went silent, while the treadmill was read")
            await opening
        finally:
            opening.cancel()
            ending.cancel()
            opening.add_done_callback(forget)

    async def _read(self, driver: Driver) -> None:
        """Read what the machine is. A waiting stop goes first; one that comes meanwhile is sent at once."""
        sent = self._kept.count
        self._opening = driver
        self.stop_accepted = None
        await driver.open(stop_first=self._kept.command if self.stop_waits else None)
        if driver.stop_accepted:
            self.stop_accepted = self._kept.command
        while self.stop_waits and sent != self._kept.count:
            sent = self._kept.count
            with contextlib.suppress(ControlRefusedError, DeclinedError):  # it would refuse on any link
                await driver.execute(self._kept.command)
                self.stop_accepted = self._kept.command
        self._kept.drop()
        self.up_since = self._clock()
        self.driver, self._opening = driver, None

    @property
    def stop_waits(self) -> bool:
        """Whether a stop waits to be sent first on the next link."""
        return self._kept.waits

    def _keep_stop(self, command: Command) -> None:
        self._kept.keep(command)
        self.connect()
        self._haste.evaluate()

    def _cut_short(self) -> None:
        """Give up the attempt under way for a new one."""
        _LOGGER.debug("A stop waits for %s, which is there: this attempt is given up for the next", self.name)
        self._hurry.set()
        self._cancel()

    def _end_link(self, ended: asyncio.Event, reason: str) -> None:
        _LOGGER.debug("Giving up the link to %s: %s", self.name, reason)
        self._log.reason = reason
        self._talked_to = True
        ended.set()

    def _set_state(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            self._log.changed(state)
            self._listener.on_link(state)
