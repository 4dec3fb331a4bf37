"""Repair issues of a treadmill: a stop that failed, a belt that does not obey, unreadable data."""

from collections.abc import Iterable, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TOLD_CONSOLE_DEAD
from ..issues import Issue, create_issue, delete_issue
from ..training.events import (
    CommandMismatch,
    EndReason,
    FinishedEvent,
    NotObeyedEvent,
    SessionEvent,
    SessionEventKind,
    StopFailedEvent,
    StoppedEvent,
)
from ..util import plain
from ..walkers.session_files import name_of
from ..walkers.store import SessionStore
from .entry_store import EntryStore


class StopFailureIssue:
    """Shows a failed stop until the belt has come to rest (S3)."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Create the issue when a stop fails, and delete it when the belt starts or stops."""
        match event:
            case StopFailedEvent():
                create_issue(self._hass, self._entry, Issue.STOP_FAILED, key=f"stop_{event.reason.value}")
            case SessionEvent(kind=SessionEventKind.STARTED | SessionEventKind.STOPPED | SessionEventKind.FINISHED):
                delete_issue(self._hass, self._entry, Issue.STOP_FAILED)


class CommandMismatchIssue:
    """Shows a command mismatch until a session without one has ended as planned, or a check run has passed (S9)."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._found = False  # in the session under way

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Create the issue for a mismatch, and delete it after a session without one."""
        match event:
            case NotObeyedEvent(CommandMismatch.IGNORED, "incline"):
                pass  # the session went on without the deck, and the next one tries again
            case NotObeyedEvent():
                self._found = True
                create_issue(self._hass, self._entry, Issue.NOT_OBEYED, key=f"not_obeyed_{event.finding.value}")
            case FinishedEvent() | StoppedEvent():
                planned = (
                    isinstance(event, FinishedEvent) and isinstance(event.reason, EndReason) and event.reason.planned
                )
                if planned and not self._found:
                    delete_issue(self._hass, self._entry, Issue.NOT_OBEYED)
                self._found = False


@callback
def async_tell_console_dead(hass: HomeAssistant, entry: ConfigEntry, entry_store: EntryStore, *, applies: bool) -> None:
    """Tell once why a treadmill is released after each session: its own Start is dead while it is connected."""
    if not applies:
        delete_issue(hass, entry, Issue.CONSOLE_DEAD)
    elif not entry.data.get(CONF_TOLD_CONSOLE_DEAD):
        create_issue(hass, entry, Issue.CONSOLE_DEAD)
        entry_store.save({CONF_TOLD_CONSOLE_DEAD: True})


@callback
def async_show_unreadable(hass: HomeAssistant, entry: ConfigEntry, store: SessionStore) -> None:
    """Update the issue that lists years with unreadable sessions and their files, after each load."""
    years = store.unreadable_years
    if not years:
        delete_issue(hass, entry, Issue.UNREADABLE_YEARS)
        return
    files = ", ".join(f"`{store.file_name(year)}`" for year in years)
    create_issue(hass, entry, Issue.UNREADABLE_YEARS, markdown={"files": files}, years=", ".join(map(name_of, years)))


@callback
def async_show_damage(hass: HomeAssistant, entry: ConfigEntry, damaged: Mapping[str, Iterable[str]]) -> None:
    """Update the issue that lists all other unreadable data by its owner, after each load."""
    lines = [
        f"- {plain(what)}: {', '.join(f'`{plain(name)}`' for name in dict.fromkeys(names))}"
        for what, names in damaged.items()
        if names
    ]
    if lines:
        create_issue(hass, entry, Issue.DAMAGED, markdown={"what": "\n".join(lines)})
    else:
        delete_issue(hass, entry, Issue.DAMAGED)
