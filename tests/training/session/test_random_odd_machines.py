"""A zoo of odd machines and impatient people, judged by the true belt (see `odd_machines`).

`RANDOM_MACHINES` sets the number of sessions, `RANDOM_MACHINES_SEED` the first seed; failures print the smallest form.
"""

from dataclasses import fields, replace
from random import Random
from typing import Any

from tests.support.effort import runs
from tests.support.machine_judge import RuleBrokenError
from tests.support.odd_machines import Scenario, play

SESSIONS = runs("RANDOM_MACHINES", 60, 1000)
FIRST = runs("RANDOM_MACHINES_SEED", 0, 0)

FAULTS: dict[str, tuple[Any, ...]] = {
    "stop_only_at_rest": (True,),
    "stop_alone_ignored": (True,),
    "stop_ignored": (True,),
    "pause_declined": (True,),
    "reports_own_stops": (True,),
    "toggles_on_stop": (True,),
    "toggles_on_pause": (True,),
    "faster_on_pause": (True,),
    "speed_noise": (0.05, 0.1, 0.2, 0.2),
    "training_status_idle_while_moving": (True,),
    "pre_workout_at_rest": (True,),
    "no_status": (True,),
    "no_counters": (True,),
    "coarse_distance": (10.0,),
    "counters_frozen_without_walker": (True,),
    "clock_runs_in_pause": (True,),
    "repeats_last_speed_at_rest": (True,),
    "snaps_to_speed_at_rest": (1.0,),
    "resumes_at_last_speed": (True,),
    "starts_at_last_speed": (True,),
    "resume_delay": (2.0, 6.0),
    "deaf_after_start": (2.0, 4.0),
    "keeps_session_in_pause": (True,),
    "starts_only_anew": (True,),
    "ignore_speed": (True,),
    "overshoot": (0.3, 1.0),
    "coarse_steps": (0.5, 1.0),
    "starts_at": (2.0, 3.0),
    "ignore_incline": (True,),
    "coarse_inclines": (1.0,),
    "coarse_inclines_up": (True,),
    "declines_fine_inclines": (True,),
    "incline_stuck_at": (1e-9, 1.0, 2.5),
    "incline_late": (4.0, 12.0),
    "incline_remembered": (1.5, 2.5),
    "no_incline_reported": (True,),
    "reports_target_incline": (True,),
    "deck_drifts": (0.5, 2.0),
}
ACTS: tuple[tuple[str, tuple[Any, ...], int], ...] = (
    ("stop", (None,), 5),
    ("pause", (None,), 5),
    ("resume", (None,), 5),
    ("start", (None,), 4),
    ("finish", (None,), 2),
    ("set_speed", (1.2, 1.5, 2.0, 3.0, 9.0, 0.5), 6),
    ("incline", (0.0, 1.0, 3.0), 2),
    ("slow", (0.2, 1.0), 2),
    ("ramp", (1.0, 2.5), 2),
    ("skip", (None,), 2),
    ("guard", (True, False), 2),
    ("lock", (True, False), 1),
    ("rules", ({"control": False}, {"control": True}, {"owner": None}), 1),
    ("shutdown", (None,), 1),
    ("lose", ((0.3, 4.0), (3.0, 2.0), (8.0, 3.0), (20.0, 5.0), (50.0, 4.0), (90.0, 4.0), (2.0, 0.2)), 6),
    ("console_start", (None,), 3),
    ("console_stop", (None,), 3),
    ("console_pause", (None,), 3),
    ("console_speed", (0.1, 0.5, 2.0, -0.1, -0.3, -1.0), 4),
    ("console_incline", (0.5, -0.5), 1),
    ("key", (None,), 1),
    ("key_in", (None,), 1),
    ("miles", (None,), 1),
    ("step_off", (None,), 1),
    ("step_on", (None,), 1),
    ("other_central", (2.0,), 1),
    ("check", (None,), 1),
)
WAITS = (0.0, 0.2, 0.6, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 35.0, 60.0)


