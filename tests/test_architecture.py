"""Tests for the architecture rules that can be checked from imports (architecture.md)."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "custom_components" / "retrowalk"
NAME = "custom_components.retrowalk"
# The one module of the simulator that plugs it into Home Assistant's Bluetooth, and the bleak client it provides.
PLUG_IN = "simulator.bluetooth"


def imports(path: Path) -> set[str]:
    """Return the absolute names of all imports of a module, at any depth; `retrowalk.` is our own package."""
    relative = path.relative_to(PACKAGE).with_suffix("")
    package = [*relative.parts[:-1]]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                names.add(node.module or "")
                continue
            base = package[: len(package) - (node.level - 1)]
            module = [*base, *(node.module.split(".") if node.module else [])]
            names.add(".".join(["retrowalk", *module]))
            names.update(".".join(["retrowalk", *module, alias.name]) for alias in node.names)
    return {name.replace(NAME, "retrowalk") for name in names}


def modules(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def house_modules() -> list[Path]:
    """Return every module that depends on Home Assistant, in any folder."""
    pure = {"machine", "training", "simulator"}
    return sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in pure)


def starts_with(names: set[str], *prefixes: str) -> set[str]:
    return {name for name in names if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)}


def identify(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", modules("machine"), ids=identify)
def test_machine_knows_neither_home_assistant_nor_training(path: Path) -> None:
    assert not starts_with(imports(path), "homeassistant", "retrowalk.training", "retrowalk.simulator")


@pytest.mark.parametrize("path", modules("training"), ids=identify)
def test_training_is_pure_and_shares_only_the_vocabulary_with_machine(path: Path) -> None:
    names = imports(path)
    assert not starts_with(
        names, "homeassistant", "bleak", "bleak_retry_connector", "asyncio", "time", "random", "retrowalk.simulator"
    )
    foreign = starts_with(names, "retrowalk.machine")
    assert {name for name in foreign if not starts_with({name}, "retrowalk.machine.model")} == set()


@pytest.mark.parametrize("path", modules("training"), ids=identify)
def test_training_has_no_clock(path: Path) -> None:
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert not {call for call in calls if call.endswith((".now", ".today", ".utcnow", "monotonic", "open"))}


@pytest.mark.parametrize("path", modules("simulator"), ids=identify)
def test_the_simulator_stands_on_codec_and_model_and_only_its_plug_in_knows_home_assistant(path: Path) -> None:
    names = imports(path)
    foreign = starts_with(names, "retrowalk") - starts_with(
        names, "retrowalk.simulator", "retrowalk.machine.ftms", "retrowalk.machine.model", "retrowalk.machine"
    )
    assert foreign == set()
    radio = ("retrowalk.machine.bluetooth", "retrowalk.machine.driver", "retrowalk.machine.ftms.driver")
    drivers = ("retrowalk.machine.framed", "retrowalk.machine.protocols")  # it is written from their facts
    assert not starts_with(names, *radio, *drivers, "retrowalk.training")
    if "retrowalk." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts) != f"retrowalk.{PLUG_IN}":
        assert not starts_with(names, "homeassistant", "habluetooth")


@pytest.mark.parametrize("path", house_modules(), ids=identify)
def test_only_the_runner_sends_over_the_link_and_nobody_reaches_the_driver_around_the_session(path: Path) -> None:
    """Test that commands have a single path: other modules may read the link's state, but not send over it."""
    source = path.read_text()
    if identify(path) != "treadmill/runner.py":
        assert not [text for text in ("Command(", ".execute(", "write_gatt") if text in source]
    if identify(path) != "coordinator.py":
        assert "coordinator.link." not in source


def test_the_one_way_down_is_checked_in_folders_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("", "flows", "flows/deeper", "machine", "training/session", "simulator"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "module.py").write_text("")
    monkeypatch.setattr("tests.test_architecture.PACKAGE", tmp_path)
    folders = {path.parent.relative_to(tmp_path).as_posix() for path in house_modules()}
    assert folders == {".", "flows", "flows/deeper"}


