"""The driver that docs/adding-a-treadmill.md shows is run as it stands there, on the treadmill that it shows."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import BeltState, Command, CommandKind, ValueRange
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import VirtualTreadmill
from tests.support.driver_bench import RecordingListener, VirtualConnection, at_once
from tests.support.loop_time import LoopTime

PAGE = Path(__file__).resolve().parents[3] / "docs" / "adding-a-treadmill.md"


def shown(name: str, package: str, folder: Path) -> Any:
    """Return a class that the page shows, as of a module of a package."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    path = folder / f"{name}.py"
    path.write_text(next(block for block in blocks if f"class {name}(" in block))
    spec = spec_from_file_location(f"custom_components.retrowalk.{package}.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


async def test_the_driver_on_the_page_walks_on_the_treadmill_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    treadmill = VirtualTreadmill(Profile(incline=None, speed=ValueRange(1.0, 6.0, 0.1)))
    make = shown("AcmePeripheral", "simulator", tmp_path)
    peripheral = make(treadmill, address=virtual_address(1), name="Acme")
    time, listener = LoopTime(peripheral, monkeypatch), RecordingListener()
    connection = VirtualConnection(peripheral)
    driver = shown("AcmeDriver", "machine.protocols", tmp_path)(connection, listener, lambda: time.now)
    assert driver.fits(connection)
    await time.done(at_once(driver.open(stop_first=None)))
    assert driver.telemetry.belt is BeltState.AT_REST
    await time.done(at_once(driver.execute(Command(CommandKind.START))))
    await time.until(lambda: driver.telemetry.belt is BeltState.MOVING)
    await time.done(at_once(driver.execute(Command(CommandKind.SET_SPEED, 2.3))))
    await time.until(lambda: driver.telemetry.speed == 2.3)
    await time.done(at_once(driver.execute(Command(CommandKind.STOP))))
    await time.until(lambda: treadmill.at_rest)
    assert peripheral.writes[-1][2] == b"\xac\x00\x00"
    assert listener.events == []
    driver.close()
