"""The text of a reminder and its buttons."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..issues import plain_placeholders
from ..messaging.notifications import Button, Message
from ..messaging.texts import Texts
from ..training.speech.phrases import Line
from ..training.units import Speed

WORDINGS: Final = 4
"""Number of wordings: nobody goes on reading a text that is the same every day."""
_SHORTEST_STREAK_SHOWN = 2
START, SNOOZE, SKIP = "START", "SNOOZE", "SKIP"
KNEE_BEFORE: Final = {"KNEE_BEFORE_0": 0, "KNEE_BEFORE_2": 2, "KNEE_BEFORE_6": 6}
"""Buttons that tell the discomfort before the session; Android shows three of them, the card has them all."""


class ReminderContent(NamedTuple):
    """The values that a reminder's text is made from."""

    walker: str
    day: date
    sent: int  # number of the day's reminder, counted from 1
    minutes: float
    speed: float | None  # km/h
    streak: int  # days
    comeback: bool


class DueReminder(NamedTuple):
    """A reminder that waits for an answer, as the dashboard shows it."""

    lines: tuple[Line, ...]
    snooze: int | None  # minutes by which it may be put off


def reminder_lines(content: ReminderContent) -> tuple[Line, ...]:
    """Return the lines of a reminder, in another wording each day and after each snooze."""
    number = "one" if content.minutes == 1 else (content.day.toordinal() + content.sent) % WORDINGS + 1
    kind = "comeback" if content.comeback else "due"
    lines = [Line(f"reminder_{kind}_{number}", {"minutes": content.minutes})]
    if content.speed is not None:
        lines.append(Line("reminder_pace", {"speed": Speed(content.speed)}))
    if content.streak >= _SHORTEST_STREAK_SHOWN:
        lines.append(Line("reminder_streak", {"days": content.streak}))
    return tuple(lines)


@dataclass(frozen=True, kw_only=True)
class ReminderTemplate:
    """What all messages of a walker share; each message replaces the previous one."""

    hass: HomeAssistant
    tag: str
    walker: str
    path: str | None = None  # what a tap opens
    actions: dict[str, str] | None = None  # action ids by START and the like, as far as they are offered
    snooze: int | None = None  # min
    is_test: bool = False  # says so in the title

    async def async_render(self, *lines: Line) -> Message:
        """Return a message with these lines, in Home Assistant's language."""
        texts = await Texts.async_load(self.hass)
        return self._message(texts, texts.render(lines))

    async def async_render_error(self, error: HomeAssistantError) -> Message:
        """Return a message that explains an error; its buttons may be tapped again."""
        texts = await Texts.async_load(self.hass)
        language = self.hass.config.language
        translations = await async_get_translations(self.hass, language, "exceptions", {DOMAIN})
        text = translations.get(f"component.{DOMAIN}.exceptions.{error.translation_key}.message", str(error))
        return self._message(texts, text.format_map(plain_placeholders(error.translation_placeholders or {})))

    def _message(self, texts: Texts, text: str) -> Message:
        values = {"minutes": self.snooze or 0}
        buttons = tuple(
            Button(
                action=action,
                title=texts.render((Line(_key(kind), values if kind == SNOOZE else {}),)),
                opens_path=kind == START,
            )
            for kind, action in (self.actions or {}).items()
        )
        title = texts.render(
            (Line("reminder_test_title" if self.is_test else "reminder_title", {"name": self.walker}),)
        )
        link = texts.render((Line("reminder_link"),))
        return Message(tag=self.tag, title=title, text=text, path=self.path, link=link, buttons=buttons)


def _key(kind: str) -> str:
    """Return the text of a button."""
    return kind.lower() if kind in KNEE_BEFORE else f"reminder_{kind.lower()}"
