"""Decks that stay, take coarser steps, drift, jump or say nothing: the belt goes on, gently (S5, S6, S7, S9, S18)."""

from itertools import pairwise
from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms.const import ResultCode
from custom_components.retrowalk.machine.model import Command, CommandKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind as EventKind
from custom_components.retrowalk.training.limits import Direction, Limits, Measured, OwnerLimits
from custom_components.retrowalk.training.rules import Caller, Refusal
from custom_components.retrowalk.training.states import STEERING, SessionState
from custom_components.retrowalk.training.steering.deck_trial import DeckTrial
from tests.support.program_run import program, started
from tests.support.session_run import SessionRun, rules
from tests.support.session_states import refusal

FINE = ValueRange(0.0, 15.0, 0.1)
PERSON = Caller.PERSON


class Answering(SessionRun):
    """A deck that may decline its targets."""

    def _do(self, command: Command) -> bool:
        if command.kind is not CommandKind.SET_INCLINE:
            return super()._do(command)
        assert self.treadmill.speed > 0, "S18: the deck of a resting belt was moved"
        return self.treadmill.set_incline(command.value or 0.0) is ResultCode.SUCCESS


def walking(deck: ValueRange = FINE, owner: OwnerLimits | None = None, **habits: Any) -> SessionRun:
    """Return a session in its main part, on a deck with these habits."""
    run = Answering(rules(incline=deck, owner=owner or OwnerLimits()))
    run.reports_refusals = True
    for name, value in habits.items():
        setattr(run.treadmill, name, value)
    run.begin()
    run.skip_warm_up()
    run.clear_log()
    return run


def ask_incline(run: SessionRun, percent: float, seconds: float = 90) -> None:
    run.session.set_incline(percent, caller=PERSON)
    run.collect()
    run.go(seconds)


def ask_speed(run: SessionRun, kmh: float, seconds: float = 60) -> None:
    run.session.set_speed(kmh, caller=PERSON)
    run.collect()
    run.go(seconds)


def found(run: SessionRun) -> float | None:
    return run.session.deck_step


@pytest.mark.parametrize("habits", [{}, {"coarse_inclines_up": True}, {"declines_fine_inclines": True}])
def test_s9_a_deck_that_takes_whole_percents_only_is_found_out_and_walked_on(habits: dict[str, bool]) -> None:
    run = walking(coarse_inclines=1.0, **habits)
    ask_incline(run, 2.0)
    assert run.treadmill.incline == 2.0
    assert found(run) == 1.0
    assert EventKind.NOT_OBEYED not in run.event_kinds
    assert run.event_kinds.count(EventKind.SPEED_UP_SOON) == 1
    whole = [when for when, percent in run.inclines if percent % 1 == 0]
    assert all(later - before >= 20 for before, later in pairwise(whole))
    ask_speed(run, 1.3)
    assert run.treadmill.speed == pytest.approx(1.3)
    ask_incline(run, 0.0)
    assert run.treadmill.incline == 0.0


def test_s4_a_coarser_step_is_never_more_than_the_session_allows() -> None:
    run = walking(owner=OwnerLimits(backward_incline=2.5), coarse_inclines=1.0)
    ask_incline(run, 9.0, 150)
    assert max(percent for _, percent in run.inclines) <= 2.5
    assert run.treadmill.incline == 2.0
    run = walking(owner=OwnerLimits(backward_incline=0.5), coarse_inclines=1.0)
    ask_incline(run, 0.5, 150)
    assert {percent for _, percent in run.inclines} == {0.5}
    assert run.treadmill.incline == 0.0
    assert run.data(EventKind.RISE_REFUSED) == {"what": "incline", "target": 0.5, "present": 0.0}
    assert found(run) is None


def test_s4_s9_a_deck_that_rounds_above_the_limit_comes_down_and_nothing_rises_any_more() -> None:
    run = walking(owner=OwnerLimits(backward_incline=2.5), coarse_inclines=1.0, coarse_inclines_up=True)
    ask_incline(run, 2.5, 40)  # 0.5 becomes 1
    assert found(run) == 1.0
    run.go(60)
    assert run.treadmill.incline == 2.0
    run = walking(owner=OwnerLimits(backward_incline=0.5), coarse_inclines=1.0, coarse_inclines_up=True)
    ask_incline(run, 0.5, 40)
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "overshoot", "what": "incline"}
    assert run.treadmill.incline == 0.0


