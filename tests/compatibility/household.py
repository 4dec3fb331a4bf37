"""A household's files on disk in the middle of a session, and what it sees after the power is back.

Anna set up her treadmill on Tuesday, ran its check, and walked. On Wednesday she was reminded, snoozed that, walked
anyway, and the power failed. Like surface.py, this file imports nothing from this repository.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from .surface import DOMAIN, ENTRY, WALKER, Surface, shape

BERT = "01KABERT000000000000000000"
PROGRAM = "01KAPROGRAM000000000000000"
ENTRY_FILE = "entry.json"
_OF_ENTRY = ("data", "domain", "entry_id", "minor_version", "options", "source", "title", "unique_id", "version")
POWER_IS_BACK = "2026-11-25T18:10:00-08:00"


class Household:
    """A house with a disk, on a clock that the test advances."""

    def __init__(self, surface: Surface, freezer: FrozenDateTimeFactory) -> None:
        self.surface = surface
        self.house = surface.house
        self.hass = surface.hass
        self.freezer = freezer

    async def at(self, moment: str) -> None:
        self.freezer.move_to(moment)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()
        await self.house.settle()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for Home Assistant, whose own timers depend on the frozen clock."""
        for _ in range(2000):
            if condition():
                return
            self.freezer.tick(0.01)
            await self.house.settle()
        raise AssertionError("did not happen")

    def state(self, key: str) -> str:
        state = self.hass.states.get(self.surface.entity_id("sensor", key))
        assert state is not None
        return state.state

    @property
    def disk(self) -> Path:
        return Path(self.hass.config.path(".storage"))

    # How the files on disk are created

    async def live(self, folder: Path) -> None:
        """Run up to the power failure; then copy the files on disk to a folder, with anonymous ids."""
        await self.at("2026-11-24T08:00:00-08:00")
        self.hass.states.async_set("person.anna", "home", {"user_id": self.house.user_id, "friendly_name": "Anna"})
        self.hass.states.async_set("binary_sensor.door", "off")
        assert await async_setup_component(self.hass, "config", {})
        await self._set_up()
        await self._check()
        await self._choose_settings()
        anna, bert = await self._set_up_walkers()
        await self.surface.call(
            "save_program",
            name="Hills",
            steps=[
                {"minutes": 1, "speed": 1, "label": "Warm-up"},
                {"repeat": 2, "steps": [{"seconds": 60, "speed": {"from": 1, "to": 1.4}}, {"seconds": 30}]},
                {"minutes": 1, "speed": 1},
            ],
        )
        await self.surface.press("select", "select_option", "program", option="Hills")
        await self._run_session(330)
        await self.until(lambda: self.state("session_state") in {"finished", "idle"})
        await self.house.time(10)
        await self.surface.call("rate_session", discomfort_before=1, discomfort_after=2, note="Knees feel good ☂")
        await self.surface.call(
            "log_session", bert, started="2025-12-31 12:00:00", minutes=10, distance=300, note="By hand"
        )
        await self.surface.call("pause_plan", bert, until="2026-12-24")

        await self.at("2026-11-25T17:55:00-08:00")
        await self.at("2026-11-25T18:00:00-08:00")
        await self.surface.call("snooze_reminder", anna)
        await self.at("2026-11-25T18:05:00-08:00")
        await self._run_session(60)
        await self.hass.async_block_till_done()

        ids = {self.house.entry.entry_id: ENTRY, anna: WALKER, bert: BERT}
        ids |= {each.subentry_id: PROGRAM for each in self.house.entry.subentries.values() if each.title == "Hills"}
        files = {path.name: path.read_text() for path in self.disk.glob(f"{DOMAIN}*")}
        entry = self.house.entry.as_dict()
        files[ENTRY_FILE] = json.dumps({name: entry[name] for name in (*_OF_ENTRY, "subentries")}, indent=1)
        own = re.compile("|".join(ids))
        for name, text in files.items():
            name_of_nobody, text_of_nobody = (own.sub(lambda match: ids[match[0]], part) for part in (name, text))
            (folder / name_of_nobody).write_text(text_of_nobody.rstrip() + "\n")

    async def _set_up(self) -> None:
        flows = self.hass.config_entries.flow
        await self.until(lambda: bool(flows.async_progress_by_handler(DOMAIN)))
        [flow] = flows.async_progress_by_handler(DOMAIN)
        result: Any = await flows.async_configure(flow["flow_id"], {})
        result = await self._wait(flows, result)
        for answers in (
            {"control": "control", "safety_key": True, "rail": True},
            {"announce": "none"},
            {"name": "Anna", "weight": 62.5, "person": "person.anna", "daily_goal": 5},
        ):
            result = await self._wait(flows, await flows.async_configure(flow["flow_id"], answers))
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await self.hass.async_block_till_done()
        self.house.entry = result["result"]
        await self.until(lambda: self.state("connection") == "connected")
        await self.house.time(1)

    async def _check(self) -> None:
        flows = self.hass.config_entries.options
        result: Any = await flows.async_init(self.house.entry.entry_id)
        flow_id = result["flow_id"]
        result = await flows.async_configure(flow_id, {"next_step_id": "check"})
        answers = dict.fromkeys(map(str, result["data_schema"].schema), True)
        result = await self._wait(flows, await flows.async_configure(flow_id, answers))
        assert result["step_id"] == "check_start", result
        # Only an identified person may begin it, and people connect over HTTP.
        user = await self.hass.auth.async_get_user(self.house.user_id)
        assert user is not None
        token = await self.hass.auth.async_create_refresh_token(user, "https://example.com/app")
        client = await self.surface.admin(self.hass.auth.async_create_access_token(token))
        response = await client.post(f"/api/config/config_entries/options/flow/{flow_id}", json={})
        assert response.status == 200
        result = await self._wait(flows, await flows.async_configure(flow_id), seconds=2)
        assert result["step_id"] == "check_console", result
        result = await flows.async_configure(flow_id, {"console": "kmh", "console_speed": 0.6})
        assert result["step_id"] == "check_passed", result
        flows.async_abort(flow_id)

    async def _choose_settings(self) -> None:
        result, shown = await self.settings()
        shown["limits"] |= {"backward_speed": 2.4, "backward_incline": 2.0, "forward_speed": 5.0}
        shown["countdown"] |= {"countdown_backward": 12, "countdown_forward": 4}
        shown["guards"] |= {"guards": ["binary_sensor.door"], "guard_stops": True}
        shown["connection"] |= {"connection": "always", "idle_seconds": 300}
        shown["calories"] |= {"energy_model": "article", "backward_factor": 1.3}
        await self.hass.config_entries.options.async_configure(result["flow_id"], shown)
        await self.hass.async_block_till_done()
        await self.until(lambda: self.state("connection") == "connected")
        await self.house.time(2)

    async def settings(self) -> tuple[Any, dict[str, Any]]:
        """Return the settings form and what it shows before anything is changed."""
        flows = self.hass.config_entries.options
        result: Any = await flows.async_init(self.house.entry.entry_id)
        result = await flows.async_configure(result["flow_id"], {"next_step_id": "settings"})
        return result, {
            str(group): _suggested(fields.schema) | fields.schema({})
            for group, fields in result["data_schema"].schema.items()
        }

    async def _set_up_walkers(self) -> tuple[str, str]:
        flows = self.hass.config_entries.subentries
        entry = self.house.entry
        [anna] = entry.subentries
        result: Any = await self._open_walker(anna)
        answers = {
            "name": "Anna",
            "weight": 63,
            "person": "person.anna",
            "daily_goal": 5,
            "days": ["mon", "tue", "wed"],
            "reminder": True,
            "reminder_time": "18:00:00",
            "quiet_from": "20:30:00",
            "send_test": False,
        }
        await flows.async_configure(result["flow_id"], answers)
        result = await flows.async_init((entry.entry_id, "walker"), context={"source": "user"})
        answers = {"name": "Bert", "weight": 95, "daily_goal": 10, "days": ["sat", "sun"]}
        defaults = {"reminder": False, "reminder_time": "18:00:00", "quiet_from": "20:00:00", "send_test": False}
        result = await flows.async_configure(result["flow_id"], {**answers, **defaults})
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await self.hass.async_block_till_done()
        [bert] = set(entry.subentries) - {anna}
        return anna, bert

    async def _open_walker(self, walker: str) -> Any:
        context: Any = {"source": "reconfigure", "subentry_id": walker}
        handler = (self.house.entry.entry_id, "walker")
        return await self.hass.config_entries.subentries.async_init(handler, context=context)

    async def _wait(self, flows: Any, result: Any, seconds: float = 0.0) -> Any:
        """Wait for steps that take time."""
        while result["type"] in {FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE}:
            await (self.house.time(seconds) if seconds else self.house.settle())
            result = await flows.async_configure(result["flow_id"])
        return result

    async def _run_session(self, seconds: float) -> None:
        await self.surface.walk(0)
        for _ in range(round(seconds + 20)):
            await self.house.time(1)
            self.freezer.tick(1)

    # What the household sees afterward

    async def come_back(self, folder: Path) -> dict[str, Any]:
        """Start from the files on disk and return what is visible."""
        await self.at(POWER_IS_BACK)
        self.hass.states.async_set("person.anna", "home", {"user_id": self.house.user_id, "friendly_name": "Anna"})
        self.hass.states.async_set("binary_sensor.door", "off")
        self.disk.mkdir(exist_ok=True)
        for path in folder.iterdir():
            if path.name.startswith(DOMAIN):
                (self.disk / path.name).write_text(path.read_text())
        kept = json.loads((folder / ENTRY_FILE).read_text())
        entry = MockConfigEntry(**{name: kept[name] for name in _OF_ENTRY}, subentries_data=kept["subentries"])
        await self.house.set_up(entry)
        await self.house.time(10)
        await self.hass.async_block_till_done()
        shown: dict[str, Any] = {
            "states": self._states(),
            "settings": (await self.settings())[1],
            "sessions": (await self._sessions()),
            "programs": await self.surface.call("list_programs"),
            "walkers": {walker: await self._answers_of(walker) for walker in (WALKER, BERT)},
            "issues": sorted(issue for domain, issue in ir.async_get(self.hass).issues if domain == DOMAIN),
        }
        for flow in self.hass.config_entries.options.async_progress():
            self.hass.config_entries.options.async_abort(flow["flow_id"])
        shown["reminded"] = await self._reminders()
        assert await self.hass.config_entries.async_unload(ENTRY)
        await self.hass.async_block_till_done()
        files = [path for path in self.disk.glob(f"{DOMAIN}*") if path.is_file()]
        shown["files"] = {path.name: shape(json.loads(path.read_text())) for path in files}
        return shown

    def _states(self) -> dict[str, Any]:
        """Return what every entity reports; for values that differ between runs, only that they exist."""
        states = {}
        for entry in er.async_entries_for_config_entry(er.async_get(self.hass), ENTRY):
            state = self.hass.states.get(entry.entity_id)
            if state is not None and entry.domain != "button":
                attributes = {
                    key: value for key, value in state.attributes.items() if key not in {"friendly_name", "icon"}
                }
                states[entry.entity_id] = {"state": state.state, **json.loads(json.dumps(attributes, default=str))}
        return states

    async def _reminders(self) -> list[dict[str, Any]]:
        """Return what happens to the snoozed reminder and to those of the next days."""
        reminders = []
        for moment, action in (
            ("2026-11-25T18:16:00-08:00", "snooze_reminder"),
            ("2026-11-26T00:00:30-08:00", None),
            ("2026-11-30T18:00:00-08:00", "skip_today"),
        ):
            await self.at(moment)
            reminders.append(self._reminded())
            if action is not None:
                await self.surface.call(action, WALKER)
                reminders.append(self._reminded())
        return reminders

    def _reminded(self) -> dict[str, Any]:
        state = self.hass.states.get(self.surface.entity_id("event", "reminder", WALKER))
        assert state is not None
        return {key: value for key, value in state.attributes.items() if key not in {"event_types", "friendly_name"}}

    async def _sessions(self) -> list[Any]:
        answer = await self.surface.call("get_sessions", **{"from": "2020-01-01 00:00:00", "to": "2027-01-01 00:00:00"})
        sessions: list[Any] = answer["sessions"]
        return sessions

    async def _answers_of(self, walker: str) -> dict[str, Any]:
        flow = await self._open_walker(walker)
        self.hass.config_entries.subentries.async_abort(flow["flow_id"])
        return _suggested(flow["data_schema"])


def _suggested(schema: Any) -> dict[str, Any]:
    """Return the values in a form that are not defaults."""
    return {
        str(marker): marker.description["suggested_value"]
        for marker in schema.schema
        if isinstance(marker.description, Mapping) and marker.description.get("suggested_value") is not None
    }
