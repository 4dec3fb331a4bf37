"""Home Assistant is killed while a belt of another protocol, or in miles, moves (S14, S19)."""

from typing import Any

import pytest

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import PASSED
from custom_components.retrowalk.training.history.record import SessionRecord
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import SessionState
from tests.support.energy_facts import MOST_OFF
from tests.support.house_judge import HouseJudge
from tests.support.odd_house import OddHouse

from .conftest import OddHouses

IN_MILES = ("miles_taken_only", "miles_throughout", "miles_reported_only")
ALIKE = {"fitshow_flat", "sperax_rm01"}
"""What of them is odd makes no difference here."""
ROWS = [
    row
    for row in PERSONALITIES.values()
    if row.check == PASSED and (row.protocol != "ftms" or row.key in IN_MILES) and row.key not in ALIKE
]


@pytest.fixture(params=ROWS, ids=lambda row: row.key)
async def house(request: pytest.FixtureRequest, odd_houses: OddHouses) -> OddHouse:
    house = odd_houses(request.param)
    house.attach()
    return house


async def walks(house: OddHouse) -> HouseJudge:
    """Return the judge of a house in which Anna has walked for more than a minute."""
    judge = HouseJudge(house)
    await house.begin()
    await judge.passes_check()
    house.coordinator.next_session.choose_walker("anna")
    judge.begins()
    await house.press("start")
    await house.time(2.5)
    judge.confirms()
    await house.press("start")
    await house.time(40)
    await house.set_number("target_speed", max(1.6, house.full_state("target_speed").attributes["min"]))
    await house.time(50)
    assert house.session_state is SessionState.ACTIVE, "\n".join(judge.log)
    return judge


async def the_record(house: OddHouse) -> SessionRecord:
    await house.comes(lambda: not house.coordinator.recorder.has_unsaved)
    [record] = house.coordinator.roster.history
    return record


@pytest.mark.sampled(3)
async def test_s19_it_is_the_same_session_nobody_steers_and_the_record_is_whole(
    house: OddHouse, hass_storage: dict[str, Any]
) -> None:
    judge = await walks(house)
    speed = house.treadmill.speed
    await house.killed(hass_storage, 40)
    written = len(house.peripheral.writes)
    await house.back()
    assert await house.comes(lambda: house.session_state is SessionState.MANUAL, 10)
    # It may be told in the moment in which Home Assistant is back, so that its entity is asked.
    told = await house.comes(lambda: house.full_state("session").attributes["event_type"] == "manual", 10)
    assert told, "\n".join(judge.log)
    session = house.coordinator.session
    assert (session.walker, session.direction) == ("anna", Direction.BACKWARD)
    await house.time(60)
    assert house.treadmill.speed == pytest.approx(speed, abs=0.01)
    assert not judge.moves_in(written), "\n".join(judge.log)
    judge.stops()
    await house.press("stop")
    assert await house.comes(lambda: house.treadmill.at_rest, 20)
    await house.time(15)
    record = await the_record(house)
    assert (record.walker, record.direction) == ("anna", Direction.BACKWARD)
    assert record.moving_time == pytest.approx(judge.moved, rel=0.05, abs=5)
    assert record.distance == pytest.approx(judge.meters, rel=0.05, abs=11)  # some count tens of meters
    assert record.calories == pytest.approx(judge.kcal, rel=MOST_OFF)


@pytest.mark.sampled(3)
async def test_s14_a_reload_brings_the_belt_to_rest(house: OddHouse) -> None:
    judge = await walks(house)
    assert house.entry is not None
    judge.withdraws("reload")
    begun = judge.now
    await house.during(house.hass.config_entries.async_reload(house.entry.entry_id))
    assert await house.comes(lambda: house.treadmill.at_rest, 21 - (judge.now - begun))
    await house.time(20)
    assert house.treadmill.at_rest
    record = await the_record(house)
    assert record.moving_time == pytest.approx(judge.moved, rel=0.05, abs=5)
    assert record.distance == pytest.approx(judge.meters, rel=0.05, abs=11)  # some count tens of meters
