"""The totals of a session in Home Assistant: its statistics must add them up to what was walked, without complaint."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.components.sensor import ATTR_STATE_CLASS, SensorStateClass
from homeassistant.components.sensor.recorder import SEEN_DIP, reset_detected
from homeassistant.core import Event, EventStateChangedData, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.death import Death
from tests.support.effort import runs, seeds
from tests.support.house import ADDRESS, House, make_entry, walker_subentry

SEEDS = seeds("RANDOM_TOTALS", (1, 2), 20)
STEPS = runs("RANDOM_STEPS", 25, 25)
TOTALS = ("distance", "session_calories", "steps", "machine_energy")
SLACK = 12.0
"""Meters by which a session may differ from the real belt: counters in whole meters, and seconds after a start."""


class Judge:
    """Judges each state of the totals as Home Assistant's statistics do."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sums = dict.fromkeys(TOTALS, 0.0)  # as the statistics of Home Assistant add them up
        self.faults: list[str] = []
        self.log: list[str] = []
        self.dead = False  # a killed Home Assistant stores nothing any more, though its entities are unloaded here
        self._keys = {house.entity_id(key): key for key in (*TOTALS, "session_duration")}
        self._last: dict[str, float] = {}
        house.hass.bus.async_listen("state_changed", self._on_state)
        for entity_id in self._keys:
            self._judge(house.hass.states.get(entity_id))

    def note(self, what: str) -> None:
        house = self.house
        self.log.append(f"{house.clock.seconds:8.1f} {house.treadmill.speed:4.1f} {what}")

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] in self._keys and not self.dead:
            self._judge(event.data["new_state"])

    def _judge(self, state: State | None) -> None:
        if state is None or state.state in {"unavailable", "unknown"}:
            return
        key, value = self._keys[state.entity_id], float(state.state)
        before = self._last.get(key)
        self.note(f"{key} {state.state}")
        self._last[key] = value
        if before is not None and value < before and value != 0:
            self.faults.append(f"{key} fell from {before} to {value}")
        if key not in TOTALS:
            return
        assert state.attributes[ATTR_STATE_CLASS] is SensorStateClass.TOTAL_INCREASING
        anew = reset_detected(self.house.hass, state.entity_id, value, before, state)
        self.sums[key] += value if anew else value - (before or 0.0)

    async def kill(self, death: Death, *, down: float = 30.0) -> None:
        """Kill Home Assistant, and start it again."""
        self.dead = True
        await death.kill(down=down)
        self.dead = False
        await death.start_again(connected=False)

    def check(self) -> None:
        """Fail if Home Assistant would report or miscount one of them."""
        assert not self.faults, "\n".join([*self.faults, *self.log[-80:]])
        assert not self.house.hass.data.get(SEEN_DIP), "\n".join(self.log[-80:])


@pytest.fixture
async def judge(house: House) -> Judge:
    """Return the judge of a treadmill that counts everything, whose walker is experienced."""
    house.treadmill.profile = Profile(heart_rate=True, steps=True)
    house.peripheral.name = "KS-Treadmill"  # a model that counts steps
    registry = er.async_get(house.hass)
    registry.async_get_or_create("sensor", DOMAIN, f"{ADDRESS.lower()}_machine_energy")  # otherwise it is disabled
    await house.set_up(make_entry(walkers=[walker_subentry()]))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await house.until(lambda: house.has("steps"))
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(2)
    return Judge(house)


