"""A deck below level rises under the walker, as gently as any rise (S5, S6, S18)."""

from itertools import pairwise
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.program_run import program
from tests.support.session_run import SessionRun, rules

State = SessionState
EventKind = SessionEventKind
BELOW = ValueRange(-6.0, 15.0, 0.5)


def standing(percent: float, deck: ValueRange = BELOW, **its: Any) -> SessionRun:
    run = SessionRun(rules(incline=deck, **its))
    run.treadmill.incline = run.treadmill.target_incline = percent
    run.go(1)
    return run


def refusal(run: SessionRun) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        run.start()
    return refused.value.reason


def check_rises(run: SessionRun, begun: float, step: float, apart: float, until: int | None = None) -> None:
    """Check that each deck step is small, announced, and far from the last one and from speed rises (S5, S6)."""
    steps = [(0.0, begun), *run.inclines[:until]]
    for (then, before), (when, after) in pairwise(steps):
        assert 0 < after - before <= step + 1e-9
        assert when - then >= apart
    rises = [when for (_, before), (when, kmh) in pairwise([(0.0, 1.0), *run.speeds]) if kmh > before]
    assert all(abs(when - other) >= 20 for when, _ in run.inclines for other in rises)
    [first, *_] = [(when, event.data) for when, event in run.emitted if event.kind is EventKind.SPEED_UP_SOON]
    assert first[1]["what"] == "incline"
    assert (first[1]["start"], first[1]["target"]) == (begun, 0.0)
    assert run.inclines[0][0] - first[0] >= 5


PLANS = [
    None,
    program({"seconds": 600, "speed": 1.5, "incline": 0}),
    program({"seconds": 90}, {"seconds": 200, "incline": 2}),
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("deck", "begun", "step", "apart"),
    [
        (BELOW, -3.0, 0.5, 10),
        (BELOW, -2.7, 0.5, 10),  # between two of its own steps
        (ValueRange(-3.0, 12.0, 1.0), -3.0, 1.0, 20),
        (ValueRange(-3.0, 12.0, 0.1), -1.0, 0.5, 10),
        (ValueRange(0.0, 12.0, 0.5), -0.3, 0.5, 10),  # a sensor that is a little off
    ],
)
def test_s5_s6_a_deck_below_level_is_leveled_first_step_by_step(
    deck: ValueRange, begun: float, step: float, apart: float, direction: Direction, plan: Program | None
) -> None:
    run = standing(begun, deck)
    request = SessionRequest(direction=direction, length=600.0, speed=1.5, program=plan)
    run.session.prepare(run.now, caller=Caller.PERSON, request=request)
    run.start()
    for _ in range(340):
        run.go(0.5)
        if run.treadmill.incline < -0.01:
            assert run.treadmill.speed <= 1.0, "leveled first, at the minimum speed"
    leveled = [percent for _, percent in run.inclines].index(0.0)
    check_rises(run, begun, step, apart, until=leveled + 1)
    run.session.set_speed(1.5, caller=Caller.PERSON)
    run.go(60)
    assert run.treadmill.speed == 1.5
    assert run.treadmill.incline >= 0


@pytest.mark.parametrize("begun", [-3.1, -6.0])
def test_s18_a_deck_further_below_level_than_the_limit_is_not_started(begun: float) -> None:
    run = standing(begun)
    run.start()
    assert refusal(run) is Refusal.DECK_TOO_LOW
    assert run.sent == []
    run.treadmill.press_incline(0.0)
    run.go(15)
    run.start()
    assert run.state is State.COUNTDOWN


def test_s18_a_deck_that_is_lowered_below_the_limit_in_the_countdown_is_not_started() -> None:
    run = standing(0.0)
    run.count_down()
    run.reports_events = False
    run.treadmill.press_incline(-5.0)
    run.go(20)
    assert run.sent == []
    assert run.data(EventKind.START_FAILED) == {"reason": "deck_too_low"}


@pytest.mark.parametrize(("reduced", "first"), [(True, False), (False, True)])
def test_s18_who_may_only_walk_level_starts_on_a_level_deck(reduced: bool, first: bool) -> None:
    run = standing(-0.5, owner=OwnerLimits(reduced=reduced))
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, first=first))
    assert refusal(run) is Refusal.DECK_TOO_LOW


@pytest.mark.parametrize("deck", [ValueRange(-4.0, 12.0, 2.0), ValueRange(0.0, 12.0, 0.5)])
def test_s18_a_deck_that_cannot_be_leveled_in_small_steps_is_not_started_below_level(deck: ValueRange) -> None:
    run = standing(-2.0, deck)
    run.start()
    assert refusal(run) is Refusal.DECK_TOO_LOW


def test_s18_forward_a_deck_may_stand_as_low_as_it_can() -> None:
    run = standing(-6.0)
    run.session.choose_direction(Direction.FORWARD)
    run.count_down()


def test_s7_s18_a_belt_whose_deck_is_too_low_is_not_taken_over_but_slowed() -> None:
    run = standing(-5.0)
    run.start()
    run.treadmill.press_start()
    run.go(10)
    assert run.state is State.MANUAL
    with pytest.raises(RefusedError) as refused:
        run.resume()
    assert refused.value.reason is Refusal.DECK_TOO_LOW
    run.session.finish(run.now)
    run.go(60)
    assert run.inclines == []
    assert run.treadmill.at_rest


def test_s5_s6_a_deck_below_level_rises_gently_for_who_takes_over_from_the_console() -> None:
    run = standing(-2.0)
    run.begin()
    run.treadmill.press_speed(1.5)
    run.go(5)
    assert run.state is State.MANUAL
    begun = run.treadmill.incline
    run.sent.clear()
    run.emitted.clear()
    run.resume()
    run.go(120)
    assert run.treadmill.incline == 0.0
    check_rises(run, begun, 0.5, 10)


def test_s10_after_a_lost_link_it_stays_below_level_until_a_person_acts() -> None:
    run = standing(-3.0)
    run.begin()
    run.link(up=False)
    run.go(8)
    run.link(up=True)
    run.go(2)
    low = run.treadmill.incline
    assert low < 0
    run.sent.clear()
    run.emitted.clear()
    run.go(60)
    assert run.inclines == []
    run.resume()
    run.go(120)
    assert run.treadmill.incline == 0.0
    check_rises(run, low, 0.5, 10)


def test_a_deck_that_declines_stays_where_it_is() -> None:
    run = standing(-3.0)
    run.begin()
    while not run.inclines:
        run.go(0.5)
    run.fail_command(CommandKind.SET_INCLINE)
    run.sent.clear()
    run.go(60)
    assert run.inclines == []


def test_s18_lowering_the_deck_never_raises_it() -> None:
    run = standing(-3.0)
    with pytest.raises(RefusedError) as refused:
        run.session.lower_deck(run.now, caller=Caller.PERSON)
    assert refused.value.reason is Refusal.NOTHING_TO_LOWER
    run = standing(6.0)
    run.session.lower_deck(run.now, caller=Caller.PERSON)
    run.collect()
    run.treadmill.target_incline = run.treadmill.incline = -3.0  # by its console, meanwhile
    run.go(20)
    assert run.sent == []
