"""Two people at their cards, a voice, a console and restarts in random order, judged by the rules (S2-S17).

The oracle knows the true belt, the bytes that were written to it, what each person pressed, and what the card showed.
Of the product's session it reads nothing.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.simulator.treadmill import Phase
from tests.support.card import Card
from tests.support.effort import runs, seeds
from tests.support.house import House, make_entry, walker_subentry
from tests.support.virtual_time import VirtualTime
from tests.support.waiting import let_others_run

DAILY = (3, 8, 21)
SEEDS = seeds("RANDOM_CARDS", DAILY, 20)
STEPS = runs("RANDOM_STEPS", 35, 35)
TICK = 0.2
"""Seconds of virtual time."""
LEAST_COUNTDOWN = {"Backward walk.": 10.0, "Forward walk.": 3.0}
MOST_APART = 10.0
"""Seconds after which a browser answers a ping at the latest."""
SURE_TO_REST = 12.0
"""Seconds after a Stop in which this belt is at rest."""
START, SPEED, STOP = 0x07, 0x02, b"\x08\x01"
MAY_CONFIRM = {"start", "confirm", "resume"}
JUDGED_LOGS = ("custom_components", "homeassistant", "asyncio")
REFUSED = {
    "too_late",
    "unauthorized",
    "not_found",
    "invalid_format",
    "service_validation_error",
    "home_assistant_error",
}
FIRST, EXPERIENCED, FORWARD = 2.0, 3.0, 6.0
"""The ceilings of S4, km/h."""
ENOUGH = 170.0
"""Seconds backward that may be a completed first session of three minutes."""


class Oracle:
    """What the rules allow, from what people did and saw."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.log: list[str] = []
        self.judged = 0
        self.shown: dict[str, Any] = {}  # the newest message of a card about the session
        self.confirmed: tuple[float, str] | None = None  # when, and by whom
        self.stopped = float("-inf")
        self.owed: float | None = None  # a Stop has to be written since then
        self.rests_by = float("inf")
        self.console = True  # a hand at the console may have set what the belt does
        self.ceiling = 0.0  # of the walk under way, km/h
        self.backward = True
        self.experienced = {"Anna"}
        self.walker: str | None = None
        self.moved = 0.0  # s backward in this walk
        self.before: list[float] = []  # the speeds of the last five seconds
        self.starts = self.presses = self.withdrawals = 0

    @property
    def now(self) -> float:
        return self.house.clock.seconds

    @property
    def speed(self) -> float:
        return self.house.treadmill.speed

    def note(self, what: str) -> None:
        self.log.append(f"{self.now:8.1f} {self.speed:4.1f} {what}")

    def story(self, what: str) -> str:
        return "\n".join([what, *self.log[-70:]])

    def withdraw(self, why: str) -> None:
        """Take back a confirmation: whatever comes now needs another press."""
        self.note(f"withdrawn: {why}")
        self.confirmed = None
        self.withdrawals += 1

    def stop(self, who: str) -> None:
        self.withdraw(f"{who} stops")
        self.stopped = self.owed = self.now
        self.rests_by = self.now + SURE_TO_REST

    def console_used(self) -> None:
        self.console = True
        self.rests_by = float("inf")

    def judge(self) -> None:
        """Judge what was written since the last call, and what the belt does."""
        written = [(data, when) for when, uuid, data in self.house.peripheral.writes if uuid == ftms.CONTROL_POINT]
        new, self.judged = written[self.judged :], len(written)
        for data, _ in new:
            self.note(f"wrote {data.hex()}")
            if data[0] == START:
                self._started()
            elif data[0] == SPEED:
                self._commanded(int.from_bytes(data[1:3], "little") / 100)
            elif data[:2] == STOP:
                self.owed = None
        loaded = self.house.entry.state is ConfigEntryState.LOADED
        if self.owed is not None and loaded and self.house.peripheral.connected:
            assert self.now - self.owed <= 1.5, self.story("S3: a Stop did not go out")
        self._moves()

    def _started(self) -> None:
        assert self.confirmed is not None, self.story("S2: the belt was started, and nobody confirmed at a card")
        when, who = self.confirmed
        self.confirmed = None
        way = self.shown["checklist"][0]
        assert self.now - when >= LEAST_COUNTDOWN[way] - 0.6, self.story("S2: started without a countdown")
        assert self.now - self.stopped >= 5.0, self.story("S2: started within 5 s after a Stop")
        assert self.speed == 0, self.story("S8: a moving belt was started")
        self.backward, self.walker = way == "Backward walk.", self.shown["walker"]
        most = EXPERIENCED if {self.walker, *({"Bert"} if who == "Lisa" else set())} <= self.experienced else FIRST
        self.ceiling = most if self.backward else FORWARD
        self.console, self.rests_by, self.moved = False, float("inf"), 0.0
        self.starts += 1
        self.note(f"{who} walks {way} {self.walker}, at most {self.ceiling}")

    def _commanded(self, kmh: float) -> None:
        assert kmh <= self.ceiling + 0.001, self.story(f"S4: {kmh} km/h was asked for, {self.ceiling} is allowed")
        assert self.speed > 0, self.story("S8: a speed at rest")

    def _moves(self) -> None:
        speed = self.speed
        self.before = [*self.before[-round(5 / TICK) :], speed]
        if speed == 0:
            if self.moved >= ENOUGH and self.walker is not None:
                self.experienced.add(self.walker)
            return
        assert self.now <= self.rests_by, self.story("S3: the belt moves after a Stop")
        if self.console:
            return
        self.moved += TICK if self.backward else 0.0
        assert speed <= self.ceiling + 0.05, self.story(f"S4: {speed} km/h, {self.ceiling} is allowed")
        # A step each five seconds, of which two may fall into a window of five; at first it is the belt's own start.
        if self.backward and min(self.before) >= 0.5 - 1e-6:
            assert speed - min(self.before) <= 0.2 + 0.02, self.story("S5: faster by more than two steps in 5 s")


