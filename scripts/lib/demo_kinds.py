"""The demo on a machine that people own: its check run, and then a session, or what it shows of a machine in use.

What the machine cannot do is in its row of the table; the demo says it, and fails if it turns out otherwise.
"""

# The caller chooses the timeout and says in a message what it waited for.

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, override

from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from custom_components.retrowalk.simulator.personality import MONITOR, PASSED, Personality
from scripts.lib.demo_walk import MINUTES, DemoSession, WrongError
from scripts.lib.demo_watch import States, Watch
from scripts.lib.recording import REPLAYED
from tests.support.live.homeassistant_client import HomeAssistantError

ACKNOWLEDGED = {"nobody_on_belt": True, "key_in": True, "beside_it": True}
CHECK_TAKES = 400.0
"""Most seconds of a check run."""
MOST_CHECKS = 4
"""Check runs until one has shown everything: each may leave out one thing more."""
CEILING = 3.0
"""km/h: as fast as a backward session may become (S4)."""
FASTER = 0.3
"""km/h above the lowest speed that the session aims at."""
USED_WITHIN = 180.0
"""Seconds in which somebody has used the console of a machine that can only be watched."""
LEFT_OUT = frozenset({"pause_ends", "second_start_stops", "minimum_stops"})
"""Failures after which another run leaves out what stopped it."""
NO_CHECK = frozenset({"no_speed", "no_speed_control", "no_room_to_check", "monitor_only", "belt_moves"})
"""Refusals of a check run on a machine whose speeds leave it no room."""
PASSES = "check_passed"
OPTIONS = "options/flow"
WAITED_FOR = frozenset({"just_stopped", "belt_moves", "no_fresh_data", "busy", "not_connected"})
"""Refusals that are over after a while: the belt has just stopped, or it is not known yet that it rests."""
WAITS = 6.0
"""Seconds until the next attempt."""
MOST_REFUSALS = 20
LEVEL_WITHIN = 60.0
"""Seconds in which a deck is level that was told to be."""
PRESSES = 3
"""Attempts to press Start before its refusal counts."""


