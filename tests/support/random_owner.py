"""What owners, walkers, voices, radios and power cuts do to one treadmill, in random order."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ulid import ulid_at_time

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.calibration import StatedUnits
from custom_components.retrowalk.machine.model import Quirk
from custom_components.retrowalk.simulator.personality import Personality
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.states import BETWEEN_SESSIONS, STEERING, SessionState
from custom_components.retrowalk.treadmill.caller import ONE_PRESS
from custom_components.retrowalk.treadmill.options import Options
from tests.support.house_judge import HouseJudge
from tests.support.odd_house import OddHouse

OURS = STEERING | {SessionState.STARTING, SessionState.STOPPING}
LEAVES_WITHIN = 25.0
"""Seconds in which a belt of ours rests when its entry is unloaded (S14)."""
FORCEABLE = (Quirk.PAUSE_STOPS, Quirk.START_TOGGLES, Quirk.CONSOLE_DEAD, Quirk.STEPS_IN_TAIL)
"""What an owner may choose on any machine without taking its control away."""


class RandomOwner:
    """Everything that happens to one treadmill."""

    def __init__(
        self, house: OddHouse, judge: HouseJudge, personality: Personality, rng: random.Random, disk: dict[str, Any]
    ) -> None:
        self.house, self.judge, self.rng, self.personality, self.disk = house, judge, rng, personality, disk

    async def lives(self, acts: int) -> None:
        """Do a number of things."""
        for _ in range(acts):
            await self.house.comes(lambda: self.house.loaded)
            await self._one()
            await self.house.time(self.rng.choice([0.2, 0.2, 0.6, 2, 6]))

    async def _one(self) -> None:
        doing: dict[Callable[[], Awaitable[None]], int] = {
            self.wants_to_walk: 10, self.presses: 3, self.nobody_confirms: 3, self.stops: 4, self.pauses: 3,
            self.finishes: 2, self.resumes: 5, self.wishes: 7, self.lifts: 3, self.console: 4, self.loses_link: 3,
            self.silence: 1, self.reloads: 2, self.is_killed: 3, self.saves: 5, self.checks: 1, self.waits: 8,
        }  # fmt: skip
        if not self.house.coordinator.session.rules.control:
            self.judge.note("saves control again")
            self.house.save(control="control")
        blocked = self.house.coordinator.session.rules.blocked_by is not None
        if blocked and self.rng.random() < 0.3:
            await self.checks()
            return
        await self.rng.choices(list(doing), list(doing.values()))[0]()

    async def _try(self, what: str, work: Awaitable[Any]) -> bool:
        """Wait for a request, and return whether it was accepted."""
        self.judge.note(what)
        try:
            await self.house.during(work)
        except HomeAssistantError as err:
            self.judge.note(f"  refused: {err.translation_key or err}")
            return False
        except KeyError as err:
            self.judge.note(f"  no such entity: {err}")
            return False
        return True

    def _person(self) -> Context:
        return self.house.person()

    async def _call(self, action: str, by: Context, **data: Any) -> bool:
        house = self.house
        entity = {"entity_id": house.entity_id("session")}
        call = house.hass.services.async_call(DOMAIN, action, {**entity, **data}, blocking=True, context=by)
        return await self._try(f"{action} {data}", call)

    # A walk

    async def wants_to_walk(self) -> None:
        """Follow the order of a person who wants to walk, because most random orders lead nowhere."""
        house = self.house
        if house.session_state is not SessionState.READY:
            await self._press("start")
        await house.comes(lambda: house.loaded and house.state("connection") == "connected", 30)
        await house.time(ONE_PRESS + 0.4)
        await self._confirm("start")
        await house.time(self.rng.choice([1, 10, 20, 20, 35, 60]))

    async def _press(self, key: str) -> bool:
        if not (self.house.loaded and self.house.has(key)):
            return False
        return await self._try(f"presses {key}", self.house.call("button", "press", key, by=self._person()))

    async def _confirm(self, key: str) -> None:
        house = self.house
        if house.session_state is not SessionState.READY:
            return
        self.judge.confirms()
        if not await self._press(key):
            self.judge.withdraws("refused")

    async def presses(self) -> None:
        """Press Start once; whoever pressed before has made ready."""
        if self.house.session_state is SessionState.READY:
            await self._confirm("start")
        else:
            await self._press("start")

    async def nobody_confirms(self) -> None:
        """Let a voice or an automation try what takes a person."""
        house = self.house
        wall = house.clock.wall()
        by = self.rng.choice(
            [
                Context(),
                Context(user_id=house.user_id, id=ulid_at_time(wall - 5)),
                Context(user_id=house.user_id, id=ulid_at_time(wall), parent_id=Context().id),
            ]
        )
        key = self.rng.choice(["start", "resume"])
        if house.has(key):
            await self._try(f"nobody presses {key}", house.call("button", "press", key, by=by))

    async def stops(self) -> None:
        """Stop, as anybody may."""
        house, judge = self.house, self.judge
        by = self.rng.choice([Context(), self._person()])
        moving = house.treadmill.speed > 0
        judge.stops()
        written = len(house.peripheral.writes)
        await self._try("STOP", house.call("button", "press", "stop", by=by))
        if moving and house.peripheral.connected and not house.faults.off:
            await house.time(1)
            if len(house.peripheral.writes) == written:
                judge.fail("S3", "nothing is written")

    async def pauses(self) -> None:
        await self._try("pauses", self.house.during(self.house.coordinator.control.pause()))

    async def finishes(self) -> None:
        await self._try("finishes", self.house.during(self.house.coordinator.control.finish()))

    async def resumes(self) -> None:
        """Resume, with both acts."""
        house = self.house
        if house.session_state not in {SessionState.PAUSED, SessionState.MANUAL, SessionState.INTERRUPTED}:
            return
        await self._press("resume")
        await house.time(ONE_PRESS + 0.4)
        await self._confirm("resume")
        await house.time(self.rng.choice([1, 20, 35]))

    async def wishes(self) -> None:
        """Wish a speed."""
        house = self.house
        kmh = self.rng.choice([0.5, 1.0, 1.5, 2.0, 2.0, 2.6, 3.0, 3.0, 4.5])
        if not house.has("target_speed"):
            return
        setting = house.call("number", "set_value", "target_speed", by=self._person(), value=kmh)
        await self._try(f"wishes {kmh}", setting)
        await house.time(self.rng.choice([1, 20, 40]))

    async def lifts(self) -> None:
        """Wish an incline."""
        house = self.house
        percent = self.rng.choice([0.0, 1.0, 2.0, 3.0, 6.0])
        if not house.has("target_incline"):
            return
        setting = house.call("number", "set_value", "target_incline", by=self._person(), value=percent)
        await self._try(f"wishes {percent} %", setting)
        await house.time(self.rng.choice([1, 20]))

    # Machine and radio

    async def console(self) -> None:
        """Use the console."""
        treadmill, rng, judge = self.house.treadmill, self.rng, self.judge
        what = rng.choice(["start", "stop", "stop", "pause", "speed", "key"])
        judge.note(f"console {what}")
        match what:
            case "start":
                before = treadmill.phase
                treadmill.press_start()
                if treadmill.phase is not before:
                    judge.console(starts=True)
            case "key":
                if self.personality.protocol == "ftms":  # others do not tell that it is out
                    judge.console()
                treadmill.pull_safety_key()
                await self.house.time(3)
                treadmill.insert_safety_key()
            case _ if treadmill.phase is Phase.IDLE:
                pass  # there is nothing that it could report
            case "stop":
                # On machines that only tell what they do, the end of a pause looks like any other rest.
                if self.personality.protocol == "ftms" or treadmill.phase is not Phase.PAUSED:
                    judge.console()
                treadmill.press_stop()
            case "pause":
                judge.console()
                treadmill.press_pause()
            case _:
                judge.console()
                treadmill.press_speed(rng.choice([0.7, 1.5, 2.5]))

    async def loses_link(self) -> None:
        """Lose the link, for a moment or longer."""
        house = self.house
        self.judge.note("the link is lost")
        self.judge.withdraws("link")
        if self.rng.random() < 0.4:
            house.peripheral.drop_link()
        else:
            house.faults.off = True
            await house.time(self.rng.choice([0.4, 2, 8, 40, 70]))
            house.faults.off = False
        self.judge.note("the radio is there")
        await house.time(self.rng.choice([0.2, 2, 6]))

    async def silence(self) -> None:
        """Let the machine say nothing for a while."""
        self.judge.note("silence")
        self.house.faults.silent = True
        await self.house.time(self.rng.choice([1, 4, 8, 20]))
        self.house.faults.silent = self.personality.make_faults().silent

    # Home Assistant

    async def reloads(self) -> None:
        """Reload the entry, or unload it and set it up again."""
        house, judge = self.house, self.judge
        assert house.entry is not None
        await house.comes(lambda: house.loaded)
        ours, linked = house.session_state in OURS, house.peripheral.connected
        self.judge.withdraws("reload")
        judge.note("reloads")
        begun = judge.now
        entries = house.hass.config_entries
        await house.during(entries.async_reload(house.entry.entry_id))
        judge.note(f"reloaded in {judge.now - begun:.1f} s")
        if ours and linked:
            await house.time(max(0.0, LEAVES_WITHIN - (judge.now - begun)))
            if house.treadmill.speed > 0 and not house.faults.silent:
                judge.fail("S14", "a belt of ours was left running")

    async def is_killed(self) -> None:
        """Cut the power of Home Assistant."""
        house, judge = self.house, self.judge
        down = self.rng.choice([2, 10, 40, 90])
        self.judge.withdraws("killed")
        judge.note(f"killed for {down} s")
        await house.killed(self.disk, down)
        await house.back()
        judge.note("back")
        written = len(house.peripheral.writes)
        await house.time(self.rng.choice([1, 5, 20]))
        judge.note(f"{len(house.peripheral.writes) - written} writes since")

    async def saves(self) -> None:
        """Save options, whatever happens at the moment."""
        rng, house = self.rng, self.house
        what: dict[str, Any] = rng.choice(
            [
                {"units": rng.choice(list(StatedUnits)).value},
                {"units": StatedUnits.FOUND_OUT.value},
                {"incline": rng.choice(["ignored", "found_out"])},
                {"quirks": {quirk.value: rng.random() < 0.5 for quirk in rng.sample(FORCEABLE, rng.choice([0, 1, 2]))}},
                {"backward_speed": rng.choice([2.5, 3.0])},
                {"control": "monitor"},
                {"connection": rng.choice(["on_wake", "always", "on_demand"])},
                {"idle_seconds": rng.choice([30, 120])},
                {"countdown_backward": rng.choice([10, 15, 30])},
            ]
        )
        assert house.entry is not None
        self.judge.note(f"saves {what}")
        before = house.entry.options
        if not Options.read({**before, **what}).starts_like(Options.read(before)):
            self.judge.withdraws("options")
        house.save(**what)

    async def checks(self) -> None:
        """Run the check run; sometimes something happens in its middle."""
        house, judge, rng = self.house, self.judge, self.rng
        await house.comes(lambda: house.treadmill.at_rest, 60)
        if not house.treadmill.at_rest:
            return
        await house.comes(lambda: house.loaded)
        at, happens = rng.choice([5, 12, 30, 60]), rng.choice(["nothing", "nothing", "options", "stop", "link"])
        done: list[str] = []
        begun = judge.now

        def meanwhile(_: CheckRun) -> None:
            if judge.now - begun < at or done:
                return
            done.append(happens)
            judge.note(f"amid the check run: {happens}")
            if happens == "options":
                house.save(units=rng.choice(list(StatedUnits)).value)
            elif happens == "link":
                house.peripheral.drop_link()
            elif happens == "stop":
                house.coordinator.session.stop(judge.now)
                house.coordinator.runner.dispatch()

        if house.session_state not in BETWEEN_SESSIONS:
            return
        judge.checking = True
        judge.note("check run")
        try:
            check = await house.check(meanwhile)
        except HomeAssistantError as err:
            judge.note(f"  refused: {err.translation_key}")
        else:
            judge.note(f"check run: {check.failure}, {check.units}")
        finally:
            await house.comes(lambda: house.treadmill.at_rest, 60)
            judge.checking = False
            house.treadmill.occupied = True

    async def waits(self) -> None:
        await self.house.time(self.rng.choice([1, 4, 10, 30]))
