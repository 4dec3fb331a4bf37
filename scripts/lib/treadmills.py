"""Writes docs/treadmills.md from the catalogue, the quirks, the personalities and the captured frames.

    python -m scripts.lib.treadmills [--check]

With --check nothing is written; the exit code is 1 if the page is not what it would be.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS
from custom_components.retrowalk.machine.evidence import Evidence
from custom_components.retrowalk.machine.ftms.quirks import ROWS
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "treadmills.md"
VECTORS: Final = ROOT / "tests" / "vectors" / "treadmill_frames.json"
EVIDENCE: Final = {
    Evidence.CAPTURED: "captured frames",
    Evidence.DOCUMENTED: "documented",
    Evidence.REPORTED: "reported",
    Evidence.UNTESTED: "untested",
}
HEAD: Final = """\
# Treadmills

What is known of the machines that people own, and what works on each. `scripts/lib/treadmills.py` writes this page from
the tables in the code: change those, and run `scripts/lint`. Is yours not here, or not as it says?
[Report it](report-a-treadmill.md).

We do not have these machines. Every row says how it is known:

| evidence | meaning |
| --- | --- |
| captured frames | bytes of such a machine are in our tests, and decode as they should |
| documented | its maker, the specification, or a project that speaks to it says so |
| reported | an owner wrote it |
| untested | nobody has told yet |

Whatever this page says, Retrowalk moves no belt before the machine has passed its check run, with nobody on it.
"""

KINDS: Final = """\
Each of them is a virtual treadmill, too: `scripts/demo --personality NAME` walks on it, and so can you, when you add a
virtual treadmill. Our tests walk the same session on all of them.
"""


def page() -> str:
    """Return the page."""
    parts = [
        HEAD,
        "## Protocols\n",
        _table(("protocol", "machines", "found by the name", "works", "evidence"), _protocols()),
        "## Kinds of machines\n",
        KINDS,
        _table(("name", "machines", "what is odd", "protocol", "works", "evidence", "source"), _kinds()),
        "## What is done differently for some\n",
        _table(("machines", "what", "why", "source"), _quirks()),
        "## Machines with captured frames\n",
        _table(("machine", "frames"), _captured()),
    ]
    return "\n".join(parts)


def _protocols() -> Iterator[tuple[str, ...]]:
    for protocol in PROTOCOLS:
        names = ", ".join(f"`{prefix}`" for prefix in protocol.name_prefixes)
        kinds = [kind for kind in PERSONALITIES.values() if kind.protocol == protocol.key]
        yield (protocol.name, protocol.machines, names, _works(kinds), EVIDENCE[protocol.evidence])


def _kinds() -> Iterator[tuple[str, ...]]:
    names = {protocol.key: protocol.name for protocol in PROTOCOLS}
    for kind in PERSONALITIES.values():
        protocol = names[kind.protocol]
        yield (
            f"`{kind.key}`",
            kind.machines,
            kind.what,
            protocol,
            _works([kind]),
            EVIDENCE[kind.evidence],
            kind.source,
        )


def _works(kinds: Iterable[Personality]) -> str:
    """Return what works on at least one of these."""
    works = ["is watched"]
    for kind in kinds:
        works += [] if kind.tells_speed else ["can be stopped, and nothing else"]
        if kind.check == PASSED:
            works += ["start and stop", "speed"]
            works += ["pause"] if kind.pauses else []
            works += ["incline"] if kind.profile.incline is not None else []
        elif kind.check != MONITOR:
            works.append(f"not moved: its check run says `{kind.check}`")
        works += ["steps"] if kind.profile.steps else []
    return ", ".join(dict.fromkeys(works if len(works) == 1 else works[1:]))


def _quirks() -> Iterator[tuple[str, ...]]:
    for row in ROWS:
        yield (row.machine, row.what, row.why, row.source)


def _captured() -> Iterator[tuple[str, ...]]:
    frames = json.loads(VECTORS.read_text())
    counts = Counter(frame.get("source") or f"{frame.get('proto', 'FTMS')} (status)" for frame in frames)
    yield from ((source, str(count)) for source, count in sorted(counts.items(), key=lambda item: item[0].lower()))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or check it; return the exit code."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text)
        return 0
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is out of date. Run scripts/lint.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
