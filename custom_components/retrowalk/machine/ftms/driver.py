"""A treadmill that speaks the Fitness Machine Service."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, override

from ..device_information import read_information
from ..driver import Connection, Driver, Listener
from ..errors import (
    ControlRefusedError,
    DeclinedError,
    NoDataError,
    NotATreadmillError,
    PairingError,
    RejectedError,
    UnreachableError,
)
from ..model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEventKind,
    MachineInfo,
    Quirk,
    Telemetry,
    ValueRange,
)
from . import const
from .codec import (
    Features,
    RecordMerger,
    TreadmillData,
    decode_features,
    decode_inclination_range,
    decode_machine_status,
    decode_speed_range,
    decode_training_status,
    encode_pause,
    encode_start,
    encode_target_inclination,
    encode_target_speed,
)
from .const import MachineFeature, TargetFeature, TrainingStatusCode
from .control_point import ControlPoint
from .events import event_of
from .gate import Gate
from .patience import Patience
from .quirks import known_quirks, speech_for
from .running import RunningSpeed
from .step_tail import StepTail, TailFrame

_LISTENS_WITHIN = 2.0
"""Seconds for a machine to let us subscribe to its control point."""
_NO_PULSE = frozenset({0, 0xFF})
"""Heart rates that stand for none, although the standard has no such value."""

_NO_SPEED = 0.005
"""km/h below which a target is sent as 0."""


class FtmsDriver(Driver):
    """Fitness Machine Service 1.0, with the differences of real machines."""

    def __init__(
        self,
        connection: Connection,
        listener: Listener,
        clock: Callable[[], float],
        *,
        chosen: Mapping[Quirk, bool] = MappingProxyType({}),
        patience: Patience | None = None,
    ) -> None:
        """`clock` gives monotonic seconds for the age of telemetry; `chosen` is what the owner knows better."""
        self.info = MachineInfo()
        self.capabilities = Capabilities()
        self.telemetry = Telemetry()
        self._connection = connection
        self._listener = listener
        self._clock = clock
        self.quirks = known_quirks(connection.name, connection.has)
        self._speech = speech_for(connection.name, connection.has, self.quirks, chosen)
        self._tail = StepTail(trusted=self._speech.steps_in_tail)
        # Where the owner says that there are no steps, none are looked for.
        self._merger = RecordMerger(steps=chosen.get(Quirk.STEPS_IN_TAIL, True))
        self._running = RunningSpeed(clock)
        self._training_status: TrainingStatusCode | None = None
        self._opened = False
        self._closed = False
        self._listening = asyncio.Event()  # to the control point
        self._gate = Gate(connection, self._speech)
        self._control_point = ControlPoint(
            self._gate.command,
            give_up=connection.drop,
            patience=patience,
            answers_by_status=self._speech.answers_by_status,
            telemetry=lambda: self.telemetry,
        )
        self._activating: asyncio.Task[None] | None = None

    @staticmethod
    def fits(connection: Connection) -> bool:
        """Return whether the machine has what we need of this service; names and advertisements prove nothing."""
        return connection.has(const.TREADMILL_DATA)

    @override
    async def open(self, *, stop_first: Command | None) -> None:
        if not self.fits(self._connection):
            raise NotATreadmillError("no treadmill data in its Fitness Machine Service")
        if stop_first is not None:
            self._control_point.writes.expect_slow()
        await self._gate.unlock(stop_waits=stop_first is not None)  # or it would not take a stop either
        # Before the first command, or the machine answers "CCCD improperly configured".
        controllable = await self._listen_to_control_point()
        self._listening.set()
        # One that cannot be paired may well be on the next link: until the stop lapses, that is tried.
        if stop_first is not None and (controllable or self.control_wants_pairing):
            await self._stop_first(stop_first)
        # Before any data: on some machines only it shows whether a reported speed is real.
        reported = await self._read_training_status()
        await self._listen_to_data()
        await self._gate.activate()
        await self._listen(const.RUNNING_MEASUREMENT, self._receive_running)
        await self._listen(const.MACHINE_STATUS, self._receive_machine_status)
        if not self._speech.weak_subscriptions:
            await self._follow_training_status(reported=reported)
        self.capabilities = _capabilities(
            decode_features(await self._read(const.FEATURE)),
            decode_speed_range(await self._read(const.SPEED_RANGE)),
            decode_inclination_range(await self._read(const.INCLINATION_RANGE)),
            controllable=controllable,
            steps=self._speech.steps_in_tail,
        )
        self.info = await read_information(self._connection)
        if self._speech.weak_subscriptions:
            await self._follow_training_status(reported=reported)
        # The session acts on what the model tells, too; how it is spoken to has to be known before.
        self.quirks = known_quirks(self._connection.name, self._connection.has, self.info.model)
        # Some machines repeat an old status after a subscription, so that everything until now is history.
        self._opened = True

    @override
    async def execute(self, command: Command) -> None:
        if not self._connection.has(const.CONTROL_POINT):
            raise ControlRefusedError("this treadmill cannot be controlled over Bluetooth")
        match command:
            case Command(CommandKind.STOP | CommandKind.END_SESSION):
                await self._listens()
                await self._control_point.stop()
            case Command(CommandKind.PAUSE, urgent=True):
                await self._control_point.stop(encode_pause())
            case Command(CommandKind.SET_SPEED, float() | int() as speed) if speed < _NO_SPEED:
                raise ValueError(f"0 is no speed, and stops some belts: {command}")
            case Command(CommandKind.SET_SPEED, float() | int() as speed, urgent=True):
                await self._control_point.stop(encode_target_speed(speed))
            case Command(CommandKind.PAUSE):
                await self._control_point.run(encode_pause())
            case Command(CommandKind.START, shown_at_rest):
                # On some machines a start stops a moving belt; on none does it help one.
                if self.telemetry.belt is not BeltState.MOVING or self.telemetry.speed == shown_at_rest:
                    await self._control_point.run(encode_start() + self._speech.start_parameter)
            case Command(CommandKind.START_AGAIN):
                await self._control_point.run(encode_start() + self._speech.start_parameter)
            case Command(CommandKind.SET_SPEED, float() | int() as speed):
                await self._control_point.run(encode_target_speed(speed))
            case Command(CommandKind.SET_INCLINE, float() | int() as incline):
                await self._control_point.run(encode_target_inclination(incline))
            case _:
                raise ValueError(f"not a complete command: {command}")

    @override
    def close(self) -> None:
        self._closed = True
        self._control_point.close()
        if self._activating is not None:
            self._activating.cancel()

    async def _listens(self) -> None:
        """Wait a moment for a machine that is only being opened: a stop may be sent as soon as it may be written."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LISTENS_WITHIN):
                await self._listening.wait()

    async def _stop_first(self, command: Command) -> None:
        try:
            # A machine that refuses Stop does so on any link, so that seeing the belt is worth more than a new link.
            with contextlib.suppress(ControlRefusedError, DeclinedError):
                await self.execute(command)
                self.stop_accepted = True
        except PairingError:
            raise
        except RejectedError as err:
            raise UnreachableError(str(err)) from err

    async def _read(self, characteristic: str) -> bytes:
        """Return a value; empty where the machine has none or refuses it."""
        if not self._connection.has(characteristic):
            return b""
        try:
            return await self._connection.read(characteristic)
        except RejectedError:
            return b""

    async def _read_training_status(self) -> bool:
        """Read what the machine does, and return whether it says so."""
        data = await self._read(const.TRAINING_STATUS)
        code = decode_training_status(data).code
        self._training_status = self._training_status if code is None else code
        return code is not None

    async def _follow_training_status(self, *, reported: bool) -> None:
        if not await self._listen(const.TRAINING_STATUS, self._receive_training_status):
            self._training_status = None  # it would never change
        elif reported:
            await self._read_training_status()  # it may have changed before we subscribed

    async def _listen_to_control_point(self) -> bool:
        if not self._connection.has(const.CONTROL_POINT):
            return False
        try:
            await self._gate.subscribe(const.CONTROL_POINT, self._control_point.receive)
        except PairingError:
            self.control_wants_pairing = True
            return False
        except RejectedError:
            return False
        return True

    async def _listen_to_data(self) -> None:
        try:
            await self._gate.subscribe(const.TREADMILL_DATA, self._receive_data)
        except PairingError:
            raise
        except RejectedError as err:
            raise NoDataError(f"the treadmill declines to report its data: {err}") from err

    async def _listen(self, characteristic: str, receive: Callable[[bytes], None]) -> bool:
        """Subscribe, and return whether the machine has the characteristic and allows it."""
        if not self._connection.has(characteristic):
            return False
        try:
            await self._gate.subscribe(characteristic, receive, spare=True)
        except RejectedError:
            return False
        return True

    def _receive_data(self, data: bytes) -> None:
        now = self._clock()
        record = self._merger.feed(data, now)
        if record is None:
            if data and self.telemetry.speed is None:
                self._publish(self.telemetry, None)  # something came, which nothing with a speed may ever follow
            return
        if record.speed is not None:
            self._running.spare()
        telemetry = _merged(self.telemetry, record)
        if record.steps is not None:
            telemetry = telemetry._replace(steps=self._steps_of(record.steps, telemetry, now))
        self._publish(telemetry, None if record.speed is None else now)

    def _steps_of(self, tail: int, telemetry: Telemetry, now: float) -> int | None:
        """Return the steps in the tail of a record; None where it is not known to count them."""
        moving = bool(telemetry.speed)
        return self._tail.update(TailFrame(now, tail, moving, telemetry.distance, telemetry.elapsed_time))

    def _receive_running(self, data: bytes) -> None:
        if (record := self._running.feed(data)) is not None:
            distance = self.telemetry.distance if record.distance is None else record.distance
            self._publish(self.telemetry._replace(speed=record.speed, distance=distance), self._clock())

    def _receive_training_status(self, data: bytes) -> None:
        self._training_status = decode_training_status(data).code
        self._publish(self.telemetry, None)

    def _receive_machine_status(self, data: bytes) -> None:
        event = event_of(decode_machine_status(data))
        if event is None or not self._opened or self._closed:
            return
        self._control_point.on_machine_event(event)
        if event.kind is MachineEventKind.RESET:
            self._activating = asyncio.create_task(self._gate.activate(), name="Activating a treadmill after its reset")
        self._listener.on_machine_event(event)

    def _publish(self, telemetry: Telemetry, now: float | None) -> None:
        """Notify the listener; `now` only where the belt was reported, because nothing else proves its state."""
        if self._closed:
            return  # the old link may still report while it is taken down
        self.telemetry = telemetry._replace(
            received=telemetry.received if now is None else now,
            belt=_belt_state(telemetry.speed, self._training_status),
            training_status=self._training_status.name.lower() if self._training_status is not None else None,
        )
        self._listener.on_telemetry(self.telemetry)


