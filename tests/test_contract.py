"""What hassfest, HACS and the Integration Quality Scale check, restated so that it runs without a network."""

import ast
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import homeassistant.components
import pytest
import voluptuous as vol
from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv
from homeassistant.util.yaml import load_yaml_dict

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "custom_components" / "retrowalk"
CORE = Path(homeassistant.components.__file__).parent
MANIFEST = json.loads((PACKAGE / "manifest.json").read_text())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

# Home Assistant has these in every installation, or they are only imported for the names of their platform.
_ALWAYS_THERE = {*Platform, "automation", "homeassistant", "persistent_notification", "repairs"}


# The manifest, as hassfest's schema for custom integrations wants it


def https(value: str) -> str:
    """Return an address that is encrypted."""
    if not value.startswith("https://"):
        raise vol.Invalid("not https")
    return value


def version(value: str) -> str:
    """Return a version that Home Assistant can compare."""
    known = [AwesomeVersionStrategy.CALVER, AwesomeVersionStrategy.SEMVER, AwesomeVersionStrategy.SIMPLEVER]
    AwesomeVersion(value, ensure_strategy=known)
    return value


MANIFEST_SCHEMA = vol.Schema(
    {
        vol.Required("domain"): "retrowalk",
        vol.Required("name"): str,
        vol.Required("version"): version,
        vol.Required("documentation"): https,
        vol.Required("issue_tracker"): https,
        vol.Required("codeowners"): vol.All([vol.Match(r"^@[\w-]+(/[\w-]+)?$")], vol.Length(min=1)),
        vol.Required("config_flow"): True,
        vol.Required("integration_type"): vol.In(["device", "entity", "hardware", "helper", "hub", "service"]),
        vol.Required("iot_class"): vol.In(["local_polling", "local_push", "assumed_state", "calculated"]),
        vol.Required("bluetooth"): [
            vol.All(
                {
                    "connectable": bool,
                    "service_uuid": vol.Match(r"^[0-9a-f-]{36}$"),
                    "service_data_uuid": vol.Match(r"^[0-9a-f-]{36}$"),
                    "local_name": vol.Match(r"^[^*?\[\]]{3}.*$"),  # no wildcard in the first three letters
                    "manufacturer_id": int,
                    "manufacturer_data_start": [int],
                },
                vol.Length(min=2),
            )
        ],
        "after_dependencies": [str],
        "dependencies": [str],
        "loggers": [str],
    }
)


def test_the_manifest_is_as_home_assistant_wants_it() -> None:
    MANIFEST_SCHEMA(MANIFEST)
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(keys[2:])]
    for name in ("after_dependencies", "dependencies", "loggers"):
        assert MANIFEST[name] == sorted(MANIFEST[name])
    matchers = [json.dumps(matcher) for matcher in MANIFEST["bluetooth"]]
    assert len(matchers) == len(set(matchers))


