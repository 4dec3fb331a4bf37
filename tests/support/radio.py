"""Failures of a Bluetooth backend, applied to the backend of the virtual treadmill."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.retrowalk.simulator.client import VirtualClient


class Gate:
    """Hold the calls of a backend until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
        self.reached = 0
        self._open = asyncio.Event()
        self._call: Callable[..., Awaitable[Any]] = getattr(VirtualClient, method)
        gate = self

        async def held(client: VirtualClient, *args: Any, **kwargs: Any) -> Any:
            gate.reached += 1
            await gate._open.wait()
            return await gate._call(client, *args, **kwargs)

        monkeypatch.setattr(VirtualClient, method, held)

    def open(self) -> None:
        self._open.set()


class Failing:
    """Make the calls of a backend fail while `on` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception) -> None:
        self.on = True
        self.calls = 0
        call: Callable[..., Awaitable[Any]] = getattr(VirtualClient, method)
        failing = self

        async def fails(client: VirtualClient, *args: Any, **kwargs: Any) -> Any:
            failing.calls += 1
            if failing.on:
                raise error
            return await call(client, *args, **kwargs)

        monkeypatch.setattr(VirtualClient, method, fails)