def test_s9_an_ignored_incline_gives_up_alone_and_is_told_once() -> None:
    run = walking(ignore_incline=True)
    ask_incline(run, 2.0)
    assert run.event_kinds.count(EventKind.NOT_OBEYED) == 1
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "ignored", "what": "incline"}
    assert run.treadmill.incline == 0.0
    assert [percent for _, percent in run.inclines] == [0.5, 0.5, 1.0, 0.0], "where it may be all the same, taken back"
    assert found(run) is None
    ask_speed(run, 1.5)
    assert run.treadmill.speed == pytest.approx(1.5)
    assert run.state in STEERING
    assert refusal(run.session.set_incline, 1.0, caller=PERSON) is Refusal.DECK_DOES_NOT_FOLLOW
    assert refusal(run.session.ramp_to, None, 1.0, over=60.0, caller=PERSON) is Refusal.DECK_DOES_NOT_FOLLOW
    run.pause()
    run.go(10)
    run.resume()
    run.resume()
    run.clear_log()
    run.go(45)
    assert refusal(run.session.set_incline, 1.0, caller=PERSON) is Refusal.DECK_DOES_NOT_FOLLOW
    ask_speed(run, 1.2)
    assert run.treadmill.speed == pytest.approx(1.2)
    assert EventKind.NOT_OBEYED not in run.event_kinds
    while run.state in STEERING:
        run.go(1)
    run.go(5)
    assert run.data(EventKind.FINISHED) == {"reason": "completed"}


def test_s9_a_program_goes_on_with_its_speeds_when_the_deck_stays() -> None:
    hilly = program({"minutes": 2, "speed": 1.0, "incline": 2}, {"minutes": 4, "speed": 1.4, "incline": 1})
    run = SessionRun(rules(incline=FINE))
    run.treadmill.ignore_incline = True
    run = started(hilly, run)
    run.go(260)
    assert run.event_kinds.count(EventKind.NOT_OBEYED) == 1
    assert run.treadmill.speed == pytest.approx(1.4)


def test_s9_an_ignored_speed_ends_the_rises_of_the_deck_too() -> None:
    run = walking()
    run.obeys = False
    ask_speed(run, 2.0, 40)
    run.obeys = True
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "ignored", "what": "speed"}
    assert refusal(run.session.set_incline, 1.0, caller=PERSON) is Refusal.NOT_OBEYED


def test_s18_a_deck_below_level_that_does_not_rise_keeps_the_belt_slow() -> None:
    run = SessionRun(rules(incline=ValueRange(-6.0, 15.0, 0.5)))
    run.treadmill.incline = run.treadmill.target_incline = -2.0
    run.go(1)
    run.treadmill.ignore_incline = True
    run.begin()
    run.go(120)
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "ignored", "what": "incline"}
    assert refusal(run.session.set_speed, 1.5, caller=PERSON) is Refusal.NOT_OBEYED
    assert run.treadmill.speed == pytest.approx(1.0)


def test_s18_a_deck_that_cannot_be_leveled_from_above_does_not_keep_the_belt_slow() -> None:
    run = SessionRun(rules(incline=FINE))
    run.treadmill.incline = run.treadmill.target_incline = 2.0
    run.go(1)
    run.treadmill.ignore_incline = True
    run.begin()
    run.go(120)
    assert run.event_kinds.count(EventKind.NOT_OBEYED) == 1
    ask_speed(run, 1.3)
    assert run.treadmill.speed == pytest.approx(1.3)


def test_s5_a_deck_that_rises_by_itself_is_brought_down_gently() -> None:
    run = walking(deck_drifts=1.0)
    run.go(180)
    assert run.inclines
    assert run.treadmill.incline < 1.2
    assert run.state in STEERING
    assert all(later - before >= 10 for (before, _), (later, _) in pairwise(run.inclines))


def test_s5_a_deck_that_has_sunk_is_not_raised_by_a_step_down() -> None:
    run = walking()
    ask_incline(run, 2.0)
    assert run.treadmill.incline == 2.0
    run.clear_log()
    run.treadmill.deck_drifts = -2.0
    run.go(24)
    run.treadmill.deck_drifts = 0.0
    run.go(10)
    low = run.treadmill.incline
    assert 0.9 < low < 1.5
    run.session.set_incline(1.6, caller=PERSON)
    run.go(30)
    assert run.treadmill.incline == low
    assert run.inclines == []


@pytest.mark.parametrize("percent", [1.0, 5.0])
def test_s7_a_deck_that_is_moved_at_a_silent_console_is_the_persons(percent: float) -> None:
    run = walking()
    run.go(20)
    run.clear_log()
    run.reports_events = False
    run.treadmill.press_incline(percent)
    run.go(20)
    assert run.state is SessionState.MANUAL
    assert run.inclines == []


def test_s7_our_own_steps_and_a_noisy_deck_are_nobodys_hand() -> None:
    run = walking()
    for percent in (3.0, 0.0):
        ask_incline(run, percent, 120)
    assert run.state in STEERING
    assert run.treadmill.incline == 0.0
    forward = SessionRun(rules(incline=ValueRange(0.0, 15.0, 5.0)))
    forward.session.choose_direction(Direction.FORWARD)
    forward.begin()
    forward.skip_warm_up()
    for percent in (10.0, 0.0):
        ask_incline(forward, percent, 70)
    assert forward.state in STEERING
    assert EventKind.NOT_OBEYED not in forward.event_kinds
    assert forward.treadmill.incline == 0.0


