"""The WebSocket commands of the dashboard's editor of programs: list, open, draw, save and delete.

Everybody may see the list; all else is for administrators, as on the integration's page. The editor sends rows, as
the form there has them, and gets everything else ready to show: the curve, what the limits cut, and what is wrong with
which row. Nothing is saved but by *save*.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api import const as websocket_const
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import async_response, require_admin, websocket_command
from homeassistant.const import ATTR_DEVICE_ID, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_DIRECTION, CONF_STEPS, DOMAIN
from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkConfigEntry
from ..errors import ErrorKey, wrong
from ..messaging.texts import Texts
from ..programs.curve import curve
from ..programs.library import RESERVED_NAMES, digest, free_name, one_line, taken_names
from ..programs.program_preview import ProgramPreview
from ..programs.rows import (
    FIELDS,
    RAMPED,
    SPEEDS,
    has_groups,
    metric_rows,
    rows_from_steps,
    shown_rows,
    steps_from_rows,
)
from ..programs.words import Words
from ..training.coaching.presets import PRESETS, made
from ..training.limits import Direction
from ..training.programs.errors import ProgramError
from ..training.programs.program import Program
from ..util import house_units
from .access import async_entry_of, async_may_read
from .entry_feed import EntryFeed, Unsubscribe
from .websocket import send_refusal

CONF_PROGRAM: Final = "program"
CONF_ROWS: Final = "rows"
_SEEN: Final = "seen"
"""Which state of a program was opened."""
_LABEL: Final = "label"
"""The one field that is no number."""
_GROUPS: Final = (("minutes", "seconds"), ("speed", "speed_to"), ("incline", "incline_to"), (_LABEL,))
"""The fields of a row, as they stand together. Nothing is repeated: the editor shows every step that is walked."""

type _Message = dict[str, Any]
type _Texts = Mapping[str, str]


@callback
def async_setup_editor_commands(hass: HomeAssistant) -> None:
    """Register the WebSocket commands."""
    for command in (_async_programs, _async_open, _async_draw, _async_save, _delete):
        async_register_command(hass, command)


# The list


class ProgramsFeed(EntryFeed):
    """Send the programs of one treadmill, and the fields of a step, whenever they change."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: RetrowalkConfigEntry,
        words: Words,
        texts: _Texts,
        send: Callable[[_Message], None],
        *,
        editable: bool,
    ) -> None:
        """Initialize the feed; `words` and `texts` are in the language of the user, who may edit programs or not."""
        super().__init__(hass, entry, send)
        self._editable = editable
        self._words = words
        self._texts = texts
        self._key: object = None
        self._attach()

    @override
    def _listen(self, coordinator: RetrowalkCoordinator) -> list[Unsubscribe]:
        changed = partial(self._changed, coordinator)
        return [coordinator.async_add_listener(changed), coordinator.programs.async_add_listener(changed)]

    @override
    @callback
    def _changed(self, coordinator: RetrowalkCoordinator) -> None:
        rules, own = coordinator.data.rules, coordinator.programs.own
        if (key := (rules, own)) == self._key:  # a snapshot tells of much more than that
            return
        self._key, texts = key, self._texts
        limits = rules.limits(Direction.BACKWARD)
        presets = {each: program for each in PRESETS if (program := made(each, limits)) is not None}
        ready = [self._program(each, program, texts[f"program.options.{each}"]) for each, program in presets.items()]
        listed = [self._program(each, program, program.name) for each, program in own.items()]
        self._tell(
            {
                "editable": self._editable,
                "own": listed,
                "copies": [
                    {"id": "", "label": texts["card.options.program_copy"]},
                    *({"id": each["id"], "label": f"{each['name']} · {each['summary']}"} for each in (*ready, *listed)),
                ],
                "directions": [{"id": each.value, "label": texts[f"direction.options.{each}"]} for each in Direction],
                "groups": [[self._field(key) for key in group] for group in _GROUPS],
            }
        )

    def _field(self, key: str) -> _Message:
        """Return a field of a row; the unit of a ramp is told after its end."""
        name = self._texts[f"program_step.fields.{key}.name"]
        unit = house_units(self._hass).speed_unit if key in SPEEDS else FIELDS[key] or ""
        return {"key": key, "name": name, "unit": "" if key in RAMPED else unit}

    def _program(self, key: str, program: Program, name: str) -> _Message:
        return {"id": key, "name": name, "summary": self._words.summary(program)}


