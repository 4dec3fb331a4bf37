import itertools
from collections.abc import Callable

import pytest

from custom_components.retrowalk.machine.model import Capabilities, Command, CommandKind, ValueRange
from custom_components.retrowalk.training.belt.noise import Reading
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from custom_components.retrowalk.training.steering.axis import Ahead, Reached, Refused, Rise
from custom_components.retrowalk.training.steering.pilot import Pilot

SPEED, INCLINE = CommandKind.SET_SPEED, CommandKind.SET_INCLINE

type Log = list[tuple[int, Command | Rise]]


def make(
    *,
    speed: float = 1.0,
    incline: float | None = 0.0,
    step: float = 0.1,
    incline_step: float | None = 0.5,
    direction: Direction = Direction.BACKWARD,
    **owner: float,
) -> Pilot:
    capabilities = Capabilities(
        speed_range=ValueRange(1.0, 12.0, step),
        incline_range=ValueRange(0.0, 15.0, incline_step) if incline_step else None,
    )
    return Pilot(limits_for(capabilities, OwnerLimits(**owner), direction), speed=speed, incline=incline, now=0.0)


def steer(pilot: Pilot, begin: int, end: int, *, may_rise: bool = True) -> Log:
    return [
        (now, todo) for now in range(begin, end) if (todo := pilot.steer(float(now), may_rise=may_rise)) is not None
    ]


def commands(log: Log, kind: CommandKind = SPEED) -> list[tuple[int, float | None]]:
    return [(now, todo.value) for now, todo in log if isinstance(todo, Command) and todo.kind is kind]


def rises(log: Log) -> list[tuple[int, Rise]]:
    return [(now, todo) for now, todo in log if isinstance(todo, Rise)]


def test_a_belt_that_cannot_be_controlled_has_no_pilot() -> None:
    limits = limits_for(Capabilities(), OwnerLimits(), Direction.BACKWARD)
    with pytest.raises(ValueError, match="cannot be controlled"):
        Pilot(limits, speed=1.0, incline=None, now=0.0)


def test_the_pilot_does_nothing_while_the_belt_is_as_requested() -> None:
    assert steer(make(), 0, 100) == []


@pytest.mark.parametrize(
    ("step", "apart", "rise"), [(0.01, 5, 0.1), (0.1, 5, 0.1), (0.16, 8, 0.16), (0.2, 10, 0.2), (0.5, 25, 0.5)]
)
def test_s5_each_rise_is_one_small_step_at_its_pace(step: float, apart: int, rise: float) -> None:
    pilot = make(step=step)
    target = pilot.set_speed(2.5)
    sent = commands(steer(pilot, 0, 600))
    assert sent[-1][1] == target
    levels = [1.0, *(value or 0.0 for _, value in sent)]
    assert all(0 < after - before <= rise + 1e-9 for before, after in itertools.pairwise(levels))
    times = [now for now, _ in sent]
    assert all(after - before >= apart for before, after in itertools.pairwise(times))
    assert len(times) < 2 or times[1] - times[0] == apart


def test_s5_a_machine_with_large_steps_is_never_raised_backward() -> None:
    pilot = make(step=1.0)
    pilot.set_speed(3.0)
    assert steer(pilot, 0, 300) == []


def test_s5_falls_are_half_a_kmh_every_two_seconds_and_unannounced() -> None:
    pilot = make(speed=3.0)
    pilot.set_speed(1.2)
    log = steer(pilot, 0, 60)
    assert commands(log) == [(2, 2.5), (4, 2.0), (6, 1.5), (8, 1.2)]
    assert rises(log) == []


def test_s5_falls_stay_on_the_machines_grid_and_below_half_a_kmh() -> None:
    pilot = make(speed=2.92, step=0.16)
    pilot.set_speed(1.0)
    assert commands(steer(pilot, 0, 60)) == [(2, 2.44), (4, 1.96), (6, 1.48), (8, 1.0)]


@pytest.mark.parametrize(("step", "apart", "each"), [(0.1, 10, 0.5), (0.5, 10, 0.5), (1.0, 20, 1.0)])
def test_s5_the_deck_moves_slowly_both_ways(step: float, apart: int, each: float) -> None:
    pilot = make(incline_step=step)
    pilot.set_incline(2.0)
    up = commands(steer(pilot, 0, 200), INCLINE)
    pilot.set_incline(0.0)
    down = commands(steer(pilot, 200, 400), INCLINE)
    for log, levels in ((up, [0.0]), (down, [2.0])):
        levels += [value or 0.0 for _, value in log]
        changes = {round(abs(b - a), 6) for a, b in itertools.pairwise(levels)}
        assert changes == {each}
        assert {b - a for (a, _), (b, _) in itertools.pairwise(log)} == {apart}
    assert (up[-1][1], down[-1][1]) == (2.0, 0.0)


