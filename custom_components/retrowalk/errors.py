"""What is said to whoever asks for what cannot be; the words are in the translations, and say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .training.files.markup import FormatError
from .training.programs.errors import ProgramError
from .training.rules import RefusedError

_MOST_SHOWN = 2000
"""Characters of a placeholder; lists of names are as long as that."""


def wrong(translation_key: str, **placeholders: str) -> ServiceValidationError:
    """Something asked for that is wrong or cannot be now; nothing has changed."""
    # What somebody wrote is repeated in it, and may be megabytes.
    shown = {
        name: text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…" for name, text in placeholders.items()
    }
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=translation_key, translation_placeholders=shown
    )


def refused(hass: HomeAssistant, error: RefusedError) -> ServiceValidationError:
    """What a rule of the session forbids; the guards that are the reason are called what people call them."""
    states = {guard: hass.states.get(guard) for guard in error.guards}
    names = [guard if state is None else state.name for guard, state in states.items()]
    values = {name: f"{value:g}" for name, value in error.values.items()}
    return wrong(error.reason.value, **values, **({"guards": ", ".join(names)} if names else {}))


def out_of_range(what: str, lowest: float, highest: float) -> ServiceValidationError:
    """A number that is not between the two; `what` is one of those with a text `<what>_out_of_range`."""
    return wrong(f"{what}_out_of_range", lowest=f"{lowest:g}", highest=f"{highest:g}")


@contextmanager
def in_words() -> Iterator[None]:
    """What is wrong with a program or a file is told to whoever asked."""
    try:
        yield
    except (FormatError, ProgramError) as err:
        raise wrong(err.key, **err.placeholders) from err
