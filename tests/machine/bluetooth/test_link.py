"""One link: made, lost, made anew and given up, and a stop that goes first on it whatever happens (S3, S10, S11)."""

import asyncio
import logging
from contextlib import suppress
from itertools import pairwise

import pytest
from bleak.exc import BleakError

from custom_components.retrowalk.machine.bluetooth import link as link_module
from custom_components.retrowalk.machine.bluetooth.link_state import LinkState
from custom_components.retrowalk.machine.errors import (
    DeclinedError,
    MachineError,
    NotATreadmillError,
    RejectedError,
    UnreachableError,
)
from custom_components.retrowalk.machine.model import STOP_KEPT_FOR, BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.client import VirtualClient
from tests.support.driver_bench import REQUEST_CONTROL, STOP, at_once, turns
from tests.support.link_bench import Client, LinkBench
from tests.support.radio import Failing, Gate


async def test_a_link_is_made_when_it_is_wanted_and_given_up_when_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.passes(5)
        assert bench.states == []
        await bench.connect()
        assert bench.states == [LinkState.DISCONNECTED, LinkState.CONNECTING, LinkState.CONNECTED]
        assert bench.peripheral.connected
        assert bench.link.failure is None
        bench.link.release()
        assert await bench.time.until(lambda: not bench.peripheral.connected) < 1
        await bench.passes(60)
        assert bench.states[3:] == [LinkState.RELEASED]


async def test_a_link_that_is_closed_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.link.close()
        assert not bench.peripheral.connected
        bench.link.connect()
        await bench.passes(60)
        assert bench.link.state is LinkState.RELEASED


async def test_a_link_that_was_never_wanted_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        before = bench.time.now
        await bench.link.close()
        assert bench.time.now == before
        assert bench.states == []


async def test_s10_a_lost_link_is_told_at_once_and_made_anew_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        bench.peripheral.drop_link()
        await turns()
        assert bench.states[-1] is LinkState.DISCONNECTED
        assert await bench.until_connected() == pytest.approx(1.0, abs=0.3)


async def test_s10_a_treadmill_that_is_away_is_tried_after_1_2_5_10_and_30_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connecting = Failing(monkeypatch, "connect", BleakError("out of range"))
    async with LinkBench(monkeypatch) as bench:
        tried: list[float] = []
        begun = bench.time.now
        bench.link.connect()
        while len(tried) < 7:
            before = connecting.calls
            await bench.time.until(lambda before=before: connecting.calls > before)  # type: ignore[misc]
            tried.append(bench.time.now - begun)
        waits = [round(after - before) for before, after in pairwise(tried)]
        assert waits == [1, 2, 5, 10, 30, 30]
        assert isinstance(bench.link.failure, BleakError)
        connecting.on = False
        bench.link.on_advertisement()
        assert await bench.until_connected() < 1


async def test_s10_an_advertisement_during_an_attempt_that_fails_does_not_hurry_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch, not_a_treadmill=True) as bench:
        connecting = Gate(monkeypatch, "connect")
        monkeypatch.setattr(link_module, "RECONNECT_AFTER", (40.0,))
        bench.link.connect()
        await bench.time.until(lambda: connecting.reached == 1)
        bench.link.on_advertisement()
        connecting.open()
        await bench.passes(30)
        assert connecting.reached == 1
        assert isinstance(bench.link.failure, NotATreadmillError)
        bench.link.on_advertisement()
        await bench.time.until(lambda: connecting.reached == 2)


async def test_a_treadmill_that_nobody_hears_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        bench.heard = False
        bench.link.connect()
        await bench.passes(5)
        assert str(bench.link.failure) == "the treadmill has not been seen lately"
        assert LinkState.CONNECTING not in bench.states
        bench.heard = True
        bench.link.on_advertisement()
        await bench.until_connected()


async def test_an_error_that_nobody_foresaw_ends_no_attempts_and_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connecting = Failing(monkeypatch, "connect", AssertionError())
    async with LinkBench(monkeypatch) as bench:
        bench.link.connect()
        await bench.time.until(lambda: connecting.calls == 3)
        await turns()
        assert isinstance(bench.link.failure, AssertionError)
        connecting.on = False
        await bench.until_connected()
    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == ["Unexpected error on the link to Treadmill; it is tried again"]


