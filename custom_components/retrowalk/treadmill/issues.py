"""Repair issues of what is found amiss: a stop that failed, a belt that does not obey, years that cannot be read."""

from collections.abc import Iterable, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..training.events import EndReason, SessionEvent, SessionEventKind
from ..walkers.store import SessionStore


class StopFailureIssue:
    """A stop that failed is told of until the belt came to rest (S3)."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Take in that a stop failed, or that all is well."""
        match event.kind:
            case SessionEventKind.STOP_FAILED:
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    _stop_failure(self._entry),
                    is_fixable=False,
                    severity=ir.IssueSeverity.CRITICAL,
                    translation_key=f"stop_{event.data.get('reason', 'not_delivered')}",
                    translation_placeholders={"name": self._entry.title},
                )
            case SessionEventKind.STARTED | SessionEventKind.STOPPED | SessionEventKind.FINISHED:
                async_delete_stop_failure(self._hass, self._entry)


@callback
def async_delete_stop_failure(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """A stop that failed is history: the belt came to rest, or the treadmill is not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _stop_failure(entry))


class CommandMismatchIssue:
    """A belt that did not do what it was told is told of until a session has ended well, or a check run (S9)."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._found = False  # in the walk under way

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Take in what was found in a walk, and how it ended."""
        match event.kind:
            case SessionEventKind.NOT_OBEYED:
                self._found = True
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    _disobedience(self._entry),
                    is_fixable=False,
                    is_persistent=True,
                    severity=ir.IssueSeverity.ERROR,
                    translation_key=f"not_obeyed_{event.data['finding']}",
                    translation_placeholders={"name": self._entry.title},
                )
            case SessionEventKind.FINISHED | SessionEventKind.STOPPED:
                end = EndReason.parse(event.data["reason"])
                planned = event.kind is SessionEventKind.FINISHED and end is not None and end.planned
                if planned and not self._found:
                    async_delete_disobedience(self._hass, self._entry)
                self._found = False


@callback
def async_delete_disobedience(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """A check run was passed since, or the treadmill is not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _disobedience(entry))


@callback
def async_show_unreadable(hass: HomeAssistant, entry: ConfigEntry, store: SessionStore) -> None:
    """Say of which years sessions could not be read, and where their files are; after each load."""
    if not store.unreadable_years:
        async_delete_unreadable(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _unreadable(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="unreadable_years",
        translation_placeholders={
            "name": entry.title,
            "years": ", ".join(map(str, store.unreadable_years)),
            "files": ", ".join(f"`{store.file_name(year)}`" for year in store.unreadable_years),
        },
    )


@callback
def async_delete_unreadable(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """All can be read, or the treadmill and its sessions are not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _unreadable(entry))


@callback
def async_show_damage(hass: HomeAssistant, entry: ConfigEntry, damaged: Mapping[str, Iterable[str]]) -> None:
    """Say what else could not be read, by what it is of; after each load."""
    lines = [f"- {what}: {', '.join(f'`{name}`' for name in dict.fromkeys(names))}" for what, names in damaged.items()]
    if not lines:
        async_delete_damage(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _damage(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="damaged",
        translation_placeholders={"name": entry.title, "what": "\n".join(lines)},
    )


@callback
def async_delete_damage(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """All can be read, or the treadmill is not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _damage(entry))


def _damage(entry: ConfigEntry) -> str:
    return f"damaged_{entry.entry_id}"


def _stop_failure(entry: ConfigEntry) -> str:
    return f"stop_failed_{entry.entry_id}"


def _disobedience(entry: ConfigEntry) -> str:
    return f"not_obeyed_{entry.entry_id}"


def _unreadable(entry: ConfigEntry) -> str:
    return f"unreadable_years_{entry.entry_id}"
