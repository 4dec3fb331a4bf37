"""The same walk on every personality of the virtual treadmill: check run, backward session, pause, resume, stop.

Each row of the table is walked on, so that a new one cannot escape; what a machine cannot do is declared in its row and
asserted here. While it runs, `TrueBelt` compares the real belt with the safety rules.
"""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.simulator.kinds.decks import DECKS
from custom_components.retrowalk.simulator.personalities import PERSONALITIES, POLITE
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, SessionState
from tests.support.personality_run import PersonalityRun

WALK = 1.5
"""km/h"""
AWAKE = 20.0
"""Seconds at rest after which even a machine that always speaks of a countdown is known to rest."""


@pytest.fixture(params=PERSONALITIES.values(), ids=PERSONALITIES)
def run(request: pytest.FixtureRequest) -> Iterator[PersonalityRun]:
    personality: Personality = request.param
    its_run = PersonalityRun(personality)
    yield its_run
    its_run.end()


@pytest.mark.sampled(3)
def test_a_walk_on_it_keeps_every_rule(run: PersonalityRun) -> None:
    expected = run.personality.check
    if not run.personality.tells_speed:
        it_is_only_stopped(run)
        return
    if expected == MONITOR:
        it_is_only_watched(run)
        return
    run.go(AWAKE)
    checked = run.check()
    assert (checked.failure or PASSED) == expected, "\n".join(run.log)
    run.judge.next_session()
    if expected != PASSED:
        it_is_not_controlled(run)
        return
    if not run.personality.shows_deck:
        it_is_not_walked_on_backward(run)
        return
    walk_backward(run)
    if run.personality in (POLITE, *DECKS):
        tilt(run)
    pause_and_resume(run)
    stop(run)


def it_is_not_walked_on_backward(run: PersonalityRun) -> None:
    """Check that nothing starts on a deck whose tilt has never changed, and that lowering it is what shows more."""
    run.sent.clear()
    with pytest.raises(RefusedError) as refused:
        run.start()
    assert refused.value.reason is Refusal.DECK_UNPROVEN
    assert run.sent == []
    run.do(lambda: run.session.lower_deck(run.now, caller=Caller.PERSON))
    run.go(20)
    assert run.treadmill.incline == 0.0
    assert run.treadmill.at_rest


def tilt(run: PersonalityRun) -> None:
    """Ask for an incline, and for level again; `TrueBelt` judges what the deck makes of it."""
    for percent, seconds in ((1.0, 22), (0.0, 10)):
        with suppress(RefusedError):
            run.set_incline(percent)
        run.go(seconds)
    assert run.state is SessionState.ACTIVE, "\n".join(run.log)


def it_is_only_watched(run: PersonalityRun) -> None:
    with pytest.raises(RefusedError):
        run.check()
    run.treadmill.occupied = True
    with pytest.raises(RefusedError):
        run.start()
    treadmill = run.treadmill
    run.do(treadmill.press_start)
    run.go(10)
    run.go(20, lambda: treadmill.speed >= treadmill.profile.speed.minimum)
    run.go(20)
    assert run.state is SessionState.MANUAL
    assert run.sent == []
    run.do(treadmill.press_stop)
    run.go(60, run.over)
    run.go(10)
    assert run.state in BETWEEN_SESSIONS
    walked_is_counted(run)


def it_is_only_stopped(run: PersonalityRun) -> None:
    """Check that a belt of which nobody knows what it does is neither started nor steered, and stopped at a word."""
    run.go(AWAKE)
    with pytest.raises(RefusedError):
        run.check()
    run.treadmill.occupied = True
    with pytest.raises(RefusedError):
        run.start()
    run.do(run.treadmill.press_start)
    run.go(75)
    assert not run.at_rest()
    assert run.sent == []
    run.stop()
    run.go(20, run.at_rest)
    assert run.at_rest()
    run.go(30)
    assert {command.kind for _, command in run.sent if not command.stops} == set()


def it_is_not_controlled(run: PersonalityRun) -> None:
    """Check that nothing but a stop reaches a machine that failed its check run."""
    with pytest.raises(RefusedError):
        run.start()
    run.sent.clear()
    run.do(run.treadmill.press_start)  # somebody uses it all the same
    run.go(15)
    assert run.sent == []
    run.stop()
    run.go(60, run.at_rest)
    assert run.at_rest()
    assert {command.kind for _, command in run.sent if not command.stops} == set()


def walk_backward(run: PersonalityRun) -> None:
    run.start()
    assert run.state is SessionState.COUNTDOWN
    run.go(15.5)
    assert run.treadmill.phase is not Phase.IDLE or run.state is SessionState.STARTING
    run.go(25, lambda: run.state is SessionState.WARM_UP)
    assert run.state is SessionState.WARM_UP, "\n".join(run.log)
    run.go(10)
    run.set_speed(WALK)
    run.go(75)
    lowest = run.session.rules.capabilities.speed_range
    assert lowest is not None
    assert run.state is SessionState.ACTIVE
    assert run.treadmill.speed == pytest.approx(max(WALK, lowest.minimum), abs=0.11), "\n".join(run.log)
    assert {SessionEventKind.COUNTDOWN, SessionEventKind.STARTED} <= set(run.told)


