"""Sessions in the files of a store, as earlier runs leave them, and as a later one finds them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.retrowalk.training.history.record import Outcome, SessionRecord
from custom_components.retrowalk.training.history.session_history import SessionHistory
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.walkers.store import SessionStore

ENTRY = "01JENTRY"
KEY = f"retrowalk.{ENTRY}.sessions"


def session(session_id: str, year: int = 2026, **others: Any) -> SessionRecord:
    started = datetime(year, 6, 1, 8, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": session_id,
        "walker": "anna",
        "direction": Direction.BACKWARD,
        "started": started,
        "ended": started + timedelta(minutes=5),
        "moving_time": 300.25,
        "distance": 166.7,
        "calories": 18.36,
        "calories_net": 12.53,
        "planned": 300.0,
        "outcome": Outcome.STOPPED,
        "note": "müde ☂",
    }
    return SessionRecord(**values | others)


async def start(hass: HomeAssistant) -> tuple[SessionStore, SessionHistory]:
    """Load the sessions from disk, as after a restart."""
    store = SessionStore(hass, ENTRY)
    return store, await store.async_load()


async def kept(hass: HomeAssistant) -> set[str]:
    return {record.id for record in (await start(hass))[1]}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"{KEY}*")) if path.is_file()}


def write(folder: Path, year: int, rows: list[Any], **header: Any) -> None:
    """Write the file of a year, as an earlier run would have."""
    content = {"version": 1, "minor_version": 1, "key": f"{KEY}.{year}", "data": {"sessions": rows}} | header
    (folder / f"{KEY}.{year}").write_text(json.dumps(content))
