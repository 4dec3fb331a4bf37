"""An adapter that is never busy, for virtual clients without Home Assistant."""

import asyncio
from typing import override

from custom_components.retrowalk.simulator.client import Slots, VirtualClient


class FreeSlots(Slots):
    """An adapter that always has a slot."""

    @override
    def reserve(self, client: VirtualClient, attempt: asyncio.Future[None]) -> None:
        pass

    @override
    def connected(self, client: VirtualClient) -> None:
        pass

    @override
    def release(self, client: VirtualClient) -> None:
        pass
