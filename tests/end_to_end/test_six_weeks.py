"""Six weeks on the dashboard alone, while Home Assistant's time jumps and runs fast."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.time_travel import FAST, Calendar, house_with_a_calendar, rate, start
from tests.support.live.treadmill import Treadmill, add_virtual_treadmill

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
    ),
    pytest.mark.timeout(900),
]
DAYS = {"mon": 0, "wed": 2, "fri": 4}
"""The walker's days."""
SESSIONS = 18
REACHED = 2.0
"""The top speed (km/h) of the plan after so many comfortable sessions."""


@pytest_asyncio.fixture(loop_scope="session")
async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    async with house_with_a_calendar(tmp_path_factory.mktemp("house")) as calendar:
        yield calendar


@pytest.mark.nightly
async def test_weeks_of_comfortable_sessions_end_with_the_speed_of_the_plan_and_an_unbroken_streak(
    calendar: Calendar, browser: Browser, measured: Callable[[str], None]
) -> None:
    house = calendar.house
    entry = await add_virtual_treadmill(house.client)
    treadmill = await Treadmill.of_entry(house.client, entry["entry_id"])
    [anna] = await treadmill.walkers()
    await choose_days(house, entry["entry_id"])
    screen = await Screen.open(browser, house, Appearance(phone=True, dark=False, language="en"))
    day = (await calendar.now()).replace(hour=17, minute=30, second=0, microsecond=0) + timedelta(days=1)
    speeds: list[float] = []
    while len(speeds) < SESSIONS:
        if day.weekday() in DAYS.values():
            await calendar.jump(day)
            speeds.append(await walk(screen, treadmill, calendar))
            assert float(await anna.state("streak")) == len(speeds)
        day += timedelta(days=1)
    measured(f"{SESSIONS} sessions on the dashboard, three a week: {speeds}")
    assert speeds[-1] >= REACHED
    assert screen.problems() == []
    assert calendar.problems() == []


async def walk(screen: Screen, treadmill: Treadmill, calendar: Calendar) -> float:
    """Walk a day's session, rate it and be done with it, by pressing what the card shows; return its top speed."""
    top = await start(screen, treadmill)
    await calendar.run(FAST)
    await expect(screen.part(".result")).to_be_visible(timeout=60_000)
    await calendar.run(1)
    await rate(screen)
    return top


async def choose_days(house: HomeAssistantProcess, entry_id: str) -> None:
    """Choose the walker's days in the dialog."""
    kind = "subentries/flow"
    [subentry] = await house.client.command("config_entries/subentries/list", entry_id=entry_id)
    flow = await house.client.flow_start([entry_id, "walker"], kind=kind, subentry_id=subentry["subentry_id"])
    shown = {
        field["name"]: value
        for field in flow["data_schema"]
        if (value := (field.get("description") or {}).get("suggested_value")) is not None
    }
    answer = await house.client.flow_step(flow["flow_id"], {**shown, "days": list(DAYS)}, kind=kind)
    assert answer["reason"] == "reconfigure_successful", answer
