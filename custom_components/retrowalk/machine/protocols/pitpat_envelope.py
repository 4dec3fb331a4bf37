"""PitPat in an envelope: Superun BA04, and older DeerRun pads with swapped characteristics (docs/protocols.md).

Their frames are those of PitPat, behind four bytes with a number. In which unit they take a speed is not certain, so
that they are only monitored; a stop has no speed, and is sent.
"""

from dataclasses import replace
from typing import ClassVar, Final, override

from ..framed.stream import FrameStream
from ..model import Capabilities, Command, CommandKind
from .pitpat import END, PitPatDriver, is_whole

SERVICE: Final = "0000ffff-0000-1000-8000-00805f9b34fb"
DEERRUN_SERVICE: Final = "0000fff0-0000-1000-8000-00805f9b34fb"

_ENVELOPE: Final = b"\x4d\x00"
_HEAD = 4
"""Bytes before the frame: the envelope, a number that counts up, the length of the frame."""


def _is_whole(data: bytes) -> bool:
    return len(data) > _HEAD and data[:2] == _ENVELOPE and data[3] == len(data) - _HEAD and is_whole(data[_HEAD:])


class EnvelopedDriver(PitPatDriver):
    """A pad that wants PitPat's frames in an envelope."""

    writes_to: ClassVar[str] = "0000ff01-0000-1000-8000-00805f9b34fb"
    reports_on: ClassVar[str] = "0000ff02-0000-1000-8000-00805f9b34fb"

    @override
    def prepare(self) -> None:
        super().prepare()
        self._envelopes = FrameStream(_ENVELOPE[0], END, _is_whole)
        self._number = 0

    @override
    def wrap(self, frame: bytes) -> bytes:
        number, self._number = self._number, (self._number + 1) & 0xFF
        return bytes((*_ENVELOPE, number, len(frame), *frame))

    @override
    def frames_in(self, data: bytes) -> list[bytes]:
        return [frame[_HEAD:] for frame in self._envelopes.feed(data, self.now)]

    @override
    async def introduce(self) -> Capabilities:
        known = await super().introduce()
        return replace(known, speed_range=None, can_start_and_stop=False, control_unproven=True)

    @override
    def stop_frame(self, command: Command) -> bytes:
        slower = command.kind is CommandKind.SET_SPEED  # would be a speed in a unit that nobody knows
        return super().stop_frame(Command(CommandKind.STOP) if slower else command)


class DeerRunDriver(EnvelopedDriver):
    """A pad of DeerRun that is written to where others report, and the other way round."""

    writes_to: ClassVar[str] = "0000fff1-0000-1000-8000-00805f9b34fb"
    reports_on: ClassVar[str] = "0000fff2-0000-1000-8000-00805f9b34fb"