def scenario(seed: int) -> Scenario:
    random = Random(seed)
    faults: dict[str, Any] = {}
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        name = random.choice(sorted(FAULTS))
        faults[name] = random.choice(FAULTS[name])
    radio: dict[str, Any] = {}
    if random.random() < 0.5:
        radio["interval"] = random.choice((0.2, 0.5, 1.0, 1.6, 2.0, 3.0))
        radio["jitter"] = random.choice((0.0, 0.1, 0.4))
        radio["burst"] = random.choice((1, 1, 1, 2)) if radio["interval"] <= 1 else 1
        radio["delay"] = random.choice((0.02, 0.05, 0.2, 0.6, 1.2))
        radio["event_delay"] = random.choice((0.0, 0.2, 1.0))
    if random.random() < 0.1:
        radio["mute"] = True
    if random.random() < 0.15:
        radio["lose"] = random.choice((0.1, 0.3))
    if random.random() < 0.1:
        radio["drop"] = random.choice((0.1, 0.3))
    if random.random() < 0.05:
        radio["wrap"] = random.choice((100, 256))
    if random.random() < 0.05:
        radio["silent"] = random.choice((0.5, 3.0))
    profile = {
        "countdown": random.choice((0.0, 1.0, 3.0, 3.0, 5.0)),
        "acceleration": random.choice((0.15, 0.25, 0.5, 1.0)),
        "coast": random.choice((0.2, 0.3, 0.5, 1.0)),
    }
    direction = random.choice(("backward", "backward", "backward", "forward"))
    request: dict[str, Any] = {
        "direction": direction,
        "length": random.choice((60.0, 90.0, 200.0, 300.0)),
        "speed": random.choice((None, 1.5, 2.0, 3.0)),
        "incline": random.choice((None, 1.0)),
        "first": random.random() < 0.2,
    }
    if random.random() < 0.3 and direction == "backward":
        request["program"] = random.choice((1, 2))
    house: dict[str, Any] = {"guard_stops": random.random() < 0.5, "control": random.random() < 0.93}
    house["owner"] = {"backward_speed": random.choice((2.0, 3.0, 5.0)), "reduced": random.random() < 0.1}
    if faults.keys() & {"stop_only_at_rest", "stop_alone_ignored"} and random.random() < 0.5:
        house["measured"] = {"stop_rung": "pause"}  # as its check run has found
    acts: list[tuple[float, str, Any]] = []
    begins = random.random()
    if begins < 0.75:
        acts += [(1.0, "start", None), (2.5, "start", None), (random.choice((18.0, 20.0, 30.0, 60.0)), "step_on", None)]
    elif begins < 0.85:
        acts += [(1.0, "check", None)]
    else:
        acts += [(1.0, "console_start", None), (random.choice((3.0, 20.0)), "console_speed", 2.0)]
    names = [name for name, _, weight in ACTS for _ in range(weight)]
    values = {name: values for name, values, _ in ACTS}
    for _ in range(random.choice((1, 2, 3, 4, 6, 8, 12))):
        name = random.choice(names)
        value = random.choice(values[name])
        if name == "rules" and "owner" in value:
            value = {"control": True}
        acts.append((random.choice(WAITS), name, value))
        if random.random() < 0.1:
            acts.append((random.choice((0.0, 0.2)), name, value))  # a double tap
    return Scenario(
        speed=random.choice(((0.5, 0.1), (1.0, 0.1), (0.8, 0.1), (1.0, 0.2), (1.0, 0.5), (1.0, 0.01), (1.6, 0.16))),
        incline=random.choice((None, (0.0, 0.5), (0.0, 0.1), (0.0, 1.0), (-6.0, 0.5))),
        profile=profile,
        faults=faults,
        radio=radio,
        house=house,
        request=request,
        acts=tuple(acts),
    )


def broken_by(its: Scenario) -> RuleBrokenError | AssertionError | None:
    try:
        play(its)
    except AssertionError as err:
        return err
    return None


def story(its: Scenario) -> list[str]:
    """Return what happened until a rule was broken."""
    try:
        world = play(its)
    except RuleBrokenError as err:
        return err.world.log
    return world.log


def smallest(its: Scenario, rule: str) -> Scenario:
    """Return the smallest scenario that breaks the same rule."""

    def breaks(candidate: Scenario) -> bool:
        err = broken_by(candidate)
        return isinstance(err, RuleBrokenError) and err.rule == rule

    shrinking = True
    while shrinking:
        shrinking = False
        for index in reversed(range(len(its.acts))):
            wait, _, _ = its.acts[index]
            shorter = (*its.acts[:index], *its.acts[index + 1 :])
            merged = shorter
            if index < len(shorter):
                after = shorter[index]
                merged = (*shorter[:index], (round(after[0] + wait, 1), *after[1:]), *shorter[index + 1 :])
            for acts in (shorter, merged):
                candidate = replace(its, acts=acts)
                if breaks(candidate):
                    its, shrinking = candidate, True
                    break
        for name in ("faults", "radio", "profile", "house", "request"):
            for key in list(getattr(its, name)):
                part = {k: v for k, v in getattr(its, name).items() if k != key}
                candidate = replace(its, **{name: part})
                if breaks(candidate):
                    its, shrinking = candidate, True
        for name in ("speed", "incline"):
            default = next(f.default for f in fields(Scenario) if f.name == name)
            if getattr(its, name) != default and breaks(candidate := replace(its, **{name: default})):
                its, shrinking = candidate, True
    return its


def test_no_rule_is_broken_whatever_the_machine_the_air_and_the_people_do() -> None:
    for seed in range(FIRST, FIRST + SESSIONS):
        its = scenario(seed)
        err = broken_by(its)
        least = smallest(its, err.rule) if isinstance(err, RuleBrokenError) else its
        assert err is None, "\n".join((f"seed {seed}: {err!r}", repr(least), *story(least)))


def test_s3_a_stop_soon_after_a_start_is_no_alarm_before_the_next_report_of_a_machine_that_reports_seldom() -> None:
    its = Scenario(
        profile={"acceleration": 0.5, "coast": 0.2},
        radio={"interval": 3.0},
        acts=((72.0, "miles", None), (0.2, "console_start", None)),
    )
    assert broken_by(its) is None


# No quirk makes anything less safe: forced on for polite machines, and missing for odd ones.

QUIRKS: dict[str, tuple[Any, ...]] = {
    "second_start": (True,),
    "pause_stops": (True,),
    "late_speed": (3.0, 5.0, 60.0),
    "time_limit": (1800.0, 120.0),
    "stop_rung": ("pause",),
    "resumes_fast": (True,),
}
"""Everything that the session may be told of a machine."""
QUIRKY_FAULTS: dict[str, tuple[Any, ...]] = {
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
    return replace(made, faults=chosen(random, QUIRKY_FAULTS, 0.3), house={**made.house, "measured": told})


def test_a_polite_machine_with_any_quirk_forced_on_is_safe() -> None:
    for seed in range(FIRST, FIRST + SESSIONS // 2):
        play(polite(seed))


def test_an_odd_machine_without_its_quirk_is_safe() -> None:
    for seed in range(FIRST, FIRST + SESSIONS // 2):
        play(odd(seed))
