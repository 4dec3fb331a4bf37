"""What a machine's inclines mean: a factor, an offset, a table or nothing; never above a limit (S4, S9)."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.machine.calibration import CalibratedDriver, Calibration
from custom_components.retrowalk.machine.incline import InclineDoubt, InclineScale, read_table, write_table
from custom_components.retrowalk.machine.model import (
    Capabilities,
    Command,
    CommandKind,
    MachineEvent,
    MachineEventKind,
    Telemetry,
    ValueRange,
)
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from tests.support.calibration_bench import CalibrationBench, Ear, RawDriver

DECK = ValueRange(0.0, 15.0, 0.1)
SPEEDS = ValueRange(1.0, 12.0, 0.1)
NYDO = tuple((float(level), level * 0.8) for level in range(13))
TUNTURI = ((0.0, 0.0), (6.0, 1.0), (13.0, 2.0), (20.0, 3.0), (26.0, 4.0), (33.0, 5.0))


@st.composite
def scales(draw: st.DrawFn) -> InclineScale:
    if draw(st.booleans()):
        told = sorted(draw(st.sets(st.integers(0, 200), min_size=2, max_size=12)))
        true = sorted(draw(st.sets(st.integers(-40, 150), min_size=len(told), max_size=len(told))))
        return InclineScale(table=tuple((a / 10, b / 10) for a, b in zip(told, true, strict=True)))
    return InclineScale(
        factor=draw(st.floats(0.05, 10.0)), offset=draw(st.floats(-5.0, 5.0)), targets_true=draw(st.booleans())
    )


@st.composite
def decks(draw: st.DrawFn) -> ValueRange:
    low, step = draw(st.sampled_from((-6.0, -3.0, 0.0, 1.0))), draw(st.sampled_from((0.1, 0.5, 1.0, 2.0)))
    return ValueRange(low, round(low + step * draw(st.integers(1, 60)), 1), step)


@given(scale=scales(), deck=decks(), limit=st.floats(0.0, 10.0), wanted=st.floats(-20.0, 60.0))
def test_s4_no_conversion_lets_a_deck_pass_a_limit(
    scale: InclineScale, deck: ValueRange, limit: float, wanted: float
) -> None:
    calibration = Calibration(incline=scale)
    stated = Capabilities(speed_range=SPEEDS, incline_range=deck, can_start_and_stop=True)
    limits = limits_for(calibration.capabilities(stated), OwnerLimits(backward_incline=limit), Direction.BACKWARD)
    if limits.incline is None:
        return
    asked = limits.allowed_incline(wanted)
    sent = calibration.command(Command(CommandKind.SET_INCLINE, asked), stated).value
    assert sent is not None
    assert deck.minimum - 1e-6 <= sent <= deck.maximum + 1e-6 or scale.table
    true = sent if scale.targets_true else scale.true(sent)
    assert true <= limit + 1e-4
    assert true <= asked + 1e-4
    assert math.isfinite(true)
    if not scale.targets_true:
        rounded = deck.snap(sent)  # to what the machine can do, perhaps up
        assert scale.true(rounded) <= limit + 1e-4


def test_s4_a_level_of_a_table_that_the_machine_would_round_up_is_not_asked_for() -> None:
    scale, deck = InclineScale(table=((0.0, 0.0), (1.0, 1.0), (1.5, 3.0), (2.0, 5.0))), ValueRange(0.0, 15.0, 1.0)
    levels = scale.range(deck)
    assert levels is not None
    assert levels.values == (0.0, 1.0, 5.0)
    assert scale.sent(3.0, deck) == 1.0
    assert scale.true(1.5) == 3.0  # it may be reported all the same


@given(scale=scales(), told=st.floats(-100, 400), deck=decks())
def test_what_is_reported_stays_within_the_deck(scale: InclineScale, told: float, deck: ValueRange) -> None:
    true = scale.range(deck)
    judged = InclineDoubt().judge(Telemetry(received=1.0, incline=told), true, scale)
    assert judged.incline is not None
    if true is not None and not scale.table:
        assert true.minimum <= judged.incline <= true.maximum
        assert judged.incline_doubted or true.minimum - 1.001 <= scale.true(told) <= true.maximum + 1.001
    assert judged.trusted_incline in {None, judged.incline}


@pytest.mark.parametrize(
    ("scale", "told", "true"),
    [
        (InclineScale(), 6.5, 6.5),
        (InclineScale(factor=1 / 6.5), 6.5, 1.0),
        (InclineScale(factor=0.5), 4.0, 2.0),
        (InclineScale(offset=-0.5), 0.5, 0.0),
        (InclineScale(table=NYDO), 3.0, 2.4),
        (InclineScale(table=TUNTURI), 13.0, 2.0),
        (InclineScale(table=TUNTURI), 16.5, 2.5),
        (InclineScale(table=TUNTURI), 40.0, 6.0),
    ],
)
def test_a_reported_number_is_its_true_incline(scale: InclineScale, told: float, true: float) -> None:
    assert scale.true(told) == pytest.approx(true, abs=1e-3)


def test_a_deck_of_levels_is_steered_in_its_levels() -> None:
    calibration = Calibration(incline=InclineScale(table=NYDO))
    stated = Capabilities(speed_range=SPEEDS, incline_range=ValueRange(0.0, 12.0, 1.0), reports_incline=True)
    deck = calibration.capabilities(stated).incline_range
    assert deck is not None
    assert (deck.minimum, deck.maximum, deck.step) == (0.0, pytest.approx(9.6), pytest.approx(0.8))
    assert calibration.command(Command(CommandKind.SET_INCLINE, 2.4), stated).value == 3.0
    assert calibration.command(Command(CommandKind.SET_INCLINE, 3.0), stated).value == 3.0
    two = Calibration(incline=InclineScale(table=NYDO)).capabilities(
        Capabilities(incline_range=ValueRange(0.0, 0.5, 0.1))
    )
    assert two.incline_range is None


def test_a_doubled_deck_is_sent_the_double() -> None:
    calibration = Calibration(incline=InclineScale(factor=0.5))
    stated = Capabilities(incline_range=DECK)
    assert calibration.capabilities(stated).incline_range == ValueRange(0.0, 7.5, 0.05)
    assert calibration.command(Command(CommandKind.SET_INCLINE, 2.0), stated).value == 4.0
    assert calibration.command(Command(CommandKind.SET_INCLINE, 2.0), Capabilities()).value == 4.0
    changed = MachineEvent(MachineEventKind.INCLINE_CHANGED, 4.0)
    assert calibration.event(changed).value == 2.0
    only_reports = Calibration(incline=InclineScale(factor=0.5, targets_true=True))
    assert only_reports.command(Command(CommandKind.SET_INCLINE, 2.0), stated).value == 2.0
    assert only_reports.event(changed).value == 4.0


def test_an_ignored_incline_is_neither_read_nor_set() -> None:
    bench = CalibrationBench(Calibration(incline=InclineScale(ignored=True)))
    bench.driver.on_machine_event(MachineEvent(MachineEventKind.INCLINE_CHANGED, 4.0))
    bench.driver.on_telemetry(Telemetry(received=1.0, incline=65.0))
    assert bench.driver.telemetry.incline is None
    assert not bench.driver.telemetry.incline_doubted
    stated = Capabilities(incline_range=DECK, reports_incline=True)
    seen = Calibration(incline=InclineScale(ignored=True)).capabilities(stated)
    assert seen.incline_range is None
    assert not seen.reports_incline


def test_s18_what_is_far_above_the_deck_is_clamped_and_doubted_for_good_once_it_lasts() -> None:
    doubt, scale = InclineDoubt(), InclineScale()

    def judge(second: float, told: float) -> Telemetry:
        return doubt.judge(Telemetry(received=second, incline=told), DECK, scale)

    assert judge(0, 15.9) == Telemetry(received=0, incline=15.0)  # a sensor that is a little off
    odd = judge(1, 65.0)
    assert (odd.incline, odd.incline_doubted, odd.trusted_incline) == (15.0, True, None)
    assert not judge(2, 2.0).incline_doubted  # a single odd frame
    for second in (3, 4, 5):
        judge(second, 65.0)
        judge(second, 65.0)  # the same report once more
    assert judge(6, 6.5).incline_doubted
    assert judge(7, 6.5).incline == 6.5


def test_without_a_range_no_deck_is_steeper_than_any() -> None:
    judged = InclineDoubt().judge(Telemetry(received=1.0, incline=65.0), None, InclineScale())
    assert (judged.incline, judged.incline_doubted) == (40.0, True)


@pytest.mark.parametrize("text", ["0 = 0\n3 = 1,5\n6 = 3 %", "6=3;0=0;3=1.5\n\n", "0 % = 0 %\n3% = 1,5%\n6 = 3"])
def test_a_table_is_read_as_people_write_it(text: str) -> None:
    assert read_table(text) == ((0.0, 0.0), (3.0, 1.5), (6.0, 3.0))
    assert read_table(write_table(read_table(text))) == read_table(text)


@pytest.mark.parametrize(
    "text", ["", "1 = 1", "1 2\n3 4", "1 = a\n2 = 3", "1 = 2\n2 = 1", "1 = 1\n1 = 2", "1 = nan\n2 = 3"]
)
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"table|could not convert"):
        read_table(text)


@pytest.mark.parametrize("scale", [{"factor": 0.0}, {"factor": -1.0}, {"factor": math.nan}, {"offset": math.inf}])
def test_what_is_no_scale_is_refused(scale: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no scale"):
        InclineScale(**scale)


def test_a_doubt_outlasts_the_link() -> None:
    doubt = InclineDoubt()

    def told(second: float, percent: float) -> Telemetry:
        driver = CalibratedDriver(RawDriver, Ear(), Calibration, doubt=doubt)
        driver.on_telemetry(Telemetry(received=second, incline=percent))
        return driver.telemetry

    for second in (1, 2, 3):
        assert told(second, 65.0).incline_doubted
    assert told(4, 6.5).incline_doubted


def test_what_our_table_knows_of_a_machine_is_supposed_until_its_owner_says_so() -> None:
    assert InclineScale.known(None) == InclineScale()
    assert InclineScale.known(2) == InclineScale(factor=2.0, supposed=True)
    assert InclineScale.known([[0, 0], [6, 1]]) == InclineScale(table=((0.0, 0.0), (6.0, 1.0)), supposed=True)
    with pytest.raises(ValueError, match="scale"):
        InclineScale.known(-1.0)


def test_scales_differ_in_all_that_makes_a_difference() -> None:
    scales = [InclineScale(), InclineScale(factor=2), InclineScale(offset=1), InclineScale(table=TUNTURI)]
    scales += [InclineScale(targets_true=True), InclineScale(ignored=True)]
    told = [json.dumps(scale.as_list()) for scale in scales]
    assert len({*told}) == len(scales)
    assert InclineScale(supposed=True).as_list() == InclineScale().as_list()


def test_s4_without_a_stated_range_a_table_gives_its_level_that_is_not_above() -> None:
    assert InclineScale(table=TUNTURI).sent(2.5, None) == 13.0
    assert InclineScale(table=TUNTURI).sent(-1.0, None) == 0.0
