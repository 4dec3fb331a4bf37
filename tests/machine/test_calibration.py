"""What a machine's numbers mean, and their conversion in the one place for it (safety rules S4 and S9)."""

from decimal import ROUND_FLOOR

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.calibration import Calibration, StatedUnits
from custom_components.retrowalk.machine.model import (
    KM_PER_MILE,
    BeltState,
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    Telemetry,
    Unit,
    ValueRange,
)
from tests.support.calibration_bench import STATED, CalibrationBench

MILES = Unit.MILES
CALIBRATIONS = [calibration for units in StatedUnits if (calibration := units.calibration) is not None]


@pytest.mark.parametrize("calibration", CALIBRATIONS)
async def test_s9_true_numbers_above_and_the_machines_own_below(calibration: Calibration) -> None:
    bench = CalibrationBench(calibration)
    await bench.driver.open(stop_first=None)
    factor = calibration.takes.factor
    speeds = bench.driver.capabilities.speed_range
    assert speeds is not None
    assert speeds.minimum == pytest.approx(0.5 * factor)
    assert speeds.maximum == pytest.approx(12.0 * factor)
    assert speeds.step == pytest.approx(0.1 * factor)
    assert bench.driver.stated == STATED
    assert bench.driver.info.model == "Odd"
    await bench.driver.execute(Command(CommandKind.SET_SPEED, speeds.snap(0.9 * factor)))
    assert bench.below.sent == [Command(CommandKind.SET_SPEED, 0.9)]
    bench.below.listener.on_telemetry(Telemetry(belt=BeltState.MOVING, speed=0.9, distance=100, incline=2.0))
    [heard] = bench.ear.heard
    assert heard.speed == pytest.approx(0.9 * calibration.tells.factor)
    assert heard.distance == round(100 * calibration.counts.factor)
    assert heard.incline == 2.0
    assert bench.driver.telemetry == heard
    bench.below.listener.on_machine_event(MachineEvent(MachineEventKind.SPEED_CHANGED, 2.0))
    bench.below.listener.on_machine_event(MachineEvent(MachineEventKind.INCLINE_CHANGED, 2.0))
    assert bench.ear.events[0].value == pytest.approx(2.0 * factor)
    assert bench.ear.events[1].value == 2.0
    bench.driver.close()
    assert bench.below.closed


async def test_s3_a_kept_stop_goes_down_as_it_is_and_its_answer_comes_up() -> None:
    bench = CalibrationBench(Calibration(takes=MILES))
    slowest = Command(CommandKind.SET_SPEED, 0.5 * KM_PER_MILE, urgent=True)
    await bench.driver.open(stop_first=slowest)
    assert bench.below.sent == [Command(CommandKind.SET_SPEED, 0.5, urgent=True)]
    assert bench.driver.stop_accepted
    for kind in (CommandKind.STOP, CommandKind.PAUSE, CommandKind.END_SESSION, CommandKind.START_AGAIN):
        await bench.driver.execute(Command(kind))
        assert bench.below.sent[-1] == Command(kind)


async def test_s8_the_speed_that_is_shown_at_rest_comes_back_as_it_was_reported() -> None:
    bench = CalibrationBench(Calibration(tells=MILES))
    for hundredths in range(1, 2000):
        reported = hundredths / 100
        bench.below.listener.on_telemetry(Telemetry(belt=BeltState.MOVING, speed=reported))
        await bench.driver.execute(Command(CommandKind.START, bench.driver.telemetry.speed))
        assert bench.below.sent[-1].value == reported


async def test_s7_a_target_that_the_machine_repeats_in_the_unit_of_its_reports_is_ours() -> None:
    bench = CalibrationBench(Calibration(takes=MILES))
    await bench.driver.open(stop_first=None)
    await bench.driver.execute(Command(CommandKind.SET_SPEED, 0.6 * KM_PER_MILE))
    for told in (0.6, 0.97, 2.0):
        bench.below.listener.on_machine_event(MachineEvent(MachineEventKind.SPEED_CHANGED, told))
    ours, ours_too, console = (event.value for event in bench.ear.events)
    assert ours == pytest.approx(0.6 * KM_PER_MILE)
    assert ours_too == 0.97
    assert console == pytest.approx(2.0 * KM_PER_MILE)


async def test_a_calibration_that_is_found_out_holds_from_the_next_command_and_report_on() -> None:
    bench = CalibrationBench(Calibration())
    await bench.driver.open(stop_first=None)
    bench.calibration = Calibration(takes=MILES, tells=MILES)
    await bench.driver.execute(Command(CommandKind.SET_SPEED, KM_PER_MILE))
    assert bench.below.sent == [Command(CommandKind.SET_SPEED, 1.0)]
    bench.below.listener.on_telemetry(Telemetry(speed=1.0))
    assert bench.ear.heard[-1].speed == pytest.approx(KM_PER_MILE)
    assert bench.driver.capabilities.speed_range == ValueRange(0.804672, 19.312128, 0.1609344)


SPEEDS = st.builds(
    lambda least, steps, step: ValueRange(least / 100, round((least + steps * step) / 100, 2), step / 100),
    st.integers(0, 250),
    st.integers(1, 300),
    st.sampled_from((1, 5, 10, 16, 20, 50, 80, 100)),
)


@given(
    speeds=SPEEDS,
    kmh=st.floats(0.0, 40.0, allow_nan=False),
    units=st.sampled_from([units for units in StatedUnits if units is not StatedUnits.FOUND_OUT]),
)
def test_s4_what_is_sent_is_never_more_than_was_meant_and_never_below_the_machines_minimum(
    speeds: ValueRange, kmh: float, units: StatedUnits
) -> None:
    calibration = units.calibration
    assert calibration is not None
    stated = Capabilities(speed_range=speeds)
    true = calibration.capabilities(stated).speed_range
    assert true is not None
    meant = true.snap(kmh, rounding=ROUND_FLOOR)  # as everything that is commanded is on the machine's true grid
    sent = calibration.command(Command(CommandKind.SET_SPEED, meant), stated).value
    assert sent is not None
    assert sent * calibration.takes.factor == pytest.approx(meant, abs=1e-6)
    assert speeds.minimum <= sent <= speeds.maximum
    assert sent == pytest.approx(speeds.snap(sent), abs=1e-9)
    # What is not on the grid is rounded down to it.
    off = calibration.command(Command(CommandKind.SET_SPEED, kmh), stated).value
    assert off is not None
    if calibration.takes is MILES:
        assert off * KM_PER_MILE <= max(kmh, true.minimum) + 1e-5
        assert speeds.minimum <= off <= speeds.maximum
    else:
        assert off == kmh


def test_a_target_of_a_machine_without_a_range_is_only_converted() -> None:
    sent = Calibration(takes=MILES).command(Command(CommandKind.SET_SPEED, KM_PER_MILE), Capabilities())
    assert sent.value == 1.0


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_a_calibration_is_stored_and_read_and_an_older_or_newer_one_too(calibration: Calibration) -> None:
    stored = calibration.as_dict()
    assert Calibration.from_dict(stored) == calibration
    assert Calibration.from_dict({**stored, "newer": 1}) == calibration
    assert Calibration.from_dict({}) == Calibration()
    with pytest.raises(ValueError, match="furlongs"):
        Calibration.from_dict({"takes": "furlongs"})
