"""The emulated Bluetooth proxy as a child process, and a client of its control API (proxy_control.py)."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.support.live.child import Child, free_port

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
POLL = 0.05


class ControlError(Exception):
    """Error raised when the control API refuses a request."""


class ProxyProcess:
    """One proxy with its virtual treadmills; `index` in the methods is the treadmill's number."""

    def __init__(self, log: Path, *, port: int | None = None, arguments: tuple[str, ...] = ()) -> None:
        """Write to `log`; `arguments` are passed to `python -m tests.support.live.proxy`."""
        self.port = port or free_port()
        self.control_port = free_port()
        self.log = log
        self._arguments = arguments
        self._child: Child | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def child(self) -> Child:
        """Return the process, to freeze or kill it."""
        if self._child is None:
            raise ControlError("the proxy has not been started")
        return self._child

    async def start(self, timeout: float = 120.0) -> float:
        """Start, wait until the proxy listens, and return the seconds it took. It can be started again after a stop."""
        started = time.monotonic()
        ports = ["--port", str(self.port), "--control-port", str(self.control_port)]
        command = [sys.executable, "-m", "tests.support.live.proxy", *ports, *self._arguments]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._child = await Child.start("The Bluetooth proxy", command, log=self.log, cwd=ROOT, env=environment)
        self._session = aiohttp.ClientSession(f"http://{HOST}:{self.control_port}")
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self._child.require_running()
                    try:
                        await self.proxy_state()
                        return time.monotonic() - started
                    except aiohttp.ClientConnectionError:
                        await asyncio.sleep(POLL)
        except TimeoutError as error:
            problem = self._child.error(f"did not answer in {timeout:.0f} s")
            await self.stop()
            raise problem from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> float:
        """Stop the proxy and its treadmills and return the seconds it took. May be called twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        child, self._child = self._child, None
        return await child.stop() if child is not None else 0.0

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API; raise ControlError with the explanation if it refuses."""
        if self._session is None:
            raise ControlError("the proxy has not been started")
        async with self._session.request(method, path, json=body) as response:
            if response.status >= 400:
                text = await response.text()
                raise ControlError(f"{method} {path} {body or ''}: {response.status} {text}")
            return await response.json()

    async def proxy_state(self) -> dict[str, Any]:
        """Return name, clients, listeners, slots and links."""
        state: dict[str, Any] = await self.request("GET", "/proxy")
        return state

    async def close_tcp(self) -> int:
        """Close the connection of every API client without a goodbye and return their number."""
        closed: int = (await self.request("POST", "/proxy", {"action": "close_tcp"}))["closed"]
        return closed

    async def treadmill(self, index: int = 0) -> dict[str, Any]:
        """Return the treadmill's state, its connection and its active faults."""
        state: dict[str, Any] = await self.request("GET", f"/treadmills/{index}")
        return state

    async def wait_for_treadmill(
        self, predicate: Callable[[dict[str, Any]], bool], timeout: float = 30.0, index: int = 0
    ) -> dict[str, Any]:
        """Wait until the treadmill's state satisfies `predicate` and return it."""
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(timeout):
                while not predicate(state := await self.treadmill(index)):
                    await asyncio.sleep(POLL)
        except TimeoutError as error:
            raise ControlError(f"The treadmill did not do what was awaited in {timeout:.0f} s: {state}") from error
        return state

    async def writes(self, index: int = 0, uuid: str | None = None) -> list[dict[str, Any]]:
        """Return all writes to the treadmill ({time, uuid, hex}), or only those to the characteristic `uuid`."""
        writes: list[dict[str, Any]] = await self.request("GET", f"/treadmills/{index}/writes")
        return [write for write in writes if uuid in {None, write["uuid"]}]

    async def press(self, button: str, value: float | None = None, index: int = 0) -> dict[str, Any]:
        """Use the console (its buttons are in proxy_control.py) and return the treadmill's state after it."""
        body = {"press": button} if value is None else {"press": button, "value": value}
        state: dict[str, Any] = await self.request("POST", f"/treadmills/{index}/console", body)
        return state

    async def faults(self, index: int = 0, **values: Any) -> dict[str, Any]:
        """Set faults by name (simulator/faults.py) and return the active ones."""
        active: dict[str, Any] = await self.request("POST", f"/treadmills/{index}/faults", values)
        return active

    async def clear_faults(self, index: int = 0) -> None:
        """Turn off all faults."""
        await self.request("DELETE", f"/treadmills/{index}/faults")

    async def drop(self, index: int = 0) -> bool:
        """Let the treadmill end its link and return whether there was one."""
        dropped: bool = (await self.request("POST", f"/treadmills/{index}/drop"))["dropped"]
        return dropped

    async def reset(self, index: int = 0) -> None:
        """Reset the treadmill to its initial state: at rest, no session, no faults, no writes. Its link stays."""
        await self.request("POST", f"/treadmills/{index}/reset")
