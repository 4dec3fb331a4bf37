"""The mutants of a module: what is changed, what is left alone, and how the page keeps its reasons."""

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest

from scripts.lib.mutant_tests import put_in
from scripts.lib.mutants import mutants, sample
from scripts.lib.mutate import MODULES, NO_REASON, PACKAGE, PAGE, ROOT, Fate, Result, page, read_reasons


def changes(source: str) -> list[tuple[str, str]]:
    return [(mutant.before, mutant.after) for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("x = a < b", {"a <= b", "a >= b"}),
        ("x = a == b", {"a != b"}),
        ("x = a is None", {"a is not None"}),
        ("x = a and b", {"a or b"}),
        ("x = not a", {"a"}),
        ("x = 6.0", {"7.0"}),
        ("x = True", {"False"}),
        ("x = a + b", {"a - b"}),
        ("x = min(a, b)", {"max"}),
        ("x = a if b else c", {"a", "c"}),
        ("def f(): return a", {"return None"}),
        ("f()", {"pass"}),
        ("self.a = b", {"pass"}),
    ],
)
def test_a_change_of_each_kind_is_made(source: str, becomes: set[str]) -> None:
    assert {after for _, after in changes(source)} == becomes


def test_what_no_test_could_notice_is_left_alone() -> None:
    source = """
@frozen(True)
class A:
    'Text.'
    a: Field[1] | None
    def f(self, b: 2 | 3) -> 4 | 5:
        'Text.'
        return None
"""
    assert changes(source) == []


def test_a_mutant_is_the_module_with_one_change_and_names_its_function() -> None:
    source = "class A:\n\n    def f(self):\n        return 1\nb = 1"
    assert {mutant.function for mutant in mutants(source)} == {"A.f", ""}
    for mutant in mutants(source):
        changed = ast.unparse(mutant.tree).splitlines()
        assert sum(one != two for one, two in zip(changed, source.splitlines(), strict=True)) == 1
        compile(mutant.tree, "", "exec")


MODULE = """
LEAST = 1
class A:
    @property
    def value(self):
        return LEAST < 2
    @cache
    def other(self):
        return 3
"""


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        ("LEAST < 2", "LEAST >= 2", (False, 3)),
        ("2", "3", (True, 3)),
        ("3", "4", (True, 4)),
        ("return 3", "return None", (True, None)),
        ("1", "2", (False, 3)),
    ],
)
def test_a_mutant_is_put_into_a_module_that_is_loaded(
    before: str, after: str, seen: tuple[bool, int | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Also into what a property or a decorator holds; a constant is changed wherever it was imported.
    path = tmp_path / "changed_by_mutants.py"
    path.write_text(f"from functools import cache\n{MODULE}")
    monkeypatch.syspath_prepend(tmp_path)
    module = import_module(path.stem)
    try:
        mutant = next(each for each in mutants(path.read_text()) if (each.before, each.after) == (before, after))
        assert mutant.in_body == (before != "1")
        thing = module.A()
        put_in(module, mutant)
        assert (thing.value, thing.other()) == seen
    finally:
        del sys.modules[path.stem]


def test_a_sample_is_the_same_each_time_and_in_order() -> None:
    everything = mutants("\n".join(f"a{number} = {number}" for number in range(50)))
    chosen = sample(everything, 10, 1)
    assert len(chosen) == 10
    assert chosen == sample(everything, 10, 1)
    assert [mutant.line for mutant in chosen] == sorted(mutant.line for mutant in chosen)
    assert sample(everything, 0, 1) == everything


def test_the_page_keeps_its_reasons_and_what_it_says_of_other_modules() -> None:
    first, second = mutants("def f(a):\n    return a | 1\nb = 2\n")[:2]
    limits = Result("training/limits.py", 5, [(first, Fate.SURVIVED), (second, Fate.SURVIVED), (second, Fate.KILLED)])
    written = page([limits], "")
    assert read_reasons(written) == {}
    assert "| `training/limits.py` | 5 | 3 | 1 | 2 |" in written
    written = written.replace(NO_REASON, "It is the same.", 1)
    reasons = read_reasons(written)
    assert reasons == {("training/limits.py", *first.key): "It is the same."}
    assert page([limits], written) == written
    codec = page([Result("machine/ftms/codec.py", 2, [(first, Fate.HANGS)])], written)
    assert "| `training/limits.py` | 5 | 3 | 1 | 2 |" in codec
    assert "| `machine/ftms/codec.py` | 2 | 1 | 1 | 0 |" in codec
    assert read_reasons(codec) == reasons


def test_every_module_and_its_tests_exist() -> None:
    assert [module for module in MODULES if not (PACKAGE / module).is_file()] == []
    assert [test for tests in MODULES.values() for test in tests if not (ROOT / test).exists()] == []


def test_every_survivor_on_the_page_has_a_reason() -> None:
    assert NO_REASON not in PAGE.read_text()
