"""The action that exports sessions: what readers find in the files, and where they may be written."""

import asyncio
import os
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import fitdecode
import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.training.files.fit import write_fit
from custom_components.retrowalk.training.limits import Direction
from tests.support.action_calls import Actions
from tests.support.fit_readers import only, read_fit, the_one
from tests.support.tcx_schema import TCX, flaws
from tests.support.walked_session import the_pauses

ENDED = datetime(2026, 11, 18, 12, 5, tzinfo=UTC)


@pytest.fixture
async def media(actions: Actions, tmp_path: Path) -> Path:
    """Return the media folder; Anna and Bert have one session each."""
    folder, config = tmp_path / "media", tmp_path / "config"
    folder.mkdir()
    config.mkdir()
    actions.hass.config.config_dir = str(config)
    actions.hass.config.media_dirs = {"local": str(folder)}
    actions.hass.config.allowlist_external_dirs = {str(folder)}
    await actions.set_up(connected=False)
    await actions.store_session("anna", ended=ENDED, id="01KA9V3Q5W8RZ7D2M4N6P8T0AN")
    await actions.store_session("bert", 6, id="01KA9V3Q5W8RZ7D2M4N6P8T0BE", direction=Direction.FORWARD)
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def fit(path: Path) -> dict[str, dict[str, Any]]:
    """Return the last message of each kind; any flaw of the file is an error."""
    with fitdecode.FitReader(
        BytesIO(path.read_bytes()), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    ) as reader:
        messages = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    return {each.name: {field.name: field.value for field in each.fields} for each in messages}


async def test_a_fit_reader_reads_the_last_session(actions: Actions, media: Path) -> None:
    response = await actions.call("export_session", of="anna", path=f"{media}/anna.fit")
    path = media / "anna.fit"
    assert response == {"path": str(path)}
    read = fit(path)
    assert read["file_id"]["type"] == "activity"
    assert read["sport"] == {"sport": "walking", "sub_sport": "treadmill", "name": "Backward walk"}
    session = read["session"]
    assert (session["total_timer_time"], session["total_distance"], session["total_calories"]) == (300, 125, 20)
    assert session["timestamp"] == ENDED
    assert session["sport_profile_name"] == "Backward walk"
    assert read["activity"]["local_timestamp"] == datetime(2026, 11, 18, 4, 5, tzinfo=UTC)  # in California
    await actions.call("export_session", path=f"{media}/last.fit")
    last = fit(media / "last.fit")
    assert (last["session"]["total_timer_time"], last["sport"]["name"]) == (360, "Walk")


async def test_a_tcx_reader_reads_a_session_in_the_language_of_home_assistant(actions: Actions, media: Path) -> None:
    actions.hass.config.language = "de"
    await actions.call(
        "export_session", session_id="01KA9V3Q5W8RZ7D2M4N6P8T0AN", format="tcx", path=f"{media}/anna.TCX"
    )
    root = ET.fromstring((media / "anna.TCX").read_bytes())
    activity = root.find(f"{TCX}Activities/{TCX}Activity")
    assert activity is not None
    assert activity.findtext(f"{TCX}Notes") == "Rückwärtsgehen"
    assert activity.findtext(f"{TCX}Lap/{TCX}TotalTimeSeconds") == "300.000"


async def test_a_folder_gets_a_file_of_its_own_for_each_session(actions: Actions, media: Path) -> None:
    for session_id in ("01KA9V3Q5W8RZ7D2M4N6P8T0AN", "01KA9V3Q5W8RZ7D2M4N6P8T0BE"):
        for _ in range(2):  # writing the same file again is allowed
            await actions.call("export_session", session_id=session_id, path=str(media))
    await actions.call("export_session", of="anna", format="tcx", path=f"{media}/walks/2026/")
    names = set(everything(media))
    assert len(names) == 3
    assert "retrowalk_2026-11-18_04-00_p8t0an.fit" in names
    assert "walks/2026/retrowalk_2026-11-18_04-00_p8t0an.tcx" in names
    fit(media / "retrowalk_2026-11-18_04-00_p8t0an.fit")


