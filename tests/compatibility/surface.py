"""Everything that others rely on, read from a running Home Assistant the way they use it.

Imports nothing from this repository and uses only its `house` fixture, so that it also runs within the tests of an
older version: take.py copies it there and stores what it reads.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.websocket_api.const import DOMAIN as WEBSOCKET
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import condition, llm, service, trigger
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

DOMAIN = "retrowalk"
ADDRESS = "F2:52:57:00:00:01"
ENTRY, WALKER = "01KAENTRY00000000000000000", "01KAWALKER0000000000000000"
INFO = {
    "manufacturer": "Retrowalk",
    "model": "Virtual treadmill",
    "serial": "V0001",
    "hardware": "1.0",
    "firmware": "1.0.0",
    "software": "1.0.0",
}
NOTHING: dict[str, Any] = {"speed_range": None, "incline_range": None}
USUAL: dict[str, Any] = {
    "speed_range": {"minimum": 0.5, "maximum": 20.0, "step": 0.1},
    "incline_range": {"minimum": 0.0, "maximum": 15.0, "step": 0.5},
    "can_start_and_stop": True,
    "reports_incline": True,
    "reports_distance": True,
    "reports_energy": True,
    "reports_heart_rate": False,
    "reports_steps": False,
    "reports_elapsed_time": True,
}
ALL = {**USUAL, "reports_heart_rate": True, "reports_steps": True}
PASSED = {
    "failure": None,
    "firmware": "1.0.0",
    "at": "2026-11-01T12:00:00+00:00",
    "findings": {
        "start_speed": 0.5,
        "step": 0.1,
        "held_speed": 0.6,
        "unit": "km",
        "second_start": "nothing",
        "stop_delay": 0.0,
        "stop_coast": 1.0,
    },
}
CONTROL = {"control": "control", "safety_key": True, "rail": True}
ANNA = {
    "subentry_type": "walker",
    "subentry_id": WALKER,
    "title": "Anna",
    "unique_id": None,
    "data": {
        "person": "person.anna",
        "weight": 62.5,
        "daily_goal": 5.0,
        "days": [0, 1, 2, 3, 4, 5, 6],
        "reminder": True,
        "reminder_time": "18:00:00",
        "quiet_from": "20:00:00",
        "reminder_target": "notify.gone",
    },
}
HILLS = {
    "subentry_type": "program",
    "subentry_id": "01KAPROGRAM000000000000000",
    "title": "Hills",
    "unique_id": None,
    "data": {
        "direction": "backward",
        "steps": [
            {"minutes": 1, "speed": 1, "label": "Warm-up"},
            {"repeat": 2, "steps": [{"seconds": 90, "speed": {"from": 1, "to": 2}}, {"minutes": 1, "incline": 1}]},
        ],
    },
}

type Part = Callable[[Surface], Awaitable[Any]]


class Surface:
    """A house and the clients that access it from outside."""

    def __init__(self, house: Any, websocket: Any, http: Any, admin: Any) -> None:
        """Initialize with factories of clients: `websocket`, `http` and `admin`; the second is not authenticated."""
        self.house = house
        self.hass: HomeAssistant = house.hass
        self.websocket = websocket
        self.http = http
        self.admin = admin

    async def set_up(
        self,
        capabilities: Mapping[str, Any] = USUAL,
        options: Mapping[str, Any] = CONTROL,
        subentries: tuple[Mapping[str, Any], ...] = (),
        *,
        connected: bool = False,
        **data: Any,
    ) -> None:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Treadmill",
            entry_id=ENTRY,
            unique_id=ADDRESS.lower(),
            data={
                "address": ADDRESS,
                "name": "Treadmill",
                "virtual": False,
                "capabilities": capabilities,
                "info": INFO,
                "check": PASSED,
                **data,
            },
            options=options,
            subentries_data=subentries,
        )
        await self.house.set_up(entry, connected=connected)

    async def set_up_at_home(self, **more: Any) -> None:
        """Set up a walker and a program, as in most homes."""
        self.hass.states.async_set("person.anna", "home", {"user_id": self.house.user_id})
        await self.set_up(subentries=(ANNA, HILLS), **more)

    def device(self, walker: str | None = None) -> str:
        identifier = ADDRESS if walker is None else f"{ADDRESS}_{walker}"
        device = dr.async_get(self.hass).async_get_device_by_identifier((DOMAIN, identifier), self.house.entry.entry_id)
        assert device is not None
        return device.id

    def entity_id(self, platform: str, key: str, walker: str | None = None) -> str:
        unique_id = f"{ADDRESS.lower()}_{key}" if walker is None else f"{ADDRESS.lower()}_{walker}_{key}"
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, unique_id
        return entity_id

    async def call(self, action: str, of: str | None = None, **data: Any) -> Any:
        """Call one of our actions as an automation does; return what it answers."""
        registered = self.hass.services.async_services()[DOMAIN][action]
        return await self.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": self.device(of), **data},
            blocking=True,
            return_response=registered.supports_response.value != "none",
        )

    async def press(self, platform: str, action: str, key: str, **data: Any) -> None:
        """Perform an action on an entity as a person does, and wait a moment."""
        target = {"entity_id": self.entity_id(platform, key)}
        context = self.house.person()
        await self.hass.services.async_call(platform, action, {**target, **data}, blocking=True, context=context)
        await self.house.time(2)

    async def walk(self, seconds: float) -> None:
        """Start a session as a person does, and walk."""
        await self.press("button", "press", "start")
        await self.press("button", "press", "start")
        state = self.hass.states.get(self.entity_id("sensor", "session_state"))
        assert state is not None
        assert state.state == "countdown"
        await self.house.time(seconds)

    async def served(self, name: str) -> str | None:
        """Return a module of the dashboard as browsers get it, or None if it does not exist."""
        response = await (await self.http()).get(f"/api/{DOMAIN}/static/{name}")
        text: str | None = await response.text() if response.status == 200 else None
        return text


def neutral(text: str) -> str:
    """Replace the ids of this house with placeholders."""
    for value, name in ((ADDRESS, "address"), (ADDRESS.lower(), "address"), (ENTRY, "entry"), (WALKER, "walker")):
        text = text.replace(value, f"{{{name}}}")
    return text


def plain(value: Any) -> Any:
    """Convert to plain JSON types."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