def test_a_forbidden_import_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "machine" / "ftms"
    folder.mkdir(parents=True)
    path = folder / "bad.py"
    path.write_text(
        "import homeassistant.core\nfrom ...training import session\nfrom ..model import Telemetry\n"
        "def late():\n    from homeassistant import const\n"
    )
    monkeypatch.setattr("tests.test_architecture.PACKAGE", tmp_path)
    assert starts_with(imports(path), "homeassistant") == {"homeassistant.core", "homeassistant"}
    assert starts_with(imports(path), "retrowalk.training") == {"retrowalk.training", "retrowalk.training.session"}
    assert "retrowalk.machine.model.Telemetry" in imports(path)


# The packages. A module at the top belongs to one of the groups below; what is in neither offers something to Home
# Assistant: an entity platform, the actions, a flow.
BASICS = frozenset({"const", "errors", "issues", "util"})
RUNTIME = frozenset({"coordinator", "data", "entity"})
ALLOWED: dict[str, frozenset[str]] = {
    room: frozenset(others.split())
    for room, others in {
        "machine": "",
        "training": "machine",
        "simulator": "machine",
        "basics": "training",
        "storage": "basics",
        "messaging": "basics training",
        "programs": "basics storage training",
        "walkers": "basics storage machine training",
        "reminders": "basics storage training messaging programs walkers",
        "treadmill": "basics storage machine training simulator messaging programs walkers",
        "runtime": "basics machine training messaging programs walkers reminders treadmill",
        "actions": "basics storage training programs walkers reminders treadmill runtime",
        "services": "basics actions runtime",
        "dashboard": "basics machine training messaging programs walkers reminders treadmill runtime services",
        "flows": "basics storage machine training simulator messaging programs walkers reminders treadmill runtime",
        "offers": "basics machine training programs walkers reminders treadmill runtime services flows",
        "__init__": "basics storage training messaging walkers reminders treadmill runtime services dashboard offers",
    }.items()
}
"""What each package may import; nothing else, at whatever depth and for whatever reason."""
MOST_LINES = 350
MOST_AT_THE_TOP = 26
# Parts of the coordinator that others access only through Snapshot and TreadmillControl.
PARTS = frozenset({"session", "link", "runner"})
OWNERS = frozenset({"coordinator.py", "__init__.py"})


def room_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).parts
    if len(parts) > 1:
        return parts[0]
    name = path.stem
    if name in {"__init__", "services"}:
        return name
    return "basics" if name in BASICS else "runtime" if name in RUNTIME else "offers"


def package_of(path: Path, root: Path) -> str:
    """Return the folder of a module, or the module itself at the top level."""
    parts = path.relative_to(root).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported_files(path: Path, root: Path) -> set[Path]:
    """Return our own files that a module imports, at any depth and including type checking."""
    files: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            base = path.parents[node.level - 1]
        elif (node.module or "").startswith(NAME):
            base = root
        else:
            continue
        module = (node.module or "").removeprefix(NAME).strip(".")
        target = base.joinpath(*module.split(".")) if module else base
        for alias in node.names:
            candidates = (target / f"{alias.name}.py", target.with_suffix(".py"), target / "__init__.py")
            files |= {next((file for file in candidates if file.is_file()), path)}
    return files - {path}


def forbidden_edges(root: Path) -> set[str]:
    edges = set()
    for path in root.rglob("*.py"):
        room = room_of(path, root)
        for other in imported_files(path, root):
            if room_of(other, root) not in {room, *ALLOWED.get(room, ())}:
                edges.add(f"{path.relative_to(root)} imports {other.relative_to(root)}")
    return edges


def circles(root: Path) -> set[frozenset[str]]:
    """Return the packages that import themselves indirectly, each with the packages in between."""
    graph: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        package = package_of(path, root)
        others = {package_of(other, root) for other in imported_files(path, root)}
        graph.setdefault(package, set()).update(others - {package})

    def reached(start: str) -> set[str]:
        visited: set[str] = set()
        ahead = [*graph.get(start, ())]
        while ahead:
            if (package := ahead.pop()) not in visited:
                visited.add(package)
                ahead += graph.get(package, ())
        return visited

    reach = {package: reached(package) for package in graph}
    return {
        frozenset(other for other in reach if other in reach[package] and package in reach[other])
        for package in graph
        if package in reach[package]
    }


def beside_a_folder(root: Path) -> set[str]:
    return {identify_in(path, root) for path in root.rglob("*.py") if path.with_suffix("").is_dir()}


