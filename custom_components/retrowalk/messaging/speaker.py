"""Say a text through a satellite, a media player, or a notification."""

from typing import Any, NamedTuple

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import language as language_util

from ..const import DOMAIN
from ..training.speech.phrases import speaking_time
from .notifications import async_phone_services

SATELLITE = "assist_satellite"
MEDIA_PLAYER = "media_player"
NOTIFY = "notify"
_TTS = "tts"


def is_audible(entity_id: str) -> bool:
    """Return whether an entity speaks aloud; a notification has to be read on the phone."""
    return split_entity_id(entity_id)[0] != NOTIFY


class Speaker(NamedTuple):
    """One way to say something; an error is raised if it cannot be said."""

    hass: HomeAssistant
    target: str
    tts: str | None
    title: str

    @property
    def is_audible(self) -> bool:
        """Whether it speaks aloud."""
        return is_audible(self.target)

    @property
    def available(self) -> bool:
        """Whether the entity and its engine are available."""
        try:
            self._check_available(self.target)
            if split_entity_id(self.target)[0] == MEDIA_PLAYER:
                self._check_available(self._tts_engine)
        except HomeAssistantError:
            return False
        return True

    @property
    def _tts_engine(self) -> str:
        if self.tts is None:
            raise HomeAssistantError(f"no text-to-speech was chosen to speak through {self.target}")
        return self.tts

    def playback_time(self, text: str) -> float:
        """Return for how many seconds a text is played after the call has returned."""
        # A satellite's call returns when it has spoken, a media player's when it begins to play.
        return speaking_time(text) if split_entity_id(self.target)[0] == MEDIA_PLAYER else 0.0

    async def async_say(self, text: str, language: str, *, urgent: bool = False) -> None:
        """Say a text; return when it has been said, or at least has begun."""
        self._check_available(self.target)
        match split_entity_id(self.target)[0]:
            case "assist_satellite":
                # No chime: it takes a second, which is too long in a countdown.
                data = {"message": text, "preannounce": False}
                await self._call(SATELLITE, "announce", self.target, data)
            case "media_player":
                await self._speak(text, language)
            case _:
                await self._notify(text, urgent=urgent)

    async def _speak(self, text: str, language: str) -> None:
        engine = self._tts_engine
        self._check_available(engine)
        data: dict[str, Any] = {"media_player_entity_id": self.target, "message": text}
        # An engine speaks its default language unless another is passed, in the engine's own spelling.
        if matches := language_util.matches(language, self._supported_languages(engine), self.hass.config.country):
            data["language"] = matches[0]
        await self._call(_TTS, "speak", engine, data)

    def _supported_languages(self, engine: str) -> list[str]:
        # Text-to-speech may not be installed, except where an engine was chosen.
        from homeassistant.components.tts.helper import get_engine_instance  # noqa: PLC0415

        instance = get_engine_instance(self.hass, engine)
        return instance.supported_languages if instance is not None else []

    async def _notify(self, text: str, *, urgent: bool) -> None:
        phone = self._phone_service()
        if phone is None:
            await self._call(NOTIFY, "send_message", self.target, {"message": text, "title": self.title})
            return
        # The companion app's own action delivers at once, and each message replaces the previous one.
        level = "critical" if urgent else "time-sensitive"
        data = {
            "tag": DOMAIN,
            "ttl": 0,
            "priority": "high",
            "channel": DOMAIN,
            "importance": "high",
            "push": {"interruption-level": level},
        }
        await self.hass.services.async_call(
            NOTIFY, phone, {"message": text, "title": self.title, "data": data}, blocking=True
        )

    def _phone_service(self) -> str | None:
        """Return the companion app's notify action that this entity belongs to, if any."""
        return next(iter(async_phone_services(self.hass, self.target)), None)

    async def _call(self, domain: str, service: str, entity_id: str, data: dict[str, Any]) -> None:
        await self.hass.services.async_call(domain, service, {ATTR_ENTITY_ID: entity_id, **data}, blocking=True)

    def _check_available(self, entity_id: str) -> None:
        """Raise if an entity is not available: Home Assistant skips such entities silently."""
        state = self.hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            # This text is only for the log and for the test in the set-up.
            raise HomeAssistantError(f"{entity_id} is not available")
