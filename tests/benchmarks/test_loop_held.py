"""Benchmark of how long anything holds the event loop, and with it a Stop that is pressed meanwhile.

Every callback of the loop is timed, in computing time: through a day of walks, reminders and lost links, and through
what people do with ten thousand sessions. What the garbage collector takes of it is told apart.
"""

import asyncio
import gc
import json
import logging
from asyncio.events import Handle
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import thread_time
from typing import Any, NamedTuple

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import ServiceRegistry
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.diagnostics import async_get_config_entry_diagnostics
from tests.support.day import Day
from tests.support.effort import FIGURES
from tests.support.house import House, make_entry, walker_subentry
from tests.support.many_sessions import COUNT, make_session
from tests.support.reminded_home import ANNA, MONDAY
from tests.support.waiting import settle

HOURS = 24 if FIGURES else 1
RATIO = 5.0
"""By which thousands of sessions may make the longest hold longer: they made it fifteen times as long once."""
SHOWN = 12
LIST = 500
ROWS = '<row duration="00:01:00" speed="1.5"/>' * 25


class Hold(NamedTuple):
    """A callback of the event loop, and what was done meanwhile."""

    seconds: float  # without the garbage collector
    collecting: float
    phase: str
    name: str


class Holds:
    """All callbacks that took more than a moment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.phase = ""
        self.found: list[Hold] = []
        self._collecting = self._began = 0.0
        gc.callbacks.append(self._collects)
        run: Callable[[Handle], None] = Handle._run

        def timed(handle: Handle) -> None:
            began, collecting = thread_time(), self._collecting
            run(handle)
            collected = self._collecting - collecting
            taken = thread_time() - began - collected
            if taken > 0.001 and self.phase:
                self.found.append(Hold(taken, collected, self.phase, name_of(handle)))

        monkeypatch.setattr(Handle, "_run", timed)

    def close(self) -> None:
        gc.callbacks.remove(self._collects)

    def _collects(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._began = thread_time()
        else:
            self._collecting += thread_time() - self._began

    def longest(self) -> float:
        """Show the longest ones, and return the seconds of the first."""
        self.phase = ""
        found = sorted(self.found, reverse=True)
        for hold in found[:SHOWN]:
            print(f"\n{hold.seconds * 1000:.1f} ms, {hold.collecting * 1000:.1f} of gc: {hold.phase}: {hold.name}")  # noqa: T201
        self.found.clear()
        return found[0].seconds


def name_of(handle: Handle) -> str:
    """Return what a callback runs."""
    called: Any = handle._callback
    task = getattr(called, "__self__", None)
    if isinstance(task, asyncio.Task):
        return str(getattr(task.get_coro(), "__qualname__", task.get_coro()))
    return str(getattr(called, "__qualname__", called))


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mocked storage: this benchmark uses the disk."""
    return {}


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Holds]:
    logging.disable(logging.CRITICAL)  # a test writes its log in the event loop
    holds = Holds(monkeypatch)
    yield holds
    holds.close()
    logging.disable(logging.NOTSET)
    gc.unfreeze()