def test_s5_a_deck_with_large_steps_does_not_move_under_a_backward_walker() -> None:
    pilot = make(incline_step=2.0)
    pilot.set_incline(2.0)
    assert steer(pilot, 0, 300) == []


def test_s5_speed_and_incline_never_rise_within_twenty_seconds_of_each_other() -> None:
    pilot = make()
    pilot.set_speed(1.5)
    pilot.set_incline(1.0)
    log = steer(pilot, 0, 300)
    speed, incline = commands(log), commands(log, INCLINE)
    assert speed[-1][1] == 1.5
    assert incline[-1][1] == 1.0
    assert min(abs(a - b) for a, _ in speed for b, _ in incline) >= 20


def test_s5_twenty_seconds_hold_for_a_new_pilot_of_the_same_walk() -> None:
    first = make()
    first.set_incline(0.5)
    assert commands(steer(first, 0, 30), INCLINE) == [(15, 0.5)]
    limits = limits_for(
        Capabilities(speed_range=ValueRange(1.0, 12.0, 0.1), incline_range=ValueRange(0.0, 15.0, 0.5)),
        OwnerLimits(),
        Direction.BACKWARD,
    )
    second = Pilot(limits, speed=1.0, incline=0.5, now=16.0, rises=first.last_rises)
    second.set_speed(1.1)
    log = steer(second, 16, 60)
    assert rises(log)[0][0] == 35
    assert commands(log) == [(40, 1.1)]


def test_s5_without_an_incline_only_the_speed_is_kept() -> None:
    pilot = make(incline_step=None, incline=None)
    assert set(pilot.last_rises) == {SPEED}


def test_s5_forward_changes_half_a_kmh_every_two_seconds() -> None:
    pilot = make(direction=Direction.FORWARD)
    pilot.set_speed(3.0)
    assert commands(steer(pilot, 0, 60)) == [(7, 1.5), (9, 2.0), (11, 2.5), (13, 3.0)]


def test_s6_a_ramp_is_announced_once_and_five_seconds_ahead() -> None:
    pilot = make()
    pilot.set_speed(1.3)
    log = steer(pilot, 0, 100)
    (announced,) = rises(log)
    assert announced == (5, Rise(kind=SPEED, start=1.0, target=1.3, seconds=pytest.approx(10.0)))
    assert commands(log) == [(10, 1.1), (15, 1.2), (20, 1.3)]


def test_s6_a_single_step_takes_no_time() -> None:
    pilot = make()
    pilot.set_speed(1.1)
    assert rises(steer(pilot, 0, 100))[0][1].seconds == 0.0


def test_s6_a_ramp_that_goes_further_up_is_announced_again() -> None:
    pilot = make()
    pilot.set_speed(1.2)
    steer(pilot, 0, 12)
    pilot.set_speed(2.0)
    log = steer(pilot, 12, 40)
    assert rises(log)[0][0] == 15
    assert commands(log)[0] == (20, 1.2)


def test_s6_a_ramp_that_ends_lower_is_not_announced_again() -> None:
    pilot = make()
    pilot.set_speed(2.0)
    steer(pilot, 0, 12)
    pilot.set_speed(1.3)
    log = steer(pilot, 12, 100)
    assert rises(log) == []
    assert commands(log)[-1][1] == 1.3


def test_s6_a_rise_after_a_fall_is_announced_again() -> None:
    pilot = make()
    pilot.set_speed(1.2)
    steer(pilot, 0, 40)
    pilot.set_speed(1.0)
    steer(pilot, 40, 60)
    pilot.set_speed(1.2)
    assert len(rises(steer(pilot, 60, 100))) == 1


def test_s6_a_rise_that_nobody_expects_any_more_is_announced_again() -> None:
    pilot = make()
    pilot.set_speed(1.2)
    assert len(rises(steer(pilot, 0, 7))) == 1
    assert steer(pilot, 7, 60, may_rise=False) == []
    log = steer(pilot, 60, 90)
    assert rises(log)[0][0] == 60
    assert commands(log)[0] == (65, 1.1)


