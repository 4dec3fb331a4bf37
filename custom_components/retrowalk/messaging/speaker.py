"""How a text reaches people: through a satellite, a speaker, or a notification."""

from dataclasses import dataclass
from typing import Any

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
    """Return whether what an entity says is heard; a notification is read by whoever holds the phone."""
    return split_entity_id(entity_id)[0] != NOTIFY


@dataclass(frozen=True, slots=True)
class Speaker:
    """One way to say something. Where it cannot be said, that raises."""

    hass: HomeAssistant
    target: str
    tts: str | None
    title: str

    @property
    def is_audible(self) -> bool:
        """Whether it is heard, not read."""
        return is_audible(self.target)

    @property
    def available(self) -> bool:
        """Whether what speaks is there, and so is its text-to-speech where it needs one."""
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
        """For how long (s) a text sounds after it was handed over."""
        # A satellite returns when it has spoken, a media player when it has begun.
        return speaking_time(text) if split_entity_id(self.target)[0] == MEDIA_PLAYER else 0.0

    async def async_say(self, text: str, language: str, *, urgent: bool = False) -> None:
        """Say it; returns when that is done, or at least under way."""
        self._check_available(self.target)
        match split_entity_id(self.target)[0]:
            case "assist_satellite":
                # No chime: it would take the second that a countdown does not have.
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
        # An engine speaks its default language unless it is told another, and wants that spelled its own way.
        if spoken := language_util.matches(language, self._spoken_languages(engine), self.hass.config.country):
            data["language"] = spoken[0]
        await self._call(_TTS, "speak", engine, data)

    def _spoken_languages(self, engine: str) -> list[str]:
        # Not every house has text-to-speech; who chose an engine has.
        from homeassistant.components.tts.helper import get_engine_instance  # noqa: PLC0415

        instance = get_engine_instance(self.hass, engine)
        return instance.supported_languages if instance is not None else []

    async def _notify(self, text: str, *, urgent: bool) -> None:
        phone = self._phone_service()
        if phone is None:
            await self._call(NOTIFY, "send_message", self.target, {"message": text, "title": self.title})
            return
        # The companion app's own service delivers at once, and each message takes the place of the one before.
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
        """The service of the companion app that this entity belongs to, if it does."""
        return next(iter(async_phone_services(self.hass, self.target)), None)

    async def _call(self, domain: str, service: str, entity_id: str, data: dict[str, Any]) -> None:
        await self.hass.services.async_call(domain, service, {ATTR_ENTITY_ID: entity_id, **data}, blocking=True)

    def _check_available(self, entity_id: str) -> None:
        """Home Assistant passes over entities that cannot be reached without a word."""
        state = self.hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            # Only for the log and a test's outcome: nobody waits for it.
            raise HomeAssistantError(f"{entity_id} is not available")
