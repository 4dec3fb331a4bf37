"""Speakers and notifiers of other integrations: real entities that only record their calls."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from homeassistant.components.assist_pipeline import PipelineEvent
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityFeature,
)
from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaType
from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.components.tts import TextToSpeechEntity, TtsAudioType
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

type Clock = Callable[[], float]


class MessageLog:
    """The messages that people get, with their times, and the behavior of the hardware."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock()
        self.entries: list[tuple[float, str]] = []
        self.details: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.hangs = False
        self.ends_when_cancelled = True
        self._resumed = asyncio.Event()

    async def note(self, text: str, **details: Any) -> None:
        self.entries.append((self._clock() - self._began, text))
        self.details.append(details)
        if self.error is not None:
            raise self.error
        while self.hangs:
            try:
                await self._resumed.wait()
            except asyncio.CancelledError:
                if self.ends_when_cancelled:
                    raise

    def go_on(self) -> None:
        self.hangs = False
        self._resumed.set()

    def since_now(self) -> None:
        """Clear the messages and count times from now."""
        self._began = self._clock()
        self.entries.clear()
        self.details.clear()

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.entries]


class Satellite(AssistSatelliteEntity):
    _attr_unique_id = "satellite"
    _attr_name = "Hall"
    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE

    def __init__(self, message_log: MessageLog) -> None:
        self.message_log = message_log

    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        return AssistSatelliteConfiguration([], [], 1)

    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        raise NotImplementedError

    def on_pipeline_event(self, event: PipelineEvent) -> None:
        raise NotImplementedError

    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        await self.message_log.note(announcement.message, chime=announcement.preannounce_media_id)


class Player(MediaPlayerEntity):
    _attr_unique_id = "player"
    _attr_name = "Hall"
    _attr_supported_features = MediaPlayerEntityFeature.PLAY_MEDIA

    def __init__(self, message_log: MessageLog) -> None:
        self.message_log = message_log

    async def async_play_media(self, media_type: MediaType | str, media_id: str, **kwargs: Any) -> None:
        url = urlsplit(media_id)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        await self.message_log.note(
            query["message"], engine=url.path.strip("/"), language=query.get("language"), **kwargs
        )


class Speech(TextToSpeechEntity):
    _attr_unique_id = "speech"
    _attr_name = "Speech"
    _attr_default_language = "fr-FR"
    _attr_supported_languages = ("fr-FR", "en-US", "de-DE")  # type: ignore[assignment]

    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> TtsAudioType:
        return "wav", b""


class Messages(NotifyEntity):
    _attr_unique_id = "messages"
    _attr_name = "Anna"
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, message_log: MessageLog) -> None:
        self.message_log = message_log

    async def async_send_message(self, message: str, title: str | None = None) -> None:
        await self.message_log.note(message, title=title)


async def add_speakers(
    hass: HomeAssistant, *, integration: str = "speakers", data: dict[str, Any] | None = None, **entities: Entity
) -> MockConfigEntry:
    """Set up an integration with these entities, one for each domain."""

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, list(entities))
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, list(entities))

    mock_integration(hass, MockModule(integration, async_setup_entry=set_up, async_unload_entry=unload))
    mock_platform(hass, f"{integration}.config_flow", MockPlatform())
    for domain, entity in entities.items():
        assert await async_setup_component(hass, domain, {})

        async def add(
            hass: HomeAssistant,
            entry: ConfigEntry,
            async_add_entities: AddConfigEntryEntitiesCallback,
            entity: Entity = entity,
        ) -> None:
            async_add_entities([entity])

        mock_platform(hass, f"{integration}.{domain}", MockPlatform(async_setup_entry=add))
    entry = MockConfigEntry(domain=integration, data=data or {})
    entry.add_to_hass(hass)
    with mock_config_flow(integration, ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    return entry


def add_companion_service(hass: HomeAssistant, message_log: MessageLog, name: str) -> None:
    """Add the companion app's notify action for a phone, in addition to its entity."""

    async def send(call: ServiceCall) -> None:
        await message_log.note(call.data["message"], **{key: call.data[key] for key in ("title", "data")})

    hass.services.async_register("notify", name, send)
