"""The owner of a treadmill in a real Home Assistant: sets it up, checks it, walks backward, and reads what is told.

Everything is done as in a browser: by dialogs, entities and actions. `TrueBelt` looks at the belt meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers import translation

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.flows.check_run import CONNECT_TIMEOUT
from custom_components.retrowalk.machine.bluetooth.link import Link
from custom_components.retrowalk.machine.model import Command
from custom_components.retrowalk.simulator.personality import PASSED, Personality
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.session.controller import SessionController
from custom_components.retrowalk.training.states import SessionState
from tests.support.action_calls import Actions
from tests.support.check_dialog import ALL, Dialog
from tests.support.house import ADDRESS, CONTROL, Clock, House
from tests.support.set_up_dialog import ANNA, SILENT, go, offered, start
from tests.support.true_belt import TrueBelt

LOOKS = 0.2
"""Seconds between two looks at the belt."""
MOST_CHECKS = 4
"""Check runs until one shows everything: each may leave out one thing more."""
LEFT_OUT = frozenset({"pause_ends", "second_start_stops"})
"""Failures after which another run leaves out what stopped it."""
DAY = timedelta(days=1)
AWAKE = 20.0
"""Seconds at rest after which even a machine that always speaks of a countdown is known to rest."""
HAPPENS = frozenset({"button", "event"})
"""Platforms whose state is unknown until the first event."""


class Judged:
    """What `TrueBelt` knows of the session of a house."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self._house = house
        self.treadmill = house.treadmill
        self.sent: list[tuple[float, Command]] = []
        self.emitted: list[SessionEvent] = []
        self.log: list[str] = []
        self.judge = TrueBelt(self)
        self._heard: object = None
        send = Link.execute

        async def execute(link: Link, command: Command) -> None:
            self.log.append(f"{self.now:.1f} sent {command.kind.value} {command.value}")
            self.sent.append((self.now, command))
            self.judge.on_command(command)
            await send(link, command)

        monkeypatch.setattr(Link, "execute", execute)

    @property
    def now(self) -> float:
        return self._house.clock.seconds

    @property
    def session(self) -> SessionController:
        return self._house.coordinator.session

    @property
    def state(self) -> SessionState:
        return self.session.state

    @property
    def told(self) -> list[SessionEventKind]:
        return [event.kind for event in self.emitted]

    async def look(self) -> None:
        """Look at the belt for as long as the entry is loaded."""
        while True:
            await asyncio.sleep(LOOKS)
            entry = self._house.entry
            if entry is None or entry.state is not ConfigEntryState.LOADED:
                continue
            runner = self._house.coordinator.runner
            if runner is not self._heard:
                self._heard = runner
                runner.events.add(self._on_event)
            self.judge.watch()

    def _on_event(self, event: SessionEvent) -> None:
        self.log.append(f"{self.now:.1f} told {event.kind.value} {dict(event.data)}")
        self.emitted.append(event)
        self.judge.on_event(event)


