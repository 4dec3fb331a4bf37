"""Procedures on the Fitness Machine Control Point (2AD9): one at a time, and a stop before all others.

A procedure is a write, its response, and later an indication that names the op code it answers (FTMS 1.0, 4.16). The
two are awaited separately. An indication answers the oldest waiting procedure with its op code, and no other.

Some machines obey and never indicate. On a link without any indication, a procedure therefore counts as done some time
after its write response; the first indication ends that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import (
    ControlRefusedError,
    DeclinedError,
    NoAnswerError,
    NotSentError,
    RejectedError,
    SupersededError,
    UnreachableError,
)
from ..model import BeltState, MachineEvent, MachineEventKind, Telemetry
from ..write_patience import WritePatience
from .codec import ControlResponse, decode_control_response, encode_request_control, encode_stop
from .const import OpCode, ResultCode
from .events import procedure_of
from .owed_answers import OwedAnswers
from .patience import Patience
from .pending_answers import PendingAnswers
from .requests import Asking, Request, Said

_STOP = encode_stop()
_WRITTEN_WITHIN = 0.98
"""Part of the time until a caller is told that no answer came, in which the command is written and acknowledged."""
_UNHEARD = 2  # stops without an answer; one that is silent does not say either that it is no longer ours


class ControlPoint:
    """The control point of one connection."""

    def __init__(
        self,
        write: Callable[[bytes], Awaitable[None]],
        *,
        give_up: Callable[[str], None],
        patience: Patience | None = None,
        answers_by_status: bool = False,
        telemetry: Callable[[], Telemetry] = Telemetry,
    ) -> None:
        """`write` sends bytes; `give_up` drops the link, with a reason.

        `answers_by_status`: the machine often reports a status in place of an indication, or nothing. `telemetry`
        returns what was reported last.
        """
        self._write = write
        self._give_up = give_up
        self._patience = patience or Patience()
        self._answers_by_status = answers_by_status
        self._telemetry = telemetry
        self.writes = WritePatience()
        self._turn = asyncio.Lock()
        self._requests: dict[asyncio.Task[None], Request] = {}
        self._answers = PendingAnswers()
        self._owed = OwedAnswers(self._patience)
        self._indicates = False  # an indication came on this link
        self._stops = 0  # under way
        self._asking: Asking | None = None
        self._regaining: asyncio.Task[None] | None = None
        self._asks_in_vain = False  # on this link no question for control is taken
        self._stopped_at = self._refused_at = float("-inf")  # the machine said so of itself, or of a stop (s)
        self._closed = False
        self._has_control = False
        self._unheard = 0  # stops since it was asked for control

    def receive(self, data: bytes) -> None:
        """Take in an indication; one that nobody waits for is ignored."""
        response = decode_control_response(data)
        if response.op_code is None:
            return
        self._indicates = True
        self._owed.receive(response.op_code)
        if response.op_code == OpCode.STOP_OR_PAUSE and response.result == ResultCode.CONTROL_NOT_PERMITTED:
            self._refused_at, self._has_control = asyncio.get_running_loop().time(), False
        self._answers.answer(response)

    def on_control_lost(self) -> None:
        """Take in that another client took control, or a reset ended it: it must be requested again."""
        self._has_control = False

    def close(self) -> None:
        """End everything, because the link is gone."""
        self._closed = True
        self._void_requests()
        for task in (self._asking and self._asking.task, self._regaining):
            if task is not None:
                task.cancel()
        self._answers.cancel()

    async def run(self, data: bytes) -> None:
        """Carry out one procedure when its turn comes, taking control first where that is needed.

        Raises ControlRefusedError, RejectedError, NoAnswerError, SupersededError or UnreachableError. After any of them
        nothing of this command is sent later.
        """
        if self._stops:
            raise SupersededError("a stop is under way")
        if self._asking is not None:
            # For a stop that nobody waits for any more, which would end what is asked for now.
            self._asking.task.cancel()
            self._asking = None
        request = Request(data, asyncio.get_running_loop().time() + _WRITTEN_WITHIN * self._patience.answer)
        task = asyncio.create_task(self._in_turn(request), name=f"FTMS procedure {data.hex()}")
        self._requests[task] = request
        task.add_done_callback(self._forget)
        try:
            await asyncio.wait({task}, timeout=self._patience.answer)
        finally:
            request.void = True
        if not task.done():
            if not request.written:
                raise NotSentError("the machine owes the answer to a command before")
            # The task goes on holding the turn: until the answer, or the profile's time, no other may begin.
            raise NoAnswerError("the machine did not answer in time")
        if task.cancelled():
            raise (UnreachableError("the link was lost") if self._closed else SupersededError("a stop came first"))
        task.result()

    def on_stopped(self) -> None:
        """Take in that the machine reported to stop or pause, which answers a stop whose indication was lost."""
        self._stopped_at = asyncio.get_running_loop().time()
        self._answers.answer(ControlResponse(OpCode.STOP_OR_PAUSE, ResultCode.SUCCESS))

    def on_machine_event(self, event: MachineEvent) -> None:
        """Take in what the machine reports: it may end our control, or answer what was asked for.

        That a start or a target is reported proves nothing of ours, except on machines that answer so.
        """
        match event.kind:
            case MachineEventKind.CONTROL_LOST | MachineEventKind.RESET:
                self.on_control_lost()
            case MachineEventKind.STOPPED | MachineEventKind.PAUSED:
                self.on_stopped()
            case _ if self._answers_by_status and (data := procedure_of(event)) is not None:
                self._answers.answer(ControlResponse(data[0], ResultCode.SUCCESS), data)

    async def stop(self, data: bytes = _STOP) -> None:
        """Send a stop now; what is under way, or comes meanwhile, ends with SupersededError.

        `data` is what takes the place of a stop, where the machine does not obey one. Raises UnreachableError or
        RejectedError when it could not be written, ControlRefusedError or DeclinedError when it was refused.
        """
        self._stops += 1
        self._void_requests()
        try:
            result = await self._carried_out(data)
        finally:
            self._stops -= 1
        if result == ResultCode.CONTROL_NOT_PERMITTED:
            raise ControlRefusedError("the machine refuses to be stopped")
        if result not in {None, ResultCode.SUCCESS}:
            # At rest there is nothing to stop; a belt that moves has to be stopped otherwise (S3).
            raise DeclinedError(f"the machine declined {data.hex(' ')} with result {result}")

    async def _carried_out(self, data: bytes) -> int | None:
        """Return the machine's answer to a stop, for which control is requested where that is needed; None without."""
        asking, result, said = self._asking, None, self._said()
        rests = said.telemetry.belt is BeltState.AT_REST  # there it may be a new press, and few are repeated
        if asking is None or asking.data != data or rests:
            try:
                # An answer that a strict machine owes mostly comes sooner than a new link would.
                within = self._patience.owed_answer
                result = await self._owed.repeat(lambda: self._answer_at_once(data), within=within, doubted=True)
            except RejectedError:
                # Of stops that are pressed again and again, a strict machine would always owe an answer.
                if not self._owed.owes(OpCode.STOP_OR_PAUSE):
                    raise
                if self._asking is not None and self._asking.data != data:
                    return await self._say_again(data, said, within=self._patience.asking)
            else:
                self._unheard = 0 if rests or result is not None else self._unheard + 1
                if self._has_control and self._unheard >= _UNHEARD:
                    self._regain_control()
                if result == ResultCode.SUCCESS or self._has_control or (self._asking and self._asking.data != data):
                    return result
            # We have no control (monitor only, a new link, or lost), or the machine owes the answer to a stop.
            asking = self._asking = self._asking or self._ask(data, answered=result is not None)
        # One asks for all of them: of stops that are repeated a slow machine would always owe an answer.
        return await self._asked_for(asking.task)

    def _ask(self, data: bytes, *, answered: bool) -> Asking:
        task = asyncio.create_task(self._ask_and_stop(data, answered=answered), name="FTMS control for a stop")
        task.add_done_callback(self._asked)
        return Asking(data, task)

    async def _ask_and_stop(self, data: bytes, *, answered: bool) -> int | None:
        """Request control where that is needed, and stop again at once; return the machine's answer, None without one.

        A strict machine takes neither while it owes an answer, which may be late: each is sent again after it. A stop
        that was not `answered` may be obeyed all the same.
        """
        said, within, asked = self._said(), self._patience.answer, not self._has_control
        if asked:
            in_vain = self._asks_in_vain and not self._owed.miscounts
            try:
                await self._owed.repeat(self._request_control, within=0.0 if in_vain else within)
            except RejectedError:
                self._asks_in_vain, within = True, self._patience.owed_answer
        elif not self.writes.expects_slow:
            within = self._patience.hung  # a machine that hangs is cured by a new link, unless that was tried just now
        return await self._say_again(data, said, within=within, answered=answered, asked=asked)

    def _said(self) -> Said:
        return Said(asyncio.get_running_loop().time(), self._telemetry())

    async def _say_again(
        self, data: bytes, said: Said, *, within: float, answered: bool = True, asked: bool = True
    ) -> int | None:
        """Say a stop again, and after each answer that a strict machine owes, unless the belt obeys meanwhile."""

        async def again() -> int | None:
            nonlocal asked
            refused = self._refused_at >= said.when
            obeyed = said.is_obeyed(self._telemetry(), unanswered=not (answered or refused))
            if obeyed or self._stopped_at >= said.when:
                return None  # there a stop starts some belts (S8)
            if refused and not asked:
                await self._request_control()  # it was lost unnoticed
                asked = True
            return await self._answer_at_once(data)

        return await self._owed.repeat(again, within=within)

    async def _request_control(self) -> None:
        # A machine that never answered yet may never: the stop does not wait longer for it than it has to.
        within = self._patience.stop if self._indicates else self._patience.owed_answer
        self._unheard = 0
        granted = await self._at_once(encode_request_control(), within)
        self._has_control = granted is None or granted.result == ResultCode.SUCCESS

    def _regain_control(self) -> None:
        """Request control that may be lost, without a word more to the belt: its stops are repeated anyway."""
        self._regaining = asyncio.create_task(self._request_control(), name="FTMS control that may be lost")
        self._regaining.add_done_callback(_take_in)

    def _asked(self, task: asyncio.Task[int | None]) -> None:
        if self._asking is not None and self._asking.task is task:
            self._asking = None
        _take_in(task)

    async def _asked_for(self, task: asyncio.Task[int | None]) -> int | None:
        """Return the machine's answer to the stop that waits for control; None where that takes too long."""
        # A session that hears nothing of its stop does not try another way to stop either.
        await asyncio.wait({task}, timeout=self._patience.asking)
        if not task.done():
            return None
        if task.cancelled():
            raise UnreachableError("the link was lost before the machine was ours")
        return task.result()

    async def _answer_at_once(self, data: bytes) -> int | None:
        """Return the machine's answer to a stop; None without one, so that telemetry has to show it."""
        response = await self._at_once(data)
        return None if response is None else response.result

    def _void_requests(self) -> None:
        for task, request in self._requests.items():
            request.void = True
            task.cancel()

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._requests[task]
        _take_in(task)

    async def _in_turn(self, request: Request) -> None:
        async with self._turn:
            asked = not self._has_control
            if asked:
                await self._take_control(request)
            result = await self._procedure(request, request.data)
            if result == ResultCode.CONTROL_NOT_PERMITTED and not asked:
                # Control ended unnoticed: ask for it again, once.
                await self._take_control(request)
                result = await self._procedure(request, request.data)
        if result == ResultCode.CONTROL_NOT_PERMITTED:
            raise ControlRefusedError("the machine refuses to be controlled")
        if result != ResultCode.SUCCESS:
            raise RejectedError(f"the machine declined {request.data.hex(' ')} with result {result}")
        self._has_control = True  # even where the request was declined: it obeys

    async def _take_control(self, request: Request) -> None:
        # Some machines decline this and obey all the same: only the command's own answer counts.
        self._has_control = await self._procedure(request, encode_request_control()) == ResultCode.SUCCESS

    async def _procedure(self, request: Request, data: bytes) -> int | None:
        if self._closed:
            raise UnreachableError("the link is gone")
        within = request.until - asyncio.get_running_loop().time()
        if request.void or within <= 0:
            raise NotSentError("the command was given up before its turn")
        request.written = request.written or data == request.data
        try:
            async with asyncio.timeout(self._patience.give_up):
                with self._answers.await_for(data) as answer:
                    await self._written(data, within)
                    return await self._result(answer)
        except TimeoutError as err:
            self._closed = True  # no other procedure may begin on this link
            self._give_up("a procedure was never answered")
            raise NoAnswerError("the machine did not answer") from err

    async def _result(self, answer: asyncio.Future[ControlResponse]) -> int | None:
        """Return the machine's answer; one that never answers anything counts as success."""
        if not self._indicates or self._answers_by_status:
            await asyncio.wait({answer}, timeout=self._patience.first_answer)
            if not answer.done() and (not self._indicates or self._answers_by_status):
                return ResultCode.SUCCESS
        return (await answer).result

    async def _at_once(self, data: bytes, answered_within: float | None = None) -> ControlResponse | None:
        """Write now, and return the answer; None without one, so that telemetry has to show it."""
        if self._closed:
            raise UnreachableError("the link is gone")
        with self._answers.await_for(data) as answer:
            try:
                await self._written(data, self.writes.for_stop(self._patience.stop))
            except TimeoutError as err:
                raise UnreachableError("the write was not acknowledged") from err
            await asyncio.wait({answer}, timeout=answered_within or self._patience.stop)
            if answer.cancelled():
                raise UnreachableError("the link was lost before the machine answered")
            return answer.result() if answer.done() else None

    async def _written(self, data: bytes, within: float) -> None:
        """Write; raise TimeoutError when that is not acknowledged in so many seconds."""
        with self._owed.on_write(data[0]):
            async with asyncio.timeout(within):
                await self.writes.write(self._write(data))


def _take_in(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()  # the callers may be gone already
