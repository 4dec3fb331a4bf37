"""Tests that the files, links and words that the documentation names exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.lib import reference

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "custom_components" / "retrowalk"
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def named_files(text: str) -> set[str]:
    """Return every file path in backticks, as written."""
    return set(re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|js|json|yaml|md|toml))`", text))


def is_there(name: str, page: Path) -> bool:
    places = (ROOT, PACKAGE, PACKAGE / "machine" / "ftms", page.parent)
    return any((place / name).is_file() for place in places) or any(PACKAGE.rglob(name))


@pytest.mark.parametrize(
    "page", [ARCHITECTURE, ROOT / "docs" / "protocols.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    names = named_files(page.read_text())
    assert names
    assert [name for name in sorted(names) if not is_there(name, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_another_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    plain = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", title).lower() for title in titles]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*\.md)?#([^)]+)\)", page.read_text())
    lost = [(name, at) for name, at in links if at not in headings(page.parent / name if name else page)]
    assert lost == []


def listed(part: Any) -> list[str]:
    """Return the pages in the navigation of the site, or in a part of it."""
    parts = part.values() if isinstance(part, dict) else part
    return [part] if isinstance(part, str) else [page for each in parts for page in listed(each)]


def test_every_page_is_once_in_the_navigation_of_the_site() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert sorted(listed(site["nav"])) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_no_page_of_the_site_links_out_of_its_folder(page: Path) -> None:
    assert re.findall(r"\]\(\.\./[^)]*\)", page.read_text()) == [], "scripts/docs ends there: name the address instead"


def test_one_guess_leads_from_the_readme_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {name for name in pages if f"](docs/{name}" not in readme} == set()


def test_the_folders_of_the_house_are_those_that_the_architecture_draws() -> None:
    house = ARCHITECTURE.read_text().split("## The house")[1].split("```")[1]
    drawn = set(re.findall(r"([a-z_]+)/", house))
    folders = {path.name for path in PACKAGE.rglob("*") if path.is_dir() and any(path.glob("*.py"))}
    assert folders - {"retrowalk"} <= drawn


def test_a_file_that_is_not_there_would_be_seen() -> None:
    text = "Limits are in `training/limits.py`, and what never was in `training/nowhere.py`."
    assert {name for name in named_files(text) if not is_there(name, ARCHITECTURE)} == {"training/nowhere.py"}


def test_the_code_cites_no_page_that_is_not_in_the_repository() -> None:
    pages = {path.name for path in PAGES}
    code = [path for folder in ("custom_components", "tests", "scripts") for path in (ROOT / folder).rglob("*.py")]
    code += [*PACKAGE.rglob("*.js"), *PACKAGE.rglob("*.yaml")]
    cited = {(path.name, name) for path in code for name in re.findall(r"\b([\w-]+\.md)\b", path.read_text())}
    assert {(where, name) for where, name in cited if name not in pages} == set()


def test_the_reference_says_what_code_and_translations_say() -> None:
    assert reference.outdated() == [], "run scripts/lint, or: python -m scripts.lib.reference"


SECURITY = ROOT / "SECURITY.md"


def test_every_claim_about_security_has_a_test_that_exists() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^ *(?:async )?def (test_\w+)\(", tests, re.MULTILINE))
    rows = [row for row in SECURITY.read_text().splitlines() if row.startswith("| ") and not row.startswith("| ---")]
    claims = [row for row in rows if not row.endswith("| test |")]
    assert len(claims) > 20
    assert [row for row in claims if not re.search(r"`test_\w+`", row)] == []
    assert set(re.findall(r"`(test_\w+)`", SECURITY.read_text())) - there == set()


def test_a_defect_is_reported_where_the_forms_say() -> None:
    forms = (ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml").read_text()
    [address] = re.findall(r"https://\S+/security/advisories/new", forms)
    assert f"({address})" in SECURITY.read_text()
