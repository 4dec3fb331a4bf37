"""Rules for the tests themselves: files of a readable size, no waiting for the clock, helpers in tests/support."""

import ast
import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
MODULES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py"))
LONGEST = 800
REAL_TIME = ("end_to_end/", "support/live/", "benchmarks/")
"""A real Home Assistant and a belt that moves in real time; benchmarks measure it."""
RUNNING_TIME = {
    "integration/test_demo_of_every_machine.py",
    "integration/test_every_machine.py",
    "support/owner.py",
}
"""These sleep in the time of tests/support/running_time.py, which passes by itself."""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_sleep(call: ast.Call) -> bool:
    """Return whether a call waits for a clock: `asyncio.sleep(0)` only lets others run."""
    match call.func:
        case ast.Attribute(ast.Name("asyncio"), "sleep"):
            return not (len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)
        case ast.Attribute(ast.Name("time"), "sleep"):
            return True
    return False


def parsed(module: str) -> ast.Module:
    return ast.parse((TESTS / module).read_text())


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_module_of_the_tests_is_longer_than_can_be_read() -> None:
    lines = {module: len((TESTS / module).read_text().splitlines()) for module in MODULES}
    assert {module: count for module, count in lines.items() if count > LONGEST} == {}


def test_no_test_sleeps() -> None:
    timed = [module for module in MODULES if not module.startswith(REAL_TIME) and module not in RUNNING_TIME]
    sleeps = {module: sum(map(is_sleep, calls(parsed(module)))) for module in timed}
    assert {module: count for module, count in sleeps.items() if count} == {}


def test_the_slowest_end_to_end_tests_that_begin_first_are_there() -> None:
    [named] = [
        node.value
        for node in parsed("end_to_end/conftest.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SLOWEST_FIRST"
    ]
    names: tuple[str, ...] = ast.literal_eval(named)
    assert [name for name in names if f"end_to_end/{name}" not in MODULES] == []


def test_no_test_module_is_imported_by_another() -> None:
    imports = [(module, name) for module in MODULES for name in imported(parsed(module))]
    assert [(module, name) for module, name in imports if name.startswith("tests.") and ".test_" in name] == []


async def test_a_call_into_the_event_loop_from_another_thread_is_refused() -> None:
    loop = asyncio.get_running_loop()
    for call in (partial(loop.call_soon, print), partial(loop.call_later, 1, print)):
        with pytest.raises(RuntimeError, match="Non-thread-safe operation"):
            await asyncio.to_thread(call)
