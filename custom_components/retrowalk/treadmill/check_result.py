"""The result of the last check run, as stored in the entry's data, and what it allows (S1, S4, S9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CAPABILITIES,
    CONF_CHECK,
    CONF_DECK,
    CONF_FIELDS,
    CONF_PERSONALITY,
    CONF_QUIRKS,
    CONF_VIRTUAL,
)
from ..issues import Issue, create_issue, delete_issue
from ..machine.calibration import Calibration
from ..machine.fields import ReportedFields
from ..machine.incline import InclineScale
from ..machine.model import Capabilities, Quirk
from ..simulator import POLITE_KEY
from ..storage.damage import DAMAGE_ERRORS
from ..training.check.check_run import CheckRun
from ..training.check.result import CheckResult, Failure
from ..training.events import CommandMismatch, FinishedEvent, NotObeyedEvent, SessionEvent, StoppedEvent
from ..training.rules import Refusal, Rules
from ..training.session.controller import SessionController
from ..training.states import BETWEEN_SESSIONS
from ..util import Clock
from .entry_store import EntryStore
from .firmware import firmware_of
from .known_deck import KnownDeck, Meaning, meaning_of
from .options import Options
from .quirks import QuirkInForce, QuirkOrigin, measured_for, quirks_in_force, read_quirks
from .time_limit import TimeLimitLearner, learned_limit

if TYPE_CHECKING:
    from .connection import ConnectionManager

_NEVER_MEASURED = 1000.0  # km/h or s


@dataclass(frozen=True, kw_only=True)
class StoredCheck:
    """A finished check run; its findings are valid for the firmware that the machine had."""

    failure: Failure | None  # None: passed
    firmware: str | None
    at: datetime
    findings: CheckResult = field(default_factory=CheckResult)
    calibration: Calibration = field(default_factory=Calibration)  # by which its numbers, and the findings, are true

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self | None:
        """Return the check run in an entry's data, or None; a polite virtual treadmill passes without a run."""
        stored = data.get(CONF_CHECK)
        if stored is None:
            if not data.get(CONF_VIRTUAL) or data.get(CONF_PERSONALITY) not in {None, POLITE_KEY}:
                return None
            return cls(failure=None, firmware=firmware_of(data), at=dt_util.utc_from_timestamp(0))
        try:
            findings = CheckResult.from_dict(stored["findings"])
            check_numbers(findings)
            return cls(
                failure=Failure(stored["failure"]) if stored["failure"] else None,
                firmware=stored["firmware"],
                at=datetime.fromisoformat(stored["at"]),
                findings=findings,
                calibration=Calibration.from_dict(stored.get("calibration", {})),
            )
        except DAMAGE_ERRORS:
            return None  # damaged, or written by a newer version: the check run is due again

    def as_dict(self) -> dict[str, Any]:
        """Return the check run for the entry's data."""
        return {
            "failure": self.failure,
            "firmware": self.firmware,
            "at": self.at.isoformat(),
            "findings": self.findings.as_dict(),
            "calibration": self.calibration.as_dict(),
        }


def check_numbers(findings: CheckResult) -> None:
    """Raise TypeError or ValueError if a measured value is not a plausible number."""
    for field_ in fields(findings):
        value = getattr(findings, field_.name)
        measured = "float" in str(field_.type) and value is not None
        if measured and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise TypeError(f"{field_.name} cannot be {value!r:.99}")
        if measured and not 0 <= value < _NEVER_MEASURED:
            raise ValueError(f"{field_.name} cannot be {value!r:.99}")


def calibration_of(data: Mapping[str, Any], options: Options) -> Calibration:
    """Return what the machine's numbers mean: as the owner says, or as the last check run found out."""
    check = StoredCheck.from_data(data)
    units = options.units.calibration or (Calibration() if check is None else check.calibration)
    if options.incline is not None:
        return replace(units, incline=options.incline)
    known = quirks_of(options.quirks, data)[Quirk.INCLINE].value
    return replace(units, incline=InclineScale.known(known if known is not True else None))


def stated_by(data: Mapping[str, Any], options: Options) -> Capabilities:
    """Return what the machine states that it can do, in true numbers."""
    return calibration_of(data, options).capabilities(Capabilities.from_dict(data.get(CONF_CAPABILITIES, {})))


def capabilities_of(data: Mapping[str, Any], options: Options) -> Capabilities:
    """Return what the machine can do and reports, in true numbers: what it states, and what it was seen to report."""
    return ReportedFields.from_dict(data.get(CONF_FIELDS)).applied(stated_by(data, options))


def rules_of(data: Mapping[str, Any], options: Options) -> Rules:
    """Return the rules of a session on a treadmill, by its entry."""
    calibration, capabilities = calibration_of(data, options), capabilities_of(data, options)
    stated = options.units.calibration is not None
    return with_check(replace(options.rules(capabilities), units_stated=stated), data, options, calibration)


