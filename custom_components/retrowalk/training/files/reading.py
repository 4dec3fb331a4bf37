"""Reads programs from files of either format, which their content tells apart."""

from ..limits import Direction
from ..programs.program import Program
from .markup import FormatError, FormatErrorKey, read_xml
from .qz import ROOT as QZ
from .qz import qz_program
from .zwo import ROOT as ZWO
from .zwo import zwo_program


def read_workout(
    content: str | bytes,
    *,
    name: str | None = None,
    direction: Direction = Direction.BACKWARD,
    full_speed_kmh: float | None = None,
) -> Program:
    """Read a QZ program or a ZWO workout; a ZWO needs the speed of 100 %, a QZ file a name.

    Raises FormatError, or ProgramError for one that can be read but makes no sense.
    """
    root = read_xml(content, QZ, ZWO)
    if root.name == ZWO:
        if full_speed_kmh is None:
            raise FormatError(FormatErrorKey.NEEDS_FULL_SPEED)
        return zwo_program(root, full_speed_kmh, name, direction)
    if not name:
        raise FormatError(FormatErrorKey.NO_NAME)
    return qz_program(root, name, direction)
