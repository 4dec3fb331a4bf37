"""What a machine owes on one link, and the wait for it."""

import pytest

from custom_components.retrowalk.machine.errors import RejectedError, UnreachableError
from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.machine.ftms.owed_answers import OwedAnswers
from custom_components.retrowalk.machine.ftms.patience import Patience
from tests.support.control_point_rig import rig
from tests.support.driver_bench import at_once
from tests.support.loop_time import LoopTime

STOP = OpCode.STOP_OR_PAUSE


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> LoopTime:
    return LoopTime((await rig()).peripheral, monkeypatch)


async def rejected() -> None:
    raise RejectedError("not now")


async def test_an_answer_that_never_comes_is_not_owed_for_ever(time: LoopTime) -> None:
    owed = OwedAnswers(Patience())
    for _ in range(100):
        with owed.on_write(STOP):
            await time.passes(1.0)
    assert owed.owes(STOP)
    await time.passes(Patience().answer + 1.0)
    assert not owed.owes(STOP)
    attempt = at_once(owed.repeat(rejected, within=Patience().answer))
    await time.until(attempt.done, within=0.5)
    assert isinstance(attempt.exception(), RejectedError)


@pytest.mark.parametrize("error", [RejectedError, UnreachableError])
async def test_what_was_not_written_is_not_owed(time: LoopTime, error: type[Exception]) -> None:
    owed = OwedAnswers(Patience())
    with pytest.raises(error), owed.on_write(STOP):
        raise error
    assert not owed.owes(STOP)


async def test_the_answer_to_a_slow_write_is_owed_from_its_end(time: LoopTime) -> None:
    owed = OwedAnswers(Patience())
    with owed.on_write(STOP):
        await time.passes(9.0)
    await time.passes(9.0)
    assert owed.owes(STOP)


async def test_an_answer_that_comes_before_its_write_has_ended_is_owed_no_more(time: LoopTime) -> None:
    owed = OwedAnswers(Patience())
    with owed.on_write(STOP):
        owed.receive(STOP)
    assert not owed.owes(STOP)
    assert not owed.miscounts


async def test_a_second_copy_of_an_answer_is_waited_for_a_moment_from_then_on(time: LoopTime) -> None:
    owed = OwedAnswers(Patience())
    with owed.on_write(STOP):
        pass
    for _ in range(2):
        owed.receive(STOP)
    assert owed.miscounts
    began = time.now
    with pytest.raises(RejectedError):
        await time.done(at_once(owed.repeat(rejected, within=Patience().answer)))
    assert time.now - began == pytest.approx(Patience().owed_answer, abs=0.2)


async def test_what_is_rejected_is_repeated_after_each_answer_and_not_before(time: LoopTime) -> None:
    owed = OwedAnswers(Patience())
    attempts = []

    async def third_time() -> str:
        attempts.append(time.now)
        if len(attempts) < 3:
            raise RejectedError("not now")
        return "done"

    for _ in range(3):
        with owed.on_write(STOP):
            pass
    repeated = at_once(owed.repeat(third_time, within=Patience().answer))
    for _ in range(2):
        await time.passes(2.0)
        owed.receive(STOP)
    assert await time.done(repeated) == "done"
    assert [round(when - attempts[0]) for when in attempts] == [0, 2, 4]