def imported() -> set[str]:
    """Return every component of Home Assistant that the integration imports, within functions too."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.ImportFrom(module="homeassistant.components", level=0):
                    found |= {alias.name for alias in node.names}
                case ast.ImportFrom(module=str(module), level=0) if module.startswith("homeassistant.components."):
                    found.add(module.split(".")[2])
                case ast.Import():
                    names = [alias.name.split(".") for alias in node.names]
                    found |= {parts[2] for parts in names if parts[:2] == ["homeassistant", "components"]}
    return found


def depended_on() -> set[str]:
    """Return what is set up before the integration: what its manifest names, and the dependencies of those."""
    waiting, found = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}, set[str]()
    while waiting:
        found.add(name := waiting.pop())
        manifest = json.loads((CORE / name / "manifest.json").read_text())
        waiting |= {*manifest.get("dependencies", ())} - found
    return found


def test_every_component_that_is_imported_is_a_dependency() -> None:
    assert imported() >= {"bluetooth", "lovelace", "http"}
    platforms_of_ours = {path.stem for path in PACKAGE.glob("*.py")}  # Home Assistant loads these with their component
    assert imported() - depended_on() - _ALWAYS_THERE - platforms_of_ours == set()


def test_every_dependency_exists_and_is_imported() -> None:
    named = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    assert all((CORE / name / "manifest.json").exists() for name in named)
    assert named - imported() == {"bluetooth_adapters"}


def test_no_requirement_comes_with_the_integration() -> None:
    assert "requirements" not in MANIFEST


# HACS, and the Marketplace that took its place


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG file."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_the_marketplace_can_install_it() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    schema = {
        vol.Required("name"): str,
        "filename": vol.Match(r".+\.zip$"),
        "hide_default_branch": bool,
        vol.Required("homeassistant"): vol.Match(r"^\d{4}\.\d{1,2}\.\d$"),
        "zip_release": bool,
    }
    vol.Schema(schema)(hacs)
    assert (ROOT / "README.md").exists()
    assert (ROOT / "LICENSE").exists()
    assert [path.name for path in (ROOT / "custom_components").iterdir() if path.is_dir() and path.name[0] != "_"] == [
        "retrowalk"
    ]


@pytest.mark.parametrize("theme", ["", "dark_"])
def test_the_brand_has_an_icon_and_a_logo_for_light_and_dark_pages(theme: str) -> None:
    brand = PACKAGE / "brand"
    assert png_size(brand / f"{theme}icon.png") == (256, 256)
    assert png_size(brand / f"{theme}icon@2x.png") == (512, 512)
    width, height = png_size(brand / f"{theme}logo.png")
    wide, high = png_size(brand / f"{theme}logo@2x.png")
    # Home Assistant's brands want the shorter side to have 128 to 256 pixels, and twice that.
    assert height == 128
    assert high == 256
    assert abs(wide - 2 * width) <= 1


# The quality scale


def rules() -> dict[str, Any]:
    """Return the rules of the quality scale and what is claimed of each."""
    return load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]


def test_the_quality_scale_names_every_rule_and_the_reason_of_each_exemption() -> None:
    known = load_yaml_dict(str(CORE / "casper_glow" / "quality_scale.yaml"))["rules"]
    claimed = rules()
    assert len(claimed) == 54
    assert set(claimed) == set(known)
    state = vol.Any("done", {vol.Required("status"): "exempt", vol.Required("comment"): vol.Length(min=20)})
    for claim in claimed.values():
        vol.Schema(state)(claim)


def test_what_is_run_by_tests_is_counted_in_every_whole_run() -> None:
    assert rules()["test-coverage"] == "done"
    script = (ROOT / "scripts" / "test").read_text()
    assert "cover=(--cov=custom_components/retrowalk --cov-branch --cov-report=)" in script
    least = [float(percent) for percent in re.findall(r"run coverage covered ([\d.]+)", script)]
    assert least[0] == 100  # what decides about the belt
    assert min(least) > 95  # the scale's own figure


WRITTEN = {
    "docs-actions": ("docs/actions.md", "# Actions"),
    "docs-conditions": ("docs/triggers-and-conditions.md", "## Conditions"),
    "docs-triggers": ("docs/triggers-and-conditions.md", "## Triggers"),
    "docs-high-level-description": ("README.md", "# Retrowalk"),
    "docs-installation-instructions": ("docs/installation.md", "## Install with the Marketplace (HACS)"),
    "docs-removal-instructions": ("docs/removal.md", "## Remove a treadmill"),
    "docs-configuration-parameters": ("docs/configuration.md", "## Settings"),
    "docs-installation-parameters": ("docs/configuration.md", "## Set-up"),
    "docs-data-update": ("docs/data.md", "## How data is updated"),
    "docs-examples": ("docs/automations.md", "## Blueprints"),
    "docs-known-limitations": ("docs/known-limitations.md", "# Known limitations"),
    "docs-supported-devices": ("docs/treadmills.md", "## Kinds of machines"),
    "docs-supported-functions": ("docs/entities.md", "# Entities"),
    "docs-troubleshooting": ("docs/troubleshooting.md", "# Troubleshooting"),
    "docs-use-cases": ("docs/use-cases.md", "# Use cases"),
}
"""Where each rule about the documentation is kept: a page, and the heading on it."""


def test_every_rule_about_the_documentation_that_is_claimed_has_its_page_and_the_readme_leads_there() -> None:
    claimed = {rule for rule, claim in rules().items() if rule.startswith("docs-") and claim == "done"}
    assert claimed == set(WRITTEN)
    readme = (ROOT / "README.md").read_text()
    for rule, (page, heading) in WRITTEN.items():
        text = (ROOT / page).read_text()
        assert heading in text.splitlines(), rule
        below = text.split(f"{heading}\n", 1)[1].split(f"\n{heading.split()[0]} ")[0]
        assert len(below.split()) > 60, rule
        assert page == "README.md" or f"]({page}" in readme, rule


def platforms() -> Iterator[tuple[Platform, str]]:
    """Iterate over the entity platforms and their code."""
    for platform in Platform:
        path = PACKAGE / f"{platform}.py"
        if path.exists():
            yield platform, path.read_text()


@pytest.mark.parametrize(("platform", "code"), platforms(), ids=str)
def test_every_platform_says_how_many_updates_may_run_at_once(platform: Platform, code: str) -> None:
    assert re.search(r"^PARALLEL_UPDATES = 0$", code, re.MULTILINE), platform


def test_actions_are_registered_whether_or_not_an_entry_is_loaded() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    functions = {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
    assert "async_setup_services" in functions["async_setup"]
    assert "async_setup_services" not in functions["async_setup_entry"]
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "CONFIG_SCHEMA" in names


def test_nothing_is_kept_beside_the_entry_and_no_icon_is_in_the_code() -> None:
    code = {path: path.read_text() for path in PACKAGE.rglob("*.py")}
    assert [path.name for path, text in code.items() if "_attr_icon" in text] == []
    assert [path.name for path, text in code.items() if "hass.data[DOMAIN]" in text] == []


def test_types_are_offered_to_others() -> None:
    assert (PACKAGE / "py.typed").exists()


# The workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_as_little_as_it_needs_and_runs_code_that_cannot_change(path: Path) -> None:
    text = path.read_text()
    workflow = load_yaml_dict(str(path))
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert cv.positive_int(job["timeout-minutes"]), name
        assert set(job.get("permissions", {}).values()) <= {"read", "write"}
    uses = re.findall(r"uses: (\S+)", text)
    assert [action for action in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert "pull_request_target" not in text


def test_the_workflows_run_what_a_contributor_runs() -> None:
    text = "".join(path.read_text() for path in WORKFLOWS)
    assert "run: .ci/run" in text
    assert "home-assistant/actions/hassfest@" in text
    assert "hacs/action@" in text
    commands = {line.split()[0] for line in re.findall(r"run: (.*)", text)}
    assert [command for command in commands if "/" in command and not (ROOT / command).exists()] == []
