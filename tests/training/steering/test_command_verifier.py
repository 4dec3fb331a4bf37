"""The verification of a machine's response to commands (safety rule S9, in use)."""

import pytest

from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.training.belt.belt import Belt
from custom_components.retrowalk.training.events import CommandMismatch, SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.command_verifier import CommandVerifier
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import INCLINES, SPEEDS, SessionRun, rules

State = SessionState
EventKind = SessionEventKind
SET_SPEED, SET_INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE
LIMITS = limits_for(Capabilities(speed_range=SPEEDS, incline_range=INCLINES), OwnerLimits(), Direction.BACKWARD)


def raised(run: SessionRun, speed: float = 2.0, *, length: float = 300.0) -> SessionRun:
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=speed))
    run.start()
    run.go(28)
    assert run.state is State.WARM_UP
    run.session.set_speed(speed, caller=Caller.PERSON)
    run.collect()
    return run


def must_end_calmly(run: SessionRun, finding: str) -> None:
    """Assert that no caller can cause a rise anymore, and that the session ends as planned."""
    assert run.event_kinds.count(EventKind.NOT_OBEYED) == 1
    assert run.data(EventKind.NOT_OBEYED)["finding"] == finding
    with pytest.raises(RefusedError) as refused:
        run.session.set_speed(3.0, caller=Caller.PERSON)
    assert refused.value.reason is Refusal.NOT_OBEYED
    run.clear_log()
    run.go(330)
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert EventKind.MANUAL not in run.event_kinds
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}
    assert run.treadmill.at_rest


def test_s9_a_belt_that_goes_too_far_up_is_slowed_once_and_nothing_rises_any_more() -> None:
    run = raised(SessionRun(), 2.0)
    run.go(40)
    assert run.treadmill.speed >= 1.5
    run.clear_log()
    while not run.speeds:
        run.go(0.5)
    run.treadmill.overshoot = 0.8
    while EventKind.NOT_OBEYED not in run.event_kinds:
        run.go(0.5)
    rises, (_, last) = run.speeds[:-1], run.speeds[-1]
    assert last == pytest.approx(rises[-1][1] - 0.5)
    must_end_calmly(run, "overshoot")


def test_s9_a_belt_that_goes_too_far_up_next_to_its_minimum_ends_the_program_calmly() -> None:
    run = raised(SessionRun(acceleration=1.0), 1.1)
    run.clear_log()
    while not run.speeds:
        run.go(0.5)
    run.treadmill.overshoot = 0.8
    run.go(20)
    assert [kmh for _, kmh in run.speeds] == [1.1, 1.0]
    must_end_calmly(run, "overshoot")


def test_s9_a_belt_that_is_always_too_fast_is_found_at_its_start() -> None:
    run = SessionRun(acceleration=1.0)
    run.treadmill.overshoot = 0.8
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, speed=2.0))
    run.start()
    run.go(45)
    must_end_calmly(run, "overshoot")


def test_s9_miles_are_found_at_the_first_change() -> None:
    run = SessionRun(acceleration=1.0)
    run.true_speed = True
    run.treadmill.kmh_per_unit = KM_PER_MILE
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, speed=2.0))
    run.start()
    run.go(45)
    assert run.data(EventKind.NOT_OBEYED)["finding"] == "miles"
    run.go(40)
    # It is not walked on: a check run finds out first what its numbers mean.
    assert run.data(EventKind.STOPPED) == {"reason": "not_obeyed"}
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert EventKind.MANUAL not in run.event_kinds
    assert run.treadmill.at_rest


def test_s9_commands_that_are_ignored_are_given_up() -> None:
    run = raised(SessionRun(), 2.0)
    run.obeys = False
    run.go(40)
    # The first step alone may be too small to be shown.
    assert [kmh for _, kmh in run.speeds] == [1.0, 1.1, 1.2]
    run.obeys = True
    must_end_calmly(run, "ignored")


def test_s9_commands_to_the_deck_that_are_ignored_are_given_up() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_incline(2.0, caller=Caller.PERSON)
    run.reports["incline"] = 0.0
    run.go(60)
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "ignored", "what": "incline"}
    with pytest.raises(RefusedError):
        run.session.set_incline(3.0, caller=Caller.PERSON)


def test_s9_a_deck_that_goes_too_far_is_lowered_by_a_step() -> None:
    run = SessionRun()
    run.begin()
    run.session.set_incline(1.0, caller=Caller.PERSON)
    while not run.inclines:
        run.go(0.5)
    run.reports["incline"] = 2.0
    run.go(10)
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "overshoot", "what": "incline"}
    assert run.inclines[-1][1] == 0.0


