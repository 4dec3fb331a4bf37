"""Every language, and one that we have no texts in: numbers, dates and times are written and spoken as it does."""

from datetime import date, time

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.errors import ErrorKey, out_of_range, refused
from custom_components.retrowalk.messaging.texts import Texts
from custom_components.retrowalk.programs.words import Words as ProgramWords
from custom_components.retrowalk.training.files.notes import ImportNote, NoteKey
from custom_components.retrowalk.training.rules import Refusal, RefusedError
from custom_components.retrowalk.training.speech.phrases import Line
from custom_components.retrowalk.training.speech.spoken import Spoken
from custom_components.retrowalk.training.units import Speed
from custom_components.retrowalk.util import time_of_day
from custom_components.retrowalk.walkers.words import async_words
from tests.support.languages import LANGUAGES
from tests.support.set_up_dialog import start_virtual

WITHOUT_TEXTS = "sv"
POINT = {"en", WITHOUT_TEXTS}  # without texts, everything is English
pytestmark = pytest.mark.parametrize("language", [*LANGUAGES, WITHOUT_TEXTS])


@pytest.fixture
async def home(hass: HomeAssistant, language: str) -> HomeAssistant:
    """Return a house in a language, with the texts that the announcer loads."""
    hass.config.language = language
    await async_get_translations(hass, language, "common", {DOMAIN})
    return hass


def written(figure: str, language: str) -> str:
    return figure if language in POINT else figure.replace(".", ",")


async def test_a_voice_is_asked_for_the_language_that_its_text_is_in(home: HomeAssistant, language: str) -> None:
    texts = await Texts.async_load(home)
    assert texts.language == ("en" if language == WITHOUT_TEXTS else language)
    line = Line(Spoken.SPEED_UP, {"start": Speed(0.8), "target": Speed(1.5)})
    said = texts.render((line,))
    assert written("0.8", language) in said
    assert written("1.5", language) in said
    assert texts.render((Line(Spoken.KILOMETERS_PER_HOUR),)) in said


async def test_a_day_is_written_with_its_month_in_words(home: HomeAssistant, language: str) -> None:
    words = await async_words(home)
    day = words.date_of(date(2026, 12, 3))
    assert "3" in day
    assert day.endswith("2026")
    assert day.startswith("3") == (language not in POINT)
    months = {words.day_of(date(2026, month, 3)) for month in range(1, 13)}
    assert len(months) == 12
    assert not any(shown.replace("3", "").strip(" .").isdigit() for shown in months)


async def test_a_time_is_written_as_a_house_reads_its_clock(home: HomeAssistant, language: str) -> None:
    assert time_of_day(home, time(18, 5)) == ("6:05 PM" if language == "en" else "18:05")


async def test_the_figures_of_the_report_and_of_a_program_have_the_mark_of_the_language(
    home: HomeAssistant, language: str
) -> None:
    report, program = await async_words(home), await ProgramWords.async_load(home)
    assert report.number(1.5) == program.number(1.5) == written("1.5", language)
    note = ImportNote(key=NoteKey.BOUNDED, placeholders={"asked": Speed(1.5, 2.5), "becomes": Speed(1.2, 2.0)})
    assert written("1.5-2.5", language) in program.note(note)
    assert written("1.2-2", language) in program.note(note)
    own = ImportNote(key=NoteKey.TEXT_LOST, placeholders={"text": "1.5"})  # what a file says stays as it says it
    assert "1.5" in program.note(own)


async def test_a_refusal_names_a_limit_with_the_mark_of_the_language(home: HomeAssistant, language: str) -> None:
    error = out_of_range(ErrorKey.SPEED_OUT_OF_RANGE, 0.8, 3.0)
    assert error.translation_placeholders == {"lowest": written("0.8", language), "highest": "3", "speed_unit": "km/h"}
    too_fast = refused(home, RefusedError(Refusal.STARTS_TOO_FAST, least=3.5, ceiling=3.2))
    assert too_fast.translation_placeholders is not None
    assert too_fast.translation_placeholders["least"] == written("3.5", language)


@pytest.mark.usefixtures("enable_bluetooth")
async def test_the_set_up_names_a_limit_with_the_mark_of_the_language(hass: HomeAssistant, language: str) -> None:
    hass.config.language = language
    step = await start_virtual(hass)
    assert step["description_placeholders"]["minimum"] == written("0.5", language)
    hass.config_entries.flow.async_abort(step["flow_id"])
