"""Stops on a link on which control was not asked for yet, to machines that answer late (S3)."""

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    DeclinedError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from custom_components.retrowalk.machine.ftms.codec import encode_target_speed
from custom_components.retrowalk.machine.ftms.patience import Patience
from custom_components.retrowalk.machine.model import BeltState, Telemetry
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.control_point_rig import Rig, outcomes, rig
from tests.support.driver_bench import PAUSE, START, STOP, at_once, turns
from tests.support.loop_time import LoopTime


async def late_rig(monkeypatch: pytest.MonkeyPatch, *, late: float) -> tuple[Rig, LoopTime]:
    """Return a rig on a new link, without control, whose belt runs and whose machine answers late (s)."""
    it = await rig(Patience())
    it.treadmill.press_start()
    it.peripheral.step(10)
    it.faults.indication_delay = late
    return it, LoopTime(it.peripheral, monkeypatch)


async def asking_rig(monkeypatch: pytest.MonkeyPatch) -> tuple[Rig, LoopTime]:
    """Return a rig whose control point still asks for control for a stop that nobody waits for any more."""
    it, time = await late_rig(monkeypatch, late=5.2)
    it.faults.strict_procedures = True
    await time.done(at_once(it.point.stop()))
    it.commands()
    return it, time


async def test_s3_stops_without_control_ask_for_it_once_and_wait_for_what_the_machine_owes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=3.0)
    stops = [at_once(it.point.stop())]
    for _ in range(4):
        await time.passes(1.0)
        stops.append(at_once(it.point.stop()))
    await time.until(lambda: it.treadmill.phase is not Phase.RUNNING, within=8.0)
    for stop in stops:
        await time.done(stop)
    assert it.commands().count(STOP) <= 4, "repeated stops join the one that asks"


async def test_s3_what_takes_the_place_of_a_stop_does_not_wait_for_one_that_asks_for_control(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=6.0)
    stop = at_once(it.point.stop())
    await time.passes(3.0)
    it.commands()
    pause = at_once(it.point.stop(PAUSE))
    assert it.commands() == [PAUSE]
    await time.until(stop.done)
    await time.until(pause.done)
    assert await outcomes([stop, pause]) in ([None, ControlRefusedError], [None, None])
    it.point.close()


async def test_s8_a_belt_that_came_to_rest_meanwhile_is_not_told_to_stop_again(monkeypatch: pytest.MonkeyPatch) -> None:
    it, time = await late_rig(monkeypatch, late=4.0)
    it.point._telemetry = lambda: Telemetry(
        received=time.now, belt=BeltState.AT_REST if it.treadmill.at_rest else BeltState.MOVING
    )
    stop = at_once(it.point.stop())
    await time.passes(3.0)
    it.treadmill.press_stop()
    it.commands()
    await time.done(stop)
    assert STOP not in it.commands()


async def test_s3_a_lost_link_ends_the_stops_that_wait_for_control(monkeypatch: pytest.MonkeyPatch) -> None:
    it, time = await late_rig(monkeypatch, late=6.0)
    stops = [at_once(it.point.stop()), at_once(it.point.stop())]
    await time.passes(4.0)
    it.peripheral.drop_link()
    await turns()
    assert await outcomes(stops) == [UnreachableError] * 2


async def test_s3_a_machine_that_takes_no_request_for_control_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=600.0)
    began = time.now
    stop = at_once(it.point.stop())
    await time.until(lambda: it.commands().count(STOP) > 0)
    await time.done(stop)
    assert time.now - began == pytest.approx(Patience().stop + Patience().asking)
    began = time.now
    await time.done(at_once(it.point.stop()))
    assert time.now - began < 5


async def test_s3_a_machine_that_keeps_a_stop_waiting_for_control_is_told_as_not_answering_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=9.0)
    began = time.now
    await time.done(at_once(it.point.stop()))
    assert time.now - began == pytest.approx(Patience().stop + Patience().asking)
    it.point.close()


async def test_a_command_ends_the_question_for_control_of_a_stop_that_nobody_waits_for_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await asking_rig(monkeypatch)
    (command,) = it.send(START)
    await time.passes(30.0)
    assert STOP not in it.commands()
    assert await outcomes([command]) == [RejectedError]  # it owes the answer to the question


async def test_s3_a_stop_right_after_a_command_is_not_one_of_those_that_the_command_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await asking_rig(monkeypatch)
    command = at_once(it.point.run(START))
    stop = at_once(it.point.stop())
    await time.until(lambda: STOP in it.commands(), within=1.0)
    await time.done(stop)
    assert await outcomes([command]) == [SupersededError]
    it.point.close()


