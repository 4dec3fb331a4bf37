"""Setup shared by all tests. The first two statements must stay first."""

# Bluetooth in Home Assistant replaces bleak's client class when it is set up. Our modules are imported at collection,
# before that, and would keep the original class, which looks for a real adapter.
from habluetooth.usage import install_multiple_bleak_catcher

install_multiple_bleak_catcher()

import asyncio  # noqa: E402
import gc  # noqa: E402
import inspect  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from functools import cache, partial  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from unittest.mock import patch  # noqa: E402

import atomicwrites  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# The pytest plugin brings a `custom_components` package of its own; ours must be imported before `hass` exists.
import custom_components  # noqa: E402, F401
from tests.support.effort import EXPLORING, NIGHTLY  # noqa: E402

# Warnings are errors (pyproject.toml), except these from Home Assistant's own code.
_NOT_OURS = ("ignore:It is recommended to use web.AppKey", "ignore:It is recommended to use web.RequestKey")

# The same examples each time, so that a change is judged by itself. A busy machine is no fault.
settings.register_profile("retrowalk", deadline=None, derandomize=not EXPLORING)
settings.load_profile("retrowalk")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run by hand, or by night, try more."""
    parser.addoption("--fuzz", type=int, default=20_000, metavar="INPUTS", help="bad inputs for the decoders (20000)")
    parser.addoption("--reliability", type=Path, metavar="FOLDER", help="where the fault matrix leaves its outcomes")


def pytest_configure(config: pytest.Config) -> None:
    """Ignore Home Assistant's own warnings and reports, and leave it to the computer when a file reaches its disk.

    A house reports each of its entities and rows, and writes its files through many times. Nobody cuts a test's power.
    """
    for name in ("homeassistant", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for line in _NOT_OURS:
        config.addinivalue_line("filterwarnings", line)
    for module, name in ((os, "fsync"), (atomicwrites, "_proper_fsync")):
        setattr(module, name, lambda _file: None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most cases of sampled tests to the night; it begins with what takes longest, a whole day among it.

    Otherwise it would end with that, on one core.
    """
    counts: Counter[str] = Counter()
    for item in items:
        if (sampled := item.get_closest_marker("sampled")) is not None:
            test = item.nodeid.partition("[")[0]
            if counts[test] % sampled.args[0]:
                item.add_marker("nightly")
            counts[test] += 1
    if NIGHTLY:
        items.sort(key=lambda item: item.get_closest_marker("nightly") is None)


def pytest_collection_finish() -> None:
    """Leave what stays for the whole run, thousands of tests among it, out of each collection of garbage.

    Collect less often, too: each Home Assistant makes so much garbage that an eighth of its test's time went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, *gc.get_threshold()[1:])


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let a test's Home Assistant load this repository's integration; leave tests without one alone."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


def _has_loop(request: pytest.FixtureRequest) -> bool:
    """Return whether a test, or a fixture of its own, is asynchronous: most are not, and need no event loop."""
    definitions = [found[-1] for found in request.node._fixtureinfo.name2fixturedefs.values()]
    functions = [one.func for one in definitions if one.scope == "function"]
    return any(map(_is_asynchronous, [request.function, *functions]))


@cache
def _is_asynchronous(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


@pytest.fixture(autouse=True, scope="session")
def disable_http_server() -> Iterator[None]:
    """Start no web server, as the plugin has it for each test: once for all of them, most of which have no house."""
    server = "homeassistant.components.http.HomeAssistantHTTP"
    with patch(f"{server}.async_bind"), patch(f"{server}.start"):
        yield


@pytest.fixture(autouse=True)
def configure_event_loop(request: pytest.FixtureRequest) -> None:
    """Configure the loop of a test that has one, as the plugin does for all of them."""
    if _has_loop(request):
        request.getfixturevalue("configure_event_loop")


@pytest.fixture(autouse=True)
def verify_cleanup(request: pytest.FixtureRequest) -> None:
    """Look for what a test with a loop left on it, as the plugin does after each test."""
    if _has_loop(request):
        request.getfixturevalue("verify_cleanup")


@pytest.fixture(autouse=True)
def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Debug the event loop of a test that has one."""
    if _has_loop(request):
        request.getfixturevalue("debugged_event_loop")


@pytest.fixture
async def debugged_event_loop() -> None:
    """Debug the event loop by night; by day only refuse calls from another thread, as that does.

    In debug mode asyncio keeps a stack for each future and each callback, which took half of the tests' time.
    """
    loop: Any = asyncio.get_running_loop()
    loop.set_debug(NIGHTLY)
    if not NIGHTLY:
        for name in ("call_soon", "call_at"):
            setattr(loop, name, partial(_from_its_own_thread, loop, getattr(loop, name)))


def _from_its_own_thread(loop: Any, call: Any, *args: Any, **kwargs: Any) -> asyncio.Handle:
    loop._check_thread()
    return call(*args, **kwargs)
