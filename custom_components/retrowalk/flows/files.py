"""The fields of the files that are kept of sessions, a group of the settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import CONF_FILES_FOLDER, CONF_FILES_FORMAT, CONF_KEEP_FILES
from ..storage.file_access import allowed_path, check_folder
from ..treadmill.options import Options
from ..walkers.session_file import SessionFormat
from .errors import FilesError


def files_fields(options: Options) -> dict[vol.Marker, Any]:
    """Return the fields with the earlier answers."""
    formats = SelectSelectorConfig(
        options=list(SessionFormat), mode=SelectSelectorMode.LIST, translation_key="session_format"
    )
    # A suggested value, because a default would come back when the field is emptied.
    folder = vol.Optional(CONF_FILES_FOLDER, description={"suggested_value": options.files_folder})
    return {
        vol.Required(CONF_KEEP_FILES, default=options.keep_files): BooleanSelector(),
        folder: TextSelector(),
        vol.Required(CONF_FILES_FORMAT, default=options.files_format.value): SelectSelector(formats),
    }


def files_answers(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are stored, with None for an empty folder."""
    return {**user_input, CONF_FILES_FOLDER: user_input.get(CONF_FILES_FOLDER, "").strip() or None}


async def async_files_errors(hass: HomeAssistant, options: Options) -> dict[str, str]:
    """Return the error that keeps files from being written, if any."""
    if not options.keep_files:
        return {}
    if not options.files_folder:
        return {"base": FilesError.FOLDER_NOT_GIVEN}
    error = await hass.async_add_executor_job(_error_of, hass, options.files_folder)
    return {} if error is None else {"base": error}


def _error_of(hass: HomeAssistant, folder: str) -> FilesError | None:
    try:
        real = allowed_path(hass, folder)
        if real.is_relative_to(Path(hass.config.path("www")).resolve()):
            return FilesError.FOLDER_PUBLIC
        check_folder(real)
    except ServiceValidationError:
        return FilesError.FOLDER_NOT_ALLOWED
    except HomeAssistantError:
        return FilesError.FOLDER_NOT_WRITABLE
    return None
