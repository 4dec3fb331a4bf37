"""Writes docs/performance.md from the figures of a run of the benchmarks, beside those of the last release.

    python -m scripts.lib.performance FIGURES [--release X]

FIGURES has a line of JSON for each: its key and its value. With --release they are kept as those of release X.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "performance.md"
LAST: Final = ROOT / "scripts" / "lib" / "performance.json"


class Figure(NamedTuple):
    """A row of the table."""

    key: str
    what: str
    unit: str = ""
    goal: str = ""


LOAD: Final = "load"
"""Measured here, and not by a benchmark."""
FIGURES: Final = (
    Figure(LOAD, "Load of the computer meanwhile: a busy one is slower, and holds its event loops up itself"),
    Figure("decode", "Decode one Treadmill Data frame", "µs"),
    Figure("decode_ratio", "Frames decoded while pyftms decodes one of the same", "x", "≥ 12"),
    Figure("session_steady", "One report in the session alone, a steady walk", "µs"),
    Figure("session_program", "One report in the session alone, a program", "µs"),
    Figure("notification_of_1", "One notification with everything, 1 treadmill with all entities", "µs"),
    Figure("notification_of_10", "The same beside 10 treadmills", "µs"),
    Figure("notification_of_50", "The same beside 50", "µs"),
    Figure("notification_of_100", "The same beside 100", "µs"),
    Figure("calls_of_1", "Functions of Python that a notification of 1 treadmill calls", ""),
    Figure("calls_of_100", "The same beside 100", ""),
    Figure("scale_flat", "The most expensive of these to the cheapest", "x", "≤ 1.2"),
    Figure("hundred_share", "One core for 100 treadmills at 4 notifications a second", "%", "≤ 25"),
    Figure("treadmill_memory", "Memory of one treadmill more", "kB"),
    Figure("notification_in_a_house", "One with everything in a house that stores and shows states, 1 treadmill", "µs"),
    Figure("plain_notification", "The same of a plain coordinator that writes an entity for each of 17 fields", "µs"),
    Figure("share_of_plain", "Ours, with the session, to that", "x", "≤ 0.25"),
    Figure("flood_share", "One core for a machine that sends 500 notifications a second", "%", "≤ 5"),
    Figure("stop_alone_p50", "Stop, from the call of the action to the bytes: half of them within", "ms"),
    Figure("stop_alone_p99", "99 of 100", "ms", "≤ 3"),
    Figure("stop_saturated_p50", "The same while the machine answers late and 20 targets wait: half", "ms"),
    Figure("stop_saturated_p99", "99 of 100", "ms", "≤ 3"),
    Figure("stop_hanging_p50", "While the write of a target hangs and 19 wait: half", "ms"),
    Figure("stop_hanging_p99", "99 of 100", "ms", "≤ 3"),
    Figure("stop_automations_p50", "Beside 100 automations a second that press things, in the turn of one: half", "ms"),
    Figure("stop_automations_p99", "99 of 100", "ms", "≤ 3"),
    Figure("stop_dropping_p50", "As the link drops, with making a new one, on which it goes first: half", "ms"),
    Figure("stop_dropping_p99", "99 of 100", "ms"),
    Figure("held", "Longest time that anything holds the event loop in a day of use, of a new walker", "ms", "≤ 20"),
    Figure("held_history", "The same with 10,000 sessions", "ms", "≤ 20"),
    Figure("import", "Import of the integration and its platforms", "ms"),
    Figure("set_up", "Set-up of a treadmill with two walkers", "ms"),
    Figure("import_and_set_up", "Both together", "ms", "≤ 150"),
    Figure("sessions_load", "Load and total 10,000 sessions of ten years", "ms", "≤ 200"),
    Figure("sessions_load_one_year", "The same, all in one year", "ms", "≤ 200"),
    Figure("sessions_add_held", "Add one: the event loop is held for", "ms", "≤ 5"),
    Figure("sessions_add_held_one_year", "The same, all in one year", "ms", "≤ 5"),
    Figure("sessions_add_written", "Add one: written to disk", "kB"),
    Figure("sessions_add_written_one_year", "The same, all in one year", "kB"),
    Figure("rows_5", "Database rows of 5 minutes of the plan, on a belt that trembles", "", "≤ 150"),
    Figure("rows_5_program", "Database rows of 5 minutes of a program, on a belt that trembles", "", "≤ 150"),
    Figure("rows_30_program", "Database rows of 30 minutes of a program, on a belt that trembles", "", "≤ 700"),
)
HEAD: Final = """\
# Performance

This page is written by `scripts/benchmark`, from one run of `tests/benchmarks` on one computer. Times are process time,
the best of several rounds. Another computer has other times: compare ratios and counts, and the two columns with each
other only if one computer has measured both.

"""


def text(value: float | None, unit: str) -> str:
    """Return a figure as people read it."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def page(figures: dict[str, float], last: dict[str, float], release: str) -> str:
    """Return the page."""
    lines = [f"| What | Now | {release} | Goal |", "| --- | ---: | ---: | ---: |"]
    for figure in FIGURES:
        now, before = (text(found.get(figure.key), figure.unit) for found in (figures, last))
        lines.append(f"| {figure.what} | {now} | {before} | {figure.goal} |")
    return HEAD + "\n".join(lines) + "\n\n" + TAIL


TAIL: Final = """\
## What many treadmills cost

A notification calls no more functions beside many treadmills than alone, because what comes once a turn is shared: so
nothing of ours grows with their number. What it still costs more are the caches of the processor, which do not take the
memory of a hundred; how much that is differs from computer to computer.

## What a Stop may have to wait for

Nothing queues before a Stop: it is written in the same turn of the event loop in which its action is called. What makes
its tail is whatever holds the loop at that moment: another callback (the rows of a day of use tell the longest one), or
Python's garbage collector, mostly for half a millisecond, seldom for three. The collector counts in the rows of Stop,
and not in those of the day. A link that has dropped is made anew first, and the Stop goes first on it.

## Which rows a session writes

A session of five minutes writes about 150 rows, all tables together. 20 of them are Home Assistant's own statistics,
which it compiles every five minutes, with or without a session. The rest is worth its rows:

- **Speed** (about 20): every change of a ramp; of a belt that trembles, changes of 0.25 km/h at once, and its average
  every ten seconds. The card has finer values from its own feed.
- **Target speed** (7 to 15): what the belt is told, on a ramp at most every 15 seconds.
- **Session events** (13) and **session state** (9): what automations and the history are for. The numbers of an event
  are attributes that the recorder leaves out.
- **Program step** (one for each), **duration** (one a minute), **heart rate** (one a minute), **distance** (each 50 m),
  **calories** (each 5 kcal), **steps** (each 100); exact whenever the state changes and at the end.
- **Actions** that somebody calls, and what each of a walker's totals is after the session: one row each.
"""


def main() -> None:
    """Write the page, and with a release the figures to compare with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("figures", type=Path)
    parser.add_argument("--release")
    chosen = parser.parse_args()
    figures = dict(json.loads(line) for line in chosen.figures.read_text().splitlines())
    figures.setdefault(LOAD, os.getloadavg()[2])
    if missing := [figure.key for figure in FIGURES if figure.key not in figures]:
        print("Without figures:", ", ".join(missing), file=sys.stderr)
    last = json.loads(LAST.read_text())
    written = page(figures, last["figures"], last["release"])
    PAGE.write_text(written)
    print(written)
    if chosen.release:
        LAST.write_text(json.dumps({"release": chosen.release, "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
