"""One run of scripts/demo, as a user would start it in a terminal."""

import time
from pathlib import Path
from typing import Self

from tests.support.live.child import Child, free_port
from tests.support.live.homeassistant_process import ROOT


class DemoRun:
    """`scripts/demo --exit` with a port and a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.config = folder / "config"
        self.log = folder / "demo.log"
        self._options = options
        self._child: Child | None = None
        self._started = 0.0

    async def __aenter__(self) -> Self:
        command = [ROOT / "scripts" / "demo", "--exit", "--port", str(self.port), "--config", self.config]
        self._started = time.monotonic()
        self._child = await Child.start("The demo", [*command, *self._options], log=self.log, cwd=self.log.parent)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._child is not None:
            await self._child.stop()

    async def wait(self, timeout: float) -> int:
        """Wait until it has ended and return its exit code."""
        assert self._child is not None
        return await self._child.wait(timeout)

    @property
    def output(self) -> str:
        """Return its output."""
        return self.log.read_text()
