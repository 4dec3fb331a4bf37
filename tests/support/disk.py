"""A disk that can be full."""

import errno
import os
from typing import Any

import pytest
from homeassistant.helpers import storage
from homeassistant.util.file import WriteError


class Disk:
    """The disk of Home Assistant and of ours; while it is `full`, no file can be written to the end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        write, sync = storage.write_utf8_file_atomic, os.fsync

        def writes(*args: Any, **kwargs: Any) -> None:
            if self.full:
                raise WriteError("no space left on device")
            write(*args, **kwargs)

        def syncs(file: Any) -> None:
            if self.full:
                raise OSError(errno.ENOSPC, "no space left on device")
            sync(file)

        monkeypatch.setattr(storage, "write_utf8_file_atomic", writes)
        monkeypatch.setattr(os, "fsync", syncs)
