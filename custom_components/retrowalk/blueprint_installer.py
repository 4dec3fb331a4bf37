"""Ready-made automations: our blueprints, in Home Assistant's own blueprint store, if somebody wants them there.

What was installed is remembered, so that a blueprint that somebody changed is told from one that only is old, and one
that somebody deleted does not come back.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypedDict, cast

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
from .treadmill.options import Options

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "blueprints" / AUTOMATION
ISSUE: Final = "blueprints_outdated"
FAILURES: Final = (OSError, HomeAssistantError)
"""What reading and writing the store may raise."""


class _StoredBlueprint(TypedDict):
    """What is remembered of a blueprint: digests of what we shipped, and of the file that became of it.

    They differ: Home Assistant writes blueprints in its own way. None: the file was never ours.
    """

    shipped: str
    written: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A blueprint that is shipped in a newer version than the one that is installed."""

    blueprint: Blueprint
    shipped: str
    edited: bool  # by somebody else than us


@callback
def async_install_blueprints(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Bring in what is wanted, once Home Assistant has started: before, our folder would bar its own examples."""
    entry.async_on_unload(async_at_started(hass, partial(_async_install, without=None)))


async def async_forget_blueprints(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """An entry is removed; its blueprints stay, for automations may use them."""
    await _async_install(hass, without=entry.entry_id)


async def _async_install(hass: HomeAssistant, *, without: str | None) -> None:
    if AUTOMATION not in hass.config.components:
        return
    wanted = any(
        Options.read(entry.options).install_blueprints
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.entry_id != without
    )
    library = async_get_library(hass)
    try:
        await (library.async_install() if wanted else library.async_forget())
    except FAILURES as err:
        _LOGGER.warning("The blueprints cannot be installed: %s", err)


@singleton(f"{DOMAIN}_blueprints")
@callback
def async_get_library(hass: HomeAssistant) -> BlueprintLibrary:
    """The one library of the house, however many treadmills there are."""
    return BlueprintLibrary(hass)


class BlueprintLibrary:
    """What we ship, against what is installed."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store = Store[dict[str, _StoredBlueprint]](hass, 1, f"{DOMAIN}.blueprints")
        self._one_at_a_time = asyncio.Lock()
        self._installed = async_get_blueprints(hass)
        self.updates: Mapping[str, Update] = {}

    async def async_install(self) -> None:
        """Install what is new, and offer what is newer. Raises FAILURES."""
        async with self._one_at_a_time:
            await self._installed.async_populate()
            kept = await self._store.async_load() or {}
            texts, present = await self._async_read()
            for name in sorted(texts.keys() - present.keys() - kept.keys()):
                kept[name] = await self._async_write(name, _parse(texts[name]), _digest(texts[name]))
            updates = _compare(kept, texts, present)
            await self._store.async_save(kept)
            self._offer(updates)

    async def async_compare(self) -> Mapping[str, Update]:
        """What is offered, as the files are now: the offer may have waited for weeks. Raises FAILURES."""
        async with self._one_at_a_time:
            return await self._async_compare_offered(await self._store.async_load() or {})

    async def async_update(self, *, also_edited: bool) -> None:
        """Take the updates; those of blueprints that somebody changed until now only if wanted. Raises FAILURES."""
        async with self._one_at_a_time:
            kept = await self._store.async_load() or {}
            for name, update in (await self._async_compare_offered(kept)).items():
                if update.edited and not also_edited:
                    kept[name] = _StoredBlueprint(shipped=update.shipped, written=None)
                else:
                    kept[name] = await self._async_write(name, update.blueprint, update.shipped, replace=True)
            if self.updates:
                await self._store.async_save(kept)
            self._offer({})

    async def async_forget(self) -> None:
        """Nobody wants them from us any more; the files are the owner's."""
        async with self._one_at_a_time:
            if await self._store.async_load() is not None:
                await self._store.async_remove()
            self._offer({})

    async def _async_compare_offered(self, kept: dict[str, _StoredBlueprint]) -> dict[str, Update]:
        updates = _compare(kept, *await self._async_read())
        return {name: update for name, update in updates.items() if name in self.updates}

    async def _async_read(self) -> tuple[dict[str, str], dict[str, str]]:
        """The texts of what is shipped and of what is installed."""
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
    """The texts of a folder's blueprints; what somebody wrote there may be anything."""
    return {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.yaml"))}


def _compare(
    kept: dict[str, _StoredBlueprint], texts: Mapping[str, str], present: Mapping[str, str]
) -> dict[str, Update]:
    """Look what is newer than what is installed; what is up to date is put down in `kept`."""
    updates: dict[str, Update] = {}
    for name in sorted(texts.keys() & present.keys()):
        blueprint, shipped = _parse(texts[name]), _digest(texts[name])
        known, file = kept.get(name), present[name]
        if file == blueprint.yaml():
            kept[name] = _StoredBlueprint(shipped=shipped, written=_digest(file))
        elif known is None or known["shipped"] != shipped:
            edited = known is None or known["written"] != _digest(file)
            updates[name] = Update(blueprint=blueprint, shipped=shipped, edited=edited)
    return updates


def _parse(text: str) -> Blueprint:
    data = cast("dict[str, Any]", yaml.parse_yaml(text))
    return Blueprint(data, expected_domain=AUTOMATION, schema=AUTOMATION_BLUEPRINT_SCHEMA)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
