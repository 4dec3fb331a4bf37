"""Each fault in each state of a session, judged by one oracle that is written from the safety rules."""

import re
from typing import Any

import pytest

from tests.support.house import House
from tests.support.reliability.cell import RECORD, play
from tests.support.reliability.faults import FAULTS, Fault
from tests.support.reliability.states import STATES, State
from tests.support.reliability.table import legend, read
from tests.support.reliability.words import sentences
from tests.support.reliability.world import World


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.title.replace(" ", "_"))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title.replace(" ", "_"))
async def test_s3_s4_s5_s10_whatever_fails_whenever_the_belt_keeps_the_rules_and_the_walker_hears_of_it(
    house: House,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
    fault: Fault,
    state: State,
) -> None:
    outcome = await play(World(house, hass_storage, monkeypatch), fault, state)
    if (folder := pytestconfig.getoption("reliability")) is not None:
        outcome.save(folder)
        return
    _, rows = read()
    told = {sentence: number for number, sentence in enumerate(legend(), 1)}
    page = rows[fault.title][STATES.index(state)]
    assert page == outcome.cell(told), "run scripts/reliability"


def test_the_table_in_the_documentation_has_every_fault_and_every_state_and_an_outcome_for_each() -> None:
    head, rows = read()
    assert head == [state.title for state in STATES]
    assert [*rows] == [fault.title for fault in FAULTS]
    for fault, cells in rows.items():
        assert len(cells) == len(STATES), fault
        for cell in cells:
            assert not {"lost", "unknown", "?"} & set(re.findall(r"\w+|\?", cell.lower())), (fault, cell)
            differs = re.search(r"record ([+-][\d.]+) s$", cell)
            assert differs or cell.endswith("no record"), (fault, cell)
            assert differs is None or abs(float(differs[1])) <= RECORD, (fault, cell)


def test_the_sentences_are_numbered_in_the_order_in_which_the_table_says_them() -> None:
    _, rows = read()
    said = [number for cells in rows.values() for cell in cells for number in re.findall(r"says ([\d, ]+)", cell)]
    numbers = [int(number) for numbers in said for number in numbers.split(", ")]
    assert [*dict.fromkeys(numbers)] == [*range(1, len(legend()) + 1)]


def test_the_sentences_of_the_documentation_are_texts_of_the_house_that_say_what_to_do() -> None:
    told = legend()
    assert told
    for sentence in told:
        assert sentences(sentence)
