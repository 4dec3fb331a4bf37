"""Repair issues of a walker's reminders: they find nobody, or nobody answers them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..messaging.notifications import async_is_there, async_name_of
from ..walkers.walker import Walker

_LOST, _UNANSWERED = "reminder_lost", "reminder_unanswered"


class ReminderIssues:
    """They go as soon as what they tell of is right again."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, walker_id: str) -> None:
        self._hass = hass
        self._whose = f"{entry.entry_id}_{walker_id}"
        known = ir.async_get(hass).async_get_issue(DOMAIN, f"{_LOST}_{self._whose}")
        # The target is there, and takes nothing; a restart repairs nothing.
        self._fails = bool(known and known.data and known.data.get("fails"))

    @callback
    def lost(self, walker: Walker, target: str) -> None:
        """A message could not be sent."""
        self._fails = async_is_there(self._hass, target)
        self._create(_LOST, walker, target)

    @callback
    def found(self) -> None:
        """A message was sent."""
        self._delete(_LOST)

    @callback
    def update(self, walker: Walker, target: str, *, asks: bool) -> None:
        """See whether what was wrong still is; `asks`: several messages in a row had no answer."""
        issue = ir.async_get(self._hass).async_get_issue(DOMAIN, f"{_LOST}_{self._whose}")
        there = not self._fails and async_is_there(self._hass, target)
        if issue is not None and (there or not walker.reminder):
            self._delete(_LOST)
        if asks:
            self._create(_UNANSWERED, walker, target)
        else:
            self._delete(_UNANSWERED)

    @callback
    def clear(self) -> None:
        """Another target was chosen, or the walker has gone."""
        self._delete(_LOST)
        self._delete(_UNANSWERED)

    def _create(self, key: str, walker: Walker, target: str) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{key}_{self._whose}",
            is_fixable=False,
            is_persistent=True,  # it is found out once a day
            severity=ir.IssueSeverity.WARNING,
            data={"fails": self._fails},
            translation_key=key,
            translation_placeholders={"name": walker.name, "target": async_name_of(self._hass, target)},
        )

    def _delete(self, key: str) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, f"{key}_{self._whose}")
