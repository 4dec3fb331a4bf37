"""Public names are unchanged: those in automations, dashboards, recorders and files on disk.

A released version wrote the list itself (tests/compatibility). New names may be added.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from .. import compatibility
from ..compatibility.household import Household
from ..compatibility.surface import DOMAIN, PARTS, Surface
from ..support.house import House

RELEASED = Path(compatibility.__file__).parent / "0.5.0"
SURFACE = json.loads((RELEASED / "surface.json").read_text())
TARGETED = SURFACE["actions"]
REWORDED = {
    # Blueprint, input: what is written now in place of what was, and why.
    ("daily_reminder", "message"): ("speed ~ ' km/h' if speed else ''", "pace if pace", "0.8.0 uses the house's units"),
    ("spoken_coach", "interrupted"): ("Use the key", "Use the key or the remote", "0.8.0: many treadmills have no key"),
    ("voice_control", "how_long_answer"): ("keine Einheit", "kein Training", "0.10.0 speaks as Home Assistant does"),
}
REPAIRED = (
    *("not_checked", "check_outdated", "check_failed", "takes_miles", "announcer_failed"),
    *("not_obeyed_miles", "not_obeyed_overshoot", "not_obeyed_ignored", "reminder_lost", "reminder_unanswered"),
)
EDITED_CALENDAR = {
    "/calendar {address}_sessions/features: 0 is <CalendarEntityFeature.DELETE_EVENT|UPDATE_EVENT: 6>": (
        "0.8.0 edits and deletes sessions there"
    )
}
CATEGORIES = {
    "/button {address}_connect/category: None is 'config'": "0.11.0 keeps apart what a walk does not need",
    "/button {address}_disconnect/category: None is 'config'": "as above",
    "/sensor {address}_connection/category: None is 'diagnostic'": "as above",
}
CATEGORIES_OF_WALKERS = {
    f"/switch {{address}}_{{walker}}_{key}/category: None is 'config'": (
        "0.11.0: 'turn off all switches' by voice must not end the reminders"
    )
    for key in ("plan_paused", "reminder")
}
NAMES = {
    # Platform and key: the end of the entity ID that a new entity got in 0.5.0, and the one that it gets now.
    ("binary_sensor", "goal_reached"): ("daily_goal", "daily_goal_reached"),
    ("sensor", "total_duration"): ("backward_in_total", "total_backward_time"),
    ("sensor", "total_distance"): ("total_distance", "total_backward_distance"),
    ("sensor", "total_calories"): ("total_calories", "total_backward_calories"),
}
RENAMED = {
    f"/{platform} {{address}}_{{walker}}_{key}/entity_id: '{platform}.anna_{was}' is '{platform}.anna_{now}'": (
        "0.11.0 tells it from its siblings; whoever has it keeps its id (the registry's)"
    )
    for (platform, key), (was, now) in NAMES.items()
} | {
    f"/sensor {{address}}_machine_energy/entity_id: 'sensor.treadmill_{was}' is 'sensor.treadmill_{now}'": "as above"
    for was, now in (("energy_machine", "calories_console"),)
}
CHANGED = {
    "blueprints": {
        "/retrowalk/start_session.yaml/program/selector/text is gone": (
            "0.7.0 shows a list, in which any other name may be typed"
        ),
        **{
            f"/{path}/{field}/default: {text!r} is {text.replace(was, now)!r}": why
            for (name, field), (was, now, why) in REWORDED.items()
            for path in [f"{DOMAIN}/{name}.yaml"]
            for text in [SURFACE["blueprints"][path][field]["default"]]
        },
    },
    "actions": {
        "/start_session/shown/program/selector/select/translation_key: 'program' is 'next_program'": (
            "0.8.0 lists the plan and the free walk, too; it is a key of texts"
        )
    }
    | {
        f"/{action}/shown/device_id is gone": "0.7.0 shows it as the target; as a field it is still accepted"
        for action in TARGETED
    }
    | {
        f"/{action}/shown/steps/selector/object/multiple: False is True": "0.7.0 shows rows; it takes the same steps"
        for action in ("run_program", "save_program")
    }
    | {
        f"/{action}/shown/{field}/selector/number/{change}": "0.8.0 asks for the unit; without one, km/h as before"
        for action, field in (("start_session", "speed"), ("ramp_to", "speed"), ("adjust", "speed_delta"))
        for change in ("unit_of_measurement is gone", "step: 0.1 is 0.01")
    }
    | {
        path: "0.7.0 shows a list, in which any other name may be typed"
        for action, shown in TARGETED.items()
        for field in ("walker", "program")
        if "text" in shown["shown"].get(field, {}).get("selector", {})
        for path in [f"/{action}/shown/{field}/selector/text is gone"]
    },
    "texts": {
        **{
            f": services/{action}/fields/device_id/{text} is gone": "0.7.0 shows it as the target"
            for action in TARGETED
            for text in ("name", "description", "example")
        },
        ": config_subentries/program/error/ramp_without_begin is gone": (
            "the next version begins such a change where the step before it ends"
        ),
        **{
            f": issues/{issue}/description is gone": "0.8.0 shows it in the repair that opens a dialog"
            for issue in REPAIRED
        },
        ": config/abort/no_bluetooth is gone": "0.8.0 offers the virtual treadmill and another try there",
        ": common/check_backward is gone": "0.6.0 tells in two texts whether one may, and may not, walk backward",
        ": common/check_too_fast_backward is gone": "0.6.0 tells it for every way to walk: check_backward_may_not, ...",
        ": common/session_amounts is gone": "0.8.0 tells more of a session in its event",
        **{
            f": selector/card/options/{text} is gone": "0.8.0 shows six weeks in place of seven days and twelve hours"
            for text in ("history", "minutes_week", "calories_week")
        },
        ": issues/stop_failed/title is gone": "0.6.0 tells a stop that did not arrive from one that was not obeyed",
        ": issues/stop_failed/description is gone": "as its title",
    },
    "entities_of_a_watched_machine": {**EDITED_CALENDAR, **CATEGORIES},
    **{
        part: {
            "/event {address}_{walker}_reminder/entity_id: 'event.anna_reminder' is 'event.anna_reminder_events'": (
                "0.7.0 names it so that it differs from the switch; whoever has it keeps its id (the registry's)"
            ),
            **EDITED_CALENDAR,
            **CATEGORIES,
            **CATEGORIES_OF_WALKERS,
            **RENAMED,
        }
        for part in ("entities_of_a_usual_machine", "entities_of_a_machine_with_everything")
    },
    "devices": {"/retrowalk {address}_{walker}/model: None is 'Walker'": "0.8.0 says what the device is"},
    "left_on_the_disk": {
        **{
            f"/states/event.{walker}_reminder is gone": "as above: the ids of this test are new ones"
            for walker in ("anna", "bert")
        },
        **{
            f"/states/{platform}.{walker}_{was} is gone": "as above: the ids of this test are new ones"
            for walker in ("anna", "bert")
            for (platform, _), (was, _) in NAMES.items()
        },
        "/states/binary_sensor.treadmill_safety_key/state: 'off' is 'unknown'": (
            "0.11.0 does not say that a key is in before a belt has moved"
        ),
        (
            r"/states/calendar.treadmill_sessions/description: '1.5 km/h\nA first session is slow and level.'"
            r" is '1.5 km/h\nThe first sessions are slow and level.'"
        ): "0.9.0 says so of each of the first sessions, not only of one",
        **{
            f"/states/sensor.treadmill_{name}/state: '0' is '{value}'": (
                "0.7.0 goes on with the totals of a session that a restart cut off"
            )
            for name, value in (("calories", 3), ("distance", 8), ("session_duration", 61))
        },
    },
    "issues": {"/check_{entry}/fixable: False is True": "0.8.0 opens the check run from there"},
    "dashboard": {
        "/words: ll-strategy-dashboard- is gone": "0.9.0 writes the whole name there: ll-strategy-dashboard-retrowalk"
    },
    "issues_of_a_bad_day": {
        "/not_obeyed_{entry}/fixable: False is True": "as above",
        "/stop_failed_{entry}/translation_key: 'stop_failed' is 'stop_not_obeyed'": (
            "as its title; the issue keeps its id, and does not outlive a restart"
        ),
    },
}
"""Intended changes, and why nobody depends on the old names."""


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    shutil.rmtree(Path(hass_tmp_config_dir) / "blueprints", ignore_errors=True)
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Replace the mock of storage with none: these tests use a real disk."""
    return {}


