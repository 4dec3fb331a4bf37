"""Convert between the steps of a program and the rows of its form."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import isfinite
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

from ..training.programs.steps import MOST_STEPS
from ..training.units import Units

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
"""The fields of a row and their units in a metric house, in the order in which the form lists them."""
SPEEDS: Final = frozenset({"speed", "speed_to"})
_COPIED: Final = ("minutes", "seconds", "repeat", "label")

type Row = Mapping[str, Any]
type StepData = dict[str, Any]


def rows_selector(units: Units) -> ObjectSelector:
    """Return a selector for a list of rows that can be added, changed, moved and removed."""
    shown = {name: units.speed_unit if name in SPEEDS else unit for name, unit in FIELDS.items()}
    fields = {name: ObjectSelectorField(selector=_selector(unit)) for name, unit in shown.items()}
    config = ObjectSelectorConfig(fields=fields, multiple=True, translation_key="program_step")
    config["description_field"] = "label"  # on its own line: the other fields fill the first one on a phone
    return ObjectSelector(config)


def _selector(unit: str | None) -> NumberSelector | TextSelector:
    if unit is None:
        return TextSelector()
    # No bounds here: flows/program.py reports a value out of range with its step, which a schema cannot do.
    return NumberSelector(NumberSelectorConfig(step="any", unit_of_measurement=unit, mode=NumberSelectorMode.BOX))


def shown_rows(rows: Iterable[Row], units: Units) -> list[StepData]:
    """Return rows with their speeds in the units of the house, for the form."""
    return [_with_speeds(row, units.speed) for row in rows]


def metric_rows(rows: Iterable[Row], units: Units) -> list[StepData]:
    """Return rows from the form with their speeds in km/h; a speed that was not changed is the same as before.

    Of too many rows one more than a program may have is left, which is found when the program is read.
    """
    return [_with_speeds(row, units.kmh) for row in islice(rows, MOST_STEPS + 1)]


def _with_speeds(row: Row, convert: Callable[[float], float]) -> StepData:
    return {key: convert(value) if key in SPEEDS and _is_number(value) else value for key, value in row.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def rows_from_steps(steps: Iterable[StepData], *, repeats: bool = True) -> list[StepData]:
    """Return the rows of steps from `Program.as_dict`; several steps that are repeated together are unrolled.

    Without `repeats` a single step that is repeated is unrolled, too.
    """
    return [row for step in steps for row in _rows(step, None, repeats=repeats)]


def has_groups(steps: Iterable[StepData], *, repeats: bool = True) -> bool:
    """Return whether something is repeated that rows can only show one after the other."""
    return any("steps" in step and not (repeats and _is_row(step)) for step in steps)


def steps_from_rows(rows: Iterable[Row], before: Iterable[StepData] = (), *, repeats: bool = True) -> list[StepData]:
    """Return the steps of rows; those that they were made from, with their groups, if no row has changed since.

    Invalid values stay in them and are found when the program is read.
    """
    steps, written = [_step(row) for row in rows], list(before)
    return written if steps == [_step(row) for row in rows_from_steps(written, repeats=repeats)] else steps


def _step(row: Row) -> StepData:
    step = {key: row[key] for key in _COPIED if row.get(key) is not None}
    for key in RAMPED:
        start, end = row.get(key), row.get(f"{key}_to")
        if end is None and start is not None:
            step[key] = start
        elif end is not None and start is None:
            step[f"{key}_to"] = end  # begins where the step before it ends
        elif end is not None:
            step[key] = {"from": start, "to": end}
    return step


def _is_row(group: StepData) -> bool:
    """Return whether a group is one step that is repeated, for which rows have a field."""
    inner = group["steps"]
    return len(inner) == 1 and "steps" not in inner[0] and not ("label" in group and "label" in inner[0])


def _rows(step: StepData, label: str | None, *, repeats: bool) -> Iterator[StepData]:
    """Yield the rows of a step or a group; one without a label takes that of the group around it."""
    if "steps" not in step:
        yield _row({"label": label, **step} if label is not None else step)
        return
    label = step.get("label", label)
    if repeats and _is_row(step):
        yield from ({**row, "repeat": step["repeat"]} for row in _rows(step["steps"][0], label, repeats=repeats))
        return
    for _ in range(step["repeat"]):
        for each in step["steps"]:
            yield from _rows(each, label, repeats=repeats)


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
