"""Random walks on a machine on which everything may fail, judged by the oracle of the fault matrix.

`RANDOM_FAULTS` sets how many; a walk that broke a rule once is a case of its own. How soon a broken rule is noticed is
shown by `scripts.lib.walk_mutants`.
"""

import pytest

from tests.support.effort import runs
from tests.support.reliability.random_walk import Act, Walker, check

WALKS = runs("RANDOM_FAULTS", 2_000, 50_000)
PARTS = 20
"""Tests that they are split into, for as many processes as there are."""


@pytest.mark.parametrize("part", range(PARTS))
def test_s2_to_s18_a_random_walk_keeps_the_rules_whatever_fails(part: int) -> None:
    for seed in range(part, WALKS, PARTS):
        check(seed)


FOUND: dict[str, list[Act]] = {
    "a stop that waited for the link sets a belt in motion that toggles, and nobody stops it": [
        ("begin", 120.0),
        ("wait_long", 310.0),
        ("automation_starts", 4.0),
        ("link_drops", None),
        ("breaks", "toggles"),
        ("end", "stop"),
    ],
    "a stop without a link to a belt that toggles at rest": [
        ("link_drops", None),
        ("breaks", "toggles"),
        ("end", "stop"),
    ],
    "a press of Stop on a machine that declines all but its lowest speed": [
        ("begin", None),
        ("choose", 1.0),
        ("wait", 30.0),
        ("breaks", "failed"),
        ("wait_long", 310.0),
        ("stop", 6.0),
        ("end", "stop"),
    ],
    "a belt that is taken over from its console goes on as fast as that left it": [
        ("begin", 120.0),
        ("choose", 9.0),
        ("wait", 16.0),
        ("console_speed", 0.6),
        ("resume", 30.0),
        ("resume", 30.0),
        ("end", "stop"),
    ],
    "a link on which a stop goes first and is never answered has told nothing yet when it ends": [
        ("begin", None),
        ("choose", 9.0),
        ("wait", 8.0),
        ("link_drops", None),
        ("stop", 6.0),
        ("breaks", "unanswered"),
        ("link_drops", None),
        ("console_start", None),
        ("wait", 16.0),
    ],
    "a stop that is pressed while the one before waits for control is written": [
        ("breaks", "late indications"),
        ("stop", 0.4),
        ("end", "stop"),
    ],
    "a write that is never answered bars the stop that ends a session": [
        ("begin", 120.0),
        ("breaks", "unanswered"),
        ("wait_long", 310.0),
        ("end", "left alone"),
    ],
    "a stop that had waited is called obeyed by a report from before it": [
        ("stop", 6.0),
        ("breaks", "off"),
        ("stop", 6.0),
        ("start", 40.0),
        ("stop", 0.0),
        ("console_start", None),
        ("end", "shutdown"),
    ],
    "a stop is called obeyed when the treadmill comes back, which still coasts": [
        ("begin", 120.0),
        ("breaks", "ATT error"),
        ("pause", None),
        ("resume", 20.0),
        ("wait", 16.0),
        ("breaks", "off"),
        ("end", "stop"),
    ],
    "a step down raises a belt that the console has slowed a moment ago": [
        ("begin", None),
        ("choose", 2.0),
        ("wait", 30.0),
        ("breaks", "noise"),
        ("resume", 16.0),
        ("console_speed", -1.0),
        ("resume", 0.2),
        ("wait", 8.0),
    ],
    "a belt that the console slows down is cooled down from where it was, and raised by that": [
        ("begin", None),
        ("choose", 9.0),
        ("wait", 30.0),
        ("resume", 20.0),
        ("console_speed", -0.3),
        ("finish", 0.0),
        ("resume", 0.2),
        ("wait", 8.0),
    ],
    "a stop that was declined at rest makes a belt seem to toggle, which then gets no stop": [
        ("finish", 45.0),
        ("stop", 6.0),
        ("start", 16.0),
        ("breaks", "knows Pause only"),
        ("stop", 6.0),
        ("wait", 16.0),
        ("end", "stop"),
    ],
    "a start soon after a stop that was not sent to a belt that toggles": [
        ("begin", 120.0),
        ("breaks", "toggles"),
        ("pause", None),
        ("resume", 20.0),
        ("resume", 20.0),
        ("stop", 0.0),
        ("start", 0.2),
    ],
    "a target that waited is followed by the next one as if it had not": [
        ("begin", None),
        ("breaks", "no indications"),
        ("link_drops", None),
        ("resume", 20.0),
        ("choose", 2.0),
        ("wait", 16.0),
    ],
    "the console stops the belt, and nothing is heard of it any more": [
        ("begin", None),
        ("console_stop", None),
        ("breaks", "silent"),
        ("wait", 16.0),
    ],
    "Home Assistant stops while the belt is not heard": [
        ("begin", None),
        ("breaks", "silent"),
        ("end", "shutdown"),
    ],
}


@pytest.mark.parametrize("acts", FOUND.values(), ids=FOUND)
def test_a_walk_that_broke_a_rule_once_breaks_none(acts: list[Act]) -> None:
    Walker().does(acts)
