"""The house of the integration tests, for what is measured in it, and where the figures go."""

import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant

from tests.integration.conftest import clock, hass_config_dir, house
from tests.support.gym import Gym, open_gym
from tests.support.house import Clock

__all__ = ["clock", "figure", "hass_config_dir", "house"]


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str]) -> Callable[[str, float], None]:
    """Return what notes a figure of the table in docs/performance.md, by its key in scripts/lib/performance.py."""

    def note(key: str, value: float) -> None:
        with capsys.disabled():
            print(f"\n{key}: {value:.6g}")  # noqa: T201
        if path := os.environ.get("RETROWALK_FIGURES"):
            with Path(path).open("a") as file:
                file.write(json.dumps([key, value]) + "\n")

    return note


@pytest.fixture
async def gym(hass: HomeAssistant, enable_bluetooth: None, clock: Clock) -> AsyncIterator[Gym]:
    async with open_gym(hass, clock) as gym:
        yield gym