@pytest.fixture
def death(house: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Death:
    return Death(house, hass_storage, monkeypatch)


def shown(house: House) -> dict[str, float]:
    return {key: float(house.state(key)) for key in (*TOTALS, "session_duration")}


async def end(house: House) -> dict[str, float]:
    """Stop the belt, and return what is shown of the session."""
    await house.press("stop")
    await house.time(10)
    assert house.state("session_state") == "finished"
    return shown(house)


async def test_a_session_that_is_made_ready_after_another_begins_at_0(house: House, judge: Judge) -> None:
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(60)
    walked = await end(house)
    assert all(walked.values())
    await house.time(70, dt=1)
    assert house.state("session_state") == "idle"
    assert shown(house) == walked, "they stay until the next session"
    await house.press("start")
    assert house.state("session_state") == "ready"
    assert set(shown(house).values()) == {0}
    await house.press("stop")
    await house.time(2)
    assert house.state("session_state") == "idle"
    assert set(shown(house).values()) == {0}, "the last session does not come back"
    judge.check()


async def test_a_check_run_and_a_session_at_the_console_begin_at_0_too(house: House, judge: Judge) -> None:
    await house.walk()
    await house.time(40)
    await end(house)
    await house.time(70, dt=1)
    house.treadmill.press_start()
    await house.time(10)
    assert house.state("session_state") == "manual"
    assert float(house.state("session_duration")) <= 10
    judge.check()


async def test_nothing_is_taken_back_when_a_session_goes_on_after_a_pause(house: House, judge: Judge) -> None:
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(47)
    await house.press("pause")
    await house.time(12)
    paused = shown(house)
    assert paused["session_duration"] % 30 != 0
    await house.press("resume")
    assert house.state("session_state") == "ready"
    assert shown(house) == paused
    await house.press("resume")
    await house.time(25)
    assert all(value >= paused[key] for key, value in shown(house).items())
    assert house.state("session_state") in {"warm_up", "active"}
    await end(house)
    judge.check()


@pytest.mark.parametrize("what", ["kill", "pause"])
async def test_nothing_is_counted_twice_when_home_assistant_restarts_in_a_session(
    house: House, judge: Judge, death: Death, what: str
) -> None:
    await house.walk()
    await house.set_number("target_speed", 1.5)
    await house.time(63)
    if what == "pause":
        await house.press("pause")
        await house.time(12)
    before = shown(house)
    await judge.kill(death)
    assert all(value >= before[key] for key, value in shown(house).items()), "before it is known whether it goes on"
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(30)
    house.treadmill.press_stop()
    await house.time(10)
    judge.check()
    after = shown(house)
    assert {key: round(judge.sums[key]) for key in TOTALS} == {key: after[key] for key in TOTALS}
    assert abs(after["distance"] - house.treadmill.distance) <= 2


class Chaos:
    """Does what people, radios and machines may do to a session."""

    def __init__(self, house: House, judge: Judge, death: Death, rng: random.Random) -> None:
        self.house, self.judge, self.death, self.rng = house, judge, death, rng
        self.ran = 0.0  # m that the belt ran
        self.begun = 0  # sessions, at most

    async def time(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            await self.house.time(1)
            self.ran += self.house.treadmill.speed / 3.6

    async def press(self, key: str) -> None:
        try:
            await self.house.press(key)
        except HomeAssistantError as err:
            self.judge.note(f"  refused: {err!r:.60}")

    async def start(self) -> None:
        self.begun += 1
        await self.press("start")
        await self.time(3)
        await self.press("start")
        await self.time(22)
        await self.faster()

    async def makes_ready(self) -> None:
        await self.press("start")

    async def faster(self) -> None:
        try:
            await self.house.set_number("target_speed", self.rng.choice([0.8, 1.5, 2.5]))
        except HomeAssistantError:
            return

    async def pause(self) -> None:
        await self.press("pause")
        await self.time(self.rng.choice([1, 12]))

    async def goes_on(self) -> None:
        for _ in range(2):
            await self.press("resume")
            await self.time(3)
        await self.time(20)

    async def stops(self) -> None:
        await self.press(self.rng.choice(["stop", "finish"]))
        await self.time(self.rng.choice([1, 12, 90]))

    async def console(self) -> None:
        treadmill = self.house.treadmill
        self.begun += 1
        press: Callable[[], None] = self.rng.choice(
            [treadmill.press_start, treadmill.press_stop, treadmill.press_pause, lambda: treadmill.press_speed(2.0)]
        )
        press()

    async def loses_link(self) -> None:
        self.house.faults.off = True
        await self.time(self.rng.choice([2, 20, 70]))
        self.house.faults.off = False

    async def silence(self) -> None:
        self.house.faults.silent = True
        await self.time(self.rng.choice([4, 20]))
        self.house.faults.silent = False

    async def odd_counters(self) -> None:
        faults = self.house.faults
        faults.coarse_distance = self.rng.choice([0, 10])
        faults.no_counters = self.rng.random() < 0.2

    async def killed(self) -> None:
        down = self.rng.choice([3, 30])
        before = self.house.treadmill.distance
        await self.judge.kill(self.death, down=down)
        self.ran += abs(self.house.treadmill.distance - before)

    async def restarts(self) -> None:
        house = self.house
        if house.treadmill.phase is Phase.IDLE and not house.coordinator.session.belt_may_move:
            assert await house.hass.config_entries.async_reload(house.entry.entry_id)

    async def waits(self) -> None:
        await self.time(self.rng.choice([1, 5, 35]))

    async def step(self) -> None:
        doing: dict[Callable[[], Awaitable[None]], int] = {
            self.start: 6, self.makes_ready: 2, self.faster: 2, self.pause: 3, self.goes_on: 4, self.stops: 2,
            self.console: 3, self.loses_link: 2, self.silence: 1, self.odd_counters: 1, self.killed: 2,
            self.restarts: 1, self.waits: 6,
        }  # fmt: skip
        what = self.rng.choices(list(doing), list(doing.values()))[0]
        self.judge.note(what.__name__)
        await what()
        await self.time(self.rng.choice([1, 3]))


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_happens_totals_fall_only_to_0_and_nothing_is_counted_twice(
    house: House, judge: Judge, death: Death, seed: int
) -> None:
    chaos = Chaos(house, judge, death, random.Random(seed))
    for _ in range(STEPS):
        await chaos.step()
        judge.check()
    await chaos.time(5)
    await house.come_to_rest()
    if house.coordinator.recorder.has_unfinished:  # it waits for a link, which is made in real time, and for a report
        await house.until(lambda: house.state("connection") == "connected")
        await chaos.time(40)
    assert not house.coordinator.recorder.has_unfinished
    judge.check()
    walked = sum(record.distance for record in list(house.coordinator.roster.history)[1:])
    story = "\n".join([f"{judge.sums['distance']} m shown, {walked:.0f} m kept, {chaos.ran:.0f} m ran", *judge.log])
    assert walked * 0.98 - SLACK <= judge.sums["distance"] <= chaos.ran * 1.05 + SLACK * (chaos.begun + 1), story
