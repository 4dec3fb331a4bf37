"""The page of treadmills says what the tables in the code say, and the issue form leads to what exists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS
from custom_components.retrowalk.machine.ftms.quirks import ROWS
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from scripts.lib import treadmills

ROOT = Path(__file__).resolve().parents[2]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
FORM: dict[str, Any] = yaml.safe_load((FORMS / "treadmill.yml").read_text())
TEXTS = json.loads((ROOT / "custom_components" / "retrowalk" / "translations" / "en.json").read_text())
KINDS = {
    "markdown": {"value"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "dropdown": {"label", "description", "multiple", "options", "default"},
    "checkboxes": {"label", "description", "options"},
}
"""The elements of GitHub's form schema, and the attributes that each has."""


def test_the_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["treadmills", "--check"])
    assert treadmills.main() == 0, "run scripts/lint"


def test_a_page_that_is_out_of_date_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "treadmills.md"
    page.write_text("old")
    monkeypatch.setattr(treadmills, "PAGE", page)
    monkeypatch.setattr(treadmills, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["treadmills", "--check"])
    assert treadmills.main() == 1
    assert "scripts/lint" in capsys.readouterr().err
    assert page.read_text() == "old"
    monkeypatch.setattr("sys.argv", ["treadmills"])
    assert treadmills.main() == 0
    assert page.read_text() == treadmills.page()


def test_every_row_of_the_tables_is_on_the_page_with_its_evidence() -> None:
    page = treadmills.page()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    for kind in PERSONALITIES.values():
        [row] = [row for row in rows if row[0] == f"| `{kind.key}`"]
        assert treadmills.EVIDENCE[kind.evidence] in row
    assert all(any(row[0] == f"| {protocol.name}" for row in rows) for protocol in PROTOCOLS)
    assert all(any(row[0] == f"| {quirk.machine}" for row in rows) for quirk in ROWS)


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/treadmills.md)" in (ROOT / "README.md").read_text()


# The issue form


def test_the_form_is_one_of_github() -> None:
    assert FORM.keys() <= {"name", "description", "title", "labels", "assignees", "projects", "type", "body"}
    assert FORM["name"] == "My treadmill"
    assert FORM["description"]
    ids = [element["id"] for element in FORM["body"] if element["type"] != "markdown"]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in ids)
    for element in FORM["body"]:
        attributes = element["attributes"]
        assert attributes.keys() <= KINDS[element["type"]]
        assert element.keys() <= {"type", "id", "attributes", "validations"}
        assert element.get("validations", {}).keys() <= {"required"}
        if element["type"] == "markdown":
            assert attributes["value"]
            continue
        assert attributes["label"]
        options = attributes.get("options", [])
        assert len({str(option) for option in options}) == len(options)
        if element["type"] == "checkboxes":
            assert all(option.keys() <= {"label", "required"} for option in options)
    config = yaml.safe_load((FORMS / "config.yml").read_text())
    assert config.keys() <= {"blank_issues_enabled", "contact_links"}


def test_the_form_asks_for_the_diagnostics_file_where_the_pages_say_it_is() -> None:
    [diagnostics] = [element for element in FORM["body"] if element.get("id") == "diagnostics"]
    assert diagnostics["validations"] == {"required": True}
    asked = diagnostics["attributes"]["description"]
    told = (ROOT / "docs" / "report-a-treadmill.md").read_text()
    assert "Settings → Devices & services → Retrowalk" in asked
    assert "Settings → Devices & services → Retrowalk" in told
    assert "Download diagnostics" in asked
    assert "Download diagnostics" in told
    [page] = re.findall(r"docs/[\w-]+\.md", asked)
    assert (ROOT / page).exists()


def test_the_form_names_the_check_run_as_its_menu_does() -> None:
    [check] = [element for element in FORM["body"] if element.get("id") == "check"]
    menu = TEXTS["options"]["step"]["init"]["menu_options"]["check"]
    assert check["attributes"]["description"].split("→")[-1].strip().startswith(menu)
