"""What can be said to people, in their language."""

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
    """What can be said, in one language; English where that has no text."""

    _by_key: Mapping[str, str]

    @classmethod
    async def async_load(cls, hass: HomeAssistant, language: str | None = None) -> Texts:
        """Read the texts in a language, by default that of the house; it becomes a file's name, so it has to be one."""
        known = language if language in LANGUAGES else hass.config.language
        return cls(await async_get_translations(hass, known, "common", {DOMAIN}))

    @property
    def language(self) -> str:
        """The language that the texts are in, which is not that of the house where they were not translated."""
        return self._text(Spoken.LANGUAGE)

    def render(self, lines: tuple[Line, ...]) -> str:
        """Write out what is to be said, numbers as the language does."""
        return " ".join(self._text(line.key).format_map(self._values(line.values)) for line in lines)

    def _values(self, values: Mapping[str, float | str]) -> dict[str, str]:
        mark = self._text(Spoken.DECIMAL_MARK)
        return {
            name: value if isinstance(value, str) else f"{round(value, 1):g}".replace(".", mark)
            for name, value in values.items()
        }

    def _text(self, key: str) -> str:
        return self._by_key[f"component.{DOMAIN}.common.{key}"]
