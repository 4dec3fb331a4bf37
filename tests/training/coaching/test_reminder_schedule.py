"""Reminders: when one is due, when none is, and the effect of a snooze, a miss and a day away."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.retrowalk.training.coaching.reminder_memory import ASK_AFTER, ReminderMemory
from custom_components.retrowalk.training.coaching.reminder_schedule import (
    LATE,
    REMINDS,
    SNOOZES,
    ReminderDecision,
    ReminderKind,
    ReminderSchedule,
    ReminderSettings,
    SnoozeRefusal,
    SnoozeRefusedError,
    answered,
)
from custom_components.retrowalk.training.history.streak import WeeklyPlan

BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
MONDAY = date(2026, 11, 2)
BEGIN = datetime.combine(MONDAY, time(9), BERLIN)
SETTINGS = ReminderSettings(on=True, at=time(18), quiet_from=time(21), plan=WeeklyPlan())


class Days:
    """A walker whose days pass as the test specifies."""

    def __init__(self, settings: ReminderSettings = SETTINGS, zone: ZoneInfo = BERLIN, begin: datetime = BEGIN) -> None:
        self.settings = settings
        self.zone = zone
        self.walked_days: set[date] = set()
        self.memory = ReminderMemory()
        self.now = begin.astimezone(zone)
        self.busy = self.away = False
        self.evaluate()

    @property
    def reminding(self) -> ReminderSchedule:
        return ReminderSchedule(
            now=self.now, tz=self.zone, settings=self.settings, walked=self.walked_days.__contains__
        )

    def evaluate(self) -> ReminderDecision:
        decision = self.reminding.evaluate(self.memory, busy=self.busy, away=self.away)
        self.memory = decision.memory
        return decision

    def at(self, hour: int, minute: int = 0, *, day: int = 0) -> ReminderDecision:
        """Return the decision at that time, this many days after Monday."""
        self.now = datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), self.zone)
        return self.evaluate()

    def later(self, **delta: float) -> ReminderDecision:
        self.now = (self.now.astimezone(UTC) + timedelta(**delta)).astimezone(self.zone)
        return self.evaluate()

    def walk(self) -> ReminderDecision:
        self.walked_days.add(self.now.date())
        return self.evaluate()

    def snooze(self, minutes: float | None = None) -> ReminderDecision:
        self.memory = self.reminding.snooze(self.memory, minutes)
        return self.evaluate()

    def refused(self) -> SnoozeRefusal:
        with pytest.raises(SnoozeRefusedError) as raised:
            self.snooze()
        return raised.value.reason

    def skip(self) -> bool:
        memory = self.reminding.skip(self.memory)
        self.memory = memory or self.memory
        return memory is not None


@pytest.fixture
def days() -> Days:
    return Days()


def local(decision: ReminderDecision, zone: ZoneInfo = BERLIN) -> str:
    assert decision.wake is not None
    return f"{decision.wake.astimezone(zone):%d %H:%M}"


# One day


def test_a_reminder_comes_once_at_its_time(days: Days) -> None:
    decision = days.at(17, 59)
    assert (decision.kind, local(decision)) == (ReminderKind.WAITING, "02 18:00")
    decision = days.at(18)
    assert (decision.kind, local(decision), decision.snooze) == (ReminderKind.DUE, "03 00:00", 15)
    assert days.at(18, 1).kind is ReminderKind.QUIET
    assert days.at(23, 59).kind is ReminderKind.QUIET
    decision = days.at(0, day=1)
    assert (decision.kind, local(decision), decision.missed) == (ReminderKind.WAITING, "03 18:00", 1)


def test_who_has_walked_is_not_reminded(days: Days) -> None:
    days.at(12)
    assert days.walk().kind is ReminderKind.DONE
    assert days.at(18).kind is ReminderKind.DONE
    assert days.at(0, day=1).missed is None
    assert days.at(18, day=1).kind is ReminderKind.DUE
    assert days.walk().kind is ReminderKind.DONE


def test_no_reminder_on_a_day_without_a_plan_or_while_it_is_off(days: Days) -> None:
    days.settings = replace(SETTINGS, plan=WeeklyPlan(days=frozenset({1})))
    assert days.at(18).kind is ReminderKind.QUIET
    days.settings = replace(SETTINGS, plan=WeeklyPlan(paused=((MONDAY, None),)))
    assert days.at(18, 1).kind is ReminderKind.QUIET
    days.settings = replace(SETTINGS, on=False)
    decision = days.at(18, 2)
    assert (decision.kind, decision.wake, decision.memory.since) == (ReminderKind.QUIET, None, None)


@pytest.mark.parametrize("why", ["busy", "away"])
def test_a_reminder_waits_for_the_walker_and_the_belt_but_not_for_ever(days: Days, why: str) -> None:
    setattr(days, why, True)
    decision = days.at(18)
    assert (decision.kind, local(decision)) == (ReminderKind.HELD, "02 21:00")
    setattr(days, why, False)
    assert days.at(19, 30).kind is ReminderKind.DUE
    days.at(9, day=1)
    setattr(days, why, True)
    assert days.at(18, day=1).kind is ReminderKind.HELD
    setattr(days, why, False)
    assert days.at(21, day=1).kind is ReminderKind.QUIET


def test_a_reminder_that_was_missed_is_sent_while_it_is_sensible(days: Days) -> None:
    days.settings = replace(SETTINGS, at=time(15))
    days.at(10, day=1)
    assert days.at(17, 59, day=1).kind is ReminderKind.DUE
    assert days.at(18, day=2).kind is ReminderKind.QUIET  # three hours late
    days.settings = replace(SETTINGS, at=time(20))
    days.at(10, day=3)
    assert days.at(21, day=3).kind is ReminderKind.QUIET  # quiet time
    days.at(10, day=4)
    assert days.at(0, 10, day=5).kind is ReminderKind.WAITING  # another day


def test_a_time_that_has_passed_when_it_was_set_counts_from_tomorrow(days: Days) -> None:
    days.at(17, 30)
    days.settings = replace(SETTINGS, at=time(17))
    assert days.evaluate().kind is ReminderKind.QUIET
    assert days.at(17, day=1).kind is ReminderKind.DUE
    late = Days()
    late.settings = replace(SETTINGS, on=False)
    late.at(19)
    late.settings = SETTINGS
    assert late.evaluate().kind is ReminderKind.QUIET
    assert late.memory.since == date(2026, 11, 3)
    assert late.at(9, day=1).missed is None  # no reminder was due on Monday


def test_switching_off_and_on_does_not_repeat_a_reminder(days: Days) -> None:
    days.at(18)
    for on in (False, True):
        days.settings = replace(SETTINGS, on=on)
        assert days.at(18, 5).kind is ReminderKind.QUIET


def test_a_time_in_quiet_time_never_comes(days: Days) -> None:
    days.settings = replace(SETTINGS, quiet_from=time(17))
    assert days.at(10).kind is ReminderKind.QUIET
    assert days.at(18).kind is ReminderKind.QUIET


def test_the_schedule_knows_when_nothing_more_comes_today(days: Days) -> None:
    days.settings = replace(SETTINGS, quiet_from=time(17))
    days.at(16, 59)
    assert not days.reminding.quiet
    days.at(17)
    assert days.reminding.quiet


# Snooze and skip


def test_snoozes_grow_and_end(days: Days) -> None:
    assert days.refused() is SnoozeRefusal.NOTHING
    days.at(17)
    assert days.refused() is SnoozeRefusal.NOTHING
    days.at(18)
    offered = []
    for minutes in SNOOZES:
        decision = days.snooze()
        assert decision.kind is ReminderKind.SNOOZED
        assert decision.wake == days.now.astimezone(UTC) + timedelta(minutes=minutes)
        assert days.later(minutes=minutes - 1).kind is ReminderKind.SNOOZED
        decision = days.later(minutes=1)
        assert decision.kind is ReminderKind.DUE
        offered.append(decision.snooze)
    assert offered == [30, 60, None]
    assert days.refused() is SnoozeRefusal.NO_MORE
    assert days.later(hours=1).kind is ReminderKind.QUIET


def test_a_snooze_of_other_minutes_and_one_that_quiet_time_forbids(days: Days) -> None:
    days.at(18)
    assert local(days.snooze(40)) == "02 18:40"
    assert local(days.snooze(100)) == "02 19:40"
    days.settings = replace(SETTINGS, quiet_from=time(18, 30))
    assert days.evaluate().kind is ReminderKind.QUIET
    assert days.refused() is SnoozeRefusal.TOO_LATE
    assert days.memory.until is None


def test_a_snooze_is_late_too_when_nobody_could_tell(days: Days) -> None:
    days.settings = replace(SETTINGS, at=time(9), quiet_from=time(22))
    days.at(8, day=1)
    days.at(9, day=1)
    days.snooze()
    assert days.at(12, 14, day=1).kind is ReminderKind.DUE
    days.at(9, day=2)
    days.snooze()
    assert days.at(12, 15, day=2).kind is ReminderKind.QUIET


def test_who_walks_after_a_snooze_hears_no_more(days: Days) -> None:
    days.at(18)
    days.snooze()
    days.at(18, 10)
    days.walk()
    assert days.at(18, 15).kind is ReminderKind.DONE
    assert days.refused() is SnoozeRefusal.NOTHING
    assert not days.skip()


def test_a_day_that_is_skipped_is_quiet_and_not_told_as_missed(days: Days) -> None:
    days.at(18)
    days.snooze()
    assert days.skip()
    assert not days.skip()
    assert days.evaluate().kind is ReminderKind.QUIET
    assert days.refused() is SnoozeRefusal.NOTHING
    assert days.at(18, 15).kind is ReminderKind.QUIET
    assert days.at(0, day=1).missed is None
    days.settings = replace(SETTINGS, on=False)
    assert not days.skip()
    days.settings = replace(SETTINGS, plan=WeeklyPlan(days=frozenset({0})))
    assert not days.skip()


# Misses


def test_after_the_second_miss_in_a_row_less_is_asked(days: Days) -> None:
    kinds, missed = [], []
    for day in range(5):
        missed.append(days.at(0, 1, day=day).missed)
        kinds.append(days.at(18, day=day).kind)
        if day == 3:
            days.walk()
    assert kinds == [ReminderKind.DUE, ReminderKind.DUE, ReminderKind.COMEBACK, ReminderKind.COMEBACK, ReminderKind.DUE]
    assert missed == [None, 1, 2, 3, None]


def test_a_skipped_day_is_a_day_without_a_walk(days: Days) -> None:
    days.at(18)
    days.skip()
    days.at(18, day=1)
    assert days.at(0, day=2).missed == 2
    assert days.at(18, day=2).kind is ReminderKind.COMEBACK


def test_days_without_a_plan_and_days_away_are_neutral(days: Days) -> None:
    days.settings = replace(SETTINGS, plan=WeeklyPlan(days=frozenset({0, 2, 4})))
    days.at(18)
    assert days.at(9, day=1).missed == 1
    days.away = True
    assert days.at(18, day=2).kind is ReminderKind.HELD
    days.away = False
    decision = days.at(9, day=3)
    assert (decision.missed, decision.away, decision.memory.away) == (None, date(2026, 11, 4), (date(2026, 11, 4),))
    assert days.evaluate().away is None
    assert days.at(18, day=4).kind is ReminderKind.DUE  # one miss and one day away
    assert days.at(9, day=5).missed == 2
    assert days.at(18, day=7).kind is ReminderKind.COMEBACK
    days.at(9, day=60)
    assert days.memory.away == ()


def test_who_comes_home_in_time_was_not_away(days: Days) -> None:
    days.away = True
    days.at(18)
    days.away = False
    assert days.at(19).kind is ReminderKind.DUE
    assert days.at(9, day=1).missed == 1


def test_a_walk_on_a_day_without_a_plan_ends_the_misses(days: Days) -> None:
    days.settings = replace(SETTINGS, plan=WeeklyPlan(days=frozenset({0, 2, 4})))
    days.at(18)
    days.at(18, day=1)
    days.walk()
    days.at(18, day=2)
    assert days.at(18, day=4).kind is ReminderKind.DUE


def test_three_reminders_without_an_answer_or_a_walk_ask_whether_they_arrive(days: Days) -> None:
    for day in range(ASK_AFTER):
        assert not days.memory.asks
        days.at(18, day=day)
    assert not days.memory.asks
    days.at(0, day=3)
    assert days.memory.asks
    days.at(18, day=3)
    assert days.memory.asks
    days.memory = answered(days.memory)
    assert not days.memory.asks
    days.at(0, day=4)
    assert days.memory.unanswered == 0
    days.at(18, day=4)
    days.at(18, day=5)
    days.walk()
    assert days.memory.unanswered == 0


def test_a_walk_after_the_reminder_is_an_answer_also_when_it_is_told_of_late(days: Days) -> None:
    days.at(18)
    days.at(18, day=1)
    assert days.memory.unanswered == 1
    days.walked_days.add(days.now.date())
    days.at(9, day=2)
    assert days.memory.unanswered == 0


# Clock changes


@pytest.mark.parametrize(
    ("on", "at", "utc"),
    [
        (date(2026, 3, 28), time(18), datetime(2026, 3, 28, 17, tzinfo=UTC)),
        (date(2026, 3, 29), time(18), datetime(2026, 3, 29, 16, tzinfo=UTC)),
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # does not exist: an hour later
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # exists twice: the first
        (date(2026, 10, 25), time(18), datetime(2026, 10, 25, 17, tzinfo=UTC)),
    ],
)
def test_reminders_keep_the_clock_of_the_house_when_it_is_changed(on: date, at: time, utc: datetime) -> None:
    days = Days(replace(SETTINGS, at=at), begin=datetime.combine(on, time.min, BERLIN))
    assert days.evaluate().wake == utc
    days.now = utc
    assert days.evaluate().kind is ReminderKind.DUE
    for _ in range(3):
        assert days.later(hours=1).kind is ReminderKind.QUIET


def test_a_snooze_over_the_hour_that_comes_twice_is_as_long_as_any() -> None:
    days = Days(replace(SETTINGS, at=time(2, 50)), begin=datetime(2026, 10, 24, 22, tzinfo=UTC))
    days.now = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert days.evaluate().kind is ReminderKind.DUE
    assert days.snooze().wake == datetime(2026, 10, 25, 1, 5, tzinfo=UTC)


def test_a_house_that_moves_is_reminded_by_its_new_clock(days: Days) -> None:
    days.at(12)
    days.zone = LOS_ANGELES
    decision = days.evaluate()  # 3 in the morning
    assert (decision.kind, local(decision, LOS_ANGELES)) == (ReminderKind.WAITING, "02 18:00")


def test_a_day_that_comes_again_is_left_alone(days: Days) -> None:
    days.at(18)
    days.at(1, day=1)
    days.zone = LOS_ANGELES  # Monday afternoon again
    decision = days.evaluate()
    assert (decision.kind, local(decision, LOS_ANGELES)) == (ReminderKind.QUIET, "03 00:00")
    assert days.later(hours=2).kind is ReminderKind.QUIET


def test_a_clock_that_was_years_ahead_does_not_silence_reminders_for_years(days: Days) -> None:
    days.at(18, day=1000)
    assert days.at(17).kind is ReminderKind.WAITING
    assert days.at(18).kind is ReminderKind.DUE


# Stored data


def test_what_is_kept_is_what_was() -> None:
    full = ReminderMemory(
        since=MONDAY,
        set_to=time(18),
        set_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
        day=MONDAY,
        sent=2,
        until=datetime(2026, 11, 2, 18, tzinfo=UTC),
        snoozes=1,
        skipped=True,
        answered=True,
        absent=True,
        away=(MONDAY,),
        unanswered=2,
    )
    for memory in (ReminderMemory(), full):
        assert ReminderMemory.from_dict(memory.as_dict()) == memory
    for wrong in ({}, {**full.as_dict(), "until": "2026-11-02T18:00:00"}, {**full.as_dict(), "day": "soon"}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            ReminderMemory.from_dict(wrong)


# Random sequences


STEP = st.tuples(
    st.integers(1, 600),  # minutes until the step
    st.sampled_from(["look", "walk", "snooze", "skip", "busy", "away", "pause", "off", "zone", "restart", "at"]),
)


@given(
    st.lists(STEP, max_size=60),
    st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Beirut"]),
    st.sampled_from([datetime(2026, 3, 20, 9, tzinfo=UTC), datetime(2026, 10, 20, 9, tzinfo=UTC)]),
    st.times(),
)
def test_whatever_happens_nobody_is_disturbed_in_vain(
    steps: list[tuple[int, str]], zone: str, begin: datetime, at: time
) -> None:
    days = Days(replace(SETTINGS, at=at.replace(microsecond=0)), ZoneInfo(zone), begin)
    sent: dict[date, int] = {}
    not_before: datetime | None = None
    paused = False
    for minutes, what in steps:
        decision = days.later(minutes=minutes)
        if decision.kind in REMINDS:
            today = days.now.date()
            sent[today] = sent.get(today, 0) + 1
            assert sent[today] <= 1 + len(SNOOZES)
            assert True not in {days.busy, days.away, paused}
            assert days.settings.on
            assert today not in days.walked_days
            assert days.now.fold or days.settings.at <= days.now.time() < days.settings.quiet_from
            assert not_before is None or days.now >= not_before
            not_before = None
        assert decision.wake is None or decision.wake > days.now
        assert days.evaluate().kind not in REMINDS  # looking again changes nothing
        assert ReminderMemory.from_dict(days.memory.as_dict()) == days.memory
        match what:
            case "walk":
                assert days.walk().kind not in REMINDS
            case "snooze":
                was = days.memory.snoozes
                try:
                    days.snooze()
                except SnoozeRefusedError:
                    continue
                not_before = days.now + timedelta(minutes=SNOOZES[was])
            case "skip":
                days.skip()
            case "busy":
                days.busy = not days.busy
            case "away":
                days.away = not days.away
            case "pause":
                paused = not paused
                plan = WeeklyPlan(paused=((days.now.date(), None),)) if paused else WeeklyPlan()
                days.settings = replace(days.settings, plan=plan)
            case "off":
                days.settings = replace(days.settings, on=not days.settings.on)
                not_before = None
            case "zone":
                days.zone = LOS_ANGELES if days.zone is not LOS_ANGELES else ZoneInfo(zone)
                not_before = None
            case "restart":
                days.memory = ReminderMemory.from_dict(days.memory.as_dict())
            case "at":
                days.settings = replace(days.settings, at=time((days.settings.at.hour + minutes) % 24))


def test_late_is_less_than_a_day() -> None:
    assert timedelta(0) < LATE < timedelta(days=1)


# What the dashboard shows


@pytest.mark.parametrize("weekdays", [{0, 1, 2, 3, 4, 5, 6}, {0, 2, 4}, {6}, {0}])
def test_the_next_reminder_is_the_next_one_that_comes(weekdays: set[int]) -> None:
    plan = WeeklyPlan(days=frozenset(weekdays), paused=((MONDAY + timedelta(days=8), MONDAY + timedelta(days=12)),))
    days = Days(replace(SETTINGS, plan=plan))
    for _ in range(20):
        said = days.reminding.next_at(days.memory)
        decision = days.evaluate()
        while decision.kind not in REMINDS:
            assert decision.wake is not None
            assert days.reminding.next_at(days.memory) == said
            days.now = decision.wake.astimezone(days.zone)
            decision = days.evaluate()
        assert said == days.now.astimezone(UTC)


def test_a_snoozed_reminder_is_next_and_a_skipped_or_walked_day_has_none() -> None:
    tomorrow = datetime.combine(MONDAY + timedelta(days=1), time(18), BERLIN)
    days = Days()
    assert days.reminding.next_at(days.memory) == datetime.combine(MONDAY, time(18), BERLIN)
    assert not days.reminding.is_due(days.memory)
    days.at(18)
    assert days.reminding.is_due(days.memory)
    assert days.reminding.next_at(days.memory) == tomorrow
    days.snooze()
    assert not days.reminding.is_due(days.memory)
    assert days.reminding.next_at(days.memory) == datetime.combine(MONDAY, time(18, 15), BERLIN)
    days.at(18, 15)
    assert days.reminding.is_due(days.memory)
    assert days.skip()
    assert not days.reminding.is_due(days.memory)
    assert days.reminding.next_at(days.memory) == tomorrow
    days.at(9, day=1)
    days.walk()
    assert days.reminding.next_at(days.memory) == tomorrow + timedelta(days=1)


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, on=False),
        replace(SETTINGS, at=time(22)),
        replace(SETTINGS, plan=WeeklyPlan(paused=((MONDAY, None),))),
    ],
)
def test_no_reminder_is_next_while_none_comes(settings: ReminderSettings) -> None:
    days = Days(settings)
    assert days.reminding.next_at(days.memory) is None


def test_a_house_that_moved_west_has_had_its_day() -> None:
    days = Days(begin=datetime.combine(MONDAY, time(1), BERLIN))
    days.zone, days.now = LOS_ANGELES, days.now.astimezone(LOS_ANGELES)
    days.evaluate()
    assert days.reminding.next_at(days.memory) == datetime.combine(MONDAY, time(18), LOS_ANGELES)