def shape(value: Any) -> Any:
    """Return the keys of stored or reported data, and its versions."""
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for inner in map(shape, value):
            merged |= inner if isinstance(inner, dict) else {}
        return merged or []
    if isinstance(value, dict):
        return {key: inner if "version" in key or key == "key" else shape(inner) for key, inner in value.items()}
    return None


# Entities


async def _entities(surface: Surface) -> dict[str, Any]:
    entities = {}
    for entry in er.async_entries_for_config_entry(er.async_get(surface.hass), ENTRY):
        state = surface.hass.states.get(entry.entity_id)
        device = dr.async_get(surface.hass).async_get(entry.device_id or "")
        assert device is not None
        entities[neutral(f"{entry.domain} {entry.unique_id}")] = {
            "entity_id": entry.entity_id,
            "translation_key": entry.translation_key,
            "device": sorted(neutral(" ".join(identifier)) for identifier in device.identifiers),
            "subentry": entry.config_subentry_id and neutral(entry.config_subentry_id),
            "device_class": plain(entry.original_device_class),
            "category": plain(entry.entity_category),
            "unit": entry.unit_of_measurement,
            "features": entry.supported_features,
            "enabled": entry.disabled_by is None,
            "capabilities": plain(entry.capabilities or {}),
            "attributes": sorted(state.attributes) if state is not None else None,
        }
    return entities


async def entities_of_a_watched_machine(surface: Surface) -> dict[str, Any]:
    # Never connected, since a connection would report the capabilities at some point.
    await surface.set_up(NOTHING, {"connection": "on_demand"})
    return await _entities(surface)


