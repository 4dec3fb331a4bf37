"""How soon a silent belt is noticed, without false alarms (S11)."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState
from custom_components.retrowalk.training.belt.report_interval import LATEST, SOONEST, ReportInterval
from custom_components.retrowalk.training.events import SessionEventKind as EventKind
from custom_components.retrowalk.training.states import SessionState as State
from tests.support.session_run import SessionRun


def learned(*gaps: float, for_at_least: float = 30.0) -> tuple[ReportInterval, float]:
    """Return an interval that has learned these gaps repeatedly, and the time of the last report."""
    rhythm, at = ReportInterval(), 1000.0
    rhythm.on_moving(at)
    while at < 1000.0 + for_at_least:
        for gap in gaps:
            at += gap
            rhythm.on_moving(at)
    return rhythm, at


@pytest.mark.parametrize(
    ("gaps", "patience"),
    [
        ((0.2,), 2.5),
        ((1.0,), 2.5),
        ((1.25,), 2.5),
        ((1.6,), 3.2),
        ((2.0,), 4.0),
        ((3.0,), 5.0),
        ((0.05, 0.05, 2.9), 5.0),  # bursts: the time between them counts
        ((1.0, 1.0, 2.0, 1.0), 4.0),  # a report is lost occasionally
    ],
)
def test_s11_a_belt_counts_as_lost_after_twice_its_own_interval(gaps: tuple[float, ...], patience: float) -> None:
    assert learned(*gaps)[0].patience == pytest.approx(patience)


def test_s11_until_the_interval_is_known_a_belt_has_all_the_time_there_is() -> None:
    rhythm = ReportInterval()
    for second in range(10):
        rhythm.on_moving(float(second))
        assert rhythm.patience == LATEST
    rhythm.on_moving(10.0)
    assert rhythm.patience == SOONEST


def test_s11_a_long_gap_is_forgotten_after_two_minutes() -> None:
    rhythm, at = learned(1.0, for_at_least=70)
    at += 2.2
    rhythm.on_moving(at)
    for second in range(59):
        rhythm.on_moving(at + second)
    assert rhythm.patience == pytest.approx(4.4)
    for second in range(60, 185):
        rhythm.on_moving(at + second)
    assert rhythm.patience == SOONEST


def test_s11_what_was_no_loss_once_is_given_more_time_from_then_on() -> None:
    rhythm, at = learned(1.0)
    rhythm.on_moving(at + 3.0)
    for second in range(600):
        rhythm.on_moving(at + 3.0 + second)
    assert rhythm.patience == LATEST


def test_s11_how_often_a_belt_at_rest_is_reported_tells_nothing_of_a_moving_one() -> None:
    rhythm, at = learned(1.0)
    rhythm.on_rest()
    rhythm.on_moving(at + 300)
    rhythm.on_moving(at + 301)
    assert rhythm.patience == SOONEST


@settings(max_examples=200, deadline=None)
@given(
    interval=st.floats(0.2, 3.0),
    jitter=st.lists(st.floats(0.7, 1.3), min_size=5, max_size=60),
    burst=st.integers(1, 4),
)
def test_s11_no_interval_with_jitter_is_a_loss_and_a_true_loss_is_noticed_in_time(
    interval: float, jitter: list[float], burst: int
) -> None:
    rhythm, at = ReportInterval(), 1000.0
    rhythm.on_moving(at)
    for turn in range(200):
        gap = interval * jitter[turn % len(jitter)]
        assert gap <= rhythm.patience
        at += gap
        for _ in range(burst):
            rhythm.on_moving(at)
            at += 0.01
    assert SOONEST <= rhythm.patience <= LATEST
    if interval * 1.3 < SOONEST / 2 - 0.05:
        assert rhythm.patience == SOONEST


@settings(max_examples=100, deadline=None)
@example(interval=2.0733881845437767, lost=[10] * 15 + [0] + [10] * 16)
@example(interval=2.2050594327973236, lost=[10] * 11 + [0] + [10] * 19)
@given(interval=st.floats(0.2, 2.4), lost=st.lists(st.integers(0, 100), min_size=20, max_size=200))
def test_s11_a_link_that_loses_reports_is_not_lost_and_back_again_and_again(interval: float, lost: list[int]) -> None:
    """Lose a tenth of the reports: at most one silence of less than five seconds is taken for a lost link."""
    rhythm, at, mistakes, gap = ReportInterval(), 1000.0, 0, 0.0
    rhythm.on_moving(at)
    for turn in range(600):
        gap += interval
        if lost[turn % len(lost)] < 10:
            continue
        mistakes += rhythm.patience < gap <= LATEST
        at += gap
        gap = 0.0
        rhythm.on_moving(at)
    assert mistakes <= 1


def walking() -> SessionRun:
    run = SessionRun()
    run.begin()
    run.go(20)
    run.clear_log()
    return run


def test_s11_a_walk_is_told_to_be_unheard_after_less_than_four_seconds_of_silence() -> None:
    run = walking()
    run.muted = True
    begun = run.now
    run.go(6)
    assert run.state is State.INTERRUPTED
    ((emitted_at, event),) = run.emitted
    assert event.kind is EventKind.INTERRUPTED
    assert emitted_at - begun <= 3.0  # it used to take 5.5 s
    assert run.session.belt_lost(run.now)


@settings(max_examples=25, deadline=None)
@given(interval=st.floats(0.2, 3.0), jitter=st.lists(st.floats(0.75, 1.25), min_size=3, max_size=20))
def test_s11_a_walk_is_told_to_be_unheard_when_it_is_and_not_before(interval: float, jitter: list[float]) -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(12)
    run.clear_log()
    run.muted = True
    due = run.now
    for turn in range(30):
        due += interval * jitter[turn % len(jitter)]
        while run.now < due:
            run.go(0.1, dt=0.1)
        run.report()
        assert run.state is State.MANUAL
        due = max(due, run.now)
    assert run.emitted == []
    last_report = run.now
    run.go(6, dt=0.1)
    ((emitted_at, event),) = run.emitted
    assert event.kind is EventKind.INTERRUPTED
    longest = interval * max(jitter) + 0.1
    assert 2.5 < emitted_at - last_report <= min(max(2.5, 2 * longest), 5.0) + 0.15


def test_s11_a_walk_whose_machine_reports_every_three_seconds_is_heard_all_the_time() -> None:
    run = walking()
    run.muted = True
    for _ in range(40):
        run.go(2.5)
        run.report()
        run.go(0.5)
    assert run.state in {State.WARM_UP, State.ACTIVE}
    assert EventKind.INTERRUPTED not in run.event_kinds
    assert not run.session.belt_lost(run.now)


def test_s11_a_belt_that_is_last_reported_at_rest_is_not_lost_sooner() -> None:
    run = SessionRun()
    run.treadmill.press_start()
    run.go(30)
    assert run.state is State.MANUAL
    run.clear_log()
    run.muted = True
    run.report(belt=BeltState.AT_REST, speed=0.0)  # and never again: some machines report it once
    run.go(4)
    assert run.emitted == []
    run.go(2)
    assert run.event_kinds == [EventKind.FINISHED]
