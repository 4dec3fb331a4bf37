"""The table of personalities: every row can be made, and says what it is."""

import json
from pathlib import Path

import pytest

from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.personalities import PERSONALITIES, personality_of
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality
from custom_components.retrowalk.simulator.protocols import PERIPHERALS
from custom_components.retrowalk.training.check.result import Failure

TRANSLATIONS = Path(__file__).resolve().parents[2] / "custom_components" / "retrowalk" / "translations"
each = pytest.mark.parametrize("personality", PERSONALITIES.values(), ids=PERSONALITIES)


@each
def test_it_can_be_made_and_is_found_by_its_key(personality: Personality) -> None:
    assert personality_of(personality.key) is personality
    peripheral = personality.make_peripheral(virtual_address(3))
    assert peripheral.address == virtual_address(3)
    assert peripheral.name == (personality.name or personality.profile.name)
    assert peripheral.advertisement()


@each
def test_it_says_who_is_so_and_how_that_is_known(personality: Personality) -> None:
    assert personality.machines
    assert personality.source
    assert personality.what.endswith(".")
    assert personality.protocol in PERIPHERALS
    assert personality.check in {PASSED, MONITOR, *Failure}


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_has_its_own_text(language: str) -> None:
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text())["selector"]["personality"]["options"]
    assert texts.keys() == PERSONALITIES.keys()
    assert len(set(texts.values())) == len(texts)


@each
@pytest.mark.parametrize("language", ["en", "de"])
def test_who_looks_for_a_maker_finds_it(personality: Personality, language: str) -> None:
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text())["selector"]["personality"]["options"]
    begins = f"{personality.maker}: " if personality.maker else ("A ", "Ein ")
    assert texts[personality.key].startswith(begins)


def test_no_two_rows_are_the_same_machine() -> None:
    machines = [
        (one.profile, dict(one.faults), dict(one.values), one.service_data, one.name, one.protocol)
        for one in PERSONALITIES.values()
    ]
    assert [row for row in machines if machines.count(row) > 1] == []
