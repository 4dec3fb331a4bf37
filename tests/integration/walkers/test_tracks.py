"""Tracks of sessions: sampled while the belt moves, on a real disk, through restarts, full disks and years."""

import json
import logging
import os
import stat
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from custom_components.retrowalk.training.history.track_file import HEAD, encode, interval_of
from custom_components.retrowalk.training.history.track_rows import write_rows
from custom_components.retrowalk.treadmill import runner
from custom_components.retrowalk.walkers.household import async_household
from custom_components.retrowalk.walkers.track_store import FOLDED_AT, TrackStore
from tests.support.action_calls import Actions
from tests.support.disk import Disk
from tests.support.house import House, make_entry, walker_subentry

ANNA = walker_subentry("Anna")
STEPS = [
    {"minutes": 1, "speed": 0.5, "label": "Slow"},
    {"minutes": 1, "speed": 0.7},
    {"minutes": 1, "speed": 0.5},
]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Use real files instead of the storage mock."""
    return {}


def folder(house: House) -> Path:
    return Path(house.hass.config.path(".storage", f"retrowalk.{house.entry.entry_id}.tracks"))


def files(house: House) -> set[str]:
    return {path.name for path in folder(house).glob("*")}


async def ended(house: House, count: int = 1) -> SessionRecord:
    """Wait until the session is saved, and return its record."""
    await house.until(lambda: len(list(house.coordinator.roster.history)) == count)
    return list(house.coordinator.roster.history)[-1]


async def track_of(house: House, record: SessionRecord) -> Track:
    track = await house.coordinator.roster.async_get_track(record.id)
    assert track is not None
    return track


async def stop(house: House, count: int = 1) -> SessionRecord:
    await house.press("stop")
    await house.time(8)
    return await ended(house, count)


def is_thin(house: House, record: SessionRecord) -> bool:
    return interval_of((folder(house) / f"{record.id}.track").read_bytes()[:HEAD]) == 5


def gaps(track: Track) -> list[int]:
    """Return the seconds that are missing between two samples."""
    return [after - before - 1 for before, after in zip(track.seconds, track.seconds[1:], strict=False)]


def marks(track: Track, *kinds: MarkKind) -> list[MarkKind]:
    return [mark.kind for mark in track.marks if mark.kind in kinds]


async def test_a_session_has_a_sample_for_each_second(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.set_number("target_speed", 0.8)
    await house.time(60)
    record = await stop(house)
    track = await track_of(house, record)
    assert track.distance[-1] == pytest.approx(record.distance, abs=0.06)
    assert max(speed for speed in track.speed if speed is not None) == record.max_speed == 0.8
    assert track.speed[-1] == 0.0
    assert set(gaps(track)[1:]) == {0}  # the first sample is of the belt that was told to start
    assert track.seconds[-1] - track.seconds[1] == pytest.approx(record.moving_time, abs=2)
    assert set(track.incline) == {0.0}
    assert set(track.heart_rate) == set(track.steps) == {None}
    assert track.marks == ()
    assert files(house) == {f"{record.id}.track"}
    assert stat.S_IMODE((folder(house) / f"{record.id}.track").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder(house).stat().st_mode) == 0o700


async def test_a_pause_is_marked_and_has_no_samples(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    await house.walk()
    await house.time(20)
    await house.press("pause")
    await house.time(40)
    assert house.state("session_state") == "paused"
    await house.press("resume")
    await house.press("start")
    await house.time(40)
    record = await stop(house)
    track = await track_of(house, record)
    assert [mark.kind for mark in track.marks] == [MarkKind.PAUSED, MarkKind.RESUMED]
    paused, resumed = (mark.second for mark in track.marks)
    assert resumed - paused >= 38
    assert [second for second in track.seconds if paused < second < resumed] == []
    speeds = dict(zip(track.seconds, track.speed, strict=True))
    assert speeds[paused] == 0 < speeds[resumed]
    assert resumed - paused == pytest.approx(track.seconds[-1] - track.seconds[1] - record.moving_time, abs=3)


async def test_steps_of_a_program_are_marked(actions: Actions) -> None:
    house = actions.house
    await actions.set_up()
    await house.store_session("anna")
    await actions.call("run_program", walker="Anna", steps=STEPS, by=actions.person())
    await house.press("start")
    await house.time(240)
    record = await ended(house, 2)
    track = await track_of(house, record)
    steps = [(mark.step, mark.label) for mark in track.marks if mark.kind is MarkKind.STEP]
    assert steps == [(1, "Slow"), (2, None), (3, None)]
    seconds = [mark.second for mark in track.marks]
    assert seconds[2] - seconds[1] == pytest.approx(60, abs=2)
    assert track.distance[-1] == pytest.approx(record.distance, abs=0.06)


@pytest.fixture
async def killed(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a house whose Home Assistant was killed half a minute into a session."""
    monkeypatch.setattr(runner, "WIND_DOWN_WITHIN", 0.0)  # a killed process waits for nothing
    await house.set_up(make_entry(walkers=[ANNA]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    await house.time(23)
    journal = Path(house.hass.config.path(".storage", f"retrowalk.{house.entry.entry_id}.journal"))
    await house.until(lambda: journal.exists() and files(house))
    left = {path: path.read_bytes() for path in [journal, *folder(house).iterdir()]}
    house.faults.off = True
    await house.time(0.5)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.forget()
    for path in folder(house).iterdir():
        path.unlink()
    for path, content in left.items():
        path.write_bytes(content)
    house.faults.off = False
    return house


async def start_again(house: House) -> None:
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    house.peripheral.step(0.1)
    await house.until(lambda: house.state("connection") == "connected")


@pytest.mark.parametrize("set_back", [0, 7200], ids=["the clock goes on", "the clock is set back by two hours"])
async def test_after_a_kill_the_track_goes_on_with_a_gap(killed: House, set_back: int) -> None:
    house = killed
    written = (await track_of_the_killed(house)).seconds
    house.peripheral.step(60)
    house.clock.seconds += 60
    house.clock.began = dt_util.utcnow() - timedelta(seconds=set_back)
    await start_again(house)
    await house.time(30)
    house.treadmill.press_stop()
    await house.time(8)
    record = await ended(house)
    track = await track_of(house, record)
    assert track.seconds[: len(written)] == written
    assert len(track) > len(written) + 25
    gap = gaps(track)[len(written) - 1]
    assert {*gaps(track)[1 : len(written) - 1], *gaps(track)[len(written) :]} == {0}
    # With a clock that was set back nobody knows how long it was: then it is no longer than it must be.
    assert gap == pytest.approx(0 if set_back else 60, abs=12)
    assert track.distance[-1] == pytest.approx(record.distance, abs=0.06)
    assert files(house) == {f"{record.id}.track"}


async def track_of_the_killed(house: House) -> Track:
    (name,) = files(house)
    track = await TrackStore(house.hass, house.entry.entry_id).async_get(name.partition(".")[0])
    assert track is not None
    return track


async def test_after_a_kill_a_session_that_is_closed_keeps_what_there_is(killed: House) -> None:
    house = killed
    written = await track_of_the_killed(house)
    assert house.treadmill.elapsed - len(written) <= 10
    house.treadmill.press_stop()
    house.peripheral.step(20)
    await start_again(house)
    await house.time(3)
    record = await ended(house)
    track = await track_of(house, record)
    assert track.seconds[: len(written) - 1] == written.seconds[:-1]
    assert track.distance[-1] == pytest.approx(record.distance, abs=0.06)
    assert files(house) == {f"{record.id}.track"}


async def test_a_row_that_the_power_cut_tore_is_left_out(killed: House) -> None:
    house = killed
    written = await track_of_the_killed(house)
    (path,) = folder(house).iterdir()
    path.write_bytes(path.read_bytes()[:-2])
    assert (await track_of_the_killed(house)).seconds == written.seconds[:-1]
    house.peripheral.step(10)
    house.clock.seconds += 10
    await start_again(house)
    await house.time(20)
    house.treadmill.press_stop()
    await house.time(8)
    track = await track_of(house, await ended(house))
    assert track.seconds[: len(written) - 1] == written.seconds[:-1]
    assert len(track) > len(written) + 15


async def test_a_reload_in_a_pause_marks_it_once(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    await house.walk()
    await house.time(20)
    await house.press("pause")
    await house.time(20)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(10)
    assert house.state("session_state") == "paused"
    await house.press("resume")
    await house.press("start")
    await house.time(45)
    track = await track_of(house, await stop(house))
    assert marks(track, MarkKind.PAUSED, MarkKind.RESUMED) == [MarkKind.PAUSED, MarkKind.RESUMED]
    paused, resumed = (mark.second for mark in track.marks)
    assert resumed - paused == pytest.approx(45, abs=12)


async def test_a_full_disk_costs_the_session_nothing_and_the_track_waits(
    house: House, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    await house.walk()
    await house.time(10)
    caplog.clear()
    disk.full = True
    await house.time(30)
    told = [record for record in caplog.records if "track of a session" in record.message]
    assert [record.levelno for record in told] == [logging.ERROR]  # once
    disk.full = False
    await house.time(10)
    record = await stop(house)
    track = await track_of(house, record)
    assert set(gaps(track)[1:]) == {0}
    assert record.moving_time == pytest.approx(len(track), abs=3)


async def test_a_track_that_the_disk_never_takes_does_not_cost_the_session(
    house: House, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    await house.walk()
    await house.time(20)
    folder(house).rename(folder(house).with_suffix(".away"))
    folder(house).write_text("no folder")
    record = await stop(house)
    assert record.moving_time > 20
    assert "the session itself is not affected" in caplog.text
    # It waits for the disk, and the daily look at the tracks finds it.
    folder(house).unlink()
    await house.coordinator.roster.store.tracks.async_close(record)
    track = await track_of(house, record)
    assert track.distance[-1] == pytest.approx(record.distance, abs=0.06)


async def test_a_few_seconds_leave_no_track(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]))
    await house.press("start")
    await house.press("start")
    await house.time(20)
    await house.press("stop")
    await house.time(8)
    await house.until(lambda: house.coordinator.recorder.meter is None)
    await house.until(lambda: not house.coordinator.recorder.has_unsaved)
    assert files(house) == set()


# What the walker's own sensors measure


async def walk_with_sensors(house: House, *shown: tuple[str, str]) -> tuple[SessionRecord, Track]:
    """Walk with a strap and a watch, which show these heart rates and step counts for half a minute each."""
    sensors = {"heart_rate_sensor": "sensor.strap", "step_sensor": "sensor.watch"}
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", **sensors), walker_subentry("Ben")]))
    house.coordinator.next_session.choose_walker("anna")
    await house.walk()
    for heart_rate, steps in shown:
        house.hass.states.async_set("sensor.strap", heart_rate)
        house.hass.states.async_set("sensor.watch", steps)
        await house.time(30)
    record = await stop(house)
    return record, await track_of(house, record)


async def test_sensors_of_the_walker_measure_what_the_machine_does_not(house: House) -> None:
    record, track = await walk_with_sensors(
        house,
        ("unavailable", "unknown"),
        ("95.6", "23990"),
        ("250", "24030"),
        ("nan", "20"),  # midnight
        ("101", "unavailable"),
    )
    assert record.steps == 60
    known = dict.fromkeys(zip(track.heart_rate, track.steps, strict=True))
    assert [*known] == [(None, None), (96, 0), (None, 40), (None, 60), (101, 60)]
    assert track.steps[-1] == record.steps


async def test_a_heart_rate_of_some_time_ago_is_not_one_of_now(house: House, freezer: FrozenDateTimeFactory) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", heart_rate_sensor="sensor.strap")]))
    house.coordinator.next_session.choose_walker("anna")
    house.hass.states.async_set("sensor.strap", "90")
    await house.walk()
    await house.time(20)
    freezer.tick(121)
    await house.time(20)
    house.hass.states.async_set("sensor.strap", "90")  # measured again
    await house.time(20)
    rates = (await track_of(house, await stop(house))).heart_rate
    assert [rate for rate, _ in groupby(rates)] == [90, None, 90]


async def test_sensors_of_somebody_else_measure_nobody(house: House) -> None:
    sensors = {"heart_rate_sensor": "sensor.strap", "step_sensor": "sensor.watch"}
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", **sensors), walker_subentry("Ben")]))
    house.coordinator.next_session.choose_walker("ben")
    house.hass.states.async_set("sensor.strap", "90")
    house.hass.states.async_set("sensor.watch", "90")
    await house.walk()
    await house.time(20)
    record = await stop(house)
    assert record.steps is None
    assert set((await track_of(house, record)).heart_rate) == {None}


async def test_steps_of_a_sensor_go_on_after_a_restart(house: House) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna", step_sensor="sensor.watch")]))
    house.coordinator.next_session.choose_walker("anna")
    house.hass.states.async_set("sensor.watch", "500")
    await house.walk()
    await house.time(20)
    house.hass.states.async_set("sensor.watch", "520")
    await house.press("pause")
    await house.time(20)
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await house.press("resume")
    await house.press("start")
    await house.time(40)
    house.hass.states.async_set("sensor.watch", "550")
    await house.time(2)
    record = await stop(house)
    assert record.steps == 50
    steps = [count for count in (await track_of(house, record)).steps if count is not None]
    assert steps == sorted(steps)


# The action


async def test_an_action_answers_the_track_of_a_session(actions: Actions, lisa: MockUser) -> None:
    await actions.set_up(connected=False)
    stored = await store_session_with_track(actions.house)
    answer = await actions.call("get_track", of="anna")
    assert await actions.call("get_track", session_id=stored.id) == answer
    assert answer["session_id"] == stored.id
    assert datetime.fromisoformat(answer["started"]) == stored.started
    assert (answer["seconds"][-1], answer["distance"][-1], answer["speed"][:2]) == (300, 125.0, [1.8, 1.8])
    assert (answer["interval"], answer["marks"], "heart_rate" in answer) == (1, [], False)
    json.dumps(answer)
    lisas = Context(user_id=lisa.id)
    assert await actions.refused("get_track", session_id=stored.id, by=lisas) == "session_is_private"
    logged = await actions.store_session("bert")
    assert await actions.refused("get_track", session_id=logged.id) == "no_track"
    assert await actions.refused("get_track", session_id="../journal") == "session_unknown"


# What is stored, and for how long


async def store_session_with_track(house: House, **record: Any) -> SessionRecord:
    """Store a session with a track, as if it had ended."""
    stored = await house.store_session("anna", **record)
    tracks = house.coordinator.roster.store.tracks
    tracks.add(stored.id, [Sample(second, 1.8, None, second / 2) for second in range(301)])
    await tracks.async_save(stored.id)
    await tracks.async_close(stored)
    return stored


async def test_a_deleted_session_takes_its_track_with_it(actions: Actions) -> None:
    house = actions.house
    await actions.set_up(connected=False)
    first, second = await store_session_with_track(house), await store_session_with_track(house)
    (folder(house) / f"{first.id}.track.unreadable.2026").write_text("an older one")
    house.coordinator.roster.store.tracks.add(first.id, [Sample(400, 1.0, None, 500.0)])
    await house.coordinator.roster.store.tracks.async_save(first.id)
    await actions.call("delete_session", session_id=first.id)
    assert files(house) == {f"{second.id}.track"}
    assert await house.coordinator.roster.async_get_track(first.id) is None


async def test_a_track_that_cannot_be_removed_keeps_its_session(
    actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = actions.house
    await actions.set_up(connected=False)
    stored = await store_session_with_track(house)
    path = folder(house) / f"{stored.id}.track"
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(HomeAssistantError):
        await house.coordinator.roster.async_remove(stored.id)
    assert house.coordinator.roster.history.get(stored.id) == stored


async def test_a_corrected_session_keeps_its_track(actions: Actions) -> None:
    house = actions.house
    await actions.set_up(connected=False)
    stored = await store_session_with_track(house)
    before = await track_of(house, stored)
    await actions.call("edit_session", session_id=stored.id, direction="forward", walker="Bert")
    assert await track_of(house, stored) == before


async def test_tracks_of_a_removed_treadmill_stay_as_long_as_its_sessions(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]), connected=False)
    await store_session_with_track(house)
    entry_id = house.entry.entry_id
    await house.hass.config_entries.async_remove(entry_id)
    assert len(files(house)) == 1
    await async_household(house.hass).async_delete_kept(entry_id)
    assert not folder(house).exists()


async def test_tracks_older_than_a_year_are_thinned(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]), connected=False)
    now = dt_util.utcnow()
    new = await store_session_with_track(house, ended=now - timedelta(days=364))
    old = await store_session_with_track(house, ended=now - timedelta(days=366))
    assert [len(await track_of(house, record)) for record in (new, old)] == [301, 301]
    async_fire_time_changed(house.hass, now + timedelta(days=1, seconds=5))
    await house.until(lambda: is_thin(house, old))
    thin = await track_of(house, old)
    assert (len(thin), thin.interval, thin.distance[-1]) == (61, 5, 125.0)
    written = (folder(house) / f"{old.id}.track").stat()
    await house.coordinator.roster._async_tidy()
    assert (folder(house) / f"{old.id}.track").stat() == written
    assert len(await track_of(house, new)) == 301


