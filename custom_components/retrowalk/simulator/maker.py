"""A virtual treadmill whose maker wants more than the standard: a gate before commands, an unlock, an activation.

It plays such a machine strictly: what comes without it, too early or too close is lost, declined, or ends the link.
"""

import asyncio
from typing import Final, override

from ..machine.ftms import const
from ..machine.ftms.const import OpCode, ResultCode
from ..machine.ftms.quirks import KINGSMITH_GATE, KINGSMITH_UNLOCK, KINGSMITH_UNLOCK_REPLIES, UREVO_WRITE
from ..machine.model import MachineEvent, MachineEventKind
from . import frames
from .attributes import Characteristic, Service
from .gatt import Peripheral
from .link import Link, LinkLost, Listener
from .treadmill import Phase

PREAMBLE: Final = bytes.fromhex("01000d00060b0f0d")
ACTIVATION: Final = bytes.fromhex("02510b03")
_UNLOCKED: Final = bytes.fromhex("71800002")
_UPDATE: Final = 0xE8
"""The first byte of the frames of a firmware update."""
_PACE: Final = 0.4  # s between two writes to a machine that has to be unlocked
_CLOSE: Final = 0.03  # s between two subscriptions

_GATE: Final = Characteristic(0x27, KINGSMITH_GATE, ("write",), None)
_UNLOCK: Final = Service(
    0x50,
    "24e2521c-f63b-48ed-85be-c5330a00fdf7",
    (
        Characteristic(0x52, KINGSMITH_UNLOCK_REPLIES, ("notify",), 0x53),
        Characteristic(0x55, KINGSMITH_UNLOCK, ("write-without-response",), None),
    ),
)
_UREVO: Final = Service(
    0x60, const.short_uuid(0xFFF0), (Characteristic(0x62, UREVO_WRITE, ("write", "write-without-response"), None),)
)
_MAKERS: Final = frozenset({KINGSMITH_GATE, KINGSMITH_UNLOCK, UREVO_WRITE})


class MakerPeripheral(Peripheral):
    """A treadmill that does what its maker wants besides the standard; without such faults it is any other."""

    updating = False
    """Whether a frame of a firmware update came, after which a real machine may be broken."""
    _unlocked = False
    _active = False
    _gate_open = False
    _written = _subscribed = float("-inf")

    @property
    @override
    def services(self) -> tuple[Service, ...]:
        """The GATT table, with what the maker adds."""
        services, faults = super().services, self.faults
        if faults.wants_preamble:
            first = services[0]
            added = Service(first.handle, first.uuid, (*first.characteristics, _GATE))
            services = (added, *services[1:])
        if faults.locked:
            services += (_UNLOCK,)
        return (*services, _UREVO) if faults.zeros_until_activated else services

    @override
    def _end_link(self) -> Link | None:
        self._unlocked = self._active = self._gate_open = False
        self._written = self._subscribed = float("-inf")
        return super()._end_link()

    @override
    def subscribe(self, handle: int, callback: Listener) -> None:
        """Subscribe; two that are close, or that to the training status, may be too much."""
        if self.faults.loses_close_subscriptions:
            now = asyncio.get_running_loop().time()
            close, self._subscribed = now - self._subscribed < _CLOSE, now
            if close:
                return
        early = self._link is not None and not self._reads_done
        if (
            self.faults.weak_status_subscription
            and early
            and self._characteristic(handle).uuid == const.TRAINING_STATUS
        ):
            self.drop_link()
            raise LinkLost("the treadmill ended the link")
        super().subscribe(handle, callback)

    @property
    def _reads_done(self) -> bool:
        """Whether the central listens to everything else already."""
        return self._link is not None and len(self._link.listeners) >= 3

    @override
    async def write(self, handle: int, data: bytes, *, response: bool = True) -> None:
        """Write; without what the maker wants before it, a command is lost or declined."""
        link, characteristic = self._require_link(), self._characteristic(handle)
        if characteristic.uuid in _MAKERS:
            self.writes.append((self.time, characteristic.uuid, bytes(data)))
            self._for_maker(characteristic.uuid, bytes(data))
            return
        is_open, self._gate_open = self._gate_open, False
        if self.faults.locked and (self._too_close() or not self._unlocked):
            self.writes.append((self.time, characteristic.uuid, bytes(data)))
            return
        if self.faults.wants_preamble and not is_open:
            self.writes.append((self.time, characteristic.uuid, bytes(data)))
            super()._answer(link, data[0], ResultCode.CONTROL_NOT_PERMITTED)
            return
        if data[:1] == bytes((OpCode.RESET,)):
            self._active = False
        await super().write(handle, data, response=response)

    def _too_close(self) -> bool:
        now = asyncio.get_running_loop().time()
        before, self._written = self._written, now
        return now - before < _PACE - 0.001

    def _for_maker(self, uuid: str, data: bytes) -> None:
        self.updating = self.updating or data[:1] == bytes((_UPDATE,))
        if uuid == KINGSMITH_GATE:
            self._gate_open = data == PREAMBLE
        elif uuid == UREVO_WRITE:
            self._active = self._active or data == ACTIVATION
        elif not self._too_close() and data == _unlock_frame(self.name):
            self._unlocked = True
            self.notify(KINGSMITH_UNLOCK_REPLIES, _UNLOCKED)

    @override
    def _drops_link_on(self, op_code: int) -> bool:
        treadmill = self.treadmill
        spins_up = (
            treadmill.phase is Phase.RUNNING and treadmill.running_for < self.faults.drop_link_on_speed_in_spin_up
        )
        return super()._drops_link_on(op_code) or (op_code == OpCode.SET_TARGET_SPEED and spins_up)

    @override
    def _answer(self, link: Link, op_code: int, result: ResultCode) -> None:
        if not self.faults.answers_by_status or op_code == OpCode.REQUEST_CONTROL or result != ResultCode.SUCCESS:
            super()._answer(link, op_code, result)
            return
        if (event := self._carried_out(op_code)) is not None:
            status = frames.machine_status(event)
            asyncio.get_running_loop().call_soon(self._deliver, link, const.MACHINE_STATUS, status)

    def _carried_out(self, op_code: int) -> MachineEvent | None:
        treadmill = self.treadmill
        match op_code:
            case OpCode.START_OR_RESUME:
                return MachineEvent(MachineEventKind.STARTED)
            case OpCode.SET_TARGET_SPEED:
                return MachineEvent(MachineEventKind.SPEED_CHANGED, treadmill.target_speed)
            case OpCode.SET_TARGET_INCLINATION:
                return MachineEvent(MachineEventKind.INCLINE_CHANGED, treadmill.target_incline)
            case OpCode.STOP_OR_PAUSE:
                paused = treadmill.phase is Phase.PAUSED
                return MachineEvent(MachineEventKind.PAUSED if paused else MachineEventKind.STOPPED)
        return None

    @override
    def _deliver(self, link: Link, uuid: str, data: bytes) -> None:
        if self.faults.locked and not self._unlocked:
            return  # totally silent
        if self.faults.zeros_until_activated and not self._active and uuid == const.TREADMILL_DATA:
            data = data[:2] + bytes(len(data) - 2)
        super()._deliver(link, uuid, data)


def _unlock_frame(name: str) -> bytes:
    """Return what unlocks it, by the maker's rule: the last four bytes of its name and one, and their sum."""
    low = int.from_bytes(name.encode()[-4:].ljust(4, b"\0"), "little")
    frame = b"\x71\x00\x05\x01" + ((low + 1) % (1 << 32)).to_bytes(4, "little")
    return frame + bytes((sum(frame) % 256,))
