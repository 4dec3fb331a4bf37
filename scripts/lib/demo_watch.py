"""The demo's output at the terminal: every change of a treadmill and its walker, in plain words."""

# The caller chooses the timeout and says in a message what it waited for.
# ruff: noqa: ASYNC109

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

from scripts.lib.terminal import Terminal
from tests.support.live.homeassistant_client import HomeAssistantError, State
from tests.support.live.treadmill import DOMAIN, Device, Treadmill, number

LONGEST_NUMBER = 6
SHOWN_SECONDS = (15, 10, 5, 4, 3, 2, 1)
HAPPENS = frozenset({"button", "event"})
"""Platforms whose state is the time of the last event; it is not shown before the first event."""
UNKNOWN = frozenset({"unknown", "unavailable"})

type States = Mapping[str, State]
type Condition = Callable[[States], bool]


class Watch:
    """Follow the states of a treadmill and its walker, show each change, and wait for conditions."""

    def __init__(self, treadmill: Treadmill, walker: Device, terminal: Terminal) -> None:
        self.treadmill = treadmill
        self.walker = walker
        self.terminal = terminal
        self.states: dict[str, State] = {}
        """The states by key; walker and treadmill have different keys."""
        self.sessions: list[str] = []
        """Every state of the session, in order."""
        self.events: list[str] = []
        """Every session event, in order."""
        self.speeds: list[float] = []
        """Every speed that was shown, in order."""
        self._entities = {**treadmill.entities, **walker.entities}
        self._translations: Mapping[str, str] = {}
        self._changed = asyncio.Condition()
        self._counting: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def following(self, *, until_lost: bool = False) -> AsyncIterator[None]:
        """Follow the states in this context; with `until_lost`, Home Assistant may shut down meanwhile."""
        client = self.treadmill.client
        translations = await client.command(
            "frontend/get_translations", language="en", category="entity", integration=[DOMAIN]
        )
        self._translations = translations["resources"]
        ready = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                follower = tasks.create_task(self._follow(ready, until_lost=until_lost))
                await ready.wait()
                yield
                follower.cancel()
        except* HomeAssistantError as errors:
            raise errors.exceptions[0] from None
        finally:
            self._count_down(None)

    async def until(self, condition: Condition, timeout: float) -> bool:
        """Wait until the states satisfy `condition`; return whether they did in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: condition(self.states))
                return True
        return False

    def show_all(self) -> None:
        """Show every known state once, but only the sensors of the walker."""
        for key, state in self.states.items():
            platform = self._entities[key].partition(".")[0]
            relevant = key in self.treadmill.entities or platform.endswith("sensor")
            if relevant and state["state"] not in UNKNOWN and platform not in {*HAPPENS, "calendar"}:
                self._show(key)

    async def _follow(self, ready: asyncio.Event, *, until_lost: bool) -> None:
        client, keys = self.treadmill.client, {entity: key for key, entity in self._entities.items()}
        try:
            async with client.subscribe("subscribe_events", event_type="state_changed") as changes:
                self.states = {**await self.treadmill.states(), **await self.walker.states()}
                self.sessions = [self.states["session_state"]["state"]]
                ready.set()
                async for change in changes:
                    data = change["data"]
                    if data["entity_id"] in keys and data["new_state"] is not None:
                        await self._handle_state(keys[data["entity_id"]], data["new_state"])
        except HomeAssistantError:
            if not until_lost:
                raise
        finally:
            ready.set()

    async def _handle_state(self, key: str, state: State) -> None:
        before = self.states.get(key)
        self.states[key] = state
        if before is None or before["state"] != state["state"]:
            if key == "session_state":
                self.sessions.append(state["state"])
            if self._entities[key].partition(".")[0] in HAPPENS and state["state"] in UNKNOWN:
                return
            if key == "speed" and (speed := number(state)) is not None:
                self.speeds.append(speed)
            if key == "session":
                self.events.append(state["attributes"]["event_type"])
            self._show(key)
        if key == "session_state":
            self._count_down(state["attributes"].get("countdown_ends"))
        async with self._changed:
            self._changed.notify_all()

    def _show(self, key: str) -> None:
        name = self.states[key]["attributes"].get("friendly_name", key).removeprefix(self.treadmill.name).strip()
        self._line(name, self._text(key))

    def _line(self, name: str, text: str) -> None:
        self.terminal.write(f"  {datetime.now().astimezone():%H:%M:%S}   {name:<23} {text}")

    def _text(self, key: str) -> str:
        """Return the state as the frontend shows it."""
        state, platform = self.states[key], self._entities[key].partition(".")[0]
        value, attributes = state["state"], state["attributes"]
        prefix = f"component.{DOMAIN}.entity.{platform}.{key}"
        if value in UNKNOWN:
            return f"({value})"
        if platform == "button":
            return "pressed"
        if platform == "event":
            kind = attributes["event_type"]
            name = self._translations.get(f"{prefix}.state_attributes.event_type.state.{kind}", kind)
            return f"{name}{_details(attributes)}"
        if attributes.get("device_class") == "timestamp":
            return f"{datetime.fromisoformat(value).astimezone():%H:%M:%S}"
        text = self._translations.get(f"{prefix}.state.{value}", value)
        if (exact := number(state)) is not None and len(value) > LONGEST_NUMBER:
            text = f"{exact:.2f}"
        return f"{text} {attributes.get('unit_of_measurement', '')}".rstrip()

    def _count_down(self, ends: str | None) -> None:
        """Show the seconds left of a countdown, if any."""
        if self._counting is not None and (ends is None or self._counting.done()):
            self._counting.cancel()
            self._counting = None
        if ends is not None and self._counting is None:
            self._counting = asyncio.create_task(self._show_countdown(datetime.fromisoformat(ends)))

    async def _show_countdown(self, ends: datetime) -> None:
        for seconds in SHOWN_SECONDS:
            wait = (ends - datetime.now(UTC)).total_seconds() - seconds
            if wait > -0.5:
                await asyncio.sleep(max(wait, 0.0))
                self._line("", f"{seconds} s")


def _details(event: Mapping[str, object]) -> str:
    """Return the values at the start and the end of a ramp, if the event announces one."""
    if "target" not in event:
        return ""
    unit = "%" if event.get("what") == "incline" else "km/h"
    begin = f"from {event['start']} " if "start" in event else ""
    return f", {begin}to {event['target']} {unit}"
