"""Hasty users, voices, settings and bad radio in random order, judged by the rules only (S1-S4, S8, S14, S17).

The oracle knows the rules, the real belt and the bytes written to its control point; of the product it reads only the
public states.
"""

import asyncio
import random
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.util.ulid import ulid_at_time
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.effort import runs, seeds
from tests.support.house import CONTROL, House, make_entry, walker_subentry
from tests.support.virtual_time import VirtualTime
from tests.support.waiting import let_others_run

GUARD = "binary_sensor.door"
SEEDS = seeds("RANDOM_HOUSES", (16, 50), 20)
STEPS = runs("RANDOM_STEPS", 50, 50)
STEERED = {"warm_up", "active", "cool_down"}
OURS = STEERED | {"starting", "stopping"}
LEAST_COUNTDOWN = {"backward": 10.0, "forward": 3.0}


class Oracle:
    """Judges written commands and the belt's movement by the rules."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.judged_writes = 0
        self.confirmed: tuple[float, str] | None = None  # when a person on site confirmed, and the direction
        self.ready_since: float | None = None
        self.stopped = float("-inf")  # when somebody requested Stop
        self.owed: float | None = None  # deadline of a Stop that has to be written
        self.log: list[str] = []
        self.moved = self.observed = 0.0  # s
        self.starts = 0
        self.begun = 0  # number of starts of the belt
        self._moves = False
        self.named: set[str | None] = {None}  # walkers that were named

    @property
    def now(self) -> float:
        return self.house.clock.seconds

    @property
    def state(self) -> str:
        house = self.house
        if house.entry.state is not ConfigEntryState.LOADED:
            return "not loaded"
        try:
            return house.state("session_state")
        except KeyError, AssertionError:
            return "not there"

    def note(self, what: str) -> None:
        self.log.append(f"{self.now:8.1f} {self.state:12} {self.house.treadmill.speed:4.1f} {what}")

    def withdrawn(self, why: str) -> None:
        if self.confirmed is not None:
            self.note(f"withdrawn: {why}")
        self.confirmed = None

    def judge(self) -> None:
        """Judge the bytes written since the last call."""
        house = self.house
        written = [(when, data) for when, uuid, data in house.peripheral.writes if uuid == ftms.CONTROL_POINT]
        new, self.judged_writes = written[self.judged_writes :], len(written)
        if self.state == "ready":
            self.ready_since = self.now if self.ready_since is None else self.ready_since
        else:
            self.ready_since = None
        for _, data in new:
            self.note(f"wrote {data.hex()}")
            if data[0] == 0x07:
                self._started()
            elif data[0] == 0x02:
                self._check_commanded_speed(int.from_bytes(data[1:3], "little") / 100)
            elif data[:2] == b"\x08\x01":
                self.owed = None
        if self.owed is not None and house.peripheral.connected and self.state != "not loaded":
            assert self.now - self.owed <= 1.5, self.story("a Stop did not go out")

    def count(self) -> None:
        """Count a tenth of a second."""
        house = self.house
        if hasattr(house.entry, "runtime_data") and (walker := house.coordinator.next_session.walker) is not None:
            self.named.add(walker.id)
        self.begun += house.treadmill.speed > 0 and not self._moves
        self._moves = house.treadmill.speed > 0
        if house.treadmill.speed > 0:
            self.moved += 0.1
            if house.peripheral.connected and not house.faults.silent and self.state in STEERED | {"manual"}:
                self.observed += 0.1

    def _started(self) -> None:
        assert self.confirmed is not None, self.story("the belt was started and nobody who is there confirmed")
        when, way = self.confirmed
        self.confirmed = None
        assert self.now - when >= LEAST_COUNTDOWN[way] - 0.6, self.story("started without a countdown")
        assert self.now - self.stopped >= 5.0, self.story("started within 5 s after a Stop")
        assert self.house.treadmill.speed == 0, self.story("a moving belt was started (S8)")
        self.starts += 1

    def _check_commanded_speed(self, kmh: float) -> None:
        session = self.house.coordinator.session
        way = session.direction.value
        experienced = session.walker == "anna"
        top = 6.0 if way == "forward" else 3.0 if experienced else 2.0
        assert kmh <= top + 0.001, self.story(f"{kmh} km/h {way} for {session.walker}")
        assert self.house.treadmill.speed > 0 or kmh <= 0.5, self.story("a speed at rest (S8)")

    def story(self, what: str) -> str:
        return "\n".join([what, *self.log[-60:]])


class Chaos:
    """Does random things that users and machines might do."""

    def __init__(self, house: House, oracle: Oracle, rng: random.Random, lisa: MockUser, time: VirtualTime) -> None:
        self.house, self.oracle, self.rng, self.time = house, oracle, rng, time
        self.hass = house.hass
        self.lisa = lisa.id
        self.exposed: set[str] = set()
        self.control = True

    def contexts(self) -> tuple[str, Context]:
        """Return a random caller, and the context of its call."""
        wall, rng = self.house.clock.wall(), self.rng
        user = rng.choice([self.house.user_id, self.lisa])
        kind = rng.choice(["person"] * 6 + ["nobody", "old", "child", "ahead", "gone"])
        context = {
            "person": Context(user_id=user, id=ulid_at_time(wall)),
            "nobody": Context(),
            "old": Context(user_id=user, id=ulid_at_time(wall - rng.choice([2.5, 30, 4000]))),
            "ahead": Context(user_id=user, id=ulid_at_time(wall + 60)),
            "child": Context(user_id=user, id=ulid_at_time(wall), parent_id=Context().id),
            "gone": Context(user_id="0" * 32, id=ulid_at_time(wall)),
        }[kind]
        return kind, context

    async def call(self, domain: str, service: str, context: Context, **data: Any) -> bool:
        """Call an action, and return whether it was accepted; every refusal needs a text."""
        try:
            async with asyncio.timeout(30):
                task = self.hass.async_create_task(
                    self.hass.services.async_call(domain, service, data, blocking=True, context=context)
                )
                while not task.done():
                    await self.pass_time(0.1)
                await task
        except HomeAssistantError as err:
            self.oracle.note(f"  refused: {err!r:.80}")
            return False
        return True

    async def pass_time(self, seconds: float) -> None:
        left = seconds
        while left > 1e-6:
            await self.time.passes(0.1, 0.1)
            self.oracle.judge()
            self.oracle.count()
            left -= 0.1

    def device(self, walker: str | None = None) -> str:
        address = self.house.entry.data["address"]
        identifier = (DOMAIN, address if walker is None else f"{address}_{walker}")
        entry = dr.async_get(self.hass).async_get_device_by_identifier(identifier, self.house.entry.entry_id)
        assert entry is not None
        return entry.id

    # Requests

    async def press_start(self) -> None:
        await self._press("start")

    async def press_resume(self) -> None:
        await self._press("resume")

    async def _press(self, key: str) -> None:
        kind, context = self.contexts()
        if not self.house.has(key):
            return
        oracle = self.oracle
        oracle.note(f"{kind} presses {key}")
        oracle.judge()
        before, since = oracle.state, oracle.ready_since
        times = self.rng.choice([1, 1, 1, 2, 3])
        for _ in range(times):
            ready = before == "ready" and since is not None and oracle.now - since >= 2 - 0.2
            if kind == "person" and key not in self.exposed and ready:
                oracle.confirmed = oracle.now, self._direction()
                oracle.note("this may confirm")
            await self.call("button", "press", context, entity_id=self.house.entity_id(key))

    async def action_start(self) -> None:
        kind, context = self.contexts()
        data: dict[str, Any] = {"device_id": self.device()}
        if self.rng.random() < 0.5:
            data["direction"] = self.rng.choice(["backward", "forward"])
        if self.rng.random() < 0.6:
            data["walker"] = self.rng.choice(["anna", "Bert", "guest", "nobody such"])
        if self.rng.random() < 0.4:
            data["minutes"] = self.rng.choice([0, 1, 3, 500, float("nan"), -1])
        if self.rng.random() < 0.4:
            data["speed"] = self.rng.choice([0.8, 2.0, 2.9, 5.5, 99, float("inf"), float("nan")])
        self.oracle.note(f"{kind} start_session {data}")
        await self.call(DOMAIN, "start_session", context, **data)

    async def action_confirm(self) -> None:
        kind, context = self.contexts()
        oracle = self.oracle
        oracle.judge()
        ready = oracle.state == "ready" and oracle.ready_since is not None and oracle.now - oracle.ready_since >= 1.8
        oracle.note(f"{kind} confirm_session")
        if kind == "person" and "start" not in self.exposed and ready:
            oracle.confirmed = oracle.now, self._direction()
            oracle.note("this may confirm")
        await self.call(DOMAIN, "confirm_session", context, device_id=self.device())

    def _direction(self) -> str:
        return self.house.coordinator.session.direction.value

    async def stop(self) -> None:
        kind, context = self.contexts()
        oracle = self.oracle
        way = self.rng.choice(["action", "button"])
        if way == "button" and kind == "gone":
            way = "action"  # Home Assistant itself refuses them at the entity
        oracle.note(f"{kind} {way} stop")
        oracle.withdrawn("stop")
        oracle.stopped = oracle.now
        oracle.owed = oracle.now
        if way == "button":
            await self.call("button", "press", context, entity_id=self.house.entity_id("stop"))
        else:
            await self.call(DOMAIN, "stop", context, device_id=self.device(), nonsense=[1])
        oracle.withdrawn("stop")

    async def pause(self) -> None:
        kind, context = self.contexts()
        self.oracle.note(f"{kind} pauses")
        await self.call(DOMAIN, "pause_session", context, device_id=self.device())

    async def finish(self) -> None:
        kind, context = self.contexts()
        self.oracle.note(f"{kind} finishes")
        await self.call(DOMAIN, "finish_session", context, device_id=self.device())

    async def resume(self) -> None:
        kind, context = self.contexts()
        oracle = self.oracle
        oracle.judge()
        ready = oracle.state == "ready" and oracle.ready_since is not None and oracle.now - oracle.ready_since >= 1.8
        if kind == "person" and "resume" not in self.exposed and ready:
            oracle.confirmed = oracle.now, self._direction()
        oracle.note(f"{kind} resume_session")
        await self.call(DOMAIN, "resume_session", context, device_id=self.device())

    async def set_speed(self) -> None:
        kind, context = self.contexts()
        value = self.rng.choice([0.5, 0.8, 1.2, 2.0, 2.8, 3.0, 4.0, 20, float("nan"), float("inf"), -3])
        self.oracle.note(f"{kind} wishes {value}")
        await self.call("number", "set_value", context, entity_id=self.house.entity_id("target_speed"), value=value)

    async def adjusts(self) -> None:
        kind, context = self.contexts()
        delta = self.rng.choice([0.1, 0.5, -0.3, 5, -99, float("nan"), 1e308])
        self.oracle.note(f"{kind} adjusts {delta}")
        await self.call(DOMAIN, "adjust", context, device_id=self.device(), speed_delta=delta)

    async def ramps(self) -> None:
        kind, context = self.contexts()
        speed, over = self.rng.choice([0.5, 1.5, 2.5, 9, float("nan")]), self.rng.choice([0, 30, 1e9, float("nan")])
        self.oracle.note(f"{kind} ramps to {speed} in {over}")
        await self.call(DOMAIN, "ramp_to", context, device_id=self.device(), speed=speed, seconds=over)

    async def locks(self) -> None:
        kind, context = self.contexts()
        on = self.rng.random() < 0.4
        self.oracle.note(f"{kind} lock {on}")
        if not self.house.has("control_lock"):
            return
        if on:
            self.oracle.withdrawn("lock")
        service = "turn_on" if on else "turn_off"
        await self.call("switch", service, context, entity_id=self.house.entity_id("control_lock"))
        if on:
            self.oracle.withdrawn("lock")

    async def chooses(self) -> None:
        _, context = self.contexts()
        key = self.rng.choice(["walker", "direction", "program"])
        options = self.house.full_state(key).attributes["options"]
        choice = self.rng.choice(options)
        self.oracle.note(f"chooses {key} {choice}")
        await self.call("select", "select_option", context, entity_id=self.house.entity_id(key), option=choice)

    # Changes by the owner

    async def exposes(self) -> None:
        key = self.rng.choice(["start", "resume", "stop"])
        on = self.rng.random() < 0.3
        if not self.house.has(key):
            return
        self.oracle.note(f"expose {key} {on}")
        (self.exposed.add if on else self.exposed.discard)(key)
        async_expose_entity(self.hass, "conversation", self.house.entity_id(key), on)

    async def saves(self) -> None:
        entry, rng = self.house.entry, self.rng
        options = dict(entry.options)
        what = rng.choice(["speed", "rail", "monitor", "control", "countdown", "idle", "harmless"])
        match what:
            case "speed":
                options["backward_speed"] = rng.choice([2.5, 3.0])
            case "rail":
                options["rail"] = rng.random() < 0.7
            case "monitor" | "control":
                options["control"] = what
            case "countdown":
                options["countdown_backward"] = rng.choice([10, 15, 30])
            case "idle":
                options["idle_seconds"] = rng.choice([30, 300])
            case _:
                options["backward_factor"] = rng.choice([1.1, 1.3])
        changes = options != dict(entry.options)
        self.oracle.note(f"saves {what}: {changes}")
        if changes and what not in {"idle", "harmless"}:
            self.oracle.withdrawn("options")
        self.hass.config_entries.async_update_entry(entry, options=options)

    async def walkers(self) -> None:
        entry, rng = self.house.entry, self.rng
        entries = self.hass.config_entries
        what = rng.choice(["remove", "add", "rename", "weigh"])
        there = [sub for sub in entry.subentries.values() if sub.subentry_type == "walker"]
        self.oracle.note(f"walkers: {what}")
        if what == "remove" and len(there) > 1:
            gone = rng.choice(there)
            if gone.subentry_id == "anna":
                return
            entries.async_remove_subentry(entry, gone.subentry_id)
        elif what == "add":
            name = rng.choice(["Cleo", "Dora", "Emil"])
            walker = walker_subentry(name)
            if walker["subentry_id"] in entry.subentries:
                return
            walker["data"] = MappingProxyType(walker["data"])
            entries.async_add_subentry(entry, ConfigSubentry(**walker))
        elif there:
            sub = rng.choice(there)
            if what == "rename":
                entries.async_update_subentry(entry, sub, title=rng.choice(["Anna", "Bert", "X", "guest"]))
            else:
                entries.async_update_subentry(entry, sub, data={**sub.data, "weight": rng.uniform(40, 120)})

    async def reloads(self) -> None:
        await self._unload("reload")

    async def unloads(self) -> None:
        await self._unload("unload")
        if self.house.entry.state is ConfigEntryState.NOT_LOADED:
            await self.pass_time(self.rng.choice([0.5, 10, 100]))
            assert await self._run(self.hass.config_entries.async_setup(self.house.entry.entry_id))

    async def _run(self, coroutine: Any) -> Any:
        task = asyncio.create_task(coroutine)
        while not task.done():
            await self.pass_time(0.1)
            await let_others_run()
        return await task

    async def _unload(self, way: str) -> None:
        oracle, house = self.oracle, self.house
        if house.entry.state is not ConfigEntryState.LOADED:
            return
        state, linked = oracle.state, house.peripheral.connected and not house.faults.off
        oracle.note(f"{way}")
        oracle.withdrawn(way)
        entries, begun = self.hass.config_entries, oracle.now
        ours, writes = state in OURS, oracle.judged_writes
        unload = entries.async_reload if way == "reload" else entries.async_unload
        await self._run(unload(house.entry.entry_id))
        oracle.note(f"{way} took {oracle.now - begun:.1f}")
        assert oracle.now - begun <= 21, oracle.story(f"{way} took {oracle.now - begun}")
        if ours and linked and not house.faults.off:
            while house.treadmill.speed > 0 and oracle.now - begun < 25:
                await self.pass_time(0.5)
            assert house.treadmill.speed == 0, oracle.story("a belt of ours was left running")
        if state in {"manual", "idle", "finished"} and oracle.owed is None:
            written = [data for _, uuid, data in house.peripheral.writes if uuid == ftms.CONTROL_POINT][writes:]
            moving = [data for data in written if data[0] != 0]
            assert not moving or oracle.stopped > begun - 60, oracle.story(f"touched what is not ours: {moving}")

    # Radio, console and guards

    async def loses_link(self) -> None:
        self.oracle.note("the link is lost")
        self.oracle.withdrawn("link")
        self.house.faults.off = True
        await self.pass_time(self.rng.choice([0.3, 1, 5, 40, 70]))
        self.house.faults.off = False
        self.oracle.note("the radio is back")
        await self.pass_time(self.rng.choice([0.1, 1, 3]))

    async def silence(self) -> None:
        self.oracle.note("silence")
        self.house.faults.silent = True
        await self.pass_time(self.rng.choice([1, 4, 8, 20]))
        self.house.faults.silent = False

    async def console(self) -> None:
        treadmill, rng = self.house.treadmill, self.rng
        what = rng.choice(["start", "stop", "pause", "speed", "key"])
        self.oracle.note(f"console {what}")
        if treadmill.phase is not Phase.IDLE or what == "key":
            self.oracle.withdrawn("console")  # otherwise the machine has nothing to report
        match what:
            case "start":
                treadmill.press_start()
            case "stop":
                treadmill.press_stop()
            case "pause":
                treadmill.press_pause()
            case "speed":
                treadmill.press_speed(rng.choice([0.7, 1.5, 3.5]))
            case _:
                treadmill.pull_safety_key()
                await self.pass_time(3)
                treadmill.insert_safety_key()

    async def guard(self) -> None:
        state = self.rng.choice(["on", "off", "off", "unavailable"])
        self.oracle.note(f"guard {state}")
        if state != "off":
            self.oracle.withdrawn("guard")
        self.hass.states.async_set(GUARD, state)

    async def waits(self) -> None:
        await self.pass_time(self.rng.choice([0.2, 1, 3, 8, 20, 45]))

    async def deals_with_start(self) -> None:
        """Follow the order of a person who wants to walk, because most random orders lead nowhere."""
        oracle = self.oracle
        if not self.house.has("start"):
            return
        self.hass.states.async_set(GUARD, "off")
        for _ in range(2):
            oracle.judge()
            if oracle.state == "ready" and "start" not in self.exposed:
                oracle.confirmed = oracle.now, self._direction()
            oracle.note("wants to walk")
            context = Context(user_id=self.house.user_id, id=ulid_at_time(self.house.clock.wall()))
            await self.call("button", "press", context, entity_id=self.house.entity_id("start"))
            await self.pass_time(2.5)
        await self.pass_time(self.rng.choice([1, 12, 14, 20, 35]))

    async def step(self) -> None:
        house = self.house
        if house.entry.state is not ConfigEntryState.LOADED:
            await self.pass_time(1)
            assert house.entry.state in {
                ConfigEntryState.LOADED,
                ConfigEntryState.SETUP_IN_PROGRESS,
                ConfigEntryState.UNLOAD_IN_PROGRESS,
            }, self.oracle.story(f"the entry is {house.entry.state}")
            return
        doing = {
            self.press_start: 6, self.press_resume: 4, self.action_start: 3, self.action_confirm: 3, self.stop: 4,
            self.pause: 3, self.finish: 2, self.resume: 2, self.set_speed: 4, self.adjusts: 2, self.ramps: 2,
            self.locks: 2, self.chooses: 2, self.exposes: 2, self.saves: 2, self.walkers: 2, self.reloads: 1,
            self.unloads: 1, self.loses_link: 2, self.silence: 1, self.console: 4, self.guard: 2, self.waits: 8,
            self.deals_with_start: 8,
        }  # fmt: skip
        # Otherwise most of the time would pass in states where nothing is allowed.
        if house.entry.options["control"] == "monitor" and self.rng.random() < 0.3:
            hass_options = {**house.entry.options, "control": "control"}
            self.oracle.note("saves control")
            self.hass.config_entries.async_update_entry(house.entry, options=hass_options)
        if house.coordinator.session.rules.control_lock and self.rng.random() < 0.3:
            person = Context(user_id=house.user_id, id=ulid_at_time(house.clock.wall()))
            await self.call("switch", "turn_off", person, entity_id=house.entity_id("control_lock"))
        for key in [key for key in self.exposed if self.rng.random() < 0.3 and house.has(key)]:
            self.exposed.discard(key)
            async_expose_entity(self.hass, "conversation", house.entity_id(key), False)
        what = self.rng.choices(list(doing), list(doing.values()))[0]
        try:
            await what()
        except KeyError as err:  # an entity that does not exist with the monitor policy
            self.oracle.note(f"  no entity: {err}")
        await self.pass_time(self.rng.choice([0.1, 0.1, 0.5, 2]))


@pytest.mark.parametrize("seed", SEEDS)
async def test_s1_s2_s3_s4_s8_s14_s17_whatever_people_do(
    hass: HomeAssistant,
    house: House,
    lisa: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    seed: int,
) -> None:
    rng = random.Random(seed)
    hass.states.async_set(GUARD, "off")
    options = {**CONTROL, "guards": [GUARD], "guard_stops": rng.random() < 0.5}
    await house.set_up(make_entry(options, walkers=[walker_subentry("Anna"), walker_subentry("Bert", weight=95.0)]))
    await house.store_session("anna")
    oracle = Oracle(house)
    chaos = Chaos(house, oracle, rng, lisa, VirtualTime(house, monkeypatch))
    for _ in range(STEPS):
        await chaos.step()
        bad = [record for record in caplog.records if record.levelno >= 40]
        assert not bad, oracle.story(f"{bad[0].getMessage()} {bad[0].exc_text}")
    # In every state, Stop by any caller ends the session.
    await chaos.pass_time(3)
    if house.entry.state is ConfigEntryState.LOADED:
        await chaos.stop()
        await chaos.pass_time(30)
        assert house.treadmill.speed == 0, oracle.story("the belt runs after a Stop")
        await house.until(lambda: not house.coordinator.recorder.has_unsaved)
        # No session is lost, and none is longer than the belt moved; those of less than 10 s are not saved.
        kept = [record for record in house.coordinator.roster.history if record.moving_time != 300]
        total = sum(record.moving_time for record in kept)
        story = oracle.story(f"{total:.0f} s kept, {oracle.observed:.0f} walked, {oracle.moved:.0f} moved")
        assert oracle.observed * 0.95 - 15 * (oracle.begun + 1) <= total <= oracle.moved * 1.05 + 3 * (len(kept) + 1), (
            story
        )
        assert {record.walker for record in kept} <= oracle.named, story