async def entities_of_a_usual_machine(surface: Surface) -> dict[str, Any]:
    await surface.set_up_at_home()
    return await _entities(surface)


async def entities_of_a_machine_with_everything(surface: Surface) -> dict[str, Any]:
    await surface.set_up_at_home(capabilities=ALL)
    registry = er.async_get(surface.hass)
    for entry in er.async_entries_for_config_entry(registry, ENTRY):
        if entry.disabled_by is not None:
            registry.async_update_entity(entry.entity_id, disabled_by=None)
    assert await surface.hass.config_entries.async_reload(ENTRY)
    await surface.hass.async_block_till_done()
    return await _entities(surface)


async def devices(surface: Surface) -> dict[str, Any]:
    await surface.set_up_at_home()
    registry = dr.async_get(surface.hass)
    return {
        neutral(" ".join(identifier)): {
            "name": device.name,
            "model": device.model,
            "manufacturer": device.manufacturer,
            "via": bool(device.via_device_id),
            "connections": sorted(neutral(" ".join(connection)) for connection in device.connections),
        }
        for device in dr.async_entries_for_config_entry(registry, ENTRY)
        for identifier in device.identifiers
    }


# What automations use


async def actions(surface: Surface) -> dict[str, Any]:
    await surface.set_up()
    described = await service.async_get_all_descriptions(surface.hass)
    shapes = {}
    for name, registered in surface.hass.services.async_services()[DOMAIN].items():
        assert registered.schema is not None
        shapes[name] = {
            "fields": _fields(registered.schema),
            "response": registered.supports_response.value,
            "shown": {key: _field(field) for key, field in described[DOMAIN][name].get("fields", {}).items()},
        }
    return shapes


def _fields(schema: Any) -> dict[str, Any]:
    """Return the fields of a schema: which are required, and the defaults of the others."""
    inner = getattr(schema, "schema", schema)
    return {
        str(marker): {
            "required": type(marker).__name__ == "Required",
            "default": plain(marker.default()) if callable(getattr(marker, "default", None)) else None,
        }
        for marker in inner
    }


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    if "fields" in field:
        return {"section": {key: _field(inner) for key, inner in field["fields"].items()}}
    return {"required": bool(field.get("required")), "selector": plain(field.get("selector"))}


async def triggers(surface: Surface) -> Any:
    await surface.set_up()
    return await _offered(surface.hass, trigger.async_get_all_descriptions(surface.hass))


async def conditions(surface: Surface) -> Any:
    await surface.set_up()
    return await _offered(surface.hass, condition.async_get_all_descriptions(surface.hass))


async def _offered(hass: HomeAssistant, descriptions: Awaitable[Mapping[str, Any]]) -> Any:
    await hass.async_block_till_done()
    return {
        name: {
            "fields": {key: _field(field) for key, field in described["fields"].items()},
            "target": plain(described.get("target")),
        }
        for name, described in (await descriptions).items()
        if name.startswith(DOMAIN) and described is not None
    }


async def blueprints(surface: Surface) -> Any:
    assert await async_setup_component(surface.hass, "automation", {})
    await surface.set_up(options={**CONTROL, "install_blueprints": True})
    await surface.hass.async_block_till_done()
    client = await surface.websocket(surface.hass)
    await client.send_json_auto_id({"type": "blueprint/list", "domain": "automation"})
    listed = (await client.receive_json())["result"]
    return {
        path: _inputs(shown["metadata"]["input"]) for path, shown in listed.items() if path.startswith(f"{DOMAIN}/")
    }


def _inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, shown in inputs.items():
        if "input" in shown:
            flat |= _inputs(shown["input"])
        else:
            flat[key] = {"selector": plain(shown.get("selector")), "required": "default" not in shown}
            if "default" in shown:
                flat[key]["default"] = plain(shown["default"])
    return flat


