"""What is recorded of a walk is what the true belt and deck did: time, distance and calories within 5 %.

The calories are compared with the published equations, reckoned from the belt itself (tests/support/energy_facts.py).
"""

from typing import Any

import pytest

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from tests.support.energy_facts import MOST_OFF
from tests.support.house_judge import HouseJudge
from tests.support.odd_house import OddHouse

from .conftest import OddHouses

MACHINES = (
    "miles_taken_only", "miles", "miles_throughout", "miles_reported_only", "single_zeros", "fitshow", "pitpat", "efc",
    "sperax_rm01",
)  # fmt: skip
DECKS = {
    "it tells twice": (
        "polite",
        {"incline_told_times": 2.0},
        {"incline": "converted", "incline_factor": 0.5, "incline_targets_true": True},
    ),
    "it tells and takes twice": (
        "miles",
        {"incline_told_times": 2.0, "incline_taken_times": 2.0},
        {"incline": "converted", "incline_factor": 0.5},
    ),
    "it tells and takes three halves": (
        "polite",
        {"incline_told_times": 1.5, "incline_taken_times": 1.5},
        {"incline": "converted", "incline_factor": 0.6667},
    ),
}


@pytest.fixture
async def house(request: pytest.FixtureRequest, odd_houses: OddHouses) -> OddHouse:
    house = odd_houses(PERSONALITIES[request.param])
    house.attach()
    return house


async def walk(house: OddHouse, judge: HouseJudge) -> None:
    """Walk for four minutes, faster and then uphill where that is possible, and compare the record."""
    await judge.passes_check()
    await house.store_session("anna")
    judge.experienced = True
    house.coordinator.next_session.choose_walker("anna")
    judge.begins()
    await house.press("start")
    await house.time(2.5)
    judge.confirms()
    await house.press("start")
    await house.time(40)
    await house.set_number("target_speed", 2.4)
    await house.time(100)
    if house.has("target_incline"):
        await house.set_number("target_incline", 2.0)
    await house.time(120)
    judge.stops()
    await house.press("stop")
    assert await house.comes(lambda: len(list(house.coordinator.roster.history)) == 2, 60)
    record = list(house.coordinator.roster.history)[1]
    assert record.moving_time == pytest.approx(judge.moved, rel=0.03)
    assert record.distance == pytest.approx(judge.meters, rel=0.05)
    assert record.calories == pytest.approx(judge.kcal, rel=MOST_OFF)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("house", MACHINES, indirect=True)
async def test_s9_a_record_is_true_whatever_the_machine_counts(house: OddHouse) -> None:
    judge = HouseJudge(house)
    await house.begin()
    await walk(house, judge)


@pytest.mark.parametrize(("house", "faults", "options"), list(DECKS.values()), ids=list(DECKS), indirect=["house"])
async def test_s9_a_record_is_true_whatever_the_deck_tells(
    house: OddHouse, faults: dict[str, float], options: dict[str, Any]
) -> None:
    house.faults.update(faults)
    judge = HouseJudge(house)
    await house.begin(options)
    await walk(house, judge)
    assert house.treadmill.incline >= 1.5
