"""The fields of the dialogs, with their ranges and defaults, from the code that makes the forms."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import voluptuous as vol
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.helpers.selector import BooleanSelector, Selector, SelectSelector, SelectSelectorConfig, TextSelector
from homeassistant.util.unit_system import METRIC_SYSTEM

from custom_components.retrowalk.config_flow import CONF_KEPT
from custom_components.retrowalk.const import CONF_LIVE_TARGETS, CONF_PROXY, CONF_REMINDER_TARGET, CONF_UNITS
from custom_components.retrowalk.flows import options
from custom_components.retrowalk.flows.announcer import announcer_fields
from custom_components.retrowalk.flows.machine import _choice as machine_choice
from custom_components.retrowalk.flows.machine import _incline_fields as incline_fields
from custom_components.retrowalk.flows.options import _COMFORTABLE, FREE_SPACE, _groups
from custom_components.retrowalk.flows.personality import personality_fields
from custom_components.retrowalk.flows.quirks import quirk_fields
from custom_components.retrowalk.flows.reminder import CONF_QUIET_FROM, CONF_SEND_TEST, first_reminder_fields
from custom_components.retrowalk.flows.shared_walker import CONF_WHO
from custom_components.retrowalk.flows.walker import _sensor_fields, walker_fields
from custom_components.retrowalk.machine.calibration import StatedUnits
from custom_components.retrowalk.machine.incline import InclineScale
from custom_components.retrowalk.machine.model import Capabilities
from custom_components.retrowalk.simulator.profile import Profile
from custom_components.retrowalk.training.limits import BACKWARD_REDUCED
from custom_components.retrowalk.training.units import Units
from custom_components.retrowalk.treadmill.options import Options
from custom_components.retrowalk.walkers.walker import QUIET_FROM_DEFAULT

SET_UP: Final = ("pick", "manual", "virtual", "safety", "announcer", "share", "walker", "reconfigure", "kept")
"""The steps of the set-up that have fields, in the order in which they come."""
SETTINGS: Final = (
    *("safety", "limits", "countdown", "guards", "announcer", "live", "connection", "calories", "files", "automations"),
)
WALKER: Final = "walker_dialog"
PLACEHOLDERS: Final = {
    "reduced": f"{BACKWARD_REDUCED:g}",
    "speed_unit": "km/h",
    "comfortable_from": f"{_COMFORTABLE[0]:g}",
    "comfortable_to": f"{_COMFORTABLE[1]:g}",
    "quiet_from": QUIET_FROM_DEFAULT.isoformat("minutes"),
    "name": "the treadmill",
    "free_space": f"{FREE_SPACE:g} m",
}
"""What a metric house fills in."""

_HOUSE: Final[Any] = SimpleNamespace(
    config=SimpleNamespace(units=METRIC_SYSTEM),
    states=SimpleNamespace(async_entity_ids=lambda *_: ["tts.voice"]),  # something can speak
)
_CAPABILITIES: Final = Capabilities(
    speed_range=Profile().speed, incline_range=Profile().incline, can_start_and_stop=True, reports_incline=True
)
_ONE_OF_MANY: Final = 12
"""So many choices are listed; of more there is only their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What the page says of a field."""

    key: str
    label: str
    description: str
    values: str
    default: str


def fields_of(form: str, texts: Mapping[str, Any]) -> Iterator[Field]:
    """Iterate over the fields of a form: a step of the set-up, a group of the settings, or what `_schemas` has else."""
    said, schema = _said(form, texts), _schemas()[form]
    assert {marker.schema for marker in schema} == said["data"].keys(), form
    for marker, selector in schema.items():
        key = marker.schema
        yield Field(
            key=key,
            label=said["data"][key],
            description=said.get("data_description", {}).get(key, "").format_map(PLACEHOLDERS),
            values=values({selector.selector_type: selector.config}, texts["selector"]),
            default=default_of(marker, selector, texts["selector"]),
        )


def _said(form: str, texts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the texts of a form."""
    match form.split("."):
        case ["settings" | "machine" as step, group]:
            return texts["options"]["step"][step]["sections"][group]
        case ["machine"]:
            return texts["options"]["step"]["machine"]
        case [name] if name == WALKER:
            return texts["config_subentries"]["walker"]["step"]["user"]
        case _:
            return texts["config"]["step"][form]


