"""An event loop whose time passes only when it is told so."""

import asyncio
from collections.abc import Callable
from typing import override


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    now = 1000.0

    @override
    def time(self) -> float:
        return self.now

    def do(self, work: Callable[[], object]) -> None:
        """Do something in the loop, and all that can follow without time passing."""
        asyncio._set_running_loop(self)
        try:
            work()
        finally:
            asyncio._set_running_loop(None)
            self.pump()

    def pump(self) -> None:
        """Run all that can happen without time passing."""
        # The usual turn asks for sockets, of which there are none, and takes longer than most of what is due.
        ready = self._ready  # type: ignore[attr-defined]
        asyncio._set_running_loop(self)
        try:
            while ready and not self._scheduled:
                if not (handle := ready.popleft()).cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(None)
        due = self._scheduled and self._scheduled[0].when() <= self.now  # type: ignore[attr-defined]
        idle = not ready and not due
        while not idle:
            self.call_soon(self.stop)
            self.run_forever()
            idle = not self._ready  # type: ignore[attr-defined]
