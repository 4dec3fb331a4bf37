"""Guards, the child lock, nobody on the belt, and the deck of a belt at rest."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.retrowalk.machine.model import Command, CommandKind, MachineEventKind
from custom_components.retrowalk.training.belt.presence import Presence
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.states import SessionState
from tests.support.session_run import SPEEDS, SessionRun, rules

State = SessionState
Told = SessionEventKind
STOP = CommandKind.STOP


def refusal(call: object, *args: object, **kwargs: object) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.reason


def guard(walk: SessionRun, name: str = "door", *, on: bool | None = True) -> None:
    walk.session.on_guard(name, on=on, now=walk.now)
    walk.collect()


# S17: start guards


def test_s17_while_a_guard_is_on_nothing_is_confirmed() -> None:
    walk = SessionRun()
    guard(walk)
    walk.start()
    assert refusal(walk.start) is Refusal.GUARDED
    assert walk.state is State.READY
    guard(walk, on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN


def test_s17_nor_by_the_treadmills_own_start() -> None:
    walk = SessionRun()
    walk.start()
    guard(walk)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL
    assert walk.sent == []


def test_s17_nor_is_a_walk_resumed() -> None:
    walk = SessionRun()
    walk.paused()
    guard(walk)
    walk.resume()
    assert refusal(walk.resume) is Refusal.GUARDED


def test_s17_a_guard_that_turns_on_ends_a_countdown() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.go(10)
    guard(walk)
    assert walk.state is State.IDLE
    assert walk.data(Told.START_FAILED) == {"reason": "guard", "guard": "door"}
    guard(walk, on=False)
    walk.go(20)
    assert walk.sent == []


def test_s17_in_a_walk_it_is_told_once_each_time() -> None:
    walk = SessionRun()
    walk.begin()
    walk.forget()
    guard(walk)
    guard(walk)
    walk.go(20)
    assert walk.events == [Told.GUARD]
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    assert walk.sent == []
    guard(walk, on=False)
    guard(walk)
    assert walk.events == [Told.GUARD] * 2


def test_s17_each_guard_is_told_and_each_has_to_be_off() -> None:
    walk = SessionRun()
    walk.treadmill.press_start()
    guard(walk, "child")
    walk.go(15)
    walk.forget()
    guard(walk, "door")  # another one was on before the walk began
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    walk.stop()
    walk.go(20)
    walk.start()
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARDED, ("child", "door"))
    guard(walk, "child", on=False)
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert refused.value.guards == ("door",)
    guard(walk, "door", on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN


@pytest.mark.parametrize("before", [None, True, False])
def test_s17_a_guard_that_cannot_be_read_forbids_a_start(before: bool | None) -> None:
    walk = SessionRun()
    guard(walk, on=before)
    guard(walk, on=None)
    walk.start()
    with pytest.raises(RefusedError) as refused:
        walk.start()
    assert (refused.value.reason, refused.value.guards) == (Refusal.GUARD_UNREADABLE, ("door",))
    guard(walk, on=False)
    walk.start()
    assert walk.state is State.COUNTDOWN
    guard(walk, on=None)
    assert walk.data(Told.START_FAILED) == {"reason": "guard", "guard": "door"}


def test_s17_a_guard_that_cannot_be_read_ends_no_walk() -> None:
    walk = SessionRun(rules(guard_stops=True))
    guard(walk, on=False)
    walk.begin()
    walk.forget()
    guard(walk, on=None)
    guard(walk, on=False)
    assert (walk.state, walk.told) == (State.WARM_UP, [])
    guard(walk, on=None)
    guard(walk, on=True)  # it had turned on meanwhile
    assert walk.state is State.COOL_DOWN


def test_s17_a_guard_that_flickers_has_not_turned_on_again() -> None:
    walk = SessionRun(rules(guard_stops=True))
    guard(walk)
    walk.treadmill.press_start()
    walk.go(15)
    walk.forget()
    guard(walk, on=None)
    guard(walk, on=True)
    assert (walk.state, walk.told) == (State.MANUAL, [])


# S2: what nobody pressed


UNATTENDED = rules(automations_confirm=True, spoken=True)


def test_s2_an_automation_confirms_where_the_owner_lets_it_after_a_long_countdown() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.start(by_person=False)
    walk.session.start(walk.now, by_person=False, by_automation=True)
    walk.collect()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 30.0
    walk.go(29)
    assert walk.sent == []
    walk.go(10)
    assert walk.state is State.WARM_UP
    walk.pause()
    walk.go(20)
    walk.session.start(walk.now, by_person=False, by_automation=True)
    assert walk.state is State.READY
    walk.session.resume(walk.now, by_person=False, by_automation=True)
    walk.collect()
    assert walk.state is State.COUNTDOWN
    assert walk.data(Told.COUNTDOWN)["seconds"] == 30.0


def test_s2_whether_automations_may_confirm_takes_the_option_a_voice_and_a_guard() -> None:
    walk = SessionRun(UNATTENDED)
    assert not walk.session.automations_may
    guard(walk, on=False)
    assert walk.session.automations_may
    for missing in ({"automations_confirm": False}, {"spoken": False}):
        walk.session.rules = replace(UNATTENDED, **missing)
        assert not walk.session.automations_may


def test_s2_a_longer_countdown_stays_and_a_persons_is_not_prolonged() -> None:
    walk = SessionRun(replace(UNATTENDED, countdown_backward=45.0))
    guard(walk, on=False)
    walk.start(by_person=False)
    walk.session.confirm(walk.now, by_person=False, by_automation=True)
    walk.collect()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 45.0
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.count_down()
    assert walk.data(Told.COUNTDOWN)["seconds"] == 15.0


@pytest.mark.parametrize("missing", ["option", "voice", "guard", "automation"])
def test_s2_an_automation_confirms_nothing_if_anything_is_missing(missing: str) -> None:
    walk = SessionRun(replace(UNATTENDED, automations_confirm=missing != "option", spoken=missing != "voice"))
    if missing != "guard":
        guard(walk, on=False)
    session, hand = walk.session, {"by_person": False, "by_automation": missing != "automation"}
    walk.start()
    assert refusal(session.start, walk.now, **hand) is Refusal.NEEDS_PERSON
    assert refusal(session.confirm, walk.now, **hand) is Refusal.NEEDS_PERSON
    assert refusal(session.resume, walk.now, **hand) is Refusal.NEEDS_PERSON
    walk.start()
    walk.go(25)
    walk.pause()
    walk.go(20)
    assert refusal(session.resume, walk.now, **hand) is Refusal.NEEDS_PERSON


def test_s2_a_guard_that_is_on_forbids_it_too() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk)
    walk.start()
    assert refusal(walk.session.start, walk.now, by_person=False, by_automation=True) is Refusal.GUARDED


def test_s16_an_automation_takes_no_moving_belt_over() -> None:
    walk = SessionRun(UNATTENDED)
    guard(walk, on=False)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL
    assert refusal(walk.session.resume, walk.now, by_person=False, by_automation=True) is Refusal.NEEDS_PERSON


def test_s17_at_rest_nothing_is_told() -> None:
    walk = SessionRun()
    guard(walk)
    assert walk.told == []


def test_s17_if_so_set_it_slows_and_stops_the_belt() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.set_speed(3.0, by_person=True)
    walk.go(150)
    walk.forget()
    guard(walk)
    begun = walk.now
    assert walk.state is State.COOL_DOWN
    assert walk.data(Told.COOLING_DOWN)["reason"] == "guard"
    walk.go(25)
    speeds = [kmh for _, kmh in walk.speeds]
    assert speeds == [2.5, 2.0, 1.5, 1.0]
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert stop - begun == pytest.approx(10, abs=1)
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


def test_s17_so_it_does_with_a_belt_that_the_console_has() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.treadmill.press_start()
    walk.go(15)
    walk.treadmill.press_speed(2.0)
    walk.go(10)
    walk.forget()
    guard(walk)
    walk.go(25)
    assert CommandKind.SET_SPEED in walk.kinds
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


@pytest.mark.parametrize("without", [{"control": False}, {"blocked_by": Refusal.NOT_CHECKED}])
def test_s1_a_guard_is_only_told_of_where_the_belt_is_not_ours_to_move(without: dict[str, Any]) -> None:
    walk = SessionRun(rules(guard_stops=True, **without))
    walk.treadmill.press_start()
    walk.go(25)
    walk.forget()
    guard(walk)
    walk.go(25)
    assert walk.events == [Told.GUARD]
    assert walk.data(Told.GUARD) == {"guard": "door", "stops": False}
    assert (walk.state, walk.sent) == (State.MANUAL, [])


def test_s17_what_we_steer_is_stopped_also_when_control_was_taken_away_meanwhile() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.rules = rules(guard_stops=True, control=False)
    guard(walk)
    walk.go(25)
    assert walk.treadmill.at_rest
    assert walk.data(Told.STOPPED) == {"reason": "guard"}


def test_s17_so_it_does_with_one_that_is_starting_or_out_of_sight() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.count_down()
    walk.go(16)
    guard(walk)
    assert walk.kinds == [CommandKind.START, STOP]
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.link(up=False)
    guard(walk)
    assert walk.sent[-1][1] == Command(STOP)


def test_s17_a_belt_that_is_wound_down_is_not_slowed_twice() -> None:
    walk = SessionRun(rules(guard_stops=True))
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(60)
    walk.wind_down()
    walk.forget()
    guard(walk)
    assert walk.events == [Told.GUARD]
    assert walk.state is State.COOL_DOWN


# S17: the child lock


def test_s17_anybody_locks_and_a_person_unlocks() -> None:
    session = SessionRun().session
    session.lock(on=False, by_person=False)  # it is off
    session.lock(on=True, by_person=False)
    session.lock(on=True, by_person=False)
    assert refusal(session.lock, on=False, by_person=False) is Refusal.UNLOCK_NEEDS_PERSON
    assert session.rules.control_lock
    session.lock(on=False, by_person=True)
    assert not session.rules.control_lock


def test_s17_with_the_child_lock_only_stop_works() -> None:
    walk = SessionRun(rules(control_lock=True))
    session, now = walk.session, walk.now
    for call in (
        lambda: session.start(now, by_person=True),
        lambda: session.prepare(now, by_person=True),
        lambda: session.confirm(now, by_person=True),
        lambda: session.resume(now, by_person=True),
        lambda: session.pause(now),
        lambda: session.finish(now),
        lambda: session.set_speed(1.0, by_person=True),
        lambda: session.set_incline(1.0, by_person=True),
        lambda: session.lower_deck(now, by_person=True),
    ):
        assert refusal(call) is Refusal.LOCKED
    walk.stop()
    assert walk.kinds == [STOP]


def test_s17_switched_on_in_a_walk_it_stops_nothing_by_itself() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.set_speed(2.0, by_person=True)
    walk.go(10)
    walk.session.rules = rules(control_lock=True)
    assert refusal(walk.session.set_speed, 1.0, by_person=True) is Refusal.LOCKED
    walk.go(80)
    assert walk.treadmill.speed == pytest.approx(2.0)
    walk.stop()
    walk.go(8)
    assert walk.state is State.FINISHED


def test_s17_it_ends_a_countdown_and_confirms_no_start_at_the_console() -> None:
    walk = SessionRun()
    walk.count_down()
    walk.session.rules = rules(control_lock=True)
    walk.go(1)
    assert walk.data(Told.START_FAILED) == {"reason": "locked"}
    walk.session.rules = rules()
    walk.start()
    walk.session.rules = rules(control_lock=True)
    walk.treadmill.press_start()
    walk.go(15)
    assert walk.state is State.MANUAL


# S17: nobody on the belt


def left(walk: SessionRun, sign: str) -> None:
    """The walker has left; what the machine or the house tell of it is told."""
    begun = walk.now
    walk.go(9)
    assert Told.NOBODY_ON_BELT not in walk.events
    walk.go(2.5)
    assert walk.events.count(Told.NOBODY_ON_BELT) == 1
    assert walk.data(Told.NOBODY_ON_BELT) == {"sign": sign}
    assert STOP not in walk.kinds
    walk.go(20)
    stop = next(when for when, command in walk.sent if command.kind is STOP)
    assert 19.5 <= stop - begun <= 22
    assert walk.events.count(Told.NOBODY_ON_BELT) == 1
    assert walk.data(Told.STOPPED) == {"reason": "nobody_on_belt"}


def test_s17_elapsed_time_that_stands_still_tells_it() -> None:
    walk = SessionRun()
    walk.begin()
    walk.reports["elapsed_time"] = int(walk.treadmill.elapsed)
    left(walk, "elapsed_time")


def test_s17_so_do_steps_that_are_counted_no_more() -> None:
    walk = SessionRun(steps=True)
    walk.begin()
    for count in range(20):
        walk.reports["steps"] = count
        walk.go(1)
    left(walk, "steps")


def test_s17_so_does_a_belt_without_weight() -> None:
    walk = SessionRun()
    walk.reports["force_on_belt"] = 70
    walk.begin()
    walk.reports["force_on_belt"] = 0
    left(walk, "force")


def test_s17_so_does_the_house() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.on_occupancy(False, walk.now)
    left(walk, "occupancy")


@pytest.mark.parametrize("reports", [{"elapsed_time": 0}, {"steps": 0}, {"force_on_belt": 0}, {"elapsed_time": None}])
def test_s17_what_never_counted_proves_nothing(reports: dict[str, Any]) -> None:
    walk = SessionRun()
    walk.reports |= reports
    walk.begin()
    walk.go(60)
    assert Told.NOBODY_ON_BELT not in walk.events


def test_s17_who_comes_back_is_welcome_and_may_leave_again() -> None:
    walk = SessionRun()
    walk.begin()
    for _ in range(2):
        walk.session.on_occupancy(False, walk.now)
        walk.go(15)
        walk.session.on_occupancy(True, walk.now)
        walk.go(5)
    assert walk.events.count(Told.NOBODY_ON_BELT) == 2
    assert STOP not in walk.kinds


def test_s17_silence_is_no_absence() -> None:
    walk = SessionRun()
    walk.begin()
    walk.session.on_occupancy(False, walk.now)
    walk.go(6)
    walk.deaf = True
    walk.go(12)
    walk.deaf = False
    walk.go(5)
    assert Told.NOBODY_ON_BELT not in walk.events


def test_s17_nor_is_a_pause() -> None:
    walk = SessionRun()
    walk.paused()
    walk.go(60)
    walk.resume()
    walk.resume()
    walk.go(40)
    assert Told.NOBODY_ON_BELT not in walk.events


@pytest.mark.parametrize("control", [True, False])
def test_s17_an_empty_belt_that_the_console_has_is_stopped_if_we_may(control: bool) -> None:
    walk = SessionRun(rules(control=control))
    walk.treadmill.press_start()
    walk.go(15)
    walk.session.on_occupancy(False, walk.now)
    walk.go(40)
    assert Told.NOBODY_ON_BELT in walk.events
    assert (STOP in walk.kinds) is control


def test_a_counter_that_counts_now_and_then_is_not_relied_on() -> None:
    presence = Presence()
    walk = SessionRun()
    walk.begin()
    for second in range(120):
        report = walk.telemetry(received=float(second), elapsed_time=second // 20, steps=None)
        presence.update(report, occupied=None)
        assert not presence.to_say()


# S18: the deck of a belt at rest


def tilted(percent: float = 6.0, **its: Any) -> SessionRun:
    walk = SessionRun(rules(**its))
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(3)
    return walk


def lower(walk: SessionRun, *, by_person: bool = True) -> None:
    walk.session.lower_deck(walk.now, by_person=by_person)
    walk.collect()


class Resting(SessionRun):
    """The deck of a resting belt may move here."""

    def _do(self, command: Command) -> None:
        if command.kind is CommandKind.SET_INCLINE and self.treadmill.at_rest:
            self.treadmill.set_incline(command.value or 0.0)
            self.notice_incline(command.value)
        else:
            super()._do(command)

    def notice_incline(self, value: float | None) -> None:
        self.event(MachineEventKind.INCLINE_CHANGED, value)


def resting(percent: float = 6.0) -> SessionRun:
    walk = Resting()
    walk.treadmill.incline = walk.treadmill.target_incline = percent
    walk.go(3)
    return walk


@pytest.mark.parametrize("state", [State.IDLE, State.READY])
def test_s18_a_person_lowers_the_deck_and_it_is_said_before(state: State) -> None:
    walk = resting()
    if state is State.READY:
        walk.start()
        assert refusal(walk.start) is Refusal.DECK_TOO_HIGH
    lower(walk)
    assert walk.data(Told.DECK_LOWERING) == {"seconds": 5.0, "start": 6.0, "target": 0.0}
    walk.go(4.5)
    assert walk.sent == []
    walk.go(0.5)
    assert walk.sent == [(walk.now, Command(CommandKind.SET_INCLINE, 0.0))]
    walk.go(15)
    assert walk.treadmill.incline == 0.0
    assert walk.state is state
    assert walk.kinds == [CommandKind.SET_INCLINE]


def test_s18_only_a_person_may_and_only_a_deck_that_is_up() -> None:
    walk = resting()
    assert refusal(lower, walk, by_person=False) is Refusal.NEEDS_PERSON
    guard(walk)
    assert refusal(lower, walk) is Refusal.GUARDED
    guard(walk, on=False)
    walk.link(up=False)
    assert refusal(lower, walk) is Refusal.NOT_CONNECTED
    assert refusal(lower, resting(0.0)) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, SessionRun(rules(incline=None))) is Refusal.NOTHING_TO_LOWER
    assert refusal(lower, tilted(control=False)) is Refusal.MONITOR_ONLY


def test_s18_a_moving_belts_deck_is_not_lowered_by_it() -> None:
    walk = SessionRun()
    walk.begin()
    assert refusal(lower, walk) is Refusal.BELT_MOVES
    walk = resting()
    walk.treadmill.press_start()
    assert refusal(lower, walk) is Refusal.BELT_MOVES


@pytest.mark.parametrize("what", ["stop", "guard", "lock", "start", "link"])
def test_s18_what_happens_meanwhile_keeps_the_deck_where_it_is(what: str) -> None:
    walk = resting()
    lower(walk)
    walk.go(2)
    match what:
        case "stop":
            walk.stop()
        case "guard":
            guard(walk)
        case "lock":
            walk.session.rules = rules(control_lock=True)
        case "start":
            walk.treadmill.press_start()
        case "link":
            walk.link(up=False)
    walk.go(20)
    assert CommandKind.SET_INCLINE not in walk.kinds
    assert walk.treadmill.incline == 6.0


def test_s18_nothing_is_confirmed_while_the_deck_begins_to_move() -> None:
    walk = resting(2.0)
    walk.start()
    lower(walk)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(6)
    assert refusal(walk.start) is Refusal.BUSY
    walk.go(5)
    walk.start()
    assert walk.state is State.COUNTDOWN
    assert SPEEDS.minimum == 1.0
