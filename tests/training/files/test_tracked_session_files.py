"""Finished sessions with a track as FIT and TCX: pauses, laps and every second, as read by third-party readers."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from custom_components.retrowalk.training.files.fit import write_fit
from custom_components.retrowalk.training.files.tcx import write_tcx
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from tests.support.fit_readers import Message, only, read_fit, the_one
from tests.support.tcx_schema import EXTENSION, TCX, flaws
from tests.support.walked_session import STARTED, Walk, the_pauses

TITLE = "Backward walk"


def at(second: float) -> datetime:
    return STARTED + timedelta(seconds=second)


def fit(record: SessionRecord, track: Track | None) -> list[Message]:
    return read_fit(write_fit(record, TITLE, track=track))


def tcx(record: SessionRecord, track: Track | None) -> ET.Element:
    """Return the activity in a TCX file, which must follow the schema."""
    text = write_tcx(record, TITLE, track=track)
    assert flaws(text) == []
    activity = ET.fromstring(text).find(f"{TCX}Activities/{TCX}Activity")
    assert activity is not None
    return activity


def seconds(messages: list[Message]) -> list[float]:
    """Return the seconds of the records since the session started."""
    return [(each["timestamp"] - STARTED).total_seconds() for each in only(messages, "record")]


def tracks(activity: ET.Element) -> list[list[list[float]]]:
    """Return the seconds of the points in each track of each lap."""

    def second(point: ET.Element) -> float:
        return (datetime.fromisoformat(point.findtext(f"{TCX}Time", "")) - STARTED).total_seconds()

    return [
        [[second(point) for point in track] for track in lap.iter(f"{TCX}Track")] for lap in activity.iter(f"{TCX}Lap")
    ]


# What is in a file


def test_a_session_with_a_pause_shows_the_pause_the_laps_and_the_speeds() -> None:
    walk = Walk().step(1, "Warm-up").walk(60, 1.8).step(2, "Fast").walk(40, 3.6).pause(120).walk(20, 3.6)
    record, track = walk.end(2.4)
    messages = fit(record, track)
    assert the_pauses(messages) == [(at(100), at(220))]
    first, second = only(messages, "lap")
    lengths = [
        (lap["start_time"], lap["total_elapsed_time"], lap["total_timer_time"], lap["total_distance"])
        for lap in (first, second)
    ]
    assert lengths == [(at(0), 60, 60, 30.0), (at(60), 182.4, 60, 60.0)]
    assert [lap["max_speed"] for lap in (first, second)] == [0.5, 1.0]
    assert [lap["avg_speed"] for lap in (first, second)] == [0.5, 1.0]
    assert [lap["total_strides"] for lap in (first, second)] == [35, 35]
    assert [lap["lap_trigger"] for lap in (first, second)] == ["fitness_equipment", "session_end"]
    assert [lap["message_index"] for lap in (first, second)] == [0, 1]
    records = only(messages, "record")
    assert [each["speed"] for each in records] == [0.5] * 60 + [1.0] * 40 + [0.0] + [1.0] * 20 + [0.0]
    assert [each["enhanced_speed"] for each in records] == [each["speed"] for each in records]
    assert seconds(messages) == [*range(101), *range(220, 241)]
    session = the_one(messages, "session")
    assert (session["total_elapsed_time"], session["total_timer_time"], session["num_laps"]) == (242.4, 120, 2)
    assert (session["start_time"], session["timestamp"]) == (at(0), at(242))


def test_a_second_has_what_was_measured_in_it() -> None:
    record, track = Walk(incline=-2.5, heart_rate=101).walk(60, 2.7).end()
    records = only(fit(record, track), "record")
    assert records[40] == {
        "timestamp": at(40),
        "distance": 30.0,
        "speed": 0.75,
        "enhanced_speed": 0.75,
        "grade": -2.5,
        "heart_rate": 101,
        "cadence": 35,
    }
    session = the_one(fit(record, track), "session")
    assert [session[f"{which}_heart_rate"] for which in ("min", "avg", "max")] == [101] * 3
    assert (session["avg_cadence"], session["max_cadence"], session["total_descent"]) == (35, 35, 1)


def test_what_was_not_measured_is_not_in_the_file() -> None:
    record, track = Walk(incline=None, heart_rate=None, steps_a_minute=None).walk(30).end()
    messages = fit(record, track)
    assert all(each.keys() == {"timestamp", "distance", "speed", "enhanced_speed"} for each in only(messages, "record"))
    unknown = {"total_ascent", "total_descent", "total_strides", "avg_heart_rate", "avg_cadence", "max_cadence"}
    assert not unknown & the_one(messages, "session").keys()
    point = tcx(record, track).find(f".//{TCX}Trackpoint")
    assert point is not None
    assert [each.tag for each in point] == [f"{TCX}{name}" for name in ("Time", "DistanceMeters", "Extensions")]


def test_a_climb_counts_along_the_belt() -> None:
    record, track = Walk(incline=10.0).walk(720, 5.0).end()
    assert the_one(fit(record, track), "session")["total_ascent"] == 100  # of 1000 m


@pytest.mark.parametrize("rate", [0, 255, 300, -1])
def test_a_heart_rate_that_no_file_can_hold_is_left_out(rate: int) -> None:
    record, track = Walk(heart_rate=rate).walk(10).end()
    assert all("heart_rate" not in each for each in only(fit(record, track), "record"))
    tcx(record, track)


def test_a_cadence_begins_anew_after_a_pause() -> None:
    walk = Walk().walk(60).pause(60)
    walk.steps_a_minute = 140.0  # so that the count jumps
    record, track = walk.walk(30).end()
    cadences = {
        (each["timestamp"] - STARTED).total_seconds(): each.get("cadence")
        for each in only(fit(record, track), "record")
    }
    assert (cadences[9], cadences[10], cadences[60]) == (None, 33, 35)
    assert (cadences[120], cadences[129]) == (None, None)
    assert cadences[149] == 69


# Pauses


@pytest.mark.parametrize("length", [4, 20])
def test_a_rest_without_a_pause_stops_the_timer_too(length: int) -> None:
    record, track = Walk().walk(30).rest(length).walk(30).end()
    assert the_pauses(fit(record, track)) == [(at(30), at(30 + length))]


def test_a_link_that_was_lost_on_a_moving_belt_is_no_pause() -> None:
    record, track = Walk().walk(30).unheard(60, 1.8).walk(30).end()
    messages = fit(record, track)
    assert the_pauses(messages) == []
    assert seconds(messages) == [*range(30), *range(90, 121)]
    assert the_one(messages, "session")["total_timer_time"] == 120


def test_a_link_that_was_lost_while_the_belt_rested_is_a_pause() -> None:
    record, track = Walk().walk(30).unheard(60).walk(30).end()
    assert the_pauses(fit(record, track)) == [(at(29), at(90))]
    assert the_one(fit(record, track), "session")["total_timer_time"] == 60


@pytest.mark.parametrize("slip", [1, 3])
def test_a_machine_that_reports_no_speed_for_a_moment_does_not_stop_the_timer(slip: int) -> None:
    walk = Walk().walk(30)
    record, track = walk.rest(slip).walk(30).end()
    assert the_pauses(fit(record, track)) == []


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_short_pause_is_a_pause(length: int) -> None:
    record, track = Walk().walk(30).pause(length).walk(30).end()
    assert the_pauses(fit(record, track)) == [(at(30), at(30 + length))]


def test_a_session_that_ends_in_a_pause_stops_its_timer_when_it_began() -> None:
    walk = Walk().walk(60)
    walk.marks.append(Mark(second=60, kind=MarkKind.PAUSED))
    record, track = walk.end(300.0)
    messages = fit(record, track)
    assert [each["timestamp"] for each in only(messages, "event")] == [at(0), at(60)]
    session = the_one(messages, "session")
    assert (session["timestamp"], session["total_elapsed_time"], session["total_timer_time"]) == (at(360), 360, 60)


@pytest.mark.parametrize("late", [2, 8])
def test_a_belt_that_starts_late_starts_the_timer_late(late: int) -> None:
    record, track = Walk().rest(late).walk(60).end()
    messages = fit(record, track)
    assert [each["timestamp"] for each in only(messages, "event")] == [at(late), at(late + 60)]
    assert the_one(messages, "session")["start_time"] == at(0)


def test_a_belt_that_never_moved_is_a_session_all_the_same() -> None:
    record, track = Walk().rest(30).end()
    messages = fit(record, track)
    assert [each["timestamp"] for each in only(messages, "event")] == [at(0), at(30)]
    assert the_one(messages, "session")["total_distance"] == 0
    tcx(record, track)


def test_a_track_of_one_in_five_seconds_keeps_its_pauses_to_the_second() -> None:
    record, track = Walk().walk(63).pause(7).walk(52).end()
    thin = track.thinned(5)
    messages = fit(record, thin)
    assert the_pauses(messages) == [(at(63), at(70))]
    assert len(only(messages, "record")) < 30
    assert the_one(messages, "session")["total_timer_time"] == 115


def test_a_machine_that_counts_in_tens_of_meters_has_no_pauses_between_its_counts() -> None:
    record, track = Walk(counts=10.0).walk(240, 1.0).pause(30).walk(60, 1.0).end()
    assert the_pauses(fit(record, track)) == [(at(240), at(270))]


def test_each_track_of_a_tcx_lap_is_one_piece_without_a_pause() -> None:
    walk = Walk().step(1).walk(4).pause(60).walk(4).step(2).walk(4).pause(60)
    activity = tcx(*walk.end())
    assert tracks(activity) == [[[0, 1, 2, 3, 4], [64, 65, 66, 67]], [[68, 69, 70, 71, 72]]]
    assert [lap.findtext(f"{TCX}TotalTimeSeconds") for lap in activity.iter(f"{TCX}Lap")] == ["8.000", "4.000"]
    assert activity.findtext(f"{TCX}Id") == "2026-06-01T08:00:00Z"


def test_a_tcx_point_has_the_heart_rate_the_speed_and_the_cadence() -> None:
    record, track = Walk(heart_rate=101).walk(40, 2.7).end()
    lap = tcx(record, track).find(f"{TCX}Lap")
    assert lap is not None
    point = [*lap.iter(f"{TCX}Trackpoint")][20]
    assert [*point.itertext()] == ["2026-06-01T08:00:20Z", "15.00", "101", "0.750", "34"]
    rates = [lap.findtext(f"{TCX}{which}HeartRateBpm/{TCX}Value") for which in ("Average", "Maximum")]
    assert rates == ["101", "101"]
    averages = lap.find(f"{TCX}Extensions/{EXTENSION}LX")
    assert averages is not None
    assert {each.tag.removeprefix(EXTENSION): each.text for each in averages} == {
        "AvgSpeed": "0.750",
        "AvgRunCadence": "34",
        "MaxRunCadence": "35",
        "Steps": "46",
    }


# Laps


def test_steps_that_were_skipped_at_once_are_no_laps() -> None:
    walk = Walk().step(1).walk(30).step(2, "Never walked").step(3, "Skipped to").walk(30).step(4)
    record, track = walk.end()
    messages = fit(record, track)
    assert [lap["start_time"] for lap in only(messages, "lap")] == [at(0), at(30)]
    labels = [lap.findtext(f"{TCX}Notes") for lap in tcx(record, track).iter(f"{TCX}Lap")]
    assert labels == [None, "Skipped to"]


def test_steps_that_were_skipped_in_a_pause_are_one_lap_and_the_pause_lies_in_one() -> None:
    walk = Walk().step(1).walk(30).pause(60)
    walk.marks[-1:] = [
        Mark(second=50, kind=MarkKind.STEP, step=2),
        Mark(second=70, kind=MarkKind.STEP, step=3),
        walk.marks[-1],
    ]
    record, track = walk.walk(30).end()
    messages = fit(record, track)
    assert the_pauses(messages) == [(at(30), at(90))]
    laps = [(lap["start_time"], lap["total_elapsed_time"], lap["total_timer_time"]) for lap in only(messages, "lap")]
    assert laps == [(at(0), 50, 30), (at(50), 70, 30)]


def test_a_step_that_began_after_the_belt_had_stopped_is_no_lap() -> None:
    walk = Walk().step(1).walk(30).step(2, "Never walked")
    record, track = walk.end(20.0)
    messages = fit(record, track)
    assert [lap["total_elapsed_time"] for lap in only(messages, "lap")] == [50]


def test_a_first_step_that_begins_with_the_belt_begins_with_the_session() -> None:
    record, track = Walk().rest(5).step(1, "Warm-up").walk(30).step(2).walk(30).end()
    assert [lap["start_time"] for lap in only(fit(record, track), "lap")] == [at(0), at(35)]


def test_without_a_program_there_is_one_lap_with_the_figures_of_the_session() -> None:
    record, track = Walk().walk(30).pause(30).walk(30).end()
    messages = fit(record, replace(track, speed=tuple(0.5 for _ in track.speed)))
    lap, session = the_one(messages, "lap"), the_one(messages, "session")
    assert lap["max_speed"] == session["max_speed"] == 0.5
    assert {key: lap[key] for key in lap.keys() & session.keys() - {"event"}} == {
        key: session[key] for key in lap.keys() & session.keys() - {"event"}
    }


def test_laps_share_the_calories_by_what_they_cost() -> None:
    walk = Walk().step(1).walk(100, 1.0).step(2).walk(100, 4.0)
    record, track = walk.end(calories=20.4)
    slow, fast = (lap["total_calories"] for lap in only(fit(record, track), "lap"))
    assert slow + fast == 20
    assert slow < fast < 3 * slow


# Odd records


def test_a_clock_set_back_shortens_nothing_that_the_track_has() -> None:
    record, track = Walk().walk(60).pause(60).walk(60).end(ended=STARTED - timedelta(hours=1))
    session = the_one(fit(record, track), "session")
    assert (session["total_elapsed_time"], session["total_timer_time"]) == (180, 120)
    assert the_pauses(fit(record, track)) == [(at(60), at(120))]


def test_a_record_of_more_than_its_track_ends_with_what_was_missed() -> None:
    record, track = Walk().walk(60).end(30.0)
    samples = [*track.samples][:-1]
    more = replace(record, distance=45.0, moving_time=90.0)
    records = only(fit(more, Track.of(samples)), "record")
    assert [(each["timestamp"], each["distance"]) for each in records[-2:]] == [(at(59), 29.5), (at(90), 45.0)]
    assert "speed" not in records[-1]


def test_a_record_of_less_than_its_track_is_what_counts() -> None:
    record, track = Walk().walk(60).end()
    less = replace(record, distance=20.0, moving_time=50.0, steps=10)
    messages = fit(less, track)
    assert max(each["distance"] for each in only(messages, "record")) == 20.0
    session = the_one(messages, "session")
    assert (session["total_distance"], session["total_timer_time"], session["total_strides"]) == (20.0, 50, 5)


def test_marks_without_samples_cut_nothing() -> None:
    record, _ = Walk().walk(60).end()
    marks = Track(marks=(Mark(second=10, kind=MarkKind.PAUSED), Mark(second=20, kind=MarkKind.STEP, step=2)))
    assert fit(record, marks) == fit(record, None)


def test_many_kinds_of_seconds_are_one_file() -> None:
    """A FIT file describes at most 16 kinds of messages at a time; here there are 17, and they change each second."""
    samples = [
        Sample(
            second,
            1.8 if second & 1 else None,
            1.0 if second & 2 else None,
            second / 2,
            90 if second & 4 else None,
            second if second & 8 else None,
        )
        for second in range(200)
    ]
    record, _ = Walk().walk(199).end(steps=199)
    messages = fit(record, Track.of(samples, [Mark(second=100, kind=MarkKind.STEP, step=2)]))
    assert len(only(messages, "record")) == 200
    assert len({frozenset(each) for each in only(messages, "record")}) >= 16


def test_two_hours_are_read_to_the_last_second_and_fit_in_a_file_that_every_service_takes() -> None:
    record, track = Walk().walk(7200).end()
    data = write_fit(record, TITLE, track=track)
    assert len(data) < 150_000
    assert seconds(read_fit(data)) == [*range(7201)]
    assert len(write_tcx(record, TITLE, track=track)) < 2_500_000
