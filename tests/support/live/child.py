"""A child process that never outlives its parent, writes to a log file, and whose failures show the end of that log."""

# A timeout that the caller chooses raises an error that says what was awaited.

import asyncio
import atexit
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

BOUND = Path(__file__).with_name("bound.py")


class ChildError(Exception):
    """Error raised when the child process fails."""


def free_port() -> int:
    """Return a free TCP port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Return whether a server may listen on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a port just closed is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Child:
    """One process in its own process group. It cannot be restarted: make another one."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        atexit.register(self.kill)

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str | Path], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
    ) -> Child:
        """Start `command` and append its output to `log`."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, BOUND, str(os.getpid()), *command,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=cwd, env=env, start_new_session=True,
            )  # fmt: skip
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    def require_running(self) -> None:
        """Raise ChildError, with the end of the log, if the process has ended."""
        if not self.running:
            raise self.error(f"ended by itself with exit code {self._process.returncode}")

    def error(self, what: str) -> ChildError:
        """Return a ChildError that says `what` about the process and shows the end of its log."""
        return ChildError(f"{self.name} {what}. The end of {self.log}:\n{self.log_tail()}")

    def log_tail(self, lines: int = 30) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(f"  | {line}" for line in self.log.read_text(errors="replace").splitlines()[-lines:])
        return "  (cannot be read)"

    async def wait(self, timeout: float | None) -> int:
        """Wait until the process ends by itself (None: forever) and return its exit code."""
        try:
            async with asyncio.timeout(timeout):
                return await self._process.wait()
        except TimeoutError as error:
            raise self.error(f"did not end in {timeout} s") from error

    async def stop(self, timeout: float = 60.0) -> float:
        """Terminate the process (SIGTERM), kill it after `timeout`, and return the seconds it took."""
        started = time.monotonic()
        try:
            if self.running:
                self._process.terminate()
                async with asyncio.timeout(timeout):
                    await self._process.wait()
        except TimeoutError as error:
            raise self.error(f"did not end within {timeout:.0f} s of SIGTERM and was killed") from error
        finally:
            self.kill()
            await self._process.wait()
            atexit.unregister(self.kill)
        return time.monotonic() - started

    def pause(self) -> None:
        """Freeze the process (SIGSTOP): its sockets stay open, nothing answers."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume a frozen process (SIGCONT)."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process and its own children at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
