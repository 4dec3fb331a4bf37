"""The page about automations: it names every trigger and condition as the editor does, and its example works."""

import json
import re
from pathlib import Path

import pytest
import yaml
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components import retrowalk
from tests.support.automations import AutomationTargets
from tests.support.house import House

PAGE = Path(__file__).parents[2] / "docs" / "automations.md"


def chapter(title: str) -> str:
    return re.split(rf"^## {title}$", PAGE.read_text(), flags=re.MULTILINE)[1].split("\n## ")[0]


@pytest.mark.parametrize("kind", ["triggers", "conditions"])
def test_the_page_lists_all_of_them_by_the_names_of_the_editor(kind: str) -> None:
    texts = json.loads((Path(retrowalk.__file__).parent / "translations" / "en.json").read_text())[kind]
    listed = re.findall(r"^\| ((?:Treadmill|Walker) .*?) \|", chapter(kind.title()), flags=re.MULTILINE)
    assert sorted(listed) == sorted(text["name"] for text in texts.values())


async def test_the_lamps_flash_when_a_stop_has_failed(house: House, hass: HomeAssistant) -> None:
    gym = AutomationTargets(house)
    await gym.set_up()
    [block] = re.findall(r"```yaml\n(.*?)```", chapter("Triggers"), flags=re.DOTALL)
    written = yaml.safe_load(re.sub(r"device_id: \w+", f"device_id: {gym.device()}", block))
    calls = async_mock_service(hass, "light", "turn_on")
    assert await async_setup_component(hass, "automation", {"automation": [written]})
    await gym.emit("stopped")
    assert calls == []
    await gym.emit("stop_failed")
    assert [call.data for call in calls] == [{"entity_id": "all", "flash": "long"}]
