"""A deck that stands below level rises under the walker, and does so as gently as any rise (S5, S6, S18)."""

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
Told = SessionEventKind
BELOW = ValueRange(-6.0, 15.0, 0.5)


def standing(percent: float, deck: ValueRange = BELOW, **its: Any) -> SessionRun:
    walk = SessionRun(rules(incline=deck, **its))
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(1)
    return walk


def refusal(walk: SessionRun) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        walk.start()
    return refused.value.reason


def look_at_rises(walk: SessionRun, begun: float, step: float, apart: float, until: int | None = None) -> None:
    """Each step of the deck is small, far from the last and from the speed's rises, and was announced (S5, S6)."""
    steps = [(0.0, begun), *walk.inclines[:until]]
    for (then, before), (when, after) in pairwise(steps):
        assert 0 < after - before <= step + 1e-9
        assert when - then >= apart
    rises = [when for (_, before), (when, kmh) in pairwise([(0.0, 1.0), *walk.speeds]) if kmh > before]
    assert all(abs(when - other) >= 20 for when, _ in walk.inclines for other in rises)
    [first, *_] = [(when, event.data) for when, event in walk.emitted if event.kind is Told.SPEED_UP_SOON]
    assert first[1]["what"] == "incline"
    assert (first[1]["start"], first[1]["target"]) == (begun, 0.0)
    assert walk.inclines[0][0] - first[0] >= 5


PLANS = [
    None,
    program({"seconds": 600, "speed": 1.5, "incline": 0}),
    program({"seconds": 90}, {"seconds": 200, "incline": 2}),
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("direction", list(Direction))
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
    walk = standing(begun, deck)
    wish = SessionRequest(direction=direction, length=600.0, speed=1.5, program=plan)
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=wish)
    walk.start()
    for _ in range(340):
        walk.go(0.5)
        if walk.treadmill.incline < -0.01:
            assert walk.treadmill.speed <= 1.0, "leveled first, at the minimum speed"
    leveled = [percent for _, percent in walk.inclines].index(0.0)
    look_at_rises(walk, begun, step, apart, until=leveled + 1)
    walk.session.set_speed(1.5, caller=Caller.PERSON)
    walk.go(60)
    assert walk.treadmill.speed == 1.5
    assert walk.treadmill.incline >= 0


@pytest.mark.parametrize("begun", [-3.1, -6.0])
def test_s18_a_deck_further_below_level_than_the_limit_is_not_started(begun: float) -> None:
    walk = standing(begun)
    walk.start()
    assert refusal(walk) is Refusal.DECK_TOO_LOW
    assert walk.sent == []
    walk.treadmill.press_incline(0.0)
    walk.go(15)
    walk.start()
    assert walk.state is State.COUNTDOWN


def test_s18_a_deck_that_is_lowered_below_the_limit_in_the_countdown_is_not_started() -> None:
    walk = standing(0.0)
    walk.count_down()
    walk.reports_events = False
    walk.treadmill.press_incline(-5.0)
    walk.go(20)
    assert walk.sent == []
    assert walk.data(Told.START_FAILED) == {"reason": "deck_too_low"}


@pytest.mark.parametrize(("reduced", "first"), [(True, False), (False, True)])
def test_s18_who_may_only_walk_level_starts_on_a_level_deck(reduced: bool, first: bool) -> None:
    walk = standing(-0.5, owner=OwnerLimits(reduced=reduced))
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=300.0, first=first))
    assert refusal(walk) is Refusal.DECK_TOO_LOW


@pytest.mark.parametrize("deck", [ValueRange(-4.0, 12.0, 2.0), ValueRange(0.0, 12.0, 0.5)])
def test_s18_a_deck_that_cannot_be_leveled_in_small_steps_is_not_started_below_level(deck: ValueRange) -> None:
    walk = standing(-2.0, deck)
    walk.start()
    assert refusal(walk) is Refusal.DECK_TOO_LOW


def test_s18_forward_a_deck_may_stand_as_low_as_it_can() -> None:
    walk = standing(-6.0)
    walk.session.choose_direction(Direction.FORWARD)
    walk.count_down()


def test_s7_s18_a_belt_whose_deck_is_too_low_is_not_taken_over_but_slowed() -> None:
    walk = standing(-5.0)
    walk.start()
    walk.treadmill.press_start()
    walk.go(10)
    assert walk.state is State.MANUAL
    with pytest.raises(RefusedError) as refused:
        walk.resume()
    assert refused.value.reason is Refusal.DECK_TOO_LOW
    walk.session.finish(walk.now)
    walk.go(60)
    assert walk.inclines == []
    assert walk.treadmill.at_rest


def test_s5_s6_a_deck_below_level_rises_gently_for_who_takes_over_from_the_console() -> None:
    walk = standing(-2.0)
    walk.begin()
    walk.treadmill.press_speed(1.5)
    walk.go(5)
    assert walk.state is State.MANUAL
    begun = walk.treadmill.incline
    walk.sent.clear()
    walk.emitted.clear()
    walk.resume()
    walk.go(120)
    assert walk.treadmill.incline == 0.0
    look_at_rises(walk, begun, 0.5, 10)


def test_s10_after_a_lost_link_it_stays_below_level_until_a_person_acts() -> None:
    walk = standing(-3.0)
    walk.begin()
    walk.link(up=False)
    walk.go(8)
    walk.link(up=True)
    walk.go(2)
    low = walk.treadmill.incline
    assert low < 0
    walk.sent.clear()
    walk.emitted.clear()
    walk.go(60)
    assert walk.inclines == []
    walk.resume()
    walk.go(120)
    assert walk.treadmill.incline == 0.0
    look_at_rises(walk, low, 0.5, 10)


def test_a_deck_that_declines_stays_where_it_is() -> None:
    walk = standing(-3.0)
    walk.begin()
    while not walk.inclines:
        walk.go(0.5)
    walk.fail_command(CommandKind.SET_INCLINE)
    walk.sent.clear()
    walk.go(60)
    assert walk.inclines == []


def test_s18_lowering_the_deck_never_raises_it() -> None:
    walk = standing(-3.0)
    with pytest.raises(RefusedError) as refused:
        walk.session.lower_deck(walk.now, caller=Caller.PERSON)
    assert refused.value.reason is Refusal.NOTHING_TO_LOWER
    walk = standing(6.0)
    walk.session.lower_deck(walk.now, caller=Caller.PERSON)
    walk.collect()
    walk.treadmill.target_incline = walk.treadmill.incline = -3.0  # by its console, meanwhile
    walk.go(20)
    assert walk.sent == []