@pytest.fixture
def surface(
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_client: ClientSessionGenerator,
) -> Surface:
    return Surface(house, hass_ws_client, hass_client_no_auth, hass_client)


def broken(was: Any, now: Any, at: str = "") -> Iterator[str]:
    """Yield the paths of missing and changed values; lists may not lose a member, but their order does not matter."""
    match was, now:
        case dict(), dict():
            for key in was:
                if key not in now:
                    yield f"{at}/{key} is gone"
                elif key == "required":
                    if now[key] and not was[key]:
                        yield f"{at} is required"
                else:
                    yield from broken(was[key], now[key], f"{at}/{key}")
            for key in now.keys() - was.keys():
                if isinstance(now[key], dict) and now[key].get("required"):
                    yield f"{at}/{key} is new and required"
        case list(), list():
            for member in was:
                if member not in now and all([*broken(member, other)] for other in now):
                    yield f"{at}: {member} is gone"
        case _:
            if was != now:
                yield f"{at}: {was!r} is {now!r}"


@pytest.mark.parametrize("part", PARTS)
async def test_what_a_released_version_offered_is_still_offered(
    surface: Surface, part: str, freezer: FrozenDateTimeFactory
) -> None:
    if part.startswith("entities"):
        # Noon in the zone of tests: after the reminder's time the calendar has no next session to show any more.
        freezer.move_to("2026-11-28T20:00:00+00:00")
    assert {*broken(SURFACE[part], await PARTS[part](surface))} == CHANGED.get(part, {}).keys()


