"""The page of the benchmarks: written from the figures of a run, beside those of the last release."""

import json
import re
import sys
from pathlib import Path

import pytest

from scripts.lib import performance

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
KEPT = json.loads(performance.LAST.read_text())


def test_every_figure_is_measured_by_a_benchmark() -> None:
    source = "\n".join(path.read_text() for path in BENCHMARKS.rglob("test_*.py"))
    noted = re.findall(r'figure\(\s*f?"(\w+)', source)
    for figure in performance.FIGURES[1:]:
        assert any(figure.key.startswith(key) for key in noted) or f'"{figure.key}"' in source, figure.key


def test_the_figures_of_the_last_release_are_among_those_of_the_page() -> None:
    assert KEPT["figures"].keys() <= {figure.key for figure in performance.FIGURES}


def test_the_page_has_a_row_for_each_figure_and_says_where_one_is_missing() -> None:
    page = performance.page({"decode": 0.314, "rows_5": 142.0}, {"rows_5": 280.0}, "0.9.0")
    assert "| Decode one Treadmill Data frame | 0.31 µs | - |  |" in page
    assert "| 142 | 280 | ≤ 150 |" in page
    assert sum(line.startswith("| ") for line in page.splitlines()) == len(performance.FIGURES) + 2


def test_a_release_keeps_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, last, figures = tmp_path / "performance.md", tmp_path / "performance.json", tmp_path / "figures"
    last.write_text(performance.LAST.read_text())
    figures.write_text('["load", 0.5]\n["decode", 0.3]\n["rows_5", 142]\n')
    monkeypatch.setattr(performance, "PAGE", page)
    monkeypatch.setattr(performance, "LAST", last)
    monkeypatch.setattr(sys, "argv", ["performance", str(figures), "--release", "1.0.0"])
    performance.main()
    assert "0.30 µs" in page.read_text()
    assert json.loads(last.read_text()) == {"release": "1.0.0", "figures": {"load": 0.5, "decode": 0.3, "rows_5": 142}}
