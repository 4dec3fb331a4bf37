"""Sessions with a track, as somebody walks them: with pauses, gaps, program steps, and whatever the machine reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any, Self

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from custom_components.retrowalk.training.limits import Direction

STARTED = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@dataclass
class Walk:
    """A session that is walked part by part; what it measures each second becomes its track."""

    started: datetime = STARTED
    incline: float | None = 1.5  # %
    heart_rate: int | None = 95
    steps_a_minute: float | None = 70.0
    counts: float = 0.1  # m that the machine's counter shows at a time
    second: int = 0
    moving: float = 0.0
    meters: float = 0.0
    top_speed: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def walk(self, seconds: int, speed: float = 1.8) -> Self:
        """Walk; the second at which it ends belongs to what follows."""
        for _ in range(seconds):
            self._sample(speed)
            self._pass(1, speed)
        return self

    def pause(self, seconds: int) -> Self:
        """Let the belt rest, in a pause that is marked."""
        self._sample(0.0)
        self.marks.append(Mark(second=self.second, kind=MarkKind.PAUSED))
        self.second += seconds
        self.marks.append(Mark(second=self.second, kind=MarkKind.RESUMED))
        return self

    def rest(self, seconds: int) -> Self:
        """Let the belt rest without a pause, as at the console."""
        self._sample(0.0)
        self.second += seconds
        return self

    def unheard(self, seconds: int, speed: float = 0.0) -> Self:
        """Lose the link; the belt goes on with a speed, or has come to rest."""
        self._pass(seconds, speed)
        return self

    def step(self, number: int, label: str | None = None) -> Self:
        """Begin a step of the program."""
        self.marks.append(Mark(second=self.second, kind=MarkKind.STEP, step=number, label=label))
        return self

    def end(self, after: float = 0.0, **changes: Any) -> tuple[SessionRecord, Track]:
        """Bring the belt to rest, and return the session's record and track; it ends so many seconds later."""
        self._sample(0.0)
        steps = self.samples[-1].steps
        record = SessionRecord(
            id="01J0000000000000000000000A",
            walker="anna",
            direction=Direction.BACKWARD,
            started=self.started,
            ended=self.started + timedelta(seconds=self.second + after),
            moving_time=self.moving,
            distance=self.samples[-1].distance,
            calories=self.moving / 16,
            calories_net=self.moving / 24,
            steps=steps,
            max_speed=self.top_speed,
            max_incline=max(self.incline or 0.0, 0.0),
        )
        return replace(record, **changes), Track.of(self.samples, self.marks)

    def _pass(self, seconds: int, speed: float) -> None:
        self.second += seconds
        self.meters += seconds * speed / 3.6
        self.moving += seconds if speed else 0
        self.top_speed = max(self.top_speed, speed)

    def _sample(self, speed: float) -> None:
        if self.samples and self.samples[-1].second == self.second:
            return
        steps = None if self.steps_a_minute is None else int(self.moving * self.steps_a_minute / 60)
        counted = round(floor(self.meters / self.counts + 1e-6) * self.counts, 1)
        self.samples.append(Sample(self.second, speed, self.incline, counted, self.heart_rate, steps))


def the_pauses(messages: Sequence[tuple[str, dict[str, Any]]]) -> list[tuple[datetime, datetime]]:
    """Return the times between which the timer of a FIT file stood, before its end."""
    events = [values for name, values in messages if name == "event"]
    assert [each["event_type"] for each in events] == ["start", "stop_all"] * (len(events) // 2)
    times = [each["timestamp"] for each in events]
    return list(zip(times[1:-1:2], times[2::2], strict=True))
