"""The result of the demo's session in plain words: minutes, distance, kilocalories, streak."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.lib.demo_watch import States
from tests.support.live.treadmill import number


def report(record: Mapping[str, Any], states: States) -> Iterator[str]:
    """Return the lines about a record (as get_sessions returns it) and the walker's totals."""
    planned, minutes = record["planned_minutes"], record["minutes"]
    plan = f" of {planned:g}" if planned else ""
    yield f"  {record['walker']} walked {record['direction']} for {minutes:.1f}{plan} minutes: {record['outcome']}."
    yield ""
    rows = {
        "Distance": f"{record['distance']:.0f} m, at {record['max_speed']:g} km/h at most",
        "Energy": f"{record['calories']:.1f} kcal, {record['calories_net']:.1f} of them on top of resting",
        "": f"(the treadmill itself counts {_counted(record['machine_energy'])})",
        "Today": f"{_value(states, 'today'):.1f} minutes; the daily goal is {_value(states, 'daily_goal'):g}",
        "Streak": _days(_value(states, "streak")),
        "In total": f"{_value(states, 'total_duration'):.1f} minutes",
    }
    for name, text in rows.items():
        yield f"  {name:<10} {text}"


def _value(states: States, key: str) -> float:
    return number(states[key]) or 0.0


def _counted(kcal: int | None) -> str:
    return "none" if kcal is None else f"{kcal} kcal"


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"
