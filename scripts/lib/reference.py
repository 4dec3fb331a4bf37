"""Writes the pages of docs/ that list what there is: actions, entities, settings, triggers and conditions.

    python -m scripts.lib.reference [--check]

Everything comes from the code and from translations/en.json; scripts/lib/reference_words.py adds what neither says.
With --check nothing is written; the exit code is 1 if a page is not what it would be.
"""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from homeassistant.core import SupportsResponse

from custom_components.retrowalk.services import ACTIONS
from scripts.lib import reference_words as words
from scripts.lib.reference_settings import PLACEHOLDERS, SET_UP, SETTINGS, WALKER, Field, fields_of, values

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "custom_components" / "retrowalk"
PLATFORMS: Final = ("sensor", "binary_sensor", "number", "select", "switch", "button", "time", "event", "calendar")
DEVICE: Final = "1f3b5c7d9e0a2b4c6d8e0f1a2b3c4d5e"
TEXTS: Final[dict[str, Any]] = json.loads((PACKAGE / "translations" / "en.json").read_text())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What the page says of an entity."""

    platform: str
    key: str
    walker: bool  # of a walker, not of the treadmill
    name: str
    category: str
    enabled: bool
    tells: str


def described(file: str) -> dict[str, dict[str, Any]]:
    """Return what a file describes to the editors of Home Assistant, without its shared parts."""
    written = yaml.safe_load((PACKAGE / file).read_text())
    return {name: each or {} for name, each in written.items() if not name.startswith(".")}


# Actions


def actions_page() -> str:
    """Return the page of the actions."""
    parts = [words.ACTIONS_HEAD]
    parts += [_action(name, each) for name, each in described("services.yaml").items()]
    return "\n".join(parts)


def _action(name: str, written: Mapping[str, Any]) -> str:
    texts, action = TEXTS["services"][name], ACTIONS[name]
    remarks = [f"Target: {_target(written['target'])}."]
    if action.for_everybody:
        remarks.append("Everybody may call it, also who may only look at the treadmill.")
    elif action.for_administrators and "administrators" not in texts["description"]:
        remarks.append("Only administrators may call it.")
    elif action.for_readers:
        remarks.append("Whoever may see the treadmill may call it.")
    if action.response is not SupportsResponse.NONE:
        needed = action.response is SupportsResponse.ONLY
        remarks.append("It answers with data" + (", which you have to ask for." if needed else ", if you ask for it."))
    head = f"## {texts['name']}\n\n`retrowalk.{name}`\n\n{texts['description']}\n\n{' '.join(remarks)}\n"
    rows = [
        (f"`{key}`", said["name"], said.get("description", ""), _needed(field), *_values(field))
        for key, field in written.get("fields", {}).items()
        for said in [texts["fields"][key]]
    ]
    columns = ("field", "name", "what it is", "required", "values", "default")
    return "\n".join([head, *([table(columns, rows)] if rows else []), example(action_example(name))])


def _target(target: Mapping[str, Any]) -> str:
    entity = target["entity"]
    if entity.get("domain") == "number":
        return "a walker"
    return "a treadmill" if "domain" in entity else "a treadmill, or a walker"


def _needed(field: Mapping[str, Any]) -> str:
    return "yes" if field.get("required") else "no"


def _values(field: Mapping[str, Any]) -> tuple[str, str]:
    default = field.get("default")
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return values(field.get("selector"), TEXTS["selector"], keys=True), shown


def action_example(name: str) -> dict[str, Any]:
    """Return an example of an action, as it is written in an automation."""
    data = words.ACTION_EXAMPLES.get(name)
    response = {"response_variable": "answer"} if ACTIONS[name].response is SupportsResponse.ONLY else {}
    return {
        "action": f"retrowalk.{name}",
        "target": {"device_id": DEVICE},
        **({"data": data} if data else {}),
        **response,
    }


# Entities


def entities() -> Iterator[Entity]:
    """Iterate over all entities that a treadmill and a walker can have."""
    for platform in PLATFORMS:
        module = importlib.import_module(f"custom_components.retrowalk.{platform}")
        found = [each for value in vars(module).values() for each in (value if isinstance(value, tuple) else (value,))]
        for each in found:
            # Home Assistant's descriptions are not instances of the classes that they are made with.
            if not hasattr(each, "entity_registry_enabled_default") or isinstance(each, type):
                continue
            path = f"{platform}.{each.key}"
            yield Entity(
                platform=platform,
                key=each.key,
                walker=path in words.WALKER_TELLS or type(each).__name__.startswith("Walker"),
                name=TEXTS["entity"][platform][each.key]["name"],
                category=each.entity_category.value if each.entity_category else "",
                enabled=each.entity_registry_enabled_default,
                tells=words.WALKER_TELLS.get(path, "") or words.TREADMILL_TELLS.get(path, ""),
            )


def entities_page() -> str:
    """Return the page of the entities."""
    columns = ("entity", "kind", "category", "on at first", "what it tells or does")

    def rows(*, walker: bool) -> Iterator[tuple[str, ...]]:
        for each in entities():
            if each.walker is walker:
                kind = each.platform.replace("_", " ")
                yield f"**{each.name}**", kind, each.category, "yes" if each.enabled else "no", each.tells

    parts = [words.ENTITIES_HEAD, "## Of a treadmill\n", table(columns, rows(walker=False))]
    parts += ["## Of a walker\n", words.WALKER_HEAD, table(columns, rows(walker=True)), words.STATES_HEAD]
    parts += list(_states())
    return "\n".join(parts)


def _states() -> Iterator[str]:
    """Iterate over tables of the values that automations see, and of the attributes."""
    for each in entities():
        texts = TEXTS["entity"][each.platform][each.key]
        attributes = dict(texts.get("state_attributes", {}))
        told = texts.get("state") or attributes.pop("event_type", {}).get("state")
        of = "walker" if each.walker else "treadmill"
        if told:
            yield f"### {each.name} ({each.platform.replace('_', ' ')} of a {of})\n"
            yield table(("value", "shown as"), ((f"`{value}`", shown) for value, shown in told.items()))
        for name, attribute in attributes.items():
            if "state" in attribute:
                yield f"### {each.name}: attribute `{name}`\n"
                yield table(("value", "shown as"), ((f"`{v}`", shown) for v, shown in attribute["state"].items()))


# Set-up and options


def configuration_page() -> str:
    """Return the page of the set-up's fields and of all options."""
    columns = ("field", "what it is", "values", "default")

    def section(fields: Iterable[Field]) -> str:
        return table(columns, ((f"**{each.label}**", each.description, each.values, each.default) for each in fields))

    parts = [words.CONFIGURATION_HEAD, "## Set-up\n", words.SET_UP_HEAD]
    for step in SET_UP:
        texts = TEXTS["config"]["step"][step]
        parts += [f"### {texts['title']}\n", *_remark(words.STEPS, step), section(fields_of(step, TEXTS))]
    parts += ["## Settings\n", words.SETTINGS_HEAD]
    for group in SETTINGS:
        texts = TEXTS["options"]["step"]["settings"]["sections"][group]
        parts += [
            f"### {texts['name']}\n",
            f"{texts['description'].format_map(PLACEHOLDERS)}\n",
            section(fields_of(f"settings.{group}", TEXTS)),
        ]
    parts += ["## About the machine\n", words.MACHINE_HEAD, section(fields_of("machine", TEXTS))]
    behavior = TEXTS["options"]["step"]["machine"]["sections"]["behavior"]
    parts += [f"### {behavior['name']}\n", words.BEHAVIOR_HEAD, section(fields_of("machine.behavior", TEXTS))]
    parts += ["## Walkers\n", words.WALKERS_HEAD, section(fields_of(WALKER, TEXTS))]
    return "\n".join(parts)


