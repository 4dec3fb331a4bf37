"""Repair issues of a walker's reminders: they cannot be delivered, or nobody answers them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..issues import Issue, create_issue, delete_issue, issue_id
from ..messaging.notifications import async_is_available, async_target_name
from ..walkers.walker import Walker


class ReminderIssues:
    """Create and delete the repair issues of a walker's reminders."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, walker_id: str) -> None:
        self._hass = hass
        self._entry = entry
        self._walker_id = walker_id
        issue = self._undelivered()
        # The target is available but does not accept messages; a restart does not change that.
        self._target_fails = bool(issue and issue.data and issue.data.get("fails"))

    @callback
    def create_undelivered(self, walker: Walker, target: str) -> None:
        """Create the issue of a message that could not be delivered."""
        self._target_fails = async_is_available(self._hass, target)
        self._create(Issue.REMINDER_LOST, walker, target)

    @callback
    def delete_undelivered(self) -> None:
        """Delete the issue of undelivered messages, since one was delivered."""
        self._delete(Issue.REMINDER_LOST)

    @callback
    def update(self, walker: Walker, target: str, *, unanswered: bool) -> None:
        """Update the issues; `unanswered` tells whether several messages in a row had no answer."""
        available = not self._target_fails and async_is_available(self._hass, target)
        if self._undelivered() is not None and (available or not walker.reminder):
            self._delete(Issue.REMINDER_LOST)
        if unanswered:
            self._create(Issue.REMINDER_UNANSWERED, walker, target)
        else:
            self._delete(Issue.REMINDER_UNANSWERED)

    @callback
    def clear(self) -> None:
        """Delete the issues: another target was chosen, or the walker was removed."""
        self._delete(Issue.REMINDER_LOST)
        self._delete(Issue.REMINDER_UNANSWERED)

    def _undelivered(self) -> ir.IssueEntry | None:
        undelivered = issue_id(self._entry, Issue.REMINDER_LOST, self._walker_id)
        return ir.async_get(self._hass).async_get_issue(DOMAIN, undelivered)

    def _create(self, issue: Issue, walker: Walker, target: str) -> None:
        create_issue(
            self._hass,
            self._entry,
            issue,
            walker_id=self._walker_id,
            data={"fails": self._target_fails},
            name=walker.name,
            target=async_target_name(self._hass, target),
        )

    def _delete(self, issue: Issue) -> None:
        delete_issue(self._hass, self._entry, issue, self._walker_id)