async def test_what_is_there_stays(actions: Actions, media: Path) -> None:
    (media / "notes.fit").write_text("not a session")
    (media / "song.mp3").write_text("la la")
    (media / "empty.tcx").write_text("")
    await actions.call("export_session", of="anna", path=f"{media}/anna.fit")
    before = everything(media)
    for path, form, refusal in (
        ("notes.fit", "fit", "file_something_else"),
        ("empty.tcx", "tcx", "file_something_else"),
        ("song.mp3", "fit", "file_wrong_ending"),
        ("anna.fit", "tcx", "file_wrong_ending"),
        ("nothing", "fit", "file_wrong_ending"),
        ("anna.fit/", "fit", "file_not_written"),
    ):
        for replace in (False, True):
            with pytest.raises(HomeAssistantError) as error:
                await actions.call("export_session", of="bert", path=f"{media}/{path}", format=form, replace=replace)
            assert error.value.translation_key == refusal, path
            assert str(media / path).rstrip("/") in str(error.value)
    assert await actions.refused("export_session", of="bert", path=f"{media}/anna.fit") == "file_exists"
    assert everything(media) == before
    await actions.call("export_session", of="bert", path=f"{media}/anna.fit", replace=True)
    assert fit(media / "anna.fit")["session"]["total_timer_time"] == 360


async def test_two_exports_to_the_same_path_at_once_write_one_file(actions: Actions, media: Path) -> None:
    both = [actions.call("export_session", of=who, path=f"{media}/x.fit") for who in ("anna", "bert")]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(getattr(result, "translation_key", "") for result in results) == ["", "file_exists"]
    fit(media / "x.fit")
    assert set(everything(media)) == {"x.fit"}


