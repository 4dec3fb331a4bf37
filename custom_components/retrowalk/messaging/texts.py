"""The texts of announcements and messages in one language."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..training.speech.phrases import Line
from ..training.speech.spoken import Spoken


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts in one language; English where a translation is missing."""

    _by_key: Mapping[str, str]

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str | None = None) -> Texts:
        """Load the texts in a language, by default Home Assistant's.

        The language becomes part of a file name, so an unknown one is not passed on.
        """
        checked = language if language in LANGUAGES else hass.config.language
        return cls(await async_get_translations(hass, checked, "common", {DOMAIN}))

    @property
    def language(self) -> str:
        """The language of the texts."""
        return self._text(Spoken.LANGUAGE)

    def render(self, lines: tuple[Line, ...]) -> str:
        """Return the lines as one text, with numbers in the language's format."""
        return " ".join(self._text(line.key).format_map(self._values(line.values)) for line in lines)

    def _values(self, values: Mapping[str, float | str]) -> dict[str, str]:
        mark = self._text(Spoken.DECIMAL_MARK)
        return {
            name: value if isinstance(value, str) else f"{round(value, 1):g}".replace(".", mark)
            for name, value in values.items()
        }

    def _text(self, key: str) -> str:
        return self._by_key[f"component.{DOMAIN}.common.{key}"]
