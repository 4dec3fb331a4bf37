"""A diagnostics file of somebody's treadmill: read with suspicion, decoded again, and made a personality of.

The file comes from a stranger. Whatever is wrong with it becomes a `RecordingError` that says what; nothing in it is
run, opened or shown without its control characters taken out.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from custom_components.retrowalk.machine.evidence import Evidence
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.machine.ftms.codec import decode_inclination_range, decode_speed_range
from custom_components.retrowalk.machine.ftms.treadmill_data import decode_treadmill_data
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo, ValueRange
from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.limits import FORWARD_DEFAULT

LARGEST: Final = 5_000_000
"""Bytes of a file; a real one has some hundred thousand."""
MOST_FRAMES: Final = 2_000
MOST_ROWS: Final = 300
LONGEST_FRAME: Final = 512
LONGEST_TEXT: Final = 100
USED_AFTER: Final = 30.0
"""Seconds of rest after which somebody uses the console of a machine that can only be watched."""
REDACTED: Final = "**REDACTED**"
REPLAYED: Final = "replayed"
"""The key of the personality that is made of a file."""
_BASE = "-0000-1000-8000-00805f9b34fb"
_SHORT = re.compile(r"[0-9A-F]{4}")
_LONG = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])")
_PROPERTIES = frozenset(
    {
        "broadcast",
        "read",
        "write-without-response",
        "write",
        "notify",
        "indicate",
        "authenticated-signed-writes",
        "extended-properties",
        "reliable-write",
        "writable-auxiliaries",
    }
)


class RecordingError(ValueError):
    """Error raised when a file is no diagnostics of a treadmill; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A characteristic in the GATT table."""

    service: str
    characteristic: str
    properties: frozenset[str]

    @property
    def uuid(self) -> str:
        """The 128-bit UUID."""
        return long_uuid(self.characteristic)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame with its time (s); without data where a part of it was redacted, or it failed."""

    at: float
    what: str
    characteristic: str
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a diagnostics file says of a treadmill."""

    info: MachineInfo
    capabilities: Capabilities
    """What the owner's Retrowalk made of it."""
    gatt: tuple[Row, ...]
    values: Mapping[str, bytes]
    name: str
    """How its advertised name begins, as far as that is known to say something; empty: nothing is known."""
    service_data: bytes | None
    reports: tuple[Frame, ...]
    exchanges: tuple[Frame, ...]
    findings: Mapping[str, Any] = field(default_factory=dict)
    quirks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def has(self, uuid: str) -> bool:
        """Return whether the machine offers a characteristic, by its 128-bit UUID."""
        return any(row.uuid == uuid for row in self.gatt)

    def personality(self) -> Personality:
        """Return a virtual treadmill that says what this one said."""
        return Personality(
            key=REPLAYED,
            machines=" ".join(filter(None, (self.info.manufacturer, self.info.model))) or "unknown",
            what="Says what was recorded of somebody's treadmill.",
            source="a diagnostics file",
            evidence=Evidence.CAPTURED,
            profile=self._profile(),
            name=self.name or None,
            faults=self._faults(),
            values={key: data for key, data in self.values.items() if key in _READABLE},
            service_data=self.service_data,
            protocol=self.protocol,
        )

    @property
    def protocol(self) -> str:
        """The key of its protocol in the catalogue; that of the Fitness Machine Service where none fits."""
        from scripts.lib.replaying import protocol_of

        return protocol_of(self) or "ftms"

    def _profile(self) -> Profile:
        speeds = decode_speed_range(self.values.get("2AD4", b"")) or self.capabilities.speed_range
        incline = decode_inclination_range(self.values.get("2AD5", b"")) or self.capabilities.incline_range
        records = [decode_treadmill_data(frame.data) for frame in self.reports if frame.data and _is_data(frame)]
        default = Profile()
        known = {key: text for key, text in self.info.as_dict().items() if isinstance(text, str) and key != "serial"}
        return replace(
            default,
            **known,
            name=self.name or default.name,
            speed=speeds if speeds is not None and speeds.maximum > speeds.minimum > 0 else _SPEEDS,
            incline=incline if incline is not None and incline.maximum > incline.minimum else None,
            heart_rate=self.capabilities.reports_heart_rate or any(one.heart_rate is not None for one in records),
            steps=self.capabilities.reports_steps,
        )

    def _faults(self) -> dict[str, object]:
        """Return what is known to be odd about it; somebody uses the console of one that can only be watched."""
        faults: dict[str, object] = {} if self._may_be_moved() else {"used_at_console": USED_AFTER}
        if self.protocol != "ftms":
            return faults
        if self.gatt:
            there = [row.characteristic for row in self.gatt]
            faults["lacks"] = sorted(key.lower() for key in _EXPECTED if key not in there)
            faults["twice"] = sorted({key.lower() for key in there if key in _EXPECTED and there.count(key) > 1})
            control = [row.properties for row in self.gatt if row.characteristic == "2AD9"]
            faults["control_without_response"] = bool(control) and not any("write" in kinds for kinds in control)
        if any(frame.data is not None and frame.what == "report" and len(frame.data) == 20 for frame in self.reports):
            longest = max(len(frame.data or b"") for frame in self.reports)
            faults["truncate_at"] = 20 if longest == 20 else None
        start, lowest = self.findings.get("start_speed"), self._profile().speed.minimum
        if isinstance(start, float) and lowest < start < 3.0:
            faults["starts_at"] = start
        faults["stop_only_at_rest"] = self.findings.get("stop_rung") == "pause"
        return {name: value for name, value in faults.items() if value}

    def _may_be_moved(self) -> bool:
        """Return whether this Retrowalk would move it, with the usual limits."""
        from scripts.lib.replaying import replay

        with ThreadPoolExecutor(1) as thread:  # it has a loop of its own, and the caller may be in another one
            can = thread.submit(replay, self).result().capabilities
        return can.can_start_and_stop and can.speed_range is not None and can.speed_range.minimum < FORWARD_DEFAULT