async def test_a_link_that_is_released_while_it_is_made_leaves_nothing_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch, connect_delay=3600.0) as bench:
        bench.link.connect()
        await bench.time.until(lambda: bool(bench.adapter.held))
        bench.link.release()
        await bench.time.until(lambda: bench.link.state is LinkState.RELEASED)
        assert not bench.adapter.held
        bench.peripheral.faults.clear()
        await bench.connect()


async def test_who_connects_while_the_old_link_is_taken_down_is_connected_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        freeing = Gate(monkeypatch, "disconnect")
        bench.link.release()
        await bench.time.until(lambda: freeing.reached == 1)
        assert bench.link.state is LinkState.RELEASED
        bench.link.connect()
        assert bench.link.state is LinkState.DISCONNECTED
        freeing.open()
        await bench.until_connected()


async def test_a_link_that_is_lost_while_the_machine_is_read_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Gate(monkeypatch, "read_gatt_char")
    async with LinkBench(monkeypatch) as bench:
        bench.link.connect()
        await bench.time.until(lambda: reading.reached == 1)
        bench.peripheral.drop_link()
        await bench.time.until(lambda: reading.reached == 2)
        assert LinkState.CONNECTED not in bench.states
        reading.open()
        await bench.until_connected()
        assert bench.link.failure is None


async def test_a_machine_that_is_not_read_in_20_seconds_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribing = Gate(monkeypatch, "start_notify")
    monkeypatch.setattr("custom_components.retrowalk.machine.bluetooth.connection._ANSWERS_WITHIN", 60.0)
    async with LinkBench(monkeypatch) as bench:
        bench.link.connect()
        await bench.time.until(lambda: subscribing.reached == 1)
        assert await bench.time.until(lambda: not bench.peripheral.connected) == pytest.approx(20, abs=0.5)
        assert isinstance(bench.link.failure, UnreachableError)


# A belt that falls silent


async def test_s11_a_link_over_which_a_moving_belt_is_not_heard_for_15_seconds_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        bench.peripheral.faults.silent = True
        driver = bench.link.driver
        await bench.passes(14)
        assert bench.link.driver is driver
        await bench.passes(4)
        assert bench.link.driver is not driver
        # The new link has the same time, however old the last report is.
        await bench.until_connected()
        driver = bench.link.driver
        await bench.passes(12)
        assert bench.link.driver is driver


async def test_s11_a_belt_at_rest_may_be_silent_for_as_long_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        bench.peripheral.faults.silent = True
        await bench.passes(40)
        assert bench.connected
        assert bench.states.count(LinkState.CONNECTED) == 1


async def test_s11_the_radio_notices_a_lost_link_of_a_moving_belt_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.passes(3)
        assert bench.peripheral.supervision_timeout is None  # the stack's own
        await bench.walk()
        assert bench.peripheral.supervision_timeout == 2.0
        bench.treadmill.press_stop()
        await bench.passes(10)
        assert bench.peripheral.supervision_timeout == 8.0


@pytest.mark.parametrize("error", [BleakError("not supported"), AttributeError("no radio"), TimeoutError()])
async def test_s11_a_stack_that_cannot_is_asked_once(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    asking = Failing(monkeypatch, "set_connection_params", error)
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        await bench.passes(30)
        assert asking.calls == 1
        assert bench.connected


async def test_s11_a_stack_that_knows_nothing_of_it_is_none_the_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Client, "set_connection_params")
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        await bench.passes(10)
        assert bench.connected


async def test_s11_a_request_that_is_never_answered_ends_with_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Gate(monkeypatch, "set_connection_params")
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        assert asking.reached == 1
        await bench.time.done(bench.stop())
        await bench.passes(3)
        assert asking.reached == 1  # one at a time
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "Supervision timeout"]


# Stop


