"""Benchmark of the database: every row that a real recorder writes for a session, counted after the commit.

This counts the rows of all entities of the treadmill and of two walkers in states, state_attributes, statistics and
statistics_short_term, and all events with their data, from the first press of Start until the session is idle again.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from freezegun.api import TickingDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from sqlalchemy import text

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.effort import FOR_FIGURES
from tests.support.house import ADDRESS, House, make_entry, walker_subentry
from tests.support.own_programs import own
from tests.support.recorded import RecordedTime

MOST_ROWS = {5: 150, 30: 700}
"""Rows that a session of so many minutes may write in all, those of Home Assistant's statistics included."""
TURNED_ON = ("machine_energy", "training_status", "signal_strength")
"""Entities that are off at first and are counted nevertheless: they follow the machine."""
MORE = ("average_speed", "top_speed", "elevation_gain")
MORE_OF_WALKERS = ("forward_duration", "forward_distance", "forward_calories", "total_steps")
"""Those that are off at first and only sum up."""
MOST_ROWS_WITH_ALL = 180
"""With these on too, of two walkers: eight of the rows are hourly and five-minute statistics of totals that stay."""
TREMBLES = 0.1
"""By how much (km/h, and % of the deck) the machine's values tremble around what they should be."""
HILLY = [
    {"minutes": 1, "speed": 0.5},
    {"seconds": 60, "speed": {"from": 0.5, "to": 1.5}, "label": "Up"},
    {"repeat": 3, "steps": [{"seconds": 20, "speed": 1.5, "incline": 0}, {"seconds": 20, "speed": 1.2}]},
    {"minutes": 1, "speed": {"from": 1.2, "to": 0.5}},
]
"""Five minutes in which something always changes."""
ROWS = {
    # The number of rows in each table that belong to each of our entities; for shared rows, those that they use.
    "states": "SELECT m.entity_id, COUNT(*) FROM states s JOIN states_meta m USING (metadata_id) GROUP BY 1",
    "state_attributes": (
        "SELECT MIN(m.entity_id), 1 FROM states s JOIN states_meta m USING (metadata_id)"
        " WHERE s.attributes_id IS NOT NULL GROUP BY s.attributes_id"
    ),
    "statistics_short_term": (
        "SELECT m.statistic_id, COUNT(*) FROM statistics_short_term s JOIN statistics_meta m ON m.id = s.metadata_id"
        " GROUP BY 1"
    ),
    "statistics": (
        "SELECT m.statistic_id, COUNT(*) FROM statistics s JOIN statistics_meta m ON m.id = s.metadata_id GROUP BY 1"
    ),
    # Mostly action calls. They belong to no single entity, so all of them count.
    "events": (
        "SELECT 'event ' || t.event_type, COUNT(*) FROM events e JOIN event_types t USING (event_type_id) GROUP BY 1"
    ),
    "event_data": (
        "SELECT 'event ' || MIN(t.event_type), 1 FROM events e JOIN event_types t USING (event_type_id)"
        " WHERE e.data_id IS NOT NULL GROUP BY e.data_id"
    ),
}


async def rows(hass: HomeAssistant) -> Counter[tuple[str, str]]:
    """Return all rows in the database by table and entity."""
    await async_wait_recording_done(hass)

    def count() -> Iterator[tuple[tuple[str, str], int]]:
        with session_scope(hass=hass, read_only=True) as session:
            for table, query in ROWS.items():
                for entity_id, number in session.execute(text(query)):
                    yield (table, entity_id), number

    counted: Counter[tuple[str, str]] = Counter()
    for key, number in await get_instance(hass).async_add_executor_job(lambda: list(count())):
        counted[key] += number
    return counted


async def walk(house: House, recorded: RecordedTime, program: str | None, minutes: int) -> float:
    """Walk a session as Anna, from the first press until it is idle again; return how many seconds it took."""
    await house.call("select", "select_option", "walker", by=house.person(), option="Anna")
    if program:
        await house.call("select", "select_option", "program", by=house.person(), option=program)
    await house.press("start")
    await recorded.time(4)
    await house.press("start")
    await recorded.until("warm_up", 25)
    began = house.clock.seconds
    await recorded.time(20)
    for speed, seconds in () if program else ((1.0, 45), (1.5, 50), (1.2, 30), (2.0, 60)):
        await house.set_number("target_speed", speed)
        await recorded.time(seconds)
    await recorded.until("finished", 60 * minutes)
    duration = house.clock.seconds - began
    await recorded.until("idle", 70)
    return duration


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("program", "minutes"),
    [
        pytest.param(None, 5, id="plan", marks=FOR_FIGURES),
        pytest.param("Evening", 5, id="program", marks=FOR_FIGURES),
        pytest.param("Long evening", 30, id="half_an_hour", marks=FOR_FIGURES),
        pytest.param("Everything", 5, id="everything"),
    ],
)
async def test_a_session_writes_few_rows(
    recorder_mock: Recorder,
    house: House,
    wall: TickingDateTimeFactory,
    capsys: pytest.CaptureFixture[str],
    figure: Callable[[str, float], None],
    program: str | None,
    minutes: int,
) -> None:
    """Test with entities that are off at first, on a machine that reports heart rate, steps and fluctuating values.

    The second session is counted: the first ever also writes what is kept once, such as what assistants may operate.
    """
    hass = house.hass
    house.treadmill.profile = Profile(heart_rate=True, steps=True)
    subentries = [walker_subentry("Anna"), walker_subentry("Ben")]
    if program:
        subentries.append(own(program, steps=HILLY if minutes == 5 else 6 * HILLY))
    house.peripheral.name = "KS-Treadmill"  # a model that counts steps
    registry = er.async_get(hass)
    everything = program == "Everything"
    keys = [*TURNED_ON, *(MORE if everything else ())]
    keys += [f"{walker}_{key}" for walker in ("anna", "ben") for key in MORE_OF_WALKERS if everything]
    for key in keys:
        registry.async_get_or_create("sensor", DOMAIN, f"{ADDRESS.lower()}_{key}")  # otherwise it is disabled
    await house.set_up(make_entry(walkers=subentries))
    recorded = RecordedTime(house, wall, TREMBLES)
    await recorded.time(5)
    ours = {one.entity_id for one in er.async_entries_for_config_entry(registry, house.entry.entry_id)}
    if minutes == 5:
        await walk(house, recorded, program, minutes)
    before = await rows(hass)
    duration = await walk(house, recorded, program, minutes)

    written = await rows(hass)
    written.subtract(before)
    written = +written
    by_entity: Counter[str] = Counter()
    by_table: Counter[str] = Counter()
    for (table, entity_id), number in written.items():
        if entity_id in ours or entity_id.startswith("event "):
            by_entity[entity_id] += number
            by_table[table] += number
    with capsys.disabled():
        print(f"\nA session of {duration / 60:.1f} min, two trembling frames a second: {by_entity.total()} rows")  # noqa: T201
        print("  " + ", ".join(f"{table} {number}" for table, number in by_table.most_common()))  # noqa: T201
        for entity_id, number in by_entity.most_common():
            tables = ", ".join(f"{table} {n}" for (table, entity), n in written.items() if entity == entity_id)
            print(f"  {number:>4}  {entity_id:<40} {tables}")  # noqa: T201
    figure(f"rows_{minutes}{'_everything' if everything else '_program' if program else ''}", by_entity.total())
    assert 56 * minutes <= duration <= 64 * minutes
    assert by_entity.total() <= (MOST_ROWS_WITH_ALL if everything else MOST_ROWS[minutes])