async def test_tracks_are_tidied_when_the_treadmill_is_set_up(house: House) -> None:
    await house.set_up(make_entry(walkers=[ANNA]), connected=False)
    long_ago = datetime(2020, 3, 1, 12, tzinfo=UTC)
    old = await store_session_with_track(house, ended=long_ago)
    # A session whose track a crash left unfinished, one that nobody knows, and files that are none of ours.
    unclosed = await house.store_session("anna", id=ulid_now())
    rows = write_rows(Sample(second, 1.8, None, second / 4) for second in range(201))
    fresh, abandoned = ulid_now(), ulid_now()
    for session_id in (unclosed.id, fresh, abandoned):
        (folder(house) / f"{session_id}.rows").write_bytes(rows)
    a_year_ago = (dt_util.utcnow() - timedelta(days=31)).timestamp()
    os.utime(folder(house) / f"{abandoned}.rows", (a_year_ago, a_year_ago))
    (folder(house) / "notes.rows").write_text("mine")
    (folder(house) / f"{ulid_now()}.track").write_bytes(b"no track")
    broken = await house.store_session("anna", id=ulid_now(), ended=long_ago)
    (folder(house) / f"{broken.id}.track").write_bytes(b"no track")
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: f"{unclosed.id}.track" in files(house) and f"{abandoned}.rows" not in files(house))
    await house.until(lambda: is_thin(house, old))
    track = await track_of(house, unclosed)
    assert (track.distance[-1], track.seconds[-1]) == (unclosed.distance, 300)
    assert {"notes.rows", f"{fresh}.rows"} <= files(house)
    assert await house.coordinator.roster.async_get_track(broken.id) is None


