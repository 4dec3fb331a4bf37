"""The pages of the reference leave nothing out, and their examples are what the actions accept."""

import json
from pathlib import Path

import pytest
import voluptuous as vol
import yaml
from homeassistant.helpers import config_validation as cv

from custom_components.retrowalk.services import ACTIONS
from scripts.lib import reference
from scripts.lib import reference_words as words

TEXTS = json.loads((reference.PACKAGE / "translations" / "en.json").read_text())
PAGE = {name: page() for name, page in reference.PAGES.items()}


def test_a_page_that_is_out_of_date_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "actions.md"
    page.write_text("old")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["reference", "--check"])
    assert reference.main() == 1
    assert "scripts/lint" in capsys.readouterr().err
    assert page.read_text() == "old"
    monkeypatch.setattr("sys.argv", ["reference"])
    assert reference.main() == 0
    assert page.read_text() == PAGE["actions.md"]
    assert reference.outdated() == []


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_the_example_of_an_action_is_one_that_it_accepts(name: str) -> None:
    action, example = ACTIONS[name], reference.action_example(name)
    assert name in words.ACTION_EXAMPLES, "add one to scripts/lib/reference_words.py"
    schema = vol.Schema({**cv.TARGET_SERVICE_FIELDS, **action.fields})
    schema({**example["target"], **example.get("data", {})})
    assert reference.example(example) in PAGE["actions.md"]
    fields = reference.described("services.yaml")[name].get("fields", {})
    required = {key for key, field in fields.items() if field.get("required")}
    assert required <= example.get("data", {}).keys() <= fields.keys()


def test_an_example_reads_as_what_it_was_written_from() -> None:
    for name in ACTIONS:
        written = reference.action_example(name)
        assert yaml.safe_load(reference.example(written).removeprefix("```yaml\n").removesuffix("```\n")) == written


def test_every_action_trigger_and_condition_has_each_of_its_fields_on_the_page() -> None:
    pages = {
        "services": "actions.md",
        "triggers": "triggers-and-conditions.md",
        "conditions": "triggers-and-conditions.md",
    }
    for kind, page in pages.items():
        described = reference.described(f"{kind}.yaml")
        assert described.keys() == TEXTS[kind].keys()
        for name, each in described.items():
            [section] = PAGE[page].split(f"\n`retrowalk.{name}`\n")[1:]
            section = section.split("\n## ")[0].split("\n### ")[0]
            assert TEXTS[kind][name]["description"] in section
            for field in each.get("fields", {}):
                assert f"| `{field}` |" in section, (name, field)
            assert section.count("```yaml") == 1


def test_every_entity_is_on_the_page_and_says_what_it_tells() -> None:
    entities = list(reference.entities())
    assert {(each.platform, each.key) for each in entities} == {
        (platform, key) for platform, texts in TEXTS["entity"].items() for key in texts
    }
    silent = [f"{each.platform}.{each.key}" for each in entities if not each.tells]
    assert silent == [], "say it in scripts/lib/reference_words.py"
    known = {f"{each.platform}.{each.key}" for each in entities}
    assert {*words.TREADMILL_TELLS, *words.WALKER_TELLS} <= known
    for each in entities:
        assert f"| **{each.name}** | {each.platform.replace('_', ' ')} |" in PAGE["entities.md"]


def test_every_field_of_set_up_settings_and_walkers_is_on_the_page() -> None:
    steps = TEXTS["options"]["step"]
    forms = [step for step in TEXTS["config"]["step"].values() if "data" in step]
    forms += [*steps["settings"]["sections"].values(), steps["machine"], *steps["machine"]["sections"].values()]
    forms.append(TEXTS["config_subentries"]["walker"]["step"]["user"])
    missing = [
        label for form in forms for label in form["data"].values() if f"| **{label}** |" not in PAGE["configuration.md"]
    ]
    assert missing == []
    assert len(forms) > 20


def test_no_page_shows_a_placeholder() -> None:
    for name in ("actions.md", "entities.md", "configuration.md"):
        assert "{" not in PAGE[name], name
