"""The part of the dialog that says how belt and console behave, where the owner knows better."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import voluptuous as vol
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_QUIRKS, DOMAIN
from ..machine.ftms.quirks import incline_source
from ..machine.incline import InclineScale, write_table
from ..machine.model import Quirk
from ..programs.words import Words
from ..treadmill.options import Options
from ..treadmill.quirks import QuirkInForce, QuirkOrigin

BEHAVIOR: Final = "behavior"
"""The section of the form."""
SHOWN: Final = (
    *(Quirk.STOP_AT_REST, Quirk.SECOND_START, Quirk.START_TOGGLES, Quirk.LATE_SPEED, Quirk.PAUSE_STOPS),
    *(Quirk.TIME_LIMIT, Quirk.CONSOLE_DEAD, Quirk.START_PARAMETER, Quirk.PREAMBLE, Quirk.WEAK_SUBSCRIPTIONS),
)
"""What an owner can see of a machine, or read in its other app; the rest is a matter of bytes."""
_LABELS: Final = f"component.{DOMAIN}.options.step.machine.sections.{BEHAVIOR}.data."


class _Choice(StrEnum):
    FOUND = "found"
    YES = "yes"
    NO = "no"


def quirk_fields(options: Options) -> dict[vol.Marker, Any]:
    """Return a choice for each quirk, as it was answered."""
    selector = SelectSelector(
        SelectSelectorConfig(options=list(_Choice), mode=SelectSelectorMode.DROPDOWN, translation_key="quirk")
    )
    return {vol.Required(quirk.value, default=_answer(options, quirk).value): selector for quirk in SHOWN}


def _answer(options: Options, quirk: Quirk) -> _Choice:
    chosen = options.quirks.get(quirk)
    return _Choice.FOUND if chosen is None else _Choice.YES if chosen else _Choice.NO


def quirk_answers(options: Options, answers: Mapping[str, Any]) -> dict[str, dict[str, bool]]:
    """Return the option with the owner's choices; those that are not shown here stay."""
    kept = {quirk.value: chosen for quirk, chosen in options.quirks.items() if quirk not in SHOWN}
    told = {name: choice == _Choice.YES for name, choice in answers.items() if choice != _Choice.FOUND}
    return {CONF_QUIRKS: {**kept, **told}}


async def async_incline_text(hass: HomeAssistant, known: Any) -> str:
    """Return what our table knows of the machine's inclines, and what is made of it; empty where it knows nothing."""
    scale = InclineScale.known(known)
    if not scale.supposed:
        return ""
    words = await Words.async_load(hass)
    rows = "; ".join(write_table(scale.table).splitlines())
    what = words.say("incline_rows", rows=rows) if rows else words.say("incline_factor", factor=scale.factor)
    return "\n\n" + words.say("incline_known", what=what, source=incline_source(known) or "?")


async def async_found_text(hass: HomeAssistant, in_force: Mapping[Quirk, QuirkInForce]) -> str:
    """Return what is known of the machine without its owner, as a list."""
    words = await Words.async_load(hass)
    labels = await async_get_translations(hass, hass.config.language, "options", {DOMAIN})
    found = [
        f"- {labels.get(f'{_LABELS}{quirk}', quirk)} ({words.say(f'quirk_{its.origin}')})"
        for quirk, its in in_force.items()
        if its.value and quirk in SHOWN and its.origin is not QuirkOrigin.OWNER
    ]
    return "\n".join(found) or words.say("quirk_standard")