async def test_s3_an_answer_that_comes_before_its_write_is_acknowledged_is_owed_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=0.0)
    write = it.point._write

    async def acknowledged_after_the_answer(data: bytes) -> None:
        await write(data)
        await turns(3)

    it.point._write = acknowledged_after_the_answer
    it.faults.stop_only_at_rest = it.faults.control_not_needed = True
    it.connection.write_errors[0x00] = RejectedError("it takes no request for control")
    stop = at_once(it.point.stop())
    await time.until(stop.done, within=0.5)
    assert await outcomes([stop]) == [DeclinedError]  # so that the next way to stop it is tried at once


async def test_s3_what_takes_the_place_of_a_stop_waits_for_the_answer_that_a_strict_machine_owes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=5.0)
    it.faults.update({"strict_procedures": True, "stop_alone_ignored": True, "control_not_needed": True})
    stop = at_once(it.point.stop())
    await time.passes(3.0)
    pause = at_once(it.point.stop(PAUSE))
    await time.until(lambda: it.treadmill.phase is Phase.PAUSED, within=8.0)
    assert it.peripheral.connected
    it.point.close()
    await outcomes([stop, pause])


@pytest.mark.parametrize("late", [2.5, 4.0, 6.0])
async def test_s3_control_that_was_lost_unnoticed_is_asked_for_although_the_refusal_comes_late(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    it, time = await late_rig(monkeypatch, late=0.0)
    await time.done(at_once(it.point.run(encode_target_speed(1.0))))
    it.peripheral._control_point.permitted = False
    it.faults.update({"strict_procedures": True, "indication_delay": late})
    stops = []
    began = time.now
    while it.treadmill.phase is Phase.RUNNING:
        assert time.now - began < 3 * late + 2.0
        stops.append(at_once(it.point.stop()))  # as a session repeats it
        await time.passes(1.0)
    it.point.close()
    await outcomes(stops)


@pytest.mark.parametrize("late", [2.2, 3.3, 5.0])
async def test_s3_a_stop_is_said_again_although_somebody_slows_the_belt_after_the_machine_refused_it(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    it, time = await late_rig(monkeypatch, late=late)
    it.treadmill.press_speed(3.0)
    it.peripheral.step(20)
    it.point._telemetry = lambda: Telemetry(received=time.now, belt=BeltState.MOVING, speed=it.treadmill.speed)
    began, stop = time.now, at_once(it.point.stop())
    await time.passes(late + 0.2)
    it.treadmill.press_speed(1.5)
    await time.until(lambda: it.treadmill.phase is not Phase.RUNNING)
    assert time.now - began < 2 * late + 3.0
    await time.done(stop)


async def test_s8_what_takes_the_place_of_a_stop_is_not_written_to_a_belt_that_came_to_rest_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it, time = await late_rig(monkeypatch, late=6.5)
    it.faults.strict_procedures = True
    it.point._telemetry = lambda: Telemetry(
        received=time.now, belt=BeltState.AT_REST if it.treadmill.at_rest else BeltState.MOVING
    )
    stop = at_once(it.point.stop())
    await time.passes(3.0)
    pause = at_once(it.point.stop(PAUSE))
    await time.passes(0.2)
    it.treadmill.press_stop()
    await time.passes(3.0)
    assert it.treadmill.at_rest
    it.commands()  # those that were rejected
    await time.done(pause)
    assert PAUSE not in it.commands()
    it.point.close()
    await outcomes([stop])


@pytest.mark.parametrize(("tried", "outcome"), [(False, RejectedError), (True, None)])
async def test_s3_a_machine_that_hangs_on_a_stop_gets_a_new_link_and_more_time_on_that(
    monkeypatch: pytest.MonkeyPatch, tried: bool, outcome: type[BaseException] | None
) -> None:
    it, time = await late_rig(monkeypatch, late=0.0)
    await time.done(at_once(it.point.run(encode_target_speed(1.0))))
    it.faults.update({"strict_procedures": True, "indication_delay": 9.0})
    if tried:
        it.point.writes.expect_slow()
    stop = at_once(it.point.stop())
    await time.passes(1.0)
    again = at_once(it.point.stop())
    await time.until(again.done)
    assert await outcomes([stop, again]) == [None, outcome]  # what is rejected costs the link
    it.point.close()
