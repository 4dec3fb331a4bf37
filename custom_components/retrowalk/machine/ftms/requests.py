"""What callers asked of the control point, and has not been done yet."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(slots=True)
class Request:
    """A requested command; void once a stop came first or its caller was told that it failed."""

    data: bytes
    until: float
    """s, for its write: what is told as failed must not arrive later (S6)."""
    void: bool = False
    written: bool = False


class Asking(NamedTuple):
    """The request for control for this stop, which is sent again once that is granted."""

    data: bytes
    task: asyncio.Task[int | None]
