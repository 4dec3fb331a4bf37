"""A link that is lost for a while: a reduced speed stays reduced, and the distance counts (safety rule S10)."""

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
EventKind = SessionEventKind
PAUSE, STOP = CommandKind.PAUSE, CommandKind.STOP


def at(kmh: float, *, its_rules: Any = None, **request: Any) -> SessionRun:
    """Return a session at a speed in its main part."""
    run = SessionRun(its_rules or rules(), acceleration=0.5)
    run.session.prepare(
        run.now, caller=Caller.PERSON, request=SessionRequest(**{"length": 1200.0, "speed": kmh, **request})
    )
    run.start()
    run.go(29)
    run.session.set_speed(kmh, caller=Caller.PERSON)
    run.go(6 + 55 * (kmh - 1.0))
    assert run.treadmill.speed == pytest.approx(kmh)
    run.clear_log()
    return run


def lose(run: SessionRun, seconds: float, *, silent: bool = False) -> None:
    """Lose the link or only the reports for a while, until reports arrive again."""
    if silent:
        run.muted = True
        run.go(seconds)
        run.muted = False
    else:
        run.link(up=False)
        run.go(seconds)
        run.link(up=True)
    assert run.state in {State.INTERRUPTED, State.STOPPING}
    run.go(1)


def ends_at_rest(run: SessionRun, reason: str, within: float) -> None:
    highest = run.treadmill.speed
    run.clear_log()
    run.go(within)
    assert run.treadmill.at_rest
    assert run.state is State.FINISHED
    assert {
        event.data.get("reason") for _, event in run.emitted if event.kind in {EventKind.FINISHED, EventKind.STOPPED}
    } == {reason}
    speeds = [kmh for _, kmh in run.speeds]
    assert speeds == sorted(speeds, reverse=True)
    assert not speeds or speeds[0] <= highest


# A decrease continues


@pytest.mark.parametrize("seconds", [2.0, 10.0, 59.0, 200.0])
@pytest.mark.parametrize("counts", [True, False])
def test_s10_a_finish_goes_on_after_a_lost_link(seconds: float, counts: bool) -> None:
    run = at(2.5)
    if not counts:
        run.reports |= {"elapsed_time": None, "distance": None}
        run.go(1)
    run.session.finish(run.now)
    run.go(1)
    lose(run, seconds)
    assert run.state is State.COOL_DOWN
    assert EventKind.LINK_BACK in run.event_kinds
    assert run.data(EventKind.COOLING_DOWN)["reason"] == "finished"
    ends_at_rest(run, "finished", 45)


def test_s10_a_finish_goes_on_after_a_silence() -> None:
    run = at(2.5)
    run.session.finish(run.now)
    run.go(1)
    lose(run, 8, silent=True)
    assert run.state is State.COOL_DOWN
    ends_at_rest(run, "finished", 45)


@pytest.mark.parametrize("seconds", [3.0, 30.0])
def test_s10_s17_a_guards_ease_out_goes_on(seconds: float) -> None:
    run = at(2.5, its_rules=rules(guard_stops=True))
    run.session.on_guard("door", on=True, now=run.now)
    run.collect()
    run.go(1)
    lose(run, seconds)
    assert run.state is State.COOL_DOWN
    ends_at_rest(run, "guard", 20)


def test_s10_a_planned_cool_down_goes_on_even_after_a_minute() -> None:
    run = at(1.5, length=240.0)
    while run.state is not State.COOL_DOWN:
        run.go(1)
    lose(run, 70)
    assert run.state is State.COOL_DOWN
    ends_at_rest(run, "completed", 45)


@pytest.mark.parametrize(("console_change", "kmh"), [("reported", 3.5), ("unreported", 3.5), ("unreported", 1.2)])
def test_s7_s10_a_cool_down_does_not_go_on_where_the_console_has_taken_over_meanwhile(
    console_change: str, kmh: float
) -> None:
    run = at(2.0)
    run.session.finish(run.now)
    run.go(1)
    run.link(up=False)
    run.treadmill.press_speed(kmh)
    run.go(20)
    run.link(up=True)
    if console_change == "reported":
        run.event(MachineEventKind.SPEED_CHANGED, kmh)
    run.go(1)
    assert run.state is State.MANUAL
    run.clear_log()
    run.go(50)
    assert run.sent == []


def test_s10_a_walk_that_was_slowed_goes_on_slowing_and_nothing_rises() -> None:
    run = at(3.0)
    run.session.slow_down(1.5)
    run.go(0.5)
    lose(run, 10)
    assert run.state is State.ACTIVE
    assert run.session.awaiting_resume
    assert run.session.target_speed == pytest.approx(1.5)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(1.5)
    assert run.state is State.ACTIVE


