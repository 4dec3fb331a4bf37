"""Repairs open what they ask for, and can be ignored."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import CONF_CHECK, DOMAIN
from custom_components.retrowalk.issues import Issue, create_issue, issue_id
from tests.support.house import House, make_entry, walker_subentry

type Answer = dict[str, Any]


class Repairs:
    """The page of repairs, as a browser uses it."""

    def __init__(self, hass: HomeAssistant, make_client: ClientSessionGenerator) -> None:
        self.hass = hass
        self.make_client = make_client

    async def ask(self, method: str, path: str, **sent: Any) -> Answer:
        client = await self.make_client()  # not before the treadmill is set up, which registers pages of its own
        answer: Answer = await (await client.request(method, path, **sent)).json()
        return answer

    async def open(self, issue: str) -> Answer:
        return await self.ask("POST", "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})

    async def choose(self, step: Answer, option: str) -> Answer:
        return await self.ask("POST", f"/api/repairs/issues/fix/{step['flow_id']}", json={"next_step_id": option})

    async def follow(self, step: Answer) -> Answer:
        """Open the dialog that an answer leads to."""
        kind, flow_id = step["next_flow"]
        path = {"options_flow": "options/flow", "config_subentries_flow": "subentries/flow"}[kind]
        return await self.ask("GET", f"/api/config/config_entries/{path}/{flow_id}")


@pytest.fixture
async def repairs(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Repairs:
    assert await async_setup_component(hass, "repairs", {})
    assert await async_setup_component(hass, "config", {})
    return Repairs(hass, hass_client)


async def test_s9_the_repair_of_a_check_run_opens_the_check_run(house: House, repairs: Repairs) -> None:
    await house.set_up(make_entry(**{CONF_CHECK: None}))
    due = issue_id(house.entry, Issue.CHECK)
    step = await repairs.open(due)
    assert (step["type"], step["menu_options"]) == ("menu", ["open", "ignore"])
    step = await repairs.choose(step, "open")
    assert (step["type"], step["reason"]) == ("abort", "opened")
    dialog = await repairs.follow(step)
    assert (dialog["type"], dialog["step_id"]) == ("form", "check")
    assert ir.async_get(house.hass).async_get_issue(DOMAIN, due) is not None  # until the check run is passed
    assert house.commands() == []


@pytest.mark.parametrize(
    ("kind", "step_id"),
    [
        (Issue.ANNOUNCER_FAILED, "settings"),
        (Issue.DECK_DOUBTED, "machine"),
        (Issue.FILES_NOT_KEPT, "settings"),
        (Issue.NOT_OBEYED, "check"),
    ],
)
async def test_a_repair_of_a_treadmill_opens_the_dialog_that_it_names(
    house: House, repairs: Repairs, kind: Issue, step_id: str
) -> None:
    await house.set_up()
    create_issue(house.hass, house.entry, kind)
    step = await repairs.choose(await repairs.open(issue_id(house.entry, kind)), "open")
    assert (await repairs.follow(step))["step_id"] == step_id


@pytest.mark.parametrize("kind", [Issue.REMINDER_LOST, Issue.REMINDER_UNANSWERED])
async def test_a_repair_of_a_reminder_opens_the_walkers_dialog(house: House, repairs: Repairs, kind: Issue) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Bert")]))
    create_issue(house.hass, house.entry, kind, walker_id="bert", data={"fails": True}, target="x")
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, issue_id(house.entry, kind, "bert"))
    assert issue is not None
    assert issue.data is not None
    assert issue.data["fails"] is True
    step = await repairs.choose(await repairs.open(issue.issue_id), "open")
    dialog = await repairs.follow(step)
    assert dialog["step_id"] == "reconfigure"
    names = [field["description"]["suggested_value"] for field in dialog["data_schema"] if field["name"] == "name"]
    assert names == ["Bert"]


async def test_what_is_gone_meanwhile_is_said(house: House, repairs: Repairs) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Bert")]))
    create_issue(house.hass, house.entry, Issue.REMINDER_LOST, walker_id="bert", target="x")
    step = await repairs.open(issue_id(house.entry, Issue.REMINDER_LOST, "bert"))
    house.hass.config_entries.async_remove_subentry(house.entry, "bert")
    step = await repairs.choose(step, "open")
    assert (step["type"], step["reason"], step.get("next_flow")) == ("abort", "gone", None)


async def test_a_repair_is_ignored(house: House, repairs: Repairs) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    create_issue(house.hass, house.entry, Issue.REMINDER_UNANSWERED, walker_id="anna", target="x")
    found = issue_id(house.entry, Issue.REMINDER_UNANSWERED, "anna")
    step = await repairs.choose(await repairs.open(found), "ignore")
    assert (step["type"], step["reason"]) == ("abort", "ignored")
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, found)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_issues_that_an_older_version_left_on_the_disk_open_their_dialog_too(
    house: House, repairs: Repairs
) -> None:
    entry = make_entry(walkers=[walker_subentry()])
    lost, obeys_not = issue_id(entry, Issue.REMINDER_LOST, "anna"), issue_id(entry, Issue.NOT_OBEYED)
    for found, key in ((lost, "reminder_lost"), (obeys_not, "not_obeyed_miles")):
        ir.async_create_issue(
            house.hass,
            DOMAIN,
            found,
            data={"fails": True},
            is_fixable=False,
            is_persistent=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=key,
            translation_placeholders={"name": "Anna", "target": "x"},
        )
    ir.async_ignore_issue(house.hass, DOMAIN, obeys_not, True)
    await house.set_up(entry)
    registry = ir.async_get(house.hass)
    before = registry.async_get_issue(DOMAIN, obeys_not)
    assert before is not None
    assert (before.is_fixable, before.translation_key, before.dismissed_version is None) == (
        True,
        "not_obeyed_miles",
        False,
    )
    step = await repairs.choose(await repairs.open(obeys_not), "open")
    assert (await repairs.follow(step))["step_id"] == "check"
