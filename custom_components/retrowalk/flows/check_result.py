"""The result of a check run in words and in the units of the house."""

from typing import Final

from homeassistant.const import UnitOfSpeed
from homeassistant.core import HomeAssistant

from ..machine.model import MachineUnits, Unit
from ..programs.words import Words
from ..training.check.result import CheckResult
from ..training.limits import Limits, who_may_walk
from ..training.rules import Rules
from ..training.units import Speed, Units
from ..util import house_units

_UNITS: Final = {Unit.KILOMETERS: UnitOfSpeed.KILOMETERS_PER_HOUR.value, Unit.MILES: UnitOfSpeed.MILES_PER_HOUR.value}


async def async_result_texts(hass: HomeAssistant, rules: Rules, result: CheckResult) -> dict[str, str]:
    """Return the results as the placeholders of a text; `rules` say who may walk after it."""
    words, units = await Words.async_load(hass), house_units(hass)
    permissions = who_may_walk(rules.capabilities, rules.owner, rules.measured)
    return {
        "start_speed": words.number(Speed(result.start_speed or 0.0)),
        "step": words.number(Speed(result.step or 0.0)),
        "speed_unit": words.speed_unit,
        "stop_delay": words.number(result.stop_delay or 0.0),
        "stop_coast": words.number(result.stop_coast or 0.0),
        "units": _units(words, rules.units) + unit_proof_text(words, result, stated=rules.units_stated),
        "second_start": words.say(f"check_second_start_{result.second_start}"),
        "after_pause": words.say(f"check_after_pause_{result.after_pause}"),
        "stops_by": words.say(f"check_stops_by_{result.stop_step}"),
        "who": "\n".join(f"- {_permission(words, units, limits)}" for limits in permissions),
    }


def _units(words: Words, units: MachineUnits) -> str:
    """Return a line about the units of a machine; none where they are those of its protocol."""
    if units == MachineUnits():
        return ""
    return f"\n- {words.say('check_units', takes=_UNITS[units.takes], tells=_UNITS[units.tells])}."


def unit_proof_text(words: Words, found: CheckResult, *, stated: bool) -> str:
    """Return a line about units of which nobody is sure, and how to become sure; none where that limits nothing."""
    if not found.unit_unsure(stated=stated):
        return ""
    return f"\n- {words.say(f'check_unit_{found.unit_proof}')}"


def _permission(words: Words, units: Units, limits: Limits) -> str:
    """Return a text about who may walk on this treadmill, and how fast."""
    permission = "may" if limits.too_fast is None else "may_not"
    return words.say(
        f"check_{limits.walks}_{permission}",
        least=Speed(limits.too_fast or (limits.speed.minimum if limits.speed else 0.0)),
        most=units.speed_at_most(limits.top_speed or 0.0),
        ceiling=units.speed_at_most(limits.ceiling),
        minutes=limits.longest / 60,
    )
