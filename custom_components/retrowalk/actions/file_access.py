"""Files that people name: only in folders that Home Assistant allows, nothing hidden, and nothing else overwritten.

All of it reads and writes disks, so it is for the executor.
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.file import WriteError, write_utf8_file_atomic

from ..errors import ErrorKey, failed, wrong

_MARK_WITHIN: Final = 1000
"""Bytes in which a file says what it is."""
_write_lock: Final = Lock()
"""Two that write to one name at once must not both find it free."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A kind of file: how its names end, and what is found in its first bytes."""

    suffix: str
    mark: bytes


QZ: Final = FileFormat(".xml", b"<rows")
FIT: Final = FileFormat(".fit", b".FIT")
TCX: Final = FileFormat(".tcx", b"<TrainingCenterDatabase")


def read_file(hass: HomeAssistant, named: str, largest: int) -> bytes:
    """What is in a file, cut one byte after the largest. Raises ServiceValidationError."""
    path = _allowed_path(hass, named, Path(hass.config.path(named)))
    try:
        if not path.is_file():  # a pipe would keep us waiting for ever
            raise wrong(ErrorKey.FILE_UNREADABLE, path=named)
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as err:
        raise wrong(ErrorKey.FILE_UNREADABLE, path=named) from err


def write_file(hass: HomeAssistant, named: str, own_name: str, kind: FileFormat, data: bytes, *, replace: bool) -> str:
    """Write all of a file or nothing; returns its path. A folder gets a file of our own name.

    What is there already stays, unless it is the same, or a file of this kind that may be replaced.
    Raises ServiceValidationError, or HomeAssistantError where it could not be written.
    """
    path = Path(hass.config.path(named))
    if named.endswith("/") or path.is_dir():
        path /= own_name
    path = _allowed_path(hass, named, path)
    if path.suffix.lower() != kind.suffix:
        raise wrong(ErrorKey.FILE_WRONG_ENDING, path=named, ending=kind.suffix)
    try:
        with _write_lock:
            if path.exists():
                before = read_file(hass, str(path), max(len(data), _MARK_WITHIN))
                if before == data:
                    return str(path)
                if kind.mark not in before[:_MARK_WITHIN]:
                    raise wrong(ErrorKey.FILE_SOMETHING_ELSE, path=str(path))
                if not replace:
                    raise wrong(ErrorKey.FILE_EXISTS, path=str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_utf8_file_atomic(str(path), data, mode="wb")
    except (OSError, WriteError) as err:
        raise failed(ErrorKey.FILE_NOT_WRITTEN, path=str(path)) from err
    return str(path)


def _allowed_path(hass: HomeAssistant, named: str, path: Path) -> Path:
    """Where a path really leads, if Home Assistant lets people there. What is hidden below such a folder is not meant.

    A relative path begins in the configuration folder.
    """
    try:
        real = path.resolve()
        allowed = hass.config.is_allowed_path(str(real))
    except (OSError, ValueError) as err:  # too long, or what no file system can hold
        raise wrong(ErrorKey.FILE_NOT_ALLOWED, path=named) from err
    below = (real.relative_to(root) for root in hass.config.allowlist_external_dirs if real.is_relative_to(root))
    if not allowed or not any(all(not part.startswith(".") for part in way.parts) for way in below):
        raise wrong(ErrorKey.FILE_NOT_ALLOWED, path=named)
    return real
