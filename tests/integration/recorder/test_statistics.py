"""Long-term statistics of sessions, compiled by a real recorder: types, units, and sums over days and restarts."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import TickingDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_list_statistic_ids, statistics_during_period
from homeassistant.helpers import issue_registry as ir

from tests.integration.recorder.conftest import NINE_O_CLOCK
from tests.support.house import House, make_entry, walker_subentry
from tests.support.recorded import RecordedTime

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUMS = {
    # Key: unit in the database, unit class.
    "today": ("min", "duration"),
    "week": ("min", "duration"),
    "total_duration": ("min", "duration"),
    "total_distance": ("km", "distance"),
    "total_calories": ("kcal", "energy"),
    "distance": ("m", "distance"),
    "session_calories": ("kcal", "energy"),
    "session_duration": ("s", "duration"),
}
MEANS = {"speed": ("km/h", "speed"), "incline": ("%", "unitless"), "streak": ("d", "duration")}
NEVER = {"session_ends", "session_state", "connection", "last_session", "program_step"}
"""Sensors without statistics, because they are meaningless over time or count down."""


class Statistics:
    """The hourly statistics of the house."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def metadata(self) -> dict[str, dict[str, Any]]:
        """Return the metadata of each key with statistics, without Ben's, whose keys are the same as Anna's."""
        listed = {one["statistic_id"]: one for one in await async_list_statistic_ids(self._house.hass)}
        keys = {*SUMS, *MEANS, *NEVER}
        return {key: listed[entity_id] for key in keys if (entity_id := self._house.entity_id(key)) in listed}

    async def hour(self, key: str, begins: datetime) -> dict[str, Any]:
        """Return the row of one hour."""
        entity_id = self._house.entity_id(key)
        rows = await get_instance(self._house.hass).async_add_executor_job(
            lambda: statistics_during_period(
                self._house.hass, begins, begins + HOUR, {entity_id}, "hour", None, {"sum", "mean", "max", "state"}
            )
        )
        (row,) = rows[entity_id]
        return dict(row)


async def run_session(house: House, time: RecordedTime, seconds: float) -> None:
    """Let Anna walk backward, from the press of Start until the session is saved."""
    before = len(house.coordinator.roster.history)
    house.coordinator.next_session.choose_walker("anna")
    house.coordinator.next_session.choose_program("free")
    await house.press("start")
    await time.time(4)  # otherwise it would count as the same press
    await house.press("start")
    await time.until("warm_up", 25)
    await time.time(seconds)
    await house.press("stop")
    await time.until("finished", 10)
    await time.time(6)  # so that no restart follows
    await house.until(lambda: len(house.coordinator.roster.history) == before + 1)


def on_the_hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


async def test_statistics_of_what_was_walked(
    recorder_mock: Recorder, house: House, wall: TickingDateTimeFactory
) -> None:
    nine = on_the_hour(NINE_O_CLOCK)
    await house.set_up(make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Ben")]))
    time, statistics = RecordedTime(house, wall), Statistics(house)
    await time.time(5)
    await run_session(house, time, 90)
    minutes, metres = float(house.state("today")), float(house.state("distance"))
    calories = float(house.state("total_calories"))
    assert (minutes, metres) == (1.5, 12)
    await time.skip(nine + HOUR + timedelta(minutes=6))

    metadata = await statistics.metadata()
    assert set(metadata) == {*SUMS, *MEANS}
    for key, unit in SUMS.items():
        shown = (metadata[key]["statistics_unit_of_measurement"], metadata[key]["unit_class"])
        assert (key, shown, metadata[key]["has_sum"]) == (key, unit, True)
        assert metadata[key]["mean_type"] is StatisticMeanType.NONE
    for key, unit in MEANS.items():
        shown = (metadata[key]["statistics_unit_of_measurement"], metadata[key]["unit_class"])
        assert (key, shown, metadata[key]["has_sum"]) == (key, unit, False)
        assert metadata[key]["mean_type"] is StatisticMeanType.ARITHMETIC
    first_hour = {key: await statistics.hour(key, nine) for key in SUMS}
    assert {key: row["sum"] for key, row in first_hour.items()} == {
        "today": minutes,
        "week": minutes,
        "total_duration": minutes,
        "total_distance": metres / 1000,
        "total_calories": calories,
        "distance": metres,
        "session_calories": float(house.state("session_calories")),
        "session_duration": float(house.state("session_duration")),
    }
    assert (await statistics.hour("speed", nine))["max"] == 0.5

    # Home Assistant restarts, and another session follows within the hour.
    of_the_session = {"distance", "session_calories", "session_duration"}
    totals = {key: house.state(key) for key in SUMS if key not in of_the_session}
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.until(lambda: house.state("connection") == "connected")
    await time.time(5)
    assert {key: house.state(key) for key in totals} == totals
    assert [house.state(key) for key in ("distance", "session_calories", "session_duration")] == ["0", "0", "0"]
    await run_session(house, time, 90)
    await time.skip(nine + 2 * HOUR + timedelta(minutes=6))
    for key, row in first_hour.items():
        after = await statistics.hour(key, nine + HOUR)
        assert abs(after["sum"] - 2 * row["sum"]) <= 0.1 * row["sum"] + 0.001, key

    # The next day begins at 0, which does not reduce the sum.
    wall.move_to(NINE_O_CLOCK + DAY)
    await house.until(lambda: house.state("today") == "0.0")
    assert abs(float(house.state("week")) - 2 * minutes) <= 0.2  # it was a Monday
    await time.time(5)
    await run_session(house, time, 90)
    await time.skip(nine + DAY + HOUR + timedelta(minutes=6))
    tomorrow = await statistics.hour("today", nine + DAY)
    assert abs(tomorrow["state"] - minutes) <= 0.1
    assert abs(tomorrow["sum"] - 3 * minutes) <= 0.3
    assert abs((await statistics.hour("total_duration", nine + DAY))["sum"] - 3 * minutes) <= 0.3
    # Home Assistant reports no problem with any of this.
    assert not [issue for issue in ir.async_get(house.hass).issues if issue[0] == "sensor"]
