"""Writes what became of each cell into docs/reliability.md, between its two marks."""

import argparse
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tests.support.reliability.faults import FAULTS
from tests.support.reliability.states import STATES

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- The fault matrix: written by scripts/reliability -->", "<!-- The end of the fault matrix -->"
_BECOMES: Mapping[str, str] = {
    "idle": "over",
    "finished": "over",
    "ready": "ready",
    "countdown": "counting down",
    "starting": "starting",
    "warm_up": "goes on",
    "active": "goes on",
    "cool_down": "cools down",
    "stopping": "stopping",
    "manual": "at the console",
    "paused": "paused",
    "interrupted": "not heard",
}
"""What a session has become, in the words of the page."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one cell."""

    fault: str
    state: str
    becomes: str
    """The session's state before Stop was pressed."""
    said: list[str]
    """What was said from the fault to the end, beside what is said of every walk."""
    moved: bool
    """Whether the belt moved when Stop was pressed."""
    rests: float | None
    """Seconds from Stop to rest; None while the fault lasted."""
    told: float | None
    """Seconds from Stop to the words that it does not work."""
    recorded: float | None
    """Seconds by which the record is longer than the belt moved; None where the belt moved too short for a record."""

    @classmethod
    def load(cls, folder: Path) -> list[Self]:
        return [cls(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]

    def save(self, folder: Path) -> None:
        name = re.sub(r"\W+", "_", f"{self.fault}-{self.state}")
        (folder / f"{name}.json").write_text(json.dumps(asdict(self)))

    @property
    def stop(self) -> str:
        """What Stop comes to."""
        if not self.moved:
            return "at rest"
        if self.rests is not None:
            return f"rests in {self.rests:.0f} s"
        return f"told in {max(self.told or 0.0, 0.0):.0f} s"

    def cell(self, sentences: dict[str, int]) -> str:
        """Return the cell of the page; a sentence that has no number yet gets the next one."""
        numbers = [str(sentences.setdefault(text, len(sentences) + 1)) for text in self.said]
        said = f"says {', '.join(numbers)}" if numbers else "says nothing"
        kept = "no record" if self.recorded is None else f"record {self.recorded:+.1f} s"
        return "<br>".join([_BECOMES[self.becomes], said, self.stop, kept])


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the table, and the sentences that its numbers stand for."""
    cells = {(outcome.fault, outcome.state): outcome for outcome in outcomes}
    sentences: dict[str, int] = {}
    rows = [[fault.title, *(cells[fault.title, state.title].cell(sentences) for state in STATES)] for fault in FAULTS]
    head = ["What fails", *(state.title for state in STATES)]
    lines = [head, ["---"] * len(head), *rows]
    legend = [f"{number}. {text}" for text, number in sentences.items()]
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", *legend])


def write(folder: Path, page: Path = PAGE) -> None:
    """Write the table of these outcomes into the page."""
    before, rest = page.read_text().split(BEGINS)
    _, after = rest.split(ENDS)
    page.write_text(f"{before}{BEGINS}\n\n{table(Outcome.load(folder))}\n\n{ENDS}{after}")


def read(page: Path = PAGE) -> tuple[list[str], dict[str, list[str]]]:
    """Return the head of the page's table, and its rows by their first cell."""
    part = page.read_text().split(BEGINS)[1].split(ENDS)[0]
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line[:1] == "|"]
    return lines[0][1:], {line[0]: line[1:] for line in lines[2:]}


def legend(page: Path = PAGE) -> list[str]:
    """Return the sentences below the page's table."""
    part = page.read_text().split(BEGINS)[1].split(ENDS)[0]
    return re.findall(r"^\d+\. (.+)$", part, re.MULTILINE)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the run has left its outcomes")
    write(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    main()
