"""The words of one language, in the units of the house, that tell what was walked."""

from homeassistant.core import HomeAssistant
from homeassistant.generated.languages import LANGUAGES
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..training.report.words import Words
from ..util import house_units
from .walker import GUEST

_SELECTS = ("direction", "program", "walker")
"""The selects whose options are named here, too: `direction_backward`."""


async def async_words(hass: HomeAssistant, language: str | None = None) -> Words:
    """Return the words of a language, by default Home Assistant's."""
    # The language becomes part of a file name, so an unknown one is not passed on.
    known = language if language in LANGUAGES else hass.config.language
    common, entity = [
        await async_get_translations(hass, known, category, {DOMAIN}) for category in ("common", "entity")
    ]
    by_key = _below(common, f"component.{DOMAIN}.common.")
    for kind in _SELECTS:
        options = _below(entity, f"component.{DOMAIN}.entity.select.{kind}.state.")
        by_key |= {f"{kind}_{option}": text for option, text in options.items()}
    return Words(by_key=by_key, units=house_units(hass))


def guest(words: Words) -> str:
    """Return what a guest is called."""
    return words.value(f"walker_{GUEST}", GUEST)


def _below(texts: dict[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}
