"""The Fitness Machine Control Point of the virtual treadmill: which commands it obeys and what it answers."""

import struct

from ..machine.ftms import const
from ..machine.ftms.const import OpCode, ResultCode
from .faults import Faults
from .treadmill import Phase, VirtualTreadmill


class ControlPoint:
    """Carries out procedures on the treadmill for the connected client."""

    def __init__(self, treadmill: VirtualTreadmill, faults: Faults) -> None:
        self._treadmill = treadmill
        self._faults = faults
        self.permitted = False
        """Whether the client holds control; the end of the link, a reset or another client ends it."""
        self._starts = 0  # of a belt at rest
        self.rest_reported = False
        """Whether the last report was of a belt at rest."""

    def execute(self, data: bytes) -> ResultCode:
        """Carry out the procedure in `data` (op code and parameter), and return its result."""
        op_code, parameter = data[0], data[1:]
        if op_code == OpCode.REQUEST_CONTROL:
            self.permitted = not (self._faults.refuse_control or self._faults.control_lost)
            return ResultCode.SUCCESS if self.permitted else ResultCode.CONTROL_NOT_PERMITTED
        if not self._may_command():
            return ResultCode.CONTROL_NOT_PERMITTED
        if op_code in self._faults.declines_op:
            return ResultCode(self._faults.declines_with or ResultCode.OPERATION_FAILED)
        match op_code:
            case OpCode.RESET:
                self.permitted = False
                return self._treadmill.reset()
            case OpCode.SET_TARGET_SPEED:
                return self._set_speed(parameter)
            case OpCode.SET_TARGET_INCLINATION:
                if len(parameter) != 2:
                    return ResultCode.INVALID_PARAMETER
                return self._treadmill.set_incline(struct.unpack("<h", parameter)[0] / 10)
            case OpCode.START_OR_RESUME:
                return self._start(parameter)
            case OpCode.STOP_OR_PAUSE:
                return self._stop(parameter)
            case _:
                return ResultCode.NOT_SUPPORTED

    def _may_command(self) -> bool:
        if self._faults.control_lost:
            return False
        return self.permitted or self._faults.control_not_needed

    def _set_speed(self, parameter: bytes) -> ResultCode:
        if len(parameter) != 2:
            return ResultCode.INVALID_PARAMETER
        if self._faults.ignore_speed:
            return ResultCode.SUCCESS
        ran = self._treadmill.phase is Phase.RUNNING
        result = self._treadmill.set_speed(struct.unpack("<H", parameter)[0] / 100)
        if ran and self._treadmill.phase is Phase.IDLE and self._faults.reports_own_stops:
            self._treadmill.report_stopped(paused=False)
        return result

    def _start(self, parameter: bytes) -> ResultCode:
        if self._faults.start_wants_parameter and parameter != b"\x01":
            return ResultCode.OPERATION_FAILED
        at_rest = self._treadmill.phase in {Phase.IDLE, Phase.PAUSED} and self._treadmill.at_rest
        if self._faults.second_start_needed and at_rest:
            self._starts += 1
            if self._starts % 2:
                return ResultCode.SUCCESS
        if self._faults.toggles_on_start and self._treadmill.phase in {Phase.COUNTDOWN, Phase.RUNNING}:
            return self._treadmill.stop()
        if self._faults.restarts_on_start and self._treadmill.phase is Phase.RUNNING:
            self._treadmill.start_again()
            return ResultCode.SUCCESS
        return self._treadmill.start()

    def _stop(self, parameter: bytes) -> ResultCode:
        if len(parameter) != 1 or parameter[0] not in {const.STOP, const.PAUSE}:
            return ResultCode.INVALID_PARAMETER
        self._starts = 0
        result = self._stop_for_good() if parameter[0] == const.STOP else self._pause()
        if result is ResultCode.SUCCESS and self._faults.reports_own_stops:
            self._treadmill.report_stopped(paused=parameter[0] == const.PAUSE)
        return result

    def _stop_for_good(self) -> ResultCode:
        faults, treadmill = self._faults, self._treadmill
        if faults.stop_ignored or faults.stop_alone_ignored:
            return ResultCode.SUCCESS
        if faults.stop_only_at_rest and not (self.rest_reported and treadmill.phase is not Phase.COUNTDOWN):
            return ResultCode.OPERATION_FAILED
        if faults.toggles_on_stop and treadmill.restart():
            return ResultCode.SUCCESS
        return treadmill.stop()

    def _pause(self) -> ResultCode:
        faults, treadmill = self._faults, self._treadmill
        if faults.stop_ignored:
            return ResultCode.SUCCESS
        if faults.pause_declined:
            return ResultCode.OPERATION_FAILED
        if faults.faster_on_pause and treadmill.phase is Phase.RUNNING:
            treadmill.set_speed(treadmill.target_speed + 1.0)
            return ResultCode.SUCCESS
        if faults.toggles_on_pause and treadmill.restart():
            return ResultCode.SUCCESS
        if faults.pause_ends_session:
            return treadmill.stop()
        return treadmill.pause()
