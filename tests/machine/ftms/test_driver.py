"""Tests for what the FTMS driver reads, reports and sends, on the virtual treadmill."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    MachineError,
    NotATreadmillError,
    PairingError,
    RejectedError,
    UnreachableError,
)
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.driver import FtmsDriver
from custom_components.retrowalk.machine.ftms.patience import Patience
from custom_components.retrowalk.machine.model import (
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    MachineInfo,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.driver_bench import (
    PATIENT,
    PAUSE,
    REQUEST_CONTROL,
    START,
    STOP,
    RecordingListener,
    at_once,
    speed,
    turns,
    virtual_connection,
)
from tests.support.waiting import until

CONSOLE = MachineEventKind


class Bench:
    """A driver on a virtual treadmill."""

    def __init__(
        self, profile: Profile | None = None, *, name: str = "Virtual treadmill", patience: Patience = PATIENT
    ) -> None:
        self.connection = virtual_connection(profile, name)
        self.peripheral = self.connection.peripheral
        self.treadmill = self.peripheral.treadmill
        self.faults = self.peripheral.faults
        self.listener = RecordingListener()
        self.driver = FtmsDriver(self.connection, self.listener, lambda: self.peripheral.time, patience=patience)
        self.connection.lost = self.driver.close

    @property
    def telemetry(self) -> Telemetry:
        assert self.listener.telemetry[-1] == self.driver.telemetry
        return self.driver.telemetry

    async def open(self, *, stop_first: bool = False) -> Bench:
        await self.driver.open(stop_first=Command(CommandKind.STOP) if stop_first else None)
        return self

    async def do(self, kind: CommandKind, value: float | None = None) -> None:
        await self.driver.execute(Command(kind, value))

    def data(self, frame: str) -> Telemetry:
        self.peripheral.notify(const.TREADMILL_DATA, bytes.fromhex(frame))
        return self.telemetry

    def status(self, message: str) -> None:
        self.peripheral.notify(const.MACHINE_STATUS, bytes.fromhex(message))

    def training(self, message: str) -> Telemetry:
        self.peripheral.notify(const.TRAINING_STATUS, bytes.fromhex(message))
        return self.telemetry


# Opening


async def test_it_reads_who_the_machine_is_and_what_it_can() -> None:
    bench = await Bench(Profile(heart_rate=True, serial="")).open()
    assert bench.driver.info == MachineInfo(
        manufacturer="Retrowalk", model="Virtual treadmill", hardware="1.0", firmware="1.0.0", software="1.0.0"
    )
    assert bench.driver.capabilities == Capabilities(
        speed_range=ValueRange(0.5, 20.0, 0.1),
        incline_range=ValueRange(0.0, 15.0, 0.5),
        can_start_and_stop=True,
        reports_incline=True,
        reports_distance=True,
        reports_energy=True,
        reports_heart_rate=True,
        reports_elapsed_time=True,
    )


async def test_opening_writes_nothing_to_the_machine() -> None:
    bench = await Bench().open()
    assert bench.connection.commands() == []


async def test_the_control_point_is_subscribed_before_anything_else() -> None:
    bench = await Bench().open()
    assert bench.connection.requests[0] == ("subscribe", const.CONTROL_POINT)
    # Reads come after all subscriptions, except the one value that shows whether a reported speed can be trusted.
    requests = [(what, uuid) for what, uuid in bench.connection.requests if uuid != const.TRAINING_STATUS]
    assert [what for what, _ in requests[:3]] == ["subscribe"] * 3
    assert "subscribe" not in {what for what, _ in requests[3:]}


@pytest.mark.parametrize("answer", [b"", RejectedError("unlikely error"), PairingError("insufficient authentication")])
async def test_a_training_status_that_cannot_be_read_holds_nothing_up(answer: bytes | Exception) -> None:
    bench = Bench()
    bench.connection.values[const.TRAINING_STATUS] = answer
    await bench.open()
    bench.peripheral.step(1)
    assert bench.telemetry.belt is BeltState.AT_REST
    assert bench.telemetry.training_status is None
    assert bench.connection.requests.count(("read", const.TRAINING_STATUS)) == 1  # one is enough
    assert bench.training("00 0d").training_status == "manual_mode"


def wants_pairing_for(bench: Bench, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    subscribe = bench.connection.subscribe

    async def paired(characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        if characteristic == refused:
            raise PairingError("it wants to be paired, which failed")
        await subscribe(characteristic, receive, spare=spare)

    monkeypatch.setattr(bench.connection, "subscribe", paired)


async def test_a_machine_whose_control_point_alone_wants_to_be_paired_is_monitored_and_said_to_want_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    wants_pairing_for(bench, monkeypatch, const.CONTROL_POINT)
    await bench.open()
    assert bench.driver.control_wants_pairing
    assert not bench.driver.capabilities.can_start_and_stop


async def test_a_machine_whose_data_want_to_be_paired_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    wants_pairing_for(bench, monkeypatch, const.TREADMILL_DATA)
    with pytest.raises(PairingError):
        await bench.open()


async def test_what_the_machine_does_is_known_before_its_first_data() -> None:
    bench = Bench()
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    await bench.open()
    assert bench.data("0000 6400").training_status == "manual_mode"
    requests = bench.connection.requests
    assert requests.index(("read", const.TRAINING_STATUS)) < requests.index(("subscribe", const.TREADMILL_DATA))


async def test_a_training_status_that_changes_while_the_machine_is_read_is_not_missed() -> None:
    bench = Bench()
    subscribe = bench.connection.subscribe

    async def pressed_meanwhile(characteristic: str, receive: Callable[[bytes], None], *, spare: bool = False) -> None:
        if characteristic == const.TRAINING_STATUS:
            bench.treadmill.press_start()
            bench.peripheral.step(10)
        await subscribe(characteristic, receive)

    bench.connection.subscribe = pressed_meanwhile  # type: ignore[method-assign]
    await bench.open()
    assert bench.data("0000 6400").training_status == "manual_mode"


@pytest.mark.parametrize(("shown", "sent"), [(None, []), (2.0, []), (3.0, [REQUEST_CONTROL, START])])
async def test_s8_a_belt_that_reports_a_speed_is_started_only_where_that_is_its_speed_at_rest(
    shown: float | None, sent: list[bytes]
) -> None:
    bench = await Bench().open()
    bench.data("0000 2c01")
    await bench.do(CommandKind.START, shown)
    assert bench.connection.commands() == sent


async def test_s3_a_kept_stop_goes_before_everything_that_is_read() -> None:
    bench = Bench()
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    await bench.open(stop_first=True)
    assert bench.connection.commands() == [STOP, REQUEST_CONTROL, STOP]
    assert bench.connection.requests[:3] == [("subscribe", const.CONTROL_POINT)] + [("write", const.CONTROL_POINT)] * 2
    assert bench.treadmill.phase is Phase.IDLE


async def test_s3_a_machine_that_refuses_a_kept_stop_is_watched_all_the_same() -> None:
    bench = Bench()
    bench.faults.refuse_control = True
    bench.treadmill.press_start()
    await bench.open(stop_first=True)
    bench.peripheral.step(10)
    assert bench.telemetry.belt is BeltState.MOVING


async def test_s3_a_kept_stop_that_cannot_be_written_makes_the_link_anew() -> None:
    bench = Bench(patience=replace(PATIENT, owed_answer=0.01))
    bench.faults.att_error = 0x0E
    with pytest.raises(UnreachableError):
        await bench.open(stop_first=True)


async def test_something_else_is_no_treadmill() -> None:
    bench = Bench()
    bench.faults.not_a_treadmill = True
    assert not FtmsDriver.fits(bench.connection)
    with pytest.raises(NotATreadmillError):
        await bench.open()
    assert bench.connection.requests == []


async def test_a_link_that_ends_while_it_is_opened_is_told() -> None:
    bench = Bench()
    opening = asyncio.create_task(bench.open())
    await asyncio.sleep(0)
    bench.peripheral.drop_link()
    with pytest.raises(UnreachableError):
        await opening


async def test_without_a_control_point_it_watches_and_says_that_it_cannot_control() -> None:
    bench = Bench()
    bench.connection.missing.add(const.CONTROL_POINT)
    await bench.open(stop_first=True)
    assert bench.driver.capabilities.speed_range is None
    assert bench.driver.capabilities.incline_range is None
    assert not bench.driver.capabilities.can_start_and_stop
    for kind in (CommandKind.STOP, CommandKind.START, CommandKind.PAUSE):
        with pytest.raises(ControlRefusedError):
            await bench.do(kind)
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    assert bench.telemetry.speed == 0.5


async def test_a_control_point_that_declines_to_be_listened_to_counts_as_none_but_stop_is_tried() -> None:
    bench = Bench(patience=replace(PATIENT, owed_answer=0.01))
    bench.connection.undeliverable.add(const.CONTROL_POINT)
    await bench.open(stop_first=True)
    assert not bench.driver.capabilities.can_start_and_stop
    with pytest.raises(RejectedError):
        await bench.do(CommandKind.STOP)
    assert bench.connection.commands() == [STOP]


@pytest.mark.parametrize("way", ["missing", "undeliverable"])
async def test_status_messages_are_a_bonus(way: str) -> None:
    bench = Bench()
    getattr(bench.connection, way).update({const.MACHINE_STATUS, const.TRAINING_STATUS})
    await bench.open()
    bench.peripheral.step(1)
    assert bench.telemetry == Telemetry(
        received=1.0, belt=BeltState.AT_REST, speed=0.0, incline=0.0, distance=0, energy=0, elapsed_time=0
    )


async def test_a_machine_that_declines_to_tell_its_data_is_out_of_reach() -> None:
    bench = Bench()
    bench.connection.undeliverable.add(const.TREADMILL_DATA)
    with pytest.raises(UnreachableError):
        await bench.open()


async def test_a_machine_that_claims_everything_can_do_what_it_has_ranges_for() -> None:
    bench = Bench(Profile(incline=None))
    bench.faults.all_features = True
    await bench.open()
    assert bench.driver.capabilities.speed_range == ValueRange(0.5, 20.0, 0.1)
    assert bench.driver.capabilities.incline_range is None


async def test_a_deck_that_cannot_tilt_has_no_incline_whatever_its_range_says() -> None:
    bench = Bench()
    bench.connection.values[const.INCLINATION_RANGE] = bytes(6)
    await bench.open()
    assert bench.driver.capabilities.incline_range is None
    bench = Bench()
    bench.connection.values[const.INCLINATION_RANGE] = bytes.fromhex("0a000a000500")  # 1 % to 1 %
    await bench.open()
    assert bench.driver.capabilities.incline_range is None


@pytest.mark.parametrize("claims", [False, True])
async def test_without_ranges_no_target_can_be_set_whatever_is_claimed(claims: bool) -> None:
    bench = Bench()
    bench.faults.no_ranges, bench.faults.all_features = True, claims
    await bench.open()
    assert bench.driver.capabilities.speed_range is None
    assert bench.driver.capabilities.incline_range is None
    assert bench.driver.capabilities.can_start_and_stop


@pytest.mark.parametrize("value", [None, b"", bytes(8), bytes(12), RejectedError("read not permitted")])
async def test_a_machine_that_says_nothing_of_targets_is_offered_a_speed_for_the_check_run(
    value: bytes | Exception | None,
) -> None:
    bench = Bench()
    if value is None:
        bench.connection.missing.add(const.FEATURE)
    else:
        bench.connection.values[const.FEATURE] = value
    await bench.open()
    assert bench.driver.capabilities == Capabilities(can_start_and_stop=True, speed_range=ValueRange(0.5, 20.0, 0.1))


@pytest.mark.parametrize("features", ["8c140000", "8c14000000000000", "8c14000002000000"])
async def test_a_speed_that_is_not_claimed_is_offered_with_the_range_that_can_be_read(features: str) -> None:
    bench = Bench()
    bench.connection.values = {
        const.FEATURE: bytes.fromhex(features),
        const.SPEED_RANGE: bytes.fromhex("3200d0070a00"),
    }
    await bench.open()
    capabilities = bench.driver.capabilities
    assert capabilities.speed_range == ValueRange(0.5, 20.0, 0.1)
    assert (capabilities.incline_range is not None) == (features == "8c14000002000000")  # no check run moves a deck
    assert (capabilities.reports_distance, capabilities.reports_heart_rate) == (True, True)


async def test_a_machine_without_a_control_point_is_offered_nothing() -> None:
    bench = Bench()
    bench.connection.missing |= {const.FEATURE, const.CONTROL_POINT}
    await bench.open()
    assert bench.driver.capabilities == Capabilities()


async def test_whatever_cannot_be_read_is_unknown() -> None:
    bench = Bench()
    declined = {const.FEATURE, const.SPEED_RANGE, const.INCLINATION_RANGE, const.SERIAL_NUMBER, const.MODEL_NUMBER}
    bench.connection.values = {uuid: RejectedError("read not permitted") for uuid in declined}
    bench.connection.missing.add(const.FIRMWARE_REVISION)
    await bench.open()
    assert bench.driver.capabilities == Capabilities(can_start_and_stop=True)
    assert bench.driver.info == MachineInfo(manufacturer="Retrowalk", hardware="1.0", software="1.0.0")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Walker 3", "Walker 3"),
        (b"  Walker 3\r\n", "Walker 3"),
        (b"Walker\x00\x00\x00", "Walker"),
        (b"\x00Walker", "Walker"),
        (b"Walker\x00\xff\xffleft over", "Walker"),
        (b"W\x01al\x7fker", "Walker"),
        ("Läufer".encode(), "Läufer"),
        (b"\xff" * 20, None),
        (b"\x00" * 20, None),
        (b" \t ", None),
        (b"", None),
    ],
)
async def test_texts_of_the_machine_are_tidied(data: bytes, text: str | None) -> None:
    bench = Bench()
    bench.connection.values[const.MODEL_NUMBER] = data
    await bench.open()
    assert bench.driver.info.model == text


# Telemetry


async def test_a_walk_is_told_as_it_is() -> None:
    bench = await Bench(Profile(heart_rate=True, steps=True), name="KS-X21").open()
    await bench.do(CommandKind.START)
    bench.peripheral.step(10)
    await bench.do(CommandKind.SET_SPEED, 3.0)
    await bench.do(CommandKind.SET_INCLINE, 1.5)
    bench.peripheral.step(60)
    treadmill = bench.treadmill
    assert bench.telemetry == Telemetry(
        received=70.0,
        belt=BeltState.MOVING,
        speed=3.0,
        incline=1.5,
        distance=int(treadmill.distance),
        energy=int(treadmill.energy),
        heart_rate=treadmill.heart_rate,
        steps=treadmill.steps,
        elapsed_time=67,
        training_status="manual_mode",
    )
    assert bench.driver.capabilities.reports_steps


async def test_the_belt_is_unknown_at_rest_in_countdown_moving_and_at_rest() -> None:
    bench = await Bench().open()
    assert bench.driver.telemetry.belt is BeltState.UNKNOWN
    bench.peripheral.step(1)
    bench.treadmill.press_start()
    bench.peripheral.step(5)
    bench.treadmill.press_stop()
    bench.peripheral.step(5)
    belts = [telemetry.belt for telemetry in bench.listener.telemetry]
    changes = [belt for belt, before in zip(belts, [None, *belts], strict=False) if belt is not before]
    assert changes == [BeltState.AT_REST, BeltState.COUNTDOWN, BeltState.AT_REST, BeltState.MOVING, BeltState.AT_REST]


async def test_a_status_alone_tells_nothing_of_the_belt_and_does_not_count_as_hearing_it() -> None:
    bench = await Bench().open()
    bench.peripheral.step(0.5)
    last = bench.training("01 0e 33")
    assert (last.belt, last.training_status, last.received) == (BeltState.UNKNOWN, "pre_workout", 0.0)
    bench.data("0000 0000")
    assert bench.telemetry.belt is BeltState.COUNTDOWN
    assert bench.telemetry.received == 0.5


@pytest.mark.parametrize(
    ("message", "status"), [("", None), ("00", None), ("00 ff", "other"), ("9b 5d", "other"), ("00 01", "idle")]
)
async def test_odd_training_statuses_are_no_error(message: str, status: str | None) -> None:
    bench = await Bench().open()
    assert bench.training(message).training_status == status


async def test_a_frame_of_nothing_but_zeros_is_told() -> None:
    bench = await Bench().open()
    bench.data("8c04 6400 0a0000 0a00ff7f 0500ffffff 0a00")
    last = bench.data("8c04 0000 000000 0000ff7f 0000ffffff 0000")
    assert last == Telemetry(
        belt=BeltState.AT_REST,
        speed=0.0,
        incline=0.0,
        distance=0,
        energy=0,
        elapsed_time=0,
        training_status="idle",
    )
    assert len(bench.listener.telemetry) == 2


async def test_fields_that_a_machine_sends_in_turns_are_kept() -> None:
    bench = await Bench().open()
    bench.data("0c00 6400 0a0000 0a00ff7f")
    bench.data("8004 6500 0500ffffff 0b00")
    last = bench.data("0010 6600 0700ff7f")
    assert (last.speed, last.incline, last.distance, last.energy, last.elapsed_time, last.force_on_belt) == (
        1.02, 1.0, 10, 5, 11, 7,
    )  # fmt: skip


async def test_no_contact_is_no_heart_rate() -> None:
    bench = await Bench().open()
    assert bench.data("0001 6400 50").heart_rate == 80
    assert bench.data("0000 6400").heart_rate == 80
    assert bench.data("0001 6400 00").heart_rate is None
    assert bench.data("0001 6400 fe").heart_rate == 254
    assert bench.data("0005 6400 ff 2300").heart_rate is None


@pytest.mark.parametrize("cut", [None, 20])
async def test_split_and_cut_records_are_read(cut: int | None) -> None:
    bench = Bench(Profile(heart_rate=True))
    bench.faults.update({"split_records": True, "truncate_at": cut})
    await bench.open()
    bench.treadmill.press_start()
    bench.peripheral.step(20)
    assert (bench.telemetry.speed, bench.telemetry.elapsed_time, bench.telemetry.distance) == (0.5, 17, 2)


async def test_the_beginning_of_a_record_alone_is_not_told() -> None:
    bench = await Bench().open()
    bench.peripheral.notify(const.TREADMILL_DATA, bytes.fromhex("0500 0a0000"))
    # That something came is told (a machine may never tell more), but nothing of what is in it.
    assert [(told.received, told.speed, told.distance) for told in bench.listener.telemetry] == [(0.0, None, None)]
    assert bench.data("0000 6400").distance == 10


async def test_s11_frames_without_a_speed_do_not_count_as_hearing_the_belt() -> None:
    bench = await Bench().open()
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    bench.faults.silent = True
    bench.peripheral.step(5)
    for frame in ("", "84", "8c05 00", "ff1f"):
        assert bench.data(frame).received == 10.0
    assert bench.telemetry.speed == 0.5


async def test_nothing_that_a_machine_sends_is_an_error() -> None:
    bench = await Bench().open()
    for data in (b"", b"\x00", b"\x84", b"\xff" * 3, b"\xff" * 40, bytes(40)):
        for characteristic in (const.TREADMILL_DATA, const.TRAINING_STATUS, const.MACHINE_STATUS, const.CONTROL_POINT):
            bench.peripheral.notify(characteristic, data)
    bench.peripheral.step(1)
    assert bench.telemetry.speed == 0.0


async def test_malformed_frames_between_good_ones_change_nothing() -> None:
    bench = Bench()
    bench.faults.malformed_data = True
    await bench.open()
    bench.treadmill.press_start()
    bench.peripheral.step(20)
    assert (bench.telemetry.speed, bench.telemetry.elapsed_time) == (0.5, 17)


async def test_a_link_that_was_closed_is_not_heard_any_more() -> None:
    bench = await Bench().open()
    bench.driver.close()
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    assert bench.listener.telemetry == []
    assert bench.listener.events == []


# Machine events


async def test_what_a_hand_does_at_the_console_is_told() -> None:
    bench = await Bench().open()
    treadmill = bench.treadmill
    treadmill.press_start()
    bench.peripheral.step(5)
    treadmill.press_speed(2.3)
    treadmill.press_incline(1.5)
    treadmill.press_pause()
    bench.peripheral.step(5)
    treadmill.press_start()
    treadmill.press_stop()
    treadmill.pull_safety_key()
    assert bench.listener.events == [
        MachineEvent(CONSOLE.STARTED),
        MachineEvent(CONSOLE.SPEED_CHANGED, 2.3),
        MachineEvent(CONSOLE.INCLINE_CHANGED, 1.5),
        MachineEvent(CONSOLE.PAUSED, None),
        MachineEvent(CONSOLE.STARTED),
        MachineEvent(CONSOLE.STOPPED, None),
        MachineEvent(CONSOLE.SAFETY_KEY),
    ]


@pytest.mark.parametrize(
    ("message", "events"),
    [
        ("01", [MachineEvent(CONSOLE.RESET)]),
        ("02", [MachineEvent(CONSOLE.STOPPED)]),
        ("02 07", [MachineEvent(CONSOLE.STOPPED)]),
        ("05", [MachineEvent(CONSOLE.SPEED_CHANGED)]),
        ("ff", [MachineEvent(CONSOLE.CONTROL_LOST)]),
        ("07 01", []),
        ("55", []),
        ("", []),
    ],
)
async def test_machine_statuses_are_told_as_far_as_they_are_known(message: str, events: list[MachineEvent]) -> None:
    bench = await Bench().open()
    bench.status(message)
    assert bench.listener.events == events


async def test_an_old_status_that_is_repeated_on_subscribing_is_ignored() -> None:
    bench = Bench()
    bench.faults.stale_status_on_subscribe = True
    await bench.open()
    await turns()
    assert bench.listener.events == []
    bench.status("02 01")
    assert bench.listener.events == [MachineEvent(CONSOLE.STOPPED)]


@pytest.mark.parametrize("message", ["01", "ff"])
async def test_control_is_asked_for_again_after_a_reset_or_a_loss(message: str) -> None:
    bench = await Bench().open()
    await bench.do(CommandKind.START)
    bench.peripheral.step(10)
    bench.status(message)
    bench.connection.commands()
    await bench.do(CommandKind.SET_SPEED, 1.0)
    assert bench.connection.commands() == [REQUEST_CONTROL, speed(1.0)]


# Commands


async def test_every_command_in_its_bytes() -> None:
    bench = await Bench().open()
    sent = {}
    for command in (
        Command(CommandKind.START),
        Command(CommandKind.SET_SPEED, 2.5),
        Command(CommandKind.SET_SPEED, 3),
        Command(CommandKind.SET_INCLINE, 1.5),
        Command(CommandKind.SET_INCLINE, 0),
        Command(CommandKind.PAUSE),
        Command(CommandKind.STOP),
    ):
        await bench.driver.execute(command)
        sent[command.kind, command.value] = b"|".join(bench.connection.commands()).hex(" ")
        bench.peripheral.step(10)
    assert list(sent.values()) == ["00 7c 07", "02 fa 00", "02 2c 01", "03 0f 00", "03 00 00", "08 02", "08 01"]


async def test_a_negative_incline_in_its_bytes() -> None:
    bench = await Bench(Profile(incline=ValueRange(-3.0, 10.0, 0.5))).open()
    await bench.do(CommandKind.SET_INCLINE, -1)
    assert bench.connection.commands() == [REQUEST_CONTROL, b"\x03\xf6\xff"]


async def test_each_speed_arrives_exactly() -> None:
    bench = await Bench().open()
    await bench.do(CommandKind.START)
    bench.peripheral.step(10)
    bench.connection.commands()
    for tenths in range(5, 201):
        await bench.do(CommandKind.SET_SPEED, tenths / 10)
        assert bench.connection.commands() == [b"\x02" + (tenths * 10).to_bytes(2, "little")]
        assert bench.treadmill.target_speed == tenths / 10
        bench.peripheral.step(1)
    bench.peripheral.step(5)
    assert bench.telemetry.speed == 20.0


@pytest.mark.parametrize("kind", [CommandKind.SET_SPEED, CommandKind.SET_INCLINE])
async def test_a_target_without_a_value_is_a_mistake_of_ours(kind: CommandKind) -> None:
    bench = await Bench().open()
    with pytest.raises(ValueError, match="not a complete command"):
        await bench.do(kind)
    assert bench.connection.commands() == []


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("kmh", [0, 0.0, 0.004, -1.0])
async def test_s9_a_speed_of_zero_is_a_mistake_of_ours(kmh: float, urgent: bool) -> None:
    bench = await Bench().open()
    with pytest.raises(ValueError, match="0 is no speed"):
        await bench.driver.execute(Command(CommandKind.SET_SPEED, kmh, urgent=urgent))
    assert bench.connection.commands() == []


async def test_s8_a_moving_belt_is_not_started() -> None:
    bench = Bench()
    bench.faults.toggles_on_start = True
    await bench.open()
    bench.treadmill.press_start()
    bench.peripheral.step(10)
    await bench.do(CommandKind.START)
    assert bench.connection.commands() == []
    assert bench.treadmill.phase is Phase.RUNNING


async def test_a_paused_belt_is_started() -> None:
    bench = await Bench().open()
    await bench.do(CommandKind.START)
    bench.peripheral.step(10)
    await bench.do(CommandKind.PAUSE)
    bench.peripheral.step(10)
    await bench.do(CommandKind.START)
    assert bench.connection.commands() == [REQUEST_CONTROL, START, PAUSE, START]
    assert bench.treadmill.phase is Phase.COUNTDOWN


async def test_s3_stop_is_on_the_machine_before_anything_else_has_a_turn() -> None:
    bench = await Bench().open()
    await bench.do(CommandKind.START)
    bench.peripheral.step(10)
    bench.faults.no_write_response_op = frozenset({0x02})
    hanging = at_once(bench.do(CommandKind.SET_SPEED, 1.0))
    await turns()
    bench.connection.commands()
    stop = at_once(bench.do(CommandKind.STOP))
    assert bench.connection.commands() == [STOP]
    await stop
    with pytest.raises(MachineError):
        await hanging


async def test_a_closed_link_takes_no_command() -> None:
    bench = await Bench().open()
    bench.peripheral.drop_link()
    for kind in (CommandKind.START, CommandKind.STOP, CommandKind.PAUSE):
        with pytest.raises(UnreachableError):
            await bench.do(kind)


async def test_a_procedure_that_is_never_answered_gives_the_link_up() -> None:
    bench = await Bench(patience=Patience(answer=0.01, give_up=0.03)).open()
    bench.faults.no_write_response_op = frozenset({0x00})
    with pytest.raises(MachineError):
        await bench.do(CommandKind.START)
    await until(lambda: bench.connection.drops)
    assert bench.connection.drops == ["a procedure was never answered"]


# Quirks


@pytest.mark.parametrize(("name", "steps"), [("KS-Z1D", 250), ("UREVO E1L", None)])
async def test_a_tail_is_steps_only_where_the_maker_puts_them_there(name: str, steps: int | None) -> None:
    bench = await Bench(name=name).open()
    assert bench.data("0020 6400 fa0000").steps == steps
    assert bench.driver.capabilities.reports_steps is (steps is not None)


async def test_a_machine_that_wants_a_parameter_with_start_gets_it() -> None:
    bench = await Bench(name="KS-MC11-4AF0").open()
    await bench.do(CommandKind.START)
    assert bench.connection.commands() == [REQUEST_CONTROL, b"\x07\x01"]
