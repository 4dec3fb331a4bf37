"""The card's side of the WebSocket."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from custom_components.retrowalk.const import DOMAIN
from tests.support.house import ADDRESS
from tests.support.waiting import settle


class Card:
    """The WebSocket connection of a card in a browser: what it receives, presses and chooses."""

    def __init__(self, hass: HomeAssistant, client: Any) -> None:
        self.hass = hass
        self.client = client
        self.received: list[dict[str, Any]] = []

    @property
    def device_id(self) -> str:
        [entry] = self.hass.config_entries.async_entries(DOMAIN)
        device = dr.async_get(self.hass).async_get_device_by_identifier((DOMAIN, ADDRESS), entry.entry_id)
        assert device is not None
        return device.id

    async def command(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive first are kept."""
        return await self.send({"type": f"retrowalk/{kind}", **data})

    async def send(self, message: dict[str, Any]) -> dict[str, Any]:
        await self.client.send_json_auto_id(message)
        while True:
            answer = await self.client.receive_json()
            if answer["type"] == "result":
                return answer
            self.received.append(answer["event"])

    async def subscribe(self, **data: Any) -> None:
        answer = await self.command("session", **{"device_id": self.device_id, **data})
        assert answer["success"], answer
        await self.receive()

    async def receive(self) -> None:
        """Receive events until no more arrive."""
        await self.hass.async_block_till_done()
        while True:
            answer = await self.command("beat")
            assert answer["success"]
            before = len(self.received)
            await settle(self.hass)  # the planned steps are computed in another thread
            await self.command("beat")
            if len(self.received) == before:
                return

    async def press(self, press: str, *, beat: float | None = None, **data: Any) -> dict[str, Any]:
        if beat is None:
            beat = (await self.command("beat"))["result"]["beat"]
        return await self.command("press", device_id=self.device_id, press=press, beat=beat, **data)

    async def choose(self, choice: str, value: Any) -> dict[str, Any]:
        """Choose something for the next session, and receive what follows."""
        answer = await self.press("choose", choice=choice, value=value)
        await self.receive()
        return answer

    @property
    def session(self) -> dict[str, Any]:
        return self.sessions[-1]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return [event for event in self.received if event["type"] == "session"]

    @property
    def next(self) -> dict[str, Any]:
        """Return what the card knows of the next session."""
        return [event for event in self.received if event["type"] == "next"][-1]

    @property
    def meters(self) -> list[dict[str, Any]]:
        return [event for event in self.received if event["type"] == "meter"]

    @property
    def walked(self) -> list[list[float | None]]:
        """Return what the card draws as walked: second, speed, incline."""
        start = max(at for at, event in enumerate(self.received) if event["type"] == "walked")
        after = [event["point"] for event in self.received[start:] if event["type"] == "meter"]
        return [*self.received[start]["points"], *(point for point in after if point)]

    @property
    def events(self) -> list[str]:
        return [event["event"] for event in self.received if event["type"] == "event"]
