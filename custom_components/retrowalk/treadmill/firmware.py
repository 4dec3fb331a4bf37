"""The firmware of a treadmill, by which everything that was found out of it is valid."""

from collections.abc import Mapping
from typing import Any

from ..const import CONF_INFO
from ..machine.model import MachineInfo


def firmware_of(data: Mapping[str, Any]) -> str | None:
    """Return the firmware that the machine reports, or its software revision."""
    info = MachineInfo.from_dict(data.get(CONF_INFO, {}))
    return info.firmware or info.software
