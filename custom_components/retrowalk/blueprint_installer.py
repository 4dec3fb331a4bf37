"""Installation of the included blueprints in Home Assistant's blueprint folder, if an entry's options want it.

The installed versions are stored, so that an edited blueprint is not mistaken for an old one, and a deleted one is not
installed again.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, TypedDict, cast

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store
from homeassistant.util import yaml

from .const import DOMAIN
from .treadmill.options import want_blueprints

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "blueprints" / AUTOMATION
ISSUE: Final = "blueprints_outdated"
FAILURES: Final = (OSError, HomeAssistantError)
"""Errors of reading and writing blueprints."""


class _StoredBlueprint(TypedDict):
    """Digests of an included blueprint and of the installed file; None if the file was never ours.

    The two differ because Home Assistant formats the blueprints that it writes.
    """

    shipped: str
    written: str | None


class Update(NamedTuple):
    """A blueprint whose included version is newer than the installed one."""

    blueprint: Blueprint
    shipped: str
    edited: bool  # the installed file was changed by somebody


@callback
def async_install_blueprints(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Install the blueprints once Home Assistant has started; earlier, our folder would prevent its own examples."""
    entry.async_on_unload(async_at_started(hass, partial(_async_install, without=None)))


async def async_forget_blueprints(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Handle the removal of an entry; its blueprints remain, because automations may use them."""
    await _async_install(hass, without=entry.entry_id)


async def _async_install(hass: HomeAssistant, *, without: str | None) -> None:
    if AUTOMATION not in hass.config.components:
        return
    entries = [entry for entry in hass.config_entries.async_entries(DOMAIN) if entry.entry_id != without]
    library = async_get_library(hass)
    try:
        await (library.async_install() if want_blueprints(entries) else library.async_forget())
    except FAILURES as err:
        _LOGGER.warning("Cannot install the blueprints: %s", err)


@singleton(f"{DOMAIN}_blueprints")
@callback
def async_get_library(hass: HomeAssistant) -> BlueprintLibrary:
    """Return the blueprint library, which all treadmills share."""
    return BlueprintLibrary(hass)


class BlueprintLibrary:
    """Compares the included blueprints with the installed ones, and updates them."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store = Store[dict[str, _StoredBlueprint]](hass, 1, f"{DOMAIN}.blueprints")
        self._lock = asyncio.Lock()
        self._installed = async_get_blueprints(hass)
        self.updates: Mapping[str, Update] = {}

    async def async_install(self) -> None:
        """Install new blueprints and offer updates of others; raises one of FAILURES."""
        async with self._lock:
            await self._installed.async_populate()
            stored = await self._store.async_load() or {}
            texts, installed = await self._async_read()
            for name in sorted(texts.keys() - installed.keys() - stored.keys()):
                stored[name] = await self._async_write(name, _parse(texts[name]), _digest(texts[name]))
            updates = _compare(stored, texts, installed)
            await self._store.async_save(stored)
            self._offer(updates)

    async def async_compare(self) -> Mapping[str, Update]:
        """Return the offered updates by the present files, as the offer may be weeks old; raises one of FAILURES."""
        async with self._lock:
            return await self._async_compare_offered(await self._store.async_load() or {})

    async def async_update(self, *, also_edited: bool) -> None:
        """Install the updates, those of edited blueprints only with `also_edited`; raises one of FAILURES."""
        async with self._lock:
            stored = await self._store.async_load() or {}
            for name, update in (await self._async_compare_offered(stored)).items():
                if update.edited and not also_edited:
                    stored[name] = _StoredBlueprint(shipped=update.shipped, written=None)
                else:
                    stored[name] = await self._async_write(name, update.blueprint, update.shipped, replace=True)
            if self.updates:
                await self._store.async_save(stored)
            self._offer({})

    async def async_forget(self) -> None:
        """Delete the stored versions when no entry wants blueprints any more; the files remain."""
        async with self._lock:
            if await self._store.async_load() is not None:
                await self._store.async_remove()
            self._offer({})

    async def _async_compare_offered(self, stored: dict[str, _StoredBlueprint]) -> dict[str, Update]:
        updates = _compare(stored, *await self._async_read())
        return {name: update for name, update in updates.items() if name in self.updates}

    async def _async_read(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts of the included and of the installed blueprints."""
        installed = self._installed.blueprint_folder / DOMAIN
        return await self._hass.async_add_executor_job(lambda: (_read(FOLDER), _read(installed)))

    async def _async_write(
        self, name: str, blueprint: Blueprint, shipped: str, *, replace: bool = False
    ) -> _StoredBlueprint:
        await self._installed.async_add_blueprint(blueprint, f"{DOMAIN}/{name}.yaml", allow_override=replace)
        return _StoredBlueprint(shipped=shipped, written=_digest(blueprint.yaml()))

    @callback
    def _offer(self, updates: Mapping[str, Update]) -> None:
        self.updates = updates
        if not updates:
            ir.async_delete_issue(self._hass, DOMAIN, ISSUE)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            ISSUE,
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE,
        )


def _read(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's blueprints by name; their contents may be invalid."""
    return {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.yaml"))}


def _compare(
    stored: dict[str, _StoredBlueprint], texts: Mapping[str, str], installed: Mapping[str, str]
) -> dict[str, Update]:
    """Return the available updates, and store the versions that are up to date in `stored`."""
    updates: dict[str, Update] = {}
    for name in sorted(texts.keys() & installed.keys()):
        blueprint, shipped = _parse(texts[name]), _digest(texts[name])
        known, file = stored.get(name), installed[name]
        if file == blueprint.yaml():
            stored[name] = _StoredBlueprint(shipped=shipped, written=_digest(file))
        elif known is None or known["shipped"] != shipped:
            edited = known is None or known["written"] != _digest(file)
            updates[name] = Update(blueprint=blueprint, shipped=shipped, edited=edited)
    return updates


def _parse(text: str) -> Blueprint:
    data = cast("dict[str, Any]", yaml.parse_yaml(text))
    return Blueprint(data, expected_domain=AUTOMATION, schema=AUTOMATION_BLUEPRINT_SCHEMA)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
