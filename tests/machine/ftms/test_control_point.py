"""Tests for the control point: one procedure at a time, each with its own indication, and stop takes priority."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from custom_components.retrowalk.machine.errors import (
    ControlRefusedError,
    DeclinedError,
    NoAnswerError,
    NotSentError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from custom_components.retrowalk.machine.ftms.patience import Patience
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.control_point_rig import Rig, outcome, outcomes, rig
from tests.support.driver_bench import (
    PATIENT,
    PAUSE,
    REQUEST_CONTROL,
    START,
    STOP,
    at_once,
    speed,
    turns,
)
from tests.support.loop_time import LoopTime

pytestmark = pytest.mark.usefixtures("_no_unhandled_exceptions")


@pytest.fixture
async def _no_unhandled_exceptions() -> AsyncIterator[None]:
    """Fail a test that leaves a task or future whose exception was never retrieved."""
    messages: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: messages.append(context["message"]))
    yield
    await turns()
    assert messages == []


async def walking_rig(patience: Patience = PATIENT) -> Rig:
    """Return a rig whose belt is running and under our control."""
    made = await rig()
    await made.point.run(START)
    made.peripheral.step(10)
    made.point._patience = patience
    assert made.commands() == [REQUEST_CONTROL, START]
    return made


# One at a time


async def test_commands_are_sent_one_at_a_time_in_the_order_they_were_asked() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 1.0
    tasks = it.send(speed(1.0), speed(1.1), PAUSE)
    sent = []
    for done in range(4):
        await turns()
        sent.append(it.commands())
        assert [task.done() for task in tasks] == [True] * done + [False] * (3 - done)
        it.peripheral.step(1.0)
    assert sent == [[speed(1.0)], [speed(1.1)], [PAUSE], []]


async def test_the_write_response_alone_ends_no_procedure() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 1.0
    (task,) = it.send(speed(1.0))
    await turns()
    assert it.treadmill.target_speed == 1.0
    assert not task.done()
    it.peripheral.step(1.0)
    await task


async def test_the_indication_alone_ends_no_procedure() -> None:
    it = await walking_rig()
    it.connection.response = asyncio.get_running_loop().create_future()
    first, second = it.send(speed(1.0), speed(1.1))
    await turns()
    assert it.commands() == [speed(1.0)]
    assert not first.done()
    it.connection.response.set_result(None)
    await asyncio.gather(first, second)
    assert it.commands() == [speed(1.1)]


@pytest.mark.parametrize("other", ["80 07 01", "80 00 01", "80 03 01", "80 99 01", "80", "", "02 01", "80 08 05"])
async def test_only_an_indication_with_its_own_op_code_answers_a_procedure(other: str) -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    (task,) = it.send(speed(1.0))
    await turns()
    it.connection.indicate(other)
    await turns()
    assert not task.done()
    it.connection.indicate("80 02 01")
    await task


async def test_an_indication_that_nobody_waits_for_is_ignored() -> None:
    it = await walking_rig()
    it.connection.indicate("80 02 04")
    await it.point.run(speed(1.0))


async def test_an_indication_that_comes_twice_answers_once() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    (task,) = it.send(speed(1.0))
    await turns()
    it.connection.indicate("80 02 01")
    it.connection.indicate("80 02 04")
    await task


async def test_a_late_indication_does_not_answer_the_procedure_that_came_after() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02, 0x03})
    (late,) = it.send(speed(1.0))
    await turns()
    await it.point.stop()
    assert await outcome(late) is SupersededError
    (task,) = it.send(b"\x03\x05\x00")
    await turns()
    it.connection.indicate("80 02 01")
    await turns()
    assert not task.done()
    it.connection.indicate("80 03 01")
    await task


async def test_an_indication_for_another_op_code_is_no_answer() -> None:
    it = await walking_rig(replace(PATIENT, answer=0.1))
    it.faults.indication_to_wrong_op = True
    with pytest.raises(NoAnswerError):
        await it.point.run(speed(1.0))
    it.point.close()


@pytest.mark.parametrize("result", ["02", "03", "04", "77", ""])
async def test_a_declined_command_is_told_and_the_next_one_goes(result: str) -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    (task,) = it.send(speed(1.0))
    await turns()
    it.connection.indicate("80 02" + result)
    assert await outcome(task) is RejectedError
    await it.point.run(PAUSE)
    assert it.commands() == [speed(1.0), PAUSE]


async def test_a_write_that_the_machine_declines_is_told_and_the_next_one_goes() -> None:
    it = await walking_rig()
    it.faults.att_error = 0x0E
    with pytest.raises(RejectedError):
        await it.point.run(speed(1.0))
    it.faults.att_error = None
    await it.point.run(speed(1.1))


async def test_an_unforeseen_error_of_the_connection_reaches_the_caller_and_frees_the_turn() -> None:
    it = await walking_rig()
    it.connection.write_errors[0x02] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await it.point.run(speed(1.0))
    await it.point.run(PAUSE)


# Stop goes first (S3)


@pytest.mark.parametrize("fault", ["no_write_response_op", "lost_indications"])
@pytest.mark.parametrize("hangs", [0x00, 0x02])
async def test_s3_stop_is_sent_at_once_and_alone_whatever_hangs(fault: str, hangs: int) -> None:
    it = await walking_rig()
    if hangs == 0x00:
        it.point.on_control_lost()
    it.faults.update({fault: [hangs]})
    tasks = it.send(speed(1.0), speed(1.1), PAUSE, START)
    await turns()
    assert it.commands() == [REQUEST_CONTROL if hangs == 0x00 else speed(1.0)]

    stop = at_once(it.point.stop())
    assert it.commands() == [STOP]  # before anything else could run
    assert await outcomes(tasks) == [SupersededError] * 4
    await stop

    it.faults.clear()
    it.peripheral.step(60)
    await turns()
    assert it.commands() == []
    assert it.treadmill.at_rest


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("eager", [True, False])
async def test_s3_nothing_follows_a_stop_at_whatever_moment_it_comes(*, eager: bool, control: bool) -> None:
    loop = asyncio.get_running_loop()
    for before in range(16):
        it = await walking_rig()
        if not control:
            it.point.on_control_lost()
        loop.set_task_factory(asyncio.eager_task_factory if eager else None)
        tasks = it.send(speed(1.0), START, speed(1.2))
        await turns(before)
        it.commands()
        stop = at_once(it.point.stop())
        assert it.commands() == [STOP]
        await stop
        assert set(await outcomes(tasks)) <= {None, RejectedError, SupersededError}
        it.peripheral.step(60)
        await turns()
        assert it.commands() == []
        assert it.treadmill.at_rest


async def test_s3_a_command_whose_turn_just_came_is_not_sent_after_a_stop() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    tasks = it.send(speed(1.0), PAUSE)
    await turns()
    it.commands()
    it.connection.indicate("80 02 01")
    await asyncio.sleep(0)  # the first is answered and lets the next one run
    stop = at_once(it.point.stop())
    await stop
    assert await outcome(tasks[1]) is SupersededError
    assert it.commands() == [STOP]


async def test_s3_what_is_asked_while_a_stop_is_under_way_is_not_sent() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 1.0
    stop = at_once(it.point.stop())
    with pytest.raises(SupersededError):
        await it.point.run(speed(1.0))
    it.peripheral.step(1.0)
    await stop
    assert it.commands() == [STOP]
    it.faults.clear()
    assert await outcome(it.point.run(speed(1.0))) is RejectedError  # requested afterward, it is sent; the belt is off
    assert it.commands() == [speed(1.0)]


async def test_s3_stop_without_control_is_sent_asks_for_control_and_is_sent_again() -> None:
    it = await rig()
    it.treadmill.press_start()
    it.peripheral.step(10)
    await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]
    it.peripheral.step(10)
    assert it.treadmill.at_rest
    # The control that was granted is remembered.
    await it.point.run(START)
    assert it.commands() == [START]


async def test_s3_a_stop_that_control_ended_unnoticed_for_asks_again() -> None:
    it = await walking_rig()
    it.peripheral._control_point.permitted = False
    await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]
    assert it.treadmill.phase is Phase.IDLE


async def test_s3_a_stop_that_is_refused_for_good_is_told() -> None:
    it = await walking_rig()
    it.faults.control_lost = True
    with pytest.raises(ControlRefusedError):
        await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]
    assert await outcome(it.point.run(PAUSE)) is ControlRefusedError
    assert it.commands() == [REQUEST_CONTROL, PAUSE]


async def test_s3_stop_is_said_again_although_the_request_for_control_cannot_be_written() -> None:
    it = await rig()
    it.connection.write_errors[0x00] = RejectedError("not this one")
    with pytest.raises(ControlRefusedError):
        await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]


async def test_s3_a_stop_that_is_declined_is_told_at_once_and_said_once() -> None:
    it = await walking_rig()
    it.faults.stop_only_at_rest = True
    with pytest.raises(DeclinedError):
        await it.point.stop()
    assert it.commands() == [STOP]
    assert it.treadmill.phase is Phase.RUNNING


async def test_s3_without_control_a_stop_that_is_declined_is_said_again_with_it() -> None:
    it = await rig()
    it.treadmill.press_start()
    it.peripheral.step(10)
    it.faults.update({"stop_only_at_rest": True, "control_not_needed": True})
    with pytest.raises(DeclinedError):
        await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]
    await it.point.stop(PAUSE)
    assert it.commands() == [PAUSE]
    assert it.treadmill.phase is Phase.PAUSED


async def test_s3_what_takes_the_place_of_a_stop_overtakes_what_hangs() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    tasks = it.send(speed(1.0), speed(1.1))
    await turns()
    await it.point.stop(PAUSE)
    assert it.commands() == [speed(1.0), PAUSE]
    assert await outcomes(tasks) == [SupersededError] * 2


async def test_s3_a_stop_whose_indication_is_lost_is_obeyed_when_the_machine_says_that_it_stopped() -> None:
    it = await walking_rig()
    it.point.on_stopped()  # nothing is waiting for it
    it.faults.lost_indications = frozenset({0x08})
    first, second = at_once(it.point.stop()), at_once(it.point.stop())
    await turns()
    it.point.on_stopped()
    await turns()
    assert (first.done(), second.done()) == (True, False)
    it.point.on_stopped()
    await asyncio.gather(first, second)


async def test_s3_a_stop_whose_write_hangs_is_told_as_undelivered() -> None:
    it = await walking_rig(replace(PATIENT, stop=0.02))
    it.faults.no_write_response_op = frozenset({0x08})
    with pytest.raises(UnreachableError):
        await it.point.stop()


async def test_a_stop_that_is_taken_and_not_answered_is_left_to_telemetry() -> None:
    it = await walking_rig(replace(PATIENT, stop=0.02))
    it.faults.lost_indications = frozenset({0x08})
    await it.point.stop()
    assert it.commands() == [STOP]
    assert it.treadmill.phase is Phase.IDLE


async def test_two_stops_at_once_are_both_sent_and_each_has_its_own_answer() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x08})
    first = at_once(it.point.stop())
    second = at_once(it.point.stop())
    assert it.commands() == [STOP, STOP]
    await turns()
    it.connection.indicate("80 08 01")
    await turns()
    assert (first.done(), second.done()) == (True, False)
    with pytest.raises(SupersededError):
        await it.point.run(START)
    it.connection.indicate("80 08 04")
    assert await outcomes([first, second]) == [None, DeclinedError]
    assert it.commands() == []


async def test_s3_a_strict_machine_is_stopped_as_soon_as_it_has_answered_what_was_under_way() -> None:
    it = await walking_rig()
    it.faults.update({"strict_procedures": True, "indication_delay": 1.0})
    (hanging,) = it.send(speed(1.0))
    await turns()
    stop = at_once(it.point.stop())
    await turns()
    assert it.commands() == [speed(1.0), STOP]
    it.faults.indication_delay = 0
    it.peripheral.step(1.0)
    await stop
    assert it.commands() == [STOP]
    assert it.treadmill.phase is Phase.IDLE
    assert await outcome(hanging) is SupersededError


async def test_s3_a_strict_machine_that_answers_just_before_it_declines_is_told_again() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    (hanging,) = it.send(speed(1.0))
    await turns()

    async def declined(data: bytes) -> None:
        it.commands()
        it.point._write = it._write
        it.connection.indicate("80 02 01")
        raise RejectedError("procedure already in progress")

    it.point._write = declined
    await it.point.stop()
    assert it.commands() == [STOP]
    assert await outcome(hanging) is SupersededError


async def test_s3_a_strict_machine_that_never_answers_is_told_as_not_stopped() -> None:
    it = await walking_rig(replace(PATIENT, owed_answer=0.02))
    it.faults.update({"strict_procedures": True, "indication_delay": 60.0})
    (hanging,) = it.send(speed(1.0))
    await turns()
    with pytest.raises(RejectedError):
        await it.point.stop()
    assert await outcome(hanging) is SupersededError


async def test_s3_a_stop_is_undelivered_when_the_link_ends_before_the_machine_answered() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 60.0
    stop = at_once(it.point.stop())
    await turns()
    it.peripheral.drop_link()
    assert await outcome(stop) is UnreachableError


async def test_s3_a_stop_is_undelivered_when_the_link_ends_while_it_is_written() -> None:
    it = await walking_rig()
    it.faults.no_write_response_op = frozenset({0x08})
    stop = at_once(it.point.stop())
    await turns()
    it.peripheral.drop_link()
    assert await outcome(stop) is UnreachableError


async def test_a_stop_on_a_dead_link_is_undelivered() -> None:
    it = await walking_rig()
    it.point.close()
    with pytest.raises(UnreachableError):
        await it.point.stop()
    assert it.commands() == []


async def test_a_stop_whose_caller_went_away_bars_nothing() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 1.0
    stop = at_once(it.point.stop())
    await turns()
    stop.cancel()
    await asyncio.wait({stop})
    it.faults.clear()
    it.peripheral.step(10)
    await it.point.run(START)
    assert it.commands() == [STOP, START]


# Time-outs


async def test_an_unanswered_command_is_told_and_keeps_its_turn_until_the_answer() -> None:
    it = await walking_rig(replace(PATIENT, answer=0.1))
    it.faults.indication_delay = 1.0
    with pytest.raises(NoAnswerError):
        await it.point.run(speed(1.0))
    (queued,) = it.send(PAUSE)
    await turns()
    assert it.commands() == [speed(1.0)]
    it.faults.clear()
    it.peripheral.step(1.0)
    await queued
    assert it.commands() == [PAUSE]
    assert it.connection.drops == []


async def test_a_queued_command_whose_caller_gave_up_is_never_sent() -> None:
    it = await walking_rig(replace(PATIENT, answer=0.1))
    it.faults.indication_delay = 1.0
    tasks = it.send(speed(1.0), speed(1.1), PAUSE)
    assert await outcomes(tasks) == [NoAnswerError, NotSentError, NotSentError]
    it.faults.clear()
    it.peripheral.step(60.0)
    await turns()
    assert it.commands() == [speed(1.0)]


async def test_control_that_is_granted_too_late_sends_no_command() -> None:
    it = await rig(replace(PATIENT, answer=0.1))
    it.faults.indication_delay = 1.0
    with pytest.raises(NoAnswerError):
        await it.point.run(START)
    it.faults.clear()
    it.peripheral.step(60.0)
    await turns()
    assert it.commands() == [REQUEST_CONTROL]
    # Control is ours anyway.
    await it.point.run(START)
    assert it.commands() == [START]


async def test_a_refusal_that_comes_too_late_asks_for_nothing() -> None:
    it = await walking_rig(replace(PATIENT, answer=0.1))
    it.faults.lost_indications = frozenset({0x02})
    with pytest.raises(NoAnswerError):
        await it.point.run(speed(1.0))
    it.connection.indicate("80 02 05")
    await turns()
    assert it.commands() == [speed(1.0)]


@pytest.mark.parametrize("fault", ["no_write_response_op", "lost_indications"])
async def test_a_procedure_that_is_never_answered_gives_the_link_up_once_and_nothing_follows(fault: str) -> None:
    it = await walking_rig(replace(PATIENT, give_up=0.02))
    it.faults.update({fault: [0x02]})
    tasks = it.send(speed(1.0), speed(1.1), PAUSE)
    assert await outcomes(tasks) == [NoAnswerError, UnreachableError, UnreachableError]
    assert it.commands() == [speed(1.0)]
    assert len(it.connection.drops) == 1
    assert await outcome(it.point.stop()) is UnreachableError  # the link is going down: kept for the next link


async def test_the_link_is_given_up_although_the_caller_went_away_before(monkeypatch: pytest.MonkeyPatch) -> None:
    it = await walking_rig(Patience(answer=10.0, give_up=30.0))
    time = LoopTime(it.peripheral, monkeypatch)
    it.faults.lost_indications = frozenset({0x02})
    (task,) = it.send(speed(1.0))
    await time.passes(10.1)
    assert await outcome(task) is NoAnswerError
    await time.passes(19.8)
    assert it.connection.drops == []
    await time.passes(0.1)
    assert len(it.connection.drops) == 1


# Control


async def test_control_is_asked_for_with_the_first_command_of_a_link_only() -> None:
    it = await rig()
    assert it.commands() == []
    await it.point.run(START)
    it.peripheral.step(10)
    await it.point.run(speed(1.0))
    await it.point.run(speed(1.1))
    assert it.commands() == [REQUEST_CONTROL, START, speed(1.0), speed(1.1)]


async def test_control_that_was_told_as_lost_is_asked_for_again() -> None:
    it = await walking_rig()
    it.point.on_control_lost()
    await it.point.run(speed(1.0))
    assert it.commands() == [REQUEST_CONTROL, speed(1.0)]


async def test_control_that_ended_unnoticed_is_asked_for_again_once() -> None:
    it = await walking_rig()
    it.peripheral._control_point.permitted = False
    await it.point.run(speed(1.0))
    assert it.commands() == [speed(1.0), REQUEST_CONTROL, speed(1.0)]
    await it.point.run(speed(1.1))
    assert it.commands() == [speed(1.1)]


async def test_control_that_ended_unnoticed_and_is_refused_is_told() -> None:
    it = await walking_rig()
    it.peripheral._control_point.permitted = False
    it.faults.refuse_control = True
    with pytest.raises(ControlRefusedError):
        await it.point.run(speed(1.0))
    assert it.commands() == [speed(1.0), REQUEST_CONTROL, speed(1.0)]
    it.faults.clear()
    await it.point.run(speed(1.0))
    assert it.commands() == [REQUEST_CONTROL, speed(1.0)]


async def test_control_that_is_refused_is_told_and_not_asked_for_twice() -> None:
    it = await rig()
    it.faults.refuse_control = True
    with pytest.raises(ControlRefusedError):
        await it.point.run(START)
    assert it.commands() == [REQUEST_CONTROL, START]


async def test_a_machine_that_refuses_control_and_obeys_is_asked_once() -> None:
    it = await rig()
    it.faults.update({"refuse_control": True, "control_not_needed": True})
    await it.point.run(START)
    it.peripheral.step(10)
    await it.point.run(speed(1.0))
    assert it.commands() == [REQUEST_CONTROL, START, speed(1.0)]


# The link and the caller


async def test_a_lost_link_ends_what_is_under_way_and_what_waits() -> None:
    it = await walking_rig()
    it.faults.lost_indications = frozenset({0x02})
    tasks = it.send(speed(1.0), PAUSE)
    await turns()
    it.peripheral.drop_link()
    assert await outcomes(tasks) == [UnreachableError] * 2
    assert await outcome(it.point.run(PAUSE)) is UnreachableError
    assert it.commands() == [speed(1.0)]


async def test_a_link_that_is_lost_while_a_command_is_written_ends_it() -> None:
    it = await walking_rig()
    it.faults.no_write_response_op = frozenset({0x02})
    (task,) = it.send(speed(1.0))
    await turns()
    it.peripheral.drop_link()
    assert await outcome(task) is UnreachableError


async def test_a_caller_who_goes_away_frees_the_turn_only_with_the_answer() -> None:
    it = await walking_rig()
    it.faults.indication_delay = 1.0
    first, second, third = it.send(speed(1.0), speed(1.1), PAUSE)
    await turns()
    first.cancel()
    second.cancel()
    await asyncio.wait({first, second})
    await turns()
    assert it.commands() == [speed(1.0)]
    it.faults.clear()
    it.peripheral.step(1.0)
    await third
    assert it.commands() == [PAUSE]  # the second was never sent


# Machines that never indicate


async def test_a_machine_that_never_indicates_is_usable() -> None:
    it = await rig(replace(PATIENT, first_answer=0.02))
    it.faults.no_indications_at_all = True
    await it.point.run(START)
    it.peripheral.step(10)
    await it.point.run(speed(1.0))
    assert it.commands() == [REQUEST_CONTROL, START, speed(1.0)]
    assert it.treadmill.target_speed == 1.0
    assert it.connection.drops == []


async def test_a_machine_that_never_indicates_is_given_time_for_each_procedure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = await rig(Patience(first_answer=2.0))
    time = LoopTime(it.peripheral, monkeypatch)
    it.faults.no_indications_at_all = True
    tasks = it.send(START, PAUSE)
    await turns()
    for command in (REQUEST_CONTROL, START, PAUSE):
        assert it.commands() == [command]
        await time.passes(1.9)
        assert it.commands() == []
        await time.passes(0.1)
    assert await outcomes(tasks) == [None, None]
    assert it.commands() == []


async def test_s3_a_machine_that_never_indicates_is_stopped_also_without_control() -> None:
    it = await rig(replace(PATIENT, stop=0.01, owed_answer=0.01))
    it.faults.no_indications_at_all = True
    it.treadmill.press_start()
    it.peripheral.step(10)
    await it.point.stop()
    assert it.commands() == [STOP, REQUEST_CONTROL, STOP]
    assert it.treadmill.phase is Phase.IDLE
    await it.point.stop()
    assert it.commands() == [STOP]


async def test_the_first_indication_ends_the_belief_that_a_machine_never_indicates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = await rig(Patience(first_answer=2.0))
    time = LoopTime(it.peripheral, monkeypatch)
    it.faults.lost_indications = frozenset({0x00})
    (start,) = it.send(START)
    await time.done(start)
    await time.passes(10)
    it.faults.indication_delay = 5.0
    (task,) = it.send(speed(1.0))
    await time.passes(4.5)
    assert not task.done()
    await time.passes(0.6)
    assert await outcome(task) is None


async def test_a_late_first_indication_has_the_procedure_under_way_wait_for_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = await rig(Patience(first_answer=2.0))
    time = LoopTime(it.peripheral, monkeypatch)
    it.faults.no_indications_at_all = True
    (task,) = it.send(START)
    await time.passes(2.5)
    assert it.commands() == [REQUEST_CONTROL, START]
    it.connection.indicate("80 00 01")
    await time.passes(3)
    assert not task.done()
    it.connection.indicate("80 07 04")
    assert await outcome(task) is RejectedError


async def test_a_write_that_is_not_acknowledged_is_no_sign_of_a_machine_that_never_indicates() -> None:
    it = await rig(replace(PATIENT, first_answer=0.01, give_up=0.05))
    it.faults.no_write_response_op = frozenset({0x00})
    with pytest.raises(NoAnswerError):
        await it.point.run(START)
    assert it.commands() == [REQUEST_CONTROL]
    assert len(it.connection.drops) == 1
