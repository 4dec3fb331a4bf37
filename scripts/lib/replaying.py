"""Decodes a recording again, frame by frame and at its times, with the driver that this Retrowalk would use."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS, driver_for
from custom_components.retrowalk.machine.driver import Connection, Driver, Listener
from custom_components.retrowalk.machine.errors import MachineError, RejectedError
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.model import Capabilities, MachineEvent, MachineInfo, Telemetry
from scripts.lib.recording import Frame, Recording, long_uuid
from tests.support.virtual_loop import VirtualLoop

OPENING = 120.0
"""Most seconds for which a driver may wait in a recording."""
_STEP = 0.25
_REPLIES_WITHIN = 2.0  # s
_ANSWERS_WITHIN = 3.0
"""Seconds after a question in which an answer that does not name it may be its own."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the product makes of a frame; None where it makes nothing of it."""

    frame: Frame
    telemetry: Telemetry | None
    event: MachineEvent | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what is compared in a test case."""
        telemetry = None if self.telemetry is None else self.telemetry._asdict()
        if telemetry is not None:
            del telemetry["received"], telemetry["uncounted_since"]
            telemetry = {name: value for name, value in telemetry.items() if value is not None}
        event = None if self.event is None else [self.event.kind, self.event.value]
        return {"telemetry": telemetry, "event": event}


@dataclass(frozen=True, slots=True)
class Replay:
    """All that comes of a recording."""

    protocol: str | None
    capabilities: Capabilities
    info: MachineInfo
    decoded: tuple[Decoded, ...]
    problem: str | None = None
    """Why nothing, or not everything, could be replayed."""
    questions: tuple[Frame, ...] = ()
    """What was written, where only that tells what an answer says."""


class ReplayConnection(Connection):
    """A connection to what was recorded: values are read from the file, writes lead nowhere."""

    def __init__(self, recording: Recording) -> None:
        self.name = recording.name
        self.listeners: dict[str, Callable[[bytes], None]] = {}
        self.dropped: str | None = None
        self.opening = True
        """Whether requests are answered as they were when this was recorded; later its frames come at their times."""
        self._recording = recording
        self._frames = _in_order(recording)
        info = recording.info
        self._identity = {
            const.MANUFACTURER_NAME: info.manufacturer,
            const.MODEL_NUMBER: info.model,
            const.HARDWARE_REVISION: info.hardware,
            const.FIRMWARE_REVISION: info.firmware,
            const.SOFTWARE_REVISION: info.software,
        }

    @override
    def has(self, characteristic: str) -> bool:
        return self._recording.has(characteristic)

    @override
    def properties(self, characteristic: str) -> frozenset[str]:
        rows = [row.properties for row in self._recording.gatt if row.uuid == characteristic]
        return frozenset().union(*rows)

    @override
    async def read(self, characteristic: str) -> bytes:
        values = {long_uuid(key): data for key, data in self._recording.values.items()}
        for uuid, text in self._identity.items():
            if text is not None and self.has(uuid):
                values.setdefault(uuid, text.encode())  # in its bytes it may have been redacted
        if characteristic not in values:
            raise RejectedError("it was not read when this was recorded")
        return values[characteristic]

    @override
    async def write(self, characteristic: str, data: bytes) -> None:
        """Answer as the machine did when this was recorded."""
        if not self.opening:
            return
        for place, frame in enumerate(self._frames):
            if frame.what != "write" or frame.data != data or long_uuid(frame.characteristic) != characteristic:
                continue
            for reply in self._frames[place + 1 :]:
                if reply.at > frame.at + _REPLIES_WITHIN:
                    break
                receive = self.listeners.get(long_uuid(reply.characteristic))
                if reply.what in {"report", "answer"} and receive is not None and reply.data is not None:
                    asyncio.get_running_loop().call_soon(receive, reply.data)
            return

    @override
    async def subscribe(self, characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        self.listeners[characteristic] = receive

    @override
    def drop(self, reason: str) -> None:
        self.dropped = reason


class _Ear(Listener):
    def __init__(self) -> None:
        self.telemetry: Telemetry | None = None
        self.event: MachineEvent | None = None

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        self.event = event

    def take(self, frame: Frame) -> Decoded:
        decoded = Decoded(frame, self.telemetry, self.event)
        self.telemetry = self.event = None
        return decoded


def protocol_of(recording: Recording) -> str | None:
    """Return the key of the protocol that this machine speaks, as far as its GATT table and its name tell."""
    connection = ReplayConnection(recording)
    return next((protocol.key for protocol in PROTOCOLS if protocol.fits(connection)), None)


def replay(recording: Recording) -> Replay:
    """Decode every report and answer of a recording."""
    protocol = protocol_of(recording)
    if protocol is None:
        nothing = Capabilities()
        return Replay(None, nothing, recording.info, (), "no protocol that Retrowalk speaks fits its GATT table")
    frames = _in_order(recording)
    heard = [frame for frame in frames if frame.what in {"report", "answer"} and frame.data is not None]
    written = [frame for frame in frames if frame.what == "write" and frame.data is not None]
    loop = VirtualLoop()
    try:
        return _replay(loop, recording, protocol, heard, written)
    finally:
        loop.close()


def _in_order(recording: Recording) -> list[Frame]:
    """Return all frames by their times; what was written at the time of an answer was before it."""
    return sorted((*recording.reports, *recording.exchanges), key=lambda frame: (frame.at, frame.what != "write"))


def _question_of(answer: Frame, written: list[Frame]) -> Frame | None:
    """Return what was written last before an answer; None where that is not recorded, or too long ago."""
    before = [frame for frame in written if answer.at - _ANSWERS_WITHIN <= frame.at <= answer.at]
    return before[-1] if before else None


def _replay(loop: VirtualLoop, recording: Recording, protocol: str, heard: list[Frame], written: list[Frame]) -> Replay:
    connection, ear, decoded = ReplayConnection(recording), _Ear(), list[Decoded]()
    loop.now = heard[0].at - 1.0 if heard else 0.0
    drivers: list[Driver] = []

    async def open_it() -> None:
        driver = driver_for(connection, ear, lambda: loop.now)
        drivers.append(driver)
        await driver.open(stop_first=None)

    async def begin() -> asyncio.Task[None]:
        return asyncio.create_task(open_it())

    opening = loop.run_until_complete(begin())
    loop.pump()
    waited = 0.0
    while not opening.done() and waited < OPENING:
        waited += _STEP
        loop.now += _STEP
        loop.pump()
    connection.opening, ear.telemetry, ear.event = False, None, None
    [driver] = drivers
    shift = max(loop.now - heard[0].at, 0.0) if heard else 0.0
    unasked = 0
    for frame in heard:
        loop.now = max(loop.now, frame.at + shift)
        receive = connection.listeners.get(long_uuid(frame.characteristic))
        if driver.answers_in_turn:
            asked = _question_of(frame, written)
            unasked += asked is None
            driver.question = (None if asked is None else asked.data) or b""
        if receive is not None:
            loop.call_soon(receive, frame.data)
        loop.pump()
        decoded.append(ear.take(frame))
    problem = None
    if opening.done() and (error := opening.exception()) is not None:
        if not isinstance(error, MachineError):
            raise error
        problem = str(error)
    if unasked:
        problem = (
            f"{unasked} of its {len(heard)} answers do not say to which question they are, "
            "and what was asked before them is not in the file"
        )
    driver.close()
    opening.cancel()
    loop.pump()
    return Replay(
        protocol,
        driver.stated,
        driver.info,
        tuple(decoded),
        problem or connection.dropped,
        tuple(written) if driver.answers_in_turn else (),
    )
