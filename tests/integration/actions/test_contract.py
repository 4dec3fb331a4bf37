"""The descriptions of the actions match their schemas."""

import json
from pathlib import Path

import pytest
import voluptuous as vol
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.helpers.selector import selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml

from custom_components.retrowalk import services
from custom_components.retrowalk.actions.report import REPORT_FORMATS
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.programs.library import FREE, PLAN
from custom_components.retrowalk.programs.rows import FIELDS
from custom_components.retrowalk.services import ACTIONS
from custom_components.retrowalk.training.coaching.presets import PRESETS
from custom_components.retrowalk.training.files.imported import Lengths, SpeedUnit
from custom_components.retrowalk.training.history.record import Knee
from custom_components.retrowalk.training.history.table import Separator
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.programs.step_format import read_steps
from custom_components.retrowalk.walkers.session_file import FORMATS
from custom_components.retrowalk.walkers.walker import GUEST
from tests.support.workout_files import read

FOLDER = Path(services.__file__).parent
LANGUAGES = sorted(path.stem for path in (FOLDER / "translations").glob("*.json"))


async def test_every_action_and_field_is_described_and_nothing_else_is(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    shown = (await async_get_all_descriptions(hass))[DOMAIN]
    assert set(shown) == set(ACTIONS)
    icons = json.loads((FOLDER / "icons.json").read_text())["services"]
    assert set(icons) == set(ACTIONS)
    assert all(icon["service"].startswith("mdi:") for icon in icons.values())
    for name, action in ACTIONS.items():
        fields = shown[name]["fields"]
        assert list(fields) == [*map(str, action.fields)]
        required = {str(key) for key in action.fields if isinstance(key, vol.Required)}
        assert {key for key, field in fields.items() if field.get("required")} == required
        for key in action.fields:
            given = None if isinstance(key.default, vol.Undefined) else key.default()
            assert fields[str(key)].get("default") == given
        optional = {"optional": action.response is SupportsResponse.OPTIONAL}
        assert shown[name].get("response") == (None if action.response is SupportsResponse.NONE else optional)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_field_has_a_selector_a_name_a_description_and_an_example_that_works(
    hass: HomeAssistant, language: str
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    shown = (await async_get_all_descriptions(hass))[DOMAIN]
    loaded = json.loads((FOLDER / "translations" / f"{language}.json").read_text())
    texts = loaded["services"]
    assert set(texts) == set(ACTIONS)
    for name in ACTIONS:
        assert texts[name]["name"]
        assert texts[name]["description"]
        fields = texts[name].get("fields", {})
        assert set(texts[name]) - {"fields"} == {"name", "description"}
        assert list(fields) == list(shown[name]["fields"])
        schema = hass.services.async_services_for_domain(DOMAIN)[name].schema
        examples = {}
        for key, field in fields.items():
            about = shown[name]["fields"][key]
            assert ("example" in field) != ("example" in about)  # translated, or the same in every language
            # The frontend's editor parses an example as YAML, too.
            example = field["example"] if "example" in field else parse_yaml(str(about["example"]))
            assert example
            examples[key] = example
        schema(examples)
        for key, field in fields.items():
            assert all(field[kind] for kind in ("name", "description"))
            chooser, example = shown[name]["fields"][key]["selector"], examples[key]
            selector(chooser)(float(example) if "number" in chooser else example)
            if name in {"run_program", "save_program"} and key == "steps":
                row = loaded["selector"][chooser["object"]["translation_key"]]["fields"]
                assert chooser["object"]["multiple"]
                assert list(row) == list(chooser["object"]["fields"]) == list(FIELDS)
            if options := chooser.get("select", {}).get("options"):
                assert set(loaded["selector"][chooser["select"]["translation_key"]]["options"]) == set(options)
                files = ({*FORMATS}, {*REPORT_FORMATS}, {*Lengths}, {*SpeedUnit}, {*Separator}, {*Knee, "none"})
                assert set(options) in ({*Direction}, {*PRESETS}, {PLAN, FREE, *PRESETS}, {GUEST}, *files)
    assert read_steps(parse_yaml(str(shown["save_program"]["fields"]["steps"]["example"])))
    assert read(parse_yaml(str(shown["import_program"]["fields"]["content"]["example"])), name="Mine")
