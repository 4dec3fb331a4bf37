"""Files that change between the moment they are looked at and the moment they are read."""

import os
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.retrowalk.storage import file_access


@pytest.mark.parametrize("instead", ["link", "pipe", "folder"])
async def test_what_takes_the_place_of_a_file_meanwhile_is_not_read(
    hass: HomeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instead: str
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    secret, file = tmp_path / "secret.txt", media / "hills.xml"
    secret.write_text("secret")
    file.write_text("<rows/>")
    hass.config.allowlist_external_dirs = {str(media)}
    assert await hass.async_add_executor_job(file_access.read_file, hass, str(file), 100) == b"<rows/>"
    allowed = file_access.allowed_path

    def swapped(hass: HomeAssistant, requested: str) -> Path:
        path = allowed(hass, requested)
        path.unlink()
        if instead == "link":
            path.symlink_to(secret)
        elif instead == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
        return path

    monkeypatch.setattr(file_access, "allowed_path", swapped)
    with pytest.raises(ServiceValidationError) as error:
        await hass.async_add_executor_job(file_access.read_file, hass, str(file), 100)
    assert error.value.translation_key == "file_unreadable"
