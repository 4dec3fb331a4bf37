"""Tests for what makers want besides the standard, on virtual machines that play it strictly (S3)."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.gate import BEFORE, PACE
from custom_components.retrowalk.machine.ftms.quirks import KINGSMITH_GATE, KINGSMITH_UNLOCK_REPLIES
from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind
from custom_components.retrowalk.simulator.maker import PREAMBLE
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.driver_bench import at_once, turns
from tests.support.makers_bench import MakersBench

MC21 = {"wants_preamble": True, "answers_by_status": True}
Z1 = {"locked": True, "loses_close_subscriptions": True}
BUDGET = BEFORE + 0.15
"""Seconds until the bytes of a stop have left, whatever goes before it, in steps of a tenth."""

Make = Callable[[str, Mapping[str, Any]], MakersBench]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    return lambda name, faults: MakersBench(name, faults, monkeypatch)


async def never() -> None:
    await asyncio.get_running_loop().create_future()


_STUBBORN: list[asyncio.Future[None]] = []


async def never_ever() -> None:
    """Hang as a backend does that does not let a write be ended."""
    _STUBBORN.append(ended := asyncio.get_running_loop().create_future())
    while not ended.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(ended)


@pytest.fixture(autouse=True)
async def _no_write_outlasts_its_test() -> AsyncIterator[None]:
    yield
    while _STUBBORN:
        _STUBBORN.pop().set_result(None)
    await turns(5)


async def declines() -> None:
    raise RejectedError("not now")


async def breaks() -> None:
    raise UnreachableError("gone")


# KingSmith MC21: a preamble before each command


async def test_each_command_follows_its_preamble_and_is_obeyed(make: Make) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    await bench.do(CommandKind.SET_SPEED, 2.0)
    bench.peripheral.step(10)
    assert bench.treadmill.speed == pytest.approx(2.0)
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order() == ["P", "00", "P", "07", "P", "02c800", "P", "0801"]
    assert {data for _, uuid, data in bench.connection.written if uuid == KINGSMITH_GATE} == {PREAMBLE}


async def test_without_the_quirk_the_machine_refuses(make: Make) -> None:
    bench = make("Other", MC21)
    bench.connection.missing.add(KINGSMITH_GATE)
    await bench.open()
    with pytest.raises(ControlRefusedError):
        await bench.do(CommandKind.START)
    assert bench.treadmill.phase is Phase.IDLE


HANGS_OR_FAILS = pytest.mark.parametrize("gate", [never, never_ever, declines, breaks])


@HANGS_OR_FAILS
async def test_s3_a_stop_is_sent_although_what_goes_before_it_fails(make: Make, gate: Callable[[], Any]) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    bench.peripheral.faults.clear()  # so that the stop itself tells whether it came
    bench.connection.gate = gate
    begun = bench.time.now
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order()[-2:] == ["P", "0801"]
    assert bench.goes_out_after(begun) < BUDGET


@HANGS_OR_FAILS
async def test_s3_a_stop_goes_out_in_time_while_another_hangs_in_what_goes_before_it(
    make: Make, gate: Callable[[], Any]
) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    bench.peripheral.faults.clear()
    bench.connection.gate = gate
    first = bench.doing(Command(CommandKind.STOP))
    await turns(3)
    begun = bench.time.now
    second = bench.doing(Command(CommandKind.PAUSE, urgent=True))
    await bench.ends(first, second)  # one that comes to a resting belt is declined
    bench.peripheral.step(10)
    assert bench.treadmill.at_rest
    assert bench.goes_out_after(begun) < BUDGET
    assert bench.goes_out_after(begun, "0802") < BUDGET


@pytest.mark.parametrize("under_way", ["preamble", "command", "stop"])
async def test_s3_a_stop_goes_out_in_time_whatever_write_is_under_way(make: Make, under_way: str) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    if under_way == "preamble":
        bench.connection.gate = never
    else:
        bench.peripheral.faults.update({"no_write_response_op": [2 if under_way == "command" else 8]})
    before = bench.doing(Command(CommandKind.STOP) if under_way == "stop" else Command(CommandKind.SET_SPEED, 1.5))
    await turns(10)
    begun = bench.time.now
    later = bench.doing(Command(CommandKind.PAUSE, urgent=True))
    await bench.time.until(lambda: "0802" in bench.order())
    assert bench.goes_out_after(begun, "0802") < BUDGET
    bench.connection.gate = None
    bench.driver.close()
    await bench.ends(before, later)


async def test_s3_a_stop_to_a_locked_machine_waits_only_for_the_write_before_it(make: Make) -> None:
    bench = await make("KS-HD-Z1D", Z1).open()
    await bench.walk()
    # One that waits for its moment, one that was just given up, and the stop.
    speeds = [bench.doing(Command(CommandKind.SET_SPEED, 1.0 + number / 10)) for number in range(3)]
    await turns(5)
    begun = bench.time.now
    await bench.do(CommandKind.STOP)
    await bench.ends(*speeds)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.goes_out_after(begun) < BUDGET


@pytest.mark.parametrize("gate", [never_ever, declines])
async def test_s3_a_stop_goes_out_in_time_where_a_machine_wants_a_frame_and_a_pace(
    make: Make,
    gate: Callable[[], Any],
) -> None:
    bench = await make("KS-HD-Z1D", {**Z1, **MC21}).open()
    await bench.walk()
    bench.connection.gate = gate
    begun = bench.time.now
    await bench.ends(bench.doing(Command(CommandKind.STOP)))
    assert bench.goes_out_after(begun) < BUDGET + PACE


@HANGS_OR_FAILS
async def test_s3_a_kept_stop_goes_out_although_the_unlock_fails(make: Make, gate: Callable[[], Any]) -> None:
    bench = make("KS-HD-Z1D", Z1)
    bench.connection.gate = gate
    bench.connection.hangs_to_subscribe.add(KINGSMITH_UNLOCK_REPLIES)
    begun = bench.time.now
    opening = bench.opening(stop_first=True)
    await bench.time.until(lambda: "0801" in bench.order())
    assert bench.goes_out_after(begun) < 2 * BUDGET + 0.2
    bench.driver.close()
    await bench.ends(opening)


async def test_nothing_comes_between_a_command_and_its_preamble_however_many_are_asked_for(make: Make) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    speeds = [bench.doing(Command(CommandKind.SET_SPEED, 1.0 + number / 10)) for number in range(5)]
    await asyncio.sleep(0)
    stops = [bench.doing(Command(CommandKind.STOP)) for _ in range(3)]
    results = await bench.ends(*speeds, *stops)
    assert all(isinstance(result, SupersededError) for result in results[:5])
    order = bench.order()
    commands = [index for index, what in enumerate(order) if what != "P"]
    assert all(order[index - 1] == "P" for index in commands)
    assert order.count("0801") >= 3
    assert bench.treadmill.phase is Phase.IDLE


async def test_a_stop_waits_for_no_command_that_hangs(make: Make) -> None:
    bench = await make("KS-MC21-1234", MC21).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_write_response_op": [2]})
    hanging = bench.doing(Command(CommandKind.SET_SPEED, 1.5))
    await bench.time.until(lambda: bench.order()[-1] == "029600")
    begun = bench.time.now
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.time.now - begun < 1.0
    with pytest.raises(SupersededError):
        await bench.time.done(hanging)


async def test_a_status_answers_a_command_and_one_of_something_else_does_not(make: Make) -> None:
    bench = await make("KS-MC21-1234", {"wants_preamble": True}).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_indications_at_all": True})
    asked = bench.doing(Command(CommandKind.SET_SPEED, 2.0))
    await bench.time.until(lambda: bench.order()[-1] == "02c800")
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\x96\x00")
    await turns(50)
    assert not asked.done()
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\xc8\x00")
    await bench.time.done(asked, within=0.5)


async def test_on_any_other_machine_a_status_answers_nothing(make: Make) -> None:
    bench = await make("Other", {}).open()
    await bench.walk()
    bench.peripheral.faults.update({"no_indications_at_all": True})
    asked = bench.doing(Command(CommandKind.SET_SPEED, 2.0))
    await turns(50)
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x05\xc8\x00")
    await turns(50)
    assert not asked.done()
    bench.driver.close()
    with pytest.raises(UnreachableError):
        await bench.time.done(asked)


# KingSmith Z1: silent until it is unlocked


async def test_a_locked_machine_is_unlocked_and_then_like_any_other(make: Make) -> None:
    bench = await make("KS-HD-Z1D", Z1).open()
    await bench.walk()
    await bench.do(CommandKind.STOP)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.order() == ["U", "00", "07", "0801"]
    assert not bench.peripheral.updating


async def test_a_kept_stop_is_the_first_command_of_a_locked_machine_as_soon_as_it_takes_one(make: Make) -> None:
    bench = make("KS-HD-Z1D", Z1)
    bench.treadmill.start()
    bench.peripheral.step(10)
    begun = bench.time.now
    await bench.open(stop_first=True)
    assert bench.treadmill.phase is Phase.IDLE
    assert bench.driver.stop_accepted
    assert bench.order()[:3] == ["U", "0801", "00"]  # it wants to be asked for control first
    stopped = next(at for at, uuid, _ in bench.connection.written if uuid == const.CONTROL_POINT)
    assert stopped - begun < 0.6


async def test_no_two_writes_to_a_locked_machine_are_closer_than_it_can_take(make: Make) -> None:
    bench = await make("KS-HD-Z1D", Z1).open()
    await bench.walk()
    speeds = [bench.doing(Command(CommandKind.SET_SPEED, 1.0 + number / 10)) for number in range(3)]
    await asyncio.sleep(0)
    stops = [bench.doing(Command(CommandKind.STOP)) for _ in range(2)]
    await bench.ends(*speeds, *stops)
    times = [at for at, _, _ in bench.connection.written]
    assert bench.treadmill.phase is Phase.IDLE
    assert all(later - earlier > 0.39 for earlier, later in itertools.pairwise(times))


async def test_a_locked_machine_that_never_answers_still_gets_the_stop(make: Make) -> None:
    bench = make("KS-HD-Z1D", {"locked": True})
    bench.connection.gate = declines
    await bench.ends(bench.opening(stop_first=True))  # it may open in silence, too
    assert "0801" in bench.order()


async def test_a_name_without_its_characteristics_is_not_written_to(make: Make) -> None:
    bench = await make("KS-HD-Z1D", {}).open()
    await bench.walk()
    assert bench.order() == ["00", "07"]


# Subscriptions, activation, the start's parameter


async def test_subscriptions_are_apart_and_the_training_status_comes_last(make: Make) -> None:
    bench = await make("KS-F0", {"loses_close_subscriptions": True, "weak_status_subscription": True}).open()
    await bench.walk()
    assert bench.driver.telemetry.training_status == "manual_mode"
    subscribed = [uuid for kind, uuid in bench.connection.requests if kind == "subscribe"]
    assert subscribed[0] == const.CONTROL_POINT  # for a stop
    assert subscribed[-1] == const.TRAINING_STATUS


async def test_reports_are_woken_up_and_again_after_a_reset(make: Make) -> None:
    bench = await make("URTM041", {"zeros_until_activated": True}).open()
    await bench.walk()
    bench.peripheral._active = False  # as after a reset at its console
    bench.peripheral.step(1)
    assert bench.driver.telemetry.speed == 0.0
    bench.peripheral.notify(const.MACHINE_STATUS, b"\x01")
    await bench.time.until(lambda: bench.peripheral._active)
    bench.peripheral.step(1)
    assert bench.driver.telemetry.belt is BeltState.MOVING
    bench.driver.close()


async def test_a_start_has_its_parameter(make: Make) -> None:
    bench = await make("KS-MC11-4AF0", {"start_wants_parameter": True}).open()
    await bench.walk()
    assert bench.order() == ["00", "0701"]


async def test_an_answer_that_unlocks_nothing_is_none_and_it_is_tried_once_more(make: Make) -> None:
    bench = make("KS-HD-Z1D", Z1)
    bench.peripheral._unlocked = True  # so that it says anything at all

    async def answers_something_else() -> None:
        bench.peripheral.notify(KINGSMITH_UNLOCK_REPLIES, b"\x72\x80\x00")

    bench.connection.gate = answers_something_else
    opening = bench.opening(stop_first=False)
    await bench.time.until(lambda: bench.order().count("U") == 2)
    bench.connection.gate = None
    bench.driver.close()
    await bench.ends(opening)


async def test_s3_a_target_that_a_stop_overtakes_while_it_waits_takes_no_time_from_it(make: Make) -> None:
    bench = await make("KS-HD-Z1D", Z1).open()
    await bench.walk()
    await bench.time.passes(2)
    aiming = [at_once(bench.driver.execute(Command(CommandKind.SET_SPEED, kmh))) for kmh in (0.8, 0.9)]
    await bench.time.passes(0.1)
    begun = bench.time.now
    stopping = at_once(bench.driver.execute(Command(CommandKind.STOP)))
    await bench.time.until(lambda: bench.order()[-1] == "0801")
    assert bench.goes_out_after(begun) <= BUDGET + PACE
    await bench.time.done(stopping)
    for task in aiming:
        await bench.ends(task)
    assert bench.treadmill.phase is not Phase.RUNNING


async def test_s3_a_stop_that_is_given_up_while_another_waits_does_not_let_that_one_come_too_soon(make: Make) -> None:
    bench = await make("KS-HD-Z1D", Z1).open()
    await bench.walk()
    await bench.time.passes(2)
    stops = [bench.doing(Command(CommandKind.STOP)) for _ in range(3)]
    await bench.time.passes(0.3)  # the second waits for the first, the third for both
    stops[1].cancel()
    await bench.time.passes(0.1)
    stops.append(bench.doing(Command(CommandKind.STOP)))
    await bench.ends(*stops)
    times = [at for at, _, data in bench.connection.written if data.hex() == "0801"]
    assert len(times) == 3
    assert all(later - earlier > 0.39 for earlier, later in itertools.pairwise(times))
