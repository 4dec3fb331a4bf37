"""The list of broken rules keeps up with the code, and names every rule that a session can break by itself."""

import subprocess
import sys

import pytest

from scripts.lib.mutate import ROOT
from scripts.lib.walk_mutants import MUTANTS, RuleMutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.rule} {mutant.what}")
def test_the_code_that_a_mutant_changes_is_there_once(mutant: RuleMutant) -> None:
    assert mutant.before != mutant.after
    mutant.tree()


def test_each_rule_of_a_session_has_a_mutant() -> None:
    # S1 and S17 are chosen in the options, S16 is about who calls, and S19 about what is stored.
    assert {mutant.rule for mutant in MUTANTS} == {f"S{number}" for number in (*range(2, 16), 18)}


@pytest.mark.nightly
def test_the_random_walks_of_a_day_notice_each_broken_rule() -> None:
    # In a process of its own: it loads the integration anew for each mutant.
    command = [sys.executable, "-m", "scripts.lib.walk_mutants"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
