"""Runs the tests of a module against its mutants, in processes that are forked from one that has everything loaded.

A change in the body of a function is put into the loaded module, and only the tests that come by its lines are run,
the quickest first. A constant is changed wherever it was imported. What survives that, and any other change, needs a
process that imports the module anew.
"""

import json
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Final, NoReturn

import pytest

from scripts.lib.mutants import Mutant

SLOWER: Final = 10.0
"""A mutant whose tests take this many times as long as without it hangs, which the tests notice."""
LEAST: Final = 20.0
"""Seconds of work that the tests of a mutant may take in any case."""
_TOOL: Final = 4  # of sys.monitoring; no debugger, profiler or measure of coverage has it
# These tests use no Home Assistant; what its plugin does around each test takes longer than most of them.
_PLUGINS: Final = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:homeassistant")
# What the parent has loaded cannot be rewritten; its asserts are none of ours.
_OPTIONS: Final = ("-q", "--fuzz", "500", "-W", "ignore:Module already imported so cannot be rewritten")


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    HANGS = "hangs"
    SURVIVED = "survived"


@dataclass(slots=True)
class Took:
    """What a test needs without any change."""

    seconds: float
    lines: frozenset[int]


class Child:
    """Work in a process of its own, which ends with True, False, or not within some seconds of work.

    What a busy machine takes besides is no hanging.
    """

    def __init__(self, work: Callable[[], bool], longest: float) -> None:
        self._pid = os.fork()
        if self._pid == 0:
            _end_with(work, longest)

    def ended(self) -> bool | None:
        """Wait for the end of it; return None if it hangs."""
        _, status = os.waitpid(self._pid, 0)
        return None if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else status == 0


def _end_with(work: Callable[[], bool], longest: float) -> NoReturn:
    code = 2
    with suppress(BaseException):
        seconds = math.ceil(longest)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        code = 0 if work() else 1
    os._exit(code)


@dataclass(slots=True, eq=False)
class Trials:
    """A plugin of pytest: runs the tests once as they are, then again for each mutant that can be put in.

    What comes of it is written to a pipe, a line each: what the tests took, and the fates.
    """

    path: Path
    module: str
    chosen: Sequence[Mutant]
    pipe: int
    _failed: bool = False
    _lines: set[int] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails."""
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do all of it instead of the usual loop."""
        took = {item.nodeid: self._measured(item) for item in session.items}
        self._write({name: [each.seconds, sorted(each.lines)] for name, each in took.items()})
        if self._failed:
            return True
        items = sorted(session.items, key=lambda item: took[item.nodeid].seconds)
        for number, mutant in enumerate(self.chosen):
            concerned = [item for item in items if not mutant.in_body or took[item.nodeid].lines & mutant.lines]
            seconds = sum(took[item.nodeid].seconds for item in concerned)
            child = Child(lambda m=mutant, c=concerned: self._kept(m, c), max(LEAST, SLOWER * seconds))
            if (fate := fate_of(child)) is not Fate.SURVIVED or mutant.in_body:
                self._write([number, fate])
        return True

    def _write(self, what: object) -> None:
        os.write(self.pipe, f"{json.dumps(what)}\n".encode())

    def _measured(self, item: pytest.Item) -> Took:
        monitor, self._lines = sys.monitoring, set()
        monitor.use_tool_id(_TOOL, "mutants")
        monitor.register_callback(_TOOL, monitor.events.LINE, self._passes)
        monitor.restart_events()
        monitor.set_events(_TOOL, monitor.events.LINE)
        begun = time.process_time()
        try:
            _forget()
            self._run(item)
        finally:
            monitor.free_tool_id(_TOOL)
        return Took(time.process_time() - begun, frozenset(self._lines))

    def _passes(self, code: CodeType, line: int) -> object:
        if code.co_filename == str(self.path):
            self._lines.add(line)
        return sys.monitoring.DISABLE

    def _run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _kept(self, mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
        """Return whether all of these pass with the mutant in its place."""
        put_in(sys.modules[self.module], mutant)
        _forget()
        for item in items:
            self._run(item)
            if self._failed:
                return False
        return True


def _forget() -> None:
    """Empty the caches of our functions: what a module has found out before, a mutant would not do wrong."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("custom_components.retrowalk"):
            for value in vars(module).values():
                if isinstance(value, _lru_cache_wrapper):
                    value.cache_clear()


def fate_of(child: Child) -> Fate:
    """Return what became of the mutant whose tests run in a process."""
    match child.ended():
        case None:
            return Fate.HANGS
        case True:
            return Fate.SURVIVED
        case _:
            return Fate.KILLED


def pytest_passes(tests: Sequence[str], plugin: object) -> bool:
    """Run pytest in this process."""
    return pytest.main(["-x", "--hypothesis-seed=0", *_PLUGINS, *_OPTIONS, *tests], plugins=[plugin]) == 0


class QuickestFirst:
    """A plugin of pytest: runs the quickest tests first, as they were measured."""

    def __init__(self, took: dict[str, Took]) -> None:
        self._took = took

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort them."""
        items.sort(key=lambda item: self._took[item.nodeid].seconds)


def put_in(module: ModuleType, mutant: Mutant) -> None:
    """Give the functions of a loaded module the code that they have in a changed one, or its constants their values."""
    changed = compile(mutant.tree, str(module.__file__), "exec", dont_inherit=True)
    if not mutant.in_body:
        _put_in_constants(module, changed)
        return
    codes = {_key(code): code for code in _codes(changed)}
    for function in _functions(module, module.__name__):
        code = codes.get(_key(function.__code__))
        if code is not None and code != function.__code__:
            function.__code__ = code


def _put_in_constants(module: ModuleType, changed: CodeType) -> None:
    names = {"__name__": module.__name__, "__package__": module.__package__, "__file__": module.__file__}
    FunctionType(changed, names)()
    for name, new in names.items():
        old = vars(module).get(name)
        if type(new) is type(old) and isinstance(new, int | float | str | tuple | frozenset) and new != old:
            for loaded in [*sys.modules.values()]:
                if vars(loaded).get(name) is old:
                    setattr(loaded, name, new)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _functions(owner: object, module: str) -> Iterator[FunctionType]:
    """Yield the functions and methods of a module, also those of a property or under a decorator."""
    for value in [*vars(owner).values()]:
        for part in (value, *(getattr(value, name, None) for name in ("fget", "func", "__func__", "__wrapped__"))):
            if isinstance(part, FunctionType) and part.__module__ == module:
                yield part
        if isinstance(value, type) and value.__module__ == module:
            yield from _functions(value, module)
