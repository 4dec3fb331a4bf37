"""What the last check run found, as kept in the entry's data, and what that allows (safety rules S1, S4 and S9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import CONF_CHECK, CONF_INFO, CONF_VIRTUAL, DOMAIN
from ..machine.model import MachineInfo
from ..storage.damage import WRONG
from ..training.check.result import AfterPause, CheckResult, Failure, SecondStart
from ..training.limits import Measured
from ..training.rules import Refusal, Rules

_NEVER_MEASURED = 1000.0  # km/h or s


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check run that is over: its findings hold for the firmware that the machine had."""

    failure: Failure | None  # None: passed
    firmware: str | None
    at: datetime
    findings: CheckResult = field(default_factory=CheckResult)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self | None:
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
        except WRONG:
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
    check, held = StoredCheck.of(data), None
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


def not_to_try(data: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a second start, and a pause, are known to end this belt's session, so that neither is tried again."""
    check = StoredCheck.of(data)
    if check is None or check.firmware != firmware_of(data):
        return False, False
    found = check.findings
    return found.second_start is SecondStart.STOPS, found.after_pause is AfterPause.NOTHING


@callback
def async_show_check_issue(hass: HomeAssistant, entry: ConfigEntry, rules: Rules) -> None:
    """Say that a check run is due, or why the last one does not release control; only to who wants control."""
    if not rules.control or rules.blocked_by is None:
        async_delete_check_issue(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=rules.blocked_by.value,
        translation_placeholders={"name": entry.title},
    )


@callback
def async_delete_check_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Nothing is due: control is released or not wanted, or the treadmill is not ours any more."""
    ir.async_delete_issue(hass, DOMAIN, _issue(entry))


def _issue(entry: ConfigEntry) -> str:
    return f"check_{entry.entry_id}"
