"""A machine whose name is not heard after a restart is spoken to by the name that it had (S3, S9)."""

import pytest

from custom_components.retrowalk.const import CONF_ADVERTISED, CONF_CAPABILITIES, CONF_CHECK, CONF_INFO
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import Personality
from tests.support.house import CONTROL, make_entry
from tests.support.odd_house import OddHouse

from .conftest import OddHouses

UNKNOWN = {CONF_CHECK: None, CONF_CAPABILITIES: {}, CONF_INFO: {}}
BY_NAME = [row for row in PERSONALITIES.values() if row.protocol in {"fitshow", "sperax", "lifespan", "urevo"}]
"""Their protocol is told by the name: another one has the same table."""
KINGSMITH = [PERSONALITIES[key] for key in ("kingsmith_mc21", "kingsmith_r3", "kingsmith_z1")]
"""What is odd about them is told by the name."""


@pytest.fixture
async def house(request: pytest.FixtureRequest, odd_houses: OddHouses) -> OddHouse:
    return odd_houses(request.param)


def each(rows: list[Personality]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("house", rows, ids=[row.key for row in rows], indirect=True)


def nameless(house: OddHouse) -> None:
    """Let it be heard without a name from the beginning, as a passive scanner hears it after a restart."""
    house.faults.nameless = True
    house.attach()


@each(BY_NAME)
async def test_its_protocol_is_known_by_the_name_that_it_had(house: OddHouse) -> None:
    nameless(house)
    await house.set_up_entry(make_entry(CONTROL, **UNKNOWN, **{CONF_ADVERTISED: house.name}))
    await house.linked()
    assert await house.comes(lambda: house.loaded and house.state("speed") == "0.0", 20)


@each(KINGSMITH)
async def test_s3_a_stop_is_what_it_obeys_by_the_name_that_it_had(house: OddHouse) -> None:
    nameless(house)
    await house.set_up_entry(make_entry(CONTROL, **UNKNOWN, **{CONF_ADVERTISED: house.name}))
    await house.linked()
    house.treadmill.press_start()
    await house.time(15)
    assert house.treadmill.speed > 0
    await house.press("stop")
    assert await house.comes(lambda: house.treadmill.at_rest, 10)


@each([PERSONALITIES["kingsmith_mc21"]])
async def test_its_name_is_kept_without_a_reload_and_a_missing_one_changes_nothing(house: OddHouse) -> None:
    house.attach()
    await house.begin()
    assert house.entry is not None
    assert house.entry.data[CONF_ADVERTISED] == house.name
    coordinator = house.coordinator
    house.faults.nameless = True
    house.peripheral.drop_link()
    await house.time(3)
    await house.linked()
    assert house.entry.data[CONF_ADVERTISED] == house.name
    assert house.coordinator is coordinator
