"""Benchmark of what Home Assistant waits for: the import of the integration, and the set-up of a treadmill."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from tests.support.effort import FIGURES
from tests.support.house import House, make_entry, walker_subentry

ROOT = Path(__file__).parents[2]
ROUNDS = 5 if FIGURES else 2
IMPORTING = """
import importlib, json, sys, time
import custom_components.retrowalk as integration
OURS = "custom_components.retrowalk"
names = [OURS, *(f"{OURS}.{platform.value}" for platform in integration.PLATFORMS)]
spent = []
for _ in range(6):
    for name in [name for name in sys.modules if name.split(".")[:2] == OURS.split(".")]:
        del sys.modules[name]
    begun = time.process_time()
    for name in names:
        importlib.import_module(name)
    spent.append(time.process_time() - begun)
early = [name for name in sys.modules if name.startswith((f"{OURS}.simulator.", f"{OURS}.training.files.read"))]
print(json.dumps([min(spent[1:]), early]))
"""


@pytest.mark.benchmark
async def test_set_up(house: House, figure: Callable[[str, float], None]) -> None:
    """Test that a treadmill is set up without what it may never need; what others have imported is not counted."""
    # As in a house, Python may keep what it has compiled.
    cached = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", IMPORTING]
    done = subprocess.run(command, cwd=ROOT, env=cached, check=True, capture_output=True, text=True, timeout=300)
    importing, early = json.loads(done.stdout.splitlines()[-1])
    assert early == [], "only a virtual treadmill, or a file, needs these"
    figure("import", importing * 1000)
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Ben")]))
    spent = []
    for _ in range(ROUNDS):
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
        begun = process_time()
        assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        spent.append(process_time() - begun)
        await house.settle()
    figure("set_up", min(spent) * 1000)
    figure("import_and_set_up", (importing + min(spent)) * 1000)