async def test_sessions_are_written_only_where_home_assistant_allows(
    actions: Actions, media: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    (tmp_path / "media2").mkdir()
    (config / "secrets.yaml").write_text("secret: 1")
    (config / ".storage").mkdir()
    (media / "out").symlink_to(config)
    (media / "link.fit").symlink_to(config / "new.fit")
    (media / "secrets.fit").symlink_to(config / "secrets.yaml")
    os.mkfifo(media / "pipe.fit")
    before = everything(tmp_path)
    for path, refusal in (
        (f"{config}/anna.fit", "file_not_allowed"),
        ("anna.fit", "file_not_allowed"),
        ("", "file_not_allowed"),
        ("/", "file_not_allowed"),
        ("/etc/anna.fit", "file_not_allowed"),
        (f"{media}/../config/anna.fit", "file_not_allowed"),
        (f"{media}/../anna.fit", "file_not_allowed"),
        (f"{media}2/anna.fit", "file_not_allowed"),
        (f"{media}/out/anna.fit", "file_not_allowed"),
        (f"{media}/out/", "file_not_allowed"),
        (f"{media}/link.fit", "file_not_allowed"),
        (f"{media}/secrets.fit", "file_not_allowed"),
        (f"{media}/.fit", "file_not_allowed"),
        (f"{media}/.hidden/anna.fit", "file_not_allowed"),
        (f"{media}/\0.fit", "file_not_allowed"),
        (f"{media}/anna.fit\0", "file_not_allowed"),
        (f"{media}/pipe.fit", "file_unreadable"),
    ):
        assert await actions.refused("export_session", path=path, replace=True) == refusal, path
    # Even if the whole configuration folder is allowed, other files in it are not touched.
    actions.hass.config.allowlist_external_dirs = {str(config)}
    for path, refusal in (
        ("secrets.yaml", "file_wrong_ending"),
        ("configuration.yaml", "file_wrong_ending"),
        (".storage/anna.fit", "file_not_allowed"),
        (".storage/", "file_not_allowed"),
    ):
        assert await actions.refused("export_session", path=path, replace=True) == refusal, path
    assert everything(tmp_path) == before
    await actions.call("export_session", path="anna.fit")
    fit(config / "anna.fit")


async def test_a_failed_write_is_reported_and_leaves_nothing_behind(actions: Actions, media: Path) -> None:
    path = f"{media}/{'x' * 252}.fit"  # one character too long for a name, which only the write finds out
    with pytest.raises(HomeAssistantError) as error:
        await actions.call("export_session", path=path)
    assert error.value.translation_key == "file_not_written"
    assert path in str(error.value)
    assert everything(media) == {}


async def test_only_administrators_export_and_only_what_there_is(actions: Actions, media: Path, lisa: MockUser) -> None:
    with pytest.raises(Unauthorized):
        await actions.call("export_session", by=Context(user_id=lisa.id), path=f"{media}/")
    data = {"path": f"{media}/", "session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"}
    assert await actions.refused("export_session", **data) == "session_unknown"
    data["session_id"] = "01KA9V3Q5W8RZ7D2M4N6P8T0AN"
    assert await actions.refused("export_session", of="bert", **data) == "session_of_somebody_else"
    assert everything(media) == {}
    await actions.call("export_session", by=actions.person(), **data)
    assert len(everything(media)) == 1


async def test_a_file_is_the_same_each_time(actions: Actions, media: Path) -> None:
    record = actions.record("01KA9V3Q5W8RZ7D2M4N6P8T0AN")
    assert record is not None
    await actions.call("export_session", of="anna", path=f"{media}/anna.fit")
    roster = actions.house.coordinator.roster
    written = write_fit(record, "Backward walk", roster.tz, machine="Retrowalk Virtual treadmill")
    assert (media / "anna.fit").read_bytes() == written


async def test_a_walked_program_with_a_pause_is_in_both_formats_as_it_was_walked(
    actions: Actions, tmp_path: Path
) -> None:
    """Check a session on the virtual treadmill with two independent FIT readers, and TCX by its schema."""
    house = actions.house
    actions.hass.config.allowlist_external_dirs = {str(tmp_path)}
    await actions.set_up()
    await house.store_session("anna")
    steps = [{"minutes": 1, "speed": 0.5, "label": "Slow"}, {"minutes": 1, "speed": 0.7, "label": "Fast <&>"}]
    await actions.call("run_program", walker="Anna", steps=steps, by=actions.person())
    await house.press("start")
    await house.time(90)
    await house.press("pause")
    await house.time(60)
    await house.press("resume")
    await house.press("start")
    await house.time(90)
    await house.until(lambda: len(actions.records()) == 2)
    record = actions.records()[-1]
    await actions.call("rate_session", session_id=record.id, discomfort_after=1, effort=3)
    await actions.call("export_session", session_id=record.id, path=f"{tmp_path}/walk.fit")
    await actions.call("export_session", session_id=record.id, format="tcx", path=f"{tmp_path}/walk.tcx")

    messages = read_fit((tmp_path / "walk.fit").read_bytes())
    session, laps, records = the_one(messages, "session"), only(messages, "lap"), only(messages, "record")
    assert session["total_distance"] == record.distance
    assert session["total_timer_time"] == pytest.approx(record.moving_time, abs=0.001)
    assert session["total_elapsed_time"] == pytest.approx((record.ended - record.started).total_seconds(), abs=0.001)
    assert (session["workout_rpe"], session["workout_feel"], session["num_laps"]) == (30, 90, 2)
    ((stopped, resumed),) = the_pauses(messages)
    assert 55 <= (resumed - stopped).total_seconds() <= 90
    assert not [each for each in records if stopped < each["timestamp"] < resumed]
    seconds = [each["timestamp"] for each in records]
    assert {(after - before).total_seconds() for before, after in pairwise(seconds) if before != stopped} == {1}
    events = [each["timestamp"] for each in only(messages, "event")]
    ran = sum((stop - start).total_seconds() for start, stop in zip(events[::2], events[1::2], strict=True))
    assert ran == pytest.approx(record.moving_time, abs=3)
    assert [lap["total_timer_time"] for lap in laps] == pytest.approx([60, record.moving_time - 60], abs=3)
    assert [lap["max_speed"] for lap in laps] == pytest.approx([0.5 / 3.6, 0.7 / 3.6], abs=0.001)
    assert max(each["speed"] for each in records) == session["max_speed"]
    assert [each["product_name"] for each in only(messages, "device_info")] == [
        "Retrowalk",
        "Retrowalk Virtual treadmill",
    ]

    text = (tmp_path / "walk.tcx").read_text()
    assert flaws(text) == []
    found = [*ET.fromstring(text).iter(f"{TCX}Lap")]
    assert [lap.findtext(f"{TCX}Notes") for lap in found] == ["Slow", "Fast <&>"]
    assert [len(lap.findall(f"{TCX}Track")) for lap in found] == [1, 2]
    assert sum(float(lap.findtext(f"{TCX}DistanceMeters", "nan")) for lap in found) == session["total_distance"]
