"""Benchmark of loading and totaling ten thousand sessions, and of adding one more."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.history.session_history import SessionHistory
from custom_components.retrowalk.training.history.streak import WeeklyPlan
from custom_components.retrowalk.walkers.session_files import MOST_SESSIONS
from custom_components.retrowalk.walkers.store import SessionStore
from tests.support.effort import FIGURES, FOR_FIGURES
from tests.support.many_sessions import COUNT, WALKERS, YEARS, make_session

ROUNDS = 7 if FIGURES else 2
BERLIN = ZoneInfo("Europe/Berlin")
KEY = "retrowalk.01JENTRY.sessions"


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: this benchmark uses the disk."""
    return {}


def milliseconds(times: list[float]) -> str:
    return f"{min(times) * 1000:>8.1f} ms best, {median(times) * 1000:.1f} ms median of {len(times)}"


def aggregate(history: SessionHistory) -> tuple[Any, ...]:
    """Compute everything that a walker's device shows, for every walker."""
    today = date(2026, 12, 1)
    return tuple(
        (
            history.totals(walker),
            history.day(walker, today, BERLIN),
            history.week(walker, today, BERLIN),
            history.streak(walker, today, BERLIN, WeeklyPlan()),
            history.last(walker),
        )
        for walker in WALKERS
    )


@pytest.mark.benchmark
def test_ten_thousand_sessions_in_memory(capsys: pytest.CaptureFixture[str]) -> None:
    records = [make_session(number) for number in range(COUNT)]
    text = json.dumps([record.as_dict() for record in records])
    parsing, loading, adding_up, again, changing = [], [], [], [], []
    for _ in range(ROUNDS):
        start = process_time()
        rows = json.loads(text)
        parsed = process_time()
        history = SessionHistory(SessionRecord.from_dict(row) for row in rows)
        loaded = process_time()
        first = aggregate(history)
        added_up = process_time()
        assert aggregate(history) == first
        answered_first = process_time()
        history.remove(records[-1].id)
        history.add(records[-1])
        assert aggregate(history) == first
        changed = process_time()
        parsing.append(parsed - start)
        loading.append(loaded - parsed)
        adding_up.append(added_up - loaded)
        again.append(answered_first - added_up)
        changing.append(changed - answered_first)
        assert list(history) == records
    total = [sum(times) for times in zip(loading, adding_up, strict=True)]
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{COUNT:,} sessions of {len(text) / 1e6:.1f} MB in memory:"
            f"\n  json.loads of them          {milliseconds(parsing)}"
            f"\n  rows into a history          {milliseconds(loading)}"
            f"\n  first totals and streaks    {milliseconds(adding_up)}"
            f"\n  together                    {milliseconds(total)}, {min(total) / min(parsing):.1f} x json.loads"
            f"\n  asked again                 {milliseconds(again)}"
            f"\n  one out, one in, asked      {milliseconds(changing)}"
        )


class Heartbeat:
    """Measurement of the event loop's delay, every half millisecond."""

    async def longest_during(self, work: Awaitable[object]) -> float:
        """Await the work; return the longest time in seconds during which nothing else could run."""
        longest = 0.0

        async def beat() -> None:
            nonlocal longest
            before = perf_counter()
            while True:
                await asyncio.sleep(0.0005)
                now = perf_counter()
                longest = max(longest, now - before - 0.0005)
                before = now

        beating = asyncio.create_task(beat())
        await asyncio.sleep(0.005)
        await work
        await asyncio.sleep(0.002)
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        return longest


def stamps(hass: HomeAssistant) -> dict[str, tuple[int, bytes]]:
    folder = Path(hass.config.path(".storage"))
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.glob(f"{KEY}*")}


def write_years(hass: HomeAssistant, records: list[SessionRecord]) -> None:
    """Write all years as 0.10.0 did."""
    folder = Path(hass.config.path(".storage"))
    folder.mkdir(exist_ok=True)
    years: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        years.setdefault(record.started.year, []).append(record.as_dict())
    for year, rows in years.items():
        content = {"version": 1, "minor_version": 1, "key": f"{KEY}.{year}", "data": {"sessions": rows}}
        (folder / f"{KEY}.{year}").write_text(json.dumps(content))


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "years", [pytest.param(YEARS, id="in_ten_years", marks=FOR_FIGURES), pytest.param(1, id="in_one_year")]
)
async def test_ten_thousand_sessions_on_disk(
    hass: HomeAssistant, capsys: pytest.CaptureFixture[str], figure: Callable[[str, float], None], years: int
) -> None:
    """Test that adding a session writes only one file, and no large one; the figures are only printed."""
    hass.loop.set_debug(False)  # as in production
    records = [make_session(number, years) for number in range(COUNT)]
    write_years(hass, records)
    heartbeat = Heartbeat()
    idle = [await heartbeat.longest_during(asyncio.sleep(0.03)) for _ in range(ROUNDS)]

    dividing = await heartbeat.longest_during(SessionStore(hass, "01JENTRY").async_load())
    loading, late_while_loading = [], []
    for _ in range(ROUNDS):
        start = process_time()
        history = await SessionStore(hass, "01JENTRY").async_load()
        aggregate(history)
        loading.append(process_time() - start)
        late_while_loading.append(await heartbeat.longest_during(SessionStore(hass, "01JENTRY").async_load()))
    store = SessionStore(hass, "01JENTRY")
    history = await store.async_load()
    assert list(history) == records
    assert store.unreadable_years == ()

    async def add(number: int) -> None:
        await store.async_add(replace(records[-1], id=f"01K{number:023}"))

    for number in range(MOST_SESSIONS):  # the year's own file is full: the most that a change may write
        await add(COUNT + number)
    adding, late_while_adding = [], []
    for number in range(0, 2 * ROUNDS, 2):
        before = stamps(hass)
        late_while_adding.append(await heartbeat.longest_during(add(number)))
        start = perf_counter()
        await add(number + 1)
        adding.append(perf_counter() - start)
        after = stamps(hass)
        changed = {name for name in after if after[name] != before.get(name)}
        assert len(changed - {KEY}) == 1
        assert (KEY in changed) == bool(after.keys() - before.keys())  # the list of files, once
    assert len(await SessionStore(hass, "01JENTRY").async_load()) == COUNT + MOST_SESSIONS + 2 * ROUNDS

    where = "_one_year" if years == 1 else ""
    figure(f"sessions_load{where}", min(loading) * 1000)
    figure(f"sessions_add_held{where}", max(min(late_while_adding) - min(idle), 0.0) * 1000)
    written = sum(len(after[name][1]) for name in changed)
    figure(f"sessions_add_written{where}", written / 1000)
    everything = sum(len(content) for _, content in after.values())
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{COUNT:,} sessions on disk, {years} years, {len(after)} files:"
            f"\n  divide the files of 0.10.0: event loop held up for {dividing * 1000:.1f} ms"
            f"\n  load and aggregate          {milliseconds(loading)}"
            f"\n    event loop held up for    {milliseconds(late_while_loading)}"
            f"\n  add one                     {milliseconds(adding)}"
            f"\n    event loop held up for    {milliseconds(late_while_adding)}"
            f"\n    and with nothing to do    {milliseconds(idle)}"
            f"\n    written                   {written / 1000:>8.0f} kB, {written / everything:.0%} of all"
        )
