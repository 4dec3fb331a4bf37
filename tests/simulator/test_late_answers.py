"""Targets that are answered late, declined or never answered: what is a hand (S7), and what does not obey (S9)."""

from collections.abc import Iterator

import pytest

from custom_components.retrowalk.machine.ftms.const import OpCode
from custom_components.retrowalk.machine.model import CommandKind, ValueRange
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.states import SessionState
from tests.support.kept_targets import KeptTargets

LATE = [round(0.2 * number, 1) for number in range(18)]
"""Seconds by which an answer is late."""


@pytest.fixture
def walk() -> Iterator[KeptTargets]:
    walk = KeptTargets()
    walk.begin()
    walk.go(20)
    yield walk
    walk.end()


def of_step(step: float) -> Personality:
    profile = Profile(speed=ValueRange(0.5, 12.5, step))
    return Personality(key="plain", machines="", what="", source="", profile=profile)


def go_to(walk: KeptTargets, kmh: float) -> None:
    walk.set_speed(kmh)
    walk.go(200, until=lambda: abs(walk.treadmill.speed - kmh) < 0.01)
    walk.go(12)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("way", ["write_delay", "indication_delay"])
@pytest.mark.parametrize("late", LATE)
def test_s9_a_belt_that_ignores_its_target_is_told_and_not_left_to_the_console_however_late_it_answers(
    walk: KeptTargets, late: float, way: str
) -> None:
    go_to(walk, 2.0)
    setattr(walk.peripheral.faults, way, late)
    walk.peripheral.faults.ignore_speed = True
    walk.go(1)
    walk.set_speed(0.5)
    walk.go(25, until=lambda: SessionEventKind.NOT_OBEYED in walk.told)
    assert SessionEventKind.NOT_OBEYED in walk.told, walk.log[-20:]
    assert SessionEventKind.MANUAL not in walk.told


@pytest.mark.sampled(5)
@pytest.mark.parametrize("held", [8.0, 9.0, 9.5])  # one that arrives before the hand is known is obeyed, and hides it
@pytest.mark.parametrize("after", [0.4, 1.0, 2.0])
@pytest.mark.parametrize("goal", [3.0, 0.5])
def test_s7_a_hand_that_slows_the_belt_while_a_target_is_held_up_ends_the_steering(
    walk: KeptTargets, goal: float, after: float, held: float
) -> None:
    go_to(walk, 2.0)
    walk.targets.clear()
    walk.peripheral.faults.write_delay = held
    walk.set_speed(goal)
    walk.go(20, until=lambda: any(command.value not in {None, 2.0} for _, command in walk.sent[-1:]))
    walk.go(after)
    walk.hand(lambda: walk.treadmill.press_speed(1.2))
    walk.go(5, until=lambda: walk.state is SessionState.MANUAL)
    assert walk.state is SessionState.MANUAL, walk.log[-20:]
    walk.go(30)
    assert len(walk.targets) <= 1, "what was under way arrives, and nothing after it"


def test_s7_a_hand_that_slows_the_belt_is_noticed_although_a_target_is_lost_for_good(walk: KeptTargets) -> None:
    go_to(walk, 2.0)
    walk.peripheral.faults.update({"no_write_response_op": [OpCode.SET_TARGET_SPEED]})
    walk.set_speed(0.5)
    walk.go(1.4)
    walk.hand(lambda: walk.treadmill.press_speed(1.2))
    walk.go(10, until=lambda: walk.state is SessionState.MANUAL)
    assert walk.state is SessionState.MANUAL
    assert SessionEventKind.RISE_REFUSED not in walk.told


@pytest.mark.parametrize("step", [0.1, 0.2, 0.4])
def test_s6_s9_a_rise_that_is_declined_is_told_as_refused_and_never_as_disobedience(step: float) -> None:
    walk = KeptTargets(of_step(step))
    walk.begin()
    walk.go(20)
    for _ in range(2):
        walk.peripheral.faults.update({"declines_op": [OpCode.SET_TARGET_SPEED]})
        refused = walk.told.count(SessionEventKind.RISE_REFUSED)
        walk.set_speed(1.7)
        walk.go(40, until=lambda before=refused: walk.told.count(SessionEventKind.RISE_REFUSED) > before)
        assert walk.told.count(SessionEventKind.RISE_REFUSED) == refused + 1
        walk.go(20)
    walk.peripheral.faults.update({"declines_op": []})
    walk.set_speed(1.7)
    walk.go(200, until=lambda: walk.treadmill.speed >= 1.7)
    assert walk.treadmill.speed == pytest.approx(1.7)
    assert SessionEventKind.NOT_OBEYED not in walk.told
    walk.end()


