"""Random stories on every kind of treadmill in a real Home Assistant, judged by the true belt and the rules (S1-S19).

Each story has a machine of the table, its owner, people with and without hands, a bad radio, power cuts, and options
that are saved at any moment. All of it runs in virtual time. RANDOM_TREADMILLS: which stories, like `7 8`.
"""

import logging
import random
from typing import Any

import pytest

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import PASSED, Personality
from tests.support.effort import seeds
from tests.support.house_judge import HouseJudge
from tests.support.odd_house import OddHouse
from tests.support.random_owner import RandomOwner

from .conftest import OddHouses

WALKABLE = [row for row in PERSONALITIES.values() if row.check == PASSED]
FRAMED = [row for row in WALKABLE if row.protocol != "ftms"]
ACTS = 40
STORIES = seeds("RANDOM_TREADMILLS", (0, *range(2, 12)), 120)  # 1 is the one that floods


def kind_of(seed: int) -> Personality:
    """Return the machine of a story; each third has another protocol."""
    rng = random.Random(f"kind {seed}")
    return rng.choice(FRAMED if seed % 3 == 0 else WALKABLE)


@pytest.fixture(params=STORIES, ids=lambda seed: f"{seed}-{kind_of(seed).key}")
def seed(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
async def house(seed: int, odd_houses: OddHouses, caplog: pytest.LogCaptureFixture) -> OddHouse:
    caplog.set_level(logging.WARNING)  # frames are logged for minutes
    house = odd_houses(kind_of(seed))
    house.attach()
    return house


@pytest.mark.sampled(2)
async def test_whatever_happens_to_a_treadmill_keeps_every_rule(
    house: OddHouse, seed: int, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(seed)
    judge = HouseJudge(house)
    await house.begin()
    await judge.passes_check()
    if rng.random() < 0.7:
        await house.store_session("anna")
        judge.experienced = True
    house.coordinator.next_session.choose_walker("anna")
    await house.time(1)
    known = len(list(house.coordinator.roster.history))
    judge.begins()
    owner = RandomOwner(house, judge, kind_of(seed), rng, hass_storage)
    await owner.lives(ACTS)
    bad = [record for record in caplog.records if record.levelno >= 40]
    assert not bad, "\n".join([bad[0].getMessage(), str(bad[0].exc_text), *judge.log[-60:]])
    # In every state, a Stop brings the belt to rest.
    await house.comes(lambda: house.loaded)
    await owner.stops()
    await house.time(90)
    if house.treadmill.speed > 0:
        judge.fail("S3", "the belt runs after a Stop")
    await house.comes(lambda: not house.coordinator.recorder.has_unsaved, 400)
    judge.judge_records(list(house.coordinator.roster.history)[known:])
