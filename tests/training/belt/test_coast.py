"""A belt whose machine repeats its speed coasts and comes to rest, and only its clock shows it."""

from collections.abc import Callable

from custom_components.retrowalk.machine.model import BeltState, CommandKind, Telemetry
from custom_components.retrowalk.training.belt.motion import MotionDetector

WALKED = 60
"""Seconds until its clock stands."""
COASTS = 7.5
"""Seconds in which a belt comes to rest from 3 km/h."""


def report(second: float, *, clock: int | None = None, status: str = "idle", speed: float = 3.0) -> Telemetry:
    elapsed = min(int(second), WALKED) if clock is None else clock
    return Telemetry(received=second, belt=BeltState.MOVING, speed=speed, elapsed_time=elapsed, training_status=status)


def halted() -> MotionDetector:
    """Return what judges a belt that ran at 3 km/h and has just accepted a Stop."""
    its = MotionDetector()
    for second in range(WALKED + 1):
        its.judge(report(second, status="manual_mode"))
    its.on_accepted(CommandKind.STOP, WALKED + 0.5)
    return its


def rests_after(its: MotionDetector, reports: Callable[[float], Telemetry], begins: int) -> float:
    """Return the second in which it is known to rest."""
    return next(second for second in range(begins, 400) if its.judge(reports(float(second))).belt is BeltState.AT_REST)


def test_s3_it_rests_no_sooner_than_it_can_have_coasted() -> None:
    assert WALKED + COASTS <= rests_after(halted(), report, WALKED + 1) <= WALKED + COASTS + 2


def test_a_link_that_was_lost_in_the_coast_makes_nobody_wait_for_another_coast() -> None:
    its = halted()
    its.on_link_lost()
    assert rests_after(its, report, WALKED + 9) <= WALKED + 10


def test_s3_a_link_on_which_it_counts_anew_begins_a_coast_anew() -> None:
    its = halted()
    its.on_link_lost()
    back = WALKED + 9
    its.on_accepted(CommandKind.STOP, back)
    assert rests_after(its, lambda second: report(second, clock=3), back) >= back + COASTS
