"""Ten thousand sessions."""

from datetime import UTC, datetime, timedelta

from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction

COUNT, YEARS = 10_000, 10
WALKERS = ("01JWALKERANNA", "01JWALKERBEN", None)


def make_session(number: int, years: int = YEARS) -> SessionRecord:
    """Return a session of two people and their guests; over ten years, about three a day."""
    first = datetime(2027 - years, 1, 1, 7, tzinfo=UTC)
    started = first + timedelta(days=364.5 * years * number / COUNT)
    return SessionRecord(
        id=f"01J{number:023}",
        walker=WALKERS[number % 3],
        direction=Direction.FORWARD if number % 7 == 0 else Direction.BACKWARD,
        started=started,
        ended=started + timedelta(seconds=330),
        moving_time=300.0 + number % 17 + 0.125,
        distance=166.0 + number % 31,
        calories=18.36 + number % 13 / 10,
        calories_net=12.53 + number % 13 / 10,
        machine_energy=15,
        steps=512,
        max_speed=2.5,
        max_incline=1.0,
        planned=300.0,
        program="daily_five",
        outcome=Outcome.COMPLETED,
        discomfort_before=3,
        discomfort_after=2,
        weight=70.0,
    )
