"""Write files that a power cut must not tear, readable only for Home Assistant.

These functions block, so they are to be called in the executor.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o600


def append_to_file(path: Path, content: bytes) -> None:
    """Append to a file, which is created if it does not exist; raise OSError if the disk does not take all of it."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _PRIVATE)
    try:
        size = os.fstat(file).st_size
        try:
            _write(file, content)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
    finally:
        os.close(file)
    if size == 0:
        _sync_folder(path)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside an older one, then put it in its place; raise OSError if the older one is still there."""
    new = path.with_name(f"{path.name}.new")
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        try:
            _write(file, content)
        finally:
            os.close(file)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    _sync_folder(path)


def _write(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _sync_folder(path: Path) -> None:
    """Keep the name of a new file over a power cut, where the file system can do that."""
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
