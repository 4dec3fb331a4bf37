"""Keep what a released version offers: `python -m tests.compatibility.take <commit> <version>`, in a set-up clone.

Checks that commit out beside this clone, and runs this file and surface.py within its own tests, on its own code.
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

from .surface import PARTS, Surface

HERE = Path(__file__).parent
FOLDER = "RETROWALK_TAKES_TO"
"""The variable that tells where to; set below."""


@pytest.mark.parametrize("part", PARTS)
async def test_take(part: str, house: Any, hass_ws_client: Any, hass_client_no_auth: Any) -> None:
    path = Path(os.environ[FOLDER], "surface.json")
    taken = json.loads(path.read_text()) if path.exists() else {}
    taken[part] = await PARTS[part](Surface(house, hass_ws_client, hass_client_no_auth))
    path.write_text(json.dumps(taken, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def main(commit: str, version: str) -> None:
    folder = HERE / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with TemporaryDirectory() as scratch:
        clone = Path(scratch, "clone")
        subprocess.run(["git", "worktree", "add", "--detach", clone, commit], cwd=HERE, check=True)
        try:
            tests = clone / "tests" / "integration"
            for name in ("take.py", "surface.py"):
                shutil.copy(HERE / name, tests)
            run = [sys.executable, "-m", "pytest", "-q", tests / "take.py"]
            subprocess.run(run, cwd=clone, env=os.environ | {FOLDER: str(folder)}, check=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", clone], cwd=HERE, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
