"""Two walkers who share two treadmills, on the dashboard: each of them has one streak, wherever they walk."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.live.browser import CHROMIUM, Appearance, Screen
from tests.support.live.homeassistant_client import HomeAssistantClient
from tests.support.live.time_travel import FAST, Calendar, house_with_a_calendar, rate, start
from tests.support.live.treadmill import Device, Treadmill, add_virtual_treadmill, known_walker

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium; scripts/chromium installs it"
    ),
    pytest.mark.timeout(400),
]
SUBENTRIES = "subentries/flow"
NAMES = ("Anna", "Bert")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calendar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    async with house_with_a_calendar(tmp_path_factory.mktemp("house")) as calendar:
        yield calendar


async def add_treadmills(client: HomeAssistantClient) -> tuple[list[Treadmill], list[Device]]:
    """Add a treadmill with two walkers, and another one that they share; return the treadmills and the walkers."""
    first = await add_virtual_treadmill(client)
    flow = await client.flow_start([first["entry_id"], "walker"], kind=SUBENTRIES)
    await client.flow_step(flow["flow_id"], {"name": "Bert", "weight": 80}, kind=SUBENTRIES)
    second = await add_virtual_treadmill(client, who="Anna")
    flow = await client.flow_start([second["entry_id"], "walker"], kind=SUBENTRIES)
    assert flow["step_id"] == "share"
    await client.flow_step(flow["flow_id"], {"who": known_walker(flow, "Bert")}, kind=SUBENTRIES)
    treadmills = [await Treadmill.of_entry(client, entry["entry_id"]) for entry in (first, second)]
    walkers = await treadmills[0].walkers()
    assert tuple(walker.name for walker in walkers) == NAMES
    return treadmills, walkers


@pytest.mark.nightly
async def test_two_walkers_on_two_treadmills_have_one_streak_each(calendar: Calendar, browser: Browser) -> None:
    house = calendar.house
    treadmills, walkers = await add_treadmills(house.client)
    screens = [
        await Screen.open(browser, house, Appearance(phone=True, dark=dark, language="en")) for dark in (False, True)
    ]
    day = (await calendar.now()).replace(hour=17, minute=30, second=0, microsecond=0)
    for streak, names in enumerate((NAMES, NAMES[::-1]), 1):  # on the second day on the other one's treadmill
        await calendar.jump(day + timedelta(days=streak))
        for screen, treadmill, name in zip(screens, treadmills, names, strict=True):
            await start(screen, treadmill, name)
            await expect(screen.part(".checks li").nth(1)).to_have_text(f"For {name}.")
        await calendar.run(FAST)
        for screen in screens:
            await expect(screen.part(".result")).to_be_visible(timeout=60_000)
        await calendar.run(1)
        for screen, name in zip(screens, names, strict=True):
            await expect(screen.part(".result")).to_contain_text(name)
            await rate(screen)
        assert [float(await walker.state("streak")) for walker in walkers] == [streak, streak]
        assert [float(await walker.state("today")) for walker in walkers] == [pytest.approx(5, abs=0.2)] * 2
    assert screens[0].problems() + screens[1].problems() == []
    assert calendar.problems() == []
