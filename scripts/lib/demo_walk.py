"""The walk of the demo: does what a person would do in Home Assistant, shows what comes of it, and checks it."""

# A time-out that the caller chooses comes with a message that says what was awaited.
# ruff: noqa: ASYNC109

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

from scripts.lib.homeassistant_client import HomeAssistantError, State
from scripts.lib.terminal import Terminal
from scripts.lib.treadmill import DOMAIN, Treadmill, number

COUNTDOWN = 15.0
"""Seconds between the second press and the start of the belt; an option's default."""
MINIMUM = 0.5
"""km/h at which the virtual treadmill starts."""
TARGET = 0.8
"""km/h that is asked for: three rises, so that a ramp is seen."""
WALK = 60.0
NEAR = 0.1001
"""km/h by which a speed may differ from its target: one step of the machine."""
SETTLES = 2.0
"""Seconds within which all states show the same moment."""
LONGEST_NUMBER = 6
SHOWN_SECONDS = (15, 10, 5, 4, 3, 2, 1)

type States = Mapping[str, State]
type Condition = Callable[[States], bool]


class WrongError(Exception):
    """Something is not as it should be, and the walk cannot go on."""


class Watch:
    """Follows the states of a treadmill: shows each change, and tells when a condition is met."""

    def __init__(self, treadmill: Treadmill, terminal: Terminal) -> None:
        self.treadmill = treadmill
        self.terminal = terminal
        self.states: dict[str, State] = {}
        self.sessions: list[str] = []
        """Every state of the session, in order."""
        self.events: list[str] = []
        """Every session event, in order."""
        self._words: Mapping[str, str] = {}
        self._changed = asyncio.Condition()
        self._counting: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def following(self, *, until_lost: bool = False) -> AsyncIterator[None]:
        """Follow while in this context; `until_lost`: that Home Assistant goes away is fine."""
        client = self.treadmill.client
        words = await client.command(
            "frontend/get_translations", language="en", category="entity", integration=[DOMAIN]
        )
        self._words = words["resources"]
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
        """Wait until the states satisfy `condition`; False when they did not in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: condition(self.states))
                return True
        return False

    def show_all(self) -> None:
        """Say every state once."""
        for key in self.states:
            if not self.treadmill.entity_id(key).startswith(("button.", "event.")):
                self._show(key)

    async def _follow(self, ready: asyncio.Event, *, until_lost: bool) -> None:
        client, keys = self.treadmill.client, {entity: key for key, entity in self.treadmill.entities.items()}
        try:
            async with client.subscribe("subscribe_events", event_type="state_changed") as changes:
                self.states = await self.treadmill.states()
                self.sessions = [self.states["session_state"]["state"]]
                ready.set()
                async for change in changes:
                    data = change["data"]
                    if data["entity_id"] in keys and data["new_state"] is not None:
                        await self._take(keys[data["entity_id"]], data["new_state"])
        except HomeAssistantError:
            if not until_lost:
                raise
        finally:
            ready.set()

    async def _take(self, key: str, state: State) -> None:
        before = self.states.get(key)
        self.states[key] = state
        happened = self.treadmill.entity_id(key).startswith(("button.", "event."))
        if before is None or before["state"] != state["state"]:
            if key == "session_state":
                self.sessions.append(state["state"])
            if happened and state["state"] in {"unknown", "unavailable"}:
                return
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
        self.terminal.say(f"  {datetime.now().astimezone():%H:%M:%S}   {name:<18} {text}")

    def _text(self, key: str) -> str:
        """What the front end would show."""
        state, platform = self.states[key], self.treadmill.entity_id(key).partition(".")[0]
        value, attributes = state["state"], state["attributes"]
        prefix = f"component.{DOMAIN}.entity.{platform}.{key}"
        if value in {"unknown", "unavailable"}:
            return f"({value})"
        if platform == "button":
            return "pressed"
        if platform == "event":
            kind = attributes["event_type"]
            text = self._words.get(f"{prefix}.state_attributes.event_type.state.{kind}", kind)
            return f"{text}, from {attributes['start']} to {attributes['target']}" if "target" in attributes else text
        text = self._words.get(f"{prefix}.state.{value}", value)
        if (exact := number(state)) is not None and len(value) > LONGEST_NUMBER:
            text = f"{exact:.2f}"
        return f"{text} {attributes.get('unit_of_measurement', '')}".rstrip()

    def _count_down(self, ends: str | None) -> None:
        """Show the seconds that are left of the countdown, if there is one."""
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


class Walk:
    """A minute on the belt. `problems` says what was not as it should be."""

    def __init__(self, watch: Watch) -> None:
        self.problems: list[str] = []
        self._watch = watch
        self._treadmill = watch.treadmill

    async def run(self) -> None:
        """Walk; whatever goes wrong, the belt is stopped."""
        try:
            await self._prepare()
            await self._start()
            await self._speed_up()
            await self._stop()
        except WrongError as wrong:
            self.problems.append(str(wrong))
            with contextlib.suppress(HomeAssistantError):
                await self._treadmill.press("stop")

    # The parts of it

    async def _prepare(self) -> None:
        await self._must("the treadmill is connected", _is("connection", "connected"), 30)
        await self._must("the belt is known to be at rest", _is("belt_moving", "off"), 10)
        self._say(f"{self._treadmill.name} ({self._treadmill.device['model']}), as Home Assistant sees it:")
        self._watch.show_all()
        await self._check("the session is idle", _is("session_state", "idle"))
        await self._check("the speed is 0", _near("speed", 0.0))
        await self._check("there is no target speed at rest", _is("target_speed", "unavailable"))

    async def _start(self) -> None:
        self._say("Pressing Start: it makes ready, and moves nothing.")
        await self._press("start")
        await self._must("the first press makes ready", _is("session_state", "ready"), 5)
        await self._check("the belt rests while ready", _at_rest)
        self._say("Pressing Start again: a person confirms, and the countdown begins.")
        await self._press("start")
        await self._must("the second press begins the countdown", _is("session_state", "countdown"), 5)
        counted = time.monotonic()
        ends = self._watch.states["session_state"]["attributes"].get("countdown_ends")
        left = (datetime.fromisoformat(ends) - datetime.now(UTC)).total_seconds() if ends else 0.0
        self._note(
            abs(left - COUNTDOWN) < 2, f"the countdown should last {COUNTDOWN:.0f} s, but {left:.1f} s are shown"
        )
        await self._must(
            "the belt is started after the countdown", _is_not("session_state", "countdown"), COUNTDOWN + 5
        )
        counted = time.monotonic() - counted
        self._note(abs(counted - COUNTDOWN) < 2, f"the countdown lasted {counted:.1f} s instead of {COUNTDOWN:.0f} s")
        await self._check("the belt rests until the countdown has ended", _at_rest)
        await self._must("the belt moves", _is("belt_moving", "on"), 15)
        await self._must("the walk is active", _is("session_state", "active", "warm_up"), 5)
        await self._must("the belt begins with its slowest speed", _near("speed", MINIMUM, 0.05), 10)

    async def _speed_up(self) -> None:
        self._say(f"The belt walks. Setting the target speed to {TARGET} km/h: it is announced, then it rises gently.")
        await self._treadmill.set_number("target_speed", TARGET)
        await self._must("the target speed is shown", _near("target_speed", TARGET, 0.01), 5)
        await self._must("the belt comes to its target", _near("speed", TARGET, 0.05), 45)
        await self._must("a minute is walked", _walked(WALK), WALK + 30)
        await self._check(f"the belt is near its target of {TARGET} km/h", _near("speed", TARGET))
        await self._check("the belt moves", _is("belt_moving", "on"))
        await self._check("the distance grows", lambda states: (number(states["distance"]) or 0.0) >= 10)

    async def _stop(self) -> None:
        self._say("Pressing Stop.")
        await self._press("stop")
        await self._must("the session is being stopped", _is("session_state", "stopping", "finished"), 2)
        await self._must("the belt is at rest", _at_rest, 10)
        await self._must("the walk is finished", _is("session_state", "finished"), 10)
        await self._check(
            "the distance of a minute is kept", lambda states: 8 <= (number(states["distance"]) or 0.0) <= 16
        )
        await self._check("the time of a minute is kept", _walked(WALK))
        seen, wanted = (
            self._watch.sessions,
            ["idle", "ready", "countdown", "starting", "active", "stopping", "finished"],
        )
        walked = [state for state in seen if state != "warm_up"]
        self._note(walked == wanted, f"the session went through {seen} instead of {wanted}")
        missing = {"ready", "countdown", "started", "speed_up_soon", "stopped"} - set(self._watch.events)
        self._note(not missing, f"the events {sorted(missing)} did not come; there were {self._watch.events}")

    # How it is said and checked

    def _say(self, text: str) -> None:
        self._watch.terminal.say()
        self._watch.terminal.say(text, bold=True)

    async def _press(self, key: str) -> None:
        try:
            await self._treadmill.press(key)
        except HomeAssistantError as error:
            raise WrongError(f"{key} was refused: {error}") from error

    async def _must(self, what: str, condition: Condition, timeout: float) -> None:
        """Wait for what the rest of the walk needs."""
        if not await self._watch.until(condition, timeout):
            raise WrongError(f"It should be that {what}, within {timeout:.0f} s, but: {self._described()}")

    async def _check(self, what: str, condition: Condition) -> None:
        """Remember when something is not so; the changes of one moment come one after the other."""
        right = await self._watch.until(condition, SETTLES)
        self._note(right, f"It should be that {what}, but: {self._described()}")

    def _note(self, right: bool, problem: str) -> None:
        if not right:
            self.problems.append(problem)

    def _described(self) -> str:
        shown = ("session_state", "connection", "belt_moving", "speed", "target_speed", "distance", "session_duration")
        return ", ".join(f"{key} is {self._watch.states[key]['state']}" for key in shown if key in self._watch.states)


def _is(key: str, *values: str) -> Condition:
    return lambda states: states[key]["state"] in values


def _is_not(key: str, value: str) -> Condition:
    return lambda states: states[key]["state"] != value


def _near(key: str, value: float, difference: float = NEAR) -> Condition:
    def near(states: States) -> bool:
        present = number(states[key])
        return present is not None and abs(present - value) <= difference

    return near


def _at_rest(states: States) -> bool:
    return states["belt_moving"]["state"] == "off" and number(states["speed"]) == 0.0


def _walked(seconds: float) -> Condition:
    def walked(states: States) -> bool:
        duration = states["session_duration"]
        factor = {"s": 1.0, "min": 60.0, "h": 3600.0}[duration["attributes"]["unit_of_measurement"]]
        return (number(duration) or 0.0) * factor >= seconds - 0.01

    return walked
