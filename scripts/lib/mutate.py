"""Runs the tests against mutants of the code that decides about the belt, and writes docs/mutants.md.

    python -m scripts.lib.mutate [--count N] [--seed N] [--only WORD]

Each mutant lives in a process of its own, forked from one that has Home Assistant loaded; files stay as they are. The
exit code is 1 if a mutant survives for which the page gives no reason. A reason is written into the page by hand, and
kept by the next run.
"""

import argparse
import ast
import importlib
import importlib.machinery
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Final

from scripts.lib.mutant_tests import LEAST, SLOWER, Child, Fate, QuickestFirst, Took, Trials, fate_of, pytest_passes
from scripts.lib.mutants import Mutant, mutants, sample

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "custom_components" / "retrowalk"
PAGE: Final = ROOT / "docs" / "mutants.md"
COUNT: Final = 20
SEED: Final = 17
_TRAINING_TESTS: Final = ROOT / "tests" / "training"
# Random stories take longer than all others together, and odd machines have modules of their own.
SESSION: Final = tuple(
    str(path.relative_to(ROOT))
    for pattern in ("session/test_*.py", "steering/test_s12_*.py", "steering/test_s13_finish.py")
    for path in sorted(_TRAINING_TESTS.glob(pattern))
    if "random" not in path.name
)
MILES: Final = "tests/training/belt/test_s09_miles.py"
CHECK: Final = ("tests/training/check/test_check_run_allows.py", "tests/training/check/test_check_run_minimum.py")
CODEC: Final = (
    "tests/machine/ftms/test_codec.py",
    "tests/machine/ftms/test_events.py",
    "tests/machine/ftms/test_field_reports.py",
    "tests/machine/ftms/test_running.py",
    "tests/machine/test_vectors.py",
)
MODULES: Final[dict[str, tuple[str, ...]]] = {
    "training/limits.py": ("tests/training/test_limits.py", "tests/training/session/test_s04_limits.py"),
    "training/steering/pilot.py": ("tests/training/steering",),
    "training/session/preparing.py": (*SESSION, *CHECK),
    "training/session/moving.py": (*SESSION, MILES),
    "training/session/resting.py": SESSION,
    "training/session/stopping.py": SESSION,
    "training/session/transitions.py": (*SESSION, MILES),
    "machine/ftms/codec.py": CODEC,
    "machine/ftms/treadmill_data.py": CODEC,
}
"""The modules that are changed, and the tests that should notice."""
LOADED_BEFORE: Final = ("custom_components.retrowalk", "hypothesis", "pytest")
MODULE: Final = "(module)"
SURVIVORS: Final = "## Survivors"
NO_REASON: Final = "**none yet**"
HEAD: Final = """\
# Mutants

Tests that run a line need not notice that it is wrong. So `scripts/mutate` changes the code that decides about the belt
in many small ways (a comparison, a boundary, a number, `and` and `or`, `min` and `max`, a returned value, a call left
out), one change at a time, and runs the tests of that module. A change that they notice is *killed*. Each that
*survived* is below, with the reason why no test can or should notice it. The script writes this page and keeps the
reasons, which are written by hand; it fails if one is missing. Of a module that has more of them than are tried, a
fixed sample is taken (`--count`, `--seed`); `scripts/mutate --only limits` tries one module and leaves the rest of the
page as it is. A module with 0 has not been tried yet.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The mutants of a module that were tried."""

    module: str
    possible: int
    fates: list[tuple[Mutant, Fate]]

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that no test noticed."""
        return [mutant for mutant, fate in self.fates if fate is Fate.SURVIVED]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants, print what became of each, and write the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/mutate")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="")
    options = parser.parse_args(arguments)
    _load()
    for module, tests in MODULES.items():
        if options.only in module:
            result = _try_module(module, tests, options.count, options.seed)
            PAGE.write_text(page([result], PAGE.read_text() if PAGE.exists() else ""))
    unexplained = PAGE.read_text().count(NO_REASON)
    print(f"{unexplained} survived without a reason" if unexplained else "Each mutant is killed or explained")
    return 1 if unexplained else 0


type Reasons = dict[tuple[str, str, str, str], str]


def page(results: Sequence[Result], before: str) -> str:
    """Return the page; it keeps its reasons, and what it says of modules that were not tried this time."""
    reasons, tried = read_reasons(before), {result.module: result for result in results}
    counts, survivors = [], []
    for module in MODULES:
        if module in tried:
            result, survived = tried[module], len(tried[module].survivors)
            numbers = (result.possible, len(result.fates), len(result.fates) - survived, survived)
            counts.append(f"| `{module}` | {' | '.join(map(str, numbers))} |")
            survivors += [_row((module, *mutant.key), reasons) for mutant in result.survivors]
        else:
            first, _, second = before.partition(SURVIVORS)
            row = f"| `{module}` |"
            counts.append(next((line for line in first.splitlines() if line.startswith(row)), f"{row} | 0 | | |"))
            survivors += [line for line in second.splitlines() if line.startswith(row)]
    if survivors:
        survivors = ["| module | function | code | mutant | why it may live |", f"|{' --- |' * 5}", *survivors]
    head = [HEAD, "| module | possible | tried | killed | survived |", f"| --- |{' ---: |' * 4}"]
    return "\n".join([*head, *counts, f"\n{SURVIVORS}\n", *(survivors or ["None."])]) + "\n"


def _row(key: tuple[str, str, str, str], reasons: Reasons) -> str:
    cells = [f"`{_escaped(text)}`" for text in key]
    return f"| {' | '.join(cells)} | {reasons.get(key, NO_REASON)} |"


def read_reasons(text: str) -> Reasons:
    """Return the reasons that a page gives."""
    reasons = {}
    for line in text.partition(SURVIVORS)[2].splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "\0").strip("|").split(" | ")]
        if len(cells) == 5 and cells[0].startswith("`") and cells[4] != NO_REASON:
            module, function, before, after = (cell.strip("`").replace("\0", "|") for cell in cells[:4])
            reasons[module, "" if function == MODULE else function, before, after] = cells[4]
    return reasons


def _escaped(text: str) -> str:
    return (text or MODULE).replace("|", "\\|")


def _load() -> None:
    """Import what every child would import, and forget our own modules: a child has its own."""
    from habluetooth.usage import install_multiple_bleak_catcher

    install_multiple_bleak_catcher()  # before anything of Home Assistant; see tests/conftest.py
    for name in LOADED_BEFORE:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.startswith("custom_components.retrowalk")]:
        del sys.modules[name]


def _try_module(module: str, tests: Sequence[str], count: int, seed: int) -> Result:
    path = PACKAGE / module
    everything = mutants(path.read_text())
    chosen = sample(everything, count, seed)
    print(f"{module}: {len(chosen)} of {len(everything)}", flush=True)
    fates: dict[int, Fate] = {}
    took: dict[str, Took] | None = None
    for line in _trials(path, chosen, tests):
        if isinstance(line, dict):
            took = {name: Took(seconds, frozenset(lines)) for name, (seconds, lines) in line.items()}
        else:
            fates[line[0]] = _told(chosen[line[0]], Fate(line[1]))
    if took is None or any(mutant.in_body and number not in fates for number, mutant in enumerate(chosen)):
        raise SystemExit(f"The tests of {module} fail without any change: {' '.join(tests)}")
    longest = max(LEAST, SLOWER * sum(each.seconds for each in took.values()))
    for number, mutant in enumerate(chosen):
        if number not in fates:
            child = Child(lambda m=mutant: _passes_anew(path, m, tests, QuickestFirst(took)), longest)
            fates[number] = _told(mutant, fate_of(child))
    return Result(module, len(everything), [(mutant, fates[number]) for number, mutant in enumerate(chosen)])


def _told(mutant: Mutant, fate: Fate) -> Fate:
    if fate is not Fate.KILLED:
        print(f"  {fate}: {mutant.line}: {' | '.join(mutant.key)}", flush=True)
    return fate


def _trials(path: Path, chosen: Sequence[Mutant], tests: Sequence[str]) -> Iterator[Any]:
    """Yield what a process that tries the mutants in its own children tells of them."""
    receiving, sending = os.pipe()
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    trials = Trials(path, name, chosen, sending)
    child = Child(lambda: pytest_passes(tests, trials), 3600.0)
    os.close(sending)
    with os.fdopen(receiving) as pipe:
        yield from map(json.loads, pipe)
    child.ended()


def _passes_anew(path: Path, mutant: Mutant, tests: Sequence[str], plugin: object) -> bool:
    _load_instead(path, mutant.tree)
    return pytest_passes(tests, plugin)


def _load_instead(path: Path, tree: ast.Module) -> None:
    usual = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> CodeType | None:
        if Path(self.get_filename(fullname)) == path:
            return compile(tree, str(path), "exec", dont_inherit=True)
        return usual(self, fullname)

    loader: Any = importlib.machinery.SourceFileLoader
    loader.get_code = get_code


if __name__ == "__main__":
    sys.exit(main())
