"""The GATT table of the virtual treadmill: its services, characteristics and the errors that reading them can raise."""

import functools
from dataclasses import dataclass, replace
from enum import IntEnum
from operator import attrgetter
from typing import Final, NamedTuple

from ..machine.ftms import const
from .faults import Faults, Uuids
from .profile import Profile

INDOOR_BIKE_DATA: Final = const.TREADMILL_DATA.replace("2acd", "2ad2")

_WRITE: Final = ("write", "indicate")
_WRITE_COMMAND: Final = ("write-without-response", "indicate")
_NOTIFY: Final = ("notify",)
_READ: Final = ("read",)


class AttCode(IntEnum):
    """Error codes of the Attribute Protocol that the virtual treadmill answers with."""

    INVALID_HANDLE = 0x01
    READ_NOT_PERMITTED = 0x02
    WRITE_NOT_PERMITTED = 0x03
    INSUFFICIENT_AUTHENTICATION = 0x05
    REQUEST_NOT_SUPPORTED = 0x06
    INVALID_LENGTH = 0x0D
    UNLIKELY_ERROR = 0x0E
    CCCD_IMPROPERLY_CONFIGURED = 0xFD
    PROCEDURE_ALREADY_IN_PROGRESS = 0xFE


class AttError(Exception):
    """The treadmill answered a request with an error of the Attribute Protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02X}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic; `handle` is that of its value, `cccd_handle` None where it neither notifies nor indicates."""

    handle: int
    uuid: str
    properties: tuple[str, ...]
    cccd_handle: int | None


@dataclass(frozen=True, slots=True)
class Service:
    """A primary service with its characteristics."""

    handle: int
    uuid: str
    characteristics: tuple[Characteristic, ...]


# Handles are written down, not counted: clients cache the table of an address, so a characteristic keeps its handle
# whatever the profile and the faults leave out.
_FITNESS_MACHINE: Final = (
    Characteristic(0x12, const.FEATURE, _READ, None),
    Characteristic(0x14, const.TREADMILL_DATA, _NOTIFY, 0x15),
    Characteristic(0x17, const.TRAINING_STATUS, ("read", "notify"), 0x18),
    Characteristic(0x1A, const.SPEED_RANGE, _READ, None),
    Characteristic(0x1C, const.INCLINATION_RANGE, _READ, None),
    Characteristic(0x1E, const.CONTROL_POINT, _WRITE, 0x1F),
    Characteristic(0x21, const.MACHINE_STATUS, _NOTIFY, 0x22),
)
DEVICE_INFORMATION: Final = (
    Characteristic(0x32, const.MANUFACTURER_NAME, _READ, None),
    Characteristic(0x34, const.MODEL_NUMBER, _READ, None),
    Characteristic(0x36, const.SERIAL_NUMBER, _READ, None),
    Characteristic(0x38, const.FIRMWARE_REVISION, _READ, None),
    Characteristic(0x3A, const.HARDWARE_REVISION, _READ, None),
    Characteristic(0x3C, const.SOFTWARE_REVISION, _READ, None),
)
_RUNNING: Final = (Characteristic(0x42, const.RUNNING_MEASUREMENT, _NOTIFY, 0x43),)
_TWIN: Final = 0x100
_TWIN_SERVICE: Final = 0x200
"""What the handles of a characteristic, and of a service, that is there twice are apart."""
_BIKE_DATA: Final = Characteristic(0x24, INDOOR_BIKE_DATA, _NOTIFY, 0x25)


class _TableFaults(NamedTuple):
    """The faults that change the table."""

    no_ranges: bool
    no_status: bool
    not_a_treadmill: bool
    lacks: Uuids
    control_without_response: bool
    running_speed: bool
    two_services: bool
    twice: Uuids
    first_of_two_is_empty: bool


_table_faults = attrgetter(*_TableFaults._fields)


def services_of(profile: Profile, faults: Faults) -> tuple[Service, ...]:
    """Return the services that a client discovers."""
    return _services(_TableFaults(*_table_faults(faults)), has_incline=profile.incline is not None)


@functools.lru_cache(maxsize=64)  # each report and write looks its characteristic up
def _services(faults: _TableFaults, *, has_incline: bool) -> tuple[Service, ...]:
    missing: set[str] = set()
    if not has_incline:
        missing.add(const.INCLINATION_RANGE)
    if faults.no_ranges or faults.not_a_treadmill:
        missing |= {const.SPEED_RANGE, const.INCLINATION_RANGE}
    if faults.no_status:
        missing |= {const.TRAINING_STATUS, const.MACHINE_STATUS}
    if faults.not_a_treadmill:
        missing.add(const.TREADMILL_DATA)
    offered = _FITNESS_MACHINE + DEVICE_INFORMATION
    missing |= {item.uuid for item in offered if short(item) in faults.lacks}
    fitness = tuple(item for item in _FITNESS_MACHINE if item.uuid not in missing)
    if faults.control_without_response:
        fitness = tuple(
            replace(item, properties=_WRITE_COMMAND) if item.uuid == const.CONTROL_POINT else item for item in fitness
        )
    if faults.not_a_treadmill:
        fitness += (_BIKE_DATA,)
    identity = tuple(item for item in DEVICE_INFORMATION if item.uuid not in missing)
    services = [
        Service(0x10, const.SERVICE, fitness),
        Service(0x30, const.DEVICE_INFORMATION_SERVICE, identity),
    ]
    if faults.running_speed:
        services.append(Service(0x40, const.RUNNING_SERVICE, _RUNNING))
    if faults.two_services:
        twins = tuple(_twin(item, _TWIN_SERVICE) for item in fitness)
        services.append(Service(0x10 + _TWIN_SERVICE, const.SERVICE, twins))
    if not faults.twice:
        return tuple(services)
    return tuple(replace(each, characteristics=_with_twins(each, faults)) for each in services)


def short(characteristic: Characteristic) -> str:
    """Return the four digits of an assigned UUID."""
    return characteristic.uuid[4:8]


def _twin(item: Characteristic, apart: int = _TWIN) -> Characteristic:
    cccd = None if item.cccd_handle is None else item.cccd_handle + apart
    return replace(item, handle=item.handle + apart, cccd_handle=cccd)


def _with_twins(service: Service, faults: _TableFaults) -> tuple[Characteristic, ...]:
    """Return the characteristics, those of the fault twice; the first of two may be an empty shell."""
    found: list[Characteristic] = []
    for item in service.characteristics:
        if short(item) not in faults.twice:
            found.append(item)
        elif faults.first_of_two_is_empty:
            found += [replace(item, properties=(), cccd_handle=None), _twin(item)]
        else:
            found += [item, _twin(item)]
    return tuple(found)