class Owner:
    """Owns one machine."""

    def __init__(
        self, hass: HomeAssistant, personality: Personality, clock: Clock, user_id: str, patch: pytest.MonkeyPatch
    ) -> None:
        self.hass = hass
        self.personality = personality
        self.house = House(hass, personality.make_peripheral(ADDRESS), clock, user_id)
        self.judged = Judged(self.house, patch)
        self.read: list[str] = []
        """The pages of the set-up that said something, in order."""
        self.measured: dict[str, str] = {}
        """What the page of a passed check run says."""

    async def until(self, condition: Callable[[], object], within: float, what: str) -> None:
        """Wait until a condition is met, for some seconds of virtual time."""
        for _ in range(round(within / LOOKS)):
            if condition():
                return
            await asyncio.sleep(LOOKS)
        log = "\n".join(self.judged.log[-40:])
        raise AssertionError(f"not within {within:.0f} s: {what}\n{self.described()}\n{log}")

    def described(self) -> str:
        shown = ("session_state", "connection", "belt_moving", "speed", "target_speed", "distance")
        states = {key: self.house.state(key) for key in shown if self.house.has(key)}
        return f"{states}, the belt {self.house.treadmill.speed:.2f}"

    # Set-up

    async def set_up(self) -> None:
        """Find it, or enter its address, and answer what is asked."""
        hass, house = self.hass, self.house
        result = await start(hass, "search")
        found = result["step_id"] == "pick" and ADDRESS in dict(offered(result))
        if not found:
            way = {CONF_ADDRESS: "enter_address"} if result["step_id"] == "pick" else {"next_step_id": "manual"}
            result = await go(hass, result, way)
            self.read.append("manual")
        result = await go(hass, result, {CONF_ADDRESS: ADDRESS})
        answers = {"safety": CONTROL, "announcer": SILENT, "walker": ANNA}
        while result["type"] == "form":
            assert not result["errors"], result
            if result["step_id"] not in answers:
                assert not result["data_schema"].schema, result
                self.read.append(result["step_id"])
            result = await go(hass, result, answers.get(result["step_id"], {}))
        assert result["type"] == "create_entry", result
        hass.config_entries.options.async_abort(result["next_flow"][1])
        house.entry = result["result"]
        await self.until(lambda: house.entry.state is ConfigEntryState.LOADED, 10, "the entry is loaded")
        if house.state("connection") != "connected":
            await house.press("connect")
        await self.until(lambda: house.state("connection") == "connected", 60, "connected")

    # Check run

    async def check(self, client: TestClient[Any, Any]) -> str:
        """Run its check run, again where it left something out, and return what came of it."""
        self.house.treadmill.occupied = False
        failure = ""
        for _ in range(MOST_CHECKS):
            dialog = Dialog(self.house, client)
            await dialog.open()
            if dialog.step["type"] != "menu" or "check" not in dialog.step["menu_options"]:
                await dialog.close()
                return "not offered"
            await dialog.submit(next_step_id="check")
            await dialog.submit(**ALL)
            await self._progress(dialog, CONNECT_TIMEOUT + 10)
            if dialog.step.get("errors"):
                untold: str = dialog.step["errors"]["base"]
                await dialog.close()
                return untold
            assert dialog.step["step_id"] == "check_start", dialog.step
            await dialog.submit()
            if dialog.step.get("errors", {}).get("base") == "belt_moves":  # that it rests is known after some time only
                await asyncio.sleep(AWAKE)
                await dialog.submit()
            if dialog.step.get("errors"):
                refused: str = dialog.step["errors"]["base"]
                await dialog.close()
                return refused
            await self._progress(dialog, 600)
            if dialog.step["step_id"] == "check_console":
                await dialog.submit(**self._console())
                if dialog.step.get("errors") == {"base": "not_loaded"}:  # it is reloaded for what it was found to tell
                    await asyncio.sleep(AWAKE)
                    await dialog.submit(**self._console())
            if dialog.step.get("step_id") == "check_passed":
                failure, self.measured = PASSED, dialog.step["description_placeholders"]
                await dialog.close()
                break
            assert dialog.step["step_id"] == "check_failed", dialog.step
            failure = dialog.step["errors"]["base"]
            await dialog.close()
            await asyncio.sleep(20)  # the belt has just stopped
            if failure not in LEFT_OUT:
                break
        await self.until(lambda: self.house.treadmill.at_rest, 40, "the belt rests after the check run")
        await asyncio.sleep(10)
        self.house.treadmill.occupied = True
        self.judged.judge.next_session()
        return failure

    async def _progress(self, dialog: Dialog, within: float) -> None:
        for _ in range(round(within)):
            if dialog.step["type"] != "progress":
                return
            await asyncio.sleep(1)
            await dialog.refresh()
        raise AssertionError(f"{dialog.step}\n{self.described()}")

    def _console(self) -> dict[str, Any]:
        treadmill = self.house.treadmill
        if treadmill.display.read is None:
            return {"console": "nothing"}
        return {"console": "kmh" if treadmill.kmh_per_unit == 1.0 else "mph", "console_speed": treadmill.display.read}

    # What is told

    async def refused(self, doing: Awaitable[object]) -> str:
        """Return the key of the sentence with which something is refused."""
        with pytest.raises(HomeAssistantError) as raised:
            await doing
        texts = await translation.async_get_translations(self.hass, "en", "exceptions", [DOMAIN])
        key = raised.value.translation_key
        assert texts[f"component.{DOMAIN}.exceptions.{key}.message"]
        return str(key)

    def issues(self) -> set[str]:
        """Return the keys of the repair issues."""
        issues = ir.async_get(self.hass).issues.values()
        return {str(issue.translation_key) for issue in issues if issue.active and issue.domain == DOMAIN}

    def without(self, state: str) -> set[str]:
        """Return the keys of the enabled entities of the treadmill and its walker that are unknown, or unavailable."""
        assert self.house.entry is not None
        entries = er.async_entries_for_config_entry(er.async_get(self.hass), self.house.entry.entry_id)
        states = {
            str(entry.translation_key): self.hass.states.get(entry.entity_id)
            for entry in entries
            if not entry.disabled_by and entry.domain not in HAPPENS
        }
        return {key for key, its in states.items() if its is None or its.state == state}

    async def record(self) -> dict[str, Any]:
        """Return the record of the only session."""
        now = self.house.clock.utcnow()
        period = {"from": (now - DAY).isoformat(), "to": (now + DAY).isoformat()}
        answer = await Actions(self.house).call("get_sessions", by=self.house.person(), **period)
        [record] = answer["sessions"]
        return dict(record)

    async def in_time[T](self, doing: Awaitable[T]) -> T:
        """Do something while somebody watches the belt."""
        watching, work = asyncio.create_task(self.judged.look()), asyncio.ensure_future(doing)
        await asyncio.wait({watching, work}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            work.cancel()
            watching.result()
        watching.cancel()
        return await work
