"""The demo on a machine that people own: its check run, and then a session, or what it shows of a machine in use.

What the machine cannot do is in its row of the table; the demo says it, and fails if it turns out otherwise.
"""

# The caller chooses the timeout and says in a message what it waited for.

import contextlib
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
LEFT_OUT = frozenset({"pause_ends", "second_start_stops"})
"""Failures after which another run leaves out what stopped it."""


class KindSession(DemoSession):
    """A session on any kind of machine."""

    def __init__(self, watch: Watch, personality: Personality) -> None:
        super().__init__(watch)
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
                await self._walk()
            elif "used_at_console" in self._personality.faults:
                await self._watch_console()
            else:
                await self._is_refused()
        except WrongError as wrong:
            self.problems.append(str(wrong))
            with contextlib.suppress(HomeAssistantError):
                await self._treadmill.press("stop")

    async def _connected(self) -> None:
        self._write(f"{self._personality.machines}: {self._personality.what}")
        self._write("Home Assistant connects to the treadmill by itself:")
        await self._must("the treadmill is connected", lambda states: _state(states, "connection") == "connected", 30)
        self._watch.show_all()
        self._before = dict(self._watch.states)

    async def _check_run(self) -> str:
        """Run the check run as its dialog does, and return what came of it."""
        client, kind = self._treadmill.client, "options/flow"
        menu = await client.flow_start(self._treadmill.entry_id, kind=kind)
        await client.rest("DELETE", f"/api/config/config_entries/options/flow/{menu['flow_id']}")
        if "check" not in menu.get("menu_options", ()):
            self._write("Its options offer no check run, because this machine cannot be controlled.")
            return MONITOR
        for _ in range(MOST_CHECKS):
            self._write("The check run, with nobody on the belt: does the machine do what it is told?")
            flow = await client.flow_start(self._treadmill.entry_id, {"next_step_id": "check"}, kind=kind)
            flow = await client.flow_step(flow["flow_id"], ACKNOWLEDGED, kind=kind)
            if flow.get("errors"):
                self._write(f"It is refused: {flow['errors']['base']}")
                return MONITOR
            flow = await client.flow_go_on(flow, kind=kind)
            flow = await client.flow_go_on(
                await client.flow_step(flow["flow_id"], {}, kind=kind), CHECK_TAKES, kind=kind
            )
            if flow.get("step_id") != "check_failed":
                self._write("It was passed: Retrowalk may move this belt.")
                return PASSED
            failure: str = flow["errors"]["base"]
            await client.rest("DELETE", f"/api/config/config_entries/options/flow/{flow['flow_id']}")
            self._write(f"It ended with: {failure}.")
            if failure not in LEFT_OUT:
                break
        return failure

    async def _walk(self) -> None:
        self._write(f"{MINUTES} minutes backward for {self._walker.name}:")
        self._began = datetime.now(UTC)
        await self._act("start_session", walker=self._walker.name, direction="backward", minutes=MINUTES)
        await self._must("the session is ready", lambda states: _state(states, "session_state") == "ready", 10)
        await self._press("start")
        await self._must("the belt moves", lambda states: _state(states, "belt_moving") == "on", 60)
        await self._must("its warm-up begins", lambda states: _state(states, "session_state") == "warm_up", 20)
        least = float(self._watch.states["target_speed"]["attributes"]["min"])
        target = round(least + FASTER, 2)
        with contextlib.suppress(HomeAssistantError):
            await self._treadmill.set_number("target_speed", target)
        await self._must("the session is finished", lambda states: _state(states, "session_state") == "finished", 300)
        await self._check("the belt is at rest", lambda states: _state(states, "belt_moving") == "off")
        fastest = max(self._watch.speeds, default=0.0)
        self._note(0 < fastest <= CEILING + 0.1, f"the speed went up to {fastest:g} km/h")
        await self._check_stored(direction="backward")

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
