"""Output to a terminal or a log, with the time that a task takes."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator

_BOLD, _PLAIN, _CLEAR = "\033[1m", "\033[0m", "\r\033[K"


class Terminal:
    """Write lines without a buffer. On a terminal, count the seconds of a running task."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._colour = self._live and "NO_COLOR" not in os.environ
        self._what = ""
        self._stage = ""
        self._since = 0.0

    def write(self, text: str = "", *, bold: bool = False, error: bool = False) -> None:
        """Write one line or several."""
        if bold and self._colour:
            text = f"{_BOLD}{text}{_PLAIN}"
        print(text, file=sys.stderr if error else sys.stdout, flush=True)

    def stage(self, text: str) -> None:
        """Set the stage of the running task."""
        self._stage = text
        self._draw()

    @contextlib.contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Announce a task and then how long it took. Needs a running event loop."""
        self._what, self._stage, self._since = what, "", time.monotonic()
        if not self._live:
            self.write(f"{what} ...")
        counting = asyncio.get_running_loop().create_task(self._count())
        outcome = "failed"
        try:
            yield
            outcome = "done"
        except asyncio.CancelledError:
            outcome = "interrupted"
            raise
        finally:
            counting.cancel()
            if self._live:
                print(end=_CLEAR)
            self.write(f"{what} ... {outcome} ({time.monotonic() - self._since:.1f} s)")

    async def _count(self) -> None:
        while self._live:
            self._draw()
            await asyncio.sleep(1.0)

    def _draw(self) -> None:
        if self._live:
            seconds = f"{time.monotonic() - self._since:.0f} s"
            print(f"{_CLEAR}{self._what} ... {seconds}  {self._stage}"[:200], end="", flush=True)
