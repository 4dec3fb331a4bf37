"""Blueprints: installed with consent through Home Assistant's own store, kept as changed, updated on demand."""

import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.importer import fetch_blueprint_from_url
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.retrowalk import blueprint_installer as blueprints
from custom_components.retrowalk.blueprint_installer import FOLDER, ISSUE
from custom_components.retrowalk.const import CONF_INSTALL_BLUEPRINTS, DOMAIN
from tests.support.action_calls import Actions
from tests.support.blueprint_automations import CONSENT, BlueprintAutomations
from tests.support.house import CONTROL, House, make_entry, open_settings

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ROOT = FOLDER.parents[3]


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return the folder where Home Assistant keeps automation blueprints."""
    return Path(hass.config.path("blueprints/automation"))


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE)


# The files


@pytest.mark.parametrize("name", NAMES)
def test_each_is_importable_by_link(name: str) -> None:
    blueprint = blueprints._parse((FOLDER / f"{name}.yaml").read_text())
    manifest = json.loads((ROOT / "custom_components" / DOMAIN / "manifest.json").read_text())
    path = (FOLDER / f"{name}.yaml").relative_to(ROOT)
    assert blueprint.metadata["source_url"] == f"{manifest['documentation']}/blob/main/{path}"
    assert (
        blueprint.metadata["homeassistant"]["min_version"]
        == json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
    )
    assert blueprint.validate() is None
    assert blueprint.name.startswith("Retrowalk: ")
    assert blueprint.metadata["description"]
    assert all(field["name"] and field["selector"] for field in blueprint.inputs.values())


def test_descriptions_name_entities_as_they_are_named() -> None:
    texts = json.loads((FOLDER.parents[1] / "translations" / "en.json").read_text())
    names = {
        entity["name"] for platform in texts["entity"].values() for entity in platform.values() if "name" in entity
    }
    blueprint_inputs = {
        f"{name}.{key}": field.get("description", "")
        for name in NAMES
        for key, field in blueprints._parse((FOLDER / f"{name}.yaml").read_text()).inputs.items()
    }
    quoted = {key: re.findall(r'"(.*?)"', text) for key, text in blueprint_inputs.items()}
    assert {key: unknown for key, found in quoted.items() if (unknown := {*found} - names)} == {}


def test_a_session_can_be_made_ready_of_every_program_that_the_action_offers() -> None:
    texts = json.loads((FOLDER.parents[1] / "translations" / "en.json").read_text())
    fields = blueprints._parse((FOLDER / "start_session.yaml").read_text()).inputs
    offered = {option["value"]: option["label"] for option in fields["program"]["selector"]["select"]["options"]}
    assert offered == texts["selector"]["next_program"]["options"]


def my_links(page: str) -> list[str]:
    """Return the links of a page to the reader's own Home Assistant."""
    return re.findall(r"\]\((https://my\.home-assistant\.io/redirect/[^)]*)\)", (ROOT / page).read_text())


@pytest.mark.parametrize("page", ["README.md", "docs/installation.md"])
def test_a_page_has_links_that_install_and_add_this_integration(page: str) -> None:
    manifest = json.loads((FOLDER.parents[1] / "manifest.json").read_text())
    owner, repository = urlsplit(manifest["documentation"]).path.strip("/").split("/")
    install, add = map(urlsplit, my_links(page))
    assert (install.path, add.path) == ("/redirect/hacs_repository/", "/redirect/config_flow_start/")
    assert parse_qs(install.query, strict_parsing=True) == {
        "owner": [owner],
        "repository": [repository],
        "category": ["integration"],
    }
    assert parse_qs(add.query, strict_parsing=True) == {"domain": [DOMAIN]}


def test_the_page_about_automations_has_a_link_that_imports_each() -> None:
    links = my_links("docs/automations.md")
    assert {urlsplit(link).path for link in links} == {"/redirect/blueprint_import/"}
    imported = [parse_qs(urlsplit(link).query, strict_parsing=True) for link in links]
    shipped = [blueprints._parse((FOLDER / f"{name}.yaml").read_text()) for name in NAMES]
    assert sorted(query["blueprint_url"] for query in imported) == sorted(
        [blueprint.metadata["source_url"]] for blueprint in shipped
    )
    assert all(query.keys() == {"blueprint_url"} for query in imported)


