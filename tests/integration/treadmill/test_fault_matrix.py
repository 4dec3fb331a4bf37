"""Each fault in each state of a session, judged by one oracle that is written from the safety rules."""

from typing import Any

import pytest

from tests.support.house import House
from tests.support.reliability.cell import play
from tests.support.reliability.faults import FAULTS, Fault
from tests.support.reliability.states import STATES, State
from tests.support.reliability.world import World


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.title.replace(" ", "_"))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title.replace(" ", "_"))
async def test_s3_s4_s5_s10_whatever_fails_whenever_the_belt_keeps_the_rules_and_the_walker_hears_of_it(
    house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fault: Fault, state: State
) -> None:
    await play(World(house, hass_storage, monkeypatch), fault, state)
