"""The texts of announcements and messages in one language."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..training.speech.phrases import Line
from ..training.speech.spoken import Spoken
from ..training.units import METRIC, Speed, Units
from ..util import house_units, plain


@dataclass(frozen=True)
class Texts:
    """The texts in one language, in the units of the house; English where a translation is missing."""

    _by_key: Mapping[str, str]
    _units: Units = METRIC

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str | None = None) -> Texts:
        """Load the texts in a language, by default Home Assistant's.

        The language becomes part of a file name, so an unknown one is not passed on.
        """
        checked = language if language in LANGUAGES else hass.config.language
        return cls(await async_get_translations(hass, checked, "common", {DOMAIN}), house_units(hass))

    @property
    def language(self) -> str:
        """The language of the texts."""
        return self._text(Spoken.LANGUAGE)

    def render(self, lines: tuple[Line, ...]) -> str:
        """Return the lines as one text, with numbers in the language's format.

        A text with a speed has `{speed_unit}`, or `{spoken_speed_unit}` where it is said.
        """
        return " ".join(self._text(line.key).format_map(self._values(line.values)) for line in lines)

    def _values(self, values: Mapping[str, float | str | Speed]) -> dict[str, str]:
        written = {name: self._value(value) for name, value in values.items()}
        if any(isinstance(value, Speed) for value in values.values()):
            spoken = self._text(Spoken.MILES_PER_HOUR if self._units.miles else Spoken.KILOMETERS_PER_HOUR)
            written |= {"speed_unit": self._units.speed_unit, "spoken_speed_unit": spoken}
        return written

    def _value(self, value: float | str | Speed) -> str:
        if isinstance(value, str):
            return plain(value)
        if isinstance(value, Speed):
            return self.number(self._units.shown_speed(value.kmh), 2 if self._units.miles else 1)
        return self.number(value, 1)

    def number(self, value: float, digits: int = 2) -> str:
        """Return a number as the language writes it."""
        return f"{round(value, digits):g}".replace(".", self._text(Spoken.DECIMAL_MARK))

    def _text(self, key: str) -> str:
        return self._by_key[f"component.{DOMAIN}.common.{key}"]