def test_s10_a_falling_ramp_goes_on_too() -> None:
    run = at(3.0)
    run.session.ramp_to(1.0, None, over=60.0, caller=Caller.PERSON)
    run.go(20)
    lose(run, 10)
    run.go(60)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert run.state is State.ACTIVE


def test_s10_where_the_counters_tell_nothing_it_comes_down_and_then_runs_without_a_coach() -> None:
    run = at(3.0)
    run.reports |= {"elapsed_time": None, "distance": None}
    run.go(1)
    run.session.slow_down(1.5)
    run.go(0.5)
    lose(run, 10)
    assert run.state is State.ACTIVE
    run.go(20)
    assert run.treadmill.speed == pytest.approx(1.5)
    assert run.state is State.MANUAL
    assert run.data(EventKind.MANUAL) == {"reason": "no_coach"}
    run.go(60)
    assert run.data(EventKind.MANUAL) == {"reason": "no_coach", "minutes": 1}


@pytest.mark.parametrize("counts", [True, False])
def test_s10_a_slower_speed_that_got_lost_is_told_again(counts: bool) -> None:
    run = at(3.0)
    if not counts:
        run.reports |= {"elapsed_time": None, "distance": None}
        run.go(1)
    run.obeys = False
    run.session.slow_down(0.5)
    run.go(0.5)
    run.obeys = True
    lose(run, 10)
    run.go(20)
    assert run.treadmill.speed == pytest.approx(2.5)
    assert run.state is (State.ACTIVE if counts else State.MANUAL)


def test_s10_a_deck_that_is_lowered_goes_on_down() -> None:
    run = at(1.5, incline=2.0)
    run.go(60)
    assert run.treadmill.incline == 2.0
    run.session.set_incline(0.0, caller=Caller.UNKNOWN)
    run.go(2)
    lose(run, 5)
    run.go(60)
    assert run.treadmill.incline == 0.0


@pytest.mark.parametrize("obeyed", [True, False])
def test_s10_a_pause_goes_on_after_a_lost_link(obeyed: bool) -> None:
    run = at(3.0)
    run.obeys = obeyed
    run.pause()
    run.obeys = True
    run.clear_log()
    lose(run, 3 if not obeyed else 20)
    run.go(14)
    assert run.state is State.PAUSED
    assert run.treadmill.at_rest
    assert run.command_kinds == ([] if obeyed else [PAUSE])
    run.resume()
    assert run.state is State.READY


@pytest.mark.parametrize(("seconds", "faster"), [(61.0, False), (10.0, True)])
def test_s10_a_pause_long_ago_or_ended_at_the_console_does_not_go_on_after_a_lost_link(
    seconds: float, faster: bool
) -> None:
    run = at(2.0)
    run.obeys = False
    run.pause()
    run.obeys = True
    run.link(up=False)
    if faster:
        run.treadmill.press_speed(2.6)
    run.go(seconds)
    run.link(up=True)
    run.go(1)
    assert run.state is State.MANUAL


def test_s10_a_pause_at_the_console_is_kept_too() -> None:
    run = at(3.0)
    run.treadmill.press_pause()
    run.go(1)
    lose(run, 20)
    run.go(3)
    assert run.state is State.PAUSED


# A start whose link is lost


@pytest.mark.parametrize("moment", [-1.0, 0.5, 2.0])
def test_s10_s12_a_start_whose_link_is_lost_comes_down_to_the_minimum(moment: float) -> None:
    run = at(3.0)
    run.treadmill.starts_at_last_speed = True
    run.treadmill.profile = replace(run.treadmill.profile, acceleration=1.0)
    run.pause()
    run.go(12)
    run.resume()
    run.resume()
    while run.state is not State.STARTING:
        run.go(0.5)
    if moment > 0:
        run.obeys = False
        while not run.treadmill.speed:
            run.go(0.5)
        run.go(moment)
        run.obeys = True
    run.clear_log()
    lose(run, 8)
    assert run.state in {State.WARM_UP, State.ACTIVE}
    run.go(6)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert run.session.awaiting_resume
    assert run.event_kinds.count(EventKind.RESUMED) == (1 if moment < 0 else 0)
    run.go(40)
    assert run.treadmill.speed == pytest.approx(1.0)
    assert EventKind.MANUAL not in run.event_kinds


def test_s10_after_a_minute_it_is_watched_only() -> None:
    run = SessionRun()
    run.count_down()
    run.go(15)
    while not run.treadmill.speed:
        run.go(0.5)
    run.go(1)
    run.link(up=False)
    run.go(61)
    run.link(up=True)
    run.go(1)
    assert run.state is State.MANUAL