def _remark(remarks: Mapping[str, str], key: str) -> list[str]:
    return [f"{remarks[key]}\n"] if key in remarks else []


# Triggers and conditions


def triggers_page() -> str:
    """Return the page of the triggers and the conditions."""
    parts = [words.TRIGGERS_HEAD, "## Triggers\n"]
    parts += [_offered("trigger", name, each) for name, each in described("triggers.yaml").items()]
    parts += ["## Conditions\n"]
    parts += [_offered("condition", name, each) for name, each in described("conditions.yaml").items()]
    return "\n".join(parts)


def _offered(kind: str, name: str, written: Mapping[str, Any]) -> str:
    texts, of = TEXTS[f"{kind}s"][name], _target(written["target"]).removeprefix("a ")
    of = "walker" if of == "walker" else "treadmill"
    way = f"In the editor: **Add {kind}** > **By target** > your {of} > **{texts['name']}**."
    head = f"### {texts['name']}\n\n`retrowalk.{name}`\n\n{texts['description']}\n\n{way}\n"
    rows = [
        (f"`{key}`", said["name"], said.get("description", ""), *_values(field))
        for key, field in written.get("fields", {}).items()
        for said in [texts["fields"][key]]
    ]
    listed = [table(("field", "name", "what it is", "values", "default"), rows)] if rows else []
    return "\n".join([head, *listed, example(automation_example(kind, name))])


def automation_example(kind: str, name: str) -> dict[str, Any]:
    """Return an example of a trigger or a condition, as it is written in an automation."""
    fields = described(f"{kind}s.yaml")[name].get("fields", {})
    # The examples of a file are those that Home Assistant shows; JSON where they are no plain values.
    options = {key: _plain(field["example"]) for key, field in fields.items() if "example" in field}
    return {
        kind: f"retrowalk.{name}",
        "target": {"device_id": DEVICE},
        **({"options": options} if options else {}),
    }


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


# Markdown


def table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; line breaks within a cell become spaces, columns that are empty throughout are left out."""
    cells = [[re.sub(r"\s+", " ", cell).replace("|", "\\|").strip() for cell in row] for row in rows]
    kept = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    lines = [[columns[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in cells)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


class _Written(yaml.SafeDumper):
    """Writes lists below their key, as Home Assistant does, and quotes what would not stay a text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    quoted = (text[:1].isdigit() and not text.isalnum()) or ":" in text  # a time, a date, a number with a unit
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Written.add_representer(str, _text)


def example(written: Mapping[str, Any]) -> str:
    """Return a block of YAML."""
    text = yaml.dump(dict(written), Dumper=_Written, sort_keys=False, allow_unicode=True, width=100)
    return f"```yaml\n{text}```\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "actions.md": actions_page,
    "entities.md": entities_page,
    "configuration.md": configuration_page,
    "triggers-and-conditions.md": triggers_page,
}


def outdated() -> list[str]:
    """Return the names of the pages that are not what they would be."""
    folder = ROOT / "docs"
    return [
        name for name, page in PAGES.items() if not (folder / name).exists() or (folder / name).read_text() != page()
    ]


def main() -> int:
    """Write the pages, or check them; return the exit code."""
    if "--check" not in sys.argv[1:]:
        for name in outdated():
            (ROOT / "docs" / name).write_text(PAGES[name]())
        return 0
    for name in (names := outdated()):
        print(f"docs/{name} is out of date. Run scripts/lint.", file=sys.stderr)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
