"""Decides once a second what of a session under way belongs in its track: a sample, a mark, or nothing."""

from dataclasses import dataclass
from math import floor

from ...machine.model import BeltState, Telemetry
from ..belt.odometer import GAP
from .track import Mark, MarkKind, Sample
from .track_rows import Row

LOWEST_HEART_RATE, HIGHEST_HEART_RATE = 30, 240
"""Beats a minute of a person on a belt; machines without a sensor report 0, and some 255."""
_SLACK = 0.75
"""Seconds by which a tick may be early or late and still stand for its second: ticks are never exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A session as it is measured at one moment."""

    telemetry: Telemetry | None  # the newest, in km/h
    distance: float  # m, of the session
    steps: int | None = None  # of the session
    heart_rate: float | None = None  # beats a minute, by a sensor of the house
    paused: bool = False  # the session may go on, once the belt moves again
    step: tuple[int, str | None] | None = None  # of the program, from 1, with its label


class TrackSampler:
    """Samples one session. It counts seconds of a clock that nobody sets."""

    def __init__(self, began: float, *, paused: bool = False) -> None:
        """Initialize the sampler; `began`: when the session started (s); `paused`: in a pause that is marked."""
        self._began = began
        self._paused = paused
        self._rests = paused  # the rest has its sample
        self._step: int | None = None
        self._last: Sample | None = None

    def seconds(self, now: float) -> float:
        """Return the seconds since the session started."""
        return max(now - self._began, 0.0)

    def take(self, now: float, moment: Moment) -> list[Row]:
        """Return what belongs in the track now; call it about once a second."""
        sample, telemetry = None, moment.telemetry
        heard = telemetry is not None and now - telemetry.received <= GAP
        moves = False
        if telemetry is not None and heard:
            moves, second = telemetry.belt is BeltState.MOVING, self._second(now)
            if second is not None and (moves or not self._rests):
                self._rests = not moves
                self._last = sample = _sample(second, telemetry, moment)
        marks = self._marks(now, moment, moves=moves, rests=self._rests or not heard)
        return [*marks] if sample is None else [sample, *marks]

    def end(self, now: float, moment: Moment) -> list[Row]:
        """Return what is missing at the end of the session."""
        last, telemetry = self._last, moment.telemetry
        if telemetry is None or (last is not None and self._rests and last[3:] == _counts(moment, last.heart_rate)):
            return []
        second = max(floor(self.seconds(now)), 0 if last is None else last.second + 1)
        if now - telemetry.received > GAP:
            telemetry = Telemetry()
        return [_sample(second, telemetry, moment)]

    def _marks(self, now: float, moment: Moment, *, moves: bool, rests: bool) -> list[Mark]:
        """Return what has just begun; it has the second of its sample, if there is one."""
        second = 0 if self._last is None else self._last.second
        if self._last is None or self.seconds(now) - second >= 1:
            second = floor(self.seconds(now))
        marks = []
        if moves if self._paused else moment.paused and rests:
            self._paused = not self._paused
            marks.append(Mark(second=second, kind=MarkKind.PAUSED if self._paused else MarkKind.RESUMED))
        if moves and moment.step is not None and moment.step[0] != self._step:
            self._step, label = moment.step
            marks.append(Mark(second=second, kind=MarkKind.STEP, step=self._step, label=label))
        return marks

    def _second(self, now: float) -> int | None:
        """Return the second that a sample of now stands for, or None if it has one."""
        seconds, last = self.seconds(now), self._last
        if last is None:
            return round(seconds)
        if abs(seconds - last.second - 1) < _SLACK:
            return last.second + 1
        return round(seconds) if round(seconds) > last.second else None


def plausible_heart_rate(value: float | None) -> int | None:
    """Return beats a minute that a person on a belt may have; None for anything else."""
    return round(value) if value is not None and LOWEST_HEART_RATE <= value <= HIGHEST_HEART_RATE else None


def _sample(second: int, telemetry: Telemetry, moment: Moment) -> Sample:
    rests = telemetry.belt in {BeltState.AT_REST, BeltState.COUNTDOWN}
    heart_rate = plausible_heart_rate(telemetry.heart_rate)
    if heart_rate is None:
        heart_rate = plausible_heart_rate(moment.heart_rate)
    return Sample(
        second,
        0.0 if rests else telemetry.speed,
        telemetry.trusted_incline,
        *_counts(moment, heart_rate),
    )


def _counts(moment: Moment, heart_rate: int | None) -> tuple[float, int | None, int | None]:
    return moment.distance, heart_rate, moment.steps
