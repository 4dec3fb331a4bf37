"""A treadmill that is written to on one characteristic and reports on another, in frames of its maker.

A protocol says which frames: see docs/adding-a-treadmill.md. Everything else is here: the pace, the polls, one command
at a time, the stop that overtakes all of it (S3), targets within what the machine can do, and what its console did.
Such a machine mostly answers no command, so that the next frame it sends shows that it was there to receive one.
"""

import asyncio
import contextlib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, override

from ..device_information import read_information
from ..driver import Connection, Driver, Listener
from ..errors import (
    ControlRefusedError,
    DeclinedError,
    NoAnswerError,
    NoDataError,
    NotATreadmillError,
    PairingError,
    RejectedError,
    SupersededError,
    UnansweredError,
    UnreachableError,
)
from ..model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    MachineInfo,
    Quirk,
    Telemetry,
)
from .activity import GOES, Activity, ActivityWatch
from .patience import Patience
from .target import within
from .writer import PacedWriter, send_first, while_linked


class FramedDriver(Driver):
    """One treadmill with a protocol of frames."""

    writes_to: ClassVar[str]
    """Characteristic, as a 128-bit UUID."""
    reports_on: ClassVar[str]
    pace: ClassVar[float] = 0.0
    """Least seconds between two frames to it."""
    polls_every: ClassVar[float | None] = None
    """Seconds between two polls; None: it reports by itself."""
    greeting: ClassVar[tuple[bytes, ...]] = ()
    """Frames without which it reports nothing; none of them moves anything."""
    can_be_stopped: ClassVar[bool] = True
    """Whether a frame is known that stops it: offered also where everything else is only monitored."""

    def __init__(
        self,
        connection: Connection,
        listener: Listener,
        clock: Callable[[], float],
        *,
        patience: Patience | None = None,
        chosen: Mapping[Quirk, bool] = MappingProxyType({}),
    ) -> None:
        """`clock` gives monotonic seconds for the age of telemetry; `chosen` is what the owner knows better."""
        self.info = MachineInfo()
        self.capabilities, self.telemetry = Capabilities(), Telemetry()
        self.name = connection.name
        self.chosen = chosen
        self._connection = connection
        self._listener = listener
        self._clock = clock
        self._patience = patience or Patience()
        self._writer = PacedWriter(self._write, pace=self.pace, within=self._patience.write)
        self._turn = asyncio.Lock()  # of commands
        self._aims = False  # the command whose turn it is sets a target
        self._commands: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None
        self._next_frame = asyncio.Event()
        self._received_anything = False
        self._stops = 0  # under way
        self._opened = False
        self._closed = asyncio.Event()
        self._shown_at_rest: float | None = None
        self.activity = ActivityWatch()
        self.prepare()

    @classmethod
    def fits(cls, connection: Connection) -> bool:
        """Return whether a machine has both characteristics, with these roles: some protocols have them swapped."""
        reports = {"notify", "indicate"} & connection.properties(cls.reports_on)
        writes = {"write", "write-without-response"} & connection.properties(cls.writes_to)
        return bool(reports and writes)

    # What a protocol says

    def prepare(self) -> None:
        """Make what a driver of this protocol keeps while it is linked; nothing is sent."""

    @abstractmethod
    def receive(self, data: bytes) -> bool:
        """Take in a notification with `report`, and return whether a frame of this protocol was in it. Never raises."""

    @abstractmethod
    def stop_frame(self, command: Command) -> bytes:
        """Return what stops the belt: for Stop, for Pause in its place, or for the end of a paused session."""

    @abstractmethod
    async def carry_out(self, command: Command) -> None:
        """Send with `send` what a command other than a stop needs; its target is within the capabilities."""

    @abstractmethod
    async def introduce(self) -> Capabilities:
        """Ask the machine what it can do, and return it; nothing may move."""

    async def ask(self) -> None:
        """Ask the machine what it does; where one question is not enough, the next of them."""
        await self._writer.send(lambda: self.poll)

    def wrap(self, frame: bytes) -> bytes:
        """Return what is written for a frame; some machines want it in an envelope."""
        return frame

    # What a protocol uses

    async def send(self, frame: bytes | Callable[[], bytes]) -> None:
        """Write a frame when the machine can take it; made then, where it depends on what the machine does.

        Raises RejectedError for a target where the belt does not run by then: some start by one (S8).
        """

        def made() -> bytes:
            if self._aims and not self.runs:
                raise RejectedError("the belt does not run")
            return frame if isinstance(frame, bytes) else frame()

        await self._writer.send(made)

    async def send_start(self, frame: bytes) -> None:
        """Write a start when the machine can take it, unless its belt moves by then (S8)."""
        await self._writer.send(lambda: None if self.goes else frame)

    async def send_to_running(self, frame: bytes) -> None:
        """Write a target that would start a resting belt when the machine can take it (S8).

        What the belt does is heard anew right before. Raises RejectedError if it does not run.
        """
        await self._writer.send(lambda: self.poll)
        if not await self.next_frame(self._patience.heard):
            raise NoAnswerError("the machine is not heard")
        await self.send(frame)

    @property
    def now(self) -> float:
        """Seconds, for waiting and for comparing frames."""
        return asyncio.get_running_loop().time()

    @property
    def goes(self) -> bool:
        """Whether the belt moves or is about to; one that rests may show a speed all the same."""
        belt, shown = self.telemetry.belt, self.telemetry.speed == self._shown_at_rest
        return self.activity.now in GOES or belt is BeltState.COUNTDOWN or (belt is BeltState.MOVING and not shown)

    @property
    def runs(self) -> bool:
        """Whether the belt moves, and nothing halts it."""
        activity = self.activity.now
        return activity is Activity.RUNS or (activity is None and self.telemetry.belt is BeltState.MOVING)

    async def next_frame(self, within: float) -> bool:
        """Wait for the next frame of the machine, and return whether it came in time (s)."""
        frame = self._next_frame
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await frame.wait()
        return frame.is_set()

    async def denies(self, condition: Callable[[], bool], within: float) -> bool:
        """Return whether the machine was heard for a while (s), and a condition was never met."""
        until, heard = self.now + within, False
        while not condition() and (left := until - self.now) > 0:
            heard = await self.next_frame(left) or heard
        return heard and not condition()

    def report(self, activity: Activity | None = None, **news: Any) -> None:
        """Publish what a frame says of the belt, merged over what was known, and what its console did."""
        if self._closed.is_set():
            return  # the old link may still report while it is taken down
        event = None if activity is None else self.activity.follow(activity, self.now)
        self.telemetry = self.telemetry._replace(received=self._clock(), **news)
        self._listener.on_telemetry(self.telemetry)
        if event is not None:
            self.happened(event)

    def happened(self, kind: MachineEventKind, value: float | None = None) -> None:
        """Tell an event of the machine; what was before its link is history."""
        if self._opened and not self._closed.is_set():
            self._listener.on_machine_event(MachineEvent(kind, value))

    # The driver

    @override
    async def open(self, *, stop_first: Command | None) -> None:
        if not self.fits(self._connection):
            raise NotATreadmillError("its characteristics are not those of this protocol")
        first = None if stop_first is None or not self.can_be_stopped else self.stop_frame(stop_first)
        if first is not None:
            await send_first(first, self._writer, self._connection, within=self._patience.stop)
            self.activity.on_halt_sent()
        try:
            await self._connection.subscribe(self.reports_on, self._receive)
        except PairingError:
            raise
        except RejectedError as err:
            raise NoDataError(f"the treadmill declines to report its data: {err}") from err
        with contextlib.suppress(RejectedError):
            for frame in self.greeting:
                await self.send(frame)
        if self.polls_every is not None:
            self._polling = asyncio.create_task(self._poll(self.polls_every), name=f"Polling {self.name}")
        if not await self.next_frame(self._patience.first_frame):
            if self._received_anything:
                raise NotATreadmillError("what it reports is not of this protocol")
            raise UnansweredError("the treadmill does not say what it does")
        if first is not None and self._connection.pairing is not None:
            await asyncio.wait({self._connection.pairing})
            self._connection.pairing.result()
            if self._unhalted:
                await self._writer.send_stop(first, within=self._patience.stop)
        self.stop_accepted = first is not None
        self.capabilities = await self.introduce()
        self.info = await read_information(self._connection)
        self._opened = True

    @override
    async def execute(self, command: Command) -> None:
        if command.stops or command.kind is CommandKind.END_SESSION:
            await self._stop(command)
            return
        command = within(command, self.capabilities, runs=self.runs)
        if self._stops:
            raise SupersededError("a stop is under way")
        task = asyncio.create_task(self._in_turn(command), name=f"{command.kind} to {self.name}")
        self._commands.add(task)
        task.add_done_callback(self._forget)
        await asyncio.wait({task}, timeout=self._patience.answer)
        if not task.done():
            task.cancel()
            raise NoAnswerError("the machine did not answer in time")
        if task.cancelled():
            gone = self._closed.is_set()
            raise (UnreachableError("the link was lost") if gone else SupersededError("a stop came first"))
        task.result()

    @override
    def close(self) -> None:
        self._closed.set()
        self._next_frame.set()
        self._void_commands()
        if self._polling is not None:
            self._polling.cancel()

    # Commands

    async def _in_turn(self, command: Command) -> None:
        async with self._turn:
            if command.kind is CommandKind.START:
                self._shown_at_rest = command.value
                if self.goes:
                    return  # on some machines a start stops a moving belt; on none does it help one (S8)
                self.activity.on_start_sent(self.now)
            elif command.kind is CommandKind.PAUSE:
                self.activity.on_halt_sent()
            self._aims = command.kind in {CommandKind.SET_SPEED, CommandKind.SET_INCLINE}
            await self.carry_out(command)
            if not await self.next_frame(self._patience.answer):
                raise NoAnswerError("the machine did not answer")

    async def _stop(self, command: Command) -> None:
        """Send a stop now; what is under way, or comes meanwhile, ends with SupersededError."""
        if not self.can_be_stopped:
            raise ControlRefusedError("this treadmill can only be monitored")
        try:
            if command.value is not None:
                command = within(command, self.capabilities, runs=self.runs)
            frame = self.stop_frame(command)
        except RejectedError as err:
            raise DeclinedError(str(err)) from err
        self._stops += 1
        self._void_commands()
        self.activity.on_halt_sent()
        try:
            await self._send_stop(frame)
        finally:
            self._stops -= 1

    async def _send_stop(self, frame: bytes) -> None:
        if self._closed.is_set():
            raise UnreachableError("the link is gone")
        unpaired = self._connection.pairing is None or self._connection.pairs
        await while_linked(self._writer.send_stop(frame, within=self._patience.stop), self._closed)
        heard = await self.next_frame(self._writer.patience.for_frame(self._patience.heard))
        if self._closed.is_set() or not heard or self._connection.pairs:
            # A write that nobody acknowledges proves nothing: only a frame shows that somebody was there.
            raise UnreachableError("the treadmill was not heard after the stop")
        if unpaired and self._connection.pairing is not None and self._unhalted:
            await self._send_stop(frame)

    @property
    def _unhalted(self) -> bool:
        """Whether the belt moves as if it had received no stop."""
        return self.activity.now in GOES or (self.activity.now is None and self.goes)

    async def _write(self, frame: bytes) -> None:
        await self._connection.write(self.writes_to, self.wrap(frame))

    def _void_commands(self) -> None:
        for task in self._commands:
            task.cancel()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._commands.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may be gone already

    # Reports

    async def _poll(self, every: float) -> None:
        try:
            while True:
                with contextlib.suppress(RejectedError):
                    await self.ask()
                await asyncio.sleep(every)
        except UnreachableError as err:
            self._connection.drop(f"a poll failed: {err}")

    def _receive(self, data: bytes) -> None:
        self._received_anything = True
        if not self._closed.is_set() and self.receive(data):
            self._next_frame.set()
            self._next_frame = asyncio.Event()