class Owner:
    """Somebody who uses everything."""

    def __init__(self, house: House, holds: Holds, client: Any) -> None:
        self.house = house
        self.holds = holds
        self.client = client

    def device(self, walker: str | None = None) -> str:
        roster = self.house.coordinator.roster
        identifier = roster.identifier(roster.walkers[walker]) if walker else (DOMAIN, self.house.coordinator.address)
        [device] = dr.async_get(self.house.hass).async_get_devices(identifiers={identifier})
        return device.id

    async def ask(self, kind: str, walker: str | None = None, **data: Any) -> None:
        """Send a command of the card."""
        self.holds.phase = kind
        await self.client.send_json_auto_id({"type": kind, "device_id": self.device(walker), **data})
        while (answer := await self.client.receive_json())["type"] != "result":
            pass
        assert answer["success"], answer
        await settle(self.house.hass)

    async def act(self, action: str, **data: Any) -> None:
        self.holds.phase = action
        services: ServiceRegistry = self.house.hass.services
        answers = services.supports_response(DOMAIN, action).value != "none"
        call = services.async_call(
            DOMAIN,
            action,
            {"device_id": self.device(), **data},
            blocking=True,
            return_response=answers,
            context=self.house.person(),
        )
        await self.house.hass.async_create_task(call, eager_start=False)
        await settle(self.house.hass)

    async def uses_everything(self) -> None:
        house, hass = self.house, self.house.hass
        for kind in ("retrowalk/session", "retrowalk/programs"):
            await self.ask(kind)
        for most in (10, LIST, LIST):
            await self.ask("retrowalk/sessions", most=most)
        await self.ask("retrowalk/trends", "anna")
        await self.ask("retrowalk/reminders", "anna")
        await self.act("get_sessions", **{"from": "2010-01-01 00:00:00", "to": "2030-01-01 00:00:00"})
        await self.act("list_programs")
        await self.act("save_program", name="Mine", direction="backward", steps=[{"minutes": 1, "speed": 1.5}] * 20)
        await self.act("import_program", content=f"<rows>{ROWS}</rows>", name="Imported")
        await self.act("export_program", program="Mine")
        await self.act("create_report", walker="Anna")
        await self.act("log_session", walker="Anna", started="2026-11-18 03:00:00", minutes=5)
        oldest, *_, last = house.coordinator.roster.history
        await self.act("rate_session", session_id=last.id, discomfort_after=1)
        await self.act("edit_session", session_id=last.id, note="x")
        await self.act("delete_session", session_id=oldest.id)
        await self.act("run_program", program="Mine")
        await self.act("stop")
        self.holds.phase = "diagnostics"
        assert house.entry is not None
        await hass.async_create_task(async_get_config_entry_diagnostics(hass, house.entry), eager_start=False)
        self.holds.phase = "reload"
        await hass.async_create_task(hass.config_entries.async_reload(house.entry.entry_id), eager_start=False)
        await house.until(lambda: house.state("connection") == "connected")


def write_sessions(house: House, entry: MockConfigEntry, number: int) -> None:
    """Write the sessions of a walker of ten years until yesterday, as 0.10.0 did."""
    records = [replace(make_session(each), walker="anna") for each in range(0, COUNT, COUNT // number)]
    later = dt_util.utcnow() - timedelta(days=1) - records[-1].started
    folder = Path(house.hass.config.path(".storage"))
    folder.mkdir(exist_ok=True)
    years: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        moved = replace(record, started=record.started + later, ended=record.ended + later)
        years.setdefault(moved.started.year, []).append(moved.as_dict())
    for year, rows in years.items():
        key = f"{DOMAIN}.{entry.entry_id}.sessions.{year}"
        content = {"version": 1, "minor_version": 1, "key": key, "data": {"sessions": rows}}
        (folder / key).write_text(json.dumps(content))


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
async def test_nothing_holds_the_event_loop_for_long(
    house: House,
    holds: Holds,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    hass_ws_client: WebSocketGenerator,
    figure: Callable[[str, float], None],
) -> None:
    hass = house.hass
    hass.loop.set_debug(False)  # as in production
    await house.set_up()  # what Home Assistant loads once
    await hass.config_entries.async_remove(house.coordinator.config_entry.entry_id)
    client = await hass_ws_client(hass)
    day: Day | None = None
    longest: dict[int, float] = {}
    for number in (10, COUNT):
        entry = make_entry(walkers=[walker_subentry(**ANNA), walker_subentry("Bert")])
        write_sessions(house, entry, number)
        await asyncio.sleep(0)  # what the test did until now is not counted
        holds.phase = "set up"
        await house.set_up(entry)
        holds.phase = ""
        assert len(house.coordinator.roster.history) >= number
        house.coordinator.next_session.choose_walker("anna")
        gc.collect()
        gc.freeze()  # as Home Assistant does once it has started
        await Owner(house, holds, client).uses_everything()
        holds.phase = ""
        if day is None:
            began = MONDAY + timedelta(days=70)
            freezer.move_to(began.astimezone() + timedelta(hours=6))
            day = Day(house, freezer, monkeypatch, began)
        for minute in range(60 * HOURS):
            holds.phase = f"minute {minute} of the day"
            await day.minute()
        longest[number] = holds.longest()
        await house.come_to_rest()
        await hass.config_entries.async_remove(entry.entry_id)
    figure("held", longest[10] * 1000)
    figure("held_history", longest[COUNT] * 1000)
    assert longest[COUNT] < RATIO * longest[10]
