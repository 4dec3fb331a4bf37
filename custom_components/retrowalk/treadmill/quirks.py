"""Which quirks of a treadmill are in force, and from where: its owner, the check run, our table, or the standard."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ..machine.incline import InclineScale
from ..machine.model import KnownQuirk, Quirk
from ..training.check.result import AfterPause, CheckResult, SecondStart
from ..training.limits import Measured
from ..training.stop_steps import StopStep

_IF_CHOSEN: Final = {Quirk.LATE_SPEED: 3.0, Quirk.TIME_LIMIT: 1800.0}
"""What an owner's Yes means for a quirk with a value; elsewhere it means that the quirk is there."""


class QuirkOrigin(StrEnum):
    """From where we know how a treadmill behaves; an earlier one goes before a later one."""

    OWNER = "owner"
    MEASURED = "measured"
    LEARNED = "learned"  # in use
    TABLE = "table"
    STANDARD = "standard"


class QuirkInForce(NamedTuple):
    """How a treadmill behaves in one respect, and from where that is known."""

    value: Any
    origin: QuirkOrigin


def stored_quirks(known: Mapping[Quirk, KnownQuirk]) -> dict[str, Any]:
    """Return what the session has to know of a machine's quirks while it is away, as it is stored."""
    of_session = {quirk: found.value for quirk, found in known.items() if quirk.of_session}
    return {quirk.value: _plain(value) for quirk, value in of_session.items()}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def read_quirks(stored: Any) -> dict[Quirk, Any]:
    """Read what `stored_quirks` returned; what is damaged or from a newer version is left out."""
    if not isinstance(stored, Mapping):
        return {}
    return {Quirk(name): value for name, value in stored.items() if name in Quirk and _is_sound(Quirk(name), value)}


def _is_sound(quirk: Quirk, value: Any) -> bool:
    if quirk in {Quirk.LATE_SPEED, Quirk.TIME_LIMIT}:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 86400
    if quirk is not Quirk.INCLINE:
        return isinstance(value, bool)
    try:
        return value is not None and not isinstance(value, bool) and InclineScale.known(value).supposed
    except TypeError, ValueError:
        return False


def read_choices(stored: Any) -> dict[Quirk, bool]:
    """Read what the owner chose: yes or no for a quirk. Raises TypeError for what is damaged."""
    if not isinstance(stored, Mapping) or not all(isinstance(value, bool) for value in stored.values()):
        raise TypeError(f"not a choice of quirks: {stored!r:.99}")
    return {Quirk(name): value for name, value in stored.items() if name in Quirk}


def quirks_in_force(
    chosen: Mapping[Quirk, bool],
    findings: CheckResult | None,
    known: Mapping[Quirk, Any],
    learned: Mapping[Quirk, Any] = MappingProxyType({}),
) -> dict[Quirk, QuirkInForce]:
    """Return all quirks of the session: what the owner chose, else was measured, learned in use, or is in the table."""
    measured = {} if findings is None else _measured(findings)
    found = {QuirkOrigin.MEASURED: measured, QuirkOrigin.LEARNED: learned, QuirkOrigin.TABLE: known}
    return {quirk: _in_force(quirk, chosen, found) for quirk in Quirk if quirk.of_session}


def _in_force(
    quirk: Quirk, chosen: Mapping[Quirk, bool], found: Mapping[QuirkOrigin, Mapping[Quirk, Any]]
) -> QuirkInForce:
    if quirk in chosen:
        best = next(filter(None, (values.get(quirk) for values in found.values())), None) or _IF_CHOSEN.get(quirk, True)
        return QuirkInForce(best if chosen[quirk] else None, QuirkOrigin.OWNER)
    for origin, values in found.items():
        if quirk in values:
            return QuirkInForce(values[quirk] or None, origin)
    return QuirkInForce(None, QuirkOrigin.STANDARD)


def _measured(findings: CheckResult) -> dict[Quirk, Any]:
    """Return what a check run proves for or against a quirk."""
    found: dict[Quirk, Any] = {}
    if findings.stop_delay is not None or findings.stop_step is not StopStep.STOP:
        found[Quirk.STOP_AT_REST] = findings.stop_step is StopStep.PAUSE
    if findings.second_start_needed is not None:
        found[Quirk.SECOND_START] = findings.second_start_needed
    if findings.second_start is not SecondStart.UNKNOWN:
        found[Quirk.START_TOGGLES] = findings.second_start is SecondStart.STOPS
    if findings.after_pause is not AfterPause.UNKNOWN:
        found[Quirk.PAUSE_STOPS] = findings.after_pause is AfterPause.NOTHING
    return found


def measured_for(quirks: Mapping[Quirk, QuirkInForce], findings: CheckResult | None) -> Measured:
    """Return what the session has to know besides the machine's own report."""
    found = findings or CheckResult()
    pauses = quirks[Quirk.STOP_AT_REST]
    stop_step = StopStep.PAUSE if pauses.value else StopStep.STOP
    if pauses.origin is not QuirkOrigin.OWNER and found.stop_step is StopStep.SLOWEST:
        stop_step = StopStep.SLOWEST
    return Measured(
        start_speed=found.start_speed,
        lowest=found.lowest,
        step=found.step,
        stop_step=stop_step,
        resumes_fast=found.after_pause is AfterPause.FASTER,
        late_speed=float(quirks[Quirk.LATE_SPEED].value or 0.0),
        second_start=bool(quirks[Quirk.SECOND_START].value),
        pause_stops=bool(quirks[Quirk.PAUSE_STOPS].value),
        time_limit=quirks[Quirk.TIME_LIMIT].value,
    )


def told_quirks(
    chosen: Mapping[Quirk, bool], in_force: Mapping[Quirk, QuirkInForce], known: Mapping[Quirk, KnownQuirk]
) -> list[dict[str, Any]]:
    """Return the quirks that are known, measured or chosen: what applies, from where, and what the table says."""
    return [
        _told(quirk, in_force.get(quirk) or _of_driver(quirk, chosen), known.get(quirk))
        for quirk in Quirk
        if quirk in known
        or quirk in chosen
        or (quirk in in_force and in_force[quirk].origin is not QuirkOrigin.STANDARD)
    ]


def _of_driver(quirk: Quirk, chosen: Mapping[Quirk, bool]) -> QuirkInForce:
    """Return what applies to how the machine is spoken to, which no check run measures."""
    return QuirkInForce(chosen.get(quirk, True), QuirkOrigin.OWNER if quirk in chosen else QuirkOrigin.TABLE)


def _told(quirk: Quirk, applies: QuirkInForce, known: KnownQuirk | None) -> dict[str, Any]:
    table = {} if known is None else {"why": known.why, "source": known.source}
    value = False if applies.value is None else applies.value
    return {"quirk": quirk.value, "value": _plain(value), "from": applies.origin.value, **table}
