"""What the last check run found, as kept in the entry's data, and what that allows (safety rules S1, S4 and S9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import CONF_CHECK, CONF_INFO, CONF_VIRTUAL
from ..issues import Issue, create_issue, delete_issue
from ..machine.model import MachineInfo
from ..storage.damage import DAMAGE_ERRORS
from ..training.check.check_run import CheckRun
from ..training.check.result import AfterPause, CheckResult, Failure, SecondStart
from ..training.limits import Measured
from ..training.rules import Refusal, Rules
from ..training.session.controller import SessionController
from ..util import Clock
from .entry_store import EntryStore

_NEVER_MEASURED = 1000.0  # km/h or s


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check run that is over: its findings hold for the firmware that the machine had."""

    failure: Failure | None  # None: passed
    firmware: str | None
    at: datetime
    findings: CheckResult = field(default_factory=CheckResult)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self | None:
        """The one in an entry's data, if it can be read; a virtual treadmill has passed it, no other without a run."""
        kept = data.get(CONF_CHECK)
        if kept is None:
            if not data.get(CONF_VIRTUAL):
                return None
            return cls(failure=None, firmware=firmware_of(data), at=dt_util.utc_from_timestamp(0))
        try:
            findings = CheckResult.from_dict(kept["findings"])
            check_numbers(findings)
            return cls(
                failure=Failure(kept["failure"]) if kept["failure"] else None,
                firmware=kept["firmware"],
                at=datetime.fromisoformat(kept["at"]),
                findings=findings,
            )
        except DAMAGE_ERRORS:
            return None  # damaged, or a newer version's: the check run is due again

    def as_dict(self) -> dict[str, Any]:
        """For the entry's data."""
        return {
            "failure": self.failure,
            "firmware": self.firmware,
            "at": self.at.isoformat(),
            "findings": self.findings.as_dict(),
        }


def check_numbers(findings: CheckResult) -> None:
    """Raise TypeError or ValueError where a measured number is none."""
    for field_ in fields(findings):
        value = getattr(findings, field_.name)
        measured = "float" in str(field_.type) and value is not None
        if measured and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise TypeError(f"{field_.name} cannot be {value!r:.99}")
        if measured and not 0 <= value < _NEVER_MEASURED:
            raise ValueError(f"{field_.name} cannot be {value!r:.99}")


def firmware_of(data: Mapping[str, Any]) -> str | None:
    """What the machine runs on, as far as it says."""
    info = MachineInfo.from_dict(data.get(CONF_INFO, {}))
    return info.firmware or info.software


def with_check(rules: Rules, data: Mapping[str, Any]) -> Rules:
    """The rules of a session on a machine with this entry data: what the check run has released, and what it found."""
    check, held = StoredCheck.from_data(data), None
    if check is None:
        held = Refusal.NOT_CHECKED
    elif check.firmware != firmware_of(data):
        held = Refusal.CHECK_OUTDATED
    elif check.failure is not None:
        held = Refusal.TAKES_MILES if check.failure is Failure.MILES else Refusal.CHECK_FAILED
    if check is None or held is Refusal.CHECK_OUTDATED:
        return replace(rules, blocked_by=held)
    found = check.findings
    measured = Measured(
        start_speed=found.start_speed,
        step=found.step,
        stop_step=found.stop_step,
        resumes_fast=found.after_pause is AfterPause.FASTER,
    )
    return replace(rules, blocked_by=held, measured=measured)


def known_to_end_session(data: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a second start, and a pause, are known to end this belt's session, so that neither is tried again."""
    check = StoredCheck.from_data(data)
    if check is None or check.firmware != firmware_of(data):
        return False, False
    found = check.findings
    return found.second_start is SecondStart.STOPS, found.after_pause is AfterPause.NOTHING


class CheckResults:
    """What the check runs of one treadmill found: kept in its entry, and applied to its session at once."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        session: SessionController,
        entry_store: EntryStore,
        *,
        clock: Clock,
        applied: Callable[[], None],
    ) -> None:
        """`applied` is called when the session's rules have changed."""
        self._hass = hass
        self._entry = entry
        self._session = session
        self._entry_store = entry_store
        self._clock = clock
        self._applied = applied
        self._check: CheckRun | None = None  # that is under way

    @callback
    def follow(self) -> bool:
        """Keep the failure of a check run that has ended: such a machine is not moved any more (S9).

        Returns whether there was one.
        """
        over, self._check = self._check, self._session.check
        failed = over is not None and self._check is None and over.failure is not None and over.failure.blames_machine
        if over is not None and failed:
            self.save(over, firmware_of(self._entry.data))
        return failed

    @callback
    def save(self, check: CheckRun, firmware: str | None) -> None:
        """Keep what a check run found of this firmware; it holds at once, and nothing is reloaded for it."""
        entry = self._entry
        kept = StoredCheck(failure=check.failure, firmware=firmware, at=self._clock.utcnow(), findings=check.result)
        news = {CONF_CHECK: kept.as_dict()}
        self.apply({**entry.data, **news})
        if check.failure is None:
            delete_issue(self._hass, entry, Issue.NOT_OBEYED)
        self._entry_store.save(news)

    @callback
    def apply(self, data: Mapping[str, Any]) -> None:
        """Give the session the rules that follow from an entry's data."""
        self._session.apply_rules(with_check(self._session.rules, data))
        self._session.tick(self._clock.monotonic())  # what it does not release any more ends at once
        self.show_issue()
        self._applied()

    @callback
    def show_issue(self) -> None:
        """Say that a check run is due, or why the last one does not release control; only to who wants control."""
        rules = self._session.rules
        if not rules.control or rules.blocked_by is None:
            delete_issue(self._hass, self._entry, Issue.CHECK)
        else:
            create_issue(self._hass, self._entry, Issue.CHECK, key=rules.blocked_by.value)
