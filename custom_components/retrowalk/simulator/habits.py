"""The habits in which the belts and consoles of real machines differ."""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from .faults import BelowLeast, Faults


@dataclass(kw_only=True)
class Habits:
    """The habits of one machine, all off by default; the faults of the same names set them.

    Speeds are in the console's units.
    """

    overshoot: float = 0.0
    """By how much the belt misses every target."""
    starts_at: float = 0.0
    """The speed that the belt starts with; 0: the least."""
    least_speed: float = 0.0
    """The least that the belt goes, whatever the machine says; 0: what it says."""
    below_least: BelowLeast = "clamps"
    """What a target below that does."""
    coarse_steps: float = 0.0
    """The steps that the belt really makes, whatever the machine says; 0: those it says."""
    resumes_at_last_speed: bool = False
    """Whether a start that resumes a session takes the belt back to its last speed."""
    starts_at_last_speed: bool = False
    """Whether every start does, also one after a Stop."""
    resume_delay: float = 0.0
    """Seconds at the speed of a start before the belt goes back to its last speed, whatever was asked meanwhile."""
    deaf_after_start: float = 0.0
    """Seconds after a start in which a target speed is accepted and has no effect."""
    keeps_session_in_pause: bool = False
    """Whether Stop is declined while paused."""
    starts_only_anew: bool = False
    """Whether Start is declined while paused, so that only a Stop lets a new session begin."""
    speed_noise: float = 0.0
    """By how much at most the reported speed trembles around the true one."""
    repeats_last_speed_at_rest: bool = False
    """Whether the speed before the last stop is reported at rest."""
    snaps_to_speed_at_rest: float = 0.0
    """The speed that is reported whenever the belt is not run; 0: the true one.

    Such a machine reports its target while it runs, and not what the belt does.
    """
    counters_frozen_without_walker: bool = False
    """Whether nothing is counted, no time either, while nobody is on the belt."""
    stops_after: float = 0.0
    """Seconds after which a belt stops that a client has started; 0: never."""
    clock_runs_in_pause: bool = False
    """Whether the elapsed time of a paused session goes on."""
    zeros_at_stop: bool = False
    """Whether a stop or a pause zeroes the counters."""
    ignore_incline: bool = False
    """Whether a target incline is accepted and has no effect."""
    coarse_inclines: float = 0.0
    """The steps (%) that the deck really makes, the next one below; 0: those that the machine says."""
    coarse_inclines_up: bool = False
    """Whether the deck goes to the next step above instead."""
    declines_fine_inclines: bool = False
    """Whether a target between those steps is declined."""
    incline_told_times: float = 0.0
    """By what the true incline is multiplied where it is reported; 0: by 1."""
    incline_taken_times: float = 0.0
    """By what a target is divided to give the true incline; 0: by 1."""
    incline_stuck_at: float = 0.0
    """The incline (%) that is reported whatever the deck does; 0: the true one."""
    incline_late: float = 0.0
    """Seconds by which the incline is reported late."""
    incline_mirrored: bool = False
    """Whether the incline is reported with the wrong sign."""
    incline_remembered: float = 0.0
    """The incline (%) of an earlier session, which is reported until the deck moves; 0: the true one."""
    no_incline_reported: bool = False
    """Whether the incline is never reported, although it can be set."""
    reports_target_incline: bool = False
    """Whether the target is reported instead of what the deck does."""
    deck_drifts: float = 0.0
    """By how much (% a minute) the deck rises by itself while the belt runs."""


_NAMES: Final = tuple(field.name for field in fields(Habits))
_values_in: Final = attrgetter(*_NAMES)


class HabitsOfFaults:
    """Gives a belt the habits that its faults name, whenever one has been switched."""

    def __init__(self, belt: Habits, faults: Faults) -> None:
        self._belt = belt
        self._faults = faults
        self._given: tuple[object, ...] = ()

    def follow(self) -> None:
        """Set what has been switched since the last call."""
        if (values := _values_in(self._faults)) != self._given:
            self._given = values
            for name, value in zip(_NAMES, values, strict=True):
                setattr(self._belt, name, value)
