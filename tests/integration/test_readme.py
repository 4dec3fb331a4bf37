"""The examples of README and docs: each runs as it is written there, so that none becomes outdated."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.retrowalk.condition import CONDITIONS
from custom_components.retrowalk.services import ACTIONS
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.trigger import TRIGGERS
from tests.support.action_calls import Actions
from tests.support.house import House, make_entry, walker_subentry
from tests.support.own_programs import walk_to_the_end

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ("dashboard", "programs", "use-cases")))
BLOCKS = [block for page in PAGES for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)]
EXAMPLES: dict[str, str] = {
    str(name): block
    for block in BLOCKS
    if isinstance(written := yaml.safe_load(block), dict) and (name := written.get("alias", written.get("action")))
}
"""Automations by their alias, and actions."""
VIEW = next(written[0] for block in BLOCKS if isinstance(written := yaml.safe_load(block), list))
CARDS = [written for block in BLOCKS if isinstance(written := yaml.safe_load(block), dict) and "type" in written]


async def set_up(house: House) -> None:
    """Set up a treadmill and choose Anna, who is no beginner."""
    await house.set_up(make_entry(walkers=[walker_subentry(person="person.anna")]))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await house.settle()


def example(name: str, actions: Actions) -> Any:
    """Return an example as it is written, except for the device ID."""
    block = EXAMPLES[name]
    assert re.search(r"device_id: \w+", block)
    return yaml.safe_load(re.sub(r"device_id: \w+", f"device_id: {actions.device()}", block))


async def automate(hass: HomeAssistant, automation: dict[str, Any]) -> None:
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()


def test_every_example_has_its_test() -> None:
    named = set(re.findall(r'example\("([^"]+)"', Path(__file__).read_text()))
    assert set(EXAMPLES) == named


def test_every_example_is_of_a_known_kind_and_every_card_is_one_that_there_is() -> None:
    assert len(BLOCKS) == len(EXAMPLES) + len(CARDS) + 1
    folder = ROOT / "custom_components" / "retrowalk" / "dashboard" / "www"
    code = "".join(path.read_text() for path in folder.glob("*.js"))
    told = set(re.findall(r"custom:(retrowalk-[a-z]+)", "".join(page.read_text() for page in PAGES)))
    assert told == set(re.findall(r"custom:(retrowalk-[a-z]+)", code))
    [card] = CARDS
    assert card["layout"] in re.findall(r'"(\w+)"', code.split('select("layout"')[1].split(")")[0])
    assert {*card["hide"]} <= set(re.findall(r'"(\w+)"', code.split('select("hide"')[1].split(")")[0]))


def test_the_readme_counts_what_there_is() -> None:
    [counted] = re.findall(r"(\d+) actions, (\d+) triggers, (\d+) conditions", PAGES[0].read_text())
    assert counted == tuple(str(len(each)) for each in (ACTIONS, TRIGGERS, CONDITIONS))
    assert len(PAGES[0].read_text().splitlines()) <= 250


async def test_an_action_makes_a_session_ready(house: House, actions: Actions) -> None:
    await set_up(house)
    written = example("retrowalk.start_session", actions)
    await house.hass.services.async_call(
        *written["action"].split("."), written["data"], target=written["target"], blocking=True
    )
    request = house.coordinator.session.request
    assert (house.state("session_state"), request.length, request.speed) == ("ready", 300, 1.5)


async def test_an_automation_starts_a_program(hass: HomeAssistant, house: House, actions: Actions) -> None:
    await set_up(house)
    automation = example("Walk backward when the kettle is on", actions)
    house.commands()
    trigger = automation["triggers"][0]
    hass.states.async_set(trigger["entity_id"], "off")
    await automate(hass, automation)
    hass.states.async_set(trigger["entity_id"], trigger["to"])
    await hass.async_block_till_done()
    assert house.state("session_state") == "ready"
    data = automation["actions"][0]["data"]
    program = Program.from_dict({"name": data["name"], "steps": data["steps"]})
    assert house.coordinator.session.request.program == program
    assert house.state("program") == "free"  # it is not one of the options
    assert house.commands() == []
    await house.press("start")
    minutes = house.coordinator.session.length / 60
    await walk_to_the_end(house, minutes + 2)
    record = house.coordinator.roster.history.last("anna")
    assert (record.program, record.completed) == ("Kettle", True)
    assert record.moving_time == pytest.approx(minutes * 60, abs=5)
    assert record.max_speed == pytest.approx(max(step.speed.top for step in program.flat()))


async def test_a_lamp_blinks_before_the_belt_gets_faster(hass: HomeAssistant, house: House, actions: Actions) -> None:
    await set_up(house)
    blinks: list[ServiceCall] = async_mock_service(hass, "light", "turn_on")
    await automate(hass, example("The lamp blinks before the belt gets faster", actions))
    house.coordinator.next_session.choose_program("free")
    await house.walk()
    await house.time(10)
    assert blinks == []
    await house.set_number("target_speed", 1.0)
    await house.time(4)
    await hass.async_block_till_done()
    assert [(call.data["entity_id"], call.data["flash"]) for call in blinks] == [(["light.gym"], "short")]


async def test_the_view_without_javascript_shows_what_there_is_and_its_buttons_press(house: House) -> None:
    await set_up(house)
    cards = [card for section in VIEW["sections"] for card in section["cards"]]
    shown = {entity for card in cards for entity in (card.get("entity"), *card.get("entities", ())) if entity}
    assert len(shown) >= 8
    assert {entity for entity in shown if house.hass.states.get(entity) is None} == set()
    assert all(card["name"] == {"type": "entity"} for card in cards if card["type"] == "tile")
    buttons = {card["entity"]: card["tap_action"] for card in cards if card.get("entity", "").startswith("button.")}
    assert len(buttons) == 3

    async def tap(key: str) -> None:
        tapped = buttons[house.entity_id(key)]
        domain, action = tapped["perform_action"].split(".")
        await house.hass.services.async_call(
            domain, action, target=tapped["target"], blocking=True, context=house.person()
        )
        await house.settle()

    await tap("start")
    assert house.state("session_state") == "ready"
    await house.time(2)
    await tap("start")
    assert house.state("session_state") == "countdown"
    await tap("stop")
    await house.time(8)
    await house.walk()
    await tap("finish")
    assert house.state("session_state") == "cool_down"
    await tap("stop")
    await house.time(8)
    assert house.state("session_state") == "finished"
