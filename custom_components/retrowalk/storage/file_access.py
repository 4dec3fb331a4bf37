"""Read and write files in the folders that Home Assistant allows, without overwriting other files.

These functions block, so they are to be called in the executor.
"""

import os
import re
from pathlib import Path
from stat import S_ISREG
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Final, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util import slugify
from homeassistant.util.file import WriteError, write_utf8_file_atomic

from ..errors import ErrorKey, failed, wrong

_MARK_WITHIN: Final = 1000
"""Number of bytes at the beginning of a file that contain the mark of its format."""
_DEVICES: Final = re.compile(r"con|prn|aux|nul|(com|lpt)\d")
"""Names that are no files on a share of Windows, whatever their ending."""
_LONGEST_PART: Final = 100
_write_lock: Final = Lock()
"""Two calls that write to the same path must not both find it free."""


class FileFormat(NamedTuple):
    """A file format: the suffix of its names, and a mark in its first bytes."""

    suffix: str
    mark: bytes


QZ: Final = FileFormat(".xml", b"<rows")
FIT: Final = FileFormat(".fit", b".FIT")
CSV: Final = FileFormat(".csv", b"Retrowalk")
TCX: Final = FileFormat(".tcx", b"<TrainingCenterDatabase")
HTML: Final = FileFormat(".html", b'content="Retrowalk report"')
TEXT: Final = FileFormat(".txt", b"Retrowalk \xc2\xb7 ")


def file_name(name: str) -> str:
    """Return what a name that somebody wrote becomes in the name of a file, on any disk."""
    part = slugify(name)[:_LONGEST_PART]
    return f"{part}_" if _DEVICES.fullmatch(part) else part


def read_file(hass: HomeAssistant, requested: str, max_size: int) -> bytes:
    """Return at most one byte more of a file than `max_size`; raise ServiceValidationError if it cannot be read."""
    path = allowed_path(hass, requested)
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not S_ISREG(os.fstat(file.fileno()).st_mode):
                raise wrong(ErrorKey.FILE_UNREADABLE, path=requested)
            return file.read(max_size + 1)
    except OSError as err:
        raise wrong(ErrorKey.FILE_UNREADABLE, path=requested) from err


def write_file(
    hass: HomeAssistant, requested: str, default_name: str, file_format: FileFormat, data: bytes, *, replace: bool
) -> str:
    """Write a file, all of it or nothing, and return its path; `default_name` is used in a folder.

    An existing file is replaced only if `replace` is set and it has the same format.
    Raises ServiceValidationError if that is refused, or HomeAssistantError if the file could not be written.
    """
    path = Path(hass.config.path(requested))
    if requested.endswith("/") or path.is_dir():
        path /= default_name
    path = _allowed_path(hass, requested, path)
    if path.suffix.lower() != file_format.suffix:
        raise wrong(ErrorKey.FILE_WRONG_ENDING, path=requested, ending=file_format.suffix)
    try:
        with _write_lock:
            if path.exists():
                existing = read_file(hass, str(path), max(len(data), _MARK_WITHIN))
                if existing == data:
                    return str(path)
                if file_format.mark not in existing[:_MARK_WITHIN]:
                    raise wrong(ErrorKey.FILE_SOMETHING_ELSE, path=str(path))
                if not replace:
                    raise wrong(ErrorKey.FILE_EXISTS, path=str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_utf8_file_atomic(str(path), data, mode="wb")
    except (OSError, WriteError) as err:
        raise failed(ErrorKey.FILE_NOT_WRITTEN, path=str(path)) from err
    return str(path)


def _open_at_once(path: str, flags: int) -> int:
    """Open what is there now: a pipe without waiting for its other end, and no link that has just taken its place."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def allowed_path(hass: HomeAssistant, requested: str) -> Path:
    """Return where a path leads, from the configuration folder; raise ServiceValidationError if it is not allowed."""
    return _allowed_path(hass, requested, Path(hass.config.path(requested)))


def check_folder(folder: Path) -> None:
    """Create a folder if it is missing; raise HomeAssistantError if no file can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".retrowalk") as file:
            file.write(b"Retrowalk")
            file.flush()
    except OSError as err:
        raise failed(ErrorKey.FILE_NOT_WRITTEN, path=str(folder)) from err


def add_file(hass: HomeAssistant, folder: str, name: str, file_format: FileFormat, data: bytes) -> str:
    """Write a new file into a folder as `write_file` does and return its path; a missing folder is an error.

    What is missing may be a disk that is not there now; a folder in its place would hide its files.
    """
    path = allowed_path(hass, folder)
    if not path.is_dir():
        raise failed(ErrorKey.FOLDER_MISSING, path=str(path))
    return write_file(hass, f"{path}/", name, file_format, data, replace=False)


def update_file(hass: HomeAssistant, folder: str, name: str, before: bytes, data: bytes) -> None:
    """Replace a file that still holds what we wrote; one that is gone or that somebody changed stays as it is.

    Raises as `write_file` does.
    """
    path = allowed_path(hass, folder) / name
    try:
        with _write_lock:
            if path.is_file() and path.read_bytes() == before:
                write_utf8_file_atomic(str(path), data, mode="wb")
    except (OSError, WriteError) as err:
        raise failed(ErrorKey.FILE_NOT_WRITTEN, path=str(path)) from err


def _allowed_path(hass: HomeAssistant, requested: str, path: Path) -> Path:
    """Return a path with its links resolved; raise if Home Assistant does not allow it or a part of it is hidden.

    A relative path begins in the configuration folder.
    """
    try:
        real = path.resolve()
        allowed = hass.config.is_allowed_path(str(real))
    except (OSError, ValueError) as err:  # too long, or with characters that no file system accepts
        raise wrong(ErrorKey.FILE_NOT_ALLOWED, path=requested) from err
    below = (real.relative_to(root) for root in hass.config.allowlist_external_dirs if real.is_relative_to(root))
    if not allowed or not any(all(not part.startswith(".") for part in relative.parts) for relative in below):
        raise wrong(ErrorKey.FILE_NOT_ALLOWED, path=requested)
    return real
