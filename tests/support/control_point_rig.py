"""A control point on a link to a virtual treadmill."""

import asyncio
from collections.abc import Awaitable

from custom_components.retrowalk.machine.errors import MachineError
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.control_point import ControlPoint
from custom_components.retrowalk.machine.ftms.patience import Patience
from tests.support.driver_bench import PATIENT, virtual_connection


class Rig:
    """A subscribed control point on a fresh link."""

    def __init__(self, patience: Patience = PATIENT) -> None:
        self.connection = virtual_connection()
        self.peripheral = self.connection.peripheral
        self.treadmill = self.peripheral.treadmill
        self.faults = self.peripheral.faults
        self.point = ControlPoint(self._write, give_up=self.connection.drop, patience=patience)
        self.connection.lost = self.point.close

    def _write(self, data: bytes) -> Awaitable[None]:
        return self.connection.write(const.CONTROL_POINT, data)

    def commands(self) -> list[bytes]:
        return self.connection.commands()

    def send(self, *commands: bytes) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.point.run(data)) for data in commands]


async def rig(patience: Patience = PATIENT) -> Rig:
    made = Rig(patience)
    await made.connection.subscribe(const.CONTROL_POINT, made.point.receive)
    return made


async def outcome(task: Awaitable[None]) -> type[BaseException] | None:
    try:
        await task
    except MachineError as error:
        return type(error)
    return None


async def outcomes(tasks: list[asyncio.Task[None]]) -> list[type[BaseException] | None]:
    return [await outcome(task) for task in tasks]
