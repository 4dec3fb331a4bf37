"""Tests for the architecture of the dashboard's JavaScript, as tests/test_architecture.py has them for Python."""

import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "custom_components" / "retrowalk" / "dashboard" / "www"
MODULES = {path.name: path.read_text() for path in sorted(FOLDER.rglob("*.js"))}
MOST_LINES = 350
# import ... from "./curve.js" and import("./curve.js"), of a loaded module or of types in a comment.
IMPORTS = re.compile(r"""\b(?:from|import)\s*\(?\s*["'`](\.[^"'`]*)["'`]""")


def imports(name: str) -> set[str]:
    """Return the modules that a module loads or imports types from."""
    imported = set(IMPORTS.findall(MODULES[name]))
    if "./${name}.js${version}" in imported:  # the first module loads two lists of others
        imported.remove("./${name}.js${version}")
        lists = re.findall(r"^const (?:names|later) = \[(.*?)\];", MODULES[name], re.DOTALL | re.MULTILINE)
        assert len(lists) == 2
        imported |= {f"./{other}.js" for other in re.findall(r'"(\w+)"', "".join(lists))}
    return imported


def test_there_are_modules_and_the_first_one_knows_all_others() -> None:
    assert imports("retrowalk.js") == {f"./{name}" for name in MODULES.keys() - {"retrowalk.js"}}
    assert "./curve.js" in imports("treadmill.js")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short(name: str) -> None:
    assert len(MODULES[name].splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_type_checked(name: str) -> None:
    assert MODULES[name].startswith("// @ts-check\n")
    assert not re.search(r"@ts-(?:ignore|expect-error|nocheck)|(?:oxlint|eslint)-disable", MODULES[name])


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_imports_exists(name: str) -> None:
    assert {other.removeprefix("./") for other in imports(name)} <= MODULES.keys()


def test_modules_form_no_circle() -> None:
    edges = {name: {other.removeprefix("./") for other in imports(name)} for name in MODULES}
    assert set(TopologicalSorter(edges).static_order()) == MODULES.keys()  # raises if there is a cycle


def test_a_session_in_its_first_second_has_a_curve_of_numbers() -> None:
    script = f"""
        import {{ joined, lines }} from "{(FOLDER / "curve.js").as_uri()}";
        console.log(JSON.stringify(lines(joined([[0, 1, 0.5], [0, 1, 0.5]], []))));
    """
    deno = Path(sys.executable).with_name("deno")
    drawn = json.loads(subprocess.run([deno, "eval", script], check=True, capture_output=True, text=True).stdout)
    [phase] = drawn["phases"]
    assert phase["speed"] == "0.0,13.0 0.0,13.0"
    assert phase["area"] == "0.0,100 0.0,13.0 0.0,13.0 0.0,100"
    assert drawn["incline"] == "0.0,83.3 0.0,83.3"
