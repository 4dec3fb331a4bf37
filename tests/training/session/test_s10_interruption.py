"""A link that is lost for a while: what somebody slowed stays slowed, and what was walked counts (safety rule S10)."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    BeltState,
    CommandKind,
    MachineEventKind,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.training.belt.odometer import moved
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Caller
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.session_run import SessionRun, rules

State = SessionState
Told = SessionEventKind
PAUSE, STOP = CommandKind.PAUSE, CommandKind.STOP


def at(kmh: float, *, its_rules: Any = None, **wish: Any) -> SessionRun:
    """A walk at a speed, in its main part."""
    walk = SessionRun(its_rules or rules(), acceleration=0.5)
    walk.session.prepare(
        walk.now, caller=Caller.PERSON, request=SessionRequest(**{"length": 1200.0, "speed": kmh, **wish})
    )
    walk.start()
    walk.go(29)
    walk.session.set_speed(kmh, caller=Caller.PERSON)
    walk.go(6 + 55 * (kmh - 1.0))
    assert walk.treadmill.speed == pytest.approx(kmh)
    walk.clear_log()
    return walk


def lose(walk: SessionRun, seconds: float, *, silent: bool = False) -> None:
    """The link is lost for a while, or only nothing is heard; until the belt is heard again."""
    if silent:
        walk.muted = True
        walk.go(seconds)
        walk.muted = False
    else:
        walk.link(up=False)
        walk.go(seconds)
        walk.link(up=True)
    assert walk.state in {State.INTERRUPTED, State.STOPPING}
    walk.go(1)


def ends_at_rest(walk: SessionRun, reason: str, within: float) -> None:
    highest = walk.treadmill.speed
    walk.clear_log()
    walk.go(within)
    assert walk.treadmill.at_rest
    assert walk.state is State.FINISHED
    assert {event.data.get("reason") for _, event in walk.emitted if event.kind in {Told.FINISHED, Told.STOPPED}} == {
        reason
    }
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert not speeds or speeds[0] <= highest


# What was going down goes on


@pytest.mark.parametrize("seconds", [2.0, 10.0, 59.0, 200.0])
@pytest.mark.parametrize("counts", [True, False])
def test_s10_a_finish_goes_on_after_a_lost_link(seconds: float, counts: bool) -> None:
    walk = at(2.5)
    if not counts:
        walk.reports |= {"elapsed_time": None, "distance": None}
        walk.go(1)
    walk.session.finish(walk.now)
    walk.go(1)
    lose(walk, seconds)
    assert walk.state is State.COOL_DOWN
    assert Told.LINK_BACK in walk.event_kinds
    assert walk.data(Told.COOLING_DOWN)["reason"] == "finished"
    ends_at_rest(walk, "finished", 45)


def test_s10_a_finish_goes_on_after_a_silence() -> None:
    walk = at(2.5)
    walk.session.finish(walk.now)
    walk.go(1)
    lose(walk, 8, silent=True)
    assert walk.state is State.COOL_DOWN
    ends_at_rest(walk, "finished", 45)


@pytest.mark.parametrize("seconds", [3.0, 30.0])
def test_s10_s17_a_guards_ease_out_goes_on(seconds: float) -> None:
    walk = at(2.5, its_rules=rules(guard_stops=True))
    walk.session.on_guard("door", on=True, now=walk.now)
    walk.collect()
    walk.go(1)
    lose(walk, seconds)
    assert walk.state is State.COOL_DOWN
    ends_at_rest(walk, "guard", 20)


def test_s10_a_planned_cool_down_goes_on_even_after_a_minute() -> None:
    walk = at(1.5, length=240.0)
    while walk.state is not State.COOL_DOWN:
        walk.go(1)
    lose(walk, 70)
    assert walk.state is State.COOL_DOWN
    ends_at_rest(walk, "completed", 45)


@pytest.mark.parametrize(("hand", "kmh"), [("told", 3.5), ("unseen", 3.5), ("unseen", 1.2)])
def test_s7_s10_a_cool_down_does_not_go_on_where_the_console_has_taken_over_meanwhile(hand: str, kmh: float) -> None:
    walk = at(2.0)
    walk.session.finish(walk.now)
    walk.go(1)
    walk.link(up=False)
    walk.treadmill.press_speed(kmh)
    walk.go(20)
    walk.link(up=True)
    if hand == "told":
        walk.event(MachineEventKind.SPEED_CHANGED, kmh)
    walk.go(1)
    assert walk.state is State.MANUAL
    walk.clear_log()
    walk.go(50)
    assert walk.sent == []


def test_s10_a_walk_that_was_slowed_goes_on_slowing_and_nothing_rises() -> None:
    walk = at(3.0)
    walk.session.slow_down(1.5)
    walk.go(0.5)
    lose(walk, 10)
    assert walk.state is State.ACTIVE
    assert walk.session.awaiting_resume
    assert walk.session.target_speed == pytest.approx(1.5)
    walk.go(60)
    assert walk.treadmill.speed == pytest.approx(1.5)
    assert walk.state is State.ACTIVE


def test_s10_a_falling_ramp_goes_on_too() -> None:
    walk = at(3.0)
    walk.session.ramp_to(1.0, None, over=60.0, caller=Caller.PERSON)
    walk.go(20)
    lose(walk, 10)
    walk.go(60)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.state is State.ACTIVE


def test_s10_where_the_counters_tell_nothing_it_comes_down_and_then_runs_without_a_coach() -> None:
    walk = at(3.0)
    walk.reports |= {"elapsed_time": None, "distance": None}
    walk.go(1)
    walk.session.slow_down(1.5)
    walk.go(0.5)
    lose(walk, 10)
    assert walk.state is State.ACTIVE
    walk.go(20)
    assert walk.treadmill.speed == pytest.approx(1.5)
    assert walk.state is State.MANUAL
    assert walk.data(Told.MANUAL) == {"reason": "no_coach"}
    walk.go(60)
    assert walk.data(Told.MANUAL) == {"reason": "no_coach", "minutes": 1}


@pytest.mark.parametrize("counts", [True, False])
def test_s10_a_slower_speed_that_got_lost_is_told_again(counts: bool) -> None:
    walk = at(3.0)
    if not counts:
        walk.reports |= {"elapsed_time": None, "distance": None}
        walk.go(1)
    walk.obeys = False
    walk.session.slow_down(0.5)
    walk.go(0.5)
    walk.obeys = True
    lose(walk, 10)
    walk.go(20)
    assert walk.treadmill.speed == pytest.approx(2.5)
    assert walk.state is (State.ACTIVE if counts else State.MANUAL)


def test_s10_a_deck_that_is_lowered_goes_on_down() -> None:
    walk = at(1.5, incline=2.0)
    walk.go(60)
    assert walk.treadmill.incline == 2.0
    walk.session.set_incline(0.0, caller=Caller.UNKNOWN)
    walk.go(2)
    lose(walk, 5)
    walk.go(60)
    assert walk.treadmill.incline == 0.0


@pytest.mark.parametrize("obeyed", [True, False])
def test_s10_a_pause_goes_on_after_a_lost_link(obeyed: bool) -> None:
    walk = at(3.0)
    walk.obeys = obeyed
    walk.pause()
    walk.obeys = True
    walk.clear_log()
    lose(walk, 3 if not obeyed else 20)
    walk.go(14)
    assert walk.state is State.PAUSED
    assert walk.treadmill.at_rest
    assert walk.command_kinds == ([] if obeyed else [PAUSE])
    walk.resume()
    assert walk.state is State.READY


@pytest.mark.parametrize(("seconds", "faster"), [(61.0, False), (10.0, True)])
def test_s10_a_pause_long_ago_or_ended_at_the_console_does_not_go_on_after_a_lost_link(
    seconds: float, faster: bool
) -> None:
    walk = at(2.0)
    walk.obeys = False
    walk.pause()
    walk.obeys = True
    walk.link(up=False)
    if faster:
        walk.treadmill.press_speed(2.6)
    walk.go(seconds)
    walk.link(up=True)
    walk.go(1)
    assert walk.state is State.MANUAL


def test_s10_a_pause_at_the_console_is_kept_too() -> None:
    walk = at(3.0)
    walk.treadmill.press_pause()
    walk.go(1)
    lose(walk, 20)
    walk.go(3)
    assert walk.state is State.PAUSED


# A start whose link is lost


@pytest.mark.parametrize("moment", [-1.0, 0.5, 2.0])
def test_s10_s12_a_start_whose_link_is_lost_comes_down_to_the_minimum(moment: float) -> None:
    walk = at(3.0)
    walk.treadmill.starts_at_last_speed = True
    walk.treadmill.profile = replace(walk.treadmill.profile, acceleration=1.0)
    walk.pause()
    walk.go(12)
    walk.resume()
    walk.resume()
    while walk.state is not State.STARTING:
        walk.go(0.5)
    if moment > 0:
        walk.obeys = False
        while not walk.treadmill.speed:
            walk.go(0.5)
        walk.go(moment)
        walk.obeys = True
    walk.clear_log()
    lose(walk, 8)
    assert walk.state in {State.WARM_UP, State.ACTIVE}
    walk.go(6)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert walk.session.awaiting_resume
    assert walk.event_kinds.count(Told.RESUMED) == (1 if moment < 0 else 0)
    walk.go(40)
    assert walk.treadmill.speed == pytest.approx(1.0)
    assert Told.MANUAL not in walk.event_kinds


def test_s10_after_a_minute_it_is_watched_only() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(15)
    while not walk.treadmill.speed:
        walk.go(0.5)
    walk.go(1)
    walk.link(up=False)
    walk.go(61)
    walk.link(up=True)
    walk.go(1)
    assert walk.state is State.MANUAL


# What was walked unheard


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("end", ["stop", "console", "rest", "finish"])
def test_s10_seconds_without_a_link_count_whatever_ends_the_walk(end: str, silent: bool) -> None:
    walk = at(2.0)
    before = walk.session.moving_time
    walk.muted = silent
    if not silent:
        walk.link(up=False)
    walk.go(30)
    if end == "stop":
        walk.stop()
        walk.treadmill.press_stop()  # nobody hears us
    elif end == "rest":
        walk.treadmill.press_stop()
        walk.go(10)
    walk.muted = False
    walk.link(up=True)
    if end == "console":
        walk.treadmill.press_stop()
    elif end == "finish":
        walk.go(0.5)
        walk.session.finish(walk.now)
        walk.go(30)
    walk.go(12)
    assert walk.state is State.FINISHED
    cool_down = walk.treadmill.elapsed - before
    assert walk.session.moving_time == pytest.approx(before + cool_down, abs=4)
    assert walk.session.moving_time - before >= 29
    assert walk.session.odometer.estimated


def test_s10_a_silence_is_counted_once() -> None:
    walk = at(2.0)
    for _ in range(3):
        lose(walk, 20)
        walk.go(10)
    assert walk.session.moving_time == pytest.approx(walk.treadmill.elapsed, abs=3)


def test_s10_a_belt_that_stood_still_meanwhile_walked_nothing() -> None:
    walk = at(2.0)
    walk.link(up=False)
    walk.treadmill.press_stop()
    walk.go(100)
    walk.link(up=True)
    walk.go(5)
    assert walk.session.moving_time == pytest.approx(walk.treadmill.elapsed, abs=6)


def heard(seconds: float, *, speed: float | None = 3.6, **counters: int) -> Telemetry:
    return Telemetry(received=seconds, belt=BeltState.MOVING, speed=speed, **counters)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        ({"elapsed_time": 10}, {"elapsed_time": 35}, 25),
        ({"elapsed_time": 10}, {"elapsed_time": 100}, 30),
        ({"elapsed_time": 10}, {"elapsed_time": 3}, None),
        ({"distance": 10}, {"distance": 38}, 30),
        ({"distance": 10}, {"distance": 20}, 10),
        ({"distance": 10}, {"distance": 90}, None),
        ({"distance": 10}, {"distance": 5}, None),
        ({"distance": 10}, {}, None),
        ({"distance": 10, "speed": 0.0}, {"distance": 20}, None),
        ({"distance": 10, "speed": None}, {"distance": 20}, None),
        ({}, {"elapsed_time": 10}, None),
    ],
)
def test_what_the_counters_tell_of_a_silence(before: Any, after: Any, seconds: float | None) -> None:
    assert moved(heard(0.0, **before), heard(30.0, **after)) == seconds


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("length", [60.0, 90.0, 150.0])
@pytest.mark.parametrize("left", [45.0, 20.0, 2.0])
def test_s10_s13_an_end_that_passes_while_the_link_is_lost_is_made_up_for(
    length: float, left: float, *, silent: bool
) -> None:
    # It was taken for a walk that nobody had planned, and went on for as long as one may walk: half an hour.
    walk = SessionRun(acceleration=0.5)
    walk.session.prepare(walk.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=1.0))
    walk.go(2)
    walk.start()
    while walk.session.moving_time < length - left:
        walk.go(0.5)
    lose(walk, 50.0, silent=silent)
    assert walk.state is State.COOL_DOWN
    assert Told.COOLING_DOWN in walk.event_kinds
    ends_at_rest(walk, "completed", within=50.0)


def test_s10_s9_a_belt_that_is_known_to_overshoot_is_told_no_more_after_a_lost_link() -> None:
    # From what it did a step down was one up for it: 1.5 told to a belt that had been told 1.0, and it did 2.5.
    walk = SessionRun()
    walk.treadmill.overshoot = 1.0
    walk.count_down()
    walk.go(40)
    assert Told.NOT_OBEYED in walk.event_kinds
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.clear_log()
    lose(walk, 20.0)
    walk.go(60)
    assert all(kmh <= 1.0 for _, kmh in walk.speeds)
    assert walk.treadmill.speed <= 2.0 + 1e-6


def test_s10_s9_a_belt_that_takes_miles_and_reports_kilometers_is_told_no_more_after_a_lost_link() -> None:
    walk = SessionRun(rules(speed=ValueRange(1.6, 12.0, 0.1)))
    walk.treadmill.kmh_per_unit, walk.treadmill.reported_in = KM_PER_MILE, 1.0
    walk.count_down()
    walk.go(60)
    assert walk.data(Told.NOT_OBEYED)["finding"] == "miles"
    before = walk.treadmill.speed
    walk.clear_log()
    lose(walk, 20.0)
    walk.go(60)
    assert all(kmh <= 1.6 for _, kmh in walk.speeds)
    assert walk.treadmill.speed <= before + 1e-6