class KindSession(DemoSession):
    """A session on any kind of machine."""

    def __init__(self, watch: Watch, personality: Personality) -> None:
        super().__init__(watch)
        self.used = ""
        """What came of it: walked, watched or refused."""
        self._personality = personality

    @override
    async def run(self) -> None:
        """Run what this machine can do; stop the belt if anything fails."""
        try:
            await self._connected()
            outcome = await self._check_run()
            self._note(
                self._personality.key == REPLAYED or outcome == self._personality.check,
                f"its check run should say {self._personality.check}, but it said {outcome}",
            )
            if outcome == PASSED:
                self.used = "walked" if await self._walk() else "refused"
            elif "used_at_console" in self._personality.faults:
                await self._watch_console()
                self.used = "watched"
            else:
                await self._is_refused()
                self.used = "refused"
        except WrongError as wrong:
            self.problems.append(str(wrong))
            with contextlib.suppress(HomeAssistantError):
                await self._treadmill.press("stop")

    async def _connected(self) -> None:
        self._write(f"{self._personality.machines}: {self._personality.what}")
        self._write("Home Assistant connects to the treadmill by itself:")
        await self._connect()
        self._watch.show_all()
        self._before = dict(self._watch.states)

    async def _connect(self) -> None:
        """Wait for the connection; press Connect where the treadmill is left to its own console between uses."""
        there = {"connected", "released"}
        await self._must("the treadmill is connected", lambda states: _state(states, "connection") in there, 30)
        if _state(self._watch.states, "connection") == "released":
            self._write("It is left to its own console between uses. Pressing Connect:")
            await self._press("connect")
            await self._must("it is connected", lambda states: _state(states, "connection") == "connected", 60)

    async def _check_run(self) -> str:
        """Run the check run as its dialog does, and return what came of it."""
        client = self._treadmill.client
        menu = await client.flow_start(self._treadmill.entry_id, kind=OPTIONS)
        await self._close(menu)
        if "check" not in menu.get("menu_options", ()):
            self._write("Its options offer no check run, because this machine cannot be controlled.")
            return MONITOR
        for _ in range(MOST_CHECKS):
            self._write("The check run, with nobody on the belt: does the machine do what it is told?")
            outcome = await self._one_check()
            self._write("It was passed: Retrowalk may move this belt." if outcome == PASSED else f"It says: {outcome}.")
            if outcome not in LEFT_OUT:
                break
            await self._must("the belt is at rest", lambda states: _state(states, "belt_moving") == "off", 60)
        return MONITOR if outcome in NO_CHECK else outcome

    async def _one_check(self) -> str:
        """Go through the pages of one check run, and return what the last one says."""
        client = self._treadmill.client
        flow = await client.flow_start(self._treadmill.entry_id, {"next_step_id": "check"}, kind=OPTIONS)
        refused = 0
        while (page := flow.get("step_id")) in {"check", "check_start"}:
            if error := flow.get("errors", {}).get("base"):
                refused += 1
                if error not in WAITED_FOR or refused > MOST_REFUSALS:
                    break
                await asyncio.sleep(WAITS)
            flow = await client.flow_step(flow["flow_id"], ACKNOWLEDGED if page == "check" else {}, kind=OPTIONS)
            flow = await client.flow_go_on(flow, CHECK_TAKES, kind=OPTIONS)
        await self._close(flow)
        if PASSES in {flow.get("step_id"), flow.get("reason")}:
            return PASSED
        says: str = flow.get("errors", {}).get("base") or flow.get("reason") or f"the page {page}"
        return says

    async def _close(self, flow: Mapping[str, Any]) -> None:
        if flow["type"] != "abort":
            await self._treadmill.client.rest("DELETE", f"/api/config/config_entries/options/flow/{flow['flow_id']}")

    async def _walk(self) -> bool:
        """Walk backward; return whether the machine's deck allows it."""
        self._write(f"{MINUTES} minutes backward for {self._walker.name}:")
        await self._connect()
        self._began = datetime.now(UTC)
        await self._make_ready()
        try:
            await self._confirm_start()
        except WrongError:
            if "lower_deck" not in self._watch.states:
                raise
            if not await self._starts_level():
                return False
        await self._must("the belt moves", lambda states: _state(states, "belt_moving") == "on", 60)
        await self._must("its warm-up begins", lambda states: _state(states, "session_state") == "warm_up", 20)
        speeds = self._watch.states["target_speed"]["attributes"]
        target = min(round(float(speeds["min"]) + FASTER, 2), float(speeds["max"]))
        with contextlib.suppress(HomeAssistantError):
            await self._treadmill.set_number("target_speed", target)
        await self._must("the session is finished", lambda states: _state(states, "session_state") == "finished", 300)
        await self._check("the belt is at rest", lambda states: _state(states, "belt_moving") == "off")
        fastest = max(self._watch.speeds, default=0.0)
        self._note(0 < fastest <= CEILING + 0.1, f"the speed went up to {fastest:g} km/h")
        await self._check_stored(direction="backward")
        return True

    async def _make_ready(self) -> None:
        await self._act("start_session", walker=self._walker.name, direction="backward", minutes=MINUTES)
        await self._must("the session is ready", lambda states: _state(states, "session_state") == "ready", 10)

    async def _starts_level(self) -> bool:
        """Lower the deck, as the refusal says, and start; return False where its report never says that it is level."""
        self._write("Its deck seems to be tilted. Lowering it:")
        await self._press("stop")
        await self._press("lower_deck")
        await asyncio.sleep(LEVEL_WITHIN)
        await self._make_ready()
        try:
            await self._confirm_start()
        except WrongError as refused:
            if self._personality.shows_deck:
                raise
            self._write(f"So it is not walked on backward, and says why: {refused}")
            await self._press("stop")
            return False
        return True

    async def _confirm_start(self) -> None:
        """Press Start; what it is refused for may be over in a few seconds, as its text says."""
        for _ in range(PRESSES):
            with contextlib.suppress(HomeAssistantError):
                await self._treadmill.press("start")
                return
            await asyncio.sleep(WAITS)
        await self._press("start")

    async def _watch_console(self) -> None:
        self._write("It can only be watched. Somebody uses it at its console from time to time:")
        self._began = datetime.now(UTC)
        await self._must("the belt moves", lambda states: _state(states, "belt_moving") == "on", USED_WITHIN)
        await self._must("that is a manual session", lambda states: _state(states, "session_state") == "manual", 15)
        await self._must("the belt comes to rest", lambda states: _state(states, "belt_moving") == "off", USED_WITHIN)

    async def _is_refused(self) -> None:
        self._write("So it cannot be started from here, and says why:")
        try:
            await self._treadmill.act("start_session", direction="backward", minutes=MINUTES)
            await self._treadmill.press("start")
        except HomeAssistantError as error:
            self._write(f"  {error}")
        else:
            raise WrongError("A session was started on a machine that is not released")
        await self._press("stop")
        await self._check("the belt does not move", lambda states: _state(states, "belt_moving") != "on")

    async def _check_stored(self, **expected: Any) -> None:
        before = _state(self._before, "last_session")
        await self._must("the session is stored", lambda states: _state(states, "last_session") != before, 15)
        until = self._began + timedelta(days=1)
        period = {"from": self._began.isoformat(), "to": until.isoformat()}
        answer = await self._treadmill.act("get_sessions", respond=True, **period)
        if len(answer["sessions"]) != 1:
            raise WrongError(f"One session should be stored, but these are: {answer['sessions']}")
        self.record = answer["sessions"][0]
        wrong = {key: self.record[key] for key, value in expected.items() if self.record[key] != value}
        self._note(not wrong, f"the record should say {expected}, but it says {wrong}")

    async def _act(self, action: str, **data: Any) -> None:
        try:
            await self._treadmill.act(action, **data)
        except HomeAssistantError as error:
            raise WrongError(f"{action} was refused: {error}") from error

    async def _press(self, key: str) -> None:
        try:
            await self._treadmill.press(key)
        except HomeAssistantError as error:
            raise WrongError(f"{key} was refused: {error}") from error


def _state(states: States, key: str) -> str | None:
    return str(states[key]["state"]) if key in states else None


def describe() -> str:
    """Return the list of all personalities, one a line."""
    width = max(map(len, PERSONALITIES))
    return "\n".join(f"  {key:<{width}}  {one.what} ({one.machines})" for key, one in PERSONALITIES.items())
