"""A house with two treadmills, on which 0.6.1 made two walkers of one person, and its files on disk.

Like surface.py, this file imports nothing from this repository: it runs within the tests of that version, too.
"""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

DOMAIN = "retrowalk"
ENTRIES_FILE = "entries.json"
OF_ENTRY = ("data", "domain", "entry_id", "minor_version", "options", "source", "title", "unique_id", "version")
LOGGED = (
    # Treadmill, when, minutes, meters, note.
    (0, "2025-12-30 12:00:00", 6, 120, "On the first one"),
    (0, "2026-11-16 12:00:00", 5, 110, "Knees feel good ☂"),
    (1, "2025-12-31 12:00:00", 7, 140, None),
    (1, "2026-11-17 12:00:00", 8, 160, "On the second one"),
)


class TwoTreadmills:
    """Two virtual treadmills, each with Anna, as their set-up made her."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.entries: list[Any] = []

    @property
    def disk(self) -> Path:
        return Path(self.hass.config.path(".storage"))

    async def live(self, folder: Path) -> None:
        """Set both up, walk, rate, and copy what is on the disk to a folder."""
        self.disk.mkdir(exist_ok=True)
        self.hass.states.async_set("person.anna", "home", {"friendly_name": "Anna"})
        for _ in range(2):
            await self._add()
        for number, started, minutes, distance, note in LOGGED:
            walk = {"walker": "Anna", "started": started, "minutes": minutes, "distance": distance}
            session = await self._call(number, "log_session", **walk, **({"note": note} if note else {}))
            rating = {"session_id": session["id"], "discomfort_before": 2, "discomfort_after": number + 1}
            await self._call(number, "rate_session", **rating)
        files = {path.name: path.read_text() for path in self.disk.glob(f"{DOMAIN}*") if path.is_file()}
        kept = [{name: each[name] for name in (*OF_ENTRY, "subentries")} for each in self._stored()]
        files[ENTRIES_FILE] = json.dumps(kept, indent=1)
        for name, text in files.items():
            (folder / name).write_text(text.rstrip() + "\n")
        for entry in self.entries:
            assert await self.hass.config_entries.async_unload(entry.entry_id)

    def _stored(self) -> list[Any]:
        return [json.loads(json.dumps(entry.as_dict(), default=str)) for entry in self.entries]

    async def _add(self) -> None:
        flows = self.hass.config_entries.flow
        result: Any = await flows.async_init(DOMAIN, context={"source": "user"})
        answers = {
            "user": {"next_step_id": "virtual"},
            "virtual": {},
            "safety": {"control": "control", "safety_key": True, "rail": True},
            "announcer": {"announce": "none"},
            "walker": {"name": "Anna", "weight": 62.5, "person": "person.anna", "daily_goal": 5},
        }
        while result["type"] is not FlowResultType.CREATE_ENTRY:
            while result["type"] in {FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE}:
                await self.hass.async_block_till_done()
                result = await flows.async_configure(result["flow_id"])
            result = await flows.async_configure(result["flow_id"], answers[result["step_id"]])
        await self.hass.async_block_till_done()
        self.entries.append(result["result"])

    async def _call(self, number: int, action: str, **data: Any) -> Any:
        entry = self.entries[number]
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry.entry_id)
        device = next(device for device in devices if (DOMAIN, entry.data["address"]) in device.identifiers)
        data = {"device_id": device.id, **data}
        return await self.hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)

    async def come_back(self, folder: Path) -> list[Any]:
        """Start from the files on disk and return the entries."""
        self.hass.states.async_set("person.anna", "home", {"friendly_name": "Anna"})
        self.disk.mkdir(exist_ok=True)
        for path in folder.iterdir():
            if path.name.startswith(DOMAIN):
                (self.disk / path.name).write_text(path.read_text())
        for kept in json.loads((folder / ENTRIES_FILE).read_text()):
            entry = MockConfigEntry(**{name: kept[name] for name in OF_ENTRY}, subentries_data=kept["subentries"])
            entry.add_to_hass(self.hass)
            self.entries.append(entry)
        # With the first one the integration is set up, and so are all.
        assert await self.hass.config_entries.async_setup(self.entries[0].entry_id)
        await self.hass.async_block_till_done()
        return self.entries