@pytest.mark.parametrize(("late", "expected"), [(14, [10]), (17, [10, 32])])
def test_s6_the_first_step_of_a_deck_is_expected_five_seconds_after_the_announcement_whatever_its_pace(
    late: int, expected: list[int]
) -> None:
    pilot = make()
    pilot.set_incline(1.0)
    log = steer(pilot, 0, 12) + steer(pilot, 12, 15 + late, may_rise=False) + steer(pilot, 15 + late, 60)
    assert [now for now, _ in rises(log)] == expected
    assert commands(log, INCLINE)[0] == (15 + late + (5 if len(expected) > 1 else 0), 0.5)


def test_s6_of_a_curve_it_tells_what_comes_and_what_can_be_reached() -> None:
    pilot = make()
    log: Log = []
    for now in range(20, 100):
        begun = max(now - 30, 0)
        pilot.set_speed(1.0 + 0.01 * begun)  # half as fast as allowed
        pilot.follow_profile(
            SPEED, Ahead(top=1.5, lasts=50.0 - begun, ends=62.0 - begun, soon=now >= 30) if now < 80 else None
        )
        if (todo := pilot.steer(float(now))) is not None:
            log.append((now, todo))
    assert rises(log) == [(30, Rise(kind=SPEED, start=1.0, target=1.5, seconds=45.0))]
    assert commands(log) == [(35, 1.1), (45, 1.2), (55, 1.3), (65, 1.4), (75, 1.5)]
    assert log[-1] == (76, Reached(kind=SPEED, target=1.5))


def cools(now: int) -> Callable[[float], float]:
    """Return a cool-down that takes 20 s for each km/h, and ends at 120 s."""
    return lambda level: 120.0 - 20.0 * level - now


def test_s6_of_a_curve_it_tells_the_highest_step_that_the_cool_down_leaves_time_for() -> None:
    pilot = make()
    log: Log = []
    for now in range(20, 130):
        pilot.set_speed(3.0)
        pilot.follow_profile(SPEED, Ahead(top=3.0, lasts=0.0, ends=500.0, soon=True, cools=cools(now)))
        if (todo := pilot.steer(float(now))) is not None:
            log.append((now, todo))
    # A step takes 5 s and makes the cool-down begin 2 s sooner: from 25 s on there is time for 10 of them.
    assert rises(log) == [(20, Rise(kind=SPEED, start=1.0, target=2.0, seconds=45.0))]
    assert commands(log) == [(25 + 5 * step, round(1.1 + 0.1 * step, 1)) for step in range(10)]
    assert log[-1] == (71, Reached(kind=SPEED, target=2.0))


def test_s6_what_can_be_reached_counts_in_the_steps_of_the_machine() -> None:
    pilot = make(step=0.2, direction=Direction.FORWARD)
    log: Log = []
    for now in range(20, 60):
        pilot.set_speed(4.0)
        pilot.follow_profile(SPEED, Ahead(top=4.0, lasts=0.0, ends=33.0 - now, soon=True))
        if (todo := pilot.steer(float(now))) is not None:
            log.append((now, todo))
    # Of the 0.5 km/h that S5 allows the machine makes 0.4.
    assert rises(log) == [(20, Rise(kind=SPEED, start=1.0, target=2.6, seconds=6.0))]
    assert commands(log) == [(25, 1.4), (27, 1.8), (29, 2.2), (31, 2.6)]


def test_s6_a_rise_that_was_announced_is_announced_again_from_below_if_the_belt_falls_first() -> None:
    pilot = make(speed=1.5)
    log: Log = []
    for now in range(2, 20):
        pilot.set_speed(1.2 if now < 5 else 2.0)
        pilot.follow_profile(SPEED, Ahead(top=2.0, lasts=0.0, ends=60.0, soon=True))
        if now < 4:
            pilot.set_speed(1.5)
            pilot.follow_profile(SPEED, Ahead(top=2.0, lasts=3.0, ends=60.0, soon=True))
        if (todo := pilot.steer(float(now))) is not None:
            log.append((now, todo))
    assert [(now, rise.start) for now, rise in rises(log)] == [(2, 1.5), (5, 1.2)]
    assert commands(log)[:2] == [(4, 1.2), (10, 1.3)]