# The store


async def test_a_damaged_track_is_set_aside_and_the_rest_goes_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.set_up(make_entry(walkers=[ANNA]), connected=False)
    stored = await store_session_with_track(house)
    (folder(house) / f"{stored.id}.track").write_bytes(b"damaged")
    tracks = house.coordinator.roster.store.tracks
    assert await tracks.async_get(stored.id) is None
    assert "cannot be read" in caplog.text
    tracks.add(stored.id, [Sample(301, 1.8, None, 125.0)])
    await tracks.async_close(stored)
    assert (await track_of(house, stored)).seconds == (301,)
    assert len([name for name in files(house) if name.startswith(f"{stored.id}.track.unreadable")]) == 1


@pytest.mark.parametrize("session_id", ["../../secrets", "01", "", "01KA9V3Q5W8RZ7D2M4N6P8T0X/", "0" * 27])
async def test_no_file_is_named_after_what_is_no_id(hass: HomeAssistant, session_id: str) -> None:
    tracks = TrackStore(hass, "01JENTRY")
    now = dt_util.utcnow()
    values = {"moving_time": 300.0, "distance": 100.0, "calories": 1.0, "calories_net": 1.0}
    record = SessionRecord(id=session_id, walker=None, direction="backward", started=now, ended=now, **values)
    tracks.add(session_id, [Sample(0, 1.0, None, 0.0)])
    await tracks.async_save(session_id)
    await tracks.async_close(record)
    assert await tracks.async_get(session_id) is None
    await tracks.async_remove(session_id)
    await tracks.async_discard(session_id)
    assert list(Path(hass.config.config_dir).rglob("*.rows")) == []


