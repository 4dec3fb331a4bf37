"""No quirk makes anything less safe: forced on for polite machines, and missing for odd ones (see `odd_machines`).

`RANDOM_MACHINES` sets the number of sessions, `RANDOM_MACHINES_SEED` the first seed.
"""

import os
from dataclasses import replace
from random import Random
from typing import Any

from tests.support.odd_machines import Scenario, play
from tests.training.session.test_random_odd_machines import scenario

SESSIONS = int(os.environ.get("RANDOM_MACHINES", "40"))
FIRST = int(os.environ.get("RANDOM_MACHINES_SEED", "0"))

QUIRKS: dict[str, tuple[Any, ...]] = {
    "second_start": (True,),
    "pause_stops": (True,),
    "late_speed": (3.0, 5.0, 60.0),
    "time_limit": (1800.0, 120.0),
    "stop_rung": ("pause",),
    "resumes_fast": (True,),
}
"""Everything that the session may be told of a machine."""
FAULTS: dict[str, tuple[Any, ...]] = {
    "second_start_needed": (True,),
    "stops_after": (120.0, 240.0),
    "toggles_on_start": (True,),
    "stop_only_at_rest": (True,),
    "deaf_after_start": (2.0, 4.0),
    "starts_only_anew": (True,),
    "starts_at_last_speed": (True,),
    "resumes_at_last_speed": (True,),
}
"""The machines that those quirks are made for."""


def chosen(random: Random, table: dict[str, tuple[Any, ...]], share: float) -> dict[str, Any]:
    return {name: random.choice(values) for name, values in table.items() if random.random() < share}


def polite(seed: int) -> Scenario:
    """Return a session of impatient people on a polite machine, of which most quirks are told."""
    random, made = Random(seed), scenario(seed)
    return replace(made, faults={}, house={**made.house, "measured": chosen(random, QUIRKS, 0.7)})


def odd(seed: int) -> Scenario:
    """Return the same on an odd machine, of which nothing is told, or anything."""
    random, made = Random(seed), scenario(seed)
    told = chosen(random, QUIRKS, 0.3) if random.random() < 0.5 else {}
    return replace(made, faults=chosen(random, FAULTS, 0.3), house={**made.house, "measured": told})


def test_a_polite_machine_with_any_quirk_forced_on_is_safe() -> None:
    for seed in range(FIRST, FIRST + SESSIONS):
        play(polite(seed))


def test_an_odd_machine_without_its_quirk_is_safe() -> None:
    for seed in range(FIRST, FIRST + SESSIONS):
        play(odd(seed))