async def answers(surface: Surface) -> dict[str, Any]:
    """Return the keys of the actions' responses."""
    await surface.set_up_at_home()
    shapes = {}

    async def call(action: str, **data: Any) -> Any:
        answer = await surface.call(action, **data)
        shapes[action] = shape(answer)
        return answer

    logged = await call("log_session", walker="Anna", started="2026-11-01 12:00:00", minutes=6, distance=200)
    mine = {"session_id": logged["id"]}
    await call("edit_session", **mine, note="Short")
    await call("rate_session", **mine, discomfort_after=1)
    await call("get_sessions", **{"from": "2026-10-01 00:00:00", "to": "2026-12-01 00:00:00"})
    await call("delete_session", **mine)
    await call("save_program", name="Flat", steps=[{"minutes": 3, "speed": 1}])
    await call("list_programs")
    await call("delete_program", program="Flat")
    exported = await call("export_program", program="Hills")
    await call("import_program", name="Written", content=exported["xml"])
    return shapes


async def events(surface: Surface) -> dict[str, Any]:
    """Return the events of a finished program, of a paused and stopped session, and of one that loses its link."""
    await surface.set_up_at_home(connected=True)
    watched, observed = surface.entity_id("event", "session"), dict[str, dict[str, set[str]]]()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and (kind := state.attributes.get("event_type")) is not None:
            for key, value in state.attributes.items():
                values = observed.setdefault(kind, {}).setdefault(key, set())
                if isinstance(value, str) and key not in {"friendly_name", "event_type"}:
                    values.add(value)

    async_track_state_change_event(surface.hass, watched, changed)
    await surface.press("select", "select_option", "program", option="Hills")
    await surface.walk(30 + 360 + 60)
    await surface.press("select", "select_option", "program", option="free")
    await surface.walk(90)
    await surface.press("button", "press", "pause")
    await surface.house.time(20)
    await surface.press("button", "press", "resume")
    await surface.press("button", "press", "resume")
    await surface.house.time(60)
    await surface.press("button", "press", "stop")
    await surface.house.time(60)
    await surface.walk(60)
    surface.house.faults.silent = True
    await surface.house.time(20)
    surface.house.faults.silent = False
    await surface.house.time(20)
    await surface.press("button", "press", "finish")
    await surface.house.time(120)
    return {kind: {key: sorted(values) for key, values in keys.items()} for kind, keys in observed.items()}


# Texts


async def texts(surface: Surface) -> list[str]:
    """Return every path of keys of the English texts."""
    integration = await async_get_integration(surface.hass, DOMAIN)
    path = integration.file_path / "translations" / "en.json"
    return sorted(_paths(json.loads(await surface.hass.async_add_executor_job(path.read_text))))


def _paths(part: Any, at: str = "") -> list[str]:
    if not isinstance(part, dict):
        return [at]
    return [path for key, inner in part.items() for path in _paths(inner, f"{at}/{key}" if at else key)]


# What language models use