_SPEEDS = ValueRange(0.5, 12.0, 0.1)
_EXPECTED: Final = (
    *("2ACC", "2ACD", "2AD3", "2AD4", "2AD5", "2AD9", "2ADA"),
    *("2A29", "2A24", "2A25", "2A26", "2A27", "2A28"),
)
_READABLE: Final = frozenset({"2ACC", "2AD4", "2AD5"})
_NAMED: Final = frozenset({"2A25"})


def long_uuid(characteristic: str) -> str:
    """Return the 128-bit UUID of a characteristic as a diagnostics file names it."""
    return f"0000{characteristic.lower()}{_BASE}" if _SHORT.fullmatch(characteristic) else characteristic


def _is_data(frame: Frame) -> bool:
    return long_uuid(frame.characteristic) == const.TREADMILL_DATA


# Reading


def read_recording(path: Path) -> Recording:
    """Read a diagnostics file. Raises RecordingError."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise RecordingError(f"it has {size:,} bytes; a diagnostics file has at most {LARGEST:,}")
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
    except OSError as error:
        raise RecordingError(f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordingError("it is not text") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(f"it is not JSON: {str(error)[:LONGEST_TEXT]}") from error
    warnings = []
    if _ADDRESS.search(text):
        warnings.append("It contains a Bluetooth address or something like it: take it out before you pass it on.")
    return recording_of(content, tuple(warnings))


def recording_of(content: object, warnings: tuple[str, ...] = ()) -> Recording:
    """Return the recording in the content of a diagnostics file. Raises RecordingError."""
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    if not isinstance(content, dict) or "machine" not in content:
        raise RecordingError("it has no part 'machine': download the diagnostics of the treadmill in Retrowalk")
    machine = _mapping(content["machine"], "machine")
    check = _mapping(content.get("check") or {}, "check")
    last = _mapping(check.get("last") or {}, "check.last")
    link = _mapping(content.get("link") or {}, "link")
    reading = _Reading(list(warnings))
    recording = Recording(
        info=_info(machine.get("info", {})),
        capabilities=_capabilities(machine.get("capabilities", {})),
        gatt=tuple(_rows(machine.get("gatt", []))),
        values=dict(reading.values(machine.get("values", {}))),
        name=_text(machine.get("name_begins") or "", "machine.name_begins"),
        service_data=reading.service_data(link.get("advertisement")),
        reports=tuple(reading.frames(content.get("reports", []), "reports")),
        exchanges=tuple(reading.frames(content.get("exchanges", []), "exchanges")),
        findings=_findings(last.get("findings") or {}),
        quirks=tuple(_quirks(machine.get("quirks") or content.get("quirks") or [])),
    )
    if not recording.gatt and not recording.reports:
        raise RecordingError("it has neither a GATT table nor reports: the treadmill was not connected")
    return replace(recording, warnings=tuple(reading.warnings))


@dataclass
class _Reading:
    warnings: list[str]

    def frames(self, value: object, what: str) -> Iterator[Frame]:
        rows = _list(value, what, MOST_FRAMES)
        redacted = 0
        for number, row in enumerate(rows):
            place = f"{what}[{number}]"
            fields = _mapping(row, place)
            data = self._hex(fields.get("hex"), f"{place}.hex")
            redacted += data is None
            yield Frame(
                at=_number(fields.get("seconds"), f"{place}.seconds"),
                what=_text(fields.get("what"), f"{place}.what"),
                characteristic=_uuid(fields.get("characteristic"), f"{place}.characteristic"),
                data=data,
            )
        if redacted:
            self.warnings.append(f"{redacted} of {what} are left out, because a part of each was redacted.")

    def values(self, value: object) -> Iterator[tuple[str, bytes]]:
        rows = _mapping(value, "machine.values")
        _bounded(len(rows), "machine.values", MOST_ROWS)
        for key, text in rows.items():
            uuid = _uuid(key, "a name in machine.values")
            data = self._hex(text, f"machine.values.{uuid}")
            if data is not None and uuid not in _NAMED:
                yield uuid, data

    def service_data(self, value: object) -> bytes | None:
        if value is None:
            return None
        rows = _mapping(_mapping(value, "link.advertisement").get("service_data") or {}, "service_data")
        text = rows.get(const.SERVICE)
        return b"" if text is None else self._hex(text, "service_data")

    @staticmethod
    def _hex(value: object, place: str) -> bytes | None:
        if not isinstance(value, str):
            raise RecordingError(f"{place} should be bytes as hex, but is {_shown(value)}")
        if REDACTED in value:
            return None
        if len(value) > 2 * LONGEST_FRAME:
            raise RecordingError(f"{place} is longer than {LONGEST_FRAME} bytes")
        if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", value):
            raise RecordingError(f"{place} should be bytes as hex, but is {_shown(value)}")
        return bytes.fromhex(value)


def _rows(value: object) -> Iterator[Row]:
    for number, row in enumerate(_list(value, "machine.gatt", MOST_ROWS)):
        place = f"machine.gatt[{number}]"
        fields = _mapping(row, place)
        kinds = {_text(kind, f"{place}.properties") for kind in _list(fields.get("properties"), place, 20)}
        yield Row(
            service=_uuid(fields.get("service"), f"{place}.service"),
            characteristic=_uuid(fields.get("characteristic"), f"{place}.characteristic"),
            properties=frozenset(kinds & _PROPERTIES),
        )


def _info(value: object) -> MachineInfo:
    fields = _mapping(value, "machine.info")
    names = ("manufacturer", "model", "hardware", "firmware", "software")
    texts = {name: _text(fields[name], f"machine.info.{name}") for name in names if fields.get(name)}
    return MachineInfo(**texts)


def _capabilities(value: object) -> Capabilities:
    fields = _mapping(value, "machine.capabilities")
    for name in ("speed_range", "incline_range"):
        numbers = _mapping(fields.get(name) or {}, f"machine.capabilities.{name}")
        for key, number in numbers.items():
            _number(number, f"machine.capabilities.{name}.{_shown(key)}")
    try:
        return Capabilities.from_dict(fields)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise RecordingError(f"machine.capabilities cannot be read: {str(error)[:LONGEST_TEXT]}") from error


def _findings(value: object) -> dict[str, Any]:
    fields = _mapping(value, "check.last.findings")
    known = {"start_speed": float, "stop_rung": str}
    return {name: fields[name] for name, kind in known.items() if isinstance(fields.get(name), kind)}


def _quirks(value: object) -> Iterator[str]:
    for row in _list(value, "quirks", MOST_ROWS):
        yield _shown(row.get("quirk", row) if isinstance(row, dict) else row)


def _mapping(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RecordingError(f"{place} should have names and values, but is {_shown(value)}")
    return value


def _list(value: object, place: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise RecordingError(f"{place} should be a list, but is {_shown(value)}")
    _bounded(len(value), place, most)
    return value


def _bounded(count: int, place: str, most: int) -> None:
    if count > most:
        raise RecordingError(f"{place} has {count:,} rows; there are at most {most:,} in a file of Retrowalk")


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e10:
        raise RecordingError(f"{place} should be a number, but is {_shown(value)}")
    return float(value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise RecordingError(f"{place} should be text, but is {_shown(value)}")
    return _printable(value)[:LONGEST_TEXT]


def _uuid(value: object, place: str) -> str:
    if not isinstance(value, str) or not (_SHORT.fullmatch(value) or _LONG.fullmatch(value)):
        raise RecordingError(f"{place} should be a UUID, but is {_shown(value)}")
    return value


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _shown(value: object) -> str:
    """Return a value that is wrong, short enough and harmless to print."""
    return _printable(str(value)[:40]) if isinstance(value, str | int | float | bool | None) else type(value).__name__
