"""The virtual treadmill as a Bluetooth peripheral: advertising, one link, reads, writes and notifications.

Time is virtual here, too: only `Peripheral.step` lets it pass. Without a delay fault an indication comes one turn of
the event loop after its write, as over the air: never before the write response.
"""

import asyncio
import itertools
import math
from collections.abc import Callable, Mapping
from typing import Final

from ..machine.ftms import const
from ..machine.ftms.const import OpCode, ResultCode
from ..machine.model import KM_PER_MILE, MachineEvent, MachineEventKind
from . import frames
from .access import Access
from .attributes import AttCode, AttError, Characteristic, Service, services_of
from .clock import VirtualClock
from .console_user import ConsoleUser
from .control_point import ControlPoint
from .faults import Faults
from .flood import Flood
from .habits import HabitsOfFaults
from .link import ConnectRefused, Link, LinkLost, Listener
from .treadmill import Phase, VirtualTreadmill

_SUBSTEP: Final = 0.1  # s
_INSTANT: Final = 1e-6  # s; sums of tenths are not exact
_WRITES_KEPT: Final = 10_000


class Peripheral:
    """A treadmill that one central at a time can connect to."""

    def __init__(
        self,
        treadmill: VirtualTreadmill,
        *,
        address: str,
        name: str,
        faults: Faults | None = None,
        values: Mapping[str, bytes] | None = None,
        service_data: bytes | None = None,
    ) -> None:
        self.treadmill = treadmill
        self.address = address
        self.name = name
        self.faults = faults if faults is not None else Faults()
        self.values = values or {}
        """What reading a characteristic returns instead, by the four digits of its UUID."""
        self.service_data = service_data
        """What it advertises of the Fitness Machine Service; None: what the faults say, b"": nothing."""
        self.writes: list[tuple[float, str, bytes]] = []
        """Every write that arrived: virtual time, characteristic, data; at most the last ten thousand."""
        self.supervision_timeout: float | None = None
        """Seconds that the central requested for this link; None: it requested none."""

        self.access = Access(self.faults)
        self._flood = Flood(self.faults)
        self._control_point = ControlPoint(treadmill, self.faults)
        self._console_user = ConsoleUser(treadmill)
        self._link: Link | None = None
        self._clock = VirtualClock()
        self._malformed = itertools.cycle(frames.MALFORMED)
        self._training_status = frames.training_status(treadmill, self.faults)
        self._habits = HabitsOfFaults(treadmill, self.faults)
        self._control_lost_reported = False
        self._reported = 0.0
        self._on_advertising: Callable[[], None] | None = None
        self._was_advertising = False
        treadmill.listener = self._console_used

    @property
    def time(self) -> float:
        """Virtual seconds since the peripheral was made."""
        return self._clock.now

    @property
    def services(self) -> tuple[Service, ...]:
        """The GATT table; a characteristic always has the same handle."""
        return services_of(self.treadmill.profile, self.faults)

    @property
    def connected(self) -> bool:
        """Whether a central holds the link."""
        return self._link is not None

    @property
    def advertising(self) -> bool:
        """Whether scanners receive it: not while connected, nor while off."""
        return not self.connected and not self.faults.off

    def advertisement(self) -> bytes:
        """Return raw advertising data."""
        return frames.advertisement(self.name, self.faults, self.service_data)

    def listen_for_advertising(self, callback: Callable[[], None] | None) -> None:
        """Call `callback` whenever advertising begins, so that a scanner receives it at once; None ends it."""
        self._on_advertising = callback
        self._was_advertising = self.advertising

    # The link

    def connect(self, on_disconnect: Callable[[], None]) -> None:
        """Accept a central's connection; `on_disconnect` is called when the machine ends it. Raises ConnectRefused."""
        if self.faults.off:
            raise ConnectRefused("the treadmill does not answer")
        if self.connected or self.faults.held_by_other_central:
            raise ConnectRefused("the treadmill is connected to another central")
        self._link = Link(on_disconnect)
        self.supervision_timeout = None
        self._was_advertising = False

    def disconnect(self) -> None:
        """End the link from the central's side. The belt runs on: the specification does not say otherwise."""
        self._end_link()
        self._check_advertising()

    def drop_link(self) -> None:
        """End the link from the machine's side, and notify the central."""
        link = self._end_link()
        if link is not None:
            link.on_disconnect()
        self._check_advertising()

    def _end_link(self) -> Link | None:
        link, self._link = self._link, None
        self._control_point.permitted = False
        if link is not None:
            link.fail_unanswered()
        return link

    def _check_advertising(self) -> None:
        was, self._was_advertising = self._was_advertising, self.advertising
        if self._was_advertising and not was and self._on_advertising is not None:
            self._on_advertising()

    def _require_link(self) -> Link:
        if self._link is None:
            raise LinkLost("not connected")
        return self._link

    # Requests of the central

    def read(self, handle: int) -> bytes:
        """Read a characteristic. Raises AttError and LinkLost."""
        self._require_link()
        characteristic = self._characteristic(handle)
        self.access.check_read(characteristic)
        profile = self.treadmill.profile
        match characteristic.uuid:
            case uuid if (value := self.values.get(uuid[4:8].upper())) is not None:
                return value
            case const.FEATURE:
                return frames.features(profile, self.faults)
            case const.TRAINING_STATUS:
                return frames.training_status(self.treadmill, self.faults)
            case const.SPEED_RANGE:
                return frames.speed_range(profile.speed)
            case const.INCLINATION_RANGE if profile.incline is not None:
                return frames.inclination_range(profile.incline)
            case uuid:
                return self.access.identity(characteristic, frames.information(profile)[uuid])

    async def answers(self, handle: int) -> None:
        """Return when the read of a characteristic, or a subscription to it, is answered. Raises LinkLost."""
        await self.access.answers(self._require_link(), self._characteristic(handle))

    async def pair(self) -> bool:
        """Pair with the central, and return whether the treadmill agreed. Raises LinkLost."""
        link = self._require_link()
        await self.after(self.faults.pairing_takes)
        if link is not self._link:
            raise LinkLost("the link ended before it was paired")
        return await self.access.pair(link)

    def subscribe(self, handle: int, callback: Listener) -> None:
        """Send the characteristic's notifications or indications to `callback`. Raises AttError and LinkLost."""
        link = self._require_link()
        characteristic = self._characteristic(handle)
        if characteristic.cccd_handle is None:
            raise AttError(AttCode.REQUEST_NOT_SUPPORTED)
        self.access.check(characteristic)
        link.listeners[handle] = callback
        if characteristic.uuid == const.MACHINE_STATUS and self.faults.stale_status_on_subscribe:
            stale = frames.machine_status(MachineEvent(MachineEventKind.STOPPED))
            asyncio.get_running_loop().call_soon(self._deliver, link, const.MACHINE_STATUS, stale)

    def unsubscribe(self, handle: int) -> None:
        """Send no more of them."""
        self._require_link().listeners.pop(handle, None)

    async def write(self, handle: int, data: bytes, *, response: bool = True) -> None:
        """Write, and return when the response comes. Raises AttError and LinkLost; without response, no AttError."""
        link = self._require_link()
        await link.arrival(self._clock, self.faults.write_delay)
        characteristic = self._characteristic(handle)
        self.writes.append((self.time, characteristic.uuid, bytes(data)))
        del self.writes[:-_WRITES_KEPT]
        if response:
            await self.access.answers(link)
        try:
            self._check_write(link, characteristic, data, response=response)
        except AttError:
            if response:
                raise
            return
        op_code = data[0]
        if op_code in self.faults.no_write_response_op:
            if response:
                await link.never_answer()
            return
        if self._drops_link_on(op_code):
            self.drop_link()
            raise LinkLost("the treadmill ended the link")
        self._follow_faults()
        if link is not self._link:
            raise LinkLost("the treadmill ended the link")
        self._answer(link, op_code, self._control_point.execute(bytes(data)))

    def _check_write(self, link: Link, characteristic: Characteristic, data: bytes, *, response: bool) -> None:
        """Raise AttError for a write that the machine does not take."""
        self.access.check(characteristic)
        kind = "write" if response else "write-without-response"
        taken = not response if self.faults.refuses_write_requests else kind in characteristic.properties
        if not taken:
            raise AttError(AttCode.WRITE_NOT_PERMITTED)
        if characteristic.handle not in link.listeners:
            raise AttError(AttCode.CCCD_IMPROPERLY_CONFIGURED)
        if self.faults.att_error is not None:
            raise AttError(self.faults.att_error)
        if not data:
            raise AttError(AttCode.INVALID_LENGTH)
        # By the specification nothing may overlap; most machines stop all the same, and so does this one.
        if link.outstanding and (self.faults.strict_procedures or data[0] != OpCode.STOP_OR_PAUSE):
            raise AttError(AttCode.PROCEDURE_ALREADY_IN_PROGRESS)

    def _characteristic(self, handle: int) -> Characteristic:
        for service in self.services:
            for characteristic in service.characteristics:
                if characteristic.handle == handle:
                    return characteristic
        raise AttError(AttCode.INVALID_HANDLE)

    def _drops_link_on(self, op_code: int) -> bool:
        return (
            self.faults.drop_link_on_speed_during_countdown
            and op_code == OpCode.SET_TARGET_SPEED
            and self.treadmill.phase is Phase.COUNTDOWN
        )

    def _answer(self, link: Link, op_code: int, result: ResultCode) -> None:
        if self.faults.no_indications_at_all or self.faults.loses_indication(op_code):
            return
        named = op_code
        if self.faults.indication_to_wrong_op:
            named = OpCode.STOP_OR_PAUSE if op_code == OpCode.START_OR_RESUME else OpCode.START_OR_RESUME
        indication = bytes((OpCode.RESPONSE, named, result))
        link.outstanding += 1

        def indicate() -> None:
            link.outstanding -= 1
            for _ in range(2 if self.faults.doubled_indications else 1):
                self._deliver(link, const.CONTROL_POINT, indication)

        if self.faults.indication_delay:
            self._clock.call_after(self.faults.indication_delay, indicate)
        else:
            asyncio.get_running_loop().call_soon(indicate)

    # Notifications

    def notify(self, uuid: str, data: bytes) -> None:
        """Send `data` on a characteristic to a subscribed central, as it is."""
        if self._link is not None:
            self._deliver(self._link, uuid, data)

    def _deliver(self, link: Link, uuid: str, data: bytes) -> None:
        if link is not self._link:
            return
        for service in self.services:
            for characteristic in service.characteristics:
                if characteristic.uuid == uuid and (listener := link.listeners.get(characteristic.handle)):
                    listener(data)

    def _console_used(self, event: MachineEvent) -> None:
        self.notify(const.MACHINE_STATUS, frames.machine_status(event))

    # Time

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass for the treadmill and deliver what falls due meanwhile."""
        parts = max(math.ceil(dt / _SUBSTEP - 1e-6), 1)
        for _ in range(parts):
            self._advance(dt / parts)

    def after(self, seconds: float) -> asyncio.Future[None]:
        """Return a future that is done when `seconds` of virtual time have passed; at once for 0."""
        return self._clock.after(seconds)

    def _advance(self, dt: float) -> None:
        self._follow_faults()
        if self.faults.used_at_console:
            self._console_user.step(dt, self.faults.used_at_console)
        self.treadmill.step(dt)
        second_came_round = self._clock.advance(dt)
        status = frames.training_status(self.treadmill, self.faults)
        if status != self._training_status:
            self._training_status = status
            self.notify(const.TRAINING_STATUS, status)
        if self._report_is_due(second_came_round) and not self.faults.silent:
            self._reported = self.time
            self._notify_data()
        for uuid, data in self._flood.frames(dt, lambda: [*frames.treadmill_data(self.treadmill, self.faults)][-1]):
            self.notify(uuid, data)
        if second_came_round and self.faults.running_speed:
            self.notify(const.RUNNING_MEASUREMENT, frames.running_measurement(self.treadmill))

    def _report_is_due(self, second_came_round: bool) -> bool:
        """Return whether to report now: each full second, or at the interval of the fault."""
        interval = self.faults.report_interval
        return second_came_round if not interval else self.time - self._reported >= interval - _INSTANT

    def _notify_data(self) -> None:
        if self.faults.malformed_data:
            self.notify(const.TREADMILL_DATA, next(self._malformed))
        self._control_point.rest_reported = self.treadmill.at_rest
        for frame in frames.treadmill_data(self.treadmill, self.faults):
            self.notify(const.TREADMILL_DATA, self._flood.padded(frame))

    def _follow_faults(self) -> None:
        """Apply faults that were switched since the last call."""
        faults = self.faults
        miles = faults.miles
        self.treadmill.kmh_per_unit = KM_PER_MILE if miles or faults.miles_taken_only else 1.0
        self.treadmill.reported_in = KM_PER_MILE if miles or faults.miles_reported_only else 1.0
        self._habits.follow()
        self.treadmill.console_dead = faults.console_dead_while_connected and self.connected
        if self.faults.off and self.connected:
            self.drop_link()
        self._check_advertising()
        if not self.faults.control_lost:
            self._control_lost_reported = False
        elif not self._control_lost_reported and self.connected:
            self._control_lost_reported = True
            self._control_point.permitted = False
            self.notify(const.MACHINE_STATUS, frames.machine_status(MachineEvent(MachineEventKind.CONTROL_LOST)))