async def tools(surface: Surface) -> dict[str, Any]:
    for component in ("llm", "conversation"):
        assert await async_setup_component(surface.hass, component, {})
    await surface.set_up_at_home()
    async_expose_entity(surface.hass, "conversation", surface.entity_id("sensor", "session_state"), True)
    context = llm.LLMContext(
        platform="test",
        context=Context(user_id=surface.house.user_id),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    api = await llm.async_get_api(surface.hass, llm.LLM_API_ASSIST, context)
    return {
        tool.name: {"fields": _fields(tool.parameters) if tool.parameters.schema else {}}
        for tool in api.tools
        if tool.name.startswith(DOMAIN)
    }


# What the dashboard uses


async def commands(surface: Surface) -> dict[str, Any]:
    """Return the fields of each WebSocket command; for fields with a fixed set of values, the values."""
    await surface.set_up()
    schemas = {}
    for kind, (_, schema) in surface.hass.data[WEBSOCKET].items():
        if kind.startswith(f"{DOMAIN}/"):
            fields = _fields(schema or {})
            for marker, value in (schema.schema if schema else {}).items():
                if (choices := getattr(value, "container", None)) is not None:
                    fields[str(marker)]["words"] = sorted(choices)
            schemas[kind] = fields
    return schemas


async def messages(surface: Surface) -> dict[str, Any]:
    """Return the keys of the messages about a session to the card, and the codes of its errors."""
    await surface.set_up_at_home(connected=True)
    client = await surface.websocket(surface.hass)
    shapes: dict[str, Any] = {}

    async def command(kind: str, **data: Any) -> Any:
        await client.send_json_auto_id({"type": f"{DOMAIN}/{kind}", **data})
        while (answer := await client.receive_json())["type"] != "result":
            event = answer["event"]
            shapes[event["type"]] = merged(shapes.get(event["type"], {}), shape(event))
        return answer

    def merged(one: Any, other: Any) -> Any:
        if isinstance(one, dict) and isinstance(other, dict):
            return one | {key: merged(one.get(key), inner) for key, inner in other.items()}
        return other or one

    treadmill = {"device_id": surface.device()}
    assert (await command("session", **treadmill))["success"]
    await surface.press("select", "select_option", "program", option="Hills")
    await surface.walk(60)
    while not shapes.get("session", {}).get("steps"):
        await surface.hass.async_block_till_done()
        shapes["beat"] = shape((await command("beat"))["result"])
    late = await command("press", **treadmill, press="start", beat=0.0)
    nowhere = await command("session", device_id="nowhere")
    shapes["codes"] = {"late": late["error"]["code"], "nowhere": nowhere["error"]["code"]}
    shapes["errors"] = shape((await command("press", **treadmill, press="resume", beat=0.0))["error"])
    return shapes


async def dashboard(surface: Surface) -> dict[str, Any]:
    """Return names that dashboards and pages contain: of the card, the strategy, and the card's requests."""
    await surface.set_up()
    first = await surface.served("retrowalk.js")
    assert first is not None
    others = [await surface.served(f"{name}.js") for name in sorted(set(re.findall(r'"(\w+)"', first)))]
    code = "".join([first, *filter(None, others)])
    return {
        "words": sorted(set(re.findall(r"[\"`]((?:retrowalk|ll-strategy)[\w/-]*)", code))),
        "options": sorted(set(re.findall(r"\bconfig\??\.(\w+)", code))),
    }


# Issues in Repairs


async def issues(surface: Surface) -> dict[str, Any]:
    await surface.set_up_at_home(check=None)
    await surface.house.settle()
    return _issues(surface)


async def issues_of_a_bad_day(surface: Surface) -> dict[str, Any]:
    """Return the issues of a damaged file and of a belt that ignores both its target and a stop."""
    disk = Path(surface.hass.config.path(".storage"))
    disk.mkdir(exist_ok=True)
    (disk / f"{DOMAIN}.{ENTRY}.sessions.2025").write_text("{")
    await surface.set_up_at_home(connected=True)
    await surface.walk(60)
    surface.house.faults.ignore_speed = True
    await surface.press("number", "set_value", "target_speed", value=1.0)
    await surface.house.time(40)
    surface.house.faults.stop_ignored = True
    await surface.press("button", "press", "stop")
    await surface.house.time(30)
    return _issues(surface)


def _issues(surface: Surface) -> dict[str, Any]:
    return {
        neutral(issue.issue_id): {
            "translation_key": issue.translation_key,
            "severity": plain(issue.severity),
            "fixable": issue.is_fixable,
            "persistent": issue.is_persistent,
            "placeholders": sorted(issue.translation_placeholders or {}),
        }
        for issue in ir.async_get(surface.hass).issues.values()
        if issue.domain == DOMAIN
    }


PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (
        entities_of_a_watched_machine,
        entities_of_a_usual_machine,
        entities_of_a_machine_with_everything,
        devices,
        actions,
        answers,
        events,
        triggers,
        conditions,
        blueprints,
        texts,
        tools,
        commands,
        messages,
        dashboard,
        issues,
        issues_of_a_bad_day,
    )
}