async def test_s3_a_stop_on_a_link_is_written_at_once_and_stops_the_belt(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        await bench.time.done(bench.stop())
        assert bench.commands()[0] == STOP
        assert not bench.link.stop_waits
        await bench.passes(10)
        assert bench.treadmill.at_rest
        assert bench.telemetry.belt is BeltState.AT_REST


@pytest.mark.parametrize("kind", [CommandKind.START, CommandKind.SET_SPEED, CommandKind.PAUSE])
async def test_s3_nothing_but_a_stop_is_kept_for_the_next_link(
    monkeypatch: pytest.MonkeyPatch, kind: CommandKind
) -> None:
    async with LinkBench(monkeypatch) as bench:
        with pytest.raises(UnreachableError):
            await bench.link.execute(Command(kind, 1.0))
        assert not bench.link.stop_waits
        assert bench.link.state is LinkState.RELEASED
        await bench.connect()
        await bench.passes(3)
        assert bench.commands() == []


async def test_s3_a_stop_without_a_link_makes_one_and_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        assert bench.link.stop_waits
        await bench.until_connected()
        assert bench.commands()[0] == STOP
        assert bench.link.stop_accepted == Command(CommandKind.STOP)
        assert not bench.link.stop_waits
        await bench.passes(10)
        assert bench.treadmill.at_rest


async def stop_as_a_session_does(bench: LinkBench, *, within: float) -> list[asyncio.Task[None]]:
    """Repeat Stop each second while the belt goes on, and return all of them once it rests, in so many seconds."""
    stopping = [bench.stop()]
    seconds = 0
    while not bench.treadmill.at_rest:
        await bench.passes(1)
        seconds += 1
        assert seconds < within
        if bench.treadmill.target_speed > 0:
            stopping.append(bench.stop())
    return stopping


async def forget(bench: LinkBench, stopping: list[asyncio.Task[None]]) -> None:
    await bench.passes(60)
    for stop in stopping:
        with suppress(MachineError):
            await bench.time.done(stop)


@pytest.mark.parametrize("answer", [0.0, 3.0, 6.0])
@pytest.mark.parametrize("write", [1.6, 3.0, 6.0, 9.0])
async def test_s3_a_stop_arrives_without_control_however_slow_the_link_is(
    monkeypatch: pytest.MonkeyPatch, write: float, answer: float
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        faults = bench.peripheral.faults
        faults.write_delay, faults.indication_delay = write, answer
        stopping = await stop_as_a_session_does(bench, within=20 + 3 * write + 2 * answer)
        faults.write_delay = faults.indication_delay = 0.0
        await forget(bench, stopping)


@pytest.mark.parametrize("write", [2.1, 4.0, 8.0])
async def test_s3_a_stop_arrives_although_only_the_request_for_control_is_slow(
    monkeypatch: pytest.MonkeyPatch, write: float
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        bench.peripheral.drop_link()
        await bench.until_connected()
        send = bench.peripheral.write

        async def slowly(characteristic: int, data: bytes, *, response: bool) -> None:
            bench.peripheral.faults.write_delay = write if data == REQUEST_CONTROL else 0.0
            await send(characteristic, data, response=response)

        monkeypatch.setattr(bench.peripheral, "write", slowly)
        await forget(bench, await stop_as_a_session_does(bench, within=20 + 2 * write))


async def test_s3_a_link_that_dies_later_is_given_up_at_once_although_it_was_made_for_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        await bench.until_connected()
        await bench.passes(90)
        await bench.walk()
        bench.peripheral.faults.write_delay = 600.0
        began, stop = bench.time.now, bench.stop()
        await bench.time.until(lambda: bench.link.state is not LinkState.CONNECTED)
        assert bench.time.now - began < 3.0
        bench.peripheral.faults.write_delay = 0.0
        with suppress(MachineError):
            await bench.time.done(stop)


@pytest.mark.parametrize("write", [0.5, 1.0])
async def test_s3_the_answer_that_a_strict_machine_owes_to_a_target_is_waited_for_however_slow_the_writes(
    monkeypatch: pytest.MonkeyPatch, write: float
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        await bench.time.done(at_once(bench.link.execute(Command(CommandKind.SET_SPEED, 1.0))))
        faults = {"strict_procedures": True, "write_delay": write, "indication_delay": 0.8}
        bench.peripheral.faults.update(faults)
        target = at_once(bench.link.execute(Command(CommandKind.SET_SPEED, 2.0)))
        await bench.passes(write + 0.2)
        began, stop = bench.time.now, bench.stop()
        await bench.time.until(lambda: bench.treadmill.target_speed == 0.0)
        assert bench.time.now - began < 3.0
        assert bench.link.state is LinkState.CONNECTED
        for task in (target, stop):
            with suppress(MachineError):
                await bench.time.done(task)


async def test_s3_a_stop_is_kept_for_a_minute_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        bench.heard = False
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        await bench.passes(STOP_KEPT_FOR - 1)
        assert bench.link.stop_waits
        await bench.passes(2)
        assert not bench.link.stop_waits
        bench.heard = True
        bench.link.on_advertisement()
        await bench.until_connected()
        assert bench.commands() == []
        assert bench.link.stop_accepted is None


async def test_s3_a_stop_that_waits_is_tried_each_second_however_often_it_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connecting = Failing(monkeypatch, "connect", BleakError("out of range"))
    async with LinkBench(monkeypatch) as bench:
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        await bench.passes(30)
        assert connecting.calls >= 25


async def test_s3_a_stop_outlasts_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = LinkBench(monkeypatch)
    bench.start()
    bench.heard = False
    with pytest.raises(UnreachableError):
        await bench.stop()
    await bench.end()
    bench.heard = True
    bench.link = bench.make_link()
    async with bench:
        await bench.connect()
        assert bench.commands()[0] == STOP


async def test_s3_a_stop_does_not_outlast_the_release_of_the_treadmill(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        bench.heard = False
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        bench.link.release()
        bench.heard = True
        await bench.connect()
        assert bench.commands() == []


async def test_s8_of_the_lowest_speed_that_was_to_stop_it_a_plain_stop_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        with pytest.raises(UnreachableError):
            await bench.link.execute(Command(CommandKind.SET_SPEED, 0.5, urgent=True))
        await bench.until_connected()
        assert bench.commands()[0] == STOP


async def test_s3_a_stop_pressed_while_the_machine_is_read_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        reading = Gate(monkeypatch, "read_gatt_char")
        bench.link.connect()
        await bench.time.until(lambda: reading.reached > 0)
        await bench.time.done(bench.stop())
        assert bench.commands()[0] == STOP
        reading.open()
        await bench.until_connected()
        assert not bench.link.stop_waits


async def test_s3_a_second_stop_while_the_first_one_goes_out_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        reading = Gate(monkeypatch, "read_gatt_char")
        await bench.time.until(lambda: reading.reached > 0)
        assert bench.commands()[0] == STOP
        writing = Failing(monkeypatch, "write_gatt_char", BleakError("busy"))
        with pytest.raises(RejectedError):
            await bench.time.done(bench.stop())
        writing.on = False
        reading.open()
        await bench.until_connected()
        assert bench.commands()[0] == STOP


async def test_s3_a_stop_that_failed_while_the_machine_is_read_goes_out_once_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.walk()
        reading = Gate(monkeypatch, "read_gatt_char")
        bench.link.connect()
        await bench.time.until(lambda: reading.reached > 0)
        driver = bench.link._opening
        assert driver is not None
        with monkeypatch.context() as broken:
            # It fails only after the link was found to be gone, and another one is being read.
            Failing(broken, "write_gatt_char", BleakError("busy"))
            bench.link._opening = None
            with pytest.raises(UnreachableError):
                await bench.time.done(bench.stop())
            bench.link._opening = driver
        reading.open()
        await bench.until_connected()
        assert bench.commands()[0] == STOP
        assert bench.link.stop_accepted == Command(CommandKind.STOP)


async def test_s3_a_stop_that_a_broken_backend_swallows_is_kept_and_goes_first_on_a_new_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        driver = bench.link.driver
        with monkeypatch.context() as broken:
            Failing(broken, "write_gatt_char", AttributeError("no bus"))
            with pytest.raises(UnreachableError):
                await bench.time.done(bench.stop())
        await bench.time.until(lambda: bench.link.driver not in {None, driver})
        assert bench.commands()[0] == STOP


async def test_s3_a_stop_that_the_machine_declines_is_not_kept_as_it_was_delivered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        bench.peripheral.faults.update({"declines_op": [0x08]})
        driver = bench.link.driver
        with pytest.raises(DeclinedError):
            await bench.time.done(bench.stop())
        assert not bench.link.stop_waits
        await bench.passes(5)
        assert bench.link.driver is driver


async def test_s3_a_kept_stop_that_the_machine_declines_keeps_nobody_from_its_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch, declines_op=[0x08]) as bench:
        await bench.walk()
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        await bench.until_connected()
        assert bench.commands()[0] == STOP
        assert bench.link.stop_accepted is None


async def test_a_target_arrives_and_ends_no_stop_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        bench.kept.keep(Command(CommandKind.STOP))
        await bench.time.done(at_once(bench.link.execute(Command(CommandKind.SET_SPEED, 0.8))))
        assert bench.link.stop_waits
        await bench.passes(10)
        assert bench.treadmill.speed == pytest.approx(0.8)


async def test_a_target_that_is_rejected_ends_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        driver = bench.link.driver
        Failing(monkeypatch, "write_gatt_char", BleakError("busy"))
        with pytest.raises(RejectedError):
            await bench.time.done(at_once(bench.link.execute(Command(CommandKind.SET_SPEED, 0.8))))
        await bench.passes(3)
        assert bench.link.driver is driver
        assert not bench.link.stop_waits


async def test_s3_a_stop_that_dies_with_its_link_is_sent_on_the_one_made_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        old = bench.link.driver
        assert old is not None
        monkeypatch.setattr(old, "close", lambda: None)  # it hears only late that its link is gone
        with monkeypatch.context() as broken:
            writing = Gate(broken, "write_gatt_char")
            pressed = bench.stop()
            await bench.time.until(lambda: writing.reached > 0)
        bench.commands()
        bench.peripheral.drop_link()
        await bench.time.until(lambda: bench.link.driver not in {None, old})
        assert not pressed.done()
        new = bench.link.driver
        await bench.time.done(pressed)
        assert STOP in bench.commands()
        assert bench.link.driver is new


async def test_s3_an_attempt_that_hangs_is_cut_short_once_the_treadmill_of_a_waiting_stop_advertises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch, connect_delay=3600.0) as bench:
        await bench.walk()
        bench.link.connect()
        await bench.passes(5)
        with pytest.raises(UnreachableError):
            await bench.time.done(bench.stop())
        bench.peripheral.faults.clear()
        bench.link.on_advertisement()
        assert await bench.until_connected() < 3
        assert bench.commands()[0] == STOP


async def test_s3_an_old_link_that_is_never_said_to_have_ended_is_not_waited_for_while_a_stop_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disconnect = VirtualClient.disconnect

    async def ends_and_hangs(client: VirtualClient) -> None:
        await disconnect(client)
        await asyncio.Event().wait()

    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        with monkeypatch.context() as broken:
            broken.setattr(VirtualClient, "disconnect", ends_and_hangs)
            Failing(broken, "write_gatt_char", BleakError("busy"))
            with pytest.raises(RejectedError):
                await bench.time.done(bench.stop())
            await bench.time.until(lambda: not bench.peripheral.connected)
        assert await bench.time.until(lambda: not bench.link.stop_waits) < 3
        assert bench.commands()[0] == STOP


async def test_s3_a_stop_that_fails_after_its_link_is_gone_is_kept_and_ends_no_other_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with LinkBench(monkeypatch) as bench:
        await bench.connect()
        await bench.walk()
        with monkeypatch.context() as broken:
            writing = Gate(broken, "write_gatt_char")
            pressed = bench.stop()
            await bench.time.until(lambda: writing.reached > 0)
        bench.heard = False
        bench.peripheral.drop_link()
        with pytest.raises(UnreachableError):
            await bench.time.done(pressed)
        assert bench.link.driver is None
        assert bench.link.stop_waits
        bench.heard = True
        bench.link.on_advertisement()
        await bench.until_connected()
        assert bench.commands()[-1] == STOP