def test_s16_no_blueprint_starts_resumes_or_speeds_up() -> None:
    lines = [line.strip() for name in NAMES for line in (FOLDER / f"{name}.yaml").read_text().splitlines()]
    used = {line.removeprefix("- ").removeprefix("action: ") for line in lines if re.match(r"(- )?action: \w+\.", line)}
    slower = {f"{DOMAIN}.{it}" for it in ("stop", "finish_session", "pause_session", "ramp_to", "adjust")}
    others = {
        "assist_satellite.announce",
        "garmin_connect.upload_activity",
        "media_player.media_pause",
        "media_player.media_play",
        "notify.send_message",
        "tts.speak",
    }
    assert used == {f"{DOMAIN}.start_session"} | slower | others


# Installing


async def test_without_consent_nothing_is_installed(automations: BlueprintAutomations, folder: Path) -> None:
    await automations.set_up(CONTROL)
    assert not (folder / DOMAIN).exists()


async def test_consent_installs_all_beside_home_assistants_own(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant
) -> None:
    await automations.set_up(CONTROL)
    form = await open_settings(hass, automations.house.entry.entry_id)
    schema = form["data_schema"]
    assert schema is not None
    answers = {group: fields.schema({}) for group, fields in schema.schema.items()}
    assert answers["automations"] == {CONF_INSTALL_BLUEPRINTS: False}
    answers["automations"] = {CONF_INSTALL_BLUEPRINTS: True}
    await hass.config_entries.options.async_configure(form["flow_id"], answers)
    await automations.settle()
    known = await async_get_blueprints(hass).async_get_blueprints()
    assert {path for path in known if path.startswith(DOMAIN)} == {f"{DOMAIN}/{name}.yaml" for name in NAMES}
    assert all(isinstance(blueprint, Blueprint) for blueprint in known.values())
    assert "homeassistant/motion_light.yaml" in known
    # The files on disk are the same, too.
    await async_get_blueprints(hass).async_reset_cache()
    known = await async_get_blueprints(hass).async_get_blueprints()
    assert all(isinstance(blueprint, Blueprint) for blueprint in known.values())
    assert issue(hass) is None


async def test_blueprints_are_installed_after_home_assistant_has_started(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant
) -> None:
    hass.set_state(CoreState.starting)
    await automations.set_up()
    assert not (folder / DOMAIN).exists()
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await automations.settle()
    assert sorted(path.stem for path in (folder / DOMAIN).iterdir()) == NAMES


async def test_a_house_without_automations_gets_none(house: House, folder: Path) -> None:
    await house.set_up(make_entry(CONSENT))
    await house.hass.async_block_till_done()
    assert not folder.exists()