@websocket_command(
    {vol.Required("type"): "retrowalk/programs", vol.Required(ATTR_DEVICE_ID): str, vol.Optional("language"): str}
)
@async_response
async def _async_programs(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Subscribe to the programs of a treadmill."""
    entry = async_entry_of(hass, msg[ATTR_DEVICE_ID])
    if entry is None:
        connection.send_error(msg["id"], websocket_const.ERR_NOT_FOUND, "There is no such treadmill")
        return
    if not async_may_read(hass, connection.user, entry):
        connection.send_error(msg["id"], websocket_const.ERR_UNAUTHORIZED, "Unauthorized")
        return
    words, texts = await _async_words(hass, msg)
    connection.send_result(msg["id"])

    @callback
    def send(message: _Message) -> None:
        connection.send_event(msg["id"], message)

    feed = ProgramsFeed(hass, entry, words, texts, send, editable=connection.user.is_admin)
    connection.subscriptions[msg["id"]] = feed.close


# One program


@websocket_command(
    {
        vol.Required("type"): "retrowalk/program/open",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("language"): str,
        vol.Optional(CONF_PROGRAM): vol.Any(str, None),
        vol.Optional("copy", default=False): bool,
    }
)
@require_admin
@async_response
async def _async_open(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Send the rows of an own program, of a copy of one, or of a new one; nothing is saved."""
    words, texts = await _async_words(hass, msg)
    try:
        coordinator = _coordinator(hass, msg)
        program, key, name = _found(coordinator, msg.get(CONF_PROGRAM), texts, copy=msg["copy"])
    except HomeAssistantError as err:
        send_refusal(connection, msg, err)
        return
    steps = program.as_dict()[CONF_STEPS]
    connection.send_result(
        msg["id"],
        {
            CONF_PROGRAM: key,
            CONF_NAME: name,
            CONF_DIRECTION: program.direction.value,
            _SEEN: None if key is None else digest(program),
            CONF_ROWS: [
                _shown(row, words) for row in shown_rows(rows_from_steps(steps, repeats=False), house_units(hass))
            ],
            "note": words.say("program_unrolled") if has_groups(steps, repeats=False) else None,
        },
    )


def _found(
    coordinator: RetrowalkCoordinator, key: str | None, texts: _Texts, *, copy: bool
) -> tuple[Program, str | None, str]:
    """Return a program, its subentry id if it is to be changed, and its name."""
    entry, rules = coordinator.config_entry, coordinator.data.rules
    if key is None:
        limits = rules.limits(Direction.BACKWARD)
        speed = {} if limits.speed is None else {"speed": limits.speed.minimum}
        return Program.from_dict({CONF_NAME: DOMAIN, CONF_STEPS: [{"minutes": 1, **speed}]}), None, ""
    if (own := coordinator.programs.own.get(key)) is not None:
        return own, None if copy else key, free_name(entry, own.name) if copy else own.name
    program = made(key, rules.limits(Direction.BACKWARD)) if key in PRESETS else None
    if program is None:
        raise wrong(ErrorKey.PROGRAM_GONE)
    return program, None, free_name(entry, texts[f"program.options.{key}"])


_DRAFT: Final = {
    vol.Required(ATTR_DEVICE_ID): str,
    vol.Optional("language"): str,
    vol.Optional(CONF_PROGRAM): vol.Any(str, None),
    vol.Optional(CONF_NAME, default=""): str,
    vol.Optional(_SEEN): vol.Any(str, None),
    vol.Required(CONF_DIRECTION): vol.Coerce(Direction),
    # Not validated by the schema, so that an invalid step is reported by its row.
    vol.Required(CONF_ROWS): [dict],
}


@websocket_command({vol.Required("type"): "retrowalk/program/draw", **_DRAFT})
@require_admin
@async_response
async def _async_draw(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Send the curve of what is written so far and what the limits will cut, or what is wrong with which row."""
    words, _ = await _async_words(hass, msg)
    try:
        coordinator = _coordinator(hass, msg)
        program = _program(coordinator, msg, DOMAIN)
    except HomeAssistantError as err:
        send_refusal(connection, msg, err)
        return
    except ProgramError as err:
        connection.send_result(msg["id"], _problem(err, words))
        return
    found = await hass.async_add_executor_job(ProgramPreview.of, program, coordinator.data.rules)
    cuts = [words.cut(cut) for cut in found.shown.cuts]
    connection.send_result(
        msg["id"], {"row": None, "text": found.summary(words), "svg": curve(program, found.shown), "cuts": cuts}
    )


@websocket_command({vol.Required("type"): "retrowalk/program/save", **_DRAFT})
@require_admin
@async_response
async def _async_save(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Save a program, or send what is wrong; one that was deleted or changed meanwhile is saved as a new one."""
    words, _ = await _async_words(hass, msg)
    replaced, said = msg.get(CONF_PROGRAM), None
    try:
        coordinator = _coordinator(hass, msg)
        program = _program(coordinator, msg, one_line(msg[CONF_NAME]))
        if (other := coordinator.programs.changed(replaced, msg.get(_SEEN))) is not None:
            program = replace(program, name=free_name(coordinator.config_entry, program.name))
            replaced, said = None, words.say("program_changed", program=other.name, name=program.name)
        _check_name(coordinator, program.name, replaced)
    except ServiceValidationError as err:
        send_refusal(connection, msg, err)
        return
    except ProgramError as err:
        connection.send_result(msg["id"], _problem(err, words))
        return
    key = coordinator.programs.save(program, replaced)
    connection.send_result(msg["id"], {CONF_PROGRAM: key, CONF_NAME: program.name, "said": said})


@websocket_command(
    {
        vol.Required("type"): "retrowalk/program/delete",
        vol.Required(ATTR_DEVICE_ID): str,
        vol.Optional("language"): str,
        vol.Required(CONF_PROGRAM): str,
        vol.Optional(_SEEN): vol.Any(str, None),
    }
)
@require_admin
@callback
def _delete(hass: HomeAssistant, connection: ActiveConnection, msg: _Message) -> None:
    """Delete an own program."""
    try:
        programs = _coordinator(hass, msg).programs
        if (program := programs.own.get(msg[CONF_PROGRAM])) is None:
            raise wrong(ErrorKey.PROGRAM_GONE)
        if programs.changed(msg[CONF_PROGRAM], msg.get(_SEEN)) is not None:
            raise wrong(ErrorKey.PROGRAM_CHANGED, program=program.name)
        programs.delete(program.name)
    except HomeAssistantError as err:
        send_refusal(connection, msg, err)
    else:
        connection.send_result(msg["id"])


async def _async_words(hass: HomeAssistant, msg: _Message) -> tuple[Words, _Texts]:
    """Return the words and the names of fields and choices in the user's language."""
    language = (await Texts.async_load(hass, msg.get("language"))).language
    texts = await async_get_translations(hass, language, "selector", {DOMAIN})
    before = f"component.{DOMAIN}.selector."
    return await Words.async_load(hass, language), {key.removeprefix(before): text for key, text in texts.items()}


def _coordinator(hass: HomeAssistant, msg: _Message) -> RetrowalkCoordinator:
    _, entry = async_get_device_and_config_entry(hass, DOMAIN, msg[ATTR_DEVICE_ID], include_child_devices=False)
    coordinator: RetrowalkCoordinator = entry.runtime_data.coordinator
    return coordinator


def _program(coordinator: RetrowalkCoordinator, msg: _Message, name: str) -> Program:
    """Return what is written; a program whose rows nobody changed keeps its groups. Raises ProgramError."""
    own = coordinator.programs.own.get(msg.get(CONF_PROGRAM) or "")
    before = [] if own is None else own.as_dict()[CONF_STEPS]
    units = house_units(coordinator.hass)
    steps = steps_from_rows(metric_rows(map(_typed, msg[CONF_ROWS]), units), before, repeats=False)
    return Program.from_dict({CONF_NAME: name, CONF_DIRECTION: msg[CONF_DIRECTION], CONF_STEPS: steps})


def _check_name(coordinator: RetrowalkCoordinator, name: str, own_id: str | None) -> None:
    if name.casefold() in RESERVED_NAMES:
        raise wrong(ErrorKey.PROGRAM_NAME_RESERVED, program=name)
    if name.casefold() in taken_names(coordinator.config_entry, own_id):
        raise wrong(ErrorKey.PROGRAM_NAME_TAKEN, program=name)


def _problem(error: ProgramError, words: Words) -> _Message:
    """Return what is wrong, and with which row, counted from 0; None: with no single one."""
    number = error.step.partition(".")[0]
    return {"row": int(number) - 1 if number else None, "text": words.error(error)}


def _shown(row: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Return a row as text, with numbers as the user's language writes them, and with all their decimals."""
    mark = words.number(0.5)[1]
    return {key: value if key == _LABEL else str(value).replace(".", mark) for key, value in row.items()}


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it was typed; what is no number stays text, which is then found to be none."""
    return {key: text if key == _LABEL else _number(text) for key, text in row.items() if text != ""}


def _number(text: Any) -> Any:
    try:
        return float(text.strip().replace(",", "."))
    except AttributeError, ValueError:
        return text
