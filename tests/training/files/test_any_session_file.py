"""Any session with any track, written as FIT and as TCX, is the same session in both when readers read it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import fitdecode
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import KM_PER_MILE
from custom_components.retrowalk.training.files.fit import write_fit
from custom_components.retrowalk.training.files.tcx import write_tcx
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from tests.support.fit_readers import Message, only, read_fit, the_one
from tests.support.tcx_schema import EXTENSION, TCX, flaws
from tests.support.walked_session import STARTED, Walk, the_pauses

TITLE = "Backward walk"
MS, CM = 0.0011, 0.0051
type Session = tuple[SessionRecord, Track | None]


@st.composite
def walks(draw: st.DrawFn) -> Session:
    """Draw a session as a machine, a house and a walker make them."""
    walk = Walk(
        started=STARTED + draw(st.timedeltas(timedelta(0), timedelta(days=9000))),
        incline=draw(st.sampled_from([None, 0.0, 2.5, -3.0])),
        heart_rate=draw(st.sampled_from([None, 95])),
        steps_a_minute=draw(st.sampled_from([None, 63.0])),
        counts=draw(st.sampled_from([0.1, 1.0, 10.0])),
    )
    speeds = st.sampled_from([0.3, 1.0, 2.5, round(0.7 * KM_PER_MILE, 2), 6.0])
    number = 0
    for _ in range(draw(st.integers(0, 7))):
        match draw(st.sampled_from(["walk", "walk", "step", "pause", "rest", "away", "unheard"])):
            case "walk":
                walk.walk(draw(st.integers(1, 25)), draw(speeds))
            case "step":
                number += draw(st.integers(1, 2))
                walk.step(number, draw(st.sampled_from([None, "Fast", "<&> Ö"])))
            case "pause":
                walk.pause(draw(st.integers(1, 300)))
            case "rest":
                walk.rest(draw(st.integers(1, 60)))
            case "away":
                walk.unheard(draw(st.integers(1, 60)))
            case _:
                walk.unheard(draw(st.integers(1, 60)), draw(speeds))
    late = draw(st.sampled_from([0.0, 0.4, 0.999999, 2.5, 400.25]))
    back = draw(st.sampled_from([None, None, None, walk.started - timedelta(minutes=5)]))
    record, track = walk.end(late, **({} if back is None else {"ended": back}))
    return record, draw(st.sampled_from([track, track, track, track.thinned(5), None]))


@st.composite
def damaged(draw: st.DrawFn) -> Session:
    """Draw a session whose record and track need not fit each other at all."""
    record, _ = draw(walks())
    count = draw(st.integers(0, 12))
    several = {"min_size": count, "max_size": count}
    times = sorted(draw(st.sets(st.integers(0, 400), **several)))
    meters = sorted(draw(st.lists(st.floats(0, 2000), **several)))
    columns: list[list[Any]] = [
        draw(st.lists(st.none() | values, **several))
        for values in (
            st.sampled_from([0.0, 0.0, 1.5, 30.0]),
            st.floats(-20, 40),
            st.integers(-1, 300),
            st.integers(-5, 5000),
        )
    ]
    speeds, inclines, rates, steps = columns
    samples = map(Sample, times, speeds, inclines, meters, rates, steps, strict=True)
    marks = st.builds(Mark, second=st.integers(0, 500), kind=st.sampled_from(MarkKind), step=st.integers(1, 9))
    drawn = sorted(draw(st.lists(marks, max_size=6)), key=lambda mark: mark.second)
    return record, Track.of(samples, drawn, draw(st.sampled_from([1, 5])))


def nearest_second(time: datetime) -> datetime:
    return datetime.fromtimestamp(int((time.timestamp() + 0.5) // 1), UTC)


def check_fit(record: SessionRecord, messages: list[Message]) -> None:
    session, laps, records = the_one(messages, "session"), only(messages, "lap"), only(messages, "record")
    start, end = session["start_time"], session["timestamp"]
    # The session is the record's.
    assert start == nearest_second(record.started)
    assert end >= nearest_second(record.ended)
    assert session["total_elapsed_time"] == pytest.approx((end - start).total_seconds(), abs=1)
    assert session["total_timer_time"] == pytest.approx(record.moving_time, abs=MS)
    assert session["total_timer_time"] <= session["total_elapsed_time"] + MS
    assert session["total_distance"] == pytest.approx(record.distance, abs=CM)
    assert session["total_calories"] == round(record.calories)
    assert the_one(messages, "activity")["total_timer_time"] == session["total_timer_time"]
    # The laps are the session.
    assert session["num_laps"] == len(laps)
    assert [lap["message_index"] for lap in laps] == [*range(len(laps))]
    assert [start, *(lap["timestamp"] for lap in laps)] == [*(lap["start_time"] for lap in laps), end]
    for lap in laps:
        length = (lap["timestamp"] - lap["start_time"]).total_seconds()
        assert lap["total_elapsed_time"] == pytest.approx(length, abs=1)
        assert lap["total_timer_time"] <= lap["total_elapsed_time"] + 2 * MS
    for total in ("total_elapsed_time", "total_timer_time", "total_distance", "total_calories", "total_ascent"):
        assert sum(lap.get(total, 0) for lap in laps) == pytest.approx(session.get(total, 0), abs=1e-6)
    strides = [lap.get("total_strides", 0) + lap.get("total_fractional_cycles", 0) for lap in laps]
    assert sum(strides) * 2 == (record.steps or 0)
    # The timer starts and stops in turn, and runs wherever there is a record.
    events = [each["timestamp"] for each in only(messages, "event")]
    the_pauses(messages)
    assert start <= events[0]
    assert events[-1] <= end
    assert all(before < after for before, after in pairwise(events)) or len(events) == 2
    runs = [*zip(events[::2], events[1::2], strict=True)]
    assert all(any(begin <= each["timestamp"] <= stop for begin, stop in runs) for each in records)
    # The records rise to the whole distance.
    assert records
    assert all(before["timestamp"] < after["timestamp"] for before, after in pairwise(records))
    assert all(before["distance"] <= after["distance"] for before, after in pairwise(records))
    assert records[-1]["distance"] == session["total_distance"]
    # Everything comes in the order in which it happened.
    happened = [values["timestamp"] for name, values in messages if name in {"event", "record", "lap", "session"}]
    assert happened == sorted(happened)


def check_same(messages: list[Message], text: str) -> None:
    """Check that a TCX file has the figures of a FIT file, as far as it can."""
    assert flaws(text) == []
    found = ET.fromstring(text).findall(f"{TCX}Activities/{TCX}Activity/{TCX}Lap")
    laps = only(messages, "lap")
    figures = [
        (
            datetime.fromisoformat(lap.attrib["StartTime"]),
            *(
                float(lap.findtext(f"{TCX}{name}", "nan"))
                for name in ("TotalTimeSeconds", "DistanceMeters", "Calories")
            ),
        )
        for lap in found
    ]
    totals = ("start_time", "total_timer_time", "total_distance", "total_calories")
    assert figures == [tuple(lap[total] for total in totals) for lap in laps]
    assert [
        (
            datetime.fromisoformat(point.findtext(f"{TCX}Time", "")),
            float(point.findtext(f"{TCX}DistanceMeters", "nan")),
            point.findtext(f"{TCX}HeartRateBpm/{TCX}Value"),
            point.findtext(f".//{EXTENSION}Speed"),
        )
        for lap in found
        for point in lap.iter(f"{TCX}Trackpoint")
    ] == [
        (
            each["timestamp"],
            each["distance"],
            str(each["heart_rate"]) if "heart_rate" in each else None,
            f"{each['speed']:.3f}" if "speed" in each else None,
        )
        for each in only(messages, "record")
    ]
    pauses = the_pauses(messages)
    for track in ET.fromstring(text).iter(f"{TCX}Track"):
        times = [datetime.fromisoformat(each.text or "") for each in track.iter(f"{TCX}Time")]
        assert not any(times[0] < stop and resume < times[-1] for stop, resume in pauses)


def halves() -> Session:
    """Return a session that is measured in half centimeters, which both formats have to round."""
    record, track = Walk().walk(9).end()
    return replace(record, distance=0.045), replace(track, distance=tuple(0.005 * n for n in range(len(track))))


@settings(max_examples=60, deadline=None)
@given(walks() | damaged())
@example(halves())
def test_a_session_is_the_same_in_both_formats_and_equals_its_record(session: Session) -> None:
    record, track = session
    messages = read_fit(write_fit(record, TITLE, track=track))
    check_fit(record, messages)
    check_same(messages, write_tcx(record, TITLE, track=track))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(4, 20), st.integers(1, 200)), min_size=1, max_size=4), st.integers(4, 20))
def test_each_pause_is_a_stop_and_a_start_of_the_timer(parts: list[tuple[int, int]], final: int) -> None:
    walk, expected = Walk(), []
    for walked, paused in parts:
        walk.walk(walked).pause(paused)
        expected.append((STARTED + timedelta(seconds=walk.second - paused), STARTED + timedelta(seconds=walk.second)))
    record, track = walk.walk(final).end()
    messages = read_fit(write_fit(record, TITLE, track=track))
    assert the_pauses(messages) == expected
    for stop, resume in expected:
        assert not [each for each in only(messages, "record") if stop < each["timestamp"] < resume]
    events = [each["timestamp"] for each in only(messages, "event")]
    ran = sum((stop - start).total_seconds() for start, stop in zip(events[::2], events[1::2], strict=True))
    assert ran == the_one(messages, "session")["total_timer_time"] == walk.moving


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("month", [1, 7])
def test_the_local_time_is_that_of_the_house_when_the_session_ended(zone: str, month: int) -> None:
    record, track = Walk(started=datetime(2026, month, 1, 12, tzinfo=UTC)).walk(10).end()
    messages = read_fit(write_fit(record, TITLE, ZoneInfo(zone), track=track))
    local = the_one(messages, "activity")["local_timestamp"]
    assert local.replace(tzinfo=None) == record.ended.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def test_a_file_that_was_damaged_on_its_way_is_not_read() -> None:
    """The readers check the checksums: that they read the other files proves those."""
    record, track = Walk().walk(5).end()
    data = bytearray(write_fit(record, TITLE, track=track))
    for place in (5, 40, len(data) - 1):
        broken = data.copy()
        broken[place] ^= 0x10
        with pytest.raises(fitdecode.FitError):
            read_fit(bytes(broken))