def with_check(rules: Rules, data: Mapping[str, Any], options: Options, calibration: Calibration) -> Rules:
    """Return the rules with the result of the check run applied: what it releases, and what it measured.

    `calibration`: by which everything is converted now, also if another one was found out meanwhile.
    """
    rules = replace(rules, units=calibration.units)
    check, blocked_by = StoredCheck.from_data(data), None
    if check is None:
        blocked_by = Refusal.NOT_CHECKED
    elif check.firmware != firmware_of(data):
        blocked_by = Refusal.CHECK_OUTDATED
    elif check.calibration.units != calibration.units:
        blocked_by = Refusal.UNITS_CHANGED
    elif check.failure is not None:
        blocked_by = Refusal.TAKES_MILES if check.failure is Failure.MILES else Refusal.CHECK_FAILED
    elif _lowest_unknown(rules, check.findings):
        blocked_by = Refusal.NOT_CHECKED
    found = _valid_findings(data)
    if found is not None and blocked_by is Refusal.UNITS_CHANGED:
        found = replace(found, start_speed=None, lowest=None, step=None)  # they were measured in other units
    measured = replace(
        measured_for(quirks_of(options.quirks, data), found),
        incline_step=deck_of(data, options, calibration).step,
        deck_unsure=calibration.incline.supposed,
        unit_unsure=found is not None and found.unit_unsure(stated=options.units.calibration is not None),
    )
    return replace(rules, blocked_by=blocked_by, measured=measured)


def deck_of(data: Mapping[str, Any], options: Options, calibration: Calibration) -> KnownDeck:
    """Return what was found out of the deck in use."""
    return KnownDeck.read(data.get(CONF_DECK), firmware_of(data), _deck_means(options, calibration))


def _deck_means(options: Options, calibration: Calibration) -> Meaning:
    return meaning_of(calibration.incline, stated=options.incline is not None)


def deck_step_of(data: Mapping[str, Any], meaning: Meaning = None) -> float | None:
    """Return the step (%) that the deck was found to make in use with the present firmware; None where none was."""
    return KnownDeck.read(data.get(CONF_DECK), firmware_of(data), meaning).step


def _lowest_unknown(rules: Rules, found: CheckResult) -> bool:
    """Return whether nobody knows how slow the belt can go: a minimum of 0 is no speed, and has to be measured."""
    speeds = rules.capabilities.speed_range
    return speeds is not None and speeds.minimum <= 0 and found.lowest is None and found.start_speed is None


def quirks_of(chosen: Mapping[Quirk, bool], data: Mapping[str, Any]) -> dict[Quirk, QuirkInForce]:
    """Return the quirks in force, each with its origin; `chosen` is what the owner knows better."""
    limit = learned_limit(data)
    learned = {} if limit is None else {Quirk.TIME_LIMIT: limit}
    return quirks_in_force(chosen, _valid_findings(data), read_quirks(data.get(CONF_QUIRKS)), learned)


def _valid_findings(data: Mapping[str, Any]) -> CheckResult | None:
    """Return what the last check run found, if that was with the present firmware."""
    check = StoredCheck.from_data(data)
    return None if check is None or check.firmware != firmware_of(data) else check.findings


def next_run(chosen: Mapping[Quirk, bool], data: Mapping[str, Any]) -> dict[str, bool]:
    """Return what the next check run tries: not what is known to stop this belt, or it would never come to its end."""
    quirks, found = quirks_of(chosen, data), _valid_findings(data)
    return {
        "second_start": not quirks[Quirk.START_TOGGLES].value,
        "pause": not quirks[Quirk.PAUSE_STOPS].value,
        "minimum": found is None or found.lowest is None,
    }


