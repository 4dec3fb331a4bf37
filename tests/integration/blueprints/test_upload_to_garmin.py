"""The blueprint that hands files of sessions to Garmin Connect, and what it does not hand over."""

from pathlib import Path

import fitdecode
import pytest
import voluptuous as vol
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr

from tests.support.action_calls import Actions
from tests.support.blueprint_automations import CONSENT, BlueprintAutomations, pass_time, turns
from tests.support.session_events import session_event

from .conftest import Asked

ACCOUNT = "sensor.garmin_connect_last_activity"


class Garmin:
    """The action of the Garmin Connect integration, with the fields that it has; keeps what it is given."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.given: list[tuple[str, str]] = []
        self.titles: list[str] = []
        schema = vol.Schema({vol.Optional("entity_id"): cv.entity_id, vol.Required("file_path"): cv.string})
        hass.services.async_register("garmin_connect", "upload_activity", self._async_upload, schema=schema)

    async def _async_upload(self, call: ServiceCall) -> None:
        path: str = call.data["file_path"]
        self.titles.append(await self._hass.async_add_executor_job(title, path))
        self.given.append((call.data["entity_id"], path))


def title(path: str) -> str:
    assert Path(path).is_absolute()
    with fitdecode.FitReader(path) as reader:
        sports = [each for each in reader if isinstance(each, fitdecode.FitDataMessage) and each.name == "sport"]
    return str(sports[0].get_value("name"))


@pytest.fixture
def garmin(hass: HomeAssistant) -> Garmin:
    return Garmin(hass)


@pytest.fixture
async def folder(
    automations: BlueprintAutomations, hass: HomeAssistant, tmp_path: Path, garmin: Garmin, asked: Asked
) -> Path:
    """Return the folder of the files; Anna's sessions go to Garmin after a minute."""
    media = tmp_path / "media"
    media.mkdir()
    hass.config.allowlist_external_dirs = {str(media)}
    await automations.set_up({**CONSENT, "keep_files": True, "files_folder": str(media)})
    house = automations.house
    await automations.make(
        "upload_to_garmin",
        **asked("session"),
        walker=Actions(house).device("anna"),
        garmin=ACCOUNT,
        wait={"minutes": 1},
    )
    return media


async def store_session(automations: BlueprintAutomations, walker: str | None) -> Path:
    """Store a session, and return its file, of which automations have been told."""
    house = automations.house
    record = await house.store_session(walker)
    await house.until(lambda: house.full_state("session").attributes.get("session_id") == record.id)
    await turns()
    return Path(house.full_state("session").attributes["path"])


async def test_a_session_goes_to_the_walkers_account_with_what_was_corrected_in_time(
    automations: BlueprintAutomations, hass: HomeAssistant, noon: FrozenDateTimeFactory, folder: Path, garmin: Garmin
) -> None:
    path = await store_session(automations, "anna")
    await pass_time(hass, noon, seconds=50)
    assert garmin.given == []
    actions = Actions(automations.house)
    [record] = actions.records()
    await actions.call("edit_session", session_id=record.id, direction="forward")
    await automations.house.until(lambda: title(str(path)) == "Walk")
    await pass_time(hass, noon, seconds=15)
    await automations.house.until(lambda: bool(garmin.given))
    assert garmin.given == [(ACCOUNT, str(path))]
    assert garmin.titles == ["Walk"]
    await pass_time(hass, noon, minutes=5)
    assert len(garmin.given) == 1


async def test_two_sessions_in_a_row_both_go(
    automations: BlueprintAutomations, hass: HomeAssistant, noon: FrozenDateTimeFactory, folder: Path, garmin: Garmin
) -> None:
    paths = [await store_session(automations, "anna") for _ in range(2)]
    await pass_time(hass, noon, minutes=2)
    await automations.house.until(lambda: len(garmin.given) == 2)
    assert sorted(garmin.given) == sorted((ACCOUNT, str(path)) for path in paths)


async def test_nothing_else_leaves_the_house(
    automations: BlueprintAutomations, hass: HomeAssistant, noon: FrozenDateTimeFactory, folder: Path, garmin: Garmin
) -> None:
    await store_session(automations, None)  # a guest
    tell = automations.house.coordinator.events.notify
    tell(session_event("finished"))
    for walker in ("Bert", "anna", None):
        tell(session_event("exported", walker=walker))
    await turns()
    await pass_time(hass, noon, minutes=2)
    assert garmin.given == []


async def test_a_walker_with_another_device_name_is_still_known(
    automations: BlueprintAutomations, hass: HomeAssistant, noon: FrozenDateTimeFactory, folder: Path, garmin: Garmin
) -> None:
    device = Actions(automations.house).device("anna")
    dr.async_get(hass).async_update_device(device, name_by_user="Mum")
    path = await store_session(automations, "anna")
    await pass_time(hass, noon, minutes=2)
    await automations.house.until(lambda: bool(garmin.given))
    assert garmin.given == [(ACCOUNT, str(path))]
