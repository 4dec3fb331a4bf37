"""Every row of the personality table in a real Home Assistant, from its set-up to the record of a backward session."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.simulator.bluetooth import async_attach
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality
from custom_components.retrowalk.training.events import SessionEventKind
from tests.support.action_calls import Actions
from tests.support.effort import rows
from tests.support.house import Clock
from tests.support.owner import Owner
from tests.support.running_time import RunningTime
from tests.support.true_belt import lowest_of

APART = 2.1
"""Seconds between making ready and confirming (S2)."""
STEADY = 40.0
"""Seconds at the speed that was chosen."""
FASTER = 0.3
"""km/h above the lowest."""
MONITORED = (
    (["monitor_only"], "not offered"),
    (["monitor_unproven"], "not offered"),
    (["too_fast"], "no_speed_control"),
    ([], "belt_moves"),  # it says so all the time
    ([], "no_speed"),  # it never says how fast its belt is
)
"""What is told of machines that are only watched: in the set-up, and when a check run is wanted."""
TILTED = {"incline_drifts", "incline_stuck", "incline_remembered"}
"""Machines that tell a tilted deck after their check run."""
NEVER_LEVEL = {"incline_stuck", "incline_remembered"}
"""Those of them that go on telling it: they are not walked on backward until their owner says what it means."""
TOLD = {"console_dead": {"console_dead"}}
"""The repair issues that tell what is odd about a machine that works."""
FIRST_OF = {(row.protocol, row.check): key for key, row in reversed(PERSONALITIES.items())}
OWN_WAYS = {*FIRST_OF.values(), *TILTED, *TOLD, "fitshow_any_run"}
"""One machine of each protocol and outcome, and those of which something else is expected: they walk every day."""
BETWEEN = {"session_ends", "program_step", "knee_discomfort"}
"""Unknown between sessions: no session, no program, and nobody has said how the knee is."""


@pytest.fixture(params=rows(PERSONALITIES, every=6, kept=OWN_WAYS))
async def owner(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    enable_bluetooth: None,
    hass_admin_user: MockUser,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Owner]:
    personality: Personality = request.param
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "config", {})
    its = Owner(hass, personality, clock, hass_admin_user.id, monkeypatch)
    async with RunningTime(hass, clock, monkeypatch).runs():
        detach = async_attach(hass, its.house.peripheral, run=True)
        yield its
        entry = its.house.entry
        if entry is not None and entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
        detach()


async def test_its_owner_sets_it_up_and_walks_backward(owner: Owner, hass_client: ClientSessionGenerator) -> None:
    await owner.in_time(story(owner, hass_client))


async def story(owner: Owner, hass_client: ClientSessionGenerator) -> None:
    expected = owner.personality.check
    await owner.set_up()
    assert expected == MONITOR or not owner.read
    checked = await owner.check(await hass_client())
    if expected == PASSED:
        assert checked == PASSED
        assert float(owner.measured["start_speed"]) == pytest.approx(lowest_of(owner.house.treadmill), abs=0.06)
        assert owner.issues() == TOLD.get(owner.personality.key, set())
        if owner.personality.key not in TILTED or await its_deck_is_lowered(owner):
            await it_walks(owner)
            await what_it_walked_is_kept(owner)
    elif expected == MONITOR:
        assert (owner.read, checked) in MONITORED
        await it_is_only_watched(owner)
    else:
        assert checked == expected
        assert owner.issues() == {"check_failed"}
        await it_is_not_released(owner)
    await nothing_is_unknown_for_ever(owner)


async def its_deck_is_lowered(owner: Owner) -> bool:
    """Lower a deck that is told to be tilted, as the refusal says; return whether it can be walked on backward now."""
    house = owner.house
    await house.press("start")
    await asyncio.sleep(APART)
    assert await owner.refused(house.press("start")) == "deck_too_high"
    await house.press("stop")
    await house.press("lower_deck")
    await asyncio.sleep(STEADY)
    if owner.personality.key not in NEVER_LEVEL:
        return True
    await house.press("start")
    await asyncio.sleep(APART)
    assert await owner.refused(house.press("start")) == "deck_too_high"
    return False


async def it_walks(owner: Owner) -> None:
    house = owner.house
    if house.state("connection") != "connected":  # left to its own console between uses
        await house.press("connect")
        await owner.until(lambda: house.state("connection") == "connected", 30, "it is connected")
    await house.press("start")
    await asyncio.sleep(APART)
    await house.press("start")
    assert house.state("session_state") == "countdown"
    assert house.treadmill.at_rest
    await owner.until(lambda: house.state("session_state") == "warm_up", 50, "the warm-up begins")
    target = house.full_state("target_speed")
    wanted = min(round(target.attributes["min"] + FASTER, 2), target.attributes["max"])
    await house.set_number("target_speed", wanted)
    await asyncio.sleep(STEADY)
    assert house.state("session_state") == ("active" if wanted > target.attributes["min"] else "warm_up")
    assert house.treadmill.speed == pytest.approx(wanted, abs=0.21)
    assert float(house.state("speed")) == pytest.approx(wanted, abs=0.21)
    assert house.state("belt_moving") == "on"
    owner.judged.judge.before_stop()
    await house.press("stop")
    owner.judged.judge.after_stop()
    await owner.until(lambda: house.state("session_state") == "finished", 60, "it is finished")
    await asyncio.sleep(10)
    assert house.treadmill.at_rest
    assert {SessionEventKind.STARTED, SessionEventKind.STOPPED} <= set(owner.judged.told)


async def what_it_walked_is_kept(owner: Owner) -> None:
    record, judge = await owner.record(), owner.judged.judge
    assert (record["walker"], record["direction"], record["outcome"]) == ("Anna", "backward", "stopped")
    assert record["minutes"] * 60 == pytest.approx(judge.moving, rel=0.08, abs=6)
    assert record["distance"] == pytest.approx(judge.meters, rel=0.1, abs=11)
    assert record["calories"] > 0


async def it_is_only_watched(owner: Owner) -> None:
    house = owner.house
    start = Actions(house).call("start_session", by=house.person(), direction="backward")
    assert await owner.refused(start) == ("not_checked" if owner.read in ([], ["too_fast"]) else "monitor_only")
    if not owner.read:
        assert owner.judged.sent == []
        return
    house.treadmill.press_start()
    await owner.until(lambda: house.state("session_state") == "manual", 30, "a walk at its console is a session")
    await asyncio.sleep(STEADY)
    assert float(house.state("speed")) == pytest.approx(house.treadmill.speed, abs=0.11)
    house.treadmill.press_stop()
    await owner.until(lambda: house.state("belt_moving") == "off", 60, "it is seen at rest")
    await asyncio.sleep(10)
    assert owner.judged.sent == []


async def it_is_not_released(owner: Owner) -> None:
    house = owner.house
    assert await owner.refused(house.press("start")) == "check_failed"
    sent = len(owner.judged.sent)
    house.treadmill.press_start()
    await owner.until(lambda: house.state("session_state") == "manual", 30, "a walk at its console is a session")
    assert len(owner.judged.sent) == sent
    await house.press("stop")  # which is never refused
    await owner.until(lambda: house.treadmill.at_rest, 40, "it stops")
    await asyncio.sleep(10)
    assert all(command.stops for _, command in owner.judged.sent[sent:])


async def nothing_is_unknown_for_ever(owner: Owner) -> None:
    walked = owner.personality.check == PASSED and owner.personality.key not in NEVER_LEVEL
    if walked and owner.personality.key in TOLD:
        return  # its link is released soon after a walk, for its console
    assert owner.without("unknown") <= BETWEEN | (set() if walked else {"last_session", "safety_key"})
    untold = set() if owner.personality.tells_speed else {"speed", "belt_moving"}
    assert owner.without("unavailable") <= {"target_speed", "target_incline"} | untold
