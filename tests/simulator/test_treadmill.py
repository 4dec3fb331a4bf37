"""Tests for the virtual belt, its deck and its console."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.ftms.const import OpCode, ResultCode
from custom_components.retrowalk.machine.model import KM_PER_MILE, MachineEvent, MachineEventKind, ValueRange
from custom_components.retrowalk.simulator.console_display import READABLE
from custom_components.retrowalk.simulator.control_point import ControlPoint
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill


def running(profile: Profile | None = None, speed: float | None = None) -> VirtualTreadmill:
    """Return a treadmill whose belt has reached `speed` (by default its minimum)."""
    treadmill = VirtualTreadmill(profile)
    treadmill.start()
    treadmill.step(treadmill.profile.countdown)
    if speed is not None:
        assert treadmill.set_speed(speed) is ResultCode.SUCCESS
    treadmill.step(100)
    return treadmill


def console_of(treadmill: VirtualTreadmill) -> list[MachineEvent]:
    events: list[MachineEvent] = []
    treadmill.listener = events.append
    return events


def test_the_belt_rests_until_the_countdown_is_over() -> None:
    treadmill = VirtualTreadmill()
    assert treadmill.start() is ResultCode.SUCCESS
    for left in (2.0, 1.0):
        treadmill.step(1)
        assert (treadmill.phase, treadmill.countdown, treadmill.speed) == (Phase.COUNTDOWN, left, 0.0)
    treadmill.step(1)
    assert (treadmill.phase, treadmill.speed, treadmill.elapsed) == (Phase.RUNNING, 0.0, 0.0)
    treadmill.step(1)
    assert treadmill.speed == pytest.approx(0.25)


def test_start_brings_the_belt_to_its_minimum() -> None:
    treadmill = running(Profile(speed=ValueRange(0.8, 6.0, 0.1)))
    assert treadmill.speed == 0.8


def test_speed_follows_a_target_with_inertia_both_ways() -> None:
    treadmill = running(speed=2.0)
    treadmill.set_speed(3.0)
    treadmill.step(2)
    assert treadmill.speed == pytest.approx(2.5)
    treadmill.step(2)
    assert treadmill.speed == 3.0
    treadmill.set_speed(2.0)
    treadmill.step(1)
    assert treadmill.speed == pytest.approx(2.75)


def test_a_stopped_belt_coasts_to_rest() -> None:
    treadmill = running(speed=3.0)
    assert treadmill.stop() is ResultCode.SUCCESS
    treadmill.step(1)
    assert treadmill.speed == pytest.approx(2.5)
    treadmill.step(5)
    assert treadmill.at_rest


def test_a_step_of_any_length_gives_the_same_belt() -> None:
    one, many = running(), running()
    for treadmill in (one, many):
        treadmill.set_speed(4.0)
        treadmill.set_incline(5.0)
    one.step(60)
    for _ in range(600):
        many.step(0.1)
    assert many.time == one.time
    for name in ("speed", "incline", "distance", "energy", "elapsed", "pulse"):
        assert getattr(many, name) == pytest.approx(getattr(one, name), rel=1e-9)


def test_distance_is_speed_times_time() -> None:
    treadmill = running(speed=3.6)
    before = treadmill.distance
    treadmill.step(100)
    assert treadmill.distance - before == pytest.approx(100)


def test_counters_freeze_while_paused_and_go_on_after() -> None:
    treadmill = running(speed=3.0)
    treadmill.pause()
    treadmill.step(10)
    counters = (treadmill.elapsed, treadmill.distance, treadmill.energy)
    treadmill.step(60)
    assert (treadmill.elapsed, treadmill.distance, treadmill.energy) == counters
    assert treadmill.start() is ResultCode.SUCCESS
    treadmill.step(treadmill.profile.countdown + 5)
    assert treadmill.elapsed == pytest.approx(counters[0] + 5)
    assert treadmill.distance > counters[1]


def test_counters_stay_after_stop_and_begin_anew_with_the_next_start() -> None:
    treadmill = running(Profile(steps=True), speed=3.0)
    treadmill.stop()
    treadmill.step(10)
    assert treadmill.elapsed > 0
    assert treadmill.steps
    treadmill.start()
    assert (treadmill.elapsed, treadmill.distance, treadmill.energy, treadmill.steps) == (0.0, 0.0, 0.0, 0)


def test_a_paused_session_that_is_stopped_does_not_resume() -> None:
    treadmill = running(speed=3.0)
    treadmill.pause()
    treadmill.step(10)
    assert treadmill.stop() is ResultCode.SUCCESS
    treadmill.start()
    assert treadmill.elapsed == 0.0


def test_a_resumed_belt_goes_to_its_minimum_or_by_fault_to_its_last_speed() -> None:
    for fault, speed in ((False, 0.5), (True, 3.0)):
        treadmill = running(speed=3.0)
        treadmill.resumes_at_last_speed = fault
        treadmill.pause()
        treadmill.step(10)
        treadmill.start()
        treadmill.step(60)
        assert treadmill.speed == speed


def resumed(treadmill: VirtualTreadmill, *, stopped: bool = False) -> VirtualTreadmill:
    treadmill.pause()
    treadmill.step(10)
    if stopped:
        treadmill.stop()
    treadmill.start()
    treadmill.step(treadmill.profile.countdown)
    return treadmill


def test_by_fault_every_start_goes_to_the_last_speed() -> None:
    treadmill = running(speed=3.0)
    treadmill.starts_at_last_speed = True
    resumed(treadmill, stopped=True).step(30)
    assert (treadmill.speed, treadmill.elapsed) == (3.0, pytest.approx(30))


def test_by_fault_it_goes_back_to_its_last_speed_after_a_while_whatever_was_asked() -> None:
    treadmill = running(speed=3.0)
    treadmill.resumes_at_last_speed, treadmill.resume_delay = True, 4.0
    resumed(treadmill).step(3)
    assert treadmill.set_speed(0.5) is ResultCode.SUCCESS
    assert treadmill.target_speed == 0.5
    treadmill.step(30)
    assert treadmill.speed == 3.0
    treadmill.set_speed(0.5)
    treadmill.step(30)
    assert treadmill.speed == 0.5


def test_by_fault_it_hears_no_target_right_after_a_start() -> None:
    treadmill = running(speed=3.0)
    treadmill.resumes_at_last_speed, treadmill.deaf_after_start = True, 2.0
    resumed(treadmill).step(1)
    assert treadmill.set_speed(0.5) is ResultCode.SUCCESS
    assert treadmill.target_speed == 3.0
    treadmill.step(1)
    treadmill.set_speed(0.5)
    assert treadmill.target_speed == 0.5


def test_by_fault_it_declines_stop_in_a_pause_or_a_start_that_is_no_new_session() -> None:
    treadmill = running(speed=3.0)
    treadmill.keeps_session_in_pause = True
    treadmill.pause()
    treadmill.step(10)
    assert treadmill.stop() is ResultCode.OPERATION_FAILED
    treadmill.keeps_session_in_pause, treadmill.starts_only_anew = False, True
    assert treadmill.start() is ResultCode.OPERATION_FAILED
    assert treadmill.stop() is ResultCode.SUCCESS
    assert treadmill.start() is ResultCode.SUCCESS
    assert treadmill.elapsed == 0.0


def test_start_fails_while_started_and_while_the_belt_still_coasts() -> None:
    treadmill = VirtualTreadmill()
    treadmill.start()
    assert treadmill.start() is ResultCode.OPERATION_FAILED
    treadmill.step(10)
    assert treadmill.start() is ResultCode.OPERATION_FAILED
    treadmill.stop()
    assert treadmill.start() is ResultCode.OPERATION_FAILED
    treadmill.step(10)
    assert treadmill.start() is ResultCode.SUCCESS


def test_stop_and_pause_fail_when_there_is_nothing_to_stop() -> None:
    treadmill = VirtualTreadmill()
    assert treadmill.stop() is ResultCode.OPERATION_FAILED
    assert treadmill.pause() is ResultCode.OPERATION_FAILED


def test_stop_ends_a_countdown() -> None:
    treadmill = VirtualTreadmill()
    treadmill.start()
    treadmill.step(1)
    assert treadmill.stop() is ResultCode.SUCCESS
    treadmill.step(60)
    assert (treadmill.phase, treadmill.speed) == (Phase.IDLE, 0.0)


def test_a_target_speed_is_refused_before_the_belt_runs() -> None:
    treadmill = VirtualTreadmill()
    assert treadmill.set_speed(2.0) is ResultCode.OPERATION_FAILED
    treadmill.start()
    assert treadmill.set_speed(2.0) is ResultCode.OPERATION_FAILED
    treadmill.step(3)
    assert treadmill.set_speed(2.0) is ResultCode.SUCCESS


def test_every_speed_of_the_grid_can_be_set() -> None:
    treadmill = running()
    for tenths in range(5, 201):
        assert treadmill.set_speed(tenths / 10) is ResultCode.SUCCESS
        assert treadmill.target_speed == tenths / 10


@pytest.mark.parametrize("speed", [0.0, 0.4, 20.1, -1.0, math.nan])
def test_a_speed_outside_the_range_is_an_invalid_parameter(speed: float) -> None:
    assert running().set_speed(speed) is ResultCode.INVALID_PARAMETER


@pytest.mark.parametrize("incline", [-0.5, 15.5])
def test_an_incline_outside_the_range_is_an_invalid_parameter(incline: float) -> None:
    assert running().set_incline(incline) is ResultCode.INVALID_PARAMETER


def test_values_between_the_steps_are_rounded_by_the_machine() -> None:
    treadmill = running()
    treadmill.set_speed(2.34)
    assert treadmill.target_speed == 2.3
    treadmill.set_incline(1.3)
    assert treadmill.target_incline == 1.5


def test_the_deck_moves_slowly_and_also_at_rest() -> None:
    treadmill = VirtualTreadmill()
    assert treadmill.set_incline(2.0) is ResultCode.SUCCESS
    treadmill.step(1)
    assert treadmill.incline == pytest.approx(0.5)
    treadmill.step(3)
    assert treadmill.incline == 2.0


def test_a_flat_treadmill_knows_no_incline() -> None:
    treadmill = running(Profile(incline=None))
    assert treadmill.set_incline(1.0) is ResultCode.NOT_SUPPORTED
    events = console_of(treadmill)
    treadmill.press_incline(1.0)
    assert not events


def test_reset_forgets_the_session_and_stops_the_belt() -> None:
    treadmill = running(speed=3.0)
    assert treadmill.reset() is ResultCode.SUCCESS
    assert (treadmill.elapsed, treadmill.distance) == (0.0, 0.0)
    treadmill.step(10)
    assert treadmill.at_rest


def test_the_console_tells_what_a_person_did() -> None:
    treadmill = VirtualTreadmill()
    events = console_of(treadmill)
    treadmill.press_start()
    treadmill.step(10)
    treadmill.press_speed(2.0)
    treadmill.press_incline(1.5)
    treadmill.press_pause()
    treadmill.step(10)
    treadmill.press_start()
    treadmill.step(10)
    treadmill.press_stop()
    assert events == [
        MachineEvent(MachineEventKind.STARTED),
        MachineEvent(MachineEventKind.SPEED_CHANGED, 2.0),
        MachineEvent(MachineEventKind.INCLINE_CHANGED, 1.5),
        MachineEvent(MachineEventKind.PAUSED),
        MachineEvent(MachineEventKind.STARTED),
        MachineEvent(MachineEventKind.STOPPED),
    ]


def test_the_console_offers_nothing_outside_its_range() -> None:
    treadmill = running()
    events = console_of(treadmill)
    treadmill.press_speed(99.0)
    treadmill.press_incline(-5.0)
    assert [event.value for event in events] == [20.0, 0.0]


def test_buttons_without_effect_tell_nothing() -> None:
    treadmill = VirtualTreadmill()
    events = console_of(treadmill)
    treadmill.press_stop()
    treadmill.press_pause()
    treadmill.press_speed(3.0)
    assert not events


def test_what_a_client_does_is_not_told() -> None:
    treadmill = VirtualTreadmill()
    events = console_of(treadmill)
    treadmill.start()
    treadmill.step(10)
    treadmill.set_speed(2.0)
    treadmill.stop()
    assert not events


def test_the_safety_key_stops_the_belt_fast_and_holds_the_deck() -> None:
    treadmill = running(speed=4.0)
    events = console_of(treadmill)
    treadmill.set_incline(10.0)
    treadmill.step(2)
    treadmill.pull_safety_key()
    treadmill.pull_safety_key()
    treadmill.step(2)
    assert treadmill.at_rest
    treadmill.step(10)
    assert treadmill.incline == pytest.approx(1.0)
    assert events == [MachineEvent(MachineEventKind.SAFETY_KEY)]


def test_nothing_moves_without_the_safety_key_and_nothing_starts_by_inserting_it() -> None:
    treadmill = VirtualTreadmill()
    treadmill.pull_safety_key()
    assert treadmill.start() is ResultCode.OPERATION_FAILED
    assert treadmill.set_incline(1.0) is ResultCode.OPERATION_FAILED
    treadmill.press_start()
    treadmill.insert_safety_key()
    treadmill.step(10)
    assert (treadmill.phase, treadmill.at_rest, treadmill.incline) == (Phase.IDLE, True, 0.0)
    assert treadmill.start() is ResultCode.SUCCESS


def test_steps_and_heart_rate_only_where_the_machine_has_them() -> None:
    plain = running(speed=3.0)
    assert (plain.steps, plain.heart_rate) == (None, None)
    rich = running(Profile(steps=True, heart_rate=True), speed=3.0)
    assert rich.steps is not None
    assert rich.distance / rich.steps == pytest.approx(0.56, abs=0.03)
    assert rich.heart_rate is not None
    assert 95 <= rich.heart_rate <= 110


def test_an_empty_belt_counts_distance_but_no_steps() -> None:
    treadmill = running(Profile(steps=True), speed=3.0)
    treadmill.occupied = False
    steps, distance = treadmill.steps, treadmill.distance
    treadmill.step(10)
    assert treadmill.steps == steps
    assert treadmill.distance > distance


def test_uphill_costs_more_energy() -> None:
    flat, hill = running(speed=3.0), running(speed=3.0)
    hill.set_incline(10.0)
    for treadmill in (flat, hill):
        treadmill.step(600)
    assert hill.energy > flat.energy > 0


def test_a_console_in_miles_takes_and_shows_miles_while_the_belt_runs_faster() -> None:
    treadmill = running()
    treadmill.kmh_per_unit = KM_PER_MILE
    treadmill.set_speed(2.0)
    treadmill.step(60)
    assert treadmill.console_speed == pytest.approx(2.0)
    assert treadmill.speed == pytest.approx(3.218688)


@pytest.mark.parametrize("dt", [-0.1, math.nan, math.inf])
def test_time_does_not_run_backward(dt: float) -> None:
    with pytest.raises(ValueError, match="time cannot pass"):
        VirtualTreadmill().step(dt)


_PRESSES = st.one_of(
    st.sampled_from(["press_start", "press_stop", "press_pause", "pull_safety_key", "insert_safety_key"]).map(
        lambda name: (name, ())
    ),
    st.tuples(
        st.sampled_from(["press_speed", "press_incline"]), st.floats(-100, 100, allow_nan=False).map(lambda v: (v,))
    ),
)
_COMMANDS = st.one_of(
    st.sampled_from([bytes((OpCode.REQUEST_CONTROL,)), b"\x07", b"\x08\x01", b"\x08\x02", b"\x01"]),
    st.integers(0, 0xFFFF).map(lambda raw: b"\x02" + raw.to_bytes(2, "little")),
    st.integers(0, 0xFFFF).map(lambda raw: b"\x03" + raw.to_bytes(2, "little")),
    st.binary(min_size=1, max_size=6),
)


@given(
    inputs=st.lists(st.tuples(st.one_of(_PRESSES, _COMMANDS), st.floats(0.0, 20.0)), max_size=30),
    overshoot=st.floats(0.0, 5.0),
    toggles=st.booleans(),
)
def test_the_belt_stays_in_its_range_and_never_jumps_whatever_comes(
    inputs: list[tuple[tuple[str, tuple[float, ...]] | bytes, float]], overshoot: float, toggles: bool
) -> None:
    treadmill = VirtualTreadmill()
    treadmill.overshoot = overshoot
    control_point = ControlPoint(treadmill, Faults(toggles_on_start=toggles))
    profile = treadmill.profile
    assert profile.incline is not None
    for action, dt in inputs:
        before, deck = treadmill.speed, treadmill.incline
        if isinstance(action, bytes):
            assert control_point.execute(action) in ResultCode
        else:
            getattr(treadmill, action[0])(*action[1])
        # No command moves anything by itself: only time does.
        assert (treadmill.speed, treadmill.incline) == (before, deck)
        treadmill.step(dt)
        fastest_fall = profile.coast if treadmill.safety_key_in else profile.safety_stop
        assert 0.0 <= treadmill.speed <= profile.speed.maximum
        assert -fastest_fall * dt - 1e-6 <= treadmill.speed - before <= profile.acceleration * dt + 1e-6
        assert profile.incline.minimum <= treadmill.incline <= profile.incline.maximum
        assert abs(treadmill.incline - deck) <= profile.incline_rate * dt + 1e-6


def test_the_console_was_read_once_it_showed_a_speed_for_long_enough() -> None:
    treadmill = VirtualTreadmill()
    treadmill.start()
    treadmill.step(6)
    treadmill.set_speed(2.0)
    treadmill.step(READABLE - 1)
    assert treadmill.display.read is None
    treadmill.step(2)
    assert treadmill.display.read == 2.0
    treadmill.set_speed(3.0)
    treadmill.step(5)
    treadmill.stop()
    treadmill.step(20)
    assert treadmill.display.read == 2.0
