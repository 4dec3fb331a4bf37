"""The session of the demo: act as a person would in Home Assistant, and check the result."""

# The caller chooses the timeout and says in a message what it waited for.
# ruff: noqa: ASYNC109

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.lib.demo_watch import Condition, States, Watch
from tests.support.live.homeassistant_client import HomeAssistantError, State
from tests.support.live.treadmill import number

MINUTES = 2.5
"""Length of the session: the shortest that shows everything."""
COUNTDOWN = 15.0
"""Seconds between the confirmation and the start of the belt: the default of the option."""
MINIMUM = 0.5
"""km/h at which the virtual treadmill starts: its minimum."""
TARGET = 1.3
"""The target speed (km/h): eight rises of 0.1 km/h show a ramp."""
WARMING_UP = 10.0
"""Seconds at the minimum before the target is raised."""
SLACK = 0.15
"""Minutes by which the times of one session may differ."""
SETTLES = 2.0
"""Seconds in which all states settle."""
POWER = (2.5, 4.0)
"""The range (W/kg) of backward walking at these speeds, in every model."""
JOULES = 4184.0
"""Joules in a kilocalorie."""

STATES = (
    "idle", "ready", "countdown", "starting", "warm_up", "active", "cool_down", "stopping", "finished",
)  # fmt: skip
EVENTS = (
    "ready", "countdown", "started", "speed_up_soon", "step_changed", "halfway", "last_minute", "cooling_down",
    "finished",
)  # fmt: skip


class WrongError(Exception):
    """Error raised when the session cannot continue."""


class DemoSession:
    """Run one backward session from ready to its record, and collect `problems`."""

    def __init__(self, watch: Watch) -> None:
        self.problems: list[str] = []
        self.record: Mapping[str, Any] | None = None
        """The record of the session."""
        self._watch = watch
        self._treadmill = watch.treadmill
        self._walker = watch.walker
        self._before: States = {}
        self._began = datetime.now(UTC)

    async def run(self) -> None:
        """Run the session; stop the belt if anything fails."""
        try:
            await self._prepare()
            await self._make_ready()
            await self._confirm()
            await self._speed_up()
            await self._wait_for_end()
            await self._check_history()
        except WrongError as wrong:
            self.problems.append(str(wrong))
            with contextlib.suppress(HomeAssistantError):
                await self._treadmill.press("stop")

    # The parts of the session

    async def _prepare(self) -> None:
        self._write("Home Assistant connects to the treadmill by itself:")
        await self._must("the treadmill is connected", _is("connection", "connected"), 30)
        await self._must("the belt is known to be at rest", _at_rest, 10)
        await self._must("the deck is known to be level", _near("incline", 0.0), 10)
        self._write(f"{self._treadmill.name} and its walker {self._walker.name}, as Home Assistant sees them:")
        self._watch.show_all()
        await self._check("the session is idle", _is("session_state", "idle"))
        await self._check("the speed is 0", _near("speed", 0.0))
        await self._check("there is no target speed at rest", _is("target_speed", "unavailable"))
        self._before = dict(self._watch.states)

    async def _make_ready(self) -> None:
        self._write(
            f"Preparing {MINUTES} minutes backward for {self._walker.name}, with the action retrowalk.start_session."
            "\nAn automation may do this too, because it moves nothing."
        )
        self._began = datetime.now(UTC)
        with _refused("start_session"):
            answer = await self._treadmill.act(
                "start_session", respond=True, walker=self._walker.name, direction="backward", minutes=MINUTES
            )
        session = {"walker": self._walker.name, "direction": "backward", "program": "free", "minutes": MINUTES}
        expected = {"state": "ready", **session}
        self._note(answer == expected, f"the action should return {expected}, but it returned {answer}")
        await self._must("the session is ready", _is("session_state", "ready"), 5)
        await self._check("the belt rests while ready", _at_rest)

    async def _confirm(self) -> None:
        self._write("Pressing Start: a signed-in person confirms, and the countdown begins.")
        with _refused("Start"):
            await self._treadmill.press("start")
        await self._must("the countdown begins", _is("session_state", "countdown"), 5)
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
        await self._must("the session begins with its warm-up", _is("session_state", "warm_up"), 5)
        await self._must("the belt begins at its lowest speed", _near("speed", MINIMUM, 0.05), 10)
        await self._check("the end of the session is shown", _ends_in(MINUTES, before=10))

    async def _speed_up(self) -> None:
        await self._watch.until(_is_not("session_state", "warm_up"), WARMING_UP)
        self._write(
            f"The belt moves. Setting Target speed to {TARGET} km/h: after an announcement, the speed rises gently."
        )
        with _refused("Target speed"):
            await self._treadmill.set_number("target_speed", TARGET)
        await self._must("the target speed is shown", _near("target_speed", TARGET, 0.01), 5)
        await self._check("the warm-up ends", _is("session_state", "active"))
        await self._must("the belt reaches its target speed", _near("speed", TARGET, 0.05), 75)

    async def _wait_for_end(self) -> None:
        self._write("Nothing more to press: the session announces its progress, cools down, and stops by itself.")
        await self._must("the cool-down begins", _is("session_state", "cool_down"), MINUTES * 60)
        await self._must("the belt slows down to its lowest speed", _near("speed", MINIMUM, 0.05), 60)
        await self._must("the session is finished", _is("session_state", "finished"), 60)
        await self._check("the belt is at rest", _at_rest)
        await self._check("the duration of the session is shown", _lasted(MINUTES))
        # The announcement of the end comes last.
        await self._watch.until(lambda _: len(self._watch.events) >= len(EVENTS), SETTLES)
        states = tuple(self._watch.sessions)
        self._note(states == STATES, f"the session went through {states} instead of {STATES}")
        # With --keep, the session may reach the daily goal.
        events = tuple(kind for kind in self._watch.events if kind != "goal_reached")
        self._note(events == EVENTS, f"the events were {events} instead of {EVENTS}")

    # The record of the session

    async def _check_history(self) -> None:
        await self._must("the session is stored", lambda states: _changed("last_session", self._before, states), 10)
        until = self._began + timedelta(days=1)
        with _refused("get_sessions"):
            answer = await self._treadmill.act(
                "get_sessions",
                respond=True,
                walker=self._walker.name,
                **{"from": self._began.isoformat(), "to": until.isoformat()},
            )
        sessions = answer["sessions"]
        if len(sessions) != 1:
            raise WrongError(f"One session should be stored, but these are: {sessions}")
        self.record = sessions[0]
        self._check_record(sessions[0])
        await self._check("the minutes are added to today's", self._grew("today", MINUTES, SLACK))
        await self._check("the distance is added to the total", self._grew("total_distance", self._metres(), 10))
        await self._check("the streak is a day or more", lambda states: (number(states["streak"]) or 0) >= 1)

    def _check_record(self, record: Mapping[str, Any]) -> None:
        expected = {"walker": self._walker.name, "direction": "backward", "outcome": "completed", "completed": True}
        expected |= {"planned_minutes": MINUTES, "estimated": False, "max_speed": TARGET}
        wrong = {key: record[key] for key, value in expected.items() if record[key] != value}
        self._note(not wrong, f"the record should say {expected}, but it says {wrong}")
        minutes, metres, kcal = record["minutes"], record["distance"], record["calories"]
        self._note(abs(minutes - MINUTES) <= SLACK, f"{MINUTES} minutes were walked, but {minutes} are stored")
        speed = metres / (minutes * 60) * 3.6 if minutes else 0.0
        self._note(
            MINIMUM < speed < TARGET and abs(metres - self._metres()) <= 1,
            f"{metres} m in {minutes} minutes is implausible: {speed:.2f} km/h, and Distance shows {self._metres()} m",
        )
        weight = number(self._watch.states["weight"]) or 0.0
        power = kcal * JOULES / (weight * minutes * 60) if weight and minutes else 0.0
        low, high = POWER
        self._note(low <= power <= high, f"{kcal} kcal is implausible: {power:.2f} W/kg instead of {low} to {high}")

    def _metres(self) -> float:
        return _plain(self._watch.states["distance"])

    def _grew(self, key: str, by: float, slack: float) -> Condition:
        before = _plain(self._before[key])
        return lambda states: abs(_plain(states[key]) - before - by) <= slack

    # Output and checks

    def _write(self, text: str) -> None:
        self._watch.terminal.write()
        self._watch.terminal.write(text, bold=True)

    async def _must(self, what: str, condition: Condition, timeout: float) -> None:
        """Wait for a condition that the rest of the session needs."""
        if not await self._watch.until(condition, timeout):
            raise WrongError(f"Expected within {timeout:.0f} s: {what}. Instead: {self._described()}")

    async def _check(self, what: str, condition: Condition) -> None:
        """Wait briefly for a condition, and record a problem if it is not met."""
        right = await self._watch.until(condition, SETTLES)
        self._note(right, f"Expected: {what}. Instead: {self._described()}")

    def _note(self, right: bool, problem: str) -> None:
        if not right:
            self.problems.append(problem)

    def _described(self) -> str:
        shown = (
            "session_state", "connection", "belt_moving", "speed", "target_speed", "distance", "session_duration",
            "session_ends", "today", "total_distance", "streak",
        )  # fmt: skip
        return ", ".join(f"{key} is {self._watch.states[key]['state']}" for key in shown if key in self._watch.states)


