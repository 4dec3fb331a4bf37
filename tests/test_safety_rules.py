"""Tests that the safety rules are documented and that each has tests with its number."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = [f"S{number}" for number in range(1, 20)]
CITED = re.compile(r"\bS(\d{1,2})\b")


def test_every_rule_is_written_down_once_and_in_order() -> None:
    assert re.findall(r"^## (S\d+) \S", (ROOT / "docs" / "safety.md").read_text(), re.MULTILINE) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_tests_that_carry_its_number(rule: str) -> None:
    named = re.compile(rf"^ *(?:async )?def test_(?:s\d+_)*{rule.lower()}_", re.MULTILINE)
    proofs = [path for path in (ROOT / "tests").rglob("test_*.py") if named.search(path.read_text())]
    assert len(proofs) >= 1, rule


def test_nothing_cites_a_rule_that_is_not_written_down() -> None:
    sources = [path for folder in ("custom_components", "tests", "scripts") for path in (ROOT / folder).rglob("*.py")]
    cited = {f"S{number}" for path in sources for number in CITED.findall(path.read_text())}
    assert cited <= {*RULES}
