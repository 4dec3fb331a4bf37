"""Print what scripts/setup has to install, from pyproject.toml and from the installed Home Assistant.

requirements.py core GROUP      the requirement of Home Assistant itself: the version that a dependency group pins
requirements.py tools GROUP     the group's other requirements
requirements.py fingerprint     a digest of what an environment depends on; if it changes, create the environment again
requirements.py runtime         the requirements that our components would install when first started

RETROWALK_LIVE in the environment chooses another Home Assistant for the group "live": a version, `newest` or `beta`.
"""

import hashlib
import json
import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The tests and the demo set these up; the manifests list their dependencies. DHCP and MQTT are two of the ways in which
# ESPHome devices are found: Home Assistant would install what they need when somebody adds one.
COMPONENTS = (
    "assist_pipeline",
    "bluetooth_adapters",
    "dhcp",
    "esphome",
    "frontend",
    "hassio",  # imported by Home Assistant's own core component
    "mqtt",
    "recorder",
    "usb",
)
# Home Assistant 2026.11.0 requires a version that is not in the registry; the nearest one works.
REPLACED = {"aioesphomeapi==46.25.0": "aioesphomeapi==46.23.0"}
# Provided by scripts/stand_ins.
PROVIDED = ("pymicro-vad", "pyspeex-noise")


def dependency_group(group: str) -> list[str]:
    """Return the requirements of a dependency group of pyproject.toml."""
    groups: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return groups[group]


def core(group: str) -> str:
    """Return the requirement of Home Assistant in a dependency group, or the one that RETROWALK_LIVE chooses."""
    pinned = next(line for line in dependency_group(group) if line.startswith("homeassistant=="))
    match os.environ.get("RETROWALK_LIVE") if group == "live" else None:
        case None | "":
            return pinned
        case "newest":
            return "homeassistant"
        case "beta":
            return "homeassistant>=2026.11.0b0"  # a named pre-release lets the installer choose one
        case version:
            return f"homeassistant=={version}"


def tools(group: str) -> list[str]:
    """Return the requirements of a dependency group without Home Assistant."""
    return [line for line in dependency_group(group) if not line.startswith("homeassistant==")]


def fingerprint() -> str:
    """Return a digest of what environments are created from, without the other settings in pyproject.toml."""
    parts = [json.dumps(tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]), core("live")]
    files = [Path(__file__), ROOT / "scripts" / "setup", *sorted((ROOT / "scripts" / "stand_ins").rglob("*.py*"))]
    parts += [path.read_text() for path in files if path.suffix in {"", ".py", ".toml"}]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def runtime_requirements() -> list[str]:
    """Return the requirements of COMPONENTS and of everything they depend on, from the installed manifests."""
    import homeassistant.components

    folder = Path(homeassistant.components.__file__).parent
    requirements: set[str] = set()
    visited: set[str] = set()
    waiting = list(COMPONENTS)
    while waiting:
        name = waiting.pop()
        manifest_path = folder / name / "manifest.json"
        if name in visited or not manifest_path.exists():
            continue
        visited.add(name)
        manifest = json.loads(manifest_path.read_text())
        requirements.update(manifest.get("requirements", ()))
        waiting += manifest.get("dependencies", ())
        # Home Assistant also installs the requirements of after_dependencies, but sets these up only if configured:
        # one level is enough before it loads one of our components.
        if name == "bluetooth_adapters":
            waiting += manifest.get("after_dependencies", ())
    return sorted(REPLACED.get(line, line) for line in requirements if not line.startswith(PROVIDED))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["core", group]:
            print(core(group))
        case ["tools", group]:
            print("\n".join(tools(group)))
        case ["fingerprint"]:
            print(fingerprint())
        case ["runtime"]:
            print("\n".join(runtime_requirements()))
        case _:
            sys.exit(__doc__)