async def test_what_a_released_version_left_on_the_disk_is_read_and_shown_as_it_did(
    surface: Surface, freezer: FrozenDateTimeFactory
) -> None:
    shown = await Household(surface, freezer).come_back(RELEASED / "disk")
    released = json.loads((RELEASED / "seen.json").read_text())
    assert {*broken(released, shown)} == CHANGED["left_on_the_disk"].keys()


def test_what_was_released_was_read() -> None:
    """Check that the comparison is not empty."""
    assert SURFACE.keys() == PARTS.keys()
    assert all(SURFACE.values())


@pytest.mark.parametrize(
    ("was", "now", "broken_paths"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"b": 1}, ["/a is gone"]),
        ({"a": 1}, {"a": "1"}, ["/a: 1 is '1'"]),
        ({"a": ["x", "y"]}, {"a": ["z", "y"]}, ["/a: x is gone"]),
        ([{"a": 1}], [{"a": 2}, {"a": 1, "b": 2}], []),
        ([{"a": 1}], [{"a": 2}, {"b": 2}], [": {'a': 1} is gone"]),
        ({"a": {"required": True}}, {"a": {"required": False}}, []),
        ({"a": {"required": False}}, {"a": {"required": True}}, ["/a is required"]),
        ({"a": {}}, {"a": {"b": {"required": True}}}, ["/a/b is new and required"]),
        ({"a": {}}, {"a": {"b": {"required": False}}}, []),
        ({"a": None}, {"a": {}}, ["/a: None is {}"]),
    ],
)
def test_what_is_broken_is_found(was: Any, now: Any, broken_paths: list[str]) -> None:
    assert [*broken(was, now)] == broken_paths