# Distance without reports


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("end", ["stop", "console", "rest", "finish"])
def test_s10_seconds_without_a_link_count_whatever_ends_the_walk(end: str, silent: bool) -> None:
    run = at(2.0)
    before = run.session.moving_time
    run.muted = silent
    if not silent:
        run.link(up=False)
    run.go(30)
    if end == "stop":
        run.stop()
        run.treadmill.press_stop()  # without a link
    elif end == "rest":
        run.treadmill.press_stop()
        run.go(10)
    run.muted = False
    run.link(up=True)
    if end == "console":
        run.treadmill.press_stop()
    elif end == "finish":
        run.go(0.5)
        run.session.finish(run.now)
        run.go(30)
    run.go(12)
    assert run.state is State.FINISHED
    cool_down = run.treadmill.elapsed - before
    assert run.session.moving_time == pytest.approx(before + cool_down, abs=4)
    assert run.session.moving_time - before >= 29
    assert run.session.odometer.estimated


def test_s10_a_silence_is_counted_once() -> None:
    run = at(2.0)
    for _ in range(3):
        lose(run, 20)
        run.go(10)
    assert run.session.moving_time == pytest.approx(run.treadmill.elapsed, abs=3)


def test_s10_a_belt_that_stood_still_meanwhile_walked_nothing() -> None:
    run = at(2.0)
    run.link(up=False)
    run.treadmill.press_stop()
    run.go(100)
    run.link(up=True)
    run.go(5)
    assert run.session.moving_time == pytest.approx(run.treadmill.elapsed, abs=6)


def report(seconds: float, *, speed: float | None = 3.6, **counters: int) -> Telemetry:
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
    assert moved(report(0.0, **before), report(30.0, **after)) == seconds


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("length", [60.0, 90.0, 150.0])
@pytest.mark.parametrize("left", [45.0, 20.0, 2.0])
def test_s10_s13_an_end_that_passes_while_the_link_is_lost_is_made_up_for(
    length: float, left: float, *, silent: bool
) -> None:
    # It counted as an unplanned session, and continued for the longest allowed time, half an hour.
    run = SessionRun(acceleration=0.5)
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=length, speed=1.0))
    run.go(2)
    run.start()
    while run.session.moving_time < length - left:
        run.go(0.5)
    lose(run, 50.0, silent=silent)
    assert run.state is State.COOL_DOWN
    assert EventKind.COOLING_DOWN in run.event_kinds
    ends_at_rest(run, "completed", within=50.0)


def test_s10_s9_a_belt_that_is_known_to_overshoot_is_told_no_more_after_a_lost_link() -> None:
    # A step down from the actual speed was a step up for it: at 2.5 it received 1.5, after 1.0 had been sent.
    run = SessionRun()
    run.treadmill.overshoot = 1.0
    run.count_down()
    run.go(40)
    assert EventKind.NOT_OBEYED in run.event_kinds
    assert run.treadmill.speed == pytest.approx(2.0)
    run.clear_log()
    lose(run, 20.0)
    run.go(60)
    assert all(kmh <= 1.0 for _, kmh in run.speeds)
    assert run.treadmill.speed <= 2.0 + 1e-6


def test_s10_s9_a_belt_that_takes_miles_and_reports_kilometers_is_told_no_more_after_a_lost_link() -> None:
    run = SessionRun(rules(speed=ValueRange(1.6, 12.0, 0.1)))
    run.treadmill.kmh_per_unit, run.treadmill.reported_in = KM_PER_MILE, 1.0
    run.count_down()
    run.go(60)
    assert run.data(EventKind.NOT_OBEYED)["finding"] == "miles"
    before = run.treadmill.speed
    run.clear_log()
    lose(run, 20.0)
    run.go(60)
    assert all(kmh <= 1.6 for _, kmh in run.speeds)
    assert run.treadmill.speed <= before + 1e-6


def test_s10_s12_a_belt_that_still_moves_after_a_short_gap_in_its_pause_is_paused_at_once_and_stays_ours() -> None:
    run = at(2.0)
    run.obeys = False
    run.pause()
    run.link(up=False)
    run.link(up=True)
    run.clear_log()
    run.go(0.5)
    assert run.command_kinds == [CommandKind.PAUSE]
    assert run.data(SessionEventKind.PAUSED) == {"by": "home_assistant"}
    assert run.session.controls_belt


def test_s10_a_belt_of_ours_that_is_left_to_the_console_after_a_gap_runs_uncoached() -> None:
    run = at(2.0)
    run.link(up=False)
    run.treadmill.press_speed(4.0)
    run.go(40)
    run.link(up=True)
    run.go(3)
    assert run.state is SessionState.MANUAL
    run.clear_log()
    run.go(61)
    assert run.data(SessionEventKind.MANUAL)["reason"] == "no_coach"
