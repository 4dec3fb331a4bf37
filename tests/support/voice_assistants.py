"""Voice assistants that are set up manually: Alexa and Google Assistant in YAML, with their HTTP requests."""

import sys
from types import ModuleType
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.ulid import ulid_now


def replace_camera_library() -> None:
    """Replace a library that their integrations need for camera images, which nothing here uses."""
    if "turbojpeg" not in sys.modules:
        library = ModuleType("turbojpeg")
        library.TurboJPEG = object  # type: ignore[attr-defined]
        sys.modules["turbojpeg"] = library


async def set_up_alexa(hass: HomeAssistant, **smart_home: Any) -> None:
    replace_camera_library()
    assert await async_setup_component(hass, "http", {})
    assert await async_setup_component(hass, "alexa", {"alexa": {"smart_home": smart_home or None}})


def alexa_says(entity_id: str) -> dict[str, Any]:
    """Return the request that Amazon sends for a spoken command."""
    header = {"namespace": "Alexa.SceneController", "name": "Activate", "messageId": ulid_now(), "payloadVersion": "3"}
    endpoint = {"endpointId": entity_id.replace(".", "#"), "scope": {"type": "BearerToken", "token": "x"}}
    return {"directive": {"header": header, "endpoint": endpoint, "payload": {}}}


async def activate_by_alexa(client: Any, entity_id: str) -> Any:
    response = await client.post("/api/alexa/smart_home", json=alexa_says(entity_id))
    assert response.status == 200
    return (await response.json())["event"]["header"]["name"]


async def set_up_google(hass: HomeAssistant, **settings: Any) -> None:
    replace_camera_library()
    assert await async_setup_component(hass, "http", {})
    config = {"google_assistant": {"project_id": "walk", "expose_by_default": False, **settings}}
    assert await async_setup_component(hass, "google_assistant", config)
    await hass.async_block_till_done()


async def activate_by_google(client: Any, entity_id: str) -> Any:
    """Send the request that Google sends for a spoken command and return its status."""
    execution = [{"command": "action.devices.commands.ActivateScene", "params": {}}]
    command = {"devices": [{"id": entity_id}], "execution": execution}
    message = {
        "requestId": ulid_now(),
        "inputs": [{"intent": "action.devices.EXECUTE", "payload": {"commands": [command]}}],
    }
    response = await client.post("/api/google_assistant", json=message)
    assert response.status == 200
    return (await response.json())["payload"]["commands"][0]["status"]
