"""Programs, and what happened to them on their way out of a file, in words of Home Assistant's language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..training.files.errors import FormatError
from ..training.files.imported import ForwardOnlyError, ImportedProgram, Reading, UnansweredError
from ..training.files.notes import Counted, ImportNote, ranges
from ..training.programs.errors import ProgramError
from ..training.programs.preview import SPEED_CUTS, Cut, PreviewStep
from ..training.programs.program import Program
from ..training.programs.steps import Ramp
from ..training.units import METRIC, Speed, Units
from ..util import house_units

_FIGURE = re.compile(r"-?[0-9][0-9.-]*")
_OF_THE_FILE = frozenset({"name", "text"})
"""Placeholders that repeat what is in a file."""


@dataclass(frozen=True)
class Words:
    """The texts of one language that tell of a program, in the units of the house."""

    _texts: Mapping[str, str]
    _units: Units = METRIC

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str | None = None) -> Self:
        """Load the texts in a language, by default Home Assistant's."""
        language = language or hass.config.language
        common = await async_get_translations(hass, language, "common", {DOMAIN})
        errors = await async_get_translations(hass, language, "exceptions", {DOMAIN})
        return cls({**common, **errors}, house_units(hass))

    def say(self, key: str, **values: float | str | Speed) -> str:
        """Return one of the common texts, with numbers as this language writes them."""
        shown = {name: value if isinstance(value, str) else self.number(value) for name, value in values.items()}
        return self._texts[f"component.{DOMAIN}.common.{key}"].format_map({"speed_unit": self.speed_unit, **shown})

    @property
    def speed_unit(self) -> str:
        """The unit of speeds."""
        return self._units.speed_unit

    @property
    def _mark(self) -> str:
        return self._texts[f"component.{DOMAIN}.common.say_decimal_mark"]

    def number(self, value: float | Speed, digits: int = 2) -> str:
        """Return a number as this language writes it."""
        if isinstance(value, Speed):
            value = self._units.shown_speed(value.kmh)
        whole, _, rest = f"{round(value, digits) + 0.0:.{digits}f}".partition(".")
        return f"{whole}{self._mark}{part}" if (part := rest.rstrip("0")) else whole

    def error(self, error: FormatError | ProgramError) -> str:
        """Return what is wrong with a file or a program, and what to do about it."""
        results = self.outcomes(error) if isinstance(error, UnansweredError) else {}
        text = self._texts[f"component.{DOMAIN}.exceptions.{error.key}.message"]
        return text.format_map({**self._units.written(error.placeholders), **results})

    def outcomes(self, question: UnansweredError) -> dict[str, str]:
        """Return what comes of each answer to a question, by the answer."""
        return {answer: self._outcome(result) for answer, result in question.results.items()}

    def note(self, note: ImportNote) -> str:
        """Return what happened to a part of a file, and where it is."""
        written = self._units.written(note.placeholders)
        text = self.say(note.key, **{name: self._figure(name, text) for name, text in written.items()})
        return text if note.counted is None else self._at(note.counted, note.places, text)

    def _figure(self, name: str, text: str) -> str:
        """Return a figure or a range as this language writes it, and what a file says as it is."""
        is_figure = name not in _OF_THE_FILE and _FIGURE.fullmatch(text)
        return text.replace(".", self._mark) if is_figure else text

    def refusal(self, error: HomeAssistantError) -> str:
        """Return an error of ours in Home Assistant's language; the error itself is in English."""
        text = self._texts[f"component.{DOMAIN}.exceptions.{error.translation_key}.message"]
        return text.format_map(error.translation_placeholders or {})

    def cut(self, cut: Cut) -> str:
        """Return what the limits make of some steps, or of the whole program."""
        asked, becomes = (Speed(value) if cut.kind in SPEED_CUTS else value for value in (cut.asked, cut.becomes))
        text = self.say(cut.kind, asked=asked, becomes=becomes)
        return self._at(Counted.STEPS, ranges(list(cut.steps)), text) if cut.steps else text

    def _at(self, counted: Counted, places: str, text: str) -> str:
        """Return a text with the line or the step that it is about, or with several."""
        return self.say(counted if places.isdigit() else f"{counted}s", places=places, note=text)

    def _outcome(self, reading: Reading) -> str:
        """Return how long and how fast a file is if it is read in one of several ways, or why it cannot be."""
        if isinstance(reading, ForwardOnlyError):
            return self._outcome(reading.forward)
        if not isinstance(reading, ImportedProgram):
            return self.error(reading)
        asked = reading.program.timed_steps
        meters = sum(
            (step.ends - step.begins) * (step.speed.start + step.speed.end) / 7.2 for step in asked if step.speed
        )
        incline = max((step.incline.top for step in asked if step.incline), default=0.0)
        return self.amounts(reading.program.duration, meters, reading.program.top_speed or 0.0, incline)

    def amounts(self, seconds: float, meters: float, speed: float, incline: float) -> str:
        """Return how long, how far (m), how fast (km/h) and how steep something is."""
        key = "program_amounts_uphill" if incline else "program_amounts"
        length, distance = self.length(round(seconds)), self.distance(meters)
        return self.say(key, length=length, distance=distance, speed=Speed(speed), incline=incline)

    def summary(self, program: Program) -> str:
        """Return how long a program is, and the most it asks for."""
        minutes, seconds = divmod(round(program.duration), 60)
        length, speed = f"{minutes}:{seconds:02}", program.top_speed
        incline = max((step.incline.top for step in program.timed_steps if step.incline), default=0.0)
        if speed is None:
            return length
        key = "program_summary_uphill" if incline > 0 else "program_summary"
        return self.say(key, length=length, speed=Speed(speed), incline=incline)

    def length(self, seconds: float) -> str:
        """Return a length of time."""
        minutes, rest = divmod(round(seconds, 1), 60)
        parts = [f"{minutes:.0f} min"] if minutes else []
        return " ".join([*parts, f"{self.number(rest, 1)} s"] if rest or not parts else parts)

    def distance(self, meters: float) -> str:
        """Return a distance."""
        value, unit = self._units.distance(meters)
        return f"{self.number(value)} {unit}"

    def step(self, step: PreviewStep) -> str:
        """Return a step; a speed or an incline that it leaves open is the one before."""
        length = self.length(step.minutes * 60)
        text = (
            length
            if step.speed is None
            else self.say("program_step", length=length, speed=self._ramp(step.speed, Speed))
        )
        if step.incline is not None and (step.incline.start or step.incline.end):
            text = self.say("program_uphill", step=text, incline=self._ramp(step.incline))
        return text if step.label is None else self.say("program_labeled", label=step.label, step=text)

    def _ramp(self, ramp: Ramp, kind: Callable[[float], float | Speed] = float) -> str:
        start, end = self.number(kind(ramp.start)), self.number(kind(ramp.end))
        return start if start == end else self.say("program_from_to", start=start, end=end)