def _schemas() -> dict[str, dict[vol.Marker, Selector[Any]]]:
    """Return the fields of all forms, on a treadmill that can do everything in a metric house."""
    choice, text, units = _choice, TextSelector(), Units()
    with patch.object(
        options, "proxy_fields", lambda *_: {vol.Required(CONF_PROXY, default="any"): choice(CONF_PROXY)}
    ):
        live = {vol.Optional(CONF_LIVE_TARGETS): choice(None)}
        groups = _groups(_HOUSE, {}, _CAPABILITIES, live)
    incline = incline_fields({}, InclineScale.known(None))
    units_field = {
        vol.Required(CONF_UNITS, default=StatedUnits.FOUND_OUT.value): machine_choice(
            list(StatedUnits), "machine_units"
        )
    }
    return {
        "pick": {vol.Required(CONF_ADDRESS): choice(None)},
        "manual": {vol.Required(CONF_ADDRESS): text},
        "virtual": personality_fields(None),
        "safety": groups["safety"],
        "announcer": announcer_fields(_HOUSE, {}),
        "share": {vol.Required(CONF_WHO): choice(None)},
        "walker": {**walker_fields(units, days=False), **first_reminder_fields()},
        "reconfigure": {vol.Required(CONF_NAME): text},
        "kept": {vol.Required(CONF_KEPT): choice(None)},
        **{f"settings.{name}": fields for name, fields in groups.items()},
        "machine": {**units_field, **incline},
        "machine.behavior": quirk_fields(Options()),
        WALKER: {
            **walker_fields(units, days=True),
            **_sensor_fields(),
            **first_reminder_fields(),
            vol.Required(CONF_QUIET_FROM, default=QUIET_FROM_DEFAULT.isoformat()): _time(),
            vol.Optional(CONF_REMINDER_TARGET): choice(None),
            vol.Required(CONF_SEND_TEST, default=False): BooleanSelector(),
        },
    }


def _time() -> Selector[Any]:
    """Return the selector of a time of day, as the reminder's."""
    return list(first_reminder_fields().values())[1]


def _choice(key: str | None) -> SelectSelector:
    """Return a choice of what is in the house."""
    config = SelectSelectorConfig(options=["any"] if key else [], custom_value=key is not None)
    if key:
        config["translation_key"] = key
    return SelectSelector(config)


def values(selector: Mapping[str, Any] | None, labels: Mapping[str, Any], *, keys: bool = False) -> str:
    """Return what a selector accepts, in words; `keys` names choices as YAML does, too."""
    [(kind, config)] = (selector or {"text": None}).items()
    config = config or {}
    match kind:
        case "number":
            return _number(config)
        case "select":
            return _select(config, labels, keys=keys)
        case "entity":
            domains = config.get("domain", [])
            names = ", ".join(f"`{domain}`" for domain in ([domains] if isinstance(domains, str) else domains))
            return f"{'entities' if config.get('multiple') else 'an entity'} of {names}"
        case "numeric_threshold":
            return f"above, below or between: a number in {', '.join(config['unit_of_measurement'])}, or an entity"
        case "automation_behavior":
            trigger = config.get("mode") == "trigger"
            return "`each`, `first`, `all`" if trigger else "`any`, `all`"
        case _:
            return {
                "boolean": "on or off",
                "datetime": "date and time",
                "duration": "a duration",
                "object": "rows of a program",
            }.get(kind, kind)


def _number(config: Mapping[str, Any]) -> str:
    unit = config.get("unit_of_measurement") or ""
    unit = f" {unit.value if isinstance(unit, Enum) else unit}" if unit else ""
    step = config.get("step", 1)
    steps = "" if step == "any" else f", in steps of {step:g}"
    low, high = config.get("min"), config.get("max")
    if low is None or high is None:
        return f"a number{unit}"
    return f"{low:g} to {high:g}{unit}{steps}"


def _select(config: Mapping[str, Any], labels: Mapping[str, Any], *, keys: bool) -> str:
    named = labels.get(config.get("translation_key", ""), {}).get("options", {})
    offered = [str(option) for option in config["options"]]
    if len(offered) > _ONE_OF_MANY and not config.get("multiple"):
        return f"one of {len(offered)}"
    told = [named.get(each, each) for each in offered]
    if keys:
        same = [name.lower() == each for each, name in zip(offered, told, strict=True)]
        told = [
            f"`{each}`" if alike else f"`{each}` ({name})"
            for each, name, alike in zip(offered, told, same, strict=True)
        ]
    if config.get("custom_value"):
        told.append("a name")
    return (", " if keys else "; ").join(told) or "a choice of what there is"


def default_of(marker: vol.Marker, selector: Selector[Any], labels: Mapping[str, Any]) -> str:
    """Return the default of a field, as the form shows it."""
    default = getattr(marker, "default", vol.UNDEFINED)
    value = default() if callable(default) else (marker.description or {}).get("suggested_value")
    named = labels.get(selector.config.get("translation_key") or "", {}).get("options", {})
    match value:
        case None | []:
            return ""
        case bool():
            return "on" if value else "off"
        case list():
            return "all" if len(value) == len(selector.config["options"]) else ", ".join(map(str, value))
        case int() | float():
            unit = selector.config.get("unit_of_measurement")
            return f"{value:g} {unit.value if isinstance(unit, Enum) else unit or ''}".strip()
        case _:
            return named.get(str(value)) or re.sub(r"^(\d\d:\d\d):00$", r"\1", str(value))
