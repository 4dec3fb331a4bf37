"""Every action and command of the card refuses invalid values with a text, and nothing breaks (S3)."""

from typing import Any

import pytest
import voluptuous as vol
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.services import ACTIONS
from tests.support.action_calls import REQUIRED, Actions
from tests.support.house import House

ODD: dict[str, Any] = {
    "a number of 400 digits": 10**400,
    "one below nothing": -(10**400),
    "digits": "9" * 5000,
    "nan": float("nan"),
    "inf": float("-inf"),
    "a list": [[]] * 1000,
    "a map": {"a": {}},
    "nothing": None,
    "a zero byte": "\x00",
    "a long word": "x" * 100_000,
    "the last year": "9999-12-31T23:59:59",
}


@pytest.mark.parametrize("odd", ODD)
async def test_s3_odd_values_are_refused_in_words(actions: Actions, odd: str, caplog: pytest.LogCaptureFixture) -> None:
    await actions.set_up()
    for name, action in ACTIONS.items():
        for key in action.fields:
            data = {"device_id": actions.device(), **REQUIRED.get(name, {}), str(key): ODD[odd]}
            try:
                await actions.hass.services.async_call(
                    DOMAIN,
                    name,
                    data,
                    blocking=True,
                    context=actions.person(),
                    return_response=action.response.value != "none",
                )
            except HomeAssistantError, vol.Invalid:
                continue
            await actions.house.coordinator.control.stop()
    assert actions.house.commands().count(b"\x07") == 0
    assert not [
        record for record in caplog.records if record.name.startswith("custom_components") and record.levelno >= 40
    ]


@pytest.mark.parametrize("language", ["\x00", "x" * 100_000, "../../../manifest", "nobody's", ""])
async def test_a_card_with_an_unknown_language_gets_that_of_home_assistant(
    hass: HomeAssistant,
    house: House,
    actions: Actions,
    hass_ws_client: WebSocketGenerator,
    language: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await actions.set_up()
    client = await hass_ws_client(hass)
    message = {"type": "retrowalk/session", "device_id": actions.device(), "language": language}
    await client.send_json_auto_id(message)
    assert (await client.receive_json())["success"]
    while (event := (await client.receive_json())["event"])["type"] != "session":
        pass
    assert event["language"] == "en"


@pytest.mark.parametrize("press", [[], {"a": 1}, None, 5, "raise"])
async def test_s2_an_invalid_press_does_nothing(
    hass: HomeAssistant, house: House, actions: Actions, hass_ws_client: WebSocketGenerator, press: Any
) -> None:
    await actions.set_up()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "retrowalk/press", "device_id": actions.device(), "press": press})
    assert not (await client.receive_json())["success"]
    for beat in ([], 1e30, -1e308, True, None, "now"):
        message = {"type": "retrowalk/press", "device_id": actions.device(), "press": "start", "beat": beat}
        await client.send_json_auto_id(message)
        assert (await client.receive_json())["error"]["code"] == "too_late"
    assert house.state("session_state") == "idle"
    assert house.commands() == []
