"""Convert between the steps of a program and the rows of its form."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import PERCENTAGE, UnitOfSpeed, UnitOfTime
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    TextSelector,
)

RAMPED: Final = ("speed", "incline")
"""What a step holds, or ramps to the value of the field of the same name with `_to`."""
FIELDS: Final = {
    "minutes": UnitOfTime.MINUTES,
    "seconds": UnitOfTime.SECONDS,
    "speed": UnitOfSpeed.KILOMETERS_PER_HOUR,
    "speed_to": UnitOfSpeed.KILOMETERS_PER_HOUR,
    "incline": PERCENTAGE,
    "incline_to": PERCENTAGE,
    "repeat": "x",
    "label": None,
}
"""The fields of a row and their units, in the order in which the form lists them."""
_COPIED: Final = ("minutes", "seconds", "repeat", "label")

type Row = Mapping[str, Any]
type StepData = dict[str, Any]


def rows_selector() -> ObjectSelector:
    """Return a selector for a list of rows that can be added, changed, moved and removed."""
    fields = {name: ObjectSelectorField(selector=_selector(unit)) for name, unit in FIELDS.items()}
    config = ObjectSelectorConfig(fields=fields, multiple=True, translation_key="program_step")
    config["description_field"] = "label"  # on its own line: the other fields fill the first one on a phone
    return ObjectSelector(config)


def _selector(unit: str | None) -> NumberSelector | TextSelector:
    if unit is None:
        return TextSelector()
    # No bounds here: flows/program.py reports a value out of range with its step, which a schema cannot do.
    return NumberSelector(NumberSelectorConfig(step="any", unit_of_measurement=unit, mode=NumberSelectorMode.BOX))


def rows_from_steps(steps: Iterable[StepData]) -> list[StepData] | None:
    """Return the rows of steps from `Program.as_dict`, or None if a group does not fit into rows."""
    rows = []
    for step in steps:
        if "steps" not in step:
            rows.append(_row(step))
            continue
        inner = step["steps"]
        if len(inner) > 1 or "steps" in inner[0] or "label" in step:
            return None
        rows.append(_row(inner[0]) | {"repeat": step["repeat"]})
    return rows


def step_from_row(row: Row) -> StepData:
    """Return the step of a row; invalid values stay in it and are found when the program is read."""
    step = {key: row[key] for key in _COPIED if row.get(key) is not None}
    for key in RAMPED:
        start, end = row.get(key), row.get(f"{key}_to")
        if end is not None:
            step[key] = {"to": end} if start is None else {"from": start, "to": end}
        elif start is not None:
            step[key] = start
    return step


def first_ramp_without_start(rows: Iterable[Row]) -> int | None:
    """Return the number of the first row with the end of a ramp but no start, or None."""
    for number, row in enumerate(rows, 1):
        if any(row.get(f"{key}_to") is not None and row.get(key) is None for key in RAMPED):
            return number
    return None


def _row(step: StepData) -> StepData:
    row = {key: value for key, value in step.items() if key not in {*RAMPED, "seconds"}}
    if "seconds" in step:
        minutes, seconds = divmod(step["seconds"], 60)
        # Programs keep whole milliseconds.
        row |= {"minutes": int(minutes), "seconds": round(seconds, 3)} if minutes else {"seconds": seconds}
    for key in RAMPED:
        match step.get(key):
            case {"from": start, "to": end}:
                row |= {key: start, f"{key}_to": end}
            case None:
                pass
            case held:
                row[key] = held
    return row