def too_long(root: Path) -> set[str]:
    return {identify_in(path, root) for path in root.rglob("*.py") if len(path.read_text().splitlines()) > MOST_LINES}


def around_the_coordinator(root: Path) -> set[str]:
    """Return the places outside its owners that name a part of the coordinator."""
    places = set()
    for path in root.rglob("*.py"):
        if identify_in(path, root) in OWNERS or room_of(path, root) == "treadmill":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in PARTS:
                owner = ast.unparse(node.value).rsplit(".", 1)[-1].strip("_")
                if owner in {"coordinator", "treadmill", "runtime_data"}:
                    places.add(f"{identify_in(path, root)}:{node.lineno} {ast.unparse(node)}")
    return places


def identify_in(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def test_every_package_imports_only_what_it_may() -> None:
    assert forbidden_edges(PACKAGE) == set()
    assert {room_of(path, PACKAGE) for path in PACKAGE.rglob("*.py")} == set(ALLOWED)


def test_packages_form_no_circle() -> None:
    assert circles(PACKAGE) == set()


def test_no_module_stands_beside_a_folder_of_its_name() -> None:
    assert beside_a_folder(PACKAGE) == set()


def test_the_top_folder_holds_few_modules() -> None:
    assert len([*PACKAGE.glob("*.py")]) <= MOST_AT_THE_TOP


def test_no_module_is_long() -> None:
    assert too_long(PACKAGE) == set()


def test_the_parts_of_a_treadmill_are_reached_through_snapshot_and_control_only() -> None:
    assert around_the_coordinator(PACKAGE) == set()


def write_modules(root: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)


def test_a_forbidden_edge_would_be_seen(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        {
            "const.py": "",
            "coordinator.py": "from .treadmill import control\nfrom .treadmill.deep.low import x\n",
            "treadmill/__init__.py": "",
            "treadmill/control.py": "def late():\n    from ..dashboard.feed import Feed\n",
            "treadmill/deep/low.py": "from ...coordinator import Coordinator\nfrom ...const import DOMAIN\n",
            "dashboard/feed.py": f"from {NAME}.flows import options\n",
            "flows/options.py": "from . import walker\n",
            "flows/walker.py": "",
        },
    )
    assert forbidden_edges(tmp_path) == {
        "treadmill/control.py imports dashboard/feed.py",
        "treadmill/deep/low.py imports coordinator.py",
        "dashboard/feed.py imports flows/options.py",
    }


def test_a_circle_would_be_seen_also_under_type_checking(tmp_path: Path) -> None:
    checked = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..coordinator import Coordinator\n"
    write_modules(
        tmp_path,
        {
            "coordinator.py": "from .reminders.manager import Manager\n",
            "reminders/manager.py": "from ..messaging import texts\nfrom . import other\n",
            "reminders/other.py": "from .manager import Manager\n",
            "messaging/texts.py": checked,
            "storage/disk.py": "",
        },
    )
    assert circles(tmp_path) == {frozenset({"coordinator", "reminders", "messaging"})}
    (tmp_path / "messaging" / "texts.py").write_text("")
    assert circles(tmp_path) == set()


def test_a_module_beside_a_folder_and_a_long_one_would_be_seen(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        {
            "flows/check.py": "",
            "flows/check/run.py": "\n" * MOST_LINES,
            "flows/long.py": "\n" * (MOST_LINES + 1),
        },
    )
    assert beside_a_folder(tmp_path) == {"flows/check.py"}
    assert too_long(tmp_path) == {"flows/long.py"}


def test_a_way_around_snapshot_and_control_would_be_seen(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        {
            "coordinator.py": "self.coordinator.link.state\n",
            "treadmill/control.py": "coordinator.session.stop(0)\n",
            "sensor.py": "self.coordinator.data.link\nsnapshot.link\n",
            "button.py": "async def press(self):\n    self.coordinator.session.stop(0)\n",
            "flows/check.py": "link = entry.runtime_data.coordinator.link\nself._coordinator.runner.tick()\n",
        },
    )
    assert around_the_coordinator(tmp_path) == {
        "button.py:2 self.coordinator.session",
        "flows/check.py:1 entry.runtime_data.coordinator.link",
        "flows/check.py:2 self._coordinator.runner",
    }
