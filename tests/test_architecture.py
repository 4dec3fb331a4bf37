"""The rules of the house that can be read off its imports (architecture.md)."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "custom_components" / "retrowalk"
NAME = "custom_components.retrowalk"
# The one module of the simulator that plugs it into Home Assistant's Bluetooth, and the bleak client it hands over.
PLUG_IN = "simulator.bluetooth"


def imports(path: Path) -> set[str]:
    """Absolute names of everything a module imports, at any depth; `retrowalk.` stands for our own package."""
    relative = path.relative_to(PACKAGE).with_suffix("")
    package = [*relative.parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                found.add(node.module or "")
                continue
            base = package[: len(package) - (node.level - 1)]
            module = [*base, *(node.module.split(".") if node.module else [])]
            found.add(".".join(["retrowalk", *module]))
            found.update(".".join(["retrowalk", *module, alias.name]) for alias in node.names)
    return {name.replace(NAME, "retrowalk") for name in found}


def modules(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def house_modules() -> list[Path]:
    """Return every module that knows Home Assistant, in whichever folder."""
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
    assert not starts_with(names, *radio, "retrowalk.training")
    if "retrowalk." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts) != f"retrowalk.{PLUG_IN}":
        assert not starts_with(names, "homeassistant", "habluetooth")


@pytest.mark.parametrize("path", house_modules(), ids=identify)
def test_only_the_runner_sends_over_the_link_and_nobody_reaches_the_driver_around_the_session(path: Path) -> None:
    """There is one way down: others may know what state the link is in, not send over it."""
    source = path.read_text()
    if identify(path) != "treadmill/runner.py":
        assert not [words for words in ("Command(", ".execute(", "write_gatt") if words in source]
    if identify(path) != "coordinator.py":
        assert "coordinator.link." not in source


def test_the_one_way_down_is_checked_in_folders_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("", "flows", "flows/deeper", "machine", "training/session", "simulator"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "module.py").write_text("")
    monkeypatch.setattr("tests.test_architecture.PACKAGE", tmp_path)
    found = {path.parent.relative_to(tmp_path).as_posix() for path in house_modules()}
    assert found == {".", "flows", "flows/deeper"}


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
