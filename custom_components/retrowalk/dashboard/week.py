"""A walker's week as the card shows it."""

from datetime import timedelta
from typing import Any

from ..walkers.roster import WalkerRoster
from ..walkers.walker import Walker


def week_of(roster: WalkerRoster, walker: Walker | None) -> dict[str, Any] | None:
    """Return a walker's days around today, of which the card shows the user's week; None for a guest among several."""
    if walker is None:
        return None
    history, today = roster.history, roster.today
    days = []
    for number in range(-6, 7):  # a week begins on another day in each country
        day = today + timedelta(days=number)
        totals = history.day(walker.id, day, roster.tz)
        days.append(
            {
                "date": day.isoformat(),
                "minutes": round(totals.minutes, 1),
                "reached": walker.reaches_goal(totals.minutes) or totals.completed > 0,
                "planned": walker.plan.expects(day),
            }
        )
    return {
        "walker": walker.name,
        "goal": walker.daily_goal,
        "today": today.isoformat(),
        "days": days,
        "streak": history.streak(walker.id, today, roster.tz, walker.plan),
    }
