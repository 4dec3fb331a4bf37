"""Repair issues of a treadmill, with an ID for each entry."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .util import plain


class Issue(StrEnum):
    """Kinds of issues; the ID also contains the entry's ID, and for a reminder the walker's."""

    ANNOUNCER_FAILED = "announcer_failed"
    CHECK = "check"
    CONSOLE_DEAD = "console_dead"
    DAMAGED = "damaged"
    DECK_DOUBTED = "deck_doubted"
    FILES_NOT_KEPT = "files_not_kept"
    LINK = "link"
    NOT_OBEYED = "not_obeyed"
    NOT_SAVED = "not_saved"
    REMINDER_LOST = "reminder_lost"
    REMINDER_UNANSWERED = "reminder_unanswered"
    STOP_FAILED = "stop_failed"
    TIME_LIMIT = "time_limit"
    UNREADABLE_YEARS = "unreadable_years"


_SEVERITY: Final = {
    Issue.CHECK: ir.IssueSeverity.WARNING,
    Issue.CONSOLE_DEAD: ir.IssueSeverity.WARNING,
    Issue.DECK_DOUBTED: ir.IssueSeverity.WARNING,
    Issue.FILES_NOT_KEPT: ir.IssueSeverity.WARNING,
    Issue.LINK: ir.IssueSeverity.WARNING,
    Issue.REMINDER_LOST: ir.IssueSeverity.WARNING,
    Issue.REMINDER_UNANSWERED: ir.IssueSeverity.WARNING,
    Issue.STOP_FAILED: ir.IssueSeverity.CRITICAL,
    Issue.TIME_LIMIT: ir.IssueSeverity.WARNING,
}
_PERSISTENT: Final = frozenset(
    {Issue.CONSOLE_DEAD, Issue.NOT_OBEYED, Issue.REMINDER_LOST, Issue.REMINDER_UNANSWERED, Issue.TIME_LIMIT}
)
"""Issues that survive a restart, because they would not be detected again right away."""
OF_TREADMILL: Final = frozenset(Issue) - {Issue.REMINDER_LOST, Issue.REMINDER_UNANSWERED}


_OPENS: Final = {
    Issue.ANNOUNCER_FAILED: "settings",
    Issue.CHECK: "check",
    Issue.DECK_DOUBTED: "machine",
    Issue.FILES_NOT_KEPT: "settings",
    Issue.NOT_OBEYED: "check",
    Issue.REMINDER_LOST: "walker",
    Issue.REMINDER_UNANSWERED: "walker",
}
"""The dialog that an issue asks for, and opens (repairs.py)."""


@callback
def create_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    issue: Issue,
    *,
    key: str | None = None,
    walker_id: str | None = None,
    data: dict[str, Any] | None = None,
    markdown: Mapping[str, str] | None = None,
    **placeholders: str,
) -> None:
    """Create an issue; `key` selects a text other than the issue's own, `walker_id` names its walker.

    `markdown` has the placeholders that are no plain texts.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(entry, issue, walker_id),
        data={**(data or {}), **_opens(entry, issue, walker_id)} or None,
        is_fixable=issue in _OPENS,
        is_persistent=issue in _PERSISTENT,
        severity=_SEVERITY.get(issue, ir.IssueSeverity.ERROR),
        translation_key=key or issue.value,
        translation_placeholders=plain_placeholders({"name": entry.title, **placeholders}) | dict(markdown or {}),
    )


def plain_placeholders(placeholders: Mapping[str, str]) -> dict[str, str]:
    """Return the placeholders of a text that the front end reads as Markdown."""
    return {key: plain(text) for key, text in placeholders.items()}


@callback
def delete_issue(hass: HomeAssistant, entry: ConfigEntry, issue: Issue, walker_id: str | None = None) -> None:
    """Delete an issue if it exists."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry, issue, walker_id))


@callback
def renew_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let issues that 0.7.0 or before left on the disk open what they ask for."""
    registry = ir.async_get(hass)
    for kind in _PERSISTENT & _OPENS.keys():
        beginning = issue_id(entry, kind)
        for (domain, found), issue in [*registry.issues.items()]:
            if domain != DOMAIN or not found.startswith(beginning) or issue.is_fixable or not issue.active:
                continue
            walker_id = found.removeprefix(beginning).removeprefix("_") or None
            ir.async_create_issue(
                hass,
                DOMAIN,
                found,
                data={**(issue.data or {}), **_opens(entry, kind, walker_id)},
                is_fixable=True,
                is_persistent=True,
                severity=issue.severity or ir.IssueSeverity.ERROR,
                translation_key=issue.translation_key or kind.value,
                translation_placeholders=issue.translation_placeholders,
            )


def _opens(entry: ConfigEntry, issue: Issue, walker_id: str | None) -> dict[str, Any]:
    if issue not in _OPENS:
        return {}
    return {"entry_id": entry.entry_id, "opens": _OPENS[issue], "walker_id": walker_id}


def issue_id(entry: ConfigEntry, issue: Issue, walker_id: str | None = None) -> str:
    """Return the id of an issue in the registry."""
    return "_".join(filter(None, [issue.value, entry.entry_id, walker_id]))