def _merged(known: Telemetry, record: TreadmillData) -> Telemetry:
    """Return what is known after a record: many machines send their fields in turns, so absent is not unknown."""
    news: dict[str, Any] = {
        "speed": record.speed,
        "incline": record.inclination,
        "distance": record.distance,
        "energy": record.energy,
        "elapsed_time": record.elapsed_time,
        "force_on_belt": record.force_on_belt,
    }
    merged = known._replace(**{key: value for key, value in news.items() if value is not None})
    if record.heart_rate is not None:
        merged = merged._replace(heart_rate=None if record.heart_rate in _NO_PULSE else record.heart_rate)
    return merged


def _belt_state(speed: float | None, status: TrainingStatusCode | None) -> BeltState:
    if speed is None:
        return BeltState.UNKNOWN
    if speed > 0:
        return BeltState.MOVING
    return BeltState.COUNTDOWN if status is TrainingStatusCode.PRE_WORKOUT else BeltState.AT_REST


def _capabilities(
    features: Features, speed: ValueRange | None, incline: ValueRange | None, *, controllable: bool, steps: bool
) -> Capabilities:
    """Return what the machine can do.

    Whether it claims that a speed can be set proves nothing, either way: it is offered with a range that can be read,
    and the check run finds out what is true (S9). No check run moves a deck, so that an incline has to be claimed too.
    """
    can_set_incline = controllable and features.target is not None and TargetFeature.INCLINATION in features.target
    return Capabilities(
        speed_range=speed if controllable else None,
        incline_range=incline if can_set_incline and incline and incline.maximum > incline.minimum else None,
        can_start_and_stop=controllable,
        reports_incline=MachineFeature.INCLINATION in features.machine,
        reports_distance=MachineFeature.TOTAL_DISTANCE in features.machine,
        reports_energy=MachineFeature.EXPENDED_ENERGY in features.machine,
        reports_heart_rate=MachineFeature.HEART_RATE in features.machine,
        reports_steps=steps or MachineFeature.STEP_COUNT in features.machine,
        reports_elapsed_time=MachineFeature.ELAPSED_TIME in features.machine,
    )
