"""An event loop whose time passes only when it is told so."""

import asyncio
from typing import override


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    now = 1000.0

    @override
    def time(self) -> float:
        return self.now

    def pump(self) -> None:
        """Run all that can happen without time passing."""
        idle = False
        while not idle:
            self.call_soon(self.stop)
            self.run_forever()
            idle = not self._ready  # type: ignore[attr-defined]