async def test_a_folder_that_cannot_be_written_is_told_and_harms_nothing(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    await hass.async_add_executor_job(folder.parent.write_text, "")
    hass.config.components.add("automation")
    with caplog.at_level(logging.WARNING, blueprints.__name__):
        await automations.house.set_up(make_entry(CONSENT))
        await automations.settle()
    assert "Cannot install the blueprints" in caplog.text
    assert automations.house.state("session_state") == "idle"
    hass.config.components.remove("automation")


async def test_reloading_again_and_again_changes_nothing(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant
) -> None:
    await automations.set_up()
    before = {path: path.stat().st_mtime_ns for path in (folder / DOMAIN).iterdir()}
    for _ in range(2):
        await hass.config_entries.async_reload(automations.house.entry.entry_id)
        await automations.settle()
    await automations.house.until(lambda: automations.house.state("connection") == "connected")
    assert {path: path.stat().st_mtime_ns for path in (folder / DOMAIN).iterdir()} == before
    assert issue(hass) is None


async def test_what_was_changed_or_deleted_stays_so(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant
) -> None:
    await automations.set_up()
    changed, deleted = folder / DOMAIN / "quiet_room.yaml", folder / DOMAIN / "comeback.yaml"
    changed.write_text(changed.read_text().replace("quiet room", "my room"))
    deleted.unlink()
    await hass.config_entries.async_reload(automations.house.entry.entry_id)
    await automations.settle()
    assert "my room" in changed.read_text()
    assert not deleted.exists()
    assert issue(hass) is None
    # Withdrawing the consent and giving it again begins anew.
    for consent in (False, True):
        hass.config_entries.async_update_entry(
            automations.house.entry, options={**CONTROL, CONF_INSTALL_BLUEPRINTS: consent}
        )
        await automations.settle()
        await hass.config_entries.async_reload(automations.house.entry.entry_id)
        await automations.settle()
    assert deleted.exists()
    assert "my room" in changed.read_text()


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Simulate a newer version of Retrowalk, in which the texts of all blueprints differ."""
    shipped = tmp_path / "newer"
    shipped.mkdir()
    for name in NAMES:
        text = (FOLDER / f"{name}.yaml").read_text()
        (shipped / f"{name}.yaml").write_text(text.replace("description: >-\n    ", "description: >-\n    Newer. ", 1))
    return shipped


async def update(
    automations: BlueprintAutomations, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, newer: Path
) -> None:
    monkeypatch.setattr(blueprints, "FOLDER", newer)
    await hass.config_entries.async_reload(automations.house.entry.entry_id)
    await automations.settle()


async def offer(client: Any) -> Any:
    """Return the form of the repair, as the frontend requests it."""
    return await (await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": ISSUE})).json()


async def agree(hass: HomeAssistant, client: Any, form: Any, **answers: bool) -> Any:
    result = await (await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json=answers)).json()
    await hass.async_block_till_done()
    return result


async def fix(hass: HomeAssistant, client: Any, **answers: bool) -> Any:
    """Complete the repair as the frontend does, and return its form."""
    form = await offer(client)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "confirm")
    return form, await agree(hass, client, form, **answers)


@pytest.mark.parametrize("also_edited", [False, True])
async def test_an_update_is_offered_as_a_repair_and_spares_what_was_changed(
    automations: BlueprintAutomations,
    folder: Path,
    hass: HomeAssistant,
    hass_client: Any,
    monkeypatch: pytest.MonkeyPatch,
    newer: Path,
    also_edited: bool,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await automations.set_up()
    edited, untouched = folder / DOMAIN / "quiet_room.yaml", folder / DOMAIN / "comeback.yaml"
    edited.write_text(edited.read_text().replace("quiet room", "my room"))
    (folder / DOMAIN / "weekly_report.yaml").unlink()
    await update(automations, hass, monkeypatch, newer)
    repair = issue(hass)
    assert repair is not None
    assert repair.is_fixable
    assert "Newer" not in untouched.read_text()  # not before a user agrees
    form, result = await fix(hass, await hass_client(), also_edited=also_edited)
    assert "Retrowalk: comeback" in form["description_placeholders"]["names"]
    assert "quiet room" not in form["description_placeholders"]["names"]
    assert form["description_placeholders"]["edited"] == "- Retrowalk: quiet room"
    assert [field["name"] for field in form["data_schema"]] == ["also_edited"]
    assert result["type"] == FlowResultType.CREATE_ENTRY
    assert "Newer" in untouched.read_text()
    assert ("my room" in edited.read_text()) is not also_edited
    assert not (folder / DOMAIN / "weekly_report.yaml").exists()  # deleted, and not requested
    assert issue(hass) is None
    await hass.config_entries.async_reload(automations.house.entry.entry_id)
    await automations.settle()
    assert issue(hass) is None


async def test_an_update_reaches_the_automations_at_once(
    automations: BlueprintAutomations,
    hass: HomeAssistant,
    hass_client: Any,
    monkeypatch: pytest.MonkeyPatch,
    newer: Path,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await automations.set_up()
    pressed = {"trigger": "event", "event_type": "pressed"}
    await automations.make("start_session", treadmill=Actions(automations.house).device(), when=[pressed])
    path = newer / "start_session.yaml"
    path.write_text(path.read_text().replace("program: !input program", "program: comeback"))
    await update(automations, hass, monkeypatch, newer)
    form, _ = await fix(hass, await hass_client())
    assert form["data_schema"] == []  # nobody changed anything, so there is nothing to ask
    hass.bus.async_fire("pressed")
    await hass.async_block_till_done()
    assert automations.house.coordinator.next_session.program == "comeback"


async def test_what_changes_after_the_offer_is_spared_too(
    automations: BlueprintAutomations,
    folder: Path,
    hass: HomeAssistant,
    hass_client: Any,
    monkeypatch: pytest.MonkeyPatch,
    newer: Path,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await automations.set_up()
    await update(automations, hass, monkeypatch, newer)
    early, late, deleted, untouched = (
        folder / DOMAIN / f"{name}.yaml" for name in ("comeback", "quiet_room", "weekly_report", "spoken_coach")
    )
    early.write_text(early.read_text() + "# mine\n")
    client = await hass_client()
    form = await offer(client)
    assert form["description_placeholders"]["edited"] == "- Retrowalk: comeback"
    late.write_text(late.read_text() + "# mine\n")
    deleted.unlink()
    await agree(hass, client, form, also_edited=False)
    assert [path.read_text().endswith("# mine\n") for path in (early, late)] == [True, True]
    assert not deleted.exists()
    assert "Newer" in untouched.read_text()
    assert issue(hass) is None


async def test_an_offer_that_was_withdrawn_meanwhile_changes_nothing(
    automations: BlueprintAutomations,
    folder: Path,
    hass: HomeAssistant,
    hass_client: Any,
    monkeypatch: pytest.MonkeyPatch,
    newer: Path,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await automations.set_up()
    await update(automations, hass, monkeypatch, newer)
    client = await hass_client()
    form = await offer(client)
    hass.config_entries.async_update_entry(automations.house.entry, options=CONTROL)
    await hass.config_entries.async_reload(automations.house.entry.entry_id)
    await automations.settle()
    await agree(hass, client, form)
    assert "Newer" not in (folder / DOMAIN / "comeback.yaml").read_text()


@pytest.mark.parametrize("late", [False, True])
async def test_an_update_that_cannot_be_written_is_told_in_words(
    automations: BlueprintAutomations,
    folder: Path,
    hass: HomeAssistant,
    hass_client: Any,
    monkeypatch: pytest.MonkeyPatch,
    newer: Path,
    late: bool,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    await automations.set_up()
    await update(automations, hass, monkeypatch, newer)
    client = await hass_client()
    form = await offer(client) if late else None
    blocked = folder / DOMAIN / "are_you_all_right.yaml"
    blocked.unlink()
    blocked.mkdir()
    result = await agree(hass, client, form) if form else await offer(client)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_written")
    assert issue(hass) is not None


async def test_a_blueprint_imported_by_link_counts_as_installed(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant, aioclient_mock: AiohttpClientMocker
) -> None:
    text = await hass.async_add_executor_job((FOLDER / "quiet_room.yaml").read_text)
    link = blueprints._parse(text).metadata["source_url"]
    raw = link.replace("github.com", "raw.githubusercontent.com").replace("/blob/", "/")
    aioclient_mock.get(raw, text=text)
    downloaded = await fetch_blueprint_from_url(hass, link)
    assert downloaded.suggested_filename == f"{DOMAIN}/quiet_room"
    downloaded.blueprint.update_metadata(source_url=link)
    await async_get_blueprints(hass).async_add_blueprint(downloaded.blueprint, f"{downloaded.suggested_filename}.yaml")
    imported = (folder / DOMAIN / "quiet_room.yaml").read_text()
    await automations.set_up()
    assert (folder / DOMAIN / "quiet_room.yaml").read_text() == imported
    assert issue(hass) is None


async def test_a_blueprint_imported_and_changed_is_not_replaced_unasked(
    automations: BlueprintAutomations, folder: Path, hass: HomeAssistant
) -> None:
    (folder / DOMAIN).mkdir(parents=True)
    imported = folder / DOMAIN / "quiet_room.yaml"
    imported.write_text((FOLDER / "quiet_room.yaml").read_text().replace("quiet room", "my room"))
    await automations.set_up()
    assert "my room" in imported.read_text()
    assert issue(hass) is not None
    await hass.config_entries.async_remove(automations.house.entry.entry_id)
    await automations.settle()
    assert issue(hass) is None
    assert imported.exists()
    assert (folder / DOMAIN / "comeback.yaml").exists()
