"""Fixtures of treadmills in range of a Home Assistant that has none set up."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from unittest.mock import patch

import bleak_retry_connector
import pytest
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.house import ADDRESS

type Attach = Callable[[Peripheral], None]
NAME = "FS-4711"


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bleak-retry-connector try again at once, with its usual number of attempts."""
    for name in dir(bleak_retry_connector):
        if name.endswith("_BACKOFF_TIME"):
            monkeypatch.setattr(bleak_retry_connector, name, 0.0)


@pytest.fixture
def set_up() -> Iterator[None]:
    """Skip the setup of the entry after the flow."""
    with (
        patch("custom_components.retrowalk.async_setup_entry", return_value=True),
        patch("custom_components.retrowalk.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
def peripheral() -> Peripheral:
    return Peripheral(VirtualTreadmill(), address=ADDRESS, name=NAME)


@pytest.fixture
async def attach(hass: HomeAssistant, enable_bluetooth: None) -> AsyncIterator[Attach]:
    """Return a function that adds treadmills in range; time passes for them only by `step`."""
    with ExitStack() as stack:
        yield lambda peripheral: stack.callback(async_attach(hass, peripheral, run=False)) and None


@pytest.fixture
async def attached(attach: Attach, peripheral: Peripheral) -> Peripheral:
    """Return a treadmill in range."""
    attach(peripheral)
    return peripheral
