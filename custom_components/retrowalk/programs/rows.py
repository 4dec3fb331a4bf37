"""A program as a list of rows that a person fills in one by one, and how it is written."""

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
"""What a step holds, or ramps to what the field of the same name with `_to` says."""
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
"""The fields of a row, each with its unit; the list of rows shows a row as its fields in this order."""
_COPIED: Final = ("minutes", "seconds", "repeat", "label")

type Row = Mapping[str, Any]
type StepData = dict[str, Any]


def rows_selector() -> ObjectSelector:
    """A list of rows: added, changed, moved and removed one by one."""
    fields = {name: ObjectSelectorField(selector=_selector(unit)) for name, unit in FIELDS.items()}
    config = ObjectSelectorConfig(fields=fields, multiple=True, translation_key="program_step")
    config["description_field"] = "label"  # below the others, which fill the line on a phone
    return ObjectSelector(config)


def _selector(unit: str | None) -> NumberSelector | TextSelector:
    if unit is None:
        return TextSelector()
    # Without bounds: what is beyond them is said in words, with the step (program.py), and not by the form's schema.
    return NumberSelector(NumberSelectorConfig(step="any", unit_of_measurement=unit, mode=NumberSelectorMode.BOX))


def rows_from_steps(steps: Iterable[StepData]) -> list[StepData] | None:
    """The rows of a program's steps as `Program.as_dict` writes them; None: it has groups that no row can say."""
    rows = []
    for step in steps:
        if "steps" not in step:
            rows.append(_row(step))
            continue
        inside = step["steps"]
        if len(inside) > 1 or "steps" in inside[0] or "label" in step:
            return None
        rows.append(_row(inside[0]) | {"repeat": step["repeat"]})
    return rows


def step_from_row(row: Row) -> StepData:
    """A row as a step is written; what is wrong with it stays in it and is found when it is read."""
    step = {key: row[key] for key in _COPIED if row.get(key) is not None}
    for key in RAMPED:
        start, end = row.get(key), row.get(f"{key}_to")
        if end is not None:
            step[key] = {"to": end} if start is None else {"from": start, "to": end}
        elif start is not None:
            step[key] = start
    return step


def first_ramp_without_start(rows: Iterable[Row]) -> int | None:
    """The place of the first row that says where a ramp ends and not where it begins."""
    for place, row in enumerate(rows, 1):
        if any(row.get(f"{key}_to") is not None and row.get(key) is None for key in RAMPED):
            return place
    return None


def _row(step: StepData) -> StepData:
    row = {key: value for key, value in step.items() if key not in {*RAMPED, "seconds"}}
    if "seconds" in step:
        minutes, seconds = divmod(step["seconds"], 60)
        # Whole milliseconds, as a program has them.
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