async def test_rows_become_a_part_of_the_track_before_they_are_many(hass: HomeAssistant) -> None:
    tracks, session_id = TrackStore(hass, "01JENTRY"), ulid_now()
    path = Path(hass.config.path(".storage", "retrowalk.01JENTRY.tracks"))
    largest = 0
    for begin in range(0, 1800, 5):
        rows = [
            Sample(second, second % 7, second % 3, second / 2, 90 + second % 9, second)
            for second in range(begin, begin + 5)
        ]
        tracks.add(session_id, rows)
        await tracks.async_save(session_id)
        largest = max(largest, sum(each.stat().st_size for each in path.iterdir()))
    assert largest < 20_000
    assert {each.name for each in path.iterdir()} == {f"{session_id}.track", f"{session_id}.rows"}
    assert (path / f"{session_id}.rows").stat().st_size <= FOLDED_AT
    track = await tracks.async_get(session_id)
    assert track is not None
    assert track.seconds == tuple(range(1800))


async def test_a_crash_between_the_track_and_its_rows_repeats_nothing(hass: HomeAssistant) -> None:
    tracks, session_id = TrackStore(hass, "01JENTRY"), ulid_now()
    mark = Mark(second=3, kind=MarkKind.PAUSED)
    rows = [*(Sample(second, 1.0, None, second / 2) for second in range(4)), mark]
    tracks.add(session_id, rows)
    await tracks.async_save(session_id)
    path = Path(hass.config.path(".storage", "retrowalk.01JENTRY.tracks"))
    (path / f"{session_id}.track").write_bytes(encode(Track.of(rows[:4], [mark])))
    assert await tracks.async_get(session_id) == Track.of(rows[:4], [mark])