def pause_and_resume(run: PersonalityRun) -> None:
    run.pause()
    run.go(30, run.at_rest)
    run.go(6)
    assert run.at_rest()
    assert SessionEventKind.PAUSED in run.told
    if not run.personality.pauses:
        assert run.state in BETWEEN_SESSIONS
        assert SessionEventKind.STOPPED in run.told
        return
    assert run.state is SessionState.PAUSED
    run.judge.next_start()
    run.resume()
    run.go(3)
    run.confirm()  # the second act, as at the beginning (S2)
    run.go(40, lambda: not run.treadmill.at_rest)
    assert not run.treadmill.at_rest, "\n".join(run.log)
    run.go(25)
    assert run.session.state in {SessionState.WARM_UP, SessionState.ACTIVE}


def stop(run: PersonalityRun) -> None:
    run.stop()
    run.go(60, run.over)
    assert run.over(), "\n".join(run.log)
    run.go(30)
    assert run.at_rest()
    assert SessionEventKind.STOPPED in run.told
    walked_is_counted(run)


def walked_is_counted(run: PersonalityRun) -> None:
    """Check that what would be stored is what the belt did."""
    judge = run.judge
    assert run.session.moving_time == pytest.approx(judge.moving, rel=0.08, abs=5)
    odometer = run.session.odometer
    meters = odometer.distance
    assert meters == pytest.approx(judge.meters, rel=0.1, abs=11)


@pytest.mark.parametrize(
    "key", ["no_counters", "silent_console", "slow_reports", "trembling_speed", "wilink", "fitshow"]
)
@pytest.mark.parametrize("change", [0.7, -0.5])
def test_s7_a_hand_at_a_console_that_says_nothing_of_it_ends_steering(key: str, change: float) -> None:
    run = PersonalityRun(PERSONALITIES[key])
    run.peripheral.faults.no_status = True
    run.go(AWAKE)
    assert run.check().failure is None
    run.judge.next_session()
    walk_backward(run)
    run.treadmill.listener = None
    run.sent.clear()
    run.judge.by_hand()
    by_hand = run.treadmill.target_speed + change
    run.do(lambda: run.treadmill.press_speed(by_hand))
    run.go(8, lambda: run.state is SessionState.MANUAL)
    assert run.state is SessionState.MANUAL, "\n".join(run.log)
    run.go(30)
    assert run.sent == []
    assert run.treadmill.speed == pytest.approx(by_hand)
    stop(run)
    run.end()


# The judge


@pytest.fixture
def walking() -> Iterator[PersonalityRun]:
    its_run = PersonalityRun(POLITE)
    its_run.check()
    its_run.judge.next_session()
    walk_backward(its_run)
    its_run.go(30)
    yield its_run
    its_run.end()


def test_the_judge_sees_a_belt_above_its_limit(walking: PersonalityRun) -> None:
    walking.treadmill.speed = 3.2
    with pytest.raises(AssertionError, match="S4"):
        walking.go(5)


def test_the_judge_sees_a_belt_that_speeds_up_by_itself(walking: PersonalityRun) -> None:
    walking.treadmill.target_speed = 1.8
    with pytest.raises(AssertionError, match="S5"):
        walking.go(5)


def test_the_judge_sees_a_rise_that_was_not_announced(walking: PersonalityRun) -> None:
    with pytest.raises(AssertionError, match="S6"):
        walking.judge.on_command(Command(CommandKind.SET_SPEED, 1.9))


def test_the_judge_sees_a_deck_above_its_limit(walking: PersonalityRun) -> None:
    with pytest.raises(AssertionError, match="S4"):
        walking.judge.on_command(Command(CommandKind.SET_INCLINE, 3.5))


def test_the_judge_sees_a_deck_that_rises_by_itself(walking: PersonalityRun) -> None:
    walking.treadmill.target_incline = 1.0
    with pytest.raises(AssertionError, match="S5"):
        walking.go(5)


def test_the_judge_sees_an_incline_that_was_not_announced(walking: PersonalityRun) -> None:
    with pytest.raises(AssertionError, match="S6"):
        walking.judge.on_command(Command(CommandKind.SET_INCLINE, 0.5))


def test_the_judge_sees_a_belt_that_moves_again_after_a_stop(walking: PersonalityRun) -> None:
    walking.stop()
    walking.go(30)
    walking.treadmill.restart()
    with pytest.raises(AssertionError, match="S3"):
        walking.go(5)


def test_the_judge_sees_a_stop_that_does_not_go_first(walking: PersonalityRun) -> None:
    walking.judge.before_stop()
    with pytest.raises(AssertionError, match="S3"):
        walking.judge.after_stop()


def test_the_judge_sees_a_fast_start(walking: PersonalityRun) -> None:
    walking.pause()
    walking.go(15)
    walking.judge.next_start()
    walking.resume()
    walking.go(3)
    walking.confirm()
    walking.go(30, lambda: not walking.treadmill.at_rest)
    walking.go(2)
    walking.treadmill.target_speed = 1.5
    with pytest.raises(AssertionError, match="S12"):
        walking.go(5)
