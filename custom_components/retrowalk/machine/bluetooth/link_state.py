"""The states of a link, and the interface of whoever is notified of them."""

from enum import StrEnum
from typing import Protocol

from ..driver import Listener


class LinkState(StrEnum):
    """The state of the link."""

    DISCONNECTED = "disconnected"  # wanted, but there is none
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RELEASED = "released"  # not wanted: other apps may have the treadmill


class LinkListener(Listener, Protocol):
    """Receives what the machine reports and the state of the link."""

    def on_link(self, state: LinkState) -> None:
        """Take in a change of the link's state."""
        ...