def test_s9_a_mismatch_holds_after_a_pause_and_after_a_hand_on_the_console() -> None:
    run = raised(SessionRun(), 2.0)
    run.obeys = False
    run.go(40)
    run.obeys = True
    run.pause()
    run.go(15)
    run.resume()
    run.resume()
    run.clear_log()
    run.go(60)
    assert [kmh for _, kmh in run.speeds] == [1.0]
    run.treadmill.press_speed(1.5)
    run.go(10)
    assert run.state is State.MANUAL
    run.resume()
    run.go(30)
    assert [kmh for _, kmh in run.speeds] == [1.0]
    run.stop()
    run.go(10)
    raised(run, 1.5)
    run.go(40)
    assert run.treadmill.speed == pytest.approx(1.5)


def test_s9_a_machine_that_obeys_is_not_suspected() -> None:
    for acceleration in (0.1, 0.25, 2.0):
        run = raised(SessionRun(acceleration=acceleration), 3.0, length=600.0)
        run.session.set_incline(1.5, caller=Caller.PERSON)
        run.go(560)
        assert run.treadmill.speed < 3.0
        assert EventKind.NOT_OBEYED not in run.event_kinds
        run.go(60)
        assert run.data(EventKind.FINISHED) == {"reason": "completed"}


@pytest.mark.parametrize("acceleration", [0.08, 0.1, 0.12, 0.15])
@pytest.mark.parametrize("high", [2.0, 3.0])
def test_s9_a_belt_that_is_slower_than_most_is_not_suspected_on_its_way_down(acceleration: float, high: float) -> None:
    run = raised(SessionRun(acceleration=acceleration), high, length=600.0)
    for speed in (1.0, high, 1.0):
        run.go(90)
        run.session.set_speed(speed, caller=Caller.PERSON)
        run.collect()
    run.go(40)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert EventKind.NOT_OBEYED not in run.event_kinds


def test_s9_a_belt_that_slows_a_little_and_then_stays_too_fast_is_found_as_soon_as_it_stays() -> None:
    made = bench(speed=3.0)
    made.command(1.0)
    for tenths in range(29, 19, -1):
        made.stay(1, speed=tenths / 10)
    assert made.mismatches == []
    made.stay(4, speed=2.0)
    assert [mismatch for _, mismatch, _ in made.mismatches] == [CommandMismatch.OVERSHOOT]


def test_s9_a_command_that_was_declined_is_not_compared() -> None:
    run = raised(SessionRun(), 2.0)
    run.obeys = False
    while not run.speeds:
        run.go(0.5)
    run.fail_command(SET_SPEED, 1.1)
    run.go(60)
    assert EventKind.NOT_OBEYED not in run.event_kinds


# The verifier itself


class Bench:
    """A belt whose speed is set by a test."""

    def __init__(self) -> None:
        self.belt = Belt()
        self.verification = CommandVerifier()
        self.mismatches: list[tuple[float, CommandMismatch, CommandKind]] = []
        self.now = 0.0

    def observe(self, **what: float | None) -> None:
        report = Telemetry(received=self.now, belt=BeltState.MOVING, speed=1.0, incline=0.0)
        self.belt.observe(report._replace(**what), self.now)  # type: ignore[arg-type]
        if mismatch := self.verification.evaluate(self.belt, LIMITS, self.now):
            self.mismatches.append((self.now, *mismatch))

    def command(self, value: float | None, kind: CommandKind = SET_SPEED) -> None:
        self.verification.on_command(Command(kind, value), self.belt, self.now)

    def stay(self, seconds: int, **what: float | None) -> None:
        for _ in range(seconds):
            self.now += 1.0
            self.observe(**what)


def bench(**what: float | None) -> Bench:
    made = Bench()
    made.observe(**what)
    return made