class Person:
    """Somebody who is signed in, with a card."""

    def __init__(self, name: str, card: Card, world: Chaos) -> None:
        self.name, self.card, self.world = name, card, world
        self.beats: list[float] = []

    async def look(self) -> None:
        """Take in what the card was told."""
        answer = await self.card.command("beat")
        self.beats.append(answer["result"]["beat"])
        if self.card.received:
            if sessions := self.card.sessions:
                self.world.oracle.shown = sessions[-1]
            del self.card.received[:]

    async def press(self, press: str, *, fresh: bool = True, **data: Any) -> None:
        oracle = self.world.oracle
        await self.look()
        beat = self.beats[-1] if fresh else self.world.rng.choice([*self.beats[:-30], -1.0, 1e9, None, "soon"])
        fresh = fresh or press in {"stop", "pause", "finish"}
        if press == "stop":
            oracle.stop(self.name)
        pressed, withdrawals, locked = oracle.now, oracle.withdrawals, self.world.locked
        oracle.note(f"{self.name}: {press} {data or ''}{'' if fresh else ' late'}")
        oracle.presses += 1
        answer = await self.send("press", device_id=self.card.device_id, press=press, beat=beat, **data)
        if answer["success"] and press in MAY_CONFIRM:
            assert not locked, oracle.story("S17: carried out with the child lock on")
            if withdrawals == oracle.withdrawals:
                oracle.confirmed = pressed, self.name
        elif not answer["success"]:
            oracle.note(f"  refused: {answer['error'].get('translation_key') or answer['error']['code']}")
        if not fresh:
            assert not answer["success"], oracle.story("S2: a late press was carried out")

    async def send(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command while time passes; every refusal has words."""
        answer = await self.world.run(self.card.command(kind, **data))
        if not answer["success"]:
            error = answer["error"]
            assert error["code"] in REFUSED, self.world.oracle.story(f"{kind} {data}: {error}")
            assert error["code"] not in {"service_validation_error", "home_assistant_error"} or (
                error.get("translation_key")
            ), self.world.oracle.story(f"{kind} {data}: {error}")
        return answer


class Chaos:
    """Does what people, voices, consoles and restarts do, in any order."""

    def __init__(self, house: House, rng: random.Random, time: VirtualTime) -> None:
        self.house, self.rng, self.time = house, rng, time
        self.hass = house.hass
        self.oracle = Oracle(house)
        self.people: list[Person] = []
        self.locked = False
        self.looked = 0.0

    async def passes(self, seconds: float) -> None:
        for tick in range(round(seconds / TICK)):
            await self.time.passes(TICK, TICK)
            self.oracle.judge()
            if tick % 5 == 0 and self.house.treadmill.at_rest:
                await self.people[0].look()
            self.looked += TICK
            if self.looked >= MOST_APART:
                self.looked = 0.0
                for person in self.people:
                    await person.look()

    async def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that takes virtual time."""
        task = asyncio.create_task(work)
        await let_others_run()
        while not task.done():
            await self.time.passes(TICK, TICK)
            self.oracle.judge()
            await let_others_run()
        return await task

    @property
    def somebody(self) -> Person:
        return self.rng.choice(self.people)

    # People at their cards

    async def presses(self) -> None:
        press = self.rng.choice(
            ["start", "confirm", "resume", "pause", "finish", "stop", "faster", "slower", "steeper"]
        )
        await self.somebody.press(press, fresh=self.rng.random() < 0.8)

    async def presses_twice(self) -> None:
        """Press at two tablets in one instant."""
        first, second = (self.rng.choice(["start", "confirm", "stop", "pause", "faster", "resume"]) for _ in range(2))
        one, other = self.people
        await asyncio.gather(one.look(), other.look())
        oracle = self.oracle
        for press, who in ((first, one), (second, other)):
            if press == "stop":
                oracle.stop(who.name)
        pressed, withdrawals = oracle.now, oracle.withdrawals
        oracle.note(f"both at once: {first}, {second}")
        works = [
            person.send("press", device_id=person.card.device_id, press=press, beat=person.beats[-1])
            for press, person in ((first, one), (second, other))
        ]
        answers = await self.run(_both(*works))
        confirming = [
            person.name
            for answer, press, person in zip(answers, (first, second), (one, other), strict=True)
            if answer["success"] and press in MAY_CONFIRM
        ]
        if confirming and "stop" not in {first, second} and withdrawals == oracle.withdrawals:
            # Whose press came first confirms; for the oracle it is the one with the lower limits.
            oracle.confirmed = pressed, confirming[-1]

    async def wants_to_walk(self) -> None:
        """Follow the order of somebody who wants to walk: most random orders lead nowhere."""
        person = self.somebody
        await self.unlock()
        await self.maybe_late(person, "start")
        await person.press("start")
        await self.passes(2.5)
        await person.press("confirm")
        await self.passes(self.rng.choice([5, 14, 20, 40, 90]))

    async def maybe_late(self, person: Person, press: str) -> None:
        """Deliver a press first that somebody made long ago: where the state allows it, its age speaks against it."""
        if self.rng.random() < 0.4:
            await person.press(press, fresh=False)

    async def walks_on(self) -> None:
        person = self.somebody
        await self.unlock()
        await person.press("pause")
        await self.passes(self.rng.choice([2, 8, 20]))
        await self.maybe_late(person, "resume")
        await person.press("resume")
        await self.passes(self.rng.choice([1, 14, 25]))

    async def makes_it_faster(self) -> None:
        for _ in range(self.rng.choice([2, 5, 12, 30])):
            press = self.rng.choice(["faster", "faster", "faster", "slower", "steeper"])
            await self.somebody.press(press, fresh=self.rng.random() < 0.9)
            await self.passes(self.rng.choice([0.1, 0.5, 5]))

    async def chooses(self) -> None:
        choice, values = self.rng.choice(
            [
                ("walker", ["anna", "bert", "guest", "nobody", 5]),
                ("direction", ["forward", "backward", "sideways"]),
                ("program", ["plan", "free", "daily_five", "first_walk", "intervals", "no such"]),
                ("minutes", [0, 1, 3, 30, 1e9, "nan"]),
                ("speed", [0.5, 1.2, 2.4, 3.0, 5.5, -1, 99]),
            ]
        )
        await self.somebody.press("choose", choice=choice, value=self.rng.choice(values))

    async def tells(self) -> None:
        person = self.somebody
        kind, data = self.rng.choice(
            [
                ("done", {}),
                ("knee", {"walker": self.rng.choice(["anna", "bert"]), "discomfort": self.rng.choice([None, 2, 7])}),
                ("first_run_over", {}),
            ]
        )
        await person.send(kind, device_id=person.card.device_id, **data)

    async def locks(self) -> None:
        self.locked = True
        self.oracle.withdraw("the child lock")
        await self.call("switch", "turn_on", "control_lock")

    async def unlock(self) -> None:
        if self.locked:
            await self.call("switch", "turn_off", "control_lock")
            self.locked = False

    # Voices and the house

    async def call(self, domain: str, service: str, key: str) -> None:
        work = self.hass.services.async_call(
            domain, service, {"entity_id": self.house.entity_id(key)}, blocking=True, context=self.house.person()
        )
        try:
            await self.run(work)
        except HomeAssistantError as err:
            self.oracle.note(f"  {key} refused: {err!r:.80}")

    async def speaks(self) -> None:
        """Press an entity that a voice may press: with a person's context, it makes ready at most (S16)."""
        key = self.rng.choice(["start", "start", "resume", "pause", "stop"])
        entity_id = self.house.entity_id(key)
        async_expose_entity(self.hass, "conversation", entity_id, True)
        self.oracle.note(f"a voice: {key}")
        for _ in range(2):
            if key == "stop":
                self.oracle.stop("a voice")
            await self.call("button", "press", key)
            await self.passes(2.5)
        async_expose_entity(self.hass, "conversation", entity_id, False)

    async def console(self) -> None:
        treadmill = self.house.treadmill
        what = self.rng.choice(["start", "stop", "speed"])
        self.oracle.note(f"console {what}")
        if treadmill.phase is not Phase.IDLE or what == "start":
            self.oracle.withdraw("the console")
            self.oracle.console_used()
        match what:
            case "start":
                treadmill.press_start()
            case "stop":
                treadmill.press_stop()
            case _:
                treadmill.press_speed(self.rng.choice([0.7, 1.5, 2.5]))

    async def restarts(self) -> None:
        oracle, begun = self.oracle, self.oracle.now
        ours = not oracle.console and self.house.treadmill.speed > 0
        oracle.withdraw("the entry is reloaded")
        assert await self.run(self.hass.config_entries.async_reload(self.house.entry.entry_id))
        if ours:
            assert oracle.now - begun <= 21, oracle.story("S14: the reload took too long")
            assert self.house.treadmill.speed == 0, oracle.story("S14: a belt of ours was left running")

    async def waits(self) -> None:
        await self.passes(self.rng.choice([0.5, 3, 10, 30]))

    async def step(self) -> None:
        doing: dict[Callable[[], Awaitable[None]], int] = {
            self.presses: 6, self.presses_twice: 3, self.wants_to_walk: 8, self.walks_on: 3, self.makes_it_faster: 3,
            self.chooses: 5, self.tells: 2, self.locks: 1, self.unlock: 2, self.speaks: 2, self.console: 2,
            self.restarts: 1, self.waits: 4,
        }  # fmt: skip
        [what] = self.rng.choices(list(doing), list(doing.values()))
        await what()
        await self.passes(self.rng.choice([0.1, 0.5, 2]))


async def _both[T](*works: Coroutine[Any, Any, T]) -> list[T]:
    return await asyncio.gather(*works)


@pytest.mark.parametrize("seed", SEEDS)
async def test_s2_s3_s4_s5_s8_s14_s16_s17_whatever_is_pressed_on_two_cards(
    hass: HomeAssistant,
    house: House,
    lisa: MockUser,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    seed: int,
) -> None:
    hass.states.async_set("person.lisa", "home", {"user_id": lisa.id})
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Bert", person="person.lisa")]))
    await house.store_session("anna")
    chaos = Chaos(house, random.Random(seed), VirtualTime(house, monkeypatch))
    token = await hass.auth.async_create_refresh_token(lisa, "https://example.org")
    for name, more in (("Owner", ()), ("Lisa", (hass.auth.async_create_access_token(token),))):
        card = Card(hass, await hass_ws_client(hass, *more))
        await card.subscribe()
        chaos.people.append(Person(name, card, chaos))
    for _ in range(STEPS):
        await chaos.step()
        errors = [record for record in caplog.records if record.levelno >= 40 and record.name.startswith(JUDGED_LOGS)]
        bad = [record for record in errors if "Unauthorized" not in record.getMessage()]  # Lisa is no administrator
        assert not bad, chaos.oracle.story(f"{bad[0].getMessage()} {bad[0].exc_text}")
    oracle = chaos.oracle
    assert oracle.starts or seed not in DAILY, oracle.story("nobody ever walked")
    await chaos.people[1].press("stop", fresh=False)
    await chaos.passes(SURE_TO_REST + 10)
    assert house.treadmill.speed == 0, oracle.story("S3: the belt runs after a Stop of a card")