def test_s6_a_rise_that_was_announced_outlives_a_step_that_is_too_short_for_it() -> None:
    pilot = make()
    log: Log = []
    for now in range(20, 30):
        pilot.set_speed(1.5)
        pilot.follow_profile(SPEED, Ahead(top=1.5, lasts=0.0, ends=1.0 if 22 <= now < 24 else 60.0, soon=True))
        if (todo := pilot.steer(float(now))) is not None:
            log.append((now, todo))
    assert [now for now, _ in rises(log)] == [20]
    assert commands(log) == [(25, 1.1)]


def test_s6_a_curve_that_falls_is_not_risen_to() -> None:
    pilot = make()
    pilot.set_speed(2.0)
    pilot.follow_profile(SPEED, None)
    assert pilot.setpoint_speed == 1.0
    assert steer(pilot, 0, 60) == []
    with pytest.raises(ValueError, match="incline cannot be controlled"):
        make(incline_step=None).follow_profile(INCLINE, None)


def test_s18_a_raised_deck_is_lowered_before_the_speed_rises() -> None:
    pilot = make(incline=1.0)
    pilot.level_first()
    pilot.set_speed(1.2)
    log = steer(pilot, 0, 60)
    assert commands(log, INCLINE) == [(10, 0.5), (20, 0.0)]
    assert commands(log)[0][0] > 20


def test_s18_who_wants_the_deck_up_does_not_wait_for_it() -> None:
    pilot = make(incline=1.0)
    pilot.level_first()
    pilot.set_incline(1.0)
    pilot.set_speed(1.1)
    assert commands(steer(pilot, 0, 60)) == [(10, 1.1)]


@pytest.mark.parametrize("incline_step", [None, 2.0])
def test_s18_a_deck_that_does_not_move_is_not_waited_for(incline_step: float | None) -> None:
    pilot = make(incline=2.0, incline_step=incline_step)
    pilot.level_first()
    pilot.set_speed(1.1)
    assert commands(steer(pilot, 0, 60)) == [(10, 1.1)]


def test_s4_requests_are_clamped() -> None:
    pilot = make()
    assert (pilot.set_speed(9.0), pilot.setpoint_speed) == (3.0, 3.0)
    assert (pilot.set_incline(9.0), pilot.setpoint_incline) == (3.0, 3.0)


def test_without_an_incline_there_is_none_to_request() -> None:
    pilot = make(incline_step=None, incline=None)
    assert (pilot.commanded_incline, pilot.setpoint_incline) == (None, None)
    assert pilot.last_command(SPEED) == 0.0
    with pytest.raises(ValueError, match="incline cannot be controlled"):
        pilot.set_incline(1.0)


def test_what_is_declined_gives_up_the_request_and_sends_nothing() -> None:
    pilot = make()
    pilot.set_speed(2.0)
    pilot.set_incline(2.0)
    refused = pilot.on_declined(Command(SPEED, 1.5), speed=1.34, incline=None)
    assert refused == Refused(kind=SPEED, target=1.5, present=1.3)
    assert (pilot.commanded_speed, pilot.setpoint_speed, pilot.commanded_incline, pilot.setpoint_incline) == (
        1.3,
        1.3,
        0.0,
        2.0,
    )
    assert pilot.on_declined(Command(SPEED, 1.5), speed=1.34, incline=None) is None, "told once"
    assert pilot.on_declined(Command(INCLINE, 1.0), speed=1.34, incline=None) is None, "nobody knows what it does"
    refused = pilot.on_declined(Command(INCLINE, 1.0), speed=1.34, incline=0.6)
    assert refused == Refused(kind=INCLINE, target=1.0, present=0.5)
    assert (pilot.commanded_incline, pilot.setpoint_incline) == (0.5, 0.5)
    assert steer(pilot, 0, 100) == []


def test_a_request_for_less_is_kept_where_the_machine_declined_it() -> None:
    pilot = make(speed=2.0)
    pilot.set_speed(1.0)
    [(_, command)] = steer(pilot, 0, 3)
    assert command == Command(SPEED, 1.5)
    assert pilot.on_declined(command, speed=2.0, incline=None) is None
    assert [done for _, done in steer(pilot, 4, 10)] == [Command(SPEED, 1.5), Command(SPEED, 1.0)]


@pytest.mark.parametrize(("speed", "target"), [(1.1, True), (1.3, True), (1.05, False), (1.5, False)])
def test_a_measured_speed_may_differ_by_one_step(speed: float, target: bool) -> None:
    assert make(speed=1.2).on_target(speed) is target


