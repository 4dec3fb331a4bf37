"""Keeps a machine that reports hundreds of times a second from costing more than a polite one.

Whatever comes faster than any machine needs is joined: the newest telemetry, and each kind of event once, are passed on
a moment later. Nothing that a belt does is lost: its last state always arrives, and so does every kind of event.
"""

import asyncio
from collections.abc import Callable
from typing import Final, override

from .driver import Listener
from .model import MachineEvent, MachineEventKind, Telemetry

_AT_ONCE: Final = 100.0
"""Reports that are passed on at once however fast they come, as after a stall of the event loop."""
_PER_SECOND: Final = 20.0
"""Reports a second that are passed on for ever; real machines send up to about ten."""
_JOINED_FOR: Final = 0.1
"""Seconds after which what was joined is passed on."""
_HALTS: Final = frozenset({MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY})
"""Events that do not wait, unless there is a flood of them."""


class FloodGuard(Listener):
    """The listener of one driver, with a limit."""

    def __init__(self, listener: Listener, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self._listener = listener
        self._clock = clock
        self._left = _AT_ONCE
        self._counted_at = clock()
        self._telemetry: Telemetry | None = None  # the newest that waits
        self._events: dict[MachineEventKind, MachineEvent] = {}  # that wait, the last to come at the end
        self._halts: set[MachineEventKind] = set()  # that were passed on since the timer began
        self._timer: asyncio.TimerHandle | None = None

    @override
    def on_telemetry(self, telemetry: Telemetry) -> None:
        if self._timer is None and self._allowed():
            self._listener.on_telemetry(telemetry)
        else:
            self._telemetry = telemetry
            self._wait()

    @override
    def on_machine_event(self, event: MachineEvent) -> None:
        if self._timer is None and self._allowed():
            self._listener.on_machine_event(event)
        elif event.kind in _HALTS - self._halts:
            self._halts.add(event.kind)
            self._pass_on()
            self._listener.on_machine_event(event)
        else:
            self._events.pop(event.kind, None)  # so that they stay in the order in which they came last
            self._events[event.kind] = event
            self._wait()

    def close(self) -> None:
        """Pass on nothing any more, because the link is gone, but halts: a key that is pulled may end the link."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._telemetry = None
        self._events = {kind: event for kind, event in self._events.items() if kind in _HALTS}
        self._pass_on()

    def _allowed(self) -> bool:
        now = self._clock()
        self._left = min(self._left + (now - self._counted_at) * _PER_SECOND, _AT_ONCE)
        self._counted_at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_JOINED_FOR, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._halts.clear()
        self._pass_on()

    def _pass_on(self) -> None:
        events, self._events = [*self._events.values()], {}
        telemetry, self._telemetry = self._telemetry, None
        if telemetry is not None:
            self._listener.on_telemetry(telemetry)
        for event in events:
            self._listener.on_machine_event(event)
