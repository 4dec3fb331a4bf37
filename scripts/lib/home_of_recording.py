"""Home Assistant with one personality more, that of a recording: `home_of_recording FILE` and the arguments of hass."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import override

TABLE = "custom_components.retrowalk.simulator.personalities"


class AddsPersonality(MetaPathFinder):
    """Adds the recording to the table as soon as Home Assistant imports it, in its own order and time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != TABLE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_add(module: ModuleType) -> None:
            load(module)
            from scripts.lib.recording import REPLAYED, read_recording

            module.PERSONALITIES[REPLAYED] = read_recording(self._file).personality()

        spec.loader.exec_module = load_and_add  # type: ignore[method-assign]
        return spec


def main() -> int:
    """Run Home Assistant and return its exit code."""
    from homeassistant.__main__ import main as run

    sys.meta_path.insert(0, AddsPersonality(Path(sys.argv[1])))
    sys.argv = ["hass", *sys.argv[2:]]
    return run()


if __name__ == "__main__":
    sys.exit(main())