@pytest.mark.sampled(7)
@pytest.mark.parametrize("held", [9.7, 9.9, 10.0, 10.5, 12.0, 15.0, 20.0, 25.0])
@pytest.mark.parametrize("goal", [2.5, 1.5])
@pytest.mark.parametrize("step", [0.1, 0.2, 0.5, None])
def test_s6_s9_one_target_that_is_held_up_for_long_is_no_disobedience_and_arrives_before_it_is_told_or_never(
    step: float | None, goal: float, held: float
) -> None:
    framed = PERSONALITIES["sperax_rm01"]
    walk = KeptTargets(framed if step is None else of_step(step))
    walk.begin()
    walk.go(20)
    go_to(walk, 2.0)
    walk.targets.clear()
    walk.peripheral.faults.write_delay = held
    walk.set_speed(goal)
    sent = len(walk.sent)
    walk.go(30, until=lambda: len(walk.sent) > sent)
    walk.go(0.2)
    walk.peripheral.faults.write_delay = 0.0
    told: list[float] = []
    walk.go(60, until=lambda: bool(walk.told.count(SessionEventKind.RISE_REFUSED)) and not told.append(walk.now))
    walk.go(60)
    assert not {SessionEventKind.NOT_OBEYED, SessionEventKind.MANUAL} & set(walk.told), walk.log[-30:]
    if told:
        assert not [target for target in walk.targets if target.kmh > 2.0 and target.when > told[0]], walk.log[-30:]
    walk.end()


@pytest.mark.parametrize("goal", [3.0, 0.5])
def test_s9_a_target_that_is_never_sent_behind_an_answer_that_is_lost_is_not_called_ignored(
    walk: KeptTargets, goal: float
) -> None:
    go_to(walk, 2.0)
    walk.peripheral.faults.lost_indications = frozenset({OpCode.SET_TARGET_SPEED})
    walk.set_speed(goal)
    walk.go(8)
    walk.peripheral.faults.lost_indications = frozenset()
    walk.go(90)
    assert not {SessionEventKind.NOT_OBEYED, SessionEventKind.MANUAL} & set(walk.told), walk.log[-30:]
    walk.set_speed(0.5)
    walk.go(60)
    assert walk.treadmill.speed == pytest.approx(0.5)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("wait", [0.0, 0.6, 1.8, 3.0, 4.2, 6.0])
@pytest.mark.parametrize("goal", [2.5, 0.5])
def test_s9_a_declined_incline_excuses_no_belt_that_ignores_its_target(
    walk: KeptTargets, goal: float, wait: float
) -> None:
    go_to(walk, 1.0)
    walk.set_incline(2.0)
    walk.go(90)
    walk.peripheral.faults.update({"declines_op": [OpCode.SET_TARGET_INCLINATION]})
    walk.set_incline(0.0)
    walk.go(wait)
    walk.peripheral.faults.ignore_speed = True
    walk.set_speed(goal)
    walk.go(60, until=lambda: SessionEventKind.NOT_OBEYED in walk.told)
    assert SessionEventKind.NOT_OBEYED in walk.told, walk.log[-30:]
    assert SessionEventKind.MANUAL not in walk.told


@pytest.mark.sampled(5)
@pytest.mark.parametrize("after", [round(0.5 * number - 3.0, 1) for number in range(14)])
@pytest.mark.parametrize("step", [0.1, 0.2])
def test_s7_a_hand_at_a_silent_console_is_noticed_although_the_deck_moves(step: float, after: float) -> None:
    walk = KeptTargets(of_step(step))
    walk.begin()
    walk.go(20)
    go_to(walk, 2.0)
    walk.go(30)
    sent = len(walk.sent)
    walk.set_incline(0.5)
    if after < 0:
        walk.go(5.6 + after)
    else:
        walk.go(30, until=lambda: any(command.kind is CommandKind.SET_INCLINE for _, command in walk.sent[sent:]))
        walk.go(after)
    walk.hand(lambda: walk.treadmill.press_speed(round(walk.treadmill.target_speed - 2 * step, 2)))
    walk.go(10, until=lambda: walk.state is SessionState.MANUAL)
    assert walk.state is SessionState.MANUAL, walk.log[-20:]
    walk.end()