@pytest.mark.parametrize(
    ("before", "commanded", "measured", "finding"),
    [
        (1.61, 1.1, 1.77, CommandMismatch.MILES),  # it takes miles and reports kilometers
        (3.0, 2.5, 1.55, CommandMismatch.MILES),  # it takes kilometers and reports miles
        (1.0, 1.5, 2.41, CommandMismatch.MILES),
        (1.0, 1.5, 2.0, CommandMismatch.OVERSHOOT),
        (1.0, 1.5, 1.0, CommandMismatch.IGNORED),
        (3.0, 2.5, 3.0, CommandMismatch.IGNORED),
        (3.0, 2.5, 3.3, CommandMismatch.OVERSHOOT),
        (1.0, 1.5, 1.5, None),
        (1.0, 1.5, 1.6, None),
        (1.0, 1.5, 1.2, None),  # slower than commanded: set at the console, if it stays
        (3.0, 2.5, 2.0, None),
        (1.0, 1.1, 1.0, None),
        (1.0, 1.02, 1.0, None),
    ],
)
def test_s9_each_effect_is_judged(
    before: float, commanded: float, measured: float, finding: CommandMismatch | None
) -> None:
    it = bench(speed=before)
    it.command(commanded)
    it.stay(12, speed=measured)
    assert [what for _, what, _ in it.mismatches] == ([finding] if finding else [])
    assert it.verification.mismatch is finding


def test_s9_too_far_up_is_found_as_soon_as_the_belt_stays_there() -> None:
    it = bench()
    it.command(1.1)
    it.stay(1, speed=1.4)
    it.stay(1, speed=1.6)
    assert it.mismatches == []
    it.stay(1, speed=1.6)
    assert it.mismatches == [(3.0, CommandMismatch.OVERSHOOT, SET_SPEED)]
    it.command(1.2)
    it.stay(20, speed=1.6)
    assert len(it.mismatches) == 1


def test_s9_too_far_up_is_found_in_time_even_if_the_belt_never_stays_there() -> None:
    it = bench()
    it.command(1.2)
    for second in range(1, 10):
        it.stay(1, speed=1.5 + 0.1 * (second % 3))
    assert it.mismatches[0][0] <= 6.0


def test_s9_who_has_obeyed_once_knows_our_unit() -> None:
    it = bench()
    it.command(1.5)
    it.stay(5, speed=1.5)
    it.command(1.6)
    it.stay(12, speed=1.0)  # pressed at the console: 0.621 by chance
    assert it.mismatches == []


def test_s9_what_happens_after_its_time_is_not_its_effect() -> None:
    it = bench()
    it.command(1.1)
    it.stay(12, speed=1.0)
    it.stay(12, speed=2.0)
    assert it.mismatches == []


def test_s9_a_deck_knows_no_miles_and_may_be_unknown() -> None:
    it = bench(incline=None)
    it.command(1.0, SET_INCLINE)
    it.stay(12, incline=None)
    it.observe(incline=0.0)
    it.command(1.0, SET_INCLINE)
    it.stay(12, incline=1.61)
    assert [what for _, what, _ in it.mismatches] == [CommandMismatch.OVERSHOOT]
    it = bench()
    it.command(None)
    it.command(0.0)
    it.now += 1
    it.observe(belt=BeltState.UNKNOWN)  # type: ignore[arg-type]
    it.stay(12)
    assert it.verification.mismatch is CommandMismatch.IGNORED


@pytest.mark.parametrize(("step", "attempts"), [(0.5, 2), (0.2, 2), (0.16, 2), (0.1, 3)])
def test_s5_s9_a_step_that_is_told_twice_and_not_done_is_ignored_before_the_next_one(
    step: float, attempts: int
) -> None:
    # It counted as normal for the machine, and the third was two steps at once: 1.0 km/h with steps of 0.5.
    speeds = ValueRange(1.0, 10.0, step)
    run = SessionRun(rules(speed=speeds))
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, speed=3.0))
    run.start()
    run.go(28)
    run.clear_log()
    run.obeys = False
    run.session.set_speed(3.0, caller=Caller.PERSON)
    run.go(120)
    assert run.data(EventKind.NOT_OBEYED)["finding"] == "ignored"
    highest = max(kmh for _, kmh in run.speeds)
    assert highest <= 1.0 + max(step, 0.2) + 1e-6
    assert len(run.speeds) <= attempts


def test_s9_a_step_that_got_lost_once_is_told_again_and_steering_holds() -> None:
    run = SessionRun(rules(speed=ValueRange(1.0, 10.0, 0.5)))
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, speed=2.0))
    run.start()
    run.go(28)
    run.session.set_speed(2.0, caller=Caller.PERSON)
    run.clear_log()
    run.obeys = False
    while not run.speeds:
        run.go(0.5)
    run.obeys = True
    run.go(80)
    assert EventKind.NOT_OBEYED not in run.event_kinds
    assert run.treadmill.speed == pytest.approx(2.0)