def test_s9_a_deck_that_goes_up_when_it_is_sent_down_is_found_at_once() -> None:
    run = walking()
    ask_incline(run, 2.0)
    run.clear_log()
    run.session.set_incline(1.0, caller=PERSON)
    run.collect()
    while not run.inclines:
        run.go(0.5)
    run.treadmill.target_incline = 5.0
    run.go(8)
    assert run.data(EventKind.NOT_OBEYED) == {"finding": "overshoot", "what": "incline"}


def test_s18_a_deck_that_is_never_reported_is_left_alone() -> None:
    run = walking(no_incline_reported=True)
    assert refusal(run.session.set_incline, 1.0, caller=PERSON) is Refusal.DECK_UNKNOWN
    assert refusal(run.session.ramp_to, None, 1.0, over=60.0, caller=PERSON) is Refusal.DECK_UNKNOWN
    ask_speed(run, 1.3)
    assert run.treadmill.speed == pytest.approx(1.3)
    run = SessionRun(rules(incline=FINE))
    run.treadmill.no_incline_reported = True
    run.treadmill.incline = run.treadmill.target_incline = 8.0
    run = started(program({"minutes": 2, "speed": 1.0, "incline": 2}, {"minutes": 3, "speed": 1.2}), run)
    run.go(200)
    assert run.inclines == []
    assert run.treadmill.incline == 8.0


def test_s18_a_deck_that_reports_its_target_is_waited_for() -> None:
    run = SessionRun(rules(incline=FINE), incline_rate=0.25)
    run.treadmill.reports_target_incline = True
    run.treadmill.incline = run.treadmill.target_incline = 10.0
    run.go(40)
    run.treadmill.target_incline = 0.0
    run.go(3)
    run.start()
    assert refusal(run.start) is Refusal.DECK_MOVES
    run.go(38)
    assert run.treadmill.incline == 0.0
    run.start()
    assert run.state is SessionState.COUNTDOWN


def test_s18_a_deck_that_moves_as_decks_do_is_not_waited_for_any_longer() -> None:
    run = SessionRun(rules(incline=FINE), incline_rate=1.0)
    run.treadmill.target_incline = 10.0
    run.go(12)
    run.treadmill.target_incline = 0.0
    run.go(11)
    run.count_down()


def test_s18_doubted_inclines_start_nothing_backward_and_say_why() -> None:
    run = SessionRun(rules(incline=FINE))
    run.reports["incline_doubted"] = True
    run.go(2)
    run.start()
    assert refusal(run.start) is Refusal.DECK_DOUBTED
    forward = SessionRun(rules(incline=FINE))
    forward.session.choose_direction(Direction.FORWARD)
    forward.reports["incline_doubted"] = True
    forward.begin()
    forward.go(30)
    assert forward.inclines == []
    assert refusal(forward.session.set_incline, 1.0, caller=PERSON) is Refusal.DECK_UNKNOWN


def test_a_doubt_in_use_leaves_the_deck_alone_and_stops_nobody() -> None:
    run = walking()
    ask_incline(run, 2.0, 60)
    run.clear_log()
    run.reports |= {"incline_doubted": True, "incline": 15.0}
    ask_speed(run, 1.3)
    assert run.state in STEERING
    assert run.treadmill.speed == pytest.approx(1.3)
    assert run.treadmill.incline == 2.0
    run.session.finish(run.now)
    run.go(60)
    assert run.treadmill.at_rest


def test_what_was_found_holds_for_the_next_session() -> None:
    limits: Limits = rules(incline=FINE, measured=Measured(incline_step=1.0)).limits(Direction.BACKWARD)
    assert limits.incline == ValueRange(0.0, 3.0, 1.0)
    assert limits.allowed_incline(2.9) == 2.0
    assert limits.incline_pace is not None
    assert limits.incline_pace.seconds == 20.0
    below = rules(incline=ValueRange(-2.5, 12.5, 0.1), measured=Measured(incline_step=1.0))
    assert below.limits(Direction.FORWARD).incline == ValueRange(-2.0, 12.0, 1.0)
    none = rules(incline=ValueRange(0.2, 0.8, 0.1), measured=Measured(incline_step=1.0))
    assert none.limits(Direction.FORWARD).incline is None


def test_a_deck_of_known_values_is_not_asked_for_others() -> None:
    trial, levels = DeckTrial(), ValueRange.of((0.0, 1.0, 2.5))
    assert not trial.try_coarser(levels, 1.0)
    assert not trial.rounds_up(levels, 1.0, 2.0, 0.0)
    limits = rules(incline=levels, measured=Measured(incline_step=2.0)).limits(Direction.BACKWARD)
    assert limits.incline == levels
