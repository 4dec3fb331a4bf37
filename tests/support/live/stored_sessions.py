"""Sessions of earlier days, as they are in the files of a Home Assistant that does not run."""

import orjson

from custom_components.retrowalk.training.history.record import SessionRecord
from tests.support.live.homeassistant_process import HomeAssistantProcess
from tests.support.live.treadmill import DOMAIN


def store_sessions(house: HomeAssistantProcess, entry_id: str, records: list[SessionRecord]) -> None:
    """Write the files of the years, as an earlier run leaves them."""
    by_year: dict[int, list[SessionRecord]] = {}
    for record in records:
        by_year.setdefault(record.started.year, []).append(record)
    for year, found in by_year.items():
        key = f"{DOMAIN}.{entry_id}.sessions.{year}"
        data = {"sessions": [record.as_dict() for record in found]}
        content = {"version": 1, "minor_version": 1, "key": key, "data": data}
        (house.config_dir / ".storage" / key).write_bytes(orjson.dumps(content))
