"""Finished sessions without a track as FIT and TCX, as read by third-party readers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.files.fit import write_fit
from custom_components.retrowalk.training.files.tcx import write_tcx
from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.limits import Direction
from tests.support.fit_readers import only, read_fit
from tests.support.tcx_schema import flaws

STARTED = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
RECORD = SessionRecord(
    id="01J0000000000000000000000A",
    walker="anna",
    direction=Direction.BACKWARD,
    started=STARTED,
    ended=STARTED + timedelta(minutes=6),
    moving_time=300.0,
    distance=166.67,
    calories=18.6,
    calories_net=12.5,
    max_speed=2.52,
    max_incline=1.5,
)
TITLE = "Backward walk"
NAMESPACE = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


def the_one(data: bytes, name: str) -> dict[str, Any]:
    (found,) = only(read_fit(data), name)
    return found


# FIT


def test_a_fit_reader_sees_the_whole_activity_in_order() -> None:
    data = write_fit(RECORD, TITLE, ZoneInfo("Europe/Berlin"))
    assert [name for name, _ in read_fit(data)] == [
        *("file_id", "device_info", "sport", "event", "record", "record", "event", "lap", "session", "activity")
    ]
    file_id = the_one(data, "file_id")
    assert (file_id["type"], file_id["manufacturer"], file_id["time_created"]) == ("activity", "development", STARTED)
    assert file_id["product_name"] == "Retrowalk"
    assert the_one(data, "sport") == {"sport": "walking", "sub_sport": "treadmill", "name": TITLE}
    activity = the_one(data, "activity")
    assert (activity["num_sessions"], activity["total_timer_time"]) == (1, 300)
    assert (activity["event"], activity["event_type"]) == ("activity", "stop")
    assert activity["local_timestamp"] == datetime(2026, 6, 1, 10, 6, tzinfo=UTC)  # no time zone; the reader says UTC


def test_a_fit_session_has_the_totals() -> None:
    session = the_one(write_fit(RECORD, TITLE), "session")
    expected = {
        "timestamp": RECORD.ended,
        "start_time": STARTED,
        "sport": "walking",
        "sub_sport": "treadmill",
        "sport_profile_name": TITLE,
        "total_elapsed_time": 360.0,
        "total_timer_time": 300.0,
        "total_distance": 166.67,
        "total_calories": 19,
        "avg_speed": 0.556,
        "max_speed": 0.7,
        "max_pos_grade": 1.5,
        "num_laps": 1,
        "first_lap_index": 0,
        "event": "session",
        "event_type": "stop",
        "trigger": "activity_end",
    }
    assert {name: session[name] for name in expected} == expected
    lap = the_one(write_fit(RECORD, TITLE), "lap")
    shared = ("timestamp", "start_time", "total_elapsed_time", "total_timer_time", "total_distance", "total_calories")
    assert [lap[name] for name in shared] == [session[name] for name in shared]
    assert (lap["avg_speed"], lap["max_speed"], lap["lap_trigger"]) == (0.556, 0.7, "session_end")
    assert (lap["event"], lap["sport"], lap["sub_sport"]) == ("lap", "walking", "treadmill")


def test_the_track_is_the_beginning_and_the_end_and_nothing_made_up() -> None:
    messages = read_fit(write_fit(RECORD, TITLE))
    assert only(messages, "record") == [
        {"timestamp": STARTED, "distance": 0.0},
        {"timestamp": RECORD.ended, "distance": 166.67},
    ]
    events = [(values["timestamp"], values["event"], values["event_type"]) for values in only(messages, "event")]
    assert events == [(STARTED, "timer", "start"), (RECORD.ended, "timer", "stop_all")]


def test_what_is_not_known_is_not_in_the_file() -> None:
    session = the_one(write_fit(replace(RECORD, moving_time=0, max_speed=0, max_incline=0), TITLE), "session")
    unknown = {"avg_speed", "max_speed", "enhanced_avg_speed", "max_pos_grade", "total_strides", "total_ascent"}
    assert not (unknown | {"avg_heart_rate", "avg_cadence", "workout_rpe", "workout_feel"}) & session.keys()


def test_a_walk_entered_by_hand_may_have_been_anywhere() -> None:
    assert the_one(write_fit(replace(RECORD, outcome=Outcome.LOGGED), TITLE), "session")["sub_sport"] == "generic"


def test_a_clock_set_back_does_not_shorten_the_walk() -> None:
    session = the_one(write_fit(replace(RECORD, ended=STARTED - timedelta(hours=1)), TITLE), "session")
    assert (session["total_elapsed_time"], session["total_timer_time"]) == (300, 300)


def test_two_walks_of_the_same_second_are_two_files() -> None:
    first, second = write_fit(RECORD, TITLE), write_fit(replace(RECORD, id="another"), TITLE)
    assert the_one(first, "file_id")["serial_number"] != the_one(second, "file_id")["serial_number"]
    assert write_fit(RECORD, TITLE) == first


@pytest.mark.parametrize("title", ["Rückwärts gegangen", "", "ü" * 500, "a\0b", "\ud800", "🚶" * 100])
def test_a_title_may_be_any_text(title: str) -> None:
    name = the_one(write_fit(RECORD, title), "session")["sport_profile_name"] or ""
    plain = title.replace("\0", "").replace("\ud800", "?")
    assert plain.startswith(name)
    assert len(name.encode()) <= 80
    assert len(name.encode()) >= min(len(plain.encode()), 77)


amounts = st.floats(0, 1e300)


@settings(max_examples=150, deadline=None)
@given(
    st.timedeltas(timedelta(days=-50 * 365), timedelta(days=200 * 365)).map(lambda later: STARTED + later),
    *([amounts] * 6),
)
def test_any_session_is_a_sound_file(
    started: datetime, seconds: float, moving: float, distance: float, calories: float, speed: float, incline: float
) -> None:
    """Check that amounts too large for a field become its maximum; nothing overflows."""
    record = replace(
        RECORD,
        started=started,
        ended=started + timedelta(seconds=min(seconds, 1e9)),
        moving_time=min(moving, 1e9),
        distance=distance,
        calories=calories,
        max_speed=speed,
        max_incline=incline,
    )
    session = the_one(write_fit(record, TITLE), "session")
    assert session["total_calories"] == min(round(calories), 65534)
    assert session["total_distance"] == pytest.approx(min(distance, 42949672.94), abs=0.006)
    assert flaws(write_tcx(record, TITLE)) == []


@pytest.mark.parametrize(
    ("effort", "discomfort", "rpe", "feel"),
    [(0, 0, 0, 100), (4, 3, 40, 70), (10, 10, 100, 0), (None, 5, None, 50), (7, None, 70, None), (99, -3, 100, 100)],
)
def test_a_rating_is_how_hard_it_was_and_how_well_it_felt(
    effort: int | None, discomfort: int | None, rpe: int | None, feel: int | None
) -> None:
    rated = replace(RECORD, effort=effort, discomfort_before=8, discomfort_after=discomfort)
    session = the_one(write_fit(rated, TITLE), "session")
    assert (session.get("workout_rpe"), session.get("workout_feel")) == (rpe, feel)


def test_two_steps_are_one_stride() -> None:
    session = the_one(write_fit(replace(RECORD, steps=401), TITLE), "session")
    assert (session["total_strides"], session["total_fractional_cycles"]) == (200, 0.5)
    assert session["avg_cadence"] == 40
    assert text_of(replace(RECORD, steps=401), "Lap/Extensions/LX/Steps") == "401"


def test_the_machine_is_named_without_its_serial_number_and_not_for_a_walk_elsewhere() -> None:
    devices = only(read_fit(write_fit(RECORD, TITLE, machine="Horizon 7.0AT")), "device_info")
    assert [(each["device_index"], each["product_name"]) for each in devices] == [
        ("creator", "Retrowalk"),
        (1, "Horizon 7.0AT"),
    ]
    assert all("serial_number" not in each for each in devices)
    logged = replace(RECORD, outcome=Outcome.LOGGED)
    assert len(only(read_fit(write_fit(logged, TITLE, machine="Horizon 7.0AT")), "device_info")) == 1


@settings(max_examples=50, deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=36500)), st.floats(0, 7200), st.floats(0, 7200))
def test_both_formats_round_times_to_the_nearest_second(later: timedelta, moving: float, rested: float) -> None:
    started = STARTED + later
    record = replace(RECORD, started=started, ended=started + timedelta(seconds=moving + rested), moving_time=moving)
    session = the_one(write_fit(record, TITLE), "session")
    for time, exact in ((session["start_time"], record.started), (session["timestamp"], record.ended)):
        assert abs(time - exact) <= timedelta(seconds=0.5)
    assert text_of(record, "Id") == f"{session['start_time']:%Y-%m-%dT%H:%M:%SZ}"
    times = ET.fromstring(write_tcx(record, TITLE)).iter(f"{NAMESPACE}Time")
    assert {each.text for each in times} == {
        f"{session[key]:%Y-%m-%dT%H:%M:%SZ}" for key in ("start_time", "timestamp")
    }
    assert session["total_elapsed_time"] == pytest.approx((record.ended - record.started).total_seconds(), abs=0.0006)
    assert f"{session['total_timer_time']:.3f}" == text_of(record, "Lap/TotalTimeSeconds") == f"{moving:.3f}"


def test_a_second_that_is_nearly_over_is_the_next_one_in_both_formats() -> None:
    record = replace(RECORD, started=STARTED + timedelta(seconds=5.999999))
    assert the_one(write_fit(record, TITLE), "session")["start_time"] == STARTED + timedelta(seconds=6)
    assert text_of(record, "Id") == "2026-06-01T08:00:06Z"


# TCX


def text_of(record: SessionRecord, path: str, title: str = TITLE) -> str | None:
    path = "/".join(f"{{*}}{name}" for name in path.split("/"))
    return ET.fromstring(write_tcx(record, title)).findtext(f"{NAMESPACE}Activities/{NAMESPACE}Activity/{path}")


def test_a_tcx_activity_has_the_totals() -> None:
    assert write_tcx(RECORD, TITLE) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">\n'
        "  <Activities>\n"
        '    <Activity Sport="Other">\n'
        "      <Id>2026-06-01T08:00:00Z</Id>\n"
        '      <Lap StartTime="2026-06-01T08:00:00Z">\n'
        "        <TotalTimeSeconds>300.000</TotalTimeSeconds>\n"
        "        <DistanceMeters>166.67</DistanceMeters>\n"
        "        <MaximumSpeed>0.700</MaximumSpeed>\n"
        "        <Calories>19</Calories>\n"
        "        <Intensity>Active</Intensity>\n"
        "        <TriggerMethod>Manual</TriggerMethod>\n"
        "        <Track>\n"
        "          <Trackpoint><Time>2026-06-01T08:00:00Z</Time><DistanceMeters>0.00</DistanceMeters></Trackpoint>\n"
        "          <Trackpoint><Time>2026-06-01T08:06:00Z</Time><DistanceMeters>166.67</DistanceMeters></Trackpoint>\n"
        "        </Track>\n"
        "        <Extensions><ns3:LX><ns3:AvgSpeed>0.556</ns3:AvgSpeed></ns3:LX></Extensions>\n"
        "      </Lap>\n"
        "      <Notes>Backward walk</Notes>\n"
        '      <Creator xsi:type="Device_t">\n'
        "        <Name>Retrowalk</Name>\n"
        "        <UnitId>0</UnitId>\n"
        "        <ProductID>0</ProductID>\n"
        "        <Version><VersionMajor>0</VersionMajor><VersionMinor>0</VersionMinor></Version>\n"
        "      </Creator>\n"
        "    </Activity>\n"
        "  </Activities>\n"
        "</TrainingCenterDatabase>\n"
    )


def test_tcx_leaves_out_what_is_not_known_and_holds_what_fits() -> None:
    assert text_of(replace(RECORD, max_speed=0), "Lap/MaximumSpeed") is None
    assert text_of(replace(RECORD, calories=1e9), "Lap/Calories") == "65535"
    assert text_of(RECORD, "Notes", "Rückwärts <&> \0'heute'\x1f") == "Rückwärts <&> 'heute'"
