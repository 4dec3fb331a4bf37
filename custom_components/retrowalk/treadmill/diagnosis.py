"""What a stranger may know of a treadmill, to find out why it does not work: its diagnostics.

Only what is known to be harmless is let in: texts that people chose, and everything of a walker, stay out by kind and
not by name, so that a new option or a new field is left out until somebody looks at it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from importlib.metadata import version
from typing import Any

from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.const import __version__ as ha_version
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from ..const import (
    CONF_ADVERTISED,
    CONF_CAPABILITIES,
    CONF_CONTROL_LOCK,
    CONF_FIELDS,
    CONF_FIRST_ADDRESS,
    CONF_INFO,
    CONF_VIRTUAL,
    DOMAIN,
    SUBENTRY_PROGRAM,
    SUBENTRY_WALKER,
)
from ..machine.bluetooth.catalogue import known_beginning
from ..machine.bluetooth.link_log import Frame, LinkEvent, LinkLog
from ..machine.fields import ReportedFields
from ..machine.model import Capabilities, MachineInfo, Quirk
from ..util import clock_of
from ..walkers.walker import Ratings
from .check_result import StoredCheck, quirks_of, rules_of
from .link_logs import async_find_link_log
from .options import Options
from .quirks import QuirkInForce, QuirkOrigin, told_quirks
from .redaction import REDACTED, Redactor
from .snapshot import Snapshot

_LIBRARIES = ("bleak", "bleak-retry-connector", "habluetooth")
_LONGEST = 100
"""Letters of what a machine says of itself."""


@dataclass(frozen=True, kw_only=True)
class _Advertisement:
    """The newest advertisement of a treadmill."""

    signal: int
    connectable: bool
    services: tuple[str, ...]
    service_data: Mapping[str, bytes]
    manufacturer_data: Mapping[int, bytes]


async def async_diagnose(hass: HomeAssistant, entry: ConfigEntry, snapshot: Snapshot | None) -> dict[str, Any]:
    """Return the diagnostics of a treadmill; `snapshot` is None while its entry is not loaded."""
    integration = await async_get_integration(hass, DOMAIN)
    versions = {"retrowalk": str(integration.version), "home_assistant": ha_version}
    write = async_gather(hass, entry, snapshot)

    def write_all() -> dict[str, Any]:
        libraries = {name: version(name) for name in _LIBRARIES}
        return {"versions": {**versions, **libraries}, **write()}

    # In the executor, because it reads files and searches every frame.
    return await hass.async_add_executor_job(write_all)


@callback
def async_gather(hass: HomeAssistant, entry: ConfigEntry, snapshot: Snapshot | None) -> Callable[[], dict[str, Any]]:
    """Gather what is known now; the function that is returned writes it down, in any thread."""
    clock = clock_of(hass)
    address = str(entry.data.get(CONF_ADDRESS, ""))
    log = _copy(async_find_link_log(hass, address) or LinkLog(clock.monotonic))
    info = MachineInfo.from_dict(entry.data.get(CONF_INFO, {}))
    options = Options.read(entry.options)
    advertisement, scanners = _heard(hass, address)
    addresses = [address, *_texts(subentry.data.get(CONF_FIRST_ADDRESS) for subentry in entry.subentries.values())]
    chosen = _people(hass, entry) | _chosen(options)
    # An entity's or a folder's name tells as much without what is before it.
    private = {*chosen, *map(_last_part, chosen), *scanners, info.serial or ""}
    names = {entry.title, *(str(entry.data.get(key, "")) for key in (CONF_NAME, CONF_ADVERTISED)), log.name or ""}
    recorded = {"at": clock.utcnow().isoformat(), "seconds": round(clock.monotonic(), 3)}
    described = _entry(entry, options)
    in_force = quirks_of(options.quirks, entry.data)
    if options.incline is not None:
        in_force[Quirk.INCLINE] = QuirkInForce(options.incline.as_list(), QuirkOrigin.OWNER)
    quirks = told_quirks(options.quirks, in_force, log.quirks)

    def write() -> dict[str, Any]:
        of_machine = Redactor(private, addresses)  # a treadmill's name often is its model, which has to be told
        everything = Redactor(private | names, addresses)
        return {
            "recorded": recorded,
            "entry": described,
            "options": _without_texts(asdict(options)),
            "machine": {**_machine(entry, info, log, of_machine, everything), "quirks": quirks},
            "check": _check(entry, options, of_machine),
            "session": None if snapshot is None else _session(snapshot),
            "link": {
                "state": None if snapshot is None else snapshot.link,
                "advertisement": None if advertisement is None else _advertised(advertisement, everything),
                "history": [_event(event, everything) for event in log.events],
            },
            "exchanges": [_frame(frame, everything) for frame in log.exchanges],
            "reports": [_frame(frame, everything) for frame in log.reports],
        }

    return write


def _copy(log: LinkLog) -> LinkLog:
    """Return the log as it is now; it goes on while the report is written."""
    return replace(
        log,
        reports=log.reports.copy(),
        exchanges=log.exchanges.copy(),
        events=log.events.copy(),
        values=dict(log.values),
    )


@callback
def _heard(hass: HomeAssistant, address: str) -> tuple[_Advertisement | None, list[str]]:
    """Return the newest advertisement, and the names of the adapters and proxies that might hear one."""
    if "bluetooth" not in hass.config.components:
        return None, []
    scanners = bluetooth.async_current_scanners(hass)
    names = [text for scanner in scanners for text in (scanner.source, scanner.name, scanner.adapter) if text]
    service_info = bluetooth.async_last_service_info(hass, address, connectable=False)
    if service_info is None:
        return None, names
    advertisement = _Advertisement(
        signal=service_info.rssi,
        connectable=service_info.connectable,
        services=tuple(service_info.service_uuids),
        service_data=dict(service_info.service_data),
        manufacturer_data=dict(service_info.manufacturer_data),
    )
    return advertisement, names


def _advertised(advertisement: _Advertisement, redactor: Redactor) -> dict[str, Any]:
    makers = advertisement.manufacturer_data
    return {
        "signal": advertisement.signal,
        "connectable": advertisement.connectable,
        "services": list(advertisement.services),
        "service_data": {uuid: redactor.hex(data) for uuid, data in advertisement.service_data.items()},
        "manufacturer_data": {f"{maker:04x}": redactor.hex(data) for maker, data in makers.items()},
    }


def _entry(entry: ConfigEntry, options: Options) -> dict[str, Any]:
    kinds = [subentry.subentry_type for subentry in entry.subentries.values()]
    return {
        "state": entry.state.value,
        "virtual": entry.data.get(CONF_VIRTUAL) is True,
        "locked": entry.data.get(CONF_CONTROL_LOCK) is True,
        "walkers": kinds.count(SUBENTRY_WALKER),
        "programs": kinds.count(SUBENTRY_PROGRAM),
        "damaged_options": list(options.damaged),
    }


def _session(snapshot: Snapshot) -> dict[str, Any]:
    telemetry = None if snapshot.telemetry is None else snapshot.telemetry._asdict()
    if telemetry is not None:
        del telemetry["heart_rate"]  # of a person
    return {
        "state": snapshot.state,
        "direction": snapshot.direction,
        "limits": asdict(snapshot.limits),
        "check_under_way": snapshot.check,
        "telemetry": telemetry,
    }


def _machine(
    entry: ConfigEntry, info: MachineInfo, log: LinkLog, of_machine: Redactor, everything: Redactor
) -> dict[str, Any]:
    told = {key: text and of_machine.text(text)[:_LONGEST] for key, text in info.as_dict().items()}
    return {
        "info": {**told, "serial": info.serial and REDACTED},
        "capabilities": Capabilities.from_dict(entry.data.get(CONF_CAPABILITIES, {})).as_dict(),
        "fields": ReportedFields.from_dict(entry.data.get(CONF_FIELDS)).as_dict(),
        "gatt": log.gatt,
        "values": {uuid: everything.hex(data) for uuid, data in log.values.items()},
        "name_begins": known_beginning(log.name or ""),
    }


def _check(entry: ConfigEntry, options: Options, redactor: Redactor) -> dict[str, Any]:
    check = StoredCheck.from_data(entry.data)
    stored = None if check is None else check.as_dict()
    if stored is not None and isinstance(stored["firmware"], str):
        stored["firmware"] = redactor.text(stored["firmware"])[:_LONGEST]
    return {"blocked_by": rules_of(entry.data, options).blocked_by, "last": stored}


def _event(event: LinkEvent, redactor: Redactor) -> dict[str, Any]:
    reason = None if event.reason is None else redactor.text(event.reason)
    return {"seconds": round(event.at, 3), "state": event.state, "reason": reason}


def _frame(frame: Frame, redactor: Redactor) -> dict[str, Any]:
    row = {
        "seconds": round(frame.at, 3),
        "what": frame.way,
        "characteristic": frame.characteristic,
        "hex": redactor.hex(frame.data),
    }
    return row if frame.error is None else {**row, "error": redactor.text(frame.error)}


def _without_texts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with whatever people typed or chose from their house redacted."""
    return {name: _harmless(value) for name, value in options.items() if name != "damaged"}


def _harmless(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _harmless(item) for name, item in value.items()}
    return [REDACTED] * len(value) if isinstance(value, tuple) else REDACTED


def _chosen(options: Options) -> set[str]:
    """Return the texts in options that people typed or chose from their house."""
    values = [value for name, value in asdict(options).items() if name != "damaged" and not isinstance(value, Enum)]
    return {text for text in _texts(values) if text}


def _last_part(text: str) -> str:
    """Return the name within an entity ID or a path; all of any other text."""
    return text.rpartition("/")[2] if "/" in text else text.partition(".")[2] or text


def _people(hass: HomeAssistant, entry: ConfigEntry) -> set[str]:
    """Return every text that is stored of walkers and programs, and the names of the persons."""
    found: set[str] = set()
    for subentry in entry.subentries.values():
        of_walker = subentry.subentry_type == SUBENTRY_WALKER
        found |= {subentry.title, *(_texts(subentry.data.values()) if of_walker else ())}
    found -= {*Ratings}
    states = [hass.states.get(text) for text in found if text.count(".") == 1]
    return found | {state.name for state in states if state is not None}


def _texts(values: Iterable[Any]) -> Iterable[str]:
    """Return all texts in values, at any depth."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            yield from _texts(value)
