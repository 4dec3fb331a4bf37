"""Store what a version offers: `python -m tests.compatibility.take <commit> <version> [part]`, in a set-up clone.

Checks out that commit beside this clone, and runs this file and its helpers within that version's tests, on its code.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from .household import Household
from .surface import PARTS, Surface
from .two_treadmills import TwoTreadmills

HERE = Path(__file__).parent
FOLDER = "RETROWALK_TAKES_TO"
"""The variable that tells where to; set below."""


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    shutil.rmtree(Path(hass_tmp_config_dir) / "blueprints", ignore_errors=True)
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: the files are written to disk."""
    return {}


@pytest.fixture
def surface(house: Any, hass_ws_client: Any, hass_client_no_auth: Any, hass_client: Any) -> Surface:
    return Surface(house, hass_ws_client, hass_client_no_auth, hass_client)


@pytest.fixture
def folder() -> Path:
    return Path(os.environ[FOLDER])


@pytest.mark.parametrize("part", PARTS)
async def test_take_surface(part: str, surface: Surface, folder: Path) -> None:
    path = folder / "surface.json"
    taken = json.loads(path.read_text()) if path.exists() else {}
    write(path, {**taken, part: await PARTS[part](surface)})


async def test_take_household(surface: Surface, freezer: Any, folder: Path) -> None:
    (folder / "disk").mkdir()
    await Household(surface, freezer).live(folder / "disk")


async def test_take_what_is_seen_of_it(surface: Surface, freezer: Any, folder: Path) -> None:
    write(folder / "seen.json", await Household(surface, freezer).come_back(folder / "disk"))


async def test_take_two_treadmills(hass: Any, enable_bluetooth: None, folder: Path) -> None:
    (folder / "two_treadmills").mkdir()
    await TwoTreadmills(hass).live(folder / "two_treadmills")


def write(path: Path, taken: Any) -> None:
    path.write_text(json.dumps(taken, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def main(commit: str, version: str, part: str = "take") -> None:
    folder = HERE / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with TemporaryDirectory() as scratch:
        clone = Path(scratch, "clone")
        subprocess.run(["git", "worktree", "add", "--detach", clone, commit], cwd=HERE, check=True)
        try:
            tests = clone / "tests" / "integration"
            for name in ("take.py", "surface.py", "household.py", "two_treadmills.py"):
                shutil.copy(HERE / name, tests)
            run = [sys.executable, "-m", "pytest", "-q", "-k", part, tests / "take.py"]
            subprocess.run(run, cwd=clone, env=os.environ | {FOLDER: str(folder)}, check=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", clone], cwd=HERE, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