@contextlib.contextmanager
def _refused(what: str) -> Iterator[None]:
    """End the session with an error if Home Assistant refuses a request."""
    try:
        yield
    except HomeAssistantError as error:
        raise WrongError(f"{what} was refused: {error}") from error


def _is(key: str, *values: str) -> Condition:
    return lambda states: states[key]["state"] in values


def _is_not(key: str, value: str) -> Condition:
    return lambda states: states[key]["state"] != value


def _near(key: str, value: float, difference: float = 0.1001) -> Condition:
    def near(states: States) -> bool:
        present = number(states[key])
        return present is not None and abs(present - value) <= difference

    return near


def _at_rest(states: States) -> bool:
    return states["belt_moving"]["state"] == "off" and number(states["speed"]) == 0.0


def _changed(key: str, before: States, states: States) -> bool:
    now, then = (str(one[key]["state"]) for one in (states, before))
    return now != then


def _ends_in(minutes: float, *, before: float) -> Condition:
    """Return a condition: the end that is shown is this many minutes away, or up to `before` seconds less."""

    def ends(states: States) -> bool:
        with contextlib.suppress(ValueError):
            left = (datetime.fromisoformat(states["session_ends"]["state"]) - datetime.now(UTC)).total_seconds()
            return minutes * 60 - before <= left <= minutes * 60 + 2
        return False

    return ends


def _lasted(minutes: float) -> Condition:
    return lambda states: abs(_plain(states["session_duration"]) - minutes) <= SLACK


def _plain(state: State) -> float:
    """Return a time in minutes or a distance in meters, from any unit."""
    factors = {"s": 1 / 60, "min": 1.0, "h": 60.0, "m": 1.0, "km": 1000.0}
    return (number(state) or 0.0) * factors[state["attributes"]["unit_of_measurement"]]