class CheckResults:
    """Stores the results of a treadmill's check runs in its entry, and applies them to the session at once."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        session: SessionController,
        entry_store: EntryStore,
        connection: ConnectionManager,
        *,
        clock: Clock,
        applied: Callable[[], None],
    ) -> None:
        """Initialize the results; `applied` is called when the session's rules have changed.

        What a check run finds out of the machine's units holds on the `connection` from then on.
        """
        self._hass = hass
        self._entry = entry
        self._session = session
        self._entry_store = entry_store
        self._options = connection.options
        self._connection = connection
        self._clock = clock
        self._applied = applied
        self._check: CheckRun | None = None  # under way
        self._time_limit = TimeLimitLearner(hass, entry, session, entry_store, clock=clock, learned=self.apply)

    @callback
    def follow(self) -> bool:
        """Save the result of a failed check run, after which the machine is no longer moved (S9).

        Returns whether a check run has just failed.
        """
        last, self._check = self._check, self._session.check
        failed = last is not None and self._check is None and last.failure is not None and last.failure.blames_machine
        if last is not None and failed:
            self.save(last, firmware_of(self._entry.data), self._connection.calibration)
        self._keep_deck()
        return failed

    @callback
    def _keep_deck(self) -> None:
        """Keep the step (%) that the deck was found to make, until a check run, and that it cannot be believed."""
        if not self._session.deck_step and not self._connection.deck_doubted:
            return  # nothing to add to what is kept, as with nearly every report
        data, calibration = self._entry.data, self._connection.calibration
        known = deck_of(data, self._options, calibration)
        doubted = known.doubted or self._connection.deck_doubted
        found = replace(known, step=self._session.deck_step or known.step, doubted=doubted)
        if found == known:
            return
        changes = {CONF_DECK: self._kept_deck(found)}
        self._session.apply_rules(with_check(self._session.rules, {**data, **changes}, self._options, calibration))
        self._entry_store.save(changes)
        if found.doubted and not known.doubted:
            create_issue(self._hass, self._entry, Issue.DECK_DOUBTED)

    def _kept_deck(self, found: KnownDeck) -> dict[str, Any] | None:
        return found.as_dict(firmware_of(self._entry.data), _deck_means(self._options, self._connection.calibration))

    @callback
    def save(self, check: CheckRun, firmware: str | None, calibration: Calibration) -> None:
        """Save the result of a check run of this firmware, by whose findings the calibration makes numbers true.

        It applies at once, without a reload; to a session under way only when that is over.
        """
        entry = self._entry
        stored = StoredCheck(
            failure=check.failure,
            firmware=firmware,
            at=self._clock.utcnow(),
            findings=check.result.understood(check.units, calibration.units),
            calibration=calibration,
        )
        changes: dict[str, Any] = {CONF_CHECK: stored.as_dict()}
        if CONF_DECK in entry.data:  # the run does not move the deck, so that a doubt of it stays
            changes[CONF_DECK] = self._kept_deck(KnownDeck(doubted=self._connection.deck_doubted))
        data = {**entry.data, **changes}
        if check.failure is None:
            delete_issue(self._hass, entry, Issue.NOT_OBEYED)
        options = Options.read(entry.options)
        calibration = calibration_of(data, options)
        if calibration == self._connection.calibration:
            self.apply(data)
        elif self._session.state in BETWEEN_SESSIONS and not self._session.belt_may_move:
            self._connection.calibration = calibration
            capabilities = capabilities_of(data, options)
            self._session.apply_rules(replace(self._session.rules, capabilities=capabilities))
            self.apply(data)
        else:
            # The entry is loaded anew as soon as nobody walks.
            self._hass.config_entries.async_update_entry(entry, data=data)
            return
        self._entry_store.save(changes)

    @callback
    def on_session_event(self, event: SessionEvent) -> None:
        """Make a check run due when a belt turns out to have another unit; control ends with the session (S9)."""
        self._time_limit.on_session_event(event)
        match event:
            case NotObeyedEvent(finding=CommandMismatch.MILES):
                check = StoredCheck.from_data(self._entry.data)
                if check is not None and check.failure is None:
                    due = replace(check, failure=Failure.MILES)
                    self._entry_store.save({CONF_CHECK: due.as_dict()})
            case FinishedEvent() | StoppedEvent():
                check = StoredCheck.from_data(self._entry.data)
                if check is not None and check.failure is Failure.MILES and self._session.rules.blocked_by is None:
                    self.apply(self._entry.data)

    @callback
    def apply(self, data: Mapping[str, Any]) -> None:
        """Apply the rules that follow from an entry's data to the session."""
        self._session.apply_rules(with_check(self._session.rules, data, self._options, self._connection.calibration))
        self._session.tick(self._clock.monotonic())  # ends at once what is no longer allowed
        self.show_issue()
        self._applied()

    @callback
    def show_issue(self) -> None:
        """Create or delete the issues that say why control is blocked, if wanted, and that the deck is doubted.

        That a time limit was learned is told no more once something else applies.
        """
        limit = quirks_of(self._options.quirks, self._entry.data)[Quirk.TIME_LIMIT]
        if limit.origin is not QuirkOrigin.LEARNED:
            delete_issue(self._hass, self._entry, Issue.TIME_LIMIT)
        if not self._connection.deck_doubted:
            delete_issue(self._hass, self._entry, Issue.DECK_DOUBTED)
        else:
            create_issue(self._hass, self._entry, Issue.DECK_DOUBTED)
        rules = self._session.rules
        if not rules.control or rules.blocked_by is None:
            delete_issue(self._hass, self._entry, Issue.CHECK)
        else:
            create_issue(self._hass, self._entry, Issue.CHECK, key=rules.blocked_by.value)
