"""What every treadmill protocol offers, and what it needs of a connection."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from .model import Capabilities, Command, KnownQuirk, MachineEvent, MachineInfo, Quirk, Telemetry


class Connection(Protocol):
    """An open GATT connection. Each call raises UnreachableError when the link fails meanwhile."""

    name: str
    """Advertised name; some quirks are known by it."""
    pairing: asyncio.Task[None] | None = None
    """The pairing on this link, under way or over: what was written before its end may have been thrown away."""

    @property
    def pairs(self) -> bool:
        """Whether the machine is being paired, which a new link would only begin anew."""
        return self.pairing is not None and not self.pairing.done()

    def has(self, characteristic: str) -> bool:
        """Return whether the machine offers a characteristic, by its 128-bit UUID."""
        ...

    def properties(self, characteristic: str) -> frozenset[str]:
        """Return what a characteristic can do, in bleak's words (`notify`, `write-without-response` ...)."""
        ...

    async def read(self, characteristic: str) -> bytes:
        """Read a value. Raises RejectedError where the machine refuses it, PairingError where it wants to be paired.

        Raises UnansweredError where the machine never answers; on the next link it is not asked for this one again.
        """
        ...

    async def write(self, characteristic: str, data: bytes) -> None:
        """Write in the way that the machine declares, with response if it can; return when it has acknowledged.

        Calls may overlap.
        """
        ...

    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        """Deliver notifications or indications to `receive`. Raises what `read` raises.

        `spare`: it is worth having, but not worth asking again on the next link where the machine never answers.
        """
        ...

    def drop(self, reason: str) -> None:
        """Give up this link; it will be made anew."""
        ...


class Listener(Protocol):
    """Receives what the machine reports. Called in the event loop; must not block."""

    def on_telemetry(self, telemetry: Telemetry) -> None:
        """Take in new telemetry, merged with what was known."""
        ...

    def on_machine_event(self, event: MachineEvent) -> None:
        """Take in an event of the machine."""
        ...


class Driver(ABC):
    """One treadmill on one connection, in its own protocol."""

    info: MachineInfo
    capabilities: Capabilities
    telemetry: Telemetry
    quirks: Mapping[Quirk, KnownQuirk] = MappingProxyType({})
    """How this machine is known to differ from its protocol; complete once it is open."""
    control_wants_pairing: bool = False
    """Whether it cannot be controlled, because it wants to be paired for that, which failed."""
    poll: bytes = b""
    """What it asks a machine again and again, which is as little news as the answer."""
    stop_accepted: bool = False
    """Whether the machine accepted the stop that was sent before anything else."""
    answers_in_turn: bool = False
    """Whether its answers do not say to what: only `question` tells."""
    question: bytes = b""
    """What was asked last and is not answered yet, where answers do not say to what."""

    @property
    def stated(self) -> Capabilities:
        """The capabilities as the machine states them, to be stored: what they mean may be found out later."""
        return self.capabilities

    @abstractmethod
    async def open(self, *, stop_first: Command | None) -> None:
        """Read what the machine is and subscribe to its reports; send a kept stop before anything else.

        Raises NotATreadmillError or UnreachableError.
        """

    @abstractmethod
    async def execute(self, command: Command) -> None:
        """Send a command and wait until the machine has answered it.

        A stop, or what takes its place, overtakes everything: what is under way or waiting ends with SupersededError.
        It may come while `open` is under way, and is sent as soon as the machine can take it.

        Raises UnreachableError, ControlRefusedError, RejectedError, NoAnswerError or SupersededError; DeclinedError for
        a stop that was delivered and declined.
        """

    @abstractmethod
    def close(self) -> None:
        """End what is waiting, because the connection is gone."""
