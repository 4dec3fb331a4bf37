"""The last of what went over a treadmill's link, for the diagnostics: always kept, never growing, deciding nothing."""

import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bleak import BleakClient

from ..model import KnownQuirk, Quirk

_LOGGER = logging.getLogger(__name__)

MOST_FRAMES = 300
"""Of the reports, and of the rest: a report a second must not crowd out what was written an hour ago."""
MOST_EVENTS = 100
MOST_BYTES = 256
"""Of a frame; no treadmill's is nearly as long."""
_MOST_TEXT = 500
_MOST_CHARACTERISTICS = 200
_MOST_VALUES = 64
_BASE = "-0000-1000-8000-00805f9b34fb"
# System ID (made of the address), device name, serial number: they name one machine, and so its owner.
_IDENTIFYING = frozenset({"2A00", "2A23", "2A25"})


class Way(StrEnum):
    """How a frame came about."""

    READ = "read"
    WRITE = "write"
    ANSWER = "answer"  # from a characteristic that is also written
    REPORT = "report"
    FAILED = "failed"  # read, write or subscription


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; the time is in monotonic seconds."""

    at: float
    way: Way
    characteristic: str
    data: bytes
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A change of the link's state, and why."""

    at: float
    state: str
    reason: str | None


def short(uuid: str) -> str:
    """Return the four digits of an assigned UUID, or all of any other."""
    return uuid[4:8].upper() if uuid.startswith("0000") and uuid.endswith(_BASE) else uuid


@dataclass(slots=True)
class LinkLog:
    """What one treadmill sent and was sent; it outlives its links."""

    clock: Callable[[], float]
    reports: deque[Frame] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    exchanges: deque[Frame] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    events: deque[LinkEvent] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    values: dict[str, bytes] = field(default_factory=dict)
    """The newest value of each characteristic that was read."""
    gatt: list[dict[str, Any]] = field(default_factory=list)
    quirks: Mapping[Quirk, KnownQuirk] = field(default_factory=dict)
    poll: bytes = b""
    """What the driver asks again and again, kept with the reports."""
    name: str | None = None
    """As the machine last advertised it."""
    reason: str | None = None
    """Why the link will change its state next, as far as that is known."""
    _written: set[str] = field(default_factory=set)

    def connected(self, client: BleakClient, name: str) -> None:
        """Take in what a machine offers, once its link is up."""
        self.name = name
        self.gatt = []
        self._written.clear()
        with contextlib.suppress(Exception):  # backends raise anything when a link dies under them
            for service in client.services:
                for offered in service.characteristics:
                    if len(self.gatt) == _MOST_CHARACTERISTICS:
                        return
                    row = {"service": short(service.uuid), "characteristic": short(offered.uuid)}
                    self.gatt.append({**row, "handle": offered.handle, "properties": [*offered.properties]})

    def changed(self, state: str) -> None:
        """Take in a new state of the link."""
        self.events.append(LinkEvent(self.clock(), state, self.reason and self.reason[:_MOST_TEXT]))
        self.reason = None

    def frame(self, way: Way, characteristic: str, data: bytes) -> None:
        """Take in one frame."""
        uuid = short(characteristic)
        if uuid in _IDENTIFYING:
            return
        data = data[:MOST_BYTES]
        if way is Way.WRITE:
            self._written.add(uuid)
        elif way is Way.REPORT and uuid in self._written:
            way = Way.ANSWER
        elif way is Way.READ and (uuid in self.values or len(self.values) < _MOST_VALUES):
            self.values[uuid] = data
        asks = way is Way.WRITE and data == self.poll
        frames = self.reports if way is Way.REPORT or asks else self.exchanges
        frames.append(Frame(self.clock(), way, uuid, data))
        if _LOGGER.isEnabledFor(logging.DEBUG):
            _LOGGER.debug("%s: %s %s %s", self.name, way, uuid, data.hex())

    def failed(self, characteristic: str, error: str) -> None:
        """Take in what could not be read, written or subscribed to."""
        uuid = short(characteristic)
        self.exchanges.append(Frame(self.clock(), Way.FAILED, uuid, b"", error[:_MOST_TEXT]))
        _LOGGER.debug("%s: failed %s %.200s", self.name, uuid, error)
