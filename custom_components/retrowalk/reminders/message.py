"""What a reminder says, and what may be tapped below it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..messaging.notifications import Button, Message
from ..messaging.texts import Texts
from ..training.speech.phrases import Line

WORDINGS: Final = 4
"""Ways to say the same; whoever reads the same every day reads it no more."""
_SHORTEST_STREAK_SHOWN = 2
START, SNOOZE, SKIP = "START", "SNOOZE", "SKIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderContent:
    """A reminder in numbers."""

    walker: str
    day: date
    sent: int  # the how manieth of the day
    minutes: float
    speed: float | None  # km/h
    streak: int  # days
    comeback: bool


def reminder_lines(ask: ReminderContent) -> tuple[Line, ...]:
    """The texts of a reminder, another one each day and after each snooze."""
    number = "one" if ask.minutes == 1 else (ask.day.toordinal() + ask.sent) % WORDINGS + 1
    what = "comeback" if ask.comeback else "due"
    lines = [Line(f"reminder_{what}_{number}", {"minutes": ask.minutes})]
    if ask.speed is not None:
        lines.append(Line("reminder_pace", {"speed": ask.speed}))
    if ask.streak >= _SHORTEST_STREAK_SHOWN:
        lines.append(Line("reminder_streak", {"days": ask.streak}))
    return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderTemplate:
    """The paper that a walker's messages are written on: each takes the place of the one before."""

    hass: HomeAssistant
    tag: str
    walker: str
    path: str | None = None  # what a tap opens
    actions: dict[str, str] | None = None  # by START, SNOOZE and SKIP, as far as they are offered
    snooze: int | None = None  # min

    async def async_render(self, *lines: Line) -> Message:
        """A message in the language of the house."""
        texts = await Texts.async_load(self.hass)
        return self._message(texts, texts.render(lines))

    async def async_render_error(self, error: HomeAssistantError) -> Message:
        """Say why something that was tapped cannot be; the same may be tapped again."""
        texts = await Texts.async_load(self.hass)
        language = self.hass.config.language
        known = await async_get_translations(self.hass, language, "exceptions", {DOMAIN})
        text = known.get(f"component.{DOMAIN}.exceptions.{error.translation_key}.message", str(error))
        return self._message(texts, text.format_map(error.translation_placeholders or {}))

    def _message(self, texts: Texts, text: str) -> Message:
        values = {"minutes": self.snooze or 0}
        buttons = tuple(
            Button(
                action=action,
                title=texts.render((Line(f"reminder_{what.lower()}", values if what == SNOOZE else {}),)),
                opens_path=what == START,
            )
            for what, action in (self.actions or {}).items()
        )
        title = texts.render((Line("reminder_title", {"name": self.walker}),))
        return Message(tag=self.tag, title=title, text=text, path=self.path, buttons=buttons)
