"""Repair issues of a walker's reminders: they find nobody, or nobody answers them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..issues import Issue, create_issue, delete_issue, issue_id
from ..messaging.notifications import async_is_available, async_target_name
from ..walkers.walker import Walker


class ReminderIssues:
    """They go as soon as what they tell of is right again."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, walker_id: str) -> None:
        self._hass = hass
        self._entry = entry
        self._walker_id = walker_id
        known = self._undelivered()
        # The target is there, and takes nothing; a restart repairs nothing.
        self._target_fails = bool(known and known.data and known.data.get("fails"))

    @callback
    def create_undelivered(self, walker: Walker, target: str) -> None:
        """Show that a message could not be sent."""
        self._target_fails = async_is_available(self._hass, target)
        self._create(Issue.REMINDER_LOST, walker, target)

    @callback
    def delete_undelivered(self) -> None:
        """Take in that a message was sent."""
        self._delete(Issue.REMINDER_LOST)

    @callback
    def update(self, walker: Walker, target: str, *, asks: bool) -> None:
        """See whether what was wrong still is; `asks`: several messages in a row had no answer."""
        there = not self._target_fails and async_is_available(self._hass, target)
        if self._undelivered() is not None and (there or not walker.reminder):
            self._delete(Issue.REMINDER_LOST)
        if asks:
            self._create(Issue.REMINDER_UNANSWERED, walker, target)
        else:
            self._delete(Issue.REMINDER_UNANSWERED)

    @callback
    def clear(self) -> None:
        """Delete them: another target was chosen, or the walker has gone."""
        self._delete(Issue.REMINDER_LOST)
        self._delete(Issue.REMINDER_UNANSWERED)

    def _undelivered(self) -> ir.IssueEntry | None:
        lost = issue_id(self._entry, Issue.REMINDER_LOST, self._walker_id)
        return ir.async_get(self._hass).async_get_issue(DOMAIN, lost)

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
