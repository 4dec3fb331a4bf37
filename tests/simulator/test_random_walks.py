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
    "a write that is never answered bars the stop that ends a session": [
        ("begin", 120.0),
        ("breaks", "unanswered"),
        ("wait_long", 310.0),
        ("end", "left alone"),
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