def test_what_was_commanded_last_can_be_told_again() -> None:
    pilot = make(speed=1.2)
    pilot.set_speed(2.0)
    assert pilot.repeat(3.0) == Command(SPEED, 1.2)
    assert (pilot.last_command(SPEED), pilot.setpoint_speed) == (3.0, 2.0)


def ahead_to(top: float) -> Ahead:
    return Ahead(top=top, lasts=0.0, ends=500.0, soon=True)


def test_s6_a_rise_that_was_lowered_is_announced_no_further_up() -> None:
    pilot = make()
    pilot.set_incline(2.0)
    pilot.follow_profile(INCLINE, ahead_to(3.0))
    pilot.lower(None, 1.0)
    assert [rise.target for _, rise in rises(steer(pilot, 20, 80))] == [1.0]


def test_s6_a_deck_that_proves_coarse_is_announced_in_its_own_steps() -> None:
    pilot = make()
    pilot.set_incline(2.5)
    pilot.follow_profile(INCLINE, ahead_to(2.5))
    assert pilot.use_deck_step(1.0, 0.0) is None
    assert [rise.target for _, rise in rises(steer(pilot, 20, 80))] == [2.0]


def test_s9_a_belt_that_takes_miles_slows_down_in_steps_that_are_no_larger_in_truth() -> None:
    pilot = make(speed=3.0)
    pilot.convert_to_miles()
    assert commands(steer(pilot, 0, 60)) == [(2, 2.7), (4, 2.4), (6, 2.1), (8, 1.8)]


def test_s18_a_deck_that_does_not_follow_is_not_waited_for() -> None:
    pilot = make(incline=2.0)
    pilot.level_first()
    pilot.set_speed(1.1)
    pilot.hold_deck(2.0, None)
    assert commands(steer(pilot, 0, 60)) == [(10, 1.1)]


def steer_deck(pilot: Pilot, end: int, shown: Callable[[], float]) -> list[float | None]:
    """Return what a deck is sent to that reports this."""
    todos = [pilot.steer(float(now), incline=Reading(level=shown())) for now in range(end)]
    return [todo.value for todo in todos if isinstance(todo, Command) and todo.kind is INCLINE]


def test_s5_a_deck_that_reports_a_little_more_than_it_was_sent_to_rises_in_the_same_steps() -> None:
    pilot = make(incline_step=0.05)
    pilot.set_incline(2.0)
    assert steer_deck(pilot, 120, lambda: pilot.commanded(INCLINE) + 0.09) == [0.5, 1.0, 1.5, 2.0]


def test_s5_a_deck_that_was_never_seen_where_it_was_sent_goes_down_no_further_up_than_there() -> None:
    pilot = make()
    pilot.set_incline(0.5)
    assert {*steer_deck(pilot, 60, lambda: 3.0 if pilot.commanded(INCLINE) else 0.0)} == {0.5}


def test_s5_a_belt_that_slows_down_by_itself_is_not_raised_until_it_is_known_where_it_comes_to_rest() -> None:
    pilot = make()
    pilot.set_speed(2.0)
    todos = [pilot.steer(float(now), speed=Reading(level=1.0, falls=now < 30)) for now in range(60)]
    risen = [now for now, todo in enumerate(todos) if isinstance(todo, Command)]
    assert risen[0] >= 30 + 5  # and its rise was announced


def test_s5_s9_a_correction_leads_no_higher_than_what_was_asked_for_or_was_sent_last() -> None:
    pilot = make(speed=2.5)
    pilot.set_speed(1.0)
    assert commands(steer(pilot, 2, 4)) == [(2, 2.0)]
    assert pilot.step_down(SPEED, 4.0) == Command(SPEED, 1.5)
    assert pilot.setpoint_speed == 1.0, "it is still to slow down to that"
    pilot.on_declined(Command(SPEED, 1.5), speed=2.9, incline=None)  # an odd report
    assert pilot.step_down(SPEED, 6.0) == Command(SPEED, 1.5)


def test_s5_what_is_under_way_holds_a_rise_up_and_a_fall_of_the_same_axis_after_a_fall() -> None:
    pilot = make(speed=2.5)
    pilot.under_way = {INCLINE}
    pilot.set_speed(3.0)
    assert commands(steer(pilot, 0, 20)) == []
    pilot.under_way = ()
    [(risen, _), *_] = commands(steer(pilot, 20, 27))
    pilot.under_way = {SPEED}
    pilot.set_speed(1.0)
    assert commands(steer(pilot, risen + 2, risen + 20)) == [(risen + 2, 2.1)], "a fall after a rise does not wait"
